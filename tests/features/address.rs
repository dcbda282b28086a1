//! The public address from end to end: a tunnel program that really leads to the program and moves, WhatsApp that follows,
//! an owner who hears when nobody gets through, and a way that is open for customers only.

use std::time::Duration;

use base::message::Content;
use bots::fake_mail::FakeSmtp;
use channels::whatsapp::fake::{Customer, FakeGraph, Settings};
use serde_json::{Value, json};
use tests_support::{Owner, Program, StandIn, connect_whatsapp, fake_graph, fixtures, until};

const PATIENCE: Duration = Duration::from_secs(40);

struct Shop {
    program: Program,
    owner: Owner,
    graph: FakeGraph,
    ngrok: StandIn,
    channel: String,
    _folder: tempfile::TempDir,
}

impl Shop {
    async fn open() -> Shop {
        let folder = tempfile::tempdir().unwrap();
        let graph = fake_graph(Settings::default()).await;
        let settings =
            [("graph_url", graph.base_url()), ("address_check_ms", "700".into()), ("address_alarm_ms", "1500".into())];
        let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let program = Program::start(folder.path(), &settings);
        let owner = Owner::sign_in(&program.admin).await;
        let bot = owner.load_sample().await;
        let (channel, _) = connect_whatsapp(&owner, &graph, &bot, &program.public).await;
        let ngrok = StandIn::new("ngrok");
        ngrok.plan(&json!({ "forward": true, "token_of_its_own": "none" }));
        Shop { program, owner, graph, ngrok, channel, _folder: folder }
    }

    async fn choose_ngrok(&self) {
        let program = self.ngrok.program().display().to_string();
        self.owner.put("/public-address", json!({ "way": "ngrok", "program": program })).await;
    }

    /// The address, once it is proven and another one than before.
    async fn proven(&self, before: &str) -> (String, Value) {
        until("the address is proven", PATIENCE, || async {
            let address = self.owner.get("/public-address").await;
            let url = address["url"].as_str().unwrap_or_default().to_owned();
            (address["state"] == "proven" && url != before).then_some((url, address))
        })
        .await
    }

    /// What nobody has read yet about the address, or about WhatsApp's knowing it.
    async fn notices(&self) -> Vec<Value> {
        let all = self.owner.get("/notices?unread=true").await["items"].as_array().unwrap().clone();
        all.into_iter().filter(|n| n["about"] == "address" || n["about"] == "webhook").collect()
    }

