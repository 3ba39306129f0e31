//! Passes messages between whoever uses a kernel and the kernel behind.
//!
//! Jupyter chooses the ports and the key of a kernel before it starts it, and keeps them when it
//! restarts it: a kernel that runs already is reached by another process, which speaks on those
//! ports. It is also a guard: evcxr_jupyter 0.22 stops to read where a message is badly signed or
//! is none, and ends where it answers somebody who has gone.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::net::TcpListener;
use std::time::Duration;

use serde_json::value::RawValue;
use serde_json::{Value, json};
use zeromq::util::PeerIdentity;
use zeromq::{
    DealerSocket, RouterSocket, Socket, SocketOptions, SocketRecv, SocketSend, SubSocket,
    XPubSocket, ZmqError, ZmqMessage,
};

use super::Error;
use super::interrupt::{Interrupts, Said};
use super::wire::{Channel, Connection, Front, Key, Message};

/// How long what the kernel publishes may take behind its answer, before it is asked again.
const AGAIN: Duration = Duration::from_millis(100);
/// How long its answer may take, before it is asked again.
const ANSWER: Duration = Duration::from_secs(10);
/// How long what was said last may take on its way.
const LAST: Duration = Duration::from_millis(100);
/// The most bytes of a sign of life that are sent back.
const BEAT: usize = 1 << 10;
/// How often the end is looked for.
const LOOK: Duration = Duration::from_millis(50);

/// Why passing came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Passed {
    /// The kernel was told to end, and has said so; perhaps so that another one takes its place.
    Shutdown {
        /// Whether it was.
        restart: bool,
    },
    /// What the caller looks for.
    Stopped,
}

/// A kernel's channels, as whoever uses it holds them.
struct Kernel {
    shell: DealerSocket,
    control: DealerSocket,
    input: DealerSocket,
    published: SubSocket,
    key: Key,
}

impl Kernel {
    /// Connects to a kernel, and makes sure that what it publishes arrives.
    async fn connect(connection: &Connection, stop: &dyn Fn() -> bool) -> Result<Self, Error> {
        let mut published = SubSocket::new();
        published.connect(&connection.address(Channel::Published)).await.map_err(unreachable)?;
        published.subscribe("").await.map_err(unreachable)?;
        let mut kernel = Kernel {
            shell: dealer(connection, Channel::Shell).await?,
            control: dealer(connection, Channel::Control).await?,
            input: dealer(connection, Channel::Input).await?,
            published,
            key: connection.key.clone(),
        };
        kernel.wait_until_heard(stop).await?;
        Ok(kernel)
    }

    /// A subscription takes its time, and what is published before is lost: asks the kernel who it
    /// is until what it publishes about that arrives.
    async fn wait_until_heard(&mut self, stop: &dyn Fn() -> bool) -> Result<(), Error> {
        for number in 0_u32.. {
            let id = format!("picklebook-heard-{number}");
            self.ask("kernel_info_request", &id, &json!({})).await?;
            tokio::select! {
                answered = tokio::time::timeout(ANSWER, self.answer(&id)) => {
                    if answered.is_err() {
                        continue;
                    }
                }
                () = until(stop) => break,
            }
            if tokio::time::timeout(AGAIN, self.published_about(&id, "idle")).await.is_ok() {
                return Ok(());
            }
        }
        Err(Error::NotStarted { said: String::new() })
    }

    /// Waits for the answer to a request; answers to others are of no use.
    async fn answer(&mut self, id: &str) -> Message {
        loop {
            match self.shell.recv().await {
                Ok(frames) => {
                    let message = Message::parse(frames, &self.key);
                    if let Some(message) = message.filter(|message| message.answers(id)) {
                        return message;
                    }
                }
                Err(_) => tokio::time::sleep(LOOK).await,
            }
        }
    }

    /// What a cell prints on standard output, until that is `expected` or something else. A line
    /// may come after the kernel has said that the cell has ended.
    async fn printed(&mut self, id: &str, expected: &str) -> String {
        let mut printed = String::new();
        while printed != expected && expected.starts_with(&printed) {
            match self.published.recv().await {
                Ok(frames) => {
                    let message = Message::parse(frames, &self.key);
                    let message = message.filter(|message| message.answers(id));
                    let said = content(message.filter(|message| message.kind() == "stream"));
                    if said["name"] == "stdout" {
                        printed.push_str(said["text"].as_str().unwrap_or_default());
                    }
                }
                Err(_) => tokio::time::sleep(LOOK).await,
            }
        }
        printed
    }

    async fn ask(
        &mut self,
        kind: &str,
        id: &str,
        content: &serde_json::Value,
    ) -> Result<(), Error> {
        match Message::request(kind, id, content).sign(&self.key) {
            Some(frames) => self.shell.send(frames).await.map_err(unreachable),
            None => Ok(()),
        }
    }

