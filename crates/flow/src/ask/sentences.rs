//! Whether a reply answers what was asked, or is about something else.

use crate::words::{self, fold, is_greeting};

/// A longer reply to a question that expects a few words is about something else.
pub(super) const MAX_SHORT_WORDS: usize = 6;

/// Whether a text asks something.
pub(super) fn is_question(text: &str) -> bool {
    const STARTS: [&str; 30] = [
        "do you",
        "does",
        "can you",
        "can i",
        "could",
        "is there",
        "are you",
        "are there",
        "how",
        "what",
        "when",
        "where",
        "who",
        "why",
        "which",
        "haben sie",
        "gibt es",
        "wie viel",
        "wann",
        "wo ist",
        "cuanto",
        "cuando",
        "donde",
        "quanto",
        "quando",
        "onde",
        "combien",
        "est ce que",
        "сколько",
        "где",
    ];
    if text.contains(['?', '？', '؟', '՞']) {
        return !is_greeting(text);
    }
    let folded = fold(text);
    folded.contains(' ') && STARTS.iter().any(|s| folded.strip_prefix(s).is_some_and(|rest| rest.starts_with(' ')))
}

/// Whether a text is a whole sentence rather than the few words that were expected.
pub(super) fn is_sentence(text: &str) -> bool {
    const STARTS: [&str; 48] = [
        "i am not",
        "im not",
        "i am interested",
        "im interested",
        "i am a",
        "im a",
        "i am trying",
        "im trying",
        "i want",
        "i need",
        "i would",
        "id like",
        "i have",
        "i am looking",
        "im looking",
        "i cant",
        "please",
        "my order",
        "my name is not",
        "we want",
        "we need",
        "tell me",
        "give me",
        "send me",
        "show me",
        "ich mochte",
        "ich will",
        "ich brauche",
        "ich habe",
        "bitte",
        "quiero",
        "necesito",
        "quisiera",
        "me gustaria",
        "tengo",
        "por favor",
        "quero",
        "preciso",
        "gostaria",
        "tenho",
        "je veux",
        "je voudrais",
        "jai besoin",
        "vorrei",
        "ho bisogno",
        "мне нужно",
        "я хочу",
        "istiyorum",
    ];
    let rest = without_lead_in(text);
    if words::count(&rest) > MAX_SHORT_WORDS {
        return true;
    }
    let folded = fold(text);
    let starts = STARTS.iter().any(|s| folded.strip_prefix(s).is_some_and(|rest| rest.starts_with(' ')));
    starts || words::count(&rest) > 3 && text.trim_end().ends_with(['.', '!', '。', '।'])
}

/// “My name is Ana” says no more than “Ana”.
pub(super) fn without_lead_in(text: &str) -> String {
    const LEAD_INS: [&str; 26] = [
        "my name is ",
        "my name's ",
        "i'm called ",
        "i am ",
        "i'm ",
        "im ",
        "this is ",
        "it's ",
        "name is ",
        "ich heiße ",
        "ich heisse ",
        "mein name ist ",
        "ich bin ",
        "me llamo ",
        "mi nombre es ",
        "soy ",
        "meu nome é ",
        "meu nome e ",
        "me chamo ",
        "sou ",
        "je m'appelle ",
        "je suis ",
        "mi chiamo ",
        "sono ",
        "меня зовут ",
        "ik ben ",
    ];
    let mut rest = text.trim();
    // “Hi, I'm Ana”: the greeting goes first, if something is left.
    if let Some((first, more)) = rest.split_once([',', '!', '.', '\n'])
        && is_greeting(first)
        && !more.trim().is_empty()
    {
        rest = more.trim();
    }
    let lower = rest.to_lowercase().replace('’', "'");
    for lead in LEAD_INS {
        // Lower case may have another length, so the characters are counted.
        if lower.starts_with(lead) && lower.chars().count() == rest.chars().count() {
            let from = rest.char_indices().nth(lead.chars().count()).map_or(rest.len(), |(at, _)| at);
            rest = &rest[from..];
            break;
        }
    }
    rest.trim().trim_end_matches(['.', '!', ',', '。']).trim().to_owned()
}
