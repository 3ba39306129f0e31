//! The paths of the server, and what is answered under each.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{FromRequestParts, MatchedPath, Path, Query, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method as Verb, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http_body_util::BodyExt;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::answer::{Predicted, Response as Answered, usual_methods};
use super::app::App;
use super::explain::explain;
use super::log::Level;
use super::models::{Models, Served, Versions};
use super::refusal::Refusal;
use super::tensor::{InferRequest, InferResponse, Output, datatype_of, outputs_of};
use crate::data::Frame;
use crate::model::Method;

/// The page that shows the models to a person.
const PAGE: &str = include_str!("page.html");

/// The description of all paths.
const OPENAPI: &str = include_str!("openapi.json");

/// How many cells an answer may have that is a table.
const MOST_CELLS: usize = 1 << 22;

/// The longest message of a refusal, in characters.
const LONGEST_PROBLEM: usize = 1_000;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

type Params = HashMap<String, String>;

/// All paths.
pub(super) fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/", get(page))
        .route("/openapi.json", get(openapi))
        .route("/metrics", get(metrics))
        .route("/status", get(status))
        .route("/v2", get(server_metadata))
        .route("/v2/health/live", get(live))
        .route("/v2/health/ready", get(ready))
        .route("/v2/models/{model}", get(model_metadata))
        .route("/v2/models/{model}/versions/{version}", get(model_metadata))
        .route("/v2/models/{model}/ready", get(model_ready))
        .route("/v2/models/{model}/versions/{version}/ready", get(model_ready))
        .route("/v2/models/{model}/infer", post(infer))
        .route("/v2/models/{model}/versions/{version}/infer", post(infer))
        .route("/predict", post(predict))
        .route("/models/{model}/predict", post(predict))
        .route("/models/{model}/versions/{version}/predict", post(predict))
        .route("/explain", post(explained))
        .route("/models/{model}/explain", post(explained))
        .route("/models/{model}/versions/{version}/explain", post(explained))
        .route("/models/{model}/current", post(choose))
        .route("/feedback", post(feedback))
        .fallback(no_path)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(Arc::clone(&app), guard))
        .with_state(app)
}

/// The route of a request, as it is counted.
fn route(path: &str) -> &'static str {
    match path {
        "/" => "page",
        "/openapi.json" => "openapi",
        "/metrics" => "metrics",
        "/status" => "status",
        "/feedback" => "feedback",
        path if path.ends_with("/infer") => "infer",
        path if path.ends_with("/predict") => "predict",
        path if path.ends_with("/explain") => "explain",
        path if path.ends_with("/current") => "current",
        path if path.starts_with("/v2/health/") => "health",
        path if path.starts_with("/v2") => "metadata",
        _ => "other",
    }
}

/// Whether a path is answered without a token: what asks whether the server lives has none, and the page
/// takes it from a person.
fn is_open(path: &str) -> bool {
    path.starts_with("/v2/health/") || matches!(path, "/" | "/openapi.json")
}

/// What all requests pass: the token, the number of requests at once, and the count.
async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let matched = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let (route, open) = (matched.map_or("other", route), matched.is_some_and(is_open));
    let response = match app.admit(request.headers(), open) {
        Ok(_admitted) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    app.metrics.answered(route, response.status().as_u16(), started);
    if app.log.requests {
        app.log.event(
            Level::Info,
            "request",
            &[
                ("route", route.into()),
                ("status", response.status().as_u16().into()),
                ("seconds", started.elapsed().as_secs_f64().into()),
            ],
        );
    }
    response
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        // names that a request gave are told, and not sent back by the megabyte
        let problem = match self.problem.char_indices().nth(LONGEST_PROBLEM) {
            Some((end, _)) => format!("{}…", self.problem.get(..end).unwrap_or_default()),
            None => self.problem,
        };
        let mut response = json_of(status, &json!({ "error": problem })).into_response();
        let headers = response.headers_mut();
        match status {
            StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            _ => {}
        }
        response
    }
}

/// An answer as JSON.
fn json_of(status: StatusCode, value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(bytes) => (status, [(header::CONTENT_TYPE, JSON)], bytes).into_response(),
        Err(error) => {
            let told = format!(
                "{{\"error\":\"the answer cannot be written: {}\"}}",
                error.classify() as u8
            );
            (StatusCode::INTERNAL_SERVER_ERROR, [(header::CONTENT_TYPE, JSON)], told)
                .into_response()
        }
    }
}

fn ok(value: &impl Serialize) -> Response {
    json_of(StatusCode::OK, value)
}

