//! The processes behind a notebook: what they pass on, which spares there are, and that nothing is
//! left of them, however they end. A kernel that stands in for the real one is there in a moment,
//! so that all this is tried often; `spares` has the same of the real one.
//!
//! PICKLEBOOK_SPARES_SEED=N kills at the moments of a run that has failed, which names its seed.
#![cfg(all(target_os = "linux", feature = "cli"))]

mod support;

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use support::root;

/// Makes a check of `tests/kernel_processes`, in a project of its own.
#[track_caller]
fn check(name: &str) {
    let seed = std::env::var("PICKLEBOOK_SPARES_SEED").unwrap_or_else(|_| "1".into());
    let checks = Command::new(support::python())
        .args(["-m", "kernel_processes"])
        .args([Path::new(env!("CARGO_BIN_EXE_picklebook")), &support::folder(name)])
        .args([&seed, name])
        .current_dir(root().join("tests"))
        .stderr(Stdio::inherit())
        .output()
        .expect("Python starts");
    let said = String::from_utf8_lossy(&checks.stdout);
    let result: Value = serde_json::from_str(&said).expect(&said);
    let wrong = result["wrong"].as_array().expect(&said).iter();
    let wrong: Vec<&str> = wrong.map(|what| what.as_str().expect(&said)).collect();
    assert!(wrong.is_empty(), "{name}, with PICKLEBOOK_SPARES_SEED={seed}:\n{}", wrong.join("\n"));
}

/// A test for each check.
macro_rules! checks {
    ($($name:ident)*) => {$(
        #[test]
        fn $name() {
            check(stringify!($name));
        }
    )*};
}

checks! {
    all_channels_are_passed_on
    a_spare_is_like_a_new_kernel
    a_restart_keeps_the_ports_and_takes_the_spare
    two_and_five_at_once_keep_apart
    whoever_listens_slowly_loses_nothing
    a_spare_is_for_its_own_folder_and_environment
    each_environment_has_its_own_spares
    a_stale_spare_is_thrown_away
    there_are_as_many_spares_as_are_asked_for
    a_spare_ends_with_its_last_keeper
    a_spare_is_taken_while_it_is_started
    a_spare_stands_back_until_it_is_wanted
    doctor_shows_spares_and_clean_ends_them
    lab_and_run_refuse_a_setting_that_is_no_number
    a_kernel_that_does_not_come_up_says_why
    a_kernel_whose_port_is_taken_gets_others
    no_message_does_harm
    no_peer_does_harm
    a_disk_that_takes_nothing_is_named
    a_killed_host_leaves_nothing
    a_killed_spare_is_replaced
    kills_at_any_moment
}
