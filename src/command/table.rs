//! How a table is written in a file: the options that `train` and `predict` share, by pandas' names.

use clap::Args;
use picklebook::data::{self, ColumnId, CsvOptions, Dtype};

/// How the file is written, by the names of pandas' read_csv
#[derive(Args)]
#[command(next_help_heading = "How the file is written, by the names of pandas' read_csv")]
pub struct TableArguments {
    /// What separates the fields, as in ; or \t, or \s+ for blanks and tabs, however many [default: a
    /// comma, or what the header shows]
    #[arg(long, value_name = "CHARACTER", value_parser = separator, allow_hyphen_values = true)]
    sep: Option<Separator>,
    /// The decimal mark
    #[arg(long, value_name = "CHARACTER", value_parser = character, default_value = ".")]
    decimal: char,
    /// What groups the digits of numbers, as in 1,234,567 [default: nothing]
    #[arg(long, value_name = "CHARACTER", value_parser = character)]
    thousands: Option<char>,
    /// The file has no header: its columns are called 0, 1 and so on, or as --names says
    #[arg(long, conflicts_with = "header")]
    no_header: bool,
    /// The line that is the header, counted from 0 without blank ones; say 0 where its names look
    /// like numbers
    #[arg(long, value_name = "LINE")]
    header: Option<usize>,
    /// The names of all columns, separated by commas; the file then has no header, but for one that
    /// --header says
    #[arg(long, value_name = "NAMES", value_parser = list)]
    names: Option<List>,
    /// More words for a missing value, separated by commas, beside pandas' own, such as NA
    #[arg(long, value_name = "WORDS", value_parser = list, allow_hyphen_values = true)]
    na_values: Option<List>,
    /// Do not take pandas' words for missing values, such as NA and an empty field
    #[arg(long)]
    no_default_na: bool,
    /// More words for true beside True, TRUE and true; true is 1 as a feature
    #[arg(long, value_name = "WORDS", value_parser = list)]
    true_values: Option<List>,
    /// More words for false beside False, FALSE and false; false is 0 as a feature
    #[arg(long, value_name = "WORDS", value_parser = list)]
    false_values: Option<List>,
    /// What a column holds: str (labels such as 007 stay as they are), int, float or bool
    #[arg(long, value_name = "COLUMN=TYPE", value_parser = dtype)]
    dtype: Vec<(ColumnId, Dtype)>,
    /// The columns to read, by name or by number from 0, separated by commas [default: all]
    #[arg(long, value_name = "COLUMNS", value_parser = list)]
    usecols: Option<List>,
    /// Columns to leave out
    #[arg(long, value_name = "COLUMNS", value_parser = list)]
    drop: Option<List>,
    /// The column of row numbers or names, which is left out
    #[arg(long, value_name = "COLUMN")]
    index_col: Option<String>,
    /// How many lines to leave out at the start
    #[arg(long, value_name = "N", default_value_t = 0)]
    skiprows: usize,
    /// The character with which a comment begins, which goes on to the end of its line
    #[arg(long, value_name = "CHARACTER", value_parser = character)]
    comment: Option<char>,
}

impl TableArguments {
    /// The same for the library.
    pub fn options(&self) -> CsvOptions {
        let mut options = CsvOptions::new()
            .decimal(self.decimal)
            .keep_default_na(!self.no_default_na)
            .skiprows(self.skiprows);
        options = match self.sep {
            Some(Separator::Character(sep)) => options.sep(sep),
            Some(Separator::Whitespace) => options.sep_whitespace(),
            None => options,
        };
        if let Some(thousands) = self.thousands {
            options = options.thousands(thousands);
        }
        if let Some(comment) = self.comment {
            options = options.comment(comment);
        }
        if self.no_header || self.header.is_some() {
            options = options.header(self.header);
        }
        if let Some(List(names)) = &self.names {
            options = options.names(names);
        }
        if let Some(List(words)) = &self.na_values {
            options = options.na_values(words);
        }
        if let Some(List(words)) = &self.true_values {
            options = options.true_values(words);
        }
        if let Some(List(words)) = &self.false_values {
            options = options.false_values(words);
        }
        for (column, dtype) in &self.dtype {
            options = options.dtype(column.clone(), *dtype);
        }
        if let Some(columns) = &self.usecols {
            options = options.usecols(columns.columns());
        }
        if let Some(columns) = &self.drop {
            options = options.drop(columns.columns());
        }
        match &self.index_col {
            Some(column) => options.index_col(column_id(column)),
            None => options,
        }
    }
}

/// What becomes of columns of words, when a model is fitted.
#[derive(Args)]
#[command(next_help_heading = "Columns of words")]
pub struct WordArguments {
    /// Columns of words that become one-hot columns, as colour_red, separated by commas; without a
    /// value, all features that hold words. The model keeps the words for `predict`
    #[arg(
        long,
        value_name = "COLUMNS",
        value_parser = list,
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = ""
    )]
    get_dummies: Option<List>,
    /// A column of words that become the numbers 0, 1 and so on: in ascending order, or in this
    /// one, as in size=S,M,L. The model keeps the words for `predict`
    #[arg(long, value_name = "COLUMN[=WORDS]", value_parser = ordinal)]
    ordinal: Vec<(ColumnId, Option<List>)>,
}

