//! `picklebook serve`: what is answered, to whom, and what happens when files or requests are bad.

#[path = "support/archive.rs"]
mod archive;
#[path = "support/random.rs"]
mod random;
mod support;

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ndarray::Array2;
use picklebook::data::{Frame, Labels};
use picklebook::model::{Answer, Method};
use picklebook::prelude::*;
use picklebook::serve::{Error, Options, Running, Server};
use serde_json::{Value, json};

fn options() -> Options {
    Options::new().port(0).silent(true).timeout(2)
}

fn serving<S: AsRef<std::ffi::OsStr>>(models: impl IntoIterator<Item = S>) -> Running {
    Server::bind(models, &options()).unwrap().start().unwrap()
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(60)))
        .build();
    config.into()
}

/// The status and the body of an answer.
fn post(address: SocketAddr, path: &str, kind: &str, body: &str) -> (u16, Value) {
    let request = agent().post(format!("http://{address}{path}")).header("content-type", kind);
    told(request.send(body).unwrap())
}

fn ask(address: SocketAddr, path: &str, body: &Value) -> (u16, Value) {
    post(address, path, "application/json", &body.to_string())
}

fn get(address: SocketAddr, path: &str) -> (u16, Value) {
    told(agent().get(format!("http://{address}{path}")).call().unwrap())
}

fn told(mut response: ureq::http::Response<ureq::Body>) -> (u16, Value) {
    let status = response.status().as_u16();
    let text = response.body_mut().with_config().limit(1 << 30).read_to_string().unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

fn error(answer: &(u16, Value)) -> &str {
    answer.1["error"].as_str().unwrap_or_else(|| panic!("no error: {answer:?}"))
}

/// What a server says that is sent these bytes, until it closes the connection.
fn raw(address: SocketAddr, bytes: &[u8]) -> String {
    let mut connection = TcpStream::connect(address).unwrap();
    connection.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    // the server may have closed the connection before it has read all
    let _ = connection.write_all(bytes);
    let mut answer = Vec::new();
    let _ = connection.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn tree() -> DecisionTreeClassifier {
    DecisionTreeClassifier::params().fit(&balance_scale()).unwrap()
}

fn saved(folder: &Path, name: &str) -> std::path::PathBuf {
    let path = folder.join(name);
    pickle::save(&tree(), &path).unwrap();
    path
}

/// The bits of a number of an answer; JSON has none that is not finite.
fn same(found: &Value, expected: f64) -> bool {
    match expected.is_finite() {
        true => found.as_f64().map(f64::to_bits) == Some(expected.to_bits()),
        false => found.is_null(),
    }
}

/// Whether an item of a tensor's data, or of a list of predictions, is a label.
fn same_labels(found: &[Value], expected: &Labels) -> bool {
    let same = |(found, expected): (&Value, picklebook::data::LabelRef<'_>)| {
        use picklebook::data::LabelRef;

        match expected {
            LabelRef::Text(text) => found.as_str() == Some(text),
            LabelRef::Boolean(value) => found.as_bool() == Some(value),
            LabelRef::Integer(value) => found.as_i64() == Some(value),
            LabelRef::Float(value) => same(found, value),
        }
    };
    found.len() == expected.len() && found.iter().zip(expected.iter()).all(same)
}

/// Whether the data of a tensor is an answer, bit by bit.
fn is_answer(data: &Value, answer: &Answer) -> bool {
    let data = data.as_array().unwrap();
    let numbers = |expected: &mut dyn Iterator<Item = f64>, count: usize| {
        data.len() == count
            && data.iter().zip(expected).all(|(found, expected)| same(found, expected))
    };
    match answer {
        Answer::Labels(labels) => same_labels(data, labels),
        Answer::Numbers(expected) => numbers(&mut expected.iter().copied(), expected.len()),
        Answer::Leaves(leaves) => {
            data.iter().map(|it| it.as_u64()).eq(leaves.iter().map(|&it| Some(it as u64)))
        }
        Answer::Table(table) => {
            let expected = table.numbers().unwrap();
            numbers(&mut expected.iter().copied(), expected.len())
        }
        Answer::LabelsByOutput(outputs) => {
            let rows = outputs[0].len();
            let by_row =
                (0..rows).flat_map(|row| outputs.iter().map(move |it| it.get(row).unwrap()));
            data.len() == rows * outputs.len()
                && data.iter().zip(by_row).all(|(found, label)| {
                    let text = label.to_string();
                    found.as_str().map_or_else(|| found.to_string(), str::to_owned) == text
                })
        }
        Answer::NumbersByOutput(outputs) => {
            let (rows, classes) = outputs[0].dim();
            let mut all =
                (0..rows).flat_map(|row| outputs.iter().flat_map(move |it| it.row(row).to_vec()));
            numbers(&mut all, rows * outputs.len() * classes)
        }
        _ => false,
    }
}

/// Every file of scikit-learn's that is read here answers over HTTP what it answers in this process.
#[test]
fn answers_are_those_of_the_models_bit_by_bit() {
    let folder = tempfile::tempdir().unwrap();
    let mut models = Vec::new();
    for name in ["models", "more", "linear", "neighbours", "svm"] {
        for (path, bytes) in archive::files(&format!("{name}.tar.xz")) {
            let (Some(version), Some(file)) = (path.split('/').next(), path.split('/').next_back())
            else {
                continue;
            };
            if version != "1.9.1" || !(file.ends_with(".pkl") || file.ends_with(".joblib")) {
                continue;
            }
            // a file that holds several models is no model
            let Ok(model) = AnyModel::loads(&bytes) else { continue };
            let name = format!("{name}_{}", file.replace('.', "_"));
            let version = folder.path().join(&name).join("1");
            fs::create_dir_all(&version).unwrap();
            fs::write(version.join("model.pkl"), bytes).unwrap();
            models.push((name, model));
        }
    }
    assert!(models.len() > 60, "{} models", models.len());
    let own = DecisionTreeRegressor::params();
    let data = balance_scale();
    let sums: Vec<f64> = data.features().rows().into_iter().map(|row| row.sum()).collect();
    let names = data.feature_names().to_vec();
    let numbers = Dataset::new(data.features().to_owned(), sums.into(), names, "sum").unwrap();
    for (name, model) in [
        ("own_tree", AnyModel::from(tree())),
        ("own_linfa", LinfaTree::params().fit(&data).unwrap().into()),
        ("own_regressor", own.fit(&numbers).unwrap().into()),
    ] {
        let version = folder.path().join(name).join("1");
        fs::create_dir_all(&version).unwrap();
        pickle::save(&model, version.join("model.pkl")).unwrap();
        models.push((name.to_owned(), model));
    }
    let server = serving([folder.path()]);
    let (mut answered, mut refused) = (0, 0);
    for (number, (name, model)) in models.iter().enumerate() {
        let rows = 40;
        let numbers = random::noise(number as u64, rows * model.n_features());
        let table = Array2::from_shape_vec((rows, model.n_features()), numbers).unwrap();
        let frame = Frame::from_numbers(table.clone());
        let frame = match model.feature_names() {
            Some(names) => frame.with_names(names.to_vec()).unwrap(),
            None => frame,
        };
        let data: Vec<f64> = table.iter().copied().collect();
        let methods = model.abilities().methods();
        for method in Method::ALL.into_iter().filter(|method| methods.contains(&method.name())) {
            let tensor =
                json!({ "name": "rows", "shape": table.shape(), "datatype": "FP64", "data": data });
            let request = json!({ "inputs": [tensor], "outputs": [{ "name": method.name() }] });
            let answer = ask(server.address(), &format!("/v2/models/{name}/infer"), &request);
            match model.ask(&frame, method) {
                Ok(expected) if answer.0 == 200 => {
                    let data = &answer.1["outputs"][0]["data"];
                    assert!(
                        is_answer(data, &expected),
                        "{name}, {method}: {data} for {expected:?}"
                    );
                    answered += 1;
                }
                // outputs of different widths are no tensor
                Ok(Answer::NumbersByOutput(_)) => assert_eq!(answer.0, 400, "{name}: {answer:?}"),
                Ok(other) => panic!("{name}, {method}: {answer:?} for {other:?}"),
                Err(expected) => {
                    assert_eq!((answer.0, error(&answer)), (400, &*expected.to_string()), "{name}");
                    refused += 1;
                }
            }
        }
        // and the same rows as lists
        let rows: Vec<Vec<f64>> = table.rows().into_iter().map(|row| row.to_vec()).collect();
        let answer = ask(server.address(), &format!("/models/{name}/predict"), &json!(rows));
        if let (true, Ok(Answer::Labels(expected))) =
            (methods.contains(&"predict"), model.ask(&frame, Method::Predict))
        {
            let found =
                answer.1["predictions"].as_array().unwrap_or_else(|| panic!("{name}: {answer:?}"));
            assert!(same_labels(found, &expected), "{name}");
        }
    }
    assert!(answered > 150 && refused < answered / 4, "{answered} answered, {refused} refused");
}

#[test]
fn rows_are_given_by_name_in_any_order_or_as_lists_or_as_csv() {
    let folder = tempfile::tempdir().unwrap();
    let server = serving([saved(folder.path(), "scale.pkl")]);
    let address = server.address();
    let names = ["Left-Weight", "Left-Distance", "Right-Weight", "Right-Distance"];
    let by_name = json!([
        { "Right-Distance": 2, "Left-Weight": 1, "Left-Distance": 5, "Right-Weight": 1 },
        // the target of the fit is left out
        { "Left-Weight": 5.0, "Left-Distance": 1, "Right-Weight": 5, "Right-Distance": 5, "Class": "B" },
    ]);
    let expected = json!(["L", "R"]);
    let answer = ask(address, "/predict", &by_name);
    assert_eq!((answer.0, &answer.1["predictions"]), (200, &expected), "{answer:?}");
    assert_eq!(answer.1["probabilities"][0], json!({ "B": 0.0, "L": 1.0, "R": 0.0 }));
    let lists = json!([[1, 5, 1, 2], [5, 1, 5, 5]]);
    assert_eq!(ask(address, "/models/scale/predict", &lists).1["predictions"], expected);
    let csv =
        format!("{}\n2,1,5,1\n5,5,1,5\n", "Right-Distance,Left-Weight,Left-Distance,Right-Weight");
    let answer = post(address, "/predict", "text/csv; charset=utf-8", &csv);
    assert_eq!(answer.1["predictions"], expected, "{answer:?}");
    // one row alone, and another method
    let one =
        json!({ "Left-Weight": 1, "Left-Distance": 5, "Right-Weight": 1, "Right-Distance": 2 });
    assert_eq!(ask(address, "/predict", &one).1["predictions"], json!(["L"]));
    let answer = ask(address, "/predict?method=apply,predict", &one);
    let leaf = tree().apply(&[[1.0, 5.0, 1.0, 2.0]]).unwrap()[0];
    assert_eq!((&answer.1["leaves"], &answer.1["predictions"]), (&json!([[leaf]]), &json!(["L"])));

    let mut without = by_name.clone();
    without[1].as_object_mut().unwrap().remove("Left-Distance");
    let mut unknown = by_name.clone();
    unknown[0]["Colour"] = json!("red");
    let mut word = by_name.clone();
    word[1]["Left-Weight"] = json!("heavy");
    let mut only_word = by_name.clone();
    only_word[0]["Left-Weight"] = json!("heavy");
    only_word[1]["Left-Weight"] = json!("light");
    for (body, start) in [
        (without, "row 1: the model was also fitted on \"Left-Distance\": give it"),
        (
            unknown,
            "row 0: this model was fitted without a column \"Colour\"; its columns are \"Left-Weight\"",
        ),
        (word, "column \"Left-Weight\" holds both words and numbers, up to row 1"),
        (only_word, "column \"Left-Weight\" holds words, and DecisionTreeClassifier takes numbers"),
        (json!([[1, 2, 3]]), "row 0: the model was also fitted on \"Right-Distance\""),
        (json!([[1, 2, 3, 4, 5]]), "row 0 has more than 4 values"),
        (json!([]), "there are no rows"),
        (json!(["a text"]), "the body is not what is asked for: invalid type: string"),
        (json!([[[1], 2, 3, 4]]), "the body is not what is asked for: invalid type: sequence"),
        (json!([[1e300, 1, 1, 1]]), "row 0, column 0 holds 1e300, which is infinite or too large"),
    ] {
        let answer = ask(address, "/predict", &body);
        assert_eq!(answer.0, 400, "{body}: {answer:?}");
        assert!(error(&answer).starts_with(start), "{body}: {}", error(&answer));
    }
    let twice = r#"{"Left-Weight":1,"Left-Weight":2,"Left-Distance":5,"Right-Weight":1,"Right-Distance":2}"#;
    let answer = post(address, "/predict", "application/json", twice);
    assert_eq!(error(&answer), "row 0 has the column \"Left-Weight\" twice");
    let answer = post(address, "/predict", "text/csv", "1,5,1,2\n");
    assert!(error(&answer).starts_with("the first line looks like a row of data"), "{answer:?}");
    let answer = post(address, "/predict", "application/xml", "<row/>");
    assert!(error(&answer).starts_with("the body is \"application/xml\""), "{answer:?}");
    let answer = ask(address, "/predict?method=transform", &lists);
    assert!(
        error(&answer).starts_with("there is no method \"transform\"; the model's are predict")
    );
    let answer = ask(address, "/models/sale/predict", &lists);
    assert_eq!((answer.0, error(&answer)), (404, "there is no model \"sale\"; there are: scale"));
    assert_eq!(
        names.map(Value::from).to_vec(),
        *get(address, "/v2/models/scale").1["inputs"][0]["parameters"]["columns"]
            .as_array()
            .unwrap()
    );
}

#[test]
fn a_missing_value_is_null_and_comes_back_as_it_went() {
    let folder = tempfile::tempdir().unwrap();
    let server = serving([saved(folder.path(), "scale.pkl")]);
    let rows =
        ndarray::array![[1.0, f64::NAN, 1.0, 2.0], [0.1 + 0.2, 5.0, f64::MIN_POSITIVE, -0.0]];
    let expected = tree().predict_proba(&rows).unwrap();
    let body = "[[1, null, 1, 2], [0.30000000000000004, 5, 2.2250738585072014e-308, -0.0]]";
    let answer = post(server.address(), "/predict", "application/json", body);
    for (row, place) in [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)] {
        let class = ["B", "L", "R"][place];
        assert!(same(&answer.1["probabilities"][row][class], expected[[row, place]]), "{answer:?}");
    }
}

#[test]
fn words_become_what_they_were_at_the_fit() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("pets.csv");
    fs::write(
        &table,
        "animal,size,weight,kept\ncat,small,4,in\ndog,big,4,out\ncat,big,30,in\ndog,small,30,out\n",
    )
    .unwrap();
    let csv = CsvOptions::new().get_dummies(["animal"]).ordinal_with("size", ["small", "big"]);
    let data = read_csv_with(&table, "kept", &csv).unwrap();
    let model = DecisionTreeClassifier::params().fit(&data).unwrap();
    let path = folder.path().join("pets.pkl");
    pickle::save(&model, &path).unwrap();
    let server = serving([&path]);
    let row = json!([{ "weight": 5, "animal": "cat", "size": "big" }, { "weight": 5, "animal": "dog", "size": null }]);
    let answer = ask(server.address(), "/predict", &row);
    assert_eq!(answer.1["predictions"], json!(["in", "out"]), "{answer:?}");
    let answer =
        post(server.address(), "/predict", "text/csv", "size,animal,weight\nbig,cat,5\n,dog,5\n");
    assert_eq!(answer.1["predictions"], json!(["in", "out"]), "{answer:?}");
    let answer = ask(
        server.address(),
        "/predict",
        &json!([{ "weight": 5, "animal": "cow", "size": "big" }]),
    );
    assert!(
        error(&answer).starts_with("row 0, column \"animal\": \"cow\" is none of the words"),
        "{answer:?}"
    );
}

