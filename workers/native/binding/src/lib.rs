//! Exports of the kernels to Node.js: one class per thing that lives, thin methods, no arithmetic.
//!
//! Sizes are validated in TypeScript for clear messages and again by the kernels for safety. No panic
//! crosses the boundary: whatever computes is `catch_unwind`, which makes it an exception.

// exports are registered with Node.js alone, so a build for tests uses none
#![cfg_attr(test, allow(dead_code))]

mod arrays;
mod attention;
mod encoder;
mod failure;
mod int8;
mod kernels;
mod linear;
mod peak;
mod training;
