//! What an image is verified by: SHA-256, or MD5 where the feature is on.

use super::Refusal;
use sha2::Digest as _;

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
                crate::at::bytes::copy(&mut bytes, &short);
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
    Sha256(sha2::Sha256),
    #[cfg(feature = "ota-md5")]
    Md5(md5::Md5),
}

impl Hasher {
    pub(super) fn of(digest: Option<&Digest>) -> Self {
        match digest {
            #[cfg(feature = "ota-md5")]
            Some(Digest::Md5(_)) => Self::Md5(md5::Md5::new()),
            _ => Self::Sha256(sha2::Sha256::new()),
        }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(hasher) => hasher.update(bytes),
            #[cfg(feature = "ota-md5")]
            Self::Md5(hasher) => hasher.update(bytes),
        }
    }

    /// Whether the hash is that one. It starts over.
    pub(super) fn gives(&mut self, digest: &Digest) -> bool {
        match (self, digest) {
            (Self::Sha256(hasher), Digest::Sha256(expected)) => hasher.finalize_reset()[..] == expected[..],
            #[cfg(feature = "ota-md5")]
            (Self::Md5(hasher), Digest::Md5(expected)) => hasher.finalize_reset()[..] == expected[..],
            #[cfg(feature = "ota-md5")]
            _ => false,
        }
    }
}

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
