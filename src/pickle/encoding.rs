//! What the strings of Python 2 become.

/// What a string of Python 2 becomes, whose pickle does not say whether it is text or bytes: as
/// Python's argument `encoding` of `pickle.load`, with `errors="strict"`. See
/// [`Limits::encoding`](super::Limits::encoding).
///
/// ```
/// use picklebook::pickle::{self, Encoding, Limits};
///
/// // What Python 2 wrote for 'caf\xe9'.
/// let file = b"\x80\x02U\x04caf\xe9q\x00.";
/// let latin_1 = Limits::new().encoding(Encoding::Latin1);
/// assert_eq!(pickle::loads_with::<String>(file, &latin_1)?, "café");
/// let bytes = Limits::new().encoding(Encoding::Bytes);
/// assert_eq!(pickle::loads_with::<Vec<u8>>(file, &bytes)?, b"caf\xe9");
/// # Ok::<(), pickle::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Encoding {
    /// Text of ASCII only, Python's default; anything else is an error.
    Ascii,
    /// Text in which each byte is the character of the same number, as in ISO 8859-1. Every string can
    /// be read so, and numpy's arrays of Python 2 need it.
    Latin1,
    /// Text in UTF-8; anything else is an error.
    Utf8,
    /// Bytes.
    Bytes,
}
