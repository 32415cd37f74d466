//! A chapter of the book, cut into the steps of a lesson.
//!
//! A step is a transcript with a *goal* before it, in a comment that the book does not show:
//!
//! ````text
//! <!-- goal: Make a TCP socket that listens, with room for 2 connections in its queue.
//! check: socket tcp LISTEN queue 0 of 2
//! hint: A server needs three calls before clients can find it.
//! hint: `socket`, then `bind`, then `listen`, whose last argument is the room in the queue.
//! -->
//!
//! ```netlab
//! > srv = socket tcp
//! ````
//!
//! What stands before the comment leads to the goal; what stands behind the transcript, up to
//! the next heading or goal, explains what was seen, and is told when the goal is met. The
//! transcript itself is the last hint. A block without a goal is a part of the prose.

use super::chapters;
use super::check::Check;

/// A chapter.
#[derive(Debug, Clone)]
pub struct Chapter {
    /// What it is called at the prompt: the name of its file.
    pub name: &'static str,
    /// Its headline.
    pub title: String,
    /// Its steps.
    pub steps: Vec<Step>,
    /// What stands behind the last step, in markdown.
    pub end: String,
}

/// A step: something to do, with what leads to it and what is to be learnt from it.
#[derive(Debug, Clone)]
pub struct Step {
    /// The headline of its section.
    pub section: String,
    /// What leads to it, in markdown.
    pub before: String,
    /// What is to be done, in one sentence.
    pub goal: String,
    /// By what it is known that it was done.
    pub checks: Vec<Check>,
    /// Two hints; the third are the book's lines.
    pub hints: Vec<String>,
    /// What is there when it begins.
    pub setup: Vec<&'static str>,
    /// What it needs that this machine lacks.
    pub missing: Option<&'static str>,
    /// Whether lines of the book's transcript are meant to fail.
    pub keep_going: bool,
    /// The lines that the book's transcript was typed with.
    pub lines: Vec<String>,
    /// What is to be learnt from it, in markdown.
    pub after: String,
}

/// Something that is wrong with a chapter: the line, from 1, and what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake(pub usize, pub String);

impl Chapter {
    /// Cuts the text of a chapter.
    ///
    /// # Errors
    /// The first mistake in one of its goals.
    pub fn parse(name: &'static str, text: &str) -> Result<Self, Mistake> {
        let mut chapter = Self { name, title: name.to_owned(), steps: Vec::new(), end: String::new() };
        let mut section = String::new();
        let mut prose = String::new();
        // Whether the prose explains the step before it, rather than leads to the next one.
        let mut explains = false;
        let mut lines = text.lines().enumerate();
        while let Some((number, line)) = lines.next() {
            if let Some(headline) = line.strip_prefix('#') {
                if explains {
                    chapter.explain(&mut prose);
                    explains = false;
                }
                section = headline.trim_start_matches('#').trim().to_owned();
                if !line.starts_with("##") {
                    chapter.title.clone_from(&section);
                }
            }
            if let Some(first) = line.strip_prefix("<!--") {
                let comment = comment(first, number, &mut lines)?;
                let Some(text) = comment.trim_start().strip_prefix("goal:") else { continue };
                if explains {
                    chapter.explain(&mut prose);
                }
                let mut step = goal(text, number + 1)?;
                transcript(&mut step, number + 1, &mut lines)?;
                step.section.clone_from(&section);
                step.before = std::mem::take(&mut prose);
                chapter.steps.push(step);
                explains = true;
                continue;
            }
            prose.push_str(line);
            prose.push('\n');
            if line.starts_with("```") {
                for (_, line) in lines.by_ref() {
                    prose.push_str(line);
                    prose.push('\n');
                    if line == "```" {
                        break;
                    }
                }
            }
        }
        if explains {
            chapter.explain(&mut prose);
        }
        chapter.end = prose;
        Ok(chapter)
    }

    /// Gives the prose to the last step, which it explains.
    fn explain(&mut self, prose: &mut String) {
        if let Some(step) = self.steps.last_mut() {
            step.after = std::mem::take(prose);
        }
    }
}

/// A comment up to its end, without its marks.
fn comment<'a>(
    first: &'a str,
    number: usize,
    lines: &mut impl Iterator<Item = (usize, &'a str)>,
) -> Result<String, Mistake> {
    let mut text = String::new();
    let mut line = first;
    loop {
        if let Some((end, _)) = line.split_once("-->") {
            text.push_str(end);
            return Ok(text);
        }
        text.push_str(line);
        text.push('\n');
        line = lines.next().ok_or_else(|| Mistake(number + 1, "this comment has no end `-->`".into()))?.1;
    }
}

/// The step that a goal's comment describes, without its transcript.
fn goal(text: &str, number: usize) -> Result<Step, Mistake> {
    let mut step = Step {
        section: String::new(),
        before: String::new(),
        goal: String::new(),
        checks: Vec::new(),
        hints: Vec::new(),
        setup: Vec::new(),
        missing: None,
        keep_going: false,
        lines: Vec::new(),
        after: String::new(),
    };
    for (number, key, value) in fields(text, number) {
        let mistake = |message: String| Mistake(number, message);
        match key {
            "goal" => step.goal = value,
            "hint" => step.hints.push(value),
            "check" => step.checks.push(Check::parse(&value, false).map_err(mistake)?),
            _ => step.checks.push(Check::parse(&value, true).map_err(mistake)?),
        }
    }
    let wrong = |message: &str| Err(Mistake(number, message.to_owned()));
    if !step.goal.ends_with('.') {
        return wrong("the goal is a sentence, and ends with a full stop");
    }
    if step.checks.is_empty() {
        return wrong("a goal needs a line `check: ...`");
    }
    if step.hints.len() != 2 {
        return wrong("a goal needs two lines `hint: ...`; the third hint is the transcript itself");
    }
    Ok(step)
}

