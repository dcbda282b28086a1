//! Asks a web service.

mod request;

#[cfg(test)]
mod tests;

use serde_json::Value;

use crate::declare::{Choose, FAILED, Field, Group, Input, NEXT, VarType, fields, kind};
use crate::event::{Outcome, Paging};
use crate::outside::{self, WRONG};
use crate::run::{Next, Run, Stepped};
use crate::steps::Behaviour;
use crate::validate::Check;
use crate::values;

/// Time limit, in milliseconds, and the longest one.
const TIMEOUT_MS: u64 = 10_000;
const MAX_TIMEOUT_MS: u64 = 60_000;

const METHODS: &[Choose] = &[
    Choose { value: "GET", label: "GET: read" },
    Choose { value: "POST", label: "POST: add or do" },
    Choose { value: "PUT", label: "PUT: replace" },
    Choose { value: "PATCH", label: "PATCH: change" },
    Choose { value: "DELETE", label: "DELETE: remove" },
    Choose { value: "HEAD", label: "HEAD: look whether it is there" },
];

/// Methods that carry something.
const WITH_BODY: &[&str] = &["POST", "PUT", "PATCH", "DELETE"];

const AUTH: &[Choose] = &[
    Choose { value: "none", label: "Nothing" },
    Choose { value: "bearer", label: "A token (Bearer)" },
    Choose { value: "basic", label: "User and password" },
    Choose { value: "header", label: "A key in a header" },
];

const BODIES: &[Choose] = &[
    Choose { value: "none", label: "Nothing" },
    Choose { value: "json", label: "JSON" },
    Choose { value: "form", label: "Fields of a form" },
    Choose { value: "text", label: "A text" },
];

fields! {
    /// A name with a value, such as a header.
    pub(crate) struct Pair {
        name: String = String::new() => Field::plain("Name", "As the service calls it.", 100).required(),
        value: String = String::new() => Field::line("Value", "A text or an expression.").secrets(),
    }
}

fields! {
    /// A part of the response to keep.
    pub(crate) struct Save {
        variable: String = String::new() => Field::variable("Keep as", "A name for it.", VarType::Any).required(),
        pointer: String = String::new() => Field::plain("Which part", "Such as /items/0/price. Empty keeps all of it.", 500),
    }
}

fields! {
    /// A request.
    pub(crate) struct Http {
        method: String = "GET".into() => Field::pick("Method", "The service’s manual says which one.", METHODS),
        url: String = String::new() => Field::line("Address", "Put a customer’s words in with | urlencode. The server’s name cannot be an expression.").required().secrets(),
        auth: String = "none".into() => Field::pick("It asks for", "How the service knows you.", AUTH),
        user: String = String::new() => Field::line("User", "The name with which you sign in.").required().secrets().when("auth", &["basic"]),
        header: String = "X-API-Key".into() => Field::plain("Name of the header", "The service’s manual says which one.", 100).required().when("auth", &["header"]),
        secret: String = String::new() => Field::new("Secret", "The token, password or key. Kept sealed and never shown.", Input::Secret).required()
            .when("auth", &["bearer", "basic", "header"]),
        query: Vec<Pair> = Vec::new() => Field::items("Added to the address", "What stands behind the question mark.", 30, "value", Pair::FIELDS).secrets(),
        headers: Vec<Pair> = Vec::new() => Field::items("Headers", "What else the service wants to be told.", 30, "header", Pair::FIELDS).secrets(),
        body: String = "none".into() => Field::pick("Send along", "What the request carries.", BODIES).when("method", WITH_BODY),
        json: Value = Value::Null => Field::new("JSON", "Expressions may stand in it, such as {\"name\": \"{{ contact.name }}\"}.", Input::Json).required().secrets().when("body", &["json"]),
        form: Vec<Pair> = Vec::new() => Field::items("Fields of the form", "What is filled in.", 50, "field", Pair::FIELDS).secrets().when("body", &["form"]),
        text: String = String::new() => Field::words("Text", "Sent as it is.").required().secrets().when("body", &["text"]),
        save: Vec<Save> = Vec::new() => Field::items("Keep of the response", "Parts of what the service answers, for later steps.", 50, "value", Save::FIELDS),
        status: String = String::new() => Field::variable("Keep the status as", "A number such as 200. Empty keeps it nowhere.", VarType::Number),
        accept_errors: bool = false => Field::toggle("Errors are answers, too", "Else a status of 400 or more counts as failed."),
        pages: bool = false => Field::toggle("The answer has several pages", "The next ones are fetched as well."),
        next_page: String = "/next".into() => Field::plain("Where the next page stands", "The part of the response with its address, such as /next.", 500).required().when("pages", &["true"]),
        page_items: String = "/items".into() => Field::plain("The list that grows", "The part of the response with the entries, such as /items.", 500).when("pages", &["true"]),
        max_pages: u32 = 5 => Field::whole("At most", "Further pages are left out.", 2.0, 20.0, "pages").when("pages", &["true"]),
    }
}