    /// Waits until the kernel publishes that it is in this state after this message.
    async fn published_about(&mut self, id: &str, state: &str) {
        loop {
            match self.published.recv().await {
                Ok(frames) => {
                    let message = Message::parse(frames, &self.key);
                    let is_it = message.is_some_and(|message| {
                        let said = message.content().map(|said| said.to_vec()).unwrap_or_default();
                        message.kind() == "status"
                            && message.answers(id)
                            && String::from_utf8_lossy(&said).contains(state)
                    });
                    if is_it {
                        return;
                    }
                }
                Err(_) => tokio::time::sleep(LOOK).await,
            }
        }
    }

    /// Runs a cell, and waits until it has ended.
    async fn run(&mut self, id: &str, code: &str) -> Result<(), Error> {
        let content = json!({
            "code": code, "silent": false, "store_history": false, "user_expressions": {},
            "allow_stdin": false, "stop_on_error": false,
        });
        self.ask("execute_request", id, &content).await?;
        self.answer(id).await;
        Ok(())
    }
}

/// The content of a message.
fn content(message: Option<Message>) -> serde_json::Value {
    let content = message.as_ref().and_then(Message::content);
    content.and_then(|content| serde_json::from_slice(content).ok()).unwrap_or_default()
}

/// Connects to one of a kernel's channels. The kernel knows this process by the same name on the
/// channel of questions as on that of requests, and no other process by that name.
async fn dealer(connection: &Connection, channel: Channel) -> Result<DealerSocket, Error> {
    let mut options = SocketOptions::default();
    // It is a name of allowed length.
    if let Ok(name) = format!("picklebook-{}", std::process::id()).parse::<PeerIdentity>() {
        options.peer_identity(name);
    }
    let mut socket = DealerSocket::with_options(options);
    socket.connect(&connection.address(channel)).await.map_err(unreachable)?;
    Ok(socket)
}

fn unreachable(error: ZmqError) -> Error {
    Error::NotStarted { said: error.to_string() }
}

/// Runs cells on a kernel that nobody uses yet. As soon as it `is_wanted`, no more are run than
/// must be: not those after the first, or, where one of those has run, only the last, which takes
/// back what they have done. Returns how many have run.
///
/// # Errors
/// Where the kernel cannot be reached, or `stop` says to stop.
pub(super) fn run_cells(
    connection: &Connection,
    cells: &[&str],
    is_wanted: &dyn Fn() -> bool,
    stop: &dyn Fn() -> bool,
) -> Result<u64, Error> {
    in_runtime(async {
        let mut kernel = Kernel::connect(connection, stop).await?;
        let mut run = 0;
        for (number, code) in cells.iter().enumerate() {
            let is_last = number + 1 == cells.len();
            match is_wanted() {
                true if number <= 1 => break,
                true if !is_last => continue,
                _ => {}
            }
            let id = format!("picklebook-warm-{number}");
            tokio::select! {
                done = kernel.run(&id, code) => done?,
                () = until(stop) => return Err(Error::NotStarted { said: String::new() }),
            }
            run += 1;
        }
        Ok(run)
    })
}

/// Asks a kernel that nobody uses who it is, and has it run a cell. Returns its name, its version,
/// and what the cell has printed, until that is `expected` or something else.
///
/// # Errors
/// Where the kernel cannot be reached, or `stop` says to stop.
pub(super) fn try_out(
    connection: &Connection,
    code: &str,
    expected: &str,
    stop: &dyn Fn() -> bool,
) -> Result<(String, String, String), Error> {
    const WHO: &str = "picklebook-who";
    const CELL: &str = "picklebook-trial";

    let tried = async {
        let mut kernel = Kernel::connect(connection, stop).await?;
        kernel.ask("kernel_info_request", WHO, &json!({})).await?;
        let who = content(Some(kernel.answer(WHO).await));
        kernel.run(CELL, code).await?;
        let printed = kernel.printed(CELL, expected).await;
        let text = |name: &str| who[name].as_str().unwrap_or_default().to_owned();
        Ok((text("implementation"), text("implementation_version"), printed))
    };
    in_runtime(async {
        tokio::select! {
            tried = tried => tried,
            () = until(stop) => Err(Error::NotStarted { said: String::new() }),
        }
    })
}

