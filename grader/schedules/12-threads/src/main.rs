//! The schedule scenarios of lab 12: what must hold of a student's threads, whoever goes on.

use labkit::sync::{Condvar, Mutex as Lock};
use labkit::thread::current;
use schedules::scenario::{Case, Scenario, broken, call, must};
use std::ffi::{OsStr, OsString};
use std::io;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use threads::threads::{count, daemon, fetch, hello};

/// How many schedules of each case are tried.
const SCHEDULES: usize = 1000;

macro_rules! scenario {
    ($name:literal, $($words:literal => $body:expr),+ $(,)?) => {
        Scenario { name: $name, schedules: SCHEDULES, cases: &[$(Case::new($words, $body)),+] }
    };
}

static SCENARIOS: &[Scenario] = &[
    scenario!("hello-names", "hello(1)" => || hello_names(1), "hello(3)" => || hello_names(3)),
    scenario!("hello-together", "hello(2), each waits for the other" => || hello_together(2),
        "hello(3), each waits for the others" => || hello_together(3)),
    scenario!("count-adds", "count(1, 2)" => || count_adds(1, 2), "count(2, 1)" => || count_adds(2, 1),
        "count(2, 2)" => || count_adds(2, 2), "count(3, 1)" => || count_adds(3, 1)),
    scenario!("fetch-order", "3 files" => fetch_order),
    scenario!("fetch-together", "2 files, each comes when both were asked for" => || fetch_together(2),
        "3 files, each comes when all were asked for" => || fetch_together(3)),
    scenario!("fetch-failed", "3 files, the first one fails" => || fetch_failed(&["bad", "a", "b"]),
        "3 files, the second one fails" => || fetch_failed(&["a", "bad", "b"]),
        "3 files, the thread of the second one panics" => || fetch_failed(&["a", "worse", "b"])),
    scenario!("daemon-returns", "work that waits for what comes only later" => daemon_returns),
];

fn main() -> ExitCode {
    schedules::explorer::main(SCENARIOS)
}

/// Who waits here comes back when so many have come.
struct Meeting {
    come: Lock<usize>,
    all_here: Condvar,
    wanted: usize,
}

impl Meeting {
    fn new(wanted: usize) -> Self {
        Self { come: Lock::new(0), all_here: Condvar::new(), wanted }
    }

    fn wait(&self) {
        let mut come = self.come.lock().unwrap_or_else(PoisonError::into_inner);
        *come += 1;
        if *come >= self.wanted {
            self.all_here.notify_all();
        }
        while *come < self.wanted {
            come = self.all_here.wait(come).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Calls `hello`, and notes what each thread says.
fn run_hello(wanted: usize, meeting: Option<Meeting>) -> Vec<String> {
    let said = Arc::new(Mutex::new(Vec::new()));
    let own = said.clone();
    let say = move |line: &str| {
        let name = current().name().unwrap_or("a thread without a name").to_owned();
        if let Some(meeting) = &meeting {
            meeting.wait();
        }
        own.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{name}: {line}"));
    };
    let result = call(format!("hello({wanted})"), || hello(wanted, Arc::new(say)), worded);
    must(result.is_ok(), "hello starts its threads", || worded(&result));
    let mut said = std::mem::take(&mut *said.lock().unwrap_or_else(PoisonError::into_inner));
    said.sort();
    said
}

fn worded(result: &io::Result<()>) -> String {
    result.as_ref().map_or_else(ToString::to_string, |()| String::new())
}

fn hello_names(wanted: usize) {
    let said = run_hello(wanted, None);
    let expected: Vec<String> =
        (1..=wanted).map(|number| format!("t{number}: hello from t{number}")).collect();
    must(said == expected, format!("when hello returns, there was said: {}", expected.join(", ")), || {
        if said.is_empty() {
            "nothing was said".into()
        } else {
            format!("there was said: {}", said.join(", "))
        }
    });
}

fn hello_together(wanted: usize) {
    run_hello(wanted, Some(Meeting::new(wanted)));
}

fn count_adds(threads: usize, times: u64) {
    let sum = call(format!("count({threads}, {times})"), || count(threads, times), ToString::to_string);
    let expected = threads as u64 * times;
    must(sum == expected, format!("count({threads}, {times}) is {expected}"), || format!("it is {sum}"));
}

/// Calls `fetch`; the results in words.
fn run_fetch(names: &[&str], get: impl Fn(&str) -> io::Result<u64> + Send + Sync + 'static) -> Vec<String> {
    let words: Vec<OsString> = names.iter().map(OsString::from).collect();
    let get = move |name: &OsStr| get(name.to_str().unwrap_or_default());
    let word = |result: &io::Result<u64>| match result {
        Ok(size) => format!("Ok({size})"),
        Err(_) => "Err".into(),
    };
    let told = |results: &Vec<io::Result<u64>>| results.iter().map(word).collect::<Vec<_>>().join(", ");
    let called = format!("fetch({})", names.join(", "));
    let results = call(called, || fetch(Arc::new(get), &words), told);
    results.iter().map(word).collect()
}

fn must_be(results: &[String], expected: &[&str]) {
    if results != expected {
        let none = || "no results".to_owned();
        let came = if results.is_empty() { none() } else { results.join(", ") };
        broken(format!("the results are {}, as the names are", expected.join(", ")), came);
    }
}

fn fetch_order() {
    let results = run_fetch(&["a", "bb", "ccc"], |name| {
        schedules::scenario::pause();
        Ok(name.len() as u64)
    });
    must_be(&results, &["Ok(1)", "Ok(2)", "Ok(3)"]);
}

fn fetch_together(wanted: usize) {
    let meeting = Meeting::new(wanted);
    let get = move |name: &str| {
        meeting.wait();
        Ok(name.len() as u64)
    };
    must_be(&run_fetch(&["a", "bb", "ccc"][..wanted], get), &["Ok(1)", "Ok(2)", "Ok(3)"][..wanted]);
}

fn fetch_failed(names: &'static [&'static str]) {
    let done = Arc::new(Mutex::new(0));
    let own = done.clone();
    let get = move |name: &str| {
        schedules::scenario::pause();
        match name {
            "bad" => Err(io::Error::other("it fails")),
            // Nobody needs to see the words of this panic.
            "worse" => std::panic::resume_unwind(Box::new("it panics")),
            name => {
                *own.lock().unwrap_or_else(PoisonError::into_inner) += 1;
                Ok(name.len() as u64)
            }
        }
    };
    let results = run_fetch(names, get);
    let expected: Vec<&str> =
        names.iter().map(|name| if name.len() == 1 { "Ok(1)" } else { "Err" }).collect();
    must_be(&results, &expected);
    let done = *done.lock().unwrap_or_else(PoisonError::into_inner);
    must(done == 2, "the two other files are there when fetch returns", || format!("{done} of them are"));
}

fn daemon_returns() {
    let meeting = Arc::new(Meeting::new(2));
    let own = meeting.clone();
    let result = call("daemon(work)", || daemon(move || own.wait()), worded);
    must(result.is_ok(), "daemon starts its thread", || worded(&result));
    // The work goes on now, if it is in a thread of its own.
    meeting.wait();
}
