//! Telling kinds of files apart by their bytes.

use super::{Archive, Compression, FileKind};

/// How much of the beginning is looked at.
const HEAD: usize = 64 << 10;

pub(super) fn kind(bytes: &[u8]) -> FileKind {
    if bytes.is_empty() {
        return FileKind::Empty;
    }
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    // an editor may have put a byte order mark before a pointer
    if let Some(text) = head.strip_prefix(b"\xef\xbb\xbf")
        && let Some(kind @ (FileKind::LfsPointer | FileKind::DvcPointer)) = by_magic(text, text)
    {
        return kind;
    }
    by_magic(bytes, head)
        .or_else(|| mangled_pickle(head))
        .or_else(|| text_pickle(bytes, head))
        .or_else(|| text(bytes, head))
        .or_else(|| by_structure(bytes, head))
        .unwrap_or(FileKind::Unknown)
}

/// Kinds with a sign of their own at the beginning.
fn by_magic(bytes: &[u8], head: &[u8]) -> Option<FileKind> {
    if let Some(compression) = Compression::of(bytes) {
        return Some(match compression {
            Compression::Zlib | Compression::Zfile => FileKind::Zlib,
            Compression::Gzip => FileKind::Gzip,
            Compression::Bzip2 => FileKind::Bzip2,
            Compression::Xz => FileKind::Xz,
            Compression::Lzma => FileKind::Lzma,
            Compression::Lz4 => FileKind::Lz4,
        });
    }
    const MAGIC: &[(&[u8], FileKind)] = &[
        (b"\x93NUMPY", FileKind::Npy),
        (b"\x89HDF\r\n\x1a\n", FileKind::Hdf5),
        (b"\x28\xb5\x2f\xfd", FileKind::Zstd),
        (b"7z\xbc\xaf\x27\x1c", FileKind::SevenZip),
        (b"Rar!\x1a\x07", FileKind::Rar),
        (b"PAR1", FileKind::Parquet),
        (b"ARROW1", FileKind::Arrow),
        (b"FEA1", FileKind::Arrow),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", FileKind::OldOffice),
        (b"GGUF", FileKind::Gguf),
        (b"CBM1", FileKind::Catboost),
        (b"tree\nversion=", FileKind::LightgbmText),
        (b"binf", FileKind::XgboostBinary),
        (b"RDX2\n", FileKind::Rds),
        (b"RDX3\n", FileKind::Rds),
        (b"X\n\0\0\0\x02", FileKind::Rds),
        (b"X\n\0\0\0\x03", FileKind::Rds),
        (b"SQLite format 3\0", FileKind::Sqlite),
        (b"%PDF-", FileKind::Pdf),
        (b"\x89PNG\r\n\x1a\n", FileKind::Png),
        (b"\xff\xd8\xff", FileKind::Jpeg),
        (b"GIF8", FileKind::Gif),
        (b"version https://git-lfs.github.com/", FileKind::LfsPointer),
        (b"version https://hawser.github.com/", FileKind::LfsPointer),
        (b"outs:\n- md5:", FileKind::DvcPointer),
        (b"outs:\r\n- md5:", FileKind::DvcPointer),
    ];
    if let Some((_, kind)) = MAGIC.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Some(*kind);
    }
    match head {
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some(zip(bytes)),
        [_, _, _, _, b'T', b'F', b'L', b'3', ..] => Some(FileKind::Tflite),
        // The number of CPython's version from 3.0 on, CR and LF, and since 3.7 flags.
        [_, 0x0b..=0x0e, b'\r', b'\n', 0..=3, 0, 0, 0, ..] => Some(FileKind::PythonBytecode),
        [b'O', b'R', b'C', ..] if is_orc(bytes) => Some(FileKind::Orc),
        _ if head.get(257..262) == Some(b"ustar".as_slice()) => Some(FileKind::Tar),
        [b'{', b'L' | b'i' | b'I' | b'l' | b'U', ..]
            if head.get(2..32).is_some_and(|it| contains(it, b"learner")) =>
        {
            Some(FileKind::XgboostUbjson)
        }
        // The first of several pickles is a number that no other file begins with.
        [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, ..] => {
            Some(FileKind::TorchLegacy)
        }
        [0x80, 2..=5, ..] => Some(binary_pickle(head)),
        _ => None,
    }
}

