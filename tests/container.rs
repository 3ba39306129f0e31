//! What a file is, and taking compression off, on files that other programs wrote and on hostile
//! ones. The joblib files are joblib 1.6's, of
//! `{"name": "worker one", "scores": [1, 2.5, True, None], "text": "ab" * 500}`.

#[path = "support/zip.rs"]
mod zip;

use std::borrow::Cow;
use std::io::Write;

use picklebook::container::{Archive, Compression, Error, FileKind, Limits, unpack};
use zip::{Zip, crc, deflated};

const PLAIN: &[u8] = include_bytes!("container/plain.joblib");

const COMPRESSED: &[(Compression, FileKind, &[u8])] = &[
    (Compression::Zlib, FileKind::Zlib, include_bytes!("container/zlib.joblib")),
    (Compression::Zlib, FileKind::Zlib, include_bytes!("container/zlib1.joblib")),
    (Compression::Gzip, FileKind::Gzip, include_bytes!("container/gzip.joblib")),
    (Compression::Bzip2, FileKind::Bzip2, include_bytes!("container/bz2.joblib")),
    (Compression::Xz, FileKind::Xz, include_bytes!("container/xz.joblib")),
    (Compression::Lzma, FileKind::Lzma, include_bytes!("container/lzma.joblib")),
    (Compression::Lz4, FileKind::Lz4, include_bytes!("container/lz4.joblib")),
];

#[test]
fn what_joblib_compressed_is_unpacked() -> Result<(), Error> {
    for &(compression, kind, bytes) in COMPRESSED {
        assert_eq!(FileKind::of(bytes), kind);
        assert!(kind.is_compressed());
        let unpacked = unpack(bytes, &Limits::new())?;
        assert_eq!(unpacked.layers, [compression]);
        // The frames of the pickle differ: it is written piece by piece.
        assert_eq!(unpacked.bytes, PLAIN, "{compression}");
    }
    let unpacked = unpack(PLAIN, &Limits::new())?;
    assert!(matches!(unpacked.bytes, Cow::Borrowed(_)) && unpacked.layers.is_empty());
    Ok(())
}

/// As joblib before 0.10 wrote it: by the source of its `read_zfile`.
#[test]
fn the_oldest_joblib_files_are_unpacked() -> Result<(), Error> {
    let (_, _, zlib) = COMPRESSED[0];
    for blank in ["", " "] {
        let header = format!("ZF{:<19}{blank}", format!("{:#x}", PLAIN.len()));
        let bytes = [header.as_bytes(), zlib].concat();
        let unpacked = unpack(&bytes, &Limits::new())?;
        assert_eq!(
            (unpacked.bytes.as_ref(), &unpacked.layers[..]),
            (PLAIN, [Compression::Zfile].as_slice())
        );
    }
    Ok(())
}

#[test]
fn what_is_cut_off_anywhere_is_an_error() {
    for &(compression, _, bytes) in COMPRESSED {
        for end in 0..bytes.len() {
            let mut output = Vec::new();
            let result = compression.decompress(&bytes[..end], 1 << 20, &mut output);
            assert!(
                matches!(result, Err(Error::Damaged { .. })),
                "{compression} {end}: {result:?}"
            );
            assert!(PLAIN.starts_with(&output), "{compression} {end}");
        }
    }
}

#[test]
fn a_changed_byte_is_an_error_or_changes_nothing() {
    for &(compression, _, bytes) in COMPRESSED {
        for place in 0..bytes.len() {
            for bit in 0..8 {
                let mut changed = bytes.to_vec();
                changed[place] ^= 1 << bit;
                let mut output = Vec::new();
                let result = compression.decompress(&changed, 1 << 20, &mut output);
                // LZMA alone and joblib's LZ4 frames have no checksum.
                if result.is_ok() && !matches!(compression, Compression::Lzma | Compression::Lz4) {
                    assert_eq!(output, PLAIN, "{compression} {place}");
                }
            }
        }
    }
}

