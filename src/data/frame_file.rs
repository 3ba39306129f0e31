//! Rows to predict whose columns hold numbers or words: a block of them at a time.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::feature_file::{all, named};
use super::records::{Records, shortened_list};
use super::{Column, CsvOptions, Dtype, Error, Frame};

/// The most cells in a block.
const CELLS: usize = 1 << 17;

/// Records from a file or from memory.
type AllRecords = Records<Box<dyn Read + Send>>;

/// What a column of a file holds.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Numbers,
    Booleans,
    Words,
    /// Words of which none is missing.
    Texts,
}

/// A file of comma-separated values, opened for columns of numbers and of words.
///
/// A column holds numbers if all of its fields are numbers or missing, and words otherwise, as in
/// pandas' `read_csv`; `True` and `False` are 1 and 0. What is missing, and how numbers are written,
/// is as for [`read_csv`](super::read_csv); the blanks around a word stay. The file is read twice,
/// first to find that out, so that only one block of it is in memory; a pipe, which can be read once,
/// is kept in memory, up to 256 MiB of it. Columns are found by name; by
/// position only where no names are wanted, or the file has none.
///
/// ```
/// use picklebook::data::{Column, FrameFile};
///
/// let path = std::env::temp_dir().join(format!("picklebook-frame-{}.csv", std::process::id()));
/// std::fs::write(&path, "who,width\nAnn,2.5\n,3\n")?;
/// let mut file = FrameFile::open(&path, None, 2)?;
/// let (frame, lines) = file.next_block()?.expect("it has rows");
/// assert_eq!(frame.column(1), Some(Column::from([2.5, 3.0])));
/// assert_eq!(frame.column(0), Some(Column::from(vec![Some("Ann".to_owned()), None])));
/// assert_eq!(lines, [2, 3]);
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct FrameFile {
    records: AllRecords,
    path: PathBuf,
    places: Vec<usize>,
    kinds: Vec<Kind>,
    names: Option<Vec<String>>,
    any_rows: bool,
}

impl FrameFile {
    /// Opens a file for the columns of these names, or, where none are known, for so many.
    ///
    /// # Errors
    /// [`Error::NoColumn`] where the file has not all of the names; [`Error::Width`] where it has no
    /// names, or none are wanted, and another number of columns; and what is wrong with the file,
    /// as [`read_csv`](super::read_csv) says it.
    pub fn open(
        path: impl AsRef<Path>,
        wanted: Option<&[String]>,
        count: usize,
    ) -> Result<Self, Error> {
        FrameFile::open_with(path, wanted, count, &CsvOptions::default())
    }

