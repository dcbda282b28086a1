//! Finds what a text is about: by meaning with the search model on this computer, by shared words without.

use std::collections::BTreeSet;
use std::sync::Arc;

use base::{Error, Result};
use flow::{Class, Outcome};

use crate::workspace::Workspace;

/// Examples looked at in all; further ones of a class are left out evenly.
const MAX_EXAMPLES: usize = 400;
const MAX_CHARS: usize = 500;
/// How far apart cosines must be to matter: the smaller, the surer of small differences.
const TEMPERATURE: f32 = 0.055;
/// What stands for everything else needs to be nearer than a class by this.
const OTHERS_BEHIND: f32 = 0.06;

/// What customers write about anything at all. What is nearer to these than to any class is none of them; and their mean
/// with that of the examples is taken off every vector, for vectors of texts all lie in one narrow cone.
const ANYTHING: [&str; 30] = [
    "What is the weather like tomorrow?",
    "Can you recommend a good film?",
    "I saw your sign on the road.",
    "My cousin told me about you.",
    "Who won the match yesterday?",
    "The capital of France is Paris.",
    "ok",
    "Let me think about it.",
    "I am on the bus right now.",
    "Are you a real person?",
    "blah blah",
    "Do you sell fishing rods?",
    "How much is a wedding cake?",
    "What is your phone number?",
    "Where is the nearest bus stop?",
    "Was kostet ein neuer Drucker?",
    "¿Venden bicicletas?",
    "Ich war gestern im Kino.",
    "Das Wetter ist heute schön.",
    "Wer bist du?",
    "¿Quién ganó el partido?",
    "Hoy hace mucho calor.",
    "Quel temps fait-il à Paris ?",
    "Je suis dans le train.",
    "Quem é você?",
    "Ontem fui ao cinema.",
    "Che tempo fa domani?",
    "Я сейчас в автобусе.",
    "今天天气怎么样？",
    "أنا في الطريق الآن",
];

/// Which class a text belongs to, and how sure that is.
pub(super) async fn classify(ws: &Arc<Workspace>, text: &str, classes: &[Class], least: f64) -> Result<Outcome> {
    let text: String = text.trim().chars().take(MAX_CHARS).collect();
    let classes = trimmed(classes);
    if text.is_empty() || classes.is_empty() {
        return Ok(Outcome::Classified { label: None, confidence: 0.0 });
    }
    let found = match (same(&text, &classes), ws.knowledge.embedder()) {
        (Some(class), _) => (class, 1.0),
        (None, Some(embedder)) => {
            let mut texts = vec![text.clone()];
            texts.extend(classes.iter().flat_map(|c| c.examples.iter().cloned()));
            texts.extend(ANYTHING.map(str::to_owned));
            match embedder.embed_queries(texts).await.and_then(|vectors| by_meaning(vectors, &classes)) {
                Ok(found) => found,
                Err(e) => {
                    tracing::warn!(error = ?e, "looking for a topic by words only");
                    by_words(&text, &classes)
                }
            }
        }
        (None, None) => by_words(&text, &classes),
    };
    let (class, confidence) = found;
    let label = classes.get(class).filter(|_| confidence >= least).map(|c| c.id.clone());
    Ok(Outcome::Classified { label, confidence })
}

/// The classes with as many examples as are looked at. One without examples is known by its name.
fn trimmed(classes: &[Class]) -> Vec<Class> {
    let most = (MAX_EXAMPLES / classes.len().max(1)).max(1);
    let of = |class: &Class| {
        let examples = class.examples.iter().map(|e| e.trim()).filter(|e| !e.is_empty());
        let mut examples: Vec<String> = examples.take(most).map(|e| e.chars().take(MAX_CHARS).collect()).collect();
        if examples.is_empty() {
            examples.push(class.id.replace(['_', '-'], " "));
        }
        Class { id: class.id.clone(), examples }
    };
    classes.iter().take(MAX_EXAMPLES).map(of).collect()
}

/// The class that has the very text as an example.
fn same(text: &str, classes: &[Class]) -> Option<usize> {
    let folded = flow::fold(text);
    let is_same = |example: &String| flow::fold(example) == folded;
    (!folded.is_empty()).then(|| classes.iter().position(|c| c.examples.iter().any(is_same))).flatten()
}

