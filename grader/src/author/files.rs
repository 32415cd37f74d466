//! What lies in a lab's folders.

use super::solution_folder;
use crate::kit::{Kit, Lab, trouble};
use crate::model::Problem;
use crate::scenario::Body;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Every scenario has what is needed to grade by it, and no other file lies among them.
///
/// # Errors
/// When they cannot be read.
pub fn scenarios(kit: &Kit, lab: &Lab) -> Result<Vec<String>, Problem> {
    let scenarios = kit.scenarios(lab)?;
    let mut problems = Vec::new();
    let sum: u32 = scenarios.iter().map(|scenario| scenario.points).sum();
    if sum != 100 {
        problems.push(format!("{}: the points of all scenarios are {sum}, not 100", lab.slug));
    }
    let mut names = BTreeSet::new();
    for scenario in &scenarios {
        let mut says = |what: &str| problems.push(format!("{}/{}: {what}", lab.slug, scenario.name));
        if scenario.points == 0 {
            says("it gives no points");
        }
        if scenario.title.trim().is_empty() {
            says("it has no title");
        }
        if !scenario.hint.ends_with(['.', '?']) {
            says("the hint is no sentence");
        }
        if let Some(missing) = scenario.needs.iter().find(|name| !names.contains(name.as_str())) {
            says(&format!("it needs `{missing}`, and none of that name comes before it"));
        }
        if let (Body::Script(_), Err(reason)) = (&scenario.body, scenario.expected()) {
            says(&reason);
        }
        if !names.insert(scenario.name.as_str()) {
            says("there are two of this name");
        }
    }
    let folder = kit.root.join("grader/scenarios").join(&lab.slug);
    let of_scenario = |file: &PathBuf| {
        let stem = file.with_extension("netlab");
        let ending = file.extension().and_then(|ending| ending.to_str());
        matches!(ending, Some("netlab" | "snap")) && scenarios.iter().any(|scenario| scenario.file == stem)
    };
    let strays = entries(&folder)?.into_iter().filter(|file| !of_scenario(file));
    problems.extend(strays.map(|file| format!("{} belongs to no scenario", shown(kit, &file))));
    Ok(problems)
}

/// What students are given is the same in the lab and in its solution, and neither has anything else.
///
/// # Errors
/// When they cannot be read.
pub fn given(kit: &Kit, lab: &Lab) -> Result<Vec<String>, Problem> {
    let (ours, theirs) = (kit.lab_folder(lab), solution_folder(kit, lab));
    let mut problems = Vec::new();
    let (in_lab, in_solution) = (files_below(&ours)?, files_below(&theirs)?);
    for file in in_lab.union(&in_solution) {
        let is_editable = lab.editable.contains(file);
        // The handout stands in the lab alone.
        let is_own = file == Path::new("README.md");
        let (here, there) = (in_lab.contains(file), in_solution.contains(file));
        let path = shown(kit, &ours.join(file));
        if is_own && here {
            if there {
                problems.push(format!("{} repeats the lab's own", shown(kit, &theirs.join(file))));
            }
        } else if !here || !there {
            let missing = if here { &theirs } else { &ours };
            problems.push(format!("{} is not there", shown(kit, &missing.join(file))));
        } else {
            let same = fs::read(ours.join(file)).ok() == fs::read(theirs.join(file)).ok();
            match (is_editable, same) {
                (true, true) => problems.push(format!("{path} is the solution")),
                (false, false) => problems.push(format!("{path} is given, and another one in the solution")),
                _ => {}
            }
        }
    }
    Ok(problems)
}

/// All files below a folder, relative to it; what a build leaves behind does not count.
fn files_below(folder: &Path) -> Result<BTreeSet<PathBuf>, Problem> {
    let mut found = BTreeSet::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for path in entries(&next)? {
            if path.is_dir() {
                open.extend((path.file_name() != Some("target".as_ref())).then_some(path));
            } else if let Ok(relative) = path.strip_prefix(folder) {
                found.insert(relative.to_owned());
            }
        }
    }
    Ok(found)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Problem> {
    let entries = folder.read_dir().map_err(trouble("reading", folder))?;
    Ok(entries.flatten().map(|entry| entry.path()).collect())
}

fn shown(kit: &Kit, path: &Path) -> String {
    path.strip_prefix(&kit.root).unwrap_or(path).display().to_string()
}
