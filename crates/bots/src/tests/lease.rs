//! What became of a message cannot always be written down: the disk is full, say. It is still sent once only.

use super::*;
use crate::conversations::MessageStatus;

/// The disk has no room for what became of a message on its way.
const FULL: &str = "create trigger full before update of state on outbox when old.state = 'sending'
    begin select raise(abort, 'database or disk is full'); end";
const ROOM: &str = "drop trigger full";

async fn outbox_state(shop: &Shop) -> String {
    shop.ws
        .db
        .read(|c| Ok(c.query_row("select state from outbox order by id limit 1", [], |r| r.get(0))?))
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_became_of_a_message_is_written_down_as_soon_as_there_is_room() {
    let shop = Shop::open(Settings { statuses: false, ..Settings::default() }).await;
    shop.sql(FULL).await;
    shop.says(&thandi(), "Are you open?");
    until("it is with WhatsApp", || async { (shop.graph.sent().len() == 1).then_some(()) }).await;
    // Looks that happen meanwhile leave it to the task that knows.
    for _ in 0..3 {
        shop.advance(Duration::from_secs(30)).await;
    }
    assert_eq!(outbox_state(&shop).await, "sending");
    shop.sql(ROOM).await;
    let message = shop.outgoing(&thandi(), "it is sent", |m| m.status == MessageStatus::Sent).await;
    assert_eq!(message.provider_id, Some(shop.graph.sent()[0].wamid.clone()));
    assert_eq!(shop.graph.sent().len(), 1, "without a restart and without a second sending");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_left_on_its_way_comes_into_doubt_and_waits_for_whatsapps_word() {
    let shop = Shop::open(Settings { statuses: false, ..Settings::default() }).await;
    shop.says(&thandi(), "Are you open?");
    shop.outgoing(&thandi(), "it is sent", |m| m.status == MessageStatus::Sent).await;
    shop.advance(Duration::from_secs(300)).await;
    // As a task leaves it that ended before it could write down what it knew.
    shop.sql("update outbox set state = 'sending'; update message set status = 'sending', provider_id = null where direction = 'out'")
        .await;
    shop.advance(Duration::ZERO).await;
    until("it is in doubt", || async { (outbox_state(&shop).await == "in_doubt").then_some(()) }).await;
    // Longer after the sending than WhatsApp gets, and WhatsApp was heard; but until now it could not have reached us.
    shop.advance(Duration::from_secs(60)).await;
    shop.says(&lebo(), "Are you open?");
    until("the other customer is answered", || async { (shop.graph.sent_to(&lebo()).len() == 1).then_some(()) }).await;
    shop.advance(Duration::from_secs(30)).await;
    shop.outgoing(&lebo(), "the other one is sent", |m| m.status == MessageStatus::Sent).await;
    assert_eq!((outbox_state(&shop).await.as_str(), shop.graph.sent_to(&thandi()).len()), ("in_doubt", 1));

    let sent = shop.graph.sent_to(&thandi())[0].clone();
    shop.tell(&sent.wamid, sent.our_ref.as_deref(), "delivered", None);
    shop.outgoing(&thandi(), "WhatsApp's word settles it", |m| m.status == MessageStatus::Delivered).await;
    shop.advance(Duration::from_secs(600)).await;
    shop.says(&lebo(), "And tomorrow?");
    until("the other customer is answered", || async { (shop.graph.sent_to(&lebo()).len() == 2).then_some(()) }).await;
    assert_eq!(shop.graph.sent_to(&thandi()).len(), 1, "never a second time");
    shop.close().await;
}
