//! The checks of the exercises in the notebooks, `check_4_2` for exercise 2 of notebook 4.
//!
//! The cell of an exercise ends with the call of its check, and what is given there is all that
//! is looked at. A cell that does not compile, or that ends with an error before the call, checks
//! nothing; no earlier answer can count in its place.
//!
//! ```
//! use picklebook::exercises;
//!
//! assert!(exercises::check_2_2(None).to_string().starts_with("Not yet: "));
//! ```

use std::error::Error;
use std::fmt;

use crate::client::LocalServer;
use crate::data::{
    Dataset, Labels, Split, balance_scale, mail_2002, spam_features, spambase, train_test_split,
};
use crate::monitor::{Decision, History, Period, Retraining, Window};
use crate::tree::{DecisionTreeClassifier, DecisionTreeClassifierParams};
use crate::{metrics, monitor, pickle, sklearn};

/// What a check says about an answer.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// The answer is right; more about it.
    Right(String),
    /// It is not right, or there is none; what to do.
    NotYet(String),
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Right(more) => write!(f, "Right: {more}"),
            Verdict::NotYet(hint) => write!(f, "Not yet: {hint}"),
        }
    }
}

/// The sentence itself, wherever a notebook shows it.
impl fmt::Debug for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

use Verdict::{NotYet, Right};

fn right(more: impl Into<String>) -> Verdict {
    Right(more.into())
}

fn not_yet(hint: impl Into<String>) -> Verdict {
    NotYet(hint.into())
}

/// A check that compares with what it makes itself.
fn compared(check: impl FnOnce() -> Result<Verdict, Box<dyn Error>>) -> Verdict {
    check().unwrap_or_else(|error| not_yet(format!("this could not be checked: {error}")))
}

/// The path of a file with the words free, won and holiday.
pub fn check_1_1(answer: Option<&str>) -> Verdict {
    match answer.map(pickle::open::<Vec<String>>) {
        None => not_yet("save the words, then replace None by Some(\"…\") with the file's path."),
        Some(Err(error)) => not_yet(format!("no list of words could be read. {error}")),
        Some(Ok(words)) if words == ["free", "won", "holiday"] => {
            right(format!("the file holds {words:?}."))
        }
        Some(Ok(words)) => not_yet(format!(
            "the file holds {words:?}. The words should be free, won, holiday, in this order."
        )),
    }
}

/// The pickle of `[1, 2, 3, 4, 5]` with another byte.
pub fn check_1_2(answer: Option<Vec<u8>>) -> Verdict {
    match answer.as_deref().map(pickle::loads::<Vec<i64>>) {
        None => not_yet("set one byte, then replace None by Some(changed)."),
        Some(Err(error)) => not_yet(format!("this can no longer be loaded. {error}")),
        Some(Ok(list)) if list == [1, 2, 33, 4, 5] => right(format!("the list is now {list:?}.")),
        Some(Ok(list)) if list == [1, 2, 3, 4, 5] => not_yet("the list is as it was."),
        Some(Ok(list)) => not_yet(format!(
            "the list is now {list:?}. Each number is one opcode, 4a, and four bytes; the smallest \
             byte comes first."
        )),
    }
}

/// A pickle of `[7, 300]`.
pub fn check_2_1(answer: Option<Vec<u8>>) -> Verdict {
    match answer.as_deref().map(pickle::loads::<Vec<i64>>) {
        None => not_yet("replace None by Some(vec![…]) with the bytes of the pickle."),
        Some(Err(error)) => not_yet(format!("these bytes are no list of integers: {error}")),
        Some(Ok(list)) if list == [7, 300] => right("your bytes are a pickle of [7, 300]."),
        Some(Ok(list)) if list == [300, 7] => {
            not_yet(format!("the order is the wrong way round: {list:?}"))
        }
        Some(Ok(list)) => not_yet(format!(
            "this is a pickle of another list: {list:?}. Look at the bytes of the numbers: the \
             smallest comes first."
        )),
    }
}

