//! A spam filter of a few lines: learned in Rust, saved for Python, opened there as scikit-learn's own.
//!
//! `cargo run --example spam_filter [MESSAGES.csv [MODEL.pkl]]`: the table has a column `text` and a
//! column `label`. Python then opens the file with `pickle.load(open("MODEL.pkl", "rb"))`, and asks
//! `model.predict(["free money"])`.

use std::path::PathBuf;

use picklebook::bayes::DiscreteNB;
use picklebook::data::{Column, Frame};
use picklebook::model::{self, Answer, Method};
use picklebook::pipeline::Pipeline;
use picklebook::prelude::*;
use picklebook::vectorizers::TfidfVectorizer;

const MESSAGES: &str = "\
text,label
Win free money now,spam
Free prize: claim your money today,spam
Cheap pills and free money,spam
Claim the prize you won,spam
Lunch at noon tomorrow?,ham
The meeting moves to Monday,ham
Can you send me the report today,ham
See you at lunch,ham
";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let messages = match arguments.next() {
        Some(path) => std::fs::read_to_string(path)?,
        None => MESSAGES.to_owned(),
    };
    let model = arguments.next().map(PathBuf::from);
    let model = model.unwrap_or_else(|| std::env::temp_dir().join("picklebook_spam.pkl"));

    // The label stands behind the last comma of a line.
    let lines = messages.lines().skip(1).filter_map(|line| line.rsplit_once(','));
    let (texts, labels): (Vec<Option<String>>, Vec<String>) =
        lines.map(|(text, label)| (Some(text.to_owned()), label.to_owned())).unzip();
    let (texts, labels) = (Frame::unnamed([Column::from(texts)])?, Labels::Text(labels));

    let filter = Pipeline::params()
        .step("tfidf", TfidfVectorizer::params().english_stop_words().sublinear_tf(true))
        .step("nb", DiscreteNB::multinomial().alpha(0.1))
        .fit_table(&texts, Some(&labels))?;
    sklearn::save(&filter, &model)?;
    println!("{} messages: saved {}", labels.len(), model.display());

    // What Python would answer, too.
    let new = Frame::unnamed([Column::from(["Free money, claim it!", "Is lunch on Monday?"])])?;
    if let Answer::Labels(predicted) = model::ask(&filter, &new, Method::Predict)? {
        println!("{predicted}");
    }
    Ok(())
}
