//! Made-up bots, customers and outcomes, all of them from one seed.

use base::message::{Content, Media};
use flow::{Definition, EffectKind, Input, KindInfo, Outcome, Severity};
use serde_json::{Map, Value, json};

/// Chance that can be had again: SplitMix64 (Steele, Lea, Flood 2014).
pub(super) struct Dice(pub(super) u64);

impl Dice {
    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(super) fn below(&mut self, n: usize) -> usize {
        (self.draw() % n.max(1) as u64) as usize
    }

    pub(super) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub(super) fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

const WORDS: &[&str] = &[
    "hi",
    "yes",
    "no",
    "2",
    "skip",
    "back",
    "menu",
    "stop",
    "agent",
    "start over",
    "Ana",
    "price",
    "open",
    "book",
    "Do you deliver to 12345?",
    "ana@example.com",
    "+49 30 123456",
    "tomorrow",
    "15:30",
    "https://shop.example/a",
    "It arrived broken",
    "Baker Street 221b, London",
    "5",
    "Prices",
    "Cheese, Salad",
    "done",
    "{{ 1 + 1 }}",
    "3.5",
    "العربية؟",
    "Grüße 🌷",
    "very good",
    "0.1",
];

pub(super) fn words(dice: &mut Dice) -> String {
    match dice.below(12) {
        0 => "long ".repeat(dice.below(900) + 1),
        1 => format!("{} {}", dice.of(WORDS), dice.of(WORDS)),
        _ => (*dice.of(WORDS)).to_owned(),
    }
}

/// What a customer may send; `picks` are the buttons that the bot has.
pub(super) fn content(dice: &mut Dice, picks: &[(String, String)]) -> Content {
    let media = |mime: &str| Media { mime: mime.into(), filename: Some("a.bin".into()), ..Media::default() };
    match dice.below(20) {
        0..4 if !picks.is_empty() => {
            let (id, title) = dice.of(picks).clone();
            Content::Picked { id, title }
        }
        4 => Content::Image { media: media("image/jpeg"), caption: Some(words(dice)) },
        5 => Content::Document { media: media("application/pdf"), caption: None },
        6 => Content::Location { latitude: fraction(dice) * 90.0, longitude: 0.1 + 0.2, name: None, address: None },
        7 => Content::Unsupported { what: "poll".into() },
        _ => Content::text(words(dice)),
    }
}

fn fraction(dice: &mut Dice) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a number of 53 bits")]
    let part = (dice.draw() >> 11) as f64 / (1u64 << 53) as f64;
    part
}

/// A value such as programs give, with numbers that are hard to write down.
pub(super) fn value(dice: &mut Dice, depth: usize) -> Value {
    match dice.below(if depth == 0 { 9 } else { 12 }) {
        0 => Value::Null,
        1 => json!(dice.one_in(2)),
        2 => json!(*dice.of(&[0i64, 7, -1, i64::MAX, i64::MIN])),
        3 => json!(u64::MAX),
        4 => json!(*dice.of(&[0.1 + 0.2, 1e300, -0.0, 5e-324, 1.0, 2.5])),
        5 | 6 => json!(fraction(dice) * 1000.0),
        9 => (0..dice.below(4)).map(|_| value(dice, depth - 1)).collect(),
        10 => (0..dice.below(4)).map(|i| (format!("k{i}"), value(dice, depth - 1))).collect::<Map<_, _>>().into(),
        // As deep as a service can make it and JSON can be read.
        11 if dice.one_in(6) => (0..120 + dice.below(7)).fold(json!(1), |inner, _| json!([inner])),
        _ => json!(words(dice)),
    }
}

