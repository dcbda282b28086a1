//! What a message may hold, in no channel's own dialect: channels translate to and from it, flows and screens speak it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A file that belongs to a message.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Media {
    /// The channel's own id, as the provider spelled it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider_id: Option<String>,
    /// Where the channel can fetch it (out) or we can (in).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// SHA-256 of our stored copy in hex, which is its name in the media folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stored: Option<String>,
    #[schema(required)]
    pub mime: String,
    /// SHA-256 as the provider announced it, in hex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// As the sender named it, cleaned of path parts and control characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_bytes: Option<u64>,
}

/// One thing to pick: a button or a row of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Choice {
    pub id: String,
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// A heading with its rows, in a list message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ListSection {
    pub title: String,
    pub rows: Vec<Choice>,
}

/// A shared address-book entry.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ContactCard {
    #[schema(required)]
    pub name: String,
    #[schema(required)]
    pub phones: Vec<String>,
}

/// One line of an order from a catalogue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OrderItem {
    pub product_id: String,
    pub quantity: u32,
    /// In minor units of `currency`, for one piece.
    pub price_minor: i64,
    pub currency: String,
}

/// A value for one placeholder of a template message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TemplateParameter {
    /// `header`, `body` or `button`.
    #[schema(pattern = "^(header|body|button)$")]
    pub part: String,
    /// Which button, counted from 0; for `button` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<u32>,
    /// The placeholder's name where the template names them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub text: String,
}

/// What a message holds. Some kinds only come in (`picked`, `order`), some only go out (`buttons`, `template`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[schema(as = MessageContent)]
pub enum Content {
    Text {
        text: String,
    },
    Image {
        media: Media,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        caption: Option<String>,
    },
    Video {
        media: Media,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        caption: Option<String>,
    },
    Audio {
        media: Media,
        /// Recorded in the chat, rather than a file of sound.
        #[serde(default)]
        #[schema(required)]
        voice: bool,
    },
    Document {
        media: Media,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        caption: Option<String>,
    },
    Sticker {
        media: Media,
        #[serde(default)]
        #[schema(required)]
        animated: bool,
    },
    Location {
        latitude: f64,
        longitude: f64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        address: Option<String>,
    },
    Contacts {
        contacts: Vec<ContactCard>,
    },
    /// Up to three buttons under a text.
    Buttons {
        text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        footer: Option<String>,
        buttons: Vec<Choice>,
    },
    /// A list that opens at a touch.
    List {
        text: String,
        /// What the opener says.
        button: String,
        sections: Vec<ListSection>,
    },
    /// A text with one button that opens a web address.
    Link {
        text: String,
        label: String,
        url: String,
    },
    /// A message approved by the channel beforehand, which may open a conversation.
    Template {
        name: String,
        language: String,
        parameters: Vec<TemplateParameter>,
    },
    /// A sign on a message; no emoji takes it back.
    Reaction {
        provider_message_id: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        emoji: Option<String>,
    },
    LocationRequest {
        text: String,
    },
    /// The customer picked a button or a row.
    Picked {
        id: String,
        title: String,
    },
    /// The customer sent in a form; `values` is untrusted.
    Form {
        name: String,
        #[schema(value_type = Object)]
        values: serde_json::Value,
    },
    Order {
        items: Vec<OrderItem>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
    /// Something the channel or we cannot show; `what` names it in the channel's words.
    Unsupported {
        what: String,
    },
}

impl Content {
    pub fn text(text: impl Into<String>) -> Self {
        Content::Text { text: text.into() }
    }

    /// What a person wrote or chose, for matching, search and previews; empty when the message holds no words.
    pub fn words(&self) -> &str {
        match self {
            Content::Text { text }
            | Content::Buttons { text, .. }
            | Content::List { text, .. }
            | Content::Link { text, .. }
            | Content::LocationRequest { text } => text,
            Content::Picked { title, .. } => title,
            Content::Image { caption, .. } | Content::Video { caption, .. } | Content::Document { caption, .. } => {
                caption.as_deref().unwrap_or_default()
            }
            Content::Order { text, .. } => text.as_deref().unwrap_or_default(),
            _ => "",
        }
    }

    /// The kind as it is stored and shown to the interface.
    pub fn kind(&self) -> &'static str {
        match self {
            Content::Text { .. } => "text",
            Content::Image { .. } => "image",
            Content::Video { .. } => "video",
            Content::Audio { .. } => "audio",
            Content::Document { .. } => "document",
            Content::Sticker { .. } => "sticker",
            Content::Location { .. } => "location",
            Content::Contacts { .. } => "contacts",
            Content::Buttons { .. } => "buttons",
            Content::List { .. } => "list",
            Content::Link { .. } => "link",
            Content::Template { .. } => "template",
            Content::Reaction { .. } => "reaction",
            Content::LocationRequest { .. } => "location_request",
            Content::Picked { .. } => "picked",
            Content::Form { .. } => "form",
            Content::Order { .. } => "order",
            Content::Unsupported { .. } => "unsupported",
        }
    }
}
