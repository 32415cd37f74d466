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

/// A time span: `2s`, `150ms`, `1m`; a bare number counts seconds.
pub fn duration(text: &str) -> Option<Duration> {
    let (digits, factor) = if let Some(digits) = text.strip_suffix("ms") {
        (digits, 1)
    } else if let Some(digits) = text.strip_suffix('s') {
        (digits, 1000)
    } else if let Some(digits) = text.strip_suffix('m') {
        (digits, 60_000)
    } else {
        (text, 1000)
    };
    decimal(digits)?.checked_mul(factor).map(Duration::from_millis)
}

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
        let table = [("2s", 2000), ("150ms", 150), ("1m", 60_000), ("3", 3000), ("0", 0)];
        for (text, milliseconds) in table {
            assert_eq!(duration(text), Some(Duration::from_millis(milliseconds)), "{text}");
        }
        for text in ["", "s", "-1s", "1h", "1.5s", "99999999999999999999s"] {
            assert_eq!(duration(text), None, "{text}");
        }
    }
}
