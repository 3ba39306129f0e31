//! Models other than trees that are fitted here, beside those that scikit-learn fits on the same data:
//! equal in every attribute once Python has opened them. `PICKLEBOOK_TRAINING_CASES` is how many random
//! data sets there are for each family.

mod support;

use std::error::Error;
use std::path::Path;

use ndarray::Array2;
use picklebook::bayes::{CategoricalNB, DiscreteNB, GaussianNB};
use picklebook::data::{Column, Frame, Labels, SparseRows};
use picklebook::linear::LinearClassifier;
use picklebook::model::{self, Answer, Method, Model, ask};
use picklebook::pipeline::Pipeline;
use picklebook::preprocessing::{
    DropCategory, ImputeStrategy, LabelBinarizer, LabelEncoder, MaxAbsScaler, MinMaxScaler, Norm,
    OneHotEncoder, OrdinalEncoder, RobustScaler, SimpleImputer, StandardScaler, Unknown,
};
use picklebook::sklearn::{self, ToSklearn};
use picklebook::tree::DecisionTreeClassifier;
use picklebook::vectorizers::{
    CountVectorizer, DictVectorizer, HashingVectorizer, StripAccents, TfidfTransformer,
    TfidfVectorizer, TokenKind,
};
use serde_json::{Value, json};

#[path = "support/conversation.rs"]
mod conversation;
use conversation::Conversation;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn count() -> u64 {
    let count = std::env::var("PICKLEBOOK_TRAINING_CASES").ok();
    count.and_then(|count| count.parse().ok()).unwrap_or(150)
}

fn floats(value: &Value) -> Vec<f64> {
    let items = value.as_array().into_iter().flatten();
    items.filter_map(|bits| bits.as_u64().map(f64::from_bits)).collect()
}

fn plain(value: &Value) -> Vec<f64> {
    value.as_array().into_iter().flatten().filter_map(Value::as_f64).collect()
}

fn counts(value: &Value) -> Vec<usize> {
    value.as_array().into_iter().flatten().filter_map(|it| Some(it.as_u64()? as usize)).collect()
}

/// A column of words where one is not missing, or else of numbers.
fn column(values: &Value) -> Column {
    let values = values.as_array().map(Vec::as_slice).unwrap_or_default();
    match values.iter().any(Value::is_string) {
        true => Column::Words(values.iter().map(|it| it.as_str().map(str::to_owned)).collect()),
        false => Column::Numbers(values.iter().map(|it| it.as_f64().unwrap_or(f64::NAN)).collect()),
    }
}

fn texts(values: &Value) -> Outcome<Frame> {
    Ok(Frame::unnamed([column(values)])?)
}

/// The rows of a case.
fn table(case: &Value) -> Outcome<Frame> {
    if let Some(columns) = case["columns"].as_array() {
        return Ok(Frame::unnamed(columns.iter().map(column))?);
    }
    if let Some(records) = case["records"].as_array() {
        let keys = case["keys"].as_array().ok_or("no keys")?.iter().filter_map(Value::as_str);
        let of = |key: &str| column(&records.iter().map(|record| record[key].clone()).collect());
        return Ok(Frame::named(keys.map(|key| (key, of(key))))?);
    }
    let shape = counts(&case["shape"]);
    let numbers = Array2::from_shape_vec((shape[0], shape[1]), floats(&case["x"]))?;
    Ok(match case["sparse"].as_bool() {
        Some(true) => Frame::from_sparse(SparseRows::from_dense(&numbers)?),
        _ => Frame::from_numbers(numbers),
    })
}

fn labels(value: &Value) -> Outcome<Labels> {
    let items = value.as_array().ok_or("no labels")?;
    Ok(match items.first() {
        Some(Value::String(_)) => {
            Labels::Text(items.iter().filter_map(|it| it.as_str().map(str::to_owned)).collect())
        }
        Some(Value::Bool(_)) => Labels::Booleans(items.iter().filter_map(Value::as_bool).collect()),
        _ => Labels::Integers(items.iter().filter_map(Value::as_i64).collect()),
    })
}

fn part(labels: &Labels, rows: std::ops::Range<usize>) -> Outcome<Labels> {
    Ok(labels.take(&rows.collect::<Vec<_>>()).ok_or("rows of labels")?)
}

