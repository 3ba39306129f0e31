//! Objects printed as Python's `repr` prints them.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Value;
use super::printer::{Bounded, Printer, usual_work};

/// A [`Value`] to be printed, with limits on depth and length.
///
/// What Python can print is printed as Python 3.11 prints it, an object of an unknown class as
/// `module.name(arguments) {state}`, with items and entries that were added to it in between. The
/// members of a set come in the order of the file.
///
/// ```
/// use picklebook::pickle::{self, Value};
///
/// let value: Value = pickle::loads(b"](K\x01](K\x02]K\x03aeK\x04e.")?;
/// assert_eq!(value.to_string(), "[1, [2, [3]], 4]");
/// assert_eq!(value.repr().depth(2).to_string(), "[1, [2, [...]], 4]");
/// assert_eq!(value.repr().items(1).to_string(), "[1, ... 2 more]");
/// # Ok::<(), pickle::Error>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct Repr {
    value: Value,
    depth: usize,
    items: usize,
    length: usize,
    work: Option<Arc<AtomicU64>>,
}

impl Repr {
    /// How many levels are printed; what lies deeper becomes `[...]`. 100,000 by default, far more
    /// than Python prints: each level takes some memory while it is printed.
    pub fn depth(mut self, depth: usize) -> Repr {
        self.depth = depth;
        self
    }

    /// How many items of each list, dictionary and so on are printed; the rest is counted. No
    /// limit by default.
    pub fn items(mut self, items: usize) -> Repr {
        self.items = items;
        self
    }

    /// About how many bytes of text are printed; then comes `...`. 16 MiB by default: a few bytes
    /// of pickle can hold an object that uses itself 2¹⁰⁰ times.
    pub fn length(mut self, length: usize) -> Repr {
        self.length = length;
        self
    }

    /// How much may be looked at beyond what the printed text allows, in bytes of pickle and in
    /// objects; then comes `...`. By default 16 Mi and 16 times the pickle: a dictionary can hold one
    /// key a million times, and be used a thousand times. What is used up is taken from the number, so
    /// that several pickles can share one.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::AtomicU64;
    ///
    /// use picklebook::pickle::{self, Value};
    ///
    /// let value: Value = pickle::loads(b"](K\x01K\x02K\x03e.")?;
    /// let work = Arc::new(AtomicU64::new(1000));
    /// assert_eq!(value.repr().work(&work).to_string(), "[1, 2, 3]");
    /// let none = Arc::new(AtomicU64::new(0));
    /// assert_eq!(value.repr().work(&none).to_string(), "...");
    /// # Ok::<(), pickle::Error>(())
    /// ```
    pub fn work(mut self, left: &Arc<AtomicU64>) -> Repr {
        self.work = Some(Arc::clone(left));
        self
    }
}

impl Value {
    /// The printed form, with limits on depth and length.
    pub fn repr(&self) -> Repr {
        let value = self.clone();
        Repr { value, depth: 100_000, items: usize::MAX, length: 16 << 20, work: None }
    }
}

/// As Python's `repr`, cut off after 16 MiB of text: [`Value::repr`] has the options.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.repr().fmt(f)
    }
}

/// As `Display`, but no more than 1,000 characters of it.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.repr().length(1000), f)
    }
}

impl fmt::Debug for Repr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Repr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let out = Bounded::new(f, self.length);
        let Repr { value, depth, items, work, .. } = self;
        let most_work = match work {
            Some(work) => work.load(Ordering::Relaxed),
            None => usual_work(&value.graph),
        };
        let mut printer = Printer::new(&value.graph, value.index, out, *depth, *items, most_work);
        let printed = printer.run();
        if let Some(work) = work {
            work.store(printer.work_left(), Ordering::Relaxed);
        }
        match printed {
            Err(_) if printer.is_exhausted() => printer.cut(),
            result => result,
        }
    }
}
