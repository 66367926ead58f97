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
        self.missing_where(cpu_has)
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
        Self::parse_where(name, cpu_has)
    }

    fn parse_where(name: &str, has: impl Fn(&str) -> bool) -> Result<Self> {
        let names = Self::ALL.map(Self::name).join(", ");
        let Some(variant) = Self::ALL.into_iter().find(|variant| variant.name() == name) else {
            return Err(KernelError::Invalid(format!(
                "no kernels are called {name}; there are {names}"
            )));
        };
        let missing = variant.missing_where(has);
        if missing.is_empty() {
            return Ok(variant);
        }
        let missing = missing.join(", ");
        Err(KernelError::Unsupported(format!(
            "{name} kernels need {missing}, which this CPU lacks"
        )))
    }

    fn missing_where(self, has: impl Fn(&str) -> bool) -> Vec<&'static str> {
        let needs = self.needs().iter().copied();
        needs.filter(|feature| !has(feature)).collect()
    }

    /// All that its functions are compiled with: see `dispatch`.
    fn needs(self) -> &'static [&'static str] {
        match self {
            Self::Avx512Vnni => &[
                "avx512f",
                "avx512bw",
                "avx512vl",
                "avx512dq",
                "avx512vnni",
                "avx2",
                "fma",
            ],
            Self::Avx2Vnni => &["avx2", "fma", "avxvnni"],
            Self::Avx2 => &["avx2", "fma"],
            Self::Scalar => &[],
        }
    }
}

/// Whether this CPU (and its system) has a feature.
#[cfg(target_arch = "x86_64")]
fn cpu_has(feature: &str) -> bool {
    macro_rules! has {
        ($($name:tt),*) => {
            match feature {
                $($name => is_x86_feature_detected!($name),)*
                _ => unreachable!("{feature} is not looked for"),
            }
        };
    }
    has!(
        "avx512f",
        "avx512bw",
        "avx512vl",
        "avx512dq",
        "avx512vnni",
        "avx2",
        "fma",
        "avxvnni"
    )
}

#[cfg(not(target_arch = "x86_64"))]
fn cpu_has(_: &str) -> bool {
    false
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

    /// CPUs by what they lack, whatever this one has.
    fn refusal(name: &str, lacking: &[&str]) -> Option<String> {
        match Variant::parse_where(name, |feature| !lacking.contains(&feature)) {
            Err(KernelError::Unsupported(text)) => Some(text),
            other => {
                assert_eq!(other.unwrap().name(), name);
                None
            }
        }
    }

    #[test]
    fn a_feature_that_is_missing_is_named() {
        for variant in Variant::ALL {
            let name = variant.name();
            assert_eq!(refusal(name, &[]), None);
            for feature in variant.needs() {
                let expected = format!("{name} kernels need {feature}, which this CPU lacks");
                assert_eq!(refusal(name, &[feature]), Some(expected));
            }
        }
        // Zen 3, Ice Lake, Skylake-X, Ivy Bridge
        let zen3 = [
            "avx512f",
            "avx512bw",
            "avx512vl",
            "avx512dq",
            "avx512vnni",
            "avxvnni",
        ];
        assert_eq!(
            refusal("avx512-vnni", &zen3).as_deref(),
            Some(
                "avx512-vnni kernels need avx512f, avx512bw, avx512vl, avx512dq, avx512vnni, which \
                 this CPU lacks"
            )
        );
        assert_eq!(refusal("avx2", &zen3), None);
        assert_eq!(refusal("avx512-vnni", &["avxvnni"]), None);
        let skylake = refusal("avx512-vnni", &["avx512vnni", "avxvnni"]).unwrap();
        assert!(skylake.contains("need avx512vnni, which"), "{skylake}");
        let ivy_bridge = refusal("avx2", &["avx2", "fma"]).unwrap();
        assert!(ivy_bridge.contains("need avx2, fma, which"), "{ivy_bridge}");
    }

    #[test]
    fn scalar_runs_everywhere() {
        assert_eq!(Variant::parse("scalar"), Ok(Variant::Scalar));
        assert_eq!(
            Variant::parse_where("scalar", |_| false),
            Ok(Variant::Scalar)
        );
    }
}
