//! What a tunnel program's complaints mean for the owner, and the one thing to do.

use std::sync::{Arc, Mutex, PoisonError};

use super::TunnelKind;

/// Why there is no address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trouble {
    pub(super) sentence: String,
    pub(super) fix: Option<String>,
    /// The program is not there: nothing is wrong, something is wanting.
    pub(super) is_missing: bool,
}

impl Trouble {
    pub(super) fn new(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), fix: None, is_missing: false }
    }

    pub(super) fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }

    pub(super) fn missing(mut self) -> Self {
        self.is_missing = true;
        self
    }
}

impl From<base::Error> for Trouble {
    fn from(e: base::Error) -> Self {
        Trouble::new(e.message)
    }
}

/// The latest complaint that was understood.
#[derive(Clone, Debug, Default)]
pub(super) struct Complaint(Arc<Mutex<Option<Trouble>>>);

impl Complaint {
    pub(super) fn set(&self, trouble: Option<Trouble>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }

    /// The complaint, or what else is known.
    pub(super) fn or(&self, other: Trouble) -> Trouble {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone().unwrap_or(other)
    }
}

/// What a line says about why it does not work; most say nothing.
pub(super) fn diagnose(kind: TunnelKind, line: &str) -> Option<Trouble> {
    let line = line.to_ascii_lowercase();
    let own = match kind {
        TunnelKind::CloudflaredQuick | TunnelKind::CloudflaredNamed => cloudflared(&line),
        TunnelKind::Ngrok => ngrok(&line),
        TunnelKind::Tailscale => tailscale(&line),
    };
    own.or_else(|| network(kind, &line))
}

fn has(line: &str, any: &[&str]) -> bool {
    any.iter().any(|part| line.contains(part))
}

fn network(kind: TunnelKind, line: &str) -> Option<Trouble> {
    let vendor = kind.vendor();
    if has(line, &["no such host", "network is unreachable", "no route to host", "server misbehaving"]) {
        return Some(
            Trouble::new(format!("This computer does not reach {vendor}: there seems to be no internet connection."))
                .fix("Check the internet connection; it goes on by itself when that is back."),
        );
    }
    if has(line, &["certificate has expired", "certificate is not yet valid", "not yet valid: current time"]) {
        return Some(
            Trouble::new(format!(
                "{vendor}'s certificate is refused, most often because this computer's date is wrong."
            ))
            .fix("Set this computer's date and time right."),
        );
    }
    None
}

fn cloudflared(line: &str) -> Option<Trouble> {
    if has(line, &["429 too many requests", "error code: 1015", "too many quick tunnels"]) {
        return Some(
            Trouble::new("Cloudflare gives out no further free address at the moment.")
                .fix("Wait a while, or use an address of your own at Cloudflare."),
        );
    }
    if has(line, &["token is not valid", "invalid tunnel secret", "unauthorized: tunnel not found", "token file"]) {
        return Some(
            Trouble::new("Cloudflare does not accept the token.")
                .fix("Copy the token of this tunnel from Cloudflare once more and type it in here."),
        );
    }
    if has(line, &["quick tunnels are currently not supported", "config.yaml configuration file is present"]) {
        return Some(
            Trouble::new("cloudflared gives no free address while it has settings of its own on this computer.")
                .fix("Rename the file config.yml in the folder .cloudflared of your user folder."),
        );
    }
    if has(line, &["failed to dial to edge", "unable to establish connection with cloudflare edge", "quic: timeout"]) {
        return Some(
            Trouble::new("The network here does not let cloudflared through to Cloudflare.")
                .fix("Allow outgoing connections to port 7844, or use another way."),
        );
    }
    None
}

fn ngrok(line: &str) -> Option<Trouble> {
    let number: String = line.split("err_ngrok_").nth(1)?.chars().take_while(char::is_ascii_digit).collect();
    let token = "Copy the authtoken from your ngrok dashboard and type it in here.";
    Some(match number.as_str() {
        "4018" => Trouble::new("ngrok wants to know whose address this is: there is no authtoken.").fix(token),
        "105" | "106" | "107" => Trouble::new("ngrok does not accept the authtoken.").fix(token),
        "108" => Trouble::new("ngrok runs somewhere else with the same account already.")
            .fix("End the other one, or use an account of its own here."),
        "120" | "121" => Trouble::new("This ngrok is too old for ngrok's service.")
            .fix("Type “ngrok update” into a terminal, or install the latest ngrok."),
        "334" => Trouble::new("Your ngrok address is used by another computer at the moment.")
            .fix("End ngrok on the other computer."),
        "725" | "726" | "727" => Trouble::new("What your ngrok plan allows for this month is used up.")
            .fix("Take a larger plan at ngrok, or use another way."),
        _ => Trouble::new(format!("ngrok says that it cannot go on (its number for this: ERR_NGROK_{number})."))
            .fix("Look up the number at ngrok; the program's last lines say more."),
    })
}

