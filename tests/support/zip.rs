//! Zip archives, also such as lie.
#![allow(dead_code)] // each test file uses its own part

use std::io::Write;

/// A zip archive of members: name, content, and what its list says of the sizes.
pub struct Zip {
    pub bytes: Vec<u8>,
    pub list: Vec<u8>,
    count: u16,
}

impl Zip {
    pub fn new() -> Zip {
        Zip { bytes: Vec::new(), list: Vec::new(), count: 0 }
    }

    /// Adds a member whose data are compressed by a method already.
    pub fn add(&mut self, name: &str, method: u16, data: &[u8], content: &[u8]) -> &mut Zip {
        let at = self.bytes.len() as u32;
        let fields = Zip::fields(method, crc(content), data.len() as u32, content.len() as u32);
        self.bytes.extend(b"PK\x03\x04\x14\0");
        self.bytes.extend(&fields);
        self.bytes.extend((name.len() as u16).to_le_bytes());
        self.bytes.extend([0, 0]);
        self.bytes.extend(name.as_bytes());
        self.bytes.extend(data);
        self.entry(name, &fields, at)
    }

    /// Adds an entry to the list.
    pub fn entry(&mut self, name: &str, fields: &[u8], at: u32) -> &mut Zip {
        self.list.extend(b"PK\x01\x02\x14\0\x14\0");
        self.list.extend(fields);
        self.list.extend((name.len() as u16).to_le_bytes());
        self.list.extend([0; 12]);
        self.list.extend(at.to_le_bytes());
        self.list.extend(name.as_bytes());
        self.count += 1;
        self
    }

    /// Flags, method, time, date, checksum and sizes, as in both headers.
    pub fn fields(method: u16, crc: u32, compressed: u32, size: u32) -> Vec<u8> {
        let mut fields = vec![0, 0];
        fields.extend(method.to_le_bytes());
        fields.extend([0; 4]);
        [crc, compressed, size].iter().for_each(|number| fields.extend(number.to_le_bytes()));
        fields
    }

    pub fn finish(&self) -> Vec<u8> {
        let mut bytes = self.bytes.clone();
        let at = bytes.len() as u32;
        bytes.extend(&self.list);
        bytes.extend(b"PK\x05\x06\0\0\0\0");
        bytes.extend([self.count.to_le_bytes(), self.count.to_le_bytes()].concat());
        bytes.extend((self.list.len() as u32).to_le_bytes());
        bytes.extend(at.to_le_bytes());
        bytes.extend([0, 0]);
        bytes
    }
}

pub fn crc(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

pub fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    writer.write_all(bytes).expect("memory");
    writer.finish().expect("memory")
}
