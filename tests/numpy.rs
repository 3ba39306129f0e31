//! numpy's arrays and numbers, as pickle and joblib write them, beside numpy.

mod support;

use std::collections::{BTreeMap, HashMap};
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use picklebook::ndarray::{self, Array2, Ix1, Ix2, array};
use picklebook::numpy::{Array, DtypeKind};
use picklebook::pickle::{self, Value};
use serde::Deserialize;
use serde::de::DeserializeOwned;

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// An array as numpy has it (tests/reference/arrays.py).
#[derive(Deserialize)]
struct Row {
    name: String,
    data: String,
    shape: Vec<usize>,
    dtype: String,
    typestr: String,
    repr: String,
    items: Vec<String>,
}

fn rows(kind: &str) -> Result<Vec<Row>, Box<dyn std::error::Error>> {
    let script = support::root().join("tests/reference/arrays.py");
    let output = Command::new(support::python()).arg(script).arg(kind).output()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout)?;
    Ok(text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
}

fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A float with all its bits; of what is no number only that.
fn float(number: f64) -> String {
    let number = if number.is_nan() { f64::NAN } else { number };
    hex(number.to_bits().to_be_bytes())
}

/// The items as the script writes them.
fn items(array: &Array) -> Result<Vec<String>, picklebook::numpy::Error> {
    fn each<T>(items: Vec<T>, write: impl Fn(T) -> String) -> Vec<String> {
        items.into_iter().map(write).collect()
    }
    Ok(match array.dtype().kind() {
        DtypeKind::Bool => each(array.to_vec::<bool>()?, |it| it.to_string()),
        DtypeKind::Int | DtypeKind::Datetime(_) | DtypeKind::Timedelta(_) => {
            each(array.to_vec::<i64>()?, |it| it.to_string())
        }
        DtypeKind::Uint => each(array.to_vec::<u64>()?, |it| it.to_string()),
        DtypeKind::Float => each(array.to_vec::<f64>()?, float),
        DtypeKind::Complex => {
            each(array.to_vec::<(f64, f64)>()?, |(real, imaginary)| float(real) + &float(imaginary))
        }
        DtypeKind::Bytes | DtypeKind::Void => each(array.to_vec::<Vec<u8>>()?, hex),
        DtypeKind::Text => array.to_vec::<String>()?,
        DtypeKind::Struct(fields) => {
            let mut parts = vec![Vec::new(); array.size()];
            for field in fields.iter() {
                let of_all = items(&array.field(&field.name)?)?;
                let each = of_all.len().checked_div(array.size()).unwrap_or(0);
                for (place, part) in parts.iter_mut().enumerate() {
                    part.push(of_all[place * each..(place + 1) * each].to_vec());
                }
            }
            let json = |part: Vec<Vec<String>>| python_json(&part);
            parts.into_iter().map(json).collect()
        }
        kind => panic!("{kind:?}"),
    })
}

/// As Python's `json.dumps` writes lists of lists.
fn python_json(parts: &[Vec<String>]) -> String {
    let quoted = |text: &String| {
        let text = serde_json::to_string(text).expect("text is JSON");
        let escape = |c: char| match c {
            '\0'..='\x7f' => c.to_string(),
            _ => c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect(),
        };
        text.chars().map(escape).collect::<String>()
    };
    let list = |part: &Vec<String>| {
        format!("[{}]", part.iter().map(quoted).collect::<Vec<_>>().join(", "))
    };
    format!("[{}]", parts.iter().map(list).collect::<Vec<_>>().join(", "))
}

fn check(row: &Row) -> Result<(), String> {
    let data = STANDARD.decode(&row.data).map_err(|it| it.to_string())?;
    let value: Value = pickle::loads(&data).map_err(|it| it.to_string())?;
    check_value(row, &value)?;
    // Once more after it was written again.
    for protocol in 2..=5 {
        let options = pickle::DumpOptions::new().protocol(protocol);
        let again = pickle::dumps_with(&value, &options).map_err(|it| it.to_string())?;
        let value: Value = pickle::loads(&again).map_err(|it| it.to_string())?;
        check_value(row, &value).map_err(|it| format!("written as {protocol}: {it}"))?;
    }
    Ok(())
}

