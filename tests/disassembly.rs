//! The disassembler beside Python's `pickletools.dis`, and against files that are made to hurt it.

#[path = "support/conversation.rs"]
mod conversation;
#[path = "support/harvest.rs"]
mod harvest;
mod support;

use std::fmt::Write;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use conversation::Conversation;
use harvest::harvest;
use picklebook::pickle::{self, Disassembler, Disassembly, ErrorKind};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// What Python printed, and its error if it raised one.
type Printed = (String, Option<String>);

/// A Python that takes pickles apart (tests/pickle/disassembled.py).
struct Reference(Conversation);

impl Reference {
    fn start() -> Result<Reference, Box<dyn std::error::Error>> {
        Conversation::start(&support::python(), "pickle/disassembled.py").map(Reference)
    }

    fn ask(
        &mut self,
        pickles: &[&[u8]],
        options: Value,
    ) -> Result<Vec<Printed>, Box<dyn std::error::Error>> {
        let data: Vec<String> = pickles.iter().map(|pickle| STANDARD.encode(pickle)).collect();
        let printed: Vec<Printed> = self.0.ask(&json!({"data": data, "options": options}))?;
        // A line that Python began and did not end, for it stopped there.
        let whole = |(text, error): Printed| {
            (text.get(..text.rfind('\n').map_or(0, |end| end + 1)).unwrap_or("").to_owned(), error)
        };
        Ok(printed.into_iter().map(whole).collect())
    }
}

/// Whether our error says what Python's does: in its words, but where those are of the library below
/// it, or wrong.
fn says_the_same(ours: &str, theirs: &str) -> bool {
    let (kind, message) = theirs.split_once(": ").unwrap_or((theirs, ""));
    let (_, message) = message
        .split_once(", opcode")
        .map_or(("", message.to_owned()), |parts| (parts.0, format!("opcode{}", parts.1)));
    match () {
        () if kind == "IndexError" => ours == "the mark is no longer on the stack",
        () if message.starts_with("'utf-8'") => ours.starts_with("'utf-8' codec can't decode"),
        () if message.starts_with("'rawunicodeescape'") => ours.contains("an escape in the text"),
        () if message.starts_with("Trailing \\") => ours == "a backslash ends the string",
        () if message.starts_with("invalid \\x") => ours.starts_with("\\x in the string needs"),
        () if message.starts_with("Exceeds the limit") => message.starts_with(ours),
        // The argument, which MEMOIZE does not have, and not the number.
        () if message == "memo key None already defined" => ours.ends_with(" already defined"),
        () => ours == message.replace("strinq", "string"),
    }
}

/// The problem that an error names, and where.
fn problem(disassembly: &Disassembly) -> Option<(u64, String)> {
    match disassembly.error()?.kind() {
        ErrorKind::Disassembly { offset, problem, .. } => Some((*offset, problem.clone())),
        other => panic!("{other}"),
    }
}

fn same(disassembly: &Disassembly, (text, error): &Printed) -> Result<(), String> {
    let ours = disassembly.listing().to_string();
    if ours != *text {
        let first = ours.lines().zip(text.lines()).find(|(ours, theirs)| ours != theirs);
        return Err(format!("ours:\n{ours:.2000}\ntheirs:\n{text:.2000}\n{first:.300?}"));
    }
    match (problem(disassembly), error) {
        (None, None) => Ok(()),
        (Some((_, ours)), Some(theirs)) if says_the_same(&ours, theirs) => Ok(()),
        (ours, theirs) => Err(format!("ours: {ours:?}\ntheirs: {theirs:?}\n{text:.1000}")),
    }
}

fn first(bytes: &[u8]) -> Disassembly {
    Disassembler::new().first_only(true).disassemble(bytes)
}

#[test]
fn cpythons_own_suite_is_printed_as_python_does() -> Outcome {
    let mut python = Reference::start()?;
    let rows = harvest()?;
    assert!(rows.len() > 6000);
    let (mut whole, mut refused) = (0, 0);
    for row in &rows {
        let data = STANDARD.decode(&row.data)?;
        let printed = &python.ask(&[&data], json!({}))?[0];
        let ours = first(&data);
        same(&ours, printed).map_err(|wrong| format!("{}: {wrong}", row.origin))?;
        match ours.error() {
            None => whole += 1,
            Some(_) => refused += 1,
        }
        // Long arguments and deep marks with other options, too.
        let annotated = Disassembler::new().first_only(true).annotate(40).indent_level(2);
        let options = json!({"annotate": 40, "indentlevel": 2});
        let printed = &python.ask(&[&data], options)?[0];
        same(&annotated.clone().disassemble(&*data), printed)
            .map_err(|wrong| format!("{}, annotated: {wrong}", row.origin))?;
    }
    println!("{} pickles: {whole} whole, {refused} refused", rows.len());
    assert!(whole > 5_900 && refused > 100, "{whole} {refused}");
    Ok(())
}

