//! Zip archives: their list of members, and what a member holds.
//!
//! Source: PKWARE's APPNOTE.TXT 6.3.10. Where it leaves a choice, this reads as Python's `zipfile`
//! does, for that is what opens such a file there.

use std::borrow::Cow;
use std::ops::Range;

use super::crc32::crc32;
use super::{Error, Limits};

/// A zip archive in memory.
///
/// ```
/// use picklebook::container::{Archive, Limits};
///
/// # let bytes = b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\x77\x8e\xa4\x41\x05\0\0\0\x05\0\0\0\x08\0\0\0data.pkl\
/// #     \x80\x04K\x01.PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\0\0\x77\x8e\xa4\x41\x05\0\0\0\x05\0\0\0\
/// #     \x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0data.pklPK\x05\x06\0\0\0\0\x01\0\x01\0\x36\0\0\0\
/// #     \x2b\0\0\0\0\0";
/// let archive = Archive::new(bytes)?;
/// let names: Vec<&str> = archive.members().iter().map(|member| member.name()).collect();
/// assert_eq!(names, ["data.pkl"]);
/// let member = archive.find("data.pkl").expect("it is there");
/// assert_eq!(archive.read(member, &Limits::new())?, b"\x80\x04K\x01.".as_slice());
/// # Ok::<(), picklebook::container::Error>(())
/// ```
#[derive(Clone)]
pub struct Archive<'a> {
    bytes: &'a [u8],
    members: Vec<Member>,
    start: usize,
    end: usize,
}

/// A member of a zip archive: what the list at its end says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    name: String,
    size: u64,
    compressed_size: u64,
    method: u16,
    flags: u16,
    crc: u32,
    /// Where its header stands, and where in the list its name does.
    header: usize,
    raw_name: Range<usize>,
}

/// The shortest member: its header, without name and data.
const LOCAL_HEADER: usize = 30;

/// An entry of the list, without name, extra fields and comment.
const ENTRY: usize = 46;

/// The record that ends an archive, without its comment.
const END: usize = 22;

/// The record that ends an archive of 64 bits, and that says where it is.
const END_64: usize = 56;
const LOCATOR: usize = 20;

impl std::fmt::Debug for Archive<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Archive").field("members", &self.members.len()).finish_non_exhaustive()
    }
}

impl Member {
    /// Its name, as in `archive/data.pkl`. It is what the archive says: do not write to it
    /// without a look at `..` and the like.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many bytes it should have when it is unpacked.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// How many bytes it takes in the archive.
    pub fn compressed_size(&self) -> u64 {
        self.compressed_size
    }

    fn bad(&self, problem: impl Into<String>) -> Error {
        Error::Member { member: self.name.chars().take(200).collect(), problem: problem.into() }
    }

    /// Whether it stands in the archive as it is.
    pub fn is_stored(&self) -> bool {
        self.method == 0
    }
}

impl<'a> Archive<'a> {
    /// Reads the list of members.
    ///
    /// # Errors
    /// [`Error::Archive`]: there is no list, it is damaged, or two members share bytes of the archive,
    /// as only zip bombs do.
    pub fn new(bytes: &'a [u8]) -> Result<Archive<'a>, Error> {
        let directory = Directory::find(bytes)?;
        let members = members(bytes, &directory)?;
        check_overlap(bytes, &members, directory.entries.start)?;
        Ok(Archive { bytes, members, start: directory.start, end: directory.end })
    }

    /// The members, in the order of the list.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// The member of a name: the last one, where several have it.
    pub fn find(&self, name: &str) -> Option<&Member> {
        self.members.iter().rfind(|member| member.name == name)
    }

    /// The bytes that stand before and behind the archive, and are not a part of it.
    pub fn around(&self) -> (&'a [u8], &'a [u8]) {
        let before = self.bytes.get(..self.start).unwrap_or_default();
        (before, self.bytes.get(self.end..).unwrap_or_default())
    }

    /// What a member holds. Its checksum is checked.
    ///
    /// # Errors
    /// [`Error::Member`]: it is damaged, encrypted, or compressed by anything but deflate, bzip2 and LZMA;
    /// [`Error::TooLong`]; and [`Error::NoFeature`], if it is compressed and the crate was built
    /// without the feature `compression`.
    pub fn read(&self, member: &Member, limits: &Limits) -> Result<Cow<'a, [u8]>, Error> {
        if member.flags & 1 != 0 {
            return Err(member.bad("it is encrypted"));
        }
        let data = self.data(member).map_err(|problem| member.bad(problem))?;
        let limit = limits.bytes_for(data.len());
        if member.size > limit {
            return Err(Error::TooLong { value: limit });
        }
        let content = match member.method {
            0 => Cow::Borrowed(data),
            8 | 12 | 14 => Cow::Owned(unpacked(data, member)?),
            method => {
                return Err(member.bad(format!(
                    "it is compressed by method {method}; only deflate, bzip2 and LZMA can be read"
                )));
            }
        };
        if content.len() as u64 != member.size {
            return Err(member.bad(format!(
                "it should have {} bytes, but has {}",
                member.size,
                content.len()
            )));
        }
        if crc32(&content) != member.crc {
            return Err(member.bad("its checksum is another"));
        }
        Ok(content)
    }

