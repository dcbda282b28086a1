//! The seal around a file of everything: a readable header, then segments of one size, each encrypted and authenticated
//! together with its place, the header, and whether it is the last.
//!
//! ```text
//! 8 bytes   mark
//! 4 bytes   length of the header, big-endian
//! header    JSON, readable by anybody: version, program, time, counts, how the key is made
//! 16 bytes  an empty segment: it opens when the passphrase is right
//! segments  1 MiB and 16 bytes each; the last is shorter, or full
//! ```
//!
//! The key is Argon2id of the passphrase. Segments are AES-256-GCM in the STREAM construction, so that a segment that is
//! missing, doubled, moved or changed does not open, nor does a file that was cut.

use std::io::{self, Read, Write};

use aead_stream::{DecryptorBE32, EncryptorBE32};
use aes_gcm::aead::Payload;
use aes_gcm::{Aes256Gcm, Key, KeyInit};
use base::{Error, Result, Secret, Time};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::entries::AROUND;

/// Not text, so that a program that mends line ends breaks it where it is noticed at once.
const MARK: &[u8; 8] = b"\x89MOVE\r\n\x1a";
const VERSION: u32 = 1;
const SEGMENT: usize = 1 << 20;
const TAG: usize = 16;
const LONGEST_HEADER: usize = 16 << 10;
/// So many of its first bytes tell whether a passphrase opens a file.
pub(crate) const FIRST_BYTES: usize = 12 + LONGEST_HEADER + TAG;

/// What anybody can read of a file: nothing of the business.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Header {
    pub(crate) version: u32,
    /// The version of the program that wrote it.
    pub(crate) program: String,
    pub(crate) made_at: Time,
    pub(crate) businesses: u32,
    pub(crate) files: u64,
    /// Of all files together, as they lie on the disk.
    pub(crate) bytes: u64,
    key: KeyMaking,
}

/// How the key is made of the passphrase.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct KeyMaking {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: String,
    nonce: String,
}

/// A file that may be carried around deserves more work than a sign-in: 64 MiB, three times over.
#[cfg(not(test))]
const WORK: (u32, u32, u32) = (64 << 10, 3, 1);
#[cfg(test)]
const WORK: (u32, u32, u32) = (64, 1, 1);
/// A header that asks for more than this is not ours.
const MOST_WORK: (u32, u32, u32) = (256 << 10, 10, 4);

impl Header {
    pub(crate) fn new(program: &str, made_at: Time, businesses: u32, files: u64, bytes: u64) -> Self {
        let (memory_kib, passes, lanes) = WORK;
        let salt = hex::encode(base::random::bytes::<16>());
        let nonce = hex::encode(base::random::bytes::<7>());
        let key = KeyMaking { memory_kib, passes, lanes, salt, nonce };
        Self { version: VERSION, program: program.to_owned(), made_at, businesses, files, bytes, key }
    }

    /// The largest file that can have this header.
    pub(crate) fn largest_file(&self) -> u64 {
        // Databases, files, the system's own, the key, the configuration, and the end.
        let parts = self.files.saturating_add(u64::from(self.businesses)).saturating_add(4);
        sealed(self.bytes.saturating_add(parts.saturating_mul(AROUND)))
    }

    fn cipher(&self, passphrase: &Secret) -> Result<(Aes256Gcm, [u8; 7])> {
        let KeyMaking { memory_kib, passes, lanes, salt, nonce } = &self.key;
        let bounded = *memory_kib <= MOST_WORK.0 && *passes <= MOST_WORK.1 && *lanes <= MOST_WORK.2;
        let salt = hex::decode(salt).ok().filter(|s| bounded && s.len() == 16).ok_or_else(not_ours)?;
        let nonce: [u8; 7] = hex::decode(nonce).ok().and_then(|n| n.try_into().ok()).ok_or_else(not_ours)?;
        let params = argon2::Params::new(*memory_kib, *passes, *lanes, Some(32)).map_err(|_| not_ours())?;
        let mut key = Zeroizing::new([0; 32]);
        argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params)
            .hash_password_into(passphrase.expose().as_bytes(), &salt, key.as_mut())
            .map_err(|_| not_ours())?;
        Ok((Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key)), nonce))
    }
}

