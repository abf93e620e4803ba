//! UART and clock of the examples: the simulated modem at the other end, in a world whose time goes on while nothing is to be done.

use core::cell::{RefCell, RefMut};
use core::convert::Infallible;
use std::rc::Rc;

use embedded_io::{ErrorType, Read, ReadReady, Write};
use nt35e::{Clock, Instant};
use nt35e_sim::world::World;

type Meanwhile = Rc<RefCell<dyn FnMut(&mut World)>>;

/// A UART, and a clock; clones are of the same world.
#[derive(Clone)]
pub(crate) struct Simulated {
    world: Rc<RefCell<World>>,
    meanwhile: Option<Meanwhile>,
}

impl Simulated {
    pub(crate) fn new(world: World) -> Self {
        Self { world: Rc::new(RefCell::new(world)), meanwhile: None }
    }

    /// What happens again and again while the driver waits.
    #[allow(dead_code, reason = "not every example has a console that asks for something")]
    pub(crate) fn meanwhile(mut self, what: impl FnMut(&mut World) + 'static) -> Self {
        self.meanwhile = Some(Rc::new(RefCell::new(what)));
        self
    }

    pub(crate) fn world(&self) -> RefMut<'_, World> {
        self.world.borrow_mut()
    }
}

impl Clock for Simulated {
    fn now(&mut self) -> Instant {
        Instant::from_millis(self.world().now().as_millis() as u64)
    }

    fn idle(&mut self) {
        let mut world = self.world();
        if let Some(meanwhile) = &self.meanwhile {
            meanwhile.borrow_mut()(&mut world);
        }
        world.advance_to_next_due(core::time::Duration::from_millis(10));
    }
}

impl ErrorType for Simulated {
    type Error = Infallible;
}

impl ReadReady for Simulated {
    fn read_ready(&mut self) -> Result<bool, Infallible> {
        let mut world = self.world();
        world.settle();
        Ok(world.available() > 0)
    }
}

impl Read for Simulated {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        Ok(self.world().read(buffer))
    }
}

impl Write for Simulated {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        self.world().write(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}
