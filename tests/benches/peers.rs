//! Loads and predictions of scikit-learn's models, beside the programs that people use for them:
//! `cargo bench --bench peers [-- PART… MODEL…]`, which prints the tables of `README.md`.
//!
//! The parts are `load`, `rows`, `one` and `memory`; without any, all of them. `peers.py` fits the
//! models and measures the others; `PICKLEBOOK_PEERS_PYTHON` names a Python that has them
//! (scikit-learn, joblib, onnxruntime, skl2onnx, treelite, tl2cgen). The models, and what the others
//! make of them, are kept in `target/peers`. The others and ours take turns; the figures are medians.
//! Those of loads are by the clock, on as many threads as a load takes (Python's takes one), and beside
//! them the processor's time of all threads; those of rows are the processor's, of one thread.

#[path = "../support/conversation.rs"]
mod conversation;
#[path = "../support/memory.rs"]
mod memory;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/turns.rs"]
mod turns;

use std::env;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use conversation::Conversation;
use ndarray::{Array2, s};
use picklebook::sklearn::{self, Estimator};
use serde_json::{Value, json};
use turns::{floats, median, on_processor, shown};

const COLUMNS: usize = 20;
const TURNS: usize = 7;
const PARTS: [&str; 4] = ["load", "rows", "one", "memory"];
const MODELS: [&str; 4] = ["boosting", "hist_boosting", "forest_depth10", "forest_unlimited"];
const FILES: [(&str, &str); 3] =
    [("pickle", "pkl"), ("joblib", "joblib"), ("joblib, zlib", "zlib.joblib")];
const OTHERS: [&str; 4] = ["scikit-learn", "ONNX Runtime", "treelite", "tl2cgen"];

/// A program that takes longer than so many seconds for all rows is not asked again.
const SLOW: f64 = 5.0;

/// How many single rows are asked in each turn; scikit-learn takes milliseconds for one.
const ROWS_A_TURN: usize = 2000;
const ROWS_A_TURN_OF_SCIKIT_LEARN: usize = 20;

/// The other programs.
struct Others(Conversation);

impl Others {
    fn start(folder: &Path) -> Self {
        let python = env::var_os("PICKLEBOOK_PEERS_PYTHON").map(PathBuf::from);
        let python = python.unwrap_or_else(support::python);
        let mut others = Others(Conversation::start(&python, "benches/peers.py").expect("Python"));
        others.ask(json!(["folder", folder]));
        if MODELS.iter().any(|name| !folder.join(format!("{name}.pkl")).exists()) {
            others.ask(json!(["fit"]));
        }
        others
    }

    fn ask(&mut self, request: Value) -> Value {
        self.0.ask(&request).expect("an answer")
    }

    fn seconds(&mut self, request: Value) -> f64 {
        self.ask(request).as_f64().expect("seconds")
    }

