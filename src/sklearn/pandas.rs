//! Tables of pandas, 0.25 to 3: a `DataFrame`, a `Series` or an `Index`, as a [`Frame`].
//!
//! A table is kept in blocks of columns of one type, by a `BlockManager` that is called with the
//! blocks and the axes (since 1.3), or has both in its state (before, and in every `Series`).

use super::Error;
use super::read::{attributes_of, boolean, class_of, described, float, integer, labels, text};
use crate::data::{Column, Frame, Labels};
use crate::numpy::DtypeKind;
use crate::pickle::Value;
use crate::text::shortened;

/// How much of a name in a file a message holds.
const LONGEST_NAME: usize = 100;

/// The labels of an `Index` of pandas.
pub(super) enum Index {
    /// From, to before which, and in which steps.
    Range(Option<i64>, Option<i64>, Option<i64>),
    /// Labels: an array of numpy's, or a list.
    Labels(Value),
    /// Those of another class, which are elsewhere.
    Other(String),
}

/// Whether a value is there, and is the name of this class or function.
pub(super) fn names(value: Option<Value>, module: &str, name: &str) -> bool {
    value
        .and_then(|value| value.global())
        .is_some_and(|found| found == (module.into(), name.into()))
}

fn arguments(value: &Value) -> Vec<Value> {
    value.arguments().map(|arguments| arguments.items()).unwrap_or_default()
}

/// An `Index` of pandas, 0.25 to 3: what `df.columns` and `df.select_dtypes(…).columns` are. It is a
/// call of `_new_Index` with the class and a dictionary that holds the labels as an array of numpy's or,
/// in pandas 3, of pandas' own.
pub(super) fn index(value: &Value) -> Result<Option<Index>, String> {
    if is_own_array(value) {
        return own_array(value).map(|(_, array)| Some(Index::Labels(array)));
    }
    if !names(value.callee(), "pandas.core.indexes.base", "_new_Index") {
        return Ok(None);
    }
    let arguments = arguments(value);
    let [class, parts] = arguments.as_slice() else {
        return Err("an Index of pandas without its parts".into());
    };
    let class = class.global().map(|(_, class)| class).unwrap_or_default();
    if class == "RangeIndex" {
        let bound = |name: &str| parts.get(name).as_ref().and_then(integer);
        return Ok(Some(Index::Range(bound("start"), bound("stop"), bound("step"))));
    }
    let Some(data) = parts.get("data") else { return Ok(Some(Index::Other(class))) };
    match is_own_array(&data) {
        true => own_array(&data).map(|(_, array)| Some(Index::Labels(array))),
        false => Ok(Some(Index::Labels(data))),
    }
}

/// Whether it is an array of pandas, which keeps an array of numpy's in one of its own.
fn is_own_array(value: &Value) -> bool {
    names(value.callee(), "pandas._libs.arrays", "__pyx_unpickle_NDArrayBacked")
}

/// The class of an array of pandas, its type and its content.
fn own_array(value: &Value) -> Result<(String, Value), String> {
    let class = arguments(value).first().and_then(|class| class.global());
    let class = class.map(|(_, class)| class).unwrap_or_default();
    let state = value.state().map(|state| state.items()).unwrap_or_default();
    let is_array = |part: &&Value| part.to_numpy().is_ok() || part.to_object_array().is_ok();
    match state.iter().rev().find(is_array) {
        Some(array) => Ok((class, array.clone())),
        None => Err("an array of pandas without its content".into()),
    }
}

/// The table that a value is: a `DataFrame`, a `Series` or an `Index` of pandas; `None` for something
/// else.
pub(super) fn read(value: &Value) -> Option<Result<Frame, Error>> {
    let class = class_of(value)?;
    let of_pandas = class.0 == "pandas" || class.0.starts_with("pandas.");
    let made = match (of_pandas, class.1.as_str()) {
        (true, "DataFrame") => read_frame(value),
        (true, "Series") => read_series(value),
        (true, "_new_Index") => read_index(value),
        _ => return None,
    };
    let name = match class.1.as_str() {
        "_new_Index" => "Index".to_owned(),
        name => name.to_owned(),
    };
    Some(made.map_err(|problem| Error::Table { class: name, problem }))
}

/// What is known of the columns or rows: a label for each.
fn read_labels(value: &Value) -> Result<Option<Labels>, String> {
    match index(value)? {
        Some(Index::Labels(array)) => labels(&array).map(Some),
        Some(Index::Range(..)) => Ok(None),
        Some(Index::Other(class)) => {
            Err(format!("its labels are a {}, which is not read", shortened(&class, LONGEST_NAME)))
        }
        None => Err(format!("its labels are {}, no Index", described(value))),
    }
}

