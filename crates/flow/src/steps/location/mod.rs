//! Sends a place on the map.

use base::message::Content;
use serde_json::{Value, json};

use crate::declare::{Field, Group, VarType, fields, kind};
use crate::expression::words_of;
use crate::media::caption;
use crate::run::{Next, Run, Stepped};
use crate::steps::Behaviour;
use crate::validate::Check;

fields! {
    /// A place.
    pub(crate) struct Location {
        latitude: Value = json!("") => Field::value("Latitude", "How far north, such as 52.5163; south of the equator with a minus.", VarType::Number).required(),
        longitude: Value = json!("") => Field::value("Longitude", "How far east, such as 13.3777; west of Greenwich with a minus.", VarType::Number).required(),
        name: String = String::new() => Field::line("Name", "Such as the name of your shop."),
        address: String = String::new() => Field::line("Address", "In one line, below the name."),
    }
}

kind!(Location {
    name: "location",
    group: Group::Messages,
    title: "Send a place",
    help: "Sends a place that opens in the customer’s map, and goes on at once.",
    example: r#"{"latitude":"52.5163","longitude":"13.3777","name":"{{ business.name }}","address":"Pariser Platz 1, Berlin"}"#,
    example_says: "Sends your shop as a place on the map.",
});

/// A coordinate as it was written; both marks for decimals are understood.
fn coordinate(text: &str) -> Option<f64> {
    text.trim().replace(['−', '–'], "-").replace(',', ".").parse().ok().filter(|n: &f64| n.is_finite())
}

fn read(run: &Run<'_>, source: &Value, what: &str, most: f64) -> Result<f64, String> {
    let value = match source {
        Value::String(text) => run.value(text)?,
        other => other.clone(),
    };
    let number = value.as_f64().or_else(|| coordinate(&words_of(&value)));
    number.filter(|n| (-most..=most).contains(n)).ok_or_else(|| {
        let short: String = words_of(&value).chars().take(40).collect();
        format!("The {what} “{short}” is not on the map. It is a number from -{most} to {most}.")
    })
}

impl Behaviour for Location {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let latitude = read(run, &self.latitude, "latitude", 90.0)?;
        let longitude = read(run, &self.longitude, "longitude", 180.0)?;
        let (name, address) = (caption(run, &self.name)?, caption(run, &self.address)?);
        run.note("Sent a place", name.as_deref().or(address.as_deref()).unwrap_or_default());
        run.send(Content::Location { latitude, longitude, name, address }, None)?;
        Ok(Next::NEXT)
    }

    fn check(&self, check: &mut Check<'_>) {
        for (field, value, most) in [("latitude", &self.latitude, 90.0), ("longitude", &self.longitude, 180.0)] {
            let text = words_of(value);
            let wrong = value.as_f64().or_else(|| coordinate(&text)).is_none_or(|n| n.abs() > most);
            if !text.trim().is_empty() && !text.contains("{{") && wrong {
                check.error(field, "This is not on the map.", &format!("Enter a number from -{most} to {most}."));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Talk, warns};

    #[test]
    fn a_place_is_sent_however_its_numbers_are_written() {
        for (latitude, longitude, expected) in [
            (json!("52.516"), json!("13,3777"), (52.516, 13.3777)),
            (json!(-1.5), json!("−30"), (-1.5, -30.0)),
            (json!("{{ contact.place.latitude }}"), json!("{{ contact.place.longitude }}"), (1.25, 2.5)),
        ] {
            let mut talk = Talk::of("location", json!({"latitude": latitude, "longitude": longitude, "name": "Shop"}));
            talk.context.contact.insert("place".into(), json!({"latitude": 1.25, "longitude": "2.5"}));
            talk.says("begin");
            let content = serde_json::to_value(talk.contents()[0]).unwrap();
            let (latitude, longitude) = expected;
            assert_eq!(
                content,
                json!({"kind": "location", "latitude": latitude, "longitude": longitude, "name": "Shop"})
            );
        }
        let talk = Talk::begun("location", json!({"latitude": "{{ last.text }}", "longitude": "1"}));
        assert!(talk.notes().iter().any(|n| n.contains("The latitude “begin”")), "{:?}", talk.notes());
    }

    #[test]
    fn an_owner_learns_what_is_not_on_the_map() {
        for (latitude, longitude, part) in [
            (json!("91"), json!("1"), "not on the map"),
            (json!("1"), json!("east"), "not on the map"),
            (json!(""), json!("1"), "empty"),
        ] {
            warns("location", json!({"latitude": latitude, "longitude": longitude}), part);
        }
    }
}
