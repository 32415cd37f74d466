//! A drawing as lines of text, with box characters or in plain ASCII.

use super::{Drawing, Ink, Item, Pen, Place};
use colored::{ColoredString, Colorize};

const UP: u8 = 1;
const DOWN: u8 = 2;
const LEFT: u8 = 4;
const RIGHT: u8 = 8;

/// What a cell shows.
#[derive(Clone, Copy)]
struct Cell {
    /// The directions in which lines leave it.
    lines: u8,
    pen: Pen,
    character: char,
    ink: Option<Ink>,
}

const EMPTY: Cell = Cell { lines: 0, pen: Pen::Plain, character: ' ', ink: None };

struct Grid {
    cells: Vec<Vec<Cell>>,
    boxes: bool,
}

/// The lines of a drawing; `boxes` says whether they may hold more than ASCII. They are
/// coloured where the `colored` crate's switch allows it.
pub fn lines(drawing: &Drawing, boxes: bool) -> Vec<String> {
    let (width, height) = drawing.size();
    let mut grid = Grid { cells: vec![vec![EMPTY; width]; height], boxes };
    for item in &drawing.items {
        match item {
            Item::Line { points, pen, arrow } => grid.line(points, *pen, *arrow),
            Item::Box { at, size, title, strong } => {
                let (right, bottom) = (at.0 + size.0 - 1, at.1 + size.1 - 1);
                grid.clear(*at, (right, bottom));
                let corners = [*at, (right, at.1), (right, bottom), (at.0, bottom), *at];
                grid.line(&corners, Pen::Plain, false);
                let ink = if *strong { Ink::Now } else { Ink::Strong };
                grid.write((at.0 + 1, at.1), &format!(" {title} "), ink);
            }
            Item::Text { at, text, ink } => grid.write(*at, text, *ink),
        }
    }
    grid.cells.iter().map(|row| line(row)).collect()
}

impl Grid {
    fn cell(&mut self, (x, y): Place) -> Option<&mut Cell> {
        self.cells.get_mut(y)?.get_mut(x)
    }

    fn clear(&mut self, (left, top): Place, (right, bottom): Place) {
        for y in top..=bottom {
            for x in left..=right {
                if let Some(cell) = self.cell((x, y)) {
                    *cell = EMPTY;
                }
            }
        }
    }

    fn write(&mut self, (x, y): Place, text: &str, ink: Ink) {
        for (place, c) in text.chars().enumerate() {
            let shown = if self.boxes { c } else { ascii(c) };
            if let Some(cell) = self.cell((x + place, y)) {
                *cell = Cell { character: shown, ink: Some(ink), ..EMPTY };
            }
        }
    }

    fn line(&mut self, points: &[Place], pen: Pen, arrow: bool) {
        let mut points = points.to_vec();
        let mut tip = None;
        if let (true, &[.., before, last]) = (arrow, points.as_slice()) {
            // The head stands in the cell before the one that it points at.
            let (place, head) = match (last.0.cmp(&before.0), last.1.cmp(&before.1)) {
                (std::cmp::Ordering::Greater, _) => ((last.0 - 1, last.1), '▶'),
                (std::cmp::Ordering::Less, _) => ((last.0 + 1, last.1), '◀'),
                (_, std::cmp::Ordering::Greater) => ((last.0, last.1 - 1), '▼'),
                _ => ((last.0, last.1 + 1), '▲'),
            };
            points.pop();
            points.push(place);
            tip = Some((place, if self.boxes { head } else { ascii(head) }));
        }
        for leg in points.windows(2) {
            let &[from, to] = leg else { continue };
            self.leg(from, to, pen);
        }
        if let Some((place, character)) = tip
            && let Some(cell) = self.cell(place)
        {
            *cell = Cell { character, lines: 0, ..*cell };
        }
    }

    /// A level or upright part of a line.
    fn leg(&mut self, from: Place, to: Place, pen: Pen) {
        let level = from.1 == to.1;
        let (first, last) = if level { (from.0, to.0) } else { (from.1, to.1) };
        let (low, high) = (first.min(last), first.max(last));
        for at in low..=high {
            let place = if level { (at, from.1) } else { (from.0, at) };
            let mut lines = 0;
            if at > low {
                lines |= if level { LEFT } else { UP };
            }
            if at < high {
                lines |= if level { RIGHT } else { DOWN };
            }
            let boxes = self.boxes;
            if let Some(cell) = self.cell(place) {
                let before = if cell.ink.is_some() { 0 } else { cell.lines };
                let pen = if before == 0 || pen == Pen::Thick { pen } else { cell.pen };
                *cell = Cell { lines: before | lines, pen, ink: None, character: ' ' };
                cell.character =
                    if boxes { joint(cell.lines, cell.pen) } else { plain(cell.lines, cell.pen) };
            }
        }
    }
}

