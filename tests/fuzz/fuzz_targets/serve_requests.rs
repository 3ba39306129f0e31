//! Any bytes as the body of a request to `picklebook serve`: rows as JSON or CSV, tensors, true classes, for
//! models of numbers, of columns with words and of texts. The first byte says which.
//!
//! `cargo fuzz run --fuzz-dir tests/fuzz serve_requests`; without a nightly toolchain under
//! `RUSTC_BOOTSTRAP=1`.
#![no_main]

use std::fs;

use libfuzzer_sys::fuzz_target;
use picklebook::bayes::DiscreteNB;
use picklebook::data::{Column, CsvOptions, Frame, Labels, balance_scale, read_csv_with};
use picklebook::pickle;
use picklebook::pipeline::Pipeline;
use picklebook::serve::{Direct, Options, Server};
use picklebook::tree::DecisionTreeClassifier;
use picklebook::vectorizers::CountVectorizer;
use serde_json::Value;

/// Where a request goes, and what it says that it is.
const ROUTES: &[(&str, &str)] = &[
    ("/models/numbers/predict?method=predict,apply", "application/json"),
    ("/models/numbers/predict", "text/csv"),
    ("/v2/models/numbers/infer", "application/json"),
    ("/models/numbers/explain", "application/json"),
    ("/models/words/predict", "application/json"),
    ("/models/words/predict", "text/csv"),
    ("/v2/models/words/infer", "application/json"),
    ("/models/words/explain", "text/csv"),
    ("/models/texts/predict", "application/json"),
    ("/models/texts/predict", "text/csv"),
    ("/v2/models/texts/infer", "application/json"),
    ("/feedback", "application/json"),
    ("/models/numbers/current", "application/json"),
];

/// The server, made once.
fn server() -> Direct {
    let folder = std::env::temp_dir().join(format!("picklebook-fuzz-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let path = |name: &str| folder.join(format!("{name}.pkl"));
    let tree = DecisionTreeClassifier::params().fit(&balance_scale()).expect("a tree");
    pickle::save(&tree, path("numbers")).expect("saved");
    let table = folder.join("pets.csv");
    let rows =
        "animal,size,weight,kept\ncat,small,4,in\ndog,big,4,out\ncat,big,30,in\ndog,small,30,out\n";
    fs::write(&table, rows).expect("written");
    let options = CsvOptions::new().get_dummies(["animal"]).ordinal_with("size", ["small", "big"]);
    let data = read_csv_with(&table, "kept", &options).expect("a table");
    let tree = DecisionTreeClassifier::params().fit(&data).expect("a tree");
    pickle::save(&tree, path("words")).expect("saved");
    let texts = ["free money now", "the meeting is at noon", "money for you", "at the office"];
    let texts = Frame::unnamed([Column::from(texts)]).expect("a column");
    let classes = Labels::from(["spam", "ham", "spam", "ham"]);
    let pipeline = Pipeline::params()
        .step("words", CountVectorizer::params())
        .step("bayes", DiscreteNB::multinomial())
        .fit_table(&texts, Some(&classes))
        .expect("a pipeline");
    picklebook::sklearn::save(&pipeline, path("texts")).expect("saved");
    let models = ["numbers", "words", "texts"].map(path);
    let options = Options::new().port(0).silent(true).max_rows(1000).log("/dev/null");
    let server = Server::bind(models, &options).expect("a server").direct().expect("a runtime");
    fs::remove_dir_all(&folder).expect("removed");
    server
}

thread_local! {
    static SERVER: Direct = server();
}

fuzz_target!(|data: &[u8]| {
    let Some((&which, body)) = data.split_first() else { return };
    let (path, kind) = ROUTES[usize::from(which) % ROUTES.len()];
    let (status, answer) = SERVER.with(|server| server.post(path, kind, body).expect("an answer"));
    assert!(matches!(status, 200 | 400 | 404 | 409 | 413), "{status}");
    let answer: Value = serde_json::from_slice(&answer).expect("JSON");
    if status != 200 {
        let problem = answer["error"].as_str().expect("a problem");
        assert!(!problem.is_empty() && problem.len() < 4000, "{problem}");
        return;
    }
    // As many answers as rows, where another parser finds rows.
    let rows = match serde_json::from_slice(body) {
        Ok(Value::Array(rows)) if kind == "application/json" => rows.len(),
        Ok(Value::Object(_)) if kind == "application/json" && path.contains("/predict") => 1,
        _ => return,
    };
    for answers in ["predictions", "leaves", "probabilities", "explanations"] {
        assert!(
            answer[answers].as_array().is_none_or(|answers| answers.len() == rows),
            "{answers}"
        );
    }
});
