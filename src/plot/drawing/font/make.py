"""Makes the font files and the table of widths in this folder.

    python make.py FOLDER

FOLDER holds Arimo-Regular.ttf and Arimo-Bold.ttf, version 1.33, as in Debian's package
fonts-croscore 20201225-1. Needs fonttools (4.68.0).
"""

import pathlib
import sys

from fontTools import subset
from fontTools.ttLib import TTFont

# Latin, Greek, Cyrillic; and the signs that stand in figures.
CHARACTERS = (
    [(0x20, 0x7E), (0xA0, 0x17F), (0x192, 0x192), (0x218, 0x21B), (0x384, 0x3CE)]
    + [(0x400, 0x45F), (0x490, 0x491), (0x2010, 0x2015), (0x2018, 0x201E), (0x2020, 0x2022)]
    + [(0x2070, 0x2071), (0x2074, 0x208E)]
    + [(0x2026, 0x2026), (0x2030, 0x2030), (0x2032, 0x2033), (0x2039, 0x203A), (0x20AC, 0x20AC)]
    + [(0x2122, 0x2122), (0x2190, 0x2193), (0x2202, 0x2202), (0x2206, 0x2206), (0x2211, 0x2212)]
    + [(0x221A, 0x221A), (0x221E, 0x221E), (0x2248, 0x2248), (0x2260, 0x2260), (0x2264, 0x2265)]
)
HERE = pathlib.Path(__file__).parent


def make(source, style):
    """Writes the subset of one style and returns its widths by character, and its unit."""
    options = subset.Options()
    # Without kerning, a text is as wide as the sum of its characters.
    options.layout_features = []
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "DSIG", "kern"]
    options.hinting = False
    options.name_IDs = ["*"]
    options.recalc_timestamp = False
    font = subset.load_font(source / f"Arimo-{style}.ttf", options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[c for first, last in CHARACTERS for c in range(first, last + 1)])
    subsetter.subset(font)
    path = HERE / f"Arimo-{style}.ttf"
    subset.save_font(font, path, options)
    font = TTFont(path)
    widths = {c: font["hmtx"][name][0] for c, name in font.getBestCmap().items()}
    return widths, font["head"].unitsPerEm


def runs(characters):
    """Runs of characters that follow each other."""
    run = []
    for c in sorted(characters):
        if run and c != run[-1] + 1:
            yield run
            run = []
        run.append(c)
    yield run


def numbers(widths):
    """The numbers of an array, in lines of at most 100 characters."""
    line = "       "
    for width in widths:
        if len(line) + len(f" {width},") > 100:
            yield line
            line = "       "
        line += f" {width},"
    yield line


def main():
    source = pathlib.Path(sys.argv[1])
    (regular, unit), (bold, _) = make(source, "Regular"), make(source, "Bold")
    assert regular.keys() == bold.keys()
    lines = [
        "//! How wide the characters of Arimo are; written by `make.py`.",
        "",
        f"/// Widths are in parts of an em: this many are one em.",
        f"pub(super) const UNITS: f64 = {unit}.0;",
        "",
        "/// Runs of characters: the first one, and the widths in regular and bold.",
        "#[rustfmt::skip]",
        "pub(super) const RUNS: &[(u32, &[u16], &[u16])] = &[",
    ]
    for run in runs(regular):
        lines.append(f"    ({run[0]:#x}, &[")
        lines += numbers(regular[c] for c in run)
        lines.append("    ], &[")
        lines += numbers(bold[c] for c in run)
        lines.append("    ]),")
    lines += ["];", ""]
    (HERE / "widths.rs").write_text("\n".join(lines))


main()
