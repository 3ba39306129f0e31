//! Answers of trees in every layout in which rows walk through them, against scikit-learn's:
//! below 16 levels, where rows are sorted on the way, and in trees of more than 256 columns.

mod support;

use std::path::Path;
use std::process::Command;

use ndarray::{Array2, ArrayView2, s};
use picklebook::data::Labels;
use picklebook::tree::{
    DecisionTreeClassifier, DecisionTreeRegressor, Features, MaxFeatures, Tree, TreeArrays,
};
use serde::Deserialize;

/// A tree of scikit-learn's; its arrays are in files.
#[derive(Deserialize)]
struct Case {
    name: String,
    classifier: bool,
    single: bool,
    columns: usize,
    max_depth: Option<usize>,
    one_feature: bool,
    depth: usize,
}

impl Case {
    fn read<T>(&self, folder: &Path, array: &str, from: impl Fn([u8; 8]) -> T) -> Vec<T> {
        let bytes = std::fs::read(folder.join(format!("{}.{array}", self.name))).unwrap();
        bytes.as_chunks::<8>().0.iter().map(|&chunk| from(chunk)).collect()
    }

    fn floats(&self, folder: &Path, array: &str) -> Vec<f64> {
        self.read(folder, array, f64::from_le_bytes)
    }

    fn integers(&self, folder: &Path, array: &str) -> Vec<i32> {
        self.read(folder, array, |bytes| i64::from_le_bytes(bytes) as i32)
    }

    fn rows(&self, folder: &Path, array: &str) -> Array2<f64> {
        let values = self.floats(folder, array);
        Array2::from_shape_vec((values.len() / self.columns, self.columns), values).unwrap()
    }
}

/// Answers for the same rows, whichever way they stand in memory, all at once or some at a time.
fn every_way<T: PartialEq + std::fmt::Debug>(
    case: &Case,
    rows: &Array2<f64>,
    answer: impl Fn(Features<'_>) -> Vec<T>,
) -> Vec<T> {
    let single = rows.mapv(|value| value as f32);
    let ask = |range: std::ops::Range<usize>| match case.single {
        true => answer(single.slice(s![range, ..]).into()),
        false => answer(rows.slice(s![range, ..]).into()),
    };
    let answers = ask(0..rows.nrows());
    let mut start = 0;
    for length in [1, 15, 16, 17, 1024, 1] {
        let end = (start + length).min(rows.nrows());
        assert_eq!(ask(start..end), answers[start..end], "{}", case.name);
        start = end;
    }
    assert!(ask(0..0).is_empty());
    let by_columns: Array2<f64> = rows.t().as_standard_layout().to_owned().reversed_axes();
    assert_eq!(answer(Features::from(&by_columns)), answers, "{}, by columns", case.name);
    let backwards: ArrayView2<'_, f64> = rows.slice(s![..;-1, ..]);
    let reversed: Vec<T> = answer(backwards.into()).into_iter().rev().collect();
    assert_eq!(reversed, answers, "{}, backwards", case.name);
    answers
}

fn check_nodes(case: &Case, folder: &Path, tree: &Tree) {
    let arrays: &TreeArrays = tree.arrays();
    let bits = |floats: &[f64]| floats.iter().map(|float| float.to_bits()).collect::<Vec<_>>();
    let missing: Vec<i32> = arrays.missing_go_to_left.iter().map(|&left| left.into()).collect();
    let name = &case.name;
    assert_eq!(arrays.feature, case.integers(folder, "feature"), "{name}");
    assert_eq!(bits(&arrays.threshold), bits(&case.floats(folder, "threshold")), "{name}");
    assert_eq!(missing, case.integers(folder, "missing_go_to_left"), "{name}");
    assert_eq!(arrays.children_left, case.integers(folder, "children_left"), "{name}");
    assert_eq!(arrays.children_right, case.integers(folder, "children_right"), "{name}");
    assert_eq!(bits(&arrays.value), bits(&case.floats(folder, "value")), "{name}");
    assert_eq!(tree.max_depth(), case.depth, "{name}");
}

/// Sets the parameters that the script sets.
macro_rules! params {
    ($case:expr, $params:expr) => {{
        let mut params = $params;
        if let Some(depth) = $case.max_depth {
            params = params.max_depth(depth);
        }
        if $case.one_feature {
            params = params.max_features(MaxFeatures::Count(1));
        }
        params
    }};
}

fn check(case: &Case, folder: &Path) {
    let (train, test) = (case.rows(folder, "train"), case.rows(folder, "test"));
    let train32 = train.mapv(|value| value as f32);
    let train = if case.single { Features::from(&train32) } else { Features::from(&train) };
    let target = case.floats(folder, "target");
    let expected = case.floats(folder, "predict");
    let (leaves, lengths, predicted) = if case.classifier {
        let seed = if case.max_depth.is_some() { 4 } else { 3 };
        let params = params!(case, DecisionTreeClassifier::params().random_state(seed));
        let labels: Labels = target.iter().map(|&class| class as i64).collect::<Vec<_>>().into();
        let tree = params.fit_weighted(train, &labels, None).unwrap();
        check_nodes(case, folder, tree.tree());
        let predicted = every_way(case, &test, |rows| {
            let classes = tree.predict(rows).unwrap();
            classes.iter().map(|class| class.to_string().parse().unwrap()).collect::<Vec<f64>>()
        });
        let fractions = every_way(case, &test, |rows| {
            let fractions = tree.predict_proba(rows).unwrap();
            fractions.rows().into_iter().map(|row| row.to_vec()).collect()
        });
        let leaves = every_way(case, &test, |rows| tree.apply(rows).unwrap());
        for (fractions, &leaf) in fractions.iter().zip(&leaves) {
            assert_eq!(fractions, tree.tree().value(leaf));
        }
        for (row, class) in test.rows().into_iter().zip(&predicted).take(50) {
            assert_eq!(tree.predict_row(&row.to_vec()).unwrap().to_string(), class.to_string());
        }
        (leaves, tree.decision_path_lengths(&test).unwrap(), predicted)
    } else {
        let params = params!(case, DecisionTreeRegressor::params().random_state(5));
        let tree = params.fit_weighted(train, &target, None).unwrap();
        check_nodes(case, folder, tree.tree());
        let predicted = every_way(case, &test, |rows| tree.predict(rows).unwrap());
        for (row, number) in test.rows().into_iter().zip(&predicted).take(50) {
            assert_eq!(tree.predict_row(&row.to_vec()).unwrap(), *number);
        }
        let leaves = every_way(case, &test, |rows| tree.apply(rows).unwrap());
        (leaves, tree.decision_path_lengths(&test).unwrap(), predicted)
    };
    let integers = |numbers: Vec<usize>| numbers.into_iter().map(|n| n as i32).collect::<Vec<_>>();
    assert_eq!(integers(leaves), case.integers(folder, "apply"), "{}", case.name);
    assert_eq!(integers(lengths), case.integers(folder, "path_lengths"), "{}", case.name);
    assert_eq!(predicted, expected, "{}", case.name);
}

#[test]
fn deep_and_wide_trees_answer_as_scikit_learns() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(support::python())
        .arg("tests/reference/walks.py")
        .arg(folder.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let cases: Vec<Case> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(cases.len(), 36);
    for columns in [6, 300] {
        let depths = |case: &&Case| case.columns == columns && case.max_depth.is_none();
        let least = cases.iter().filter(depths).map(|case| case.depth).min();
        assert!(least.unwrap() > 16, "rows are sorted below 16 levels only: {least:?}");
    }
    for case in &cases {
        check(case, folder.path());
    }
}
