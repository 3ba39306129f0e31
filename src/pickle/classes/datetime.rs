//! Dates, times and durations of Python's module `datetime`.

use super::call::{Call, small_integer};
use super::{Class, Meaning, Module, Piece, Printed, codecs, zones};
use crate::pickle::graph::Kind;

pub(super) static MODULES: &[Module] = &[Module {
    name: "datetime",
    classes: &[
        Class::new("date").means(date).prints(printed_date),
        Class::new("time").means(time).prints(printed_time),
        Class::new("datetime").means(date_time).prints(printed_date_time),
        Class::new("timedelta").means(timedelta).prints(printed_timedelta),
        Class::new("timezone").prints(printed_timezone),
        Class::new("tzinfo"),
    ],
    names: &[],
}];

/// Up to here every integer is a float.
const EXACT: u128 = 1 << f64::MANTISSA_DIGITS;

fn date<'g>(call: &Call<'g>) -> Option<Meaning<'g>> {
    let [data] = call.arguments() else { return None };
    let moment = Moment::date(&codecs::bytes(call.graph, *data)?)?;
    Some(Meaning::Text(moment.iso()))
}

fn printed_date<'g>(call: &Call<'g>) -> Option<Printed<'g>> {
    let [data] = call.arguments() else { return None };
    let [year, month, day] = Moment::date(&codecs::bytes(call.graph, *data)?)?.date?;
    Some(Printed::Whole(Piece::Text(format!("datetime.date({year}, {month}, {day})"))))
}

fn time<'g>(call: &Call<'g>) -> Option<Meaning<'g>> {
    iso(call, Moment::time)
}

fn printed_time<'g>(call: &Call<'g>) -> Option<Printed<'g>> {
    printed_clock(call, "time", Moment::time)
}

fn date_time<'g>(call: &Call<'g>) -> Option<Meaning<'g>> {
    iso(call, Moment::date_time)
}

fn printed_date_time<'g>(call: &Call<'g>) -> Option<Printed<'g>> {
    printed_clock(call, "datetime", Moment::date_time)
}

fn timedelta<'g>(call: &Call<'g>) -> Option<Meaning<'g>> {
    let [days, seconds, microseconds] = parts_of_timedelta(call)?.map(i128::from);
    let total = (days * 86_400 + seconds) * 1_000_000 + microseconds;
    // The float nearest to the quotient, as `timedelta.total_seconds` gives it: one division of
    // floats rounds right only where the dividend is exact.
    let seconds = match total.unsigned_abs() {
        ..=EXACT => total as f64 / 1e6,
        _ => format!("{total}e-6").parse().ok()?,
    };
    Some(Meaning::Duration(seconds))
}

fn printed_timedelta<'g>(call: &Call<'g>) -> Option<Printed<'g>> {
    timedelta_text(parts_of_timedelta(call)?).map(|text| Printed::Whole(Piece::Text(text)))
}

fn printed_timezone<'g>(call: &Call<'g>) -> Option<Printed<'g>> {
    zones::timezone_text(call).map(|text| Printed::Whole(Piece::Text(text)))
}

/// Days, seconds and microseconds.
pub(super) fn parts_of_timedelta(call: &Call<'_>) -> Option<[i64; 3]> {
    let [days, seconds, microseconds] = call.arguments() else { return None };
    Some([
        small_integer(call.graph, *days)?,
        small_integer(call.graph, *seconds)?,
        small_integer(call.graph, *microseconds)?,
    ])
}

pub(super) fn timedelta_text([days, seconds, microseconds]: [i64; 3]) -> Option<String> {
    if !(0..86_400).contains(&seconds) || !(0..1_000_000).contains(&microseconds) {
        return None;
    }
    let named = [("days", days), ("seconds", seconds), ("microseconds", microseconds)];
    let parts: Vec<String> = named
        .iter()
        .filter(|(_, count)| *count != 0)
        .map(|(name, count)| format!("{name}={count}"))
        .collect();
    let parts = if parts.is_empty() { "0".to_owned() } else { parts.join(", ") };
    Some(format!("datetime.timedelta({parts})"))
}

