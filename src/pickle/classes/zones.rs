//! Time zones: those of Python's `datetime` and `zoneinfo`, and of the packages `pytz` and `dateutil`.
//!
//! Only some of them tell how far their clocks are from UTC: a `ZoneInfo` is a name, and Python looks
//! up the rest. Nothing is looked up here.

use super::call::{Call, small_integer, text};
use super::datetime::{parts_of_timedelta, timedelta_text};
use super::instances::{Attributes, attributes};
use super::{Class, LONGEST_NAME, Meaning, Module, Piece, Printed, callee};
use crate::pickle::graph::{Graph, Kind, NONE, Node, Origin};
use crate::python::quote::{Name, text_repr};

pub(super) static MODULES: &[Module] = &[
    Module {
        name: "zoneinfo",
        classes: &[
            Class::new("ZoneInfo").means(name).prints(printed),
            Class::function("ZoneInfo._unpickle").means(name).prints(printed),
        ],
        names: &[],
    },
    Module {
        name: "pytz",
        classes: &[
            Class::function("FixedOffset").prints(printed),
            Class::function("_UTC").prints(printed),
            Class::function("_p").prints(printed),
        ],
        names: &[],
    },
    Module {
        name: "dateutil.tz.tz",
        classes: &[
            Class::function("tzutc").prints(printed),
            Class::function("tzoffset").prints(printed),
        ],
        names: &[],
    },
    Module {
        name: "dateutil.tz._tzfile",
        classes: &[Class::function("_unpickle").prints(printed)],
        names: &[],
    },
];

/// How far the clocks of a zone are from UTC, and what it is called: what of it is known.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Zone {
    /// In seconds.
    pub offset: Option<i64>,
    pub name: Option<String>,
}

fn fixed(offset: i64) -> Option<Zone> {
    Some(Zone { offset: Some(offset), name: None })
}

/// The zone that an object is, if it is one of those that are known.
pub(super) fn zone(graph: &Graph<'_>, node: Node) -> Option<Zone> {
    let object = graph.object(node).filter(|it| graph.weight(it.callee) <= LONGEST_NAME)?;
    let call = Call::new(graph, object).filter(Call::arguments_are_known)?;
    // A zone may be that of very many times: what is long is no name, and is not looked at.
    if let Some((name, offset)) = tzoffset(&call) {
        return Some(Zone { offset: Some(offset), name: name.and_then(|name| text(graph, name)) });
    }
    if call.all_arguments().take(4).any(|it| graph.weight(it) > LONGEST_NAME) {
        return None;
    }
    let (module, class) = callee(graph, object)?;
    let argument = |place: usize| call.arguments().get(place).copied();
    match (&*module, &*class) {
        ("datetime", "timezone") => {
            let offset = Some(seconds(graph, argument(0)?)?);
            Some(Zone { offset, name: argument(1).and_then(|name| text(graph, name)) })
        }
        ("zoneinfo" | "backports.zoneinfo", "ZoneInfo" | "ZoneInfo._unpickle") => {
            let name = text(graph, argument(0)?)?;
            Some(Zone { offset: offset_of_name(&name), name: Some(name) })
        }
        ("pytz", "_UTC") | ("dateutil.tz.tz", "tzutc") => fixed(0),
        ("pytz", "FixedOffset") => fixed(small_integer(graph, argument(0)?)?.checked_mul(60)?),
        ("pytz", "_p") => {
            let name = text(graph, argument(0)?)?;
            let offset = match argument(1) {
                Some(offset) => Some(small_integer(graph, offset)?),
                None => offset_of_name(&name),
            };
            Some(Zone { offset, name: Some(name) })
        }
        // A file of the system's: `tzfile(stream, path)`, or its class, its name and its path.
        ("dateutil.tz.tz" | "dateutil.zoneinfo", "tzfile") => of_file(&text(graph, argument(1)?)?),
        ("dateutil.tz._tzfile", "_unpickle") => of_file(&text(graph, argument(1)?)?),
        _ => None,
    }
}

