//! Days of the calendar.

use std::fmt;
use std::str::FromStr;

use super::Error;
use crate::text::shortened;

/// A day, such as 2002-10-21, from the year 0 to 9999 of the Gregorian calendar.
///
/// ```
/// use picklebook::data::Date;
///
/// let day: Date = "2002-10-21".parse()?;
/// assert_eq!((day.year(), day.month(), day.day()), (2002, 10, 21));
/// assert!(day < "2002-11-01".parse()?);
/// assert!("2002-02-29".parse::<Date>().is_err());
/// # Ok::<(), picklebook::data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    /// Days since 1970-01-01.
    days: i64,
}

impl Date {
    /// The day with this number in the month, or `None` where the calendar has no such day.
    ///
    /// ```
    /// use picklebook::data::Date;
    ///
    /// assert_eq!(Date::new(2002, 10, 21).map(|day| day.to_string()).as_deref(), Some("2002-10-21"));
    /// assert_eq!(Date::new(2002, 2, 29), None);
    /// ```
    pub fn new(year: i64, month: i64, day: i64) -> Option<Self> {
        if !(0..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            return None;
        }
        let days = days_before(year, month) + day - 1;
        // the 31st of a short month would be a day of the next
        (year_month_day(days) == (year, month, day)).then_some(Date { days })
    }

    /// The day of a text such as `2002-10-21`; `None` for another text.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let shape = text.len() == 10
            && text.bytes().enumerate().all(|(place, byte)| match place {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
        match shape {
            true => Date::new(number(0, 4)?, number(5, 7)?, number(8, 10)?),
            false => None,
        }
    }

    /// The day so many days after 1970-01-01, or the nearest from the year 0 to 9999.
    ///
    /// ```
    /// use picklebook::data::Date;
    ///
    /// assert_eq!(Date::from_days_since_1970(-1).to_string(), "1969-12-31");
    /// assert_eq!(Date::from_days_since_1970(i64::MAX).to_string(), "9999-12-31");
    /// ```
    pub fn from_days_since_1970(days: i64) -> Self {
        Date { days: days.clamp(days_before(0, 1), days_before(10_000, 1) - 1) }
    }

    /// How many days it is after 1970-01-01; negative before it.
    pub fn days_since_1970(self) -> i64 {
        self.days
    }

    /// The year, from 0 to 9999.
    pub fn year(self) -> i64 {
        year_month_day(self.days).0
    }

    /// The month, from 1 to 12.
    pub fn month(self) -> i64 {
        year_month_day(self.days).1
    }

    /// The day of the month, from 1.
    pub fn day(self) -> i64 {
        year_month_day(self.days).2
    }

    /// The Monday of its week, as weeks of ISO 8601 begin. (In the first days of year 0 it is the
    /// first of January.)
    ///
    /// ```
    /// use picklebook::data::Date;
    ///
    /// let sunday: Date = "2002-10-27".parse()?;
    /// assert_eq!(sunday.monday().to_string(), "2002-10-21");
    /// # Ok::<(), picklebook::data::Error>(())
    /// ```
    pub fn monday(self) -> Self {
        // 1970-01-05 was a Monday
        let days = self.days - (self.days - 4).rem_euclid(7);
        Date { days: days.max(days_before(0, 1)) }
    }

    /// The first day of its month.
    ///
    /// ```
    /// use picklebook::data::Date;
    ///
    /// let day: Date = "2002-10-27".parse()?;
    /// assert_eq!(day.first_of_month().to_string(), "2002-10-01");
    /// # Ok::<(), picklebook::data::Error>(())
    /// ```
    pub fn first_of_month(self) -> Self {
        Date { days: self.days + 1 - self.day() }
    }
}

impl FromStr for Date {
    type Err = Error;

    /// Reads a text such as `2002-10-21`.
    ///
    /// # Errors
    /// [`Error::Date`] for another text, and for a day that the calendar has not.
    fn from_str(text: &str) -> Result<Self, Error> {
        Date::read(text).ok_or_else(|| Error::Date { text: shortened(text, 40) })
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = year_month_day(self.days);
        f.pad(&format!("{year:04}-{month:02}-{day:02}"))
    }
}

/// The days from 1970-01-01 to the first of a month.
///
/// Method: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
pub(crate) fn days_before(year: i64, month: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day of the month, of the day so many days after 1970-01-01.
pub(crate) fn year_month_day(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let part = (5 * of_year + 2) / 153;
    let (day, month) = (of_year - (153 * part + 2) / 5 + 1, (part + 2) % 12 + 1);
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_of_the_calendar_are_read() {
        for (text, days) in [
            ("1970-01-01", Some(0)),
            ("2026-01-31", Some(20484)),
            ("2024-02-29", Some(19782)),
            ("0000-01-01", Some(-719_528)),
            ("9999-12-31", Some(2_932_896)),
            ("2026-02-29", None),
            ("2026-1-31", None),
            ("2026-13-01", None),
            ("2026-00-10", None),
            ("2026-01-00", None),
            ("2026/01/31", None),
            ("2026-01-31T00", None),
            ("２０２６-01-01", None),
            ("+026-01-01", None),
            ("", None),
        ] {
            assert_eq!(Date::read(text).map(Date::days_since_1970), days, "{text}");
            if let Some(day) = Date::read(text) {
                assert_eq!(day.to_string(), text);
            }
        }
        assert_eq!(Date::new(i64::MAX, i64::MIN, i64::MAX), None);
    }

    #[test]
    fn weeks_begin_on_monday() {
        let mut day = Date::read("1999-12-27").expect("a Monday");
        for _ in 0..1_000 {
            for weekday in 0..7 {
                let days = day.days_since_1970() + weekday;
                assert_eq!(Date { days }.monday(), day);
            }
            day = Date { days: day.days_since_1970() + 7 };
        }
        assert_eq!(Date::new(0, 1, 1).expect("the first").monday().to_string(), "0000-01-01");
    }
}