#[test]
fn streams_in_a_row_are_one_and_the_rest_is_told() -> Result<(), Error> {
    for &(compression, _, bytes) in COMPRESSED {
        let twice = [bytes, bytes].concat();
        let result = unpack(&twice, &Limits::new());
        match compression {
            Compression::Lzma => {
                let (end, more) = (bytes.len() as u64, bytes.len() as u64);
                assert_eq!(result, Err(Error::Trailing { compression, end, more }));
            }
            _ => assert_eq!(result?.bytes, [PLAIN, PLAIN].concat(), "{compression}"),
        }
        for behind in ["more", "\0\0\0\0more", ".", "(lp0\n."] {
            let mut output = Vec::new();
            let longer = [bytes, behind.as_bytes()].concat();
            assert_eq!(compression.decompress(&longer, 1 << 20, &mut output)?, bytes.len());
            assert_eq!(output, PLAIN, "{compression}");
            let (end, more) = (bytes.len() as u64, behind.len() as u64);
            let error = Error::Trailing { compression, end, more };
            assert_eq!(unpack(&longer, &Limits::new()), Err(error));
        }
        // Padding, where the format has it.
        let padded = [bytes, &[0; 8]].concat();
        let padding = matches!(compression, Compression::Gzip | Compression::Xz);
        assert_eq!(unpack(&padded, &Limits::new()).is_ok(), padding, "{compression}");
    }
    Ok(())
}

/// 8 MiB of zeros, compressed.
fn bomb(compression: Compression) -> Vec<u8> {
    fn filled<W: Write>(mut writer: W) -> W {
        let chunk = vec![0; 1 << 20];
        (0..8).for_each(|_| writer.write_all(&chunk).expect("memory"));
        writer
    }
    let bomb = match compression {
        Compression::Zlib => {
            let level = flate2::Compression::best();
            filled(flate2::write::ZlibEncoder::new(Vec::new(), level)).finish()
        }
        Compression::Gzip => {
            let level = flate2::Compression::best();
            filled(flate2::write::GzEncoder::new(Vec::new(), level)).finish()
        }
        Compression::Bzip2 => {
            let level = bzip2::Compression::best();
            filled(bzip2::write::BzEncoder::new(Vec::new(), level)).finish()
        }
        Compression::Lz4 => {
            let writer = lz4_flex::frame::FrameEncoder::new(Vec::new());
            filled(writer).finish().map_err(std::io::Error::from)
        }
        Compression::Xz => {
            let options = lzma_rust2::XzOptions::with_preset(0);
            let writer = lzma_rust2::XzWriter::new(Vec::new(), options).expect("options");
            filled(writer).finish()
        }
        _ => {
            let options = lzma_rust2::LzmaOptions::with_preset(0);
            let writer = lzma_rust2::LzmaWriter::new_use_header(Vec::new(), &options, None);
            filled(writer.expect("options")).finish()
        }
    };
    bomb.expect("memory")
}

#[test]
fn a_bomb_of_each_compressor_ends_at_the_limit() {
    for (compression, _, _) in COMPRESSED {
        let bomb = bomb(*compression);
        assert!(bomb.len() < 1 << 18, "{compression}: {}", bomb.len());
        let limits = Limits::new().bytes(1_000_000);
        assert_eq!(unpack(&bomb, &limits), Err(Error::TooLong { value: 1_000_000 }));
        // Many streams are no way around it.
        let bombs = bomb.repeat(3);
        let limits = limits.bytes(12 << 20);
        let result = unpack(&bombs, &limits);
        match compression {
            Compression::Lzma => assert!(matches!(result, Err(Error::Trailing { .. }))),
            _ => assert_eq!(result, Err(Error::TooLong { value: 12 << 20 })),
        }
        // Exactly what fits is no error.
        let exact = unpack(&bomb, &limits.bytes(8 << 20)).map(|it| it.bytes.len());
        assert_eq!(exact, Ok(8 << 20), "{compression}");
    }
    let bombs = bomb(Compression::Zlib).repeat(33);
    let error = unpack(&bombs, &Limits::new()).expect_err("more than 256 MiB");
    assert_eq!(
        error.to_string(),
        "it unpacks to more than 268435456 bytes; if you trust the file, raise \
         `container::Limits::bytes`"
    );
}

