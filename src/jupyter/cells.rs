//! The cargo that a kernel calls for each cell.
//!
//! Cargo looks at every dependency before it starts the compiler, which takes a tenth of a second
//! for each cell, and twice that for one that is compiled twice. Here the compiler is started as
//! cargo started it last, where nothing has changed of what cargo would look at: the manifests, the
//! lock file, the settings, the sources of crates that lie in folders (those from a registry never
//! change), the compiler, the environment. Else cargo itself is asked.
//!
//! The kernel asks `rustup` where cargo is, and gets the answer from a `rustup` of this folder.

use std::collections::BTreeSet;
use std::collections::hash_map::DefaultHasher;
use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::hash::{Hash, Hasher};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::error::At;
use super::{Error, Places};

/// The crate that holds a cell, and its only source.
const CRATE: &str = "ctx";
const SOURCE: &str = "src/lib.rs";
/// What is known of the last time that cargo was asked, in the build folder.
const RECORD: &str = "target/cells.json";
/// The variable that names the file in which the compiler's call is noted.
const NOTE: &str = "PICKLEBOOK_NOTE_OF_RUSTC";
/// Errors of a compiler that does not find a library, or not the right one.
const LIBRARY_ERRORS: [&str; 9] =
    ["E0460", "E0461", "E0462", "E0463", "E0464", "E0514", "E0519", "E0523", "E0786"];
/// How the scripts begin that call this program, and how long they may be, in bytes.
const SCRIPT: &str = "#!/bin/sh\nexec ";
const LONGEST_SCRIPT: u64 = 1 << 13;
/// What names pipes that only processes of cargo's own have.
const OF_CARGO: [&str; 3] = ["CARGO_MAKEFLAGS", "MAKEFLAGS", "MFLAGS"];

/// The folder that comes first in a kernel's `PATH`.
pub(super) fn programs(places: &Places) -> PathBuf {
    places.evcxr_settings().join("programs")
}

/// Writes the scripts that call this program's copy in `.venv`.
#[cfg(unix)]
pub(super) fn set_up(places: &Places) -> Result<(), Error> {
    for (file, subcommand) in [
        (programs(places).join("rustup"), "cells-rustup"),
        (cargo_of_cells(places), "cells-cargo"),
        (compiler_of_cells(places), "cells-rustc"),
    ] {
        use std::os::unix::fs::PermissionsExt;

        // The clone's path holds no space: it has been checked.
        let script = format!("{SCRIPT}{} {subcommand} -- \"$@\"\n", places.command().display());
        if fs::read_to_string(&file).is_ok_and(|old| old == script) {
            continue;
        }
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder).at(folder)?;
        }
        crate::files::write_bytes(&file, script.as_bytes()).at(&file)?;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).at(&file)?;
    }
    Ok(())
}

/// Elsewhere such scripts cannot be started, and the kernel calls cargo itself.
#[cfg(not(unix))]
pub(super) fn set_up(_: &Places) -> Result<(), Error> {
    Ok(())
}

fn cargo_of_cells(places: &Places) -> PathBuf {
    places.evcxr_settings().join("cells").join("cargo")
}

fn compiler_of_cells(places: &Places) -> PathBuf {
    places.evcxr_settings().join("cells").join("rustc")
}

/// The first program of this name in `PATH` that is none of these scripts: those of another clone,
/// whose kernel has started this one, would look for theirs, and find these.
fn find(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let mut files = env::split_paths(&path).map(|folder| folder.join(name));
    files.find(|file| file.is_file() && !is_script(file))
}

/// Whether a file is one of the scripts that call this program.
fn is_script(file: &Path) -> bool {
    let mut start = Vec::new();
    let read =
        fs::File::open(file).and_then(|file| file.take(LONGEST_SCRIPT).read_to_end(&mut start));
    let text = String::from_utf8_lossy(&start);
    read.is_ok() && text.starts_with(SCRIPT) && text.contains(" cells-")
}