#[test]
fn texts_are_classified() {
    let folder = tempfile::tempdir().unwrap();
    let files = archive::files("words.tar.xz");
    let mut tried = 0;
    for (path, bytes) in
        files.iter().filter(|(path, _)| path.starts_with("1.9.1/") && path.ends_with(".pkl"))
    {
        let Ok(model) = AnyModel::loads(bytes) else { continue };
        if !picklebook::model::Model::takes_text(&model)
            || model.as_classifier().is_err() && model.abilities().tables.is_none()
        {
            continue;
        }
        let texts = ["free money now", "the meeting is at noon"];
        let words = texts.map(|text| Some(text.to_owned())).to_vec();
        let frame = Frame::unnamed([picklebook::data::Column::Words(words)]).unwrap();
        let Ok(Answer::Labels(expected)) = model.ask(&frame, Method::Predict) else { continue };
        let file = folder.path().join("text.pkl");
        fs::write(&file, bytes).unwrap();
        let server = serving([&file]);
        for body in [json!(texts), json!([{ "text": texts[0] }, { "text": texts[1] }])] {
            let answer = ask(server.address(), "/predict?method=predict", &body);
            assert!(
                same_labels(answer.1["predictions"].as_array().unwrap(), &expected),
                "{path}: {answer:?}"
            );
        }
        let tensor = json!({ "inputs": [{ "name": "text", "shape": [2], "datatype": "BYTES", "data": texts }] });
        let answer = ask(server.address(), "/v2/models/text/infer", &tensor);
        assert!(
            same_labels(answer.1["outputs"][0]["data"].as_array().unwrap(), &expected),
            "{path}: {answer:?}"
        );
        let answer = post(
            server.address(),
            "/predict?method=predict",
            "text/csv",
            "text\nfree money now\nthe meeting is at noon\n",
        );
        assert!(
            same_labels(answer.1["predictions"].as_array().unwrap(), &expected),
            "{path}: {answer:?}"
        );
        tried += 1;
    }
    assert!(tried > 0, "no file of texts was tried");
}

