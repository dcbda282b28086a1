//! What single values of a brand have to be like. Each says in a sentence what is wrong.

use std::fs;
use std::net::IpAddr;
use std::path::Path;

use serde_json::Value;
use url::Url;

use super::svg;

const MAX_PICTURE_BYTES: u64 = 512 << 10;
const MAX_TEMPLATE_BYTES: u64 = 2 << 20;
/// What the interface is drawn on, by day and by night.
const PAPER: [u8; 3] = [0xfb, 0xfa, 0xf7];
const DARK_PAPER: [u8; 3] = [0x14, 0x18, 0x16];
/// What links of other programs begin with, as far as the rules for a program's name let it through.
const OTHERS_LINKS: [&str; 16] = [
    "about",
    "blob",
    "data",
    "file",
    "ftp",
    "geo",
    "http",
    "https",
    "javascript",
    "mailto",
    "sftp",
    "sms",
    "ssh",
    "tel",
    "urn",
    "whatsapp",
];
/// Words have to be read.
const WORDS: f64 = 4.5;
/// Marks have to be seen.
const MARKS: f64 = 3.0;

/// One line of so many letters, without what would end it where it is put.
pub(super) fn words(text: &str, shortest: usize, longest: usize) -> Result<String, String> {
    let count = text.chars().count();
    if text.trim() != text || count < shortest || count > longest {
        return Err(format!("should have {shortest} to {longest} letters, and no space before or after them."));
    }
    if text.chars().any(|letter| letter.is_control() || "<>\\\"`$@%".contains(letter)) {
        return Err("should be one line without the signs < > \\ \" ` $ @ %.".into());
    }
    Ok(text.into())
}

/// A name by which folders and menus call the program on every system.
pub(super) fn name(text: &str, shortest: usize, longest: usize) -> Result<String, String> {
    let text = words(text, shortest, longest)?;
    if text.contains(['/', ':', '*', '?', '|']) || text.ends_with('.') {
        return Err(
            "should be without the signs / : * ? | and without a full stop at its end: folders are called so.".into()
        );
    }
    Ok(text)
}

/// A name such as `com.example.product`.
pub(super) fn identifier(text: &str) -> Result<String, String> {
    let parts: Vec<&str> = text.split('.').collect();
    let fine = |part: &&str| {
        part.starts_with(|letter: char| letter.is_ascii_lowercase())
            && !part.ends_with('-')
            && part.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-')
    };
    if text.len() > 100 || parts.len() < 2 || !parts.iter().all(fine) {
        return Err("should be your domain backwards and a name, in small letters: com.example.product.".into());
    }
    if parts.last() == Some(&"app") || text.contains("botflow") {
        return Err("should be your own, and not end in .app.".into());
    }
    Ok(text.into())
}

/// What programs, packages, the service and its user are called.
pub(super) fn program(text: &str) -> Result<String, String> {
    let letters = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    let begins = text.starts_with(|letter: char| letter.is_ascii_lowercase());
    // A user's name has at most 32 letters.
    if !(3..=24).contains(&text.len()) || !begins || text.ends_with('-') || !text.chars().all(letters) {
        return Err("should have 3 to 24 small letters, digits and hyphens, beginning with a letter.".into());
    }
    let suffixed = ["-server", "-desktop"].iter().any(|end| text.ends_with(end));
    if suffixed || text.contains("botflow") {
        return Err("should be a name of your own that does not end in -server or -desktop.".into());
    }
    // Links into the program begin with it.
    if OTHERS_LINKS.contains(&text) {
        return Err(format!("should be a name of your own: links that begin with {text}: belong to other programs."));
    }
    Ok(text.into())
}

/// A colour in which words can be read on paper, and marks be seen by night.
pub(super) fn accent(text: &str) -> Result<String, String> {
    let color = parse_color(text).ok_or("should be a colour such as #1d4ed8.")?;
    let by_day = contrast(color, PAPER);
    if by_day < WORDS {
        return Err(format!(
            "cannot be read on paper: its contrast is {by_day:.1} and should be {WORDS}. Take a darker one."
        ));
    }
    // By night the interface lightens it by a quarter.
    let lighter = color.map(|part| part.saturating_add((255 - part) / 4));
    let by_night = contrast(lighter, DARK_PAPER);
    if by_night < MARKS {
        return Err(format!(
            "is hardly seen on the dark page: its contrast is {by_night:.1} and should be {MARKS}. Take a lighter one."
        ));
    }
    Ok(text.to_lowercase())
}

fn parse_color(text: &str) -> Option<[u8; 3]> {
    let digits = text.strip_prefix('#')?;
    let bytes = hex::decode(digits).ok()?;
    bytes.try_into().ok()
}

/// By the formula of WCAG 2.2, from 1 to 21.
fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
    let luminance = |color: [u8; 3]| {
        let [red, green, blue] = color.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    };
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

pub(super) fn language(text: &str) -> Result<String, String> {
    let mut parts = text.split('-');
    let main = parts.next().unwrap_or_default();
    let letters = |part: &str| part.chars().all(|letter| letter.is_ascii_alphanumeric());
    if !(2..=3).contains(&main.len()) || !main.chars().all(|letter| letter.is_ascii_lowercase()) {
        return Err("should be a language such as en or pt-BR.".into());
    }
    if !parts.all(|part| (2..=8).contains(&part.len()) && letters(part)) || text.len() > 20 {
        return Err("should be a language such as en or pt-BR.".into());
    }
    Ok(text.into())
}

/// The public key of a publisher.
pub(super) fn update_key(text: &str) -> Result<String, String> {
    match minisign::PublicKey::from_base64(text) {
        Ok(key) => Ok(key.to_base64()),
        Err(_) => Err("should be a public key as `cargo xtask publish --make-key` shows it, 56 characters.".into()),
    }
}

