//! The reseller's mistakes, one by one, and whatever else a file may say.

use proptest::prelude::*;

use super::*;

/// A folder with pictures, and a brand that is sound in it.
fn sample() -> (tempfile::TempDir, Value) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("icon.svg"), "<svg viewBox=\"0 0 64 64\"></svg>").unwrap();
    fs::create_dir(folder.path().join("flows")).unwrap();
    fs::write(folder.path().join("flows/a.json"), r#"{"name":"A","about":"B","definition":{"flows":[]},"tests":[]}"#)
        .unwrap();
    let brand = json!({
        "product_name": "Help Desk", "identifier": "com.example.helpdesk", "program": "helpdesk",
        "publisher": "Example Ltd", "accent": "#1d4ed8", "icon": "icon.svg", "templates": "flows",
        "bots": [{ "name": "Reception", "description": "Answers first.", "flows": ["a", "opening-hours"] }, { "name": "B" }],
        "support": { "email": "help@example.com", "phone": "+27 21 555 0100", "url": "https://example.com/help" },
        "links": [{ "title": "Guides", "url": "https://example.com/guides" }],
        "language": "en", "start_text": "Welcome.", "update_address": "https://example.com/updates/",
        "update_key": "RWS4oOBhiH/ZkrF1H6kwkhRHOJts89n5mwB1lrv8aVjMnFACgvUwvEFI", "port": 4880,
    });
    (folder, brand)
}

#[test]
fn a_sound_brand_becomes_a_product_with_names_of_its_own() {
    let (folder, brand) = sample();
    let product = check(&brand, folder.path(), "1.2.3").unwrap();
    assert_eq!((product.program.as_str(), product.desktop.as_str()), ("helpdesk", "helpdesk-desktop"));
    assert_eq!(product.contact, "help@example.com");
    let kept = product.brand.unwrap();
    assert_eq!((kept["product_name"].as_str(), kept["port"].as_u64()), (Some("Help Desk"), Some(4880)));
    assert_eq!(kept["bots"][0]["flows"], json!(["a", "opening-hours"]));
    assert!(kept.get("icon").is_none(), "paths of the reseller's machine stay there");
}

#[test]
fn the_sample_that_comes_with_the_sources_is_sound() {
    let file = crate::process::root().join("installers/brand.example.json");
    read(&file, "1.2.3").unwrap();
}

#[test]
fn the_system_is_told_of_the_links_that_the_program_reads_in_its_brand() {
    let file = crate::process::root().join("installers/brand.example.json");
    let product = read(&file, "1.2.3").unwrap();
    let entry = product.fill(include_str!("../../../../../installers/linux/program.desktop"));
    assert!(entry.contains("\nMimeType=x-scheme-handler/helpdesk;\n"), "{entry}");
    assert!(entry.contains(" -- %u\n"), "the program is given the link: {entry}");
    // What the program takes for the beginning of its links.
    assert_eq!(product.brand.as_ref().unwrap()["program"], "helpdesk");
    let ours = Product::ours("1.2.3");
    assert!(ours.brand.is_none(), "without a brand the program takes botflow");
    assert!(ours.fill("@SCHEME@") == "botflow");
}

