//! Versions of a bot's flows: publishing what is drawn, now or later, comparing, going back.

pub(crate) mod routes;
pub(crate) mod service;
pub(crate) mod store;
