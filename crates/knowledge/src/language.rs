//! Tells the language of a text: by script, by common words in short texts, by letter statistics in long ones.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use whatlang::{Lang, Script};

/// Common words by language. Words that several share count for each.
const STOP_WORDS: &[(&str, &str)] = &[
    (
        "en",
        "the and is are you your of to in for we our what do how can i it my with on at this that have be from when where does please hello thanks open much will not or there which who",
    ),
    (
        "es",
        "el la los las de que y en un una es por para con no su se del al lo como más pero cuánto cuesta hola gracias qué cuándo dónde está tienen puedo mi hay abren horario",
    ),
    (
        "pt",
        "o a os as de que e em um uma é por para com não seu se do da no na como mais mas quanto custa olá obrigado obrigada quando onde está vocês posso meu minha há são tem horário",
    ),
    (
        "fr",
        "le la les de des et en un une est pour avec que qui dans ce il vous nous je pas au aux du sur combien coûte bonjour merci où quand quel quelle votre vos mon ma êtes ouvert",
    ),
    (
        "de",
        "der die das und ist in ein eine zu den mit für von auf sie wir ich nicht es dem wie was kostet hallo danke wann wo bitte haben habt ihr sind im am kann mein auch geöffnet",
    ),
    (
        "it",
        "il lo la i gli le di che e in un una è per con non si del della al come più ma quanto costa ciao grazie quando dove siete posso mio mia sono avete orario",
    ),
    (
        "nl",
        "de het een en is van in op te met voor niet dat die zijn wij we je u hoe wat kost hallo dank wanneer waar kan mijn hebben jullie ook naar bij aan open",
    ),
    (
        "af",
        "die en is van in 'n op te met vir nie wat dit ons jy julle hoe kos hallo dankie wanneer waar kan my het ek sal oop asseblief hulle aan by as maar baie",
    ),
    (
        "id",
        "yang dan di ke dari untuk ini itu dengan tidak apa berapa harga saya anda kami ada adalah bisa jam buka kapan halo terima kasih mana pada akan atau juga sudah toko",
    ),
    (
        "ms",
        "yang dan di ke dari untuk ini itu dengan tidak apa berapa harga saya anda kami ada ialah boleh pukul buka bila helo terima kasih mana pada akan atau juga sudah kedai ialah awak adakah",
    ),
    (
        "zu",
        "ngicela ukuthi kanjani nini malini sawubona ngiyabonga ukuze futhi noma kodwa uma ngoba yini kuphi ngi lapha kakhulu wami yami thina nina unjani siyabonga izindleko vula",
    ),
    (
        "xh",
        "ndicela ukuba njani nini malini molo enkosi ukuze kwaye okanye kodwa ukuba kuba yintoni phi apha kakhulu wam yam thina nina unjani ndiyabulela imali vula ndi",
    ),
    (
        "sw",
        "na ya wa kwa ni la za katika hii hiyo kuwa ambayo au lakini bei gani habari asante sana nini wapi lini yako yangu mimi wewe sisi je mna tunaweza duka unaweza ngapi",
    ),
    (
        "tr",
        "ve bir bu için ile ne mi mı mu da de çok var yok değil nasıl kaç fiyatı merhaba teşekkürler nerede zaman siz biz ben olarak daha gibi açık saat",
    ),
    (
        "pl",
        "i w na z do nie się jest to że jak co ile kosztuje dzień dobry dziękuję kiedy gdzie czy dla są od po za mój moja proszę",
    ),
    ("ro", "și de la în cu pe nu este un o ce cât costă bună mulțumesc când unde pentru din sunt al ale mai vă"),
    (
        "sv",
        "och att det i en på är som för med av till den inte jag vi ni hur vad kostar hej tack när var har kan min öppet",
    ),
    (
        "da",
        "og at det i en på er som for med af til den ikke jeg vi hvordan hvad koster hej tak hvornår hvor har kan min åbent",
    ),
    ("tl", "ang ng sa mga na at ay ko mo po ba magkano kayo salamat kumusta saan kailan hindi ito para may meron"),
    ("vi", "và là của có không cho được với bao nhiêu xin chào cảm ơn khi nào ở đâu tôi bạn một các này giá"),
    (
        "ru",
        "и в не на что с как это по но мы вы я за из у сколько стоит здравствуйте спасибо когда где есть ваш для от до можно к работаете",
    ),
    ("uk", "і в не на що з як це по але ми ви я за із у скільки коштує добрий дякую коли де є ваш для від до можна та"),
];

static TABLE: LazyLock<Vec<(&str, HashSet<&str>)>> =
    LazyLock::new(|| STOP_WORDS.iter().map(|(code, words)| (*code, words.split(' ').collect())).collect());

