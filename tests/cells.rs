//! The cargo that a kernel calls for each cell: it answers by itself where nothing has changed of
//! what cargo looks at, and as cargo does.
#![cfg(all(feature = "cli", unix))]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use support::{output_of_copy, root};

const MANIFEST: &str = "[package]\nname = \"ctx\"\nversion = \"1.0.0\"\nedition = \"2024\"\n
[lib]\ncrate-type = [\"cdylib\"]\npath = \"src/lib.rs\"\n
[dependencies]\nwords = { path = \"../words\" }\n";

/// A build folder like that of a kernel, in a clone of its own, with a crate `words` beside it, and
/// a cargo that counts how often it is asked.
struct Kernel {
    clone: PathBuf,
    target: String,
}

/// What was said of a cell.
#[derive(Debug)]
struct Said {
    code: Option<i32>,
    /// The errors' codes and what they look like.
    errors: Vec<(String, String)>,
    /// How often cargo itself was asked.
    asked: usize,
}

/// What a variable of the environment holds that is nobody else's business.
const SECRET: &str = "nobody-else-may-read-this";

fn write(file: &Path, text: &str) {
    fs::create_dir_all(file.parent().expect("a folder")).expect("it can be made");
    fs::write(file, text).expect("it can be written");
}

fn script(file: &Path, text: &str) {
    write(file, &format!("#!/bin/sh\n{text}\n"));
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).expect("it can be started");
}

impl Kernel {
    fn new(name: &str) -> Self {
        let clone = support::folder(name).join("clone");
        write(&clone.join("notebooks/none"), "");
        fs::copy(root().join("Cargo.toml"), clone.join("Cargo.toml")).expect("it is there");
        fs::create_dir_all(clone.join(".venv/bin")).expect("it can be made");
        let program = clone.join(".venv/bin/picklebook");
        fs::copy(env!("CARGO_BIN_EXE_picklebook"), program).expect("it can be copied");
        let count = clone.join("programs");
        let cargo = env!("CARGO");
        script(
            &count.join("cargo"),
            &format!("echo >> {}/asked\nexec {cargo} \"$@\"", count.display()),
        );
        script(&count.join("rustup"), &format!("echo {}/cargo", count.display()));
        let host = Command::new("rustc").arg("-vV").output().expect("there is a compiler").stdout;
        let host = String::from_utf8_lossy(&host).into_owned();
        let target = host.lines().find_map(|line| line.strip_prefix("host: "));
        let kernel = Kernel { target: target.expect("it names the host").into(), clone };
        write(&kernel.folder().join("Cargo.toml"), MANIFEST);
        kernel.words("one");
        kernel
    }

    fn folder(&self) -> PathBuf {
        self.clone.join("target/kernel/clones/kernel-1/build")
    }

    /// Writes the crate that cells use.
    fn words(&self, word: &str) {
        let folder = self.folder().join("../words");
        let manifest = "[package]\nname = \"words\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
        write(&folder.join("Cargo.toml"), manifest);
        write(&folder.join("src/lib.rs"), "mod inner;\npub use inner::word;\n");
        let inner = format!("pub fn word() -> &'static str {{ \"the word {word}\" }}\n");
        write(&folder.join("src/inner.rs"), &inner);
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.clone.join(".venv/bin/picklebook"));
        command.args(arguments).current_dir(self.folder());
        for (name, _) in std::env::vars_os() {
            let name_text = name.to_string_lossy();
            if name_text.starts_with("CARGO") && name_text != "CARGO_HOME" {
                command.env_remove(&name);
            }
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = [self.clone.join("programs")].into_iter().chain(std::env::split_paths(&path));
        command.env("PATH", std::env::join_paths(path).expect("it can be joined"));
        command.env("CARGO_TARGET_DIR", "target").env("RUSTFLAGS", "-Cprefer-dynamic");
        command.env("A_TOKEN", SECRET);
        command
    }

    fn cargo(&self, what: &str, cell: &str, adapt: impl FnOnce(&mut Command)) -> Said {
        write(&self.folder().join("src/lib.rs"), cell);
        let arguments =
            ["cells-cargo", "--", what, "--target", &self.target, "--message-format=json"];
        let mut command = self.command(&arguments);
        adapt(&mut command);
        let output = output_of_copy(&mut command).expect("it starts");
        let asked = fs::read_to_string(self.clone.join("programs/asked")).unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let lines = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = lines
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).expect("each line is a message"))
            .filter(|message| message["message"]["level"] == "error")
            .map(|message| {
                let message = &message["message"];
                (text(&message["code"]["code"]), text(&message["rendered"]))
            })
            .collect();
        Said { code: output.status.code(), errors, asked: asked.lines().count() }
    }

    /// Builds a cell. Returns how often cargo was asked so far.
    fn build(&self, number: u32) -> usize {
        let said = self.cargo("build", &cell(number), |_| ());
        assert_eq!((said.code, said.errors.len()), (Some(0), 0), "{said:?}");
        assert!(self.holds(&format!("the cell {number}")), "{number}");
        said.asked
    }

    fn library(&self) -> PathBuf {
        let name = if cfg!(target_os = "macos") { "libctx.dylib" } else { "libctx.so" };
        self.folder().join("target").join(&self.target).join("debug").join(name)
    }

    /// Whether the cell's library holds this text.
    fn holds(&self, text: &str) -> bool {
        holds(&self.library(), text)
    }
}

