//! Pickles: written, read, and refused.

mod support;

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use picklebook::pickle::{self, DumpOptions, ErrorKind, Limits, Value};
use serde::{Deserialize, Serialize};

type Outcome = Result<(), Box<dyn std::error::Error>>;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Node {
    feature: usize,
    threshold: f64,
    label: Option<String>,
    kind: Kind,
    children: Vec<Node>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Kind {
    Leaf,
    Split(f64),
    Range(i8, u64),
    Named { name: String, both: (bool, char) },
}

fn tree() -> Node {
    let leaf = |kind| Node { feature: 0, threshold: 0.0, label: None, kind, children: vec![] };
    Node {
        feature: 3,
        threshold: -2.5,
        label: Some("naïve 🌳".to_owned()),
        kind: Kind::Split(0.1),
        children: vec![
            leaf(Kind::Leaf),
            leaf(Kind::Range(-8, u64::MAX)),
            leaf(Kind::Named { name: String::new(), both: (true, 'ß') }),
        ],
    }
}

#[test]
fn what_is_dumped_is_loaded() -> Outcome {
    for protocol in [2, 3, 4, 5] {
        let options = DumpOptions::new().protocol(protocol);
        let bytes = pickle::dumps_with(&tree(), &options)?;
        assert_eq!(pickle::loads::<Node>(&bytes)?, tree());
        assert_eq!(pickle::load::<Node, _>(&bytes[..])?, tree());
    }
    let bytes = pickle::dumps(&i64::MIN)?;
    assert_eq!(pickle::loads::<i64>(&bytes)?, i64::MIN);
    let map: BTreeMap<i32, ()> = (0..3000).map(|key| (key, ())).collect();
    assert_eq!(pickle::loads::<BTreeMap<i32, ()>>(&pickle::dumps(&map)?)?, map);
    let list: Vec<u32> = (0..3000).collect();
    assert_eq!(pickle::loads::<Vec<u32>>(&pickle::dumps(&list)?)?, list);
    Ok(())
}

#[test]
fn an_unknown_protocol_is_refused() {
    let options = DumpOptions::new().protocol(9);
    let error = pickle::dumps_with(&1, &options).unwrap_err();
    assert!(error.to_string().contains("protocol 9"), "{error}");
}

/// Gives out two numbers and then fails.
struct Failing;

impl Serialize for Failing {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::{Error, SerializeSeq};
        let mut list = serializer.serialize_seq(Some(100_000))?;
        for number in 0..50_000 {
            list.serialize_element(&number)?;
        }
        Err(S::Error::custom("out of numbers"))
    }
}

fn names(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

#[test]
fn a_save_that_fails_midway_leaves_the_old_file() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("numbers.pkl");
    pickle::save(&[1, 2, 3], &path)?;
    let error = pickle::save(&Failing, &path).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::InFile { .. }));
    assert!(error.to_string().contains("numbers.pkl"), "{error}");
    assert!(error.to_string().contains("out of numbers"), "{error}");
    assert_eq!(pickle::open::<Vec<i64>>(&path)?, [1, 2, 3]);
    assert_eq!(names(folder.path())?, ["numbers.pkl"]);
    // And where there was no file, there is none.
    pickle::save(&Failing, folder.path().join("new.pkl")).unwrap_err();
    assert_eq!(names(folder.path())?, ["numbers.pkl"]);
    Ok(())
}

#[test]
fn a_save_into_a_missing_folder_names_it() -> Outcome {
    let folder = tempfile::tempdir()?;
    let error = pickle::save(&1, folder.path().join("no/such.pkl")).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::File { .. }));
    assert!(error.to_string().contains("no"), "{error}");
    let error = pickle::save(&1, folder.path()).unwrap_err();
    assert!(error.to_string().contains("not a file"), "{error}");
    Ok(())
}

#[cfg(unix)]
#[test]
fn a_save_into_a_full_or_read_only_folder_fails_cleanly() -> Outcome {
    use std::os::unix::fs::PermissionsExt;
    // Root may write everywhere; these two places refuse root too.
    if Path::new("/proc/self").exists() {
        let error = pickle::save(&1, "/proc/self/numbers.pkl").unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::File { .. }), "{error}");
        assert!(error.to_string().contains("/proc/self"), "{error}");
    }
    if Path::new("/dev/full").exists() {
        let full = fs::OpenOptions::new().write(true).open("/dev/full")?;
        let error = pickle::dump(&[1, 2, 3], full).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Io { .. }), "{error}");
    }
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("numbers.pkl");
    pickle::save(&[1], &path)?;
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555))?;
    let result = pickle::save(&[2], &path);
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
    let expected = if result.is_ok() { [2] } else { [1] };
    assert_eq!(pickle::open::<Vec<i64>>(&path)?, expected);
    assert_eq!(names(folder.path())?, ["numbers.pkl"]);
    Ok(())
}

