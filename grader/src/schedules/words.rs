//! A schedule in the words of the lab.

use super::report::{Event, Found, Kind, Object, Place, Tried, Way, What};
use crate::model::{Schedule, ScheduleStep};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The lines of a student's files.
pub type Sources = BTreeMap<PathBuf, Vec<String>>;

/// A schedule that fails, in words.
#[derive(Debug)]
pub struct Told {
    /// What should be.
    pub expected: Vec<String>,
    /// What came.
    pub actual: Vec<String>,
    /// How it came to that.
    pub schedule: Schedule,
}

/// What was tried of a case, in one line.
pub fn tried(tried: &Tried) -> String {
    let Tried { case, schedules, turns, all } = tried;
    let which = match (schedules, turns) {
        (1, _) => "1 schedule".to_owned(),
        (_, _) if *all => format!("all {schedules} schedules"),
        (_, Some(turns)) => {
            format!("{schedules} schedules, among them all with at most {}", unusual(*turns))
        }
        (_, None) => format!("{schedules} schedules"),
    };
    format!("{case}: {which}")
}

fn unusual(turns: u64) -> String {
    match turns {
        0 => "no unusual turn".into(),
        1 => "1 unusual turn".into(),
        turns => format!("{turns} unusual turns"),
    }
}

/// Tells a schedule that fails.
pub fn tell(found: &Found, sources: &Sources) -> Told {
    let names = Names { threads: &found.threads, objects: names(&found.objects, sources), sources };
    let step = |event: &Event| {
        let (file, line) = names.place(event.place.as_ref()).unzip();
        ScheduleStep { thread: event.thread, what: event.what, words: names.event(event), file, line }
    };
    let steps: Vec<ScheduleStep> = found.first.iter().chain(&found.last).map(step).collect();
    let (expected, actual) = verdict(found, &names);
    let schedule = Schedule {
        name: found.name.clone(),
        case: found.case.clone(),
        unusual_turns: found.turns,
        threads: found.threads.clone(),
        steps,
        omitted: found.omitted,
        omitted_after: found.first.len(),
    };
    Told { expected, actual, schedule }
}

/// What should be, and what came.
fn verdict(found: &Found, names: &Names<'_>) -> (Vec<String>, Vec<String>) {
    let own = || (vec![found.expected.clone()], vec![found.actual.clone()]);
    match found.way {
        Way::Broken | Way::Outside => own(),
        Way::Panic => (vec!["no thread panics".into()], vec![format!("a thread panicked: {}", found.actual)]),
        Way::Deadlock => {
            let all = "every thread comes to its end".to_owned();
            let actual = ["nobody can go on:".to_owned()].into_iter();
            (vec![all], actual.chain(found.stuck.iter().map(|event| names.stuck(event))).collect())
        }
        Way::Endless => {
            let who = found.stuck.first().map_or("a thread", |event| names.thread(event.thread));
            let last =
                found.stuck.first().and_then(|event| names.at(event.place.as_ref())).unwrap_or_default();
            let expected = "who waits sleeps: it does nothing until it is woken".to_owned();
            let actual = format!(
                "{who} goes round and round without end{last}: it asks again and again in place of waiting"
            );
            (vec![expected], vec![actual])
        }
    }
}

/// What everything is called.
struct Names<'a> {
    threads: &'a [String],
    objects: Vec<String>,
    sources: &'a Sources,
}

impl Names<'_> {
    fn thread(&self, thread: usize) -> &str {
        self.threads.get(thread).map_or("?", String::as_str)
    }

    fn object(&self, object: Option<usize>) -> &str {
        object.and_then(|object| self.objects.get(object)).map_or("?", String::as_str)
    }

    fn list(&self, threads: &[usize]) -> String {
        let names: Vec<&str> = threads.iter().map(|thread| self.thread(*thread)).collect();
        if names.is_empty() { "nobody waits".into() } else { names.join(", ") }
    }

    /// A line of the student's files. Others are of no use to them.
    fn place(&self, place: Option<&Place>) -> Option<(String, u32)> {
        let Place { file, line } = place?;
        let own = self.sources.keys().find(|own| Path::new(file).ends_with(own))?;
        Some((own.to_string_lossy().into_owned(), *line))
    }

    fn at(&self, place: Option<&Place>) -> Option<String> {
        self.place(place).map(|(file, line)| format!(" ({file}:{line})"))
    }

    fn event(&self, event: &Event) -> String {
        let object = self.object(event.object);
        let other = self.object(event.other);
        let others = || self.list(&event.threads);
        let words = &event.words;
        match event.what {
            What::Calls => words.clone(),
            What::Returns => words.clone(),
            What::Wants => format!("waits for {object}: {} has it", others()),
            What::Takes => format!("takes {object}"),
            What::Frees => format!("gives {object} back"),
            What::Misses => format!("tries {object}: taken"),
            What::Waits => format!("waits on {object}, gives {other} back"),
            What::Wakes => format!("wakes, takes {other}"),
            What::WakesUnasked => format!("wakes unasked, takes {other}"),
            What::TimesOut => format!("its time is up, takes {other}"),
            What::NotifiesOne => format!("notifies one on {object}: {}", others()),
            What::NotifiesAll => format!("notifies all on {object}: {}", others()),
            What::Loads => format!("reads {object}: {words}"),
            What::Stores => format!("sets {object}: {words}"),
            What::Updates => format!("changes {object}: {words}"),
            What::Spawns => format!("starts {}", others()),
            What::WaitsForEnd => format!("waits for the end of {}", others()),
            What::Joins => format!("joins {}", others()),
            What::Yields => "lets others go first".into(),
            What::Panics => format!("panics: {words}"),
            What::Ends => "ends".into(),
        }
    }

    /// What somebody waits for who cannot go on.
    fn stuck(&self, event: &Event) -> String {
        let who = self.thread(event.thread);
        let object = self.object(event.object);
        let at = self.at(event.place.as_ref()).unwrap_or_default();
        match event.what {
            What::Waits => {
                format!("{who} waits on {object}{at}, and nobody is left who could notify it")
            }
            What::WaitsForEnd => format!("{who} waits for the end of {}{at}", self.list(&event.threads)),
            _ if event.threads == [event.thread] => {
                format!("{who} waits for {object}{at}, which it has itself")
            }
            _ => format!("{who} waits for {object}{at}, which {} has", self.list(&event.threads)),
        }
    }
}

