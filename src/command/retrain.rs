//! `picklebook retrain`: a new version of a served model, if it is better.

use std::path::PathBuf;

use clap::Args;
use clap::builder::PossibleValuesParser;
use picklebook::AnyModel;
use picklebook::data::{Dataset, Label, LabelRef, Labels, read_csv_with};
use picklebook::model::Model;
use picklebook::monitor::log::{Log, Moment};
use picklebook::monitor::registry::{Card, CardData, ModelFolder, Version, rows_sha256};
use picklebook::monitor::{Comparison, Retrained, Retraining};
use picklebook::pickle;
use picklebook::tree::{DecisionTreeClassifier, DecisionTreeClassifierParams, Samples};
use serde_json::{Value, json};

use super::monitor::{rate_as_json, read_log};
use super::table::{TableArguments, told as table_told};
use super::train::{OF_CLASSES, criteria_of_classes, samples};
use super::{Failure, Memory, no_table, not_printed, printable, read_bytes, to_stdout, told};

/// Train a new version of a served model on what it was asked, and keep it if it is better
///
/// FOLDER is that of a model's versions, NAME/1/model.pkl, NAME/2/model.pkl, which `picklebook serve` reads.
/// The version that answers there is the champion. A decision tree, the challenger, is trained on the rows
/// whose true class is known, but for the newest; both answer the newest rows, and the challenger is promoted
/// where it is right more often, and McNemar's test says that this is not by chance. With --positive, the
/// mean of what is found of that class and of the others must rise, too. What is promoted becomes the next
/// version, NAME/3/model.pkl and card.json beside it, whole or not at all, and a running server takes it.
///
/// The rows are those of the log that `picklebook serve --log` writes, and those of a file, which come
/// before them: the oldest first. Rows that the champion has learned from do not judge it: its card says
/// which these are, if `retrain` made it.
///
/// The exit code is 0 also where the champion is kept: what was decided is printed.
#[derive(Args)]
#[command(group = clap::ArgGroup::new("new rows").required(true).multiple(true).args(["log", "rows"]))]
pub struct RetrainArguments {
    /// The folder of the model's versions, as in models/spam
    folder: PathBuf,
    /// The log of predictions and true classes
    #[arg(long, value_name = "LOG")]
    log: Option<PathBuf>,
    /// The model's name in the log [default: the folder's name]
    #[arg(long, value_name = "NAME", requires = "log")]
    model: Option<String>,
    /// Rows with their classes, as separated values, the oldest first
    #[arg(long, value_name = "FILE.csv", requires = "target")]
    rows: Option<PathBuf>,
    /// The column of the classes in --rows
    #[arg(long, value_name = "COLUMN", requires = "rows")]
    target: Option<String>,
    /// How many of the newest rows both are judged by
    #[arg(long, value_name = "N", default_value_t = 300)]
    newest: usize,
    /// How many rows the challenger learns from at most, the latest [default: all but those it is judged
    /// by]
    #[arg(long, value_name = "N")]
    window: Option<usize>,
    /// The class that matters, however rare it is, such as spam
    #[arg(long, value_name = "CLASS")]
    positive: Option<String>,
    /// The probability below which a difference is none by chance
    #[arg(long, value_name = "P", default_value_t = 0.05)]
    alpha: f64,
    /// How many rows there must be to judge by, and, with --positive, of the class and of the others
    #[arg(long, value_name = "N", default_value_t = 30)]
    min_rows: usize,
    /// How the quality of a split is measured [default: as the champion's, if that is a tree]
    #[arg(long, value_parser = PossibleValuesParser::new(criteria_of_classes()))]
    criterion: Option<String>,
    /// The most splits between the root and a leaf [default: as the champion's, if that is a tree]
    #[arg(long, value_name = "N")]
    max_depth: Option<usize>,
    /// The fewest training rows in a leaf: a number, or, with a decimal point, a fraction of them [default:
    /// as the champion's, if that is a tree]
    #[arg(long, value_name = "N", value_parser = samples)]
    min_samples_leaf: Option<Samples>,
    /// The seed for choosing between equally good splits [default: as the champion's, if that is a tree]
    #[arg(long, value_name = "SEED")]
    random_state: Option<u32>,
    /// Who retrains, for the card
    #[arg(long, value_name = "WHO")]
    by: Option<String>,
    /// Write nothing: only say what would be decided
    #[arg(long)]
    dry_run: bool,
    /// Print what was decided, and on what grounds, as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    memory: Memory,
    #[command(flatten)]
    table: TableArguments,
}

