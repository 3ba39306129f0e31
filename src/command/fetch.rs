//! `picklebook fetch`: the data sets, from where they are published.

use std::fmt::{Display, Write as _};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};
use picklebook::container::{Archive, FileKind, Limits};
use picklebook::data::SpamFeatures;
use picklebook::files::write_atomically;
use sha2::{Digest, Sha256};
use ureq::http::{Response, header};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Body};

use super::Failure;

/// Download a data set from the UCI Machine Learning Repository, as CSV
///
/// What arrives is known by its length and its SHA-256, and refused if it is anything else. It gets the
/// names of its columns, and is written whole or not at all. A download that is cut off stays in a file
/// whose name ends in .part, and goes on from there the next time, if the server can do that.
///
/// The environment variables HTTPS_PROXY and NO_PROXY say which proxy to use, and SSL_CERT_FILE which
/// certificates to trust in place of Mozilla's.
#[derive(Args)]
pub struct FetchArguments {
    /// The data set
    #[arg(value_enum)]
    name: DataSet,
    /// Where to write [default: data/NAME.csv]
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    /// Replace another file that is there
    #[arg(long)]
    force: bool,
    /// The address of a mirror, for the file or a zip archive with it; of several, the next is asked
    /// where one does not have it
    #[arg(long, value_name = "URL", value_parser = address)]
    url: Vec<String>,
    /// How many seconds the download may take
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 300,
        value_parser = clap::value_parser!(u64).range(1..=86_400)
    )]
    timeout: u64,
}

/// A data set that can be downloaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum DataSet {
    /// 625 scales with two weights at two distances, and the side to which each tips
    BalanceScale,
    /// 4,601 e-mails of 1999 as 57 numbers each, spam or ham
    Spambase,
}

/// Where a data set is, how it is recognised, and what becomes of it.
struct Source {
    name: &'static str,
    /// Asked in this order: the next where one is not there any more.
    addresses: &'static [&'static str],
    /// The name of the file, in an archive as well.
    file: &'static str,
    length: usize,
    sha256: &'static str,
    /// What it becomes: the same rows below a line of names.
    csv_length: u64,
    csv_sha256: &'static str,
    rows: usize,
    columns: fn() -> Vec<String>,
    /// What the last field of a row is, and what it becomes.
    classes: &'static [(&'static str, &'static str)],
    citation: &'static str,
}

const BALANCE_SCALE: Source = Source {
    name: "balance-scale",
    addresses: &[
        "https://archive.ics.uci.edu/ml/machine-learning-databases/balance-scale/balance-scale.data",
        "https://archive.ics.uci.edu/static/public/12/balance+scale.zip",
    ],
    file: "balance-scale.data",
    length: 6_250,
    sha256: "5611187ef7345d807aa8ae22615945ade52a190537c0b1434bd44c3e877c5bb4",
    csv_length: 6_310,
    csv_sha256: "d4d9513efa831d03304fd7f080c8910a698c3d6318a203c54f5df20ecef2b855",
    rows: 625,
    columns: || {
        ["Class", "Left-Weight", "Left-Distance", "Right-Weight", "Right-Distance"]
            .map(str::to_owned)
            .into()
    },
    classes: &[],
    citation: "Siegler, R. (1976). Balance Scale [Dataset]. UCI Machine Learning Repository. \
               https://doi.org/10.24432/C5488X. CC BY 4.0",
};

