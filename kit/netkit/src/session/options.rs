//! The options of a session's sockets, as the kernel gives them.

use super::Session;
use crate::options::decode::{Decoded, decode};
use crate::options::kind::Fits;
use crate::options::{self, Access, Shape, SocketOption, remade, tcp_info};
use crate::outcome::{Failure, Made};
use crate::worker::call::{Call, Return, Value};
use crate::worker::protocol::OwnSocket;

/// An option of a socket, read.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Which option.
    pub option: &'static SocketOption,
    /// Its value.
    pub value: Decoded,
    /// Its value on a new socket of the same kind, made for the comparison; `None` where a
    /// new socket does not give it.
    pub fresh: Option<Decoded>,
    /// Whether the kernel says that it was set: it does so of the sizes of the buffers.
    pub locked: bool,
}

impl Reading {
    /// Whether somebody has set it: it can be set, and is not as on a new socket. Of what the
    /// kernel changes by itself this cannot be told, unless it keeps account of it.
    pub fn differs(&self) -> bool {
        self.option.access == Access::Both
            && (!self.option.moves || self.locked)
            && self.fresh.as_ref().is_some_and(|fresh| fresh.words != self.value.words)
    }

    /// Whether it is not as on a new socket, by whatever reason.
    pub fn moved(&self) -> bool {
        self.fresh.as_ref().is_some_and(|fresh| fresh.words != self.value.words)
    }
}

impl Session {
    /// What kind of socket a descriptor is, as options tell them apart.
    pub fn kind_of(&self, fd: i32) -> Option<Fits> {
        let own = self.own(fd)?;
        Some(Fits::of(own.domain, own.kind, own.protocol))
    }

    fn own(&self, fd: i32) -> Option<&OwnSocket> {
        self.seen.own.iter().find(|own| own.fd == fd)
    }

    /// All options of a socket that can be read without an effect, with their values.
    ///
    /// # Errors
    /// When the descriptor is no socket of the session, or the worker is gone.
    pub fn options_of(&mut self, fd: i32) -> Result<Vec<Reading>, Failure> {
        let Some(own) = self.own(fd).cloned() else {
            return Err(
                Failure::new(format!("descriptor {fd} is no socket")).next("`fds` lists what is open")
            );
        };
        let kind = Fits::of(own.domain, own.kind, own.protocol);
        let fitting: Vec<&'static SocketOption> = options::all()
            .filter(|option| option.readable() && !option.consumed && option.fits.includes(kind))
            .collect();
        let read = |fd: i32| fitting.iter().map(|option| option.get(fd)).collect::<Vec<Call>>();
        let values = self.make_quietly(read(fd))?;
        let make = [own.domain, own.kind, own.protocol].map(|number| Value::Number(number.into()));
        let mut calls = vec![Call::once("socket", libc::SYS_socket, make.to_vec())];
        // It is made apart, where the first free descriptor is always this one.
        calls.extend(read(3));
        let fresh = self.make_apart(calls)?;
        let decoded = |option: &SocketOption, made: &Return| {
            made.memory.as_ref().map(|bytes| decode(option, bytes)).filter(|_| made.ok())
        };
        let pairs = values.iter().zip(fresh.iter().skip(1));
        let readings = fitting.iter().zip(pairs).filter_map(|(option, (value, fresh))| {
            let (value, fresh) = (decoded(option, value)?, decoded(option, fresh));
            Some(Reading { option, value, fresh, locked: false })
        });
        let mut readings: Vec<Reading> = readings.collect();
        let locks = readings.iter().find(|reading| reading.option.name == "SO_BUF_LOCK");
        let locks = locks.map(|reading| reading.value.words.clone()).unwrap_or_default();
        for reading in &mut readings {
            reading.locked = match reading.option.name {
                "SO_SNDBUF" => locks.contains("SOCK_SNDBUF_LOCK"),
                "SO_RCVBUF" => locks.contains("SOCK_RCVBUF_LOCK"),
                _ => false,
            };
        }
        Ok(readings)
    }

    /// The options that have been set to something else than a new socket has.
    ///
    /// # Errors
    /// As those of [`Session::options_of`].
    pub fn options_differing(&mut self, fd: i32) -> Result<Vec<Reading>, Failure> {
        Ok(self.options_of(fd)?.into_iter().filter(Reading::differs).collect())
    }

    /// What is to be said of an option that was just read or set.
    pub(super) fn option_notes(&mut self, made: &Made) -> Result<Vec<String>, Failure> {
        let (Some(option), true) = (options::of_call(&made.call), made.done.last.ok()) else {
            return Ok(Vec::new());
        };
        if let Some(bytes) = &made.done.last.memory {
            return Ok(told(option, bytes, self.shows_numbers()));
        }
        let asked = made.call.arguments.iter().find_map(|argument| match argument {
            Value::Memory(memory) => Some(memory.bytes.as_slice()),
            _ => None,
        });
        let (Some(fd), Some(asked), true) = (made.call.descriptor(), asked, option.readable()) else {
            return Ok(Vec::new());
        };
        let back = self.make_quietly(vec![option.get(fd)])?;
        let got = back.first().and_then(|back| back.memory.as_deref());
        Ok(got.and_then(|got| remade::remade(option, asked, got)).into_iter().collect())
    }
}

/// A value that was read, in words; without what differs from run to run if that is not shown.
fn told(option: &SocketOption, bytes: &[u8], numbers: bool) -> Vec<String> {
    let value = decode(option, bytes);
    let mut lines = vec![format!("{}: {}", option.name, value.words)];
    let rows = value
        .rows
        .into_iter()
        .filter(|(name, _)| numbers || option.shape != Shape::TcpInfo || tcp_info::is_steady(name));
    let rows: Vec<Vec<String>> = rows.map(|(name, value)| vec![format!("  {name}"), value]).collect();
    lines.extend(crate::render::table::table(&rows));
    lines
}
