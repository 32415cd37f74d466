//! What the program that tries schedules reports. The submission runs in the same process and may write what it
//! likes: so all of it is data from a stranger, cut, checked, and made harmless before anybody sees it.

use netkit::data::printable;
use serde::{Deserialize, Serialize};

/// The longest name or value that is kept.
const LONGEST: usize = 200;

/// The most of each list that is kept.
const MOST: usize = 500;

/// The report.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// What was tried, a case each.
    pub tried: Vec<Tried>,
    /// The schedule that fails.
    pub found: Option<Found>,
}

/// What was tried of a case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tried {
    /// Who does what.
    pub case: String,
    /// How many schedules.
    pub schedules: u64,
    /// All with up to so many unusual turns are among them.
    pub turns: Option<u64>,
    /// All that there are.
    pub all: bool,
}

/// A schedule that fails.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Found {
    /// Its name, with the number of its case.
    pub name: String,
    /// Who does what.
    pub case: String,
    /// In which way it fails.
    pub way: Way,
    /// What should be, if it is known.
    pub expected: String,
    /// What came in its place.
    pub actual: String,
    /// Who cannot go on, or goes on for ever.
    pub stuck: Vec<Event>,
    /// The threads' names.
    pub threads: Vec<String>,
    /// What they share.
    pub objects: Vec<Object>,
    /// The first events.
    pub first: Vec<Event>,
    /// How many come after them that are left out.
    pub omitted: u64,
    /// The last events, if some are left out.
    pub last: Vec<Event>,
    /// How many of its turns are not usual.
    pub turns: u64,
}

/// In which way a schedule fails: `schedules::event::Way`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "said there")]
pub enum Way {
    Broken,
    Deadlock,
    Endless,
    Panic,
    Outside,
}

/// What a thread did: `schedules::event::What`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[allow(missing_docs, reason = "said there")]
pub enum What {
    Calls,
    Returns,
    Wants,
    Takes,
    Frees,
    Misses,
    Waits,
    Wakes,
    WakesUnasked,
    TimesOut,
    NotifiesOne,
    NotifiesAll,
    Loads,
    Stores,
    Updates,
    Spawns,
    WaitsForEnd,
    Joins,
    Yields,
    Panics,
    Ends,
}

/// One thing that a thread did.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// Which thread.
    pub thread: usize,
    /// What.
    pub what: What,
    /// With which object.
    pub object: Option<usize>,
    /// The mutex of a wait.
    pub other: Option<usize>,
    /// Which other threads it concerns.
    pub threads: Vec<usize>,
    /// A call, a value, a message.
    pub words: String,
    /// Where in the source.
    pub place: Option<Place>,
}

/// A line of the source.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The file, from the kit's root.
    pub file: String,
    /// The line.
    pub line: u32,
}

/// An object that threads share.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Object {
    /// Its kind.
    pub kind: Kind,
    /// Where it was made.
    pub made: Option<Place>,
}

/// The kinds of objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "their names say it")]
pub enum Kind {
    Mutex,
    Condvar,
    Atomic,
}

/// The report in what was written: the last line that begins with the mark.
pub fn find(written: &[u8], mark: &str) -> Option<Report> {
    let line = written.rsplit(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(mark.as_bytes()))?;
    let mut report: Report = serde_json::from_slice(line).ok()?;
    report.tried.truncate(MOST);
    report.tried.iter_mut().for_each(|tried| cut(&mut tried.case));
    let good = report.found.as_mut().is_none_or(clean);
    good.then_some(report)
}

/// Makes it harmless; whether it is all about its own threads and objects.
fn clean(found: &mut Found) -> bool {
    [&mut found.name, &mut found.case, &mut found.expected, &mut found.actual].into_iter().for_each(cut);
    found.threads.truncate(MOST);
    found.threads.iter_mut().for_each(cut);
    found.objects.truncate(MOST);
    found.objects.iter_mut().for_each(|object| object.made.iter_mut().for_each(|made| cut(&mut made.file)));
    let (threads, objects) = (found.threads.len(), found.objects.len());
    let mut good = true;
    for events in [&mut found.first, &mut found.last, &mut found.stuck] {
        events.truncate(MOST);
        for event in events {
            cut(&mut event.words);
            event.place.iter_mut().for_each(|place| cut(&mut place.file));
            event.threads.truncate(MOST);
            good &= event.threads.iter().chain([&event.thread]).all(|thread| *thread < threads);
            good &= event.object.iter().chain(&event.other).all(|object| *object < objects);
        }
    }
    good
}

fn cut(text: &mut String) {
    *text = printable(&text.chars().take(LONGEST).collect::<String>());
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = r#"{"tried":[{"case":"c","schedules":1,"turns":null,"all":true}],"found":null}"#;

    fn found(event: &str) -> String {
        format!(
            r#"{{"tried":[],"found":{{"name":"0:0","case":"c","way":"broken","expected":"e","actual":"a\u001b[31m","stuck":[],"threads":["main","t"],"objects":[{{"kind":"mutex","made":null}}],"first":[{event}],"omitted":0,"last":[],"turns":0}}}}"#
        )
    }

    #[test]
    fn only_what_has_the_mark_counts() {
        let of = |text: &str| find(text.as_bytes(), "abc ").map(|report| report.tried.len());
        assert_eq!(of(&format!("hello\nabc {EMPTY}\n")), Some(1));
        assert_eq!(of(&format!("abd {EMPTY}\n")), None);
        assert_eq!(of("abc {}\n"), None);
        assert_eq!(of(&format!("abc {}\n", EMPTY.replace("all", "some"))), None);
    }

    #[test]
    fn what_is_not_of_the_run_is_refused_and_the_rest_made_harmless() {
        let event = |thread: usize, object: usize| {
            found(&format!(
                r#"{{"thread":{thread},"what":"takes","object":{object},"other":null,"threads":[],"words":"","place":null}}"#
            ))
        };
        let of = |text: &str| find(format!("m {text}").as_bytes(), "m ");
        assert_eq!(of(&event(1, 0)).unwrap().found.unwrap().actual, "a\\u{1b}[31m");
        assert!(of(&event(2, 0)).is_none());
        assert!(of(&event(1, 1)).is_none());
    }
}
