//! The font in a picture: a part of Arimo that holds the characters of its texts and no others.
//!
//! Source: Microsoft's OpenType specification 1.9.1, chapters `otff`, `cmap` (format 4), `glyf`,
//! `head`, `hhea`, `hmtx`, `loca`, `maxp` and `name`.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::FILES;

/// The flags of a part of a composed glyph.
const WORDS: u16 = 0x1;
const SCALED: u16 = 0x8;
const MORE: u16 = 0x20;
const SCALED_BOTH: u16 = 0x40;
const TURNED: u16 = 0x80;

/// What the part of the font says of itself.
const NAMES: [(u16, &str); 5] = [
    (0, "Copyright 2010 Google Inc. SIL Open Font License 1.1"),
    (1, "Arimo"),
    (2, "Regular"),
    (4, "Arimo"),
    (6, "Arimo"),
];

/// The picture with the characters of its texts as fonts in it, so that every browser draws it with
/// the same letters. Only what was drawn on a [`Sheet`](crate::plot::drawing::sheet::Sheet) is
/// understood.
pub(in crate::plot::drawing) fn with_font(svg: &str) -> String {
    let mut style = String::new();
    for ((weight, file), characters) in
        [("normal", FILES[0]), ("bold", FILES[1])].into_iter().zip(characters(svg))
    {
        if let Some(font) = part(file, &characters).filter(|_| !characters.is_empty()) {
            style += &format!(
                "@font-face{{font-family:Arimo;font-weight:{weight};\
                 src:url(data:font/ttf;base64,{})}}",
                STANDARD.encode(font)
            );
        }
    }
    match svg.split_once("</title>\n") {
        Some((before, after)) if !style.is_empty() => {
            format!("{before}</title>\n<style>{style}</style>\n{after}")
        }
        _ => svg.to_owned(),
    }
}

/// The characters of the texts in regular and in bold letters.
fn characters(svg: &str) -> [BTreeSet<char>; 2] {
    let mut found = [BTreeSet::new(), BTreeSet::new()];
    for text in svg.split("<text ").skip(1) {
        let Some((attributes, rest)) = text.split_once('>') else { continue };
        let text = rest.split('<').next().unwrap_or_default();
        let plain = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")]
            .into_iter()
            .fold(text.to_owned(), |text, (markup, plain)| text.replace(markup, plain));
        let [regular, bold] = &mut found;
        let style = if attributes.contains("font-weight=\"bold\"") { bold } else { regular };
        style.extend(plain.chars());
    }
    found
}

