//! An update of 64 bytes, message by message, into a flash in memory.

use core::convert::Infallible;
use core::hint::black_box;

use embedded_storage::nor_flash::{ErrorType, NorFlash, ReadNorFlash};
use nt35e::Triple;

use crate::{PaintedStack, finish, job, report, start, ticks};

/// What the platform pushes, and the block that it gives.
pub const PUSH: [&str; 2] = ["/ota/device/upgrade/a1JszCpjS61/NT35E_06011", PUSHED];
/// Where the block comes.
pub const BLOCK_TOPIC: &str = "/sys/a1JszCpjS61/NT35E_06011/thing/file/download_reply";
/// The answer with the block.
pub const BLOCK: &[u8] = b"\x00I{\x22id\x22:\x2265539\x22,\x22code\x22:200,\x22data\x22:{\x22fileLength\x22:64,\x22bSize\x22:64,\x22bOffset\x22:0}}\x00\x07\x0e\x15\x1c#*18?FMT[bipw~\x85\x8c\x93\x9a\xa1\xa8\xaf\xb6\xbd\xc4\xcb\xd2\xd9\xe0\xe7\xee\xf5\xfc\x03\x0a\x11\x18\x1f&-4;BIPW^elsz\x81\x88\x8f\x96\x9d\xa4\xab\xb2\xb9\x00\x00";
const PUSHED: &str = r#"{"code":"1000","data":{"size":64,"streamId":1,"sign":"d8bc63b4fc1156e5e7d95a418b9bf54cd3174bedbc2db40f74895349b229b3c0","dProtocol":"mqtt","version":"1.1","signMethod":"SHA256","streamFileId":1},"id":7,"message":"success"}"#;

/// A flash of one page.
#[derive(Debug)]
pub struct Chip([u8; 128]);

impl ErrorType for Chip {
    type Error = Infallible;
}

impl ReadNorFlash for Chip {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Infallible> {
        for (byte, stored) in bytes.iter_mut().zip(self.0.iter().skip(offset as usize)) {
            *byte = *stored;
        }
        Ok(())
    }

    fn capacity(&self) -> usize {
        128
    }
}

impl NorFlash for Chip {
    const WRITE_SIZE: usize = 4;
    const ERASE_SIZE: usize = 128;

    fn erase(&mut self, _: u32, _: u32) -> Result<(), Infallible> {
        self.0 = [0xff; 128];
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Infallible> {
        for (stored, byte) in self.0.iter_mut().skip(offset as usize).zip(bytes) {
            *stored = *byte;
        }
        Ok(())
    }
}

/// Updates, reports, and ends the emulation. `update` is whether the image is right.
#[inline(always)]
pub fn measure(update: impl FnOnce(Triple<'static>, &mut Chip) -> bool) -> ! {
    const TRIPLE: Triple<'static> = match Triple::new(job::PRODUCT_KEY, job::DEVICE_NAME, job::DEVICE_SECRET) {
        Ok(triple) => triple,
        Err(_) => panic!(),
    };
    let Some(peripherals) = cortex_m::Peripherals::take() else { finish(false) };
    start(peripherals);
    let mut chip = black_box(Chip([0; 128]));
    let stack = PaintedStack::new();
    let begin = ticks();
    let is_right = update(black_box(TRIPLE), &mut chip);
    report("update", ticks() - begin);
    report("stack", stack.used() as u64);
    finish(is_right)
}
