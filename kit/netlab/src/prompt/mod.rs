//! The prompt: lines that a person types at a terminal.
//!
//! - [`live`]: the session, which two threads use in turn.
//! - [`half_line`]: a line that is not finished: which word is being typed, and what it may be.
//! - [`completion`], [`hints`]: what could stand there; what comes next.
//! - [`editor`]: the line editor, and how it asks those three.
//! - [`history`]: the lines of earlier sessions.
//! - [`announcer`]: news of jobs, above the line that is being typed.
//! - [`screen`]: text on its way to the terminal.
//!
//! The main thread reads a line, runs it, and shows what came of it. Meanwhile Ctrl-C is a key
//! to the line editor, and a signal while a line runs.

mod announcer;
mod completion;
mod editor;
mod half_line;
mod hints;
mod history;
mod live;
mod screen;

use crate::{CANNOT_WORK, Options, Setup, complain, signals, start};
use editor::Helper;
use history::History;
use live::Live;
use netkit::session::names::Naming;
use nix::sys::termios::{SetArg, tcgetattr, tcsetattr};
use rustyline::error::ReadlineError;
use signal_hook::consts::SIGINT;
use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;

const GREETING: &str = "Real socket calls, and what the kernel makes of each.\n\
                        Try `srv = socket tcp`. `help` lists all, Ctrl-D ends it.\n";

/// What is typed, and what it acts on.
struct Prompt {
    live: Live,
    editor: rustyline::Editor<Helper, rustyline::history::FileHistory>,
    history: History,
    /// Whether Ctrl-C was pressed since this was last asked.
    interrupted: Arc<AtomicBool>,
}

/// Talks with the person at the terminal until they leave.
pub fn run(options: &Options) -> ExitCode {
    if options.no_color || std::env::var_os("TERM").is_some_and(|term| term == "dumb") {
        colored::control::set_override(false);
    }
    let (ping, pings) = channel();
    let setup = Setup {
        naming: Naming::Numbers,
        limit: None,
        on_blocked: Box::new(screen::show_blocked),
        on_news: Box::new(move || {
            // Without an announcer there is nobody to tell.
            let _ = ping.send(());
        }),
    };
    let session = match start(options, setup) {
        Ok(session) => session,
        Err(code) => return code,
    };
    let interrupter = session.interrupter();
    let live = Live::new(session);
    let interrupted = Arc::new(AtomicBool::new(false));
    // As the terminal was before the line editor made keys of everything.
    let terminal = tcgetattr(io::stdin()).ok();
    let watched = {
        let (live, interrupted) = (live.clone(), Arc::clone(&interrupted));
        signals::watch(move |signal| {
            interrupted.store(true, Ordering::SeqCst);
            interrupter.interrupt();
            if signal != SIGINT {
                // The terminal is gone, or we are told to go: no line will end this session.
                live.end();
                if let Some(terminal) = &terminal {
                    // A terminal that is gone needs no tidying up.
                    let _ = tcsetattr(io::stdin(), SetArg::TCSANOW, terminal);
                }
                std::process::exit(signals::exit_code(signal).into());
            }
        })
    };
    let prompt = watched.map_err(ReadlineError::from).and_then(|()| {
        let mut editor = editor::open(live.clone())?;
        announcer::start(pings, live.clone(), editor.create_external_printer().ok())?;
        let history = History::open(&mut editor);
        Ok(Prompt { live: live.clone(), editor, history, interrupted })
    });
    let ended = prompt.and_then(Prompt::talk);
    live.end();
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("cannot use this terminal: {error}"));
            ExitCode::from(CANNOT_WORK)
        }
    }
}

impl Prompt {
    fn talk(mut self) -> Result<(), ReadlineError> {
        screen::print(GREETING);
        loop {
            let line = self.live.with(|session| session.record().line()).unwrap_or(0);
            // The number that the next line will have: what `rewind` and `lines` count by.
            let read = self.editor.readline(&format!("netlab {}> ", line + 1));
            // The window may have been made wider or narrower meanwhile.
            if let Some((columns, _)) = self.editor.dimensions() {
                screen::set_columns(columns.into());
                self.live.with(|session| session.set_width(screen::text_width(columns.into())));
            }
            match read {
                Ok(text) => self.entered(&text),
                Err(ReadlineError::Interrupted) => {}
                Err(ReadlineError::Eof) => break,
                Err(error) => return Err(error),
            }
            if self.live.with(|session| session.has_quit()) != Some(false) {
                break;
            }
        }
        if let Some(Some(farewell)) = self.live.with(screen::farewell) {
            screen::show(&[farewell]);
        }
        Ok(())
    }

    /// Runs what was entered: a line, or several that were pasted.
    fn entered(&mut self, text: &str) {
        self.interrupted.store(false, Ordering::SeqCst);
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
        for (place, line) in lines.iter().enumerate() {
            if let Some(helper) = self.editor.helper_mut() {
                helper.remember(line);
            }
            self.history.add(&mut self.editor, line);
            if lines.len() > 1 {
                screen::print(&format!("> {line}\n"));
            }
            self.line(line);
            let left = lines.len() - place - 1;
            if left > 0 && self.interrupted.load(Ordering::SeqCst) {
                screen::show(&[format!("the {left} lines behind it were not run")]);
                return;
            }
        }
    }

    /// Runs a line, and the lines of a file that it sources.
    fn line(&self, line: &str) {
        let mut next = Some((line.to_owned(), 0));
        while let Some((line, depth)) = next {
            if depth > 0 {
                screen::print(&format!("{} {line}\n", ">".repeat(depth + 1)));
            }
            next = self
                .live
                .with(|session| {
                    let outcome = session.run(&line);
                    if self.interrupted.load(Ordering::SeqCst) {
                        // Behind the ^C that the terminal has echoed.
                        screen::print("\n");
                    }
                    screen::show_outcome(&outcome, session.names());
                    let left = if outcome.ok() { 0 } else { session.drop_pending() };
                    if left > 0 {
                        screen::show(&[format!("the {left} lines behind it in the file were not run")]);
                    }
                    let line = session.next_pending()?;
                    Some((line, usize::try_from(session.depth()).unwrap_or(0)))
                })
                .flatten();
        }
    }
}
