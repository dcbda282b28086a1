//! Typed text between the editor, which speaks HTML, and what is stored, which is Markdown.

use base::{Error, Result};
use knowledge::document::{BlockKind, Document};
use knowledge::sources::QuestionAnswer;

/// The editor's HTML as Markdown; what is not text is dropped.
pub(super) fn to_markdown(html: &str) -> Result<String> {
    let clean = ammonia::clean(html);
    htmd::convert(&clean)
        .map_err(|e| Error::invalid("This text could not be read. Paste it as plain text.").with_cause(e))
}

/// Markdown as HTML for the editor, safe to show.
pub(super) fn to_html(markdown: &str) -> String {
    let mut html = String::with_capacity(markdown.len() * 2);
    let options = pulldown_cmark::Options::ENABLE_TABLES;
    pulldown_cmark::html::push_html(&mut html, pulldown_cmark::Parser::new_ext(markdown, options));
    ammonia::clean(&html)
}

/// The questions and answers of a stored source.
pub(super) fn pairs(stored: &[u8]) -> Result<Vec<QuestionAnswer>> {
    let document: Document = serde_json::from_slice(stored)?;
    Ok(document
        .blocks
        .into_iter()
        .filter_map(|block| match block.kind {
            BlockKind::Pair { question, answer } => Some(QuestionAnswer { question, answer }),
            _ => None,
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_comes_back_the_same_and_scripts_do_not() {
        let html = "<h2>Parking</h2><p>Behind the <strong>shop</strong>.</p><script>alert(1)</script>";
        let markdown = to_markdown(html).unwrap();
        assert_eq!(markdown, "## Parking\n\nBehind the **shop**.");
        let back = to_html(&markdown);
        assert!(
            back.contains("<h2>Parking</h2>") && back.contains("<strong>shop</strong>") && !back.contains("script")
        );
    }
}
