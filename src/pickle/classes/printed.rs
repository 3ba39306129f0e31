//! How an object prints, in pieces: the families put them together, and the printer prints them
//! without knowing any class.

use std::borrow::Cow;

use crate::pickle::graph::unique::Unique;

/// The printed form of an object.
pub(crate) enum Printed<'g> {
    /// An object that holds no others.
    Whole(Piece<'g>),
    /// An object that holds others.
    Holder {
        pieces: Vec<Piece<'g>>,
        /// What stands for it where it must not be entered: because it is being printed already,
        /// or lies too deep.
        closed: &'static str,
    },
}

/// A part of a printed form.
pub(crate) enum Piece<'g> {
    Literal(&'static str),
    Text(String),
    /// Bytes, in quotes.
    Bytes(Cow<'g, [u8]>),
    /// `bytearray(…)`
    ByteArray(Cow<'g, [u8]>),
    /// Another object.
    Object(u32),
    /// Other objects, with commas between them.
    Items(Box<dyn Iterator<Item = u32> + 'g>),
    /// Keys and values, with commas between them.
    Entries(Style, Box<dyn Iterator<Item = (u32, u32)> + 'g>),
    /// The same, where it takes work to find them.
    ItemsOf(Box<dyn FnOnce() -> Unique<u32> + 'g>),
    EntriesOf(Style, Box<dyn FnOnce() -> Unique<(u32, u32)> + 'g>),
}

/// How keys and values are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// `key: value`
    Dict,
    /// `(key, value)`
    Pair,
    /// `key=value`
    Named,
}

impl<'g> Piece<'g> {
    pub fn items(items: impl IntoIterator<Item = u32, IntoIter: 'g>) -> Piece<'g> {
        Piece::Items(Box::new(items.into_iter()))
    }

    /// Items that take work to find: it is done when they are printed, and so not where the object
    /// is not entered.
    pub fn items_of(find: impl FnOnce() -> Unique<u32> + 'g) -> Piece<'g> {
        Piece::ItemsOf(Box::new(find))
    }

    /// Entries that take work to find, as with [`Piece::items_of`].
    pub fn entries_of(style: Style, find: impl FnOnce() -> Unique<(u32, u32)> + 'g) -> Piece<'g> {
        Piece::EntriesOf(style, Box::new(find))
    }
}
