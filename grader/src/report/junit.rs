//! JUnit's XML, as Jenkins and most CI systems read it: a suite for the lab, a case a scenario.
//! There is no standard; the elements are those that <https://github.com/testmoapp/junitxml> describes.

use super::words;
use crate::kit::Kit;
use crate::model::{Grade, Judged, Verdict};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use std::io;

/// The grade as XML.
///
/// # Errors
/// When it cannot be written, which memory alone could cause.
pub fn report(grade: &Grade, kit: &Kit) -> Result<String, String> {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    write(&mut writer, grade, kit).map_err(|error| error.to_string())?;
    let mut text = String::from_utf8(writer.into_inner()).map_err(|error| error.to_string())?;
    text.push('\n');
    Ok(text)
}

fn write(writer: &mut Writer<Vec<u8>>, grade: &Grade, kit: &Kit) -> io::Result<()> {
    let count = |verdict| grade.scenarios.iter().filter(|judged| judged.verdict == verdict).count();
    let (skipped, errors) = (count(Verdict::Skipped), count(Verdict::HarnessError));
    // A suite whose tests were all skipped is green: that of a submission without programs must not be.
    let broken = usize::from(grade.build_failure.is_some());
    let tests = (grade.scenarios.len() + broken).to_string();
    let failures = (count(Verdict::Fail) + broken).to_string();
    let name = format!("{:02}-{}", grade.number, grade.lab);
    let counts = [
        ("tests", tests),
        ("failures", failures),
        ("errors", errors.to_string()),
        ("skipped", skipped.to_string()),
    ];
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let counts = || counts.iter().map(|(name, value)| (*name, value.as_str()));
    writer.create_element("testsuites").with_attributes(counts()).write_inner_content(|writer| {
        let suite = writer.create_element("testsuite").with_attribute(("name", name.as_str()));
        suite.with_attributes(counts()).write_inner_content(|writer| {
            properties(writer, grade)?;
            if let Some(failure) = &grade.build_failure {
                let case = writer
                    .create_element("testcase")
                    .with_attributes([("classname", name.as_str()), ("name", "build")]);
                case.write_inner_content(|writer| {
                    reason(writer, "failure", "build", &failure.summary, &failure.message)
                })?;
            }
            grade.scenarios.iter().try_for_each(|judged| case(writer, &name, judged, grade, kit))
        })?;
        Ok(())
    })?;
    Ok(())
}

/// What JUnit has no place for: the points.
fn properties(writer: &mut Writer<Vec<u8>>, grade: &Grade) -> io::Result<()> {
    let all = [
        ("score", grade.score.to_string()),
        ("max_score", grade.max_score.to_string()),
        ("isolation", grade.isolation.level.to_string()),
        ("seed", grade.seed.to_string()),
    ];
    writer.create_element("properties").write_inner_content(|writer| {
        for (name, value) in &all {
            let property = writer.create_element("property");
            property.with_attributes([("name", *name), ("value", value.as_str())]).write_empty()?;
        }
        Ok(())
    })?;
    Ok(())
}

fn case(
    writer: &mut Writer<Vec<u8>>,
    suite: &str,
    judged: &Judged,
    grade: &Grade,
    kit: &Kit,
) -> io::Result<()> {
    let element = writer
        .create_element("testcase")
        .with_attributes([("classname", suite), ("name", judged.name.as_str())]);
    let text = words::feedback(judged, grade, kit);
    match judged.verdict {
        Verdict::Pass => element.write_empty()?,
        verdict => element.write_inner_content(|writer| match verdict {
            Verdict::Skipped => {
                let why = lawful(judged.reason.as_deref().unwrap_or_default());
                writer.create_element("skipped").with_attribute(("message", why.as_str())).write_empty()?;
                Ok(())
            }
            Verdict::HarnessError => reason(writer, "error", "harness", words::NO_JUDGEMENT, &text),
            Verdict::Pass | Verdict::Fail => {
                reason(writer, "failure", "scenario", &words::in_short(judged), &text)
            }
        })?,
    };
    Ok(())
}

fn reason(
    writer: &mut Writer<Vec<u8>>,
    element: &str,
    kind: &str,
    message: &str,
    text: &str,
) -> io::Result<()> {
    let element = writer.create_element(element);
    element
        .with_attributes([("message", lawful(message).as_str()), ("type", kind)])
        .write_text_content(BytesText::new(&lawful(text)))?;
    Ok(())
}

/// XML has no way to write some characters, not even escaped (<https://www.w3.org/TR/xml/#charsets>).
fn lawful(text: &str) -> String {
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    text.chars().map(|c| if allowed(c) { c } else { '\u{fffd}' }).collect()
}