/// The rows to train on and to judge by.
struct Known {
    data: Dataset,
    /// When each was answered, if that is known.
    times: Vec<Option<Moment>>,
    /// What was left out, in words.
    notes: Vec<String>,
}

pub fn retrain(arguments: &RetrainArguments) -> Result<(), Failure> {
    let folder = ModelFolder::new(&arguments.folder);
    let Some(version) = folder.current()? else {
        return Err(format!(
            "{}: there is no version in it; put the first model into {}",
            folder.path().display(),
            folder.path().join("1").join("model.pkl").display()
        )
        .into());
    };
    let (bytes, limits) = read_bytes(&version.path, &arguments.memory)?;
    let name = version.path.display();
    let champion = AnyModel::loads_with(&bytes, &limits)
        .map_err(|error| format!("{name}: {}", told(&error)))?;
    let classes = champion.as_classifier().map_err(|error| format!("{name}: {error}"))?.classes();
    let known = known_rows(arguments, &champion, classes)?;
    let learned = folder.card(version.number).and_then(|card| card.data);
    check_unlearned(arguments, &known, &version, learned.as_ref())?;

    let params = params(arguments, &champion);
    let mut retraining =
        Retraining::new(arguments.newest).alpha(arguments.alpha).min_rows(arguments.min_rows);
    if let Some(rows) = arguments.window {
        retraining = retraining.window(rows);
    }
    if let Some(positive) = &arguments.positive {
        retraining = retraining.positive(class_of(positive, classes, known.data.target())?);
    }
    let retrained = retraining
        .run(champion.as_model(), &known.data, |rows| params.fit(rows))
        .map_err(|error| format!("{}: {error}", folder.path().display()))?;

    let mut number = None;
    if retrained.promoted() && !arguments.dry_run {
        let trained_on = retrained.trained_on();
        let rows = known.data.select(&trained_on.clone().collect::<Vec<usize>>())?;
        let written_by = match &arguments.by {
            Some(who) => format!("{who}, by picklebook retrain {}", env!("CARGO_PKG_VERSION")),
            None => format!("picklebook retrain {}", env!("CARGO_PKG_VERSION")),
        };
        let card = Card::new(&params.to_string(), &written_by)
            .parent(version.number)
            .trained_on(&rows, trained_on.start)
            .retrained(&retrained, &known.times);
        number = Some(folder.add(&pickle::dumps(retrained.challenger())?, &card)?);
    }
    let told = Told { arguments, folder: &folder, version: &version, params: &params, number };
    to_stdout(|output| match arguments.json {
        true => {
            let json = told.json(&known, &retrained);
            Ok(writeln!(output, "{json:#}").map_err(not_printed)?)
        }
        false => {
            for line in told.lines(&known, &retrained) {
                writeln!(output, "{}", printable(&line)).map_err(not_printed)?;
            }
            Ok(())
        }
    })
}

/// The rows of the file and of the log, the oldest first.
fn known_rows(
    arguments: &RetrainArguments,
    champion: &AnyModel,
    classes: &Labels,
) -> Result<Known, Failure> {
    let mut notes = Vec::new();
    let of_file = match (&arguments.rows, &arguments.target) {
        (Some(path), Some(target)) => {
            let rows = read_csv_with(path, target, &arguments.table.options())
                .map_err(|error| no_table(path, table_told(&error)))?;
            Some(
                in_order(rows, champion)
                    .map_err(|problem| format!("{}: {problem}", path.display()))?,
            )
        }
        _ => None,
    };
    let of_log = match &arguments.log {
        Some(path) => Some(rows_of_log(arguments, read_log(path)?, champion, classes, &mut notes)?),
        None => None,
    };
    match (of_file, of_log) {
        (Some(rows), None) => Ok(Known { times: vec![None; rows.rows()], data: rows, notes }),
        (None, Some((data, times))) => Ok(Known { data, times, notes }),
        (Some(rows), Some((log, times))) => {
            let Some(target) = rows.target().concat(log.target()) else {
                return Err(format!(
                    "the classes of --rows are {}, and those of the log {}: they must be of one type; \
                     --dtype says what a column holds",
                    rows.target().kind(),
                    log.target().kind()
                )
                .into());
            };
            let mut features = rows.features().clone();
            features.append(ndarray::Axis(0), log.features().view())?;
            let names = rows.feature_names().to_vec();
            let data = Dataset::new(features, target, names, rows.target_name())?;
            let times = std::iter::repeat_n(None, rows.rows()).chain(times).collect();
            Ok(Known { data, times, notes })
        }
        (None, None) => Err("name new rows with --log or --rows".into()),
    }
}