/// Name and seconds of dateutil's `tzoffset`: its arguments, or before dateutil 4 its attributes.
fn tzoffset(call: &Call<'_>) -> Option<(Option<Node>, i64)> {
    let graph = call.graph;
    let is_class = |index: Option<u32>| {
        let index = index.filter(|&index| graph.weight(index) <= LONGEST_NAME)?;
        let (module, name) = graph.global(index)?;
        ((&*module, &*name) == ("dateutil.tz.tz", "tzoffset")).then_some(())
    };
    let class = Some(call.object.callee);
    if call.object.origin == Origin::Reduce
        && let [name, offset] = call.arguments()
    {
        is_class(class)?;
        return Some((Some(*name), seconds(graph, *offset)?));
    }
    // Before protocol 2, `_reconstructor(tzoffset, …)`.
    is_class(class).or_else(|| is_class(call.index(0)))?;
    let Attributes::Named(mut entries) = attributes(graph, call.object) else { return None };
    let (mut name, mut offset) = (None, None);
    for _ in 0..2 {
        let (key, value) = entries.next(graph)?;
        if graph.weight(key) > LONGEST_NAME {
            return None;
        }
        match text(graph, graph.node(key)).as_deref() {
            Some("_name") => name = Some(graph.node(value)),
            Some("_offset") => offset = seconds(graph, graph.node(value)),
            _ => return None,
        }
    }
    Some((name, offset?))
}

/// The seconds that a `timedelta` or a number stands for.
fn seconds(graph: &Graph<'_>, node: Node) -> Option<i64> {
    if node.kind != Kind::Object {
        return small_integer(graph, node);
    }
    let [days, seconds, _] = parts_of_timedelta(&Call::of(graph, node, "datetime", "timedelta")?)?;
    days.checked_mul(86_400)?.checked_add(seconds)
}

/// The offset of a zone whose name says it: west of Greenwich is `+` there.
fn offset_of_name(name: &str) -> Option<i64> {
    if matches!(name, "UTC" | "Etc/UTC") {
        return Some(0);
    }
    let hours: i64 = name.strip_prefix("Etc/GMT").filter(|hours| hours.len() > 1)?.parse().ok()?;
    (-14..=12).contains(&hours).then_some(-3600 * hours)
}

/// The name of a zone that is read from a file: what comes behind the folder of all zones.
fn of_file(path: &str) -> Option<Zone> {
    let name = path.rsplit_once("zoneinfo/").map_or(path, |(_, name)| name);
    Some(Zone { offset: None, name: Some(name.to_owned()) })
}

impl Zone {
    /// As Python's `isoformat` writes the offset, and the name in brackets, as RFC 9557 has it:
    /// `+02:00[Europe/Zurich]`. Where there is no offset, the second of two equal times, when a clock
    /// is set back, is marked as such.
    pub fn iso(&self, fold: bool) -> Option<String> {
        let mut text = String::new();
        if let Some(offset) = self.offset {
            let (sign, seconds) = (if offset < 0 { '-' } else { '+' }, offset.unsigned_abs());
            let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
            text.push_str(&format!("{sign}{hours:02}:{minutes:02}"));
            if seconds % 60 > 0 {
                text.push_str(&format!(":{:02}", seconds % 60));
            }
        }
        match &self.name {
            Some(name) if is_name(name) => text.push_str(&format!("[{name}]")),
            // What is no name of a zone adds nothing to an offset; alone it says nothing.
            _ if self.offset.is_none() => return None,
            _ => {}
        }
        if fold && self.offset.is_none() {
            text.push_str("[_fold=1]");
        }
        Some(text)
    }
}

/// Whether a zone can have this name: one that stands in brackets without being mistaken.
fn is_name(name: &str) -> bool {
    let part = |part: &str| {
        part.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_')
            && part.bytes().all(|it| it.is_ascii_alphanumeric() || b"_.+-".contains(&it))
    };
    name.split('/').all(part)
}

/// The name of a zone that is not known by more.
fn name<'g>(call: &Call<'g>) -> Option<Meaning<'g>> {
    let short = call.graph.weight(call.index(0)?) <= LONGEST_NAME;
    short.then(|| text(call.graph, *call.arguments().first()?).map(Meaning::Text))?
}

fn printed<'g>(call: &Call<'g>) -> Option<Printed<'g>> {
    repr(call).map(|text| Printed::Whole(Piece::Text(text)))
}

