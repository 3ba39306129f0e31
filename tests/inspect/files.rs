//! Pickles and containers that the tests build.

use std::io::Write;

use picklebook::container::Compression;

/// The name that hostile files call here: it does no harm, in a module that could.
pub const NAME: (&str, &str) = ("os", "getcwd");

/// Every compressor of joblib.
pub const COMPRESSIONS: [Compression; 6] = [
    Compression::Zlib,
    Compression::Gzip,
    Compression::Bzip2,
    Compression::Xz,
    Compression::Lzma,
    Compression::Lz4,
];

/// Text of any length, as BINUNICODE.
pub fn binary_text(text: &str) -> Vec<u8> {
    let mut bytes = vec![b'X'];
    bytes.extend_from_slice(&(text.len() as u32).to_le_bytes());
    bytes.extend_from_slice(text.as_bytes());
    bytes
}

/// A pickle of protocol 4 that goes on like this.
pub fn with_text(rest: &[u8]) -> Vec<u8> {
    [b"\x80\x04", rest].concat()
}

/// A call without arguments, in protocol 4.
pub fn call(module: &str, name: &str) -> Vec<u8> {
    with_text(&[&binary_text(module), &binary_text(name), b"\x93)R.".as_slice()].concat())
}

/// The call in protocol 0.
pub fn line_call() -> Vec<u8> {
    let (module, name) = NAME;
    format!("c{module}\n{name}\n(tR.").into_bytes()
}

/// A call with a pickle as its argument.
pub fn loads(module: &str, name: &str) -> Vec<u8> {
    let inner = line_call();
    let mut bytes = binary_text(module);
    bytes.extend_from_slice(&binary_text(name));
    bytes.extend_from_slice(&[0x93, b'C', inner.len() as u8]);
    bytes.extend_from_slice(&inner);
    bytes.extend_from_slice(b"\x85R.");
    with_text(&bytes)
}

/// Pickles that hold other bytes in every way.
pub fn in_bytes(inner: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let length = (inner.len() as u32).to_le_bytes();
    let long = (inner.len() as u64).to_le_bytes();
    let latin: String = inner.iter().map(|&byte| char::from(byte)).collect();
    let escaped: String = inner.iter().map(|byte| format!("\\x{byte:02x}")).collect();
    vec![
        ("BINBYTES", [b"\x80\x04B", &length[..], inner, b"."].concat()),
        ("BINBYTES8", [b"\x80\x04\x8e", &long[..], inner, b"."].concat()),
        ("BYTEARRAY8", [b"\x80\x05\x96", &long[..], inner, b"."].concat()),
        ("BINSTRING", [b"\x80\x02T", &length[..], inner, b"."].concat()),
        ("STRING", format!("S'{escaped}'\n.").into_bytes()),
        ("a list", [b"\x80\x04]B", &length[..], inner, b"a."].concat()),
        (
            "_codecs.encode",
            [
                b"\x80\x02c_codecs\nencode\n",
                &*binary_text(&latin),
                &binary_text("latin1"),
                b"\x86R.",
            ]
            .concat(),
        ),
    ]
}

/// Bytes, compressed.
pub fn compressed(compression: Compression, bytes: &[u8]) -> Vec<u8> {
    let level = flate2::Compression::fast();
    let written = match compression {
        Compression::Zlib => {
            let mut writer = flate2::write::ZlibEncoder::new(Vec::new(), level);
            writer.write_all(bytes).and_then(|()| writer.finish())
        }
        Compression::Gzip => {
            let mut writer = flate2::write::GzEncoder::new(Vec::new(), level);
            writer.write_all(bytes).and_then(|()| writer.finish())
        }
        Compression::Bzip2 => {
            let mut writer = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
            writer.write_all(bytes).and_then(|()| writer.finish())
        }
        Compression::Lz4 => {
            let mut writer = lz4_flex::frame::FrameEncoder::new(Vec::new());
            writer.write_all(bytes).expect("memory");
            return writer.finish().expect("memory");
        }
        Compression::Xz => {
            let options = lzma_rust2::XzOptions::with_preset(0);
            let mut writer = lzma_rust2::XzWriter::new(Vec::new(), options).expect("options");
            writer.write_all(bytes).and_then(|()| writer.finish())
        }
        Compression::Lzma => {
            let options = lzma_rust2::LzmaOptions::with_preset(0);
            let writer = lzma_rust2::LzmaWriter::new_use_header(Vec::new(), &options, None);
            let mut writer = writer.expect("options");
            writer.write_all(bytes).and_then(|()| writer.finish())
        }
        other => panic!("no compressor for {other}"),
    };
    written.expect("memory takes all")
}

/// A zip archive of members that are stored as they are.
pub fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut bytes, mut list) = (Vec::new(), Vec::new());
    for (name, content) in members {
        let start = bytes.len() as u32;
        let mut crc = flate2::Crc::new();
        crc.update(content);
        let mut common = Vec::new();
        common.extend_from_slice(&[0; 8]);
        common.extend_from_slice(&crc.sum().to_le_bytes());
        common.extend_from_slice(&(content.len() as u32).to_le_bytes());
        common.extend_from_slice(&(content.len() as u32).to_le_bytes());
        common.extend_from_slice(&(name.len() as u16).to_le_bytes());
        common.extend_from_slice(&[0; 2]);
        bytes.extend_from_slice(b"PK\x03\x04\x14\0");
        bytes.extend_from_slice(&common);
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(content);
        list.extend_from_slice(b"PK\x01\x02\x14\0\x14\0");
        list.extend_from_slice(&common);
        list.extend_from_slice(&[0; 10]);
        list.extend_from_slice(&start.to_le_bytes());
        list.extend_from_slice(name.as_bytes());
    }
    let (start, length) = (bytes.len() as u32, list.len() as u32);
    bytes.extend_from_slice(&list);
    bytes.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    bytes.extend_from_slice(&(members.len() as u16).to_le_bytes());
    bytes.extend_from_slice(&(members.len() as u16).to_le_bytes());
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(&start.to_le_bytes());
    bytes.extend_from_slice(&[0; 2]);
    bytes
}

/// A file of numpy, with this type.
pub fn array_file(dtype: &str, content: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{dtype}', 'fortran_order': False, 'shape': (1,), }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend_from_slice(&(header.len() as u16).to_le_bytes());
    bytes.extend_from_slice(header.as_bytes());
    bytes.extend_from_slice(content);
    bytes
}

/// A joblib file of one array of bytes, with padding before its items or without, and with opcodes
/// behind it.
pub fn joblib(padding: Option<&[u8]>, items: &[u8], rest: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x80\x04cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}(".to_vec();
    bytes.extend_from_slice(b"Vsubclass\ncnumpy\nndarray\nVshape\n");
    bytes.extend_from_slice(format!("(I{}\ntVorder\nVC\nVdtype\n", items.len()).as_bytes());
    bytes.extend_from_slice(DTYPE);
    bytes.extend_from_slice(b"Vallow_mmap\n\x88");
    if padding.is_some() {
        bytes.extend_from_slice(b"Vnumpy_array_alignment_bytes\nK\x10");
    }
    bytes.extend_from_slice(b"ub");
    if let Some(padding) = padding {
        bytes.push(padding.len() as u8);
        bytes.extend_from_slice(padding);
    }
    [&bytes, items, rest].concat()
}

/// The dtype of unsigned bytes.
const DTYPE: &[u8] =
    b"cnumpy\ndtype\n(Vu1\nI00\nI01\ntR(K\x03V|\nNNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb";
