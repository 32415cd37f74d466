//! The board: a map from ids, which are the microseconds of publication, to what was published.

use std::collections::BTreeMap;
use std::net::SocketAddrV4;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::LARGEST;

#[derive(Debug, Default)]
pub struct Board {
    messages: BTreeMap<u128, (String, Vec<u8>)>,
}

impl Board {
    pub fn answer(&mut self, request: &[u8], client: SocketAddrV4, now: SystemTime) -> Vec<u8> {
        let mut parts = request.splitn(2, |byte| *byte == b':');
        let (Some(code), Some(payload)) = (parts.next(), parts.next()) else {
            return b"1:there is no colon".to_vec();
        };
        match code {
            b"1" => {
                let micros = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros());
                let next = self.messages.last_key_value().map_or(0, |(id, _)| id + 1);
                let time = format!("{}.{}", micros / 1_000_000, micros / 1_000 % 1000);
                let head = format!("0:{time}:{}:{}:", client.ip(), client.port());
                self.messages.insert(micros.max(next), (head, payload.to_vec()));
                b"0:".to_vec()
            }
            b"2" | b"3" if payload.is_empty() || !payload.iter().all(u8::is_ascii_digit) => {
                b"1:that is no number".to_vec()
            }
            b"2" => self.last(number(payload).unwrap_or(u128::MAX)),
            b"3" => match number(payload).and_then(|id| self.messages.get(&id)) {
                Some((head, text)) => {
                    let mut reply = head.clone().into_bytes();
                    reply.extend_from_slice(text);
                    reply.truncate(LARGEST);
                    reply
                }
                None => b"2:there is no such message".to_vec(),
            },
            _ => b"3:that is no code".to_vec(),
        }
    }

    fn last(&self, count: u128) -> Vec<u8> {
        let count = if count == 0 { usize::MAX } else { usize::try_from(count).unwrap_or(usize::MAX) };
        let mut ids = Vec::new();
        let mut length = 1;
        for id in self.messages.keys().rev().take(count) {
            let id = id.to_string();
            length += 1 + id.len();
            if length > LARGEST {
                break;
            }
            ids.push(id);
        }
        ids.reverse();
        format!("0:{}", ids.join(":")).into_bytes()
    }
}

fn number(digits: &[u8]) -> Option<u128> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}
