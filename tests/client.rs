//! `picklebook serve` started, asked and measured by the client that notebooks use.
#![cfg(all(feature = "cli", feature = "serve"))]

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use picklebook::client::{Client, Error, Json, LocalServer, LocalServerOptions, json_rows};
use picklebook::prelude::*;

/// The program, as the one that was built with these tests.
fn options() -> LocalServerOptions {
    LocalServerOptions::new().program(env!("CARGO_BIN_EXE_picklebook"))
}

fn serving(models: &Path) -> LocalServer {
    LocalServer::start_with([models], &options()).expect("a server")
}

fn tree(depth: usize) -> DecisionTreeClassifier {
    DecisionTreeClassifier::params().max_depth(depth).fit(&balance_scale()).expect("a tree")
}

/// Puts bytes into a folder of versions of the model `scale`, whole or not at all.
fn publish(models: &Path, version: u32, bytes: &[u8]) {
    let folder = models.join(format!("scale/{version}"));
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join(".new"), bytes).expect("written");
    fs::rename(folder.join(".new"), folder.join("model.pkl")).expect("renamed");
}

fn publish_tree(models: &Path, version: u32, depth: usize) {
    publish(models, version, &pickle::dumps(&tree(depth)).expect("pickled"));
}

/// A folder with version 1, which is a tree of depth 2.
fn models() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    publish_tree(folder.path(), 1, 2);
    folder
}

/// Whether nobody serves at an address any more, soon.
fn is_gone(address: SocketAddr) -> bool {
    let until = Instant::now() + Duration::from_secs(30);
    while Instant::now() < until {
        if TcpStream::connect(address).is_err() {
            return true;
        }
        thread::sleep(Duration::from_millis(20));
    }
    false
}

const ROW: &str = "[[1, 5, 1, 2]]";