/// What a case's model answers, by its own method of the kind.
fn answer(model: &dyn Model, table: &Frame) -> Outcome<Value> {
    let method = match model.abilities().probabilities {
        Some(_) => Method::PredictProba,
        None => Method::Transform,
    };
    let numbers = match ask(model, table, method)? {
        Answer::Numbers(numbers) => numbers,
        Answer::Table(table) => match table.numbers() {
            Some(numbers) => numbers.into_owned(),
            None => return Ok(json!({ "objects": objects(&table) })),
        },
        other => return Err(format!("{other:?}").into()),
    };
    Ok(json!({ "numbers": numbers.iter().map(|it| it.to_bits()).collect::<Vec<u64>>() }))
}

/// Rows of words and numbers as Python prints a list of them.
fn objects(table: &Frame) -> String {
    let (rows, columns) = table.shape();
    let cell = |row: usize, column: usize| match table.column(column) {
        Some(Column::Words(words)) => {
            words[row].as_ref().map_or("nan".to_owned(), |word| format!("'{word}'"))
        }
        Some(Column::Numbers(numbers)) => format!("{:?}", numbers[row]).to_lowercase(),
        None => String::new(),
    };
    let row = |row: usize| {
        let cells: Vec<String> = (0..columns).map(|column| cell(row, column)).collect();
        format!("[{}]", cells.join(", "))
    };
    format!("[{}]", (0..rows).map(row).collect::<Vec<_>>().join(", "))
}

/// Saves a model, and gives what it answers for its own rows.
fn saved<M: Model + ToSklearn>(model: &M, table: &Frame, path: &Path) -> Outcome<Value> {
    sklearn::save(model, path)?;
    answer(model, table)
}

/// Fits a naive Bayes model at once, or in the parts of a case.
macro_rules! fitted_bayes {
    ($params:expr, $case:expr, $path:expr) => {{
        let (params, case) = ($params, $case);
        let (table, target) = (table(case)?, labels(&case["y"])?);
        let weights = case["weights"].is_array().then(|| floats(&case["weights"]));
        let model = match case["parts"].as_array() {
            None => params.fit_table(&table, &target, weights.as_deref())?,
            Some(ends) => {
                let (mut start, mut model) = (0, None);
                for end in ends.iter().filter_map(|end| Some(end.as_u64()? as usize)) {
                    let rows = table.slice(start..end).ok_or("rows")?;
                    let own = part(&target, start..end)?;
                    let weights = weights.as_ref().map(|weights| &weights[start..end]);
                    match &mut model {
                        None => {
                            let classes = target.classes();
                            model = Some(params.partial_fit(&rows, &own, weights, &classes)?);
                        }
                        Some(model) => model.partial_fit(&rows, &own, weights)?,
                    }
                    start = end;
                }
                model.ok_or("no parts")?
            }
        };
        saved(&model, &table, $path)
    }};
}

macro_rules! smoothed {
    ($params:expr, $given:expr) => {{
        let (mut params, given) = ($params, $given);
        if let Some(alpha) = given["alpha"].as_f64() {
            params = params.alpha(alpha);
        }
        if let Some(force) = given["force_alpha"].as_bool() {
            params = params.force_alpha(force);
        }
        if let Some(fit) = given["fit_prior"].as_bool() {
            params = params.fit_prior(fit);
        }
        if given["class_prior"].is_array() {
            params = params.class_prior(plain(&given["class_prior"]));
        }
        params
    }};
}

macro_rules! tokenized {
    ($params:expr, $given:expr) => {{
        let (mut params, given) = ($params, $given);
        match given["analyzer"].as_str() {
            Some("char") => params = params.analyzer(TokenKind::Char),
            Some("char_wb") => params = params.analyzer(TokenKind::CharWb),
            _ => {}
        }
        if let [least, most] = counts(&given["ngram_range"])[..] {
            params = params.ngram_range(least, most);
        }
        if let Some(lowercase) = given["lowercase"].as_bool() {
            params = params.lowercase(lowercase);
        }
        match given["strip_accents"].as_str() {
            Some("ascii") => params = params.strip_accents(StripAccents::Ascii),
            Some("unicode") => params = params.strip_accents(StripAccents::Unicode),
            _ => {}
        }
        match &given["stop_words"] {
            Value::String(_) => params = params.english_stop_words(),
            Value::Array(words) => {
                params = params.stop_words(words.iter().filter_map(Value::as_str));
            }
            _ => {}
        }
        params
    }};
}

