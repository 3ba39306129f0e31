//! Dtypes, as numpy pickles them: a short form and a state.

use std::borrow::Cow;
use std::collections::HashMap;
use std::str::FromStr;
use std::sync::Arc;

use super::{Missing, integer_of, read_shape, text_of, unsound};
use crate::numpy::{Dtype, DtypeKind, Field, TimeUnit};
use crate::pickle::classes::bytes_of;
use crate::pickle::graph::{Graph, Kind, Origin};

/// How much may be looked at for one dtype, in bytes of names and in objects: one of 65,536 fields with
/// short names. A few bytes can name one field in very many places.
const MOST_WORK: u64 = 1 << 23;

/// What it costs to look at one field.
const FIELD: u64 = 64;

/// How deep dtypes may lie in one another, counted on the way down.
const MOST_DEPTH: u32 = 33;

/// The dtype that an object is.
pub(crate) fn read_dtype(graph: &Graph<'_>, index: u32, work: &mut u64) -> Result<Dtype, Missing> {
    Reader { graph, work }.dtype(index, 0)
}

/// The same, which is read once for all arrays that have it.
pub(crate) fn shared_dtype(
    graph: &Graph<'_>,
    index: u32,
    work: &mut u64,
) -> Result<Arc<Dtype>, Missing> {
    if let Some((dtype, took)) = graph.dtypes.get(index) {
        *work += took;
        return Ok(dtype);
    }
    let mut took = 0;
    let dtype = read_dtype(graph, index, &mut took);
    *work += took;
    let dtype = Arc::new(dtype?);
    graph.dtypes.keep(index, &dtype, took);
    Ok(dtype)
}

struct Reader<'g, 'd, 'w> {
    graph: &'g Graph<'d>,
    work: &'w mut u64,
}

