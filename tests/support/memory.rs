//! How much memory this process has.

/// A line of /proc/self/status, in bytes; nothing where the system has no such file.
///
/// # Panics
/// If the file is there and does not tell: what it was asked for would go unmeasured.
pub fn status(name: &str) -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let size = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<usize>().ok());
    Some(size.unwrap_or_else(|| panic!("/proc/self/status tells no {name}")) << 10)
}
