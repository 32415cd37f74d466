//: failed
/// Tells how a call failed, in C's words.
fn failed(line: u32, call: &str, error: &io::Error) {
    let name = match error.raw_os_error() {
        NAMES
        _ => "error",
    };
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    println!("{line}: {call} = -1 {name} ({text})");
}

//: check
/// What a call returned. If it failed, which it did not in the session, this ends the program.
fn check<T>(line: u32, call: &str, result: io::Result<T>) -> T {
    result.unwrap_or_else(|error| {
        failed(line, call, &error);
        eprintln!("line {line}, {call}: it did not fail in the session; the program ends here");
        std::process::exit(1)
    })
}

//: tell_data
/// Tells how many bytes came, and which: of many the first and the last.
fn tell_data(line: u32, call: &str, count: usize, data: &[u8]) {
    let quoted = |part: &[u8]| {
        let byte = |byte: &u8| match byte {
            b'\n' => "\\n".to_owned(),
            b'"' | b'\\' => format!("\\{}", char::from(*byte)),
            b' '..=b'~' => char::from(*byte).to_string(),
            _ => format!("\\x{byte:02x}"),
        };
        format!("\"{}\"", part.iter().map(byte).collect::<String>())
    };
    if data.len() <= 48 {
        println!("{line}: {call} = {count} {}", quoted(data));
    } else {
        println!("{line}: {call} = {count} {}...{}", quoted(&data[..24]), quoted(&data[data.len() - 8..]));
    }
}

//: tell_events
/// Tells what poll found of a socket: for what it is ready.
fn tell_events(line: u32, name: &str, events: i16) {
    let known = [
        (libc::POLLIN, "POLLIN"),
        (libc::POLLPRI, "POLLPRI"),
        (libc::POLLOUT, "POLLOUT"),
        (libc::POLLRDHUP, "POLLRDHUP"),
        (libc::POLLERR, "POLLERR"),
        (libc::POLLHUP, "POLLHUP"),
        (libc::POLLNVAL, "POLLNVAL"),
    ];
    let found: Vec<&str> = known.iter().filter(|(event, _)| events & event != 0).map(|(_, name)| *name).collect();
    println!("{line}: {name}: {}", if found.is_empty() { "not ready".into() } else { found.join(" ") });
}

//: inet
/// An IP address and a port.
fn inet(text: &str) -> SockAddr {
    text.parse::<SocketAddr>().expect("an address and a port").into()
}

//: unix_name
/// A name of the UNIX domain: a path, or, behind a zero byte, a name in no file system.
fn unix_name(name: &str) -> SockAddr {
    SockAddr::unix(name).expect("a name that is short enough")
}

//: address_of
/// The address at which a socket can be reached. The kernel chose its port.
fn address_of(socket: &Socket) -> SockAddr {
    let address = socket.local_addr().expect("a socket has an address");
    // Bound to all addresses of the machine: it is reached at the loopback address.
    match address.as_socket() {
        Some(mut here) if here.ip().is_unspecified() => {
            here.set_ip(if here.is_ipv4() { [127, 0, 0, 1].into() } else { std::net::Ipv6Addr::LOCALHOST.into() });
            here.into()
        }
        _ => address,
    }
}

//: remove_socket
/// Removes the file of a socket, and no other file.
fn remove_socket(path: &str) {
    if std::fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket()) {
        let _ = std::fs::remove_file(path);
    }
}