#[test]
fn a_dictionary_of_gigabytes_is_refused() {
    let (_, _, lzma) = COMPRESSED[5];
    let mut large = lzma.to_vec();
    large[1..5].copy_from_slice(&(1_u32 << 31).to_le_bytes());
    assert_eq!(Compression::of(&large), Some(Compression::Lzma));
    assert!(matches!(unpack(&large, &Limits::new()), Err(Error::Damaged { .. })));
}

#[test]
fn layers_are_counted() -> Result<(), Error> {
    let mut bytes = PLAIN.to_vec();
    for layer in 1..=6 {
        let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        writer.write_all(&bytes).expect("memory");
        bytes = writer.finish().expect("memory");
        match layer <= 4 {
            true => {
                let unpacked = unpack(&bytes, &Limits::new())?;
                assert_eq!((unpacked.bytes.as_ref(), unpacked.layers.len()), (PLAIN, layer));
            }
            false => {
                let error = Error::TooManyLayers { value: 4 };
                assert_eq!(unpack(&bytes, &Limits::new()), Err(error));
            }
        }
    }
    assert_eq!(unpack(&bytes, &Limits::new().layers(6))?.bytes, PLAIN);
    Ok(())
}

/// Each stream costs a decoder, and an empty one is a few bytes long.
#[test]
fn empty_streams_are_bounded() {
    for (compression, _, _) in COMPRESSED {
        let empty: &[u8] = match compression {
            Compression::Zlib => b"\x78\x9c\x03\0\0\0\0\x01",
            Compression::Gzip => b"\x1f\x8b\x08\0\0\0\0\0\0\xff\x03\0\0\0\0\0\0\0\0\0",
            Compression::Bzip2 => b"BZh9\x17\x72\x45\x38\x50\x90\0\0\0\0",
            Compression::Xz => {
                b"\xfd7zXZ\0\0\x04\xe6\xd6\xb4\x46\0\0\0\0\x1c\xdf\x44\x21\x1f\xb6\xf3\x7d\x01\0\0\0\0\x04YZ"
            }
            Compression::Lz4 => b"\x04\x22\x4d\x18\x40\x40\xc0\0\0\0\0",
            _ => continue,
        };
        let unpacked =
            |times| unpack(&empty.repeat(times), &Limits::new()).map(|it| it.bytes.len());
        assert_eq!(unpacked(4000), Ok(0), "{compression}");
        assert!(matches!(unpacked(100_000), Err(Error::Damaged { .. })), "{compression}");
    }
}

/// What is wrong with the first member, or with the archive.
fn problem(bytes: &[u8]) -> Option<String> {
    let archive = match Archive::new(bytes) {
        Ok(archive) => archive,
        Err(error) => return Some(error.to_string()),
    };
    let member = archive.members().first().expect("there is one");
    archive.read(member, &Limits::new()).err().map(|error| error.to_string())
}

#[test]
fn members_are_read() -> Result<(), Error> {
    let mut zip = Zip::new();
    zip.add("archive/data.pkl", 0, PLAIN, PLAIN).add("a.txt", 8, &deflated(PLAIN), PLAIN);
    let bytes = zip.finish();
    assert_eq!(FileKind::of(&bytes), FileKind::Torch);
    // As a program that unpacks itself, and with a comment.
    let mut longer = [b"#!/bin/sh\n".as_slice(), &bytes].concat();
    let end = longer.len() - 2;
    longer[end..].copy_from_slice(&7_u16.to_le_bytes());
    longer.extend(b"commentmore");
    for (bytes, around) in
        [(bytes, (b"".as_slice(), b"".as_slice())), (longer, (b"#!/bin/sh\n", b"more"))]
    {
        let archive = Archive::new(&bytes)?;
        assert_eq!(archive.around(), around);
        for (name, stored) in [("archive/data.pkl", true), ("a.txt", false)] {
            let member = archive.find(name).expect("it is there");
            assert_eq!((member.name(), member.is_stored()), (name, stored));
            assert_eq!(member.size(), PLAIN.len() as u64);
            let content = archive.read(member, &Limits::new())?;
            assert_eq!(content, PLAIN);
            assert_eq!(matches!(content, Cow::Borrowed(_)), stored);
            let few = Limits::new().bytes(100);
            assert_eq!(archive.read(member, &few), Err(Error::TooLong { value: 100 }));
        }
        assert!(archive.find("data.pkl").is_none());
    }
    Ok(())
}

