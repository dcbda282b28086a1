//! Files to and from Meta: uploads as streams, downloads to disk with a cap and a check of every byte.

use std::path::Path;
use std::time::Duration;

use base::Error;
use futures::StreamExt;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::fs;
use tokio::io::AsyncWriteExt;
use url::Url;

use super::client::{Failure, Graph, answer, unreachable};
use super::{json, limits};

const TRANSFER_TIMEOUT: Duration = Duration::from_secs(15 * 60);
const SILENCE_TIMEOUT: Duration = Duration::from_secs(60);
/// Where Meta keeps files. The token goes nowhere else.
const MEDIA_HOSTS: [&str; 5] = ["fbsbx.com", "fbcdn.net", "facebook.com", "whatsapp.net", "whatsapp.com"];

/// What Meta knows of a file. The address is good for 5 minutes and needs the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaInfo {
    pub id: String,
    pub url: String,
    pub mime: String,
    /// In hex.
    pub sha256: Option<String>,
    pub size_bytes: Option<u64>,
}

/// A file that is now on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Downloaded {
    pub size_bytes: u64,
    /// In hex; computed here.
    pub sha256: String,
    /// The type its first bytes tell, where they tell one; the announced type is the sender's word only.
    pub sniffed: Option<&'static str>,
}

enum DownloadError {
    /// The address is too old or never was.
    Gone,
    Failed(Failure),
}

impl Graph {
    /// Uploads a file; gives the id to send, good for 30 days.
    ///
    /// # Errors
    /// `Invalid` for a file that is too large or cannot be read, else as [`Failure`] says.
    pub async fn upload_media(
        &self,
        phone_number_id: &str,
        file: &Path,
        mime: &str,
        name: &str,
    ) -> Result<String, Failure> {
        let url = self.url(&[phone_number_id, "media"])?;
        let cannot_read = |e: std::io::Error| {
            Failure::Invalid(
                Error::unavailable("The file to send could not be read from disk. Add it again.").with_cause(e),
            )
        };
        let opened = fs::File::open(file).await.map_err(cannot_read)?;
        let size = opened.metadata().await.map_err(cannot_read)?.len();
        if size > limits::INBOUND_FILE_BYTES {
            return Err(Failure::Invalid(Error::too_large(
                "WhatsApp takes files of up to 100 MB. Make this one smaller.",
            )));
        }
        let name = crate::text::clean_filename(name).unwrap_or_else(|| "file".into());
        let part = reqwest::multipart::Part::stream_with_length(opened, size).file_name(name).mime_str(mime).map_err(
            |_| Failure::Invalid(Error::invalid("The type of this file is not known. Save it as PDF, JPEG or MP4.")),
        )?;
        let form = reqwest::multipart::Form::new()
            .text("messaging_product", "whatsapp")
            .text("type", mime.to_owned())
            .part("file", part);
        let request = self.http.post(url).multipart(form).bearer_auth(self.token.expose()).timeout(TRANSFER_TIMEOUT);
        let value = answer(request.send().await.map_err(|e| Failure::Unreachable(unreachable(e)))?).await?;
        json::id(&value, "id").ok_or(Failure::Unreadable { status: 200 })
    }

    /// Asks where a file is. Files of customers are kept for 7 days.
    ///
    /// # Errors
    /// [`Failure::Gone`] when Meta does not have it (any more), else as [`Failure`] says.
    pub async fn media_info(&self, media_id: &str, phone_number_id: &str) -> Result<MediaInfo, Failure> {
        let url = self.url(&[media_id])?;
        let asked = self.call(self.http.get(url).query(&[("phone_number_id", phone_number_id)])).await;
        info(&asked.map_err(gone)?).ok_or(Failure::Unreadable { status: 200 })
    }

    /// Brings a customer's file to `dest` (which appears only when complete and right) and gives its true size and
    /// digest. An address that has grown old is asked for once more.
    ///
    /// # Errors
    /// [`Failure::Gone`] when Meta has it no more; `TooLarge` beyond `cap_bytes`; `Upstream` when the bytes are not those that Meta announced; else as [`Failure`] says.
    pub async fn fetch_media(
        &self,
        media_id: &str,
        phone_number_id: &str,
        dest: &Path,
        cap_bytes: u64,
    ) -> Result<Downloaded, Failure> {
        for attempt in 0..2 {
            let info = self.media_info(media_id, phone_number_id).await?;
            match self.download(&info, dest, cap_bytes).await {
                Ok(done) => return Ok(done),
                Err(DownloadError::Failed(failure)) => return Err(failure),
                Err(DownloadError::Gone) => tracing::debug!(attempt, "a media address was gone"),
            }
        }
        Err(Failure::Gone)
    }