macro_rules! counted {
    ($params:expr, $given:expr) => {{
        let (mut params, given) = (tokenized!($params, $given), $given);
        match (given["min_df"].as_u64(), given["min_df"].as_f64()) {
            (Some(count), _) => params = params.min_df(count as usize),
            (None, Some(fraction)) => params = params.min_df_fraction(fraction),
            _ => {}
        }
        match (given["max_df"].as_u64(), given["max_df"].as_f64()) {
            (Some(count), _) => params = params.max_df(count as usize),
            (None, Some(fraction)) => params = params.max_df_fraction(fraction),
            _ => {}
        }
        if let Some(most) = given["max_features"].as_u64() {
            params = params.max_features(most as usize);
        }
        if let Some(words) = given["vocabulary"].as_array() {
            params = params.vocabulary(words.iter().filter_map(Value::as_str));
        }
        params.binary(given["binary"].as_bool().unwrap_or(false))
    }};
}

macro_rules! weighed {
    ($params:expr, $given:expr) => {{
        let (mut params, given) = ($params, $given);
        match given.get("norm") {
            Some(Value::String(_)) => params = params.norm(Some(Norm::L1)),
            Some(_) => params = params.norm(None),
            None => {}
        }
        if let Some(use_idf) = given["use_idf"].as_bool() {
            params = params.use_idf(use_idf);
        }
        if let Some(smooth) = given["smooth_idf"].as_bool() {
            params = params.smooth_idf(smooth);
        }
        params.sublinear_tf(given["sublinear_tf"].as_bool().unwrap_or(false))
    }};
}

macro_rules! rare {
    ($params:expr, $given:expr) => {{
        let (mut params, given) = ($params, $given);
        match (given["min_frequency"].as_u64(), given["min_frequency"].as_f64()) {
            (Some(count), _) => params = params.min_frequency(count as usize),
            (None, Some(fraction)) => params = params.min_frequency_fraction(fraction),
            _ => {}
        }
        if let Some(most) = given["max_categories"].as_u64() {
            params = params.max_categories(most as usize);
        }
        params
    }};
}

fn pair(value: &Value) -> Option<(f64, f64)> {
    match plain(value)[..] {
        [low, high] => Some((low, high)),
        _ => None,
    }
}

fn standard_scaler(given: &Value) -> picklebook::preprocessing::StandardScalerParams {
    StandardScaler::params()
        .with_mean(given["with_mean"].as_bool().unwrap_or(true))
        .with_std(given["with_std"].as_bool().unwrap_or(true))
}

fn pipeline(case: &Value) -> Outcome<Pipeline> {
    let mut params = Pipeline::params();
    for step in case["steps"].as_array().ok_or("no steps")? {
        let (name, given) = (step[0].as_str().ok_or("no name")?, &step[2]);
        params = match step[1].as_str().unwrap_or_default() {
            "CountVectorizer" => params.step(name, counted!(CountVectorizer::params(), given)),
            "TfidfTransformer" => params.step(name, weighed!(TfidfTransformer::params(), given)),
            "TfidfVectorizer" => {
                params.step(name, weighed!(counted!(TfidfVectorizer::params(), given), given))
            }
            "HashingVectorizer" => {
                params.step(name, HashingVectorizer::params().alternate_sign(false).n_features(32))
            }
            "MultinomialNB" => params.step(name, DiscreteNB::multinomial().alpha(0.5)),
            "ComplementNB" => params.step(name, DiscreteNB::complement().alpha(0.5)),
            "BernoulliNB" => params.step(name, DiscreteNB::bernoulli().alpha(0.5)),
            "SimpleImputer" => params.step(name, SimpleImputer::params()),
            "StandardScaler" => params.step(name, StandardScaler::params()),
            "MinMaxScaler" => params.step(name, MinMaxScaler::params()),
            "MaxAbsScaler" => params.step(name, MaxAbsScaler::params()),
            "RobustScaler" => params.step(name, RobustScaler::params()),
            "GaussianNB" => params.step(name, GaussianNB::params().var_smoothing(0.1)),
            "DecisionTreeClassifier" => {
                params.step(name, DecisionTreeClassifier::params().max_depth(3).random_state(0))
            }
            other => return Err(format!("no such class: {other}").into()),
        };
    }
    let target = labels(&case["y"])?;
    let rows = if case["texts"].is_array() { texts(&case["texts"])? } else { table(case)? };
    Ok(params.fit_table(&rows, Some(&target))?)
}

