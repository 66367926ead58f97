//! The machine's peak: names as in `lib/peak.ts`.

use std::sync::Arc;

use napi::bindgen_prelude::AsyncTask;
use napi::{Env, Result, Task};
use napi_derive::napi;
use stillwatt_kernels::peak::{Arithmetic, measure_peak};
use stillwatt_kernels::{Context, KernelError};

use crate::failure::failure;
use crate::kernels::NativeKernels;

#[napi]
impl NativeKernels {
    /// Operations per second of `f32` or `int8`.
    #[napi(catch_unwind)]
    pub fn measure_peak(&self, arithmetic: String) -> Result<AsyncTask<Peak>> {
        let arithmetic = match arithmetic.as_str() {
            "f32" => Arithmetic::F32,
            "int8" => Arithmetic::Int8,
            other => {
                let text = format!("an arithmetic of {other}; there are f32 and int8");
                return Err(failure(KernelError::Invalid(text)));
            }
        };
        Ok(AsyncTask::new(Peak {
            context: Arc::clone(&self.context),
            arithmetic,
        }))
    }
}

pub struct Peak {
    context: Arc<Context>,
    arithmetic: Arithmetic,
}

impl Task for Peak {
    type Output = f64;
    type JsValue = f64;

    fn compute(&mut self) -> Result<f64> {
        Ok(measure_peak(&self.context, self.arithmetic))
    }

    fn resolve(&mut self, _: Env, rate: f64) -> Result<f64> {
        Ok(rate)
    }
}