/// A block: the columns that it holds, and their places.
struct Block {
    values: Value,
    places: Vec<usize>,
}

/// The blocks and axes of a table, by its state.
fn read_manager(state: &[(String, Value)]) -> Result<(Vec<Value>, Vec<Block>), String> {
    // it was renamed in 1.1
    let manager = state.iter().find(|(name, _)| name == "_mgr" || name == "_data");
    let (_, manager) = manager.ok_or("it has no blocks")?;
    let name = class_of(manager).map(|(_, name)| name).unwrap_or_default();
    if !matches!(name.as_str(), "BlockManager" | "SingleBlockManager") {
        return Err(format!("it is kept by {}", described(manager)));
    }
    if let [blocks, axes] = arguments(manager).as_slice() {
        let blocks = blocks.items().into_iter().map(|block| {
            let callee = block.callee().and_then(|callee| callee.global());
            let known = callee.is_some_and(|(module, name)| {
                let inside =
                    ["pandas._libs.internals", "pandas.core.internals.blocks"].contains(&&*module);
                inside && ["_unpickle_block", "new_block"].contains(&&*name)
            });
            match arguments(&block).as_slice() {
                [values, places, _] if known => block_of(values, places),
                _ => Err(format!("a block is {}", described(&block))),
            }
        });
        return Ok((axes.items(), blocks.collect::<Result<_, String>>()?));
    }
    let state = manager.state().map(|state| state.items()).unwrap_or_default();
    let layout = state.last().and_then(|last| last.get("0.14.1"));
    let layout = layout.ok_or("its blocks are of a layout that is not known")?;
    let part = |name: &str| layout.get(name).ok_or_else(|| format!("it has no {name}"));
    let blocks = part("blocks")?.items().into_iter().map(|block| {
        let part = |name: &str| block.get(name).ok_or_else(|| format!("a block has no {name}"));
        block_of(&part("values")?, &part("mgr_locs")?)
    });
    Ok((part("axes")?.items(), blocks.collect::<Result<_, String>>()?))
}

/// How many columns a table may have.
const MOST_COLUMNS: usize = 1 << 24;

fn block_of(values: &Value, places: &Value) -> Result<Block, String> {
    let wrong = || "the places of a block's columns are none".to_owned();
    let is_slice = class_of(places).is_some_and(|(_, name)| name == "slice");
    let places: Vec<usize> = if is_slice {
        let bounds: Vec<Option<i64>> = arguments(places).iter().map(integer).collect();
        let &[Some(start), Some(stop), step] = bounds.as_slice() else { return Err(wrong()) };
        let step = usize::try_from(step.unwrap_or(1)).ok().filter(|&step| step > 0);
        let (start, stop) = (usize::try_from(start), usize::try_from(stop));
        let (Ok(start), Ok(stop), Some(step)) = (start, stop, step) else { return Err(wrong()) };
        (start..stop).step_by(step).take(MOST_COLUMNS).collect()
    } else {
        let Labels::Integers(places) = labels(places)? else { return Err(wrong()) };
        let places = places.into_iter().map(|place| usize::try_from(place).map_err(|_| wrong()));
        places.collect::<Result<_, String>>()?
    };
    Ok(Block { values: values.clone(), places })
}

/// A table of numpy's cells, or of pandas' own array.
enum Cells {
    /// Numbers: columns × rows.
    Numbers(Vec<Vec<f64>>),
    /// Objects: columns × rows.
    Objects(Vec<Vec<Value>>),
    /// Labels by their places: one column.
    Coded(Vec<i64>, Labels),
}

/// The items of an array, by its first dimension; of one with a single dimension, all as one.
fn by_first<T: Clone>(array: &ndarray::ArrayD<T>) -> Result<Vec<Vec<T>>, String> {
    match array.ndim() {
        1 => Ok(vec![array.iter().cloned().collect()]),
        2 => Ok(array.outer_iter().map(|column| column.iter().cloned().collect()).collect()),
        other => Err(format!("a block has {other} dimensions")),
    }
}

