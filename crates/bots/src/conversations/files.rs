//! Files that a person sends by hand, over HTTP.

use accounts::Permission;
use axum::extract::multipart::{Field, MultipartError, MultipartRejection};
use axum::extract::{DefaultBodyLimit, Multipart};
use base::id::ConversationId;
use base::message::{Content, Media};
use base::{Error, Result};
use channels::whatsapp::limits;
use channels::{text, webchat, whatsapp};
use http::StatusCode;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{ApiError, ApiResult, Json, Path};

use super::{ConversationRow, Message, routes as conversation, service, store};
use crate::current::{AppState, Current};
use crate::media::{Arriving, Kept};

/// The file and what surrounds it in the form.
const LARGEST_FORM_BYTES: u64 = limits::INBOUND_FILE_BYTES + (1 << 20);
/// The form's other parts.
const LONGEST_PART_BYTES: usize = 32 * 1024;
const MOST_PARTS: usize = 10;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(reply_with_file))
        .layer(DefaultBodyLimit::max(usize::try_from(LARGEST_FORM_BYTES).unwrap_or(usize::MAX)))
}

/// The form of a reply with a file.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form for the contract; it is read part by part")]
struct FileReply {
    /// One file: on WhatsApp pictures (JPEG, PNG) up to 5 MB, videos (MP4, 3GP) and sounds up to 16 MB, documents up to
    /// 100 MB; in the web chat anything up to 25 MB.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// The text under it.
    #[schema(max_length = 4000)]
    caption: Option<String>,
    /// Made by the browser, the same when it sends again: sent only once.
    #[schema(min_length = 8, max_length = 64)]
    client_id: String,
    /// `true` to send a picture, video or sound as a document.
    as_document: Option<bool>,
}

/// What came in.
#[derive(Default)]
struct Form {
    file: Option<(Kept, String, String)>,
    caption: Option<String>,
    client_id: Option<String>,
    as_document: bool,
}

/// Sends a file by hand; the bot falls silent in this conversation until it is given back.
#[utoipa::path(post, path = "/conversations/{id}/files", operation_id = "sendFile", tag = "conversations",
    params(("id" = ConversationId, Path)),
    request_body(content = FileReply, content_type = "multipart/form-data"),
    responses(
        (status = 201, body = Message),
        (status = 409, description = "WhatsApp takes no files any more")
    ))]
async fn reply_with_file(
    current: Current,
    Path(id): Path<ConversationId>,
    form: Result<Multipart, MultipartRejection>,
) -> ApiResult<(StatusCode, Json<Message>)> {
    current.member.require(Permission::Answer)?;
    let form = form.map_err(|_| Error::unsupported("This address takes files (content-type: multipart/form-data)."))?;
    let now = current.clock.now();
    // Said before the file has travelled for nothing.
    let conversation = current
        .db
        .read(move |c| {
            let row = store::get(c, id)?.ok_or_else(|| Error::not_found("conversation", id))?;
            service::check_window(c, &row, &Content::Document { media: Media::default(), caption: None }, now)?;
            Ok(row)
        })
        .await?;
    current.db.ensure_room()?;
    let form = read(&current, form, largest(&conversation)).await?;
    let client_id = form
        .client_id
        .filter(|id| (8..=64).contains(&id.chars().count()))
        .ok_or_else(|| ApiError::field("client_id", "“client_id” should have between 8 and 64 characters."))?;
    let Some((kept, name, declared)) = form.file else {
        return Err(ApiError::field("file", "No file came along. Please choose one."));
    };
    let content = content(&conversation, kept, &name, &declared, form.caption, form.as_document)?;
    let (ws, name) = (current.ws.clone(), current.member.name.clone());
    let sent = current.db.write(move |tx| service::reply_by_hand(tx, &ws, id, &name, &content, &client_id)).await?;
    Ok((StatusCode::CREATED, Json(conversation::message(&current, sent).await?)))
}

fn is_whatsapp(conversation: &ConversationRow) -> bool {
    conversation.channel_kind == "whatsapp"
}

fn largest(conversation: &ConversationRow) -> u64 {
    if is_whatsapp(conversation) { limits::INBOUND_FILE_BYTES } else { webchat::FILE_LIMIT_BYTES }
}

async fn read(current: &Current, mut form: Multipart, most_bytes: u64) -> ApiResult<Form> {
    let mut read = Form::default();
    let mut parts = 0;
    while let Some(mut field) = form.next_field().await.map_err(broken)? {
        parts += 1;
        if parts > MOST_PARTS {
            return Err(ApiError::malformed("This form has too many parts."));
        }
        match field.name().unwrap_or_default() {
            "file" if read.file.is_some() => {
                return Err(ApiError::field("file", "Send one file at a time; each is a message of its own."));
            }
            "file" => {
                let name = field.file_name().unwrap_or("file").to_owned();
                let declared = field.content_type().unwrap_or_default().to_owned();
                let mut arriving = Arriving::begin(&current.media()).await?;
                while let Some(piece) = field.chunk().await.map_err(broken)? {
                    if arriving.write(&piece).await? > most_bytes {
                        let most = most_bytes >> 20;
                        let sentence = format!("A file may have up to {most} MB here. Make this one smaller.");
                        return Err(Error::too_large(sentence).into());
                    }
                }
                read.file = Some((arriving.keep(current.clock.now()).await?, name, declared));
            }
            "caption" => read.caption = Some(words(&mut field, "caption").await?.trim().to_owned()),
            "client_id" => read.client_id = Some(words(&mut field, "client_id").await?),
            "as_document" => {
                read.as_document = match words(&mut field, "as_document").await?.as_str() {
                    "true" => true,
                    "false" | "" => false,
                    _ => return Err(ApiError::field("as_document", "“as_document” should be true or false.")),
                };
            }
            _ => {}
        }
    }
    Ok(read)
}

