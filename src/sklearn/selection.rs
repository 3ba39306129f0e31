//! Selectors: `sklearn.feature_selection.SelectKBest` and its like.

use std::sync::Arc;

use ndarray::{Array1, Array2, Axis};

use super::Error;
use super::changes::{Change, Changes, EVER, Fill};
use super::read::{
    Object, Read, attributes_of, boolean, class_of, described, float, integer, text,
};
use super::registry::Class;
use crate::pickle::Value;
use crate::preprocessing::Selector;

const UNIVARIATE: &[&str] = &[
    "sklearn.feature_selection._univariate_selection",
    "sklearn.feature_selection.univariate_selection",
];
const VARIANCE: &[&str] = &[
    "sklearn.feature_selection._variance_threshold",
    "sklearn.feature_selection.variance_threshold",
];
const FROM_MODEL: &[&str] =
    &["sklearn.feature_selection._from_model", "sklearn.feature_selection.from_model"];
const RECURSIVE: &[&str] = &["sklearn.feature_selection._rfe", "sklearn.feature_selection.rfe"];

/// The classes that are read.
pub(super) const CLASSES: &[Class] = &[
    Class { name: "SelectKBest", modules: UNIVARIATE, read: read_k_best },
    Class { name: "SelectPercentile", modules: UNIVARIATE, read: read_percentile },
    Class { name: "SelectFpr", modules: UNIVARIATE, read: read_fpr },
    Class { name: "SelectFdr", modules: UNIVARIATE, read: read_fdr },
    Class { name: "SelectFwe", modules: UNIVARIATE, read: read_fwe },
    Class { name: "VarianceThreshold", modules: VARIANCE, read: read_variance },
    Class { name: "SelectFromModel", modules: FROM_MODEL, read: read_from_model },
    Class { name: "RFE", modules: RECURSIVE, read: read_recursive },
    Class { name: "RFECV", modules: RECURSIVE, read: read_recursive },
];

const SCORES: &[Change] =
    &[Change::Free("n_features_in_", &[(EVER, Fill::Absent), ((0, 23), Fill::RowsOf("scores_"))])];
const IMPORTANCE: Change =
    Change::Value("importance_getter", &[(EVER, Fill::Absent), ((0, 24), Fill::Text("auto"))]);
const ALL_COLUMNS: Change =
    Change::Free("n_features_in_", &[(EVER, Fill::Absent), ((0, 23), Fill::RowsOf("support_"))]);
/// How many columns it chose: it has the name that the columns of trees had.
const CHOSEN: Change =
    Change::Made("n_features_", |copier, object| copier.attribute(object, "n_features_"));
const RFECV: &[Change] = &[
    IMPORTANCE,
    ALL_COLUMNS,
    CHOSEN,
    // From 1.0 on the scores are among other results.
    Change::Made("grid_scores_", |copier, object| {
        if !copier.writer.version.before(1, 0) {
            return Ok(None);
        }
        match object.find("cv_results_").and_then(|results| results.get("mean_test_score")) {
            Some(scores) => copier.within(object, &scores).map(Some),
            None => copier.attribute(object, "grid_scores_"),
        }
    }),
    Change::Made("cv_results_", |copier, object| {
        match (copier.writer.version.before(1, 0), object.find("cv_results_")) {
            (true, _) => Ok(None),
            (false, Some(results)) => copier.within(object, results).map(Some),
            (false, None) => {
                let Some(scores) = copier.attribute(object, "grid_scores_")? else {
                    return Ok(None);
                };
                Ok(Some(copier.writer.builder.attributes([("mean_test_score", scores)])?))
            }
        }
    }),
];
const FROM_MODEL_CHANGES: &[Change] = &[
    IMPORTANCE,
    Change::Made("max_features_", |copier, object| {
        let own = object.find("max_features_").is_some();
        let name = if own { "max_features_" } else { "max_features" };
        match copier.writer.version.before(1, 1) || object.some(name).is_none() {
            true => Ok(None),
            false => copier.attribute(object, name),
        }
    }),
];

/// What changed in them.
pub(super) const CHANGES: &[Changes] = &[
    ("SelectKBest", SCORES),
    ("SelectPercentile", SCORES),
    ("SelectFpr", SCORES),
    ("SelectFdr", SCORES),
    ("SelectFwe", SCORES),
    (
        "VarianceThreshold",
        &[Change::Free(
            "n_features_in_",
            &[(EVER, Fill::Absent), ((0, 23), Fill::RowsOf("variances_"))],
        )],
    ),
    ("SelectFromModel", FROM_MODEL_CHANGES),
    ("RFE", &[IMPORTANCE, ALL_COLUMNS, CHOSEN]),
    ("RFECV", RFECV),
];

