//! What a person would miss if passages were cut badly.

use super::*;

fn block(kind: BlockKind) -> Block {
    Block { page: Some(1), kind }
}

fn head(level: u8, text: &str) -> Block {
    block(BlockKind::Heading { level, text: text.into() })
}

fn para(text: &str) -> Block {
    block(BlockKind::Paragraph { text: text.into() })
}

fn prose(sentences: usize) -> String {
    (0..sentences).map(|i| format!("Sentence number {i} has exactly eight words here.")).collect::<Vec<_>>().join(" ")
}

fn doc(blocks: Vec<Block>) -> Document {
    Document { title: String::new(), language: Some("en".into()), pages: 1, blocks }
}

#[test]
fn long_text_becomes_passages_of_a_good_size_that_end_with_sentences() {
    let cut = passages(&doc(vec![head(1, "Guide"), para(&prose(90)), para(&prose(5))]), "guide.pdf");
    assert!(cut.len() >= 4);
    for passage in &cut {
        let count = words(&passage.text);
        assert!((40..=260).contains(&count), "{count} words");
        assert!(passage.text.ends_with("here."), "{}", passage.text);
        assert_eq!(passage.headings, ["Guide"]);
    }
    assert_eq!(
        cut.iter().map(|p| p.ordinal).collect::<Vec<_>>(),
        (0..u32::try_from(cut.len()).unwrap()).collect::<Vec<_>>()
    );
    let all: String = cut.iter().flat_map(|p| p.text.split_whitespace()).collect();
    let whole: String = format!("{} {}", prose(90), prose(5)).split_whitespace().collect();
    assert_eq!(all, whole, "nothing is lost or doubled");
}

#[test]
fn sections_keep_their_headings_and_only_tiny_siblings_share_a_passage() {
    let blocks = vec![
        head(1, "Shop"),
        head(2, "Hours"),
        para("Open from 9 to 5."),
        head(2, "Parking"),
        para("Behind the shop."),
        head(2, "History"),
        para(&prose(10)),
        head(3, "Founder"),
        para(&prose(10)),
    ];
    let cut = passages(&doc(blocks), "");
    let shown: Vec<(Vec<String>, bool)> =
        cut.iter().map(|p| (p.headings.clone(), p.text.contains("Parking\nBehind the shop."))).collect();
    assert_eq!(shown.len(), 3, "{shown:?}");
    assert_eq!(shown[0], (vec!["Shop".to_string()], true));
    assert_eq!(shown[1].0, ["Shop", "History"]);
    assert_eq!(shown[2].0, ["Shop", "History", "Founder"]);
}

#[test]
fn each_question_is_a_passage_of_its_own() {
    let pair = |q: &str| block(BlockKind::Pair { question: q.into(), answer: "Yes.".into() });
    let cut = passages(&doc(vec![head(1, "FAQ"), pair("One?"), pair("Two?")]), "");
    assert_eq!(
        cut.iter().map(|p| (p.kind, p.text.as_str())).collect::<Vec<_>>(),
        [(PassageKind::Pair, "One?\nYes."), (PassageKind::Pair, "Two?\nYes.")]
    );
}

#[test]
fn tables_stay_whole_or_are_parted_with_their_header() {
    let table = |rows: usize| {
        block(BlockKind::Table {
            caption: Some("Prices".into()),
            header: vec!["Item".into(), "Price".into()],
            rows: (0..rows).map(|i| vec![format!("Thing {i}"), format!("R {i}")]).collect(),
        })
    };
    let cut = passages(&doc(vec![para("All prices include VAT."), table(12)]), "prices.xlsx");
    assert_eq!(cut.len(), 1);
    assert!(cut[0].text.starts_with("All prices include VAT.\nPrices\nItem: Thing 0; Price: R 0\n"), "{}", cut[0].text);
    assert_eq!(cut[0].headings, ["prices.xlsx"], "the source's name where there is no heading");
    let cut = passages(&doc(vec![table(40)]), "");
    assert_eq!(cut.len(), 5);
    for passage in &cut {
        assert_eq!(passage.kind, PassageKind::Table);
        assert!(passage.text.starts_with("Prices\nItem: Thing "));
        assert!(
            matches!(&passage.blocks[0].kind, BlockKind::Table { header, rows, .. } if header.len() == 2 && rows.len() == 8)
        );
    }
}

#[test]
fn an_unchanged_passage_keeps_its_hash_and_a_moved_one_does_not() {
    let one = passages(&doc(vec![head(1, "A"), para("Same text.")]), "");
    let two = passages(&doc(vec![head(1, "B"), para("New."), head(1, "A"), para("Same text.")]), "");
    assert_eq!(one[0].hash.len(), 64);
    assert!(!two.iter().any(|p| p.hash == one[0].hash) || two.len() > 1);
    assert_eq!(one[0].hash, passages(&doc(vec![head(1, "A"), para("Same text.")]), "x")[0].hash);
    assert_ne!(hash(&["ab".into()], "c"), hash(&["a".into()], "bc"));
}

#[test]
fn a_wall_of_letters_is_still_cut() {
    let cut = passages(&doc(vec![para(&"x".repeat(20_000)), para(&"word ".repeat(3000))]), "");
    assert!(cut.len() > 5);
    assert!(cut.iter().all(|p| p.text.len() < 10_000));
}

proptest::proptest! {
    #[test]
    fn no_document_makes_it_panic(texts in proptest::collection::vec((0_u8..5, ".{0,80}", 0_u8..8), 0..20)) {
        let blocks = texts
            .into_iter()
            .map(|(kind, text, level)| {
                block(match kind {
                    0 => BlockKind::Heading { level, text },
                    1 => BlockKind::Paragraph { text },
                    2 => BlockKind::ListItem { text },
                    3 => BlockKind::Pair { question: text.clone(), answer: text },
                    _ => BlockKind::Table { caption: None, header: vec![text.clone()], rows: vec![vec![text.clone(), text]; usize::from(level)] },
                })
            })
            .collect();
        let _ = passages(&doc(blocks), "t");
    }
}
