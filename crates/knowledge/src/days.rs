//! Days of the week in a text, as people write them: single ones, ranges ("Mon-Fri", "Dienstag bis Samstag"), groups
//! ("weekdays", "every day except Tuesday"), in the commonest languages.

use std::collections::HashMap;
use std::sync::LazyLock;

use unicode_segmentation::UnicodeSegmentation;

use crate::index::spelling;
use crate::index::words::fold;

/// Days as bits, Monday the lowest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Days(u8);

const WEEKDAYS: u8 = 0b001_1111;
const WEEKEND: u8 = 0b110_0000;
const ALL: u8 = 0b111_1111;

impl Days {
    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(crate) fn len(self) -> u32 {
        self.0.count_ones()
    }

    pub(crate) fn holds_all(self, other: Days) -> bool {
        self.0 & other.0 == other.0
    }

    pub(crate) fn holds_some(self, other: Days) -> bool {
        self.0 & other.0 != 0
    }

    /// Adds one day, 1 for Monday.
    pub(crate) fn add(&mut self, day: u8) {
        self.0 |= 1 << ((day + 6) % 7);
    }

    /// A word of the index for each day. No text holds such a word by itself.
    pub(crate) fn tokens(self) -> impl Iterator<Item = String> {
        (0..7).filter(move |day| self.0 & (1 << day) != 0).map(|day| format!("§{}", day + 1))
    }
}

/// Whether a word of the index stands for a day.
pub(crate) fn is_token(word: &str) -> bool {
    word.starts_with('§')
}

/// What was found: the days, and the words of the text that name single days.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Found {
    pub(crate) days: Days,
    pub(crate) words: Vec<String>,
}

/// Names of days, Monday first, folded; a slash parts spellings. One line a language (or two that are close).
const NAMES: &[&str] = &[
    "monday/mondays tuesday/tuesdays wednesday/wednesdays/wensday/wendsday thursday/thursdays friday/fridays/firday saturday/saturdays sunday/sundays",
    "lunes martes miercoles jueves viernes sabado/sabados domingo/domingos",
    "lundi/lundis mardi/mardis mercredi/mercredis jeudi/jeudis vendredi/vendredis samedi/samedis dimanche/dimanches",
    "montag/montags dienstag/dienstags mittwoch/mittwochs donnerstag/donnerstags freitag/freitags samstag/samstags/sonnabend/sonnabends sonntag/sonntags",
    "lunedi martedi mercoledi giovedi venerdi sabato domenica",
    "maandag/maandags/maandae dinsdag/dinsdags/dinsdae woensdag/woensdags/woensdae donderdag/donderdags/donderdae vrijdag/vrydag/vrydae zaterdag/saterdag/saterdae/zaterdags zondag/sondag/sondae/zondags",
    "jumatatu jumanne jumatano alhamisi ijumaa jumamosi jumapili",
    "umsombuluko/ngomsombuluko/ngomvulo ulwesibili/ngolwesibili/ngolwesibini ulwesithathu/ngolwesithathu ulwesine/ngolwesine ulwesihlanu/ngolwesihlanu umgqibelo/ngomgqibelo ngesonto/ngamasonto/ngecawe",
    "सोमवार मंगलवार बुधवार गुरुवार/बृहस्पतिवार शुक्रवार शनिवार रविवार/इतवार",
    "الاثنين/الإثنين الثلاثاء الاربعاء/الأربعاء الخميس الجمعة السبت الاحد/الأحد",
    "senin selasa rabu kamis jumat sabtu ahad",
    "pazartesi/pazartesileri sali carsamba persembe cuma/cumalari cumartesi/cumartesileri pazarlari",
    "понедельник/понедельникам вторник/вторникам среда/среду/средам четверг/четвергам пятница/пятницу/пятницам суббота/субботу/субботам воскресенье/воскресеньям",
    "poniedzialek/poniedzialki wtorek/wtorki sroda/srode/srody czwartek/czwartki piatek/piatki sobota/sobote/soboty niedziela/niedziele",
];

/// Names that are also other words, or short: taken only beside another day, a range word, a digit or a word that leads a
/// day in.
const SHORT: &[&str] = &[
    "mon tue/tues wed/weds thu/thur/thurs fri sat sun",
    "lun mar mie jue vie sab dom",
    "segunda terca quarta quinta sexta sab dom",
    "mo di mi do fr sa so",
    "lun mar mer jeu ven sam dim",
    "ma di wo do vr za zo",
    "- - - - - - minggu",
    "- - - - - - pazar",
    "пн вт ср чт пт сб вс",
    "pon wt sr czw pt sob nd",
];

