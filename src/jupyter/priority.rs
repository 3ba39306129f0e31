//! Work that is to stand back behind other work, for a while.

/// The work of a process and what it starts stands back behind other work until this is dropped.
#[derive(Debug)]
#[must_use]
pub(super) struct Lowered {
    #[cfg(target_os = "linux")]
    group: Option<std::path::PathBuf>,
}

/// Lowers the priority of a session that is led by this process, where that can be taken back.
///
/// A process without privileges cannot raise its own priority again; that of its whole session,
/// which Linux shares the processor between first (`sched(7)`, "The autogroup feature"), it can.
/// Elsewhere the work has the priority that all work has.
#[cfg(target_os = "linux")]
pub(super) fn lower(process: u32) -> Lowered {
    let enabled = std::fs::read_to_string("/proc/sys/kernel/sched_autogroup_enabled");
    let group = std::path::PathBuf::from(format!("/proc/{process}/autogroup"));
    let lowered =
        enabled.is_ok_and(|enabled| enabled.trim() == "1") && std::fs::write(&group, "10").is_ok();
    Lowered { group: lowered.then_some(group) }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn lower(_: u32) -> Lowered {
    Lowered {}
}

#[cfg(target_os = "linux")]
impl Drop for Lowered {
    fn drop(&mut self) {
        // Changes in quick succession are refused; a few tries later they are not.
        for _ in 0..20 {
            match &self.group {
                Some(group) if std::fs::write(group, "0").is_err() => {
                    std::thread::sleep(std::time::Duration::from_millis(20));
                }
                _ => return,
            }
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::fs;
    use std::process::Command;
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn a_lowered_session_is_raised_again() {
        let enabled = fs::read_to_string("/proc/sys/kernel/sched_autogroup_enabled");
        if enabled.is_ok_and(|enabled| enabled.trim() != "1") {
            return;
        }
        let mut process = Command::new("setsid").args(["sleep", "60"]).spawn().expect("it starts");
        let file = format!("/proc/{}/autogroup", process.id());
        let group = || fs::read_to_string(&file).unwrap_or_default();
        // As long as it has not run it is in the group of this process.
        let own = fs::read_to_string("/proc/self/autogroup").unwrap_or_default();
        let started = Instant::now();
        while group() == own && started.elapsed() < Duration::from_secs(10) {
            std::thread::sleep(Duration::from_millis(10));
        }
        let lowered = lower(process.id());
        let nice = group();
        drop(lowered);
        let raised = group();
        process.kill().and_then(|()| process.wait()).expect("it can be ended");
        assert!(nice.trim_end().ends_with("nice 10"), "{nice}");
        assert!(raised.trim_end().ends_with("nice 0"), "{raised}");
    }
}
