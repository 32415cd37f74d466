//! Looking until what a line has set off is over.
//!
//! On loopback the kernel does its part mostly within the sender's call, but not always:
//! bytes may be on their way, an acknowledgement may be owed. A transcript is the same on
//! every run only if a line's outcome is taken when nothing moves by itself any more.

use super::flight::Flights;
use super::protocol::{Snapshot, Watch};
use super::snapshot::Looker;
use crate::kernel::sock_diag::{CloseUp, SocketFact};
use std::io;
use std::time::Duration;

/// How long the loop sleeps while a thread's state has to be sampled. The kernel has no
/// event for "is now asleep".
pub(super) const SAMPLE: Duration = Duration::from_millis(3);

/// The most looks while calls run and queues change: about 100 ms. What still moves then is
/// shown as it is.
const MOST_LOOKS: u32 = 34;

/// The most looks while all stands still, but one of the kernel's timers will move it: about
/// 400 ms. An acknowledgement is owed for 40 ms and up to 200 (TCP_DELACK_MIN and _MAX in
/// include/net/tcp.h), what was lost is sent again and a small window is probed after 200 or
/// a little more (TCP_RTO_MIN); two of them may follow one another.
const MOST_LOOKS_FOR_A_TIMER: u32 = 130;

/// Looks at the kernel; when asked to settle, until two looks agree, nothing is on its
/// way, and every call has returned or is asleep.
pub(super) fn look(watch: &Watch, flights: &mut Flights, looker: &mut Looker) -> io::Result<Snapshot> {
    if !watch.settle {
        return looker.snapshot(watch, &flights.touched());
    }
    flights.look_anew();
    let mut before = looker.snapshot(watch, &flights.touched())?;
    let (mut restless, mut still) = (0, 0);
    loop {
        flights.sample();
        let idle = flights.settled();
        let now = looker.snapshot(watch, &flights.touched())?;
        if idle && same(&before, &now) {
            still += 1;
            if still >= MOST_LOOKS_FOR_A_TIMER || !moves_by_itself(&now, looker) {
                return Ok(now);
            }
        } else {
            restless += 1;
            if restless >= MOST_LOOKS {
                return Ok(now);
            }
        }
        before = now;
        std::thread::sleep(SAMPLE);
    }
}

/// Whether two looks agree, timers and the ticking of TIME-WAIT aside.
fn same(a: &Snapshot, b: &Snapshot) -> bool {
    let facts = |snapshot: &Snapshot| {
        let sockets = snapshot.sockets.iter();
        let mut facts: Vec<_> = sockets
            .map(|fact| (fact.cookie, fact.state.name(), fact.receive_queue, fact.send_queue))
            .collect();
        facts.sort_unstable();
        facts
    };
    a.descriptors == b.descriptors && a.own == b.own && facts(a) == facts(b)
}

/// Whether a send queue, seen together with the other end, will change though nobody makes
/// a call. Only what is in a send queue is looked at closely, so that all other lines cost nothing.
fn moves_by_itself(snapshot: &Snapshot, looker: &mut Looker) -> bool {
    if snapshot.unseen.is_some() {
        // No queue can be looked at closely.
        return false;
    }
    // In the UNIX domain nothing is ever on its way: send puts it into the other end's queue.
    let sends = |end: &&SocketFact| end.send_queue > 0 && end.accept_queue().is_none() && end.unix.is_none();
    snapshot.sockets.iter().filter(sends).any(|end| {
        let other = snapshot.sockets.iter().find(|other| other.is_other_end_of(end));
        other.is_some_and(|other| {
            let (seen, other) = (end, closely(other, looker));
            let end = closely(seen, looker);
            // What is not there any more, or has changed since, has moved.
            end.zip(other)
                .is_none_or(|(end, other)| end.fact.send_queue != seen.send_queue || moves(&end, &other))
        })
    })
}

