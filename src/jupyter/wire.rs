//! Jupyter's messages as they travel: signed frames, on the ports of a connection file.
//!
//! The form is that of "Messaging in Jupyter", version 5, of jupyter_client's documentation.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit, Mac};
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use sha2::Sha256;
use zeromq::ZmqMessage;

use super::Error;
use super::error::At;
use crate::text::hexadecimal;

/// How long a port may still be held by the process that is restarted.
const PATIENCE: Duration = Duration::from_secs(10);
/// How soon such a port is tried again.
const AGAIN: Duration = Duration::from_millis(20);

/// A frame of a message.
pub(super) type Frame = bytes::Bytes;

/// What parts the names of those who are to get a message from the message.
const DELIMITER: &[u8] = b"<IDS|MSG>";

/// The parts of a message that are signed: header, parent's header, metadata and content; buffers
/// may follow.
const SIGNED: usize = 4;

/// A kernel's channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Channel {
    /// Requests, one after the other.
    Shell,
    /// Interrupts and the end.
    Control,
    /// Questions to the person who runs a cell.
    Input,
    /// What all who listen are told.
    Published,
    /// Whether the kernel's process is there.
    Heartbeat,
}

impl Channel {
    pub(super) const ALL: [Self; 5] =
        [Self::Shell, Self::Control, Self::Input, Self::Published, Self::Heartbeat];

    /// The name of its port in a connection file.
    fn field(self) -> &'static str {
        match self {
            Self::Shell => "shell_port",
            Self::Control => "control_port",
            Self::Input => "stdin_port",
            Self::Published => "iopub_port",
            Self::Heartbeat => "hb_port",
        }
    }
}

/// What a connection file says.
#[derive(Debug, Clone)]
pub(super) struct Connection {
    ip: String,
    ports: [u16; 5],
    pub(super) key: Key,
}

impl Connection {
    /// Reads a connection file.
    ///
    /// # Errors
    /// Where it cannot be read, or asks for what is not offered here.
    pub(super) fn read(path: &Path) -> Result<Self, Error> {
        let text = fs::read_to_string(path).at(path)?;
        let wrong = |why: String| Error::Connection { path: path.to_owned(), why };
        let said: Value = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        let text = |name: &str| said[name].as_str().ok_or_else(|| wrong(format!("no `{name}`")));
        if text("transport")? != "tcp" {
            return Err(wrong("its transport is not tcp".into()));
        }
        let key = text("key")?;
        if !key.is_empty() && text("signature_scheme")? != "hmac-sha256" {
            return Err(wrong("its signature scheme is not hmac-sha256".into()));
        }
        let mut ports = [0; 5];
        for (port, channel) in ports.iter_mut().zip(Channel::ALL) {
            let named = said[channel.field()].as_u64().and_then(|port| u16::try_from(port).ok());
            *port = named.ok_or_else(|| wrong(format!("no `{}`", channel.field())))?;
        }
        Ok(Connection { ip: text("ip")?.to_owned(), ports, key: Key::new(key.as_bytes()) })
    }

    /// Writes a connection file for a kernel on this machine: free ports, and a new key.
    ///
    /// # Errors
    /// Where there are no free ports, or the file cannot be written.
    pub(super) fn make(path: &Path) -> Result<Self, Error> {
        let free = || TcpListener::bind(("127.0.0.1", 0));
        let mut ports = [0; 5];
        // Held together, so that no two are the same.
        let mut held = Vec::new();
        for port in &mut ports {
            let listener = free().at("a free port")?;
            *port = listener.local_addr().at("a free port")?.port();
            held.push(listener);
        }
        let mut secret = [0; 32];
        getrandom::fill(&mut secret)
            .map_err(|error| std::io::Error::other(error.to_string()))
            .at("the system's random numbers")?;
        let key = hexadecimal(&secret);
        let mut file = json!({
            "ip": "127.0.0.1", "transport": "tcp", "key": key, "signature_scheme": "hmac-sha256",
        });
        for (port, channel) in ports.iter().zip(Channel::ALL) {
            file[channel.field()] = (*port).into();
        }
        fs::write(path, file.to_string()).at(path)?;
        Ok(Connection { ip: "127.0.0.1".into(), ports, key: Key::new(key.as_bytes()) })
    }

