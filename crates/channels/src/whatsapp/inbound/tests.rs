//! Every recorded webhook gives the items it should, and nothing makes the parser fall over.

use std::path::PathBuf;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::whatsapp::status::Status;

fn folder() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", "..", "tests", "fixtures", "whatsapp"].iter().collect()
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(folder().join(format!("{name}.json"))).unwrap()
}

fn names() -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|e| e.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .filter(|n| n != "SIGNATURES")
        .collect();
    names.sort();
    names
}

fn content_kind(kind: &ItemKind) -> &'static str {
    match kind {
        ItemKind::Message(m) => m.content.kind(),
        ItemKind::Edit(e) => e.content.kind(),
        ItemKind::Echo(e) => match &e.what {
            events::EchoWhat::Message(c) | events::EchoWhat::Edit { content: c, .. } => c.kind(),
            events::EchoWhat::Revoke { .. } => "-",
        },
        ItemKind::Status(s) => match s.status {
            Status::Sent => "sent",
            Status::Delivered => "delivered",
            Status::Read => "read",
            Status::Played => "played",
            Status::Failed => "failed",
            Status::Other(_) => "other",
        },
        _ => "-",
    }
}

const P: &str = "214440009998887";

#[test]
fn every_recorded_webhook_becomes_its_items_with_their_keys() {
    let message = |n: u32| format!("message|{P}|wamid.SPEC0000{n:02}==");
    let status = |s: &str| format!("status|{P}|wamid.OUT000001==|{s}|");
    let one = |kind: &'static str, key: String, content: &'static str| vec![(kind, key, content)];
    let m = |n: u32, content: &'static str| one("message", message(n), content);
    // Keys of things without an id are hashes; the snapshot test below pins them.
    let hashed = |kind: &'static str| one(kind, "hash".into(), "-");
    let expected = [
        ("account_update_disabled", hashed("account")),
        ("account_update_violation", hashed("account")),
        ("audio_file", m(8, "audio")),
        ("audio_voice_note", m(9, "audio")),
        ("batch_same_message_twice", [m(35, "text"), m(35, "text")].concat()),
        (
            "batch_two_messages_one_status_two_wabas",
            [
                m(32, "text"),
                m(33, "text"),
                one("status", status("delivered"), "delivered"),
                one("message", "message|214440009998888|wamid.SPEC000034==".into(), "text"),
            ]
            .concat(),
        ),
        ("business_username_update", hashed("account")),
        ("button_template_quick_reply", m(21, "picked")),
        ("call_connect", one("call", format!("call|{P}|wacid.AB|connect"), "-")),
        ("call_terminate", one("call", format!("call|{P}|wacid.AB|terminate"), "-")),
        ("contacts", m(13, "contacts")),
        ("contacts_request_reply", m(14, "contacts")),
        ("document", m(10, "document")),
        ("edit", one("edit", format!("edit|{P}|wamid.SPEC000027=="), "text")),
        ("future_field_and_type", [hashed("other"), m(36, "unsupported")].concat()),
        ("history_chunk", hashed("history")),
        ("history_declined", hashed("history")),
        ("image", m(6, "image")),
        ("interactive_button_reply", m(17, "picked")),
        ("interactive_call_permission_reply", one("preference", message(20), "-")),
        ("interactive_list_reply", m(18, "picked")),
        ("interactive_nfm_reply", m(19, "form")),
        ("location", m(12, "location")),
        ("order", m(22, "order")),
        ("phone_number_quality", hashed("quality")),
        ("reaction", m(15, "reaction")),
        ("reaction_removed", m(16, "reaction")),
        ("referral_ctwa", m(23, "text")),
        ("revoke", one("revoke", format!("revoke|{P}|wamid.SPEC000028=="), "-")),
        ("smb_app_state_sync", hashed("app_state_sync")),
        ("smb_message_echo", one("echo", format!("echo|{P}|wamid.SPEC000029=="), "text")),
        ("status_delivered", one("status", status("delivered"), "delivered")),
        ("status_failed_window", one("status", status("failed"), "failed")),
        ("status_free_entry_point", one("status", status("sent"), "sent")),
        ("status_legacy_cbp", one("status", status("sent"), "sent")),
        ("status_played", one("status", status("played"), "played")),
        ("status_read", one("status", status("read"), "read")),
        ("status_sent", one("status", status("sent"), "sent")),
        ("sticker", m(11, "sticker")),
        ("system_number_change", one("identity_change", message(24), "-")),
        ("system_user_id_change", one("identity_change", message(25), "-")),
        ("template_quality", hashed("template")),
        ("template_status_rejected", hashed("template")),
        ("text", m(1, "text")),
        ("text_forwarded", m(3, "text")),
        ("text_product_inquiry", m(4, "text")),
        ("text_reply_context", m(2, "text")),
        ("text_username_only", m(5, "text")),
        ("unsupported", m(26, "unsupported")),
        ("user_id_update", hashed("identity_change")),
        ("user_preferences_stop", hashed("preference")),
        ("value_errors", hashed("channel_error")),
        ("video", m(7, "video")),
    ];
    assert_eq!(
        expected.iter().map(|(n, _)| n.to_string()).collect::<Vec<_>>(),
        names(),
        "every fixture is in the table"
    );
    for (name, items) in expected {
        let parsed = parse(&fixture(name));
        assert_eq!(parsed.quarantined, [], "{name}");
        let got: Vec<_> = parsed
            .items
            .iter()
            .map(|i| {
                let key = if i.dedupe_key.starts_with("hash|") { "hash".to_owned() } else { i.dedupe_key.clone() };
                (i.kind.name(), key, content_kind(&i.kind))
            })
            .collect();
        assert_eq!(got, items, "{name}");
        assert!(parsed.items.iter().all(|i| i.waba_id.is_some()), "{name}");
    }
}

