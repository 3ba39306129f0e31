//! Pictures: their structure, their words, and nothing over an edge or over another.

#[path = "support/charts.rs"]
mod charts;
#[path = "support/pickles.rs"]
mod pickles;
#[path = "support/pieces.rs"]
mod pieces;

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use picklebook::data::{Labels, balance_scale, train_test_split};
use picklebook::metrics::{ConfusionMatrix, confusion_matrix};
use picklebook::pickle::{self, Value};
use picklebook::plot::{self, Error, Figure};
use picklebook::tree::LinfaTree;

fn tutorial() -> ConfusionMatrix {
    let split = train_test_split(&balance_scale(), 0.3, 100).expect("split");
    let tree = LinfaTree::params().max_depth(3).min_samples_leaf(5).fit(&split.train);
    let predicted = tree.and_then(|tree| tree.predict(&split.test)).expect("predicted");
    confusion_matrix(split.test.target(), &predicted).expect("compared")
}

/// Each class right but for the rows that the rule turns.
fn matrix(names: &[String], rows: usize) -> ConfusionMatrix {
    let truth: Vec<String> = (0..rows).map(|row| names[row % names.len()].clone()).collect();
    let turned = |row: usize| {
        names[(row % names.len() + usize::from(row.is_multiple_of(3))) % names.len()].clone()
    };
    let predicted: Vec<String> = (0..rows).map(turned).collect();
    confusion_matrix(&truth.into(), &predicted.into()).expect("compared")
}