#[test]
fn archives_that_lie_are_refused() {
    let data = deflated(PLAIN);
    let size = PLAIN.len() as u32;
    let lying = |fields: Vec<u8>, local: Vec<u8>| {
        let mut zip = Zip::new();
        zip.bytes.extend(b"PK\x03\x04\x14\0");
        zip.bytes.extend(local);
        zip.bytes.extend([1, 0, 0, 0, b'a']);
        zip.bytes.extend(&data);
        zip.entry("a", &fields, 0).finish()
    };
    let (crc, packed) = (crc(PLAIN), data.len() as u32);
    let good = || Zip::fields(8, crc, packed, size);
    // With this flag the sizes stand behind the data.
    let behind = |fields: Vec<u8>| [&[8], &fields[1..]].concat();
    assert_eq!(problem(&lying(good(), good())), None);
    for (bytes, expected) in [
        (lying(Zip::fields(8, crc, packed, 10), good()), "different sizes"),
        (lying(Zip::fields(8, crc, packed, 10), behind(good())), "more than the 10 bytes"),
        (
            lying(Zip::fields(8, crc, packed, size + 9), behind(good())),
            "it should have 1084 bytes, but has 1075",
        ),
        (lying(Zip::fields(8, crc ^ 1, packed, size), good()), "its checksum is another"),
        (lying(Zip::fields(8, crc, packed - 1, size), behind(good())), "the file is cut off"),
        (
            lying(Zip::fields(8, crc, packed + 1, size), behind(good())),
            "shares bytes with what follows",
        ),
        (
            lying(Zip::fields(8, crc, u32::MAX - 1, size), behind(good())),
            "shares bytes with what follows",
        ),
        (lying(Zip::fields(8, crc, u32::MAX, size), behind(good())), "list of members is damaged"),
        (lying(Zip::fields(0, crc, packed, size), good()), "different compressors"),
        (
            lying(Zip::fields(97, crc, packed, size), Zip::fields(97, crc, packed, size)),
            "compressed by method 97; only",
        ),
        (lying([&[1], &good()[1..]].concat(), good()), "it is encrypted"),
        (Zip::new().entry("a", &good(), 99).finish(), "would begin behind the list"),
        (b"PK\x03\x04 and no list".to_vec(), "the list of members at its end is missing"),
    ] {
        let problem = problem(&bytes).unwrap_or_default();
        assert!(problem.contains(expected), "{problem}\n{expected}");
    }
    // Two names in the two places.
    let mut zip = Zip::new();
    zip.add("a", 0, b"x", b"x");
    zip.list = Zip::new().entry("b", &Zip::fields(0, 0x8cdc_1683, 1, 1), 0).list.clone();
    assert!(problem(&zip.finish()).is_some_and(|it| it.contains("different names")));
}

/// David Fifield's bomb: every member begins in the one before.
#[test]
fn members_that_overlap_are_refused() {
    let mut zip = Zip::new();
    zip.add("a", 0, PLAIN, PLAIN);
    for number in 0..1000 {
        let fields = Zip::fields(0, crc(PLAIN), PLAIN.len() as u32, PLAIN.len() as u32);
        zip.entry(&format!("b{number}"), &fields, 0);
    }
    let problem = problem(&zip.finish()).unwrap_or_default();
    assert!(problem.contains("shares bytes with what follows, as in a zip bomb"), "{problem}");
}

