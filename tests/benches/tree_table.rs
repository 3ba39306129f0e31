//! Prints one table: our trees beside scikit-learn's and linfa's, in one interleaved run.
//!
//! `PICKLEBOOK_TEST_PYTHON=… cargo bench --bench tree_table [-- ROWS…]`; without numbers of rows:
//! from 1000 to 1000000, in about ten minutes. With the word `memory` among the arguments, the last
//! table only.

#[path = "../support/memory.rs"]
mod memory;

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

use linfa::traits::{Fit, Predict};
use ndarray::{Array1, Array2, Axis, s};
use picklebook::data::Labels;
use picklebook::tree::{Criterion, DecisionTreeClassifier, DecisionTreeRegressor, Features};

/// linfa's time grows with rows times nodes: beyond this it takes minutes.
const MOST_ROWS_FOR_LINFA: usize = 100_000;

struct Reference {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Reference {
    fn start() -> Self {
        let python = std::env::var_os("PICKLEBOOK_TEST_PYTHON")
            .expect("PICKLEBOOK_TEST_PYTHON names a Python with scikit-learn");
        let mut process = Command::new(python)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/benches/tree_table.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python starts");
        let input = process.stdin.take().expect("a pipe");
        let output = BufReader::new(process.stdout.take().expect("a pipe"));
        Reference { process, input, output }
    }

    fn ask(&mut self, command: &str) -> String {
        writeln!(self.input, "{command}").expect("Python listens");
        let mut line = String::new();
        self.output.read_line(&mut line).expect("Python answers");
        line.trim().to_owned()
    }

    fn seconds(&mut self, command: &str) -> f64 {
        self.ask(command).parse().expect("a number")
    }
}

fn seconds<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let start = Instant::now();
    let result = work();
    (start.elapsed().as_secs_f64(), result)
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn read<const N: usize, T>(path: &std::path::Path, from: impl Fn([u8; N]) -> T) -> Vec<T> {
    let bytes = std::fs::read(path).expect("Python wrote the data");
    bytes.chunks_exact(N).map(|chunk| from(chunk.try_into().expect("N bytes"))).collect()
}

/// A line of /proc/self/status, in bytes; 0 where there is none.
fn status(name: &str) -> f64 {
    memory::status(name).unwrap_or(0) as f64
}

/// Calls `predict` with the rows cut into parts, one for each thread.
fn in_parts(rows: usize, threads: usize, predict: impl Fn(usize, usize) + Sync) {
    let part = rows.div_ceil(threads);
    std::thread::scope(|scope| {
        for start in (0..rows).step_by(part) {
            let predict = &predict;
            scope.spawn(move || predict(start, (start + part).min(rows)));
        }
    });
}

fn depth_name(depth: usize) -> String {
    if depth == 0 { "none".to_owned() } else { depth.to_string() }
}

/// Prediction with the tree that Python has fitted last, and ours.
fn predictions(
    reference: &mut Reference,
    depth: usize,
    tree: &DecisionTreeClassifier,
    x: &Array2<f64>,
    lines: &mut Vec<String>,
) {
    let rows = x.nrows();
    let x32 = x.mapv(|value| value as f32);
    let linfa_tree = tree.to_linfa::<usize>().expect("a tree of linfa's");
    let rate = |times: Vec<f64>| rows as f64 / median(times) / 1e6;
    for (kind, threads) in [("f64", 1), ("f32", 1), ("f64", 2), ("f32", 2)] {
        let (mut theirs, mut ours, mut linfas) = (vec![], vec![], vec![]);
        for _ in 0..9 {
            theirs.push(reference.seconds(&format!("predict {kind} {rows} {threads}")));
            let time = seconds(|| match (kind, threads) {
                ("f64", 1) => drop(tree.predict(x)),
                (_, 1) => drop(tree.predict(&x32)),
                ("f64", _) => in_parts(rows, threads, |start, end| {
                    drop(tree.predict(x.slice(s![start..end, ..])));
                }),
                _ => in_parts(rows, threads, |start, end| {
                    drop(tree.predict(x32.slice(s![start..end, ..])));
                }),
            });
            ours.push(time.0);
            if (kind, threads) == ("f64", 1) {
                linfas.push(seconds(|| linfa_tree.predict(x)).0);
            }
        }
        let linfas = match linfas.is_empty() {
            true => "–".to_owned(),
            false => format!("{:.1}", rate(linfas)),
        };
        let (theirs, ours) = (rate(theirs), rate(ours));
        let (depth, ratio) = (depth_name(depth), ours / theirs);
        lines.push(format!(
            "| {depth} | {kind} | {threads} | {theirs:.1} | {linfas} | {ours:.1} | {ratio:.1} |"
        ));
    }
    let single = rows.min(10_000);
    let theirs = reference.seconds(&format!("row {single}")) * 1e6;
    let mut times = Vec::with_capacity(single);
    for row in x.axis_iter(Axis(0)).take(single) {
        let row = row.to_vec();
        times.push(seconds(|| tree.predict_row(&row)).0);
    }
    let ours = median(times) * 1e6;
    let (depth, ratio) = (depth_name(depth), theirs / ours);
    lines.push(format!(
        "| {depth} | single row, µs | 1 | {theirs:.1} | – | {ours:.3} | {ratio:.0} |"
    ));
}

/// What is fitted, by the names of the Python script.
const KINDS: [(&str, &[usize]); 4] =
    [("gini", &[3, 10, 0]), ("entropy", &[10]), ("weighted", &[10, 0]), ("regressor", &[10, 0])];

/// Beyond this only the classifiers without weights are fitted, for scikit-learn takes minutes.
const MOST_ROWS_FOR_ALL_KINDS: usize = 100_000;

/// The rows, and what there is to learn from them.
struct Data {
    x: Array2<f64>,
    labels: Labels,
    classes: Vec<usize>,
    weights: Vec<f64>,
    numbers: Vec<f64>,
}

impl Data {
    fn new(reference: &mut Reference, rows: usize, folder: &std::path::Path) -> Self {
        reference.ask(&format!("data {rows} {}", folder.display()));
        let floats = |name: &str| read(&folder.join(name), f64::from_le_bytes);
        let x = Array2::from_shape_vec((rows, 20), floats("features.f64")).expect("20 columns");
        let classes: Vec<i64> = read(&folder.join("target.i64"), i64::from_le_bytes);
        Data {
            x,
            classes: classes.iter().map(|&class| class as usize).collect(),
            labels: Labels::from(classes),
            weights: floats("weights.f64"),
            numbers: floats("numbers.f64"),
        }
    }
}

/// A tree of either kind.
enum Fitted {
    Classifier(DecisionTreeClassifier),
    Regressor(DecisionTreeRegressor),
}

impl Fitted {
    fn new<'a>(data: &Data, x: impl Into<Features<'a>>, kind: &str, depth: usize) -> Self {
        let classifier = || {
            let params = DecisionTreeClassifier::params().random_state(0);
            if depth > 0 { params.max_depth(depth) } else { params }
        };
        let regressor = || {
            let params = DecisionTreeRegressor::params().random_state(0);
            if depth > 0 { params.max_depth(depth) } else { params }
        };
        let tree = match kind {
            "regressor" => {
                let tree = regressor().fit_weighted(x, &data.numbers, None);
                return Fitted::Regressor(tree.expect("a tree"));
            }
            "weighted" => classifier().fit_weighted(x, &data.labels, Some(&data.weights)),
            "entropy" => {
                classifier().criterion(Criterion::Entropy).fit_weighted(x, &data.labels, None)
            }
            _ => classifier().fit_weighted(x, &data.labels, None),
        };
        Fitted::Classifier(tree.expect("a tree"))
    }

