//! The tree that linfa-trees trains: the tutorial's settings, hostile rows, hostile files.

mod support;

use std::process::Command;

use ndarray::{Array2, array};
use picklebook::data::{Dataset, Label, Labels, balance_scale, train_test_split};
use picklebook::tree::{Criterion, Error, LinfaError, LinfaNode, LinfaTree, MAX_DEPTH};
use proptest::prelude::*;
use serde_json::{Value, json};

fn dataset(features: Array2<f64>, target: impl Into<Labels>) -> Dataset {
    let names = (0..features.ncols()).map(|column| format!("x{column}")).collect();
    Dataset::new(features, target.into(), names, "class").expect("fits together")
}

fn has_no_threshold(error: &Error) -> bool {
    let Error::Library(error) = error else { return false };
    matches!(error.downcast_ref(), Some(LinfaError::NoThreshold { .. }))
}

fn tutorial(criterion: Criterion) -> (LinfaTree, Dataset) {
    let split = train_test_split(&balance_scale(), 0.3, 100).expect("split");
    let tree = LinfaTree::params()
        .criterion(criterion)
        .max_depth(3)
        .min_samples_leaf(5)
        .fit(&split.train)
        .expect("fitted");
    (tree, split.test)
}

#[test]
fn the_tutorials_settings_get_136_of_188_right() {
    for criterion in [Criterion::Gini, Criterion::Entropy] {
        let (tree, test) = tutorial(criterion);
        let predicted = tree.predict(&test).expect("predicted");
        let right = test.target().iter().zip(predicted.iter()).filter(|(a, b)| a == b).count();
        assert_eq!((right, test.rows()), (136, 188), "{criterion}");
        assert_eq!(tree.depth(), 3);
        for (row, label) in test.features().rows().into_iter().zip(predicted.iter()) {
            assert_eq!(label, tree.predict_row(&row.to_vec()).expect("predicted"));
        }
    }
}

#[test]
fn it_prints_as_indented_text() {
    let (tree, _) = tutorial(Criterion::Gini);
    let expected = "\
Decision tree (linfa-trees): depth 3, 7 leaves, 4 features, 3 classes
criterion=gini, max_depth=3, min_samples_leaf=5
";
    let text = tree.to_string();
    assert!(text.starts_with(expected), "{text}");
    assert!(text.contains("\n|--- Right-Weight < 2.5\n|   |--- Left-Weight < 2.5\n"), "{text}");
    assert!(!text.ends_with('\n'));
    assert_eq!(text.matches("class: ").count(), tree.n_leaves());
}

#[test]
fn trees_are_compared_node_by_node() {
    let (tree, _) = tutorial(Criterion::Gini);
    let nodes = tree.nodes();
    assert_eq!(nodes.len(), 2 * tree.n_leaves() - 1);
    for (place, node) in nodes.iter().enumerate() {
        if let LinfaNode::Split { left, right, .. } = node {
            assert!(*left == place + 1 && *right > *left && *right < nodes.len());
        }
    }
    assert_eq!(tree, tree.clone());
    // Same root feature, another threshold: linfa-trees' own == takes these as equal.
    let mut stored = serde_json::to_value(&tree).expect("stored");
    stored["tree"]["root_node"]["split_value"] = json!(3.5);
    let other: LinfaTree = serde_json::from_value(stored).expect("loaded");
    assert_eq!(tree.as_linfa(), other.as_linfa());
    assert_ne!(tree, other);
}