    /// Opens a file that is written in another way, as the options say.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with(
        path: impl AsRef<Path>,
        wanted: Option<&[String]>,
        count: usize,
        options: &CsvOptions,
    ) -> Result<Self, Error> {
        let path = path.as_ref();
        let source =
            TwiceRead::open(path).map_err(|it| Error::Read { path: path.into(), source: it })?;
        FrameFile::of(source, path, options, |records| wanted_places(records, wanted, count))
    }

    /// As [`open_with`](FrameFile::open_with), for text that is in memory; errors call it `name`.
    ///
    /// # Errors
    /// As [`FrameFile::open`].
    ///
    /// ```
    /// use picklebook::data::{CsvOptions, FrameFile};
    ///
    /// let text = b"colour,weight\nred,1.5\n";
    /// let names = ["weight".to_owned(), "colour".to_owned()];
    /// let mut rows = FrameFile::read(text, "the text", Some(&names), 2, &CsvOptions::new())?;
    /// let (frame, _lines) = rows.next_block()?.expect("there is a row");
    /// assert_eq!(frame.names(), Some(&names[..]));
    /// # Ok::<(), picklebook::data::Error>(())
    /// ```
    pub fn read(
        text: &[u8],
        name: &str,
        wanted: Option<&[String]>,
        count: usize,
        options: &CsvOptions,
    ) -> Result<Self, Error> {
        let source = TwiceRead::Bytes(text.into());
        FrameFile::of(source, Path::new(name), options, |records| {
            wanted_places(records, wanted, count)
        })
    }

    /// Opens a file for the columns that `choose` finds, and their names, if they are to have any.
    fn of(
        source: TwiceRead<'_>,
        path: &Path,
        options: &CsvOptions,
        choose: impl FnOnce(&AllRecords) -> Result<(Vec<usize>, Option<Vec<String>>), Error>,
    ) -> Result<Self, Error> {
        let open = || source.read().map_err(|source| Error::Read { path: path.into(), source });
        let mut records = Records::new(open()?, path, options)?;
        let (places, names) = choose(&records)?;
        let mut kinds = vec![None; places.len()];
        for (column, dtype) in &options.dtypes {
            let place = records.find("dtype", column)?;
            if *dtype == Dtype::Str {
                let of_text = kinds.iter_mut().zip(&places).filter(|(_, own)| **own == place);
                of_text.for_each(|(kind, _)| *kind = Some(Kind::Words));
            }
        }
        while records.next()? {
            for (kind, &place) in kinds.iter_mut().zip(&places) {
                let (field, values) = (records.text(place)?, records.values());
                if *kind == Some(Kind::Words) || values.is_missing(field) {
                    continue;
                }
                let own = match (values.parsed(field).is_some(), values.boolean(field)) {
                    (true, _) => Kind::Numbers,
                    (false, Some(_)) => Kind::Booleans,
                    (false, None) => Kind::Words,
                };
                *kind = match *kind {
                    None => Some(own),
                    Some(before) if before == own => Some(own),
                    Some(_) => Some(Kind::Words),
                };
            }
        }
        let kinds = kinds.into_iter().map(|kind| kind.unwrap_or(Kind::Numbers)).collect();
        let records = Records::new(open()?, path, options)?;
        Ok(FrameFile { records, path: path.into(), places, kinds, names, any_rows: false })
    }

    /// Opens a file for its column of texts: the one that is named `text`, or the only one. What a
    /// field holds is taken as it stands; an empty one is an empty text.
    ///
    /// # Errors
    /// [`Error::Width`] where no column is named so, and there are several; and what is wrong with
    /// the file, as [`read_csv`](super::read_csv) says it.
    pub fn open_texts(path: impl AsRef<Path>, options: &CsvOptions) -> Result<Self, Error> {
        let path = path.as_ref();
        let source =
            File::open(path).map_err(|it| Error::Read { path: path.into(), source: it })?;
        FrameFile::texts_of(Box::new(source), path, options)
    }

    /// As [`open_texts`](FrameFile::open_texts), for text that is in memory; errors call it `name`.
    ///
    /// # Errors
    /// As [`FrameFile::open_texts`].
    pub fn read_texts(text: &[u8], name: &str, options: &CsvOptions) -> Result<Self, Error> {
        let text: Arc<[u8]> = text.into();
        FrameFile::texts_of(Box::new(Cursor::new(text)), Path::new(name), options)
    }

    fn texts_of(
        source: Box<dyn Read + Send>,
        path: &Path,
        options: &CsvOptions,
    ) -> Result<Self, Error> {
        let records = Records::new(source, path, options)?;
        let named = if records.is_nameless() { None } else { records.column("text") };
        let places = match named {
            Some(place) => vec![place],
            None => all(&records, records.columns(), 1, "text".to_owned())?,
        };
        let (kinds, path) = (vec![Kind::Texts], path.into());
        Ok(FrameFile { records, path, places, kinds, names: None, any_rows: false })
    }

    /// The names of the file's columns that are not read, because they are not wanted.
    pub fn other_names(&self) -> Vec<String> {
        let others = self.records.columns().iter().filter(|place| !self.places.contains(place));
        others.map(|&place| self.records.name(place).to_owned()).collect()
    }

    /// The names in the file of the columns that are read.
    pub fn names(&self) -> Vec<String> {
        self.places.iter().map(|&place| self.records.name(place).to_owned()).collect()
    }

    /// Reads the next rows, and the line of the file on which each starts; `None` at the end.
    ///
    /// # Errors
    /// [`Error`] with the line for what is no table, and [`Error::NoRows`] for a file without any.
    pub fn next_block(&mut self) -> Result<Option<(Frame, Vec<u64>)>, Error> {
        let most = (CELLS / self.places.len().max(1)).max(1);
        let mut columns: Vec<Column> = self.kinds.iter().map(|&kind| empty(kind)).collect();
        let mut lines = Vec::new();
        while lines.len() < most && self.records.next()? {
            for ((column, kind), &place) in columns.iter_mut().zip(&self.kinds).zip(&self.places) {
                let (field, values) = (self.records.text(place)?, self.records.values());
                let missing = *kind != Kind::Texts && values.is_missing(field);
                match column {
                    Column::Numbers(numbers) if missing => numbers.push(f64::NAN),
                    Column::Numbers(numbers) => numbers.push(match kind {
                        Kind::Booleans => values.boolean(field).map_or(f64::NAN, f64::from),
                        _ => values.parsed(field).unwrap_or(f64::NAN),
                    }),
                    // The blanks around a word are its own, as in pandas.
                    Column::Words(words) if missing => words.push(None),
                    Column::Words(words) => {
                        words.push(Some(self.records.written(place)?.to_owned()))
                    }
                }
            }
            lines.push(self.records.line());
        }
        match (lines.is_empty(), self.any_rows) {
            (true, true) => Ok(None),
            (true, false) => Err(Error::NoRows { path: self.path.clone() }),
            (false, _) => {
                self.any_rows = true;
                let frame = Frame::unnamed(columns)?;
                let frame = match &self.names {
                    Some(names) => frame.with_names(names.clone())?,
                    None => frame,
                };
                Ok(Some((frame, lines)))
            }
        }
    }
}

