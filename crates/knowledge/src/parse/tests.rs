//! Whole files of every kind, good and bad ones.

use std::io::{Cursor, Write};
use std::path::Path;

use base::ErrorCode;
use proptest::prelude::*;

use super::*;
use crate::document::BlockKind;

fn folder(parts: &[&str]) -> std::path::PathBuf {
    let mut path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join("..");
    path.extend(parts);
    path
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(folder(&["tests", "fixtures", "documents", name])).unwrap()
}

fn sample(name: &str) -> Vec<u8> {
    std::fs::read(folder(&["crates", "app", "sample", name])).unwrap()
}

fn read(name: &str, bytes: &[u8]) -> Document {
    parse(File { name, bytes, mime: None }).unwrap_or_else(|e| panic!("{name}: {e:?}"))
}

fn refuse(name: &str, bytes: &[u8]) -> Error {
    parse(File { name, bytes, mime: None }).err().unwrap_or_else(|| panic!("{name} was read"))
}

/// One line a block, as short as can be, for comparing.
fn outline(doc: &Document) -> Vec<String> {
    doc.blocks
        .iter()
        .map(|b| match &b.kind {
            BlockKind::Heading { level, text } => format!("{} {text}", "#".repeat(usize::from(*level))),
            BlockKind::Paragraph { text } => text.clone(),
            BlockKind::ListItem { text } => format!("- {text}"),
            BlockKind::Pair { question, answer } => format!("Q {question} A {answer}"),
            BlockKind::Table { caption, header, rows } => {
                let rows: Vec<String> = rows.iter().map(|r| r.join("|")).collect();
                format!("[{}] {} :: {}", caption.as_deref().unwrap_or_default(), header.join("|"), rows.join(" / "))
            }
        })
        .collect()
}

fn show(doc: &Document) -> String {
    outline(doc).join("\n")
}

type Rows = Vec<Vec<String>>;

/// Caption, header and rows of each table.
fn tables(doc: &Document) -> Vec<(Option<String>, Vec<String>, Rows)> {
    doc.blocks
        .iter()
        .filter_map(|b| match &b.kind {
            BlockKind::Table { caption, header, rows } => Some((caption.clone(), header.clone(), rows.clone())),
            _ => None,
        })
        .collect()
}

