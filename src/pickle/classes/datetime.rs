//! Dates, times and durations of Python's module `datetime`.

use super::call::{Call, small_integer, text};
use super::{Class, Meaning, Module, Piece, Printed, codecs};
use crate::pickle::graph::{Graph, Kind, Node};
use crate::pickle::quote::write_text;

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

fn date<'g>(call: &Call<'g>) -> Option<Meaning<'g>> {
    let [data] = call.arguments() else { return None };
    let moment = Moment::date(&codecs::bytes(call.graph, *data)?)?;
    Some(Meaning::Text(moment.iso(None)))
}

fn printed_date<'g>(call: &Call<'g>) -> Option<Printed<'g>> {
    let [data] = call.arguments() else { return None };
    let [year, month, day] = Moment::date(&codecs::bytes(call.graph, *data)?)?.date?;
    Some(Printed::whole(Piece::Text(format!("datetime.date({year}, {month}, {day})"))))
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
    let [days, seconds, microseconds] = parts_of_timedelta(call)?;
    let whole = days as f64 * 86_400.0 + seconds as f64;
    Some(Meaning::Duration(whole + microseconds as f64 / 1e6))
}

fn printed_timedelta<'g>(call: &Call<'g>) -> Option<Printed<'g>> {
    timedelta_text(parts_of_timedelta(call)?).map(|text| Printed::whole(Piece::Text(text)))
}

fn printed_timezone<'g>(call: &Call<'g>) -> Option<Printed<'g>> {
    timezone_text(call).map(|text| Printed::whole(Piece::Text(text)))
}

/// Days, seconds and microseconds.
fn parts_of_timedelta(call: &Call<'_>) -> Option<[i64; 3]> {
    let [days, seconds, microseconds] = call.arguments() else { return None };
    Some([
        small_integer(call.graph, *days)?,
        small_integer(call.graph, *seconds)?,
        small_integer(call.graph, *microseconds)?,
    ])
}

fn timedelta_text([days, seconds, microseconds]: [i64; 3]) -> Option<String> {
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

fn timezone_text(call: &Call<'_>) -> Option<String> {
    let (delta, name) = call.arguments().split_first()?;
    let offset = parts_of_timedelta(&Call::of(call.graph, *delta, "datetime", "timedelta")?)?;
    match name {
        [] if offset == [0; 3] => Some("datetime.timezone.utc".to_owned()),
        [] => Some(format!("datetime.timezone({})", timedelta_text(offset)?)),
        [name] => {
            let mut printed = format!("datetime.timezone({}, ", timedelta_text(offset)?);
            write_text(&mut printed, text(call.graph, *name)?.chars().map(Ok)).ok()?;
            Some(printed + ")")
        }
        _ => None,
    }
}

/// The offset from UTC in seconds, of a `datetime.timezone`; none if there is no zone. Nothing at
/// all for a zone of another class.
fn offset_of_zone(graph: &Graph<'_>, zone: &[Node]) -> Option<Option<i64>> {
    let Some(&zone) = zone.first().filter(|zone| zone.kind != Kind::None) else {
        return Some(None);
    };
    let zone = Call::of(graph, zone, "datetime", "timezone")?;
    let delta = Call::of(graph, *zone.arguments().first()?, "datetime", "timedelta")?;
    let [days, seconds, _] = parts_of_timedelta(&delta)?;
    days.checked_mul(86_400)?.checked_add(seconds).map(Some)
}

/// A `time` or `datetime` in ISO 8601.
fn iso<'g>(call: &Call<'g>, decode: fn(&[u8]) -> Option<Moment>) -> Option<Meaning<'g>> {
    let (data, zone) = call.arguments().split_first()?;
    let moment = decode(&codecs::bytes(call.graph, *data)?)?;
    Some(Meaning::Text(moment.iso(offset_of_zone(call.graph, zone)?)))
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
            let zone = timezone_text(&Call::of(call.graph, *zone, "datetime", "timezone")?)?;
            // CPython puts the zone of a time before the fold, that of a datetime behind it.
            let place = if moment.date.is_some() { parts.len() } else { zone_place };
            parts.insert(place, format!("tzinfo={zone}"));
        }
        _ => return None,
    }
    Some(Printed::whole(Piece::Text(format!("datetime.{class}({})", parts.join(", ")))))
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

    /// As Python's `isoformat` writes it.
    fn iso(&self, zone: Option<i64>) -> String {
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
        if let Some(offset) = zone {
            let (sign, seconds) = (if offset < 0 { '-' } else { '+' }, offset.unsigned_abs());
            let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
            text.push_str(&format!("{sign}{hours:02}:{minutes:02}"));
            if seconds % 60 > 0 {
                text.push_str(&format!(":{:02}", seconds % 60));
            }
        }
        text
    }
}
