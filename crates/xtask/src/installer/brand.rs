//! A reseller's file: read, checked field by field, and made into a product.

mod svg;
mod values;

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use super::product::Product;

const MAX_BYTES: u64 = 64 << 10;
const MAX_LINKS: usize = 6;
const MAX_BOTS: usize = 5;
const MAX_BOT_FLOWS: usize = 10;
const FIELDS: [&str; 18] = [
    "$schema",
    "product_name",
    "identifier",
    "program",
    "publisher",
    "about",
    "icon",
    "accent",
    "logo",
    "support",
    "links",
    "language",
    "start_text",
    "templates",
    "bots",
    "update_address",
    "update_key",
    "port",
];
/// The parts of `support`.
const WAYS: [&str; 3] = ["email", "phone", "url"];

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mistake {
    field: String,
    sentence: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.sentence)
    }
}

/// Reads the file and makes it a product. Errors: every mistake, a sentence each.
pub(super) fn read(file: &Path, version: &str) -> Result<Product> {
    let known = fs::metadata(file).with_context(|| format!("{} cannot be read", file.display()))?;
    if known.len() > MAX_BYTES {
        bail!("{} is larger than {MAX_BYTES} bytes; a brand is a short file.", file.display());
    }
    let value: Value = serde_json::from_slice(&fs::read(file)?)
        .with_context(|| format!("{} is not JSON; an editor that knows JSON shows where", file.display()))?;
    let folder = file.parent().unwrap_or(Path::new("."));
    check(&value, folder, version).map_err(|mistakes| {
        let list: Vec<String> = mistakes.iter().map(|mistake| format!("    {mistake}")).collect();
        anyhow::anyhow!("{} cannot be used:\n{}", file.display(), list.join("\n"))
    })
}

/// Checks everything that `value` says; pictures and folders are looked for from `folder`.
fn check(value: &Value, folder: &Path, version: &str) -> Result<Product, Vec<Mistake>> {
    let nothing = Map::new();
    let mut form = Form { fields: value.as_object().unwrap_or(&nothing), folder, mistakes: Vec::new() };
    if !value.is_object() {
        form.mistake("product_name", "is missing: the file should be an object with fields in braces.");
        return Err(form.mistakes);
    }
    for field in form.fields.keys().filter(|field| !FIELDS.contains(&field.as_str())) {
        form.mistakes.push(Mistake {
            field: field.clone(),
            sentence: "is not a field of a brand. Take it out, or look at its spelling.".into(),
        });
    }
    let name = form.required("product_name", |text| values::name(text, 2, 40)).unwrap_or_default();
    if name.to_lowercase().contains("botflow") {
        form.mistake("product_name", "should be a name of your own.");
    }
    let identifier = form.required("identifier", values::identifier).unwrap_or_default();
    let program = form.required("program", values::program).unwrap_or_default();
    let publisher = form.words("publisher", 2, 80).unwrap_or_default();
    let about = form.optional("about", |text| values::words(text, 10, 80));
    let accent = form.required("accent", values::accent).unwrap_or_default();
    let icon = form.path("icon", true, values::icon).unwrap_or_default();
    let logo = form.path("logo", false, values::logo);
    let templates = form.path("templates", false, values::templates);
    let language = form.optional("language", values::language);
    let start_text = form.optional("start_text", |text| values::words(text, 1, 280));
    let update_address = form.optional("update_address", values::address);
    let update_key = form.optional("update_key", values::update_key);
    if form.fields.contains_key("update_address") != form.fields.contains_key("update_key") {
        form.mistake("update_key", "and update_address belong together: give both, or neither.");
    }
    let support = form.support();
    let links = form.links();
    let bots = form.bots(templates.as_deref());
    let port = form.port();
    if !form.mistakes.is_empty() {
        return Err(form.mistakes);
    }
    let contact = support["email"].as_str().unwrap_or_default().to_owned();
    let mut brand = json!({
        "product_name": name, "identifier": identifier, "program": program, "publisher": publisher,
        "accent": accent, "support": support, "links": links,
        "bots": bots,
    });
    let more = [
        ("language", &language),
        ("start_text", &start_text),
        ("update_address", &update_address),
        ("update_key", &update_key),
    ];
    for (field, value) in more.into_iter().filter_map(|(field, value)| Some((field, value.as_ref()?))) {
        brand[field] = json!(value);
    }
    if let Some(port) = port {
        brand["port"] = json!(port);
    }
    Ok(Product {
        about: about.unwrap_or_else(|| Product::ours(version).about),
        desktop: format!("{program}-desktop"),
        version: version.into(),
        brand: Some(brand),
        name,
        program,
        identifier,
        publisher,
        contact,
        icon,
        logo,
        templates,
    })
}

/// The fields as they are taken out, and what was wrong with them.
struct Form<'a> {
    fields: &'a Map<String, Value>,
    folder: &'a Path,
    mistakes: Vec<Mistake>,
}

/// What a check says: the value as it is kept, or what is wrong with it.
type Checked = Result<String, String>;