/// Reads a body that is not too long and does not take too long.
async fn body_of(app: &App, headers: &HeaderMap, body: Body) -> Result<Vec<u8>, Refusal> {
    let most = app.options.max_body;
    let too_long = || Refusal::too_large(format!("the body is longer than {most} bytes"));
    let told =
        headers.get(header::CONTENT_LENGTH).and_then(|it| it.to_str().ok()?.parse::<usize>().ok());
    if told.is_some_and(|told| told > most) {
        return Err(too_long());
    }
    let read = async {
        let (mut body, mut bytes) = (body, Vec::with_capacity(told.unwrap_or(0).min(1 << 16)));
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| Refusal::bad("the body breaks off".to_owned()))?;
            if let Some(part) = frame.data_ref() {
                if bytes.len() + part.len() > most {
                    return Err(too_long());
                }
                bytes.extend_from_slice(part);
            }
        }
        Ok(bytes)
    };
    let seconds = app.options.timeout;
    match tokio::time::timeout(Duration::from_secs(seconds), read).await {
        Ok(read) => read,
        Err(_) => Err(Refusal::too_slow(seconds)),
    }
}

/// What a request to a model asks for in its path and behind it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct AskedFor {
    /// The methods, separated by commas.
    method: Option<String>,
}

impl AskedFor {
    fn methods(&self, served: &Served) -> Result<Vec<Method>, Refusal> {
        let Some(asked) = &self.method else { return Ok(usual_methods(served)) };
        let one = |name: &str| match name.parse::<Method>() {
            Ok(method) if served.methods.contains(&method.name()) => Ok(method),
            Ok(_) | Err(_) => Err(Refusal::bad(format!(
                "there is no method {name:?}; the model's are {}",
                served.methods.join(", ")
            ))),
        };
        let mut methods = Vec::with_capacity(1);
        for name in asked.split(',') {
            let method = one(name)?;
            if methods.contains(&method) {
                return Err(Refusal::bad(format!("the method {name:?} is named twice")));
            }
            methods.push(method);
        }
        Ok(methods)
    }
}

/// The model and the version that a path names.
struct Named(Params);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        match Path::<Params>::from_request_parts(parts, state).await {
            Ok(Path(params)) => Ok(Named(params)),
            Err(error) => Err(Refusal::bad(error.body_text())),
        }
    }
}

/// The version of a model that a path names.
fn served_in(models: &Models, params: &Params) -> Result<Arc<Served>, Refusal> {
    let part = |name| params.get(name).map(String::as_str);
    models.find(part("model"), part("version"))
}

/// Whether the body is comma-separated values; it is JSON where nothing is said.
fn is_csv(headers: &HeaderMap) -> Result<bool, Refusal> {
    let Some(told) = headers.get(header::CONTENT_TYPE) else { return Ok(false) };
    let kind = told.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    match kind.to_ascii_lowercase().as_str() {
        "text/csv" => Ok(true),
        // what curl says where nobody says anything else
        "application/json" | "application/x-www-form-urlencoded" | "text/plain" => Ok(false),
        _ => Err(Refusal::bad(format!(
            "the body is {kind:?}; send application/json, or text/csv with a line of names"
        ))),
    }
}

