//! A flash in memory that behaves as a strict one: what was not erased cannot be written, and pages count their erasures.

use embedded_storage::nor_flash::{ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash};

pub(crate) const PAGE: usize = 4_096;

#[derive(Clone, Debug)]
pub(crate) struct Flash {
    pub(crate) bytes: Vec<u8>,
    blank: Vec<bool>,
    pub(crate) erased: Vec<u32>,
    /// Writes that succeed before one fails.
    pub(crate) writes_left: Option<usize>,
}

impl Flash {
    pub(crate) fn new(pages: usize) -> Self {
        let size = pages * PAGE;
        Self { bytes: vec![0x5a; size], blank: vec![false; size / 8], erased: vec![0; pages], writes_left: None }
    }
}

#[derive(Debug)]
pub(crate) struct Fault(NorFlashErrorKind);

impl NorFlashError for Fault {
    fn kind(&self) -> NorFlashErrorKind {
        self.0
    }
}

impl ErrorType for Flash {
    type Error = Fault;
}

impl ReadNorFlash for Flash {
    const READ_SIZE: usize = 4;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Fault> {
        let offset = offset as usize;
        assert!(offset.is_multiple_of(4) && bytes.len().is_multiple_of(4), "reads are aligned");
        bytes.copy_from_slice(
            self.bytes.get(offset..offset + bytes.len()).ok_or(Fault(NorFlashErrorKind::OutOfBounds))?,
        );
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.bytes.len()
    }
}

impl NorFlash for Flash {
    const WRITE_SIZE: usize = 8;
    const ERASE_SIZE: usize = PAGE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Fault> {
        let (from, to) = (from as usize, to as usize);
        assert!(from.is_multiple_of(PAGE) && to.is_multiple_of(PAGE) && to <= self.bytes.len(), "erases are aligned");
        self.bytes[from..to].fill(0xff);
        self.blank[from / 8..to / 8].fill(true);
        for page in from / PAGE..to / PAGE {
            self.erased[page] += 1;
        }
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Fault> {
        if self.writes_left == Some(0) {
            return Err(Fault(NorFlashErrorKind::Other));
        }
        self.writes_left = self.writes_left.map(|left| left - 1);
        let offset = offset as usize;
        assert!(offset.is_multiple_of(8) && bytes.len().is_multiple_of(8), "writes are aligned");
        for word in offset / 8..(offset + bytes.len()) / 8 {
            assert!(core::mem::take(&mut self.blank[word]), "a word is written once after it was erased");
        }
        self.bytes[offset..offset + bytes.len()].copy_from_slice(bytes);
        Ok(())
    }
}