    /// Listens on all ports, before anything else of this machine that needs some port may be given
    /// one of these. The process that had them before a restart may need a moment to go.
    ///
    /// # Errors
    /// Where one of them cannot be listened on.
    pub(super) fn listen(self) -> Result<Front, Error> {
        let started = Instant::now();
        let listen = |channel| {
            let ip = if self.ip == "*" { "0.0.0.0" } else { &self.ip };
            loop {
                match TcpListener::bind((ip, self.port(channel))) {
                    Ok(listener) => return Ok(listener),
                    Err(_) if started.elapsed() < PATIENCE => std::thread::sleep(AGAIN),
                    Err(error) => {
                        let (address, why) = (self.address(channel), error.to_string());
                        return Err(Error::Port { address, why });
                    }
                }
            }
        };
        let [shell, control, input, published, heartbeat] = Channel::ALL.map(listen);
        Ok(Front {
            shell: shell?,
            control: control?,
            input: input?,
            published: published?,
            heartbeat: heartbeat?,
            key: self.key,
        })
    }

    /// A channel's address.
    pub(super) fn address(&self, channel: Channel) -> String {
        format!("tcp://{}:{}", self.ip, self.port(channel))
    }

    /// Whether somebody listens on all ports.
    pub(super) fn is_open(&self) -> bool {
        Channel::ALL.iter().all(|channel| {
            std::net::TcpStream::connect((self.ip.as_str(), self.port(*channel))).is_ok()
        })
    }

    fn port(&self, channel: Channel) -> u16 {
        let [shell, control, input, published, heartbeat] = self.ports;
        match channel {
            Channel::Shell => shell,
            Channel::Control => control,
            Channel::Input => input,
            Channel::Published => published,
            Channel::Heartbeat => heartbeat,
        }
    }
}

/// The ports that Jupyter has chosen, listened on. Who connects before the kernel is there waits.
#[derive(Debug)]
pub(super) struct Front {
    pub(super) shell: TcpListener,
    pub(super) control: TcpListener,
    pub(super) input: TcpListener,
    pub(super) published: TcpListener,
    pub(super) heartbeat: TcpListener,
    pub(super) key: Key,
}

impl Front {
    /// The same, for another pass.
    ///
    /// # Errors
    /// Where the system has no more of what this takes.
    pub(super) fn again(&self) -> Result<Self, Error> {
        let again = |listener: &TcpListener| listener.try_clone().at("a port");
        Ok(Front {
            shell: again(&self.shell)?,
            control: again(&self.control)?,
            input: again(&self.input)?,
            published: again(&self.published)?,
            heartbeat: again(&self.heartbeat)?,
            key: self.key.clone(),
        })
    }
}

/// What messages are signed with; nothing, where the key is empty.
#[derive(Clone)]
pub(super) struct Key(Option<Hmac<Sha256>>);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(..)")
    }
}

impl Key {
    pub(super) fn new(key: &[u8]) -> Self {
        // A key of any length will do.
        Key((!key.is_empty()).then(|| Hmac::new_from_slice(key).ok()).flatten())
    }

    fn signature(&self, parts: &[Frame]) -> String {
        let Some(mac) = &self.0 else { return String::new() };
        hexadecimal(&sum(mac, parts).finalize().into_bytes())
    }

    fn is_right(&self, parts: &[Frame], signature: &[u8]) -> bool {
        let Some(mac) = &self.0 else { return true };
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let bytes = signature.chunks(2).map(|pair| match *pair {
            [high, low] => u8::try_from(digit(high)? * 16 + digit(low)?).ok(),
            _ => None,
        });
        let bytes: Option<Vec<u8>> = bytes.collect();
        bytes.is_some_and(|bytes| sum(mac, parts).verify_slice(&bytes).is_ok())
    }
}

fn sum(mac: &Hmac<Sha256>, parts: &[Frame]) -> Hmac<Sha256> {
    let mut mac = mac.clone();
    for part in parts.iter().take(SIGNED) {
        mac.update(part);
    }
    mac
}

