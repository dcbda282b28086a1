//! A `curl` command, as documentation shows it, as the fields of a web request.

use serde_json::{Map, Value, json};

use base::{Error, Result};

/// Longest command, in bytes.
pub(crate) const MAX_BYTES: usize = 64 * 1024;
const MAX_ENTRIES: usize = 50;

/// Options that take a value and mean nothing here.
const WITH_VALUE: [&str; 17] = [
    "-o",
    "--output",
    "-b",
    "--cookie",
    "-c",
    "--cookie-jar",
    "-e",
    "--referer",
    "--connect-timeout",
    "-m",
    "--max-time",
    "--retry",
    "-x",
    "--proxy",
    "--cacert",
    "--cert",
    "--key",
];

/// The fields of a web request that does what the command does.
///
/// # Errors
/// `invalid` with a sentence for whoever pasted it.
pub(crate) fn fields(command: &str) -> Result<Map<String, Value>> {
    if command.len() > MAX_BYTES {
        return Err(Error::invalid("This command is too long."));
    }
    // Documentation breaks lines with a backslash, or with a caret on Windows.
    let joined = command.replace("\\\r\n", " ").replace("\\\n", " ").replace("^\r\n", " ").replace("^\n", " ");
    let words =
        shlex::split(joined.trim()).ok_or_else(|| Error::invalid("A quotation mark of this command is not closed."))?;
    let mut words = words.into_iter().skip_while(|w| w == "$").peekable();
    if words.next_if(|w| w == "curl" || w == "curl.exe").is_none() {
        return Err(Error::invalid("This is not a curl command. Paste it from its first word, “curl”, on."));
    }
    let mut read = Read::default();
    while let Some(word) = words.next() {
        let (name, inline) = match (word.split_once('='), word.split_at_checked(2)) {
            (Some((name, value)), _) if name.starts_with("--") => (name.to_owned(), Some(value.to_owned())),
            (_, Some((name, value))) if takes_value(name) && !value.is_empty() => {
                (name.to_owned(), Some(value.to_owned()))
            }
            _ => (word, None),
        };
        if takes_value(&name) || WITH_VALUE.contains(&name.as_str()) {
            let value = inline.or_else(|| words.next()).unwrap_or_default();
            read.option(&name, value);
        } else {
            read.flag(&name);
        }
    }
    read.fields()
}

/// Short options may have their value behind them without a space.
fn takes_value(name: &str) -> bool {
    matches!(
        name,
        "-X" | "--request"
            | "-H"
            | "--header"
            | "-d"
            | "--data"
            | "--data-raw"
            | "--data-binary"
            | "--data-ascii"
            | "--data-urlencode"
            | "--json"
            | "-u"
            | "--user"
            | "-F"
            | "--form"
            | "-A"
            | "--user-agent"
            | "--url"
    )
}

#[derive(Default)]
struct Read {
    method: Option<String>,
    url: String,
    headers: Vec<(String, String)>,
    data: Vec<String>,
    form: Vec<(String, String)>,
    json: bool,
    get: bool,
    user: Option<String>,
}

impl Read {
    fn option(&mut self, name: &str, value: String) {
        match name {
            "-X" | "--request" => self.method = Some(value.to_ascii_uppercase()),
            "--url" => self.url = value,
            "-H" | "--header" => {
                if let Some((name, value)) = value.split_once(':') {
                    self.headers.push((name.trim().to_owned(), value.trim().to_owned()));
                }
            }
            "-A" | "--user-agent" => self.headers.push(("User-Agent".into(), value)),
            "-u" | "--user" => self.user = Some(value),
            "--json" => {
                self.json = true;
                self.data.push(value);
            }
            "-F" | "--form" => {
                if let Some((name, value)) = value.split_once('=') {
                    self.form.push((name.to_owned(), value.to_owned()));
                }
            }
            _ if name == "-d" || name.starts_with("--data") => self.data.push(value),
            _ => {}
        }
    }

    fn flag(&mut self, word: &str) {
        match word {
            "-G" | "--get" => self.get = true,
            "-I" | "--head" => self.method = Some("HEAD".into()),
            _ if word.starts_with('-') => {}
            _ if self.url.is_empty() => word.clone_into(&mut self.url),
            _ => {}
        }
    }

