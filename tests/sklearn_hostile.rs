//! Files that say they are scikit-learn's models and are not whole: an error names what is wrong, and
//! nothing is predicted. In Python several of them end the process, or never end.

#[path = "support/archive.rs"]
mod archive;
mod support;

use std::io::Write;

use picklebook::data::balance_scale;
use picklebook::ensemble::HistGradientBoostingRegressor;
use picklebook::model::Model;
use picklebook::pickle::{Builder, DumpOptions, Error as PickleError, Handle};
use picklebook::sklearn::{self, Error, LoadOptions};
use picklebook::tree::DecisionTreeClassifier;

fn tree() -> DecisionTreeClassifier {
    DecisionTreeClassifier::params().max_depth(4).random_state(0).fit(&balance_scale()).unwrap()
}

/// The pickle of a tree, and where its nodes begin, each of 64 bytes.
fn file(tree: &DecisionTreeClassifier) -> (Vec<u8>, usize) {
    let bytes = sklearn::dumps(tree).unwrap();
    let arrays = tree.tree().arrays();
    let mut first = Vec::new();
    for whole in [arrays.children_left[0], arrays.children_right[0], arrays.feature[0]] {
        first.extend(i64::from(whole).to_le_bytes());
    }
    let nodes = bytes.windows(first.len()).position(|window| window == first).unwrap();
    (bytes, nodes)
}

