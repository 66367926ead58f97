//! Against plain loops in f64 and finite differences, over all variants and numbers of threads.

mod activations;
mod canaries;
mod embeddings;
mod losses;
mod optimiser;