/// The cargo that the kernel would call without this: the toolchain's own, without a detour.
fn real_cargo() -> Result<PathBuf, Error> {
    let asked = find("rustup").and_then(|rustup| {
        let output = Command::new(rustup).args(["which", "cargo"]).stderr(Stdio::null()).output();
        let said = output.ok().filter(|output| output.status.success())?.stdout;
        Some(PathBuf::from(str::from_utf8(&said).ok()?.trim())).filter(|cargo| cargo.is_file())
    });
    asked.or_else(|| find("cargo")).ok_or_else(|| Error::Missing {
        what: "cargo".into(),
        remedy: "install Rust (https://rustup.rs)".into(),
    })
}

/// Answers the kernel's question where cargo is; passes all other questions to rustup.
///
/// # Errors
/// Where there is no rustup, or no cargo.
pub fn cells_rustup(places: &Places, arguments: &[OsString]) -> Result<u8, Error> {
    if arguments == ["which", "cargo"] {
        real_cargo()?;
        return print(&format!("{}\n", cargo_of_cells(places).display()));
    }
    let rustup = find("rustup").ok_or_else(|| Error::Missing {
        what: "rustup".into(),
        remedy: "install it (https://rustup.rs)".into(),
    })?;
    become_program(Command::new(&rustup).args(arguments), &rustup)
}

/// Notes how cargo calls the compiler for a cell, and becomes the compiler.
///
/// # Errors
/// Where the compiler cannot be started.
pub fn cells_rustc(arguments: &[OsString]) -> Result<u8, Error> {
    let Some((compiler, arguments)) = arguments.split_first() else {
        return Err(io::ErrorKind::InvalidInput.into()).at("a compiler without a name");
    };
    let is_of_cell =
        arguments.windows(2).any(|two| two[0] == "--crate-name" && two[1] == OsStr::new(CRATE));
    if let Some(note) = env::var_os(NOTE).filter(|_| is_of_cell)
        && let Some(call) = note_of_call(compiler, arguments)
    {
        write_note(Path::new(&note), &call.to_string()).at(note)?;
    }
    become_program(Command::new(compiler).args(arguments).env_remove(NOTE), Path::new(compiler))
}

/// Writes a note that nobody else can read: it holds all variables of the environment.
fn write_note(note: &Path, text: &str) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(note)?.write_all(text.as_bytes())
}

/// The compiler's call, where all of it is text.
fn note_of_call(compiler: &OsStr, arguments: &[OsString]) -> Option<Value> {
    let arguments: Option<Vec<&str>> = arguments.iter().map(|text| text.to_str()).collect();
    let variables: Option<Vec<(String, String)>> = env::vars_os()
        .filter(|(name, _)| name != NOTE && !OF_CARGO.iter().any(|of_cargo| name == of_cargo))
        .map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    Some(json!({"program": compiler.to_str()?, "arguments": arguments?, "variables": variables?}))
}

/// Builds or checks the cell in the current folder, as `cargo` would with these arguments.
///
/// # Errors
/// Where cargo or the compiler cannot be started, or what they say cannot be passed on.
pub fn cells_cargo(places: &Places, arguments: &[OsString]) -> Result<u8, Error> {
    let folder = env::current_dir().at("the working folder")?;
    let is_of_cell = matches!(
        arguments.strip_prefix(&["--offline".into()]).unwrap_or(arguments),
        [what, target, _, format]
            if (what == "build" || what == "check")
                && target == "--target"
                && format == "--message-format=json"
    );
    // With another's wrapper the compiler is called otherwise.
    if !is_of_cell || env::var_os("RUSTC_WRAPPER").is_some() {
        let cargo = real_cargo()?;
        return become_program(Command::new(&cargo).args(arguments), &cargo);
    }
    let is_check = arguments.iter().any(|argument| argument == "check");
    if let Some(record) = Record::of(&folder)
        && let Some(code) = record.compile(&folder, is_check)?
    {
        return Ok(code);
    }
    // A check would compile all dependencies once more, without their code.
    let arguments = arguments.iter().map(|argument| match argument == "check" {
        true => OsString::from("build"),
        false => argument.clone(),
    });
    ask_cargo(places, &folder, arguments.collect())
}

