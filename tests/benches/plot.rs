//! Drawing: `cargo bench --bench plot`.

#[path = "../support/random.rs"]
mod random;

use criterion::{Criterion, criterion_group, criterion_main};
use ndarray::Array2;
use picklebook::data::{Dataset, Labels};
use picklebook::plot;
use picklebook::tree::DecisionTreeClassifier;

const ROWS: usize = 100_000;

/// Eight overlapping clouds of rows in two columns.
fn clouds() -> Dataset {
    let mut uniform = random::uniform(0);
    let mut spread = || uniform() + uniform() + uniform() - 1.5;
    let features = Array2::from_shape_fn((ROWS, 2), |(row, column)| {
        let angle = (row % 8) as f64 * 2.4;
        let center = if column == 0 { angle.cos() } else { angle.sin() };
        2.0 * center + spread()
    });
    let target: Vec<String> = (0..ROWS).map(|row| format!("class {}", row % 8)).collect();
    let names = vec!["width".to_owned(), "height".to_owned()];
    Dataset::new(features, Labels::from(target), names, "kind").expect("fits together")
}

fn charts(criterion: &mut Criterion) {
    let data = clouds();
    let tree = DecisionTreeClassifier::params().max_depth(10).fit(&data).expect("fitted");
    let numbers: Vec<f64> =
        data.features().column(0).iter().map(|value| (value + 4.0) / 8.0).collect();
    let mut group = criterion.benchmark_group("100,000 rows");
    group.sample_size(20);
    group.bench_function("decision_regions", |bench| {
        bench.iter(|| plot::decision_regions(&tree, &data, ["width", "height"]));
    });
    group.bench_function("histogram", |bench| bench.iter(|| plot::histogram(&data, "width")));
    group.bench_function("class_distribution", |bench| {
        bench.iter(|| plot::class_distribution(&data));
    });
    group.bench_function("roc_curve", |bench| bench.iter(|| plot::roc_curve(&tree, &data)));
    group.bench_function("precision_recall_curve", |bench| {
        bench.iter(|| plot::precision_recall_curve(&tree, &data));
    });
    group.bench_function("accuracy_over_time", |bench| {
        bench.iter(|| plot::accuracy_over_time(&numbers));
    });
    group.finish();
}

criterion_group!(benches, charts);
criterion_main!(benches);
