//! What files would do in Python: every trick that is known from hostile files, and honest files.
//!
//! The hostile ones are built here, of names that would do no harm, and nothing ever loads them.

#[path = "inspect/files.rs"]
mod files;
#[path = "support/memory.rs"]
mod memory;

use std::path::Path;
use std::time::{Duration, Instant};
use std::{fs, io};

use files::{archive, array_file, binary_text, call, compressed, joblib, line_call, with_text};
use picklebook::container::Compression;
use picklebook::inspect::{self, FindingKind, Limits, Report, Verdict};

/// A pickle, the verdict on it, and a part of the reasons for it.
type Trick = (&'static str, Vec<u8>, Verdict, &'static str);

/// What was seen in hostile files.
fn tricks() -> Vec<Trick> {
    let dangerous = Verdict::Dangerous;
    let unknown = Verdict::UnknownCode;
    let called = "calls os.getcwd()";
    let text = |text: &[u8]| with_text(text);
    vec![
        ("GLOBAL and REDUCE", line_call(), dangerous, called),
        ("STACK_GLOBAL", call("os", "getcwd"), dangerous, called),
        ("INST", b"(ios\ngetcwd\n.".to_vec(), dangerous, called),
        ("OBJ", b"(cos\ngetcwd\no.".to_vec(), dangerous, called),
        ("NEWOBJ", b"\x80\x02cos\ngetcwd\n)\x81.".to_vec(), dangerous, called),
        ("NEWOBJ_EX", b"\x80\x04\x8c\x02os\x8c\x06getcwd\x93)}\x92.".to_vec(), dangerous, called),
        ("only imported", b"cos\ngetcwd\n.".to_vec(), dangerous, "imports os.getcwd"),
        ("POP", b"cos\ngetcwd\n(tR0N.".to_vec(), dangerous, called),
        ("POP_MARK", b"(cos\ngetcwd\n(tR1N.".to_vec(), dangerous, called),
        ("POP of a mark", b"(0cos\ngetcwd\n)R.".to_vec(), dangerous, called),
        ("an import that is popped", b"cos\ngetcwd\n0N.".to_vec(), dangerous, "imports os.getcwd"),
        ("a callee from the memo", b"cos\ngetcwd\np7\n0N0g7\n(tR.".to_vec(), dangerous, called),
        (
            "names from the memo",
            b"\x80\x04\x8c\x06getcwd\x940\x8c\x02os\x940h\x01h\x00\x93)R.".to_vec(),
            dangerous,
            called,
        ),
        (
            "a memo entry overwritten",
            b"\x80\x02Nq\x000cos\ngetcwd\nq\x000h\x00)R.".to_vec(),
            dangerous,
            called,
        ),
        ("DUP", b"cos\ngetcwd\n2(tR.".to_vec(), dangerous, called),
        ("names of Python 2", b"c__builtin__\nraw_input\n(tR.".to_vec(), dangerous, "raw_input()"),
        ("a module of Python 2", b"ccommands\ngetoutput\n(tR.".to_vec(), dangerous, "getoutput()"),
        (
            "names of Python 2 under protocol 4",
            b"\x80\x04c__builtin__\neval\n)R.".to_vec(),
            dangerous,
            "calls __builtin__.eval()",
        ),
        ("an escaped name", text(b"V\\u006fs\nVgetcwd\n\x93)R."), dangerous, called),
        (
            "BINUNICODE8",
            text(b"\x8d\x02\0\0\0\0\0\0\0os\x8d\x06\0\0\0\0\0\0\0getcwd\x93)R."),
            dangerous,
            called,
        ),
        (
            "frames",
            text(b"\x95\x0d\0\0\0\0\0\0\0\x8c\x02os\x8c\x06getcwd\x93)R."),
            dangerous,
            called,
        ),
        ("strings of Python 2", text(b"U\x02osU\x06getcwd\x93)R."), dangerous, called),
        (
            "strings in quotes from the memo",
            b"S'os'\np0\n0S'getcwd'\np1\n0g0\ng1\n\x93(tR.".to_vec(),
            dangerous,
            called,
        ),
        ("True before the call", b"\x880cos\ngetcwd\n(tR.".to_vec(), dangerous, called),
        ("a dotted name", call("sklearn.utils", "os.getcwd"), dangerous, "runs commands"),
        ("a dotted name of a module", call("joblib", "numpy_pickle.load"), dangerous, "loads"),
        (
            "a dotted name into an object",
            call("collections", "OrderedDict.__init__.__globals__"),
            dangerous,
            "hidden",
        ),
        ("a name that is no text", text(b"K\x01K\x02\x93)R."), Verdict::DataOnly, ""),
        (
            "a name that is no text behind an import",
            text(b"\x8c\x05numpy\x8c\x07ndarray\x93K\x01K\x02\x93)R."),
            Verdict::KnownModel,
            "breaks off",
        ),
        (
            "a name that is computed",
            text(b"c_codecs\nencode\n\x8c\x02os\x8c\x06latin1\x86R\x8c\x06getcwd\x93)R."),
            dangerous,
            "compute",
        ),
        (
            "a name of a persistent object",
            text(b"K\x01Q\x8c\x06getcwd\x93)R."),
            dangerous,
            "compute",
        ),
        ("a second pickle", [b"N.".as_slice(), &line_call()].concat(), dangerous, called),
        ("a third pickle", [b"N.K\x01.".as_slice(), &line_call()].concat(), dangerous, called),
        ("no STOP", b"cos\ngetcwd\n(tR".to_vec(), dangerous, called),
        (
            "no STOP, known names",
            text(b"\x8c\x05numpy\x8c\x07ndarray\x93"),
            Verdict::KnownModel,
            "breaks off",
        ),
        ("an unknown opcode", b"cos\ngetcwd\n(tR\xff.".to_vec(), dangerous, called),
        (
            "behind a mistake",
            text(b"\x8c\x05numpy\x8c\x07ndarray\x93h\x09cos\ngetcwd\n)R."),
            dangerous,
            "imports os.getcwd",
        ),
        (
            "names from the memo behind a mistake",
            text(b"\x8c\x02os\x94\x8c\x06getcwd\x94\x8c\x01ah\x09h\x00h\x01\x93)R."),
            dangerous,
            "imports os.getcwd",
        ),
        (
            "behind a number that not every reader takes",
            b"F 1.5\n0cos\ngetcwd\n(tR.".to_vec(),
            dangerous,
            "imports os.getcwd",
        ),
        ("a call of text", text(b"\x8c\x01a)R."), Verdict::DataOnly, "breaks off"),
        (
            "a call of data",
            text(b"\x8c\x05numpy\x8c\x07ndarray\x930K\x01)R."),
            Verdict::KnownModel,
            "breaks off",
        ),
        (
            "a state for data",
            text(b"\x8c\x05numpy\x8c\x07ndarray\x930K\x01}b."),
            Verdict::KnownModel,
            "breaks off",
        ),
        ("a memo entry that is not there", text(b"cos\ngetcwd\n)Rh\x09."), dangerous, called),
        ("bytes behind the end", b"N.and more\xff".to_vec(), Verdict::DataOnly, "follow the end"),
        ("pickle.loads", files::loads("pickle", "loads"), dangerous, "pickle.loads"),
        ("_pickle.loads", files::loads("_pickle", "loads"), dangerous, "_pickle.loads"),
        ("dill.loads", files::loads("dill", "loads"), dangerous, "dill.loads"),
        ("joblib.load", call("joblib", "load"), dangerous, "joblib.load"),
        ("joblib.load by its module", call("joblib.numpy_pickle", "load"), dangerous, "load"),
        ("numpy.load", call("numpy", "load"), dangerous, "numpy.load"),
        (
            "joblib.load by scikit-learn's name",
            call("sklearn.utils._joblib", "load"),
            dangerous,
            "loads or runs other code",
        ),
        (
            "numpy.ctypeslib.load_library",
            call("numpy.ctypeslib", "load_library"),
            dangerous,
            "loads or runs other code",
        ),
        ("scipy.io.loadmat", call("scipy.io", "loadmat"), dangerous, "opens files"),
        (
            "a file of scikit-learn's own functions",
            call("sklearn.datasets", "load_files"),
            dangerous,
            "opens files",
        ),
        (
            "a script of scikit-learn's own functions",
            call("sklearn.utils._testing", "run_python_script_as_subprocess"),
            dangerous,
            "runs commands",
        ),
        ("pandas.read_pickle", call("pandas.io.pickle", "read_pickle"), dangerous, "read_pickle"),
        (
            "cloudpickle",
            call("cloudpickle.cloudpickle", "_make_function"),
            dangerous,
            "_make_function",
        ),
        (
            "cloudpickle in joblib",
            call("joblib.externals.cloudpickle", "_make_skel_func"),
            dangerous,
            "cloudpickle",
        ),
        ("code objects", call("types", "CodeType"), dangerous, "CodeType"),
        ("marshal", call("marshal", "loads"), dangerous, "marshal"),
        ("an extension of one byte", b"\x80\x02\x82\x01)R.".to_vec(), dangerous, "extension 1"),
        ("an extension that is kept", b"\x80\x02\x83\x01\x02.".to_vec(), unknown, "extension 513"),
        ("an extension of four bytes", b"\x80\x02\x84\x01\0\0\0.".to_vec(), unknown, "extension 1"),
        ("a persistent id", b"Pname\n.".to_vec(), unknown, "leaves 1 object"),
        ("a persistent id from the stack", b"K\x01Q.".to_vec(), unknown, "leaves 1 object"),
        (
            "getattr",
            b"cbuiltins\ngetattr\n(cnumpy\nndarray\nS'__class__'\ntR.".to_vec(),
            dangerous,
            "reaches into an object",
        ),
        (
            "getattr for a method that writes files",
            b"cbuiltins\ngetattr\n(cnumpy\nndarray\nS'tofile'\ntR.".to_vec(),
            dangerous,
            "reaches into an object",
        ),
        (
            "a constructor that calls what it is given",
            b"cnumpy.random._pickle\n__generator_ctor\n(S'x'\ncpathlib\nPosixPath\ntR.".to_vec(),
            dangerous,
            "calls what it is given",
        ),
        (
            "another name of a module",
            call("collections", "_sys.modules"),
            dangerous,
            "changes what other code does",
        ),
        (
            "the result of a call is called",
            b"cbuiltins\ngetattr\n(cbuiltins\nstr\nS'split'\ntR(tR.".to_vec(),
            dangerous,
            "result of another call",
        ),
        ("getattr that is kept", b"(lcbuiltins\ngetattr\na.".to_vec(), unknown, "passes it on"),
        ("attrgetter", call("operator", "attrgetter"), dangerous, "attrgetter"),
        ("methodcaller", call("operator", "methodcaller"), dangerous, "methodcaller"),
        (
            "an import by numpy's ufuncs",
            b"cnumpy.core\n_ufunc_reconstruct\n(S'os'\nS'getcwd'\ntR.".to_vec(),
            dangerous,
            "imports any module",
        ),
        (
            "copyreg makes an object of an unknown class",
            b"ccopy_reg\n_reconstructor\n(cothers\nThing\nc__builtin__\nobject\nNtR.".to_vec(),
            unknown,
            "others",
        ),
        (
            "copyreg calls __new__ of a dangerous class",
            b"ccopyreg\n__newobj__\n(csubprocess\nPopen\ntR.".to_vec(),
            dangerous,
            "runs commands",
        ),
        ("partial", b"cfunctools\npartial\n(cos\ngetcwd\ntR.".to_vec(), dangerous, "runs commands"),
        (
            "codecs that do more than Latin-1",
            b"c_codecs\nencode\n(Vabc\nVrot13\ntR.".to_vec(),
            dangerous,
            "other codecs",
        ),
        (
            "a class that the file makes",
            b"c__builtin__\ntype\n(Va\n)}tR.".to_vec(),
            dangerous,
            "makes a class",
        ),
        (
            "a state for a class",
            b"\x80\x02csklearn.tree._classes\nDecisionTreeClassifier\nN}Vpredict\nNs\x86b."
                .to_vec(),
            dangerous,
            "its state is set",
        ),
        (
            "addresses in place of objects",
            dtype("O8", b"NNN", 0),
            dangerous,
            "addresses of objects",
        ),
        (
            "addresses in a field",
            dtype(
                "V8",
                &[b"NVa\n\x85}Va\n", &*dtype_of("O8", b"NNN", 63), b"K\x00\x86s"].concat(),
                0,
            ),
            dangerous,
            "addresses of objects",
        ),
        (
            "addresses in arrays of arrays",
            dtype("V8", &[&*dtype_of("O8", b"NNN", 63), b"K\x01\x85\x86NN"].concat(), 0),
            dangerous,
            "addresses of objects",
        ),
        (
            "an entry for what is imported",
            b"csys\nmodules\nVos\nNs.".to_vec(),
            dangerous,
            "sys.modules",
        ),
        (
            "a known function that no model calls",
            call("sklearn.metrics._classification", "accuracy_score"),
            unknown,
            "no file of a model calls it",
        ),
        (
            "a name of numpy that no model needs",
            call("numpy", "show_config"),
            unknown,
            "code of numpy",
        ),
        (
            "the program's own code",
            call("__main__", "Model"),
            unknown,
            "the program that wrote the file",
        ),
        ("another library", call("xgboost.sklearn", "XGBClassifier"), unknown, "XGBoost"),
        (
            "a prefix of a known name",
            call("sklearn.tree._classes_", "DecisionTreeClassifier"),
            unknown,
            "scikit-learn",
        ),
        ("print", call("builtins", "print"), unknown, "Python itself"),
        ("a name longer than any", call(&"o".repeat(2000), "getcwd"), dangerous, "longer than"),
        (
            "a browser by import alone",
            b"cantigravity\ngeohash\n.".to_vec(),
            dangerous,
            "imports antigravity",
        ),
    ]
}