#[test]
fn tensors_of_version_two_are_checked() {
    let folder = tempfile::tempdir().unwrap();
    let server = serving([saved(folder.path(), "scale.pkl")]);
    let address = server.address();
    let infer = |inputs: Value| {
        ask(address, "/v2/models/scale/infer", &json!({ "id": "mine", "inputs": inputs }))
    };
    let tensor = |datatype: &str, shape: Value, data: Value| json!([{ "name": "x", "datatype": datatype, "shape": shape, "data": data }]);
    for inputs in [
        tensor("FP64", json!([1, 4]), json!([1, 5, 1, 2])),
        tensor("FP32", json!([1, 4]), json!([[1.0, 5.0, 1.0, 2.0]])),
        tensor("INT64", json!([1, 2, 2]), json!([[[1, 5], [1, 2]]])),
        tensor("UINT8", json!([1, 4]), json!([1, 5, 1, 2])),
        json!([
            { "name": "Right-Weight", "datatype": "INT32", "shape": [1], "data": [1] },
            { "name": "Left-Weight", "datatype": "INT32", "shape": [1, 1], "data": [1] },
            { "name": "Left-Distance", "datatype": "FP64", "shape": [1], "data": [5] },
            { "name": "Right-Distance", "datatype": "BOOL", "shape": [1], "data": [true] },
        ]),
    ] {
        let answer = infer(inputs.clone());
        assert_eq!(answer.0, 200, "{inputs}: {answer:?}");
        assert_eq!(answer.1["id"], "mine");
        assert_eq!(answer.1["model_name"], "scale");
        assert_eq!(
            answer.1["outputs"],
            json!([{ "name": "predict", "datatype": "BYTES", "shape": [1], "data": ["L"] }])
        );
    }
    for (inputs, start) in [
        (
            tensor("FP64", json!([1, 4]), json!([1, 5, 1])),
            "tensor \"x\" of shape [1, 4]: the data has 3 values",
        ),
        (
            tensor("FP64", json!([]), json!([])),
            "tensor \"x\" of shape []: give the number of rows first",
        ),
        (
            tensor("FP64", json!([4_294_967_296u64, 4_294_967_296u64]), json!([])),
            "tensor \"x\" of shape",
        ),
        (
            tensor("FP64", json!([1, 3]), json!([1, 5, 1])),
            "tensor \"x\" has 3 values in a row, and the model takes 4",
        ),
        (tensor("INT8", json!([1, 4]), json!([1, 5, 1, 200])), "tensor \"x\": 200 is no INT8"),
        (tensor("INT8", json!([1, 4]), json!([1, 5, 1, 2.5])), "tensor \"x\": 2.5 is no INT8"),
        (
            tensor("FP8", json!([1, 4]), json!([1, 5, 1, 2])),
            "tensor \"x\": the datatype \"FP8\" is not taken",
        ),
        (
            tensor("FP64", json!([1, 4]), json!(["1", "5", "1", "2"])),
            "tensor \"x\": texts are BYTES, not FP64",
        ),
        (
            tensor("BYTES", json!([1, 4]), json!(["1", "5", "1", "2"])),
            "column \"Left-Weight\" holds words",
        ),
        (
            tensor("FP64", json!([1, 4]), json!(["1", 5, 1, 2])),
            "this is no request of version 2: a tensor holds both",
        ),
        (json!([]), "`inputs` is empty"),
    ] {
        let answer = infer(inputs.clone());
        assert_eq!(answer.0, 400, "{inputs}: {answer:?}");
        assert!(error(&answer).starts_with(start), "{inputs}: {}", error(&answer));
    }
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let body = format!(
        "{{\"inputs\":[{{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP64\",\"data\":{deep}}}]}}"
    );
    let answer = post(address, "/v2/models/scale/infer", "application/json", &body);
    assert_eq!(answer.0, 400, "{answer:?}");
    let outputs = json!({ "inputs": tensor("FP64", json!([1, 4]), json!([1, 5, 1, 2])), "outputs": [{ "name": "predict_proba" }, { "name": "apply" }] });
    let answer = ask(address, "/v2/models/scale/infer", &outputs);
    assert_eq!(
        answer.1["outputs"][0],
        json!({ "name": "predict_proba", "datatype": "FP64", "shape": [1, 3], "data": [0.0, 1.0, 0.0] })
    );
    assert_eq!(answer.1["outputs"][1]["datatype"], "INT64");
    assert_eq!(get(address, "/v2/health/live"), (200, json!({ "live": true })));
    assert_eq!(get(address, "/v2/health/ready"), (200, json!({ "ready": true })));
    assert_eq!(get(address, "/v2").1["name"], "picklebook");
    let metadata = get(address, "/v2/models/scale").1;
    assert_eq!(metadata["platform"], "picklebook_DecisionTreeClassifier");
    assert_eq!(
        metadata["outputs"][0],
        json!({ "name": "predict", "datatype": "BYTES", "shape": [-1] })
    );
    let version = metadata["versions"][0].as_str().unwrap();
    assert_eq!(get(address, &format!("/v2/models/scale/versions/{version}/ready")).0, 200);
    assert_eq!(get(address, "/v2/models/scale/versions/9/ready").0, 404);
}

#[test]
fn a_tree_tells_its_way_and_a_forest_what_each_feature_added() {
    let folder = tempfile::tempdir().unwrap();
    let files = archive::files("models.tar.xz");
    let mut forests = 0;
    for (path, bytes) in
        files.iter().filter(|(path, _)| path.starts_with("1.9.1/") && path.ends_with(".pkl"))
    {
        let Ok(model) = AnyModel::loads(bytes) else { continue };
        if model.name() != "RandomForestClassifier" || model.as_classifier().is_err() {
            continue;
        }
        let file = folder.path().join("forest.pkl");
        fs::write(&file, bytes).unwrap();
        let server = serving([&file]);
        let rows: Vec<Vec<f64>> =
            (0..20).map(|row| random::noise(row, model.n_features())).collect();
        let answer = ask(server.address(), "/explain", &json!(rows));
        let table = Array2::from_shape_vec((20, model.n_features()), rows.concat()).unwrap();
        let expected = model.predict_proba(&table).unwrap();
        let classes = model.classes().unwrap().clone();
        for row in 0..20 {
            let told = &answer.1["explanations"][row];
            for (place, class) in classes.iter().enumerate() {
                let class = class.to_string();
                let added = told["contributions"]
                    .as_array()
                    .unwrap_or_else(|| panic!("{path}: {answer:?}"))
                    .iter();
                let sum: f64 = added.map(|it| it["adds"][&class].as_f64().unwrap()).sum();
                let sum = sum + told["base"][&class].as_f64().unwrap();
                assert!((sum - expected[[row, place]]).abs() < 1e-9, "{path}: {told}");
            }
        }
        forests += 1;
    }
    assert!(forests > 0, "no forest was tried");
    let server = serving([saved(folder.path(), "scale.pkl")]);
    let answer = ask(server.address(), "/explain", &json!([[1, 5, 1, 2]]));
    let path = answer.1["explanations"][0]["path"].as_array().unwrap();
    let leaf = tree().apply(&[[1.0, 5.0, 1.0, 2.0]]).unwrap()[0];
    assert_eq!(path[0]["node"], 0);
    assert_eq!(
        path[path.len() - 1],
        json!({ "node": leaf, "samples": path[path.len() - 1]["samples"] })
    );
    let step = &path[0];
    let (value, threshold) = (step["value"].as_f64().unwrap(), step["threshold"].as_f64().unwrap());
    assert_eq!(step["is_so"], value <= threshold);
    let answer = ask(server.address(), "/explain", &json!(vec![[1, 5, 1, 2]; 101]));
    assert_eq!(answer.0, 413, "{answer:?}");
}

/// Publishes a version as one should: whole, under its name at once.
fn publish(folder: &Path, name: &str, version: u32, bytes: &[u8]) {
    let home = folder.join(name);
    let making = home.join(format!(".making-{version}"));
    fs::create_dir_all(&making).unwrap();
    fs::write(making.join("model.pkl"), bytes).unwrap();
    fs::write(making.join("card.json"), json!({ "parent": version - 1 }).to_string()).unwrap();
    fs::rename(making, home.join(version.to_string())).unwrap();
}