fn check_value(row: &Row, value: &Value) -> Result<(), String> {
    let array = value.to_numpy().map_err(|it| it.to_string())?;
    let found = items(&array).map_err(|it| it.to_string())?;
    if array.shape() != row.shape {
        return Err(format!("shape {:?}", array.shape()));
    }
    if array.dtype().to_string() != row.dtype || array.dtype().typestr() != row.typestr {
        return Err(format!("dtype {}, not {}", array.dtype(), row.dtype));
    }
    if found != row.items {
        return Err(format!("items {found:?}, not {:?}", row.items));
    }
    if value.to_string() != row.repr {
        return Err(format!("printed as\n{value}\nnot\n{}", row.repr));
    }
    Ok(())
}

fn all(kind: &str, least: usize) -> Outcome {
    let rows = rows(kind)?;
    assert!(rows.len() >= least, "{} rows", rows.len());
    let check = |row: &Row| check(row).err().map(|error| format!("{}: {error}", row.name));
    let wrong: Vec<String> = rows.iter().filter_map(check).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
    Ok(())
}

#[test]
fn arrays_are_those_of_numpy() -> Outcome {
    all("arrays", 3000)
}

#[test]
fn numbers_are_those_of_numpy() -> Outcome {
    all("scalars", 2000)
}

#[test]
fn joblibs_files_hold_the_same_arrays() -> Outcome {
    all("joblib", 6000)
}

#[test]
fn arrays_of_objects_keep_their_objects() -> Outcome {
    for row in rows("objects")? {
        let value: Value = pickle::loads(&STANDARD.decode(&row.data)?)?;
        let array = value.to_object_array().map_err(|it| format!("{}: {it}", row.name))?;
        assert_eq!(array.shape(), row.shape, "{}", row.name);
        let found: Vec<String> = array.iter().map(Value::to_string).collect();
        assert_eq!(found, row.items, "{}", row.name);
    }
    Ok(())
}

/// A dictionary of numpy's numbers, as a metrics file has them.
const METRICS: &[u8] = b"\x80\x04\x95\x91\x00\x00\x00\x00\x00\x00\x00}\x94(\x8c\x08accuracy\x94\x8c\x16numpy._core.multiarray\x94\x8c\x06scalar\x94\x93\x94\x8c\x05numpy\x94\x8c\x05dtype\x94\x93\x94\x8c\x02f8\x94\x89\x88\x87\x94R\x94(K\x03\x8c\x01<\x94NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00t\x94bC\x08\xb0rh\x91\xed|\xe7?\x94\x86\x94R\x94\x8c\x02f1\x94h\x04h\nC\x08ffffff\xe6?\x94\x86\x94R\x94u.";

/// `numpy.arange(3)`
const RANGE: &[u8] = b"\x80\x04\x95\xa1\x00\x00\x00\x00\x00\x00\x00\x8c\x16numpy._core.multiarray\x94\x8c\x0c_reconstruct\x94\x93\x94\x8c\x05numpy\x94\x8c\x07ndarray\x94\x93\x94K\x00\x85\x94C\x01b\x94\x87\x94R\x94(K\x01K\x03\x85\x94h\x03\x8c\x05dtype\x94\x93\x94\x8c\x02i8\x94\x89\x88\x87\x94R\x94(K\x03\x8c\x01<\x94NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00t\x94b\x89C\x18\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x94t\x94b.";

#[test]
fn metrics_and_ranges_are_rusts() -> Outcome {
    let metrics: HashMap<String, f64> = pickle::loads(METRICS)?;
    assert_eq!(metrics, HashMap::from([("accuracy".to_owned(), 0.734), ("f1".to_owned(), 0.7)]));
    let metrics: Value = pickle::loads(METRICS)?;
    assert_eq!(metrics.get("f1").and_then(|value| value.as_f64()), Some(0.7));
    assert_eq!(pickle::loads::<Vec<i64>>(RANGE)?, [0, 1, 2]);
    Ok(())
}

