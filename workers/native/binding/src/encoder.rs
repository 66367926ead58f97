//! `NativeEncoder`: a loaded model. Loading and running happen on a thread beside JavaScript's, on copies
//! of what was given, so that nobody can change it meanwhile.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use napi::bindgen_prelude::{AsyncTask, Float32Array};
use napi::{Env, Error, Status, Task};
use napi_derive::napi;
use stillwatt_kernels::encoder::{AttentionKind, Batch, Encoder, Family, Precision};
use stillwatt_kernels::linear::gemm_name;
use stillwatt_kernels::{Context, Result};

use crate::arrays::{Array, Bytes, Integers, apart};
use crate::failure::failure;
use crate::kernels::NativeKernels;

#[napi]
pub struct NativeEncoder {
    /// None once it was disposed of.
    encoder: Option<Arc<Encoder>>,
}

/// Stops the run that it was given to.
#[napi]
#[derive(Default)]
pub struct NativeCancellation {
    is_set: Arc<AtomicBool>,
}

#[napi(object)]
pub struct EncoderDescription {
    pub family: String,
    pub attention: String,
    pub precision: String,
    pub layers: u32,
    pub hidden: u32,
    pub vocabulary: u32,
    pub positions: u32,
    pub token_types: u32,
    /// 0 where there is no head.
    pub labels: u32,
    pub variant: String,
    pub threads: u32,
    /// What multiplies matrices.
    pub gemm: String,
    pub load_ms: f64,
    pub weight_bytes: f64,
    /// Buffers of the largest run so far.
    pub workspace_bytes: f64,
}

#[napi]
impl NativeCancellation {
    #[napi(constructor, catch_unwind)]
    pub fn new() -> Self {
        Self::default()
    }

    #[napi(catch_unwind)]
    pub fn cancel(&self) {
        self.is_set.store(true, Ordering::Relaxed);
    }
}

#[napi]
impl NativeKernels {
    /// An encoder from the bytes of config.json and model.safetensors.
    #[napi(catch_unwind)]
    pub fn load_encoder(&self, config: Bytes, weights: Bytes) -> AsyncTask<Load> {
        AsyncTask::new(Load {
            context: Arc::clone(&self.context),
            config: copy(config),
            weights: copy(weights),
        })
    }
}

#[napi]
impl NativeEncoder {
    /// Logits (B, labels) of sequences that lie one after another, or hidden states (T, H) where there is
    /// no head.
    #[napi(catch_unwind)]
    pub fn run(
        &self,
        ids: Integers,
        lengths: Integers,
        types: Option<Integers>,
        cancellation: &NativeCancellation,
    ) -> napi::Result<AsyncTask<Run>> {
        self.start(ids, lengths, types, cancellation, false)
    }

    /// Hidden states after the embeddings and after each layer, (layers + 1, T, H).
    #[napi(catch_unwind)]
    pub fn states(
        &self,
        ids: Integers,
        lengths: Integers,
        types: Option<Integers>,
        cancellation: &NativeCancellation,
    ) -> napi::Result<AsyncTask<Run>> {
        self.start(ids, lengths, types, cancellation, true)
    }

    #[napi(catch_unwind)]
    pub fn describe(&self) -> napi::Result<EncoderDescription> {
        Ok(describe(self.alive()?))
    }

    /// Frees the weights once no run needs them.
    #[napi(catch_unwind)]
    pub fn dispose(&mut self) {
        self.encoder = None;
    }

    fn alive(&self) -> napi::Result<&Arc<Encoder>> {
        let gone = || Error::new(Status::InvalidArg, "the encoder was disposed of");
        self.encoder.as_ref().ok_or_else(gone)
    }

