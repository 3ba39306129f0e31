//! Models made of models: `sklearn.pipeline.Pipeline`, `sklearn.compose.ColumnTransformer`, and the
//! searches of `sklearn.model_selection`, which answer as the best model that they found.

use std::sync::Arc;

use super::changes::{Change, Changes, EVER, Fill};
use super::convert::{Copier, Given};
use super::pandas::{Index, names};
use super::read::{
    Fitted, Object, Read, attributes_of, boolean, class_of, described, float, integer, text,
};
use super::registry::Class;
use super::vectorizers::columns_of;
use super::write::{ToSklearn, Writer};
use super::{Error, pandas};
use crate::data::Labels;
use crate::model::{FittedParts, Model};
use crate::pickle::{Handle, Value};
use crate::pipeline::{ColumnStep, ColumnTransformer, FeatureUnion, Pipeline, Selection};

const SEARCHES: &[&str] = &["sklearn.model_selection._search"];
const HALVINGS: &[&str] = &["sklearn.model_selection._search_successive_halving"];

const PIPELINE: &[Change] = &[
    VERBOSE,
    Change::Made("steps", |copier, object| {
        let name = "steps";
        let mut steps = Vec::new();
        let mut before: Option<usize> = None;
        for (place, pair) in object.list(name)?.iter().enumerate() {
            let items = object.list_of(name, pair)?;
            let [own, step] = items.as_slice() else {
                return Err(object.wrong(name, "a step is no pair of a name and an estimator"));
            };
            // What is around a pipeline says what its first step is given.
            if place > 0 {
                copier.given = before.map(|columns| Given { columns, names: None });
            }
            let own = copier.within(object, own)?;
            let written = copier.within(object, step)?;
            steps.push(copier.writer.builder.tuple([own, written])?);
            let read = Object::model_or_part(step, Some(object)).ok();
            before = read.and_then(|step| columns_of(&step));
        }
        copier.given = None;
        Ok(Some(copier.writer.builder.list(steps)?))
    }),
    Change::Value("transform_input", &[(EVER, Fill::Absent), ((1, 6), Fill::None)]),
    Change::Unless(|object, _| {
        let steps = object.list("steps").unwrap_or_default();
        let model = |step: &Value| step.items().into_iter().next_back();
        let samples = steps.iter().filter_map(model).any(|model| is_sampler(&model));
        samples.then_some("its samplers are of imblearn, whose files are not written")
    }),
];

/// imblearn's is scikit-learn's, with samplers among the steps.
const PIPELINES: &[&str] = &["sklearn.pipeline", "imblearn.pipeline"];

/// The classes that are read.
pub(super) const CLASSES: &[Class] = &[
    Class { name: "Pipeline", modules: PIPELINES, read: read_pipeline },
    Class { name: "FeatureUnion", modules: &["sklearn.pipeline"], read: read_union },
    Class {
        name: "ColumnTransformer",
        modules: &["sklearn.compose._column_transformer"],
        read: read_column_transformer,
    },
    Class { name: "GridSearchCV", modules: SEARCHES, read: read_search },
    Class { name: "RandomizedSearchCV", modules: SEARCHES, read: read_search },
    Class { name: "HalvingGridSearchCV", modules: HALVINGS, read: read_search },
    Class { name: "HalvingRandomSearchCV", modules: HALVINGS, read: read_search },
];

const VERBOSE: Change =
    Change::Free("verbose", &[(EVER, Fill::Absent), ((0, 21), Fill::Flag(false))]);
