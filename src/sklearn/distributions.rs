//! What changes how the numbers of a column are distributed: `KBinsDiscretizer`, `PowerTransformer` and
//! `QuantileTransformer` of `sklearn.preprocessing`.

use std::sync::Arc;

use super::changes::{Change, Changes, EVER, Fill};
use super::preprocessing::{SCALERS, precision, standard_scaler};
use super::read::{Object, Read};
use super::registry::Class;
use crate::preprocessing::{
    BinCode, KBinsDiscretizer, PowerMethod, PowerTransformer, QuantileOutput, QuantileParts,
    QuantileTransformer,
};

/// The classes that are read.
pub(super) const CLASSES: &[Class] = &[
    Class {
        name: "KBinsDiscretizer",
        modules: &["sklearn.preprocessing._discretization"],
        read: read_bins,
    },
    Class { name: "PowerTransformer", modules: SCALERS, read: read_powers },
    Class { name: "QuantileTransformer", modules: SCALERS, read: read_quantiles },
];

const BINS: &[Change] = &[
    Change::Value("dtype", &[(EVER, Fill::Absent), ((0, 24), Fill::None)]),
    Change::Usual(
        "subsample",
        &[(EVER, Fill::Absent), ((1, 1), Fill::Text("warn")), ((1, 5), Fill::Integer(200_000))],
    ),
    Change::Made("bin_edges_", |copier, object| {
        let name = "bin_edges_";
        let (from, to) = (object.version().before(1, 1), copier.writer.version.before(1, 1));
        if from == to {
            return copier.attribute(object, name);
        }
        let mut columns = Vec::new();
        for edges in object.list(name)? {
            let mut edges = object.floats_of(name, &edges)?;
            let inner = 1..edges.len().saturating_sub(1);
            for edge in edges.get_mut(inner).unwrap_or_default() {
                *edge = if from { first_above(*edge) } else { with_margin(*edge) };
            }
            columns.push(copier.writer.floats(&[edges.len()], &edges)?);
        }
        copier.writer.objects(&[columns.len()], columns).map(Some)
    }),
    Change::Usual("random_state", &[(EVER, Fill::Absent), ((1, 1), Fill::None)]),
    // Until 1.8 bins were found by linear interpolation unless a parameter said otherwise.
    Change::Usual(
        "quantile_method",
        &[(EVER, Fill::Absent), ((1, 7), Fill::Text("warn")), ((1, 9), Fill::Text("linear"))],
    ),
    Change::Free("n_features_in_", &[(EVER, Fill::Absent), ((0, 23), Fill::RowsOf("n_bins_"))]),
];

/// Until 1.0 a number was compared with edges after this was added to it.
fn with_margin(number: f64) -> f64 {
    number + (1e-8 + 1e-5 * number.abs())
}

/// The least number that is not below an edge with its margin: the edge without one.
fn first_above(edge: f64) -> f64 {
    let shifted = edge - 1e-8;
    let mut least = shifted / if shifted < 0.0 { 1.0 - 1e-5 } else { 1.0 + 1e-5 };
    // Rounding leaves it off by a few of the numbers next to it.
    for _ in 0..8 {
        match with_margin(least) >= edge {
            true if with_margin(least.next_down()) >= edge => least = least.next_down(),
            true => break,
            false => least = least.next_up(),
        }
    }
    least
}

/// What changed in them.
pub(super) const CHANGES: &[Changes] = &[
    ("KBinsDiscretizer", BINS),
    (
        "PowerTransformer",
        &[Change::Free(
            "n_features_in_",
            &[(EVER, Fill::Absent), ((0, 23), Fill::RowsOf("lambdas_"))],
        )],
    ),
    (
        "QuantileTransformer",
        &[Change::Free(
            "n_features_in_",
            &[(EVER, Fill::Absent), ((0, 23), Fill::ColumnsOf("quantiles_"))],
        )],
    ),
];

fn read_bins(object: &Object) -> Read {
    let code = match object.text("encode")?.as_str() {
        "ordinal" => BinCode::Ordinal,
        "onehot" => BinCode::OneHot,
        "onehot-dense" => BinCode::OneHotDense,
        other => return Err(object.unsupported(format!("its encode is {other:?}"))),
    };
    let name = "bin_edges_";
    let edges = object.list(name)?;
    let edges =
        edges.iter().map(|edges| object.floats_of(name, edges)).collect::<Result<_, _>>()?;
    // what the file says of bins must be what their edges say
    let (name, edges): (_, Vec<Vec<f64>>) = ("n_bins_", edges);
    let counts = object.floats(name)?;
    let same = |(count, edges): (&f64, &Vec<f64>)| *count == edges.len() as f64 - 1.0;
    if counts.len() != edges.len() || !counts.iter().zip(&edges).all(same) {
        return Err(object.wrong(name, "it is not one less than the edges of each column"));
    }
    let fitted = object.fitted(edges.len())?;
    let made = object.model(KBinsDiscretizer::from_parts(fitted, edges, code))?;
    Ok(Arc::new(match object.some("dtype") {
        None => made,
        Some(_) => made.with_precision(precision(object, "dtype")?),
    }))
}

fn read_powers(object: &Object) -> Read {
    let method = match object.text("method")?.as_str() {
        "box-cox" => PowerMethod::BoxCox,
        "yeo-johnson" => PowerMethod::YeoJohnson,
        other => return Err(object.unsupported(format!("its method is {other:?}"))),
    };
    let lambdas = object.floats("lambdas_")?;
    let scaler = match object.boolean("standardize")? {
        false => None,
        true => {
            let name = "_scaler";
            let scaler = object.estimator(name)?;
            if scaler.name() != "StandardScaler" {
                return Err(object.wrong(name, format!("it is a {}", scaler.name())));
            }
            Some(standard_scaler(&scaler)?)
        }
    };
    let fitted = object.fitted(lambdas.len())?;
    let made = PowerTransformer::from_parts(fitted, lambdas, method, scaler);
    Ok(Arc::new(object.model(made)?))
}

fn read_quantiles(object: &Object) -> Read {
    let output = match object.text("output_distribution")?.as_str() {
        "uniform" => QuantileOutput::Uniform,
        "normal" => QuantileOutput::Normal,
        other => return Err(object.unsupported(format!("its output_distribution is {other:?}"))),
    };
    let name = "quantiles_";
    let quantiles: ndarray::Array2<f64> = object.array_of(name, object.get(name)?)?;
    let references = object.floats("references_")?;
    let ignore_implicit_zeros = object.boolean("ignore_implicit_zeros")?;
    let fitted = object.fitted(quantiles.ncols())?;
    let parts = QuantileParts { quantiles, references, output, ignore_implicit_zeros };
    Ok(Arc::new(object.model(QuantileTransformer::from_parts(fitted, parts))?))
}