/// The names of the columns in a log, which has none.
fn names(champion: &AnyModel) -> Vec<String> {
    match champion.as_model().feature_names() {
        Some(names) => names.to_vec(),
        None => (0..champion.n_features()).map(|place| place.to_string()).collect(),
    }
}

/// The rows of a file with the champion's columns, in its order.
fn in_order(rows: Dataset, champion: &AnyModel) -> Result<Dataset, String> {
    let expected = champion.n_features();
    let Some(names) = champion.as_model().feature_names() else {
        return match rows.columns() == expected {
            true => Ok(rows),
            false => Err(format!(
                "the model looks at {expected} columns, and there are {} beside the classes: leave \
                 out others with --drop",
                rows.columns()
            )),
        };
    };
    let place = |name: &String| {
        rows.feature_names()
            .iter()
            .position(|found| found == name)
            .ok_or_else(|| format!("there is no column {name:?}, and the model looks at it"))
    };
    let places: Vec<usize> = names.iter().map(place).collect::<Result<_, _>>()?;
    if let Some(other) = rows.feature_names().iter().find(|name| !names.contains(name)) {
        return Err(format!(
            "the model does not look at the column {other:?}: leave it out with --drop"
        ));
    }
    let features = rows.features().select(ndarray::Axis(1), &places);
    Dataset::new(features, rows.target().clone(), names.to_vec(), rows.target_name())
        .map_err(|error| error.to_string())
}

/// The rows of the log whose true class is known, and when each was answered.
fn rows_of_log(
    arguments: &RetrainArguments,
    mut log: Log,
    champion: &AnyModel,
    classes: &Labels,
    notes: &mut Vec<String>,
) -> Result<(Dataset, Vec<Option<Moment>>), Failure> {
    let path = arguments.log.as_deref().unwrap_or(&arguments.folder).display();
    notes.push(format!("{path}: {log}"));
    let folder = arguments.folder.canonicalize().unwrap_or_else(|_| arguments.folder.clone());
    let folder = folder.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = arguments.model.clone().or(folder).unwrap_or_default();
    let has_model = log.entries().iter().any(|entry| entry.prediction.model == name);
    if !has_model {
        let found = log.entries().first().map(|entry| entry.prediction.model.as_str());
        let found = found.map_or("no prediction".to_owned(), |other| format!("one of {other:?}"));
        return Err(format!(
            "{path}: there is no prediction of {name:?} in it, and {found}; name the model with --model"
        )
        .into());
    }
    log.retain(|entry| entry.prediction.model == name && entry.truth.is_some());
    let known = log.entries().len();
    let width = champion.n_features();
    log.retain(|entry| {
        let of_kind = entry.truth.as_ref().is_some_and(|truth| is_of_kind(truth, classes));
        of_kind && entry.prediction.row.len() == width
    });
    let left_out = known - log.entries().len();
    if left_out > 0 {
        notes.push(format!(
            "{path}: {left_out} of {known} rows are left out: the model has other columns, or classes \
             of another type"
        ));
    }
    let times = log.entries().iter().map(|entry| Some(entry.prediction.time)).collect();
    let target = champion.as_model().schema().map_or("class", |schema| schema.target_name());
    let rows = log.rows(&names(champion), target).map_err(|error| format!("{path}: {error}"))?;
    Ok((rows.data().clone(), times))
}

fn is_of_kind(label: &Label, classes: &Labels) -> bool {
    matches!(
        (label, classes),
        (Label::Text(_), Labels::Text(_))
            | (Label::Boolean(_), Labels::Booleans(_))
            | (Label::Integer(_), Labels::Integers(_))
            | (Label::Float(_), Labels::Floats(_))
    )
}

/// The class that a word names.
fn class_of(text: &str, classes: &Labels, target: &Labels) -> Result<Label, Failure> {
    let mut all = classes.iter().chain(target.iter());
    let named = |class: &LabelRef<'_>| *class == *text || class.to_string().as_str() == text;
    match all.find(named) {
        Some(class) => Ok(class.to_label()),
        None => {
            let named: Vec<String> = classes.iter().take(10).map(|it| it.to_string()).collect();
            Err(format!("--positive {text:?} is no class; there are: {}", named.join(", ")).into())
        }
    }
}

