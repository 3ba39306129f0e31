//! Forests, boosted trees, linear models, support vector machines, naive Bayes, neural networks,
//! neighbours, transformers and pipelines.

use ndarray::ArrayView2;

use super::Table;
use super::cell::bundle;
use crate::bayes::{CategoricalNB, DiscreteNB, GaussianNB};
use crate::data::Labels;
use crate::ensemble::{
    AdaBoostClassifier, AdaBoostRegressor, ForestClassifier, ForestRegressor,
    GradientBoostingClassifier, GradientBoostingRegressor, HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
};
use crate::linear::{LinearClassifier, LinearDiscriminantAnalysis, LinearRegressor};
use crate::model::{Model, Parameters, SklearnVersion, Transformer};
use crate::neighbours::{
    KNeighborsClassifier, KNeighborsRegressor, LocalOutlierFactor, Metric, NearestCentroid,
    NearestNeighbors,
};
use crate::neural::{Layers, MLPClassifier, MLPRegressor};
use crate::pipeline::{ColumnStep, ColumnTransformer, Pipeline, Selection};
use crate::preprocessing::{
    KNNImputer, LabelEncoder, MaxAbsScaler, MinMaxScaler, OneHotEncoder, OrdinalEncoder,
    RobustScaler, SimpleImputer, StandardScaler,
};
use crate::svm::{Kernel, OneClassSvm, SupportVectors, SvmClassifier, SvmRegressor};
use crate::text::shortened;
use crate::tree::Tree;

/// How much of the parameters a title shows, and how much of the names of classes or columns a
/// table.
const MOST_PARAMETERS: usize = 200;
const MOST_CHARACTERS: usize = 40;

