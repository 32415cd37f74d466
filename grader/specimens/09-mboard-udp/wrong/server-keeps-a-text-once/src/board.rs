//! The board: all messages, and the answer to each request. It knows no socket, so that it can be

use std::collections::VecDeque;
use std::net::SocketAddrV4;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::LARGEST;

const MOST_BYTES: usize = 256 << 20;

const OVERHEAD: usize = size_of::<Message>();

const BAD_FORMAT: &[u8] = b"1:";

const NO_SUCH_MESSAGE: &[u8] = b"2:";

const NO_SUCH_CODE: &[u8] = b"3:";

#[derive(Debug)]
struct Message {
    time: Duration,
    publisher: SocketAddrV4,
    text: Vec<u8>,
}

#[derive(Debug, Default)]
pub struct Board {
    messages: VecDeque<Message>,
    forgotten: u64,
    bytes: usize,
}

impl Board {
    pub fn answer(&mut self, request: &[u8], client: SocketAddrV4, now: SystemTime) -> Vec<u8> {
        let Some(colon) = request.iter().position(|byte| *byte == b':') else {
            return BAD_FORMAT.to_vec();
        };
        let (code, payload) = (&request[..colon], &request[colon + 1..]);
        match (code, number(payload)) {
            (b"1", _) => {
                self.publish(payload, client, now);
                b"0:".to_vec()
            }
            (b"2", Some(count)) => self.last(count),
            (b"3", Some(id)) => self.message(id).unwrap_or_else(|| NO_SUCH_MESSAGE.to_vec()),
            (b"2" | b"3", None) => BAD_FORMAT.to_vec(),
            _ => NO_SUCH_CODE.to_vec(),
        }
    }

    fn publish(&mut self, text: &[u8], publisher: SocketAddrV4, now: SystemTime) {
        let time = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        let twin = |message: &Message| message.publisher == publisher && message.text == text;
        if self.messages.iter().any(twin) {
            return;
        }
        self.bytes += text.len() + OVERHEAD;
        self.messages.push_back(Message { time, publisher, text: text.to_vec() });
        while self.bytes > MOST_BYTES
            && let Some(oldest) = self.messages.pop_front()
        {
            self.bytes -= oldest.text.len() + OVERHEAD;
            self.forgotten += 1;
        }
    }

    fn last(&self, count: u64) -> Vec<u8> {
        let newest = self.forgotten + self.messages.len() as u64;
        let count = if count == 0 { u64::MAX } else { count };
        let mut room = LARGEST - "0:".len();
        let mut first = newest + 1;
        while newest + 1 - first < count && first > self.forgotten + 1 {
            let colon = usize::from(first <= newest);
            let length = (first - 1).to_string().len() + colon;
            if length > room {
                break;
            }
            room -= length;
            first -= 1;
        }
        let ids: Vec<String> = (first..=newest).map(|id| id.to_string()).collect();
        format!("0:{}", ids.join(":")).into_bytes()
    }

    fn message(&self, id: u64) -> Option<Vec<u8>> {
        let index = id.checked_sub(self.forgotten)?.checked_sub(1)?;
        let message = self.messages.get(usize::try_from(index).ok()?)?;
        let (seconds, micros) = (message.time.as_secs(), message.time.subsec_micros());
        let (ip, port) = (message.publisher.ip(), message.publisher.port());
        let mut reply = format!("0:{seconds}.{micros:06}:{ip}:{port}:").into_bytes();
        let room = LARGEST - reply.len();
        reply.extend_from_slice(&message.text[..message.text.len().min(room)]);
        Some(reply)
    }
}

fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |number, byte| {
        byte.is_ascii_digit().then(|| number.saturating_mul(10).saturating_add(u64::from(byte - b'0')))
    })
}
