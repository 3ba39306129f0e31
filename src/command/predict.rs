//! `picklebook predict`: what a saved model says of the rows of a file.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use picklebook::AnyModel;
use picklebook::data::{
    self, ColumnId, Dtype, FeatureBlock, FeatureFile, Features, Frame, FrameFile, Labels,
};
use picklebook::files::write_atomically;
use picklebook::model::{self, Model};
use picklebook::pickle::Limits;
use picklebook::preprocessing::LabelEncoder;
use picklebook::sklearn::{self, LoadOptions};

use super::table::{TableArguments, told as table_told};
use super::{
    Failure, Memory, answers, keep_input, no_table, read_pipe, to_stdout, told, too_large,
};
use crate::tell;

/// How many rows pass between two lines of progress, and how long it takes at most.
const ROWS: usize = 1_000_000;
const TIME: Duration = Duration::from_secs(5);

/// Predict the rows of a CSV file with a saved model
///
/// Columns are found by name, wherever they stand. As in scikit-learn, a column that the rows of the
/// fit had not is refused, but for the target, which is left out; leave others out with --drop. By
/// position they are taken with --by-position, with --no-header, or where the model knows no names.
/// Words become what they were for the fit; a word that was not there is refused. An empty field is a
/// missing value.
///
/// The model may be one of scikit-learn's, in a pickle or joblib file; columns of words go where it
/// takes them.
///
/// The result is CSV with a header: `prediction`; or, for predict_proba and decision_function, the
/// name of each class; or, for apply, `leaf`; or, for transform, the new columns by the names that
/// scikit-learn's get_feature_names_out gives them. A model of several
/// outputs gives columns for each, with numbers behind their names. Floats are written as Python's repr writes them: the fewest digits that
/// read back as the same number.
#[derive(Args)]
pub struct PredictArguments {
    /// The pickle of a model, from `picklebook train`, a notebook, or scikit-learn; or a joblib file
    model: PathBuf,
    /// The rows, as separated values; a first line that looks like a row is refused
    file: PathBuf,
    /// What to ask the model
    #[arg(long, value_enum, default_value_t)]
    method: Method,
    /// Where the model is in a file that holds several, as in "['model']"
    #[arg(long, value_name = "PATH")]
    object: Option<String>,
    /// Read a file of scikit-learn's that names code which no model needs; it is not run either way
    #[arg(long)]
    allow_unknown: bool,
    /// Take the columns as they stand, whatever their names
    #[arg(long)]
    by_position: bool,
    #[command(flatten)]
    memory: Memory,
    /// Where to write, whole or not at all [default: standard output]
    #[arg(long)]
    output: Option<PathBuf>,
    #[command(flatten)]
    table: TableArguments,
}

/// What to ask a model, by scikit-learn's names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Method {
    /// The class of each row, or its estimate
    #[default]
    Predict,
    /// The probability of each class for each row
    PredictProba,
    /// The score of each class for each row
    DecisionFunction,
    /// The number of each row's leaf, for trees
    Apply,
    /// The columns that a transformer makes of each row
    Transform,
}

impl From<Method> for model::Method {
    fn from(method: Method) -> model::Method {
        match method {
            Method::Predict => model::Method::Predict,
            Method::PredictProba => model::Method::PredictProba,
            Method::DecisionFunction => model::Method::DecisionFunction,
            Method::Apply => model::Method::Apply,
            Method::Transform => model::Method::Transform,
        }
    }
}

impl Method {
    /// The header of the answers, if the model can give them.
    fn header(self, model: &AnyModel) -> Result<Vec<String>, model::Error> {
        // Of no rows the answers are empty, and yet as wide as those of others.
        let answer = model.ask(&answers::no_rows(model), self.into())?;
        Ok(answers::header(model, self.into(), &answer))
    }

    /// The answers for some rows, column by column under the header.
    fn answers(self, model: &AnyModel, rows: Features<'_>) -> Result<Vec<Labels>, model::Error> {
        Ok(match self {
            Method::Predict if model.as_regressor().is_ok() || model.as_classifier().is_ok() => {
                vec![model.predict(rows)?]
            }
            _ => answers::columns(model.ask(&Frame::from(rows), self.into())?),
        })
    }
}

impl PredictArguments {
    /// Whether something is asked that only files of scikit-learn's have.
    fn is_for_sklearn(&self) -> bool {
        self.object.is_some() || self.allow_unknown
    }
}

