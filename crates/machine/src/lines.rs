//! The last lines that a program said, for the owner to see: bounded, readable, without secrets.

use std::collections::VecDeque;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use base::{Clock, Secret, Time};
use regex::Regex;
use serde::Serialize;
use tokio::io::{AsyncRead, AsyncReadExt};
use utoipa::ToSchema;

/// So many lines are kept.
pub(crate) const LINES: usize = 200;
/// So many characters of each.
pub(crate) const LINE_CHARS: usize = 500;
/// So much of a line is looked at, however long it is.
const LINE_BYTES: usize = 8192;
const MASK: &str = "••••";

/// A line of a program's output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Line {
    pub at: Time,
    pub text: String,
}

/// Hears every line as it comes: masked, and whole up to 8 KiB.
pub type Hear = Arc<dyn Fn(&str) + Send + Sync>;

/// The last lines; every clone shows the same.
#[derive(Clone)]
pub struct Lines {
    clock: Clock,
    kept: Arc<Mutex<VecDeque<Line>>>,
    secrets: Arc<[Secret]>,
}

impl Lines {
    pub fn new(clock: Clock) -> Self {
        Self { clock, kept: Arc::default(), secrets: Arc::new([]) }
    }

    /// The same lines, into which these secrets never come.
    #[must_use]
    pub fn masking(&self, more: impl IntoIterator<Item = Secret>) -> Self {
        let more = more.into_iter().filter(|secret| !secret.is_empty());
        let secrets = self.secrets.iter().cloned().chain(more).collect();
        Self { secrets, ..self.clone() }
    }

    /// Adds a line.
    pub fn say(&self, text: &str) {
        self.keep(&self.readable(text.as_bytes(), false));
    }

    /// Oldest first.
    pub fn last(&self) -> Vec<Line> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    fn keep(&self, text: &str) {
        if text.trim().is_empty() {
            return;
        }
        let line = Line { at: self.clock.now(), text: text.trim_end().chars().take(LINE_CHARS).collect() };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == LINES {
            kept.pop_front();
        }
        kept.push_back(line);
    }

    /// Text without colours, control characters and secrets. Of a line that was `cut` the end goes, where the beginning
    /// of a secret may stand.
    fn readable(&self, bytes: &[u8], cut: bool) -> String {
        let longest = self.secrets.iter().map(|secret| secret.expose().len()).max().unwrap_or(0);
        let keep = if cut { bytes.len().saturating_sub(longest) } else { bytes.len() };
        let text = String::from_utf8_lossy(&bytes[..keep]);
        let mut text: String = COLOURS.replace_all(&text, "").into_owned();
        text = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        for secret in self.secrets.iter() {
            text = text.replace(secret.expose(), MASK);
        }
        TOKENS.replace_all(&text, format!("${{1}}{MASK}")).into_owned()
    }
}

impl std::fmt::Debug for Lines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Lines")
    }
}

#[expect(clippy::expect_used, reason = "both are constants that a test reads")]
static COLOURS: LazyLock<Regex> = LazyLock::new(|| Regex::new("\x1b\\[[0-9;?]*[A-Za-z]").expect("a pattern"));

/// Tokens that we were never told, such as one from the program's own settings, which it repeats in its complaint.
#[expect(clippy::expect_used, reason = "both are constants that a test reads")]
static TOKENS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"(?i)(token[\\"']*\s*[:=]\s*[\\"']*)[\w\-.~+/]{16,}"#).expect("a pattern"));

/// Cuts a stream into lines.
#[derive(Clone)]
pub(crate) struct Reader {
    lines: Lines,
    hear: Option<Hear>,
}

impl Reader {
    pub(crate) fn new(lines: Lines, hear: Option<Hear>) -> Self {
        Self { lines, hear }
    }

    /// Reads until the other side closes.
    pub(crate) async fn read(self, mut from: impl AsyncRead + Unpin) {
        let mut some = vec![0; 4096];
        let mut line = Vec::new();
        let mut cut = false;
        while let Ok(n @ 1..) = from.read(&mut some).await {
            for byte in &some[..n] {
                if *byte == b'\n' {
                    self.line(&line, cut);
                    line.clear();
                    cut = false;
                } else if line.len() < LINE_BYTES {
                    line.push(*byte);
                } else {
                    cut = true;
                }
            }
        }
        self.line(&line, cut);
    }

