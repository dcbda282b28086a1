//! Conversations in the simulator: what an owner sees of them.

use serde_json::{Value, json};

use super::*;
use crate::EffectKind as E;
use crate::testing::START;

const HOUR: u64 = 3_600_000;

/// A flow of these steps and ways (`["from", "way", "to"]`) in a bot of its own.
fn bot(steps: Value, ways: &[(&str, &str, &str)]) -> Compiled {
    flows(json!([{"id": "main", "name": "Main", "steps": steps, "edges": edges(ways)}]))
}

fn edges(ways: &[(&str, &str, &str)]) -> Value {
    ways.iter().map(|(from, branch, to)| json!({"from": from, "branch": branch, "to": to})).collect()
}

fn flows(flows: Value) -> Compiled {
    Compiled::new(serde_json::from_value(json!({"format": 2, "flows": flows})).unwrap())
}

fn script(channel: &str, actions: Value) -> Simulation {
    serde_json::from_value(json!({
        "flow": "main", "start_at": START, "channel": channel, "contact": {"language": "en"}, "first_contact": true,
        "actions": actions, "live": false,
    }))
    .unwrap()
}

fn world() -> World {
    World { timezone: "Europe/Berlin".into(), seed: 7, ..World::default() }
}

fn play(flow: &Compiled, actions: Value) -> Simulated {
    simulate(flow, &script("webchat", actions), &world())
}

/// Lines as `customer: …`, `bot: …` and `note: …`.
fn talk(simulated: &Simulated) -> Vec<String> {
    let one = |line: &Line| {
        let who = serde_json::to_value(line.who).unwrap();
        let words =
            line.text.clone().or_else(|| line.content.as_ref().map(|c| c.words().to_owned())).unwrap_or_default();
        format!("{}: {words}", who.as_str().unwrap())
    };
    simulated.lines.iter().map(one).collect()
}

fn said(simulated: &Simulated) -> Vec<String> {
    talk(simulated).into_iter().filter(|l| !l.starts_with("customer")).collect()
}

fn begin() -> Value {
    json!({"id": "begin", "kind": "message_received"})
}

fn text(id: &str, text: &str) -> Value {
    json!({"id": id, "kind": "text", "fields": {"text": text}})
}

/// Asks the knowledge; a person when it does not know.
fn answering(failure: Value) -> Compiled {
    bot(
        json!([begin(), {"id": "look", "kind": "answer", "failure": failure}, text("sorry", "I do not know"),
            text("broken", "Not now")]),
        &[("begin", "next", "look"), ("look", "unknown", "sorry"), ("look", "failed", "broken")],
    )
}

#[test]
fn a_question_is_asked_answered_and_remembered() {
    let flow = bot(
        json!([begin(), {"id": "ask", "kind": "ask_text", "fields": {"text": "Your name?", "variable": "name", "timeout_ms": HOUR}},
            {"id": "keep", "kind": "contact_field", "fields": {"field": "name", "value": "{{ name }}"}},
            text("bye", "Hello {{ contact.name }}"), text("late", "Still there?")]),
        &[("begin", "next", "ask"), ("ask", "next", "keep"), ("keep", "next", "bye"), ("ask", "timeout", "late")],
    );
    let asked = play(&flow, json!([{"do": "say", "text": "hi"}]));
    assert_eq!(talk(&asked), ["customer: hi", "bot: Your name?"]);
    let until = START.plus(Duration::from_millis(HOUR));
    assert_eq!(asked.waits, Some(Waits { what: WaitsFor::Reply, until: Some(until), step: "ask".into() }));
    assert_eq!((asked.status, asked.now, asked.window_open), (Status::Waiting, START, true));

    let done = play(&flow, json!([{"do": "say", "text": "hi"}, {"do": "say", "text": "Ana"}]));
    assert_eq!(
        talk(&done)[2..],
        ["customer: Ana", "note: Would write to the contact: name is “Ana”.", "bot: Hello Ana"]
    );
    assert_eq!((&done.variables["name"], &done.contact["name"]), (&json!("Ana"), &json!("Ana")));
    assert_eq!((done.status, done.waits, done.error), (Status::Ended, None, None));
    let path: Vec<(&str, Option<&str>, u32)> =
        done.path.iter().map(|v| (v.step.as_str(), v.branch.as_deref(), v.action)).collect();
    assert_eq!(
        path,
        [("begin", Some("next"), 0), ("ask", Some("next"), 0), ("keep", Some("next"), 1), ("bye", Some("next"), 1)]
    );

    let late = play(&flow, json!([{"do": "say", "text": "hi"}, {"do": "until_next"}]));
    assert_eq!((said(&late), late.now), (vec!["bot: Your name?".into(), "bot: Still there?".into()], until));
    for (ms, shown) in [(HOUR - 1, 1), (HOUR, 2), (u64::MAX >> 1, 2)] {
        let passed = play(&flow, json!([{"do": "say", "text": "hi"}, {"do": "pass", "ms": ms}]));
        assert_eq!(said(&passed).len(), shown, "{ms}");
    }
}

