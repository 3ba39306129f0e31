//! What a file is, and taking compression off, on files that other programs wrote and on hostile
//! ones. The joblib files are joblib 1.6's, of
//! `{"name": "worker one", "scores": [1, 2.5, True, None], "text": "ab" * 500}`.

use std::borrow::Cow;
use std::io::Write;

use picklebook::container::{Compression, Error, FileKind, Limits, unpack};

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
