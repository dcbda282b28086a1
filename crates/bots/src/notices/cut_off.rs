//! After an end without warning (a crash, a power failure): what was left waiting, told to the owner at home, once.

use base::{Result, Time};
use db::Tx;
use jiff::tz::TimeZone;

use super::{About, Notice};
use crate::workspace::Workspace;
use crate::{business, conversations, inbound, outbox, runs};

/// What the program found when it came back, before it went on with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Left {
    /// Messages that nobody had looked at yet.
    received: u32,
    /// What runs had asked for and not got yet, most of it answers.
    in_the_making: u32,
    /// Replies that had not left yet.
    unsent: u32,
    /// Replies of which it is not certain whether they left.
    in_doubt: u32,
}

/// Tells it; to be called before the business goes on with its work. The latest end counts, if nobody has read of an
/// earlier one.
pub(crate) async fn tell(ws: &Workspace, last_seen: Time) -> Result<()> {
    let now = ws.clock.now();
    ws.db
        .write(move |tx| {
            let zone = TimeZone::get(&business::get(tx)?.timezone).unwrap_or(TimeZone::UTC);
            let text = text(last_seen, now, &zone, left(tx, now)?);
            super::settle(tx, now, About::CutOff)?;
            let title = "The program ended without warning";
            super::tell(tx, now, &Notice { title, text: &text, about: Some(About::CutOff), ..Notice::default() })
        })
        .await
}

fn left(tx: &Tx<'_>, now: Time) -> Result<Left> {
    let (unsent, in_doubt) = outbox::store::count_left(tx)?;
    Ok(Left {
        received: inbound::store::count_messages(tx)?.saturating_add(conversations::store::count_unseen(tx)?),
        in_the_making: jobs::count_due(tx, runs::EFFECT_JOB, now)?,
        unsent,
        in_doubt,
    })
}

/// By the business's own clock. The program says that it is there once a minute, so that its end is known no better.
fn text(last_seen: Time, now: Time, zone: &TimeZone, left: Left) -> String {
    let (ended, back) = (last_seen.to_jiff().to_zoned(zone.clone()), now.to_jiff().to_zoned(zone.clone()));
    let clock = if ended.date() == back.date() { "%H:%M" } else { "%-d %B, %H:%M" };
    let (ended, back) = (ended.strftime(clock).to_string(), back.strftime(clock).to_string());
    let mut said = vec![if ended == back {
        format!("It was cut off at about {ended} and went on at once. Nothing that had come in is lost.")
    } else {
        format!("It was cut off at about {ended} and started again at {back}. Nothing that had come in is lost.")
    }];
    let mut count = |number: u32, one: &str, many: &str| {
        if number == 1 {
            said.push(format!("1 {one}"));
        } else if number > 1 {
            said.push(format!("{number} {many}"));
        }
    };
    count(
        left.received,
        "message was waiting and is being seen to now.",
        "messages were waiting and are being seen to now.",
    );
    count(
        left.in_the_making,
        "answer was in the making and is being finished.",
        "answers were in the making and are being finished.",
    );
    count(left.unsent, "reply had not left yet and goes out now.", "replies had not left yet and go out now.");
    count(
        left.in_doubt,
        "reply may have left already; that is found out first, so that nobody gets it twice.",
        "replies may have left already; that is found out first, so that nobody gets them twice.",
    );
    if left == Left::default() {
        said.push("No message was left waiting.".to_owned());
    }
    said.join(" ")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_owner_reads_when_it_was_and_what_was_waiting() {
        let zone = TimeZone::get("Africa/Johannesburg").unwrap();
        // 12:03 UTC.
        let last_seen = Time(1_794_312_180_000);
        let at = |minutes: u64| last_seen.plus(Duration::from_secs(60 * minutes));
        let some = Left { received: 3, in_the_making: 1, unsent: 1, in_doubt: 2 };
        assert_eq!(
            text(last_seen, at(17), &zone, some),
            "It was cut off at about 14:03 and started again at 14:20. Nothing that had come in is lost. \
             3 messages were waiting and are being seen to now. 1 answer was in the making and is being finished. \
             1 reply had not left yet and goes out now. \
             2 replies may have left already; that is found out first, so that nobody gets them twice."
        );
        let none = text(last_seen, last_seen, &zone, Left::default());
        assert!(none.contains("14:03 and went on at once") && none.ends_with("No message was left waiting."), "{none}");
        let days = text(last_seen, at(60 * 30), &zone, Left { received: 1, ..Left::default() });
        assert!(days.contains("10 November, 14:03 and started again at 11 November, 20:03"), "{days}");
        assert!(days.ends_with("1 message was waiting and is being seen to now."), "{days}");
    }
}