#[test]
fn what_is_read_from_every_recorded_webhook_stays_as_it_is() {
    let all: std::collections::BTreeMap<_, _> =
        names().into_iter().map(|n| (n.clone(), parse(&fixture(&n)).items)).collect();
    // The order of keys depends on what else is built along.
    insta::with_settings!({ sort_maps => true }, {
        insta::assert_json_snapshot!(all);
    });
}

fn only(name: &str) -> Item {
    let parsed = parse(&fixture(name));
    assert_eq!(parsed.items.len(), 1, "{name}");
    parsed.items.into_iter().next().unwrap()
}

fn message(name: &str) -> InboundMessage {
    match only(name).kind {
        ItemKind::Message(m) => *m,
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn words_emoji_sender_and_time_come_through() {
    let item = only("text");
    assert_eq!(item.at, Some(Time::from_seconds(1_794_000_000)));
    let m = message("text");
    assert_eq!(m.content, Content::text("Do you deliver to Khayelitsha? é😊"));
    assert_eq!(m.from.wa_id.as_deref(), Some("27825550142"));
    assert_eq!(m.from.profile_name.as_deref(), Some("Thandi M"));
    let hidden = message("text_username_only").from;
    assert_eq!((hidden.wa_id, hidden.username.as_deref()), (None, Some("@sipho.k")));
    assert_eq!(message("document").content.words(), "quote");
    match message("document").content {
        Content::Document { media, .. } => assert_eq!(media.filename.as_deref(), Some("Quote 7.pdf")),
        other => panic!("{other:?}"),
    }
    match message("order").content {
        Content::Order { items, .. } => assert_eq!((items[0].price_minor, items[0].quantity), (4990, 2)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn in_a_batch_each_message_keeps_its_own_sender() {
    let parsed = parse(&fixture("batch_two_messages_one_status_two_wabas"));
    let senders: Vec<_> = parsed
        .items
        .iter()
        .filter_map(|i| match &i.kind {
            ItemKind::Message(m) => Some((m.content.words().to_owned(), m.from.profile_name.clone().unwrap())),
            _ => None,
        })
        .collect();
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(
        senders,
        [
            pair("one", "Thandi M"),
            pair("earlier message from someone else", "Lebo"),
            pair("to your other number", "Thandi M")
        ]
    );
}

#[test]
fn a_late_redelivery_with_another_time_has_the_same_key() {
    let mut v: Value = serde_json::from_slice(&fixture("account_update_violation")).unwrap();
    let before = parse(v.to_string().as_bytes()).items[0].dedupe_key.clone();
    v["entry"][0]["time"] = json!(1_794_999_999);
    assert_eq!(parse(v.to_string().as_bytes()).items[0].dedupe_key, before);
    v["entry"][0]["changes"][0]["value"]["violation_info"]["violation_type"] = json!("ADULT");
    assert_ne!(parse(v.to_string().as_bytes()).items[0].dedupe_key, before);
}

#[test]
fn one_broken_message_does_not_take_the_others_with_it() {
    let body = json!({"entry": [
        7,
        {"id": 1, "changes": {"field": "messages", "value": {"metadata": {"phone_number_id": 5}, "messages": [
            "x",
            {"id": "a", "type": "text", "text": {"body": "nobody"}},
            {"from": 27, "type": "text", "text": {"body": "no id"}},
            {"from": 27, "id": "b", "timestamp": 1_794_000_000, "text": {"body": "fine"}},
        ], "statuses": [{"id": "c"}, {"id": "c", "status": "warning"}]}}},
        {"changes": [{"field": "messages"}, {"field": "messages", "value": []}, {"value": {"messages": 5}}]},
    ]});
    let parsed = parse(body.to_string().as_bytes());
    let kinds: Vec<_> = parsed.items.iter().map(|i| (i.kind.name(), i.dedupe_key.as_str())).collect();
    assert_eq!(
        kinds,
        [("message", "message|5|b"), ("status", "status|5|c|warning|"), ("other", parsed.items[2].dedupe_key.as_str())]
    );
    let reasons: Vec<_> = parsed.quarantined.iter().map(|q| q.reason.as_str()).collect();
    assert_eq!(
        reasons,
        [
            "a change without a value",
            "messages: not an object",
            "messages: a message without a sender",
            "messages: a message without an id",
            "statuses: a status that names no state",
            "a change without a value",
            "“messages” is no list",
        ]
    );
}

#[test]
fn envelopes_with_parts_missing_or_misplaced_are_still_read() {
    let value = json!({"metadata": {"phone_number_id": "5"}, "messages": [{"from": "27", "id": "a", "type": "text", "text": {"body": "x"}}]});
    for body in [
        json!({"entry": [{"changes": [{"value": value}]}]}),
        json!({"entry": [{"field": "messages", "changes": [{"value": value}]}]}),
        json!({"field": "messages", "value": value}),
        json!({"sample": {"field": "messages", "value": value}}),
        json!({"entry": {"changes": {"field": "messages", "value": value}}}),
        value.clone(),
    ] {
        let parsed = parse(body.to_string().as_bytes());
        assert_eq!(parsed.items.len(), 1, "{body}");
        assert_eq!(parsed.items[0].dedupe_key, "message|5|a", "{body}");
    }
    for body in ["", "{", "null", "[]", "\"x\"", "{\"entry\":7}"] {
        let parsed = parse(body.as_bytes());
        assert_eq!((parsed.items.len(), parsed.quarantined.len()), (0, 1), "{body}");
    }
    assert_eq!(parse(br#"{"entry":[]}"#), Parsed::default());
}

#[test]
fn errors_beside_messages_explain_the_unreadable_one_or_stand_alone() {
    let body = |message: Value| {
        let value = json!({"metadata": {"phone_number_id": "5"}, "messages": [message],
            "errors": [{"code": 131_000, "title": "Something went wrong"}]});
        parse(
            json!({"entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}]}).to_string().as_bytes(),
        )
    };
    let unreadable = body(json!({"from": "27", "id": "a", "type": "interactive"})).items;
    match &unreadable[0].kind {
        ItemKind::Message(m) => assert_eq!((unreadable.len(), m.errors[0].code), (1, 131_000)),
        other => panic!("{other:?}"),
    }
    let fine = body(json!({"from": "27", "id": "a", "type": "text", "text": {"body": "x"}})).items;
    assert_eq!(fine.iter().map(|i| i.kind.name()).collect::<Vec<_>>(), ["message", "channel_error"]);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "(?s).{0,12}".prop_map(Value::from),
    ];
    let keys = prop_oneof![
        "[a-z_]{1,8}",
        proptest::sample::select(vec![
            "entry",
            "changes",
            "value",
            "field",
            "messages",
            "statuses",
            "contacts",
            "type",
            "text",
            "body",
            "id",
            "from",
            "history",
            "threads",
            "metadata",
            "phone_number_id",
            "edit",
            "message",
            "interactive",
            "order",
            "errors",
            "code",
            "timestamp",
            "image",
            "system",
            "calls",
            "message_echoes",
            "user_id",
        ])
        .prop_map(String::from),
    ];
    leaf.prop_recursive(6, 60, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::vec((keys.clone(), inner), 0..6)
                .prop_map(|kv| Value::Object(kv.into_iter().collect())),
        ]
    })
}

/// Replaces the `n`-th value of a tree, counted in walking order.
fn replace_nth(v: &mut Value, n: &mut usize, with: &Value) -> bool {
    if *n == 0 {
        *v = with.clone();
        return true;
    }
    *n -= 1;
    match v {
        Value::Array(items) => items.iter_mut().any(|i| replace_nth(i, n, with)),
        Value::Object(map) => map.values_mut().any(|i| replace_nth(i, n, with)),
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_bytes_are_read_without_falling_over(raw in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = parse(&raw);
    }

    #[test]
    fn any_json_is_read_without_falling_over(v in any_json()) {
        let parsed = parse(v.to_string().as_bytes());
        let wrapped = json!({"entry": [{"id": "1", "changes": [{"field": "messages", "value": v}]}]});
        let _ = parse(wrapped.to_string().as_bytes());
        prop_assert!(parsed.items.iter().all(|i| !i.dedupe_key.is_empty()));
    }

    #[test]
    fn damaged_webhooks_lose_no_more_than_the_damaged_part(name in proptest::sample::select(names()), n in 0usize..60, with in any_json()) {
        let mut v: Value = serde_json::from_slice(&fixture(&name)).unwrap();
        replace_nth(&mut v, &mut n.clone(), &with);
        let parsed = parse(v.to_string().as_bytes());
        let empty = v.get("entry").and_then(Value::as_array).is_some_and(|e| e.is_empty()
            || e.iter().all(|e| e.get("changes").and_then(Value::as_array).is_some_and(Vec::is_empty)));
        prop_assert!(empty || !parsed.items.is_empty() || !parsed.quarantined.is_empty(), "vanished: {v}");
    }

    #[test]
    fn cut_webhooks_are_set_aside(name in proptest::sample::select(names()), at in 0.0f64..1.0) {
        let raw = fixture(&name);
        let end = ((raw.len() - 1) as f64 * at) as usize;
        let parsed = parse(&raw[..end]);
        prop_assert_eq!(parsed.quarantined.len(), 1);
    }
}