impl Form<'_> {
    fn mistake(&mut self, field: &str, sentence: &str) {
        self.mistakes.push(Mistake { field: field.into(), sentence: sentence.into() });
    }

    fn optional(&mut self, field: &str, check: impl Fn(&str) -> Checked) -> Option<String> {
        let found = match self.fields.get(field)? {
            Value::String(text) => check(text),
            _ => Err("should be words in quotation marks.".into()),
        };
        found.map_err(|sentence| self.mistake(field, &sentence)).ok()
    }

    fn required(&mut self, field: &str, check: impl Fn(&str) -> Checked) -> Option<String> {
        if !self.fields.contains_key(field) {
            self.mistake(field, "is missing.");
        }
        self.optional(field, check)
    }

    fn words(&mut self, field: &str, shortest: usize, longest: usize) -> Option<String> {
        self.required(field, |text| values::words(text, shortest, longest))
    }

    /// A file or folder beside the brand's own file.
    fn path(&mut self, field: &str, needed: bool, check: fn(&Path) -> Result<(), String>) -> Option<PathBuf> {
        let folder = self.folder.to_owned();
        let inside = |text: &str| {
            let inside = Path::new(text).components().all(|part| matches!(part, std::path::Component::Normal(_)));
            if text.is_empty() || !inside {
                return Err("should name something in the folder of this file, such as pictures/icon.svg.".into());
            }
            check(&folder.join(text)).map(|()| text.to_owned())
        };
        let found = if needed { self.required(field, inside) } else { self.optional(field, inside) };
        found.map(|name| self.folder.join(name))
    }

    fn support(&mut self) -> Value {
        let mut ways = Map::new();
        match self.fields.get("support") {
            Some(Value::Object(support)) => {
                for (way, value) in support {
                    let checked = match (way.as_str(), value.as_str()) {
                        ("email", Some(text)) => values::email(text),
                        ("phone", Some(text)) => values::phone(text),
                        ("url", Some(text)) => values::address(text),
                        (_, None) => Err("should be words in quotation marks.".into()),
                        _ => Err(format!("is no way to reach you that is known: {}.", WAYS.join(", "))),
                    };
                    match checked {
                        Ok(text) => drop(ways.insert(way.clone(), json!(text))),
                        Err(sentence) => self.mistake(&format!("support.{way}"), &sentence),
                    }
                }
                if !support.contains_key("email") {
                    self.mistake("support.email", "is missing: packages name somebody who can be written to.");
                }
            }
            _ => self.mistake("support", "is missing: say how your customers reach you, at least `email`."),
        }
        Value::Object(ways)
    }

    fn links(&mut self) -> Vec<Value> {
        let links = match self.fields.get("links") {
            None => return Vec::new(),
            Some(Value::Array(links)) if links.len() <= MAX_LINKS => links,
            Some(_) => {
                self.mistake(
                    "links",
                    &format!("should be a list of at most {MAX_LINKS}, each with `title` and `url`."),
                );
                return Vec::new();
            }
        };
        let mut kept = Vec::new();
        for (number, link) in links.iter().enumerate() {
            let title = values::words(link["title"].as_str().unwrap_or_default(), 1, 40);
            let url = values::address(link["url"].as_str().unwrap_or_default());
            match (title, url) {
                (Ok(title), Ok(url)) => kept.push(json!({ "title": title, "url": url })),
                (title, url) => {
                    for (part, wrong) in [("title", title.err()), ("url", url.err())] {
                        if let Some(sentence) = wrong {
                            self.mistake(&format!("links[{number}].{part}"), &sentence);
                        }
                    }
                }
            }
        }
        kept
    }

    /// The bots that a new business begins with; their flows are ready ones, in the brand's folder or ours.
    fn bots(&mut self, templates: Option<&Path>) -> Vec<Value> {
        let bots = match self.fields.get("bots") {
            None => return Vec::new(),
            Some(Value::Array(bots)) if bots.len() <= MAX_BOTS => bots,
            Some(_) => {
                self.mistake("bots", &format!("should be a list of at most {MAX_BOTS}, each with a `name`."));
                return Vec::new();
            }
        };
        // What was wrong with the folder is told already.
        let folder_is_wrong = templates.is_none() && self.fields.contains_key("templates");
        let ours = crate::process::root().join("crates").join("bots").join("templates");
        let is_ready = |id: &str| {
            let plain = id.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
            let folders = [templates, Some(ours.as_path())];
            plain
                && (folder_is_wrong
                    || folders.into_iter().flatten().any(|folder| folder.join(format!("{id}.json")).is_file()))
        };
        let mut kept = Vec::new();
        for (number, bot) in bots.iter().enumerate() {
            let name = values::words(bot["name"].as_str().unwrap_or_default(), 1, 80);
            let about = bot
                .get("description")
                .map_or(Ok(String::new()), |text| values::words(text.as_str().unwrap_or_default(), 1, 500));
            let flows = bot.get("flows").map_or(Some(Vec::new()), |flows| {
                let ids: Option<Vec<&str>> = flows.as_array()?.iter().map(Value::as_str).collect();
                ids.filter(|ids| ids.len() <= MAX_BOT_FLOWS && ids.iter().all(|id| is_ready(id)))
            });
            for (part, wrong) in [("name", name.as_ref().err()), ("description", about.as_ref().err())] {
                if let Some(sentence) = wrong.cloned() {
                    self.mistake(&format!("bots[{number}].{part}"), &sentence);
                }
            }
            match flows {
                Some(flows) => kept.push(json!({
                    "name": name.unwrap_or_default(), "description": about.unwrap_or_default(), "flows": flows,
                })),
                None => self.mistake(
                    &format!("bots[{number}].flows"),
                    &format!("should be at most {MAX_BOT_FLOWS} names of ready flows, such as \"opening-hours\"."),
                ),
            }
        }
        kept
    }

    /// The public port is the next one.
    fn port(&mut self) -> Option<u16> {
        let value = self.fields.get("port")?;
        let port = value.as_u64().and_then(|port| u16::try_from(port).ok());
        let port = port.filter(|port| (1024..=65534).contains(port));
        if port.is_none() {
            self.mistake("port", "should be a number from 1024 to 65534; the public port is the next one.");
        }
        port
    }
}

#[cfg(test)]
mod tests;
