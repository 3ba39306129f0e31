//! Saves that are killed, watched by others, or made over files of others.
//!
//! PICKLEBOOK_KILLS=200 kills that many saves.
#![cfg(unix)]

mod support;

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use picklebook::files::{WriteError, write_atomically};

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// Nobody's number on most systems; that it is another user's is enough.
const OTHER: u32 = 65_534;

fn save(path: &Path, content: &[u8]) -> Result<u64, WriteError<io::Error>> {
    write_atomically(path, |file| file.write_all(content))
}

fn names(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

fn mode(path: &Path) -> io::Result<u32> {
    Ok(fs::metadata(path)?.mode() & 0o7777)
}

fn skip(why: &str) {
    // Past the test's own capture: a skipped test is to be seen.
    let _ = writeln!(io::stderr(), "\nSKIPPED in tests/files.rs: {why}\n");
}

/// Where the tests start this program again, the file that it saves to, over and over.
const SAVES_TO: &str = "PICKLEBOOK_TEST_SAVES_TO";

#[test]
fn saves_when_it_is_told_where() {
    let Some(path) = std::env::var_os(SAVES_TO) else { return };
    for number in 0_u64.. {
        let content = number.to_le_bytes().repeat(1 << 15);
        save(Path::new(&path), &content).expect("it can be saved");
    }
}

#[test]
fn killed_saves_leave_nothing_for_ever_and_the_file_whole() -> Outcome {
    let kills = std::env::var("PICKLEBOOK_KILLS").ok().and_then(|kills| kills.parse().ok());
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("model.pkl");
    save(&path, &[0; 1 << 18])?;
    let mut left = 0;
    for kill in 0..kills.unwrap_or(25_u64) {
        // Two at a time, so that not only the first name of a temporary file is used.
        let savers = [(), ()].map(|()| {
            Command::new(std::env::current_exe().expect("this program"))
                .args(["--exact", "saves_when_it_is_told_where"])
                .env(SAVES_TO, &path)
                .stdout(std::process::Stdio::null())
                .spawn()
        });
        std::thread::sleep(Duration::from_micros(20_000 + kill * 1_771 % 20_000));
        for saver in savers {
            let mut saver = saver?;
            assert!(saver.try_wait()?.is_none(), "it saves without an end");
            saver.kill()?;
            saver.wait()?;
        }
        left += names(folder.path())?.len() - 1;
        let content = fs::read(&path)?;
        assert_eq!(content.len(), 1 << 18);
        assert!(content.chunks_exact(8).all(|number| number == &content[..8]), "it is whole");
        save(&path, &content)?;
        assert_eq!(names(folder.path())?, ["model.pkl"], "kill {kill}");
    }
    assert!(left > 0, "no kill came in the middle of a save: the test tests nothing");
    Ok(())
}

#[test]
fn what_another_save_still_writes_is_not_removed() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("model.pkl");
    write_atomically(&path, |file| {
        file.write_all(b"the slow one")?;
        file.flush()?;
        save(&path, b"the quick one").map_err(io::Error::other)?;
        assert_eq!(fs::read(&path)?, b"the quick one");
        Ok::<(), io::Error>(())
    })?;
    assert_eq!(fs::read(&path)?, b"the slow one");
    assert_eq!(names(folder.path())?, ["model.pkl"]);
    Ok(())
}

#[test]
fn the_temporary_file_is_never_open_to_more_users_than_the_file() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("secret.pkl");
    File::create(&path)?.set_permissions(fs::Permissions::from_mode(0o600))?;
    let done = AtomicBool::new(false);
    let (seen, open) = std::thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let (mut seen, mut open) = (0, 0);
            while !done.load(Ordering::Relaxed) {
                for name in names(folder.path()).unwrap_or_default() {
                    if let Ok(mode) = mode(&folder.path().join(name)) {
                        seen += 1;
                        open += usize::from(mode & 0o077 != 0);
                    }
                }
            }
            (seen, open)
        });
        for _ in 0..500 {
            save(&path, b"a secret").expect("it can be saved");
        }
        done.store(true, Ordering::Relaxed);
        watcher.join().expect("the watcher ends")
    });
    assert!(seen > 500, "{seen}");
    assert_eq!(open, 0, "of {seen} looks");

    for wanted in [0o600, 0o644, 0o640, 0o777, 0o4755] {
        fs::set_permissions(&path, fs::Permissions::from_mode(wanted))?;
        write_atomically(&path, |file| {
            assert_eq!(file.get_ref().metadata()?.mode() & 0o777, 0o600);
            file.write_all(b"x")
        })?;
        assert_eq!(mode(&path)?, wanted, "{wanted:o}");
    }
    Ok(())
}