#[cfg(unix)]
#[test]
fn a_save_keeps_permissions_and_symbolic_links() -> Outcome {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("numbers.pkl");
    let link = folder.path().join("link.pkl");
    let far = folder.path().join("far.pkl");
    symlink("numbers.pkl", &link)?;
    symlink("link.pkl", &far)?;
    pickle::save(&[1], &far)?; // creates what the links point to
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640))?;
    pickle::save(&[2], &far)?;
    assert_eq!(fs::metadata(&path)?.permissions().mode() & 0o777, 0o640);
    assert!(fs::symlink_metadata(&link)?.file_type().is_symlink());
    assert!(fs::symlink_metadata(&far)?.file_type().is_symlink());
    assert_eq!(pickle::open::<Vec<i64>>(&path)?, [2]);
    symlink("loop.pkl", folder.path().join("loop.pkl"))?;
    pickle::save(&[2], folder.path().join("loop.pkl")).unwrap_err();
    Ok(())
}

/// Takes a few bytes and then fails.
struct Narrow(usize);

impl Write for Narrow {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.checked_sub(bytes.len()).ok_or(io::Error::other("the pipe broke"))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_writer_that_fails_is_named_as_the_reason() {
    let error = pickle::dump(&vec!["text"; 100], Narrow(64)).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Io { .. }), "{error}");
    assert!(error.to_string().contains("the pipe broke"), "{error}");
}

#[test]
fn errors_name_file_byte_and_opcode() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("tree.pkl");
    let missing = pickle::open::<i64>(&path).unwrap_err();
    assert!(missing.to_string().starts_with("cannot open "), "{missing}");
    let whole = pickle::dumps(&vec!["spam", "eggs"])?;
    for (bytes, expected) in [
        (whole[..5].to_vec(), "at byte 4 (BINUNICODE): the data ends"),
        (whole[..12].to_vec(), "at byte 4 (BINUNICODE): 4 bytes are declared, but only 3 are left"),
        (vec![], "not a pickle: this is an empty file; "),
        (b"\x1f\x8b\x08".to_vec(), "not a pickle: this is a file compressed with gzip; unpack it"),
        (b"\x1f\x8c\x08".to_vec(), "at byte 0: 0x1f is not an opcode; is the file a pickle"),
        (b"\x80\x02I4_\n.".to_vec(), "at byte 2 (INT): the digits are no integer"),
        ([&whole[..], b"more"].concat(), "ends at byte 24, but 4 more bytes follow"),
        (b"]K\x01.".to_vec(), "at byte 1: invalid type: integer `1`, expected a sequence"),
        (b"]N}\x94h\x01.".to_vec(), "at byte 4 (BINGET): nothing is in the memo under 1"),
    ] {
        fs::write(&path, bytes)?;
        let error = pickle::open::<Vec<String>>(&path).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}\n{expected}");
        assert!(error.to_string().contains("tree.pkl"), "{error}");
    }
    Ok(())
}

#[test]
fn a_value_is_written_with_what_is_shared_and_recursive() -> Outcome {
    // l = [t]; t = (l,); [t, t], which a tuple in CPython's way is.
    let value: Value = pickle::loads(b"]\x94(]\x94h\x01\x85\x94ah\x022e.")?;
    assert_eq!(value.to_string(), "[[([...],)], ([(...)],), ([(...)],)]");
    for written in [
        pickle::dumps(&value)?, // the default writer steps aside
        pickle::dumps_with(&value, &DumpOptions::new().protocol(2))?,
        pickle::dumps_with(&value, &DumpOptions::new().protocol(5))?,
    ] {
        let again: Value = pickle::loads(&written)?;
        assert_eq!(again.to_string(), value.to_string());
        let items = again.items();
        assert!(items[1].is(&items[2]));
        assert!(items[0].items()[0].is(&items[1]));
    }
    Ok(())
}

