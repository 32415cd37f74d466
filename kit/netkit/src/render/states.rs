//! The states of TCP with a session's sockets in them: as data, as a drawing, and as a list
//! where there is no room for a drawing.

use super::drawing::{Drawing, Ink, Item, Pen, Place, wrap};
use crate::kernel::state::TcpState::{self, *};
use crate::session::ends::End;
use crate::session::passages::{Passage, passages};
use crate::session::record::Record;
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};

/// So many columns the drawing takes.
pub const WIDTH: usize = 77;

/// Which sockets are, or have been, in which state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct States {
    passages: Vec<(TcpState, Mark, String, usize)>,
}

/// How a socket has to do with a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Mark {
    Now,
    Seen,
    Inferred,
}

impl Mark {
    const ALL: [Self; 3] = [Self::Now, Self::Seen, Self::Inferred];

    fn sign(self) -> char {
        match self {
            Self::Now => '●',
            Self::Seen => '○',
            Self::Inferred => '?',
        }
    }

    fn ink(self) -> Ink {
        match self {
            Self::Now => Ink::Now,
            Self::Seen => Ink::Quiet,
            Self::Inferred => Ink::Inferred,
        }
    }

    fn meaning(self) -> &'static str {
        match self {
            Self::Now => "is there now",
            Self::Seen => "was seen there",
            Self::Inferred => "must have been there, though nobody saw it",
        }
    }
}

/// A way from a state to another.
struct Way {
    from: TcpState,
    to: TcpState,
    /// The call, the segment, or the time that makes it.
    cause: &'static str,
    /// The segment that is sent on the way.
    sends: &'static str,
    route: fn(&Levels) -> Route,
}

/// Where a way runs in the drawing.
struct Route {
    points: Vec<Place>,
    /// Where its cause stands.
    cause: Place,
    /// Where it stands what is sent; behind the cause, if nowhere else.
    sends: Option<Place>,
}

/// The states' levels and columns in the drawing.
const PLACES: [(TcpState, usize, usize); 11] = [
    (Closed, 0, 1),
    (Listen, 1, 0),
    (SynReceived, 2, 0),
    (SynSent, 2, 2),
    (Established, 3, 1),
    (FinWait1, 4, 0),
    (Closing, 4, 1),
    (CloseWait, 4, 2),
    (FinWait2, 5, 0),
    (TimeWait, 5, 1),
    (LastAck, 5, 2),
];

/// The first cell of each column, and how wide a box is.
const COLUMNS: [usize; 3] = [0, 28, 56];
const BOX: usize = 20;
/// Rows between two levels.
const GAP: usize = 2;

/// Every way of RFC 9293, figure 5, that a call or a segment can make on Linux, where a
/// listening socket stays in LISTEN: it is a new one that goes on.
static WAYS: &[Way] = &[
    way(Closed, Listen, "listen", "", |l| {
        route([(28, l.middle(0)), (9, l.middle(0)), (9, l.top(1))], (11, l.bottom(0)), None)
    }),
    way(Closed, SynSent, "connect", "SYN out", |l| {
        let (level, below) = (l.middle(0), l.bottom(0));
        route([(47, level), (66, level), (66, l.top(2))], (68, below), Some((68, below + 1)))
    }),
    way(Listen, Closed, "close", "", |l| {
        let level = l.middle(1);
        route([(19, level), (33, level), (33, l.bottom(0))], (26, l.bottom(0) + 2), None)
    }),
    way(SynSent, Closed, "close", "", |l| {
        let (level, top) = (l.middle(1), l.bottom(0));
        route([(60, l.top(2)), (60, level), (42, level), (42, top)], (44, top + 2), None)
    }),
    way(Listen, SynReceived, "SYN in", "SYN ACK out, by a new socket", |l| down(l, 1, 9)),
    way(SynSent, SynReceived, "SYN in", "SYN ACK out", |l| {
        let level = l.middle(2);
        route([(56, level), (19, level)], (35, level - 1), Some((32, level + 1)))
    }),
    way(SynReceived, Established, "ACK in", "", |l| {
        let level = l.middle(3);
        route([(9, l.bottom(2)), (9, level), (28, level)], (11, l.bottom(2) + 1), None)
    }),
    way(SynSent, Established, "SYN ACK in", "ACK out", |l| {
        let (level, below) = (l.middle(3), l.bottom(2));
        route([(66, below), (66, level), (47, level)], (55, below + 1), Some((58, below + 2)))
    }),
    way(SynReceived, FinWait1, "close", "FIN out", |l| {
        route([(3, l.bottom(2)), (3, l.top(4))], (5, l.bottom(3)), None)
    }),
    way(Established, FinWait1, "shutdown or close", "FIN out", |l| {
        let below = l.bottom(3) + 1;
        route([(33, below - 1), (33, below), (13, below), (13, l.top(4))], (15, below + 1), None)
    }),
    way(Established, CloseWait, "FIN in", "ACK out", |l| {
        let below = l.bottom(3) + 1;
        route([(42, below - 1), (42, below), (66, below), (66, l.top(4))], (50, below + 1), None)
    }),
    way(FinWait1, FinWait2, "ACK in", "", |l| down(l, 4, 9)),
    way(FinWait1, Closing, "FIN in", "ACK out", |l| across(l, 4)),
    way(Closing, TimeWait, "ACK in", "", |l| down(l, 4, 37)),
    way(CloseWait, LastAck, "shutdown or close", "FIN out", |l| down(l, 4, 58)),
    way(FinWait2, TimeWait, "FIN in", "ACK out", |l| across(l, 5)),
    way(TimeWait, Closed, "60 s later", "CLOSED", |l| down(l, 5, 37)),
    way(LastAck, Closed, "ACK in", "CLOSED", |l| down(l, 5, 65)),
];