/// Where the tests start this program again as another user, the folder that it works in.
const FOLDER: &str = "PICKLEBOOK_TEST_FOLDER";

/// Runs one of these tests in a folder: as another user, whose folder it becomes, where this one
/// is root.
fn run_in(folder: &Path, test: &str) -> Outcome {
    let program = folder.join("program");
    // The other user may not get as far as this program itself.
    fs::copy(std::env::current_exe()?, &program)?;
    let mut command = Command::new(&program);
    if is_root()? {
        chown(folder, Some(OTHER), Some(OTHER))?;
        command.uid(OTHER).gid(OTHER).current_dir(folder);
    }
    command.args(["--exact", "--nocapture", test]).env(FOLDER, folder);
    let output = support::output_of_copy(&mut command)?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    fs::remove_file(program)?;
    Ok(())
}

/// Whether this process may do everything: what it creates is root's.
fn is_root() -> io::Result<bool> {
    Ok(tempfile::tempfile()?.metadata()?.uid() == 0)
}

#[test]
fn saves_over_read_only_files_as_itself() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let path = Path::new(&folder).join("read-only.pkl");
    fs::write(&path, "old").expect("it can be written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).expect("it is ours");
    let error = save(&path, b"new").expect_err("Python says PermissionError");
    let said = error.to_string();
    assert!(said.contains("read-only.pkl: it is read-only; save under another name"), "{said}");
    match error {
        WriteError::File { source, .. } => {
            assert_eq!(source.kind(), io::ErrorKind::PermissionDenied);
        }
        WriteError::Content(_) => panic!("nothing was to be written"),
    }
    assert_eq!(fs::read(&path).expect("it is there"), b"old");
    assert_eq!(mode(&path).expect("it is there"), 0o444);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("it is ours");
    save(&path, b"new").expect("it may be written");
}

#[test]
fn a_read_only_file_is_refused_and_stays() -> Outcome {
    let folder = tempfile::tempdir()?;
    run_in(folder.path(), "saves_over_read_only_files_as_itself")?;
    assert_eq!(names(folder.path())?, ["read-only.pkl"]);
    Ok(())
}

#[test]
fn roots_save_leaves_a_file_to_its_owner() -> Outcome {
    if !is_root()? {
        skip("only root can save over another user's file and leave it to them");
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("theirs.pkl");
    fs::write(&path, "old")?;
    for wanted in [0o640, 0o600, 0o4755] {
        chown(&path, Some(OTHER), Some(OTHER))?;
        fs::set_permissions(&path, fs::Permissions::from_mode(wanted))?;
        save(&path, b"new")?;
        let known = fs::metadata(&path)?;
        assert_eq!((known.uid(), known.gid(), mode(&path)?), (OTHER, OTHER, wanted));
    }
    Ok(())
}

#[test]
fn saves_over_a_strangers_file_as_itself() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    save(&Path::new(&folder).join("roots.pkl"), b"new").expect("it may be written");
}

#[test]
fn a_group_that_cannot_be_kept_gives_its_permissions_to_no_other() -> Outcome {
    if !is_root()? {
        skip("only root can make a file of a group that it is not in");
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("roots.pkl");
    fs::write(&path, "old")?;
    // Others may write, the group may read and write: what is to become of the new group?
    fs::set_permissions(&path, fs::Permissions::from_mode(0o4662))?;
    run_in(folder.path(), "saves_over_a_strangers_file_as_itself")?;
    let known = fs::metadata(&path)?;
    assert_eq!((known.uid(), known.gid(), mode(&path)?), (OTHER, OTHER, 0o622));
    assert_eq!(fs::read(&path)?, b"new");
    Ok(())
}
