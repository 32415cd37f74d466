//! The worker's side: one loop that takes requests and looks after the calls in flight.

use super::apart;
use super::close_look;
use super::flight::Flights;
use super::make;
use super::protocol::{self, Event, Request, Watch};
use super::room::Room;
use super::settle::{self, SAMPLE};
use super::snapshot::Looker;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::ffi::OsStr;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

/// The one argument of a worker's command line.
pub(super) const ARGUMENT: &str = "netkit-worker";

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
    let looker = Looker::open(room.first());
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
                    // A call may just be beginning: no number of the student's must be touched
                    // here, not even to see whether one is free. It needs none: `apart`.
                    self.flights.sample();
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
            Request::Make { id, call, look_first, mut then_look } => {
                if let (true, Some(watch)) = (look_first, &mut then_look) {
                    self.look_before(watch);
                }
                self.flights.start(id, call, then_look.is_some());
                if let Some(watch) = then_look
                    && self.flights.returns_within(id, SAMPLE)
                {
                    self.look(&watch);
                }
            }
            Request::Cancel(id) => {
                self.flights.cancel(id);
                self.flights.interrupt();
            }
            Request::Look(watch) => self.look(&watch),
            Request::LookClosely(subject) => {
                let look = self.room.with(|| close_look::look(&mut self.looker, &subject));
                self.flights.tell(&Event::LookedClosely(look.map_err(|error| error.to_string())));
            }
            Request::MakeAll(calls) => {
                self.flights.touch(&calls);
                self.flights.tell(&Event::MadeAll(Ok(make::all(&calls))));
            }
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

    /// Looks before a call. What is met here is followed by the look after it.
    fn look_before(&mut self, watch: &mut Watch) {
        let before = Watch { settle: false, ..watch.clone() };
        let snapshot = settle::look(&before, &mut self.flights, &mut self.looker);
        if let Ok(snapshot) = &snapshot {
            watch.cookies.extend(snapshot.sockets.iter().map(|fact| fact.cookie));
        }
        self.flights.tell(&Event::Looked(snapshot.map_err(|error| error.to_string())));
    }

    fn look(&mut self, watch: &Watch) {
        let snapshot = settle::look(watch, &mut self.flights, &mut self.looker);
        self.flights.tell(&Event::Looked(snapshot.map_err(|error| error.to_string())));
    }
}
