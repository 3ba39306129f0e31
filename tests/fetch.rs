//! `picklebook fetch`: from a server of this test's own, on the loopback address, that does what servers
//! do. The files of UCI are made of those in `data/`; the command knows their lengths and SHA-256, which
//! others have published, too: that of balance-scale.data in UCIData.jl, that of spambase.data in the
//! crate dataset-ml.
#![cfg(feature = "cli")]

#[path = "support/command.rs"]
mod command;
mod support;
#[path = "support/zip.rs"]
mod zip;

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use command::Done;
use zip::{Zip, deflated};

/// What came over the network, and what is written there.
trait Stream: Read + Write + Send {}

impl<T: Read + Write + Send> Stream for T {}

/// A request, as it came.
#[derive(Clone, Debug)]
struct Request {
    path: String,
    headers: Vec<(String, String)>,
}

impl Request {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// From which byte on the rest is asked for, and of which state of the file.
    fn rest(&self) -> Option<(usize, &str)> {
        let range = self.header("range")?.strip_prefix("bytes=")?.strip_suffix('-')?;
        Some((range.parse().unwrap(), self.header("if-range")?))
    }

    fn read(stream: &mut dyn Stream) -> Option<Request> {
        let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
        let path = lines.next()?.split(' ').nth(1)?.to_owned();
        let headers = lines.take_while(|line| !line.is_empty()).filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_ascii_lowercase(), value.trim().to_owned()))
        });
        Some(Request { path, headers: headers.collect() })
    }
}

/// A server whose answers a test writes.
struct Server {
    url: String,
    asked: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    fn start(
        answer: impl Fn(&Request, &mut dyn Stream) -> io::Result<()> + Send + Sync + 'static,
    ) -> Server {
        Server::with("http://127.0.0.1", |stream| Ok(Box::new(stream)), answer)
    }

    fn with(
        host: &str,
        wrap: impl Fn(TcpStream) -> io::Result<Box<dyn Stream>> + Send + Sync + 'static,
        answer: impl Fn(&Request, &mut dyn Stream) -> io::Result<()> + Send + Sync + 'static,
    ) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("{host}:{}", listener.local_addr().unwrap().port());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (noted, both) = (asked.clone(), Arc::new((wrap, answer)));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (noted, both) = (noted.clone(), both.clone());
                thread::spawn(move || {
                    let (wrap, answer) = &*both;
                    let Ok(mut stream) = wrap(stream) else { return };
                    if let Some(request) = Request::read(&mut *stream) {
                        noted.lock().unwrap().push(request.clone());
                        // who asked may have gone
                        let _ = answer(&request, &mut *stream).and_then(|()| stream.flush());
                    }
                });
            }
        });
        Server { url, asked }
    }

    /// A server that has one file, whole.
    fn of(bytes: Vec<u8>) -> Server {
        Server::start(move |_, stream| whole(stream, &bytes, None))
    }

    fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }
}

/// An answer, with all headers.
fn answer(stream: &mut dyn Stream, status: &str, headers: &str, body: &[u8]) -> io::Result<()> {
    write!(stream, "HTTP/1.1 {status}\r\nConnection: close\r\n{headers}\r\n")?;
    stream.write_all(body)
}

fn whole(stream: &mut dyn Stream, bytes: &[u8], etag: Option<&str>) -> io::Result<()> {
    let tag = etag.map(|etag| format!("ETag: {etag}\r\n")).unwrap_or_default();
    answer(stream, "200 OK", &format!("Content-Length: {}\r\n{tag}", bytes.len()), bytes)
}

/// The whole file, or the rest of it where that is asked for and its tag is still this one.
fn whole_or_rest(
    request: &Request,
    stream: &mut dyn Stream,
    bytes: &[u8],
    etag: &str,
) -> io::Result<()> {
    match request.rest() {
        Some((from, tag)) if tag == etag => {
            let (length, rest) = (bytes.len(), &bytes[from..]);
            let headers = format!(
                "Content-Length: {}\r\nContent-Range: bytes {from}-{}/{length}\r\nETag: {etag}\r\n",
                rest.len(),
                length - 1
            );
            answer(stream, "206 Partial Content", &headers, rest)
        }
        _ => whole(stream, bytes, Some(etag)),
    }
}

/// A file of the project's, and the file of UCI that it was made of.
struct Pair {
    name: &'static str,
    raw: Vec<u8>,
    csv: Vec<u8>,
}

fn pair(name: &'static str) -> Pair {
    let csv = fs::read(support::root().join(format!("data/{name}.csv"))).unwrap();
    let text = String::from_utf8(csv.clone()).unwrap();
    let mut raw = String::new();
    for line in text.lines().skip(1) {
        match line.rsplit_once(',') {
            Some((row, "spam")) => raw.extend([row, ",1\r\n"]),
            Some((row, "ham")) => raw.extend([row, ",0\r\n"]),
            _ => raw.extend([line, "\n"]),
        }
    }
    Pair { name, raw: raw.into_bytes(), csv }
}

