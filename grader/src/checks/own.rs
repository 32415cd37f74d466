//! Checks of a lab that only the tests have: they start the program `p`, which has to write a
//! line, and then end in every way in which a check can end.

use super::stand::{Stand, Stop, failed};

/// All is as it should be.
pub fn passes(stand: &mut Stand) -> Result<(), Stop> {
    stand.step("starts a program");
    stand.line("p = start p", "it starts")?;
    stand.line("output p line", "it writes a line")?;
    stand.note("it has started");
    Ok(())
}

/// The submission is to blame.
pub fn fails(stand: &mut Stand) -> Result<(), Stop> {
    passes(stand)?;
    stand.step("reads what it writes");
    Err(failed("three words", "two words"))
}

/// The check is to blame.
#[allow(clippy::panic, reason = "this is what the tests want to see")]
pub fn panics(stand: &mut Stand) -> Result<(), Stop> {
    passes(stand)?;
    panic!("out of its mind");
}

/// Nobody knows.
pub fn never_ends(stand: &mut Stand) -> Result<(), Stop> {
    passes(stand)?;
    stand.step("waits for ever");
    loop {
        std::thread::park();
    }
}
