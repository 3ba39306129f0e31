//! Models other than trees that are fitted here, beside those that scikit-learn fits on the same data:
//! equal in every attribute once Python has opened them. `PICKLEBOOK_TRAINING_CASES` is how many random
//! data sets there are for each family.

mod support;

use std::error::Error;
use std::path::Path;

use ndarray::Array2;
use picklebook::bayes::{CategoricalNB, DiscreteNB, GaussianNB};
use picklebook::data::{Frame, Labels, SparseRows};
use picklebook::model::{self, Answer, Method, Model, ask};
use picklebook::sklearn::{self, ToSklearn};
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

/// The rows of a case, which are numbers.
fn table(case: &Value) -> Outcome<Frame> {
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
    use picklebook::data::Column;
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

fn fit(case: &Value, path: &Path) -> Outcome<Value> {
    let given = &case["params"];
    match case["kind"].as_str().unwrap_or("Pipeline") {
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
                let family = json!({ "family": family, "seed": seed, "path": path, "answer": answer });
                python.ask(&family)?
            }
            Err(error) => vec![format!("not fitted: {error}")],
        };
        if !found.is_empty() {
            let shown: Vec<String> = found.iter().map(|it| it.chars().take(600).collect()).collect();
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
fn what_cannot_be_learned_is_named() {
    let rows = [[1.0, 0.0], [0.0, 2.0]];
    let both = Labels::from(["a", "b"]);
    let fit = |rows: &[[f64; 2]; 2]| DiscreteNB::multinomial().fit_weighted(rows, &both, None);
    assert!(matches!(fit(&[[1.0, -1.0], [0.0, 2.0]]), Err(model::Error::Negative { row: 0, .. })));
    assert!(matches!(fit(&[[1.0, 0.0], [f64::NAN, 2.0]]), Err(model::Error::NotFinite { row: 1, .. })));
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
