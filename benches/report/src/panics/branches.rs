//! The calls and jumps in Thumb code: where each is, and where it goes.

use core::ops::Range;

/// A branch, or the address of a function being loaded for one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Branch {
    pub(super) from: u64,
    pub(super) to: u64,
}

/// How far behind a MOVW its MOVT may be, in halfwords: the compiler puts them close to each other.
const PAIR: usize = 8;

/// All branches in `code`, which lies at `address`, and has instructions in these stretches, and constants between them.
pub(super) fn branches(code: &[u8], address: u64, stretches: &[Range<u64>]) -> Vec<Branch> {
    let halfwords: Vec<u16> = code.chunks_exact(2).map(|bytes| u16::from_le_bytes([bytes[0], bytes[1]])).collect();
    let code = Code { halfwords: &halfwords, address };
    stretches.iter().flat_map(|stretch| code.instructions(stretch)).filter_map(|index| code.branch(index)).collect()
}

struct Code<'c> {
    halfwords: &'c [u16],
    address: u64,
}

impl Code<'_> {
    /// Where each instruction begins.
    fn instructions(&self, stretch: &Range<u64>) -> impl Iterator<Item = usize> {
        let index = |address: u64| usize::try_from(address.saturating_sub(self.address) / 2).unwrap_or(usize::MAX);
        let (begin, end) = (index(stretch.start), index(stretch.end).min(self.halfwords.len()));
        let step = |index: usize| index + if is_first_half(self.halfwords[index]) { 2 } else { 1 };
        core::iter::successors(Some(begin), move |&index| Some(step(index)).filter(|&next| next < end))
            .filter(move |&index| index < end)
    }

    fn branch(&self, index: usize) -> Option<Branch> {
        let from = self.address + 2 * index as u64;
        let first = *self.halfwords.get(index)?;
        let second = self.halfwords.get(index + 1).copied().unwrap_or(0);
        // Branches count from the address of the instruction plus 4.
        let relative = |offset: i64| (from + 4).wrapping_add_signed(offset);
        let target = offset(first, second).or_else(|| short_offset(first)).map(relative);
        let target = target.or_else(|| self.literal(index).or_else(|| self.immediate(index)));
        // The address of a function has bit 0 set, for Thumb.
        target.map(|to| Branch { from, to: to & !1 })
    }

    /// What an LDR takes from among the constants.
    fn literal(&self, index: usize) -> Option<u64> {
        let first = self.halfwords[index];
        let distance = match first {
            0x4800..=0x4fff => i64::from(first & 0xff) * 4,
            0xf8df => i64::from(self.halfwords.get(index + 1)? & 0xfff),
            0xf85f => -i64::from(self.halfwords.get(index + 1)? & 0xfff),
            _ => return None,
        };
        let base = (self.address + 2 * index as u64 + 4) & !3;
        let place = base.wrapping_add_signed(distance).checked_sub(self.address)? / 2;
        let half = |index: u64| self.halfwords.get(usize::try_from(index).ok()?).copied().map(u64::from);
        Some(half(place)? | half(place + 1)? << 16)
    }

    /// What a MOVW and the MOVT behind it make together.
    fn immediate(&self, index: usize) -> Option<u64> {
        let pair = |index: usize| Some([*self.halfwords.get(index)?, *self.halfwords.get(index + 1)?]);
        let (register, low) = wide_immediate(pair(index)?, 0xf240)?;
        let high = (index + 2..index + 2 + PAIR).find_map(|index| {
            let (other, high) = wide_immediate(pair(index)?, 0xf2c0)?;
            (other == register).then_some(high)
        })?;
        Some(u64::from(high) << 16 | u64::from(low))
    }
}

/// Whether an instruction of 32 bits begins with it.
const fn is_first_half(halfword: u16) -> bool {
    halfword >= 0xe800
}

/// Of BL, and of the two forms of B with 32 bits: T1, T4 and T3 in the ARM architecture's manual.
fn offset(first: u16, second: u16) -> Option<i64> {
    if first & 0xf800 != 0xf000 {
        return None;
    }
    let [sign, j1, j2] = [first >> 10 & 1, second >> 13 & 1, second >> 11 & 1].map(i64::from);
    let low = i64::from(second & 0x7ff) << 1;
    match second & 0xd000 {
        0xd000 | 0x9000 => {
            let [i1, i2] = [j1, j2].map(|bit| 1 - (bit ^ sign));
            Some(low | i64::from(first & 0x3ff) << 12 | i2 << 22 | i1 << 23 | -sign << 24)
        }
        // The two highest conditions are other instructions.
        0x8000 if first >> 7 & 7 != 7 => Some(low | i64::from(first & 0x3f) << 12 | j1 << 18 | j2 << 19 | -sign << 20),
        _ => None,
    }
}

