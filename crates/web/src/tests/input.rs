//! Extractors, pages and ETags: what comes in is read or refused in words.

use axum::routing::{get as on_get, post as on_post};
use base::{Error, Result, Time};
use http::HeaderMap;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use super::*;
use crate::extract::parse;

#[derive(Debug, Deserialize, Serialize, garde::Validate)]
struct Contact {
    #[garde(length(chars, min = 1, max = 20))]
    name: String,
    #[garde(range(min = 0, max = 150))]
    age: u8,
    #[serde(default)]
    #[garde(dive)]
    hours: Vec<Hours>,
    #[serde(default)]
    #[garde(skip)]
    colour: Option<Colour>,
}

#[derive(Debug, Deserialize, Serialize, garde::Validate)]
struct Hours {
    #[garde(range(max = 24))]
    from: u8,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Colour {
    Red,
    Green,
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(flatten)]
    page: PageQuery,
    #[serde(default)]
    search: String,
}

fn router() -> Router {
    public_layers(
        Router::new()
            .route("/contact", on_post(async |Json(c): Json<Contact>| Json(c)))
            .route("/any", on_post(async |Plain(v): Plain<Value>| Json(v)))
            .route("/signed", on_post(async |Raw(body): Raw| body))
            .route("/number/{n}", on_get(async |Path(n): Path<u32>| n.to_string()))
            .route("/list", on_get(list)),
    )
}

async fn list(Query(wanted): Query<Wanted>) -> ApiResult<String> {
    let after: Option<(Time, u32)> = wanted.page.after()?;
    Ok(format!("{} {:?} {}", wanted.page.limit(), after, wanted.search))
}

