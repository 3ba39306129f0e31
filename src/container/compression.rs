//! Taking compression off.

use std::borrow::Cow;
use std::fmt;

use super::{Error, Limits};

/// How bytes are compressed: by one of the compressors of Python's joblib.
///
/// ```
/// use picklebook::container::Compression;
///
/// assert_eq!(Compression::of(b"\x1f\x8b\x08\x00\x00\x00\x00\x00"), Some(Compression::Gzip));
/// assert_eq!(Compression::of(b"\x80\x04K\x01."), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Compression {
    /// zlib (RFC 1950).
    Zlib,
    /// gzip (RFC 1952).
    Gzip,
    /// bzip2.
    Bzip2,
    /// xz.
    Xz,
    /// LZMA alone, the format before xz.
    Lzma,
    /// Frames of LZ4.
    Lz4,
    /// zlib behind a header with the length, as joblib before 0.10 wrote it.
    Zfile,
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Compression {
    /// The name that people know.
    pub fn name(self) -> &'static str {
        match self {
            Compression::Zlib => "zlib",
            Compression::Gzip => "gzip",
            Compression::Bzip2 => "bzip2",
            Compression::Xz => "xz",
            Compression::Lzma => "LZMA",
            Compression::Lz4 => "LZ4",
            Compression::Zfile => "zlib",
        }
    }

    /// How bytes are compressed, by what they begin with; nothing for bytes that are not, or by
    /// another compressor.
    pub fn of(bytes: &[u8]) -> Option<Compression> {
        match bytes {
            [0x1f, 0x8b, 0x08, ..] => Some(Compression::Gzip),
            [b'B', b'Z', b'h', b'1'..=b'9', rest @ ..] => match rest {
                // The first block, or the end where there is none: π and its root.
                [0x31, 0x41, 0x59, 0x26, 0x53, 0x59, ..] => Some(Compression::Bzip2),
                [0x17, 0x72, 0x45, 0x38, 0x50, 0x90, ..] => Some(Compression::Bzip2),
                _ => None,
            },
            [0xfd, b'7', b'z', b'X', b'Z', 0x00, ..] => Some(Compression::Xz),
            [0x04, 0x22, 0x4d, 0x18, ..] => Some(Compression::Lz4),
            [b'Z', b'F', b'0', b'x', rest @ ..] if is_zfile(rest) => Some(Compression::Zfile),
            [0x78, flags @ (0x01 | 0x5e | 0x9c | 0xda), first, rest @ ..]
                if (0x7800 + u32::from(*flags)).is_multiple_of(31) =>
            {
                // The first block's type: 3 is none. And "x^2, y" is text.
                let head = rest.get(..rest.len().min(16)).unwrap_or_default();
                let text = *flags == 0x5e && head.iter().chain([first]).all(is_plain);
                (first & 6 != 6 && !text).then_some(Compression::Zlib)
            }
            [0x5d, 0x00, rest @ ..] if is_lzma(rest) => Some(Compression::Lzma),
            _ => None,
        }
    }

    /// Adds what compressed bytes hold to `output`, up to `limit` bytes, and returns how many of the
    /// compressed bytes were needed for it.
    ///
    /// Several streams in a row, as gzip, bzip2, xz, zlib and LZ4 have them, are taken as one. What
    /// follows, and is none, is left. After an error `output` holds what came before it.
    ///
    /// # Errors
    /// [`Error::NoFeature`] in a crate that was built without the feature `compression`,
    /// [`Error::Damaged`], and [`Error::TooLong`].
    ///
    /// ```
    /// use picklebook::container::{Compression, Error};
    ///
    /// # #[cfg(feature = "compression")] {
    /// let bytes = b"\x78\x9c\xcb\xc9\x2c\x2e\x01\x00\x04\x49\x01\xbdmore";
    /// let mut output = Vec::new();
    /// assert_eq!(Compression::Zlib.decompress(bytes, 1 << 20, &mut output)?, 12);
    /// assert_eq!(output, b"list");
    /// # }
    /// # Ok::<(), Error>(())
    /// ```
    pub fn decompress(
        self,
        bytes: &[u8],
        limit: u64,
        output: &mut Vec<u8>,
    ) -> Result<usize, Error> {
        streams::decompress(self, bytes, limit, output)
    }

    /// Bytes compressed by zlib, gzip or bzip2, from level 0 (of bzip2 1), the fastest, to 9.
    ///
    /// # Errors
    /// [`Error::Compress`] for another compressor or level, and in a crate that was built without the
    /// feature `compression`.
    ///
    /// ```
    /// use picklebook::container::{self, Compression, Limits};
    ///
    /// # #[cfg(feature = "compression")] {
    /// let bytes = Compression::Gzip.compress(&[7; 1000], 3)?;
    /// assert!(bytes.len() < 50);
    /// assert_eq!(container::unpack(&bytes, &Limits::new())?.bytes, &[7; 1000][..]);
    /// assert!(Compression::Lz4.compress(&[7; 1000], 3).is_err());
    /// # }
    /// # Ok::<(), container::Error>(())
    /// ```
    pub fn compress(self, bytes: &[u8], level: u32) -> Result<Vec<u8>, Error> {
        streams::compress(self, bytes, level)
    }
}