fn fit(case: &Value, path: &Path) -> Outcome<Value> {
    let given = &case["params"];
    match case["kind"].as_str().unwrap_or("Pipeline") {
        "Pipeline" => {
            let model = pipeline(case)?;
            let text = case["texts"].is_array();
            let rows = if text { texts(&case["tests"])? } else { table(case)? };
            saved(&model, &rows, path)
        }
        "CountVectorizer" => {
            let params = counted!(CountVectorizer::params(), given);
            saved(&params.fit_table(&texts(&case["texts"])?)?, &texts(&case["tests"])?, path)
        }
        "TfidfVectorizer" => {
            let params = weighed!(counted!(TfidfVectorizer::params(), given), given);
            saved(&params.fit_table(&texts(&case["texts"])?)?, &texts(&case["tests"])?, path)
        }
        "HashingVectorizer" => {
            let params = tokenized!(HashingVectorizer::params(), given);
            let params = params.n_features(given["n_features"].as_u64().ok_or("no n")? as usize);
            let params = params.alternate_sign(given["alternate_sign"].as_bool().ok_or("sign")?);
            saved(&params.fit()?, &texts(&case["tests"])?, path)
        }
        "TfidfTransformer" => {
            let (params, rows) = (weighed!(TfidfTransformer::params(), given), table(case)?);
            saved(&params.fit(&rows)?, &rows, path)
        }
        "DictVectorizer" => {
            let rows = table(case)?;
            let params = DictVectorizer::params()
                .sort(given["sort"].as_bool().unwrap_or(true))
                .sparse(given["sparse"].as_bool().unwrap_or(true))
                .separator(given["separator"].as_str().unwrap_or("="));
            saved(&params.fit(&rows)?, &rows, path)
        }
        "StandardScaler" => {
            let (params, rows) = (standard_scaler(given), table(case)?);
            let ends = counts(&case["parts"]);
            let first = ends.first().copied().unwrap_or(rows.shape().0);
            let mut model = params.fit(&rows.slice(0..first).ok_or("rows")?)?;
            for ends in ends.windows(2) {
                model.partial_fit(&rows.slice(ends[0]..ends[1]).ok_or("rows")?)?;
            }
            saved(&model, &rows, path)
        }
        "MinMaxScaler" => {
            let mut params = MinMaxScaler::params();
            if let Some((low, high)) = pair(&given["feature_range"]) {
                params = params.feature_range(low, high);
            }
            let params = params.clip(given["clip"].as_bool().unwrap_or(false));
            saved(&params.fit(&table(case)?)?, &table(case)?, path)
        }
        "MaxAbsScaler" => {
            let params = MaxAbsScaler::params().clip(given["clip"].as_bool().unwrap_or(false));
            saved(&params.fit(&table(case)?)?, &table(case)?, path)
        }
        "RobustScaler" => {
            let mut params = RobustScaler::params()
                .with_centering(given["with_centering"].as_bool().unwrap_or(true))
                .with_scaling(given["with_scaling"].as_bool().unwrap_or(true));
            if let Some((low, high)) = pair(&given["quantile_range"]) {
                params = params.quantile_range(low, high);
            }
            saved(&params.fit(&table(case)?)?, &table(case)?, path)
        }
        "OneHotEncoder" => {
            let mut params = rare!(OneHotEncoder::params(), given);
            match given["drop"].as_str() {
                Some("first") => params = params.drop(DropCategory::First),
                Some(_) => params = params.drop(DropCategory::IfBinary),
                None => {}
            }
            match given["handle_unknown"].as_str() {
                Some("ignore") => params = params.handle_unknown(Unknown::Ignore),
                Some(_) => params = params.handle_unknown(Unknown::Infrequent),
                None => {}
            }
            let params = params.sparse_output(given["sparse_output"].as_bool().unwrap_or(true));
            saved(&params.fit(&table(case)?)?, &table(case)?, path)
        }
        "OrdinalEncoder" => {
            let mut params = rare!(OrdinalEncoder::params(), given);
            if let Some(value) = given["unknown_value"].as_f64() {
                params = params.unknown_value(value);
            }
            if let Some(value) = given["encoded_missing_value"].as_f64() {
                params = params.encoded_missing_value(value);
            }
            saved(&params.fit(&table(case)?)?, &table(case)?, path)
        }
        "LogisticRegression" => {
            let mut params = LinearClassifier::logistic_regression()
                .c(given["C"].as_f64().unwrap_or(1.0))
                .fit_intercept(given["fit_intercept"].as_bool().unwrap_or(true));
            if let Some(tol) = given["tol"].as_f64() {
                params = params.tol(tol);
            }
            let rows = table(case)?;
            let weights = case["weights"].is_array().then(|| floats(&case["weights"]));
            let model = params.fit_table(&rows, &labels(&case["y"])?, weights.as_deref())?;
            saved(&model, &rows, path)
        }
        "LabelEncoder" => {
            let own = labels(&case["labels"])?;
            let model = LabelEncoder::params().fit(&own)?;
            sklearn::save(&model, path)?;
            let codes = model.encode(&own)?;
            let codes: Vec<u64> = codes.iter().map(|&code| (code as f64).to_bits()).collect();
            Ok(json!({ "numbers": codes }))
        }
        "LabelBinarizer" => {
            let own = labels(&case["labels"])?;
            let params =
                LabelBinarizer::params().neg_label(given["neg_label"].as_i64().unwrap_or(0));
            let rows = match &own {
                Labels::Text(words) => words.iter().cloned().map(Some).collect::<Vec<_>>().into(),
                other => Column::Numbers(other.iter().filter_map(number).collect()),
            };
            saved(&params.fit(&own)?, &Frame::unnamed([rows])?, path)
        }
        "SimpleImputer" => {
            let strategy =
                match (given["strategy"].as_str().unwrap_or("mean"), &given["fill_value"]) {
                    ("mean", _) => ImputeStrategy::Mean,
                    ("median", _) => ImputeStrategy::Median,
                    ("most_frequent", _) => ImputeStrategy::MostFrequent,
                    (_, Value::Number(number)) => {
                        ImputeStrategy::Number(number.as_f64().ok_or("no number")?)
                    }
                    (_, Value::String(word)) => ImputeStrategy::Word(word.clone()),
                    _ => ImputeStrategy::Constant,
                };
            let params = SimpleImputer::params()
                .strategy(strategy)
                .add_indicator(given["add_indicator"].as_bool().unwrap_or(false))
                .keep_empty_features(given["keep_empty_features"].as_bool().unwrap_or(false));
            saved(&params.fit(&table(case)?)?, &table(case)?, path)
        }
        "MultinomialNB" => fitted_bayes!(smoothed!(DiscreteNB::multinomial(), given), case, path),
        "ComplementNB" => {
            let params = smoothed!(DiscreteNB::complement(), given);
            let norm = given["norm"].as_bool().unwrap_or(false);
            fitted_bayes!(params.norm(norm), case, path)
        }
        "BernoulliNB" => {
            let mut params = smoothed!(DiscreteNB::bernoulli(), given);
            if let Some(binarize) = given.get("binarize") {
                params = params.binarize(binarize.as_f64());
            }
            fitted_bayes!(params, case, path)
        }
        "CategoricalNB" => {
            let mut params = smoothed!(CategoricalNB::params(), given);
            match &given["min_categories"] {
                Value::Number(least) => {
                    params = params.min_categories(least.as_u64().unwrap_or(0) as usize);
                }
                each @ Value::Array(_) => params = params.min_categories_of_each(counts(each)),
                _ => {}
            }
            fitted_bayes!(params, case, path)
        }
        "GaussianNB" => {
            let mut params = GaussianNB::params();
            if let Some(part) = given["var_smoothing"].as_f64() {
                params = params.var_smoothing(part);
            }
            if given["priors"].is_array() {
                params = params.priors(plain(&given["priors"]));
            }
            fitted_bayes!(params, case, path)
        }
        other => Err(format!("no such class: {other}").into()),
    }
}