/// What a file takes whose parts take so much, at most.
pub(crate) fn sealed(bytes: u64) -> u64 {
    let tags = (bytes / SEGMENT as u64).saturating_add(2).saturating_mul(TAG as u64);
    bytes.saturating_add(tags).saturating_add(12 + LONGEST_HEADER as u64)
}

fn not_ours() -> Error {
    Error::invalid("This is not a file that was made with “Move to another computer”.")
}

/// What is said of a file that was cut or changed on its way.
pub(crate) fn damaged() -> Error {
    Error::invalid(
        "This file is damaged or not complete, so nothing was taken over. Copy it again, or make it again on the other \
         computer.",
    )
}

/// What went wrong with a file that is being read or written; a full disk is named.
pub(crate) fn of_io(e: io::Error) -> Error {
    match e.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => damaged().with_cause(e),
        io::ErrorKind::StorageFull => Error::new(
            base::ErrorCode::DiskLow,
            "There is not enough room on the disk. Free some space, then try again.",
        )
        .with_cause(e),
        io::ErrorKind::Interrupted => Error::cancelled(),
        _ => e.into(),
    }
}

/// Encrypts what is written to it. Nothing of it can be read before [`Sealing::finish`].
pub(crate) struct Sealing<W: Write> {
    out: W,
    encryptor: EncryptorBE32<Aes256Gcm>,
    bound: [u8; 32],
    segment: Vec<u8>,
}

impl<W: Write> Sealing<W> {
    pub(crate) fn begin(mut out: W, header: &Header, passphrase: &Secret) -> Result<Self> {
        let (cipher, nonce) = header.cipher(passphrase)?;
        let text = serde_json::to_vec(header)?;
        let length = u32::try_from(text.len()).map_err(Error::internal)?;
        let opening = [MARK.as_slice(), &length.to_be_bytes(), &text].concat();
        out.write_all(&opening).map_err(of_io)?;
        let bound: [u8; 32] = Sha256::digest(&opening).into();
        let mut sealing = Self {
            out,
            encryptor: EncryptorBE32::from_aead(cipher, &nonce.into()),
            bound,
            segment: Vec::with_capacity(SEGMENT),
        };
        sealing.seal_segment().map_err(of_io)?;
        Ok(sealing)
    }

    fn seal_segment(&mut self) -> io::Result<()> {
        let sealed = self
            .encryptor
            .encrypt_next(Payload { msg: &self.segment, aad: &self.bound })
            .map_err(|_| io::Error::other("a segment could not be sealed"))?;
        self.segment.clear();
        self.out.write_all(&sealed)
    }

    /// Writes the last segment and gives back what was written to.
    pub(crate) fn finish(mut self) -> Result<W> {
        let sealed = self
            .encryptor
            .encrypt_last(Payload { msg: &self.segment, aad: &self.bound })
            .map_err(|_| Error::internal("the last segment could not be sealed"))?;
        self.out.write_all(&sealed).and_then(|()| self.out.flush()).map_err(of_io)?;
        Ok(self.out)
    }
}

