//! A server that answers what saved models predict, over HTTP.
//!
//! ```no_run
//! use picklebook::serve::{Options, Server};
//!
//! // also scikit-learn's files, several of them, or a folder with NAME/1/model.pkl in it
//! let server = Server::bind(["model.pkl"], &Options::new().port(8080))?;
//! println!("http://{}/ shows the models", server.address());
//! server.run()?;
//! # Ok::<(), picklebook::serve::Error>(())
//! ```
//!
//! A model is inspected before it is loaded, and refused with the reason if its file would run code in
//! Python or holds something that no model needs. Files are looked at again each second: a new version is
//! loaded and asked once before it takes the place of the old one, which answers until then; a file that
//! is refused changes nothing.
//!
//! | path | what it answers |
//! | --- | --- |
//! | `POST /predict`, `/models/NAME/predict`, `/models/NAME/versions/V/predict` | predictions about rows that are given as JSON objects by the columns' names, as lists, or as CSV |
//! | `POST /explain` and so on | the way of a row through a tree, and what each feature added to the answer of a tree or a forest |
//! | `POST /feedback` | takes the true class of a row that was predicted, where a log is kept |
//! | `POST /models/NAME/current` | which version answers where none is named |
//! | `GET /v2`, `/v2/health/live`, `/v2/health/ready`, `/v2/models/NAME`, `POST /v2/models/NAME/infer` and so on | the [Open Inference Protocol](https://github.com/kserve/open-inference-protocol), version 2, with tensors as JSON |
//! | `GET /metrics` | counts and times, for Prometheus |
//! | `GET /openapi.json` | all paths, as OpenAPI describes them |
//! | `GET /` | a page that shows the models and takes a row |
//!
//! With [`Options::log`] each predicted row and each true class that is told later is a line of a file, of
//! which [`monitor::log`](crate::monitor::log) makes tables; a line is written before the request is
//! answered, and a request that cannot be kept is answered with 503.
//!
//! Numbers are read and written so that they are the same 64-bit floats on both sides, and answers are
//! those of [`AnyModel::ask`](crate::AnyModel::ask), bit by bit.

mod answer;
mod app;
mod error;
mod explain;
mod http;
mod journal;
mod log;
mod metrics;
mod models;
mod options;
mod refusal;
mod table;
mod tensor;

use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::pin::pin;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::{Semaphore, oneshot};
use tokio_io_timeout::TimeoutStream;

use self::app::App;
pub use self::error::Error;
use self::journal::Journal;
use self::log::{Level, Log};
use self::metrics::Metrics;
use self::models::{Registry, Source};
pub use self::options::Options;

/// How often files are looked at.
const LOOKS: Duration = Duration::from_secs(1);

/// How long requests that are being answered are waited for when the server stops.
const LAST_ANSWERS: Duration = Duration::from_secs(20);

/// How long the server waits when it has no file handles left for a connection.
const BREATH: Duration = Duration::from_millis(50);

/// The longest head of a request, in bytes, and the most lines of it.
const LONGEST_HEAD: usize = 16 << 10;
const MOST_HEADERS: usize = 64;

/// What a connection is told that is one too many.
const TURNED_AWAY: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\n\
    content-type: application/json\r\ncontent-length: 49\r\n\r\n\
    {\"error\":\"too many connections; try again later\"}";

/// A server that is ready to answer.
///
/// ```
/// use std::io::{Read, Write};
/// use picklebook::prelude::*;
/// use picklebook::serve::{Options, Server};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("scale.pkl");
/// pickle::save(&DecisionTreeClassifier::params().fit(&balance_scale())?, &path)?;
///
/// let options = Options::new().port(0).silent(true);
/// let server = Server::bind([&path], &options)?.start()?;
/// let mut connection = std::net::TcpStream::connect(server.address())?;
/// let body = r#"[[1, 5, 1, 2]]"#;
/// write!(
///     connection,
///     "POST /predict HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
///     body.len()
/// )?;
/// let mut answer = String::new();
/// connection.read_to_string(&mut answer)?;
/// assert!(answer.contains(r#""predictions":["L"]"#), "{answer}");
/// server.stop();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Server {
    app: Arc<App>,
    listener: StdListener,
    address: SocketAddr,
}