#[test]
fn any_kind_of_label() {
    let features = array![[1.0], [2.0], [3.0], [4.0]];
    let targets: [Labels; 4] = [
        ["a", "a", "b", "b"].into(),
        vec![true, true, false, false].into(),
        vec![7, 7, -7, -7].into(),
        vec![2.0, 2.0, -1.0, -1.0].into(),
    ];
    for target in targets {
        let rows = dataset(features.clone(), target.clone());
        let tree = LinfaTree::params().fit(&rows).expect("fitted");
        assert_eq!(tree.predict(&rows).expect("predicted"), target);
        let bytes = serde_pickle::to_vec(&tree, Default::default()).expect("dumped");
        let loaded: LinfaTree =
            serde_pickle::from_slice(&bytes, Default::default()).expect("loaded");
        assert_eq!(loaded, tree);
    }
    let quantity = dataset(features, vec![1.0, 1.5, 2.0, f64::NAN]);
    assert!(matches!(LinfaTree::params().fit(&quantity), Err(Error::Target { row: 1, .. })));
}

#[test]
fn parameters_out_of_range_are_refused() {
    let rows = dataset(array![[1.0], [2.0]], vec![0, 1]);
    for params in [
        LinfaTree::params().max_depth(0),
        LinfaTree::params().max_depth(MAX_DEPTH + 1),
        LinfaTree::params().max_depth(usize::MAX),
        LinfaTree::params().min_samples_leaf(0),
    ] {
        assert!(matches!(params.fit(&rows), Err(Error::Parameter { .. })), "{params:?}");
    }
    let one_leaf = LinfaTree::params().min_samples_leaf(usize::MAX).fit(&rows).expect("fitted");
    assert_eq!((one_leaf.depth(), one_leaf.n_leaves()), (0, 1));
}

#[test]
fn rows_that_linfa_aborts_on_are_refused_by_name() {
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let rows = dataset(array![[1.0, 2.0], [3.0, bad], [5.0, 6.0]], vec![0, 1, 0]);
        let error = LinfaTree::params().fit(&rows).expect_err("refused").to_string();
        assert!(error.starts_with("row 1, column \"x1\" holds "), "{error}");
        let (tree, _) = tutorial(Criterion::Gini);
        assert!(matches!(
            tree.predict_row(&[1.0, 2.0, bad, 4.0]),
            Err(Error::NotFinite { row: 0, column, .. }) if column == "Right-Weight"
        ));
    }
    let empty = [Array2::zeros((0, 3)), Array2::zeros((3, 0)), Array2::zeros((0, 0))];
    for features in empty {
        let target = vec![1; features.nrows()];
        let error = LinfaTree::params().fit(&dataset(features, target));
        assert!(matches!(error, Err(Error::Empty { .. })));
    }
    // The midpoint of each pair rounds to one of the two, or is infinite.
    let next = f64::from_bits(1e16_f64.to_bits() + 1);
    let after = f64::from_bits(1e16_f64.to_bits() + 2);
    for (lower, upper) in [(1e16, next), (next, after), (1.5e308, 1.7e308), (-1.7e308, -1.5e308)] {
        let rows = dataset(array![[lower], [upper], [lower], [upper]], vec![0, 1, 0, 1]);
        let error = LinfaTree::params().fit(&rows);
        let refused = matches!(&error, Err(error) if has_no_threshold(error));
        assert!(refused, "{lower} {upper}: {error:?}");
    }
}

#[test]
fn one_row_and_one_class_are_a_leaf() {
    for rows in [
        dataset(array![[1.0, 2.0]], ["only"]),
        dataset(array![[1.0], [2.0], [3.0]], ["only", "only", "only"]),
        dataset(array![[1.0], [1.0]], ["only", "only"]),
    ] {
        let tree = LinfaTree::params().fit(&rows).expect("fitted");
        assert_eq!((tree.depth(), tree.n_leaves()), (0, 1));
        assert_eq!(tree.predict(&rows).expect("predicted"), *rows.target());
        assert!(tree.to_string().ends_with("\n|--- class: only"), "{tree}");
    }
}