/// A pickle that says its protocol, from 2 on.
fn binary_pickle(head: &[u8]) -> FileKind {
    if has_crlf_only(head) {
        return FileKind::PickleCrlf;
    }
    sound_pickle(head)
}

/// A pickle that is stored as it should be.
fn sound_pickle(head: &[u8]) -> FileKind {
    match contains(head, b"joblib") && contains(head, b"NumpyArrayWrapper") {
        true => FileKind::Joblib,
        false => FileKind::Pickle,
    }
}

/// Whether there are line ends, and all of them are CRLF: by chance that is one in 65,536.
fn has_crlf_only(head: &[u8]) -> bool {
    crlf_lines(head).is_some_and(|lines| lines >= 2)
}

/// How many lines end, if all of them end with CRLF.
pub(crate) fn crlf_lines(bytes: &[u8]) -> Option<usize> {
    let mut before = 0;
    let mut lines = 0;
    for &byte in bytes {
        if byte == b'\n' {
            if before != b'\r' {
                return None;
            }
            lines += 1;
        }
        before = byte;
    }
    Some(lines)
}

/// What is in a zip archive, by the names of its members.
fn zip(bytes: &[u8]) -> FileKind {
    let Ok(archive) = Archive::new(bytes) else { return FileKind::Zip };
    let names = || archive.members().iter().map(|member| member.name());
    let is_in_folder = |name: &str, file: &str| {
        name.strip_suffix(file).is_some_and(|folder| folder.is_empty() || folder.ends_with('/'))
    };
    if names().any(|name| is_in_folder(name, "data.pkl")) {
        FileKind::Torch
    } else if names().any(|name| name == "schema.json") {
        FileKind::Skops
    } else if names().any(|name| name == "model.weights.h5") {
        FileKind::KerasZip
    } else if names().any(|name| name == "xl/workbook.xml" || name == "xl/workbook.bin") {
        FileKind::Excel
    } else if names().any(|name| name == "word/document.xml" || name == "ppt/presentation.xml") {
        FileKind::OfficeDocument
    } else if contains(bytes.get(..256).unwrap_or(bytes), b"opendocument.spreadsheet") {
        FileKind::OpenDocumentSheet
    } else if contains(bytes.get(..256).unwrap_or(bytes), b"application/vnd.oasis.opendocument") {
        FileKind::OfficeDocument
    } else if names().count() > 0 && names().all(|name| name.ends_with(".npy")) {
        FileKind::Npz
    } else {
        FileKind::Zip
    }
}

/// A pickle of protocol 2 to 5 that went through something made for text.
fn mangled_pickle(head: &[u8]) -> Option<FileKind> {
    let start = head.trim_ascii_start();
    match start {
        [0xef, 0xbf, 0xbd, 2..=5, ..] => return Some(FileKind::PickleReplaced),
        [0xc2, 0x80, 2..=5, ..] => return Some(FileKind::PickleUtf8),
        [b'8', b'0', b'0', b'2'..=b'5', rest @ ..]
            if rest.len() >= 2 && rest.iter().all(|it| it.is_ascii_hexdigit() || is_blank(it)) =>
        {
            return Some(FileKind::PickleHex);
        }
        [b'g', b'A', b'I'..=b'X', rest @ ..] if is_base64(rest) => {
            return Some(FileKind::PickleBase64);
        }
        _ => {}
    }
    let quoted = start.strip_prefix(b"b'").or_else(|| start.strip_prefix(b"b\""))?;
    quoted.starts_with(b"\\x80\\x0").then_some(FileKind::PickleRepr)
}

