//! `picklebook disassemble`: pickles, opcode by opcode.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use picklebook::container::FileKind;
use picklebook::pickle::{self, Disassembler};

use super::{Failure, Memory, not_printed, printable, read_bytes, to_stdout, told};
use crate::tell;

/// Print the opcodes of pickles, as Python's pickletools does, without running any of them
///
/// Each opcode stands on a line: its place in the file, its byte, its name and what follows it.
/// Opcodes between a mark and what goes back to it are indented. Several pickles in one file are
/// printed one after the other. The arrays of a joblib file, which stand between the opcodes, are
/// named. A compressed file is unpacked first; places are those of what was in it.
#[derive(Args)]
pub struct DisassembleArguments {
    /// Files that hold pickles
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Say in plain words what each opcode does, and what is on the stack after it
    #[arg(long, conflicts_with = "annotate")]
    explain: bool,
    /// Add the first line of Python's documentation of each opcode, from this column on
    #[arg(long, value_name = "COLUMN", num_args = 0..=1, default_missing_value = "30")]
    annotate: Option<usize>,
    /// How many blanks each mark moves lines to the right
    #[arg(long, value_name = "BLANKS", default_value_t = 4)]
    indent: usize,
    /// Cut arguments to this many columns; all of them are printed whole by default, and to 20 with
    /// --explain
    #[arg(long, value_name = "COLUMNS")]
    width: Option<usize>,
    /// Let each pickle go on with the memo of the one before, as one Pickler of Python writes them
    #[arg(long)]
    shared_memo: bool,
    #[command(flatten)]
    memory: Memory,
}

pub fn disassemble(arguments: &DisassembleArguments) -> Result<ExitCode, Failure> {
    let mut code = ExitCode::SUCCESS;
    to_stdout(|output| {
        for file in &arguments.files {
            let name = file.display().to_string();
            if arguments.files.len() > 1 {
                writeln!(output, "{}:", printable(&name)).map_err(not_printed)?;
            }
            let problem = match read_bytes(file, &arguments.memory) {
                Ok((bytes, _)) if bytes.len() as u64 > arguments.memory.most_bytes() => {
                    Some(format!("{name}: more than 4 GiB; raise --max-memory if you trust it"))
                }
                Ok((bytes, limits)) => {
                    let kind = FileKind::of(&bytes);
                    match pickle::unpack(bytes, &limits) {
                        Ok(bytes) => print_all(bytes.into_owned(), arguments, output)
                            .map_err(not_printed)?
                            .map(|problem| format!("{name}: {problem}{}", what_it_is(kind))),
                        Err(error) => Some(format!("{name}: {}", told(&error))),
                    }
                }
                Err(error) => Some(error.to_string()),
            };
            if let Some(problem) = problem {
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

/// Behind an error, for a file that is something else.
fn what_it_is(kind: FileKind) -> String {
    match kind.is_pickle() || kind.is_compressed() {
        true => String::new(),
        false => format!("; it looks like {}", kind.name()),
    }
}

/// Prints the pickles of a file as they come, and returns what is wrong with them, if anything.
fn print_all(
    bytes: Vec<u8>,
    arguments: &DisassembleArguments,
    output: &mut dyn Write,
) -> io::Result<Option<String>> {
    let mut disassembler = Disassembler::new()
        .annotate(arguments.annotate.unwrap_or(0))
        .indent_level(arguments.indent)
        .explain(arguments.explain)
        .share_memo(arguments.shared_memo);
    if let Some(columns) = arguments.width {
        disassembler = disassembler.most_of_argument(columns);
    }
    let disassembly = disassembler.disassemble(bytes);
    let mut output = BufWriter::with_capacity(1 << 16, output);
    write!(output, "{}", disassembly.listing())?;
    output.flush()?;
    Ok(disassembly.error().map(ToString::to_string))
}
