//! Reports on what a file would do.

use super::Table;
use crate::inspect::{Report, Verdict};
use crate::text::count;

impl Report {
    /// Shows, in a notebook's cell, the verdict, why it is not better, and the names that the file
    /// imports, the worst first.
    pub fn evcxr_display(&self) {
        self.table().evcxr_display();
    }

    fn table(&self) -> Table {
        let summary = self.summary();
        let pickles = count(self.pickles.len(), "pickle", "pickles");
        let packed = match self.containers.is_empty() {
            true => String::new(),
            false => format!(", packed in {}", self.containers.join(", ")),
        };
        let caption = format!("{summary}: {pickles}{packed}");
        let mut rows: Vec<(Verdict, [String; 3])> = Vec::new();
        for finding in &self.findings {
            let place = format!("byte {}", finding.offset);
            rows.push((Verdict::Dangerous, [String::new(), finding.text.clone(), place]));
        }
        for pickle in &self.pickles {
            for call in pickle.calls.iter().filter(|call| call.verdict > Verdict::KnownModel) {
                let what = format!("calls {}{}", call.callee, call.arguments);
                let why = match call.reason.is_empty() {
                    true => call.verdict.to_string(),
                    false => format!("{}: {}", call.verdict, call.reason),
                };
                rows.push((
                    call.verdict,
                    [why, what, format!("byte {}", pickle.offset + call.offset)],
                ));
            }
            for import in &pickle.imports {
                let what = format!("imports {}.{}", import.module, import.name);
                let why = match import.reason.is_empty() {
                    true => import.verdict.to_string(),
                    false => format!("{}: {}", import.verdict, import.reason),
                };
                let place = format!("byte {}", pickle.offset + import.offset);
                rows.push((import.verdict, [why, what, place]));
            }
        }
        rows.sort_by_key(|(verdict, _)| std::cmp::Reverse(*verdict));
        let mut table = Table::new(caption, ["verdict", "what", "where"]);
        for (_, row) in rows {
            table.push(row);
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use crate::inspect;

    #[test]
    fn the_worst_comes_first() {
        let bytes = b"(cnumpy\nndarray\ncos\ngetcwd\n(tRt.";
        assert_eq!(
            inspect::bytes(bytes).table().to_string(),
            "dangerous: 1 pickle\n\
             verdict                   what                   where\n\
             dangerous: runs commands  calls os.getcwd()      byte 29\n\
             dangerous: runs commands  imports os.getcwd      byte 16\n\
             known model               imports numpy.ndarray  byte 1"
        );
    }
}
