//! What benches have in common: a solution built as one would install it, and its server started.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A program that ends with the bench.
pub struct Running {
    /// The program.
    pub child: Child,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Builds a lab's solution; the folder with its programs.
pub fn build(package: &str) -> PathBuf {
    let solutions = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("solutions");
    let target = solutions.join("target");
    let status = Command::new("cargo")
        .args(["build", "--release", "--locked", "--quiet", "-p", package, "--target-dir"])
        .arg(&target)
        .current_dir(solutions)
        .status();
    assert!(status.is_ok_and(|status| status.success()), "the solution builds");
    target.join("release")
}

/// Starts a server that announces its address; whatever it has to say of clients is lost.
pub fn serve(command: &mut Command) -> (Running, SocketAddr) {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the server starts");
    let mut running = Running { child };
    let mut line = String::new();
    let stdout = running.child.stdout.take().expect("its output");
    BufReader::new(stdout).read_line(&mut line).expect("a line");
    let address = line.trim().strip_prefix("listening on ").and_then(|address| address.parse().ok());
    (running, address.expect("an address"))
}

/// The median.
pub fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_unstable_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
