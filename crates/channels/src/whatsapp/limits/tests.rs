//! Whatever a flow makes, a customer gets something that WhatsApp accepts.

use base::message::TemplateParameter;
use proptest::prelude::*;

use super::*;
use crate::whatsapp::outbound::{self, Recipient};

fn choice(id: &str, title: &str) -> Choice {
    Choice { id: id.into(), title: title.into(), description: None }
}

fn fit_one(content: Content) -> Content {
    let mut all = fit(content, "Options");
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

#[test]
fn more_than_three_buttons_become_a_list_that_keeps_every_choice() {
    let buttons: Vec<_> = (0..5).map(|i| choice(&format!("b{i}"), &format!("Choice {i}"))).collect();
    let list = fit_one(Content::Buttons { text: "Pick".into(), footer: Some("Any time".into()), buttons });
    match list {
        Content::List { text, button, sections } => {
            assert_eq!((text.as_str(), button.as_str()), ("Pick\n\nAny time", "Options"));
            assert_eq!(
                sections[0].rows.iter().map(|r| r.id.as_str()).collect::<Vec<_>>(),
                ["b0", "b1", "b2", "b3", "b4"]
            );
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_long_price_list_becomes_several_lists() {
    let rows =
        |from: usize, n: usize| (from..from + n).map(|i| choice(&format!("r{i}"), &format!("Row {i}"))).collect();
    let sections = vec![
        ListSection { title: "A".into(), rows: rows(0, 7) },
        ListSection { title: String::new(), rows: rows(7, 16) },
    ];
    let lists = fit(Content::List { text: "Prices".into(), button: "See".into(), sections }, "Options");
    assert_eq!(lists.len(), 3);
    let mut ids = Vec::new();
    for list in &lists {
        assert_eq!(check(list), []);
        if let Content::List { sections, .. } = list {
            ids.extend(sections.iter().flat_map(|s| &s.rows).map(|r| r.id.clone()));
        }
    }
    assert_eq!(ids, (0..23).map(|i| format!("r{i}")).collect::<Vec<_>>());
}

#[test]
fn titles_that_become_the_same_when_cut_are_told_apart() {
    let buttons = vec![choice("a", "A very long title number one"), choice("b", "A very long title number two")];
    match fit_one(Content::Buttons { text: "x".into(), footer: None, buttons }) {
        Content::Buttons { buttons, .. } => {
            assert_eq!(buttons[0].title, "A very long title n…");
            assert_eq!(buttons[1].title, "A very long title… 2");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_long_answer_above_buttons_keeps_every_word() {
    let text = "All good things come to those who wait. ".repeat(200);
    let out = fit(Content::Buttons { text: text.clone(), footer: None, buttons: vec![choice("a", "Yes")] }, "Options");
    assert!(matches!(out.last(), Some(Content::Buttons { .. })), "{out:?}");
    let words = out.iter().map(|c| c.words().to_owned()).collect::<Vec<_>>().join(" ");
    assert_eq!(words.split_whitespace().count(), text.split_whitespace().count());
}

#[test]
fn files_that_whatsapp_cannot_show_are_sent_as_documents() {
    let media = |mime: &str, size| Media {
        provider_id: Some("1".into()),
        mime: mime.into(),
        size_bytes: Some(size),
        ..Media::default()
    };
    for (content, kind) in [
        (Content::Image { media: media("image/jpeg", 10), caption: None }, "image"),
        (Content::Image { media: media("image/gif", 10), caption: None }, "document"),
        (Content::Image { media: media("image/png", 6 * MB), caption: None }, "document"),
        (Content::Audio { media: media("audio/ogg; codecs=opus", 10), voice: true }, "audio"),
        (Content::Audio { media: media("audio/wav", 10), voice: false }, "document"),
        (Content::Sticker { media: media("image/png", 10), animated: false }, "image"),
        (Content::Video { media: media("nonsense", 10), caption: None }, "document"),
    ] {
        let fitted = fit_one(content.clone());
        assert_eq!(fitted.kind(), kind, "{content:?}");
        assert_eq!(check(&fitted), [], "{content:?}");
    }
    assert_eq!(check(&Content::Document { media: media("application/pdf", 101 * MB), caption: None }).len(), 1);
}

#[test]
fn problems_name_the_part_and_say_what_to_do() {
    let problems = check(&Content::Buttons {
        text: String::new(),
        footer: Some("x".repeat(61)),
        buttons: vec![choice("a ", "Yes"), choice("b", "Yes"), choice("c", "x".repeat(21).as_str()), choice("d", "No")],
    });
    let fields: Vec<_> = problems.iter().map(|p| p.field.as_str()).collect();
    assert_eq!(fields, ["text", "footer", "buttons", "buttons[0].id", "buttons[2].title", "buttons"]);
    assert_eq!(problems[1].sentence, "The small text has 61 characters; WhatsApp allows 60. Make it shorter.");
    assert_eq!(check(&Content::Picked { id: "a".into(), title: "b".into() }).len(), 1);
}

#[test]
fn a_place_without_words_has_no_name() {
    let place = |name: &str| Content::Location {
        latitude: 0.0,
        longitude: 0.0,
        name: Some(name.to_owned()),
        address: Some(" \n".to_owned()),
    };
    let Content::Location { name, address, .. } = fit_one(place(" ")) else { panic!("it stays a place") };
    assert_eq!((name, address), (None, None));
    let Content::Location { name, .. } = fit_one(place(" Site C ")) else { panic!("it stays a place") };
    assert_eq!(name.as_deref(), Some("Site C"));
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof!["(?s).{0,40}", "[a-z ]{0,300}", Just("word ".repeat(2000)), Just("😀".repeat(90)), Just(String::new())]
}

fn any_choice() -> impl Strategy<Value = Choice> {
    ("[ a-c]{0,3}", any_text(), proptest::option::of(any_text())).prop_map(|(id, title, description)| Choice {
        id,
        title,
        description,
    })
}

fn any_media() -> impl Strategy<Value = Media> {
    let mimes = vec!["image/jpeg", "image/webp", "video/mp4", "audio/ogg", "application/pdf", "x", ""];
    (proptest::sample::select(mimes), proptest::option::of(0u64..100 * MB), any_text()).prop_map(
        |(mime, size, name)| Media {
            provider_id: Some("123".into()),
            mime: mime.into(),
            size_bytes: size,
            filename: text::clean_filename(&name),
            ..Media::default()
        },
    )
}

/// Everything a flow may want to send.
pub(crate) fn any_outbound() -> impl Strategy<Value = Content> {
    let caption = || proptest::option::of(any_text());
    prop_oneof![
        any_text().prop_map(Content::text),
        (any_media(), caption()).prop_map(|(media, caption)| Content::Image { media, caption }),
        (any_media(), caption()).prop_map(|(media, caption)| Content::Video { media, caption }),
        (any_media(), caption()).prop_map(|(media, caption)| Content::Document { media, caption }),
        (any_media(), any::<bool>()).prop_map(|(media, voice)| Content::Audio { media, voice }),
        (any_media(), any::<bool>()).prop_map(|(media, animated)| Content::Sticker { media, animated }),
        (any_text(), caption(), proptest::collection::vec(any_choice(), 0..6))
            .prop_map(|(text, footer, buttons)| Content::Buttons { text, footer, buttons }),
        (
            any_text(),
            any_text(),
            proptest::collection::vec((any_text(), proptest::collection::vec(any_choice(), 0..6)), 0..6)
        )
            .prop_map(|(text, button, sections)| Content::List {
                text,
                button,
                sections: sections.into_iter().map(|(title, rows)| ListSection { title, rows }).collect(),
            }),
        (any_text(), any_text(), prop_oneof![Just("https://example.com/a?b=c".to_owned()), any_text()])
            .prop_map(|(text, label, url)| Content::Link { text, label, url }),
        any_text().prop_map(|text| Content::LocationRequest { text }),
        (-90.0f64..90.0, -180.0f64..180.0, caption(), caption())
            .prop_map(|(latitude, longitude, name, address)| Content::Location { latitude, longitude, name, address }),
        proptest::collection::vec(
            (any_text(), proptest::sample::select(vec!["body", "header", "button"]), 0u32..10),
            0..5
        )
        .prop_map(|values| {
            Content::Template {
                name: "order_ready".into(),
                language: "en_ZA".into(),
                parameters: values
                    .into_iter()
                    .map(|(text, part, index)| TemplateParameter {
                        part: part.into(),
                        index: (part == "button").then_some(index),
                        name: None,
                        text,
                    })
                    .collect(),
            }
        }),
        proptest::option::of(any_text())
            .prop_map(|emoji| Content::Reaction { provider_message_id: "wamid.1".into(), emoji }),
    ]
}

proptest! {
    #[test]
    fn whatever_a_flow_sends_fits_and_is_accepted(content in any_outbound()) {
        let fitted = fit(content.clone(), "Options");
        prop_assert!(fitted.len() <= 2 * MESSAGES);
        for part in fitted {
            prop_assert_eq!(check(&part), vec![], "{:?}", &part);
            let body = outbound::encode(&Recipient::Phone("+27825550142".into()), &part, "ob_1", None);
            let body = body.map_err(|e| TestCaseError::fail(format!("{e}: {part:?}")))?;
            let accepted = crate::whatsapp::fake::validate::message(&body);
            prop_assert!(accepted.is_ok(), "{:?}: {}", accepted, body);
        }
    }
}