/// Pickles of the protocols 2 to 5 of what a line of Python makes, and a file of joblib.
fn written(expression: &str) -> Result<Vec<Vec<u8>>, Box<dyn std::error::Error>> {
    let script = "import io, pickle, sys, base64, joblib, numpy as np\n\
        value = eval(sys.argv[1])\n\
        for protocol in range(6): print(base64.b64encode(pickle.dumps(value, protocol)).decode())\n\
        file = io.BytesIO(); joblib.dump(value, file); print(base64.b64encode(file.getvalue()).decode())";
    let output = Command::new(support::python()).args(["-c", script, expression]).output()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout)?;
    Ok(text.lines().map(|line| STANDARD.decode(line)).collect::<Result<_, _>>()?)
}

/// Reads what Python wrote in each way.
fn read<T: DeserializeOwned>(expression: &str) -> Result<Vec<T>, Box<dyn std::error::Error>> {
    let read = |bytes: Vec<u8>| pickle::loads(&bytes).map_err(|it| format!("{expression}: {it}"));
    Ok(written(expression)?.into_iter().map(read).collect::<Result<_, _>>()?)
}

fn check_read<T: DeserializeOwned + PartialEq + std::fmt::Debug>(
    expression: &str,
    expected: T,
) -> Outcome {
    for value in read::<T>(expression)? {
        assert_eq!(value, expected, "{expression}");
    }
    Ok(())
}

#[derive(Deserialize, PartialEq, Debug)]
struct Node {
    left: i64,
    threshold: f64,
    #[serde(default)]
    missing: Option<u8>,
}

#[test]
fn arrays_become_rust_types() -> Outcome {
    check_read("np.arange(4, dtype='>i2')", vec![0u8, 1, 2, 3])?;
    check_read("np.arange(3)", vec![0.0, 1.0, 2.0])?;
    check_read("np.arange(3, dtype='f4')", [0f32, 1.0, 2.0])?;
    check_read("np.arange(6).reshape(2, 3)", vec![vec![0i8, 1, 2], vec![3, 4, 5]])?;
    check_read("np.asfortranarray(np.arange(6).reshape(2, 3))", vec![[0, 1, 2], [3, 4, 5]])?;
    check_read("np.zeros((2, 0))", vec![Vec::<f64>::new(), vec![]])?;
    check_read("np.array(['spam', 'h\u{e4}m'])", vec!["spam".to_owned(), "h\u{e4}m".to_owned()])?;
    check_read("np.array([b'spam', b''])", vec!["spam".to_owned(), String::new()])?;
    check_read("np.array([b'\\xff', b''])", vec![vec![0xffu8], vec![]])?;
    check_read("np.array(['a', 'b'], dtype=object)", vec!["a".to_owned(), "b".to_owned()])?;
    check_read(
        "np.array([['a', 1], ['b', 2]], dtype=object)",
        vec![("a".to_owned(), 1), ("b".to_owned(), 2)],
    )?;
    check_read("np.array([True, False])", vec![true, false])?;
    check_read("np.array([1 + 2j])", vec![(1.0, 2.0)])?;
    check_read(
        "np.array(['2024-02-29', 'NaT'], dtype='M8[D]')",
        vec!["2024-02-29".to_owned(), "NaT".to_owned()],
    )?;
    check_read("np.array(['2024-02-29'], dtype='M8[D]')", vec![19_782i64])?;
    check_read("np.array(7.5)", 7.5)?;
    check_read("np.float32(0.5)", Some(0.5f32))?;
    check_read("np.int64(-3)", -3i8)?;
    check_read("np.bool_(True)", true)?;
    check_read("np.str_('spam')", "spam".to_owned())?;
    check_read("{'a': np.uint8(3), 'b': np.arange(2)}", ByName { a: 3, b: vec![0, 1] })?;
    check_read("np.matrix([[1, 2]])", vec![vec![1, 2]])?;
    let nodes = "np.array([(1, 0.5), (2, -0.5)], dtype=[('left', '<i8'), ('threshold', '<f8')])";
    check_read(
        nodes,
        vec![
            Node { left: 1, threshold: 0.5, missing: None },
            Node { left: 2, threshold: -0.5, missing: None },
        ],
    )?;
    check_read(nodes, vec![(1, 0.5), (2, -0.5)])?;
    check_read(
        nodes,
        vec![
            BTreeMap::from([("left".to_owned(), 1.0), ("threshold".to_owned(), 0.5)]),
            BTreeMap::from([("left".to_owned(), 2.0), ("threshold".to_owned(), -0.5)]),
        ],
    )?;
    check_read("np.array([([1, 2],)], dtype=[('a', 'i4', (2,))])", vec![([1, 2],)])?;
    Ok(())
}