/// ISO 639-1 codes that have three letters in whatlang, and English names.
const NAMES: &[(&str, &str, &str)] = &[
    ("af", "afr", "Afrikaans"),
    ("ak", "aka", "Akan"),
    ("am", "amh", "Amharic"),
    ("ar", "ara", "Arabic"),
    ("az", "aze", "Azerbaijani"),
    ("be", "bel", "Belarusian"),
    ("bg", "bul", "Bulgarian"),
    ("bn", "ben", "Bengali"),
    ("ca", "cat", "Catalan"),
    ("cs", "ces", "Czech"),
    ("cy", "cym", "Welsh"),
    ("da", "dan", "Danish"),
    ("de", "deu", "German"),
    ("el", "ell", "Greek"),
    ("en", "eng", "English"),
    ("eo", "epo", "Esperanto"),
    ("es", "spa", "Spanish"),
    ("et", "est", "Estonian"),
    ("fa", "pes", "Persian"),
    ("fi", "fin", "Finnish"),
    ("fr", "fra", "French"),
    ("gu", "guj", "Gujarati"),
    ("ha", "", "Hausa"),
    ("he", "heb", "Hebrew"),
    ("hi", "hin", "Hindi"),
    ("hr", "hrv", "Croatian"),
    ("hu", "hun", "Hungarian"),
    ("hy", "hye", "Armenian"),
    ("id", "ind", "Indonesian"),
    ("it", "ita", "Italian"),
    ("ja", "jpn", "Japanese"),
    ("jv", "jav", "Javanese"),
    ("ka", "kat", "Georgian"),
    ("km", "khm", "Khmer"),
    ("kn", "kan", "Kannada"),
    ("ko", "kor", "Korean"),
    ("la", "lat", "Latin"),
    ("lt", "lit", "Lithuanian"),
    ("lv", "lav", "Latvian"),
    ("mk", "mkd", "Macedonian"),
    ("ml", "mal", "Malayalam"),
    ("mr", "mar", "Marathi"),
    ("ms", "", "Malay"),
    ("my", "mya", "Burmese"),
    ("nb", "nob", "Norwegian"),
    ("ne", "nep", "Nepali"),
    ("nl", "nld", "Dutch"),
    ("or", "ori", "Odia"),
    ("pa", "pan", "Punjabi"),
    ("pl", "pol", "Polish"),
    ("pt", "por", "Portuguese"),
    ("ro", "ron", "Romanian"),
    ("ru", "rus", "Russian"),
    ("si", "sin", "Sinhala"),
    ("sk", "slk", "Slovak"),
    ("sl", "slv", "Slovenian"),
    ("sn", "sna", "Shona"),
    ("sr", "srp", "Serbian"),
    ("st", "", "Sotho"),
    ("sv", "swe", "Swedish"),
    ("sw", "", "Swahili"),
    ("ta", "tam", "Tamil"),
    ("te", "tel", "Telugu"),
    ("th", "tha", "Thai"),
    ("tk", "tuk", "Turkmen"),
    ("tl", "tgl", "Tagalog"),
    ("tn", "", "Tswana"),
    ("tr", "tur", "Turkish"),
    ("uk", "ukr", "Ukrainian"),
    ("ur", "urd", "Urdu"),
    ("uz", "uzb", "Uzbek"),
    ("vi", "vie", "Vietnamese"),
    ("xh", "", "Xhosa"),
    ("yi", "yid", "Yiddish"),
    ("yo", "", "Yoruba"),
    ("zh", "cmn", "Chinese"),
    ("zu", "zul", "Zulu"),
];

/// Letters beyond which more text does not make it surer.
const SAMPLE: usize = 6_000;

/// ISO 639-1 of the text's language; nothing when it is too short, mixed or unsure.
pub fn detect(text: &str) -> Option<String> {
    let sample: String = text.chars().take(SAMPLE).collect();
    let letters = sample.chars().filter(|c| c.is_alphabetic()).count();
    if letters < 2 {
        return None;
    }
    if let Some(code) = by_script(&sample) {
        return Some(code.to_string());
    }
    let (words, ranking) = by_words(&sample);
    let (best, hits) = ranking.first().copied().unwrap_or(("", 0));
    let second = ranking.get(1).map_or(0, |(_, n)| *n);
    let clear = hits * 2 > second * 3 || (hits > second && hits >= 12);
    if clear && hits >= 2 && hits * 6 >= words {
        return Some(best.to_string());
    }
    let info = whatlang::detect(&sample)?;
    let code = code_of(info.lang())?;
    let share = |code: &str| ranking.iter().find(|(c, _)| *c == code).map_or(0, |(_, n)| *n);
    let listed = TABLE.iter().any(|(c, _)| *c == code);
    // Long texts: letter statistics, unless common words speak plainly for another language.
    let contradicted = hits >= 3 && (!listed || share(code) * 2 < hits);
    if info.is_reliable() && letters >= 40 && !contradicted {
        return Some(code.to_string());
    }
    // Both agree on a short text, or the words alone are all there is.
    let agreed = best == code && hits >= 1 && hits > second;
    let all = clear && hits >= 2 && hits * 3 >= words;
    (agreed || all).then(|| best.to_string())
}