/// All figures, drawn once.
fn figures() -> &'static [(&'static str, Figure)] {
    static DRAWN: OnceLock<Vec<(&'static str, Figure)>> = OnceLock::new();
    DRAWN.get_or_init(draw_figures)
}

fn draw_figures() -> Vec<(&'static str, Figure)> {
    let names =
        |classes: usize, name: &dyn Fn(usize) -> String| (0..classes).map(name).collect::<Vec<_>>();
    let matrices = [
        ("tutorial", tutorial()),
        ("one", matrix(&names(1, &|_| "only".into()), 7)),
        ("two", matrix(&names(2, &|i| ["no", "yes"][i].into()), 456_789)),
        ("five_long", matrix(&names(5, &|i| format!("{i}. a class with quite a long name")), 400)),
        ("twelve", matrix(&names(12, &|i| format!("class {i:02}")), 5_000)),
        (
            "twelve_long",
            matrix(&names(12, &|i| format!("{i:02} WWWWWWWWWW %% WWWWWWWWWWWWW")), 300_000),
        ),
        ("twenty", matrix(&names(20, &|i| format!("{i:02} <&\"'> 日本語")), 5_000)),
    ];
    let drawn = matrices.map(|(name, matrix)| (name, plot::confusion_matrix(&matrix)));
    let drawn = drawn.into_iter().map(|(name, figure)| (name, figure.expect("drawn")));
    drawn.chain(charts::charts()).chain(pickles::pictures()).collect()
}

#[test]
fn no_text_is_small_clipped_or_over_another() {
    for (name, figure) in figures() {
        pieces::check(name, figure);
    }
}

#[test]
fn every_figure_is_small_and_says_what_it_shows() {
    for (name, figure) in figures() {
        assert!(figure.svg().len() < 1_000_000, "{name}: {} bytes", figure.svg().len());
        assert!(figure.alt().len() > 60 && figure.alt().ends_with('.'), "{name}: {}", figure.alt());
        assert!(figure.alt().len() < 3_000, "{name}: {} bytes of words", figure.alt().len());
        assert_eq!(figure.alt().lines().count(), 1, "{name}");
        // What a window of 900 pixels leaves for a picture beside JupyterLab's side bar.
        assert!(figure.size().0 <= 760, "{name} is {} pixels wide", figure.size().0);
    }
}

#[test]
fn the_tutorials_matrix_says_what_the_numbers_say() {
    let matrix = tutorial();
    let figure = plot::confusion_matrix(&matrix).expect("drawn");
    assert_eq!(figure.title(), "Confusion matrix: 136 of 188 right (72.3 %)");
    let texts: Vec<String> = pieces::of(figure.svg()).into_iter().map(|piece| piece.text).collect();
    for count in matrix.counts() {
        assert!(texts.contains(&count.to_string()), "{count}");
    }
    for text in ["B", "L", "R", "Predicted class", "True class", "Share of the true class"] {
        assert!(texts.iter().any(|other| other == text), "{text}");
    }
    let alt = figure.alt();
    assert!(alt.starts_with("Confusion matrix, a heat map: true classes down, predicted classes"));
    assert!(alt.contains("136 of 188 predictions are right (72.3 %)."), "{alt}");
    assert!(alt.contains("Class B (13 rows) is never predicted."), "{alt}");
    assert!(alt.contains("The most common confusion: 22 rows of class L predicted as R."), "{alt}");
    // Nine cells on white paper.
    let (width, height) = figure.size();
    let paper = format!("<rect x=\"0\" y=\"0\" width=\"{width}\" height=\"{height}\"");
    assert!(figure.svg().contains(&paper));
    let cell =
        |line: &&str| line.contains("width=\"92\" height=\"92\"") && line.contains("fill=\"#");
    assert_eq!(figure.svg().lines().filter(cell).count(), 9);
}

#[test]
fn the_bytes_of_a_pickle_are_all_there_with_their_names() {
    let figure = plot::pickle_bytes(b"\x80\x04]\x94(K\x01K\x02e.").expect("drawn");
    let texts: Vec<String> = pieces::of(figure.svg()).into_iter().map(|piece| piece.text).collect();
    let bytes: Vec<&str> =
        texts.iter().filter(|text| text.len() == 2).map(String::as_str).collect();
    assert_eq!(bytes, ["80", "04", "5d", "94", "28", "4b", "01", "4b", "02", "65", "10", "2e"]);
    for text in ["PROTO", "BININT1", "as 0", "down to the mark at 4", "STOP"] {
        assert!(texts.iter().any(|other| other == text), "{text}");
    }
    assert!(figure.alt().contains("4: MARK; 5: BININT1 1; 7: BININT1 2; 9: APPENDS down to the"));

    let many = plot::pickle_bytes(&pickles::wide(30)).expect("drawn");
    assert!(many.alt().contains("144 more opcodes behind byte"), "{}", many.alt());
    let behind = plot::pickle_bytes(b"K\x07.K\x08.").expect("drawn");
    assert!(behind.alt().ends_with("Behind the pickle, 3 bytes are not shown."));
    let cut = plot::pickle_bytes(b"\x80\x04X\x09\0\0\0spam").expect("drawn");
    assert!(cut.alt().contains("at byte 2 (BINUNICODE): 9 bytes are declared"), "{}", cut.alt());
    assert!(matches!(plot::pickle_bytes(b""), Err(Error::Empty { .. })));
    let own = plot::PickleBytes::new(b"N.").title("None").size(600, 300);
    let own = own.colours(["#d55e00"; 6]).draw().expect("drawn");
    assert_eq!((own.title(), own.size()), ("None", (600, 300)));
    let few = plot::PickleBytes::new(b"N.").colours(["#d55e00"]).draw();
    assert!(matches!(few, Err(Error::Length { .. })));
}

#[test]
fn a_graph_has_a_box_for_each_object_and_says_what_it_leaves_out() {
    let drawn = |bytes: &[u8]| {
        let value: Value = pickle::loads(bytes).expect("read");
        plot::object_graph(&value).expect("drawn")
    };
    let boxes = |figure: &Figure| figure.svg().matches("<rect class=\"object\"").count();
    let model = drawn(pickles::MODEL);
    assert_eq!(model.title(), "4 objects, one of them used more than once");
    assert_eq!(boxes(&model), 4);
    assert!(
        model.alt().contains("has arrows: 'words' to 2 (list · 2), 'again' to 2 (list · 2)"),
        "{}",
        model.alt()
    );
    let itself = drawn(b"]\x94h\x00a.");
    assert_eq!((itself.title(), boxes(&itself)), ("An object that holds itself", 1));
    let wide = drawn(&pickles::wide(30));
    assert_eq!((wide.title(), boxes(&wide)), ("31 objects", 8));
    assert!(wide.alt().ends_with("23 objects have no box here."), "{}", wide.alt());
    // However many there are, and however deep.
    let deep = drawn(&pickles::deep(100_000));
    assert_eq!(deep.title(), "More than 10,000 objects");
    assert!(deep.size().0 <= 760);
    let twice =
        plot::ObjectGraph::new(&pickle::loads(b"N.").expect("read")).title("Nothing").draw();
    assert_eq!(twice.expect("drawn").title(), "Nothing");
}

#[test]
fn small_shares_are_not_rounded_away() {
    let truth = Labels::Integers((0..2000).map(|row| i64::from(row == 0)).collect());
    let predicted = Labels::Integers((0..2000).map(|row| i64::from(row < 2)).collect());
    let matrix = confusion_matrix(&truth, &predicted).expect("compared");
    let svg = plot::confusion_matrix(&matrix).expect("drawn");
    let texts: Vec<String> = pieces::of(svg.svg()).into_iter().map(|piece| piece.text).collect();
    assert!(texts.contains(&"< 1 %".to_owned()) && texts.contains(&"> 99 %".to_owned()));
}

#[test]
fn the_same_data_give_the_same_bytes() {
    assert_eq!(figures(), draw_figures());
}

/// Another process has other addresses, and other seeds for its hash maps.
#[test]
fn another_process_draws_the_same_bytes() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let drawn = Command::new(env::current_exe().expect("this test"))
        .args(["--exact", "figures_to_look_at"])
        .env("PICKLEBOOK_FIGURES", folder.path())
        .output()
        .expect("it starts");
    assert!(drawn.status.success(), "{}", String::from_utf8_lossy(&drawn.stdout));
    for (name, figure) in figures() {
        let other = fs::read_to_string(folder.path().join(format!("{name}.svg"))).expect(name);
        assert!(other == figure.svg_with_font(), "{name} differs");
    }
}

