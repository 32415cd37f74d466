//! A session as a program in C.

mod call;

use super::body::{Body, body};
use super::names::{error, is_known};
use super::plan::{Action, Argument, Plan, Planned, Step};
use super::{Program, helpers};
use call::{Written, literal, written};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The functions that programs use.
const HELPERS: &str = include_str!("helpers.c");

/// The program.
pub(super) fn program(plan: &Plan) -> Program {
    let Body { text: body, left_out } = body(plan, comment, |step| Ok(code(plan, step)));
    let mut code = String::new();
    if !plan.sockets.is_empty() {
        code.push_str("/* The sockets. They stand here, where threads see them, too. */\n");
        for socket in &plan.sockets {
            let _ = writeln!(code, "static int {socket} = -1;");
        }
    }
    for step in &plan.steps {
        if let Action::Start(job, call) = &step.action {
            code.push_str(&job_function(plan, step, *job, call));
        }
    }
    let code = format!("{code}{MAIN}{body}{END}");
    let needed = helpers::needed(HELPERS, &code).replace("KEY", &format!("{:#018x}", plan.key));
    Program { text: format!("{HEADER}{}{needed}{code}", definitions(plan)), left_out }
}

/// The constants that the C library's headers may not have yet.
fn definitions(plan: &Plan) -> String {
    let constants = plan.calls().flat_map(|call| &call.arguments).filter_map(|argument| match argument {
        Argument::Constant(value, name) if name.starts_with(|c: char| c.is_ascii_alphabetic()) => {
            Some((name, value))
        }
        _ => None,
    });
    let options: BTreeMap<_, _> =
        constants.filter(|(name, _)| !name.contains('|') && !is_known(name)).collect();
    let unknown = options.into_iter().filter(|(name, _)| !name.starts_with("F_"));
    let mut text: String = unknown
        .map(|(name, value)| {
            format!("#ifndef {name} /* of linux/in.h or its like */\n#define {name} {value}\n#endif\n")
        })
        .collect();
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

const HEADER: &str = r#"/*
 * Written by netlab: the calls of a session, in the order in which they were made.
 *
 * Build it:  gcc -std=c17 -Wall -Wextra -Wpedantic -pthread FILE.c -o FILE
 * Run it:    ./FILE             or ./FILE --pause, which stops at the end, so that you can
 *                               look at the sockets in another terminal: ss -tuanp
 *
 * Above each call stands the line of the session. The program prints the number of that
 * line, the call, and what it returned: -1 and the error where it failed. A call that fails
 * though it did not fail in the session ends the program.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

"#;

const MAIN: &str = r#"
int main(int argc, char **argv)
{
    /* A line at a time, also into a pipe. */
    setvbuf(stdout, NULL, _IOLBF, 0);
    /* To send on a connection that is broken is then an error, EPIPE, and not the end. */
    signal(SIGPIPE, SIG_IGN);
"#;

const END: &str = r#"
    if (argc > 1 && strcmp(argv[1], "--pause") == 0) {
        printf("all is done; the sockets stay as they are until you press ENTER\n");
        getchar();
    }
    return EXIT_SUCCESS;
}
"#;

fn comment(text: &str) -> String {
    format!("/* {} */", text.replace("*/", "* /").replace("/*", "/ *"))
}

fn code(plan: &Plan, step: &Step) -> Vec<String> {
    match &step.action {
        Action::Make(call) => block(plan, call),
        Action::Start(job, _) => vec![format!("start(&job_{job}, run_job_{job});")],
        Action::Join(job) => plan.job(*job).map(|call| joined(plan, *job, call)).unwrap_or_default(),
        Action::Sleep(time) => {
            let (seconds, nanoseconds) = (time.as_secs(), time.subsec_nanos());
            let span = format!("(struct timespec){{ .tv_sec = {seconds}, .tv_nsec = {nanoseconds} }}");
            vec![format!("nanosleep(&{span}, NULL);")]
        }
        Action::Clear(path) => {
            let why = comment("The file that an earlier run has left would be in the way: EADDRINUSE.");
            vec![why, format!("remove_socket({});", literal(path))]
        }
        Action::Nothing(_) | Action::LeftOut(_) => Vec::new(),
    }
}

/// The lines that tell what a call returned, and that end the program where they must.
fn told(call: &Planned, data: Option<&str>, value: &str) -> Vec<String> {
    let (number, said) = (call.number, &call.said);
    let mut lines = vec![match (data, call.failed) {
        (Some(data), _) => {
            let room = size_of_room(call);
            format!("tell_data({number}, \"{said}\", {data}, {value}, {room});")
        }
        (None, None) => format!("check({number}, \"{said}\", {value});"),
        (None, Some(_)) => format!("tell({number}, \"{said}\", {value});"),
    }];
    if data.is_some() && call.failed.is_none() {
        lines.extend([format!("if ({value} == -1)"), format!("    quit({number}, \"{said}\");")]);
    }
    lines
}

fn size_of_room(call: &Planned) -> u64 {
    call::room(call).unwrap_or_default()
}

fn block(plan: &Plan, call: &Planned) -> Vec<String> {
    let Written { before, call: expression, buffer, shows, after, .. } = written(plan, call, None);
    let mut lines = before;
    if let Some(errno) = call.failed {
        lines.push(comment(&format!("In the session it failed: {}.", error(errno))));
    }
    if let Some(buffer) = &buffer {
        lines.push(format!("ssize_t n = {expression};"));
        lines.extend(told(call, Some(buffer), "n"));
    } else {
        lines.extend(told(call, None, &expression));
    }
    if call.failed.is_none() {
        lines.extend(shows);
    }
    lines.extend(after);
    // What needs variables of its own stands in braces.
    if lines.len() == 1 || (lines.len() == 2 && call.failed.is_some()) {
        return lines;
    }
    let inner = lines.into_iter().map(|line| format!("    {line}"));
    ["{".to_owned()].into_iter().chain(inner).chain(["}".to_owned()]).collect()
}

/// The end of a job.
fn joined(plan: &Plan, job: u32, call: &Planned) -> Vec<String> {
    let mut lines =
        vec![format!("pthread_join(job_{job}.thread, NULL);"), format!("errno = job_{job}.error;")];
    let data = format!("job_{job}.data");
    lines.extend(told(call, call.receives().then_some(data.as_str()), &format!("job_{job}.value")));
    let Written { shows, kept, .. } = written(plan, call, Some(job));
    if kept.is_some() && call.failed.is_none() {
        lines.extend(shows);
    }
    lines
}

/// The function that the thread of a job runs.
fn job_function(plan: &Plan, step: &Step, job: u32, call: &Planned) -> String {
    let Written { before, call: expression, kept, after, .. } = written(plan, call, Some(job));
    let mut lines = vec!["(void)unused;".to_owned()];
    lines.extend(before);
    lines.push(format!("job_{job}.value = {expression};"));
    lines.push(format!("job_{job}.error = errno;"));
    lines.extend(after);
    lines.push("return NULL;".into());
    let line = comment(&format!("{}: {}", step.number, step.line));
    let kept = kept.map(|kept| format!("{kept}\n")).unwrap_or_default();
    let mut text = format!(
        "\nstatic struct job job_{job};\n{kept}\n{line}\nstatic void *run_job_{job}(void *unused)\n{{\n"
    );
    for line in lines {
        let _ = writeln!(text, "    {line}");
    }
    text.push_str("}\n");
    text
}
