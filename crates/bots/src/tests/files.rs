//! Files by hand to customers, and files of customers.

use base::message::Media;
use channels::whatsapp::fake::Fault;

use super::*;
use crate::conversations::MessageStatus;
use crate::media::Arriving;

const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\npicture of a geyser";

impl Shop {
    /// A picture in the media folder, as a message to send.
    async fn picture(&self, bytes: &[u8], caption: &str) -> Content {
        let mut arriving = Arriving::begin(&self.ws.media()).await.unwrap();
        arriving.write(bytes).await.unwrap();
        let kept = arriving.keep(self.clock.now()).await.unwrap();
        let media = Media {
            stored: Some(kept.sha256),
            mime: "image/png".into(),
            filename: Some("geyser.png".into()),
            size_bytes: Some(kept.size_bytes),
            ..Media::default()
        };
        Content::Image { media, caption: Some(caption.into()) }
    }

    /// The bot answers again.
    async fn give_back(&self, customer: &Customer) {
        let (ws, id) = (self.ws.clone(), self.conversation(customer).await);
        self.ws
            .db
            .write(move |tx| {
                let row = conversations::store::get(tx, id)?.unwrap();
                conversations::service::give_back(tx, &ws, &row)
            })
            .await
            .unwrap();
    }

    /// A customer writes and is answered, so that there is a conversation with an open window.
    async fn meet(&self, customer: &Customer) {
        let before = self.graph.sent_to(customer).len();
        self.says(customer, "Are you open?");
        until("they are answered", || async { (self.graph.sent_to(customer).len() > before).then_some(()) }).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_is_handed_over_once_and_again_when_whatsapp_has_forgotten_it() {
    let shop = Shop::open(Settings { enforce_window: true, ..Settings::default() }).await;
    for customer in [thandi(), lebo()] {
        shop.meet(&customer).await;
        let id: &'static str = if customer == thandi() { "picture-1" } else { "picture-2" };
        let picture = shop.picture(PICTURE, "Your new geyser").await;
        shop.reply(&customer, picture.clone(), id).await.unwrap();
        let message = shop.outgoing(&customer, "it arrives", |m| m.status == MessageStatus::Read).await;
        assert_eq!(message.content, picture, "what is stored is ours, without WhatsApp's passing id");
        let sent = shop.graph.sent_to(&customer).pop().unwrap();
        assert_eq!((sent.kind.as_str(), sent.text.as_str()), ("image", "Your new geyser"));
        let held = shop.graph.media(sent.body["image"]["id"].as_str().unwrap());
        assert_eq!(held, Some((PICTURE.to_vec(), "image/png".to_owned())));
    }
    assert_eq!(shop.graph.uploads(), 1, "the same file for both");

    for (later, forgotten, uploads, client_id) in [
        (20 * DAY, false, 1, "picture-3"),
        (10 * DAY, false, 2, "picture-4"),
        // Sooner than it said it would.
        (DAY, true, 3, "picture-5"),
    ] {
        shop.advance(later).await;
        shop.give_back(&thandi()).await;
        shop.meet(&thandi()).await;
        if forgotten {
            shop.graph.forget_media();
        }
        let picture = shop.picture(PICTURE, client_id).await;
        shop.reply(&thandi(), picture, client_id).await.unwrap();
        let arrived = |m: &MessageRow| m.status == MessageStatus::Read && m.content.words() == client_id;
        shop.outgoing(&thandi(), "it arrives", arrived).await;
        assert_eq!(shop.graph.uploads(), uploads, "{client_id}");
    }
    assert_eq!(shop.graph.sent_twice(), Vec::<String>::new());
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_handed_over_is_tried_again_or_the_owner_reads_why() {
    for (faults, on_disk, arrives, words) in [
        (vec![Fault::Drop, Fault::Page(502), Fault::Refuse(2)], true, true, ""),
        (vec![Fault::Refuse(131_053)], true, false, "could not use a file"),
        (vec![Fault::Refuse(100)], true, false, "could not use a file"),
        (vec![], false, false, "could not be read from disk"),
    ] {
        let shop = Shop::open(Settings::default()).await;
        shop.meet(&thandi()).await;
        shop.graph.inject_uploads(faults.clone());
        let picture = shop.picture(PICTURE, "x").await;
        if !on_disk {
            std::fs::remove_dir_all(shop.ws.media()).unwrap();
        }
        shop.reply(&thandi(), picture, "picture-1").await.unwrap();
        let last = until("it is settled", || async {
            shop.advance(Duration::from_secs(120)).await;
            let last = shop.messages(&thandi()).await.into_iter().rfind(|m| !m.incoming)?;
            matches!(last.status, MessageStatus::Read | MessageStatus::Failed).then_some(last)
        })
        .await;
        let told = sentence(&last);
        assert_eq!(last.status == MessageStatus::Read, arrives, "{faults:?}: {told}");
        assert!(told.contains(words), "{faults:?}: {told}");
        assert_eq!(shop.graph.uploads(), usize::from(arrives), "{faults:?}");
        shop.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_upload_does_not_hold_up_other_customers_and_keeps_its_place() {
    let shop = Shop::open(Settings::default()).await;
    shop.meet(&thandi()).await;
    // The line is bad for files: it comes a while later.
    shop.graph.inject_uploads([Fault::Drop]);
    let picture = shop.picture(PICTURE, "first").await;
    shop.reply(&thandi(), picture, "picture-1").await.unwrap();
    shop.reply(&thandi(), Content::text("second"), "text-1").await.unwrap();
    shop.meet(&lebo()).await;
    assert_eq!(shop.graph.sent_to(&thandi()).len(), 1, "what comes after the picture waits for it");
    until("both arrive", || async {
        shop.advance(Duration::from_secs(10)).await;
        (shop.graph.sent_to(&thandi()).len() == 3).then_some(())
    })
    .await;
    let words: Vec<_> = shop.graph.sent_to(&thandi()).into_iter().map(|s| s.text).collect();
    assert_eq!(words, [REPLY, "first", "second"]);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customers_file_is_fetched_and_one_that_is_gone_is_called_gone() {
    let shop = Shop::open(Settings::default()).await;
    let there = Content::Image { media: shop.graph.put_media(PICTURE, "image/png"), caption: None };
    shop.graph.customer_message(&thandi(), &there).unwrap();
    let stored = until("the file is here", || async {
        shop.messages(&thandi()).await.iter().find_map(|m| crate::media::file_of(&m.content)?.stored.clone())
    })
    .await;
    assert_eq!(std::fs::read(shop.ws.media().join(stored)).unwrap(), PICTURE);

    let gone = Media { provider_id: Some("900000000999999".into()), mime: "image/png".into(), ..Media::default() };
    shop.graph.customer_message(&lebo(), &Content::Image { media: gone, caption: None }).unwrap();
    let told = until("the owner reads why", || async {
        shop.messages(&lebo()).await.iter().map(sentence).find(|s| !s.is_empty())
    })
    .await;
    assert!(told.contains("no longer has this file"), "{told}");
    assert_eq!(shop.channel_row().await.state, ChannelState::Active);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_in_the_web_chat_is_shown_to_the_visitor_it_was_sent_to_and_to_nobody_else() {
    let shop = Shop::open(Settings::default()).await;
    let bot = shop.bot;
    let now = shop.clock.now();
    let chat = crate::channels::routes::new_channel(now, ChannelKind::Webchat, bot, None);
    let id = chat.id;
    shop.ws.db.write(move |tx| crate::channels::store::insert(tx, &chat)).await.unwrap();
    shop.workspaces.register_channel(id, shop.ws.id).unwrap();
    let base = format!("{}/chat/{id}", shop.public);
    let http = reqwest::Client::new();
    let mut addresses = Vec::new();
    for (n, bytes) in [PICTURE, b"<html><script>alert(1)</script>"].into_iter().enumerate() {
        let visit: Value = http.post(format!("{base}/sessions")).send().await.unwrap().json().await.unwrap();
        let token = visit["token"].as_str().unwrap().to_owned();
        let body = json!({ "type": "text", "client_id": "visitor-1", "text": "Show me" });
        http.post(format!("{base}/messages")).bearer_auth(&token).json(&body).send().await.unwrap();
        let who = crate::webchat::visitor(&token);
        let conversation = until("the visit is there", || async {
            let who = who.clone();
            shop.ws
                .db
                .read(move |c| {
                    let contact = crate::contacts::store::find_by_alias(c, &who)?;
                    Ok(contact.map(|c2| conversations::store::find(c, id, c2)).transpose()?.flatten().map(|v| v.id))
                })
                .await
                .unwrap()
        })
        .await;
        let picture = shop.picture(bytes, "look").await;
        let (ws, client) = (shop.ws.clone(), format!("picture-{n}"));
        shop.ws
            .db
            .write(move |tx| {
                conversations::service::reply_by_hand(tx, &ws, conversation, "Sipho", &picture, &client).map(drop)
            })
            .await
            .unwrap();
        let batch: Value = http
            .get(format!("{base}/messages?after=0"))
            .bearer_auth(&token)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let media = batch["messages"].as_array().unwrap().last().unwrap()["content"]["media"].clone();
        assert!(media.get("stored").is_none() && media.get("provider_id").is_none(), "{media}");
        addresses.push(media["url"].as_str().unwrap().to_owned());
    }
    let get = async |path: &str| http.get(format!("{}{path}", shop.public)).send().await.unwrap();
    let header = |r: &reqwest::Response, name: &str| r.headers()[name].to_str().unwrap().to_owned();

    let shown = get(&addresses[0]).await;
    assert_eq!((shown.status().as_u16(), header(&shown, "content-type").as_str()), (200, "image/png"));
    assert!(header(&shown, "content-disposition").starts_with("inline; filename=\"geyser.png\""));
    assert_eq!(header(&shown, "x-content-type-options"), "nosniff");
    assert_eq!(shown.bytes().await.unwrap(), PICTURE);

    let page = get(&addresses[1]).await;
    assert_eq!(header(&page, "content-type"), "application/octet-stream", "a page is not shown as one");
    assert!(header(&page, "content-disposition").starts_with("attachment"));
    assert!(header(&page, "content-security-policy").contains("sandbox"));

    let (path, key) = addresses[0].split_once("?key=").unwrap();
    let (_, other_key) = addresses[1].split_once("?key=").unwrap();
    let elsewhere = path.replace(&id.to_string(), &shop.channel.to_string());
    let nowhere = format!("/chat/{id}/media/{}?key={key}", base::id::MessageId::fresh());
    for (address, why) in [
        (path.to_owned(), "no key"),
        (format!("{path}?key={other_key}"), "another visitor's key"),
        (format!("{path}?key={}", &key[1..]), "half a key"),
        (format!("{elsewhere}?key={key}"), "another channel"),
        (nowhere, "another message"),
    ] {
        assert_eq!(get(&address).await.status(), 404, "{why}: {address}");
    }
    shop.close().await;
}
