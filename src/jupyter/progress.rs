//! What a person is told while a set-up takes its time: which step of how many, how much of it is
//! done, and how long it may still take.

use std::cell::Cell;
use std::io::{self, Read};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

/// How often the one line of a terminal is written anew.
const OFTEN: Duration = Duration::from_millis(200);
/// How often a line is printed where there is no terminal.
const SELDOM: Duration = Duration::from_secs(30);
/// From when on what is left is estimated.
const KNOWN: Duration = Duration::from_secs(10);
/// How long what a program said last may take on its way.
const LAST: Duration = Duration::from_secs(1);
/// The most bytes of what a program says that are kept.
const KEPT: usize = 64 << 10;

/// How what is done is told.
#[derive(Clone, Copy)]
pub struct Teller<'a> {
    /// Prints a line.
    pub line: &'a dyn Fn(&str),
    /// Shows how far things are in the place of what was shown so before, as a terminal can.
    /// Without it, a line is printed now and then.
    pub status: Option<&'a dyn Fn(&str)>,
}

/// The steps of one set-up.
pub(super) struct Progress<'a> {
    tell: Teller<'a>,
    steps: usize,
    step: Cell<usize>,
    began: Cell<Instant>,
    told: Cell<Instant>,
}

impl<'a> Progress<'a> {
    /// A set-up of so many steps.
    pub(super) fn new(tell: Teller<'a>, steps: usize) -> Self {
        let now = Instant::now();
        Progress { tell, steps, step: Cell::new(0), began: Cell::new(now), told: Cell::new(now) }
    }

    /// Tells something that is no step.
    pub(super) fn line(&self, text: &str) {
        (self.tell.line)(text);
    }

    /// Begins the next step.
    pub(super) fn step(&self, what: &str) {
        self.step.set(self.step.get() + 1);
        self.began.set(Instant::now());
        self.told.set(Instant::now());
        // What was not foreseen, because something went in the meantime, is a step more.
        let steps = self.steps.max(self.step.get());
        self.line(&format!("Step {} of {steps}: {what}", self.step.get()));
    }

    /// Shows how much of the step is done, of how much in all where that is known.
    pub(super) fn done(&self, done: usize, all: Option<usize>, what: &str) {
        let often = if self.tell.status.is_some() { OFTEN } else { SELDOM };
        if self.told.get().elapsed() < often {
            return;
        }
        self.told.set(Instant::now());
        let text = far(done, all, what, self.began.get().elapsed());
        match self.tell.status {
            Some(status) => status(&text),
            None => self.line(&text),
        }
    }
}

/// How far a step is: `  120 of 301 crates, 2 min 5 s, about 3 min left`.
fn far(done: usize, all: Option<usize>, what: &str, elapsed: Duration) -> String {
    let amount = match all {
        Some(all) => format!("{done} of {all} {what}, "),
        None if done > 0 => format!("{done} {what}, "),
        None => String::new(),
    };
    let left = all.and_then(|all| left(done, all, elapsed));
    let left = left.map(|left| format!(", about {} left", rounded(left))).unwrap_or_default();
    format!("  {amount}{}{left}", exact(elapsed))
}

/// How long the rest takes at the rate so far, once that can be said.
fn left(done: usize, all: usize, elapsed: Duration) -> Option<Duration> {
    let is_known = elapsed >= KNOWN && done * 10 >= all && done < all;
    let share = (all.saturating_sub(done)) as f64 / done.max(1) as f64;
    is_known.then(|| elapsed.mul_f64(share))
}

fn exact(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

/// A time that is estimated.
fn rounded(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..90 => format!("{} s", seconds.next_multiple_of(10).max(10)),
        seconds => format!("{} min", (seconds + 30) / 60),
    }
}

/// What a program has said.
pub(super) struct Said {
    pub(super) status: ExitStatus,
    /// The end of standard output, and that of standard error.
    pub(super) output: [String; 2],
}

