//! What fits into a WhatsApp message, and how to make the rest fit without losing a word that matters.

use std::collections::HashSet;

use base::message::{Choice, Content, ListSection, Media};

use crate::Problem;
use crate::text::{self, length, truncate};

pub const TEXT: usize = 4096;
/// Text above buttons, lists and links. Meta's pages allow lists 4,096 but its own specification 1,024: the one that is
/// always accepted.
pub const BODY: usize = 1024;
pub const CAPTION: usize = 1024;
pub const FOOTER: usize = 60;
pub const BUTTONS: usize = 3;
pub const BUTTON_TITLE: usize = 20;
pub const BUTTON_ID: usize = 256;
pub const LIST_SECTIONS: usize = 10;
/// In all sections together.
pub const LIST_ROWS: usize = 10;
pub const SECTION_TITLE: usize = 24;
pub const ROW_TITLE: usize = 24;
pub const ROW_ID: usize = 200;
pub const ROW_DESCRIPTION: usize = 72;
pub const OPENER: usize = 20;
pub const LINK_LABEL: usize = 20;
pub const URL: usize = 2000;
/// An id of ours that comes back with each status.
pub const OUR_REF: usize = 512;
/// Each message costs money and a place in the customer's rate: no content becomes more messages than this.
pub const MESSAGES: usize = 10;
const CONTACTS: usize = 20;
const ADDRESS: usize = 1000;
const TEMPLATE_HEADER: usize = 60;
const TEMPLATE_BODY: usize = 1024;
const TEMPLATE_BUTTONS: u32 = 10;

const MB: u64 = 1024 * 1024;
/// Largest file that customers can send.
pub const INBOUND_FILE_BYTES: u64 = 100 * MB;

/// The largest file that may be sent as this kind of content (`image`, `video`, `audio`, `document`, `sticker`) with this
/// MIME type; nothing when the type cannot be sent as this kind.
pub fn file_limit_bytes(kind: &str, mime: &str, animated: bool) -> Option<u64> {
    let bare = mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match (kind, bare.as_str()) {
        ("image", "image/jpeg" | "image/png") => Some(5 * MB),
        ("video", "video/mp4" | "video/3gpp") => Some(16 * MB),
        ("audio", "audio/aac" | "audio/amr" | "audio/mpeg" | "audio/mp4" | "audio/ogg") => Some(16 * MB),
        ("sticker", "image/webp") => Some(if animated { 500 * 1024 } else { 100 * 1024 }),
        ("document", m) if m.split_once('/').is_some_and(|(a, b)| !a.is_empty() && !b.is_empty()) => Some(100 * MB),
        _ => None,
    }
}

/// The kind of content that a file of this type goes out as: what WhatsApp shows in the chat is shown, the rest is a
/// document.
pub fn kind_of_file(mime: &str) -> &'static str {
    ["image", "video", "audio"]
        .into_iter()
        .find(|kind| file_limit_bytes(kind, mime, false).is_some())
        .unwrap_or("document")
}

/// Splits a long text into messages; see [`text::split`].
pub fn split_text(text: &str) -> Vec<String> {
    text::split(text, TEXT, MESSAGES)
}

struct Problems(Vec<Problem>);

impl Problems {
    fn add(&mut self, field: impl Into<String>, sentence: impl Into<String>) {
        self.0.push(Problem::new(field, sentence));
    }

    fn within(&mut self, field: impl Into<String>, what: &str, text: &str, least: usize, most: usize) {
        let n = length(text);
        if n > most {
            self.add(field, format!("{what} has {n} characters; WhatsApp allows {most}. Make it shorter."));
        } else if n < least || (least > 0 && text.trim().is_empty()) {
            self.add(field, format!("{what} is empty. Write something."));
        }
    }

