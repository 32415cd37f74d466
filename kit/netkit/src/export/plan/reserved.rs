//! Words that cannot be variables in a program.

/// Whether a word is one of C, Python or Rust, or a name that the programs themselves use.
pub(super) fn is_reserved(word: &str) -> bool {
    RESERVED.split(' ').any(|reserved| reserved == word)
}

const RESERVED: &str = "\
    abstract accept address address_of and arc argc argv as assert async auto await become bind bool box \
    break buffer bytes case char check class clear close connect const continue crate data def default \
    del disconnect do double dup dyn elif else enum errno error errors events events_told except exit \
    extern failed false fcntl final finally flags float fn for found frame free from gen get_flags \
    get_option global goto if impl import in inline int io ip4 ip6 ipaddr ipv4 ipv6 is job lambda len \
    let libc line linux list listen long loop macro main malloc map match memcpy mod move mut n name \
    none nonlocal not options or os override pass path pause pipe poll polled poller pollfd print printf \
    priv pub quit raise random random_bytes read recv recv_all recv_exact recv_from recv_trunc \
    recv_until recvfrom ref register remove_socket restrict result return room select self send send_all \
    sendto set_option short shout shutdown signal signed size sizeof sleep sock socket socketpair start \
    stat static stderr stdin stdout str struct super switch sys tell tell_address tell_data tell_events \
    thread threading time to traceback trait true try type typedef typeof union unix unix_name unsafe \
    unsigned unsized use value virtual void volatile where while with write yield";
