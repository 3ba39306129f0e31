//! Points in time as numpy prints them.

use std::fmt::{self, Write};

use super::dtype::TimeUnit;

/// A point in time in ISO 8601, as precise as its unit: `1970-01-01T00:00:01`.
///
/// Source: `make_iso_8601_datetime` in numpy's `datetime_strings.c`.
pub(crate) fn write_time(out: &mut impl Write, number: i64, unit: TimeUnit) -> fmt::Result {
    if number == i64::MIN {
        return out.write_str("NaT");
    }
    let steps = i128::from(number) * i128::from(unit.count);
    let (per_day, digits) = match unit.name {
        "Y" => return write!(out, "{:04}", steps + 1970),
        "M" => {
            let (years, months) = (steps.div_euclid(12), steps.rem_euclid(12));
            return write!(out, "{:04}-{:02}", years + 1970, months + 1);
        }
        "W" => return write_day(out, steps * 7),
        "D" => return write_day(out, steps),
        "h" => (24, None),
        "m" => (1_440, None),
        "s" => (86_400, Some(0)),
        "ms" => (86_400_000, Some(3)),
        "us" => (86_400_000_000, Some(6)),
        "ns" => (86_400_000_000_000, Some(9)),
        "ps" => (86_400_000_000_000_000, Some(12)),
        "fs" => (86_400_000_000_000_000_000, Some(15)),
        "as" => (86_400_000_000_000_000_000_000, Some(18)),
        _ => return write!(out, "{number}"),
    };
    write_day(out, steps.div_euclid(per_day))?;
    let within = steps.rem_euclid(per_day);
    match (unit.name, digits) {
        ("h", _) => write!(out, "T{within:02}"),
        ("m", _) => write!(out, "T{:02}:{:02}", within / 60, within % 60),
        (_, digits) => {
            let digits: u32 = digits.unwrap_or(0);
            let per_second = 10i128.pow(digits);
            let seconds = within / per_second;
            let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
            write!(out, "T{hours:02}:{minutes:02}:{seconds:02}")?;
            match digits {
                0 => Ok(()),
                _ => write!(out, ".{:0width$}", within % per_second, width = digits as usize),
            }
        }
    }
}

/// A day, counted from 1970-01-01, in the calendar of today.
///
/// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
fn write_day(out: &mut impl Write, days: i128) -> fmt::Result {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let years = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * years + years / 4 - years / 100);
    // March is the first month.
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = years + era * 400 + i128::from(month <= 2);
    write!(out, "{year:04}-{month:02}-{day:02}")
}
