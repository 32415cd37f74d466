//! Copies of folders, for tests that change what they grade.

#![allow(clippy::unwrap_used, reason = "a failed expectation is the report")]

use std::fs;
use std::path::Path;

/// Copies a file, or all that is in a folder, over what is there.
pub fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        for entry in from.read_dir().unwrap().flatten() {
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(from, to).unwrap();
    }
}