/// The number of bytes of a pickled list of 100 integers.
pub fn check_2_2(answer: Option<usize>) -> Verdict {
    compared(|| {
        let length = pickle::dumps(&(0..100).collect::<Vec<i32>>())?.len();
        Ok(match answer {
            None => not_yet("replace None by Some(…) with the number of bytes."),
            Some(bytes) if bytes == length => right(format!("{length} bytes.")),
            Some(500) => not_yet("that is the numbers alone. What stands before and after them?"),
            Some(501..=505) => not_yet(
                "but nearly. How many bytes are PROTO with its number, EMPTY_LIST, MARK, APPENDS \
                 and STOP together?",
            ),
            Some(bytes @ ..500) => {
                not_yet(format!("{bytes} is too few. Each number takes five bytes."))
            }
            Some(bytes) => not_yet(format!(
                "{bytes} is not it. Each number takes five bytes; the rest is written once, \
                 however long the list."
            )),
        })
    })
}

/// The types that Python sees in four Rust values.
pub fn check_3_1(answer: Option<[&str; 4]>) -> Verdict {
    let values = ["vec![1_u8, 2]", "[1, 2]", "Some(2.5)", "'x'"];
    compared(|| {
        let pickles = [
            pickle::dumps(&vec![1_u8, 2])?,
            pickle::dumps(&[1, 2])?,
            pickle::dumps(&Some(2.5))?,
            pickle::dumps(&'x')?,
        ];
        let Some(answer) = answer else {
            return Ok(not_yet("replace None by Some([…]) with four names of types."));
        };
        for ((value, bytes), given) in values.iter().zip(&pickles).zip(answer) {
            if pickle::loads::<pickle::Value>(bytes)?.type_name() != given {
                return Ok(not_yet(format!(
                    "{value} is no {given} in Python. Look for its like in the tables above."
                )));
            }
        }
        Ok(right(format!("{answer:?}.")))
    })
}

/// The `Received` of a dictionary, as `{:?}` prints it.
pub fn check_3_2(answer: Option<String>) -> Verdict {
    match answer.as_deref() {
        None => not_yet(
            "load mail_pickle with `pickle::loads::<Received>`, and replace None by \
             Some(format!(\"{:?}\", …)) with what it makes.",
        ),
        Some(text) if !text.starts_with("Received {") => {
            not_yet(format!("{text} is no Received; did the loading fail?"))
        }
        Some(r#"Received { subject: "You have won", words: 57, spam: true }"#) => {
            right("every entry of the file has its field.")
        }
        Some(text) if !text.contains("words:") => not_yet("Received has no field `words`."),
        Some(text) if !text.contains("spam:") => not_yet("Received has no field `spam`."),
        Some(text) if text.contains("57.0") => not_yet("give `words` an integer type."),
        Some(text) => not_yet(format!(
            "the fields should be subject, words and spam, in this order. Yours: {text}"
        )),
    }
}

/// The number of test rows whose class is R.
pub fn check_4_1(answer: Option<usize>) -> Verdict {
    compared(|| {
        let (split, all) = (split()?, balance_scale());
        let test = split.test.rows();
        let of_r = |labels: &Labels| labels.iter().filter(|class| class == "R").count();
        Ok(match answer {
            None => {
                not_yet("replace None by Some(…) with the number of test rows whose class is R.")
            }
            Some(count) if count == of_r(split.test.target()) => right(format!(
                "{count} of {test}, which is {:.2} %.",
                100.0 * count as f64 / test as f64
            )),
            Some(count) if count == of_r(all.target()) => {
                not_yet(format!("{count} rows of the whole data are R. Count among the test rows."))
            }
            Some(count) if count > test => not_yet(format!("there are only {test} test rows.")),
            Some(count) => not_yet(format!(
                "{count} is not it. Compare each class in `split.test.target()` with R."
            )),
        })
    })
}

