//! The small words of many languages: greetings, asking for a person, starting over, yes, no, skipping.

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// Longest message that can still be a mere greeting, in bytes.
const MAX_SHORT_BYTES: usize = 120;

/// Whole messages that ask for a person.
pub(crate) const HUMAN: &str = "human, a human, agent, an agent, operator, person, a person, someone, talk to a human, speak to a human, talk to a person, talk to someone, real person, \
    mensch, mitarbeiter, mit einem menschen sprechen, humano, agente, hablar con una persona, hablar con un \
    agente, atendente, falar com atendente, falar com uma pessoa, humain, conseiller, parler à un conseiller, \
    parler à une personne, umano, operatore, parlare con un operatore, medewerker, человек, оператор, позовите \
    оператора, людина, człowiek, konsultant, insan, temsilci, müşteri temsilcisi, موظف, أريد التحدث مع موظف, נציג, \
    इंसान, एजेंट, manusia, 人工, 人工客服, 转人工, 担当者, オペレーター, 상담원";

/// Whole messages that begin again.
pub(crate) const RESTART: &str = "menu, start over, restart, start again, main menu, menü, neu anfangen, neustart, menú, empezar de nuevo, \
    reiniciar, inicio, recomeçar, começar de novo, início, recommencer, ricomincia, opnieuw, меню, начать сначала, \
    заново, почати спочатку, baştan başla, ana menü, القائمة, ابدأ من جديد, תפריט, मेनू, 菜单, 重新开始, メニュー, 最初から, 메뉴, \
    처음으로";

/// Whole messages with which a customer wants no more messages that they did not ask for.
pub(crate) const STOP: &str = "stop, stop all, unsubscribe, opt out, no more messages, abmelden, stopp, keine nachrichten mehr, cancelar \
    suscripción, darse de baja, baja, no más mensajes, parar, sair da lista, descadastrar, stop pub, désabonner, se désabonner, \
    disiscrivimi, annulla iscrizione, afmelden, отписаться, стоп, wypisz mnie, aboneliği iptal et, dur, إلغاء الاشتراك, توقف, \
    הסר, berhenti, 退订, 配信停止, 수신거부";

/// Whole messages with which a customer returns to the question before.
pub(crate) const BACK: &str = "back, go back, previous, zurück, atrás, volver, voltar, retour, indietro, terug, назад, wstecz, wróć, geri, \
    رجوع, חזור, kembali, वापस, 返回, 戻る, 뒤로";

/// What stands before a corrected answer.
const CORRECTIONS: [&str; 32] = [
    "sorry i meant",
    "sorry i mean",
    "i meant",
    "i mean",
    "no i meant",
    "no i mean",
    "actually",
    "correction",
    "sorry its",
    "no its",
    "ich meinte",
    "ich meine",
    "nein ich meinte",
    "sorry ich meinte",
    "entschuldigung ich meinte",
    "korrektur",
    "quise decir",
    "perdon quise decir",
    "quiero decir",
    "quis dizer",
    "desculpa quis dizer",
    "na verdade",
    "je voulais dire",
    "pardon je voulais dire",
    "volevo dire",
    "ik bedoelde",
    "ik bedoel",
    "я имел в виду",
    "я имела в виду",
    "вернее",
    "mialem na mysli",
    "demek istedim",
];

/// The corrected answer, when a message is one: “sorry, I meant Tuesday” gives “Tuesday”.
pub(crate) fn correction(text: &str) -> Option<&str> {
    // Words are compared folded, and the rest is given as it was written.
    let ends = text.char_indices().filter(|(_, c)| c.is_whitespace() || matches!(c, ',' | ':')).map(|(at, _)| at);
    let mut best = None;
    for end in ends.take(8) {
        if CORRECTIONS.contains(&fold(&text[..end]).as_str()) {
            best = Some(end);
        }
    }
    let rest = text[best?..].trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ':' | '-'));
    (!rest.trim().is_empty()).then(|| rest.trim())
}

