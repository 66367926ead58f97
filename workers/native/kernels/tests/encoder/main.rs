//! The encoder as a whole: what it loads, what it refuses, what its results may depend on.

mod edges;
mod fuzz;
mod loader;
mod model;
mod results;
