//! grader: judges the programs of a submission as black boxes, over real sockets.
//!
//! The data flow one way, and so does this tour:
//!
//! 1. [`kit`]: where the labs are, and what a lab says of itself.
//! 2. [`overlay`]: the files of a submission that count, laid over the kit's own copy of the lab.
//! 3. [`build`]: that becomes programs; [`given`] is built only once.
//! 4. [`scenario`]: a script in the session language, its points and hint, the transcript it must give.
//! 5. [`apart`]: a scenario gets a process of its own, and [`isolation`], as far as the machine allows.
//! 6. [`play`]: it is played with the programs, up to the first step that differs.
//!    What a script cannot say is a [check](checks), a function in Rust; [`schedules`] tries a submission's threads
//!    under many schedules.
//! 7. [`grading`]: all of the above, one after the other, into a [`model::Grade`].
//! 8. [`report`]: a grade as text, as a page, as what platforms read; [`scores`]: the last ones.
//!
//! Around that: [`batch`] grades all submissions of a course, [`course`] writes what students and platforms get,
//! [`author`] looks whether labs, solutions, scenarios and specimens fit together.
//!
//! [`model`] holds what a grade is made of, [`command`] runs a command with a deadline.
//! What a submission writes is data: it is compared, escaped, cut, and never parsed as a result; but for the report of
//! [`schedules`], which comes from the submission's own process, marked with a word that it was not told before.
//! Nothing here prints but [`program`], which is `grade`.

#![cfg(target_os = "linux")]

pub mod apart;
pub mod author;
pub mod batch;
pub mod build;
pub mod checks;
pub mod command;
pub mod course;
pub mod given;
pub mod grading;
pub mod isolation;
pub mod kit;
pub mod model;
pub mod overlay;
pub mod play;
pub mod program;
pub mod report;
pub mod scenario;
pub mod schedules;
pub mod scores;