/// A message whose signature was right and whose parts can be read.
#[derive(Debug, Clone)]
pub(super) struct Message {
    /// Who is to get it, or sent it.
    names: Vec<Frame>,
    parts: Vec<Frame>,
    header: Value,
}

impl Message {
    /// A request of this process.
    pub(super) fn request(kind: &str, id: &str, content: &Value) -> Self {
        let header = json!({
            "msg_id": id, "msg_type": kind, "session": "picklebook", "username": "picklebook",
            "date": "1970-01-01T00:00:00Z", "version": "5.3",
        });
        let object = || Frame::from_static(b"{}");
        let parts = vec![header.to_string().into(), object(), object(), content.to_string().into()];
        Message { names: Vec::new(), parts, header }
    }

    /// An answer of this process, for whoever has sent this message.
    pub(super) fn reply(&self, kind: &str, content: &Value) -> Self {
        let id = self.header["msg_id"].as_str().unwrap_or_default();
        let mut reply = Message::request(kind, &format!("picklebook-answer-{id}"), content);
        reply.names.clone_from(&self.names);
        if let (Some(parent), Some(header)) = (reply.parts.get_mut(1), self.parts.first()) {
            parent.clone_from(header);
        }
        reply
    }

    /// The message in these frames; `None` where it was not signed with this key, or is no message
    /// of Jupyter's: whoever reads such a one may stop to read.
    pub(super) fn parse(frames: ZmqMessage, key: &Key) -> Option<Self> {
        let mut names = frames.into_vec();
        let delimiter = names.iter().position(|frame| &frame[..] == DELIMITER)?;
        let mut parts = names.split_off(delimiter);
        if parts.len() < 2 + SIGNED {
            return None;
        }
        let message = parts.split_off(2);
        if !key.is_right(&message, parts.get(1)?) {
            return None;
        }
        let mut signed = message.iter().take(SIGNED);
        let header: Value = serde_json::from_slice(signed.next()?).ok()?;
        if !header["msg_type"].is_string() || !header["msg_id"].is_string() {
            return None;
        }
        signed.all(is_object).then_some(Message { names, parts: message, header })
    }

    /// Its frames, signed with this key.
    pub(super) fn sign(self, key: &Key) -> Option<ZmqMessage> {
        let signature = key.signature(&self.parts);
        let mut frames = self.names;
        frames.push(Frame::from_static(DELIMITER));
        frames.push(signature.into());
        frames.extend(self.parts);
        // Only no frames at all are no message.
        ZmqMessage::try_from(frames).ok()
    }

    /// Its type, as `execute_request`.
    pub(super) fn kind(&self) -> &str {
        self.header["msg_type"].as_str().unwrap_or_default()
    }

    /// The number of the message that it answers.
    pub(super) fn answers(&self, id: &str) -> bool {
        let parent = self.parts.get(1).and_then(|part| serde_json::from_slice::<Value>(part).ok());
        parent.is_some_and(|parent| parent["msg_id"] == id)
    }

    /// Its content.
    pub(super) fn content(&self) -> Option<&Frame> {
        self.parts.get(SIGNED - 1)
    }

    /// Puts another content in its place.
    pub(super) fn set_content(&mut self, content: String) {
        if let Some(part) = self.parts.get_mut(SIGNED - 1) {
            *part = content.into();
        }
    }
}

