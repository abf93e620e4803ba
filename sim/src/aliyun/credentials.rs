//! The password of a device: an HMAC over its names, keyed with its secret.

use core::fmt::Write as _;

use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::Sha256;

/// The hash behind the password, the `signmethod` of the client id.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SignMethod {
    /// `hmacmd5`, the default where the client id names none. `[D]`
    HmacMd5,
    /// `hmacsha1`.
    HmacSha1,
    /// `hmacsha256`.
    HmacSha256,
}

impl SignMethod {
    /// The method of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::HmacMd5, Self::HmacSha1, Self::HmacSha256].into_iter().find(|method| method.name() == name)
    }

    /// Its name in a client id.
    pub fn name(self) -> &'static str {
        match self {
            Self::HmacMd5 => "hmacmd5",
            Self::HmacSha1 => "hmacsha1",
            Self::HmacSha256 => "hmacsha256",
        }
    }
}

/// What is signed: names and values in the order of the names, without separators. `client_id` is the part before the
/// first `|`; the timestamp takes part if, and only if, the client id bears one. `[D, S]`
pub fn content(client_id: &str, device_name: &str, product_key: &str, timestamp: Option<&str>) -> String {
    let mut content = format!("clientId{client_id}deviceName{device_name}productKey{product_key}");
    if let Some(timestamp) = timestamp {
        content.push_str("timestamp");
        content.push_str(timestamp);
    }
    content
}

/// What a registration signs, with the ProductSecret. The client id takes no part. `[D, S]`
pub fn registration_content(device_name: &str, product_key: &str, random: &str) -> String {
    format!("deviceName{device_name}productKey{product_key}random{random}")
}

/// The password for a content, in upper-case hex. The secret is taken as it is printed, never decoded. `[D]`
pub fn sign(method: SignMethod, secret: &str, content: &str) -> String {
    match method {
        SignMethod::HmacMd5 => hex(mac::<Hmac<Md5>>(secret, content).finalize().as_bytes()),
        SignMethod::HmacSha1 => hex(mac::<Hmac<Sha1>>(secret, content).finalize().as_bytes()),
        SignMethod::HmacSha256 => hex(mac::<Hmac<Sha256>>(secret, content).finalize().as_bytes()),
    }
}

/// Whether a password is the one for a content, in constant time and in either case of hex. `[D]`
pub fn verify(method: SignMethod, secret: &str, content: &str, password: &str) -> bool {
    let Some(password) = unhex(password) else { return false };
    match method {
        SignMethod::HmacMd5 => mac::<Hmac<Md5>>(secret, content).verify_slice(&password).is_ok(),
        SignMethod::HmacSha1 => mac::<Hmac<Sha1>>(secret, content).verify_slice(&password).is_ok(),
        SignMethod::HmacSha256 => mac::<Hmac<Sha256>>(secret, content).verify_slice(&password).is_ok(),
    }
}

