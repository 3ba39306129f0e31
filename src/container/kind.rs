//! The kinds of files, by name, and what to do with each.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::recognise;

/// Makes the kinds: each with its name, and what to do with it.
macro_rules! kinds {
    ($($kind:ident = $name:literal, $advice:expr;)+) => {
        /// What a file is, by its bytes: see [`FileKind::of`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum FileKind {
            $(#[doc = concat!("It is ", $name, ".")] $kind,)+
        }

        impl FileKind {
            /// All kinds.
            pub const ALL: &[FileKind] = &[$(FileKind::$kind),+];

            /// What people call it, with its article, as in `a Git LFS pointer`.
            pub fn name(self) -> &'static str {
                match self { $(FileKind::$kind => $name,)+ }
            }

            /// What to do with such a file, in a sentence without a capital letter or a full stop.
            pub fn advice(self) -> &'static str {
                match self { $(FileKind::$kind => $advice,)+ }
            }
        }
    };
}

/// Of a file that another library's model is in.
const OTHER_MODEL: &str = "read it with the library that wrote it; picklebook reads pickles";

/// Of a file that is compressed.
const COMPRESSED: &str = "unpack it first, as `container::unpack` does";

/// Of a compressed file or an archive that cannot be unpacked here.
const FOREIGN_ARCHIVE: &str = "unpack it first, and name the file in it";

/// Of a pickle that was stored as text, and lost bytes that nothing brings back.
const MADE_AGAIN: &str = "fetch or write it again, in binary mode: git needs `*.pkl binary` in \
     .gitattributes, and Python open(path, \"wb\")";

/// Of a pickle that was turned into text in a way that can be turned back.
const TURNED_BACK: &str = "turn the text back into bytes first";

kinds! {
    Pickle = "a pickle", "open it with `pickle::open` or `picklebook show`";
    Joblib = "a joblib file with numpy's arrays",
        "open it with `pickle::open` or `picklebook show`";
    Empty = "an empty file", "nothing was written, or the save was interrupted: write or fetch it again";
    LfsPointer = "a Git LFS pointer",
        "the file that it stands for is still on the server: fetch it with `git lfs pull`";
    DvcPointer = "a DVC pointer",
        "the file that it stands for is still in the remote storage: fetch it with `dvc pull`";
    Html = "a web page (HTML)",
        "the download went to a page, such as one to sign in or to look at the file: fetch the raw file";
    Pmml = "a PMML model (XML)", OTHER_MODEL;
    Xml = "an XML file", "read it with a library for XML; an error page of a server is also one";
    XgboostJson = "an XGBoost model (JSON)", OTHER_MODEL;
    Notebook = "a Jupyter notebook", "open it in JupyterLab: `picklebook lab`";
    Json = "a JSON file", "read it with a library for JSON, such as serde_json";
    LightgbmText = "a LightGBM model (text)", OTHER_MODEL;
    Csv = "a table (CSV)", "read it with `data::read_csv`, or fit a tree to it with `picklebook train`";
    Text = "plain text", "if it is a path or a link, open what it names";
    Utf16Text = "text in UTF-16", "save it as UTF-8: in Excel as \"CSV UTF-8\"";
    Zlib = "a file compressed with zlib, as joblib does", COMPRESSED;
    Gzip = "a file compressed with gzip", COMPRESSED;
    Bzip2 = "a file compressed with bzip2", COMPRESSED;
    Xz = "a file compressed with xz", COMPRESSED;
    Lzma = "a file compressed with LZMA", COMPRESSED;
    Lz4 = "a file compressed with LZ4", COMPRESSED;
    Zstd = "a file compressed with Zstandard", FOREIGN_ARCHIVE;
    Torch = "a PyTorch file (zip)",
        "open it with torch.load(path, weights_only=True); the pickle in it is archive/data.pkl";
    TorchLegacy = "a PyTorch file of before 1.6",
        "open it with torch.load(path, weights_only=True) and save it again";
    Skops = "a skops file (zip)", "open it in Python with skops.io.load";
    KerasZip = "a Keras model (zip)", OTHER_MODEL;
    Excel = "an Excel workbook", "save the sheet as \"CSV UTF-8\"";
    OldOffice = "an Excel workbook or another file of Office before 2007 (.xls, .doc)",
        "if it is a workbook, save the sheet as \"CSV UTF-8\"";
    OpenDocumentSheet = "an OpenDocument spreadsheet (.ods)",
        "save the sheet as CSV, with the character set UTF-8";
    OfficeDocument = "a document of an office program", "name the file that was meant";
    PythonBytecode = "compiled Python code (.pyc)",
        "it holds a module and no pickle: name the file that the module saved";
    Npz = "a file of numpy's arrays (.npz)",
        "open it in Python with numpy.load, and save what is in it with pickle.dump";
    Zip = "a zip archive", "unpack it first, and name the file in it; torch.save writes such files too";
    Npy = "a numpy array (.npy)", "open it in Python with numpy.load, and save it with pickle.dump";
    Tar = "a tar archive", FOREIGN_ARCHIVE;
    SevenZip = "a 7z archive", FOREIGN_ARCHIVE;
    Rar = "a RAR archive", FOREIGN_ARCHIVE;
    Hdf5 = "an HDF5 file, as Keras and pandas write",
        "open it in Python with keras.models.load_model, h5py or pandas.read_hdf";
    Onnx = "an ONNX model", OTHER_MODEL;
    Tflite = "a TensorFlow Lite model", OTHER_MODEL;
    Parquet = "a Parquet table", "in Python, pandas.read_parquet(path).to_csv(…, index=False) makes CSV of it";
    Arrow = "an Arrow or Feather table",
        "in Python, pandas.read_feather(path).to_csv(…, index=False) makes CSV of it";
    Orc = "an ORC table", "in Python, pandas.read_orc(path).to_csv(…, index=False) makes CSV of it";
    Safetensors = "a safetensors file", OTHER_MODEL;
    Gguf = "a GGUF model", OTHER_MODEL;
    XgboostUbjson = "an XGBoost model (UBJSON)", OTHER_MODEL;
    XgboostBinary = "an XGBoost model (the old binary format)",
        "save it as JSON with XGBoost before 3.1, which reads it last";
    Catboost = "a CatBoost model", OTHER_MODEL;
    Rds = "an R file (RDS or RData)", "in R, write.csv(readRDS(path), …, row.names = FALSE) makes CSV of a table";
    Sqlite = "an SQLite database", "export the table as CSV";
    Pdf = "a PDF file", "name the file that was meant";
    Png = "a PNG picture", "name the file that was meant";
    Jpeg = "a JPEG picture", "name the file that was meant";
    Gif = "a GIF picture", "name the file that was meant";
    PickleCrlf = "a pickle whose line ends were changed to CRLF", MADE_AGAIN;
    PickleReplaced = "a pickle that was stored as text, with its bytes replaced by U+FFFD", MADE_AGAIN;
    PickleUtf8 = "a pickle that was stored as text in UTF-8", MADE_AGAIN;
    PickleBase64 = "a pickle in base64", TURNED_BACK;
    PickleHex = "a pickle in hexadecimal digits", TURNED_BACK;
    PickleRepr = "a pickle as Python prints bytes (b'…')",
        "write the bytes themselves: open(path, \"wb\").write(pickle.dumps(…))";
    Unknown = "a file of an unknown kind", "check that the path is the right one";
}

