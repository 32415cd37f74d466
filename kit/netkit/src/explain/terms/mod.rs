//! What the words of the field mean.
//!
//! - `states`: the states of TCP, and lines that reach each of them.
//! - `words`: sockets, descriptors, calls. `transport`: connections, segments, queues.
//!   `addresses`: addresses, ports, names. `constants`: flags, options and signals.

mod addresses;
mod constants;
mod states;
mod transport;
mod words;

/// A word and its meaning.
#[derive(Debug)]
pub struct Term {
    /// The word.
    pub name: &'static str,
    /// Other words for it.
    pub also: &'static [&'static str],
    /// What it means, in a few sentences.
    pub meaning: &'static str,
    /// Lines that bring it about and hold it, in a fresh session. Empty for most.
    pub lines: &'static [&'static str],
    /// What else to read: other terms, verbs, errors.
    pub see: &'static [&'static str],
}

/// All terms: first the states (RFC 9293, section 3.3.2), then the others.
pub fn all() -> impl Iterator<Item = &'static Term> {
    let parts = [states::TERMS, words::TERMS, transport::TERMS, addresses::TERMS, constants::TERMS];
    parts.into_iter().flatten()
}

/// The term of this name, in any case, with `-`, `_` or a space between its parts.
pub fn find(name: &str) -> Option<&'static Term> {
    let name = plain(name);
    all().find(|term| plain(term.name) == name || term.also.iter().any(|also| plain(also) == name))
}

/// A word as it is compared.
pub(super) fn plain(text: &str) -> String {
    text.trim().to_ascii_lowercase().replace(['_', ' '], "-")
}

const fn term(
    name: &'static str,
    also: &'static [&'static str],
    meaning: &'static str,
    see: &'static [&'static str],
) -> Term {
    Term { name, also, meaning, lines: &[], see }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::topic;
    use crate::kernel::state::TcpState;

    #[test]
    fn every_state_is_explained() {
        for state in TcpState::ALL {
            assert!(find(state.name()).is_some(), "{state}");
        }
        assert!(find("time_wait").is_some() && find("Accept Queue").is_some() && find("nonsense").is_none());
    }

    #[test]
    fn no_word_is_explained_twice() {
        let mut words: Vec<String> =
            all().flat_map(|term| term.also.iter().chain([&term.name])).map(|word| plain(word)).collect();
        words.sort();
        for pair in words.windows(2) {
            assert_ne!(pair[0], pair[1]);
        }
    }

    #[test]
    fn what_one_is_sent_to_is_there() {
        for term in all() {
            assert!(term.meaning.ends_with('.'), "{}: sentences", term.name);
            for word in term.see {
                assert!(!topic::about(word).is_empty(), "{}: see also {word}", term.name);
            }
        }
    }
}
