//! Any bytes as a file: what it is, what is inside, as a zip archive, and as each kind of compressed
//! data.
//!
//! `cargo fuzz run --fuzz-dir tests/fuzz container`; without a nightly toolchain under
//! `RUSTC_BOOTSTRAP=1`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use picklebook::container::{Archive, Compression, FileKind, Limits, unpack};
use picklebook::pickle;

/// The most bytes that come out.
const LIMIT: u64 = 1 << 20;

fuzz_target!(|data: &[u8]| {
    assert!(!FileKind::of(data).name().is_empty());
    let limits = Limits::new().bytes(LIMIT);
    if let Ok(unpacked) = unpack(data, &limits) {
        assert!(unpacked.layers.is_empty() || unpacked.bytes.len() as u64 <= LIMIT);
        assert_eq!(Compression::of(&unpacked.bytes), None);
    }
    for compression in [
        Compression::Zlib,
        Compression::Gzip,
        Compression::Bzip2,
        Compression::Xz,
        Compression::Lzma,
        Compression::Lz4,
        Compression::Zfile,
    ] {
        let mut output = Vec::new();
        if let Ok(end) = compression.decompress(data, LIMIT, &mut output) {
            assert!(end <= data.len());
        }
        assert!(output.len() as u64 <= LIMIT);
    }
    if let Ok(archive) = Archive::new(data) {
        let (before, behind) = archive.around();
        assert!(before.len() + behind.len() <= data.len());
        for member in archive.members() {
            if let Ok(content) = archive.read(member, &limits) {
                assert_eq!(content.len() as u64, member.size());
            }
        }
    }
    match (pickle::salvage(data), pickle::loads_prefix::<pickle::Value>(data)) {
        (Ok(value), Ok((same, _))) => {
            assert_eq!(value.repr().length(1000).to_string(), same.repr().length(1000).to_string());
        }
        (Err(partial), Err(error)) => {
            // What a frame declares does not stop a rescue, which ends at a later damage.
            if !error.to_string().contains("(FRAME)") {
                assert_eq!(partial.error.to_string(), error.to_string());
            }
            for value in partial.stack.iter().take(100) {
                assert!(!value.repr().length(1000).to_string().is_empty());
            }
        }
        (Ok(_), Err(_)) => {}
        (Err(partial), Ok(_)) => panic!("{}", partial.error),
    }
});