/// Passes messages until the kernel is told to end or `stop` says so. The counts of executions are
/// made smaller by `earlier`, those that were before. `process` is the kernel's, for interrupts.
///
/// # Errors
/// Where the kernel cannot be reached.
pub(super) fn pass(
    front: Front,
    back: &Connection,
    earlier: u64,
    process: Option<u32>,
    stop: &dyn Fn() -> bool,
) -> Result<Passed, Error> {
    in_runtime(async {
        let kernel = Kernel::connect(back, stop).await?;
        let shell = accept(RouterSocket::new(), front.shell).await?;
        let control = accept(RouterSocket::new(), front.control).await?;
        let input = accept(RouterSocket::new(), front.input).await?;
        let published = accept(XPubSocket::new(), front.published).await?;
        let heartbeat = accept(RouterSocket::new(), front.heartbeat).await?;
        let interrupts = Interrupts::of(process);
        let keys = Keys { front: front.key, back: back.key.clone(), earlier, interrupts };
        tokio::select! {
            _ = exchange(shell, kernel.shell, &keys, Channel::Shell) => Ok(Passed::Stopped),
            restart = exchange(control, kernel.control, &keys, Channel::Control) => {
                // What the kernel published before is on its way, as is the answer.
                tokio::time::sleep(LAST).await;
                Ok(Passed::Shutdown { restart })
            }
            _ = exchange(input, kernel.input, &keys, Channel::Input) => Ok(Passed::Stopped),
            () = publish(published, kernel.published, &keys) => Ok(Passed::Stopped),
            () = beat(heartbeat) => Ok(Passed::Stopped),
            () = until(stop) => {
                // What a kernel said before it was killed is on its way, too.
                tokio::time::sleep(LAST).await;
                Ok(Passed::Stopped)
            }
        }
    })
}

fn in_runtime<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime {
        Ok(runtime) => runtime.block_on(work),
        Err(source) => Err(Error::File { path: "the system's events".into(), source }),
    }
}

async fn until(stop: &dyn Fn() -> bool) {
    while !stop() {
        tokio::time::sleep(LOOK).await;
    }
}

/// Lets in who connects to a port.
async fn accept<S: Socket>(mut socket: S, listener: TcpListener) -> Result<S, Error> {
    socket.bind_listener(listener).await.map_err(unreachable)?;
    Ok(socket)
}

/// What changes in a message on its way.
struct Keys {
    front: Key,
    back: Key,
    earlier: u64,
    interrupts: Interrupts,
}

impl Keys {
    /// A message of the kernel, as those in front are to see it.
    fn forward(&self, frames: ZmqMessage) -> Option<(ZmqMessage, Message)> {
        let mut message = Message::parse(frames, &self.back)?;
        let content = match self.interrupts.instead(&message) {
            Said::AsItIs => {
                message.content().and_then(|said| renumbered(message.kind(), said, self.earlier))
            }
            Said::Other(content) => Some(content),
            Said::Nothing => return None,
        };
        if let Some(content) = content {
            message.set_content(content);
        }
        // Its parts are shared, not copied.
        Some((message.clone().sign(&self.front)?, message))
    }
}

/// Passes what is said on one of the channels to the kernel, and what it says back. Ends on the
/// channel of control, after the kernel has said that it ends, and returns whether it said so
/// because it is restarted.
async fn exchange(front: RouterSocket, back: DealerSocket, keys: &Keys, channel: Channel) -> bool {
    let (mut front_sender, mut front) = front.split();
    let (mut back_sender, mut back) = back.split();
    // Answers that are given here.
    let answers = RefCell::new(VecDeque::new());
    // The kernel would take what came before its question for the answer to it.
    let is_asked = Cell::new(channel != Channel::Input);
    let there = async {
        loop {
            let Ok(frames) = front.recv().await else {
                tokio::time::sleep(LOOK).await;
                continue;
            };
            let message = Message::parse(frames, &keys.front).filter(|_| is_asked.get());
            let Some(message) = message else { continue };
            if let Some(answer) = keys.interrupts.answer(&message) {
                answers.borrow_mut().push_back(answer);
            } else if let Some(frames) = message.sign(&keys.back) {
                is_asked.set(channel != Channel::Input);
                // The kernel may be gone: its end is looked for elsewhere.
                let _ = back_sender.send(frames).await;
            }
        }
    };
    let back_again = async {
        loop {
            let answer = answers.borrow_mut().pop_front();
            if let Some(frames) = answer.and_then(|answer| answer.sign(&keys.front)) {
                let _ = front_sender.send(frames).await;
                continue;
            }
            let Ok(received) = tokio::time::timeout(LOOK, back.recv()).await else { continue };
            let Ok(frames) = received else {
                tokio::time::sleep(LOOK).await;
                continue;
            };
            let Some((frames, message)) = keys.forward(frames) else { continue };
            is_asked.set(true);
            // Whoever asked may be gone, and that is theirs.
            let _ = front_sender.send(frames).await;
            if channel == Channel::Control && message.kind() == "shutdown_reply" {
                let said = message.content().map(|said| serde_json::from_slice::<Value>(said));
                return said.is_some_and(|said| said.is_ok_and(|said| said["restart"] == true));
            }
        }
    };
    tokio::select! {
        over = there => over,
        restart = back_again => restart,
    }
}