/// What may come of an effect.
pub(super) fn outcome(dice: &mut Dice, effect: &EffectKind) -> Outcome {
    use EffectKind::{Agent, Answer, Classify, Code, Extract, FreeSlots, Generate, Http, WebhookOut};
    let detail = json!({ "answer": { "rung": "approved", "confidence": fraction(dice) } });
    match (dice.below(10), effect) {
        (0, _) => Outcome::Failed { message: "The other side is asleep.".into() },
        // Not what was asked for.
        (1, _) if dice.one_in(3) => Outcome::Decided { yes: true },
        (2, Answer { .. }) => Outcome::Unknown { detail },
        (_, Answer { .. }) => Outcome::Answered { text: words(dice), detail },
        (_, Classify { classes, .. }) => {
            let label = classes.get(dice.below(classes.len() + 1)).map(|c| c.id.clone());
            Outcome::Classified { label, confidence: fraction(dice) }
        }
        (_, Extract { wanted, .. }) => {
            let value = wanted.iter().map(|w| (w.name.clone(), value(dice, 1))).collect::<Map<_, _>>().into();
            Outcome::Value { value }
        }
        (3..7, Agent { tools, .. }) if !tools.is_empty() => {
            let arguments = json!({ "question": words(dice), "n": value(dice, 2) });
            Outcome::ToolWanted { tool: dice.of(tools).name.clone(), arguments }
        }
        (_, Generate { .. } | Agent { .. }) => Outcome::Generated { text: words(dice) },
        (_, Http { .. } | WebhookOut { .. }) => {
            Outcome::Response { status: *dice.of(&[200, 201, 404, 500]), body: value(dice, 4) }
        }
        (3..10, FreeSlots(_)) => {
            Outcome::Value { value: json!([{ "start": "2026-03-10T10:00", "label": "Tuesday at ten" }]) }
        }
        (_, Code { .. }) => Outcome::Value { value: value(dice, 5) },
        _ => Outcome::Value { value: value(dice, 3) },
    }
}

/// A bot that may be published: steps of any kinds, of which one is `kind`, in two flows.
pub(super) fn definition(dice: &mut Dice, kinds: &[KindInfo], kind: usize) -> Definition {
    let mut settings = json!({});
    if dice.one_in(8) {
        settings = json!({ "limits": { "steps": 25, "messages": 6, "hours": 30, "cents": 3 } });
    }
    let flows =
        [drawing(dice, kinds, "main", "message_received", Some(kind)), drawing(dice, kinds, "other", "called", None)];
    let drawn = json!({ "format": 2, "settings": settings, "flows": flows });
    sound(Definition::parse(&drawn.to_string()).unwrap())
}

fn drawing(dice: &mut Dice, kinds: &[KindInfo], id: &str, begins: &str, kind: Option<usize>) -> Value {
    let count = 2 + dice.below(12);
    let forced = kind.map(|kind| (1 + dice.below(count), kind));
    let chosen: Vec<&KindInfo> = (0..=count)
        .map(|i| match forced {
            _ if i == 0 => kinds.iter().find(|k| k.name == begins).unwrap(),
            Some((at, kind)) if at == i => &kinds[kind],
            _ => any_kind(dice, kinds),
        })
        .collect();
    let steps: Vec<Value> = chosen.iter().enumerate().map(|(i, kind)| step(dice, kind, i, &chosen)).collect();
    let mut edges = Vec::new();
    for (i, kind) in chosen.iter().enumerate() {
        for branch in ways(kind, &steps[i]["fields"]) {
            // Mostly onward, sometimes back, and sometimes nowhere.
            let onward = match dice.below(20) {
                0 => continue,
                1 => dice.below(count + 1),
                2..14 => i + 1,
                _ => i + 1 + dice.below(count + 1 - i),
            };
            if let Some(to) = (onward..=count).find(|to| !chosen[*to].entry) {
                edges.push(json!({ "from": format!("s{i}"), "branch": branch, "to": format!("s{to}") }));
            }
        }
    }
    let ports = json!([{ "name": "price", "type": "any" }, { "name": "product", "type": "any" }]);
    json!({ "id": id, "name": id, "steps": steps, "edges": edges, "inputs": ports, "outputs": ports })
}

/// Beginnings and ends come now and then, so that there is something between them.
fn any_kind<'k>(dice: &mut Dice, kinds: &'k [KindInfo]) -> &'k KindInfo {
    loop {
        let kind = dice.of(kinds);
        let ends = matches!(kind.name, "end" | "stop" | "return" | "handover" | "comment" | "jump");
        if !(kind.entry || ends) || dice.one_in(4) {
            return kind;
        }
    }
}

fn step(dice: &mut Dice, kind: &KindInfo, at: usize, chosen: &[&KindInfo]) -> Value {
    let mut fields = if at == 0 { json!({}) } else { kind.example.clone() };
    for field in kind.fields.iter().filter(|f| f.input == Input::Step) {
        if fields.get(field.name).is_some() {
            let targets: Vec<usize> = (1..chosen.len()).filter(|i| !chosen[*i].entry).collect();
            fields[field.name] = json!(format!("s{}", targets.get(dice.below(targets.len())).unwrap_or(&1)));
        }
    }
    for (name, input) in kind.fields.iter().map(|f| (f.name, f.input)) {
        // What a step keeps is read by another one now and then.
        if matches!(input, Input::Value { .. } | Input::Words { .. }) && name != "url" && fields.get(name).is_some() {
            let seen = ["{{ count | default('') }}", "{{ price | default(0) }}", "{{ workspace.seen | default(1) }}"];
            if at > 0 && dice.one_in(10) {
                fields[name] = json!(dice.of(&seen));
            }
        }
    }
    let mut step = json!({ "id": format!("s{at}"), "kind": kind.name, "fields": fields });
    if kind.outside && dice.one_in(2) {
        let then = *dice.of(&["stop", "branch", "default"]);
        step["failure"] = json!({ "retries": dice.below(3), "wait_ms": 1000, "then": then, "value": value(dice, 0) });
        if dice.one_in(2) {
            step["failure"]["timeout_ms"] = json!(60_000);
        }
    }
    step
}