    /// Those that have the model.
    fn ready(&mut self, model: &str, programs: &[&'static str]) -> Vec<&'static str> {
        self.ask(json!(["open", model]));
        let mut ready = Vec::new();
        for &program in programs {
            match self.ask(json!(["ready", program])) {
                Value::Bool(true) => ready.push(program),
                why => eprintln!("{why}"),
            }
        }
        ready
    }
}

fn file(folder: &Path, model: &str, ending: &str) -> PathBuf {
    folder.join(format!("{model}.{ending}"))
}

/// The model, whose answers are those of scikit-learn.
fn opened(folder: &Path, name: &str, rows: &Array2<f64>) -> Estimator {
    let model = sklearn::open(file(folder, name, "pkl")).expect("a model");
    let expected = floats(file(folder, name, "answers"));
    let own = model.predict_proba(rows).expect("asked");
    let most = if name.starts_with("forest") { 0.0 } else { 1e-12 };
    let close = |(own, expected): (&f64, &f64)| (own - expected).abs() <= most;
    assert!(own.len() == expected.len() && own.iter().zip(&expected).all(close), "{name}");
    model
}

/// What the system tells of the processor's time at a time, in seconds: at the least, on Linux.
const TICK: f64 = 0.01;

/// The processor's time of all threads of this process so far, in seconds (on Linux; 0 elsewhere).
fn processor_time() -> f64 {
    let told = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let numbers = told.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks = numbers.skip(11).take(2).filter_map(|it| it.parse::<f64>().ok());
    ticks.sum::<f64>() * TICK
}

/// The seconds of a load, without those of the end of the model: by the clock, and of the processor on
/// all threads. The system tells of the processor's time a tick at a time, so work is done again until
/// there are some.
fn load_times(path: &Path) -> [f64; 2] {
    const TICKS: f64 = 25.0;
    let (mut clock, mut processor, mut times) = (0.0, 0.0, 0.0);
    while processor < TICKS * TICK && clock < 1.0 {
        let (start, before) = (Instant::now(), processor_time());
        let model = sklearn::open(path).expect("a model");
        clock += start.elapsed().as_secs_f64();
        processor += processor_time() - before;
        times += 1.0;
        drop(black_box(model));
    }
    [clock / times, processor / times]
}

fn loads(others: &mut Others, folder: &Path, models: &[&str]) {
    println!(
        "\n| load, ms | MB | Python | picklebook | Python / picklebook | processor: Python | picklebook | Python / picklebook |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    for name in models {
        others.ask(json!(["name", name]));
        for (kind, ending) in FILES {
            let path = file(folder, name, ending);
            let (mut theirs, mut ours) = ([const { Vec::new() }; 2], [const { Vec::new() }; 2]);
            for _ in 0..TURNS {
                let answer = others.ask(json!(["load", ending]));
                let seconds: [f64; 2] = serde_json::from_value(answer).expect("seconds");
                theirs.iter_mut().zip(seconds).for_each(|(all, seconds)| all.push(seconds));
                let seconds = load_times(&path);
                ours.iter_mut().zip(seconds).for_each(|(all, seconds)| all.push(seconds));
            }
            let size = fs::metadata(&path).expect("it is there").len() as f64 / 1e6;
            let cells = theirs.iter().zip(&ours).map(|(theirs, ours)| {
                let (theirs, ours) = (median(theirs), median(ours));
                let ratio = theirs.zip(ours).map(|(theirs, ours)| theirs / ours);
                let milliseconds = |it: Option<f64>| shown(it.map(|it| it * 1e3));
                format!("{} | {} | {}", milliseconds(theirs), milliseconds(ours), shown(ratio))
            });
            println!("| {name}, {kind} | {size:.1} | {} |", cells.collect::<Vec<_>>().join(" | "));
        }
    }
}

fn all_rows(others: &mut Others, folder: &Path, models: &[&str], rows: &Array2<f64>) {
    println!("\n| rows a second, one thread | {} | picklebook |", OTHERS.join(" | "));
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    for name in models {
        let mut times: Vec<(&str, Vec<f64>)> =
            others.ready(name, &OTHERS).into_iter().map(|program| (program, Vec::new())).collect();
        let model = opened(folder, name, rows);
        let mut ours = Vec::new();
        for _ in 0..TURNS {
            for (program, times) in &mut times {
                if times.last().is_none_or(|&seconds| seconds < SLOW) {
                    times.push(others.seconds(json!(["rows", program])));
                }
                ours.push(on_processor(|| model.predict_proba(rows).expect("asked")));
            }
        }
        times.push(("picklebook", ours));
        let cells = [OTHERS.as_slice(), &["picklebook"]].concat();
        let cells = cells.into_iter().map(|program| {
            let times = times.iter().find(|(own, _)| *own == program);
            let seconds = times.and_then(|(_, times)| median(times));
            shown(seconds.map(|seconds| rows.nrows() as f64 / seconds))
        });
        println!("| {name} | {} |", cells.collect::<Vec<_>>().join(" | "));
    }
}

fn one_row(others: &mut Others, folder: &Path, models: &[&str], rows: &Array2<f64>) {
    const PROGRAMS: [&str; 3] = ["scikit-learn", "ONNX Runtime", "picklebook"];
    println!("\n| one row, µs | {} |", PROGRAMS.join(" | "));
    println!("| --- | ---: | ---: | ---: |");
    for name in models {
        let ready = others.ready(name, &PROGRAMS[..2]);
        let model = opened(folder, name, rows);
        let mut times = [const { Vec::new() }; 3];
        for start in (0..10_000).step_by(ROWS_A_TURN) {
            for (program, times) in PROGRAMS.iter().zip(&mut times) {
                let end = match *program {
                    "scikit-learn" => start + ROWS_A_TURN_OF_SCIKIT_LEARN,
                    _ => start + ROWS_A_TURN,
                };
                if ready.contains(program) {
                    let answer = others.ask(json!(["one", program, start, end]));
                    let seconds: Vec<f64> = serde_json::from_value(answer).expect("seconds");
                    times.extend(seconds);
                } else if *program == "picklebook" {
                    times.extend((start..end).map(|row| {
                        let row = rows.slice(s![row..=row, ..]);
                        let clock = Instant::now();
                        black_box(model.predict_proba(black_box(row))).expect("asked");
                        clock.elapsed().as_secs_f64()
                    }));
                }
            }
        }
        let cells = times.map(|times| shown(median(&times).map(|seconds| seconds * 1e6)));
        println!("| {name} | {} |", cells.join(" | "));
    }
}

/// The most memory that this process has had, in bytes; known on Linux only.
fn peak() -> Option<usize> {
    memory::status("VmHWM")
}

/// Prints how much a load took at most, as the only thing that this process does.
fn load_alone(path: &Path) {
    let before = peak().unwrap_or_default();
    let model = sklearn::open(path).expect("a model");
    println!("{}", peak().unwrap_or_default() - before);
    drop(model);
}

fn memory_of_loads(folder: &Path, models: &[&str]) {
    println!("\n| peak memory of a load | MB | of the file | peak / file |");
    println!("| --- | ---: | ---: | ---: |");
    for name in models {
        for (kind, ending) in FILES {
            let path = file(folder, name, ending);
            let own = env::current_exe().expect("a path");
            let output = Command::new(own).env("PICKLEBOOK_PEERS_LOAD", &path).output();
            let output = String::from_utf8(output.expect("it runs").stdout).expect("text");
            let peak: f64 = output.trim().parse().expect("a number");
            let size = fs::metadata(&path).expect("it is there").len() as f64;
            let (ratio, peak, size) = (peak / size, peak / 1e6, size / 1e6);
            println!("| {name}, {kind} | {peak:.1} | {size:.1} | {ratio:.2} |");
        }
    }
}

fn main() {
    if let Some(path) = env::var_os("PICKLEBOOK_PEERS_LOAD") {
        return load_alone(Path::new(&path));
    }
    let words: Vec<String> = env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let chosen = |all: &[&'static str]| -> Vec<&'static str> {
        let named: Vec<_> =
            all.iter().copied().filter(|name| words.iter().any(|word| word == name)).collect();
        if named.is_empty() { all.to_vec() } else { named }
    };
    let (parts, models) = (chosen(&PARTS), chosen(&MODELS));
    let folder = support::root().join("target/peers");
    let mut others = Others::start(&folder);
    println!("{}", others.ask(json!(["versions"])).as_str().unwrap_or_default());
    let query = floats(folder.join("query.rows"));
    let rows = Array2::from_shape_vec((query.len() / COLUMNS, COLUMNS), query).expect("a table");
    for part in parts {
        match part {
            "load" => loads(&mut others, &folder, &models),
            "rows" => all_rows(&mut others, &folder, &models, &rows),
            "one" => one_row(&mut others, &folder, &models, &rows),
            _ => memory_of_loads(&folder, &models),
        }
    }
}
