//! How near two spellings are: letters changed, and whether they sound alike.

/// How many letters longer or shorter a word may be that this many letters stand for.
pub(crate) fn allowed(letters: usize) -> usize {
    match letters {
        0..=2 => 0,
        3 | 4 => 1,
        _ => 2,
    }
}

/// Between 0 and 1 for words so near that one is likely a misspelling of the other; nothing otherwise.
///
/// People who misspell keep the sound: they double letters or fail to, leave out or exchange vowels, swap neighbours, write
/// s for c. Such slips cost little, another consonant costs much, so that "prise" finds "price" while "gold" does not
/// become "good" nor "mayor" "major". Long words may have more slips.
pub(crate) fn likeness(typed: &str, known: &str) -> Option<f32> {
    if typed == known {
        return Some(1.0);
    }
    let a: Vec<char> = typed.chars().collect();
    let b: Vec<char> = known.chars().collect();
    let longer = a.len().max(b.len());
    let shorter = a.len().min(b.len());
    if shorter < 3 || longer - shorter > 2 {
        return None;
    }
    let most = match longer {
        _ if shorter == 3 => 0.35,
        4 => 0.6,
        5 | 6 => 1.0,
        7..=9 => 1.3,
        _ => 1.8,
    };
    let mut cost = cost(&a, &b, most)?;
    if a[0] != b[0] && !same_sound(a[0], b[0]) {
        cost += 0.5;
    }
    (cost <= most + 0.001).then_some(0.97 - 0.2 * cost)
}

fn is_vowel(c: char) -> bool {
    matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'y')
}

/// Consonants that are taken for each other.
fn same_sound(x: char, y: char) -> bool {
    const GROUPS: [&str; 6] = ["ckq", "csz", "fvw", "gj", "bp", "dt"];
    x == y || GROUPS.iter().any(|g| g.contains(x) && g.contains(y))
}

/// What it costs to change a letter for another.
fn changed(x: char, y: char) -> f32 {
    match () {
        () if x == y => 0.0,
        () if is_vowel(x) && is_vowel(y) => 0.5,
        () if same_sound(x, y) => 0.5,
        // "tanque" and "tanke"; a vowel for a consonant is hardly ever a slip.
        () => 1.1,
    }
}

/// What it costs to have `word[i]` too much or too little.
fn extra(word: &[char], i: usize) -> f32 {
    let c = word[i];
    let doubled = (i > 0 && same_sound(word[i - 1], c)) || word.get(i + 1).is_some_and(|n| same_sound(*n, c));
    match c {
        _ if doubled => 0.3,
        'h' => 0.3,
        'e' if i + 1 == word.len() => 0.3,
        _ if is_vowel(c) => 0.5,
        _ => 1.0,
    }
}

/// What it costs that the known word has `word[i]` and the typed one has not: a consonant that is missing makes another
/// word of a short one ("lista" is not "lisa").
fn missing(word: &[char], i: usize) -> f32 {
    let cost = extra(word, i);
    if cost >= 1.0 && word.len() <= 5 { 1.1 } else { cost }
}

/// The cheapest way from one word to the other; nothing when it costs more than `most`.
fn cost(a: &[char], b: &[char], most: f32) -> Option<f32> {
    let width = b.len() + 1;
    let mut before_last = vec![0.0f32; width];
    let mut last = vec![0.0f32; width];
    for j in 0..b.len() {
        last[j + 1] = last[j] + missing(b, j);
    }
    for i in 0..a.len() {
        let mut row = vec![last[0] + extra(a, i); width];
        for j in 0..b.len() {
            let mut best = (last[j] + changed(a[i], b[j])).min(last[j + 1] + extra(a, i)).min(row[j] + missing(b, j));
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                best = best.min(before_last[j - 1] + 0.5);
            }
            row[j + 1] = best;
        }
        if row.iter().all(|c| *c > most) {
            return None;
        }
        before_last = std::mem::replace(&mut last, row);
    }
    Some(last[width - 1]).filter(|c| *c <= most + 0.001)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_words_find_their_right_spelling_and_others_do_not() {
        for (typed, known) in [
            ("prise", "price"),
            ("kichen", "kitchen"),
            ("drane", "drain"),
            ("presure", "pressure"),
            ("qoutation", "quotation"),
            ("geezer", "geyser"),
            ("pol", "pool"),
            ("nek", "neck"),
            ("constansia", "constantia"),
            ("temprature", "temperature"),
            ("mutch", "much"),
            ("hav", "have"),
        ] {
            assert!(likeness(typed, known).is_some(), "{typed} for {known}");
        }
        for (typed, known) in [
            ("cat", "bat"),
            ("gold", "good"),
            ("mayor", "major"),
            ("paint", "print"),
            ("sand", "hand"),
            ("lisa", "lista"),
            ("led", "lead"),
            ("car", "card"),
        ] {
            assert_eq!(likeness(typed, known), None, "{typed} for {known}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_two_words_can_be_compared(a in ".{0,12}", b in ".{0,12}") {
            let _ = likeness(&a, &b);
        }
    }
}
