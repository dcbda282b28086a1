//! PDF: letters with their places are collected, and lines, columns, tables, headings and paragraphs rebuilt from them.

mod collect;
mod flow;
mod furniture;
mod layout;
mod safety;

use base::{Error, Result};
use pdf_extract::{Document as Pdf, Object};

use super::MAX_PAGES;
use super::draft::{Draft, fold};

pub(super) fn read(bytes: &[u8]) -> Result<Draft> {
    safety::check_streams(bytes)?;
    let mut pdf = match Pdf::load_mem(bytes) {
        Ok(pdf) => pdf,
        Err(e) if is_locked(&e) => return Err(super::protected()),
        Err(e) => return Err(super::damaged().with_cause(e.to_string())),
    };
    if pdf.is_encrypted() && pdf.decrypt("").is_err() {
        return Err(super::protected());
    }
    let pages = pdf.get_pages();
    if pages.is_empty() {
        return Err(super::damaged());
    }
    if pages.len() > MAX_PAGES {
        return Err(Error::too_large("This PDF has more than 5,000 pages. Split it into smaller files."));
    }
    let pictures = safety::make_safe(&mut pdf, &pages)?;
    let mut collected = Vec::with_capacity(pages.len());
    let mut budget = collect::Budget::new();
    for number in pages.keys() {
        collected.push(collect::page(&pdf, *number, &mut budget)?);
    }
    let letters: usize = collected.iter().map(|p| p.glyphs.len()).sum();
    if letters < 3 * collected.len().min(10) {
        return Err(Error::invalid(if pictures {
            "This PDF holds pictures of pages, no text. Export it again as a text PDF or type the main facts in."
        } else {
            "This PDF holds no text that can be read. Export it again as a text PDF or type the main facts in."
        }));
    }
    let odd = collected.iter().flat_map(|p| &p.glyphs).filter(|g| g.text.chars().any(is_unreadable)).count();
    if odd * 3 > letters {
        return Err(Error::invalid(
            "The letters of this PDF are stored in a way that only allows printing, not reading. Export it again, or save it as a Word document.",
        ));
    }
    let mut layouts: Vec<layout::Page> = collected.into_iter().map(layout::Page::from_glyphs).collect();
    furniture::remove(&mut layouts);
    let mut draft = Draft::new();
    draft.pages = u32::try_from(layouts.len()).unwrap_or(u32::MAX);
    draft.title = title(&pdf);
    flow::write(layouts, &mut draft);
    Ok(draft)
}

fn is_locked(e: &pdf_extract::Error) -> bool {
    matches!(
        e,
        pdf_extract::Error::Decryption(_)
            | pdf_extract::Error::InvalidPassword
            | pdf_extract::Error::UnsupportedSecurityHandler(_)
    )
}

fn is_unreadable(c: char) -> bool {
    c == '\u{fffd}' || c.is_control() || ('\u{e000}'..='\u{f8ff}').contains(&c)
}

/// The title in the properties, unless a program made it up.
fn title(pdf: &Pdf) -> String {
    let info = pdf.trailer.get(b"Info").ok().and_then(|o| match o {
        Object::Reference(id) => pdf.get_object(*id).ok(),
        other => Some(other),
    });
    let Some(Ok(raw)) = info.and_then(|i| i.as_dict().ok()).and_then(|d| d.get(b"Title").ok()).map(Object::as_str)
    else {
        return String::new();
    };
    let title = match raw {
        [0xfe, 0xff, ..] | [0xff, 0xfe, ..] | [0xef, 0xbb, 0xbf, ..] => super::decode::text(raw, None),
        raw => super::decode::text(raw, Some("windows-1252")),
    };
    let title = fold(&title);
    let lower = title.to_lowercase();
    let made_up = lower.starts_with("microsoft ")
        || matches!(lower.as_str(), "untitled" | "(anonymous)" | "document" | "(unspecified)")
        || [".doc", ".docx", ".pdf", ".indd", ".odt", ".xls", ".xlsx", ".ppt"].iter().any(|e| lower.ends_with(e));
    if made_up { String::new() } else { title }
}
