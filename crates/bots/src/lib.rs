//! The heart: bots, their channels and flows, conversations with customers, and the answers in them.
//!
//! Everything here belongs to one business (`Workspace`); a handler gets the business that the caller is a member of
//! and cannot name another one's rows.

mod address;
mod answers;
mod bots;
mod business;
mod calendar;
mod channels;
mod contacts;
mod conversations;
mod current;
pub mod desk;
mod email;
mod events;
mod flows;
mod holder;
mod home;
mod inbound;
mod media;
mod models;
mod notices;
mod outbox;
mod rest;
mod runs;
mod sample;
mod saved_tests;
mod secrets;
mod settings;
mod simulation;
mod sources;
mod standing;
mod triggers;
mod versions;
mod webchat;
mod work;
mod workspace;

#[cfg(test)]
mod tests;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use address::Tunnels;
pub use answers::{Answer, Question};
pub use bots::first::{FirstBot, begin_with};
pub use business::Business;
pub use conversations::{Conversation, ConversationSummary, Message};
pub use current::{AppState, Current};
pub use email::fake as fake_mail;
pub use flows::templates::offer_flows_of;
pub use holder::{INSTALLATION_FILE, MOVED};
pub use inbound::Accepted;
pub use models::Models;
pub use sample::{SampleBusiness, SampleFile, load as load_sample};
pub use standing::{AddressStanding, ChannelStanding, Standing, TokenStanding, TunnelStanding, standing};
pub use workspace::{Live, LiveKind, Machine, Owners, Timing, Workspace, Workspaces};

/// What the owner's interface calls, under `/api`.
pub fn admin_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(business::routes::router())
        .merge(bots::routes::router())
        .merge(channels::routes::router())
        .merge(address::routes::router())
        .merge(conversations::routes::router())
        .merge(sources::routes::router())
        .merge(answers::routes::router())
        .merge(models::routes::router())
        .merge(home::routes::router())
        .merge(notices::routes::router())
        .merge(media::routes::router())
        .merge(flows::routes::router())
        .merge(versions::routes::router())
        .merge(simulation::routes::router())
        .merge(saved_tests::routes::router())
        .merge(runs::routes::router())
        .merge(triggers::routes::router())
        .merge(secrets::routes::router())
        .merge(email::routes::router())
        .merge(calendar::routes::router())
        .routes(routes!(events::events))
}

/// What the world may reach, on the public listener only.
pub fn public_routes() -> OpenApiRouter<Workspaces> {
    OpenApiRouter::new()
        .merge(channels::webhook::router())
        .merge(triggers::hook::router())
        .merge(webchat::routes::router())
        .merge(address::proof_router())
}
