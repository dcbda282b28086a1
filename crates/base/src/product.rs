//! The product's name as people read it: BotFlow, or a reseller's own where the program carries a brand.

use std::borrow::Cow;
use std::sync::OnceLock;

/// The name where no brand says another one.
pub const DEFAULT: &str = "BotFlow";

/// What the program's file is called where no brand says another name.
pub const DEFAULT_PROGRAM: &str = "botflow";

static PROGRAM: OnceLock<String> = OnceLock::new();
static NAME: OnceLock<String> = OnceLock::new();
static ACCENT: OnceLock<String> = OnceLock::new();

/// What every sentence for people calls the program.
pub fn name() -> &'static str {
    NAME.get().map_or(DEFAULT, String::as_str)
}

/// What the program's file and what it keeps on a machine are called: lower-case letters, digits and hyphens.
pub fn program() -> &'static str {
    PROGRAM.get().map_or(DEFAULT_PROGRAM, String::as_str)
}

/// The brand's colour as `#rrggbb`, for what belongs to a business that has chosen none.
pub fn accent() -> Option<&'static str> {
    ACCENT.get().map(String::as_str)
}

/// Names the program, once, before it says anything; later calls change nothing.
pub fn set(name: &str, program: &str, accent: Option<&str>) {
    let _ = NAME.set(name.to_owned());
    let _ = PROGRAM.set(program.to_owned());
    if let Some(accent) = accent {
        let _ = ACCENT.set(accent.to_owned());
    }
}

/// A sentence of the program as it is to be read: with the brand's name in it. Never for words of customers or owners.
pub fn said(text: &str) -> Cow<'_, str> {
    match NAME.get() {
        Some(name) if name != DEFAULT && text.contains(DEFAULT) => Cow::Owned(text.replace(DEFAULT, name)),
        _ => Cow::Borrowed(text),
    }
}

/// For fields that hold such a sentence: `#[serde(serialize_with = "base::product::say")]`.
pub fn say<S: serde::Serializer>(text: impl AsRef<str>, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&said(text.as_ref()))
}