#[test]
fn values_live_within_other_types() -> Outcome {
    #[derive(Serialize, Deserialize)]
    struct Holder {
        name: String,
        content: Value,
        list: Vec<Value>,
    }
    let options = DumpOptions::new();
    let value: Value = pickle::loads(b"}\x94(\x8c\x01ah\x00\x8c\x01bK\x02u.")?;
    let list = vec![value.clone(), value.to::<HashMap<String, Value>>()?["b"].clone()];
    let holder = Holder { name: "h".to_owned(), content: value, list };
    let bytes = pickle::dumps_with(&holder, &options)?;
    let again: Holder = pickle::loads(&bytes)?;
    assert_eq!(again.name, "h");
    assert_eq!(again.content.to_string(), "{'a': {...}, 'b': 2}");
    assert!(again.list[0].is(&again.content));
    assert_eq!(again.list[1].as_i64(), Some(2));
    // Nothing else can hold or give one.
    assert!(serde_json::to_string(&again.list).is_err());
    assert!(serde_json::from_str::<Value>("null").is_err());
    let error = pickle::dumps(&again).unwrap_err();
    assert!(error.to_string().contains("dump_with"), "{error}");
    Ok(())
}

#[test]
fn known_classes_are_read_as_rust_types() -> Outcome {
    fn read<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, pickle::Error> {
        pickle::loads(bytes)
    }
    assert_eq!(read::<(f64, f64)>(b"cbuiltins\ncomplex\n(F1.5\nI-2\ntR.")?, (1.5, -2.0));
    assert_eq!(read::<String>(b"cdecimal\nDecimal\n(V1.50\ntR.")?, "1.50");
    assert_eq!(read::<f64>(b"cdecimal\nDecimal\n(V1.50\ntR.")?, 1.5);
    assert_eq!(read::<String>(b"cdatetime\ndate\n(C\x04\x07\xe8\x02\x1dtR.")?, "2024-02-29");
    assert_eq!(read::<f64>(b"cdatetime\ntimedelta\n(I1\nI2\nI500000\ntR.")?, 86402.5);
    assert_eq!(read::<Vec<u8>>(b"c_codecs\nencode\n(V\xe9a\nVlatin1\ntR.")?, b"\xe9a");
    assert_eq!(read::<Vec<u8>>(b"C\x02\xe9a.")?, b"\xe9a");
    assert_eq!(read::<Vec<i64>>(b"ccollections\ndeque\n)R(K\x01K\x02e.")?, [1, 2]);
    assert_eq!(read::<Vec<i64>>(b"cbuiltins\nset\n(](K\x01K\x02etR.")?, [1, 2]);
    let map = BTreeMap::from([("a".to_owned(), 1), ("b".to_owned(), 2)]);
    let ordered = b"ccollections\nOrderedDict\n)R(Va\nK\x01Vb\nK\x02u.";
    assert_eq!(read::<BTreeMap<String, i64>>(ordered)?, map);
    let counter = b"ccollections\nCounter\n(}(Va\nK\x01Vb\nK\x02utR.";
    assert_eq!(read::<BTreeMap<String, i64>>(counter)?, map);
    let instance = b"cmodule\nClass\n)\x81}(Va\nK\x01Vb\nK\x02ub.";
    assert_eq!(read::<BTreeMap<String, i64>>(instance)?, map);
    let named_tuple = b"cmodule\nPair\n(K\x01K\x02t\x81.";
    assert_eq!(read::<(i64, i64)>(named_tuple)?, (1, 2));
    assert_eq!(
        read::<u128>(
            b"\x8a\x11\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00."
        )?,
        u128::MAX
    );
    let call = read::<Vec<i64>>(b"cos\nsystem\n(Vecho\ntR.").unwrap_err();
    assert!(call.to_string().contains("the result of calling os.system"), "{call}");
    let call = read::<Vec<i64>>(b"co\x1bs\nsystem\n)R.").unwrap_err();
    assert!(call.to_string().contains("calling o\\x1bs.system"), "{call}");
    let call = read::<Vec<i64>>(b"cbuiltins\nset\nPname\nR.").unwrap_err();
    assert!(call.to_string().contains("calling builtins.set"), "{call}");
    let short = read::<(i64, i64)>(b"K\x01K\x02K\x03\x87.").unwrap_err();
    assert!(short.to_string().contains("expected 2 items, found 3"), "{short}");
    Ok(())
}

