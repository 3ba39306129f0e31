//! Dates and times as Python pickles them.

/// A point in time as `datetime` pickles it: bytes of fixed places.
pub(crate) struct Moment {
    pub date: Option<[u32; 3]>,
    /// Hour, minute, second, microsecond.
    pub time: Option<[u32; 4]>,
    /// Whether it is the second of two equal times, when a clock is set back.
    pub fold: bool,
}

impl Moment {
    pub fn date(data: &[u8]) -> Option<Moment> {
        let &[high, low, month, day] = data else { return None };
        let year = u32::from(high) * 256 + u32::from(low);
        let date = Some([year, u32::from(month), u32::from(day)]);
        Some(Moment { date, time: None, fold: false })
    }

    pub fn time(data: &[u8]) -> Option<Moment> {
        let &[hour, minute, second, a, b, c] = data else { return None };
        let microsecond = u32::from_be_bytes([0, a, b, c]);
        // The highest bit is free in an hour, and marks the fold.
        let hour_and_fold = u32::from(hour);
        let time = Some([hour_and_fold & 127, u32::from(minute), u32::from(second), microsecond]);
        Some(Moment { date: None, time, fold: hour_and_fold > 127 })
    }

    pub fn date_time(data: &[u8]) -> Option<Moment> {
        let (date, time) = data.split_at_checked(4)?;
        let &[high, low, month, day] = date else { return None };
        let mut moment = Moment::date(&[high, low, month & 127, day])?;
        moment.time = Moment::time(time)?.time;
        moment.fold = month > 127;
        Some(moment)
    }

    /// As Python's `isoformat` writes it.
    pub fn iso(&self, zone: Option<i64>) -> String {
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
