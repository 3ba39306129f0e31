//! Days on an axis.

use super::scale::Ticks;
use crate::data::{Date, days_before, year_month_day as date};

/// The days from 1970-01-01 to a date such as `2026-01-31`; `None` for another text.
pub(crate) fn day(text: &str) -> Option<i64> {
    Date::read(text).map(Date::days_since_1970)
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The marks from one day to another, at most about `most`: days, weeks, months or years.
pub(crate) fn date_ticks(low: f64, high: f64, most: usize) -> Ticks {
    let (low, high) = (low.ceil() as i64, high.floor() as i64);
    let raw = (high - low) as f64 / most.max(1) as f64;
    let days: Vec<i64> = match [1, 2, 7, 14].into_iter().find(|&step| step as f64 >= raw) {
        // Weeks begin on Monday; 1970-01-05 was one.
        Some(step) => multiples(low - 4, high - 4, step).map(|day| day + 4).collect(),
        None => {
            let months = [1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1_200, 2_400, 6_000, 12_000];
            let step = months.into_iter().find(|&step| step as f64 * 30.4 >= raw);
            let month = |day: i64| {
                let (year, month, _) = date(day);
                year * 12 + month - 1
            };
            let first_of = |month: i64| days_before(month.div_euclid(12), month.rem_euclid(12) + 1);
            let months = multiples(month(low), month(high), step.unwrap_or(120_000));
            months.map(first_of).filter(|day| (low..=high).contains(day)).collect()
        }
    };
    let by_year = days.iter().all(|&day| date(day).1 == 1 && date(day).2 == 1);
    let by_month = days.iter().all(|&day| date(day).2 == 1);
    let mut year_before = None;
    let label = |&days: &i64| {
        let (year, month, day) = date(days);
        let month = usize::try_from(month - 1).ok().and_then(|month| MONTHS.get(month));
        let month = month.copied().unwrap_or_default();
        // The year is written once.
        let new_year = year_before.replace(year) != Some(year);
        match (by_year, by_month, new_year) {
            (true, _, _) => year.to_string(),
            (_, true, true) => format!("{month} {year}"),
            (_, true, false) => month.to_owned(),
            (_, _, true) => format!("{day} {month} {year}"),
            (_, _, false) => format!("{day} {month}"),
        }
    };
    let labels = days.iter().map(label).collect();
    let values = days.into_iter().map(|day| day as f64).collect();
    Ticks { values, labels, unit: String::new() }
}

fn multiples(low: i64, high: i64, step: i64) -> impl Iterator<Item = i64> {
    let first = -(-low).div_euclid(step);
    (first..=high.div_euclid(step)).map(move |place| place * step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_or_refused() {
        // Python's `date.toordinal`, counted from 1970-01-01.
        for (text, days) in [
            ("0001-01-01", -719_162),
            ("1600-02-29", -135_081),
            ("1899-12-31", -25_568),
            ("1969-12-31", -1),
            ("1970-01-01", 0),
            ("1972-02-29", 789),
            ("2000-02-29", 11_016),
            ("2000-03-01", 11_017),
            ("2024-12-31", 20_088),
            ("2038-01-19", 24_855),
            ("9999-12-31", 2_932_896),
        ] {
            assert_eq!(day(text), Some(days), "{text}");
        }
        for bad in [
            "1900-02-29",
            "2023-02-29",
            "2023-04-31",
            "2024-01-32",
            "2024-01-1",
            "2024-01-011",
            "2024/01/01",
            " 2024-01-1",
            "2024-13-01",
            "2024-00-10",
            "2024-1-10",
            "2024-01-00",
            "+024-01-01",
            "",
            "日本語1",
        ] {
            assert_eq!(day(bad), None, "{bad}");
        }
        for days in (-719_000..3_000_000).step_by(97) {
            let (year, month, of_month) = date(days);
            if (0..=9999).contains(&year) {
                assert_eq!(day(&format!("{year:04}-{month:02}-{of_month:02}")), Some(days));
            }
        }
    }

    #[test]
    fn marks_stand_on_days_weeks_months_and_years() {
        let written = |from, to, most| {
            let (low, high) = (day(from).expect("a date"), day(to).expect("a date"));
            date_ticks(low as f64, high as f64, most).labels.join(", ")
        };
        assert_eq!(written("2026-01-01", "2026-01-04", 5), "1 Jan 2026, 2 Jan, 3 Jan, 4 Jan");
        assert_eq!(written("2026-01-01", "2026-02-01", 5), "5 Jan 2026, 12 Jan, 19 Jan, 26 Jan");
        assert_eq!(written("2025-11-15", "2026-04-01", 5), "Dec 2025, Jan 2026, Feb, Mar, Apr");
        assert_eq!(written("1998-05-01", "2026-01-01", 4), "2000, 2010, 2020");
    }
}