/// The box character for a cell that lines leave in these directions.
fn joint(lines: u8, pen: Pen) -> char {
    const UPRIGHT: u8 = UP | DOWN;
    const LEVEL: u8 = LEFT | RIGHT;
    let index = usize::from(lines & 15);
    match (pen, lines) {
        (Pen::Thick, UP | DOWN | UPRIGHT) => '┃',
        (Pen::Thick, lines) if lines & UPRIGHT == UPRIGHT => match lines & LEVEL {
            LEFT => '┨',
            RIGHT => '┠',
            _ => '╂',
        },
        (Pen::Dotted, UP | DOWN | UPRIGHT) => '┊',
        (Pen::Dotted, LEFT | RIGHT | LEVEL) => '┄',
        // In the order of the directions' bits: up 1, down 2, left 4, right 8.
        _ => [' ', '│', '│', '│', '─', '┘', '┐', '┤', '─', '└', '┌', '├', '─', '┴', '┬', '┼'][index],
    }
}

/// The same in ASCII.
fn plain(lines: u8, pen: Pen) -> char {
    match (lines & (UP | DOWN) != 0, lines & (LEFT | RIGHT) != 0) {
        (true, false) => match pen {
            Pen::Plain => '|',
            Pen::Thick => '#',
            Pen::Dotted => ':',
        },
        (false, true) if pen == Pen::Dotted => '.',
        (false, true) => '-',
        (true, true) => '+',
        (false, false) => ' ',
    }
}

/// A character that stands for another where there is only ASCII.
fn ascii(c: char) -> char {
    match c {
        '●' => '*',
        '○' => 'o',
        '▶' => '>',
        '◀' => '<',
        '▼' => 'v',
        '▲' => '^',
        '┃' => '#',
        '┊' => ':',
        '┄' => '.',
        c if c.is_ascii() => c,
        _ => '?',
    }
}

/// A row of cells as text, without spaces at its end.
fn line(row: &[Cell]) -> String {
    let end = row.iter().rposition(|cell| cell.character != ' ').map_or(0, |last| last + 1);
    let mut text = String::new();
    for run in row[..end].chunk_by(|one, other| one.ink == other.ink) {
        let characters: String = run.iter().map(|cell| cell.character).collect();
        let shown: ColoredString = match run.first().and_then(|cell| cell.ink) {
            None | Some(Ink::Plain | Ink::Label) => characters.normal(),
            Some(Ink::Strong) => characters.bold(),
            Some(Ink::Quiet) => characters.dimmed(),
            Some(Ink::Now) => characters.green().bold(),
            Some(Ink::Inferred) => characters.yellow(),
            Some(Ink::Failed) => characters.red(),
        };
        text.push_str(&shown.to_string());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawing() -> Drawing {
        let mut drawing = Drawing::default();
        drawing.line(vec![(2, 0), (2, 5)], Pen::Plain, false);
        drawing.line(vec![(12, 0), (12, 5)], Pen::Thick, false);
        drawing.line(vec![(2, 1), (12, 1)], Pen::Plain, true);
        drawing.line(vec![(12, 2), (2, 2)], Pen::Dotted, true);
        drawing.items.push(Item::Box { at: (0, 3), size: (8, 3), title: "A".into(), strong: false });
        drawing.text((2, 4), "● b", Ink::Now);
        drawing
    }

    fn check(boxes: bool, expected: &[&str]) {
        colored::control::set_override(false);
        assert_eq!(lines(&drawing(), boxes), expected);
    }

    #[test]
    fn lines_join_and_boxes_cover_what_is_under_them() {
        check(
            true,
            &[
                "  │         ┃",
                "  ├────────▶┃",
                "  │◀┄┄┄┄┄┄┄┄┨",
                "┌ A ───┐    ┃",
                "│ ● b  │    ┃",
                "└──────┘    ┃",
            ],
        );
    }

    #[test]
    fn the_same_in_ascii() {
        check(
            false,
            &[
                "  |         #",
                "  +-------->#",
                "  |<........+",
                "+ A ---+    #",
                "| * b  |    #",
                "+------+    #",
            ],
        );
    }
}
