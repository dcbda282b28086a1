//! A ticket is as good as a password for a minute: it has to work once, here, and never again.

use super::*;

async fn redeem(bench: &Bench, ticket: &str) -> Answer {
    bench.send("POST", "/session/ticket", None, Some(json!({ "ticket": ticket }))).await
}

#[tokio::test]
async fn the_window_is_signed_in_as_the_owner_without_a_password() {
    let bench = Bench::new();
    assert!(bench.accounts.ticket().await.unwrap().is_none(), "nobody's window is signed in before there is an owner");
    bench.set_up().await;
    let ticket = bench.accounts.ticket().await.unwrap().unwrap();
    let answer = redeem(&bench, ticket.expose()).await;
    assert_eq!((answer.status, &answer.body["user"]["name"]), (200, &json!("Ana")));
    assert!(answer.cookie.unwrap().contains("HttpOnly; SameSite=Lax"));
    assert_eq!(bench.send("GET", "/mine", answer.token.as_deref(), None).await.status, 200);
}

#[tokio::test]
async fn a_ticket_is_good_once() {
    let bench = Bench::new();
    bench.set_up().await;
    let ticket = bench.accounts.ticket().await.unwrap().unwrap();
    assert_eq!(redeem(&bench, ticket.expose()).await.status, 200);
    let again = redeem(&bench, ticket.expose()).await;
    assert_eq!((again.status, again.token), (401, None));
    assert_eq!(redeem(&bench, "made up").await.status, 401);
}

#[tokio::test]
async fn a_ticket_that_nobody_used_for_a_minute_is_worth_nothing() {
    let bench = Bench::new();
    bench.set_up().await;
    let ticket = bench.accounts.ticket().await.unwrap().unwrap();
    bench.clock.advance(std::time::Duration::from_secs(59));
    let younger = bench.accounts.ticket().await.unwrap().unwrap();
    bench.clock.advance(std::time::Duration::from_secs(1));
    assert_eq!(redeem(&bench, ticket.expose()).await.status, 401);
    assert_eq!(redeem(&bench, younger.expose()).await.status, 200);
}

#[tokio::test]
async fn another_sites_page_cannot_redeem_a_ticket() {
    let bench = Bench::new();
    bench.set_up().await;
    let ticket = bench.accounts.ticket().await.unwrap().unwrap();
    for (name, value) in [("origin", "https://other.example"), ("sec-fetch-site", "cross-site")] {
        let request = Request::builder()
            .method("POST")
            .uri("/session/ticket")
            .header("host", "localhost")
            .header("content-type", "application/json")
            .header(name, value)
            .body(Body::from(json!({ "ticket": ticket.expose() }).to_string()));
        let answer = Answer::of(bench.router.clone().oneshot(request.unwrap()).await.unwrap()).await;
        assert_eq!((answer.status, answer.token), (403, None), "{name}");
    }
    assert_eq!(redeem(&bench, ticket.expose()).await.status, 200, "it was not used up");
}

#[tokio::test]
async fn a_ticket_is_never_written_down() {
    let bench = Bench::new();
    bench.set_up().await;
    let ticket = bench.accounts.ticket().await.unwrap().unwrap();
    assert!(!format!("{ticket:?}").contains(ticket.expose()));
    for file in std::fs::read_dir(bench.folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(ticket.expose().len()).any(|part| part == ticket.expose().as_bytes()));
    }
}
