//! Expressions in double braces: what they may do, what they may cost, and what they mean.

use std::borrow::Cow;
use std::collections::HashSet;
use std::io::Write;
use std::sync::LazyLock;

use minijinja::value::{Value as Item, ValueKind};
use minijinja::{Environment, ErrorKind, UndefinedBehavior};
use serde_json::{Map, Value};

use crate::event::Context;
use crate::filters;
use crate::state::{Last, RunState, cut};
use crate::validate::Span;

/// Instructions that one expression may take.
const FUEL: u64 = 20_000;
/// Longest text that an expression may give, in bytes.
pub(crate) const MAX_OUTPUT_BYTES: usize = 8 * 1024;
/// Longest text with expressions, in bytes.
const MAX_SOURCE_BYTES: usize = 16 * 1024;
const MAX_LOOPS: usize = 3;
const MAX_TIMES: usize = 4;
/// How deep lists and maps may lie in each other.
const MAX_DEPTH: usize = 16;

/// Only what cannot blow up a text is offered: no `replace`, no `range`, no macros.
static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.set_debug(false);
    environment.set_formatter(|out, state, value| {
        // “Nothing” is said by saying nothing.
        if value.is_none() { Ok(()) } else { minijinja::escape_formatter(out, state, value) }
    });
    filters::add(&mut environment);
    environment
});

/// Where expressions read from.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    /// The run's own variables, or those of the flow that was called.
    pub(crate) vars: &'a Map<String, Value>,
    pub(crate) state: &'a RunState,
    pub(crate) context: &'a Context,
    /// Whether secrets may be read; they come as marks, never as their values.
    pub(crate) secrets: bool,
}

/// What is wrong with an expression, and where.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) message: String,
    pub(crate) at: Option<Span>,
}

/// Opens and closes the mark that stands for a secret. Private-use characters, taken out of whatever comes in.
const MARK: [char; 2] = ['\u{e000}', '\u{e001}'];

/// Puts the values of secrets in the place of their marks, just before something leaves the program.
///
/// # Errors
/// A sentence that names a secret which is not there.
pub fn reveal(text: &str, secret: impl Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut revealed = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(MARK[0]) {
        let Some((name, after)) = after.split_once(MARK[1]) else { break };
        revealed.push_str(before);
        let (name, how) = name.split_once('|').unwrap_or((name, ""));
        let value = secret(name)
            .ok_or_else(|| format!("There is no secret called “{name}”. Add it under Settings, E-mail and secrets."))?;
        revealed.push_str(&escaped(value, how));
        rest = after;
    }
    revealed.push_str(rest);
    Ok(revealed)
}

/// Puts dots in the place of the marks of secrets, for whoever looks at a stored effect.
pub fn hide_marks(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Ok(hidden) = reveal(text, |name| Some(format!("••• ({name})"))) {
                *text = hidden;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(hide_marks),
        Value::Object(map) => map.values_mut().for_each(hide_marks),
        _ => {}
    }
}

/// The mark of a secret.
pub(crate) fn mark(name: &str) -> String {
    format!("{}{name}{}", MARK[0], MARK[1])
}

/// A secret as it must stand in JSON or in an address.
fn escaped(value: String, how: &str) -> String {
    match how {
        "json" => {
            let text = serde_json::to_string(&value).unwrap_or_default();
            text.get(1..text.len().saturating_sub(1)).unwrap_or_default().to_owned()
        }
        "url" => url::form_urlencoded::byte_serialize(value.as_bytes()).collect(),
        _ => value,
    }
}

/// Lets every mark in a text give its secret in a certain form: `json` or `url`.
pub(crate) fn escaped_marks(text: &str, how: &str) -> String {
    text.replace(MARK[1], &format!("|{how}{}", MARK[1]))
}