const fn way(
    from: TcpState,
    to: TcpState,
    cause: &'static str,
    sends: &'static str,
    route: fn(&Levels) -> Route,
) -> Way {
    Way { from, to, cause, sends, route }
}

fn route(points: impl Into<Vec<Place>>, cause: Place, sends: Option<Place>) -> Route {
    Route { points: points.into(), cause, sends }
}

/// Straight down from a level to the one under it.
fn down(levels: &Levels, level: usize, x: usize) -> Route {
    let below = levels.bottom(level) + 1;
    let points = [(x, levels.bottom(level)), (x, below + GAP)];
    route(points, (x + 2, below), Some((x + 2, below + 1)))
}

/// From the left column to the middle one.
fn across(levels: &Levels, level: usize) -> Route {
    let y = levels.middle(level);
    route([(19, y), (28, y)], (21, y - 1), Some((20, y + 1)))
}

/// How high the boxes of each level are.
struct Levels([usize; 6]);

impl Levels {
    fn top(&self, level: usize) -> usize {
        self.0.iter().take(level).map(|height| height + GAP).sum()
    }

    fn bottom(&self, level: usize) -> usize {
        self.top(level + 1) - GAP - 1
    }

    fn middle(&self, level: usize) -> usize {
        self.top(level) + 1
    }
}

/// As many labels as fit into a box's rows, and how many are left out.
fn fitting(labels: &[(String, usize)], most: usize) -> Vec<String> {
    /// What is inside of a box's edges, without the mark.
    const INSIDE: usize = BOX - 6;
    let rows = |shown: usize| {
        let (first, rest) = labels.split_at(shown);
        let mut text = first.iter().map(|(label, _)| label.as_str()).collect::<Vec<_>>().join(", ");
        if !rest.is_empty() {
            let more: usize = rest.iter().map(|(_, count)| count).sum();
            text.push_str(&format!(" and\u{a0}{more}\u{a0}more"));
        }
        wrap(&text, INSIDE)
    };
    // No label is shorter than a character with its comma and space.
    let longest = labels.len().min(most * INSIDE / 3 + 1);
    (0..=longest).rev().map(rows).find(|rows| rows.len() <= most).unwrap_or_default()
}

impl States {
    /// Where these sockets are, and have been.
    pub fn of(ends: &[End], record: &Record) -> Self {
        let now = ends.iter().filter_map(|end| Some((end.cookie, end.label(), end.tcp()?, Mark::Now)));
        let been = passages(record);
        // A socket may have been given a name since.
        let mut names: HashMap<u64, String> =
            been.iter().map(|passage| (passage.cookie, passage.label.clone())).collect();
        names.extend(ends.iter().map(|end| (end.cookie, end.label())));
        let been = been.into_iter().map(|Passage { cookie, label, state, seen }| {
            let label = names.get(&cookie).cloned().unwrap_or(label);
            (cookie, label, state, if seen { Mark::Seen } else { Mark::Inferred })
        });
        let all: Vec<_> = now.chain(been).collect();
        let mut states = Self::default();
        let mut known = HashSet::new();
        let mut places: HashMap<(TcpState, Mark, &str), usize> = HashMap::new();
        // What is so now comes before what was, and what was seen before what was not.
        for mark in Mark::ALL {
            for (cookie, label, state, _) in all.iter().filter(|(.., of)| *of == mark) {
                let state = if *state == Bound { Closed } else { *state };
                if !known.insert((*cookie, state)) {
                    continue;
                }
                let place = *places.entry((state, mark, label)).or_insert(states.passages.len());
                match states.passages.get_mut(place) {
                    Some(entry) => entry.3 += 1,
                    None => states.passages.push((state, mark, label.clone(), 1)),
                }
            }
        }
        states
    }