/// A dtype of numpy with a state: what is in it between the byte order and the size, and the flags.
fn dtype_of(name: &str, fields: &[u8], flags: u8) -> Vec<u8> {
    let call = format!("cnumpy\ndtype\n(V{name}\nI00\nI01\ntR(K\x03V|\n").into_bytes();
    let sizes = [b"J\xff\xff\xff\xffJ\xff\xff\xff\xffK", &[flags][..], b"tb"].concat();
    [&call, fields, &sizes].concat()
}

fn dtype(name: &str, fields: &[u8], flags: u8) -> Vec<u8> {
    [b"\x80\x04", &*dtype_of(name, fields, flags), b"."].concat()
}

/// Says that a report names what was to be found, and that it is not clean.
#[track_caller]
fn named(report: &Report, verdict: Verdict, reason: &str, what: &str) {
    assert_eq!(report.verdict, verdict, "{what}: {report}");
    assert!(!report.is_clean(), "{what}: {report}");
    let reasons = report.reasons().join("\n");
    assert!(reasons.contains(reason), "{what}: {reasons:?}");
}

/// With PICKLEBOOK_TRICKS, the folder that it names gets the tricks as files, for
/// `tests/benches/scanners.py`.
#[test]
fn every_trick_is_named() {
    if let Some(folder) = std::env::var_os("PICKLEBOOK_TRICKS") {
        write_tricks(Path::new(&folder)).expect("the folder can be written to");
    }
    for (what, bytes, verdict, reason) in tricks() {
        named(&inspect::bytes(&bytes), verdict, reason, what);
    }
}

