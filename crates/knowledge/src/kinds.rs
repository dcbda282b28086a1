//! Kinds of answers: which kind a question asks for, and which kinds a sentence or table row holds.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::index::words::fold;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Price,
    /// A time of day.
    Clock,
    /// A day of the week or a date.
    Day,
    /// How long something takes or lasts.
    Duration,
    Distance,
    Phone,
    Percent,
    /// How many.
    Count,
    Email,
    Person,
}

/// Words that ask for a price, folded. They say what kind of answer is wanted and nothing of its subject.
const PRICE_WORDS: &str = "price prices pricing priced cost costs costing charge charges charged expensive cheap \
    cuesta cuestan costar precio precios vale valen cobran cobra custa custam custar custo preco precos cobram quanto \
    combien coute coutent couter prix tarif tarifs kostet kosten preis preise costa costano prezzo prezzi hoeveel kost prijs prijzen \
    kos prys pryse berapa harga biaya tarifnya bei gharama malini yimalini kimalini कीमत दाम भाव मूल्य शुल्क किराया سعر السعر ثمن تكلفة كلفة \
    ucret fiyat fiyati цена стоит стоимость cena kosztuje koszt pris kostar";

const CLOCK_PHRASES: &[&str] = &[
    "what time",
    "wat time",
    "until when",
    "when do you open",
    "when do you close",
    "opening hours",
    "que hora",
    "que horas",
    "a que horas",
    "hora",
    "horas",
    "horario",
    "quelle heure",
    "heures",
    "uhr",
    "wann offnet",
    "offnungszeiten",
    "che ora",
    "orari",
    "hoe laat",
    "jam berapa",
    "jam buka",
    "saa ngapi",
    "ngasikhathi sini",
    "isikhathi",
    "कितने बजे",
    "बजे",
    "متي",
    "الساعة",
    "o clock",
    "watter tyd",
    "saat kacta",
];
const DAY_PHRASES: &[&str] = &[
    "which day",
    "what day",
    "which days",
    "what days",
    "que dia",
    "que dias",
    "quel jour",
    "quels jours",
    "welcher tag",
    "welchem tag",
    "welche tage",
    "watter dag",
    "welke dag",
    "hari apa",
    "che giorno",
    "what date",
];
const DURATION_PHRASES: &[&str] = &[
    "how long",
    "how offen",
    "how often",
    "how many days",
    "how many hours",
    "how many years",
    "how many months",
    "how many weeks",
    "how many minutes",
    "how much time",
    "how soon",
    "cuanto tiempo",
    "cuantos dias",
    "cuantas horas",
    "quanto tempo",
    "quantos dias",
    "quantas horas",
    "combien de temps",
    "combien de jours",
    "wie lange",
    "wie viele tage",
    "hoe lank",
    "hoe lang",
    "berapa lama",
    "quanto tempo",
    "कितने दिन",
    "कितना समय",
    "كم من الوقت",
    "كم يوم",
    "valid",
    "warranty",
    "guarantee",
];
const DISTANCE_PHRASES: &[&str] = &[
    "how far",
    "que distancia",
    "quelle distance",
    "wie weit",
    "hoe ver",
    "seberapa jauh",
    "how deep",
    "how high",
    "how wide",
];
const PHONE_PHRASES: &[&str] = &[
    "phone",
    "telephone",
    "call you",
    "phone number",
    "what number",
    "which number",
    "the number of",
    "telefono",
    "telefone",
    "numero de",
    "telefonnummer",
    "nomor telepon",
    "फोन",
    "رقم الهاتف",
    "telefoonnommer",
    "whatsapp number",
];
const PERCENT_PHRASES: &[&str] = &[
    "percent",
    "percentage",
    "per cent",
    "porcentaje",
    "porcentagem",
    "percentagem",
    "pourcentage",
    "prozent",
    "discount",
    "persen",
];
const COUNT_PHRASES: &[&str] = &[
    "how many",
    "cuantos",
    "cuantas",
    "quantos",
    "quantas",
    "combien de",
    "wie viele",
    "hoeveel",
    "berapa banyak",
    "quanti",
    "quante",
    "कितने",
    "كم عدد",
];
const EMAIL_PHRASES: &[&str] = &["email", "e mail", "mail address", "correo", "courriel"];
const PERSON_PHRASES: &[&str] = &[
    "who",
    "whose name",
    "name of",
    "quien",
    "quienes",
    "quem",
    "wer",
    "wem",
    "chi",
    "wie is",
    "siapa",
    "nani",
    "ubani",
    "कौन",
    "kim",
    "кто",
];
const PRICE_PHRASES: &[&str] = &[
    "how much",
    "how mutch",
    "what do you want for",
    "what do you ask for",
    "what would it",
    "set me back",
    "what do i pay",
    "what would you take",
    "what do you charge",
    "wie viel kostet",
    "wie teuer",
    "cuanto es",
    "cuanto sale",
    "quanto e",
    "quanto fica",
    "c est combien",
    "hoe duur",
    "wat betaal",
    "كم سعر",
    "كم يكلف",
    "بكم",
    "रुपये",
    "money",
];

