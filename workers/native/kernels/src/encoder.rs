//! A whole f32 or int8 encoder (BERT or DistilBERT, dot-product or inhibitor attention, with a head or
//! without) as one object: loaded from the files of a model, run over sequences without padding.
//!
//! Sequences are computed in chunks of whole ones. Every row of a product, every normalisation and every
//! head of a sequence is computed by itself, so results depend neither on the number of threads nor on
//! what else is in the batch, bit for bit.

mod attention;
mod batch;
mod config;
mod layer;
mod linear;
mod safetensors;
mod tensors;
mod weights;
mod workspace;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

pub use batch::Batch;
pub use config::{AttentionKind, Config, Family, Precision};

use crate::context::Context;
use crate::error::{KernelError, Result, check_len};
use attention::Shape;
use batch::Chunk;
use layer::{Settings, Tokens, embed, run_head, run_layer, take_first};
use weights::Weights;
use workspace::Workspace;

pub struct Encoder {
    context: Arc<Context>,
    config: Config,
    weights: Weights,
    workspace: Mutex<Workspace>,
    workspace_bytes: AtomicUsize,
    load_time: Duration,
}

/// What an encoder takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Footprint {
    pub load_time: Duration,
    /// As the weights lie in memory, laid out for products.
    pub weight_bytes: usize,
    /// Buffers of the largest chunk so far; they never shrink.
    pub workspace_bytes: usize,
}

impl Encoder {
    /// Loads config.json and model.safetensors, as the engine writes them. `Invalid`, naming the key or
    /// tensor, what was expected and what was found, where they do not fit together.
    pub fn load(context: Arc<Context>, config: &[u8], safetensors: &[u8]) -> Result<Self> {
        let start = Instant::now();
        let config = Config::parse(config)?;
        let weights = Weights::read(&config, safetensors)?;
        Ok(Self {
            context,
            config,
            weights,
            workspace: Mutex::default(),
            workspace_bytes: AtomicUsize::new(0),
            load_time: start.elapsed(),
        })
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    pub fn context(&self) -> &Context {
        &self.context
    }

    pub fn footprint(&self) -> Footprint {
        Footprint {
            load_time: self.load_time,
            weight_bytes: self.weights.bytes(),
            workspace_bytes: self.workspace_bytes.load(Ordering::Relaxed),
        }
    }

    /// Values of the result of a batch: (B, labels), or (T, H) where there is no head.
    pub fn output_len(&self, batch: &Batch) -> usize {
        match self.config.labels {
            0 => batch.ids.len() * self.config.hidden,
            labels => batch.lengths.len() * labels,
        }
    }

    /// Values of all hidden states of a batch: (layers + 1, T, H).
    pub fn states_len(&self, batch: &Batch) -> usize {
        (self.config.layers + 1) * batch.ids.len() * self.config.hidden
    }

    /// Logits (B, labels), or hidden states (T, H) of the last layer where there is no head. Nothing is
    /// allocated once a batch as large was run, but a block of the pool's queue every 63 runs. `Invalid`
    /// for ids and lengths that the model does not have, `Cancelled` between chunks.
    pub fn run(&self, batch: &Batch, output: &mut [f32], cancelled: &AtomicBool) -> Result<()> {
        self.compute(batch, output, None, cancelled)
    }

    /// The same, and the hidden states after the embeddings and after each layer, (layers + 1, T, H).
    pub fn run_with_states(
        &self,
        batch: &Batch,
        output: &mut [f32],
        states: &mut [f32],
        cancelled: &AtomicBool,
    ) -> Result<()> {
        check_len("states", states, self.states_len(batch))?;
        self.compute(batch, output, Some(states), cancelled)
    }

    fn compute(
        &self,
        batch: &Batch,
        output: &mut [f32],
        mut states: Option<&mut [f32]>,
        cancelled: &AtomicBool,
    ) -> Result<()> {
        batch.check(&self.config)?;
        check_len("output", output, self.output_len(batch))?;
        // what a panic left in the buffers is overwritten like anything else
        let space = &mut *self
            .workspace
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        self.context.pool.install(|| {
            for chunk in batch.chunks() {
                if cancelled.load(Ordering::Relaxed) {
                    return Err(KernelError::Cancelled);
                }
                self.run_chunk(batch, &chunk, space, output, states.as_deref_mut())?;
            }
            Ok(())
        })
    }

    fn run_chunk(
        &self,
        batch: &Batch,
        chunk: &Chunk,
        space: &mut Workspace,
        output: &mut [f32],
        mut states: Option<&mut [f32]>,
    ) -> Result<()> {
        let Self {
            config,
            weights,
            context,
            ..
        } = self;
        let hidden = config.hidden;
        let shape = Shape {
            heads: config.heads,
            features: config.features(),
        };
        let settings = Settings {
            context,
            shape,
            epsilon: config.epsilon,
        };
        space.prepare(config, batch, chunk, context.pool.threads());
        self.workspace_bytes
            .fetch_max(space.bytes(), Ordering::Relaxed);

        let rows = chunk.tokens.start * hidden..chunk.tokens.end * hidden;
        let wants_first = weights.head.is_some() && states.is_none();
        let mut keep = |state: usize, space: &Workspace| {
            if let Some(states) = &mut states {
                let from = state * batch.ids.len() * hidden;
                let to = &mut states[from + rows.start..from + rows.end];
                to.copy_from_slice(&space.hidden[..to.len()]);
            }
        };
        embed(
            settings,
            &weights.embeddings,
            &batch.ids[chunk.tokens.clone()],
            space,
        )?;
        keep(0, space);
        for (index, layer) in weights.layers.iter().enumerate() {
            let is_last = index + 1 == weights.layers.len();
            let tokens = if is_last && wants_first {
                Tokens::First
            } else {
                Tokens::All
            };
            run_layer(settings, layer, space, tokens)?;
            keep(index + 1, space);
        }
        let Some(head) = &weights.head else {
            output[rows.clone()].copy_from_slice(&space.hidden[..rows.len()]);
            return Ok(());
        };
        if !wants_first {
            take_first(&space.sequences, hidden, &mut space.hidden);
        }
        let labels = config.labels;
        let logits = &mut output[chunk.sequences.start * labels..chunk.sequences.end * labels];
        run_head(context, config.family, head, space, logits)
    }
}