#[derive(Deserialize, PartialEq, Debug)]
struct ByName {
    a: u8,
    b: Vec<i32>,
}

#[test]
fn arrays_of_the_crate_ndarray_are_read_directly() -> Outcome {
    check_read("np.arange(6.).reshape(2, 3)", array![[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]])?;
    check_read("np.arange(6).reshape(3, 2).T", array![[0, 2, 4], [1, 3, 5]])?;
    check_read("np.arange(3)", array![0u8, 1, 2])?;
    check_read("np.arange(3)", array![0u8, 1, 2].into_dyn())?;
    check_read("np.array(3)", ndarray::arr0(3))?;
    check_read("np.array([['a', 'b']], dtype=object)", array![["a".to_owned(), "b".to_owned()]])?;
    for bytes in written("np.arange(3)")? {
        let error = pickle::loads::<Array2<f64>>(&bytes).unwrap_err().to_string();
        assert!(error.contains("the shape (3,), with 1 dimensions in place of 2"), "{error}");
    }
    for bytes in written("np.arange(6.).reshape(2, 3)")? {
        let value: Value = pickle::loads(&bytes)?;
        assert_eq!(value.to_array::<f64, Ix2>()?, array![[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]);
        let error = value.to_array::<f64, Ix1>().unwrap_err().to_string();
        assert!(error.contains("the shape (2, 3), with 2 dimensions in place of 1"), "{error}");
        let error = value.to_array::<f32, Ix2>().unwrap_err().to_string();
        assert!(error.contains("an array of float64 cannot be read as `f32`"), "{error}");
    }
    Ok(())
}

#[test]
fn what_does_not_fit_is_an_error() -> Outcome {
    for (expression, problem) in [
        ("np.array([1, 300])", "invalid value: integer `300`, expected u8"),
        ("np.array([1, -1])", "invalid value: integer `-1`, expected u8"),
        ("np.array([1.5])", "invalid type: floating point `1.5`, expected u8"),
        ("np.array([[1]])", "invalid type: sequence, expected u8"),
        ("np.array(['a'])", "invalid type: string \"a\", expected u8"),
        (
            "np.ma.array([1, 2], mask=[0, 1])",
            "numpy.ma.core._mareconstruct, which only Python knows",
        ),
    ] {
        for bytes in written(expression)? {
            let error = pickle::loads::<Vec<u8>>(&bytes).unwrap_err().to_string();
            assert!(error.contains(problem), "{expression}: {error}");
        }
    }
    Ok(())
}

/// Pieces of pickles that numpy would not write.
mod pieces {
    pub fn int(number: i64) -> Vec<u8> {
        [b"\x8a\x08".as_slice(), &number.to_le_bytes()].concat()
    }

    pub fn text(text: &str) -> Vec<u8> {
        [b"X".as_slice(), &(text.len() as u32).to_le_bytes(), text.as_bytes()].concat()
    }

    pub fn bytes(bytes: &[u8]) -> Vec<u8> {
        [b"B".as_slice(), &(bytes.len() as u32).to_le_bytes(), bytes].concat()
    }

    pub fn shape(lengths: &[i64]) -> Vec<u8> {
        let lengths: Vec<u8> = lengths.iter().flat_map(|&length| int(length)).collect();
        [b"(", lengths.as_slice(), b"t"].concat()
    }

    pub fn dtype(short: &str, size: i64) -> Vec<u8> {
        let size = int(size);
        let state = [b"(K\x03", &*text("<"), b"NNN", &size, &size, b"K\0tb"].concat();
        [b"cnumpy\ndtype\n", &*text(short), b"\x89\x88\x87R", &state].concat()
    }

    /// An array, its parts as opcodes.
    pub fn array(shape: &[u8], dtype: &[u8], items: &[u8]) -> Vec<u8> {
        let make = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\0\x85C\x01btR";
        [make, b"(K\x01".as_slice(), shape, dtype, b"\x89", items, b"tb"].concat()
    }

    /// An array in joblib's way, without what follows it.
    pub fn wrapper(shape: &[u8], dtype: &[u8]) -> Vec<u8> {
        let make = b"cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}(";
        let class = [&*text("subclass"), b"cnumpy\nndarray\n"].concat();
        let order = [text("order"), text("C")].concat();
        [make, &*class, &*text("shape"), shape, &*text("dtype"), dtype, &order, b"ub"].concat()
    }

    pub fn pickle(object: &[u8]) -> Vec<u8> {
        [b"\x80\x03", object, b"."].concat()
    }
}

/// Both ways of writing one: as numpy does, and as joblib.
fn hostile(shape: &[u8], dtype: &[u8], items: &[u8]) -> [Vec<u8>; 2] {
    let array = pieces::array(shape, dtype, &pieces::bytes(items));
    let raw = [&*pieces::wrapper(shape, dtype), items].concat();
    [pieces::pickle(&array), pieces::pickle(&raw)]
}

/// What is wrong, the shape, the dtype, and the bytes of the items.
type Hostile = (&'static str, Vec<u8>, Vec<u8>, &'static [u8]);

#[test]
fn hostile_arrays_are_errors() {
    let f8 = pieces::dtype("f8", -1);
    let cases: Vec<Hostile> = vec![
        ("too few bytes", pieces::shape(&[3]), f8.clone(), &[0; 16]),
        ("a negative length", pieces::shape(&[-1]), f8.clone(), &[0; 8]),
        ("more than memory", pieces::shape(&[1 << 40, 1 << 40]), f8.clone(), &[0; 8]),
        ("2⁶⁴ bytes", pieces::shape(&[1 << 61]), f8.clone(), &[]),
        ("2⁶⁴ items, and none", pieces::shape(&[1 << 62, 1 << 62, 0]), f8.clone(), &[]),
        ("70 dimensions", pieces::shape(&[1; 70]), f8.clone(), &[0; 8]),
        ("a text as length", b"X\x01\0\0\0a\x85".to_vec(), f8.clone(), &[0; 8]),
        ("a list as shape", b"]K\x01a".to_vec(), f8.clone(), &[0; 8]),
        ("no dtype", pieces::shape(&[1]), b"N".to_vec(), &[0; 8]),
        ("a dtype of another size", pieces::shape(&[1]), pieces::dtype("f8", 4), &[0; 4]),
        ("a dtype of negative size", pieces::shape(&[1]), pieces::dtype("S4", -4), &[0; 4]),
        ("an unknown dtype", pieces::shape(&[1]), pieces::dtype("q9", -1), &[0; 9]),
        ("many items of no size", pieces::shape(&[1 << 40]), pieces::dtype("S0", 0), &[]),
        ("a text of 3 bytes", pieces::shape(&[1]), pieces::dtype("U1", 3), &[0; 3]),
        ("a field behind the item", pieces::shape(&[1]), structured(&[("a", 4)], 8), &[0; 8]),
        ("a field at -1", pieces::shape(&[1]), structured(&[("a", -1)], 8), &[0; 8]),
        (
            "two fields of one name",
            pieces::shape(&[1]),
            structured(&[("a", 0), ("a", 0)], 8),
            &[0; 8],
        ),
    ];
    for (name, shape, dtype, items) in cases {
        for data in hostile(&shape, &dtype, items) {
            assert!(pickle::loads::<Vec<f64>>(&data).is_err(), "{name}");
            assert!(pickle::loads::<Array2<f64>>(&data).is_err(), "{name}");
            // joblib's bytes cannot even be found.
            if let Ok(value) = pickle::loads::<Value>(&data) {
                assert!(value.to_numpy().is_err(), "{name}: {:?}", value.to_numpy());
                assert!(value.shape().is_none(), "{name}");
                assert!(!value.to_string().is_empty());
            }
        }
    }
}

/// A dtype whose fields are floats of eight bytes.
fn structured(fields: &[(&str, i64)], size: i64) -> Vec<u8> {
    let names: Vec<u8> = fields.iter().flat_map(|(name, _)| pieces::text(name)).collect();
    let entries: Vec<u8> = fields
        .iter()
        .flat_map(|(name, offset)| {
            let field = [pieces::dtype("f8", -1), pieces::int(*offset), b"\x86".to_vec()];
            [pieces::text(name), field.concat()].concat()
        })
        .collect();
    let state = [
        b"(K\x03".as_slice(),
        &pieces::text("|"),
        b"N(",
        &names,
        b"t}(",
        &entries,
        b"u",
        &pieces::int(size),
        &pieces::int(1),
        b"K\0tb",
    ];
    [b"cnumpy\ndtype\n", &*pieces::text("V8"), b"\x89\x88\x87R", &state.concat()].concat()
}

/// A dtype of a field that is the same dtype: numpy would follow it for ever.
#[test]
fn a_dtype_within_itself_is_an_error() {
    let state = [
        b"(K\x03".as_slice(),
        &pieces::text("|"),
        b"N(",
        &pieces::text("a"),
        b"t}",
        &pieces::text("a"),
        b"h\0",
        b"K\0\x86sK\x08K\x01K\0tb",
    ];
    let dtype = [b"cnumpy\ndtype\n", &*pieces::text("V8"), b"\x89\x88\x87Rq\0", &state.concat()];
    for data in hostile(&pieces::shape(&[1]), &dtype.concat(), &[0; 8]) {
        assert!(pickle::loads::<Vec<f64>>(&data).is_err());
        if let Ok(value) = pickle::loads::<Value>(&data) {
            assert!(value.to_numpy().is_err() && value.dtype().is_none());
            assert!(value.to_string().contains("..."));
        }
    }
}

/// Fields of fields of fields, each of them the same two objects: 2¹⁰⁰ in all.
#[test]
fn a_dtype_of_too_many_fields_is_an_error() {
    let mut object = pieces::dtype("f8", -1);
    for _ in 0..100 {
        object = [
            b"cnumpy\ndtype\n".as_slice(),
            &pieces::text("V0"),
            b"\x89\x88\x87R(K\x03",
            &pieces::text("|"),
            b"N(",
            &pieces::text("a"),
            &pieces::text("b"),
            b"t}(",
            &pieces::text("a"),
            &object,
            b"q\x01K\0\x86",
            &pieces::text("b"),
            b"h\x01K\0\x86uK\x08K\x01K\0tb",
        ]
        .concat();
    }
    for data in hostile(&pieces::shape(&[1]), &object, &[0; 8]) {
        assert!(pickle::loads::<Vec<f64>>(&data).is_err());
        if let Ok(value) = pickle::loads::<Value>(&data) {
            assert!(value.to_numpy().is_err());
            let _ = value.to_string();
        }
    }
}

/// Arrays of objects in one another, more deeply than any stack.
#[test]
fn arrays_nested_10_000_deep() -> Outcome {
    let object = pieces::dtype("O8", -1);
    let shape = pieces::shape(&[1]);
    let [before, behind] = {
        let whole = pieces::array(&shape, &object, b"]\xffa");
        let at = whole.windows(3).position(|it| it == b"]\xffa").ok_or("the item")? + 1;
        [whole[..at].to_vec(), whole[at + 1..].to_vec()]
    };
    let data =
        [b"\x80\x03".as_slice(), &before.repeat(10_000), b"K\x07", &behind.repeat(10_000), b"."]
            .concat();
    let value: Value = pickle::loads(&data)?;
    assert!(value.to_string().contains("array([array([array(["));
    assert!(value.repr().depth(3).to_string().contains("array(...)"));
    let error = pickle::loads::<serde_json::Value>(&data).unwrap_err();
    assert!(error.to_string().contains("Limits::depth"), "{error}");
    assert_eq!(value.to_object_array()?.len(), 1);
    Ok(())
}

/// 2⁴⁰ rows without anything in them take no byte of the pickle.
#[test]
fn rows_of_nothing_are_charged_for() {
    let f8 = pieces::dtype("f8", -1);
    for data in hostile(&pieces::shape(&[1 << 40, 0]), &f8, &[]) {
        let error = pickle::loads::<Vec<Vec<f64>>>(&data).unwrap_err();
        assert!(error.to_string().contains("Limits::expansion"), "{error}");
        let value: Value = pickle::loads(&data).expect("it is sound");
        let text = "array([], shape=(1099511627776, 0), dtype=float64)";
        assert_eq!(value.to_string(), text);
        let array = value.to_array::<f64, Ix2>().expect("an array may be empty");
        assert_eq!(array.shape(), [1 << 40, 0]);
    }
}

/// A large array that is used again and again is charged for each time.
#[test]
fn one_array_in_many_places_is_charged_for() {
    let array = pieces::array(&pieces::shape(&[1 << 20]), &pieces::dtype("u1", 1), &{
        pieces::bytes(&vec![0; 1 << 20])
    });
    let again = b"h\0".repeat(10_000);
    let data = pieces::pickle(&[b"(", &*array, b"q\0", &again, b"t"].concat());
    let error = pickle::loads::<Vec<Vec<f64>>>(&data).unwrap_err();
    assert!(error.to_string().contains("Limits::expansion"), "{error}");
}

#[test]
fn joblibs_files_that_are_cut_short() -> Outcome {
    let script = "{'a': np.arange(300), 'o': np.array(['x', None], dtype=object), 'b': 1}";
    let file = written(script)?.pop().ok_or("joblib's file")?;
    let whole: Value = pickle::loads(&file)?;
    let arrays = whole.raw_arrays();
    let (shapes, pickles): (Vec<_>, Vec<_>) =
        arrays.iter().map(|array| (array.shape.clone(), array.is_pickle)).unzip();
    assert_eq!((shapes, pickles), (vec![vec![300], vec![2]], vec![false, true]));
    let first = &arrays[0];
    assert_eq!(first.end - first.content, 300 * 8);
    assert_eq!(first.content % 16, 0);
    assert_eq!(file[first.content as usize + 8], 1);
    for end in 0..file.len() {
        assert!(pickle::loads::<Value>(&file[..end]).is_err(), "{end}");
    }
    // The bytes are those of the pickle, not a copy.
    let array = whole.get("a").ok_or("an array")?.to_numpy()?;
    let again = whole.get("a").ok_or("an array")?.to_numpy()?;
    assert_eq!(array.bytes().map(<[u8]>::as_ptr), again.bytes().map(<[u8]>::as_ptr));
    Ok(())
}

/// joblib before 0.10 put each array into a file of its own.
#[test]
fn arrays_in_files_of_their_own_are_named() {
    let data = b"\x80\x02cjoblib.numpy_pickle\nNDArrayWrapper\n)\x81}(X\x08\0\0\0filename\
        X\x0c\0\0\0m.pkl_01.npyX\x08\0\0\0subclasscnumpy\nndarray\nub.";
    let value: Value = pickle::loads(data).expect("it can be shown");
    for error in [
        value.to_numpy().unwrap_err().to_string(),
        pickle::loads::<Vec<f64>>(data).unwrap_err().to_string(),
    ] {
        assert!(error.contains("in another file, 'm.pkl_01.npy'"), "{error}");
    }
}
