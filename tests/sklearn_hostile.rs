//! Files that say they are scikit-learn's models and are not whole: an error names what is wrong, and
//! nothing is predicted. In Python several of them end the process, or never end.

#[path = "support/archive.rs"]
mod archive;
mod support;

use std::io::Write;

use picklebook::data::balance_scale;
use picklebook::ensemble::HistGradientBoostingRegressor;
use picklebook::model::Model;
use picklebook::pickle::{self, Builder, DumpOptions, Error as PickleError, Handle, Value};
use picklebook::sklearn::{self, Error, LoadOptions};
use picklebook::tree::{DecisionTreeClassifier, DecisionTreeRegressor};

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
    // numpy would take these bytes for addresses: the inspector says so, and the reader refuses them,
    // too.
    let objects = Scaler { dtype: "O8", order: "|", ..Scaler::good() }.file();
    let text = refused(&objects);
    assert!(text.contains("takes the bytes of an array for addresses of objects"), "{text}");
    let allowed = sklearn::loads_with(&objects, &LoadOptions::new().allow_unknown(true));
    let text = allowed.expect_err("it is no array").to_string();
    assert!(text.contains("StandardScaler of scikit-learn 1.9.1"), "{text}");
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

/// A model of scikit-learn's module and name, with these attributes.
fn model(b: &Builder<'_>, (module, name): (&str, &str), attributes: &[(&str, Handle)]) -> Handle {
    let object = b.newobj(b.global(&format!("sklearn.{module}"), name), []).unwrap();
    let version = [("_sklearn_version", b.str("1.9.1"))];
    let state = attributes.iter().copied().chain(version);
    b.build(object, b.attributes(state).unwrap()).unwrap();
    object
}

/// A dummy that says the first of its classes, of three columns.
fn dummy(b: &Builder<'_>, classes: &[i64]) -> Handle {
    dummy_of(b, classes, 3)
}

fn dummy_of(b: &Builder<'_>, classes: &[i64], columns: i64) -> Handle {
    let prior = b.list(classes.iter().map(|_| b.float(0.5))).unwrap();
    let classes = b.list(classes.iter().map(|&class| b.int(class))).unwrap();
    let attributes = [
        ("strategy", b.str("prior")),
        ("n_features_in_", b.int(columns)),
        ("n_outputs_", b.int(1)),
        ("classes_", classes),
        ("class_prior_", prior),
    ];
    model(b, ("dummy", "DummyClassifier"), &attributes)
}

/// A dummy that estimates so many numbers, of three columns.
fn number(b: &Builder<'_>, outputs: i64) -> Handle {
    let constants = b.list((0..outputs).map(|_| b.float(7.0))).unwrap();
    let attributes =
        [("n_features_in_", b.int(3)), ("n_outputs_", b.int(outputs)), ("constant_", constants)];
    model(b, ("dummy", "DummyRegressor"), &attributes)
}

fn floats(b: &Builder<'_>, numbers: &[f64]) -> Handle {
    b.list(numbers.iter().map(|&number| b.float(number))).unwrap()
}

fn integers(b: &Builder<'_>, numbers: &[i64]) -> Handle {
    b.list(numbers.iter().map(|&number| b.int(number))).unwrap()
}

/// `estimators`: a name and "drop" or None in the place of an estimator that was not fitted.
fn names(b: &Builder<'_>, kept: &[bool]) -> Handle {
    let pair =
        |&kept: &bool| b.tuple([b.str("a"), if kept { b.none() } else { b.str("drop") }]).unwrap();
    b.list(kept.iter().map(pair)).unwrap()
}

/// Makes the value of an attribute.
type Makes<'m> = &'m dyn Fn(&Builder<'_>) -> Handle;

/// An attribute, another value, and what the refusal says.
type AttributeChange<'m> = (&'m str, Makes<'m>, &'m str);

