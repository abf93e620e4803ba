//! The flash of the examples.

use embedded_storage::nor_flash::{self, NorFlash, NorFlashErrorKind, ReadNorFlash};

/// Flash as it behaves: bits can only be cleared until a page is erased. It fails after some written bytes, as with the supply.
pub(crate) struct RamFlash {
    pub(crate) bytes: Vec<u8>,
    pub(crate) fails_after: Option<usize>,
}

impl RamFlash {
    /// With anything in it.
    pub(crate) fn new(capacity: usize) -> Self {
        Self { bytes: vec![0; capacity], fails_after: None }
    }
}

impl nor_flash::ErrorType for RamFlash {
    type Error = NorFlashErrorKind;
}

impl ReadNorFlash for RamFlash {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), NorFlashErrorKind> {
        nor_flash::check_read(self, offset, bytes.len())?;
        bytes.copy_from_slice(&self.bytes[offset as usize..][..bytes.len()]);
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.bytes.len()
    }
}

impl NorFlash for RamFlash {
    const WRITE_SIZE: usize = 8;
    const ERASE_SIZE: usize = 2048;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), NorFlashErrorKind> {
        nor_flash::check_erase(self, from, to)?;
        self.bytes[from as usize..to as usize].fill(0xff);
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), NorFlashErrorKind> {
        nor_flash::check_write(self, offset, bytes.len())?;
        for (place, byte) in self.bytes[offset as usize..].iter_mut().zip(bytes) {
            if self.fails_after == Some(0) {
                return Err(NorFlashErrorKind::Other);
            }
            self.fails_after = self.fails_after.map(|left| left - 1);
            *place &= byte;
        }
        Ok(())
    }
}
