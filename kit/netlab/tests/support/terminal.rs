//! netlab at a terminal: a pseudo-terminal, with an emulator that knows what is on its screen.

use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::{Winsize, openpty};
use nix::sys::signal::{Signal, kill};
use nix::sys::termios::{LocalFlags, tcgetattr};
use nix::unistd::Pid;
use std::fs::File;
use std::io::{Read, Write};
use std::num::NonZero;
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How long anything may take. Only a failing test takes so long.
const PATIENCE: Duration = Duration::from_secs(30);

const ROWS: u16 = 50;

/// A person's terminal, with netlab on it.
pub struct Terminal {
    child: Child,
    master: File,
    screen: vt100::Parser,
    /// Every byte that was written to the terminal.
    pub written: Vec<u8>,
}

impl Terminal {
    /// Starts netlab on a terminal of so many columns. `home` holds its history.
    pub fn start(columns: u16, home: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_netlab"));
        command.args(arguments).envs(variables.iter().copied());
        Self::of(command, columns, home)
    }

    /// Starts a shell with job control, with `$ ` as its prompt, which finds netlab.
    pub fn shell(columns: u16, home: &Path) -> Self {
        let mut command = Command::new("bash");
        let netlab = Path::new(env!("CARGO_BIN_EXE_netlab"));
        let folder = netlab.parent().unwrap_or(netlab).display().to_string();
        let path = std::env::var("PATH").unwrap_or_default();
        command
            .args(["--norc", "--noprofile", "-i"])
            .env("PS1", "$ ")
            .env("PATH", format!("{folder}:{path}"));
        command.env("HISTFILE", "/dev/null");
        Self::of(command, columns, home)
    }