fn write_tricks(folder: &Path) -> io::Result<()> {
    for (what, bytes, verdict, _) in tricks() {
        let kind = match verdict {
            Verdict::Dangerous => "hostile",
            Verdict::UnknownCode => "other code",
            _ => "stumbling",
        };
        let name = what.replace([' ', ',', '.', '\''], "_");
        let mut ways = vec![
            ("alone", format!("{name}.pkl"), bytes.clone()),
            ("behind an array", format!("{name}.joblib"), joblib(Some(b"\xff"), &[7; 100], &bytes)),
            ("in zlib", format!("{name}.joblib"), compressed(Compression::Zlib, &bytes)),
            ("in gzip", format!("{name}.joblib"), compressed(Compression::Gzip, &bytes)),
            ("in a zip archive", format!("{name}.pt"), archive(&[("archive/data.pkl", &bytes)])),
            ("in a numpy file", format!("{name}.npy"), array_file("|O", &bytes)),
        ];
        let (_, nested) = files::in_bytes(&bytes).swap_remove(0);
        ways.push(("in bytes", format!("{name}.pkl"), nested));
        for (way, name, content) in ways {
            let folder = folder.join(kind).join(way);
            fs::create_dir_all(&folder)?;
            fs::write(folder.join(name), content)?;
        }
    }
    Ok(())
}

