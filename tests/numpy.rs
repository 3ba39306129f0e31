//! numpy's arrays and numbers, as pickle and joblib write them, beside numpy.

mod support;

use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use picklebook::numpy::{Array, DtypeKind};
use picklebook::pickle::{self, Value};
use serde::Deserialize;

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
