//! Operations of a training step: order and names of arguments as in `lib/training.ts`.

use napi::Result;
use napi_derive::napi;
use stillwatt_kernels::training::{self, AdamSettings, AdamWeight, Dropout};
use stillwatt_kernels::{Context, Result as Outcome};

use crate::arrays::{Bytes, Floats, Integers, apart};
use crate::failure::failure;
use crate::kernels::NativeKernels;

type Done = Outcome<()>;

#[napi]
impl NativeKernels {
    #[napi(catch_unwind)]
    pub fn layer_norm(
        &self,
        x: Floats,
        residual: Option<Floats>,
        seed: u32,
        rate: f64,
        weight: Floats,
        bias: Floats,
        epsilon: f64,
        normalised: Option<Floats>,
        inverse: Option<Floats>,
        y: Floats,
        tokens: u32,
        hidden: u32,
    ) -> Result<()> {
        apart(
            &[&normalised, &inverse, &y],
            &[&x, &residual, &weight, &bias],
        )?;
        let dropout = Dropout::new(seed, rate).map_err(failure)?;
        // SAFETY: apart.
        let done = unsafe {
            training::layer_norm(
                &self.context,
                x.read(),
                residual.map(|residual| residual.read()),
                dropout,
                weight.read(),
                bias.read(),
                epsilon as f32,
                normalised.map(|normalised| normalised.write()),
                inverse.map(|inverse| inverse.write()),
                y.write(),
                tokens as usize,
                hidden as usize,
            )
        };
        done.map_err(failure)
    }

    #[napi(catch_unwind)]
    pub fn layer_norm_gradient(
        &self,
        dy: Floats,
        normalised: Floats,
        inverse: Floats,
        weight: Floats,
        seed: u32,
        rate: f64,
        d_sum: Floats,
        dx: Option<Floats>,
        d_weight: Floats,
        d_bias: Floats,
        tokens: u32,
        hidden: u32,
    ) -> Result<()> {
        apart(
            &[&d_sum, &dx, &d_weight, &d_bias],
            &[&dy, &normalised, &inverse, &weight],
        )?;
        let dropout = Dropout::new(seed, rate).map_err(failure)?;
        // SAFETY: apart.
        let done = unsafe {
            training::layer_norm_gradient(
                &self.context,
                dy.read(),
                normalised.read(),
                inverse.read(),
                weight.read(),
                dropout,
                d_sum.write(),
                dx.map(|dx| dx.write()),
                d_weight.write(),
                d_bias.write(),
                tokens as usize,
                hidden as usize,
            )
        };
        done.map_err(failure)
    }

    // y may be x, dx may be dy; tanh and relu take their output for the gradient

    #[napi(catch_unwind)]
    pub fn gelu(&self, x: Floats, y: Floats) -> Result<()> {
        self.unary(x, y, training::gelu)
    }

    #[napi(catch_unwind)]
    pub fn gelu_gradient(&self, dy: Floats, x: Floats, dx: Floats) -> Result<()> {
        self.binary(dy, x, dx, training::gelu_gradient)
    }

    #[napi(catch_unwind)]
    pub fn gelu_tanh(&self, x: Floats, y: Floats) -> Result<()> {
        self.unary(x, y, training::gelu_tanh)
    }

    #[napi(catch_unwind)]
    pub fn gelu_tanh_gradient(&self, dy: Floats, x: Floats, dx: Floats) -> Result<()> {
        self.binary(dy, x, dx, training::gelu_tanh_gradient)
    }

    #[napi(catch_unwind)]
    pub fn tanh(&self, x: Floats, y: Floats) -> Result<()> {
        self.unary(x, y, training::tanh)
    }

    #[napi(catch_unwind)]
    pub fn tanh_gradient(&self, dy: Floats, y: Floats, dx: Floats) -> Result<()> {
        self.binary(dy, y, dx, training::tanh_gradient)
    }

    #[napi(catch_unwind)]
    pub fn relu(&self, x: Floats, y: Floats) -> Result<()> {
        self.unary(x, y, training::relu)
    }

    #[napi(catch_unwind)]
    pub fn relu_gradient(&self, dy: Floats, y: Floats, dx: Floats) -> Result<()> {
        self.binary(dy, y, dx, training::relu_gradient)
    }

    /// y may be a.
    #[napi(catch_unwind)]
    pub fn add(&self, a: Floats, b: Floats, y: Floats) -> Result<()> {
        self.binary(a, b, y, training::add)
    }

    /// y may be x.
    #[napi(catch_unwind)]
    pub fn dropout(&self, x: Floats, y: Floats, seed: u32, rate: f64) -> Result<()> {
        let dropout = Dropout::new(seed, rate).map_err(failure)?;
        self.unary(x, y, |context, x, y| {
            training::dropout(context, x, y, dropout)
        })
    }

    #[napi(catch_unwind)]
    pub fn embedding_gather(
        &self,
        table: Floats,
        ids: Integers,
        y: Floats,
        tokens: u32,
        hidden: u32,
        accumulate: bool,
    ) -> Result<()> {
        apart(&[&y], &[&table, &ids])?;
        // SAFETY: apart.
        let (table, ids, y) = unsafe { (table.read(), ids.read(), y.write()) };
        let (tokens, hidden) = (tokens as usize, hidden as usize);
        training::embedding_gather(&self.context, table, ids, y, tokens, hidden, accumulate)
            .map_err(failure)
    }

