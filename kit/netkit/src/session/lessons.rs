//! A lesson that goes on in a session: its steps, and what each line brought it.

use super::Session;
use crate::data::printable;
use crate::lesson::chapter::{Chapter, Mistake};
use crate::lesson::chapters::CHAPTERS;
use crate::lesson::judge::Evidence;
use crate::lesson::progress::Kept;
use crate::lesson::{Lesson, Told, prose};
use crate::outcome::{Failure, Outcome, Report};
use serde_json::json;

/// The lesson of a session, and what was done in all of them.
#[derive(Debug, Default)]
pub(super) struct Lessons {
    now: Option<Lesson>,
    kept: Kept,
    /// What the line that runs has to tell.
    told: Option<Told>,
}

/// What a chapter's name or number means.
fn chapter(word: &str) -> Result<Chapter, Failure> {
    let number = word.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    let found = match number {
        Some(number) => CHAPTERS.get(number),
        None => CHAPTERS.iter().find(|(name, _)| name.eq_ignore_ascii_case(word)),
    };
    let (name, text) = found.ok_or_else(|| {
        let names: Vec<&str> = CHAPTERS.iter().map(|(name, _)| *name).collect();
        Failure::new(format!("no lesson is called `{word}`"))
            .next(format!("the lessons are {}", names.join(", ")))
            .next("`lesson next`, `lesson back`, `lesson again` and `lesson stop` steer the one that goes on")
    })?;
    Chapter::parse(name, text).map_err(|Mistake(line, message)| {
        Failure::new(format!("the chapter {name} cannot be a lesson: in its line {line}, {message}"))
    })
}

impl Session {
    /// The lessons, and how much of each was done.
    pub(crate) fn lessons(&mut self) -> Result<Report, Failure> {
        let (progress, problem) = self.lessons.kept.look();
        let mut rows = Vec::new();
        let mut facts = Vec::new();
        for (number, (name, _)) in (1..).zip(CHAPTERS) {
            let chapter = chapter(name)?;
            let count = chapter.steps.len();
            let done = chapter.steps.iter().filter(|step| progress.has(name, &step.goal)).count();
            let tick = if done == count { "[x]" } else { "[ ]" };
            let number = format!("{number:>2}");
            rows.push(vec![
                number,
                tick.into(),
                (*name).into(),
                format!("{done} of {count}"),
                chapter.title.clone(),
            ]);
            facts.push(json!({ "name": name, "title": chapter.title, "steps": count, "done": done }));
        }
        let mut lines = crate::render::table::table(&rows);
        lines.push("`lesson NAME` begins one, or goes on where you were.".into());
        if let Some(lesson) = &self.lessons.now {
            lines.push(format!("Now: {}.", place(lesson)));
        }
        lines.extend(problem);
        Ok(Report { lines, facts: json!({ "lessons": facts }) })
    }

    /// Begins a chapter: at this step, counted from 1, or at the first that was not done.
    pub(crate) fn begin_lesson(&mut self, word: &str, step: Option<usize>) -> Result<Report, Failure> {
        let chapter = chapter(word)?;
        let (progress, problem) = self.lessons.kept.look();
        let undone = chapter.steps.iter().position(|step| !progress.has(chapter.name, &step.goal));
        let number = match step {
            Some(step) if (1..=chapter.steps.len()).contains(&step) => step - 1,
            Some(_) => {
                let message =
                    format!("the lesson {} has the steps 1 to {}", chapter.name, chapter.steps.len());
                return Err(Failure::new(message));
            }
            None => undone.unwrap_or(0),
        };
        let report = self.begin_step(chapter, number)?;
        if let (Some(told), Some(problem)) = (&mut self.lessons.told, problem) {
            told.first.insert(0, printable(&problem));
        }
        Ok(report)
    }

