//! After an end without warning the owner reads what was left waiting, each thing for what it is.

use super::*;
use crate::conversations::MessageStatus;
use crate::notices::{cut_off, store};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_waiting_is_told_as_messages_answers_and_replies() {
    let shop = Shop::open(Settings { statuses: false, ..Settings::default() }).await;
    shop.says(&thandi(), "Are you open?");
    shop.outgoing(&thandi(), "it is sent", |m| m.status == MessageStatus::Sent).await;
    shop.ws.close().await;
    // As the power leaves it: one message not taken in, one not given to the flow, an answer in the making, and a reply of
    // which nobody knows whether it left. A status that waits is nothing that a customer waits for.
    shop.sql(
        "insert into inbound (channel_id, dedupe_key, payload, received_at)
           select channel_id, 'm', '{\"type\":\"message\"}', 0 from inbound limit 1;
         insert into inbound (channel_id, dedupe_key, payload, received_at)
           select channel_id, 's', '{\"type\":\"status\"}', 0 from inbound limit 1;
         update message set pending = 1 where direction = 'in';
         insert into job (id, kind, queue, payload, priority, state, max_attempts, run_at, created_at)
           values (x'01', 'run.effect', 'q', '{}', 1, 'running', 3, 0, 0), (x'02', 'other', 'q', '{}', 1, 'running', 3, 0, 0);
         update outbox set state = 'sending'",
    )
    .await;
    cut_off::tell(&shop.ws, shop.clock.now()).await.unwrap();
    let told = shop.ws.db.read(|c| store::list(c, true, None, 5)).await.unwrap();
    let text = &told[0].text;
    for words in ["2 messages were waiting", "1 answer was in the making", "1 reply may have left already"] {
        assert!(text.contains(words), "“{words}” is missing: {text}");
    }
    assert!(!text.contains("had not left yet"), "{text}");

    // What a stopped channel holds back does not go out now, so that nothing is said of it.
    shop.sql("update outbox set state = 'queued'; update channel set state = 'paused'").await;
    cut_off::tell(&shop.ws, shop.clock.now()).await.unwrap();
    let told = shop.ws.db.read(|c| store::list(c, true, None, 5)).await.unwrap();
    assert_eq!(told.len(), 1, "the latest end takes the place of the one before");
    assert!(!told[0].text.contains("repl"), "{}", told[0].text);
    shop.close().await;
}
