//! Every transcript in the book and in the labs' handouts is run, and must come out as printed.
//!
//! A transcript is a code block marked `netlab`, or `netlab,keep-going` where lines are
//! meant to fail; with `,pair` it begins with a connected pair, as the lessons do
//! (`netkit::lesson::chapters::SETUPS`), which is not printed again. `NETLAB_BLESS=1 cargo test -p netlab --test book` writes what came out
//! into the files; read the difference before you commit it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed expectation is the report")]
#![allow(clippy::print_stdout, reason = "how many transcripts were run is worth knowing")]

mod support;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn bless() -> bool {
    std::env::var_os("NETLAB_BLESS").is_some()
}

/// The pages of the book and the handouts, in a stable order.
fn pages() -> Vec<PathBuf> {
    let chapters = std::fs::read_dir(root().join("book/src")).unwrap().map(|entry| entry.unwrap().path());
    let handouts =
        std::fs::read_dir(root().join("labs")).unwrap().map(|entry| entry.unwrap().path().join("README.md"));
    let markdown =
        |page: &PathBuf| page.extension().is_some_and(|extension| extension == "md") && page.is_file();
    let mut pages: Vec<PathBuf> = chapters.chain(handouts).filter(markdown).collect();
    pages.sort();
    pages
}

/// Fails at the first line of a page that is not as it should be; or writes the page.
fn compare(page: &Path, before: &str, after: &str) {
    if bless() {
        return std::fs::write(page, after).unwrap();
    }
    let mut lines = before.lines().zip(after.lines()).enumerate();
    if let Some((line, (old, new))) = lines.find(|(_, (old, new))| old != new) {
        panic!("{}:{}\n  printed:   {old}\n  came out:  {new}", page.display(), line + 1);
    }
    assert!(before == after, "{} differs in length", page.display());
}

/// What netlab makes of the lines that a transcript was typed with.
fn run(transcript: &str, marks: &str) -> String {
    let setup = netkit::lesson::chapters::setup(marks);
    let marks: Vec<&str> = marks.split(',').collect();
    let keep_going = marks.contains(&"keep-going");
    let prelude = setup.len();
    let mut lines: String = setup.iter().map(|line| format!("{line}\n")).collect();
    for line in transcript.lines().filter_map(|line| line.strip_prefix("> ")) {
        writeln!(lines, "{line}").unwrap();
    }
    // In a folder of its own, in which it may bind to paths.
    let folder = tempfile::tempdir().unwrap();
    let mut netlab = support::netlab();
    netlab.current_dir(folder.path());
    if keep_going {
        netlab.arg("--keep-going");
    }
    let output = netlab.write_stdin(lines).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() || keep_going, "a line failed:\n{text}{complaint}");
    let start =
        text.match_indices("> ").filter(|(at, _)| *at == 0 || text[..*at].ends_with('\n')).nth(prelude);
    text[start.map_or(text.len(), |(at, _)| at)..].to_owned()
}

/// The page with all of its transcripts run anew, and how many there were.
fn rerun(page: &str) -> (String, usize) {
    let mut text = String::new();
    let mut count = 0;
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        writeln!(text, "{line}").unwrap();
        let Some(marks) = line.strip_prefix("```netlab") else { continue };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        if let Some(missing) = netkit::lesson::chapters::missing(marks) {
            println!("skipped: needs {missing}: `{}`", block.first().unwrap_or(&""));
            block.iter().for_each(|line| writeln!(text, "{line}").unwrap());
        } else {
            text.push_str(&run(&block.join("\n"), marks));
        }
        text.push_str("```\n");
        count += 1;
    }
    (text, count)
}

#[test]
fn every_transcript_comes_out_as_printed() {
    let mut transcripts = 0;
    for page in pages() {
        let before = std::fs::read_to_string(&page).unwrap();
        let (after, count) = rerun(&before);
        transcripts += count;
        compare(&page, &before, &after);
    }
    assert!(transcripts > 10, "only {transcripts} transcripts were found");
    println!("{transcripts} transcripts");
}

/// The reference is made from the verbs' rows, as the prompt's help is.
#[test]
fn the_reference_lists_the_verbs_as_they_are() {
    let page = root().join("book/src/verbs.md");
    let mut text = String::from("# The verbs\n\n");
    text.push_str("Every verb of the prompt, as `help` tells of it. Each example runs as it is.\n");
    for group in netkit::verbs::Group::ALL {
        writeln!(text, "\n## {}", group.title()).unwrap();
        for verb in netkit::verbs::VERBS.iter().filter(|verb| verb.group == group) {
            writeln!(text, "\n### {}\n\n`{}`\n\n{} {}", verb.name, verb.usage(), verb.summary, verb.details)
                .unwrap();
            writeln!(text, "\n```text\n{}\n```", verb.example.join("\n")).unwrap();
        }
    }
    compare(&page, &std::fs::read_to_string(&page).unwrap_or_default(), &text);
}