const RANGE: &str =
    "to till until through thru thro bis a al hasta ate au tot tm do po kuya kuze hadi sampai sd ile se से तक الي ل по";
const LEADS: &str = "on every each next this last na nas no nos as aos toda todas hari";

const GROUPS: &[(&str, u8)] = &[
    ("weekdays", WEEKDAYS),
    ("weekday", WEEKDAYS),
    ("werktags", WEEKDAYS),
    ("wochentags", WEEKDAYS),
    ("unter der woche", WEEKDAYS),
    ("entre semana", WEEKDAYS),
    ("dias laborables", WEEKDAYS),
    ("dias uteis", WEEKDAYS),
    ("dias de semana", WEEKDAYS),
    ("en semaine", WEEKDAYS),
    ("giorni feriali", WEEKDAYS),
    ("doordeweeks", WEEKDAYS),
    ("weeksdae", WEEKDAYS),
    ("hari kerja", WEEKDAYS),
    ("siku za kazi", WEEKDAYS),
    ("hafta ici", WEEKDAYS),
    ("в будни", WEEKDAYS),
    ("weekend", WEEKEND),
    ("weekends", WEEKEND),
    ("week end", WEEKEND),
    ("week ends", WEEKEND),
    ("fin de semana", WEEKEND),
    ("fines de semana", WEEKEND),
    ("fim de semana", WEEKEND),
    ("wochenende", WEEKEND),
    ("wochenenden", WEEKEND),
    ("fine settimana", WEEKEND),
    ("naweek", WEEKEND),
    ("naweke", WEEKEND),
    ("akhir pekan", WEEKEND),
    ("wikendi", WEEKEND),
    ("hafta sonu", WEEKEND),
    ("выходные", WEEKEND),
    ("выходным", WEEKEND),
    ("daily", ALL),
    ("every day", ALL),
    ("everyday", ALL),
    ("7 days", ALL),
    ("seven days", ALL),
    ("taglich", ALL),
    ("jeden tag", ALL),
    ("todos los dias", ALL),
    ("todos os dias", ALL),
    ("tous les jours", ALL),
    ("tutti i giorni", ALL),
    ("elke dag", ALL),
    ("dagelijks", ALL),
    ("daagliks", ALL),
    ("setiap hari", ALL),
    ("kila siku", ALL),
    ("her gun", ALL),
    ("codziennie", ALL),
    ("ежедневно", ALL),
    ("каждый день", ALL),
];

const TODAY: &str =
    "today tonight hoy hoje aujourd'hui heute oggi vandag vandaag leo namhlanje आज اليوم bugun сегодня dzis dzisiaj";
const TOMORROW: &str = "tomorrow amanha demain domani kesho kusasa कल غدا besok yarin завтра jutro";

/// The day that a word means by itself when it is `today`, 1 for Monday.
pub(crate) fn relative(word: &str, today: u8) -> Option<u8> {
    let folded = |list: &str| list.split(' ').any(|w| fold(w).replace('\'', "") == word);
    match () {
        () if folded(TODAY) => Some(today),
        () if folded(TOMORROW) => Some(today % 7 + 1),
        () => None,
    }
}

/// The day whose name a word is a slip of: "satturday", "wensday".
pub(crate) fn misspelt(word: &str) -> Option<u8> {
    if word.chars().count() < 5 || !word.is_ascii() {
        return None;
    }
    // People keep a word's ends: "montage" is no "montag".
    let same_ends =
        |name: &str| name.chars().next() == word.chars().next() && name.chars().last() == word.chars().last();
    let near = |name: &String| spelling::likeness(word, name).filter(|likeness| *likeness >= 0.84 && same_ends(name));
    let best = TABLES.names.iter().filter_map(|(name, day)| Some((near(name)?, *day)));
    best.max_by(|a, b| a.0.total_cmp(&b.0)).and_then(|(_, day)| u8::try_from(day + 1).ok())
}

/// What stands before a day that is left out of what was said before.
const EXCEPT: &str = "except excluding but excepto menos salvo exceto sauf ausser uitgezonderd behalve behalwe kecuali isipokuwa кроме oprocz";