    fn unique<'a>(&mut self, field: &str, what: &str, texts: impl Iterator<Item = &'a str>) {
        let mut seen = HashSet::new();
        for text in texts {
            if !seen.insert(text) {
                self.add(field, format!("Two {what} are both “{text}”. Make each different."));
            }
        }
    }

    fn choice(&mut self, at: &str, choice: &Choice, title: usize, id: usize) {
        self.within(format!("{at}.title"), "The title", &choice.title, 1, title);
        self.within(format!("{at}.id"), "The id", &choice.id, 1, id);
        if choice.id.trim() != choice.id {
            self.add(format!("{at}.id"), "The id begins or ends with a space. Remove it.");
        }
    }

    fn media(&mut self, kind: &str, media: &Media, animated: bool) {
        if media.provider_id.is_none() && media.url.is_none() && media.stored.is_none() {
            self.add("media", "There is no file. Add one.");
        }
        match file_limit_bytes(kind, &media.mime, animated) {
            None => self.add("media", format!("WhatsApp does not take files of type “{}” here. Send it as a document or save it as JPEG, PNG, MP4, MP3 or PDF.", media.mime)),
            Some(most) if media.size_bytes.is_some_and(|size| size > most) => {
                self.add("media", format!("The file is larger than {}, the most that WhatsApp takes here. Make it smaller.", size_words(most)));
            }
            Some(_) => {}
        }
    }
}

fn size_words(bytes: u64) -> String {
    if bytes >= MB { format!("{} MB", bytes / MB) } else { format!("{} KB", bytes / 1024) }
}

/// All that WhatsApp would refuse about a message; empty when it can go out as it is.
pub fn check(content: &Content) -> Vec<Problem> {
    let mut p = Problems(Vec::new());
    match content {
        Content::Text { text } => p.within("text", "The text", text, 1, TEXT),
        Content::Image { media, caption }
        | Content::Video { media, caption }
        | Content::Document { media, caption } => {
            p.media(content.kind(), media, false);
            p.within("caption", "The text under the file", caption.as_deref().unwrap_or_default(), 0, CAPTION);
        }
        Content::Audio { media, .. } => p.media("audio", media, false),
        Content::Sticker { media, animated } => p.media("sticker", media, *animated),
        Content::Location { latitude, longitude, name, address } => {
            // Not a number is in no range.
            if !(-90.0..=90.0).contains(latitude) || !(-180.0..=180.0).contains(longitude) {
                p.add("location", "This place is not on the map. Choose it again.");
            }
            p.within("name", "The name of the place", name.as_deref().unwrap_or_default(), 0, ADDRESS);
            p.within("address", "The address", address.as_deref().unwrap_or_default(), 0, ADDRESS);
        }
        Content::Contacts { contacts } => {
            if contacts.is_empty() || contacts.len() > CONTACTS {
                p.add("contacts", format!("Share between 1 and {CONTACTS} contacts in one message."));
            }
            if contacts.iter().any(|c| c.name.trim().is_empty() && c.phones.is_empty()) {
                p.add("contacts", "A contact has neither a name nor a number. Fill it in or remove it.");
            }
        }
        Content::Buttons { text, footer, buttons } => {
            p.within("text", "The text", text, 1, BODY);
            p.within("footer", "The small text", footer.as_deref().unwrap_or_default(), 0, FOOTER);
            if buttons.is_empty() || buttons.len() > BUTTONS {
                p.add("buttons", format!("WhatsApp shows between 1 and {BUTTONS} buttons. Use a list for more."));
            }
            for (i, button) in buttons.iter().enumerate() {
                p.choice(&format!("buttons[{i}]"), button, BUTTON_TITLE, BUTTON_ID);
            }
            p.unique("buttons", "buttons", buttons.iter().map(|b| b.title.as_str()));
            p.unique("buttons", "ids", buttons.iter().map(|b| b.id.as_str()));
        }
        Content::List { text, button, sections } => {
            p.within("text", "The text", text, 1, BODY);
            p.within("button", "The button that opens the list", button, 1, OPENER);
            let rows: Vec<_> = sections.iter().flat_map(|s| &s.rows).collect();
            if rows.is_empty() || rows.len() > LIST_ROWS || sections.len() > LIST_SECTIONS {
                p.add("sections", format!("A list has between 1 and {LIST_ROWS} rows in all. Split it in two."));
            }
            for (i, section) in sections.iter().enumerate() {
                let least = usize::from(sections.len() > 1);
                p.within(format!("sections[{i}].title"), "The heading", &section.title, least, SECTION_TITLE);
                if section.rows.is_empty() {
                    p.add(format!("sections[{i}]"), "This part of the list has no rows. Remove it.");
                }
                for (j, row) in section.rows.iter().enumerate() {
                    let at = format!("sections[{i}].rows[{j}]");
                    p.choice(&at, row, ROW_TITLE, ROW_ID);
                    let description = row.description.as_deref().unwrap_or_default();
                    p.within(format!("{at}.description"), "The description", description, 0, ROW_DESCRIPTION);
                }
            }
            p.unique("sections", "rows", rows.iter().map(|r| r.title.as_str()));
            p.unique("sections", "ids", rows.iter().map(|r| r.id.as_str()));
        }
        Content::Link { text, label, url } => {
            p.within("text", "The text", text, 1, BODY);
            p.within("label", "The button", label, 1, LINK_LABEL);
            if !is_web_address(url) {
                p.add("url", "The web address must begin with https:// or http:// and have no spaces.");
            }
        }
        Content::Template { name, language, parameters } => {
            if name.is_empty() || name.len() > 512 || language.is_empty() || language.len() > 20 {
                p.add("template", "Choose a template and its language.");
            }
            let mut body = 0;
            for (i, parameter) in parameters.iter().enumerate() {
                let at = format!("parameters[{i}]");
                let most =
                    if parameter.part == "header" && !is_web_address(&parameter.text) { TEMPLATE_HEADER } else { URL };
                p.within(&at, "A value of the template", &parameter.text, 1, most);
                if parameter.text.contains(['\n', '\t', '\r']) || parameter.text.contains("     ") {
                    p.add(&at, "A value of the template holds a line break or many spaces. Remove them.");
                }
                match parameter.part.as_str() {
                    "body" => body += length(&parameter.text),
                    "header" => {}
                    "button" if parameter.index.is_some_and(|i| i < TEMPLATE_BUTTONS) => {}
                    _ => p.add(at, "This value belongs to no part of the template. Choose the template again."),
                }
            }
            if body > TEMPLATE_BODY {
                p.add(
                    "parameters",
                    format!("The values have {body} characters in all; WhatsApp allows {TEMPLATE_BODY}."),
                );
            }
        }
        Content::Reaction { provider_message_id, emoji } => {
            p.within("provider_message_id", "The message to react to", provider_message_id, 1, 512);
            p.within("emoji", "The reaction", emoji.as_deref().unwrap_or_default(), 0, 40);
        }
        Content::LocationRequest { text } => p.within("text", "The text", text, 1, BODY),
        Content::Picked { .. } | Content::Form { .. } | Content::Order { .. } | Content::Unsupported { .. } => {
            p.add("kind", "A message of this kind can only come from a customer.");
        }
    }
    p.0
}

