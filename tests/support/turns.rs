//! What benches share that measure other programs and ours in turns.

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

/// Work is done again until it has taken so many seconds: what the system tells of the processor's
/// time is not told more often than at every tick.
const LEAST: f64 = 0.05;

/// The processor's time of this thread that work takes, in seconds (on Linux; by the clock
/// elsewhere).
pub fn on_processor<T>(mut work: impl FnMut() -> T) -> f64 {
    let now = || {
        let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        text.split_whitespace().next()?.parse::<f64>().ok()
    };
    let (clock, start) = (Instant::now(), now());
    let mut times = 0.0;
    while times == 0.0 || clock.elapsed().as_secs_f64() < LEAST {
        drop(black_box(work()));
        times += 1.0;
    }
    let all = match (start, now()) {
        (Some(start), Some(end)) => (end - start) / 1e9,
        _ => clock.elapsed().as_secs_f64(),
    };
    all / times
}

/// The median; nothing of none.
pub fn median(times: &[f64]) -> Option<f64> {
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied()
}

/// The 64-bit floats of a file, little-endian.
pub fn floats(path: impl AsRef<Path>) -> Vec<f64> {
    let bytes = std::fs::read(path).expect("it is there");
    bytes.as_chunks::<8>().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect()
}

/// A number with three digits at least, or as many as it has before the point.
pub fn shown(number: Option<f64>) -> String {
    match number {
        None => "–".to_owned(),
        Some(number) if number < 10.0 => format!("{number:.2}"),
        Some(number) if number < 100.0 => format!("{number:.1}"),
        Some(number) => format!("{number:.0}"),
    }
}