/// Runs a program and hands over each line as it comes, those that are written over with a
/// carriage return among them; and nothing, now and then, where none comes.
pub(super) fn follow(
    command: &mut Command,
    each: &mut dyn FnMut(Option<&str>),
) -> io::Result<Said> {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let (sender, lines) = mpsc::channel();
    let streams: [Option<Box<dyn Read + Send>>; 2] = [
        child.stdout.take().map(|stream| Box::new(stream) as _),
        child.stderr.take().map(|stream| Box::new(stream) as _),
    ];
    for (number, stream) in streams.into_iter().enumerate() {
        let sender = sender.clone();
        // Not joined: they end with the streams.
        std::thread::spawn(move || pass_lines(stream, &|line| sender.send((number, line)).is_ok()));
    }
    drop(sender);
    let mut output = [String::new(), String::new()];
    // What the program leaves running may hold its streams open.
    let mut ended: Option<Instant> = None;
    while ended.is_none_or(|ended| ended.elapsed() < LAST) {
        let (number, line) = match lines.recv_timeout(OFTEN) {
            Ok(said) => said,
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) if ended.is_some() => break,
            Err(RecvTimeoutError::Timeout) => {
                each(None);
                ended = child.try_wait()?.map(|_| Instant::now());
                continue;
            }
        };
        each(Some(&line));
        let Some(kept) = output.get_mut(number) else { continue };
        kept.push_str(&line);
        kept.push('\n');
        if kept.len() > 2 * KEPT {
            kept.drain(..kept.ceil_char_boundary(KEPT));
        }
    }
    Ok(Said { status: child.wait()?, output })
}

/// Reads lines until the stream ends or nobody takes them.
fn pass_lines(stream: Option<Box<dyn Read + Send>>, take: &dyn Fn(String) -> bool) {
    let Some(mut stream) = stream else { return };
    let (mut line, mut bytes) = (Vec::new(), [0; 4096]);
    while let Ok(read @ 1..) = stream.read(&mut bytes) {
        for byte in bytes.iter().take(read) {
            match byte {
                b'\r' | b'\n' if line.is_empty() => {}
                b'\r' | b'\n' => {
                    let text = String::from_utf8_lossy(&line).into_owned();
                    line.clear();
                    if !take(text) {
                        return;
                    }
                }
                // A line without an end is cut.
                _ if line.len() < KEPT => line.push(*byte),
                _ => {}
            }
        }
    }
    if !line.is_empty() {
        take(String::from_utf8_lossy(&line).into_owned());
    }
}

/// The numbers of cargo's progress bar, `    Building [====>    ] 120/301: serde, syn`.
pub(super) fn crates(line: &str) -> Option<(usize, usize)> {
    let bar = line.trim_start().strip_prefix("Building [")?;
    let (done, rest) = bar.split_once("] ")?.1.split_once('/')?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    Some((done.trim().parse().ok()?, rest.get(..digits)?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_a_step_is_can_be_read() {
        let seconds = Duration::from_secs;
        assert_eq!(far(3, Some(301), "crates", seconds(5)), "  3 of 301 crates, 5 s");
        assert_eq!(
            far(120, Some(300), "crates", seconds(125)),
            "  120 of 300 crates, 2 min 5 s, about 3 min left"
        );
        assert_eq!(
            far(9, Some(10), "packages", seconds(90)),
            "  9 of 10 packages, 1 min 30 s, about 10 s left"
        );
        assert_eq!(far(10, Some(10), "packages", seconds(90)), "  10 of 10 packages, 1 min 30 s");
        assert_eq!(far(0, None, "crates", seconds(7)), "  7 s");
        assert_eq!(far(4, None, "crates", seconds(60)), "  4 crates, 1 min 0 s");
    }

    #[test]
    fn the_bar_of_cargo_is_read() {
        let bar = "    Building [=====>                   ] 57/301: serde, syn(build)...";
        assert_eq!(crates(bar), Some((57, 301)));
        assert_eq!(crates("Building [>] 0/1"), Some((0, 1)));
        for other in
            ["   Compiling serde v1.0.0", "Building [", "Building [] x/3", "Building [] 3/"]
        {
            assert_eq!(crates(other), None, "{other}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn lines_come_as_they_are_written() -> io::Result<()> {
        let mut lines = Vec::new();
        let script = "printf 'one\\ntwo\\rthree\\r'; printf 'four' >&2; exit 3";
        let said = follow(Command::new("sh").args(["-c", script]), &mut |line| {
            lines.extend(line.map(str::to_owned));
        })?;
        lines.sort();
        assert_eq!(lines, ["four", "one", "three", "two"]);
        assert_eq!(
            (said.status.code(), said.output),
            (Some(3), ["one\ntwo\nthree\n".into(), "four\n".into()])
        );
        Ok(())
    }
}
