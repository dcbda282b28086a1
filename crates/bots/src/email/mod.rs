//! E-mail through the business's own server.

pub mod fake;
pub(crate) mod routes;

use std::time::{Duration, UNIX_EPOCH};

use base::{Error, Result, Secret, Time};
use db::Tx;
use db::rusqlite::Connection;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Mailboxes};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::settings::store;
use crate::workspace::Workspace;

const NAME: &str = "email";
pub(crate) const PASSWORD: &str = "email.password";
/// Before the connection is given up.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
/// Before the whole sending is given up.
const TIMEOUT: Duration = Duration::from_secs(45);
const MAX_RECIPIENTS: usize = 10;
const MAX_SUBJECT_CHARS: usize = 500;
const MAX_TEXT_BYTES: usize = 128 << 10;
/// What a server says is cut here.
const SAID_CHARS: usize = 200;

/// How the way to the mail server is kept private.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EmailSecurity {
    /// Encrypted from the first byte, usually on port 465.
    #[default]
    Tls,
    /// Encrypted after greeting, usually on port 587; never without.
    Starttls,
    /// Not encrypted; only for a server on the same machine or network.
    None,
}

/// The business's mail server. Its password lies sealed under [`PASSWORD`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct EmailSettings {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) security: EmailSecurity,
    /// Empty when the server asks for no password.
    pub(crate) user: String,
    /// `name@example.com`, or `Name <name@example.com>`.
    pub(crate) from: String,
}

pub(crate) fn get(connection: &Connection) -> Result<EmailSettings> {
    store::get(connection, NAME)
}

pub(crate) fn put(tx: &Tx<'_>, settings: &EmailSettings) -> Result<()> {
    tx.publish("settings");
    store::put(tx, NAME, settings)
}

/// An e-mail to be sent.
pub(crate) struct Email {
    /// One address or several with commas between.
    pub(crate) to: String,
    pub(crate) subject: String,
    pub(crate) text: String,
    /// Empty for the sender's own.
    pub(crate) reply_to: String,
    /// The same for the same e-mail, so that a server or a reader recognises one that was sent again after a crash.
    pub(crate) key: String,
}

/// Sends an e-mail and gives its message id.
///
/// # Errors
/// `Unavailable` without a mail server, `Invalid` for addresses that are none, `Upstream` and `Timeout` with what the
/// server said.
pub(crate) async fn send(ws: &Workspace, email: Email) -> Result<String> {
    let vault = ws.vault.clone();
    let (settings, password) =
        ws.db.read(move |c| Ok((get(c)?, store::get_secret(c, &vault, PASSWORD)?.unwrap_or_default()))).await?;
    if settings.host.is_empty() {
        return Err(Error::unavailable("No mail server is set up. Add it under Settings, E-mail and secrets."));
    }
    deliver(&settings, &password, &email, ws.clock.now()).await
}

/// The same with settings that need not be the stored ones.
async fn deliver(settings: &EmailSettings, password: &Secret, email: &Email, now: Time) -> Result<String> {
    let (message, id) = compose(settings, email, now)?;
    base::net::install_tls();
    let transport = transport(settings, password)?;
    match tokio::time::timeout(TIMEOUT, transport.send(message)).await {
        Ok(Ok(_)) => Ok(id),
        Ok(Err(e)) => Err(refused(&e)),
        Err(_) => Err(Error::timeout("The mail server did not answer in time.")),
    }
}

fn mailbox(text: &str) -> Result<Mailbox> {
    text.trim().parse().map_err(|_| Error::invalid(format!("“{}” is not an e-mail address.", shown(text))))
}

fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(100).collect()
}

/// The message and its id.
fn compose(settings: &EmailSettings, email: &Email, now: Time) -> Result<(Message, String)> {
    let from = mailbox(&settings.from)?;
    let to: Mailboxes = email
        .to
        .trim()
        .trim_end_matches(',')
        .parse()
        .map_err(|_| Error::invalid(format!("“{}” is not an e-mail address.", shown(&email.to))))?;
    let count = to.iter().count();
    if count == 0 || count > MAX_RECIPIENTS {
        return Err(Error::invalid(format!("An e-mail needs one to {MAX_RECIPIENTS} addresses.")));
    }
    if email.text.len() > MAX_TEXT_BYTES {
        return Err(Error::too_large("This e-mail is longer than 128 KB. Send less."));
    }
    let id = format!("<{}@{}>", email.key, from.email.domain());
    let at = UNIX_EPOCH + Duration::from_millis(u64::try_from(now.as_ms()).unwrap_or(0));
    // A line break in a subject would be the beginning of another header.
    let subject: String = email.subject.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut message = Message::builder()
        .from(from)
        .mailbox(lettre::message::header::To::from(to))
        .subject(subject.chars().filter(|c| !c.is_control()).take(MAX_SUBJECT_CHARS).collect::<String>())
        .date(at)
        .message_id(Some(id.clone()));
    if !email.reply_to.trim().is_empty() {
        message = message.reply_to(mailbox(&email.reply_to)?);
    }
    let message = message
        .header(ContentType::TEXT_PLAIN)
        .body(email.text.clone())
        .map_err(|e| Error::invalid("This e-mail cannot be written. Look at its addresses.").with_cause(e))?;
    Ok((message, id))
}