fn mac<M: KeyInit + Mac>(secret: &str, content: &str) -> M {
    let mac = <M as KeyInit>::new_from_slice(secret.as_bytes()).expect("an HMAC takes a key of any length");
    mac.chain_update(content)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02X}").expect("a String takes all that is written");
        text
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.chars().map(|c| c.to_digit(16).map(|digit| digit as u8)).collect::<Option<Vec<u8>>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    struct Vector {
        name: &'static str,
        device: [&'static str; 3],
        client_id: &'static str,
        timestamp: Option<&'static str>,
        method: SignMethod,
        password: &'static str,
    }

    /// The vectors of the vendor's documentation (V1), an article's packet (V2), an SDK's test (V3, V5), and our own.
    const VECTORS: [Vector; 8] = [
        Vector {
            name: "V1",
            device: ["pk", "device", "secret"],
            client_id: "12345",
            timestamp: Some("789"),
            method: SignMethod::HmacSha1,
            password: "FAFD82A3D602B37FB0FA8B7892F24A477F851A14",
        },
        Vector {
            name: "V2",
            device: ["1234", "5678", "1234567890"],
            client_id: "abc",
            timestamp: Some("120"),
            method: SignMethod::HmacSha1,
            password: "222750DEDFE4F774002EE87EED29CFD0638C5F66",
        },
        Vector {
            name: "V3",
            device: ["123456789", "abcdefg", "Y877Bgo8X5owd3lcB5wWDjryNPoB"],
            client_id: "123456789.abcdefg",
            timestamp: Some("32472115200"),
            method: SignMethod::HmacMd5,
            password: "16CB9B20009795D576E9172CDC820646",
        },
        Vector {
            name: "V5",
            device: ["123456789", "abcdefg", "Y877Bgo8X5owd3lcB5wWDjryNPoB"],
            client_id: "123456789.abcdefg",
            timestamp: Some("32472115200"),
            method: SignMethod::HmacSha256,
            password: "2842DC9F2FBA19C671DD3F4D24590D41F91C25FD9BC4E5101951BEA88B7DEACD",
        },
        Vector {
            name: "S1",
            device: ["a1JszCpjS61", "NT35E_06011", SECRET],
            client_id: "a1JszCpjS61.NT35E_06011",
            timestamp: Some("2524608000000"),
            method: SignMethod::HmacSha256,
            password: "C54979EFCD037B2B4121E18A65846A337E1914B31BDD7AD22B456861ED19EEEF",
        },
        Vector {
            name: "S2",
            device: ["a1JszCpjS61", "NT35E_06011", SECRET],
            client_id: "NT35E_06011",
            timestamp: Some("2524608000000"),
            method: SignMethod::HmacSha1,
            password: "C369DEF3E07C901991E4043474BD24C37D8544AB",
        },
        Vector {
            name: "S4",
            device: ["a1JszCpjS61", "NT35E_06011", SECRET],
            client_id: "NT35E",
            timestamp: None,
            method: SignMethod::HmacSha1,
            password: "182DD9EA34CF9259512E7D3365BDFE76BF45C5B5",
        },
        Vector {
            name: "S5",
            device: ["a1JszCpjS61", "NT35E_06011", SECRET],
            client_id: "NT35E",
            timestamp: None,
            method: SignMethod::HmacSha256,
            password: "D3932157F7ADCF2036046D08926A6FC28333D47028B2638D44E7DD00690839E2",
        },
    ];

    impl Vector {
        fn content(&self) -> String {
            let [product_key, device_name, _] = self.device;
            content(self.client_id, device_name, product_key, self.timestamp)
        }
    }

    #[test]
    fn every_vector_is_signed_and_verified() {
        for vector in VECTORS {
            let (secret, content) = (vector.device[2], vector.content());
            assert_eq!(sign(vector.method, secret, &content), vector.password, "{}", vector.name);
            assert!(verify(vector.method, secret, &content, vector.password), "{}", vector.name);
        }
    }

    #[test]
    fn the_content_bears_the_timestamp_only_where_there_is_one() {
        // The article's packet, and the form without timestamp of a capture. [C]
        assert_eq!(content("abc", "5678", "1234", Some("120")), "clientIdabcdeviceName5678productKey1234timestamp120");
        let captured = content("aliyun_dev", "aliyun_dev", "a1Dm4VEK8BR", None);
        assert_eq!(captured, "clientIdaliyun_devdeviceNamealiyun_devproductKeya1Dm4VEK8BR");
    }

    #[test]
    fn the_case_of_the_hex_does_not_matter() {
        let content = VECTORS[0].content();
        assert!(verify(SignMethod::HmacSha1, "secret", &content, &VECTORS[0].password.to_lowercase()));
        assert!(verify(SignMethod::HmacSha1, "secret", &content, "fafd82a3D602B37FB0FA8B7892F24A477F851A14"));
    }

    #[test]
    fn a_password_without_its_leading_zeros_is_wrong() {
        let content = "clientIdabcdeviceName5678productKey1234";
        let leading_zero = (0..64)
            .map(|n| format!("secret{n}"))
            .find(|secret| sign(SignMethod::HmacSha1, secret, content).starts_with('0'))
            .expect("one of 64 passwords starts with a zero");
        let password = sign(SignMethod::HmacSha1, &leading_zero, content);
        assert!(verify(SignMethod::HmacSha1, &leading_zero, content, &password));
        assert!(!verify(SignMethod::HmacSha1, &leading_zero, content, password.trim_start_matches('0')));
    }

    #[test]
    fn the_usual_mistakes_give_another_password() {
        let right = &VECTORS[5];
        let [product_key, device_name, secret] = right.device;
        let verify = |method, content: &str| verify(method, secret, content, right.password);
        let whole_id = "NT35E_06011|securemode=3,signmethod=hmacsha1,timestamp=2524608000000|";
        assert!(!verify(right.method, &content(whole_id, device_name, product_key, right.timestamp)));
        assert!(!verify(right.method, &content(right.client_id, device_name, product_key, None)));
        assert!(!verify(right.method, &content(right.client_id, product_key, device_name, right.timestamp)));
        assert!(!verify(SignMethod::HmacSha256, &right.content()));
    }

    #[test]
    fn the_secret_is_not_decoded() {
        let decoded = core::str::from_utf8(&[0x01, 0x23, 0x45, 0x67]).expect("ASCII");
        let content = VECTORS[0].content();
        assert_ne!(sign(SignMethod::HmacSha1, "01234567", &content), sign(SignMethod::HmacSha1, decoded, &content));
    }

    #[test]
    fn a_password_that_is_not_hex_is_wrong() {
        for password in ["", "zz", "FAFD8", "FAFD82A3D602B37FB0FA8B7892F24A477F851A1G", "密码"] {
            assert!(!verify(SignMethod::HmacSha1, "secret", &VECTORS[0].content(), password), "{password}");
        }
    }

    #[test]
    fn a_method_is_found_by_its_exact_name() {
        assert_eq!(SignMethod::from_name("hmacsha256"), Some(SignMethod::HmacSha256));
        assert_eq!(SignMethod::from_name("HmacSHA1"), None);
        assert_eq!(SignMethod::from_name("sha1"), None);
    }
}
