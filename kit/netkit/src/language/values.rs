//! The small values that words stand for: sizes and durations.

use std::time::Duration;

/// A number of bytes: `100`, `64K`, `16M`, `1G` (powers of 1024).
pub fn size(text: &str) -> Option<u64> {
    let (digits, unit) = match text.strip_suffix(['K', 'k', 'M', 'm', 'G', 'g']) {
        Some(digits) => (digits, &text[digits.len()..]),
        None => (text, ""),
    };
    let factor: u64 = match unit {
        "" => 1,
        "K" | "k" => 1 << 10,
        "M" | "m" => 1 << 20,
        _ => 1 << 30,
    };
    decimal(digits)?.checked_mul(factor)
}

/// A size as short as it can be written: `16M`, `1000`.
pub fn show_size(bytes: u64) -> String {
    let units = [(1 << 30, "G"), (1 << 20, "M"), (1 << 10, "K")];
    match units.iter().find(|(unit, _)| bytes >= *unit && bytes.is_multiple_of(*unit)) {
        Some((unit, letter)) => format!("{}{letter}", bytes / unit),
        None => bytes.to_string(),
    }
}

/// A time span: `2s`, `150ms`, `0.3s`, `1m`; a bare number counts seconds.
pub fn duration(text: &str) -> Option<Duration> {
    let (digits, unit) = if let Some(digits) = text.strip_suffix("ms") {
        (digits, Duration::from_millis(1))
    } else if let Some(digits) = text.strip_suffix('s') {
        (digits, Duration::from_secs(1))
    } else if let Some(digits) = text.strip_suffix('m') {
        (digits, Duration::from_secs(60))
    } else {
        (text, Duration::from_secs(1))
    };
    let (whole, parts) = match digits.split_once('.') {
        Some((whole, parts)) => (whole, Some(parts)),
        None => (digits, None),
    };
    let part = match parts {
        Some(parts) if parts.len() <= FINEST => {
            let places = u32::try_from(parts.len()).ok()?;
            unit.checked_mul(u32::try_from(decimal(parts)?).ok()?)? / 10_u32.pow(places)
        }
        Some(_) => return None,
        None => Duration::ZERO,
    };
    let milliseconds = u64::try_from(unit.as_millis()).ok()?;
    decimal(whole)?.checked_mul(milliseconds).map(Duration::from_millis)?.checked_add(part)
}

/// So many places behind the point: with six of them a second is counted in microseconds,
/// and finer than that is no time that a call takes.
const FINEST: usize = 6;

/// A whole number without sign: digits only, so that `+5` and ` 5` are no numbers.
pub fn decimal(text: &str) -> Option<u64> {
    let valid = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if valid { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        let table = [
            ("0", Some(0)),
            ("100", Some(100)),
            ("64K", Some(65536)),
            ("16M", Some(16 << 20)),
            ("1g", Some(1 << 30)),
        ];
        for (text, expected) in table {
            assert_eq!(size(text), expected, "{text}");
        }
        for text in ["", "K", "-1", "+1", "1.5M", "1KB", "99999999999G", "18446744073709551616"] {
            assert_eq!(size(text), None, "{text}");
        }
        for (bytes, text) in
            [(0, "0"), (1023, "1023"), (1024, "1K"), (16 << 20, "16M"), (1536, "1536"), (3 << 30, "3G")]
        {
            assert_eq!(show_size(bytes), text);
            assert_eq!(size(text), Some(bytes));
        }
    }

    #[test]
    fn durations() {
        let table = [
            ("2s", 2000),
            ("150ms", 150),
            ("1m", 60_000),
            ("3", 3000),
            ("0", 0),
            ("0.3s", 300),
            ("1.5", 1500),
            ("0.25m", 15_000),
            ("2.0ms", 2),
        ];
        for (text, milliseconds) in table {
            assert_eq!(duration(text), Some(Duration::from_millis(milliseconds)), "{text}");
        }
        for text in
            ["", "s", "-1s", "1h", ".5s", "1.s", "1.2.3s", "1.+5s", "0.1234567s", "99999999999999999999s"]
        {
            assert_eq!(duration(text), None, "{text}");
        }
    }
}