/// What is read as it is, and, with an attribute changed, refused with a message.
fn check_changes(
    class: (&str, &str),
    attributes: &dyn Fn(&Builder<'_>) -> Vec<(&'static str, Handle)>,
    changes: &[AttributeChange<'_>],
) {
    let file = |change: Option<(&str, Makes<'_>)>| {
        let b = Builder::new();
        let mut attributes = attributes(&b);
        if let Some((name, value)) = change {
            let value = value(&b);
            match attributes.iter_mut().find(|(own, _)| *own == name) {
                Some(attribute) => attribute.1 = value,
                None => panic!("{} has no {name}", class.1),
            }
        }
        b.dumps(model(&b, class, &attributes), &DumpOptions::new()).unwrap()
    };
    if let Err(error) = sklearn::loads(&file(None)) {
        panic!("{}: {error}", class.1);
    }
    for (name, value, expected) in changes {
        let text = refused(&file(Some((name, value))));
        assert!(text.contains(expected), "{} with another {name}: {text}", class.1);
        assert!(text.contains(&format!("{} of scikit-learn 1.9.1", class.1)), "{text}");
    }
}

#[test]
fn the_parts_of_votes_and_stacks_are_checked() {
    let three = |b: &Builder<'_>| b.list([dummy(b, &[0, 1]), dummy(b, &[0, 1])]).unwrap();
    check_changes(
        ("ensemble._voting", "VotingClassifier"),
        &|b| {
            vec![
                ("estimators", names(b, &[true, false, true])),
                ("estimators_", three(b)),
                ("classes_", b.list([b.str("L"), b.str("R")]).unwrap()),
                ("voting", b.str("soft")),
                ("weights", floats(b, &[1.0, 5.0, 2.0])),
                ("flatten_transform", b.bool(true)),
            ]
        },
        &[
            ("estimators", &|b| names(b, &[true, true, true]), "as many names"),
            ("estimators", &|b| b.list([b.str("a")]).unwrap(), "it is a Python str, not a list"),
            ("estimators_", &|b| b.list([]).unwrap(), "as many names"),
            ("estimators_", &|b| b.list([b.none(), b.none()]).unwrap(), "number 0: "),
            (
                "estimators_",
                &|b| b.list([dummy(b, &[0, 1]), dummy(b, &[0, 1, 2])]).unwrap(),
                "model 1, a DummyClassifier, does not know the probabilities of all classes",
            ),
            (
                "estimators_",
                &|b| b.list([dummy(b, &[0, 1]), number(b, 1)]).unwrap(),
                "a DummyRegressor, does not know",
            ),
            ("classes_", &|b| b.list([b.str("R"), b.str("L")]).unwrap(), "ascending"),
            ("classes_", &|b| b.list([]).unwrap(), "no classes"),
            ("voting", &|b| b.str("loud"), "its voting is \"loud\""),
            ("weights", &|b| floats(b, &[1.0, 2.0]), "as many as estimators"),
            ("weights", &|b| floats(b, &[f64::NAN, 1.0, 2.0]), "the weight of a model is NaN"),
            ("weights", &|b| floats(b, &[-2.0, 1.0, 2.0]), "add up to 0"),
            ("flatten_transform", &|b| b.int(2), "not True or False"),
        ],
    );
    check_changes(
        ("ensemble._voting", "VotingClassifier"),
        &|b| {
            vec![
                ("estimators", names(b, &[true, true])),
                ("estimators_", three(b)),
                ("classes_", integers(b, &[3, 4])),
                ("voting", b.str("hard")),
            ]
        },
        &[
            (
                "estimators_",
                &|b| b.list([dummy(b, &[0, 1]), dummy(b, &[0, 2])]).unwrap(),
                "does not tell the places of the classes apart",
            ),
            (
                "estimators_",
                &|b| b.list([dummy(b, &[-1, 0]), dummy(b, &[0])]).unwrap(),
                "does not tell the places of the classes apart",
            ),
        ],
    );
    check_changes(
        ("ensemble._voting", "VotingRegressor"),
        &|b| {
            vec![
                ("estimators", names(b, &[true, true])),
                ("estimators_", b.list([number(b, 1), number(b, 1)]).unwrap()),
                ("weights", b.none()),
            ]
        },
        &[
            (
                "estimators_",
                &|b| b.list([number(b, 1), number(b, 2)]).unwrap(),
                "estimates no single number",
            ),
            ("weights", &|b| floats(b, &[1.0, f64::INFINITY]), "the weight of a model is inf"),
        ],
    );
    check_changes(
        ("ensemble._stacking", "StackingClassifier"),
        &|b| {
            vec![
                ("estimators", names(b, &[true, true])),
                ("estimators_", three(b)),
                ("classes_", integers(b, &[3, 4])),
                ("stack_method_", b.list([b.str("predict_proba"), b.str("predict")]).unwrap()),
                ("passthrough", b.bool(true)),
                ("final_estimator_", dummy_of(b, &[0, 1], 5)),
                ("_label_encoder", b.none()),
            ]
        },
        &[
            ("stack_method_", &|b| b.list([b.str("predict")]).unwrap(), "as many as estimators_"),
            (
                "stack_method_",
                &|b| b.list([b.str("predict"), b.str("fit")]).unwrap(),
                "not a method of an estimator",
            ),
            (
                "stack_method_",
                &|b| b.list([b.str("predict"), b.str("decision_function")]).unwrap(),
                "a DummyClassifier, has no decision_function",
            ),
            ("passthrough", &|b| b.bool(false), "takes 5 columns, not 2"),
            ("final_estimator_", &|b| number(b, 1), "takes 3 columns, not 5"),
            ("_label_encoder", &|b| b.list([]).unwrap(), "a row may have several labels"),
        ],
    );
}

#[test]
fn the_parts_of_bags_are_checked() {
    let places = |b: &Builder<'_>, places: &[&[i64]]| {
        b.list(places.iter().map(|places| integers(b, places))).unwrap()
    };
    check_changes(
        ("ensemble._bagging", "BaggingClassifier"),
        &|b| {
            vec![
                ("n_features_in_", b.int(4)),
                ("n_estimators", b.int(2)),
                ("estimators_", b.list([dummy(b, &[0, 1]), dummy(b, &[1])]).unwrap()),
                ("estimators_features_", places(b, &[&[0, 1, 3], &[3, 3, 0]])),
                ("classes_", integers(b, &[3, 4])),
            ]
        },
        &[
            ("n_features_in_", &|b| b.int(3), "a model is given column 3, of 3"),
            ("n_features_in_", &|b| b.int(0), "it has no columns"),
            ("n_features_in_", &|b| b.int(i64::MAX), "more than the"),
            ("n_estimators", &|b| b.int(3), "it has 2 estimators, not n_estimators"),
            ("estimators_features_", &|b| places(b, &[&[0, 1, 2]]), "as many as estimators_"),
            ("estimators_features_", &|b| places(b, &[&[0, 1, 4], &[0, 1, 2]]), "column 4"),
            ("estimators_features_", &|b| places(b, &[&[0, 1, -1], &[0, 1, 2]]), "no places"),
            ("estimators_features_", &|b| places(b, &[&[0, 1], &[0, 1, 2]]), "3 columns, not 2"),
            ("estimators_features_", &|b| floats(b, &[0.5, 1.0]), "estimators_features_"),
            (
                "estimators_",
                &|b| b.list([dummy(b, &[0, 2]), number(b, 1)]).unwrap(),
                "model 1, a DummyRegressor, does not tell the places of the classes apart",
            ),
        ],
    );
    check_changes(
        ("ensemble._bagging", "BaggingRegressor"),
        &|b| {
            vec![
                ("n_features_in_", b.int(3)),
                ("n_estimators", b.int(2)),
                ("estimators_", b.list([number(b, 2), number(b, 2)]).unwrap()),
                ("estimators_features_", places(b, &[&[0, 1, 2], &[0, 1, 2]])),
            ]
        },
        &[(
            "estimators_",
            &|b| b.list([number(b, 2), number(b, 1)]).unwrap(),
            "does not estimate as many numbers as the others",
        )],
    );
}

