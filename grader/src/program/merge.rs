//! `grade merge`: the parts of a batch put together.

use super::print;
use crate::batch::results::Results;
use crate::batch::table;
use crate::model::Problem;
use clap::Args;
use std::path::PathBuf;

/// Puts the results of several batches together, such as those of `grade batch --shard`
///
/// The same command may be given again when more have come.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// The folders with results
    #[arg(required = true)]
    from: Vec<PathBuf>,
    /// The folder for all of them
    #[arg(long, value_name = "FOLDER")]
    into: PathBuf,
}

pub(super) fn run(options: &Options) -> Result<u8, Problem> {
    let results = Results::hold(&options.into)?;
    for from in &options.from {
        results.take_over(from)?;
    }
    let mut rows = results.rows()?;
    table::write(&results, &mut rows)?;
    let not_judged = rows.iter().filter(|row| !row.is_judged()).count();
    print(&format!("{} submissions: {}", rows.len(), options.into.join("results.csv").display()))?;
    if not_judged > 0 {
        print(&format!("{not_judged} of them could not be judged"))?;
    }
    Ok(if not_judged > 0 { 3 } else { 0 })
}