#[test]
fn what_is_outside_waits_until_somebody_says_what_it_gave() {
    let unknown = json!({"outcome": "unknown", "detail": {}});
    let answered = json!({"outcome": "answered", "text": "At nine", "detail": {}});
    let say = json!({"do": "say", "text": "When do you open?"});
    for (failure, actions, shown, pending) in [
        (Value::Null, json!([say]), vec![], 1),
        (Value::Null, json!([say, {"do": "outcome", "seq": 1, "outcome": answered}]), vec!["bot: At nine"], 0),
        (Value::Null, json!([say, {"do": "outcome", "seq": 1, "outcome": unknown}]), vec!["bot: I do not know"], 0),
        // Kept until its effect comes, and never used for another.
        (Value::Null, json!([{"do": "outcome", "seq": 1, "outcome": answered}, say]), vec!["bot: At nine"], 0),
        (Value::Null, json!([{"do": "outcome", "seq": 2, "outcome": answered}, say]), vec![], 1),
        (Value::Null, json!([say, {"do": "fail", "how": "model"}]), vec!["bot: Not now"], 0),
        (Value::Null, json!([say, {"do": "fail", "seq": 1, "how": "timeout"}]), vec!["bot: Not now"], 0),
        (Value::Null, json!([{"do": "fail", "how": "timeout"}, say]), vec!["bot: Not now"], 0),
        (Value::Null, json!([{"do": "fail", "seq": 1, "how": "model"}, say]), vec!["bot: Not now"], 0),
        // No website is asked here, so the failure of one waits for a better time.
        (Value::Null, json!([{"do": "fail", "how": "http_500"}, say]), vec![], 1),
        // Tried again after a second, on the clock of the simulator.
        (
            json!({"retries": 1, "wait_ms": 1000, "then": "branch"}),
            json!([say, {"do": "fail", "how": "model"}, {"do": "until_next"}]),
            vec![],
            1,
        ),
        (
            json!({"retries": 1, "wait_ms": 1000, "then": "branch"}),
            json!([say, {"do": "fail", "how": "model"}, {"do": "until_next"}, {"do": "fail", "how": "model"}]),
            vec!["bot: Not now"],
            0,
        ),
        // It takes too long by itself.
        (
            json!({"timeout_ms": 5000, "retries": 0, "wait_ms": 0, "then": "branch"}),
            json!([say, {"do": "pass", "ms": 5000}]),
            vec!["bot: Not now"],
            0,
        ),
    ] {
        let played = play(&answering(failure), actions.clone());
        assert_eq!(
            (said(&played), played.pending.len()),
            (shown.iter().map(|s| (*s).to_owned()).collect(), pending),
            "{actions}"
        );
    }
    let waits = play(&answering(Value::Null), json!([say]));
    let says = "Looks in the knowledge for an answer to “When do you open?”.";
    assert_eq!(waits.pending, [Pending { seq: 1, step: "look".into(), effect: "answer".into(), says: says.into() }]);
    assert!(
        matches!(&waits.needs[0].kind, crate::EffectKind::Answer { question, .. } if question == "When do you open?")
    );
    assert!(!serde_json::to_string(&waits).unwrap().contains("needs"), "effects with secrets stay here");
}