    fn line(&self, line: &[u8], cut: bool) {
        let text = self.lines.readable(line, cut);
        self.lines.keep(&text);
        if let Some(hear) = &self.hear {
            hear(&text);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines(secret: &str) -> Lines {
        Lines::new(Clock::manual(Time(7))).masking([Secret::new(secret)])
    }

    async fn read(lines: &Lines, text: &[u8]) -> Vec<String> {
        Reader::new(lines.clone(), None).read(text).await;
        lines.last().into_iter().map(|line| line.text).collect()
    }

    #[tokio::test]
    async fn the_last_lines_are_kept_short_and_readable() {
        let lines = lines("hunter2hunter2");
        let long = "ä".repeat(LINE_CHARS * 2);
        let text = format!("first\r\n\n\x1b[31mred\x1b[0m and a bell\x07\n{long}\nmy hunter2hunter2 here\nthe end");
        let seen = read(&lines, text.as_bytes()).await;
        assert_eq!(
            seen,
            ["first", "red and a bell", &"ä".repeat(LINE_CHARS), "my •••• here", "the end"],
            "each line as a person reads it"
        );
        for n in 0..LINES * 2 {
            lines.say(&n.to_string());
        }
        let kept = lines.last();
        assert_eq!((kept.len(), kept[0].text.as_str(), kept[0].at), (LINES, "200", Time(7)));
    }

    #[tokio::test]
    async fn a_token_that_nobody_told_us_is_masked_where_it_is_named() {
        for (said, shown) in [
            ("Your authtoken: 1yaP1QLD0cVVKBknmtX9TAduxr6_6BSaEj1", "Your authtoken: ••••"),
            (r#"{"err":"x\nYour authtoken: 1yaP1QLD0cVVKBknmtX9\n"}"#, r#"{"err":"x\nYour authtoken: ••••\n"}"#),
            (r#"{"token":"1yaP1QLD0cVVKBknmtX9"}"#, r#"{"token":"••••"}"#),
            ("TOKEN=1yaP1QLD0cVVKBknmtX9 done", "TOKEN=•••• done"),
            (
                "go to https://dashboard.example/get-started/your-authtoken",
                "go to https://dashboard.example/get-started/your-authtoken",
            ),
            ("token: none", "token: none"),
        ] {
            assert_eq!(read(&lines("x9x9x9"), said.as_bytes()).await, [shown]);
        }
    }

    proptest! {
        #[test]
        fn a_secret_never_comes_through_wherever_it_stands(
            before in "[ -~]{0,40}", at in 0_usize..9000, secret in "[A-Z0-9]{12,60}", after in "[ -~\n]{0,40}",
        ) {
            let lines = lines(&secret);
            let text = format!("{before}{}{secret}{after}{secret}", "-".repeat(at));
            let seen = Arc::new(Mutex::new(String::new()));
            let heard = seen.clone();
            let hear: Hear = Arc::new(move |line| heard.lock().unwrap().push_str(line));
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(Reader::new(lines.clone(), Some(hear)).read(text.as_bytes()));
            let shown: String = lines.last().into_iter().map(|line| line.text).collect();
            for text in [shown, seen.lock().unwrap().clone()] {
                prop_assert!(!text.contains(&secret));
                // Not the greater part of it either, where a long line is cut.
                prop_assert!(!text.contains(&secret[..secret.len() - 2]));
            }
        }

        #[test]
        fn no_bytes_are_too_strange(bytes in proptest::collection::vec(any::<u8>(), 0..4000)) {
            let lines = lines("secret-secret");
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(Reader::new(lines.clone(), None).read(bytes.as_slice()));
            for line in lines.last() {
                prop_assert!(line.text.chars().count() <= LINE_CHARS && !line.text.contains(char::is_control));
            }
        }
    }
}
