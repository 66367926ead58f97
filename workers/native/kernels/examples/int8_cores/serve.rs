//! Requests and answers: `place` (name, core, file, tokens, heads, scalars), `output` and `measure` (name).

use std::collections::HashMap;
use std::io::BufRead;
use std::time::Instant;

use serde_json::{Value, json};
use stillwatt_kernels::int8::{
    Head, HeadScratch, InhibitorParameters, PackedHead, pack_dot, pack_inhibitor,
};
use stillwatt_kernels::{Context, Variant};

use crate::prototype::{FEATURES, Packed};

/// All heads of a layer, packed.
trait Subject {
    fn run(&mut self);
    /// Context (n, d) of each head.
    fn contexts(&mut self) -> Vec<Vec<f32>>;
}

impl Subject for Vec<Packed> {
    fn run(&mut self) {
        for head in self {
            // SAFETY: `serve` asked for the features.
            unsafe { head.run() };
        }
    }

    fn contexts(&mut self) -> Vec<Vec<f32>> {
        // SAFETY: as above.
        self.iter_mut()
            .map(|head| unsafe { head.context() })
            .collect()
    }
}

struct Ours {
    context: Context,
    /// Heads with their rows of context.
    heads: Vec<(PackedHead<'static>, Vec<f32>)>,
}

impl Subject for Ours {
    fn run(&mut self) {
        for (head, rows) in &mut self.heads {
            head.attend(&self.context, rows, FEATURES).unwrap();
        }
    }

    fn contexts(&mut self) -> Vec<Vec<f32>> {
        self.run();
        self.heads.iter().map(|(_, rows)| rows.clone()).collect()
    }
}

pub fn serve() {
    let mut subjects = HashMap::new();
    for line in std::io::stdin().lock().lines() {
        let reply = match answer(&mut subjects, &line.unwrap()) {
            Ok(answer) => json!({ "answer": answer }),
            Err(error) => json!({ "error": error }),
        };
        println!("{reply}");
    }
}

fn answer(subjects: &mut HashMap<String, Box<dyn Subject>>, line: &str) -> Result<Value, String> {
    let request: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let name = request["name"].as_str().unwrap_or_default();
    if request["op"] == "place" {
        subjects.insert(name.into(), place(&request)?);
        return Ok(Value::Null);
    }
    let subject = subjects
        .get_mut(name)
        .ok_or(format!("there is no {name}"))?;
    match request["op"].as_str() {
        Some("output") => Ok(json!(by_token(&subject.contexts()))),
        Some("measure") => {
            let calls = request["calls"].as_u64().unwrap_or(1);
            let start = Instant::now();
            for _ in 0..calls {
                subject.run();
            }
            let cost = start.elapsed().as_secs_f64() / calls as f64;
            Ok(json!({ "cost": cost, "cpuSeconds": null }))
        }
        Some("drop") => Ok(json!(subjects.remove(name).is_some())),
        other => Err(format!("no operation is called {other:?}")),
    }
}

/// `file`: f32 of q, k and v (heads, n, 64), one after the other.
fn place(request: &Value) -> Result<Box<dyn Subject>, String> {
    let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
    let (heads, tokens) = (number(&request["heads"]), number(&request["tokens"]));
    let (heads, tokens) = (heads as usize, tokens as usize);
    let file = request["file"].as_str().unwrap_or_default();
    let bytes = std::fs::read(file).map_err(|error| format!("{file}: {error}"))?;
    let floats: Vec<f32> = bytes
        .chunks_exact(4)
        .map(|four| f32::from_le_bytes(four.try_into().unwrap()))
        .collect();
    let size = tokens * FEATURES;
    if size == 0 || !tokens.is_multiple_of(16) || floats.len() != 3 * heads * size {
        return Err(format!(
            "{} values of {heads} heads of {tokens} tokens",
            floats.len()
        ));
    }
    let part = |part: usize, head: usize| &floats[(part * heads + head) * size..][..size];
    let parts = (0..heads).map(|head| [part(0, head), part(1, head), part(2, head)]);
    let core = request["core"].as_str().unwrap_or_default();
    // the prototype's instructions, whatever ours are
    Variant::parse(Variant::Avx512Vnni.name()).map_err(|error| error.to_string())?;
    if core == "prototype" {
        return Ok(Box::new(parts.map(Packed::new).collect::<Vec<_>>()));
    }
    let context = Context::new(Variant::detect(), 1).map_err(|error| error.to_string())?;
    let scalar = |name: &str| number(&request["scalars"][name]) as f32;
    let parameters = InhibitorParameters {
        alpha: scalar("alpha"),
        beta: scalar("beta"),
        gamma: scalar("gamma"),
        normalise: true,
        center_over_all: false,
    };
    let pack = |[q, k, v]: [&[f32]; 3]| {
        let head = Head {
            q,
            k,
            v,
            stride: FEATURES,
            d: FEATURES,
            tokens,
            valid: tokens,
            scales: None,
        };
        // as long as the process: a packed head keeps its scratch
        let scratch = Box::leak(Box::new(HeadScratch::new(tokens, FEATURES)));
        let packed = match core {
            "dot" => pack_dot(&context, &head, 1.0 / (FEATURES as f32).sqrt(), scratch),
            "inhibitor" => pack_inhibitor(&context, &head, &parameters, scratch),
            other => return Err(format!("no core is called {other}")),
        };
        let packed = packed.map_err(|error| error.to_string())?;
        let packed = packed.ok_or("values that are not numbers")?;
        Ok((packed, vec![0.0; size]))
    };
    let heads = parts.map(pack).collect::<Result<_, String>>()?;
    Ok(Box::new(Ours { context, heads }))
}

/// (n, h·d)
fn by_token(heads: &[Vec<f32>]) -> Vec<f32> {
    let tokens = heads[0].len() / FEATURES;
    let rows = (0..tokens).flat_map(|token| {
        heads
            .iter()
            .flat_map(move |head| &head[token * FEATURES..][..FEATURES])
    });
    rows.copied().collect()
}