#[test]
fn a_server_answers_what_the_model_does() {
    let folder = models();
    let server = serving(folder.path());
    let (data, model) = (balance_scale(), tree(2));
    let rows = json_rows(&data).expect("rows");
    let response = server.post("/predict", &rows).expect("an answer");
    assert!(response.is_success(), "{response:?}");
    let answer = response.json().expect("JSON");
    assert_eq!(answer["version"].as_str(), Some("1"));
    let classes: Vec<&str> =
        answer["predictions"].items().iter().filter_map(Json::as_str).collect();
    assert_eq!(Labels::from(classes), model.predict(&data).expect("asked"));
    let expected = model.predict_proba(&data).expect("asked");
    let rows = answer["probabilities"].items();
    assert_eq!(rows.len(), data.rows());
    for (row, expected) in rows.iter().zip(expected.rows()) {
        for (class, expected) in ["B", "L", "R"].iter().zip(expected) {
            assert_eq!(row[*class].as_f64().map(f64::to_bits), Some(expected.to_bits()));
        }
    }
    let live = server.get("/v2/health/live").expect("an answer");
    assert_eq!(live.to_string(), r#"200 {"live":true}"#);
    for (path, body, status) in [
        ("/predict", "[[1, 5]]", 400),
        ("/predict", "no JSON", 400),
        ("/models/other/predict", ROW, 404),
        ("/v2", ROW, 405),
    ] {
        let refused = server.post(path, body).expect("an answer");
        let told = refused.json().expect("JSON");
        assert_eq!(refused.status(), status, "{refused}");
        assert!(told["error"].as_str().is_some_and(|error| error.len() > 20), "{refused}");
    }
    assert!(matches!(server.post("predict", ROW), Err(Error::Path { .. })));
    let page = server.get("/").expect("a page");
    assert!(matches!(page.json(), Err(Error::Json { byte: 0, .. })), "{page:?}");
}

#[test]
fn a_new_version_is_taken_under_load_and_no_request_fails() {
    let folder = models();
    let server = serving(folder.path());
    let load = server.load("/predict", ROW).connections(4).seconds(4.0).start().expect("a load");
    thread::sleep(Duration::from_millis(300));
    publish_tree(folder.path(), 2, 4);
    let two = |status: &Json| status["models"][0]["current"].as_str() == Some("2");
    server.wait_until("/status", two).expect("version 2");
    let report = load.finish();
    assert_eq!((report.failed(), report.first_failure()), (0, None), "{report}");
    let by_version = report.by_version();
    assert_eq!(by_version.keys().collect::<Vec<_>>(), ["1", "2"], "{report}");
    assert_eq!(by_version.values().sum::<usize>(), report.answered());
    assert!(report.answered() > 100 && report.per_second() > 25.0, "{report}");
    let (p50, p99) = (report.milliseconds(0.5), report.milliseconds(0.99));
    assert!(p50 > Some(0.0) && p50 <= p99 && p99 < Some(4000.0), "{report}");
    assert!((4.0..30.0).contains(&report.seconds()), "{report}");
    let table = report.table().to_string();
    assert!(table.contains("requests/s") && table.contains("POST /predict"), "{table}");

    let back = server.post("/models/scale/current", r#"{"version": "1"}"#).expect("an answer");
    assert!(back.is_success(), "{back}");
    let answer = server.post("/predict", ROW).expect("an answer").json().expect("JSON");
    assert_eq!(answer["version"].as_str(), Some("1"));
}

#[test]
fn a_hostile_version_is_named_and_the_old_one_answers() {
    let folder = models();
    let server = serving(folder.path());
    publish(folder.path(), 2, b"cos\nsystem\n(S'echo hello'\ntR.");
    let refused = |status: &Json| !status["problems"].items().is_empty();
    let status = server.wait_until("/status", refused).expect("a problem");
    let problem = &status["problems"][0];
    let file = problem["file"].as_str().unwrap_or_default();
    assert!(file.ends_with("scale/2/model.pkl"), "{problem}");
    assert!(problem["problem"].as_str().unwrap_or_default().contains("system"), "{problem}");
    let answer = server.post("/predict", ROW).expect("an answer").json().expect("JSON");
    assert_eq!(answer["version"].as_str(), Some("1"));
}

#[test]
fn what_keeps_a_server_from_starting_is_told() {
    let folder = models();
    let told = |models: &[&Path], options: &LocalServerOptions| {
        LocalServer::start_with(models, options).expect_err("no server")
    };
    let hostile = folder.path().join("hostile.pkl");
    fs::write(&hostile, b"cos\nsystem\n(S'echo hello'\ntR.").expect("written");
    let error = told(&[&hostile], &options());
    assert!(matches!(error, Error::Ended { is_usage: false, .. }), "{error}");
    let error = error.to_string();
    assert!(error.contains("hostile.pkl") && error.contains("system"), "{error}");

    let error = told(&[folder.path()], &options().argument("--no-such-option"));
    let is_usage = matches!(error, Error::Ended { is_usage: true, .. });
    let error = error.to_string();
    assert!(is_usage && error.contains("--no-such-option"), "{error}");
    assert!(error.contains("cargo run -- setup"), "{error}");

    let nowhere = LocalServerOptions::new().program(folder.path().join("picklebook"));
    let error = told(&[folder.path()], &nowhere);
    assert!(matches!(error, Error::Program { .. }), "{error}");
    assert!(error.to_string().contains("cargo run -- setup"), "{error}");

    // a model is a model, whatever its name begins with
    let error = told(&[Path::new("--help")], &options()).to_string();
    assert!(error.contains("--help") && !error.contains("Usage"), "{error}");
}

#[test]
fn a_server_ends_when_it_is_dropped() {
    let folder = models();
    let server = serving(folder.path());
    let address = server.address();
    let client = server.client();
    // an open connection does not keep it
    let _open = TcpStream::connect(address).expect("a connection");
    let started = Instant::now();
    server.stop();
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    assert!(matches!(client.get("/v2"), Err(Error::Unreachable { .. })));
}

/// Not a test of its own: a process that holds a server, and is killed by the test below.
#[test]
fn holds_a_server_if_it_is_told_to() {
    let Some(models) = std::env::var_os("PICKLEBOOK_TEST_FOLDER") else { return };
    let server = serving(Path::new(&models));
    let told = Path::new(&models).join("address");
    fs::write(told.with_extension("new"), server.address().to_string()).expect("written");
    fs::rename(told.with_extension("new"), told).expect("renamed");
    loop {
        thread::sleep(Duration::from_secs(1));
    }
}

#[test]
fn a_server_ends_with_the_process_that_started_it_however_that_ends() {
    let folder = models();
    let mut holder = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "holds_a_server_if_it_is_told_to"])
        .env("PICKLEBOOK_TEST_FOLDER", folder.path())
        .stdout(Stdio::null())
        .spawn()
        .expect("it starts");
    let told = folder.path().join("address");
    let until = Instant::now() + Duration::from_secs(60);
    while !told.exists() && Instant::now() < until {
        thread::sleep(Duration::from_millis(20));
    }
    let address = fs::read_to_string(&told).expect("the server has started");
    let client = Client::new(address.parse().expect("an address")).expect("a client");
    assert!(client.get("/v2").expect("an answer").is_success());
    holder.kill().expect("SIGKILL");
    holder.wait().expect("it has ended");
    assert!(is_gone(client.address()));
}