#[test]
fn an_error_is_told_and_a_person_is_called() {
    let flow = answering(json!({"retries": 0, "wait_ms": 0, "then": "stop"}));
    let say = json!({"do": "say", "text": "x"});
    let failed = play(&flow, json!([say, {"do": "fail", "how": "model"}, say]));
    assert_eq!(failed.status, Status::Failed);
    assert!(failed.error.as_deref().unwrap().starts_with("The model did not answer."), "{:?}", failed.error);
    assert_eq!(said(&failed), ["note: Would hand the conversation to a person: The flow stopped because of an error."]);
    let again = play(&flow, json!([say, {"do": "fail", "how": "model"}, {"do": "person", "on": false}, say]));
    assert_eq!((again.status, again.error, again.pending.len()), (Status::Waiting, None, 1));
}

#[test]
fn whatsapp_refuses_free_text_after_a_day() {
    let flow = bot(
        json!([begin(), {"id": "wait", "kind": "wait", "fields": {"duration_ms": 25 * HOUR}}, text("free", "Still there?")]),
        &[("begin", "next", "wait"), ("wait", "next", "free")],
    );
    let actions = json!([{"do": "say", "text": "hi"}, {"do": "until_next"}]);
    for (channel, refused) in [("whatsapp", true), ("webchat", false)] {
        let played = simulate(&flow, &script(channel, actions.clone()), &world());
        assert_eq!(said(&played)[0], "bot: Still there?");
        assert_eq!(said(&played).get(1).is_some_and(|n| n.contains("WhatsApp would refuse")), refused, "{channel}");
        assert_eq!(played.window_open, !refused);
    }
    let refused = play(
        &bot(json!([begin(), text("a", "Hello")]), &[("begin", "next", "a")]),
        json!([{"do": "fail", "how": "channel"}, {"do": "say", "text": "hi"}, {"do": "say", "text": "hi"}]),
    );
    assert_eq!(
        said(&refused),
        ["bot: Hello", "note: Not delivered: the channel did not take this message.", "bot: Hello"]
    );
}

#[test]
fn a_person_is_not_talked_over() {
    let flow = bot(
        json!([begin(), {"id": "ask", "kind": "ask_text", "fields": {"text": "Name?", "variable": "name"}},
            {"id": "hand", "kind": "handover", "fields": {"reason": "Wants one", "note": "Kind"}}]),
        &[("begin", "next", "ask"), ("ask", "next", "hand")],
    );
    let (say, on, off) =
        (json!({"do": "say", "text": "hi"}), json!({"do": "person", "on": true}), json!({"do": "person", "on": false}));
    for (actions, status, bot_lines) in [
        (json!([on, say]), Status::Handed, 0),
        (json!([say, on, say]), Status::Handed, 1),
        (json!([say, on, off]), Status::Ended, 1),
        (json!([say, on, off, say]), Status::Waiting, 2),
        (json!([say, say, say]), Status::Handed, 1),
        (json!([say, {"do": "say", "text": "agent"}]), Status::Handed, 1),
    ] {
        let played = play(&flow, actions.clone());
        let bots = played.lines.iter().filter(|l| l.who == Who::Bot).count();
        assert_eq!((played.status, bots), (status, bot_lines), "{actions}");
    }
    let handed = play(&flow, json!([say, say]));
    assert_eq!(said(&handed)[1], "note: Would hand the conversation to a person: Wants one – with the note: Kind");
    assert_eq!(handed.contact["note"], json!("Kind"));
}

