//! Making a call: the only place where a [`Call`] meets the kernel.
//!
//! The system calls are made raw. The standard library would hide what students are to
//! see: it asks again after EINTR, sets close-on-exec, and knows only whole sockets.

use super::call::{Call, Done, End, Return, Until, Value};
use nix::errno::Errno;
use socket2::{SockAddr, SockAddrStorage};
use std::net::SocketAddr;
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
            let bytes = if receives { data.len() as u64 } else { sent.max(count) };
            result.data = (receives && (result.ok() || !data.is_empty())).then_some(data);
            return Done { last: result, first, calls, bytes, end };
        }
    }
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

/// Memory that the kernel writes to or reads from during one call.
enum Buffer {
    Bytes(Vec<u8>),
    Integer(i32),
    Address(SockAddrStorage, libc::socklen_t),
    Length(libc::socklen_t),
}

/// Makes a call once.
fn once(call: &Call) -> Return {
    // A box each, so that the pointers stay good while the list grows.
    let mut buffers: Vec<Box<Buffer>> = Vec::new();
    let mut words: Vec<usize> = Vec::with_capacity(6);
    for argument in &call.arguments {
        match argument {
            Value::Descriptor(fd) => words.push(*fd as usize),
            Value::Number(number) | Value::Constant(number, _) | Value::Hidden(number) => {
                words.push(*number as usize)
            }
            Value::Address(address) => {
                let address = SockAddr::from(*address);
                let length = address.len();
                let mut buffer = Box::new(Buffer::Address(address.as_storage(), length));
                if let Buffer::Address(storage, _) = &mut *buffer {
                    words.extend([std::ptr::from_mut(storage) as usize, length as usize]);
                }
                buffers.push(buffer);
            }
            Value::AddressOut => {
                let storage = SockAddrStorage::zeroed();
                let size = storage.size_of();
                let mut buffer = Box::new(Buffer::Address(storage, size));
                if let Buffer::Address(storage, length) = &mut *buffer {
                    words.extend([std::ptr::from_mut(storage) as usize, std::ptr::from_mut(length) as usize]);
                }
                buffers.push(buffer);
            }
            Value::Bytes(bytes) => words.extend([bytes.as_ptr() as usize, bytes.len()]),
            Value::Room(size) => {
                let size = usize::try_from(*size).unwrap_or(usize::MAX).min(super::MOST_ROOM);
                let mut buffer = Box::new(Buffer::Bytes(vec![0; size]));
                if let Buffer::Bytes(bytes) = &mut *buffer {
                    words.extend([bytes.as_mut_ptr() as usize, size]);
                }
                buffers.push(buffer);
            }
            Value::Integer(value) => {
                let mut buffer = Box::new(Buffer::Integer(*value));
                if let Buffer::Integer(value) = &mut *buffer {
                    words.extend([std::ptr::from_mut(value) as usize, size_of::<i32>()]);
                }
                buffers.push(buffer);
            }
            Value::IntegerOut => {
                let mut buffer = Box::new(Buffer::Integer(0));
                if let Buffer::Integer(value) = &mut *buffer {
                    words.push(std::ptr::from_mut(value) as usize);
                }
                let mut length = Box::new(Buffer::Length(size_of::<i32>() as libc::socklen_t));
                if let Buffer::Length(value) = &mut *length {
                    words.push(std::ptr::from_mut(value) as usize);
                }
                buffers.extend([buffer, length]);
            }
        }
    }
    words.resize(6, 0);
    let start = Instant::now();
    // SAFETY: every pointer among the words points into `call` or into a boxed buffer,
    // both of which outlive the call, and stands beside the true size of what it points to.
    let value =
        unsafe { libc::syscall(call.number, words[0], words[1], words[2], words[3], words[4], words[5]) };
    let errno = (value < 0).then(Errno::last_raw);
    let microseconds = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
    let mut result = Return { value, errno, microseconds, address: None, integer: None, data: None };
    if result.ok() {
        take_out(call, buffers, &mut result);
    }
    result
}

/// Reads what the kernel has written.
fn take_out(call: &Call, buffers: Vec<Box<Buffer>>, result: &mut Return) {
    let given = call.address().is_some();
    for buffer in buffers {
        match *buffer {
            Buffer::Bytes(mut bytes) => {
                bytes.truncate(usize::try_from(result.value).unwrap_or(0));
                result.data = Some(bytes);
            }
            Buffer::Address(storage, length) if !given => result.address = address(storage, length),
            Buffer::Integer(value) => result.integer = Some(value),
            Buffer::Address(..) | Buffer::Length(_) => {}
        }
    }
}

/// The address in a storage that the kernel filled in; none if it wrote none, as
/// recvfrom(2) does on a connected TCP socket.
fn address(storage: SockAddrStorage, length: libc::socklen_t) -> Option<SocketAddr> {
    if length == 0 {
        return None;
    }
    // SAFETY: the storage was zeroed and then filled in by the kernel, which set the length.
    unsafe { SockAddr::new(storage, length) }.as_socket()
}
