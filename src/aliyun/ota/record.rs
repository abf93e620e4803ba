//! What outlives a reset of the device: 64 bytes with a checksum.
//!
//! ```text
//! "OTA1" | stream id (8) | file id (8) | size (4) | offset and method (4) | hash (32) | CRC-32 (4)
//! ```

use super::hash::Digest;
use super::offer::Image;
use crate::at::bytes::{after_mut, before, copy};

/// Bytes of a record.
pub const RECORD_BYTES: usize = 64;

const MARK: [u8; 4] = *b"OTA1";
/// Where the checksum stands.
const CHECKED: usize = RECORD_BYTES - 4;

/// The record of an image of which so many bytes are in the flash.
pub(super) fn write(image: &Image, offset: u32) -> [u8; RECORD_BYTES] {
    let mut record = [0; RECORD_BYTES];
    let (method, hash) = image.digest.to_bytes();
    // Offsets are those of blocks, so that their lowest bits are free.
    let position = (offset & !0x3f | u32::from(method)).to_le_bytes();
    let (stream, file) = (image.stream_id.to_le_bytes(), image.file_id.to_le_bytes());
    let size = image.size.to_le_bytes();
    let mut rest = &mut record[..];
    for field in [&MARK[..], &stream, &file, &size, &position, &hash] {
        copy(rest, field);
        rest = after_mut(rest, field.len());
    }
    let sum = checksum(before(&record, CHECKED)).to_le_bytes();
    copy(after_mut(&mut record, CHECKED), &sum);
    record
}

/// What a record says, unless it is torn or none.
pub(super) fn read(record: &[u8; RECORD_BYTES]) -> Option<(Image, u32)> {
    let (fields, sum) = record.split_at_checked(CHECKED)?;
    let rest = fields.strip_prefix(&MARK)?;
    if sum != checksum(fields).to_le_bytes() {
        return None;
    }
    let (stream, rest) = rest.split_first_chunk()?;
    let (file, rest) = rest.split_first_chunk()?;
    let (size, rest) = rest.split_first_chunk()?;
    let (position, rest) = rest.split_first_chunk()?;
    let position = u32::from_le_bytes(*position);
    let digest = Digest::from_bytes((position & 0x3f) as u8, *rest.first_chunk()?)?;
    let (stream_id, file_id) = (u64::from_le_bytes(*stream), u64::from_le_bytes(*file));
    Some((Image { stream_id, file_id, size: u32::from_le_bytes(*size), digest }, position & !0x3f))
}

/// CRC-32 as of IEEE 802.3, bit by bit: a table would be larger than all the rest.
fn checksum(bytes: &[u8]) -> u32 {
    let mut sum = u32::MAX;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = sum >> 1 ^ if sum & 1 == 1 { 0xedb8_8320 } else { 0 };
        }
    }
    !sum
}