/// Asks cargo, and records what it says and does.
fn ask_cargo(places: &Places, folder: &Path, arguments: Vec<OsString>) -> Result<u8, Error> {
    let record = folder.join(RECORD);
    let note = record.with_extension("note");
    for old in [&record, &note] {
        match fs::remove_file(old) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error).at(old),
            _ => {}
        }
    }
    let began = SystemTime::now();
    let cargo = real_cargo()?;
    let mut command = Command::new(&cargo);
    command.args(arguments).stderr(Stdio::inherit()).stdin(Stdio::null());
    if cfg!(unix) {
        set_up(places)?;
        command.env("RUSTC_WORKSPACE_WRAPPER", compiler_of_cells(places)).env(NOTE, &note);
    }
    let output = command.output().at(&cargo)?;
    let noted = fs::read_to_string(&note);
    match fs::remove_file(&note) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error).at(note),
        _ => {}
    }
    if output.status.success()
        && let Ok(call) = noted
        && let Ok(mut call) = serde_json::from_str(&call)
        && keep_what_cargo_set(&mut call).is_some()
        && let Some(new) = Record::new(folder, &cargo, call, &output.stdout, began)
    {
        crate::files::write_bytes(&record, new.0.to_string().as_bytes()).at(&record)?;
    }
    print(&String::from_utf8_lossy(&output.stdout))?;
    Ok(output.status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(101))
}

/// Leaves of a call's variables those that cargo set: the others are those of the kernel, which may be
/// secret and are there the next time as well. `None` where cargo took one away.
fn keep_what_cargo_set(call: &mut Value) -> Option<()> {
    let variables = call["variables"].as_array_mut()?;
    let of = |variable: &Value, place: usize| Some(OsString::from(variable[place].as_str()?));
    let names: BTreeSet<OsString> = variables.iter().filter_map(|it| of(it, 0)).collect();
    let ours = |name: &OsString| {
        let of_cargo = OF_CARGO.iter().any(|of_cargo| name == of_cargo);
        of_cargo || name == NOTE || names.contains(name)
    };
    if env::vars_os().any(|(name, _)| !ours(&name)) {
        return None;
    }
    variables.retain(|it| match of(it, 0) {
        Some(name) => env::var_os(name) != of(it, 1),
        None => false,
    });
    Some(())
}

/// What is known of the last time that cargo was asked: the compiler's call, what cargo said of the
/// cell's library, and the state of all that cargo looked at.
struct Record(Value);

impl Record {
    /// Makes one of what cargo has said and how it called the compiler. `None` where that is not
    /// all that counts, or something changed while cargo looked.
    fn new(
        folder: &Path,
        cargo: &Path,
        call: Value,
        said: &[u8],
        began: SystemTime,
    ) -> Option<Self> {
        let manifest = folder.join("Cargo.toml");
        let mut library = None;
        let mut manifests = BTreeSet::from([manifest.clone()]);
        for line in said.split(|byte| *byte == b'\n') {
            let Ok(message) = serde_json::from_slice::<Value>(line) else { continue };
            let is_in_a_folder =
                message["package_id"].as_str().is_some_and(|id| id.starts_with("path+"));
            let its_manifest = message["manifest_path"].as_str().map(PathBuf::from);
            match message["reason"].as_str() {
                // What a build script looks at only cargo knows.
                Some("build-script-executed") if is_in_a_folder => return None,
                Some("compiler-artifact") if its_manifest.as_ref() == Some(&manifest) => {
                    library = Some(message);
                }
                Some("compiler-artifact") if is_in_a_folder => manifests.extend(its_manifest),
                _ => {}
            }
        }
        let library = library?;
        let [file] = library["filenames"].as_array()?.as_slice() else { return None };
        let mut files = sources(Path::new(file.as_str()?))?;
        files.remove(&folder.join(SOURCE));
        files.extend(settings(&manifests));
        files.extend([cargo.to_owned(), PathBuf::from(call["program"].as_str()?)]);
        let mut state = state(&files, began)?;
        // Cargo itself may have written it.
        let lock = folder.join("Cargo.lock");
        state.insert(lock.to_str()?.to_owned(), known(&lock));
        Some(Record(json!({
            "version": env!("CARGO_PKG_VERSION"),
            "folder": folder.to_str()?,
            "environment": environment(),
            "call": call,
            "library": library,
            "state": state,
        })))
    }

