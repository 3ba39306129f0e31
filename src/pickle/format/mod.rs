//! The format itself: opcodes, and numbers, texts and names as they stand behind them.

pub(crate) mod number;
pub(crate) mod opcode;
pub(crate) mod renamed;
pub(crate) mod steps;
pub(crate) mod text;

pub use opcode::op;