/// Encodes what stands between the marks of a text; the marks give their secrets in the form of that name.
pub(crate) fn encoded_around_marks(text: &str, how: &str, encode: impl Fn(&str) -> String) -> String {
    let mut parts = text.split(MARK[0]);
    let mut encoded = encode(parts.next().unwrap_or_default());
    for part in parts {
        match part.split_once(MARK[1]) {
            Some((name, after)) => {
                encoded.push_str(&escaped_marks(&mark(name), how));
                encoded.push_str(&encode(after));
            }
            None => encoded.push_str(&encode(part)),
        }
    }
    encoded
}

/// A text that holds no mark: nobody but an expression may make one.
fn unmarked(text: &str) -> Cow<'_, str> {
    // Both begin with the same two bytes in UTF-8, which hardly any text has.
    if text.contains(MARK) { Cow::Owned(text.replace(MARK, "")) } else { Cow::Borrowed(text) }
}

/// Whether the text holds any expression at all.
pub(crate) fn is_plain(text: &str) -> bool {
    !text.contains("{{") && !text.contains("{%") && !text.contains("{#")
}

/// Says what is wrong with a text's expressions, without running them.
pub(crate) fn check(text: &str) -> Result<(), Problem> {
    if is_plain(text) {
        return Ok(());
    }
    allowed(text).map_err(|message| Problem { message, at: None })?;
    let Err(error) = ENVIRONMENT.template_from_str(text) else { return Ok(()) };
    Err(Problem { message: explain(&error), at: first_wrong(text) })
}

/// The first pair of braces that cannot be read by itself.
fn first_wrong(text: &str) -> Option<Span> {
    let mut from = 0;
    while let Some(open) = text[from..].find("{{").map(|at| from + at) {
        let close = text[open..].find("}}").map(|at| open + at + 2);
        let end = close.unwrap_or(text.len());
        if ENVIRONMENT.template_from_str(&text[open..end]).is_err() {
            return Some(span(text, open, end));
        }
        from = end;
    }
    None
}

fn span(text: &str, from: usize, to: usize) -> Span {
    let chars = |bytes: usize| u32::try_from(text[..bytes].chars().count()).unwrap_or(u32::MAX);
    Span { from: chars(from), to: chars(to) }
}

/// Where a name stands within braces.
pub(crate) fn place_of(text: &str, name: &str) -> Option<Span> {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    let (mut from, mut inside) = (0, text.find('{')?);
    while let Some(at) = text[inside..].find(name).map(|at| inside + at) {
        let before = text[..at].chars().next_back();
        let after = text[at + name.len()..].chars().next();
        let open = text[..at].matches("{{").count() + text[..at].matches("{%").count();
        let closed = text[..at].matches("}}").count() + text[..at].matches("%}").count();
        if open > closed && !before.is_some_and(|c| part(c) || c == '.') && !after.is_some_and(part) {
            return Some(span(text, at, at + name.len()));
        }
        from = at + name.len();
        inside = from;
    }
    let _ = from;
    None
}

/// The variable in `{{ name }}`, when the text is nothing else and it is no part of something.
pub(crate) fn single_name(source: &str) -> Option<&str> {
    single_path(source.trim()).filter(|path| !path.contains('.'))
}

/// Tries a text on values, for the preview of an editor.
///
/// # Errors
/// A sentence and the place it is about.
pub fn preview(text: &str, values: &Map<String, Value>, context: &Context) -> Result<String, (String, Option<Span>)> {
    check(text).map_err(|p| (p.message, p.at))?;
    let last = values.get("last").cloned().and_then(|last| serde_json::from_value(last).ok()).unwrap_or_default();
    let state = RunState { last, ..RunState::default() };
    Scope { vars: values, state: &state, context, secrets: false }.text(text).map_err(|message| (message, None))
}

/// The names that a text reads without a default, as far as that can be said without running it.
pub(crate) fn names(text: &str) -> HashSet<String> {
    if is_plain(text) || text.contains("default") || text.contains("defined") {
        return HashSet::new();
    }
    ENVIRONMENT.template_from_str(text).map(|t| t.undeclared_variables(false)).unwrap_or_default()
}

