//! What a customer gets, and the owner reads, when WhatsApp refuses a message: at once, or after taking it.

use channels::whatsapp::fake::Fault;

use super::*;
use crate::conversations::MessageStatus;

/// Passing faults of WhatsApp's, until the message is out or given up.
async fn settle(shop: &Shop, customer: &Customer) -> MessageRow {
    until("the message is settled", || async {
        shop.advance(Duration::from_secs(120)).await;
        // What was taken may still fail.
        let message = shop.messages(customer).await.into_iter().rfind(|m| !m.incoming)?;
        matches!(message.status, MessageStatus::Read | MessageStatus::Failed).then_some(message)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_refusal_leads_to_what_helps_and_nothing_is_sent_twice() {
    use Fault::{FailLater, Refuse};
    let template = json!({ "name": "we_are_here", "language": "en", "with_text": true });
    let bare = json!({ "name": "we_are_here", "language": "en", "with_text": false });
    let none = Value::Null;
    for (faults, template, arrives, words) in [
        // Passing faults, and what is passing only for a while.
        (vec![Refuse(131_000); 5], &none, Some("text"), ""),
        (vec![Refuse(131_000); 6], &none, None, "not tried any more"),
        (vec![Refuse(130_429), Refuse(131_056)], &none, Some("text"), ""),
        (vec![FailLater(131_000)], &none, Some("text"), ""),
        // Final.
        (vec![Refuse(131_026)], &none, None, "may not use WhatsApp"),
        (vec![FailLater(131_026)], &none, None, "may not use WhatsApp"),
        (vec![Refuse(131_030)], &none, None, "test number"),
        (vec![Refuse(131_050)], &none, None, "no more marketing"),
        (vec![FailLater(131_050)], &none, None, "no more marketing"),
        (vec![Refuse(131_062)], &none, None, "phone number"),
        // The window is closed: the template goes out in place, if there is one that fits.
        (vec![Refuse(131_047)], &none, None, "approved template"),
        (vec![FailLater(131_047)], &none, None, "approved template"),
        (vec![Refuse(131_047)], &template, Some("template"), "template went out"),
        (vec![FailLater(131_047)], &template, Some("template"), "template went out"),
        (vec![Refuse(131_047)], &bare, Some("template"), "template went out"),
        (vec![Refuse(131_047), Refuse(131_047)], &template, None, "approved template"),
        (vec![Refuse(131_047), Refuse(132_001)], &template, None, "does not exist in this language"),
    ] {
        let shop = Shop::open(Settings::default()).await;
        shop.set_template(template.clone()).await;
        shop.graph.inject(faults.clone());
        shop.says(&thandi(), "Are you open?");
        let message = settle(&shop, &thandi()).await;
        let told = sentence(&message);
        assert!(told.contains(words), "{faults:?}: {told}");
        let got: Vec<_> = shop.graph.sent_to(&thandi()).into_iter().filter(|s| !s.failed).collect();
        match arrives {
            Some(kind) => {
                assert_ne!(message.status, MessageStatus::Failed, "{faults:?}: {told}");
                assert_eq!(got.iter().map(|s| s.kind.as_str()).collect::<Vec<_>>(), [kind], "{faults:?}");
            }
            None => {
                assert_eq!((message.status, got.len()), (MessageStatus::Failed, 0), "{faults:?}: {told}");
            }
        }
        if let Some(sent) = got.iter().find(|s| s.kind == "template") {
            let text = sent.body.pointer("/template/components/0/parameters/0/text").and_then(Value::as_str);
            assert_eq!(text, (template["with_text"] == true).then_some(REPLY), "{faults:?}");
        }
        let stopped = faults.iter().any(|f| matches!(f, Refuse(131_050) | FailLater(131_050)));
        let marketing: Option<i64> = shop
            .ws
            .db
            .read(|c| Ok(c.query_row("select marketing_stopped_at from contact", [], |r| r.get(0))?))
            .await
            .unwrap();
        assert_eq!(marketing.is_some(), stopped, "{faults:?}");
        let broken = shop.channel_row().await.whatsapp().fallback_template.and_then(|t| t.problem);
        assert_eq!(broken.is_some(), faults.contains(&Refuse(132_001)), "{faults:?}: {broken:?}");
        assert_eq!(shop.graph.sent_twice(), Vec::<String>::new(), "{faults:?}");
        shop.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_is_stopped_keeps_its_queue_and_sends_it_once_mended() {
    for fault in [Fault::TOKEN_EXPIRED, Fault::FailLater(131_042)] {
        let shop = Shop::open(Settings::default()).await;
        shop.graph.inject([fault.clone()]);
        shop.says(&thandi(), "Are you open?");
        until("the channel is in trouble", || async {
            (shop.channel_row().await.state == ChannelState::Trouble).then_some(())
        })
        .await;
        assert_eq!(shop.graph.sent_to(&thandi()).iter().filter(|s| !s.failed).count(), 0, "{fault:?}");
        let message = shop.outgoing(&thandi(), "it waits", |m| m.status == MessageStatus::Queued).await;
        assert!(sentence(&message).len() > 20, "{fault:?}");
        let id = shop.channel;
        shop.ws
            .db
            .write(move |tx| {
                tx.publish("channels");
                crate::channels::store::set_trouble(tx, id, None)
            })
            .await
            .unwrap();
        shop.outgoing(&thandi(), "it goes out", |m| m.status == MessageStatus::Read).await;
        assert_eq!(shop.graph.sent_twice(), Vec::<String>::new(), "{fault:?}");
        shop.close().await;
    }
}

/// A customer who is known by their id only until their number becomes known.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_only_a_phone_number_can_get_goes_there_once_it_is_known() {
    let shop = Shop::open(Settings { statuses: false, ..Settings::default() }).await;
    let hidden = Customer { phone: None, user_id: Some("ZA.77".into()), name: "Sipho".into() };
    shop.says(&hidden, "Are you open?");
    shop.outgoing(&hidden, "it is sent", |m| m.status == MessageStatus::Sent).await;
    let first = shop.graph.sent()[0].clone();
    assert_eq!(first.to, "ZA.77");
    let id = shop.conversation(&hidden).await;
    let now = shop.clock.now();
    shop.ws
        .db
        .write(move |tx| {
            let contact = conversations::store::get(tx, id)?.unwrap().contact_id;
            let alias = Alias { kind: AliasKind::Phone, value: "27825550142".into() };
            crate::contacts::store::add_alias(tx, now, contact, &alias)
        })
        .await
        .unwrap();
    shop.tell(&first.wamid, first.our_ref.as_deref(), "failed", Some(131_062));
    until("it goes to the number", || async { (shop.graph.sent().len() == 2).then_some(()) }).await;
    let second = shop.graph.sent()[1].clone();
    assert_eq!(second.to, "+27825550142");
    shop.outgoing(&hidden, "it is sent again", |m| m.status == MessageStatus::Sent).await;
    // Once: refused there as well, it is final.
    shop.tell(&second.wamid, second.our_ref.as_deref(), "failed", Some(131_062));
    let message = shop.outgoing(&hidden, "it failed", |m| m.status == MessageStatus::Failed).await;
    assert!(sentence(&message).contains("phone number"), "{}", sentence(&message));
    assert_eq!(shop.graph.sent().len(), 2);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn late_news_of_a_try_that_failed_is_not_taken_for_news_of_the_next() {
    let shop = Shop::open(Settings { statuses: false, ..Settings::default() }).await;
    shop.says(&thandi(), "Are you open?");
    shop.outgoing(&thandi(), "it is sent", |m| m.status == MessageStatus::Sent).await;
    let first = shop.graph.sent()[0].clone();
    shop.tell(&first.wamid, first.our_ref.as_deref(), "failed", Some(131_000));
    shop.outgoing(&thandi(), "it waits for the next try", |m| m.status == MessageStatus::Queued).await;
    shop.tell(&first.wamid, first.our_ref.as_deref(), "sent", None);
    shop.tell(&first.wamid, first.our_ref.as_deref(), "delivered", None);
    shop.graph.settled().await;
    shop.advance(Duration::from_secs(60)).await;
    until("the next try", || async { (shop.graph.sent().len() == 2).then_some(()) }).await;
    let message = shop.outgoing(&thandi(), "it is sent", |m| m.status == MessageStatus::Sent).await;
    let second = shop.graph.sent()[1].clone();
    assert_eq!(message.provider_id.as_deref(), Some(second.wamid.as_str()));
    shop.tell(&first.wamid, first.our_ref.as_deref(), "read", None);
    shop.tell(&second.wamid, None, "delivered", None);
    shop.outgoing(&thandi(), "it is delivered", |m| m.status == MessageStatus::Delivered).await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn words_by_hand_go_out_inside_the_template_when_the_window_is_closed() {
    let shop = Shop::open(Settings { enforce_window: true, ..Settings::default() }).await;
    shop.says(&thandi(), "Are you open?");
    shop.outgoing(&thandi(), "the reply", |m| m.status == MessageStatus::Read).await;
    shop.advance(DAY + HOUR).await;
    let refused = shop.reply(&thandi(), Content::text("Your geyser is ready"), "by-hand-1").await.unwrap_err();
    assert!(refused.message.contains("name one in the channel's settings"), "{refused}");

    shop.set_template(json!({ "name": "news", "language": "en", "with_text": false })).await;
    assert!(shop.reply(&thandi(), Content::text("Your geyser is ready"), "by-hand-2").await.is_err());
    shop.set_template(json!({ "name": "news", "language": "en", "with_text": true })).await;
    assert!(shop.reply(&thandi(), Content::text("x".repeat(1001)), "by-hand-3").await.is_err());
    shop.reply(&thandi(), Content::text("Your geyser\nis ready"), "by-hand-4").await.unwrap();
    let message = shop.outgoing(&thandi(), "it arrives", |m| m.status == MessageStatus::Read).await;
    let sent = shop.graph.sent().last().unwrap().clone();
    assert_eq!((sent.kind.as_str(), sent.text.as_str()), ("template", "news"));
    let text = sent.body.pointer("/template/components/0/parameters/0/text").and_then(Value::as_str);
    assert_eq!(text, Some("Your geyser is ready"));
    assert_eq!(message.content, Content::text("Your geyser\nis ready"), "the owner sees what they wrote");
    assert!(sentence(&message).contains("template went out"));
    shop.close().await;
}

/// A template without a place for the words says the same each time: once is enough.
#[tokio::test(flavor = "multi_thread")]
async fn several_late_replies_do_not_become_several_bare_templates() {
    let shop = Shop::open(Settings { enforce_window: true, ..Settings::default() }).await;
    shop.set_template(json!({ "name": "we_are_here", "language": "en" })).await;
    shop.says(&thandi(), "Are you open?");
    shop.outgoing(&thandi(), "the reply", |m| m.status == MessageStatus::Read).await;
    for (text, client_id) in [("One", "by-hand-1"), ("Two", "by-hand-2")] {
        shop.reply(&thandi(), Content::text(text), client_id).await.unwrap();
    }
    // As if they had waited for the line for a day.
    let _ = settle(&shop, &thandi()).await;
    shop.graph.settled().await;
    shop.advance(DAY + HOUR).await;
    let id = shop.conversation(&thandi()).await;
    let now = shop.clock.now();
    let before = shop.graph.sent().len();
    shop.ws
        .db
        .write(move |tx| {
            let conversation = conversations::store::get(tx, id)?.unwrap();
            for text in ["Three", "Four"] {
                conversations::service::say(tx, now, &conversation, &Content::text(text), None)?;
            }
            Ok(())
        })
        .await
        .unwrap();
    let last = shop.outgoing(&thandi(), "the last is settled", |m| m.status == MessageStatus::Failed).await;
    assert!(sentence(&last).contains("in place of another message"), "{}", sentence(&last));
    let sent: Vec<_> = shop.graph.sent().split_off(before).into_iter().map(|s| s.kind).collect();
    assert_eq!(sent, ["template"]);
    shop.close().await;
}