static GREETINGS: LazyLock<Vec<String>> = LazyLock::new(|| {
    folded(
        "hi, hii, hello, hey, heya, hiya, howdy, yo, greetings, good morning, good afternoon, good evening, good day, \
    morning, evening, hallo, moin, servus, guten morgen, guten tag, guten abend, gruss gott, grüß gott, hola, \
    buenas, buenos dias, buen dia, buenas tardes, buenas noches, que tal, ola, oi, opa, e ai, bom dia, boa tarde, \
    boa noite, tudo bem, bonjour, bonsoir, salut, coucou, ciao, salve, buongiorno, buonasera, buon giorno, hoi, \
    goedemorgen, goedemiddag, goedenavond, goedendag, hej, hejsan, god morgon, god morgen, hei, heisann, terve, \
    moi, moikka, hyvaa paivaa, привет, здравствуйте, здравствуй, добрый день, доброе утро, добрый вечер, привіт, \
    добрий день, вітаю, доброго дня, dzien dobry, czesc, witam, dobry wieczor, ahoj, dobry den, cau, szia, \
    sziasztok, jo napot, buna, buna ziua, salutare, bok, dobar dan, zdravo, γεια, γεια σας, γεια σου, καλημερα, \
    καλησπερα, merhaba, selam, selamlar, gunaydin, iyi gunler, iyi aksamlar, selamun aleykum, مرحبا, مرحبًا, اهلا, \
    أهلا, اهلا وسهلا, السلام عليكم, سلام, صباح الخير, مساء الخير, هلا, درود, assalamu alaikum, salam, \
    assalamualaikum, as salamu alaykum, שלום, היי, בוקר טוב, ערב טוב, नमस्ते, नमस्कार, namaste, হ্যালো, নমস্কার, \
    வணக்கம், halo, hai, selamat pagi, selamat siang, selamat sore, selamat malam, xin chao, chao, สวัสดี, \
    สวัสดีครับ, สวัสดีค่ะ, kumusta, jambo, habari, hujambo, sannu, 你好, 您好, 早上好, 晚上好, 嗨, 哈喽, こんにちは, おはよう, \
    おはようございます, こんばんは, もしもし, 안녕하세요, 안녕, 여보세요",
    )
});

/// What may stand beside a greeting without making it more: “hello there”, “hi team”.
static GREETING_COMPANY: LazyLock<Vec<String>> = LazyLock::new(|| {
    folded(
        "there, all, everyone, team, guys, sir, madam, dear, friend, zusammen, a, todos, amigo, tous, tutti, pessoal, \
    gente, everybody, again, bot, and",
    )
});

/// “How are you”, which asks for nothing.
static PLEASANTRIES: LazyLock<Vec<String>> = LazyLock::new(|| {
    folded(
        "how are you, how are you doing, how is it going, hows it going, whats up, wie gehts, wie geht es ihnen, como \
    estas, como esta, como vai, tudo bem, tudo bom, ca va, comment ca va, come stai, come va, как дела, як справи, \
    jak sie masz, nasilsin, nasilsiniz, كيف حالك, מה שלומך, apa kabar, आप कैसे हैं",
    )
});

static YES: LazyLock<Vec<String>> = LazyLock::new(|| {
    folded(
        "yes, y, yep, yeah, yup, sure, ok, okay, of course, correct, right, definitely, please do, yes please, ja, \
    jawohl, klar, gerne, natürlich, sí, si, claro, por supuesto, vale, sim, s, isso, com certeza, oui, ouais, bien \
    sûr, d'accord, certo, va bene, jazeker, graag, да, конечно, так, звісно, tak, oczywiście, evet, tabii, olur, \
    نعم, اي, أيوه, اكيد, כן, हाँ, हां, जी, haan, ya, iya, 是, 是的, 好, 好的, 对, はい, うん, 네, 예, 응, 👍, ✅",
    )
});

static NO: LazyLock<Vec<String>> = LazyLock::new(|| {
    folded(
        "no, n, nope, nah, not really, no thanks, no thank you, nein, nö, nee, não, nao, non, pas du tout, нет, не, ні, \
    nie, hayır, hayir, yok, لا, كلا, לא, नहीं, नही, nahi, tidak, nggak, 不, 不是, 不用, 没有, いいえ, いや, 아니요, 아니, 아뇨, 👎, ❌",
    )
});

static SKIP: LazyLock<Vec<String>> = LazyLock::new(|| {
    folded(
        "skip, skip it, pass, next, none, nothing, no, nope, no thanks, -, überspringen, weiter, nichts, nein, saltar, \
    omitir, nada, ninguno, pular, não, passer, ignorer, rien, non, salta, niente, overslaan, nee, пропустить, нет, \
    пропустити, ні, pomiń, nie, geç, atla, hayır, تخطي, لا, דלג, לא, छोड़ें, नहीं, lewati, tidak, 跳过, 没有, 不用, \
    スキップ, なし, 건너뛰기, 아니요",
    )
});

/// The words of a list as they were written.
pub(crate) fn list(words: &str) -> Vec<String> {
    words.split(", ").map(str::to_owned).collect()
}

fn folded(words: &str) -> Vec<String> {
    list(words).iter().map(|w| sign_or_folded(w)).collect()
}

/// A sign such as “-” folds to nothing and is compared as it stands.
fn sign_or_folded(word: &str) -> String {
    Some(fold(word)).filter(|f| !f.is_empty()).unwrap_or_else(|| word.trim().to_owned())
}