fn number(label: picklebook::data::LabelRef<'_>) -> Option<f64> {
    use picklebook::data::LabelRef;
    match label {
        LabelRef::Integer(number) => Some(number as f64),
        LabelRef::Boolean(value) => Some(f64::from(u8::from(value))),
        LabelRef::Float(number) => Some(number),
        LabelRef::Text(_) => None,
    }
}

/// Compares random models of a family; those that Rust refuses, scikit-learn refuses, or warns of, too.
fn compare(family: &str) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("model.pkl");
    let mut python = Conversation::start(&support::python(), "reference/training.py")?;
    let mut wrong = Vec::new();
    for seed in 0..count() {
        let case: Value = python.ask(&json!({ "family": family, "seed": seed }))?;
        let found: Vec<String> = match fit(&case, &path) {
            Ok(answer) => {
                let family =
                    json!({ "family": family, "seed": seed, "path": path, "answer": answer });
                python.ask(&family)?
            }
            Err(error) => vec![format!("not fitted: {error}")],
        };
        if !found.is_empty() {
            let shown: Vec<String> =
                found.iter().map(|it| it.chars().take(600).collect()).collect();
            let (kind, params) = (&case["kind"], &case["params"]);
            wrong.push(format!("seed {seed}: {kind} {params} {}: {shown:#?}", case["shape"]));
        }
    }
    let shown: Vec<&String> = wrong.iter().take(5).collect();
    assert!(wrong.is_empty(), "{} of {}: {shown:#?}", wrong.len(), count());
    Ok(())
}

#[test]
fn naive_bayes_models_are_those_of_scikit_learn() -> Outcome<()> {
    compare("bayes")
}