#[test]
fn everything_else_that_a_customer_does_is_understood() {
    let flow = bot(
        json!([begin(), text("a", "{{ last.kind }} {{ last.text }} {{ contact.city | default(\"nowhere\") }}")]),
        &[("begin", "next", "a")],
    );
    for (action, shown) in [
        (json!({"do": "say", "text": "hi"}), "bot: text hi nowhere"),
        (json!({"do": "pick", "id": "x", "title": "Prices"}), "bot: picked Prices nowhere"),
        (json!({"do": "send_file", "kind": "image", "filename": "a.png"}), "bot: image  nowhere"),
        (json!({"do": "send_file", "kind": "audio", "filename": "a.ogg"}), "bot: audio  nowhere"),
        (json!({"do": "send_location", "latitude": 1.5, "longitude": 2}), "bot: location  nowhere"),
    ] {
        let played = play(&flow, json!([action]));
        assert_eq!((played.lines[0].who, &said(&played)[0]), (Who::Customer, &shown.to_owned()), "{action}");
    }
    let set =
        play(&flow, json!([{"do": "set", "name": "contact.city", "value": "Cape Town"}, {"do": "say", "text": "hi"}]));
    assert_eq!(said(&set), ["bot: text hi Cape Town"]);
}

#[test]
fn a_message_can_be_changed_and_taken_back() {
    let ask = |id: &str| json!({"id": id, "kind": "ask_text", "fields": {"text": format!("{id}?"), "variable": id}});
    let flow = bot(
        json!([begin(), ask("name"), ask("city"), text("end", "{{ name }} from {{ city }}")]),
        &[("begin", "next", "name"), ("name", "next", "city"), ("city", "next", "end")],
    );
    let say = |text: &str| json!({"do": "say", "text": text});
    let edit = |nth: u32| json!({"do": "edit", "nth": nth, "text": "Anna"});
    let edited = play(&flow, json!([say("hi"), say("Ana"), edit(1), say("Durban")]));
    assert_eq!(said(&edited).last().unwrap(), "bot: Anna from Durban");
    for (action, part) in [(edit(9), "no such message"), (json!({"do": "delete", "nth": 1}), "took a message back")] {
        let played = play(&flow, json!([say("hi"), say("Ana"), action]));
        assert!(said(&played).last().unwrap().contains(part), "{:?}", said(&played));
    }
    let over = play(&flow, json!([say("hi"), say("Ana"), say("Durban"), edit(1)]));
    assert!(said(&over).last().unwrap().contains("used it already"));
}

#[test]
fn a_flow_that_no_message_begins_can_be_tried() {
    let two = flows(json!([
        {"id": "front", "name": "Front", "steps": [begin(), text("a", "Front")], "edges": edges(&[("begin", "next", "a")])},
        {"id": "main", "name": "Main", "steps": [{"id": "c", "kind": "called"}, text("b", "Called by “{{ last.text }}”")],
         "edges": edges(&[("c", "next", "b")])},
    ]));
    let mut tried = script("webchat", json!([{"do": "say", "text": "hi"}, {"do": "say", "text": "menu"}]));
    assert_eq!(said(&simulate(&two, &tried, &world())), ["bot: Called by “hi”", "bot: Front"]);
    tried.flow = None;
    assert_eq!(said(&simulate(&two, &tried, &world())), ["bot: Front", "bot: Front"]);
}