/// Waits until something holds, for half a minute.
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < Duration::from_secs(30), "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_new_version_takes_over_without_a_failed_request_and_goes_back_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let depth = |depth| {
        let model =
            DecisionTreeClassifier::params().max_depth(depth).fit(&balance_scale()).unwrap();
        (pickle::dumps(&model).unwrap(), model)
    };
    let (first, old) = depth(1);
    let (second, new) = depth(8);
    publish(folder.path(), "scale", 1, &first);
    let server = serving([folder.path()]);
    let address = server.address();
    let row = [2.0, 2.0, 3.0, 1.0];
    let (old, new) =
        (old.predict_row(&row).unwrap().to_string(), new.predict_row(&row).unwrap().to_string());
    assert_ne!(old, new, "the row must tell the versions apart");
    let (stop, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let askers: Vec<_> = (0..2)
        .map(|_| {
            let (stop, asked) = (Arc::clone(&stop), Arc::clone(&asked));
            let (old, new) = (old.clone(), new.clone());
            std::thread::spawn(move || {
                let agent = agent();
                while !stop.load(Ordering::Relaxed) {
                    let request = agent.post(format!("http://{address}/predict"));
                    let answer = told(request.send(json!([row]).to_string()).unwrap());
                    assert_eq!(answer.0, 200, "{answer:?}");
                    let expected = if answer.1["version"] == "2" { &new } else { &old };
                    assert_eq!(answer.1["predictions"][0], **expected);
                    asked.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    let version = || get(address, "/v2/models/scale").1["parameters"]["version"].clone();
    assert_eq!(version(), "1");
    publish(folder.path(), "scale", 2, &second);
    until("version 2 is taken", || version() == "2");
    assert_eq!(
        get(address, "/status").1["models"][0]["versions"][1]["card"],
        json!({ "parent": 1 })
    );
    // both answer by their numbers
    let by = |version: &str| {
        ask(address, &format!("/models/scale/versions/{version}/predict"), &json!([row])).1["predictions"][0].clone()
    };
    assert_eq!((by("1"), by("2")), (json!(old), json!(new)));
    // back by one call, and kept over a restart
    assert_eq!(
        ask(address, "/models/scale/current", &json!({ "version": "1" })),
        (200, json!({ "model": "scale", "version": "1" }))
    );
    assert_eq!(version(), "1");
    assert_eq!(ask(address, "/models/scale/current", &json!({ "version": "3" })).0, 404);
    let restarted = serving([folder.path().join("scale")]);
    assert_eq!(get(restarted.address(), "/v2/models/scale").1["parameters"]["version"], "1");
    assert_eq!(
        ask(address, "/models/scale/current", &json!({ "version": null })).1["version"],
        "2"
    );
    // a hostile version is named, and changes nothing
    publish(folder.path(), "scale", 3, b"cos\nsystem\n(S'echo pwned'\ntR.");
    until("version 3 is refused", || {
        !get(address, "/status").1["problems"].as_array().unwrap().is_empty()
    });
    let problem = get(address, "/status").1["problems"][0]["problem"].as_str().unwrap().to_owned();
    assert!(
        problem.starts_with("it is not loaded: dangerous; ") && problem.contains("os.system"),
        "{problem}"
    );
    assert_eq!(version(), "2");
    // half a file is not taken, and the whole one is
    publish(folder.path(), "scale", 4, &first[..first.len() / 2]);
    until("version 4 is refused", || {
        get(address, "/status").1["problems"].as_array().unwrap().len() == 2
    });
    fs::write(folder.path().join("scale/4/model.pkl"), &first).unwrap();
    until("version 4 is taken", || version() == "4");
    stop.store(true, Ordering::Relaxed);
    askers.into_iter().for_each(|asker| asker.join().unwrap());
    assert!(asked.load(Ordering::Relaxed) > 10);
}

#[test]
fn a_file_that_is_replaced_by_a_hostile_one_keeps_answering() {
    let folder = tempfile::tempdir().unwrap();
    let path = saved(folder.path(), "scale.pkl");
    let server = serving([&path]);
    let address = server.address();
    let before = get(address, "/v2/models/scale").1["parameters"]["sha256"].clone();
    fs::write(&path, b"\x80\x04\x95\x1d\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06system\x94\x93\x94\x8c\x02id\x94\x85\x94R\x94.").unwrap();
    until("it is refused", || {
        !get(address, "/status").1["problems"].as_array().unwrap().is_empty()
    });
    assert_eq!(get(address, "/v2/models/scale").1["parameters"]["sha256"], before);
    assert_eq!(ask(address, "/predict", &json!([[1, 5, 1, 2]])).1["predictions"], json!(["L"]));
    fs::remove_file(&path).unwrap();
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(
        ask(address, "/predict", &json!([[1, 5, 1, 2]])).0,
        200,
        "what is loaded answers on"
    );
    // another model under the same name is taken
    let model = DecisionTreeClassifier::params().max_depth(1).fit(&balance_scale()).unwrap();
    pickle::save(&model, &path).unwrap();
    until("the new file is taken", || {
        get(address, "/v2/models/scale").1["parameters"]["sha256"] != before
    });
    assert_eq!(get(address, "/status").1["problems"], json!([]));
}

#[test]
fn what_is_no_model_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let hostile = folder.path().join("hostile.pkl");
    fs::write(&hostile, b"cos\nsystem\n(S'echo pwned'\ntR.").unwrap();
    let list = folder.path().join("list.pkl");
    pickle::save(&vec![1, 2, 3], &list).unwrap();
    let good = saved(folder.path(), "good.pkl");
    let bind = |sources: &[&str]| Server::bind(sources, &options()).unwrap_err().to_string();
    let path = |path: &Path| path.to_str().unwrap().to_owned();
    assert!(
        bind(&[&path(&hostile)]).contains("it is not loaded: dangerous"),
        "{}",
        bind(&[&path(&hostile)])
    );
    assert!(bind(&[&path(&list)]).contains("list"), "{}", bind(&[&path(&list)]));
    assert!(bind(&["nowhere.pkl"]).starts_with("nowhere.pkl: it cannot be read:"));
    let named = format!("a/b={}", path(&good));
    assert!(bind(&[&named]).contains("the name \"a/b\" cannot stand in an address"));
    let twice = format!("good={}", path(&good));
    let error = Server::bind([path(&good), twice], &options()).unwrap_err();
    assert!(
        matches!(error, Error::SameName { .. }) || matches!(error, Error::Model { .. }),
        "{error}"
    );
    let empty = tempfile::tempdir().unwrap();
    assert!(matches!(Server::bind([empty.path()], &options()).unwrap_err(), Error::NoModels));
    let open = options().host("0.0.0.0".parse().unwrap());
    assert!(matches!(Server::bind([&good], &open).unwrap_err(), Error::NoToken { .. }));
    for token in ["short", "with blanks in the middle of it", "ümläute-sind-nicht-erlaubt"] {
        assert!(matches!(
            Server::bind([&good], &options().token(token)).unwrap_err(),
            Error::Token
        ));
    }
}

#[test]
fn only_who_knows_the_token_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let token = "correct-horse-battery";
    let server =
        Server::bind([saved(folder.path(), "scale.pkl")], &options().token(token)).unwrap();
    let server = server.start().unwrap();
    let address = server.address();
    for path in ["/", "/openapi.json", "/v2/health/live"] {
        assert_eq!(get(address, path).0, 200, "{path}");
    }
    for path in ["/status", "/metrics", "/v2", "/v2/models/scale", "/nothing"] {
        assert_eq!(get(address, path).0, 401, "{path}");
    }
    assert_eq!(ask(address, "/predict", &json!([[1, 5, 1, 2]])).0, 401);
    let with = |token: &str| {
        let request =
            agent().get(format!("http://{address}/status")).header("authorization", token);
        told(request.call().unwrap()).0
    };
    assert_eq!(with(&format!("Bearer {token}")), 200);
    assert_eq!(with(&format!("bearer {token}")), 200);
    for wrong in
        ["Bearer wrong-horse-battery", "Bearer ", "Bearer", token, "Basic correct-horse-battery"]
    {
        assert_eq!(with(wrong), 401, "{wrong}");
    }
}

/// A page that a browser has open elsewhere can send requests to this machine.
#[test]
fn pages_of_others_are_not_answered() {
    let folder = tempfile::tempdir().unwrap();
    let server = serving([saved(folder.path(), "scale.pkl")]);
    let address = server.address();
    let with = |header: &str, value: &str| {
        raw(
            address,
            format!("GET /status HTTP/1.1\r\n{header}: {value}\r\nconnection: close\r\n\r\n")
                .as_bytes(),
        )
    };
    assert!(with("host", "localhost:1").starts_with("HTTP/1.1 200"));
    assert!(with("host", "attacker.example").starts_with("HTTP/1.1 403"));
    let host = address.to_string();
    assert!(
        with("origin", "http://attacker.example").starts_with("HTTP/1.1 200"),
        "no host, no browser"
    );
    let both = |origin: &str| {
        raw(address, format!("GET /status HTTP/1.1\r\nhost: {host}\r\norigin: {origin}\r\nconnection: close\r\n\r\n").as_bytes())
    };
    assert!(both("http://attacker.example").starts_with("HTTP/1.1 403"));
    assert!(both("null").starts_with("HTTP/1.1 403"));
    assert!(both(&format!("http://{host}")).starts_with("HTTP/1.1 200"));
}

#[test]
fn bodies_rows_and_time_are_limited() {
    let folder = tempfile::tempdir().unwrap();
    let options = options().max_body(1 << 16).max_rows(100);
    let server =
        Server::bind([saved(folder.path(), "scale.pkl")], &options).unwrap().start().unwrap();
    let address = server.address();
    assert_eq!(ask(address, "/predict", &json!(vec![[1, 5, 1, 2]; 100])).0, 200);
    let answer = ask(address, "/predict", &json!(vec![[1, 5, 1, 2]; 101]));
    assert_eq!(
        (answer.0, error(&answer)),
        (413, "more than 100 rows in one request; send them in several")
    );
    let csv = format!(
        "Left-Weight,Left-Distance,Right-Weight,Right-Distance\n{}",
        "1,5,1,2\n".repeat(101)
    );
    assert_eq!(post(address, "/predict", "text/csv", &csv).0, 413);
    let answer = post(address, "/predict", "application/json", &" ".repeat((1 << 16) + 1));
    assert_eq!((answer.0, error(&answer)), (413, "the body is longer than 65536 bytes"));
    let head = "POST /predict HTTP/1.1\r\nhost: localhost\r\n";
    // a body without an end
    let chunks = "4000\r\n".to_owned() + &"[".repeat(0x4000) + "\r\n";
    let answer = raw(
        address,
        format!("{head}transfer-encoding: chunked\r\n\r\n{}", chunks.repeat(10)).as_bytes(),
    );
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    // a body that does not come, and a head that does not end
    let started = Instant::now();
    let answer = raw(address, format!("{head}content-length: 10\r\n\r\n[[1").as_bytes());
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    let answer = raw(address, head.as_bytes());
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
    assert_eq!(ask(address, "/predict", &json!([[1, 5, 1, 2]])).0, 200);
}

#[test]
fn connections_are_limited_and_given_back() {
    let folder = tempfile::tempdir().unwrap();
    let options = options().max_connections(5);
    let server =
        Server::bind([saved(folder.path(), "scale.pkl")], &options).unwrap().start().unwrap();
    let address = server.address();
    let held: Vec<TcpStream> = (0..5).map(|_| TcpStream::connect(address).unwrap()).collect();
    let request = b"GET /v2/health/live HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    until("the sixth is turned away", || {
        let answer = raw(address, request);
        answer.starts_with("HTTP/1.1 503") && answer.contains("retry-after: 1")
    });
    drop(held);
    until("there is room again", || raw(address, request).starts_with("HTTP/1.1 200"));
}

#[test]
fn requests_at_once_are_limited() {
    let folder = tempfile::tempdir().unwrap();
    let options = options().max_requests(1);
    let server =
        Server::bind([saved(folder.path(), "scale.pkl")], &options).unwrap().start().unwrap();
    let address = server.address();
    // one request keeps the only place while its body is awaited
    let mut slow = TcpStream::connect(address).unwrap();
    slow.write_all(b"POST /predict HTTP/1.1\r\nhost: localhost\r\ncontent-length: 12\r\n\r\n")
        .unwrap();
    until("the second is told to come again", || get(address, "/v2/health/live").0 == 503);
    slow.write_all(b"[[1,5,1, 2]]").unwrap();
    let mut answer = [0; 15];
    slow.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200 OK");
    until("there is room again", || get(address, "/v2/health/live").0 == 200);
}

#[test]
fn malformed_requests_harm_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let server = serving([saved(folder.path(), "scale.pkl")]);
    let address = server.address();
    let many_headers = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(10_000));
    let long_header =
        format!("GET / HTTP/1.1\r\nhost: localhost\r\na: {}\r\n\r\n", "b".repeat(1 << 20));
    let long_path = format!("GET /{} HTTP/1.1\r\nhost: localhost\r\n\r\n", "b".repeat(1 << 20));
    let mut bytes = random::bits(7);
    let noise: Vec<u8> = (0..10_000).map(|_| bytes() as u8).collect();
    for request in [
        b"\r\n\r\n\r\n".as_slice(),
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /predict HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
        b"POST /predict HTTP/1.1\r\ncontent-length: 99999999999999999999999\r\n\r\n",
        b"POST /predict HTTP/1.1\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\n[[1",
        b"POST /predict HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"POST /predict HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffff1\r\n",
        b"GET /models/%ff%fe/predict HTTP/1.1\r\nhost: localhost\r\n\r\n",
        b"POST /predict?method=%ff HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n",
        many_headers.as_bytes(),
        long_header.as_bytes(),
        long_path.as_bytes(),
        &noise,
    ] {
        let answer = raw(address, request);
        let start: String = String::from_utf8_lossy(request).chars().take(60).collect();
        let fine = answer.is_empty()
            || answer.starts_with("HTTP/1.1 4")
            || answer.starts_with("HTTP/1.0 4");
        assert!(fine, "{start:?}: {answer}");
    }
    // cut off in the middle of a body, by a client that has gone
    let mut gone = TcpStream::connect(address).unwrap();
    gone.write_all(b"POST /predict HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n[[1")
        .unwrap();
    drop(gone);
    // several requests in one go are answered in their order
    let one = |row: &str| {
        format!(
            "POST /predict?method=predict HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n\r\n{row}",
            row.len()
        )
    };
    let last = "GET /v2 HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    let answers = raw(address, (one("[[1,5,1,2]]") + &one("[[5,1,5,5]]") + last).as_bytes());
    let places = ["\"predictions\":[\"L\"]", "\"predictions\":[\"R\"]", "\"name\":\"picklebook\""]
        .map(|it| answers.find(it));
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{answers}");
    assert_eq!(get(address, "/v2/health/live").0, 200);
}