impl Scope<'_> {
    /// The text with its expressions filled in, of at most [`MAX_OUTPUT_BYTES`] unless it holds none.
    ///
    /// # Errors
    /// A sentence for the owner.
    pub(crate) fn text(&self, source: &str) -> Result<String, String> {
        if is_plain(source) {
            return Ok(source.to_owned());
        }
        if let Some(path) = single_path(source) {
            if let Some(name) = path.strip_prefix("secret.").filter(|_| self.secrets) {
                return Ok(mark(name));
            }
            let mut text = words_of(self.lookup(path).ok_or_else(|| missing(path))?);
            cut(&mut text, MAX_OUTPUT_BYTES);
            return Ok(text);
        }
        allowed(source)?;
        let template = ENVIRONMENT.template_from_str(source).map_err(|e| explain(&e))?;
        let mut output = Limited(Vec::new());
        match template.render_captured_to(self.root(source), &mut output) {
            Ok(_) => String::from_utf8(output.0).map_err(|_| "The result of this expression is not a text.".into()),
            Err(e) => Err(explain(&e)),
        }
    }

    /// The value of a text that is a single expression, else the text. A missing name gives null.
    ///
    /// # Errors
    /// A sentence for the owner.
    pub(crate) fn value(&self, source: &str) -> Result<Value, String> {
        if is_plain(source) {
            return Ok(Value::String(source.to_owned()));
        }
        if let Some(path) = single_path(source) {
            return Ok(self.lookup(path).cloned().unwrap_or_default());
        }
        let Some(expression) = single_expression(source) else { return self.text(source).map(Value::String) };
        allowed(source)?;
        let compiled = ENVIRONMENT.compile_expression(expression).map_err(|e| explain(&e))?;
        match compiled.eval(self.root(source)) {
            Ok(item) => to_json(&item, 0),
            Err(e) if e.kind() == ErrorKind::UndefinedError => Ok(Value::Null),
            Err(e) => Err(explain(&e)),
        }
    }

    /// The value that a path such as `contact.name` names.
    pub(crate) fn lookup(&self, path: &str) -> Option<&Value> {
        let mut parts = path.split('.');
        let first = parts.next()?;
        let key = path.split('.').nth(1);
        // A variable must not hide a scope, nor a scope's gap be filled by a variable.
        let (found, scoped) = match first {
            "contact" => (scoped_value(key, Some(&self.state.contact), &self.context.contact), true),
            "conversation" => (scoped_value(key, Some(&self.state.conversation), &self.context.conversation), true),
            "workspace" => (scoped_value(key, Some(&self.state.workspace), &self.context.workspace), true),
            "counters" => (scoped_value(key, Some(&self.state.counters), &self.context.counters), true),
            "business" => (scoped_value(key, None, &self.context.business), true),
            "words" => (scoped_value(key, None, &self.context.words), true),
            "secret" => (None, true),
            name => (self.vars.get(name), false),
        };
        let mut found = found?;
        if scoped {
            parts.next();
        }
        for part in parts {
            found = found.get(part)?;
        }
        Some(found)
    }

    /// What the expression may read: the scopes and variables whose names occur in it.
    fn root(&self, source: &str) -> Item {
        let mut pairs: Vec<(String, Item)> = Vec::new();
        for (name, value) in self.vars {
            if source.contains(name.as_str()) {
                pairs.push((name.clone(), to_item(value)));
            }
        }
        let none = Map::new();
        let (state, context) = (self.state, self.context);
        for (name, outer, own) in [
            ("contact", &context.contact, &state.contact),
            ("conversation", &context.conversation, &state.conversation),
            ("workspace", &context.workspace, &state.workspace),
            ("counters", &context.counters, &state.counters),
            ("business", &context.business, &none),
            ("words", &context.words, &none),
        ] {
            if source.contains(name) {
                let entries = [outer, own].into_iter().flatten().map(|(k, v)| (k.clone(), to_item(v)));
                pairs.push((name.to_owned(), Item::from_pairs(entries)));
            }
        }
        if source.contains("last") {
            pairs.push(("last".into(), last(&self.state.last)));
        }
        if self.secrets && source.contains("secret") {
            let named = source.split("secret.").skip(1).map(|rest| {
                let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
                (rest[..end].to_owned(), Item::from(mark(&rest[..end])))
            });
            pairs.push(("secret".into(), Item::from_pairs(named)));
        }
        Item::from_pairs(pairs)
    }
}

