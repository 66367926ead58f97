//! Errors of the kernels as JavaScript errors; the code is read by `lib/failure.ts`.

use napi::{Error, Status};
use stillwatt_kernels::KernelError;

pub fn failure(error: KernelError) -> Error {
    let code = match error {
        KernelError::Invalid(_) => Status::InvalidArg,
        KernelError::Unsupported(_) => Status::GenericFailure,
        KernelError::Cancelled => Status::Cancelled,
    };
    Error::new(code, error.to_string())
}
