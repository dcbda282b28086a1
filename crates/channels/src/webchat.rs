//! The web chat: the frames between a visitor's browser and the bot, and what is accepted from a visitor.

use base::message::Content;
use base::{Error, Result, Time};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Capabilities, text};

/// Longest text a visitor may send.
pub const TEXT_LIMIT: usize = 4_000;
/// Largest file that is shown to a visitor; it travels over the owner's own line.
pub const FILE_LIMIT_BYTES: u64 = 25 * 1024 * 1024;
/// Longest text under a file.
pub const CAPTION_LIMIT: usize = 4_000;
/// Largest frame that is read from a visitor, in bytes.
pub const FRAME_LIMIT_BYTES: usize = 32 * 1024;

pub(crate) const CAPABILITIES: Capabilities = Capabilities {
    text_out: 16_000,
    text_in: TEXT_LIMIT,
    buttons: 10,
    list_rows: 50,
    files_out: true,
    files_in: false,
    locations: true,
    reactions: false,
    templates: false,
    typing: true,
    read_receipts: false,
    service_window_s: None,
    billed: false,
};

/// What a visitor's browser sends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum VisitorFrame {
    /// Typed text. `client_id` is made by the browser and is the same when it sends again, so that nothing counts twice.
    Text {
        #[schema(pattern = "^[A-Za-z0-9_-]{8,64}$")]
        client_id: String,
        #[schema(min_length = 1, max_length = 4000, pattern = r"\S")]
        text: String,
    },
    /// A button or row was chosen.
    Pick {
        #[schema(pattern = "^[A-Za-z0-9_-]{8,64}$")]
        client_id: String,
        #[schema(min_length = 1, max_length = 256)]
        id: String,
        #[schema(min_length = 1)]
        title: String,
    },
    /// The visitor is typing.
    Typing,
}

/// What the bot's side sends to a visitor's browser.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum BotFrame {
    /// A message to show. `id` is ours and grows with time; the browser asks for what came after the last one it has.
    Message {
        id: String,
        at: Time,
        /// Written by a person of the business rather than by the bot.
        #[serde(default)]
        by_person: bool,
        content: Content,
    },
    /// The visitor's own message was kept.
    Received {
        client_id: String,
        id: String,
        at: Time,
    },
    Typing,
    /// The frame with this `client_id` was not accepted; `message` says why.
    Refused {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client_id: Option<String>,
        message: String,
    },
}

/// A visitor's message that may enter a conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct VisitorMessage {
    /// The browser's own id; unique within the visitor's session only.
    pub client_id: String,
    pub content: Content,
}

/// Reads a frame.
///
/// # Errors
/// `TooLarge` beyond [`FRAME_LIMIT_BYTES`], `Invalid` for anything that is not a known frame.
pub fn parse(raw: &[u8]) -> Result<VisitorFrame> {
    if raw.len() > FRAME_LIMIT_BYTES {
        return Err(Error::too_large("This message is too long. Please send it in parts."));
    }
    serde_json::from_slice(raw)
        .map_err(|e| Error::invalid("This message could not be read. Please reload the page.").with_cause(e))
}

/// Checks a visitor's frame and turns it into a message; `None` for frames that are no message.
///
/// # Errors
/// `Invalid` for blank texts and broken ids, `TooLarge` for texts beyond [`TEXT_LIMIT`].
pub fn accept(frame: VisitorFrame) -> Result<Option<VisitorMessage>> {
    let (client_id, content) = match frame {
        VisitorFrame::Typing => return Ok(None),
        VisitorFrame::Text { client_id, text } => {
            let text = text::clean_text(text.trim());
            if text.trim().is_empty() {
                return Err(Error::invalid("Please write something first."));
            }
            if text::length(&text) > TEXT_LIMIT {
                return Err(Error::too_large(format!(
                    "This message is longer than {TEXT_LIMIT} characters. Please send it in parts."
                )));
            }
            (client_id, Content::Text { text })
        }
        VisitorFrame::Pick { client_id, id, title } => {
            let title = text::clean_line(&title, 200);
            if id.is_empty() || id.len() > 256 || title.is_empty() {
                return Err(Error::invalid("This choice could not be read. Please reload the page."));
            }
            (client_id, Content::Picked { id, title })
        }
    };
    let well_formed = (8..=64).contains(&client_id.len())
        && client_id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if !well_formed {
        return Err(Error::invalid("This message could not be read. Please reload the page."));
    }
    Ok(Some(VisitorMessage { client_id, content }))
}

#[cfg(test)]
mod tests {
    use base::ErrorCode;

    use super::*;

    #[test]
    fn visitors_can_write_and_choose_but_not_flood_or_forge() {
        let text = |text: &str| VisitorFrame::Text { client_id: "abcdef12".into(), text: text.into() };
        let accepted = accept(text(" Hi\u{0} there\nyou ")).unwrap().unwrap();
        assert_eq!(accepted.content, Content::text("Hi there\nyou"));
        assert_eq!(accept(VisitorFrame::Typing).unwrap(), None);
        assert!(accept(text(&"x".repeat(TEXT_LIMIT))).is_ok());
        for (frame, code) in [
            (text(&"x".repeat(TEXT_LIMIT + 1)), ErrorCode::TooLarge),
            (text(" \n "), ErrorCode::Invalid),
            (VisitorFrame::Text { client_id: "short".into(), text: "x".into() }, ErrorCode::Invalid),
            (VisitorFrame::Text { client_id: "has a space".into(), text: "x".into() }, ErrorCode::Invalid),
            (
                VisitorFrame::Pick { client_id: "abcdef12".into(), id: String::new(), title: "x".into() },
                ErrorCode::Invalid,
            ),
        ] {
            assert_eq!(accept(frame.clone()).unwrap_err().code, code, "{frame:?}");
        }
    }

    #[test]
    fn frames_look_as_the_widget_expects() {
        let frame = parse(br#"{"type":"text","client_id":"abcdef12","text":"Hi"}"#).unwrap();
        assert_eq!(frame, VisitorFrame::Text { client_id: "abcdef12".into(), text: "Hi".into() });
        assert_eq!(parse(&vec![b' '; FRAME_LIMIT_BYTES + 1]).unwrap_err().code, ErrorCode::TooLarge);
        let out = BotFrame::Message { id: "m1".into(), at: Time(5), by_person: false, content: Content::text("Hello") };
        assert_eq!(
            serde_json::to_value(out).unwrap(),
            serde_json::json!({"type": "message", "id": "m1", "at": 5, "by_person": false,
                "content": {"kind": "text", "text": "Hello"}})
        );
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_from_a_visitor_are_read_or_refused(raw in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            if let Ok(frame) = parse(&raw) {
                let _ = accept(frame);
            }
        }
    }
}