#[test]
fn archives_that_are_cut_off_or_changed_are_no_panic() {
    let mut zip = Zip::new();
    zip.add("archive/data.pkl", 0, b"\x80\x04K\x01.", b"\x80\x04K\x01.");
    zip.add("a.txt", 8, &deflated(PLAIN), PLAIN);
    let bytes = zip.finish();
    for end in 0..bytes.len() {
        assert!(Archive::new(&bytes[..end]).is_err(), "{end}");
        FileKind::of(&bytes[..end]);
    }
    let mut changed = bytes.clone();
    for place in 0..bytes.len() {
        for byte in [0, 1, 0x7f, 0x80, 0xff] {
            changed[place] = byte;
            FileKind::of(&changed);
            if let Ok(archive) = Archive::new(&changed) {
                for member in archive.members() {
                    if let Ok(content) = archive.read(member, &Limits::new()) {
                        assert_eq!(content.len() as u64, member.size());
                    }
                }
            }
        }
        changed[place] = bytes[place];
    }
}

/// Whatever the first bytes say, the rest is not gone through for ever.
#[test]
fn recognising_is_quick() {
    for start in [
        b"\x08\x0a\x12\x00".as_slice(),
        b"(",
        b"N",
        b"((N(",
        b"I1\n",
        b"V",
        b"{",
        b"[",
        b"<",
        b"a,b\n",
        b"PK\x03\x04",
        b"PK\x05\x06",
        b"\x80\x04",
        b"\x80\x02\r\n",
        b"gASV",
        b"8004",
        b"\xff\xfe",
        b"x^",
        b"\x5d\0\0",
        b"ZF0x",
    ] {
        let bytes: Vec<u8> = start.iter().copied().cycle().take(4 << 20).collect();
        let started = std::time::Instant::now();
        FileKind::of(&bytes);
        assert!(started.elapsed().as_secs() < 5, "{start:?}: {:?}", started.elapsed());
    }
}

/// Words on lines begin like an opcode and its names; a call goes on as a pickle does.
#[test]
fn words_on_lines_are_no_pickle_and_calls_stay_one() {
    for words in [b"cmake\nninja\n".as_slice(), b"cmake\nninja\ngit\n", b"cmake\r\nninja\r\n"] {
        assert!(!FileKind::of(words).is_pickle(), "{:?}", FileKind::of(words));
    }
    let call = b"cos\nsystem\n(S'id'\ntR.".as_slice();
    for behind in [b"".as_slice(), b"\n", b"garbage\n", b"\n<html></html>", b"\0\xff\n."] {
        let bytes = [call, behind].concat();
        assert_eq!(FileKind::of(&bytes), FileKind::Pickle, "{behind:?}");
        let report = picklebook::inspect::bytes(&bytes);
        assert!(!report.is_no_pickle() && !report.is_clean(), "{behind:?}: {}", report.summary());
    }
}

/// Files of office programs are zip archives with a member of a certain name.
#[test]
fn files_of_office_programs_are_named_with_advice() {
    let archive = |members: &[(&str, &[u8])]| {
        let mut zip = Zip::new();
        for (name, content) in members {
            zip.add(name, 0, content, content);
        }
        zip.finish()
    };
    let sheet: &[u8] = b"application/vnd.oasis.opendocument.spreadsheet";
    let ods = archive(&[("mimetype", sheet), ("content.xml", b"<x/>")]);
    let with = |name| archive(&[("[Content_Types].xml", b"<x/>"), (name, b"<x/>")]);
    for (bytes, kind, advice) in [
        (ods, FileKind::OpenDocumentSheet, "save the sheet as CSV"),
        (with("word/document.xml"), FileKind::OfficeDocument, "name the file that was meant"),
        (with("ppt/presentation.xml"), FileKind::OfficeDocument, "name the file that was meant"),
        (with("xl/workbook.xml"), FileKind::Excel, "CSV UTF-8"),
    ] {
        assert_eq!(FileKind::of(&bytes), kind);
        assert!(kind.advice().contains(advice), "{kind}: {}", kind.advice());
    }
}