/// What the suite does not have, or not at the border.
fn cases() -> Vec<Vec<u8>> {
    let mut cases: Vec<Vec<u8>> = [
        // Protocol 0.
        &b"(lp0\nI1\naI-2\naI00\naI01\naL12L\naF1.5\naS'a\\x41\\n'\np1\naVb\\u00e9\\\naNa."[..],
        b"(dp0\nS\"it's\"\nI 12 \nsS''\nI1_000\ns.",
        b"I007\n.",
        b"I+7\n.",
        b"I0_0\n.",
        b"I0x10\n.",
        b"I\n.",
        b"I1__0\n.",
        b"I_1\n.",
        b"I1_\n.",
        b"I12L\n.",
        b"I\x0b5\x0c\n.",
        b"I--5\n.",
        b"L00L\n.",
        b"L-0L\n.",
        b"LL\n.",
        b"L5LL\n.",
        b"F1e400\n.",
        b"F-inf\n.",
        b"FnAn\n.",
        b"F 1_0.5_0 \n.",
        b"F1_\n.",
        b"F1__0\n.",
        b"F_1\n.",
        b"F1e5_0\n.",
        b"F0x1\n.",
        b"F\n.",
        b"F.5\n.",
        b"F5.\n.",
        b"F1e16\n.",
        b"F-0.0\n.",
        b"S\"\n.",
        b"S'\n.",
        b"S'a\n.",
        b"Sa\n.",
        b"S'\\101\\7\\777\\q\\\\\\''\n.",
        b"S'\\x4'\n.",
        b"S'\\xff'\n.",
        b"S'\xc3\xa9'\n.",
        b"V\\ud800\\U0001f600\n.",
        b"V\\u12\n.",
        b"V\\U00110000\n.",
        b"V\xe9\n.",
        b"N",
        b"Vabc",
        b"S'abc'",
        // Persistent ids, extension codes, names with escapes.
        b"Pid 7\n.",
        b"P\\x41\n.",
        b"P\xff\n.",
        b"X\x02\0\0\0idQ.",
        b"\x80\x02\x82\x07\x83\xff\xff\x86\x84\x00\x00\x00\x80\x86.",
        b"cos\\x41\nsys\\ttem\n.",
        b"cos\nsystem\n(S'a'\ntR.",
        b"c\xd0\x94\nx\n.",
        b"(S'a'\nios\nsystem\n.",
        b"(cos\nsystem\nS'a'\no.",
        b"cos\nsystem",
        b"cos\n",
        // Numbers of all widths and beyond their border.
        b"J\xff\xff\xff\xff.",
        b"J\x00\x00\x00\x80.",
        b"M\xff\xff.",
        b"\x8a\x00.",
        b"\x8a\x02\x00\x80.",
        b"\x8a\x09\xff\xff\xff\xff\xff\xff\xff\xff\x00.",
        b"\x8a\x05abc",
        b"\x8b\xff\xff\xff\xff.",
        b"\x8b\x03\x00\x00\x00abc.",
        b"\x8b\x04\x00\x00\x00abc",
        b"\x8b\x04\x00",
        b"G\x7f\xf8\0\0\0\0\0\0.",
        b"G\xff\xf0\0\0\0\0\0\0.",
        b"G?\xb9\x99\x99\x99\x99\x99\x9a.",
        // Strings and bytes.
        b"U\x04a\xff'\n.",
        b"T\x02\0\0\0\"'.",
        b"T\xff\xff\xff\xff.",
        b"C\x03\x00'\xff.",
        b"B\x02\0\0\0\"'.",
        b"\x8e\x01\0\0\0\0\0\0\0a.",
        b"\x8e\xff\xff\xff\xff\xff\xff\xff\xff.",
        b"\x8e\xff\xff\xff\xff\xff\xff\xff\x7f.",
        b"\x8d\xff\xff\xff\xff\xff\xff\xff\xff.",
        b"\x96\xff\xff\xff\xff\xff\xff\xff\xff.",
        b"\x96\x04\0\0\0\0\0\0\0a'\"\n.",
        b"\x96\x02\0\0\0\0\0\0\0a'.",
        b"\x8c\x04\xf0\x9f\x98\x80.",
        b"\x8c\x03\xed\xa0\x80.",
        b"\x8c\x01\xff.",
        b"X\x03\0\0\0a\x00\x7f.",
        b"\x8c\x06\xc2\xa0\xe2\x80\xa8a.",
        b"\x97\x98\x97\x86.",
        b"\x80\xff\x95\xff\xff\xff\xff\xff\xff\xff\xffN.",
        // Marks, the memo, the stack.
        b"(((ttt.",
        b"(1N.",
        b"(0N.",
        b"(N00N.",
        b"(21.",
        b"(2t.",
        b"(N\x86t.",
        b"((N\x87tt.",
        b"N(\x86t.",
        b"(K\x01\x85\x850.",
        b"]q\x00h\x00h\x01.",
        b"]q\x00q\x00.",
        b"]\x94\x94.",
        b"]r\x01\x00\x00\x00\x94.",
        b"p0\n.",
        b"(p0\n.",
        b"(\x94.",
        b"Np01\ng1\n0.",
        b"Np-5\ng-5\n0.",
        b"Np-5\ng-6\n0.",
        b"Np99999999999999999999\ng99999999999999999999\n0.",
        b"g00\n.",
        b"gx\n.",
        b"NN.",
        b"(N.",
        b"N((.",
        b".",
        b"",
        b"e.",
        b"]e.",
        b"R.",
        b"\x92.",
        b"N0N.",
        b"\x8f(K\x01\x90\x94(h\x00\x91.",
        b"}(K\x01Nu.",
        b"}K\x01Ns.",
        b"\x00.",
        b"Nz.",
        b"\x80",
        b"M\x01",
        b"J\x01",
        b"X\x01",
        b"\x95\x01",
        b"G\x01",
        b"C",
        b"X\x05\0\0\0abc",
        b"\x88\x89N\x87.",
        b"]K\x01a.",
        b"(cx\nC\nK\x01o}b.",
        b"cx\nC\n)\x81}b.",
        b"cx\nC\n)}\x92.",
        b"\x8c\x01x\x8c\x01C\x93)R.",
        b"\x8d\x02\0\0\0\0\0\0\0ab.",
        b"\x8d\x05\0\0\0\0\0\0\0ab.",
        b"Nr\x00\x01\x00\x00j\x00\x01\x00\x000j\xff\xff\xff\xff.",
    ]
    .map(<[u8]>::to_vec)
    .into();
    // Two's complement around the number of digits that Python prints.
    for bytes in [255, 1_785, 1_786, 1_787, 2_000] {
        for last in [1, 0x7f, 0x80, 0] {
            let mut number = vec![0xff; bytes - 1];
            number.push(last);
            let length = (bytes as u32).to_le_bytes();
            cases.push([b"\x8b", &length[..], &number, b"."].concat());
        }
    }
    for digits in [4_300, 4_301, 9_000] {
        let line = "7".repeat(digits);
        cases.push(format!("I{line}\n.").into_bytes());
        cases.push(format!("L-{line}L\n.").into_bytes());
    }
    // Marks in marks.
    cases.push([vec![b'('; 300], vec![b't'; 300], vec![b'.']].concat());
    // An annotation starts anew behind a long line.
    cases.push([&b"(X\x3c\0\0\0"[..], &[b'x'; 60], b"K\x01K\x02t."].concat());
    // Many are left.
    cases.push([vec![b'N'; 15], vec![b'.']].concat());
    cases
}

