//! Which parts of a command line are secrets, whoever typed it.

use crate::mask::pieces;

/// The commands that bear secrets, with the arguments that are secrets, counted from 0 (`protocol.md` §3; 3GPP TS 27.007).
const BEARERS: [(&[u8], &[usize]); 5] = [
    (b"+LMQTTCFG=\"aliauth\",", &[4]),
    (b"+LMQTTCONN=", &[2, 3]),
    (b"+CPIN=", &[0, 1]),
    (b"+CLCK=", &[2]),
    (b"+CPWD=", &[1, 2]),
];

/// Where a user name stands: the platform's is made of DeviceName and ProductKey, which are no secrets, so that its pieces
/// are none either.
const USER_NAME: usize = 2;

/// What has to be masked because of a stream of command lines.
pub(crate) fn said(stream: &[u8]) -> Vec<Vec<u8>> {
    stream.split(|byte| b"\r\n".contains(byte)).flat_map(of_line).collect()
}

/// What has to be masked because of one line.
pub(crate) fn of_line(line: &[u8]) -> Vec<Vec<u8>> {
    let secrets = secrets(line).into_iter();
    secrets.flat_map(|(secret, in_pieces)| if in_pieces { pieces(&secret) } else { vec![secret] }).collect()
}

/// Whether a line is of those that bear secrets, well-formed or not: nothing of it is to be kept then.
pub(crate) fn may_bear(line: &str) -> bool {
    let line = line.to_ascii_lowercase();
    let question = |name: &str| line.contains(&format!("{name}?")) || line.contains(&format!("{name}=?"));
    line.contains("aliauth")
        || ["+lmqttconn", "+cpin", "+clck", "+cpwd"].iter().any(|name| line.contains(name) && !question(name))
}

/// The secrets in one line, and whether a piece of one is one too.
fn secrets(line: &[u8]) -> Vec<(Vec<u8>, bool)> {
    let upper = line.to_ascii_uppercase();
    let mut secrets = Vec::new();
    for (name, places) in BEARERS {
        let name = name.to_ascii_uppercase();
        for start in 0..line.len() {
            if upper[start..].starts_with(&name) {
                let equals = name.iter().position(|&byte| byte == b'=').unwrap_or_default();
                let arguments = arguments(&line[start + equals + 1..]);
                for &place in places {
                    let in_pieces = place != USER_NAME || !name.starts_with(b"+LMQTTCONN");
                    secrets.extend(arguments.get(place).map(|secret| (secret.clone(), in_pieces)));
                }
            }
        }
    }
    secrets.retain(|(secret, _)| !secret.is_empty());
    secrets
}

/// The arguments of a command, without their quotes.
fn arguments(text: &[u8]) -> Vec<Vec<u8>> {
    let mut arguments = vec![Vec::new()];
    let mut quoted = false;
    for &byte in text {
        match byte {
            b'"' => quoted = !quoted,
            b',' if !quoted => arguments.push(Vec::new()),
            _ => arguments.last_mut().into_iter().for_each(|argument| argument.push(byte)),
        }
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::{may_bear, said, secrets};

    #[test]
    fn the_commands_that_bear_secrets_are_known_in_any_case() {
        for (line, expected) in [
            (&b"AT+LMQTTCFG=\"aliauth\",0,\"pk\",\"name\",\"s3cret\""[..], &["s3cret"][..]),
            (b"AT+LMQTTCONN=0,\"a,b\",\"user\",\"pass,word\"", &["user", "pass,word"]),
            (b"at+lmqttconn=0,\"id\",\"user\"", &["user"]),
            (b"AT+CPIN=\"4711\"", &["4711"]),
            (b"AT+CPIN=12345678,4711", &["12345678", "4711"]),
            (b"AT+CLCK=\"SC\",0,\"4711\"", &["4711"]),
            (b"AT+CPWD=\"SC\",\"0000\",\"4711\"", &["0000", "4711"]),
            (b"AT+CPIN? AT+LMQTTCONN? AT+LMQTTCFG=\"keepalive\",0,300", &[]),
        ] {
            let found: Vec<String> =
                secrets(line).into_iter().map(|(secret, _)| String::from_utf8(secret).unwrap()).collect();
            assert_eq!(found, expected, "{}", line.escape_ascii());
        }
        for (line, may) in [
            ("AT+LMQTTCFG=\"AliAuth\",0,\"pk", true),
            ("at+cpin=\"47", true),
            ("AT +LMQTTCONN =0", true),
            ("AT+CPIN?", false),
            ("AT+LMQTTCONN=?", false),
            ("publish t {}", false),
        ] {
            assert_eq!(may_bear(line), may, "{line}");
        }
        let said = said(b"AT+CPIN=4711\r\nAT+LMQTTCONN=0,\"id\",\"user&product\",\"password!\"\r\n");
        assert_eq!(said, [&b"4711"[..], b"user&product", b"password", b"assword!"]);
    }
}
