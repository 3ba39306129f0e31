//! Boosted trees over histograms: `sklearn.ensemble.HistGradientBoostingClassifier` and its like.

use std::sync::Arc;

use ndarray::Array2;

use super::Error;
use super::changes::{Change, Changes, EVER, Fill};
use super::convert::Copier;
use super::losses::{self, Loss};
use super::pipeline::scorer;
use super::read::{Object, Read, attributes_of, class_of, described, float, text};
use super::registry::Class;
use crate::ensemble::{
    CategorySet, HistGradientBoostingClassifier, HistGradientBoostingParts,
    HistGradientBoostingRegressor, HistLink, HistNode, HistTree,
};
use crate::model::Model;
use crate::numpy::{Array, Dtype, Element};
use crate::pickle::{Handle, Value};

const MODULES: &[&str] = &["sklearn.ensemble._hist_gradient_boosting.gradient_boosting"];

/// The classes that are read.
pub(super) const CLASSES: &[Class] = &[
    Class { name: "HistGradientBoostingClassifier", modules: MODULES, read: read_classifier },
    Class { name: "HistGradientBoostingRegressor", modules: MODULES, read: read_regressor },
];

/// What changed in both.
macro_rules! common {
    ($($own:expr,)*) => {
        &[
            Change::Renamed { old: "bin_mapper_", new: "_bin_mapper", since: (0, 23), both: None },
            Change::Renamed { old: "n_features_", new: "_n_features", since: (0, 23), both: None },
            Change::Renamed { old: "scorer_", new: "_scorer", since: (0, 23), both: None },
            Change::Renamed { old: "loss_", new: "_loss", since: (0, 23), both: None },
            Change::Made("_scorer", |copier, object| {
                let name = if object.find("_scorer").is_some() { "_scorer" } else { "scorer_" };
                Ok(scorer(copier, object, name)?.or(Some(copier.writer.builder.none())))
            }),
            Change::Made("_loss", loss),
            Change::Made("_baseline_prediction", baseline),
            Change::Made("early_stopping", early_stopping),
            Change::Made("n_iter_no_change", patience),
            Change::Made("categorical_features", categorical_features),
            Change::Value("monotonic_cst", &[(EVER, Fill::Absent), ((0, 23), Fill::None)]),
            Change::Value("interaction_cst", &[(EVER, Fill::Absent), ((1, 2), Fill::None)]),
            Change::Value("max_features", &[(EVER, Fill::Absent), ((1, 4), Fill::Float(1.0))]),
            Change::Value("_preprocessor", &[(EVER, Fill::Absent), ((1, 4), Fill::None)]),
            Change::Free(
                "_is_categorical_remapped",
                &[(EVER, Fill::Absent), ((1, 4), Fill::Copy("is_categorical_"))],
            ),
            // A fit that goes on needs it, where it does not look at all columns.
            Change::Free(
                "_feature_subsample_rng",
                &[(EVER, Fill::Absent), ((1, 4), Fill::None)],
            ),
            Change::Free("is_categorical_", &[(EVER, Fill::Absent), ((0, 24), Fill::None)]),
            $($own,)*
        ]
    };
}