#[test]
fn other_columns_than_those_of_the_fit_are_refused() {
    let (tree, test) = tutorial(Criterion::Gini);
    assert!(matches!(tree.predict_row(&[1.0]), Err(Error::Columns { expected: 4, found: 1 })));
    assert!(tree.predict_row(&[]).is_err());
    let named = |names: [&str; 4], features: ndarray::Array2<f64>| {
        let names = names.map(String::from).to_vec();
        Dataset::new(features, test.target().clone(), names, "Class").expect("fits together")
    };
    let renamed = ["Left-Weight", "Left-Length", "Right-Weight", "Right-Distance"];
    let problem = tree.predict(&named(renamed, test.features().clone())).expect_err("refused");
    let text = "the names of the columns should be those of the fit; unseen at the fit: \
                \"Left-Length\"; seen at the fit, yet now missing: \"Left-Distance\";";
    assert!(problem.to_string().starts_with(text), "{problem}");
    // in another order they are found by name
    let swapped = ["Left-Weight", "Right-Weight", "Left-Distance", "Right-Distance"];
    let columns = test.features().select(ndarray::Axis(1), &[0, 2, 1, 3]);
    assert_eq!(
        tree.predict(&named(swapped, columns)).expect("predicted"),
        tree.predict(&test).expect("predicted")
    );
    let nothing = test.select(&[]).expect("no rows");
    assert!(tree.predict(&nothing).expect("predicted").is_empty());
}

/// Rows whose tree is a chain: two classes take turns, and the purest split, without a tie, is
/// the lowest run of two rows.
fn chain(runs: usize) -> Dataset {
    let run = |row: usize| row / 2;
    let rows = 2 * runs - 1;
    let features = Array2::from_shape_fn((rows, 1), |(row, _)| run(row) as f64);
    dataset(features, (0..rows).map(|row| (run(row) % 2) as i64).collect::<Vec<_>>())
}

#[test]
fn the_deepest_tree_needs_no_more_stack_than_a_notebooks_cell_has() {
    let work = || {
        let rows = chain(300);
        let tree = LinfaTree::params().fit(&rows).expect("fitted");
        let bytes = serde_pickle::to_vec(&tree, Default::default()).expect("dumped");
        let loaded: LinfaTree =
            serde_pickle::from_slice(&bytes, Default::default()).expect("loaded");
        assert_eq!(loaded, tree);
        assert_eq!(tree.predict(&rows).expect("predicted").len(), rows.rows());
        assert!(tree.to_string().lines().count() < 250);
        tree.clone().depth()
    };
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(work).expect("started");
    let depth = thread.join().expect("no overflow");
    assert_eq!(depth, MAX_DEPTH);
}

#[test]
fn deep_trees_print_in_short() {
    let text = LinfaTree::params().fit(&chain(100)).expect("fitted").to_string();
    assert!(text.contains("truncated branch of depth "), "{text}");
}

#[test]
fn python_reads_the_pickle_as_a_dictionary() {
    let (tree, _) = tutorial(Criterion::Entropy);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("tree.pkl");
    let bytes = serde_pickle::to_vec(&tree, Default::default()).expect("dumped");
    std::fs::write(&path, bytes).expect("written");
    let script =
        "import json, pickle, sys; json.dump(pickle.load(open(sys.argv[1], 'rb')), sys.stdout)";
    let output = Command::new(support::python()).args(["-c", script]).arg(&path).output();
    let output = output.expect("python");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let stored: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(stored, serde_json::to_value(&tree).expect("stored"));
    assert_eq!(stored["format"], "picklebook.LinfaTree");
    assert_eq!(stored["version"], 1);
    let parameters = json!({"criterion": "entropy", "max_depth": 3, "min_samples_leaf": 5});
    assert_eq!(stored["parameters"], parameters);
    let names = ["Left-Weight", "Left-Distance", "Right-Weight", "Right-Distance"];
    assert_eq!(stored["feature_names"], json!(names));
    assert_eq!(stored["classes"], json!(["B", "L", "R"]));
    assert_eq!(stored["tree"]["num_features"], 4);
    assert_eq!(stored["tree"]["root_node"]["feature_name"], "Right-Weight");
}

