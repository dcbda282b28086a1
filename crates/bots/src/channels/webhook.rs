//! WhatsApp's webhook: the handshake, and deliveries. Answers 200 only for what is on the disk.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, RawQuery, State};
use axum::response::{IntoResponse, Response};
use base::id::ChannelId;
use base::{Error, ErrorCode, Result, Secret, Time};
use channels::whatsapp::events::{EchoWhat, Severity};
use channels::whatsapp::inbound::{Identity, ItemKind};
use channels::whatsapp::signature::{self, SignatureError, VerificationError};
use channels::whatsapp::{GraphError, Status, WEBHOOK_LIMIT_BYTES};
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{ApiError, ApiResult, Path, Raw};

use super::WhatsApp;
use crate::contacts::{Alias, AliasKind};
use crate::conversations::MessageStatus;
use crate::inbound::{self, Inbound, Item, Unreadable};
use crate::workspace::{Workspace, Workspaces};

/// On the public listener only; deliveries may be larger than other requests.
pub(crate) fn router() -> OpenApiRouter<Workspaces> {
    OpenApiRouter::new().routes(routes!(verify, deliver)).layer(DefaultBodyLimit::max(WEBHOOK_LIMIT_BYTES))
}

/// Meta asks whether the address is ours. Works before any credential does.
#[utoipa::path(get, path = "/hooks/whatsapp/{channel}", operation_id = "verifyWebhook", tag = "webhooks",
    params(
        ("channel" = ChannelId, Path),
        ("hub.mode" = String, Query, description = "Always `subscribe`", max_length = 1024),
        ("hub.verify_token" = String, Query, description = "As shown in the channel's set-up", max_length = 1024),
        ("hub.challenge" = String, Query, description = "Goes back as the answer", max_length = 1024)
    ),
    responses(
        (status = 200, body = String, content_type = "text/plain", description = "The challenge"),
        (status = 403, description = "The token is not that of this channel")
    ))]