/// `vectors` are of the text, of all examples in their order, and of everything else.
fn by_meaning(mut vectors: Vec<Vec<f32>>, classes: &[Class]) -> Result<(usize, f64)> {
    let wrong = || Error::internal("the embedder gave other vectors than were asked for");
    let examples: usize = classes.iter().map(|c| c.examples.len()).sum();
    let width = vectors.first().map_or(0, Vec::len);
    if width == 0 || vectors.len() != 1 + examples + ANYTHING.len() || vectors.iter().any(|v| v.len() != width) {
        return Err(wrong());
    }
    take_mean_off(&mut vectors);
    let (text, rest) = vectors.split_first().ok_or_else(wrong)?;
    let (of_classes, others) = rest.split_at(examples);
    let mut at = 0;
    let mut near = Vec::with_capacity(classes.len() + 1);
    for class in classes {
        let until = at + class.examples.len();
        near.push(nearness(text, &of_classes[at..until]));
        at = until;
    }
    let other = nearness(text, others) - OTHERS_BEHIND;
    let best = (0..near.len()).max_by(|a, b| near[*a].total_cmp(&near[*b])).unwrap_or_default();
    let share = |n: f32| f64::from((n - near[best]) / TEMPERATURE).exp();
    let all: f64 = near.iter().chain([&other]).map(|n| share(*n)).sum();
    Ok((best, (1.0 / all).clamp(0.0, 1.0)))
}

/// How near a text is to a class: mostly by the nearest example, a little by the second.
fn nearness(text: &[f32], examples: &[Vec<f32>]) -> f32 {
    let mut cosines: Vec<f32> = examples.iter().map(|e| text.iter().zip(e).map(|(a, b)| a * b).sum()).collect();
    cosines.sort_by(|a, b| b.total_cmp(a));
    match cosines[..] {
        [] => -1.0,
        [only] => only,
        [first, second, ..] => first * 0.75 + second * 0.25,
    }
}

fn take_mean_off(vectors: &mut [Vec<f32>]) {
    // Without the text itself, so that it does not move the ground it is measured on.
    let known = &vectors[1..];
    let count = known.len().max(1) as f32;
    let mut mean = vec![0.0; vectors[0].len()];
    known.iter().for_each(|v| mean.iter_mut().zip(v).for_each(|(m, x)| *m += x / count));
    for vector in vectors {
        vector.iter_mut().zip(&mean).for_each(|(x, m)| *x -= m);
        let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt().max(f32::EPSILON);
        vector.iter_mut().for_each(|x| *x /= length);
    }
}