fn scale() -> Pair {
    pair("balance-scale")
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = support::picklebook();
    command.current_dir(folder).arg("fetch").args(arguments);
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "SSL_CERT_FILE"] {
        command.env_remove(name).env_remove(name.to_ascii_lowercase());
    }
    command
}

/// Fetches the balance scale from an address, with more arguments.
fn scale_from(folder: &Path, url: &str, more: &[&str]) -> Done {
    Done::of(&mut command(folder, &[&["balance-scale", "--url", url], more].concat()))
}

/// The one line that a run complained with.
fn complaint(done: &Done) -> &str {
    assert_eq!((done.code, done.said.as_str()), (Some(1), ""), "{done:?}");
    let line = done.complained.strip_prefix("picklebook: ").and_then(|it| it.strip_suffix('\n'));
    let line = line.unwrap_or_else(|| panic!("{done:?}"));
    assert!(!line.contains('\n'), "{done:?}");
    line
}

/// All that is in a folder.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn data(folder: &Path) -> PathBuf {
    folder.join("data/balance-scale.csv")
}

/// A run that failed, and left the folder empty.
fn fails(name: &str, url: &str, more: &[&str], expected: &str) {
    let folder = support::folder(name);
    let done = scale_from(&folder, url, more);
    let said = complaint(&done).replace(url, "URL");
    assert!(said.contains(expected), "{said}\ninstead of {expected}");
    assert_eq!(names(&folder), [""; 0], "{said}");
}

#[test]
fn what_arrives_becomes_the_file_that_is_compiled_in() {
    for (name, rows, doi) in
        [("balance-scale", 625, "10.24432/C5488X"), ("spambase", 4601, "10.24432/C53G6X")]
    {
        let pair = pair(name);
        let server = Server::of(pair.raw);
        let folder = support::folder(&format!("fetch-whole-{name}"));
        let done = Done::of(&mut command(&folder, &[pair.name, "--url", &server.url]));
        assert_eq!((done.code, done.complained.as_str()), (Some(0), ""));
        let first = format!("data/{name}.csv: {rows} rows, from {}\n", server.url);
        assert!(done.said.starts_with(&first) && done.said.contains(doi), "{}", done.said);
        assert!(fs::read(folder.join(format!("data/{name}.csv"))).unwrap() == pair.csv);
        assert_eq!(names(&folder.join("data")), [format!("{name}.csv")]);
        // Once it is there, nobody is asked.
        let again = Done::of(&mut command(&folder, &[pair.name, "--url", &server.url, "--force"]));
        let expected = format!("data/{name}.csv: it is there already, whole\n");
        assert_eq!((again.code, again.said), (Some(0), expected));
        let asked = server.asked();
        assert_eq!(asked.len(), 1, "{asked:?}");
        assert_eq!(asked[0].header("accept-encoding"), Some("identity"));
        assert!(asked[0].header("user-agent").unwrap().starts_with("picklebook/"));
        assert_eq!(asked[0].header("range"), None);
    }
}

#[test]
fn another_file_is_left_alone() {
    let server = Server::of(scale().raw);
    let folder = support::folder("fetch-another");
    fs::create_dir(folder.join("data")).unwrap();
    for other in [b"mine".to_vec(), vec![b'x'; scale().csv.len()]] {
        fs::write(data(&folder), &other).unwrap();
        let said = scale_from(&folder, &server.url, &[]);
        let expected = "data/balance-scale.csv is another file, and stays as it is; name another place \
                        by --to, or replace it by --force";
        assert_eq!(complaint(&said), expected);
        assert_eq!(fs::read(data(&folder)).unwrap(), other);
        assert_eq!(names(&folder.join("data")), ["balance-scale.csv"]);
    }
    assert!(server.asked().is_empty());
    assert_eq!(scale_from(&folder, &server.url, &["--force"]).code, Some(0));
    assert_eq!(fs::read(data(&folder)).unwrap(), scale().csv);
    // Elsewhere.
    assert_eq!(scale_from(&folder, &server.url, &["--to", "rows.csv"]).code, Some(0));
    assert_eq!(fs::read(folder.join("rows.csv")).unwrap(), scale().csv);
    assert_eq!(names(&folder), ["data", "rows.csv"]);
    let said = scale_from(&folder, &server.url, &["--to", "no/rows.csv"]);
    assert!(complaint(&said).starts_with("cannot write no/rows.csv.part: "), "{said:?}");
    let said = scale_from(&folder, &server.url, &["--to", "data"]);
    assert_eq!(complaint(&said), "cannot read data: it is not a file");
    fs::create_dir(folder.join("more.csv.part")).unwrap();
    let said = scale_from(&folder, &server.url, &["--to", "more.csv"]);
    assert_eq!(complaint(&said), "cannot write more.csv.part: it is not a file");
}