/// A `time` or `datetime` in ISO 8601.
fn iso<'g>(call: &Call<'g>, decode: fn(&[u8]) -> Option<Moment>) -> Option<Meaning<'g>> {
    let (data, zone) = call.arguments().split_first()?;
    let moment = decode(&codecs::bytes(call.graph, *data)?)?;
    let zone = match zone.first() {
        Some(zone) if zone.kind != Kind::None => {
            zones::zone(call.graph, *zone)?.iso(moment.fold)?
        }
        _ => String::new(),
    };
    Some(Meaning::Text(moment.iso() + &zone))
}

/// A `time` or `datetime`: seconds and microseconds only where they are not 0.
fn printed_clock<'g>(
    call: &Call<'g>,
    class: &str,
    decode: fn(&[u8]) -> Option<Moment>,
) -> Option<Printed<'g>> {
    let (data, zone) = call.arguments().split_first()?;
    let moment = decode(&codecs::bytes(call.graph, *data)?)?;
    let mut parts: Vec<String> = Vec::new();
    parts.extend(moment.date.into_iter().flatten().map(|part| part.to_string()));
    let [hour, minute, second, microsecond] = moment.time?;
    parts.extend([hour.to_string(), minute.to_string()]);
    if second > 0 || microsecond > 0 {
        parts.push(second.to_string());
    }
    if microsecond > 0 {
        parts.push(microsecond.to_string());
    }
    let zone_place = parts.len();
    if moment.fold {
        parts.push("fold=1".to_owned());
    }
    match zone {
        [] => {}
        [zone] if zone.kind == Kind::None => {}
        [zone] => {
            let zone = zones::zone_repr(call.graph, *zone)?;
            // CPython puts the zone of a time before the fold, that of a datetime behind it.
            let place = if moment.date.is_some() { parts.len() } else { zone_place };
            parts.insert(place, format!("tzinfo={zone}"));
        }
        _ => return None,
    }
    Some(Printed::Whole(Piece::Text(format!("datetime.{class}({})", parts.join(", ")))))
}

/// A point in time as `datetime` pickles it: bytes of fixed places.
struct Moment {
    date: Option<[u32; 3]>,
    /// Hour, minute, second, microsecond.
    time: Option<[u32; 4]>,
    /// Whether it is the second of two equal times, when a clock is set back.
    fold: bool,
}

impl Moment {
    fn date(data: &[u8]) -> Option<Moment> {
        let &[high, low, month, day] = data else { return None };
        let year = u32::from(high) * 256 + u32::from(low);
        let date = Some([year, u32::from(month), u32::from(day)]);
        Some(Moment { date, time: None, fold: false })
    }

    fn time(data: &[u8]) -> Option<Moment> {
        let &[hour, minute, second, a, b, c] = data else { return None };
        let microsecond = u32::from_be_bytes([0, a, b, c]);
        // The highest bit is free in an hour, and marks the fold.
        let hour_and_fold = u32::from(hour);
        let time = Some([hour_and_fold & 127, u32::from(minute), u32::from(second), microsecond]);
        Some(Moment { date: None, time, fold: hour_and_fold > 127 })
    }

    fn date_time(data: &[u8]) -> Option<Moment> {
        let (date, time) = data.split_at_checked(4)?;
        let &[high, low, month, day] = date else { return None };
        let mut moment = Moment::date(&[high, low, month & 127, day])?;
        moment.time = Moment::time(time)?.time;
        moment.fold = month > 127;
        Some(moment)
    }

