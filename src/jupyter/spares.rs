//! Kernels that are started ahead of time, so that the next one answers at once.

use std::env;
use std::fs::File;
use std::path::PathBuf;
use std::process::Child;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use super::host::{self, Spare};
use super::{Error, Places, checks, lock, warm};

/// How many spares there are to be, where nothing else is said.
pub const SPARES: u32 = 1;
/// The variable that says how many spares there are to be.
pub(super) const WANTED: &str = "PICKLEBOOK_SPARES";
/// The variable by which a kernel knows that whoever has started it keeps spares.
pub(super) const KEPT: &str = "PICKLEBOOK_SPARES_KEPT";

/// The memory that must be free for another spare, in megabytes: a spare holds 800.
const MEMORY: u64 = 3_000;
/// Where less is free, in megabytes, a spare is given up; then there is not enough for another.
const SCARCE: u64 = 1_000;
/// After how many spares that did not come up no more are started.
const ENOUGH: u32 = 3;
/// How often the spares are counted. (To be told of a spare that another keeper has started, and that
/// somebody has taken, would take a thread for each; to look costs a few microseconds.)
const LOOK: Duration = Duration::from_millis(250);

/// The lock that all hold who keep spares.
fn keepers_lock(places: &Places) -> PathBuf {
    places.kernels().join("keepers.lock")
}

/// Whether anybody keeps spares.
pub(super) fn are_kept(places: &Places) -> bool {
    lock::is_held(&keepers_lock(places))
}

/// How many spares the environment asks for.
///
/// # Errors
/// Where `PICKLEBOOK_SPARES` is no number.
pub fn wanted() -> Result<u32, Error> {
    let Some(said) = env::var_os(WANTED) else { return Ok(SPARES) };
    let said = said.to_string_lossy();
    match said.trim() {
        "" => Ok(SPARES),
        number => number.parse().map_err(|_| Error::Setting {
            name: WANTED,
            value: said.into_owned(),
            expected: "how many kernels are kept ready, as 0 or 1",
        }),
    }
}

/// Keeps spares until it is dropped.
#[derive(Debug)]
pub struct Keeper {
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    _keeps: File,
}

impl Keeper {
    /// Keeps `number` spares.
    ///
    /// # Errors
    /// Where the lock cannot be held.
    pub fn new(places: &Places, number: u32) -> Result<Option<Self>, Error> {
        if number == 0 {
            return Ok(None);
        }
        let keeps = lock::shared(&keepers_lock(places))?;
        let over = Arc::new(AtomicBool::new(false));
        let (places, is_over) = (places.clone(), over.clone());
        let thread = std::thread::spawn(move || keep(&places, number, &is_over));
        Ok(Some(Keeper { over, thread: Some(thread), _keeps: keeps }))
    }

    /// Ends, and leaves the spares to the one that is started in its place.
    pub(super) fn hand_over(self, places: &Places) {
        let environment = host::spares_environment(places);
        for spare in Spare::all(places) {
            if spare.has_environment(&environment) {
                spare.await_restart();
            }
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn keep(places: &Places, number: u32, over: &AtomicBool) {
    let environment = host::spares_environment(places);
    // With each, whether it has come up: what becomes of a kernel later is no failure of a spare.
    let mut children: Vec<(Child, bool)> = Vec::new();
    let mut failures = 0;
    // Where the lock is gone, so is all else that was set up.
    while !over.load(Ordering::Relaxed) && are_kept(places) {
        children.retain_mut(|(child, has_come_up)| {
            *has_come_up = *has_come_up || host::has_come_up(places, child.id());
            match child.try_wait() {
                Ok(None) => true,
                Ok(Some(status)) => {
                    failures += u32::from(!status.success() && !*has_come_up);
                    false
                }
                Err(_) => false,
            }
        });
        if children.iter().any(|(_, has_come_up)| *has_come_up) {
            failures = 0;
        }
        // Those in another environment, which other keepers have started, are of no use here.
        let spares = || {
            let mut all = Spare::all(places);
            all.retain(|spare| spare.has_environment(&environment));
            all
        };
        let there = spares();
        if there.iter().any(Spare::is_ready) {
            failures = 0;
        }
        // Then kernels start as long as they take.
        if failures >= ENOUGH {
            break;
        }
        // One keeper at a time, so that there are not too many of them.
        if next(&there, number, checks::free_memory()) != Step::Wait
            && let Ok(Some(_alone)) = lock::try_exclusive(&places.kernels().join("spares.lock"))
        {
            let mut spares = spares();
            // One that was killed has left its folder.
            let _ = warm::sweep(places);
            match next(&spares, number, checks::free_memory()) {
                Step::Start => match Spare::start(places) {
                    Ok(child) => children.push((child, false)),
                    Err(_) => failures += 1,
                },
                Step::GiveUp => drop(spares.pop().map(Spare::send_away)),
                Step::Wait => {}
            }
        }
        std::thread::sleep(LOOK);
    }
}

/// What a keeper does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Start,
    GiveUp,
    Wait,
}

/// What a keeper of `number` spares does next, where these are there and `free` megabytes of
/// memory are.
fn next(spares: &[impl Readiness], number: u32, free: Option<u64>) -> Step {
    let is_one_coming = || !spares.iter().all(Readiness::is_ready);
    match free {
        Some(free) if free < SCARCE && !spares.is_empty() => Step::GiveUp,
        Some(free) if free < MEMORY => Step::Wait,
        // One after the other: what one will hold is still free when the next is begun.
        _ if spares.len() >= number as usize || is_one_coming() => Step::Wait,
        _ => Step::Start,
    }
}

/// Whether a spare is ready.
trait Readiness {
    fn is_ready(&self) -> bool;
}

impl Readiness for Spare {
    fn is_ready(&self) -> bool {
        Spare::is_ready(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Readiness for bool {
        fn is_ready(&self) -> bool {
            *self
        }
    }

    #[test]
    fn spares_are_started_one_after_the_other_and_only_where_there_is_memory() {
        let (ready, coming) = (true, false);
        for (spares, number, free, step) in [
            (&[][..], 1, Some(8_000), Step::Start),
            (&[], 1, None, Step::Start),
            (&[], 1, Some(2_999), Step::Wait),
            (&[], 0, Some(8_000), Step::Wait),
            (&[], 1, Some(10), Step::Wait),
            (&[ready], 1, Some(8_000), Step::Wait),
            (&[ready], 2, Some(8_000), Step::Start),
            (&[ready, coming], 3, Some(8_000), Step::Wait),
            (&[coming], u32::MAX, Some(8_000), Step::Wait),
            (&[ready], 1, Some(999), Step::GiveUp),
            (&[coming], 1, Some(999), Step::GiveUp),
            (&[ready], 1, Some(1_000), Step::Wait),
        ] {
            assert_eq!(next(spares, number, free), step, "{spares:?} of {number}, {free:?} MB");
        }
    }
}
