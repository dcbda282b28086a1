//! Links into the program (`botflow://inbox`): a known place of the interface, or nothing at all.

use app::Brand;

/// A link that is longer leads nowhere.
const LONGEST: usize = 200;
/// Places by name. `true` where one thing of it can be named as well.
const PLACES: &[(&str, bool)] = &[
    ("inbox", true),
    ("bots", true),
    ("knowledge", true),
    ("knowledge/gaps", false),
    ("knowledge/answers", false),
    ("settings", false),
    ("settings/business", false),
    ("settings/channels", true),
    ("settings/address", false),
    ("settings/answers", false),
    ("settings/services", false),
    ("settings/look", false),
    ("settings/computer", false),
    ("settings/about", false),
];

/// The place in the interface that a link names, as a path; nothing when it names none that is known. What links begin
/// with is told to the system by the packages.
pub(crate) fn place(link: &str) -> Option<String> {
    place_by(link, Brand::current().scheme())
}

fn place_by(link: &str, scheme: &str) -> Option<String> {
    if link.len() > LONGEST {
        return None;
    }
    let (said, rest) = link.split_once(':')?;
    if !said.eq_ignore_ascii_case(scheme) {
        return None;
    }
    let path = rest.trim_start_matches('/').trim_end_matches('/');
    if path.is_empty() || path == "home" {
        return Some("/".to_owned());
    }
    if PLACES.iter().any(|(known, _)| *known == path) {
        return Some(format!("/{path}"));
    }
    let (place, thing) = path.rsplit_once('/')?;
    let known = PLACES.iter().any(|(known, things)| *things && *known == place);
    (known && is_id(thing)).then(|| format!("/{place}/{thing}"))
}

/// Ids are written `0199f0f0-0000-7000-8000-000000000000`.
fn is_id(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ID: &str = "0199f0f0-0000-7000-8000-000000000000";

    #[test]
    fn a_link_opens_a_known_place_and_nothing_else() {
        for (link, path) in [
            ("botflow://", Some("/".to_owned())),
            ("botflow://home", Some("/".to_owned())),
            ("BOTFLOW:inbox", Some("/inbox".to_owned())),
            ("botflow://settings/address/", Some("/settings/address".to_owned())),
            (&format!("botflow://inbox/{ID}"), Some(format!("/inbox/{ID}"))),
            (&format!("botflow://settings/{ID}"), None),
            ("botflow://inbox/../api/session", None),
            ("botflow://api/session", None),
            ("botflow://inbox?x=1", None),
            ("botflow://example.com", None),
            ("https://example.com/inbox", None),
            ("file:///etc/passwd", None),
            ("javascript:alert(1)", None),
            ("--data", None),
            ("inbox", None),
        ] {
            assert_eq!(place_by(link, "botflow"), path, "{link}");
        }
    }

    proptest! {
        #[test]
        fn whatever_a_link_says_it_stays_inside(rest in "[a-z/.:?#@%0-9-]{0,60}") {
            if let Some(path) = place_by(&format!("botflow:{rest}"), "botflow") {
                prop_assert!(path.starts_with('/') && !path.starts_with("//"), "{}", path);
                prop_assert!(path.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'/' || b == b'-'), "{}", path);
            }
        }

        #[test]
        fn no_link_of_another_kind_is_taken(link in ".{0,80}") {
            prop_assume!(!link.to_ascii_lowercase().starts_with("botflow:"));
            prop_assert_eq!(place_by(&link, "botflow"), None);
        }
    }
}
