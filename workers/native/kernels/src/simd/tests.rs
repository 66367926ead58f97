//! Every variant of this CPU against the scalar one, bit for bit.

use super::*;

/// Applies every operation to vectors of awkward numbers and collects the bits.
struct AllOperations<'a> {
    floats: &'a [f32],
    bytes: &'a [u8],
}

impl Kernel for AllOperations<'_> {
    type Output = Vec<u64>;

    #[inline(always)]
    unsafe fn run<S: Simd>(self) -> Vec<u64> {
        let mut seen: Vec<u64> = vec![];
        // SAFETY: all loads are inside of the slices, stores inside of the arrays.
        unsafe {
            for at in 0..self.floats.len() / 16 - 1 {
                let a = S::load(self.floats.as_ptr().add(at * 16));
                let b = S::load(self.floats.as_ptr().add(at * 16 + 16));
                let count = at % 17;
                // neither is NaN
                let number = S::max(a, S::splat(-3.0));
                let limit = S::max(b, S::splat(0.0));
                let results = [
                    S::clamp_magnitude(number, limit),
                    S::sign(number),
                    S::add(a, b),
                    S::sub(a, b),
                    S::mul(a, b),
                    S::div(a, b),
                    S::sqrt(S::abs(a)),
                    S::fma(a, b, a),
                    S::max(a, b),
                    S::min(a, b),
                    S::copy_sign(a, b),
                    S::where_greater(a, b, S::splat(1.0), S::splat(2.0)),
                    S::round(a),
                    S::load_first(self.floats.as_ptr().add(at * 16), count),
                    math::exp::<S>(a),
                    math::erf::<S>(a),
                    math::tanh::<S>(a),
                    S::scale_by_power(
                        a,
                        S::round(S::min(S::splat(9.0), S::max(S::splat(-9.0), b))),
                    ),
                    S::to_f32(S::to_i32(a)),
                ];
                for result in results {
                    let mut lanes = [0f32; 16];
                    S::store(lanes.as_mut_ptr(), result);
                    // a NaN is a NaN: its sign and payload depend on the order of operands
                    seen.extend(lanes.map(|x| {
                        if x.is_nan() {
                            1
                        } else {
                            u64::from(x.to_bits())
                        }
                    }));
                    let mut partial = [7f32; 17];
                    S::store_first(partial.as_mut_ptr(), result, count);
                    assert!(partial[count..].iter().all(|x| *x == 7.0));
                }
                let rows: [S::F; 16] =
                    std::array::from_fn(|row| S::load(self.floats.as_ptr().add(at + row)));
                for column in S::transpose(rows) {
                    let mut lanes = [0f32; 16];
                    S::store(lanes.as_mut_ptr(), column);
                    seen.extend(lanes.map(|x| u64::from(x.to_bits())));
                }
                let (small, large) = (S::load(self.floats.as_ptr()), S::largest(S::abs(a)));
                seen.push(u64::from(S::sum(small).to_bits()));
                seen.push(if large.is_nan() {
                    1
                } else {
                    u64::from(large.to_bits())
                });
            }
            for at in 0..self.bytes.len() / 64 - 1 {
                let a = S::load_bytes(self.bytes.as_ptr().add(at * 64));
                let b = S::load_bytes(self.bytes.as_ptr().add(at * 64 + 64));
                let dots = S::dot_4(S::splat_i32(at as i32), a, b);
                let mut lanes = [0i32; 16];
                S::store_i32(
                    lanes.as_mut_ptr(),
                    S::sub_i32(S::add_i32(dots, dots), S::splat_i32(3)),
                );
                seen.extend(lanes.map(|x| x as u64));
                let mut narrow = [0u8; 16];
                let mut bytes = [0u8; 64];
                let wide = S::load_i32(self.bytes.as_ptr().add(at * 64).cast());
                let exponents = S::splat_i32(at as i32 % 9 - 4);
                let mixed = S::interleave_4(wide, dots, exponents, S::bits(S::to_f32(dots)));
                let small = S::min_u8(b, S::splat_4([64; 4].as_ptr()));
                for result in [
                    S::min_u8(a, S::splat_4(self.bytes.as_ptr().add(at))),
                    mixed,
                    S::pack_4(wide, dots, exponents, S::sub_i32(exponents, dots)),
                    S::zero_bytes(),
                ] {
                    S::store_bytes(bytes.as_mut_ptr(), result);
                    seen.extend(bytes.map(u64::from));
                    S::store_quarters(bytes.as_mut_ptr(), 13, result);
                    seen.extend(bytes.map(u64::from));
                }
                let raised = S::add_to_exponent(S::to_f32(dots), exponents);
                for result in [
                    S::max_i32(wide, dots),
                    S::dot_4_small(wide, a, small),
                    S::bits(raised),
                ] {
                    S::store_i32(lanes.as_mut_ptr(), result);
                    seen.extend(lanes.map(|x| x as u64));
                    S::store_low_bytes(narrow.as_mut_ptr(), result);
                    seen.extend(narrow.map(u64::from));
                    seen.extend([S::largest_i32(result) as u64, S::sum_i32(result) as u64]);
                }
            }
        }
        seen
    }
}

fn awkward_floats() -> Vec<f32> {
    let special = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        0.5,
        1.5,
        2.5,
        -2.5,
        1e-40,
        f32::MAX,
        f32::MIN,
        f32::NAN,
    ];
    let infinite = [
        f32::INFINITY,
        f32::NEG_INFINITY,
        88.5,
        -87.4,
        255.5,
        2_147_483_648.0,
    ];
    let mut state = 1u32;
    let random = (0..256).map(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / 65536.0 - 128.0
    });
    let mut all: Vec<f32> = random.collect();
    for (at, x) in special.into_iter().chain(infinite).enumerate() {
        all[16 + at * 11] = x;
    }
    all
}

#[test]
fn all_variants_give_the_same_bits() {
    let floats = awkward_floats();
    let bytes: Vec<u8> = (0..64 * 20).map(|at| (at * 7919 % 257) as u8).collect();
    let work = || AllOperations {
        floats: &floats,
        bytes: &bytes,
    };
    let expected = dispatch(Variant::Scalar, work());
    for variant in Variant::ALL
        .into_iter()
        .filter(|variant| variant.is_supported())
    {
        let found = dispatch(variant, work());
        let differs = found.iter().zip(&expected).position(|(a, b)| a != b);
        assert_eq!(differs, None, "{} differs from scalar", variant.name());
        assert_eq!(found.len(), expected.len());
    }
}

struct Exp<'a>(&'a mut [f32]);

impl Kernel for Exp<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        for chunk in self.0.chunks_exact_mut(16) {
            // SAFETY: a chunk of sixteen.
            unsafe { S::store(chunk.as_mut_ptr(), math::exp::<S>(S::load(chunk.as_ptr()))) }
        }
    }
}

#[test]
fn exp_is_close_to_its_f64_value() {
    let xs: Vec<f32> = (0..16 * 700).map(|at| -87.0 + at as f32 / 64.0).collect();
    let mut ys = xs.clone();
    dispatch(Variant::detect(), Exp(&mut ys));
    for (x, y) in xs.iter().zip(&ys) {
        let exact = f64::from(*x).exp();
        let error = ((f64::from(*y) - exact) / exact).abs();
        assert!(error < 2.4e-7, "exp({x}) = {y}, not {exact}");
    }
}
