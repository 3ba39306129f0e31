//! As much of HTTP/1.1 as it takes to ask `picklebook serve`: RFC 9112.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use super::{Error, Response};

/// How long connecting may take, and how long a request with its answer.
const CONNECTING: Duration = Duration::from_secs(5);
const ANSWERING: Duration = Duration::from_secs(30);

/// The longest head of an answer, with those of answers that only say that another comes, in bytes.
const LONGEST_HEAD: usize = 64 << 10;

/// The longest body of an answer, in bytes.
const LONGEST_BODY: usize = 16 << 20;

/// The longest path, in bytes.
const LONGEST_PATH: usize = 4096;

/// A request as bytes.
pub(super) fn request(
    address: SocketAddr,
    method: &str,
    path: &str,
    body: &str,
    keep: bool,
) -> Result<Vec<u8>, Error> {
    let is_plain = path.bytes().all(|byte| byte.is_ascii_graphic());
    if !path.starts_with('/') || !is_plain || path.len() > LONGEST_PATH {
        let path = path.chars().take(100).collect();
        return Err(Error::Path { path });
    }
    let connection = if keep { "keep-alive" } else { "close" };
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: {connection}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    Ok([head.as_bytes(), body.as_bytes()].concat())
}

/// A connection to a server.
#[derive(Debug)]
pub(super) struct Connection {
    address: SocketAddr,
    stream: TcpStream,
    /// What has been read and is not yet part of an answer.
    unread: Vec<u8>,
}

/// What the head of an answer says.
#[derive(Debug, PartialEq, Eq)]
struct Head {
    status: u16,
    /// The length of the body; without one, it ends with the connection.
    length: Option<usize>,
    /// Whether another request may follow on the same connection.
    keeps: bool,
}

impl Connection {
    pub fn open(address: SocketAddr) -> Result<Self, Error> {
        let unreachable = |source| Error::Unreachable { address, source };
        let stream = TcpStream::connect_timeout(&address, CONNECTING).map_err(unreachable)?;
        // a small request is not held back for more
        stream.set_nodelay(true).map_err(unreachable)?;
        Ok(Connection { address, stream, unread: Vec::new() })
    }

    /// Sends a request, and reads the answer; and whether another request may follow.
    pub fn ask(&mut self, request: &[u8]) -> Result<(Response, bool), Error> {
        self.ask_within(request, ANSWERING)
    }

    fn ask_within(&mut self, request: &[u8], time: Duration) -> Result<(Response, bool), Error> {
        let until = Instant::now() + time;
        let sent = self.send(request, until, time);
        // a server that does not want the whole of a request has answered before it hung up
        let answer = self.answer(until, time);
        match (sent, answer) {
            (_, Ok(answer)) => Ok(answer),
            (Err(error), Err(_)) | (Ok(()), Err(error)) => Err(error),
        }
    }

    fn send(&mut self, mut request: &[u8], until: Instant, time: Duration) -> Result<(), Error> {
        while !request.is_empty() {
            let left = self.left(until, time)?;
            self.stream.set_write_timeout(Some(left))?;
            match self.stream.write(request) {
                Ok(0) => return Err(self.broken(ErrorKind::WriteZero.into(), time)),
                Ok(written) => request = request.get(written..).unwrap_or_default(),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(self.broken(error, time)),
            }
        }
        Ok(())
    }

    fn answer(&mut self, until: Instant, time: Duration) -> Result<(Response, bool), Error> {
        let mut heads = 0;
        let head = loop {
            let end = loop {
                if let Some(end) = end_of_head(&self.unread) {
                    break end;
                }
                if heads + self.unread.len() > LONGEST_HEAD {
                    return Err(self.wrong("its head does not end within 64 KiB"));
                }
                if self.read(until, time)? == 0 {
                    return Err(match self.unread.is_empty() {
                        true => self.broken(ErrorKind::UnexpectedEof.into(), time),
                        false => self.wrong("its head breaks off"),
                    });
                }
            };
            let bytes: Vec<u8> = self.unread.drain(..end).collect();
            heads += bytes.len();
            if heads > LONGEST_HEAD {
                return Err(self.wrong("its head does not end within 64 KiB"));
            }
            let head = Head::read(&bytes).map_err(|problem| self.wrong(&problem))?;
            // 100 to 199 only say that the answer is still to come
            if head.status >= 200 {
                break head;
            }
        };
        let length = match head.status {
            204 | 304 => Some(0),
            _ => head.length,
        };
        if length.is_some_and(|length| length > LONGEST_BODY) {
            return Err(self.wrong("its body is longer than 16 MiB"));
        }
        while length.is_none_or(|length| self.unread.len() < length) {
            if self.unread.len() > LONGEST_BODY {
                return Err(self.wrong("its body is longer than 16 MiB"));
            }
            if self.read(until, time)? == 0 {
                match length {
                    None => break,
                    Some(length) => {
                        let came = self.unread.len();
                        let problem = format!("its body breaks off after {came} of {length} bytes");
                        return Err(self.wrong(&problem));
                    }
                }
            }
        }
        let end = length.unwrap_or(self.unread.len());
        let body: Vec<u8> = self.unread.drain(..end).collect();
        // what follows without having been asked for belongs to no request
        let keeps = head.keeps && length.is_some() && self.unread.is_empty();
        Ok((Response { status: head.status, body }, keeps))
    }