#[test]
fn objects_of_unknown_classes_print_with_all_that_is_known() -> Outcome {
    for (bytes, expected) in [
        (&b"cos\nsystem\n(Vecho\ntR."[..], "os.system('echo')"),
        (b"cm\nC\n)\x81}Va\nK\x01sb.", "m.C() {'a': 1}"),
        (b"cm\nC\n)}Vk\nK\x01s\x92.", "m.C(k=1)"),
        (b"cm\nC\nK\x01\x85}Vk\nK\x01s\x92](K\x02eb.", "m.C(1, k=1) [2]"),
        (b"cm\nC\n)R(K\x01K\x02e(K\x03K\x04uNb.", "m.C() [1, 2] {3: 4} None"),
        (b"(K\x01im\nC\n.", "m.C(1)"),
        (b"(cm\nC\nK\x01o.", "m.C(1)"),
        (b"Pname\n.", "persistent_id('name')"),
        (b"K\x01K\x02\x86Q.", "persistent_id((1, 2))"),
        (b"\x82\x07.", "extension(7)"),
        (b"\x97\x98\x97\x86.", "(buffer(0), buffer(1))"),
        (b"cm\nC\n)R\x94h\x00b.", "m.C() m.C(...)"),
        // What BUILD sets in a class, in Python `m.A.x = 5`, and what else is done to a name.
        (b"cm\nA\nN}Vx\nK\x05s\x86b.", "m.A (None, {'x': 5})"),
        (b"\x8c\x01m\x8c\x01A\x93}Vx\nK\x05sb)R.", "m.A {'x': 5}()"),
        (b"cbuiltins\nlen\n](K\x01eb(K\x02K\x03u.", "<built-in function len> [1] {2: 3}"),
        (b"\x82\x07}Va\nK\x01sb.", "extension(7) {'a': 1}"),
        (b"\x97K\x01b\x97\x98K\x02b\x86.", "(buffer(0) 1, buffer(1) 2)"),
        (b"Pname\n}Va\nK\x01sb.", "persistent_id('name') {'a': 1}"),
        (b"Vname\nQ}Va\nK\x01sb.", "persistent_id('name') {'a': 1}"),
        (b"NQNQ\x93K\x01b.", "import(persistent_id(None), persistent_id(None)) 1"),
        // In its own state a name is told by the name alone.
        (b"cm\nA\n\x94]h\x00ab.", "m.A [m.A ...]"),
        (b"\x82\x07\x94h\x00b.", "extension(7) extension(7) ..."),
        (b"Pname\n\x94h\x00b.", "persistent_id('name') persistent_id(...)"),
        (b"Vname\nQ\x94h\x00b.", "persistent_id('name') persistent_id(...)"),
        // A class that was changed may print in another way.
        (
            b"ccollections\nCounter\nN}V__repr__\ncm\nf\ns\x86b}\x85R.",
            "<class 'collections.Counter'> (None, {'__repr__': m.f})({})",
        ),
        // What is added in a way that Python's class does not know is told, not dropped.
        (b"cbuiltins\nset\n]\x85R(K\x01K\x02u.", "builtins.set([]) {1: 2}"),
        (b"ccollections\nCounter\n}\x85R(K\x01e.", "collections.Counter({}) [1]"),
        // Arguments that only Python knows.
        (b"cbuiltins\nset\nPname\nR.", "builtins.set(*persistent_id('name'))"),
        // Python makes no such range.
        (b"cbuiltins\nrange\n(K\x01K\x02K\x00tR.", "builtins.range(1, 2, 0)"),
        // Names may be any text: a terminal must not take them for its own.
        (b"\x8c\x05o\x1b[1m\x8c\x02s\n\x93.", "o\\x1b[1m.s\\n"),
        (b"cm\x1b\nC\n)}X\x02\0\0\0\x07\nK\x01s\x92.", "m\\x1b.C(\\x07\\n=1)"),
        (b"cm\x1b\nC\n)R\x94h\x00b.", "m\\x1b.C() m\\x1b.C(...)"),
    ] {
        let value: Value = pickle::loads(bytes)?;
        assert_eq!(value.to_string(), expected);
        // And when it was written and read again.
        let written = pickle::dumps_with(&value, &DumpOptions::new().protocol(5))?;
        assert_eq!(pickle::loads::<Value>(&written)?.to_string(), expected);
    }
    Ok(())
}

