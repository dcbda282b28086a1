//! Markdown, by its events.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::draft::Draft;
use super::{html, shape, table};

/// Text between two block boundaries.
#[derive(Default)]
struct Line {
    text: String,
    /// Letters in bold, to recognise a paragraph that is nothing else.
    bold: usize,
}

pub(super) fn read(text: &str) -> Draft {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let mut draft = Draft::new();
    let mut line = Line::default();
    let (mut items, mut strong, mut skip) = (0_usize, 0_usize, 0_usize);
    let mut markup = String::new();
    let mut rows: Vec<table::Row> = Vec::new();
    for event in Parser::new_ext(text, options) {
        match event {
            Event::Start(Tag::MetadataBlock(_) | Tag::Image { .. }) => skip += 1,
            Event::End(TagEnd::MetadataBlock(_) | TagEnd::Image) => skip = skip.saturating_sub(1),
            _ if skip > 0 => {}
            Event::Text(t) | Event::Code(t) | Event::InlineMath(t) | Event::DisplayMath(t) => {
                if strong > 0 {
                    line.bold += t.trim().len();
                }
                line.text.push_str(&t);
            }
            Event::SoftBreak | Event::HardBreak => line.text.push(' '),
            Event::Html(t) => markup.push_str(&t),
            Event::InlineHtml(t) if t.starts_with("<br") => line.text.push(' '),
            Event::End(TagEnd::HtmlBlock) => {
                html::append(&mut draft, &std::mem::take(&mut markup));
            }
            Event::Start(Tag::Strong) => strong += 1,
            Event::End(TagEnd::Strong) => strong = strong.saturating_sub(1),
            Event::Start(Tag::Item) => {
                flush(&mut draft, &mut line, items > 0);
                items += 1;
            }
            Event::End(TagEnd::Item) => {
                flush(&mut draft, &mut line, true);
                items = items.saturating_sub(1);
            }
            Event::End(TagEnd::Heading(level)) => {
                let level = match level {
                    HeadingLevel::H1 => 1,
                    HeadingLevel::H2 => 2,
                    HeadingLevel::H3 => 3,
                    HeadingLevel::H4 => 4,
                    HeadingLevel::H5 => 5,
                    HeadingLevel::H6 => 6,
                };
                draft.heading(level, &std::mem::take(&mut line).text);
            }
            Event::End(TagEnd::TableCell) => {
                let text = std::mem::take(&mut line).text;
                if let Some(row) = rows.last_mut() {
                    row.push(table::Cell { head: false, ..table::Cell::plain(&text) });
                }
            }
            Event::Start(Tag::TableHead | Tag::TableRow) => rows.push(Vec::new()),
            Event::End(TagEnd::TableHead) => {
                if let Some(row) = rows.last_mut() {
                    row.iter_mut().for_each(|c| c.head = true);
                }
            }
            Event::End(TagEnd::Table) => draft.table(std::mem::take(&mut rows), None),
            Event::Start(Tag::Paragraph | Tag::Heading { .. } | Tag::List(_) | Tag::CodeBlock(_) | Tag::Table(_)) => {
                flush(&mut draft, &mut line, items > 0);
            }
            Event::End(TagEnd::Paragraph | TagEnd::CodeBlock) => flush(&mut draft, &mut line, items > 0),
            _ => {}
        }
    }
    flush(&mut draft, &mut line, false);
    draft
}

fn flush(draft: &mut Draft, line: &mut Line, item: bool) {
    let Line { text, bold } = std::mem::take(line);
    let text = text.trim();
    if item {
        draft.item(text);
    } else if bold > 0 && bold + 2 >= text.len() && (shape::could_head(text) || shape::asks(text)) {
        draft.weak_heading(text.trim_end_matches(':'));
    } else {
        draft.paragraph(text);
    }
}
