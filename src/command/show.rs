//! `picklebook show`: what pickles hold.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use picklebook::pickle::{self, Repr, Value};

use super::{Failure, not_printed, printable, read_pipe, to_stdout};
use crate::tell;

/// The longest text that is printed for one pickle, in bytes. A few bytes of pickle can hold an
/// object that uses itself 2¹⁰⁰ times.
const LONGEST: usize = 16 << 20;

/// The most bytes of a file that are read; more are refused by the reader of pickles.
const MOST: u64 = 4 << 30;

/// Print what pickles hold, as Python would, without running any of it
///
/// Each pickle is printed on a line, as Python's repr would print it; objects of other classes as
/// `module.name(arguments) {state}`. Nothing is imported or called. Several pickles in one file
/// are printed one after the other, and several files each under its name.
///
/// A text is cut off after 16 MiB, with a note on standard error.
#[derive(Args)]
pub struct ShowArguments {
    /// Files that hold pickles
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// How many levels of nesting to print; deeper ones become `[...]`
    #[arg(long, value_name = "N")]
    depth: Option<usize>,
    /// How many items of each list, dictionary and so on to print; the others are counted
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

pub fn show(arguments: &ShowArguments) -> Result<ExitCode, Failure> {
    let mut code = ExitCode::SUCCESS;
    to_stdout(|output| {
        for file in &arguments.files {
            if arguments.files.len() > 1 {
                let name = file.display().to_string();
                writeln!(output, "{}:", printable(&name)).map_err(not_printed)?;
            }
            if let Some(problem) = show_file(file, arguments, output).map_err(not_printed)? {
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
    output: &mut dyn Write,
) -> io::Result<Option<String>> {
    let name = file.display();
    let bytes = match read_pipe(file) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => {
            let mut bytes = Vec::new();
            match File::open(file).and_then(|file| file.take(MOST + 1).read_to_end(&mut bytes)) {
                Ok(_length) => bytes,
                Err(error) => return Ok(Some(format!("cannot read {name}: {error}"))),
            }
        }
        Err(error) => return Ok(Some(error.to_string())),
    };
    let mut start = 0;
    loop {
        let rest = bytes.get(start..).unwrap_or_default();
        let (value, length) = match pickle::loads_prefix::<Value>(rest) {
            Ok(found) => found,
            Err(error) if start == 0 => return Ok(Some(format!("{name}: {error}"))),
            // What follows may be another format's: joblib's arrays, or torch's.
            Err(error) => {
                return Ok(Some(format!(
                    "{name}: behind the pickle that ends at byte {start}, counted from there: {error}"
                )));
            }
        };
        let text = repr(&value, arguments).to_string();
        writeln!(output, "{text}")?;
        if text.len() >= LONGEST {
            tell(&printable(&format!(
                "picklebook: {name}: the text is cut off after 16 MiB; --depth and --limit shorten it"
            )));
        }
        start += length;
        if start >= bytes.len() {
            return Ok(None);
        }
    }
}

fn repr(value: &Value, arguments: &ShowArguments) -> Repr {
    let mut repr = value.repr().length(LONGEST);
    if let Some(depth) = arguments.depth {
        repr = repr.depth(depth);
    }
    if let Some(limit) = arguments.limit {
        repr = repr.items(limit);
    }
    repr
}
