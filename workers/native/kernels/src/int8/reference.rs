//! The same numbers by plain loops.

use super::dot::{POWER, lowest};
use super::head::Head;
use super::inhibitor::{InhibitorParameters, MOST_SLOPE, MOST_START};

/// max|x| / levels; 1 for zeros, NaN where x has NaN or infinity.
pub fn scale(x: impl IntoIterator<Item = f32>, levels: f32) -> f32 {
    let mut largest = 0f32;
    for x in x {
        if !x.is_finite() {
            return f32::NAN;
        }
        largest = largest.max(x.abs());
    }
    if largest / levels < f32::MIN_POSITIVE {
        1.0
    } else {
        largest / levels
    }
}

pub fn steps(x: f32, scale: f32) -> i32 {
    (x / scale).round_ties_even() as i32
}

/// Steps of rows, one scale per row.
pub fn quantize_rows(x: &[f32], columns: usize) -> (Vec<i32>, Vec<f32>) {
    let scales: Vec<f32> = x
        .chunks(columns)
        .map(|row| scale(row.iter().copied(), 127.0))
        .collect();
    let values = x
        .chunks(columns)
        .zip(&scales)
        .flat_map(|(row, scale)| row.iter().map(|x| steps(*x, *scale)))
        .collect();
    (values, scales)
}

/// (rows, O) sums of x (rows, I) and w (O, I).
pub fn product(x: &[i32], w: &[i8], inputs: usize) -> Vec<i64> {
    let mut sums = vec![];
    for x in x.chunks(inputs) {
        for w in w.chunks(inputs) {
            sums.push(
                x.iter()
                    .zip(w)
                    .map(|(x, w)| i64::from(*x) * i64::from(*w))
                    .sum(),
            );
        }
    }
    sums
}

fn rows<'a>(x: &'a [f32], head: &Head<'a>, count: usize) -> Vec<&'a [f32]> {
    (0..count)
        .map(|row| &x[row * head.stride..row * head.stride + head.d])
        .collect()
}

/// Heads are multiplied with the inverse of their scale; the product is exact in f64.
fn all_steps(rows: &[&[f32]], scale: f32) -> Vec<Vec<i32>> {
    let inverse = f64::from(1.0 / scale);
    let step = |x: &f32| (f64::from(*x) * inverse).round_ties_even() as i32;
    rows.iter()
        .map(|row| row.iter().map(step).collect())
        .collect()
}

fn values(rows: &[&[f32]]) -> impl Iterator<Item = f32> {
    rows.iter().flat_map(|row| row.iter().copied())
}

/// (valid, d)
pub fn dot(head: &Head<'_>, score_scale: f32) -> Vec<f32> {
    let [q, k, v] = [head.q, head.k, head.v].map(|x| rows(x, head, head.valid));
    let [sq, sk, sv] = [&q, &k, &v].map(|x| scale(values(x), 127.0));
    let (q, k, v) = (all_steps(&q, sq), all_steps(&k, sk), all_steps(&v, sv));
    let mut out = vec![];
    for q in &q {
        let scores: Vec<i32> = k
            .iter()
            .map(|k| q.iter().zip(k).map(|(q, k)| q * k).sum())
            .collect();
        let largest = *scores.iter().max().unwrap();
        let slope = score_scale * (sq * sk) * std::f32::consts::LOG2_E;
        let weights: Vec<i32> = scores
            .iter()
            .map(|s| weight((s - largest).max(lowest(slope)) as f32, slope))
            .collect();
        let sum: i32 = weights.iter().sum();
        for feature in 0..head.d {
            let context: i32 = weights.iter().zip(&v).map(|(w, v)| w * v[feature]).sum();
            out.push(context as f32 * (sv / sum as f32));
        }
    }
    out
}

/// 255 · 2^(x · slope), rounded, by the same polynomial.
fn weight(x: f32, slope: f32) -> i32 {
    // the product is exact in f64
    let whole = (f64::from(x) * f64::from(slope)).round_ties_even() as f32;
    let rest = x.mul_add(slope, -whole);
    let sum = |sum: f32, c: &f32| sum.mul_add(rest, *c);
    let power = POWER[1..].iter().fold(POWER[0], sum);
    (power * 2f32.powi(whole as i32)).round_ties_even() as i32
}

/// (valid, d)
pub fn inhibitor(head: &Head<'_>, parameters: &InhibitorParameters) -> Vec<f32> {
    let keys = if parameters.center_over_all {
        head.tokens
    } else {
        head.valid
    };
    let (q, v) = (
        rows(head.q, head, head.valid),
        rows(head.v, head, head.valid),
    );
    let k = rows(head.k, head, keys);
    let sqk = scale(values(&q).chain(values(&k)), 127.0);
    let sv = scale(values(&v), 255.0);
    let (q, k, v) = (all_steps(&q, sqk), all_steps(&k, sqk), all_steps(&v, sv));
    let slope = parameters.gamma / (head.d as f32).sqrt() * (sqk / sv);
    let slope = slope.clamp(-MOST_SLOPE, MOST_SLOPE);
    let start = (parameters.alpha / sv).clamp(-MOST_START, MOST_START);
    let wide = head.d.next_multiple_of(16) as i32;
    let mut out = vec![];
    for q in &q {
        // distances without what all keys share: the sum of the query's bytes
        let common: i32 = q.iter().sum::<i32>() + 128 * wide;
        let distances: Vec<i32> = k
            .iter()
            .map(|k| q.iter().zip(k).map(|(q, k)| (q - k).abs()).sum::<i32>() - common)
            .collect();
        let sum = distances.iter().sum::<i32>() as f32;
        let start = sum.mul_add(-slope / keys as f32, start);
        let z: Vec<i32> = distances
            .iter()
            .map(|d| {
                ((*d as f32).mul_add(slope, start))
                    .round_ties_even()
                    .clamp(0.0, 255.0) as i32
            })
            .collect();
        let divisor = if parameters.normalise {
            head.valid as f32
        } else {
            1.0
        };
        for feature in 0..head.d {
            let sum: i32 = (0..head.valid)
                .map(|key| {
                    let v: i32 = v[key][feature];
                    v.signum() * (v.abs() - z[key]).max(0)
                })
                .sum();
            out.push(sum as f32 * (sv * parameters.beta / divisor));
        }
    }
    out
}
