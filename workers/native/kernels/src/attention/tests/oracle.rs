//! The textbook formulas in f64 and plain loops.

use super::super::{Inhibitor, QkGradient, Shape};
use crate::training::Dropout;

pub struct Oracle<'a> {
    pub shape: Shape,
    pub lengths: &'a [i32],
    /// (B·N, 3·H)
    pub projected: &'a [f64],
}

impl Oracle<'_> {
    /// Index of a query's (0), key's (1) or value's (2) feature.
    pub fn at(&self, part: usize, b: usize, h: usize, i: usize, k: usize) -> usize {
        let hidden = self.shape.hidden();
        (b * self.shape.tokens + i) * 3 * hidden + part * hidden + h * self.shape.features + k
    }

    fn value(&self, part: usize, b: usize, h: usize, i: usize, k: usize) -> f64 {
        self.projected[self.at(part, b, h, i, k)]
    }

    /// Index of a feature of a context.
    pub fn out(&self, b: usize, h: usize, i: usize, k: usize) -> usize {
        (b * self.shape.tokens + i) * self.shape.hidden() + h * self.shape.features + k
    }

    /// Calls `work` with every head of every sequence and its real tokens.
    fn each(&self, mut work: impl FnMut(usize, usize, usize)) {
        for b in 0..self.shape.batch {
            for h in 0..self.shape.heads {
                work(b, h, self.lengths[b] as usize);
            }
        }
    }

    /// softmax(q·k/√d), and its row's logarithm of the sum of exponentials.
    fn weights(&self, b: usize, h: usize, i: usize, n: usize) -> (Vec<f64>, f64) {
        let d = self.shape.features;
        let score = |j| {
            let product = |k| self.value(0, b, h, i, k) * self.value(1, b, h, j, k);
            (0..d).map(product).sum::<f64>() / (d as f64).sqrt()
        };
        let scores: Vec<f64> = (0..n).map(score).collect();
        let largest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = scores.iter().map(|score| (score - largest).exp()).sum();
        let log_sum = largest + sum.ln();
        let weights = scores.iter().map(|score| (score - log_sum).exp());
        (weights.collect(), log_sum)
    }

    pub fn dot(&self) -> Vec<f64> {
        let mut output = vec![0.0; self.projected.len() / 3];
        self.each(|b, h, n| {
            for i in 0..n {
                let (weights, _) = self.weights(b, h, i, n);
                for k in 0..self.shape.features {
                    let term = |j: usize| weights[j] * self.value(2, b, h, j, k);
                    output[self.out(b, h, i, k)] = (0..n).map(term).sum();
                }
            }
        });
        output
    }

    pub fn dot_gradient(&self, g: &[f64]) -> Vec<f64> {
        let d = self.shape.features;
        let scale = 1.0 / (d as f64).sqrt();
        let mut gradient = vec![0.0; self.projected.len()];
        self.each(|b, h, n| {
            for i in 0..n {
                let (weights, _) = self.weights(b, h, i, n);
                let product = |j: usize| -> f64 {
                    let term = |k| g[self.out(b, h, i, k)] * self.value(2, b, h, j, k);
                    (0..d).map(term).sum()
                };
                let products: Vec<f64> = (0..n).map(product).collect();
                let mean: f64 = weights.iter().zip(&products).map(|(w, p)| w * p).sum();
                for j in 0..n {
                    let slope = weights[j] * (products[j] - mean) * scale;
                    for k in 0..d {
                        gradient[self.at(2, b, h, j, k)] += weights[j] * g[self.out(b, h, i, k)];
                        gradient[self.at(0, b, h, i, k)] += slope * self.value(1, b, h, j, k);
                        gradient[self.at(1, b, h, j, k)] += slope * self.value(0, b, h, i, k);
                    }
                }
            }
        });
        gradient
    }

    /// Distances of query i to the m keys that are centred over.
    fn distances(&self, b: usize, h: usize, i: usize, m: usize) -> Vec<f64> {
        let distance = |j| {
            let term = |k| (self.value(0, b, h, i, k) - self.value(1, b, h, j, k)).abs();
            (0..self.shape.features).map(term).sum()
        };
        (0..m).map(distance).collect()
    }

    fn scores(&self, distances: &[f64], alpha: f64, gamma: f64) -> Vec<f64> {
        let mean = distances.iter().sum::<f64>() / distances.len() as f64;
        let slope = gamma / (self.shape.features as f64).sqrt();
        let score = |e: &f64| (slope * (e - mean) + alpha).max(0.0);
        distances.iter().map(score).collect()
    }

    /// Equation (5) of arXiv 2310.02041, of centred and shifted scores.
    pub fn inhibitor(&self, settings: &Settings) -> Vec<f64> {
        let mut output = vec![0.0; self.projected.len() / 3];
        self.each(|b, h, n| {
            let [alpha, beta, gamma] = settings.of(h);
            let m = settings.centred(n, self.shape.tokens);
            for i in 0..n {
                let scores = self.scores(&self.distances(b, h, i, m), alpha, gamma);
                for k in 0..self.shape.features {
                    let term = |j: usize| {
                        let value = self.value(2, b, h, j, k);
                        (value.max(0.0) - scores[j]).max(0.0)
                            + (value.min(0.0) + scores[j]).min(0.0)
                    };
                    let kept = |j: &usize| !settings.is_dropped(b * self.shape.tokens + j);
                    let sum: f64 = (0..n).filter(kept).map(term).sum();
                    output[self.out(b, h, i, k)] = beta * sum / settings.divisor(n);
                }
            }
        });
        output
    }

    /// ∂projected; ∂α, ∂β, ∂γ of each head; and the sum of |β·G| of all terms within 1e-5 of a kink, which
    /// f32 may take for the other side.
    pub fn inhibitor_gradient(
        &self,
        settings: &Settings,
        mode: QkGradient,
        g: &[f64],
    ) -> (Vec<f64>, [Vec<f64>; 3], f64) {
        let mut doubtful = 0.0;
        let d = self.shape.features;
        let mut gradient = vec![0.0; self.projected.len()];
        let mut scalars = [(); 3].map(|()| vec![0.0; self.shape.heads]);
        let stand_in = |x: f64| match mode {
            QkGradient::Sign => f64::from(i8::from(x > 0.0) - i8::from(x < 0.0)),
            QkGradient::Clamp => x.clamp(-1.0, 1.0),
            QkGradient::Difference => x,
        };
        self.each(|b, h, n| {
            let [alpha, beta, gamma] = settings.of(h);
            let m = settings.centred(n, self.shape.tokens);
            let slope = gamma / (d as f64).sqrt();
            for i in 0..n {
                let distances = self.distances(b, h, i, m);
                let scores = self.scores(&distances, alpha, gamma);
                let mut dz = vec![0.0; m];
                for j in 0..n {
                    if settings.is_dropped(b * self.shape.tokens + j) {
                        continue;
                    }
                    for k in 0..d {
                        let value = self.value(2, b, h, j, k);
                        let z = scores[j];
                        let unsure = (value.abs() - z).abs() < 1e-5 || (z > 0.0 && z < 1e-5);
                        if unsure {
                            doubtful +=
                                (beta * g[self.out(b, h, i, k)]).abs() / settings.divisor(n);
                        }
                        if value.abs() > z || z == 0.0 {
                            let g = g[self.out(b, h, i, k)] / settings.divisor(n);
                            gradient[self.at(2, b, h, j, k)] += beta * g;
                            scalars[1][h] += g * value.signum() * (value.abs() - z);
                            if z > 0.0 {
                                dz[j] -= beta * g * value.signum();
                            }
                        }
                    }
                }
                scalars[0][h] += dz.iter().sum::<f64>();
                let mean = dz.iter().sum::<f64>() / m as f64;
                for j in 0..m {
                    let centred = dz[j] - mean;
                    scalars[2][h] += centred * distances[j] / (d as f64).sqrt();
                    for k in 0..d {
                        let x = self.value(0, b, h, i, k) - self.value(1, b, h, j, k);
                        gradient[self.at(0, b, h, i, k)] += centred * slope * stand_in(x);
                        gradient[self.at(1, b, h, j, k)] -= centred * slope * stand_in(x);
                    }
                }
            }
        });
        (gradient, scalars, doubtful)
    }
}

/// An inhibitor that owns its scalars.
#[derive(Clone, Debug)]
pub struct Settings {
    pub alpha: Vec<f32>,
    pub beta: Vec<f32>,
    pub gamma: Vec<f32>,
    pub normalise: bool,
    pub center_over_all: bool,
    pub key_dropout: Dropout,
}

impl Settings {
    pub fn inhibitor(&self) -> Inhibitor<'_> {
        Inhibitor {
            alpha: &self.alpha,
            beta: &self.beta,
            gamma: &self.gamma,
            normalise: self.normalise,
            center_over_all: self.center_over_all,
            key_dropout: self.key_dropout,
        }
    }

    fn of(&self, head: usize) -> [f64; 3] {
        [&self.alpha, &self.beta, &self.gamma]
            .map(|values| f64::from(values[if values.len() == 1 { 0 } else { head }]))
    }

    fn centred(&self, n: usize, tokens: usize) -> usize {
        if self.center_over_all { tokens } else { n }
    }

    fn divisor(&self, n: usize) -> f64 {
        if self.normalise { n as f64 } else { 1.0 }
    }

    fn is_dropped(&self, key: usize) -> bool {
        self.key_dropout.factor(key as u32) == 0.0
    }
}
