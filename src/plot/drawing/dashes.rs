//! Lines cut into dashes.

use super::sheet::Point;

/// The parts of a line through `points` that are drawn, when dashes and gaps of the lengths in
/// `pattern` (pixels, at least 1 each) follow each other; the whole line for an empty pattern.
pub(crate) fn dashed(points: &[Point], pattern: &[i32]) -> Vec<Vec<Point>> {
    if pattern.is_empty() {
        return vec![points.to_vec()];
    }
    let mut parts = Vec::new();
    let mut lengths = pattern.iter().map(|&length| f64::from(length.max(1))).cycle();
    let mut left = lengths.next().unwrap_or(1.0);
    let mut part: Option<Vec<Point>> = points.first().map(|&point| vec![point]);
    for (&from, &to) in points.iter().zip(points.iter().skip(1)) {
        let (width, height) = (f64::from(to.0 - from.0), f64::from(to.1 - from.1));
        let length = width.hypot(height);
        let mut at = 0.0;
        while length - at > left {
            at += left;
            let share = at / length;
            let end =
                (from.0 + (width * share).round() as i32, from.1 + (height * share).round() as i32);
            part = match part.take() {
                Some(mut dash) => {
                    dash.push(end);
                    parts.push(dash);
                    None
                }
                None => Some(vec![end]),
            };
            left = lengths.next().unwrap_or(1.0);
        }
        left -= length - at;
        if let Some(dash) = &mut part {
            dash.push(to);
        }
    }
    parts.extend(part.filter(|dash| dash.len() > 1));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_go_round_corners() {
        let line = [(0, 0), (10, 0), (10, 10)];
        assert_eq!(dashed(&line, &[]), vec![line.to_vec()]);
        assert_eq!(
            dashed(&line, &[8, 1, 3, 2]),
            vec![vec![(0, 0), (8, 0)], vec![(9, 0), (10, 0), (10, 2)], vec![(10, 4), (10, 10)]]
        );
        assert!(dashed(&[], &[3, 3]).is_empty());
    }
}
