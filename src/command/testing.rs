//! What the tests of the commands share: a command as its line, and an answer as its response.

use crate::at::{Answer, Command, Encoder, Malformed};
use std::string::String;
use std::vec::Vec;

/// The command line that `command` encodes to, without its end.
pub(crate) fn line<C: Command>(command: &C) -> String {
    let mut buffer = [0; 2048];
    let mut encoder = Encoder::new(&mut buffer);
    encoder.raw(b"AT").raw(C::SPEC.name().as_bytes());
    command.encode(&mut encoder);
    let line = encoder.finish();
    assert_eq!(line.invalid, None);
    String::from_utf8(buffer[..line.length].to_vec()).unwrap()
}

/// Decodes an answer of these lines, and checks its response.
pub(crate) fn decoded<C: Command>(command: &C, lines: &[&str], check: impl FnOnce(Result<C::Response<'_>, Malformed>)) {
    let mut bytes = Vec::new();
    for line in lines {
        bytes.extend_from_slice(line.as_bytes());
        bytes.push(b'\n');
    }
    check(command.decode(Answer::new(&bytes)));
}