#[test]
fn an_address_may_send_on() {
    let raw = scale().raw;
    let file = Server::of(raw.clone());
    let elsewhere = file.url.clone();
    let server = Server::start(move |request, stream| {
        let to = match request.path.as_str() {
            "/there" => return whole(stream, &raw, None),
            "/relative" => "/there",
            "/again" => "/relative",
            "/elsewhere" => &elsewhere,
            "/round" => "/round",
            "/file" => "file:///etc/hostname",
            _ => return answer(stream, "302 Found", "Content-Length: 0\r\n", b""),
        };
        let headers = format!("Location: {to}\r\nContent-Length: 0\r\n");
        answer(stream, "302 Found", &headers, b"")
    });
    for path in ["relative", "again", "elsewhere"] {
        let folder = support::folder(&format!("fetch-on-{path}"));
        let done = scale_from(&folder, &format!("{}/{path}", server.url), &[]);
        assert_eq!(done.code, Some(0), "{done:?}");
        assert_eq!(fs::read(data(&folder)).unwrap(), scale().csv);
    }
    let round = format!("{}/round", server.url);
    let expected = "it sends on to another address more than 5 times; check the network";
    fails("fetch-on-round", &round, &[], expected);
    for path in ["nowhere", "file"] {
        fails(&format!("fetch-on-{path}"), &format!("{}/{path}", server.url), &[], "URL");
    }
}

/// The lengths at which downloads are cut off.
fn lengths() -> Vec<usize> {
    let whole = scale().raw.len();
    let mut lengths = vec![0, 1, 2, 3, 4, 5, 9, 10, 11, 4095, 4096, 4097, whole - 2, whole - 1];
    lengths.extend((0..whole).step_by(450));
    lengths
}

#[test]
fn a_download_that_is_cut_off_goes_on_from_there() {
    let raw = Arc::new(scale().raw);
    for (place, length) in lengths().into_iter().enumerate() {
        let (cut, file) = (raw.clone(), raw.clone());
        // The first answer is cut off, with the length of the whole in its head, or in pieces.
        let first = Mutex::new(true);
        let server = Server::start(move |request, stream| {
            if !std::mem::take(&mut *first.lock().unwrap()) {
                return whole_or_rest(request, stream, &file, "\"one\"");
            }
            match place % 2 {
                0 => {
                    let head = format!("Content-Length: {}\r\nETag: \"one\"\r\n", cut.len());
                    answer(stream, "200 OK", &head, &cut[..length])
                }
                _ => {
                    let head = "Transfer-Encoding: chunked\r\nETag: \"one\"\r\n";
                    answer(stream, "200 OK", head, format!("{length:x}\r\n").as_bytes())?;
                    stream.write_all(&cut[..length])
                }
            }
        });
        let folder = support::folder(&format!("fetch-cut-{place}"));
        let done = scale_from(&folder, &server.url, &[]);
        let said = complaint(&done);
        assert!(said.contains("was cut off") || length == 0, "{said}");
        if length == 0 {
            assert_eq!(names(&folder), [""; 0], "{said}");
        } else {
            let kept = format!(
                "the first {length} bytes are kept in data/balance-scale.csv.part: the same command goes \
                 on from there"
            );
            assert!(said.ends_with(&kept), "{said}");
            assert_eq!(names(&folder.join("data")), ["balance-scale.csv.part"]);
        }
        let done = scale_from(&folder, &server.url, &[]);
        assert_eq!(done.code, Some(0), "{length}: {done:?}");
        assert_eq!(fs::read(data(&folder)).unwrap(), scale().csv, "{length}");
        assert_eq!(names(&folder.join("data")), ["balance-scale.csv"]);
        let asked = server.asked();
        let rest = (length > 0).then_some((length, "\"one\""));
        assert_eq!(asked[1].rest(), rest, "{asked:?}");
    }
}

/// Without a tag nobody can say whether the rest is of the same file; and without a length the end of
/// the connection may be that of the file.
#[test]
fn what_cannot_go_on_is_begun_anew() {
    let raw = Arc::new(scale().raw);
    for (tag, length) in [("", true), ("ETag: W/\"weak\"\r\n", true), ("", false)] {
        let file = raw.clone();
        let first = Mutex::new(true);
        let server = Server::start(move |_, stream| {
            let cut = std::mem::take(&mut *first.lock().unwrap());
            let bytes = if cut { &file[..1000] } else { &file };
            let head =
                if length { format!("Content-Length: {}\r\n", file.len()) } else { String::new() };
            answer(stream, "200 OK", &format!("{head}{tag}"), bytes)
        });
        let folder = support::folder("fetch-anew");
        let done = scale_from(&folder, &server.url, &[]);
        let said = complaint(&done);
        let expected = "1000 bytes came; the server does not let a download go on later";
        assert!(said.ends_with(expected), "{said}");
        assert_eq!(names(&folder), [""; 0]);
        let done = scale_from(&folder, &server.url, &[]);
        assert_eq!(done.code, Some(0), "{done:?}");
        assert_eq!(fs::read(data(&folder)).unwrap(), scale().csv);
        assert_eq!(server.asked()[1].header("range"), None);
    }
}