fn transport(settings: &EmailSettings, password: &Secret) -> Result<AsyncSmtpTransport<Tokio1Executor>> {
    let parameters = || {
        TlsParameters::new(settings.host.clone())
            .map_err(|e| Error::invalid("The mail server's name cannot be used for encryption.").with_cause(e))
    };
    let tls = match settings.security {
        EmailSecurity::Tls => Tls::Wrapper(parameters()?),
        EmailSecurity::Starttls => Tls::Required(parameters()?),
        EmailSecurity::None => Tls::None,
    };
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.host)
        .port(settings.port)
        .tls(tls)
        .timeout(Some(CONNECT_TIMEOUT));
    if let Ok(from) = mailbox(&settings.from) {
        builder = builder.hello_name(ClientId::Domain(from.email.domain().to_owned()));
    }
    if !settings.user.is_empty() {
        builder = builder.credentials(Credentials::new(settings.user.clone(), password.expose().to_owned()));
    }
    Ok(builder.build())
}

/// What an owner can do about it.
fn refused(e: &lettre::transport::smtp::Error) -> Error {
    let said = || -> String { e.to_string().chars().filter(|c| !c.is_control()).take(SAID_CHARS).collect() };
    let code = e.status().map(u16::from);
    let error = match code {
        Some(530 | 534 | 535 | 538) => Error::upstream(
            "The mail server refused the user name or password. Check them under Settings, E-mail and secrets.",
        ),
        Some(_) => Error::upstream(format!("The mail server refused the e-mail: {}.", said())),
        None if e.is_timeout() => Error::timeout("The mail server did not answer in time."),
        None if e.is_tls() => Error::upstream(
            "The mail server could not be reached over an encrypted line. Check its name, port and security.",
        ),
        None => Error::upstream("The mail server could not be reached. Check its name, port and security."),
    };
    error.with_cause(said())
}

#[cfg(test)]
mod tests {
    use super::fake::FakeSmtp;
    use super::*;

    fn settings(port: u16) -> EmailSettings {
        EmailSettings {
            host: "127.0.0.1".into(),
            port,
            security: EmailSecurity::None,
            user: "shop".into(),
            from: "Thandi's Shop <shop@shop.example>".into(),
        }
    }

    fn email(to: &str, subject: &str, text: &str) -> Email {
        let key = "0199f0f0-0000-7000-8000-000000000000-4".into();
        Email { to: to.into(), subject: subject.into(), text: text.into(), reply_to: String::new(), key }
    }

    const NOW: Time = Time(1_772_667_000_000);

    #[tokio::test]
    async fn an_email_arrives_whole_and_one_sent_again_is_recognised() {
        let server = FakeSmtp::start("shop", "open sesame").await;
        let password = Secret::new("open sesame");
        let again = email(
            "Ana <ana@example.com>, bo@example.com",
            "Your\r\nBcc: x@evil.example",
            "Dear Ana,\nyour order is here and can be fetched until six o'clock.\n.\nGrüße",
        );
        for _ in 0..2 {
            deliver(&settings(server.port()), &password, &again, NOW).await.unwrap();
        }
        let got = server.received();
        assert_eq!(got.len(), 2);
        assert_eq!(got[0].to, ["ana@example.com", "bo@example.com"], "nobody is slipped in by a subject");
        assert_eq!(got[0].from, "shop@shop.example");
        assert_eq!(got[0].data, got[1].data);
        let data = &got[0].data;
        assert!(data.contains("Message-ID: <0199f0f0-0000-7000-8000-000000000000-4@shop.example>"), "{data}");
        assert!(data.contains("Subject: Your Bcc: x@evil.example\r\n"), "{data}");
        assert!(data.contains("Wed, 04 Mar 2026 23:30:00"), "{data}");
        assert!(data.contains("\r\n.\r\nGr=C3=BC=C3=9Fe"), "{data}");
    }

    #[tokio::test]
    async fn an_owner_learns_why_no_email_goes_out() {
        let server = FakeSmtp::start("shop", "open sesame").await;
        let closed = FakeSmtp::closed_port().await;
        for (settings, password, email, word) in [
            (settings(server.port()), "wrong", email("ana@example.com", "x", "x"), "password"),
            (settings(server.port()), "open sesame", email("nobody@example.com", "x", "x"), "550"),
            (settings(closed), "open sesame", email("ana@example.com", "x", "x"), "reached"),
            (settings(server.port()), "open sesame", email("ana at example", "x", "x"), "not an e-mail address"),
            (settings(server.port()), "open sesame", email("", "x", "x"), "address"),
            (
                EmailSettings { security: EmailSecurity::Starttls, ..settings(server.port()) },
                "open sesame",
                email("ana@example.com", "x", "x"),
                "reached",
            ),
        ] {
            let error = deliver(&settings, &Secret::new(password), &email, NOW).await.unwrap_err();
            assert!(error.message.contains(word), "{word}: {}", error.message);
            assert!(!format!("{error:?}").contains("open sesame"), "{error:?}");
        }
        assert!(server.received().is_empty());
    }
}