#[test]
fn triggers_begin_what_they_should_and_disturb_nobody() {
    let ask = json!({"id": "ask", "kind": "ask_text", "fields": {"text": "Name?", "variable": "name"}});
    let flow = bot(
        json!([begin(), ask, {"id": "hand", "kind": "manual"}, {"id": "all", "kind": "schedule", "fields": {"for_tag": "x"}},
            {"id": "nobody", "kind": "schedule"}, text("t", "Hello")]),
        &[("begin", "next", "ask"), ("hand", "next", "t"), ("all", "next", "t"), ("nobody", "next", "t")],
    );
    let trigger = |step: &str| json!({"do": "trigger", "step": step});
    for (actions, last, status) in [
        (json!([trigger("hand")]), "bot: Hello", Status::Ended),
        (json!([trigger("all")]), "bot: Hello", Status::Ended),
        (json!([trigger("gone")]), "note: The step with which this was to begin is not in the flow.", Status::Active),
        (
            json!([{"do": "say", "text": "hi"}, trigger("hand")]),
            "note: “Main” does not begin now, because the conversation is in the middle of something.",
            Status::Waiting,
        ),
        (
            json!([{"do": "person", "on": true}, trigger("hand")]),
            "note: “Main” does not begin now, because a person has the conversation.",
            Status::Handed,
        ),
    ] {
        let played = play(&flow, actions.clone());
        assert_eq!((said(&played).last().unwrap().as_str(), played.status), (last, status), "{actions}");
    }
    let nobody = play(&flow, json!([trigger("nobody")]));
    assert!(nobody.error.unwrap().contains("nobody to write to"));
}

#[test]
fn what_is_planned_happens_when_its_time_comes() {
    let flow = flows(json!([
        {"id": "main", "name": "Main", "edges": edges(&[("begin", "next", "a"), ("quiet", "next", "q")]), "steps": [begin(),
            text("a", "Hello"), {"id": "quiet", "kind": "inactivity", "fields": {"after_ms": HOUR, "at_most": 1}}, text("q", "Still there?")]},
    ]));
    let say = json!({"do": "say", "text": "hi"});
    let silent = play(&flow, json!([say, {"do": "pass", "ms": 10 * HOUR}]));
    assert_eq!(said(&silent), ["bot: Hello", "bot: Still there?"]);
    assert_eq!(silent.lines[2].at, START.plus(Duration::from_millis(HOUR)));
    let next = play(&flow, json!([say, {"do": "until_next"}]));
    assert_eq!((said(&next).len(), next.now), (2, START.plus(Duration::from_millis(HOUR))));
    let nothing = play(&bot(json!([begin()]), &[]), json!([say, {"do": "until_next"}]));
    assert_eq!(said(&nothing), ["note: Nothing is planned: without the customer nothing more happens."]);
}

#[test]
fn a_flow_follows_later_unless_somebody_is_in_the_middle_of_something() {
    let flow = flows(json!([
        {"id": "main", "name": "Main", "steps": [begin(),
            {"id": "ask", "kind": "ask_text", "fields": {"text": "Name?", "variable": "name"}}],
         "edges": edges(&[("begin", "next", "ask")])},
        {"id": "later", "name": "Later", "steps": [{"id": "c", "kind": "called"}, text("t", "{{ trigger.about }} again")],
         "edges": edges(&[("c", "next", "t")])},
        {"id": "done", "name": "Done", "steps": [{"id": "r", "kind": "resolved", "fields": {"after_ms": HOUR}}, text("u", "How was it?")],
         "edges": edges(&[("r", "next", "u")])},
    ]));
    let say = json!({"do": "say", "text": "hi"});
    let pass = |ms: u64| json!({"do": "pass", "ms": ms});
    let plan = |unless_reply| {
        let at = START.plus(Duration::from_millis(HOUR));
        E::FollowUp { flow: "later".into(), at, unless_reply, data: json!({"about": "Lamps"}) }
    };
    let busy = "“Later” does not begin now, because the conversation is in the middle of something.";
    for (kind, actions, last, at) in [
        (plan(true), json!([pass(2 * HOUR)]), "bot: Lamps again".to_owned(), HOUR),
        (
            plan(true),
            json!([pass(HOUR - 1)]),
            "note: Would begin “Later” in 60 minutes, unless the customer writes before.".into(),
            0,
        ),
        (plan(true), json!([say, pass(2 * HOUR)]), "bot: Name?".into(), 0),
        (plan(false), json!([say, pass(2 * HOUR)]), format!("note: {busy}"), HOUR),
        // It waits its turn: ten minutes later there is room.
        (plan(false), json!([say, pass(HOUR), say, {"do": "until_next"}]), "bot: Lamps again".into(), HOUR + 600_000),
        (
            plan(false),
            json!([{"do": "person", "on": true}, pass(2 * HOUR)]),
            "note: “Later” does not begin now, because a person has the conversation.".into(),
            HOUR,
        ),
        (E::Resolve, json!([pass(2 * HOUR)]), "bot: How was it?".into(), HOUR),
        (
            E::FollowUp { flow: "gone".into(), at: START, unless_reply: false, data: Value::Null },
            json!([pass(1)]),
            "note: “gone” was to begin now, but has no beginning.".into(),
            0,
        ),
    ] {
        let script = script("webchat", actions.clone());
        let mut play = Play::new(&flow, &script, &world());
        play.perform(Effect { seq: 1, step: "s".into(), kind }, &[]);
        for action in &script.actions {
            play.act(action);
            play.settle();
        }
        let played = play.simulated();
        let shown = talk(&played);
        assert_eq!(shown.last(), Some(&last), "{actions} {shown:#?}");
        assert_eq!(played.lines.last().unwrap().at, START.plus(Duration::from_millis(at)), "{actions}");
    }
}

