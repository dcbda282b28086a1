//! The simulator over HTTP: the drafts on a virtual clock. It keeps nothing; the browser holds the script.

pub(crate) mod routes;