    /// What comes out of a member that [`read`](Self::read) refuses, up to `most` bytes: what is wrong with
    /// its checksum, its sizes or the names that are given to it is not asked.
    #[cfg_attr(not(feature = "compression"), expect(unused_variables))]
    pub(crate) fn salvage(&self, member: &Member, most: u64) -> Cow<'a, [u8]> {
        let Ok(local) = LocalHeader::read(self.bytes, member.header) else {
            return Cow::Borrowed(&[]);
        };
        let data = self.bytes.get(local.name.end + local.extra..).unwrap_or_default();
        let length = usize::try_from(member.compressed_size).unwrap_or(usize::MAX);
        let data = data.get(..length.min(data.len())).unwrap_or_default();
        #[cfg(feature = "compression")]
        for method in [member.method, local.method].into_iter().take_while(|&it| it != 0) {
            let mut output = Vec::new();
            let ends_itself = member.flags & 2 != 0;
            // What came out before the damage counts as well.
            let _ =
                super::compression::streams::expand(method, data, ends_itself, most, &mut output);
            if !output.is_empty() {
                return Cow::Owned(output);
            }
        }
        Cow::Borrowed(data)
    }

    /// The bytes of a member, as they stand in the archive.
    fn data(&self, member: &Member) -> Result<&'a [u8], &'static str> {
        let local = LocalHeader::read(self.bytes, member.header)?;
        let name = self.bytes.get(local.name.clone());
        if name != self.bytes.get(member.raw_name.clone()) {
            return Err("its header and the list of members give it different names");
        }
        if local.method != member.method {
            return Err("its header and the list of members name different compressors");
        }
        // With this flag the sizes stand behind the data, and with 64 bits in an extra field.
        let sizes = [local.compressed_size, local.size].map(u64::from);
        let known = local.flags & 8 == 0 && sizes.iter().all(|&size| size != u64::from(u32::MAX));
        if known && sizes != [member.compressed_size, member.size] {
            return Err("its header and the list of members give it different sizes");
        }
        let length = usize::try_from(member.compressed_size).unwrap_or(usize::MAX);
        let data = self.bytes.get(local.name.end + local.extra..).unwrap_or_default();
        data.get(..length).ok_or("it is longer than the archive")
    }
}

#[cfg(feature = "compression")]
fn unpacked(data: &[u8], member: &Member) -> Result<Vec<u8>, Error> {
    let mut output = Vec::new();
    // One byte more than it should have, so that too much is seen.
    let room = member.size.saturating_add(1);
    let ends_itself = member.flags & 2 != 0;
    let (result, rest) =
        super::compression::streams::expand(member.method, data, ends_itself, room, &mut output);
    result.map_err(|problem| member.bad(problem))?;
    if output.len() as u64 > member.size {
        let size = member.size;
        return Err(member.bad(format!("it has more than the {size} bytes that it should have")));
    }
    match rest {
        [] => Ok(output),
        _ => Err(member.bad("other bytes follow its compressed data")),
    }
}