    fn of(mut command: Command, columns: u16, home: &Path) -> Self {
        let size = Winsize { ws_row: ROWS, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        let pty = openpty(&size, None).expect("a pseudo-terminal");
        let slave = || Stdio::from(pty.slave.try_clone().expect("a descriptor"));
        command.stdin(slave()).stdout(slave()).stderr(slave());
        let given: Vec<_> = command.get_envs().map(|(name, _)| name.to_owned()).collect();
        for (name, value) in [("TERM", Some("xterm-256color")), ("NO_COLOR", None)] {
            match value {
                _ if given.iter().any(|given| given == name) => {}
                Some(value) => drop(command.env(name, value)),
                None => drop(command.env_remove(name)),
            }
        }
        command.env("XDG_STATE_HOME", home);
        // SAFETY: between fork and exec only system calls are made. They make the terminal
        // the controlling one, so that Ctrl-C at it is a signal.
        unsafe {
            command.pre_exec(|| {
                nix::unistd::setsid()?;
                match libc::ioctl(0, libc::TIOCSCTTY, 0) {
                    0 => Ok(()),
                    _ => Err(std::io::Error::last_os_error()),
                }
            });
        }
        let child = command.spawn().expect("netlab starts");
        let size = |count| NonZero::new(count).expect("a terminal has rows and columns");
        let screen = vt100::Parser::new(size(ROWS), size(columns), 0);
        Self { child, master: File::from(pty.master), screen, written: Vec::new() }
    }

    /// Types: what a key sends is what a terminal would send.
    pub fn types(&mut self, keys: &str) {
        self.master.write_all(keys.as_bytes()).expect("the terminal takes keys");
    }

    /// Types a line at the prompt, waits until it has been run, and returns the whole screen.
    pub fn enters(&mut self, line: &str, result: &str) -> String {
        self.awaits_prompt("");
        self.types(line);
        self.types("\r");
        self.awaits(result);
        self.awaits_prompt("");
        self.text()
    }

    /// The screen, row by row.
    pub fn text(&self) -> String {
        self.screen.screen().contents()
    }

    /// The row of the cursor, what is typed there and what is hinted at.
    pub fn row(&self) -> String {
        let screen = self.screen.screen();
        let (row, _) = screen.cursor_position();
        screen.rows(0, screen.size().1.get()).nth(row.into()).unwrap_or_default().trim_end().to_owned()
    }

    /// Waits until this stands on the screen.
    pub fn awaits(&mut self, text: &str) {
        self.until(text, |terminal| terminal.text().contains(text));
    }

    /// Waits until the cursor stands at the prompt, with this behind it. The number of the
    /// line stands in the prompt.
    pub fn awaits_prompt(&mut self, typed: &str) {
        let wanted = format!("> {typed}").trim_end().to_owned();
        self.until(&format!("at the prompt: {typed}"), |terminal| {
            let row = terminal.row();
            let number =
                row.strip_prefix("netlab ").map(|row| row.trim_start_matches(|c: char| c.is_ascii_digit()));
            number.is_some_and(|rest| rest == wanted)
        });
    }

    /// Reads what comes until something is so.
    pub fn until(&mut self, what: &str, happened: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !happened(self) {
            assert!(self.read(deadline), "{what:?} never came; the screen:\n{}", self.text());
        }
    }

    /// Makes the window wider or narrower.
    pub fn resize(&mut self, columns: u16) {
        let size = Winsize { ws_row: ROWS, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        // SAFETY: the kernel reads one winsize, which is there (ioctl_tty(2)).
        let set = unsafe { libc::ioctl(self.master.as_raw_fd(), libc::TIOCSWINSZ, &raw const size) };
        assert_eq!(set, 0, "the terminal takes a size");
        let size = |count| NonZero::new(count).expect("a terminal has rows and columns");
        self.screen.screen_mut().set_size(size(ROWS), size(columns));
    }

    /// The colour in which a text begins, where it stands last.
    pub fn colour(&self, text: &str) -> vt100::Color {
        let screen = self.screen.screen();
        let rows: Vec<String> = screen.rows(0, screen.size().1.get()).collect();
        let (row, column) = rows
            .iter()
            .enumerate()
            .rev()
            .find_map(|(row, line)| Some((row, line[..line.rfind(text)?].chars().count())))
            .expect("it is on the screen");
        let place = (u16::try_from(row).expect("a row"), u16::try_from(column).expect("a column"));
        screen.cell(place.0, place.1).expect("a cell").fgcolor()
    }

    /// Sends netlab a signal.
    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().cast_signed()), signal).expect("netlab runs");
    }

    /// The processes that netlab has started: its worker.
    pub fn children(&self) -> Vec<i32> {
        let pid = self.child.id();
        let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
        let children = children.unwrap_or_default();
        children.split_whitespace().filter_map(|pid| pid.parse().ok()).collect()
    }

    /// Whether netlab's main thread waits for an answer: it sleeps in futex(2), which it does
    /// not while it reads a line. An interrupt from before would not be meant for the line.
    pub fn waits_for_an_answer(&self) -> bool {
        let syscall =
            std::fs::read_to_string(format!("/proc/{}/syscall", self.child.id())).unwrap_or_default();
        syscall.split(' ').next() == Some(&libc::SYS_futex.to_string())
    }

    /// Whether the terminal collects keys to lines, as programs find it. A line editor turns
    /// that off.
    pub fn collects_lines(&self) -> bool {
        tcgetattr(&self.master).expect("a terminal").local_flags.contains(LocalFlags::ICANON)
    }

    /// Waits until netlab has ended.
    pub fn ends(&mut self) -> (ExitStatus, String) {
        let deadline = Instant::now() + PATIENCE;
        while self.read(deadline) {}
        let status = self.child.try_wait().expect("is a child");
        let status = status.unwrap_or_else(|| {
            assert!(Instant::now() < deadline, "netlab does not end; the screen:\n{}", self.text());
            self.child.wait().expect("is a child")
        });
        (status, self.text())
    }

    /// Reads once; `false` when the time is up or the terminal has no other side any more.
    fn read(&mut self, deadline: Instant) -> bool {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::ZERO);
        let mut waiting = [PollFd::new(self.master.as_fd(), PollFlags::POLLIN)];
        if poll(&mut waiting, timeout).expect("poll") == 0 {
            return false;
        }
        let mut bytes = [0; 4096];
        // A pseudo-terminal without another side says EIO.
        let count = self.master.read(&mut bytes).unwrap_or(0);
        self.written.extend(&bytes[..count]);
        self.screen.process(&bytes[..count]);
        count > 0
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // A test that has failed leaves nothing behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