/// Whether a header of joblib before 0.10 goes on like this: the length in hexadecimal digits, then
/// blanks, then zlib's own header.
fn is_zfile(rest: &[u8]) -> bool {
    let digits = rest.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let zlib = rest.get(ZFILE_HEADER - 4..).unwrap_or_default().trim_ascii_start();
    (1..=16).contains(&digits) && zlib.first() == Some(&0x78)
}

/// The letters `ZF`, and what Python's `hex` makes of a length, padded to that of 2⁶⁴.
const ZFILE_HEADER: usize = 2 + 19;

/// Whether a header of LZMA alone goes on like this, behind its properties and the lowest byte of the
/// dictionary's size.
fn is_lzma(rest: &[u8]) -> bool {
    let (Some(&[a, b, c]), Some(size)) = (rest.first_chunk(), rest.get(3..11)) else {
        return false;
    };
    let dictionary = u32::from_le_bytes([0, a, b, c]);
    let size = size.iter().rev().fold(0, |size, &byte| size << 8 | u64::from(byte));
    // As xz itself tells such files apart: 2ⁿ or 2ⁿ + 2ⁿ⁻¹, and no more than 256 GiB.
    let usual = dictionary.is_power_of_two() || (dictionary / 3).is_power_of_two();
    usual && (size == u64::MAX || size < 1 << 38) && rest.get(11).is_none_or(|&first| first == 0)
}

/// Whether a byte is of plain text.
fn is_plain(byte: &u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r')
}

/// What [`unpack`] makes of bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unpacked<'a> {
    /// The bytes, without compression.
    pub bytes: Cow<'a, [u8]>,
    /// How they were compressed, the outermost first; empty where they were not.
    pub layers: Vec<Compression>,
}

/// Takes all compression off: bytes that are not compressed come back as they are, and what was
/// compressed twice is unpacked twice.
///
/// # Errors
/// [`Error`]: the bytes are damaged, hold more than the limits allow, or have something behind them.
///
/// ```
/// use picklebook::container::{self, Compression, Limits};
///
/// let plain = container::unpack(b"\x80\x04K\x01.", &Limits::new())?;
/// assert!(plain.layers.is_empty());
///
/// # #[cfg(feature = "compression")] {
/// let list = b"\x78\x9c\xcb\xc9\x2c\x2e\x01\x00\x04\x49\x01\xbd";
/// let unpacked = container::unpack(list, &Limits::new())?;
/// assert_eq!(unpacked.bytes, b"list".as_slice());
/// assert_eq!(unpacked.layers, [Compression::Zlib]);
/// # }
/// # Ok::<(), container::Error>(())
/// ```
pub fn unpack<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Unpacked<'a>, Error> {
    let limit = limits.bytes_for(bytes.len());
    let mut unpacked = Unpacked { bytes: Cow::Borrowed(bytes), layers: Vec::new() };
    while let Some(compression) = Compression::of(&unpacked.bytes) {
        let value = limits.most_layers();
        if unpacked.layers.len() >= value as usize {
            return Err(Error::TooManyLayers { value });
        }
        let mut output = Vec::new();
        let end = compression.decompress(&unpacked.bytes, limit, &mut output)?;
        let more = unpacked.bytes.len() - end;
        if more > 0 {
            return Err(Error::Trailing { compression, end: end as u64, more: more as u64 });
        }
        unpacked.bytes = Cow::Owned(output);
        unpacked.layers.push(compression);
    }
    Ok(unpacked)
}