/// Each path of the description is there, and no other is counted.
#[test]
fn the_description_names_every_path() {
    let folder = tempfile::tempdir().unwrap();
    let options = options().log(folder.path().join("scale.log"));
    let server =
        Server::bind([saved(folder.path(), "scale.pkl")], &options).unwrap().start().unwrap();
    let address = server.address();
    let description = get(address, "/openapi.json").1;
    let version = get(address, "/v2/models/scale").1["versions"][0].as_str().unwrap().to_owned();
    let paths = description["paths"].as_object().unwrap();
    for (path, verbs) in paths {
        let at = path.replace("{model}", "scale").replace("{version}", &version);
        for verb in verbs.as_object().unwrap().keys() {
            let status = match verb.as_str() {
                "get" => get(address, &at).0,
                _ => ask(address, &at, &json!({})).0,
            };
            let expected = if verb == "get" { 200..=200 } else { 200..=400 };
            assert!(expected.contains(&status), "{verb} {path}: {status}");
        }
        let wrong = if verbs.get("get").is_some() {
            ask(address, &at, &json!({})).0
        } else {
            get(address, &at).0
        };
        assert_eq!(wrong, 405, "{path}");
    }
    let source = fs::read_to_string(support::root().join("src/serve/http.rs")).unwrap();
    let routes: Vec<&str> =
        source.split(".route(\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(routes.len(), paths.len());
    assert!(routes.iter().all(|route| paths.contains_key(*route)), "{routes:?}");
    assert_eq!(get(address, "/nothing").0, 404);
}

#[test]
fn what_was_asked_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let server = serving([saved(folder.path(), "scale.pkl")]);
    let address = server.address();
    let version = get(address, "/v2/models/scale").1["versions"][0].as_str().unwrap().to_owned();
    assert_eq!(ask(address, "/predict", &json!([[1, 5, 1, 2], [5, 1, 5, 5], [1, 5, 1, 2]])).0, 200);
    assert_eq!(ask(address, "/predict", &json!([[1]])).0, 400);
    let text = get(address, "/metrics").1;
    let text = text.as_str().unwrap();
    for line in [
        "picklebook_requests_total{route=\"predict\",status=\"200\"} 1".to_owned(),
        "picklebook_requests_total{route=\"predict\",status=\"400\"} 1".to_owned(),
        format!("picklebook_rows_total{{model=\"scale\",version=\"{version}\"}} 3"),
        format!(
            "picklebook_predictions_total{{model=\"scale\",version=\"{version}\",class=\"L\"}} 2"
        ),
        format!(
            "picklebook_predictions_total{{model=\"scale\",version=\"{version}\",class=\"B\"}} 0"
        ),
        format!("picklebook_score_count{{model=\"scale\",version=\"{version}\"}} 3"),
        "picklebook_loads_total{model=\"scale\",result=\"loaded\"} 1".to_owned(),
    ] {
        assert!(text.lines().any(|own| own == line), "{line} is not in\n{text}");
    }
    assert!(text.ends_with("# EOF\n"));
    let recent = get(address, "/status").1["recent"].clone();
    let slots = recent.as_array().unwrap();
    assert!(
        slots.iter().map(|slot| slot["requests"].as_u64().unwrap()).sum::<u64>() >= 4,
        "{recent}"
    );
}

