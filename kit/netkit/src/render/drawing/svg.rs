//! A drawing as an SVG file that needs nothing else: light or dark as its reader likes it,
//! in whatever fixed-width font there is, with its content in words for a screen reader.

use super::{Drawing, Ink, Item, Pen, Place};
use std::fmt::Write;

/// The size of a character cell. Common fixed-width fonts are 0.6 of their height wide;
/// 15 pixels high they fill cells of 9.
const CELL: (usize, usize) = (9, 20);
const MARGIN: usize = 20;

/// Colours by the reader's preference (media query `prefers-color-scheme`). Each pair has a
/// contrast of at least 4.5 to 1 (WCAG 2.2, 1.4.3).
const STYLE: &str = "\
svg{--ground:#ffffff;--ink:#1c2430;--quiet:#5a6473;--line:#6b7686;--now:#0b6b2e;--inferred:#8a5200;--failed:#b3261e;--fill:#f4f6f9}
@media(prefers-color-scheme:dark){svg{--ground:#14181f;--ink:#e6eaf0;--quiet:#a3adbb;--line:#8792a2;--now:#6fd58f;--inferred:#f0b35c;--failed:#ff8a80;--fill:#1d232d}}
.ground{fill:var(--ground)}
text{font:15px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace;fill:var(--ink);white-space:pre}
.strong{font-weight:bold}.quiet{fill:var(--quiet)}.now{fill:var(--now);font-weight:bold}.inferred{fill:var(--inferred);font-style:italic}.failed{fill:var(--failed)}
rect.box{fill:var(--fill);stroke:var(--line);stroke-width:1.5}rect.here{stroke:var(--now);stroke-width:2.5}
polyline{fill:none;stroke:var(--line);stroke-width:1.5}polyline.thick{stroke:var(--inferred);stroke-width:5}polyline.dotted{stroke-dasharray:3 4}
marker path{fill:var(--line)}";

/// The text of the file.
pub fn file(drawing: &Drawing) -> String {
    let (columns, rows) = drawing.size();
    let (width, height) = (columns * CELL.0 + 2 * MARGIN, rows * CELL.1 + 2 * MARGIN);
    let mut file = String::new();
    // Writing to a string does not fail.
    let _ = write!(
        file,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" role=\"img\" aria-labelledby=\"title description\">\n\
         <title id=\"title\">{}</title>\n<desc id=\"description\">{}</desc>\n<style>{STYLE}</style>\n\
         <defs><marker id=\"head\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"11\" \
         markerHeight=\"11\" markerUnits=\"userSpaceOnUse\" orient=\"auto\">\
         <path d=\"M0 0L10 5L0 10z\"/></marker></defs>\n\
         <rect class=\"ground\" width=\"{width}\" height=\"{height}\"/>\n",
        escape(&drawing.title),
        escape(&drawing.description),
    );
    for item in &drawing.items {
        write_item(&mut file, item);
    }
    file.push_str("</svg>\n");
    file
}

fn write_item(file: &mut String, item: &Item) {
    let _ = match item {
        Item::Box { at, size, title, strong } => {
            // The title stands inside: in the edge it would hide where lines end.
            let (x, y) = (middle(*at).0, MARGIN + at.1 * CELL.1);
            let (width, height) = ((size.0 - 1) * CELL.0, size.1 * CELL.1 - CELL.1 / 2);
            let here = if *strong { " here" } else { "" };
            let ink = if *strong { Ink::Now } else { Ink::Strong };
            let _ = writeln!(
                file,
                "<rect class=\"box{here}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"6\"/>"
            );
            writeln!(file, "{}", text((at.0 + 2, at.1), title, ink))
        }
        Item::Line { points, pen, arrow } => {
            let mut places: Vec<Place> = points.iter().map(|place| middle(*place)).collect();
            let half = CELL.1 / 2;
            match (*arrow, places.as_mut_slice()) {
                // A box begins above the middle of its first row.
                (true, [.., before, last]) if before.1 < last.1 => last.1 -= half,
                // Upright lines, one under the other, leave no gap between them.
                (false, [first, last]) if first.0 == last.0 => {
                    first.1 -= half;
                    last.1 += half;
                }
                _ => {}
            }
            let places: Vec<String> = places.iter().map(|(x, y)| format!("{x},{y}")).collect();
            let class = match pen {
                Pen::Plain => "",
                Pen::Thick => " class=\"thick\"",
                Pen::Dotted => " class=\"dotted\"",
            };
            let head = if *arrow { " marker-end=\"url(#head)\"" } else { "" };
            writeln!(file, "<polyline{class} points=\"{}\"{head}/>", places.join(" "))
        }
        Item::Text { at, text: words, ink } => {
            if *ink == Ink::Label {
                let (x, y) = (MARGIN + at.0 * CELL.0, MARGIN + at.1 * CELL.1);
                let (width, height) = (words.chars().count() * CELL.0, CELL.1);
                let _ = write!(
                    file,
                    "<rect class=\"ground\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>"
                );
            }
            writeln!(file, "{}", text(*at, words, *ink))
        }
    };
}

/// A line of text.
fn text((x, y): Place, text: &str, ink: Ink) -> String {
    let class = match ink {
        Ink::Plain | Ink::Label => "",
        Ink::Strong => " class=\"strong\"",
        Ink::Quiet => " class=\"quiet\"",
        Ink::Now => " class=\"now\"",
        Ink::Inferred => " class=\"inferred\"",
        Ink::Failed => " class=\"failed\"",
    };
    // The base line stands a little under the middle of the cell.
    let (x, y) = (MARGIN + x * CELL.0, MARGIN + y * CELL.1 + CELL.1 / 2 + 5);
    format!("<text{class} x=\"{x}\" y=\"{y}\">{}</text>", escape(text))
}

/// The middle of a cell.
fn middle((x, y): Place) -> (usize, usize) {
    (MARGIN + x * CELL.0 + CELL.0 / 2, MARGIN + y * CELL.1 + CELL.1 / 2)
}

/// Text as it stands in XML. A character that XML does not know is replaced.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(c),
            // XML 1.0, production 2.
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_drawing_becomes_markup() {
        let mut drawing = Drawing { title: "</title><script>".into(), ..Drawing::default() };
        drawing.text((0, 0), "<b>\"&\u{1b}\"", Ink::Plain);
        let file = file(&drawing);
        assert!(file.contains("&lt;b&gt;&quot;&amp;\u{fffd}&quot;"), "{file}");
        assert!(!file.contains("<script>") && !file.contains("<b>"), "{file}");
    }
}