fn refused(bytes: &[u8]) -> String {
    match sklearn::loads(bytes) {
        Ok(estimator) => panic!("it was read: {estimator}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn every_index_of_every_node_is_checked() {
    let tree = tree();
    let (bytes, nodes) = file(&tree);
    let count = tree.tree().node_count();
    let mut parents = vec![0; count];
    for node in 0..count {
        if let Some((left, right)) = tree.tree().children(node) {
            (parents[left], parents[right]) = (node, node);
        }
    }
    for (node, &parent) in parents.iter().enumerate() {
        let is_split = tree.tree().children(node).is_some();
        let others =
            [-1, -2, 1 << 31, i64::MAX, i64::MIN, node as i64, parent as i64, count as i64];
        for (field, name) in ["left_child", "right_child", "feature"].iter().enumerate() {
            for value in others {
                let place = nodes + 64 * node + 8 * field;
                let mut changed = bytes.clone();
                changed[place..place + 8].copy_from_slice(&value.to_le_bytes());
                if changed == bytes {
                    continue;
                }
                let valid = match *name {
                    // What a leaf would ask is not looked at, and any feature may be asked.
                    "feature" if !is_split => i32::try_from(value).is_ok(),
                    "feature" => (0..4).contains(&value),
                    _ => false,
                };
                match sklearn::loads(&changed) {
                    Ok(_) if valid => {}
                    Ok(_) => panic!("node {node}, {name} = {value} was read"),
                    Err(error) => {
                        let text = error.to_string();
                        assert!(!valid, "node {node}, {name} = {value}: {text}");
                        assert!(text.contains(": node "), "{text}");
                        assert!(matches!(error, Error::Model { .. }), "{text}");
                    }
                }
            }
        }
        // Thresholds that are no numbers, and counts that no tree has.
        let place = nodes + 64 * node;
        for (offset, value) in [(24, f64::NAN.to_bits()), (40, 1 << 40)] {
            let mut changed = bytes.clone();
            changed[place + offset..place + offset + 8].copy_from_slice(&value.to_le_bytes());
            if offset == 40 || is_split {
                let text = refused(&changed);
                assert!(text.contains(&format!("node {node}: ")), "{text}");
            }
        }
    }
}

/// The same for trees over histograms, of which the nodes are packed, 56 bytes each.
#[test]
fn every_index_of_every_node_of_boosting_is_checked() {
    const BYTES: usize = 56;
    let files = archive::files("models.tar.xz");
    let bytes = &files["1.9.1/hist_boosting_regressor.p4.pkl"];
    let model = sklearn::loads(bytes).unwrap();
    let model: &HistGradientBoostingRegressor = model.downcast_ref().unwrap();
    let nodes = model.trees()[0].nodes();
    let mut root = nodes[0].value.to_le_bytes().to_vec();
    root.extend(nodes[0].count.to_le_bytes());
    let start = bytes.windows(root.len()).position(|window| window == root).unwrap();
    let mut parents = vec![0; nodes.len()];
    for (number, node) in nodes.iter().enumerate().filter(|(_, node)| !node.is_leaf) {
        (parents[node.left as usize], parents[node.right as usize]) = (number, number);
    }
    let mut refusals = 0;
    for (number, node) in nodes.iter().enumerate().filter(|(_, node)| !node.is_leaf) {
        let others = [u32::MAX, 1 << 31, number as u32, parents[number] as u32, nodes.len() as u32];
        for (field, name) in [(12, "feature"), (29, "left"), (33, "right")] {
            for value in others {
                let place = start + BYTES * number + field;
                let mut changed = bytes.clone();
                changed[place..place + 4].copy_from_slice(&value.to_le_bytes());
                let is_valid = name == "feature" && (value as usize) < model.n_features();
                if changed == *bytes || is_valid {
                    continue;
                }
                let error = sklearn::loads(&changed).unwrap_err();
                let text = error.to_string();
                assert!(matches!(error, Error::Model { .. }), "{text}");
                assert!(text.contains(": node "), "node {number}, {name} = {value}: {text}");
                refusals += 1;
                if refusals % 50 == 1 {
                    let error = sklearn::convert(&changed, &sklearn::DumpOptions::new());
                    assert_eq!(error.unwrap_err().to_string(), text);
                }
            }
        }
        assert!(node.bitset_idx == 0);
    }
    assert!(refusals > 100, "{refusals}");
}

#[test]
fn values_that_are_no_fractions_are_refused() {
    let tree = tree();
    let (bytes, _) = file(&tree);
    let mut first = Vec::new();
    tree.tree().value(0).iter().for_each(|value| first.extend(value.to_le_bytes()));
    let values = bytes.windows(first.len()).position(|window| window == first).unwrap();
    for value in [f64::NAN, 6.0, -1.0, f64::INFINITY] {
        let mut changed = bytes.clone();
        changed[values..values + 8].copy_from_slice(&value.to_le_bytes());
        let text = refused(&changed);
        assert!(text.contains("node 0: its value"), "{text}");
    }
}

#[test]
fn every_truncation_is_an_error() {
    let (bytes, _) = file(&tree());
    for end in 0..bytes.len() {
        refused(&bytes[..end]);
    }
}

#[test]
fn names_are_taken_exactly() {
    let bytes = sklearn::dumps_with(&tree(), &sklearn::DumpOptions::new().protocol(2)).unwrap();
    let changes: [(&str, &str); 6] = [
        ("DecisionTreeClassifier", "DecisionTreeClassifies"),
        ("DecisionTreeClassifier", "decisionTreeClassifier"),
        ("sklearn.tree._classes", "sklearn.tree._classez"),
        ("sklearn.tree._tree", "sklearn.tree._trex"),
        ("ndarray", "ndarraz"),
        ("classes_q", "klasses_q"),
    ];
    for (name, other) in changes {
        let name = name.trim_end_matches('q');
        let other = other.trim_end_matches('q');
        let places: Vec<usize> = (0..bytes.len() - name.len())
            .filter(|&place| bytes[place..].starts_with(name.as_bytes()))
            .collect();
        assert!(!places.is_empty(), "{name}");
        for place in places {
            // The number of classes stands in the tree, too.
            if bytes[..place].ends_with(b"n_") {
                continue;
            }
            let mut changed = bytes.clone();
            changed[place..place + name.len()].copy_from_slice(other.as_bytes());
            if sklearn::loads(&changed).is_ok() {
                panic!("{other} in the place of {name} at byte {place} was read");
            }
        }
    }
}

/// numpy's array, from its parts.
fn array(
    b: &Builder<'_>,
    shape: &[i64],
    dtype: &str,
    order: &str,
    content: Handle,
) -> Result<Handle, PickleError> {
    let size = match dtype.strip_prefix('U') {
        Some(length) => 4 * length.parse::<i64>().unwrap(),
        None => -1,
    };
    let made = b.reduce(b.global("numpy", "dtype"), [b.str(dtype), b.bool(false), b.bool(true)])?;
    let state =
        [b.int(3), b.str(order), b.none(), b.none(), b.none(), b.int(size), b.int(-1), b.int(0)];
    b.build(made, b.tuple(state)?)?;
    let reconstruct = b.global("numpy._core.multiarray", "_reconstruct");
    let class = b.global("numpy", "ndarray");
    let empty = b.reduce(reconstruct, [class, b.tuple([b.int(0)])?, b.bytes(b"b".to_vec())])?;
    let shape = b.tuple(shape.iter().map(|&length| b.int(length)))?;
    b.build(empty, b.tuple([b.int(1), shape, made, b.bool(false), content])?)?;
    Ok(empty)
}

/// What a scaler of two columns is made of, to be changed.
struct Scaler {
    shape: &'static [i64],
    dtype: &'static str,
    order: &'static str,
    bytes: Vec<u8>,
    columns: i64,
    with_mean: &'static str,
}

impl Scaler {
    fn good() -> Scaler {
        let bytes = [1.0_f64, 2.0].iter().flat_map(|number| number.to_le_bytes()).collect();
        Scaler { shape: &[2], dtype: "f8", order: "<", bytes, columns: 2, with_mean: "True" }
    }

    fn file(&self) -> Vec<u8> {
        let b = Builder::new();
        let object =
            b.newobj(b.global("sklearn.preprocessing._data", "StandardScaler"), []).unwrap();
        let scale =
            array(&b, self.shape, self.dtype, self.order, b.bytes(self.bytes.clone())).unwrap();
        let with_mean = match self.with_mean {
            "True" => b.bool(true),
            other => b.str(other),
        };
        let state = b
            .attributes([
                ("with_mean", with_mean),
                ("with_std", b.bool(true)),
                ("copy", b.bool(true)),
                ("n_features_in_", b.int(self.columns)),
                ("mean_", scale),
                ("scale_", scale),
                ("_sklearn_version", b.str("1.9.1")),
            ])
            .unwrap();
        b.build(object, state).unwrap();
        b.dumps(object, &DumpOptions::new()).unwrap()
    }
}

#[test]
fn shapes_types_and_byte_orders_are_checked() {
    let good = Scaler::good();
    let read = sklearn::loads(&good.file()).unwrap();
    let swapped = good.bytes.chunks(8).flat_map(|number| number.iter().rev().copied()).collect();
    let swapped = Scaler { order: ">", bytes: swapped, ..Scaler::good() };
    assert!(sklearn::loads(&swapped.file()).unwrap() == read, "other byte orders are read");
    let wrong = [
        Scaler { shape: &[3], ..Scaler::good() },
        Scaler { shape: &[1], ..Scaler::good() },
        Scaler { shape: &[2, 1], ..Scaler::good() },
        Scaler { shape: &[-2], ..Scaler::good() },
        Scaler { shape: &[i64::MAX, i64::MAX], ..Scaler::good() },
        Scaler { shape: &[], ..Scaler::good() },
        Scaler { shape: &[4], dtype: "f4", ..Scaler::good() },
        Scaler { dtype: "c16", shape: &[1], ..Scaler::good() },
        Scaler { dtype: "U2", ..Scaler::good() },
        Scaler { dtype: "O8", order: "|", ..Scaler::good() },
        Scaler { dtype: "M8", ..Scaler::good() },
        Scaler { order: "?", ..Scaler::good() },
        Scaler { columns: 3, ..Scaler::good() },
        Scaler { columns: -1, ..Scaler::good() },
        Scaler { columns: i64::MAX, ..Scaler::good() },
        Scaler { with_mean: "yes", ..Scaler::good() },
    ];
    for (case, scaler) in wrong.iter().enumerate() {
        let text = refused(&scaler.file());
        assert!(text.contains("StandardScaler of scikit-learn 1.9.1"), "case {case}: {text}");
    }
}

#[test]
fn a_state_that_is_given_twice_is_refused() {
    let b = Builder::new();
    let object = b.newobj(b.global("sklearn.preprocessing._data", "StandardScaler"), []).unwrap();
    b.build(object, b.attributes([("with_mean", b.bool(false))]).unwrap()).unwrap();
    b.build(object, b.attributes([("with_std", b.bool(false))]).unwrap()).unwrap();
    let text = refused(&b.dumps(object, &DumpOptions::new()).unwrap());
    assert!(text.contains("given twice"), "{text}");
}

/// A pipeline around another object, again and again.
fn nested(levels: usize, itself: bool) -> Vec<u8> {
    let b = Builder::new();
    let class = b.global("sklearn.pipeline", "Pipeline");
    let object = || b.newobj(class, []).unwrap();
    let innermost = object();
    let mut inner = innermost;
    for _ in 0..levels {
        let outer = object();
        let step = b.tuple([b.str("step"), inner]).unwrap();
        let steps = b.list([step]).unwrap();
        b.build(outer, b.attributes([("steps", steps)]).unwrap()).unwrap();
        inner = outer;
    }
    let last = if itself { inner } else { b.none() };
    let step = b.tuple([b.str("step"), last]).unwrap();
    let steps = b.list([step]).unwrap();
    b.build(innermost, b.attributes([("steps", steps)]).unwrap()).unwrap();
    b.dumps(inner, &DumpOptions::new()).unwrap()
}

#[test]
fn models_in_models_without_end_are_refused() {
    for (levels, itself) in [(1, true), (0, true), (50, false), (10_000, false)] {
        let bytes = nested(levels, itself);
        let text = refused(&bytes);
        assert!(text.contains("too deep") || text.contains("no steps"), "{levels}: {text}");
        assert!(sklearn::convert(&bytes, &sklearn::DumpOptions::new()).is_err(), "{levels}");
    }
}

/// A column transformer of so many columns, all of which it passes through.
#[test]
fn columns_without_end_are_refused() {
    let b = Builder::new();
    let all = b.reduce(b.global("builtins", "slice"), [b.none(); 3]).unwrap();
    let step = b.tuple([b.str("all"), b.str("passthrough"), all]).unwrap();
    let steps = b.list([step]).unwrap();
    let class = b.global("sklearn.compose._column_transformer", "ColumnTransformer");
    let object = b.newobj(class, []).unwrap();
    let attributes = [
        ("transformers", steps),
        ("transformers_", steps),
        ("remainder", b.str("drop")),
        ("n_features_in_", b.int(1_i64 << 50)),
        ("_sklearn_version", b.str("1.9.1")),
    ];
    b.build(object, b.attributes(attributes).unwrap()).unwrap();
    let bytes = b.dumps(object, &DumpOptions::new()).unwrap();
    let text = refused(&bytes);
    assert!(text.contains("1125899906842624 columns, more than"), "{text}");
    let old = sklearn::DumpOptions::new().version(sklearn::Version::new(1, 2, 2));
    let text = sklearn::convert(&bytes, &old).unwrap_err().to_string();
    assert!(text.contains("1125899906842624 columns, more than"), "{text}");
}

#[test]
fn containers_that_hold_themselves_are_searched_once() {
    let b = Builder::new();
    let list = b.list([]).unwrap();
    b.extend(list, [list; 100]).unwrap();
    let dict = b.dict([(b.str("a"), list), (b.str("b"), b.int(1))]).unwrap();
    b.extend(list, [dict]).unwrap();
    let bytes = b.dumps(dict, &DumpOptions::new()).unwrap();
    assert!(matches!(sklearn::loads(&bytes), Err(Error::NoEstimator { .. })));
    for path in ["['a'][0][0][0][100]['b']", "['c']", "['a'][101]", "['a'][-102]", "['b'][0]", "x"]
    {
        let error = sklearn::loads_with(&bytes, &LoadOptions::new().object(path));
        assert!(matches!(error, Err(Error::NoObject { .. } | Error::NoEstimator { .. })), "{path}");
    }
}

#[test]
fn compressed_bombs_are_refused() {
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    let zeros = vec![0_u8; 1 << 20];
    for _ in 0..1024 {
        packed.write_all(&zeros).unwrap();
    }
    let bomb = packed.finish().unwrap();
    assert!(bomb.len() < 2 << 20);
    let text = refused(&bomb);
    assert!(text.contains("unpack") || text.contains("bytes"), "{text}");
    // A bomb in a bomb.
    let mut twice = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    twice.write_all(&bomb).unwrap();
    refused(&twice.finish().unwrap());
}

#[test]
fn what_python_would_call_is_not_called() {
    let b = Builder::new();
    let call = b.reduce(b.global("builtins", "print"), [b.str("called")]).unwrap();
    let object = b.newobj(b.global("sklearn.tree._classes", "DecisionTreeClassifier"), []).unwrap();
    b.build(object, b.attributes([("tree_", call), ("classes_", call)]).unwrap()).unwrap();
    let bytes = b.dumps(object, &DumpOptions::new()).unwrap();
    let error = sklearn::loads(&bytes).unwrap_err();
    assert!(matches!(error, Error::UnknownNames { .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains("byte 108: calls builtins.print('called')"), "{text}");
    let all = LoadOptions::new().allow_unknown(true);
    let text = sklearn::loads_with(&bytes, &all).unwrap_err().to_string();
    assert!(text.contains("an object of builtins.print"), "{text}");
    let bytes = b.dumps(call, &DumpOptions::new()).unwrap();
    assert!(matches!(sklearn::loads(&bytes), Err(Error::UnknownNames { .. })));
    assert!(matches!(sklearn::loads_with(&bytes, &all), Err(Error::NoEstimator { .. })));
}

/// The trees that models of neighbours keep their rows in: whatever is changed in them, loading ends,
/// and what is loaded answers or refuses.
#[test]
fn changed_trees_of_neighbours_are_refused_or_answer() {
    let files = archive::files("neighbours.tar.xz");
    let names = files.keys().filter(|name| {
        let is_tree = name.contains("kd_tree_grid") || name.contains("ball_tree_spread");
        name.starts_with("1.9.1/") && is_tree && name.ends_with(".p2.pkl")
    });
    let names: Vec<&String> = names.collect();
    assert!(names.len() >= 3, "{names:?}");
    let rows = ndarray::Array2::from_shape_fn((3, 3), |(row, column)| (row + column) as f64);
    let (mut read, mut refusals) = (0, 0);
    for (number, name) in names.into_iter().take(3).enumerate() {
        let bytes = &files[name];
        for place in (number..bytes.len()).step_by(7) {
            let mut changed = bytes.clone();
            changed[place] ^= [0x01, 0x80, 0xff][place % 3];
            match sklearn::loads(&changed) {
                Ok(estimator) => {
                    read += 1;
                    // two columns or three: one of them is refused
                    let columns = estimator.n_features().min(3);
                    let _ = estimator.predict(rows.slice(ndarray::s![.., ..columns]));
                }
                Err(_) => refusals += 1,
            }
        }
    }
    assert!(read > 100 && refusals > 100, "{read} {refusals}");
}

/// A place of a row, or of a node, that there is not: each is refused by the class and the tree.
#[test]
fn places_in_trees_of_neighbours_are_checked() {
    let files = archive::files("neighbours.tar.xz");
    let name = files.keys().find(|name| name.starts_with("0.24.2/") && name.contains("kd_tree"));
    let bytes = &files[&name.unwrap().replace(".json", ".p2.pkl")];
    let model = sklearn::loads(bytes).unwrap();
    // the root of all rows, of which there are as many as in the order of the tree
    let root: Vec<u8> = [0_i64, 90, 0].iter().flat_map(|number| number.to_le_bytes()).collect();
    let escaped = |bytes: &[u8]| -> Vec<u8> {
        // protocol 2 keeps bytes as text in Latin 1
        bytes.iter().flat_map(|&byte| char::from(byte).to_string().into_bytes()).collect()
    };
    let root = escaped(&root);
    let place = bytes.windows(root.len()).position(|window| window == root);
    let place = place.unwrap_or_else(|| panic!("no root in {}", model.name()));
    // one row more than there is, one less, one that is left out, and far too many
    for (offset, byte) in [(8, 91), (8, 89), (0, 1), (11, 1)] {
        let mut changed = bytes.clone();
        assert!(changed[place + offset] < 0x80);
        changed[place + offset] = byte;
        let text = refused(&changed);
        assert!(text.contains("its tree: ") && text.contains(model.name()), "{text}");
    }
}

/// A `csr_matrix` of SciPy's, or what calls itself another class of its.
fn sparse(class: &str, shape: &[i64], starts: &[i32], places: &[i32], cells: i64) -> Vec<u8> {
    let b = Builder::new();
    let object = b.newobj(b.global("scipy.sparse._csr", class), []).unwrap();
    let integers = |numbers: &[i32]| {
        let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        array(&b, &[numbers.len() as i64], "i4", "<", b.bytes(bytes)).unwrap()
    };
    let values: Vec<u8> = (0..cells).flat_map(|cell| (cell as f64 + 1.0).to_le_bytes()).collect();
    let values = array(&b, &[cells], "f8", "<", b.bytes(values)).unwrap();
    let state = b
        .attributes([
            ("_shape", b.tuple(shape.iter().map(|&length| b.int(length))).unwrap()),
            ("indptr", integers(starts)),
            ("indices", integers(places)),
            ("data", values),
        ])
        .unwrap();
    b.build(object, state).unwrap();
    b.dumps(object, &DumpOptions::new()).unwrap()
}

#[test]
fn sparse_matrices_are_checked() {
    let rows = |bytes: &[u8]| {
        sklearn::sparse_rows(&picklebook::pickle::loads(bytes).unwrap())
            .map(|rows| rows.to_dense())
            .map_err(|error| error.to_string())
    };
    let good = rows(&sparse("csr_matrix", &[2, 3], &[0, 3, 4], &[2, 0, 2, 1], 4)).unwrap();
    assert_eq!(good, ndarray::array![[2.0, 0.0, 4.0], [0.0, 4.0, 0.0]], "cells are added");
    let turned = rows(&sparse("csc_matrix", &[3, 2], &[0, 3, 4], &[2, 0, 2, 1], 4)).unwrap();
    assert_eq!(turned, good.t());
    type Case = (&'static [i64], &'static [i32], &'static [i32], i64);
    let wrong: [Case; 12] = [
        (&[2], &[0, 1, 1], &[0], 1),
        (&[2, 3, 1], &[0, 1, 1], &[0], 1),
        (&[-2, 3], &[0, 1, 1], &[0], 1),
        (&[3, 3], &[0, 1, 1], &[0], 1),
        (&[i64::MAX, 3], &[0, 1, 1], &[0], 1),
        (&[2, i64::MAX], &[0, 1, 1], &[0], 1),
        (&[2, 3], &[0, 1, 1], &[3], 1),
        (&[2, 3], &[0, 1, 1], &[-1], 1),
        (&[2, 3], &[1, 1, 1], &[0], 1),
        (&[2, 3], &[0, 1, 0], &[0], 1),
        (&[2, 3], &[0, 1, 2], &[0, 1], 1),
        (&[2, 3], &[0, -1, 1], &[0], 1),
    ];
    for (case, (shape, starts, places, cells)) in wrong.into_iter().enumerate() {
        let found = rows(&sparse("csr_matrix", shape, starts, places, cells));
        let text = found.expect_err("it is not whole");
        assert!(text.starts_with("this is no sparse matrix"), "case {case}: {text}");
    }
    assert!(rows(&sparse("lil_matrix", &[1, 1], &[0, 1], &[0], 1)).is_err());
    let most = 1 << 24;
    assert!(rows(&sparse("csc_matrix", &[most + 1, 1], &[0, 1], &[0], 1)).is_err(), "memory");
}

/// A vectorizer with the usual parameters but for one.
fn vectorizer(name: &str, value: impl Fn(&Builder<'_>) -> Handle) -> Vec<u8> {
    let b = Builder::new();
    let class = b.global("sklearn.feature_extraction.text", "CountVectorizer");
    let object = b.newobj(class, []).unwrap();
    let vocabulary = b.attributes([("ab", b.int(0)), ("cd", b.int(1))]).unwrap();
    let usual = [
        ("input", b.str("content")),
        ("preprocessor", b.none()),
        ("tokenizer", b.none()),
        ("analyzer", b.str("word")),
        ("strip_accents", b.none()),
        ("lowercase", b.bool(true)),
        ("token_pattern", b.str(r"(?u)\b\w\w+\b")),
        ("stop_words", b.none()),
        ("ngram_range", b.tuple([b.int(1), b.int(1)]).unwrap()),
        ("binary", b.bool(false)),
        ("dtype", b.global("numpy", "int64")),
        ("vocabulary_", vocabulary),
        ("_sklearn_version", b.str("1.9.1")),
    ];
    let other = value(&b);
    let pairs = usual.map(|(own, usual)| (own, if own == name { other } else { usual }));
    b.build(object, b.attributes(pairs).unwrap()).unwrap();
    b.dumps(object, &DumpOptions::new()).unwrap()
}

#[test]
fn parameters_of_vectorizers_are_checked() {
    assert!(sklearn::loads(&vectorizer("", |b| b.none())).is_ok());
    let cases: [(Vec<u8>, &str); 13] = [
        (vectorizer("tokenizer", |b| b.global("nltk", "word_tokenize")), "nltk.word_tokenize"),
        (vectorizer("preprocessor", |b| b.global("__main__", "clean")), "__main__.clean"),
        (vectorizer("analyzer", |b| b.global("__main__", "split")), "__main__.split"),
        (vectorizer("strip_accents", |b| b.global("__main__", "strip")), "__main__.strip"),
        (vectorizer("input", |b| b.str("filename")), "filename"),
        (vectorizer("stop_words", |b| b.str("german")), "german"),
        (vectorizer("stop_words", |b| b.int(5)), "stop_words"),
        (vectorizer("token_pattern", |b| b.str("(?i)a|b")), "(?i)a|b"),
        (vectorizer("ngram_range", |b| b.tuple([b.int(-1), b.int(1)]).unwrap()), "ngram_range"),
        (vectorizer("ngram_range", |b| b.int(1)), "ngram_range"),
        (vectorizer("dtype", |b| b.global("numpy", "int8")), "int8"),
        (vectorizer("vocabulary_", |b| b.attributes([("ab", b.int(1))]).unwrap()), "vocabulary_"),
        (
            vectorizer("vocabulary_", |b| {
                b.attributes([("ab", b.int(0)), ("cd", b.int(0))]).unwrap()
            }),
            "another's",
        ),
    ];
    // a function of the user's is refused as unknown code first, and by the vectorizer after that
    let all = LoadOptions::new().allow_unknown(true);
    for (file, culprit) in cases {
        assert!(sklearn::loads(&file).is_err(), "{culprit}");
        let text = sklearn::loads_with(&file, &all).unwrap_err().to_string();
        assert!(text.contains("CountVectorizer") && text.contains(culprit), "{text}");
    }
}
