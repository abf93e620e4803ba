//! What `core` does with slices, without the panics that it keeps for slices of the wrong length.

use core::cell::Cell;

/// The bytes from `begin` to `end`, or as many of them as there are.
///
/// With the ends clamped, no check is left of what is else a branch and a second way to the empty slice: half the flash.
#[inline(never)]
pub(crate) fn between(bytes: &[u8], begin: usize, end: usize) -> &[u8] {
    let end = end.min(bytes.len());
    bytes.get(begin.min(end)..end).unwrap_or_default()
}

/// The bytes from `begin` to `end`, or as many of them as there are.
pub(crate) fn between_mut(bytes: &mut [u8], begin: usize, end: usize) -> &mut [u8] {
    let end = end.min(bytes.len());
    bytes.get_mut(begin.min(end)..end).unwrap_or_default()
}

/// The bytes before `end`.
pub(crate) fn before(bytes: &[u8], end: usize) -> &[u8] {
    bytes.get(..end.min(bytes.len())).unwrap_or_default()
}

/// The bytes from `begin` on.
#[inline(never)]
pub(crate) fn after(bytes: &[u8], begin: usize) -> &[u8] {
    bytes.get(begin.min(bytes.len())..).unwrap_or_default()
}

/// The bytes from `begin` on.
#[inline(never)]
pub(crate) fn after_mut(bytes: &mut [u8], begin: usize) -> &mut [u8] {
    let begin = begin.min(bytes.len());
    bytes.get_mut(begin..).unwrap_or_default()
}

/// Copies `source` to the beginning of `target`, or as much of it as there is room for; four bytes at a time, which is
/// faster than the `memcpy` of Cortex-M wherever the two are not aligned to each other, and a tenth of its size.
pub(crate) fn copy(target: &mut [u8], source: &[u8]) {
    let length = source.len().min(target.len());
    let (word_targets, targets) = between_mut(target, 0, length).as_chunks_mut::<4>();
    let (words, bytes) = before(source, length).as_chunks();
    for (target, source) in word_targets.iter_mut().zip(words) {
        *target = *source;
    }
    for (target, source) in targets.iter_mut().zip(bytes) {
        *target = *source;
    }
}

/// Moves `length` bytes of `memory` from `from` down to `to`.
///
/// It is rarely done, and a loop takes a tenth of the flash of the `memmove` that `copy_within` would link.
pub(crate) fn move_down(memory: &mut [u8], from: usize, to: usize, length: usize) {
    let cells = Cell::from_mut(memory).as_slice_of_cells();
    let (source, target) = (cells.get(from..).unwrap_or_default(), cells.get(to..).unwrap_or_default());
    for (target, source) in target.iter().zip(source).take(length) {
        target.set(source.get());
    }
}

/// What follows `word` in `text`, if it begins with it. A loop is smaller than what `strip_prefix` links, and faster for
/// words that differ in their first bytes.
#[inline(never)]
pub(crate) fn strip<'a>(text: &'a [u8], word: &[u8]) -> Option<&'a [u8]> {
    let (begin, rest) = text.split_at_checked(word.len())?;
    for (byte, expected) in begin.iter().zip(word) {
        if byte != expected {
            return None;
        }
    }
    Some(rest)
}

/// Whether the two are the same.
#[inline(always)]
pub(crate) fn is(text: &[u8], word: &[u8]) -> bool {
    strip(text, word).is_some_and(<[u8]>::is_empty)
}

/// Where `word` first stands in `text`; an empty one stands nowhere.
pub(crate) fn find(text: &[u8], word: &[u8]) -> Option<usize> {
    let mut rest = text;
    while word.is_empty() || strip(rest, word).is_none() {
        rest = rest.get(1..)?;
    }
    Some(text.len().wrapping_sub(rest.len()))
}

#[cfg(test)]
mod tests {
    use super::{copy, find, move_down};

    #[test]
    fn a_copy_is_as_long_as_the_shorter_side() {
        let mut target = *b"....";
        copy(&mut target, b"ab");
        assert_eq!(&target, b"ab..");
        copy(&mut target, b"123456");
        assert_eq!(&target, b"1234");
    }

    #[test]
    fn bytes_move_down_over_each_other_and_not_beyond_the_end() {
        let mut memory = *b"0123456789";
        move_down(&mut memory, 3, 1, 5);
        assert_eq!(&memory, b"0345676789");
        move_down(&mut memory, 8, 7, 99);
        assert_eq!(&memory, b"0345676899");
        move_down(&mut memory, 99, 0, 1);
        assert_eq!(&memory, b"0345676899");
    }

    #[test]
    fn a_word_is_found_where_it_first_stands() {
        assert_eq!(find(b"a word in a word", b"word"), Some(2));
        assert_eq!(find(b"wor", b"word"), None);
        assert_eq!(find(b"", b"w"), None);
        assert_eq!(find(b"any", b""), None);
    }
}
