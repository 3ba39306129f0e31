//! Random data sets with what scikit-learn makes of them, and the same fits here.
#![allow(dead_code)] // each test file uses its own part

use std::process::Command;

use ndarray::Array2;
use picklebook::data::{Label, Labels};
use picklebook::tree::{
    ClassWeight, Criterion, DecisionTreeClassifier, DecisionTreeRegressor, Error, Features,
    MaxFeatures, RegressionCriterion,
};
use serde::Deserialize;
use serde_json::Value;

/// A data set, parameters, and what scikit-learn makes of them; floats are their bits.
#[derive(Deserialize)]
pub struct Case {
    pub seed: u64,
    pub classification: bool,
    pub single: bool,
    pub rows: usize,
    pub columns: usize,
    pub x: Vec<u64>,
    pub test: Vec<u64>,
    pub labels: Option<Labels>,
    pub target: Option<Vec<u64>>,
    pub weights: Option<Vec<u64>>,
    pub params: serde_json::Map<String, Value>,
    pub repr: String,
    pub children_left: Vec<i32>,
    pub children_right: Vec<i32>,
    pub feature: Vec<i32>,
    pub threshold: Vec<u64>,
    pub impurity: Vec<u64>,
    pub n_node_samples: Vec<i32>,
    pub weighted_n_node_samples: Vec<u64>,
    pub missing_go_to_left: Vec<bool>,
    pub value: Vec<u64>,
    pub max_depth: usize,
    pub feature_importances: Vec<u64>,
    pub apply: Vec<usize>,
    pub path_lengths: Vec<usize>,
    pub predict: Value,
    pub predict_proba: Option<Vec<u64>>,
    pub score: Vec<u64>,
    pub export_text: Vec<String>,
}

pub fn floats(bits: &[u64]) -> Vec<f64> {
    bits.iter().map(|&bits| f64::from_bits(bits)).collect()
}

pub fn bits(floats: &[f64]) -> Vec<u64> {
    floats.iter().map(|float| float.to_bits()).collect()
}

/// Sets the parameters that both kinds of trees have.
macro_rules! set_params {
    ($params:expr, $case:expr) => {{
        let mut params = $params;
        for (name, value) in &$case.params {
            let count = value.as_u64().unwrap_or(0) as usize;
            let float = value.as_f64().unwrap_or(0.0);
            params = match (name.as_str(), value.is_u64()) {
                ("random_state", _) => params.random_state(count as u32),
                ("max_depth", _) => params.max_depth(count),
                ("min_samples_split", true) => params.min_samples_split(count),
                ("min_samples_split", false) => params.min_samples_split_fraction(float),
                ("min_samples_leaf", true) => params.min_samples_leaf(count),
                ("min_samples_leaf", false) => params.min_samples_leaf_fraction(float),
                ("min_weight_fraction_leaf", _) => params.min_weight_fraction_leaf(float),
                ("max_leaf_nodes", _) => params.max_leaf_nodes(count),
                ("min_impurity_decrease", _) => params.min_impurity_decrease(float),
                ("ccp_alpha", _) => params.ccp_alpha(float),
                ("max_features", true) => params.max_features(MaxFeatures::Count(count)),
                ("max_features", false) => params.max_features(match value.as_str() {
                    Some("sqrt") => MaxFeatures::Sqrt,
                    Some("log2") => MaxFeatures::Log2,
                    _ => MaxFeatures::Fraction(float),
                }),
                ("criterion" | "class_weight", _) => params,
                (name, _) => panic!("unknown parameter {name}"),
            };
        }
        params
    }};
}

/// The tree that was fitted here.
pub enum Fitted {
    Classifier(DecisionTreeClassifier),
    Regressor(DecisionTreeRegressor),
}

impl Case {
    pub fn array(&self, bits: &[u64]) -> Array2<f64> {
        Array2::from_shape_vec((bits.len() / self.columns, self.columns), floats(bits)).unwrap()
    }

    /// The parameters, as they print, and the tree.
    pub fn fit(&self) -> Result<(String, Fitted), Error> {
        let x = self.array(&self.x);
        let x32 = x.mapv(|v| v as f32);
        let x = if self.single { Features::from(&x32) } else { Features::from(&x) };
        assert_eq!(x.shape(), (self.rows, self.columns));
        let weights = self.weights.as_deref().map(floats);
        let weights = weights.as_deref();
        if !self.classification {
            let params = self.regressor();
            let target = floats(self.target.as_ref().unwrap());
            let tree = params.fit_weighted(x, &target, weights)?;
            return Ok((tree.parameters().to_string(), Fitted::Regressor(tree)));
        }
        let params = self.classifier();
        let tree = params.fit_weighted(x, self.labels.as_ref().unwrap(), weights)?;
        Ok((params.to_string(), Fitted::Classifier(tree)))
    }

    fn classifier(&self) -> picklebook::tree::DecisionTreeClassifierParams {
        let mut params = set_params!(DecisionTreeClassifier::params(), self);
        match self.params.get("criterion").and_then(Value::as_str) {
            Some("entropy") => params = params.criterion(Criterion::Entropy),
            Some("log_loss") => params = params.criterion(Criterion::LogLoss),
            Some(other) => panic!("no criterion {other} is known here"),
            None => {}
        }
        match self.params.get("class_weight") {
            None => params,
            Some(Value::Object(weights)) => {
                let label = |name: &String| match self.labels {
                    Some(Labels::Integers(_)) => Label::Integer(name.parse().unwrap()),
                    _ => Label::Text(name.clone()),
                };
                let weights = weights.iter().map(|(l, w)| (label(l), w.as_f64().unwrap()));
                params.class_weight(ClassWeight::Weights(weights.collect()))
            }
            Some(_) => params.class_weight(ClassWeight::Balanced),
        }
    }

    fn regressor(&self) -> picklebook::tree::DecisionTreeRegressorParams {
        let mut params = set_params!(DecisionTreeRegressor::params(), self);
        match self.params.get("criterion").and_then(Value::as_str) {
            Some("friedman_mse") => params = params.criterion(RegressionCriterion::FriedmanMse),
            Some("absolute_error") => params = params.criterion(RegressionCriterion::AbsoluteError),
            Some("poisson") => params = params.criterion(RegressionCriterion::Poisson),
            Some(other) => panic!("no criterion {other} is known here"),
            None => {}
        }
        params
    }
}

/// Cases that scikit-learn works out: `count` of them, from the seed `first` on.
pub fn cases<T: serde::de::DeserializeOwned>(count: usize, first: usize) -> Vec<T> {
    let output = Command::new(crate::support::python())
        .args(["tests/reference/trees.py", &count.to_string(), &first.to_string()])
        .args(std::env::var("PICKLEBOOK_TREE_ROWS"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let cases: Vec<_> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(cases.len(), count);
    cases
}

/// The same, each with the JSON that it was read from.
pub fn saved_cases(count: usize, first: usize) -> Vec<(Case, Value)> {
    let case = |said: Value| (Case::deserialize(&said).unwrap(), said);
    cases(count, first).into_iter().map(case).collect()
}
