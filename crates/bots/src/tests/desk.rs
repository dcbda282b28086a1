//! The switch for all bots, and what a tray icon shows.

use channels::whatsapp::fake::Settings;

use super::*;
use crate::desk;

async fn pause(ws: &Workspace, bot: BotId) {
    ws.db
        .write(move |tx| {
            let mut row = crate::bots::store::expect(tx, bot)?;
            row.paused = true;
            crate::bots::store::update(tx, &row)
        })
        .await
        .unwrap();
}

async fn add_bot(ws: &Workspace, name: &'static str) -> BotId {
    let now = ws.clock.now();
    let texts = crate::bots::Texts::default();
    ws.db.write(move |tx| crate::bots::service::create(tx, now, name, "", texts)).await.unwrap()
}

/// Which bots answer, by name.
async fn awake(ws: &Workspace) -> Vec<String> {
    let bots = ws.db.read(crate::bots::store::list).await.unwrap();
    bots.into_iter().filter(|b| !b.paused).map(|b| b.name).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn answering_again_wakes_those_that_answered_before_and_no_others() {
    let shop = Shop::open(Settings::default()).await;
    let ws = &shop.ws;
    let off_season = add_bot(ws, "Off season").await;
    add_bot(ws, "Night").await;
    pause(ws, off_season).await;
    assert!(desk::outlook(ws).await.unwrap().answering);
    desk::set_answering(ws, false).await.unwrap();
    // A second click, or a second window, changes nothing.
    desk::set_answering(ws, false).await.unwrap();
    assert!(awake(ws).await.is_empty());
    assert!(!desk::outlook(ws).await.unwrap().answering);
    desk::set_answering(ws, true).await.unwrap();
    assert_eq!(awake(ws).await, ["Bot", "Night"]);
    shop.ws.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_each_bot_was_silenced_by_hand_the_switch_wakes_them_all() {
    let shop = Shop::open(Settings::default()).await;
    pause(&shop.ws, shop.bot).await;
    desk::set_answering(&shop.ws, true).await.unwrap();
    assert_eq!(awake(&shop.ws).await, ["Bot"]);
    shop.ws.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_was_stopped_is_seen_at_a_glance() {
    let shop = Shop::open(Settings::default()).await;
    let before = desk::outlook(&shop.ws).await.unwrap();
    assert_eq!((before.waiting, before.channels_down.len(), before.bots), (0, 0, true));
    let channel = shop.channel;
    let down = || async {
        let outlook = desk::outlook(&shop.ws).await.unwrap();
        outlook.channels_down.into_iter().map(|d| d.channel).collect::<Vec<_>>()
    };
    // WhatsApp delivers to a former address: from the moment on when it is worth a word.
    for (told, expected) in [(false, vec![]), (true, vec![channel])] {
        let behind = serde_json::json!({ channel.to_string(): { "since": 1_800_000_000_000_i64, "told": told } });
        let put = move |tx: &db::Tx<'_>| crate::settings::store::put(tx, crate::address::LEFT_BEHIND, &behind);
        shop.ws.db.write(put).await.unwrap();
        assert_eq!(down().await, expected);
    }
    let state = |state: ChannelState| {
        shop.ws.db.write(move |tx| {
            let mut row = crate::channels::store::expect(tx, channel)?;
            row.state = state;
            crate::channels::store::update(tx, &row)
        })
    };
    state(ChannelState::Paused).await.unwrap();
    assert_eq!(down().await, [], "nothing is expected of what is off");
    shop.sql("delete from setting where name = 'numbers_left_behind'").await;
    state(ChannelState::Trouble).await.unwrap();
    assert_eq!(down().await, [channel]);
    shop.ws.close().await;
}

#[test]
fn what_shows_nothing_beside_the_screen_wakes_nobody() {
    for (tags, concerns) in [
        (&["jobs"][..], false),
        (&["sources", "gaps"], false),
        (&["conversation:0199f0f0-0000-7000-8000-000000000000"], false),
        (&["conversation:1", "conversations"], true),
        (&["bots"], true),
        (&["channels"], true),
    ] {
        assert_eq!(desk::concerns(tags), concerns, "{tags:?}");
    }
}