    #[napi(catch_unwind)]
    pub fn embedding_scatter_add(
        &self,
        dy: Floats,
        ids: Integers,
        d_table: Floats,
        tokens: u32,
        hidden: u32,
    ) -> Result<()> {
        apart(&[&d_table], &[&dy, &ids])?;
        // SAFETY: apart.
        let (dy, ids, d_table) = unsafe { (dy.read(), ids.read(), d_table.write()) };
        let (tokens, hidden) = (tokens as usize, hidden as usize);
        training::embedding_scatter_add(&self.context, dy, ids, d_table, tokens, hidden)
            .map_err(failure)
    }

    #[napi(catch_unwind)]
    pub fn align_loss(
        &self,
        student: Floats,
        teacher: Floats,
        lengths: Integers,
        batch: u32,
        tokens: u32,
        hidden: u32,
        weight: f64,
        gradient: Floats,
    ) -> Result<f64> {
        apart(&[&gradient], &[&student, &teacher, &lengths])?;
        // SAFETY: apart.
        let done = unsafe {
            training::align_loss(
                &self.context,
                student.read(),
                teacher.read(),
                lengths.read(),
                batch as usize,
                tokens as usize,
                hidden as usize,
                weight,
                gradient.write(),
            )
        };
        done.map_err(failure)
    }

    #[napi(catch_unwind)]
    pub fn cross_entropy(
        &self,
        logits: Floats,
        labels: Integers,
        gradient: Floats,
        batch: u32,
        classes: u32,
    ) -> Result<f64> {
        apart(&[&gradient], &[&logits, &labels])?;
        // SAFETY: apart.
        let (logits, labels, gradient) =
            unsafe { (logits.read(), labels.read(), gradient.write()) };
        training::cross_entropy(logits, labels, gradient, batch as usize, classes as usize)
            .map_err(failure)
    }

    #[napi(catch_unwind)]
    pub fn distillation_loss(
        &self,
        student: Floats,
        teacher: Floats,
        temperature: f64,
        gradient: Floats,
        batch: u32,
        classes: u32,
    ) -> Result<f64> {
        apart(&[&gradient], &[&student, &teacher])?;
        // SAFETY: apart.
        let (student, teacher, gradient) =
            unsafe { (student.read(), teacher.read(), gradient.write()) };
        let (batch, classes) = (batch as usize, classes as usize);
        training::distillation_loss(student, teacher, temperature, gradient, batch, classes)
            .map_err(failure)
    }

    #[napi(catch_unwind)]
    pub fn global_norm(&self, gradients: Vec<Floats>) -> Result<f64> {
        apart(&[], &[&gradients])?;
        // SAFETY: nothing is written.
        let arrays: Vec<&[f32]> = gradients
            .iter()
            .map(|array| unsafe { array.read() })
            .collect();
        training::global_norm(&self.context, &arrays).map_err(failure)
    }

    #[napi(catch_unwind)]
    pub fn adamw(
        &self,
        weights: Vec<Floats>,
        gradients: Vec<Floats>,
        first: Vec<Floats>,
        second: Vec<Floats>,
        decays: Bytes,
        step: u32,
        rate: f64,
        beta1: f64,
        beta2: f64,
        epsilon: f64,
        weight_decay: f64,
        gradient_scale: f64,
    ) -> Result<()> {
        apart(&[&weights, &first, &second], &[&gradients, &decays])?;
        // SAFETY: apart.
        let decays = unsafe { decays.read() };
        let count = weights.len();
        if [gradients.len(), first.len(), second.len(), decays.len()] != [count; 4] {
            return Err(napi::Error::new(
                napi::Status::InvalidArg,
                format!("{count} weights with another number of gradients, moments or decays"),
            ));
        }
        let mut all: Vec<AdamWeight> = (0..count)
            .map(|at| {
                // SAFETY: apart.
                unsafe {
                    AdamWeight {
                        weight: weights[at].write(),
                        gradient: gradients[at].read(),
                        first: first[at].write(),
                        second: second[at].write(),
                        decays: decays[at] != 0,
                    }
                }
            })
            .collect();
        let settings = AdamSettings {
            step,
            rate,
            beta1,
            beta2,
            epsilon,
            weight_decay,
            gradient_scale,
        };
        training::adamw(&self.context, &mut all, settings).map_err(failure)
    }
}

impl NativeKernels {
    /// y = operation(x), where y may be x.
    fn unary(
        &self,
        x: Floats,
        y: Floats,
        operation: impl Fn(&Context, Option<&[f32]>, &mut [f32]) -> Done,
    ) -> Result<()> {
        let in_place = x.is_same(&y);
        let x = (!in_place).then_some(x);
        apart(&[&y], &[&x])?;
        // SAFETY: apart.
        let (x, y) = unsafe { (x.map(|x| x.read()), y.write()) };
        operation(&self.context, x, y).map_err(failure)
    }

    /// y = operation(a, b), where y may be a.
    fn binary(
        &self,
        a: Floats,
        b: Floats,
        y: Floats,
        operation: impl Fn(&Context, Option<&[f32]>, &[f32], &mut [f32]) -> Done,
    ) -> Result<()> {
        let in_place = a.is_same(&y);
        let a = (!in_place).then_some(a);
        apart(&[&y], &[&a, &b])?;
        // SAFETY: apart.
        let (a, b, y) = unsafe { (a.map(|a| a.read()), b.read(), y.write()) };
        operation(&self.context, a, b, y).map_err(failure)
    }
}
