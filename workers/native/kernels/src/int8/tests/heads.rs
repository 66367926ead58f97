//! Attention cores.

mod accuracy;
mod bits;
mod sizes;

use super::*;
use crate::int8::{
    Head, HeadScales, HeadScratch, InhibitorParameters, dot_head, inhibitor_head, reference,
};

struct Case {
    data: Vec<f32>,
    stride: usize,
    d: usize,
    tokens: usize,
    valid: usize,
}

impl Case {
    /// q, k and v side by side in rows that are a little wider.
    fn new(tokens: usize, valid: usize, d: usize, random: &mut Random) -> Self {
        let stride = 3 * d + 5;
        let mut data = random.floats(tokens * stride);
        for row in data.chunks_mut(stride) {
            row[2 * d..3 * d].iter_mut().for_each(|v| *v *= 0.7);
        }
        Self {
            data,
            stride,
            d,
            tokens,
            valid,
        }
    }

    fn head(&self) -> Head<'_> {
        let len = (self.tokens - 1) * self.stride + self.d;
        let part = |at: usize| &self.data[at * self.d..at * self.d + len];
        Head {
            q: part(0),
            k: part(1),
            v: part(2),
            stride: self.stride,
            d: self.d,
            tokens: self.tokens,
            valid: self.valid,
            scales: None,
        }
    }

    fn score_scale(&self) -> f32 {
        1.0 / (self.d as f32).sqrt()
    }
}

const PLAIN: InhibitorParameters = InhibitorParameters {
    alpha: 0.5,
    beta: 1.3,
    gamma: 0.8,
    normalise: true,
    center_over_all: false,
};

#[derive(Clone, Copy)]
enum Core {
    Dot,
    Inhibitor(InhibitorParameters),
}

/// (tokens, d), computed into wider rows with canaries between them.
fn compute(
    context: &Context,
    case: &Case,
    head: &Head<'_>,
    core: Core,
    scratch: &mut HeadScratch,
) -> (Vec<f32>, u64) {
    let stride = head.d + 3;
    let mut out = guarded(head.tokens * stride);
    let to = inside(&mut out);
    let saturated = match core {
        Core::Dot => dot_head(context, head, case.score_scale(), scratch, to, stride),
        Core::Inhibitor(parameters) => {
            inhibitor_head(context, head, &parameters, scratch, to, stride)
        }
    }
    .unwrap();
    for row in to.chunks(stride) {
        assert!(row[head.d..].iter().all(|x| *x == CANARY));
    }
    let rows = to
        .chunks(stride)
        .flat_map(|row| row[..head.d].to_vec())
        .collect();
    assert_guards(&out);
    (rows, saturated)
}

/// The same of a whole case, with memory of its own.
fn run(context: &Context, case: &Case, core: Core) -> Vec<f32> {
    let scratch = &mut HeadScratch::default();
    compute(context, case, &case.head(), core, scratch).0
}

fn expected(case: &Case, core: Core) -> Vec<f32> {
    let head = case.head();
    let mut rows = match core {
        Core::Dot => reference::dot(&head, case.score_scale()),
        Core::Inhibitor(parameters) => reference::inhibitor(&head, &parameters),
    };
    rows.resize(case.tokens * case.d, 0.0);
    rows
}

fn cores() -> Vec<Core> {
    let with = |normalise, center_over_all, alpha, gamma| {
        Core::Inhibitor(InhibitorParameters {
            alpha,
            gamma,
            normalise,
            center_over_all,
            ..PLAIN
        })
    };
    vec![
        Core::Dot,
        with(true, false, 0.5, 0.8),
        with(false, true, 0.1, 3.0),
        with(true, true, -0.2, 0.05),
        with(false, false, 0.0, -0.7),
    ]
}