/// A part of a font file, with the glyphs of these characters; those that it does not have are left
/// out.
fn part(file: &[u8], characters: &BTreeSet<char>) -> Option<Vec<u8>> {
    let cmap = Characters::new(table(file, b"cmap")?)?;
    let known: BTreeMap<u16, u16> = characters
        .iter()
        .filter_map(|&c| u16::try_from(u32::from(c)).ok())
        .filter_map(|c| Some((c, cmap.glyph(c)?)))
        .collect();
    let glyphs = Glyphs::new(file)?;
    // The first is drawn for a character that is missing.
    let mut kept = vec![0];
    for &glyph in known.values() {
        if !kept.contains(&glyph) {
            kept.push(glyph);
        }
    }
    // The parts of composed ones, which may be composed in their turn.
    let mut place = 0;
    while let Some(&glyph) = kept.get(place) {
        for (_, part) in glyphs.parts(glyph)? {
            if !kept.contains(&part) {
                kept.push(part);
            }
        }
        place += 1;
    }
    let new = |old: u16| kept.iter().position(|&glyph| glyph == old);
    let new = |old: u16| u16::try_from(new(old)?).ok();

    let (mut outlines, mut places, mut widths) = (Vec::new(), Vec::new(), Vec::new());
    for &glyph in &kept {
        places.extend(u32::try_from(outlines.len()).ok()?.to_be_bytes());
        let start = outlines.len();
        outlines.extend_from_slice(glyphs.outline(glyph)?);
        for (at, part) in glyphs.parts(glyph)? {
            put(&mut outlines, start + at, new(part)?)?;
        }
        outlines.resize(outlines.len().next_multiple_of(4), 0);
        widths.extend(glyphs.width(glyph)?);
    }
    places.extend(u32::try_from(outlines.len()).ok()?.to_be_bytes());
    let count = u16::try_from(kept.len()).ok()?;
    let known: Option<Vec<(u16, u16)>> =
        known.into_iter().map(|(c, glyph)| Some((c, new(glyph)?))).collect();

    let own = |tag: &[u8; 4]| table(file, tag).map(<[u8]>::to_vec);
    let (mut head, mut hhea, mut maxp) = (own(b"head")?, own(b"hhea")?, own(b"maxp")?);
    head.get_mut(8..12)?.fill(0); // the sum of the file, not known yet
    put(&mut head, 50, 1)?; // places in four bytes
    put(&mut hhea, 34, count)?;
    put(&mut maxp, 4, count)?;
    file_of(vec![
        (*b"OS/2", own(b"OS/2")?),
        (*b"cmap", Characters::write(&known?)?),
        (*b"glyf", outlines),
        (*b"head", head),
        (*b"hhea", hhea),
        (*b"hmtx", widths),
        (*b"loca", places),
        (*b"maxp", maxp),
        (*b"name", names()?),
        (*b"post", own(b"post")?),
    ])
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

fn put(bytes: &mut [u8], at: usize, number: u16) -> Option<()> {
    bytes.get_mut(at..at + 2)?.copy_from_slice(&number.to_be_bytes());
    Some(())
}

/// A table of a font file, by its tag.
fn table<'f>(file: &'f [u8], tag: &[u8; 4]) -> Option<&'f [u8]> {
    let count = usize::from(u16_at(file, 4)?);
    let record = file.get(12..)?.chunks_exact(16).take(count).find(|it| it.starts_with(tag))?;
    let (start, length) = (u32_at(record, 8)? as usize, u32_at(record, 12)? as usize);
    file.get(start..start.checked_add(length)?)
}

/// Which glyph a character has: a table `cmap` of format 4.
struct Characters<'f> {
    /// The last and the first character of each run, what is added to them, and where else to look.
    runs: [&'f [u8]; 4],
}

impl<'f> Characters<'f> {
    fn new(cmap: &'f [u8]) -> Option<Self> {
        let count = usize::from(u16_at(cmap, 2)?);
        let places = (0..count).filter_map(|record| u32_at(cmap, 8 + 8 * record));
        let mut maps = places.filter_map(|place| cmap.get(place as usize..));
        let map = maps.find(|map| u16_at(map, 0) == Some(4))?;
        let length = usize::from(u16_at(map, 6)?);
        let from = |place: usize| map.get(place..);
        let runs = [from(14)?, from(16 + length)?, from(16 + 2 * length)?, from(16 + 3 * length)?];
        Some(Characters { runs })
    }

    fn glyph(&self, c: u16) -> Option<u16> {
        let [last, first, added, elsewhere] = self.runs;
        let run =
            (0..).map(|run| 2 * run).find(|&run| u16_at(last, run).is_none_or(|last| last >= c))?;
        let first = u16_at(first, run)?;
        let within = usize::from(c.checked_sub(first)?);
        let added = u16_at(added, run)?;
        let glyph = match u16_at(elsewhere, run)? {
            0 => c.wrapping_add(added),
            // Counted from where this number stands.
            offset => match u16_at(elsewhere, run + usize::from(offset) + 2 * within)? {
                0 => 0,
                glyph => glyph.wrapping_add(added),
            },
        };
        (glyph != 0).then_some(glyph)
    }

    /// The table for these characters, which are ascending: each is a run of its own.
    fn write(known: &[(u16, u16)]) -> Option<Vec<u8>> {
        // The last run is there to end the search.
        let ends: Vec<(u16, u16)> =
            known.iter().copied().filter(|known| known.0 < 0xFFFF).chain([(0xFFFF, 0)]).collect();
        let count = u16::try_from(ends.len()).ok()?;
        let steps = count.ilog2() as u16;
        let search = 2 << steps;
        let mut numbers: Vec<u16> = vec![
            0,
            1, // the version, one map
            3,
            1,
            0,
            12, // for Unicode, which begins at byte 12
            4,
            16 + 8 * count,
            0, // the map's format, length and language
            2 * count,
            search,
            steps,
            2 * count - search,
        ];
        numbers.extend(ends.iter().map(|&(c, _)| c));
        numbers.push(0);
        numbers.extend(ends.iter().map(|&(c, _)| c));
        numbers.extend(ends.iter().map(|&(c, glyph)| glyph.wrapping_sub(c)));
        numbers.extend(ends.iter().map(|_| 0));
        Some(numbers.into_iter().flat_map(u16::to_be_bytes).collect())
    }
}