#[cfg(not(feature = "compression"))]
fn unpacked(_: &[u8], _: &Member) -> Result<Vec<u8>, Error> {
    Err(Error::NoFeature { compression: super::Compression::Zlib })
}

/// Numbers of a record, as they stand one after the other.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn number<const N: usize>(&mut self) -> Option<u64> {
        let (number, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(number.iter().rev().fold(0, |sum, &byte| sum << 8 | u64::from(byte)))
    }

    fn u16(&mut self) -> u16 {
        self.number::<2>().unwrap_or(0) as u16
    }

    fn u32(&mut self) -> u32 {
        self.number::<4>().unwrap_or(0) as u32
    }

    fn u64(&mut self) -> u64 {
        self.number::<8>().unwrap_or(0)
    }
}

/// The fixed part of a record at a place, behind its signature.
fn record<'a>(
    bytes: &'a [u8],
    at: usize,
    length: usize,
    signature: &[u8; 4],
) -> Option<Fields<'a>> {
    let record = bytes.get(at..at.checked_add(length)?)?;
    record.strip_prefix(signature).map(Fields)
}

fn damaged(problem: impl Into<String>) -> Error {
    Error::Archive { problem: problem.into() }
}

/// The list of members: where it is, and what it belongs to.
struct Directory {
    entries: Range<usize>,
    /// How many there should be.
    count: u64,
    /// The archive, in the bytes around it. Offsets count from its start.
    start: usize,
    end: usize,
}

impl Directory {
    fn find(bytes: &[u8]) -> Result<Directory, Error> {
        let from = bytes.len().saturating_sub(END + usize::from(u16::MAX));
        let tail = bytes.get(from..).unwrap_or_default();
        let at = tail.windows(4).rposition(|four| four == b"PK\x05\x06").map(|place| from + place);
        let Some((at, mut end)) =
            at.and_then(|at| Some((at, record(bytes, at, END, b"PK\x05\x06")?)))
        else {
            return Err(damaged("the list of members at its end is missing; it may be cut off"));
        };
        let disks = [end.u16(), end.u16()];
        let (_, count) = (end.u16(), end.u16());
        let (length, offset) = (end.u32(), end.u32());
        let comment = usize::from(end.u16());
        let mut found = (u64::from(count), u64::from(length), u64::from(offset));
        let mut list_end = at;
        if let Some(at_64) = at.checked_sub(LOCATOR + END_64)
            && record(bytes, at - LOCATOR, LOCATOR, b"PK\x06\x07").is_some()
            && let Some(mut end) = record(bytes, at_64, END_64, b"PK\x06\x06")
        {
            let _ = (end.u64(), end.u32(), end.u32(), end.u32(), end.u64());
            found = (end.u64(), end.u64(), end.u64());
            list_end = at_64;
        } else if disks != [0, 0] {
            return Err(damaged("it is one of several parts"));
        }
        let (count, length, offset) = found;
        let list_start = usize::try_from(length).ok().and_then(|it| list_end.checked_sub(it));
        let offset = usize::try_from(offset).ok();
        let start = list_start.zip(offset).and_then(|(list, offset)| list.checked_sub(offset));
        let (Some(list_start), Some(start)) = (list_start, start) else {
            return Err(damaged("its list of members would begin before the file does"));
        };
        let end = at + END + comment;
        if end > bytes.len() {
            return Err(damaged("its comment is cut off"));
        }
        Ok(Directory { entries: list_start..list_end, count, start, end })
    }
}

