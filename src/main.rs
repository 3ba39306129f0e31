//! The command `picklebook`.
fn main() {}
