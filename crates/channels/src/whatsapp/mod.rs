//! WhatsApp Cloud API: webhooks in, Graph calls out, limits, pacing, set-up checks, and a fake Graph API.
//!
//! A webhook's way: [`signature::verify`] on the raw bytes, then [`inbound::parse`]. A message's way out:
//! [`limits::fit`], [`outbound::encode`], [`pacing`], [`client::Graph::send`].

pub mod account;
pub mod checks;
pub mod client;
mod content;
pub mod errors;
pub mod events;
pub mod fake;
pub mod inbound;
mod json;
pub mod limits;
pub mod media;
pub mod outbound;
pub mod pacing;
pub mod signature;
pub mod status;
pub mod window;

pub use client::{Graph, SendOutcome};
pub use errors::{Action, Class, GraphError};
pub use inbound::{InboundMessage, Item, ItemKind, Parsed, Quarantined};
pub use outbound::Recipient;
pub use signature::verification;
pub use status::{Status, StatusUpdate};

use crate::Capabilities;

/// The Graph API with the version this crate was written against; older ones go out of service after two years.
pub const DEFAULT_BASE_URL: &str = "https://graph.facebook.com/v25.0";

/// Largest webhook body that Meta sends is 3 MB; the route must let through this much.
pub const WEBHOOK_LIMIT_BYTES: usize = 4 * 1024 * 1024;

pub(crate) const CAPABILITIES: Capabilities = Capabilities {
    text_out: limits::TEXT,
    text_in: content::TEXT_IN,
    buttons: limits::BUTTONS,
    list_rows: limits::LIST_ROWS,
    files_out: true,
    files_in: true,
    locations: true,
    reactions: true,
    templates: true,
    typing: true,
    read_receipts: true,
    service_window_s: Some(window::SERVICE_WINDOW.as_secs()),
    billed: true,
};