#[test]
fn the_parts_of_models_of_classes_and_outputs_are_checked() {
    let binarizer = |b: &Builder<'_>, kind: &str, classes: &[i64]| {
        let attributes = [("y_type_", b.str(kind)), ("classes_", integers(b, classes))];
        model(b, ("preprocessing._label", "LabelBinarizer"), &attributes)
    };
    let sides =
        |b: &Builder<'_>, count: usize| b.list((0..count).map(|_| dummy(b, &[0, 1]))).unwrap();
    check_changes(
        ("multiclass", "OneVsRestClassifier"),
        &|b| {
            vec![
                ("estimators_", sides(b, 3)),
                ("label_binarizer_", binarizer(b, "multiclass", &[1, 2, 3])),
            ]
        },
        &[
            ("estimators_", &|b| sides(b, 2), "models of classes: expected 3, found 2"),
            ("estimators_", &|b| sides(b, 0), "nothing around it does"),
            (
                "estimators_",
                &|b| b.list([dummy(b, &[0, 1]), dummy(b, &[0, 1]), dummy(b, &[0])]).unwrap(),
                "model 2, a DummyClassifier, does not say how far",
            ),
            (
                "estimators_",
                &|b| b.list([dummy(b, &[0, 1]), number(b, 1), number(b, 2)]).unwrap(),
                "model 2, a DummyRegressor, does not say how far",
            ),
            ("label_binarizer_", &|b| binarizer(b, "multiclass", &[1]), "a single class"),
            ("label_binarizer_", &|b| binarizer(b, "multiclass", &[2, 1, 3]), "ascending"),
            ("label_binarizer_", &|b| binarizer(b, "binary", &[1, 2]), "expected 1, found 3"),
            ("label_binarizer_", &|b| binarizer(b, "continuous", &[1, 2, 3]), "another type"),
            ("label_binarizer_", &|b| b.none(), "label_binarizer_"),
        ],
    );
    let constant = |b: &Builder<'_>, answer: &[i64]| {
        model(b, ("multiclass", "_ConstantPredictor"), &[("y_", integers(b, answer))])
    };
    check_changes(
        ("multiclass", "OneVsOneClassifier"),
        &|b| {
            let models = b.list([dummy(b, &[0, 1]), constant(b, &[1]), dummy(b, &[0, 1])]).unwrap();
            vec![
                ("estimators_", models),
                ("classes_", integers(b, &[1, 2, 3])),
                ("pairwise_indices_", b.none()),
            ]
        },
        &[
            ("estimators_", &|b| sides(b, 4), "models of pairs of classes: expected 3, found 4"),
            ("classes_", &|b| integers(b, &[1]), "a single class"),
            ("pairwise_indices_", &|b| b.list([]).unwrap(), "distances"),
            (
                "estimators_",
                &|b| b.list([dummy(b, &[0, 1]), constant(b, &[2]), dummy(b, &[0, 1])]).unwrap(),
                "it is neither [0] nor [1]",
            ),
        ],
    );
    check_changes(
        ("multioutput", "MultiOutputClassifier"),
        &|b| vec![("estimators_", sides(b, 2))],
        &[
            ("estimators_", &|b| b.list([]).unwrap(), "nothing around it does"),
            ("estimators_", &|b| b.list([number(b, 1)]).unwrap(), "tells no classes apart"),
            (
                "estimators_",
                &|b| b.list([dummy(b, &[0, 1]), dummy_of(b, &[0, 1], 4)]).unwrap(),
                "takes 4 columns, not 3",
            ),
        ],
    );
    check_changes(
        ("multioutput", "MultiOutputRegressor"),
        &|b| vec![("estimators_", b.list([number(b, 1)]).unwrap())],
        &[("estimators_", &|b| b.list([number(b, 2)]).unwrap(), "estimates no single number")],
    );
}

#[test]
fn the_parts_of_calibrations_and_changed_targets_are_checked() {
    /// A calibrated classifier of the classes 1 and 2, with a calibrator of these attributes.
    fn calibrated(
        b: &Builder<'_>,
        method: &str,
        (class, attributes): (&str, &[(&str, Handle)]),
        of: &[i64],
        count: usize,
    ) -> Handle {
        let calibrators = (0..count).map(|_| model(b, ("calibration", class), attributes));
        let attributes = [
            ("estimator", dummy(b, of)),
            ("calibrators", b.list(calibrators).unwrap()),
            ("classes", integers(b, &[1, 2])),
            ("method", b.str(method)),
        ];
        b.list([model(b, ("calibration", "_CalibratedClassifier"), &attributes)]).unwrap()
    }
    let sigmoid = |b: &Builder<'_>, slope: f64, of: &[i64], count: usize| {
        let attributes = [("a_", b.float(slope)), ("b_", b.float(0.5))];
        calibrated(b, "sigmoid", ("_SigmoidCalibration", &attributes), of, count)
    };
    let isotonic = |b: &Builder<'_>, from: &[f64], to: &[f64]| {
        let attributes = [("X_thresholds_", floats(b, from)), ("y_thresholds_", floats(b, to))];
        calibrated(b, "isotonic", ("_SigmoidCalibration", &attributes), &[1, 2], 1)
    };
    let name = "calibrated_classifiers_";
    check_changes(
        ("calibration", "CalibratedClassifierCV"),
        &|b| vec![(name, sigmoid(b, -2.0, &[1, 2], 1)), ("classes_", integers(b, &[1, 2]))],
        &[
            (name, &|b| sigmoid(b, -2.0, &[1, 2], 2), "calibrators of scores: expected 1, found 2"),
            (name, &|b| sigmoid(b, f64::NAN, &[1, 2], 1), "not finite"),
            (name, &|b| sigmoid(b, -2.0, &[1, 3], 1), "classes of its own"),
            (name, &|b| sigmoid(b, -2.0, &[1], 1), "fewer classes"),
            (name, &|b| isotonic(b, &[0.0, 1.0], &[0.0]), "values of thresholds"),
            (name, &|b| isotonic(b, &[1.0, 0.0], &[0.0, 1.0]), "do not ascend"),
            (name, &|b| isotonic(b, &[0.0, f64::NAN], &[0.0, 1.0]), "not finite"),
            (name, &|b| isotonic(b, &[], &[]), "no thresholds"),
            (
                name,
                &|b| calibrated(b, "guess", ("_SigmoidCalibration", &[]), &[1, 2], 1),
                "another method",
            ),
            (
                name,
                &|b| calibrated(b, "temperature", ("_SigmoidCalibration", &[]), &[1, 2], 1),
                "a calibrator has no beta_",
            ),
            (name, &|b| b.list([]).unwrap(), "nothing around it does"),
            (name, &|b| b.list([dummy(b, &[1, 2])]).unwrap(), "one has no estimator"),
        ],
    );
    let scaler = |b: &Builder<'_>, columns: usize| {
        let attributes = [("scale_", floats(b, &vec![2.0; columns]))];
        model(b, ("preprocessing._data", "MaxAbsScaler"), &attributes)
    };
    check_changes(
        ("compose._target", "TransformedTargetRegressor"),
        &|b| {
            vec![
                ("regressor_", number(b, 1)),
                ("transformer_", scaler(b, 1)),
                ("_training_dim", b.int(1)),
            ]
        },
        &[
            ("regressor_", &|b| dummy(b, &[0, 1]), "estimates no numbers"),
            ("regressor_", &|b| number(b, 2), "takes 1 columns, not 2"),
            ("transformer_", &|b| dummy_of(b, &[0, 1], 1), "has no inverse here"),
            ("transformer_", &|b| scaler(b, 2), "takes 2 columns, not 1"),
            ("_training_dim", &|b| b.int(3), "its target has 3 dimensions"),
        ],
    );
}

