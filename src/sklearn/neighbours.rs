//! `sklearn.neighbors`: models of the nearest rows, and the trees that they keep rows in; and
//! `sklearn.impute.KNNImputer`.

use std::sync::Arc;

use ndarray::{Array1, Array2, Array3, ArrayD, Ix2};

use super::changes::{Change, Changes, EVER, Fill};
use super::convert::Copier;
use super::preprocessing::{flag, read_indicator};
use super::read::{Object, Read, class_of, described, float, text};
use super::registry::Class;
use super::scipy::is_sparse;
use super::write::Fields;
use super::{Error, Version};
use crate::model::FittedParts;
use crate::neighbours::{
    CentroidSpread, ClassTargets, KNeighborsClassifier, KNeighborsRegressor, LocalOutlierFactor,
    Metric, NearestCentroid, NearestNeighbors, NeighbourParts, NeighbourTree, NeighbourWeights,
    OutlierParts, Search, TreeNode,
};
use crate::pickle::{Handle, Value};
use crate::preprocessing::{KNNImputer, KNNImputerParts};

/// The classes that are read.
pub(super) const CLASSES: &[Class] = &[
    Class {
        name: "KNeighborsClassifier",
        modules: &["sklearn.neighbors._classification", "sklearn.neighbors.classification"],
        read: read_classifier,
    },
    Class {
        name: "KNeighborsRegressor",
        modules: &["sklearn.neighbors._regression", "sklearn.neighbors.regression"],
        read: read_regressor,
    },
    Class {
        name: "NearestNeighbors",
        modules: &["sklearn.neighbors._unsupervised", "sklearn.neighbors.unsupervised"],
        read: read_nearest,
    },
    Class {
        name: "NearestCentroid",
        modules: &["sklearn.neighbors._nearest_centroid", "sklearn.neighbors.nearest_centroid"],
        read: read_centroid,
    },
    Class {
        name: "LocalOutlierFactor",
        modules: &["sklearn.neighbors._lof", "sklearn.neighbors.lof"],
        read: read_outliers,
    },
    Class { name: "KNNImputer", modules: &["sklearn.impute._knn"], read: read_imputer },
];

const ROWS: Change =
    Change::Free("n_samples_fit_", &[(EVER, Fill::Absent), ((0, 22), Fill::RowsOf("_fit_X"))]);
const COLUMNS: Change =
    Change::Free("n_features_in_", &[(EVER, Fill::Absent), ((0, 23), Fill::ColumnsOf("_fit_X"))]);
const NEIGHBOURS: &[Change] = &[ROWS, COLUMNS, Change::Made("_tree", write_tree)];
/// Since 1.6 a class has a probability before its rows are looked at; all had the same.
const CENTROID: &[Change] = &[
    Change::Value("priors", &[(EVER, Fill::Absent), ((1, 6), Fill::Text("uniform"))]),
    Change::Made("class_prior_", |copier, object| {
        let count = object.labels("classes_")?.len();
        // What older versions do not look at stays, with how far rows lie from the centroids.
        match object.find("class_prior_").is_some() {
            true => copier.attribute(object, "class_prior_"),
            false if copier.writer.version.before(1, 6) => Ok(None),
            false => copier.writer.floats(&[count], &vec![1.0 / count as f64; count]).map(Some),
        }
    }),
    Change::Free(
        "n_features_in_",
        &[(EVER, Fill::Absent), ((0, 23), Fill::ColumnsOf("centroids_"))],
    ),
];
const KNN_IMPUTER: &[Change] = &[
    COLUMNS,
    Change::Value("keep_empty_features", &[(EVER, Fill::Absent), ((1, 2), Fill::Flag(false))]),
    Change::Unless(|object, to| {
        let is_uniform = read_weights(object).ok()? == NeighbourWeights::Uniform;
        let missing: Array2<bool> =
            object.array_of("_mask_fit_X", object.find("_mask_fit_X")?).ok()?;
        let known =
            missing.columns().into_iter().map(|column| column.iter().filter(|&&is| !is).count());
        let is_many = object.count("n_neighbors").ok()? >= known.min()?;
        let is_old = |version: Version| version.before(1, 6);
        (is_uniform && is_many && is_old(object.version()) != is_old(to)).then_some(
            "its n_neighbors are as many as there are values in a column, and before 1.6 rows at no \
             known distance counted",
        )
    }),
    // Which columns had any value in the fit.
    Change::Made("_valid_mask", |copier, object| {
        let name = "_mask_fit_X";
        match (copier.writer.version.before(1, 1), object.find("_valid_mask")) {
            (true, _) => Ok(None),
            (false, Some(_)) => copier.attribute(object, "_valid_mask"),
            (false, None) => {
                let missing: Array2<bool> = object.array_of(name, object.get(name)?)?;
                let columns = missing.columns().into_iter();
                let valid: Vec<u8> =
                    columns.map(|column| u8::from(column.iter().any(|&is| !is))).collect();
                copier.writer.raw(&[valid.len()], "b1", valid).map(Some)
            }
        }
    }),
];

