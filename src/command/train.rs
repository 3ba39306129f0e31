//! `picklebook train`: a decision tree from a file of rows.

use std::fmt;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use clap::builder::PossibleValuesParser;
use picklebook::data::{self, Dataset, Labels, read_csv_with, train_test_split};
use picklebook::metrics::{
    self, confusion_matrix, mean_absolute_error, mean_squared_error, percent, r2_score,
};
use picklebook::model::Fit;
use picklebook::model_selection::{
    self, CrossValScores, CrossValidator, KFold, StratifiedKFold, cross_val_score,
};
use picklebook::pickle;
use picklebook::serde::Serialize;
use picklebook::tree::{
    self, Criterion, DecisionTreeClassifier, DecisionTreeClassifierParams, DecisionTreeRegressor,
    DecisionTreeRegressorParams, RegressionCriterion, Samples,
};

use super::table::{TableArguments, WordArguments, told};
use super::{Failure, keep_input, no_table, not_printed, to_stdout, too_large};
use crate::tell;

/// Fit a decision tree to a CSV file, measure how good it is, and save it as a pickle
///
/// The rows are split into training and test rows as scikit-learn's train_test_split splits them;
/// the tree is scikit-learn's DecisionTreeClassifier, node by node, or with --regression its
/// DecisionTreeRegressor. It is fitted to the training rows and saved. Of the test rows, the
/// accuracy and the confusion matrix are printed, or R², the mean absolute error and the mean
/// squared error. To compare parameters without looking at the test rows, add --cv 5.
#[derive(Args)]
pub struct TrainArguments {
    /// The rows, as separated values; a first line that looks like a row is refused
    file: PathBuf,
    /// The column to predict; all others are features, and must hold numbers, or words that
    /// --get-dummies or --ordinal name
    #[arg(long, value_name = "COLUMN")]
    target: String,
    /// Estimate a number, in place of predicting a class
    #[arg(long)]
    regression: bool,
    /// How the quality of a split is measured [default: gini; with --regression: squared_error]
    #[arg(long, value_parser = PossibleValuesParser::new(criteria()))]
    criterion: Option<String>,
    /// The most splits between the root and a leaf [default: no limit]
    #[arg(long, value_name = "N")]
    max_depth: Option<usize>,
    /// The fewest training rows in a leaf: a number, or, with a decimal point, a fraction of them
    #[arg(long, value_name = "N", default_value = "1", value_parser = samples)]
    min_samples_leaf: Samples,
    /// The share of rows to test with, above 0 and below 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.25, allow_negative_numbers = true)]
    test_size: f64,
    /// Also divide the training rows into N folds, and print the mean and the standard deviation of
    /// the scores of trees that are each fitted without a fold and measured on it, as scikit-learn's
    /// cross_val_score does
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..))]
    cv: Option<u32>,
    /// The seed for splitting the rows, and for choosing between equally good splits of the tree
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    random_state: u32,
    /// Where to save the tree, as a pickle
    #[arg(long, value_name = "MODEL.pkl")]
    output: PathBuf,
    #[command(flatten)]
    words: WordArguments,
    #[command(flatten)]
    table: TableArguments,
}

pub const OF_CLASSES: [Criterion; 3] = [Criterion::Gini, Criterion::Entropy, Criterion::LogLoss];
const OF_NUMBERS: [RegressionCriterion; 4] = [
    RegressionCriterion::SquaredError,
    RegressionCriterion::FriedmanMse,
    RegressionCriterion::AbsoluteError,
    RegressionCriterion::Poisson,
];

/// The names of all criteria.
fn criteria() -> impl Iterator<Item = &'static str> {
    criteria_of_classes().chain(OF_NUMBERS.map(RegressionCriterion::name))
}

/// The names of those of trees of classes.
pub fn criteria_of_classes() -> impl Iterator<Item = &'static str> {
    OF_CLASSES.map(Criterion::name).into_iter()
}

/// Sets what both kinds of trees have.
macro_rules! params {
    ($arguments:expr, $tree:ident) => {{
        let mut params = $tree::params().random_state($arguments.random_state);
        params = match $arguments.min_samples_leaf {
            Samples::Count(rows) => params.min_samples_leaf(rows),
            Samples::Fraction(fraction) => params.min_samples_leaf_fraction(fraction),
        };
        match $arguments.max_depth {
            Some(max_depth) => params.max_depth(max_depth),
            None => params,
        }
    }};
}

pub fn samples(text: &str) -> Result<Samples, String> {
    let fraction = || text.parse().map(Samples::Fraction);
    match text.parse().map(Samples::Count).or_else(|_| fraction()) {
        Ok(samples) => Ok(samples),
        Err(_) => Err("a count, as in 5, or a fraction, as in 0.01".into()),
    }
}