#[test]
fn vectorizers_are_those_of_scikit_learn() -> Outcome<()> {
    compare("vectorizers")
}

#[test]
fn weights_of_counts_are_those_of_scikit_learn() -> Outcome<()> {
    compare("weights_of_counts")
}

#[test]
fn columns_of_dictionaries_are_those_of_scikit_learn() -> Outcome<()> {
    compare("dictionaries")
}

#[test]
fn scalers_are_those_of_scikit_learn() -> Outcome<()> {
    compare("scalers")
}

#[test]
fn encoders_are_those_of_scikit_learn() -> Outcome<()> {
    compare("encoders")
}

#[test]
fn encoders_of_labels_are_those_of_scikit_learn() -> Outcome<()> {
    compare("label_encoders")
}

#[test]
fn imputers_are_those_of_scikit_learn() -> Outcome<()> {
    compare("imputers")
}

#[test]
fn logistic_regressions_are_those_of_scikit_learn() -> Outcome<()> {
    compare("logistic_regressions")
}

#[test]
fn pipelines_are_those_of_scikit_learn() -> Outcome<()> {
    compare("pipelines")
}

/// What one part and another teach is what both teach together: of counts to the last bit, of means
/// and variances as floats are rounded.
#[test]
fn parts_teach_what_all_teach() -> Outcome<()> {
    use proptest::prelude::*;
    let rows = prop::collection::vec((prop::array::uniform3(0_u8..6), 0_i64..3), 4..40);
    let config = ProptestConfig::with_cases(200);
    proptest!(config, |(rows in rows, at in 0.1_f64..0.9)| {
        let cells: Vec<[f64; 3]> = rows.iter().map(|(row, _)| row.map(f64::from)).collect();
        let table = Frame::from_numbers(ndarray::aview2(&cells).to_owned());
        let target = Labels::Integers(rows.iter().map(|(_, label)| *label).collect());
        let classes = target.classes();
        let cut = ((rows.len() as f64 * at) as usize).max(1);
        let slice = |rows: std::ops::Range<usize>| table.slice(rows).expect("rows");
        let labels = |rows: std::ops::Range<usize>| part(&target, rows).expect("labels");
        for params in [DiscreteNB::multinomial(), DiscreteNB::complement(), DiscreteNB::bernoulli()] {
            let whole = params.fit_table(&table, &target, None);
            // of one class the others have nothing
            let Ok(whole) = whole else { continue };
            let Ok(mut pieces) = params.partial_fit(&slice(0..cut), &labels(0..cut), None, &classes)
            else {
                continue;
            };
            pieces.partial_fit(&slice(cut..rows.len()), &labels(cut..rows.len()), None).unwrap();
            prop_assert_eq!(pieces, whole);
        }
        let params = CategoricalNB::params();
        let whole = params.clone().min_categories(6).fit_table(&table, &target, None).unwrap();
        let params = params.min_categories(6);
        let first = params.partial_fit(&slice(0..cut), &labels(0..cut), None, &classes);
        let mut pieces = first.unwrap();
        pieces.partial_fit(&slice(cut..rows.len()), &labels(cut..rows.len()), None).unwrap();
        prop_assert_eq!(pieces, whole);
        let whole = StandardScaler::params().fit(&table).unwrap();
        let mut pieces = StandardScaler::params().fit(&slice(0..cut)).unwrap();
        pieces.partial_fit(&slice(cut..rows.len())).unwrap();
        let both = [(whole.mean(), pieces.mean()), (whole.scale(), pieces.scale())];
        for (one, other) in both {
            for (one, other) in one.unwrap().iter().zip(other.unwrap()) {
                prop_assert!((one - other).abs() <= 1e-12 * (1.0 + one.abs()));
            }
        }
    });
    Ok(())
}