    /// Goes on, back, or begins the step again: so many steps from where the lesson is.
    pub(crate) fn step_lesson(&mut self, by: isize) -> Result<Report, Failure> {
        let lesson = self.lessons.now.clone().ok_or_else(no_lesson)?;
        let Some(number) = lesson.number.checked_add_signed(by) else {
            return Err(Failure::new("this is the first step").next("`lesson again` begins it once more"));
        };
        if number < lesson.chapter.steps.len() {
            let left = (by > 0 && !lesson.is_done()).then_some(lesson.number + 1);
            let report = self.begin_step(lesson.chapter, number)?;
            if let (Some(left), Some(told)) = (left, &mut self.lessons.told) {
                told.first.insert(0, format!("Step {left} is not done yet; `lesson back` goes to it."));
            }
            return Ok(report);
        }
        self.lessons.now = None;
        let mut lines = prose::lines(&lesson.chapter.end, self.prose_width());
        lines.push(format!("That was the last step of {}.", lesson.chapter.name));
        let place = CHAPTERS.iter().position(|(name, _)| *name == lesson.chapter.name);
        let (progress, _) = self.lessons.kept.look();
        let left =
            lesson.chapter.steps.iter().filter(|step| !progress.has(lesson.chapter.name, &step.goal)).count();
        if left > 0 {
            lines.push(format!(
                "{left} of its steps are not done yet: `lesson {}` goes on with them.",
                lesson.chapter.name
            ));
        }
        match place.and_then(|place| CHAPTERS.get(place + 1)) {
            Some((next, _)) => lines.push(format!("`lesson {next}` is the next one.")),
            None => lines.push("It was the last one, too.".into()),
        }
        Ok(self.teach(lines))
    }

    /// Whether a lesson goes on.
    pub(crate) fn is_in_lesson(&self) -> bool {
        self.lessons.now.is_some()
    }

    /// Ends the lesson; the sockets stay.
    pub(crate) fn stop_lesson(&mut self) -> Result<Report, Failure> {
        let lesson = self.lessons.now.take().ok_or_else(no_lesson)?;
        let name = lesson.chapter.name;
        Ok(Report::of_lines(vec![format!(
            "The lesson is over. `lesson {name}` goes on where you were; your sockets stay open."
        )]))
    }

    /// The next hint: a thought, then the verbs, then the line.
    pub(crate) fn hint(&mut self) -> Result<Report, Failure> {
        let columns = self.prose_width();
        let lesson = self.lessons.now.as_mut().ok_or_else(no_lesson)?;
        let step = lesson.step().ok_or_else(no_lesson)?;
        if lesson.is_done() {
            return Ok(Report::of_lines(vec!["This step is done: `lesson next` goes on.".into()]));
        }
        let tier = lesson.hints;

        let lines = match (step.hints.get(tier), lesson.next_line()) {
            (Some(hint), _) => prose::lines(hint, columns),
            (None, Some(line)) => {
                vec![format!("The book does it so: `{line}`"), "Other names and ports are as good.".into()]
            }
            (None, None) => {
                let mut lines = vec!["The book does it with these lines, in this order:".to_owned()];
                lines.extend(step.lines.iter().map(|line| format!("    {line}")));
                lines
            }
        };
        lesson.hints = (tier + 1).min(step.hints.len());
        let mut report = self.teach(lines);
        report.facts["tier"] = (tier + 1).into();
        Ok(report)
    }

    /// Has the line tell some prose. In a report it would lose its emphasis, for what stands
    /// there may have come from anywhere.
    fn teach(&mut self, lines: Vec<String>) -> Report {
        let facts = json!({ "lines": lines });
        self.lessons.told = Some(Told { first: lines, ..Told::default() });
        Report { lines: Vec::new(), facts }
    }

    fn begin_step(&mut self, chapter: Chapter, number: usize) -> Result<Report, Failure> {
        self.lessons.now = None;
        let first = self.record.line() + 1;
        let closed = self.begin_afresh()?;
        let mut lesson = Lesson::new(chapter, number);
        let step = lesson.step().cloned().ok_or_else(no_lesson)?;
        self.depth += 1;
        let prepared = step.setup.iter().map(|line| self.run(line)).find(|outcome| !outcome.ok());
        self.depth -= 1;
        if let Some(failure) = prepared.and_then(|outcome| outcome.failure) {
            return Err(failure);
        }
        lesson.judge(&Evidence { outcome: None, ends: &self.ends, own: &self.seen.own });

        let columns = self.prose_width();
        let (name, count) = (lesson.chapter.name, lesson.chapter.steps.len());
        let title =
            format!("Lesson {name}, step {} of {count}. `hint` helps, `lesson stop` ends it.", number + 1);
        let mut lines = vec![title, String::new()];
        // A step that is not the first of its section has no headline of its own. The first
        // section of a chapter has the chapter's, with one `#`.
        let headline = format!("# {}\n\n", step.section);
        let headline = if step.before.contains(headline.trim_end()) { "" } else { &headline };
        lines.extend(prose::lines(&format!("{headline}{}", step.before), columns));
        lines.push(String::new());
        if let Some(missing) = step.missing {
            lines.push(format!(
                "skipped: needs {missing}, which this machine lacks. `lesson next` goes on without it."
            ));
        }
        if !closed.is_empty() {
            lines.push(format!("A step begins afresh: {} closed.", were(&closed)));
        }
        if !step.setup.is_empty() {
            let last = self.record.line();
            lines.push(format!("These are there already, made by lines {first} to {last}:"));
            lines.extend(self.standing().into_iter().map(|line| format!("  {line}")));
        }
        lines.extend(prose::lines(&format!("**Goal:** {}", step.goal), columns));
        let checks = lesson.checks();
        let facts = json!({
            "lesson": name,
            "step": number + 1,
            "steps": count,
            "goal": step.goal,
            "checks": checks.iter().map(|(check, met)| json!({ "check": check, "met": met })).collect::<Vec<_>>(),
        });
        self.lessons.now = Some(lesson);
        self.lessons.told = Some(Told { first: lines, checks, done: Vec::new() });
        Ok(Report { lines: Vec::new(), facts })
    }

