//! How a pickle is written.

use std::io::{self, Write};

use serde::Serialize;

use super::error::Error;

/// How a pickle is written.
///
/// ```
/// use picklebook::pickle::{self, DumpOptions};
///
/// let for_python_2 = pickle::dumps_with("spam", &DumpOptions::new().protocol(2))?;
/// assert_eq!(for_python_2, b"\x80\x02X\x04\x00\x00\x00spam.");
/// # Ok::<(), pickle::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct DumpOptions {
    protocol: u8,
}

impl Default for DumpOptions {
    fn default() -> DumpOptions {
        DumpOptions { protocol: 3 }
    }
}

impl DumpOptions {
    /// Protocol 3.
    pub fn new() -> DumpOptions {
        DumpOptions::default()
    }

    /// The protocol: 2, which Python 2 reads too, or 3.
    pub fn protocol(mut self, protocol: u8) -> DumpOptions {
        self.protocol = protocol;
        self
    }

    pub(super) fn write<T: Serialize + ?Sized>(
        self,
        value: &T,
        writer: &mut dyn Write,
    ) -> Result<(), Error> {
        let options = match self.protocol {
            2 => serde_pickle::SerOptions::new().proto_v2(),
            3 => serde_pickle::SerOptions::new(),
            other => {
                return Err(Error::unwritable(format!(
                    "protocol {other} is asked for; use 2 or 3"
                )));
            }
        };
        let mut checked = Checked { writer, failure: None };
        let result = serde_pickle::to_writer(&mut checked, &value, options);
        match (checked.failure, result) {
            (Some(failure), _) => Err(Error::writing(failure)),
            (None, Ok(())) => Ok(()),
            (None, Err(error)) => Err(Error::unwritable(error.to_string())),
        }
    }
}

/// Keeps the writer's own error, so that it can be told from a value's.
struct Checked<'w> {
    writer: &'w mut dyn Write,
    failure: Option<io::Error>,
}

impl Checked<'_> {
    fn keep<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        result.map_err(|error| {
            let kind = error.kind();
            if kind != io::ErrorKind::Interrupted {
                self.failure = Some(error);
            }
            kind.into()
        })
    }
}

impl Write for Checked<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let result = self.writer.write(bytes);
        self.keep(result)
    }

    fn flush(&mut self) -> io::Result<()> {
        let result = self.writer.flush();
        self.keep(result)
    }
}
