//! `picklebook monitor`: how good served models are, by their log.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use picklebook::AnyModel;
use picklebook::data::{Dataset, Frame, Label, LabelRef, read_csv_with};
use picklebook::model::{Answer, Method};
use picklebook::monitor::log::Log;
use picklebook::monitor::{
    Alarm, ColumnDrift, DriftParams, Limits, ModelReport, Period, Rate, Report, ReportParams,
    Window, Windows,
};
use picklebook::plot;
use serde_json::{Value, json};

use super::table::{TableArguments, told as table_told};
use super::{
    Failure, Memory, keep_input, no_table, not_printed, printable, read_bytes, read_pipe,
    to_stdout, told,
};

/// The confidence of all intervals.
const CONFIDENCE: f64 = 0.95;

/// The exit code where a figure is beyond a limit that was given.
const ALARM: u8 = 3;

/// Say how good served models are, and whether what they are asked has changed, by their log
///
/// LOG is the file that `picklebook serve --log` writes. Of each model it prints, window after window,
/// the accuracy, the recall and the false alarms of those predictions whose true class was told (POST
/// /feedback), with intervals at 95 %; whether the columns and the scores of all predictions have drifted,
/// by the population stability index and the Kolmogorov–Smirnov test; where ADWIN and the Page–Hinkley test
/// find that the share of errors has changed; and, where two versions or models answered the same rows,
/// which is better, by McNemar's test. Every figure stands with the number of rows it is of; fewer than
/// --min-rows raise no alarm.
///
/// Lines that are no records, and a last line that was cut off, are left out, and said to be.
///
/// The exit code is 0, or 3 if a figure is beyond a limit that was given (--min-accuracy, --min-recall,
/// --max-false-alarms) with all of its interval in the newest window with rows enough.
#[derive(Args)]
pub struct MonitorArguments {
    /// The log of predictions and true classes
    log: PathBuf,
    /// Only this model [default: all]
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
    /// Only this version [default: all]
    #[arg(long, value_name = "VERSION")]
    version: Option<String>,
    /// The class whose recall and false alarms are counted [default: of two classes the second]
    #[arg(long, value_name = "CLASS")]
    positive: Option<String>,
    /// What a window is: a day, week or month (UTC), or a number of predictions, as in 500
    #[arg(long, value_name = "WINDOW", value_parser = windows, default_value = "week")]
    window: Windows,
    /// The rows that columns are compared with, such as the training table, as separated values with the
    /// columns in the model's order [default: the first window, and more until there are --min-rows]
    #[arg(long, value_name = "FILE.csv", requires = "target")]
    reference: Option<PathBuf>,
    /// The column of the classes in the reference, which is left out
    #[arg(long, value_name = "COLUMN", requires = "reference")]
    target: Option<String>,
    /// A model that scores the rows of the reference, to compare scores with; those of rows that it
    /// learned from are surer than others [default: scores are compared with the first window's]
    #[arg(long, value_name = "MODEL", requires = "reference")]
    reference_model: Option<PathBuf>,
    /// The accuracy should be at least this, from 0 to 1
    #[arg(long, value_name = "SHARE")]
    min_accuracy: Option<f64>,
    /// The recall should be at least this, from 0 to 1
    #[arg(long, value_name = "SHARE")]
    min_recall: Option<f64>,
    /// The share of other rows that are taken for the class should be at most this, from 0 to 1
    #[arg(long, value_name = "SHARE")]
    max_false_alarms: Option<f64>,
    /// How many rows a figure must be of to raise an alarm, and a window to have drifted
    #[arg(long, value_name = "N", default_value_t = 30)]
    min_rows: usize,
    /// Draw accuracy, recall and false alarms into this file, whose name ends in .svg (or .png, if
    /// picklebook was built with the feature png)
    #[arg(long, value_name = "FILE")]
    figure: Option<PathBuf>,
    /// Print all that was found as JSON: an object with `models` and `compared`
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    memory: Memory,
    #[command(flatten)]
    table: TableArguments,
}

fn windows(text: &str) -> Result<Windows, String> {
    match text {
        "day" => Ok(Period::Day.into()),
        "week" => Ok(Period::Week.into()),
        "month" => Ok(Period::Month.into()),
        text => match text.parse() {
            Ok(0) | Err(_) => Err("day, week, month, or a number of predictions, as in 500".into()),
            Ok(rows) => Ok(Windows::Rows(rows)),
        },
    }
}

