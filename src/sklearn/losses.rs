//! The objects by which boosting says which loss it made smaller, as each version has them.
//!
//! Answers need them: they turn scores into estimates or probabilities. Sources:
//! `sklearn/_loss/loss.py`, and before it `sklearn/ensemble/_gb_losses.py` (until 1.3) and
//! `sklearn/ensemble/_hist_gradient_boosting/loss.py` (until 1.0).

use super::Error;
use super::read::{Object, attributes_of, boolean};
use super::write::Writer;
use crate::pickle::{Handle, Value};

/// What is made smaller.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Loss {
    Squared,
    Absolute,
    Huber { quantile: f64 },
    Quantile { quantile: f64 },
    Poisson,
    Gamma,
    Binomial,
    Multinomial { classes: usize },
    Exponential,
}

/// A parameter or attribute of a loss, and its value.
type Attributes<'n> = Vec<(&'n str, Handle)>;

/// What scores are of an estimate, or of probabilities: the class of scikit-learn, and the estimates
/// there are between its bounds.
const IDENTITY: (&str, f64, f64) = ("IdentityLink", f64::NEG_INFINITY, f64::INFINITY);
const LOG: (&str, f64, f64) = ("LogLink", 0.0, f64::INFINITY);
const LOGIT: (&str, f64, f64) = ("LogitLink", 0.0, 1.0);
const HALF_LOGIT: (&str, f64, f64) = ("HalfLogitLink", 0.0, 1.0);
const MULTINOMIAL: (&str, f64, f64) = ("MultinomialLogit", 0.0, 1.0);

impl Loss {
    /// The loss of `sklearn.ensemble.GradientBoosting…`, as its version has it. `logarithms` says
    /// that scores start from the logarithms of probabilities, as those of several classes did
    /// before 1.4, and not from their distances to the mean.
    pub(super) fn of_gradient_boosting(
        self,
        writer: &Writer<'_>,
        logarithms: bool,
    ) -> Result<Handle, Error> {
        if !writer.version.before(1, 4) {
            return self.of_today(writer, false, logarithms);
        }
        let b = &writer.builder;
        let mut attributes: Attributes<'_> = Vec::new();
        let scores = match self {
            Loss::Multinomial { classes } => classes,
            _ => 1,
        };
        attributes.push(("K", writer.count(scores)));
        let name = match self {
            Loss::Squared => "LeastSquaresError",
            Loss::Absolute => "LeastAbsoluteError",
            Loss::Huber { quantile } => {
                attributes.extend([("alpha", b.float(quantile)), ("gamma", b.none())]);
                "HuberLossFunction"
            }
            Loss::Quantile { quantile } => {
                let percentile = b.float(quantile * 100.0);
                attributes.extend([("alpha", b.float(quantile)), ("percentile", percentile)]);
                "QuantileLossFunction"
            }
            Loss::Binomial => "BinomialDeviance",
            Loss::Multinomial { .. } => "MultinomialDeviance",
            Loss::Exponential => "ExponentialLoss",
            Loss::Poisson | Loss::Gamma => return Err(self.unknown(writer)),
        };
        writer.object(("sklearn.ensemble._gb_losses", name), attributes)
    }

    /// The loss of `sklearn.ensemble.HistGradientBoosting…`, as its version has it. `constant` says
    /// that all rows of the fit had the same second derivative.
    pub(super) fn of_hist_gradient_boosting(
        self,
        writer: &Writer<'_>,
        constant: bool,
    ) -> Result<Handle, Error> {
        if !writer.version.before(1, 1) {
            return self.of_today(writer, constant, false);
        }
        let b = &writer.builder;
        let name = match self {
            Loss::Squared => "LeastSquares",
            Loss::Absolute => "LeastAbsoluteDeviation",
            Loss::Poisson => "Poisson",
            Loss::Binomial => "BinaryCrossEntropy",
            Loss::Multinomial { .. } => "CategoricalCrossEntropy",
            _ => return Err(self.unknown(writer)),
        };
        let constant = constant && matches!(self, Loss::Squared | Loss::Absolute);
        let mut attributes = vec![("hessians_are_constant", b.bool(constant))];
        if !writer.version.before(1, 0) {
            attributes.push(("n_threads", b.none()));
        }
        writer.object(("sklearn.ensemble._hist_gradient_boosting.loss", name), attributes)
    }

