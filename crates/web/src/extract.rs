//! Extractors that refuse bad input with sentences naming the field.

use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, header};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{ApiError, FieldError};

/// A type that can be checked after it was read. Everything that derives `garde::Validate` is one; a type without
/// rules says so with `#[derive(garde::Validate)] #[garde(allow_unvalidated)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is taken from a request without rules",
    note = "derive garde::Validate (with #[garde(allow_unvalidated)] when nothing needs a rule), or take web::Plain"
)]
pub trait Checked {
    fn check(&self) -> Result<(), garde::Report>;
}

impl<T> Checked for T
where
    T: garde::Validate,
    T::Context: Default,
{
    fn check(&self) -> Result<(), garde::Report> {
        self.validate()
    }
}

/// JSON in, read and validated; JSON out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Json<T>(pub T);

impl<T, S> FromRequest<S> for Json<T>
where
    T: DeserializeOwned + Checked,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let body = json_body(request, state).await?;
        // serde also reads a list as the fields of a struct in their order, which nobody means and no contract says.
        if body.trim_ascii_start().starts_with(b"[") {
            return Err(ApiError::fields(vec![FieldError {
                field: String::new(),
                message: "The input should be an object.".to_owned(),
            }]));
        }
        let value: T = parse(&body)?;
        value.check().map_err(report)?;
        Ok(Json(value))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// JSON in, read but not validated: for values whose rules live elsewhere, such as a flow.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plain<T>(pub T);

impl<T, S> FromRequest<S> for Plain<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        parse(&json_body(request, state).await?).map(Plain)
    }
}

async fn json_body<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, ApiError> {
    if !is_json(request.headers()) {
        return Err(base::Error::unsupported("This address takes JSON (content-type: application/json).").into());
    }
    Raw::from_request(request, state).await.map(|Raw(bytes)| bytes)
}

/// The body to the byte: for what is signed, and for what has rules of its own.
#[derive(Clone, Debug, Default)]
pub struct Raw(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for Raw {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        Bytes::from_request(request, state).await.map(Raw).map_err(|e: BytesRejection| {
            if e.status() == http::StatusCode::PAYLOAD_TOO_LARGE {
                base::Error::too_large("This is too large to be sent here.").into()
            } else {
                ApiError::malformed("The request broke off before it was complete. Please try again.")
            }
        })
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(kind) = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()) else { return false };
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

/// Reads JSON and says which field has the wrong form.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value: T = serde_path_to_error::deserialize(&mut reader).map_err(|e| {
        let path = e.path().to_string();
        let inner = e.into_inner();
        if !inner.is_data() {
            return ApiError::malformed(format!("This is not valid JSON (line {}).", inner.line()));
        }
        wrong_field(&path, &inner.to_string())
    })?;
    reader.end().map_err(|_| ApiError::malformed("This is not valid JSON: something follows after its end."))?;
    Ok(value)
}

/// Turns serde's words into a sentence, naming the field.
fn wrong_field(path: &str, serde_says: &str) -> ApiError {
    // "missing field `name` at line 1 column 2"
    let said = serde_says.rsplit_once(" at line ").map_or(serde_says, |(said, _)| said);
    let quoted = said.split('`').nth(1).unwrap_or_default();
    let path = if path == "." { "" } else { path };
    let inside = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    if said.starts_with("missing field") {
        return ApiError::field(inside(quoted), format!("“{quoted}” is missing."));
    }
    if said.starts_with("unknown field") {
        // serde_path_to_error already names the unknown field itself.
        return ApiError::field(path.to_owned(), format!("“{quoted}” is not known here."));
    }
    let name = if path.is_empty() { "The input" } else { path };
    let expected = said.rsplit_once("expected ").map_or("", |(_, expected)| expected);
    let should = match expected {
        "a string" | "a borrowed string" | "string" => "a text".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, zero or more".to_owned(),
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a map" => "an object".to_owned(),
        other if said.starts_with("unknown variant") => {
            format!("one of {}", other.trim_start_matches("one of ").replace('`', ""))
        }
        other if other.starts_with("struct ") => "an object".to_owned(),
        _ => {
            return ApiError::field(
                path.to_owned(),
                format!("“{name}” cannot be accepted: {}.", said.replace('`', "'")),
            );
        }
    };
    ApiError::field(path.to_owned(), format!("“{name}” should be {should}."))
}

fn report(report: garde::Report) -> ApiError {
    let fields = report
        .into_inner()
        .into_iter()
        .map(|(path, error)| {
            let field = path.to_string();
            let message = match field.as_str() {
                "" => format!("{error}."),
                field => format!("“{field}”: {error}."),
            };
            FieldError { field, message }
        })
        .collect();
    ApiError::fields(fields)
}

/// Query parameters.
#[derive(Clone, Copy, Debug, Default)]
pub struct Query<T>(pub T);

impl<T, S> FromRequestParts<S> for Query<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        axum::extract::Query::try_from_uri(&parts.uri).map(|q: axum::extract::Query<T>| Query(q.0)).map_err(
            |e: QueryRejection| {
                let text = e.body_text();
                let said = text.split_once("query string: ").map_or(text.as_str(), |(_, said)| said);
                ApiError::malformed(format!("This address cannot be understood: {said}."))
            },
        )
    }
}

/// Parameters in the path.
#[derive(Clone, Copy, Debug, Default)]
pub struct Path<T>(pub T);

impl<T, S> FromRequestParts<S> for Path<T>
where
    T: DeserializeOwned + Send,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        axum::extract::Path::<T>::from_request_parts(parts, state).await.map(|p| Path(p.0)).map_err(|e| match e {
            PathRejection::FailedToDeserializePathParams(e) => {
                ApiError::malformed("This address contains something that is not a valid id.").with_cause(e.body_text())
            }
            e => base::Error::internal(e.body_text()).into(),
        })
    }
}

impl ApiError {
    fn with_cause(mut self, cause: String) -> Self {
        self.error = self.error.with_cause(cause);
        self
    }
}
