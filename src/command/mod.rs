//! The subcommands that work on data, models and pickles.

use std::borrow::Cow;
use std::error::Error;
use std::fs::{self, File};
use std::io::{self, Read, StdoutLock, Write};
use std::path::Path;

use clap::Args;
use picklebook::container::FileKind;
use picklebook::pickle::Limits;

mod answers;
pub mod convert;
pub mod disassemble;
pub mod fetch;
pub mod inspect;
pub mod monitor;
pub mod predict;
pub mod retrain;
#[cfg(feature = "serve")]
pub mod serve;
pub mod show;
mod table;
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

/// The error of a file that is to be a table: what the file is, where it is something else.
pub fn no_table(path: &Path, error: String) -> Failure {
    // A pipe cannot be read twice.
    if !fs::metadata(path).is_ok_and(|known| known.is_file()) {
        return error.into();
    }
    match FileKind::of_file(path) {
        Err(_) | Ok(FileKind::Csv | FileKind::Text | FileKind::Empty | FileKind::Unknown) => {
            error.into()
        }
        Ok(kind) => {
            let path = path.display();
            format!("{path}: not a table: this is {kind}; {}", kind.advice()).into()
        }
    }
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

/// How much memory a pickle may ask for.
#[derive(Args)]
pub struct Memory {
    /// How much memory the objects of a pickle may take, in bytes or as in 512M or 2G; raise it for
    /// a file that you trust [default: 16 times the file, but no less than 256M]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    max_memory: Option<u64>,
}

impl Memory {
    /// The limits for a file of this length. Each of them is one of memory: that of the pickle, of
    /// its objects, and of the model that is made of them.
    fn limits(&self, length: u64) -> Limits {
        let limits = Limits::new();
        let Some(memory) = self.max_memory else { return limits };
        limits
            .bytes(self.most_bytes())
            .objects(u32::MAX)
            .memo(u32::MAX)
            .memory(memory)
            .expansion(memory / length.max(1))
    }

    /// The longest file that is read.
    fn most_bytes(&self) -> u64 {
        MOST.max(self.max_memory.unwrap_or(0))
    }
}

/// The most bytes of a file that are read if nothing else is asked for.
const MOST: u64 = 4 << 30;

/// A number of bytes: `1000`, `512M`, `2G`.
fn size(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = text.get(digits.len()..).unwrap_or_default().trim_start().to_ascii_uppercase();
    let shift = match unit.strip_suffix('B').map_or(&*unit, |unit| unit.trim_end_matches('I')) {
        "" => 0,
        "K" => 10,
        "M" => 20,
        "G" => 30,
        "T" => 40,
        _ => return Err("the unit must be one of K, M, G and T, as in 2G".into()),
    };
    let bytes = digits.parse::<u64>().ok().and_then(|number| number.checked_mul(1 << shift));
    match bytes {
        Some(0) => Err("at least one byte".into()),
        Some(bytes) => Ok(bytes),
        None => Err("a whole number of bytes, or as in 512M or 2G".into()),
    }
}

/// The bytes of a file, and the limits of its pickles.
fn read_bytes(path: &Path, memory: &Memory) -> Result<(Vec<u8>, Limits), Failure> {
    if let Some(bytes) = read_pipe(path)? {
        let limits = memory.limits(bytes.len() as u64);
        return Ok((bytes, limits));
    }
    let from_file = || -> io::Result<(Vec<u8>, Limits)> {
        let file = File::open(path)?;
        let limits = memory.limits(file.metadata()?.len());
        let mut bytes = Vec::new();
        // more is refused by the reader of pickles
        file.take(memory.most_bytes().saturating_add(1)).read_to_end(&mut bytes)?;
        Ok((bytes, limits))
    };
    from_file().map_err(|error| format!("cannot read {}: {error}", path.display()).into())
}

/// The message of an error in a pickle, which tells users of the library what to raise.
fn told(error: &dyn std::fmt::Display) -> String {
    let mut text = error.to_string();
    for limit in ["bytes", "objects", "memo", "memory", "expansion"] {
        text = text.replace(&format!("`Limits::{limit}`"), "--max-memory");
    }
    text
}

/// The same error on one line.
pub fn on_one_line(error: Failure) -> Failure {
    printable(&error.to_string()).into()
}
