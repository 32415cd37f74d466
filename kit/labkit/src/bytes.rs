//! How bytes are shown in a line of text.

/// `bytes` as text for people: printable ASCII as it is, the rest as `\n`, `\r`, `\t`, `\\` or
/// `\xNN`.
///
/// The result is one line whatever the bytes are, holds no control code that a terminal would act
/// on, and no two payloads look the same.
///
/// ```
/// assert_eq!(labkit::printable(b"Hello\n\x00\xff"), r"Hello\n\x00\xff");
/// ```
#[must_use]
pub fn printable(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for &byte in bytes {
        match byte {
            b'\n' => text.push_str("\\n"),
            b'\r' => text.push_str("\\r"),
            b'\t' => text.push_str("\\t"),
            b'\\' => text.push_str("\\\\"),
            b' '..=b'~' => text.push(char::from(byte)),
            _ => text.push_str(&format!("\\x{byte:02x}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn printable_ascii_stays_and_the_rest_is_escaped() {
        assert_eq!(printable(b""), "");
        assert_eq!(printable(b"Hello, \"World\"~ 'it' is"), "Hello, \"World\"~ 'it' is");
        assert_eq!(printable(b"\n\r\t\\"), r"\n\r\t\\");
        assert_eq!(printable(b"\x00\x1b\x1f\x7f\x80\xff"), r"\x00\x1b\x1f\x7f\x80\xff");
        assert_eq!(printable("é".as_bytes()), r"\xc3\xa9");
    }

    #[test]
    fn every_byte_gives_a_text_of_its_own() {
        let texts: std::collections::HashSet<String> = (0..=255).map(|byte| printable(&[byte])).collect();
        assert_eq!(texts.len(), 256);
        assert!(texts.iter().all(|text| text.bytes().all(|byte| (b' '..=b'~').contains(&byte))));
    }
}