#[test]
fn every_trick_is_named_in_every_container() {
    for (what, bytes, verdict, reason) in tricks() {
        for compression in files::COMPRESSIONS {
            let report = inspect::bytes(&compressed(compression, &bytes));
            named(&report, verdict, reason, &format!("{what}, {compression}"));
            assert_eq!(report.containers, [compression.name()]);
        }
        for name in ["data.pkl", "archive/data.pkl"] {
            named(
                &inspect::bytes(&archive(&[("a.txt", b"text"), (name, &bytes)])),
                verdict,
                reason,
                what,
            );
        }
        let objects = array_file("|O", &bytes);
        named(&inspect::bytes(&objects), verdict, reason, what);
        named(&inspect::bytes(&archive(&[("arr_0.npy", &objects)])), verdict, reason, what);
        let twice = compressed(Compression::Gzip, &compressed(Compression::Xz, &bytes));
        named(&inspect::bytes(&twice), verdict, reason, what);
    }
}

/// Bytes in a pickle are looked at, though they are no part of what Python runs.
#[test]
fn every_trick_that_imports_is_named_in_the_bytes_of_a_pickle() {
    for (what, bytes, verdict, reason) in tricks() {
        // Bytes that only begin like a pickle are numbers, in honest files.
        if verdict < Verdict::Dangerous {
            continue;
        }
        for (how, outer) in files::in_bytes(&bytes) {
            let report = inspect::bytes(&outer);
            assert!(report.pickles.iter().any(|it| it.nested), "{what}, {how}: {report}");
            named(&report, verdict, reason, &format!("{what}, in {how}"));
        }
        for (how, outer) in files::in_bytes(&compressed(Compression::Zlib, &bytes)) {
            named(
                &inspect::bytes(&outer),
                verdict,
                reason,
                &format!("{what}, compressed in {how}"),
            );
        }
        let (_, twice) = files::in_bytes(&bytes).swap_remove(0);
        let (_, twice) = files::in_bytes(&twice).swap_remove(0);
        named(&inspect::bytes(&twice), verdict, reason, &format!("{what}, twice"));
    }
}

#[test]
fn every_trick_is_named_behind_the_arrays_of_a_joblib_file() {
    let honest = joblib(Some(b"\xff\xff"), &[0; 100], b".");
    assert!(inspect::bytes(&honest).is_clean(), "{}", inspect::bytes(&honest));
    for (what, bytes, verdict, reason) in tricks() {
        // Opcodes behind the array, and the pickle in a row, in the items, and in the padding.
        let in_line = joblib(Some(b"\xff"), &[7; 100], &bytes);
        let in_a_row = joblib(None, &[7; 100], &[b".".as_slice(), &bytes].concat());
        let behind = inspect::bytes(&in_line);
        named(&behind, verdict.max(Verdict::KnownModel), reason, &format!("{what}, behind"));
        for compression in files::COMPRESSIONS {
            let report = inspect::bytes(&compressed(compression, &in_line));
            named(&report, verdict.max(Verdict::KnownModel), reason, what);
        }
        let row = inspect::bytes(&in_a_row);
        assert!(row.verdict >= verdict && !row.is_clean(), "{what}: {row}");
        if verdict == Verdict::Dangerous {
            let report = inspect::bytes(&joblib(Some(b"\xff"), &bytes, b"."));
            named(&report, verdict, reason, &format!("{what}, in the items"));
        }
    }
}

/// `pickle.load` knows nothing of joblib's arrays: to it their bytes are opcodes.
#[test]
fn what_only_one_of_the_two_readers_sees_is_named() {
    let items = [b"0cos\ngetcwd\n(tR.".as_slice(), &[0; 50]].concat();
    let report = inspect::bytes(&joblib(None, &items, b"."));
    named(&report, Verdict::Dangerous, "calls os.getcwd()", "items as opcodes");
    // A length of the padding that is an opcode: `0` drops the array's description.
    let mut padding = b"cos\ngetcwd\n(tR.".to_vec();
    padding.resize(usize::from(b'0'), 0xff);
    let report = inspect::bytes(&joblib(Some(&padding), &[0; 50], b"."));
    named(&report, Verdict::Dangerous, "calls os.getcwd()", "padding as opcodes");
    let report = inspect::bytes(&joblib(Some(b"\xff\x00\xff"), &[0; 50], b"."));
    assert!(!report.is_clean(), "{report}");
}