#[cfg(not(feature = "compression"))]
pub(super) mod streams {
    use std::fs::File;
    use std::io::{self, Read};

    use super::{Compression, Error};

    /// There is none.
    pub(crate) enum Unpacking {}

    impl Unpacking {
        pub(crate) fn new(_: Compression, _: File) -> Option<Unpacking> {
            None
        }

        pub(crate) fn ends_file(self) -> bool {
            match self {}
        }
    }

    impl Read for Unpacking {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            match *self {}
        }
    }

    pub(super) fn decompress(
        compression: Compression,
        _: &[u8],
        _: u64,
        _: &mut Vec<u8>,
    ) -> Result<usize, Error> {
        Err(Error::NoFeature { compression })
    }

    pub(super) fn compress(
        compression: Compression,
        _: &[u8],
        level: u32,
    ) -> Result<Vec<u8>, Error> {
        let problem = "switch on the feature `compression` of picklebook";
        Err(Error::Compress { compression, level, problem })
    }
}

/// The decoders. Each reads one stream; what they have in common is done here.
#[cfg(feature = "compression")]
pub(super) mod streams {
    use std::cell::Cell;
    use std::fs::File;
    use std::io::{self, BufRead, BufReader, Read, Write};

    use flate2::bufread::{DeflateDecoder, GzDecoder, ZlibDecoder};
    use lzma_rust2::{LzmaReader, XzReader};

    use super::{Compression, Error, ZFILE_HEADER};

    /// How much of a compressed file is read at once.
    const READ_AT_ONCE: usize = 64 << 10;

    /// How much memory the dictionary of xz and LZMA may take, in KiB. `xz -9` asks for 64 MiB.
    const DICTIONARY: u32 = 256 << 10;

    /// How many streams may follow one another, and one more for as many bytes that come out: each
    /// costs a decoder, whose memory is cleared, and an empty one is but 14 bytes long. bgzip makes one
    /// of every 64 KiB.
    const STREAMS: (usize, usize) = (4096, 16 << 10);

    pub(in crate::container) fn decompress(
        compression: Compression,
        bytes: &[u8],
        limit: u64,
        output: &mut Vec<u8>,
    ) -> Result<usize, Error> {
        let start = match compression {
            Compression::Zfile => ZFILE_HEADER.min(bytes.len()),
            _ => 0,
        };
        let mut rest = bytes.get(start..).unwrap_or_default();
        if compression == Compression::Zfile {
            // joblib up to 0.8.4 on Python 2 wrote one blank more.
            rest = rest.strip_prefix(b" ").unwrap_or(rest);
        }
        let until = (output.len() as u64).saturating_add(limit);
        let (always, each) = STREAMS;
        let mut streams = 0;
        while streams <= always + output.len() / each {
            streams += 1;
            let before = rest;
            let read = |room: u64, output: &mut Vec<u8>| stream(compression, before, room, output);
            // One byte more than fits, so that too much is seen.
            let room = until.saturating_sub(output.len() as u64);
            let (result, left) = read(room.saturating_add(1), output);
            if output.len() as u64 > until {
                output.truncate(usize::try_from(until).unwrap_or(usize::MAX));
                return Err(Error::TooLong { value: limit });
            }
            rest = left;
            if let Err(error) = result {
                let offset = (bytes.len() - rest.len()) as u64;
                let problem = told(&error);
                return Err(Error::Damaged { compression, offset, problem });
            }
            let next = padding_off(compression, rest);
            let again = match compression {
                Compression::Zfile | Compression::Lzma => false,
                _ => Compression::of(next) == Some(compression),
            };
            if !again {
                // Zeros at the end alone are padding; before something else they are a part of it.
                let end = if next.is_empty() { next } else { rest };
                return Ok(bytes.len() - end.len());
            }
            rest = next;
        }
        let offset = (bytes.len() - rest.len()) as u64;
        let problem = format!("more than {always} streams with next to nothing in them");
        Err(Error::Damaged { compression, offset, problem })
    }

