//! Turns the bytes of a file into a [`Document`]: what kind it is, how it is read, and what a person is told when not.

mod archive;
mod decode;
mod delimited;
mod docx;
mod draft;
mod html;
mod isolate;
mod kind;
mod markdown;
mod number;
mod ods;
mod pdf;
mod plain;
mod pptx;
mod shape;
mod sheets;
mod table;
mod xls;
mod xml;

pub(crate) use html::{Links, links};
pub use kind::Kind;

use base::{Error, Result};

use crate::document::Document;

/// A file as it was uploaded or downloaded.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    /// Only its extension is looked at, and only where the content leaves a doubt.
    pub name: &'a str,
    pub bytes: &'a [u8],
    /// As a web server said it, with parameters such as `charset`.
    pub mime: Option<&'a str>,
}

/// Largest file, in bytes.
pub const MAX_FILE_BYTES: usize = 50 << 20;
/// Largest unpacked part of a packed file, in bytes.
pub(crate) const MAX_PART_BYTES: u64 = 64 << 20;
/// Largest sum of the unpacked parts of a file, in bytes.
pub(crate) const MAX_UNPACKED_BYTES: u64 = 200 << 20;
/// Most pages or slides.
pub(crate) const MAX_PAGES: usize = 5_000;
/// Most characters of text in all.
pub(crate) const MAX_CHARS: usize = 2_000_000;

/// Reads a file. Blocks the calling thread, at most about two minutes: run it on the blocking pool.
///
/// Errors: `Invalid` for an empty, damaged, protected or scanned file, `Unsupported` for a kind that is not read,
/// `TooLarge`, `Timeout`, and `Unavailable` when too many other files are still being read. Never panics.
pub fn parse(file: File<'_>) -> Result<Document> {
    if file.bytes.is_empty() {
        return Err(Error::invalid("This file is empty. Save it again, or choose another one."));
    }
    if file.bytes.len() > MAX_FILE_BYTES {
        return Err(Error::too_large(format!(
            "This file is larger than {} MB. Split it, or leave out its pictures.",
            MAX_FILE_BYTES >> 20
        )));
    }
    let kind = kind::of(file)?;
    let charset = file.mime.and_then(decode::charset_of_mime);
    let bytes = file.bytes.to_vec();
    isolate::run(move || read(kind, &bytes, charset.as_deref()))?
}

fn read(kind: Kind, bytes: &[u8], charset: Option<&str>) -> Result<Document> {
    let draft = match kind {
        Kind::Pdf => pdf::read(bytes)?,
        Kind::Docx => docx::read(bytes)?,
        Kind::Pptx => pptx::read(bytes)?,
        Kind::Xlsx => sheets::read(bytes)?,
        Kind::Xls => xls::read(bytes)?,
        Kind::Ods => ods::read(bytes)?,
        Kind::Html => html::read(&decode::html(bytes, charset)),
        Kind::Markdown => markdown::read(&decode::text(bytes, charset)),
        Kind::Csv => delimited::read(&decode::text(bytes, charset))?,
        Kind::Text => plain::read(&decode::text(bytes, charset)),
    };
    draft.finish()
}

/// The one sentence for files whose insides do not add up.
pub(crate) fn damaged() -> Error {
    Error::invalid("This file is damaged or incomplete. Open it in the program it comes from, save it again and retry.")
}

pub(crate) fn protected() -> Error {
    Error::invalid("This file is protected by a password. Save a copy without the password and upload that one.")
}

pub(crate) fn too_much_inside() -> Error {
    Error::too_large(
        "This file unpacks to far more than a document should hold, so it was not read. Split it into smaller files.",
    )
}

#[cfg(test)]
mod tests;
