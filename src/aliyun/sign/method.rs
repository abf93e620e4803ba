//! The methods: an HMAC over each hash, by its name at the platform (`aliyun.md` §3).

#[cfg(any(feature = "sign-md5", feature = "sign-sha1", feature = "sign-sha256"))]
mod hashed {
    use crate::value::{Algorithm, SignMethod, Signature};
    use hmac::{EagerHash, Hmac, KeyInit, Mac};

    impl SignMethod {
        /// `hmacsha256`.
        #[cfg(feature = "sign-sha256")]
        pub const HMAC_SHA256: Self = Self(&Algorithm { name: "hmacsha256", sign: sign::<sha2::Sha256> });

        /// `hmacsha1`.
        #[cfg(feature = "sign-sha1")]
        pub const HMAC_SHA1: Self = Self(&Algorithm { name: "hmacsha1", sign: sign::<sha1::Sha1> });

        /// `hmacmd5`.
        #[cfg(feature = "sign-md5")]
        pub const HMAC_MD5: Self = Self(&Algorithm { name: "hmacmd5", sign: sign::<md5::Md5> });
    }

    fn sign<H: EagerHash>(secret: &str, content: &[&str]) -> Signature {
        // A key of any length will do, so there is always a MAC.
        let Ok(mut mac) = Hmac::<H>::new_from_slice(secret.as_bytes()) else { return Signature::of(&[]) };
        for piece in content {
            mac.update(piece.as_bytes());
        }
        Signature::of(&mac.finalize().into_bytes())
    }
}