/// What was predicted and what was true are lines of a file, whole whenever the server is killed.
#[cfg(unix)]
#[test]
fn predictions_and_true_classes_are_kept_whenever_the_server_is_killed() {
    use std::io::{BufRead, BufReader};
    use std::process::Stdio;

    use picklebook::monitor::log::Log;

    let folder = tempfile::tempdir().unwrap();
    let (model, log) = (saved(folder.path(), "scale.pkl"), folder.path().join("scale.log"));
    let mut answered: Vec<String> = Vec::new();
    let mut told_of = Vec::new();
    for round in 0..4u64 {
        let mut child = support::picklebook()
            .args(["serve", "--port", "0", "--log"])
            .args([&log, &model])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        while !line.contains("shows the models") {
            line.clear();
            assert!(stderr.read_line(&mut line).unwrap() > 0, "it ended");
        }
        let address: SocketAddr =
            line.strip_prefix("http://").unwrap().split('/').next().unwrap().parse().unwrap();
        // an id of the round before is known after the restart
        if let Some(id) = answered.last() {
            let answer =
                ask(address, "/feedback", &json!({ "id": format!("{id}/1"), "class": "B" }));
            assert_eq!(answer, (200, json!({ "rows": 1 })));
            told_of.push(id.clone());
        }
        let asker = std::thread::spawn(move || {
            let (agent, mut ids) = (agent(), Vec::new());
            let body = json!([[1, 5, 1, 2], [5, 1, 5, null]]).to_string();
            while let Ok(response) = agent.post(format!("http://{address}/predict")).send(&body) {
                let (status, answer) = told(response);
                assert_eq!(status, 200, "{answer}");
                ids.push(answer["id"].as_str().unwrap().to_owned());
            }
            ids
        });
        std::thread::sleep(Duration::from_millis(300 + 137 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        answered.extend(asker.join().unwrap());
    }
    let kept = Log::open(&log).unwrap();
    let ids: Vec<&str> = kept.entries().iter().map(|entry| entry.prediction.id.as_str()).collect();
    let ids: std::collections::HashSet<&str> = ids.into_iter().collect();
    assert!(answered.len() > 20, "{} answers", answered.len());
    for id in &answered {
        assert!(
            ids.contains(&*format!("{id}/0")) && ids.contains(&*format!("{id}/1")),
            "{id} was answered and is lost"
        );
    }
    // of the requests that were cut off, one for each round at most, rows may be there
    assert!(
        ids.len() <= 2 * answered.len() + 2 * 4,
        "{} rows of {} answers",
        ids.len(),
        answered.len()
    );
    assert!(kept.left_out().len() <= 3, "{kept}");
    let entry = kept
        .entries()
        .iter()
        .find(|entry| entry.prediction.id == format!("{}/1", told_of[0]))
        .unwrap();
    assert_eq!(entry.truth, Some("B".into()));
    assert_eq!(entry.prediction.class, tree().predict_row(&[5.0, 1.0, 5.0, f64::NAN]).unwrap());
    assert_eq!(entry.prediction.scores.len(), 3);
    let names = balance_scale().feature_names().to_vec();
    assert_eq!(kept.rows(&names, "Class").unwrap().data().rows(), told_of.len());
}

#[test]
fn a_true_class_is_taken_of_a_row_that_was_predicted() {
    let folder = tempfile::tempdir().unwrap();
    let (model, log) = (saved(folder.path(), "scale.pkl"), folder.path().join("scale.log"));
    let server = serving([&model]);
    let answer = ask(server.address(), "/feedback", &json!({ "id": "x/0", "class": "L" }));
    assert_eq!(
        (answer.0, error(&answer)),
        (409, "this server keeps no predictions; start it with --log FILE")
    );
    let server = Server::bind([&model], &options().log(&log)).unwrap().start().unwrap();
    let address = server.address();
    let id = ask(address, "/predict?method=apply", &json!([[1, 5, 1, 2], [5, 1, 5, 5]])).1["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let told = |body: Value| ask(address, "/feedback", &body);
    let both = json!([{ "id": format!("{id}/0"), "class": "L" }, { "id": format!("{id}/1"), "class": "R" }]);
    assert_eq!(told(both), (200, json!({ "rows": 2 })));
    for (body, status, start) in [
        (json!({ "id": id, "class": "L" }), 404, "there is no row"),
        (
            json!([{ "id": format!("{id}/0"), "class": "B" }, { "id": format!("{id}/2"), "class": "L" }]),
            404,
            "there is no row",
        ),
        (json!({ "id": format!("{id}/0") }), 400, "the body tells no true class"),
        (json!({ "id": format!("{id}/0"), "class": null }), 400, "the body tells no true class"),
        (json!("L"), 400, "the body tells no true class"),
    ] {
        let answer = told(body.clone());
        assert_eq!(answer.0, status, "{body}: {answer:?}");
        assert!(error(&answer).starts_with(start), "{body}: {answer:?}");
    }
    drop(server);
    let kept = picklebook::monitor::log::Log::open(&log).unwrap();
    let truths: Vec<String> =
        kept.entries().iter().map(|entry| entry.truth.as_ref().unwrap().to_string()).collect();
    assert_eq!(truths, ["L", "R"], "a refused request changes nothing");
    assert_eq!(kept.entries()[1].prediction.row, [5.0, 1.0, 5.0, 5.0].map(Into::into));
    assert_eq!((kept.left_out().len(), kept.cut_off()), (0, false));
}

/// A disk that is full: no row is answered that is not kept, and what is there stays whole.
#[cfg(target_os = "linux")]
#[test]
fn what_cannot_be_kept_is_not_answered() {
    let folder = tempfile::tempdir().unwrap();
    let model = saved(folder.path(), "scale.pkl");
    let server = Server::bind([&model], &options().log("/dev/full")).unwrap().start().unwrap();
    let answer = ask(server.address(), "/predict", &json!([[1, 5, 1, 2]]));
    assert_eq!(answer.0, 503, "{answer:?}");
    assert!(error(&answer).starts_with("the log cannot be written: /dev/full: "), "{answer:?}");
    assert_eq!(get(server.address(), "/v2/health/live").0, 200);
    let nowhere = folder.path().join("no/such/folder.log");
    assert!(matches!(Server::bind([&model], &options().log(nowhere)), Err(Error::File { .. })));
}

/// The command ends by SIGTERM once it has answered, and says what it does as JSON.
#[cfg(unix)]
#[test]
fn the_command_serves_and_ends_when_it_is_told() {
    use std::io::{BufRead, BufReader};
    use std::process::Stdio;

    let folder = tempfile::tempdir().unwrap();
    let path = saved(folder.path(), "scale.pkl");
    let mut child = support::picklebook()
        .args(["serve", "--port", "0", "--log-requests"])
        .arg(&path)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let mut address = None;
    for line in lines.by_ref() {
        match serde_json::from_str::<Value>(&line) {
            Ok(event) if event["event"] == "listens" => break,
            Ok(event) => assert!(event["time"].is_string() && event["level"] == "info", "{line}"),
            Err(_) => {
                let told =
                    line.strip_prefix("http://").and_then(|rest| rest.split_once('/')).unwrap().0;
                address = Some(told.parse::<SocketAddr>().unwrap());
            }
        }
    }
    let address = address.expect("the address is told");
    let mut slow = TcpStream::connect(address).unwrap();
    slow.write_all(b"POST /predict HTTP/1.1\r\nhost: localhost\r\ncontent-length: 12\r\n\r\n[[1,")
        .unwrap();
    std::thread::sleep(Duration::from_millis(300));
    let pid = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    std::thread::sleep(Duration::from_millis(300));
    assert!(TcpStream::connect(address).is_err(), "it takes no more connections");
    slow.write_all(b"5,1, 2]]").unwrap();
    let mut answer = String::new();
    slow.read_to_string(&mut answer).unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.contains("\"predictions\":[\"L\"]"),
        "{answer}"
    );
    assert!(child.wait().unwrap().success());
    let events: Vec<Value> = lines.map(|line| serde_json::from_str(&line).unwrap()).collect();
    assert!(
        events.iter().any(|event| event["event"] == "request"
            && event["route"] == "predict"
            && event["status"] == 200),
        "{events:?}"
    );
    assert_eq!(events.last().map(|event| &event["event"]), Some(&json!("ends")));
}

/// Each answer is computed: one that is asked for a thousand times would be computed as often.
#[test]
fn an_answer_is_asked_for_once() {
    let folder = tempfile::tempdir().unwrap();
    let server = serving([saved(folder.path(), "scale.pkl")]);
    let address = server.address();
    let tensor = json!({ "name": "x", "shape": [1, 4], "datatype": "FP64", "data": [1, 5, 1, 2] });
    let infer = |outputs: &[&str]| {
        let outputs: Vec<Value> = outputs.iter().map(|name| json!({ "name": name })).collect();
        let body = json!({ "inputs": [tensor], "outputs": outputs });
        ask(address, "/v2/models/scale/infer", &body)
    };
    assert_eq!(infer(&["predict", "apply"]).1["outputs"].as_array().unwrap().len(), 2);
    let answer = infer(&["predict", "apply", "predict"]);
    assert_eq!((answer.0, error(&answer)), (400, "the output \"predict\" is named twice"));
    assert_eq!(infer(&["predict"; 100_000]).0, 400);
    let answer = ask(address, "/predict?method=predict,apply,predict", &json!([[1, 5, 1, 2]]));
    assert_eq!((answer.0, error(&answer)), (400, "the method \"predict\" is named twice"));
}

/// As many rows as one request may have are kept in a log, and small requests are answered meanwhile.
#[test]
fn a_large_request_that_is_kept_holds_up_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let model = saved(folder.path(), "scale.pkl");
    let options = options().log(folder.path().join("log")).timeout(20);
    let server = Server::bind([&model], &options).unwrap().start().unwrap();
    let address = server.address();
    let rows = 100_000;
    let started = Instant::now();
    let large = std::thread::spawn(move || {
        let body = json!(vec![[1, 5, 1, 2]; rows]).to_string();
        (post(address, "/predict?method=predict", "application/json", &body), started.elapsed())
    });
    let mut small = Vec::new();
    while !large.is_finished() {
        let asked = Instant::now();
        assert_eq!(ask(address, "/predict", &json!([[1, 5, 1, 2]])).0, 200);
        small.push(asked.elapsed());
        std::thread::sleep(Duration::from_millis(20));
    }
    let (answer, took) = large.join().unwrap();
    assert_eq!(answer.0, 200);
    assert_eq!(answer.1["predictions"].as_array().unwrap().len(), rows);
    // Minutes, if the way to each row's scores began at the first row.
    assert!(took < Duration::from_secs(60), "{took:?}");
    let longest = small.iter().max().unwrap();
    assert!(*longest < Duration::from_secs(5), "{longest:?} of {took:?}");
    drop(server);
    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    let kept = log.lines().filter(|line| serde_json::from_str::<Value>(line).is_ok()).count();
    assert!(kept >= rows + small.len(), "{kept} rows");
}

/// A name that is not known is told of, and not sent back by the megabyte.
#[test]
fn a_refusal_is_short_whatever_a_request_names() {
    let folder = tempfile::tempdir().unwrap();
    let server = serving([saved(folder.path(), "scale.pkl")]);
    let address = server.address();
    let long = "ä\n".repeat(1 << 19);
    let tensor = |name: &str, datatype: &str, shape: &[u8]| {
        let tensor =
            json!({ "name": name, "shape": shape, "datatype": datatype, "data": [1, 5, 1, 2] });
        ask(address, "/v2/models/scale/infer", &json!({ "inputs": [tensor] }))
    };
    for answer in [
        ask(address, "/predict", &json!({ long.as_str(): 1 })),
        post(address, "/predict", "text/csv", &format!("{}\n1\n", "b".repeat(1 << 20))),
        tensor(&long, "FP64", &[1, 5]),
        tensor("x", &long, &[1, 4]),
        tensor("x", "FP64", &[1; 1 << 20]),
        get(address, &format!("/v2/models/{}", "a".repeat(8000))),
    ] {
        assert!((400..500).contains(&answer.0) && error(&answer).chars().count() <= 1_001);
    }
}

/// Pipes, devices, links in circles and names that are none in the folder of models: each is told of or
/// passed over, and new versions are found all the same.
#[cfg(unix)]
#[test]
fn what_is_no_model_in_the_folder_holds_up_nothing() {
    use std::os::unix::fs::symlink;

    let folder = tempfile::tempdir().unwrap();
    let bytes = pickle::dumps(&tree()).unwrap();
    publish(folder.path(), "scale", 1, &bytes);
    let server = serving([folder.path()]);
    let address = server.address();
    let pipe = |path: &Path| {
        assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
    };
    let version = |name: &str| {
        let version = folder.path().join(name).join("1");
        fs::create_dir_all(&version).unwrap();
        version
    };
    pipe(&version("pipe").join("model.pkl"));
    pipe(&version("card").join("card.json"));
    fs::write(version("card").join("model.pkl"), &bytes).unwrap();
    publish(folder.path(), "current", 1, &bytes);
    pipe(&folder.path().join("current/current"));
    symlink("/dev/zero", version("device").join("model.pkl")).unwrap();
    symlink("/nowhere", version("nowhere").join("model.pkl")).unwrap();
    fs::File::create(version("huge").join("model.pkl")).unwrap().set_len(1 << 33).unwrap();
    symlink(folder.path(), folder.path().join("self")).unwrap();
    fs::create_dir(folder.path().join("circle")).unwrap();
    symlink("..", folder.path().join("circle/1")).unwrap();
    for name in ["a b", "ä", ".hidden", "\u{202e}txt", "x\ny"] {
        fs::write(version(name).join("model.pkl"), &bytes).unwrap();
    }
    publish(folder.path(), "scale", 2, &bytes);
    until("version 2 is taken", || get(address, "/status").1["models"][1]["current"] == "2");
    let status = get(address, "/status").1;
    let models: Vec<&str> = status["models"]
        .as_array()
        .unwrap()
        .iter()
        .map(|model| model["name"].as_str().unwrap())
        .collect();
    assert_eq!(models, ["current", "scale"], "{status}");
    let problems = status["problems"].as_array().unwrap();
    let told = |file: &str| {
        problems.iter().any(|problem| problem["file"].as_str().unwrap().contains(file))
    };
    for name in ["pipe/1", "card/1", "device/1", "nowhere/1", "huge/1", "circle/1"] {
        assert!(told(name), "{name}: {problems:?}");
    }
    assert_eq!(ask(address, "/models/scale/predict", &json!([[1, 5, 1, 2]])).0, 200);
}

/// Where a proxy and a server disagree on where a request ends, the next one can be smuggled in: what two
/// of them could understand differently ends the connection.
#[test]
fn a_request_with_two_ends_is_the_last_of_its_connection() {
    let folder = tempfile::tempdir().unwrap();
    let server = serving([saved(folder.path(), "scale.pkl")]);
    let address = server.address();
    let chunks = "b\r\n[[1,5,1,2]]\r\n0\r\n\r\n";
    let second = "GET /v2 HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    let send = |head: &str| {
        let head = format!("POST /predict HTTP/1.1\r\nhost: localhost\r\n{head}\r\n\r\n");
        raw(address, format!("{head}{chunks}{second}").as_bytes())
    };
    for head in [
        "content-length: 4\r\ntransfer-encoding: chunked",
        "transfer-encoding: chunked\r\ncontent-length: 4",
        "content-length: 4\r\ncontent-length: 40",
        "content-length: 4, 4",
        "content-length: +4",
        "content-length: 0x4",
        "content-length : 4",
        "transfer-encoding : chunked",
        "transfer-encoding: xchunked",
        "transfer-encoding: identity",
        "transfer-encoding: chunked, identity",
        "transfer-encoding: \x0bchunked",
        "transfer-encoding: chunked\r\ntransfer-encoding: identity",
        "x: a\r\n folded: chunked",
        "x: a\0b",
        "x: a\rb",
    ] {
        let answers = send(head);
        assert!(!answers.contains("picklebook\""), "{head:?}: {answers}");
        assert!(answers.matches("HTTP/1.1 ").count() <= 1, "{head:?}: {answers}");
    }
    // What is plain goes on.
    let answers = send("transfer-encoding: chunked");
    assert_eq!(answers.matches("HTTP/1.1 200").count(), 2, "{answers}");
    let answer = raw(
        address,
        b"POST /models/%ff/predict HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
    );
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("{\"error\":"), "{answer}");
}