/// What changed in them.
pub(super) const CHANGES: &[Changes] = &[
    ("KNeighborsClassifier", NEIGHBOURS),
    ("KNeighborsRegressor", NEIGHBOURS),
    ("NearestNeighbors", NEIGHBOURS),
    ("NearestCentroid", CENTROID),
    ("LocalOutlierFactor", NEIGHBOURS),
    ("KNNImputer", KNN_IMPUTER),
];

/// The tree as a version has it. What it holds is the same in all; its class, and that of the metric
/// in it, were in other modules, and metrics say in their names since 1.3 that they are of 64 bits.
///
/// Source: `__getstate__` in `neighbors/_binary_tree.pxi`, and in `metrics/_dist_metrics.pyx`.
fn write_tree(copier: &mut Copier<'_>, object: &Object) -> Result<Option<Handle>, Error> {
    let name = "_tree";
    let Some(value) = object.some(name) else { return copier.attribute(object, name) };
    let (class, state) = compiled(object, name, value)?;
    let module = match class.as_str() {
        "KDTree" => "sklearn.neighbors._kd_tree",
        "BallTree" => "sklearn.neighbors._ball_tree",
        _ => return Err(object.unsupported(format!("its tree is a {class}"))),
    };
    let [points, order, nodes, bounds, rest @ ..] = state.as_slice() else {
        return Err(object.wrong(name, format!("its state has {} items", state.len())));
    };
    let (numbers, others) = rest
        .split_at_checked(7)
        .ok_or_else(|| object.wrong(name, format!("its state has {} items", state.len())))?;
    let [metric, weights @ ..] = others else {
        return Err(object.wrong(name, "its metric is missing"));
    };
    let mut items = Vec::new();
    for array in [points, order] {
        items.push(copier.within(object, array)?);
    }
    items.push(write_nodes(copier, object, nodes)?);
    items.push(copier.within(object, bounds)?);
    for number in numbers {
        items.push(copier.within(object, number)?);
    }
    items.push(write_metric(copier, object, metric)?);
    for weights in weights {
        items.push(copier.within(object, weights)?);
    }
    let b = &copier.writer.builder;
    let made = b.reduce(b.global(module, "newObj"), [b.global(module, &class)])?;
    b.build(made, b.tuple(items)?)?;
    Ok(Some(made))
}

/// The fields of a node of such a tree.
const NODE: Fields<'static> =
    &[("idx_start", "i8", 0), ("idx_end", "i8", 8), ("is_leaf", "i8", 16), ("radius", "f8", 24)];

fn write_nodes(copier: &mut Copier<'_>, object: &Object, value: &Value) -> Result<Handle, Error> {
    let wrong = |error: crate::numpy::Error| object.wrong("_tree", format!("nodes: {error}"));
    let nodes = value.to_numpy().map_err(|error| object.wrong("_tree", error.to_string()))?;
    let whole = |name: &str| nodes.field(name).map_err(wrong)?.to_vec::<i64>().map_err(wrong);
    let radii = nodes.field("radius").map_err(wrong)?.to_vec::<f64>().map_err(wrong)?;
    let places = whole("idx_start")?.into_iter().zip(whole("idx_end")?);
    let mut bytes = Vec::with_capacity(32 * radii.len());
    for (((start, end), is_leaf), radius) in places.zip(whole("is_leaf")?).zip(radii) {
        for number in [start, end, is_leaf] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend(radius.to_le_bytes());
    }
    copier.writer.records(NODE, 32, bytes)
}