fn is_web_address(text: &str) -> bool {
    length(text) <= URL
        && !text.contains(char::is_whitespace)
        && url::Url::parse(text).is_ok_and(|u| matches!(u.scheme(), "http" | "https") && u.has_host())
}

/// Makes a message fit, in one or more messages in the order to send: long texts are split, short ones cut with an
/// ellipsis, more than three buttons become a list, long lists several, files of the wrong kind documents. `opener` is
/// what the button of a list says when the message names none, in the customer's language. Kinds that only come in are
/// given back as they are; a text of spaces gives no message.
pub fn fit(content: Content, opener: &str) -> Vec<Content> {
    match content {
        Content::Text { text } => texts(&text),
        Content::Image { media, caption } => {
            file(media, caption, "image", |media, caption| Content::Image { media, caption })
        }
        Content::Video { media, caption } => {
            file(media, caption, "video", |media, caption| Content::Video { media, caption })
        }
        Content::Document { media, caption } => {
            file(media, caption, "document", |media, caption| Content::Document { media, caption })
        }
        Content::Audio { media, voice } => file(media, None, "audio", |media, _| Content::Audio { media, voice }),
        Content::Sticker { media, animated } => {
            if sendable(&media, "sticker", animated) {
                vec![Content::Sticker { media, animated }]
            } else {
                file(media, None, "image", |media, caption| Content::Image { media, caption })
            }
        }
        Content::Location { latitude, longitude, name, address } => {
            let cut = |s: Option<String>| s.map(|s| truncate(s.trim(), ADDRESS)).filter(|s| !s.is_empty());
            vec![Content::Location { latitude, longitude, name: cut(name), address: cut(address) }]
        }
        Content::Contacts { mut contacts } => {
            contacts.retain(|c| !c.name.trim().is_empty() || !c.phones.is_empty());
            contacts
                .chunks(CONTACTS)
                .take(MESSAGES)
                .map(|chunk| Content::Contacts { contacts: chunk.to_vec() })
                .collect()
        }
        Content::Buttons { text, footer, buttons } => fit_buttons(&text, footer, buttons, opener),
        Content::List { text, button, sections } => {
            fit_list(&text, if button.trim().is_empty() { opener } else { &button }, sections)
        }
        Content::Link { text, label, url } => {
            if !is_web_address(&url) {
                return texts(&format!("{text}\n{url}"));
            }
            let label = truncate(if label.trim().is_empty() { opener } else { label.trim() }, LINK_LABEL);
            with_body(&text, |text| Content::Link { text, label, url })
        }
        Content::LocationRequest { text } => with_body(&text, |text| Content::LocationRequest { text }),
        Content::Template { name, language, mut parameters } => {
            let mut left = TEMPLATE_BODY;
            let mut to_come = parameters.iter().filter(|p| p.part == "body").count();
            for parameter in &mut parameters {
                let most = match parameter.part.as_str() {
                    "header" if !is_web_address(&parameter.text) => TEMPLATE_HEADER,
                    "body" => {
                        // Each later value must still have room for one sign.
                        to_come -= 1;
                        left.saturating_sub(to_come).max(1)
                    }
                    _ => URL,
                };
                let clean = text::clean_line(&parameter.text, most);
                parameter.text = if clean.is_empty() { "-".into() } else { clean };
                if parameter.part == "body" {
                    left = left.saturating_sub(length(&parameter.text));
                }
            }
            vec![Content::Template { name, language, parameters }]
        }
        Content::Reaction { provider_message_id, emoji } => {
            vec![Content::Reaction { provider_message_id, emoji: emoji.map(|e| truncate(&e, 40)) }]
        }
        other => vec![other],
    }
}