fn cells_of(values: &Value) -> Result<Cells, String> {
    let said = |error: crate::pickle::Error| error.to_string();
    if is_own_array(values) {
        let (class, array) = own_array(values)?;
        return match class.as_str() {
            "Categorical" => {
                let state = values.state().map(|state| state.items()).unwrap_or_default();
                let categories = state.first().ok_or("a Categorical has no type")?;
                coded(&array, categories)
            }
            "StringArray" | "NumpyExtensionArray" | "PandasArray" => cells_of(&array),
            other => {
                Err(format!("a column is a {}, which is not read", shortened(other, LONGEST_NAME)))
            }
        };
    }
    let class = class_of(values).map(|(_, name)| name).unwrap_or_default();
    if let Ok(objects) = values.to_object_array() {
        return by_first(&objects).map(Cells::Objects);
    }
    if let Ok(array) = values.to_numpy() {
        return match array.dtype().kind() {
            DtypeKind::Bool => {
                let flags: ndarray::ArrayD<bool> = values.to_array().map_err(said)?;
                by_first(&flags.mapv(|flag| f64::from(u8::from(flag)))).map(Cells::Numbers)
            }
            DtypeKind::Int | DtypeKind::Uint | DtypeKind::Float => {
                let numbers: ndarray::ArrayD<f64> = values.to_array().map_err(said)?;
                by_first(&numbers).map(Cells::Numbers)
            }
            _ => Err(format!("a column is of the type {}, which is not read", array.dtype())),
        };
    }
    let state = attributes_of(values).unwrap_or_default();
    let part = |name: &str| {
        let found = state.iter().find(|(own, _)| own == name).map(|(_, value)| value);
        found.ok_or_else(|| format!("a column is {}, which is not read", described(values)))
    };
    match class.as_str() {
        "Categorical" => coded(part("_codes")?, part("_dtype")?),
        // pandas 1.0 to 1.2
        "StringArray" => cells_of_numpy(part("_ndarray")?),
        "IntegerArray" | "FloatingArray" | "BooleanArray" => {
            let Cells::Numbers(mut columns) = cells_of_numpy(part("_data")?)? else {
                return Err("a column has no numbers".into());
            };
            let masked: ndarray::ArrayD<bool> = part("_mask")?.to_array().map_err(said)?;
            let mut cells = columns.iter_mut().flatten();
            for &masked in &masked {
                match cells.next() {
                    Some(cell) if masked => *cell = f64::NAN,
                    Some(_) => {}
                    None => return Err("a column's mask is longer than the column".into()),
                }
            }
            Ok(Cells::Numbers(columns))
        }
        _ => Err(format!("a column is {}, which is not read", described(values))),
    }
}

/// The cells of an array of numpy's, which is in no other.
fn cells_of_numpy(values: &Value) -> Result<Cells, String> {
    match values.to_numpy().is_ok() || values.to_object_array().is_ok() {
        true => cells_of(values),
        false => Err("a column has no array".into()),
    }
}

/// A column whose cells are places among categories.
fn coded(codes: &Value, categories: &Value) -> Result<Cells, String> {
    let Labels::Integers(codes) = labels(codes)? else {
        return Err("the codes of a Categorical are no numbers".into());
    };
    let state = attributes_of(categories)?;
    let categories = state.iter().find(|(name, _)| name == "categories");
    let (_, categories) = categories.ok_or("a Categorical has no categories")?;
    match index(categories)? {
        Some(Index::Labels(array)) => Ok(Cells::Coded(codes, labels(&array)?)),
        _ => Err("the categories of a column are no Index with labels".into()),
    }
}

/// Whether it is a missing value: None, NaN, or pandas' own.
fn is_missing(value: &Value) -> bool {
    value.is_none()
        || float(value).is_some_and(f64::is_nan)
        || value.global().is_some_and(|(module, name)| {
            (module == "pandas" || module.starts_with("pandas.")) && name == "NA"
        })
        || value.callee().and_then(|it| it.global()).is_some_and(|(_, name)| name == "_unpickle_na")
}

fn column_of_objects(cells: &[Value]) -> Result<Column, String> {
    let word = |cell: &Value| match is_missing(cell) {
        true => Some(None),
        false => text(cell).map(Some),
    };
    let number = |cell: &Value| match is_missing(cell) {
        true => Some(f64::NAN),
        false => float(cell).or_else(|| boolean(cell).map(|flag| f64::from(u8::from(flag)))),
    };
    if let Some(numbers) = cells.iter().map(number).collect::<Option<Vec<f64>>>() {
        return Ok(Column::Numbers(numbers));
    }
    match cells.iter().map(word).collect::<Option<Vec<Option<String>>>>() {
        Some(words) => Ok(Column::Words(words)),
        None => Err("a column holds neither numbers nor words alone".into()),
    }
}

