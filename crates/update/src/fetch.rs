//! The way to newer versions: what is there, and the download, which goes on where it stopped.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::Duration;

use base::disk::{self, sync_folder};
use base::{Error, ErrorCode, Result, Stopwatch, net, task};
use flate2::read::GzDecoder;
use futures::StreamExt;
use machine::Kind;
use minisign_verify::PublicKey;
use reqwest::header::{CONTENT_RANGE, RANGE};
use reqwest::{Client, Response, StatusCode, redirect};
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;
use tokio_util::sync::CancellationToken;
use url::{Host, Url};

use crate::manifest::{Download, MAX_MANIFEST_BYTES, MAX_SIGNATURE_BYTES, Manifest, Signed, public_key};
use crate::place::{Place, hash};
use semver::Version;

/// Silence after which a download is given up; what came is kept.
const SILENCE: Duration = Duration::from_secs(60);
const REPORT_EVERY: Duration = Duration::from_millis(200);
const MAX_REDIRECTS: usize = 5;

/// Where newer versions are looked for, and whose signature they need.
#[derive(Clone, Debug)]
pub struct Source {
    folder: Url,
    key: PublicKey,
}

/// A version that was found, for this computer.
#[derive(Clone, Debug)]
pub struct Offer {
    pub manifest: Manifest,
    signed: Signed,
    kind: Kind,
}

impl Offer {
    /// What is downloaded, and what is unpacked of it.
    pub fn download(&self) -> Result<&Download> {
        self.manifest.program(self.kind)
    }
}

impl Source {
    /// `address` is the folder in which `manifest.json` lies.
    ///
    /// # Errors
    /// `Invalid`: one of both is none.
    pub fn new(address: &str, key: &str) -> Result<Source> {
        let wrong = || {
            Error::invalid(
                "“update_address” should be a web address that begins with https://, such as https://example.com/updates/.",
            )
        };
        let mut folder: Url = address.parse().map_err(|_| wrong())?;
        if !is_safe(&folder) || folder.cannot_be_a_base() {
            return Err(wrong());
        }
        if !folder.path().ends_with('/') {
            folder.set_path(&format!("{}/", folder.path()));
        }
        Ok(Source { folder, key: public_key(key)? })
    }

    /// What is published now.
    ///
    /// # Errors
    /// With a sentence for the owner: nothing is there, it is not signed by the publisher, or cannot be understood.
    pub async fn look(&self, kind: Kind) -> Result<Offer> {
        let http = client()?;
        let bytes = self.small(&http, "manifest.json", MAX_MANIFEST_BYTES).await?;
        let signature = self.small(&http, "manifest.json.minisig", MAX_SIGNATURE_BYTES).await?;
        let signature = String::from_utf8(signature).unwrap_or_default();
        let signed = Signed { bytes, signature };
        let manifest = signed.open(&self.key)?;
        Ok(Offer { manifest, signed, kind })
    }

    async fn small(&self, http: &Client, name: &str, limit: usize) -> Result<Vec<u8>> {
        let url = self.folder.join(name).map_err(Error::internal)?;
        let response = http.get(url).send().await.map_err(net::from_reqwest)?;
        if response.status() != StatusCode::OK {
            return Err(refused(response.status()));
        }
        let too_large = |e: Error| match e.code {
            ErrorCode::TooLarge => Error::invalid("What was found at the update address is far too large to be right."),
            _ => e,
        };
        Ok(net::read_limited(response, limit).await.map_err(too_large)?.to_vec())
    }

    /// Downloads and unpacks a version. `report` hears how many bytes have come.
    ///
    /// # Errors
    /// `Cancelled` by `cancel`; otherwise a sentence for the owner. What came of a download that broke off is kept.
    pub async fn fetch(
        &self,
        offer: &Offer,
        place: &Place,
        report: &(impl Fn(u64) + Sync),
        cancel: &CancellationToken,
    ) -> Result<()> {
        let (version, download) = (offer.manifest.version.clone(), offer.download()?.clone());
        if place.program(&version, &self.key, offer.kind).is_ok() {
            return Ok(());
        }
        let url = self.folder.join(&download.url).map_err(|e| Error::invalid(NO_ADDRESS).with_cause(e))?;
        if !is_safe(&url) {
            return Err(Error::invalid(NO_ADDRESS));
        }
        place.keep(&version, &offer.signed)?;
        // Named by what it should be: a part of another file is not gone on with.
        let packed = place.of(&version).join(format!("{}.gz.part", &download.sha256[..16]));
        self.packed(&url, &download, &packed, report, cancel).await?;
        let (place, version) = (place.clone(), version);
        task::blocking(move || unpack(&place, &version, &download, &packed)).await?
    }

