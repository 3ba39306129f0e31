//! The notebooks' house-keeping: set-up, the kernel, JupyterLab and the strict runner.
//!
//! What the library's users call is elsewhere; this is what stands behind the command.

mod cells;
mod checks;
mod doctor;
mod error;
mod evcxr;
mod folders;
mod host;
mod interrupt;
mod kernel;
mod kernelspec;
mod lab;
mod lock;
pub mod notebook;
mod pass;
mod places;
mod priority;
mod progress;
mod python;
mod run;
mod spares;
mod supervisor;
mod warm;
mod wire;

pub use cells::{cells_cargo, cells_rustc, cells_rustup};
pub use doctor::doctor;
pub use error::Error;
pub use host::host;
pub use kernel::kernel;
pub use lab::lab;
pub use places::{EVCXR_VERSION, Places};
pub use progress::Teller;
pub use run::{CellRun, Ended, Outcome, RunOptions, Timeouts, run, series};
pub use spares::{Keeper, wanted as wanted_spares};
#[cfg(unix)]
pub use supervisor::{SupervisorArguments, start_supervised, supervise};
pub use warm::SET_UP_CELL;

use progress::Progress;

/// Makes what the notebooks need and is not there yet; with `tests`, also what only tests need.
/// Each step can be interrupted and run again; when all is there this takes milliseconds.
///
/// # Errors
/// The first thing that is missing or fails, in one line that says what to do.
pub fn set_up(places: &Places, tests: bool, tell: Teller<'_>) -> Result<(), Error> {
    let say = tell.line;
    checks::path(places)?;
    checks::linker()?;
    checks::rust_source(places, say)?;
    let _busy = lock::exclusive(&places.set_up_lock(), say)?;
    // What an interrupted set-up has started may need a moment to end.
    drop(lock::exclusive(&places.children_lock(), say)?);
    let python = python::missing(places, tests)?;
    let (kernel, warm_up) = (evcxr::find()?.is_none(), !warm::is_set_up(places));
    let steps = python.steps + usize::from(kernel) + usize::from(warm_up);
    let progress = Progress::new(tell, steps);
    python::set_up(places, &python, &progress)?;
    evcxr::find_or_get(places, &progress)?;
    kernelspec::set_up(places)?;
    cells::set_up(places)?;
    warm::sweep(places)?;
    match warm_up {
        true => warm::set_up(places, &progress),
        false => Ok(()),
    }
}

/// Removes what set-up made: `.venv`, the build folders, and the kernel in the user's cache folder;
/// what a reader made, and what the notebooks wrote for them into `scratch`, stays. Ends spare
/// kernels. Waits for a set-up that is under way, and says so. Returns the folders that were
/// removed.
///
/// # Errors
/// Where a folder cannot be removed.
pub fn clean(
    places: &Places,
    keep_kernel: bool,
    say: &dyn Fn(&str),
) -> Result<Vec<std::path::PathBuf>, Error> {
    for spare in host::Spare::all(places) {
        spare.send_away();
    }
    host::settle(places);
    // Where there is none, nothing is under way, and nothing is made for the sake of looking.
    let _busy = match places.kernels().is_dir() {
        true => Some((
            lock::exclusive(&places.set_up_lock(), say)?,
            lock::exclusive(&places.children_lock(), say)?,
        )),
        false => None,
    };
    let mut made = vec![places.venv(), places.old_venv(), places.kernels()];
    if !keep_kernel {
        made.push(Places::kernel_home()?);
    }
    made.retain(|folder| folder.exists());
    for folder in &made {
        folders::remove(folder)?;
    }
    Ok(made)
}