    /// As Python's `isoformat` writes it, without a zone.
    fn iso(&self) -> String {
        let mut text = String::new();
        if let Some([year, month, day]) = self.date {
            text.push_str(&format!("{year:04}-{month:02}-{day:02}"));
        }
        if let Some([hour, minute, second, microsecond]) = self.time {
            if self.date.is_some() {
                text.push('T');
            }
            text.push_str(&format!("{hour:02}:{minute:02}:{second:02}"));
            if microsecond > 0 {
                text.push_str(&format!(".{microsecond:06}"));
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::super::cases::{Case, check};

    /// As CPython 3.11 writes and prints them: `tests/pickle/classes.py datetime`.
    #[rustfmt::skip]
    const CASES: &[Case] = &[
        (b"cdatetime\ndate\n(c_codecs\nencode\n(V\x07\xe8\x02\x1d\nVlatin1\ntRtR.", "datetime.date(2024, 2, 29)", r#""2024-02-29""#),
        (b"\x80\x03cdatetime\ndate\nC\x04\x07\xe8\x02\x1d\x85R.", "datetime.date(2024, 2, 29)", r#""2024-02-29""#),
        (b"\x80\x04\x95\x1a\x00\x00\x00\x00\x00\x00\x00\x8c\x08datetime\x8c\x04date\x93C\x04\x07\xe8\x02\x1d\x85R.", "datetime.date(2024, 2, 29)", r#""2024-02-29""#),
        (b"cdatetime\ntime\n(c_codecs\nencode\n(V\x07\x08\\u0000\\u0000\\u0000\\u0000\nVlatin1\ntRtR.", "datetime.time(7, 8)", r#""07:08:00""#),
        (b"\x80\x03cdatetime\ntime\nC\x06\x07\x08\x00\x00\x00\x00\x85R.", "datetime.time(7, 8)", r#""07:08:00""#),
        (b"\x80\x04\x95\x1c\x00\x00\x00\x00\x00\x00\x00\x8c\x08datetime\x8c\x04time\x93C\x06\x07\x08\x00\x00\x00\x00\x85R.", "datetime.time(7, 8)", r#""07:08:00""#),
        (b"cdatetime\ntime\n(c_codecs\nencode\n(V\x07\x08\\u0000\\u0000\\u0000\x09\nVlatin1\ntRtR.", "datetime.time(7, 8, 0, 9)", r#""07:08:00.000009""#),
        (b"\x80\x03cdatetime\ntime\nC\x06\x07\x08\x00\x00\x00\x09\x85R.", "datetime.time(7, 8, 0, 9)", r#""07:08:00.000009""#),
        (b"\x80\x04\x95\x1c\x00\x00\x00\x00\x00\x00\x00\x8c\x08datetime\x8c\x04time\x93C\x06\x07\x08\x00\x00\x00\x09\x85R.", "datetime.time(7, 8, 0, 9)", r#""07:08:00.000009""#),
        (b"cdatetime\ntime\n(c_codecs\nencode\n(V\x01\x02\x03\\u0000\\u0000\\u0000\nVlatin1\ntRcdatetime\ntimezone\n(cdatetime\ntimedelta\n(I0\nI0\nI0\ntRtRtR.", "datetime.time(1, 2, 3, tzinfo=datetime.timezone.utc)", r#""01:02:03+00:00""#),
        (b"\x80\x03cdatetime\ntime\nC\x06\x01\x02\x03\x00\x00\x00cdatetime\ntimezone\ncdatetime\ntimedelta\nK\x00K\x00K\x00\x87R\x85R\x86R.", "datetime.time(1, 2, 3, tzinfo=datetime.timezone.utc)", r#""01:02:03+00:00""#),
        (b"\x80\x04\x95B\x00\x00\x00\x00\x00\x00\x00\x8c\x08datetime\x94\x8c\x04time\x93C\x06\x81\x02\x03\x00\x00\x00h\x00\x8c\x08timezone\x93h\x00\x8c\x09timedelta\x93K\x00K\x00K\x00\x87R\x85R\x86R.", "datetime.time(1, 2, 3, tzinfo=datetime.timezone.utc, fold=1)", r#""01:02:03+00:00""#),
        (b"cdatetime\ndatetime\n(c_codecs\nencode\n(V\\u0000\x01\x01\x01\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000\nVlatin1\ntRtR.", "datetime.datetime(1, 1, 1, 0, 0)", r#""0001-01-01T00:00:00""#),
        (b"\x80\x03cdatetime\ndatetime\nC\n\x00\x01\x01\x01\x00\x00\x00\x00\x00\x00\x85R.", "datetime.datetime(1, 1, 1, 0, 0)", r#""0001-01-01T00:00:00""#),
        (b"\x80\x04\x95$\x00\x00\x00\x00\x00\x00\x00\x8c\x08datetime\x8c\x08datetime\x93C\n\x00\x01\x01\x01\x00\x00\x00\x00\x00\x00\x85R.", "datetime.datetime(1, 1, 1, 0, 0)", r#""0001-01-01T00:00:00""#),
        (b"cdatetime\ndatetime\n(c_codecs\nencode\n(V\x07\xe8\x02\x1d\x17;:\\u0000\\u0000\x07\nVlatin1\ntRtR.", "datetime.datetime(2024, 2, 29, 23, 59, 58, 7)", r#""2024-02-29T23:59:58.000007""#),
        (b"\x80\x03cdatetime\ndatetime\nC\n\x07\xe8\x02\x1d\x17;:\x00\x00\x07\x85R.", "datetime.datetime(2024, 2, 29, 23, 59, 58, 7)", r#""2024-02-29T23:59:58.000007""#),
        (b"\x80\x04\x95$\x00\x00\x00\x00\x00\x00\x00\x8c\x08datetime\x8c\x08datetime\x93C\n\x07\xe8\x02\x1d\x17;:\x00\x00\x07\x85R.", "datetime.datetime(2024, 2, 29, 23, 59, 58, 7)", r#""2024-02-29T23:59:58.000007""#),
        (b"cdatetime\ndatetime\n(c_codecs\nencode\n(V\x07\xe8\\u000a\x1b\x02\x1e\\u0000\\u0000\\u0000\\u0000\nVlatin1\ntRtR.", "datetime.datetime(2024, 10, 27, 2, 30)", r#""2024-10-27T02:30:00""#),
        (b"\x80\x03cdatetime\ndatetime\nC\n\x07\xe8\n\x1b\x02\x1e\x00\x00\x00\x00\x85R.", "datetime.datetime(2024, 10, 27, 2, 30)", r#""2024-10-27T02:30:00""#),
        (b"\x80\x04\x95$\x00\x00\x00\x00\x00\x00\x00\x8c\x08datetime\x8c\x08datetime\x93C\n\x07\xe8\x8a\x1b\x02\x1e\x00\x00\x00\x00\x85R.", "datetime.datetime(2024, 10, 27, 2, 30, fold=1)", r#""2024-10-27T02:30:00""#),
        (b"cdatetime\ndatetime\n(c_codecs\nencode\n(V\x07\xe8\x01\x01\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000\nVlatin1\ntRcdatetime\ntimezone\n(cdatetime\ntimedelta\n(I-1\nI52200\nI0\ntRtRtR.", "datetime.datetime(2024, 1, 1, 0, 0, tzinfo=datetime.timezone(datetime.timedelta(days=-1, seconds=52200)))", r#""2024-01-01T00:00:00-09:30""#),
        (b"\x80\x03cdatetime\ndatetime\nC\n\x07\xe8\x01\x01\x00\x00\x00\x00\x00\x00cdatetime\ntimezone\ncdatetime\ntimedelta\nJ\xff\xff\xff\xffM\xe8\xcbK\x00\x87R\x85R\x86R.", "datetime.datetime(2024, 1, 1, 0, 0, tzinfo=datetime.timezone(datetime.timedelta(days=-1, seconds=52200)))", r#""2024-01-01T00:00:00-09:30""#),
        (b"\x80\x04\x95N\x00\x00\x00\x00\x00\x00\x00\x8c\x08datetime\x94\x8c\x08datetime\x93C\n\x07\xe8\x01\x01\x00\x00\x00\x00\x00\x00h\x00\x8c\x08timezone\x93h\x00\x8c\x09timedelta\x93J\xff\xff\xff\xffM\xe8\xcbK\x00\x87R\x85R\x86R.", "datetime.datetime(2024, 1, 1, 0, 0, tzinfo=datetime.timezone(datetime.timedelta(days=-1, seconds=52200)))", r#""2024-01-01T00:00:00-09:30""#),
        (b"cdatetime\ndatetime\n(c_codecs\nencode\n(V\x07\xe8\x01\x01\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000\nVlatin1\ntRcdatetime\ntimezone\n(cdatetime\ntimedelta\n(I0\nI3601\nI0\ntRVit's\ntRtR.", r#"datetime.datetime(2024, 1, 1, 0, 0, tzinfo=datetime.timezone(datetime.timedelta(seconds=3601), "it's"))"#, r#""2024-01-01T00:00:00+01:00:01""#),
        (b"\x80\x03cdatetime\ndatetime\nC\n\x07\xe8\x01\x01\x00\x00\x00\x00\x00\x00cdatetime\ntimezone\ncdatetime\ntimedelta\nK\x00M\x11\x0eK\x00\x87RX\x04\x00\x00\x00it's\x86R\x86R.", r#"datetime.datetime(2024, 1, 1, 0, 0, tzinfo=datetime.timezone(datetime.timedelta(seconds=3601), "it's"))"#, r#""2024-01-01T00:00:00+01:00:01""#),
        (b"\x80\x04\x95Q\x00\x00\x00\x00\x00\x00\x00\x8c\x08datetime\x94\x8c\x08datetime\x93C\n\x07\xe8\x81\x01\x00\x00\x00\x00\x00\x00h\x00\x8c\x08timezone\x93h\x00\x8c\x09timedelta\x93K\x00M\x11\x0eK\x00\x87R\x8c\x04it's\x86R\x86R.", r#"datetime.datetime(2024, 1, 1, 0, 0, fold=1, tzinfo=datetime.timezone(datetime.timedelta(seconds=3601), "it's"))"#, r#""2024-01-01T00:00:00+01:00:01""#),
        (b"cdatetime\ntimedelta\n(I0\nI0\nI0\ntR.", "datetime.timedelta(0)", "0.0"),
        (b"\x80\x03cdatetime\ntimedelta\nK\x00K\x00K\x00\x87R.", "datetime.timedelta(0)", "0.0"),
        (b"\x80\x04\x95\x1f\x00\x00\x00\x00\x00\x00\x00\x8c\x08datetime\x8c\x09timedelta\x93K\x00K\x00K\x00\x87R.", "datetime.timedelta(0)", "0.0"),
        (b"cdatetime\ntimedelta\n(I1\nI2\nI500000\ntR.", "datetime.timedelta(days=1, seconds=2, microseconds=500000)", "86402.5"),
        (b"\x80\x03cdatetime\ntimedelta\nK\x01K\x02J \xa1\x07\x00\x87R.", "datetime.timedelta(days=1, seconds=2, microseconds=500000)", "86402.5"),
        (b"\x80\x04\x95\"\x00\x00\x00\x00\x00\x00\x00\x8c\x08datetime\x8c\x09timedelta\x93K\x01K\x02J \xa1\x07\x00\x87R.", "datetime.timedelta(days=1, seconds=2, microseconds=500000)", "86402.5"),
        (b"cdatetime\ntimedelta\n(I-1\nI86399\nI999999\ntR.", "datetime.timedelta(days=-1, seconds=86399, microseconds=999999)", "-1e-06"),
        (b"\x80\x03cdatetime\ntimedelta\nJ\xff\xff\xff\xffJ\x7fQ\x01\x00J?B\x0f\x00\x87R.", "datetime.timedelta(days=-1, seconds=86399, microseconds=999999)", "-1e-06"),
        (b"\x80\x04\x95(\x00\x00\x00\x00\x00\x00\x00\x8c\x08datetime\x8c\x09timedelta\x93J\xff\xff\xff\xffJ\x7fQ\x01\x00J?B\x0f\x00\x87R.", "datetime.timedelta(days=-1, seconds=86399, microseconds=999999)", "-1e-06"),
        (b"cdatetime\ntimedelta\n(I999999999\nI86399\nI999999\ntR.", "datetime.timedelta(days=999999999, seconds=86399, microseconds=999999)", "86400000000000.0"),
        (b"\x80\x03cdatetime\ntimedelta\nJ\xff\xc9\x9a;J\x7fQ\x01\x00J?B\x0f\x00\x87R.", "datetime.timedelta(days=999999999, seconds=86399, microseconds=999999)", "86400000000000.0"),
        (b"\x80\x04\x95(\x00\x00\x00\x00\x00\x00\x00\x8c\x08datetime\x8c\x09timedelta\x93J\xff\xc9\x9a;J\x7fQ\x01\x00J?B\x0f\x00\x87R.", "datetime.timedelta(days=999999999, seconds=86399, microseconds=999999)", "86400000000000.0"),
        (b"cdatetime\ntimedelta\n(I-200000\nI7\nI123457\ntR.", "datetime.timedelta(days=-200000, seconds=7, microseconds=123457)", "-17279999992.87654"),
        (b"\x80\x03cdatetime\ntimedelta\nJ\xc0\xf2\xfc\xffK\x07JA\xe2\x01\x00\x87R.", "datetime.timedelta(days=-200000, seconds=7, microseconds=123457)", "-17279999992.87654"),
        (b"\x80\x04\x95%\x00\x00\x00\x00\x00\x00\x00\x8c\x08datetime\x8c\x09timedelta\x93J\xc0\xf2\xfc\xffK\x07JA\xe2\x01\x00\x87R.", "datetime.timedelta(days=-200000, seconds=7, microseconds=123457)", "-17279999992.87654"),
        (b"cdatetime\ntimezone\n(cdatetime\ntimedelta\n(I0\nI0\nI0\ntRtR.", "datetime.timezone.utc", ""),
        (b"\x80\x03cdatetime\ntimezone\ncdatetime\ntimedelta\nK\x00K\x00K\x00\x87R\x85R.", "datetime.timezone.utc", ""),
        (b"\x80\x04\x95/\x00\x00\x00\x00\x00\x00\x00\x8c\x08datetime\x94\x8c\x08timezone\x93h\x00\x8c\x09timedelta\x93K\x00K\x00K\x00\x87R\x85R.", "datetime.timezone.utc", ""),
        (b"cdatetime\ntimezone\n(cdatetime\ntimedelta\n(I0\nI3600\nI0\ntRVCET\ntR.", "datetime.timezone(datetime.timedelta(seconds=3600), 'CET')", ""),
        (b"\x80\x03cdatetime\ntimezone\ncdatetime\ntimedelta\nK\x00M\x10\x0eK\x00\x87RX\x03\x00\x00\x00CET\x86R.", "datetime.timezone(datetime.timedelta(seconds=3600), 'CET')", ""),
        (b"\x80\x04\x955\x00\x00\x00\x00\x00\x00\x00\x8c\x08datetime\x94\x8c\x08timezone\x93h\x00\x8c\x09timedelta\x93K\x00M\x10\x0eK\x00\x87R\x8c\x03CET\x86R.", "datetime.timezone(datetime.timedelta(seconds=3600), 'CET')", ""),
        (b"cdatetime\ndatetime\n(c_codecs\nencode\n(V\x07\xe8\x01\x01\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000\nVlatin1\ntRcdatetime\ntimezone\n(cdatetime\ntimedelta\n(I0\nI3600\nI0\ntRVCET\ntRtR.", "datetime.datetime(2024, 1, 1, 0, 0, tzinfo=datetime.timezone(datetime.timedelta(seconds=3600), 'CET'))", r#""2024-01-01T00:00:00+01:00[CET]""#),
        (b"\x80\x03cdatetime\ndatetime\nC\n\x07\xe8\x01\x01\x00\x00\x00\x00\x00\x00cdatetime\ntimezone\ncdatetime\ntimedelta\nK\x00M\x10\x0eK\x00\x87RX\x03\x00\x00\x00CET\x86R\x86R.", "datetime.datetime(2024, 1, 1, 0, 0, tzinfo=datetime.timezone(datetime.timedelta(seconds=3600), 'CET'))", r#""2024-01-01T00:00:00+01:00[CET]""#),
        (b"\x80\x04\x95P\x00\x00\x00\x00\x00\x00\x00\x8c\x08datetime\x94\x8c\x08datetime\x93C\n\x07\xe8\x01\x01\x00\x00\x00\x00\x00\x00h\x00\x8c\x08timezone\x93h\x00\x8c\x09timedelta\x93K\x00M\x10\x0eK\x00\x87R\x8c\x03CET\x86R\x86R.", "datetime.datetime(2024, 1, 1, 0, 0, tzinfo=datetime.timezone(datetime.timedelta(seconds=3600), 'CET'))", r#""2024-01-01T00:00:00+01:00[CET]""#),
    ];

    #[test]
    fn objects_mean_and_print_what_python_says() {
        check(CASES);
    }
}
