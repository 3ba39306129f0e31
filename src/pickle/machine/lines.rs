//! Pickles whose line ends were changed on the way, by a program that took them for text.

use crate::container::crlf_lines;
use crate::pickle::error::{Error, ErrorKind};

/// What to do about it.
pub(super) const CHANGED: &str = "the line ends of this file were changed, from LF to CR LF, as happens \
     to a pickle that is stored or sent as text; get it again in binary mode (in git, `*.pkl binary` \
     in .gitattributes)";

/// Says in an error what may be behind it: that each line feed follows a carriage return. Of the bytes
/// of a sound pickle hardly any do.
#[cold]
pub(super) fn explain(error: Error, data: &[u8]) -> Error {
    let ErrorKind::Damaged { offset, opcode, problem } = error.kind() else { return error };
    if problem.contains(CHANGED) {
        return error;
    }
    match crlf_lines(data) {
        None | Some(0) => error,
        Some(_) => {
            ErrorKind::Damaged { offset: *offset, opcode, problem: format!("{problem}; {CHANGED}") }
                .into()
        }
    }
}
