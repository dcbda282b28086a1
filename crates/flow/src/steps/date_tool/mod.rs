//! Calculates with dates.

use jiff::civil::Date;
use jiff::{SignedDuration, Span, Unit, Zoned};
use serde_json::{Value, json};

use crate::declare::{Choose, FAILED, Field, Group, NEXT, VarType, fields, kind};
use crate::run::{Run, Stepped};
use crate::steps::Behaviour;
use crate::validate::Check;
use crate::values::{self, When};

/// Longest pattern of a date, in bytes.
const MAX_PATTERN: usize = 100;
/// Most units that are added at once.
const MAX_AMOUNT: f64 = 10_000_000.0;

const OPERATIONS: &[Choose] = &[
    Choose { value: "add", label: "Later" },
    Choose { value: "subtract", label: "Earlier" },
    Choose { value: "difference", label: "How far apart two dates are" },
    Choose { value: "weekday", label: "The day of the week" },
    Choose { value: "format", label: "Write it out" },
    Choose { value: "start_of", label: "The first day of the week, month or year" },
];

const UNITS: &[Choose] = &[
    Choose { value: "minutes", label: "minutes" },
    Choose { value: "hours", label: "hours" },
    Choose { value: "days", label: "days" },
    Choose { value: "weeks", label: "weeks" },
    Choose { value: "months", label: "months" },
    Choose { value: "years", label: "years" },
];

const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

fields! {
    /// What is done with which date.
    pub(crate) struct DateTool {
        operation: String = "add".into() => Field::pick("Do", "What is worked out.", OPERATIONS),
        date: String = String::new() => Field::value("Date", "Such as {{ day }}, 2026-12-24 or 2026-12-24 18:00. Empty means now.", VarType::Any),
        other: String = String::new() => Field::value("Until", "The second date. Empty means now.", VarType::Any).when("operation", &["difference"]),
        amount: String = "1".into() => Field::value("How many", "A number or an expression.", VarType::Number).required().when("operation", &["add", "subtract"]),
        unit: String = "days".into() => Field::pick("Counted in", "Of months, the last day is kept: 31 January and a month is the end of February.", UNITS)
            .when("operation", &["add", "subtract", "difference", "start_of"]),
        pattern: String = "%d.%m.%Y".into() => Field::plain("Pattern", "%d day, %m month, %Y year, %H hour, %M minute, %A day of the week, %B name of the month.", 100)
            .required().when("operation", &["format"]),
        variable: String = String::new() => Field::variable("Keep as", "A name for the result.", VarType::Any).required(),
    }
}

kind!(DateTool {
    name: "date_tool",
    group: Group::Data,
    title: "Calculate with dates",
    help: "Adds days to a date, counts the days between two, or writes a date out, where your business is. Days of the week \
           come as monday to sunday.",
    branches: &[NEXT, FAILED],
    example: r#"{"operation":"add","date":"","amount":"3","unit":"days","variable":"deadline"}"#,
    example_says: "Keeps the moment three days from now as “deadline”.",
});

impl DateTool {
    fn result(&self, run: &Run<'_>) -> Result<Value, String> {
        let when = values::when(run, &run.value(&self.date)?)?;
        match self.operation.as_str() {
            "add" => self.moved(run, &when, 1.0).map(|w| w.value()),
            "subtract" => self.moved(run, &when, -1.0).map(|w| w.value()),
            "difference" => {
                let other = values::when(run, &run.value(&self.other)?)?;
                self.apart(run, &when, &other)
            }
            "weekday" => {
                let at = usize::try_from(when.date().weekday().to_monday_zero_offset()).unwrap_or_default();
                Ok(json!(DAYS[at % 7]))
            }
            "format" => formatted(&self.pattern, &when.moment(run)?).map(Value::String),
            "start_of" => self.start(when.date()).map(|date| When::Day(date).value()),
            _ => Err("It is not said what to do with the date. Choose it in this step.".into()),
        }
    }

    fn moved(&self, run: &Run<'_>, when: &When, sign: f64) -> Result<When, String> {
        let amount = values::number(run, &run.value(&self.amount)?)? * sign;
        if amount.abs() > MAX_AMOUNT {
            return Err("This date is too far away.".into());
        }
        #[expect(clippy::cast_possible_truncation, reason = "bounded above")]
        let (whole, fraction) = (amount.trunc() as i64, amount.fract());
        let far = |_| "This date is too far away.".to_owned();
        let clock = |seconds: f64| {
            #[expect(clippy::cast_possible_truncation, reason = "bounded above")]
            let by = SignedDuration::from_secs((amount * seconds).round() as i64);
            when.moment(run)?.checked_add(by).map(When::Moment).map_err(far)
        };
        let span = match self.unit.as_str() {
            "minutes" => return clock(60.0),
            "hours" => return clock(3600.0),
            _ if fraction != 0.0 => {
                return Err(format!("{amount} {} cannot be counted; use a whole number.", self.unit));
            }
            "weeks" => Span::new().try_weeks(whole),
            "months" => Span::new().try_months(whole),
            "years" => Span::new().try_years(whole),
            _ => Span::new().try_days(whole),
        }
        .map_err(far)?;
        match when {
            When::Day(date) => date.checked_add(span).map(When::Day).map_err(far),
            When::Moment(moment) => moment.checked_add(span).map(When::Moment).map_err(far),
        }
    }