#[test]
fn steps_that_would_act_are_told_and_do_nothing() {
    let flow = bot(
        json!([begin(),
            {"id": "mail", "kind": "email", "fields": {"to": "shop@example.com", "subject": "Order", "text": "One lamp"}},
            {"id": "tell", "kind": "notify", "fields": {"title": "New order", "text": "One lamp"}},
            {"id": "call", "kind": "http", "fields": {"method": "GET", "url": "https://shop.example/stock"}},
            text("ok", "Done"), text("bad", "Failed")]),
        &[
            ("begin", "next", "mail"),
            ("mail", "next", "tell"),
            ("mail", "failed", "bad"),
            ("tell", "next", "call"),
            ("call", "next", "ok"),
            ("call", "failed", "bad"),
        ],
    );
    let say = json!({"do": "say", "text": "hi"});
    let mail = "note: Would send an e-mail to shop@example.com: Order";
    let (tell, call) =
        ("note: Would notify you: New order: One lamp", "note: Would call GET https://shop.example/stock");
    let response = json!({"outcome": "response", "status": 200, "body": {}});
    for (actions, shown) in [
        (json!([say]), vec![mail, tell, call]),
        (json!([say, {"do": "outcome", "seq": 3, "outcome": response}]), vec![mail, tell, call, "bot: Done"]),
        (json!([say, {"do": "fail", "how": "http_500"}]), vec![mail, tell, call, "bot: Failed"]),
        (json!([{"do": "fail", "how": "timeout"}, say]), vec![mail, "bot: Failed"]),
    ] {
        assert_eq!(said(&play(&flow, actions.clone())), shown, "{actions}");
    }
}

#[test]
fn typing_is_waited_for() {
    let flow = bot(
        json!([begin(), {"id": "t", "kind": "typing", "fields": {"duration_ms": 3000}}, text("a", "Hello"),
            {"id": "w", "kind": "wait", "fields": {"duration_ms": 3000}}, text("b", "Still here")]),
        &[("begin", "next", "t"), ("t", "next", "a"), ("a", "next", "w"), ("w", "next", "b")],
    );
    let played = play(&flow, json!([{"do": "say", "text": "hi"}]));
    assert_eq!(said(&played), ["note: Shows “typing…” for 3 seconds.", "bot: Hello"]);
    assert_eq!(played.now, START.plus(Duration::from_millis(3000)));
}

