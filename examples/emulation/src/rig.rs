//! Emulator, modem and cloud, connected.

use core::net::{Ipv4Addr, SocketAddr};
use core::time::Duration;
use std::path::Path;
use std::sync::Arc;

use nt35e_sim::aliyun::{Cloud, CloudServer, CloudSettings, PublishRecord};
use nt35e_sim::modem::{Delays, Modem, ModemSettings};
use nt35e_sim::wire::{ModemServer, Observer, Resolve, ServerSettings};

use crate::board::Board;
use crate::emulator::Emulator;
use crate::failure::Failure;
use crate::firmware::{DEVICE_NAME, DEVICE_SECRET, PRODUCT_KEY};

/// The platform's limits (`aliyun.md` §5).
const CONNECTS_PER_MINUTE: usize = 5;
const PUBLISHES_PER_SECOND: (usize, usize) = (30, 10);

const BAUD_RATE: u32 = 115_200;

/// How long bytes and the modem take.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pace {
    /// As on a real line, with a modem as fast as a real one, and a cloud that refuses who is too fast.
    Baud,
    /// No time at all.
    FullSpeed,
}

impl Pace {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Baud => "115200 baud",
            Self::FullSpeed => "full speed",
        }
    }

    /// How long the modem takes for each thing.
    pub(crate) fn delays(self) -> Delays {
        match self {
            Self::Baud => Delays::default(),
            Self::FullSpeed => Delays::none(),
        }
    }

    const fn baud_rate(self) -> Option<u32> {
        match self {
            Self::Baud => Some(BAUD_RATE),
            Self::FullSpeed => None,
        }
    }
}

/// The emulator goes first, so that the others see no broken line.
#[derive(Debug)]
pub(crate) struct Rig {
    emulator: Emulator,
    pub(crate) modem: ModemServer,
    pub(crate) cloud: Arc<CloudServer>,
}

impl Rig {
    /// Starts everything. The modem is switched on together with the board.
    pub(crate) fn start(board: &Board, image: &Path, pace: Pace, observer: Observer) -> Result<Self, Failure> {
        let cloud = CloudServer::start(cloud_settings(pace))
            .map(Arc::new)
            .map_err(Failure::while_trying("the double of the cloud cannot be started"))?;
        let modem = ModemSettings { baud_rate: pace.baud_rate(), delays: pace.delays(), ..ModemSettings::default() };
        let mut settings = ServerSettings::new(modem, Resolve::All(cloud.address()));
        settings.observer = Some(observer);
        let at_fault = Arc::clone(&cloud);
        settings.cloud = Some(Box::new(move |fault| at_fault.cloud().strike(fault, at_fault.now())));
        let modem = ModemServer::start_tcp(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), settings)
            .map_err(Failure::while_trying("the simulated modem cannot be started"))?;
        let address = modem.address().ok_or_else(|| Failure::new("the simulated modem has no address"))?;
        let emulator = Emulator::start(board, image, address)?;
        Ok(Self { emulator, modem, cloud })
    }

    /// Waits until the condition holds; false if it does not within the time.
    pub(crate) fn wait_for(
        &mut self,
        limit: Duration,
        mut condition: impl FnMut(&Cloud) -> bool,
    ) -> Result<bool, Failure> {
        let holds = self.cloud.wait_for(limit, &mut condition);
        self.emulator.check()?;
        Ok(holds)
    }

    /// Does something to the modem.
    pub(crate) fn control<R: Send + 'static>(
        &self,
        control: impl FnOnce(&mut Modem, Duration) -> R + Send + 'static,
    ) -> Result<R, Failure> {
        self.modem.control(control).ok_or_else(|| Failure::new("the simulated modem has stopped"))
    }
}

/// What the device has published, in order.
pub(crate) fn published(cloud: &Cloud) -> Vec<&PublishRecord> {
    cloud.publishes_from(PRODUCT_KEY, DEVICE_NAME)
}

fn cloud_settings(pace: Pace) -> CloudSettings {
    let mut settings = CloudSettings::with_device(PRODUCT_KEY, DEVICE_NAME, DEVICE_SECRET);
    settings.limits.connects_per_minute = Some(CONNECTS_PER_MINUTE);
    settings.limits.uplink_per_second = match pace {
        Pace::Baud => Some(PUBLISHES_PER_SECOND),
        Pace::FullSpeed => None,
    };
    settings
}