#[test]
fn data_behind_compressed_data_and_around_archives_is_seen() {
    let pickle = line_call();
    for compression in files::COMPRESSIONS {
        let mut bytes = compressed(compression, b"N.");
        bytes.extend_from_slice(&pickle);
        let report = inspect::bytes(&bytes);
        assert!(!report.is_clean(), "{compression}: {report}");
    }
    let zip = archive(&[("a.txt", b"text")]);
    let behind = inspect::bytes(&[zip.as_slice(), &pickle].concat());
    assert_eq!(behind.verdict, Verdict::Dangerous, "{behind}");
    let before = inspect::bytes(&[pickle.as_slice(), &zip].concat());
    assert_eq!(before.verdict, Verdict::Dangerous, "{before}");
    let zip = archive(&[("data.pkl", &pickle)]);
    let found = inspect::bytes(&[b"\xff\xffno pickle\xff".as_slice(), &zip].concat());
    assert_eq!(found.verdict, Verdict::Dangerous, "{found}");
    let both = inspect::bytes(&[b"N.".as_slice(), &archive(&[("data.pkl", &pickle)])].concat());
    assert_eq!(both.verdict, Verdict::Dangerous, "{both}");
    assert!(both.findings.iter().any(|it| it.kind == FindingKind::Hides), "{both}");
}

#[test]
fn honest_data_is_clean() {
    let objects = dtype("O8", b"NNN", 63);
    let field = dtype_of("O8", b"NNN", 63);
    let fields = [b"NVa\n\x85}Va\n", &*field, b"K\x00\x86s"].concat();
    let fields = dtype("V8", &fields, 27);
    let lines =
        String::from_utf8_lossy(&objects[2..]).replace("K?", "I63\n").replace("K\x03", "I3\n");
    let lines = lines.replace('\u{fffd}', "").replace("JJ", "I-1\nI-1\n").into_bytes();
    let cases: [(&[u8], Verdict); 13] = [
        (&objects, Verdict::KnownModel),
        (&lines, Verdict::KnownModel),
        (&fields, Verdict::KnownModel),
        (b"Vclass\\u000aname\\u000athat\n.", Verdict::DataOnly),
        (b"N.", Verdict::DataOnly),
        (b"\x80\x04]\x94(K\x01K\x02e.", Verdict::DataOnly),
        // What the system pads files with.
        (b"N.\n", Verdict::DataOnly),
        (b"N.K\x01.", Verdict::DataOnly),
        (b"\x80\x04C\x05hello.", Verdict::DataOnly),
        (b"ccollections\nOrderedDict\n(tR.", Verdict::DataOnly),
        (b"c_codecs\nencode\n(Vabc\nVlatin1\ntR.", Verdict::DataOnly),
        (b"cnumpy\ndtype\n(S'f8'\nI0\nI1\ntR.", Verdict::KnownModel),
        (b"c__builtin__\ngetattr\n(c__builtin__\nstr\nS'split'\ntR.", Verdict::KnownModel),
    ];
    for (bytes, verdict) in cases {
        let report = inspect::bytes(bytes);
        assert!(report.is_clean(), "{report}");
        assert_eq!(report.verdict, verdict, "{report}");
        assert!(report.reasons().is_empty());
        for compression in files::COMPRESSIONS {
            let report = inspect::bytes(&compressed(compression, bytes));
            assert!(report.is_clean(), "{compression}: {report}");
        }
    }
}

#[test]
fn what_is_no_pickle_or_cut_short_is_no_pickle() {
    for bytes in [
        b"".as_slice(),
        b"height,spam\n1.5,True\n",
        b"<!DOCTYPE html>\n<html>",
        b"\x89PNG\r\n\x1a\n",
    ] {
        let report = inspect::bytes(bytes);
        assert!(report.is_no_pickle() && !report.is_clean(), "{report}");
        assert_eq!(report.summary(), "not a pickle");
    }
    for bytes in [
        archive(&[("word/document.xml", b"<?xml version='1.0'?>")]),
        compressed(Compression::Zlib, b"text"),
    ] {
        assert!(inspect::bytes(&bytes).is_no_pickle(), "{}", inspect::bytes(&bytes));
    }
    for bytes in [b"\x80\x04]\x94(K\x01K".as_slice(), b"\x80\x04K\x01"] {
        let report = inspect::bytes(bytes);
        assert!(report.is_unreadable() && !report.is_clean(), "{report}");
    }
    let whole = compressed(Compression::Gzip, b"N.");
    let report = inspect::bytes(&whole[..whole.len() - 4]);
    assert!(!report.is_clean(), "{report}");
}

/// Every import and every call is there, with its offset and its arguments.
#[test]
fn imports_and_calls_are_listed_with_their_places() {
    let bytes = b"cbuiltins\nprint\np0\n(S'a'\nI1\ntR0g0\n((lp1\n(dtRcdatetime\ndate\n(S'\\x07\\xd0\\x01\\x01'\ntR.";
    let report = inspect::bytes(bytes);
    let [pickle] = &*report.pickles else { panic!("{report:?}") };
    let imports: Vec<_> =
        pickle.imports.iter().map(|it| (it.offset, it.name.as_str(), it.times, it.calls)).collect();
    assert_eq!(imports, [(0, "print", 1, 2), (44, "date", 1, 1)]);
    let calls: Vec<_> = pickle
        .calls
        .iter()
        .map(|it| format!("{} {} {}{}", it.offset, it.opcode, it.callee, it.arguments))
        .collect();
    assert_eq!(
        calls,
        [
            "29 REDUCE builtins.print('a', 1)",
            "43 REDUCE builtins.print([], {})",
            "81 REDUCE datetime.date(b'\\x07\\xd0\\x01\\x01')",
        ]
    );
    assert_eq!(report.verdict, Verdict::UnknownCode);
}