async fn words(field: &mut Field<'_>, name: &str) -> ApiResult<String> {
    let mut bytes = Vec::new();
    while let Some(piece) = field.chunk().await.map_err(broken)? {
        if bytes.len() + piece.len() > LONGEST_PART_BYTES {
            return Err(ApiError::field(name, format!("“{name}” is too long.")));
        }
        bytes.extend_from_slice(&piece);
    }
    String::from_utf8(bytes).map_err(|_| ApiError::malformed("This form could not be read. Please try again."))
}

fn broken(e: MultipartError) -> ApiError {
    if e.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Error::too_large("This file is too large. Make it smaller.").into()
    } else {
        ApiError::malformed("The upload broke off before it was complete. Please try again.")
    }
}

/// The message that carries the file, within what its channel takes.
fn content(
    conversation: &ConversationRow,
    kept: Kept,
    name: &str,
    declared: &str,
    caption: Option<String>,
    as_document: bool,
) -> ApiResult<Content> {
    if kept.size_bytes == 0 {
        return Err(ApiError::field("file", "This file is empty. Please choose another one."));
    }
    let mime = mime_of(&kept.head, declared);
    if matches!(mime.as_str(), "application/x-msdownload" | "application/x-executable") {
        return Err(Error::unsupported("Programs cannot be sent: they could harm the customer.").into());
    }
    let kind = if as_document {
        "document"
    } else if is_whatsapp(conversation) {
        limits::kind_of_file(&mime)
    } else {
        kind_on_a_page(&mime)
    };
    let caption = caption.filter(|c| !c.is_empty());
    if kind == "audio" && caption.is_some() {
        return Err(ApiError::field("caption", "A sound carries no text. Send the text as a message of its own."));
    }
    let most_of_its_type = limits::file_limit_bytes(limits::kind_of_file(&mime), &mime, false);
    let media = Media {
        stored: Some(kept.sha256),
        mime,
        filename: text::clean_filename(name),
        size_bytes: Some(kept.size_bytes),
        ..Media::default()
    };
    let content = match kind {
        "image" => Content::Image { media, caption },
        "video" => Content::Video { media, caption },
        "audio" => Content::Audio { media, voice: false },
        _ => Content::Document { media, caption },
    };
    if is_whatsapp(conversation) {
        if let Some(problem) = whatsapp::limits::check(&content).into_iter().next() {
            let field = if problem.field == "caption" { "caption" } else { "file" };
            return Err(ApiError::field(field, problem.sentence));
        }
        // Meta counts a file by its type when it is handed over, whatever it is sent as.
        if let Some(most) = most_of_its_type.filter(|most| kept.size_bytes > *most) {
            let sentence = format!("WhatsApp takes files of this type up to {} MB. Make it smaller.", most >> 20);
            return Err(ApiError::field("file", sentence));
        }
    } else if content.words().chars().count() > webchat::CAPTION_LIMIT {
        let most = webchat::CAPTION_LIMIT;
        return Err(ApiError::field("caption", format!("The text under the file may have up to {most} characters.")));
    }
    Ok(content)
}

/// What a browser shows in the web chat itself.
fn kind_on_a_page(mime: &str) -> &'static str {
    match mime {
        "image/jpeg" | "image/png" | "image/gif" | "image/webp" => "image",
        m if m.starts_with("video/") => "video",
        m if m.starts_with("audio/") => "audio",
        _ => "document",
    }
}

/// The type that the first bytes tell; where they tell none or only a wrapping, the one that the browser declared, unless
/// the bytes would have shown it.
pub(crate) fn mime_of(head: &[u8], declared: &str) -> String {
    const UNKNOWN: &str = "application/octet-stream";
    let bare = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let plain = |part: &str| {
        !part.is_empty()
            && part.len() <= 100
            && part.starts_with(|c: char| c.is_ascii_alphanumeric())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b))
    };
    let declared =
        if bare.split_once('/').is_some_and(|(a, b)| plain(a) && plain(b)) { bare.as_str() } else { UNKNOWN };
    match whatsapp::media::sniff(head) {
        // Office files are archives.
        Some("application/zip" | "application/x-ole-storage")
            if declared.starts_with("application/") && declared != UNKNOWN =>
        {
            declared.to_owned()
        }
        Some("video/mp4") if declared.starts_with("audio/") => "audio/mp4".to_owned(),
        Some(told) => told.to_owned(),
        // Sounds without a mark of their own.
        None if matches!(declared, "audio/mpeg" | "audio/mp3" | "audio/aac") => declared.replace("mp3", "mpeg"),
        None if limits::kind_of_file(declared) == "document" && declared != "application/pdf" => declared.to_owned(),
        None => UNKNOWN.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_bytes_say_and_not_what_it_is_called() {
        const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
        for (head, declared, mime) in [
            (&b"\xff\xd8\xff\xe0"[..], "application/pdf", "image/jpeg"),
            (b"hello", "image/jpeg", "application/octet-stream"),
            (b"hello", "text/plain; charset=utf-8", "text/plain"),
            (b"<svg>", "image/svg+xml", "image/svg+xml"),
            (b"PK\x03\x04", DOCX, DOCX),
            (b"PK\x03\x04", "image/png", "application/zip"),
            (b"\xff\xfb\x90\x00", "audio/mp3", "audio/mpeg"),
            (b"\0\0\0\x18ftypisom", "audio/mp4", "audio/mp4"),
            (b"MZ\x90\0", "image/png", "application/x-msdownload"),
            (b"hello", "../etc", "application/octet-stream"),
            (b"", "", "application/octet-stream"),
        ] {
            assert_eq!(mime_of(head, declared), mime, "{declared}");
        }
    }
}