/// A packed file out of its parts.
fn packed(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn word(body: &str) -> Vec<u8> {
    packed(&[
        ("word/document.xml", &format!("<w:document xmlns:w=\"w\"><w:body>{body}</w:body></w:document>")),
        (
            "word/styles.xml",
            "<w:styles xmlns:w=\"w\"><w:style w:styleId=\"berschrift1\"><w:name w:val=\"heading 1\"/></w:style>\
             <w:style w:styleId=\"Mine\"><w:name w:val=\"My own\"/><w:basedOn w:val=\"berschrift1\"/></w:style></w:styles>",
        ),
        (
            "word/footnotes.xml",
            "<w:footnotes xmlns:w=\"w\"><w:footnote w:id=\"2\"><w:p><w:r><w:t>Only on weekdays.</w:t></w:r></w:p></w:footnote></w:footnotes>",
        ),
    ])
}

#[test]
fn a_policy_with_headings_tables_and_page_numbers_comes_out_of_its_pdf() {
    let doc = read("service-policy.pdf", &sample("service-policy.pdf"));
    let text = show(&doc);
    assert_eq!(doc.pages, 3);
    assert_eq!(doc.language.as_deref(), Some("en"));
    let heads: Vec<String> = outline(&doc).into_iter().filter(|l| l.starts_with('#')).collect();
    for n in ["1. Call-out fees", "5. Payment", "8. Warranty on products", "14. Complaints"] {
        assert!(heads.iter().any(|h| h.ends_with(n)), "{n}\n{text}");
    }
    assert_eq!(heads.len(), 15, "{heads:#?}");
    let tables = tables(&doc);
    assert_eq!(tables.len(), 2, "{text}");
    assert_eq!(tables[0].1, ["When the plumber arrives", "Call-out fee", "Each further hour"]);
    assert_eq!(tables[0].2.len(), 4);
    assert_eq!(tables[0].2[3], ["Nights, Sundays and public holidays", "R 1,150", "R 1,080"]);
    assert_eq!(tables[1].1, ["Product", "Warranty"]);
    assert_eq!(tables[1].2.len(), 6);
    assert!(!text.contains("Page 1") && !text.contains("version 6\n"), "foot lines are left out");
    assert!(text.contains("in steps of 15 minutes. Work with a fixed price"), "wrapped lines are joined\n{text}");
    let page = |needle: &str| {
        doc.blocks.iter().find(|b| serde_json::to_string(&b.kind).unwrap().contains(needle)).unwrap().page
    };
    assert_eq!((page("1. Call-out"), page("5. Payment"), page("14. Complaints")), (Some(1), Some(2), Some(3)));
}

#[test]
fn columns_of_a_page_read_one_after_the_other() {
    let doc = read("two-columns.pdf", &fixture("two-columns.pdf"));
    let text = show(&doc).replace('\n', " ");
    let at = |needle: &str| text.find(needle).unwrap_or_else(|| panic!("{needle} is missing in {text}"));
    assert!(at("LEFT column starts here") < at("the LEFT column ends here"));
    assert!(at("the LEFT column ends here") < at("RIGHT column starts here"));
    assert!(at("RIGHT column starts here") < at("the RIGHT column ends here"));
    assert!(
        text.contains("pruned in the last week of January. Members who help for three mornings receive a crate"),
        "{text}"
    );
    assert!(!text.contains("page 1"));
    let heads = outline(&doc).into_iter().filter(|l| l.starts_with('#')).count();
    assert_eq!(heads, 5, "{}", show(&doc));
}

#[test]
fn files_that_cannot_be_read_say_why_and_what_to_do() {
    for (name, code, word) in [
        ("password-protected.pdf", ErrorCode::Invalid, "password"),
        ("scanned.pdf", ErrorCode::Invalid, "pictures of pages"),
        ("broken.pdf", ErrorCode::Invalid, ""),
        ("zero-bytes.pdf", ErrorCode::Invalid, "empty"),
        ("empty.txt", ErrorCode::Invalid, "empty"),
        ("only-spaces.txt", ErrorCode::Invalid, "no text"),
        ("truncated.docx", ErrorCode::Invalid, "damaged"),
    ] {
        let e = refuse(name, &fixture(name));
        assert_eq!(e.code, code, "{name}: {e:?}");
        assert!(e.message.contains(word), "{name}: {e}");
    }
    let encrypted: Vec<u8> = [
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec(),
        "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect(),
    ]
    .concat();
    assert!(refuse("a.xlsx", &encrypted).message.contains("password"));
    assert_eq!(refuse("a.txt", &vec![b'a'; MAX_FILE_BYTES + 1]).code, ErrorCode::TooLarge);
    assert_eq!(refuse("a.txt", "words and words\n\n".repeat(150_000).as_bytes()).code, ErrorCode::TooLarge);
    assert!(refuse("a.zip", &packed(&[("a.txt", "x")])).message.contains("archive"));
    assert!(refuse("a.docx", b"PK\x03\x04 but nothing else").message.contains("damaged"));
}

#[test]
fn a_list_of_questions_in_word_becomes_pairs_under_their_headings() {
    let doc = read("faq.docx", &sample("faq.docx"));
    let lines = outline(&doc);
    assert_eq!(lines[0], "# Questions customers ask us");
    assert_eq!(lines[2], "## Buying at the counter");
    assert!(lines[3].starts_with("Q Can you keep something aside for me? A Yes. Tell us your name"), "{}", lines[3]);
    assert!(lines.iter().filter(|l| l.starts_with("Q ")).count() >= 20, "{}", lines.join("\n"));
    let hindi = read("hindi.docx", &fixture("hindi.docx"));
    assert_eq!(hindi.language.as_deref(), Some("hi"));
    assert_eq!(tables(&hindi)[0].1, ["काम", "समय", "दाम"]);
}

#[test]
fn tables_inside_of_tables_are_told_in_their_cell() {
    let doc = read("nested-table.docx", &fixture("nested-table.docx"));
    let tables = tables(&doc);
    assert_eq!(tables[0].1, ["Instrument", "Lessons"], "{}", show(&doc));
    assert_eq!(tables[0].2[0][0], "Piano");
    assert_eq!(tables[0].2[0][1], "One to one: 30 minutes $ 312; 45 minutes $ 438; Sheet music is extra.");
}

#[test]
fn word_documents_are_read_as_their_writer_sees_them() {
    let p = |style: &str, text: &str| {
        format!("<w:p><w:pPr><w:pStyle w:val=\"{style}\"/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>")
    };
    let cell = |text: &str| format!("<w:tc><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>");
    let merged = |start: &str, text: &str| {
        format!("<w:tc><w:tcPr><w:vMerge{start}/></w:tcPr><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>")
    };
    let body = [
        p("berschrift1", "Preise"),
        p("Mine", "Zeiten &amp; Orte"),
        "<w:p><w:r><w:rPr><w:b/></w:rPr><w:t>What about parking?</w:t></w:r></w:p>".into(),
        "<w:p><w:r><w:t>It is </w:t></w:r><w:del><w:r><w:delText>not </w:delText><w:t>never</w:t></w:r></w:del><w:ins><w:r><w:t>free</w:t></w:r></w:ins><w:r><w:rPr><w:vanish/></w:rPr><w:t>SECRET</w:t></w:r><w:r><w:t>.</w:t><w:footnoteReference w:id=\"2\"/></w:r></w:p>".into(),
        "<w:p><w:pPr><w:numPr><w:numId w:val=\"3\"/></w:numPr></w:pPr><w:r><w:t>one</w:t><w:tab/><w:t>two</w:t></w:r></w:p>".into(),
        "<w:p><w:r><w:t>Around</w:t></w:r><w:r><mc:AlternateContent><mc:Choice><w:drawing><w:txbxContent><w:p><w:r><w:t>In a box</w:t></w:r></w:p></w:txbxContent></w:drawing></mc:Choice><mc:Fallback><w:txbxContent><w:p><w:r><w:t>In a box</w:t></w:r></w:p></w:txbxContent></mc:Fallback></mc:AlternateContent></w:r></w:p>".into(),
        format!("<w:tbl><w:tr><w:trPr><w:tblHeader/></w:trPr>{}{}{}</w:tr><w:tr>{}{}{}</w:tr><w:tr>{}{}{}</w:tr></w:tbl>",
            cell("Room"), cell("Day"), cell("Note"),
            merged(" w:val=\"restart\"", "Blue"), cell("Mon"), cell("quiet"),
            merged("", ""), cell("Tue"), cell("loud")),
    ].concat();
    let doc = read("a.docx", &word(&body));
    assert_eq!(
        outline(&doc),
        [
            "# Preise",
            "# Zeiten & Orte",
            // The table below it keeps this question a heading.
            "## What about parking?",
            "It is free.",
            "Only on weekdays.",
            "- one two",
            "Around",
            "In a box",
            "[] Room|Day|Note :: Blue|Mon|quiet / Blue|Tue|loud",
        ]
    );
}

#[test]
fn prices_of_a_workbook_read_as_on_the_screen_and_hidden_sheets_stay_hidden() {
    let doc = read("prices.xlsx", &sample("prices.xlsx"));
    let found = tables(&doc);
    assert_eq!(outline(&doc)[0], "# Products");
    assert_eq!(
        found[0].0.as_deref(),
        Some("Tolbos Plumbing & Hardware: counter prices from 1 March 2026, VAT included")
    );
    assert_eq!(found[0].1, ["Item", "Size / unit", "Price (R)", "Stock note"]);
    assert_eq!(found[0].2[0], ["Electric geyser", "100 litre", "R 6,849.00", "In stock, Diep River"]);
    assert_eq!(found[0].2.len(), 40);
    assert_eq!(found[1].1, ["Service", "Usual time on site", "Price", "Call-out fee"]);
    assert_eq!(found[1].2.len(), 15);

    let doc = read("merged-header.xlsx", &fixture("merged-header.xlsx"));
    let found = tables(&doc);
    assert_eq!(found[0].0.as_deref(), Some("Lakeside Boat Hire"));
    assert_eq!(
        found[0].1,
        [
            "Boat",
            "Low season, Half day",
            "Low season, Full day",
            "High season, Half day",
            "High season, Full day",
            "Seats"
        ]
    );
    assert_eq!(found[0].2[3], ["Sailing dinghy", "on request", "on request", "on request", "on request", "3"]);
    assert_eq!(found[0].2[5][0], "Canoe", "a merged cell counts for all its rows");
    let text = show(&doc);
    assert!(!text.contains("Hidden") && !text.contains("9999"), "{text}");
    let dates = found.last().unwrap();
    assert_eq!(dates.1, ["Event", "Date", "Time", "Discount"]);
    assert_eq!(dates.2[0], ["Season starts", "2026-04-17", "9:30:00", "15%"]);
}

#[test]
fn tables_saved_as_text_or_by_other_programs_are_read() {
    let doc = read("latin1.csv", &fixture("latin1.csv"));
    let found = tables(&doc);
    assert_eq!(found[0].1, ["Artikel", "Größe", "Preis (EUR)", "Bemerkung"]);
    assert_eq!(found[0].2.len(), 6);
    assert_eq!(found[0].2[1][3], "zwei Tage vorher bestellen; auch halb");
    assert_eq!(doc.language.as_deref(), Some("de"));
    let content = "<o:document-content xmlns:o=\"o\" xmlns:t=\"t\" xmlns:x=\"x\" xmlns:style=\"s\">\
        <style:style style:name=\"ta2\"><style:table-properties t:display=\"false\"/></style:style>\
        <t:table t:name=\"Hire\"><t:table-row><t:table-cell><x:p>Tool</x:p></t:table-cell><t:table-cell><x:p>Price</x:p></t:table-cell></t:table-row>\
        <t:table-row><t:table-cell><x:p>Drill</x:p></t:table-cell><t:table-cell><x:p>€ 12.50</x:p></t:table-cell></t:table-row>\
        <t:table-row><t:table-cell><x:p>Saw</x:p></t:table-cell><t:table-cell><x:p>€ 9.00</x:p></t:table-cell></t:table-row>\
        <t:table-row t:number-rows-repeated=\"1048000\"><t:table-cell t:number-columns-repeated=\"16384\"/></t:table-row></t:table>\
        <t:table t:name=\"Secret\" t:style-name=\"ta2\"><t:table-row><t:table-cell><x:p>HIDDEN</x:p></t:table-cell></t:table-row></t:table></o:document-content>";
    let ods = packed(&[("mimetype", "application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", content)]);
    assert_eq!(outline(&read("a.ods", &ods)), ["# Hire", "[] Tool|Price :: Drill|€ 12.50 / Saw|€ 9.00"]);
    let far = packed(&[
        ("xl/workbook.xml", "<workbook xmlns:r=\"r\"><sheets><sheet name=\"S\" r:id=\"a\"/></sheets></workbook>"),
        (
            "xl/_rels/workbook.xml.rels",
            "<Relationships><Relationship Id=\"a\" Type=\"x/worksheet\" Target=\"s.xml\"/></Relationships>",
        ),
        (
            "xl/s.xml",
            "<worksheet><sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row r=\"1048576\"><c r=\"XFD1048576\"><v>2</v></c><c r=\"B1048576\" t=\"inlineStr\"><is><t>far</t></is></c></row></sheetData></worksheet>",
        ),
    ]);
    assert!(show(&read("far.xlsx", &far)).contains("far"), "cells far apart do not fill the memory");
}

#[test]
fn slides_keep_titles_bullets_tables_and_notes() {
    let doc = read("slides.pptx", &fixture("slides.pptx"));
    assert_eq!(doc.pages, 5);
    let text = show(&doc);
    assert!(text.lines().any(|l| l.starts_with("## ")), "{text}");
    assert!(text.lines().any(|l| l.starts_with("- ")), "{text}");
    assert!(!tables(&doc).is_empty(), "{text}");
    assert!(doc.blocks.iter().all(|b| b.page.is_some()));
}

#[test]
fn a_web_page_gives_its_content_and_nothing_around_it() {
    let doc = read("page-with-script.html", &fixture("page-with-script.html"));
    let text = show(&doc);
    assert!(
        !text.contains("MUST-NOT-APPEAR") && !text.contains("WRITTEN-BY-SCRIPT") && !text.contains("nor this"),
        "{text}"
    );
    assert!(!text.contains("Home") && !text.contains("©"), "{text}");
    assert_eq!(doc.title, "Cedar Cycle Repairs – Prices");
    assert_eq!(
        outline(&doc)[..5],
        [
            "# Repair prices",
            "A puncture costs £14, a full service £79. Collect after 3 days.",
            "- Brake pads fitted: £22",
            "- disc brakes: £31",
            "- Wheel trued: £18"
        ]
        .map(String::from)
    );
    assert!(text.contains("[] Job|Time :: Chain & cassette|90 minutes / Bottom bracket|2 hours"), "{text}");

    let doc = read("opening-hours.html", &sample("opening-hours.html"));
    let text = show(&doc);
    for gone in ["Skip to", "Tool hire", "Newsletter", "cookies", "All rights", "Home"] {
        assert!(!text.contains(gone), "{gone}\n{text}");
    }
    assert!(text.contains("[Main shop hours] Day|Opens|Closes :: Monday to Thursday|07:45|17:30"), "{text}");
    assert!(text.contains("Sunday|Closed|Closed"));
    assert!(text.contains("## Public holidays and other closed days"));
}

#[test]
fn pages_of_many_makes_are_read() {
    for (html, expected) in [
        (
            "<dl><dt>Open</dt><dd>9 to 5</dd><dt>Do you ship?</dt><dd>Yes.</dd></dl>",
            "- Open: 9 to 5\nQ Do you ship? A Yes.",
        ),
        ("<details><summary>Is it far?</summary><p>No.</p></details>", "Q Is it far? A No."),
        ("<p><b>Fees</b></p><p>They are low.</p>", "## Fees\nThey are low."),
        (
            "<table><tr><td rowspan=2>A</td><td>1 day</td></tr><tr><td>2 days</td></tr></table>",
            "[]  :: A|1 day / A|2 days",
        ),
        ("<table><tr><td><h2>Layout</h2><p>Text in a frame.</p></td></tr></table>", "## Layout\nText in a frame."),
        (
            "<p>Write <a href='mailto:a@b.example?subject=x'>to us</a> or call <a href=tel:+27215550100>021 555 0100</a></p>",
            "Write to us (a@b.example) or call 021 555 0100",
        ),
        (
            "<div class=menu><h2>Menu</h2><p>Soup of the day for 45 rand</p></div>",
            "## Menu\nSoup of the day for 45 rand",
        ),
        ("<div>One<div>Two</div>Three</div>", "One\nTwo\nThree"),
        ("<ul><li><p>a</p></li><li>b<ol><li>c</ol></ul>", "- a\n- b\n- c"),
    ] {
        assert_eq!(show(&read("a.html", format!("<html><body>{html}</body></html>").as_bytes())), expected, "{html}");
    }
    let deep = format!("<html><body>{}bottom of it{}", "<div>".repeat(5_000), "</div>".repeat(5_000));
    assert!(show(&read("deep.html", deep.as_bytes())).contains("bottom of it"));
}

#[test]
fn markdown_and_plain_text_keep_their_shape() {
    let doc = read("delivery-areas.md", &sample("delivery-areas.md"));
    let found = tables(&doc);
    assert_eq!(doc.title, "Delivery from Tolbos Plumbing & Hardware");
    assert_eq!(found[0].1, ["Suburb", "Fee per delivery", "Delivery days"]);
    assert_eq!(found[0].2.len(), 16);
    let doc = read("a.md", b"---\ntitle: x\n---\n# T\n\n**Can I?**\n\nYes *you* [can](http://x.example).\n\n- a\n  - b\n\n<p>html <b>too</b></p>\n\n![pic](x.png)\n");
    assert_eq!(outline(&doc), ["# T", "Q Can I? A Yes you can.\n- a\n- b\nhtml too"]);

    let doc = read("arabic.txt", &fixture("arabic.txt"));
    assert_eq!(doc.language.as_deref(), Some("ar"));
    assert_eq!(doc.title, "مخبز الزيتونة");
    assert_eq!(outline(&doc).iter().filter(|l| l.starts_with("## ")).count(), 3, "{}", show(&doc));
    let text = "Price list\n\nWe sell many things that are made in the town and around it, and we deliver\nthem every day to the houses of our customers with-\nout any fee.\n\nTap        R 10\nPipe       R 20\nHose       R 30\n\n* one\n* two\n  goes on\n";
    assert_eq!(
        outline(&read("a.txt", text.as_bytes())),
        [
            "# Price list",
            "We sell many things that are made in the town and around it, and we deliver them every day to the houses of our customers without any fee.",
            "[]  :: Tap|R 10 / Pipe|R 20 / Hose|R 30",
            "- one",
            "- two goes on",
        ]
    );
}

#[test]
fn a_pdf_that_draws_itself_or_is_its_own_parent_is_survived() {
    let pdf = |objects: &[&str]| {
        let mut out = b"%PDF-1.4\n".to_vec();
        let mut places = Vec::new();
        for (n, object) in (1..).zip(objects) {
            places.push(out.len());
            out.extend(format!("{n} 0 obj\n{object}\nendobj\n").bytes());
        }
        let start = out.len();
        out.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
        for place in places {
            out.extend(format!("{place:010} 00000 n \n").bytes());
        }
        out.extend(format!("trailer\n<</Size {}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF", objects.len() + 1).bytes());
        out
    };
    let stream = |dict: &str, text: &str| format!("<<{dict}/Length {}>>\nstream\n{text}\nendstream", text.len());
    let font = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>";
    let draw = stream("", "BT /F 12 Tf 72 700 Td (The shop is open every day until six.) Tj ET /X Do");
    let form = stream("/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 6 0 R>>>>", "/X Do /X Do");
    let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 5 0 R/Resources<</Font<</F 4 0 R>>/XObject<</X 6 0 R>>>>>>";
    let tree = "<</Type/Pages/Kids[3 0 R]/Count 1>>";
    let doc = read("loop.pdf", &pdf(&["<</Type/Catalog/Pages 2 0 R>>", tree, page, font, &draw, &form]));
    assert_eq!(outline(&doc), ["The shop is open every day until six."]);
    let orphan = page.replace("/MediaBox[0 0 600 800]", "");
    let tree = "<</Type/Pages/Kids[3 0 R]/Count 1/Parent 2 0 R>>";
    let bad = pdf(&["<</Type/Catalog/Pages 2 0 R>>", tree, &orphan, font, &draw, &form]);
    assert!(refuse("parent.pdf", &bad).message.contains("damaged"));
}

const SEEDS: &[&str] = &[
    "two-columns.pdf",
    "scanned.pdf",
    "nested-table.docx",
    "merged-header.xlsx",
    "slides.pptx",
    "page-with-script.html",
    "latin1.csv",
    "arabic.txt",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_a_parser_panic(
        magic in prop::sample::select(vec![&b""[..], b"%PDF-1.7\n", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"<html>", b"# a\n\n", b"a,b\n"]),
        bytes in prop::collection::vec(any::<u8>(), 0..600),
        name in prop::sample::select(vec!["a.pdf", "a.docx", "a.xlsx", "a.xls", "a.pptx", "a.ods", "a.html", "a.md", "a.csv", "a.txt", "a"]),
    ) {
        let bytes = [magic, &bytes].concat();
        let _ = parse(File { name, bytes: &bytes, mime: None });
    }

    #[test]
    fn no_damage_to_a_good_file_makes_a_parser_panic(
        name in prop::sample::select(SEEDS.to_vec()),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        cut in any::<prop::sample::Index>(),
        cuts in any::<bool>(),
    ) {
        let mut bytes = fixture(name);
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if cuts {
            bytes.truncate(cut.index(bytes.len()) + 1);
        }
        let _ = parse(File { name, bytes: &bytes, mime: None });
    }

    #[test]
    fn nor_does_damage_inside_of_a_packed_file(
        xml in "(<w:(p|r|t|tbl|tr|tc|del|sdt|txbxContent|vMerge|gridSpan)( w:val=\"[0-9a-z]{0,4}\")?/?>|</w:(p|r|t|tbl|tr|tc)>|[a-z?. ]{0,6}){0,40}",
        sheet in "(<(row|c|v|mergeCell|col|is|t)( (r|ref|s|t|min|max|hidden)=\"[A-Z0-9:sb]{0,9}\"){0,2}/?>|</(row|c|v)>|[0-9.]{0,4}){0,40}",
    ) {
        let _ = parse(File { name: "a.docx", bytes: &word(&xml), mime: None });
        let book = packed(&[
            ("xl/workbook.xml", "<workbook xmlns:r=\"r\"><sheets><sheet name=\"S\" r:id=\"a\"/></sheets></workbook>"),
            ("xl/_rels/workbook.xml.rels", "<R><Relationship Id=\"a\" Type=\"x/worksheet\" Target=\"s.xml\"/></R>"),
            ("xl/s.xml", &format!("<worksheet>{sheet}</worksheet>")),
        ]);
        let _ = parse(File { name: "a.xlsx", bytes: &book, mime: None });
    }

    #[test]
    fn any_text_is_read_in_every_textual_kind(text in "(\n|\t|  |- |# |\\*\\*|\\||<(p|table|tr|td|li|h1|dl|dt|details)( rowspan=\"9\")?>|[a-zA-Z?.]{0,8}){0,60}") {
        for name in ["a.txt", "a.md", "a.html", "a.csv"] {
            let _ = parse(File { name, bytes: text.as_bytes(), mime: None });
        }
    }
}

/// A panic inside is caught and told as a damaged file, so the parsers of our own are asked directly too.
mod unguarded {
    use super::*;

    proptest! {
        #[test]
        fn our_own_parsers_do_not_panic(text in "(\n|\t|  |[-#*|=:•]|<(p|table|tr|td|li|h1|dl|dt|details|b|a)( colspan=\"3\")?>|&[a-z]{1,4};|\\PC{0,6}){0,60}") {
            let _ = plain::read(&text).finish();
            let _ = markdown::read(&text).finish();
            let _ = html::read(&text).finish();
            let _ = delimited::read(&text).map(draft::Draft::finish);
            let _ = xml::tree(&text);
        }
    }
}
