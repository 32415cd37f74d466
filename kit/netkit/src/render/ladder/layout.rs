//! How a ladder becomes a drawing.

use super::{Ladder, Life, Mark, Step};
use crate::render::drawing::{Drawing, Ink, Pen, wrap};

/// How much room there is for a ladder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// So many columns.
    Columns(usize),
    /// As much as it takes: a file.
    Enough,
}

/// The narrowest column for an actor that can still be read.
const NARROW: usize = 22;
/// The widest that is of any use.
const WIDE: usize = 40;
/// The most actors in a file.
const MOST: usize = 60;
/// After so many rows the names are written again.
const NAMES_AGAIN: usize = 34;

impl Ladder {
    /// The ladder as a drawing. Actors for which there is no room are left out, and it is
    /// said which.
    pub fn drawing(&self, room: Room) -> Drawing {
        let gutter = self.steps.last().map_or(1, |step| step.line.to_string().len()) + 1;
        let fit = match room {
            Room::Columns(columns) => (columns.saturating_sub(gutter) / NARROW).max(1),
            Room::Enough => MOST,
        };
        let kept = heaviest(&self.weights(), fit);
        let left_out: Vec<&str> = (0..self.actors.len())
            .filter(|actor| !kept.contains(actor))
            .map(|actor| self.actors[actor].name.as_str())
            .collect();
        let drawn = self.clone().only(&kept);
        let count = drawn.actors.len().max(1);
        let pitch = match room {
            Room::Columns(columns) => {
                (columns.saturating_sub(gutter) / count).clamp(NARROW.min(columns), WIDE)
            }
            Room::Enough => 36,
        };
        let mut sheet = Sheet::new(&drawn, gutter, pitch);
        sheet.names();
        for step in &drawn.steps {
            sheet.step(step);
            // A file has room to set the lines apart.
            sheet.row += usize::from(room == Room::Enough && sheet.written);
        }
        sheet.end();
        sheet.key(&left_out);
        let mut drawing = sheet.drawing;
        drawing.title = "What happened in a session of socket calls".into();
        drawing.description = self.sentences().join("\n");
        drawing
    }
}

/// The actors that are concerned most often, in their order.
fn heaviest(weights: &[usize], fit: usize) -> Vec<usize> {
    let mut by_weight: Vec<usize> = (0..weights.len()).collect();
    by_weight.sort_by_key(|actor| std::cmp::Reverse(weights[*actor]));
    by_weight.truncate(fit);
    by_weight.sort_unstable();
    by_weight
}

/// A drawing that grows downwards.
struct Sheet<'a> {
    ladder: &'a Ladder,
    drawing: Drawing,
    gutter: usize,
    pitch: usize,
    /// The first row that is free.
    row: usize,
    /// When the names were last written.
    named: usize,
    /// Whether the last step has written anything.
    written: bool,
    /// How each actor is, and since which row.
    lives: Vec<(Life, usize)>,
    /// Texts that will stand side by side.
    block: Vec<(usize, String, Ink)>,
    used: Used,
}

/// What needs to be explained below.
#[derive(Default)]
struct Used {
    inferred: bool,
    blocked: bool,
    loose: bool,
    unseen: bool,
}

impl<'a> Sheet<'a> {
    fn new(ladder: &'a Ladder, gutter: usize, pitch: usize) -> Self {
        Self {
            ladder,
            drawing: Drawing::default(),
            gutter,
            pitch,
            row: 0,
            named: 0,
            written: false,
            lives: vec![(Life::Gone, 0); ladder.actors.len()],
            block: Vec::new(),
            used: Used::default(),
        }
    }

    fn x(&self, actor: usize) -> usize {
        self.gutter + actor * self.pitch
    }

    /// The actors' names in a row of their own.
    fn names(&mut self) {
        for (actor, name) in self.ladder.names().enumerate() {
            let name: String = name.chars().take(self.pitch - 1).collect();
            self.drawing.text((self.x(actor), self.row), name, Ink::Strong);
        }
        self.named = self.row;
        self.row += 1;
    }

    fn step(&mut self, step: &Step) {
        if self.row - self.named > NAMES_AGAIN {
            self.rest();
            self.names();
        }
        let first = self.row;
        for mark in &step.marks {
            self.mark(mark);
        }
        self.flush();
        self.written = self.row > first;
        if self.written {
            let number = step.line.to_string();
            self.drawing.text((self.gutter - 1 - number.len(), first), number, Ink::Quiet);
        }
    }