fn write_metric(copier: &mut Copier<'_>, object: &Object, value: &Value) -> Result<Handle, Error> {
    // It is one that is read, without weights.
    read_tree_metric(object, value)?;
    let (class, state) = compiled(object, "_tree", value)?;
    let to = copier.writer.version;
    let base = class.trim_end_matches("64");
    let module = match to.before(1, 0) {
        true => "sklearn.neighbors._dist_metrics",
        false => "sklearn.metrics._dist_metrics",
    };
    let [p, _, matrix] = state.as_slice() else {
        return Err(object.wrong("_tree", "the state of its metric has not three items"));
    };
    let p = copier.within(object, p)?;
    // Since 1.1 a metric can have weights, and has none where there is not a single one.
    let weights: &[f64] =
        if base == "MinkowskiDistance" && !to.before(1, 1) { &[] } else { &[0.0] };
    let weights = copier.writer.floats(&[weights.len()], weights)?;
    let matrix = copier.within(object, matrix)?;
    let b = &copier.writer.builder;
    let class = if to.before(1, 3) { base.to_owned() } else { format!("{base}64") };
    let made = b.reduce(b.global(module, "newObj"), [b.global(module, &class)])?;
    b.build(made, b.tuple([p, weights, matrix])?)?;
    Ok(made)
}

/// A metric by one of the names that scikit-learn has for it.
///
/// Source: `get_metric` in `metrics/_dist_metrics.pyx`, and `PAIRWISE_DISTANCE_FUNCTIONS`.
fn metric_of(name: &str, p: impl FnOnce() -> Result<f64, Error>) -> Result<Option<Metric>, Error> {
    Ok(Some(match name {
        "euclidean" => Metric::Euclidean,
        // with brute force it is summed column by column
        "l2" => Metric::Minkowski { p: 2.0 },
        "manhattan" | "cityblock" | "l1" => Metric::Manhattan,
        "chebyshev" | "infinity" => Metric::Chebyshev,
        "minkowski" | "p" => match p()? {
            1.0 => Metric::Manhattan,
            f64::INFINITY => Metric::Chebyshev,
            p => Metric::Minkowski { p },
        },
        "cosine" => Metric::Cosine,
        _ => return Ok(None),
    }))
}

/// The metric of a model that compares all rows: `effective_metric_`.
fn read_metric(object: &Object) -> Result<Metric, Error> {
    let value = object.get("effective_metric_")?;
    let Some(name) = text(value) else {
        let what = described(value);
        return Err(object.unsupported(format!("its metric is no name: {what}")));
    };
    let parameters = "effective_metric_params_";
    let entries = object.some(parameters).map(Value::entries).unwrap_or_default();
    let find = |wanted: &str| {
        let entry = entries.iter().find(|(key, _)| key.as_str().as_deref() == Some(wanted));
        entry.map(|(_, value)| value).filter(|value| !value.is_none())
    };
    if find("w").is_some() {
        return Err(object.unsupported("its metric has weights, w"));
    }
    let p = || match find("p") {
        None => Ok(2.0),
        Some(value) => float(value).ok_or_else(|| object.wrong(parameters, "its p is no number")),
    };
    let metric = metric_of(&name, p)?;
    metric.ok_or_else(|| object.unsupported(format!("its metric is {name:?}")))
}

/// An object of scikit-learn's compiled classes: the name of its class, and the items of its state.
fn compiled(object: &Object, name: &str, value: &Value) -> Result<(String, Vec<Value>), Error> {
    let class = value.arguments().and_then(|arguments| arguments.items().first()?.global());
    match (class_of(value), class, value.state()) {
        (Some((_, made)), Some((module, class)), Some(state))
            if made == "newObj" && module.starts_with("sklearn.") && value.states() == 1 =>
        {
            Ok((class, state.items()))
        }
        _ => Err(object.not(name, value, "a tree of scikit-learn's")),
    }
}

/// The metric of a tree, an object of its own.
fn read_tree_metric(object: &Object, value: &Value) -> Result<Metric, Error> {
    let name = "_tree";
    let (class, state) = compiled(object, name, value)?;
    let p = || {
        let p = state.first().and_then(float);
        p.ok_or_else(|| object.wrong(name, "the p of its metric is no number"))
    };
    Ok(match class.trim_end_matches("64") {
        "EuclideanDistance" => Metric::Euclidean,
        "ManhattanDistance" => Metric::Manhattan,
        "ChebyshevDistance" => Metric::Chebyshev,
        "MinkowskiDistance" => {
            if let Some(weights) = state.get(1) {
                let weights: Array1<f64> = object.array_of(name, weights)?;
                // older versions, which have no weights, keep a zero in their place
                if !weights.is_empty() && weights.as_slice() != Some(&[0.0]) {
                    return Err(object.unsupported("the metric of its tree has weights, w"));
                }
            }
            Metric::Minkowski { p: p()? }
        }
        _ => return Err(object.unsupported(format!("the metric of its tree is {class}"))),
    })
}