/// The accuracy of a tree with five questions in a row.
pub fn check_4_2(answer: Option<f64>) -> Verdict {
    compared(|| {
        let split = split()?;
        // In hundredths of a per cent.
        let figure = |share: f64| (10_000.0 * share).round() as i64;
        let of_depth = |depth: usize| -> Result<i64, Box<dyn Error>> {
            let tree = params().max_depth(depth).fit(&split.train)?;
            let predicted = tree.predict(&split.test)?;
            Ok(figure(metrics::accuracy(split.test.target(), &predicted)?))
        };
        let (three, five) = (of_depth(3)?, of_depth(5)?);
        Ok(match answer.map(figure) {
            None => not_yet("replace None by Some(…) with the accuracy on the test rows."),
            Some(given) if given.abs_diff(five) <= 5 => {
                right(format!("{:.2} %.", 0.01 * five as f64))
            }
            Some(given) if given == three => not_yet("that is max_depth 3."),
            Some(10_001..) => not_yet("give a share, from 0 to 1, not per cent."),
            Some(_) => not_yet("fit on split.train, predict split.test, compare with its target."),
        })
    })
}

/// The bytes of `large_tree` in protocol 2.
pub fn check_5_1(answer: Option<Vec<u8>>) -> Verdict {
    compared(|| {
        let large_tree = tree(3)?;
        let Some(bytes) = answer else {
            return Ok(not_yet("replace None by Some(…) with the bytes of the pickle."));
        };
        let protocol = bytes.get(1).copied().unwrap_or(0);
        Ok(match pickle::loads::<DecisionTreeClassifier>(&bytes) {
            Err(error) => not_yet(format!("these bytes are no tree. {error}")),
            Ok(tree) if tree != large_tree => not_yet("this is another tree than large_tree."),
            Ok(_) if protocol == 2 => right("large_tree, in protocol 2."),
            Ok(_) => not_yet(format!(
                "the tree is right, but this is protocol {protocol}. See what DumpOptions can do."
            )),
        })
    })
}

/// The bytes of `small_tree` and `large_tree`, one after the other.
pub fn check_5_2(answer: Option<Vec<u8>>) -> Verdict {
    compared(|| {
        let (small, large) = (tree(2)?, tree(3)?);
        let Some(bytes) = answer else {
            return Ok(not_yet("replace None by Some(…) with the bytes of both pickles."));
        };
        let trees = match pickle::load_all::<DecisionTreeClassifier, _>(bytes.as_slice()) {
            Err(error) => return Ok(not_yet(format!("these are not two trees in a row. {error}"))),
            Ok(trees) => trees,
        };
        Ok(match trees.as_slice() {
            [one, other] if *one == small && *other == large => right(format!(
                "two trees, of {} and {} nodes.",
                one.tree().node_count(),
                other.tree().node_count()
            )),
            [one, other] if *one == large && *other == small => {
                not_yet("both are there, but the small tree should come first.")
            }
            [_, _] => not_yet("two trees, but not small_tree and large_tree."),
            trees => not_yet(format!("trees found: {}. There should be two.", trees.len())),
        })
    })
}

/// What the tree answers about a row, and whether the scale does that.
pub fn check_6_1(answer: Option<(&str, bool)>) -> Verdict {
    compared(|| {
        let predicted = tree(3)?.predict_row(&[2.0, 4.0, 4.0, 2.0])?;
        Ok(match answer {
            None => not_yet(
                "replace None by Some((…, …)) with the tree's answer, and whether it is right.",
            ),
            Some(("B", _)) => not_yet("B is what the scale does. Ask the tree, with predict_row."),
            Some((class, _)) if predicted != class => not_yet(format!(
                "the tree does not answer {class}. The columns are left weight, left distance, \
                 right weight, right distance."
            )),
            Some((_, true)) => {
                not_yet("the class is the tree's answer, but compare 2 · 4 with 4 · 2.")
            }
            Some((class, false)) => right(format!(
                "the tree says {class}, and the scale is in balance. This tree never answers B."
            )),
        })
    })
}

/// How many bytes of a saved tree are needed to load it.
pub fn check_6_2(answer: Option<usize>) -> Verdict {
    compared(|| {
        let saved = pickle::dumps(&tree(3)?)?;
        let Some(n) = answer else {
            return Ok(not_yet("replace None by Some(n) with the number of bytes."));
        };
        let Some(first) = saved.get(..n) else {
            return Ok(not_yet(format!("there are only {} bytes.", saved.len())));
        };
        Ok(match pickle::loads::<DecisionTreeClassifier>(first) {
            Err(error) => not_yet(format!("{n} bytes are too few. {error}")),
            Ok(_) => {
                right("all of them. The last byte, STOP, is what says that the pickle is complete.")
            }
        })
    })
}

