//! Tries several ways on different customers.

use serde_json::Value;

use crate::declare::{Field, Group, fields, kind, way};
use crate::run::{Next, Run, Stepped};
use crate::steps::Behaviour;

fields! {
    /// One of the ways.
    pub(crate) struct Variant {
        id: String = String::new() => Field::plain("Id", "Names the way.", 60),
        title: String = String::new() => Field::plain("Name", "What the way is called.", 60),
        weight: u32 = 1 => Field::whole("Share", "Twice the share gets twice the customers.", 0.0, 1000.0, ""),
    }
}

fields! {
    /// A trial.
    pub(crate) struct Split {
        variants: Vec<Variant> = Vec::new() => Field::items("Variants", "Each customer gets one of them.", 10, "variant", Variant::FIELDS).required(),
        same: bool = true => Field::toggle("Always the same for a customer", "Else it is drawn anew each time."),
    }
}

kind!(Split {
    name: "split",
    group: Group::Logic,
    title: "A/B split",
    help: "Sends some customers one way and some another, so that you can see which one works better. Put a step “Goal \
           reached” where you want them to arrive.",
    branches: &[way("next", "Any other")],
    branches_from: Some("variants"),
    example: r#"{"variants":[{"id":"a","title":"Short","weight":1},{"id":"b","title":"Friendly","weight":1}],"same":true}"#,
    example_says: "Half of the customers go “Short”, the other half “Friendly”.",
});

impl Behaviour for Split {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let total: u32 = self.variants.iter().map(|v| v.weight.min(1000)).sum();
        if total == 0 {
            return Err("No variant of this split has a share. Give one to at least one of them.".into());
        }
        let step = run.step_id();
        let who = run.lookup("contact.id").or_else(|| run.lookup("conversation.id"));
        let part = match who.as_ref().and_then(Value::as_str).filter(|_| self.same) {
            Some(id) => share(id, &step),
            None => run.chance(),
        };
        let mut left = part * f64::from(total);
        let mut chosen = &self.variants[0];
        for variant in self.variants.iter().filter(|v| v.weight > 0) {
            chosen = variant;
            left -= f64::from(variant.weight.min(1000));
            if left < 0.0 {
                break;
            }
        }
        run.note("Took a variant", if chosen.title.is_empty() { &chosen.id } else { &chosen.title });
        if run.state.variants.len() < 50 {
            run.state.variants.insert(step, Value::String(chosen.id.clone()));
        }
        Ok(Next::Branch(chosen.id.as_str().into()))
    }
}

/// The customer's place between 0 and 1 for one step: FNV-1a over both, mixed once more.
fn share(id: &str, step: &str) -> f64 {
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    for byte in id.bytes().chain([0]).chain(step.bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^= hash >> 33;
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    let part = (hash >> 11) as f64 / (1u64 << 53) as f64;
    part
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn customers_are_spread_evenly_and_keep_their_variant() {
        let low = (0..2_000).filter(|n| share(&format!("customer-{n}"), "s1") < 0.25).count();
        assert!((400..600).contains(&low), "{low} of 2,000 in the first quarter");
        assert!((share("a", "s1") - share("a", "s1")).abs() < f64::EPSILON);
        assert!((share("a", "s1") - share("a", "s2")).abs() > f64::EPSILON, "another split draws anew");
    }
}
