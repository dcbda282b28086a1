//! One name: what the program says carries the product's name through `base::product`, so that a brand's build says its own.

use super::{Source, sql};

const NAME: &str = "BotFlow";
/// The name's own home; what machines read of each other, which no owner sees; the title of the contract, which is put
/// under the brand's name as a whole; and the stand-in for another company's service.
const MAY: &[&str] = &[
    "crates/base/src/product.rs",
    "crates/base/src/net.rs",
    "crates/channels/src/whatsapp/client.rs",
    "crates/channels/src/whatsapp/fake/",
    "crates/ai/src/models/download.rs",
    "crates/app/src/contract.rs",
];

/// The rules that `source` breaks.
pub(super) fn check(source: &Source) -> Vec<String> {
    let speaks = (source.path.starts_with("crates/") && !source.path.starts_with("crates/xtask/"))
        || source.path.starts_with("src-tauri/src/");
    let is_test = source.path.split('/').any(|part| part == "tests" || part.ends_with("tests.rs"));
    if !speaks || is_test || !source.path.ends_with(".rs") || MAY.iter().any(|may| source.path.starts_with(may)) {
        return Vec::new();
    }
    sql::literals(sql::without_tests(&source.text))
        .into_iter()
        // A name of the interface's contract, such as `getBotFlow`, is none of the product.
        .filter(|(_, literal)| literal.split(|c: char| !c.is_alphanumeric()).any(|word| word == NAME))
        .map(|(line, _)| {
            format!("line {line}: {NAME} is said by name; base::product::name() is what a brand is called")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_that_names_the_product_itself_is_found() {
        for (path, text, count) in [
            ("crates/bots/src/lib.rs", "say(\"Update BotFlow.\")", 1),
            ("src-tauri/src/tray.rs", "say(\"Quit BotFlow\")", 1),
            ("crates/bots/src/lib.rs", "say(\"getBotFlow\")", 0),
            ("crates/bots/src/lib.rs", "// BotFlow\nsay(\"Update.\")", 0),
            ("crates/bots/src/lib.rs", "#[cfg(test)]\nmod tests {\n say(\"BotFlow\") }", 0),
            ("crates/app/src/contract/tests.rs", "say(\"BotFlow\")", 0),
            ("crates/base/src/product.rs", "say(\"BotFlow\")", 0),
            ("tests/features/desk.rs", "say(\"BotFlow\")", 0),
            ("docs/a.md", "\"BotFlow\"", 0),
        ] {
            let source = Source { path: path.to_owned(), text: text.to_owned() };
            assert_eq!(check(&source).len(), count, "{path}: {text}");
        }
    }
}
