//! What the objects of a graph hold, and the ways from one to the next.

use super::{Arena, Graph, Kind, NONE, Node, Object, Origin, Part, Run};

impl Graph<'_> {
    /// What a tuple, list or set holds, or the keys and values of a dictionary in turn.
    #[inline]
    pub fn items(&self, node: Node) -> Items<'_> {
        let container = match node.kind {
            Kind::Tuple
            | Kind::UnhashableTuple
            | Kind::List
            | Kind::Dict
            | Kind::Set
            | Kind::FrozenSet => self.arena.containers.get(node.place()),
            _ => None,
        };
        let pairs = node.kind == Kind::Dict;
        match container {
            Some(container) => Items {
                arena: &self.arena,
                current: self.arena.slice(container.start, container.length).iter(),
                next: container.first,
                pairs,
            },
            None => Items { arena: &self.arena, current: [].iter(), next: NONE, pairs },
        }
    }

    /// No items at all.
    pub fn no_items(&self) -> Items<'_> {
        Items { arena: &self.arena, current: [].iter(), next: NONE, pairs: false }
    }

    /// The objects that an object holds directly: items, keys, values, arguments, states.
    pub fn children(&self, index: u32) -> impl Iterator<Item = u32> {
        let node = self.node(index);
        let object = self.object(node);
        let fixed = object.map_or([NONE; 3], |object| match object.origin {
            // These are numbers, not objects.
            Origin::Extension | Origin::Buffer | Origin::ReadonlyBuffer => [NONE; 3],
            _ => [object.callee, object.arguments, object.named],
        });
        let parts = object.into_iter().flat_map(|object| self.parts(object));
        let added = parts.flat_map(|(_, items)| items.iter().copied());
        fixed.into_iter().filter(|&index| index != NONE).chain(self.items(node)).chain(added)
    }

    /// Whether an object holds itself, at whatever depth.
    pub fn reaches_itself(&self, index: u32) -> bool {
        let mut seen = vec![false; self.arena.nodes.len()];
        let mut waiting = vec![index];
        while let Some(next) = waiting.pop() {
            for child in self.children(next) {
                if child == index {
                    return true;
                }
                if let Some(seen) = seen.get_mut(child as usize)
                    && !std::mem::replace(seen, true)
                {
                    waiting.push(child);
                }
            }
        }
        false
    }

    /// What was added to an object after it was made: keys and values in turn, or items.
    pub fn added(&self, object: &Object, pairs: bool) -> Items<'_> {
        Items { arena: &self.arena, current: [].iter(), next: object.first, pairs }
    }

    /// The state that BUILD gave an object last.
    pub fn state(&self, object: &Object) -> Option<u32> {
        (object.state != NONE).then_some(object.state)
    }

    /// What was done to an object after it was made, in order, with what was done in the same way one
    /// after the other put together: how, the first run, how many items.
    pub fn steps(&self, object: &Object) -> Vec<(Part, u32, u32)> {
        let mut steps: Vec<(Part, u32, u32)> = Vec::new();
        let mut next = object.first;
        while let Some(run) = self.arena.runs.get(next as usize) {
            match steps.last_mut() {
                Some((part, _, length)) if *part == run.part && run.part != Part::State => {
                    *length += run.length;
                }
                _ => steps.push((run.part, next, run.length)),
            }
            next = run.next;
        }
        steps
    }

    /// What was done to an object after it was made, in order.
    pub fn parts(&self, object: &Object) -> impl Iterator<Item = (Part, &[u32])> {
        let mut next = object.first;
        std::iter::from_fn(move || {
            let run = self.arena.runs.get(next as usize)?;
            next = run.next;
            Some((run.part, self.arena.slice(run.start, run.length)))
        })
    }
}

/// The items of a container.
#[derive(Clone, Debug)]
pub(crate) struct Items<'g> {
    arena: &'g Arena,
    current: std::slice::Iter<'g, u32>,
    next: u32,
    pairs: bool,
}

impl<'g> Items<'g> {
    /// The items that were there from the beginning: all of them, of a tuple or frozenset.
    pub fn first_run(self) -> std::slice::Iter<'g, u32> {
        self.current
    }

    /// The items of a run and those behind it.
    pub fn from_run(graph: &'g Graph<'_>, run: u32, pairs: bool) -> Items<'g> {
        Items { arena: &graph.arena, current: [].iter(), next: run, pairs }
    }

    /// How many are left: as many as are there, so that room can be made for them.
    pub fn length(&self) -> usize {
        let mut length = self.current.len();
        let mut next = self.next;
        while let Some(run) = self.arena.runs.get(next as usize) {
            if self.takes(run) {
                length += run.length as usize;
            }
            next = run.next;
        }
        length
    }

    #[inline]
    fn takes(&self, run: &Run) -> bool {
        run.part != Part::State && (run.part == Part::Pairs) == self.pairs
    }
}

impl Iterator for Items<'_> {
    type Item = u32;

    #[inline]
    fn next(&mut self) -> Option<u32> {
        loop {
            if let Some(&item) = self.current.next() {
                return Some(item);
            }
            let run = self.arena.runs.get(self.next as usize)?;
            self.next = run.next;
            if self.takes(run) {
                self.current = self.arena.slice(run.start, run.length).iter();
            }
        }
    }
}
