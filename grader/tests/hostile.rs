//! Hostile submissions: a file each in `specimens/hostile`. Each is graded by the program `grade` at every
//! level of isolation that this machine has. It must get its verdict, with its words, in time; and nothing of
//! it may be left behind.

#![allow(clippy::unwrap_used, reason = "a failed expectation is the report")]
#![allow(clippy::print_stdout, reason = "a skipped test must say so")]

mod support;

use assert_cmd::Command;
use grader::model::Level;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use support::{GRADE, levels};

/// So many are graded at a time: most of them have the grader wait.
const AT_A_TIME: usize = 6;

/// No grading may take longer, on a machine that has other things to do.
const LIMIT: Duration = Duration::from_secs(60);

/// What is left may take so long to go: the kernel clears a namespace after its last process.
const CLEARED: Duration = Duration::from_secs(5);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Specimen {
    /// What it does.
    what: String,
    /// A program, as a command of sh or as text in Python.
    sh: Option<String>,
    python: Option<String>,
    /// A submission for lab 02: files, links and sizes of files, over the solution.
    #[serde(default)]
    files: BTreeMap<PathBuf, String>,
    #[serde(default)]
    links: BTreeMap<PathBuf, String>,
    #[serde(default)]
    sizes: BTreeMap<PathBuf, usize>,
    /// A program of lab 02 that it is run in place of, and the scenario that is played.
    stands_for: Option<String>,
    scenario: Option<String>,
    /// What is played with the program, and what each step must give; without it, it must write `ready` and end.
    steps: Option<Vec<String>>,
    gives: Option<Vec<String>>,
    /// How long each step may take; 3 s without it.
    limit: Option<String>,
    /// `pass`: it could do nothing. `fail`, or `no-programs`: the submission is not built.
    verdict: String,
    /// What the report must hold; of words with `|` between them, one.
    #[serde(default)]
    words: Vec<String>,
    /// The levels at which it is not run, and why.
    #[serde(default)]
    levels: BTreeMap<String, String>,
}

