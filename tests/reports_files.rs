//! Files that people take for a pickle or a table, in the situations of public reports, and what is
//! said of them. The files beside `kinds.py`, which writes most, are small ones made after reports.

mod support;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use picklebook::AnyModel;
use picklebook::container::{FileKind, Limits, unpack};
use picklebook::data::balance_scale;
use picklebook::pickle::{self, ErrorKind, Value};
use picklebook::tree::DecisionTreeClassifier;
use support::{picklebook, python, root};

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// The files that `kinds.py` writes.
fn kinds() -> &'static [PathBuf] {
    static FILES: OnceLock<Vec<PathBuf>> = OnceLock::new();
    FILES.get_or_init(|| {
        let folder = support::folder("kinds");
        let script = root().join("tests/reports/kinds.py");
        let status = Command::new(python()).arg(script).arg(&folder).status();
        assert!(status.expect("Python starts").success());
        let files = fs::read_dir(folder).expect("the folder is there");
        let mut files: Vec<PathBuf> = files.map(|file| file.expect("it is there").path()).collect();
        files.sort();
        files
    })
}

fn name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).expect("our names are plain")
}

fn report(name: &str) -> PathBuf {
    root().join("tests/reports").join(name)
}

#[test]
fn files_that_python_wrote_are_recognised() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for path in kinds().iter().filter(|path| path.extension().is_none()) {
        let found = FileKind::of_file(path).expect("it can be read");
        let expected = name(path).split('-').next().unwrap_or_default();
        if format!("{found:?}") != expected {
            wrong.push(format!("{}: {found:?}", name(path)));
        }
        seen += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 600, "{seen}");
}

/// By pandas, h5py, onnx, safetensors, XGBoost, LightGBM, CatBoost, gguf and zstandard.
#[test]
fn files_of_other_libraries_are_recognised() {
    let folder = root().join("tests/container/foreign");
    let mut seen = 0;
    for file in fs::read_dir(folder).expect("it is there") {
        let path = file.expect("it is there").path();
        let found = FileKind::of_file(&path).expect("it can be read");
        assert_eq!(format!("{found:?}"), name(&path));
        seen += 1;
    }
    assert_eq!(seen, 11);
}

#[test]
fn what_joblib_writes_opens_by_each_of_its_compressors() -> Outcome {
    let mut seen = 0;
    for path in kinds().iter().filter(|path| path.extension().is_some()) {
        let (start, _) = name(path).split_once(['-', '.']).expect("it has an ending");
        let plain = fs::read(path.with_file_name(format!("{start}.joblib")))?;
        let bytes = fs::read(path)?;
        let unpacked = unpack(&bytes, &Limits::new())?;
        let is_plain = name(path) == format!("{start}.joblib");
        assert_eq!(unpacked.layers.is_empty(), is_plain, "{}", name(path));
        let kind = FileKind::of(&unpacked.bytes);
        if start == "compressed" {
            // Piece by piece, and so without frames, or not.
            let value: Value = pickle::loads(&unpacked.bytes)?;
            assert_eq!(value.to_string(), pickle::loads::<Value>(&plain)?.to_string());
        } else {
            assert_eq!(kind, FileKind::Joblib, "{}", name(path));
        }
        seen += 1;
    }
    assert_eq!(seen, 42);
    Ok(())
}

/// What no pickle is, `load`, `open`, `loads_prefix`, `load_all` and models say in the same words.
#[test]
fn each_way_to_load_says_what_a_file_is() -> Outcome {
    for path in kinds().iter().filter(|path| path.extension().is_none()) {
        let kind = FileKind::of_file(path)?;
        if kind.is_pickle() {
            continue;
        }
        let bytes = fs::read(path)?;
        let message = format!("this is {kind}; {}", kind.advice());
        let open = pickle::open::<Value>(path).expect_err("it is no pickle").to_string();
        assert!(open.contains(&message) && open.contains(name(path)), "{open}");
        let errors = [
            pickle::load::<Value, _>(&bytes[..]).expect_err("it is no pickle"),
            pickle::loads::<Value>(&bytes).expect_err("it is no pickle"),
            pickle::loads::<Vec<i64>>(&bytes).expect_err("it is no pickle"),
        ];
        for error in errors {
            let is_kind =
                matches!(error.kind(), ErrorKind::NotPickle { kind: found } if *found == kind);
            assert!(is_kind && error.to_string().ends_with(&message), "{}: {error}", name(path));
        }
        // A text may begin with a pickle of two letters, as "N.A." does.
        let Err(error) = pickle::loads_prefix::<Value>(&bytes) else { continue };
        assert!(error.to_string().ends_with(&message), "{}: {error}", name(path));
        // Of none there are none.
        let all = pickle::load_all::<Value, _>(&bytes[..]);
        assert_eq!(
            all.map(|all| all.len()).map_err(|error| error.to_string().ends_with(&message)),
            match kind {
                FileKind::Empty => Ok(0),
                _ => Err(true),
            }
        );
        let model = AnyModel::open(path).expect_err("it is no model").to_string();
        // A model may be compressed.
        assert!(kind.is_compressed() || model.contains(&message), "{model}");
    }
    Ok(())
}

