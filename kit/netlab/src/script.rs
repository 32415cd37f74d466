use crate::Options;
use netkit::render::{Detail, json, text};
use netkit::session::{self, Session, names::Naming};
use std::io::{self, Read, Write};
use std::process::ExitCode;
use std::time::Duration;

pub fn run(options: &Options) -> ExitCode {
    colored::control::set_override(false);
    let input = match &options.script {
        Some(path) => std::fs::read_to_string(path),
        None => {
            let mut text = String::new();
            io::stdin().read_to_string(&mut text).map(|_| text)
        }
    }
    .unwrap_or_default();
    let mut session = Session::start(session::Options {
        worker: std::env::current_exe().unwrap_or_default(),
        naming: Naming::Names,
        seed: options.seed,
        limit: Some(Duration::from_secs(options.limit)),
        settle: true,
        programs: Default::default(),
        surroundings: session::programs::Surroundings::default(),
        job_news: session::JobNewsTime::AtOnce,
        on_blocked: Box::new(|_, _| {}),
        on_news: Box::new(|| {}),
    })
    .map_err(|e| {
        eprintln!("{e}");
    })
    .unwrap_or_else(|()| std::process::exit(3));
    let mut out = io::stdout();
    for line in input.lines() {
        let outcome = session.run(line);
        if options.json {
            let _ = writeln!(out, "{}", json::outcome(&outcome, 0, session.names()));
        } else {
            let _ = writeln!(out, "> {line}");
            for line in text::outcome(&outcome, Detail::Stable, session.names()) {
                let _ = writeln!(out, "  {line}");
            }
        }
        if !outcome.ok() && !options.keep_going {
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
