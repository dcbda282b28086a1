//! The one error type: a code for machines, a sentence for the owner, and a cause that only the log sees.

use std::fmt;

use serde::{Deserialize, Serialize};

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of thing went wrong; closed, and exported to TypeScript so that a screen can act on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The input cannot be accepted; the message says which part and why.
    Invalid,
    /// Nobody is signed in.
    Unauthorized,
    /// Signed in, but not allowed.
    Forbidden,
    NotFound,
    /// The thing has changed meanwhile, or exists already.
    Conflict,
    TooLarge,
    /// Too many tries; wait and try again.
    TooMany,
    /// A file or message of a kind that is not understood.
    Unsupported,
    /// The disk is nearly full; new work is refused before anything is lost.
    DiskLow,
    /// A service outside of this program failed or refused.
    Upstream,
    Timeout,
    /// The person asked for it to stop.
    Cancelled,
    /// Something that is needed is not there yet, such as a model or a setting.
    Unavailable,
    Internal,
}

/// An error. `message` is shown to people; `cause` goes to the log only and must not hold secrets.
pub struct Error {
    pub code: ErrorCode,
    pub message: String,
    pub cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), cause: None }
    }

    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Invalid, message)
    }

    /// `what` is the field's noun: `not_found("contact", id)`.
    pub fn not_found(what: &str, id: impl fmt::Display) -> Self {
        Self::new(ErrorCode::NotFound, format!("This {what} no longer exists ({id})."))
    }

    pub fn unauthorized() -> Self {
        Self::new(ErrorCode::Unauthorized, "Please sign in.")
    }

    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Forbidden, message)
    }

    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Conflict, message)
    }

    pub fn too_large(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::TooLarge, message)
    }

    pub fn too_many(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::TooMany, message)
    }

    pub fn unsupported(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Unsupported, message)
    }

    pub fn upstream(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Upstream, message)
    }

    pub fn timeout(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Timeout, message)
    }

    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Unavailable, message)
    }

    pub fn cancelled() -> Self {
        Self::new(ErrorCode::Cancelled, "Stopped, as you asked.")
    }

    /// Something we did not foresee. The person sees a plain sentence, the log the cause.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self {
            code: ErrorCode::Internal,
            message: "Something went wrong inside the program. Nothing was lost; please try again.".into(),
            cause: Some(cause.into()),
        }
    }

    pub fn with_cause(mut self, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    pub fn is_not_found(&self) -> bool {
        self.code == ErrorCode::NotFound
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::product::said(&self.message))
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.code, self.message)?;
        match &self.cause {
            Some(cause) => write!(f, " (cause: {cause})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause.as_deref().map(|c| c as _)
    }
}

impl From<std::io::Error> for Error {
    fn from(e: std::io::Error) -> Self {
        Self::internal(e)
    }
}

impl From<serde_json::Error> for Error {
    fn from(e: serde_json::Error) -> Self {
        Self::internal(e)
    }
}

#[cfg(feature = "sql")]
impl From<rusqlite::Error> for Error {
    fn from(e: rusqlite::Error) -> Self {
        match e.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::new(
                ErrorCode::DiskLow,
                format!(
                    "The disk is full. Free some space; {} goes on by itself as soon as there is room.",
                    crate::product::name()
                ),
            )
            .with_cause(e),
            _ => Self::internal(e),
        }
    }
}
