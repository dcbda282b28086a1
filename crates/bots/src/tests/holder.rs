//! A number whose data lies on two computers: one answers, the other says so and sends nothing.

use std::time::Duration;

use base::message::Content;
use channels::whatsapp::fake::Settings;

use super::{DAY, REPLY, Shop, sentence, thandi, until};
use crate::address::{AddressState, PublicAddress};
use crate::channels::{ChannelState, checks};
use crate::conversations::MessageStatus;
use crate::holder::{self, Holding, INSTALLATION_FILE};

const OTHER: &str = "http://127.0.0.1:9/hooks/whatsapp/0199f0f0-0000-7000-8000-000000000000";

impl Shop {
    async fn set_address(&self, url: &str, state: AddressState) {
        let address = PublicAddress { url: Some(url.to_owned()), state, ..PublicAddress::default() };
        self.ws.db.write(move |tx| crate::settings::store::put(tx, "public_address", &address)).await.unwrap();
    }

    /// As the set-up of a real channel does.
    async fn set_verify_token(&self) {
        self.sql("update channel set config = json_set(config, '$.verify_token', 'our own word')").await;
        self.ws.channels.forget();
    }

    async fn elsewhere(&self) -> bool {
        let row = self.channel_row().await;
        row.state == ChannelState::Trouble && holder::is_elsewhere(&row)
    }
}

/// A shop that the world reaches, and that gave Meta a word of its own.
async fn reached(settings: Settings) -> Shop {
    let shop = Shop::open(settings).await;
    shop.set_verify_token().await;
    let public = shop.public.clone();
    shop.set_address(&public, AddressState::Proven).await;
    shop
}

