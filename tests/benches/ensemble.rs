//! Predictions of forests and boosted trees, beside scikit-learn: `cargo bench --bench ensemble`.
//!
//! The models are those of `ensemble_models.py`, which is run if they are not in the folder that
//! PICKLEBOOK_ENSEMBLE_MODELS names (`target/ensemble-models` by default); it takes some minutes,
//! and measures scikit-learn too.

#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ndarray::{Array2, ArrayView2, s};
use picklebook::data::Labels;
use picklebook::ensemble::{
    ClassifierLoss, ForestClassifier, ForestKind, ForestParts, GradientBoostingClassifier,
    GradientBoostingParts, HistGradientBoostingClassifier, HistGradientBoostingParts, HistNode,
    HistTree, Init,
};
use picklebook::model::ProbabilisticClassifier;
use picklebook::tree::{Tree, TreeArrays};

const COLUMNS: usize = 20;

/// Arrays, one after the other, each with its length before it.
struct Parts<'a>(&'a [u8]);

impl Parts<'_> {
    fn take<const BYTES: usize, T>(&mut self, number: impl Fn([u8; BYTES]) -> T) -> Vec<T> {
        let (length, rest) = self.0.split_first_chunk::<8>().expect("a length");
        let length = i64::from_le_bytes(*length) as usize;
        let (bytes, rest) = rest.split_at(length * BYTES);
        self.0 = rest;
        bytes.as_chunks::<BYTES>().0.iter().map(|bytes| number(*bytes)).collect()
    }

    fn floats(&mut self) -> Vec<f64> {
        self.take(f64::from_le_bytes)
    }

    fn whole(&mut self) -> Vec<i32> {
        self.take(i32::from_le_bytes)
    }

    fn flags(&mut self) -> Vec<bool> {
        self.take(|[byte]| byte == 1)
    }

    fn count(&mut self) -> usize {
        self.take(i64::from_le_bytes)[0] as usize
    }

    fn tree(&mut self, width: usize) -> Tree {
        let arrays = TreeArrays {
            children_left: self.whole(),
            children_right: self.whole(),
            feature: self.whole(),
            threshold: self.floats(),
            impurity: self.floats(),
            n_node_samples: self.whole(),
            weighted_n_node_samples: self.floats(),
            missing_go_to_left: self.flags(),
            value: self.floats(),
        };
        Tree::new(arrays, COLUMNS, width).expect("a whole tree")
    }

    fn hist_tree(&mut self) -> HistTree {
        let (values, thresholds) = (self.floats(), self.floats());
        let (features, left, right) = (self.whole(), self.whole(), self.whole());
        let (missing, leaf) = (self.flags(), self.flags());
        let node = |node: usize| HistNode {
            value: values[node],
            num_threshold: thresholds[node],
            feature_idx: features[node] as u32,
            left: left[node] as u32,
            right: right[node] as u32,
            missing_go_to_left: missing[node],
            is_leaf: leaf[node],
            ..HistNode::default()
        };
        HistTree::new((0..values.len()).map(node).collect(), vec![], vec![], COLUMNS)
            .expect("whole")
    }
}

fn folder() -> PathBuf {
    let folder = std::env::var_os("PICKLEBOOK_ENSEMBLE_MODELS").map(PathBuf::from);
    let folder = folder.unwrap_or_else(|| support::root().join("target/ensemble-models"));
    if !folder.join("times.txt").exists() {
        let script = support::root().join("tests/benches/ensemble_models.py");
        let status = Command::new(support::python()).arg(script).arg(&folder).status();
        assert!(status.expect("Python runs").success());
    }
    folder
}

fn floats(path: PathBuf) -> Vec<f64> {
    let bytes = fs::read(path).expect("it is there");
    bytes.as_chunks::<8>().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect()
}

fn model(folder: &Path, name: &str) -> Option<Box<dyn ProbabilisticClassifier>> {
    let bytes = fs::read(folder.join(format!("{name}.parts"))).ok()?;
    let mut parts = Parts(&bytes);
    let (count, start) = (parts.count(), parts.floats());
    let classes = Labels::from(vec![0_i64, 1, 2]);
    Some(match name {
        "boosting" => {
            let trees = (0..count).map(|_| parts.tree(1)).collect();
            let mut parts = GradientBoostingParts::new(trees, 3, 0.1);
            parts.init = Init::Constant(start);
            let loss = ClassifierLoss::LogLoss;
            Box::new(GradientBoostingClassifier::from_parts(parts, classes, loss).expect("whole"))
        }
        "hist_boosting" => {
            let trees = (0..count).map(|_| parts.hist_tree()).collect();
            let parts = HistGradientBoostingParts::new(trees, start);
            Box::new(HistGradientBoostingClassifier::from_parts(parts, classes).expect("whole"))
        }
        _ => {
            let trees = (0..count).map(|_| parts.tree(3)).collect();
            let parts = ForestParts::new(ForestKind::RandomForest, trees);
            Box::new(ForestClassifier::from_parts(parts, vec![classes]).expect("whole"))
        }
    })
}

/// The median time of a prediction for one row, of `count` different rows.
fn one_row(model: &dyn ProbabilisticClassifier, rows: ArrayView2<'_, f64>) -> Duration {
    let mut times: Vec<Duration> = (0..rows.nrows())
        .map(|row| {
            let row = rows.slice(s![row..=row, ..]);
            let start = Instant::now();
            black_box(model.predict_proba(black_box(row.into()))).expect("asked");
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[times.len() / 2]
}

/// The least of five times that the processor took for `work`, in seconds; on a machine that does
/// other things too it says more than a clock. Known on Linux only.
fn on_processor(work: impl Fn()) -> Option<f64> {
    let now = || {
        let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        text.split_whitespace().next()?.parse::<f64>().ok()
    };
    let time = || {
        let start = now()?;
        work();
        Some((now()? - start) / 1e9)
    };
    (0..5).filter_map(|_| time()).min_by(f64::total_cmp)
}

fn predict(criterion: &mut Criterion) {
    let folder = folder();
    let query = floats(folder.join("query.rows"));
    let rows = Array2::from_shape_vec((query.len() / COLUMNS, COLUMNS), query).expect("a table");
    let mut group = criterion.benchmark_group("predict_proba");
    group.sample_size(10).throughput(Throughput::Elements(rows.nrows() as u64));
    for name in ["boosting", "hist_boosting", "forest_depth10", "forest_unlimited"] {
        let Some(model) = model(&folder, name) else { continue };
        let own = model.predict_proba((&rows).into()).expect("asked");
        let expected = floats(folder.join(format!("{name}.answers")));
        let exact = own.iter().zip(&expected).filter(|(own, expected)| own == expected).count();
        let close = |(own, expected): (&f64, &f64)| (own - expected).abs() <= 1e-12;
        assert!(own.len() == expected.len() && own.iter().zip(&expected).all(close), "{name}");
        println!("{name}: {exact} of {} numbers are scikit-learn's", own.len());
        group.bench_function(name, |bench| bench.iter(|| model.predict_proba((&rows).into())));
        if let Some(seconds) = on_processor(|| drop(model.predict_proba((&rows).into()))) {
            println!("{name}: {:.0} rows/s of the processor's time", rows.nrows() as f64 / seconds);
        }
        let one = one_row(&*model, rows.slice(s![..10_000, ..]));
        println!("{name}: {:.2} us for one row, median of 10,000", one.as_secs_f64() * 1e6);
    }
    group.finish();
    if let Ok(times) = fs::read_to_string(folder.join("times.txt")) {
        println!("{times}");
    }
}

criterion_group!(benches, predict);
criterion_main!(benches);
