//! What must hold for any flow and any sequence of events.

use base::Time;
use base::message::Content;
use proptest::prelude::*;
use serde_json::json;

use super::tests::context;
use super::*;
use crate::default_definition;
use crate::definition::Definition;
use crate::strategies::{a_text, an_outcome, some_flows};

fn a_message() -> impl Strategy<Value = Incoming> {
    (a_text(), 0..4u8, 0u64..8).prop_map(|(text, kind, seq)| {
        let content = match kind {
            0 => Content::Picked { id: "prices".into(), title: text.clone() },
            1 => Content::Unsupported { what: "poll".into() },
            2 => Content::Location { latitude: 1.0, longitude: 2.0, name: None, address: None },
            _ => Content::text(text.clone()),
        };
        Incoming { content, first_contact: seq == 1, reply_to: (seq > 4).then_some(seq), ..Incoming::words(text) }
    })
}

fn an_event() -> impl Strategy<Value = EventKind> {
    prop_oneof![
        1 => proptest::option::of(a_message()).prop_map(|message| EventKind::Started { message }),
        6 => a_message().prop_map(|message| EventKind::Message { message }),
        6 => (0u64..12, an_outcome()).prop_map(|(seq, outcome)| EventKind::EffectDone { seq, outcome, cost_cents: 0.5 }),
        1 => (a_text(), a_message()).prop_map(|(was, message)| EventKind::Edited { was, message }),
        1 => a_text().prop_map(|text| EventKind::Deleted { text }),
        1 => (0usize..14).prop_map(|n| EventKind::MovedTo { flow: "main".into(), step: format!("s{n}") }),
        1 => a_text().prop_map(|t| EventKind::Triggered { flow: "main".into(), step: "s0".into(), data: json!({"t": t}) }),
        2 => Just(EventKind::Timer),
        1 => Just(EventKind::PersonTookOver),
        1 => Just(EventKind::PersonReleased),
        1 => Just(EventKind::Cancelled),
    ]
}

/// Plays the events and checks what must hold after each of them.
fn play(flow: &Definition, events: Vec<(EventKind, u32, bool)>) -> Result<(), TestCaseError> {
    let _ = crate::validate(flow);
    let flow = Compiled::new(flow.clone());
    let mut context = context();
    let (mut state, mut at) = (RunState::default(), 0i64);
    for (kind, ms, real_seq) in events {
        at += i64::from(ms);
        let kind = match kind {
            EventKind::EffectDone { outcome, cost_cents, .. } if real_seq => {
                EventKind::EffectDone { seq: state.next_seq, outcome, cost_cents }
            }
            kind => kind,
        };
        context.seed = context.seed.wrapping_add(1);
        let event = Event { at: Time(at), kind };
        let stored: RunState = serde_json::from_str(&serde_json::to_string(&state).unwrap()).unwrap();
        prop_assert_eq!(&stored, &state);
        let event_stored: Event = serde_json::from_str(&serde_json::to_string(&event).unwrap()).unwrap();
        prop_assert_eq!(&event_stored, &event);
        let before = state.next_seq;
        let live = advance(&flow, state, &event, &context);
        let replayed = advance(&flow, stored, &event_stored, &context);
        prop_assert_eq!(&live, &replayed, "replay is not the same as live");

        let seqs: Vec<u64> = live.effects.iter().map(|e| e.seq).collect();
        prop_assert!(seqs.iter().all(|s| *s > before) && seqs.windows(2).all(|w| w[0] < w[1]), "numbers increase");
        let sends = live.effects.iter().filter(|e| matches!(e.kind, EffectKind::Send { .. })).count();
        prop_assert!(sends <= 10, "{} messages at once", sends);
        let s = &live.state;
        prop_assert_eq!(s.status() == Status::Waiting, s.threads.iter().any(|t| t.wait.is_some()), "{:?}", s);
        prop_assert!(s.status() != Status::Active || s.threads.is_empty(), "an event leaves nothing half done");
        if s.status() == Status::Waiting {
            prop_assert!(s.threads.iter().all(|t| t.wait.is_some()), "every thread waits: {:?}", s.threads);
        }
        let open = s.waits_for_effect() || s.wake_at().is_some() || s.waits_for() == Some("join");
        prop_assert!(s.kept.is_empty() || open, "kept messages have a future");
        prop_assert!(!live.journal.is_empty(), "every event is journaled");
        state = live.state;
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn any_flow_survives_any_events(
        flow in some_flows(),
        events in proptest::collection::vec((an_event(), 0u32..7_200_000, any::<bool>()), 0..30),
    ) {
        play(&flow, events)?;
    }

    #[test]
    fn the_first_flow_survives_any_events(
        events in proptest::collection::vec((an_event(), 0u32..7_200_000, any::<bool>()), 0..40),
    ) {
        play(&default_definition(), events)?;
    }
}
