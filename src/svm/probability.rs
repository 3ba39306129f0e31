//! Probabilities of classes from decisions about pairs, by libsvm's method.

/// How near to 0 or 1 the probability of a pair may be.
const LEAST: f64 = 1e-7;

/// Platt's sigmoid: how likely the first of two classes is.
fn sigmoid(decision: f64, a: f64, b: f64) -> f64 {
    let exponent = decision * a + b;
    match exponent >= 0.0 {
        true => (-exponent).exp() / (1.0 + (-exponent).exp()),
        false => 1.0 / (1.0 + exponent.exp()),
    }
}

/// What is worked with, to be used for one row after the other.
pub(super) struct Coupling {
    classes: usize,
    /// How likely the first class is of each two: classes × classes.
    pairwise: Vec<f64>,
    q: Vec<f64>,
    qp: Vec<f64>,
}

impl Coupling {
    pub(super) fn new(classes: usize) -> Coupling {
        let square = vec![0.0; classes * classes];
        Coupling { classes, pairwise: square.clone(), q: square, qp: vec![0.0; classes] }
    }

    /// The probabilities of a row's classes, from the decisions and sigmoids of the pairs.
    pub(super) fn probabilities(
        &mut self,
        pairs: impl Iterator<Item = (f64, f64, f64)>,
    ) -> Vec<f64> {
        let count = self.classes;
        let places = (0..count).flat_map(|i| (i + 1..count).map(move |j| (i, j)));
        for ((i, j), (decision, a, b)) in places.zip(pairs) {
            let likely = sigmoid(decision, a, b).clamp(LEAST, 1.0 - LEAST);
            self.pairwise[i * count + j] = likely;
            self.pairwise[j * count + i] = 1.0 - likely;
        }
        self.couple()
    }

    /// libsvm's `multiclass_probability`: method 2 of Wu, Lin and Weng, "Probability Estimates for
    /// Multi-class Classification by Pairwise Coupling" (2004).
    fn couple(&mut self) -> Vec<f64> {
        let Coupling { classes: count, pairwise, q, qp } = self;
        let count = *count;
        let mut p = vec![1.0 / count as f64; count];
        for t in 0..count {
            q[t * count + t] = 0.0;
            for j in (0..count).filter(|&j| j != t) {
                q[t * count + t] += pairwise[j * count + t] * pairwise[j * count + t];
                q[t * count + j] = match j < t {
                    true => q[j * count + t],
                    false => -pairwise[j * count + t] * pairwise[t * count + j],
                };
            }
        }
        for _ in 0..count.max(100) {
            let mut pqp = 0.0;
            for t in 0..count {
                let row = &q[t * count..][..count];
                qp[t] = row.iter().zip(&p).fold(0.0, |sum, (q, p)| sum + q * p);
                pqp += p[t] * qp[t];
            }
            let error = qp.iter().map(|qp| (qp - pqp).abs()).fold(0.0, f64::max);
            if error < 0.005 / count as f64 {
                break;
            }
            for t in 0..count {
                let own = q[t * count + t];
                let difference = (-qp[t] + pqp) / own;
                p[t] += difference;
                pqp = (pqp + difference * (difference * own + 2.0 * qp[t]))
                    / (1.0 + difference)
                    / (1.0 + difference);
                for j in 0..count {
                    qp[j] = (qp[j] + difference * q[t * count + j]) / (1.0 + difference);
                    p[j] /= 1.0 + difference;
                }
            }
        }
        p
    }
}