fn is_base64(bytes: &[u8]) -> bool {
    let digit = |it: &u8| {
        it.is_ascii_alphanumeric() || matches!(it, b'+' | b'/' | b'-' | b'_' | b'=') || is_blank(it)
    };
    bytes.len() > 4 && bytes.iter().all(digit) && !bytes.contains(&b' ')
}

fn is_blank(byte: &u8) -> bool {
    byte.is_ascii_whitespace()
}

/// A pickle of protocol 0 or 1, which has no sign of its own.
fn text_pickle(bytes: &[u8], head: &[u8]) -> Option<FileKind> {
    if has_crlf_only(head) && begins_like_a_pickle(&without_cr(head), bytes) {
        return Some(FileKind::PickleCrlf);
    }
    begins_like_a_pickle(head, bytes).then(|| sound_pickle(head))
}

fn without_cr(head: &[u8]) -> Vec<u8> {
    head.iter().copied().filter(|&byte| byte != b'\r').collect()
}

/// Whether bytes begin as a pickle of protocol 0 or 1 can, and as hardly any text does: with an
/// opcode that needs nothing on the stack, its argument, and another opcode. Where that could be
/// text, the whole has to end with the opcode that ends a pickle.
fn begins_like_a_pickle(head: &[u8], bytes: &[u8]) -> bool {
    let ends = bytes.trim_ascii_end().ends_with(b".");
    // Marks, and `None`: what they begin comes next.
    let marks = head.iter().take_while(|code| b"(N".contains(code)).count();
    let all = head;
    let head = head.get(marks..).unwrap_or_default();
    let [code, rest @ ..] = head else { return false };
    let behind = |count: usize| rest.get(count..).unwrap_or_default();
    let binary = |count: usize| is_opcode(behind(count)) && !is_text(head);
    match code {
        // Of a tuple, a list, a dictionary, an object.
        b'l' | b'd' | b't' if marks > 0 => match rest {
            [b'p' | b'q' | b'.', ..] => true,
            // An empty tuple in another.
            [b't' | b'(', ..] => *code == b't' && ends,
            _ => false,
        },
        b'i' if marks > 0 => names(rest),
        b'.' => marks == 1 && rest.trim_ascii().is_empty(),
        b']' | b'}' | b')' => match rest {
            [b'.', ..] | [b'p', b'0'..=b'9', ..] => true,
            [b'q', ..] => binary(2),
            [b'r', ..] => binary(5),
            _ => ends && binary(0),
        },
        b'I' | b'L' | b'F' => {
            let line = line(rest);
            let digits = line.strip_suffix(b"L").unwrap_or(line);
            let number = std::str::from_utf8(digits)
                .is_ok_and(|text| text.trim_ascii_end().parse::<f64>().is_ok());
            number && line.len() < rest.len() && is_opcode(behind(line.len() + 1))
        }
        b'S' => {
            let line = line(rest).trim_ascii_end();
            let quoted =
                |quote: &[u8]| line.len() > 1 && line.starts_with(quote) && line.ends_with(quote);
            quoted(b"'") || quoted(b"\"")
        }
        b'V' => {
            let line = line(rest);
            let next = behind(line.len() + 1);
            next == b"." || matches!(next, [b'p', b'0'..=b'9', ..])
        }
        b'c' => names(rest) && (!is_text(all) || runs(all, all.len() < bytes.len())),
        b'K' => binary(1),
        b'M' => binary(2),
        b'J' => binary(4),
        b'G' => binary(8),
        b'U' => rest.first().is_some_and(|&length| binary(1 + usize::from(length))),
        b'T' | b'X' => rest.first_chunk().is_some_and(|&length| {
            let length = u32::from_le_bytes(length) as usize;
            length < bytes.len() && !is_text(head)
        }),
        _ => false,
    }
}

