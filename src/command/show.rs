//! `picklebook show`: what pickles hold.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use clap::{Args, ValueEnum};
use picklebook::container::{Compression, FileKind};
use picklebook::pickle::{self, Encoding, ErrorKind, Limits, Repr, Value};
use picklebook::sklearn::{self, LoadOptions};

use super::{Failure, Memory, not_printed, printable, read_bytes, to_stdout, told};
use crate::tell;

/// The longest text that is printed for all pickles together, in bytes. A few bytes of pickle can
/// hold an object that uses itself 2¹⁰⁰ times, and a file many pickles.
const LONGEST: usize = 16 << 20;

/// How many bytes of a damaged compressed file are unpacked for what it held before the damage.
const MOST_OF_DAMAGED: u64 = 64 << 20;

/// How many levels of what a damaged pickle held are indented.
const MOST_INDENTED: usize = 20;

/// How much is looked at to print them: for all together, and for each byte of them.
const WORK: (u64, u64) = (16 << 20, 16);

/// Print what pickles hold, as Python would, without running any of it
///
/// Each pickle is printed on a line, as Python's repr would print it; objects of other classes as
/// `module.name(arguments) {state}`. Nothing is imported or called. Several pickles in one file
/// are printed one after the other, and several files each under its name. What is compressed as
/// joblib does (zlib, gzip, bzip2, xz, LZMA, LZ4) is unpacked.
///
/// Of a damaged pickle, also of one in a compressed file that is damaged, the objects before the damage are printed, those in an unfinished list, tuple
/// or dictionary indented under it; then the error, and the command fails. What a pickle made and
/// threw away, such as a call without a use, is not in its objects: `picklebook disassemble` shows
/// it.
///
/// Of a model of scikit-learn's, also in a joblib file, it prints the class and its version, the
/// parameters, columns and classes, what it answers, and of a tree its text; with --pickle the objects.
///
/// The text of all pickles together is cut off after 16 MiB; a note on standard error says what is
/// left out.
#[derive(Args)]
pub struct ShowArguments {
    /// Files that hold pickles
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Print the objects of the pickle, also of a model of scikit-learn's
    #[arg(long)]
    pickle: bool,
    /// How many levels of nesting to print; deeper ones become `[...]`
    #[arg(long, value_name = "N")]
    depth: Option<usize>,
    /// How many items of each list, dictionary and so on to print; the others are counted
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// What the strings of Python 2 become, as Python's encoding= says it [default: text where they
    /// are ASCII, else bytes]
    #[arg(long, value_enum)]
    encoding: Option<StringsOfPython2>,
    #[command(flatten)]
    memory: Memory,
}

/// What the strings of Python 2 become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum StringsOfPython2 {
    /// Text of ASCII only
    Ascii,
    /// Text, a character a byte
    Latin1,
    /// Text in UTF-8
    #[value(name = "utf-8", alias = "utf8")]
    Utf8,
    /// Bytes
    Bytes,
}

impl From<StringsOfPython2> for Encoding {
    fn from(strings: StringsOfPython2) -> Encoding {
        match strings {
            StringsOfPython2::Ascii => Encoding::Ascii,
            StringsOfPython2::Latin1 => Encoding::Latin1,
            StringsOfPython2::Utf8 => Encoding::Utf8,
            StringsOfPython2::Bytes => Encoding::Bytes,
        }
    }
}

/// What may still be printed.
struct Room {
    /// In bytes.
    length: usize,
    /// How much may be looked at.
    work: Arc<AtomicU64>,
}

impl Room {
    fn is_used_up(&self) -> bool {
        self.length == 0 || self.work.load(Ordering::Relaxed) == 0
    }
}

pub fn show(arguments: &ShowArguments) -> Result<ExitCode, Failure> {
    let mut code = ExitCode::SUCCESS;
    let (always, _) = WORK;
    let mut room = Room { length: LONGEST, work: Arc::new(AtomicU64::new(always)) };
    to_stdout(|output| {
        for file in &arguments.files {
            if arguments.files.len() > 1 && !room.is_used_up() {
                let name = file.display().to_string();
                writeln!(output, "{}:", printable(&name)).map_err(not_printed)?;
            }
            if let Some(problem) =
                show_file(file, arguments, &mut room, output).map_err(not_printed)?
            {
                // In their order, also where both go to one terminal.
                output.flush().map_err(not_printed)?;
                tell(&format!("picklebook: {}", printable(&problem)));
                code = ExitCode::FAILURE;
            }
        }
        Ok(())
    })?;
    Ok(code)
}