/// A beginning that the rest does not go with: it is thrown away, and the whole asked for.
#[test]
fn the_rest_of_another_file_is_not_taken() {
    type Rest = fn(&Request, &mut dyn Stream, &[u8]) -> io::Result<()>;
    let cases: [(&str, usize, Rest); 7] = [
        // It has changed, and the server sends all of it.
        ("changed", 1, |request, stream, file| whole_or_rest(request, stream, file, "\"two\"")),
        // The server does not know of ranges.
        ("unknown", 1, |_, stream, file| whole(stream, file, None)),
        // It has changed, and the server sends the rest all the same.
        ("ignored", 2, |request, stream, file| match request.rest() {
            Some((from, _)) => {
                let other = vec![b'9'; file.len()];
                let again = [(String::new(), String::new())];
                let mut request = request.clone();
                request.headers.extend(again);
                let tag = request.header("if-range").unwrap().to_owned();
                assert!(from > 0);
                whole_or_rest(&request, stream, &other, &tag)
            }
            None => whole(stream, file, None),
        }),
        // Another part than was asked for; none that can be read; and none at all.
        ("other", 2, |request, stream, file| match request.rest() {
            Some(_) => {
                let head = "Content-Range: bytes 0-9/6250\r\nContent-Length: 10\r\n";
                answer(stream, "206 Partial Content", head, &file[..10])
            }
            None => whole(stream, file, None),
        }),
        ("bad", 2, |request, stream, file| match request.rest() {
            Some(_) => {
                let head = "Content-Range: bytes -\r\nContent-Length: 0\r\n";
                answer(stream, "206 Partial Content", head, b"")
            }
            None => whole(stream, file, None),
        }),
        ("none", 2, |request, stream, file| match request.rest() {
            Some(_) => answer(stream, "206 Partial Content", "Content-Length: 0\r\n", b""),
            None => whole(stream, file, None),
        }),
        ("refused", 2, |request, stream, file| match request.rest() {
            Some(_) => answer(stream, "416 Range Not Satisfiable", "Content-Length: 0\r\n", b""),
            None => whole(stream, file, None),
        }),
    ];
    let raw = Arc::new(scale().raw);
    for (name, times, rest) in cases {
        let file = raw.clone();
        let first = Mutex::new(true);
        let server = Server::start(move |request, stream| {
            if std::mem::take(&mut *first.lock().unwrap()) {
                let head = format!("Content-Length: {}\r\nETag: \"one\"\r\n", file.len());
                return answer(stream, "200 OK", &head, &file[..2000]);
            }
            rest(request, stream, &file)
        });
        let folder = support::folder(&format!("fetch-rest-{name}"));
        complaint(&scale_from(&folder, &server.url, &[]));
        assert_eq!(names(&folder.join("data")), ["balance-scale.csv.part"]);
        let done = scale_from(&folder, &server.url, &[]);
        assert_eq!(done.code, Some(0), "{name}: {done:?}");
        assert_eq!(fs::read(data(&folder)).unwrap(), scale().csv, "{name}");
        assert_eq!(names(&folder.join("data")), ["balance-scale.csv"], "{name}");
        assert_eq!(server.asked().len(), 1 + times, "{name}");
    }
}

/// A beginning from elsewhere, and files that are no beginning: nothing of them is taken.
#[test]
fn a_strange_part_is_not_taken() {
    let raw = scale().raw;
    let line = |url: &str, etag: &str| format!("picklebook part 1\t{url}\t{etag}\n").into_bytes();
    let server = Server::start({
        let raw = raw.clone();
        move |request, stream| whole_or_rest(request, stream, &raw, "\"one\"")
    });
    let url = server.url.as_str();
    let parts = [
        Vec::new(),
        b"\n\n\n".to_vec(),
        vec![0xff; 5000],
        vec![b'x'; 5 << 20],
        line("http://127.0.0.1:9/", "\"one\""),
        [line("http://127.0.0.1:9/", "\"one\""), b"beginning".to_vec()].concat(),
        [line(url, "\"one\"\tand more"), b"beginning".to_vec()].concat(),
        // The right line above other bytes, above more than all of them, and with a tag that is none.
        [line(url, "\"one\""), b"beginning".to_vec()].concat(),
        [line(url, "\"one\""), raw.clone(), b"more".to_vec()].concat(),
        [line(url, "\"\x01\""), b"beginning".to_vec()].concat(),
    ];
    for (place, part) in parts.into_iter().enumerate() {
        let folder = support::folder("fetch-strange");
        fs::create_dir(folder.join("data")).unwrap();
        fs::write(folder.join("data/balance-scale.csv.part"), part).unwrap();
        let done = scale_from(&folder, url, &[]);
        assert_eq!(done.code, Some(0), "{place}: {done:?}");
        assert_eq!(fs::read(data(&folder)).unwrap(), scale().csv, "{place}");
        assert_eq!(names(&folder.join("data")), ["balance-scale.csv"], "{place}");
    }
    // One that is whole needs no server.
    let (folder, closed) = (support::folder("fetch-strange"), closed());
    fs::create_dir(folder.join("data")).unwrap();
    let part = [line(&closed, "\"one\""), raw].concat();
    fs::write(folder.join("data/balance-scale.csv.part"), part).unwrap();
    let done = scale_from(&folder, &closed, &[]);
    assert_eq!(done.code, Some(0), "{done:?}");
    assert_eq!(names(&folder.join("data")), ["balance-scale.csv"]);
}

