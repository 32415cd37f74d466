//! A schedule as a table: a column a thread, a row a step. Text and page draw the same rows.

use crate::model::{Schedule, ScheduleStep};
use crate::schedules::report::What;
use colored::Colorize;

/// So many rows are shown before those that are left out, and behind them.
const FIRST: usize = 60;
const LAST: usize = 30;

/// The table.
pub struct Table {
    /// The heads: the steps' numbers, the threads that did something, the source.
    pub head: Vec<String>,
    /// The rows.
    pub rows: Vec<Row>,
}

/// A row of the table.
pub enum Row {
    /// A step: a cell for each head. All but one of those of threads are empty.
    Step(Vec<String>),
    /// So many steps are not shown.
    Omitted(u64),
}

/// Lays out a schedule.
pub fn table(schedule: &Schedule) -> Table {
    let columns: Vec<usize> = (0..schedule.threads.len())
        .filter(|thread| schedule.steps.iter().any(|step| step.thread == *thread))
        .collect();
    let files = files(schedule);
    let source = if let [file] = files[..] { format!("line of {file}") } else { "source".into() };
    let head = ["step".to_owned()].into_iter();
    let head = head.chain(columns.iter().map(|thread| schedule.threads[*thread].clone())).chain([source]);
    let row = |(at, step): (usize, &ScheduleStep)| {
        let omitted = if at < schedule.omitted_after { 0 } else { schedule.omitted };
        let number = (at as u64 + 1 + omitted).to_string();
        let cell = |thread: &usize| if *thread == step.thread { step.words.clone() } else { String::new() };
        let cells = [number].into_iter().chain(columns.iter().map(cell));
        Row::Step(cells.chain([place(step, files.len() == 1)]).collect())
    };
    let mut rows: Vec<Row> = schedule.steps.iter().enumerate().map(row).collect();
    if rows.len() > FIRST + LAST {
        let left_out = rows.drain(FIRST..rows.len() - LAST).count() as u64;
        rows.insert(FIRST, Row::Omitted(left_out + schedule.omitted));
    }
    Table { head: head.collect(), rows }
}

/// The table as text, a line each.
pub fn text(schedule: &Schedule) -> Vec<String> {
    let Table { head, rows } = table(schedule);
    let steps = rows.iter().filter_map(|row| if let Row::Step(cells) = row { Some(cells) } else { None });
    let mut widths: Vec<usize> = head.iter().map(|cell| cell.chars().count()).collect();
    for cells in steps {
        for (width, cell) in widths.iter_mut().zip(cells) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: &[String]| {
        let padded = cells.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
            if column == 0 { format!("{cell:>width$}") } else { format!("{cell:width$}") }
        });
        padded.collect::<Vec<String>>().join("  ").trim_end().to_owned()
    };
    let last = rows.len().saturating_sub(1);
    let rows = rows.iter().enumerate().map(|(at, row)| match row {
        Row::Omitted(count) => format!("   .  {}", left_out(*count)),
        Row::Step(cells) if at == last => line(cells).red().bold().to_string(),
        Row::Step(cells) => line(cells),
    });
    [line(&head).bold().to_string()].into_iter().chain(rows).collect()
}

/// What stands in place of steps that are not shown.
pub fn left_out(count: u64) -> String {
    format!("{count} more steps, left out here")
}

/// Where a step stands in the source.
fn place(step: &ScheduleStep, one_file: bool) -> String {
    let (Some(file), Some(line)) = (&step.file, step.line) else { return String::new() };
    let place = if one_file { line.to_string() } else { format!("{file}:{line}") };
    // A guard that is dropped does not know where.
    if step.what == What::Frees { format!("(taken on {place})") } else { place }
}

/// All files that it goes through.
fn files(schedule: &Schedule) -> Vec<&str> {
    let mut files: Vec<&str> = schedule.steps.iter().filter_map(|step| step.file.as_deref()).collect();
    files.sort_unstable();
    files.dedup();
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(steps: usize, omitted: u64) -> Schedule {
        let step = |number: usize| ScheduleStep {
            thread: 1 + number % 2,
            what: What::Takes,
            words: "takes the lock".into(),
            file: Some("src/buffer.rs".into()),
            line: u32::try_from(number).ok(),
        };
        Schedule {
            name: "0:0".into(),
            case: "two threads".into(),
            unusual_turns: 0,
            threads: ["main", "a", "b"].map(str::to_owned).into(),
            steps: (0..steps).map(step).collect(),
            omitted,
            omitted_after: steps / 2,
        }
    }

    #[test]
    fn a_column_a_thread_that_does_something_and_a_row_a_step() {
        colored::control::set_override(false);
        assert_eq!(
            text(&schedule(2, 0)),
            [
                "step  a               b               line of src/buffer.rs",
                "   1  takes the lock                  0",
                "   2                  takes the lock  1",
            ]
        );
    }

    #[test]
    fn the_middle_of_a_long_one_is_left_out_and_counted() {
        colored::control::set_override(false);
        let lines = text(&schedule(200, 600));
        assert_eq!(lines.len(), 1 + FIRST + 1 + LAST);
        assert!(lines.iter().any(|line| line.contains("710 more steps")), "{lines:#?}");
        assert!(lines.last().is_some_and(|line| line.starts_with(" 800  ")), "{lines:#?}");
    }
}
