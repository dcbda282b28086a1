//! `cloudflared`: a free address of Cloudflare's, or one of the owner's own. Watched over its metrics port.

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use base::{Result, Secret};
use serde::Deserialize;

use super::local::{free_port, is_public_name};
use super::supervise::{Ground, Look};
use crate::child::{Child, Program};

/// From this version on the token may lie in a file; before, it goes by the environment.
const TOKEN_FILE_SINCE: [u32; 2] = [2025, 4];

/// One start of it.
#[derive(Debug)]
pub(super) struct Cloudflared {
    metrics: SocketAddr,
    hostname: Option<String>,
    token: Option<TokenFile>,
}

pub(super) fn begin(ground: &Ground, named: Option<(&str, &Secret)>) -> Result<(Cloudflared, Child)> {
    let metrics = free_port()?;
    let mut program =
        Program::new(&ground.program).args(["tunnel", "--no-autoupdate", "--metrics", &metrics.to_string()]);
    let mut file = None;
    match named {
        None => program = program.args(["--url", &format!("http://{}", ground.target)]),
        Some((hostname, token)) if takes_token_file(ground.version.as_deref()) => {
            let written = TokenFile::write(&ground.options.folder, hostname, token)?;
            program = program.args(["run", "--token-file"]).arg(&written.0);
            file = Some(written);
        }
        Some((_, token)) => program = program.arg("run").secret("TUNNEL_TOKEN", token.clone()),
    }
    let child = ground.start(&program, None)?;
    let hostname = named.map(|(hostname, _)| hostname.to_owned());
    Ok((Cloudflared { metrics, hostname, token: file }, child))
}

impl Cloudflared {
    pub(super) async fn look(&mut self, ground: &Ground) -> Look {
        let ready = ground.local.get(self.metrics, "/ready").await;
        if ready.is_none_or(|(status, _)| status != 200) {
            return Look::NotYet("cloudflared has no connection to Cloudflare at the moment.");
        }
        let hostname = match &self.hostname {
            Some(own) => Some(own.clone()),
            None => match ground.local.get(self.metrics, "/quicktunnel").await {
                Some((200, body)) => quick_hostname(&body),
                _ => None,
            },
        };
        let Some(hostname) = hostname else {
            return Look::NotYet("Cloudflare has not given out an address yet.");
        };
        // It was read when the program started.
        self.token = None;
        Look::Up(format!("https://{hostname}"))
    }
}

/// Whether this version, as it names itself, reads its token from a file.
fn takes_token_file(version: Option<&str>) -> bool {
    let mut parts = version.unwrap_or_default().split('.').map_while(|part| part.parse::<u32>().ok());
    [parts.next().unwrap_or(0), parts.next().unwrap_or(0)] >= TOKEN_FILE_SINCE
}

/// The host name in an answer of `/quicktunnel`; nothing while it is not known, or when it cannot be one.
fn quick_hostname(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Answer {
        hostname: String,
    }
    let answer: Answer = serde_json::from_slice(body).ok()?;
    is_public_name(&answer.hostname).then(|| answer.hostname.to_ascii_lowercase())
}

/// The token in a file that only this user reads; gone when it is dropped.
#[derive(Debug)]
struct TokenFile(PathBuf);

impl TokenFile {
    fn write(folder: &Path, hostname: &str, token: &Secret) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        // By the name of the address, which was checked to be one: another business may have another at the same time.
        let path = folder.join(format!("cloudflared-token-{}", hostname.to_ascii_lowercase()));
        // One that a crash has left may have other rights.
        match std::fs::remove_file(&path) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e.into()),
            _ => {}
        }
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        let mut file = options.open(&path)?;
        let written = Self(path);
        file.write_all(token.expose().as_bytes())?;
        Ok(written)
    }
}

impl Drop for TokenFile {
    fn drop(&mut self) {
        if let Err(e) = std::fs::remove_file(&self.0)
            && e.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(error = %e, "the file with cloudflared's token could not be removed");
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_free_address_is_read_as_soon_as_it_is_known_and_garbage_is_none() {
        for (body, host) in [
            (r#"{"hostname":"three-words.trycloudflare.com"}"#, Some("three-words.trycloudflare.com")),
            (r#"{"hostname":"Three.TryCloudflare.com","more":1}"#, Some("three.trycloudflare.com")),
            (r#"{"hostname":""}"#, None),
            (r#"{"hostname":"a.com/x"}"#, None),
            (r#"{"hostname":"127.0.0.1"}"#, None),
            (r#"{"hostname":null}"#, None),
            ("{}", None),
            ("<html>", None),
            ("", None),
        ] {
            assert_eq!(quick_hostname(body.as_bytes()).as_deref(), host, "{body}");
        }
    }

    #[test]
    fn an_old_cloudflared_gets_its_token_by_the_environment() {
        for (version, by_file) in [
            (Some("2025.4.0"), true),
            (Some("2025.11.1"), true),
            (Some("2026.1"), true),
            (Some("2025.2.1"), false),
            (Some("2024.12.2"), false),
            (Some("DEV"), false),
            (None, false),
        ] {
            assert_eq!(takes_token_file(version), by_file, "{version:?}");
        }
    }

    #[test]
    fn the_file_with_the_token_is_for_this_user_alone_and_does_not_stay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cloudflared-token-chat.shop.example");
        std::fs::write(&path, "left by a crash").unwrap();
        let file = TokenFile::write(folder.path(), "Chat.shop.example", &Secret::new("tok")).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "tok");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        drop(file);
        assert!(!path.exists());
    }

    proptest! {
        #[test]
        fn whatever_the_port_answers_becomes_a_public_name_or_nothing(
            body in proptest::collection::vec(any::<u8>(), 0..200), name in "\\PC{0,40}",
        ) {
            let quoted = serde_json::json!({ "hostname": name }).to_string().into_bytes();
            for body in [body, quoted] {
                if let Some(host) = quick_hostname(&body) {
                    prop_assert!(is_public_name(&host));
                }
            }
        }
    }
}