/// The glyphs of a font file.
struct Glyphs<'f> {
    outlines: &'f [u8],
    places: &'f [u8],
    long_places: bool,
    widths: &'f [u8],
    /// How many have a width of their own; the others have that of the last.
    own_widths: usize,
}

impl<'f> Glyphs<'f> {
    fn new(file: &'f [u8]) -> Option<Self> {
        Some(Glyphs {
            outlines: table(file, b"glyf")?,
            places: table(file, b"loca")?,
            long_places: u16_at(table(file, b"head")?, 50)? != 0,
            widths: table(file, b"hmtx")?,
            own_widths: usize::from(u16_at(table(file, b"hhea")?, 34)?),
        })
    }

    fn place(&self, glyph: usize) -> Option<usize> {
        match self.long_places {
            true => Some(u32_at(self.places, 4 * glyph)? as usize),
            false => Some(2 * usize::from(u16_at(self.places, 2 * glyph)?)),
        }
    }

    /// The outline; nothing for a blank.
    fn outline(&self, glyph: u16) -> Option<&'f [u8]> {
        let glyph = usize::from(glyph);
        self.outlines.get(self.place(glyph)?..self.place(glyph + 1)?)
    }

    /// The glyphs that a composed one is made of, and where in the outline their numbers stand.
    fn parts(&self, glyph: u16) -> Option<Vec<(usize, u16)>> {
        let outline = self.outline(glyph)?;
        let mut parts = Vec::new();
        // The number of contours is negative then.
        if outline.is_empty() || u16_at(outline, 0)? < 0x8000 {
            return Some(parts);
        }
        let mut at = 10;
        loop {
            let flags = u16_at(outline, at)?;
            parts.push((at + 2, u16_at(outline, at + 2)?));
            if flags & MORE == 0 {
                return Some(parts);
            }
            at += if flags & WORDS == 0 { 6 } else { 8 };
            at += match flags {
                _ if flags & SCALED != 0 => 2,
                _ if flags & SCALED_BOTH != 0 => 4,
                _ if flags & TURNED != 0 => 8,
                _ => 0,
            };
        }
    }

    /// The width, and the white before the outline.
    fn width(&self, glyph: u16) -> Option<[u8; 4]> {
        let glyph = usize::from(glyph);
        let last = self.own_widths.checked_sub(1)?;
        let width = u16_at(self.widths, 4 * glyph.min(last))?.to_be_bytes();
        let before = match glyph.checked_sub(self.own_widths) {
            None => u16_at(self.widths, 4 * glyph + 2)?,
            Some(more) => u16_at(self.widths, 4 * self.own_widths + 2 * more)?,
        };
        let before = before.to_be_bytes();
        Some([width[0], width[1], before[0], before[1]])
    }
}

/// The table `name`.
fn names() -> Option<Vec<u8>> {
    let count = u16::try_from(NAMES.len()).ok()?;
    let mut numbers: Vec<u16> = vec![0, count, 6 + 12 * count];
    let mut texts: Vec<u16> = Vec::new();
    for (number, text) in NAMES {
        let start = u16::try_from(2 * texts.len()).ok()?;
        texts.extend(text.encode_utf16());
        let length = u16::try_from(2 * texts.len()).ok()? - start;
        // For Unicode, in American English.
        numbers.extend([3, 1, 0x409, number, length, start]);
    }
    numbers.extend(texts);
    Some(numbers.into_iter().flat_map(u16::to_be_bytes).collect())
}