const COLUMN_TRANSFORMER: &[Change] = &[
    VERBOSE,
    Change::Value("verbose_feature_names_out", &[(EVER, Fill::Absent), ((1, 0), Fill::Flag(true))]),
    Change::Free(
        "force_int_remainder_cols",
        &[
            (EVER, Fill::Absent),
            ((1, 5), Fill::Flag(true)),
            ((1, 7), Fill::Text("deprecated")),
            ((1, 9), Fill::Absent),
        ],
    ),
    Change::Unless(|object, to| {
        let name = object.find("verbose_feature_names_out").and_then(text);
        (name.is_some() && to.before(1, 6)).then_some("columns have no pattern of names there")
    }),
    Change::Made("transformers_", |copier, object| Ok(Some(ColumnFit::of(object)?.steps(copier)?))),
    Change::Made("_remainder", |copier, object| Ok(Some(ColumnFit::of(object)?.rest(copier)?))),
    Change::Made("_transformer_to_input_indices", |copier, object| {
        let fit = ColumnFit::of(object)?;
        (!copier.writer.version.before(1, 0)).then(|| fit.inputs(copier)).transpose()
    }),
    Change::Made("output_indices_", |copier, object| {
        let fit = ColumnFit::of(object)?;
        (!copier.writer.version.before(1, 0)).then(|| fit.outputs(copier)).transpose()
    }),
    Change::Made("_name_to_fitted_passthrough", |copier, _| {
        let (b, to) = (&copier.writer.builder, copier.writer.version);
        let none = || b.dict(Vec::<(Handle, Handle)>::new());
        Ok((!to.before(1, 2) && to.before(1, 4)).then(none).transpose()?)
    }),
    Change::Made("n_features_in_", |copier, object| {
        Ok(Some(copier.writer.count(column_parts(object)?.n_features)))
    }),
    Change::Made("_n_features", |copier, object| {
        let count = column_parts(object)?.n_features;
        Ok(copier.writer.version.before(1, 4).then(|| copier.writer.count(count)))
    }),
    Change::Made("feature_names_in_", |copier, object| {
        let names = column_parts(object)?.feature_names;
        let names = names.filter(|_| copier.writer.version.has_feature_names());
        names.map(|names| copier.writer.text_objects(&names)).transpose()
    }),
    Change::Made("_feature_names_in", |copier, object| {
        if copier.writer.version.has_feature_names() {
            return Ok(None);
        }
        let names = column_parts(object)?.feature_names;
        Ok(Some(match names {
            Some(names) => copier.writer.text_objects(&names)?,
            None => copier.writer.builder.none(),
        }))
    }),
    Change::Made("_has_str_cols", |copier, object| {
        let fit = ColumnFit::of(object)?;
        let named = |step: &ColumnFitStep| {
            matches!(step.selection, Selection::Names(_) | Selection::NameSlice { .. })
        };
        let any = fit.steps.iter().filter(|step| !step.is_rest).any(named);
        Ok((!copier.writer.version.has_feature_names()).then(|| copier.writer.builder.bool(any)))
    }),
    // An index of pandas, which only drawings of old versions look at.
    Change::Made("_df_columns", |_, _| Ok(None)),
];
const SEARCH: &[Change] = &[
    Change::Free("iid", &[(EVER, Fill::Text("deprecated")), ((0, 24), Fill::Absent)]),
    Change::Free("_checked_cv_orig", &[(EVER, Fill::Absent), ((1, 9), Fill::Absent)]),
    Change::Made("scorer_", |copier, object| scorer(copier, object, "scorer_")),
];

/// Until 1.1 what chooses the best was a function of the module's.
const HALVING: &[Change] = &[
    Change::Free("_checked_cv_orig", &[(EVER, Fill::Absent), ((1, 9), Fill::Absent)]),
    Change::Made("scorer_", |copier, object| scorer(copier, object, "scorer_")),
    Change::Made("refit", |copier, object| {
        let module = "sklearn.model_selection._search_successive_halving";
        let is_function = object.find("refit").and_then(Value::global).is_some();
        let b = &copier.writer.builder;
        match (copier.writer.version.before(1, 2), object.find("refit").and_then(boolean)) {
            (false, None) if is_function => Ok(Some(b.bool(true))),
            (true, Some(true)) => Ok(Some(b.global(module, "_refit_callable"))),
            _ => copier.attribute(object, "refit"),
        }
    }),
];
const UNION: &[Change] = &[
    VERBOSE,
    Change::Value("verbose_feature_names_out", &[(EVER, Fill::Absent), ((1, 5), Fill::Flag(true))]),
    Change::Unless(|object, to| {
        let pairs = object.list("transformer_list").unwrap_or_default();
        let passes =
            |pair: &Value| pair.items().last().and_then(text).as_deref() == Some("passthrough");
        (to.before(1, 1) && pairs.iter().any(passes))
            .then_some("it passes columns through, which there was not")
    }),
];

