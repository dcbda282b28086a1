//! What must never leave, however it is written, and what has to stay for a report to be of use.

use std::path::Path;

use proptest::prelude::*;

use super::*;

const DATA: &str = if cfg!(windows) { r"C:\data-of-zanele" } else { "/srv/data-of-zanele" };

fn redact(text: &str) -> String {
    Redactor::new(Path::new(DATA)).text(text)
}

#[test]
fn a_file_in_the_data_folder_is_named_without_what_the_folder_is_called() {
    let file = Path::new(DATA).join("system.db");
    let expected = format!("the file [data]{}system.db is damaged", std::path::MAIN_SEPARATOR);
    assert_eq!(redact(&format!("the file {} is damaged", file.display())), expected);
}

#[test]
fn what_the_program_says_stays_and_what_others_say_goes() {
    for (text, expected) in [
        ("a business could not be opened", "a business could not be opened"),
        ("Upstream: Zanele Mokoena wants two rooms", "Upstream: •••"),
        (
            "the outbox could not be read (cause: database is locked)",
            "the outbox could not be read (cause: database is locked)",
        ),
        ("a message to Zanele failed", "•••"),
        ("sent to +27 82 555 0142.", "sent to [number]."),
        ("sent to 0825550142", "sent to [number]"),
        ("call (082) 555-0142 now", "call ([number] now"),
        ("the owner is thandi@shop.example", "the owner is [mail]"),
        ("the address is https://shop.example/a?token=abc", "the address is [address]"),
        ("the token is EAAGm0PX4ZCpsBAKZCZC", "•••"),
        ("the key is 0123456789abcdef0123456789abcdef", "•••"),
        ("the key is 6f1c2a34-1111-4222-8333-444455556666", "•••"),
        ("unknown variant `Zanele`, expected one", "unknown variant •••, expected one"),
        ("the file \"Zanele's will.pdf\" is too large", "the file ••• is too large"),
        (r"the folder D:\zanele\x is full", "the folder [folder] is full"),
        ("the folder /mnt/zanele/x is full", "the folder [folder] is full"),
        (
            "workspace 0199f0f0-0000-7000-8000-000000000000 closed",
            "workspace 0199f0f0-0000-7000-8000-000000000000 closed",
        ),
        ("listening on 127.0.0.1:4870", "listening on 127.0.0.1:4870"),
        ("botflow_bots::inbound::worker", "botflow_bots::inbound::worker"),
        ("tries 12345", "tries 12345"),
        ("tries 123456", "tries [number]"),
        ("ഇടപാട്", "•••"),
        ("the message: Привет", "the message: •••"),
        ("the message was read by Mark", "•••"),
        ("ConnectionRefused", "ConnectionRefused"),
        ("", ""),
    ] {
        assert_eq!(redact(text), expected, "{text}");
    }
}

/// A made-up word that the program has no use for.
fn foreign() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z]{3,9}zq[a-z]{0,4}", "[A-Z][a-z]{2,8}zq", "[а-я]{3,9}", "[A-Za-z0-9]{24,60}", "[0-9]{7,15}"]
        .prop_filter("looks foreign", |word| !word.bytes().all(|b| b.is_ascii_digit()) || word.len() > LONGEST_NUMBER)
}

/// What stands around it: the program's own sentences, or anything.
fn around() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("the message could not be sent: ".to_owned()),
        Just(" (cause: the line was busy)".to_owned()),
        Just("Invalid, ".to_owned()),
        "[ -~]{0,30}",
        ".{0,30}",
    ]
}

proptest! {
    #[test]
    fn a_word_of_somebody_never_stays(before in around(), word in foreign(), after in around()) {
        let found = redact(&format!("{before} {word} {after}"));
        prop_assert!(!found.contains(&word), "{found}");
    }

    #[test]
    fn a_telephone_number_goes_however_it_is_set(
        before in around(),
        plus in "\\+?",
        digits in proptest::collection::vec("[0-9]{2,4}", 3..5),
        gap in "[ ().\\-/]{0,2}",
    ) {
        let number = format!("{plus}{}", digits.join(&gap));
        let found = redact(&format!("{before} {number}"));
        prop_assert!(!found.contains(&number), "{found}");
    }

    #[test]
    fn an_e_mail_address_goes(before in around(), name in "[a-z.]{2,9}", host in "[a-z]{2,9}\\.(example|com)") {
        let address = format!("{name}@{host}");
        let found = redact(&format!("{before} <{address}>"));
        prop_assert!(!found.contains(&address), "{found}");
    }

    #[test]
    fn whatever_comes_in_only_own_words_come_out(text in around(), more in "\\PC{0,80}") {
        let found = redact(&format!("{text}{more}"));
        let rest = ["[address]", "[mail]", "[folder]", "[number]", "[data]", "[home]"]
            .iter()
            .fold(found.clone(), |text, kind| text.replace(kind, " "));
        let mut tokens = Vec::new();
        words(&rest, &mut tokens);
        for token in tokens {
            if let Token::Word(word) = token {
                prop_assert!(is_own(word, true), "“{word}” of “{found}”");
            }
        }
    }
}

/// The words of log lines that are written today, so that a report says something. Each new line should be told, too; this
/// fails only when the list falls far behind: then add the words that are named to `own_words.txt`.
#[test]
fn most_of_what_the_log_says_today_is_understood() {
    let said = Regex::new(r#"tracing::(?:error|warn|info)!\((?:[^;"]|"[^"]*\{\}[^"]*")*?"([^"]+)"\s*\)"#).unwrap();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("..")];
    let (mut all, mut lost) = (0, Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && path.file_name().is_none_or(|name| name != "tests") {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let source = std::fs::read_to_string(&path).unwrap();
                for line in said.captures_iter(&source) {
                    all += 1;
                    if redact(&line[1]).contains(MASK) {
                        lost.push(line[1].to_owned());
                    }
                }
            }
        }
    }
    assert!(all > 40, "the sources were not read as they are written: {all}");
    assert!(lost.len() * 4 < all, "{} of {all} lines are not understood: {lost:#?}", lost.len());
}