/// The surroundings of one grading.
struct Scene {
    place: tempfile::TempDir,
    kit: PathBuf,
    token: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

impl Scene {
    /// A folder with a kit of one lab, with a file that belongs to somebody else, and with those
    /// that a workflow's steps share.
    fn new(specimen: &Specimen) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let token = format!("{}{:03}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let place = tempfile::Builder::new().prefix("hostile-").tempdir().unwrap();
        let own = place.path().join("kit");
        let write = |path: PathBuf, text: &str| {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        for file in ["grader/scenarios/02-echo/01-server-listens.snap", "solutions/02-echo/src/server.rs"] {
            write(own.join(file), &fs::read_to_string(root().join(file)).unwrap());
        }
        write(own.join("README.md"), "read me\n");
        write(place.path().join("outside/file"), "outside\n");
        write(place.path().join("workflow"), "A=b\n");
        fs::create_dir(place.path().join("tmp")).unwrap();
        let lab = "number = 90\nname = \"own\"\ntitle = \"t\"\nprograms = [\"p\"]\neditable = []\nskeleton_score = 0\n";
        write(own.join("labs/90-own/lab.toml"), lab);
        let usual = ["p = start p", "output p line", "wait p"].map(str::to_owned).to_vec();
        let usually =
            ["  p started", "  \"ready\\n\"", "  p ended with exit code 0"].map(str::to_owned).to_vec();
        let (steps, gives) =
            (specimen.steps.clone().unwrap_or(usual), specimen.gives.clone().unwrap_or(usually));
        let limit = specimen.limit.as_deref().unwrap_or("3s");
        let scenario =
            format!("#: title t\n#: points 100\n#: hint h.\n#: limit {limit}\n{}\n", steps.join("\n"));
        write(own.join("grader/scenarios/90-own/01-ends.netlab"), &scenario);
        let snapshot: String =
            steps.iter().zip(&gives).map(|(step, gives)| format!("> {step}\n{gives}\n")).collect();
        write(own.join("grader/scenarios/90-own/01-ends.snap"), &format!("---\nsource: x\n---\n{snapshot}"));
        let kit = if specimen.is_for_a_lab() { root() } else { own };
        Self { place, kit, token }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    /// A specimen's text, with what differs from run to run.
    fn fill(&self, text: &str) -> String {
        let names = [
            ("{KIT}", self.kit.clone()),
            ("{OUTSIDE}", self.path("outside")),
            ("{RESULT}", self.path("result.json")),
            ("{WORKFLOW}", self.path("workflow")),
            ("{TOKEN}", PathBuf::from(&self.token)),
        ];
        names.iter().fold(text.to_owned(), |text, (name, path)| text.replace(name, &path.to_string_lossy()))
    }

    /// The command that grades it.
    fn command(&self, specimen: &Specimen, level: Level) -> Command {
        let mut command = Command::new(GRADE);
        command.current_dir(&self.kit).args(["--seed", "1", "--isolation", &level.to_string(), "--report"]);
        command.arg(format!("json={}", self.path("result.json").display())).env("TMPDIR", self.path("tmp"));
        command.env("GITHUB_ENV", self.path("workflow")).timeout(2 * LIMIT);
        if specimen.is_submission() {
            let submission = self.path("submission");
            let lab = root().join("solutions/02-echo");
            for file in ["src/server.rs", "src/client.rs"] {
                let to = submission.join(file);
                fs::create_dir_all(to.parent().unwrap()).unwrap();
                fs::copy(lab.join(file), to).unwrap();
            }
            let clear = |file: &Path| {
                let to = submission.join(file);
                fs::create_dir_all(to.parent().unwrap()).unwrap();
                // Most are new.
                let _ = fs::remove_file(&to);
                to
            };
            for (file, text) in &specimen.files {
                fs::write(clear(file), self.fill(text)).unwrap();
            }
            for (file, target) in &specimen.links {
                symlink(self.fill(target), clear(file)).unwrap();
            }
            for (file, size) in &specimen.sizes {
                fs::write(clear(file), vec![b' '; *size]).unwrap();
            }
            command.args(["--scenario", "server-listens", "--build-limit", "10", "2"]).arg(submission);
            return command;
        }
        let (interpreter, text) = match (&specimen.sh, &specimen.python) {
            (Some(text), None) => ("sh", text),
            (None, Some(text)) => ("python3", text),
            _ => ("false", &specimen.what),
        };
        let text = self.fill(text);
        let quoted = shlex::try_quote(&text).unwrap();
        let program = specimen.stands_for.as_deref().unwrap_or("p");
        let program = format!("{program}={interpreter} -c {quoted}");
        match &specimen.scenario {
            // The other program is not asked for.
            Some(scenario) => command.args(["2", "--program", "echo-client=false", "--scenario", scenario]),
            None => command.arg("90"),
        };
        command.args(["--program", &program]);
        command
    }

    /// What is left of it, if anything is.
    fn left(&self) -> Option<String> {
        let place = self.place.path().to_string_lossy().into_owned();
        let is_of_it = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes);
            text.contains(&place) || text.contains(&format!("1000.{}", self.token))
        };
        let processes = fs::read_dir("/proc").unwrap().flatten();
        let numbers = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        for pid in numbers {
            for file in ["environ", "cmdline"] {
                if fs::read(format!("/proc/{pid}/{file}")).is_ok_and(|bytes| is_of_it(&bytes)) {
                    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
                    return Some(format!("process {pid}: {}", String::from_utf8_lossy(&line)));
                }
            }
        }
        let mounts = fs::read_to_string("/proc/self/mounts").unwrap();
        if mounts.contains(&place) {
            return Some("a mount".into());
        }
        let files = fs::read_dir(self.path("tmp")).unwrap().flatten().map(|entry| entry.path());
        files.map(|file| format!("file {}", file.display())).next()
    }

    /// What it has changed that is not its own, if anything is.
    fn changed(&self, level: Level) -> Option<String> {
        let same = |file: PathBuf, text: &str| match fs::read_to_string(&file) {
            Ok(now) if now == text => None,
            other => Some(format!("{}: {other:?}", file.display())),
        };
        let snapshot = "grader/scenarios/02-echo/01-server-listens.snap";
        let own = self.place.path().join("kit");
        let new = ["/etc", "/usr", "/var/tmp", "/dev"]
            .map(|folder| Path::new(folder).join(format!("netlab-{}", self.token)));
        let names = fs::read_dir(self.path("outside")).unwrap().count();
        same(self.path("outside/file"), "outside\n")
            .or_else(|| same(self.path("workflow"), "A=b\n"))
            .or_else(|| same(own.join("README.md"), "read me\n"))
            .or_else(|| same(own.join(snapshot), &fs::read_to_string(root().join(snapshot)).unwrap()))
            .or_else(|| new.iter().find(|file| file.exists()).map(|file| file.display().to_string()))
            .or_else(|| (names != 1).then(|| "a file outside".to_owned()))
            .map(|what| format!("{what} at {level}"))
    }
}

impl Specimen {
    fn is_for_a_lab(&self) -> bool {
        self.is_submission() || self.stands_for.is_some()
    }

