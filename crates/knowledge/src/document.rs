//! A document as the rest of the crate sees it: blocks in reading order, and the passages that are cut from them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a parser makes of a file or page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// From the document itself (title element, first heading, properties); empty when it names none.
    pub title: String,
    /// ISO 639-1, when detected with confidence.
    pub language: Option<String>,
    /// Number of pages, slides or sheets; 1 for a format that has none.
    pub pages: u32,
    pub blocks: Vec<Block>,
}

/// One block in reading order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Block {
    /// Page, slide or sheet, counted from 1; nothing for a format that has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    #[serde(flatten)]
    pub kind: BlockKind,
}

/// What a block is. Texts are plain, white space folded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "block", rename_all = "snake_case")]
pub enum BlockKind {
    /// `level` is 1 for the topmost.
    Heading {
        level: u8,
        text: String,
    },
    Paragraph {
        text: String,
    },
    ListItem {
        text: String,
    },
    /// `header` is empty when the table has none. Every row has as many cells as the widest.
    Table {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        caption: Option<String>,
        header: Vec<String>,
        rows: Vec<Vec<String>>,
    },
    /// A question with its answer, as typed by the owner or found in a list of frequent questions.
    Pair {
        question: String,
        answer: String,
    },
}

/// What a passage is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PassageKind {
    Text,
    Table,
    Pair,
}

/// A stretch of a document that is found and cited as one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Passage {
    /// Position within the document, from 0.
    pub ordinal: u32,
    pub page: Option<u32>,
    /// The headings above it, topmost first.
    pub headings: Vec<String>,
    pub kind: PassageKind,
    /// The words as shown to a person and given to a model; a table as one `Header: cell; Header: cell` line a row.
    pub text: String,
    /// The whole blocks it holds (a table's part with its header repeated), so that answers can be stitched from them.
    pub blocks: Vec<Block>,
    /// ISO 639-1.
    pub language: Option<String>,
    /// SHA-256 in hex over headings and text: an unchanged passage keeps its vector when a document is read again.
    pub hash: String,
}