    /// An object of `sklearn._loss.loss`.
    fn of_today(
        self,
        writer: &Writer<'_>,
        constant: bool,
        logarithms: bool,
    ) -> Result<Handle, Error> {
        let b = &writer.builder;
        let (name, compiled, (link, low, high)) = match self {
            Loss::Squared => ("HalfSquaredError", "CyHalfSquaredError", IDENTITY),
            Loss::Absolute => ("AbsoluteError", "CyAbsoluteError", IDENTITY),
            Loss::Huber { .. } => ("HuberLoss", "CyHuberLoss", IDENTITY),
            Loss::Quantile { .. } => ("PinballLoss", "CyPinballLoss", IDENTITY),
            Loss::Poisson => ("HalfPoissonLoss", "CyHalfPoissonLoss", LOG),
            Loss::Gamma => ("HalfGammaLoss", "CyHalfGammaLoss", LOG),
            Loss::Binomial => ("HalfBinomialLoss", "CyHalfBinomialLoss", LOGIT),
            Loss::Exponential => ("ExponentialLoss", "CyExponentialLoss", HALF_LOGIT),
            Loss::Multinomial { .. } => {
                ("HalfMultinomialLoss", "CyHalfMultinomialLoss", MULTINOMIAL)
            }
        };
        let module = "sklearn._loss._loss";
        let class = b.global(module, compiled);
        let compiled = match self {
            // All versions pickle this one by Cython's function, with a number for its attributes,
            // of which it has none.
            Loss::Multinomial { .. } => b.reduce(
                b.global(module, "__pyx_unpickle_CyHalfMultinomialLoss"),
                [class, b.int(0xe3b0c44), b.tuple([])?],
            )?,
            // From row to row of the fit another one; answers do not need it.
            Loss::Huber { .. } => b.reduce(class, [b.float(1.0)])?,
            Loss::Quantile { quantile } => b.reduce(class, [b.float(quantile)])?,
            _ => b.reduce(class, [])?,
        };
        let link_attributes = match logarithms {
            true => vec![("link", b.global("numpy", "log"))],
            false => Vec::new(),
        };
        let link = writer.object((LINKS, link), link_attributes)?;
        let classes = match self {
            Loss::Binomial | Loss::Exponential => b.int(2),
            Loss::Multinomial { classes } => writer.count(classes),
            _ => b.none(),
        };
        let is_rough = matches!(self, Loss::Absolute | Loss::Huber { .. } | Loss::Quantile { .. });
        let constant =
            constant && matches!(self, Loss::Squared | Loss::Absolute | Loss::Quantile { .. });
        let observed = match self {
            Loss::Poisson | Loss::Multinomial { .. } => (0.0, f64::INFINITY, true, false),
            Loss::Gamma => (0.0, f64::INFINITY, false, false),
            Loss::Binomial | Loss::Exponential => (0.0, 1.0, true, true),
            _ => (f64::NEG_INFINITY, f64::INFINITY, false, false),
        };
        let mut attributes = vec![
            ("closs", compiled),
            ("link", link),
            ("n_classes", classes),
            ("approx_hessian", b.bool(is_rough)),
            ("constant_hessian", b.bool(constant)),
            ("interval_y_true", interval(writer, observed)?),
            ("interval_y_pred", interval(writer, (low, high, false, false))?),
        ];
        if let Loss::Huber { quantile } = self {
            attributes.push(("quantile", b.float(quantile)));
        }
        if !writer.version.before(1, 9) {
            attributes.extend([("xp", b.none()), ("device", b.none())]);
            if let Loss::Multinomial { .. } = self {
                let names = ["class_indexing_offsets", "y_true_int", "y_true_one_hot"];
                attributes.extend(names.map(|name| (name, b.none())));
            }
        }
        writer.object(("sklearn._loss.loss", name), attributes)
    }

    fn unknown(self, writer: &Writer<'_>) -> Error {
        Error::Unwritable {
            class: "boosting".into(),
            version: writer.version.to_string(),
            problem: format!("it has no such loss: {self:?}"),
        }
    }
}

const LINKS: &str = "sklearn._loss.link";

/// Numbers between two bounds, and whether these are among them.
fn interval(
    writer: &Writer<'_>,
    (low, high, low_inclusive, high_inclusive): (f64, f64, bool, bool),
) -> Result<Handle, Error> {
    let b = &writer.builder;
    let attributes = vec![
        ("low", b.float(low)),
        ("high", b.float(high)),
        ("low_inclusive", b.bool(low_inclusive)),
        ("high_inclusive", b.bool(high_inclusive)),
    ];
    writer.object((LINKS, "Interval"), attributes)
}

/// The attributes of the loss that an object keeps.
fn kept(object: &Object) -> Option<Vec<(String, Value)>> {
    let value = ["_loss", "loss_"].iter().find_map(|name| object.some(name))?;
    attributes_of(value).ok()
}

fn attribute<'a>(attributes: &'a [(String, Value)], name: &str) -> Option<&'a Value> {
    attributes.iter().find(|(own, _)| own == name).map(|(_, value)| value)
}

/// Whether all rows of the fit had the same second derivative, as far as the loss says it.
pub(super) fn is_constant(object: &Object) -> bool {
    let attributes = kept(object).unwrap_or_default();
    let names = ["constant_hessian", "hessians_are_constant"];
    names.iter().any(|name| attribute(&attributes, name).and_then(boolean) == Some(true))
}

/// Whether a model of several classes starts from the logarithms of probabilities: before 1.4 all do,
/// and those do that were converted from there.
pub(super) fn starts_from_logarithms(object: &Object) -> bool {
    if object.version().before(1, 4) {
        return true;
    }
    let link = kept(object).and_then(|loss| attributes_of(attribute(&loss, "link")?).ok());
    let own = link.as_deref().and_then(|link| attribute(link, "link")?.global());
    own == Some(("numpy".into(), "log".into()))
}
