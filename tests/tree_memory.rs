//! How much memory a fit takes beside its data. One test alone, for it looks at the whole process.

#![cfg(target_os = "linux")]

#[path = "support/memory.rs"]
mod memory;
#[path = "support/random.rs"]
mod random;

use ndarray::Array2;
use picklebook::tree::DecisionTreeRegressor;

const ROWS: usize = 30_000;
const COLUMNS: usize = 20;

fn status(name: &str) -> usize {
    memory::status(name).expect("Linux tells")
}

/// The worst case: 32-bit features, and a target of which no two rows have the same, so that the
/// tree has twice as many nodes as there are rows.
#[test]
fn a_fit_takes_at_most_three_times_the_data() {
    let mut uniform = random::uniform(0);
    let features = Array2::from_shape_simple_fn((ROWS, COLUMNS), || uniform() as f32);
    let target: Vec<f64> = (0..ROWS).map(|_| uniform()).collect();
    let data = ROWS * COLUMNS * size_of::<f32>();
    let before = status("VmRSS");
    assert!(status("VmHWM") < before + data / 20, "nothing was freed so far");
    let tree = DecisionTreeRegressor::params().fit_weighted(&features, &target, None).unwrap();
    let peak = status("VmHWM") - before;
    assert_eq!(tree.tree().node_count(), 2 * ROWS - 1);
    println!("{:.2} times the data", (data + peak) as f64 / data as f64);
    assert!(data + peak <= 3 * data, "the fit took {peak} bytes beside {data} of data");
}