/// The tree, the rows that it holds, and its metric.
fn read_tree(object: &Object) -> Result<(Array2<f64>, Metric, Search), Error> {
    let name = "_tree";
    let (class, state) = compiled(object, name, object.get(name)?)?;
    let [points, order, nodes, bounds, rest @ ..] = state.as_slice() else {
        return Err(object.wrong(name, format!("its state has {} items", state.len())));
    };
    let metric = rest.get(7).ok_or_else(|| object.wrong(name, "its metric is missing"))?;
    let metric = read_tree_metric(object, metric)?;
    let points = object.array_of(name, points)?;
    let count = |number: i64| {
        let count = usize::try_from(number);
        count.map_err(|_| object.wrong(name, format!("{number} is no place of a row")))
    };
    let order: Array1<i64> = object.array_of(name, order)?;
    let order = order.iter().map(|&row| count(row)).collect::<Result<Vec<usize>, Error>>()?;
    let bounds: Array3<f64> = object.array_of(name, bounds)?;
    let nodes = nodes.to_numpy().map_err(|error| object.wrong(name, format!("nodes: {error}")))?;
    let wrong = |error: crate::numpy::Error| object.wrong(name, format!("nodes: {error}"));
    let field = |field: &str| nodes.field(field).map_err(wrong);
    let whole = |name: &str| field(name)?.to_vec::<i64>().map_err(wrong);
    let radii = field("radius")?.to_vec::<f64>().map_err(wrong)?;
    let ranges = whole("idx_start")?.into_iter().zip(whole("idx_end")?);
    let nodes = ranges.zip(whole("is_leaf")?).zip(radii);
    let node = |(((start, end), is_leaf), radius)| {
        let (start, end) = (count(start)?, count(end)?);
        Ok(TreeNode { start, end, is_leaf: is_leaf != 0, radius })
    };
    let nodes = nodes.map(node).collect::<Result<Vec<TreeNode>, Error>>()?;
    let tree = NeighbourTree { order, nodes, bounds };
    let search = match class.as_str() {
        "KDTree" => Search::KdTree(tree),
        "BallTree" => Search::BallTree(tree),
        _ => return Err(object.unsupported(format!("its tree is a {class}"))),
    };
    Ok((points, metric, search))
}

fn read_points(object: &Object, neighbours: &str) -> Result<(FittedParts, NeighbourParts), Error> {
    let n_neighbors = object.count(neighbours)?;
    let (points, metric, search) = match object.text("_fit_method")?.as_str() {
        "kd_tree" | "ball_tree" => read_tree(object)?,
        "brute" => {
            let (name, metric) = ("_fit_X", read_metric(object)?);
            let value = object.get(name)?;
            if is_sparse(value) {
                return Err(object.unsupported("it was fitted on sparse rows"));
            }
            (object.array_of(name, value)?, metric, Search::Brute)
        }
        other => return Err(object.unsupported(format!("its _fit_method is {other:?}"))),
    };
    let parts = NeighbourParts { points, metric, search, n_neighbors };
    Ok((object.fitted(parts.points.ncols())?, parts))
}

fn read_weights(object: &Object) -> Result<NeighbourWeights, Error> {
    let Some(value) = object.some("weights") else { return Ok(NeighbourWeights::Uniform) };
    match text(value).as_deref() {
        Some("uniform") => Ok(NeighbourWeights::Uniform),
        Some("distance") => Ok(NeighbourWeights::Distance),
        Some(other) => Err(object.unsupported(format!("its weights are {other:?}"))),
        None => {
            let what = described(value);
            Err(object.unsupported(format!("its weights are a function of Python's: {what}")))
        }
    }
}

/// The targets: rows × outputs, a single output where there is one dimension.
fn read_targets<T: crate::numpy::Element>(object: &Object) -> Result<Array2<T>, Error> {
    let name = "_y";
    let targets: ArrayD<T> = object.array_of(name, object.get(name)?)?;
    let targets = match targets.ndim() {
        1 => targets.insert_axis(ndarray::Axis(1)),
        _ => targets,
    };
    targets.into_dimensionality::<Ix2>().map_err(|error| object.wrong(name, error.to_string()))
}