/// Whether it is an object in JSON. (A parent's header may be empty, as the kernel writes it.)
fn is_object(part: &Frame) -> bool {
    let object = part.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
    object && serde_json::from_slice::<IgnoredAny>(part).is_ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frames_of(message: Option<ZmqMessage>) -> Vec<Frame> {
        message.map(ZmqMessage::into_vec).unwrap_or_default()
    }

    fn message(frames: Vec<Frame>) -> ZmqMessage {
        ZmqMessage::try_from(frames).expect("there are some")
    }

    fn signed(key: &Key) -> Vec<Frame> {
        let request = Message::request("execute_request", "1", &json!({"code": "1 + 1"}));
        frames_of(request.sign(key))
    }

    #[test]
    fn a_message_is_signed_as_jupyter_signs_it() {
        // What jupyter_client 8's `Session.sign` answers for these parts and this key.
        let parts = ["{}", "{\"a\": 1}", "{}", "{\"code\": \"1\"}"].map(Frame::from);
        assert_eq!(
            Key::new(b"a0436f6c-1916-498b-8eb9-e81ab9368e84").signature(&parts),
            "e61f9da22da80a5cca09276a64fc7686d1fff504662de3d9f02f7eb44704c349"
        );
        assert_eq!(Key::new(b"").signature(&parts), "");
    }

    #[test]
    fn only_whole_messages_signed_with_the_key_are_read() {
        let (key, other) = (Key::new(b"key"), Key::new(b"other"));
        let right = signed(&key);
        let read = |frames: &[Frame]| Message::parse(message(frames.to_vec()), &key);
        assert_eq!(read(&right).expect("it is right").kind(), "execute_request");
        let mut named = right.clone();
        named.insert(0, Frame::from_static(b"somebody"));
        assert_eq!(read(&named).expect("it is right").names, ["somebody"]);
        assert!(read(&signed(&other)).is_none(), "another key");
        for at in 0..right.len() {
            assert!(read(&right[..at.max(1)]).is_none(), "cut at {at}");
            let mut changed = right.clone();
            changed[at] = Frame::from_static(b"{\"x\": 1}");
            assert!(read(&changed).is_none(), "frame {at} changed");
        }
        for odd in ["", "zz", "\u{e9}", "0"] {
            let mut changed = right.clone();
            changed[1] = odd.into();
            assert!(read(&changed).is_none(), "signature {odd:?}");
        }
        // Signed, and yet no message: the kernel would stop to read.
        for header in ["1", "[]", "{}", "{\"msg_type\": 1, \"msg_id\": \"1\"}", "{"] {
            let mut parts = right[2..].to_vec();
            parts[0] = header.into();
            let mut frames = vec![right[0].clone(), key.signature(&parts).into()];
            frames.extend(parts);
            assert!(read(&frames).is_none(), "header {header}");
        }
    }

    proptest! {
        /// Whatever comes is read or refused, and what is read is passed on as it came.
        #[test]
        fn any_frames_are_read_or_refused(
            frames in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..20), 1..10),
            json in prop::collection::vec("[{}\\[\\]\":,a1 ]{0,12}", 4..7),
        ) {
            let key = Key::new(b"key");
            let raw: Vec<Frame> = frames.into_iter().map(Frame::from).collect();
            prop_assert!(Message::parse(message(raw), &key).is_none());
            let mut parts: Vec<Frame> = json.into_iter().map(Frame::from).collect();
            parts[0] = "{\"msg_type\": \"x\", \"msg_id\": \"y\"}".into();
            let mut whole = vec![DELIMITER.into(), key.signature(&parts).into()];
            whole.extend(parts);
            if let Some(read) = Message::parse(message(whole.clone()), &key) {
                prop_assert_eq!(frames_of(read.sign(&key)), whole);
            }
        }
    }

    #[test]
    fn a_connection_file_that_is_made_can_be_read() -> Result<(), Error> {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("connection.json");
        let made = Connection::make(&file)?;
        let read = Connection::read(&file)?;
        assert!(!read.is_open(), "nobody listens there yet");
        let front = read.clone().listen()?;
        assert!(read.is_open(), "each port is listened on");
        let port = |listener: &TcpListener| listener.local_addr().map(|address| address.port());
        let (heartbeat, again) = (port(&front.heartbeat), port(&front.again()?.heartbeat));
        assert_eq!(heartbeat.ok(), again.ok());
        assert_eq!(
            read.address(Channel::Heartbeat),
            format!("tcp://127.0.0.1:{}", port(&front.heartbeat).expect("it has one"))
        );
        drop(front);
        for channel in Channel::ALL {
            assert_eq!(made.address(channel), read.address(channel));
        }
        assert_eq!(signed(&made.key), signed(&read.key));
        fs::write(&file, "{\"transport\": \"ipc\"}").expect("it can be written");
        let refused = Connection::read(&file).expect_err("another transport");
        assert!(refused.to_string().contains("transport"), "{refused}");
        Ok(())
    }
}
