//! The options that all pictures share.

use plotters::style::RGBColor;

use crate::plot::Error;

/// The title, size, colours, labels and names that were set.
#[derive(Debug, Clone, Default)]
pub(crate) struct Options {
    pub(crate) title: Option<String>,
    pub(crate) size: Option<(u32, u32)>,
    pub(crate) colours: Vec<String>,
    pub(crate) x_label: Option<String>,
    pub(crate) y_label: Option<String>,
    pub(crate) class_names: Option<Vec<String>>,
    pub(crate) feature_names: Option<Vec<String>>,
}

/// No picture is wider or higher, in pixels: files must stay small.
pub(crate) const LARGEST_SIDE: u32 = 4_000;

impl Options {
    /// Width and height in pixels: those asked for, or the usual ones. `least` is what the parts
    /// of the picture need.
    ///
    /// # Errors
    /// [`Error::Size`] when they do not fit.
    pub(crate) fn size(&self, usual: (u32, u32), least: (u32, u32)) -> Result<(u32, u32), Error> {
        let Some((width, height)) = self.size else {
            return Ok((usual.0.max(least.0), usual.1.max(least.1)));
        };
        let most = LARGEST_SIDE;
        if width < least.0 || height < least.1 || width.max(height) > most {
            return Err(Error::Size { width, height, least, most });
        }
        Ok((width, height))
    }

    /// The width to lay a heading out for.
    pub(crate) fn width(&self, usual: u32) -> i32 {
        self.size.map_or(usual, |size| size.0).min(LARGEST_SIDE) as i32
    }

    /// The labels of the axes across and up: those asked for, or the usual ones.
    pub(crate) fn labels(&self, x: impl Into<String>, y: impl Into<String>) -> [String; 2] {
        [
            self.x_label.clone().unwrap_or_else(|| x.into()),
            self.y_label.clone().unwrap_or_else(|| y.into()),
        ]
    }

    /// The names asked for, one for each of `classes`, if any are.
    ///
    /// # Errors
    /// [`Error::Length`] for more or fewer.
    pub(crate) fn class_names(&self, classes: usize) -> Result<Option<&[String]>, Error> {
        one_each("class names", self.class_names.as_deref(), classes)
    }

    /// The names asked for, one for each of `features`, if any are.
    ///
    /// # Errors
    /// [`Error::Length`] for more or fewer.
    pub(crate) fn feature_names(&self, features: usize) -> Result<Option<&[String]>, Error> {
        one_each("feature names", self.feature_names.as_deref(), features)
    }

    /// The colours asked for: none, or at least `needed`.
    ///
    /// # Errors
    /// [`Error::Colour`] for text that is not a colour, [`Error::Length`] for too few.
    pub(crate) fn colours(&self, needed: usize) -> Result<Vec<RGBColor>, Error> {
        let found = self.colours.len();
        if (1..needed).contains(&found) {
            return Err(Error::Length { what: "colours", expected: needed, found });
        }
        self.colours.iter().map(|text| colour(text)).collect()
    }
}

fn one_each<'a>(
    what: &'static str,
    names: Option<&'a [String]>,
    expected: usize,
) -> Result<Option<&'a [String]>, Error> {
    match names.map(<[String]>::len) {
        Some(found) if found != expected => Err(Error::Length { what, expected, found }),
        _ => Ok(names),
    }
}

/// A colour as the web writes it: `#0072b2`.
fn colour(text: &str) -> Result<RGBColor, Error> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6);
    let digits = digits.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
    let Some(number) = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()) else {
        return Err(Error::Colour { text: text.to_owned() });
    };
    let [_, red, green, blue] = number.to_be_bytes();
    Ok(RGBColor(red, green, blue))
}

/// The setters of the options that all pictures share, for a builder with a field `options`; and
/// of those named after it, which only some have: `labels` where there are axes, `class_names`,
/// `feature_names`.
macro_rules! shared_options {
    ($builder:ty $(, $more:ident)*) => {
        impl $builder {
            /// The title. By default it says what the picture shows.
            pub fn title(mut self, title: impl Into<String>) -> Self {
                self.options.title = Some(title.into());
                self
            }

            /// Width and height in pixels, at most 4,000; text keeps its size.
            pub fn size(mut self, width: u32, height: u32) -> Self {
                self.options.size = Some((width, height));
                self
            }

            /// The colours, written as on the web: `["#0072b2", "#d55e00"]`.
            pub fn colours<C: Into<String>>(
                mut self,
                colours: impl IntoIterator<Item = C>,
            ) -> Self {
                self.options.colours = colours.into_iter().map(Into::into).collect();
                self
            }
        }

        $(shared_options!(@$more $builder);)*
    };
    (@labels $builder:ty) => {
        impl $builder {
            /// The label of the horizontal axis; an empty one leaves it out.
            pub fn x_label(mut self, label: impl Into<String>) -> Self {
                self.options.x_label = Some(label.into());
                self
            }

            /// The label of the vertical axis; an empty one leaves it out.
            pub fn y_label(mut self, label: impl Into<String>) -> Self {
                self.options.y_label = Some(label.into());
                self
            }
        }
    };
    (@class_names $builder:ty) => {
        impl $builder {
            /// The names of the classes, in the order of the classes.
            pub fn class_names<N: Into<String>>(
                mut self,
                names: impl IntoIterator<Item = N>,
            ) -> Self {
                self.options.class_names = Some(names.into_iter().map(Into::into).collect());
                self
            }
        }
    };
    (@feature_names $builder:ty) => {
        impl $builder {
            /// The names of the features, in the order of the fit.
            pub fn feature_names<N: Into<String>>(
                mut self,
                names: impl IntoIterator<Item = N>,
            ) -> Self {
                self.options.feature_names = Some(names.into_iter().map(Into::into).collect());
                self
            }
        }
    };
}
pub(crate) use shared_options;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read_or_refused() {
        assert_eq!(colour("#0072B2").expect("read"), RGBColor(0, 0x72, 0xb2));
        for bad in ["", "#", "blue", "#12345", "#1234567", "#12345é", "#+12345", "0072b2"] {
            assert!(matches!(colour(bad), Err(Error::Colour { text }) if text == bad), "{bad}");
        }
    }
}