fn texts(text: &str) -> Vec<Content> {
    split_text(text).into_iter().map(Content::text).collect()
}

/// The end of a long text goes with the buttons, what comes before it in messages of its own.
fn with_body(text: &str, make: impl FnOnce(String) -> Content) -> Vec<Content> {
    let whole = text.trim();
    if whole.is_empty() {
        return vec![make("…".into())];
    }
    if length(whole) <= BODY {
        return vec![make(whole.to_owned())];
    }
    let room = (MESSAGES - 1) * TEXT / BODY;
    let mut parts = text::split(whole, BODY, room);
    let tail = parts.pop().unwrap_or_default();
    let head = whole.strip_suffix(tail.as_str()).map_or_else(|| parts.join("\n"), str::to_owned);
    let mut out: Vec<_> = text::split(&head, TEXT, MESSAGES - 1).into_iter().map(Content::text).collect();
    out.push(make(tail));
    out
}

fn sendable(media: &Media, kind: &str, animated: bool) -> bool {
    file_limit_bytes(kind, &media.mime, animated).is_some_and(|most| media.size_bytes.is_none_or(|size| size <= most))
}

fn file(
    mut media: Media,
    caption: Option<String>,
    kind: &str,
    make: impl FnOnce(Media, Option<String>) -> Content,
) -> Vec<Content> {
    let caption = caption.map(|c| c.trim().to_owned()).filter(|c| !c.is_empty());
    let (short, rest) = match caption {
        Some(caption) if length(&caption) > CAPTION => (None, texts(&caption)),
        caption => (caption, Vec::new()),
    };
    let first = if sendable(&media, kind, false) {
        make(media, short)
    } else {
        if file_limit_bytes("document", &media.mime, false).is_none() {
            media.mime = "application/octet-stream".into();
        }
        Content::Document { media, caption: short }
    };
    std::iter::once(first).chain(rest).take(MESSAGES).collect()
}

