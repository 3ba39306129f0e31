//! The command `picklebook`: a few lines over the library for each subcommand.
#![deny(missing_docs, unsafe_code)]

mod command;

use std::ffi::OsString;
use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use clap::{Args, Parser, Subcommand};
use command::convert::{ConvertArguments, convert};
use command::disassemble::{DisassembleArguments, disassemble};
use command::fetch::{FetchArguments, fetch};
use command::inspect::{InspectArguments, inspect};
use command::monitor::{MonitorArguments, monitor};
use command::predict::{PredictArguments, predict};
use command::retrain::{RetrainArguments, retrain};
#[cfg(feature = "serve")]
use command::serve::{ServeArguments, serve};
use command::show::{ShowArguments, show};
use command::train::{TrainArguments, train};
use command::{Failure, on_one_line, printable};
use picklebook::jupyter::{self, Keeper, Places, RunOptions, Teller, Timeouts};

/// Opens, runs and looks after the picklebook notebooks.
#[derive(Parser)]
#[command(version, about)]
struct Command {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Subcommand)]
enum Action {
    /// Set up what is missing and open the notebooks in JupyterLab (the default)
    Lab(LabArguments),
    /// Execute notebooks without a browser, strictly; if none is named, all of them
    Run(RunArguments),
    Train(TrainArguments),
    Predict(PredictArguments),
    Show(ShowArguments),
    Convert(ConvertArguments),
    Disassemble(DisassembleArguments),
    Inspect(InspectArguments),
    Monitor(MonitorArguments),
    Retrain(RetrainArguments),
    Fetch(FetchArguments),
    #[cfg(feature = "serve")]
    Serve(ServeArguments),
    /// Set up what is missing, and stop
    Setup {
        /// Also install what only the tests need
        #[arg(long)]
        tests: bool,
    },
    /// Print versions, state and disk use of everything
    Doctor,
    /// Remove what set-up made, and nothing that you made
    ///
    /// The folders are .venv (JupyterLab with its settings), target/kernel (the kernels' build
    /// folders) and picklebook in your cache folder (the kernel itself, which other clones use,
    /// too). Notebooks stay, and so does what they wrote into notebooks/scratch and
    /// notebooks/solutions/scratch.
    Clean {
        /// Leave the kernel in the cache folder, which takes about ten minutes to build
        #[arg(long)]
        keep_kernel: bool,
    },
    /// Run the kernel; Jupyter starts this
    #[command(hide = true)]
    Kernel {
        /// Jupyter's connection file
        connection_file: PathBuf,
    },
    /// Hold a kernel for whoever started this, or ahead of time; other subcommands start this
    #[command(hide = true)]
    Host {
        /// The process that starts this
        #[arg(long)]
        starter: u32,
        /// Whether it is for a kernel that is yet to be started
        #[arg(long)]
        spare: bool,
    },
    /// Say where the cargo of the cells is; the kernel starts this in place of rustup
    #[command(hide = true)]
    CellsRustup(CellsArguments),
    /// Compile a cell; the kernel starts this in place of cargo
    #[command(hide = true)]
    CellsCargo(CellsArguments),
    /// Note how cargo calls the compiler for a cell, and become the compiler
    #[command(hide = true)]
    CellsRustc(CellsArguments),
    /// Run a program that ends with whoever started this; other subcommands start this
    #[cfg(unix)]
    #[command(hide = true)]
    Supervise(SuperviseArguments),
    /// Become a program that ends with its supervisor
    #[cfg(unix)]
    #[command(hide = true)]
    StartSupervised {
        /// The supervisor's process
        supervisor: i32,
        /// The program and its arguments
        #[arg(last = true, required = true)]
        command: Vec<OsString>,
    },
}

#[derive(Args)]
struct CellsArguments {
    /// The arguments of the program in whose place this is started
    #[arg(last = true)]
    arguments: Vec<OsString>,
}

#[cfg(unix)]
#[derive(Args)]
struct SuperviseArguments {
    /// The process with which the program ends
    #[arg(long)]
    starter: i32,
    /// Also end what the program leaves running
    #[arg(long)]
    leaves_nothing: bool,
    /// Give standard input to the program
    #[arg(long)]
    reads: bool,
    /// A lock file to hold beside others
    #[arg(long)]
    lock: Option<PathBuf>,
    /// The program and its arguments
    #[arg(last = true, required = true)]
    command: Vec<OsString>,
}

