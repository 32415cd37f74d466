//! The prompt: lines that a person types at a terminal.
//!
//! - [`live`]: the session, which two threads use in turn; [`known`]: what can be named in it.
//! - [`half_line`]: a line that is not finished: which word is being typed, and what it may be.
//! - [`completion`], [`files`], [`hints`], [`highlight`](mod@highlight): what could stand there;
//!   what comes next; its colours.
//! - [`editor`]: the line editor, and how it asks those; [`keys`]: Ctrl-C and Ctrl-Z in it.
//! - [`pasted`]: what was entered, line by line.
//! - [`asking`]: the question before a call, while `predict` is on.
//! - [`history`]: the lines of earlier sessions.
//! - [`running`]: the line that is running, and Ctrl-C and Ctrl-Z then.
//! - [`stopping`]: how Ctrl-Z at the prompt stops the program.
//! - [`announcer`]: news of jobs, above the line that is being typed.
//! - [`leaving`]: a word before the session ends.
//! - [`screen`]: text on its way to the terminal.
//!
//! The main thread reads a line, runs it, and shows what came of it. Meanwhile Ctrl-C is a key
//! to the line editor, and a signal while a line runs. So is Ctrl-Z.

mod announcer;
mod asking;
mod choices;
mod completion;
mod editor;
mod files;
mod half_line;
mod highlight;
mod hints;
mod history;
mod keys;
mod known;
mod leaving;
mod live;
mod options;
mod pasted;
mod running;
mod screen;
mod stopping;

use crate::replay::Scene;
use crate::{CANNOT_WORK, Options, complain, signals, start};
use editor::Helper;
use history::History;
use keys::{Keys, Left};
use leaving::Leaving;
use live::Live;
use netkit::session;
use netkit::session::names::Naming;
use nix::sys::termios::{SetArg, tcgetattr, tcsetattr};
use running::Running;
use rustyline::error::ReadlineError;
use signal_hook::consts::{SIGINT, SIGTSTP};
use std::io;
use std::process::ExitCode;
use std::sync::mpsc::channel;
use stopping::Stopping;

const GREETING: &str = "Real socket calls, and what the kernel makes of each.\n\
                        Try `srv = socket tcp`, or `lesson` to be guided.\n\
                        `help` lists all, Ctrl-D ends it.\n";

/// What is typed, and what it acts on.
struct Prompt {
    live: Live,
    editor: rustyline::Editor<Helper, rustyline::history::FileHistory>,
    keys: Keys,
    history: History,
    running: Running,
    stopping: Stopping,
    /// What is to be at the prompt again: what stood before the cursor, and behind it.
    kept: Option<(String, String)>,
    /// Whether it was just said what is still going on.
    warned: bool,
    /// Whether the last line came with a prompt: then what is indented behind it is output.
    transcript: bool,
}

/// What came of reading a line.
enum Read {
    /// It was entered.
    Entered(String),
    /// Ctrl-C: it is not wanted.
    Cleared,
    /// Ctrl-D.
    Left,
}