impl<W: Write> Write for Sealing<W> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        // A full segment waits until more comes: it may be the last.
        if self.segment.len() == SEGMENT {
            self.seal_segment()?;
        }
        let taken = piece.len().min(SEGMENT - self.segment.len());
        self.segment.extend_from_slice(&piece[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Decrypts what it reads from. What it gives is authentic; that nothing is missing is known at its end only.
pub(crate) struct Opening<R: Read> {
    from: R,
    /// Nothing once the last segment was opened.
    decryptor: Option<DecryptorBE32<Aes256Gcm>>,
    bound: [u8; 32],
    /// The segment that follows, still sealed: only then is it known which is the last.
    ahead: Vec<u8>,
    opened: Vec<u8>,
    at: usize,
}

/// Reads the header alone.
fn read_header(from: &mut impl Read) -> Result<(Header, [u8; 32])> {
    let mut start = [0; 12];
    from.read_exact(&mut start).map_err(|_| not_ours())?;
    if &start[..8] != MARK {
        return Err(not_ours());
    }
    let length = u32::from_be_bytes([start[8], start[9], start[10], start[11]]) as usize;
    if length > LONGEST_HEADER {
        return Err(not_ours());
    }
    let mut text = vec![0; length];
    from.read_exact(&mut text).map_err(|_| damaged())?;
    // The version first: of a later one nothing else may be as it is known here.
    #[derive(Deserialize)]
    struct Version {
        version: u32,
    }
    let Version { version } = serde_json::from_slice(&text).map_err(|_| damaged())?;
    if version > VERSION {
        return Err(Error::invalid(
            "This file was made by a newer version of this program. Install that version here first, then try again.",
        ));
    }
    let header: Header = serde_json::from_slice(&text).map_err(|_| damaged())?;
    Ok((header, Sha256::digest([start.as_slice(), &text].concat()).into()))
}

/// Reads the header and the empty segment after it.
fn first(mut from: impl Read, passphrase: &Secret) -> Result<(Header, DecryptorBE32<Aes256Gcm>, [u8; 32])> {
    let (header, bound) = read_header(&mut from)?;
    let (cipher, nonce) = header.cipher(passphrase)?;
    let mut decryptor = DecryptorBE32::from_aead(cipher, &nonce.into());
    let mut sealed = [0; TAG];
    from.read_exact(&mut sealed).map_err(of_io)?;
    decryptor.decrypt_next(Payload { msg: &sealed, aad: &bound }).map_err(|_| {
        Error::forbidden("This passphrase does not open the file. Type the one that was chosen on the other computer.")
    })?;
    Ok((header, decryptor, bound))
}

impl<R: Read> Opening<R> {
    /// Reads the header and tries the passphrase.
    ///
    /// # Errors
    /// `Forbidden` when the passphrase is not the right one, `Invalid` when the file is not one of ours.
    pub(crate) fn begin(mut from: R, passphrase: &Secret) -> Result<(Header, Self)> {
        let (header, decryptor, bound) = first(&mut from, passphrase)?;
        let mut opening =
            Self { from, decryptor: Some(decryptor), bound, ahead: Vec::new(), opened: Vec::new(), at: 0 };
        opening.ahead = opening.read_sealed().map_err(of_io)?;
        Ok((header, opening))
    }

    /// Whether a file begins as ours do, and the passphrase opens it, as far as its first bytes tell.
    pub(crate) fn try_first(from: R, passphrase: &Secret) -> Result<Header> {
        first(from, passphrase).map(|(header, ..)| header)
    }

    fn read_sealed(&mut self) -> io::Result<Vec<u8>> {
        let mut sealed = Vec::with_capacity(SEGMENT + TAG);
        self.from.by_ref().take((SEGMENT + TAG) as u64).read_to_end(&mut sealed)?;
        Ok(sealed)
    }

    fn open_segment(&mut self) -> io::Result<bool> {
        let Some(mut decryptor) = self.decryptor.take() else { return Ok(false) };
        let sealed = std::mem::take(&mut self.ahead);
        let follows = if sealed.len() == SEGMENT + TAG { self.read_sealed()? } else { Vec::new() };
        let payload = Payload { msg: &sealed, aad: &self.bound };
        let wrong = |_| io::Error::new(io::ErrorKind::InvalidData, "a segment does not open");
        self.opened = if follows.is_empty() {
            decryptor.decrypt_last(payload).map_err(wrong)?
        } else {
            let opened = decryptor.decrypt_next(payload).map_err(wrong)?;
            self.decryptor = Some(decryptor);
            opened
        };
        self.ahead = follows;
        self.at = 0;
        Ok(true)
    }
}

impl<R: Read> Read for Opening<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.at == self.opened.len() {
            if !self.open_segment()? {
                return Ok(0);
            }
        }
        let taken = out.len().min(self.opened.len() - self.at);
        out[..taken].copy_from_slice(&self.opened[self.at..self.at + taken]);
        self.at += taken;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEN_AT: usize = 8;

    fn seal(plain: &[u8]) -> Vec<u8> {
        let header = Header::new("1.2.3", Time::ZERO, 1, 2, plain.len() as u64);
        let mut sealing = Sealing::begin(Vec::new(), &header, &Secret::new("four plain words")).unwrap();
        sealing.write_all(plain).unwrap();
        sealing.finish().unwrap()
    }

    fn open(sealed: &[u8], passphrase: &str) -> Result<Vec<u8>> {
        let (_, mut opening) = Opening::begin(sealed, &Secret::new(passphrase))?;
        let mut plain = Vec::new();
        opening.read_to_end(&mut plain).map_err(of_io)?;
        Ok(plain)
    }

    fn first_segment(sealed: &[u8]) -> usize {
        let length = u32::from_be_bytes(sealed[LEN_AT..LEN_AT + 4].try_into().unwrap()) as usize;
        LEN_AT + 4 + length + TAG
    }

    #[test]
    fn what_was_sealed_opens_whatever_its_size() {
        for size in [0, 1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 2 * SEGMENT, 2 * SEGMENT + 5] {
            let plain: Vec<u8> = (0..size).map(|i| (i * 31 % 251) as u8).collect();
            assert!(open(&seal(&plain), "four plain words").unwrap() == plain, "{size} bytes");
        }
    }

    #[test]
    fn a_wrong_passphrase_is_told_from_a_damaged_file() {
        let sealed = seal(b"the price list");
        assert_eq!(open(&sealed, "another").unwrap_err().code, base::ErrorCode::Forbidden);
        let mut changed = sealed.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert!(open(&changed, "four plain words").unwrap_err().message.contains("damaged"));
        assert!(open(b"a letter to the tax office", "x").unwrap_err().message.contains("not a file"));
        assert!(open(b"", "x").is_err());
    }

    #[test]
    fn segments_that_are_missing_doubled_or_swapped_are_noticed() {
        let plain: Vec<u8> = (0..3 * SEGMENT + 100).map(|i| (i % 255) as u8).collect();
        let sealed = seal(&plain);
        let start = first_segment(&sealed);
        let one = SEGMENT + TAG;
        let piece = |n: usize| sealed[start + n * one..(start + (n + 1) * one).min(sealed.len())].to_vec();
        let with = |pieces: &[usize]| {
            let mut out = sealed[..start].to_vec();
            pieces.iter().for_each(|n| out.extend(piece(*n)));
            open(&out, "four plain words")
        };
        assert!(with(&[0, 1, 2, 3]).unwrap() == plain);
        for wrong in [&[1, 0, 2, 3][..], &[0, 1, 3], &[0, 1, 2], &[0], &[], &[0, 0, 1, 2, 3], &[0, 1, 2, 3, 3]] {
            assert!(with(wrong).is_err(), "{wrong:?} went unnoticed");
        }
    }

    #[test]
    fn a_header_that_was_changed_opens_nothing() {
        let sealed = seal(b"the price list");
        let text = String::from_utf8_lossy(&sealed[12..first_segment(&sealed) - TAG]).into_owned();
        for (from, to) in [
            ("\"businesses\":1", "\"businesses\":2"),
            ("1.2.3", "1.2.4"),
            ("\"version\":1", "\"version\":9"),
            ("\"passes\":1", "\"passes\":99"),
            ("\"memory_kib\":64", "\"memory_kib\":4000000000"),
        ] {
            let changed = text.replace(from, to);
            assert_ne!(changed, text, "{from} is there");
            let length = u32::try_from(changed.len()).unwrap().to_be_bytes();
            let whole =
                [MARK.as_slice(), &length, changed.as_bytes(), &sealed[first_segment(&sealed) - TAG..]].concat();
            assert!(open(&whole, "four plain words").is_err(), "{from} became {to}");
        }
    }
}