fn selector(object: &Object, support: &[bool]) -> Result<Selector, Error> {
    let mut fitted = object.fitted(support.len())?;
    if object.find("n_features_in_").is_none() {
        // what has the name of old trees' columns is how many columns an RFE chose
        fitted.n_features = support.len();
    }
    object.model(Selector::from_parts(object.name(), fitted, support))
}

/// The scores of the columns; what is NaN is the least.
fn scores(object: &Object) -> Result<Vec<f64>, Error> {
    let scores = object.floats("scores_")?;
    Ok(scores.into_iter().map(|score| if score.is_nan() { f64::MIN } else { score }).collect())
}

/// The columns in the order of their scores, those of equal scores as they stand.
fn ascending(scores: &[f64]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..scores.len()).collect();
    places.sort_by(|&a, &b| scores[a].total_cmp(&scores[b]));
    places
}

fn read_k_best(object: &Object) -> Read {
    let scores = scores(object)?;
    let name = "k";
    let value = object.get(name)?;
    let k = match (integer(value), text(value).as_deref()) {
        (_, Some("all")) => scores.len(),
        (Some(k), _) => usize::try_from(k).map_err(|_| object.not(name, value, "a count"))?,
        (None, _) => return Err(object.not(name, value, "a count or \"all\"")),
    };
    let mut support = vec![false; scores.len()];
    for &place in ascending(&scores).iter().rev().take(k) {
        support[place] = true;
    }
    Ok(Arc::new(selector(object, &support)?))
}

fn read_percentile(object: &Object) -> Read {
    let (scores, percentile) = (scores(object)?, object.float("percentile")?);
    if !(0.0..=100.0).contains(&percentile) || scores.is_empty() {
        return Err(object.wrong("percentile", format!("it is {percentile}, not from 0 to 100")));
    }
    let mut support = vec![percentile == 100.0; scores.len()];
    if percentile > 0.0 && percentile < 100.0 {
        let threshold = quantile(&scores, (100.0 - percentile) / 100.0);
        let most = (scores.len() as f64 * percentile / 100.0) as usize;
        let mut chosen = 0;
        for (own, &score) in support.iter_mut().zip(&scores) {
            *own = score > threshold;
            chosen += usize::from(*own);
        }
        // numpy's slice up to a negative number leaves that many out
        let ties: Vec<usize> = (0..scores.len()).filter(|&it| scores[it] == threshold).collect();
        let kept = match most.checked_sub(chosen) {
            Some(kept) => kept,
            None => ties.len().saturating_sub(chosen - most),
        };
        for &place in ties.iter().take(kept) {
            support[place] = true;
        }
    }
    Ok(Arc::new(selector(object, &support)?))
}

/// numpy's `quantile`, by linear interpolation.
fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = share * (sorted.len().saturating_sub(1)) as f64;
    let below = sorted.get(place.floor() as usize).copied().unwrap_or(f64::NAN);
    let above = sorted.get(place.ceil() as usize).copied().unwrap_or(below);
    let t = place - place.floor();
    match t >= 0.5 {
        true => above - (above - below) * (1.0 - t),
        false => below + (above - below) * t,
    }
}

fn read_fpr(object: &Object) -> Read {
    let (values, alpha) = (object.floats("pvalues_")?, object.float("alpha")?);
    let support: Vec<bool> = values.iter().map(|&value| value < alpha).collect();
    Ok(Arc::new(selector(object, &support)?))
}

fn read_fwe(object: &Object) -> Read {
    let (values, alpha) = (object.floats("pvalues_")?, object.float("alpha")?);
    let alpha = alpha / values.len() as f64;
    let support: Vec<bool> = values.iter().map(|&value| value < alpha).collect();
    Ok(Arc::new(selector(object, &support)?))
}

fn read_fdr(object: &Object) -> Read {
    let (values, alpha) = (object.floats("pvalues_")?, object.float("alpha")?);
    let mut sorted = values.clone();
    sorted.sort_by(f64::total_cmp);
    let share = alpha / values.len() as f64;
    let within = (1_u32..).zip(&sorted).filter(|&(rank, &value)| value <= share * f64::from(rank));
    let greatest = within.map(|(_, &value)| value).last();
    let support: Vec<bool> =
        values.iter().map(|&value| greatest.is_some_and(|greatest| value <= greatest)).collect();
    Ok(Arc::new(selector(object, &support)?))
}

fn read_variance(object: &Object) -> Read {
    let (variances, threshold) = (object.floats("variances_")?, object.float("threshold")?);
    let support: Vec<bool> = variances.iter().map(|&variance| variance > threshold).collect();
    Ok(Arc::new(selector(object, &support)?.with_missing()))
}