#[test]
fn what_only_the_application_can_look_up_is_named() -> Outcome {
    let value: Value = pickle::loads(b"(Pname\nK\x07Q\x82\x09\x97\x97\x98cm\nf\nt.")?;
    let items = value.items();
    assert_eq!(items[0].persistent_name().as_deref(), Some("name"));
    assert_eq!(items[1].persistent_id().and_then(|id| id.as_i64()), Some(7));
    assert_eq!(items[2].extension_code(), Some(9));
    assert_eq!([items[3].buffer(), items[4].buffer()], [Some(0), Some(1)]);
    assert_eq!(items[5].global(), Some(("m".to_owned(), "f".to_owned())));
    assert_eq!(items.iter().map(Value::offset).collect::<Vec<_>>(), [1, 9, 10, 12, 14, 15]);
    for item in &items {
        assert!(item.callee().is_none() && item.state().is_none() && item.items().is_empty());
    }
    let object: Value = pickle::loads(b"cm\nC\n)}Vk\nK\x01s\x92}Va\nK\x02sb.")?;
    assert_eq!(object.callee().and_then(|callee| callee.global()), Some(("m".into(), "C".into())));
    assert_eq!(object.arguments().map(|it| it.to_string()).as_deref(), Some("()"));
    assert_eq!(object.named_arguments().map(|it| it.to_string()).as_deref(), Some("{'k': 1}"));
    assert_eq!(object.state().map(|it| it.to_string()).as_deref(), Some("{'a': 2}"));
    assert_eq!(object.get("a").and_then(|a| a.as_i64()), Some(2));
    Ok(())
}

#[test]
fn shared_objects_are_whole_wherever_they_are_used() -> Outcome {
    // d = {'x': 1}; [d, d]
    let bytes = b"\x80\x04]\x94(}\x94\x8c\x01x\x94K\x01sh\x01e.";
    let dict = HashMap::from([("x".to_owned(), 1)]);
    assert_eq!(pickle::loads::<Vec<HashMap<String, i64>>>(bytes)?, [dict.clone(), dict]);
    // What is added to a shared list after its first use is in both.
    let late = b"]\x94]\x94ah\x00h\x01K\x07a0.";
    assert_eq!(pickle::loads::<Vec<Vec<i64>>>(late)?, [[7]]);
    Ok(())
}