#[test]
fn damaged_pickles_are_no_other_kind() -> Outcome {
    for path in kinds().iter().filter(|path| name(path).starts_with("Pickle-")) {
        let bytes = fs::read(path)?;
        for end in [bytes.len() - 1, bytes.len() / 2] {
            // Text that is cut off is still text.
            let [0x80, ..] = bytes[..] else { continue };
            if let Err(error) = pickle::loads::<Value>(&bytes[..end]) {
                let error = error.to_string();
                assert!(end < 2 || error.starts_with("not a sound pickle: at byte"), "{error}");
            }
        }
    }
    Ok(())
}

fn shown(arguments: &[&str]) -> (String, String, Option<i32>) {
    let output = picklebook().args(arguments).output().expect("it starts");
    let text = |bytes| String::from_utf8(bytes).expect("it is text");
    (text(output.stdout), text(output.stderr), output.status.code())
}

#[test]
fn the_files_of_reports_are_named() {
    for (file, expected) in [
        (
            "lfs.pkl",
            "not a pickle: this is a Git LFS pointer; the file that it stands for is still on \
          the server: fetch it with `git lfs pull`",
        ),
        (
            "html.pkl",
            "not a pickle: this is a web page (HTML); the download went to a page, such as one \
          to sign in or to look at the file: fetch the raw file",
        ),
        (
            "zip.pkl",
            "not a pickle: this is a zip archive; unpack it first, and name the file in it; \
          torch.save writes such files too",
        ),
        (
            "p0_crlf.pkl",
            "not a sound pickle: this is a pickle whose line ends were changed to CRLF; \
          fetch or write it again, in binary mode: git needs `*.pkl binary` in .gitattributes, and \
          Python open(path, \"wb\")",
        ),
    ] {
        let path = report(file);
        let message = format!("{}: {expected}", path.display());
        let error = pickle::open::<Value>(&path).expect_err("it is no pickle");
        assert_eq!(error.to_string(), message);
        let path = path.to_str().expect("our paths are plain");
        let (output, told, code) = shown(&["show", path]);
        assert_eq!((output.as_str(), code), ("", Some(1)));
        assert_eq!(told, format!("picklebook: {message}\n"));
        let (output, told, code) = shown(&["predict", path, "data/balance-scale.csv"]);
        assert_eq!((output.as_str(), code), ("", Some(1)));
        assert_eq!(told, format!("picklebook: {message}\n"));
    }
}

#[test]
fn a_file_that_is_no_table_is_named() -> Outcome {
    let model = support::folder("no_table").join("tree.pkl");
    let model = model.to_str().expect("our paths are plain");
    let csv = root().join("data/balance-scale.csv");
    let csv = csv.to_str().expect("our paths are plain");
    let target = fs::read_to_string(csv)?
        .lines()
        .next()
        .and_then(|line| line.split(',').next().map(str::to_owned));
    let target = target.expect("it has a header");
    let (_, told, code) = shown(&["train", csv, "--target", &target, "--output", model]);
    assert_eq!(code, Some(0), "{told}");
    for (kind, message) in [
        ("Excel-0", "not a table: this is an Excel workbook; save the sheet as \"CSV UTF-8\""),
        ("Gzip-0", "not a table: this is a file compressed with gzip; unpack it first"),
        ("Html-0", "not a table: this is a web page (HTML)"),
        ("Json-0", "not a table: this is a JSON file"),
        ("Pickle-0", "not a table: this is a pickle; open it with"),
    ] {
        let path = kinds().iter().find(|path| name(path) == kind).expect("it is there");
        let path = path.to_str().expect("our paths are plain");
        let train = shown(&["train", path, "--target", "x", "--output", "/dev/null/x.pkl"]);
        let predict = shown(&["predict", model, path]);
        for (output, told, code) in [train, predict] {
            assert_eq!((output.as_str(), code), ("", Some(1)));
            assert!(told.contains(message) && told.contains(kind), "{told}");
        }
    }
    Ok(())
}

