//! What must hold for any flow and any sequence of events.

use base::Time;
use base::message::Content;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::definition::{Edge, FORMAT, Flow, Position, Settings};
use crate::steps::StepKind;
use crate::{DefaultTexts, default_flow};

fn a_text() -> impl Strategy<Value = String> {
    let words = prop_oneof![
        Just("hi"),
        Just("agent"),
        Just("menu"),
        Just("yes"),
        Just("2"),
        Just("Ana"),
        Just("skip"),
        Just("Do you deliver?"),
        Just(""),
        Just("prices"),
        Just("{{ 1 }}"),
        Just("ana@example.com"),
        Just("tomorrow"),
        Just("العربية؟"),
    ];
    prop_oneof![4 => words.prop_map(str::to_owned), 1 => "\\PC{0,30}"]
}

fn a_message() -> impl Strategy<Value = Incoming> {
    (a_text(), 0..3u8).prop_map(|(text, kind)| {
        let content = match kind {
            0 => Content::Picked { id: "prices".into(), title: text.clone() },
            1 => Content::Unsupported { what: "poll".into() },
            _ => Content::text(text.clone()),
        };
        Incoming { text, content, language: None, first_contact: false }
    })
}

fn an_outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        a_text().prop_map(|text| Outcome::Answered { text, detail: json!({}) }),
        Just(Outcome::Unknown { detail: json!({}) }),
        a_text().prop_map(|text| Outcome::Generated { text }),
        (100u16..600, a_text()).prop_map(|(status, t)| Outcome::Response { status, body: json!({"status": t}) }),
        a_text().prop_map(|message| Outcome::Failed { message }),
    ]
}

fn an_event() -> impl Strategy<Value = EventKind> {
    prop_oneof![
        1 => proptest::option::of(a_message()).prop_map(|message| EventKind::Started { message }),
        6 => a_message().prop_map(|message| EventKind::Message { message }),
        6 => (0u64..12, an_outcome()).prop_map(|(seq, outcome)| EventKind::EffectDone { seq, outcome }),
        2 => Just(EventKind::Timer),
        1 => Just(EventKind::PersonTookOver),
        1 => Just(EventKind::PersonReleased),
        1 => Just(EventKind::Cancelled),
    ]
}

/// Steps of every kind, wired at random along branches that they have.
fn a_flow() -> impl Strategy<Value = Flow> {
    (
        proptest::collection::vec(0usize..12, 1..14),
        proptest::collection::vec((any::<usize>(), any::<usize>(), any::<usize>()), 0..40),
    )
        .prop_map(|(kinds, wires)| {
            let examples = StepKind::examples();
            let steps: Vec<Step> = std::iter::once(0)
                .chain(kinds)
                .enumerate()
                .map(|(i, kind)| Step {
                    id: format!("s{i}"),
                    title: None,
                    position: Position::default(),
                    kind: examples[kind].clone(),
                })
                .collect();
            let edges = wires
                .into_iter()
                .filter_map(|(from, branch, to)| {
                    let from = &steps[from % steps.len()];
                    let branches = from.kind.branches();
                    let branch = (*branches.get(branch.checked_rem(branches.len())?)?).to_owned();
                    Some(Edge { from: from.id.clone(), branch, to: steps[to % steps.len()].id.clone() })
                })
                .collect();
            Flow { format: FORMAT, name: "random".into(), settings: Settings::default(), steps, edges }
        })
}

/// Plays the events and checks what must hold after each of them.
fn play(flow: &Flow, events: Vec<(EventKind, u32, bool)>) -> Result<(), TestCaseError> {
    let _ = crate::validate(flow);
    let flow = Compiled::new(flow.clone());
    let context = Context::default();
    let (mut state, mut at) = (RunState::default(), 0i64);
    for (kind, ms, real_seq) in events {
        at += i64::from(ms);
        let kind = match kind {
            EventKind::EffectDone { outcome, .. } if real_seq => EventKind::EffectDone { seq: state.next_seq, outcome },
            kind => kind,
        };
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
        prop_assert_eq!(s.status() == Status::Waiting, s.wait.is_some(), "a run waits for something or is over");
        prop_assert!(s.kept.is_empty() || s.waits_for_effect() || s.wake_at().is_some(), "kept messages have a future");
        prop_assert!(!live.journal.is_empty(), "every event is journaled");
        if s.waits_for_effect() && !live.effects.is_empty() {
            prop_assert_eq!(s.wait.clone(), Some(Wait::Effect { seq: s.next_seq }));
        }
        state = live.state;
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn any_flow_survives_any_events(
        flow in a_flow(),
        events in proptest::collection::vec((an_event(), 0u32..7_200_000, any::<bool>()), 0..30),
    ) {
        play(&flow, events)?;
    }

    #[test]
    fn the_first_flow_survives_any_events(
        events in proptest::collection::vec((an_event(), 0u32..7_200_000, any::<bool>()), 0..40),
    ) {
        play(&default_flow(&DefaultTexts::default()), events)?;
    }
}