/// What closes a conversation and needs no answer.
static CLOSINGS: LazyLock<Vec<String>> = LazyLock::new(|| {
    folded(
        "thanks, thank you, thank you very much, thank you so much, many thanks, thanks a lot, thx, ty, ok, okay, ok \
    thanks, okay thank you, great, great thanks, perfect, perfect thanks, cool, bye, goodbye, bye bye, see you, \
    have a nice day, danke, danke schön, vielen dank, ok danke, super danke, alles klar, tschüss, auf wiedersehen, \
    gracias, muchas gracias, ok gracias, vale gracias, perfecto, perfecto gracias, adiós, hasta luego, obrigado, \
    obrigada, muito obrigado, muito obrigada, ok obrigado, ok obrigada, valeu, tchau, até logo, merci, merci \
    beaucoup, ok merci, parfait, parfait merci, au revoir, grazie, grazie mille, ok grazie, perfetto, perfetto \
    grazie, arrivederci, dank je, dank je wel, bedankt, dank u, tot ziens, спасибо, большое спасибо, спасибо \
    большое, ок, хорошо, понятно, до свидания, пока, дякую, щиро дякую, dziękuję, dzięki, do widzenia, \
    teşekkürler, teşekkür ederim, sağol, tamam, görüşürüz, شكرا, شكرا جزيلا, تمام, مع السلامة, תודה, תודה רבה, \
    להתראות, धन्यवाद, शुक्रिया, ठीक है, terima kasih, makasih, cảm ơn, ขอบคุณ, ขอบคุณครับ, ขอบคุณค่ะ, 谢谢, 谢谢你, \
    好的谢谢, 再见, ありがとう, ありがとうございます, 감사합니다, 고마워요, 👍, 🙏, ❤️, 😊, 👌",
    )
});

/// A text in the form in which it is compared: lower case, without accents, punctuation and surplus spaces.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.nfkd().flat_map(char::to_lowercase) {
        match c {
            // Accents and Arabic vowel signs are often left out when people type.
            '\u{300}'..='\u{36f}' | '\u{64b}'..='\u{652}' | '\u{640}' | '\'' | '’' | '`' => {}
            'ß' => folded.push_str("ss"),
            'ı' => folded.push('i'),
            'ł' => folded.push('l'),
            'ø' => folded.push('o'),
            'đ' => folded.push('d'),
            // Vowel signs of Indic scripts are neither letters nor punctuation; emoji say something, too.
            c if c.is_alphanumeric() || c > '\u{900}' && !is_mark(c) => folded.push(c),
            _ if folded.ends_with(' ') || folded.is_empty() => {}
            _ => folded.push(' '),
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// Punctuation, spaces and invisible signs beyond U+0900.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{964}' | '\u{965}' | '\u{2000}'..='\u{206f}' | '\u{3000}'..='\u{303f}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}' | '\u{30fb}' | '\u{1f3fb}'..='\u{1f3ff}')
        || c.is_whitespace()
}

/// Words in the sense of Unicode, so that Chinese and Thai count, too.
pub(crate) fn count(text: &str) -> usize {
    text.unicode_words().take(1000).count()
}

fn is_one_of(text: &str, words: &[String]) -> bool {
    if text.len() > MAX_SHORT_BYTES {
        return false;
    }
    let wanted = sign_or_folded(text);
    words.contains(&wanted)
}

pub(crate) fn is_yes(text: &str) -> bool {
    is_one_of(text, &YES) || is_one_of(without_thanks(text), &YES)
}

pub(crate) fn is_no(text: &str) -> bool {
    is_one_of(text, &NO) || is_one_of(without_thanks(text), &NO)
}

/// “Yes thanks” without its thanks; the whole when that is all there is.
fn without_thanks(text: &str) -> &str {
    let text = text.trim();
    let starts = text.char_indices().filter(|(_, c)| c.is_whitespace()).map(|(at, _)| at).take(4);
    for at in starts {
        if is_one_of(&text[at..], &CLOSINGS) {
            return &text[..at];
        }
    }
    text
}

/// Whether a reply leaves a question out; the question's own words replace the usual ones.
pub(crate) fn is_skip(text: &str, own: &[String]) -> bool {
    match own {
        [] => is_one_of(text, &SKIP),
        own => is_one_of(text, &own.iter().map(|w| sign_or_folded(w)).collect::<Vec<_>>()),
    }
}