/// Prints the pickles of a file, and returns what is wrong with it, if anything.
fn show_file(
    file: &Path,
    arguments: &ShowArguments,
    room: &mut Room,
    output: &mut dyn Write,
) -> io::Result<Option<String>> {
    let name = file.display();
    let (bytes, limits) = match read_bytes(file, &arguments.memory) {
        Ok(found) => found,
        Err(error) => return Ok(Some(error.to_string())),
    };
    let limits = match arguments.encoding {
        Some(encoding) => limits.encoding(encoding.into()),
        None => limits,
    };
    let bytes = match pickle::unpack(&bytes, &limits) {
        Ok(bytes) => bytes,
        Err(error) => {
            show_unpacked(&bytes, &limits, arguments, room, output)?;
            return Ok(Some(format!("{name}: {}", told(&error))));
        }
    };
    let objects = arguments.pickle
        || arguments.encoding.is_some()
        || arguments.depth.is_some()
        || arguments.limit.is_some();
    if !objects
        && let Ok(found) = sklearn::loads_all_with(&bytes, &LoadOptions::new().limits(limits))
    {
        for (path, estimator) in found {
            if !path.is_empty() {
                writeln!(output, "{}:", printable(&path))?;
            }
            write!(output, "{}", lines_of(&estimator.describe()))?;
        }
        return Ok(None);
    }
    let (mut start, mut left_out) = (0, 0_u64);
    let problem = loop {
        let rest = bytes.get(start..).unwrap_or_default();
        let (value, length) = match pickle::loads_prefix_with::<Value>(rest, &limits) {
            Ok(found) => found,
            Err(error) => {
                if start == 0 || FileKind::of(rest).is_pickle() {
                    show_rest(rest, &limits, arguments, room, output)?;
                }
                let error = told(&error);
                // What follows may be another format's: joblib's arrays, or torch's.
                break Some(match start {
                    0 => format!("{name}: {error}"),
                    _ => format!(
                        "{name}: behind the pickle that ends at byte {start}, counted from there: \
                         {error}"
                    ),
                });
            }
        };
        start = pickle::behind(&bytes, start + length);
        if room.is_used_up() {
            left_out += 1;
        } else {
            room.work.fetch_add(WORK.1.saturating_mul(length as u64), Ordering::Relaxed);
            let text = repr(&value, arguments, room).to_string();
            writeln!(output, "{text}")?;
            room.length = room.length.saturating_sub(text.len() + 1);
            if room.is_used_up() {
                let after = match room.length {
                    0 => " after 16 MiB",
                    _ => ", for too much must be looked at to print it",
                };
                tell(&printable(&format!(
                    "picklebook: {name}: the text is cut off{after}; --depth and --limit shorten it"
                )));
            }
        }
        if start >= bytes.len() {
            break None;
        }
    };
    if left_out > 0 {
        let pickles = if left_out == 1 { "pickle is" } else { "pickles are" };
        tell(&printable(&format!("picklebook: {name}: {left_out} more {pickles} left out")));
    }
    Ok(problem)
}

/// The lines of a text, each printable.
fn lines_of(text: &str) -> String {
    text.lines().map(|line| format!("{}\n", printable(line))).collect()
}

/// Prints what the pickle in a damaged compressed file held before the damage.
fn show_unpacked(
    bytes: &[u8],
    limits: &Limits,
    arguments: &ShowArguments,
    room: &mut Room,
    output: &mut dyn Write,
) -> io::Result<()> {
    let Some(compression) = Compression::of(bytes) else { return Ok(()) };
    let mut unpacked = Vec::new();
    // What came out before the error is what there is to show; the error is told by who asked.
    let _damage = compression.decompress(bytes, MOST_OF_DAMAGED, &mut unpacked);
    match FileKind::of(&unpacked).is_pickle() {
        true => show_rest(&unpacked, limits, arguments, room, output),
        false => Ok(()),
    }
}

/// Prints what a damaged pickle held before the damage: each object that was on the stack on a line
/// of its own, indented by the marks below it.
fn show_rest(
    bytes: &[u8],
    limits: &Limits,
    arguments: &ShowArguments,
    room: &mut Room,
    output: &mut dyn Write,
) -> io::Result<()> {
    let Err(partial) = pickle::salvage_with(bytes, limits) else { return Ok(()) };
    if matches!(partial.error.kind(), ErrorKind::NotPickle { .. }) {
        return Ok(());
    }
    room.work.fetch_add(WORK.1.saturating_mul(bytes.len() as u64), Ordering::Relaxed);
    let mut marks = partial.marks.iter().peekable();
    let (mut depth, mut left_out) = (0, 0_usize);
    for (height, value) in partial.stack.iter().enumerate() {
        while marks.next_if(|&&mark| mark <= height).is_some() {
            depth += 1;
        }
        if room.is_used_up() || height >= arguments.limit.unwrap_or(usize::MAX) {
            left_out += 1;
            continue;
        }
        let indent = "  ".repeat(depth.min(MOST_INDENTED));
        let text = repr(value, arguments, room).to_string();
        writeln!(output, "{indent}{text}")?;
        room.length = room.length.saturating_sub(indent.len() + text.len() + 1);
    }
    if left_out > 0 {
        tell(&format!("picklebook: {left_out} more objects before the damage are left out"));
    }
    Ok(())
}

/// A pickle, to be printed in the room that is left.
fn repr(value: &Value, arguments: &ShowArguments, room: &Room) -> Repr {
    let mut repr = value.repr().length(room.length).work(&room.work);
    if let Some(depth) = arguments.depth {
        repr = repr.depth(depth);
    }
    if let Some(limit) = arguments.limit {
        repr = repr.items(limit);
    }
    repr
}
