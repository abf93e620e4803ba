//! `AT+CGATT?`, `AT+CGPADDR`, `AT+CGDCONT`: whether the modem can carry packets, its address, and the access point.

use crate::at::{Answer, Command, Encoder, Fields, Malformed, Spec};
use crate::time::Duration;
use crate::value::Apn;

/// `AT+CGATT?`: whether the modem is attached to the packet service (`protocol.md` §5.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct AttachmentQuery;

impl Command for AttachmentQuery {
    const SPEC: Spec = Spec::named("+CGATT").accepted_within(Duration::from_secs(75));
    type Response<'r> = bool;

    fn encode(&self, line: &mut Encoder<'_>) {
        line.raw(b"?");
    }

    fn decode(&self, answer: Answer<'_>) -> Result<bool, Malformed> {
        match answer.fields("+CGATT")?.last_integer()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Malformed),
        }
    }
}

/// `AT+CGPADDR`: the address that the network has given the modem, as it writes it; none if it has none, which an address
/// of zeros means too.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct AddressQuery;

impl Command for AddressQuery {
    const SPEC: Spec = Spec::named("+CGPADDR");
    type Response<'r> = Option<&'r [u8]>;

    fn encode(&self, _line: &mut Encoder<'_>) {}

    fn decode<'r>(&self, answer: Answer<'r>) -> Result<Option<&'r [u8]>, Malformed> {
        for line in answer.lines() {
            let Some(mut fields) = Fields::after(line, b"+CGPADDR") else { continue };
            fields.any_integer()?;
            while let Ok(address) = fields.text() {
                if address.iter().any(|byte| !matches!(byte, b'0' | b'.' | b':')) {
                    return Ok(Some(address));
                }
            }
        }
        Ok(None)
    }
}

/// What kind of address a context is for (3GPP TS 27.007 §10.1.1).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum AddressKind {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
    /// Both.
    V4AndV6,
}

/// `AT+CGDCONT=<context>,"<kind>","<access point>"`. It counts from the next time that the modem attaches to the network.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DefineContext<'a> {
    /// The number of the context; that of the default bearer is 0 on this family of chips (`protocol.md` §5.2).
    pub context: u8,
    /// What kind of address it is for.
    pub kind: AddressKind,
    /// The access point.
    pub apn: Apn<'a>,
}

impl Command for DefineContext<'_> {
    const SPEC: Spec = Spec::named("+CGDCONT");
    type Response<'r> = ();

    fn encode(&self, line: &mut Encoder<'_>) {
        let kind = match self.kind {
            AddressKind::V4 => "IP",
            AddressKind::V6 => "IPV6",
            AddressKind::V4AndV6 => "IPV4V6",
        };
        line.integer(u32::from(self.context)).checked(kind).checked(self.apn.as_str());
    }

    fn decode(&self, _answer: Answer<'_>) -> Result<(), Malformed> {
        Ok(())
    }
}

/// `AT+CGDCONT?`: the access point of a context, which may be empty; none if there is no such context.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ContextQuery {
    /// The number of the context.
    pub context: u8,
}

impl Command for ContextQuery {
    const SPEC: Spec = Spec::named("+CGDCONT");
    type Response<'r> = Option<&'r [u8]>;

    fn encode(&self, line: &mut Encoder<'_>) {
        line.raw(b"?");
    }