#[test]
fn show_and_predict_open_compressed_files() -> Outcome {
    let plain = kinds().iter().find(|path| name(path) == "compressed.joblib").expect("it is there");
    let plain = shown(&["show", plain.to_str().expect("our paths are plain")]);
    assert!(plain.0.starts_with("{'name': 'worker', "), "{}", plain.0);
    for path in kinds().iter().filter(|path| name(path).starts_with("compressed-")) {
        let path = path.to_str().expect("our paths are plain");
        assert_eq!(shown(&["show", path]), plain, "{path}");
    }
    Ok(())
}

/// A download that stopped: what was unpacked until then is a pickle that is cut off.
#[test]
fn show_prints_what_a_compressed_file_held_that_was_cut_off() -> Outcome {
    let words: Vec<String> = (0..2000).map(|it| format!("word {}", it * it)).collect();
    let whole = pickle::dumps(&("first", words))?;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&whole)?;
    let gzip = gzip.finish()?;
    let path = support::folder("cut_gzip").join("cut.pkl.gz");
    fs::write(&path, gzip.get(..gzip.len() / 2).unwrap_or_default())?;
    let (output, told, code) = shown(&["show", path.to_str().expect("our paths are plain")]);
    assert_eq!(code, Some(1));
    assert!(output.contains("'first'\n") && output.contains("'word 1', 'word 4'"), "{output}");
    assert!(told.contains("the gzip data is damaged") && told.contains("cut off"), "{told}");
    Ok(())
}

#[test]
fn show_reads_strings_of_python_2_as_they_are_encoded() {
    let path = report("py2_latin1_p2.pkl");
    let path = path.to_str().expect("our paths are plain");
    // As CPython's `pickle.load` with the same `encoding`.
    for (encoding, expected) in [
        ("latin1", "{'price': '\u{a3}5.0', 'caf\u{e9}': 1}\n"),
        ("bytes", "{b'price': b'\\xa35.0', b'caf\\xe9': 1}\n"),
    ] {
        let done = shown(&["show", "--encoding", encoding, path]);
        assert_eq!(done, (expected.to_owned(), String::new(), Some(0)));
    }
    for (encoding, name) in [("ascii", "ASCII"), ("utf-8", "UTF-8")] {
        let (_, told, code) = shown(&["show", "--encoding", encoding, path]);
        let expected = format!(
            "picklebook: {path}: at byte 13: a string of Python 2 is not {name}; the encoding \
             `latin1` takes any, and `bytes` leaves it as it is\n"
        );
        assert_eq!((told, code), (expected, Some(1)));
    }
}

/// What is piped in has no length, and cannot be read twice.
#[cfg(unix)]
#[test]
fn models_and_tables_are_read_from_pipes() -> Outcome {
    let folder = support::folder("pipes");
    let (model, table) = (folder.join("tree.pkl"), "data/balance-scale.csv");
    let tree = DecisionTreeClassifier::params().fit(&balance_scale())?;
    pickle::save(&tree, &model)?;
    let model = model.to_str().expect("our paths are plain");
    let (expected, _, code) = shown(&["predict", model, table]);
    assert_eq!((code, expected.lines().count()), (Some(0), 626));
    for arguments in [["predict", model, "/dev/stdin"], ["predict", "/dev/stdin", table]] {
        let piped = if arguments[1] == model { table } else { model };
        let mut command = picklebook();
        let mut child =
            command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let bytes = fs::read(piped)?;
        child.stdin.take().expect("it is piped").write_all(&bytes)?;
        let output = child.wait_with_output()?;
        assert_eq!(String::from_utf8(output.stdout)?, expected, "{arguments:?}");
    }
    Ok(())
}

