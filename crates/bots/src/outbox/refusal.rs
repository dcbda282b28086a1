//! What follows when the provider refuses a message, whether it says so at once or in a status later.

use std::time::Duration;

use base::message::{Content, TemplateParameter};
use base::{Error, Result, Time};
use channels::whatsapp::{Action, Class, GraphError, limits};
use db::Tx;
use db::rusqlite::Connection;

use super::{OutboxRow, State, mark_failed, problem, requeue, store};
use crate::channels::FallbackTemplate;
use crate::contacts::{self, AliasKind};
use crate::conversations::{self, ConversationRow};
use crate::workspace::Workspace;

/// A message that is refused for a passing reason is given up after this many times.
const MAX_REFUSALS: u32 = 12;
/// The text in a template's placeholder; what surrounds it counts as well.
const TEMPLATE_TEXT_CHARS: usize = 1_000;
/// A template without words of its own is sent in place of one message only in this time.
const ONE_TEMPLATE_IN: Duration = Duration::from_secs(24 * 3600);

const GIVEN_UP: &str = "WhatsApp had a fault each time this message was tried, so it is not tried any more. Send it again \
                        in a while.";

/// Why the provider does not take or deliver a message.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    class: Class,
    /// For the owner: what happened and what to do.
    sentence: String,
}

impl Refusal {
    pub(crate) fn of(error: &GraphError) -> Self {
        Self { class: error.class(), sentence: error.sentence().to_owned() }
    }

    /// A failure that came by a status, with Meta's code where one was told.
    pub(crate) fn told(code: Option<i64>, sentence: Option<String>) -> Self {
        let unknown = "WhatsApp could not deliver this message. Try again later.";
        Self {
            class: code.map_or(Class::Undeliverable, |code| GraphError::of(code, "").class()),
            sentence: sentence.unwrap_or_else(|| unknown.to_owned()),
        }
    }

    /// The same refusal in words about a file.
    pub(super) fn about_file(mut self) -> Self {
        if self.class == Class::Request {
            self.sentence = GraphError::of(131_053, "").sentence().to_owned();
        }
        self
    }
}

/// Does what the refusal asks for, when the row still is in one of the states `from`; else its fate is decided already.
pub(crate) fn refuse(tx: &Tx<'_>, ws: &Workspace, row: &OutboxRow, from: &[State], refusal: &Refusal) -> Result<()> {
    let Some(row) = store::get(tx, row.id)?.filter(|row| from.contains(&row.state)) else { return Ok(()) };
    let refused = store::note_refusal(tx, row.id)?;
    let now = ws.clock.now();
    let error = problem(&refusal.sentence);
    let doubled = |first: Duration| first.saturating_mul(2u32.saturating_pow(refused.saturating_sub(1).min(12)));
    let again_at = |at: Time| requeue(tx, &row, &[row.state], at, Some(&error));
    let failed = |sentence: &str| mark_failed(tx, &row, &problem(sentence));
    match refusal.class.action() {
        Action::Retry { first, attempts } if refused < attempts => again_at(now.plus(doubled(first))),
        Action::BackOff { first, most } if refused < MAX_REFUSALS => {
            let next = now.plus(doubled(first).min(most));
            again_at(next)?;
            store::postpone_channel(tx, row.channel_id, next)
        }
        Action::BackOffRecipient if refused < MAX_REFUSALS => {
            again_at(now.plus(Duration::from_secs(4u64.saturating_pow(refused.min(6)))))
        }
        Action::Retry { .. } | Action::BackOff { .. } | Action::BackOffRecipient => failed(GIVEN_UP),
        Action::StopChannel => {
            // The queue is kept: everything goes out once the owner has mended what is wrong.
            crate::channels::store::set_trouble(tx, row.channel_id, Some(&error))?;
            tx.publish("channels");
            again_at(now)
        }
        Action::UseTemplate => match template_instead(tx, now, &row)? {
            Ok(()) => {
                store::set_as_template(tx, row.id)?;
                requeue(tx, &row, &[row.state], now, None)
            }
            Err(sentence) => failed(&sentence),
        },
        Action::SuppressMarketing => {
            if let Some(conversation) = conversations::store::get(tx, row.conversation_id)? {
                contacts::store::set_marketing_stopped(tx, conversation.contact_id, Some(now))?;
            }
            failed(&refusal.sentence)
        }
        // The next try goes to the number as soon as one is known; refused there as well, it is final.
        Action::ResendByPhone if row.to_user && phone_known(tx, &row)? => requeue(tx, &row, &[row.state], now, None),
        Action::DisableTemplate => {
            if row.as_template {
                crate::channels::store::set_fallback_problem(tx, row.channel_id, &refusal.sentence)?;
                tx.publish("channels");
            }
            failed(&refusal.sentence)
        }
        Action::ResendByPhone | Action::NoRetry | Action::NotBefore(_) => failed(&refusal.sentence),
    }
}

