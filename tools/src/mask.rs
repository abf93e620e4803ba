//! The mask: what identifies somebody becomes as many `*`, wherever it stands in a stream of bytes.

/// So many digits in a row are an IMEI (15), an IMSI (15) or an ICCID (19 or 20), whoever asked for them.
const LONG: usize = 14;

/// Masks the secrets, and whatever looks like the number of a module or a SIM.
pub(crate) fn mask(stream: &mut [u8], secrets: &[Vec<u8>]) {
    for secret in secrets {
        for form in [secret.clone(), hex(secret), hex(secret).to_ascii_uppercase()] {
            mask_text(stream, &form);
        }
    }
    mask_numbers(stream);
}

/// A secret as a payload in the hex format has it.
fn hex(secret: &[u8]) -> Vec<u8> {
    secret.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect()
}

fn mask_text(stream: &mut [u8], text: &[u8]) {
    if text.is_empty() {
        return;
    }
    let mut start = 0;
    while let Some(found) = stream[start..].windows(text.len()).position(|window| window == text) {
        start += found;
        stream[start..start + text.len()].fill(b'*');
        start += text.len();
    }
}

fn mask_numbers(stream: &mut [u8]) {
    let mut start = 0;
    while start < stream.len() {
        let digits = stream[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let mut end = start + digits;
        if digits >= LONG {
            // The last of an ICCID may be a letter.
            end += usize::from(stream.get(end).is_some_and(u8::is_ascii_alphabetic));
            stream[start..end].fill(b'*');
        }
        start = end.max(start + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::mask;

    #[test]
    fn secrets_and_long_numbers_become_as_many_stars() {
        for (stream, masked) in [
            ("\"aliauth\",0,\"pk\",\"s3cret\"", "\"aliauth\",0,\"pk\",\"******\""),
            ("s3crets3cret", "************"),
            ("733363726574 733363726574", "************ ************"),
            ("+CGSN: 860000000000017\r\n", "+CGSN: ***************\r\n"),
            ("+LCCID: 8986000000000000017D\r\n", "+LCCID: ********************\r\n"),
            ("\"89860000000000000171\"", "\"********************\""),
            ("1768437000123,21", "1768437000123,21"),
            ("s3cre", "s3cre"),
        ] {
            let mut bytes = stream.as_bytes().to_vec();
            mask(&mut bytes, &[b"s3cret".to_vec(), Vec::new()]);
            assert_eq!(String::from_utf8(bytes).unwrap(), masked);
        }
    }
}