#[test]
fn show_prints_what_came_before_the_damage() -> Outcome {
    let path = report("nullif2.pkl");
    let path = path.to_str().expect("our paths are plain");
    let (output, told, code) = shown(&["show", path]);
    assert_eq!((output.as_str(), code), ("builtins.print('hello')\n", Some(1)));
    assert!(
        told.ends_with(
            "nullif2.pkl: not a sound pickle: at byte 31 (BINUNICODE): the data ends \
         inside the argument; it was cut short\n"
        ),
        "{told}"
    );

    // What is not finished is indented under what it would have become a part of.
    let whole = b"\x80\x04}(\x8c\x01aK\x01\x8c\x01b](K\x01(K\x02K\x03tcos\ngetcwd\n)Reu.";
    let path = support::folder("damage").join("cut.pkl");
    fs::write(&path, &whole[..whole.len() - 3])?;
    let path = path.to_str().expect("our paths are plain");
    let (output, _, code) = shown(&["show", path]);
    let expected = "{}\n  'a'\n  1\n  'b'\n  []\n    1\n    (2, 3)\n    os.getcwd()\n";
    assert_eq!((output.as_str(), code), (expected, Some(1)));
    let (output, told, _) = shown(&["show", "--limit", "3", path]);
    assert_eq!(output, "{}\n  'a'\n  1\n");
    assert!(told.contains("5 more objects before the damage are left out"), "{told}");
    Ok(())
}

/// At every byte: nothing is invented, and the error is that of reading.
#[test]
fn a_damaged_pickle_is_salvaged_at_every_byte() -> Outcome {
    let whole = pickle::dumps(&vec![("spam", 1.5), ("eggs", 2.5)])?;
    let all = pickle::salvage(&whole).map_err(|partial| partial.error)?;
    assert_eq!(all.to_string(), "[('spam', 1.5), ('eggs', 2.5)]");
    for end in 0..whole.len() {
        let cut = &whole[..end];
        let partial = pickle::salvage(cut).expect_err("it is cut off");
        let error = pickle::loads_prefix::<Value>(cut).expect_err("it is cut off");
        assert_eq!(partial.error.to_string(), error.to_string());
        for value in &partial.stack {
            let text = value.to_string();
            let known = ["[", "'spam'", "1.5", "'eggs'", "2.5", "('spam', 1.5)", "('eggs', 2.5)"];
            assert!(known.iter().any(|known| text.starts_with(known)), "{text}");
        }
        assert!(partial.marks.iter().all(|&mark| mark <= partial.stack.len()));
    }
    Ok(())
}

/// A stack of a million marks, or objects, is printed within bounds.
#[test]
fn what_came_before_the_damage_is_bounded() -> Outcome {
    let folder = support::folder("bounded");
    for (name, bytes) in [
        ("marks.pkl", [b"\x80\x04".as_slice(), &b"(N".repeat(500_000)].concat()),
        (
            "long.pkl",
            [
                b"\x80\x04".as_slice(),
                &b"X\xe8\x03\0\0"
                    .iter()
                    .copied()
                    .chain([b'a'; 1000])
                    .collect::<Vec<_>>()
                    .repeat(30_000),
            ]
            .concat(),
        ),
        ("twice.pkl", [b"\x80\x04]".as_slice(), &b"2\x86".repeat(500_000), b"h"].concat()),
    ] {
        let path = folder.join(name);
        fs::write(&path, bytes)?;
        let (output, told, code) = shown(&["show", path.to_str().expect("our paths are plain")]);
        assert!(output.len() <= 50 << 20, "{name}: {}", output.len());
        assert!(code == Some(1) && told.contains("not a sound pickle"), "{name}: {told:.300}");
    }
    Ok(())
}

/// An array of joblib's stands between the opcodes; of objects, it is a pickle within.
#[test]
fn joblib_files_open_and_are_salvaged() -> Outcome {
    let path = report("jl.joblib");
    let (output, told, code) = shown(&["show", path.to_str().expect("our paths are plain")]);
    assert!(output.starts_with("{'a': array(") && told.is_empty(), "{output}{told}");
    assert_eq!(code, Some(0));
    for path in kinds().iter().filter(|path| name(path).starts_with("Joblib-")) {
        let bytes = fs::read(path)?;
        for end in (0..bytes.len()).step_by(7) {
            let Err(partial) = pickle::salvage(&bytes[..end]) else { continue };
            assert!(partial.marks.iter().all(|&mark| mark <= partial.stack.len()));
            assert!(partial.marks.is_sorted(), "{:?}", partial.marks);
            for value in &partial.stack {
                assert!(!value.repr().length(1000).to_string().is_empty());
            }
        }
    }
    Ok(())
}
