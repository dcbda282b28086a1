//! What must hold for any flow and any script.

use base::Time;
use proptest::prelude::*;
use serde_json::{Map, json};

use super::*;
use crate::strategies::{a_text, an_outcome, some_flows};
use crate::{Definition, default_definition};

fn an_action() -> impl Strategy<Value = Action> {
    let how = prop_oneof![Just(Failing::Http500), Just(Failing::Timeout), Just(Failing::Channel), Just(Failing::Model)];
    prop_oneof![
        6 => a_text().prop_map(|text| Action::Say { text }),
        1 => a_text().prop_map(|title| Action::Pick { id: "prices".into(), title }),
        1 => a_text().prop_map(|filename| Action::SendFile { kind: FileKind::Document, filename }),
        1 => Just(Action::SendLocation { latitude: 1.0, longitude: f64::MAX }),
        2 => prop_oneof![0u64..100_000_000, Just(u64::MAX >> 1)].prop_map(|ms| Action::Pass { ms }),
        2 => Just(Action::UntilNext),
        1 => (0usize..14).prop_map(|n| Action::Trigger { step: format!("s{n}") }),
        1 => any::<bool>().prop_map(|on| Action::Person { on }),
        1 => a_text().prop_map(|name| Action::Set { name, value: json!("x") }),
        4 => (0u64..12, an_outcome()).prop_map(|(seq, outcome)| Action::Outcome { seq, outcome }),
        2 => (proptest::option::of(0u64..12), how).prop_map(|(seq, how)| Action::Fail { seq, how }),
        1 => (0u32..4, a_text()).prop_map(|(nth, text)| Action::Edit { nth, text }),
        1 => (0u32..4).prop_map(|nth| Action::Delete { nth }),
    ]
}

fn a_script() -> impl Strategy<Value = Simulation> {
    let start = prop_oneof![4 => Just(crate::testing::START.0), 1 => any::<i64>()];
    (proptest::collection::vec(an_action(), 0..25), start, any::<bool>(), 0..3u8).prop_map(
        |(actions, at, whatsapp, flow)| Simulation {
            flow: [None, Some("main".to_owned()), Some("other".to_owned())][usize::from(flow)].clone(),
            start_at: Time(at),
            channel: if whatsapp { Channel::Whatsapp } else { Channel::Webchat },
            contact: Map::new(),
            first_contact: true,
            actions,
            live: false,
        },
    )
}

fn holds(flows: Definition, script: &Simulation, cut: usize) -> Result<(), TestCaseError> {
    let flow = Compiled::new(flows);
    let world = World { seed: 3, ..World::default() };
    let whole = simulate(&flow, script, &world);
    prop_assert_eq!(&simulate(&flow, script, &world), &whole, "the same script gives the same");
    prop_assert!(whole.lines.len() <= MAX_LINES && whole.path.len() <= MAX_VISITS);
    prop_assert!(whole.lines.iter().all(|l| l.content.is_some() != l.text.is_some()), "a line says something");
    prop_assert!(whole.lines.is_sorted_by_key(|l| (l.at, l.action)), "the clock never goes back");
    prop_assert_eq!(whole.pending.len(), whole.needs.len());
    let stored = serde_json::to_string(script).unwrap();
    prop_assert_eq!(&serde_json::from_str::<Simulation>(&stored).unwrap(), script);
    prop_assert_eq!(check_test(&flow, script, &expected(&whole), &world), None);

    let mut shorter = script.clone();
    shorter.actions.truncate(cut);
    let part = simulate(&flow, &shorter, &world);
    prop_assert!(part.lines.len() <= whole.lines.len());
    prop_assert_eq!(&part.lines[..], &whole.lines[..part.lines.len()], "the beginning gives the beginning");
    let covered = coverage(&flow, "main", whole.path.iter());
    prop_assert!(covered.steps.len() <= covered.of_steps as usize);
    prop_assert!(covered.branches.len() <= covered.of_branches as usize);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_script_plays_in_any_flow(flows in some_flows(), script in a_script(), cut in 0usize..25) {
        holds(flows, &script, cut)?;
    }

    #[test]
    fn any_script_plays_in_the_first_flow(script in a_script(), cut in 0usize..25) {
        holds(default_definition(), &script, cut)?;
    }

    #[test]
    fn a_bot_differs_from_itself_in_nothing(flows in some_flows(), other in some_flows()) {
        prop_assert!(crate::changes::changes(&flows, &flows).flows.is_empty());
        let there = crate::changes::changes(&flows, &other).flows.len();
        let back = crate::changes::changes(&other, &flows).flows.len();
        prop_assert_eq!(there, back);
    }
}
