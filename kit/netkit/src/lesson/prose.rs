//! The book's markdown as lines for a terminal: wrapped, with emphasis as the terminal has it.
//!
//! It knows what the book uses: headlines, paragraphs, lists, code blocks, tables, emphasis,
//! links. Code keeps its backticks, as in all texts of the tool.

use colored::{ColoredString, Colorize};

/// The lines of some prose, none of them longer than `columns` where that can be.
pub(crate) fn lines(markdown: &str, columns: usize) -> Vec<String> {
    let mut prose = Prose { lines: Vec::new(), paragraph: String::new(), columns };
    let mut source = markdown.lines().peekable();
    while let Some(line) = source.next() {
        if line.starts_with("```") {
            prose.end_paragraph();
            let code = source.by_ref().take_while(|line| *line != "```");
            prose.lines.extend(code.map(|line| format!("    {line}")));
            prose.gap();
        } else if let Some(headline) = line.strip_prefix('#') {
            prose.end_paragraph();
            let headline = headline.trim_start_matches('#').trim();
            prose.lines.push(headline.bold().underline().to_string());
            prose.gap();
        } else if line.trim().is_empty() {
            prose.end_paragraph();
        } else if line.starts_with('|') {
            prose.end_paragraph();
            let mut rows = vec![cells(line)];
            // The row of lines below the heads is not a row.
            let rest = std::iter::from_fn(|| source.next_if(|line| line.starts_with('|')));
            rows.extend(rest.filter(|line| !line.chars().all(|c| "|-: ".contains(c))).map(cells));
            prose.lines.extend(crate::render::table::table(&rows));
            prose.gap();
        } else if is_item(line) {
            prose.wrap();
            prose.add(line);
        } else {
            prose.add(line);
        }
    }
    prose.end_paragraph();
    while prose.lines.last().is_some_and(String::is_empty) {
        prose.lines.pop();
    }
    prose.lines
}

struct Prose {
    lines: Vec<String>,
    /// The paragraph or list item that is being read.
    paragraph: String,
    columns: usize,
}

impl Prose {
    fn add(&mut self, line: &str) {
        if !self.paragraph.is_empty() {
            self.paragraph.push(' ');
        }
        self.paragraph.push_str(line.trim());
    }

    fn end_paragraph(&mut self) {
        self.wrap();
        self.gap();
    }

    /// An empty line, but not two, and none at the beginning.
    fn gap(&mut self) {
        if self.lines.last().is_some_and(|last| !last.is_empty()) {
            self.lines.push(String::new());
        }
    }

    /// Breaks the paragraph into lines; those of a list's item stand behind its mark.
    fn wrap(&mut self) {
        let paragraph = std::mem::take(&mut self.paragraph);
        let indent = if is_item(&paragraph) { paragraph.find(' ').map_or(0, |mark| mark + 1) } else { 0 };
        let mut line = String::new();
        let mut width = 0;
        for word in words(&paragraph) {
            if width > indent && width + 1 + word.width > self.columns {
                self.lines.push(std::mem::take(&mut line));
                line.push_str(&" ".repeat(indent));
                width = indent;
            } else if width > 0 {
                line.push(' ');
                width += 1;
            }
            line.push_str(&word.shown);
            width += word.width;
        }
        if !line.is_empty() {
            self.lines.push(line);
        }
    }
}

/// The cells of a table's row.
fn cells(row: &str) -> Vec<String> {
    row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
}

fn is_item(line: &str) -> bool {
    let number = line.find(|c: char| !c.is_ascii_digit()).unwrap_or(0);
    line.starts_with("- ") || number > 0 && line[number..].starts_with(". ")
}

/// A word as it is shown, and how many columns it takes.
struct Word {
    shown: String,
    width: usize,
}

/// The words of a paragraph, each in its style: what is emphasised may have many words.
fn words(paragraph: &str) -> Vec<Word> {
    let plain = without_links(paragraph);
    let mut style = Style::default();
    plain.split(' ').filter(|word| !word.is_empty()).map(|word| style.word(word)).collect()
}

/// Which marks are open.
#[derive(Default)]
struct Style {
    code: bool,
    strong: bool,
    emphasis: bool,
}

impl Style {
    fn word(&mut self, word: &str) -> Word {
        let mut shown = String::new();
        let mut width = 0;
        let mut piece = String::new();
        let mut rest = word;
        while let Some(first) = rest.chars().next() {
            let mark = match first {
                '`' => "`",
                '*' if !self.code && rest.starts_with("**") => "**",
                '*' if !self.code => "*",
                _ => "",
            };
            if mark.is_empty() {
                piece.push(first);
                rest = &rest[first.len_utf8()..];
                continue;
            }
            // The backticks are shown, in the style of what they enclose.
            if mark == "`" && self.code {
                piece.push('`');
            }
            self.end(&mut piece, &mut shown, &mut width);
            match mark {
                "`" => self.code = !self.code,
                "**" => self.strong = !self.strong,
                _ => self.emphasis = !self.emphasis,
            }
            if mark == "`" && self.code {
                piece.push('`');
            }
            rest = &rest[mark.len()..];
        }
        self.end(&mut piece, &mut shown, &mut width);
        Word { shown, width }
    }

    /// Ends a piece of a word that has one style.
    fn end(&self, piece: &mut String, shown: &mut String, width: &mut usize) {
        if piece.is_empty() {
            return;
        }
        *width += piece.chars().count();
        let styled = ColoredString::from(piece.as_str());
        let styled = if self.code { styled.cyan() } else { styled };
        let styled = if self.strong { styled.bold() } else { styled };
        let styled = if self.emphasis { styled.italic() } else { styled };
        shown.push_str(&styled.to_string());
        piece.clear();
    }
}

/// `[words](place)` as `words`.
fn without_links(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, link)) = rest.split_once('[') {
        plain.push_str(before);
        let parts = link.split_once("](").and_then(|(words, place)| Some((words, place.split_once(')')?.1)));
        match parts.filter(|(words, _)| !words.contains(['[', '`'])) {
            Some((words, behind)) => {
                plain.push_str(words);
                rest = behind;
            }
            None => {
                plain.push('[');
                rest = link;
            }
        }
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn markdown_becomes_lines() {
        colored::control::set_override(false);
        let text = "# A *headline*

A paragraph with **strong words in it**, `code * here`
and [a link](there.md).
- an item that goes on
  in a second line
- another [1]

1. one

```text
code   as it is
```
| a | long |
| --- | --- |
| wide one | b |
";
        let expected = "A *headline*

A paragraph with strong
words in it, `code * here`
and a link.
- an item that goes on in
  a second line
- another [1]

1. one

    code   as it is

a         long
wide one  b";
        assert_eq!(lines(text, 26).join("\n"), expected);
        assert!(lines("", 26).is_empty());
    }
}