/// Names of all objects: what the student calls them, as far as that can be seen where they were made.
fn names(objects: &[Object], sources: &Sources) -> Vec<String> {
    let of = |object: &Object| {
        let made = object.made.as_ref()?;
        let (_, lines) = sources.iter().find(|(own, _)| Path::new(&made.file).ends_with(own))?;
        let line = lines.get(usize::try_from(made.line).ok()?.checked_sub(1)?)?;
        name_on(line, object.kind)
    };
    let all: Vec<Option<String>> = objects.iter().map(of).collect();
    let one = |kind: Kind| objects.iter().filter(|object| object.kind == kind).count() == 1;
    let name = |(at, object): (usize, &Object)| {
        let kind = match object.kind {
            Kind::Mutex => "the lock",
            Kind::Condvar => "the condition variable",
            Kind::Atomic => "the atomic",
        };
        if object.kind == Kind::Mutex && one(Kind::Mutex) {
            return kind.to_owned();
        }
        let alike = |other: usize| objects[other].kind == object.kind && all[other] == all[at];
        let number = (0..=at).filter(|other| alike(*other)).count();
        let several = (0..objects.len()).filter(|other| alike(*other)).count() > 1;
        let number = if several { format!(" {number}") } else { String::new() };
        match (&all[at], object.kind) {
            (Some(name), Kind::Mutex) => format!("the lock of {name}{number}"),
            (Some(name), _) => format!("{name}{number}"),
            (None, _) => format!("{kind}{number}"),
        }
    };
    objects.iter().enumerate().map(name).collect()
}

/// The name in `name: Kind::new(…)` or `let name = …`.
fn name_on(line: &str, kind: Kind) -> Option<String> {
    let makers = match kind {
        Kind::Mutex => ["Mutex::", "Semaphore::"],
        Kind::Condvar => ["Condvar::", "Semaphore::"],
        Kind::Atomic => ["Atomic", "Atomic"],
    };
    let at = makers.iter().find_map(|maker| line.find(maker))?;
    let before = line[..at].trim_end().trim_end_matches("Arc::new(").trim_end();
    let before = before.strip_suffix([':', '='])?.trim_end();
    let start = before.rfind(|c: char| !(c.is_alphanumeric() || c == '_')).map_or(0, |last| last + 1);
    // `let name: Kind = …` has its name further to the left.
    let name = match before.split_once("let ") {
        Some((_, rest)) => rest.trim_start_matches("mut ").split([':', ' ', '=']).next()?.to_owned(),
        None => before.get(start..)?.to_owned(),
    };
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_have_the_names_that_the_student_gave_them() {
        for (line, kind, name) in [
            ("            not_empty: Condvar::new(),", Kind::Condvar, Some("not_empty")),
            ("Self { permits: Mutex::new(permits), free: Condvar::new() }", Kind::Condvar, Some("free")),
            ("Self { permits: Mutex::new(permits), free: Condvar::new() }", Kind::Mutex, Some("permits")),
            ("    let count = Arc::new(AtomicUsize::new(0));", Kind::Atomic, Some("count")),
            ("    let mut count: Mutex<u32> = Mutex::new(0);", Kind::Mutex, Some("count")),
            ("            items: Semaphore::new(0),", Kind::Mutex, Some("items")),
            ("            Mutex::new(0),", Kind::Mutex, None),
            ("", Kind::Mutex, None),
        ] {
            assert_eq!(name_on(line, kind).as_deref(), name, "{line}");
        }
    }
}
