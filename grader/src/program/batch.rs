//! `grade batch`: all submissions of a course.

use super::{How, format, print, with_formats};
use crate::batch::results::{Results, Status};
use crate::batch::submissions::{self, Shard};
use crate::batch::{self, Batch, Progress};
use crate::kit::{Kit, trouble};
use crate::model::Problem;
use crate::report::Format;
use clap::Args;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

/// Grades every submission in a folder or on a list
///
/// Each entry of FOLDER is a submission: the lab's folder, or a repository that holds it as labs/02-echo. A list has a
/// path a line, or a name, a tab, and a path. What is graded already is not graded again: a batch that was broken off
/// goes on where it stopped, and a submission that has changed since is graded anew.
///
/// Exit code: 0 all were judged, 2 wrong usage, 3 some could not be judged.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// A lab, by its number or name
    lab: String,
    /// The folder of submissions, or the file with a list of them
    submissions: PathBuf,
    /// The folder for the results; `grades-LAB` without it
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Grade so many at a time; as many as there are processors without it
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Grade only the Ith of N parts, on a machine of its own; `grade merge` puts them together
    #[arg(long, value_name = "I/N", value_parser = Shard::parse)]
    shard: Option<Shard>,
    /// Write a report of each submission, too (may be repeated)
    #[arg(long = "report", value_name = "FORMAT", value_parser = format,
          long_help = with_formats("Write a report of each submission, too, in a folder of the format's name (may be repeated)"))]
    reports: Vec<&'static Format>,
    #[command(flatten)]
    how: How,
}

pub(super) fn run(options: &Options, kit: &Kit) -> Result<u8, Problem> {
    let mut request = options.how.request(kit, &options.lab, None)?;
    let all = submissions::read(&options.submissions)?;
    let all = options.shard.map_or_else(|| all.clone(), |shard| shard.own(all.clone()));
    let out = options.out.clone().unwrap_or_else(|| format!("grades-{}", request.lab.slug).into());
    let (results, origin) = Results::open(&out, kit, &request, options.how.seed)?;
    request.seed = origin.seed;
    request.pictures = options.reports.iter().any(|format| format.name == "html");
    let _room = room(&out)?;
    let batch = Batch {
        request,
        submissions: all,
        jobs: options.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)),
        reports: options.reports.clone(),
        reveal: options.how.reveal,
    };
    let not_judged = batch::run(kit, &batch, &results, |progress| {
        // Whoever looked on has gone; the batch goes on.
        let _ = print(&line(&progress));
    })?;
    print(&format!("{} submissions: {}", batch.submissions.len(), out.join("results.csv").display()))?;
    if not_judged > 0 {
        print(&format!("{not_judged} could not be judged: the same command tries them again"))?;
    }
    Ok(if not_judged > 0 { 3 } else { 0 })
}

/// The folder in which the batch's temporary folders are. One that was killed has left its own behind: the next
/// one with these results clears them away.
fn room(out: &Path) -> Result<TempDir, Problem> {
    let out = out.canonicalize().map_err(trouble("finding", out))?;
    let mut hasher = DefaultHasher::new();
    out.hash(&mut hasher);
    let prefix = format!("grade-batch-{:016x}-", hasher.finish());
    let place = std::env::temp_dir();
    for entry in place.read_dir().map_err(trouble("reading", &place))?.flatten() {
        if entry.file_name().to_string_lossy().starts_with(&prefix) {
            // The results are held by this process: nobody uses it any more.
            std::fs::remove_dir_all(entry.path()).map_err(trouble("removing", &entry.path()))?;
        }
    }
    let room =
        tempfile::Builder::new().prefix(&prefix).tempdir_in(&place).map_err(trouble("writing in", &place))?;
    // In namespaces programs run as nobody, who has to find the way to them.
    let way = std::fs::Permissions::from_mode(0o711);
    std::fs::set_permissions(room.path(), way).map_err(trouble("opening", room.path()))?;
    tempfile::env::override_temp_dir(room.path())
        .map_err(|set| Problem::Trouble(format!("temporary folders are in {} already", set.display())))?;
    Ok(room)
}

fn line(progress: &Progress<'_>) -> String {
    let Progress { done, all, row, left } = progress;
    let result = match (row.status, row.score, row.max_score) {
        (Status::Graded, Some(score), Some(most)) => format!("{score} of {most}"),
        _ => row.problem.clone().unwrap_or_default(),
    };
    let left = if done < all { format!("  ({} left)", about(*left)) } else { String::new() };
    let name = netkit::data::printable(&row.submission);
    format!("{done:>width$} of {all}  {name}: {result}{left}", width = all.to_string().len())
}

/// About how long something is.
fn about(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..=89 => format!("{seconds} s"),
        seconds @ 90..=5399 => format!("{} min", seconds.div_ceil(60)),
        seconds => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}