/// Many requests in one go are answered in their order, each with its own answer.
#[test]
fn pipelined_requests_are_answered_in_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let server = serving([saved(folder.path(), "scale.pkl")]);
    let rows: Vec<[usize; 4]> =
        (0..500).map(|n| [1 + n % 5, 1 + n / 5 % 5, 1 + n / 25 % 5, 1 + n / 125 % 5]).collect();
    let requests: String = rows
        .iter()
        .map(|row| {
            let body = json!([row]).to_string();
            let length = body.len();
            format!(
                "POST /predict?method=predict HTTP/1.1\r\nhost: localhost\r\ncontent-length: {length}\r\n\r\n{body}"
            )
        })
        .collect();
    let last = "GET /v2/health/live HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    let answers = raw(server.address(), (requests + last).as_bytes());
    let found: Vec<&str> = answers
        .split("\"predictions\":[\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    let expected: Vec<String> = rows
        .iter()
        .map(|row| tree().predict_row(&row.map(|it| it as f64)).unwrap().to_string())
        .collect();
    assert_eq!(found, expected);
    assert!(answers.contains("{\"live\":true}"));
}

/// A file is replaced each second while all threads answer: no request fails, and each answer is that of
/// the version that it names.
#[test]
fn a_new_model_each_second_under_full_load_fails_no_request() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scale.pkl");
    let data = balance_scale();
    let models: Vec<DecisionTreeClassifier> = (1..=6)
        .map(|depth| DecisionTreeClassifier::params().max_depth(depth).fit(&data).unwrap())
        .collect();
    pickle::save(&models[0], &path).unwrap();
    let server = serving([&path]);
    let address = server.address();
    let rows: Vec<[f64; 4]> =
        (0..40).map(|n| [1 + n % 5, 5 - n / 5 % 5, 1 + n / 8, 2].map(f64::from)).collect();
    let answers: Vec<Value> = models
        .iter()
        .map(|model| {
            let labels = rows.iter().map(|row| model.predict_row(row).unwrap().to_string());
            json!(labels.collect::<Vec<String>>())
        })
        .collect();
    let stop = Arc::new(AtomicBool::new(false));
    let askers: Vec<_> = (0..4)
        .map(|_| {
            let (stop, body) = (stop.clone(), json!(rows).to_string());
            std::thread::spawn(move || {
                let (agent, mut told_of) = (agent(), Vec::new());
                while !stop.load(Ordering::Relaxed) {
                    let url = format!("http://{address}/predict?method=predict");
                    let (status, answer) = told(agent.post(url).send(&body).unwrap());
                    assert_eq!(status, 200, "{answer}");
                    let version = answer["version"].as_str().unwrap().to_owned();
                    told_of.push((version, answer["predictions"].clone()));
                }
                told_of
            })
        })
        .collect();
    let current = || get(address, "/v2/models/scale").1["parameters"]["sha256"].clone();
    let mut versions = vec![current()];
    for model in &models[1..] {
        std::thread::sleep(Duration::from_secs(1));
        pickle::save(model, &path).unwrap();
        until("the new model answers", || current() != *versions.last().unwrap());
        versions.push(current());
    }
    stop.store(true, Ordering::Relaxed);
    let told_of: Vec<(String, Value)> =
        askers.into_iter().flat_map(|asker| asker.join().unwrap()).collect();
    let mut counts = vec![0; models.len()];
    for (version, predictions) in &told_of {
        let is_it = |sha256: &Value| sha256.as_str().unwrap().starts_with(version);
        let place = versions.iter().position(is_it).unwrap();
        assert_eq!(*predictions, answers[place], "version {place}");
        counts[place] += 1;
    }
    assert!(counts.iter().all(|&count| count > 0), "{counts:?}");
}

