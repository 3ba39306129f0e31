//! `picklebook serve`: models that answer over HTTP.

use std::fs;
use std::net::IpAddr;
use std::path::PathBuf;

use clap::Args;
use picklebook::serve::{Options, Server};

use super::{Failure, told};
use crate::tell;

/// The environment variable that holds the token.
const TOKEN: &str = "PICKLEBOOK_SERVE_TOKEN";

/// Answer what saved models predict, over HTTP
///
/// Each MODEL is a file, from `picklebook train`, a notebook or scikit-learn, also NAME=FILE; or a folder
/// of models in versions, NAME/1/model.pkl, NAME/2/model.pkl, of which the newest answers. Files are
/// inspected first, and refused with the reason if they would run code in Python. They are looked at again
/// each second: a new version takes the place of the old one without a pause, and a file that is refused
/// changes nothing.
///
/// Open http://127.0.0.1:8080/ to see the models and to try a row; /openapi.json lists what else is there:
/// /predict for JSON or CSV, /feedback, the Open Inference Protocol under /v2, /explain, /metrics.
///
/// Ctrl+C or SIGTERM end it, once it has answered what it was asked before.
#[derive(Args)]
pub struct ServeArguments {
    /// Files of models, NAME=FILE, or folders of them
    #[arg(required = true, value_name = "MODEL")]
    models: Vec<PathBuf>,
    /// The port to serve at; 0 is one that is free
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The address to serve at; another than this machine's own needs a token
    #[arg(long, default_value = "127.0.0.1")]
    host: IpAddr,
    /// A file that holds the token which requests must send as `Authorization: Bearer TOKEN`; the
    /// environment variable PICKLEBOOK_SERVE_TOKEN does the same
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// A file to which each predicted row is added, a JSON object a line, and its true class when
    /// POST /feedback tells it
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    /// The longest body of a request, in bytes or as in 512K or 2M
    #[arg(long, value_name = "SIZE", value_parser = super::size, default_value = "16M")]
    max_body: u64,
    /// The most rows of a request
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    max_rows: usize,
    /// The most connections that are open at once
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    max_connections: usize,
    /// The most requests that are answered at once; others are told to try again in a second
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    max_requests: usize,
    /// How many seconds a request may take to arrive, and an answer to be read on
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    timeout: u64,
    /// How many threads answer [default: one for each processor]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// End when standard input does, too: for programs that start the server with a pipe there
    #[arg(long)]
    until_stdin_closes: bool,
    /// Tell of each request on standard error, as JSON
    #[arg(long)]
    log_requests: bool,
}

pub fn serve(arguments: &ServeArguments) -> Result<(), Failure> {
    let mut options = Options::new()
        .host(arguments.host)
        .port(arguments.port)
        .max_body(usize::try_from(arguments.max_body).unwrap_or(usize::MAX))
        .max_rows(arguments.max_rows)
        .max_connections(arguments.max_connections)
        .max_requests(arguments.max_requests)
        .timeout(arguments.timeout)
        .log_requests(arguments.log_requests)
        .until_stdin_closes(arguments.until_stdin_closes);
    if let Some(log) = &arguments.log {
        options = options.log(log);
    }
    if let Some(threads) = arguments.threads {
        options = options.threads(threads);
    }
    if let Some(token) = token(arguments)? {
        options = options.token(token);
    }
    let server = Server::bind(&arguments.models, &options).map_err(|error| told(&error))?;
    tell(&format!("http://{}/ shows the models; Ctrl+C ends the server", server.address()));
    Ok(server.run()?)
}

/// The token, from a file or from the environment.
fn token(arguments: &ServeArguments) -> Result<Option<String>, Failure> {
    if let Some(path) = &arguments.token_file {
        let token = fs::read_to_string(path)
            .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        return Ok(Some(token.trim().to_owned()));
    }
    match std::env::var(TOKEN) {
        Ok(token) => Ok(Some(token)),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(error) => Err(format!("{TOKEN}: {error}").into()),
    }
}
