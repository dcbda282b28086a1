//! One file from the hub: resumed where it stopped, checked against its checksum, and only then given its name.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base::{Error, ErrorCode, Result, Stopwatch, net, task};
use futures::StreamExt;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_RANGE, RANGE};
use serde::Serialize;
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;
use tokio_util::sync::CancellationToken;

use super::catalogue::ModelFile;
use super::store::hash_into;

/// Room that is left for the business's own data.
const HEADROOM_BYTES: u64 = 512 << 20;
/// Silence after which a download is given up; what came is kept.
const SILENCE: Duration = Duration::from_secs(60);
const REPORT_EVERY: Duration = Duration::from_millis(200);

/// How far a download is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Progress {
    pub bytes: u64,
    pub total: u64,
}

/// The name of a file that is not complete yet.
pub(super) fn partial(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".part");
    name.into()
}

pub(super) fn client() -> Result<reqwest::Client> {
    net::install_tls();
    reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(20))
        .read_timeout(SILENCE)
        .user_agent("BotFlow")
        // The checksum is over the file itself; an encoded answer would also break ranges.
        .no_gzip()
        .no_brotli()
        .build()
        .map_err(Error::internal)
}

/// Refuses to start what would fill the disk.
pub(super) fn check_space(folder: &Path, needed: u64) -> Result<()> {
    // Some systems do not tell; then the write itself will.
    match base::disk::free_bytes(folder) {
        Some(free) if needed > 0 && free < needed + HEADROOM_BYTES => Err(Error::new(
            ErrorCode::DiskLow,
            format!(
                "This download needs {} MB and the disk has {} MB left. Free some space and try again.",
                needed.div_ceil(1 << 20) + (HEADROOM_BYTES >> 20),
                free >> 20
            ),
        )),
        _ => Ok(()),
    }
}

/// Fetches `url` into `path`. `report` hears how many bytes of this file there are.
pub(super) async fn fetch(
    client: &reqwest::Client,
    url: &str,
    file: &ModelFile,
    path: &Path,
    report: &(impl Fn(u64) + Sync),
    cancel: &CancellationToken,
) -> Result<()> {
    let part = partial(path);
    let (mut hash, mut have) = hash_of_part(&part).await?;
    if have > file.bytes {
        tokio::fs::remove_file(&part).await?;
        (hash, have) = (Sha256::new(), 0);
    }
    if have < file.bytes {
        let mut request = client.get(url);
        if have > 0 {
            request = request.header(RANGE, format!("bytes={have}-"));
        }
        let response = stoppable(cancel, request.send()).await?.map_err(net::from_reqwest)?;
        match response.status() {
            StatusCode::PARTIAL_CONTENT if starts_at(&response, have) => {}
            StatusCode::OK => (hash, have) = (Sha256::new(), 0),
            status => return Err(refused(status)),
        }
        let mut options = tokio::fs::OpenOptions::new();
        options.create(true).write(true);
        let mut out = if have > 0 { options.append(true) } else { options.truncate(true) }.open(&part).await?;
        let received = receive(response, &mut out, &mut hash, have, file.bytes, report, cancel).await;
        // Whatever happened, what came stays for the next try.
        out.flush().await?;
        out.sync_all().await?;
        have = received?;
    }
    report(have);
    if have != file.bytes || hex::encode(hash.finalize()) != file.sha256 {
        tokio::fs::remove_file(&part).await?;
        return Err(Error::upstream(
            "The downloaded file is not the one that was expected, so it was thrown away. Please try again; \
             if it happens again, something between here and the hub changes downloads.",
        ));
    }
    let path = path.to_owned();
    Ok(base::task::blocking(move || base::disk::rename(&part, &path)).await??)
}

async fn hash_of_part(part: &Path) -> Result<(Sha256, u64)> {
    let part = part.to_owned();
    task::blocking(move || {
        let mut hash = Sha256::new();
        match part.is_file() {
            true => hash_into(&mut hash, &part).map(|have| (hash, have)),
            false => Ok((hash, 0)),
        }
    })
    .await?
}

fn starts_at(response: &reqwest::Response, have: u64) -> bool {
    let range = response.headers().get(CONTENT_RANGE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    have > 0 && range.starts_with(&format!("bytes {have}-"))
}

async fn receive(
    response: reqwest::Response,
    out: &mut tokio::fs::File,
    hash: &mut Sha256,
    mut have: u64,
    expected: u64,
    report: &(impl Fn(u64) + Sync),
    cancel: &CancellationToken,
) -> Result<u64> {
    let mut stream = response.bytes_stream();
    let mut last = Stopwatch::start();
    report(have);
    while let Some(bytes) = stoppable(cancel, stream.next()).await? {
        let bytes = bytes.map_err(|e| {
            let e = net::from_reqwest(e);
            Error::new(e.code, "The download was interrupted. Start it again: it goes on where it stopped.")
                .with_cause(e)
        })?;
        have += bytes.len() as u64;
        if have > expected {
            return Ok(have);
        }
        hash.update(&bytes);
        out.write_all(&bytes).await?;
        if last.elapsed() >= REPORT_EVERY {
            report(have);
            last = Stopwatch::start();
        }
    }
    if have < expected {
        return Err(Error::upstream("The download was interrupted. Start it again: it goes on where it stopped."));
    }
    Ok(have)
}

async fn stoppable<T>(cancel: &CancellationToken, work: impl Future<Output = T>) -> Result<T> {
    tokio::select! {
        biased;
        () = cancel.cancelled() => Err(Error::cancelled()),
        done = work => Ok(done),
    }
}

fn refused(status: StatusCode) -> Error {
    match status {
        StatusCode::NOT_FOUND => Error::upstream(format!(
            "The model is no longer where it was. Update {} and try again.",
            base::product::name()
        )),
        StatusCode::TOO_MANY_REQUESTS => Error::too_many("The model hub asks to wait. Try again in a few minutes."),
        _ => Error::upstream(format!("The model hub does not work right now ({}). Try again later.", status.as_u16())),
    }
}