/// A column of a table of one row.
type Fact = (&'static str, String);

/// The model's class with its parameters.
fn title(model: &dyn Model, parameters: &Parameters) -> String {
    format!("{}({})", model.name(), shortened(&parameters.to_string(), MOST_PARAMETERS))
}

/// What a table of one row says: what is known of every model, and more.
fn table(
    model: &dyn Model,
    parameters: &Parameters,
    version: SklearnVersion,
    more: impl IntoIterator<Item = Fact>,
) -> Table {
    let known =
        [("scikit-learn", version.to_string()), ("features", model.n_features().to_string())];
    let (header, cells): (Vec<_>, Vec<_>) = known.into_iter().chain(more).unzip();
    Table::new(title(model, parameters), header).row(cells)
}

fn show(table: &Table) {
    println!("{}", bundle(Some(&table.to_html()), &table.to_string()));
}

fn classes(labels: &Labels) -> Fact {
    let names: Vec<String> = labels.iter().take(MOST_CHARACTERS).map(|it| it.to_string()).collect();
    let names = shortened(&names.join(", "), MOST_CHARACTERS);
    ("classes", format!("{} ({names})", labels.len()))
}

fn size(trees: &[Tree]) -> [Fact; 3] {
    let nodes: usize = trees.iter().map(Tree::node_count).sum();
    let depth = trees.iter().map(Tree::max_depth).max().unwrap_or(0);
    [
        ("trees", trees.len().to_string()),
        ("nodes", nodes.to_string()),
        ("greatest depth", depth.to_string()),
    ]
}

/// Shows a model as a table of one row, of what is known of every model and of `more`.
macro_rules! shown {
    ($($model:ty: $own:ident => $more:expr;)*) => {$(
        impl $model {
            /// Shows the parameters and the size of the model in a notebook's cell.
            pub fn evcxr_display(&self) {
                show(&self.to_table());
            }

            fn to_table(&self) -> Table {
                let $own = self;
                table(self, self.parameters(), self.version(), $more)
            }
        }
    )*};
}

shown! {
    ForestClassifier: model => {
        let each = model.classes_of_outputs().iter().map(classes);
        size(model.trees()).into_iter().chain(each)
    };
    ForestRegressor: model => {
        size(model.trees()).into_iter().chain([("outputs", model.n_outputs().to_string())])
    };
    GradientBoostingClassifier: model => {
        size(model.trees()).into_iter().chain([classes(model.classes())])
    };
    GradientBoostingRegressor: model => size(model.trees());
    HistGradientBoostingClassifier: model => [
        ("trees", model.trees().len().to_string()),
        ("leaves", model.trees().iter().map(|tree| tree.n_leaves()).sum::<usize>().to_string()),
        classes(model.classes()),
    ];
    HistGradientBoostingRegressor: model => [
        ("trees", model.trees().len().to_string()),
        ("leaves", model.trees().iter().map(|tree| tree.n_leaves()).sum::<usize>().to_string()),
    ];
    AdaBoostClassifier: model => [
        ("estimators", model.estimators().len().to_string()),
        classes(model.classes()),
    ];
    AdaBoostRegressor: model => [("estimators", model.estimators().len().to_string())];
    LinearClassifier: model => [coefficients(model.coefficients()), classes(model.classes())];
    LinearDiscriminantAnalysis: model => {
        [coefficients(model.coefficients()), classes(model.classes())]
    };
    LinearRegressor: model => [coefficients(model.coefficients())];
    GaussianNB: model => [classes(model.classes())];
    DiscreteNB: model => [classes(model.classes())];
    CategoricalNB: model => [classes(model.classes())];
    MLPClassifier: model => [neurons(model.layers()), classes(model.classes())];
    MLPRegressor: model => [neurons(model.layers())];
    SvmClassifier: model => {
        let [vectors, kernel] = support(model.support_vectors(), model.kernel());
        [vectors, kernel, classes(model.classes())]
    };
    SvmRegressor: model => support(model.support_vectors(), model.kernel());
    OneClassSvm: model => support(model.support_vectors(), model.kernel());
    KNeighborsClassifier: model => {
        let each = model.classes_of_outputs().iter().map(classes);
        points(model.points().nrows(), model.metric(), model.algorithm()).into_iter().chain(each)
    };
    KNeighborsRegressor: model => {
        let outputs = ("outputs", model.n_outputs().to_string());
        let points = points(model.points().nrows(), model.metric(), model.algorithm());
        points.into_iter().chain([outputs])
    };
    NearestNeighbors: model => points(model.points().nrows(), model.metric(), model.algorithm());
    LocalOutlierFactor: model => points(model.points().nrows(), model.metric(), model.algorithm());
    NearestCentroid: model => {
        [("metric", model.metric().to_string()), classes(model.classes())]
    };
    StandardScaler: model => columns(model);
    RobustScaler: model => columns(model);
    MinMaxScaler: model => columns(model);
    MaxAbsScaler: model => columns(model);
    SimpleImputer: model => columns(model);
    KNNImputer: model => {
        let [columns] = columns(model);
        [("rows of the fit", model.parts().rows.nrows().to_string()), columns]
    };
    OrdinalEncoder: model => categories(model, model.categories().map(|it| it.len()).sum());
    OneHotEncoder: model => categories(model, model.categories().map(|it| it.len()).sum());
    LabelEncoder: model => [classes(model.classes())];
}

/// The shape of the coefficients: classes or outputs × features.
fn coefficients(coefficients: ArrayView2<'_, f64>) -> Fact {
    let (planes, features) = coefficients.dim();
    ("coefficients", format!("{planes} × {features}"))
}

/// How many neurons each layer has.
fn neurons(layers: &Layers) -> Fact {
    let each = layers.layers().iter().map(|layer| layer.intercepts.len().to_string());
    let each = shortened(&each.collect::<Vec<String>>().join(", "), MOST_CHARACTERS);
    ("neurons of each layer", each)
}

fn support(vectors: &SupportVectors, kernel: Kernel) -> [Fact; 2] {
    [("support vectors", vectors.shape().0.to_string()), ("kernel", kernel.to_string())]
}

/// How many rows of the fit there are, and how the nearest are found.
fn points(rows: usize, metric: Metric, algorithm: &'static str) -> [Fact; 3] {
    let metric = ("metric", metric.to_string());
    [("rows of the fit", rows.to_string()), metric, ("algorithm", algorithm.to_owned())]
}

/// How many columns a transformer makes.
fn columns(model: &dyn Transformer) -> [Fact; 1] {
    [("columns made", model.n_features_out().to_string())]
}

fn categories(model: &dyn Transformer, categories: usize) -> [Fact; 2] {
    let [made] = columns(model);
    [("categories", categories.to_string()), made]
}

impl Pipeline {
    /// Shows the steps in a notebook's cell.
    pub fn evcxr_display(&self) {
        show(&self.to_table());
    }

    fn to_table(&self) -> Table {
        let table = Table::new(title(self, self.parameters()), ["step", "model", "features"]);
        self.steps().fold(table, |table, (name, model)| match model {
            Some(model) => table.row([
                shortened(name, MOST_CHARACTERS),
                model.name().to_owned(),
                model.n_features().to_string(),
            ]),
            None => {
                table.row([shortened(name, MOST_CHARACTERS), "passthrough".into(), String::new()])
            }
        })
    }
}

impl ColumnTransformer {
    /// Shows the steps and their columns in a notebook's cell.
    pub fn evcxr_display(&self) {
        show(&self.to_table());
    }

    fn to_table(&self) -> Table {
        let table = Table::new(title(self, self.parameters()), ["step", "model", "columns"]);
        self.steps().fold(table, |table, (name, step, selection)| {
            let model = match step {
                ColumnStep::Drop => "drop",
                ColumnStep::Passthrough => "passthrough",
                ColumnStep::Model(model) => model.name(),
            };
            table.row([shortened(name, MOST_CHARACTERS), model.to_owned(), selected(selection)])
        })
    }
}

/// The columns of a step, as Python would name them.
fn selected(selection: &Selection) -> String {
    let number = |place: &Option<i64>| place.map_or(String::new(), |place| place.to_string());
    let name = |name: &Option<String>| name.clone().unwrap_or_default();
    let text = match selection {
        Selection::Names(names) => names.join(", "),
        Selection::Places(places) => {
            let places: Vec<String> = places.iter().map(i64::to_string).collect();
            places.join(", ")
        }
        Selection::Slice { start, stop, step: None } => {
            format!("{}:{}", number(start), number(stop))
        }
        Selection::Slice { start, stop, step } => {
            format!("{}:{}:{}", number(start), number(stop), number(step))
        }
        Selection::NameSlice { start, stop } => format!("{}:{}", name(start), name(stop)),
        Selection::Mask(mask) => {
            let places = mask.iter().enumerate().filter(|(_, taken)| **taken);
            let places: Vec<String> = places.map(|(place, _)| place.to_string()).collect();
            places.join(", ")
        }
    };
    shortened(&text, MOST_CHARACTERS)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::ensemble::{ForestKind, ForestParts};
    use crate::model::Parameter;
    use crate::preprocessing::TransformerParts;
    use crate::tree::TreeArrays;

    fn forest() -> ForestClassifier {
        let arrays = TreeArrays {
            children_left: vec![1, -1, -1],
            children_right: vec![2, -1, -1],
            feature: vec![0, -2, -2],
            threshold: vec![2.5, -2.0, -2.0],
            impurity: vec![0.5, 0.0, 0.0],
            n_node_samples: vec![4, 2, 2],
            weighted_n_node_samples: vec![4.0, 2.0, 2.0],
            missing_go_to_left: vec![false; 3],
            value: vec![0.5, 0.5, 1.0, 0.0, 0.0, 1.0],
        };
        let tree = Tree::new(arrays, 1, 2).expect("a whole tree");
        let mut parts = ForestParts::new(ForestKind::RandomForest, vec![tree.clone(), tree]);
        parts.parameters = [("n_estimators", Parameter::Integer(2))].into();
        ForestClassifier::from_parts(parts, vec![Labels::from(["<no>", "yes"])]).expect("a forest")
    }

    #[test]
    fn a_forest_is_shown_with_its_size() {
        let table = forest().to_table();
        let text = "RandomForestClassifier(n_estimators=2)\n\
            scikit-learn  features  trees  nodes  greatest depth  classes\n";
        assert!(table.to_string().starts_with(text), "{table}");
        let html = table.to_html();
        assert!(html.contains("2 (&lt;no&gt;, yes)") && !html.contains("<no>"), "{html}");
    }

    #[test]
    fn pipelines_are_shown_by_their_steps() {
        let scaler = StandardScaler::from_parts(TransformerParts::new(1), None, None);
        let scaler: Arc<dyn Model> = Arc::new(scaler.expect("a scaler"));
        let slice = Selection::Slice { start: Some(1), stop: None, step: None };
        let steps = vec![
            ("scale".to_owned(), ColumnStep::Model(scaler), slice),
            ("rest".to_owned(), ColumnStep::Drop, Selection::from([0])),
        ];
        let columns = ColumnTransformer::from_parts(TransformerParts::new(2), steps);
        let columns = columns.expect("a transformer");
        let text = "ColumnTransformer()\nstep   model           columns\n\
            scale  StandardScaler  1:\nrest   drop            0";
        assert_eq!(columns.to_table().to_string(), text);
        let steps: Vec<(String, Option<Arc<dyn Model>>)> = vec![
            ("columns".to_owned(), Some(Arc::new(columns))),
            ("nothing".to_owned(), None),
            ("forest".to_owned(), Some(Arc::new(forest()))),
        ];
        let pipeline = Pipeline::from_parts(steps, SklearnVersion::LATEST, Parameters::new());
        let text = pipeline.expect("a pipeline").to_table().to_string();
        assert!(text.contains("forest   RandomForestClassifier"), "{text}");
        assert!(text.contains("nothing  passthrough"), "{text}");
    }
}