#[test]
fn the_parts_of_dummies_are_checked() {
    check_changes(
        ("dummy", "DummyClassifier"),
        &|b| {
            vec![
                ("strategy", b.str("constant")),
                ("constant", b.int(4)),
                ("sparse_output_", b.bool(false)),
                ("n_outputs_", b.int(1)),
                ("classes_", integers(b, &[3, 4])),
                ("class_prior_", floats(b, &[0.5, 0.5])),
            ]
        },
        &[
            ("strategy", &|b| b.str("stratified"), "draws its answers at random"),
            ("strategy", &|b| b.str("uniform"), "draws its answers at random"),
            ("strategy", &|b| b.str("best"), "its strategy is \"best\""),
            ("constant", &|b| b.int(5), "none of its classes"),
            ("constant", &|b| b.str("4"), "none of its classes"),
            ("constant", &|b| integers(b, &[4, 4]), "none of its classes"),
            ("constant", &|b| b.none(), "none of its classes"),
            ("sparse_output_", &|b| b.bool(true), "a sparse table"),
            ("n_outputs_", &|b| b.int(2), "classes_"),
            ("n_outputs_", &|b| b.int(-1), "n_outputs_"),
            ("n_outputs_", &|b| b.int(i64::MAX), "classes_"),
            ("class_prior_", &|b| floats(b, &[1.0]), "shares of classes: expected 2, found 1"),
            ("class_prior_", &|b| floats(b, &[f64::NAN, 1.0]), "not finite"),
            ("classes_", &|b| integers(b, &[4, 3]), "ascending"),
        ],
    );
    check_changes(
        ("dummy", "DummyRegressor"),
        &|b| vec![("n_outputs_", b.int(1)), ("constant_", floats(b, &[7.0]))],
        &[
            ("n_outputs_", &|b| b.int(2), "not one for each output"),
            ("constant_", &|b| floats(b, &[f64::INFINITY]), "its constant is inf"),
            ("constant_", &|b| b.str("7"), "constant_"),
        ],
    );
}

/// Each level refers to the one below many times: read one by one, that would never end.
#[test]
fn models_that_are_in_models_again_and_again_are_refused() {
    for (levels, times) in [(14, 100), (3, 3000)] {
        let b = Builder::new();
        let mut inner = number(&b, 1);
        for _ in 0..levels {
            let estimators = names(&b, &vec![true; times]);
            let models = b.list((0..times).map(|_| inner)).unwrap();
            let attributes = [("estimators", estimators), ("estimators_", models)];
            inner = model(&b, ("ensemble._voting", "VotingRegressor"), &attributes);
        }
        let text = refused(&b.dumps(inner, &DumpOptions::new()).unwrap());
        assert!(text.contains("models in a model"), "{text}");
    }
    let b = Builder::new();
    let step = |inner| b.tuple([b.str("step"), inner]).unwrap();
    let mut inner = b.none();
    for _ in 0..15 {
        let steps = b.list((0..100).map(|_| step(inner))).unwrap();
        inner = model(&b, ("pipeline", "Pipeline"), &[("steps", steps)]);
    }
    let text = refused(&b.dumps(inner, &DumpOptions::new()).unwrap());
    assert!(text.contains("no steps"), "{text}");
}

#[test]
fn the_parts_of_groups_and_outliers_are_checked() {
    let matrix = |b: &Builder<'_>, shape: &[i64], numbers: &[f64]| {
        let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        array(b, shape, "f8", "<", b.bytes(bytes)).unwrap()
    };
    check_changes(
        ("cluster._kmeans", "KMeans"),
        &|b| {
            vec![
                ("cluster_centers_", matrix(b, &[2, 2], &[0.0, 1.0, 2.0, 3.0])),
                ("n_features_in_", b.int(2)),
            ]
        },
        &[
            ("cluster_centers_", &|b| matrix(b, &[2], &[0.0, 1.0]), "cluster_centers_"),
            ("cluster_centers_", &|b| matrix(b, &[0, 2], &[]), "no centers"),
            ("cluster_centers_", &|b| matrix(b, &[1, 2], &[0.0, f64::NAN]), "is NaN, not finite"),
            ("cluster_centers_", &|b| matrix(b, &[1, 3], &[0.0; 3]), "expected 2, found 3"),
            ("n_features_in_", &|b| b.int(0), "no columns"),
        ],
    );
    check_changes(
        ("covariance._elliptic_envelope", "EllipticEnvelope"),
        &|b| {
            vec![
                ("location_", floats(b, &[0.0, 1.0])),
                ("precision_", matrix(b, &[2, 2], &[1.0, 0.0, 0.0, 1.0])),
                ("offset_", b.float(-3.0)),
            ]
        },
        &[
            ("location_", &|b| floats(b, &[0.0]), "rows of the precision"),
            ("location_", &|b| floats(b, &[0.0, f64::INFINITY]), "not finite"),
            ("precision_", &|b| b.none(), "keeps no precision_"),
            ("precision_", &|b| matrix(b, &[2, 1], &[1.0, 0.0]), "columns of the precision"),
            ("offset_", &|b| b.float(f64::NAN), "not finite"),
        ],
    );
    check_changes(
        ("ensemble._iforest", "IsolationForest"),
        &|b| {
            let file = sklearn::dumps(&regressor()).unwrap();
            let tree: Value = pickle::loads(&file).unwrap();
            let tree = b.value(&tree.state().unwrap().get("tree_").unwrap()).unwrap();
            let attributes = [("tree_", tree), ("n_features_in_", b.int(1))];
            let tree = model(b, ("tree._classes", "ExtraTreeRegressor"), &attributes);
            vec![
                ("estimators_", b.list([tree]).unwrap()),
                ("estimators_features_", b.list([integers(b, &[2])]).unwrap()),
                ("n_features_in_", b.int(3)),
                ("_max_features", b.int(1)),
                ("_max_samples", b.int(4)),
                ("offset_", b.float(-0.5)),
            ]
        },
        &[
            ("estimators_", &|b| b.list([]).unwrap(), "no trees"),
            ("estimators_", &|b| b.list([dummy(b, &[0, 1])]).unwrap(), "no regressor"),
            ("estimators_features_", &|b| b.list([integers(b, &[3])]).unwrap(), "column 3, of 3"),
            ("estimators_features_", &|b| b.list([integers(b, &[-1])]).unwrap(), "no places"),
            ("estimators_features_", &|b| b.list([integers(b, &[0, 1])]).unwrap(), "tree 0"),
            ("estimators_features_", &|b| b.list([]).unwrap(), "columns of trees"),
            ("_max_features", &|b| b.int(3), "tree 0"),
            ("_max_samples", &|b| b.int(-1), "no count"),
            ("offset_", &|b| b.float(f64::NAN), "its offset is not finite"),
        ],
    );
}

