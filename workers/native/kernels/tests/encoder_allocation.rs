//! A run allocates nothing once a batch as large was run, neither on its thread nor on the pool's; only the
//! pool's own queue takes a new block every 63 runs.

#[path = "encoder/model.rs"]
mod model;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use model::{Spec, TINY, kinds};
use stillwatt_kernels::encoder::{Batch, Encoder};
use stillwatt_kernels::{Context, Variant};

static COUNT: AtomicUsize = AtomicUsize::new(0);

struct Counting;

// SAFETY: the system's allocator, counted.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's layout.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: from `alloc` with this layout.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn a_run_allocates_nothing_after_warm_up() {
    for spec in kinds(Spec {
        positions: 200,
        ..TINY
    }) {
        for threads in [1, 2] {
            let context = Arc::new(Context::new(Variant::detect(), threads).unwrap());
            let (config, weights) = (spec.config(), spec.safetensors(1));
            let encoder = Encoder::load(context, config.as_bytes(), &weights).unwrap();
            let ids = vec![1; 1500];
            let batches: [&[i32]; 4] = [
                &[200, 200, 200, 200, 200, 200, 200, 100],
                &[1],
                &[37, 5],
                &[199; 7],
            ];
            let mut output = [0.0; 24];
            let mut run = |lengths: &[i32]| {
                let tokens = lengths.iter().sum::<i32>() as usize;
                let batch = Batch {
                    ids: &ids[..tokens],
                    lengths,
                    types: None,
                };
                let output = &mut output[..encoder.output_len(&batch)];
                encoder
                    .run(&batch, output, &AtomicBool::new(false))
                    .unwrap();
            };
            // several times: every thread of the pool must have had its part
            for _ in 0..20 {
                batches.into_iter().for_each(&mut run);
            }
            let before = COUNT.load(Ordering::Relaxed);
            let runs = 200;
            for round in 0..runs {
                run(batches[round % batches.len()]);
            }
            let allocated = COUNT.load(Ordering::Relaxed) - before;
            let blocks = runs.div_ceil(63);
            assert!(
                allocated <= blocks,
                "{allocated} in {runs} runs of {spec:?} on {threads} threads"
            );
        }
    }
}
