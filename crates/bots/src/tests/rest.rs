//! When the program may be exchanged: while no message is in work.

use super::*;
use crate::conversations::MessageStatus;

#[tokio::test(flavor = "multi_thread")]
async fn a_business_is_at_rest_only_while_no_message_is_answered_or_sent() {
    let shop = Shop::open(Settings::default()).await;
    let at_rest = async || shop.workspaces.are_at_rest().await.unwrap();
    assert!(at_rest().await, "nobody has written");

    // The rest of a thought is waited for.
    shop.sql("update bot set debounce_ms = 30000").await;
    shop.says(&thandi(), "Hello");
    shop.conversation(&thandi()).await;
    assert!(!at_rest().await, "an answer is owed");
    shop.advance(Duration::from_secs(31)).await;
    // What Meta tells of it comes in like any message; this is the last of it.
    shop.outgoing(&thandi(), "the answer is sent and read", |m| m.status == MessageStatus::Read).await;
    assert_eq!(shop.graph.sent_to(&thandi()).len(), 1);
    until("all is at rest", || async { at_rest().await.then_some(()) }).await;

    // What only waits is no work: a stopped channel may stay so for days.
    shop.sql("update channel set state = 'paused'").await;
    shop.ws.channels.forget();
    shop.reply(&thandi(), Content::text("We will call you."), "by-hand").await.unwrap();
    assert!(at_rest().await, "nothing can leave");
    shop.close().await;
}