impl FileKind {
    /// What a file is, by its bytes: best all of them, for some kinds are known by their end.
    ///
    /// It is a guess where the format has no sign of its own, as with text and pickles of protocol 0
    /// and 1; what begins like a pickle counts as one. The time does not depend on how long the file
    /// is, except for zip archives and ONNX, whose members are counted.
    ///
    /// ```
    /// use picklebook::container::FileKind;
    ///
    /// assert_eq!(FileKind::of(b"\x80\x04K\x01."), FileKind::Pickle);
    /// assert_eq!(FileKind::of(b"(lp0\nI1\na."), FileKind::Pickle);
    /// assert_eq!(FileKind::of(b"height,spam\n1.5,True\n"), FileKind::Csv);
    /// assert_eq!(FileKind::of(b""), FileKind::Empty);
    /// ```
    pub fn of(bytes: &[u8]) -> FileKind {
        recognise::kind(bytes)
    }

    /// What a file is, by its first 64 MiB.
    ///
    /// # Errors
    /// That of the system, if the file cannot be read.
    ///
    /// ```
    /// use picklebook::container::FileKind;
    ///
    /// let path = std::env::temp_dir().join(format!("picklebook-kind-{}.pkl", std::process::id()));
    /// std::fs::write(&path, "version https://git-lfs.github.com/spec/v1\noid sha256:00\n")?;
    /// let kind = FileKind::of_file(&path)?;
    /// assert_eq!(kind, FileKind::LfsPointer);
    /// assert!(kind.advice().ends_with("fetch it with `git lfs pull`"));
    /// # std::fs::remove_file(path)?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn of_file(path: impl AsRef<Path>) -> io::Result<FileKind> {
        let mut bytes = Vec::new();
        File::open(path)?.take(64 << 20).read_to_end(&mut bytes)?;
        Ok(FileKind::of(&bytes))
    }

    /// Whether it is a pickle, as far as can be seen.
    pub fn is_pickle(self) -> bool {
        matches!(self, FileKind::Pickle | FileKind::Joblib)
    }

    /// Whether it was a pickle before it went through something made for text.
    pub fn is_mangled_pickle(self) -> bool {
        matches!(
            self,
            FileKind::PickleCrlf
                | FileKind::PickleReplaced
                | FileKind::PickleUtf8
                | FileKind::PickleBase64
                | FileKind::PickleHex
                | FileKind::PickleRepr
        )
    }

    /// Whether [`unpack`](super::unpack) takes its compression off.
    pub fn is_compressed(self) -> bool {
        matches!(
            self,
            FileKind::Zlib
                | FileKind::Gzip
                | FileKind::Bzip2
                | FileKind::Xz
                | FileKind::Lzma
                | FileKind::Lz4
        )
    }
}

/// The [`name`](FileKind::name).
impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
