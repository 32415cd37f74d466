//! A drawing as data: boxes, lines and text on a grid of character cells. [`text`] and
//! [`svg`] make of it what a terminal and a browser show, so that both show the same.

pub mod svg;
pub mod text;

/// Where something stands: a column and a row, counted from the upper left corner.
pub type Place = (usize, usize);

/// A drawing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drawing {
    /// What it shows, in a few words.
    pub title: String,
    /// What it shows, in sentences, for those who do not see it.
    pub description: String,
    /// What it is made of. Later items lie on top.
    pub items: Vec<Item>,
}

/// A part of a drawing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A frame with a title in its upper edge.
    Box {
        /// Its upper left corner.
        at: Place,
        /// How many cells it takes, with its edges.
        size: (usize, usize),
        /// The title.
        title: String,
        /// Whether it is drawn so that it is seen first.
        strong: bool,
    },
    /// A line from place to place, each leg level or upright.
    Line {
        /// Its corners and ends.
        points: Vec<Place>,
        /// How it is drawn.
        pen: Pen,
        /// Whether it ends in an arrowhead, which points at the last place.
        arrow: bool,
    },
    /// A line of text.
    Text {
        /// Where its first character stands.
        at: Place,
        /// The text.
        text: String,
        /// What it is, which decides how it looks.
        ink: Ink,
    },
}

/// How a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pen {
    /// A plain line.
    Plain,
    /// A thick line.
    Thick,
    /// A dotted line.
    Dotted,
}

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// Text like any other.
    Plain,
    /// Text on a line, which it hides.
    Label,
    /// A heading.
    Strong,
    /// What stands beside the matter: labels, numbers, keys.
    Quiet,
    /// What is so now.
    Now,
    /// What nobody saw, but must have been.
    Inferred,
    /// What went wrong.
    Failed,
}

impl Drawing {
    /// Adds a text.
    pub fn text(&mut self, at: Place, text: impl Into<String>, ink: Ink) {
        self.items.push(Item::Text { at, text: text.into(), ink });
    }

    /// Adds a line.
    pub fn line(&mut self, points: Vec<Place>, pen: Pen, arrow: bool) {
        self.items.push(Item::Line { points, pen, arrow });
    }

    /// How many columns and rows it takes.
    pub fn size(&self) -> (usize, usize) {
        let mut size = (0, 0);
        let mut reach = |x: usize, y: usize| size = (size.0.max(x + 1), size.1.max(y + 1));
        for item in &self.items {
            match item {
                Item::Box { at: (x, y), size: (width, height), .. } => reach(x + width - 1, y + height - 1),
                Item::Line { points, .. } => points.iter().for_each(|(x, y)| reach(*x, *y)),
                Item::Text { at: (x, y), text, .. } => {
                    reach(x + text.chars().count().saturating_sub(1), *y);
                }
            }
        }
        size
    }
}

/// Breaks text between words into rows of at most so many characters. A word that is longer
/// is cut. A no-break space keeps its words together and is shown as a space.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut rows: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let word: Vec<char> = word.chars().map(|c| if c == '\u{a0}' { ' ' } else { c }).collect();
        let fits = rows.last().is_some_and(|row| row.chars().count() + 1 + word.len() <= width);
        if let (true, Some(row)) = (fits, rows.last_mut()) {
            row.push(' ');
            row.extend(&word);
        } else {
            rows.extend(word.chunks(width).map(|part| part.iter().collect::<String>()));
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::wrap;

    #[test]
    fn text_is_broken_between_words_and_long_words_are_cut() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("CLOSED ->\u{a0}LISTEN", 11), ["CLOSED", "-> LISTEN"]);
        assert_eq!(wrap("abcdefgh i", 3), ["abc", "def", "gh", "i"]);
        assert_eq!(wrap("abc", 0), ["a", "b", "c"]);
        assert!(wrap("", 5).is_empty());
    }
}
