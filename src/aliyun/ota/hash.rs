//! What an image is verified by: SHA-256, or MD5 where the feature is on.

use super::Refusal;
use crate::at::bytes::{after_mut, copy};

/// What the hash of an image has to be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Digest {
    Sha256([u8; 32]),
    #[cfg(feature = "ota-md5")]
    Md5([u8; 16]),
}

impl Digest {
    /// Without a method it is MD5, as in pushes that have only an `md5`.
    pub(super) fn read(method: Option<&[u8]>, sign: Option<&[u8]>, md5: Option<&[u8]>) -> Result<Self, Refusal> {
        if method.is_some_and(|name| name.eq_ignore_ascii_case(b"sha256")) {
            return Ok(Self::Sha256(hex(sign.ok_or(Refusal::Malformed)?)?));
        }
        #[cfg(feature = "ota-md5")]
        if method.is_none_or(|name| name.eq_ignore_ascii_case(b"md5")) {
            return Ok(Self::Md5(hex(sign.or(md5).ok_or(Refusal::Malformed)?)?));
        }
        let _ = md5;
        Err(Refusal::UnknownMethod)
    }

    /// The number of the method, and the bytes in front of zeros.
    pub(super) fn to_bytes(self) -> (u8, [u8; 32]) {
        match self {
            Self::Sha256(bytes) => (1, bytes),
            #[cfg(feature = "ota-md5")]
            Self::Md5(short) => {
                let mut bytes = [0; 32];
                copy(&mut bytes, &short);
                (2, bytes)
            }
        }
    }

    pub(super) fn from_bytes(method: u8, bytes: [u8; 32]) -> Option<Self> {
        match method {
            1 => Some(Self::Sha256(bytes)),
            #[cfg(feature = "ota-md5")]
            2 => Some(Self::Md5(*bytes.first_chunk()?)),
            _ => None,
        }
    }
}

/// A hash as it grows.
#[derive(Clone, Debug)]
pub(super) enum Hasher {
    Sha256(Sha256),
    #[cfg(feature = "ota-md5")]
    Md5(md5::Md5),
}

impl Hasher {
    pub(super) fn of(digest: Option<&Digest>) -> Self {
        match digest {
            #[cfg(feature = "ota-md5")]
            Some(Digest::Md5(_)) => Self::Md5(md5::Digest::new()),
            _ => Self::Sha256(Sha256 { state: INITIAL, length: 0, block: [0; BLOCK] }),
        }
    }

    /// Takes a block of 64 bytes, or what is left of the image.
    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(hasher) => hasher.update(bytes),
            #[cfg(feature = "ota-md5")]
            Self::Md5(hasher) => md5::Digest::update(hasher, bytes),
        }
    }

    /// Whether the hash is that one. There is no more to be hashed then.
    pub(super) fn gives(&mut self, digest: &Digest) -> bool {
        match (self, digest) {
            (Self::Sha256(hasher), Digest::Sha256(expected)) => hasher.gives(expected),
            #[cfg(feature = "ota-md5")]
            (Self::Md5(hasher), Digest::Md5(expected)) => md5::Digest::finalize_reset(hasher)[..] == expected[..],
            #[cfg(feature = "ota-md5")]
            _ => false,
        }
    }
}

/// SHA-256 (FIPS 180-4) of a text that comes in blocks of its own size, with the rounds of the crate: what takes any portions takes more code.
#[derive(Clone, Debug)]
pub(super) struct Sha256 {
    state: [u32; 8],
    length: u32,
    block: [u8; BLOCK],
}

impl Sha256 {
    fn update(&mut self, bytes: &[u8]) {
        copy(&mut self.block, bytes);
        self.length = self.length.wrapping_add(bytes.len() as u32);
        if bytes.len() == BLOCK {
            self.compress();
        }
    }

    /// A one and zeros follow the text, and its length in bits ends a block.
    fn gives(&mut self, expected: &[u8; 32]) -> bool {
        let mut end = 0x80;
        let used = self.length as usize % BLOCK;
        for place in after_mut(&mut self.block, used) {
            *place = end;
            end = 0;
        }
        if used >= BLOCK - LENGTH {
            self.compress();
            self.block = [0; BLOCK];
        }
        let bits = (u64::from(self.length) << 3).to_be_bytes();
        copy(after_mut(&mut self.block, BLOCK - LENGTH), &bits);
        self.compress();
        expected.as_chunks().0.iter().zip(&self.state).all(|(bytes, word)| u32::from_be_bytes(*bytes) == *word)
    }

    #[inline(never)]
    fn compress(&mut self) {
        sha2::block_api::compress256(&mut self.state, core::slice::from_ref(&self.block));
    }
}

/// Bytes of a block, and of the length in the last one.
const BLOCK: usize = 64;
const LENGTH: usize = 8;

/// The state before the first block (FIPS 180-4, 5.3.3).
const INITIAL: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// Bytes from hexadecimal digits of either case, leading zeros included.
fn hex<const N: usize>(text: &[u8]) -> Result<[u8; N], Refusal> {
    let mut bytes = [0; N];
    if text.len() != N.wrapping_mul(2) {
        return Err(Refusal::Malformed);
    }
    for (place, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        for byte in pair {
            let digit = char::from(*byte).to_digit(16).ok_or(Refusal::Malformed)?;
            *place = *place << 4 | digit as u8;
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, Digest, Hasher};
    use sha2::Digest as _;
    use std::vec::Vec;

    #[test]
    fn an_image_of_any_length_has_the_hash_that_the_crate_gives() {
        for length in 0..=4 * BLOCK {
            let image: Vec<u8> = (0..length).map(|index| (index * 7) as u8).collect();
            let mut hasher = Hasher::of(None);
            image.chunks(BLOCK).for_each(|block| hasher.update(block));
            let mut expected = sha2::Sha256::digest(&image);
            assert!(hasher.clone().gives(&Digest::Sha256(expected.into())), "{length}");
            expected[length % 32] ^= 1;
            assert!(!hasher.gives(&Digest::Sha256(expected.into())), "{length}");
        }
    }
}
