//! Erases, writes and reads the flash in its own units.

use super::hash::Hasher;
use crate::at::bytes::{after, before};
use core::array;
use embedded_storage::nor_flash::NorFlash;

/// What a flash's units have to divide or be multiples of: the unit of blocks.
const UNIT: usize = 64;
/// Bytes that are read and hashed at a time.
const PORTION: u32 = 4_096;

/// Bytes of a page. That the flash's units fit is checked when this is compiled.
pub(super) fn page<F: NorFlash>(_: &F) -> u32 {
    const {
        assert!(UNIT.is_multiple_of(F::WRITE_SIZE), "the write size has to divide 64");
        assert!(UNIT.is_multiple_of(F::READ_SIZE), "the read size has to divide 64");
        assert!(F::ERASE_SIZE.is_multiple_of(UNIT), "the erase size has to be a multiple of 64");
    }
    F::ERASE_SIZE as u32
}

/// Bytes of the flash in whole pages.
pub(super) fn capacity<F: NorFlash>(flash: &F) -> u32 {
    let capacity = u32::try_from(flash.capacity()).unwrap_or(u32::MAX);
    capacity.saturating_sub(capacity.checked_rem(page(flash)).unwrap_or(0))
}

/// Writes a block, and erases before it the pages that are not.
pub(super) fn write<F: NorFlash>(flash: &mut F, offset: u32, block: &[u8], erased: &mut u32) -> Option<()> {
    let end = offset.checked_add(u32::try_from(block.len()).ok()?)?;
    while *erased < end {
        let next = erased.checked_add(page(flash))?;
        flash.erase(*erased, next).ok()?;
        *erased = next;
    }
    let tail = block.len() % UNIT;
    let whole = block.len().saturating_sub(tail);
    if whole > 0 {
        flash.write(offset, before(block, whole)).ok()?;
    }
    if tail > 0 {
        let tail = after(block, whole);
        let last: [u8; UNIT] = array::from_fn(|index| tail.get(index).copied().unwrap_or(0xff));
        flash.write(offset.checked_add(whole as u32)?, &last).ok()?;
    }
    Some(())
}

/// Reads on and hashes, at most one portion: up to where.
pub(super) fn hash<F: NorFlash>(flash: &mut F, hasher: &mut Hasher, from: u32, end: u32) -> Option<u32> {
    let end = end.min(from.saturating_add(PORTION));
    let mut at = from;
    while at < end {
        let mut unit = [0; UNIT];
        flash.read(at, &mut unit).ok()?;
        let count = end.saturating_sub(at).min(UNIT as u32);
        hasher.update(before(&unit, count as usize));
        at = at.saturating_add(count);
    }
    Some(at)
}