const CLASSIFIER: &[Change] = common![
    Change::Spelled { name: "loss", old: "auto", new: "log_loss", since: (1, 1) },
    Change::Spelled { name: "loss", old: "binary_crossentropy", new: "log_loss", since: (1, 1) },
    Change::Spelled {
        name: "loss",
        old: "categorical_crossentropy",
        new: "log_loss",
        since: (1, 1),
    },
    Change::Value("class_weight", &[(EVER, Fill::Absent), ((1, 2), Fill::None)]),
    Change::Free("_label_encoder", &[(EVER, Fill::Absent), ((1, 7), Fill::Absent)]),
];
const REGRESSOR: &[Change] = common![
    Change::Word("loss", "quantile", (1, 1)),
    Change::Word("loss", "gamma", (1, 3)),
    Change::Spelled { name: "loss", old: "least_squares", new: "squared_error", since: (1, 0) },
    Change::Spelled {
        name: "loss",
        old: "least_absolute_deviation",
        new: "absolute_error",
        since: (1, 0),
    },
    Change::Value("quantile", &[(EVER, Fill::Absent), ((1, 1), Fill::None)]),
];
const BIN_MAPPER: &[Change] = &[
    Change::Free("is_categorical", &[(EVER, Fill::Absent), ((0, 24), Fill::None)]),
    Change::Free("known_categories", &[(EVER, Fill::Absent), ((0, 24), Fill::None)]),
    Change::Free("n_threads", &[(EVER, Fill::Absent), ((1, 0), Fill::None)]),
    Change::Made("is_categorical_", |copier, object| match object.find("is_categorical_") {
        Some(_) => copier.attribute(object, "is_categorical_"),
        None => {
            let columns = object.list("bin_thresholds_")?.len();
            copier.writer.raw(&[columns], "u1", vec![0; columns]).map(Some)
        }
    }),
];
const PREDICTOR: &[Change] = &[
    Change::Made("nodes", nodes),
    Change::Made("raw_left_cat_bitsets", |copier, object| {
        bitsets(copier, object, "raw_left_cat_bitsets")
    }),
    Change::Made("binned_left_cat_bitsets", |copier, object| {
        bitsets(copier, object, "binned_left_cat_bitsets")
    }),
];

/// What changed in them, and in their parts.
pub(super) const CHANGES: &[Changes] = &[
    ("HistGradientBoostingClassifier", CLASSIFIER),
    ("HistGradientBoostingRegressor", REGRESSOR),
    ("_BinMapper", BIN_MAPPER),
    ("TreePredictor", PREDICTOR),
];

fn loss(copier: &mut Copier<'_>, object: &Object) -> Result<Option<Handle>, Error> {
    let value = object.get("loss")?;
    let name = text(value).unwrap_or_default();
    let loss = match (name.as_str(), object.name() == "HistGradientBoostingClassifier") {
        ("log_loss" | "auto" | "binary_crossentropy" | "categorical_crossentropy", true) => {
            match read_baseline(object)?.len() {
                1 => Loss::Binomial,
                classes => Loss::Multinomial { classes },
            }
        }
        ("squared_error" | "least_squares", false) => Loss::Squared,
        ("absolute_error" | "least_absolute_deviation", false) => Loss::Absolute,
        ("quantile", false) => Loss::Quantile { quantile: object.float("quantile")? },
        ("poisson", false) => Loss::Poisson,
        ("gamma", false) => Loss::Gamma,
        _ => return Err(object.unsupported(format!("its loss is {}", described(value)))),
    };
    let constant = losses::is_constant(object);
    loss.of_hist_gradient_boosting(&copier.writer, constant).map(Some)
}

/// Before 1.1 each score is a row.
fn baseline(copier: &mut Copier<'_>, object: &Object) -> Result<Option<Handle>, Error> {
    // All of it is checked, as when it is read.
    object.read()?;
    let scores = read_baseline(object)?;
    let shape = match copier.writer.version.before(1, 1) {
        true => [scores.len(), 1],
        false => [1, scores.len()],
    };
    copier.writer.floats(&shape, &scores).map(Some)
}

/// Before 0.23 a number of iterations without change said that the fit may stop early.
fn early_stopping(copier: &mut Copier<'_>, object: &Object) -> Result<Option<Handle>, Error> {
    match object.find("early_stopping") {
        Some(_) => copier.attribute(object, "early_stopping"),
        None => Ok(Some(copier.writer.builder.bool(object.some("n_iter_no_change").is_some()))),
    }
}

