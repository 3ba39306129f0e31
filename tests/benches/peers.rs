//! Loads and predictions of scikit-learn's models, beside the programs that people use for them:
//! `cargo bench --bench peers`, which prints the tables of `README.md`.
//!
//! `peers.py` fits the models and measures the others; `PICKLEBOOK_PEERS_PYTHON` names a Python that
//! has them (scikit-learn, joblib, onnxruntime, skl2onnx, treelite, tl2cgen). The models are kept in
//! `target/peers`. Rounds of the others and of ours take turns; the figures are medians of the
//! processor's time.

#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use ndarray::{Array2, s};
use picklebook::sklearn;

const COLUMNS: usize = 20;
const ROUNDS: usize = 3;
const MODELS: [&str; 4] = ["boosting", "hist_boosting", "forest_depth10", "forest_unlimited"];
const FILES: [(&str, &str); 3] =
    [("load pickle", "pkl"), ("load joblib", "joblib"), ("load joblib, zlib", "zlib.joblib")];

/// The seconds of model, task and program.
type Times = BTreeMap<(String, String, String), Vec<f64>>;

/// The processor's time of this thread, in seconds (on Linux; by the clock elsewhere).
fn on_processor(work: impl FnOnce()) -> f64 {
    let now = || {
        let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        text.split_whitespace().next()?.parse::<f64>().ok()
    };
    let (clock, start) = (Instant::now(), now());
    work();
    match (start, now()) {
        (Some(start), Some(end)) => (end - start) / 1e9,
        _ => clock.elapsed().as_secs_f64(),
    }
}

fn median(times: &[f64]) -> f64 {
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn three(mut work: impl FnMut()) -> f64 {
    let times: Vec<f64> = (0..3).map(|_| on_processor(&mut work)).collect();
    median(&times)
}

fn floats(path: PathBuf) -> Vec<f64> {
    let bytes = fs::read(path).expect("it is there");
    bytes.as_chunks::<8>().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect()
}

fn python() -> PathBuf {
    env::var_os("PICKLEBOOK_PEERS_PYTHON").map_or_else(support::python, PathBuf::from)
}

fn script(action: &str, folder: &Path) -> Command {
    let mut command = Command::new(python());
    command.arg(support::root().join("tests/benches/peers.py")).arg(action).arg(folder);
    command
}

fn others(folder: &Path, times: &mut Times) {
    let output = script("time", folder).output().expect("Python runs");
    eprint!("{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success());
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let parts: Vec<&str> = line.split('\t').collect();
        let [model, task, program, seconds] = parts[..] else { continue };
        let key = (model.to_owned(), task.to_owned(), program.to_owned());
        times.entry(key).or_default().push(seconds.parse().expect("a number"));
    }
}

fn ours(folder: &Path, rows: &Array2<f64>, times: &mut Times) {
    let mut say = |model: &str, task: &str, seconds: f64| {
        let key = (model.to_owned(), task.to_owned(), "picklebook".to_owned());
        times.entry(key).or_default().push(seconds);
    };
    for name in MODELS {
        for (task, ending) in FILES {
            let path = folder.join(format!("{name}.{ending}"));
            say(name, task, three(|| drop(black_box(sklearn::open(&path)).expect("a model"))));
        }
        let model = sklearn::open(folder.join(format!("{name}.pkl"))).expect("a model");
        let expected = floats(folder.join(format!("{name}.answers")));
        let own = model.predict_proba(rows).expect("asked");
        let close = |(own, expected): (&f64, &f64)| (own - expected).abs() <= 1e-12;
        assert!(own.len() == expected.len() && own.iter().zip(&expected).all(close), "{name}");
        let ask = || drop(black_box(model.predict_proba(rows)).expect("asked"));
        say(name, "predict", three(ask));
        let one: Vec<f64> = (0..10_000.min(rows.nrows()))
            .map(|row| {
                let row = rows.slice(s![row..=row, ..]);
                let start = Instant::now();
                black_box(model.predict_proba(black_box(row))).expect("asked");
                start.elapsed().as_secs_f64()
            })
            .collect();
        say(name, "one row", median(&one));
    }
}

/// The most memory that this process has had, in bytes; known on Linux only.
fn peak() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches("kB").trim().parse::<f64>().ok()? * 1024.0)
}

/// How much a load takes at most, in a process of its own.
fn memory(path: &Path) -> Option<f64> {
    let own = env::current_exe().ok()?;
    let output = Command::new(own).env("PICKLEBOOK_PEERS_LOAD", path).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

fn main() {
    if let Some(path) = env::var_os("PICKLEBOOK_PEERS_LOAD") {
        let before = peak().unwrap_or_default();
        let model = sklearn::open(path).expect("a model");
        println!("{}", peak().unwrap_or_default() - before);
        return drop(model);
    }
    let folder = support::root().join("target/peers");
    if MODELS.iter().any(|name| !folder.join(format!("{name}.pkl")).exists()) {
        assert!(script("fit", &folder).status().expect("Python runs").success());
    }
    let query = floats(folder.join("query.rows"));
    let rows = Array2::from_shape_vec((query.len() / COLUMNS, COLUMNS), query).expect("a table");
    let mut times = Times::new();
    for _ in 0..ROUNDS {
        others(&folder, &mut times);
        ours(&folder, &rows, &mut times);
    }
    let found = |model: &str, task: &str, program: &str| {
        let key = (model.to_owned(), task.to_owned(), program.to_owned());
        times.get(&key).map(|times| median(times))
    };
    let programs = ["scikit-learn", "ONNX Runtime", "treelite", "tl2cgen", "picklebook"];
    println!("| rows a second, one thread | {} |", programs.join(" | "));
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    for model in MODELS {
        let cells = programs.map(|program| match found(model, "predict", program) {
            Some(seconds) => format!("{:.0}", rows.nrows() as f64 / seconds),
            None => "–".to_owned(),
        });
        println!("| {model} | {} |", cells.join(" | "));
    }
    println!("\n| one row, µs | scikit-learn | ONNX Runtime | picklebook |");
    println!("| --- | ---: | ---: | ---: |");
    for model in MODELS {
        let cells = ["scikit-learn", "ONNX Runtime", "picklebook"].map(|program| {
            let seconds = found(model, "one row", program);
            seconds.map_or("–".to_owned(), |seconds| format!("{:.1}", seconds * 1e6))
        });
        println!("| {model} | {} |", cells.join(" | "));
    }
    println!(
        "\n| load, ms | MB | Python | picklebook | Python / picklebook | peak memory / file |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    for model in MODELS {
        for (task, ending) in FILES {
            let path = folder.join(format!("{model}.{ending}"));
            let size = fs::metadata(&path).expect("it is there").len() as f64;
            let python = found(model, task, "scikit-learn").unwrap_or(f64::NAN);
            let own = found(model, task, "picklebook").unwrap_or(f64::NAN);
            let memory = memory(&path).unwrap_or(f64::NAN) / size;
            let (size, ratio) = (size / 1e6, python / own);
            let (python, own) = (1e3 * python, 1e3 * own);
            println!(
                "| {model}, {task} | {size:.1} | {python:.1} | {own:.1} | {ratio:.1} | {memory:.1} |"
            );
        }
    }
}