/// Lists are bounded; what they leave out is counted and judged.
#[test]
fn long_lists_end() {
    let mut bytes = b"cbuiltins\nprint\np0\n".to_vec();
    for _ in 0..3 * Report::MOST {
        bytes.extend_from_slice(b"0g0\n(tR");
    }
    bytes.extend_from_slice(b"0cos\ngetcwd\n(tR.");
    let report = inspect::bytes(&bytes);
    assert_eq!(report.verdict, Verdict::Dangerous);
    assert_eq!(report.pickles[0].call_count, 3 * Report::MOST as u64 + 1);
    assert!(report.pickles[0].calls.len() <= 2 * Report::MOST);

    let many = b"N.".repeat(3 * Report::MOST);
    let report = inspect::bytes(&[many.as_slice(), &line_call()].concat());
    assert_eq!(report.verdict, Verdict::Dangerous);
    assert!(report.pickles.len() <= 2 * Report::MOST);
    named(&report, Verdict::Dangerous, "calls os.getcwd()", "the last of many");
}

/// Each limit of the caller's own is kept, and what lies beyond it is named; by default all is seen.
#[test]
fn limits_of_ones_own_are_kept_and_named() {
    let list = b"\x80\x04](K\x01K\x02K\x03e.".to_vec();
    let long = [b"\x80\x04](".as_slice(), &b"K\x01".repeat(100_000), b"e."].concat();
    let packed = compressed(Compression::Gzip, &[list.as_slice(), &vec![b'\n'; 4000]].concat());
    let twice = compressed(Compression::Gzip, &compressed(Compression::Zlib, &list));
    let zip = archive(&[("a.pkl", &list), ("b.pkl", &list)]);
    let limits = Limits::new;
    let cases: [(&[u8], Limits, Limits, &str); 5] = [
        (&list, limits().objects(4), limits().objects(3), "more than 3 objects"),
        (&long, limits().memory(16 << 20), limits().memory(1000), "more than 1000 bytes of memory"),
        (&packed, limits().unpacked(8192), limits().unpacked(1000), "raise `Limits::unpacked`"),
        (&twice, limits().levels(3), limits().levels(2), "more than 2 containers and pickles"),
        (&zip, limits().members(2), limits().members(1), "raise `Limits::members`"),
    ];
    for (bytes, enough, few, reason) in cases {
        assert!(inspect::bytes(bytes).is_clean(), "{reason}");
        let report = inspect::bytes_with(bytes, &enough);
        assert!(report.is_clean(), "{reason}: {report}");
        let report = inspect::bytes_with(bytes, &few);
        assert!(!report.is_clean(), "{reason}");
        assert!(report.reasons().join("\n").contains(reason), "{reason}: {report}");
    }
    // What is beyond a limit of objects is still searched for names.
    let hostile = [b"](K\x01K\x02e0".as_slice(), &line_call()].concat();
    let report = inspect::bytes_with(&hostile, &limits().objects(2));
    named(&report, Verdict::Dangerous, "imports os.getcwd", "behind the limit");

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list.pkl");
    fs::write(&path, &list).unwrap();
    let length = list.len() as u64;
    assert!(inspect::inspect_with(&path, &limits().bytes(length)).unwrap().is_clean());
    let error = inspect::inspect_with(&path, &limits().bytes(length - 1)).unwrap_err();
    assert!(error.to_string().contains("raise `Limits::bytes`"), "{error}");
}

/// The inspector calls itself for each level: the most of them fit into the stack of a thread.
#[test]
fn the_most_levels_fit_into_a_small_stack() {
    let nested = (0..100).fold(line_call(), |inner, _| files::in_bytes(&inner).swap_remove(0).1);
    let layers = (0..100).fold(line_call(), |inner, _| compressed(Compression::Xz, &inner));
    for bytes in [nested, layers] {
        let thread = std::thread::Builder::new().stack_size(2 << 20);
        let look = move || inspect::bytes_with(&bytes, &Limits::new().levels(u32::MAX));
        let report = thread.spawn(look).unwrap().join().unwrap();
        named(&report, Verdict::DataOnly, "more than 32 containers and pickles", "levels");
    }
}

/// Time follows the length, and memory too, whatever the bytes say.
#[test]
fn hostile_files_take_little_time_and_memory() {
    let start = Instant::now();
    let long = "x".repeat(1 << 20);
    let mut names = binary_text(&long);
    names.extend_from_slice(b"\x94");
    for _ in 0..100_000 {
        names.extend_from_slice(b"h\x00h\x00\x930");
    }
    let mut calls = b"cbuiltins\nprint\n\x94".to_vec();
    calls.extend_from_slice(&binary_text(&long));
    calls.extend_from_slice(b"\x940");
    for _ in 0..100_000 {
        calls.extend_from_slice(b"h\x00h\x01\x85R0");
    }
    let deep = [b"]".repeat(1_000_000), b"a".repeat(999_999), b".".to_vec()].concat();
    let nested = (0..100).fold(line_call(), |inner, _| files::in_bytes(&inner).swap_remove(0).1);
    let layers = (0..20).fold(line_call(), |inner, _| compressed(Compression::Gzip, &inner));
    let bombs = files::COMPRESSIONS.map(|it| compressed(it, &vec![0; 64 << 20]));
    let many = b"N.".repeat(2_000_000);
    let zip = archive(&[("data.pkl", &compressed(Compression::Xz, &vec![b'('; 64 << 20]))]);
    let all = [
        names,
        calls,
        deep,
        nested,
        layers,
        many,
        zip,
        b"cos\n".repeat(500_000),
        b"(".repeat(4_000_000),
    ];
    for bytes in all.iter().chain(&bombs) {
        assert!(
            !inspect::bytes(bytes).is_clean()
                || bytes.starts_with(b"]")
                || bytes.starts_with(b"N.")
        );
    }
    assert!(start.elapsed() < Duration::from_secs(300), "{:?}", start.elapsed());
    if let Some(peak) = memory::status("VmHWM") {
        assert!(peak < 2 << 30, "{} MiB", peak >> 20);
    }
}