impl WordArguments {
    /// The options with what is asked of words.
    pub fn add_to(&self, mut options: CsvOptions) -> CsvOptions {
        match &self.get_dummies {
            Some(columns) if columns.0.is_empty() => options = options.get_dummies_of_words(),
            Some(columns) => options = options.get_dummies(columns.columns()),
            None => {}
        }
        for (column, words) in &self.ordinal {
            options = match words {
                Some(List(words)) => options.ordinal_with(column.clone(), words),
                None => options.ordinal(column.clone()),
            };
        }
        options
    }
}

/// Several names or words, separated by commas; one that holds a comma stands in quotes.
#[derive(Debug, Clone)]
struct List(Vec<String>);

impl List {
    fn columns(&self) -> Vec<ColumnId> {
        self.0.iter().map(|column| column_id(column)).collect()
    }
}

/// A column by its number, if it looks like one, or by its name.
fn column_id(text: &str) -> ColumnId {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(number) if digits => ColumnId::Number(number),
        _ => text.into(),
    }
}

fn list(text: &str) -> Result<List, String> {
    if text.is_empty() {
        return Ok(List(Vec::new()));
    }
    let reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    match reader.into_records().next() {
        Some(Ok(record)) => Ok(List(record.iter().map(|item| item.trim().to_owned()).collect())),
        Some(Err(_)) | None => Err("names or words, separated by commas".into()),
    }
}

/// What separates two fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Separator {
    Character(char),
    /// Blanks and tabs, however many.
    Whitespace,
}

fn separator(text: &str) -> Result<Separator, String> {
    match text {
        "\\s+" => Ok(Separator::Whitespace),
        text => match character(text) {
            Ok(character) => Ok(Separator::Character(character)),
            Err(_) => Err("a single character, or \\t for a tab, or \\s+ for blanks".into()),
        },
    }
}

fn character(text: &str) -> Result<char, String> {
    let text = match text {
        "\\t" | "tab" => "\t",
        text => text,
    };
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(character), None) => Ok(character),
        _ => Err("a single character, or \\t for a tab".into()),
    }
}

fn dtype(text: &str) -> Result<(ColumnId, Dtype), String> {
    let found = text
        .rsplit_once('=')
        .and_then(|(column, name)| Some((column_id(column), Dtype::from_name(name)?)));
    found.ok_or_else(|| "a column and str, int, float or bool, as in code=str".into())
}

fn ordinal(text: &str) -> Result<(ColumnId, Option<List>), String> {
    match text.split_once('=') {
        Some((column, words)) => Ok((column_id(column), Some(list(words)?))),
        None => Ok((column_id(text), None)),
    }
}

/// What the library calls an option, and what the command does.
const NAMES: [(&str, &str); 20] = [
    ("`CsvOptions::header(None)`", "--no-header"),
    ("`CsvOptions::header(Some(0))`", "--header 0"),
    ("`CsvOptions::sep`", "--sep"),
    ("`CsvOptions::decimal`", "--decimal"),
    ("`CsvOptions::thousands`", "--thousands"),
    ("`CsvOptions::names`", "--names"),
    ("`CsvOptions::na_values`", "--na-values"),
    ("`CsvOptions::dtype`", "--dtype"),
    ("`CsvOptions::usecols`", "--usecols"),
    ("`CsvOptions::drop`", "--drop"),
    ("`CsvOptions::index_col(0)`", "--index-col 0"),
    ("`CsvOptions::index_col`", "--index-col"),
    ("`CsvOptions::comment`", "--comment"),
    ("`CsvOptions::get_dummies_of_words`", "--get-dummies"),
    ("`CsvOptions::get_dummies`", "--get-dummies"),
    ("`CsvOptions::ordinal_with`", "--ordinal"),
    ("`CsvOptions::ordinal`", "--ordinal"),
    ("`Columns::by_position`", "--by-position"),
    ("`CsvOptions::true_values`", "--true-values"),
    ("`CsvOptions::false_values`", "--false-values"),
];

/// The message of an error in a table, which tells users of the library what to call.
pub fn told(error: &data::Error) -> String {
    let mut text = error.to_string();
    for (name, option) in NAMES {
        text = text.replace(name, option);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_hold_commas_in_quotes() {
        for (text, expected) in [
            ("a,b", vec!["a", "b"]),
            ("\"a,b\", c", vec!["a,b", "c"]),
            ("", vec![]),
            ("?", vec!["?"]),
            (",a", vec!["", "a"]),
        ] {
            assert_eq!(list(text).expect("a list").0, expected, "{text}");
        }
    }

    #[test]
    fn columns_are_named_or_numbered() {
        assert_eq!(column_id("2"), ColumnId::Number(2));
        for name in ["", "a", "-1", "+1", "2x"] {
            assert_eq!(column_id(name), ColumnId::Name(name.into()));
        }
        assert_eq!(dtype("a=b=str"), Ok(("a=b".into(), Dtype::Str)));
        assert!(dtype("a=date").is_err() && dtype("str").is_err());
        assert!(matches!(ordinal("a=x,y"), Ok((_, Some(List(words)))) if words == ["x", "y"]));
        assert_eq!((character("\\t"), character(";")), (Ok('\t'), Ok(';')));
        assert!(character("").is_err() && character(";;").is_err());
    }
}
