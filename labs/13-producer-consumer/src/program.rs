//! `producer-consumer P C N CAPACITY [semaphore]`: P threads put items into a buffer, C threads take them
//! out. Given.
//!
//! The items are numbers: each producer puts N of them, its own ones in increasing order, and all together
//! are 1 to P * N. The program prints the sum of those that were taken. A consumer that is given two numbers of
//! one producer in the wrong order says so, and the program exits with 1.
//!
//! With `-` in place of N the producers put the numbers that they read from standard input, one a line. So
//! whoever types decides when there is something to do.

use std::ffi::OsString;
use std::io::{self, BufRead, Write};

use labkit::Failure;
use labkit::sync::Arc;
use labkit::thread::{self, JoinHandle};

use crate::buffer::{BoundedBuffer, SemaphoreBuffer};

/// What is shown to a user who calls the program wrongly.
pub const USAGE: &str = "producer-consumer P C N|- CAPACITY [semaphore]";

/// What a buffer is for this program.
trait Buffer: Send + Sync + 'static {
    fn put(&self, item: u64) -> Result<(), u64>;
    fn take(&self) -> Option<u64>;
    fn close(&self);
}

/// What is to be done.
#[derive(Debug, Clone, Copy)]
struct Order {
    producers: u64,
    consumers: u64,
    /// How many items each producer makes; none if they come from standard input.
    items: Option<u64>,
}

/// The whole program.
///
/// # Errors
/// A wrong command line, input that is no number, or a buffer that does not do its part.
pub fn run(arguments: impl Iterator<Item = OsString>) -> Result<(), Failure> {
    let words: Vec<String> = arguments.map(|word| word.to_string_lossy().into_owned()).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (numbers, semaphore) = match words[..] {
        [p, c, n, capacity] => ([p, c, n, capacity], false),
        [p, c, n, capacity, "semaphore"] => ([p, c, n, capacity], true),
        _ => return Err(usage("wrong arguments")),
    };
    let [p, c, n, capacity] = numbers;
    let items = if n == "-" { None } else { Some(number(n, 0, 1_000_000_000)?) };
    let order = Order { producers: number(p, 1, 100)?, consumers: number(c, 0, 100)?, items };
    let capacity = number(capacity, 1, 1_000_000)? as usize;
    let sum = if semaphore {
        play(order, Arc::new(SemaphoreBuffer::new(capacity)))
    } else {
        play(order, Arc::new(BoundedBuffer::new(capacity)))
    }?;
    writeln!(io::stdout(), "{sum}")?;
    Ok(())
}

fn usage(reason: &str) -> Failure {
    Failure::Usage { reason: reason.to_owned(), usage: USAGE.to_owned() }
}

fn number(word: &str, least: u64, most: u64) -> Result<u64, Failure> {
    let number = word.parse().ok().filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| usage(&format!("`{word}` is not a number from {least} to {most}")))
}

/// Starts all threads, waits for their ends, and adds up.
fn play(order: Order, buffer: Arc<impl Buffer>) -> Result<u64, Failure> {
    let consumers = (1..=order.consumers)
        .map(|me| {
            let buffer = buffer.clone();
            start(format!("consumer-{me}"), move || consume(order, &*buffer))
        })
        .collect::<Result<Vec<_>, Failure>>()?;
    let producers = (0..order.producers)
        .map(|me| {
            let buffer = buffer.clone();
            start(format!("producer-{}", me + 1), move || match order.items {
                Some(items) => (me * items + 1..=(me + 1) * items).try_for_each(|item| put(&*buffer, item)),
                None => put_what_is_typed(&*buffer),
            })
        })
        .collect::<Result<Vec<_>, Failure>>()?;
    // The buffer is closed in any case: otherwise the consumers would wait for ever.
    let produced: Result<Vec<()>, Failure> = producers.into_iter().map(end).collect();
    buffer.close();
    let sums: Result<Vec<u64>, Failure> = consumers.into_iter().map(end).collect();
    produced.and(sums).map(|sums| sums.into_iter().sum())
}

fn start<T: Send + 'static>(
    name: String,
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<JoinHandle<Result<T, Failure>>, Failure> {
    let started = thread::Builder::new().name(name.clone()).spawn(work);
    started.map_err(|error| Failure::new(format!("cannot start {name}: {error}")))
}

/// Waits for the end of a thread; what it returned.
fn end<T>(thread: JoinHandle<Result<T, Failure>>) -> Result<T, Failure> {
    let name = thread.thread().name().unwrap_or_default().to_owned();
    thread.join().unwrap_or_else(|_| Err(Failure::new(format!("{name} panicked"))))
}

fn put(buffer: &impl Buffer, item: u64) -> Result<(), Failure> {
    buffer
        .put(item)
        .map_err(|item| Failure::new(format!("{item} came back, but nobody has closed the buffer")))
}

fn put_what_is_typed(buffer: &impl Buffer) -> Result<(), Failure> {
    loop {
        let mut line = String::new();
        // One producer at a time reads a line; the others wait for their turn at the input.
        if io::stdin().lock().read_line(&mut line)? == 0 {
            return Ok(());
        }
        let item = line.trim().parse();
        put(buffer, item.map_err(|_| Failure::new(format!("`{}` is not a number", line.trim())))?)?;
    }
}

/// Takes until the buffer is closed and empty; the sum of what was taken.
fn consume(order: Order, buffer: &impl Buffer) -> Result<u64, Failure> {
    let mut last = vec![0; order.producers as usize];
    let mut sum = 0;
    while let Some(item) = buffer.take() {
        sum += item;
        let Some(items) = order.items.filter(|items| *items > 0) else { continue };
        let Some(last) = last.get_mut((item.saturating_sub(1) / items) as usize) else {
            return Err(Failure::new(format!("{item} was taken, but nobody has put it")));
        };
        if *last >= item {
            return Err(Failure::new(format!("{item} was taken after {last}, but it was put before")));
        }
        *last = item;
    }
    Ok(sum)
}

impl Buffer for BoundedBuffer<u64> {
    fn put(&self, item: u64) -> Result<(), u64> {
        self.put(item)
    }

    fn take(&self) -> Option<u64> {
        self.take()
    }

    fn close(&self) {
        self.close();
    }
}

impl Buffer for SemaphoreBuffer<u64> {
    fn put(&self, item: u64) -> Result<(), u64> {
        self.put(item)
    }

    fn take(&self) -> Option<u64> {
        self.take()
    }

    fn close(&self) {
        self.close();
    }
}