    /// Reads what has come, and how many bytes that were: none at the end.
    fn read(&mut self, until: Instant, time: Duration) -> Result<usize, Error> {
        let mut part = [0; 16 << 10];
        loop {
            let left = self.left(until, time)?;
            self.stream.set_read_timeout(Some(left))?;
            match self.stream.read(&mut part) {
                Ok(count) => {
                    self.unread.extend_from_slice(part.get(..count).unwrap_or_default());
                    return Ok(count);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(self.broken(error, time)),
            }
        }
    }

    /// How much time is left; never none, which the system takes for all.
    fn left(&self, until: Instant, time: Duration) -> Result<Duration, Error> {
        let left = until.saturating_duration_since(Instant::now());
        match left.is_zero() {
            true => Err(Error::TooSlow { address: self.address, seconds: time.as_secs() }),
            false => Ok(left.max(Duration::from_millis(1))),
        }
    }

    fn broken(&self, source: std::io::Error, time: Duration) -> Error {
        let address = self.address;
        match source.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut => {
                Error::TooSlow { address, seconds: time.as_secs() }
            }
            _ => Error::BrokenOff { address, source },
        }
    }

    fn wrong(&self, problem: &str) -> Error {
        Error::Answer { address: self.address, problem: problem.to_owned() }
    }
}

/// Where a head ends that starts here, with the empty line behind it.
fn end_of_head(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|place| place + 4)
}

impl Head {
    fn read(bytes: &[u8]) -> Result<Head, String> {
        let text = str::from_utf8(bytes).map_err(|_| "its head is no text".to_owned())?;
        let mut lines = text.trim_end_matches("\r\n").split("\r\n");
        let first = lines.next().unwrap_or_default();
        let status = first
            .strip_prefix("HTTP/1.")
            .and_then(|rest| rest.split_once(' '))
            .filter(|(minor, _)| matches!(*minor, "0" | "1"))
            .and_then(|(minor, rest)| Some((minor, rest.get(..3)?, rest.get(3..)?)))
            .filter(|(_, _, reason)| reason.is_empty() || reason.starts_with(' '))
            .and_then(|(minor, code, _)| Some((minor, digits(code)?)));
        let Some((minor, status @ 100..=599)) = status else {
            return Err("it does not start with a status of HTTP/1.1".to_owned());
        };
        let mut head = Head { status: status as u16, length: None, keeps: minor == "1" };
        for line in lines {
            let (name, value) = line.split_once(':').ok_or("a line of its head has no colon")?;
            let value = value.trim_matches([' ', '\t']);
            if name.eq_ignore_ascii_case("content-length") {
                let length = digits(value).ok_or("its Content-Length is no number")?;
                if head.length.replace(length).is_some_and(|other| other != length) {
                    return Err("it has two different lengths".to_owned());
                }
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                return Err("it comes in parts (Transfer-Encoding)".to_owned());
            } else if name.eq_ignore_ascii_case("connection") {
                let mut tokens = value.split(',');
                head.keeps &= !tokens.any(|token| token.trim().eq_ignore_ascii_case("close"));
            }
        }
        Ok(head)
    }
}

