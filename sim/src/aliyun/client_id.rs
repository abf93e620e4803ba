//! The client id of a sign-in: `{id}|key=value,key=value|`.

use super::credentials::SignMethod;

/// A client id taken apart.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct ClientId<'a> {
    /// The part before the first `|`, free to choose.
    pub(super) id: &'a str,
    /// `securemode`: 2 and -2 are TLS, 3 is plain TCP.
    pub(super) secure_mode: &'a str,
    /// `signmethod`, or the default.
    pub(super) sign_method: SignMethod,
    /// `timestamp`, as written: it is signed, not checked. `[S, D]`
    pub(super) timestamp: Option<&'a str>,
    /// `_ss=1`: the platform subscribes to its own topics for the device. `[S, I]`
    pub(super) server_subscribed: bool,
    /// The lowest bit of `ext`: calls by RRPC may come on topics of the device's own. `[D]`
    pub(super) custom_rrpc: bool,
    /// `authType`, where another way to sign in is asked for.
    pub(super) auth_type: Option<&'a str>,
}

impl<'a> ClientId<'a> {
    const LONGEST_ID: usize = 64;

    /// Takes a client id apart; the error says what is wrong with it.
    pub(super) fn parse(text: &'a str) -> Result<Self, String> {
        let (id, rest) = text.split_once('|').ok_or("no `|`")?;
        let parameters = rest.strip_suffix('|').ok_or("no `|` at the end")?;
        if parameters.contains('|') {
            return Err("more than two `|`".into());
        }
        if id.is_empty() {
            return Err("nothing before the first `|`".into());
        }
        if id.chars().count() > Self::LONGEST_ID {
            return Err("more than 64 characters before the first `|`".into());
        }
        // The vendor's own SDK leaves a comma behind its last item. [S]
        let items = parameters.split(',').filter(|item| !item.is_empty());
        let items = items
            .map(|item| item.split_once('=').ok_or_else(|| format!("no `=` in `{item}`")))
            .collect::<Result<Vec<_>, _>>()?;
        let value = |key| items.iter().find(|(name, _)| *name == key).map(|(_, value)| *value);

        let sign_method = match value("signmethod") {
            None => SignMethod::HmacMd5,
            Some(name) => SignMethod::from_name(name).ok_or_else(|| format!("unknown signmethod `{name}`"))?,
        };
        let secure_mode = value("securemode").ok_or("no securemode")?;
        if !["2", "-2", "3"].contains(&secure_mode) {
            return Err(format!("unknown securemode `{secure_mode}`"));
        }
        Ok(Self {
            id,
            secure_mode,
            sign_method,
            timestamp: value("timestamp"),
            server_subscribed: value("_ss") == Some("1"),
            custom_rrpc: value("ext").and_then(|ext| ext.parse::<u32>().ok()).is_some_and(|ext| ext & 1 == 1),
            auth_type: value("authType"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ids_of_real_devices_are_understood() {
        let id = ClientId::parse("abc|securemode=3,signmethod=hmacsha1,timestamp=120|").unwrap();
        assert_eq!((id.id, id.secure_mode, id.timestamp), ("abc", "3", Some("120")));
        assert_eq!(id.sign_method, SignMethod::HmacSha1);
        assert!(!id.server_subscribed);

        let link_sdk = "a1.dev|timestamp=2524608000000,_ss=1,_v=sdk-c-4.1.0,securemode=2,signmethod=hmacsha256,ext=3,|";
        let id = ClientId::parse(link_sdk).unwrap();
        assert!(id.server_subscribed, "and the trailing comma is harmless");
        assert!(id.custom_rrpc);
        assert!(!ClientId::parse("a1.dev|securemode=2,ext=2|").unwrap().custom_rrpc);

        assert!(!ClientId::parse("a1.dev|securemode=2,_ss=0|").unwrap().server_subscribed);

        let javascript = "a1&dev|securemode=2,signmethod=hmacsha1,timestamp=1,lan=JS,_v=1|";
        assert_eq!(ClientId::parse(javascript).unwrap().id, "a1&dev");
    }

    #[test]
    fn without_a_sign_method_it_is_md5() {
        assert_eq!(ClientId::parse("id|securemode=3|").unwrap().sign_method, SignMethod::HmacMd5);
    }

    #[test]
    fn what_is_out_of_form_is_refused() {
        for text in [
            "",
            "NT35E",
            "NT35E|securemode=3",
            "NT35Esecuremode=3|",
            "|securemode=3,signmethod=hmacsha1|",
            "NT35E||",
            "NT35E|signmethod=hmacsha1|",
            "NT35E|securemode=3,signmethod=sha1|",
            "NT35E|securemode=3,signmethod|",
            "NT35E|securemode=4|",
            "NT35E|securemode=3|signmethod=hmacsha1|",
        ] {
            assert!(ClientId::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_id_may_have_64_characters_and_no_more() {
        let with = |length: usize| ClientId::parse(&format!("{}|securemode=3|", "x".repeat(length))).is_ok();
        assert!(with(64));
        assert!(!with(65));
    }
}