/// An address at which each connection is handled so.
fn server_that(handles: fn(TcpStream)) -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    // it ends with the tests
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || handles(stream));
        }
    });
    Client::new(address).expect("a client")
}

#[test]
fn a_load_on_a_broken_server_ends_and_counts_its_failures() {
    fn hangs_up(mut stream: TcpStream) {
        let _ = stream.read(&mut [0; 1 << 10]);
    }
    fn refuses(mut stream: TcpStream) {
        while stream.read(&mut [0; 1 << 10]).is_ok_and(|read| read > 0) {
            let _ = stream.write_all(b"HTTP/1.1 503 Busy\r\ncontent-length: 4\r\n\r\nbusy");
        }
    }
    fn talks_on(mut stream: TcpStream) {
        let _ = stream.read(&mut [0; 1 << 10]);
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\n\r\n";
        let _ = stream.write_all(answer);
    }
    for (client, failure) in [
        (server_that(hangs_up), Some("broke off")),
        (server_that(refuses), Some("503 busy")),
        (server_that(talks_on), None),
    ] {
        let load = client.load("/predict", ROW).connections(2).seconds(0.3);
        let report = load.run().expect("a load");
        match failure {
            Some(failure) => {
                assert_eq!((report.answered(), report.milliseconds(0.5)), (0, None), "{report}");
                assert!(report.failed() > 0, "{report}");
                let told = report.first_failure().unwrap_or_default();
                assert!(told.contains(failure), "{told}");
            }
            None => assert!(report.answered() > 0 && report.failed() == 0, "{report}"),
        }
        assert!(report.seconds() < 30.0 && report.by_version().is_empty());
    }
    let client = server_that(refuses);
    let load = || client.load("/predict", ROW);
    for load in [
        load().connections(0),
        load().connections(257),
        load().seconds(0.0),
        load().seconds(f64::NAN),
        load().seconds(1e9),
    ] {
        assert!(matches!(load.start(), Err(Error::Load { .. })));
    }
    assert!(matches!(client.load("no path", ROW).start(), Err(Error::Path { .. })));
    // a load that nobody waits for is taken off
    let started = Instant::now();
    drop(load().seconds(600.0).start());
    assert!(started.elapsed() < Duration::from_secs(30));
}

#[test]
fn what_does_not_come_is_not_waited_for_without_end() {
    fn live(mut stream: TcpStream) {
        let _ = stream.read(&mut [0; 1 << 10]);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 14\r\n\r\n{\"live\": true}");
    }
    let client = server_that(live);
    let answer = client.wait_until("/live", |live| live["live"].as_bool() == Some(true));
    assert_eq!(answer.expect("an answer").to_string(), r#"{"live": true}"#);
    match client.wait_until("/live", Json::is_null) {
        Err(error @ Error::Waited { .. }) => {
            assert!(
                error.to_string().ends_with(r#"the last answer was {"live": true}"#),
                "{error}"
            );
        }
        other => panic!("{other:?}"),
    }
}
