//! News of jobs, above the line that is being typed.
//!
//! A job may return, or be found blocked, while nobody types. The session calls for a look,
//! the announcer takes it, and hands what is new to the line editor's printer, which draws
//! the half-typed line again below it. A line that runs tells the news itself: then there is
//! nothing new here. The session keeps account of what was told, so that nothing is told twice.

use super::live::Live;
use super::screen;
use rustyline::ExternalPrinter;
use std::io;
use std::sync::mpsc::Receiver;

/// Starts the announcer; it ends with the session. Without a printer, as on a terminal that
/// cannot move its cursor, it prints as it comes.
///
/// # Errors
/// When there is no thread to be had.
pub fn start(
    pings: Receiver<()>,
    live: Live,
    mut printer: Option<impl ExternalPrinter + Send + 'static>,
) -> io::Result<()> {
    std::thread::Builder::new().name("announcer".into()).spawn(move || {
        for () in pings {
            let news = live.with(|session| {
                let outcome = session.news()?;
                Some(screen::outcome(&outcome, session.names()))
            });
            // The printer may wait until the next line is read: only without the session.
            match (news, &mut printer) {
                (None, _) => return,
                (Some(None), _) => {}
                (Some(Some(text)), Some(printer)) => {
                    // It fails when nobody reads lines any more: the session is at its end.
                    let _ = printer.print(text);
                }
                (Some(Some(text)), None) => screen::print(&text),
            }
        }
    })?;
    Ok(())
}
