//! Which instructions compute: found once from the CPU, or forced by name.

use std::sync::OnceLock;

use crate::error::{KernelError, Result};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// 512-bit vectors with byte dot products (Ice Lake, Zen 4 and later).
    Avx512Vnni,
    /// 256-bit vectors, byte dot products by VEX-coded VNNI (Alder Lake and later).
    Avx2Vnni,
    /// 256-bit vectors (Haswell, Zen and later).
    Avx2,
    /// Plain Rust, on any CPU.
    Scalar,
}

impl Variant {
    /// Fastest first.
    pub const ALL: [Self; 4] = [Self::Avx512Vnni, Self::Avx2Vnni, Self::Avx2, Self::Scalar];

    pub fn name(self) -> &'static str {
        match self {
            Self::Avx512Vnni => "avx512-vnni",
            Self::Avx2Vnni => "avx2-vnni",
            Self::Avx2 => "avx2",
            Self::Scalar => "scalar",
        }
    }

    /// Features of the CPU that it needs and that are not there.
    pub fn missing(self) -> Vec<&'static str> {
        self.features()
            .into_iter()
            .filter(|(_, has)| !has)
            .map(|(name, _)| name)
            .collect()
    }

    /// Whether this CPU has all that it needs; looked up once.
    pub fn is_supported(self) -> bool {
        static SUPPORTED: OnceLock<[bool; 4]> = OnceLock::new();
        let known = SUPPORTED.get_or_init(|| Self::ALL.map(|each| each.missing().is_empty()));
        known[self as usize]
    }

    /// The fastest one that this CPU has.
    pub fn detect() -> Self {
        Self::ALL
            .into_iter()
            .find(|variant| variant.is_supported())
            .unwrap_or(Self::Scalar)
    }

    /// The variant of a name. `Invalid` for an unknown one, `Unsupported` where the CPU lacks a feature.
    pub fn parse(name: &str) -> Result<Self> {
        let names = Self::ALL.map(Self::name).join(", ");
        let Some(variant) = Self::ALL.into_iter().find(|variant| variant.name() == name) else {
            return Err(KernelError::Invalid(format!(
                "no kernels are called {name}; there are {names}"
            )));
        };
        let missing = variant.missing();
        if missing.is_empty() {
            return Ok(variant);
        }
        let missing = missing.join(", ");
        Err(KernelError::Unsupported(format!(
            "{name} kernels need {missing}, which this CPU lacks"
        )))
    }

    #[cfg(target_arch = "x86_64")]
    fn features(self) -> Vec<(&'static str, bool)> {
        macro_rules! has {
            ($($name:tt),*) => { vec![$(($name, is_x86_feature_detected!($name))),*] };
        }
        match self {
            Self::Avx512Vnni => {
                has![
                    "avx512f",
                    "avx512bw",
                    "avx512vl",
                    "avx512dq",
                    "avx512vnni",
                    "fma"
                ]
            }
            Self::Avx2Vnni => has!["avx2", "fma", "avxvnni"],
            Self::Avx2 => has!["avx2", "fma"],
            Self::Scalar => vec![],
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn features(self) -> Vec<(&'static str, bool)> {
        match self {
            Self::Scalar => vec![],
            _ => vec![("x86-64", false)],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_detected_variant_is_supported_and_none_before_it_is() {
        let found = Variant::detect();
        assert!(found.is_supported());
        for faster in Variant::ALL
            .into_iter()
            .take_while(|variant| *variant != found)
        {
            assert!(!faster.missing().is_empty());
        }
    }

    #[test]
    fn an_unknown_name_lists_the_known_ones() {
        let error = Variant::parse("sse9").unwrap_err().to_string();
        assert!(
            error.contains("sse9") && error.contains("avx2, scalar"),
            "{error}"
        );
    }

    #[test]
    fn scalar_runs_everywhere() {
        assert_eq!(Variant::parse("scalar"), Ok(Variant::Scalar));
    }
}