impl Reader<'_, '_, '_> {
    fn spend(&mut self, work: u64) -> Result<(), Missing> {
        *self.work += work;
        if *self.work > MOST_WORK {
            return Err(unsound("a dtype with too many fields, or too long names"));
        }
        Ok(())
    }

    fn dtype(&mut self, index: u32, depth: u32) -> Result<Dtype, Missing> {
        if depth > MOST_DEPTH {
            return Err(unsound("a dtype with fields too deep in one another"));
        }
        self.spend(FIELD + self.graph.weight(index))?;
        let graph = self.graph;
        let object = graph.object(graph.node(index)).ok_or(Missing::NoArray)?;
        let callee = graph.global(object.callee).filter(|_| object.origin == Origin::Reduce);
        let is_dtype = callee.is_some_and(|(module, name)| {
            (&*module, &*name) == ("numpy", "dtype")
                || name == "dtype" && matches!(&*module, "numpy.core.multiarray")
        });
        if !is_dtype {
            return Err(Missing::NoArray);
        }
        let short = graph.items(graph.node(object.arguments)).next();
        let short = short.ok_or_else(|| unsound("a dtype of nothing"))?;
        self.spend(graph.weight(short))?;
        let plain = match text_of(graph, short) {
            Some(short) => Dtype::from_str(&short)?,
            // `numpy.record` and the like, for items with fields.
            None if graph.global(short).is_some() => Dtype::from_str("V")?,
            None => return Err(unsound("a dtype that is no text")),
        };
        match graph.state(object) {
            Some(state) => self.with_state(plain, state, depth),
            None => Ok(plain),
        }
    }

    /// `(version, byte order, subarray, names, fields, itemsize, alignment, flags, metadata)`, without
    /// the last before version 4, and without the last two before version 3.
    fn with_state(&mut self, plain: Dtype, state: u32, depth: u32) -> Result<Dtype, Missing> {
        let graph = self.graph;
        let parts: Vec<u32> = graph.items(graph.node(state)).take(10).collect();
        let (order, subarray, names, fields, size, alignment, rest) = match *parts {
            [_, order, subarray, names, fields, size, alignment, ref rest @ ..]
                if rest.len() <= 2 =>
            {
                (order, subarray, names, fields, size, alignment, rest)
            }
            _ => return Err(unsound("a dtype with another state than numpy's")),
        };
        let order = match text_of(graph, order).as_deref().map(str::as_bytes) {
            Some([order]) => *order,
            _ => return Err(unsound("a dtype without byte order")),
        };
        let size = self.size(size)?;
        let alignment = self.size(alignment)?;
        let aligned = match rest.first() {
            // NPY_ALIGNED_STRUCT
            Some(&flags) => self.integer(flags).is_some_and(|flags| flags & 0x80 != 0),
            None => false,
        };
        if graph.node(subarray).kind != Kind::None {
            let mut parts = graph.items(graph.node(subarray));
            let (Some(base), Some(shape)) = (parts.next(), parts.next()) else {
                return Err(unsound("a dtype of arrays without their shape"));
            };
            let base = self.nested(base, depth)?;
            let shape = read_shape(graph, shape)?;
            let dtype = Dtype::subarray(base, &shape)?;
            return match size {
                Some(size) if size != dtype.itemsize() => {
                    Err(unsound("a dtype of arrays of another size than its items'"))
                }
                _ => Ok(dtype),
            };
        }
        if graph.node(names).kind != Kind::None && matches!(plain.kind(), DtypeKind::Void) {
            let size = size.ok_or_else(|| unsound("a dtype with fields but without a size"))?;
            let fields = self.fields(names, fields, depth)?;
            let dtype = Dtype::structured(fields, size)?;
            return Ok(dtype.with_alignment(alignment.unwrap_or(1), aligned));
        }
        let wrong_order = || unsound("a dtype with a byte order that numpy has not");
        let mut dtype = plain;
        if let (DtypeKind::Datetime(_) | DtypeKind::Timedelta(_), Some(&metadata)) =
            (dtype.kind(), rest.get(1))
        {
            let span = matches!(dtype.kind(), DtypeKind::Timedelta(_));
            let unit = self.time_unit(metadata)?;
            dtype = Dtype::time(span, unit, dtype.byte_order());
        }
        let mut dtype = dtype.in_order(order).ok_or_else(wrong_order)?;
        if let Some(size) = size {
            let wrong_size = || unsound("a dtype of a size that its items do not have");
            dtype = dtype.with_itemsize(size).ok_or_else(wrong_size)?;
        }
        Ok(dtype)
    }

    /// A dtype within another.
    fn nested(&mut self, index: u32, depth: u32) -> Result<Dtype, Missing> {
        self.dtype(index, depth + 1).map_err(|missing| match missing {
            Missing::NoArray => unsound("a dtype is made of something that is no dtype"),
            unsound => unsound,
        })
    }

    fn fields(&mut self, names: u32, fields: u32, depth: u32) -> Result<Vec<Field>, Missing> {
        let graph = self.graph;
        let wrong = || unsound("a dtype whose fields are not as numpy writes them");
        let mut by_name: HashMap<String, (u32, u32, Option<u32>)> = HashMap::new();
        let mut items = graph.items(graph.node(fields));
        while let Some((name, field)) = items.next().zip(items.next()) {
            self.spend(FIELD + graph.weight(name))?;
            let name = text_of(graph, name).ok_or_else(wrong)?.into_owned();
            let mut parts = graph.items(graph.node(field));
            let (Some(dtype), Some(offset)) = (parts.next(), parts.next()) else {
                return Err(wrong());
            };
            by_name.insert(name, (dtype, offset, parts.next()));
        }
        let mut found = Vec::new();
        for name in graph.items(graph.node(names)) {
            self.spend(FIELD + graph.weight(name))?;
            let name = text_of(graph, name).ok_or_else(wrong)?.into_owned();
            let &(dtype, offset, title) = by_name.get(&name).ok_or_else(wrong)?;
            let offset = self.integer(offset).and_then(|offset| usize::try_from(offset).ok());
            let offset = offset.ok_or_else(wrong)?;
            let mut field = Field::new(name, self.nested(dtype, depth)?, offset);
            if let Some(title) = title {
                self.spend(graph.weight(title))?;
                field.title = text_of(graph, title).map(Cow::into_owned);
            }
            found.push(field);
        }
        Ok(found)
    }

    /// `(metadata, (unit, count, divisor, 1))`
    fn time_unit(&mut self, metadata: u32) -> Result<TimeUnit, Missing> {
        let graph = self.graph;
        let wrong = || unsound("a time in a unit that numpy has not");
        let unit = graph.items(graph.node(metadata)).nth(1).ok_or_else(wrong)?;
        let parts: Vec<u32> = graph.items(graph.node(unit)).take(4).collect();
        let [name, count, divisor, ..] = *parts else { return Err(wrong()) };
        self.spend(graph.weight(name))?;
        let name = bytes_of(graph, graph.node(name))
            .or_else(|| text_of(graph, name).map(|text| text.into_owned().into_bytes().into()));
        match (name, self.integer(count), self.integer(divisor)) {
            (Some(name), Some(count), Some(1)) => TimeUnit::new(&name, count).ok_or_else(wrong),
            _ => Err(wrong()),
        }
    }

    /// A size, if one is given: -1 stands for none.
    fn size(&mut self, index: u32) -> Result<Option<usize>, Missing> {
        match self.integer(index) {
            Some(-1) => Ok(None),
            Some(size) => match usize::try_from(size) {
                Ok(size) => Ok(Some(size)),
                Err(_) => Err(unsound("a dtype of negative size")),
            },
            None => Err(unsound("a dtype whose size is no number")),
        }
    }

    fn integer(&self, index: u32) -> Option<i64> {
        integer_of(self.graph, index)
    }
}