    fn mark(&mut self, mark: &Mark) {
        match mark {
            Mark::Call { actor, text, failed } => {
                if self.lives[*actor].0 == Life::Gone {
                    self.live(*actor, Life::There);
                }
                self.write(*actor, text, if *failed { Ink::Failed } else { Ink::Plain });
            }
            Mark::State { actor, text } => {
                self.used.inferred |= text.contains('?');
                self.write(*actor, text, Ink::Now);
            }
            Mark::Data { from, to: None, bytes, begin, .. } => {
                self.write(*from, &format!("-> {bytes} bytes {begin}"), Ink::Plain);
            }
            Mark::Data { from, to: Some(to), bytes, begin, arrived } => {
                self.flush();
                self.arrow(*from, *to, *bytes, begin, *arrived);
            }
            Mark::Life { actor, life } => self.live(*actor, *life),
        }
    }

    /// Puts a text beside an actor: beside those of other actors, if they are of its kind.
    fn write(&mut self, actor: usize, text: &str, ink: Ink) {
        let state = |ink: Ink| ink == Ink::Now;
        if self.block.iter().any(|(other, _, of)| *other == actor || state(*of) != state(ink)) {
            self.flush();
        }
        self.block.push((actor, text.to_owned(), ink));
    }

    fn flush(&mut self) {
        let mut height = 0;
        for (actor, text, ink) in std::mem::take(&mut self.block) {
            let rows = wrap(&text, self.pitch.saturating_sub(4));
            height = height.max(rows.len());
            for (place, row) in rows.into_iter().enumerate() {
                self.drawing.text((self.x(actor) + 2, self.row + place), row, ink);
            }
        }
        self.row += height;
    }

    fn arrow(&mut self, from: usize, to: usize, bytes: u64, begin: &str, arrived: bool) {
        let (start, end) = (self.x(from), self.x(to));
        let pen = if arrived { Pen::Plain } else { Pen::Dotted };
        self.used.unseen |= !arrived;
        self.drawing.line(vec![(start, self.row), (end, self.row)], pen, true);
        let unit = if bytes == 1 { "byte" } else { "bytes" };
        let (left, room) = (start.min(end), start.abs_diff(end).saturating_sub(5));
        let count = format!("{bytes} {unit}");
        let mut label = format!("{count} {}", begin.replace('\u{a0}', " "));
        if label.chars().count() > room {
            label = match room.saturating_sub(count.chars().count() + 4) {
                0..4 => count,
                fits => format!("{count} {}...", begin.chars().take(fits).collect::<String>()),
            };
        }
        let at = left + (start.abs_diff(end).saturating_sub(label.chars().count() + 2)) / 2 + 1;
        self.drawing.text((at, self.row), format!(" {label} "), Ink::Label);
        self.row += 1;
    }

    /// From here on an actor's line is drawn so.
    fn live(&mut self, actor: usize, life: Life) {
        let (before, since) = self.lives[actor];
        if before == life {
            return;
        }
        if life == Life::Gone {
            self.flush();
        }
        self.line(actor, before, since);
        self.used.blocked |= life == Life::Blocked;
        self.used.loose |= life == Life::Loose;
        self.lives[actor] = (life, self.row);
    }

    fn line(&mut self, actor: usize, life: Life, since: usize) {
        let pen = match life {
            Life::Gone => return,
            Life::There => Pen::Plain,
            Life::Loose => Pen::Dotted,
            Life::Blocked => Pen::Thick,
        };
        if since < self.row {
            let x = self.x(actor);
            // Under the texts and arrows.
            let line = crate::render::drawing::Item::Line {
                points: vec![(x, since), (x, self.row - 1)],
                pen,
                arrow: false,
            };
            self.drawing.items.insert(0, line);
        }
    }

    /// Ends all lines here, to go on below.
    fn rest(&mut self) {
        for actor in 0..self.lives.len() {
            let (life, since) = self.lives[actor];
            self.line(actor, life, since);
            self.lives[actor].1 = self.row + 1;
        }
    }

    fn end(&mut self) {
        self.flush();
        self.rest();
    }

    fn key(&mut self, left_out: &[&str]) {
        let key = [
            (self.used.inferred, "STATE? must have been passed, though nobody saw it"),
            (self.used.blocked, "┃ in a call that has not returned"),
            (self.used.loose, "┊ without a descriptor: not accepted yet, or closed"),
            (self.used.unseen, "┄ bytes that were sent, and not seen to arrive with that line"),
        ];
        let mut lines: Vec<String> =
            key.iter().filter(|(used, _)| *used).map(|(_, text)| (*text).to_owned()).collect();
        if !left_out.is_empty() {
            let some = left_out.iter().take(8).copied().collect::<Vec<_>>().join(", ");
            let more = left_out.len().saturating_sub(8);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            lines.push(format!("no room for {some}{more}: `diagram` draws those that are named behind it"));
        }
        if !lines.is_empty() {
            self.row += 1;
        }
        for text in lines {
            self.drawing.text((0, self.row), text, Ink::Quiet);
            self.row += 1;
        }
    }
}