fn regressor() -> DecisionTreeRegressor {
    let rows = [[0.0], [1.0], [2.0]];
    DecisionTreeRegressor::params().fit_weighted(&rows, &[0.0, 1.0, 5.0], None).unwrap()
}

/// A `DataFrame` of one block with these values, and one with the places and axes of its columns.
fn frame(b: &Builder<'_>, blocks: &[(Handle, Handle)], names: Handle) -> Vec<u8> {
    let new_index = b.global("pandas.core.indexes.base", "_new_Index");
    let index = |data| {
        let parts = b.attributes([("data", data), ("name", b.none())]).unwrap();
        b.reduce(new_index, [b.global("pandas.core.indexes.base", "Index"), parts]).unwrap()
    };
    let unpickle = b.global("pandas._libs.internals", "_unpickle_block");
    let blocks = blocks
        .iter()
        .map(|&(values, places)| b.reduce(unpickle, [values, places, b.int(2)]).unwrap());
    let blocks = b.tuple(blocks).unwrap();
    let axes = b.list([index(names), index(integers(b, &[0, 1]))]).unwrap();
    let manager = b.global("pandas.core.internals.managers", "BlockManager");
    let manager = b.reduce(manager, [blocks, axes]).unwrap();
    let table = b.newobj(b.global("pandas.core.frame", "DataFrame"), []).unwrap();
    b.build(table, b.attributes([("_mgr", manager)]).unwrap()).unwrap();
    b.dumps(table, &DumpOptions::new()).unwrap()
}