const SPAMBASE: Source = Source {
    name: "spambase",
    addresses: &[
        "https://archive.ics.uci.edu/ml/machine-learning-databases/spambase/spambase.data",
        "https://archive.ics.uci.edu/static/public/94/spambase.zip",
    ],
    file: "spambase.data",
    length: 702_942,
    sha256: "b1ef93de71f97714d3d7d4f58fc9f718da7bbc8ac8a150eff2778616a8097b12",
    csv_length: 710_271,
    csv_sha256: "636566b5e75a8c5ce32fe74144afe23d3cd32adcd5fe72b0f56a8e88b203f640",
    rows: 4_601,
    columns: || SpamFeatures::names().iter().cloned().chain(["class".to_owned()]).collect(),
    classes: &[("0", "ham"), ("1", "spam")],
    citation: "Hopkins, M., Reeber, E., Forman, G. and Suermondt, J. (1999). Spambase [Dataset]. UCI \
               Machine Learning Repository. https://doi.org/10.24432/C53G6X. CC BY 4.0",
};

/// The most bytes of an archive that are read.
const MOST_OF_AN_ARCHIVE: usize = 4 << 20;

/// How an archive begins.
const ZIP: &[u8] = b"PK\x03\x04";

/// How often a server may name another address.
const REDIRECTS: u32 = 5;

/// How long a server may say nothing.
const SILENCE: Duration = Duration::from_secs(30);

/// What to do about a server that does not help.
const ANOTHER: &str = "check the network, or name a mirror by --url";

impl DataSet {
    fn source(self) -> &'static Source {
        match self {
            DataSet::BalanceScale => &BALANCE_SCALE,
            DataSet::Spambase => &SPAMBASE,
        }
    }
}

/// An address that can be asked.
fn address(text: &str) -> Result<String, &'static str> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    match rest {
        Some(rest) if !rest.is_empty() => Ok(text.to_owned()),
        _ => Err("an address that begins with https:// or http://"),
    }
}

pub fn fetch(arguments: &FetchArguments) -> Result<(), Failure> {
    let source = arguments.name.source();
    let in_data = || Path::new("data").join(format!("{}.csv", source.name));
    let to = arguments.to.clone().unwrap_or_else(in_data);
    match source.is_at(&to).map_err(|error| format!("cannot read {}: {error}", to.display()))? {
        Some(true) => return say(&format!("{}: it is there already, whole\n", to.display())),
        Some(false) if !arguments.force => {
            return Err(format!(
                "{} is another file, and stays as it is; name another place by --to, or replace it \
                 by --force",
                to.display()
            )
            .into());
        }
        _ => {}
    }
    // With --to, a folder that is not there is a slip of the pen.
    let made = match (&arguments.to, to.parent()) {
        (None, Some(folder)) => Folder::make(folder)?,
        _ => None,
    };
    let mut part = Part::open(&to)?;
    let server = Server::new(Duration::from_secs(arguments.timeout))?;
    let own: Vec<&str> = arguments.url.iter().map(String::as_str).collect();
    let addresses = if own.is_empty() { source.addresses } else { &own };
    let (raw, from) = download(source, addresses, &server, &mut part)?;
    let csv = source.to_csv(&raw)?;
    write_atomically(&to, |file| file.write_all(&csv)).map_err(|error| error.to_string())?;
    part.bytes.clear();
    drop((part, made));
    let (rows, citation, to) = (source.rows, source.citation, to.display());
    say(&format!("{to}: {rows} rows, from {from}\n{citation}\n"))
}

/// Prints what was done.
fn say(text: &str) -> Result<(), Failure> {
    super::to_stdout(|output| Ok(output.write_all(text.as_bytes()).map_err(super::not_printed)?))
}

fn sha256(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        // a String takes what is written
        _ = write!(text, "{byte:02x}");
    }
    text
}

