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