pub(crate) async fn verify(
    State(workspaces): State<Workspaces>,
    Path(channel): Path<ChannelId>,
    RawQuery(query): RawQuery,
) -> ApiResult<Response> {
    let ws = workspaces.of_channel(channel).await?;
    let whatsapp = ws.channels.whatsapp(&ws, channel)?;
    Ok(match signature::verification(query.as_deref().unwrap_or_default(), &whatsapp.verify_token) {
        Ok(challenge) => {
            ([(header::CONTENT_TYPE, "text/plain"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")], challenge)
                .into_response()
        }
        Err(VerificationError::Malformed) => {
            return Err(ApiError::malformed("This is not what WhatsApp asks when an address is saved."));
        }
        Err(VerificationError::Refused) => {
            return Err(Error::forbidden("The token is not the one that is shown in the channel's set-up.").into());
        }
    })
}

/// A delivery. 200 means that it is on the disk.
#[utoipa::path(post, path = "/hooks/whatsapp/{channel}", operation_id = "deliverWebhook", tag = "webhooks",
    security(("signature" = [])), params(("channel" = ChannelId, Path)),
    request_body(content = Object, content_type = "application/json", description = "As Meta documents its webhooks"),
    responses(
        (status = 200),
        (status = 401, description = "There is no signature"),
        (status = 403, description = "The signature does not belong to the body")
    ))]
pub(crate) async fn deliver(
    State(workspaces): State<Workspaces>,
    Path(channel): Path<ChannelId>,
    headers: HeaderMap,
    Raw(body): Raw,
) -> ApiResult<StatusCode> {
    let ws = workspaces.of_channel(channel).await?;
    let whatsapp = ws.channels.whatsapp(&ws, channel)?;
    let secrets: Vec<&Secret> = whatsapp.secrets.iter().collect();
    let header = headers.get(signature::HEADER).map(|value| value.to_str().unwrap_or("unreadable"));
    if let Err(problem) = signature::verify(header, &body, &secrets) {
        metrics::counter!("webhook_refused_total").increment(1);
        return Err(match problem {
            SignatureError::Missing => Error::new(ErrorCode::Unauthorized, "This delivery is not signed."),
            SignatureError::Malformed | SignatureError::Mismatch => {
                Error::forbidden("The signature does not belong to this delivery. Check the app's secret.")
            }
        }
        .into());
    }
    let (items, unreadable) = read(&ws, &whatsapp, &body)?;
    inbound::accept(&ws, channel, Some(body), items, unreadable).await?;
    Ok(StatusCode::OK)
}

/// Takes a delivery apart. Items about a number that is none of ours are set aside, not lost.
fn read(ws: &Arc<Workspace>, channel: &WhatsApp, raw: &[u8]) -> Result<(Vec<Item>, Vec<Unreadable>)> {
    let parsed = channels::whatsapp::inbound::parse(raw);
    let mut items = Vec::with_capacity(parsed.items.len());
    let mut unreadable: Vec<Unreadable> = parsed
        .quarantined
        .into_iter()
        .map(|q| Unreadable { dedupe_key: hash(&q.json), raw: q.json, problem: q.reason })
        .collect();
    let now = ws.clock.now();
    for item in parsed.items {
        let target = match &item.phone_number_id {
            Some(number) if *number != channel.phone_number_id => match ws.channels.by_number(ws, number)? {
                Some(other) => other.id,
                None => {
                    unreadable.push(Unreadable {
                        dedupe_key: item.dedupe_key.clone(),
                        raw: serde_json::to_string(&item)?,
                        problem: format!("The number {number} belongs to no channel."),
                    });
                    continue;
                }
            },
            _ => channel.id,
        };
        let at = item.at.unwrap_or(now);
        items.push(Item { channel: target, dedupe_key: item.dedupe_key, inbound: translate(item.kind, at) });
    }
    Ok((items, unreadable))
}

fn translate(kind: ItemKind, at: Time) -> Inbound {
    match kind {
        ItemKind::Message(message) => {
            let extra = json!({
                "referral": message.referral,
                "product": message.context.referred_product,
                "forwarded": message.context.forwarded,
                "errors": message.errors,
            });
            let nothing_extra = message.referral.is_none()
                && message.context.referred_product.is_none()
                && !message.context.forwarded
                && message.errors.is_empty();
            Inbound::Message {
                from: aliases(&message.from),
                name: message.from.profile_name,
                provider_id: Some(message.provider_id),
                client_id: None,
                content: message.content,
                sent_at: at,
                replied_to: message.context.replied_to,
                free_entry: message.referral.is_some(),
                quiet: message.quiet || message.group_id.is_some(),
                extra: if nothing_extra { Value::Null } else { extra },
            }
        }
        ItemKind::Echo(echo) => match echo.what {
            EchoWhat::Message(content) => {
                Inbound::Echo { to: aliases(&echo.to), provider_id: echo.provider_id, content, sent_at: at }
            }
            EchoWhat::Edit { original, content } => Inbound::Edit { provider_id: original, content, at },
            EchoWhat::Revoke { original } => Inbound::Revoke { provider_id: original, at },
        },
        ItemKind::Edit(edit) => Inbound::Edit { provider_id: edit.original, content: edit.content, at },
        ItemKind::Revoke(revoke) => Inbound::Revoke { provider_id: revoke.original, at },
        ItemKind::Status(status) => match message_status(&status.status) {
            Some(to) => Inbound::Status {
                provider_id: Some(status.provider_id),
                our_ref: status.our_ref,
                status: to,
                error: status.errors.first().map(|e| e.sentence().to_owned()),
                code: status.errors.first().map(|e| e.code),
            },
            None => Inbound::Noted { what: format!("status {}", status.status.as_str()) },
        },
        ItemKind::IdentityChange(change) => {
            let pairs = [
                (change.previous.wa_id, change.current.wa_id, AliasKind::Phone),
                (change.previous.user_id, change.current.user_id, AliasKind::User),
                (change.previous.parent_user_id, change.current.parent_user_id, AliasKind::ParentUser),
            ];
            Inbound::AliasChange {
                changes: pairs
                    .into_iter()
                    .filter_map(|(previous, current, kind)| Some((previous?, current?, kind)))
                    .filter(|(previous, current, _)| previous != current)
                    .map(|(previous, current, kind)| (Alias { kind, value: previous }, Alias { kind, value: current }))
                    .collect(),
            }
        }
        ItemKind::Preference(preference) if preference.category == "marketing_messages" => {
            Inbound::Preference { from: aliases(&preference.who), marketing_stopped: preference.stops_marketing(), at }
        }
        ItemKind::History(history) => Inbound::History {
            messages: history
                .messages
                .into_iter()
                .map(|m| inbound::OldMessage {
                    customer: aliases(&m.customer),
                    by_business: m.by_business,
                    provider_id: m.provider_id,
                    content: m.content,
                    at: m.at.unwrap_or(at),
                })
                .collect(),
        },
        ItemKind::Account(news) => notice(news.sentence, news.severity),
        ItemKind::Quality(news) => notice(news.sentence, news.severity),
        ItemKind::Template(news) => notice(news.sentence, news.severity),
        ItemKind::ChannelError(errors) => notice(
            errors.first().map(GraphError::sentence).unwrap_or("WhatsApp reported an error.").to_owned(),
            Severity::Info,
        ),
        other => Inbound::Noted { what: other.name().to_owned() },
    }
}

fn notice(message: String, severity: Severity) -> Inbound {
    Inbound::Notice { message, serious: severity == Severity::Stop }
}

fn message_status(status: &Status) -> Option<MessageStatus> {
    Some(match status {
        Status::Sent => MessageStatus::Sent,
        Status::Delivered => MessageStatus::Delivered,
        Status::Read | Status::Played => MessageStatus::Read,
        Status::Failed => MessageStatus::Failed,
        Status::Other(_) => return None,
    })
}

/// The business's own id for the customer first: a number can pass to somebody else, the id cannot.
fn aliases(who: &Identity) -> Vec<Alias> {
    [
        (AliasKind::User, &who.user_id),
        (AliasKind::Phone, &who.wa_id),
        (AliasKind::ParentUser, &who.parent_user_id),
        (AliasKind::Username, &who.username),
    ]
    .into_iter()
    .filter_map(|(kind, value)| value.clone().map(|value| Alias { kind, value }))
    .collect()
}

fn hash(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}
