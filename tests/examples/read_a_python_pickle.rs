//! A pickle that Python wrote, of a type that is not known, is walked and printed. Nothing in it is
//! imported or called.
//!
//! `cargo run --example read_a_python_pickle [FILE.pkl…]`

use picklebook::pickle::{self, Value};

/// A pickle's objects can lie in one another without end: a list may hold itself.
const DEEPEST: usize = 4;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut files: Vec<String> = std::env::args().skip(1).collect();
    if files.is_empty() {
        files =
            ["mixture", "spam_filter", "recursive_list"].map(|n| format!("data/{n}.pkl")).into();
    }
    for file in files {
        println!("{file}");
        let value: Value = pickle::open(&file)?;
        walk("", &value, 1);
    }
    Ok(())
}

/// Prints an object on a line, and what it holds on the lines below.
fn walk(name: &str, value: &Value, level: usize) {
    let indent = "  ".repeat(level);
    let name = if name.is_empty() { String::new() } else { format!("{name}: ") };
    if level > DEEPEST {
        println!("{indent}{name}…");
        return;
    }
    // What Python would call to make the object: a class, or a function that returns one.
    if let (Some(callee), Some(arguments)) = (value.callee(), value.arguments()) {
        println!("{indent}{name}made by {callee} with {arguments}");
        if let Some(state) = value.state() {
            walk("state", &state, level + 1);
        }
        return;
    }
    let (items, entries) = (value.items(), value.entries());
    match items.len() + entries.len() {
        0 => println!("{indent}{name}{} {value}", value.type_name()),
        many => println!("{indent}{name}{} of {many}", value.type_name()),
    }
    for item in items {
        walk("", &item, level + 1);
    }
    for (key, item) in entries {
        walk(&key.to_string(), &item, level + 1);
    }
}