/// Whether text that begins with the opcode of a global goes on as a pickle that Python could run as
/// far as a call, a place in the memo or its end: with arguments that are some, and with enough on
/// the stack for each opcode. Words on lines do not, and what does not is nothing that Python gets
/// to call.
fn runs(mut rest: &[u8], goes_on: bool) -> bool {
    // how many objects there are, and how many there were at each mark
    let (mut objects, mut marks) = (0_usize, Vec::new());
    loop {
        let Some((&code, behind)) = rest.split_first() else { return goes_on };
        let fixed = |count: usize| behind.get(count..).unwrap_or_default();
        let text = || line(behind).trim_ascii();
        let digits = || !text().is_empty() && text().iter().all(u8::is_ascii_digit);
        let next = |bytes: &[u8]| line(bytes).len() + 1;
        rest = behind;
        match code {
            b'(' => marks.push(objects),
            b')' | b']' | b'}' | b'N' => objects += 1,
            b'.' => return objects > 0,
            b'p' => return digits(),
            b'R' | b'b' => return objects > 1,
            b'o' => return marks.last().is_some_and(|&mark| objects > mark),
            b'i' => return !marks.is_empty() && names(behind),
            0x80.. => return true,
            b'0' if marks.last().is_some_and(|&mark| objects == mark) => _ = marks.pop(),
            b'0' if objects > 0 => objects -= 1,
            b'a' if objects > 1 => objects -= 1,
            b's' if objects > 2 => objects -= 2,
            b'2' if objects > 0 => objects += 1,
            b'Q' if objects > 0 => {}
            b'1' | b'e' | b'u' | b'd' | b'l' | b't' => match marks.pop() {
                Some(mark) => objects = mark + usize::from(b"dlt".contains(&code)),
                None => return false,
            },
            b'q' => rest = fixed(1),
            b'r' => rest = fixed(4),
            b'g' | b'I' | b'L' | b'F' | b'S' | b'V' | b'P' | b'c' => {
                let number = || {
                    let number = text().strip_suffix(b"L").unwrap_or(text());
                    std::str::from_utf8(number).is_ok_and(|it| it.parse::<f64>().is_ok())
                };
                let quoted = |quote: &[u8]| {
                    text().len() > 1 && text().starts_with(quote) && text().ends_with(quote)
                };
                let fits = match code {
                    b'g' => digits(),
                    b'I' | b'L' | b'F' => number(),
                    b'S' => quoted(b"'") || quoted(b"\""),
                    b'c' => names(behind),
                    _ => true,
                };
                if !fits {
                    return false;
                }
                objects += 1;
                rest = fixed(next(behind));
                if code == b'c' {
                    rest = rest.get(next(rest)..).unwrap_or_default();
                }
            }
            b'K' | b'M' | b'J' | b'G' | b'h' | b'j' | b'U' | b'C' | b'T' | b'X' | b'B' => {
                let long = || {
                    let length = behind.first_chunk().map_or(0, |&it| u32::from_le_bytes(it));
                    (length as usize).saturating_add(4)
                };
                objects += 1;
                rest = fixed(match code {
                    b'K' | b'h' => 1,
                    b'M' => 2,
                    b'J' | b'j' => 4,
                    b'G' => 8,
                    b'U' | b'C' => behind.first().map_or(0, |&length| 1 + usize::from(length)),
                    _ => long(),
                });
            }
            _ => return false,
        }
    }
}

/// Whether an opcode of a pickle of protocol 0 or 1 comes next.
fn is_opcode(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(|code| b"().0123FGIJKLMNPQRSTUVX]abcdeghijlopqrstu}".contains(code))
}

/// A module and a name, each on a line.
fn names(bytes: &[u8]) -> bool {
    let first = line(bytes);
    let second = line(bytes.get(first.len() + 1..).unwrap_or_default());
    [first, second].iter().all(|name| {
        let name = name.trim_ascii_end();
        let letter =
            |it: &u8| it.is_ascii_alphanumeric() || matches!(it, b'_' | b'.') || *it >= 0x80;
        name.first().is_some_and(|it| !it.is_ascii_digit()) && name.iter().all(letter)
    })
}