impl Server {
    /// Loads models and takes the address. Each source is the path of a model's file, `NAME=PATH`, or the
    /// path of a folder: of models (`NAME/1/model.pkl`, `NAME/2/model.pkl`) or of one model's versions.
    ///
    /// # Errors
    /// [`Error::Model`] for a file that is refused, and the other variants for what else is wrong.
    pub fn bind<S: AsRef<std::ffi::OsStr>>(
        sources: impl IntoIterator<Item = S>,
        options: &Options,
    ) -> Result<Server, Error> {
        let options = options.clone();
        let address = SocketAddr::new(options.host, options.port);
        match &options.token {
            Some(token) => {
                let is_plain = token.bytes().all(|byte| byte.is_ascii_graphic());
                if !is_plain || !(16..=1024).contains(&token.len()) {
                    return Err(Error::Token);
                }
            }
            None if !options.host.is_loopback() => return Err(Error::NoToken { address }),
            None => {}
        }
        let sources = sources
            .into_iter()
            .map(|source| Source::named(source.as_ref()))
            .collect::<Result<Vec<Source>, Error>>()?;
        let log = Log { requests: options.log_requests, silent: options.silent };
        let metrics = Arc::new(Metrics::new());
        let registry = Registry::open(sources, options.limits, Arc::clone(&metrics), &log)?;
        let bind = |source| Error::Bind { address, source };
        let journal = options.log.as_deref().map(Journal::open).transpose()?;
        let listener = StdListener::bind(address).map_err(bind)?;
        listener.set_nonblocking(true).map_err(bind)?;
        let address = listener.local_addr().map_err(bind)?;
        let is_local = options.host.is_loopback();
        let app = App::new(registry, metrics, log, options, journal, is_local)?;
        Ok(Server { app: Arc::new(app), listener, address })
    }

    /// Where it is asked.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until the process is told to end, by SIGTERM or Ctrl+C (or its standard input, see
    /// [`Options::until_stdin_closes`]); then it answers what it was asked before, and returns.
    ///
    /// # Errors
    /// [`Error::System`].
    pub fn run(self) -> Result<(), Error> {
        if !self.app.options.until_stdin_closes {
            return self.until(told_to_end());
        }
        let (closed, noticed) = oneshot::channel::<()>();
        // not joined: where the server ends first, it waits on
        std::thread::Builder::new().name("picklebook-stdin".to_owned()).spawn(move || {
            // what comes counts as little as what went wrong
            _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
            _ = closed.send(());
        })?;
        self.until(async {
            tokio::select! {
                () = told_to_end() => {}
                _ = noticed => {}
            }
        })
    }

    /// Answers on a thread of its own until [`Running::stop`] is called.
    ///
    /// # Errors
    /// [`Error::System`] if there is no thread.
    pub fn start(self) -> Result<Running, Error> {
        let (stop, stopped) = oneshot::channel::<()>();
        let address = self.address;
        let work = move || self.until(async { _ = stopped.await });
        let thread = std::thread::Builder::new().name("picklebook-serve".to_owned()).spawn(work)?;
        Ok(Running { address, stop: Some(stop), thread: Some(thread) })
    }

    /// Answers without connections, for what tries many requests: a fuzz target.
    ///
    /// # Errors
    /// [`Error::System`].
    #[doc(hidden)]
    pub fn direct(self) -> Result<Direct, Error> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        Ok(Direct { service: TowerToHyperService::new(http::router(self.app)), runtime })
    }

    fn until(self, end: impl Future<Output = ()>) -> Result<(), Error> {
        let threads = self.app.options.threads;
        let runtime: Runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(threads)
            .thread_name("picklebook-serve")
            .enable_all()
            .build()?;
        let app = Arc::clone(&self.app);
        let result = runtime.block_on(async {
            let listener = TcpListener::from_std(self.listener)?;
            app.log.event(Level::Info, "listens", &[("address", self.address.to_string().into())]);
            let looks = tokio::spawn(look_again(Arc::clone(&app)));
            accept(&app, listener, end).await;
            looks.abort();
            app.sync();
            Ok(())
        });
        runtime.shutdown_timeout(Duration::from_secs(1));
        app.log.event(Level::Info, "ends", &[]);
        result
    }
}

