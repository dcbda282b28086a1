//! Drawings of a brand: how large one is, and that it runs nothing and fetches nothing.

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

const NO_SVG: &str = "should be an SVG that says its size with viewBox.";
/// Elements that run something, or hold pages that may.
const RUNS: [&str; 5] = ["script", "foreignobject", "iframe", "embed", "object"];
/// What of a picture may stand in another one as it is; an SVG may not, for it was not looked at.
const INSIDE: [&str; 4] = ["data:image/png", "data:image/jpeg", "data:image/gif", "data:image/webp"];

/// The size that an SVG draws in. Errors: none, or none that may be shown, in a sentence.
pub(super) fn size(bytes: &[u8]) -> Result<(f64, f64), String> {
    let text = std::str::from_utf8(bytes).map_err(|_| NO_SVG)?;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let mut size = None;
    let mut depth = 0_usize;
    let mut is_style = false;
    loop {
        match reader.read_event().map_err(|_| NO_SVG)? {
            Event::Start(start) => {
                enter(&start, depth, &mut size)?;
                depth += 1;
                is_style = name_of(&start) == "style";
            }
            Event::Empty(start) => enter(&start, depth, &mut size)?,
            Event::End(_) => {
                depth -= 1;
                is_style = false;
            }
            Event::Text(text) => look("style", &text)?,
            Event::CData(text) => look("style", &text)?,
            // Letters in other words: nobody writes rules for colours like that, but who hides something.
            Event::GeneralRef(_) if is_style => return Err(refused("style")),
            Event::DocType(text) if text.contains('[') => return Err(refused("!DOCTYPE")),
            Event::PI(_) => return Err(refused("?")),
            Event::Eof => break,
            Event::GeneralRef(_) | Event::DocType(_) | Event::Comment(_) | Event::Decl(_) => {}
        }
    }
    size.filter(|_| depth == 0).ok_or_else(|| NO_SVG.into())
}

/// One element; the outermost says the size.
fn enter(start: &BytesStart<'_>, depth: usize, size: &mut Option<(f64, f64)>) -> Result<(), String> {
    let name = name_of(start);
    if RUNS.contains(&name.as_str()) {
        return Err(refused(&name));
    }
    let is_outermost = depth == 0;
    if is_outermost && (name != "svg" || size.is_some()) {
        return Err(NO_SVG.into());
    }
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|_| NO_SVG)?;
        let name = attribute.key.local_name().as_ref().to_lowercase();
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| NO_SVG)?;
        // What is run when something happens to an element begins so: onload, onclick and their kin.
        if name.starts_with("on") {
            return Err(refused(&name));
        }
        if matches!(name.as_str(), "href" | "src") && !stays_inside(&value) {
            return Err(refused(&name));
        }
        look(&name, &value)?;
        if is_outermost && name == "viewbox" {
            *size = drawn(&value);
        }
    }
    if is_outermost && size.is_none() {
        return Err(NO_SVG.into());
    }
    Ok(())
}

fn name_of(start: &BytesStart<'_>) -> String {
    start.local_name().as_ref().to_lowercase()
}

/// Looks for what leads out of the picture in the words of an attribute or a style.
fn look(place: &str, words: &str) -> Result<(), String> {
    let words: String = words.to_lowercase().chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    let leads_out = words.split("url(").skip(1).any(|of| !stays_inside(of.trim_start_matches(['"', '\''])));
    if leads_out || words.contains("javascript:") || words.contains("@import") {
        return Err(refused(place));
    }
    Ok(())
}

/// Whether an address names something in the same file.
fn stays_inside(address: &str) -> bool {
    let address = address.trim().to_lowercase();
    address.is_empty() || address.starts_with('#') || INSIDE.iter().any(|kind| address.starts_with(kind))
}

/// `0 0 64 64` as width and height.
fn drawn(view: &str) -> Option<(f64, f64)> {
    let parts = view.split([' ', ',']).filter(|part| !part.is_empty());
    let numbers: Vec<f64> = parts.map(|part| part.parse().ok()).collect::<Option<_>>()?;
    match numbers.as_slice() {
        [_, _, width, height] if *width > 0.0 && *height > 0.0 && width.is_finite() && height.is_finite() => {
            Some((*width, *height))
        }
        _ => None,
    }
}

