//! The program put together: configuration, both listeners, the contract, and the interface inside the binary.

pub mod config;
mod contract;
mod interface;
mod lock;
mod sample;
mod server;

pub use config::{Config, Overrides};
pub use contract::openapi;
pub use server::Server;