fn tailscale(line: &str) -> Option<Trouble> {
    if has(line, &["access denied", "permission denied", "must be root", "operator="]) {
        // As a service it runs under a name of its own, which is the one to allow.
        let user = std::env::var("USER").unwrap_or_else(|_| "$USER".to_owned());
        return Some(Trouble::new("Tailscale does not let your user switch on public addresses.").fix(
            if cfg!(windows) {
                "Allow it once: sign in to Tailscale under the Windows user that you use now.".to_owned()
            } else {
                format!("Allow it once: type “sudo tailscale set --operator={user}” into a terminal.")
            },
        ));
    }
    if has(line, &["failed to connect to local tailscale", "is tailscaled running", "tailscale service"]) {
        return Some(Trouble::new("Tailscale is installed, but does not run.").fix("Start Tailscale."));
    }
    if has(line, &["https must be enabled", "enable https", "https is not enabled"]) {
        return Some(
            Trouble::new("Your Tailscale network gives out no certificates yet.")
                .fix("Switch on MagicDNS and HTTPS certificates on Tailscale's page “DNS”."),
        );
    }
    if has(line, &["funnel not available", "funnel is not enabled", "node attribute not set"]) {
        return Some(
            Trouble::new("Tailscale does not allow public addresses for this computer yet.")
                .fix("Switch on Funnel for this computer in Tailscale's access controls."),
        );
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn complaints_of_the_programs_become_something_to_do() {
        use TunnelKind::{CloudflaredNamed as Named, CloudflaredQuick as Quick, Ngrok, Tailscale};
        for (kind, line, about) in [
            (
                Quick,
                r#"ERR Error unmarshaling QuickTunnel response: error code: 1015 status_code="429 Too Many Requests""#,
                Some("no further free address"),
            ),
            (
                Quick,
                "failed to request quick Tunnel: Post \"https://api.trycloudflare.com/tunnel\": dial tcp: lookup api.trycloudflare.com: no such host",
                Some("internet connection"),
            ),
            (Quick, "ERR Failed to dial to edge with quic: timeout: no recent network activity", Some("does not let")),
            (Quick, "INF Registered tunnel connection connIndex=0", None),
            (Named, "Provided Tunnel token is not valid.", Some("token")),
            (
                Named,
                "ERR Register tunnel error from server side error=\"Unauthorized: Invalid tunnel secret\"",
                Some("token"),
            ),
            (
                Ngrok,
                r#"{"err":"authentication failed: Usage of ngrok requires a verified account and authtoken.\n\nERR_NGROK_4018\n"}"#,
                Some("no authtoken"),
            ),
            (Ngrok, "ERROR:  ERR_NGROK_105", Some("authtoken")),
            (Ngrok, "ERROR:  ERR_NGROK_108", Some("same account")),
            (Ngrok, "ERROR:  ERR_NGROK_9", Some("ERR_NGROK_9")),
            (Ngrok, "t=2026 lvl=info msg=\"client session established\"", None),
            (Tailscale, "sending serve config: Access denied: serve config denied", Some("your user")),
            (Tailscale, "failed to connect to local tailscaled; it doesn't appear to be running", Some("does not run")),
            (
                Tailscale,
                "error: Funnel not available; HTTPS must be enabled. See https://tailscale.com/s/https.",
                Some("certificates"),
            ),
            (Tailscale, "error: Funnel not available; \"funnel\" node attribute not set.", Some("does not allow")),
        ] {
            let said = diagnose(kind, line);
            match about {
                None => assert_eq!(said, None, "{line}"),
                Some(about) => {
                    let said = said.unwrap_or_else(|| panic!("not understood: {line}"));
                    assert!(said.sentence.contains(about), "{line}: {}", said.sentence);
                    assert!(said.fix.is_some_and(|fix| fix.ends_with('.')), "{line}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn no_line_is_too_strange(line in "\\PC{0,80}|err_ngrok_\\PC{0,9}") {
            for kind in TunnelKind::ALL {
                if let Some(trouble) = diagnose(kind, &line) {
                    prop_assert!(trouble.sentence.ends_with('.') && trouble.fix.is_some());
                }
            }
        }
    }
}