/// The keys of a goal's lines.
const KEYS: [&str; 3] = ["check", "then", "hint"];

/// The lines of a goal, with their numbers and keys; a line without a key goes on with the
/// one before it.
fn fields(text: &str, number: usize) -> Vec<(usize, &'static str, String)> {
    let mut fields: Vec<(usize, &'static str, String)> = Vec::new();
    for (place, line) in text.lines().enumerate() {
        let line = line.trim();
        let keyed = KEYS.iter().find_map(|key| Some((*key, line.strip_prefix(key)?.strip_prefix(':')?)));
        match (keyed, fields.last_mut()) {
            (Some((key, value)), _) => fields.push((number + place, key, value.trim().to_owned())),
            (None, None) => fields.push((number, "goal", line.to_owned())),
            (None, Some((.., value))) if !line.is_empty() => {
                value.push(' ');
                value.push_str(line);
            }
            (None, Some(_)) => {}
        }
    }
    fields
}

/// Reads the transcript that stands behind a goal.
fn transcript<'a>(
    step: &mut Step,
    number: usize,
    lines: &mut impl Iterator<Item = (usize, &'a str)>,
) -> Result<(), Mistake> {
    let fence = lines.find(|(_, line)| !line.trim().is_empty()).map(|(_, line)| line);
    let marks = fence.and_then(|line| line.strip_prefix("```netlab"));
    let Some(marks) = marks else {
        return Err(Mistake(number, "a goal stands right before the transcript that meets it".into()));
    };
    step.setup = chapters::setup(marks);
    step.missing = chapters::missing(marks);
    step.keep_going = marks.split(',').any(|mark| mark == "keep-going");
    step.lines = lines
        .map(|(_, line)| line)
        .take_while(|line| *line != "```")
        .filter_map(|line| Some(line.strip_prefix("> ")?.to_owned()))
        .collect();
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a failed expectation is the report")]
mod tests {
    use super::super::chapters::CHAPTERS;
    use super::*;

    const TEXT: &str = "# Title

Lead.

```netlab
> fds
# no headline
```

## Section

<!-- a remark -->
More.

<!-- goal: Do
this.
check: socket tcp
hint: one
hint: two
  words
-->

```netlab,pair,keep-going
> a
  b
> c
```

Seen.

<!-- goal: And that.
check: socket udp
then: call close ok
hint: one
hint: two -->
```netlab
> d
```

Seen, too.

## Last

End.
";

    #[test]
    fn a_chapter_is_cut_into_steps() {
        let chapter = Chapter::parse("name", TEXT).unwrap();
        assert_eq!(chapter.title, "Title");
        assert_eq!(chapter.end, "## Last\n\nEnd.\n");
        let [one, two] = chapter.steps.as_slice() else { panic!("{chapter:?}") };
        assert_eq!(one.section, "Section");
        assert_eq!(
            one.before,
            "# Title\n\nLead.\n\n```netlab\n> fds\n# no headline\n```\n\n## Section\n\nMore.\n\n"
        );
        assert_eq!(one.goal, "Do this.");
        assert_eq!(one.hints, ["one", "two words"]);
        assert_eq!((one.setup.len(), one.keep_going), (6, true));
        assert_eq!(one.lines, ["a", "c"]);
        assert_eq!(one.after.trim(), "Seen.");
        assert_eq!((two.before.as_str(), two.checks.len(), two.lines.len()), ("", 2, 1));
        assert_eq!(two.after.trim(), "Seen, too.");
    }

    #[test]
    fn mistakes_are_found_with_their_line() {
        for (text, line, message) in [
            ("a\n<!-- goal: x.\ncheck: socket", 2, "no end"),
            ("<!-- goal: x\ncheck: socket tcp\nhint: a\nhint: b -->", 1, "full stop"),
            ("<!-- goal: x.\nhint: a\nhint: b -->", 1, "needs a line `check"),
            ("<!-- goal: x.\ncheck: socket tcp\nhint: a -->", 1, "two lines"),
            ("<!-- goal: x.\ncheck: sockets tcp\nhint: a\nhint: b -->", 2, "number"),
            ("<!-- goal: x.\ncheck: socket tcp\nhint: a\nhint: b -->\nText.\n", 1, "right before"),
        ] {
            let Mistake(at, said) = Chapter::parse("name", text).unwrap_err();
            assert!(at == line && said.contains(message), "{text}: {at}: {said}");
        }
    }

    #[test]
    fn every_chapter_can_be_read() {
        for (name, text) in CHAPTERS {
            let chapter = Chapter::parse(name, text)
                .unwrap_or_else(|Mistake(line, message)| panic!("book/src/{name}.md:{line}: {message}"));
            assert!(!chapter.steps.is_empty(), "book/src/{name}.md has no goal");
            for step in &chapter.steps {
                assert!(!step.lines.is_empty(), "book/src/{name}.md: {}: no line to type", step.goal);
            }
        }
    }

    #[test]
    fn every_chapter_of_the_book_is_a_lesson() {
        let summary = include_str!("../../../../book/src/SUMMARY.md");
        let part = summary.split("# At the prompt").nth(1).unwrap().split("\n# ").next().unwrap();
        let files = part.lines().filter_map(|line| line.rsplit_once('(')?.1.strip_suffix(".md)"));
        let names: Vec<&str> = CHAPTERS.iter().map(|(name, _)| *name).collect();
        assert_eq!(files.collect::<Vec<_>>(), names);
    }
}
