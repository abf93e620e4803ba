//! Credentials that the modem computes itself from `"aliauth"` (`aliyun.md` §3).

use super::config::{ALIBABA, Aliauth, Config};
use crate::aliyun::credentials::{self, SignMethod};
use crate::modem::quirks::{AliauthSecureMode, AliauthSign, Quirks};
use crate::modem::session::Login;

/// What the vendor's own SDKs send where there is no clock.
const TIMESTAMP: &str = "2524608000000";

/// The triple, if the modem is to sign with it.
pub(super) fn triple(config: &Config) -> Option<&Aliauth> {
    config.aliauth.as_ref().filter(|_| config.cloud_type == ALIBABA)
}

/// Client id, user name and password; without a client id, the one that the vendor's SDKs use.
pub(super) fn login(triple: &Aliauth, client_id: Option<&str>, tls: bool, quirks: &Quirks) -> Login {
    let Aliauth { product_key, device_name, device_secret } = triple;
    let client_id = client_id.map_or_else(|| format!("{product_key}.{device_name}"), str::to_owned);
    let method = match quirks.aliauth_sign {
        AliauthSign::HmacSha1 => SignMethod::HmacSha1,
        AliauthSign::HmacSha256 => SignMethod::HmacSha256,
        AliauthSign::HmacMd5 => SignMethod::HmacMd5,
    };
    let timestamp = quirks.aliauth_timestamp.then_some(TIMESTAMP);
    let content = credentials::content(&client_id, device_name, product_key, timestamp);
    let timestamp = timestamp.map(|timestamp| format!(",timestamp={timestamp}")).unwrap_or_default();
    let secure_mode = if tls && quirks.aliauth_secure_mode == AliauthSecureMode::OfTheLink { 2 } else { 3 };
    Login {
        client_id: format!("{client_id}|securemode={secure_mode},signmethod={}{timestamp}|", method.name()),
        username: format!("{device_name}&{product_key}"),
        password: credentials::sign(method, device_secret, &content),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login_with(client_id: Option<&str>, tls: bool, quirks: &Quirks) -> Login {
        let triple = Aliauth {
            product_key: "a1JszCpjS61".to_owned(),
            device_name: "NT35E_06011".to_owned(),
            device_secret: "0123456789abcdef0123456789abcdef".to_owned(),
        };
        login(&triple, client_id, tls, quirks)
    }

    #[test]
    fn the_vectors_of_the_sheet() {
        let plain = login_with(Some("NT35E"), false, &Quirks::default());
        assert_eq!(plain.client_id, "NT35E|securemode=3,signmethod=hmacsha1|");
        assert_eq!(plain.username, "NT35E_06011&a1JszCpjS61");
        assert_eq!(plain.password, "182DD9EA34CF9259512E7D3365BDFE76BF45C5B5");

        let sha256 = Quirks { aliauth_sign: AliauthSign::HmacSha256, ..Quirks::default() };
        let encrypted = login_with(Some("NT35E"), true, &sha256);
        assert_eq!(encrypted.client_id, "NT35E|securemode=2,signmethod=hmacsha256|");
        assert_eq!(encrypted.password, "D3932157F7ADCF2036046D08926A6FC28333D47028B2638D44E7DD00690839E2");

        let stamped = Quirks { aliauth_timestamp: true, ..Quirks::default() };
        let stamped = login_with(Some("NT35E_06011"), false, &stamped);
        assert_eq!(stamped.client_id, "NT35E_06011|securemode=3,signmethod=hmacsha1,timestamp=2524608000000|");
        assert_eq!(stamped.password, "C369DEF3E07C901991E4043474BD24C37D8544AB");
    }

    #[test]
    fn quirk_aliauth_secure_mode() {
        let plain = Quirks { aliauth_secure_mode: AliauthSecureMode::Plain, ..Quirks::default() };
        for (tls, client_id) in
            [(true, "x|securemode=2,signmethod=hmacsha1|"), (false, "x|securemode=3,signmethod=hmacsha1|")]
        {
            assert_eq!(login_with(Some("x"), tls, &Quirks::default()).client_id, client_id);
            assert_eq!(login_with(Some("x"), tls, &plain).client_id, "x|securemode=3,signmethod=hmacsha1|");
        }
    }

    #[test]
    fn without_a_client_id_the_device_names_itself() {
        let login = login_with(None, false, &Quirks::default());
        assert_eq!(login.client_id, "a1JszCpjS61.NT35E_06011|securemode=3,signmethod=hmacsha1|");
    }
}