fn read_classifier(object: &Object) -> Read {
    let codes: Array2<i64> = read_targets(object)?;
    let name = "classes_";
    let classes = match object.boolean("outputs_2d_")? {
        true => {
            let outputs = object.list(name)?;
            outputs.iter().map(|value| object.labels_of(name, value)).collect::<Result<_, _>>()?
        }
        false => vec![object.labels(name)?],
    };
    if classes.len() != codes.ncols() {
        let problem = format!("{} outputs have classes, and rows {}", classes.len(), codes.ncols());
        return Err(object.wrong(name, problem));
    }
    let code = |&code: &i64| {
        usize::try_from(code).map_err(|_| object.wrong("_y", format!("{code} is no class")))
    };
    let targets = classes.into_iter().zip(codes.columns());
    let targets = targets.map(|(classes, codes)| {
        let codes = codes.iter().map(code).collect::<Result<Vec<usize>, Error>>()?;
        Ok(ClassTargets { classes, codes })
    });
    let targets = targets.collect::<Result<Vec<ClassTargets>, Error>>()?;
    let (fitted, points) = read_points(object, "n_neighbors")?;
    let weights = read_weights(object)?;
    let made = KNeighborsClassifier::from_parts(fitted, points, weights, targets);
    Ok(Arc::new(object.model(made)?))
}

fn read_regressor(object: &Object) -> Read {
    let (fitted, points) = read_points(object, "n_neighbors")?;
    let (weights, targets) = (read_weights(object)?, read_targets(object)?);
    let made = KNeighborsRegressor::from_parts(fitted, points, weights, targets);
    Ok(Arc::new(object.model(made)?))
}

fn read_nearest(object: &Object) -> Read {
    let (fitted, points) = read_points(object, "n_neighbors")?;
    Ok(Arc::new(object.model(NearestNeighbors::from_parts(fitted, points))?))
}

fn read_centroid(object: &Object) -> Read {
    let value = object.get("metric")?;
    let metric = match text(value) {
        Some(name) => metric_of(&name, || Ok(2.0))?,
        None => None,
    };
    let Some(metric) = metric else {
        let what = parameter_text(value);
        return Err(object.unsupported(format!("its metric is {what}")));
    };
    // A model that came from a version before 1.6 has no deviations, and no scores.
    let spread = match object.find("within_class_std_dev_") {
        None => None,
        Some(_) => Some(CentroidSpread {
            priors: object.floats("class_prior_")?,
            deviations: object.floats("within_class_std_dev_")?,
        }),
    };
    let name = "centroids_";
    let centroids: Array2<f64> = object.array_of(name, object.get(name)?)?;
    let (fitted, classes) = (object.fitted(centroids.ncols())?, object.labels("classes_")?);
    let made = NearestCentroid::from_parts(fitted, classes, centroids, metric, spread);
    Ok(Arc::new(object.model(made)?))
}

fn parameter_text(value: &Value) -> String {
    text(value).map_or_else(|| described(value), |name| format!("{name:?}"))
}

fn read_outliers(object: &Object) -> Read {
    if !flag(object, "novelty")? {
        let problem = "without novelty=True it judges the rows of its own fit only";
        return Err(object.unsupported(problem));
    }
    let (fitted, points) = read_points(object, "n_neighbors_")?;
    let name = "_distances_fit_X_";
    let distances: Array2<f64> = object.array_of(name, object.get(name)?)?;
    let last = points.n_neighbors.checked_sub(1).filter(|&last| last < distances.ncols());
    let Some(last) = last else {
        return Err(object.wrong(name, "it has not as many columns as n_neighbors_ says"));
    };
    let own = OutlierParts {
        farthest: distances.column(last).to_vec(),
        densities: object.floats("_lrd")?,
        offset: object.float("offset_")?,
    };
    Ok(Arc::new(object.model(LocalOutlierFactor::from_parts(fitted, points, own))?))
}

fn read_imputer(object: &Object) -> Read {
    let value = object.get("metric")?;
    if text(value).as_deref() != Some("nan_euclidean") {
        return Err(object.unsupported(format!("its metric is {}", parameter_text(value))));
    }
    let missing_values = object.float("missing_values")?;
    let name = "_fit_X";
    let mut rows: Array2<f64> = object.array_of(name, object.get(name)?)?;
    if !missing_values.is_nan() {
        if let Some(value) = rows.iter().find(|value| value.is_nan()) {
            return Err(object.wrong(name, format!("it holds {value}")));
        }
        rows.mapv_inplace(|value| if value == missing_values { f64::NAN } else { value });
    }
    let parts = KNNImputerParts {
        rows,
        missing_values,
        n_neighbors: object.count("n_neighbors")?,
        weights: read_weights(object)?,
        keeps_empty: flag(object, "keep_empty_features")?,
        indicator: read_indicator(object)?,
    };
    let fitted = object.fitted(parts.rows.ncols())?;
    Ok(Arc::new(object.model(KNNImputer::from_parts(fitted, parts))?))
}
