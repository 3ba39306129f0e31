//! The subcommands that work on data, models and pickles.

use std::borrow::Cow;
use std::error::Error;
use std::fs::{self, File};
use std::io::{self, Read, StdoutLock, Write};
use std::path::Path;

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

/// The most bytes that are read from a pipe: it does not say how long it is, or may never end.
const MOST_OF_A_PIPE: u64 = 256 << 20;

/// What a pipe holds, and nothing where the path names a file, which is read in its own way.
/// A device, which may never end, is refused.
pub fn read_pipe(path: &Path) -> Result<Option<Vec<u8>>, Failure> {
    let cannot = |error: io::Error| format!("cannot read {}: {error}", path.display());
    let Ok(known) = fs::metadata(path) else { return Ok(None) };
    if known.is_file() || known.is_dir() {
        return Ok(None);
    }
    if is_device(&known) {
        return Err(format!("{} is a device; name a file or a pipe", path.display()).into());
    }
    let mut bytes = Vec::new();
    let pipe = File::open(path).map_err(cannot)?;
    pipe.take(MOST_OF_A_PIPE + 1).read_to_end(&mut bytes).map_err(cannot)?;
    if bytes.len() as u64 > MOST_OF_A_PIPE {
        return Err(format!(
            "{}: more than 256 MiB from a pipe; save it in a file first",
            path.display()
        )
        .into());
    }
    Ok(Some(bytes))
}

#[cfg(unix)]
fn is_device(known: &fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;

    known.file_type().is_char_device() || known.file_type().is_block_device()
}

#[cfg(not(unix))]
fn is_device(_: &fs::Metadata) -> bool {
    false
}

/// Refuses an output that would take the place of an input, under whatever name or link.
pub fn keep_input(input: &Path, output: &Path) -> Result<(), Failure> {
    match is_same_file(input, output) {
        true => Err(format!(
            "{} is read from, and --output would overwrite it; name another file",
            input.display()
        )
        .into()),
        false => Ok(()),
    }
}

#[cfg(unix)]
fn is_same_file(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;

    let place = |path| fs::metadata(path).map(|known| (known.dev(), known.ino()));
    matches!((place(one), place(other)), (Ok(one), Ok(other)) if one == other)
}

#[cfg(not(unix))]
fn is_same_file(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
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
pub fn printable(text: &str) -> Cow<'_, str> {
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
