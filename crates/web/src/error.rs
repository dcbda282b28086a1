//! The one place that turns errors into HTTP responses and logs their cause.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use base::{Error, ErrorCode};
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};

use crate::request_id;

/// What handlers return. `?` turns every [`base::Error`] into an [`ApiError`].
pub type ApiResult<T> = Result<T, ApiError>;

/// An error on its way to a client.
#[derive(Debug)]
pub struct ApiError {
    pub error: Error,
    /// What is wrong with which field of the input.
    pub fields: Vec<FieldError>,
    /// When trying again makes sense.
    pub retry_after: Option<Duration>,
    /// The input could not even be read, as opposed to read and refused.
    pub malformed: bool,
}

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FieldError {
    /// Path of the field in the request's JSON, such as `opening_hours[0].from`.
    pub field: String,
    /// A sentence for the person who filled it in.
    #[serde(serialize_with = "base::product::say")]
    pub message: String,
}

/// The body of every error response.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ErrorBody {
    pub code: ErrorCode,
    /// A sentence for a person: what happened and what to do.
    #[serde(serialize_with = "base::product::say")]
    pub message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<FieldError>>,
    /// Find the cause in the log by it.
    pub request_id: String,
}

impl ApiError {
    /// The input could be read, but these fields cannot be accepted.
    pub fn fields(fields: Vec<FieldError>) -> Self {
        let message = match fields.as_slice() {
            [only] => only.message.clone(),
            _ => "Please look at the marked fields.".to_owned(),
        };
        Self { fields, ..Error::invalid(message).into() }
    }

    /// One field cannot be accepted.
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::fields(vec![FieldError { field: field.into(), message: message.into() }])
    }

    /// The input is not what it claims to be, such as broken JSON.
    pub fn malformed(message: impl Into<String>) -> Self {
        Self { malformed: true, ..Error::invalid(message).into() }
    }

    /// Too many tries; the client may come back after `wait`.
    pub fn too_many(wait: Duration, message: impl Into<String>) -> Self {
        Self { retry_after: Some(wait), ..Error::too_many(message).into() }
    }

    pub fn status(&self) -> StatusCode {
        if self.malformed { StatusCode::BAD_REQUEST } else { status_of(self.error.code) }
    }
}

/// The HTTP status of a code.
pub fn status_of(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::Unauthorized => StatusCode::UNAUTHORIZED,
        ErrorCode::Forbidden => StatusCode::FORBIDDEN,
        ErrorCode::NotFound => StatusCode::NOT_FOUND,
        // There is no official status for "you cancelled it yourself"; a conflict with one's own wish comes closest.
        ErrorCode::Conflict | ErrorCode::Cancelled => StatusCode::CONFLICT,
        ErrorCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::TooMany => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::Unsupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ErrorCode::DiskLow => StatusCode::INSUFFICIENT_STORAGE,
        ErrorCode::Upstream => StatusCode::BAD_GATEWAY,
        ErrorCode::Timeout => StatusCode::GATEWAY_TIMEOUT,
        ErrorCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl<E: Into<Error>> From<E> for ApiError {
    fn from(error: E) -> Self {
        Self { error: error.into(), fields: Vec::new(), retry_after: None, malformed: false }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = self.status();
        let request_id = request_id::current();
        if status.is_server_error() {
            tracing::error!(error = ?self.error, %request_id, status = status.as_u16(), "a request failed");
        } else if self.error.cause.is_some() {
            tracing::warn!(error = ?self.error, %request_id, status = status.as_u16(), "a request was refused");
        }
        metrics::counter!("http_errors_total", "status" => status.as_u16().to_string()).increment(1);
        let body = ErrorBody {
            code: self.error.code,
            message: self.error.message,
            fields: (!self.fields.is_empty()).then_some(self.fields),
            request_id,
        };
        let mut response = (status, axum::Json(body)).into_response();
        if let Some(wait) = self.retry_after {
            // Rounded up: coming back a moment too early would only cost another refusal.
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}
