//! `grade check`: the author's gate.

use super::{How, print};
use crate::author::specimens::{self, Graded, Kind};
use crate::author::{self, files};
use crate::course;
use crate::grading::Request;
use crate::kit::{Kit, Lab};
use crate::model::Problem;
use clap::Args;

/// So many specimens are graded at a time. Most of the wrong ones keep the grader waiting until a step's time is up, so
/// that more of them than processors is a gain.
const AT_A_TIME: usize = 10;

/// Looks whether labs, solutions, scenarios and specimens fit together: for authors
///
/// Skeletons build without a warning and score what they declare; solutions score 100; what is given is the same in both;
/// every scenario has points, a title and a hint; every specimen meets its verdict; no file lies where none belongs.
///
/// Exit code: 0 all of it holds, 1 something does not, 2 wrong usage, 3 could not be found out.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// A lab, by its number or name (may be repeated); all of them without it
    #[arg(id = "lab")]
    labs: Vec<String>,
    /// Look at the files alone, and grade nothing
    #[arg(long)]
    files: bool,
    #[command(flatten)]
    how: How,
}

pub(super) fn run(options: &Options, kit: &Kit) -> Result<u8, Problem> {
    let labs = course::labs(kit, &options.labs)?;
    let mut problems = Vec::new();
    for lab in &labs {
        problems.extend(files::scenarios(kit, lab)?);
        problems.extend(files::given(kit, lab)?);
    }
    if !options.files {
        problems.extend(graded(options, kit, &labs)?);
    }
    problems.iter().try_for_each(|problem| print(problem))?;
    print(&match problems.len() {
        0 => format!("{} labs: all of it fits together", labs.len()),
        1 => "1 problem".to_owned(),
        many => format!("{many} problems"),
    })?;
    Ok(u8::from(!problems.is_empty()))
}

fn graded(options: &Options, kit: &Kit, labs: &[Lab]) -> Result<Vec<String>, Problem> {
    let mut problems = Vec::new();
    for lab in labs {
        let request = options.how.request(kit, &lab.slug, None)?;
        problems.extend(author::skeleton(kit, &request)?);
        problems.extend(author::solution(kit, &request)?);
        let tell = |graded: Graded<'_>| {
            // Who looked on may have gone.
            let _ = print(&format!("{:6.1} s  {}", graded.took.as_secs_f64(), graded.name));
        };
        let own = std::slice::from_ref(lab);
        // Right ones are graded one at a time: they must not fail for want of time.
        for (kind, at_a_time) in [(Kind::Right, 1), (Kind::Wrong, AT_A_TIME)] {
            let request = Request { lab: lab.clone(), ..request.clone() };
            problems.extend(specimens::check(kit, own, kind, &request, at_a_time, tell)?);
        }
    }
    Ok(problems)
}
