//! The archives of files that scikit-learn wrote.

use std::collections::BTreeMap;

use crate::support;

/// The files of an archive, by their names.
pub fn files(archive: &str) -> BTreeMap<String, Vec<u8>> {
    let path = support::root().join("tests/sklearn").join(archive);
    let packed = std::fs::read(path).unwrap();
    let mut tar = Vec::new();
    let mut reader = lzma_rust2::XzReader::new(packed.as_slice(), false);
    std::io::Read::read_to_end(&mut reader, &mut tar).unwrap();
    // A header of 512 bytes, then the content, filled up to as many.
    let (mut files, mut rest) = (BTreeMap::new(), tar.as_slice());
    while let Some((header, behind)) = rest.split_at_checked(512) {
        let text = |range: std::ops::Range<usize>| {
            let field = &header[range];
            let end = field.iter().position(|&byte| byte == 0).unwrap_or(field.len());
            std::str::from_utf8(&field[..end]).unwrap().trim().to_owned()
        };
        if header[0] == 0 {
            break;
        }
        let length = usize::from_str_radix(&text(124..136), 8).unwrap();
        if header[156] == b'0' {
            let name = text(0..100).trim_start_matches("./").to_owned();
            files.insert(name, behind[..length].to_vec());
        }
        rest = behind.get(length.next_multiple_of(512)..).unwrap_or_default();
    }
    files
}