fn holds(file: &Path, text: &str) -> bool {
    let bytes = fs::read(file).expect("the library is there");
    bytes.windows(text.len()).any(|part| part == text.as_bytes())
}

fn cell(number: u32) -> String {
    format!(
        "#[unsafe(no_mangle)] pub extern \"C\" fn run() {{ println!(\"{{}} the cell {number}\", words::word()); }}"
    )
}

#[test]
fn cargo_is_asked_where_something_has_changed_and_only_there() {
    let kernel = Kernel::new("cells");
    assert_eq!(kernel.build(1), 1);
    assert!(kernel.holds("the word one"));
    assert_eq!(kernel.build(2), 1);
    assert_eq!(kernel.build(3), 1);
    // What the environment holds is written down nowhere.
    let record = fs::read_to_string(kernel.folder().join("target/cells.json")).expect("a record");
    assert!(record.contains("CARGO_PKG_NAME") && !record.contains(SECRET), "{record}");
    assert!(!kernel.folder().join("target/cells.note").exists());
    // The kernel takes the library away, and runs it for as long as it lives.
    let taken = kernel.library().with_file_name("libcode_3.so");
    fs::rename(kernel.library(), &taken).expect("it can be taken");
    assert_eq!(kernel.build(4), 1);
    assert!(holds(&taken, "the cell 3") && !holds(&taken, "the cell 4"));

    kernel.words("two");
    assert_eq!(kernel.build(5), 2);
    assert!(kernel.holds("the word two") && !kernel.holds("the word one"));
    assert_eq!(kernel.build(6), 2);
    assert!(kernel.holds("the word two"));

    write(&kernel.folder().join("Cargo.toml"), &(MANIFEST.to_owned() + "[features]\nnew = []\n"));
    assert_eq!(kernel.build(7), 3);
    write(&kernel.folder().join("../.cargo/config.toml"), "[profile.dev]\nopt-level = 1\n");
    assert_eq!(kernel.build(8), 4);
    fs::remove_file(kernel.folder().join("../.cargo/config.toml")).expect("it is there");
    assert_eq!(kernel.build(9), 5);
    let said = kernel.cargo("build", &cell(10), |command| {
        command.env("RUSTFLAGS", "-Cprefer-dynamic -Copt-level=1");
    });
    assert_eq!((said.code, said.asked), (Some(0), 6));
    assert_eq!(kernel.build(11), 7);
    assert_eq!(kernel.build(12), 7);

    let libraries = kernel.library().with_file_name("deps");
    let is_words = |path: &PathBuf| path.to_string_lossy().contains("libwords");
    let files = fs::read_dir(libraries).expect("a folder").flatten().map(|file| file.path());
    for file in files.filter(is_words) {
        fs::remove_file(file).expect("it is there");
    }
    assert_eq!(kernel.build(13), 8);
    assert_eq!(kernel.build(14), 8);
}