#[test]
fn every_shape_has_a_name_of_its_own() {
    use utoipa::ToSchema;
    let mut all = Vec::new();
    Simulation::schemas(&mut all);
    Simulated::schemas(&mut all);
    Difference::schemas(&mut all);
    Coverage::schemas(&mut all);
    crate::changes::Changes::schemas(&mut all);
    let mut shapes: std::collections::BTreeMap<String, String> = std::collections::BTreeMap::new();
    for (name, shape) in all {
        let shape = serde_json::to_string(&shape).unwrap();
        assert!(!shape.contains("\"needs\""), "{name}");
        assert_eq!(shapes.entry(name.clone()).or_insert_with(|| shape.clone()), &shape, "{name} is two things");
    }
    for name in
        ["SimulationAction", "SimulatedLine", "SimulatedVisit", "SimulatedBranch", "FlowStepChange", "RunStatus"]
    {
        assert!(shapes.contains_key(name), "{name} is missing among {:?}", shapes.keys());
    }
}

#[test]
fn effects_inside_the_program_change_the_simulated_world() {
    let flow = bot(json!([]), &[]);
    let script = script("webchat", json!([]));
    let mut play = Play::new(&flow, &script, &world());
    let mut effect = |kind| {
        let effect = Effect { seq: 1, step: "s".into(), kind };
        assert_eq!(play.perform(effect, &[]), None);
    };
    for kind in [
        E::Tag { tag: "vip".into(), on: true },
        E::Tag { tag: "new".into(), on: true },
        E::Tag { tag: "new".into(), on: false },
        E::Count { name: "orders".into(), by: 2 },
        E::Count { name: "orders".into(), by: -1 },
        E::SetWorkspace { name: "open".into(), value: json!(true) },
        E::SetConversation { name: "topic".into(), value: json!("lamps") },
        E::Notify { title: "New order".into(), text: "From Ana".into(), urgent: false },
        E::Notify { title: "Fire".into(), text: String::new(), urgent: true },
        E::Consent { marketing: false },
        E::Goal { name: "booked".into(), value: 12.5, variants: Map::new() },
        E::Log { text: "so far".into() },
        E::FollowUp {
            flow: "main".into(),
            at: START.plus(Duration::from_secs(7200)),
            unless_reply: true,
            data: Value::Null,
        },
    ] {
        effect(kind);
    }
    assert_eq!(play.contact["tags"], json!(["vip"]));
    assert_eq!(play.context.counters["orders"], json!(1));
    assert_eq!((&play.context.workspace["open"], &play.conversation["topic"]), (&json!(true), &json!("lamps")));
    let notes: Vec<&str> = play.lines.iter().filter_map(|l| l.text.as_deref()).collect();
    assert_eq!(
        notes[7..],
        [
            "Would notify you: New order: From Ana",
            "Would notify you at once: Fire",
            "Would note that the customer wants no messages that they did not ask for.",
            "Would count the goal “booked”, worth 12.5.",
            "Would write down: so far",
            "Would begin “Main” in 2 hours, unless the customer writes before.",
        ]
    );
    // No secret is ever shown, and a letter needs no answer.
    let to = crate::expression::mark("key");
    let email =
        E::Email { to: "a@b.example".into(), subject: "Hi".into(), text: String::new(), reply_to: String::new() };
    assert_eq!(
        play.perform(Effect { seq: 2, step: String::new(), kind: email }, &[]),
        Some(Outcome::Value { value: Value::Null })
    );
    let call = E::WebhookOut {
        url: format!("https://a.example/{to}"),
        payload: json!({}),
        secret: String::new(),
        timeout_ms: 1,
    };
    assert_eq!(play.perform(Effect { seq: 3, step: String::new(), kind: call }, &[]), None);
    let notes: Vec<&str> = play.lines.iter().filter_map(|l| l.text.as_deref()).collect();
    assert_eq!(notes[13..], ["Would send an e-mail to a@b.example: Hi", "Would call https://a.example/SECRET"]);
    play.refused = 1;
    play.fail(Some(9), Failing::Http500);
    assert_eq!((play.pending.len(), play.failing.len()), (1, 1));
}

