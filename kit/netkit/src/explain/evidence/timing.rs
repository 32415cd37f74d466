//! Answers that did not come in time: how long was waited for them, and what may be in the way.

use super::{Evidence, end_of};
use crate::explain::full;
use crate::options::{self, decode::decode};
use crate::outcome::Failure;
use crate::session::Session;
use crate::session::ends::End;
use crate::worker::call::Call;

/// A SYN that was not answered.
pub(super) fn no_answer(session: &mut Session, call: &Call) -> Result<Evidence, Failure> {
    let (Some(fd), Some(me)) = (call.descriptor(), end_of(session, call).map(End::label)) else {
        return Ok(Evidence::default());
    };
    let mut found = match full(call, session.ends()) {
        Some(listener) => Evidence::reason(format!(
            "the SYN of {me} was not answered, however often it was sent: the accept queue of {listener} is full, and a SYN that comes then is thrown away (inferred)"
        ))
        .next(format!("`accept {listener}` makes room; then connect again")),
        None => Evidence::default(),
    };
    let limits: Vec<_> = ["TCP_USER_TIMEOUT", "TCP_SYNCNT"].into_iter().filter_map(options::find).collect();
    let read = session.make_quietly(limits.iter().map(|option| option.get(fd)).collect())?;
    let said = limits.iter().zip(&read).filter_map(|(option, read)| {
        let value = decode(option, read.memory.as_deref().filter(|_| read.ok())?).words;
        let limits = if option.name == "TCP_SYNCNT" {
            format!("TCP_SYNCNT of {me} is {value}: so often the SYN is sent again")
        } else {
            format!("TCP_USER_TIMEOUT of {me} is {value}: after that time without an answer TCP gives up")
        };
        // 0 leaves it to the system.
        (!value.starts_with("0 ")).then_some(limits)
    });
    // The first that is set decides.
    found.why.extend(said.take(1));
    Ok(found)
}