fn ways<'a>(kind: &KindInfo, fields: &'a Value) -> Vec<&'a str> {
    let mut ways: Vec<&str> = kind.branches.iter().map(|b| b.name).collect();
    if let Some(list) = kind.branches_from.and_then(|name| fields[name].as_array()) {
        ways.extend(list.iter().filter_map(|item| item["id"].as_str()));
    }
    if kind.outside && !ways.contains(&"failed") {
        ways.push("failed");
    }
    ways
}

/// Mends what could not be published: circles lose their ways back, and steps that make no sense here become texts.
pub(super) fn sound(mut definition: Definition) -> Definition {
    let place = |id: &str| id.trim_start_matches('s').parse::<usize>().unwrap_or_default();
    for attempt in 0.. {
        let errors: Vec<_> =
            flow::validate(&definition).into_iter().filter(|f| f.severity == Severity::Error).collect();
        if errors.is_empty() {
            return definition;
        }
        assert!(attempt < 8, "no sound bot was made: {errors:?}");
        for flow in &mut definition.flows {
            for error in errors.iter().filter(|e| e.flow.as_ref() == Some(&flow.id)) {
                let circle = error.message.contains("circle");
                flow.edges.retain(|e| !circle || place(&e.from) < place(&e.to));
                for step in flow.steps.iter_mut().filter(|s| error.step.as_ref() == Some(&s.id)) {
                    if !circle || step.kind == "jump" {
                        (step.kind, step.fields, step.failure) = ("text".into(), Map::new(), None);
                        step.fields.insert("text".into(), json!("Well."));
                        flow.edges.retain(|e| e.from != step.id || e.branch == "next");
                    }
                }
                if circle && attempt > 2 {
                    for jump in flow.steps.iter_mut().filter(|s| s.kind == "jump") {
                        (jump.kind, jump.fields) = ("end".into(), Map::new());
                    }
                    let ends: Vec<String> =
                        flow.steps.iter().filter(|s| s.kind == "end").map(|s| s.id.clone()).collect();
                    flow.edges.retain(|e| !ends.contains(&e.from));
                }
            }
        }
    }
    unreachable!()
}

/// Where a flow can begin without a message: a flow and a step.
pub(super) fn beginning(definition: &Definition, some: usize) -> (String, String) {
    let kinds = ["manual", "webhook", "schedule", "resolved", "inactivity", "message_received", "called"];
    let found: Vec<_> = definition
        .flows
        .iter()
        .flat_map(|f| f.steps.iter().filter(|s| kinds.contains(&s.kind.as_str())).map(|s| (f.id.clone(), s.id.clone())))
        .collect();
    found[some % found.len()].clone()
}

/// The buttons of a bot: ids and titles.
pub(super) fn picks(definition: &Definition) -> Vec<(String, String)> {
    let steps = definition.flows.iter().flat_map(|f| &f.steps);
    let choices = steps.filter_map(|s| s.fields.get("choices")?.as_array()).flatten();
    let mut picks: Vec<_> =
        choices.filter_map(|c| Some((c["id"].as_str()?.to_owned(), c["title"].as_str()?.to_owned()))).collect();
    picks.extend(
        [("yes", "Yes, please"), ("no", "Not now"), ("5", "★★★★★"), ("done", "Done")]
            .map(|(i, t)| (i.into(), t.into())),
    );
    picks
}

/// The same bot, a little changed.
pub(super) fn changed(dice: &mut Dice, definition: &Definition) -> Definition {
    let mut changed = definition.clone();
    for flow in &mut changed.flows {
        if !flow.edges.is_empty() {
            let at = dice.below(flow.edges.len());
            flow.edges.remove(at);
        }
        let at = dice.below(flow.steps.len());
        let step = &mut flow.steps[at];
        if let Some(text) = step.fields.get_mut("text") {
            *text = json!("Now it says something else.");
        }
    }
    sound(changed)
}