    async fn packed(
        &self,
        url: &Url,
        download: &Download,
        part: &Path,
        report: &(impl Fn(u64) + Sync),
        cancel: &CancellationToken,
    ) -> Result<()> {
        let mut have = fs::metadata(part).map_or(0, |found| found.len());
        if have > download.size {
            fs::remove_file(part)?;
            have = 0;
        }
        if have < download.size {
            let mut request = client()?.get(url.clone());
            if have > 0 {
                request = request.header(RANGE, format!("bytes={have}-"));
            }
            let response = stoppable(cancel, request.send()).await?.map_err(net::from_reqwest)?;
            match response.status() {
                StatusCode::PARTIAL_CONTENT if starts_at(&response, have) => {}
                StatusCode::OK => have = 0,
                status => return Err(refused(status)),
            }
            let mut options = tokio::fs::OpenOptions::new();
            options.create(true).write(true);
            let mut out = if have > 0 { options.append(true) } else { options.truncate(true) }.open(part).await?;
            let received = receive(response, &mut out, have, download.size, report, cancel).await;
            // Whatever happened, what came stays for the next try.
            out.flush().await?;
            out.sync_all().await?;
            received?;
        }
        report(download.size);
        let (file, wanted) = (part.to_owned(), download.sha256.clone());
        if task::blocking(move || hash(&file)).await?? != wanted || fs::metadata(part)?.len() != download.size {
            fs::remove_file(part)?;
            return Err(Error::upstream(NOT_THE_ONE));
        }
        Ok(())
    }
}

const NO_ADDRESS: &str = "The version that was found names no usable address for its program.";
const NOT_THE_ONE: &str = "What was downloaded is not what the publisher signed, so it was thrown away. Please try again; \
     if it happens again, something between here and the publisher changes downloads.";
const BROKE_OFF: &str = "The download was interrupted. Start it again: it goes on where it stopped.";

/// Encrypted, or not leaving this computer.
fn is_safe(url: &Url) -> bool {
    let here = match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => return false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && here)
}

fn client() -> Result<Client> {
    net::install_tls();
    let follow = redirect::Policy::custom(|attempt| {
        if attempt.previous().len() <= MAX_REDIRECTS && is_safe(attempt.url()) {
            attempt.follow()
        } else {
            attempt.stop()
        }
    });
    Client::builder()
        .connect_timeout(Duration::from_secs(20))
        .read_timeout(SILENCE)
        .redirect(follow)
        // Checksums are over the files themselves; an encoded answer would also break ranges.
        .no_gzip()
        .no_brotli()
        .build()
        .map_err(Error::internal)
}

fn starts_at(response: &Response, have: u64) -> bool {
    let range = response.headers().get(CONTENT_RANGE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    have > 0 && range.starts_with(&format!("bytes {have}-"))
}

fn refused(status: StatusCode) -> Error {
    match status {
        StatusCode::NOT_FOUND => Error::upstream("Nothing is published at the update address. Try again later."),
        StatusCode::TOO_MANY_REQUESTS => {
            Error::too_many("The update address asks to wait. Try again in a few minutes.")
        }
        _ => Error::upstream(format!(
            "The update address does not work right now ({}). Try again later.",
            status.as_u16()
        )),
    }
}

async fn receive(
    response: Response,
    out: &mut tokio::fs::File,
    mut have: u64,
    expected: u64,
    report: &(impl Fn(u64) + Sync),
    cancel: &CancellationToken,
) -> Result<()> {
    let mut stream = response.bytes_stream();
    let mut last = Stopwatch::start();
    report(have);
    while let Some(bytes) = stoppable(cancel, stream.next()).await? {
        let bytes = bytes.map_err(|e| Error::upstream(BROKE_OFF).with_cause(net::from_reqwest(e)))?;
        have += bytes.len() as u64;
        if have > expected {
            // No more is written than was signed for; the checksum says the rest.
            out.set_len(0).await?;
            return Err(Error::upstream(NOT_THE_ONE));
        }
        out.write_all(&bytes).await?;
        if last.elapsed() >= REPORT_EVERY {
            report(have);
            last = Stopwatch::start();
        }
    }
    if have < expected { Err(Error::upstream(BROKE_OFF)) } else { Ok(()) }
}

async fn stoppable<T>(cancel: &CancellationToken, work: impl Future<Output = T>) -> Result<T> {
    tokio::select! {
        biased;
        () = cancel.cancelled() => Err(Error::cancelled()),
        done = work => Ok(done),
    }
}

/// Unpacks the program, which gets its name when it is whole.
fn unpack(place: &Place, version: &Version, download: &Download, packed: &Path) -> Result<()> {
    let file = place.file(version);
    let part = place.of(version).join("program.part");
    let mut options = fs::OpenOptions::new();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o755);
    let mut out = options.open(&part)?;
    let (mut hash, mut size, mut some) = (Sha256::new(), 0u64, vec![0; 1 << 20]);
    // One byte more than was signed for is enough to know.
    let mut unpacked = GzDecoder::new(File::open(packed)?).take(download.program_size + 1);
    loop {
        let n = match unpacked.read(&mut some) {
            Ok(0) => break,
            Ok(n) => n,
            Err(e)
                if matches!(
                    e.kind(),
                    io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof
                ) =>
            {
                break;
            }
            Err(e) => return Err(e.into()),
        };
        size += n as u64;
        hash.update(&some[..n]);
        out.write_all(&some[..n])?;
    }
    out.sync_all()?;
    drop(out);
    if size != download.program_size || hex::encode(hash.finalize()) != download.program_sha256 {
        fs::remove_file(&part)?;
        fs::remove_file(packed)?;
        return Err(Error::upstream(NOT_THE_ONE));
    }
    disk::rename(&part, &file)?;
    sync_folder(&place.of(version));
    fs::remove_file(packed)?;
    Ok(())
}

#[cfg(test)]
mod tests;