//: disconnect
/// connect(2) to no address: it takes a datagram socket's peer away.
fn disconnect(socket: &Socket) -> io::Result<()> {
    let none = libc::sockaddr { sa_family: libc::AF_UNSPEC as libc::sa_family_t, sa_data: [0; 14] };
    let size = size_of_val(&none) as libc::socklen_t;
    // SAFETY: the pointer leads to an address, whose size stands beside it.
    let result = unsafe { libc::connect(socket.as_raw_fd(), &raw const none, size) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

//: get_flags
/// fcntl(2): the flags of a descriptor.
fn get_flags(socket: &Socket) -> io::Result<i32> {
    // SAFETY: it takes plain numbers.
    let flags = unsafe { libc::fcntl(socket.as_raw_fd(), libc::F_GETFL) };
    if flags == -1 { Err(io::Error::last_os_error()) } else { Ok(flags) }
}

//: poll
/// poll(2): waits `limit` milliseconds at most. How many sockets are ready.
fn poll(polled: &mut [libc::pollfd], limit: i32) -> io::Result<i32> {
    // SAFETY: the pointer leads to so many sockets, and nobody else uses them meanwhile.
    let count = unsafe { libc::poll(polled.as_mut_ptr(), polled.len() as libc::nfds_t, limit) };
    if count == -1 { Err(io::Error::last_os_error()) } else { Ok(count) }
}

//: ip4
/// An IPv4 address as C has it.
fn ip4(text: &str) -> libc::in_addr {
    let address: std::net::Ipv4Addr = text.parse().expect("an IPv4 address");
    libc::in_addr { s_addr: u32::from_ne_bytes(address.octets()) }
}

//: ip6
/// An IPv6 address as C has it.
fn ip6(text: &str) -> libc::in6_addr {
    let address: std::net::Ipv6Addr = text.parse().expect("an IPv6 address");
    libc::in6_addr { s6_addr: address.octets() }
}

//: set_option
/// setsockopt(2). The value must be of the type that the option has in C.
fn set_option<T: ?Sized>(socket: &Socket, level: i32, option: i32, value: &T) -> io::Result<()> {
    let size = size_of_val(value) as libc::socklen_t;
    let fd = socket.as_raw_fd();
    // SAFETY: the pointer leads to a value, whose size stands beside it; the kernel only reads it.
    let result = unsafe { libc::setsockopt(fd, level, option, (&raw const *value).cast(), size) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

//: get_option
/// getsockopt(2): the value, and how many bytes of it came. It must be of plain numbers.
fn get_option<T: Copy>(socket: &Socket, level: i32, option: i32, mut value: T) -> io::Result<(T, u32)> {
    let mut size = size_of::<T>() as libc::socklen_t;
    let fd = socket.as_raw_fd();
    // SAFETY: the kernel fills in at most so many bytes, and every bit pattern is a number.
    let result = unsafe { libc::getsockopt(fd, level, option, (&raw mut value).cast(), &raw mut size) };
    if result == 0 { Ok((value, size)) } else { Err(io::Error::last_os_error()) }
}

//: text
/// The text in front of the first zero byte.
fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}

//: random_bytes
/// netlab's \(random:SIZE): each eight bytes are their own position, mixed by SplitMix64.
fn random_bytes(size: usize, offset: usize) -> Vec<u8> {
    let block = |k: usize| {
        let mut z = (k as u64 ^ KEY).wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)).to_le_bytes()
    };
    let bytes = (offset / 8..).flat_map(block);
    bytes.skip(offset % 8).take(size).collect()
}

//: recv
/// One recv(2) of at most so many bytes.
fn recv(socket: &Socket, size: usize, flags: i32) -> io::Result<Vec<u8>> {
    let mut data = Vec::with_capacity(size);
    let count = socket.recv_with_flags(&mut data.spare_capacity_mut()[..size], flags)?;
    // SAFETY: the kernel has filled in the first `count` bytes.
    unsafe { data.set_len(count) };
    Ok(data)
}

//: recv_trunc
/// With MSG_TRUNC the length of the whole datagram comes back, however little room there is.
fn recv_trunc(socket: &Socket, size: usize, flags: i32) -> io::Result<(Vec<u8>, usize)> {
    let mut data = Vec::with_capacity(size);
    let count = socket.recv_with_flags(&mut data.spare_capacity_mut()[..size], flags)?;
    // SAFETY: the kernel has filled in what came, as far as there was room.
    unsafe { data.set_len(count.min(size)) };
    Ok((data, count))
}

//: recv_from
/// One recvfrom(2) of at most so many bytes, and who sent them.
fn recv_from(socket: &Socket, size: usize, flags: i32) -> io::Result<(Vec<u8>, SockAddr)> {
    let mut data = Vec::with_capacity(size);
    let room = &mut data.spare_capacity_mut()[..size];
    let (count, from) = socket.recv_from_with_flags(room, flags)?;
    // SAFETY: the kernel has filled in the first `count` bytes.
    unsafe { data.set_len(count) };
    Ok((data, from))
}

//: send_all
/// A send may take only a part: this sends until nothing is left. How much was sent.
fn send_all(socket: &Socket, data: &[u8]) -> io::Result<usize> {
    let mut sent = 0;
    loop {
        sent += socket.send(&data[sent..])?;
        if sent >= data.len() {
            return Ok(sent);
        }
    }
}

//: recv_exact
/// A recv may bring less than was asked for: this receives until all is there, or no more comes.
fn recv_exact(socket: &Socket, size: usize) -> io::Result<Vec<u8>> {
    let mut data = Vec::new();
    loop {
        let part = recv(socket, size - data.len(), 0)?;
        data.extend(&part);
        if part.is_empty() || data.len() >= size {
            return Ok(data);
        }
    }
}

//: recv_until
/// Receives a byte at a time, so that nothing is taken that belongs to the next message.
fn recv_until(socket: &Socket, delimiter: &[u8], limit: usize) -> io::Result<Vec<u8>> {
    let mut data = Vec::new();
    while data.len() < limit && !data.ends_with(delimiter) {
        let part = recv(socket, 1, 0)?;
        if part.is_empty() {
            break;
        }
        data.extend(part);
    }
    Ok(data)
}

//: recv_all
/// Receives until the other end has ended its side: until a recv brings nothing.
fn recv_all(socket: &Socket, limit: usize) -> io::Result<Vec<u8>> {
    let mut data = Vec::new();
    while data.len() < limit {
        let part = recv(socket, (limit - data.len()).min(1 << 20), 0)?;
        if part.is_empty() {
            break;
        }
        data.extend(part);
    }
    Ok(data)
}

