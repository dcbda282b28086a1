//! Errors: one body for all of them, statuses by code, and nothing of the cause.

use std::time::Duration;

use axum::response::IntoResponse;
use base::{Error, ErrorCode};

use super::*;

#[test]
fn every_code_has_its_status() {
    for (code, status) in [
        (ErrorCode::Invalid, 422),
        (ErrorCode::Unauthorized, 401),
        (ErrorCode::Forbidden, 403),
        (ErrorCode::NotFound, 404),
        (ErrorCode::Conflict, 409),
        (ErrorCode::TooLarge, 413),
        (ErrorCode::TooMany, 429),
        (ErrorCode::Unsupported, 415),
        (ErrorCode::DiskLow, 507),
        (ErrorCode::Upstream, 502),
        (ErrorCode::Timeout, 504),
        (ErrorCode::Cancelled, 409),
        (ErrorCode::Unavailable, 503),
        (ErrorCode::Internal, 500),
    ] {
        assert_eq!(status_of(code), status, "{code:?}");
    }
}

#[tokio::test]
async fn the_cause_of_an_error_stays_in_the_log() {
    let error = Error::internal("password=hunter2 at line 7");
    let response = ApiError::from(error).into_response();
    assert_eq!(response.status(), 500);
    let body = String::from_utf8(bytes(response).await).unwrap();
    assert!(!body.contains("hunter2"), "{body}");
    assert!(body.contains("\"code\":\"internal\""));
}

#[tokio::test]
async fn too_many_tries_say_when_to_come_back() {
    let limit = RateLimit::per_minute(3, "Slowly, please.");
    for _ in 0..3 {
        assert!(limit.check("somebody").is_ok());
    }
    let refused = limit.check("somebody").unwrap_err().into_response();
    assert_eq!(refused.status(), 429);
    let seconds: u64 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    assert_eq!(json(refused).await["message"], "Slowly, please.");
    assert!(limit.clone().check("somebody").is_err(), "clones count together");
    let others = (0..20).filter(|n| limit.check(("another", n)).is_ok()).count();
    assert!(others >= 18, "others are not affected, but for a rare shared slot: {others}");
    let whole = ApiError::too_many(Duration::from_secs(2), "x").into_response();
    assert_eq!(whole.headers()["retry-after"], "2");
}
