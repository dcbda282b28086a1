//! What is in the media folder stays for as long as somebody needs it, and no longer.

use std::time::UNIX_EPOCH;

use base::Time;
use base::message::Media;
use sha2::{Digest, Sha256};

use super::*;
use crate::conversations::{Author, MessageStatus, NewMessage};
use crate::media::clean;

impl Shop {
    /// A file that was last changed so many days ago.
    fn file(&self, name: &str, bytes: &str, days: u32) {
        let path = self.ws.media().join(name);
        std::fs::create_dir_all(self.ws.media()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        let at = self.clock.now().minus(DAY * days).as_ms();
        let at = UNIX_EPOCH + Duration::from_millis(at as u64);
        std::fs::File::options().write(true).open(&path).unwrap().set_modified(at).unwrap();
    }

    /// The same as a file kept by its content.
    fn kept(&self, bytes: &str, days: u32) -> String {
        let hash = hex::encode(Sha256::digest(bytes));
        self.file(&hash, bytes, days);
        hash
    }

    /// A message that holds a file, sent or received so many days ago.
    async fn holds(&self, hash: &str, author: Author, days: u32, taken_back: bool) {
        let conversation_id = self.conversation(&thandi()).await;
        let media = Media { stored: Some(hash.to_owned()), mime: "image/png".into(), ..Media::default() };
        let at = self.clock.now().minus(DAY * days);
        self.ws
            .db
            .write(move |tx| {
                let id = conversations::store::insert_message(
                    tx,
                    &NewMessage {
                        conversation_id,
                        author,
                        author_name: None,
                        content: &Content::Image { media, caption: None },
                        provider_id: None,
                        client_id: None,
                        status: MessageStatus::Queued,
                        answer: None,
                        run: None,
                        replied_to: None,
                        pending: false,
                        at,
                    },
                )?;
                if taken_back {
                    conversations::store::set_deleted(tx, id, at)?;
                }
                Ok(())
            })
            .await
            .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_stay_while_they_are_needed_and_go_when_nobody_needs_them() {
    let shop = Shop::open(Settings { statuses: false, ..Settings::default() }).await;
    shop.says(&thandi(), "Hello");
    let _ = shop.conversation(&thandi()).await;
    let at: Time = shop.clock.now();
    let source = shop.ws.knowledge.add_text("Hours", "We open at 8:15.", Vec::new(), at).await.unwrap();
    let original = shop.ws.knowledge.source(source).await.unwrap().content_hash;
    shop.file(&original, "We open at 8:15.", 400);
    let deleted = shop.ws.knowledge.add_text("Old", "Closed on Sunday.", Vec::new(), at).await.unwrap();
    let restorable = shop.ws.knowledge.source(deleted).await.unwrap().content_hash;
    shop.ws.knowledge.delete_source(deleted, at).await.unwrap();
    shop.file(&restorable, "Closed on Sunday.", 400);

    let stays = [
        ("a customer's, young enough", shop.kept("a", 179), Some((Author::Contact, 179, false))),
        ("one by hand, however old", shop.kept("b", 400), Some((Author::Person, 400, false))),
        ("written just now, its row is to come", shop.kept("c", 0), None),
    ];
    let goes = [
        ("left over by a crash", shop.kept("d", 2), None),
        ("a customer's, kept long enough", shop.kept("e", 181), Some((Author::Contact, 181, false))),
        ("taken back", shop.kept("f", 3), Some((Author::Contact, 3, true))),
    ];
    for (_, hash, message) in stays.iter().chain(&goes) {
        if let Some((author, days, taken_back)) = message {
            shop.holds(hash, *author, *days, *taken_back).await;
        }
    }
    // One that came long ago and is about to be sent: the outbox needs it.
    let shared = shop.kept("g", 200);
    shop.holds(&shared, Author::Contact, 200, false).await;
    shop.holds(&shared, Author::Person, 0, false).await;
    shop.file("0199.part", "x", 2);
    shop.file("0200.part", "x", 0);
    shop.file("notes.txt", "x", 400);
    let half = hex::encode(Sha256::digest("half"));
    shop.file(&format!("{half}.removed"), "half", 400);
    let back = hex::encode(Sha256::digest("back"));
    shop.file(&format!("{back}.removed"), "back", 400);
    shop.holds(&back, Author::Person, 1, false).await;

    let cleaned = clean(&shop.ws).await.unwrap();
    let there = |name: &str| shop.ws.media().join(name).exists();
    for (what, hash, _) in &stays {
        assert!(there(hash), "{what}");
    }
    for (what, hash, _) in &goes {
        assert!(!there(hash), "{what}");
    }
    for (what, name, stays) in [
        ("a source's original", original.as_str(), true),
        ("the original of a source that can be brought back", &restorable, true),
        ("one that an outgoing message needs", &shared, true),
        ("one that a cut-short cleaning took away", &back, true),
        ("what a cut-short cleaning left", &half, false),
        ("an upload that broke off", "0199.part", false),
        ("an upload under way", "0200.part", true),
        ("what is none of ours", "notes.txt", true),
    ] {
        assert_eq!(there(name), stays, "{what}");
    }
    assert_eq!(cleaned.let_go, 3, "{cleaned:?}");
    let told: Vec<_> = shop.messages(&thandi()).await.iter().map(sentence).filter(|s| !s.is_empty()).collect();
    assert_eq!(told.iter().filter(|s| s.contains("180 days")).count(), 2, "the owner reads why: {told:?}");
    assert_eq!(clean(&shop.ws).await.unwrap(), crate::media::Cleaned::default(), "and the next night nothing");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn looking_after_files_and_waiting_messages_reads_no_table_from_end_to_end() {
    let shop = Shop::open(Settings::default()).await;
    shop.ws
        .db
        .read(|c| {
            for (sql, index) in [
                (crate::media::store::IS_HELD, "message_by_stored"),
                (crate::media::store::OUTDATED, "message_by_stored"),
                (crate::outbox::store::NEXT_DUE, "outbox_due"),
                (crate::outbox::store::IS_BUSY, "outbox_by_conversation"),
                (crate::inbound::store::OLDEST_PENDING, "inbound_pending"),
            ] {
                let steps = db::query_plan(c, sql)?.join("; ");
                assert!(steps.contains(index), "{sql}: {steps}");
            }
            Ok(())
        })
        .await
        .unwrap();
    shop.close().await;
}
