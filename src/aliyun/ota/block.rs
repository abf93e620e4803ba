//! Takes an answer with a block apart: `length of the JSON (2 bytes, big-endian) | JSON | bytes | CRC-16 (2 bytes)`.
//!
//! No source tells which CRC-16 it is, and in which order its bytes come, so it is not verified: lengths have to fit to the byte, and the
//! hash of the whole image decides.

use crate::aliyun::json::{Value, pick};

/// Bytes of the CRC.
const TAIL: usize = 2;

/// An answer.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Answer<'p> {
    /// The platform has another code than 200.
    Denied {
        id: u32,
        code: u32,
    },
    Block(Block<'p>),
}

#[derive(Debug, Eq, PartialEq)]
pub(super) struct Block<'p> {
    pub(super) id: u32,
    pub(super) file_length: u32,
    pub(super) offset: u32,
    pub(super) bytes: &'p [u8],
}

/// The answer, unless something about it is wrong.
pub(super) fn read(payload: &[u8]) -> Option<Answer<'_>> {
    let (head, rest) = payload.split_first_chunk()?;
    let (json, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*head)))?;
    let mut outer = [None; 3];
    pick(json, &["id", "code", "data"], &mut outer)?;
    let [id, code, data] = outer;
    let (id, code) = (number(id)?, number(code)?);
    if code != 200 {
        return Some(Answer::Denied { id, code });
    }
    let mut sizes = [None; 3];
    pick(data?.as_bytes(), &["fileLength", "bSize", "bOffset"], &mut sizes)?;
    let [file_length, size, offset] = sizes;
    let bytes = rest.get(..rest.len().checked_sub(TAIL)?)?;
    let (file_length, size, offset) = (number(file_length)?, number(size)?, number(offset)?);
    (bytes.len() == size as usize).then_some(Answer::Block(Block { id, file_length, offset, bytes }))
}

fn number(value: Option<Value<'_>>) -> Option<u32> {
    u32::try_from(value?.unsigned()?).ok()
}
