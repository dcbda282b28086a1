//! What every operation of a contract may answer besides what it is for: the refusals that the layers and extractors
//! around a handler give by themselves, so that route files name only their own.

use utoipa::openapi::header::Header;
use utoipa::openapi::path::{Operation, ParameterIn, PathItem};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Components, Content, OpenApi, Ref, RefOr, Response, ResponseBuilder};

/// The listener that a document describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listener {
    /// The owner's own: a session, and the extractors of this crate.
    Owner,
    /// What the world may reach; its handlers look at the body themselves.
    Public,
}

/// What may be refused by rule: the status, its name in the document, and what it means to a person.
const REFUSALS: &[(u16, &str, &str)] = &[
    (400, "Unreadable", "The request cannot be read: a broken body, or an address with something that is no id."),
    (401, "SignedOut", "Nobody is signed in."),
    (403, "Forbidden", "Not allowed: by role, or because another site asks in the owner's name."),
    (404, "NotFound", "There is no such thing, or not any more."),
    (413, "TooLarge", "Larger than what is taken here."),
    (415, "Unsupported", "A body of a kind that is not taken here."),
    (422, "Invalid", "Read, but not accepted; `fields` says what is wrong where."),
    (500, "Failed", "A fault of the program; `request_id` finds its cause in the log."),
    (503, "Unavailable", "Not now: the program is ending, or something that is needed is not there yet."),
    (504, "TimedOut", "It took too long and was stopped."),
    (507, "DiskLow", "The disk is nearly full; nothing new is taken in."),
];

/// Every operation with its path and method.
pub fn operations(document: &mut OpenApi) -> impl Iterator<Item = (&str, &'static str, &mut Operation)> {
    document.paths.paths.iter_mut().flat_map(|(path, item)| {
        let PathItem { get, put, post, delete, options, patch, .. } = item;
        [("get", get), ("put", put), ("post", post), ("delete", delete), ("options", options), ("patch", patch)]
            .into_iter()
            .filter_map(move |(method, operation)| Some((path.as_str(), method, operation.as_mut()?)))
    })
}

/// Adds to every operation the refusals that it may give by rule, in the one shape that errors have, and gives that
/// shape to the refusals that route files name by status and words alone. The document has to know `ErrorBody`.
pub fn declare_refusals(document: &mut OpenApi, listener: Listener) {
    let mut used = std::collections::BTreeSet::new();
    for (_, method, operation) in operations(document) {
        for status in by_rule(operation, method, listener) {
            let Some((_, name, _)) = REFUSALS.iter().find(|(of, ..)| *of == status) else { continue };
            operation.responses.responses.entry(status.to_string()).or_insert_with(|| {
                used.insert(status);
                RefOr::Ref(Ref::from_response_name(*name))
            });
        }
        for (status, response) in &mut operation.responses.responses {
            if let RefOr::T(response) = response {
                complete(status, response);
            }
        }
    }
    let components = document.components.get_or_insert_with(Components::default);
    for (status, name, meaning) in REFUSALS.iter().filter(|(status, ..)| used.contains(status)) {
        let mut response = ResponseBuilder::new().description(*meaning).build();
        complete(&status.to_string(), &mut response);
        components.responses.insert((*name).to_owned(), RefOr::T(response));
    }
}

fn by_rule(operation: &Operation, method: &str, listener: Listener) -> Vec<u16> {
    let owners = listener == Listener::Owner;
    let parameters = || {
        operation.parameters.iter().flatten().filter_map(|parameter| match parameter {
            RefOr::T(parameter) => Some(parameter),
            RefOr::Ref(_) => None,
        })
    };
    let has = |place: ParameterIn| parameters().any(|parameter| parameter.parameter_in == place);
    let has_body = operation.request_body.is_some();
    // Who has no requirement of its own has that of the document.
    let signed_in = owners && operation.security.is_none();
    let changes = matches!(method, "post" | "put" | "patch" | "delete");
    let rules = [
        (400, has(ParameterIn::Path) || has(ParameterIn::Query) || has_body),
        (401, signed_in),
        // Host names that are not this program's, other sites, and people who are not members.
        (403, owners),
        (404, has(ParameterIn::Path)),
        (413, has_body),
        (415, owners && has_body),
        (422, owners && (has_body || parameters().any(|parameter| parameter.name == "cursor"))),
        (500, true),
        (503, true),
        (504, true),
        (507, changes),
    ];
    rules.into_iter().filter(|(_, given)| *given).map(|(status, _)| status).collect()
}

/// The parts of an answer that follow from its status.
fn complete(status: &str, response: &mut Response) {
    if response.description.is_empty() {
        response.description = if status == "204" { "Done." } else { "As asked." }.to_owned();
    }
    if !status.starts_with(['4', '5']) {
        return;
    }
    if response.content.is_empty() {
        let body = Content::new(Some(Ref::from_schema_name("ErrorBody")));
        response.content.insert("application/json".to_owned(), RefOr::T(body));
    }
    if status == "429" {
        let mut wait = Header::new(ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0)).build());
        wait.description = Some("Seconds to wait, where that is known.".to_owned());
        response.headers.insert("Retry-After".to_owned(), RefOr::T(wait));
    }
}