#[test]
fn every_opcode_at_its_borders() -> Outcome {
    let mut python = Reference::start()?;
    let named = cases();
    for data in &named {
        for (annotate, indent) in [(0, 4), (1, 0), (30, 3), (60, 4)] {
            let mut ours =
                Disassembler::new().first_only(true).annotate(annotate).indent_level(indent);
            let options = json!({"annotate": annotate, "indentlevel": indent});
            let printed = &python.ask(&[data], options)?[0];
            same(&ours.disassemble(&**data), printed)
                .map_err(|wrong| format!("{:.200}: {wrong}", data.escape_ascii().to_string()))?;
        }
    }
    let used: std::collections::BTreeSet<&str> = named
        .iter()
        .flat_map(|data| pickle::opcodes(data).filter_map(Result::ok).collect::<Vec<_>>())
        .map(|step| step.opcode.name)
        .collect();
    let missing: Vec<&str> =
        pickle::OPCODES.iter().map(|it| it.name).filter(|name| !used.contains(name)).collect();
    assert!(missing.is_empty(), "{missing:?} are in no case");
    Ok(())
}

/// Any opcodes in any order.
#[test]
fn random_programs_are_printed_or_refused_as_python_does() -> Outcome {
    let mut python = Reference::start()?;
    let argument = |code: u8| -> BoxedStrategy<Vec<u8>> {
        let with = |strategy: BoxedStrategy<Vec<u8>>| {
            strategy.prop_map(move |bytes| [vec![code], bytes].concat()).boxed()
        };
        let line = prop_oneof![
            Just(b"1\n".to_vec()),
            Just(b"00\n".to_vec()),
            Just(b"'x'\n".to_vec()),
            Just(b"1.5\n".to_vec()),
            Just(b"a\\x62\n".to_vec()),
        ];
        use pickle::op;
        match code {
            op::INT | op::LONG | op::GET | op::PUT | op::FLOAT | op::STRING => with(line.boxed()),
            op::UNICODE | op::PERSID => with(line.boxed()),
            op::GLOBAL | op::INST => with(Just(b"os\npath\n".to_vec()).boxed()),
            op::BININT1 | op::BINGET | op::BINPUT | op::PROTO | op::EXT1 => {
                with((0..4u8).prop_map(|byte| vec![byte]).boxed())
            }
            op::BININT2 | op::EXT2 => with(any::<[u8; 2]>().prop_map(Vec::from).boxed()),
            op::LONG_BINGET | op::LONG_BINPUT => {
                with((0..4u8).prop_map(|byte| vec![byte, 0, 0, 0]).boxed())
            }
            op::BININT | op::EXT4 => with(any::<[u8; 4]>().prop_map(Vec::from).boxed()),
            op::BINFLOAT | op::FRAME => with(any::<[u8; 8]>().prop_map(Vec::from).boxed()),
            op::LONG1 | op::SHORT_BINSTRING | op::SHORT_BINBYTES | op::SHORT_BINUNICODE => with(
                prop::collection::vec(any::<u8>(), 0..12)
                    .prop_map(|bytes| [vec![bytes.len() as u8], bytes].concat())
                    .boxed(),
            ),
            op::LONG4 | op::BINSTRING | op::BINBYTES | op::BINUNICODE => with(
                prop::collection::vec(any::<u8>(), 0..12)
                    .prop_map(|bytes| [vec![bytes.len() as u8, 0, 0, 0], bytes].concat())
                    .boxed(),
            ),
            op::BINBYTES8 | op::BYTEARRAY8 | op::BINUNICODE8 => with(
                prop::collection::vec(any::<u8>(), 0..12)
                    .prop_map(|bytes| {
                        [vec![bytes.len() as u8, 0, 0, 0, 0, 0, 0, 0], bytes].concat()
                    })
                    .boxed(),
            ),
            code => Just(vec![code]).boxed(),
        }
    };
    let codes: Vec<u8> = pickle::OPCODES.iter().map(|opcode| opcode.code).collect();
    // Objects and marks come more often than what takes them away.
    let mut more = codes.clone();
    more.extend(b"NNNN]]}(((K\x94".repeat(6));
    let step = prop::sample::select(more).prop_flat_map(argument);
    let program = prop::collection::vec(step, 0..25).prop_map(|steps| steps.concat());
    let mut runner =
        TestRunner::new(Config { cases: 3_000, failure_persistence: None, ..Config::default() });
    let python = std::cell::RefCell::new(&mut python);
    runner.run(&program, |program| {
        let printed = python.borrow_mut().ask(&[&program], json!({"annotate": 1}));
        let printed = printed.map_err(|error| TestCaseError::fail(error.to_string()))?;
        let ours = Disassembler::new().first_only(true).annotate(1).disassemble(&*program);
        same(&ours, &printed[0]).map_err(TestCaseError::fail)?;
        // An explanation of it has the same error, and ends.
        let explained = Disassembler::new().first_only(true).explain(true).disassemble(program);
        prop_assert_eq!(problem(&explained), problem(&ours));
        prop_assert!(!explained.to_string().is_empty());
        Ok(())
    })?;
    Ok(())
}