impl Source {
    /// Whether a path holds the CSV file, or something else.
    fn is_at(&self, path: &Path) -> io::Result<Option<bool>> {
        let known = match fs::metadata(path) {
            Ok(known) => known,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        if !known.is_file() {
            return Err(io::Error::other("it is not a file"));
        }
        if known.len() != self.csv_length {
            return Ok(Some(false));
        }
        let mut bytes = Vec::new();
        File::open(path)?.take(self.csv_length + 1).read_to_end(&mut bytes)?;
        Ok(Some(sha256(&bytes) == self.csv_sha256))
    }

    /// The most bytes that are read of what begins like this.
    fn most(&self, beginning: &[u8]) -> usize {
        if beginning.starts_with(ZIP) { MOST_OF_AN_ARCHIVE } else { self.length }
    }

    /// The file itself, out of what arrived: that, or a zip archive with it.
    fn unpack(&self, arrived: &[u8]) -> Result<Vec<u8>, String> {
        let file = match arrived.starts_with(ZIP) {
            false => arrived.to_vec(),
            true => self.member(arrived)?,
        };
        if file.len() == self.length && sha256(&file) == self.sha256 {
            return Ok(file);
        }
        let kind = FileKind::of(&file);
        if !matches!(kind, FileKind::Csv | FileKind::Text | FileKind::Empty | FileKind::Unknown) {
            return Err(format!("this is not {}, but {kind}; {}", self.file, kind.advice()));
        }
        if file.len() != self.length {
            let (found, right) = (file.len(), self.length);
            return Err(match found < right {
                true => format!("{} has {right} bytes, but only {found} came", self.file),
                false => format!("{} has {right} bytes, but more came", self.file),
            });
        }
        Err(format!(
            "its SHA-256 is {}, but that of {} is {}: it was changed, there or on the way",
            sha256(&file),
            self.file,
            self.sha256
        ))
    }

    fn member(&self, zip: &[u8]) -> Result<Vec<u8>, String> {
        let archive = Archive::new(zip).map_err(|error| error.to_string())?;
        let member = archive
            .find(self.file)
            .ok_or_else(|| format!("the archive has no member {}", self.file))?;
        let limits = Limits::new().bytes(self.length as u64);
        match archive.read(member, &limits) {
            Ok(content) => Ok(content.into_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// The rows as they are, with one end of line, below the names of the columns.
    fn to_csv(&self, file: &[u8]) -> Result<Vec<u8>, String> {
        let text = str::from_utf8(file).map_err(|error| format!("{}: {error}", self.file))?;
        let mut csv = (self.columns)().join(",");
        csv.push('\n');
        for line in text.lines().filter(|line| !line.is_empty()) {
            let renamed = line.rsplit_once(',').and_then(|(row, class)| {
                let (_, name) = self.classes.iter().find(|(known, _)| *known == class)?;
                Some((row, name))
            });
            match renamed {
                Some((row, name)) => csv.extend([row, ",", name, "\n"]),
                None => csv.extend([line, "\n"]),
            }
        }
        Ok(csv.into_bytes())
    }
}

/// A folder that was made for the file, and goes again if nothing comes into it.
struct Folder(PathBuf);

impl Folder {
    fn make(folder: &Path) -> Result<Option<Folder>, Failure> {
        match fs::create_dir(folder) {
            Ok(()) => Ok(Some(Folder(folder.to_owned()))),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(None),
            Err(error) => Err(format!("cannot make {}: {error}", folder.display()).into()),
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // It stays where it holds something.
        _ = fs::remove_dir(&self.0);
    }
}

/// What has arrived of a file, in a file beside the one that it will become: a line that says where it
/// is from, and then its bytes.
struct Part {
    path: PathBuf,
    file: File,
    origin: Option<Origin>,
    bytes: Vec<u8>,
}

/// Which address, and which state of the file that is there.
#[derive(PartialEq, Eq)]
struct Origin {
    address: String,
    etag: String,
}

impl Origin {
    const FORMAT: &str = "picklebook part 1";

    fn read(line: &str) -> Option<Origin> {
        let mut fields = line.split('\t').map(str::to_owned);
        let (format, address, etag) = (fields.next()?, fields.next()?, fields.next()?);
        let is_one = format == Origin::FORMAT && fields.next().is_none() && is_strong(&etag);
        is_one.then_some(Origin { address, etag })
    }

    fn to_line(&self) -> String {
        format!("{}\t{}\t{}\n", Origin::FORMAT, self.address, self.etag)
    }
}

impl Part {
    /// Opens the file, or makes it, and holds it alone.
    fn open(to: &Path) -> Result<Part, Failure> {
        let mut path = to.as_os_str().to_owned();
        path.push(".part");
        let path = PathBuf::from(path);
        let cannot = |error: io::Error| format!("cannot write {}: {error}", path.display());
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false);
        if fs::metadata(&path).is_ok_and(|known| !known.is_file()) {
            return Err(cannot(io::Error::other("it is not a file")).into());
        }
        let mut file = options.open(&path).map_err(cannot)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => {
                return Err(format!(
                    "another `picklebook fetch` is at {}; wait for it",
                    to.display()
                )
                .into());
            }
            // A file system without locks: whole the file is in any case.
            Ok(()) | Err(TryLockError::Error(_)) => {}
        }
        let mut bytes = Vec::new();
        let most = MOST_OF_AN_ARCHIVE + (1 << 16);
        (&mut file).take(most as u64).read_to_end(&mut bytes).map_err(cannot)?;
        let line = bytes.iter().position(|&byte| byte == b'\n');
        let origin = line.and_then(|end| str::from_utf8(bytes.get(..end)?).ok());
        let origin = origin.and_then(Origin::read);
        match (&origin, line) {
            (Some(_), Some(end)) => _ = bytes.drain(..=end),
            _ => bytes.clear(),
        }
        Ok(Part { path, file, origin, bytes })
    }

    /// Begins anew, with what comes from here.
    fn begin(&mut self, origin: Option<Origin>) -> Result<(), String> {
        self.bytes.clear();
        let line = origin.as_ref().map(Origin::to_line).unwrap_or_default();
        self.origin = origin;
        let mut write = || {
            self.file.set_len(0)?;
            self.file.seek(SeekFrom::Start(0))?;
            self.file.write_all(line.as_bytes())
        };
        write().map_err(|error| self.cannot_write(error))
    }

    /// Adds what came; to the file only where it can be of use later.
    fn add(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.bytes.extend_from_slice(bytes);
        if self.origin.is_none() {
            return Ok(());
        }
        self.file.write_all(bytes).map_err(|error| self.cannot_write(error))
    }

    /// A disk that takes no more: what is there would only be in the way.
    fn cannot_write(&mut self, error: io::Error) -> String {
        self.origin = None;
        self.bytes.clear();
        format!("cannot write {}: {error}", self.path.display())
    }

    /// What is said of it when a download ends too early.
    fn state(&self) -> String {
        match (self.bytes.len(), &self.origin) {
            (0, _) => "nothing of the file has come".to_owned(),
            (length, Some(_)) => format!(
                "the first {length} bytes are kept in {}: the same command goes on from there",
                self.path.display()
            ),
            (length, None) => {
                format!("{length} bytes came; the server does not let a download go on later")
            }
        }
    }
}

impl Drop for Part {
    /// Only a beginning that can be gone on with stays.
    fn drop(&mut self) {
        if self.origin.is_none() || self.bytes.is_empty() {
            // One that cannot be removed does no harm.
            _ = fs::remove_file(&self.path);
        }
    }
}

/// Why nothing came of an address.
enum Trouble {
    /// The server does not have it.
    NotThere(String),
    /// What it has is not what the beginning was of.
    Changed(String),
    Other(String),
}

/// The file, and the address that it came from.
fn download(
    source: &Source,
    addresses: &[&str],
    server: &Server,
    part: &mut Part,
) -> Result<(Vec<u8>, String), Failure> {
    // It had all arrived, and could not be written.
    if let Some(origin) = &part.origin
        && addresses.contains(&origin.address.as_str())
        && let Ok(file) = source.unpack(&part.bytes)
    {
        return Ok((file, origin.address.clone()));
    }
    let mut problem = String::new();
    for address in addresses {
        let mut arrived = receive(source, address, server, part);
        if matches!(arrived, Err(Trouble::Changed(_))) {
            // From the beginning, it can only be wrong because it is another file.
            part.begin(None)?;
            arrived = receive(source, address, server, part);
        }
        match arrived {
            Ok(file) => return Ok((file, (*address).to_owned())),
            Err(Trouble::NotThere(what)) if problem.is_empty() => problem = what,
            Err(Trouble::NotThere(what)) => problem.extend(["; ", &what]),
            Err(Trouble::Changed(what) | Trouble::Other(what)) => return Err(what.into()),
        }
    }
    Err(format!("{problem}; name a mirror by --url").into())
}

/// Asks one address for the file, or for the rest of it.
fn receive(
    source: &Source,
    address: &str,
    server: &Server,
    part: &mut Part,
) -> Result<Vec<u8>, Trouble> {
    let begun = part.origin.as_ref().filter(|origin| origin.address == address);
    let lacks_some = (1..source.most(&part.bytes)).contains(&part.bytes.len());
    let rest = begun.filter(|_| lacks_some).map(|it| (part.bytes.len(), &*it.etag));
    let response = server
        .ask(address, rest)
        .map_err(|why| Trouble::Other(format!("no answer from {address}: {why}; {ANOTHER}")))?;
    let goes_on = match (response.status().as_u16(), rest) {
        (200, _) => false,
        (206, Some((length, _))) if begins_at(&response) == Some(length) => true,
        (206 | 416, Some(_)) => {
            return Err(Trouble::Changed(format!("{address} does not give the rest of the file")));
        }
        (404 | 410, _) => return Err(Trouble::NotThere(format!("{address} is not there"))),
        _ => {
            let status = response.status();
            return Err(Trouble::Other(format!("{address} answers {status}; {ANOTHER}")));
        }
    };
    if !goes_on {
        let etag = strong_etag(&response);
        let origin = etag.map(|etag| Origin { address: address.to_owned(), etag });
        part.begin(origin).map_err(Trouble::Other)?;
    }
    let ends = [header::CONTENT_LENGTH, header::TRANSFER_ENCODING];
    let says_its_end = ends.iter().any(|name| response.headers().contains_key(name));
    let mut body = response.into_body().into_reader();
    let mut buffer = [0; 1 << 14];
    let ended = loop {
        if part.bytes.len() > source.most(&part.bytes) {
            break Ok(());
        }
        match body.read(&mut buffer) {
            Ok(0) => break Ok(()),
            Ok(count) => {
                let came = buffer.get(..count).unwrap_or_default();
                part.add(came).map_err(Trouble::Other)?;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => break Err(server.why(ureq::Error::from(error))),
        }
    };
    if let Err(why) = ended {
        let state = part.state();
        return Err(Trouble::Other(format!(
            "the download of {address} was cut off: {why}; {state}"
        )));
    }
    let file = source.unpack(&part.bytes);
    if file.is_err() && !says_its_end && part.bytes.len() < source.length {
        // The end of the connection is the end of such a file, and also of one that was cut off.
        let state = part.state();
        return Err(Trouble::Other(format!("the download of {address} ended too early; {state}")));
    }
    file.map_err(|problem| {
        part.bytes.clear();
        let problem = format!("{address}: {problem}; nothing of it was kept");
        if goes_on { Trouble::Changed(problem) } else { Trouble::Other(problem) }
    })
}

/// Where the bytes of an answer begin in the file.
fn begins_at(response: &Response<Body>) -> Option<usize> {
    let range = response.headers().get(header::CONTENT_RANGE)?.to_str().ok()?;
    range.strip_prefix("bytes ")?.split_once('-')?.0.trim().parse().ok()
}

/// The tag of an answer, if it is one that changes with every byte of the file.
fn strong_etag(response: &Response<Body>) -> Option<String> {
    let tag = response.headers().get(header::ETAG)?.to_str().ok()?;
    is_strong(tag).then(|| tag.to_owned())
}

/// Whether a tag is a strong one: RFC 9110, 8.8.3.
fn is_strong(tag: &str) -> bool {
    tag.starts_with('"') && tag.len() <= 1_000 && tag.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Who asks the servers.
struct Server {
    plain: Agent,
    /// For addresses with TLS, which may not send on to others.
    secure: Agent,
    timeout: Duration,
}

impl Server {
    fn new(timeout: Duration) -> Result<Server, Failure> {
        let agent = |https_only| -> Result<Agent, Failure> {
            let config = Agent::config_builder()
                .http_status_as_error(false)
                .https_only(https_only)
                .max_redirects(REDIRECTS)
                .max_redirects_will_error(true)
                .user_agent(concat!("picklebook/", env!("CARGO_PKG_VERSION")))
                .timeout_global(Some(timeout))
                .timeout_connect(Some(timeout.min(SILENCE)))
                .timeout_per_read(Some(timeout.min(SILENCE)))
                .tls_config(TlsConfig::builder().root_certs(root_certificates()?).build());
            Ok(config.build().new_agent())
        };
        Ok(Server { plain: agent(false)?, secure: agent(true)?, timeout })
    }

    /// Asks for a file, or for the rest of it behind some bytes if its tag is still the same.
    fn ask(&self, address: &str, rest: Option<(usize, &str)>) -> Result<Response<Body>, String> {
        let agent = if address.starts_with("https://") { &self.secure } else { &self.plain };
        // Bytes that were compressed on the way could not be counted.
        let mut request = agent.get(address).header(header::ACCEPT_ENCODING, "identity");
        if let Some((length, etag)) = rest {
            request = request
                .header(header::RANGE, format!("bytes={length}-"))
                .header(header::IF_RANGE, etag);
        }
        request.call().map_err(|error| self.why(error))
    }

    /// What went wrong, in words.
    fn why(&self, error: ureq::Error) -> String {
        use ureq::Error::{
            ConnectionFailed, HostNotFound, Io, Protocol, RequireHttpsOnly, Rustls, Timeout,
            TooManyRedirects,
        };
        let said: &dyn Display = match &error {
            HostNotFound => &"there is no such host, or no network",
            ConnectionFailed => &"there is no connection",
            Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => &"the connection ended",
            Io(error) => error,
            Rustls(error) => error,
            Protocol(error) => return format!("it does not answer as HTTP has it ({error})"),
            Timeout(ureq::Timeout::Global) => {
                return format!("it took more than {} seconds (--timeout)", self.timeout.as_secs());
            }
            Timeout(_) => {
                let silence = self.timeout.min(SILENCE).as_secs();
                return format!("nothing came for {silence} seconds");
            }
            TooManyRedirects => {
                return format!("it sends on to another address more than {REDIRECTS} times");
            }
            RequireHttpsOnly(_) => &"it sends on to an address without TLS",
            other => other,
        };
        said.to_string()
    }
}

/// The certificates that are trusted: Mozilla's, or those of the file that the environment names, as
/// OpenSSL and curl have it.
fn root_certificates() -> Result<RootCerts, Failure> {
    const VARIABLE: &str = "SSL_CERT_FILE";
    let Some(path) = std::env::var_os(VARIABLE).filter(|path| !path.is_empty()) else {
        return Ok(RootCerts::WebPki);
    };
    let named = |problem: &dyn Display| format!("{VARIABLE}={}: {problem}", path.display());
    let text = fs::read(&path).map_err(|error| named(&error))?;
    let certificates: Vec<_> = parse_pem(&text)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    match certificates.is_empty() {
        true => Err(named(&"there is no certificate in it").into()),
        false => Ok(RootCerts::from(certificates)),
    }
}
