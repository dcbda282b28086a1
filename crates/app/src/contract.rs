//! The published contract: the OpenAPI document of everything under `/api`, and its page.

use axum::Router;
use axum::response::{Html, IntoResponse};
use bots::AppState;
use http::header;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "BotFlow",
        description = "What the owner's interface calls. Signed in by a session cookie; every list is paged by cursor; \
                       times are milliseconds since 1970-01-01 UTC.",
        license(name = "MIT OR Apache-2.0")
    ),
    components(schemas(web::ErrorBody))
)]
struct Document;

/// The routes with their contract.
pub(crate) fn api() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(Document::openapi())
        .nest("/api", OpenApiRouter::new().merge(accounts::routes()).merge(bots::admin_routes()))
}

/// The contract as JSON, the same for the same program.
pub fn openapi() -> String {
    let (_, mut document): (Router<AppState>, _) = api().split_for_parts();
    add_errors(&mut document);
    let mut text = document.to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

/// Every operation may answer with an error in the same shape.
fn add_errors(document: &mut utoipa::openapi::OpenApi) {
    use utoipa::openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder};
    let error = ResponseBuilder::new()
        .description("What went wrong, in words")
        .content("application/json", ContentBuilder::new().schema(Some(Ref::from_schema_name("ErrorBody"))).build())
        .build();
    for item in document.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            operation.responses.responses.entry("default".into()).or_insert_with(|| RefOr::T(error.clone()));
        }
    }
}

/// `/api/openapi.json` and a page that shows it.
pub(crate) fn routes() -> Router {
    let document = openapi();
    Router::new()
        .route(
            "/api/openapi.json",
            axum::routing::get(move || {
                let document = document.clone();
                async move { ([(header::CONTENT_TYPE, "application/json")], document).into_response() }
            }),
        )
        .route("/api/docs", axum::routing::get(|| async { Html(page()) }))
}

/// A plain page of the contract, made on the spot: no script, no other site.
fn page() -> String {
    let document: serde_json::Value = serde_json::from_str(&openapi()).unwrap_or_default();
    let text = |v: &serde_json::Value| {
        v.as_str().unwrap_or_default().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
    };
    let mut rows = String::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            rows.push_str(&format!(
                "<tr><td><b>{}</b></td><td><code>{}</code></td><td>{}</td><td>{}</td></tr>",
                method.to_uppercase(),
                path.replace('<', "&lt;"),
                text(&operation["tags"][0]),
                text(&operation["summary"])
            ));
        }
    }
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>BotFlow API</title><style>body{{font:15px/1.5 \
         system-ui;margin:2rem auto;max-width:60rem;padding:0 1rem}}td{{padding:.25rem .75rem .25rem 0;\
         vertical-align:top}}</style><h1>BotFlow API</h1><p>The whole contract: \
         <a href=\"/api/openapi.json\">openapi.json</a>.</p><table>{rows}</table></html>"
    )
}