#[derive(Args, Default)]
struct LabArguments {
    /// Print the address only
    #[arg(long)]
    no_browser: bool,
    /// The port to serve at [default: 8888, or the next that is free]
    #[arg(long)]
    port: Option<u16>,
    #[command(flatten)]
    spares: Spares,
}

#[derive(Args, Default)]
struct Spares {
    /// How many kernels to keep ready for the notebooks that are opened next, each with about 800
    /// MB of memory [default: 1, or what PICKLEBOOK_SPARES says]
    #[arg(long, value_name = "N")]
    spares: Option<u32>,
}

impl Spares {
    fn number(&self) -> Result<u32, jupyter::Error> {
        self.spares.map_or_else(jupyter::wanted_spares, Ok)
    }
}

#[derive(Args)]
struct RunArguments {
    /// Notebook files
    notebooks: Vec<PathBuf>,
    /// Write the new outputs into the files of the notebooks that ran without a failure
    #[arg(long)]
    inplace: bool,
    /// Fail if the new outputs differ from those in the file
    #[arg(long, conflicts_with = "inplace")]
    compare: bool,
    /// Then run all cells again, from the last to the first: any cell should be fit for that
    #[arg(long, conflicts_with = "inplace")]
    again: bool,
    /// How long a cell may take, in seconds
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..))]
    timeout: u64,
    #[command(flatten)]
    spares: Spares,
}

