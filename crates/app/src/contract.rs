//! The published contract: the OpenAPI documents of both listeners, and a page that shows the owner's.

use axum::Router;
use axum::response::{Html, IntoResponse};
use bots::{AppState, Workspaces};
use http::header;
use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;
use web::Listener;

use crate::{brand, computer, doctor, moving, updating};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "BotFlow",
        description = "What the owner's interface calls. Signed in by a session cookie; every list is paged by cursor; \
                       times are milliseconds since 1970-01-01 UTC.",
        license(name = "MIT OR Apache-2.0")
    ),
    components(schemas(web::ErrorBody)),
    security(("session" = []))
)]
struct OwnersDocument;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "BotFlow for the world",
        description = "What the public listener answers: the web chat of visitors, webhooks of WhatsApp, the proof of the \
                       public address, and nothing else.",
        license(name = "MIT OR Apache-2.0")
    ),
    components(schemas(web::ErrorBody, base::id::ChannelId))
)]
struct PublicDocument;

/// The routes with their contract.
pub(crate) fn api() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(OwnersDocument::openapi()).nest(
        "/api",
        OpenApiRouter::new()
            .merge(accounts::routes())
            .merge(bots::admin_routes())
            .merge(brand::api())
            .merge(moving::routes::router())
            .merge(doctor::router())
            .merge(updating::routes::router())
            .merge(computer::routes::router()),
    )
}

/// The contract of the owner's listener as JSON, the same for the same program.
pub fn openapi() -> String {
    let (_, mut document): (Router<AppState>, _) = api().split_for_parts();
    document.merge(ops::health_contract());
    let session = ApiKeyValue::with_description(
        accounts::cookie_name(),
        "Set by signing in. A request that changes something and comes from another site's page (`Sec-Fetch-Site`, or \
         `Origin` where a browser sends none) is refused, so that no other token is needed."
            .to_owned(),
    );
    finish(document, Listener::Owner, [("session", SecurityScheme::ApiKey(ApiKey::Cookie(session)))])
}

/// The contract of the public listener as JSON, the same for the same program.
pub fn public_openapi() -> String {
    let (_, public): (Router<Workspaces>, _) = bots::public_routes().split_for_parts();
    let mut document = PublicDocument::openapi();
    document.merge(public);
    let visitor = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("What a visitor's browser was given when its visit began."))
        .build();
    let signature = ApiKeyValue::with_description(
        "X-Hub-Signature-256",
        "`sha256=` and the HMAC-SHA256 of the body under the app's secret, in hex.",
    );
    let schemes =
        [("visitor", SecurityScheme::Http(visitor)), ("signature", SecurityScheme::ApiKey(ApiKey::Header(signature)))];
    finish(document, Listener::Public, schemes)
}

fn finish<const N: usize>(
    mut document: utoipa::openapi::OpenApi,
    listener: Listener,
    schemes: [(&str, SecurityScheme); N],
) -> String {
    let components = document.components.get_or_insert_with(Default::default);
    for (name, scheme) in schemes {
        components.add_security_scheme(name, scheme);
    }
    document.info.title = base::product::said(&document.info.title).into_owned();
    web::declare_refusals(&mut document, listener);
    let mut text = document.to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
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
    let name = text(&document["info"]["title"]);
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{name} API</title><style>body{{font:15px/1.5 \
         system-ui;margin:2rem auto;max-width:60rem;padding:0 1rem}}td{{padding:.25rem .75rem .25rem 0;\
         vertical-align:top}}</style><h1>{name} API</h1><p>The whole contract: \
         <a href=\"/api/openapi.json\">openapi.json</a>.</p><table>{rows}</table></html>"
    )
}

#[cfg(test)]
mod tests;