fn read_recursive(object: &Object) -> Read {
    let name = "support_";
    let support: Array1<bool> = object.array_of(name, object.get(name)?)?;
    Ok(Arc::new(selector(object, &support.to_vec())?.with_missing()))
}

/// How much each column counts for the model that chooses, and the model's class and attributes.
fn importances(object: &Object, value: &Value) -> Result<Vec<f64>, Error> {
    let wrong = |problem: String| object.wrong("estimator_", problem);
    let state = attributes_of(value).map_err(wrong)?;
    let coefficients = state.iter().find(|(name, _)| name == "coef_").map(|(_, value)| value);
    if let Some(coefficients) = coefficients {
        let order = match object.find("norm_order") {
            Some(_) => object.float("norm_order")?,
            None => 1.0,
        };
        if let Ok(row) = object.array_of::<f64, ndarray::Ix1>("coef_", coefficients) {
            return Ok(row.iter().map(|value| value.abs()).collect());
        }
        let rows: Array2<f64> = object.array_of("coef_", coefficients)?;
        let norm = |column: ndarray::ArrayView1<'_, f64>| match order {
            1.0 => column.iter().map(|value| value.abs()).sum(),
            2.0 => column.iter().map(|value| value * value).sum::<f64>().sqrt(),
            f64::INFINITY => column.iter().fold(0.0_f64, |most, value| most.max(value.abs())),
            order => column.iter().map(|v| v.abs().powf(order)).sum::<f64>().powf(1.0 / order),
        };
        return Ok(rows.axis_iter(Axis(1)).map(norm).collect());
    }
    let model = object.estimator_of(value)?.read()?;
    match model.abilities().importances {
        Some(model) => Ok(model.feature_importances()),
        None => Err(wrong("it has neither coef_ nor feature_importances_".to_owned())),
    }
}

fn read_from_model(object: &Object) -> Read {
    if let Some(getter) = object.find("importance_getter")
        && text(getter).as_deref() != Some("auto")
    {
        let problem = format!("its importance_getter is {}", described(getter));
        return Err(object.unsupported(problem));
    }
    let name = if object.find("estimator_").is_some() { "estimator_" } else { "estimator" };
    let model = object.get(name)?;
    let scores = importances(object, model)?;
    let mean = || scores.iter().sum::<f64>() / scores.len() as f64;
    let reference = |name: &str| match name.trim() {
        "mean" => Ok(mean()),
        "median" => Ok(quantile(&scores, 0.5)),
        other => Err(object.unsupported(format!("its threshold is {other:?}"))),
    };
    let threshold = match object.some("threshold") {
        None => match is_sparse_by_design(model) {
            true => 1e-5,
            false => mean(),
        },
        Some(value) => match (float(value), text(value)) {
            (Some(threshold), _) => threshold,
            (None, Some(words)) => match words.split_once('*') {
                Some((scale, name)) => {
                    let scale = scale.trim().parse::<f64>();
                    let scale = scale.map_err(|_| object.not("threshold", value, "a number"))?;
                    scale * reference(name)?
                }
                None => reference(&words)?,
            },
            (None, None) => return Err(object.not("threshold", value, "a number or a name")),
        },
    };
    let most = match object.some("max_features_").or_else(|| object.some("max_features")) {
        None => scores.len(),
        Some(value) => match integer(value).and_then(|most| usize::try_from(most).ok()) {
            Some(most) => most,
            None => return Err(object.unsupported(format!("max_features: {}", described(value)))),
        },
    };
    // the greatest first, those of equal scores as they stand
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    let mut support = vec![false; scores.len()];
    for &place in order.iter().take(most) {
        // what is NaN is not below
        support[place] = scores[place] >= threshold || scores[place].is_nan() || threshold.is_nan();
    }
    Ok(Arc::new(selector(object, &support)?.with_missing()))
}

/// Whether a model leaves columns out by itself, so that any share of it counts.
fn is_sparse_by_design(model: &Value) -> bool {
    let class = class_of(model).map(|(_, name)| name).unwrap_or_default();
    let state = attributes_of(model).unwrap_or_default();
    let find = |name: &str| state.iter().find(|(own, _)| own == name).map(|(_, value)| value);
    let is_one = |name: &str| {
        let value = find(name).filter(|value| boolean(value).is_none()).and_then(float);
        value.is_some_and(|ratio| (ratio - 1.0).abs() <= 1e-8 + 1e-5)
    };
    find("penalty").and_then(text).as_deref() == Some("l1")
        || class.contains("Lasso")
        || (matches!(class.as_str(), "ElasticNet" | "LogisticRegression") && is_one("l1_ratio"))
        || (class == "ElasticNetCV" && is_one("l1_ratio_"))
}
