//! A session as a program in Python.

mod call;

use super::body::{Body, body};
use super::names::{bytes, error};
use super::plan::{Action, Plan, Planned, Step};
use super::{Program, helpers};
use call::{Written, written};

/// The functions that programs use.
const HELPERS: &str = include_str!("helpers.py");

/// The program.
pub(super) fn program(plan: &Plan) -> Program {
    let Body { text: body, left_out } = body(plan, comment, |step| code(plan, step));
    let body = body.trim_start_matches('\n');
    let code = format!("def main():\n{}{END}", if body.is_empty() { "    pass\n" } else { body });
    let needed = helpers::needed(HELPERS, &code).replace("KEY", &format!("{:#x}", plan.key));
    let code = format!("{needed}{code}");
    // Only what is used is imported.
    let imports: String = MODULES
        .split(' ')
        .filter(|module| code.contains(&format!("{module}.")))
        .map(|module| format!("import {module}\n"))
        .collect();
    Program { text: format!("{HEADER}{imports}\n\n{code}"), left_out }
}

const MODULES: &str = "errno fcntl os select socket stat struct sys threading time traceback";

const HEADER: &str = r#"#!/usr/bin/env python3
"""Written by netlab: the calls of a session, in the order in which they were made.

Run it:  python3 FILE          or python3 FILE --pause, which stops at the end, so that
                               you can look at the sockets in another terminal: ss -tuanp

Above each call stands the line of the session. The program prints the number of that line,
the call, and what it returned: -1 and the error where it failed. A call that fails though it
did not fail in the session ends the program.
"""

"#;

const END: &str = r#"
    if "--pause" in sys.argv[1:]:
        print("all is done; the sockets stay as they are until you press ENTER", flush=True)
        sys.stdin.readline()


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        # The line of main() that was being done.
        place = next(frame for frame in traceback.extract_tb(error.__traceback__) if frame.name == "main")
        sys.exit(f"{sys.argv[0]}:{place.lineno}: {place.line}\n{error}: it did not fail in the session")
"#;

fn comment(text: &str) -> String {
    format!("# {text}")
}

fn code(plan: &Plan, step: &Step) -> Result<Vec<String>, String> {
    Ok(match &step.action {
        Action::Make(call) => {
            let written = written(plan, call)?;
            made(call, &written, &written.call)
        }
        Action::Start(job, call) => vec![format!("job_{job} = Job(lambda: {})", written(plan, call)?.call)],
        // Where the call was left out, so is its end.
        Action::Join(job) => match plan.job(*job).map(|call| (call, written(plan, call))) {
            Some((call, Ok(written))) => made(call, &written, &format!("job_{job}.returned()")),
            _ => Vec::new(),
        },
        Action::Sleep(time) => vec![format!("time.sleep({})", time.as_secs_f64())],
        Action::Clear(path) => {
            let why = comment("The file that an earlier run has left would be in the way: EADDRINUSE.");
            vec![why, format!("remove_socket({})", bytes(path))]
        }
        Action::Nothing(_) | Action::LeftOut(_) => Vec::new(),
    })
}

/// A call that is made and told of.
fn made(call: &Planned, written: &Written, expression: &str) -> Vec<String> {
    let statement = match &written.takes {
        Some(name) => format!("{name} = {expression}"),
        None => expression.to_owned(),
    };
    let told = [statement].into_iter().chain(written.tells.iter().cloned());
    let Some(errno) = call.failed else { return told.collect() };
    let mut lines = vec!["try:".to_owned()];
    lines.extend(told.map(|line| format!("    {line}")));
    lines.push(format!("except OSError as error:  # in the session: {}", error(errno)));
    lines.push(format!("    failed({}, \"{}\", error)", call.number, call.said));
    lines
}
