//! Types of any size, one in another as deep as they go, on a thread with the 2 MiB of stack that
//! a notebook's cell and a test have: each is read, or written, or refused with an error.
//!
//! A stack overflow ends the process, so each kind of type is tried in one of its own.

mod support;

use std::collections::HashMap;
use std::process::Command;

use picklebook::pickle::{self, DumpOptions, Value};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// How deep values lie in one another. A level here is two where there is a container between.
const DEPTHS: [u32; 13] = [1, 2, 3, 4, 5, 8, 13, 30, 60, 100, 126, 200, 255];

/// What a type holds beside the next level, of which its pickle says nothing.
#[allow(dead_code)] // it takes room
struct Pad<const N: usize>([u8; N]);

impl<const N: usize> Default for Pad<N> {
    fn default() -> Pad<N> {
        Pad([1; N])
    }
}

/// A type that can hold one of its own.
trait Nested: Serialize + DeserializeOwned + Send + 'static {
    fn around(inner: Option<Self>) -> Self;
}

/// A type of each size, with the name and fields of serde's own making.
macro_rules! nested {
    ($($name:ident $(<$size:ident>)? { $($definition:tt)* } |$inner:ident| $make:expr;)*) => {$(
        #[derive(Serialize, Deserialize)]
        #[serde(bound = "")]
        #[allow(dead_code)]
        $($definition)*

        impl<const N: usize> Nested for $name<N> {
            fn around($inner: Option<Self>) -> Self {
                $make
            }
        }
    )*

    /// Tries the kind of type of this name in every size.
    fn all_sizes(kind: &str) {
        match kind {
            $(stringify!($name) => {
                for depth in DEPTHS {
                    let bytes = pickle_of::<$name<0>>(depth);
                    nested!(@sizes $name depth &bytes;
                        0 100 1_000 2_500 6_000 12_000 25_000 50_000 100_000);
                }
            })*
            _ => panic!("{kind} is no kind of type here"),
        }
    }

    const KINDS: &[&str] = &[$(stringify!($name)),*];
    };
    (@sizes $name:ident $depth:ident $bytes:expr; $($size:literal)*) => {
        $(one::<$name<$size>>($bytes, $depth, $size);)*
    };
}

nested! {
    List {
        struct List<const N: usize> { #[serde(skip)] pad: Pad<N>, next: Vec<List<N>> }
    } |inner| List { pad: Pad::default(), next: inner.into_iter().collect() };
    Map {
        struct Map<const N: usize> { #[serde(skip)] pad: Pad<N>, next: HashMap<String, Map<N>> }
    } |inner| {
        Map { pad: Pad::default(), next: inner.into_iter().map(|it| ("a".into(), it)).collect() }
    };
    Boxed {
        struct Boxed<const N: usize> { next: Option<Box<Boxed<N>>>, #[serde(skip)] pad: Pad<N> }
    } |inner| Boxed { pad: Pad::default(), next: inner.map(Box::new) };
    Choice {
        enum Choice<const N: usize> {
            Leaf,
            Node { #[serde(skip)] pad: Pad<N>, next: Box<Choice<N>> },
        }
    } |inner| match inner {
        None => Choice::Leaf,
        Some(inner) => Choice::Node { pad: Pad::default(), next: Box::new(inner) },
    };
    NewType {
        enum NewType<const N: usize> {
            Leaf,
            Node(Box<NewType<N>>),
            // Never written: a variant's size is the type's.
            Large(#[serde(skip)] Pad<N>),
        }
    } |inner| inner.map_or(NewType::Leaf, |inner| NewType::Node(Box::new(inner)));
    Tuple {
        struct Tuple<const N: usize>(Vec<(u8, Tuple<N>)>, #[serde(skip)] Pad<N>);
    } |inner| Tuple(inner.into_iter().map(|it| (0, it)).collect(), Pad::default());
    Flat {
        // serde keeps what it reads of such a type in a form of its own before it reads it again.
        struct Flat<const N: usize> {
            #[serde(skip)]
            pad: Pad<N>,
            #[serde(flatten)]
            next: HashMap<String, Flat<N>>,
        }
    } |inner| {
        Flat { pad: Pad::default(), next: inner.into_iter().map(|it| ("a".into(), it)).collect() }
    };
}

fn of_depth<T: Nested>(depth: u32) -> T {
    let mut value = T::around(None);
    for _ in 0..depth {
        value = T::around(Some(value));
    }
    value
}

/// Does what a value's maker needs room for, which is not what is tested here.
fn with_room<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> R {
    let thread = std::thread::Builder::new().stack_size(256 << 20).spawn(work);
    thread.expect("a thread").join().expect("no panic")
}

/// The pickle of the smallest type of its kind.
fn pickle_of<T: Nested>(depth: u32) -> Vec<u8> {
    let options = DumpOptions::new().depth(2_000);
    with_room(move || pickle::dumps_with(&of_depth::<T>(depth), &options).expect("it is written"))
}

/// Reads and writes in all ways a type whose pickles are those of the type of size 0.
#[inline(never)] // its frame is not to hold those of all types
fn one<T: Nested>(bytes: &[u8], depth: u32, size: usize) {
    let refused = |error: pickle::Error| {
        let said = error.to_string();
        assert!(said.contains("levels of objects") || said.contains("bytes of stack"), "{said}");
    };
    let small = size <= 100 && depth <= 60;
    let check = |done: Result<(), pickle::Error>| match done {
        Ok(()) => {}
        Err(error) if small => panic!("{size} bytes, {depth} levels: {error}"),
        Err(error) => refused(error),
    };
    // What is printed last tells where a process ended.
    println!("{size} bytes, {depth} levels: loads");
    check(pickle::loads::<T>(bytes).map(drop));
    println!("{size} bytes, {depth} levels: to");
    let value = pickle::loads::<Value>(bytes).expect("values take any depth");
    check(value.to::<T>().map(drop));
    println!("{size} bytes, {depth} levels: made");
    let value = with_room(move || Box::new(of_depth::<T>(depth)));
    println!("{size} bytes, {depth} levels: dumps");
    let same = |written: Vec<u8>| assert!(written == bytes, "{size} bytes, {depth} levels");
    check(pickle::dumps(&*value).map(drop));
    check(pickle::dumps_with(&*value, &DumpOptions::new()).map(same));
}

#[test]
fn a_type_of_any_size_leaves_the_stack_whole() {
    if let Ok(kind) = std::env::var("PICKLEBOOK_ALONE") {
        let work = move || all_sizes(&kind);
        let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(work);
        return thread.expect("a thread").join().expect("no panic");
    }
    let failed: Vec<_> = KINDS
        .iter()
        .filter_map(|kind| {
            let output = Command::new(std::env::current_exe().expect("this test"))
                .args(["a_type_of_any_size_leaves_the_stack_whole", "--exact", "--nocapture"])
                .env("PICKLEBOOK_ALONE", kind)
                .output()
                .expect("this test starts");
            let said = support::printed(&output);
            (!output.status.success()).then(|| format!("{kind}: {}\n{said}", output.status))
        })
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