pub fn train(arguments: &TrainArguments) -> Result<ExitCode, Failure> {
    let named = arguments.criterion.as_deref();
    if arguments.regression {
        let mut params = params!(arguments, DecisionTreeRegressor);
        if let Some(name) = named {
            match OF_NUMBERS.into_iter().find(|criterion| criterion.name() == name) {
                Some(criterion) => params = params.criterion(criterion),
                None => {
                    return Ok(usage(&format!(
                        "--criterion {name} is of trees of classes: leave --regression out, or name one of numbers"
                    )));
                }
            }
        }
        return fit(arguments, &params);
    }
    let mut params = params!(arguments, DecisionTreeClassifier);
    if let Some(name) = named {
        match OF_CLASSES.into_iter().find(|criterion| criterion.name() == name) {
            Some(criterion) => params = params.criterion(criterion),
            None => {
                return Ok(usage(&format!(
                    "--criterion {name} is of trees that estimate numbers: add --regression"
                )));
            }
        }
    }
    fit(arguments, &params)
}

/// What is to be fitted, and how good that is.
trait Task: Fit + fmt::Display {
    type Tree: Serialize;

    /// What divides rows into folds, as scikit-learn does where `cv` is a number.
    type Folds: CrossValidator;

    fn folds(count: usize) -> Self::Folds;

    /// The mean and the standard deviation of the scores of folds.
    fn scores(scores: &CrossValScores) -> String;

    fn check(&self) -> Result<(), tree::Error>;

    /// The place of a target that cannot be learnt, and why.
    fn problem(&self, target: &Labels) -> Option<(usize, String)>;

    fn fit(&self, train: &Dataset) -> Result<Self::Tree, tree::Error>;

    /// The depth and the number of leaves.
    fn size(tree: &Self::Tree) -> (usize, usize);

    /// Lines on how good the tree is on the test rows.
    fn measured(tree: &Self::Tree, test: &Dataset) -> Result<Vec<String>, tree::Error>;
}

impl Task for DecisionTreeClassifierParams {
    type Tree = DecisionTreeClassifier;
    type Folds = StratifiedKFold;

    fn folds(count: usize) -> StratifiedKFold {
        StratifiedKFold::new(count)
    }

    fn scores(scores: &CrossValScores) -> String {
        format!("accuracy {:.2} ± {:.2} %", 100.0 * scores.mean(), 100.0 * scores.std())
    }

    fn check(&self) -> Result<(), tree::Error> {
        self.check()
    }

    fn problem(&self, target: &Labels) -> Option<(usize, String)> {
        let row = target.first_quantity()?;
        let value = target.get(row)?;
        let problem = format!(
            "{value}: a class must be a whole number, a text or a boolean; to estimate numbers, add \
             --regression"
        );
        Some((row, problem))
    }

    fn fit(&self, train: &Dataset) -> Result<Self::Tree, tree::Error> {
        self.fit(train)
    }

    fn size(tree: &Self::Tree) -> (usize, usize) {
        (tree.depth(), tree.n_leaves())
    }

    fn measured(tree: &Self::Tree, test: &Dataset) -> Result<Vec<String>, tree::Error> {
        let predicted = tree.predict(test)?;
        let right = tree.score(test)?;
        let matrix = match confusion_matrix(test.target(), &predicted) {
            Ok(matrix) => matrix.to_string(),
            Err(error) => format!("no confusion matrix: {error}"),
        };
        Ok(vec![format!("accuracy {} on {} test rows", percent(right, 2), test.rows()), matrix])
    }
}

impl Task for DecisionTreeRegressorParams {
    type Tree = DecisionTreeRegressor;
    type Folds = KFold;

    fn folds(count: usize) -> KFold {
        KFold::new(count)
    }

    fn scores(scores: &CrossValScores) -> String {
        format!("R² {} ± {}", scores.mean(), scores.std())
    }

    fn check(&self) -> Result<(), tree::Error> {
        self.check()
    }

    fn problem(&self, target: &Labels) -> Option<(usize, String)> {
        let Labels::Text(words) = target else { return None };
        let is_number = |word: &String| word.parse().is_ok_and(|number: f64| number.is_finite());
        let row = words.iter().position(|word| !is_number(word))?;
        let problem =
            format!("{:?} is no number, and only numbers can be estimated", words.get(row)?);
        Some((row, problem))
    }

    fn fit(&self, train: &Dataset) -> Result<Self::Tree, tree::Error> {
        self.fit(train)
    }