    fn nodes(&self) -> usize {
        match self {
            Fitted::Classifier(tree) => tree.tree().node_count(),
            Fitted::Regressor(tree) => tree.tree().node_count(),
        }
    }
}

/// The seconds of linfa's fit, a few times.
fn linfa_seconds(data: &Data, depth: usize, rounds: usize) -> f64 {
    let classes = Array1::from_iter(data.classes.iter().copied());
    let dataset = linfa::Dataset::new(data.x.clone(), classes);
    let params = linfa_trees::DecisionTree::params().max_depth((depth > 0).then_some(depth));
    median((0..rounds).map(|_| seconds(|| params.fit(&dataset)).0).collect())
}

/// Peaks of memory, ours for 32-bit and 64-bit floats, beside the data.
fn memory(reference: &mut Reference, data: &Data, lines: &mut Vec<String>) {
    let rows = data.x.nrows();
    let x32 = data.x.mapv(|value| value as f32);
    for (kind, depth) in [("gini", 10), ("gini", 0), ("weighted", 0), ("regressor", 0)] {
        // one fit of scikit-learn's a size is enough to compare with
        let theirs = match (kind, depth) {
            ("gini", 10) => format!("{:.1}", reference.seconds("memory") / 1e6),
            _ => "–".to_owned(),
        };
        for input in ["f64", "f32"] {
            let before = status("VmRSS");
            // forget the peak so far
            std::fs::write("/proc/self/clear_refs", "5").expect("Linux");
            let (size, tree) = match input {
                "f64" => (8, Fitted::new(data, &data.x, kind, depth)),
                _ => (4, Fitted::new(data, &x32, kind, depth)),
            };
            let ours = status("VmHWM") - before;
            drop(tree);
            let bytes = (data.x.len() * size) as f64;
            let theirs = if input == "f64" { &theirs } else { "–" };
            lines.push(format!(
                "| {rows} | {kind} | {} | {input} | {:.1} | {theirs} | {:.1} | {:.2} |",
                depth_name(depth),
                bytes / 1e6,
                ours / 1e6,
                (bytes + ours) / bytes
            ));
        }
    }
}

