//! Finds out what kind of file it is: by its first bytes, by what it holds, and only then by its extension.

use std::io::Cursor;

use base::{Error, Result};

use super::File;

/// The kinds that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Pdf,
    Docx,
    Pptx,
    Xlsx,
    Xls,
    Ods,
    Html,
    Markdown,
    /// Separated by commas, semicolons, tabs or bars.
    Csv,
    Text,
}

const ACCEPTED: &str = "Upload a PDF, Word, Excel, PowerPoint, web page or text file";

/// First bytes of kinds that hold no text for us, with what a person calls them.
const REFUSED: &[(&[u8], &str)] = &[
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"BM", "a picture"),
    (b"II*\0", "a picture"),
    (b"MM\0*", "a picture"),
    (b"8BPS", "a picture"),
    (b"\0\0\x01\0", "a picture"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
    (b"\xcf\xfa\xed\xfe", "a program"),
    (b"\xca\xfe\xba\xbe", "a program"),
    (b"ID3", "a sound recording"),
    (b"\xff\xfb", "a sound recording"),
    (b"OggS", "a sound recording"),
    (b"fLaC", "a sound recording"),
    (b"\x1a\x45\xdf\xa3", "a video"),
    (b"\0\0\x01\xba", "a video"),
    (b"FLV\x01", "a video"),
    (b"7z\xbc\xaf\x27\x1c", "a packed archive"),
    (b"Rar!\x1a", "a packed archive"),
    (b"\x1f\x8b", "a packed archive"),
    (b"\xfd7zXZ", "a packed archive"),
    (b"SQLite format 3", "a database"),
];

pub(super) fn of(file: File<'_>) -> Result<Kind> {
    let bytes = file.bytes;
    let extension = extension(file.name);
    let start = &bytes[..bytes.len().min(1024)];
    if find(start, b"%PDF-").is_some() {
        return Ok(Kind::Pdf);
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return packed(bytes, &extension);
    }
    if bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return compound(bytes, &extension);
    }
    if bytes.starts_with(b"{\\rtf") {
        return Err(save_as("a rich text (RTF) file", "Word (.docx)"));
    }
    if let Some(what) = refused(bytes) {
        return Err(Error::unsupported(format!("This is {what}, not a document with text. {ACCEPTED} instead.")));
    }
    if matches!(extension.as_str(), "docx" | "xlsx" | "pptx" | "ods" | "pdf" | "xls") && is_binary(bytes) {
        return Err(super::damaged());
    }
    if is_binary(bytes) {
        return Err(Error::unsupported(format!("This kind of file cannot be read. {ACCEPTED} instead.")));
    }
    Ok(textual(file, &extension))
}

fn extension(name: &str) -> String {
    name.rsplit_once('.').map(|(_, e)| e.trim().to_ascii_lowercase()).unwrap_or_default()
}

fn refused(bytes: &[u8]) -> Option<&'static str> {
    if let Some((_, what)) = REFUSED.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        // "BM" and "MZ" may also begin a text, which has no control characters.
        return (is_binary(bytes) || bytes.starts_with(b"GIF8")).then_some(*what);
    }
    if bytes.len() > 12 && bytes.starts_with(b"RIFF") {
        return Some(match &bytes[8..12] {
            b"WEBP" => "a picture",
            b"WAVE" => "a sound recording",
            _ => "a video",
        });
    }
    if bytes.len() > 12 && &bytes[4..8] == b"ftyp" {
        return Some(match &bytes[8..12] {
            b"heic" | b"heix" | b"mif1" | b"avif" => "a picture",
            b"M4A " => "a sound recording",
            _ => "a video",
        });
    }
    None
}

fn save_as(what: &str, target: &str) -> Error {
    Error::unsupported(format!(
        "This is {what}, which cannot be read. Open it, choose \"Save as\" {target}, and upload that."
    ))
}

fn packed(bytes: &[u8], extension: &str) -> Result<Kind> {
    let Ok(archive) = zip::ZipArchive::new(Cursor::new(bytes)) else { return Err(super::damaged()) };
    let names: Vec<String> = archive.file_names().flatten().take(10_000).map(|n| n.replace('\\', "/")).collect();
    let has =
        |prefix: &str| names.iter().any(|n| n.get(..prefix.len()).is_some_and(|p| p.eq_ignore_ascii_case(prefix)));
    if has("word/") {
        return Ok(Kind::Docx);
    }
    if has("xl/workbook.bin") {
        return Err(save_as("a binary Excel workbook (.xlsb)", "Excel workbook (.xlsx)"));
    }
    if has("xl/") {
        return Ok(Kind::Xlsx);
    }
    if has("ppt/") {
        return Ok(Kind::Pptx);
    }
    if has("mimetype") && has("content.xml") {
        return match super::archive::Parts::open(bytes)?.text("mimetype")?.unwrap_or_default().trim() {
            m if m.starts_with("application/vnd.oasis.opendocument.spreadsheet") => Ok(Kind::Ods),
            m if m.starts_with("application/vnd.oasis.opendocument.presentation") => {
                Err(save_as("an OpenDocument presentation", "PowerPoint (.pptx)"))
            }
            _ => Err(save_as("an OpenDocument text", "Word (.docx)")),
        };
    }
    if has("META-INF/container.xml") {
        return Err(save_as("an electronic book", "PDF"));
    }
    if has("Index/") {
        return Err(save_as("an Apple iWork document", "PDF or the Microsoft Office format"));
    }
    match extension {
        "docx" | "xlsx" | "pptx" | "ods" => Err(super::damaged()),
        _ => Err(Error::unsupported("This is a packed archive. Unpack it and upload the documents inside one by one.")),
    }
}

