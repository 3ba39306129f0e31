//! Colours that work with colour blindness and in grey print.

use plotters::style::RGBColor;

/// From nearly white to navy: each step is darker than the one before it, so that the order can
/// be seen without telling hues apart. The dark end is that of cividis.
const SEQUENTIAL: [(u8, u8, u8); 6] = [
    (0xf6, 0xf8, 0xfb),
    (0xcd, 0xdb, 0xec),
    (0x93, 0xb3, 0xd8),
    (0x52, 0x84, 0xba),
    (0x1f, 0x50, 0x8d),
    (0x00, 0x22, 0x4e),
];

/// Text, axes.
pub(crate) const INK: RGBColor = RGBColor(0x1a, 0x1a, 0x1a);

/// Text that may stand back: contrast 5 on the lightest colour.
pub(crate) const QUIET: RGBColor = RGBColor(0x68, 0x70, 0x7c);

/// Lines that only part one thing from another.
pub(crate) const LINE: RGBColor = RGBColor(0x9a, 0xa3, 0xb0);

/// Light lines behind what is drawn.
pub(crate) const GRID: RGBColor = RGBColor(0xe6, 0xe9, 0xee);

/// Classes, and other things without an order: the palette of Okabe and Ito ("Color Universal
/// Design", 2008), which can be told apart without telling red from green. Its yellow, too faint on
/// white, is a grey here.
pub(crate) const CLASSES: [RGBColor; 8] = [
    RGBColor(0x00, 0x72, 0xb2),
    RGBColor(0xd5, 0x5e, 0x00),
    RGBColor(0x00, 0x9e, 0x73),
    RGBColor(0xcc, 0x79, 0xa7),
    RGBColor(0xe6, 0x9f, 0x00),
    RGBColor(0x56, 0xb4, 0xe9),
    RGBColor(0x1a, 0x1a, 0x1a),
    RGBColor(0x80, 0x80, 0x80),
];

/// `colour` on white, the lighter the smaller `strength` is (from 0 to 1).
pub(crate) fn tint(colour: RGBColor, strength: f64) -> RGBColor {
    let mix = |part: u8| (255.0 - (255.0 - f64::from(part)) * strength.clamp(0.0, 1.0)).round();
    RGBColor(mix(colour.0) as u8, mix(colour.1) as u8, mix(colour.2) as u8)
}

/// The colour of a share from 0 to 1.
pub(crate) fn sequential(share: f64) -> RGBColor {
    let last = SEQUENTIAL.len() - 1;
    let position = share.clamp(0.0, 1.0) * last as f64;
    let step = (position.floor() as usize).min(last - 1);
    let between = position - step as f64;
    let [low, high] = [step, step + 1].map(|i| SEQUENTIAL.get(i).copied().unwrap_or_default());
    let mix = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * between).round() as u8;
    RGBColor(mix(low.0, high.0), mix(low.1, high.1), mix(low.2, high.2))
}

/// The colours of -1 and 1, and of numbers between them, lighter the nearer they are to 0: orange
/// and blue, which can be told apart without telling red from green.
pub(crate) const DIVERGING: [RGBColor; 2] = [CLASSES[1], CLASSES[0]];

/// The colour of a number from -1 to 1, between white and the one of two colours that stands for its
/// sign.
pub(crate) fn diverging(value: f64, [negative, positive]: [RGBColor; 2]) -> RGBColor {
    tint(if value < 0.0 { negative } else { positive }, value.abs())
}

/// White or dark text, whichever stands out more on `background` by WCAG's contrast ratio.
pub(crate) fn text_on(background: RGBColor) -> RGBColor {
    const WHITE: RGBColor = RGBColor(0xff, 0xff, 0xff);
    match contrast(WHITE, background) > contrast(INK, background) {
        true => WHITE,
        false => INK,
    }
}

/// WCAG's contrast ratio, from 1 to 21.
fn contrast(a: RGBColor, b: RGBColor) -> f64 {
    let luminance = |RGBColor(red, green, blue)| {
        let linear = |value: u8| match f64::from(value) / 255.0 {
            low if low <= 0.04045 => low / 12.92,
            high => ((high + 0.055) / 1.055).powf(2.4),
        };
        0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    };
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_get_darker_and_text_stays_readable() {
        let mut before = f64::INFINITY;
        for step in 0..=1000 {
            let colour = sequential(f64::from(step) / 1000.0);
            let on_black = contrast(colour, RGBColor(0, 0, 0));
            assert!(on_black <= before, "step {step}");
            before = on_black;
            let readable = contrast(text_on(colour), colour);
            assert!(readable >= 4.0, "step {step}: {readable}");
        }
        assert!(contrast(QUIET, sequential(0.0)) >= 4.5);
    }
}
