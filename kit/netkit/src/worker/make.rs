//! Making a call: the only place where a [`Call`] meets the kernel.
//!
//! The system calls are made raw. The standard library would hide what students are to
//! see: it asks again after EINTR, sets close-on-exec, and knows only whole sockets.

use super::call::{Call, Done, End, Length, Polled, Return, Until, Value};
use crate::address::sockaddr;
use nix::errno::Errno;
use socket2::SockAddrStorage;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// The most bytes that one receiving call of a loop asks for.
const CHUNK: u64 = 1 << 20;

/// Makes a call as often as its `until` asks. `cancelled` ends a loop between two calls;
/// within a call a signal does.
pub(super) fn make(call: &Call, cancelled: &AtomicBool) -> Done {
    let mut data = Vec::new();
    let mut sent = 0;
    let mut first = Vec::new();
    let mut calls = 0;
    loop {
        let mut result = match next(call, data.len() as u64, sent) {
            Some(next) => once(&next),
            None => once(call),
        };
        calls += 1;
        let received = result.data.take();
        let count = u64::try_from(result.value).unwrap_or(0);
        if received.is_some() {
            data.extend(received.into_iter().flatten());
        } else if call.until == Until::AllSent {
            sent += count;
        }
        let end = end(call, &result, &data, sent, cancelled.load(Ordering::Relaxed));
        if end.is_none() && first.len() < Done::SHOWN {
            first.push(result);
            continue;
        }
        if let Some(end) = end {
            let receives = call.arguments.iter().any(|argument| matches!(argument, Value::Room(_)));
            let sends = call.arguments.iter().any(|argument| matches!(argument, Value::Bytes(_)));
            let bytes = match (receives, sends) {
                (true, _) => data.len() as u64,
                (false, true) => sent.max(count),
                (false, false) => 0,
            };
            result.data = (receives && (result.ok() || !data.is_empty())).then_some(data);
            return Done { last: result, first, calls, bytes, end };
        }
    }
}

/// Makes calls one after another, each once. For those that cannot block.
pub(super) fn all(calls: &[Call]) -> Vec<Return> {
    calls.iter().map(once).collect()
}

/// Makes calls in a table of descriptors of their own, which is gone with all that is in it
/// when they have returned: what they open takes no number that the student would see, and
/// no socket of the student is held open by it. Its first free descriptor is 3.
pub(super) fn all_apart(calls: Vec<Call>) -> io::Result<Vec<Return>> {
    let apart = std::thread::Builder::new().name("apart".into()).spawn(move || {
        // A thread may have a table for itself; this call copies only what is below 3 into it.
        // SAFETY: it takes plain numbers. The other threads keep the table that they have
        // (close_range(2), CLOSE_RANGE_UNSHARE), and nothing on this one uses a descriptor
        // that was opened before.
        let result = unsafe { libc::close_range(3, u32::MAX, libc::CLOSE_RANGE_UNSHARE as libc::c_int) };
        Errno::result(result)?;
        Ok(all(&calls))
    })?;
    apart.join().map_err(|_| io::Error::other("the thread that made the calls has ended"))?
}

/// The call that a loop makes next: with the bytes that are left, or room for what is missing.
fn next(call: &Call, received: u64, sent: u64) -> Option<Call> {
    let room = match &call.until {
        Until::Returned => return None,
        Until::AllSent => {
            let mut next = call.clone();
            for argument in &mut next.arguments {
                if let Value::Bytes(bytes) = argument {
                    bytes.drain(..(sent as usize).min(bytes.len()));
                }
            }
            return Some(next);
        }
        Until::Received(size) => size.saturating_sub(received).min(CHUNK),
        Until::Found { .. } => 1,
        Until::Ended { limit } => limit.saturating_sub(received).clamp(1, CHUNK),
    };
    let mut next = call.clone();
    for argument in &mut next.arguments {
        if let Value::Room(size) = argument {
            *size = room;
        }
    }
    Some(next)
}

/// Whether, and why, the loop ends after this result.
fn end(call: &Call, result: &Return, data: &[u8], sent: u64, cancelled: bool) -> Option<End> {
    if !result.ok() {
        return Some(End::Failed);
    }
    let received = data.len() as u64;
    let end = match &call.until {
        Until::Returned => Some(End::Reached),
        Until::AllSent => (sent >= size_of_bytes(call)).then_some(End::Reached),
        Until::Received(size) if received >= *size => Some(End::Reached),
        Until::Found { delimiter, .. } if data.ends_with(delimiter) => Some(End::Reached),
        Until::Ended { .. } if result.value == 0 => Some(End::Reached),
        _ if result.value == 0 => Some(End::StreamEnded),
        Until::Found { limit, .. } | Until::Ended { limit } if received >= *limit => Some(End::LimitReached),
        _ => None,
    };
    end.or(cancelled.then_some(End::Failed))
}

fn size_of_bytes(call: &Call) -> u64 {
    call.arguments
        .iter()
        .map(|argument| if let Value::Bytes(bytes) = argument { bytes.len() as u64 } else { 0 })
        .sum()
}

/// Memory of one argument, for the kernel to read from or write to.
enum Memory {
    None,
    Bytes(Vec<u8>),
    Pair([i32; 2]),
    Struct(Vec<u8>, libc::socklen_t),
    Address(SockAddrStorage, libc::socklen_t),
}

