//! Grading a whole course: every submission in a folder or a list, several at a time.
//!
//! - [`submissions`]: which there are, and where in each the lab lies.
//! - [`results`]: the folder in which everything is kept, a file a submission. It is all that a batch
//!   knows: one that was broken off goes on where it stopped, and shards are merged by laying
//!   their files together.
//! - [`table`]: what is made of them for people: CSV and JSON lines.

pub mod results;
pub mod submissions;
pub mod table;

use crate::grading::{self, Request};
use crate::isolation;
use crate::kit::Kit;
use crate::model::{Grade, Problem, Reveal};
use crate::report::Format;
use results::{Results, Row};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};
use submissions::Submission;

/// What a batch does.
#[derive(Debug)]
pub struct Batch {
    /// How each submission is graded; its own folder is put in.
    pub request: Request,
    /// The submissions.
    pub submissions: Vec<Submission>,
    /// So many are graded at a time.
    pub jobs: usize,
    /// The reports that are written of each, for students.
    pub reports: Vec<&'static Format>,
    /// How much they show of hidden scenarios.
    pub reveal: Reveal,
}

/// How far a batch is, each time a submission is done.
#[derive(Debug)]
pub struct Progress<'a> {
    /// So many are done, this one among them.
    pub done: usize,
    /// Of so many.
    pub all: usize,
    /// What became of it.
    pub row: &'a Row,
    /// About how long the rest will take, judged by those that this run has graded.
    pub left: Duration,
}

/// Grades all that is not graded yet, and writes the tables. Returns how many could not be graded.
///
/// # Errors
/// When nothing can be graded, or results cannot be written. One submission never keeps another from being graded.
pub fn run(
    kit: &Kit,
    batch: &Batch,
    results: &Results,
    tell: impl FnMut(Progress<'_>),
) -> Result<usize, Problem> {
    let confinement = isolation::find(&batch.request.isolation, &batch.request.worker)?;
    let mut rows = Vec::new();
    let mut open = Vec::new();
    for submission in &batch.submissions {
        match results.kept(submission, &batch.request.lab)? {
            Some(row) => rows.push(row),
            None => open.push(submission),
        }
    }
    let next = AtomicUsize::new(0);
    let work = |sender: Sender<Result<Row, Problem>>| {
        while let Some(submission) = open.get(next.fetch_add(1, Ordering::Relaxed)) {
            // Nobody takes results any more when one could not be written.
            if sender.send(one(kit, batch, &confinement, submission, results)).is_err() {
                return;
            }
        }
    };
    let work = &work;
    std::thread::scope(|scope| {
        let (sender, finished) = channel();
        for _ in 0..batch.jobs.clamp(1, open.len().max(1)) {
            let sender = sender.clone();
            scope.spawn(move || work(sender));
        }
        drop(sender);
        collect(results, rows, finished, batch.submissions.len(), tell)
    })
}

/// Takes the rows as they come, and writes the tables anew with each.
fn collect(
    results: &Results,
    mut rows: Vec<Row>,
    finished: Receiver<Result<Row, Problem>>,
    all: usize,
    mut tell: impl FnMut(Progress<'_>),
) -> Result<usize, Problem> {
    let (start, before) = (Instant::now(), rows.len());
    // What was kept is in the tables, even if nothing is left to do.
    table::write(results, &mut rows)?;
    for row in finished {
        let row = row?;
        let done = rows.len() + 1;
        let each = start.elapsed() / u32::try_from(done - before).unwrap_or(u32::MAX);
        let left = each * u32::try_from(all.saturating_sub(done)).unwrap_or(u32::MAX);
        tell(Progress { done, all, row: &row, left });
        rows.push(row);
        table::write(results, &mut rows)?;
    }
    Ok(rows.iter().filter(|row| !row.is_judged()).count())
}

/// Grades one, and keeps what came of it.
fn one(
    kit: &Kit,
    batch: &Batch,
    confinement: &isolation::Confinement,
    submission: &Submission,
    results: &Results,
) -> Result<Row, Problem> {
    let lab = &batch.request.lab;
    let fingerprint = submission.fingerprint(lab);
    let request = Request { submission: submission.lab_folder(lab), ..batch.request.clone() };
    // A panic is the grader's mistake, and concerns this submission alone.
    let graded = std::panic::catch_unwind(|| grading::grade_as(kit, &request, confinement, |_| {}));
    let graded: Result<Grade, String> = match graded {
        Ok(Ok(grade)) => Ok(grade),
        Ok(Err(problem)) => Err(problem.to_string()),
        Err(_) => Err("the grader broke off".into()),
    };
    if let (Ok(grade), false) = (&graded, batch.reports.is_empty()) {
        let shown = grade.clone().revealed(batch.reveal);
        for format in &batch.reports {
            // A format that cannot say it leaves no file; the row tells what happened.
            if let Ok(text) = (format.write)(&shown, kit) {
                results.report(&submission.name, format, &text)?;
            }
        }
    }
    let row = Row::of(&submission.name, &request.submission, fingerprint, &graded);
    results.keep(&row, graded.ok().as_ref())?;
    Ok(row)
}