    /// Who has this to do with a state: labels, and how many sockets each stands for.
    fn who(&self, state: TcpState, mark: Mark) -> Vec<(String, usize)> {
        let of = self.passages.iter().filter(|entry| (entry.0, entry.1) == (state, mark));
        of.map(|(.., label, count)| {
            let label = label.replace(' ', "\u{a0}");
            (if *count > 1 { format!("{label} ({count})") } else { label }, *count)
        })
        .collect()
    }

    /// The rows of a state's box.
    fn rows(&self, state: TcpState) -> Vec<(String, Ink)> {
        let mut rows = Vec::new();
        for mark in Mark::ALL {
            let most = if mark == Mark::Now { 4 } else { 2 };
            for (place, row) in fitting(&self.who(state, mark), most).iter().enumerate() {
                let sign = if place == 0 { mark.sign() } else { ' ' };
                rows.push((format!("{sign} {row}"), mark.ink()));
            }
        }
        rows
    }

    /// As a drawing, [`WIDTH`] columns wide.
    pub fn drawing(&self) -> Drawing {
        let mut heights = [3; 6];
        for (state, level, _) in PLACES {
            heights[level] = heights[level].max(self.rows(state).len() + 2);
        }
        let levels = Levels(heights);
        let mut drawing = Drawing {
            title: "The states of TCP, and the session's sockets in them".into(),
            description: self.list(usize::MAX).join(" "),
            items: Vec::new(),
        };
        for way in WAYS {
            let Route { points, cause, sends } = (way.route)(&levels);
            drawing.line(points, Pen::Plain, true);
            match (way.sends, sends) {
                ("", _) => drawing.text(cause, way.cause, Ink::Quiet),
                (text, Some(place)) => {
                    drawing.text(cause, way.cause, Ink::Quiet);
                    drawing.text(place, text, Ink::Quiet);
                }
                (text, None) => drawing.text(cause, format!("{}, {text}", way.cause), Ink::Quiet),
            }
        }
        for (state, level, column) in PLACES {
            let (at, rows) = ((COLUMNS[column], levels.top(level)), self.rows(state));
            let strong = rows.iter().any(|(_, ink)| *ink == Ink::Now);
            let size = (BOX, heights[level]);
            drawing.items.push(Item::Box { at, size, title: state.name().into(), strong });
            for (place, (row, ink)) in rows.into_iter().enumerate() {
                drawing.text((at.0 + 2, at.1 + 1 + place), row, ink);
            }
        }
        let key = levels.top(6) + 1;
        for (place, mark) in self.marks().into_iter().enumerate() {
            drawing.text((0, key + place), format!("{} {}", mark.sign(), mark.meaning()), mark.ink());
        }
        drawing
    }

    /// The marks that are used.
    fn marks(&self) -> Vec<Mark> {
        Mark::ALL.into_iter().filter(|mark| self.passages.iter().any(|entry| entry.1 == *mark)).collect()
    }

    /// As sentences: each state with who is or was there, and the ways out of it.
    pub fn list(&self, width: usize) -> Vec<String> {
        let mut lines = Vec::new();
        for (state, ..) in PLACES {
            let who: Vec<String> = Mark::ALL
                .into_iter()
                .filter_map(|mark| {
                    let who: Vec<String> =
                        self.who(state, mark).into_iter().map(|(label, _)| label).collect();
                    (!who.is_empty()).then(|| format!("{} {}", who.join(", "), mark.meaning()))
                })
                .collect();
            let who = if who.is_empty() { String::new() } else { format!(" {}.", who.join("; ")) };
            let ways: Vec<String> = WAYS
                .iter()
                .filter(|way| way.from == state)
                .map(|way| format!("{} to {}", way.cause, way.to.name()))
                .collect();
            let text = format!("{}:{who} Ways on: {}.", state.name(), ways.join(", "));
            let mut rows = wrap(&text, width.saturating_sub(2)).into_iter();
            lines.extend(rows.next());
            lines.extend(rows.map(|row| format!("  {row}")));
        }
        lines
    }

    /// For programs.
    pub fn facts(&self) -> Value {
        let of = |state: TcpState, mark: Mark| -> Vec<&str> {
            let entries = self.passages.iter().filter(|entry| (entry.0, entry.1) == (state, mark));
            entries.flat_map(|entry| std::iter::repeat_n(entry.2.as_str(), entry.3)).collect()
        };
        let states = PLACES.iter().map(|(state, ..)| {
            let object = json!({
                "now": of(*state, Mark::Now),
                "seen": of(*state, Mark::Seen),
                "inferred": of(*state, Mark::Inferred),
            });
            (state.name().to_owned(), object)
        });
        Value::Object(states.collect())
    }
}
