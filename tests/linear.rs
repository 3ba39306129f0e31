//! Linear models, naive Bayes and neural networks against scikit-learn's own on random data, over sparse rows, and
//! against hostile parts.

mod support;

use std::process::Command;

use ndarray::{Array2, array};
use picklebook::bayes::{CategoricalNB, DiscreteKind, DiscreteNB, GaussianNB};
use picklebook::data::{Frame, Labels, SparseRows};
use picklebook::linear::{
    LinearClassifier, LinearClassifierKind, LinearDiscriminantAnalysis, LinearLink,
    LinearRegressor, LinearRegressorKind, Planes, Projection,
};
use picklebook::model::{Answer, Error, FittedParts, Method, Model, ask};
use picklebook::neural::{Activation, Layer, Layers, MLPClassifier, MLPRegressor};
use picklebook::sklearn;

fn refused<T: std::fmt::Debug>(made: Result<T, Error>, problem: &str) {
    let text = made.expect_err("it was put together").to_string();
    assert!(text.contains(problem), "{text}");
}

fn logistic(planes: Planes, classes: Labels) -> Result<LinearClassifier, Error> {
    let fitted = FittedParts::new(2);
    let kind = LinearClassifierKind::LogisticRegression;
    LinearClassifier::from_parts(kind, fitted, planes, classes, Some(LinearLink::Softmax))
}

#[test]
fn coefficients_that_do_not_fit_are_refused() -> Result<(), Error> {
    let nan = array![[f64::NAN, 1.0]];
    refused(Planes::new(nan, vec![0.0]), "a coefficient is NaN");
    refused(Planes::new(array![[1.0]], vec![f64::INFINITY]), "an intercept is inf");
    refused(Planes::new(array![[1.0]], vec![]), "intercepts: expected 1, found 0");
    refused(Planes::new(Array2::zeros((0, 2)), vec![]), "no coefficients");
    refused(Planes::new(Array2::zeros((2, 0)), vec![0.0; 2]), "no coefficients");
    let planes = |count| Planes::new(Array2::zeros((count, 2)), vec![0.0; count]);
    let classes = || Labels::from(["a", "b", "c"]);
    refused(logistic(planes(2)?, classes()), "rows of coefficients: expected 3, found 2");
    refused(logistic(planes(2)?, Labels::from(["a", "b"])), "expected 1, found 2");
    refused(logistic(planes(1)?, Labels::from(["a"])), "fewer than two classes");
    refused(logistic(planes(1)?, Labels::Text(vec![])), "no classes");
    refused(logistic(planes(3)?, Labels::from(["b", "a", "c"])), "ascending");
    let wide = Planes::new(Array2::zeros((3, 5)), vec![0.0; 3])?;
    refused(logistic(wide, classes()), "coefficients of a row: expected 2, found 5");
    let mut fitted = FittedParts::new(2);
    fitted.feature_names = Some(vec!["a".to_owned()]);
    let kind = LinearRegressorKind::Ridge;
    refused(LinearRegressor::from_parts(kind, fitted, planes(1)?), "feature names");
    let huge = FittedParts::new(usize::MAX);
    refused(LinearRegressor::from_parts(kind, huge, planes(1)?), "columns");
    let projection = |rows, mean| Projection { mean, scalings: Array2::zeros((rows, 1)) };
    let lda = |projection| {
        let (fitted, classes) = (FittedParts::new(2), Labels::from(["a", "b"]));
        LinearDiscriminantAnalysis::from_parts(fitted, planes(1)?, classes, Some(projection))
    };
    refused(lda(projection(3, None)), "rows of the scalings");
    refused(lda(projection(2, Some(vec![0.0]))), "means");
    refused(lda(projection(2, Some(vec![0.0, f64::NAN]))), "not finite");
    Ok(())
}