/// Words that make a clause a question, in the commonest languages, folded.
const QUESTION_WORDS: &str = "what whats when where which who whom whose why how wat wot que cual cuales cuando donde quien como cuanto cuanta cuantos cuantas qual quais \
    quando onde quem quanto quanta quantos quantas quel quelle quels quelles quand ou comment combien qui was wann wo welche welcher welches wer wie wieviel \
    hoe waar wanneer watter welke berapa apa kapan dimana bagaimana gani wapi lini ngapi क्या कितना कितनी कितने कब कहाँ कैसे ما ماذا متي اين كيف كم هل";

fn table(text: &'static str) -> HashSet<&'static str> {
    text.split_whitespace().collect()
}

static PRICE: LazyLock<HashSet<&'static str>> = LazyLock::new(|| table(PRICE_WORDS));
static QUESTION: LazyLock<HashSet<&'static str>> = LazyLock::new(|| table(QUESTION_WORDS));

/// A word that only says which kind of answer is wanted.
pub(crate) fn is_kind_word(word: &str) -> bool {
    PRICE.contains(word)
}

pub(crate) fn kind_words() -> impl Iterator<Item = &'static str> {
    PRICE.iter().copied()
}

pub(crate) fn is_question_word(word: &str) -> bool {
    QUESTION.contains(word)
}

/// The kinds that folded words ask for.
pub(crate) fn asked(words: &[String]) -> HashSet<Kind> {
    let text = format!(" {} ", words.join(" "));
    let has = |phrases: &[&str]| phrases.iter().any(|p| text.contains(&format!(" {p} ")));
    let mut out = HashSet::new();
    if has(PRICE_PHRASES) || words.iter().any(|w| is_kind_word(w)) {
        out.insert(Kind::Price);
    }
    for (kind, phrases) in [
        (Kind::Clock, CLOCK_PHRASES),
        (Kind::Day, DAY_PHRASES),
        (Kind::Duration, DURATION_PHRASES),
        (Kind::Distance, DISTANCE_PHRASES),
        (Kind::Phone, PHONE_PHRASES),
        (Kind::Percent, PERCENT_PHRASES),
        (Kind::Count, COUNT_PHRASES),
        (Kind::Email, EMAIL_PHRASES),
        (Kind::Person, PERSON_PHRASES),
    ] {
        if has(phrases) {
            out.insert(kind);
        }
    }
    // "how much percent", "how much time": the more special kind is meant.
    if out.contains(&Kind::Price) && (out.contains(&Kind::Duration) && text.contains(" time ")) {
        out.remove(&Kind::Price);
    }
    out
}

#[expect(clippy::expect_used, reason = "the patterns are constants that a test compiles")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a valid pattern")
}

