//! The way in: set-up once, signing in and out, staying signed in, choosing a business.

use std::time::Duration;

use base::Secret;
use base::id::{UserId, WorkspaceId};

use super::*;

const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test]
async fn the_first_visit_creates_the_owner_and_a_business_and_signs_in() {
    let bench = Bench::new();
    let before = bench.send("GET", "/session", None, None).await;
    assert_eq!((before.status, &before.body["setup_needed"]), (200, &json!(true)));
    let token = bench.set_up().await;
    let info = bench.send("GET", "/session", Some(&token), None).await.body;
    assert_eq!(info["setup_needed"], false);
    assert_eq!(info["user"]["email"], "ana@shop.example");
    assert_eq!(info["workspace"]["name"], FIRST_WORKSPACE_NAME);
    assert_eq!(info["workspaces"].as_array().unwrap().len(), 1);
    let mine = bench.send("GET", "/mine", Some(&token), None).await;
    assert_eq!((mine.status, &mine.body), (200, &info["workspace"]["id"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_set_ups_at_the_same_moment_only_one_becomes_the_owner() {
    let bench = Bench::new();
    let other = json!({ "name": "Eve", "email": "eve@example.org", "password": "correct horse" });
    let (a, b) = tokio::join!(
        bench.send("POST", "/setup", None, Some(owner())),
        bench.send("POST", "/setup", None, Some(other.clone()))
    );
    let mut statuses = [a.status, b.status];
    statuses.sort();
    assert_eq!(statuses, [201, 409]);
    let later = bench.send("POST", "/setup", None, Some(other)).await;
    assert_eq!(later.status, 409);
    assert!(later.token.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_set_up_stands_still_nobody_becomes_the_owner() {
    let bench = Bench::new();
    // One comes just then: there is an owner, or there will be none.
    let (held, answer) = tokio::join!(bench.accounts.hold_set_up(), bench.send("POST", "/setup", None, Some(owner())));
    assert_eq!((held.is_ok(), answer.status), (true, 409), "a password takes its time");
    assert!(bench.accounts.setup_needed().await.unwrap());
    assert!(bench.accounts.hold_set_up().await.is_err(), "it stands still already");
    let answer = bench.send("POST", "/setup", None, Some(owner())).await;
    assert_eq!(answer.status, 409);
    assert!(answer.body["message"].as_str().unwrap().contains("another computer"), "{}", answer.body);
    drop(held);
    bench.set_up().await;
    assert!(bench.accounts.hold_set_up().await.is_err(), "there is an owner");
    assert!(bench.accounts.setup_needed().await.is_ok_and(|needed| !needed));
}

#[tokio::test]
async fn what_is_not_a_name_address_or_password_is_refused_by_field() {
    let bench = Bench::new();
    for (field, value) in [
        ("name", json!("")),
        ("email", json!("not an address")),
        ("password", json!("short")),
        ("password", json!("aaaaaaaaaaaa")),
        ("password", json!("x1".repeat(200))),
    ] {
        let mut body = owner();
        body[field] = value.clone();
        let answer = bench.send("POST", "/setup", None, Some(body)).await;
        assert_eq!(answer.status, 422, "{field} {value}");
        assert_eq!(answer.body["fields"][0]["field"], field);
        assert!(!answer.body.to_string().contains(&value.to_string()) || value == "", "{}", answer.body);
    }
    assert!(bench.accounts.setup_needed().await.unwrap());
}

#[tokio::test]
async fn signing_out_ends_the_session_also_for_who_copied_the_cookie() {
    let bench = Bench::new();
    let token = bench.set_up().await;
    let gone = bench.send("DELETE", "/session", Some(&token), None).await;
    assert_eq!(gone.status, 204);
    assert!(gone.cookie.unwrap().contains("Max-Age=0"));
    assert_eq!(bench.send("GET", "/mine", Some(&token), None).await.status, 401);
    assert_eq!(bench.send("DELETE", "/session", None, None).await.status, 204);
    let again = bench.sign_in("198.51.100.1", " ANA@shop.example ", "correct horse").await;
    assert_eq!(again.status, 200, "{}", again.body);
    assert_eq!(again.body["workspace"]["name"], FIRST_WORKSPACE_NAME);
}

#[tokio::test]
async fn a_token_changes_daily_without_signing_anybody_out_and_the_old_one_dies() {
    let bench = Bench::new();
    let old = bench.set_up().await;
    assert!(bench.send("GET", "/session", Some(&old), None).await.token.is_none(), "not before its day is over");
    bench.clock.advance(DAY);
    let new = bench.send("GET", "/session", Some(&old), None).await.token.unwrap();
    assert_ne!(new, old);
    assert_eq!(bench.send("GET", "/mine", Some(&old), None).await.status, 200, "requests under way still pass");
    bench.clock.advance(Duration::from_secs(3600));
    assert_eq!(bench.send("GET", "/mine", Some(&old), None).await.status, 200, "the answer may have been lost");
    assert_eq!(bench.send("GET", "/mine", Some(&new), None).await.status, 200);
    bench.clock.advance(Duration::from_secs(61));
    assert_eq!(bench.send("GET", "/mine", Some(&old), None).await.status, 401, "a minute after the new one is in use");
    assert_eq!(bench.send("GET", "/mine", Some(&new), None).await.status, 200);
}

#[tokio::test]
async fn a_session_lasts_while_it_is_used_and_ends_after_30_idle_days() {
    let bench = Bench::new();
    let mut token = bench.set_up().await;
    for _ in 0..4 {
        bench.clock.advance(DAY * 20);
        let answer = bench.send("GET", "/session", Some(&token), None).await;
        token = answer.token.unwrap_or(token);
        assert_eq!(bench.send("GET", "/mine", Some(&token), None).await.status, 200);
    }
    bench.clock.advance(DAY * 30);
    assert_eq!(bench.send("GET", "/mine", Some(&token), None).await.status, 401);
}

#[tokio::test]
async fn another_business_is_chosen_only_by_its_members_and_leaving_works_at_once() {
    let bench = Bench::new();
    let token = bench.set_up().await;
    let info = bench.send("GET", "/session", Some(&token), None).await.body;
    let user: UserId = info["user"]["id"].as_str().unwrap().parse().unwrap();
    let second = bench.accounts.create_workspace(user, "Bakery".into()).await.unwrap();
    let chosen = bench.send("PUT", "/session/workspace", Some(&token), Some(json!({ "id": second.id }))).await;
    assert_eq!((chosen.status, &chosen.body["workspace"]["name"]), (200, &json!("Bakery")));
    assert_eq!(bench.send("GET", "/mine", Some(&token), None).await.body, json!(second.id));
    let foreign = json!({ "id": WorkspaceId::fresh() });
    assert_eq!(bench.send("PUT", "/session/workspace", Some(&token), Some(foreign)).await.status, 404);
    bench.accounts.rename_workspace(user, second.id, "  Ana's bakery ".into()).await.unwrap();
    assert_eq!(bench.accounts.workspaces().await.unwrap()[1].name, "Ana's bakery");
    assert!(bench.accounts.remove_member(user, user, second.id).await.is_err(), "somebody must own it");
    let left = second.id;
    bench.db.write(move |tx| crate::workspaces::store::delete_membership(tx, user, left)).await.unwrap();
    assert_eq!(bench.send("GET", "/mine", Some(&token), None).await.status, 403);
}

#[tokio::test]
async fn a_forgotten_password_is_reset_on_the_machine_and_all_devices_are_signed_out() {
    let bench = Bench::new();
    let token = bench.set_up().await;
    assert!(bench.accounts.reset_password(None, Secret::new("short")).await.is_err());
    assert!(bench.accounts.reset_password(Some("nobody@x.example"), Secret::new("battery staple")).await.is_err());
    let email = bench.accounts.reset_password(None, Secret::new("battery staple")).await.unwrap();
    assert_eq!(email, "ana@shop.example");
    assert_eq!(bench.send("GET", "/mine", Some(&token), None).await.status, 401);
    assert_eq!(bench.sign_in("198.51.100.1", "ana@shop.example", "correct horse").await.status, 401);
    assert_eq!(bench.sign_in("198.51.100.1", "ana@shop.example", "battery staple").await.status, 200);
}

#[tokio::test]
async fn changing_the_password_keeps_this_device_and_signs_out_the_others() {
    let bench = Bench::new();
    let here = bench.set_up().await;
    let there = bench.sign_in("198.51.100.2", "ana@shop.example", "correct horse").await.token.unwrap();
    let change = |current: &str| Some(json!({ "current": current, "new": "battery staple" }));
    let wrong = bench.send("PUT", "/session/password", Some(&here), change("wrong")).await;
    assert_eq!((wrong.status, &wrong.body["fields"][0]["field"]), (422, &json!("current")));
    assert_eq!(bench.send("PUT", "/session/password", Some(&here), change("correct horse")).await.status, 204);
    assert_eq!(bench.send("GET", "/mine", Some(&here), None).await.status, 200);
    assert_eq!(bench.send("GET", "/mine", Some(&there), None).await.status, 401);
}

#[tokio::test]
async fn what_was_done_can_be_looked_up_afterwards() {
    let bench = Bench::new();
    bench.set_up().await;
    bench.accounts.audit(None, None, "backup.create", json!({ "bytes": 7 })).await.unwrap();
    let query = AuditQuery { workspace: None, before: None, limit: 10 };
    let trail = bench.accounts.audit_trail(query).await.unwrap();
    let actions: Vec<_> = trail.iter().map(|e| e.action.as_str()).collect();
    assert_eq!(actions, ["backup.create", "user.set_up"]);
    let older = AuditQuery { before: Some(trail[0].seq), ..query };
    assert_eq!(bench.accounts.audit_trail(older).await.unwrap().len(), 1);
}