    /// The sockets that a step begins with, a line each.
    fn standing(&self) -> Vec<String> {
        let own = self.ends.iter().filter(|end| end.fd.is_some());
        own.map(|end| {
            let fd = end.fd.unwrap_or(-1);
            let address = end
                .local
                .as_ref()
                .map(|local| self.names.address_of(end.protocol, local))
                .unwrap_or_default();
            format!("{} ({fd})  {}  {address}", end.label(), end.state.name()).trim_end().to_owned()
        })
        .collect()
    }

    /// Judges what a line brought about, if a lesson goes on.
    pub(super) fn judge(&mut self, outcome: &mut Outcome) {
        outcome.lesson = self.lessons.told.take();
        let Some(mut lesson) = self.lessons.now.take_if(|lesson| !lesson.is_done()) else { return };
        let evidence = Evidence { outcome: Some(outcome), ends: &self.ends, own: &self.seen.own };
        let progressed = lesson.judge(&evidence);
        let tries = outcome.made.is_some() || !outcome.jobs.is_empty();
        if progressed || tries {
            let done = if lesson.is_done() { self.done(&lesson) } else { Vec::new() };
            let mut checks = lesson.checks();
            if !progressed {
                // Nothing of it is new: what comes next is enough.
                let open = checks.iter().position(|(_, met)| !met).unwrap_or(0);
                checks = checks.drain(..).skip(open).take(1).collect();
            }
            outcome.lesson = Some(Told { first: Vec::new(), checks, done });
        }
        self.lessons.now = Some(lesson);
    }

    /// What is told when a step is done; that it is, is kept.
    fn done(&mut self, lesson: &Lesson) -> Vec<String> {
        let Some(step) = lesson.step() else { return Vec::new() };
        let problem = self.lessons.kept.done(lesson.chapter.name, &step.goal);
        let (number, count) = (lesson.number + 1, lesson.chapter.steps.len());
        let mut lines = vec![String::new(), format!("Step {number} of {count} is done.")];
        let after = prose::lines(&step.after, self.prose_width());
        if !after.is_empty() && !lesson.was_done_as_in_the_book() {
            // It speaks of the book's names and numbers.
            lines.push("The book does it with these lines, of which it says:".into());
            lines.extend(step.lines.iter().map(|line| format!("    {line}")));
        }
        if !after.is_empty() {
            lines.push(String::new());
            lines.extend(after);
            lines.push(String::new());
        }
        lines.extend(problem.as_deref().map(printable));
        lines.push("Look around as long as you like; `lesson next` goes on.".into());
        lines
    }
}

fn no_lesson() -> Failure {
    Failure::new("no lesson goes on").next("`lesson` lists them; `lesson descriptor` begins the first one")
}

fn place(lesson: &Lesson) -> String {
    let section = lesson.step().map_or("", |step| step.section.as_str());
    let (name, number, count) = (lesson.chapter.name, lesson.number + 1, lesson.chapter.steps.len());
    format!("Lesson {name}, step {number} of {count}: {section}")
}

fn were(names: &[String]) -> String {
    match names {
        [one] => format!("{one} was"),
        _ => format!("{} were", names.join(", ")),
    }
}
