//! int8 attention cores on packed heads, for a benchmark that asks: ours beside the prototype that they
//! were to be no slower than. `cargo run --release --example int8_cores` reads a request a line, JSON
//! `{op, …}`, and answers each with a line `{answer}` or `{error}`. One thread, AVX-512 VNNI.

#[cfg(target_arch = "x86_64")]
#[path = "int8_cores/prototype.rs"]
mod prototype;

#[cfg(target_arch = "x86_64")]
#[path = "int8_cores/serve.rs"]
mod serve;

fn main() {
    #[cfg(target_arch = "x86_64")]
    serve::serve();
    #[cfg(not(target_arch = "x86_64"))]
    eprintln!("the prototype is for x86-64");
}