fn phone_known(connection: &Connection, row: &OutboxRow) -> Result<bool> {
    let Some(conversation) = conversations::store::get(connection, row.conversation_id)? else { return Ok(false) };
    let aliases = contacts::store::aliases(connection, conversation.contact_id)?;
    Ok(aliases.iter().any(|alias| alias.kind == AliasKind::Phone))
}

/// Whether the channel's template may go out in place of a refused message; else why not, for the owner.
fn template_instead(connection: &Connection, now: Time, row: &OutboxRow) -> Result<Result<(), String>> {
    let closed = Class::Window.sentence().to_owned();
    if row.as_template {
        return Ok(Err(closed));
    }
    let Some(channel) = crate::channels::store::get(connection, row.channel_id)? else { return Ok(Err(closed)) };
    let Some(template) = channel.whatsapp().fallback_template else { return Ok(Err(closed)) };
    let Some(message) = conversations::store::message(connection, row.message_id)? else { return Ok(Err(closed)) };
    if let Some(problem) = template.problem {
        return Ok(Err(problem));
    }
    if template.with_text {
        return Ok(if message.content.words().trim().is_empty() {
            Err("More than 24 hours have passed since this customer wrote, so WhatsApp takes only your template now, and \
                 this message has no words to put into it. Send it again once the customer writes."
                .to_owned())
        } else {
            Ok(())
        });
    }
    let since = now.minus(ONE_TEMPLATE_IN);
    Ok(if store::has_template_since(connection, row.conversation_id, row.id, since)? {
        Err("More than 24 hours have passed since this customer wrote. Your template went to them in place of another \
             message, so this one waits: send it again once they write."
            .to_owned())
    } else {
        Ok(())
    })
}

/// Whether words written by hand may go out inside the channel's template, now that the window is closed.
///
/// # Errors
/// `Conflict` with what the owner can do.
pub(crate) fn may_go_as_template(
    connection: &Connection,
    conversation: &ConversationRow,
    content: &Content,
) -> Result<()> {
    let no = |why: &str| {
        Error::conflict(format!(
            "More than 24 hours have passed since the customer last wrote. WhatsApp takes free text again once they write. {why}"
        ))
    };
    let channel = crate::channels::store::get(connection, conversation.channel_id)?;
    let template = channel
        .and_then(|channel| channel.whatsapp().fallback_template)
        .filter(|template| template.with_text && template.problem.is_none())
        .ok_or_else(|| {
            no("Until then words can go out inside an approved template: name one in the channel's settings.")
        })?;
    let Content::Text { text } = content else {
        return Err(no("Files cannot go out inside your template."));
    };
    if text.chars().count() > TEMPLATE_TEXT_CHARS {
        return Err(no(&format!(
            "Your template “{}” can carry up to {TEMPLATE_TEXT_CHARS} characters; make this text shorter.",
            template.name
        )));
    }
    Ok(())
}

/// The template as it goes out in place of a message.
pub(super) fn template(template: Option<&FallbackTemplate>, content: &Content) -> Result<Content> {
    let template = template
        .filter(|template| template.problem.is_none())
        .ok_or_else(|| Error::conflict(Class::Window.sentence()))?;
    let parameters = if template.with_text {
        vec![TemplateParameter { part: "body".into(), index: None, name: None, text: content.words().to_owned() }]
    } else {
        Vec::new()
    };
    let whole = Content::Template { name: template.name.clone(), language: template.language.clone(), parameters };
    limits::fit(whole, "").into_iter().next().ok_or_else(|| Error::internal("a template became nothing"))
}