    /// A customer asks and is answered once.
    async fn is_answered(&self, number: &str) {
        let customer = Customer::new(number, "Thandi");
        self.graph.customer_message(&customer, &Content::text("When are you open on Saturday?")).unwrap();
        until("the customer is answered", PATIENCE, || async {
            (!self.graph.sent_to(&customer).is_empty()).then_some(())
        })
        .await;
        assert_eq!(self.graph.sent_to(&customer).len(), 1);
        assert_eq!(self.graph.sent_twice(), Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tunnel_that_moves_takes_whatsapp_with_it_and_the_owner_hears_when_nobody_gets_through() {
    let shop = Shop::open().await;
    shop.choose_ngrok().await;
    let (first, address) = shop.proven("").await;
    assert_eq!((&address["way"], &address["tunnel"]["state"]), (&json!("ngrok"), &json!("up")), "{address}");
    assert!(address["round_trip_p50_ms"].as_f64().unwrap() > 0.0, "{address}");
    shop.owner.post(&format!("/channels/{}/subscribe", shop.channel), json!({})).await;
    shop.is_answered("27825550101").await;

    // The program dies and comes back under another name.
    shop.ngrok.kill();
    let (second, _) = shop.proven(&first).await;
    let hook = format!("{second}/hooks/whatsapp/{}", shop.channel);
    until("WhatsApp knows the new address", PATIENCE, || async {
        (shop.graph.callback().as_ref() == Some(&hook)).then_some(())
    })
    .await;
    shop.is_answered("27825550102").await;
    // So do the line for the website and the link to share.
    let channels = shop.owner.get("/channels").await["items"].as_array().unwrap().clone();
    let chat = channels.iter().find(|channel| channel["kind"] == "webchat").unwrap()["id"].as_str().unwrap();
    let chat = shop.owner.get(&format!("/channels/{chat}")).await["webchat"].clone();
    for shown in ["embed_code", "public_url"] {
        let words = chat[shown].as_str().unwrap();
        assert!(words.contains(&second) && !words.contains(&first), "{shown}: {words}");
    }

    // Nobody gets through for long.
    assert!(shop.notices().await.is_empty());
    shop.ngrok.plan(&json!({ "reject_token": true, "token_of_its_own": "none" }));
    shop.ngrok.kill();
    let told = until("the owner hears of it", PATIENCE, || async { shop.notices().await.into_iter().next() }).await;
    assert!(told["text"].as_str().unwrap().contains("nobody outside has reached this computer"), "{told}");
    assert_eq!(shop.notices().await.len(), 1, "once");
    shop.ngrok.plan(&json!({ "forward": true, "token_of_its_own": "none" }));
    shop.owner.post("/public-address/restart", json!({})).await;
    shop.proven(&second).await;
    until("it is settled by itself", PATIENCE, || async { shop.notices().await.is_empty().then_some(()) }).await;
    let day = shop.owner.get("/public-address").await;
    let reachable = day["reachable_today"].as_f64().unwrap();
    assert!(reachable > 0.0 && reachable < 1.0 && day["checks_today"].as_u64().unwrap() > 2, "{day}");

    // One vendor's token is no business of another's.
    let program = shop.ngrok.program().display().to_string();
    let ours = json!({ "way": "ngrok", "program": program, "token": "a-token-for-ngrok" });
    assert_eq!(shop.owner.put("/public-address", ours).await["tokens"], json!(["ngrok"]));
    let named = json!({ "way": "cloudflared_named", "hostname": "chat.shop.example", "program": program });
    let (status, refused) = shop.owner.try_call(reqwest::Method::PUT, "/public-address", Some(named)).await;
    assert_eq!(status, 422, "{refused}");
    assert!(refused["message"].as_str().unwrap().contains("Paste the tunnel's token"), "{refused}");

    let half = json!({ "way": "ngrok", "program": program, "token": "2fake" });
    let (status, refused) = shop.owner.try_call(reqwest::Method::PUT, "/public-address", Some(half)).await;
    assert_eq!(status, 422, "{refused}");
    assert!(refused["message"].as_str().unwrap().contains("Copy the whole token"), "{refused}");

    // Switched off, the program ends.
    shop.owner.put("/public-address", json!({ "way": "none" })).await;
    until("the tunnel has ended", PATIENCE, || async { shop.ngrok.running().is_empty().then_some(()) }).await;
    assert_eq!(shop.owner.get("/public-address").await["state"], "none");
    shop.graph.stop().await;
}

/// Meta refuses to be told, here because the app's secret was changed there: that is no address without trouble.
#[tokio::test(flavor = "multi_thread")]
async fn the_owner_hears_when_whatsapp_is_not_to_be_told_of_a_new_address() {
    let shop = Shop::open().await;
    shop.choose_ngrok().await;
    let (first, _) = shop.proven("").await;
    shop.owner.post(&format!("/channels/{}/subscribe", shop.channel), json!({})).await;
    let webhook = || async {
        let checks = shop.owner.get(&format!("/channels/{}/checks", shop.channel)).await["checks"].clone();
        checks.as_array().unwrap().iter().find(|check| check["id"] == "webhook").unwrap()["state"].clone()
    };
    assert_eq!(webhook().await, "ok");
    let secret_is = async |secret: &str| {
        let change = json!({ "app_secret": secret });
        shop.owner.patch(&format!("/channels/{}", shop.channel), change).await;
    };
    secret_is("not-the-app-s-secret").await;
    shop.ngrok.kill();
    shop.proven(&first).await;
    let told = until("the owner hears of it", PATIENCE, || async { shop.notices().await.into_iter().next() }).await;
    assert_eq!(told["about"], "webhook", "{told}");
    assert!(told["title"].as_str().unwrap().starts_with("WhatsApp does not know your new address for "), "{told}");
    assert!(told["text"].as_str().unwrap().contains("it waits at WhatsApp"), "{told}");
    assert_ne!(webhook().await, "ok", "the step no longer says that all is well");
    let checks = || async { shop.owner.get("/public-address").await["checks_today"].as_u64().unwrap() };
    let until_then = checks().await + 3;
    until("it was tried again", PATIENCE, || async { (checks().await >= until_then).then_some(()) }).await;
    assert_eq!(shop.notices().await.len(), 1, "once");

    // Without an address there is none that WhatsApp could know; with the next one it is told anew.
    shop.owner.put("/public-address", json!({ "way": "none" })).await;
    assert!(shop.notices().await.is_empty());
    shop.choose_ngrok().await;
    let (second, _) = shop.proven(&first).await;
    until("the owner hears of it again", PATIENCE, || async { shop.notices().await.into_iter().next() }).await;

    // Mended, nothing else is to be done.
    secret_is(shop.graph.settings().app_secret.expose()).await;
    until("it is settled by itself", PATIENCE, || async { shop.notices().await.is_empty().then_some(()) }).await;
    let hook = format!("{second}/hooks/whatsapp/{}", shop.channel);
    assert_eq!((shop.graph.callback(), webhook().await), (Some(hook), json!("ok")));
    shop.is_answered("27825550103").await;
    shop.graph.stop().await;
}

/// Tailscale goes on leading the world to a port until it is told to stop.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_ends_takes_its_address_from_the_world() {
    let (folder, tailscale) = (tempfile::tempdir().unwrap(), StandIn::new("tailscale"));
    tailscale.plan(&json!({}));
    let program = Program::start(folder.path(), &[]);
    let owner = Owner::sign_in(&program.admin).await;
    let path = tailscale.program().display().to_string();
    owner.put("/public-address", json!({ "way": "tailscale", "program": path })).await;
    until("the funnel is on", PATIENCE, || async {
        (owner.get("/public-address").await["tunnel"]["state"] == "up").then_some(())
    })
    .await;
    let served = || {
        let text = std::fs::read_to_string(tailscale.folder().join("serving.json")).unwrap();
        serde_json::from_str::<Value>(&text).unwrap()["TCP"].as_object().unwrap().len()
    };
    assert_eq!(served(), 1);
    assert!(program.end(PATIENCE));
    assert_eq!(served(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn through_the_public_address_nobody_reaches_what_is_the_owners() {
    let shop = Shop::open().await;
    shop.choose_ngrok().await;
    let (url, _) = shop.proven("").await;
    let contract = |name: &str| -> Value {
        let file = fixtures("../../docs").join(name);
        serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
    };
    let (admin, public) = (contract("openapi.json"), contract("openapi-public.json"));
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut asked = 0;
    for (path, methods) in admin["paths"].as_object().unwrap() {
        if public["paths"].get(path).is_some() {
            continue;
        }
        let mut filled = path.clone();
        while let Some((from, to)) = filled.find('{').zip(filled.find('}')) {
            filled.replace_range(from..=to, "019a0000-0000-7000-8000-000000000001");
        }
        for method in methods
            .as_object()
            .unwrap()
            .keys()
            .filter(|m| ["get", "post", "put", "patch", "delete"].contains(&m.as_str()))
        {
            for path in [filled.as_str(), filled.trim_start_matches("/api")] {
                let method = method.to_uppercase().parse().unwrap();
                let request = http.request(method, format!("{url}{path}")).header("cookie", shop.owner.cookie());
                let status = request.send().await.unwrap().status();
                assert!(matches!(status.as_u16(), 404 | 405), "{path} through the public address: {status}");
                asked += 1;
            }
        }
    }
    assert!(asked > 200, "{asked} paths are too few to be all");
    for page in ["/", "/index.html", "/settings", "/login", "/metrics", "/healthz", "/api/openapi.json"] {
        let status = http.get(format!("{url}{page}")).send().await.unwrap().status();
        assert_eq!(status, 404, "{page}");
    }
    let _ = shop.program.process_id();
    shop.graph.stop().await;
}

/// Nobody gets through from now on, until the program is allowed in again.
fn shut_out(shop: &Shop) {
    shop.ngrok.plan(&json!({ "reject_token": true, "token_of_its_own": "none" }));
    shop.ngrok.kill();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_gets_one_letter_for_each_time_that_nobody_gets_through() {
    let mut shop = Shop::open().await;
    let mail = FakeSmtp::start("shop", "open sesame").await;
    let server = json!({ "host": "127.0.0.1", "port": mail.port(), "security": "none", "user": "shop",
        "from": "Shop <shop@shop.example>", "password": "open sesame" });
    shop.owner.put("/settings/email", server).await;
    shop.choose_ngrok().await;
    let (first, _) = shop.proven("").await;
    assert_eq!(mail.received(), []);

    // The mail server has its bad day, too: it is asked again and again.
    mail.refuse(true);
    shut_out(&shop);
    until("the letter was tried more than once", PATIENCE, || async { (mail.refused() > 1).then_some(()) }).await;
    assert_eq!(shop.notices().await.len(), 1, "at home it is told once all the same");
    mail.refuse(false);
    until("the letter has arrived", PATIENCE, || async { mail.received().first().cloned() }).await;
    let checks = || async { shop.owner.get("/public-address").await["checks_today"].as_u64().unwrap() };
    let until_then = checks().await + 4;
    until("some more checks have failed", PATIENCE, || async { (checks().await >= until_then).then_some(()) }).await;
    shop.program.kill();
    shop.program.restart();
    let checks = || async { shop.owner.get("/public-address").await["checks_today"].as_u64().unwrap() };
    let until_then = checks().await + 4;
    until("the next start has checked, too", PATIENCE, || async { (checks().await >= until_then).then_some(()) }).await;
    let letters = mail.received();
    assert_eq!(letters.len(), 1, "one letter is enough: {letters:?}");
    println!("{}", letters[0].data);
    assert_eq!(letters[0].to, ["thandi@shop.example"]);
    for words in ["Subject: Customers cannot reach you", "nobody outside has reached this computer"] {
        assert!(letters[0].data.replace("=\r\n", "").contains(words), "“{words}” is missing");
    }

    // Another time is another letter.
    shop.ngrok.plan(&json!({ "forward": true, "token_of_its_own": "none" }));
    shop.owner.post("/public-address/restart", json!({})).await;
    shop.proven(&first).await;
    shut_out(&shop);
    until("the second letter has arrived", PATIENCE, || async { (mail.received().len() == 2).then_some(()) }).await;
    let id = |letter: &str| letter.lines().find(|line| line.starts_with("Message-ID:")).unwrap().to_owned();
    let letters = mail.received();
    assert_ne!(id(&letters[0].data), id(&letters[1].data), "readers put letters of one id together");
    shop.graph.stop().await;
}
