//! The repository that students get: the kit, skeletons, scenarios, a workflow, a container to work in.

use super::Copier;
use crate::kit::{Kit, Lab};
use crate::model::Problem;
use std::path::Path;

const README: &str = include_str!("../../templates/handout/README.md");
const WORKFLOW: &str = include_str!("../../templates/handout/grade.yml");

/// Writes it.
///
/// `action` is what the workflow grades with: the course's own copy of the kit, as `OWNER/REPOSITORY` and a commit or tag
/// behind an `@`. Without one the repository's own grader does it, which is a self-check: students could change it.
///
/// # Errors
/// When a skeleton is a solution, or something cannot be copied.
pub fn write(kit: &Kit, folder: &Path, labs: &[Lab], action: Option<&str>) -> Result<(), Problem> {
    let copy = Copier::to(kit, folder)?;
    labs.iter().try_for_each(|lab| is_no_solution(kit, lab))?;
    copy.kit(labs)?;
    for file in ["Dockerfile", "devcontainer.json"] {
        copy.entry(&Path::new(".devcontainer").join(file))?;
    }
    let rows: String = labs
        .iter()
        .map(|lab| format!("| {:02} | [{}](labs/{}/README.md) |\n", lab.number, lab.title, lab.slug))
        .collect();
    copy.write(Path::new("README.md"), README.replace("{LABS}", rows.trim_end()).as_bytes())?;
    copy.entry(Path::new(".gitignore"))?;
    let numbers: Vec<String> = labs.iter().map(|lab| lab.number.to_string()).collect();
    let action = match action {
        Some(action) => {
            let (repository, reference) = action.split_once('@').ok_or_else(|| {
                Problem::Usage(format!(
                    "`{action}` is not OWNER/REPOSITORY@COMMIT: a name alone could change under you"
                ))
            })?;
            format!("{repository}/.github/actions/grade@{reference}")
        }
        None => {
            for file in ["action.yml", "grade.sh"] {
                copy.entry(&Path::new(".github/actions/grade").join(file))?;
            }
            "./.github/actions/grade".to_owned()
        }
    };
    let workflow = WORKFLOW.replace("{LABS}", &numbers.join(" ")).replace("{ACTION}", &action);
    copy.write(Path::new(".github/workflows/grade.yml"), workflow.as_bytes())
}

/// Whoever has tried a lab in the kit itself must not hand that out.
fn is_no_solution(kit: &Kit, lab: &Lab) -> Result<(), Problem> {
    let read = |place: &str, file: &Path| std::fs::read(kit.root.join(place).join(&lab.slug).join(file)).ok();
    let same = lab.editable.iter().find(|file| {
        let skeleton = read("labs", file);
        skeleton.is_some() && skeleton == read("solutions", file)
    });
    match same {
        Some(file) => Err(Problem::Usage(format!(
            "labs/{}/{} is the solution: put the skeleton back first (`git checkout labs`)",
            lab.slug,
            file.display()
        ))),
        None => Ok(()),
    }
}