#[test]
fn naive_bayes_that_does_not_fit_is_refused() {
    let classes = || Labels::from(["a", "b"]);
    let gaussian = |priors: &[f64], means, variances| {
        GaussianNB::from_parts(FittedParts::new(2), classes(), priors.to_vec(), means, variances)
    };
    let zeros = |rows, columns| Array2::<f64>::zeros((rows, columns));
    let ones = |rows, columns| Array2::<f64>::ones((rows, columns));
    let half = [0.5, 0.5];
    assert!(gaussian(&half, zeros(2, 2), ones(2, 2)).is_ok());
    refused(gaussian(&half, zeros(2, 2), zeros(2, 2)), "variances: one is 0");
    refused(gaussian(&half, zeros(3, 2), ones(2, 2)), "rows of means");
    refused(gaussian(&half, zeros(2, 2), ones(2, 1)), "variances: expected 2");
    refused(gaussian(&[0.5, -0.5], zeros(2, 2), ones(2, 2)), "shares of classes");
    refused(gaussian(&[1.0], zeros(2, 2), ones(2, 2)), "shares of classes");
    let discrete = |kind, priors: &[f64], logarithms| {
        DiscreteNB::from_parts(kind, FittedParts::new(2), classes(), priors.to_vec(), logarithms)
    };
    let nan = array![[0.0, f64::NAN], [0.0, 0.0]];
    for kind in [
        DiscreteKind::Multinomial,
        DiscreteKind::Complement,
        DiscreteKind::Bernoulli { binarize: Some(0.0) },
    ] {
        refused(discrete(kind, &half, nan.clone()), "NaN");
        refused(discrete(kind, &half, zeros(2, 3)), "expected 2, found 3");
        refused(discrete(kind, &half, zeros(1, 2)), "expected 2, found 1");
        refused(discrete(kind, &[0.0], zeros(2, 2)), "expected 2, found 1");
        refused(discrete(kind, &[f64::NAN, 0.0], zeros(2, 2)), "NaN");
    }
    let bernoulli = DiscreteKind::Bernoulli { binarize: Some(f64::NAN) };
    refused(discrete(bernoulli, &half, zeros(2, 2)), "binarize");
    let categorical =
        |tables| CategoricalNB::from_parts(FittedParts::new(2), classes(), vec![0.0; 2], tables);
    refused(categorical(vec![zeros(2, 3)]), "tables of categories");
    refused(categorical(vec![zeros(2, 3), zeros(3, 3)]), "rows of logarithms");
    let model = categorical(vec![zeros(2, 3), zeros(2, 0)]).expect("two tables");
    for row in [[0.0, 0.0], [-1.0, 0.0], [-0.5, 0.0], [1e300, 0.0]] {
        assert!(matches!(model.predict(&[row]), Err(Error::UnknownCategory { .. })), "{row:?}");
    }
}

#[test]
fn layers_that_do_not_fit_are_refused() -> Result<(), Error> {
    let layer = |inputs, neurons| Layer {
        weights: Array2::zeros((inputs, neurons)),
        intercepts: vec![0.0; neurons],
    };
    let layers = |layers| Layers::new(layers, Activation::Relu);
    refused(layers(vec![]), "no layers");
    refused(layers(vec![layer(2, 0)]), "layer 0 has no neurons");
    refused(layers(vec![layer(2, 3), layer(4, 1)]), "rows of weights: expected 3, found 4");
    let lacking = Layer { intercepts: vec![0.0], ..layer(2, 2) };
    refused(layers(vec![lacking]), "intercepts of a layer: expected 2, found 1");
    let nan = Layer { intercepts: vec![f64::NAN], ..layer(3, 1) };
    refused(layers(vec![layer(2, 3), nan]), "layer 1 holds NaN");
    let classes = |labels: &[&str]| Labels::Text(labels.iter().map(|&it| it.into()).collect());
    let made = |labels: &[&str]| {
        let layers = layers(vec![layer(2, 3)])?;
        MLPClassifier::from_parts(FittedParts::new(2), layers, classes(labels))
    };
    assert_eq!(made(&["a", "b", "c"])?.predict(&[[1.0, 2.0]])?, classes(&["a"]));
    refused(made(&["a", "b"]), "outputs of the last layer: expected 1, found 3");
    refused(made(&["a"]), "single class");
    let wide = MLPRegressor::from_parts(FittedParts::new(3), layers(vec![layer(2, 3)])?);
    refused(wide, "expected 3, found 2");
    let model = MLPRegressor::from_parts(FittedParts::new(2), layers(vec![layer(2, 3)])?)?;
    assert!(matches!(model.predict(&[[0.0, f64::NAN]]), Err(Error::NotFinite { .. })));
    assert!(matches!(model.predict(&[[0.0]]), Err(Error::Columns { .. })));
    Ok(())
}

