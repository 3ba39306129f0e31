//! How much time and memory files of growing sizes may take, and what they took.
#![allow(dead_code)] // each test file uses its own part

use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::{memory, support};

pub const DEBUG: bool = cfg!(debug_assertions);
pub const SIZES: &[usize] = if DEBUG { &[10_000, 100_000] } else { &[10_000, 100_000, 1_000_000] };
/// A debug build takes about twenty times as long, and the machine may have other work.
pub const TIME: Duration = Duration::from_secs(if DEBUG { 60 } else { 2 });
pub const MEMORY: u64 = 256 << 20;

/// What this thread has taken of a processor, which other work on the machine does not change.
pub fn processor_time() -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    let found = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = found.and_then(|found| found.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| START.get_or_init(Instant::now).elapsed(), Duration::from_nanos)
}

/// The most memory that this process has had, if that is above what a file of this size may take.
pub fn too_much_memory(size: usize) -> Option<u64> {
    let peak = memory::status("VmHWM")? as u64;
    (peak > MEMORY + 3 * size as u64).then_some(peak)
}

/// Runs a test in a process of its own, for the peak of its memory, on one name; what it says if it
/// fails.
pub fn alone(test: &str, name: &str) -> Option<String> {
    let output = Command::new(std::env::current_exe().expect("this test"))
        .args([test, "--exact", "--nocapture"])
        .env("PICKLEBOOK_ALONE", name)
        .output()
        .expect("this test starts");
    let failed = !output.status.success();
    failed.then(|| format!("{name}: {}\n{}", output.status, support::printed(&output)))
}