/// The same, where a customer has asked and was answered, which Meta has told, too.
async fn in_work() -> Shop {
    let shop = reached(Settings::default()).await;
    shop.says(&thandi(), "When do you open?");
    shop.outgoing(&thandi(), "the bot answers", |m| m.status == MessageStatus::Read).await;
    shop.graph.settled().await;
    assert_eq!(shop.graph.sent_to(&thandi()).len(), 1);
    shop
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_for_which_another_computer_answers_sends_nothing_until_it_is_taken_over() {
    let shop = in_work().await;
    let sent = || shop.graph.sent_to(&thandi()).len();
    assert_eq!(holder::look_now(&shop.ws, shop.channel).await, Holding::Ours);
    assert!(!shop.elsewhere().await);

    // The other computer registers its own address; this one learns of it before it sends.
    shop.graph.deliver_to(OTHER);
    shop.advance(Duration::from_secs(10 * 60)).await;
    shop.reply(&thandi(), Content::text("Come in!"), "by-hand-1").await.unwrap();
    until("the number falls silent", || async { shop.elsewhere().await.then_some(()) }).await;
    shop.advance(DAY).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(sent(), 1, "nothing leaves while another computer answers");
    let row = shop.channel_row().await;
    assert!(row.trouble.unwrap()["message"].as_str().unwrap().contains("Take over here"));

    // Nothing but taking over helps: not switching it on, and not a word of Meta's that cannot be had.
    let id = shop.channel;
    shop.ws
        .db
        .write(move |tx| {
            let mut row = crate::channels::store::expect(tx, id)?;
            row.state = ChannelState::Active;
            holder::keep_silent(tx, &mut row)?;
            assert_eq!(row.state, ChannelState::Trouble);
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!(holder::is_left_behind(&shop.ws, id).await, Some(false), "it is not taken back by itself");

    checks::subscribe(&shop.ws, shop.channel).await.unwrap();
    assert!(shop.graph.callback().unwrap().starts_with(&shop.public));
    assert_eq!(shop.channel_row().await.state, ChannelState::Active);
    until("what the person wrote leaves", || async { (sent() == 2).then_some(()) }).await;
    shop.graph.settled().await;
    assert_eq!(shop.graph.sent_twice(), Vec::<String>::new());
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_meta_said_long_ago_counts_as_old_however_late_it_comes() {
    let shop = in_work().await;
    let sent = || shop.graph.sent_to(&thandi()).len();

    // Asked while the number was still ours, told when it no longer is.
    let asked_before = || async {
        shop.graph.tell_webhooks_late(Duration::from_millis(300));
        holder::look_now(&shop.ws, shop.channel).await
    };
    let taken = || async {
        until("it is asked", || async { (!shop.graph.is_to_tell_webhooks_late()).then_some(()) }).await;
        shop.graph.deliver_to(OTHER);
        shop.advance(Duration::from_secs(10 * 60)).await;
    };
    let (told, ()) = tokio::join!(asked_before(), taken());
    assert_eq!(told, Holding::Ours);
    shop.reply(&thandi(), Content::text("Come in!"), "by-hand-1").await.unwrap();
    until("the number falls silent", || async { shop.elsewhere().await.then_some(()) }).await;
    assert_eq!(sent(), 1, "nothing leaves while another computer answers");

    // Nor does it undo what was learned since.
    checks::subscribe(&shop.ws, shop.channel).await.unwrap();
    until("what was written leaves", || async { (sent() == 2).then_some(()) }).await;
    shop.graph.settled().await;
    let (told, now) = tokio::join!(asked_before(), async {
        taken().await;
        holder::look_now(&shop.ws, shop.channel).await
    });
    assert_eq!((told, now), (Holding::Ours, Holding::Elsewhere));
    assert!(shop.elsewhere().await);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_was_switched_off_while_another_computer_took_it_stays_silent_when_it_is_switched_on() {
    let shop = reached(Settings::default()).await;
    shop.sql("update channel set state = 'paused'").await;
    shop.graph.deliver_to(OTHER);
    assert_eq!(holder::look_now(&shop.ws, shop.channel).await, Holding::Elsewhere);
    assert_eq!(shop.channel_row().await.state, ChannelState::Paused, "nothing is shown of what is off");
    let id = shop.channel;
    let switched_on = shop.ws.db.write(move |tx| {
        let mut row = crate::channels::store::expect(tx, id)?;
        row.state = ChannelState::Active;
        holder::keep_silent(tx, &mut row)?;
        Ok(row)
    });
    assert!(holder::is_elsewhere(&switched_on.await.unwrap()));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_bot_wanted_to_say_by_itself_meanwhile_is_left_to_the_other_computer() {
    let shop = in_work().await;
    shop.graph.deliver_to(OTHER);
    // Ids are made by the real clock, which goes on; the silence begins after it.
    shop.clock.advance(Duration::from_secs(60));
    assert_eq!(holder::look_now(&shop.ws, shop.channel).await, Holding::Elsewhere);

    // A timer of the bot's runs out here as it does over there.
    shop.clock.advance(Duration::from_secs(60));
    let (conversation, now) = (shop.conversation(&thandi()).await, shop.clock.now());
    shop.ws
        .db
        .write(move |tx| {
            let content = Content::text("Are you still there?");
            let row = crate::conversations::store::get(tx, conversation)?.unwrap();
            crate::conversations::service::say(tx, now, &row, &content, None)
        })
        .await
        .unwrap();
    shop.clock.advance(Duration::from_secs(60));
    checks::subscribe(&shop.ws, shop.channel).await.unwrap();
    let left = shop.outgoing(&thandi(), "it is left", |m| m.status == MessageStatus::InDoubt).await;
    assert!(sentence(&left).contains("other computer"), "{}", sentence(&left));

    // A customer's message that reaches this computer is this computer's to answer.
    shop.says(&thandi(), "Hello again");
    until("the bot answers", || async { (shop.graph.sent_to(&thandi()).len() == 2).then_some(()) }).await;
    assert!(shop.graph.sent_to(&thandi()).iter().all(|s| s.text == REPLY), "{:?}", shop.graph.sent());
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_found_out_silences_nobody() {
    let shop = Shop::open(Settings::default()).await;
    shop.set_verify_token().await;
    let look = || holder::look_now(&shop.ws, shop.channel);
    shop.graph.deliver_to(OTHER);
    assert_eq!(look().await, Holding::Unknown, "no public address");

    // An address of this computer's own from before is no other computer's.
    shop.set_address("http://127.0.0.1:9", AddressState::Proven).await;
    assert_eq!(look().await, Holding::Ours);
    let public = shop.public.clone();
    shop.set_address(&public, AddressState::Proven).await;
    assert_eq!(look().await, Holding::Before, "our former address waits to be replaced");
    assert_eq!(holder::is_left_behind(&shop.ws, shop.channel).await, Some(true));

    // Our own address does not work at the moment, which is no sign of another computer.
    shop.set_address("http://127.0.0.1:9", AddressState::Failed).await;
    assert_eq!(look().await, Holding::Ours);

    shop.set_address("http://127.0.0.2:9", AddressState::Proven).await;
    shop.graph.deliver_to("http://127.0.0.3:9/hooks/whatsapp/x");
    shop.graph.stop().await;
    assert_eq!(look().await, Holding::NotAsked, "no network");
    assert_eq!(holder::is_left_behind(&shop.ws, shop.channel).await, None);
    assert!(!shop.elsewhere().await);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_computers_with_one_address_are_told_apart_by_the_word_they_gave() {
    let (shop, copy) = (Shop::open(Settings::default()).await, Shop::open(Settings::default()).await);
    for one in [&shop, &copy] {
        one.set_verify_token().await;
    }
    let copy_says = async |word: &str| {
        copy.sql(format!("update channel set config = json_set(config, '$.verify_token', '{word}')")).await;
        copy.ws.channels.forget();
    };
    // Both were given the same address, and it leads to the other one. It led here when it was last tried, which may have
    // been before this computer was switched off; or that is known to be over.
    shop.graph.deliver_to(&format!("{}/hooks/whatsapp/{}", copy.public, copy.channel));
    for state in [AddressState::Proven, AddressState::Failed] {
        shop.set_address(&copy.public, state).await;
        copy_says("our own word").await;
        assert_eq!(holder::look_now(&shop.ws, shop.channel).await, Holding::Ours, "it knows our word");
        copy_says("the word of the copy").await;
        assert_eq!(holder::look_now(&shop.ws, shop.channel).await, Holding::Elsewhere, "{state:?}");
    }
    copy.close().await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn data_from_another_computer_begins_silent_and_repeats_nothing_that_was_on_its_way() {
    let shop = reached(Settings { statuses: false, ..Settings::default() }).await;
    shop.says(&thandi(), "When do you open?");
    until("the bot answers", || async { (shop.graph.sent().len() == 1).then_some(()) }).await;
    let first = shop.graph.sent().remove(0);
    shop.outgoing(&thandi(), "it is known", |m| m.status == MessageStatus::Sent).await;
    // As it was when the file was made: the message was on its way.
    shop.sql("update outbox set state = 'queued', next_at = next_at + 100000000; update message set status = 'queued' where direction = 'out'").await;

    let data = shop._folder.path();
    std::fs::write(data.join(INSTALLATION_FILE), "another moved").unwrap();
    holder::arrive(&shop.ws.db, data, shop.clock.now()).await.unwrap();
    shop.ws.channels.forget();
    assert!(shop.elsewhere().await);
    let row = shop.channel_row().await;
    assert_ne!(row.whatsapp().verify_token, "our own word", "the two can be told apart");
    assert_eq!(shop.ws.db.read(crate::address::get).await.unwrap().url, None, "the address was the other computer's");
    let message = shop.outgoing(&thandi(), "it is left to the other", |m| m.status == MessageStatus::InDoubt).await;
    assert!(sentence(&message).contains("other computer"));
    shop.advance(DAY).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(shop.graph.sent().len(), 1, "the other computer sends it, or has");

    // Doing it again changes nothing, and the provider's word still settles what was left.
    let before = shop.channel_row().await.config;
    holder::arrive(&shop.ws.db, data, shop.clock.now()).await.unwrap();
    assert_eq!(shop.channel_row().await.config, before);
    shop.tell(&first.wamid, first.our_ref.as_deref(), "delivered", None);
    shop.outgoing(&thandi(), "a status settles it", |m| m.status == MessageStatus::Delivered).await;
    assert_eq!(shop.graph.sent().len(), 1);
    shop.close().await;
}
