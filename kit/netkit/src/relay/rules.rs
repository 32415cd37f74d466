//! What becomes of a datagram, by rule. Nothing here knows a socket.

use std::collections::BTreeMap;

/// What a rule does with the datagrams that it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It is thrown away.
    Drop,
    /// It is delivered twice.
    Duplicate,
    /// It is delivered behind the one that follows it.
    Swap,
    /// It is kept until it is asked for.
    Hold,
    /// It is kept, and delivered right before the datagram of this number.
    HoldUntil(u64),
}

impl Action {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Drop => "drop",
            Self::Duplicate => "duplicate",
            Self::Swap => "swap",
            Self::Hold | Self::HoldUntil(_) => "hold",
        }
    }
}

/// How far a rule has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Its datagram has not come.
    Waiting,
    /// Its datagram has come and is kept: until the next one comes, or until it is asked for.
    Kept,
    /// It has done what it was made for.
    Done,
}

/// A rule, as it stands at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// What it does.
    pub action: Action,
    /// The datagram that it names, counted from 1.
    pub number: u64,
    /// How far it has come.
    pub progress: Progress,
}

/// Why a rule is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// So many datagrams have passed already, that one among them.
    TooLate(u64),
    /// Another rule names this datagram.
    Taken(Rule),
}

/// Why nothing can be delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undelivered {
    /// It has not come yet.
    NotYet,
    /// No rule holds it back.
    NotHeld,
    /// It was delivered before.
    Before,
}

/// One direction: how many datagrams have come, and the rules for them.
#[derive(Debug)]
pub struct Side<D> {
    came: u64,
    rules: Vec<Rule>,
    kept: BTreeMap<u64, D>,
}

impl Rule {
    /// Whether it decides what becomes of this datagram.
    fn concerns(&self, number: u64) -> bool {
        self.number == number || (self.action == Action::Swap && self.number + 1 == number)
    }
}

impl<D> Default for Side<D> {
    /// No datagram yet, and no rule.
    fn default() -> Self {
        Self { came: 0, rules: Vec::new(), kept: BTreeMap::new() }
    }
}

impl<D: Clone> Side<D> {
    /// How many datagrams have come.
    pub fn came(&self) -> u64 {
        self.came
    }

    /// The rules, in the order in which they were made.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Makes a rule for a datagram that has not come yet.
    ///
    /// # Errors
    /// It has come, or another rule names it.
    pub fn add(&mut self, action: Action, number: u64) -> Result<(), Refused> {
        if number <= self.came {
            return Err(Refused::TooLate(self.came));
        }
        let new = Rule { action, number, progress: Progress::Waiting };
        let other = |rule: &&Rule| rule.concerns(number) || new.concerns(rule.number);
        if let Some(other) = self.rules.iter().find(other) {
            return Err(Refused::Taken(*other));
        }
        self.rules.push(new);
        Ok(())
    }

    /// Takes the next datagram, and gives what is to be sent on now, in this order.
    pub fn pass(&mut self, datagram: D) -> Vec<D> {
        self.came += 1;
        let number = self.came;
        let mut due = self.due_before(number);
        let Some(rule) = self.rules.iter_mut().find(|rule| rule.concerns(number)) else {
            due.push(datagram);
            return due;
        };
        let (progress, sent) = match rule.action {
            Action::Drop => (Progress::Done, Vec::new()),
            Action::Duplicate => (Progress::Done, vec![datagram.clone(), datagram]),
            Action::Hold | Action::HoldUntil(_) | Action::Swap if rule.number == number => {
                self.kept.insert(number, datagram);
                (Progress::Kept, Vec::new())
            }
            Action::Hold | Action::HoldUntil(_) | Action::Swap => {
                let first = self.kept.remove(&rule.number);
                (Progress::Done, [datagram].into_iter().chain(first).collect())
            }
        };
        rule.progress = progress;
        due.extend(sent);
        due
    }

    /// What was kept until this one.
    fn due_before(&mut self, number: u64) -> Vec<D> {
        let due = |rule: &&mut Rule| rule.action == Action::HoldUntil(number);
        self.rules
            .iter_mut()
            .filter(due)
            .filter_map(|rule| {
                rule.progress = Progress::Done;
                self.kept.remove(&rule.number)
            })
            .collect()
    }

    /// Gives a datagram that is held back.
    ///
    /// # Errors
    /// There is nothing to give.
    pub fn deliver(&mut self, number: u64) -> Result<D, Undelivered> {
        let held = |rule: &&mut Rule| rule.number == number && rule.action == Action::Hold;
        let rule = self.rules.iter_mut().find(held).ok_or(Undelivered::NotHeld)?;
        match rule.progress {
            Progress::Waiting => Err(Undelivered::NotYet),
            Progress::Done => Err(Undelivered::Before),
            Progress::Kept => {
                rule.progress = Progress::Done;
                self.kept.remove(&number).ok_or(Undelivered::Before)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Action::{Drop, Duplicate, Hold, HoldUntil, Swap};

    #[test]
    fn what_becomes_of_five_datagrams() {
        for (rules, expected) in [
            (&[][..], "1 2 3 4 5"),
            (&[(Drop, 2)], "1 3 4 5"),
            (&[(Drop, 1), (Drop, 5)], "2 3 4"),
            (&[(Duplicate, 3)], "1 2 3 3 4 5"),
            (&[(Swap, 1)], "2 1 3 4 5"),
            (&[(Swap, 2), (Swap, 4)], "1 3 2 5 4"),
            (&[(Swap, 5)], "1 2 3 4"),
            (&[(Hold, 2)], "1 3 4 5"),
            (&[(Hold, 1), (Drop, 2), (Duplicate, 4)], "3 4 4 5"),
            (&[(HoldUntil(3), 1)], "2 1 3 4 5"),
            (&[(HoldUntil(5), 1), (HoldUntil(5), 3), (Drop, 5)], "2 4 1 3"),
            (&[(HoldUntil(6), 2)], "1 3 4 5"),
        ] {
            let mut side = Side::default();
            for (action, number) in rules {
                side.add(*action, *number).unwrap();
            }
            let came: Vec<String> = (1..=5).flat_map(|n| side.pass(n)).map(|n| n.to_string()).collect();
            assert_eq!(came.join(" "), expected, "{rules:?}");
        }
    }

    #[test]
    fn what_is_held_is_given_once() {
        let mut side = Side::default();
        side.add(Hold, 2).unwrap();
        side.pass("a");
        assert_eq!(side.deliver(2), Err(Undelivered::NotYet));
        assert_eq!(side.deliver(1), Err(Undelivered::NotHeld));
        assert!(side.pass("b").is_empty());
        assert_eq!(side.deliver(2), Ok("b"));
        assert_eq!(side.deliver(2), Err(Undelivered::Before));
    }

    #[test]
    fn rules_that_make_no_sense_are_refused() {
        let mut side = Side::default();
        side.pass(());
        assert_eq!(side.add(Drop, 1), Err(Refused::TooLate(1)));
        side.add(Swap, 3).unwrap();
        for (action, number) in [(Drop, 3), (Drop, 4), (Swap, 2), (Swap, 4)] {
            assert!(matches!(side.add(action, number), Err(Refused::Taken(_))), "{action:?} {number}");
        }
        assert_eq!(side.add(Swap, 5), Ok(()));
    }
}