    fn is_submission(&self) -> bool {
        self.sh.is_none() && self.python.is_none()
    }
}

/// Whether a terminal, an editor or a workflow would make something else of this line than text.
fn is_harmless(line: &str) -> bool {
    let turns =
        |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}');
    !line.chars().any(|c| c.is_control() || turns(c))
        && !line.trim_start().starts_with("::")
        && !line.contains("##[")
}

/// Grades a specimen at a level; what is wrong with what came of it.
fn check(specimen: &Specimen, level: Level) -> Result<(), String> {
    let scene = Scene::new(specimen);
    let begun = Instant::now();
    let output = scene.command(specimen, level).output().map_err(|error| error.to_string())?;
    let took = begun.elapsed();
    let report = String::from_utf8_lossy(&output.stdout).into_owned();
    let said = format!("{report}{}", String::from_utf8_lossy(&output.stderr));
    let text = fs::read_to_string(scene.path("result.json")).map_err(|error| format!("{error}\n{said}"))?;
    let grade: Value = serde_json::from_str(&text).map_err(|error| format!("{error}\n{text}\n{said}"))?;
    let verdict = match (&grade["build_failure"], grade["scenarios"][0]["verdict"].as_str()) {
        (Value::Null, Some(verdict)) => verdict,
        _ => "no-programs",
    };
    let code = i32::from(specimen.verdict != "pass");
    if verdict != specimen.verdict || output.status.code() != Some(code) {
        return Err(format!("{verdict}, exit {:?}\n{said}", output.status.code()));
    }
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let all = words(&report);
    if let Some(missing) =
        specimen.words.iter().find(|one| !one.split('|').any(|one| all.contains(&words(one))))
    {
        return Err(format!("the report does not hold `{missing}`\n{said}"));
    }
    if let Some(line) = report.lines().find(|line| !is_harmless(line)) {
        return Err(format!("the report has the line {line:?}"));
    }
    let deadline = Instant::now() + CLEARED;
    while let Some(left) = scene.left() {
        if Instant::now() > deadline {
            return Err(format!("left behind: {left}"));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    if let Some(changed) = scene.changed(level) {
        return Err(format!("changed: {changed}"));
    }
    if took > LIMIT { Err(format!("it took {:.1} s", took.as_secs_f64())) } else { Ok(()) }
}

#[test]
fn hostile_submissions_get_their_verdict_and_leave_nothing_behind() {
    let python = std::process::Command::new("python3").arg("--version").output().is_ok();
    let mut files: Vec<PathBuf> = fs::read_dir(root().join("grader/specimens/hostile"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let wanted = std::env::var("NETLAB_SPECIMEN").ok();
    let (mut todo, levels) = (Vec::new(), levels());
    for file in files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        if wanted.as_ref().is_some_and(|wanted| !name.contains(wanted.as_str())) {
            continue;
        }
        let specimen: Specimen = toml::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        if specimen.python.is_some() && !python {
            println!("skipped: {name}: needs python3");
            continue;
        }
        for level in &levels {
            match specimen.levels.get(&level.to_string()) {
                Some(reason) => println!("skipped: {name} at {level}: {reason}"),
                None => todo.push((
                    name.clone(),
                    toml::from_str(&fs::read_to_string(&file).unwrap()).unwrap(),
                    *level,
                )),
            }
        }
    }
    let (count, start) = (todo.len(), Instant::now());
    let (todo, wrong) = (Mutex::new(todo), Mutex::new(Vec::new()));
    let work = || {
        loop {
            let Some((name, specimen, level)) = todo.lock().unwrap().pop() else { return };
            let begun = Instant::now();
            let result = check(&specimen, level);
            println!("{:6.2} s  {name} at {level}", begun.elapsed().as_secs_f64());
            if let Err(problem) = result {
                wrong.lock().unwrap().push(format!("== {name} at {level} ({}): {problem}", specimen.what));
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(work);
        }
    });
    println!("{count} gradings took {:.1} s", start.elapsed().as_secs_f64());
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
