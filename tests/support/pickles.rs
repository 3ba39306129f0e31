//! Pictures of pickles, to look at and to check: usual ones, and what is hard to draw.

use picklebook::pickle::{self, Value};
use picklebook::plot::{self, Figure};

/// A dictionary with an object of a class, a list that is used twice, and a call.
pub const MODEL: &[u8] = b"\x80\x04\x95\x70\x00\x00\x00\x00\x00\x00\x00}\x94(\x8c\x04name\x94\x8c\x04\
    spam\x94\x8c\x05words\x94]\x94(\x8c\x04free\x94\x8c\x03won\x94e\x8c\x05again\x94h\x04\
    \x8c\x06filter\x94\x8c\x08__main__\x94\x8c\nSpamFilter\x94\x93\x94)\x81\x94}\x94(\x8c\x07weights\
    \x94}\x94(h\x05G@\x08\x00\x00\x00\x00\x00\x00h\x06K\x02u\x8c\x05limit\x94G?\xe0\x00\x00\x00\x00\
    \x00\x00ubu.";

/// Lists in lists.
pub fn deep(levels: usize) -> Vec<u8> {
    [vec![b']'; levels], vec![b'a'; levels - 1], vec![b'.']].concat()
}

fn text(long: &str) -> Vec<u8> {
    [&b"X"[..], &(long.len() as u32).to_le_bytes(), long.as_bytes()].concat()
}

/// A dictionary of so many lists.
pub fn wide(entries: u32) -> Vec<u8> {
    let entry = |n: u32| [&text(&format!("key {n}"))[..], b"](K\x01K\x02e"].concat();
    [b"}(".to_vec(), (0..entries).flat_map(entry).collect(), b"u.".to_vec()].concat()
}

const LONG: &str =
    "a text that is much longer than anybody would wish to read <&\"'> WWWWWWWWWWWW\n\t";

pub fn pictures() -> Vec<(&'static str, Figure)> {
    let bytes: Vec<(&'static str, Vec<u8>)> = vec![
        (
            "bytes_list",
            b"\x80\x03](J\x01\0\0\0J\x02\0\0\0J\x03\0\0\0J\x04\0\0\0J\x05\0\0\0e.".to_vec(),
        ),
        ("bytes_model", MODEL.to_vec()),
        ("bytes_one_int", b"K\x07.".to_vec()),
        ("bytes_long_text", [text(&LONG.repeat(50)), b".".to_vec()].concat()),
        (
            "bytes_nested",
            [b"(".repeat(12), b"K\x01".to_vec(), b"t".repeat(12), b".".to_vec()].concat(),
        ),
        ("bytes_many", wide(30)),
        ("bytes_protocol_0", b"(dp0\nS'a'\np1\nI1\nsS'b'\nF1.5\nscos\npath\n.".to_vec()),
        ("bytes_call", b"cos\nsystem\n(S'echo'\ntR.".to_vec()),
        ("bytes_damaged", b"\x80\x04]\x94(K\x01zzzzzzzzzzzz".to_vec()),
        ("bytes_cut", b"\x80\x04X\x09\0\0\0spam".to_vec()),
        ("bytes_behind", b"K\x07.K\x08.".to_vec()),
    ];
    let graphs: Vec<(&'static str, Vec<u8>)> = vec![
        ("graph_shared", b"\x80\x04]\x94(]\x94(K\x01K\x02eh\x01e.".to_vec()),
        ("graph_model", MODEL.to_vec()),
        ("graph_itself", b"]\x94(K\x01K\x02h\x00e.".to_vec()),
        ("graph_one_int", b"K\x07.".to_vec()),
        ("graph_empty", b"].".to_vec()),
        ("graph_long_text", [b"]".to_vec(), text(&LONG.repeat(9)), b"a.".to_vec()].concat()),
        ("graph_deep", deep(40)),
        ("graph_wide", wide(30)),
        ("graph_many_items", [b"](".to_vec(), b"K\x01".repeat(500), b"e.".to_vec()].concat()),
        // A tree whose leaves hold their parent and the root.
        (
            "graph_cycles",
            b"}\x94(X\x04\0\0\0left}\x94(X\x06\0\0\0parenth\x00X\x04\0\0\0leaf]\x94(h\x00h\x01h\x02e\
              uX\x05\0\0\0right}\x94(X\x06\0\0\0parenth\x00X\x05\0\0\0otherh\x01X\x04\0\0\0leafh\x02\
              uu."
            .to_vec(),
        ),
        (
            "graph_objects",
            b"(cdatetime\ndate\n(C\x04\x07\xe8\x01\x01tRcmodule\nClass\n)\x81}(X\x01\0\0\0aK\x01X\
              \x04\0\0\0listcbuiltins\nlen\nub\x8f(K\x01K\x02\x90Nt."
                .to_vec(),
        ),
    ];
    let draw =
        |(name, bytes): (&'static str, Vec<u8>)| (name, plot::pickle_bytes(&bytes).expect(name));
    let draw_graph = |(name, bytes): (&'static str, Vec<u8>)| {
        let value: Value = pickle::loads(&bytes).expect(name);
        (name, plot::object_graph(&value).expect(name))
    };
    bytes.into_iter().map(draw).chain(graphs.into_iter().map(draw_graph)).collect()
}