/// Makes a call once.
fn once(call: &Call) -> Return {
    let mut memory: Vec<Memory> = call.arguments.iter().map(memory_of).collect();
    let mut words: Vec<usize> = Vec::with_capacity(6);
    for (argument, memory) in call.arguments.iter().zip(&mut memory) {
        push_words(argument, memory, &mut words);
    }
    words.resize(6, 0);
    let start = Instant::now();
    // SAFETY: every pointer among the words points into `call` or into `memory`, which are
    // neither moved nor dropped before the call returns, and stands beside the true size
    // of what it points to.
    let value =
        unsafe { libc::syscall(call.number, words[0], words[1], words[2], words[3], words[4], words[5]) };
    let errno = (value < 0).then(Errno::last_raw);
    let microseconds = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
    let mut result =
        Return { value, errno, microseconds, address: None, pair: None, memory: None, data: None };
    if result.ok() {
        for (argument, memory) in call.arguments.iter().zip(memory) {
            take_out(argument, memory, &mut result);
        }
    }
    result
}

fn memory_of(argument: &Value) -> Memory {
    match argument {
        Value::Address(address) => match sockaddr::encode(address) {
            Ok((storage, length)) => Memory::Address(storage, length),
            // One that is too long, which no line can name: the kernel says EINVAL to it.
            Err(_) => Memory::Address(SockAddrStorage::zeroed(), 0),
        },
        // Zeroed it says AF_UNSPEC; C gives it as a `struct sockaddr`.
        Value::NoAddress => {
            Memory::Address(SockAddrStorage::zeroed(), size_of::<libc::sockaddr>() as libc::socklen_t)
        }
        Value::Text(text) => Memory::Bytes([text.as_slice(), b"\0"].concat()),
        Value::PairOut(_) => Memory::Pair([-1; 2]),
        Value::AddressOut => {
            let storage = SockAddrStorage::zeroed();
            let size = storage.size_of();
            Memory::Address(storage, size)
        }
        Value::Room(size) => {
            let size = usize::try_from(*size).unwrap_or(usize::MAX).min(super::MOST_ROOM);
            Memory::Bytes(vec![0; size])
        }
        Value::Memory(memory) => {
            let length = libc::socklen_t::try_from(memory.bytes.len()).unwrap_or(0);
            Memory::Struct(memory.bytes.clone(), length)
        }
        Value::Polled(polled) => Memory::Struct(polled.iter().flat_map(Polled::bytes).collect(), 0),
        _ => Memory::None,
    }
}

/// The words that an argument becomes: one, or a pointer and a length.
fn push_words(argument: &Value, memory: &mut Memory, words: &mut Vec<usize>) {
    match (argument, memory) {
        (Value::Descriptor(fd), _) => words.push(*fd as usize),
        (Value::Number(number) | Value::Constant(number, _) | Value::Hidden(number), _) => {
            words.push(*number as usize);
        }
        (Value::Bytes(bytes), _) => words.extend([bytes.as_ptr() as usize, bytes.len()]),
        (Value::Text(_), Memory::Bytes(bytes)) => words.push(bytes.as_ptr() as usize),
        (_, Memory::Pair(pair)) => words.push(pair.as_mut_ptr() as usize),
        (_, Memory::Bytes(bytes)) => words.extend([bytes.as_mut_ptr() as usize, bytes.len()]),
        (Value::Address(_) | Value::NoAddress, Memory::Address(storage, length)) => {
            words.extend([std::ptr::from_mut(storage) as usize, *length as usize]);
        }
        (_, Memory::Address(storage, length)) => {
            words.extend([std::ptr::from_mut(storage) as usize, std::ptr::from_mut(length) as usize]);
        }
        (Value::Memory(told), Memory::Struct(bytes, length)) => {
            words.push(bytes.as_mut_ptr() as usize);
            match told.length {
                Length::Untold => {}
                Length::Told => words.push(*length as usize),
                Length::Exchanged => words.push(std::ptr::from_mut(length) as usize),
            }
        }
        (Value::Polled(polled), Memory::Struct(bytes, _)) => {
            words.extend([bytes.as_mut_ptr() as usize, polled.len()]);
        }
        (_, Memory::Struct(..)) => {}
        (_, Memory::None) => {}
    }
}

/// Reads what the kernel has written.
fn take_out(argument: &Value, memory: Memory, result: &mut Return) {
    match (argument, memory) {
        (Value::Room(_), Memory::Bytes(mut bytes)) => {
            bytes.truncate(usize::try_from(result.value).unwrap_or(0));
            result.data = Some(bytes);
        }
        (Value::AddressOut, Memory::Address(storage, length)) => {
            result.address = sockaddr::decode(storage, length);
        }
        (Value::PairOut(_), Memory::Pair(pair)) => result.pair = Some(pair),
        (Value::Polled(_), Memory::Struct(bytes, _)) => result.memory = Some(bytes),
        (Value::Memory(told), Memory::Struct(mut bytes, length)) if told.filled => {
            // The kernel has set the length only where it was given a pointer to it.
            bytes.truncate(length as usize);
            result.memory = Some(bytes);
        }
        _ => {}
    }
}