    /// Whole units from one date to the other; below zero when the other comes first.
    fn apart(&self, run: &Run<'_>, from: &When, until: &When) -> Result<Value, String> {
        let far = |_| "These dates are too far apart.".to_owned();
        if let "minutes" | "hours" = self.unit.as_str() {
            let seconds = until.moment(run)?.timestamp().as_second() - from.moment(run)?.timestamp().as_second();
            return Ok(json!(seconds / if self.unit == "hours" { 3600 } else { 60 }));
        }
        let (from, until) = (from.date(), until.date());
        Ok(match self.unit.as_str() {
            "weeks" => json!(from.until((Unit::Week, until)).map_err(far)?.get_weeks()),
            "months" => json!(
                from.until((Unit::Month, until)).map_err(far)?.get_months()
                    + i32::from(from.until((Unit::Month, until)).map_err(far)?.get_years()) * 12
            ),
            "years" => json!(from.until((Unit::Year, until)).map_err(far)?.get_years()),
            _ => json!(from.until((Unit::Day, until)).map_err(far)?.get_days()),
        })
    }

    fn start(&self, date: Date) -> Result<Date, String> {
        let far = |_| "This date is too far away.".to_owned();
        match self.unit.as_str() {
            "weeks" => {
                let days = i64::from(date.weekday().to_monday_zero_offset());
                date.checked_sub(Span::new().try_days(days).map_err(far)?).map_err(far)
            }
            "months" => Ok(date.first_of_month()),
            "years" => Ok(date.first_of_year()),
            _ => Ok(date),
        }
    }
}

fn formatted(pattern: &str, moment: &Zoned) -> Result<String, String> {
    let wrong = || format!("“{pattern}” is not a pattern for dates.");
    if pattern.len() > MAX_PATTERN {
        return Err(wrong());
    }
    jiff::fmt::strtime::format(pattern, moment).map_err(|_| wrong())
}

impl Behaviour for DateTool {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let result = self.result(run);
        values::keep(run, "Worked out a date", &self.variable, result)
    }

    fn check(&self, check: &mut Check<'_>) {
        if self.operation == "format"
            && !self.pattern.is_empty()
            && let Err(problem) = formatted(&self.pattern, &Zoned::default())
        {
            check.error("pattern", &problem, "Use signs such as %d.%m.%Y.");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Talk, warns};

    fn kept(fields: Value) -> (String, Value) {
        let mut fields = fields;
        fields["variable"] = json!("kept");
        let talk = Talk::begun("date_tool", fields);
        (talk.way().to_owned(), talk.var("kept"))
    }

    #[test]
    fn dates_are_calculated_where_the_business_is() {
        for (fields, expected) in [
            (json!({"amount": "3"}), json!("2026-03-07T11:00")),
            (json!({"date": "2026-01-31", "amount": "1", "unit": "months"}), json!("2026-02-28")),
            (json!({"date": "2026-03-01", "operation": "subtract", "unit": "days"}), json!("2026-02-28")),
            (json!({"date": "2024-02-29", "amount": "1", "unit": "years"}), json!("2025-02-28")),
            (json!({"date": "2026-03-01 15:30", "amount": "{{ 2 }}", "unit": "weeks"}), json!("2026-03-15T15:30")),
            // The clock goes forward in the night of 29 March 2026.
            (json!({"date": "2026-03-28 23:30", "amount": "3", "unit": "hours"}), json!("2026-03-29T03:30")),
            (json!({"date": "2026-03-28 23:30", "amount": "1", "unit": "days"}), json!("2026-03-29T23:30")),
            (json!({"date": "2026-03-01", "amount": "1.5", "unit": "hours"}), json!("2026-03-01T01:30")),
            (json!({"operation": "difference", "date": "2026-03-01", "other": "2026-03-15"}), json!(14)),
            (
                json!({"operation": "difference", "date": "2026-03-15", "other": "2026-03-01", "unit": "weeks"}),
                json!(-2),
            ),
            (json!({"operation": "difference", "date": "1990-05-20", "unit": "years"}), json!(35)),
            (
                json!({"operation": "difference", "date": "2024-12-01", "other": "2026-03-01", "unit": "months"}),
                json!(15),
            ),
            (json!({"operation": "difference", "date": "2026-03-04 10:00", "unit": "minutes"}), json!(60)),
            (json!({"operation": "weekday", "date": "2026-03-01"}), json!("sunday")),
            (json!({"operation": "weekday"}), json!("wednesday")),
            (json!({"operation": "format", "date": "2026-03-01"}), json!("01.03.2026")),
            (
                json!({"operation": "format", "date": "2026-03-01 15:30", "pattern": "%A at %H:%M"}),
                json!("Sunday at 15:30"),
            ),
            (json!({"operation": "start_of", "unit": "weeks"}), json!("2026-03-02")),
            (json!({"operation": "start_of", "date": "2026-03-31", "unit": "months"}), json!("2026-03-01")),
            (json!({"operation": "start_of", "date": "tomorrow", "unit": "years"}), json!("2026-01-01")),
        ] {
            assert_eq!(kept(fields.clone()), ("next".into(), expected), "{fields}");
        }
    }

    #[test]
    fn what_is_no_date_takes_its_own_way() {
        for fields in [
            json!({"date": "some day"}),
            json!({"amount": "a few"}),
            json!({"amount": "1.5", "unit": "months"}),
            json!({"amount": "99999999999"}),
            json!({"amount": "9000000", "unit": "years"}),
            json!({"operation": "format", "pattern": "%!"}),
        ] {
            assert_eq!(kept(fields.clone()).0, "failed", "{fields}");
        }
        warns("date_tool", json!({"operation": "format", "pattern": "%!", "variable": "x"}), "not a pattern");
    }
}