    /// Removes an uploaded file.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn delete_media(&self, media_id: &str) -> Result<(), Failure> {
        let url = self.url(&[media_id])?;
        self.call(self.http.delete(url)).await.map(|_| ())
    }

    fn may_fetch(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        let same = url.origin() == self.base.origin();
        let of_meta =
            MEDIA_HOSTS.iter().any(|m| host == *m || host.strip_suffix(m).is_some_and(|rest| rest.ends_with('.')));
        same || (url.scheme() == "https" && of_meta)
    }

    async fn download(&self, info: &MediaInfo, dest: &Path, cap: u64) -> Result<Downloaded, DownloadError> {
        let failed = |e: Error| DownloadError::Failed(Failure::Invalid(e));
        let url = Url::parse(&info.url).ok().filter(|url| self.may_fetch(url)).ok_or_else(|| {
            failed(Error::upstream(
                "WhatsApp named a strange address for a file, which is not opened, for your safety.",
            ))
        })?;
        if info.size_bytes.is_some_and(|size| size > cap) {
            return Err(failed(too_large(cap)));
        }
        let sent = self.http.get(url).bearer_auth(self.token.expose()).timeout(TRANSFER_TIMEOUT).send().await;
        let response = sent.map_err(|e| DownloadError::Failed(Failure::Unreachable(unreachable(e))))?;
        match response.status().as_u16() {
            200 => {}
            404 | 410 => return Err(DownloadError::Gone),
            status => {
                return Err(DownloadError::Failed(match answer(response).await {
                    Err(failure) => failure,
                    Ok(_) => Failure::Unreadable { status },
                }));
            }
        }
        let mut name = dest.file_name().unwrap_or_default().to_os_string();
        name.push(".part");
        let part = dest.with_file_name(name);
        let done = match stream_to(response, &part, info, cap).await {
            Ok(done) => {
                let (from, to) = (part.clone(), dest.to_owned());
                let named = base::task::blocking(move || Ok(base::disk::rename(&from, &to)?)).await.flatten();
                named.map(|()| done).map_err(Failure::Invalid)
            }
            Err(failure) => Err(failure),
        };
        if done.is_err() {
            // Best effort: what is left is overwritten the next time.
            let _ = fs::remove_file(&part).await;
        }
        done.map_err(DownloadError::Failed)
    }
}

/// Of a file that is not there Meta says the same as of one that may not be seen: "does not exist, cannot be loaded due to
/// missing permissions". A token that does not work is refused in words of its own, so here it is the file that is missing.
fn gone(failure: Failure) -> Failure {
    match failure {
        Failure::Refused { error, .. } if matches!(error.code, 33 | 100 | 131_052) => Failure::Gone,
        Failure::Refused { status: 404 | 410, .. } | Failure::Unreadable { status: 404 | 410 } => Failure::Gone,
        other => other,
    }
}

fn too_large(cap: u64) -> Error {
    Error::too_large(format!("The customer's file is larger than {} MB and was not fetched.", cap.div_ceil(1 << 20)))
}

