//! Who gets the turn where there is a choice.

/// A place in a run where there was a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decision {
    /// How many options there were.
    pub options: usize,
    /// Which one was taken. The first one is what is usual: that a thread goes on while it can, and that
    /// after it comes the next one that can.
    pub chosen: usize,
}

/// What decides.
#[derive(Debug)]
pub(crate) struct Guide {
    /// The options that are taken first; behind them it is the first one, or any if there is a stream.
    prefix: Vec<usize>,
    random: Option<u64>,
    /// All decisions so far.
    pub made: Vec<Decision>,
}

impl Guide {
    /// These options, then always the first.
    pub fn along(prefix: Vec<usize>) -> Self {
        Self { prefix, random: None, made: Vec::new() }
    }

    /// Any options, made from a seed.
    pub fn random(seed: u64) -> Self {
        Self { prefix: Vec::new(), random: Some(seed), made: Vec::new() }
    }

    /// Which of the options it is.
    pub fn decide(&mut self, options: usize) -> usize {
        if options == 1 {
            return 0;
        }
        let chosen = match (self.prefix.get(self.made.len()), &mut self.random) {
            // A program that is not the same each time may have fewer options than before.
            (Some(chosen), _) => (*chosen).min(options - 1),
            (None, Some(state)) => usize::try_from(next(state) >> 33).unwrap_or(0) % options,
            (None, None) => 0,
        };
        self.made.push(Decision { options, chosen });
        chosen
    }
}

/// Steele, Lea, Flood: Fast splittable pseudorandom number generators (2014), the mixing function that
/// is known as splitmix64.
pub(crate) fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// How often it was not what is usual.
pub(crate) fn turns(made: &[Decision]) -> usize {
    made.iter().filter(|decision| decision.chosen > 0).count()
}

/// The options taken, without the first ones at the end.
pub(crate) fn choices(made: &[Decision]) -> Vec<usize> {
    let mut all: Vec<usize> = made.iter().map(|decision| decision.chosen).collect();
    all.truncate(all.iter().rposition(|chosen| *chosen != 0).map_or(0, |last| last + 1));
    all
}

/// The next choices, depth first, among those with no more such turns than this; none when all were tried.
pub(crate) fn following(made: &[Decision], bound: usize) -> Option<Vec<usize>> {
    for at in (0..made.len()).rev() {
        let Decision { options, chosen } = made[at];
        let next = chosen + 1;
        if next < options && turns(&made[..at]) < bound {
            return Some(made[..at].iter().map(|decision| decision.chosen).chain([next]).collect());
        }
    }
    None
}

/// A schedule in few letters: `12.1-17.2` takes option 1 at the twelfth choice (counted from 0), option 2 at the
/// seventeenth, and the first one at all others.
pub(crate) fn name(choices: &[usize]) -> String {
    let others = choices.iter().enumerate().filter(|(_, chosen)| **chosen != 0);
    let words: Vec<String> = others.map(|(at, chosen)| format!("{at}.{chosen}")).collect();
    if words.is_empty() { "0".into() } else { words.join("-") }
}

/// Reads such a name.
pub(crate) fn from_name(name: &str) -> Option<Vec<usize>> {
    const MOST: usize = 100_000;
    let mut choices = Vec::new();
    if name == "0" {
        return Some(choices);
    }
    for word in name.split('-') {
        let (at, chosen) = word.split_once('.')?;
        let (at, chosen) = (at.parse::<usize>().ok()?, chosen.parse::<usize>().ok()?);
        if at < choices.len() || at > MOST {
            return None;
        }
        choices.resize(at, 0);
        choices.push(chosen);
    }
    Some(choices)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_for_its_choices() {
        for choices in [vec![], vec![1], vec![0, 0, 2, 0, 1]] {
            assert_eq!(from_name(&name(&choices)), Some(choices));
        }
        for wrong in ["", "x", "1", "1.", "3.1-2.1", "3.1-3.1", "999999999.1"] {
            assert_eq!(from_name(wrong), None, "{wrong}");
        }
    }

    /// Two threads of two steps each have six interleavings.
    #[test]
    fn all_schedules_are_tried_once() {
        let all = |bound: usize| {
            let mut seen = Vec::new();
            let mut prefix = Some(Vec::new());
            while let Some(choices) = prefix {
                let mut guide = Guide::along(choices);
                let (mut left, mut at, mut order) = ([2, 2], 0, Vec::new());
                let mut begun = false;
                while left != [0, 0] {
                    let options: Vec<usize> = match (begun && left[at] > 0, left[1 - at] > 0) {
                        (true, true) => vec![at, 1 - at],
                        (true, false) => vec![at],
                        (false, _) if !begun => vec![0, 1],
                        (false, _) => vec![1 - at],
                    };
                    at = options[guide.decide(options.len())];
                    begun = true;
                    left[at] -= 1;
                    order.push(at);
                }
                assert!(!seen.contains(&order), "{order:?} twice");
                seen.push(order);
                prefix = following(&guide.made, bound);
            }
            seen.len()
        };
        assert_eq!((all(0), all(1), all(5)), (1, 3, 6));
    }
}