#[test]
fn several_pickles_share_a_file_and_if_asked_a_memo() -> Outcome {
    let mut python = Reference::start()?;
    // As one Pickler writes them: the second fetches what the first has kept.
    let pickles: [&[u8]; 3] =
        [b"\x80\x04]\x94K\x01a.", b"\x80\x04h\x00.", b"\x80\x04}\x94h\x00h\x01s."];
    let printed = python.ask(&pickles, json!({"memo": true}))?;
    let mut ours = Disassembler::new().share_memo(true);
    for (pickle, printed) in pickles.iter().zip(&printed) {
        assert!(printed.1.is_none());
        same(&ours.disassemble(*pickle), printed)?;
    }

    // In one file: Python's places, and a line between the pickles that says which one begins.
    let printed = python.ask(&pickles, json!({"memo": true, "file": true}))?;
    let file = pickles.concat();
    let all = Disassembler::new().share_memo(true).disassemble(&*file);
    assert!(all.error().is_none());
    assert_eq!((all.pickles(), all.end()), (3, file.len()));
    let expected = format!(
        "{}    8: <pickle 2>\n{}   13: <pickle 3>\n{}",
        printed[0].0, printed[1].0, printed[2].0
    );
    assert_eq!(all.to_string(), expected);

    // Each with a memo of its own.
    let alone = pickle::disassemble(&file);
    assert_eq!(alone.pickles(), 1);
    let (place, problem) = problem(&alone).ok_or("no error")?;
    assert_eq!((place, &*problem), (10, "memo key 0 has never been stored into"));
    assert!(alone.to_string().ends_with(
        "   10: h    BINGET     0\n\
         cannot disassemble: at byte 10 (BINGET): memo key 0 has never been stored into\n"
    ));
    Ok(())
}