/// Bytes or text of any length, with the opcode for lengths of four bytes.
fn counted(opcode: u8, content: &[u8]) -> Vec<u8> {
    [&[opcode], &(content.len() as u32).to_le_bytes()[..], content].concat()
}

/// Python's `zipfile` looks for an archive at the end of a file, whatever the file begins with.
#[test]
fn a_pickle_that_is_a_zip_archive_as_well_is_named() {
    let in_pickle =
        |zip: &[u8]| with_text(&[counted(b'B', &[b"\xff\xff", zip].concat()), vec![b'.']].concat());
    let hostile = archive(&[("data.pkl", &line_call())]);
    let report = inspect::bytes(&in_pickle(&hostile));
    named(&report, Verdict::Dangerous, "calls os.getcwd()", "both");
    assert!(report.findings.iter().any(|it| it.kind == FindingKind::Hides), "{report}");
    let large = vec![7; 1 << 20];
    let report = inspect::bytes(&in_pickle(&archive(&[("a", &large), ("b", &line_call())])));
    named(&report, Verdict::Dangerous, "calls os.getcwd()", "a large one");
    // A comment that goes beyond the end, which Python cuts off.
    let cut = [&hostile[..hostile.len() - 2], b"\xff\xff"].concat();
    named(&inspect::bytes(&in_pickle(&cut)), Verdict::DataOnly, "zip archive", "its comment");
    let honest = in_pickle(&archive(&[("data.pkl", b"N."), ("a.txt", b"text")]));
    assert!(inspect::bytes(&honest).is_clean(), "{}", inspect::bytes(&honest));
}

/// What is said of a file, which is not read where it need not be, and of the same bytes in memory.
#[track_caller]
fn same_from_file(path: &Path, bytes: &[u8], what: &str) -> Report {
    fs::write(path, bytes).expect("it can be written");
    let report = inspect::inspect(path).expect("it can be read");
    assert_eq!(report, inspect::bytes(bytes), "{what}");
    report
}

/// The long bytes of a large file are passed over, and what they begin with, and all around them, is
/// seen all the same.
#[test]
fn every_trick_is_named_beside_and_in_long_bytes_of_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("large.pkl");
    // Numbers, as bytes, as text in Latin-1, and as strings of Python 2.
    let numbers: Vec<u8> =
        (0..1_050_000_u32).map(|it| (it.wrapping_mul(it) >> 8) as u8 | 1).collect();
    let latin: String = numbers.iter().map(|&byte| char::from(byte)).collect();
    let long = [
        counted(b'B', &numbers),
        [b"\x96", &(numbers.len() as u64).to_le_bytes()[..], &numbers].concat(),
        counted(b'T', &numbers),
        counted(b'X', latin.as_bytes()),
    ];
    let padded = |bytes: &[u8]| [bytes, &numbers].concat();
    for long in &long {
        let honest = [b"\x80\x04", &**long, b"0N."].concat();
        assert!(same_from_file(&path, &honest, "honest").is_clean());
    }
    for (place, (what, bytes, verdict, reason)) in tricks().into_iter().enumerate() {
        if place % 2 == 1 {
            continue;
        }
        let long = &long[place / 2 % long.len()];
        let behind = [b"\x80\x02", &**long, b"0", &bytes].concat();
        let report = same_from_file(&path, &behind, what);
        assert!(report.verdict >= verdict && !report.is_clean(), "{what}: {report}");
        if verdict == Verdict::Dangerous && place % 16 == 2 {
            for (how, outer) in files::in_bytes(&padded(&bytes)) {
                let report = same_from_file(&path, &outer, how);
                named(&report, verdict, reason, &format!("{what}, in {how}"));
            }
        }
        if place % 32 == 0 {
            same_from_file(&path, &joblib(Some(b"\xff"), &numbers, &bytes), what);
            let zip = archive(&[("numbers", &numbers), ("data.pkl", &bytes)]);
            same_from_file(&path, &zip, what);
            let both = [counted(b'B', &padded(b"\xff\xff")), b"0".to_vec(), counted(b'B', &zip)];
            same_from_file(&path, &[b"\x80\x04", &*both.concat(), b"."].concat(), what);
        }
    }
}

/// Text that Python refuses, or takes, wherever in a long one it stands.
#[test]
fn long_text_of_a_file_is_checked() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("large.pkl");
    let of = |text: &[u8]| [b"\x80\x02", &*counted(b'X', text), b"."].concat();
    let plain = vec![b'a'; 1_100_000];
    for place in (0..8).map(|it| (1 << 18) - 8 + it).chain([0, 300_000, 1_099_995]) {
        for (piece, is_text) in [
            ("é".as_bytes(), true),
            ("€".as_bytes(), true),
            ("🥒".as_bytes(), true),
            (b"\xed\xa0\x80", true),
            (b"\xff", false),
            (b"\xe2\x82", false),
            (b"\x82", false),
            (b"\xc0\x80", false),
        ] {
            let mut text = plain.clone();
            text[place..place + piece.len()].copy_from_slice(piece);
            let report = same_from_file(&path, &of(&text), &format!("{piece:x?} at {place}"));
            assert_eq!(report.is_clean(), is_text, "{piece:x?} at {place}: {report}");
        }
    }
    let cut = [&plain[..], b"\xe2\x82"].concat();
    assert!(same_from_file(&path, &of(&cut), "a cut character").is_unreadable());
}