/// What Python would call.
pub fn check_7_1(answer: Option<&str>) -> Verdict {
    match answer.map(|answer| answer.replace(' ', "")).as_deref() {
        None => not_yet("replace None by Some(\"…\") with the call, as Python writes it."),
        Some("time.sleep(60)") => right("time.sleep(60) would wait for a minute."),
        Some(answer) if answer.contains("K<") || answer.contains("'<'") => {
            not_yet("K is the opcode of a small integer, and < is the byte 60.")
        }
        Some("time.sleep") => not_yet("and with what argument?"),
        Some(answer) if !answer.contains("time.sleep") => {
            not_yet(format!("{answer} is not called. Try `inspect::bytes(&list)`."))
        }
        Some(answer) => not_yet(format!("the function is right, but not all of {answer}.")),
    }
}

/// A guard that lets weights in, and nothing else.
pub fn check_7_2(answer: Option<fn(&[u8]) -> bool>) -> Verdict {
    compared(|| {
        let weights = pickle::dumps(&vec![0.5, 2.0])?;
        let words = pickle::dumps(&vec!["free", "won"])?;
        let (head, body) = weights.split_at(2);
        let call = b"cbuiltins\nprint\n(X\x02\x00\x00\x00hitR0";
        let with_call = [head, call, body].concat();
        let cut_off = weights.get(..weights.len() - 1).unwrap_or_default();
        let files = [("words", words.as_slice()), ("with_call", &with_call), ("cut_off", cut_off)];
        let Some(accepts) = answer else {
            return Ok(not_yet("replace None by Some(|bytes| …) with a condition on the bytes."));
        };
        if !accepts(&weights) {
            return Ok(not_yet("weights should come in."));
        }
        Ok(match files.iter().find(|(_, bytes)| accepts(bytes)) {
            None => right("the weights come in, and nothing else does."),
            Some((name, _)) => not_yet(format!("{name} comes in, but should not.")),
        })
    })
}

/// The bytes of a tree for scikit-learn 1.2.2.
pub fn check_8_1(answer: Option<Vec<u8>>) -> Verdict {
    let Some(bytes) = answer else {
        return not_yet("replace None by Some(…) with the bytes of a pickle.");
    };
    match sklearn::loads(&bytes) {
        Err(error) => not_yet(error.to_string()),
        Ok(model) => match model.version().map(|version| version.to_string()).as_deref() {
            Some("1.2.2") => right("a tree for 1.2.2."),
            Some(version) => not_yet(format!("it is for scikit-learn {version}.")),
            None => not_yet("it does not say for which version it is."),
        },
    }
}

/// A message about free money that the spam filter takes for ham.
pub fn check_9_1(answer: Option<&str>) -> Verdict {
    compared(|| {
        let Some(message) = answer else {
            return Ok(not_yet("replace None by Some(\"…\") with a message."));
        };
        let row = spam_features(message);
        if [row.get("word_freq_free"), row.get("word_freq_money")].contains(&Some(0.0)) {
            return Ok(not_yet("the message should have the words free and money in it."));
        }
        let (_, tree) = spam_filter()?;
        Ok(match tree.predict(&row)?.iter().any(|class| class == "ham") {
            true => {
                right("ham, to the tree. Whoever knows what a filter looks at writes around it.")
            }
            false => not_yet(
                "the tree says spam. Which numbers does it ask about on the way, and which words are \
                 those of its owners' mail?",
            ),
        })
    })
}