#[test]
fn bytes_behind_a_pickle_are_counted() {
    for (bytes, last) in [
        (&b"N.\0"[..], "    2: <1 byte that is no pickle>\n"),
        (b"N.\0\0\0", "    2: <3 bytes that are no pickle>\n"),
        (
            b"N.N",
            "    2: N    NONE\ncannot disassemble: at byte 3: pickle exhausted before seeing STOP\n",
        ),
    ] {
        let text = pickle::disassemble(bytes).to_string();
        assert!(text.ends_with(last), "{text}");
    }
    let first = first(b"N.\0");
    assert_eq!((first.pickles(), first.end()), (1, 2));
    assert_eq!(first.to_string().lines().count(), 3);
}

/// Arrays of all kinds in joblib's files, each on a line of Base64.
const JOBLIB: &str = r#"
import base64, io, joblib, numpy as np
a = np.arange(100.0).reshape(10, 10)
for value in [a, {'x': a, 'y': np.asfortranarray(a[:2].astype('>i4')), 'again': a, 'n': 7},
              np.array(['spam', None, 3], dtype=object), [np.zeros((0, 3)), np.float32(1.5)]]:
    for protocol in 2, 4, 5:
        joblib.dump(value, file := io.BytesIO(), protocol=protocol)
        print(base64.b64encode(file.getvalue()).decode())
"#;

