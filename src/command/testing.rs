//! What the tests of the commands share: a command as its line, and an answer as its response.

use crate::at::{Answer, Command, Encoder, Fields, Malformed};
use std::string::String;
use std::vec::Vec;

/// The command line that `command` encodes to, without its end.
pub(crate) fn line<C: Command>(command: &C) -> String {
    let mut buffer = [0; 2048];
    let length = encoded(command, &mut buffer).length;
    String::from_utf8(buffer[..length].to_vec()).unwrap()
}

fn encoded<'b, C: Command>(command: &C, buffer: &'b mut [u8]) -> Encoder<'b> {
    let mut encoder = Encoder::new(buffer);
    encoder.begin(C::SPEC.name(), C::SPEC.acceptance());
    command.encode(&mut encoder);
    assert_eq!(encoder.invalid, None);
    encoder
}

/// Decodes an answer of these lines, as the engine would keep them, and checks its response.
pub(crate) fn decoded<C: Command>(command: &C, lines: &[&str], check: impl FnOnce(Result<C::Response<'_>, Malformed>)) {
    let mut bytes = Vec::new();
    let mut buffer = [0; 2048];
    let keys = encoded(command, &mut buffer).keys();
    for line in lines {
        let line = line.as_bytes();
        let result = C::SPEC.result().and_then(|_| {
            let names = [C::SPEC.name, C::SPEC.alias];
            let mut fields = names.iter().find_map(|name| Fields::after(line, name.as_bytes()))?;
            for _ in 0..keys {
                fields.any_integer().unwrap();
            }
            Some(fields.rest())
        });
        bytes.extend_from_slice(result.unwrap_or(line));
        bytes.push(b'\n');
    }
    check(command.decode(Answer::new(&bytes)));
}
