//! What WhatsApp takes, so that owners learn it while they draw. The channel itself makes fit whatever is too long.

use crate::validate::Check;

/// A text above buttons, lists and links, in characters; so are the others.
pub(crate) const BODY: usize = 1024;
pub(crate) const CAPTION: usize = 1024;
pub(crate) const FOOTER: usize = 60;
pub(crate) const BUTTON_TITLE: usize = 20;
/// What opens a list or an address.
pub(crate) const OPENER: usize = 20;
pub(crate) const ROW_ID: usize = 200;
pub(crate) const ROW_DESCRIPTION: usize = 72;
pub(crate) const MAX_BUTTONS: usize = 3;
pub(crate) const MAX_ROWS: usize = 10;

const MB: u64 = 1024 * 1024;

/// The largest file that goes out as this kind of message, in megabytes; nothing when the type does not.
pub(crate) fn file_limit_mb(kind: &str, mime: &str) -> Option<u64> {
    let bare = mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match (kind, bare.as_str()) {
        ("image", "image/jpeg" | "image/png") => Some(5),
        ("video", "video/mp4" | "video/3gpp") => Some(16),
        ("audio", "audio/aac" | "audio/amr" | "audio/mpeg" | "audio/mp4" | "audio/ogg") => Some(16),
        ("document", _) => Some(100),
        _ => None,
    }
}

/// Tells about a file that WhatsApp does not show as this kind of message.
pub(crate) fn file(check: &mut Check<'_>, field: &str, kind: &str, mime: &str, size_bytes: Option<u64>) {
    if mime.trim().is_empty() {
        return;
    }
    match file_limit_mb(kind, mime) {
        None => {
            let message =
                format!("WhatsApp does not show files of the type “{mime}” here and sends them as documents.");
            check.warning(field, &message, "Save it as JPEG, PNG, MP4 or MP3.");
        }
        Some(most) if size_bytes.is_some_and(|size| size > most * MB) => {
            let message = format!("The file is larger than {most} MB, which is more than WhatsApp takes here.");
            check.warning(field, &message, "Make it smaller.");
        }
        Some(_) => {}
    }
}

/// Tells about a text that is longer than WhatsApp takes, and what becomes of it.
pub(crate) fn longest(check: &mut Check<'_>, field: &str, text: &str, most: usize, becomes: &str) {
    // How long an expression gets shows only later.
    if !text.contains("{{") && text.chars().count() > most {
        let message = format!("This is longer than {most} letters; WhatsApp {becomes}.");
        check.warning(field, &message, "Shorten it.");
    }
}

/// What becomes of a text above buttons.
pub(crate) const SPLITS: &str = "sends its beginning as a message before";
pub(crate) const CUTS: &str = "cuts it";