/// The English name of a language, by its ISO 639-1 code.
pub fn name(code: &str) -> Option<&'static str> {
    let code = code.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    NAMES.iter().find(|(two, _, _)| *two == code).map(|(_, _, name)| *name)
}

fn code_of(lang: Lang) -> Option<&'static str> {
    NAMES.iter().find(|(_, three, _)| *three == lang.code()).map(|(two, _, _)| *two)
}

/// Scripts that only one language uses, or where one is so common that a short text is taken for it.
fn by_script(text: &str) -> Option<&'static str> {
    let script = whatlang::detect_script(text)?;
    // Mostly another script with a few foreign words is that script's; Latin and Cyrillic are for the words.
    match script {
        Script::Arabic => {
            let has = |letters: &[char]| text.contains(letters);
            if has(&['ٹ', 'ڈ', 'ڑ', 'ے', 'ں']) {
                Some("ur")
            } else if has(&['پ', 'چ', 'ژ', 'گ']) {
                Some("fa")
            } else {
                Some("ar")
            }
        }
        Script::Devanagari => match whatlang::detect(text) {
            Some(info) if info.is_reliable() && text.chars().count() > 60 => code_of(info.lang()),
            _ => Some("hi"),
        },
        Script::Thai => Some("th"),
        Script::Hebrew => Some("he"),
        Script::Greek => Some("el"),
        Script::Hangul => Some("ko"),
        Script::Hiragana | Script::Katakana => Some("ja"),
        // Japanese texts in Chinese letters show themselves by their endings.
        Script::Mandarin if text.chars().any(|c| matches!(c, '\u{3041}'..='\u{30fa}')) => Some("ja"),
        Script::Mandarin => Some("zh"),
        Script::Bengali => Some("bn"),
        Script::Tamil => Some("ta"),
        Script::Telugu => Some("te"),
        Script::Kannada => Some("kn"),
        Script::Malayalam => Some("ml"),
        Script::Gujarati => Some("gu"),
        Script::Gurmukhi => Some("pa"),
        Script::Georgian => Some("ka"),
        Script::Armenian => Some("hy"),
        Script::Ethiopic => Some("am"),
        Script::Khmer => Some("km"),
        Script::Myanmar => Some("my"),
        Script::Sinhala => Some("si"),
        _ => None,
    }
}

/// How many words there are, and how many of them each language knows, most first.
fn by_words(text: &str) -> (usize, Vec<(&'static str, usize)>) {
    let mut count = 0;
    let mut hits: HashMap<&'static str, usize> = HashMap::new();
    for word in text.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|w| w.chars().any(char::is_alphabetic)) {
        count += 1;
        let word = word.to_lowercase();
        for (code, known) in TABLE.iter() {
            if known.contains(word.as_str()) {
                *hits.entry(code).or_default() += 1;
            }
        }
    }
    let mut ranking: Vec<_> = hits.into_iter().collect();
    ranking.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    (count, ranking)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_questions_are_answered_in_their_language() {
        for (text, expected) in [
            ("What are your opening hours?", Some("en")),
            ("How much is the delivery to Tokai?", Some("en")),
            ("¿Cuánto cuesta el envío?", Some("es")),
            ("Quanto custa a entrega para o centro?", Some("pt")),
            ("Combien coûte la livraison ?", Some("fr")),
            ("Was kostet die Lieferung?", Some("de")),
            ("Quanto costa la consegna? Siete aperti?", Some("it")),
            ("Hoeveel kost het om een pakket te bezorgen?", Some("nl")),
            ("Wat kos dit om 'n pakkie af te lewer asseblief?", Some("af")),
            ("Berapa harga sepatu ini dan kapan toko buka?", Some("id")),
            ("Adakah kedai awak buka pada hari Ahad?", Some("ms")),
            ("आप कब खुलते हैं?", Some("hi")),
            ("متى تفتحون؟", Some("ar")),
            ("Sawubona, ngicela ukwazi ukuthi nivula nini?", Some("zu")),
            ("Habari, bei ya viatu ni gani?", Some("sw")),
            ("Merhaba, bu ürün kaç lira? Kargo var mı?", Some("tr")),
            ("Сколько стоит доставка и когда вы работаете?", Some("ru")),
            ("你们几点开门？", Some("zh")),
            ("営業時間は何時までですか？", Some("ja")),
            ("12345", None),
            ("", None),
            ("R 450", None),
            ("xyzzy", None),
        ] {
            assert_eq!(detect(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn every_listed_language_has_a_name() {
        for (code, _) in STOP_WORDS {
            assert!(name(code).is_some(), "{code}");
        }
        assert_eq!(name("en-ZA"), Some("English"));
        assert_eq!(name("xx"), None);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_taken(text in ".{0,200}") {
            let _ = detect(&text);
        }
    }
}