#[test]
fn tampered_files_are_refused_by_name() {
    let (tree, _) = tutorial(Criterion::Gini);
    let whole = serde_json::to_value(&tree).expect("stored");
    let leaf = json!({
        "feature_idx": 0, "feature_name": "", "split_value": 0.0, "impurity_decrease": 0.0,
        "left_child": null, "right_child": null, "leaf_node": true, "prediction": 0, "depth": 0,
    });
    let root = "/tree/root_node";
    let at = |key: &str| format!("{root}/{key}");
    let changes: Vec<(String, Value, &str)> = vec![
        ("/format".into(), json!("other"), "its format is \"other\""),
        ("/version".into(), json!(2), "its version is 2"),
        ("/parameters/max_depth".into(), json!(0), "max_depth=0"),
        ("/parameters/max_depth".into(), json!(201), "max_depth=201"),
        ("/parameters/max_depth".into(), json!(2), "deeper than max_depth = 2"),
        ("/parameters/min_samples_leaf".into(), json!(0), "min_samples_leaf=0"),
        ("/parameters/criterion".into(), json!("gain"), "unknown variant"),
        ("/classes".into(), json!([]), "its classes are not"),
        ("/classes".into(), json!(["R", "L", "B"]), "its classes are not"),
        ("/classes".into(), json!(["B", "B", "L"]), "its classes are not"),
        ("/classes".into(), json!([1, 2.5, 3]), "the target of row 1 is 2.5"),
        ("/classes".into(), json!(["L"]), "it predicts class 1 of 1"),
        ("/feature_names".into(), json!(["a"]), "1 feature names, but a tree for 4"),
        ("/tree/num_features".into(), json!(1_000_000), "4 feature names, but a tree for 1000000"),
        (at("feature_idx"), json!(4), "node 0: it splits by feature 4 of 4"),
        (at("feature_idx"), json!(0), "node 0: it splits by \"Right-Weight\", but feature 0 is"),
        (at("feature_idx"), json!(-1), "invalid value"),
        (at("prediction"), json!(3), "node 0: it predicts class 3 of 3"),
        (at("left_child/prediction"), json!(9), "node 1: it predicts class 9 of 3"),
        (at("depth"), json!(1), "node 0: its depth is 0, but it says 1"),
        (at("left_child/depth"), json!(0), "node 1: its depth is 1, but it says 0"),
        (at("left_child"), Value::Null, "node 0: it is a split and lacks a child"),
        (at("right_child"), Value::Null, "node 0: it is a split and lacks a child"),
        (at("leaf_node"), json!(true), "node 0: it is a leaf and has children"),
        (at("split_value"), json!("2.5"), "invalid type"),
        (at("left_child"), leaf, "node 1: its depth is 1, but it says 0"),
        (at("left_child"), json!([]), "invalid type"),
    ];
    for (pointer, value, message) in changes {
        let mut stored = whole.clone();
        *stored.pointer_mut(&pointer).expect("there") = value;
        let error = serde_json::from_value::<LinfaTree>(stored).expect_err(&pointer).to_string();
        assert!(error.contains(message), "{pointer}: {error}");
    }
    // Each key of a node, and of the whole, is needed; none is taken twice or unknown.
    for (pointer, parent) in [(root, "node"), ("/tree", "tree"), ("", "file")] {
        let keys: Vec<String> = whole
            .pointer(pointer)
            .and_then(Value::as_object)
            .expect("there")
            .keys()
            .cloned()
            .collect();
        for key in keys {
            let mut stored = whole.clone();
            stored.pointer_mut(pointer).and_then(Value::as_object_mut).expect("there").remove(&key);
            if key == "schema" {
                // files of version 0.1.0 have none
                let older = serde_json::from_value::<LinfaTree>(stored).expect("a whole tree");
                assert!(older.schema().is_none() && older.nodes() == tree.nodes());
                continue;
            }
            let error = serde_json::from_value::<LinfaTree>(stored).expect_err(&key).to_string();
            assert!(error.contains(&format!("missing field `{key}`")), "{parent}: {error}");
        }
    }
    let text = whole.to_string();
    let twice = text.replacen("\"leaf_node\":", "\"leaf_node\":false,\"leaf_node\":", 1);
    let error = serde_json::from_str::<LinfaTree>(&twice).expect_err("refused").to_string();
    assert!(error.contains("duplicate field `leaf_node`"), "{error}");
    for bad in ["nan", "inf"] {
        let mut bytes = serde_pickle::to_vec(&tree, Default::default()).expect("dumped");
        let threshold = [b"G".as_slice(), &2.5_f64.to_be_bytes()].concat();
        let place = bytes.windows(9).position(|window| window == threshold).expect("a threshold");
        let value: f64 = bad.parse().expect("a float");
        bytes[place + 1..place + 9].copy_from_slice(&value.to_be_bytes());
        let error = serde_pickle::from_slice::<LinfaTree>(&bytes, Default::default());
        let error = error.expect_err("refused").to_string();
        assert!(error.contains("its split is not a finite number"), "{error}");
    }
}

