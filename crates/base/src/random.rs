//! The only source of randomness; secrets and tokens come from the operating system's generator.

use base64::Engine;
use rand::TryRng;

/// Random bytes fit for keys and tokens.
///
/// # Panics
/// When the operating system has no randomness to give, which leaves no safe way to go on.
#[expect(clippy::expect_used, reason = "without randomness nothing that follows could be safe")]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut out = [0; N];
    rand::rngs::SysRng.try_fill_bytes(&mut out).expect("the operating system gives random bytes");
    out
}

/// A URL-safe token of 256 bits.
pub fn token() -> String {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes::<32>())
}

/// A number in `0.0..1.0`, for jitter and the like.
pub fn fraction() -> f64 {
    (u64::from_le_bytes(bytes()) >> 11) as f64 / (1u64 << 53) as f64
}
