//! The main part of a program: in front of each call its line of the session.

use super::plan::{Action, Plan, Step};

/// The lines of a program's main part, and what was left out of it.
#[derive(Default)]
pub(super) struct Body {
    /// Its text.
    pub text: String,
    /// The numbers of lines that are left out, and why.
    pub left_out: Vec<(u32, String)>,
}

/// The code of each step, below its line as a comment. `code` gives the lines of code, or says
/// why there are none.
pub(super) fn body(
    plan: &Plan,
    comment: fn(&str) -> String,
    code: impl Fn(&Step) -> Result<Vec<String>, String>,
) -> Body {
    let mut body = Body::default();
    for step in &plan.steps {
        let mut lines = Vec::new();
        if !step.line.is_empty() || matches!(step.action, Action::Clear(_)) {
            body.text.push('\n');
        }
        if !step.line.is_empty() {
            lines.push(comment(&format!("{}: {}", step.number, step.line)));
        }
        let written = match &step.action {
            Action::Nothing(why) => Ok(vec![comment(&format!("({why})"))]),
            Action::LeftOut(why) => Err(why.clone()),
            _ => code(step),
        };
        match written {
            Ok(code) => lines.extend(code),
            Err(why) => {
                lines.push(comment(&format!("LEFT OUT: {why}")));
                body.left_out.push((step.number, why));
            }
        }
        for line in lines {
            body.text.push_str("    ");
            body.text.push_str(&line);
            body.text.push('\n');
        }
    }
    body
}