pub fn monitor(arguments: &MonitorArguments) -> Result<ExitCode, Failure> {
    if let Some(figure) = &arguments.figure {
        for input in [&arguments.log].into_iter().chain(&arguments.reference) {
            keep_input(input, figure)?;
        }
    }
    let log = read_log(&arguments.log)?;
    let mut limits = Limits::new().confidence(CONFIDENCE).min_rows(arguments.min_rows);
    if let Some(least) = arguments.min_accuracy {
        limits = limits.accuracy(least);
    }
    if let Some(least) = arguments.min_recall {
        limits = limits.recall(least);
    }
    if let Some(most) = arguments.max_false_alarms {
        limits = limits.false_alarms(most);
    }
    let mut params = ReportParams::new()
        .windows(arguments.window)
        .limits(limits)
        .drift(DriftParams::new().min_rows(arguments.min_rows));
    if let Some(model) = &arguments.model {
        params = params.model(model);
    }
    if let Some(version) = &arguments.version {
        params = params.version(version);
    }
    if let Some(positive) = &arguments.positive {
        params = params.positive(positive.as_str());
    }
    if let (Some(path), Some(target)) = (&arguments.reference, &arguments.target) {
        let reference = read_csv_with(path, target, &arguments.table.options())
            .map_err(|error| no_table(path, table_told(&error)))?;
        if let Some(model) = &arguments.reference_model {
            params = params.reference_scores(scores(arguments, model, &reference)?);
        }
        params = params.reference(&reference);
    }
    let report = params.run(&log).map_err(|error| {
        let text =
            error.to_string().replace("name the one whose", "name with --positive the one whose");
        format!("{}: {text}", arguments.log.display())
    })?;
    if let Some(path) = &arguments.figure {
        draw(&report, arguments.min_accuracy, path)?;
    }
    to_stdout(|output| match arguments.json {
        true => Ok(writeln!(output, "{:#}", as_json(&report)).map_err(not_printed)?),
        false => {
            for line in report.to_string().lines() {
                writeln!(output, "{}", printable(line)).map_err(not_printed)?;
            }
            Ok(())
        }
    })?;
    let alarms = report.models().iter().filter_map(ModelReport::alarms);
    match alarms.flat_map(|alarms| alarms.latest()).next() {
        Some(_) => Ok(ExitCode::from(ALARM)),
        None => Ok(ExitCode::SUCCESS),
    }
}

/// The log of a file or a pipe.
pub fn read_log(path: &Path) -> Result<Log, Failure> {
    match read_pipe(path)? {
        Some(bytes) => Ok(Log::read(bytes.as_slice())?),
        None => Ok(Log::open(path).map_err(|error| format!("cannot read {error}"))?),
    }
}

/// The probabilities of the positive class for the rows of the reference.
fn scores(
    arguments: &MonitorArguments,
    path: &Path,
    reference: &Dataset,
) -> Result<Vec<f64>, Failure> {
    let (bytes, limits) = read_bytes(path, &arguments.memory)?;
    let name = path.display();
    let model = AnyModel::loads_with(&bytes, &limits)
        .map_err(|error| format!("{name}: {}", told(&error)))?;
    let classes = model.as_classifier().map_err(|error| format!("{name}: {error}"))?.classes();
    let place = match &arguments.positive {
        Some(positive) => classes.iter().position(|class| class.to_string() == *positive),
        None => classes.len().checked_sub(1),
    };
    let Some(place) = place else {
        let positive = arguments.positive.as_deref().unwrap_or_default();
        return Err(format!("{name}: the model knows no class {positive:?}").into());
    };
    match model.ask(&Frame::from(reference), Method::PredictProba) {
        Ok(Answer::Numbers(scores)) if place < scores.ncols() => Ok(scores.column(place).to_vec()),
        Ok(_) => Err(format!("{name}: the model gives no probability for each class").into()),
        Err(error) => Err(format!("{name}: {error}").into()),
    }
}

/// Draws the history of the only model.
fn draw(report: &Report, limit: Option<f64>, path: &Path) -> Result<(), Failure> {
    let [model] = report.models() else {
        let names: Vec<&str> = report.models().iter().take(10).map(ModelReport::model).collect();
        return Err(format!(
            "a figure is of one model; name it with --model, one of: {}",
            names.join(", ")
        )
        .into());
    };
    let Some(history) = model.history() else {
        return Err(format!(
            "there is nothing to draw: no true class of {:?} is known",
            model.model()
        )
        .into());
    };
    let mut chart = plot::AccuracyOverTime::of(history);
    if let Some(limit) = limit {
        chart = chart.threshold(limit);
    }
    Ok(chart.draw()?.save(path)?)
}