/// From which probability on a message is called spam, so that few ham are.
pub fn check_9_2(answer: Option<f64>) -> Verdict {
    const MOST: f64 = 0.03;
    compared(|| {
        let (mail, tree) = spam_filter()?;
        let scores = tree.predict_proba(&mail.test)?.column(1).to_vec();
        let share = |class: &str, threshold: f64| {
            let own = mail.test.target().iter().zip(&scores).filter(|(own, _)| *own == class);
            let (all, called) = own.fold((0, 0), |(all, called), (_, &score)| {
                (all + 1, called + usize::from(score >= threshold))
            });
            called as f64 / all.max(1) as f64
        };
        let Some(threshold) = answer else {
            return Ok(not_yet("replace None by Some(…) with a probability."));
        };
        if !(0.0..=1.0).contains(&threshold) {
            return Ok(not_yet("a probability lies between 0 and 1."));
        }
        let percent = |share: f64| format!("{:.1} %", 100.0 * share);
        let (ham, spam) = (share("ham", threshold), share("spam", threshold));
        let allowed = scores.iter().filter(|&&score| share("ham", score) <= MOST);
        let best = allowed.map(|&score| share("spam", score)).fold(0.0, f64::max);
        Ok(match (ham <= MOST, spam >= best) {
            (false, _) => not_yet(format!(
                "{} of the ham would be called spam. Ask for a higher probability.",
                percent(ham)
            )),
            (true, false) => not_yet(format!(
                "few ham are called spam, but only {} of the spam are. A lower probability does better.",
                percent(spam)
            )),
            (true, true) => right(format!(
                "{} of the ham are called spam, and {} of the spam.",
                percent(ham),
                percent(spam)
            )),
        })
    })
}

/// A server that has two versions of the spam filter, and answers with the first.
pub fn check_9_3(answer: Option<&LocalServer>) -> Verdict {
    compared(|| {
        let Some(server) = answer else {
            return Ok(not_yet("replace None by Some(&production), when version 1 answers again."));
        };
        let told = server.get("/v2/models/spam")?.json()?;
        let current = told["parameters"]["version"].as_str();
        let has = |version| told["versions"].items().iter().any(|it| it.as_str() == Some(version));
        Ok(match current {
            None => not_yet("this server has no model `spam`; start it again, in the cell above."),
            Some(_) if !has("1") || !has("2") => not_yet("keep both versions in their folder."),
            Some("1") => right("version 1 answers, and version 2 waits."),
            Some(version) => not_yet(format!(
                "version {version} answers. Which request of the section on the way back chose another?"
            )),
        })
    })
}

/// The rows of Spambase, and the tree of notebook 9.
fn spam_filter() -> Result<(Split, DecisionTreeClassifier), Box<dyn Error>> {
    let mail = train_test_split(&spambase(), 0.3, 100)?;
    let tree = params().max_depth(5).fit(&mail.train)?;
    Ok((mail, tree))
}

/// The rows of the series.
fn split() -> Result<Split, crate::data::Error> {
    train_test_split(&balance_scale(), 0.3, 100)
}

/// The parameters of the series, but for the depth.
fn params() -> DecisionTreeClassifierParams {
    DecisionTreeClassifier::params().min_samples_leaf(5).random_state(100)
}

/// The tree of the series, of a depth.
fn tree(depth: usize) -> Result<DecisionTreeClassifier, Box<dyn Error>> {
    Ok(params().max_depth(depth).fit(&split()?.train)?)
}

/// The week in which the least of the spam was found, of those with at least 30 spam.
pub fn check_10_1(answer: Option<&str>) -> Verdict {
    const ENOUGH: usize = 30;
    compared(|| {
        let Some(week) = answer else {
            return Ok(not_yet("replace None by Some(\"…\") with the first day of the week."));
        };
        let ((_, filter), mail) = (spam_filter()?, mail_2002());
        let said = filter.predict(&mail)?;
        let weeks = History::of_dates(mail.target(), &said, "spam", mail.dates(), Period::Week)?;
        let Some(given) = weeks.window(week) else {
            return Ok(not_yet("a week is named by its Monday, as in 2002-07-08."));
        };
        let recall = |week: &Window| week.recall().share().unwrap_or(1.0);
        let enough = weeks.windows().iter().filter(|week| week.positives() >= ENOUGH);
        let least = enough.map(recall).fold(1.0, f64::min);
        Ok(match given.positives() >= ENOUGH {
            false => not_yet(format!(
                "of {} spam nothing can be said. Leave out weeks with fewer than {ENOUGH}.",
                given.positives()
            )),
            true if recall(given) > least => not_yet(format!(
                "{} of the spam of that week was found. In another week it was less.",
                given.recall()
            )),
            true => right(format!("{} of the spam of that week was found.", given.recall())),
        })
    })
}