#[tokio::test]
async fn what_is_wrong_is_said_with_the_name_of_the_field() {
    let router = router();
    for (body, status, field, says) in [
        (r#"{"name":"Ana","age":"x"}"#, 422, "age", "“age” should be a whole number"),
        (r#"{"name":7,"age":1}"#, 422, "name", "“name” should be a text"),
        (r#"{"age":1}"#, 422, "name", "“name” is missing"),
        (r#"{"name":"","age":1}"#, 422, "name", "“name”"),
        (r#"{"name":"Ana","age":200}"#, 422, "age", "“age”"),
        (r#"{"name":"Ana","age":1,"hours":[{"from":8},{"from":25}]}"#, 422, "hours[1].from", "“hours[1].from”"),
        (r#"{"name":"Ana","age":1,"hours":[{"from":"8"}]}"#, 422, "hours[0].from", "whole number"),
        (r#"{"name":"Ana","age":1,"hours":{}}"#, 422, "hours", "should be a list"),
        (r#"{"name":"Ana","age":1,"colour":"blue"}"#, 422, "colour", "one of red"),
        (r#"{"name":"Ana","age":300}"#, 422, "age", "“age”"),
        (r#"[]"#, 422, "", "should be an object"),
        (r#" ["Ana", 30]"#, 422, "", "should be an object"),
    ] {
        let response = send(&router, post("/contact", body)).await;
        assert_eq!(response.status(), status, "{body}");
        let error: ErrorBody = serde_json::from_value(json(response).await).unwrap();
        let fields = error.fields.unwrap();
        assert_eq!(fields[0].field, field, "{body}");
        assert!(fields[0].message.contains(says), "{body}: {}", fields[0].message);
        assert!(!error.request_id.is_empty());
    }
}

#[tokio::test]
async fn what_cannot_be_read_at_all_is_told_apart_from_what_is_refused() {
    let router = router();
    let large = format!(r#"{{"name":"{}","age":1}}"#, "x".repeat(2 << 20));
    let form = Request::post("/contact").header("content-type", "application/x-www-form-urlencoded");
    for (request, status, code) in [
        (post("/contact", "{"), 400, "invalid"),
        (post("/contact", r#"{"name":"Ana","age":1} tail"#), 400, "invalid"),
        (post("/contact", large), 413, "too_large"),
        (form.body("name=Ana".into()).unwrap(), 415, "unsupported"),
        (get("/number/x"), 400, "invalid"),
        (get("/number/-1"), 400, "invalid"),
        (get("/list?limit=many"), 400, "invalid"),
        (get("/list?cursor=%21%21"), 422, "invalid"),
        (get(&format!("/list?cursor={}", "0".repeat(2049))), 400, "invalid"),
        (post("/signed", "x".repeat(2 << 20)), 413, "too_large"),
        (get("/nowhere"), 404, "not_found"),
        (get("/contact"), 405, "invalid"),
    ] {
        let uri = request.uri().clone();
        let response = send(&router, request).await;
        assert_eq!(response.status(), status, "{uri}");
        assert_eq!(json(response).await["code"], code, "{uri}");
    }
    let good = send(&router, post("/any", r#"{"anything":[1]}"#)).await;
    assert_eq!(json(good).await["anything"][0], 1);
}

#[tokio::test]
async fn pages_are_bounded_also_when_the_query_has_more_in_it() {
    let router = router();
    let cursor = encode_cursor(&(Time(5), 7u32)).unwrap();
    for (path, expected) in [
        ("/list".to_owned(), "50 None "),
        ("/list?limit=7&search=tea".to_owned(), "7 None tea"),
        ("/list?limit=100000".to_owned(), "200 None "),
        ("/list?limit=0".to_owned(), "1 None "),
        ("/list?limit=&cursor=".to_owned(), "50 None "),
        (format!("/list?cursor={cursor}"), "50 Some((Time(5), 7)) "),
    ] {
        let response = send(&router, get(&path)).await;
        assert_eq!(String::from_utf8(bytes(response).await).unwrap(), expected, "{path}");
    }
}

#[test]
fn a_list_ends_exactly_where_its_rows_end() {
    for (rows, limit, shown, more) in [(0, 3, 0, false), (3, 3, 3, false), (4, 3, 3, true)] {
        let page = Page::from_rows((0..rows).collect::<Vec<i32>>(), limit, |last| *last).unwrap();
        assert_eq!((page.items.len(), page.next.is_some()), (shown, more), "{rows} rows");
        if let Some(next) = page.next {
            assert_eq!(decode_cursor::<i32>(&next).unwrap(), 2);
        }
    }
}

proptest! {
    #[test]
    fn a_cursor_comes_back_as_it_was_and_is_safe_in_an_address(at in any::<i64>(), id in any::<u64>(), text in ".*") {
        let key = (Time(at), id, text);
        let cursor = encode_cursor(&key).unwrap();
        prop_assert!(cursor.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
        if cursor.len() <= 2048 {
            prop_assert_eq!(decode_cursor::<(Time, u64, String)>(&cursor).unwrap(), key);
        }
    }

    #[test]
    fn a_cursor_that_somebody_made_up_is_refused_and_never_panics(cursor in ".*") {
        let _: Result<(Time, u64)> = decode_cursor(&cursor);
    }

    #[test]
    fn no_body_whatever_makes_reading_panic(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = parse::<Contact>(&body);
    }

    #[test]
    fn json_of_any_shape_is_read_or_refused_with_a_sentence(
        name in prop_oneof![Just("null".to_owned()), Just("[]".to_owned()), "\"[a-z]{0,9}\"", "-?[0-9]{1,30}"],
        age in prop_oneof![Just("true".to_owned()), Just("{}".to_owned()), "-?[0-9]{1,30}", "[0-9]\\.[0-9]"],
    ) {
        let body = format!(r#"{{"name":{name},"age":{age}}}"#);
        if let Err(error) = parse::<Contact>(body.as_bytes()) {
            prop_assert!(!error.error.message.is_empty());
            prop_assert!(!error.error.message.contains('`'), "{}", error.error.message);
        }
    }
}

#[test]
fn an_unchanged_answer_is_not_sent_twice_and_a_stale_change_is_refused() {
    let mut headers = HeaderMap::new();
    let first = cached_json(&headers, &["a"]).unwrap();
    assert_eq!(first.status(), 200);
    let tag = first.headers()["etag"].clone();
    headers.insert("if-none-match", tag.clone());
    assert_eq!(cached_json(&headers, &["a"]).unwrap().status(), 304);
    assert_eq!(cached_json(&headers, &["b"]).unwrap().status(), 200);
    let weakened = format!("\"other\", W/{}", tag.to_str().unwrap());
    headers.insert("if-none-match", weakened.parse().unwrap());
    assert_eq!(cached_json(&headers, &["a"]).unwrap().status(), 304);

    let current = ETag::of_version(3);
    for (seen, ok) in [(None, true), (Some("\"v3\""), true), (Some("\"v2\""), false), (Some("*"), true)] {
        let mut headers = HeaderMap::new();
        if let Some(seen) = seen {
            headers.insert("if-match", seen.parse().unwrap());
        }
        let answer: Result<(), Error> = current.ensure_seen(&headers);
        assert_eq!(answer.is_ok(), ok, "{seen:?}");
    }
}
