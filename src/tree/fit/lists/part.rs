//! Parting one list in two.

use super::Entry;

/// Parts a list in two, keeping the order of each part; `left` is 1 for what comes first, or 0.
/// Writing twice is faster than a branch that cannot be foreseen. If `TIED`, an entry becomes
/// apart from the one before if any that stood between them was.
pub(super) fn part<const TIED: bool>(
    list: &mut [Entry],
    scratch: &mut [Entry],
    left: impl Fn(Entry) -> u32,
) {
    let scratch = &mut scratch[..list.len()];
    let (mut lefts, mut rights) = (0, 0);
    let (mut left_apart, mut right_apart) = (0, 0);
    for i in 0..list.len() {
        let entry = list[i];
        let go_left = left(entry);
        if TIED {
            left_apart |= entry.0 & 1;
            right_apart |= entry.0 & 1;
        }
        list[lefts] = Entry(entry.0 | left_apart);
        scratch[rights] = Entry(entry.0 | right_apart);
        if TIED {
            // forgotten on the side that the entry has gone to
            left_apart &= go_left.wrapping_sub(1);
            right_apart &= go_left.wrapping_neg();
        }
        lefts += go_left as usize;
        rights += 1 - go_left as usize;
    }
    list[lefts..].copy_from_slice(&scratch[..rights]);
}

/// Moves what `left` is 1 for to the start.
pub(super) fn keep_left<const TIED: bool>(list: &mut [Entry], left: impl Fn(Entry) -> u32) {
    let (mut lefts, mut apart) = (0, 0);
    for i in 0..list.len() {
        let entry = list[i];
        let go_left = left(entry);
        if TIED {
            apart |= entry.0 & 1;
        }
        list[lefts] = Entry(entry.0 | apart);
        if TIED {
            apart &= go_left.wrapping_sub(1);
        }
        lefts += go_left as usize;
    }
}

/// Moves what `left` is 0 for to the end.
pub(super) fn keep_right<const TIED: bool>(list: &mut [Entry], left: impl Fn(Entry) -> u32) {
    let Some(last) = list.iter().rposition(|&entry| left(entry) == 0) else { return };
    let mut place = list.len() - 1;
    let mut kept = list[last].0;
    list[place] = Entry(kept);
    for i in (0..last).rev() {
        let entry = list[i];
        let go_left = left(entry);
        // the row kept last hears of the differences before it, or the next takes its place
        let heard = if TIED { kept | entry.0 & 1 } else { kept };
        kept = if go_left == 1 { heard } else { entry.0 };
        place -= 1 - go_left as usize;
        list[place] = Entry(kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Entries with these values, and which of them go left.
    fn entries(values: &[(u32, u32)]) -> (Vec<Entry>, Vec<u32>) {
        let before = |row: usize| row.checked_sub(1).map_or(0, |before| values[before].0);
        let entry = |(row, &(value, _))| Entry::new(row as u32, value > before(row));
        let entries = values.iter().enumerate().map(entry).collect();
        (entries, values.iter().map(|&(_, left)| left).collect())
    }

    #[test]
    fn a_list_that_is_parted_still_knows_which_values_are_apart() {
        // all ways in which six rows of up to four values can be parted
        for pattern in 0..1_u32 << 12 {
            let mut value = 1;
            let values: Vec<(u32, u32)> = (0..6)
                .map(|row| {
                    value += pattern >> row & 1;
                    (value, pattern >> (row + 6) & 1)
                })
                .collect();
            let (list, sides) = entries(&values);
            let left = |entry: Entry| sides[entry.row() as usize];
            let side = |side: u32| {
                let rows: Vec<u32> = (0..6).filter(|&row| sides[row as usize] == side).collect();
                let value = |place: usize| values[rows[place] as usize].0;
                let apart = |place: usize| place > 0 && value(place) > value(place - 1);
                (0..rows.len()).map(|place| (rows[place], apart(place))).collect::<Vec<_>>()
            };
            // nobody asks whether the first is apart
            let seen = |list: &[Entry]| {
                let entry =
                    |(place, entry): (usize, &Entry)| (entry.row(), place > 0 && entry.apart());
                list.iter().enumerate().map(entry).collect::<Vec<_>>()
            };
            let (lefts, rights) = (side(1), side(0));
            let mut parted = list.clone();
            part::<true>(&mut parted, &mut [Entry::default(); 6], left);
            let (first, second) = parted.split_at(lefts.len());
            assert_eq!((seen(first), seen(second)), (lefts.clone(), rights.clone()));
            let mut kept = list.clone();
            keep_left::<true>(&mut kept, left);
            assert_eq!(seen(&kept[..lefts.len()]), lefts);
            let mut kept = list;
            keep_right::<true>(&mut kept, left);
            assert_eq!(seen(&kept[6 - rights.len()..]), rights);
        }
    }
}