fn refused(what: &str) -> String {
    format!("holds “{what}”, which could run or fetch something; take it out.")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_drawing_that_runs_or_fetches_is_refused_and_any_other_says_its_size() {
        let whole = |inside: &str| format!("<svg viewBox=\"0 0 64 64\">{inside}</svg>");
        for fine in [
            "<rect/>",
            "<g fill=\"url(#a)\"><use href=\"#b\" xlink:href='#b'/></g>",
            "<path style=\"fill: url(&quot;#a&quot;)\"/>",
            "<image href=\"data:image/png;base64,AAAA\"/>",
            "<style>.a { fill: red }</style><title>Onboarding &amp; more, once a day</title>",
            "<!-- <script> was here -->",
        ] {
            assert_eq!(size(whole(fine).as_bytes()), Ok((64.0, 64.0)), "{fine}");
        }
        for wrong in [
            "<script>x</script>",
            "<svg:script href=\"#x\"/>",
            "<foreignObject/>",
            "<rect onload=\"x()\"/>",
            "<rect ONCLICK='x()'/>",
            "<rect\nonfocusin='x()'/>",
            "<rect\tfill=''\tonbegin = 'x()'/>",
            "<image href=\"https://example.com/x\"/>",
            "<image href=\"//example.com/x\"/>",
            "<image xlink:href=' data:image/svg+xml,x'/>",
            "<a href=\"java&#10;script:x()\"/>",
            "<set attributeName=\"href\" to=\"&#106;avascript:x()\"/>",
            "<rect style=\"fill: url( 'http://example.com/x')\"/>",
            "<style>@import 'x.css';</style>",
            "<style>a { fill: &#117;rl(http://example.com/x) }</style>",
            "<style><![CDATA[a { fill: url(//example.com/x) }]]></style>",
            "<?xml-stylesheet href=\"https://example.com/x\"?>",
        ] {
            let sentence = size(whole(wrong).as_bytes()).unwrap_err();
            assert!(sentence.starts_with("holds “"), "{wrong}: {sentence}");
        }
        for none in [
            "",
            "no picture",
            "<svg width=\"64\" height=\"64\"></svg>",
            "<svg viewBox=\"0 0 64\"></svg>",
            "<svg viewBox=\"0 0 64 0\"></svg>",
            "<svg viewBox=\"0 0 64 64\">",
            "<svg viewBox=\"0 0 64 64\" viewBox=\"0 0 1 1\"/>",
            "<svg viewBox=\"0 0 64 64\"/><svg viewBox=\"0 0 64 64\"/>",
            "<svg viewBox=\"0 0 64 64\"><g></svg></g>",
            "<p><svg viewBox=\"0 0 64 64\"/></p>",
        ] {
            assert_eq!(size(none.as_bytes()), Err(NO_SVG.to_owned()), "{none}");
        }
        let entity = "<!DOCTYPE svg [<!ENTITY x 'y'>]><svg viewBox='0 0 1 1'/>";
        assert!(size(entity.as_bytes()).is_err());
    }

    /// An attribute that means nothing, and one of any name that begins with “on”.
    fn attributes() -> impl Strategy<Value = (Vec<String>, String)> {
        let plain = prop::collection::hash_set("[a-mp-z][a-z]{0,6}", 0..4)
            .prop_filter("what leads somewhere is another matter", |names| {
                !names.iter().any(|name| matches!(name.as_str(), "href" | "src"))
            });
        (plain.prop_map(|names| names.into_iter().collect()), "[oO][nN][a-zA-Z]{0,12}")
    }

    proptest! {
        /// Whatever the bytes are, there is an answer.
        #[test]
        fn no_bytes_break_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = size(&bytes);
        }

        #[test]
        fn nothing_that_looks_like_a_drawing_breaks_the_reader(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "<svg viewBox='0 0 1 1'", "<svg", "</svg>", "<g", "</g>", "/>", ">", " href='", "'", "\"", " on",
                    "url(", "<![CDATA[", "]]>", "<!--", "-->", "<!DOCTYPE", "[", "&#x41;", "&", ";", "é", "\u{feff}", "<?", "?>",
                ]),
                0..24,
            )
        ) {
            let _ = size(parts.concat().as_bytes());
        }

        /// Wherever it stands, and however it is written.
        #[test]
        fn whatever_begins_with_on_is_refused_on_any_element(
            (names, on) in attributes(), at in 0..5_usize, space in "[ \t\r\n]{1,3}", inside in any::<bool>()
        ) {
            let mut names: Vec<String> = names.into_iter().map(|name| format!("{name}='1'")).collect();
            let drawing = |names: &[String]| {
                let all = names.join(&space);
                if inside {
                    format!("<svg viewBox='0 0 9 9'><g{space}{all}/></svg>")
                } else {
                    format!("<svg viewBox='0 0 9 9'{space}{all}></svg>")
                }
            };
            prop_assert_eq!(size(drawing(&names).as_bytes()), Ok((9.0, 9.0)));
            names.insert(at.min(names.len()), format!("{on}=\"x\""));
            prop_assert_eq!(size(drawing(&names).as_bytes()), Err(refused(&on.to_lowercase())));
        }
    }
}
