//! The network goes and comes back: the address is looked at, what waited leaves at once, and what may have left is not
//! sent a second time.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use channels::whatsapp::fake::Fault;

use super::*;
use crate::conversations::MessageStatus;

/// Of the latest message on its way: how often it was tried, and when it is tried next.
async fn waits(shop: &Shop) -> (u32, base::Time) {
    let latest = "select attempts, next_at from outbox where state = 'queued' order by id desc limit 1";
    let read = shop.ws.db.read(move |c| {
        let row = c.query_row(latest, [], |r| Ok((r.get(0)?, r.get(1)?)));
        Ok(row.unwrap_or((0, base::Time(0))))
    });
    read.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_found_no_way_out_leaves_when_the_network_is_back_and_not_when_its_pause_is_over() {
    let shop = Shop::open(Settings::default()).await;
    shop.says(&thandi(), "Are you open?");
    shop.outgoing(&thandi(), "she is answered", |m| m.status == MessageStatus::Read).await;
    let port = shop.graph.base_url().rsplit_once(':').unwrap().1.split('/').next().unwrap().parse().unwrap();
    shop.graph.stop().await;
    shop.reply(&thandi(), Content::text("Come at nine."), "by-hand-1").await.unwrap();
    until("it is tried only now and then", || async {
        let ((attempts, next), now) = (waits(&shop).await, shop.clock.now());
        let long = next > now.plus(Duration::from_secs(20));
        if next > now && !long {
            shop.advance(next.since(now)).await;
        }
        (attempts >= 6 && long).then_some(())
    })
    .await;

    let graph = FakeGraph::start(Settings { port, ..shop.graph.settings().clone() }).await.unwrap();
    graph.deliver_to(&format!("{}/hooks/whatsapp/{}", shop.public, shop.channel));
    shop.workspaces.look_again().await;
    until("it has left", || async { (graph.sent_to(&thandi()).len() == 1).then_some(()) }).await;
    shop.outgoing(&thandi(), "it is read", |m| m.status == MessageStatus::Read).await;

    // What WhatsApp itself holds back is not hurried.
    graph.inject([Fault::RATE_LIMIT]);
    shop.reply(&thandi(), Content::text("Or at ten."), "by-hand-2").await.unwrap();
    let held = until("it is held back", || async { Some(waits(&shop).await).filter(|w| w.1 > shop.clock.now()) }).await;
    shop.workspaces.look_again().await;
    shop.advance(Duration::ZERO).await;
    assert_eq!(waits(&shop).await, held);
    assert_eq!(graph.sent_to(&thandi()).len(), 1);
    graph.stop().await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_in_doubt_waits_until_whatsapps_word_could_find_its_way_here() {
    let shop = Shop::open(Settings { statuses: false, ..Settings::default() }).await;
    let note = |worked| shop.ws.address.note(worked, shop.clock.now(), DAY);
    note(true);
    shop.graph.inject([Fault::AcceptThenDrop]);
    shop.says(&thandi(), "Are you open?");
    shop.outgoing(&thandi(), "it is in doubt", |m| m.status == MessageStatus::InDoubt).await;
    shop.advance(Duration::from_secs(10)).await;
    note(false);
    let answered = |n| {
        let shop = &shop;
        async move {
            shop.says(&lebo(), "Are you open?");
            until("another customer is answered", || async { (shop.graph.sent_to(&lebo()).len() == n).then_some(()) })
                .await;
        }
    };
    // Longer than WhatsApp gets, but it could not reach us; and then it may not have come round to trying again.
    shop.advance(Duration::from_secs(600)).await;
    note(true);
    shop.advance(Duration::from_secs(300)).await;
    note(true);
    answered(1).await;
    assert_eq!(shop.graph.sent_to(&thandi()).len(), 1, "it may have arrived");

    shop.advance(Duration::from_secs(600)).await;
    note(true);
    until("it is sent again", || async { (shop.graph.sent_to(&thandi()).len() == 2).then_some(()) }).await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn time_asleep_is_no_time_in_which_whatsapp_could_have_told_us() {
    let shop = Shop::open(Settings { statuses: false, ..Settings::default() }).await;
    let note = || shop.ws.address.note(true, shop.clock.now(), DAY);
    shop.graph.inject([Fault::AcceptThenDrop]);
    shop.says(&thandi(), "Are you open?");
    shop.outgoing(&thandi(), "it is in doubt", |m| m.status == MessageStatus::InDoubt).await;
    // It is looked at whether the network is there, and it is; then the lid is closed.
    shop.clock.advance(Duration::from_secs(10));
    note();
    let asleep = Duration::from_secs(300);
    shop.advance(asleep).await;
    // The wake is noticed a moment later than the sender looks.
    tokio::time::sleep(Duration::from_secs(1)).await;
    shop.workspaces.woke(asleep).await;
    note();
    shop.says(&lebo(), "Are you open?");
    until("another customer is answered", || async { (shop.graph.sent_to(&lebo()).len() == 1).then_some(()) }).await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(shop.graph.sent_to(&thandi()).len(), 1, "it may have arrived");

    shop.advance(asleep).await;
    note();
    until("it is sent again", || async { (shop.graph.sent_to(&thandi()).len() == 2).then_some(()) }).await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_was_hours_ahead_keeps_nobody_in_doubt_for_hours_and_proves_nothing() {
    let shop = Shop::open(Settings { statuses: false, ..Settings::default() }).await;
    let ahead = shop.clock.now().plus(6 * HOUR);
    shop.ws.address.note(true, ahead, DAY);
    shop.graph.inject([Fault::AcceptThenDrop]);
    shop.says(&thandi(), "Are you open?");
    shop.outgoing(&thandi(), "it is in doubt", |m| m.status == MessageStatus::InDoubt).await;
    // As it was written down by the clock before it was set back.
    shop.sql(format!("update outbox set attempted_at = {0}, next_at = {0}", ahead.as_ms())).await;
    shop.advance(Duration::from_secs(1)).await;
    until("it counts from now on", || async {
        let attempted = "select attempted_at from outbox where state = 'in_doubt'";
        let read = shop.ws.db.read(move |c| Ok(c.query_row(attempted, [], |r| r.get::<_, base::Time>(0))?));
        (read.await.unwrap() <= shop.clock.now()).then_some(())
    })
    .await;
    shop.advance(Duration::from_secs(600)).await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(shop.graph.sent_to(&thandi()).len(), 1, "what lies ahead is no sign that WhatsApp could tell us");

    shop.ws.address.note(true, shop.clock.now(), DAY);
    until("it is sent again", || async { (shop.graph.sent_to(&thandi()).len() == 2).then_some(()) }).await;
    shop.close().await;
}

/// A way to the public listener on which nothing comes through while it hangs; counts what hangs.
async fn way_that_hangs(to: &str, hangs: Arc<AtomicBool>, held: Arc<AtomicUsize>) -> String {
    let to = to.trim_start_matches("http://").to_owned();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    base::task::spawn("test-way", async move {
        let mut all = Vec::new();
        while let Ok((mut near, _)) = listener.accept().await {
            if hangs.load(Ordering::SeqCst) {
                all.push(near);
                held.fetch_add(1, Ordering::SeqCst);
                continue;
            }
            let mut far = tokio::net::TcpStream::connect(&to).await.unwrap();
            base::task::spawn("test-way-one", async move {
                let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
            });
        }
    });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_wake_the_address_is_looked_at_within_seconds_even_while_a_look_hangs() {
    let shop = Shop::open(Settings::default()).await;
    let (hangs, held) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let url = way_that_hangs(&shop.public, hangs.clone(), held.clone()).await;
    let choice = crate::address::Choice {
        way: crate::address::AddressWay::Typed,
        url: Some(url),
        program: None,
        hostname: None,
        token: Secret::default(),
    };
    crate::address::choose(&shop.ws, shop.workspaces.proofs(), choice).await.unwrap();
    hangs.store(true, Ordering::SeqCst);
    shop.workspaces.look_again().await;
    until("a look hangs", || async { (held.load(Ordering::SeqCst) > 0).then_some(()) }).await;

    shop.clock.advance(HOUR);
    let woken = shop.clock.now();
    hangs.store(false, Ordering::SeqCst);
    shop.workspaces.look_again().await;
    let looked = until("the address is proven anew", || async {
        shop.ws.db.read(crate::address::get).await.unwrap().proven_at.filter(|at| *at >= woken)
    });
    assert!(tokio::time::timeout(Duration::from_secs(5), looked).await.is_ok(), "not within five seconds");
    shop.close().await;
}