/// The container of old Office files, and of protected new ones.
fn compound(bytes: &[u8], extension: &str) -> Result<Kind> {
    let named = |name: &str| {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        find(bytes, &wide).is_some()
    };
    if named("EncryptedPackage") {
        return Err(super::protected());
    }
    if named("WordDocument") || extension == "doc" {
        return Err(save_as("a document in the old Word format (.doc)", "Word document (.docx)"));
    }
    if named("PowerPoint Document") || extension == "ppt" {
        return Err(save_as("a presentation in the old PowerPoint format (.ppt)", "PowerPoint presentation (.pptx)"));
    }
    if named("Workbook") || named("Book") || extension == "xls" {
        return Ok(Kind::Xls);
    }
    Err(Error::unsupported(format!("This kind of file cannot be read. {ACCEPTED} instead.")))
}

fn textual(file: File<'_>, extension: &str) -> Kind {
    let mime = file.mime.unwrap_or_default().to_ascii_lowercase();
    let start = String::from_utf8_lossy(&file.bytes[..file.bytes.len().min(2048)]).replace('\0', "").to_lowercase();
    let start = start.trim_start_matches('\u{feff}').trim_start();
    let looks_html = ["<!doctype html", "<html", "<head", "<body"].iter().any(|t| start.starts_with(t))
        || (start.starts_with('<') && (start.contains("<html") || start.contains("<body")));
    if looks_html {
        return Kind::Html;
    }
    match extension {
        "html" | "htm" | "xhtml" => return Kind::Html,
        "md" | "markdown" => return Kind::Markdown,
        "csv" | "tsv" | "tab" => return Kind::Csv,
        _ => {}
    }
    if mime.starts_with("text/html") || mime.starts_with("application/xhtml") {
        Kind::Html
    } else if mime.starts_with("text/markdown") {
        Kind::Markdown
    } else if mime.starts_with("text/csv") || mime.starts_with("text/tab-separated") {
        Kind::Csv
    } else if extension != "txt" && looks_markdown(start) {
        Kind::Markdown
    } else {
        Kind::Text
    }
}

fn looks_markdown(start: &str) -> bool {
    let marks = start
        .lines()
        .filter(|l| l.starts_with("# ") || l.starts_with("## ") || l.starts_with("|---") || l.starts_with("| ---"))
        .count();
    marks >= 2
}

/// Whether this cannot be text in any encoding: control characters that texts do not have. UTF-16 is full of zeros at
/// every other place and is let through.
fn is_binary(bytes: &[u8]) -> bool {
    if super::decode::utf16(bytes).is_some() {
        return false;
    }
    let sample = &bytes[..bytes.len().min(8192)];
    let odd = sample.iter().filter(|b| matches!(b, 0..=8 | 14..=26 | 28..=31)).count();
    odd * 50 > sample.len()
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|w| w == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(name: &str, bytes: &[u8], mime: Option<&str>) -> Result<Kind> {
        of(File { name, bytes, mime })
    }

    #[test]
    fn content_wins_over_a_wrong_extension() {
        for (name, bytes, expected) in [
            ("a.txt", &b"%PDF-1.4 ..."[..], Kind::Pdf),
            ("page", b"  <!DOCTYPE html><p>x", Kind::Html),
            ("a.txt", b"\xef\xbb\xbf<html><body>x", Kind::Html),
            ("a.csv", b"a,b\n1,2\n", Kind::Csv),
            ("notes", b"# One\n\n## Two\n\ntext", Kind::Markdown),
            ("readme.md", b"plain", Kind::Markdown),
            ("a.txt", b"BMW and MZ are makes of motorcycles.", Kind::Text),
            ("b.txt", b"MZ is a make", Kind::Text),
            ("x", b"\xff\xfeh\0i\0", Kind::Text),
        ] {
            assert_eq!(kind(name, bytes, None).unwrap(), expected, "{name}");
        }
        assert_eq!(kind("x", b"<p>fragment", Some("text/html; charset=utf-8")).unwrap(), Kind::Html);
    }

    #[test]
    fn a_refused_file_is_called_by_its_name() {
        for (bytes, word) in [
            (&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], "picture"),
            (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "video"),
            (b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff", "program"),
            (b"{\\rtf1 hello}", "rich text"),
            (b"\x1f\x8b\x08\0\0\0\0\0", "archive"),
            (b"\x01\x02\x03\x04\x05\x06\x07\x08", "cannot be read"),
        ] {
            let e = kind("file.bin", bytes, None).unwrap_err();
            assert!(e.message.contains(word), "{word}: {e}");
            assert_eq!(e.code, base::ErrorCode::Unsupported);
        }
    }
}