/// "Good Friday" is a date of the year.
const FEAST_BEFORE: &str = "good easter black palm maundy ash whit cyber shrove pancake goeie goede";
const FEAST_AFTER: &str = "santo santa saint";
const FEAST_OF: &str = "pascua paques pentecote pasqua ramos pentecostes carnaval cinzas resurreccion";

struct Tables {
    names: HashMap<String, usize>,
    short: Vec<HashMap<&'static str, usize>>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let mut names = HashMap::new();
    for line in NAMES {
        for (day, spellings) in line.split(' ').enumerate() {
            names.extend(spellings.split('/').map(|s| (fold(s), day)));
        }
    }
    let short = SHORT
        .iter()
        .map(|line| {
            let days = line.split(' ').enumerate();
            days.flat_map(|(day, spellings)| spellings.split('/').map(move |s| (s, day))).collect()
        })
        .collect();
    Tables { names, short }
});

fn is_in(list: &str, word: &str) -> bool {
    list.split(' ').any(|w| w == word)
}

struct Word<'a> {
    text: &'a str,
    /// What stands between the word before and this one.
    before: &'a str,
    day: Option<usize>,
}

/// The days that a text names.
pub(crate) fn find(text: &str) -> Found {
    let folded = fold(text);
    // Most texts name no day: they are left quickly.
    let mut end = 0;
    let mut all: Vec<Word<'_>> = Vec::new();
    for (at, word) in folded.unicode_word_indices() {
        let day = TABLES.names.get(word).copied();
        all.push(Word { text: word, before: &folded[end..at], day });
        end = at + word.len();
    }
    short_names(&mut all);
    let mut found = Found::default();
    let mut bits = groups(&all);
    let mut last: Option<(usize, usize)> = None;
    for i in 0..all.len() {
        let Some(day) = all[i].day else { continue };
        if is_feast(&all, i) {
            last = None;
            continue;
        }
        found.words.push(all[i].text.to_owned());
        let left_out = (1..=2).any(|back| i >= back && is_in(EXCEPT, all[i - back].text));
        if left_out {
            bits &= !(1 << day);
            last = None;
            continue;
        }
        bits |= 1 << day;
        if let Some((start, at)) = last
            && is_range(&all[at + 1..=i])
        {
            let mut d = start;
            while d != day {
                d = (d + 1) % 7;
                bits |= 1 << d;
            }
        }
        last = Some((day, i));
    }
    found.days = Days(bits);
    found
}

