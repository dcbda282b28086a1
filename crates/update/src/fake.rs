//! Who publishes versions, on an address of this computer, for tests: signs as a publisher does, and stops talking in the
//! middle of a download when told to. What it serves is what [`crate::Manifest`] describes.

use std::collections::HashMap;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base::{Error, Result};
use flate2::Compression;
use flate2::write::GzEncoder;
use futures::StreamExt;
use minisign::KeyPair;
use reqwest::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::sync::watch;

use crate::manifest::platform;

/// The packed program.
pub const PACKED: &str = "program.gz";

/// A publisher and its server.
pub struct Publisher {
    keys: KeyPair,
    shared: Shared,
    /// Where it publishes, with a slash at its end.
    pub address: String,
}

#[derive(Clone)]
struct Shared {
    files: Arc<Mutex<HashMap<String, Bytes>>>,
    /// After so many bytes of a program nothing more comes.
    stalls: watch::Sender<Option<usize>>,
}

impl Shared {
    fn file(&self, name: &str) -> Option<Bytes> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }
}

impl Publisher {
    /// Opens its server; there is nothing on it yet.
    ///
    /// # Errors
    /// No port is free, or no keys can be made.
    pub async fn open() -> Result<Self> {
        let shared = Shared { files: Arc::default(), stalls: watch::Sender::new(None) };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = format!("http://{}/", listener.local_addr()?);
        let router = Router::new().route("/{name}", get(serve)).with_state(shared.clone());
        base::task::spawn("publisher", async move {
            if let Err(e) = axum::serve(listener, router).await {
                tracing::warn!(error = %e, "the publisher's server ended");
            }
        });
        let keys = KeyPair::generate_unencrypted_keypair().map_err(Error::internal)?;
        Ok(Self { keys, shared, address })
    }

    /// The public key, as programs are given it.
    pub fn key(&self) -> String {
        self.keys.pk.to_base64()
    }

    /// Puts a file on the server, in the place of one of this name.
    pub fn put(&self, name: &str, bytes: &[u8]) {
        let mut files = self.shared.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.insert(name.to_owned(), Bytes::copy_from_slice(bytes));
    }

    /// What lies on the server under this name; nothing when it is not there.
    pub fn file(&self, name: &str) -> Vec<u8> {
        self.shared.file(name).map(|bytes| bytes.to_vec()).unwrap_or_default()
    }

    /// From now on nothing comes after so many bytes of a program; `None` lets all come, also what hangs.
    pub fn stall(&self, after: Option<usize>) {
        self.shared.stalls.send_replace(after);
    }

    /// Publishes `program`, as the server and as the window of this kind of computer. `change` is made to the manifest
    /// before it is signed.
    ///
    /// # Errors
    /// It cannot be signed.
    pub fn publish(&self, version: &str, program: &[u8], change: impl FnOnce(&mut Value)) -> Result<()> {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(program)?;
        let packed = packed.finish()?;
        let download = json!({
            "url": PACKED, "size": packed.len(), "sha256": hex::encode(Sha256::digest(&packed)),
            "program_size": program.len(), "program_sha256": hex::encode(Sha256::digest(program)),
        });
        let mut manifest = json!({
            "version": version, "published": "2026-11-21T10:00:00Z", "notes": "Answers sooner.",
            "programs": { platform(): { "server": download, "window": download } },
        });
        change(&mut manifest);
        self.put(PACKED, &packed);
        self.sign(&manifest)
    }

    /// Puts a manifest on the server, signed.
    ///
    /// # Errors
    /// It cannot be signed.
    pub fn sign(&self, manifest: &Value) -> Result<()> {
        let bytes = manifest.to_string().into_bytes();
        let signature = minisign::sign(None, &self.keys.sk, bytes.as_slice(), None, None).map_err(Error::internal)?;
        self.put("manifest.json", &bytes);
        self.put("manifest.json.minisig", signature.into_string().as_bytes());
        Ok(())
    }
}

async fn serve(State(shared): State<Shared>, Path(name): Path<String>) -> Response {
    let Some(bytes) = shared.file(&name) else { return StatusCode::NOT_FOUND.into_response() };
    let mut stalls = shared.stalls.subscribe();
    let Some(after) = stalls.borrow_and_update().filter(|_| name == PACKED) else { return bytes.into_response() };
    let length = [("content-length", bytes.len().to_string())];
    let first = bytes.slice(..after.min(bytes.len()));
    let rest = bytes.slice(first.len()..);
    let rest = async move {
        // It goes on when it is told to, or when there is nobody left to tell it.
        let _ = stalls.wait_for(Option::is_none).await;
        rest
    };
    let parts = futures::stream::once(async move { first }).chain(futures::stream::once(rest));
    (length, Body::from_stream(parts.map(Ok::<_, std::convert::Infallible>))).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fetch::Source;
    use crate::place::tests::place;
    use machine::Kind;
    use tokio_util::sync::CancellationToken;

    #[tokio::test]
    async fn what_it_publishes_is_believed_and_comes_when_it_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let (place, publisher) = (place(folder.path()), Publisher::open().await.unwrap());
        let source = Source::new(&publisher.address, &publisher.key()).unwrap();
        publisher.publish("0.2.0", b"a program of many words", |_| {}).unwrap();
        let offer = source.look(Kind::Window).await.unwrap();
        assert_eq!(offer.manifest.version.to_string(), "0.2.0");
        publisher.stall(Some(5));
        let cancel = CancellationToken::new();
        let part = place.of(&offer.manifest.version);
        let comes = async {
            let begun = || {
                std::fs::read_dir(&part)
                    .is_ok_and(|files| files.flatten().any(|file| file.metadata().is_ok_and(|file| file.len() == 5)))
            };
            while !begun() {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
            publisher.stall(None);
        };
        let (fetched, ()) = tokio::join!(source.fetch(&offer, &place, &|_| {}, &cancel), comes);
        fetched.unwrap();
    }
}