fn main() -> ExitCode {
    let action = Command::parse().action.unwrap_or(Action::Lab(LabArguments::default()));
    match perform(action) {
        Ok(code) => match NOT_PRINTED.get() {
            None => code,
            Some(error) => {
                tell(&format!("picklebook: cannot write to standard output: {error}"));
                ExitCode::FAILURE
            }
        },
        Err(error) => {
            tell(&format!("picklebook: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// Why a line of results was not printed, where one was not.
static NOT_PRINTED: OnceLock<io::Error> = OnceLock::new();

/// Prints a line of results. That nobody reads on (`picklebook doctor | head -1`) is no failure;
/// all else fails the command when it has done its work.
fn print(line: impl Display) {
    match writeln!(io::stdout(), "{line}") {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            // The first one is told.
            let _ = NOT_PRINTED.set(error);
        }
        _ => {}
    }
}

/// Whether the last line of the terminal says how far things are.
static SAYS_HOW_FAR: AtomicBool = AtomicBool::new(false);

/// Prints a line about what is going on.
fn tell(line: &str) {
    let clear = if SAYS_HOW_FAR.swap(false, Ordering::Relaxed) { "\r\x1b[K" } else { "" };
    let _ = writeln!(io::stderr(), "{clear}{line}");
}

/// Says how far things are, in the last line of the terminal.
fn tell_how_far(text: &str) {
    SAYS_HOW_FAR.store(true, Ordering::Relaxed);
    let _ = write!(io::stderr(), "\r{text}\x1b[K").and_then(|()| io::stderr().flush());
}

/// Sets up what the notebooks need, and tells how that goes.
fn set_up(places: &Places, tests: bool) -> Result<(), jupyter::Error> {
    let terminal = io::stderr().is_terminal();
    let status: Option<&dyn Fn(&str)> = if terminal { Some(&tell_how_far) } else { None };
    jupyter::set_up(places, tests, Teller { line: &tell, status })
}

fn perform(action: Action) -> Result<ExitCode, Failure> {
    match action {
        Action::Train(arguments) => return train(&arguments).map_err(on_one_line),
        Action::Predict(arguments) => predict(&arguments).map_err(on_one_line)?,
        Action::Convert(arguments) => convert(&arguments).map_err(on_one_line)?,
        Action::Show(arguments) => return show(&arguments).map_err(on_one_line),
        Action::Disassemble(arguments) => return disassemble(&arguments).map_err(on_one_line),
        #[cfg(feature = "serve")]
        Action::Serve(arguments) => serve(&arguments).map_err(on_one_line)?,
        Action::Monitor(arguments) => return monitor(&arguments).map_err(on_one_line),
        Action::Retrain(arguments) => retrain(&arguments).map_err(on_one_line)?,
        Action::Fetch(arguments) => fetch(&arguments).map_err(on_one_line)?,
        Action::Inspect(arguments) => return inspect(&arguments).map_err(on_one_line),
        Action::Lab(LabArguments { no_browser, port, spares }) => {
            let (places, spares) = (Places::find()?, spares.number()?);
            set_up(&places, false)?;
            jupyter::lab(&places, port, !no_browser, spares, &|line| print(line))?;
        }
        Action::Run(arguments) => return Ok(run(&arguments)?),
        Action::Setup { tests } => {
            set_up(&Places::find()?, tests)?;
            tell("Ready: `cargo run` opens the notebooks");
        }
        Action::Doctor => {
            for (what, state) in jupyter::doctor(&Places::find()?)? {
                print(format_args!("{what:22} {state}"));
            }
        }
        Action::Clean { keep_kernel } => {
            for folder in jupyter::clean(&Places::find()?, keep_kernel, &tell)? {
                print(format_args!("removed {}", folder.display()));
            }
        }
        Action::Kernel { connection_file } => {
            return Ok(jupyter::kernel(&own_places()?, &connection_file)?.into());
        }
        Action::Host { starter, spare } => {
            return Ok(jupyter::host(&own_places()?, starter, spare)?.into());
        }
        Action::CellsRustup(CellsArguments { arguments }) => {
            return Ok(jupyter::cells_rustup(&own_places()?, &arguments)?.into());
        }
        Action::CellsCargo(CellsArguments { arguments }) => {
            return Ok(jupyter::cells_cargo(&own_places()?, &arguments)?.into());
        }
        Action::CellsRustc(CellsArguments { arguments }) => {
            return Ok(jupyter::cells_rustc(&arguments)?.into());
        }
        #[cfg(unix)]
        Action::Supervise(arguments) => {
            let SuperviseArguments { starter, leaves_nothing, reads, lock, command } = arguments;
            let arguments =
                jupyter::SupervisorArguments { starter, leaves_nothing, reads, lock, command };
            return Ok(jupyter::supervise(&arguments)?.into());
        }
        #[cfg(unix)]
        Action::StartSupervised { supervisor, command } => {
            jupyter::start_supervised(supervisor, &command)?;
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The clone that this program lies in, or that it was started in.
fn own_places() -> Result<Places, jupyter::Error> {
    let program = std::env::current_exe().unwrap_or_default();
    Places::above(&program).or_else(|_| Places::find())
}

fn run(arguments: &RunArguments) -> Result<ExitCode, jupyter::Error> {
    let (places, spares) = (Places::find()?, arguments.spares.number()?);
    set_up(&places, false)?;
    let notebooks = match arguments.notebooks.is_empty() {
        true => jupyter::series(&places)?,
        false => arguments.notebooks.clone(),
    };
    let options = RunOptions {
        in_place: arguments.inplace,
        compare: arguments.compare,
        again: arguments.again,
        timeouts: Timeouts {
            cell: Duration::from_secs(arguments.timeout),
            start: Duration::from_secs(120),
        },
    };
    let mut failed = 0;
    // A spare is of use to those in the folder that it was started in, and not to the first, which
    // would have to share the processor with it.
    let folder = places.notebooks();
    let is_there = |notebook: &PathBuf| {
        notebook.canonicalize().is_ok_and(|file| file.parent() == Some(folder.as_path()))
    };
    let last = notebooks.iter().skip(1).rposition(is_there).map(|place| place + 1);
    let mut keeper = match last {
        Some(_) => Keeper::new(&places, spares)?,
        None => None,
    };
    for (place, notebook) in notebooks.iter().enumerate() {
        let started = Instant::now();
        let outcome = jupyter::run(&places, notebook, &options, &mut |line| {
            print(line);
            // It has its kernel, and nobody after it needs one.
            if Some(place) == last {
                keeper = None;
            }
        })?;
        failed += usize::from(!outcome.failures.is_empty());
        print(format_args!(
            "{}  {}  {} cells in {:.1} s (kernel's start {:.1} s)",
            printable(&notebook.display().to_string()),
            if outcome.failures.is_empty() { "ok" } else { "FAILED" },
            outcome.cells.len(),
            started.elapsed().as_secs_f64(),
            outcome.start,
        ));
    }
    print(format_args!("{} passed, {failed} failed", notebooks.len() - failed));
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