/// An address at which nobody listens.
fn closed() -> String {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    format!("http://127.0.0.1:{port}")
}

#[test]
fn another_file_is_refused() {
    let raw = scale().raw;
    let mut changed = raw.clone();
    changed[100] ^= 1;
    let cases = [
        (changed, "URL: its SHA-256 is "),
        (raw[..raw.len() - 10].to_vec(), "balance-scale.data has 6250 bytes, but only 6240 came"),
        ([raw.clone(), raw.clone()].concat(), "balance-scale.data has 6250 bytes, but more came"),
        (Vec::new(), "balance-scale.data has 6250 bytes, but only 0 came"),
        (
            b"<!DOCTYPE html>\n<html><body>Sign in</body></html>".to_vec(),
            "URL: this is not balance-scale.data, but a web page (HTML); the download went to a page",
        ),
        (pair("spambase").raw, "has 6250 bytes, but more came"),
        (vec![0xff; 6250], "URL: its SHA-256 is "),
    ];
    for (place, (bytes, expected)) in cases.into_iter().enumerate() {
        for etag in [None, Some("\"one\"")] {
            let bytes = bytes.clone();
            let server = Server::start(move |_, stream| whole(stream, &bytes, etag));
            fails(&format!("fetch-wrong-{place}"), &server.url, &[], expected);
        }
    }
}

/// However much a server sends: no more is read than the file has.
#[test]
fn a_file_without_an_end_is_not_read_to_it() {
    for (beginning, most) in [("", 6250), ("PK\u{3}\u{4}", 4 << 20)] {
        for head in
            ["", "Content-Length: 18446744073709551615\r\n", "Content-Length: 1000000000000\r\n"]
        {
            let sent = Arc::new(Mutex::new(0));
            let counted = sent.clone();
            let server = Server::start(move |_, stream| {
                answer(stream, "200 OK", head, beginning.as_bytes())?;
                let bytes = vec![b'1'; 1 << 16];
                loop {
                    stream.write_all(&bytes)?;
                    *counted.lock().unwrap() += bytes.len();
                }
            });
            let started = Instant::now();
            fails("fetch-endless", &server.url, &[], "URL: ");
            assert!(started.elapsed() < Duration::from_secs(20));
            // what the system keeps between the two comes on top
            assert!(*sent.lock().unwrap() < most + (16 << 20), "{head}");
        }
    }
}

#[test]
fn a_server_that_has_no_file_is_named() {
    let raw = scale().raw;
    let server = Server::start(move |request, stream| {
        let empty = "Content-Length: 0\r\n";
        match request.path.as_str() {
            "/file" => whole(stream, &raw, None),
            "/gone" => answer(stream, "410 Gone", empty, b""),
            "/forbidden" => answer(stream, "403 Forbidden", empty, b""),
            "/same" => answer(stream, "304 Not Modified", "", b""),
            "/part" => answer(stream, "206 Partial Content", empty, b""),
            "/none" => answer(stream, "204 No Content", "", b""),
            "/teapot" => answer(stream, "599 red", empty, b""),
            "/broken" => answer(stream, "500 Internal Server Error", empty, b""),
            _ => answer(stream, "404 Not Found", "Content-Length: 4\r\n", b"none"),
        }
    });
    let at = |path: &str| format!("{}/{path}", server.url);
    fails("fetch-status", &at("missing"), &[], "URL is not there; name a mirror by --url");
    for (path, status) in [
        ("forbidden", "403 Forbidden"),
        ("same", "304 Not Modified"),
        ("part", "206 Partial Content"),
        ("none", "204 No Content"),
        ("teapot", "599 <unknown status code>"),
        ("broken", "500 Internal Server Error"),
    ] {
        let expected =
            format!("URL answers {status}; check the network, or name a mirror by --url");
        fails("fetch-status", &at(path), &[], &expected);
    }
    // The next is asked where it is not there, and only then.
    let gone = at("gone");
    let expected = format!("URL is not there; {gone} is not there; name a mirror by --url");
    fails("fetch-status", &at("missing"), &["--url", &gone], &expected);
    let before = server.asked().len();
    fails("fetch-status", &at("broken"), &["--url", &at("file")], "URL answers 500");
    assert_eq!(server.asked().len(), before + 1);
    let folder = support::folder("fetch-next");
    let done = scale_from(&folder, &at("missing"), &["--url", &gone, "--url", &at("file")]);
    assert!(done.said.contains(&format!("from {}\n", at("file"))), "{done:?}");
}