#[test]
fn each_mistake_is_a_sentence_with_the_name_of_its_field() {
    for (field, value) in [
        ("product_name", json!("")),
        ("product_name", json!("BotFlow Plus")),
        ("product_name", json!("Two\nlines")),
        ("product_name", json!(7)),
        ("identifier", json!("helpdesk")),
        ("identifier", json!("com.example.app")),
        ("identifier", json!("Com.Example")),
        ("program", json!("Help Desk")),
        ("program", json!("../helpdesk")),
        ("program", json!("help-server")),
        ("program", json!("mailto")),
        ("publisher", json!("A <b>")),
        ("about", json!("short")),
        ("accent", json!("blue")),
        ("accent", json!("#ffee00")),
        ("accent", json!("#000010")),
        ("icon", json!("none.svg")),
        ("icon", json!("/etc/passwd")),
        ("icon", json!("../icon.svg")),
        ("logo", json!("flows/a.json")),
        ("templates", json!("icon.svg")),
        ("support", json!("call us")),
        ("support.email", json!({ "support": { "email": "nobody" } })),
        ("support.email", json!({ "support": { "phone": "+27 21 555 0100" } })),
        ("support.url", json!({ "support": { "email": "a@b.example", "url": "ftp://x" } })),
        ("support.fax", json!({ "support": { "email": "a@b.example", "fax": "1" } })),
        ("links", json!("https://example.com")),
        ("links[0].url", json!({ "links": [{ "title": "A", "url": "javascript:alert(1)" }] })),
        ("links[0].title", json!({ "links": [{ "url": "https://example.com" }] })),
        ("bots", json!("Reception")),
        ("bots[0].name", json!({ "bots": [{ "flows": [] }] })),
        ("bots[0].description", json!({ "bots": [{ "name": "A", "description": 7 }] })),
        ("bots[0].flows", json!({ "bots": [{ "name": "A", "flows": ["no-such-flow"] }] })),
        ("bots[0].flows", json!({ "bots": [{ "name": "A", "flows": ["../flows/a"] }] })),
        ("language", json!("English")),
        ("start_text", json!("x".repeat(281))),
        ("update_address", json!("http://example.com")),
        ("update_address", json!("https://user:secret@example.com")),
        ("update_key", json!("RWQ")),
        ("update_key", json!(4880)),
        ("port", json!(80)),
        ("port", json!(65535)),
        ("colour", json!("#1d4ed8")),
    ] {
        let (folder, mut brand) = sample();
        match value.as_object() {
            Some(parts) => parts.iter().for_each(|(name, part)| brand[name] = part.clone()),
            None => brand[field] = value.clone(),
        }
        let mistakes = check(&brand, folder.path(), "1.2.3").unwrap_err();
        let told: Vec<String> = mistakes.iter().map(Mistake::to_string).collect();
        assert_eq!(told.len(), 1, "{field} {value}: {told:?}");
        assert!(told[0].starts_with(&format!("{field}: ")) && told[0].ends_with('.'), "{field} {value}: {told:?}");
    }
}

#[test]
fn everything_that_is_missing_is_told_at_once() {
    let mistakes = check(&json!({}), Path::new("."), "1.2.3").unwrap_err();
    let fields: Vec<&str> = mistakes.iter().map(|mistake| mistake.field.as_str()).collect();
    assert_eq!(fields, ["product_name", "identifier", "program", "publisher", "accent", "icon", "support"]);
}

fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[a-z.#:/@0-9-]{0,24}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("[a-z]{1,8}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    /// Whatever a field says, there is an answer; and what is accepted cannot break out of where it is put.
    #[test]
    fn no_value_of_any_field_breaks_the_check_or_a_package(at in 1..FIELDS.len(), value in anything()) {
        let (folder, mut brand) = sample();
        brand[FIELDS[at]] = value;
        match check(&brand, folder.path(), "1.2.3") {
            Err(mistakes) => {
                prop_assert!(!mistakes.is_empty());
                for mistake in mistakes {
                    prop_assert!(mistake.field.starts_with(FIELDS[at]), "{} is told of {}", mistake, FIELDS[at]);
                }
            }
            Ok(product) => {
                for text in [&product.name, &product.program, &product.publisher, &product.about, &product.contact] {
                    prop_assert!(!text.contains(['\n', '\r', '<', '>', '"', '$', '`', '\\', '%']), "{}", text);
                }
            }
        }
    }

    #[test]
    fn a_name_in_any_script_is_a_name(name in "\\PC{2,40}") {
        let (folder, mut brand) = sample();
        let plain = name.trim() == name && !name.contains(['<', '>', '\\', '"', '`', '$', '@', '%'])
            && !name.contains(['/', ':', '*', '?', '|']) && !name.ends_with('.')
            && !name.to_lowercase().contains("botflow") && !name.chars().any(char::is_control);
        brand["product_name"] = json!(name);
        prop_assert_eq!(check(&brand, folder.path(), "1").is_ok(), plain);
    }
}