#[test]
fn a_circle_and_a_long_script_come_to_an_end() {
    let circle = bot(
        json!([begin(), {"id": "w", "kind": "wait", "fields": {"duration_ms": 1000}}, text("t", "tick")]),
        &[("begin", "next", "w"), ("w", "next", "t"), ("t", "next", "w")],
    );
    let ticks = play(&circle, json!([{"do": "say", "text": "hi"}, {"do": "pass", "ms": 300 * 24 * HOUR}]));
    assert!(ticks.error.is_some() && ticks.lines.len() <= MAX_LINES);
    let say = json!({"do": "say", "text": "hi"});
    let long = play(&bot(json!([begin(), text("t", "x")]), &[("begin", "next", "t")]), json!(vec![say; 201]));
    assert_eq!(long.lines.len(), 400);
    assert!(long.error.unwrap().contains("200 actions"));
}

#[test]
fn a_saved_test_notices_what_a_customer_would() {
    let greets = |word: &str| bot(json!([begin(), text("a", word)]), &[("begin", "next", "a")]);
    let script = script("webchat", json!([{"do": "say", "text": "hi"}]));
    let kept = expected(&simulate(&greets("Hello"), &script, &world()));
    assert_eq!(kept.len(), 2);
    let difference = |flow: &Compiled, kept: &[Line]| check_test(flow, &script, kept, &world());
    let of = |line, expected: Option<&str>, got: Option<&str>| {
        Some(Difference { line, expected: expected.map(str::to_owned), got: got.map(str::to_owned) })
    };
    assert_eq!(difference(&greets("Hello"), &kept), None);
    assert_eq!(difference(&greets("Hullo"), &kept), of(0, Some("Hello"), Some("Hullo")));
    assert_eq!(difference(&bot(json!([begin()]), &[]), &kept), of(0, Some("Hello"), None));
    assert_eq!(difference(&greets("Hello"), &kept[1..]), of(0, None, Some("Hello")));
    assert_eq!(difference(&greets("Hello"), &kept[..1]), None, "a test that does not say how it ends");
    let waits = bot(
        json!([begin(), text("a", "Hello"), {"id": "w", "kind": "wait", "fields": {"duration_ms": 60_000}}]),
        &[("begin", "next", "a"), ("a", "next", "w")],
    );
    assert_eq!(
        difference(&waits, &kept),
        of(1, Some("In the end the flow is over."), Some("In the end the flow waits."))
    );
}

#[test]
fn coverage_counts_what_can_be_reached() {
    let flow = bot(
        json!([begin(), {"id": "note", "kind": "comment"}, {"id": "if", "kind": "condition",
            "fields": {"rules": {"all": [{"left": "{{ last.text }}", "op": "is_greeting", "right": ""}], "any": []}}},
            text("a", "Hello"), text("b", "Other"), text("lost", "Nobody gets here")]),
        &[
            ("begin", "next", "if"),
            ("if", "yes", "a"),
            ("if", "no", "b"),
            ("lost", "next", "a"),
            ("begin", "next", "b"),
        ],
    );
    let played = play(&flow, json!([{"do": "say", "text": "hello"}]));
    let covered = coverage(&flow, "main", &played.path);
    assert_eq!(covered.steps, ["begin", "if", "a"]);
    let way = |step: &str, branch: &str| Branching { step: step.into(), branch: branch.into() };
    assert_eq!(covered.branches, [way("begin", "next"), way("if", "yes")]);
    assert_eq!((covered.of_steps, covered.of_branches), (4, 3));
    let other = play(&flow, json!([{"do": "say", "text": "what"}]));
    let both = coverage(&flow, "main", played.path.iter().chain(&other.path));
    assert_eq!((both.steps.len(), both.branches.len()), (4, 3));
    assert_eq!(coverage(&flow, "gone", &played.path), Coverage::default());
}