/// Reads the list.
fn members(bytes: &[u8], directory: &Directory) -> Result<Vec<Member>, Error> {
    let Range { start: mut at, end } = directory.entries;
    let mut members = Vec::new();
    while at < end {
        let cut = || damaged(format!("its list of members is damaged at byte {at}"));
        let mut entry = record(bytes, at, ENTRY, b"PK\x01\x02").ok_or_else(cut)?;
        let (_, _, flags, method) = (entry.u16(), entry.u16(), entry.u16(), entry.u16());
        let (_, crc) = (entry.u32(), entry.u32());
        let (compressed_size, size) = (entry.u32(), entry.u32());
        let lengths = [entry.u16(), entry.u16(), entry.u16()].map(usize::from);
        let (_, _, _, offset) = (entry.u16(), entry.u16(), entry.u32(), entry.u32());
        let [name, extra, comment] = lengths;
        let raw_name = at + ENTRY..at + ENTRY + name;
        let extra = raw_name.end..raw_name.end + extra;
        let next = extra.end + comment;
        let (Some(name), Some(extra)) = (bytes.get(raw_name.clone()), bytes.get(extra)) else {
            return Err(cut());
        };
        if next > end {
            return Err(cut());
        }
        let mut sizes = [size, compressed_size, offset].map(u64::from);
        wide(&mut sizes, extra).ok_or_else(cut)?;
        let [size, compressed_size, offset] = sizes;
        let header = usize::try_from(offset).ok().and_then(|it| it.checked_add(directory.start));
        let name = String::from_utf8_lossy(name).into_owned();
        let Some(header) = header.filter(|&header| header < directory.entries.start) else {
            let name: String = name.chars().take(200).collect();
            return Err(damaged(format!("its member {name:?} would begin behind the list")));
        };
        members.push(Member { name, size, compressed_size, method, flags, crc, header, raw_name });
        at = next;
    }
    match members.len() as u64 == directory.count {
        true => Ok(members),
        false => Err(damaged(format!(
            "it should have {} members, but its list has {}",
            directory.count,
            members.len()
        ))),
    }
}

/// Replaces the sizes that 32 bits cannot hold by those of the extra field for them.
fn wide(sizes: &mut [u64; 3], mut extra: &[u8]) -> Option<()> {
    if sizes.iter().all(|&size| size != u64::from(u32::MAX)) {
        return Some(());
    }
    loop {
        let mut fields = Fields(extra);
        let (id, length) = (fields.number::<2>()?, fields.number::<2>()? as usize);
        let (field, rest) = fields.0.split_at_checked(length)?;
        if id == 1 {
            let mut field = Fields(field);
            for size in sizes.iter_mut().filter(|size| **size == u64::from(u32::MAX)) {
                *size = field.number::<8>()?;
            }
            return Some(());
        }
        extra = rest;
    }
}

/// The header before a member's data.
struct LocalHeader {
    flags: u16,
    method: u16,
    compressed_size: u32,
    size: u32,
    name: Range<usize>,
    extra: usize,
}

impl LocalHeader {
    fn read(bytes: &[u8], at: usize) -> Result<LocalHeader, &'static str> {
        let mut header = record(bytes, at, LOCAL_HEADER, b"PK\x03\x04")
            .ok_or("there is no header where the list of members says")?;
        let (_, flags, method) = (header.u16(), header.u16(), header.u16());
        let _ = (header.u16(), header.u16(), header.u32());
        let (compressed_size, size) = (header.u32(), header.u32());
        let (name, extra) = (usize::from(header.u16()), usize::from(header.u16()));
        let name = at + LOCAL_HEADER..at + LOCAL_HEADER + name;
        Ok(LocalHeader { flags, method, compressed_size, size, name, extra })
    }
}

/// Refuses members that share bytes: a small archive can hold petabytes so.
///
/// Source: David Fifield, "A better zip bomb", USENIX WOOT 2019.
fn check_overlap(bytes: &[u8], members: &[Member], list: usize) -> Result<(), Error> {
    let mut ranges: Vec<(usize, u64, &Member)> = Vec::with_capacity(members.len());
    for member in members {
        // One without a header is refused when it is read.
        let header = LocalHeader::read(bytes, member.header);
        let data = header.map_or(member.header, |header| header.name.end + header.extra);
        ranges.push((member.header, (data as u64).saturating_add(member.compressed_size), member));
    }
    ranges.sort_unstable_by_key(|&(start, end, _)| (start, end));
    let next = ranges.iter().skip(1).map(|&(start, _, _)| start).chain([list]);
    for (&(_, end, member), next) in ranges.iter().zip(next) {
        if end > next as u64 {
            let name: String = member.name.chars().take(200).collect();
            return Err(damaged(format!(
                "its member {name:?} shares bytes with what follows, as in a zip bomb"
            )));
        }
    }
    Ok(())
}