/// Passes what the kernel publishes, as fast as the slowest of those reads who listen. A socket of
/// the kind PUB would drop what they have not read, be it the end of a cell, and keep a hundred
/// thousand messages before it does; this one lets the kernel wait.
async fn publish(mut front: XPubSocket, mut back: SubSocket, keys: &Keys) {
    loop {
        tokio::select! {
            published = back.recv() => match published {
                Ok(frames) => {
                    if let Some((frames, _)) = keys.forward(frames) {
                        // Nobody may listen.
                        let _ = front.send(frames).await;
                    }
                }
                Err(_) => tokio::time::sleep(LOOK).await,
            },
            // Who listens to what: the socket minds it itself, as soon as it is asked.
            _ = front.recv() => {}
        }
    }
}

/// Sends back what comes, as a sign of life: the kernel's own end ends this process. (A socket of
/// the kind REP would come back to a peer that has sent nonsense for ever.)
async fn beat(mut front: RouterSocket) {
    loop {
        match front.recv().await {
            Ok(frames) if frames.iter().map(bytes::Bytes::len).sum::<usize>() <= BEAT => {
                let _ = front.send(frames).await;
            }
            Ok(_) => {}
            Err(_) => tokio::time::sleep(LOOK).await,
        }
    }
}

/// The content with the counts of executions that a person sees made smaller by `earlier`; `None`
/// where there is none.
fn renumbered(kind: &str, content: &[u8], earlier: u64) -> Option<String> {
    type Fields<'a> = BTreeMap<String, &'a RawValue>;

    if earlier == 0 {
        return None;
    }
    let write = |fields: &Fields<'_>| serde_json::to_string(fields).ok();
    match kind {
        "execute_input" | "execute_reply" | "execute_result" => {
            let mut fields: Fields<'_> = serde_json::from_slice(content).ok()?;
            let count: u64 = serde_json::from_str(fields.get("execution_count")?.get()).ok()?;
            let count = count.saturating_sub(earlier).to_string();
            let count: Box<RawValue> = serde_json::from_str(&count).ok()?;
            fields.insert("execution_count".into(), &count);
            write(&fields)
        }
        // The compiler's messages name the cell: `command_7:1:5`.
        "error" => {
            let mut fields: Fields<'_> = serde_json::from_slice(content).ok()?;
            let lines: Vec<String> = serde_json::from_str(fields.get("traceback")?.get()).ok()?;
            let lines: Vec<String> =
                lines.iter().map(|line| renumbered_cells(line, earlier)).collect();
            let lines = serde_json::value::to_raw_value(&lines).ok()?;
            fields.insert("traceback".into(), &lines);
            write(&fields)
        }
        _ => None,
    }
}

/// `command_7` as `command_2`, where five were before.
fn renumbered_cells(line: &str, earlier: u64) -> String {
    const NAME: &str = "command_";
    let mut pieces = line.split(NAME);
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = piece.split_at(digits);
        text.push_str(NAME);
        match number.parse::<u64>() {
            // A cell of the reader's; a name in their own program may look the same.
            Ok(number) if number > earlier && rest.starts_with(':') => {
                text.push_str(&(number - earlier).to_string());
            }
            _ => text.push_str(number),
        }
        text.push_str(rest);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_begin_at_one_and_nothing_else_changes() {
        let result = br#"{"data":{"text/plain":"1e400 12345678901234567890123"},"execution_count":7,"metadata":{"x":12345678901234567890123}}"#;
        let expected = r#"{"data":{"text/plain":"1e400 12345678901234567890123"},"execution_count":1,"metadata":{"x":12345678901234567890123}}"#;
        assert_eq!(renumbered("execute_result", result, 6).as_deref(), Some(expected));
        assert_eq!(renumbered("execute_result", result, 0), None);
        assert_eq!(renumbered("stream", result, 6), None);
        assert_eq!(renumbered("execute_reply", b"{}", 6), None);
        let error = r#"{"ename":"Error","evalue":"x","traceback":["\u001b[31m[command_8:1:5]","my_command_9","command_2:1"]}"#;
        let told = renumbered("error", error.as_bytes(), 6).expect("it has cells");
        assert!(told.contains("[command_2:1:5]"), "{told}");
        assert!(told.contains("\"my_command_9\",\"command_2:1\""), "{told}");
    }
}
