//! What a website's robots.txt allows, after RFC 9309.

use std::time::Duration;

/// Our name in robots.txt, in lower case.
const AGENT: &str = "botflow";
/// As much of the file as the RFC asks a reader to look at.
pub(super) const MAX_BYTES: usize = 500 << 10;
const MAX_RULES: usize = 5_000;
const MAX_DELAY: f64 = 5.0;

/// The rules that concern us.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Robots {
    /// Pattern, and whether it allows.
    rules: Vec<(String, bool)>,
    /// Wait between pages, at most five seconds.
    pub(super) delay: Option<Duration>,
}

impl Robots {
    /// The group for us where there is one, else the one for all.
    pub(super) fn parse(text: &str) -> Self {
        let (mut ours, mut all) = (None::<Self>, Self::default());
        let (mut for_us, mut for_all, mut in_rules) = (false, false, false);
        for line in text.trim_start_matches('\u{feff}').lines() {
            let line = line.split('#').next().unwrap_or_default();
            let Some((key, value)) = line.split_once(':') else { continue };
            let (key, value) = (key.trim().to_ascii_lowercase(), value.trim());
            if key == "user-agent" {
                // Agents in a row share the rules that follow them.
                if in_rules {
                    (for_us, for_all, in_rules) = (false, false, false);
                }
                let agent = value.split('/').next().unwrap_or_default().trim();
                for_all |= agent == "*";
                if agent.eq_ignore_ascii_case(AGENT) {
                    for_us = true;
                    ours.get_or_insert_default();
                }
                continue;
            }
            let groups = [ours.as_mut().filter(|_| for_us), Some(&mut all).filter(|_| for_all)];
            for group in groups.into_iter().flatten() {
                match key.as_str() {
                    "allow" | "disallow" if !value.is_empty() && group.rules.len() < MAX_RULES => {
                        group.rules.push((decode(value), key == "allow"));
                    }
                    "crawl-delay" => {
                        let seconds = value.parse::<f64>().ok().filter(|s| s.is_finite() && *s > 0.0);
                        group.delay = seconds.map(|s| Duration::from_secs_f64(s.min(MAX_DELAY)));
                    }
                    _ => {}
                }
            }
            if matches!(key.as_str(), "allow" | "disallow" | "crawl-delay") {
                in_rules = true;
            }
        }
        ours.unwrap_or(all)
    }

    /// For a site whose robots.txt cannot be had because the site is in trouble.
    pub(super) fn nothing() -> Self {
        Self { rules: vec![("/".into(), false)], delay: None }
    }

    /// Whether a path with its query may be fetched: the longest rule decides, and of equals the one that allows.
    pub(super) fn allows(&self, path: &str) -> bool {
        if path == "/robots.txt" {
            return true;
        }
        let path = decode(path);
        self.rules
            .iter()
            .filter(|(pattern, _)| matches(pattern, &path))
            .max_by_key(|(pattern, allow)| (pattern.len(), *allow))
            .is_none_or(|(_, allow)| *allow)
    }
}

/// Percent signs undone where they hide ordinary letters, so that both spellings are equal.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let coded = bytes.get(at + 1..at + 3).filter(|_| bytes[at] == b'%').and_then(|h| std::str::from_utf8(h).ok());
        match coded.and_then(|h| u8::from_str_radix(h, 16).ok()) {
            // These would change their meaning.
            Some(b) if !matches!(b, b'/' | b'%' | b'?' | b'#' | b'*' | b'$') => {
                out.push(b);
                at += 3;
            }
            _ => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// `*` stands for anything, `$` at the end for the end.
fn matches(pattern: &str, path: &str) -> bool {
    let (pattern, anchored) = pattern.strip_suffix('$').map_or((pattern, false), |p| (p, true));
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| path.strip_prefix(first)) else { return false };
    let mut last = None;
    for part in parts {
        // Leftmost is best for all but the last part of an anchored pattern.
        if let Some(part) = last.replace(part) {
            match rest.find(part) {
                Some(at) => rest = &rest[at + part.len()..],
                None => return false,
            }
        }
    }
    match (last, anchored) {
        (None, anchored) => !anchored || rest.is_empty(),
        (Some(part), true) => rest.ends_with(part),
        (Some(part), false) => rest.contains(part),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_as_the_rfc_says() {
        for (text, path, allowed) in [
            ("", "/a", true),
            ("User-agent: *\nDisallow: /", "/a", false),
            ("User-agent: *\nDisallow:", "/a", true),
            ("User-agent: *\nDisallow: /\nUser-agent: BotFlow\nDisallow: /private", "/a", true),
            ("User-agent: *\nDisallow: /\nUser-agent: botflow/1.0\nDisallow: /private", "/private/x", false),
            ("User-agent: other\nUser-agent: botflow\nDisallow: /a", "/a", false),
            ("User-agent: other\nDisallow: /\n\nUser-agent: *\nAllow: /", "/a", true),
            ("User-agent: *\nDisallow: /shop\nAllow: /shop/open", "/shop/open/1", true),
            ("User-agent: *\nDisallow: /shop\nAllow: /shop", "/shop", true),
            ("User-agent: *\nDisallow: /*.pdf$", "/a/b.pdf", false),
            ("User-agent: *\nDisallow: /*.pdf$", "/a/b.pdf?x", true),
            ("User-agent: *\nDisallow: /a*b*c", "/a-x-b-y-c-z", false),
            ("User-agent: *\nDisallow: /a*b*c", "/a-x-c-y-b", true),
            ("User-agent: *\nDisallow: /caf%C3%A9", "/café", false),
            ("User-agent: * # all\nDisallow: /x # not this", "/x", false),
            ("user-agent:*\ndisallow:/x", "/x", false),
            ("Disallow: /", "/a", true),
            ("User-agent: *\nDisallow: /", "/robots.txt", true),
            ("User-agent: *\nDisallow: /x$", "/xy", true),
            ("User-agent: *\nSitemap: https://a.example/s.xml\nDisallow: /y", "/y", false),
        ] {
            assert_eq!(Robots::parse(text).allows(path), allowed, "{text:?} {path}");
        }
        assert_eq!(Robots::parse("User-agent: *\nCrawl-delay: 60").delay, Some(Duration::from_secs(5)));
        assert_eq!(Robots::parse("User-agent: *\nCrawl-delay: -1").delay, None);
        assert!(!Robots::nothing().allows("/"));
    }

    proptest::proptest! {
        #[test]
        fn any_file_is_taken(text in "(User-agent: (\\*|botflow)\n|Disallow: [/*$%a-f]{0,12}\n|Allow: .{0,10}\n|.{0,20}\n){0,12}", path in "/[/*$%a-f]{0,20}") {
            let _ = Robots::parse(&text).allows(&path);
        }
    }
}
