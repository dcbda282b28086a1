//! Finds out which of several things a text is about.

use serde_json::{Value, json};

use crate::declare::{FAILED, Field, Group, VarType, fields, kind, needed, way};
use crate::event::{EffectKind, Outcome};
use crate::expression::words_of;
use crate::outside::WRONG;
use crate::run::{Next, Run, Stepped};
use crate::steps::Behaviour;
use crate::validate::Check;
use crate::words::fold;

fields! {
    /// One of the things.
    pub(crate) struct Class {
        id: String = String::new() => Field::plain("Id", "Names the way.", 60),
        title: String = String::new() => Field::plain("Name", "Such as “Complaint”.", 60).required(),
        examples: Vec<String> = Vec::new() => Field::list("Examples", "Five or more messages as customers would write them, each said differently.", 50, "example").required(),
    }
}

fields! {
    /// Which text, and what it may be about.
    pub(crate) struct Classify {
        text: String = "{{ last.text }}".into() => Field::line("Text", "Usually what the customer said last.").required(),
        classes: Vec<Class> = Vec::new() => Field::items("What it may be about", "Each has a way of its own.", 30, "topic", Class::FIELDS).required(),
        confidence: u32 = 45 => Field::whole("At least so sure", "Below that “Something else” is taken. More means fewer mistakes and more that is left over.", 0.0, 100.0, "%"),
        variable: String = String::new() => Field::variable("Keep the name as", "Empty keeps it nowhere.", VarType::Text),
    }
}

kind!(Classify {
    name: "classify",
    group: Group::Ai,
    title: "Sort by topic",
    help: "Finds out what a message is about by your examples, in any language, and goes the way of that topic. It runs on \
           this computer and costs nothing.",
    branches: &[way("next", "Any other topic"), needed("other", "Something else"), FAILED],
    branches_from: Some("classes"),
    outside: true,
    example: r#"{"text":"{{ last.text }}","classes":[{"id":"complaint","title":"Complaint","examples":["It arrived broken","This is not what I ordered","I am not happy with the repair"]},{"id":"order","title":"Order","examples":["I would like two of them","Can I buy this?","Please send me one more"]}]}"#,
    example_says: "One way for complaints, one for orders, one for all else.",
});

impl Classify {
    fn chosen<'a>(&'a self, run: &mut Run<'a>, class: Option<&'a Class>, note: String) -> Stepped<'a> {
        let Some(class) = class else {
            run.note("About none of the topics", note);
            run.set_variable(&self.variable, json!(""))?;
            return Ok(Next::branch("other"));
        };
        let name = if class.title.is_empty() { &class.id } else { &class.title };
        run.note("Found the topic", format!("{name}{note}"));
        run.set_variable(&self.variable, json!(name))?;
        Ok(if run.has_way(&class.id) { Next::Branch(class.id.as_str().into()) } else { Next::NEXT })
    }
}

impl Behaviour for Classify {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let text = run.text(&self.text)?.trim().to_owned();
        if text.is_empty() || self.classes.is_empty() {
            return self.chosen(run, None, "There are no words to go by.".into());
        }
        run.note("Looks for the topic", &text);
        let of = |c: &Class| crate::event::Class { id: c.id.clone(), examples: c.examples.clone() };
        let classes = self.classes.iter().map(of).collect();
        let min_confidence = f64::from(self.confidence.min(100)) / 100.0;
        Ok(run.await_effect(EffectKind::Classify { text, classes, min_confidence }))
    }

    fn outcome<'a>(&'a self, run: &mut Run<'a>, _seq: u64, outcome: &Outcome) -> Stepped<'a> {
        let Outcome::Classified { label, confidence } = outcome else { return Err(WRONG.into()) };
        let sure = *confidence * 100.0 >= f64::from(self.confidence);
        let class = label.as_ref().and_then(|l| self.classes.iter().find(|c| c.id == *l)).filter(|_| sure);
        self.chosen(run, class, format!(" ({:.0} % sure)", confidence * 100.0))
    }

    fn give<'a>(&'a self, run: &mut Run<'a>, value: Value) -> Stepped<'a> {
        let name = words_of(&value);
        let class = self.classes.iter().find(|c| c.id == name || fold(&c.title) == fold(&name));
        self.chosen(run, class, String::new())
    }

    fn check(&self, check: &mut Check<'_>) {
        for class in self.classes.iter().filter(|c| (1..3).contains(&c.examples.len())) {
            let message = format!("“{}” has few examples to learn from.", class.title);
            check.warning("classes", &message, "Add some more, said in other words.");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Talk, warns};

    fn fields() -> Value {
        json!({"variable": "topic", "classes": [
            {"id": "a", "title": "Complaint", "examples": ["It is broken"]},
            {"id": "b", "title": "Order", "examples": ["I want one"]},
        ]})
    }

    #[test]
    fn messages_go_the_way_of_their_topic() {
        for (label, confidence, way, kept) in [
            (Some("a"), 0.8, "a", "Complaint"),
            (Some("b"), 0.45, "b", "Order"),
            (Some("b"), 0.44, "other", ""),
            (Some("gone"), 0.9, "other", ""),
            (None, 0.1, "other", ""),
        ] {
            let mut talk = Talk::begun("classify", fields());
            talk.outcome(Outcome::Classified { label: label.map(str::to_owned), confidence });
            assert_eq!((talk.way(), talk.var("topic")), (way, json!(kept)), "{label:?} {confidence}");
        }
    }

    #[test]
    fn a_topic_without_a_way_of_its_own_goes_on_with_the_others() {
        let steps = json!([{"id": "begin", "kind": "message_received"}, {"id": "it", "kind": "classify", "fields": fields()},
            {"id": "done", "kind": "end"}]);
        let mut talk = Talk::new(steps, json!([["begin", "next", "it"], ["it", "next", "done"]]));
        talk.says("hello").outcome(Outcome::Classified { label: Some("a".into()), confidence: 0.9 });
        assert_eq!((talk.way(), talk.var("topic")), ("next", json!("Complaint")));
    }

    #[test]
    fn a_picture_without_words_is_something_else() {
        let mut talk = Talk::of("classify", fields());
        talk.says("  ");
        assert_eq!((talk.way(), talk.effects().len()), ("other", 0));
    }

    #[test]
    fn topics_are_checked() {
        for (fields, part) in [
            (json!({}), "empty"),
            (json!({"classes": [{"id": "a", "title": "A", "examples": []}]}), "empty"),
            (json!({"classes": [{"id": "a", "title": "A", "examples": ["x"]}]}), "few examples"),
            (json!({"classes": [{"id": "other", "title": "A", "examples": ["x"]}]}), "no usable id"),
        ] {
            warns("classify", fields, part);
        }
    }

    #[test]
    fn another_topic_may_stand_in_when_the_model_does_not_work() {
        let mut fields = json!({"id": "it", "kind": "classify", "fields": fields()});
        fields["failure"] = json!({"retries": 0, "wait_ms": 0, "then": "default", "value": "order"});
        let steps = json!([{"id": "begin", "kind": "message_received"}, fields, {"id": "done", "kind": "end"}]);
        let mut talk = Talk::new(steps, json!([["begin", "next", "it"], ["it", "b", "done"]]));
        talk.says("hello").outcome(Outcome::Failed { message: "No model.".into() });
        assert_eq!((talk.way(), talk.var("topic")), ("b", json!("Order")));
    }
}
