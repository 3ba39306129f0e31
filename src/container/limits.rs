//! How much may be unpacked.

/// How much [`unpack`](super::unpack) and its like make of a file, at the most.
///
/// ```
/// use picklebook::container::Limits;
///
/// let limits = Limits::new().bytes(8 << 30).layers(1);
/// # let _ = limits;
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[must_use]
pub struct Limits {
    bytes: Option<u64>,
    layers: Option<u32>,
}

/// What is always allowed.
const LEAST: u64 = 256 << 20;

/// The most that is allowed by default.
const MOST: u64 = 4 << 30;

impl Limits {
    /// The defaults: 64 times as many bytes as the file has, but no less than 256 MiB and no more than
    /// 4 GiB; and 4 layers.
    pub fn new() -> Limits {
        Limits::default()
    }

    /// How many bytes may come out.
    pub fn bytes(mut self, bytes: u64) -> Limits {
        self.bytes = Some(bytes);
        self
    }

    /// How often something compressed may be compressed again.
    pub fn layers(mut self, layers: u32) -> Limits {
        self.layers = Some(layers);
        self
    }

    /// How many bytes may come out of a file of this length.
    pub(crate) fn bytes_for(&self, length: usize) -> u64 {
        let usual = (length as u64).saturating_mul(64).clamp(LEAST, MOST);
        self.bytes.unwrap_or(usual)
    }

    pub(super) fn most_layers(&self) -> u32 {
        self.layers.unwrap_or(4)
    }
}
