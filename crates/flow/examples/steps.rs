//! Measures how many steps the engine takes in a second, on the flow that every new bot begins with.

use std::io::Write;

use base::message::Content;
use base::{Stopwatch, Time};
use botflow_flow::{
    Compiled, Context, DefaultTexts, Event, EventKind, Incoming, Outcome, RunState, advance, default_flow,
};

const ROUNDS: u32 = 20_000;

fn main() -> std::io::Result<()> {
    let flow = Compiled::new(default_flow(&DefaultTexts::default()));
    let context = Context::default();
    let says =
        |text: &str| Incoming { text: text.into(), content: Content::text(text), language: None, first_contact: false };
    let watch = Stopwatch::start();
    let mut steps = 0usize;
    for round in 0..ROUNDS {
        let mut state = RunState::default();
        for turn in 0..4 {
            let kind = match turn {
                0 => EventKind::Started { message: Some(says("Can I rent the hall?")) },
                1 => EventKind::EffectDone { seq: 1, outcome: Outcome::Unknown { detail: serde_json::Value::Null } },
                2 => EventKind::Message { message: says("Ana") },
                _ => EventKind::Message { message: says("For 40 people in May") },
            };
            let advanced = advance(&flow, state, &Event { at: Time(i64::from(round)), kind }, &context);
            steps += advanced.journal.len();
            state = advanced.state;
        }
    }
    let seconds = watch.elapsed_ms() / 1000.0;
    #[expect(clippy::cast_precision_loss, reason = "a rough figure")]
    let rate = steps as f64 / seconds;
    writeln!(std::io::stdout(), "{steps} steps in {seconds:.2} s: {rate:.0} steps/s")
}
