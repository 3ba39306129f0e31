//! The subcommands that work on data, models and pickles.

use std::borrow::Cow;
use std::error::Error;
use std::io::{self, StdoutLock, Write};

pub mod predict;
pub mod show;
pub mod train;

/// Why the work failed, in one line.
pub type Failure = Box<dyn Error>;

/// Standard output, which may be a pipe that nobody reads to its end.
struct Output {
    stdout: StdoutLock<'static>,
    /// Whether the reader has gone (`picklebook show model.pkl | head -1`).
    abandoned: bool,
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let result = self.stdout.write(bytes);
        self.note(result)
    }

    fn flush(&mut self) -> io::Result<()> {
        let result = self.stdout.flush();
        self.note(result)
    }
}

impl Output {
    fn note<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        if let Err(error) = &result {
            self.abandoned |= error.kind() == io::ErrorKind::BrokenPipe;
        }
        result
    }
}

/// Writes results to standard output, and stops without a failure when nobody reads on.
fn to_stdout(write: impl FnOnce(&mut dyn Write) -> Result<(), Failure>) -> Result<(), Failure> {
    let mut output = Output { stdout: io::stdout().lock(), abandoned: false };
    let result = write(&mut output).and_then(|()| Ok(output.flush().map_err(not_printed)?));
    if output.abandoned { Ok(()) } else { result }
}

/// An error of standard output.
fn not_printed(error: io::Error) -> String {
    format!("cannot write to standard output: {error}")
}

/// What is wrong with a number that a tree cannot compare, and what to do.
fn too_large(value: f64) -> String {
    format!(
        "{value:e} is too large for the 32-bit floats that trees compare; scale the column, or \
         leave the field empty where a value is missing"
    )
}

/// `text` with every control character as Python's escape, as in `\n`: names in a file can hold line
/// breaks, and what a terminal takes for orders.
fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return text.into();
    }
    let mut printable = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => printable.push_str("\\n"),
            '\r' => printable.push_str("\\r"),
            '\t' => printable.push_str("\\t"),
            c if c.is_control() => printable.push_str(&format!("\\x{:02x}", u32::from(c))),
            c => printable.push(c),
        }
    }
    printable.into()
}

/// The same error on one line.
pub fn on_one_line(error: Failure) -> Failure {
    printable(&error.to_string()).into()
}