fn print_memory(lines: &[String]) {
    println!("\nPeak of memory in a fit, megabytes beside the data\n");
    println!(
        "| rows | tree | depth | input | data | scikit-learn | picklebook | picklebook and data, in data |"
    );
    println!("| ---: | --- | ---: | --- | ---: | ---: | ---: | ---: |");
    lines.iter().for_each(|line| println!("{line}"));
}

fn main() {
    let sizes: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let sizes = if sizes.is_empty() { vec![1_000, 10_000, 100_000, 1_000_000] } else { sizes };
    let folder = tempfile::tempdir().expect("a folder");
    let mut reference = Reference::start();
    if std::env::args().any(|argument| argument == "memory") {
        let mut lines = vec![];
        for rows in sizes {
            let data = Data::new(&mut reference, rows, folder.path());
            memory(&mut reference, &data, &mut lines);
        }
        return print_memory(&lines);
    }
    println!("scikit-learn {}, linfa-trees 0.8.1, one thread\n", reference.ask("version"));
    println!("Fit, 20 features of 64-bit floats, 3 classes; seconds, median\n");
    println!(
        "| rows | tree | depth | nodes | scikit-learn | linfa-trees | picklebook | to scikit-learn |"
    );
    println!("| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |");
    let (mut predict_lines, mut memory_lines, mut growth_lines) = (vec![], vec![], vec![]);
    let mut before: HashMap<(&str, usize), (usize, f64, f64)> = HashMap::new();
    for &rows in &sizes {
        let data = Data::new(&mut reference, rows, folder.path());
        let rounds = match rows {
            1_000_000.. => 1,
            100_000.. => 3,
            _ => 9,
        };
        let all = rows <= MOST_ROWS_FOR_ALL_KINDS;
        let kinds = KINDS.iter().filter(|(kind, _)| all || matches!(*kind, "gini" | "entropy"));
        let fits = kinds.flat_map(|(kind, depths)| depths.iter().map(move |&depth| (*kind, depth)));
        for (kind, depth) in fits {
            let (mut theirs, mut ours) = (vec![], vec![]);
            let mut last = None;
            for _ in 0..rounds {
                theirs.push(reference.seconds(&format!("fit f64 {depth} {kind}")));
                let (time, tree) = seconds(|| Fitted::new(&data, &data.x, kind, depth));
                ours.push(time);
                last = Some(tree);
            }
            let tree = last.expect("a round");
            let nodes = tree.nodes();
            assert_eq!(reference.ask("nodes"), nodes.to_string(), "the same tree");
            let linfas = match kind == "gini" && rows <= MOST_ROWS_FOR_LINFA {
                true => {
                    let rounds = if rows < MOST_ROWS_FOR_LINFA { rounds } else { 1 };
                    format!("{:.4}", linfa_seconds(&data, depth, rounds))
                }
                false => "–".to_owned(),
            };
            let (theirs, ours) = (median(theirs), median(ours));
            let (name, ratio) = (depth_name(depth), theirs / ours);
            println!(
                "| {rows} | {kind} | {name} | {nodes} | {theirs:.4} | {linfas} | {ours:.4} | {ratio:.1} |"
            );
            let earlier = before.insert((kind, depth), (rows, theirs, ours));
            if let Some((fewer, their_time, our_time)) = earlier {
                growth_lines.push(format!(
                    "| {fewer} → {rows} | {kind} | {name} | {:.1} | {:.1} |",
                    theirs / their_time,
                    ours / our_time
                ));
            }
            if let (Fitted::Classifier(tree), "gini", true) =
                (&tree, kind, Some(&rows) == sizes.last())
            {
                predictions(&mut reference, depth, tree, &data.x, &mut predict_lines);
            }
        }
        memory(&mut reference, &data, &mut memory_lines);
    }
    println!("\nHow many times longer a fit of more rows takes\n");
    println!("| rows | tree | depth | scikit-learn | picklebook |");
    println!("| ---: | --- | ---: | ---: | ---: |");
    growth_lines.iter().for_each(|line| println!("{line}"));
    println!("\nPredict the rows of the last fit, million rows a second, median\n");
    println!(
        "| depth | input | threads | scikit-learn | linfa-trees | picklebook | to scikit-learn |"
    );
    println!("| ---: | --- | ---: | ---: | ---: | ---: | ---: |");
    predict_lines.iter().for_each(|line| println!("{line}"));
    print_memory(&memory_lines);
    drop(reference.input);
    reference.process.wait().expect("Python ends");
}