#[test]
fn rows_that_do_not_fit_are_refused() -> Result<(), Error> {
    let planes = Planes::new(array![[1.0, -1.0]], vec![0.0])?;
    let mut model = logistic(planes, Labels::from(["a", "b"]))?;
    assert!(matches!(model.predict(&[[1.0]]), Err(Error::Columns { expected: 2, found: 1 })));
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let found = model.predict(&[[0.0, 0.0], [0.0, value]]);
        assert!(matches!(found, Err(Error::NotFinite { row: 1, .. })), "{found:?}");
        let mut rows = SparseRows::new(2)?;
        rows.push([])?;
        rows.push([(1, value)])?;
        let found = ask(&model, &Frame::from_sparse(rows), Method::PredictProba);
        assert!(matches!(found, Err(Error::NotFinite { row: 1, .. })), "{found:?}");
    }
    let narrow = Frame::from_sparse(SparseRows::new(1)?);
    assert!(matches!(ask(&model, &narrow, Method::Predict), Err(Error::Columns { .. })));
    assert!(matches!(ask(&model, &narrow, Method::Apply), Err(Error::NoMethod { .. })));
    let none = Frame::from_sparse(SparseRows::new(2)?);
    let found = ask(&model, &none, Method::PredictProba)?;
    assert_eq!(found, Answer::Numbers(Array2::zeros((0, 2))));
    // a model that knows no probabilities
    let planes = Planes::new(array![[1.0, -1.0]], vec![0.0])?;
    let (kind, fitted) = (LinearClassifierKind::LinearSvc, FittedParts::new(2));
    model = LinearClassifier::from_parts(kind, fitted, planes, Labels::from(["a", "b"]), None)?;
    assert!(model.abilities().probabilities.is_none());
    assert!(matches!(model.predict_proba(&[[0.0, 0.0]]), Err(Error::NoMethod { .. })));
    Ok(())
}

/// What scikit-learn answers for sparse rows, of models that the pinned version fits on random
/// words, and what the same models answer here for them, sparse and dense.
#[test]
fn sparse_rows_answer_as_in_python() {
    let folder = tempfile::tempdir().unwrap();
    let mut python = Command::new(support::python());
    let made = python.args(["tests/reference/sparse.py"]).arg(folder.path()).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let said: serde_json::Value = serde_json::from_slice(&made.stdout).unwrap();
    let numbers = |value: &serde_json::Value| -> Array2<f64> {
        let rows: Vec<Vec<f64>> = serde_json::from_value(value.clone()).unwrap();
        Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap()
    };
    let dense = numbers(&said["rows"]);
    let sparse = Frame::from_sparse(SparseRows::from_dense(&dense).unwrap());
    let dense = Frame::from_numbers(dense);
    let models = said["models"].as_object().unwrap();
    assert!(models.len() >= 8);
    for (name, said) in models {
        let estimator = sklearn::open(folder.path().join(name)).unwrap();
        for method in [Method::Predict, Method::PredictProba, Method::DecisionFunction] {
            let Some(expected) = said.get(method.name()) else { continue };
            for table in [&sparse, &dense] {
                match estimator.ask(table, method).unwrap() {
                    Answer::Numbers(found) => close(name, &found, &numbers(expected)),
                    Answer::Labels(Labels::Floats(found)) => {
                        let found = Array2::from_shape_vec((found.len(), 1), found).unwrap();
                        close(name, &found, &numbers(expected));
                    }
                    Answer::Labels(found) => {
                        let found: Vec<String> = found.iter().map(|it| it.to_string()).collect();
                        assert_eq!(serde_json::to_value(found).unwrap(), *expected, "{name}");
                    }
                    other => panic!("{name}: {other:?}"),
                }
            }
        }
    }
}

fn close(name: &str, found: &Array2<f64>, expected: &Array2<f64>) {
    assert_eq!(found.dim(), expected.dim(), "{name}");
    for (a, b) in found.iter().zip(expected) {
        assert!((a - b).abs() <= 1e-12 * b.abs().max(1.0), "{name}: {a} for {b}");
    }
}