/// Cuts titles and ids and makes titles differ; of choices with the same id the first stays.
fn fit_choices(
    choices: impl IntoIterator<Item = Choice>,
    title_limit: usize,
    id_limit: usize,
    seen: &mut Seen,
) -> Vec<Choice> {
    let mut out = Vec::new();
    for choice in choices {
        let named = if choice.title.trim().is_empty() { &choice.id } else { &choice.title };
        let title = truncate(&text::clean_line(named, 1000), title_limit);
        let id = if choice.id.trim().is_empty() { &title } else { &choice.id };
        let id = truncate(id.trim(), id_limit);
        if title.is_empty() || !seen.ids.insert(id.clone()) {
            continue;
        }
        let mut unique = title.clone();
        let mut n = 1;
        while !seen.titles.insert(unique.clone()) {
            n += 1;
            let mark = format!(" {n}");
            unique = format!("{}{mark}", truncate(&title, title_limit - length(&mark)));
        }
        let description = choice.description.map(|d| truncate(d.trim(), ROW_DESCRIPTION)).filter(|d| !d.is_empty());
        out.push(Choice { id, title: unique, description });
    }
    out
}

#[derive(Default)]
struct Seen {
    ids: HashSet<String>,
    titles: HashSet<String>,
}

fn fit_buttons(text: &str, footer: Option<String>, buttons: Vec<Choice>, opener: &str) -> Vec<Content> {
    let footer = footer.map(|f| f.trim().to_owned()).filter(|f| !f.is_empty());
    let fitted = fit_choices(buttons.iter().cloned(), BUTTON_TITLE, BUTTON_ID, &mut Seen::default());
    if fitted.len() > BUTTONS {
        let text = match footer {
            Some(footer) => format!("{}\n\n{footer}", text.trim()),
            None => text.to_owned(),
        };
        return fit_list(&text, opener, vec![ListSection { title: String::new(), rows: buttons }]);
    }
    if fitted.is_empty() {
        return texts(text);
    }
    let footer = footer.map(|f| truncate(&f, FOOTER));
    with_body(text, |text| Content::Buttons { text, footer, buttons: fitted })
}

fn fit_list(text: &str, opener: &str, sections: Vec<ListSection>) -> Vec<Content> {
    let button = match truncate(&text::clean_line(opener, 1000), OPENER) {
        empty if empty.is_empty() => "…".to_owned(),
        button => button,
    };
    let mut seen = Seen::default();
    let most = LIST_ROWS * MESSAGES / 2;
    let rows: Vec<(usize, Choice)> = sections
        .iter()
        .enumerate()
        .flat_map(|(i, s)| {
            fit_choices(s.rows.iter().cloned(), ROW_TITLE, ROW_ID, &mut seen).into_iter().map(move |row| (i, row))
        })
        .take(most)
        .collect();
    if rows.is_empty() {
        return texts(text);
    }
    let mut lists = rows.chunks(LIST_ROWS).map(|chunk| {
        let mut parts: Vec<(usize, ListSection)> = Vec::new();
        for (section, row) in chunk {
            match parts.last_mut() {
                Some((last, part)) if last == section => part.rows.push(row.clone()),
                _ => {
                    let title = truncate(&text::clean_line(&sections[*section].title, 1000), SECTION_TITLE);
                    parts.push((*section, ListSection { title, rows: vec![row.clone()] }));
                }
            }
        }
        let mut parts: Vec<_> = parts.into_iter().map(|(_, part)| part).collect();
        if parts.len() > 1 {
            // Headings are a must as soon as there are two.
            for part in parts.iter_mut().filter(|p| p.title.is_empty()) {
                part.title = "–".into();
            }
        }
        parts
    });
    let first = lists.next().unwrap_or_default();
    let opener = button.clone();
    let mut out = with_body(text, |text| Content::List { text, button, sections: first });
    out.extend(lists.map(|sections| Content::List { text: "…".into(), button: opener.clone(), sections }));
    out
}

#[cfg(test)]
mod tests;
