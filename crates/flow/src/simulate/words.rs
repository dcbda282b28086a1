//! Effects in an owner's words.

use serde_json::Value;

use crate::compiled::Compiled;
use crate::event::{EffectKind, Task};
use crate::expression::{reveal, words_of};

/// Longest quotation, in characters.
const MAX_CHARS: usize = 200;

/// Shortened, and with a word where a secret would stand.
fn plain(text: &str) -> String {
    let text = reveal(text, |_| Some("SECRET".into())).unwrap_or_default();
    match text.char_indices().nth(MAX_CHARS) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

fn value(value: &Value) -> String {
    plain(&words_of(value))
}

fn with(before: String, after: &str) -> String {
    if after.trim().is_empty() { format!("{before}.") } else { format!("{before}: {}", plain(after)) }
}

/// A length of time, roughly.
pub(super) fn length(ms: u64) -> String {
    let (n, unit) = match ms / 1000 {
        s if s < 120 => (s, "second"),
        s if s < 2 * 3600 => (s / 60, "minute"),
        s if s < 48 * 3600 => (s / 3600, "hour"),
        s => (s / 86_400, "day"),
    };
    format!("{n} {unit}{}", if n == 1 { "" } else { "s" })
}

/// What an effect does that no message shows; nothing when it only asks for something.
pub(super) fn note(kind: &EffectKind, flow: &Compiled, now: base::Time) -> Option<String> {
    Some(match kind {
        EffectKind::Typing { ms } => format!("Shows “typing…” for {}.", length(*ms)),
        EffectKind::Approve { title, .. } => format!("Would ask a person of yours: {}", plain(title)),
        EffectKind::Http { method, url, .. } => format!("Would call {} {}", plain(method), plain(url)),
        EffectKind::WebhookOut { url, .. } => format!("Would call {}", plain(url)),
        EffectKind::Email { to, subject, .. } => with(format!("Would send an e-mail to {}", plain(to)), subject),
        EffectKind::Book { start, name, .. } => format!("Would book {} for {}.", plain(start), plain(name)),
        EffectKind::Notify { title, text, urgent } => {
            let how = if *urgent { "Would notify you at once" } else { "Would notify you" };
            let said: Vec<String> =
                [title, text].into_iter().filter(|t| !t.trim().is_empty()).map(|t| plain(t)).collect();
            with(how.into(), &said.join(": "))
        }
        EffectKind::Handover { reason, note } => {
            let said = with("Would hand the conversation to a person".into(), reason);
            if note.is_empty() { said } else { format!("{said} – with the note: {}", plain(note)) }
        }
        EffectKind::Resolve => "Would mark the conversation as resolved.".into(),
        EffectKind::SetContact { field, value: v } => format!("Would write to the contact: {field} is “{}”.", value(v)),
        EffectKind::SetConversation { name, value: v } => {
            format!("Would keep with the conversation: {name} is “{}”.", value(v))
        }
        EffectKind::SetWorkspace { name, value: v } => {
            format!("Would keep for all conversations: {name} is “{}”.", value(v))
        }
        EffectKind::Tag { tag, on: true } => format!("Would put the tag “{}” on the customer.", plain(tag)),
        EffectKind::Tag { tag, on: false } => format!("Would take the tag “{}” away from the customer.", plain(tag)),
        EffectKind::Count { name, by } => format!("Would count “{name}” on by {by}."),
        EffectKind::Consent { marketing: true } => {
            "Would note that the customer wants to hear from you of your own accord.".into()
        }
        EffectKind::Consent { marketing: false } => {
            "Would note that the customer wants no messages that they did not ask for.".into()
        }
        EffectKind::FollowUp { flow: id, at, unless_reply, .. } => {
            let ms = u64::try_from(at.since(now).as_millis()).unwrap_or(u64::MAX);
            let unless = if *unless_reply { ", unless the customer writes before" } else { "" };
            format!("Would begin “{}” in {}{unless}.", flow_name(flow, id), length(ms))
        }
        EffectKind::Goal { name, value, .. } => format!("Would count the goal “{}”, worth {value}.", plain(name)),
        EffectKind::Log { text } => format!("Would write down: {}", plain(text)),
        _ => return None,
    })
}

pub(super) fn flow_name(flow: &Compiled, id: &str) -> String {
    let found = flow.definition().flows.iter().find(|f| f.id == id);
    plain(found.map(|f| f.name.as_str()).filter(|name| !name.trim().is_empty()).unwrap_or(id))
}

/// What is waited for, in a sentence.
pub(super) fn says(kind: &EffectKind) -> String {
    match kind {
        EffectKind::Answer { question, .. } => {
            format!("Looks in the knowledge for an answer to “{}”.", plain(question))
        }
        EffectKind::Generate { task, prompt, .. } => {
            let what = match task {
                Task::Write => "write a text",
                Task::Summarise => "summarise",
                Task::Translate => "translate",
            };
            format!("Lets a model {what}: “{}”.", plain(prompt))
        }
        EffectKind::Classify { text, .. } => format!("Finds out what “{}” is about.", plain(text)),
        EffectKind::Extract { text, wanted, .. } => {
            let names: Vec<&str> = wanted.iter().take(20).map(|w| w.name.as_str()).collect();
            format!("Looks for {} in “{}”.", names.join(", "), plain(text))
        }
        EffectKind::Agent { .. } => "Lets a model decide what to do or to say next.".into(),
        EffectKind::Approve { title, .. } => format!("Asks a person of yours: {}", plain(title)),
        EffectKind::Http { method, url, .. } => format!("Calls {} {}", plain(method), plain(url)),
        EffectKind::WebhookOut { url, .. } => format!("Calls {}", plain(url)),
        EffectKind::Code { .. } => "Runs the script of this step.".into(),
        EffectKind::Email { to, subject, .. } => with(format!("Sends an e-mail to {}", plain(to)), subject),
        EffectKind::FreeSlots(slots) => {
            format!("Looks for free times in {} days from {} on.", slots.days, plain(&slots.from))
        }
        EffectKind::Book { start, name, .. } => format!("Books {} for {}.", plain(start), plain(name)),
        other => format!("Waits for: {}.", other.name()),
    }
}