/// A server in a process of its own, and its address.
#[cfg(target_os = "linux")]
fn process(command: &mut std::process::Command) -> (std::process::Child, SocketAddr) {
    use std::io::{BufRead, BufReader};

    let mut child = command.stderr(std::process::Stdio::piped()).spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("shows the models") {
        line.clear();
        assert!(stderr.read_line(&mut line).unwrap() > 0, "it ended");
    }
    std::thread::spawn(move || std::io::copy(&mut stderr, &mut std::io::sink()));
    let address = line.strip_prefix("http://").unwrap().split('/').next().unwrap();
    (child, address.parse().unwrap())
}

/// What a process holds in memory, in KiB.
#[cfg(target_os = "linux")]
fn memory(child: &std::process::Child) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Sends a request so many times, some of them at once, and counts the answers with status 200.
#[cfg(target_os = "linux")]
fn many(address: SocketAddr, request: &str, times: usize) -> usize {
    const AT_ONCE: usize = 50;
    let mut connection = TcpStream::connect(address).unwrap();
    connection.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let (mut buffer, mut answered) = (vec![0; 1 << 16], 0);
    for _ in 0..times / AT_ONCE {
        connection.write_all(request.repeat(AT_ONCE).as_bytes()).unwrap();
        let (mut seen, mut text) = (0, String::new());
        // the last of them may be there in part
        while seen < AT_ONCE || !text.ends_with('}') {
            let count = connection.read(&mut buffer).unwrap();
            assert!(count > 0, "{text}");
            text.push_str(&String::from_utf8_lossy(&buffer[..count]));
            seen = text.matches("HTTP/1.1 ").count();
        }
        answered += text.matches("HTTP/1.1 200 ").count();
    }
    answered
}

/// Requests that are answered and requests that are refused leave nothing behind.
#[cfg(target_os = "linux")]
#[test]
fn memory_stays_as_it_is_over_many_requests() {
    let folder = tempfile::tempdir().unwrap();
    let model = saved(folder.path(), "scale.pkl");
    let (mut child, address) =
        process(support::picklebook().args(["serve", "--port", "0"]).arg(&model));
    let request = |path: &str, body: &str| {
        let length = body.len();
        format!("POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {length}\r\n\r\n{body}")
    };
    let good = request("/predict", "[[1,5,1,2]]");
    let bad = request("/predict", "[[1,5,1]]");
    let unknown = request("/models/none/predict", "[[1,5,1,2]]");
    let round = |times: usize| {
        assert_eq!(many(address, &good, times), times);
        assert_eq!(many(address, &bad, times / 10) + many(address, &unknown, times / 10), 0);
    };
    round(5_000);
    let before = memory(&child);
    round(20_000);
    let after = memory(&child);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(after < before + 2_000, "{before} KiB before, {after} after");
}

/// Ten thousand connections stay open, or as many as the system lets one process have; others are answered,
/// and one that is too many is told so.
#[cfg(target_os = "linux")]
#[test]
fn ten_thousand_connections_are_held() {
    const NAME: &str = "ten_thousand_connections_are_held";
    // With as many files as this user may have, in a process of its own.
    if std::env::var_os("PICKLEBOOK_ALONE").is_none() {
        let script = "ulimit -n \"$(ulimit -Hn)\"; exec \"$@\"";
        let output = std::process::Command::new("sh")
            .args(["-c", script, "sh"])
            .arg(std::env::current_exe().unwrap())
            .args([NAME, "--exact", "--nocapture"])
            .env("PICKLEBOOK_ALONE", "1")
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", support::printed(&output));
        return;
    }
    let limits = fs::read_to_string("/proc/self/limits").unwrap();
    let limit = limits.lines().find_map(|line| line.strip_prefix("Max open files")).unwrap();
    let limit: usize = limit.split_whitespace().next().unwrap().parse().unwrap_or(usize::MAX);
    let most = limit.saturating_sub(100).min(10_000);
    let folder = tempfile::tempdir().unwrap();
    let model = saved(folder.path(), "scale.pkl");
    let (mut child, address) = process(
        support::picklebook()
            .args(["serve", "--port", "0", "--timeout", "120"])
            .args(["--max-connections", &most.to_string()])
            .arg(&model),
    );
    let open = || loop {
        match TcpStream::connect(address) {
            Ok(connection) => break connection,
            // more at once than the system lets wait
            Err(_) => std::thread::sleep(Duration::from_millis(10)),
        }
    };
    let body = "POST /predict HTTP/1.1\r\nhost: localhost\r\ncontent-length: 11\r\n\r\n";
    let mut held = Vec::with_capacity(most);
    for place in 0..most - 10 {
        let mut connection = open();
        // some say nothing, some begin a head, and some stop before their body
        let beginning = if place % 50 == 2 { body } else { ["", "POST /predict HT"][place % 2] };
        connection.write_all(beginning.as_bytes()).unwrap();
        held.push(connection);
    }
    until("all are open", || {
        let text = get(address, "/metrics").1;
        let text = text.as_str().unwrap();
        let count = text.lines().find_map(|line| line.strip_prefix("picklebook_connections "));
        count.is_some_and(|count| count.parse::<usize>().unwrap() >= most - 10)
    });
    for _ in 0..20 {
        let asked = Instant::now();
        assert_eq!(ask(address, "/predict", &json!([[1, 5, 1, 2]])).1["predictions"], json!(["L"]));
        assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
    }
    while held.len() < most {
        held.push(open());
    }
    until("one more is turned away", || {
        raw(
            address,
            b"GET /v2/health/live HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
        )
        .starts_with("HTTP/1.1 503")
    });
    // Each of them is still answered.
    for place in (0..most - 10).filter(|place| place % 50 == 2) {
        let connection = &mut held[place];
        connection.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        connection.write_all(b"[[1,5,1,2]]").unwrap();
        let mut start = [0; 15];
        connection.read_exact(&mut start).unwrap();
        assert_eq!(&start, b"HTTP/1.1 200 OK", "{place}");
    }
    drop(held);
    until("there is room again", || get(address, "/v2/health/live").0 == 200);
    child.kill().unwrap();
    child.wait().unwrap();
}
