//! The board: all messages, and the answer to each request. It knows no socket, so that it can be

use std::collections::VecDeque;
use std::io::{self, Write};
use std::net::SocketAddrV4;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const MOST_BYTES: usize = 256 << 20;

const OVERHEAD: usize = size_of::<Message>() + size_of::<Arc<Message>>();

pub const BAD_FORMAT: &[u8] = b"1:";

const NO_SUCH_MESSAGE: &[u8] = b"2:";

const NO_SUCH_CODE: &[u8] = b"3:";

#[derive(Debug)]
pub struct Message {
    head: String,
    text: Vec<u8>,
}

#[derive(Debug)]
pub enum Reply {
    Bytes(Vec<u8>),
    Message(Arc<Message>),
    Sized(Vec<Arc<Message>>),
}

#[derive(Debug, Default)]
pub struct Board {
    messages: VecDeque<Arc<Message>>,
    forgotten: u64,
    bytes: usize,
}

impl Reply {
    pub fn write_to(&self, mut out: impl Write) -> io::Result<()> {
        match self {
            Self::Bytes(bytes) => out.write_all(bytes)?,
            Self::Message(message) => {
                out.write_all(b"0:")?;
                message.write_to(&mut out)?;
            }
            Self::Sized(messages) => {
                out.write_all(b"0:")?;
                for message in messages {
                    write!(out, "{:08x}", message.head.len() + message.text.len())?;
                    message.write_to(&mut out)?;
                }
            }
        }
        out.flush()
    }
}

impl Message {
    fn write_to(&self, out: &mut impl Write) -> io::Result<()> {
        out.write_all(self.head.as_bytes())?;
        out.write_all(&self.text)
    }
}

impl Board {
    pub fn answer(&mut self, request: &[u8], client: SocketAddrV4, now: SystemTime) -> Reply {
        let Some(colon) = request.iter().position(|byte| *byte == b':') else {
            return Reply::Bytes(BAD_FORMAT.to_vec());
        };
        let (code, payload) = (&request[..colon], &request[colon + 1..]);
        Reply::Bytes(match (code, number(payload)) {
            (b"1", _) => {
                self.publish(payload, client, now);
                b"0:".to_vec()
            }
            (b"2", Some(count)) => {
                let ids: Vec<String> = self.last_ids(count).map(|id| id.to_string()).collect();
                format!("0:{}", ids.join(":")).into_bytes()
            }
            (b"3", Some(id)) => match self.message(id) {
                Some(message) => return Reply::Message(Arc::clone(message)),
                None => NO_SUCH_MESSAGE.to_vec(),
            },
            (b"4", Some(count)) => {
                let messages = self.last_ids(count).filter_map(|id| self.message(id));
                return Reply::Sized(messages.cloned().collect());
            }
            (b"2" | b"3" | b"4", None) => BAD_FORMAT.to_vec(),
            _ => NO_SUCH_CODE.to_vec(),
        })
    }

    fn publish(&mut self, text: &[u8], publisher: SocketAddrV4, now: SystemTime) {
        let time = now.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        let (seconds, micros) = (time.as_secs(), time.subsec_micros());
        let head = format!("{seconds}.{micros:06}:{}:{}:", publisher.ip(), publisher.port());
        self.bytes += text.len() + OVERHEAD;
        self.messages.push_back(Arc::new(Message { head, text: text.to_vec() }));
        while self.bytes > MOST_BYTES
            && let Some(oldest) = self.messages.pop_front()
        {
            self.bytes -= oldest.text.len() + OVERHEAD;
            self.forgotten += 1;
        }
    }

    fn last_ids(&self, count: u64) -> impl Iterator<Item = u64> {
        let newest = self.forgotten + self.messages.len() as u64;
        let before = if count == 0 { 0 } else { newest.saturating_sub(count) };
        before.max(self.forgotten) + 1..=newest
    }

    fn message(&self, id: u64) -> Option<&Arc<Message>> {
        let index = id.checked_sub(self.forgotten)?.checked_sub(1)?;
        self.messages.get(usize::try_from(index).ok()?)
    }
}

fn number(digits: &[u8]) -> Option<u64> {
    let digits = std::str::from_utf8(digits).ok()?;
    let all = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if all { Some(digits.parse().unwrap_or(u64::MAX)) } else { digits.parse().ok() }
}