fn as_json(report: &Report) -> Value {
    let compared = report.compared().iter().map(|pair| {
        let it = &pair.comparison;
        json!({
            "first": { "model": pair.first.0, "version": pair.first.1 },
            "second": { "model": pair.second.0, "version": pair.second.1 },
            "rows": it.rows(),
            "both": it.both,
            "only_first": it.only_first,
            "only_second": it.only_second,
            "neither": it.neither,
            "mcnemar_p": it.mcnemar().exact(),
        })
    });
    json!({
        "format": "picklebook.monitor",
        "version": 1,
        "read": report.read(),
        "models": report.models().iter().map(model_as_json).collect::<Vec<Value>>(),
        "compared": compared.collect::<Vec<Value>>(),
    })
}

fn model_as_json(model: &ModelReport) -> Value {
    let versions = model.versions().iter().map(|version| {
        json!({
            "version": version.version,
            "rows": version.rows,
            "first": version.first,
            "last": version.last,
            "known": version.known.as_ref().map(window_as_json),
        })
    });
    let windows = model.history().map(|history| history.windows()).unwrap_or_default();
    let drift = model.drift().windows().iter().map(|window| {
        let columns = window
            .columns
            .as_ref()
            .map(|drift| drift.columns().iter().map(column_as_json).collect::<Vec<Value>>());
        json!({
            "name": window.name,
            "rows": window.rows,
            "is_reference": window.is_reference,
            "too_few_rows": window.too_few_rows,
            "drifted": window.drifted(),
            "columns": columns,
            "scores": window.scores.as_ref().map(column_as_json),
        })
    });
    let changes = model.changes().iter().map(|change| {
        json!({
            "detector": change.detector.to_string(),
            "row": change.row,
            "time": change.time,
            "before": rate_as_json(change.before),
            "latest": rate_as_json(change.latest),
        })
    });
    let all = model.alarms().map(|alarms| alarms.alarms()).unwrap_or_default();
    let latest = model.alarms().map(|alarms| alarms.latest()).unwrap_or_default();
    json!({
        "model": model.model(),
        "positive": label_as_json(model.positive()),
        "rows": model.rows(),
        "known": model.known(),
        "notes": model.notes(),
        "versions": versions.collect::<Vec<Value>>(),
        "windows": windows.iter().map(window_as_json).collect::<Vec<Value>>(),
        "all": model.history().map(|history| window_as_json(history.all())),
        "reference": model.reference(),
        "drift": drift.collect::<Vec<Value>>(),
        "changes": changes.collect::<Vec<Value>>(),
        "alarms": all.iter().map(alarm_as_json).collect::<Vec<Value>>(),
        "latest_alarms": latest.iter().map(alarm_as_json).collect::<Vec<Value>>(),
    })
}

pub fn label_as_json(label: &Label) -> Value {
    match LabelRef::from(label) {
        LabelRef::Text(text) => text.into(),
        LabelRef::Boolean(value) => value.into(),
        LabelRef::Integer(value) => value.into(),
        LabelRef::Float(value) => value.into(),
    }
}

fn window_as_json(window: &Window) -> Value {
    json!({
        "name": window.name(),
        "first_day": window.first_day().map(|day| day.to_string()),
        "rows": window.rows(),
        "positives": window.positives(),
        "accuracy": rate_as_json(window.accuracy()),
        "recall": rate_as_json(window.recall()),
        "false_alarms": rate_as_json(window.false_alarms()),
    })
}

/// A share with its interval; no share of no rows.
pub fn rate_as_json(rate: Rate) -> Value {
    let interval = rate.wilson(CONFIDENCE).ok().filter(|_| rate.rows() > 0);
    json!({
        "hits": rate.hits(),
        "rows": rate.rows(),
        "share": rate.share(),
        "low": interval.map(|it| it.low),
        "high": interval.map(|it| it.high),
    })
}

fn column_as_json(column: &ColumnDrift) -> Value {
    json!({
        "name": column.name,
        "psi": column.psi.value,
        "ks": column.ks.map(|ks| ks.statistic),
        "p_value": column.p_value,
        "missing_before": column.missing.0.share(),
        "missing_now": column.missing.1.share(),
        "verdict": column.verdict.to_string(),
    })
}

fn alarm_as_json(alarm: &Alarm) -> Value {
    json!({
        "window": alarm.window,
        "measure": alarm.measure.to_string(),
        "rate": rate_as_json(alarm.rate),
        "limit": alarm.limit,
    })
}
