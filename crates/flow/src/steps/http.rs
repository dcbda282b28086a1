//! Asks a web service.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{About, Behaviour};
use crate::event::{EffectKind, Outcome};
use crate::expression::is_plain;
use crate::run::{Next, Run, Stepped};
use crate::validate::Check;

const MAX_TIMEOUT_MS: u64 = 30_000;
const MAX_RETRIES: u32 = 5;
const MAX_HEADERS: usize = 30;
const MAX_SAVED: usize = 50;
const METHODS: [&str; 6] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];

pub(super) const ABOUT: About = About {
    name: "http",
    title: "Call a web service",
    help: "Calls a web address and keeps parts of the response. Put customer's words into an address with | urlencode \
           and into JSON with | tojson. A status of 400 or more takes the way “failed”.",
    branches: &["next", "failed"],
    needed: &[],
};

/// A request. Address, header values and body may hold expressions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = HttpStep)]
pub struct Http {
    /// GET, POST, PUT, PATCH, DELETE or HEAD.
    #[schema(required)]
    pub method: String,
    #[schema(required)]
    pub url: String,
    #[schema(required)]
    pub headers: Vec<Header>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// In milliseconds, at most 30 seconds.
    #[schema(required)]
    pub timeout_ms: u64,
    /// At most 5; only requests that are safe to repeat are.
    #[schema(required)]
    pub retries: u32,
    #[schema(required)]
    pub save: Vec<Save>,
}

/// One header of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = HttpHeader)]
pub struct Header {
    pub name: String,
    pub value: String,
}

/// A part of the response to keep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = HttpSave)]
pub struct Save {
    pub variable: String,
    /// RFC 6901 JSON pointer, such as `/items/0/price`; empty means the whole response.
    pub pointer: String,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            method: "GET".into(),
            url: String::new(),
            headers: Vec::new(),
            body: None,
            timeout_ms: 10_000,
            retries: 1,
            save: Vec::new(),
        }
    }
}

impl Http {
    pub(super) fn example() -> Self {
        Self {
            url: "https://example.com/orders/{{ order_number | urlencode }}".into(),
            save: vec![Save { variable: "order_status".into(), pointer: "/status".into() }],
            ..Self::default()
        }
    }
}

/// The scheme and host of an address, as written.
fn host(url: &str) -> &str {
    let after = url.find("://").map_or(0, |at| at + 3);
    let end = url[after..].find(['/', '?', '#']).map_or(url.len(), |at| after + at);
    &url[..end]
}

/// What may stand in a header's name: a token of RFC 9110.
fn is_token(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 100
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

impl Behaviour for Http {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        if !is_plain(host(&self.url)) {
            return Err(
                "A customer's words must not choose the server of a web address. Write the server's name out.".into()
            );
        }
        let url = run.text(&self.url)?.trim().to_owned();
        let parsed = url::Url::parse(&url).map_err(|_| format!("“{url}” is not a web address."))?;
        if !matches!(parsed.scheme(), "http" | "https") {
            return Err(format!("“{url}” does not begin with https://."));
        }
        let mut headers = Vec::with_capacity(self.headers.len());
        for header in self.headers.iter().take(MAX_HEADERS) {
            if !is_token(&header.name) {
                return Err(format!("“{}” cannot be the name of a header.", header.name));
            }
            // A line break in a value would make a second header.
            let value = run.text(&header.value)?.replace(|c: char| c.is_control(), " ");
            headers.push((header.name.clone(), value.trim().to_owned()));
        }
        let body = self.body.as_deref().filter(|b| !b.is_empty()).map(|body| run.text(body)).transpose()?;
        run.note("Calls a web service", parsed.host_str().unwrap_or_default());
        Ok(run.await_effect(EffectKind::Http {
            method: self.method.to_ascii_uppercase(),
            url,
            headers,
            body,
            timeout_ms: self.timeout_ms.clamp(100, MAX_TIMEOUT_MS),
            retries: self.retries.min(MAX_RETRIES),
        }))
    }

    fn outcome<'a>(&'a self, run: &mut Run<'a>, _seq: u64, outcome: &Outcome) -> Stepped<'a> {
        let Outcome::Response { status, body } = outcome else {
            return Err("The outcome does not belong to this kind of step.".into());
        };
        if *status >= 400 {
            run.note("The web service refused", format!("Status {status}"));
            return match run.has_way("failed") {
                true => Ok(Next::branch("failed")),
                false => {
                    Err(format!("The web service answered with status {status}, and there is no way called “failed”."))
                }
            };
        }
        run.note("The web service answered", format!("Status {status}"));
        for save in self.save.iter().take(MAX_SAVED) {
            let found = body.pointer(&save.pointer).cloned().unwrap_or(Value::Null);
            run.set_variable(&save.variable, found)?;
        }
        Ok(Next::NEXT)
    }

    fn check(&self, check: &mut Check<'_>) {
        check.text("url", &self.url, true);
        if !is_plain(host(&self.url)) {
            check.error("url", "The server of this address is an expression.", "Write the server's name out.");
        } else if !self.url.is_empty() && !self.url.starts_with("https://") && !self.url.starts_with("http://") {
            check.error("url", "This is not a web address.", "Begin it with https://.");
        } else if self.url.starts_with("http://") {
            check.warning("url", "This address is not encrypted.", "Use https:// if the service offers it.");
        }
        if !METHODS.contains(&self.method.to_ascii_uppercase().as_str()) {
            check.error("method", "This method is not known.", "Choose GET, POST, PUT, PATCH or DELETE.");
        }
        for header in &self.headers {
            if !is_token(&header.name) {
                check.error(
                    "headers",
                    &format!("“{}” cannot be the name of a header.", header.name),
                    "Use letters and dashes.",
                );
            }
            check.text("headers", &header.value, false);
        }
        if self.headers.len() > MAX_HEADERS || self.save.len() > MAX_SAVED {
            check.error(
                "headers",
                "There are too many headers or values to keep.",
                "Keep 30 headers and 50 values at most.",
            );
        }
        check.text("body", self.body.as_deref().unwrap_or_default(), false);
        for save in &self.save {
            check.variable("save", &save.variable, true);
            if !save.pointer.is_empty() && !save.pointer.starts_with('/') {
                check.error(
                    "save",
                    &format!("“{}” does not point into the response.", save.pointer),
                    "Begin it with a slash, as in /items/0/price.",
                );
            }
        }
        if self.timeout_ms == 0 || self.timeout_ms > MAX_TIMEOUT_MS {
            check.warning("timeout_ms", "The time limit is out of range.", "Choose up to 30 seconds.");
        }
    }
}
