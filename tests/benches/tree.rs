//! Fit and predict, ours beside linfa-trees: `cargo bench --bench tree`.
//!
//! `tree_table` measures scikit-learn too.

#[path = "../support/random.rs"]
mod random;

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use linfa::traits::{Fit, Predict};
use ndarray::{Array1, Array2};
use picklebook::data::Labels;
use picklebook::tree::{DecisionTreeClassifier, DecisionTreeRegressor};

const COLUMNS: usize = 20;

/// Classes that half of the columns tell apart, with some noise.
fn data(rows: usize) -> (Array2<f64>, Vec<i64>) {
    let mut uniform = random::uniform(0);
    let x = Array2::from_shape_fn((rows, COLUMNS), |_| uniform());
    let class = |row: ndarray::ArrayView1<'_, f64>| {
        let signal =
            row[0] * row[1] + (row[2] - row[3]) * row[4] + row[5] * row[6] - row[7] * row[8];
        if signal < 0.0 { 0 } else { 1 + i64::from(signal > 0.35) }
    };
    let y = x.rows().into_iter().map(class).collect();
    (x, y)
}

fn fit(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("fit");
    group.sample_size(10);
    for rows in [1_000, 10_000, 100_000] {
        let (x, y) = data(rows);
        let labels = Labels::from(y.clone());
        let numbers: Vec<f64> = x.rows().into_iter().map(|row| row.sum()).collect();
        let classes = Array1::from_iter(y.iter().map(|&class| class as usize));
        let linfa_data = linfa::Dataset::new(x.clone(), classes);
        group.throughput(Throughput::Elements(rows as u64));
        group.bench_function(BenchmarkId::new("classifier", rows), |bench| {
            let params = DecisionTreeClassifier::params().max_depth(10);
            bench.iter(|| params.fit_weighted(&x, &labels, None));
        });
        group.bench_function(BenchmarkId::new("regressor", rows), |bench| {
            let params = DecisionTreeRegressor::params().max_depth(10);
            bench.iter(|| params.fit_weighted(&x, &numbers, None));
        });
        if rows <= 10_000 {
            group.bench_function(BenchmarkId::new("linfa-trees", rows), |bench| {
                let params = linfa_trees::DecisionTree::params().max_depth(Some(10));
                bench.iter(|| params.fit(&linfa_data));
            });
        }
    }
    group.finish();
}

fn predict(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("predict");
    group.sample_size(20);
    // far more than fits in a processor's own memory
    let rows = 1_000_000;
    let (x, y) = data(rows);
    let labels = Labels::from(y);
    group.throughput(Throughput::Elements(rows as u64));
    for depth in [3, 10, 30] {
        let params = DecisionTreeClassifier::params().max_depth(depth);
        let tree = params.fit_weighted(&x, &labels, None).expect("a tree");
        group.bench_function(BenchmarkId::new("classifier", depth), |bench| {
            bench.iter(|| tree.predict(&x));
        });
        let linfa_tree = tree.to_linfa::<usize>().expect("a tree of linfa's");
        group.bench_function(BenchmarkId::new("linfa-trees", depth), |bench| {
            bench.iter(|| linfa_tree.predict(&x));
        });
        let row = x.row(0).to_vec();
        group.bench_function(BenchmarkId::new("one row", depth), |bench| {
            bench.iter(|| tree.predict_row(black_box(&row)));
        });
    }
    group.finish();
}

criterion_group!(benches, fit, predict);
criterion_main!(benches);