/// How a zone prints beside those of `datetime`.
pub(super) fn repr(call: &Call<'_>) -> Option<String> {
    let graph = call.graph;
    if let Some((name, offset)) = tzoffset(call) {
        return match name {
            Some(name) if name.kind != Kind::None => {
                Some(format!("tzoffset({}, {offset})", text_repr(&text(graph, name)?)))
            }
            _ => Some(format!("tzoffset(None, {offset})")),
        };
    }
    let (module, class) = callee(graph, call.object)?;
    match (&*module, &*class, call.arguments()) {
        ("zoneinfo", "ZoneInfo", [key]) | ("zoneinfo", "ZoneInfo._unpickle", [key, _]) => {
            Some(format!("zoneinfo.ZoneInfo(key={})", text_repr(&text(graph, *key)?)))
        }
        ("pytz", "_UTC", []) => Some("<UTC>".to_owned()),
        ("pytz", "FixedOffset", [minutes]) => {
            Some(format!("pytz.FixedOffset({})", small_integer(graph, *minutes)?))
        }
        ("pytz", "_p", [name]) => {
            Some(format!("<StaticTzInfo {}>", text_repr(&text(graph, *name)?)))
        }
        ("pytz", "_p", [name, offset, saving, abbreviation]) => {
            let (name, abbreviation) = (text(graph, *name)?, text(graph, *abbreviation)?);
            let abbreviation = Name(&abbreviation);
            let offset = small_integer(graph, *offset)?;
            let saving = if small_integer(graph, *saving)? == 0 { "STD" } else { "DST" };
            let sign = if offset > 0 { "+" } else { "" };
            let offset = clock(offset);
            let name = text_repr(&name);
            Some(format!("<DstTzInfo {name} {abbreviation}{sign}{offset} {saving}>"))
        }
        ("dateutil.tz.tz", "tzutc", []) => Some("tzutc()".to_owned()),
        ("dateutil.tz._tzfile", "_unpickle", [_, _, path, ..]) => {
            Some(format!("tzfile({})", text_repr(&text(graph, *path)?)))
        }
        _ => None,
    }
    .filter(|_| call.object.first == NONE)
}

