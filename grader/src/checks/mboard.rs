//! A message board's replies, read strictly: what the labs over UDP and over TCP have in common.

use super::stand::{Stop, failed};
use netkit::data::{Known, show};
use std::time::{SystemTime, UNIX_EPOCH};

/// A message as a reply gives it.
pub struct Message {
    /// When it was published, in seconds since 1970.
    pub time: f64,
    /// `IP:PORT`.
    pub publisher: String,
    /// What was published.
    pub text: Vec<u8>,
}

/// What was published, and by whom: what a message of the board has to hold.
pub struct Published {
    /// What was published.
    pub text: Vec<u8>,
    /// `IP:PORT`.
    pub publisher: String,
    /// Between which times.
    pub time: (f64, f64),
}

impl Published {
    /// Compares a message of the board with what was published.
    pub fn check(&self, message: &Message) -> Result<(), Stop> {
        same("the texts in the order in which they were published", &self.text, &message.text)?;
        if message.publisher != self.publisher {
            let expected = format!("IP:PORT of who published it, {}", self.publisher);
            return Err(failed(expected, message.publisher.clone()));
        }
        // A fraction may have been cut, and clocks may be set.
        if message.time < self.time.0 - 1.0 || message.time > self.time.1 + 1.0 {
            let expected =
                format!("TIME when it was published, in seconds since 1970: about {:.1}", self.time.0);
            return Err(failed(expected, message.time.to_string()));
        }
        Ok(())
    }
}

/// Reads `0:ID:ID`.
pub fn read_ids(reply: &[u8]) -> Result<Vec<String>, Stop> {
    let wrong = || failed("`0:ID:ID:...`, each ID in decimal digits", shown(reply));
    let ids = reply.strip_prefix(b"0:").and_then(|ids| std::str::from_utf8(ids).ok()).ok_or_else(wrong)?;
    let digits = |id: &str| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    match ids.split(':').all(digits) {
        true => Ok(ids.split(':').map(str::to_owned).collect()),
        false if ids.is_empty() => Ok(Vec::new()),
        false => Err(wrong()),
    }
}

/// Reads `TIME:IP:PORT:TEXT`.
pub fn read_message(message: &[u8]) -> Result<Message, Stop> {
    let wrong = || failed("`TIME:IP:PORT:TEXT`, TIME with a fraction: 1700000000.25", shown(message));
    let parts: Vec<&[u8]> = message.splitn(4, |byte| *byte == b':').collect();
    let [time, ip, port, text] = parts[..] else { return Err(wrong()) };
    let words = |bytes| std::str::from_utf8(bytes).map_err(|_| wrong());
    let time = words(time)?;
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !time.split_once('.').is_some_and(|(seconds, fraction)| digits(seconds) && digits(fraction)) {
        return Err(wrong());
    }
    let time = time.parse().map_err(|_| wrong())?;
    Ok(Message { time, publisher: format!("{}:{}", words(ip)?, words(port)?), text: text.to_vec() })
}

/// Compares bytes; the pieces that differ are shown.
pub fn same(what: &str, expected: &[u8], actual: &[u8]) -> Result<(), Stop> {
    if expected == actual {
        return Ok(());
    }
    let place = expected.iter().zip(actual).take_while(|(one, other)| one == other).count();
    let from = place.saturating_sub(20);
    let piece = |bytes: &[u8]| {
        format!(
            "{} bytes, from byte {from} on: {}",
            bytes.len(),
            shown(bytes.get(from..).unwrap_or_default())
        )
    };
    Err(failed(format!("{what}: {}", piece(expected)), piece(actual)))
}

/// The beginning of some bytes, safe to print.
pub fn shown(bytes: &[u8]) -> String {
    const WIDTH: usize = 60;
    let shown = show(bytes, &Known::default(), WIDTH);
    let more = if shown.rest > 0 { "..." } else { "" };
    format!("{}{more}", shown.literal)
}

/// Seconds since 1970.
pub fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

/// Letters made of random bytes.
pub fn letters(random: &[u8]) -> Vec<u8> {
    random.iter().map(|byte| b'a' + byte % 26).collect()
}

/// The payload of a reply with code 0.
pub fn payload(reply: &[u8]) -> Result<&[u8], Stop> {
    reply.strip_prefix(b"0:").ok_or_else(|| failed("a reply that begins with `0:`", shown(reply)))
}
