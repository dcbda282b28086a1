//! The real window on a screen that nobody sees: opened, closed, killed, and found again. `cargo xtask window` runs it.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "tests stop at what they did not expect")]

mod desktop;
mod driver;
mod drop;
mod finish;
mod screen;

use std::time::Duration;

use driver::Computer;
use serde_json::{Value, json};

const NAME: &str = "BotFlow";
const PATIENCE: Duration = Duration::from_secs(40);
/// The return key, as keyboards number it.
const RETURN: u8 = 36;
/// As a driver is told to press it.
const BACKSPACE: char = '\u{e003}';
/// Which has the plus sign.
const PLUS: u8 = 21;
const P: u8 = 33;

/// Asks again and again until there is an answer.
pub(crate) async fn until<T, Fut: Future<Output = Option<T>>>(what: &str, mut ask: impl FnMut() -> Fut) -> T {
    let end = tokio::time::Instant::now() + PATIENCE;
    loop {
        if let Some(found) = ask().await {
            return found;
        }
        assert!(tokio::time::Instant::now() < end, "did not happen: {what}");
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
}

async fn until_seen(computer: &Computer, seen: bool) {
    until(&format!("the window is seen: {seen}"), || async { (computer.screen.shows(NAME) == seen).then_some(()) })
        .await;
}

/// The first page of the set-up to an answer from the owner's own words, and the next day without a password.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a screen and WebKit's driver: cargo xtask window"]
async fn the_first_ten_minutes_and_the_next_day_happen_in_the_window() {
    let computer = Computer::new(true).await;
    let owner = computer.drive(&[]).await;
    owner.until_says("Let's open the shop").await;
    computer.screen.picture("1-account");
    owner.write("Your name", "Thandi").await;
    owner.write("E-mail", "thandi@shop.example").await;
    owner.write("Password", "correct horse battery").await;
    owner.press("Create my account").await;
    owner.write("What is your business called?", "Tolbos Plumbing").await;
    owner.write("What do you do?", "We sell plumbing parts in Cape Town.").await;
    owner.press("Next").await;
    owner.until_says("Drop what your customers ask about").await;
    let text = json!({ "title": "Delivery", "html": "<p>Delivery to Wynberg costs R 88 and leaves on Mondays.</p>" });
    let source = owner.fetch("POST", "/sources/text", text).await;
    let path = format!("/sources/{}", source["id"].as_str().unwrap());
    until("the text is read", || async {
        (owner.fetch("GET", &path, Value::Null).await["state"] == "ready").then_some(())
    })
    .await;
    owner.press("Next").await;
    owner.until_says("Now ask it something").await;
    owner.write("Ask as a customer would", "How much is delivery to Wynberg?\u{e007}").await;
    owner.until_says("R 88").await;
    computer.screen.picture("2-answer");
    drop(owner);
    computer.kill("botflow-desktop").await;

    // The next day, with everything gone that the web view remembered: still no password is asked for.
    let kept = computer.forget_the_web_view();
    assert!(kept > 0, "the web view keeps its things apart from the data");
    let owner = computer.drive(&[]).await;
    owner.until_says("Where do customers write to you?").await;
    owner.press("Go to Home").await;
    owner.until_says("Thandi").await;
    computer.screen.picture("3-home");
    let log = computer.log();
    assert!(!log.contains("ticket\":\""), "no ticket is written down");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a screen and WebKit's driver: cargo xtask window"]
async fn the_window_goes_to_the_tray_and_comes_back_and_says_so_once() {
    let computer = Computer::new(true).await;
    let owner = computer.first_day().await;
    let told = format!("{NAME} goes on answering");
    for _ in 0..2 {
        computer.screen.close(NAME);
        until_seen(&computer, false).await;
        until("the owner was told", || async { computer.desktop.titles().contains(&told).then_some(()) }).await;
        assert_eq!(owner.fetch("GET", "/status", Value::Null).await["answering"], false, "the program goes on");
        computer.desktop.click(&format!("Open {NAME}")).await;
        until_seen(&computer, true).await;
    }
    computer.screen.picture("4-back");
    assert_eq!(computer.desktop.titles().iter().filter(|title| **title == told).count(), 1);
    computer.desktop.click(&format!("Quit {NAME}")).await;
    until("the program ended", || async { computer.processes("botflow-desktop").is_empty().then_some(()) }).await;
    assert!(computer.log().contains("ended"), "in order");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a screen and WebKit's driver: cargo xtask window"]
async fn a_second_start_raises_the_first_at_the_place_of_its_link() {
    let computer = Computer::new(true).await;
    let owner = computer.first_day().await;
    computer.screen.close(NAME);
    until_seen(&computer, false).await;
    assert!(computer.start_again(&["botflow://settings/address"]).success());
    until_seen(&computer, true).await;
    owner.until_at("/settings/address").await;
    computer.screen.picture("5-second-start");
    assert!(computer.start_again(&["botflow://evil.example/steal"]).success());
    assert!(computer.start_again(&[]).success());
    owner.until_at("/settings/address").await;
    assert_eq!(computer.processes("botflow-desktop").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a screen and WebKit's driver: cargo xtask window"]
async fn nothing_is_lost_when_the_program_or_its_web_view_is_killed() {
    let computer = Computer::new(true).await;
    let owner = computer.first_day().await;
    owner.fetch("POST", "/bots", json!({ "name": "Kept" })).await;
    drop(owner);
    computer.kill("botflow-desktop").await;
    let owner = computer.drive(&[]).await;
    owner.until_says("Thandi").await;
    let bots = owner.fetch("GET", "/bots", Value::Null).await;
    assert_eq!(bots["items"][0]["name"], "Kept");
    until("what was recovered is said", || async {
        computer.desktop.titles().contains(&format!("{NAME} goes on where it was cut off")).then_some(())
    })
    .await;
    drop(owner);
    computer.kill("botflow-desktop").await;

    // The same for the process that draws the page: another one takes its place, and the server never noticed.
    let _program = computer.start(&[]);
    // The process of the page before it may still be there: it is killed once the owner sees the page.
    until("the interface is in the window", || async {
        computer.log().rsplit("cut off last time").next()?.contains("the interface is in the window").then_some(())
    })
    .await;
    computer.screen.until_painted();
    computer.screen.picture("6-before");
    let before = computer.screen.dots();
    computer.kill("WebKitWebProcess").await;
    until("the page is drawn anew", || async { (!computer.processes("WebKitWebProcess").is_empty()).then_some(()) })
        .await;
    until("the end is in the log", || async { computer.log().contains("the web view's process ended").then_some(()) })
        .await;
    computer.screen.picture("6-recovered");
    // But for words such as “a minute ago”.
    until("the same page is there as before", || async {
        let same = computer.screen.dots().iter().zip(&before).filter(|(now, then)| now == then).count();
        (same * 100 > before.len() * 99).then_some(())
    })
    .await;
}

/// The switch in Settings, This computer, and the next morning: the program is there, and its window is not.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a screen and WebKit's driver: cargo xtask window"]
async fn it_starts_with_the_computer_hidden_when_the_owner_wants_that() {
    let computer = Computer::new(true).await;
    let owner = computer.first_day().await;
    assert_eq!(computer.started_at_sign_in(), Vec::<String>::new());
    owner.fetch("PUT", "/computer/autostart", json!({ "on": true })).await;
    let started = computer.started_at_sign_in();
    assert!(started.len() == 1 && started[0].contains("--hidden"), "{started:?}");
    drop(owner);
    computer.kill("botflow-desktop").await;

    let _program = computer.sign_in(&started[0]);
    until("its icon is there", || async {
        computer.desktop.menu().await.iter().any(|line| line.words == format!("Open {NAME}")).then_some(())
    })
    .await;
    until("it serves", || async { computer.log().rsplit("cut off last time").next()?.contains("ready").then_some(()) })
        .await;
    assert!(!computer.screen.shows(NAME), "nobody asked for a window");
    computer.desktop.click(&format!("Open {NAME}")).await;
    until_seen(&computer, true).await;
}

/// Found, installed and told of in Settings, About; from then on it is the one that starts.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a screen and WebKit's driver: cargo xtask window"]
async fn a_newer_version_takes_the_windows_place_and_keeps_everything() {
    let publisher = update::fake::Publisher::open().await.unwrap();
    publisher.publish("0.2.0", &std::fs::read(driver::program()).unwrap(), |_| {}).unwrap();
    let mut computer = Computer::new(true).await;
    computer.set("update_address", &publisher.address);
    computer.set("update_key", &publisher.key());
    // As the computer starts it when somebody signs in; then its owner opens the window.
    let owner = computer.drive(&["--hidden"]).await;
    let open = format!("Open {NAME}");
    until("the icon is there", || async {
        computer.desktop.menu().await.iter().any(|line| line.words == open).then_some(())
    })
    .await;
    computer.desktop.click(&open).await;
    until_seen(&computer, true).await;
    owner.set_up().await;
    owner.fetch("POST", "/bots", json!({ "name": "Kept" })).await;
    owner.run("location.assign('/settings/about')").await;
    owner.press("Look for a newer version").await;
    owner.until_says("Version 0.2.0 is there").await;
    computer.screen.picture("12-newer-version");
    owner.press("Update now").await;
    let opened = || computer.log().matches("the interface is in the window").count();
    until("the newer version has a window", || async { (opened() == 2).then_some(()) }).await;
    until_seen(&computer, true).await;
    computer.screen.until_painted();
    computer.screen.picture("13-updated");
    assert_eq!(computer.screen.count(), 1, "there is one window");
    until("the owner was told", || async { computer.desktop.told(&format!("{NAME} is now version 0.2.0.")) }).await;
    drop(owner);
    computer.desktop.click(&format!("Quit {NAME}")).await;
    until("the program ended", || async { computer.processes("botflow-desktop").is_empty().then_some(()) }).await;

    let owner = computer.drive(&["botflow://settings/about"]).await;
    owner.until_says("This is version 0.2.0").await;
    assert_eq!(owner.fetch("GET", "/bots", Value::Null).await["items"][0]["name"], "Kept");
}

/// The chat is shown in the window, in its frame; every other address is for the person's own browser.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a screen and WebKit's driver: cargo xtask window"]
async fn the_chat_is_shown_in_the_window_and_links_open_in_the_persons_own_browser() {
    let mut computer = Computer::new(true).await;
    let opened = computer.lend_browser();
    let owner = computer.first_day().await;
    let bot = owner.fetch("POST", "/bots", json!({ "name": "Counter" })).await["id"].clone();
    let chat = owner.fetch("POST", "/channels", json!({ "kind": "webchat", "bot_id": bot, "name": "Website" })).await;
    let place = format!("/settings/channels/{}", chat["id"].as_str().unwrap());
    owner.run(&format!("location.assign('{place}')")).await;
    owner.until_at(&place).await;
    until("there is a frame", || async {
        let frame = "document.querySelector('iframe')";
        owner.run(&format!("{frame}.scrollIntoView(); return !!{frame}")).await?.as_bool()?.then_some(())
    })
    .await;
    owner.enter_frame().await;
    until("the chat is drawn in it", || async {
        let chat = "document.querySelector('body > div')?.shadowRoot";
        owner.run(&format!("return !!{chat}?.querySelector('textarea')?.offsetHeight")).await?.as_bool()?.then_some(())
    })
    .await;
    owner.leave_frame().await;
    computer.screen.picture("14-chat");
    assert_eq!(opened(), Vec::<String>::new(), "nobody asked for a browser");

    // As links in customers' messages are, and as those of a page that knows no better.
    for (address, target) in [("https://shop.example/one", "_self"), ("https://shop.example/two", "_blank")] {
        let link =
            format!("<a href=\"{address}\" target=\"{target}\" style=\"position: fixed; z-index: 9999\">Shop</a>");
        owner.run(&format!("document.body.insertAdjacentHTML('afterbegin', {})", json!(link))).await;
        owner.click(&format!("//a[@href='{address}']")).await;
        until("the browser was asked to open it", || async { opened().contains(&address.to_owned()).then_some(()) })
            .await;
        owner.run("document.querySelector('body > a').remove()").await;
    }
    assert_eq!(opened(), ["https://shop.example/one", "https://shop.example/two"]);
    owner.until_at(&place).await;
}

/// A caret that blinks all night keeps the computer awake; one that went out leaves the owner without a place to write.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a screen and WebKit's driver: cargo xtask window"]
async fn the_caret_rests_in_sight() {
    let computer = Computer::new(true).await;
    let owner = computer.drive(&[]).await;
    owner.until_says("Let's open the shop").await;
    // Within the frame of the empty field that waits for words. There is nothing to be seen there but the caret.
    let inside = "const field = document.activeElement; const at = field.getBoundingClientRect();
        const part = [at.x + 6, at.y + 6, at.width - 12, at.height - 12];
        return field.matches('input') && field.value === '' ? part.map(Math.round) : null";
    let inside = async || serde_json::from_value::<[i16; 4]>(owner.run(inside).await?).ok();
    // First as the page is found, then after somebody wrote and took it back.
    for _ in 0..2 {
        until("an empty field waits for words", &inside).await;
        computer.screen.until_at_rest();
        let dark = computer.screen.dark_dots(NAME, inside().await.unwrap());
        assert!((10..100).contains(&dark), "{dark} dots of a caret");
        owner.write("Your name", &format!("T{BACKSPACE}")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a screen and WebKit's driver: cargo xtask window"]
async fn the_window_is_as_its_owner_left_it() {
    let computer = Computer::new(true).await;
    let owner = computer.first_day().await;
    let wide = owner.run("return innerWidth").await.unwrap().as_f64().unwrap();
    let left = (70, 50, 1000, 700);
    computer.screen.put(NAME, left);
    until("it is as large as asked", || async { (computer.screen.frame(NAME)? == left).then_some(()) }).await;
    until("the page is as wide", || async { (owner.run("return innerWidth").await?.as_f64()? < wide).then_some(()) })
        .await;
    computer.screen.press_with_control(NAME, PLUS);
    let zoomed = |width: Value| (width.as_f64().unwrap() - 1000.0 / 1.1).abs() < 2.0;
    until("it is zoomed", || async { owner.run("return innerWidth").await.filter(|w| zoomed(w.clone())).map(drop) })
        .await;
    computer.desktop.click(&format!("Quit {NAME}")).await;
    until("the program ended", || async { computer.processes("botflow-desktop").is_empty().then_some(()) }).await;
    drop(owner);

    let owner = computer.drive(&[]).await;
    owner.until_says("Thandi").await;
    assert_eq!(computer.screen.frame(NAME), Some(left));
    assert!(zoomed(owner.run("return innerWidth").await.unwrap()));
    computer.screen.picture("11-as-left");
    computer.screen.press_with_control(NAME, P);
    until("printing is asked about", || async { (computer.screen.count() == 2).then_some(()) }).await;
}

/// The tray silences the bots; then a customer waits for a person, who hears of it and gets there with one click.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a screen and WebKit's driver: cargo xtask window"]
async fn a_customer_who_waits_is_told_of_and_one_click_away() {
    let computer = Computer::new(true).await;
    let owner = computer.first_day().await;
    let bot = owner.fetch("POST", "/bots", json!({ "name": "Counter" })).await["id"].clone();
    let chat = owner.fetch("POST", "/channels", json!({ "kind": "webchat", "bot_id": bot, "name": "Website" })).await;
    let chat = chat["id"].as_str().unwrap().to_owned();
    owner.fetch("PATCH", &format!("/channels/{chat}"), json!({ "state": "active" })).await;
    until("the switch shows that the bot answers", || async {
        let menu = computer.desktop.menu().await;
        menu.iter().any(|line| line.words == "Answer for me" && line.checked && line.enabled).then_some(())
    })
    .await;
    let plain = computer.desktop.picture().await.unwrap();
    computer.desktop.click("Answer for me").await;
    until("the bot is silent", || async {
        (owner.fetch("GET", "/bots", Value::Null).await["items"][0]["paused"] == true).then_some(())
    })
    .await;
    computer.screen.close(NAME);
    until_seen(&computer, false).await;
    computer.write_as_visitor(&chat, "Do you have taps?").await;
    let title = until("the owner hears of it", || async {
        computer.desktop.titles().into_iter().find(|title| title.ends_with("waits for you"))
    })
    .await;
    let notice = computer.desktop.told(&title).unwrap();
    assert_eq!(
        (notice.icon.as_str(), notice.entry.as_str()),
        ("botflow", "app.botflow.desktop"),
        "as packages name them"
    );
    until("the menu says so", || async {
        computer.desktop.menu().await.iter().any(|line| line.words == "1 person waits for you").then_some(())
    })
    .await;
    until("the icon has another picture", || async { (computer.desktop.picture().await? != plain).then_some(()) })
        .await;
    computer.desktop.click_notice(&title).await;
    until_seen(&computer, true).await;
    owner.until_says("Do you have taps?").await;
    assert!(owner.address().await.unwrap().contains("/inbox/"));
    computer.screen.picture("7-waiting");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a screen and WebKit's driver: cargo xtask window"]
async fn without_a_place_for_icons_closing_asks_and_never_ends_silently() {
    let computer = Computer::new(false).await;
    let owner = computer.first_day().await;
    computer.screen.close(NAME);
    until("it is asked what closing means", || async { (computer.screen.count() == 2).then_some(()) }).await;
    computer.screen.picture("8-question");
    computer.screen.press_beside(NAME, RETURN);
    until("the question is answered", || async { (computer.screen.count() < 2).then_some(()) }).await;
    assert_eq!(owner.fetch("GET", "/status", Value::Null).await["answering"], false, "the program goes on");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a screen and WebKit's driver: cargo xtask window"]
async fn a_start_that_failed_is_explained_in_the_window() {
    let computer = Computer::new(true).await;
    let mut alone = computer.start(&["--headless"]);
    until("the server runs", || async { computer.log().contains("ready").then_some(()) }).await;
    let owner = computer.drive(&[]).await;
    owner.until_says("could not start").await;
    owner.until_says("already runs on the folder").await;
    computer.screen.picture("9-failed");
    assert!(alone.has_ended().is_none());
    computer.screen.close(NAME);
    until("only the server is left", || async { (computer.processes("botflow-desktop").len() == 1).then_some(()) })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a screen and WebKit's driver: cargo xtask window"]
async fn a_resellers_program_has_its_own_name_wherever_the_owner_looks() {
    let mut computer = Computer::new(true).await;
    let brand = json!({ "product_name": "Help Desk", "identifier": "com.example.helpdesk", "program": "helpdesk",
        "accent": "#1d4f91" });
    computer.brand("helpdesk", &brand);
    let owner = computer.drive(&["helpdesk://settings/about"]).await;
    owner.set_up().await;
    until("its window is there", || async { computer.screen.shows("Help Desk").then_some(()) }).await;
    let menu =
        until("its icon is there", || async { Some(computer.desktop.menu().await).filter(|menu| !menu.is_empty()) })
            .await;
    assert!(menu.iter().any(|line| line.words == "Quit Help Desk"), "{menu:?}");
    assert!(menu.iter().all(|line| !line.words.contains(NAME)), "{menu:?}");
    for place in ["/", "/settings/about", "/settings/look"] {
        owner.run(&format!("location.assign('{place}')")).await;
        owner.until_at(place).await;
        owner.until_says("Settings").await;
        let words = owner.run("return document.title + document.body.innerText").await.unwrap();
        assert!(!words.as_str().unwrap().contains(NAME), "{place}: {words}");
    }
    computer.screen.picture("10-brand");
    computer.desktop.click("Quit Help Desk").await;
    until("it ended", || async { computer.processes("helpdesk").is_empty().then_some(()) }).await;
}