fn patience(copier: &mut Copier<'_>, object: &Object) -> Result<Option<Handle>, Error> {
    match object.some("n_iter_no_change") {
        Some(_) => copier.attribute(object, "n_iter_no_change"),
        None => Ok(Some(copier.writer.builder.int(10))),
    }
}

/// None says the same in all versions as the words by default for columns that are numbers.
fn categorical_features(copier: &mut Copier<'_>, object: &Object) -> Result<Option<Handle>, Error> {
    let to = copier.writer.version;
    let is_known = match object.find("categorical_features").and_then(text).as_deref() {
        Some("warn") => !to.before(1, 4) && to.before(1, 6),
        Some("from_dtype") => !to.before(1, 4),
        _ => true,
    };
    match object.some("categorical_features") {
        Some(_) if is_known => copier.attribute(object, "categorical_features"),
        _ => Ok(Some(copier.writer.builder.none())),
    }
}

/// The nodes of a tree with the fields of the version. The number of a column has 64 bits from 1.3 on.
fn nodes(copier: &mut Copier<'_>, object: &Object) -> Result<Option<Handle>, Error> {
    let nodes = object.get("nodes")?.to_numpy();
    let nodes = nodes.map_err(|error| object.wrong("nodes", error.to_string()))?;
    let is_wide = !copier.writer.version.before(1, 3);
    let index = if is_wide { "i8" } else { "u4" };
    let mut fields = vec![
        ("value", "f8", 0),
        ("count", "u4", 0),
        ("feature_idx", index, 0),
        ("num_threshold", "f8", 0),
        ("missing_go_to_left", "u1", 0),
        ("left", "u4", 0),
        ("right", "u4", 0),
        ("gain", "f8", 0),
        ("depth", "u4", 0),
        ("is_leaf", "u1", 0),
        ("bin_threshold", "u1", 0),
        ("is_categorical", "u1", 0),
        ("bitset_idx", "u4", 0),
    ];
    let mut size = 0;
    for (_, dtype, offset) in &mut fields {
        *offset = size;
        size += match *dtype {
            "f8" | "i8" => 8,
            "u4" => 4,
            _ => 1,
        };
    }
    let mut bytes = Vec::new();
    for node in read_nodes(object, &nodes)? {
        bytes.extend(node.value.to_le_bytes());
        bytes.extend(node.count.to_le_bytes());
        match is_wide {
            true => bytes.extend(i64::from(node.feature_idx).to_le_bytes()),
            false => bytes.extend(node.feature_idx.to_le_bytes()),
        }
        bytes.extend(node.num_threshold.to_le_bytes());
        bytes.push(node.missing_go_to_left.into());
        bytes.extend(node.left.to_le_bytes());
        bytes.extend(node.right.to_le_bytes());
        bytes.extend(node.gain.to_le_bytes());
        bytes.extend(node.depth.to_le_bytes());
        bytes.extend([node.is_leaf.into(), node.bin_threshold, node.is_categorical.into()]);
        bytes.extend(node.bitset_idx.to_le_bytes());
    }
    copier.writer.records(&fields, size, bytes).map(Some)
}

/// Sets of categories, which trees without categories lack in old versions.
fn bitsets(copier: &mut Copier<'_>, object: &Object, name: &str) -> Result<Option<Handle>, Error> {
    match object.find(name) {
        Some(_) => copier.attribute(object, name),
        None => copier.writer.raw(&[0, 8], "u4", Vec::new()).map(Some),
    }
}

/// The state of an object of one of the classes that only these models use.
fn helper(
    object: &Object,
    attribute: &str,
    value: &Value,
    (module, name): (&str, &str),
) -> Result<Vec<(String, Value)>, Error> {
    let class = class_of(value);
    if class != Some((module.to_owned(), name.to_owned())) {
        return Err(object.not(attribute, value, &format!("an object of {module}.{name}")));
    }
    attributes_of(value).map_err(|problem| object.wrong(attribute, problem))
}

