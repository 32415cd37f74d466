//! Lab 09: how long the client waits for a reply. It is the only thing in the labs that is judged by
//! a clock, since the contract names a time. So the bounds are wide, and where the machine itself was late
//! nobody is judged.

use super::mboard::shown;
use super::stand::{Stand, Stop, failed, trouble};
use std::net::{SocketAddr, UdpSocket};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// A client that asks again sooner than this has not waited for a second. It cannot be this early by
/// being slow.
const EARLIEST: Duration = Duration::from_millis(800);

/// A client that asks again later than this has waited for more than a second, or is on a machine
/// that has other things to do: for that more than a second is left.
const LATEST: Duration = Duration::from_millis(2200);

/// So long after a request its reply comes: late, and well within the second.
const REPLY_AFTER: Duration = Duration::from_millis(700);

/// How often a stranger speaks, and how long.
const STRANGER_EVERY: Duration = Duration::from_millis(200);
const STRANGER_FOR: Duration = Duration::from_millis(2000);

/// So long a request is waited for that may be late.
const LIMIT: Duration = Duration::from_secs(10);

/// How often the check looks whether the machine keeps up with it, and how late it may be.
const TICK: Duration = Duration::from_millis(20);
const LATE: Duration = Duration::from_millis(150);

/// The client waits for a second, no longer and no shorter.
pub fn a_second(stand: &mut Stand) -> Result<(), Stop> {
    let mut server = Server::start()?;
    stand.step("the client asks for the last message, and nobody answers");
    let first = server.asked_by(stand)?;
    stand.step("its second is over: it asks again");
    let second = server.again(&first, |_| {})?;
    stand.step("it is answered 0.7 s after that");
    if let Some(third) = server.request(REPLY_AFTER.saturating_sub(second.at.elapsed()), |_| {}) {
        return Err(server.late().unwrap_or_else(|| {
            failed(
                "nothing more: the reply comes within the second that the client waits for it",
                format!("{} again, after {}", shown(&third.bytes), seconds(third.at - second.at)),
            )
        }));
    }
    server.send(b"0:17", second.from)?;
    server.goes_on()
}

/// What a stranger sends makes the second no longer.
pub fn undisturbed(stand: &mut Stand) -> Result<(), Stop> {
    let stranger = UdpSocket::bind("127.0.0.1:0").map_err(trouble("binding a stranger's socket"))?;
    let mut server = Server::start()?;
    stand.step("the client asks for the last message, and nobody answers");
    let first = server.asked_by(stand)?;
    stand.step("a stranger sends it something five times a second, for two seconds");
    let mut next = Duration::ZERO;
    let second = server.again(&first, |passed| {
        if passed >= next && passed <= STRANGER_FOR {
            // The client may refuse it: that is what it should do.
            let _ = stranger.send_to(b"0:666", first.from);
            next += STRANGER_EVERY;
        }
    })?;
    stand.step("the server answers");
    server.send(b"0:17", second.from)?;
    server.goes_on()
}

/// A server that answers when it is told to.
struct Server {
    socket: UdpSocket,
    address: SocketAddr,
    requests: Receiver<Request>,
    /// The longest time by which the check itself was late.
    late: Duration,
}

/// A request, and when it came.
struct Request {
    bytes: Vec<u8>,
    from: SocketAddr,
    at: Instant,
}

impl Server {
    /// Requests are taken by a thread of its own that does nothing else, so that each is there when it
    /// has come, and not when the check comes to it. It ends with the scenario's process.
    fn start() -> Result<Self, Stop> {
        let socket = UdpSocket::bind("127.0.0.1:0").map_err(trouble("binding a server's socket"))?;
        let address = socket.local_addr().map_err(trouble("asking for an address"))?;
        let own = socket.try_clone().map_err(trouble("sharing a server's socket"))?;
        let (sender, requests) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 100];
            while let Ok((length, from)) = own.recv_from(&mut buffer) {
                let request = Request { bytes: buffer[..length].to_vec(), from, at: Instant::now() };
                if sender.send(request).is_err() {
                    return;
                }
            }
        });
        Ok(Self { socket, address, requests, late: Duration::ZERO })
    }

    /// Starts the client, and takes its first request.
    fn asked_by(&mut self, stand: &mut Stand) -> Result<Request, Stop> {
        stand.line(&format!("client = start mboard-udp-client {} last 1", self.address), "it starts")?;
        let request = self.request(LIMIT, |_| {}).ok_or_else(|| failed("the request `2:1`", "nothing"))?;
        if request.bytes == b"2:1" {
            return Ok(request);
        }
        Err(failed("the request `2:1`", shown(&request.bytes)))
    }

    /// The same request again, when its second is over. `meanwhile` is called again and again with the
    /// time that has passed.
    fn again(&mut self, first: &Request, meanwhile: impl FnMut(Duration)) -> Result<Request, Stop> {
        let expected = "the same request again, after a second";
        let Some(second) = self.request(LIMIT, meanwhile) else {
            return Err(failed(expected, format!("nothing for {}", seconds(LIMIT))));
        };
        let waited = second.at - first.at;
        if second.bytes == first.bytes && (EARLIEST..=LATEST).contains(&waited) {
            return Ok(second);
        }
        let actual = format!("{}, after {}", shown(&second.bytes), seconds(waited));
        Err(self.late().unwrap_or_else(|| failed(expected, actual)))
    }

    /// The client has its answer, and asks for the message.
    fn goes_on(&mut self) -> Result<(), Stop> {
        let expected = "the request `3:17`: the client has its answer";
        let Some(next) = self.request(LIMIT, |_| {}) else { return Err(failed(expected, "nothing")) };
        if next.bytes == b"3:17" {
            return Ok(());
        }
        Err(self.late().unwrap_or_else(|| failed(expected, shown(&next.bytes))))
    }

    fn send(&self, reply: &[u8], to: SocketAddr) -> Result<(), Stop> {
        self.socket.send_to(reply, to).map(drop).map_err(trouble("answering the client"))
    }

    /// The next request, if one comes in time. `meanwhile` is called with the time that has passed.
    fn request(&mut self, limit: Duration, mut meanwhile: impl FnMut(Duration)) -> Option<Request> {
        let begun = Instant::now();
        loop {
            let passed = begun.elapsed();
            meanwhile(passed);
            let wait = TICK.min(limit.saturating_sub(passed));
            match self.requests.recv_timeout(wait) {
                Ok(request) => return Some(request),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return None,
            }
            self.late = self.late.max((begun.elapsed() - passed).saturating_sub(wait));
            if passed >= limit {
                return None;
            }
        }
    }

    /// What is said in place of a verdict where the machine was too busy for one.
    fn late(&self) -> Option<Stop> {
        let words = format!(
            "this machine had other things to do for {}: nobody's waiting can be judged",
            seconds(self.late)
        );
        (self.late > LATE).then_some(Stop::Trouble(words))
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
