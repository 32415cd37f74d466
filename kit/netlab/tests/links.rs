//! Every relative link of the book leads somewhere: to a file that is there, and to a headline
//! that it has. mdbook does not look.

#![allow(clippy::unwrap_used, reason = "a failed expectation is the report")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The prose of a page: without its code blocks, comments and pieces of code in lines.
fn prose(text: &str) -> String {
    let mut code = false;
    let lines = text.lines().filter(|line| {
        let fence = line.trim_start().starts_with("```");
        code ^= fence;
        !code && !fence
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    // What stands between backticks is every second piece.
    text.split('`').step_by(2).collect::<Vec<_>>().join("\u{0}")
}

/// Where the links of a page lead.
fn links(text: &str) -> Vec<String> {
    let prose = prose(text);
    let behind = prose.split("](").skip(1);
    behind.filter_map(|rest| Some(rest.split_once(')')?.0.to_owned())).collect()
}

/// The anchors of a page, as mdbook makes them of its headlines: small letters, `-` for blanks, no
/// punctuation; `-1` behind one that was there before.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    let mut code = false;
    for line in text.lines() {
        code ^= line.starts_with("```");
        if code || !line.starts_with('#') {
            continue;
        }
        let headline = line.trim_start_matches('#').trim().to_lowercase();
        let kept = headline.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        let anchor: String = kept.map(|c| if c == ' ' { '-' } else { c }).collect();
        let further = (1..).map(|count| format!("{anchor}-{count}"));
        let free = std::iter::once(anchor.clone()).chain(further).find(|one| !anchors.contains(one));
        anchors.extend(free);
    }
    anchors
}

/// What is wrong with a link of a page in this folder; `None` if it leads somewhere or out of the book.
fn broken(folder: &Path, page: &str, link: &str) -> Option<String> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = if file.is_empty() { page } else { file };
    let Ok(text) = fs::read_to_string(folder.join(target)) else {
        return Some(format!("{page}: `{link}`: there is no file {target}"));
    };
    let known = anchor.is_empty() || anchors(&text).contains(anchor);
    (!known).then(|| format!("{page}: `{link}`: {target} has no headline `{anchor}`"))
}

#[test]
fn every_link_of_the_book_leads_somewhere() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../book/src");
    let mut problems = Vec::new();
    let mut count = 0;
    let mut listed = BTreeSet::new();
    let mut pages = BTreeSet::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let page = entry.unwrap().file_name().into_string().unwrap();
        if !page.ends_with(".md") {
            continue;
        }
        let text = fs::read_to_string(folder.join(&page)).unwrap();
        for link in links(&text) {
            count += 1;
            problems.extend(broken(&folder, &page, &link));
            if page == "SUMMARY.md" {
                listed.insert(link);
            }
        }
        pages.insert(page);
    }
    pages.remove("SUMMARY.md");
    problems.extend(pages.difference(&listed).map(|page| format!("{page}: SUMMARY.md does not list it")));
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(count > 30, "only {count} links were found");
}

#[test]
fn what_leads_nowhere_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let page = "# One two\n\n[a](b.md) `[no](link)`\n\n```text\n# no headline\n[no](link)\n```\n## One: two?\n# One two\n";
    fs::write(folder.path().join("a.md"), page).unwrap();
    assert_eq!(links(page), ["b.md"]);
    let wrong = |link| broken(folder.path(), "a.md", link).is_some();
    for link in ["#one-two", "a.md", "a.md#one-two-1", "#one-two-2", "https://example.org/b.md"] {
        assert!(!wrong(link), "{link}");
    }
    for link in ["b.md", "#three", "a.md#no-headline", "a.md#one-two-3"] {
        assert!(wrong(link), "{link}");
    }
}