fn find<'s>(state: &'s [(String, Value)], name: &str) -> Option<&'s Value> {
    state.iter().find(|(own, _)| own == name).map(|(_, value)| value)
}

/// Reads a tree. `room` is for the bytes of its nodes, and is there for the next one again.
fn read_tree(
    object: &Object,
    value: &Value,
    n_features: usize,
    room: &mut Vec<u8>,
) -> Result<HistTree, Error> {
    let name = "_predictors";
    let class = ("sklearn.ensemble._hist_gradient_boosting.predictor", "TreePredictor");
    let state = helper(object, name, value, class)?;
    let nodes = find(&state, "nodes").ok_or_else(|| object.wrong(name, "a tree has no nodes"))?;
    let wrong = |error: crate::pickle::Error| object.wrong(name, error.to_string());
    let (layout, bytes) = nodes.array_in(room).map_err(wrong)?;
    let usual = layout.contiguous(&bytes).filter(|_| layout.shape().len() == 1);
    let usual = usual.and_then(|bytes| usual_nodes(layout.dtype(), bytes));
    let bitsets = |bitsets: &str| -> Result<Vec<CategorySet>, Error> {
        let Some(value) = find(&state, bitsets) else { return Ok(Vec::new()) };
        let words: Array2<u32> = object.array_of(name, value)?;
        let set = |row: ndarray::ArrayView1<'_, u32>| row.to_vec().try_into().ok();
        let sets: Option<Vec<CategorySet>> = words.rows().into_iter().map(set).collect();
        sets.ok_or_else(|| object.wrong(name, format!("{bitsets}: not of 8 words each")))
    };
    let nodes = match usual {
        Some(nodes) => nodes,
        None => read_nodes(object, &nodes.to_numpy().map_err(wrong)?)?,
    };
    let raw = bitsets("raw_left_cat_bitsets")?;
    object.model(HistTree::new(nodes, raw, bitsets("binned_left_cat_bitsets")?, n_features))
}

/// Nodes as most versions lay them out, read in one go; nothing for others, and for features that
/// there cannot be.
fn usual_nodes(dtype: &Dtype, bytes: &[u8]) -> Option<Vec<HistNode>> {
    let place = |name: &str, format: &str| {
        let field = dtype.fields().iter().find(|field| field.name == name)?;
        let found = field.dtype.typestr();
        let is_it = found.get(1..) == Some(format) && !found.starts_with('>');
        is_it.then_some(field.offset)
    };
    fn part<const SIZE: usize>(node: &[u8], place: usize) -> Option<[u8; SIZE]> {
        node.get(place..)?.first_chunk().copied()
    }
    let flag = |name: &str| place(name, "u1");
    let number = |name: &str| place(name, "u4");
    let float = |name: &str| place(name, "f8");
    let (value, threshold, gain) = (float("value")?, float("num_threshold")?, float("gain")?);
    let (count, left, right) = (number("count")?, number("left")?, number("right")?);
    let (depth, bitset) = (number("depth")?, number("bitset_idx")?);
    let (missing, leaf) = (flag("missing_go_to_left")?, flag("is_leaf")?);
    let (bin, categorical) = (flag("bin_threshold")?, flag("is_categorical")?);
    // as wide as addresses in some versions
    let (feature, is_wide) = match place("feature_idx", "i8") {
        Some(place) => (place, true),
        None => (number("feature_idx")?, false),
    };
    let node = |node: &[u8]| {
        let float = |place| part(node, place).map(f64::from_le_bytes);
        let number = |place| part(node, place).map(u32::from_le_bytes);
        let flag = |place| node.get(place).copied();
        Some(HistNode {
            value: float(value)?,
            count: number(count)?,
            feature_idx: match is_wide {
                true => u32::try_from(part(node, feature).map(i64::from_le_bytes)?).ok()?,
                false => number(feature)?,
            },
            num_threshold: float(threshold)?,
            missing_go_to_left: flag(missing)? != 0,
            left: number(left)?,
            right: number(right)?,
            gain: float(gain)?,
            depth: number(depth)?,
            is_leaf: flag(leaf)? != 0,
            bin_threshold: flag(bin)?,
            is_categorical: flag(categorical)? != 0,
            bitset_idx: number(bitset)?,
        })
    };
    let nodes = bytes.chunks_exact(dtype.itemsize().max(1));
    let mut found = Vec::new();
    found.try_reserve_exact(nodes.len()).ok()?;
    for bytes in nodes {
        found.push(node(bytes)?);
    }
    Some(found)
}