#[test]
fn mistakes_are_told_as_cargo_tells_them() {
    let (kernel, asking) = (Kernel::new("cells_mistakes"), Kernel::new("cells_asking"));
    kernel.build(1);
    for mistake in [
        "pub fn a() -> u8 { words::word() }",
        "pub fn a() { words::none() }",
        "pub fn a( {",
        "use nothing::at::all;",
        "pub fn a() { let mut x = 1; let y = &mut x; x = 2; *y = 3; }",
    ] {
        let told = asking.cargo("build", mistake, |_| ());
        assert_eq!(told.code, Some(101), "{told:?}");
        assert!(!told.errors.is_empty());
        for what in ["build", "check"] {
            let said = kernel.cargo(what, mistake, |_| ());
            assert_eq!((said.code, said.asked), (Some(101), 1), "{what}: {said:?}");
            assert_eq!(said.errors, told.errors, "{what}");
        }
    }
    assert_eq!(kernel.build(2), 1);
    let said = kernel.cargo("check", &cell(3), |_| ());
    assert_eq!((said.code, said.errors.len(), said.asked), (Some(0), 0, 1));
    assert!(kernel.holds("the cell 2"), "what was built stays");
    assert_eq!(kernel.build(4), 1);
}

/// What a build script looks at only cargo knows.
#[test]
fn a_crate_in_a_folder_with_a_build_script_is_left_to_cargo() {
    let kernel = Kernel::new("cells_script");
    write(&kernel.folder().join("../words/build.rs"), "fn main() {}\n");
    assert_eq!([1, 2, 3].map(|number| kernel.build(number)), [1, 2, 3]);
}

#[test]
fn rustup_is_there_for_all_else() {
    let kernel = Kernel::new("cells_rustup");
    let answer = |arguments: &[&str]| {
        let output = output_of_copy(&mut kernel.command(arguments)).expect("it starts");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    let cargo = kernel.clone.join("target/kernel/settings/cells/cargo");
    let asked = answer(&["cells-rustup", "--", "which", "cargo"]);
    assert_eq!(Path::new(&asked).canonicalize().ok(), cargo.canonicalize().ok());
    let counting = format!("{}/programs/cargo", kernel.clone.display());
    assert_eq!(answer(&["cells-rustup", "--", "which", "rustc"]), counting);
    assert_eq!(answer(&["cells-rustup", "--", "+nightly", "which", "cargo"]), counting);
    let version = answer(&["cells-cargo", "--", "--version"]);
    assert!(version.starts_with("cargo "), "{version}");
}

/// A kernel of one clone may start one of another, or lie in a copy: each finds the other's scripts.
#[test]
fn the_scripts_of_two_clones_do_not_ask_each_other_for_ever() {
    let (one, two) = (Kernel::new("cells_one"), Kernel::new("cells_two"));
    let folders: Vec<PathBuf> = [&one, &two]
        .map(|kernel| {
            let program = kernel.clone.join(".venv/bin/picklebook");
            let folder = kernel.clone.join("target/kernel/settings/programs");
            let call = format!("exec {} cells-rustup -- \"$@\"", program.display());
            script(&folder.join("rustup"), &call);
            folder
        })
        .into();
    for kernel in [&one, &two] {
        let mut command = kernel.command(&["cells-rustup", "--", "which", "rustc"]);
        let path = command.get_envs().find(|(name, _)| *name == "PATH").and_then(|(_, path)| path);
        let path = path.expect("it has one").to_owned();
        let path = folders.iter().cloned().chain(std::env::split_paths(&path));
        command.env("PATH", std::env::join_paths(path).expect("it can be joined"));
        let output = output_of_copy(&mut command).expect("it starts");
        let counting = format!("{}/programs/cargo", kernel.clone.display());
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), counting);
    }
}