/// Whether the champion has learned from a row that is to judge it.
fn check_unlearned(
    arguments: &RetrainArguments,
    known: &Known,
    version: &Version,
    learned: Option<&CardData>,
) -> Result<(), Failure> {
    let Some(learned) = learned else { return Ok(()) };
    let rows = known.data.rows();
    let judged = rows.saturating_sub(arguments.newest)..rows;
    let end = learned.start.saturating_add(learned.rows);
    let same = || {
        let rows = known.data.select(&(learned.start..end).collect::<Vec<usize>>());
        rows.is_ok_and(|rows| rows_sha256(&rows) == learned.sha256)
    };
    // the rows that it learned from stand where they stood, or their times tell
    let free = if end <= rows && same() {
        rows - end
    } else if let Some(last) = learned.last {
        let is_old = |time: &Option<Moment>| time.is_some_and(|time| time <= last);
        let after = known.times.iter().rposition(is_old).map_or(0, |place| place + 1);
        rows - after
    } else {
        return Ok(());
    };
    match free < judged.len() {
        false => Ok(()),
        true => Err(format!(
            "version {} has learned from {} of the {} newest rows: judge by those that it has not, \
             with --newest {free}, or wait for more",
            version.number,
            judged.len() - free,
            judged.len()
        )
        .into()),
    }
}

/// The parameters of the challenger: the champion's, if it is such a tree, but for what is told.
fn params(arguments: &RetrainArguments, champion: &AnyModel) -> DecisionTreeClassifierParams {
    let tree = match champion {
        AnyModel::DecisionTreeClassifier(tree) => Some(tree),
        AnyModel::Estimator(model) => model.downcast_ref::<DecisionTreeClassifier>(),
        _ => None,
    };
    let mut params = tree.map(|tree| tree.parameters().clone()).unwrap_or_default();
    if let Some(name) = arguments.criterion.as_deref()
        && let Some(criterion) = OF_CLASSES.into_iter().find(|criterion| criterion.name() == name)
    {
        params = params.criterion(criterion);
    }
    if let Some(depth) = arguments.max_depth {
        params = params.max_depth(depth);
    }
    params = match arguments.min_samples_leaf {
        Some(Samples::Count(rows)) => params.min_samples_leaf(rows),
        Some(Samples::Fraction(fraction)) => params.min_samples_leaf_fraction(fraction),
        None => params,
    };
    match arguments.random_state {
        Some(seed) => params.random_state(seed),
        None => params,
    }
}

/// What is told of the outcome.
struct Told<'a> {
    arguments: &'a RetrainArguments,
    folder: &'a ModelFolder,
    version: &'a Version,
    params: &'a DecisionTreeClassifierParams,
    /// The new version, if one was written.
    number: Option<u64>,
}

impl Told<'_> {
    fn lines<M: Model>(&self, known: &Known, retrained: &Retrained<M>) -> Vec<String> {
        let mut lines = known.notes.clone();
        let folder = self.folder.path();
        lines.push(format!(
            "champion: version {}, {}",
            self.version.number,
            self.version.path.display()
        ));
        lines.push(format!("challenger: {}", self.params));
        lines.extend(retrained.to_string().lines().map(str::to_owned));
        match self.number {
            Some(number) => {
                lines.push(format!(
                    "wrote version {number}, {}",
                    folder.join(number.to_string()).display()
                ));
                if self.version.is_chosen {
                    lines.push(format!(
                        "{} names version {}, which a server goes on with: remove the file, or name \
                         version {number} in it",
                        folder.join("current").display(),
                        self.version.number
                    ));
                }
            }
            None if retrained.promoted() => lines.push("a dry run: nothing is written".to_owned()),
            None => {
                lines.push(format!("version {} stays: nothing is written", self.version.number))
            }
        }
        lines
    }

    fn json<M: Model>(&self, known: &Known, retrained: &Retrained<M>) -> Value {
        let part = |it: &Comparison| {
            json!({
                "rows": it.rows(),
                "champion": rate_as_json(it.first()),
                "challenger": rate_as_json(it.second()),
                "only_champion": it.only_first,
                "only_challenger": it.only_second,
                "mcnemar_p": it.mcnemar().exact(),
            })
        };
        json!({
            "format": "picklebook.retrain",
            "version": 1,
            "promoted": retrained.promoted(),
            "decision": retrained.decision().to_string(),
            "champion": { "version": self.version.number, "path": self.version.path },
            "challenger": self.params.to_string(),
            "new_version": self.number,
            "dry_run": self.arguments.dry_run,
            "rows": known.data.rows(),
            "trained_on": { "start": retrained.trained_on().start, "end": retrained.trained_on().end },
            "judged_on": { "start": retrained.judged_on().start, "end": retrained.judged_on().end },
            "all": part(retrained.comparison()),
            "positives": retrained.on_positives().map(part),
            "others": retrained.on_others().map(part),
            "notes": known.notes,
        })
    }
}
