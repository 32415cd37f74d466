//! Lab 05's solution beside nginx: the same file of 1 GiB to the same reader over loopback, in turn,
//! again and again, and the medians compared. `cargo bench -p grader --bench file_server`.

#![cfg(target_os = "linux")]
#![allow(clippy::expect_used, reason = "a bench that cannot be set up has nothing to measure")]
#![allow(clippy::print_stdout, reason = "the table is what it is for")]

mod support;

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use support::{Running, build, median, serve};

const ROUNDS: usize = 9;
const SIZE: u64 = 1 << 30;

fn main() {
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    if Command::new("nginx").arg("-v").stderr(Stdio::null()).status().is_err() {
        println!("skipped: needs nginx (Debian's package nginx-light)");
        return;
    }
    let programs = build("file-server");
    let place = tempfile::tempdir().expect("a folder");
    let file = File::create(place.path().join("big")).expect("a file");
    let part = vec![b'x'; 1 << 20];
    (0..SIZE >> 20).for_each(|_| (&file).write_all(&part).expect("room for 1 GiB"));

    let (server, address) =
        serve(Command::new(programs.join("file-server")).arg(place.path()).arg("127.0.0.1:0"));
    let (_nginx, their_address) = nginx(place.path());
    let (mut our_times, mut their_times) = (Vec::new(), Vec::new());
    // The first round fills the page cache and is not counted.
    for round in 0..=ROUNDS {
        let ours = fetch(address, b"big\0");
        let theirs = fetch(their_address, b"GET /big HTTP/1.0\r\n\r\n");
        if round > 0 {
            our_times.push(ours);
            their_times.push(theirs);
        }
    }
    let (ours, theirs) = (speed(&our_times), speed(&their_times));
    println!("1 GiB over loopback, medians of {ROUNDS}");
    println!("  file-server  {ours:8.0} MiB/s   {:6.1} MiB at most", peak(server.child.id()));
    println!("  nginx        {theirs:8.0} MiB/s   (sendfile on, one worker)");
    println!("  ratio        {:8.2}         to be at least 0.90", ours / theirs);
    let mut client = Command::new(programs.join("file-client"))
        .args([&address.to_string(), "big"])
        .arg(place.path().join("copy"))
        .spawn()
        .expect("file-client");
    let mut most: f64 = 0.0;
    while client.try_wait().expect("file-client").is_none() {
        most = most.max(peak(client.id()));
    }
    let size = fs::metadata(place.path().join("copy")).map(|copy| copy.len());
    assert_eq!(size.ok(), Some(SIZE), "file-client has fetched it");
    println!("  file-client                   {most:6.1} MiB at most, to a file");
}

fn nginx(root: &Path) -> (Running, SocketAddr) {
    let address = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port");
    let at = root.display();
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {at}/{name};"))
        .concat();
    let user = if nix::unistd::geteuid().is_root() { "user root;" } else { "" };
    let configuration = format!(
        "{user} daemon off; master_process off; pid {at}/pid; error_log stderr;\n\
         events {{}}\n\
         http {{ access_log off; sendfile on; {temporary} server {{ listen {address}; root {at}; }} }}\n"
    );
    let file = root.join("nginx.conf");
    fs::write(&file, configuration).expect("its configuration");
    let child = Command::new("nginx").arg("-c").arg(file).arg("-p").arg(root).spawn().expect("nginx");
    let nginx = Running { child };
    // It announces nothing: it listens when it answers.
    let end = Instant::now() + Duration::from_secs(20);
    while TcpStream::connect(address).is_err() {
        assert!(Instant::now() < end, "nginx listens");
        std::thread::sleep(Duration::from_millis(20));
    }
    (nginx, address)
}

/// Asks, and reads to the end.
fn fetch(address: SocketAddr, request: &[u8]) -> Duration {
    let start = Instant::now();
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.write_all(request).expect("a request");
    let mut buffer = vec![0; 256 << 10];
    let mut count = 0;
    loop {
        match stream.read(&mut buffer).expect("a reply") {
            0 => break,
            n => count += n as u64,
        }
    }
    assert!(count >= SIZE, "{count} bytes are not all");
    start.elapsed()
}

/// The median, in MiB a second.
fn speed(times: &[Duration]) -> f64 {
    (SIZE >> 20) as f64 / median(times.iter().map(Duration::as_secs_f64).collect())
}

/// The most memory that a process had, in MiB (proc_pid_status(5)).
fn peak(pid: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1024.0
}