/// There are many ways to write the type of objects in the header of a numpy file, and what stands there
/// is loaded in all of them.
#[test]
fn objects_of_numpy_files_are_known_by_any_spelling() {
    let hostile = b"\x880cos\ngetcwd\n(tR.";
    for dtype in [
        "'|O'",
        "'O'",
        "'<O8'",
        "'=O'",
        "\"O\"",
        "'object'",
        "'\\x4f'",
        "[('Odd', '<i8'), ('b', '>O')]",
        "[('a', [('b', '<O8')])]",
    ] {
        let header =
            format!("{{'descr': {dtype}, 'fortran_order': False, 'shape': (1,), }}\n").into_bytes();
        for (version, length) in [
            (1, (header.len() as u16).to_le_bytes().to_vec()),
            (2, (header.len() as u32).to_le_bytes().to_vec()),
        ] {
            let bytes =
                [b"\x93NUMPY", &[version, 0][..], &length, &header, hostile.as_slice()].concat();
            named(&inspect::bytes(&bytes), Verdict::Dangerous, "calls os.getcwd()", dtype);
        }
    }
    let numbers = array_file("<f8', 'Odd': '<i8", &[0, 0, 0, 0, 0, 0, 0xf0, 0x3f]);
    assert!(inspect::bytes(&numbers).is_clean(), "{}", inspect::bytes(&numbers));
}

/// joblib takes anything for compressed that begins like it.
#[test]
fn compressed_data_with_an_unusual_beginning_is_looked_into() {
    let mut lzma = compressed(Compression::Lzma, &line_call());
    lzma[1..5].copy_from_slice(&0x12_3400_u32.to_le_bytes());
    named(&inspect::bytes(&lzma), Verdict::Dangerous, "calls os.getcwd()", "a dictionary");
    // A stored block, whose header is text, and its checksum.
    let mut zlib = b"\x78\x5e".to_vec();
    let content = [line_call(), vec![b'.'; 0x2020 - line_call().len()]].concat();
    zlib.extend_from_slice(b"\x20\x20\x20\xdf\xdf");
    zlib.extend_from_slice(&content);
    zlib.extend_from_slice(b"\x01\0\0\xff\xff");
    let (mut a, mut b) = (1_u32, 0_u32);
    for &byte in &content {
        a = (a + u32::from(byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    zlib.extend_from_slice(&(b << 16 | a).to_be_bytes());
    named(&inspect::bytes(&zlib), Verdict::Dangerous, "calls os.getcwd()", "a block that is text");
    let text = inspect::bytes(b"x^2, y^2\n1.0, 2.0\n");
    assert!(text.is_no_pickle(), "{text}");
}

/// What this crate refuses to read, others may take.
#[test]
fn members_of_archives_that_lie_are_looked_into() {
    let pickle = line_call();
    let zip = archive(&[("data.pkl", &pickle)]);
    let list = zip.windows(4).position(|it| it == b"PK\x01\x02").expect("a list");
    let changed = |changes: &[(usize, u8)]| {
        let mut bytes = zip.clone();
        changes.iter().for_each(|&(place, byte)| bytes[place] = byte);
        bytes
    };
    for (what, bytes) in [
        ("names", changed(&[(30, b'x')])),
        ("a checksum", changed(&[(14, zip[14] ^ 1), (list + 16, zip[14] ^ 1)])),
        ("encryption that is none", changed(&[(6, 1), (list + 8, 1)])),
        ("a method", changed(&[(list + 10, 99)])),
        ("methods", changed(&[(8, 8)])),
    ] {
        let report = inspect::bytes(&bytes);
        named(&report, Verdict::Dangerous, "calls os.getcwd()", what);
        assert!(report.findings.iter().any(|it| it.kind == FindingKind::Unreadable), "{what}");
    }
    for name in ["data.PKL", "x.p", "weights", "a.bin"] {
        let first = [b"\x8f0".as_slice(), &pickle].concat();
        let report = inspect::bytes(&archive(&[(name, &first)]));
        named(&report, Verdict::Dangerous, "calls os.getcwd()", name);
    }
}

/// Text from which code could make a pickle.
#[test]
fn pickles_in_text_are_named() {
    let lines = line_call();
    let latin: String = call("os", "getcwd").iter().map(|&byte| char::from(byte)).collect();
    for (what, text) in [
        ("lines", String::from_utf8(lines).unwrap()),
        ("lines behind a mark", "(I1\n0cos\ngetcwd\n(tR.".to_owned()),
        ("Latin-1", latin),
    ] {
        let escaped: String = text.chars().map(|it| format!("\\u{:04x}", u32::from(it))).collect();
        for bytes in [
            with_text(&[binary_text(&text), b".".to_vec()].concat()),
            format!("V{escaped}\n.").into_bytes(),
        ] {
            named(&inspect::bytes(&bytes), Verdict::Dangerous, "calls os.getcwd()", what);
        }
    }
    for text in ["class\nname\nthat is text", "import\nfrom\n", "(see also\nthis)", "S\n", "c\n\n"]
    {
        let report = inspect::bytes(&with_text(&[binary_text(text), b".".to_vec()].concat()));
        assert!(report.is_clean(), "{text:?}: {report}");
    }
}