/// Whether a message, as a whole, is nothing but a greeting. Many languages; a greeting before a question is none.
pub fn is_greeting(text: &str) -> bool {
    if text.len() > MAX_SHORT_BYTES {
        return false;
    }
    let folded = fold(text);
    if folded.is_empty() {
        return text.contains('👋');
    }
    let mut rest = folded.replace('👋', " ").trim().to_owned();
    if rest.is_empty() {
        return true;
    }
    let mut greeted = false;
    // At most a few rounds: “hello”, “good morning”, “team”, “how are you”.
    for _ in 0..5 {
        if rest.is_empty() {
            return greeted;
        }
        let taken = longest_start(&rest, &GREETINGS).inspect(|_| greeted = true).or_else(|| {
            if greeted {
                longest_start(&rest, &PLEASANTRIES).or_else(|| longest_start(&rest, &GREETING_COMPANY))
            } else {
                None
            }
        });
        match taken {
            Some(bytes) => rest = rest[bytes..].trim_start().to_owned(),
            None => return false,
        }
    }
    greeted && rest.is_empty()
}

/// Whether a message, as a whole, is nothing but thanks or a farewell, after which silence is not rude.
pub fn is_thanks(text: &str) -> bool {
    is_one_of(text, &CLOSINGS)
}

/// Length of the longest of the words that the text begins with, ending where a word of the text ends.
fn longest_start(text: &str, words: &[String]) -> Option<usize> {
    words
        .iter()
        .filter(|w| text.strip_prefix(w.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(' ')))
        .map(String::len)
        .max()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn greetings_are_known_in_many_languages_and_nothing_else_is_taken_for_one() {
        for text in [
            "Hi",
            "hello!!!",
            "Good morning",
            "HELLO THERE",
            "Olá",
            "Oi, tudo bem?",
            "Bom dia!",
            "¡Hola!",
            "Buenos días",
            "Bonjour",
            "Grüß Gott",
            "Привет",
            "Здравствуйте!",
            "مرحبًا",
            "السلام عليكم",
            "שלום",
            "नमस्ते",
            "你好",
            "您好！",
            "こんにちは",
            "안녕하세요",
            "สวัสดีครับ",
            "Merhaba",
            "👋",
            "hi 👋",
            "hello, good morning team",
            "Hi, how are you?",
            "Dzień dobry",
            "Xin chào",
        ] {
            assert!(is_greeting(text), "{text}");
        }
        for text in [
            "",
            "   ",
            "?",
            "hello, do you deliver?",
            "history",
            "hi what are your opening hours",
            "there",
            "how are you",
            "hola quiero pedir",
            "你好吗请问几点开门",
            "highlights",
            "Maria",
        ] {
            assert!(!is_greeting(text), "{text}");
        }
    }

    #[test]
    fn yes_and_no_are_known_in_twelve_languages() {
        for (yes, no) in [
            ("Yes!", "no"),
            ("Ja", "Nein"),
            ("Sí", "No"),
            ("sim", "Não"),
            ("oui", "non"),
            ("да", "нет"),
            ("Tak", "nie"),
            ("evet", "Hayır"),
            ("نعم", "لا"),
            ("हाँ", "नहीं"),
            ("是的", "不"),
            ("はい", "いいえ"),
            ("네", "아니요"),
            ("כן", "לא"),
        ] {
            assert!(is_yes(yes) && !is_no(yes), "{yes}");
            assert!(is_no(no) && !is_yes(no), "{no}");
        }
        assert!(!is_yes("yes but only on Monday"));
    }

    #[test]
    fn thanks_are_not_taken_for_a_question() {
        for text in [
            "Thanks!",
            "thank you so much",
            "Ok, gracias",
            "Obrigada!",
            "спасибо",
            "شكراً",
            "谢谢",
            "👍",
            "👍🏽",
            "❤️",
            "Danke schön.",
        ] {
            assert!(is_thanks(text), "{text}");
        }
        for text in ["", "thanks, and when do you open?", "no", "hello", "Thanksgiving menu"] {
            assert!(!is_thanks(text), "{text}");
        }
    }

    #[test]
    fn folding_forgets_what_people_leave_out() {
        for (text, folded) in [
            ("  Grüße,   WELT! ", "grusse welt"),
            ("São Paulo", "sao paulo"),
            ("don't", "dont"),
            ("İstanbul", "istanbul"),
            ("Ａ１", "a1"),
            ("…", ""),
            ("", ""),
        ] {
            assert_eq!(fold(text), folded);
        }
        assert!(is_skip("SKIP.", &[]) && is_skip("-", &[]) && is_skip("later", &["Later".into()]));
        assert!(!is_skip("skip", &["later".into()]));
    }

    proptest! {
        #[test]
        fn no_text_makes_them_panic(text in "\\PC{0,60}") {
            let _ = (is_greeting(&text), is_yes(&text), is_no(&text), is_skip(&text, &[]), count(&text));
            let once = fold(&text);
            prop_assert!(!once.starts_with(' ') && !once.ends_with(' '));
        }
    }
}