/// The rows of a body.
fn rows_of(served: &Served, bytes: &[u8], is_csv: bool, most: usize) -> Result<Frame, Refusal> {
    if is_csv {
        return served.columns.read_csv(bytes, most);
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let no_json = |error: serde_json::Error| {
        Refusal::bad(format!("the body is not what is asked for: {error}"))
    };
    let read = serde::de::DeserializeSeed::deserialize(served.columns.seed(most), &mut json)
        .map_err(no_json)?;
    json.end().map_err(no_json)?;
    read
}

fn check_size(predicted: &Predicted) -> Result<(), Refusal> {
    match predicted.get(Method::Transform) {
        Some(crate::model::Answer::Table(table))
            if table.shape().0.saturating_mul(table.shape().1) > MOST_CELLS =>
        {
            let (rows, columns) = table.shape();
            Err(Refusal::too_large(format!(
                "{rows} rows of {columns} columns are more than an answer holds; ask for fewer rows"
            )))
        }
        _ => Ok(()),
    }
}

/// What a version of a model answers about rows by some methods, kept under an id where a log is kept.
fn predicted(
    app: &App,
    served: &Served,
    id: &str,
    table: &Frame,
    methods: &[Method],
) -> Result<Predicted, Refusal> {
    let predicted = Predicted::of(served, table, &app.asked(served, methods))?;
    check_size(&predicted)?;
    app.keep(served, id, table, &predicted)?;
    Ok(predicted.only(methods))
}

/// `POST /predict`, for one model or a named one.
async fn predict(
    State(app): State<Arc<App>>,
    Named(params): Named,
    asked: Result<Query<AskedFor>, axum::extract::rejection::QueryRejection>,
    request: Request,
) -> Result<Response, Refusal> {
    let Query(asked) = asked.map_err(|error| Refusal::bad(error.body_text()))?;
    let served = served_in(&app.registry.now(), &params)?;
    let (parts, body) = request.into_parts();
    let is_csv = is_csv(&parts.headers)?;
    let methods = asked.methods(&served)?;
    let bytes = body_of(&app, &parts.headers, body).await?;
    let own = Arc::clone(&app);
    app.work(bytes.len(), move || {
        let table = rows_of(&served, &bytes, is_csv, own.options.max_rows)?;
        let id = own.ids.next();
        let predicted = predicted(&own, &served, &id, &table, &methods)?;
        Ok(ok(&Answered { served: &served, id: &id, predicted: &predicted }))
    })
    .await
}

/// `POST …/infer` of the Open Inference Protocol.
async fn infer(
    State(app): State<Arc<App>>,
    Named(params): Named,
    request: Request,
) -> Result<Response, Refusal> {
    let served = served_in(&app.registry.now(), &params)?;
    let (parts, body) = request.into_parts();
    if parts.headers.contains_key("inference-header-content-length") {
        return Err(Refusal::bad("tensors in binary are not taken; send them as JSON".to_owned()));
    }
    let bytes = body_of(&app, &parts.headers, body).await?;
    let own = Arc::clone(&app);
    app.work(bytes.len(), move || {
        let mut request: InferRequest = serde_json::from_slice(&bytes)
            .map_err(|error| Refusal::bad(format!("this is no request of version 2: {error}")))?;
        let methods = request.methods(&served.methods)?;
        let table = request.table(&served.columns, own.options.max_rows)?;
        let id = match request.id {
            Some(id) if id.len() <= super::app::LONGEST_ID => id,
            Some(_) => return Err(Refusal::bad("the id is longer than 128 bytes".to_owned())),
            None => own.ids.next(),
        };
        let predicted = predicted(&own, &served, &id, &table, &methods)?;
        let outputs =
            predicted.answers.into_iter().map(|(method, answer)| Output::of(method, answer));
        Ok(ok(&InferResponse {
            model_name: &served.name,
            model_version: &served.version,
            id: &id,
            outputs: outputs.collect::<Result<_, _>>()?,
        }))
    })
    .await
}

/// `POST /explain`: how a row got its answer.
async fn explained(
    State(app): State<Arc<App>>,
    Named(params): Named,
    request: Request,
) -> Result<Response, Refusal> {
    let served = served_in(&app.registry.now(), &params)?;
    let (parts, body) = request.into_parts();
    let is_csv = is_csv(&parts.headers)?;
    let bytes = body_of(&app, &parts.headers, body).await?;
    let own = Arc::clone(&app);
    app.work(bytes.len(), move || {
        let most = own.options.max_rows.min(super::explain::MOST_ROWS);
        let table = rows_of(&served, &bytes, is_csv, most)?;
        Ok(ok(&json!({
            "model": served.name,
            "version": served.version,
            "explanations": explain(&served, &table)?,
        })))
    })
    .await
}

/// What `POST /models/NAME/current` says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Choice {
    /// The version to answer; the newest if it is null, which must be said.
    #[serde(deserialize_with = "Option::deserialize")]
    version: Option<String>,
}

/// `POST /models/NAME/current`: which version answers where none is named.
async fn choose(
    State(app): State<Arc<App>>,
    Named(params): Named,
    request: Request,
) -> Result<Response, Refusal> {
    let (parts, body) = request.into_parts();
    let bytes = body_of(&app, &parts.headers, body).await?;
    let choice: Choice = serde_json::from_slice(&bytes).map_err(|error| {
        Refusal::bad(format!("send {{\"version\": \"1\"}}, or null for the newest: {error}"))
    })?;
    let own = Arc::clone(&app);
    // a choice waits for the disk
    app.work(usize::MAX, move || {
        let name = params.get("model").map_or("", String::as_str);
        own.registry.choose(name, choice.version.as_deref(), &own.log)?;
        let current = own.registry.now().find(Some(name), None)?;
        Ok(ok(&json!({ "model": current.name, "version": current.version })))
    })
    .await
}

/// `POST /feedback`: the true classes of rows that were predicted.
async fn feedback(State(app): State<Arc<App>>, request: Request) -> Result<Response, Refusal> {
    let (parts, body) = request.into_parts();
    let bytes = body_of(&app, &parts.headers, body).await?;
    let own = Arc::clone(&app);
    app.work(bytes.len(), move || {
        own.take_feedback(&bytes).map(|rows| ok(&json!({ "rows": rows })))
    })
    .await
}

async fn page() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src \
             'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, PAGE).into_response()
}

