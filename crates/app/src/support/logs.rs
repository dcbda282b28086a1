//! The latest lines of the log, each read and written anew: what a line says is kept as far as it is the program's own.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::redact::Redactor;

const LINES: usize = 2_000;
/// Of each file, the end.
const BYTES: u64 = 2 << 20;
/// The latest days.
const FILES: usize = 5;
const LONGEST_LINE: usize = 16 << 10;

/// The latest lines of all files in `folder`, oldest first.
pub(super) fn latest(folder: &Path, redactor: &Redactor) -> String {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(|entry| entry.ok().map(|e| e.path()));
    let mut files: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|e| e == "log")).collect();
    // Their names end in the day.
    files.sort();
    let mut lines: Vec<String> = Vec::new();
    for file in files.iter().rev().take(FILES) {
        let text = end_of(file).unwrap_or_default();
        let of_file = text.lines().rev().filter(|line| !line.trim().is_empty()).map(|line| self::line(line, redactor));
        lines.extend(of_file.take(LINES - lines.len()));
    }
    lines.reverse();
    lines.into_iter().map(|line| line + "\n").collect()
}

fn end_of(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let from = length.saturating_sub(BYTES);
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(BYTES).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    // The first line is rarely whole.
    Ok(if from == 0 { text } else { text.split_once('\n').map(|(_, rest)| rest.to_owned()).unwrap_or_default() })
}

fn line(line: &str, redactor: &Redactor) -> String {
    if line.len() > LONGEST_LINE {
        return redactor.text("a line that was too long");
    }
    match serde_json::from_str::<Value>(line) {
        Ok(Value::Object(fields)) => Value::Object(object(fields, redactor)).to_string(),
        _ => redactor.text(line),
    }
}

fn object(fields: Map<String, Value>, redactor: &Redactor) -> Map<String, Value> {
    fields.into_iter().map(|(name, value)| (redactor.text(&name), of(&name, value, redactor))).collect()
}

fn of(name: &str, value: Value, redactor: &Redactor) -> Value {
    match value {
        Value::String(text) if name == "timestamp" && is_moment(&text) => Value::String(text),
        // Which part of the program spoke; of what its sources call all of them nothing is told.
        Value::String(text) if name == "target" => {
            Value::String(redactor.text(text.strip_prefix("botflow_").unwrap_or(&text)))
        }
        Value::String(text) => Value::String(redactor.text(&text)),
        // A number may be somebody's, too. Of a time that something took, its fractions are not.
        Value::Number(number) if number.is_f64() => {
            Value::String(redactor.text(&format!("{:.1}", number.as_f64().unwrap_or_default())))
        }
        Value::Number(number) => Value::String(redactor.text(&number.to_string())),
        Value::Object(fields) => Value::Object(object(fields, redactor)),
        Value::Array(items) => Value::Array(items.into_iter().map(|item| of("", item, redactor)).collect()),
        other => other,
    }
}

/// Such as `2026-11-21T19:47:22.123456Z`.
fn is_moment(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    text.len() <= 32
        && digits >= 14
        && text.chars().all(|c| c.is_ascii_digit() || "-:.TZ+".contains(c))
        && text.contains('T')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_keeps_what_the_program_says_and_loses_what_others_said() {
        let redactor = Redactor::new(Path::new("/data"));
        let before = r#"{"timestamp":"2026-11-21T19:47:22.123456Z","level":"ERROR","fields":{"message":"an item could not be taken in","error":"Invalid: unknown variant `Zanele`","tries":3,"to":27825550142},"target":"botflow_bots::inbound::worker"}"#;
        let after: Value = serde_json::from_str(&line(before, &redactor)).unwrap();
        assert_eq!(after["timestamp"], "2026-11-21T19:47:22.123456Z");
        assert_eq!(after["level"], "ERROR");
        assert_eq!(after["fields"]["message"], "an item could not be taken in");
        assert_eq!(after["target"], "bots::inbound::worker");
        assert_eq!(after["fields"]["tries"], "3");
        let text = after.to_string();
        assert!(!text.contains("Zanele") && !text.contains("27825550142"), "{text}");
    }

    #[test]
    fn the_latest_lines_of_the_latest_files_are_taken_in_their_order() {
        let folder = tempfile::tempdir().unwrap();
        for (day, from) in [("2026-11-20", 0), ("2026-11-21", 1500)] {
            let lines: String = (from..from + 1500).map(|n| format!("{{\"tries\":{n}}}\n")).collect();
            std::fs::write(folder.path().join(format!("botflow.{day}.log")), lines).unwrap();
        }
        std::fs::write(folder.path().join("other.txt"), "nothing").unwrap();
        let text = latest(folder.path(), &Redactor::new(folder.path()));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), LINES);
        assert_eq!(lines[0], r#"{"tries":"1000"}"#);
        assert_eq!(lines[LINES - 1], r#"{"tries":"2999"}"#);
        assert_eq!(latest(&folder.path().join("none"), &Redactor::new(folder.path())), "");
    }
}