#[test]
fn where_nobody_answers_it_is_said() {
    let closed = closed();
    let expected = "no answer from URL: Connection refused (os error 111); check the network, or name a \
                    mirror by --url";
    let expected = if cfg!(target_os = "linux") { expected } else { "no answer from URL: " };
    fails("fetch-closed", &closed, &[], expected);
    fails(
        "fetch-host",
        "http://no-such-host.invalid/",
        &["--timeout", "9"],
        "no answer from URL: ",
    );
    // What is no HTTP.
    for (place, bytes) in [
        b"".to_vec(),
        b"SSH-2.0-OpenSSH_9.2\r\n".to_vec(),
        b"HTTP/1.1 200 OK".to_vec(),
        b"HTTP/9.9 200 OK\r\n\r\n".to_vec(),
        [b"HTTP/1.1 200 OK\r\n".to_vec(), b"x: y\r\n".repeat(100_000)].concat(),
        [b"HTTP/1.1 200 OK\r\nx: ".to_vec(), vec![b'y'; 1 << 20]].concat(),
        vec![0; 1 << 20],
    ]
    .into_iter()
    .enumerate()
    {
        let server = Server::start(move |_, stream| stream.write_all(&bytes));
        fails(&format!("fetch-no-http-{place}"), &server.url, &["--timeout", "9"], "URL: ");
    }
    for url in ["", "balance-scale.data", "file:///etc/hostname", "https://", "ftp://a/b"] {
        let folder = support::folder("fetch-no-url");
        let done = scale_from(&folder, url, &[]);
        assert_eq!(done.code, Some(2), "{done:?}");
        assert!(done.complained.contains("an address that begins with https:// or http://"));
    }
    for url in ["http:///", "http://a b/", "http://[::1/", "http://:80", "http://user@/x"] {
        fails("fetch-bad-url", url, &[], "no answer from");
    }
}

#[test]
fn a_slow_server_is_left() {
    let raw = Arc::new(scale().raw);
    let pause = Duration::from_millis(50);
    let after = |sent: usize, drips: bool| {
        let file = raw.clone();
        Server::start(move |_, stream| {
            if sent > 0 {
                let head = format!("Content-Length: {}\r\nETag: \"one\"\r\n", file.len());
                answer(stream, "200 OK", &head, &file[..sent])?;
            } else if drips {
                stream.write_all(b"HTTP/1.1 200 OK\r\nx-drops: ")?;
            }
            loop {
                thread::sleep(pause);
                if drips {
                    stream.write_all(b"x")?;
                }
            }
        })
    };
    let limit = ["--timeout", "1"];
    let started = Instant::now();
    fails("fetch-silent", &after(0, false).url, &limit, "no answer from URL: ");
    fails("fetch-drips-head", &after(0, true).url, &limit, "URL: it took more than 1 seconds");
    for drips in [false, true] {
        let server = after(3000, drips);
        let folder = support::folder("fetch-slow");
        let done = scale_from(&folder, &server.url, &limit);
        let said = complaint(&done);
        assert!(said.contains("was cut off: "), "{said}");
        assert!(said.contains("bytes are kept in data/balance-scale.csv.part"), "{said}");
        assert_eq!(names(&folder.join("data")), ["balance-scale.csv.part"]);
    }
    assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
}

/// No file can grow, as on a full disk.
#[cfg(unix)]
#[test]
fn a_disk_that_takes_nothing_is_named() {
    let raw = scale().raw;
    for (etag, place) in
        [(Some("\"one\""), "data/balance-scale.csv.part"), (None, "data/balance-scale.csv")]
    {
        let file = raw.clone();
        let server = Server::start(move |_, stream| whole(stream, &file, etag));
        let folder = support::folder("fetch-full");
        let mut shell = Command::new("sh");
        shell.current_dir(&folder);
        shell.args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$@\"", "sh"]);
        shell.arg(env!("CARGO_BIN_EXE_picklebook"));
        shell.args(["fetch", "balance-scale", "--url", &server.url]);
        let done = Done::of(&mut shell);
        let said = complaint(&done);
        assert!(said.starts_with(&format!("cannot write {place}: ")), "{said}");
        assert_eq!(names(&folder), [""; 0], "{said}");
    }
}