#[test]
fn arrays_of_joblib_are_named_and_stepped_over() -> Outcome {
    let output = std::process::Command::new(support::python()).args(["-c", JOBLIB]).output()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let files: Vec<Vec<u8>> = String::from_utf8(output.stdout)?
        .lines()
        .map(|line| STANDARD.decode(line))
        .collect::<Result<_, _>>()?;
    assert_eq!(files.len(), 12);
    let mut python = Reference::start()?;
    let expected = [
        &["<array data: 800 bytes, float64 (10, 10), C order, after "][..],
        &[
            "<array data: 800 bytes, float64 (10, 10), C order, after ",
            "<array data: 80 bytes, >i4 (2, 10), Fortran order, after ",
        ],
        &[
            "<array of objects (3,), C order: a pickle of ",
            "'spam'",
            "<the pickle around the array goes on>",
        ],
        &[
            "<array data: 0 bytes, float64 (0, 3), C order, after ",
            "'scalar'",
            "b'\\x00\\x00\\xc0?'",
        ],
    ];
    for (place, file) in files.iter().enumerate() {
        let disassembly = pickle::disassemble(file);
        let text = disassembly.to_string();
        assert!(disassembly.error().is_none(), "{place}: {text}");
        assert_eq!((disassembly.pickles(), disassembly.end()), (1, file.len()), "{text}");
        for part in expected[place / 3] {
            // Older protocols have other names for a number and its bytes.
            let known = part.starts_with('<') || place % 3 > 0;
            assert!(!known || text.contains(part), "{place}: {part}: {text}");
        }
        // Up to the first array, Python prints the same.
        let (theirs, _) = &python.ask(&[file], json!({}))?[0];
        let before = text.split_once("<array").ok_or("no array")?.0;
        let before = before.get(..before.rfind('\n').ok_or("no line")? + 1).ok_or("no line")?;
        assert!(theirs.starts_with(before), "{place}: {text}");

        let explained = Disassembler::new().explain(true).disassemble(&**file).to_string();
        assert!(explained.contains("The end. The pickle holds"), "{explained}");
        if place < 3 {
            let end = "The end. The pickle holds array float64 (10, 10).";
            assert!(explained.contains(end), "{explained}");
        }
        // The walk over the opcodes gives the same ones, and all of them.
        let mut steps = pickle::opcodes(file);
        let walked: Vec<usize> =
            steps.by_ref().map(|step| step.map(|step| step.position)).collect::<Result<_, _>>()?;
        let printed: Vec<usize> = text
            .lines()
            .filter_map(|line| line.trim_start().split_once(": "))
            .filter(|(_, rest)| !rest.starts_with('<'))
            .map(|(position, _)| position.parse())
            .collect::<Result<_, _>>()?;
        assert_eq!((walked, steps.position()), (printed, file.len()), "{place}");

        // What is cut off says so.
        let cut = pickle::disassemble(file.get(..file.len() - 1).unwrap_or_default());
        assert!(cut.error().is_some());
    }
    Ok(())
}

/// Takes nothing, and counts.
struct Count(usize);

impl Write for Count {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0 += text.len();
        Ok(())
    }
}

/// Files of about this many bytes that ask for much.
fn hostile(size: usize) -> Vec<(&'static str, Vec<u8>)> {
    let line = |start: &str| [start.as_bytes(), &b"7".repeat(size)].concat();
    let counted = |code: u8, bytes: &[u8]| {
        [&[code], &(bytes.len() as u32).to_le_bytes()[..], bytes, b"."].concat()
    };
    let far: Vec<u8> =
        (0..size as u32 / 5).flat_map(|n| [&b"r"[..], &(n * 977).to_le_bytes()].concat()).collect();
    vec![
        ("marks", vec![b'('; size]),
        ("marks and tuples", [vec![b'('; size / 2], vec![b't'; size / 2]].concat()),
        ("nones", vec![b'N'; size]),
        ("memo", [vec![b'N'], vec![0x94; size]].concat()),
        ("memo of far numbers", [vec![b'N'], far].concat()),
        ("copies", [vec![b'N'], vec![b'2'; size]].concat()),
        ("lists in lists", [vec![b']'; size / 2], vec![b'a'; size / 2]].concat()),
        ("pairs", [vec![b'N'], b"2\x86".repeat(size / 2)].concat()),
        ("pickles", b"N.".repeat(size / 2)),
        ("digits without an end", line("I")),
        ("digits", [line("I"), b"\n.".to_vec()].concat()),
        ("a text without an end", line("V")),
        ("600 digits", [b"\x8a\xff".as_slice(), &[0x71; 255]].concat().repeat(size / 257)),
        ("a long name", [line("c"), b"\n".to_vec(), line(""), b"\n.".to_vec()].concat()),
        ("bytes", counted(b'B', &vec![0xff; size])),
        ("text", counted(b'X', "\u{3}".repeat(size).as_bytes())),
    ]
}