/// The columns of these names, or, where none are known, so many.
fn wanted_places(
    records: &AllRecords,
    wanted: Option<&[String]>,
    count: usize,
) -> Result<(Vec<usize>, Option<Vec<String>>), Error> {
    // A file that names its columns is to have the names that are wanted, whatever their order.
    match wanted.filter(|_| !records.is_nameless()) {
        Some(names) => Ok((named(records, names)?, Some(names.to_vec()))),
        None => {
            records.check_header()?;
            let names = wanted.unwrap_or_default().iter().map(String::as_str);
            Ok((all(records, records.columns(), count, shortened_list(names))?, None))
        }
    }
}

impl Frame {
    /// Reads a whole file of comma-separated values with a header line, as pandas' `read_csv` does:
    /// a column holds numbers if all of its fields are numbers or missing, and words otherwise;
    /// `True` and `False` are 1 and 0. What is missing, what may separate the fields, and that the
    /// blanks at either end of a field are removed, is as for the function
    /// [`read_csv`](super::read_csv).
    ///
    /// # Errors
    /// [`Error`] names the file, and, where it can, the line (1 is the header) and the column.
    ///
    /// ```
    /// use picklebook::data::{Column, Frame};
    ///
    /// let path = std::env::temp_dir().join(format!("picklebook-whole-{}.csv", std::process::id()));
    /// std::fs::write(&path, "who;width\nAnn;2.5\nBob;\n")?;
    /// let table = Frame::read_csv(&path)?;
    /// assert_eq!(table.column(0), Some(Column::from(["Ann", "Bob"])));
    /// assert_eq!(table.missing_values().total(), 1);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read_csv(path: impl AsRef<Path>) -> Result<Frame, Error> {
        Frame::read_csv_with(path, &CsvOptions::new())
    }

    /// As [`read_csv`](Frame::read_csv), for a file that is written in another way. What the options
    /// say of words and types is for features, and does not count here, but for
    /// [`Dtype::Str`]: such a column is one of words.
    ///
    /// # Errors
    /// As [`read_csv`](Frame::read_csv), and [`Error::Option`] for an option that the file does not
    /// fit.
    ///
    /// ```
    /// use picklebook::data::{Column, CsvOptions, Frame};
    ///
    /// let path = std::env::temp_dir().join(format!("picklebook-comma-{}.csv", std::process::id()));
    /// std::fs::write(&path, "who;width\nAnn;2,5\n")?;
    /// let table = Frame::read_csv_with(&path, &CsvOptions::new().decimal(','))?;
    /// assert_eq!(table.column(1), Some(Column::from([2.5])));
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read_csv_with(path: impl AsRef<Path>, options: &CsvOptions) -> Result<Frame, Error> {
        let path = path.as_ref();
        let source =
            TwiceRead::open(path).map_err(|it| Error::Read { path: path.into(), source: it })?;
        let mut file = FrameFile::of(source, path, options, |records| {
            records.check_header()?;
            let places = records.columns().to_vec();
            let names = places.iter().map(|&place| records.name(place).to_owned()).collect();
            Ok((places, Some(names)))
        })?;
        let mut columns: Vec<Column> = file.kinds.iter().map(|&kind| empty(kind)).collect();
        while let Some((block, _)) = file.next_block()? {
            for (column, more) in columns.iter_mut().zip(block.into_columns()) {
                match (column, more) {
                    (Column::Numbers(numbers), Column::Numbers(more)) => numbers.extend(more),
                    (Column::Words(words), Column::Words(more)) => {
                        let trimmed = |word: String| match word.trim() {
                            same if same.len() == word.len() => word,
                            shorter => shorter.to_owned(),
                        };
                        words.extend(more.into_iter().map(|word| word.map(trimmed)));
                    }
                    // A column is of one kind in all blocks.
                    (Column::Numbers(_), Column::Words(_))
                    | (Column::Words(_), Column::Numbers(_)) => {}
                }
            }
        }
        let frame = Frame::unnamed(columns)?;
        match file.names {
            Some(names) => frame.with_names(names),
            None => Ok(frame),
        }
    }
}

/// The most bytes of a pipe, which are kept to be read twice.
const MOST_OF_A_PIPE: u64 = 256 << 20;

/// What is read from its start twice: a file, or all of a pipe.
enum TwiceRead<'a> {
    File(&'a Path),
    Bytes(Arc<[u8]>),
}

impl<'a> TwiceRead<'a> {
    fn open(path: &'a Path) -> io::Result<Self> {
        let file = File::open(path)?;
        if file.metadata()?.is_file() {
            return Ok(TwiceRead::File(path));
        }
        let mut bytes = Vec::new();
        file.take(MOST_OF_A_PIPE + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MOST_OF_A_PIPE {
            let problem = "more than 256 MiB from a pipe; save it in a file first";
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, problem));
        }
        Ok(TwiceRead::Bytes(bytes.into()))
    }

    fn read(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(match self {
            TwiceRead::File(path) => Box::new(File::open(path)?),
            TwiceRead::Bytes(bytes) => Box::new(Cursor::new(Arc::clone(bytes))),
        })
    }
}

fn empty(kind: Kind) -> Column {
    match kind {
        Kind::Numbers | Kind::Booleans => Column::Numbers(Vec::new()),
        Kind::Words | Kind::Texts => Column::Words(Vec::new()),
    }
}
