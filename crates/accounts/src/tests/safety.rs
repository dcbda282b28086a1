//! Against strangers: guessing, stolen files, foreign pages, curious probes.

use base::Stopwatch;

use super::*;

#[tokio::test]
async fn guessing_passwords_is_stopped_after_five_tries_a_minute_with_a_plain_sentence() {
    let bench = Bench::new();
    bench.set_up().await;
    let mut statuses = Vec::new();
    for _ in 0..7 {
        statuses.push(bench.sign_in("203.0.113.9", "ana@shop.example", "wrong password").await.status);
    }
    assert_eq!(statuses, [401, 401, 401, 401, 401, 429, 429]);
    let refused = bench.sign_in("203.0.113.9", "ana@shop.example", "correct horse").await;
    assert_eq!(refused.status, 429, "not even the right one gets through meanwhile");
    assert_eq!(refused.body["message"], "Too many tries. Please wait a minute and try again.");
    assert!(refused.retry_after.is_some());
    let elsewhere = bench.sign_in("198.51.100.7", "ana@shop.example", "correct horse").await;
    assert_eq!(elsewhere.status, 200, "the owner at another address is not locked out");
}

#[tokio::test]
async fn guessing_from_many_addresses_or_over_many_names_is_slowed_too() {
    let bench = Bench::new();
    bench.set_up().await;
    let mut passed = 0;
    for n in 0..40 {
        let client = format!("203.0.113.{n}");
        passed += usize::from(bench.sign_in(&client, "ana@shop.example", "wrong password").await.status != 429);
    }
    // 30, and one more for every two seconds that this takes.
    assert!(passed < 40, "{passed} tries on one account");
    let mut passed = 0;
    for n in 0..40 {
        let email = format!("user{n}@shop.example");
        passed += usize::from(bench.sign_in("198.51.100.200", &email, "wrong password").await.status != 429);
    }
    assert!(passed < 40, "{passed} tries from one address");
}

#[tokio::test]
async fn an_unknown_address_cannot_be_told_from_a_wrong_password() {
    let bench = Bench::new();
    bench.set_up().await;
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for n in 0..4 {
        let client = format!("203.0.113.{n}");
        let watch = Stopwatch::start();
        let a = bench.sign_in(&client, "ana@shop.example", "wrong password").await;
        known.push(watch.elapsed_ms());
        let watch = Stopwatch::start();
        let b = bench.sign_in(&client, "nobody@shop.example", "wrong password").await;
        unknown.push(watch.elapsed_ms());
        assert_eq!((a.status, &a.body["message"]), (b.status, &b.body["message"]));
    }
    let least = |times: &[f64]| times.iter().copied().fold(f64::MAX, f64::min);
    // Without the stand-in, the second would take a hundredth of the first.
    println!("known {:.1} ms, unknown {:.1} ms", least(&known), least(&unknown));
    assert!(least(&unknown) > least(&known) / 3.0);
}

#[tokio::test]
async fn who_steals_the_database_file_cannot_sign_in_with_what_is_in_it() {
    let bench = Bench::new();
    let token = bench.set_up().await;
    bench.db.maintain().await.unwrap();
    let mut everything = Vec::new();
    for entry in std::fs::read_dir(bench.folder.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            everything.extend(std::fs::read(path).unwrap());
        }
    }
    let holds = |needle: &[u8]| everything.windows(needle.len()).any(|w| w == needle);
    assert!(holds(b"ana@shop.example"), "the search works");
    assert!(!holds(token.as_bytes()), "the token is nowhere");
    assert!(!holds(b"correct horse"), "nor is the password");
    let stored: Vec<u8> =
        bench.db.read(|c| Ok(c.query_row("select token_hash from session", [], |r| r.get(0))?)).await.unwrap();
    let as_text = hex::encode(&stored);
    for stolen in [as_text.as_str(), &as_text[..43]] {
        assert_eq!(bench.send("GET", "/mine", Some(stolen), None).await.status, 401);
    }
}

#[tokio::test]
async fn the_cookie_is_out_of_reach_of_scripts_and_of_other_sites() {
    let bench = Bench::new();
    let cookie = bench.send("POST", "/setup", None, Some(owner())).await.cookie.unwrap();
    for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=2592000"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "it must work on http://localhost");
    let request = Request::post("/session")
        .header("host", "shop.example")
        .header("origin", "https://shop.example")
        .header("content-type", "application/json")
        .body(Body::from(json!({ "email": "ana@shop.example", "password": "correct horse" }).to_string()))
        .unwrap();
    let secure = Answer::of(bench.router.clone().oneshot(request).await.unwrap()).await;
    assert!(secure.cookie.unwrap().contains("; Secure"));
}

#[tokio::test]
async fn a_foreign_page_cannot_sign_out_or_switch_the_business() {
    let bench = Bench::new();
    let token = bench.set_up().await;
    let request = Request::delete("/session")
        .header("host", "localhost")
        .header("cookie", format!("{}={token}", cookie_name()))
        .header("sec-fetch-site", "cross-site")
        .body(Body::empty())
        .unwrap();
    assert_eq!(bench.router.clone().oneshot(request).await.unwrap().status(), 403);
    assert_eq!(bench.send("GET", "/mine", Some(&token), None).await.status, 200);
}

#[tokio::test]
async fn made_up_cookies_are_nobody() {
    let bench = Bench::new();
    bench.set_up().await;
    for cookie in ["", "x", &"A".repeat(43), &"A".repeat(5000), "' or 1=1 --"] {
        assert_eq!(bench.send("GET", "/mine", Some(cookie), None).await.status, 401, "{cookie:.20}");
    }
}

#[tokio::test]
async fn signing_in_again_ends_the_session_that_was_there() {
    let bench = Bench::new();
    let before = bench.set_up().await;
    let body = json!({ "email": "ana@shop.example", "password": "correct horse" });
    let after = bench.send("POST", "/session", Some(&before), Some(body)).await.token.unwrap();
    assert_ne!(before, after);
    assert_eq!(bench.send("GET", "/mine", Some(&before), None).await.status, 401);
    assert_eq!(bench.send("GET", "/mine", Some(&after), None).await.status, 200);
}

#[test]
fn no_query_for_a_session_walks_through_all_of_them() {
    let bench = Bench::new();
    for sql in [crate::session::FIND, "delete from session where seen_at <= ?1"] {
        let plan = bench.db.read_blocking(|c| db::query_plan(c, sql)).unwrap();
        assert!(plan.iter().all(|step| !step.starts_with("SCAN")), "{plan:?}");
    }
}
