//! What went wrong with a provider, in the owner's words and without anything secret.

use std::time::Duration;

use base::{Error, ErrorCode};

use super::{Kind, Provider};

/// Why a provider gave no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    WrongKey,
    NoCredit,
    UnknownModel,
    TooLong,
    /// Asked too often; perhaps with the pause that the provider wants.
    TooOften(Option<Duration>),
    /// The provider's own fault: a status of 500 or more.
    Failing(u16),
    Unreachable,
    Slow,
    /// Refused for another reason, with the status.
    Refused(u16),
    /// The answer ended in the middle or made no sense.
    Broken,
}

impl Trouble {
    pub(super) fn of(error: &genai::Error) -> Self {
        if let genai::Error::WebStream { error: inner, .. } = error {
            // Statuses arrive wrapped; everything else is the connection.
            return match inner.downcast_ref::<genai::Error>() {
                Some(inner) => Self::of(inner),
                None => match inner.downcast_ref::<reqwest::Error>() {
                    Some(e) if e.is_timeout() && !e.is_connect() => Trouble::Slow,
                    Some(e) if e.is_connect() || e.is_request() => Trouble::Unreachable,
                    _ => Trouble::Broken,
                },
            };
        }
        let body = match error {
            genai::Error::HttpError { body, .. } => body.clone(),
            genai::Error::ChatResponse { body, .. } => body.to_string(),
            genai::Error::WebModelCall {
                webc_error: genai::webc::Error::ResponseFailedStatus { body, .. }, ..
            } => body.clone(),
            genai::Error::RequiresApiKey { .. } | genai::Error::NoAuthData { .. } => return Trouble::WrongKey,
            _ => String::new(),
        };
        let pause = error.headers().and_then(|h| h.get("retry-after")).and_then(|v| v.to_str().ok()?.parse().ok());
        Self::told(error.status().map_or(0, |s| s.as_u16()), &body, pause.map(Duration::from_secs))
    }

    /// From a status (zero when there was none) and what the provider wrote.
    fn told(status: u16, body: &str, pause: Option<Duration>) -> Self {
        let body = body.to_ascii_lowercase();
        let says = |words: &[&str]| words.iter().any(|w| body.contains(w));
        match status {
            _ if says(&[
                "insufficient_quota",
                "credit balance",
                "billing_not_active",
                "billing_hard_limit",
                "payment required",
            ]) =>
            {
                Trouble::NoCredit
            }
            402 => Trouble::NoCredit,
            _ if says(&["invalid_api_key", "api_key_invalid", "api key not valid", "authentication_error"]) => {
                Trouble::WrongKey
            }
            401 | 403 => Trouble::WrongKey,
            413 => Trouble::TooLong,
            400 if says(&["context_length", "context length", "maximum context", "too long", "token count"]) => {
                Trouble::TooLong
            }
            _ if says(&["model_not_found", "not_found_error", "does not exist"]) => Trouble::UnknownModel,
            404 => Trouble::UnknownModel,
            429 => Trouble::TooOften(pause),
            500.. => Trouble::Failing(status),
            0 if says(&["overloaded", "server_error", "unavailable", "internal"]) => Trouble::Failing(529),
            0 if says(&["rate_limit", "resource_exhausted"]) => Trouble::TooOften(None),
            0 => Trouble::Broken,
            _ => Trouble::Refused(status),
        }
    }

    /// Whether the same question may work a moment later.
    pub(super) fn is_passing(&self) -> bool {
        matches!(self, Trouble::TooOften(_) | Trouble::Failing(_))
    }

    pub(super) fn pause(&self) -> Option<Duration> {
        match self {
            Trouble::TooOften(pause) => *pause,
            _ => None,
        }
    }

    pub(super) fn into_error(self, provider: &Provider) -> Error {
        let who = match provider.kind {
            Kind::OpenAi => "OpenAI",
            Kind::Anthropic => "Anthropic",
            Kind::Gemini => "Gemini",
            Kind::Ollama => "Ollama",
            Kind::OpenAiCompatible => "The provider",
        };
        let model = &provider.model;
        let error = |message: String| Error::upstream(message);
        match self {
            Trouble::WrongKey => {
                error(format!("{who} does not accept the key. Check it under Settings, Answers, or make a new one."))
            }
            Trouble::NoCredit => {
                error(format!("{who} says that the account has no credit left. Top it up on the provider's site."))
            }
            Trouble::UnknownModel if provider.kind == Kind::Ollama => {
                error(format!("Ollama does not have the model {model}. Install it there, or choose another one."))
            }
            Trouble::UnknownModel => {
                error(format!("{who} has no model called {model} for this account. Choose another one."))
            }
            Trouble::TooLong => Error::too_large(format!("The question and its sources are too long for {model}.")),
            Trouble::TooOften(_) => {
                Error::too_many(format!("{who} was asked too often. Wait a minute, or raise the account's limits."))
            }
            Trouble::Failing(status) => {
                error(format!("{who} has a problem of its own right now ({status}). It usually passes."))
            }
            Trouble::Unreachable if provider.kind == Kind::Ollama => {
                error("Ollama does not answer. Is it running, and is its address right?".to_owned())
            }
            Trouble::Unreachable => {
                error(format!("{who} could not be reached. Is the internet connection working, and the address right?"))
            }
            Trouble::Slow => Error::new(ErrorCode::Timeout, format!("{who} took too long to answer.")),
            Trouble::Refused(status) => error(format!("{who} refused the question ({status}).")),
            Trouble::Broken => error(format!("{who} stopped in the middle of its answer.")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_providers_write_becomes_the_right_kind_of_trouble() {
        for (status, body, want) in [
            (
                401,
                r#"{"error":{"message":"Incorrect API key provided: sk-12","code":"invalid_api_key"}}"#,
                Trouble::WrongKey,
            ),
            (400, r#"{"error":{"status":"INVALID_ARGUMENT","message":"API key not valid."}}"#, Trouble::WrongKey),
            (429, r#"{"error":{"code":"insufficient_quota"}}"#, Trouble::NoCredit),
            (400, r#"{"error":{"message":"Your credit balance is too low"}}"#, Trouble::NoCredit),
            (404, r#"{"error":"model 'x' not found, try pulling it first"}"#, Trouble::UnknownModel),
            (400, r#"{"error":{"code":"context_length_exceeded"}}"#, Trouble::TooLong),
            (429, "slow down", Trouble::TooOften(None)),
            (529, r#"{"error":{"type":"overloaded_error"}}"#, Trouble::Failing(529)),
            (0, r#"{"error":{"type":"overloaded_error"}}"#, Trouble::Failing(529)),
            (0, "?", Trouble::Broken),
            (418, "teapot", Trouble::Refused(418)),
        ] {
            assert_eq!(Trouble::told(status, body, None), want, "{status} {body}");
        }
    }
}
