//! What models answer, as the columns of a file.

use picklebook::AnyModel;
use picklebook::data::{Column, Frame, Labels};
use picklebook::model::{Answer, Method};

/// Whether a model is asked by tables, whose columns may hold words.
pub fn takes_tables(model: &AnyModel) -> bool {
    let abilities = model.abilities();
    abilities.tables.is_some() || abilities.transformer.is_some()
}

/// The names of an answer's columns.
pub fn header(model: &AnyModel, method: Method, answer: &Answer) -> Vec<String> {
    let abilities = model.abilities();
    let numbered = |name: &str, count: usize| match count {
        1 => vec![name.to_owned()],
        count => (0..count).map(|place| format!("{name}_{place}")).collect(),
    };
    match answer {
        Answer::Labels(_) => vec!["prediction".to_owned()],
        Answer::LabelsByOutput(outputs) => numbered("prediction", outputs.len()),
        Answer::Leaves(leaves) => numbered("leaf", leaves.ncols()),
        Answer::Numbers(numbers) => {
            let classes = abilities.classifier.map(|classifier| classifier.classes());
            match (method, classes) {
                (Method::PredictProba | Method::DecisionFunction, Some(classes))
                    if classes.len() == numbers.ncols() =>
                {
                    classes.iter().map(|class| class.to_string()).collect()
                }
                (Method::Predict, _) => numbered("prediction", numbers.ncols()),
                _ => numbered(method.name(), numbers.ncols()),
            }
        }
        Answer::NumbersByOutput(outputs) => {
            let classes = abilities.multi_output_classifier.map(|model| model.classes());
            let name = |(output, numbers): (usize, &ndarray::Array2<f64>)| {
                let classes = classes.and_then(|classes| classes.get(output)).cloned();
                (0..numbers.ncols()).map(move |place| {
                    let class = classes.as_ref().and_then(|classes| classes.get(place));
                    format!(
                        "{output}_{}",
                        class.map_or(place.to_string(), |class| class.to_string())
                    )
                })
            };
            outputs.iter().enumerate().flat_map(name).collect()
        }
        Answer::Table(table) => {
            // scikit-learn's own names of what a transformer makes, where it has any
            let made = abilities.transformer.and_then(|model| model.feature_names_out(None));
            let made = made.filter(|names| names.len() == table.shape().1);
            match (made, table.names()) {
                (Some(names), _) => names,
                (None, Some(names)) => names.to_vec(),
                (None, None) => numbered("transform", table.shape().1),
            }
        }
        _ => Vec::new(),
    }
}

/// How many cells of a sparse answer are filled in at a time.
const MOST_CELLS: usize = 1 << 20;

/// The answer in parts that fit into memory when the zeros of sparse rows are filled in.
pub fn in_blocks(answer: Answer) -> Vec<Answer> {
    let table = match answer {
        Answer::Table(table) if table.sparse().is_some() => table,
        other => return vec![other],
    };
    let (rows, columns) = table.shape();
    let most = (MOST_CELLS / columns.max(1)).max(1);
    let blocks = (0..rows).step_by(most);
    blocks
        .filter_map(|start| table.slice(start..rows.min(start + most)))
        .map(Answer::Table)
        .collect()
}

/// The columns of an answer, each a list of labels or numbers; what is missing is an empty text.
pub fn columns(answer: Answer) -> Vec<Labels> {
    let of = |numbers: &ndarray::Array2<f64>| -> Vec<Labels> {
        numbers.columns().into_iter().map(|column| column.to_vec().into()).collect()
    };
    match answer {
        Answer::Labels(labels) => vec![labels],
        Answer::LabelsByOutput(outputs) => outputs,
        Answer::Numbers(numbers) => of(&numbers),
        Answer::NumbersByOutput(outputs) => outputs.iter().flat_map(of).collect(),
        Answer::Leaves(leaves) => {
            let leaves = leaves.mapv(|leaf| leaf as i64);
            leaves.columns().into_iter().map(|column| column.to_vec().into()).collect()
        }
        Answer::Table(table) => table.into_columns().into_iter().map(labels).collect(),
        _ => Vec::new(),
    }
}

fn labels(column: Column) -> Labels {
    match column {
        Column::Numbers(numbers) => numbers.into(),
        Column::Words(words) => {
            words.into_iter().map(Option::unwrap_or_default).collect::<Vec<String>>().into()
        }
    }
}

/// A table without rows, for the header of an answer about none.
pub fn no_rows(model: &AnyModel) -> Frame {
    Frame::from_numbers(ndarray::Array2::zeros((0, model.n_features())))
}