    /// The record of this folder, where it holds as things are now.
    fn of(folder: &Path) -> Option<Self> {
        let record: Value = serde_json::from_slice(&fs::read(folder.join(RECORD)).ok()?).ok()?;
        let is_same = record["version"].as_str() == Some(env!("CARGO_PKG_VERSION"))
            && record["folder"].as_str() == folder.to_str()
            && record["environment"] == environment()
            && record["state"]
                .as_object()?
                .iter()
                .all(|(file, then)| *then == known(file.as_ref()));
        is_same.then_some(Record(record))
    }

    /// Starts the compiler, and says what cargo would say. `None` where the compiler stumbles over
    /// something else than the cell.
    fn compile(&self, folder: &Path, is_check: bool) -> Result<Option<u8>, Error> {
        let Record(record) = self;
        let call = &record["call"];
        let texts = |list: &Value| -> Vec<String> {
            let list = list.as_array().into_iter().flatten();
            list.filter_map(|text| text.as_str().map(str::to_owned)).collect()
        };
        let mut arguments = Vec::new();
        for argument in texts(&call["arguments"]) {
            let library = arguments.last().filter(|before| *before == "--extern");
            if library.is_some()
                && argument.split_once('=').is_some_and(|(_, file)| !Path::new(file).is_file())
            {
                return Ok(None);
            }
            match argument.as_str() {
                // Cargo takes the colours away where nobody sees them.
                _ if argument.starts_with("--json=") => {
                    arguments.push(argument.replace("diagnostic-rendered-ansi,", ""));
                }
                _ if is_check && argument.starts_with("--emit=") => {
                    arguments.push("--emit=metadata".into());
                }
                // What is kept between cells is of their own code.
                _ if is_check && argument.starts_with("incremental=") => drop(arguments.pop()),
                _ => arguments.push(argument),
            }
        }
        let file = record["library"]["filenames"][0].as_str().unwrap_or_default();
        let file = Path::new(file);
        let place = arguments.iter().skip_while(|argument| *argument != "--out-dir").nth(1);
        let (Some(place), Some(name)) = (place, file.file_name()) else { return Ok(None) };
        let made = Path::new(place).join(name);
        if !is_check && fs::remove_file(&made).is_err() && made.exists() {
            return Ok(None);
        }
        let program = call["program"].as_str().unwrap_or_default();
        let mut command = Command::new(program);
        command.args(arguments).current_dir(folder).stdin(Stdio::null());
        for name in OF_CARGO {
            command.env_remove(name);
        }
        for variable in call["variables"].as_array().into_iter().flatten() {
            if let (Some(name), Some(value)) = (variable[0].as_str(), variable[1].as_str()) {
                command.env(name, value);
            }
        }
        let Ok(output) = command.output() else { return Ok(None) };
        let (mut said, mut errors) = (String::new(), 0);
        let library = &record["library"];
        for line in String::from_utf8_lossy(&output.stderr).lines() {
            let Ok(message) = serde_json::from_str::<Value>(line) else {
                let _ = writeln!(io::stderr(), "{line}");
                continue;
            };
            let text = message["message"].as_str().unwrap_or_default();
            // Cargo keeps the totals to itself.
            let is_total = text.starts_with("aborting due to")
                || text.ends_with(" warning emitted")
                || text.ends_with(" warnings emitted");
            if message["$message_type"] != "diagnostic" || is_total {
                continue;
            }
            let code = message["code"]["code"].as_str().unwrap_or_default();
            if LIBRARY_ERRORS.contains(&code) {
                return Ok(None);
            }
            errors += usize::from(message["level"] == "error");
            let message = json!({
                "reason": "compiler-message",
                "package_id": library["package_id"],
                "manifest_path": library["manifest_path"],
                "target": library["target"],
                "message": message,
            });
            said += &format!("{message}\n");
        }
        if !output.status.success() {
            if errors == 0 || output.status.code().is_none() {
                return Ok(None);
            }
            said += "{\"reason\":\"build-finished\",\"success\":false}\n";
            print(&said)?;
            return Ok(Some(101));
        }
        if !is_check {
            // As cargo puts it there.
            let _ = fs::remove_file(file);
            if fs::hard_link(&made, file).is_err() {
                fs::copy(&made, file).at(file)?;
            }
            said += &format!("{library}\n");
        }
        said += "{\"reason\":\"build-finished\",\"success\":true}\n";
        print(&said)?;
        Ok(Some(0))
    }
}