    pub(in crate::container) fn compress(
        compression: Compression,
        bytes: &[u8],
        level: u32,
    ) -> Result<Vec<u8>, Error> {
        let refused = |problem| Err(Error::Compress { compression, level, problem });
        let least = u32::from(compression == Compression::Bzip2);
        if !(least..=9).contains(&level) {
            return refused("the levels are 0 to 9, those of bzip2 1 to 9");
        }
        let compressed = match compression {
            Compression::Zlib => {
                let level = flate2::Compression::new(level);
                let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), level);
                encoder.write_all(bytes).and_then(|()| encoder.finish())
            }
            Compression::Gzip => {
                let level = flate2::Compression::new(level);
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
                encoder.write_all(bytes).and_then(|()| encoder.finish())
            }
            Compression::Bzip2 => {
                let level = bzip2::Compression::new(level);
                let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), level);
                encoder.write_all(bytes).and_then(|()| encoder.finish())
            }
            _ => return refused("picklebook compresses by zlib, gzip and bzip2"),
        };
        compressed.or_else(|_| refused("the compressor failed"))
    }

    /// The bytes behind the padding that may stand between streams.
    fn padding_off(compression: Compression, bytes: &[u8]) -> &[u8] {
        let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
        let padding = match compression {
            Compression::Gzip => zeros,
            Compression::Xz => zeros / 4 * 4,
            _ => 0,
        };
        bytes.get(padding..).unwrap_or_default()
    }

    /// Reads one stream, at most `room` bytes of it; returns what is behind it, or, after an error,
    /// what had not been read yet.
    fn stream<'a>(
        compression: Compression,
        bytes: &'a [u8],
        room: u64,
        output: &mut Vec<u8>,
    ) -> (io::Result<()>, &'a [u8]) {
        let mut all = |reader: &mut dyn Read| reader.take(room).read_to_end(output).map(|_| ());
        match compression {
            Compression::Zlib | Compression::Zfile => {
                let mut decoder = ZlibDecoder::new(bytes);
                (all(&mut decoder), decoder.into_inner())
            }
            Compression::Gzip => {
                let mut decoder = GzDecoder::new(bytes);
                (all(&mut decoder), decoder.into_inner())
            }
            Compression::Bzip2 => {
                let mut decoder = bzip2::bufread::BzDecoder::new(bytes);
                (all(&mut decoder), decoder.into_inner())
            }
            Compression::Xz => {
                let mut decoder = XzReader::new_mem_limit(bytes, false, DICTIONARY);
                (all(&mut decoder), decoder.into_inner())
            }
            Compression::Lzma => match LzmaReader::new_mem_limit(bytes, DICTIONARY, None) {
                Ok(mut decoder) => {
                    let result = all(&mut decoder);
                    let (rest, unused) = decoder.into_parts();
                    // It has read ahead.
                    let behind = bytes.len().saturating_sub(rest.len() + unused.len());
                    (result, bytes.get(behind..).unwrap_or_default())
                }
                Err(error) => (Err(error), bytes),
            },
            Compression::Lz4 => {
                let ended = Cell::new(false);
                let mut decoder =
                    lz4_flex::frame::FrameDecoder::new(Watched { rest: bytes, ended: &ended });
                let result = all(&mut decoder);
                let rest = decoder.into_inner().rest;
                // A frame that ends before its end mark is no error to this decoder.
                match result {
                    Ok(()) if ended.get() => (Err(io::ErrorKind::UnexpectedEof.into()), rest),
                    result => (result, rest),
                }
            }
        }
    }

    /// What comes out of a file that is one stream of zlib or gzip, as it is read.
    pub(crate) enum Unpacking {
        Zlib(ZlibDecoder<BufReader<File>>),
        Gzip(GzDecoder<BufReader<File>>),
    }

    impl Unpacking {
        /// Nothing for what is compressed otherwise.
        pub(crate) fn new(compression: Compression, file: File) -> Option<Unpacking> {
            let file = BufReader::with_capacity(READ_AT_ONCE, file);
            match compression {
                Compression::Zlib => Some(Unpacking::Zlib(ZlibDecoder::new(file))),
                Compression::Gzip => Some(Unpacking::Gzip(GzDecoder::new(file))),
                _ => None,
            }
        }

        /// Whether nothing is behind the stream that was read.
        pub(crate) fn ends_file(self) -> bool {
            let mut rest = match self {
                Unpacking::Zlib(decoder) => decoder.into_inner(),
                Unpacking::Gzip(decoder) => decoder.into_inner(),
            };
            rest.fill_buf().is_ok_and(<[u8]>::is_empty)
        }
    }

    impl Read for Unpacking {
        fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
            match self {
                Unpacking::Zlib(decoder) => decoder.read(room),
                Unpacking::Gzip(decoder) => decoder.read(room),
            }
        }
    }

    /// What a member of a zip archive holds, by the number of its method; and what is behind it. LZMA
    /// ends itself, or where so many bytes came out as there is room for but one.
    ///
    /// Source: APPNOTE.TXT 6.3.10, 4.4.5 and 5.8.
    pub(in crate::container) fn expand<'a>(
        method: u16,
        bytes: &'a [u8],
        ends_itself: bool,
        room: u64,
        output: &mut Vec<u8>,
    ) -> (Result<(), String>, &'a [u8]) {
        let mut all = |reader: &mut dyn Read| reader.take(room).read_to_end(output).map(|_| ());
        let (result, rest) = match method {
            8 => {
                let mut decoder = DeflateDecoder::new(bytes);
                (all(&mut decoder), decoder.into_inner())
            }
            12 => {
                let mut decoder = bzip2::bufread::BzDecoder::new(bytes);
                (all(&mut decoder), decoder.into_inner())
            }
            14 => {
                // Its version, and the length of what the file format of LZMA alone begins with.
                let [_, _, 5, 0, properties @ ..] = bytes else {
                    return (Err("its properties are cut off".into()), bytes);
                };
                let (properties, stream) = properties.split_at(properties.len().min(5));
                let size = if ends_itself { u64::MAX } else { room.saturating_sub(1) };
                let head = [properties, &size.to_le_bytes()].concat();
                let decoder = LzmaReader::new_mem_limit(head.chain(stream), DICTIONARY, None);
                (decoder.and_then(|mut decoder| all(&mut decoder)), Default::default())
            }
            _ => return (Err("its compression is unknown".into()), bytes),
        };
        (result.map_err(|error| told(&error)), rest)
    }

    /// Bytes, and whether more of them were asked for than there are.
    struct Watched<'a, 'e> {
        rest: &'a [u8],
        ended: &'e Cell<bool>,
    }

    impl Read for Watched<'_, '_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.rest.is_empty() && !buffer.is_empty() {
                self.ended.set(true);
            }
            self.rest.read(buffer)
        }
    }

    fn told(error: &io::Error) -> String {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => "the file is cut off".into(),
            _ => error.to_string(),
        }
    }
}