/// Whether what leads from one day to the next, which is the last of `words`, says "to".
fn is_range(words: &[Word<'_>]) -> bool {
    let Some((day, between)) = words.split_last() else { return false };
    let dash = |s: &str| s.contains(['-', '–', '—', '−', '‑']) && !s.contains([',', ';', '.', '\n']);
    match between {
        [] => dash(day.before),
        // "segunda-feira a sexta", "from Monday up to Friday", "de lundi au vendredi".
        _ if between.len() <= 3 => {
            between.iter().all(|w| {
                is_in(RANGE, w.text)
                    || matches!(
                        w.text,
                        "feira" | "and" | "including" | "up" | "t" | "m" | "s" | "d" | "the" | "el" | "dem"
                    )
            }) && (between.iter().any(|w| is_in(RANGE, w.text) || matches!(w.text, "m" | "d")) || dash(day.before))
                && !between.iter().all(|w| w.text == "and")
        }
        _ => false,
    }
}

/// Gives short names their day where what stands beside them shows that a day is meant.
fn short_names(all: &mut [Word<'_>]) {
    for table in &TABLES.short {
        for i in 0..all.len() {
            if all[i].day.is_some() {
                continue;
            }
            let Some(day) = table.get(all[i].text).copied() else { continue };
            let near = |w: Option<&Word<'_>>| w.is_some_and(|w| w.day.is_some() || table.contains_key(w.text));
            let digit = |w: Option<&Word<'_>>| w.is_some_and(|w| w.text.starts_with(|c: char| c.is_ascii_digit()));
            let previous = i.checked_sub(1).and_then(|at| all.get(at));
            let next = all.get(i + 1);
            let ranged = next.is_some_and(|w| is_in(RANGE, w.text)) && near(all.get(i + 2))
                || previous.is_some_and(|w| is_in(RANGE, w.text)) && i >= 2 && near(all.get(i - 2));
            // Two letters are a word of some language nearly always: only a dash between two of them tells.
            let letters = all[i].text.chars().count();
            let dashed = |w: Option<&Word<'_>>| {
                w.is_some_and(|w| w.before.trim().chars().all(|c| "-–—".contains(c)) && !w.before.trim().is_empty())
            };
            let meant = if letters <= 2 {
                (dashed(next) && near(next))
                    || (dashed(Some(&all[i])) && near(previous))
                    || (ranged && all[i].text != "do")
            } else {
                near(previous)
                    || near(next)
                    || ranged
                    || digit(next)
                    || next.is_some_and(|w| w.text == "feira")
                    || previous.is_some_and(|w| is_in(LEADS, w.text))
            };
            if meant {
                all[i].day = Some(day);
            }
        }
    }
}

fn groups(all: &[Word<'_>]) -> u8 {
    let mut bits = 0;
    for i in 0..all.len() {
        for (phrase, days) in GROUPS {
            let mut words = phrase.split(' ');
            if words.by_ref().zip(&all[i..]).all(|(p, w)| p == w.text) && phrase.split(' ').count() <= all.len() - i {
                bits |= days;
            }
        }
    }
    bits
}

fn is_feast(all: &[Word<'_>], i: usize) -> bool {
    let next = |n: usize| all.get(i + n).map_or("", |w| w.text);
    (i > 0 && is_in(FEAST_BEFORE, all[i - 1].text))
        || is_in(FEAST_AFTER, next(1))
        || (next(1) == "feira" && is_in(FEAST_AFTER, next(2)))
        || (matches!(next(1), "de" | "di" | "da" | "do") && is_in(FEAST_OF, next(2)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(text: &str) -> String {
        find(text).days.tokens().map(|t| t.trim_start_matches('§').to_owned()).collect()
    }

    #[test]
    fn days_are_understood_however_a_business_writes_its_hours() {
        for (text, expected) in [
            ("Monday to Friday 8:00-17:00", "12345"),
            ("Mon-Thu 8-17, Fri 8-15", "12345"),
            ("Mo–Fr 9–18 Uhr", "12345"),
            ("Di bis Sa 9-18", "23456"),
            ("Saturday — Opens: 8:00; Closes: 13:00", "6"),
            ("Saturdays and Sundays: closed", "67"),
            ("weekdays 9 to 5", "12345"),
            ("every day except Tuesday", "134567"),
            ("täglich außer Montag", "234567"),
            ("Friday to Monday", "1567"),
            ("de lunes a viernes", "12345"),
            ("segunda a sexta, das 8h às 18h", "12345"),
            ("de segunda-feira a sábado", "123456"),
            ("du mardi au samedi", "23456"),
            ("maandag t/m vrijdag", "12345"),
            ("Senin sampai Jumat", "12345"),
            ("What time do you close on Fridays?", "5"),
            ("Isitolo sivulwa ngasikhathi sini ngoMgqibelo?", "6"),
            ("open wensday?", "3"),
            ("open sat?", ""),
            ("are you open on sat", "6"),
            ("शनिवार को कब खुलता है?", "6"),
            ("هل تفتحون يوم الجمعة؟", "5"),
            ("можно прийти в субботу?", "6"),
            ("Good Friday: closed", ""),
            ("Viernes Santo cerrado", ""),
            ("the sun was out and we sat outside", ""),
            ("ich mag es so wie di", ""),
            ("do you wed in a church", ""),
            ("", ""),
        ] {
            assert_eq!(days(text), expected, "{text}");
        }
    }

    #[test]
    fn slips_and_relative_days_are_understood() {
        for (word, expected) in [
            ("satturday", Some(6)),
            ("thursdey", Some(4)),
            ("someday", None),
            ("holiday", None),
            ("birthday", None),
            ("montage", None),
        ] {
            assert_eq!(misspelt(word), expected, "{word}");
        }
        assert_eq!(relative("today", 3), Some(3));
        assert_eq!(relative("tomorrow", 7), Some(1));
        assert_eq!(relative("hoje", 7), Some(7));
        assert_eq!(relative("later", 7), None);
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_searched_for_days(text in "(mon|fri|to|-| |a|sat|except|every day|\\PC){0,30}") {
            let found = find(&text);
            proptest::prop_assert!(found.days.len() <= 7);
        }
    }
}