/// A font file of these tables, which are in the order of their tags.
fn file_of(tables: Vec<([u8; 4], Vec<u8>)>) -> Option<Vec<u8>> {
    let sum = |bytes: &[u8]| {
        let words = bytes.chunks(4).map(|word| {
            let mut whole = [0; 4];
            whole.iter_mut().zip(word).for_each(|(to, from)| *to = *from);
            u32::from_be_bytes(whole)
        });
        words.fold(0_u32, u32::wrapping_add)
    };
    let count = u16::try_from(tables.len()).ok()?;
    let steps = count.ilog2() as u16;
    let search = 16 << steps;
    let mut file = vec![0, 1, 0, 0];
    file.extend([count, search, steps, 16 * count - search].into_iter().flat_map(u16::to_be_bytes));
    let mut start = 12 + 16 * tables.len();
    let mut head = None;
    for (tag, content) in &tables {
        if tag == b"head" {
            head = Some(start + 8);
        }
        file.extend(tag);
        for number in [sum(content), u32::try_from(start).ok()?, u32::try_from(content.len()).ok()?]
        {
            file.extend(number.to_be_bytes());
        }
        start += content.len().next_multiple_of(4);
    }
    for (_, content) in tables {
        file.extend(content);
        file.resize(file.len().next_multiple_of(4), 0);
    }
    let of_all = 0xB1B0_AFBA_u32.wrapping_sub(sum(&file));
    file.get_mut(head?..head? + 4)?.copy_from_slice(&of_all.to_be_bytes());
    Some(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot;
    use crate::prelude::*;

    #[test]
    fn a_part_of_the_font_has_the_same_glyphs_and_widths() {
        for file in FILES {
            let wanted: BTreeSet<char> = "Größe ≤ 2.5 é日".chars().collect();
            let part = part(file, &wanted).expect("a font");
            let (all, some) = (Glyphs::new(file).expect("all"), Glyphs::new(&part).expect("some"));
            let map =
                |file| Characters::new(table(file, b"cmap").expect("a table")).expect("a map");
            for c in "Größe ≤ 2.5 é".encode_utf16() {
                let (old, new) = (map(file).glyph(c), map(&part).glyph(c));
                let (old, new) = (old.expect("it is there"), new.expect("it was kept"));
                assert_eq!(all.width(old), some.width(new), "{c}");
                let (old_parts, new_parts) = (all.parts(old), some.parts(new));
                let (old_parts, new_parts) = (old_parts.expect("parts"), new_parts.expect("parts"));
                assert_eq!(old_parts.len(), new_parts.len());
                let (old, new) = (all.outline(old).expect("old"), some.outline(new).expect("new"));
                if old_parts.is_empty() {
                    assert!(new.starts_with(old), "{c}");
                }
                for ((at, old), (_, new)) in old_parts.into_iter().zip(new_parts) {
                    let new = some.outline(new).expect("its part was kept");
                    assert!(new.starts_with(all.outline(old).expect("old")), "{c}, {at}");
                }
            }
            assert_eq!(map(&part).glyph(u16::from(b'x')), None);
            assert!(part.len() < 4_000, "{}", part.len());
        }
    }

    #[cfg(feature = "png")]
    #[test]
    fn a_part_of_the_font_draws_as_all_of_it() {
        use resvg::usvg::fontdb::Database;

        let wanted: BTreeSet<char> = "Accuracy 73.4 %".chars().collect();
        for file in FILES {
            let mut fonts = Database::new();
            fonts.load_font_data(part(file, &wanted).expect("a font"));
            let face = fonts.faces().next().expect("it is taken for a font");
            assert_eq!(face.families[0].0, "Arimo");
        }
    }

    #[test]
    fn a_picture_has_the_letters_that_it_is_written_with() -> Result<(), Box<dyn std::error::Error>>
    {
        let figure = plot::histogram(&balance_scale(), "Left-Weight")?;
        let [regular, bold] = characters(figure.svg());
        assert!(regular.contains(&'1') && bold.contains(&'W') && !regular.contains(&'W'));
        let whole = with_font(figure.svg());
        assert_eq!(whole.matches("@font-face").count(), 2);
        assert!(whole.len() < figure.svg().len() + 16_000, "{}", whole.len());
        assert_eq!(with_font("<svg></svg>"), "<svg></svg>");
        Ok(())
    }
}
