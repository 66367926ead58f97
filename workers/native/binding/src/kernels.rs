//! `NativeKernels`: a variant and its threads, on which all operations are methods.

use std::sync::Arc;

use napi_derive::napi;
use stillwatt_kernels::{Context, Variant};

use crate::failure::failure;

#[napi(object)]
pub struct VariantState {
    pub name: String,
    /// Features of the CPU that it needs and that are not there; empty where it runs.
    pub missing: Vec<String>,
}

/// All variants, fastest first.
#[napi]
pub fn variants() -> Vec<VariantState> {
    let state = |variant: Variant| VariantState {
        name: variant.name().into(),
        missing: variant.missing().into_iter().map(String::from).collect(),
    };
    Variant::ALL.into_iter().map(state).collect()
}

#[napi]
pub struct NativeKernels {
    pub(crate) context: Arc<Context>,
}

#[napi]
impl NativeKernels {
    /// `variant`: a name, or null for the fastest of this CPU.
    #[napi(constructor, catch_unwind)]
    pub fn new(variant: Option<String>, threads: u32) -> napi::Result<Self> {
        let variant = match variant {
            Some(name) => Variant::parse(&name).map_err(failure)?,
            None => Variant::detect(),
        };
        let context = Context::new(variant, threads as usize).map_err(failure)?;
        Ok(Self {
            context: Arc::new(context),
        })
    }

    #[napi(getter)]
    pub fn variant(&self) -> String {
        self.context.variant.name().into()
    }

    #[napi(getter)]
    pub fn threads(&self) -> u32 {
        self.context.pool.threads() as u32
    }
}