/// What changed in those that are converted, and in their parts.
pub(super) const CHANGES: &[Changes] = &[
    ("Pipeline", PIPELINE),
    ("ColumnTransformer", COLUMN_TRANSFORMER),
    ("GridSearchCV", SEARCH),
    ("RandomizedSearchCV", SEARCH),
    ("HalvingGridSearchCV", HALVING),
    ("HalvingRandomSearchCV", HALVING),
    ("FeatureUnion", UNION),
    ("KFold", &[]),
    ("StratifiedKFold", &[]),
    ("GroupKFold", &[]),
    ("RepeatedKFold", &[]),
    ("RepeatedStratifiedKFold", &[]),
    ("ShuffleSplit", &[]),
    ("StratifiedShuffleSplit", &[]),
    ("make_column_selector", &[]),
];

/// How models are scored: where they are asked for that themselves, by a function until 1.2, by an
/// object after it.
pub(super) fn scorer(
    copier: &mut Copier<'_>,
    object: &Object,
    name: &str,
) -> Result<Option<Handle>, Error> {
    let Some(value) = object.find(name) else { return Ok(None) };
    let modules = ["sklearn.metrics._scorer", "sklearn.metrics.scorer"];
    let is = |found: Option<(String, String)>, name: &str| {
        found.is_some_and(|(module, own)| own == name && modules.contains(&module.as_str()))
    };
    let asks =
        is(value.global(), "_passthrough_scorer") || is(class_of(value), "_PassthroughScorer");
    if !asks {
        return copier.attribute(object, name);
    }
    let [module, _] = modules;
    if copier.writer.version.before(1, 3) {
        return Ok(Some(copier.writer.builder.global(module, "_passthrough_scorer")));
    }
    // It is named in what is printed.
    let estimator = copier.attribute(object, "estimator")?;
    let attributes = vec![("_estimator", estimator.unwrap_or(copier.writer.builder.none()))];
    copier.writer.object((module, "_PassthroughScorer"), attributes).map(Some)
}

/// A fitted `ColumnTransformer`, of which the versions keep different things.
struct ColumnFit<'o> {
    object: &'o Object,
    fitted: FittedParts,
    steps: Vec<ColumnFitStep>,
}

/// One of its transformers.
struct ColumnFitStep {
    name: String,
    model: Value,
    columns: Value,
    selection: Selection,
    /// The places of its columns, and how many columns it makes of them.
    places: Vec<usize>,
    width: usize,
    /// Whether it takes the columns that the others leave.
    is_rest: bool,
    /// Whether its columns stay as they are.
    passes: bool,
}

