//! What the demo needs of Alink, the platform's JSON: property sets and the answers to them.

/// The id of a request, as it is written: a text or a number. Firmware would use its JSON parser.
pub(crate) fn request_id(payload: &[u8]) -> Option<&str> {
    let text = core::str::from_utf8(payload).ok()?;
    let value = text.split_once("\"id\":")?.1.trim_start();
    match value.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"').map(|(id, _)| id),
        None => value.split([',', '}']).next().map(str::trim_end),
    }
    .filter(|id| !id.is_empty())
}

/// The answer to a property set that was carried out.
pub(crate) fn set_reply(id: &str) -> Vec<u8> {
    format!(r#"{{"code":200,"data":{{}},"id":"{id}","message":"success","version":"1.0"}}"#).into_bytes()
}

/// A payload in which every byte that is out of place shows, and that looks like everything a modem may say.
pub(crate) fn large_payload() -> Vec<u8> {
    let line = |number: usize| format!("{{\"offset\":{}}}\r\nOK\r\n\0+CME ERROR: 3\r\n> \"", number * 40);
    let mut payload: Vec<u8> = (0..).flat_map(|number| line(number).into_bytes()).take(LARGE).collect();
    // And any other byte that there is.
    payload.splice(LARGE - 256.., 0..=255);
    payload
}

/// Bytes of the large payload: about four times the inbox.
pub(crate) const LARGE: usize = 2000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_has_an_id_that_is_text_or_a_number() {
        let of_the_platform = br#"{"method":"thing.service.property.set","id":"160500006","params":{"t":1}}"#;
        assert_eq!(request_id(of_the_platform), Some("160500006"));
        assert_eq!(request_id(br#"{"id": 17 ,"params":{}}"#), Some("17"));
        assert_eq!(request_id(br#"{"id":17}"#), Some("17"));
        for without in [&b"{}"[..], b"{\"id\":", b"{\"id\":\"\"}", b"{\"id\":\"7", b"\xff"] {
            assert_eq!(request_id(without), None);
        }
    }

    #[test]
    fn the_large_payload_has_every_byte() {
        let payload = large_payload();
        assert_eq!(payload.len(), LARGE);
        assert!((0..=255).all(|byte| payload.contains(&byte)));
    }
}