kind!(Http {
    name: "http",
    group: Group::Actions,
    title: "Call a web service",
    help: "Asks another program on the web, such as your shop, and keeps parts of what it answers.",
    branches: &[NEXT, FAILED],
    outside: true,
    example: r#"{"method":"GET","url":"https://example.com/orders/{{ last.text | urlencode }}","auth":"bearer","secret":"shop","save":[{"variable":"order_status","pointer":"/status"}]}"#,
    example_says: "Asks your shop for the order whose number the customer wrote, and keeps its state as “order_status”.",
});

impl Http {
    fn saved<'a>(&'a self, run: &mut Run<'a>, body: &Value) -> Stepped<'a> {
        for save in self.save.iter().take(50) {
            let found = body.pointer(&save.pointer).cloned().unwrap_or_default();
            run.set_variable(&save.variable, found)?;
        }
        Ok(Next::NEXT)
    }
}

impl Behaviour for Http {
    fn enter<'a>(&'a self, run: &mut Run<'a>) -> Stepped<'a> {
        let (kind, host) = request::of(self, run)?;
        run.note("Calls a web service", host);
        Ok(run.await_effect(kind))
    }

    fn outcome<'a>(&'a self, run: &mut Run<'a>, _seq: u64, outcome: &Outcome) -> Stepped<'a> {
        let Outcome::Response { status, body } = outcome else { return Err(WRONG.into()) };
        run.note_value("The web service answered", format!("Status {status}"), body);
        run.set_variable(&self.status, (*status).into())?;
        if *status >= 400 && !self.accept_errors {
            let message = format!("The web service answered with status {status}.");
            // A wrong request stays wrong; a service in trouble may get better.
            let may_pass = *status >= 500 || matches!(status, 408 | 425 | 429);
            return Ok(if may_pass { Next::Failed(message) } else { Next::Refused(message) });
        }
        self.saved(run, body)
    }

    fn give<'a>(&'a self, run: &mut Run<'a>, value: Value) -> Stepped<'a> {
        self.saved(run, &value)
    }

    fn check(&self, check: &mut Check<'_>) {
        outside::check_address(check, "url", &self.url);
        let own = (self.auth == "header").then_some(self.header.as_str());
        for name in self.headers.iter().map(|h| h.name.as_str()).chain(own) {
            if !name.is_empty() && !request::is_token(name) {
                let message = format!("“{name}” cannot be the name of a header.");
                check.error("headers", &message, "Use letters and dashes.");
            }
        }
        for (i, save) in self.save.iter().enumerate() {
            values::check_pointer(check, &format!("save.{i}.pointer"), &save.pointer);
        }
        if self.pages {
            values::check_pointer(check, "next_page", &self.next_page);
            values::check_pointer(check, "page_items", &self.page_items);
        }
    }
}

impl Http {
    fn paging(&self) -> Option<Paging> {
        let of = || Paging {
            next: self.next_page.clone(),
            items: self.page_items.clone(),
            max_pages: self.max_pages.clamp(2, 20),
        };
        self.pages.then(of)
    }
}
