//! Prints one table: our trees beside scikit-learn's and linfa's, in one interleaved run.
//!
//! `PICKLEBOOK_TEST_PYTHON=… cargo bench --bench tree_table [-- ROWS…]`; without numbers of rows:
//! 1000, 10000 and 100000.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

use linfa::traits::{Fit, Predict};
use ndarray::{Array1, Array2, Axis, s};
use picklebook::data::Labels;
use picklebook::tree::{Criterion, DecisionTreeClassifier};

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

/// A line of /proc/self/status, in bytes; 0 where there is no such file.
fn status(name: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    number.unwrap_or(0.0) * 1024.0
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

fn main() {
    let sizes: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let sizes = if sizes.is_empty() { vec![1_000, 10_000, 100_000] } else { sizes };
    let folder = tempfile::tempdir().expect("a folder");
    let mut reference = Reference::start();
    println!("scikit-learn {}, linfa-trees 0.8.1, one thread\n", reference.ask("version"));
    println!("Fit, 20 features of 64-bit floats, 3 classes; seconds, median\n");
    println!(
        "| rows | criterion | depth | nodes | scikit-learn | linfa-trees | picklebook | to scikit-learn |"
    );
    println!("| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |");
    let (mut predict_lines, mut memory_lines) = (vec![], vec![]);
    for &rows in &sizes {
        reference.ask(&format!("data {rows} {}", folder.path().display()));
        let x = read(&folder.path().join("features.f64"), f64::from_le_bytes);
        let y = read(&folder.path().join("target.i64"), i64::from_le_bytes);
        let x = Array2::from_shape_vec((rows, 20), x).expect("20 columns");
        let labels = Labels::from(y.clone());
        let rounds = match rows {
            1_000_000.. => 1,
            100_000.. => 3,
            _ => 9,
        };
        for (criterion, depth) in [
            (Criterion::Gini, 3),
            (Criterion::Gini, 10),
            (Criterion::Gini, 0),
            (Criterion::Entropy, 10),
        ] {
            let mut params = DecisionTreeClassifier::params().criterion(criterion).random_state(0);
            if depth > 0 {
                params = params.max_depth(depth);
            }
            let (mut theirs, mut ours, mut linfas) = (vec![], vec![], vec![]);
            let mut last = None;
            let with_linfa = rows <= MOST_ROWS_FOR_LINFA && criterion == Criterion::Gini;
            for round in 0..rounds {
                theirs.push(reference.seconds(&format!("fit f64 {depth} {criterion}")));
                let (time, tree) = seconds(|| params.fit_weighted(&x, &labels, None));
                ours.push(time);
                last = Some(tree.expect("a tree"));
                if with_linfa && (round == 0 || rows < MOST_ROWS_FOR_LINFA) {
                    let classes = y.iter().map(|&class| class as usize);
                    let data = linfa::Dataset::new(x.clone(), Array1::from_iter(classes));
                    let limit = (depth > 0).then_some(depth);
                    let params = linfa_trees::DecisionTree::params().max_depth(limit);
                    linfas.push(seconds(|| params.fit(&data)).0);
                }
            }
            let tree = last.expect("a round");
            let nodes = tree.tree().node_count();
            assert_eq!(reference.ask("nodes"), nodes.to_string(), "the same tree");
            let linfas = match linfas.is_empty() {
                true => "–".to_owned(),
                false => format!("{:.4}", median(linfas)),
            };
            let (theirs, ours) = (median(theirs), median(ours));
            println!(
                "| {rows} | {criterion} | {} | {nodes} | {theirs:.4} | {linfas} | {ours:.4} | {:.1} |",
                depth_name(depth),
                theirs / ours
            );
            if Some(&rows) == sizes.last() && criterion == Criterion::Gini {
                predictions(&mut reference, depth, &tree, &x, &mut predict_lines);
            }
        }
        let theirs: f64 = reference.seconds("memory");
        let before = status("VmRSS");
        // forget the peak so far
        std::fs::write("/proc/self/clear_refs", "5").expect("Linux");
        let tree = DecisionTreeClassifier::params().max_depth(10).fit_weighted(&x, &labels, None);
        drop(tree);
        let ours = status("VmHWM") - before;
        let data = (x.len() * 8) as f64;
        memory_lines.push(format!(
            "| {rows} | {:.1} | {:.1} | {:.1} | {:.2} |",
            data / 1e6,
            theirs / 1e6,
            ours / 1e6,
            (data + ours) / data
        ));
    }
    println!("\nPredict the rows of the last fit, million rows a second, median\n");
    println!(
        "| depth | input | threads | scikit-learn | linfa-trees | picklebook | to scikit-learn |"
    );
    println!("| ---: | --- | ---: | ---: | ---: | ---: | ---: |");
    predict_lines.iter().for_each(|line| println!("{line}"));
    println!("\nPeak of memory in a fit to depth 10, megabytes beside the data\n");
    println!("| rows | data | scikit-learn | picklebook | picklebook and data, in data |");
    println!("| ---: | ---: | ---: | ---: | ---: |");
    memory_lines.iter().for_each(|line| println!("{line}"));
    drop(reference.input);
    reference.process.wait().expect("Python ends");
}