#[test]
fn the_blocks_of_tables_are_checked() {
    let slice = |b: &Builder<'_>, from: i64, to: i64, step: i64| {
        b.reduce(b.global("builtins", "slice"), [b.int(from), b.int(to), b.int(step)]).unwrap()
    };
    let numbers = |b: &Builder<'_>, columns: i64| {
        let bytes = vec![0; 16 * columns as usize];
        array(b, &[columns, 2], "f8", "<", b.bytes(bytes)).unwrap()
    };
    let texts = |b: &Builder<'_>, texts: &[&str]| b.list(texts.iter().map(|it| b.str(it))).unwrap();
    let b = Builder::new();
    let good = frame(&b, &[(numbers(&b, 2), slice(&b, 0, 2, 1))], texts(&b, &["a", "b"]));
    assert_eq!(sklearn::loads_table(&good).unwrap().shape(), (2, 2));
    type Made<'m> = &'m dyn Fn(&Builder<'_>) -> Vec<u8>;
    let cases: &[(Made<'_>, &str)] = &[
        (
            &|b| frame(b, &[(numbers(b, 2), slice(b, 0, 3, 1))], texts(b, &["a", "b"])),
            "a block has 2 columns, not 3",
        ),
        (
            &|b| frame(b, &[(numbers(b, 2), slice(b, 0, i64::MAX, 1))], texts(b, &["a"])),
            "a block has 2 columns",
        ),
        (
            &|b| frame(b, &[(numbers(b, 2), slice(b, 1, 3, 1))], texts(b, &["a", "b"])),
            "in no block",
        ),
        (
            &|b| frame(b, &[(numbers(b, 1), integers(b, &[1 << 40]))], texts(b, &["a"])),
            "the place 1099511627776",
        ),
        (&|b| frame(b, &[(numbers(b, 1), integers(b, &[-1]))], texts(b, &["a"])), "are none"),
        (&|b| frame(b, &[(numbers(b, 1), slice(b, 0, 1, 0))], texts(b, &["a"])), "are none"),
        (
            &|b| {
                let block = (numbers(b, 1), slice(b, 0, 1, 1));
                frame(b, &[block, block], texts(b, &["a"]))
            },
            "two columns have the place 0",
        ),
        (
            &|b| frame(b, &[(numbers(b, 1), slice(b, 0, 1, 1))], texts(b, &["a", "b"])),
            "names of columns",
        ),
        (&|b| frame(b, &[(b.str("a"), slice(b, 0, 1, 1))], texts(b, &["a"])), "which is not read"),
        (&|b| frame(b, &[(numbers(b, 1), slice(b, 0, 1, 1))], b.none()), "DataFrame of pandas"),
    ];
    for (made, expected) in cases {
        match sklearn::loads_table(&made(&Builder::new())) {
            Ok(table) => panic!("it was read: {table:?}"),
            Err(error) => {
                let text = error.to_string();
                assert!(text.contains(expected), "{text}, not {expected}");
            }
        }
    }
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
    let object = sparse_matrix(&b, class, shape, starts, places, cells);
    b.dumps(object, &DumpOptions::new()).unwrap()
}

fn sparse_matrix(
    b: &Builder<'_>,
    class: &str,
    shape: &[i64],
    starts: &[i32],
    places: &[i32],
    cells: i64,
) -> Handle {
    let object = b.newobj(b.global("scipy.sparse._csr", class), []).unwrap();
    let integers = |numbers: &[i32]| {
        let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        array(b, &[numbers.len() as i64], "i4", "<", b.bytes(bytes)).unwrap()
    };
    let values: Vec<u8> = (0..cells).flat_map(|cell| (cell as f64 + 1.0).to_le_bytes()).collect();
    let values = array(b, &[cells], "f8", "<", b.bytes(values)).unwrap();
    let state = b
        .attributes([
            ("_shape", b.tuple(shape.iter().map(|&length| b.int(length))).unwrap()),
            ("indptr", integers(starts)),
            ("indices", integers(places)),
            ("data", values),
        ])
        .unwrap();
    b.build(object, state).unwrap();
    object
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
    let vector = rows(&sparse("csr_array", &[3], &[0, 2], &[0, 2], 2)).unwrap();
    assert_eq!(vector, ndarray::array![[1.0, 0.0, 2.0]], "one dimension is one row");
    assert!(rows(&sparse("csc_array", &[1], &[0, 1], &[0], 1)).is_err());
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

/// An object of a class with the usual attributes but for one.
fn estimator<'b>(
    b: &Builder<'b>,
    (module, class): (&str, &str),
    usual: &[(&'static str, Handle)],
    (name, other): (&str, Handle),
) -> Vec<u8> {
    let object = b.newobj(b.global(module, class), []).unwrap();
    let pairs = usual.iter().map(|&(own, usual)| (own, if own == name { other } else { usual }));
    b.build(object, b.attributes(pairs).unwrap()).unwrap();
    b.dumps(object, &DumpOptions::new()).unwrap()
}

fn float_array(b: &Builder<'_>, shape: &[i64], values: &[f64]) -> Handle {
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    array(b, shape, "f8", "<", b.bytes(bytes)).unwrap()
}

#[test]
fn sparse_coefficients_are_checked() {
    let file = |shape: &[i64], starts: &[i32], places: &[i32], cells: i64| {
        let b = Builder::new();
        let usual = [
            ("coef_", sparse_matrix(&b, "csr_matrix", shape, starts, places, cells)),
            ("intercept_", float_array(&b, &[1], &[0.5])),
            ("_sklearn_version", b.str("1.9.1")),
        ];
        let class = ("sklearn.linear_model._stochastic_gradient", "SGDRegressor");
        estimator(&b, class, &usual, ("", usual[0].1))
    };
    let good = sklearn::loads(&file(&[1, 3], &[0, 2], &[0, 2], 2)).unwrap();
    let found = good.predict(&[[1.0, 1.0, 1.0]]).unwrap();
    assert_eq!(found, picklebook::data::Labels::from(vec![3.5]));
    assert!(sklearn::loads(&file(&[1, 1 << 20], &[0, 1], &[7], 1)).is_ok());
    // as much memory as a short file must not ask for
    for shape in [[1, 1 << 21], [1, (1 << 32) - 1]] {
        let text = refused(&file(&shape, &[0, 1], &[7], 1));
        assert!(text.contains("SGDRegressor") && text.contains("densify()"), "{text}");
    }
    for (shape, starts, places) in
        [([1, 3], [0, 1], [3]), ([1, 3], [0, 2], [0]), ([2, 3], [0, 1], [0]), ([1, 0], [0, 0], [0])]
    {
        let text = refused(&file(&shape, &starts, &places, 1));
        assert!(text.contains("SGDRegressor"), "{text}");
    }
}

#[test]
fn bins_powers_and_quantiles_are_checked() {
    type Other = fn(&Builder<'_>) -> Handle;
    fn edges(b: &Builder<'_>, values: &[f64]) -> Handle {
        b.list([float_array(b, &[values.len() as i64], values)]).unwrap()
    }
    let bins = |name: &'static str, other: Other| {
        let b = Builder::new();
        let usual = [
            ("encode", b.str("onehot")),
            ("dtype", b.none()),
            ("bin_edges_", edges(&b, &[0.0, 1.0, 2.0])),
            ("n_bins_", b.list([b.int(2)]).unwrap()),
            ("n_features_in_", b.int(1)),
            ("_sklearn_version", b.str("1.9.1")),
        ];
        let class = ("sklearn.preprocessing._discretization", "KBinsDiscretizer");
        estimator(&b, class, &usual, (name, other(&b)))
    };
    assert!(sklearn::loads(&bins("", |b| b.none())).is_ok());
    let cases: [(&'static str, Other, &str); 10] = [
        ("encode", |b| b.str("binary"), "binary"),
        ("dtype", |b| b.global("numpy", "complex128"), "complex128"),
        ("bin_edges_", |b| edges(b, &[0.0, 2.0, 1.0]), "do not ascend"),
        ("bin_edges_", |b| edges(b, &[0.0, f64::NAN, 1.0]), "do not ascend"),
        ("bin_edges_", |b| b.list([]).unwrap(), "n_bins_"),
        ("bin_edges_", |b| edges(b, &[0.0]), "n_bins_"),
        ("bin_edges_", |b| b.list([b.str("no numbers")]).unwrap(), "bin_edges_"),
        ("n_bins_", |b| b.list([b.int(3)]).unwrap(), "n_bins_"),
        ("n_bins_", |b| b.list([b.int(2), b.int(2)]).unwrap(), "n_bins_"),
        ("n_features_in_", |b| b.int(2), "edges of bins"),
    ];
    for (name, other, culprit) in cases {
        let text = refused(&bins(name, other));
        assert!(text.contains("KBinsDiscretizer") && text.contains(culprit), "{name}: {text}");
    }
    let powers = |name: &'static str, other: Other| {
        let b = Builder::new();
        let scaler =
            b.newobj(b.global("sklearn.preprocessing._data", "StandardScaler"), []).unwrap();
        let parts = [
            ("with_mean", b.bool(true)),
            ("with_std", b.bool(true)),
            ("mean_", float_array(&b, &[1], &[0.5])),
            ("scale_", float_array(&b, &[1], &[2.0])),
        ];
        b.build(scaler, b.attributes(parts).unwrap()).unwrap();
        let usual = [
            ("method", b.str("yeo-johnson")),
            ("standardize", b.bool(true)),
            ("lambdas_", float_array(&b, &[1], &[0.5])),
            ("_scaler", scaler),
            ("n_features_in_", b.int(1)),
            ("_sklearn_version", b.str("1.9.1")),
        ];
        let class = ("sklearn.preprocessing._data", "PowerTransformer");
        estimator(&b, class, &usual, (name, other(&b)))
    };
    assert!(sklearn::loads(&powers("", |b| b.none())).is_ok());
    let cases: [(&'static str, Other, &str); 7] = [
        ("method", |b| b.str("cube"), "cube"),
        ("standardize", |b| b.int(1), "standardize"),
        ("lambdas_", |b| float_array(b, &[1], &[f64::INFINITY]), "lambdas"),
        ("lambdas_", |b| float_array(b, &[2], &[1.0, 2.0]), "lambdas"),
        ("lambdas_", |b| float_array(b, &[1, 1], &[1.0]), "lambdas_"),
        ("_scaler", |b| b.none(), "None"),
        ("n_features_in_", |b| b.int(2), "lambdas"),
    ];
    for (name, other, culprit) in cases {
        let text = refused(&powers(name, other));
        assert!(text.contains(culprit), "{name}: {text}");
    }
    let quantiles = |name: &'static str, other: Other| {
        let b = Builder::new();
        let usual = [
            ("output_distribution", b.str("normal")),
            ("ignore_implicit_zeros", b.bool(false)),
            ("quantiles_", float_array(&b, &[3, 1], &[0.0, 1.0, 1.0])),
            ("references_", float_array(&b, &[3], &[0.0, 0.5, 1.0])),
            ("n_features_in_", b.int(1)),
            ("_sklearn_version", b.str("1.9.1")),
        ];
        let class = ("sklearn.preprocessing._data", "QuantileTransformer");
        estimator(&b, class, &usual, (name, other(&b)))
    };
    assert!(sklearn::loads(&quantiles("", |b| b.none())).is_ok());
    let cases: [(&'static str, Other, &str); 9] = [
        ("output_distribution", |b| b.str("cauchy"), "cauchy"),
        ("ignore_implicit_zeros", |b| b.none(), "ignore_implicit_zeros"),
        ("quantiles_", |b| float_array(b, &[3, 1], &[0.0, 2.0, 1.0]), "do not ascend"),
        ("quantiles_", |b| float_array(b, &[3, 1], &[0.0, f64::NAN, 1.0]), "do not ascend"),
        ("quantiles_", |b| float_array(b, &[3, 1], &[0.0, 1.0, f64::INFINITY]), "not finite"),
        ("quantiles_", |b| float_array(b, &[2, 1], &[0.0, 1.0]), "quantiles"),
        ("quantiles_", |b| float_array(b, &[3], &[0.0, 1.0, 2.0]), "quantiles_"),
        ("references_", |b| float_array(b, &[3], &[1.0, 0.5, 0.0]), "references_"),
        ("n_features_in_", |b| b.int(2), "columns of quantiles"),
    ];
    for (name, other, culprit) in cases {
        let text = refused(&quantiles(name, other));
        assert!(text.contains("QuantileTransformer") && text.contains(culprit), "{name}: {text}");
    }
}

#[test]
fn parts_of_dictionaries_are_checked() {
    type Other = fn(&Builder<'_>) -> Handle;
    let file = |name: &'static str, other: Other| {
        let b = Builder::new();
        let usual = [
            ("dtype", b.global("numpy", "float64")),
            ("separator", b.str("=")),
            ("sparse", b.bool(true)),
            ("sort", b.bool(true)),
            ("feature_names_", b.list([b.str("a=x"), b.str("b")]).unwrap()),
            ("vocabulary_", b.attributes([("b", b.int(1)), ("a=x", b.int(0))]).unwrap()),
            ("_sklearn_version", b.str("1.9.1")),
        ];
        let class = ("sklearn.feature_extraction._dict_vectorizer", "DictVectorizer");
        estimator(&b, class, &usual, (name, other(&b)))
    };
    assert!(sklearn::loads(&file("", |b| b.none())).is_ok());
    let cases: [(&'static str, Other, &str); 10] = [
        ("dtype", |b| b.global("numpy", "int64"), "int64"),
        ("dtype", |b| b.global("numpy", "float16"), "float16"),
        ("separator", |b| b.str(""), "nothing separates"),
        ("separator", |b| b.int(1), "separator"),
        ("sparse", |b| b.none(), "sparse"),
        ("feature_names_", |b| b.list([b.str("b"), b.str("a=x")]).unwrap(), "feature_names_"),
        ("feature_names_", |b| b.list([b.int(5), b.str("b")]).unwrap(), "feature_names_"),
        (
            "vocabulary_",
            |b| b.attributes([("b", b.int(1)), ("a=x", b.int(1))]).unwrap(),
            "another's",
        ),
        ("vocabulary_", |b| b.attributes([("b", b.int(-1))]).unwrap(), "another's"),
        ("vocabulary_", |b| b.none(), "feature_names_"),
    ];
    for (name, other, culprit) in cases {
        let text = refused(&file(name, other));
        assert!(text.contains("DictVectorizer") && text.contains(culprit), "{name}: {text}");
    }
}

#[test]
fn factorizations_are_checked() {
    type Other = fn(&Builder<'_>) -> Handle;
    let file = |name: &'static str, other: Other| {
        let b = Builder::new();
        let usual = [
            ("solver", b.str("cd")),
            ("beta_loss", b.str("frobenius")),
            ("shuffle", b.bool(false)),
            ("tol", b.float(1e-4)),
            ("max_iter", b.int(200)),
            ("alpha_W", b.float(0.0)),
            ("alpha_H", b.str("same")),
            ("l1_ratio", b.float(0.0)),
            ("components_", float_array(&b, &[1, 2], &[1.0, 2.0])),
            ("n_features_in_", b.int(2)),
            ("_sklearn_version", b.str("1.9.1")),
        ];
        let class = ("sklearn.decomposition._nmf", "NMF");
        estimator(&b, class, &usual, (name, other(&b)))
    };
    let good = sklearn::loads(&file("", |b| b.none())).unwrap();
    let table = picklebook::data::Frame::from_numbers(ndarray::array![[2.0, 4.0]]);
    let weights = good.ask(&table, picklebook::model::Method::Transform).unwrap();
    let picklebook::model::Answer::Table(weights) = weights else { panic!("no table") };
    assert_eq!(weights.numbers().unwrap(), ndarray::array![[2.0]]);
    let cases: [(&'static str, Other, &str); 17] = [
        ("solver", |b| b.str("mu"), "mu"),
        ("beta_loss", |b| b.str("kullback-leibler"), "beta_loss"),
        ("shuffle", |b| b.bool(true), "shuffle"),
        ("tol", |b| b.float(-1.0), "tol"),
        ("tol", |b| b.float(f64::NAN), "tol"),
        ("max_iter", |b| b.int(0), "max_iter"),
        ("max_iter", |b| b.int(-1), "max_iter"),
        ("max_iter", |b| b.int(i64::MAX), "steps"),
        ("alpha_W", |b| b.float(f64::INFINITY), "pays"),
        ("alpha_W", |b| b.none(), "alpha_W"),
        ("l1_ratio", |b| b.str("half"), "l1_ratio"),
        ("components_", |b| float_array(b, &[1, 2], &[1.0, -2.0]), "negative"),
        ("components_", |b| float_array(b, &[1, 2], &[0.0, 0.0]), "all zero"),
        ("components_", |b| float_array(b, &[1, 2], &[f64::NAN, 1.0]), "not finite"),
        ("components_", |b| float_array(b, &[2], &[1.0, 2.0]), "components_"),
        ("components_", |b| float_array(b, &[0, 2], &[]), "all zero"),
        ("n_features_in_", |b| b.int(3), "columns of components_"),
    ];
    for (name, other, culprit) in cases {
        let text = refused(&file(name, other));
        assert!(text.contains("NMF") && text.contains(culprit), "{name}: {text}");
    }
}

/// Two numbers say how many products there are: of one object no more are made than fit into memory,
/// nor of many.
#[test]
fn products_of_columns_are_bounded() {
    let b = Builder::new();
    let products = |columns: i64, degree: i64| {
        let attributes = [
            ("degree", b.int(degree)),
            ("interaction_only", b.bool(false)),
            ("include_bias", b.bool(false)),
            ("n_features_in_", b.int(columns)),
        ];
        model(&b, ("preprocessing._polynomial", "PolynomialFeatures"), &attributes)
    };
    let union = |count: usize, columns: i64, degree: i64| {
        let parts =
            (0..count).map(|_| b.tuple([b.str("products"), products(columns, degree)]).unwrap());
        let attributes =
            [("transformer_list", b.list(parts).unwrap()), ("transformer_weights", b.none())];
        model(&b, ("pipeline", "FeatureUnion"), &attributes)
    };
    let read = |object| sklearn::loads(&b.dumps(object, &DumpOptions::new()).unwrap());
    assert!(read(products(100, 3)).is_ok());
    let problem = read(products(3000, 2)).unwrap_err().to_string();
    assert!(problem.contains("products"), "{problem}");
    let problem = read(products(1 << 24, 1)).unwrap_err().to_string();
    assert!(problem.contains("products"), "{problem}");
    let problem = read(products(2, i64::MAX)).unwrap_err().to_string();
    assert!(problem.contains("products"), "{problem}");
    // A million products each.
    assert!(read(union(3, 1400, 2)).is_ok());
    let problem = read(union(200, 1400, 2)).unwrap_err().to_string();
    assert!(problem.contains("too many columns in all"), "{problem}");
}

/// A tree with so many nodes that its file is read apart from the bytes of its arrays.
fn large_tree() -> DecisionTreeClassifier {
    let mut state = 1_u64;
    let mut random = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        f64::from((state >> 33) as u32)
    };
    let rows = ndarray::Array2::from_shape_simple_fn((9000, 4), &mut random);
    let classes: Vec<i64> = (0..9000).map(|_| random() as i64 % 3).collect();
    DecisionTreeClassifier::params().fit_weighted(&rows, &classes.into(), None).unwrap()
}

/// Files are read apart from their long bytes, and bytes as a whole: both say the same.
#[test]
fn files_and_their_bytes_say_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tree.pkl");
    let tree = large_tree();
    let same = |bytes: &[u8]| -> bool {
        std::fs::write(&path, bytes).unwrap();
        match (sklearn::open(&path), sklearn::loads(bytes)) {
            (Ok(opened), Ok(loaded)) => {
                assert!(opened == loaded);
                true
            }
            (Err(opened), Err(loaded)) => {
                // The file is named before what is wrong.
                let (opened, loaded) = (opened.to_string(), loaded.to_string());
                let named = opened.replace(&path.display().to_string(), "");
                assert!(named.ends_with(&loaded), "{opened}\n{loaded}");
                false
            }
            (opened, loaded) => panic!("{:?} {:?}", opened.err(), loaded.err()),
        }
    };
    let plain = sklearn::DumpOptions::new();
    let options = [
        plain.protocol(2),
        plain.protocol(3),
        plain,
        plain.protocol(5).version("1.2.2".parse().unwrap()),
        plain.joblib(true),
        plain.joblib(true).aligned(false),
        plain.compress(picklebook::container::Compression::Zlib, 3),
        plain.compress(picklebook::container::Compression::Gzip, 1),
        plain.compress(picklebook::container::Compression::Bzip2, 1),
    ];
    for options in options {
        let bytes = sklearn::dumps_with(&tree, &options).unwrap();
        assert!(bytes.len() > 70_000, "{}", bytes.len());
        assert!(same(&bytes), "{options:?}");
        for end in [65_536, bytes.len() / 2, bytes.len() - 1, bytes.len() - 300] {
            assert!(!same(&bytes[..end]), "{options:?}");
        }
        assert!(!same(&[&*bytes, b"more"].concat()));
        assert!(same(&[&*bytes, b"\n"].concat()) == (bytes[0] == 0x80), "{options:?}");
        let (mut changed, mut good) = (bytes.clone(), 0);
        for place in (0..bytes.len()).step_by(bytes.len() / 25) {
            for place in [place, place % 1500] {
                changed[place] ^= 0x41;
                good += usize::from(same(&changed));
                changed[place] = bytes[place];
            }
        }
        println!("{options:?}: {good} changes are none");
    }
}

/// An object that the file has twice: what is made of its arrays on the way is there for one.
#[test]
fn arrays_in_several_trees_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trees.joblib");
    let bytes = sklearn::dumps_with(&large_tree(), &sklearn::DumpOptions::new().joblib(true));
    let bytes = bytes.unwrap();
    // In a list, and there once more.
    let twice = [b"\x80\x04](", &bytes[2..bytes.len() - 1], b"2e."].concat();
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&twice).unwrap();
    for file in [twice, packed.finish().unwrap()] {
        std::fs::write(&path, &file).unwrap();
        let found = sklearn::open_all(&path).unwrap();
        assert_eq!(found.len(), 2);
        assert!(found[0].1 == found[1].1);
        assert!(found == sklearn::loads_all(&file).unwrap());
    }
}

/// The trees of a large forest are read on several threads: in their order, and what is wrong is told
/// of the first tree with which something is.
#[test]
fn large_forests_are_read_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("forest.pkl");
    let tree = large_tree();
    let (good, nodes) = file(&tree);
    let broken = |feature: i64| {
        let mut bytes = good.clone();
        bytes[nodes + 16..nodes + 24].copy_from_slice(&feature.to_le_bytes());
        bytes
    };
    let (seventh, eighth) = (broken(70), broken(80));
    let forest = |is_broken: bool| {
        let [good, seventh, eighth] = [&good, &seventh, &eighth].map(|bytes| {
            let tree: Value = pickle::loads(bytes).unwrap();
            tree
        });
        let b = Builder::new();
        let trees = (0..16).map(|number| match (number, is_broken) {
            (7, true) => b.value(&seventh).unwrap(),
            (8..14, true) => b.value(&eighth).unwrap(),
            _ => b.value(&good).unwrap(),
        });
        let attributes = [
            ("estimators_", b.list(trees).unwrap()),
            ("classes_", integers(&b, &[0, 1, 2])),
            ("n_classes_", b.int(3)),
            ("n_outputs_", b.int(1)),
            ("n_features_in_", b.int(4)),
        ];
        let forest = model(&b, ("ensemble._forest", "RandomForestClassifier"), &attributes);
        b.dumps(forest, &DumpOptions::new()).unwrap()
    };
    let bytes = forest(false);
    std::fs::write(&path, &bytes).unwrap();
    let opened = sklearn::open(&path).unwrap();
    assert!(opened == sklearn::loads(&bytes).unwrap());
    let rows = ndarray::Array2::from_shape_fn((50, 4), |(row, column)| {
        f64::from(u32::MAX) / 110.0 * ((row * 7 + column * 13) % 50) as f64
    });
    assert_eq!(opened.predict(&rows).unwrap(), tree.predict(&rows).unwrap());
    let bytes = forest(true);
    std::fs::write(&path, &bytes).unwrap();
    for error in [sklearn::open(&path).unwrap_err(), sklearn::loads(&bytes).unwrap_err()] {
        let text = error.to_string();
        assert!(text.contains("tree 7") && text.contains("its feature is 70"), "{text}");
    }
}
