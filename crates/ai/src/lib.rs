//! Models: text to vectors and text to answers, on this machine and from cloud providers, behind one router.

pub mod chat;
pub mod cloud;
pub mod embed;
pub mod models;
pub mod request;
pub mod router;

pub use request::{Completion, Finish, Message, OnPart, Part, Request, Role};