/// Talks with the person at the terminal until they leave.
///
/// A scene is played first.
pub fn run(options: &Options, scene: Option<&Scene>) -> ExitCode {
    if options.no_color || std::env::var_os("TERM").is_some_and(|term| term == "dumb") {
        colored::control::set_override(false);
    }
    let (ping, pings) = channel();
    let session = start(options, Naming::Numbers, |setup| session::Options {
        on_blocked: Box::new(screen::show_blocked),
        on_lines: Some(Box::new(screen::show)),
        on_news: Box::new(move || {
            // Without an announcer there is nobody to tell.
            let _ = ping.send(());
        }),
        ..match scene {
            None => setup,
            Some(scene) => scene.adjust(setup),
        }
    });
    let session = match session {
        Ok(session) => session,
        Err(code) => return code,
    };
    let running = Running::new(session.interrupter());
    let live = Live::new(session);
    let stopping = Stopping::new();
    // As the terminal was before the line editor made keys of everything.
    let terminal = tcgetattr(io::stdin()).ok();
    let watched = {
        let (live, running) = (live.clone(), running.clone());
        signals::watch(&[SIGTSTP], move |signal| match signal {
            SIGINT => running.interrupt(),
            SIGTSTP => running.send_away(),
            _ => {
                // The terminal is gone, or we are told to go: no line will end this session.
                running.interrupt();
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
        let keys = Keys::default();
        let mut editor = editor::open(live.clone(), keys.clone())?;
        announcer::start(pings, live.clone(), editor.create_external_printer().ok())?;
        let history = History::open(&mut editor);
        let live = live.clone();
        let (kept, warned, transcript) = (None, false, false);
        Ok(Prompt { live, editor, keys, history, running, stopping, kept, warned, transcript })
    });
    let ended = prompt.and_then(|prompt| prompt.talk(scene));
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
    fn talk(mut self, scene: Option<&Scene>) -> Result<(), ReadlineError> {
        match scene {
            None => screen::print(GREETING),
            Some(scene) => self.play(scene),
        }
        loop {
            match self.read()? {
                Some(text) => self.entered(&text)?,
                None => self.leave(),
            }
            if self.live.with(|session| session.has_quit()) != Some(false) {
                break;
            }
        }
        if let Some(Some(farewell)) = self.live.with(|session| Leaving::of(session).farewell()) {
            screen::show(&[farewell]);
        }
        Ok(())
    }

    /// Runs a scene's lines as if they were pasted, and leaves its next one to be entered.
    fn play(&mut self, scene: &Scene) {
        for (place, line) in scene.lines.iter().enumerate() {
            if let Some(helper) = self.editor.helper_mut() {
                helper.remember(line);
            }
            self.running.entered();
            screen::print(&format!("> {line}\n"));
            self.line(line);
            let left = scene.lines.len() - place - 1;
            if left > 0 && self.running.interrupted() {
                screen::show(&[format!("{} not run", lines(left, "behind it"))]);
                return;
            }
        }
        if let Some(next) = &scene.next {
            screen::show(&["the next line is the step: look around first, or press Enter".into()]);
            self.kept = Some((next.clone(), String::new()));
        }
    }

    /// Reads what is entered next; `None` when the person wants to leave.
    fn read(&mut self) -> Result<Option<String>, ReadlineError> {
        loop {
            let number = self.live.with(|session| {
                session.set_screen(screen::of_session());
                session.record().line() + 1
            });
            // The number that the next line will have: what `rewind` and `lines` count by.
            match self.read_behind(&format!("netlab {}> ", number.unwrap_or(1)), "")? {
                Read::Entered(text) => return Ok(Some(text)),
                Read::Cleared => {}
                Read::Left => return Ok(None),
            }
        }
    }

    /// Reads a line behind a prompt. What is typed is completed as if `unseen` stood before it.
    fn read_behind(&mut self, prompt: &str, unseen: &'static str) -> Result<Read, ReadlineError> {
        loop {
            self.keys.begin();
            if let Some(helper) = self.editor.helper_mut() {
                helper.begin(prompt.len(), unseen);
            }
            let (before, behind) = self.kept.take().unwrap_or_default();
            self.stopping.allow();
            let read = self.editor.readline_with_initial(prompt, (&before, &behind));
            let left = self.keys.left();
            if let (Ok(text), Left::Stopped(at)) = (&read, left) {
                self.kept = text.split_at_checked(at).map(|(before, behind)| (before.into(), behind.into()));
                Stopping::stop();
            }
            self.stopping.listen();
            match (read, left) {
                (Ok(_), Left::Stopped(_)) => {}
                (Ok(text), Left::Entered) => return Ok(Read::Entered(text)),
                (Ok(_), Left::Cleared) | (Err(ReadlineError::Interrupted), _) => return Ok(Read::Cleared),
                (Err(ReadlineError::Eof), _) => return Ok(Read::Left),
                (Err(error), _) => return Err(error),
            }
        }
    }

    /// Runs what was entered: a line, or several that were pasted.
    fn entered(&mut self, text: &str) -> Result<(), ReadlineError> {
        self.running.entered();
        let output = std::mem::replace(&mut self.transcript, pasted::prompt(text).is_some())
            && pasted::prompt(text).is_none_or(|(_, depth)| depth > 0)
            && (text.starts_with("  ") || text.starts_with(">>"));
        if output {
            self.transcript = true;
            screen::show(&["taken for output, and not run".into()]);
            return Ok(());
        }
        let pasted = pasted::lines(text);
        for (place, line) in pasted.lines.iter().enumerate() {
            if let Some(helper) = self.editor.helper_mut() {
                helper.remember(line);
            }
            self.history.add(&mut self.editor, line);
            if pasted.lines.len() > 1 {
                screen::print(&format!("> {line}\n"));
            } else if !self.ask(line)? {
                break;
            }
            self.line(line);
            let left = pasted.lines.len() - place - 1;
            let quit = self.live.with(|session| session.has_quit()) != Some(false);
            if left > 0 && (quit || self.running.interrupted()) {
                screen::show(&[format!("{} not run", lines(left, "behind it"))]);
                break;
            }
        }
        if pasted.left_out > 0 {
            screen::show(&[format!(
                "{} taken for output, and not run",
                lines(pasted.left_out, "without a prompt")
            )]);
        }
        if self.live.with(|session| session.has_quit()) == Some(true) {
            self.live.with(session::Session::stay);
            self.leave();
        } else if !pasted.lines.is_empty() {
            self.warned = false;
        }
        Ok(())
    }

    /// Ends the session, unless something is still going on of which was not yet warned.
    fn leave(&mut self) {
        let warning = self.live.with(|session| Leaving::of(session).warning()).flatten();
        match warning {
            Some(warning) if !self.warned => {
                screen::show(&[warning]);
                self.warned = true;
            }
            _ => {
                self.live.with(session::Session::leave);
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
                    // The window may have another size than when the line was begun.
                    session.set_screen(screen::of_session());
                    self.running.begin(session.worker_pid());
                    let outcome = session.run(&line);
                    if self.running.end() {
                        // Behind the ^C or ^Z that the terminal has shown.
                        screen::print("\n");
                    }
                    screen::show_outcome(&outcome, session.names());
                    if !outcome.ok() || self.running.interrupted() {
                        let place = session.place().map(str::to_owned);
                        let left = session.drop_pending();
                        screen::show(&stopped(place, left));
                    }
                    if session.has_quit() {
                        return None;
                    }
                    let line = session.next_pending()?;
                    Some((line, usize::try_from(session.depth()).unwrap_or(0)))
                })
                .flatten();
        }
    }
}

/// Where the lines of a file were stopped, and how many were not run.
fn stopped(place: Option<String>, left: usize) -> Vec<String> {
    let Some(place) = place else { return Vec::new() };
    let rest = if left > 0 { format!("; {} not run", lines(left, "behind it")) } else { String::new() };
    vec![format!("at {place}{rest}")]
}

/// `1 line behind it was`, `3 lines behind it were`.
fn lines(count: usize, which: &str) -> String {
    if count == 1 { format!("1 line {which} was") } else { format!("{count} lines {which} were") }
}