    fn size(tree: &Self::Tree) -> (usize, usize) {
        (tree.depth(), tree.n_leaves())
    }

    fn measured(tree: &Self::Tree, test: &Dataset) -> Result<Vec<String>, tree::Error> {
        let truth = test.target().to_numbers().unwrap_or_default();
        let predicted = tree.predict(test)?;
        let figure = |figure: Result<f64, metrics::Error>| match figure {
            Ok(figure) => figure.to_string(),
            Err(error) => format!("unknown: {error}"),
        };
        Ok(vec![
            format!("R² {} on {} test rows", figure(r2_score(&truth, &predicted)), test.rows()),
            format!("mean absolute error {}", figure(mean_absolute_error(&truth, &predicted))),
            format!("mean squared error {}", figure(mean_squared_error(&truth, &predicted))),
        ])
    }
}

fn fit<T: Task>(arguments: &TrainArguments, params: &T) -> Result<ExitCode, Failure> {
    if let Err(error) = params.check() {
        return Ok(usage(&error));
    }
    keep_input(&arguments.file, &arguments.output)?;
    let file = arguments.file.display();
    let options = arguments.words.add_to(arguments.table.options());
    let data = read_csv_with(&arguments.file, &arguments.target, &options)
        .map_err(|error| no_table(&arguments.file, told(&error)))?;
    // before the split, which would leave some rows to the fit and some to the measures
    if let Some((row, problem)) = params.problem(data.target()) {
        return Err(at(arguments, row, Some(&arguments.target), &problem).into());
    }
    let split = match train_test_split(&data, arguments.test_size, arguments.random_state) {
        Err(error @ data::Error::TestSize { .. }) => return Ok(usage(&error)),
        result => result.map_err(|error| format!("{file}: {error}"))?,
    };

    // The rows are in the split now; a large file need not be held twice during the fit.
    let names = data.feature_names().to_vec();
    drop(data);

    let in_train = |error| located(arguments, &names, &split.train_indices, error);
    let in_test = |error| located(arguments, &names, &split.test_indices, error);
    let tree = params.fit(&split.train).map_err(in_train)?;
    let measured = T::measured(&tree, &split.test).map_err(in_test)?;
    let validated = match arguments.cv {
        Some(count) => Some(
            cross_validated(params, &split.train, count as usize)
                .map_err(|error| format!("{file}: --cv {count}: {error}"))?,
        ),
        None => None,
    };
    pickle::save(&tree, &arguments.output)?;

    let (depth, leaves) = T::size(&tree);
    let train = split.train.rows();
    let shape = format!("depth {depth}, {leaves} leaves, fitted on {train} rows");
    let saved = format!("saved {}", arguments.output.display());
    let fitted = [params.to_string(), shape].into_iter().chain(validated);
    let lines: Vec<String> = fitted.chain(measured).chain([saved]).collect();
    to_stdout(|output| Ok(writeln!(output, "{}", lines.join("\n")).map_err(not_printed)?))?;
    Ok(ExitCode::SUCCESS)
}

/// A line on how good trees are on the rows of each fold, which they were fitted without.
fn cross_validated<T: Task>(
    params: &T,
    train: &Dataset,
    count: usize,
) -> Result<String, model_selection::Error> {
    let scores = cross_val_score(params, train, &T::folds(count))?;
    for warning in scores.warnings() {
        tell(&format!("picklebook: warning: {warning}"));
    }
    let (scores, rows) = (T::scores(&scores), train.rows());
    Ok(format!(
        "{scores} in {count}-fold cross-validation on the {rows} rows (mean ± standard deviation)"
    ))
}

/// Tells what is wrong with a parameter.
fn usage(error: &dyn fmt::Display) -> ExitCode {
    tell(&format!("picklebook: {error}"));
    ExitCode::from(2)
}

/// An error in the rows at `indices`, with its place in the file.
fn located(
    arguments: &TrainArguments,
    names: &[String],
    indices: &[usize],
    error: tree::Error,
) -> String {
    match error {
        tree::Error::Infinite { row, column, value } => {
            let row = indices.get(row).copied().unwrap_or(0);
            at(arguments, row, names.get(column), &too_large(value))
        }
        other => format!("{}: {other}", arguments.file.display()),
    }
}

/// A problem with a value of the file; `row` is counted from 0.
fn at(arguments: &TrainArguments, row: usize, column: Option<&String>, problem: &str) -> String {
    let column = column.map_or("", String::as_str);
    let file = arguments.file.display();
    format!("{file}, row {} of the data, column {column:?}: {problem}", row + 1)
}
