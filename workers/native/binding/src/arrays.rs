//! Typed arrays of the caller, borrowed for the length of one synchronous call.

use std::ffi::c_void;
use std::ops::Range;
use std::ptr::null_mut;

use napi::bindgen_prelude::{FromNapiValue, TypeName, ValidateNapiValue};
use napi::{Error, Result, Status, ValueType, sys};

/// A non-empty typed array in plain (not shared) memory. JavaScript does not run once all arguments are
/// taken, so that it neither moves nor changes; while they are taken, a getter in a list may run: see
/// [`apart`].
pub struct Array<T> {
    env: sys::napi_env,
    value: sys::napi_value,
    start: *mut T,
    len: usize,
}

pub type Floats = Array<f32>;
pub type Integers = Array<i32>;
pub type Bytes = Array<u8>;

pub trait Element {
    const KIND: i32;
    const NAME: &'static str;
}

impl Element for f32 {
    const KIND: i32 = sys::TypedarrayType::float32_array;
    const NAME: &'static str = "Float32Array";
}

impl Element for i32 {
    const KIND: i32 = sys::TypedarrayType::int32_array;
    const NAME: &'static str = "Int32Array";
}

impl Element for u8 {
    const KIND: i32 = sys::TypedarrayType::uint8_array;
    const NAME: &'static str = "Uint8Array";
}

impl<T> Array<T> {
    /// # Safety
    /// Nothing that is written in this call overlaps it: see [`apart`].
    pub unsafe fn read<'a>(&self) -> &'a [T] {
        // SAFETY: the memory of a living typed array; no writer by the caller's promise.
        unsafe { std::slice::from_raw_parts(self.start, self.len) }
    }

    /// # Safety
    /// Nothing else in this call overlaps it: see [`apart`].
    pub unsafe fn write<'a>(&self) -> &'a mut [T] {
        // SAFETY: the memory of a living typed array; nobody else's by the caller's promise.
        unsafe { std::slice::from_raw_parts_mut(self.start, self.len) }
    }

    pub fn is_same(&self, other: &Self) -> bool {
        self.start == other.start && self.len == other.len
    }
}

impl<T: Element> TypeName for Array<T> {
    fn type_name() -> &'static str {
        T::NAME
    }

    fn value_type() -> ValueType {
        ValueType::Object
    }
}

impl<T: Element> ValidateNapiValue for Array<T> {}

impl<T: Element> FromNapiValue for Array<T> {
    unsafe fn from_napi_value(env: sys::napi_env, value: sys::napi_value) -> Result<Self> {
        // SAFETY: env and value are the call's own.
        let info = unsafe { Info::of(env, value) };
        let Some(info) = info.filter(|info| info.kind == T::KIND) else {
            return Err(invalid(format!("a {} is needed", T::NAME)));
        };
        let start: *mut T = info.start.cast();
        if info.len == 0 || start.is_null() {
            return Err(invalid(format!("an empty or detached {}", T::NAME)));
        }
        if !start.is_aligned() {
            return Err(invalid(format!("a {} in misaligned memory", T::NAME)));
        }
        let mut is_plain = false;
        // SAFETY: as above.
        unsafe { sys::napi_is_arraybuffer(env, info.buffer, &mut is_plain) };
        if !is_plain {
            return Err(invalid(format!("a {} in shared memory", T::NAME)));
        }
        Ok(Self {
            env,
            value,
            start,
            len: info.len,
        })
    }
}

struct Info {
    kind: i32,
    len: usize,
    start: *mut c_void,
    buffer: sys::napi_value,
}

impl Info {
    /// `None` where the value is not a typed array.
    ///
    /// # Safety
    /// Both are of a call that has not ended.
    unsafe fn of(env: sys::napi_env, value: sys::napi_value) -> Option<Self> {
        let mut info = Self {
            kind: -1,
            len: 0,
            start: null_mut(),
            buffer: null_mut(),
        };
        let mut offset = 0;
        // SAFETY: the caller's, the rest are locals.
        let status = unsafe {
            sys::napi_get_typedarray_info(
                env,
                value,
                &mut info.kind,
                &mut info.len,
                &mut info.start,
                &mut info.buffer,
                &mut offset,
            )
        };
        (status == sys::Status::napi_ok).then_some(info)
    }
}

/// Where an argument lies in memory.
pub trait Span {
    fn add_to(&self, spans: &mut Vec<Range<usize>>);
    /// Whether it lies there still.
    fn is_current(&self) -> bool;
}

impl<T> Span for Array<T> {
    fn add_to(&self, spans: &mut Vec<Range<usize>>) {
        let start = self.start as usize;
        spans.push(start..start + self.len * size_of::<T>());
    }

    fn is_current(&self) -> bool {
        // SAFETY: arrays are dropped before the call ends.
        let info = unsafe { Info::of(self.env, self.value) };
        info.is_some_and(|info| info.start == self.start.cast() && info.len == self.len)
    }
}

impl<T: Span> Span for Option<T> {
    fn add_to(&self, spans: &mut Vec<Range<usize>>) {
        if let Some(array) = self {
            array.add_to(spans);
        }
    }

    fn is_current(&self) -> bool {
        self.as_ref().is_none_or(T::is_current)
    }
}

impl<T: Span> Span for Vec<T> {
    fn add_to(&self, spans: &mut Vec<Range<usize>>) {
        for array in self {
            array.add_to(spans);
        }
    }

    fn is_current(&self) -> bool {
        self.iter().all(T::is_current)
    }
}

/// `InvalidArg` where an array that is written overlaps any other, or where one was taken away or resized by
/// JavaScript that ran while the others were taken.
pub fn apart(written: &[&dyn Span], read: &[&dyn Span]) -> Result<()> {
    if !written.iter().chain(read).all(|array| array.is_current()) {
        return Err(invalid("an array was taken away during the call".into()));
    }
    let mut spans = Vec::with_capacity(written.len() + read.len());
    written.iter().for_each(|array| array.add_to(&mut spans));
    let writes = spans.len();
    read.iter().for_each(|array| array.add_to(&mut spans));
    if spans.len() <= 16 {
        for (at, one) in spans[..writes].iter().enumerate() {
            if spans[at + 1..].iter().any(|other| overlap(one, other)) {
                return Err(overlapping());
            }
        }
        return Ok(());
    }
    // many: in order of their starts, what overlaps a written one reaches into the next
    let mut ordered: Vec<(Range<usize>, bool)> = spans
        .into_iter()
        .enumerate()
        .map(|(at, span)| (span, at < writes))
        .collect();
    ordered.sort_by_key(|(span, _)| span.start);
    let (mut end_of_any, mut end_of_written) = (0, 0);
    for (span, is_written) in ordered {
        let reached = if is_written {
            end_of_any
        } else {
            end_of_written
        };
        if span.start < reached {
            return Err(overlapping());
        }
        end_of_any = end_of_any.max(span.end);
        if is_written {
            end_of_written = end_of_written.max(span.end);
        }
    }
    Ok(())
}

fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

fn overlapping() -> Error {
    invalid("an array that is written overlaps another one".into())
}

fn invalid(text: String) -> Error {
    Error::new(Status::InvalidArg, text)
}