    fn decode<'r>(&self, answer: Answer<'r>) -> Result<Option<&'r [u8]>, Malformed> {
        for line in answer.lines() {
            let Some(mut fields) = Fields::after(line, b"+CGDCONT") else { continue };
            if fields.any_integer()? == i32::from(self.context) {
                let _kind = fields.text()?;
                return Ok(Some(fields.text().unwrap_or_default()));
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::{AddressKind, AddressQuery, AttachmentQuery, ContextQuery, DefineContext};
    use crate::at::Malformed;
    use crate::command::testing::{decoded, line};
    use crate::value::Apn;

    #[test]
    fn the_modem_is_attached_or_not() {
        assert_eq!(line(&AttachmentQuery), "AT+CGATT?");
        for (answer, attached) in [
            ("+CGATT: 1", Ok(true)),
            ("+CGATT:0", Ok(false)),
            ("+CGATT: 2", Err(Malformed)),
            ("+CGATT: -1", Err(Malformed)),
            ("+CGATT: 1,1", Err(Malformed)),
            ("+CGATT: ", Err(Malformed)),
        ] {
            decoded(&AttachmentQuery, &[answer], |response| assert_eq!(response, attached, "{answer}"));
        }
        decoded(&AttachmentQuery, &[], |response| assert_eq!(response, Err(Malformed)));
    }

    #[test]
    fn an_address_of_zeros_is_none() {
        assert_eq!(line(&AddressQuery), "AT+CGPADDR");
        let answers: [(&[&str], _); 12] = [
            (&["+CGPADDR: 0,\"10.0.0.17\""], Ok(Some(&b"10.0.0.17"[..]))),
            (&["+CGPADDR: 0,10.0.0.17"], Ok(Some(&b"10.0.0.17"[..]))),
            (&["+CGPADDR: 0", "+CGPADDR:1,\"10.0.0.17\""], Ok(Some(&b"10.0.0.17"[..]))),
            (&["+CGPADDR: 0,\"0.0.0.0\",\"2408::1\""], Ok(Some(&b"2408::1"[..]))),
            (&["+CGPADDR: 0,\"1.0.0.0\""], Ok(Some(&b"1.0.0.0"[..]))),
            (&["+CGPADDR: 0,\"0.0.0.0\""], Ok(None)),
            (&["+CGPADDR: 0,\"::\""], Ok(None)),
            (&["+CGPADDR: 0,\"\""], Ok(None)),
            (&["+CGPADDR: 0"], Ok(None)),
            (&[], Ok(None)),
            (&["+CGPADDR: x,\"10.0.0.17\""], Err(Malformed)),
            (&["+CGPADDR: "], Err(Malformed)),
        ];
        for (lines, address) in answers {
            decoded(&AddressQuery, lines, |response| assert_eq!(response, address, "{lines:?}"));
        }
    }

    #[test]
    fn a_context_has_a_number_a_kind_and_an_access_point() {
        let apn = Apn::new("cmnet").unwrap();
        for (kind, name) in [(AddressKind::V4, "IP"), (AddressKind::V6, "IPV6"), (AddressKind::V4AndV6, "IPV4V6")] {
            let expected = std::format!("AT+CGDCONT=0,\"{name}\",\"cmnet\"");
            assert_eq!(line(&DefineContext { context: 0, kind, apn }), expected);
        }
    }

    #[test]
    fn the_access_point_is_that_of_the_right_context() {
        let query = ContextQuery { context: 1 };
        assert_eq!(line(&query), "AT+CGDCONT?");
        let answers: [(&[&str], _); 7] = [
            (&["+CGDCONT: 0,\"IP\",\"a\"", "+CGDCONT: 1,\"IP\",\"b\",\"0.0.0.0\",0,0"], Ok(Some(&b"b"[..]))),
            (&["+CGDCONT: 1,\"IP\",\"\""], Ok(Some(&b""[..]))),
            (&["+CGDCONT: 1,\"IP\",,0"], Ok(Some(&b""[..]))),
            (&["+CGDCONT: 11,\"IP\",\"a\""], Ok(None)),
            (&[], Ok(None)),
            (&["+CGDCONT: 1"], Err(Malformed)),
            (&["+CGDCONT: x,\"IP\",\"a\""], Err(Malformed)),
        ];
        for (lines, apn) in answers {
            decoded(&query, lines, |response| assert_eq!(response, apn, "{lines:?}"));
        }
    }
}