/// The nodes, field by field: versions differ in the types of some, and the oldest lack others.
fn read_nodes(object: &Object, nodes: &Array) -> Result<Vec<HistNode>, Error> {
    let name = "_predictors";
    let &[count] = nodes.shape() else {
        return Err(object.wrong(name, "the nodes of a tree are no list"));
    };
    fn field<T: Element>(object: &Object, nodes: &Array, field: &str) -> Result<Vec<T>, Error> {
        let read = nodes.field(field).and_then(|field| field.to_vec());
        read.map_err(|error| object.wrong("_predictors", format!("nodes: {field}: {error}")))
    }
    let has = |name: &str| nodes.dtype().fields().iter().any(|field| field.name == name);
    let flags = |name: &str| field::<u8>(object, nodes, name);
    let numbers = |name: &str| field::<u32>(object, nodes, name);
    let floats = |name: &str| field::<f64>(object, nodes, name);
    let threshold = if has("num_threshold") { "num_threshold" } else { "threshold" };
    let (value, threshold) = (floats("value")?, floats(threshold)?);
    let gain = field::<f64>(object, nodes, "gain")?;
    let (counts, features) = (numbers("count")?, numbers("feature_idx")?);
    let (left, right, depth) = (numbers("left")?, numbers("right")?, numbers("depth")?);
    let (missing, leaf) = (flags("missing_go_to_left")?, flags("is_leaf")?);
    let bin = flags("bin_threshold")?;
    let (categorical, bitset) = match has("is_categorical") {
        true => (flags("is_categorical")?, numbers("bitset_idx")?),
        false => (vec![0; count], vec![0; count]),
    };
    let node = |node: usize| {
        Some(HistNode {
            value: *value.get(node)?,
            count: *counts.get(node)?,
            feature_idx: *features.get(node)?,
            num_threshold: *threshold.get(node)?,
            missing_go_to_left: *missing.get(node)? != 0,
            left: *left.get(node)?,
            right: *right.get(node)?,
            gain: *gain.get(node)?,
            depth: *depth.get(node)?,
            is_leaf: *leaf.get(node)? != 0,
            bin_threshold: *bin.get(node)?,
            is_categorical: *categorical.get(node)? != 0,
            bitset_idx: *bitset.get(node)?,
        })
    };
    let nodes: Option<Vec<HistNode>> = (0..count).map(node).collect();
    nodes.ok_or_else(|| object.wrong(name, "the fields of a tree's nodes differ in length"))
}