/// A folder that may not be written to: nobody is asked.
#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_written_to_is_named_first() {
    let server = Server::of(scale().raw);
    let folder = support::folder("fetch-no-folder");
    fs::write(folder.join("data"), "a file").unwrap();
    let said = scale_from(&folder, &server.url, &[]);
    assert!(complaint(&said).contains("data/balance-scale.csv"), "{said:?}");
    assert!(server.asked().is_empty());
}

/// Whatever ends the download, also SIGKILL: the file that was there is whole, and the beginning of the
/// new one is of use.
#[cfg(unix)]
#[test]
fn a_file_that_was_there_stays_whole() {
    let raw = Arc::new(scale().raw);
    let (file, first) = (raw.clone(), Mutex::new(true));
    let server = Server::start(move |request, stream| {
        if !std::mem::take(&mut *first.lock().unwrap()) {
            return whole_or_rest(request, stream, &file, "\"one\"");
        }
        let head = format!("Content-Length: {}\r\nETag: \"one\"\r\n", file.len());
        answer(stream, "200 OK", &head, &file[..3000])?;
        loop {
            thread::sleep(Duration::from_millis(100));
            stream.flush()?;
        }
    });
    let folder = support::folder("fetch-killed");
    fs::create_dir(folder.join("data")).unwrap();
    fs::write(data(&folder), "mine").unwrap();
    let arguments = ["balance-scale", "--force", "--url", &server.url];
    let mut child = command(&folder, &arguments).stdout(Stdio::null()).spawn().unwrap();
    let part = folder.join("data/balance-scale.csv.part");
    let started = Instant::now();
    while fs::metadata(&part).map_or(0, |known| known.len()) < 3000 {
        assert!(started.elapsed() < Duration::from_secs(20));
        thread::sleep(Duration::from_millis(10));
    }
    // Another one waits for its turn.
    let said = scale_from(&folder, &server.url, &["--force"]);
    let expected = "another `picklebook fetch` is at data/balance-scale.csv; wait for it";
    assert_eq!(complaint(&said), expected);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(fs::read(data(&folder)).unwrap(), b"mine");
    assert_eq!(names(&folder.join("data")), ["balance-scale.csv", "balance-scale.csv.part"]);
    // What is wrong does not take its place either.
    let wrong = Server::of(vec![b'x'; 6250]);
    complaint(&scale_from(&folder, &wrong.url, &["--force"]));
    assert_eq!(fs::read(data(&folder)).unwrap(), b"mine");
    let done = scale_from(&folder, &server.url, &["--force"]);
    assert_eq!(done.code, Some(0), "{done:?}");
    assert_eq!(fs::read(data(&folder)).unwrap(), scale().csv);
    assert_eq!(names(&folder.join("data")), ["balance-scale.csv"]);
}

#[test]
fn an_archive_is_opened() {
    let raw = scale().raw;
    for method in [0, 8] {
        let data_of = if method == 0 { raw.clone() } else { deflated(&raw) };
        let mut zip = Zip::new();
        zip.add("Index", 0, b"index", b"index").add("balance-scale.data", method, &data_of, &raw);
        let bytes = zip.finish();
        let folder = support::folder(&format!("fetch-zip-{method}"));
        let (file, first) = (bytes.clone(), Mutex::new(method == 8));
        let server = Server::start(move |request, stream| {
            if !std::mem::take(&mut *first.lock().unwrap()) {
                return whole_or_rest(request, stream, &file, "\"one\"");
            }
            let head = format!("Content-Length: {}\r\nETag: \"one\"\r\n", file.len());
            answer(stream, "200 OK", &head, &file[..file.len() / 2])
        });
        if method == 8 {
            complaint(&scale_from(&folder, &server.url, &[]));
        }
        let done = scale_from(&folder, &server.url, &[]);
        assert_eq!(done.code, Some(0), "{done:?}");
        assert_eq!(fs::read(data(&folder)).unwrap(), scale().csv);
    }
}