pub fn predict(arguments: &PredictArguments) -> Result<(), Failure> {
    if let Some(output) = &arguments.output {
        keep_input(&arguments.model, output)?;
        keep_input(&arguments.file, output)?;
    }
    let (path, memory) = (&arguments.model, &arguments.memory);
    let model = match read_pipe(path)? {
        Some(bytes) if arguments.is_for_sklearn() => {
            let options = options(arguments, memory.limits(bytes.len() as u64));
            sklearn::loads_with(&bytes, &options)
                .map_err(|error| format!("{}: {}", path.display(), told(&error)))?
                .into()
        }
        None if arguments.is_for_sklearn() => {
            let length = fs::metadata(path).map_or(0, |found| found.len());
            let options = options(arguments, memory.limits(length));
            sklearn::open_with(path, &options).map_err(|error| told(&error))?.into()
        }
        Some(bytes) => AnyModel::loads_with(&bytes, &memory.limits(bytes.len() as u64))
            .map_err(|error| format!("{}: {}", path.display(), told(&error)))?,
        None => {
            // a file that cannot be opened is told of by what opens it
            let length = fs::metadata(path).map_or(0, |found| found.len());
            AnyModel::open_with(path, &memory.limits(length)).map_err(|error| told(&error))?
        }
    };
    if answers::takes_tables(&model) {
        return predict_tables(arguments, &model);
    }
    let header = (arguments.method.header(&model))
        .map_err(|error| format!("{}: {error}", arguments.model.display()))?;
    let columns = match arguments.by_position {
        true => model.columns().by_position(),
        false => model.columns(),
    };
    let options = arguments.table.options();
    let rows = FeatureFile::open_with(&arguments.file, columns, &options)
        .map_err(|error| no_table(&arguments.file, file_told(&error)))?;
    let work = Work { arguments, model, header };
    match &arguments.output {
        None => to_stdout(|output| work.write(rows, output)),
        Some(path) => match write_atomically(path, |file| work.write(rows, file)) {
            Ok(_length) => Ok(()),
            Err(error) => Err(error.to_string().into()),
        },
    }
}

/// What is wrong with the rows. What becomes of words was decided when the model was fitted.
fn file_told(error: &data::Error) -> String {
    let told = table_told(error);
    told.replace("by --get-dummies or --ordinal", "by --get-dummies or --ordinal of `train`")
}

fn options(arguments: &PredictArguments, limits: Limits) -> LoadOptions {
    let options = LoadOptions::new().limits(limits).allow_unknown(arguments.allow_unknown);
    match &arguments.object {
        Some(path) => options.object(path),
        None => options,
    }
}

/// Whether a model encodes whole numbers of which floats do not hold all: they are read as words.
fn has_long_labels(model: &AnyModel) -> bool {
    let AnyModel::Estimator(model) = model else { return false };
    match model.downcast_ref::<LabelEncoder>().map(LabelEncoder::classes) {
        Some(Labels::Integers(labels)) => labels.iter().any(|it| it.unsigned_abs() > 1 << 53),
        _ => false,
    }
}

/// As [`predict`], for a model that takes columns of words.
fn predict_tables(arguments: &PredictArguments, model: &AnyModel) -> Result<(), Failure> {
    let write = |output: &mut dyn Write| -> Result<(), Failure> {
        let told = |error: &dyn std::fmt::Display| format!("cannot write: {error}");
        let names = model.feature_names().filter(|_| !arguments.by_position);
        let mut options = arguments.table.options();
        if has_long_labels(model) {
            options = options.dtype(ColumnId::Number(0), Dtype::Str);
        }
        let rows = match model.takes_text() {
            true => FrameFile::open_texts(&arguments.file, &options),
            false => FrameFile::open_with(&arguments.file, names, model.n_features(), &options),
        };
        let mut rows = rows.map_err(|error| no_table(&arguments.file, file_told(&error)))?;
        let mut writer = csv::WriterBuilder::new().buffer_capacity(1 << 16).from_writer(output);
        let method = arguments.method.into();
        check_others(model, &rows, method).map_err(|error| {
            format!("{}: {error}; leave others out with --drop", arguments.file.display())
        })?;
        let names = rows.names();
        let mut first = true;
        while let Some((frame, lines)) = rows.next_block().map_err(|error| file_told(&error))? {
            let answer = model
                .ask(&frame, method)
                .map_err(|error| located_in(arguments, error, &frame, &names, &lines))?;
            if std::mem::take(&mut first) {
                writer
                    .write_record(answers::header(model, method, &answer))
                    .map_err(|error| told(&error))?;
            }
            for answer in answers::in_blocks(answer) {
                let columns = answers::columns(answer);
                for row in 0..columns.first().map_or(0, |column| column.len()) {
                    let fields = columns.iter().filter_map(|column| column.get_ref(row));
                    writer
                        .write_record(fields.map(|field| field.to_string()))
                        .map_err(|error| told(&error))?;
                }
            }
        }
        writer.flush().map_err(|error| told(&error))?;
        Ok(())
    };
    match &arguments.output {
        None => to_stdout(write),
        Some(path) => match write_atomically(path, |file| write(file)) {
            Ok(_length) => Ok(()),
            Err(error) => Err(error.to_string().into()),
        },
    }
}