/// A server that has no address.
#[doc(hidden)]
#[derive(Debug)]
pub struct Direct {
    service: TowerToHyperService<axum::Router>,
    runtime: Runtime,
}

impl Direct {
    /// The status and the body of the answer to a POST request of a type of content.
    pub fn post(&self, path: &str, kind: &str, body: &[u8]) -> Result<(u16, Vec<u8>), axum::Error> {
        use http_body_util::BodyExt;
        use hyper::service::Service;

        let request = axum::http::Request::post(path)
            .header("content-type", kind)
            .body(axum::body::Body::from(body.to_vec()))
            .map_err(axum::Error::new)?;
        self.runtime.block_on(async {
            let Ok(response) = self.service.call(request).await;
            let status = response.status().as_u16();
            Ok((status, response.into_body().collect().await?.to_bytes().to_vec()))
        })
    }
}

/// A server that answers on a thread of its own; it stops when this is dropped.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<Result<(), Error>>>,
}

impl Running {
    /// Where it is asked.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops the server when it has answered what it was asked before.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // it may have ended already
            _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            _ = thread.join();
        }
    }
}

/// Waits for SIGTERM or Ctrl+C.
async fn told_to_end() {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};

        let terminated = async {
            match signal(SignalKind::terminate()) {
                Ok(mut signal) => _ = signal.recv().await,
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            () = interrupted => {}
            () = terminated => {}
        }
    }
    #[cfg(not(unix))]
    interrupted.await;
}

/// Looks at the models' files again and again.
async fn look_again(app: Arc<App>) {
    let mut looks = tokio::time::interval(LOOKS);
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        let own = Arc::clone(&app);
        let look = move || {
            own.sync();
            if let Err(error) = own.registry.refresh(&own.log) {
                own.log.event(Level::Warning, "refused", &[("problem", error.to_string().into())]);
            }
        };
        // it panics as little as it stops
        _ = tokio::task::spawn_blocking(look).await;
    }
}

/// Takes connections until the end, and answers on them.
async fn accept(app: &Arc<App>, listener: TcpListener, end: impl Future<Output = ()>) {
    let router = http::router(Arc::clone(app));
    let room = Arc::new(Semaphore::new(app.options.max_connections));
    let timeout = Duration::from_secs(app.options.timeout);
    let graceful = GracefulShutdown::new();
    let mut end = pin!(end);
    loop {
        let accepted = tokio::select! {
            () = &mut end => break,
            accepted = listener.accept() => accepted,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                // no file handle is left, or the client has gone already
                app.metrics.turned_away("not accepted");
                if !is_of_the_client(&error) {
                    tokio::time::sleep(BREATH).await;
                }
                continue;
            }
        };
        let Ok(permit) = Arc::clone(&room).try_acquire_owned() else {
            app.metrics.turned_away("connections");
            turn_away(&stream);
            continue;
        };
        // a small answer is not held back for more
        _ = stream.set_nodelay(true);
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(timeout));
        let mut builder = http1::Builder::new();
        builder
            .timer(TokioTimer::new())
            .header_read_timeout(timeout)
            .max_buf_size(LONGEST_HEAD)
            .max_headers(MOST_HEADERS)
            .pipeline_flush(true);
        let service = TowerToHyperService::new(router.clone());
        let connection = builder.serve_connection(TokioIo::new(Box::pin(stream)), service);
        let connection = graceful.watch(connection);
        let own = Arc::clone(app);
        own.metrics.connections.inc();
        tokio::spawn(async move {
            // what went wrong on the way to one client is no event for the server
            _ = connection.await;
            own.metrics.connections.dec();
            drop(permit);
        });
    }
    // who asks from now on is told by the system that nobody answers
    drop(listener);
    app.stop();
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(LAST_ANSWERS) => {}
    }
}

fn is_of_the_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};

    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// Tells a connection that it is one too many, if that can be told at once.
fn turn_away(stream: &TcpStream) {
    _ = stream.try_write(TURNED_AWAY);
}