async fn stream_to(
    response: reqwest::Response,
    part: &Path,
    info: &MediaInfo,
    cap: u64,
) -> Result<Downloaded, Failure> {
    let invalid = |e: std::io::Error| Failure::Invalid(e.into());
    let mut file = fs::File::create(part).await.map_err(invalid)?;
    let mut digest = Sha256::new();
    let mut size = 0u64;
    let mut head = Vec::with_capacity(16);
    let mut stream = response.bytes_stream();
    loop {
        let silent = || {
            Failure::Unreachable(Error::timeout("A file from WhatsApp stopped coming. It is tried again by itself."))
        };
        let Some(chunk) = tokio::time::timeout(SILENCE_TIMEOUT, stream.next()).await.map_err(|_| silent())? else {
            break;
        };
        let chunk = chunk.map_err(|e| Failure::Unreachable(unreachable(e)))?;
        size += chunk.len() as u64;
        if size > cap {
            return Err(Failure::Invalid(too_large(cap)));
        }
        head.extend(chunk.iter().take(16usize.saturating_sub(head.len())));
        digest.update(&chunk);
        file.write_all(&chunk).await.map_err(invalid)?;
    }
    file.sync_all().await.map_err(invalid)?;
    let sha256 = hex::encode(digest.finalize());
    let wrong_size = info.size_bytes.is_some_and(|announced| announced != size);
    if wrong_size || info.sha256.as_ref().is_some_and(|announced| *announced != sha256) {
        return Err(Failure::Unreachable(Error::upstream(
            "A file from WhatsApp arrived damaged. It is tried again by itself.",
        )));
    }
    Ok(Downloaded { size_bytes: size, sha256, sniffed: sniff(&head) })
}

fn info(v: &Value) -> Option<MediaInfo> {
    Some(MediaInfo {
        id: json::id(v, "id")?,
        url: json::text(v, "url")?,
        mime: json::line(v, "mime_type").unwrap_or_else(|| "application/octet-stream".into()),
        sha256: json::text(v, "sha256").and_then(|s| json::sha256_hex(&s)),
        size_bytes: json::int(v, "file_size").and_then(|n| u64::try_from(n).ok()),
    })
}

/// The type that a file's first bytes tell.
pub fn sniff(head: &[u8]) -> Option<&'static str> {
    const BEGINNINGS: [(&[u8], &str); 11] = [
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"GIF8", "image/gif"),
        (b"%PDF-", "application/pdf"),
        (b"OggS", "audio/ogg"),
        (b"ID3", "audio/mpeg"),
        (b"#!AMR", "audio/amr"),
        (b"PK\x03\x04", "application/zip"),
        (b"\xd0\xcf\x11\xe0", "application/x-ole-storage"),
        (b"MZ", "application/x-msdownload"),
        (b"\x7fELF", "application/x-executable"),
    ];
    if head.len() >= 12 && head.starts_with(b"RIFF") && &head[8..12] == b"WEBP" {
        return Some("image/webp");
    }
    if head.len() >= 12 && &head[4..8] == b"ftyp" {
        return Some(match &head[8..12] {
            [b'3', b'g', b'p', _] => "video/3gpp",
            b"M4A " | b"M4B " => "audio/mp4",
            b"heic" | b"heix" | b"hevc" | b"mif1" | b"msf1" => "image/heic",
            b"avif" | b"avis" => "image/avif",
            _ => "video/mp4",
        });
    }
    BEGINNINGS.iter().find(|(beginning, _)| head.starts_with(beginning)).map(|(_, mime)| *mime)
}

#[cfg(test)]
mod tests {
    use base::Secret;

    use super::*;

    #[test]
    fn the_token_is_shown_to_nobody_but_meta() {
        let graph = Graph::new(crate::whatsapp::DEFAULT_BASE_URL, Secret::new("t")).unwrap();
        for (url, fine) in [
            ("https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1", true),
            ("https://scontent.xx.fbcdn.net/v/x", true),
            ("https://graph.facebook.com/x", true),
            ("http://lookaside.fbsbx.com/x", false),
            ("https://evilfbsbx.com/x", false),
            ("https://fbsbx.com.evil.example/x", false),
            ("https://127.0.0.1/x", false),
        ] {
            assert_eq!(graph.may_fetch(&url.parse().unwrap()), fine, "{url}");
        }
    }

    #[test]
    fn a_program_dressed_as_a_picture_is_recognised() {
        for (head, mime) in [
            (&b"\xff\xd8\xff\xe0"[..], Some("image/jpeg")),
            (b"MZ\x90\0", Some("application/x-msdownload")),
            (b"RIFF\0\0\0\0WEBPVP8 ", Some("image/webp")),
            (b"\0\0\0\x18ftypmp42", Some("video/mp4")),
            (b"\0\0\0\x18ftypM4A ", Some("audio/mp4")),
            (b"\0\0\0\x18ftypheic", Some("image/heic")),
            (b"hello", None),
            (b"", None),
        ] {
            assert_eq!(sniff(head), mime, "{head:?}");
        }
    }
}
