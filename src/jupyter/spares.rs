//! Kernels that are started ahead of time, so that the next one answers at once.

use std::env;
use std::fs::File;
use std::path::PathBuf;
use std::process::Child;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use super::host::Spare;
use super::{Error, Places, checks, lock};

/// How many spares there are to be, where nothing else is said.
pub const SPARES: u32 = 1;
/// The variable that says how many spares there are to be.
pub(super) const WANTED: &str = "PICKLEBOOK_SPARES";
/// The variable by which a kernel knows that whoever has started it keeps spares.
pub(super) const KEPT: &str = "PICKLEBOOK_SPARES_KEPT";

/// The memory that must be free for another spare, in megabytes: a spare holds 770.
const MEMORY: u64 = 3_000;
/// After how many spares that did not come up no more are started.
const ENOUGH: u32 = 3;
/// How often the spares are counted.
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
pub fn wanted() -> u32 {
    env::var(WANTED).ok().and_then(|number| number.trim().parse().ok()).unwrap_or(SPARES)
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
    let mut children: Vec<Child> = Vec::new();
    let mut failures = 0;
    // Where spares do not come up, kernels start as long as they take.
    while !over.load(Ordering::Relaxed) && failures < ENOUGH {
        children.retain_mut(|child| match child.try_wait() {
            Ok(None) => true,
            Ok(Some(status)) => {
                failures += u32::from(!status.success());
                false
            }
            Err(_) => false,
        });
        let are_missing = || Spare::all(places).len() < number as usize;
        // One keeper at a time, so that there are not too many of them.
        if are_missing()
            && has_memory()
            && let Ok(Some(_alone)) = lock::try_exclusive(&places.kernels().join("spares.lock"))
            && are_missing()
        {
            match Spare::start(places) {
                Ok(child) => children.push(child),
                Err(_) => failures += 1,
            }
        }
        std::thread::sleep(LOOK);
    }
}

fn has_memory() -> bool {
    checks::free_memory().is_none_or(|free| free >= MEMORY)
}
