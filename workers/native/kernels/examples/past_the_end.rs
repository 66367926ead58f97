//! One deliberate access past the end of a buffer: proof that a sanitizer sees the vector instructions of a
//! variant. `cargo run --example past_the_end -- <variant> <operation>`; without arguments it lists
//! them. Undefined behaviour without a sanitizer; with it, the process must end with a report.

use std::hint::black_box;

use stillwatt_kernels::simd::{BYTES, Kernel, LANES, Simd};
use stillwatt_kernels::{Context, Variant};

const OPERATIONS: [&str; 11] = [
    "load",
    "load_first",
    "load_i32",
    "load_bytes",
    "splat_4",
    "store",
    "store_first",
    "store_i32",
    "store_low_bytes",
    "store_quarters",
    "store_bytes",
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [variant, operation] = arguments.as_slice() {
        let at = OPERATIONS.iter().position(|name| name == operation);
        let at = at.expect("an operation of the list");
        let context = Context::new(Variant::parse(variant).expect("a variant"), 1);
        context.expect("one thread").run(PastTheEnd(OPERATIONS[at]));
        println!("{variant} {operation} was not seen");
        return;
    }
    for variant in Variant::ALL.into_iter().filter(|each| each.is_supported()) {
        for operation in OPERATIONS {
            println!("{} {operation}", variant.name());
        }
    }
}

struct PastTheEnd(&'static str);

impl Kernel for PastTheEnd {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let count = black_box(LANES - 1);
        let (mut floats, mut integers) = (vec![1f32; count], vec![1i32; count]);
        let mut bytes = vec![1u8; black_box(BYTES - 1)];
        let f = floats.as_mut_ptr();
        // SAFETY: none, each reaches one element past the end of its buffer.
        unsafe {
            let end = bytes.as_mut_ptr().add(BYTES - LANES);
            match self.0 {
                "load" => {
                    black_box(S::load(f));
                }
                "load_first" => {
                    // two of the last one: the others of the vector are masked
                    black_box(S::load_first(f.add(count - 1), black_box(2)));
                }
                "load_i32" => {
                    black_box(S::load_i32(integers.as_ptr()));
                }
                "load_bytes" => {
                    black_box(S::load_bytes(bytes.as_ptr()));
                }
                "splat_4" => {
                    black_box(S::splat_4(bytes.as_ptr().add(BYTES - 4)));
                }
                "store" => S::store(f, S::splat(2.0)),
                "store_first" => S::store_first(f.add(count - 1), S::splat(2.0), black_box(2)),
                "store_i32" => S::store_i32(integers.as_mut_ptr(), S::splat_i32(2)),
                "store_low_bytes" => S::store_low_bytes(end, S::splat_i32(2)),
                "store_quarters" => {
                    S::store_quarters(bytes.as_mut_ptr(), LANES, S::zero_bytes());
                }
                _ => S::store_bytes(bytes.as_mut_ptr(), S::zero_bytes()),
            }
        }
        black_box((floats, integers, bytes));
    }
}
