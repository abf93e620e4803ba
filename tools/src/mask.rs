//! The mask: what identifies somebody becomes as many `*`, wherever it stands in a stream of bytes.

/// So many digits in a row are an IMEI (15), an IMSI (15) or an ICCID (19 or 20), whoever asked for them.
const LONG: usize = 14;

/// A secret in so many bytes or more of it is masked even where another line has cut it in two, as a URC cuts an echo.
const PIECE: usize = 8;

/// A secret of no more bytes than a PIN has is masked where it stands alone: it may be found in anything else by chance.
const SHORT: usize = 4;

/// The pieces of a secret that must not be read anywhere.
pub(crate) fn pieces(secret: &[u8]) -> Vec<Vec<u8>> {
    secret.windows(PIECE.min(secret.len()).max(1)).map(<[u8]>::to_vec).collect()
}

/// Masks the secrets, and whatever looks like the number of a module or a SIM.
pub(crate) fn mask(stream: &mut [u8], secrets: &[Vec<u8>]) {
    let mut masked = stream.to_vec();
    for secret in secrets {
        for form in [secret.clone(), hex(secret), hex(secret).to_ascii_uppercase()] {
            mask_text(stream, &form, &mut masked);
        }
    }
    mask_numbers(stream, &mut masked);
    stream.copy_from_slice(&masked);
}

/// A secret as a payload in the hex format has it.
fn hex(secret: &[u8]) -> Vec<u8> {
    secret.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect()
}

fn mask_text(stream: &[u8], text: &[u8], masked: &mut [u8]) {
    if !text.is_empty() {
        for (start, window) in stream.windows(text.len()).enumerate() {
            let end = start + text.len();
            let borders = [start.checked_sub(1).and_then(|before| stream.get(before)), stream.get(end)];
            let is_whole = !borders.into_iter().flatten().any(u8::is_ascii_alphanumeric);
            if window == text && (text.len() > SHORT || is_whole) {
                masked[start..end].fill(b'*');
            }
        }
    }
}

fn mask_numbers(stream: &[u8], masked: &mut [u8]) {
    let mut start = 0;
    while start < stream.len() {
        let digits = stream[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let mut end = start + digits;
        if digits >= LONG {
            // The last of an ICCID may be a letter.
            end += usize::from(stream.get(end).is_some_and(u8::is_ascii_alphabetic));
            masked[start..end].fill(b'*');
        }
        start = end.max(start + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::{mask, pieces};

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
            ("AT+CPIN=\"4711\" 4711 04711 34373131", "AT+CPIN=\"****\" **** 04711 ********"),
        ] {
            let mut bytes = stream.as_bytes().to_vec();
            mask(&mut bytes, &[b"s3cret".to_vec(), b"4711".to_vec(), Vec::new()]);
            assert_eq!(String::from_utf8(bytes).unwrap(), masked);
        }
    }

    #[test]
    fn a_secret_that_a_line_has_cut_in_two_is_masked() {
        let mut stream = *b"\"fedcba9876543210\r\n+CEREG: 1\r\n0123456789abcdef\" fedcba9";
        mask(&mut stream, &pieces(b"fedcba98765432100123456789abcdef"));
        let masked = b"\"****************\r\n+CEREG: 1\r\n****************\" fedcba9";
        assert_eq!(stream.escape_ascii().to_string(), masked.escape_ascii().to_string());
        assert!(pieces(b"").is_empty());
        assert_eq!(pieces(b"short"), [b"short".to_vec()]);
    }
}
