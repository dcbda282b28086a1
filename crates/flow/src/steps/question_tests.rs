//! Tests of how replies are taken.

use base::Time;

use super::*;

fn take(question: &Question, text: &str) -> Taken {
    let message = Incoming { text: text.into(), content: Content::text(text), language: None, first_contact: false };
    question.take(&message, &Reader::new(Time(1_772_667_000_000), "UTC", None))
}

fn value(value: impl Into<Value>) -> Taken {
    Taken::Value(value.into())
}

#[test]
fn a_name_is_heard_in_a_sentence_and_a_question_is_not_taken_for_one() {
    let name = Question { short: true, interruptible: true, ..Question::example() };
    for (text, expected) in [
        ("Ana", value("Ana")),
        ("my name is Ana Maria.", value("Ana Maria")),
        ("Hi, I'm Ana!", value("Ana")),
        ("Ich heiße Jürgen", value("Jürgen")),
        ("Maria da Silva dos Santos Lima", value("Maria da Silva dos Santos Lima")),
        ("Do you deliver on Sundays?", Taken::Other),
        ("هل لديكم توصيل؟", Taken::Other),
        ("do you deliver", Taken::Other),
        ("I want to order two pizzas", Taken::Other),
        ("the blue one with the long sleeves from last week", Taken::Other),
        ("I cannot find it.", Taken::Other),
        ("I'm looking for red shoes", Taken::Other),
        ("i am ana", value("ana")),
        ("hello", Taken::NotUnderstood),
        ("", Taken::NotUnderstood),
    ] {
        assert_eq!(take(&name, text), expected, "{text}");
    }
}

#[test]
fn a_long_reply_to_an_open_question_is_a_reply() {
    let details = Question { interruptible: true, skippable: true, ..Question::default() };
    let long = "We ordered two hundred boxes last week and they have not arrived yet.";
    for (text, expected) in [
        (long, value(long)),
        ("skip", Taken::Skipped),
        ("Nein", Taken::Skipped),
        ("And do you ship abroad?", Taken::Other),
    ] {
        assert_eq!(take(&details, text), expected, "{text}");
    }
}

#[test]
fn typed_replies_fit_or_are_asked_for_again() {
    let of = |answer| Question { answer, interruptible: true, skippable: true, ..Question::default() };
    for (answer, text, expected) in [
        (AnswerKind::Number, "two", value(2)),
        (AnswerKind::Number, "2?", value(2)),
        (AnswerKind::Number, "can I also take 2 of the others?", Taken::Other),
        (AnswerKind::Number, "lots", Taken::NotUnderstood),
        (AnswerKind::Number, "skip", Taken::Skipped),
        (AnswerKind::YesNo, "no", value(false)),
        (AnswerKind::Email, "sure, you can write to me at ana@example.com any time", value("ana@example.com")),
        (AnswerKind::Email, "ana at example", Taken::NotUnderstood),
    ] {
        assert_eq!(take(&of(answer), text), expected, "{text}");
    }
}

#[test]
fn a_photo_or_a_contact_card_is_a_reply_where_it_can_be() {
    let card = base::message::ContactCard { name: "Ana".into(), phones: vec!["+49 30 123456".into()] };
    let reader = Reader::new(Time(0), "", None);
    let of = |content| Incoming { text: String::new(), content, language: None, first_contact: false };
    let image = of(Content::Image { media: base::message::Media::default(), caption: None });
    let card = of(Content::Contacts { contacts: vec![card] });
    let phone = Question { answer: AnswerKind::Phone, ..Question::default() };
    assert_eq!(phone.take(&card, &reader), value("+4930123456"));
    assert_eq!(phone.take(&image, &reader), Taken::NotUnderstood);
    assert_eq!(Question::default().take(&image, &reader), value("[image]"));
}