/// A number of digits alone.
fn digits(text: &str) -> Option<usize> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    #[test]
    fn heads_are_read_and_others_refused() {
        let read = |text: &str| Head::read(text.replace('\n', "\r\n").as_bytes());
        for (text, status, length, keeps) in [
            ("HTTP/1.1 200 OK\ncontent-length: 12\n\n", 200, Some(12), true),
            ("HTTP/1.1 404\n\n", 404, None, true),
            ("HTTP/1.0 503 \nConnection: Keep-Alive\n\n", 503, None, false),
            ("HTTP/1.1 200 OK\nConnection: x, Close\nA:b:c\n\n", 200, None, false),
            ("HTTP/1.1 200 OK\ncontent-length: 3\nContent-Length:3\n\n", 200, Some(3), true),
        ] {
            assert_eq!(read(text), Ok(Head { status, length, keeps }), "{text}");
        }
        for text in [
            "",
            "\n\n",
            "HTTP/2 200 OK\n\n",
            "HTTP/1.1 2000 OK\n\n",
            "HTTP/1.1 20 OK\n\n",
            "HTTP/1.1 099 OK\n\n",
            "HTTP/1.1 999 OK\n\n",
            "HTTP/1.1 ééé\n\n",
            "HTTP/1.1 +20 OK\n\n",
            "HTTP/1.1 200 OK\nno colon\n\n",
            "HTTP/1.1 200 OK\ncontent-length: -1\n\n",
            "HTTP/1.1 200 OK\ncontent-length: +1\n\n",
            "HTTP/1.1 200 OK\ncontent-length: 99999999999999999999\n\n",
            "HTTP/1.1 200 OK\ncontent-length: 1\ncontent-length: 2\n\n",
            "HTTP/1.1 200 OK\ntransfer-encoding: chunked\n\n",
            "SSH-2.0-OpenSSH_9.2\n\n",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        assert!(Head::read(b"HTTP/1.1 200 \xff\r\n\r\n").is_err());
    }

    #[test]
    fn only_paths_are_sent() {
        let address = "127.0.0.1:80".parse().expect("an address");
        let ask = |path: &str| request(address, "GET", path, "", false);
        assert!(ask("/v2/models/a?x=1").is_ok());
        let long = format!("/{}", "x".repeat(LONGEST_PATH));
        for path in ["", "predict", "/a b", "/a\r\nhost: x", "/é", &long] {
            assert!(matches!(ask(path), Err(Error::Path { .. })), "{path}");
        }
    }

    /// What a client makes of a server that sends these bytes, and then hangs up or waits.
    fn asked(bytes: Vec<u8>, waits: bool, time: Duration) -> Result<Response, Error> {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a client");
            let mut part = [0; 1 << 10];
            _ = stream.read(&mut part);
            _ = stream.write_all(&bytes);
            if waits {
                _ = stream.read(&mut part);
            }
        });
        let bytes = request(address, "GET", "/", "", false).expect("a request");
        let mut connection = Connection::open(address).expect("a connection");
        let answer = connection.ask_within(&bytes, time).map(|(response, _)| response);
        drop(connection);
        server.join().expect("the server ends");
        answer
    }

    #[test]
    fn a_server_that_sends_anything_is_no_danger() {
        let time = Duration::from_secs(20);
        let head = "HTTP/1.1 200 OK\r\n";
        let problem = |bytes: Vec<u8>| match asked(bytes, false, time) {
            Err(error) => error.to_string(),
            Ok(response) => panic!("{response:?}"),
        };
        for (bytes, said) in [
            (b"HTTP/1.1 200 OK\r\nx: ".repeat(1 << 13), "head does not end"),
            (b"HTTP/1.1 100 Go on\r\n\r\n".repeat(1 << 13), "head does not end"),
            (format!("{head}content-length: 20000000\r\n\r\n").into_bytes(), "longer than 16 MiB"),
            (
                [format!("{head}\r\n").as_bytes(), &vec![b'x'; 17 << 20]].concat(),
                "longer than 16 MiB",
            ),
            (
                format!("{head}content-length: 10\r\n\r\nabc").into_bytes(),
                "breaks off after 3 of 10 bytes",
            ),
            (head.as_bytes().to_vec(), "head breaks off"),
            (Vec::new(), "broke off"),
            (b"220 mail.example.org ESMTP\r\n\r\n".to_vec(), "does not start with a status"),
            (
                format!("{head}transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n").into_bytes(),
                "in parts",
            ),
        ] {
            let told = problem(bytes);
            assert!(told.contains(said), "{told}");
        }
    }

    #[test]
    fn a_slow_server_is_given_up() {
        let time = Duration::from_millis(300);
        let started = Instant::now();
        for part in ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab"] {
            let answer = asked(part.into(), true, time);
            assert!(matches!(answer, Err(Error::TooSlow { .. })), "{part}: {answer:?}");
        }
        assert!(started.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn a_server_that_drips_is_given_up() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a client");
            while stream.write_all(b"x").is_ok() {
                thread::sleep(Duration::from_millis(20));
            }
        });
        let bytes = request(address, "GET", "/", "", false).expect("a request");
        let mut connection = Connection::open(address).expect("a connection");
        let answer = connection.ask_within(&bytes, Duration::from_millis(500));
        assert!(matches!(answer, Err(Error::TooSlow { .. })), "{answer:?}");
        drop(connection);
        server.join().expect("the server ends");
    }

    #[test]
    fn answers_are_read_with_and_without_a_length() {
        let time = Duration::from_secs(20);
        for (bytes, status, body) in [
            ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nabc", 200, "ab"),
            ("HTTP/1.1 404 Not Found\r\n\r\nabc", 404, "abc"),
            ("HTTP/1.1 204 None\r\n\r\nabc", 204, ""),
            ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\nabc", 200, "abc"),
        ] {
            let answer = asked(bytes.into(), false, time).expect(bytes);
            assert_eq!((answer.status(), &*answer.text()), (status, body));
        }
    }
}