/// Up to the end of the line.
fn line(bytes: &[u8]) -> &[u8] {
    bytes.split(|&byte| byte == b'\n').next().unwrap_or_default()
}

/// Whether bytes are text: UTF-8 or another extension of ASCII, without control characters.
fn is_text(head: &[u8]) -> bool {
    let plain = |it: &&u8| matches!(it, b' '..=b'~' | b'\t' | b'\n' | b'\r' | 0x0c);
    let count = head.iter().filter(plain).count();
    let high = head.iter().filter(|&&it| it >= 0x80).count();
    if count + high < head.len() {
        return false;
    }
    let is_utf8 = match std::str::from_utf8(head) {
        Ok(_) => true,
        // The last character may be cut off.
        Err(error) => error.error_len().is_none() && head.len() == HEAD,
    };
    is_utf8 || high * 4 <= count
}

/// The kinds of text.
fn text(bytes: &[u8], head: &[u8]) -> Option<FileKind> {
    if is_utf16(head) {
        return Some(FileKind::Utf16Text);
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    if text.starts_with(b"sep=") {
        return Some(FileKind::Csv);
    }
    if !is_text(text) {
        return None;
    }
    let start = text.trim_ascii_start();
    let tail = bytes.trim_ascii_end();
    match start {
        [b'<', ..] => Some(markup(start)),
        [b'{', next @ ..] => {
            let next = next.trim_ascii_start();
            let closed = tail.ends_with(b"}");
            (closed && matches!(next, [b'"' | b'}', ..])).then(|| json(start, tail))
        }
        [b'[', next @ ..] => {
            let next = next.trim_ascii_start().first().copied();
            let value = next.is_some_and(|it| b"{[]\"-0123456789tfnN".contains(&it));
            (tail.ends_with(b"]") && value).then_some(FileKind::Json)
        }
        _ => None,
    }
    .or_else(|| is_table(text, bytes.len() > HEAD).then_some(FileKind::Csv))
    .or(Some(FileKind::Text))
}

fn json(start: &[u8], tail: &[u8]) -> FileKind {
    let head = start.get(..256).unwrap_or(start);
    let end = tail.get(tail.len().saturating_sub(1024)..).unwrap_or_default();
    if contains(head, b"\"learner\"") {
        FileKind::XgboostJson
    } else if contains(end, b"\"nbformat\"") || contains(head, b"\"nbformat\"") {
        FileKind::Notebook
    } else {
        FileKind::Json
    }
}

/// What begins with a `<`.
fn markup(start: &[u8]) -> FileKind {
    let head = start.get(..4096).unwrap_or(start).to_ascii_lowercase();
    if contains(&head, b"<pmml") {
        return FileKind::Pmml;
    }
    let html = [b"<!doctype html".as_slice(), b"<html", b"<head", b"<body", b"<title", b"<script"];
    match html.iter().any(|sign| contains(&head, sign)) {
        true => FileKind::Html,
        false if head.get(1).is_some_and(|it| it.is_ascii_alphabetic() || b"?!".contains(it)) => {
            FileKind::Xml
        }
        false => FileKind::Text,
    }
}

/// Whether it is text of two bytes a character: behind a byte order mark, or in a European
/// language, where every second byte is 0.
fn is_utf16(head: &[u8]) -> bool {
    let (pairs, _) = head.as_chunks::<2>();
    let is_text = |read: fn([u8; 2]) -> u16| {
        let mut characters = char::decode_utf16(pairs.iter().skip(1).map(|&pair| read(pair)));
        characters.all(|c| c.is_ok_and(|c| !c.is_control() || c.is_ascii_whitespace()))
    };
    let plain = |it: &u8| matches!(it, b' '..=b'~' | b'\t' | b'\n' | b'\r');
    match pairs {
        [[0xff, 0xfe], ..] => is_text(u16::from_le_bytes),
        [[0xfe, 0xff], ..] => is_text(u16::from_be_bytes),
        [_, _, _, _, ..] => {
            pairs.iter().all(|[low, high]| *high == 0 && plain(low))
                || pairs.iter().all(|[high, low]| *high == 0 && plain(low))
        }
        _ => false,
    }
}

/// Whether the first lines have the same number of separators, and at least one.
fn is_table(text: &[u8], goes_on: bool) -> bool {
    let mut lines: Vec<&[u8]> = text
        .split(|byte| matches!(byte, b'\n' | b'\r'))
        .filter(|line| !line.trim_ascii().is_empty())
        .take(21)
        .collect();
    // The last one may be cut off.
    if lines.len() > 20 || goes_on {
        lines.pop();
    }
    let count = |line: &[u8], separator: u8| {
        let (mut quoted, mut count) = (false, 0);
        for &byte in line {
            quoted ^= byte == b'"';
            count += usize::from(byte == separator && !quoted);
        }
        count
    };
    lines.len() >= 2
        && b",;\t|".iter().any(|&separator| {
            let counts = lines.iter().map(|line| count(line, separator));
            let first = lines.first().map_or(0, |line| count(line, separator));
            first > 0 && counts.into_iter().all(|count| count == first)
        })
}

/// Kinds that only their structure tells.
fn by_structure(bytes: &[u8], head: &[u8]) -> Option<FileKind> {
    if is_safetensors(bytes) {
        return Some(FileKind::Safetensors);
    }
    if is_onnx(bytes) {
        return Some(FileKind::Onnx);
    }
    let names = [
        b"\x06\0\0\0\0\0\0\0gbtree".as_slice(),
        b"\x08\0\0\0\0\0\0\0gblinear",
        b"\x04\0\0\0\0\0\0\0dart",
    ];
    let head = head.get(..512).unwrap_or(head);
    names.iter().any(|name| contains(head, name)).then_some(FileKind::XgboostBinary)
}

/// The three letters at both ends: the last byte is the length of the postscript before it, which
/// ends with them.
///
/// Source: the specification of ORC v1, "File Tail".
fn is_orc(bytes: &[u8]) -> bool {
    bytes.len() > 16 && bytes.get(bytes.len() - 4..bytes.len() - 1) == Some(b"ORC".as_slice())
}

/// The length of a header, and the header, in JSON.
fn is_safetensors(bytes: &[u8]) -> bool {
    let Some((length, rest)) = bytes.split_first_chunk::<8>() else { return false };
    let length = usize::try_from(u64::from_le_bytes(*length)).unwrap_or(usize::MAX);
    let header = rest.get(..length).unwrap_or_default();
    header.starts_with(b"{") && header.trim_ascii_end().ends_with(b"}")
}

/// A message of Protocol Buffers with the fields of an ONNX model, its graph among them.
///
/// Source: `onnx.proto3`, message ModelProto.
fn is_onnx(bytes: &[u8]) -> bool {
    let (mut rest, mut graph) = (bytes, false);
    // Short fields by the million are no model.
    for _ in 0..10_000 {
        if rest.is_empty() {
            return graph;
        }
        let Some(key) = varint(&mut rest) else { return false };
        match (key >> 3, key & 7) {
            (1 | 5, 0) if varint(&mut rest).is_some() => {}
            (field @ (2 | 3 | 4 | 6 | 7 | 8 | 14 | 20 | 25 | 26), 2) => {
                let Some(length) = varint(&mut rest) else { return false };
                let Some(behind) = usize::try_from(length).ok().and_then(|it| rest.get(it..))
                else {
                    return false;
                };
                rest = behind;
                graph |= field == 7;
            }
            _ => return false,
        }
    }
    false
}

/// A number of Protocol Buffers, seven bits a byte.
fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in 0..10 {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << (7 * shift).min(63);
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}