#[test]
fn a_file_deeper_than_any_tree_is_refused() {
    let node = |child: &str, depth: usize| {
        format!(
            "{{\"feature_idx\":0,\"feature_name\":\"x\",\"split_value\":0.5,\"impurity_decrease\":0.1,\
             \"right_child\":null,\"leaf_node\":false,\"prediction\":0,\"depth\":{depth},\"left_child\":{child}}}"
        )
    };
    let mut text = "null".to_owned();
    for depth in (0..1000).rev() {
        text = node(&text, depth);
    }
    text = format!(
        "{{\"format\":\"picklebook.LinfaTree\",\"version\":1,\"feature_names\":[\"x\"],\"classes\":[0],\
         \"parameters\":{{\"criterion\":\"gini\",\"max_depth\":null,\"min_samples_leaf\":1}},\
         \"tree\":{{\"num_features\":1,\"root_node\":{text}}}}}"
    );
    assert!(serde_json::from_str::<LinfaTree>(&text).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn any_finite_rows_give_an_error_or_a_tree_that_comes_back_from_its_pickle(
        (columns, values) in (1_usize..4).prop_flat_map(|columns| {
            let value = prop_oneof![
                4 => (-3_i8..3).prop_map(f64::from),
                1 => any::<f64>(),
                1 => (0_u64..4).prop_map(|step| f64::from_bits(1e16_f64.to_bits() + step)),
                1 => (0_u8..4).prop_map(|step| f64::from(step) * 4e-6),
            ];
            let row = (prop::collection::vec(value, columns), 0_i64..4);
            (Just(columns), prop::collection::vec(row, 1..40))
        }),
        leaf in 1_usize..5,
    ) {
        let flat = values.iter().flat_map(|(row, _)| row.clone()).collect();
        let features = Array2::from_shape_vec((values.len(), columns), flat).expect("whole rows");
        let rows = dataset(features, values.iter().map(|(_, label)| *label).collect::<Vec<_>>());
        match LinfaTree::params().min_samples_leaf(leaf).fit(&rows) {
            Ok(tree) => {
                let bytes = serde_pickle::to_vec(&tree, Default::default()).expect("dumped");
                let loaded: LinfaTree = serde_pickle::from_slice(&bytes, Default::default()).expect("loaded");
                prop_assert_eq!(&loaded, &tree);
                prop_assert_eq!(loaded.predict(&rows).expect("predicted"), tree.predict(&rows).expect("predicted"));
                let named = |node| !matches!(node, &LinfaNode::Leaf { class: Label::Text(_), .. });
                prop_assert!(tree.nodes().iter().all(named));
            }
            Err(error) => prop_assert!(matches!(error, Error::NotFinite { .. }) || has_no_threshold(&error), "{}", error),
        }
    }
}