/// Refuses the columns of a file that the rows of the fit had not, as the model does: a column
/// transformer takes what it needs, and most others refuse them.
fn check_others(
    model: &AnyModel,
    rows: &FrameFile,
    method: model::Method,
) -> Result<(), model::Error> {
    let (others, Some(names)) = (rows.other_names(), model.feature_names()) else { return Ok(()) };
    if others.is_empty() {
        return Ok(());
    }
    let columns = names.iter().cloned().chain(others).map(|name| (name, Vec::<f64>::new()));
    match model.ask(&Frame::named(columns.map(|(name, none)| (name, none.into())))?, method) {
        Err(error @ (model::Error::FeatureNames { .. } | model::Error::Columns { .. })) => {
            Err(error)
        }
        // What else is wrong is told of the rows.
        Ok(_) | Err(_) => Ok(()),
    }
}

/// An error in rows of a table with its place in the file: the column's name there, if the value is
/// that of the file, and not what a step before made of it.
fn located_in(
    arguments: &PredictArguments,
    error: model::Error,
    frame: &Frame,
    names: &[String],
    lines: &[u64],
) -> Failure {
    let path = arguments.file.clone();
    let name = |column: &str| {
        let place = column.parse().ok();
        let name = place.and_then(|place: usize| names.get(place));
        name.map_or_else(|| column.to_owned(), String::clone)
    };
    let (row, column, problem) = match error {
        model::Error::Infinite { row, column, value } => {
            let own = match frame.column(column) {
                Some(data::Column::Numbers(numbers)) => numbers.get(row).copied(),
                _ => None,
            };
            let problem = match own.filter(|&own| own != value) {
                Some(own) => format!("{own:e} becomes {}", too_large(value)),
                None => too_large(value),
            };
            (row, column.to_string(), problem)
        }
        model::Error::NotFinite { row, column, value, model } => {
            let problem = match value.is_nan() {
                true => format!(
                    "the value is missing, and {model} cannot do without; fill it in, or remove \
                     the row"
                ),
                false => format!("{value} is not finite, and {model} takes finite numbers only"),
            };
            (row, column, problem)
        }
        model::Error::UnknownCategory { row, column, value, model } => {
            let problem = format!(
                "{value} was not there when {model} was fitted; correct it, or remove the row"
            );
            (row, column, problem)
        }
        other => {
            let line = lines.first().copied().unwrap_or_default();
            return format!("{}, rows from line {line}: {other}", path.display()).into();
        }
    };
    // of as many columns as the file has, that of this number is the one it came from
    let column = match names.contains(&column) || names.len() != frame.shape().1 {
        true => column,
        false => name(&column),
    };
    let line = lines.get(row).copied().unwrap_or_default();
    data::Error::Field { path, line, column, problem }.into()
}

struct Work<'a> {
    arguments: &'a PredictArguments,
    model: AnyModel,
    header: Vec<String>,
}

impl Work<'_> {
    /// Writes the answers for all rows.
    fn write(&self, mut rows: FeatureFile, output: &mut dyn Write) -> Result<(), Failure> {
        let mut writer = csv::WriterBuilder::new().buffer_capacity(1 << 16).from_writer(output);
        writer.write_record(&self.header).map_err(|error| self.not_written(&error))?;
        let (mut done, mut told, mut last) = (0, 0, Instant::now());
        while let Some(block) = rows.next_block().map_err(|error| file_told(&error))? {
            let answers = (self.arguments.method.answers(&self.model, Features::from(&block)))
                .map_err(|error| self.located(error, &rows, &block))?;
            for row in 0..block.lines().len() {
                let fields = answers.iter().filter_map(|column| column.get_ref(row));
                writer
                    .write_record(fields.map(|field| field.to_string()))
                    .map_err(|error| self.not_written(&error))?;
            }
            done += block.lines().len();
            if done - told >= ROWS || last.elapsed() >= TIME {
                (told, last) = (done, Instant::now());
                tell(&format!("picklebook: {done} rows predicted so far"));
            }
        }
        writer.flush().map_err(|error| self.not_written(&error))?;
        Ok(())
    }

    fn not_written(&self, error: &dyn std::fmt::Display) -> String {
        match &self.arguments.output {
            None => format!("cannot write to standard output: {error}"),
            Some(path) => format!("cannot write {}: {error}", path.display()),
        }
    }

    /// The error with its place in the file.
    fn located(&self, error: model::Error, rows: &FeatureFile, block: &FeatureBlock) -> Failure {
        let names = rows.names();
        let (row, column, problem) = match error {
            model::Error::Infinite { row, column, value } => {
                (row, names.get(column).cloned(), too_large(value))
            }
            model::Error::NotFinite { row, column, model, .. } => {
                let problem = format!(
                    "the value is missing, and {model} cannot do without; fill it in, or remove \
                     the row"
                );
                (row, Some(column), problem)
            }
            other => return format!("{}: {other}", self.arguments.file.display()).into(),
        };
        let (path, line) = (self.arguments.file.clone(), block.lines().get(row).copied());
        let (line, column) = (line.unwrap_or_default(), column.unwrap_or_default());
        data::Error::Field { path, line, column, problem }.into()
    }
}