/// A web address that others reach safely; without https only on this machine, for trying out.
pub(super) fn address(text: &str) -> Result<String, String> {
    let wrong = || "should be a web address that begins with https://.".to_owned();
    let url: Url = text.parse().map_err(|_| wrong())?;
    let loopback = url.host_str().is_some_and(|host| {
        host == "localhost"
            || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    });
    let fine = url.scheme() == "https" || (url.scheme() == "http" && loopback);
    if !fine || url.host_str().is_none() || text.len() > 300 || text.chars().any(char::is_whitespace) {
        return Err(wrong());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("should hold neither a name nor a password: everybody can read it.".into());
    }
    Ok(url.into())
}

pub(super) fn email(text: &str) -> Result<String, String> {
    let letters = |part: &str| {
        !part.is_empty() && part.chars().all(|letter| letter.is_ascii_alphanumeric() || ".-_+".contains(letter))
    };
    match text.split_once('@') {
        Some((name, host)) if letters(name) && letters(host) && host.contains('.') && text.len() <= 120 => {
            Ok(text.into())
        }
        _ => Err("should be an e-mail address such as help@example.com.".into()),
    }
}

pub(super) fn phone(text: &str) -> Result<String, String> {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let known = text.chars().all(|letter| letter.is_ascii_digit() || "+ -()".contains(letter));
    if !known || !(6..=15).contains(&digits) || text.len() > 30 {
        return Err("should be a telephone number such as +27 21 555 0100.".into());
    }
    Ok(text.into())
}

/// One drawing as wide as high, from which all icons are made.
pub(super) fn icon(file: &Path) -> Result<(), String> {
    let (width, height) = svg::size(&picture(file)?)?;
    if (width - height).abs() > 0.01 * width {
        return Err(format!("should be as wide as it is high; it is {width} by {height}."));
    }
    Ok(())
}

/// The picture of the name: an SVG, or a PNG that is sharp enough and not a photograph.
pub(super) fn logo(file: &Path) -> Result<(), String> {
    let bytes = picture(file)?;
    if file.extension().is_some_and(|extension| extension == "svg") {
        return svg::size(&bytes).map(|_| ());
    }
    // A PNG begins with its sign, then with its size in pixels.
    let number = |at: usize| bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).map(u32::from_be_bytes);
    match (bytes.starts_with(b"\x89PNG\r\n\x1a\n"), number(16), number(20)) {
        (true, Some(width), Some(height)) if (64..=2048).contains(&height) && (64..=2048).contains(&width) => Ok(()),
        (true, Some(width), Some(height)) => {
            Err(format!("should have 64 to 2048 pixels each way; it has {width} by {height}."))
        }
        _ => Err("should be an SVG or a PNG.".into()),
    }
}

fn picture(file: &Path) -> Result<Vec<u8>, String> {
    let known = fs::metadata(file).ok().filter(fs::Metadata::is_file);
    let known = known.ok_or_else(|| format!("names {}, which is not there.", file.display()))?;
    if known.len() > MAX_PICTURE_BYTES {
        return Err(format!("should be a picture of at most {} KB.", MAX_PICTURE_BYTES >> 10));
    }
    fs::read(file).map_err(|e| format!("cannot be read: {e}."))
}

/// A folder of ready flows, as BotFlow's own are.
pub(super) fn templates(folder: &Path) -> Result<(), String> {
    let entries = fs::read_dir(folder).map_err(|_| format!("names {}, which is no folder.", folder.display()))?;
    let mut count = 0;
    for entry in entries.flatten() {
        let path = entry.path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let small = entry.metadata().is_ok_and(|known| known.len() <= MAX_TEMPLATE_BYTES);
        let value: Option<Value> = fs::read(&path).ok().filter(|_| small).and_then(|b| serde_json::from_slice(&b).ok());
        let sound = value.is_some_and(|value| {
            value["name"].is_string() && value["about"].is_string() && value["definition"]["flows"].is_array()
        });
        if !sound {
            return Err(format!("holds {}, which is no ready flow.", path.display()));
        }
        count += 1;
    }
    if count == 0 || count > 100 {
        return Err("should be a folder with 1 to 100 ready flows in .json files.".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_is_that_of_the_published_formula() {
        for (one, other, expected) in [([0; 3], [255; 3], 21.0), ([255; 3], [255; 3], 1.0), ([0x77; 3], [255; 3], 4.48)]
        {
            assert!((contrast(one, other) - expected).abs() < 0.01, "{one:?} {other:?}");
        }
    }

    #[test]
    fn an_icon_that_runs_or_fetches_or_is_oblong_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("icon.svg");
        for (text, fine) in [
            ("<?xml version=\"1.0\"?><svg viewBox=\"0 0 64 64\"><rect/></svg>", true),
            ("<svg viewBox='0,0,10,10'/>", true),
            ("<svg viewBox=\"0 0 64 32\"></svg>", false),
            ("<svg width=\"64\" height=\"64\"></svg>", false),
            ("<svg viewBox=\"0 0 64 64\"><script>x</script></svg>", false),
            ("<svg viewBox=\"0 0 64 64\" onload=\"x()\"></svg>", false),
            ("<svg viewBox=\"0 0 64 64\"><image href=\"https://example.com/x\"/></svg>", false),
            ("no picture", false),
        ] {
            fs::write(&file, text).unwrap();
            assert_eq!(icon(&file).is_ok(), fine, "{text}");
        }
        assert!(icon(&folder.path().join("none.svg")).unwrap_err().contains("not there"));
    }
}