#[test]
fn what_other_versions_know_is_converted_for_them() -> Outcome<()> {
    let data = picklebook::data::balance_scale();
    let pipeline = Pipeline::params()
        .step("scale", StandardScaler::params())
        .passthrough("nothing")
        .step("tree", DecisionTreeClassifier::params().max_depth(3))
        .fit(&data)?;
    let rows = Frame::from(&data);
    let expected = ask(&pipeline, &rows, Method::PredictProba)?;
    for version in ["0.24.2", "1.2.2", "1.5.2", "1.9.0"] {
        let options = sklearn::DumpOptions::new().version(version.parse()?);
        let file = sklearn::dumps_with(&pipeline, &options)?;
        let opened = sklearn::loads(&file)?;
        assert_eq!(opened.version(), Some(version.parse()?));
        assert_eq!(ask(&opened, &rows, Method::PredictProba)?, expected, "{version}");
    }
    for options in [
        sklearn::DumpOptions::new().joblib(true),
        sklearn::DumpOptions::new().protocol(2),
        sklearn::DumpOptions::new().protocol(5),
    ] {
        let opened = sklearn::loads(&sklearn::dumps_with(&pipeline, &options)?)?;
        assert_eq!(ask(&opened, &rows, Method::PredictProba)?, expected);
    }
    // what was not fitted here does not hold all that scikit-learn keeps
    let opened = sklearn::loads(&sklearn::dumps(&pipeline)?)?;
    let parts = GaussianNB::from_parts(
        model::FittedParts::new(1),
        Labels::from(["a", "b"]),
        vec![0.5, 0.5],
        ndarray::array![[0.0], [1.0]],
        ndarray::array![[1.0], [1.0]],
    )?;
    assert!(
        sklearn::dumps(&parts).is_err_and(|error| error.to_string().contains("not fitted here"))
    );
    assert_eq!(opened.class(), "sklearn.pipeline.Pipeline");
    Ok(())
}

#[test]
fn texts_and_tables_that_teach_nothing_are_named() {
    let texts = |texts: &[&str]| CountVectorizer::params().english_stop_words().fit(texts);
    for nothing in [&[][..], &[""], &["the and", "a"]] {
        assert!(matches!(texts(nothing), Err(model::Error::Vocabulary { .. })), "{nothing:?}");
    }
    let params = CountVectorizer::params;
    let two = ["one two", "two three"];
    for wrong in [
        params().min_df(3),
        params().min_df(2).max_df(1),
        params().min_df_fraction(f64::NAN),
        params().max_df_fraction(1.5),
        params().max_features(0),
        params().vocabulary(["a", "a"]),
        params().vocabulary(Vec::<String>::new()),
        params().ngram_range(2, 1),
        params().token_pattern("(?:a|b)+"),
    ] {
        assert!(wrong.fit(two).is_err(), "{wrong:?}");
    }
    let none = TfidfVectorizer::params().vocabulary(["one"]).fit(Vec::<String>::new());
    assert!(matches!(none, Err(model::Error::Empty { .. })));
    assert!(TfidfVectorizer::params().norm(Some(Norm::Max)).fit(two).is_err());
    assert!(HashingVectorizer::params().n_features(0).fit().is_err());
    let numbers = Frame::from_numbers(ndarray::array![[1.0], [f64::INFINITY]]);
    assert!(matches!(params().fit_table(&numbers), Err(model::Error::NoText { .. })));
    assert!(StandardScaler::params().fit(&numbers).is_err());
    assert!(MaxAbsScaler::params().fit(&numbers).is_err());
    assert!(OneHotEncoder::params().fit(&numbers).is_err());
    assert!(SimpleImputer::params().fit(&numbers).is_err());
    assert!(DictVectorizer::params().fit(&numbers).is_err());
    let words = Frame::unnamed([Column::from(["a", "b"])]).expect("a column");
    assert!(matches!(StandardScaler::params().fit(&words), Err(model::Error::Words { .. })));
    assert!(matches!(SimpleImputer::params().fit(&words), Err(model::Error::Words { .. })));
    let empty = Frame::from_numbers(Array2::zeros((0, 2)));
    assert!(matches!(RobustScaler::params().fit(&empty), Err(model::Error::Empty { .. })));
    assert!(matches!(OrdinalEncoder::params().fit(&empty), Err(model::Error::Empty { .. })));
    let row = Frame::from_numbers(ndarray::array![[1.0], [2.0]]);
    assert!(MinMaxScaler::params().feature_range(1.0, 1.0).fit(&row).is_err());
    assert!(RobustScaler::params().quantile_range(75.0, 25.0).fit(&row).is_err());
    assert!(OrdinalEncoder::params().unknown_value(1.0).fit(&row).is_err());
    assert!(OrdinalEncoder::params().unknown_value(-0.5).fit(&row).is_err());
    assert!(OneHotEncoder::params().handle_unknown(Unknown::Value(1.0)).fit(&row).is_err());
    assert!(OneHotEncoder::params().max_categories(0).fit(&row).is_err());
    assert!(LabelEncoder::params().fit(&Labels::Text(Vec::new())).is_err());
    assert!(LabelBinarizer::params().neg_label(1).fit(&Labels::from(["a"])).is_err());
    let sparse = SparseRows::from_parts(2, vec![0, 1, 1], vec![0], vec![1.0]).expect("two rows");
    let sparse = Frame::from_sparse(sparse);
    assert!(StandardScaler::params().fit(&sparse).is_err());
    assert!(MinMaxScaler::params().fit(&sparse).is_err());
    let both = Labels::from(["a", "b"]);
    let fit = |steps: picklebook::pipeline::PipelineParams| steps.fit_table(&row, Some(&both));
    let scaler = StandardScaler::params;
    assert!(fit(Pipeline::params()).is_err());
    assert!(fit(Pipeline::params().step("a", scaler()).step("a", scaler())).is_err());
    assert!(fit(Pipeline::params().step("a__b", scaler())).is_err());
    assert!(fit(Pipeline::params().step("steps", scaler())).is_err());
    let tree = DecisionTreeClassifier::params();
    assert!(fit(Pipeline::params().step("tree", tree.clone()).step("scale", scaler())).is_err());
    assert!(Pipeline::params().step("tree", tree).fit_table(&row, None).is_err());
    let regression = LinearClassifier::logistic_regression;
    assert!(regression().fit_weighted(&[[1.0], [2.0]], &Labels::from(["a", "a"]), None).is_err());
    let wide = Frame::from_numbers(Array2::ones((2, 5000)));
    let wide = regression().fit_table(&wide, &both, None);
    assert!(matches!(wide, Err(model::Error::TooMany { .. })));
    for wrong in [regression().c(0.0), regression().tol(f64::NAN), regression().max_iter(0)] {
        assert!(wrong.fit_table(&row, &both, None).is_err(), "{wrong:?}");
    }
    let huge = regression().fit_weighted(&[[1e308], [-1e308]], &both, None);
    assert!(huge.is_err() || huge.is_ok_and(|model| model.intercepts()[0].is_finite()));
}

