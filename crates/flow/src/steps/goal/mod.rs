//! Counts that something good has happened.

use crate::declare::{Field, Group, VarType, fields, kind};
use crate::event::EffectKind;
use crate::rules::number;
use crate::run::{Next, Run, Stepped};
use crate::steps::Behaviour;

fields! {
    /// Which goal, and what it is worth.
    pub(crate) struct Goal {
        name: String = String::new() => Field::plain("Goal", "Such as “booked”.", 60).required(),
        value: String = String::new() => Field::value("Worth", "A number, for instance the price. Empty counts 1.", VarType::Number),
    }
}

kind!(Goal {
    name: "goal",
    group: Group::Logic,
    title: "Goal reached",
    help: "Counts that a customer arrived where you wanted, and by which variants of an A/B split.",
    example: r#"{"name":"booked","value":"{{ price | default(1) }}"}"#,
    example_says: "Counts a booking with its price.",
});

impl Behaviour for Goal {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let value = run.value(&self.value)?;
        let value = if crate::rules::is_empty(&value) { 1.0 } else { number(&value).ok_or("The worth of a goal must be a number.")? };
        run.note("Reached a goal", &self.name);
        let variants = run.state.variants.clone();
        run.effect(EffectKind::Goal { name: self.name.clone(), value, variants });
        Ok(Next::NEXT)
    }
}