/// Kinds that people hand over by mistake, each with what to do.
#[test]
fn more_mistaken_files_are_named_with_advice() {
    let orc = [b"ORC".as_slice(), &[0; 20], b"ORC\x17"].concat();
    let lfs = b"\xef\xbb\xbfversion https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";
    for (bytes, kind, advice) in [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0".as_slice(), FileKind::OldOffice, "CSV UTF-8"),
        (b"\xa7\x0d\r\n\0\0\0\0\x01\x02", FileKind::PythonBytecode, "no pickle"),
        (&orc, FileKind::Orc, "pandas.read_orc"),
        (lfs, FileKind::LfsPointer, "git lfs pull"),
        (b"\xef\xbb\xbfouts:\n- md5: 00\n  path: m.pkl\n", FileKind::DvcPointer, "dvc pull"),
    ] {
        assert_eq!(FileKind::of(bytes), kind);
        assert!(kind.advice().contains(advice), "{kind}: {}", kind.advice());
    }
}

/// Archives that CPython's `zipfile` wrote, by the compressors that are seldom used.
#[test]
fn members_by_bzip2_and_lzma_are_read() {
    let bzip2 = b"PK\x03\x04.\x00\x00\x00\x0c\x00\x00\x00!\x00\xc1\xacK\xb45\x00\x00\x00d\x00\x00\x00\
        \x05\x00\x00\x00a.pklBZh91AY&SY\xaa\xa0\t\x02\x00\x00'\xd2`\x04\x00\x00\x01\x00\x02@\x00\x04\
        \x00\x20\x000\xcd\x00R\xa3\x18M'\xc9\x84\xd2p\xbb\x92)\xc2\x84\x85U\x00H\x10\
        PK\x01\x02.\x03.\x00\x00\x00\x0c\x00\x00\x00!\x00\xc1\xacK\xb45\x00\x00\x00d\x00\x00\x00\
        \x05\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x01\x00\x00\x00\x00a.pkl\
        PK\x05\x06\x00\x00\x00\x00\x01\x00\x01\x003\x00\x00\x00X\x00\x00\x00\x00\x00";
    let lzma = b"PK\x03\x04?\x00\x02\x00\x0e\x00\x00\x00!\x00\xc1\xacK\xb4\x1b\x00\x00\x00d\x00\x00\x00\
        \x05\x00\x00\x00a.pkl\t\x04\x05\x00]\x00\x00\x80\x00\x00@\x01\x07K\xf7\x91\xa4\x027\x9f#\xff\
        \xff\xc2-\x00\x00PK\x01\x02?\x03?\x00\x02\x00\x0e\x00\x00\x00!\x00\xc1\xacK\xb4\x1b\x00\x00\
        \x00d\x00\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x01\x00\x00\x00\x00a.pkl\
        PK\x05\x06\x00\x00\x00\x00\x01\x00\x01\x003\x00\x00\x00>\x00\x00\x00\x00\x00";
    for (name, bytes) in [("bzip2", bzip2.as_slice()), ("LZMA", lzma)] {
        let archive = Archive::new(bytes).expect(name);
        let member = archive.find("a.pkl").expect(name);
        let content = archive.read(member, &Limits::new()).expect(name);
        assert_eq!(content, b"\x80\x04]\x94.".repeat(20), "{name}");
        // Whatever is cut off, there is an error and no more.
        for end in 0..bytes.len() {
            let Ok(archive) = Archive::new(&bytes[..end]) else { continue };
            assert!(archive.read(member, &Limits::new()).is_err(), "{name} up to {end}");
        }
        for place in 35..bytes.len() - 80 {
            let mut damaged = bytes.to_vec();
            damaged[place] ^= 0x55;
            if let Ok(archive) = Archive::new(&damaged) {
                let read = archive.read(member, &Limits::new());
                assert!(read.is_err() || read.is_ok_and(|it| it == content), "{name} at {place}");
            }
        }
    }
}