async fn openapi() -> Response {
    ([(header::CONTENT_TYPE, JSON)], OPENAPI).into_response()
}

async fn metrics(State(app): State<Arc<App>>) -> Result<Response, Refusal> {
    let text = app.metrics.text().map_err(|error| Refusal::failed(error.to_string()))?;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, kind)], text).into_response())
}

async fn live() -> Response {
    ok(&json!({ "live": true }))
}

async fn ready(State(app): State<Arc<App>>) -> Response {
    match app.is_stopping() {
        false => ok(&json!({ "ready": true })),
        true => json_of(StatusCode::SERVICE_UNAVAILABLE, &json!({ "ready": false })),
    }
}

async fn server_metadata() -> Response {
    ok(&json!({
        "name": "picklebook",
        "version": env!("CARGO_PKG_VERSION"),
        "extensions": [],
    }))
}

async fn model_ready(
    State(app): State<Arc<App>>,
    Named(params): Named,
) -> Result<Response, Refusal> {
    let served = served_in(&app.registry.now(), &params)?;
    Ok(ok(&json!({ "name": served.name, "ready": true })))
}

/// A model's metadata, as version 2 of the protocol has it.
async fn model_metadata(
    State(app): State<Arc<App>>,
    Named(params): Named,
) -> Result<Response, Refusal> {
    let models = app.registry.now();
    let served = served_in(&models, &params)?;
    let versions = models.by_name.get(&served.name).map(|versions| &versions.all);
    let versions: Vec<&str> =
        versions.into_iter().flatten().map(|it| it.version.as_str()).collect();
    let columns = &served.columns;
    let datatype = if columns.takes_texts() { "BYTES" } else { "FP64" };
    let inputs = [json!({
        "name": "rows",
        "datatype": datatype,
        "shape": [-1, columns.count()],
        "parameters": { "columns": columns.names() },
    })];
    let classes = served.model.classes().ok();
    let outputs = outputs_of(&served.methods).map(|method| {
        let (datatype, shape) = match method {
            Method::Predict => (datatype_of(classes), json!([-1])),
            Method::Apply => ("INT64", json!([-1, -1])),
            _ => ("FP64", json!([-1, classes.map_or(-1, |classes| classes.len() as i64)])),
        };
        json!({ "name": method.name(), "datatype": datatype, "shape": shape })
    });
    Ok(ok(&json!({
        "name": served.name,
        "versions": versions,
        "platform": platform(&served),
        "inputs": inputs,
        "outputs": outputs.collect::<Vec<_>>(),
        "parameters": facts(&served),
    })))
}

/// The platform of a model, as version 2 of the protocol writes it.
fn platform(served: &Served) -> String {
    match served.model {
        crate::any_model::AnyModel::Estimator(_) => format!("sklearn_{}", served.model.name()),
        _ => format!("picklebook_{}", served.model.name()),
    }
}

/// What is known of a version of a model.
fn facts(served: &Served) -> Value {
    let classes = served
        .model
        .classes()
        .ok()
        .map(|classes| classes.iter().map(|class| class.to_string()).collect::<Vec<_>>());
    json!({
        "version": served.version,
        "class": served.model.name(),
        "methods": served.methods,
        "classes": classes,
        "columns": served.columns.names(),
        "takes_texts": served.columns.takes_texts(),
        "n_columns": served.columns.count(),
        "explains": super::explain::explains(&served.model),
        "file": served.path.file_name().map(|name| name.to_string_lossy()),
        "bytes": served.bytes,
        "sha256": served.sha256,
        "loaded": served.loaded,
        "card": served.card,
    })
}

/// What the page shows.
async fn status(State(app): State<Arc<App>>) -> Response {
    let models = app.registry.now();
    let of = |versions: &Versions| {
        json!({
            "name": versions.current.name,
            "current": versions.current.version,
            "versions": versions.all.iter().map(|served| facts(served)).collect::<Vec<_>>(),
        })
    };
    let problems = models
        .problems
        .iter()
        .map(|(path, problem)| json!({ "file": path.display().to_string(), "problem": problem }));
    ok(&json!({
        "version": env!("CARGO_PKG_VERSION"),
        "up_seconds": app.started.elapsed().as_secs(),
        "models": models.by_name.values().map(of).collect::<Vec<_>>(),
        "problems": problems.collect::<Vec<_>>(),
        "recent": app.metrics.recent(),
        "keeps_predictions": app.keeps_predictions(),
    }))
}

async fn no_path(verb: Verb, uri: axum::http::Uri) -> Refusal {
    let path: String = uri.path().chars().take(200).collect();
    Refusal::unknown(format!("there is nothing under {verb} {path}; /openapi.json lists all paths"))
}

async fn wrong_method() -> Refusal {
    Refusal::wrong_method()
}