#[test]
fn hostile_files_are_printed_in_bounded_text_and_time() {
    // An explanation is longer, and takes longer.
    for (explain, size, most_text) in [(false, 1 << 20, 64), (true, 1 << 16, 400)] {
        for (name, bytes) in hostile(size) {
            let start = Instant::now();
            let disassembly = Disassembler::new().explain(explain).disassemble(&*bytes);
            let mut text = Count(0);
            write!(text, "{disassembly}").expect("printed");
            let took = start.elapsed();
            assert!(text.0 < (64 << 20) + most_text * bytes.len(), "{name}: {} bytes", text.0);
            // Code that is not optimised, on a machine that has other things to do.
            assert!(took < Duration::from_secs(30), "{name}: {took:?}");
        }
    }
}

#[test]
fn deep_marks_are_indented_as_in_python_up_to_a_budget() {
    let deep = |marks: usize| [vec![b'('; marks], vec![b't'; marks], vec![b'.']].concat();
    // 4 × (1 + … + 4000) blanks on the way in and on the way out: 64 MB.
    let text = pickle::disassemble(&deep(4_000)).to_string();
    let deepest = format!(" 3999: (    {}MARK", "    ".repeat(3_999));
    assert!(text.lines().any(|line| line == deepest));
    let text = pickle::disassemble(&deep(40_000)).to_string();
    assert!(text.len() < 80 << 20, "{}", text.len());
    assert!(text.lines().any(|line| line == "39999: (                    MARK"));
}

/// Of a high stack a line shows its top, and counts the rest: twice the opcodes are twice the text.
#[test]
fn an_explained_line_is_short_however_high_the_stack_is() {
    let length = |opcode: u8, opcodes: usize| {
        let bytes = vec![opcode; opcodes];
        let mut text = Count(0);
        let disassembly = Disassembler::new().explain(true).disassemble(bytes);
        write!(text, "{disassembly}").expect("printed");
        text.0
    };
    // Of so many marks, the indentation has come to its end.
    for opcode in [b'(', b'N', b']'] {
        let (some, more) = (length(opcode, 10_000), length(opcode, 20_000));
        assert!(more - some < 10_000 * 240, "{} for 10,000 opcodes", more - some);
    }
    let text = Disassembler::new().explain(true).disassemble(vec![b'('; 10_000]).to_string();
    let last = text.lines().rfind(|line| line.contains("stack: ")).unwrap_or_default();
    assert!(
        last.ends_with("more | MARK | MARK | MARK | MARK | MARK | MARK | MARK | MARK | MARK"),
        "{last}"
    );
}

#[test]
fn an_explanation_is_in_plain_words() {
    let bytes = b"\x80\x04\x95\x1f\x00\x00\x00\x00\x00\x00\x00}\x94(\x8c\x04spam\x94K\x07\
        \x8c\x04name\x94h\x01\x8c\x02os\x8c\x06getcwd\x93)Ru.";
    let mut explain = Disassembler::new().explain(true);
    let text = explain.disassemble(bytes).to_string();
    for part in [
        "    0: \\x80 PROTO      4                    The pickle is written in protocol 4.\n",
        "stack: empty\n",
        "The next 31 bytes belong together",
        "Push a new, empty dictionary.\n                                            stack: {}\n",
        "Set a mark: a later opcode takes all down to it.",
        "stack: {} | MARK | 'spam'\n",
        "Keep the object on top in the memo, as number 1.",
        "Push number 1 of the memo again: 'spam'.",
        "Import getcwd from the module os.",
        "Call os.getcwd with the arguments ().",
        "stack: {} | MARK | 'spam' | 7 | 'name' | 'spam' | getcwd()\n",
        "The end. The pickle holds",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert!(text.lines().all(|line| line.chars().count() < 130), "{text}");
    // A shared list that grows later is seen to grow everywhere; one in itself has an end.
    let shared = explain.disassemble(b"]\x94h\x00K\x01a0h\x00h\x00a.").to_string();
    assert!(shared.contains("stack: [1] | [1]\n"), "{shared}");
    assert!(shared.contains("stack: [1, [1]]\n"), "{shared}");
}

#[test]
fn arguments_are_shortened_when_asked() {
    let bytes = [&b"X\x28\0\0\0"[..], &[b'a'; 40], b"0C\x28", &[0; 40], b"."].concat();
    let short = Disassembler::new().most_of_argument(10).disassemble(&*bytes).to_string();
    assert_eq!(short.lines().next(), Some("    0: X    BINUNICODE 'aaaaaaaa…"));
    assert_eq!(short.lines().nth(2), Some("   46: C    SHORT_BINBYTES b'\\x00\\x0…"));
}