    fn fields(mut self) -> Result<Map<String, Value>> {
        if self.url.is_empty() {
            return Err(Error::invalid("This command names no web address."));
        }
        let whole = if self.url.contains("://") { self.url.clone() } else { format!("https://{}", self.url) };
        let url: url::Url =
            whole.parse().map_err(|_| Error::invalid(format!("“{}” is not a web address.", self.url)))?;
        let mut query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let mut plain = url.clone();
        plain.set_query(None);
        plain.set_fragment(None);
        let data = self.data.join("&");
        if self.get && !data.is_empty() {
            query.extend(url::form_urlencoded::parse(data.as_bytes()).into_owned());
        }
        let body = if self.get { "" } else { data.as_str() };
        let method = self
            .method
            .clone()
            .unwrap_or_else(|| if body.is_empty() && self.form.is_empty() { "GET".into() } else { "POST".into() });
        if !matches!(method.as_str(), "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD") {
            return Err(Error::invalid(format!("“{method}” is not a method that can be used here.")));
        }
        let mut fields = Map::new();
        fields.insert("method".into(), json!(method));
        self.auth(&mut fields);
        let kind = self.header("content-type").unwrap_or_default();
        let parsed = serde_json::from_str::<Value>(body).ok().filter(|v| v.is_object() || v.is_array());
        if !self.form.is_empty() {
            fields.insert("body".into(), json!("form"));
            fields.insert("form".into(), pairs(&self.form));
        } else if let Some(parsed) = parsed {
            fields.insert("body".into(), json!("json"));
            fields.insert("json".into(), parsed);
            self.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
        } else if !body.is_empty()
            && !self.json
            && (kind.is_empty() || kind.contains("x-www-form-urlencoded"))
            && body.contains('=')
        {
            let form: Vec<(String, String)> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
            fields.insert("body".into(), json!("form"));
            fields.insert("form".into(), pairs(&form));
            self.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
        } else if !body.is_empty() {
            fields.insert("body".into(), json!("text"));
            fields.insert("text".into(), json!(body));
        }
        fields.insert("url".into(), json!(plain.to_string()));
        fields.insert("query".into(), pairs(&query));
        fields.insert("headers".into(), pairs(&self.headers));
        Ok(fields)
    }

    fn header(&self, name: &str) -> Option<String> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.to_ascii_lowercase())
    }

    /// What proves who asks. The secret itself is left out: it belongs into the sealed ones, not into a drawing.
    fn auth(&mut self, fields: &mut Map<String, Value>) {
        if let Some(user) = self.user.take() {
            fields.insert("auth".into(), json!("basic"));
            fields.insert("user".into(), json!(user.split(':').next().unwrap_or_default()));
            return;
        }
        let secret = |name: &str| {
            let name = name.to_ascii_lowercase();
            name == "authorization" || name.contains("api-key") || name.contains("apikey") || name.contains("token")
        };
        let Some(at) = self.headers.iter().position(|(name, _)| secret(name)) else { return };
        let (name, value) = self.headers.remove(at);
        if name.eq_ignore_ascii_case("authorization") && value.to_ascii_lowercase().starts_with("bearer ") {
            fields.insert("auth".into(), json!("bearer"));
        } else {
            fields.insert("auth".into(), json!("header"));
            fields.insert("header".into(), json!(name));
        }
    }
}

fn pairs(pairs: &[(String, String)]) -> Value {
    pairs.iter().take(MAX_ENTRIES).map(|(name, value)| json!({ "name": name, "value": value })).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_documentation_shows_becomes_a_request() {
        for (command, expected) in [
            (
                r#"curl https://shop.example/orders?id=7&x=a%20b"#,
                json!({"method": "GET", "url": "https://shop.example/orders", "query": [{"name": "id", "value": "7"}, {"name": "x", "value": "a b"}], "headers": []}),
            ),
            (
                "curl -X POST 'https://shop.example/o' \\\n  -H 'Authorization: Bearer abc' -H 'Content-Type: application/json' \\\n  -d '{\"n\": 1}'",
                json!({"method": "POST", "auth": "bearer", "body": "json", "json": {"n": 1}, "url": "https://shop.example/o", "query": [], "headers": []}),
            ),
            (
                "curl -sS -u ana:pass --data-urlencode name=Jo --data 'n=2' shop.example/f",
                json!({"method": "POST", "auth": "basic", "user": "ana", "body": "form", "form": [{"name": "name", "value": "Jo"}, {"name": "n", "value": "2"}], "url": "https://shop.example/f", "query": [], "headers": []}),
            ),
            (
                "curl -G -d q=nails -H'X-API-Key: k' https://shop.example/s",
                json!({"method": "GET", "auth": "header", "header": "X-API-Key", "url": "https://shop.example/s", "query": [{"name": "q", "value": "nails"}], "headers": []}),
            ),
            (
                "curl --request=PUT --url=https://shop.example/t -H 'Content-Type: text/plain' --data-raw 'hello there'",
                json!({"method": "PUT", "body": "text", "text": "hello there", "url": "https://shop.example/t", "query": [], "headers": [{"name": "Content-Type", "value": "text/plain"}]}),
            ),
        ] {
            assert_eq!(Value::Object(fields(command).unwrap()), expected, "{command}");
        }
    }

    #[test]
    fn what_is_no_command_is_told_so() {
        for (command, part) in [
            ("", "not a curl command"),
            ("wget https://a.example", "not a curl command"),
            ("curl 'https://a.example", "not closed"),
            ("curl -X POST", "no web address"),
            ("curl https://", "not a web address"),
            ("curl -X TRACE https://a.example", "not a method"),
            ("curl -é https://", "not a web address"),
            ("curl -𑰀", "no web address"),
        ] {
            let error = fields(command).unwrap_err();
            assert!(error.message.contains(part), "{command}: {}", error.message);
        }
    }

    proptest! {
        #[test]
        fn no_command_makes_reading_panic(rest in "\\PC{0,120}", options in "(-[XHdGuF] ?[a-z:='\"{}/.%&]{0,12} ?){0,6}") {
            let _ = fields(&format!("curl {options}{rest}"));
            let _ = fields(&rest);
        }
    }
}