#[test]
fn names_cannot_break_out_of_the_picture() {
    let names = [
        "</text><script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>\nEVCXR_END_CONTENT",
        "\0\u{ffff}",
    ];
    let labels = Labels::from(names);
    let figure = plot::confusion_matrix(&confusion_matrix(&labels, &labels).expect("compared"));
    let figure = figure.expect("drawn");
    for text in [figure.svg(), &figure.to_html()] {
        assert!(!text.contains("<script") && !text.contains("<img src=x"), "{text}");
        assert!(!text.contains('\0') && !text.contains('\u{ffff}'));
    }
    assert!(
        figure
            .to_html()
            .starts_with("<figure style=\"margin:0\"><img alt=\"Confusion matrix, a heat map: ")
    );
    assert_eq!(figure.to_html().lines().count(), 1);
    assert_eq!(figure.alt().lines().count(), 1);
}

#[test]
fn too_many_classes_are_refused() {
    let labels: Labels = (0..21).collect::<Vec<i64>>().into();
    let matrix = confusion_matrix(&labels, &labels).expect("compared");
    assert!(matches!(
        plot::confusion_matrix(&matrix),
        Err(Error::TooManyClasses { classes: 21, .. })
    ));
}

#[test]
fn a_figure_is_saved_whole_or_not_at_all() {
    let figure = plot::confusion_matrix(&tutorial()).expect("drawn");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("matrix.svg");
    fs::write(&path, "old").expect("written");
    figure.save(&path).expect("saved");
    assert_eq!(fs::read_to_string(&path).expect("read"), figure.svg_with_font());
    assert!(matches!(figure.save(folder.path().join("a.gif")), Err(Error::Format { .. })));
    assert!(matches!(figure.save(folder.path().join("no/a.svg")), Err(Error::Write { .. })));
    fs::create_dir(folder.path().join("b.svg")).expect("a folder in the way");
    assert!(matches!(figure.save(folder.path().join("b.svg")), Err(Error::Write { .. })));
    let left: Vec<_> =
        fs::read_dir(folder.path()).expect("listed").flatten().map(|e| e.file_name()).collect();
    assert_eq!(left.len(), 2, "no temporary file stays: {left:?}");
}

/// All figures, to look at: on one page in the tests' folder, in light and in dark surroundings,
/// and one by one with `PICKLEBOOK_FIGURES=folder cargo test --test figures`.
#[test]
fn figures_to_look_at() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("figures");
    fs::create_dir_all(&folder).expect("the folder can be made");
    let mut page = String::from("<!DOCTYPE html><meta charset=utf-8><title>All figures</title>");
    for colours in ["background:#fff;color:#000", "background:#111;color:#eee"] {
        page.push_str(&format!("<div style=\"{colours};padding:1em\">"));
        for (name, figure) in figures() {
            page.push_str(&format!("<h2>{name}</h2>{}", figure.to_html()));
        }
        page.push_str("</div>");
    }
    fs::write(folder.join("index.html"), page).expect("written");
    if let Some(folder) = env::var_os("PICKLEBOOK_FIGURES") {
        fs::create_dir_all(&folder).expect("the folder can be made");
        for (name, figure) in figures() {
            figure.save(Path::new(&folder).join(format!("{name}.svg"))).expect("saved");
        }
    }
}
