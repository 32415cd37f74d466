//! The worker's side: one loop that takes requests and looks after the calls in flight.

use super::apart;
use super::close_look;
use super::flight::Flights;
use super::make;
use super::protocol::{self, Event, Request, Snapshot, Watch};
use super::room::Room;
use super::snapshot::Looker;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::ffi::OsStr;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The one argument of a worker's command line.
pub(super) const ARGUMENT: &str = "netkit-worker";

/// How long the loop sleeps while a thread's state has to be sampled. The kernel has no
/// event for "is now asleep".
const SAMPLE: Duration = Duration::from_millis(3);

/// The most looks that settling takes: about 100 ms, beyond the 40 ms of a delayed
/// acknowledgement. What still moves then is shown as it is.
const MOST_LOOKS: u32 = 34;

/// Whether this process was started as a worker.
pub fn is_worker() -> bool {
    let mut arguments = std::env::args_os().skip(1);
    arguments.next().as_deref() == Some(OsStr::new(ARGUMENT)) && arguments.next().is_none()
}

/// Runs a worker until its session ends. The session is at the other end of standard input.
pub fn serve() -> ExitCode {
    let served = prepare().map_err(|error| {
        // The session is still at standard input: one that is gone needs no reason.
        if let Ok(stream) = io::stdin().as_fd().try_clone_to_owned() {
            let _ = protocol::write(&mut UnixStream::from(stream), &Event::Failed(error.to_string()));
        }
    });
    match served.map(Worker::run) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

/// A worker at work.
struct Worker {
    requests: UnixStream,
    room: Room,
    flights: Flights,
    looker: Looker,
}

fn prepare() -> io::Result<Worker> {
    close_inherited();
    let mut room = Room::reserve()?;
    let requests = UnixStream::from(room.move_up(io::stdin().as_fd())?);
    let events = UnixStream::from(room.move_up(io::stdin().as_fd())?);
    let looker = Looker::open(room.first())?;
    let flights = Flights::new(Arc::new(Mutex::new(events)))?;
    // From here on the session is told over `events`.
    nix::unistd::dup2_stdin(room.null())?;
    apart::start()?;
    room.fill();
    Ok(Worker { requests, room, flights, looker })
}

/// Closes what the process was started with beyond the standard streams, such as a
/// terminal program's or an editor's: the first descriptor of the session is to be 3.
fn close_inherited() {
    // SAFETY: this is the first thing that the worker does; nothing in it has opened a
    // descriptor yet. It cannot fail with these arguments (close_range(2)).
    unsafe { libc::close_range(3, u32::MAX, 0) };
}

impl Worker {
    fn run(mut self) -> io::Result<()> {
        loop {
            let timeout = if self.flights.restless() {
                PollTimeout::try_from(SAMPLE).unwrap_or(PollTimeout::ZERO)
            } else {
                PollTimeout::NONE
            };
            let mut waiting = [PollFd::new(self.requests.as_fd(), PollFlags::POLLIN)];
            match poll(&mut waiting, timeout) {
                Ok(0) => {
                    self.room.with(|| self.flights.sample());
                    self.flights.interrupt();
                    continue;
                }
                Ok(_) => {}
                Err(nix::errno::Errno::EINTR) => continue,
                Err(error) => return Err(error.into()),
            }
            match protocol::read(&mut self.requests)? {
                None => return Ok(()),
                Some(request) => self.answer(request),
            }
        }
    }

    fn answer(&mut self, request: Request) {
        match request {
            Request::Make(id, call) => self.flights.start(id, call),
            Request::Cancel(id) => {
                self.flights.cancel(id);
                self.flights.interrupt();
            }
            Request::Look(watch) => {
                let snapshot = self.room.with(|| look(&watch, &mut self.flights, &mut self.looker));
                self.flights.tell(&Event::Looked(snapshot.map_err(|error| error.to_string())));
            }
            Request::LookClosely(subject) => {
                let look = self.room.with(|| close_look::look(&mut self.looker, &subject));
                self.flights.tell(&Event::LookedClosely(look.map_err(|error| error.to_string())));
            }
            Request::MakeAll(calls) => self.flights.tell(&Event::MadeAll(Ok(make::all(&calls)))),
            Request::MakeApart(calls) => {
                let made = make::all_apart(calls);
                self.flights.tell(&Event::MadeAll(made.map_err(|error| error.to_string())));
            }
            Request::LookAtAll => {
                let all = self.looker.all();
                self.flights.tell(&Event::LookedAtAll(all.map_err(|error| error.to_string())));
            }
        }
    }
}

/// Looks at the kernel; when asked to settle, until two looks agree, nothing is on its
/// way, and every call has returned or is asleep. On loopback the kernel does its part
/// mostly within the sender's call, but not always.
fn look(watch: &Watch, flights: &mut Flights, looker: &mut Looker) -> io::Result<Snapshot> {
    if !watch.settle {
        return looker.snapshot(watch);
    }
    flights.look_anew();
    let mut before = looker.snapshot(watch)?;
    for _ in 0..MOST_LOOKS {
        flights.sample();
        let idle = flights.settled();
        let now = looker.snapshot(watch)?;
        if idle && same(&before, &now) && !on_the_way(&now) {
            return Ok(now);
        }
        before = now;
        std::thread::sleep(SAMPLE);
    }
    Ok(before)
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

/// Whether bytes are between two ends: sent, not acknowledged, and the receiver has not
/// so much unread that its window may be what holds them back.
fn on_the_way(snapshot: &Snapshot) -> bool {
    const WINDOW_MAY_BE_FULL: u32 = 16 << 10;
    snapshot.sockets.iter().any(|end| {
        let other = snapshot.sockets.iter().find(|other| other.is_other_end_of(end));
        end.send_queue > 0
            && end.accept_queue().is_none()
            && other.is_some_and(|other| other.receive_queue < WINDOW_MAY_BE_FULL)
    })
}