fn closely(fact: &SocketFact, looker: &mut Looker) -> Option<CloseUp> {
    let (local, remote) = (fact.local.inet()?, fact.remote.as_ref()?.inet()?);
    looker.diag().ok()?.close_up(fact.protocol, local, remote).ok()?
}

/// Whether what is in the send queue of `end` will move by itself.
fn moves(end: &CloseUp, other: &CloseUp) -> bool {
    let queued = end.fact.send_queue;
    let Some(info) = &end.info else { return queued > 0 };
    let (unsent, window) = (info.bytes_unsent.unwrap_or(0), info.send_window.unwrap_or(u32::MAX));
    let sent = queued.saturating_sub(unsent);
    if sent > 0 {
        // It arrives, and is acknowledged: at once, or by the timer of a delayed acknowledgement.
        // But not what was in vain already, nor what the other end said too late that it has
        // no room for (RFC 9293, 3.8.6: a window may shrink). Those are sent again and again.
        return info.unanswered == 0 && sent <= window;
    }
    let window_as_given = other.info.and_then(|info| info.receive_window);
    // The other end has opened its window, and this end has not heard of it yet.
    let heard = info.send_window.is_none() || window_as_given.is_none_or(|given| given == window);
    // A window that is open, but too small for the next segment: the timer that probes
    // windows sends what fits into it (tcp_write_wakeup in net/ipv4/tcp_output.c). What would
    // fit and is not sent is held back on purpose (TCP_CORK, MSG_MORE).
    unsent > 0 && (!heard || window > 0 && window < unsent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::sock_diag::{Protocol, SocketState};
    use crate::kernel::state::TcpState;
    use crate::kernel::tcp_info::TcpInfo;
    use std::net::SocketAddr;

    fn end(queued: u32, info: Option<TcpInfo>) -> CloseUp {
        let fact = SocketFact {
            protocol: Protocol::Tcp,
            local: SocketAddr::from(([127, 0, 0, 1], 1)).into(),
            remote: None,
            state: SocketState::Tcp(TcpState::Established),
            receive_queue: 0,
            send_queue: queued,
            inode: None,
            cookie: 1,
            uid: 0,
            timer: None,
            shutdown: None,
            unix: None,
        };
        CloseUp { fact, info, memory: None }
    }

    #[test]
    fn what_moves_by_itself() {
        // Queued, unsent of that, the window as this end knows it and as the other end gave
        // it, how often it was sent again.
        for (queued, unsent, window, given, again, expected, what) in [
            (10, 0, 1000, 1000, 0, true, "sent, and not acknowledged yet"),
            (10, 4, 6, 6, 0, true, "a part is sent"),
            (10, 0, 1000, 1000, 1, false, "sent in vain, and again"),
            (10, 4, 0, 0, 0, false, "the window was taken back"),
            (10, 10, 0, 0, 0, false, "the window is closed"),
            (10, 10, 0, 2000, 0, true, "it has opened, and this end does not know"),
            (10, 10, 4, 4, 0, true, "the window's timer sends what fits"),
            (10, 10, 1000, 1000, 0, false, "it would fit: held back by TCP_CORK"),
            (0, 0, 0, 2000, 0, false, "there is nothing to send"),
        ] {
            let info = TcpInfo {
                bytes_unsent: Some(unsent),
                send_window: Some(window),
                unanswered: again,
                ..TcpInfo::default()
            };
            let other = TcpInfo { receive_window: Some(given), ..TcpInfo::default() };
            assert_eq!(moves(&end(queued, Some(info)), &end(0, Some(other))), expected, "{what}");
        }
        assert!(moves(&end(10, None), &end(0, None)), "a kernel that does not tell");
        let older = TcpInfo { bytes_unsent: Some(10), ..TcpInfo::default() };
        assert!(!moves(&end(10, Some(older)), &end(0, None)), "a kernel that does not tell of windows");
    }
}