impl<'o> ColumnFit<'o> {
    fn of(object: &'o Object) -> Result<ColumnFit<'o>, Error> {
        let fitted = column_parts(object)?;
        let (count, names) = (fitted.n_features, fitted.feature_names.as_deref());
        let mut asked = Vec::new();
        for step in object.list("transformers")? {
            let items = object.list_of("transformers", &step)?;
            let passes = items.get(1).and_then(text).as_deref() == Some("passthrough");
            asked.push((items.first().and_then(text), passes));
        }
        let mut steps = Vec::new();
        for ([_, model, columns], (name, step, selection)) in column_steps(object, &fitted)? {
            let places = object.model(selection.places(count, names))?;
            let own = asked.iter().find(|(asked, _)| asked.as_deref() == Some(&*name));
            let passes = own.map_or_else(
                || object.find("remainder").and_then(text).as_deref() == Some("passthrough"),
                |(_, passes)| *passes,
            );
            let width = match &step {
                ColumnStep::Drop => 0,
                ColumnStep::Passthrough => places.len(),
                ColumnStep::Model(model) => {
                    model.abilities().transformer.map_or(0, |model| model.n_features_out())
                }
            };
            let is_rest = own.is_none();
            let step =
                ColumnFitStep { name, model, columns, selection, places, width, is_rest, passes };
            steps.push(step);
        }
        Ok(ColumnFit { object, fitted, steps })
    }

    /// The columns that no transformer but that of the rest takes.
    fn left(&self) -> Vec<usize> {
        let taken = self.steps.iter().filter(|step| !step.is_rest).flat_map(|step| &step.places);
        let taken: std::collections::HashSet<usize> = taken.copied().collect();
        (0..self.fitted.n_features).filter(|place| !taken.contains(place)).collect()
    }

    fn counts(copier: &Copier<'_>, counts: &[usize]) -> Result<Handle, Error> {
        Ok(copier.writer.builder.list(counts.iter().map(|&count| copier.writer.count(count)))?)
    }

    /// The columns of the rest: from 1.7 on they may be names or a mask, as those of the others.
    fn columns_left(&self, copier: &mut Copier<'_>) -> Result<Handle, Error> {
        let is_new = |version: super::Version| !version.before(1, 7);
        let rest = self.steps.iter().find(|step| step.is_rest);
        match rest.filter(|_| is_new(copier.writer.version) && is_new(self.object.version())) {
            Some(rest) => copier.within(self.object, &rest.columns),
            None => ColumnFit::counts(copier, &self.left()),
        }
    }

    /// `_remainder`: before 1.0 no columns are None.
    fn rest(&self, copier: &mut Copier<'_>) -> Result<Handle, Error> {
        let model = copier.attribute(self.object, "remainder")?;
        let columns = match self.left().is_empty() && copier.writer.version.before(1, 0) {
            true => copier.writer.builder.none(),
            false => self.columns_left(copier)?,
        };
        let b = &copier.writer.builder;
        let model = model.unwrap_or(b.str("drop"));
        Ok(b.tuple([b.str("remainder"), model, columns])?)
    }

    /// `transformers_`: from 1.4 on what passes columns through is a transformer too.
    fn steps(&self, copier: &mut Copier<'_>) -> Result<Handle, Error> {
        let to = copier.writer.version;
        let left = self.left();
        let mut steps = Vec::new();
        for step in &self.steps {
            if step.is_rest && left.is_empty() && to.before(1, 7) {
                continue;
            }
            let model = match step.passes {
                true if to.before(1, 4) || step.places.is_empty() => {
                    copier.writer.builder.str("passthrough")
                }
                true => self.passing(copier, &step.places)?,
                false => {
                    copier.given =
                        Some(Given { columns: step.places.len(), names: self.names(&step.places) });
                    let model = copier.within(self.object, &step.model)?;
                    copier.given = None;
                    model
                }
            };
            let columns = match step.is_rest {
                true => self.columns_left(copier)?,
                false => copier.within(self.object, &step.columns)?,
            };
            let b = &copier.writer.builder;
            steps.push(b.tuple([b.str(&step.name), model, columns])?);
        }
        Ok(copier.writer.builder.list(steps)?)
    }

    /// The names of columns, if they are known.
    fn names(&self, places: &[usize]) -> Option<Vec<String>> {
        let names = self.fitted.feature_names.as_ref()?;
        places.iter().map(|&place| names.get(place).cloned()).collect()
    }

    /// A transformer that passes columns through.
    fn passing(&self, copier: &Copier<'_>, places: &[usize]) -> Result<Handle, Error> {
        let b = &copier.writer.builder;
        let mut attributes = vec![
            ("func", b.none()),
            ("inverse_func", b.none()),
            ("validate", b.bool(false)),
            ("accept_sparse", b.bool(true)),
            ("check_inverse", b.bool(false)),
            ("feature_names_out", b.str("one-to-one")),
            ("kw_args", b.none()),
            ("inv_kw_args", b.none()),
            ("n_features_in_", copier.writer.count(places.len())),
        ];
        if let Some(names) = self.names(places) {
            attributes.push(("feature_names_in_", copier.writer.text_objects(&names)?));
        }
        let class = ("sklearn.preprocessing._function_transformer", "FunctionTransformer");
        copier.writer.estimator(class, attributes)
    }

    /// The places of each transformer's columns.
    fn inputs(&self, copier: &Copier<'_>) -> Result<Handle, Error> {
        let b = &copier.writer.builder;
        let mut entries = Vec::new();
        for step in self.steps.iter().filter(|step| !step.is_rest) {
            entries.push((b.str(&step.name), ColumnFit::counts(copier, &step.places)?));
        }
        entries.push((b.str("remainder"), ColumnFit::counts(copier, &self.left())?));
        Ok(b.dict(entries)?)
    }

    /// From where to where the columns are that each transformer makes.
    fn outputs(&self, copier: &Copier<'_>) -> Result<Handle, Error> {
        let b = &copier.writer.builder;
        let (mut entries, mut start, mut has_rest) = (Vec::new(), 0_usize, false);
        let mut entry = |name: &str, start: usize, end: usize| -> Result<(), Error> {
            let bounds = [copier.writer.count(start), copier.writer.count(end), b.none()];
            entries.push((b.str(name), b.reduce(b.global("builtins", "slice"), bounds)?));
            Ok(())
        };
        for step in &self.steps {
            let end = start.saturating_add(step.width);
            match step.width {
                0 => entry(&step.name, 0, 0)?,
                _ => entry(&step.name, start, end)?,
            }
            start = end;
            has_rest |= step.is_rest;
        }
        if !has_rest {
            entry("remainder", 0, 0)?;
        }
        Ok(b.dict(entries)?)
    }
}

/// How many columns a table may have whose columns are numbered one by one.
const MOST_COLUMNS: usize = 1 << 24;

/// What takes the place of a model.
enum Part {
    Passthrough,
    Drop,
    Model(Arc<dyn Model>),
}

/// What is in the place of a model, for so many columns, if it is known how many.
fn read_part(
    object: &Object,
    name: &str,
    value: &Value,
    columns: Option<usize>,
) -> Result<Part, Error> {
    match text(value).as_deref() {
        Some("passthrough") => return Ok(Part::Passthrough),
        Some("drop") => return Ok(Part::Drop),
        Some(other) => return Err(object.wrong(name, format!("a step is {other:?}"))),
        None if value.is_none() => return Ok(Part::Passthrough),
        None => {}
    }
    if is_check(value) || is_sampler(value) {
        return Ok(Part::Passthrough);
    }
    let read = match object.known(value, columns) {
        Some(known) => known,
        None => {
            let read = read_step(object, value, columns)?;
            object.know(value, columns, read.as_ref());
            read
        }
    };
    Ok(read.map_or(Part::Passthrough, |model| Part::Model(model)))
}

/// The model in a step; nothing if it passes rows through.
fn read_step(
    object: &Object,
    value: &Value,
    columns: Option<usize>,
) -> Result<Option<Arc<dyn Fitted>>, Error> {
    let estimator = object.estimator_of(value)?.given(columns);
    match estimator.name() {
        // Where nobody says how many columns there are, no function makes no difference to them.
        "FunctionTransformer"
            if estimator.n_columns()?.is_none() && estimator.get("func")?.is_none() =>
        {
            Ok(None)
        }
        "Pipeline" => match read_steps(&estimator, columns)? {
            steps if steps.iter().all(|(_, model)| model.is_none()) => Ok(None),
            steps => Ok(Some(Arc::new(pipeline_of(&estimator, steps)?))),
        },
        _ => estimator.read().map(Some),
    }
}

/// Whether it is a `FunctionTransformer` of `check_array`, which passes all through: it is there for
/// the numbers of a `HistGradientBoostingClassifier`.
fn is_check(value: &Value) -> bool {
    let class = class_of(value);
    let is_class = class.is_some_and(|(module, name)| {
        module.starts_with("sklearn.preprocessing.") && name == "FunctionTransformer"
    });
    let checks = |function: &Value| {
        let first = function.arguments().and_then(|arguments| arguments.items().into_iter().next());
        names(function.callee(), "functools", "partial")
            && names(first, "sklearn.utils.validation", "check_array")
    };
    let passes = |(name, value): &(String, Value)| name == "func" && checks(value);
    is_class && attributes_of(value).is_ok_and(|state| state.iter().any(passes))
}

/// Whether it is a sampler of imblearn's, which changes the rows of a fit alone: all of its classes but
/// those of models, in their modules.
fn is_sampler(value: &Value) -> bool {
    const SAMPLERS: &[&str] =
        &["imblearn.over_sampling.", "imblearn.under_sampling.", "imblearn.combine."];
    class_of(value).is_some_and(|(module, _)| {
        SAMPLERS.iter().any(|samplers| module.starts_with(samplers)) || module == "imblearn.base" // FunctionSampler
    })
}

/// The steps of a pipeline: its models with their names.
type Steps = Vec<(String, Option<Arc<dyn Model>>)>;

fn read_pipeline(object: &Object) -> Read {
    Ok(Arc::new(pipeline_of(object, read_steps(object, None)?)?))
}

fn pipeline_of(object: &Object, steps: Steps) -> Result<Pipeline, Error> {
    let (version, parameters) = (object.version(), object.parameters());
    object.model(Pipeline::from_parts(steps, version, parameters))
}

fn read_steps(object: &Object, mut columns: Option<usize>) -> Result<Steps, Error> {
    let name = "steps";
    let mut steps: Steps = Vec::new();
    for step in object.list(name)? {
        let items = object.list_of(name, &step)?;
        let [step_name, model] = items.as_slice() else {
            return Err(object.wrong(name, "a step is no pair of a name and a model"));
        };
        let step_name =
            text(step_name).ok_or_else(|| object.not(name, step_name, "the name of a step"))?;
        let model = match read_part(object, name, model, columns)? {
            Part::Model(model) => Some(model),
            Part::Passthrough => None,
            Part::Drop => return Err(object.wrong(name, "a step is \"drop\"")),
        };
        if let Some(model) = &model {
            columns = model.abilities().transformer.map(|model| model.n_features_out());
        }
        steps.push((step_name, model));
    }
    Ok(steps)
}

fn read_union(object: &Object) -> Read {
    let name = "transformer_list";
    let columns = object.n_columns()?;
    let weights = object.some("transformer_weights").map(Value::entries).unwrap_or_default();
    let mut parts = Vec::new();
    for part in object.list(name)? {
        let items = object.list_of(name, &part)?;
        let [own_name, model] = items.as_slice() else {
            return Err(object.wrong(name, "a transformer is no pair of a name and a model"));
        };
        let own_name =
            text(own_name).ok_or_else(|| object.not(name, own_name, "a transformer's name"))?;
        let weight = weights.iter().find(|(key, _)| text(key).as_deref() == Some(&own_name));
        let weight = match weight {
            Some((_, weight)) if !weight.is_none() => float(weight)
                .ok_or_else(|| object.not("transformer_weights", weight, "a number"))?,
            _ => 1.0,
        };
        // None drops a transformer here, as old versions wrote it
        let part =
            if model.is_none() { Part::Drop } else { read_part(object, name, model, columns)? };
        match part {
            Part::Drop => {}
            Part::Passthrough => parts.push((own_name, None, weight)),
            Part::Model(model) => parts.push((own_name, Some(model), weight)),
        }
    }
    let (version, parameters) = (object.version(), object.parameters());
    let verbose = match object.find("verbose_feature_names_out") {
        Some(_) => object.boolean("verbose_feature_names_out")?,
        None => true,
    };
    let made = object.model(FeatureUnion::from_parts(parts, version, parameters))?;
    Ok(Arc::new(made.with_verbose_names(verbose)))
}

/// What is known of the fit of a `ColumnTransformer`.
fn column_parts(object: &Object) -> Result<FittedParts, Error> {
    let columns = match object.find("_n_features") {
        Some(_) => object.count("_n_features")?,
        None => 0,
    };
    let mut fitted = object.fitted(columns)?;
    if fitted.n_features > MOST_COLUMNS {
        let problem = format!("{} columns, more than {MOST_COLUMNS}", fitted.n_features);
        return Err(object.wrong("n_features_in_", problem));
    }
    if fitted.feature_names.is_none()
        && let Some(names) = object.some("_feature_names_in")
        && let Labels::Text(names) = object.labels_of("_feature_names_in", names)?
    {
        fitted.feature_names = Some(names);
    }
    Ok(fitted)
}

/// A transformer as it is in the file, its name and columns, and what becomes of them.
type ReadColumnStep = ([Value; 3], (String, ColumnStep, Selection));

fn column_steps(object: &Object, fitted: &FittedParts) -> Result<Vec<ReadColumnStep>, Error> {
    let (count, names) = (fitted.n_features, fitted.feature_names.as_deref());
    let name = "transformers_";
    let mut steps = Vec::new();
    for step in object.list(name)? {
        let items = object.list_of(name, &step)?;
        let Ok(items) = <[Value; 3]>::try_from(items) else {
            return Err(object.wrong(name, "a step is no name, model and columns"));
        };
        let [step_name, model, columns] = &items;
        let step_name =
            text(step_name).ok_or_else(|| object.not(name, step_name, "the name of a step"))?;
        let selection = read_selection(object, columns)?;
        let width = selection.width(count, names);
        // A model of no columns was not fitted.
        let step = match is_empty(&selection) {
            true => ColumnStep::Drop,
            false => match read_part(object, name, model, width)? {
                Part::Model(model) => ColumnStep::Model(model),
                Part::Passthrough => ColumnStep::Passthrough,
                Part::Drop => ColumnStep::Drop,
            },
        };
        steps.push((items, (step_name, step, selection)));
    }
    Ok(steps)
}

fn read_column_transformer(object: &Object) -> Read {
    if object.some("transformer_weights").is_some() {
        return Err(object.unsupported("it has transformer_weights"));
    }
    let fitted = column_parts(object)?;
    let steps = column_steps(object, &fitted)?.into_iter().map(|(_, step)| step).collect();
    let sparse = match object.find("sparse_output_") {
        Some(_) => object.boolean("sparse_output_")?,
        None => false,
    };
    // Other ways to name columns than with the step's name before them, or without it, are no text.
    let verbose = match object.find("verbose_feature_names_out") {
        Some(value) => boolean(value),
        None => Some(true),
    };
    let made = object.model(ColumnTransformer::from_parts(fitted, steps))?;
    Ok(Arc::new(made.with_output(sparse, verbose)))
}

fn is_empty(selection: &Selection) -> bool {
    match selection {
        Selection::Names(names) => names.is_empty(),
        Selection::Places(places) => places.is_empty(),
        Selection::Mask(mask) => !mask.contains(&true),
        _ => false,
    }
}

/// Columns by name, place, slice or mask.
fn read_selection(object: &Object, value: &Value) -> Result<Selection, Error> {
    let name = "transformers_";
    if let Some(name) = text(value) {
        return Ok(Selection::Names(vec![name]));
    }
    if let Some(place) = integer(value) {
        return Ok(Selection::Places(vec![place]));
    }
    if let Some(index) = read_index(object, value)? {
        return Ok(index);
    }
    let class = class_of(value);
    match class.as_ref().map(|(module, name)| (module.as_str(), name.as_str())) {
        Some(("builtins", "slice")) => {
            let bounds = value.arguments().map(|arguments| arguments.items()).unwrap_or_default();
            return read_slice(object, &bounds);
        }
        // The places or names of the remainder, in 1.5 to 1.8: a list that warns.
        Some(("sklearn.compose._column_transformer", "_RemainderColsList")) => {
            let state = attributes_of(value).map_err(|problem| object.wrong(name, problem))?;
            let data = state.iter().find(|(name, _)| name == "data");
            let (_, data) = data.ok_or_else(|| object.wrong(name, "columns without data"))?;
            return read_list(object, &object.list_of(name, data)?);
        }
        _ => {}
    }
    match object.list_of(name, value) {
        Ok(items) => read_list(object, &items),
        Err(_) => selection_of(object, value),
    }
}

/// Columns from an array of numpy's.
fn selection_of(object: &Object, value: &Value) -> Result<Selection, Error> {
    let name = "transformers_";
    match object.labels_of(name, value)? {
        Labels::Text(names) => Ok(Selection::Names(names)),
        Labels::Integers(places) => Ok(Selection::Places(places)),
        Labels::Booleans(mask) => Ok(Selection::Mask(mask)),
        Labels::Floats(_) => Err(object.not(name, value, "columns")),
    }
}

/// Columns by an `Index` of pandas.
pub(super) fn read_index(object: &Object, value: &Value) -> Result<Option<Selection>, Error> {
    let name = "transformers_";
    match pandas::index(value).map_err(|problem| object.wrong(name, problem))? {
        None => Ok(None),
        Some(Index::Range(Some(start), Some(stop), Some(step)))
            if start >= 0 && stop >= 0 && step > 0 =>
        {
            let (start, stop, step) = (Some(start), Some(stop), Some(step));
            Ok(Some(Selection::Slice { start, stop, step }))
        }
        Some(Index::Range(..)) => Err(object.unsupported("columns by a RangeIndex that goes back")),
        Some(Index::Other(class)) => Err(object
            .unsupported(format!("columns by a {class} of pandas, whose labels are elsewhere"))),
        Some(Index::Labels(labels)) => match object.list_of(name, &labels) {
            Ok(items) => read_list(object, &items).map(Some),
            Err(_) => selection_of(object, &labels).map(Some),
        },
    }
}

fn read_list(object: &Object, items: &[Value]) -> Result<Selection, Error> {
    fn all<T>(items: &[Value], read: impl Fn(&Value) -> Option<T>) -> Option<Vec<T>> {
        items.iter().map(read).collect()
    }
    if let Some(names) = all(items, text) {
        return Ok(Selection::Names(names));
    }
    if let Some(mask) = all(items, boolean) {
        return Ok(Selection::Mask(mask));
    }
    all(items, integer)
        .map(Selection::Places)
        .ok_or_else(|| object.wrong("transformers_", "columns are not all names or all places"))
}

fn read_slice(object: &Object, bounds: &[Value]) -> Result<Selection, Error> {
    let name = "transformers_";
    let [start, stop, step] = bounds else {
        return Err(object.wrong(name, "a slice of columns has not three parts"));
    };
    let place = |value: &Value| match (value.is_none(), integer(value)) {
        (true, _) => Ok(None),
        (false, Some(place)) => Ok(Some(place)),
        (false, None) => {
            Err(object.wrong(name, format!("a slice of columns with {}", described(value))))
        }
    };
    if text(start).is_some() || text(stop).is_some() {
        let is_name = |value: &Value| value.is_none() || text(value).is_some();
        if !is_name(start) || !is_name(stop) || !step.is_none() {
            return Err(object.wrong(name, "a slice of columns from a name to a number"));
        }
        return Ok(Selection::NameSlice { start: text(start), stop: text(stop) });
    }
    Ok(Selection::Slice { start: place(start)?, stop: place(stop)?, step: place(step)? })
}

fn read_search(object: &Object) -> Read {
    if object.find("best_estimator_").is_none() {
        return Err(object.wrong(
            "best_estimator_",
            "it is missing: the search was not fitted, or refit=False kept no estimator",
        ));
    }
    object.estimator("best_estimator_")?.read()
}

/// A pipeline whose steps can be written.
impl ToSklearn for Pipeline {
    fn write(&self, writer: &Writer<'_>) -> Result<Handle, Error> {
        let b = &writer.builder;
        let mut steps = Vec::new();
        for (name, model) in self.steps() {
            let model = match model {
                None => b.str("passthrough"),
                Some(model) => writer.model(model.as_ref())?,
            };
            steps.push(b.tuple([b.str(name), model])?);
        }
        let attributes = vec![
            ("steps", b.list(steps)?),
            ("transform_input", b.none()),
            ("memory", b.none()),
            ("verbose", b.bool(false)),
        ];
        writer.estimator(("sklearn.pipeline", self.name()), attributes)
    }
}
