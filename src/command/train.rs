//! `picklebook train`: a decision tree from a file of rows.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use picklebook::data::{self, read_csv_with, train_test_split};
use picklebook::metrics::{accuracy, confusion_matrix, percent};
use picklebook::pickle;
use picklebook::tree::{self, Criterion, DecisionTreeClassifier, Samples};

use super::table::{TableArguments, WordArguments, told};
use super::{Failure, keep_input, no_table, not_printed, to_stdout, too_large};
use crate::tell;

/// Fit a decision tree to a CSV file, measure how good it is, and save it as a pickle
///
/// The rows are split into training and test rows as scikit-learn's train_test_split splits them;
/// the tree is scikit-learn's DecisionTreeClassifier, node by node. The accuracy on the test rows
/// and the confusion matrix are printed, and the tree, fitted to the training rows, is saved.
#[derive(Args)]
pub struct TrainArguments {
    /// The rows, as separated values; a first line that looks like a row is refused
    file: PathBuf,
    /// The column to predict; all others are features, and must hold numbers, or words that
    /// --get-dummies or --ordinal name
    #[arg(long, value_name = "COLUMN")]
    target: String,
    /// How the quality of a split is measured
    #[arg(long, default_value = Criterion::Gini.name(), value_parser = criterion())]
    criterion: Criterion,
    /// The most splits between the root and a leaf [default: no limit]
    #[arg(long, value_name = "N")]
    max_depth: Option<usize>,
    /// The fewest training rows in a leaf: a number, or, with a decimal point, a fraction of them
    #[arg(long, value_name = "N", default_value = "1", value_parser = samples)]
    min_samples_leaf: Samples,
    /// The share of rows to test with, above 0 and below 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.25, allow_negative_numbers = true)]
    test_size: f64,
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

fn criterion() -> impl TypedValueParser<Value = Criterion> {
    let criteria = [Criterion::Gini, Criterion::Entropy, Criterion::LogLoss];
    PossibleValuesParser::new(criteria.map(Criterion::name)).map(move |name| {
        criteria.into_iter().find(|criterion| criterion.name() == name).unwrap_or_default()
    })
}

fn samples(text: &str) -> Result<Samples, String> {
    let fraction = || text.parse().map(Samples::Fraction);
    match text.parse().map(Samples::Count).or_else(|_| fraction()) {
        Ok(samples) => Ok(samples),
        Err(_) => Err("a count, as in 5, or a fraction, as in 0.01".into()),
    }
}

pub fn train(arguments: &TrainArguments) -> Result<ExitCode, Failure> {
    let mut params = DecisionTreeClassifier::params()
        .criterion(arguments.criterion)
        .random_state(arguments.random_state);
    params = match arguments.min_samples_leaf {
        Samples::Count(rows) => params.min_samples_leaf(rows),
        Samples::Fraction(fraction) => params.min_samples_leaf_fraction(fraction),
    };
    if let Some(max_depth) = arguments.max_depth {
        params = params.max_depth(max_depth);
    }
    if let Err(error) = params.check() {
        return Ok(usage(&error));
    }
    keep_input(&arguments.file, &arguments.output)?;
    let file = arguments.file.display();
    let options = arguments.words.add_to(arguments.table.options());
    let data = read_csv_with(&arguments.file, &arguments.target, &options)
        .map_err(|error| no_table(&arguments.file, told(&error)))?;
    // before the split, which would leave some rows to the fit and some to the accuracy
    let target = data.target();
    if let Some((row, value)) =
        target.first_quantity().and_then(|row| Some((row, target.get(row)?)))
    {
        let problem = format!("{value}: a class must be a whole number, a text or a boolean");
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
    let predicted = tree.predict(&split.test).map_err(in_test)?;
    let truth = split.test.target();
    let right = accuracy(truth, &predicted).map_err(|error| format!("{file}: {error}"))?;
    pickle::save(&tree, &arguments.output)?;

    let rows = (split.train.rows(), split.test.rows());
    let matrix = match confusion_matrix(truth, &predicted) {
        Ok(matrix) => matrix.to_string(),
        Err(error) => format!("no confusion matrix: {error}"),
    };
    to_stdout(|output| {
        let (depth, leaves, (train, test)) = (tree.depth(), tree.n_leaves(), rows);
        let lines = [
            params.to_string(),
            format!("depth {depth}, {leaves} leaves, fitted on {train} rows"),
            format!("accuracy {} on {test} test rows", percent(right, 2)),
            matrix,
            format!("saved {}", arguments.output.display()),
        ];
        Ok(writeln!(output, "{}", lines.join("\n")).map_err(not_printed)?)
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Tells what is wrong with a parameter.
fn usage(error: &dyn std::error::Error) -> ExitCode {
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