/// The categories that the fit saw, by feature; none if no feature has any. As
/// `make_known_categories_bitsets` of `_BinMapper` makes them.
fn known_categories(object: &Object, n_features: usize) -> Result<Vec<CategorySet>, Error> {
    // 0.22 calls it otherwise
    let name = match object.find("bin_mapper_") {
        Some(_) => "bin_mapper_",
        None => "_bin_mapper",
    };
    let class = ("sklearn.ensemble._hist_gradient_boosting.binning", "_BinMapper");
    let state = helper(object, name, object.get(name)?, class)?;
    let Some(flags) = find(&state, "is_categorical_") else { return Ok(Vec::new()) };
    let flags: ndarray::Array1<u8> = object.array_of(name, flags)?;
    if flags.iter().all(|&flag| flag == 0) {
        return Ok(Vec::new());
    }
    let thresholds = find(&state, "bin_thresholds_");
    let thresholds = thresholds.ok_or_else(|| object.wrong(name, "it has no bin_thresholds_"))?;
    let thresholds = object.list_of(name, thresholds)?;
    if flags.len() != n_features || thresholds.len() != n_features {
        return Err(object.wrong(name, "it has another number of features"));
    }
    let mut known = vec![[0_u32; 8]; n_features];
    for ((set, &flag), categories) in known.iter_mut().zip(&flags).zip(&thresholds) {
        if flag == 0 {
            continue;
        }
        for category in object.floats_of(name, categories)? {
            let inside = category.fract() == 0.0 && (0.0..256.0).contains(&category);
            if !inside {
                return Err(object.wrong(name, format!("{category} is no category")));
            }
            let category = category as usize;
            if let Some(word) = set.get_mut(category / 32) {
                *word |= 1 << (category % 32);
            }
        }
    }
    Ok(known)
}

/// The scores that every row starts with.
fn read_baseline(object: &Object) -> Result<Vec<f64>, Error> {
    let name = "_baseline_prediction";
    let baseline = object.get(name)?;
    Ok(match float(baseline) {
        Some(number) => vec![number],
        None => object.array_of::<f64, ndarray::IxDyn>(name, baseline)?.into_iter().collect(),
    })
}

fn read_parts(object: &Object) -> Result<HistGradientBoostingParts, Error> {
    let n_features = match object.find("_n_features") {
        Some(_) => object.count("_n_features")?,
        None => match object.n_features()? {
            Some(count) => count,
            None => object.count("n_features_in_")?,
        },
    };
    let baseline = read_baseline(object)?;
    let (mut trees, mut room) = (Vec::new(), Vec::new());
    for iteration in object.list("_predictors")? {
        let iteration = object.list_of("_predictors", &iteration)?;
        if iteration.len() != baseline.len() {
            let problem = format!(
                "an iteration has {} trees, for {} scores to start from",
                iteration.len(),
                baseline.len()
            );
            return Err(object.wrong("_predictors", problem));
        }
        for value in &iteration {
            let number = trees.len();
            let tree = read_tree(object, value, n_features, &mut room);
            trees.push(tree.map_err(|error| object.in_tree(error, "_predictors", number))?);
        }
    }
    let preprocessor = match object.some("_preprocessor") {
        None => None,
        Some(value) => Some(object.estimator_of(value)?.read()? as Arc<dyn Model>),
    };
    Ok(HistGradientBoostingParts {
        version: object.version(),
        trees,
        baseline,
        known_categories: known_categories(object, n_features)?,
        preprocessor,
        feature_names: object.feature_names()?,
        parameters: object.parameters(),
    })
}

fn read_classifier(object: &Object) -> Read {
    let loss = object.get("loss")?;
    let known = ["log_loss", "auto", "binary_crossentropy", "categorical_crossentropy"];
    if !loss.as_str().is_some_and(|loss| known.contains(&&*loss)) {
        return Err(object.unsupported(format!("its loss is {}", described(loss))));
    }
    let (parts, classes) = (read_parts(object)?, object.labels("classes_")?);
    Ok(Arc::new(object.model(HistGradientBoostingClassifier::from_parts(parts, classes))?))
}

fn read_regressor(object: &Object) -> Read {
    let loss = object.text("loss")?;
    let link = match loss.as_str() {
        "squared_error"
        | "least_squares"
        | "absolute_error"
        | "least_absolute_deviation"
        | "quantile" => HistLink::Identity,
        "poisson" | "gamma" => HistLink::Log,
        _ => return Err(object.unsupported(format!("its loss is {loss:?}"))),
    };
    let parts = read_parts(object)?;
    Ok(Arc::new(object.model(HistGradientBoostingRegressor::from_parts(parts, link))?))
}