    fn start(
        &self,
        ids: Integers,
        lengths: Integers,
        types: Option<Integers>,
        cancellation: &NativeCancellation,
        wants_states: bool,
    ) -> napi::Result<AsyncTask<Run>> {
        apart(&[], &[&ids, &lengths, &types])?;
        Ok(AsyncTask::new(Run {
            encoder: Arc::clone(self.alive()?),
            ids: copy(ids),
            lengths: copy(lengths),
            types: types.map(copy),
            is_cancelled: Arc::clone(&cancellation.is_set),
            wants_states,
        }))
    }
}

pub struct Load {
    context: Arc<Context>,
    config: Vec<u8>,
    weights: Vec<u8>,
}

impl Task for Load {
    type Output = Encoder;
    type JsValue = NativeEncoder;

    fn compute(&mut self) -> napi::Result<Encoder> {
        guarded(|| Encoder::load(Arc::clone(&self.context), &self.config, &self.weights))
    }

    fn resolve(&mut self, _: Env, encoder: Encoder) -> napi::Result<NativeEncoder> {
        Ok(NativeEncoder {
            encoder: Some(Arc::new(encoder)),
        })
    }
}

pub struct Run {
    encoder: Arc<Encoder>,
    ids: Vec<i32>,
    lengths: Vec<i32>,
    types: Option<Vec<i32>>,
    is_cancelled: Arc<AtomicBool>,
    wants_states: bool,
}

impl Task for Run {
    type Output = Vec<f32>;
    type JsValue = Float32Array;

    fn compute(&mut self) -> napi::Result<Vec<f32>> {
        let Self {
            encoder,
            ids,
            lengths,
            types,
            is_cancelled,
            wants_states,
        } = self;
        let batch = Batch {
            ids,
            lengths,
            types: types.as_deref(),
        };
        guarded(|| {
            // before anything of the batch's size is allocated
            batch.check(encoder.config())?;
            let mut output = vec![0.0; encoder.output_len(&batch)];
            if !*wants_states {
                encoder.run(&batch, &mut output, is_cancelled)?;
                return Ok(output);
            }
            let mut states = vec![0.0; encoder.states_len(&batch)];
            encoder.run_with_states(&batch, &mut output, &mut states, is_cancelled)?;
            Ok(states)
        })
    }

    fn resolve(&mut self, _: Env, output: Vec<f32>) -> napi::Result<Float32Array> {
        Ok(output.into())
    }
}

fn copy<T: Clone>(array: Array<T>) -> Vec<T> {
    // SAFETY: nothing is written meanwhile.
    unsafe { array.read() }.to_vec()
}

/// A panic on a thread that is not JavaScript's would end the process.
fn guarded<T>(work: impl FnOnce() -> Result<T>) -> napi::Result<T> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result.map_err(failure),
        Err(_) => Err(Error::new(
            Status::Unknown,
            "the encoder failed; its message is on standard error",
        )),
    }
}

fn describe(encoder: &Encoder) -> EncoderDescription {
    let (config, context, footprint) = (encoder.config(), encoder.context(), encoder.footprint());
    let family = match config.family {
        Family::Bert => "bert",
        Family::DistilBert => "distilbert",
    };
    let attention = match config.attention {
        AttentionKind::Dot => "dot",
        AttentionKind::Inhibitor { .. } => "inhibitor",
    };
    let (precision, gemm) = match config.precision {
        Precision::F32 => ("f32", gemm_name()),
        Precision::Int8 { .. } => ("int8", "stillwatt-u8i8"),
    };
    EncoderDescription {
        family: family.into(),
        attention: attention.into(),
        precision: precision.into(),
        layers: config.layers as u32,
        hidden: config.hidden as u32,
        vocabulary: config.vocabulary as u32,
        positions: config.positions as u32,
        token_types: config.token_types as u32,
        labels: config.labels as u32,
        variant: context.variant.name().into(),
        threads: context.pool.threads() as u32,
        gemm: gemm.into(),
        load_ms: footprint.load_time.as_secs_f64() * 1e3,
        weight_bytes: footprint.weight_bytes as f64,
        workspace_bytes: footprint.workspace_bytes as f64,
    }
}
