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
use picklebook::tree::{Criterion, DecisionTreeClassifier, Features};

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

fn predict_on(
    threads: usize,
    tree: &DecisionTreeClassifier,
    x: &Array2<impl Copy + Sync>,
    view: impl Fn(&DecisionTreeClassifier, usize, usize) + Sync,
) {
    let rows = x.nrows();
    let part = rows.div_ceil(threads);
    std::thread::scope(|scope| {
        for start in (0..rows).step_by(part) {
            let view = &view;
            scope.spawn(move || view(tree, start, (start + part).min(rows)));
        }
    });
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
    let mut predictions = Vec::new();
    for &rows in &sizes {
        reference.ask(&format!("data {rows} {}", folder.path().display()));
        let x = read(&folder.path().join("features.f64"), f64::from_le_bytes);
        let y = read(&folder.path().join("target.i64"), i64::from_le_bytes);
        let x = Array2::from_shape_vec((rows, 20), x).expect("20 columns");
        let x32 = x.mapv(|value| value as f32);
        let labels = Labels::from(y.clone());
        let data = linfa::Dataset::new(x.clone(), Array1::from_iter(y.iter().map(|&y| y as usize)));
        let rounds = if rows >= 1_000_000 {
            1
        } else if rows >= 100_000 {
            3
        } else {
            9
        };
        for (criterion, name, depth) in [
            (Criterion::Gini, "gini", 10),
            (Criterion::Gini, "gini", 0),
            (Criterion::Entropy, "entropy", 10),
        ] {
            let mut params = DecisionTreeClassifier::params().criterion(criterion).random_state(0);
            if depth > 0 {
                params = params.max_depth(depth);
            }
            let (mut theirs, mut ours, mut linfas) = (vec![], vec![], vec![]);
            let mut nodes = 0;
            let with_linfa = rows <= MOST_ROWS_FOR_LINFA && criterion == Criterion::Gini;
            for round in 0..rounds {
                theirs.push(reference.seconds(&format!("fit f64 {depth} {name}")));
                let (time, tree) = seconds(|| params.fit_weighted(&x, &labels, None));
                ours.push(time);
                nodes = tree.expect("a tree").tree().node_count();
                if with_linfa && (round == 0 || rows < MOST_ROWS_FOR_LINFA) {
                    let limit = (depth > 0).then_some(depth);
                    let params = linfa_trees::DecisionTree::params().max_depth(limit);
                    linfas.push(seconds(|| params.fit(&data)).0);
                }
            }
            assert_eq!(reference.ask("nodes"), nodes.to_string(), "the same tree");
            let linfas =
                if linfas.is_empty() { "–".into() } else { format!("{:.4}", median(linfas)) };
            let (theirs, ours) = (median(theirs), median(ours));
            let depth = if depth == 0 { "none".to_owned() } else { depth.to_string() };
            println!(
                "| {rows} | {name} | {depth} | {nodes} | {theirs:.4} | {linfas} | {ours:.4} | {:.1} |",
                theirs / ours
            );
        }
        if rows != *sizes.last().expect("a size") {
            continue;
        }
        for depth in [3, 10, 0] {
            let mut params = DecisionTreeClassifier::params().random_state(0);
            let mut linfa_params = linfa_trees::DecisionTree::params();
            if depth > 0 {
                params = params.max_depth(depth);
                linfa_params = linfa_params.max_depth(Some(depth));
            }
            reference.seconds(&format!("fit f64 {depth} gini"));
            let tree = params.fit_weighted(&x, &labels, None).expect("a tree");
            let few = rows.min(MOST_ROWS_FOR_LINFA);
            let part = linfa::Dataset::new(
                x.slice(s![..few, ..]).to_owned(),
                data.targets.slice(s![..few]).to_owned(),
            );
            let linfa_tree = linfa_params.fit(&part).expect("a tree");
            for (kind, threads) in [("f64", 1), ("f32", 1), ("f64", 2), ("f32", 2)] {
                let (mut theirs, mut ours, mut linfas) = (vec![], vec![], vec![]);
                for _ in 0..7 {
                    let command = format!("predict {kind} {rows} {threads}");
                    theirs.push(reference.seconds(&command));
                    let work = || match (kind, threads) {
                        ("f64", 1) => drop(tree.predict(&x)),
                        ("f32", 1) => drop(tree.predict(&x32)),
                        ("f64", _) => predict_on(threads, &tree, &x, |tree, start, end| {
                            drop(tree.predict(Features::from(x.slice(s![start..end, ..]))))
                        }),
                        _ => predict_on(threads, &tree, &x32, |tree, start, end| {
                            drop(tree.predict(Features::from(x32.slice(s![start..end, ..]))))
                        }),
                    };
                    ours.push(seconds(work).0);
                    if threads == 1 && kind == "f64" {
                        linfas.push(seconds(|| linfa_tree.predict(&x)).0);
                    }
                }
                let rate = |seconds: f64| rows as f64 / seconds / 1e6;
                let linfas = if linfas.is_empty() {
                    "–".into()
                } else {
                    format!("{:.1}", rate(median(linfas)))
                };
                let (theirs, ours) = (rate(median(theirs)), rate(median(ours)));
                predictions.push(format!(
                    "| {} | {kind} | {threads} | {theirs:.1} | {linfas} | {ours:.1} | {:.1} |",
                    if depth == 0 { "none".to_owned() } else { depth.to_string() },
                    ours / theirs
                ));
            }
            let single = rows.min(10_000);
            let theirs = reference.seconds(&format!("row {single}")) * 1e6;
            let mut times = Vec::with_capacity(single);
            for row in x.axis_iter(Axis(0)).take(single) {
                let row = row.to_vec();
                times.push(seconds(|| tree.predict_row(&row)).0);
            }
            predictions.push(format!(
                "| {} | single row, µs | 1 | {theirs:.1} | – | {:.3} | {:.0} |",
                if depth == 0 { "none".to_owned() } else { depth.to_string() },
                median(times.clone()) * 1e6,
                theirs / (median(times) * 1e6)
            ));
        }
    }
    println!("\nPredict, million rows a second, median\n");
    println!(
        "| depth | input | threads | scikit-learn | linfa-trees | picklebook | to scikit-learn |"
    );
    println!("| ---: | --- | ---: | ---: | ---: | ---: | ---: |");
    for line in predictions {
        println!("{line}");
    }
    drop(reference.input);
    reference.process.wait().expect("Python ends");
}
