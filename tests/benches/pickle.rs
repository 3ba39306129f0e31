//! Reading and writing pickles, beside CPython, serde-pickle and deser-pickle in one run.
//!
//! ```text
//! PICKLEBOOK_TEST_PYTHON=.venv/bin/python cargo bench --bench pickle
//! python3 tests/benches/pickle_table.py table
//! ```
//!
//! All read what CPython wrote with protocol 4. For all the clock runs while a value is read or
//! written and stands still while it is freed, which happens before the next is made.

#[path = "../support/mod.rs"]
mod support;

use std::collections::HashMap;
use std::hint::black_box;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use criterion::{Bencher, Criterion, Throughput};
use picklebook::pickle::{self, DumpOptions, Value};

#[derive(serde::Serialize, serde::Deserialize, deser::Serialize, deser::Deserialize)]
struct Row {
    id: i64,
    name: String,
    weight: f64,
    label: String,
    used: bool,
}

#[derive(serde::Serialize, serde::Deserialize, deser::Serialize, deser::Deserialize)]
struct Node {
    feature: i64,
    threshold: f64,
    impurity: f64,
    n_node_samples: i64,
    value: Vec<f64>,
    left: Option<Box<Node>>,
    right: Option<Box<Node>>,
}

/// CPython, which also makes the data.
struct Python {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Python {
    fn start(folder: &std::path::Path) -> Python {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/benches/pickle_table.py");
        let mut process = Command::new(support::python())
            .arg(script)
            .arg("serve")
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python starts");
        let input = process.stdin.take().expect("a pipe");
        let output = BufReader::new(process.stdout.take().expect("a pipe"));
        let mut python = Python { process, input, output };
        assert_eq!(python.line(), "ready");
        python
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("Python answers");
        line.trim().to_owned()
    }

    fn time(&mut self, what: &str, name: &str, times: u64) -> Duration {
        writeln!(self.input, "{what} {name} {times}").expect("Python listens");
        Duration::from_secs_f64(self.line().parse().expect("seconds"))
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What Python's side of the benchmark does too: the result is freed at once, off the clock.
fn measure<T>(bencher: &mut Bencher<'_>, mut work: impl FnMut() -> T) {
    bencher.iter_custom(|times| {
        let mut spent = Duration::ZERO;
        for _ in 0..times {
            let start = Instant::now();
            let result = black_box(work());
            spent += start.elapsed();
            drop(result);
        }
        spent
    });
}

fn row<T>(criterion: &mut Criterion, python: &mut Python, name: &str, data: &[u8])
where
    T: serde::Serialize
        + serde::de::DeserializeOwned
        + deser::Serialize
        + deser::Deserialize<'static>
        + 'static,
{
    let mut group = criterion.benchmark_group(format!("read {name}"));
    let rows = name.split(',').next().unwrap_or(name);
    group.bench_function("picklebook", |b| {
        measure(b, || pickle::loads::<T>(black_box(data)).unwrap());
    });
    group.bench_function("serde-pickle", |b| {
        measure(b, || {
            serde_pickle::from_slice::<T>(black_box(data), serde_pickle::DeOptions::new()).unwrap()
        });
    });
    let leaked: &'static [u8] = data.to_vec().leak();
    group.bench_function("deser-pickle", |b| {
        measure(b, || deser_pickle::from_slice::<T>(black_box(leaked)).unwrap());
    });
    group.bench_function("CPython", |b| b.iter_custom(|times| python.time("read", rows, times)));
    group.finish();

    let value: T = pickle::loads(data).unwrap();
    let options = DumpOptions::new();
    let mut group = criterion.benchmark_group(format!("write {name}"));
    group.bench_function("picklebook", |b| {
        measure(b, || pickle::dumps_with(black_box(&value), &options).unwrap());
    });
    group.bench_function("picklebook default", |b| {
        measure(b, || pickle::dumps(black_box(&value)).unwrap());
    });
    group.bench_function("serde-pickle", |b| {
        measure(b, || {
            serde_pickle::to_vec(black_box(&value), serde_pickle::SerOptions::new()).unwrap()
        });
    });
    group.bench_function("deser-pickle", |b| {
        measure(b, || deser_pickle::to_vec(black_box(&value)).unwrap());
    });
    group.bench_function("CPython", |b| b.iter_custom(|times| python.time("write", rows, times)));
    group.finish();
}

/// A random forest of 100 MB to the graph, beside a copy of its bytes.
fn forest(criterion: &mut Criterion, python: &mut Python, data: &[u8]) {
    let mut group = criterion.benchmark_group("read forest");
    group.throughput(Throughput::Bytes(data.len() as u64));
    group.bench_function("picklebook", |b| {
        measure(b, || pickle::load::<Value, _>(black_box(data)).unwrap());
    });
    group.bench_function("memcpy", |b| measure(b, || black_box(data).to_vec()));
    group
        .bench_function("CPython", |b| b.iter_custom(|times| python.time("read", "forest", times)));
    group.finish();

    let value: Value = pickle::loads(data).unwrap();
    let mut group = criterion.benchmark_group("write forest");
    group.bench_function("picklebook", |b| {
        measure(b, || pickle::dumps_with(black_box(&value), &DumpOptions::new()).unwrap());
    });
    group.bench_function("CPython", |b| {
        b.iter_custom(|times| python.time("write", "forest", times))
    });
    group.finish();
}

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut python = Python::start(folder.path());
    let data = |name: &str| std::fs::read(folder.path().join(format!("{name}.pkl"))).unwrap();
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    row::<Vec<i64>>(&mut criterion, &mut python, "ints", &data("ints"));
    row::<Vec<f64>>(&mut criterion, &mut python, "floats", &data("floats"));
    row::<Vec<String>>(&mut criterion, &mut python, "strings", &data("strings"));
    row::<HashMap<String, i64>>(&mut criterion, &mut python, "dict", &data("dict"));
    // std's hasher, which guards against chosen keys, takes most of the time
    row::<HashMap<String, i64, foldhash::fast::RandomState>>(
        &mut criterion,
        &mut python,
        "dict, foldhash",
        &data("dict"),
    );
    row::<Vec<Row>>(&mut criterion, &mut python, "structs", &data("structs"));
    row::<Node>(&mut criterion, &mut python, "tree", &data("tree"));
    forest(&mut criterion, &mut python, &data("forest"));
    criterion.final_summary();
}