/// By shared words; a word that several classes have says less.
fn by_words(text: &str, classes: &[Class]) -> (usize, f64) {
    let words = |text: &str| -> BTreeSet<String> {
        flow::fold(text).split(' ').filter(|w| !w.is_empty()).map(str::to_owned).collect()
    };
    let each: Vec<Vec<BTreeSet<String>>> =
        classes.iter().map(|c| c.examples.iter().map(|e| words(e)).collect()).collect();
    let weight = |word: &String| {
        let known = each.iter().filter(|examples| examples.iter().any(|e| e.contains(word))).count();
        let long = if word.chars().count() < 4 { 0.3 } else { 1.0 };
        long / known.max(1) as f64
    };
    let sum = |words: &BTreeSet<String>| words.iter().map(weight).sum::<f64>();
    let text = words(text);
    let total = sum(&text);
    let near = |examples: &[BTreeSet<String>]| {
        let of = |e: &BTreeSet<String>| {
            let shared: BTreeSet<String> = e.intersection(&text).cloned().collect();
            let both = (total * sum(e)).sqrt();
            if both > 0.0 { sum(&shared) / both } else { 0.0 }
        };
        examples.iter().map(of).fold(0.0, f64::max)
    };
    let scores: Vec<f64> = each.iter().map(|examples| near(examples)).collect();
    let best = (0..scores.len()).max_by(|a, b| scores[*a].total_cmp(&scores[*b])).unwrap_or_default();
    let second = scores.iter().enumerate().filter(|(i, _)| *i != best).map(|(_, s)| *s).fold(0.0, f64::max);
    let top = scores.get(best).copied().unwrap_or_default();
    // Nearly a tie is no decision.
    let margin = if top > 0.0 { 1.0 - 0.5 * (second / top) } else { 0.0 };
    (best, (top * margin).clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes() -> Vec<Class> {
        let class = |id: &str, examples: &[&str]| Class {
            id: id.into(),
            examples: examples.iter().map(|e| (*e).to_owned()).collect(),
        };
        vec![
            class(
                "order",
                &[
                    "Where is my order?",
                    "Has my package been sent?",
                    "When will my delivery arrive?",
                    "I have not received my parcel",
                    "Track my order",
                ],
            ),
            class(
                "complaint",
                &[
                    "It is broken",
                    "I am very unhappy with the repair",
                    "This does not work any more",
                    "I want my money back",
                    "The product arrived damaged",
                ],
            ),
            class(
                "appointment",
                &[
                    "Can I book an appointment?",
                    "I would like to come on Friday",
                    "Do you have time tomorrow?",
                    "I need to move my booking",
                    "Is there a slot next week?",
                ],
            ),
        ]
    }

    #[test]
    fn without_a_model_shared_words_decide_and_strangers_belong_nowhere() {
        for (text, class, at_least, at_most) in [
            ("where is my parcel, I have not received it", "order", 0.45, 1.0),
            ("can i book for friday?", "appointment", 0.35, 1.0),
            ("my kettle is broken again", "complaint", 0.25, 1.0),
            ("the moon is made of cheese", "", 0.0, 0.3),
            ("zzz", "", 0.0, 0.0),
        ] {
            let (best, confidence) = by_words(text, &classes());
            assert!((at_least..=at_most).contains(&confidence), "{text}: {confidence}");
            assert!(class.is_empty() || classes()[best].id == class, "{text}: {best}");
        }
        assert_eq!(same("WHERE is my order", &classes()), Some(0));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn with_the_search_model_topics_are_found_in_other_words_and_languages() {
        let folder = ai::models::development_folder().join(ai::models::DEFAULT_EMBEDDER);
        let model =
            ai::embed::EmbedderHandle::new(ai::models::DEFAULT_EMBEDDER, folder, std::time::Duration::from_secs(60));
        let classes = trimmed(&classes());
        let (mut right, mut told) = (0, Vec::new());
        let cases = [
            ("my stuff still hasn't shown up", Some(0)),
            ("the courier never came", Some(0)),
            ("¿Dónde está mi pedido?", Some(0)),
            ("Wann kommt mein Paket?", Some(0)),
            ("it stopped working after two days", Some(1)),
            ("please refund me", Some(1)),
            ("Das Gerät ist kaputt", Some(1)),
            ("je suis très mécontent", Some(1)),
            ("could somebody see me on Tuesday at 10?", Some(2)),
            ("Quiero reservar una cita", Some(2)),
            ("kann ich meinen Termin verschieben", Some(2)),
            ("are you free this weekend", Some(2)),
            ("who is the president of Brazil", None),
            ("do you sell garden chairs", None),
            ("haha nice", None),
            ("What is your bank account number?", None),
        ];
        for (text, class) in cases {
            let mut texts = vec![text.to_owned()];
            texts.extend(classes.iter().flat_map(|c| c.examples.iter().cloned()));
            texts.extend(ANYTHING.map(str::to_owned));
            let mut vectors = Vec::new();
            for text in texts {
                vectors.push(model.embed_query(text).await.unwrap().to_vec());
            }
            let (best, confidence) = by_meaning(vectors, &classes).unwrap();
            let said = (confidence >= 0.45).then_some(best);
            told.push(format!("{text}: {best} {confidence:.2}"));
            right += usize::from(said == class);
        }
        assert!(right >= 15, "only {right} of {} texts found their topic: {told:#?}", cases.len());
    }

    proptest::proptest! {
        #[test]
        fn confidence_is_always_a_share(text in "\\PC{0,40}", ids in proptest::collection::vec("[a-z_]{0,6}", 1..4)) {
            let classes: Vec<Class> = ids.into_iter().map(|id| Class { id: id.clone(), examples: vec![id] }).collect();
            let (best, confidence) = by_words(&text, &trimmed(&classes));
            proptest::prop_assert!(best < classes.len() && (0.0..=1.0).contains(&confidence));
        }

        #[test]
        fn no_vectors_make_it_panic(n in 0usize..40, width in 0usize..4, x in -1.0f32..1.0) {
            let classes = trimmed(&[Class { id: "a".into(), examples: vec!["x".into(), "y".into()] }]);
            if let Ok((_, confidence)) = by_meaning(vec![vec![x; width]; n], &classes) {
                proptest::prop_assert!((0.0..=1.0).contains(&confidence));
            }
        }
    }
}
