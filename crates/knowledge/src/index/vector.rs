//! Vectors in the three forms in which they are kept: exact, in bytes, and as signs for the coarse pass.

use base::{Error, Result};

/// Numbers in every vector; the tables for the coarse pass are made for it.
pub const DIMENSIONS: usize = 384;

/// Scaled to length one. Refuses what is not a vector of ours.
pub fn normalised(mut vector: Vec<f32>) -> Result<Vec<f32>> {
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    if vector.len() != DIMENSIONS || !length.is_finite() || length <= f32::EPSILON {
        return Err(Error::internal(format!("a vector of {} numbers and length {length}", vector.len())));
    }
    vector.iter_mut().for_each(|x| *x /= length);
    Ok(vector)
}

/// Little-endian bytes, as stored.
pub fn to_blob(vector: &[f32]) -> Vec<u8> {
    vector.iter().flat_map(|x| x.to_le_bytes()).collect()
}

/// The reverse of [`to_blob`]; nothing for a blob of another length.
pub fn from_blob(blob: &[u8]) -> Option<Vec<f32>> {
    (blob.len() == DIMENSIONS * 4)
        .then(|| blob.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect())
}

/// A vector in one byte a number. The error of a cosine is about 0.0005.
#[derive(Clone, Debug)]
pub struct Small {
    pub bytes: Vec<u8>,
    pub scale: f32,
}

impl Small {
    pub fn of(vector: &[f32]) -> Self {
        let largest = vector.iter().fold(f32::MIN_POSITIVE, |m, x| m.max(x.abs()));
        let scale = largest / 127.0;
        #[expect(clippy::cast_sign_loss, reason = "the bytes hold signed numbers")]
        let bytes = vector.iter().map(|x| (x / scale).round() as i8 as u8).collect();
        Small { bytes, scale }
    }

    pub fn dot(&self, query: &[f32]) -> f32 {
        dot_bytes(&self.bytes, self.scale, query)
    }
}

/// The cosine of a stored byte vector and a query, both of length one.
pub fn dot_bytes(bytes: &[u8], scale: f32, query: &[f32]) -> f32 {
    bytes.iter().zip(query).map(|(b, q)| f32::from(*b as i8) * q).sum::<f32>() * scale
}

pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// One bit a number: its sign once the mean is taken off. Embeddings lie in a narrow cone; without that, most of their
/// signs would be the same for all.
pub fn to_bits(vector: &[f32], mean: &[f32]) -> Vec<u8> {
    let mut bits = vec![0u8; DIMENSIONS / 8];
    for (i, (x, m)) in vector.iter().zip(mean).enumerate() {
        if x > m {
            bits[i / 8] |= 1 << (i % 8);
        }
    }
    bits
}

/// The mean of some vectors; zero for none.
pub fn mean_of<'a>(vectors: impl Iterator<Item = &'a [f32]>) -> Vec<f32> {
    let mut sum = vec![0f32; DIMENSIONS];
    let mut count = 0f32;
    for vector in vectors {
        sum.iter_mut().zip(vector).for_each(|(s, x)| *s += x);
        count += 1.0;
    }
    sum.iter_mut().for_each(|s| *s /= count.max(1.0));
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_small_form_keeps_cosines_and_the_stored_form_all() {
        let a = normalised((0..DIMENSIONS).map(|i| (i as f32 * 0.7).sin()).collect()).unwrap();
        let b = normalised((0..DIMENSIONS).map(|i| (i as f32 * 0.7 + 0.4).sin()).collect()).unwrap();
        assert!((Small::of(&a).dot(&b) - dot(&a, &b)).abs() < 0.002);
        assert_eq!(from_blob(&to_blob(&a)).unwrap(), a);
        assert!(from_blob(&[1, 2, 3]).is_none());
        assert!(normalised(vec![0.0; DIMENSIONS]).is_err());
    }
}