#[test]
fn what_cannot_be_learned_is_named() {
    let rows = [[1.0, 0.0], [0.0, 2.0]];
    let both = Labels::from(["a", "b"]);
    let fit = |rows: &[[f64; 2]; 2]| DiscreteNB::multinomial().fit_weighted(rows, &both, None);
    assert!(matches!(fit(&[[1.0, -1.0], [0.0, 2.0]]), Err(model::Error::Negative { row: 0, .. })));
    assert!(matches!(
        fit(&[[1.0, 0.0], [f64::NAN, 2.0]]),
        Err(model::Error::NotFinite { row: 1, .. })
    ));
    let one = Labels::from(["a"]);
    let short = DiscreteNB::multinomial().fit_weighted(&rows, &one, None);
    assert!(matches!(short, Err(model::Error::Length { .. })));
    let quantities = Labels::from(vec![0.5, 1.0]);
    let quantities = GaussianNB::params().fit_weighted(&rows, &quantities, None);
    assert!(matches!(quantities, Err(model::Error::Target { row: 0, .. })));
    for weights in [&[1.0][..], &[1.0, -1.0], &[0.0, 0.0], &[f64::MAX, f64::MAX]] {
        assert!(DiscreteNB::bernoulli().fit_weighted(&rows, &both, Some(weights)).is_err());
    }
    let constant = GaussianNB::params().fit_weighted(&[[1.0], [1.0]], &both, None);
    assert!(constant.is_err_and(|error| error.to_string().contains("no column varies")));
    let huge = CategoricalNB::params().fit_weighted(&[[0.0], [1e300]], &both, None);
    assert!(matches!(huge, Err(model::Error::TooMany { .. })));
    for params in [
        DiscreteNB::multinomial().alpha(-1.0),
        DiscreteNB::multinomial().alpha(f64::NAN),
        DiscreteNB::multinomial().norm(true),
        DiscreteNB::complement().binarize(None),
        DiscreteNB::bernoulli().binarize(Some(-1.0)),
        DiscreteNB::bernoulli().class_prior([0.5]),
        DiscreteNB::bernoulli().class_prior([0.5, -0.5]),
    ] {
        assert!(params.fit_weighted(&rows, &both, None).is_err(), "{params:?}");
    }
    let table = Frame::from_numbers(ndarray::array![[1.0, 0.0], [0.0, 2.0]]);
    let mut model = DiscreteNB::multinomial().fit_table(&table, &both, None).expect("two rows");
    let before = model.clone();
    let strange = Labels::from(["a", "z"]);
    let error = model.partial_fit(&table, &strange, None).expect_err("a class that is not known");
    assert!(error.to_string().contains("the target of row 1 is z"), "{error}");
    let wide = Frame::from_numbers(ndarray::array![[1.0, 0.0, 1.0], [0.0, 2.0, 1.0]]);
    assert!(matches!(model.partial_fit(&wide, &both, None), Err(model::Error::Columns { .. })));
    assert_eq!(model, before);
}