/// Of B with 16 bits, without and with a condition: T2 and T1.
fn short_offset(instruction: u16) -> Option<i64> {
    match instruction {
        0xe000..=0xe7ff => Some(i64::from((instruction << 5) as i16 >> 4)),
        0xd000..=0xddff => Some(i64::from(instruction as u8 as i8) * 2),
        _ => None,
    }
}

/// The register and the value of a MOVW or MOVT.
fn wide_immediate([first, second]: [u16; 2], operation: u16) -> Option<(u16, u16)> {
    let is_it = first & 0xfbf0 == operation && second & 0x8000 == 0;
    let value = (first & 0xf) << 12 | (first >> 10 & 1) << 11 | (second >> 12 & 7) << 8 | second & 0xff;
    is_it.then_some((second >> 8 & 0xf, value))
}

#[cfg(test)]
mod tests {
    use super::{Branch, branches};

    const START: u64 = 0x0800_0100;

    fn bytes(halfwords: &[u16]) -> Vec<u8> {
        halfwords.iter().flat_map(|halfword| halfword.to_le_bytes()).collect()
    }

    /// Where the instruction at the start goes.
    fn target(halfwords: &[u16]) -> Option<u64> {
        let all = START..START + 2 * halfwords.len() as u64;
        let branches = branches(&bytes(halfwords), START, &[all]);
        branches.into_iter().find(|branch| branch.from == START).map(|branch| branch.to)
    }

    // Encodings by `arm-none-eabi-as -march=armv7e-m`; the distance is from the instruction's address plus 4.
    #[test]
    fn branches_go_where_the_assembler_meant_them_to() {
        let cases: [(&str, i64, &[u16]); 16] = [
            ("bl", 4, &[0xf000, 0xf802]),
            ("bl", 0x1234, &[0xf001, 0xf91a]),
            ("bl", -0x1000, &[0xf7ff, 0xf800]),
            ("bl", 0xff_fffe, &[0xf3ff, 0xd7ff]),
            ("bl", -0x100_0000, &[0xf400, 0xd000]),
            ("bl", 0x40_0000, &[0xf000, 0xf000]),
            ("bl", -0x40_0004, &[0xf7ff, 0xf7fe]),
            ("b.w", 0x2000, &[0xf002, 0xb800]),
            ("b.w", -0x800, &[0xf7ff, 0xbc00]),
            ("b.w", 0xab_cdee, &[0xf2bc, 0x9ef7]),
            ("beq.w", 0x3000, &[0xf003, 0x8000]),
            ("bne.w", -0x5_4322, &[0xf46b, 0x8e6f]),
            ("b.n", 0x100, &[0xe080]),
            ("b.n", -0x7f0, &[0xe408]),
            ("bcc.n", 0x20, &[0xd310]),
            ("bls.n", -0x80, &[0xd9c0]),
        ];
        for (name, distance, halfwords) in cases {
            let meant = (START + 4).wrapping_add_signed(distance);
            assert_eq!(target(halfwords), Some(meant), "{name} {distance:#x}");
        }
    }

    #[test]
    fn loaded_addresses_count_as_branches() {
        let function = 0x0801_1234;
        // ldr r0, [pc, #4]; ldr.w r9, [pc, #4]; and what lies there.
        assert_eq!(target(&[0x4801, 0, 0, 0, 0x1235, 0x0801]), Some(function));
        assert_eq!(target(&[0xf8df, 0x9004, 0, 0, 0x1235, 0x0801]), Some(function));
        // movw r3, #0x1235; movt r3, #0x801; and with r12 and a nop between them.
        assert_eq!(target(&[0xf241, 0x2335, 0xf6c0, 0x0301]), Some(function));
        assert_eq!(target(&[0xf64f, 0x6cdc, 0xbf00, 0xf6c0, 0x0c01]), Some(0x0801_fedc));
    }

    #[test]
    fn a_movt_of_another_register_is_not_taken() {
        assert_eq!(target(&[0xf241, 0x2335, 0xf6c0, 0x0401]), None);
    }

    #[test]
    fn other_instructions_go_nowhere() {
        // push {r7, lr}; blx r3; cbz r0; msr primask, r0; svc 0; udf 0
        for halfwords in [&[0xb580][..], &[0x4798], &[0xb110], &[0xf380, 0x8810], &[0xdf00], &[0xde00]] {
            assert_eq!(target(halfwords), None, "{halfwords:x?}");
        }
    }

    #[test]
    fn constants_and_second_halves_are_no_instructions() {
        // bx lr; a constant that would be the first half of an instruction; bl to 4 behind it; msr with a half like a b.n.
        let code = bytes(&[0x4770, 0xf000, 0xf000, 0xf802, 0xf380, 0xe010]);
        let found = branches(&code, START, &[START..START + 2, START + 4..START + 12]);
        assert_eq!(found, [Branch { from: START + 4, to: START + 12 }]);
    }
}
