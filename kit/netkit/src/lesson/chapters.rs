//! The chapters that are lessons, in the book's order: the book's own files, embedded, so
//! that a lesson and its chapter cannot differ, and netlab needs no book beside it.

/// The chapters: what each is called, and its text. The name is that of its file.
pub static CHAPTERS: &[(&str, &str)] = &[
    ("descriptor", include_str!("../../../../book/src/descriptor.md")),
    ("connection", include_str!("../../../../book/src/connection.md")),
    ("data", include_str!("../../../../book/src/data.md")),
    ("states", include_str!("../../../../book/src/states.md")),
    ("resets", include_str!("../../../../book/src/resets.md")),
    ("errors", include_str!("../../../../book/src/errors.md")),
];

/// What a transcript begins with, by the mark of its code block; it is not printed there. A
/// lesson's step begins with the same lines.
pub static SETUPS: &[(&str, &[&str])] = &[
    (
        "pair",
        &[
            "srv = socket tcp",
            "bind srv 127.0.0.1:0",
            "listen srv",
            "c = socket tcp",
            "connect c srv",
            "conn = accept srv",
        ],
    ),
    ("listener", &["srv = socket tcp", "bind srv 127.0.0.1:0", "listen srv"]),
];

/// The lines that a transcript with these marks begins with.
pub fn setup(marks: &str) -> Vec<&'static str> {
    let marked = |name: &str| marks.split(',').any(|mark| mark == name);
    SETUPS.iter().filter(|(name, _)| marked(name)).flat_map(|(_, lines)| lines.iter().copied()).collect()
}