fn column_of_codes(codes: &[i64], categories: &Labels) -> Result<Column, String> {
    let place = |code: &i64| match code {
        -1 => Ok(None),
        &code => usize::try_from(code)
            .ok()
            .filter(|&place| place < categories.len())
            .map(Some)
            .ok_or_else(|| format!("a code of a column is {code}, of {}", categories.len())),
    };
    let places = codes.iter().map(place).collect::<Result<Vec<Option<usize>>, String>>()?;
    Ok(match categories {
        Labels::Text(words) => Column::Words(
            places.iter().map(|place| place.and_then(|place| words.get(place).cloned())).collect(),
        ),
        other => {
            let number = |place: usize| match other.get_ref(place)? {
                crate::data::LabelRef::Integer(integer) => Some(integer as f64),
                crate::data::LabelRef::Float(float) => Some(float),
                crate::data::LabelRef::Boolean(flag) => Some(f64::from(u8::from(flag))),
                crate::data::LabelRef::Text(_) => None,
            };
            let number = |place: &Option<usize>| place.and_then(number).unwrap_or(f64::NAN);
            Column::Numbers(places.iter().map(number).collect())
        }
    })
}

/// The columns of a block.
fn columns_of(values: &Value) -> Result<Vec<Column>, String> {
    match cells_of(values)? {
        Cells::Numbers(columns) => Ok(columns.into_iter().map(Column::Numbers).collect()),
        Cells::Objects(columns) => columns.iter().map(|cells| column_of_objects(cells)).collect(),
        Cells::Coded(codes, categories) => Ok(vec![column_of_codes(&codes, &categories)?]),
    }
}

fn read_frame(value: &Value) -> Result<Frame, String> {
    let (axes, blocks) = read_manager(&attributes_of(value)?)?;
    let names = axes.first().ok_or("it has no axes")?;
    let names = read_labels(names)?;
    let mut columns: Vec<Option<Column>> = Vec::new();
    for block in &blocks {
        let made = columns_of(&block.values)?;
        if made.len() != block.places.len() {
            let (found, expected) = (made.len(), block.places.len());
            return Err(format!("a block has {found} columns, not {expected}"));
        }
        for (&place, column) in block.places.iter().zip(made) {
            if place >= MOST_COLUMNS {
                return Err(format!("a column has the place {place}"));
            }
            if columns.len() <= place {
                columns.resize_with(place + 1, || None);
            }
            match &mut columns[place] {
                Some(_) => return Err(format!("two columns have the place {place}")),
                empty => *empty = Some(column),
            }
        }
    }
    let columns: Option<Vec<Column>> = columns.into_iter().collect();
    let columns = columns.ok_or("some of its columns are in no block")?;
    let frame = Frame::unnamed(columns).map_err(|error| error.to_string())?;
    match names {
        None => Ok(frame),
        Some(names) => {
            let names = names.iter().map(|name| name.to_string()).collect();
            frame.with_names(names).map_err(|error| error.to_string())
        }
    }
}

fn read_series(value: &Value) -> Result<Frame, String> {
    let state = attributes_of(value)?;
    let (_, blocks) = read_manager(&state)?;
    let [block] = blocks.as_slice() else {
        return Err(format!("it has {} blocks, not one", blocks.len()));
    };
    // it was renamed in 2.0
    let name =
        state.iter().find(|(own, value)| (own == "_name" || own == "name") && !value.is_none());
    let column = columns_of(&block.values)?.into_iter().next().ok_or("its block is empty")?;
    let frame = Frame::unnamed([column]).map_err(|error| error.to_string())?;
    match name {
        None => Ok(frame),
        Some((_, name)) => {
            let name = text(name).or_else(|| integer(name).map(|number| number.to_string()));
            let name = name.ok_or("its name is neither text nor a number")?;
            frame.with_names(vec![name]).map_err(|error| error.to_string())
        }
    }
}

fn read_index(value: &Value) -> Result<Frame, String> {
    let labels = read_labels(value)?.ok_or("it is a range, without labels of its own")?;
    let column = match labels {
        Labels::Text(words) => Column::Words(words.into_iter().map(Some).collect()),
        labels => {
            let places: Vec<i64> = (0..labels.len() as i64).collect();
            column_of_codes(&places, &labels)?
        }
    };
    Frame::unnamed([column]).map_err(|error| error.to_string())
}