static MONEY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:[$€£¥₹₽₺₩₦₱฿₫₪₴₵₡]\s?\d|\b(?:r|rs|rp|rm|ksh|tsh|ush|n|zar|usd|eur|gbp|inr|aed|sar|idr|brl|mxn|kes|ngn|ghs|chf|aud|cad|nzd|egp|php|try|pln|sek|nok|dkk|jpy|cny|ars|clp|cop|pen)\.?\s?\d|\d\s?(?:[€£₹₽₺₫]|(?:zar|usd|eur|gbp|inr|euros?|rand|dollars?|pounds?|rupees?|reais|pesos?|francs?|kr|zl|kc|dh|shillings?|naira)\b))",
    )
});
static MONEY_HEADER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(price|cost|fee|rate|charge|tariff|precio|tarifa|preco|custo|valor|prix|tarif|preis|gebuhr|prezzo|costo|prijs|prys|koste|harga|biaya|cena|[$€£¥₹]|\b(?:zar|usd|eur|gbp|inr)\b|\(r\)).*:\s*[^;]*\d",
    )
});
static FREE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(free|no charge|free of charge|included|gratis|gratuito|gratuita|gratuit|gratuite|kostenlos|inbegriffen|incluido|incluso|inclus|on quotation)\b",
    )
});
static CLOCK: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)\b\d{1,2}(?:[:h.]\d{2}\b|\s?(?:am|pm|a\.m|p\.m|uhr|h)\b)|\b(?:noon|midnight|24 hours)\b")
});
static CLOSED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\b(?:closed|cerrado|fechado|ferme|geschlossen|chiuso|gesloten|gesluit|tutup)\b"));
static DATE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(january|february|march|april|june|july|august|september|october|november|december|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|janvier|fevrier|mars|avril|juin|juillet|aout|septembre|octobre|novembre|decembre|januar|februar|marz|juni|juli|oktober|dezember|janeiro|fevereiro|marco|maio|junho|julho|setembro|outubro|novembro|dezembro)\b|\b\d{1,2}[./]\d{1,2}[./](?:20)?\d{2}\b|\b20\d\d-\d\d-\d\d\b",
    )
});
static DURATION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve)[ -]?(?:to \d+ )?(?:working |business |calendar )?(min|minutes?|hours?|hrs?|days?|nights?|weeks?|months?|years?|minutos?|horas?|dias?|noches?|noites?|semanas?|mes(?:es)?|anos?|heures?|jours?|nuits?|semaines?|mois|ans?|minuten|stunden?|tagen?|nachte?|wochen?|monaten?|jahren?|ore|giorni|notti|settimane|mesi|anni|uur|dae|dagen|weke|maande|jaar|jam|hari|minggu|bulan|tahun)\b",
    )
});
static DISTANCE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\d\s?(km|kilomet|miles?|m\b|met(?:er|re)s?|metros?|cm|feet|ft|minutes?|minutos?)"));
static PHONE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?:\+\d{1,3}[ -]?)?(?:\(?\d{2,4}\)?[ -]){1,4}\d{3,4}|\b\d{9,12}\b"));
static PERCENT: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\d\s?(?:%|percent|per cent)"));
static COUNT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\d|\b(one|two|three|four|five|six|seven|eight|nine|ten|twelve)\b"));
static EMAIL: LazyLock<Regex> = LazyLock::new(|| pattern(r"[\w.+-]+@[\w-]+\.[\w.]+"));

/// How well a text holds something of a kind: 1 for the thing itself, less for what stands in its place ("free" for a
/// price, "closed" for a time), 0 for nothing.
pub(crate) fn holds(text: &str, kind: Kind) -> f32 {
    let folded = fold(text);
    let instead = |place: &Regex, value: f32| if place.is_match(&folded) { value } else { 0.0 };
    let there = match kind {
        Kind::Price if MONEY.is_match(text) || MONEY_HEADER.is_match(&folded) => return 1.0,
        Kind::Price => return instead(&FREE, 0.5),
        Kind::Clock if CLOCK.is_match(&folded) => return 1.0,
        Kind::Clock => return instead(&CLOSED, 0.2),
        Kind::Day => DATE.is_match(&folded) || !crate::days::find(text).days.is_empty(),
        Kind::Duration => DURATION.is_match(&folded),
        Kind::Distance => DISTANCE.is_match(&folded),
        Kind::Phone => PHONE.is_match(text),
        Kind::Percent => PERCENT.is_match(text),
        Kind::Count => COUNT.is_match(&folded),
        Kind::Email => EMAIL.is_match(text),
        Kind::Person => has_name(text),
    };
    f32::from(u8::from(there))
}

/// Whether a word other than the first has a capital: a person's name, perhaps.
fn has_name(text: &str) -> bool {
    text.split_whitespace().skip(1).any(|w| {
        let mut letters = w.chars().filter(|c| c.is_alphabetic());
        letters.next().is_some_and(char::is_uppercase) && letters.next().is_some_and(char::is_lowercase)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_text_holds_is_seen_in_the_usual_spellings() {
        for (kind, yes, no) in [
            (Kind::Price, "It costs R 1,150 a visit.", "It takes 3 hours."),
            (Kind::Price, "Chapim — Low season, € per night: 64,50", "Room 12 is on floor 3."),
            (Kind::Price, "Item — Price (R): 7995", "Item — Size: 22 mm"),
            (Kind::Price, "O bilhete custa 1,85 €.", "Autocarro 67"),
            (Kind::Clock, "Open from 07:45", "27 April"),
            (Kind::Duration, "valid for 21 days", "21 Long Street"),
            (Kind::Phone, "call 021 000 0199", "R 2 500"),
            (Kind::Percent, "a deposit of 40%", "40 bays"),
            (Kind::Email, "write to a.b@shop.example", "at noon"),
        ] {
            assert!(holds(yes, kind) > 0.0, "{kind:?}: {yes}");
            assert!(holds(no, kind) == 0.0, "{kind:?}: {no}");
        }
    }

    #[test]
    fn what_a_question_asks_for_is_seen() {
        for (text, kind) in [
            ("How much is it?", Kind::Price),
            ("¿Cuánto cuesta?", Kind::Price),
            ("What time do you open", Kind::Clock),
            ("how long is it valid", Kind::Duration),
            ("what is your phone number", Kind::Phone),
        ] {
            assert!(asked(&crate::index::words::words(text)).contains(&kind), "{text}");
        }
    }
}