#[test]
fn a_hostile_archive_does_no_harm() {
    const NAME: &str = "balance-scale.data";
    let raw = scale().raw;
    let bomb = vec![0; 200 << 20];
    let zip = |build: &dyn Fn(&mut Zip)| {
        let mut zip = Zip::new();
        build(&mut zip);
        zip.finish()
    };
    let lies = |size: u32| {
        let mut bytes = zip(&|zip| _ = zip.add(NAME, 8, &deflated(&bomb), &bomb));
        let list = bytes.windows(4).rposition(|four| four == b"PK\x01\x02").unwrap();
        for at in [22, list + 24] {
            bytes[at..at + 4].copy_from_slice(&size.to_le_bytes());
        }
        bytes
    };
    let whole_zip = zip(&|zip| _ = zip.add(NAME, 0, &raw, &raw));
    let cases = [
        (
            zip(&|zip| _ = zip.add("../../balance-scale.data", 0, &raw, &raw)),
            "has no member balance-scale",
        ),
        (zip(&|_| ()), ""),
        (zip(&|zip| _ = zip.add(NAME, 0, &raw[1..], &raw[1..])), "but only 6249 came"),
        (zip(&|zip| _ = zip.add(NAME, 0, &raw, &raw[1..])), ""),
        (zip(&|zip| _ = zip.add(NAME, 8, &deflated(&bomb), &bomb)), ""),
        (lies(6250), "more than the 6250 bytes that it should have"),
        (lies(u32::MAX), ""),
        (zip(&|zip| _ = zip.add(NAME, 99, &raw, &raw)), "method 99"),
        (whole_zip[..whole_zip.len() - 10].to_vec(), "the list of members at its end is missing"),
        (b"PK\x03\x04".to_vec(), "the list of members at its end is missing"),
        (
            zip(&|zip| {
                let fields = Zip::fields(0, zip::crc(&raw), raw.len() as u32, raw.len() as u32);
                zip.add(NAME, 0, &raw, &raw).entry(NAME, &fields, 0);
            }),
            "shares bytes",
        ),
    ];
    for (place, (bytes, expected)) in cases.into_iter().enumerate() {
        let server = Server::of(bytes);
        let started = Instant::now();
        fails(&format!("fetch-hostile-{place}"), &server.url, &[], expected);
        assert!(started.elapsed() < Duration::from_secs(10), "{place}");
    }
}

/// A server with TLS, whose certificate is that of localhost by an authority that nobody knows:
/// `tests/fetch/make_certificates.sh` made both.
fn secure(
    host: &str,
    answer: impl Fn(&Request, &mut dyn Stream) -> io::Result<()> + Send + Sync + 'static,
) -> Server {
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};

    let certificate = CertificateDer::from_pem_slice(include_bytes!("fetch/server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("fetch/server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let config = Arc::new(config);
    let wrap = move |stream| -> io::Result<Box<dyn Stream>> {
        let connection = rustls::ServerConnection::new(config.clone()).map_err(io::Error::other)?;
        Ok(Box::new(rustls::StreamOwned::new(connection, stream)))
    };
    Server::with(host, wrap, answer)
}

#[test]
fn a_secure_address_is_one() {
    let raw = scale().raw;
    let plain = Server::of(raw.clone());
    let insecure = plain.url.clone();
    let answers = move |request: &Request, stream: &mut dyn Stream| match request.path.as_str() {
        "/insecure" => {
            let head = format!("Location: {insecure}\r\nContent-Length: 0\r\n");
            answer(stream, "302 Found", &head, b"")
        }
        _ => whole(stream, &raw, None),
    };
    let server = secure("https://localhost", answers.clone());
    let authority = support::root().join("tests/fetch/authority.pem");
    let with = |url: &str, authority: &Path| {
        let folder = support::folder("fetch-secure");
        let mut command = command(&folder, &["balance-scale", "--url", url]);
        command.env("SSL_CERT_FILE", authority);
        (Done::of(&mut command), folder)
    };
    let (done, folder) = with(&server.url, &authority);
    assert_eq!(done.code, Some(0), "{done:?}");
    assert_eq!(fs::read(data(&folder)).unwrap(), scale().csv);
    // To an address without TLS it does not go on.
    let (done, _) = with(&format!("{}/insecure", server.url), &authority);
    assert!(complaint(&done).contains("it sends on to an address without TLS"), "{done:?}");
    assert!(plain.asked().is_empty());
    // Not the host that the certificate is for; an authority that nobody knows; and no TLS at all.
    let other = secure("https://127.0.0.1", answers);
    let (done, _) = with(&other.url, &authority);
    assert!(complaint(&done).contains("not valid for name"), "{done:?}");
    fails("fetch-untrusted", &server.url, &[], "invalid peer certificate: UnknownIssuer");
    fails("fetch-no-tls", &plain.url.replace("http:", "https:"), &[], "no answer from URL: ");
    let (done, _) = with(&server.url, Path::new("Cargo.toml"));
    assert!(complaint(&done).starts_with("SSL_CERT_FILE=Cargo.toml: "), "{done:?}");
    let (done, _) = with(&server.url, &support::root().join("Cargo.toml"));
    assert!(complaint(&done).ends_with("there is no certificate in it"), "{done:?}");
}

#[test]
fn the_help_names_the_data_sets() {
    let folder = support::folder("fetch-help");
    let done = Done::of(&mut command(&folder, &["--help"]));
    for word in
        ["balance-scale", "spambase", "--to", "--force", "--url", "--timeout", "SSL_CERT_FILE"]
    {
        assert!(done.said.contains(word), "{word}: {}", done.said);
    }
    let done = Done::of(&mut command(&folder, &["iris"]));
    assert_eq!(done.code, Some(2));
    assert!(done.complained.contains("balance-scale, spambase"), "{}", done.complained);
}