/// How many columns have drifted from July to August.
pub fn check_10_2(answer: Option<usize>) -> Verdict {
    compared(|| {
        let Some(given) = answer else {
            return Ok(not_yet("replace None by Some(…) with the number of columns."));
        };
        let mail = mail_2002();
        let month = |first: &str, end: &str| {
            Ok::<_, crate::data::Error>(mail.between(first.parse()?, end.parse()?))
        };
        let (july, august) =
            (month("2002-07-01", "2002-08-01")?, month("2002-08-01", "2002-09-01")?);
        let drifted = |reference: &Dataset, rows: &Dataset| -> Result<usize, Box<dyn Error>> {
            Ok(monitor::drift(reference, rows)?.drifted().count())
        };
        let of_1999 = spam_filter()?.0.train;
        let expected = drifted(july.data(), august.data())?;
        Ok(match given {
            given if given == expected => right(format!(
                "{expected} of 57. Much of what a filter of July knows still holds in August."
            )),
            given if given == drifted(&of_1999, august.data())? => {
                not_yet("that is August beside 1999. Give the rows of July as the reference.")
            }
            given if given == drifted(august.data(), july.data())? => {
                not_yet("that is July beside August. The reference comes first.")
            }
            given if given > 57 => not_yet("there are 57 columns."),
            _ => not_yet(
                "give the rows of July first, then those of August, and count those that drifted.",
            ),
        })
    })
}