/// Seconds as `str` of a `timedelta` gives them.
fn clock(seconds: i64) -> String {
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let time = format!("{}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60);
    match days {
        0 => time,
        -1 | 1 => format!("{days} day, {time}"),
        _ => format!("{days} days, {time}"),
    }
}

/// How a zone of any kind prints, to stand in what prints a time.
pub(super) fn zone_repr(graph: &Graph<'_>, node: Node) -> Option<String> {
    let call = Call::new(graph, graph.object(node)?).filter(Call::arguments_are_known)?;
    if let Some(call) = Call::of(graph, node, "datetime", "timezone") {
        return timezone_text(&call);
    }
    repr(&call)
}

/// How a `datetime.timezone` prints.
pub(super) fn timezone_text(call: &Call<'_>) -> Option<String> {
    let (delta, name) = call.arguments().split_first()?;
    let offset = parts_of_timedelta(&Call::of(call.graph, *delta, "datetime", "timedelta")?)?;
    match name {
        [] if offset == [0; 3] => Some("datetime.timezone.utc".to_owned()),
        [] => Some(format!("datetime.timezone({})", timedelta_text(offset)?)),
        [name] => {
            let name = text_repr(&text(call.graph, *name)?);
            Some(format!("datetime.timezone({}, {name})", timedelta_text(offset)?))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::cases::{Case, check};
    use super::*;

    /// As CPython 3.11 with pytz 2025.2 and dateutil 2.9.0 writes and prints them:
    /// `tests/pickle/classes.py zones`.
    #[rustfmt::skip]
    const CASES: &[Case] = &[
        (b"c__builtin__\ngetattr\n(czoneinfo\nZoneInfo\nV_unpickle\ntR(VEurope/Zurich\nI1\ntR.", "zoneinfo.ZoneInfo(key='Europe/Zurich')", r#""Europe/Zurich""#),
        (b"\x80\x03cbuiltins\ngetattr\nczoneinfo\nZoneInfo\nX\x09\x00\x00\x00_unpickle\x86RX\x0d\x00\x00\x00Europe/ZurichK\x01\x86R.", "zoneinfo.ZoneInfo(key='Europe/Zurich')", r#""Europe/Zurich""#),
        (b"\x80\x04\x95J\x00\x00\x00\x00\x00\x00\x00\x8c\x08builtins\x8c\x07getattr\x93\x8c\x08zoneinfo\x8c\x08ZoneInfo\x93\x8c\x09_unpickle\x86R\x8c\x0dEurope/ZurichK\x01\x86R.", "zoneinfo.ZoneInfo(key='Europe/Zurich')", r#""Europe/Zurich""#),
        (b"cdatetime\ndatetime\n(c_codecs\nencode\n(V\x07\xe8\x07\x01\x0c\\u0000\\u0000\\u0000\\u0000\\u0000\nVlatin1\ntRc__builtin__\ngetattr\n(czoneinfo\nZoneInfo\nV_unpickle\ntR(VEurope/Zurich\nI1\ntRtR.", "datetime.datetime(2024, 7, 1, 12, 0, tzinfo=zoneinfo.ZoneInfo(key='Europe/Zurich'))", r#""2024-07-01T12:00:00[Europe/Zurich]""#),
        (b"\x80\x03cdatetime\ndatetime\nC\n\x07\xe8\x07\x01\x0c\x00\x00\x00\x00\x00cbuiltins\ngetattr\nczoneinfo\nZoneInfo\nX\x09\x00\x00\x00_unpickle\x86RX\x0d\x00\x00\x00Europe/ZurichK\x01\x86R\x86R.", "datetime.datetime(2024, 7, 1, 12, 0, tzinfo=zoneinfo.ZoneInfo(key='Europe/Zurich'))", r#""2024-07-01T12:00:00[Europe/Zurich]""#),
        (b"\x80\x04\x95m\x00\x00\x00\x00\x00\x00\x00\x8c\x08datetime\x8c\x08datetime\x93C\n\x07\xe8\x07\x01\x0c\x00\x00\x00\x00\x00\x8c\x08builtins\x8c\x07getattr\x93\x8c\x08zoneinfo\x8c\x08ZoneInfo\x93\x8c\x09_unpickle\x86R\x8c\x0dEurope/ZurichK\x01\x86R\x86R.", "datetime.datetime(2024, 7, 1, 12, 0, tzinfo=zoneinfo.ZoneInfo(key='Europe/Zurich'))", r#""2024-07-01T12:00:00[Europe/Zurich]""#),
        (b"cdatetime\ndatetime\n(c_codecs\nencode\n(V\x07\xe8\\u000a\x1b\x02\x1e\\u0000\\u0000\\u0000\\u0000\nVlatin1\ntRc__builtin__\ngetattr\n(czoneinfo\nZoneInfo\nV_unpickle\ntR(VEurope/Zurich\nI1\ntRtR.", "datetime.datetime(2024, 10, 27, 2, 30, tzinfo=zoneinfo.ZoneInfo(key='Europe/Zurich'))", r#""2024-10-27T02:30:00[Europe/Zurich]""#),
        (b"\x80\x03cdatetime\ndatetime\nC\n\x07\xe8\n\x1b\x02\x1e\x00\x00\x00\x00cbuiltins\ngetattr\nczoneinfo\nZoneInfo\nX\x09\x00\x00\x00_unpickle\x86RX\x0d\x00\x00\x00Europe/ZurichK\x01\x86R\x86R.", "datetime.datetime(2024, 10, 27, 2, 30, tzinfo=zoneinfo.ZoneInfo(key='Europe/Zurich'))", r#""2024-10-27T02:30:00[Europe/Zurich]""#),
        (b"\x80\x04\x95m\x00\x00\x00\x00\x00\x00\x00\x8c\x08datetime\x8c\x08datetime\x93C\n\x07\xe8\x8a\x1b\x02\x1e\x00\x00\x00\x00\x8c\x08builtins\x8c\x07getattr\x93\x8c\x08zoneinfo\x8c\x08ZoneInfo\x93\x8c\x09_unpickle\x86R\x8c\x0dEurope/ZurichK\x01\x86R\x86R.", "datetime.datetime(2024, 10, 27, 2, 30, fold=1, tzinfo=zoneinfo.ZoneInfo(key='Europe/Zurich'))", r#""2024-10-27T02:30:00[Europe/Zurich][_fold=1]""#),
        (b"cdatetime\ntime\n(c_codecs\nencode\n(V\x07\x08\\u0000\\u0000\\u0000\\u0000\nVlatin1\ntRc__builtin__\ngetattr\n(czoneinfo\nZoneInfo\nV_unpickle\ntR(VEurope/Zurich\nI1\ntRtR.", "datetime.time(7, 8, tzinfo=zoneinfo.ZoneInfo(key='Europe/Zurich'))", r#""07:08:00[Europe/Zurich]""#),
        (b"\x80\x03cdatetime\ntime\nC\x06\x07\x08\x00\x00\x00\x00cbuiltins\ngetattr\nczoneinfo\nZoneInfo\nX\x09\x00\x00\x00_unpickle\x86RX\x0d\x00\x00\x00Europe/ZurichK\x01\x86R\x86R.", "datetime.time(7, 8, tzinfo=zoneinfo.ZoneInfo(key='Europe/Zurich'))", r#""07:08:00[Europe/Zurich]""#),
        (b"\x80\x04\x95e\x00\x00\x00\x00\x00\x00\x00\x8c\x08datetime\x8c\x04time\x93C\x06\x07\x08\x00\x00\x00\x00\x8c\x08builtins\x8c\x07getattr\x93\x8c\x08zoneinfo\x8c\x08ZoneInfo\x93\x8c\x09_unpickle\x86R\x8c\x0dEurope/ZurichK\x01\x86R\x86R.", "datetime.time(7, 8, tzinfo=zoneinfo.ZoneInfo(key='Europe/Zurich'))", r#""07:08:00[Europe/Zurich]""#),
        (b"cdatetime\ndatetime\n(c_codecs\nencode\n(V\x07\xe8\x07\x01\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000\nVlatin1\ntRc__builtin__\ngetattr\n(czoneinfo\nZoneInfo\nV_unpickle\ntR(VUTC\nI1\ntRtR.", "datetime.datetime(2024, 7, 1, 0, 0, tzinfo=zoneinfo.ZoneInfo(key='UTC'))", r#""2024-07-01T00:00:00+00:00[UTC]""#),
        (b"\x80\x03cdatetime\ndatetime\nC\n\x07\xe8\x07\x01\x00\x00\x00\x00\x00\x00cbuiltins\ngetattr\nczoneinfo\nZoneInfo\nX\x09\x00\x00\x00_unpickle\x86RX\x03\x00\x00\x00UTCK\x01\x86R\x86R.", "datetime.datetime(2024, 7, 1, 0, 0, tzinfo=zoneinfo.ZoneInfo(key='UTC'))", r#""2024-07-01T00:00:00+00:00[UTC]""#),
        (b"\x80\x04\x95c\x00\x00\x00\x00\x00\x00\x00\x8c\x08datetime\x8c\x08datetime\x93C\n\x07\xe8\x07\x01\x00\x00\x00\x00\x00\x00\x8c\x08builtins\x8c\x07getattr\x93\x8c\x08zoneinfo\x8c\x08ZoneInfo\x93\x8c\x09_unpickle\x86R\x8c\x03UTCK\x01\x86R\x86R.", "datetime.datetime(2024, 7, 1, 0, 0, tzinfo=zoneinfo.ZoneInfo(key='UTC'))", r#""2024-07-01T00:00:00+00:00[UTC]""#),
        (b"cdatetime\ndatetime\n(c_codecs\nencode\n(V\x07\xe8\x07\x01\x0c\\u0000\\u0000\\u0000\\u0000\\u0000\nVlatin1\ntRcpytz\n_p\n(VEurope/Zurich\nI7200\nI3600\nVCEST\ntRtR.", "datetime.datetime(2024, 7, 1, 12, 0, tzinfo=<DstTzInfo 'Europe/Zurich' CEST+2:00:00 DST>)", r#""2024-07-01T12:00:00+02:00[Europe/Zurich]""#),
        (b"\x80\x03cdatetime\ndatetime\nC\n\x07\xe8\x07\x01\x0c\x00\x00\x00\x00\x00cpytz\n_p\n(X\x0d\x00\x00\x00Europe/ZurichM \x1cM\x10\x0eX\x04\x00\x00\x00CESTtR\x86R.", "datetime.datetime(2024, 7, 1, 12, 0, tzinfo=<DstTzInfo 'Europe/Zurich' CEST+2:00:00 DST>)", r#""2024-07-01T12:00:00+02:00[Europe/Zurich]""#),
        (b"\x80\x04\x95M\x00\x00\x00\x00\x00\x00\x00\x8c\x08datetime\x8c\x08datetime\x93C\n\x07\xe8\x07\x01\x0c\x00\x00\x00\x00\x00\x8c\x04pytz\x8c\x02_p\x93(\x8c\x0dEurope/ZurichM \x1cM\x10\x0e\x8c\x04CESTtR\x86R.", "datetime.datetime(2024, 7, 1, 12, 0, tzinfo=<DstTzInfo 'Europe/Zurich' CEST+2:00:00 DST>)", r#""2024-07-01T12:00:00+02:00[Europe/Zurich]""#),
        (b"cdatetime\ndatetime\n(c_codecs\nencode\n(V\x07\xe8\x07\x01\x0c\\u0000\\u0000\\u0000\\u0000\\u0000\nVlatin1\ntRcpytz\n_UTC\n(tRtR.", "datetime.datetime(2024, 7, 1, 12, 0, tzinfo=<UTC>)", r#""2024-07-01T12:00:00+00:00""#),
        (b"\x80\x03cdatetime\ndatetime\nC\n\x07\xe8\x07\x01\x0c\x00\x00\x00\x00\x00cpytz\n_UTC\n)R\x86R.", "datetime.datetime(2024, 7, 1, 12, 0, tzinfo=<UTC>)", r#""2024-07-01T12:00:00+00:00""#),
        (b"\x80\x04\x953\x00\x00\x00\x00\x00\x00\x00\x8c\x08datetime\x8c\x08datetime\x93C\n\x07\xe8\x07\x01\x0c\x00\x00\x00\x00\x00\x8c\x04pytz\x8c\x04_UTC\x93)R\x86R.", "datetime.datetime(2024, 7, 1, 12, 0, tzinfo=<UTC>)", r#""2024-07-01T12:00:00+00:00""#),
        (b"cdatetime\ndatetime\n(c_codecs\nencode\n(V\x07\xe8\x07\x01\x0c\\u0000\\u0000\\u0000\\u0000\\u0000\nVlatin1\ntRcpytz\n_p\n(VAmerica/New_York\nI-14400\nI3600\nVEDT\ntRtR.", "datetime.datetime(2024, 7, 1, 12, 0, tzinfo=<DstTzInfo 'America/New_York' EDT-1 day, 20:00:00 DST>)", r#""2024-07-01T12:00:00-04:00[America/New_York]""#),
        (b"\x80\x03cdatetime\ndatetime\nC\n\x07\xe8\x07\x01\x0c\x00\x00\x00\x00\x00cpytz\n_p\n(X\x10\x00\x00\x00America/New_YorkJ\xc0\xc7\xff\xffM\x10\x0eX\x03\x00\x00\x00EDTtR\x86R.", "datetime.datetime(2024, 7, 1, 12, 0, tzinfo=<DstTzInfo 'America/New_York' EDT-1 day, 20:00:00 DST>)", r#""2024-07-01T12:00:00-04:00[America/New_York]""#),
        (b"\x80\x04\x95Q\x00\x00\x00\x00\x00\x00\x00\x8c\x08datetime\x8c\x08datetime\x93C\n\x07\xe8\x07\x01\x0c\x00\x00\x00\x00\x00\x8c\x04pytz\x8c\x02_p\x93(\x8c\x10America/New_YorkJ\xc0\xc7\xff\xffM\x10\x0e\x8c\x03EDTtR\x86R.", "datetime.datetime(2024, 7, 1, 12, 0, tzinfo=<DstTzInfo 'America/New_York' EDT-1 day, 20:00:00 DST>)", r#""2024-07-01T12:00:00-04:00[America/New_York]""#),
        (b"cdatetime\ndatetime\n(c_codecs\nencode\n(V\x07\xe8\x07\x01\x0c\\u0000\\u0000\\u0000\\u0000\\u0000\nVlatin1\ntRcpytz\nFixedOffset\n(I90\ntRtR.", "datetime.datetime(2024, 7, 1, 12, 0, tzinfo=pytz.FixedOffset(90))", r#""2024-07-01T12:00:00+01:30""#),
        (b"\x80\x03cdatetime\ndatetime\nC\n\x07\xe8\x07\x01\x0c\x00\x00\x00\x00\x00cpytz\nFixedOffset\nKZ\x85R\x86R.", "datetime.datetime(2024, 7, 1, 12, 0, tzinfo=pytz.FixedOffset(90))", r#""2024-07-01T12:00:00+01:30""#),
        (b"\x80\x04\x95<\x00\x00\x00\x00\x00\x00\x00\x8c\x08datetime\x8c\x08datetime\x93C\n\x07\xe8\x07\x01\x0c\x00\x00\x00\x00\x00\x8c\x04pytz\x8c\x0bFixedOffset\x93KZ\x85R\x86R.", "datetime.datetime(2024, 7, 1, 12, 0, tzinfo=pytz.FixedOffset(90))", r#""2024-07-01T12:00:00+01:30""#),
        (b"cdatetime\ndatetime\n(c_codecs\nencode\n(V\x07\xe8\x07\x01\x0c\\u0000\\u0000\\u0000\\u0000\\u0000\nVlatin1\ntRcpytz\n_p\n(VEtc/GMT+5\ntRtR.", "datetime.datetime(2024, 7, 1, 12, 0, tzinfo=<StaticTzInfo 'Etc/GMT+5'>)", r#""2024-07-01T12:00:00-05:00[Etc/GMT+5]""#),
        (b"\x80\x03cdatetime\ndatetime\nC\n\x07\xe8\x07\x01\x0c\x00\x00\x00\x00\x00cpytz\n_p\nX\x09\x00\x00\x00Etc/GMT+5\x85R\x86R.", "datetime.datetime(2024, 7, 1, 12, 0, tzinfo=<StaticTzInfo 'Etc/GMT+5'>)", r#""2024-07-01T12:00:00-05:00[Etc/GMT+5]""#),
        (b"\x80\x04\x95<\x00\x00\x00\x00\x00\x00\x00\x8c\x08datetime\x8c\x08datetime\x93C\n\x07\xe8\x07\x01\x0c\x00\x00\x00\x00\x00\x8c\x04pytz\x8c\x02_p\x93\x8c\x09Etc/GMT+5\x85R\x86R.", "datetime.datetime(2024, 7, 1, 12, 0, tzinfo=<StaticTzInfo 'Etc/GMT+5'>)", r#""2024-07-01T12:00:00-05:00[Etc/GMT+5]""#),
        (b"cdatetime\ndatetime\n(c_codecs\nencode\n(V\x07\xe8\x07\x01\x0c\\u0000\\u0000\\u0000\\u0000\\u0000\nVlatin1\ntRcdateutil.tz.tz\ntzutc\n(tRtR.", "datetime.datetime(2024, 7, 1, 12, 0, tzinfo=tzutc())", r#""2024-07-01T12:00:00+00:00""#),
        (b"\x80\x03cdatetime\ndatetime\nC\n\x07\xe8\x07\x01\x0c\x00\x00\x00\x00\x00cdateutil.tz.tz\ntzutc\n)R\x86R.", "datetime.datetime(2024, 7, 1, 12, 0, tzinfo=tzutc())", r#""2024-07-01T12:00:00+00:00""#),
        (b"\x80\x04\x95>\x00\x00\x00\x00\x00\x00\x00\x8c\x08datetime\x8c\x08datetime\x93C\n\x07\xe8\x07\x01\x0c\x00\x00\x00\x00\x00\x8c\x0edateutil.tz.tz\x8c\x05tzutc\x93)R\x86R.", "datetime.datetime(2024, 7, 1, 12, 0, tzinfo=tzutc())", r#""2024-07-01T12:00:00+00:00""#),
        (b"cdatetime\ndatetime\n(c_codecs\nencode\n(V\x07\xe8\x07\x01\x0c\\u0000\\u0000\\u0000\\u0000\\u0000\nVlatin1\ntRccopy_reg\n_reconstructor\n(cdateutil.tz.tz\ntzoffset\ncdatetime\ntzinfo\np0\ng0\n(tRtR(dV_name\nVX\nsV_offset\ncdatetime\ntimedelta\n(I-1\nI81000\nI0\ntRsbtR.", "datetime.datetime(2024, 7, 1, 12, 0, tzinfo=tzoffset('X', -5400))", r#""2024-07-01T12:00:00-01:30[X]""#),
        (b"\x80\x03cdatetime\ndatetime\nC\n\x07\xe8\x07\x01\x0c\x00\x00\x00\x00\x00cdateutil.tz.tz\ntzoffset\n)\x81}(X\x05\x00\x00\x00_nameX\x01\x00\x00\x00XX\x07\x00\x00\x00_offsetcdatetime\ntimedelta\nJ\xff\xff\xff\xffJh<\x01\x00K\x00\x87Rub\x86R.", "datetime.datetime(2024, 7, 1, 12, 0, tzinfo=tzoffset('X', -5400))", r#""2024-07-01T12:00:00-01:30[X]""#),
        (b"\x80\x04\x95u\x00\x00\x00\x00\x00\x00\x00\x8c\x08datetime\x94\x8c\x08datetime\x93C\n\x07\xe8\x07\x01\x0c\x00\x00\x00\x00\x00\x8c\x0edateutil.tz.tz\x8c\x08tzoffset\x93)\x81}(\x8c\x05_name\x8c\x01X\x8c\x07_offseth\x00\x8c\x09timedelta\x93J\xff\xff\xff\xffJh<\x01\x00K\x00\x87Rub\x86R.", "datetime.datetime(2024, 7, 1, 12, 0, tzinfo=tzoffset('X', -5400))", r#""2024-07-01T12:00:00-01:30[X]""#),
        (b"cdatetime\ndatetime\n(c_codecs\nencode\n(V\x07\xe8\x07\x01\x0c\\u0000\\u0000\\u0000\\u0000\\u0000\nVlatin1\ntRccopy_reg\n_reconstructor\n(cdateutil.tz.tz\ntzoffset\ncdatetime\ntzinfo\np0\ng0\n(tRtR(dV_name\nNsV_offset\ncdatetime\ntimedelta\n(I0\nI3600\nI0\ntRsbtR.", "datetime.datetime(2024, 7, 1, 12, 0, tzinfo=tzoffset(None, 3600))", r#""2024-07-01T12:00:00+01:00""#),
        (b"\x80\x03cdatetime\ndatetime\nC\n\x07\xe8\x07\x01\x0c\x00\x00\x00\x00\x00cdateutil.tz.tz\ntzoffset\n)\x81}(X\x05\x00\x00\x00_nameNX\x07\x00\x00\x00_offsetcdatetime\ntimedelta\nK\x00M\x10\x0eK\x00\x87Rub\x86R.", "datetime.datetime(2024, 7, 1, 12, 0, tzinfo=tzoffset(None, 3600))", r#""2024-07-01T12:00:00+01:00""#),
        (b"\x80\x04\x95n\x00\x00\x00\x00\x00\x00\x00\x8c\x08datetime\x94\x8c\x08datetime\x93C\n\x07\xe8\x07\x01\x0c\x00\x00\x00\x00\x00\x8c\x0edateutil.tz.tz\x8c\x08tzoffset\x93)\x81}(\x8c\x05_nameN\x8c\x07_offseth\x00\x8c\x09timedelta\x93K\x00M\x10\x0eK\x00\x87Rub\x86R.", "datetime.datetime(2024, 7, 1, 12, 0, tzinfo=tzoffset(None, 3600))", r#""2024-07-01T12:00:00+01:00""#),
    ];

    #[test]
    fn objects_mean_and_print_what_python_says() {
        check(CASES);
    }

    /// dateutil 4 writes a file of zones by a function of its own, and `tzoffset` as a call. What follows
    /// the path, all that the file holds, is left out here.
    #[test]
    fn zones_of_dateutil_4() {
        check(&[
            (
                b"\x80\x04cdatetime\ndatetime\nC\n\x07\xe8\x07\x01\x0c\x00\x00\x00\x00\x00cdateutil.tz._tzfile\n_unpickle\n(cdateutil.tz._tzfile\ntzfile\nX\x0d\x00\x00\x00Europe/BerlinX!\x00\x00\x00/usr/share/zoneinfo/Europe/Berlin)tR\x86R.",
                "datetime.datetime(2024, 7, 1, 12, 0, tzinfo=tzfile('/usr/share/zoneinfo/Europe/Berlin'))",
                r#""2024-07-01T12:00:00[Europe/Berlin]""#,
            ),
            (
                b"\x80\x04cdatetime\ndatetime\nC\n\x07\xe8\x07\x01\x0c\x00\x00\x00\x00\x00cdateutil.tz.tz\ntzoffset\nX\x01\x00\x00\x00XK\x3c\x86R\x86R.",
                "datetime.datetime(2024, 7, 1, 12, 0, tzinfo=tzoffset('X', 60))",
                r#""2024-07-01T12:00:00+00:01[X]""#,
            ),
        ]);
    }

    #[test]
    fn a_name_in_brackets_cannot_be_mistaken() {
        for name in ["Europe/Zurich", "Etc/GMT+5", "America/Port-au-Prince", "UTC", "CET"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "/etc", "a]b", "it's", "a//b", "../x", "Zürich", "!x", "+01:00"] {
            assert!(!is_name(name), "{name}");
        }
    }
}