#[test]
fn a_list_that_holds_itself_is_refused_by_name() {
    #[derive(Debug, Deserialize)]
    struct Nested(#[allow(dead_code)] Vec<Nested>);
    let error = pickle::loads::<Nested>(b"]\x94h\x00a.").unwrap_err();
    assert!(error.to_string().contains("at byte 0: this object contains itself"), "{error}");
}

/// A type whose derived code takes much stack at every level.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Large {
    a: String,
    b: Option<String>,
    c: Vec<f64>,
    d: (i64, f32),
    e: char,
    f: BTreeMap<String, f64>,
    g: [f64; 8],
    h: [u64; 16],
    i: Vec<String>,
    j: Option<Box<Large>>,
    k: Vec<Option<Box<Large>>>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
#[allow(dead_code)]
enum Untagged {
    Number(i64),
    List(Vec<Untagged>),
}

/// The default depth is half of what these types bear in a debug build on the 2 MiB of stack that
/// a test's thread has.
#[test]
fn the_default_depth_is_safe_for_large_types() {
    let levels = 5_000;
    let bytes = [
        b"}X\x01\x00\x00\x00k]".repeat(levels),
        b"N".to_vec(),
        b"as".repeat(levels),
        b".".to_vec(),
    ]
    .concat();
    let error = pickle::loads::<Large>(&bytes).unwrap_err();
    assert!(error.to_string().contains("more than 256 levels"), "{error}");
    let bytes = [b"]".repeat(levels), b"a".repeat(levels - 1), b".".to_vec()].concat();
    let error = pickle::loads::<Untagged>(&bytes).unwrap_err();
    assert!(error.to_string().contains("more than 256 levels"), "{error}");
}

#[test]
fn deep_nesting_is_refused_on_a_small_stack() {
    #[derive(Debug, Deserialize)]
    struct Nested(#[allow(dead_code)] Vec<Nested>);
    let depth = 1_000_000;
    let bytes = [vec![b']'; depth], vec![b'a'; depth - 1], b".".to_vec()].concat();
    let error = pickle::loads::<Nested>(&bytes).unwrap_err();
    assert!(error.to_string().contains("raise `Limits::depth`"), "{error}");
}

/// Writing calls itself as reading does. The default depth takes less than half of the 2 MiB of stack
/// that a thread has, in a debug build, with either writer.
#[test]
fn the_default_depth_is_safe_for_writing_too() {
    let work = || {
        let deep = (0..300).fold(Large::default(), |inner, _| Large {
            k: vec![Some(Box::new(inner))],
            ..Large::default()
        });
        for error in [
            pickle::dumps(&deep).unwrap_err(),
            pickle::dumps_with(&deep, &DumpOptions::new()).unwrap_err(),
        ] {
            assert!(matches!(error.kind(), ErrorKind::Unwritable { .. }), "{error}");
            assert!(error.to_string().contains("more than 256 levels"), "{error}");
            assert!(error.to_string().contains("DumpOptions::depth"), "{error}");
        }
    };
    let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(work).unwrap();
    thread.join().unwrap();
}

/// What is written with the default limit is read with the default limit, to the level.
#[test]
fn writing_and_reading_count_the_same_levels() {
    #[derive(Debug, Serialize, Deserialize)]
    struct List(Vec<List>);

    #[derive(Debug, Serialize, Deserialize)]
    enum Chain {
        End,
        Link(Box<Chain>),
        Both(Option<Box<Chain>>, u8),
        Named { next: Box<Chain> },
    }

    fn most<T: Serialize + for<'de> Deserialize<'de>>(make: impl Fn(usize) -> T) -> usize {
        let levels = (1..300).take_while(|&levels| {
            let value = make(levels);
            let plain = pickle::dumps(&value);
            let with = pickle::dumps_with(&value, &DumpOptions::new());
            assert_eq!(plain.is_ok(), with.is_ok());
            let high = DumpOptions::new().depth(2_000);
            let read = pickle::loads::<T>(&pickle::dumps_with(&value, &high).unwrap());
            assert_eq!(read.is_ok(), plain.is_ok(), "{levels} levels");
            plain.is_ok()
        });
        levels.count()
    }

    assert_eq!(most(|levels| (1..levels).fold(List(vec![]), |list, _| List(vec![list]))), 128);
    let chain = |link: fn(Chain) -> Chain| move |n| (0..n).fold(Chain::End, |it, _| link(it));
    assert_eq!(most(chain(|it| Chain::Link(Box::new(it)))), 256);
    assert_eq!(most(chain(|it| Chain::Both(Some(Box::new(it)), 1))), 85);
    assert_eq!(most(chain(|it| Chain::Named { next: Box::new(it) })), 128);
}

#[test]
fn a_memory_bomb_is_refused() {
    #[derive(Debug, Deserialize)]
    struct Nested(#[allow(dead_code)] Vec<Nested>);
    // () doubled 60 times: t = (t, t).
    let bytes = [b")".to_vec(), b"2\x86".repeat(60), b".".to_vec()].concat();
    let error = pickle::loads::<Nested>(&bytes).unwrap_err().to_string();
    assert!(error.contains("Limits::expansion"), "{error}");
    assert!(error.starts_with("at byte 2 (TUPLE2): more than 16 times"), "{error}");
}

#[test]
fn limits_are_kept() -> Outcome {
    let bytes = pickle::dumps(&vec!["a"; 20_000])?;
    for (limits, name) in [
        (Limits::new().bytes(10), "Limits::bytes"),
        (Limits::new().objects(100), "Limits::objects"),
        (Limits::new().memory(1000), "Limits::memory"),
        (Limits::new().depth(0), "Limits::depth"),
    ] {
        for error in [
            pickle::loads_with::<Vec<String>>(&bytes, &limits).unwrap_err(),
            pickle::load_with::<Vec<String>, _>(&bytes[..], &limits).unwrap_err(),
        ] {
            assert!(matches!(error.kind(), ErrorKind::Limit { .. }), "{error}");
            assert!(error.to_string().contains(name), "{error}");
        }
    }
    let shallow = Limits::new().depth(0);
    let error = pickle::loads_with::<Vec<String>>(&bytes, &shallow).unwrap_err();
    assert!(error.to_string().starts_with("at byte 2 (EMPTY_LIST): more than 0 levels"), "{error}");
    let memo = Limits::new().memo(1);
    let error = pickle::loads_with::<()>(b"Nq\x00q\x07.", &memo).unwrap_err();
    assert!(error.to_string().contains("at byte 3 (BINPUT): more than 1 memo entries"), "{error}");
    Ok(())
}