/// A scope's value: what the run itself has set counts before what it was told.
fn scoped_value<'a>(
    key: Option<&str>,
    own: Option<&'a Map<String, Value>>,
    outer: &'a Map<String, Value>,
) -> Option<&'a Value> {
    let key = key?;
    own.and_then(|own| own.get(key)).or_else(|| outer.get(key))
}

fn last(last: &Last) -> Item {
    Item::from_pairs([
        ("text", Item::from(unmarked(&last.text).as_ref())),
        ("language", Item::from(last.language.as_deref().unwrap_or_default())),
        ("kind", Item::from(last.kind.as_str())),
        ("first_contact", Item::from(last.first_contact)),
        ("file", last.file.as_ref().map_or_else(|| Item::from(()), to_item)),
    ])
}

/// Collects a rendered text and stops the rendering when it grows too long.
struct Limited(Vec<u8>);

impl Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0.len() + bytes.len() > MAX_OUTPUT_BYTES {
            return Err(std::io::Error::other("too long"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The path in `{{ path }}`, when the text is nothing else; `last` is not stored as values and goes the long way.
fn single_path(source: &str) -> Option<&str> {
    let path = source.strip_prefix("{{")?.strip_suffix("}}")?.trim();
    let named = |part: &str| {
        part.chars().enumerate().all(|(i, c)| c == '_' || c.is_ascii_alphabetic() || i > 0 && c.is_ascii_digit())
            && !part.is_empty()
    };
    let reserved = ["last", "true", "false", "none", "True", "False", "None", "loop", "self", "not", "if"];
    let first = path.split('.').next()?;
    (path.split('.').all(named) && !reserved.contains(&first)).then_some(path)
}

/// The expression in `{{ … }}`, when the text is nothing else.
fn single_expression(source: &str) -> Option<&str> {
    let inner = source.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    let inner = inner.strip_prefix('-').unwrap_or(inner);
    let inner = inner.strip_suffix('-').unwrap_or(inner);
    (!inner.contains("{{") && !inner.contains("}}") && !inner.contains("{%")).then_some(inner.trim())
}

/// Refuses what the fuel does not measure: names that are given again and again, and repeated texts.
fn allowed(source: &str) -> Result<(), String> {
    if source.len() > MAX_SOURCE_BYTES {
        return Err("This text with expressions is longer than 16 KB. Shorten it.".into());
    }
    let (mut rest, mut loops, mut times) = (source, 0, 0);
    while let Some(at) = rest.find('{') {
        rest = &rest[at + 1..];
        let Some(sign @ ('%' | '{')) = rest.chars().next() else { continue };
        rest = &rest[1..];
        if sign == '%' {
            let word = rest.trim_start_matches(['-', '+', ' ', '\t', '\n', '\r']);
            let word = &word[..word.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(word.len())];
            match word {
                "if" | "elif" | "else" | "endif" | "endfor" => {}
                "for" => loops += 1,
                _ => return Err(format!("“{{% {word} %}}” cannot be used here; only if and for can.")),
            }
        }
        let mut quote = None;
        let mut end = rest.len();
        let mut chars = rest.char_indices();
        while let Some((i, c)) = chars.next() {
            match (quote, c) {
                (Some(_), '\\') => drop(chars.next()),
                (Some(q), c) if q == c => quote = None,
                (Some(_), _) => {}
                (None, '"' | '\'') => quote = Some(c),
                (None, '*') => times += 1,
                (None, '}') => {
                    end = i;
                    // `}` also ends a map; a wrong guess only makes the rest be looked at as text with tags.
                    if rest[i..].starts_with("}}") || rest[..i].ends_with('%') {
                        break;
                    }
                }
                _ => {}
            }
        }
        rest = &rest[end..];
    }
    if loops > MAX_LOOPS {
        return Err(format!("At most {MAX_LOOPS} loops are allowed in one text."));
    }
    if times > MAX_TIMES || times > 0 && loops > 0 {
        return Err("Use the filter “times” instead of “*” here, as in {{ price | times(2) }}.".into());
    }
    Ok(())
}

fn missing(path: &str) -> String {
    format!(
        "There is no value for “{path}” yet. Fill it in an earlier step, or write {{{{ {path} | default(\"\") }}}}."
    )
}

fn explain(error: &minijinja::Error) -> String {
    let detail = error.detail().unwrap_or_default();
    match error.kind() {
        ErrorKind::UndefinedError => {
            format!(
                "An expression reads a value that is not there yet ({detail}). Fill it in an earlier step, or add | default(\"\")."
            )
        }
        ErrorKind::OutOfFuel => "This expression takes too long. Make it simpler.".into(),
        ErrorKind::WriteFailure => "The text became longer than 8 KB. Shorten it.".into(),
        ErrorKind::UnknownFilter => format!("This filter is not known ({detail})."),
        ErrorKind::SyntaxError => format!("An expression is not written correctly: {detail}."),
        _ if detail.is_empty() => format!("An expression failed: {}.", error.kind()),
        _ => format!("An expression failed: {detail}."),
    }
}

/// A JSON value as expressions see it.
pub(crate) fn to_item(value: &Value) -> Item {
    match value {
        Value::Null => Item::from(()),
        Value::Bool(b) => Item::from(*b),
        Value::Number(n) => match (n.as_i64(), n.as_u64()) {
            (Some(i), _) => Item::from(i),
            (None, Some(u)) => Item::from(u),
            (None, None) => Item::from(n.as_f64().unwrap_or_default()),
        },
        Value::String(s) => Item::from(unmarked(s).as_ref()),
        Value::Array(items) => Item::from(items.iter().map(to_item).collect::<Vec<_>>()),
        Value::Object(map) => Item::from_pairs(map.iter().map(|(k, v)| (k.clone(), to_item(v)))),
    }
}

/// What an expression gave, as JSON of bounded size.
fn to_json(item: &Item, depth: usize) -> Result<Value, String> {
    if depth > MAX_DEPTH {
        return Err("This expression gives lists inside lists, too deep to keep.".into());
    }
    Ok(match item.kind() {
        ValueKind::Undefined | ValueKind::None => Value::Null,
        ValueKind::Bool => Value::Bool(item.is_true()),
        ValueKind::Number => match item.as_i64() {
            Some(i) if item.is_integer() => Value::from(i),
            _ => f64::try_from(item.clone()).map_or(Value::Null, Value::from),
        },
        ValueKind::Seq | ValueKind::Iterable => {
            let items = item.try_iter().map_err(|e| explain(&e))?;
            Value::Array(items.take(1000).map(|i| to_json(&i, depth + 1)).collect::<Result<_, _>>()?)
        }
        ValueKind::Map => {
            let mut map = Map::new();
            for key in item.try_iter().map_err(|e| explain(&e))?.take(1000) {
                let value = item.get_item(&key).map_err(|e| explain(&e))?;
                map.insert(key.to_string(), to_json(&value, depth + 1)?);
            }
            Value::Object(map)
        }
        _ => {
            let mut text = item.as_str().map_or_else(|| item.to_string(), str::to_owned);
            cut(&mut text, MAX_OUTPUT_BYTES);
            Value::String(text)
        }
    })
}

/// A value as it is written into a message.
pub(crate) fn words_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(s) => unmarked(s).into_owned(),
        other => to_item(other).to_string(),
    }
}

#[cfg(test)]
#[path = "expression_tests.rs"]
mod tests;
