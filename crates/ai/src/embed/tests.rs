//! The installed models against recorded results of other programs, and against each other's meaning.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use super::{Calibration, E5, Embedder, MiniLm};

/// Where the test command installs the models.
fn folder(id: &str) -> PathBuf {
    crate::models::development_folder().join(id)
}

fn e5() -> &'static E5 {
    static MODEL: OnceLock<E5> = OnceLock::new();
    MODEL.get_or_init(|| {
        E5::open(&folder(super::E5_ID).join("e5-small-q4.bin"))
            .unwrap_or_else(|e| panic!("{e:?} (the test command installs it: cargo xtask models)"))
    })
}

fn minilm() -> &'static MiniLm {
    static MODEL: OnceLock<MiniLm> = OnceLock::new();
    MODEL.get_or_init(|| {
        MiniLm::open(&folder(super::MINILM_ID))
            .unwrap_or_else(|e| panic!("{e:?} (the test command installs it: cargo xtask models)"))
    })
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f32>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

/// `fixtures/e5.tsv` was written by the engine that the weights' package ships (kind, text, tokens, vector in bytes).
#[test]
fn tokens_and_vectors_of_thirty_scripts_agree_with_the_packages_own_engine() {
    let (mut worst, mut checked) = (1f32, 0);
    for line in include_str!("fixtures/e5.tsv").lines() {
        let [kind, text, ids, vector] = line.split('\t').collect::<Vec<_>>().try_into().unwrap();
        let prefix = if kind == "q" { "query: " } else { "passage: " };
        let ids: Vec<u32> = ids.split(' ').map(|n| n.parse().unwrap()).collect();
        assert_eq!(e5().vocabulary_ids(prefix, text), ids, "{text}");
        let want: Vec<f32> = hex::decode(vector).unwrap().into_iter().map(|b| f32::from(b as i8)).collect();
        let got =
            if kind == "q" { e5().embed_query(text) } else { e5().embed_passages(&[text]).map(|mut v| v.remove(0)) };
        let cosine = cosine(&got.unwrap(), &want);
        assert!(cosine >= 0.99, "{text}: {cosine}");
        worst = worst.min(cosine);
        checked += 1;
    }
    println!("{checked} texts, lowest cosine {worst}");
    assert!(checked >= 30);
}

#[test]
fn a_text_has_the_same_vector_alone_and_in_a_batch() {
    let long = "The warranty covers faults for two years. ".repeat(60);
    let texts = ["short", "Der Laden ist sonntags geschlossen.", &long, "", "最後のテキスト"];
    for model in [e5() as &dyn Embedder, minilm()] {
        let together = model.embed_passages(&texts).unwrap();
        for (text, vector) in texts.iter().zip(&together) {
            assert_eq!(vector.len(), model.dimensions());
            let alone = model.embed_passages(&[text]).unwrap();
            assert!(cosine(&alone[0], vector) > 0.99999, "{}: {text}", model.id());
            assert!((vector.iter().map(|v| v * v).sum::<f32>() - 1.0).abs() < 1e-4);
        }
    }
}

const ANSWERS: [&str; 6] = [
    "Our shop in Málaga is open Monday to Saturday from 9:00 to 20:30; on Sundays we are closed.",
    "Orders above 50 EUR ship free within Spain. Delivery takes two to three working days.",
    "You can return an article within 30 days if it is unused and in its original box.",
    "We take Visa, Mastercard and Bizum; we do not take cash on delivery.",
    "A haircut costs 18 EUR for adults and 12 EUR for children under ten.",
    "Dogs are welcome on the terrace but not inside of the restaurant.",
];

#[test]
fn calibration_tells_answers_from_the_rest() {
    let english = [
        ("Are you open on Sunday?", Some(0)),
        ("How long does shipping take?", Some(1)),
        ("Can I send a product back?", Some(2)),
        ("Is it possible to pay by credit card?", Some(3)),
        ("What is the price of a haircut for my son?", Some(4)),
        ("May I bring my dog?", Some(5)),
        ("Who won the football world cup in 1998?", None),
        ("Write a poem about quantum physics", None),
    ];
    let others = [
        ("¿Abrís los domingos?", Some(0)),
        ("Wie lange dauert der Versand?", Some(1)),
        ("Posso devolver um artigo?", Some(2)),
        ("क्या मैं कार्ड से भुगतान कर सकता हूँ?", Some(3)),
        ("كم سعر قص الشعر للأطفال؟", Some(4)),
        ("Boleh bawa anjing?", Some(5)),
        ("¿Cuál es la capital de Mongolia?", None),
    ];
    for (model, questions) in [
        (e5() as &dyn Embedder, english.iter().chain(&others).collect::<Vec<_>>()),
        (minilm(), english.iter().collect()),
    ] {
        let passages = model.embed_passages(&ANSWERS).unwrap();
        let Calibration { unrelated, related, sure } = model.calibration();
        let (mut right, mut wrong) = (Vec::new(), Vec::new());
        for (question, answer) in questions {
            let query = model.embed_query(question).unwrap();
            let scores: Vec<f32> = passages.iter().map(|p| cosine(&query, p)).collect();
            let best = (0..scores.len()).max_by(|a, b| scores[*a].total_cmp(&scores[*b])).unwrap();
            println!("{} {question} -> {best} {scores:.3?}", model.id());
            match answer {
                Some(answer) => {
                    assert_eq!(best, *answer, "{}: {question}", model.id());
                    right.push(scores[best]);
                }
                None => wrong.push(scores[best]),
            }
        }
        right.sort_by(f32::total_cmp);
        let middle = right[right.len() / 2];
        assert!(right[0] >= related, "{}: an answer scored only {}", model.id(), right[0]);
        assert!(wrong.iter().all(|w| *w < related), "{}: nonsense scored {wrong:?}", model.id());
        assert!(unrelated < related && related < sure && middle > (related + unrelated) / 2.0, "{middle}");
    }
}

#[test]
fn long_documents_are_counted_in_full_and_embedded_within_limits() {
    let text = "word ".repeat(3000);
    for model in [e5() as &dyn Embedder, minilm()] {
        let count = model.count_tokens(&text);
        assert!((2900..=3200).contains(&count), "{}: {count}", model.id());
        assert!(model.embed_passages(&[&text]).is_ok());
        assert!(model.memory_bytes() < 64 << 20, "{} holds {} bytes", model.id(), model.memory_bytes());
    }
}

#[tokio::test]
async fn the_handle_loads_the_real_model_and_answers() {
    let open = || Ok(Arc::new(E5::open(&folder(super::E5_ID).join("e5-small-q4.bin"))?) as Arc<dyn Embedder>);
    let handle = super::EmbedderHandle::with(super::E5_ID, std::time::Duration::from_secs(60), || true, open);
    let query = handle.embed_query("opening hours".into()).await.unwrap();
    let passages = handle.embed_passages(ANSWERS.iter().map(|s| (*s).to_owned()).collect()).await.unwrap();
    assert!(cosine(&query, &passages[0]) > cosine(&query, &passages[3]));
}