/// The sources of a library and of all that it uses out of folders, as cargo has written them
/// beside the library.
fn sources(library: &Path) -> Option<BTreeSet<PathBuf>> {
    let text = fs::read_to_string(library.with_extension("d")).ok()?;
    let (of, files) = text.split_once(": ")?;
    if Path::new(of) != library {
        return None;
    }
    // Cargo puts a backslash before a space in a name.
    let mut names = vec![String::new()];
    let mut characters = files.trim_end().chars().peekable();
    while let Some(character) = characters.next() {
        let name = names.last_mut()?;
        match character {
            '\\' if characters.next_if_eq(&' ').is_some() => name.push(' '),
            ' ' => names.push(String::new()),
            _ => name.push(character),
        }
    }
    let files: BTreeSet<PathBuf> = names.into_iter().map(PathBuf::from).collect();
    files.iter().all(|file| file.is_absolute() && file.is_file()).then_some(files)
}

/// The files, there or not, from which cargo may take settings for packages with these manifests.
fn settings(manifests: &BTreeSet<PathBuf>) -> BTreeSet<PathBuf> {
    const OF_CARGO: [&str; 3] = ["Cargo.toml", ".cargo/config.toml", ".cargo/config"];
    let folders = manifests.iter().flat_map(|manifest| manifest.ancestors().skip(1));
    let mut files: BTreeSet<PathBuf> =
        folders.flat_map(|folder| OF_CARGO.map(|name| folder.join(name))).collect();
    if let Some(home) = Places::cargo_home() {
        files.extend([home.join("config.toml"), home.join("config")]);
    }
    files
}

/// What is known of each file. `None` where one has changed since `began`, or has no name that can
/// be written down.
fn state(files: &BTreeSet<PathBuf>, began: SystemTime) -> Option<serde_json::Map<String, Value>> {
    let mut state = serde_json::Map::new();
    for file in files {
        let changed = fs::metadata(file).and_then(|known| known.modified());
        if changed.is_ok_and(|changed| changed > began) {
            return None;
        }
        state.insert(file.to_str()?.to_owned(), known(file));
    }
    Some(state)
}

/// A file's length and when it was changed; null where there is none.
fn known(file: &Path) -> Value {
    let Ok(known) = fs::metadata(file) else { return Value::Null };
    let changed = known.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    json!([known.len(), changed.map(|changed| changed.as_nanos().to_string())])
}

fn environment() -> String {
    let mut variables: Vec<(OsString, OsString)> = env::vars_os().collect();
    variables.sort();
    let mut hasher = DefaultHasher::new();
    variables.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

fn print(text: &str) -> Result<u8, Error> {
    let mut output = io::stdout().lock();
    output.write_all(text.as_bytes()).and_then(|()| output.flush()).at("standard output")?;
    Ok(0)
}

/// Goes on as another program, or waits for it where a process cannot do that.
fn become_program(command: &mut Command, program: &Path) -> Result<u8, Error> {
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        Err(command.exec()).at(program)
    }
    #[cfg(not(unix))]
    {
        let status = command.status().at(program)?;
        Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
    }
}
