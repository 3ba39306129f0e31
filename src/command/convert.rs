//! `picklebook convert`: models from one library, or version, for another.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use picklebook::AnyModel;
use picklebook::container::Compression;
use picklebook::files::write_atomically;
use picklebook::sklearn::{self, DumpOptions, LoadOptions, Version};

use super::{Failure, Memory, keep_input, read_pipe, told};

/// Write a model for another version of scikit-learn, or for scikit-learn at all
///
/// A model of scikit-learn's is written as the version that is named wrote it: a file that it refuses
/// or would misread, it opens then. Trees, forests, boosting, scalers, encoders, and pipelines and searches
/// of them can be converted, also in dictionaries and lists. A tree of picklebook's, or of linfa's, becomes a DecisionTreeClassifier or
/// DecisionTreeRegressor. With `--to joblib` the file is one of joblib's; with `--to picklebook` a tree of
/// scikit-learn's becomes one of picklebook's.
#[derive(Args)]
pub struct ConvertArguments {
    /// The model: a pickle or joblib file
    model: PathBuf,
    /// Where to write, whole or not at all
    output: PathBuf,
    /// What to write
    #[arg(long, value_enum, default_value_t)]
    to: Target,
    /// The version of scikit-learn that will open the file [default: 1.9.1]
    #[arg(long, value_name = "V")]
    sklearn_version: Option<Version>,
    /// The protocol of the pickle, from 2 to 5
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(2..=5))]
    protocol: u8,
    /// Where the model is in a file that holds several, as in "['model']"
    #[arg(long, value_name = "PATH")]
    object: Option<String>,
    /// How to compress a joblib file, as `joblib.dump` does with compress=3
    #[arg(long, value_enum, value_name = "BY")]
    compress: Option<Compressor>,
    /// Write a joblib file as joblib before 1.2 can open it
    #[arg(long)]
    old_joblib: bool,
    #[command(flatten)]
    memory: Memory,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Compressor {
    /// The compressor that joblib takes by default
    Zlib,
    /// zlib's with another header, which gzip unpacks
    Gzip,
    /// Smaller and slower
    Bz2,
}

/// joblib's level by default.
const LEVEL: u32 = 3;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Target {
    /// scikit-learn's own object, which `pickle.load` and `joblib.load` open
    #[default]
    Sklearn,
    /// The same, as a joblib file that `joblib.load` opens, and can map into memory
    Joblib,
    /// picklebook's own format, a dictionary of plain lists
    Picklebook,
}

pub fn convert(arguments: &ConvertArguments) -> Result<(), Failure> {
    let (path, output) = (&arguments.model, &arguments.output);
    keep_input(path, output)?;
    let cannot_read = |error| format!("cannot read {}: {error}", path.display());
    let bytes = match read_pipe(path)? {
        Some(bytes) => bytes,
        None => fs::read(path).map_err(cannot_read)?,
    };
    let limits = arguments.memory.limits(bytes.len() as u64);
    let mut from = LoadOptions::new().limits(limits);
    if let Some(object) = &arguments.object {
        from = from.object(object);
    }
    let mut options = DumpOptions::new().protocol(arguments.protocol);
    if let Some(version) = arguments.sklearn_version {
        options = options.version(version);
    }
    let is_joblib = arguments.to == Target::Joblib;
    if !is_joblib && (arguments.compress.is_some() || arguments.old_joblib) {
        return Err("--compress and --old-joblib are for files of joblib: add --to joblib".into());
    }
    options = options.joblib(is_joblib).aligned(!arguments.old_joblib);
    if let Some(compressor) = arguments.compress {
        let compression = match compressor {
            Compressor::Zlib => Compression::Zlib,
            Compressor::Gzip => Compression::Gzip,
            Compressor::Bz2 => Compression::Bzip2,
        };
        options = options.compress(compression, LEVEL);
    }
    let in_file = |error: &dyn std::error::Error| format!("{}: {}", path.display(), told(error));
    let written = match arguments.to {
        Target::Sklearn | Target::Joblib => match AnyModel::loads_with(&bytes, &limits) {
            Ok(AnyModel::DecisionTreeClassifier(tree)) => sklearn::dumps_with(&tree, &options),
            Ok(AnyModel::DecisionTreeRegressor(tree)) => sklearn::dumps_with(&tree, &options),
            Ok(AnyModel::LinfaTree(tree)) => sklearn::dumps_with(&tree, &options),
            _ => sklearn::convert_with(&bytes, &from, &options),
        }
        .map_err(|error| in_file(&error))?,
        Target::Picklebook => {
            let model = sklearn::loads_with(&bytes, &from).map_err(|error| in_file(&error))?;
            model.to_picklebook(arguments.protocol).map_err(|error| in_file(&error))?
        }
    };
    match write_atomically(output, |file| file.write_all(&written)) {
        Ok(_length) => Ok(()),
        Err(error) => Err(error.to_string().into()),
    }
}
