//! Proof that a request comes from Meta: the signature over the raw body, and the handshake of a new address.

use base::Secret;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// The header that carries the signature.
pub const HEADER: &str = "X-Hub-Signature-256";

/// Why a webhook's signature was not accepted. `Missing` is answered with 401, the others with 403.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureError {
    /// There is no header.
    Missing,
    /// The header is not `sha256=` and 64 hexadecimal digits.
    Malformed,
    /// No secret gives this signature.
    Mismatch,
}

fn mac(raw: &[u8], secret: &Secret) -> Hmac<Sha256> {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).expect("a key of any length");
    mac.update(raw);
    mac
}

/// Checks a signature over the bytes as they came, in constant time, against the app's secrets: the current one and,
/// while it is being changed, the other. Empty secrets never match.
///
/// # Errors
/// See [`SignatureError`].
pub fn verify(header: Option<&str>, raw: &[u8], secrets: &[&Secret]) -> Result<(), SignatureError> {
    let digits = header.ok_or(SignatureError::Missing)?.strip_prefix("sha256=").ok_or(SignatureError::Malformed)?;
    if digits.len() != 64 {
        return Err(SignatureError::Malformed);
    }
    let given = hex::decode(digits).map_err(|_| SignatureError::Malformed)?;
    // Every secret is tried, so that the time taken does not tell which one matched.
    let mut matched = false;
    for secret in secrets.iter().filter(|s| !s.is_empty()) {
        matched |= mac(raw, secret).verify_slice(&given).is_ok();
    }
    if matched { Ok(()) } else { Err(SignatureError::Mismatch) }
}

/// The header's value for a body, as Meta would send it.
pub fn sign(raw: &[u8], secret: &Secret) -> String {
    format!("sha256={}", hex::encode(mac(raw, secret).finalize().into_bytes()))
}

/// Why the handshake was refused. `Malformed` is answered with 400, `Refused` with 403.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerificationError {
    /// A parameter is missing, doubled or too long.
    Malformed,
    /// The mode is not `subscribe` or the token is not ours.
    Refused,
}

const CHALLENGE_LIMIT: usize = 1024;

/// Answers the handshake that Meta makes when an address is saved. `query` is the raw query string. The challenge must
/// go back with 200, as `text/plain` with `nosniff`, to the byte: it is chosen by the caller.
///
/// # Errors
/// See [`VerificationError`].
pub fn verification(query: &str, token: &Secret) -> Result<String, VerificationError> {
    let (mut mode, mut given, mut challenge) = (None, None, None);
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        let slot = match &*name {
            "hub.mode" => &mut mode,
            "hub.verify_token" => &mut given,
            "hub.challenge" => &mut challenge,
            _ => continue,
        };
        if value.len() > CHALLENGE_LIMIT || slot.replace(value.into_owned()).is_some() {
            return Err(VerificationError::Malformed);
        }
    }
    let (Some(mode), Some(given), Some(challenge)) = (mode, given, challenge) else {
        return Err(VerificationError::Malformed);
    };
    let ours = !token.is_empty() && bool::from(given.as_bytes().ct_eq(token.expose().as_bytes()));
    if ours && mode == "subscribe" { Ok(challenge) } else { Err(VerificationError::Refused) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixtures() -> std::path::PathBuf {
        [env!("CARGO_MANIFEST_DIR"), "..", "..", "tests", "fixtures", "whatsapp"].iter().collect()
    }

    #[test]
    fn every_recorded_body_is_accepted_with_its_signature_and_with_no_other() {
        let dir = fixtures();
        let secret = Secret::new("conformance_app_secret");
        let other = Secret::new("other");
        let signatures: std::collections::BTreeMap<String, String> =
            serde_json::from_slice(&std::fs::read(dir.join("SIGNATURES.json")).unwrap()).unwrap();
        assert!(signatures.len() > 50);
        for (name, signature) in signatures {
            let mut raw = std::fs::read(dir.join(format!("{name}.json"))).unwrap();
            assert_eq!(sign(&raw, &secret), signature, "{name}");
            assert_eq!(verify(Some(&signature), &raw, &[&other, &secret]), Ok(()), "{name}");
            assert_eq!(verify(Some(&signature), &raw, &[&other]), Err(SignatureError::Mismatch), "{name}");
            raw[0] ^= 1;
            assert_eq!(verify(Some(&signature), &raw, &[&secret]), Err(SignatureError::Mismatch), "{name}");
        }
    }

    #[test]
    fn missing_broken_and_unkeyed_signatures_are_refused() {
        let secret = Secret::new("s");
        let good = sign(b"x", &secret);
        for (header, expected) in [
            (None, SignatureError::Missing),
            (Some(""), SignatureError::Malformed),
            (Some("sha1=00"), SignatureError::Malformed),
            (Some("sha256="), SignatureError::Malformed),
            (Some(&good[..70]), SignatureError::Malformed),
            (Some(&*format!("{good}0")), SignatureError::Malformed),
            (Some(&*format!("sha256={}", "é".repeat(32))), SignatureError::Malformed),
            (Some(&*format!("sha256={}", "0".repeat(64))), SignatureError::Mismatch),
        ] {
            assert_eq!(verify(header, b"x", &[&secret]), Err(expected), "{header:?}");
        }
        let empty = Secret::new("");
        assert_eq!(verify(Some(&sign(b"x", &empty)), b"x", &[&empty]), Err(SignatureError::Mismatch));
        assert_eq!(verify(Some(&good), b"x", &[]), Err(SignatureError::Mismatch));
    }

    #[test]
    fn the_handshake_gives_back_the_challenge_to_the_byte_and_only_for_our_token() {
        let token = Secret::new("t k+1");
        let ask = |query: &str| verification(query, &token);
        assert_eq!(
            ask("hub.mode=subscribe&hub.challenge=1%3Cb%3E+2&hub.verify_token=t%20k%2B1").unwrap(),
            "1<b> 2",
            "the challenge is decoded, not altered"
        );
        for (query, expected) in [
            ("hub.mode=subscribe&hub.challenge=1&hub.verify_token=other", VerificationError::Refused),
            ("hub.mode=unsubscribe&hub.challenge=1&hub.verify_token=t%20k%2B1", VerificationError::Refused),
            ("hub.mode=subscribe&hub.verify_token=t%20k%2B1", VerificationError::Malformed),
            ("hub_mode=subscribe&hub_challenge=1&hub_verify_token=t%20k%2B1", VerificationError::Malformed),
            (
                "hub.mode=subscribe&hub.challenge=1&hub.challenge=2&hub.verify_token=t%20k%2B1",
                VerificationError::Malformed,
            ),
            ("", VerificationError::Malformed),
        ] {
            assert_eq!(ask(query), Err(expected), "{query}");
        }
        let none = Secret::new("");
        assert_eq!(
            verification("hub.mode=subscribe&hub.challenge=1&hub.verify_token=", &none),
            Err(VerificationError::Refused),
            "an unset token opens nothing"
        );
    }

    proptest::proptest! {
        #[test]
        fn any_header_and_query_are_answered(header in ".{0,80}", query in ".{0,120}") {
            let secret = Secret::new("s");
            let _ = verify(Some(&header), b"x", &[&secret]);
            let _ = verification(&query, &secret);
        }
    }
}