/// What is decided in October, where nothing is said of spam, and where it is named.
pub fn check_10_3(answer: Option<(Decision, Decision)>) -> Verdict {
    compared(|| {
        let Some((without, with)) = answer else {
            return Ok(not_yet("replace None by Some((…, …)) with both decisions."));
        };
        let ((_, filter), mail) = (spam_filter()?, mail_2002());
        let known = mail.before("2002-11-01".parse()?);
        let params = params().max_depth(5);
        let decide = |retraining: Retraining| -> Result<Decision, Box<dyn Error>> {
            Ok(retraining.run(&filter, known.data(), |rows| params.fit(rows))?.decision())
        };
        let expected =
            (decide(Retraining::new(300))?, decide(Retraining::new(300).positive("spam"))?);
        Ok(match (without == expected.0, with == expected.1) {
            (true, true) => right(format!(
                "without the class it is \"{}\", with it \"{}\". 300 rows with hardly any spam say much \
                 of ham, and of spam nothing.",
                expected.0, expected.1
            )),
            (true, false) => not_yet("the first decision is right. Name the class for the second."),
            (false, true) => not_yet("the second decision is right. Name no class for the first."),
            (false, false) if (with, without) == expected => {
                not_yet("both decisions are there, in the other order.")
            }
            (false, false) => {
                not_yet("let `filter` be the champion, and give all rows before 2002-11-01.")
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inspect;
    use crate::pickle::DumpOptions;

    #[track_caller]
    fn assert_not_yet(verdicts: impl IntoIterator<Item = (Verdict, &'static str)>) {
        for (verdict, hint) in verdicts {
            let said = verdict.to_string();
            assert!(said.starts_with("Not yet: ") && said.contains(hint), "{said}");
            assert_eq!(format!("{verdict:?}"), said);
        }
    }

    #[track_caller]
    fn assert_right(verdicts: impl IntoIterator<Item = Verdict>) {
        for verdict in verdicts {
            assert!(matches!(verdict, Right(_)), "{verdict}");
        }
    }

    #[test]
    fn no_answer_is_not_yet_right() {
        assert_not_yet(
            [
                check_1_1(None),
                check_1_2(None),
                check_2_1(None),
                check_2_2(None),
                check_3_1(None),
                check_3_2(None),
                check_4_1(None),
                check_4_2(None),
                check_5_1(None),
                check_5_2(None),
                check_6_1(None),
                check_6_2(None),
                check_7_1(None),
                check_7_2(None),
                check_8_1(None),
                check_9_1(None),
                check_9_2(None),
                check_9_3(None),
                check_10_1(None),
                check_10_2(None),
                check_10_3(None),
            ]
            .map(|verdict| (verdict, "replace None by Some(")),
        );
    }

    #[test]
    fn right_answers_are_right_and_others_get_a_hint() -> Result<(), Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("words.pkl").display().to_string();
        assert_not_yet([(check_1_1(Some(&path)), "could be read")]);
        pickle::save(&["won", "free", "holiday"], &path)?;
        assert_not_yet([(check_1_1(Some(&path)), "in this order")]);
        pickle::save(&["free", "won", "holiday"], &path)?;
        assert_right([check_1_1(Some(&path))]);

        let list = |numbers: &[i32]| pickle::dumps(&numbers.to_vec());
        let mut changed = list(&[1, 2, 3, 4, 5])?;
        assert_not_yet([
            (check_1_2(Some(changed.clone())), "as it was"),
            (check_1_2(Some(list(&[33, 2, 3, 4, 5])?)), "smallest byte"),
            (check_1_2(Some(changed[..9].to_vec())), "no longer"),
        ]);
        changed[15] = 33;
        assert_right([check_1_2(Some(changed)), check_2_1(Some(list(&[7, 300])?))]);
        assert_not_yet([
            (check_2_1(Some(list(&[300, 7])?)), "wrong way round"),
            (check_2_1(Some(list(&[7])?)), "another list"),
            (check_2_1(Some(vec![0x80])), "no list"),
            (check_2_2(Some(499)), "too few"),
            (check_2_2(Some(500)), "alone"),
            (check_2_2(Some(505)), "nearly"),
            (check_2_2(Some(507)), "is not it"),
        ]);
        assert_right([check_2_2(Some(506))]);

        let received =
            |fields: &str| Some(format!("Received {{ subject: \"You have won\"{fields} }}"));
        assert_not_yet([
            (check_3_1(Some(["bytes", "tuple", "float", "str"])), "vec![1_u8, 2] is no bytes"),
            (check_3_1(Some(["list", "tuple", "float", "char"])), "'x' is no char"),
            (check_3_2(Some("Err(…)".into())), "no Received"),
            (check_3_2(received("")), "`words`"),
            (check_3_2(received(", words: 57")), "`spam`"),
            (check_3_2(received(", words: 57.0, spam: true")), "integer"),
            (check_3_2(received(", spam: true, words: 57")), "in this order"),
        ]);
        assert_right([
            check_3_1(Some(["list", "tuple", "float", "str"])),
            check_3_2(received(", words: 57, spam: true")),
        ]);
        Ok(())
    }

    #[test]
    fn right_answers_about_trees_are_right_and_others_get_a_hint() -> Result<(), Box<dyn Error>> {
        assert_right([check_4_1(Some(90)), check_4_2(Some(0.7872))]);
        assert_not_yet([
            (check_4_1(Some(288)), "whole data"),
            (check_4_1(Some(189)), "only 188"),
            (check_4_1(Some(91)), "is not it"),
            (check_4_2(Some(138.0 / 188.0)), "max_depth 3"),
            (check_4_2(Some(78.72)), "not per cent"),
            (check_4_2(Some(0.5)), "split.train"),
            (check_4_2(Some(f64::NAN)), "split.train"),
        ]);

        let (small, large) = (tree(2)?, tree(3)?);
        let protocol = |tree, protocol| {
            pickle::dumps_with(tree, &DumpOptions::new().protocol(protocol)).map(Some)
        };
        let in_a_row = |trees: &[&DecisionTreeClassifier]| -> Result<_, pickle::Error> {
            let mut bytes = Vec::new();
            trees.iter().try_for_each(|tree| pickle::dump(tree, &mut bytes))?;
            Ok(Some(bytes))
        };
        assert_right([
            check_5_1(protocol(&large, 2)?),
            check_5_2(in_a_row(&[&small, &large])?),
            check_6_1(Some(("L", false))),
            check_6_2(Some(pickle::dumps(&large)?.len())),
        ]);
        assert_not_yet([
            (check_5_1(protocol(&large, 4)?), "this is protocol 4"),
            (check_5_1(protocol(&small, 2)?), "another tree"),
            (check_5_1(Some(Vec::new())), "no tree"),
            (check_5_2(in_a_row(&[&large, &small])?), "come first"),
            (check_5_2(in_a_row(&[&small])?), "trees found: 1"),
            (check_5_2(in_a_row(&[&small, &small])?), "but not small_tree"),
            (check_5_2(Some(vec![1])), "not two trees"),
            (check_6_1(Some(("B", true))), "predict_row"),
            (check_6_1(Some(("R", false))), "does not answer R"),
            (check_6_1(Some(("L", true))), "compare"),
            (check_6_2(Some(100)), "too few"),
            (check_6_2(Some(1_000_000)), "only"),
        ]);
        Ok(())
    }

    #[test]
    fn right_answers_about_strangers_files_are_right() -> Result<(), Box<dyn Error>> {
        let list = b"\x80\x04](K\x01\x8c\x04time\x8c\x05sleep\x93K<\x85R0K\x02e.";
        let report = inspect::bytes(list);
        let call = &report.pickles[0].calls[0];
        let call = format!("{}{}", call.callee, call.arguments);
        assert_right([check_7_1(Some(&call)), check_7_1(Some("time.sleep( 60 )"))]);
        assert_not_yet([
            (check_7_1(Some("time.sleep")), "argument"),
            (check_7_1(Some("time.sleep('<')")), "byte 60"),
            (check_7_1(Some("os.system(60)")), "not called"),
            (check_7_1(Some("time.sleep(6)")), "not all"),
            (check_7_2(Some(|_| true)), "words comes in"),
            (check_7_2(Some(|_| false)), "weights should"),
            (check_7_2(Some(|bytes| pickle::loads::<Vec<f64>>(bytes).is_ok())), "with_call"),
        ]);
        assert_right([check_7_2(Some(|bytes| {
            inspect::bytes(bytes).is_clean() && pickle::loads::<Vec<f64>>(bytes).is_ok()
        }))]);

        let small = tree(2)?;
        let options = |version: &str| -> Result<_, Box<dyn Error>> {
            let options = sklearn::DumpOptions::new().version(version.parse()?);
            Ok(Some(sklearn::dumps_with(&small, &options)?))
        };
        assert_right([check_8_1(options("1.2.2")?)]);
        assert_not_yet([
            (check_8_1(options("1.9.1")?), "scikit-learn 1.9.1"),
            (check_8_1(Some(Vec::new())), ""),
        ]);
        Ok(())
    }

    #[test]
    fn right_answers_about_the_spam_filter_are_right() {
        assert_not_yet([
            (check_9_1(Some("Lunch at noon?")), "free and money"),
            (check_9_1(Some("FREE money, $$$ for you!!! Remove me")), "says spam"),
            (check_9_2(Some(0.5)), "4.8 % of the ham"),
            (check_9_2(Some(1.0)), "only 10.4 % of the spam"),
            (check_9_2(Some(90.0)), "between 0 and 1"),
            (check_9_2(Some(f64::NAN)), "between 0 and 1"),
        ]);
        assert_right([
            check_9_1(Some("George, the free money for the project is in the table.")),
            check_9_2(Some(0.9)),
        ]);
    }

    #[test]
    fn right_answers_about_the_mail_of_2002_are_right() {
        let (promoted, too_few) = (Decision::Promoted, Decision::TooFewRows);
        assert_not_yet([
            (check_10_1(Some("September")), "named by its Monday"),
            (check_10_1(Some("2002-09-02")), "In another week it was less"),
            (check_10_1(Some("2002-10-28")), "nothing can be said"),
            (check_10_2(Some(16)), "August beside 1999"),
            (check_10_2(Some(58)), "57 columns"),
            (check_10_2(Some(57)), "July first"),
            (check_10_3(Some((promoted, promoted))), "the first decision is right"),
            (check_10_3(Some((too_few, too_few))), "the second decision is right"),
            (check_10_3(Some((too_few, promoted))), "in the other order"),
            (check_10_3(Some((Decision::ByChance, promoted))), "before 2002-11-01"),
        ]);
        assert_right([
            check_10_1(Some("2002-07-01")),
            check_10_2(Some(7)),
            check_10_3(Some((promoted, too_few))),
        ]);
    }
}
