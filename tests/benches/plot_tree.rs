//! Drawing trees: `cargo bench --bench plot_tree`.

#[path = "../support/random.rs"]
mod random;

use criterion::{Criterion, criterion_group, criterion_main};
use ndarray::Array2;
use picklebook::data::Labels;
use picklebook::plot;
use picklebook::tree::DecisionTreeClassifier;

/// A tree over rows without any order, so that each leaf splits as often as it may.
fn tree(rows: usize, max_depth: Option<usize>) -> DecisionTreeClassifier {
    let mut uniform = random::uniform(0);
    let features = Array2::from_shape_fn((rows, 5), |_| uniform());
    let target: Labels = (0..rows).map(|_| (3.0 * uniform()) as i64).collect::<Vec<_>>().into();
    let params = DecisionTreeClassifier::params();
    let params = max_depth.map(|depth| params.clone().max_depth(depth)).unwrap_or(params);
    params.fit_weighted(&features, &target, None).expect("fitted")
}

fn trees(criterion: &mut Criterion) {
    let (small, medium, large) = (tree(1_000, Some(3)), tree(10_000, Some(6)), tree(100_000, None));
    let row = [0.5; 5];
    let mut group = criterion.benchmark_group("tree");
    group.sample_size(20);
    group.bench_function("depth 3", |bench| bench.iter(|| plot::tree(&small)));
    group.bench_function("depth 6", |bench| {
        bench.iter(|| plot::Tree::new(&medium).max_depth(6).path_of(&row).draw());
    });
    let nodes = large.tree().node_count();
    group.bench_function(format!("{nodes} nodes, cut"), |bench| {
        bench.iter(|| plot::tree(&large));
    });
    let figure = plot::tree(&small).expect("drawn");
    group.bench_function("depth 3, to PNG", |bench| bench.iter(|| figure.to_png(2.0)));
    group.finish();
}

criterion_group!(benches, trees);
criterion_main!(benches);
