//! A modem and the Aliyun double in memory, under a time that only moves when it is told to.
//!
//! ```
//! use core::time::Duration;
//! use nt35e_sim::aliyun::CloudSettings;
//! use nt35e_sim::modem::ModemSettings;
//! use nt35e_sim::world::World;
//!
//! let mut world = World::new(ModemSettings::default(), CloudSettings::default());
//! world.advance(Duration::from_secs(1)); // the modem boots
//! world.write(b"AT\r\n");
//! while world.available() < 8 {
//!     assert!(world.advance_to_next_due(Duration::from_secs(1)));
//! }
//! ```

use core::time::Duration;
use std::collections::VecDeque;

use crate::aliyun::{Channel, Cloud, CloudSettings, ConnectionId};
use crate::fault::{Fault, Incident, Place, Schedule};
use crate::modem::{Modem, ModemSettings, NetworkEvent, NetworkRequest, OpenFailure};
use crate::path::Path;
use crate::transcript::{Entry, Recorder};

/// Where the modem's connections lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// To the broker, under every host name.
    Broker,
    /// Nowhere: each attempt fails like this.
    Fails(OpenFailure),
    /// Nowhere, and nobody says so.
    Silent,
}

/// A modem joined to a broker. The same calls give the same answers at the same times.
#[derive(Debug)]
pub struct World {
    modem: Modem,
    cloud: Option<Cloud>,
    network: Network,
    path: Path,
    /// How the connection that is being opened is encrypted.
    opening: Option<Channel>,
    link: Option<ConnectionId>,
    /// What is still to go wrong, by times since the start.
    incidents: VecDeque<Incident>,
    /// How many faults have struck network and cloud, and when the longest of them is over.
    struck: u64,
    trouble_ends_at: Duration,
    now: Duration,
    /// Bytes that have reached the host and that it has not read.
    arrived: Vec<u8>,
    log: Recorder,
}

impl World {
    /// A modem that reaches the Aliyun double under every host name.
    pub fn new(modem: ModemSettings, cloud: CloudSettings) -> Self {
        Self::join(modem, Some(Cloud::new(cloud)), Network::Broker)
    }

    /// A modem that reaches nobody: every connection fails.
    pub fn without_broker(modem: ModemSettings) -> Self {
        Self::join(modem, None, Network::Fails(OpenFailure::Network))
    }

    fn join(modem: ModemSettings, cloud: Option<Cloud>, network: Network) -> Self {
        let mut world = Self {
            modem: Modem::new(modem, Duration::ZERO),
            cloud,
            network,
            path: Path::default(),
            opening: None,
            link: None,
            incidents: VecDeque::new(),
            struck: 0,
            trouble_ends_at: Duration::ZERO,
            now: Duration::ZERO,
            arrived: Vec::new(),
            log: Recorder::new(),
        };
        world.settle();
        world
    }

    /// Sends bytes from the host to the modem.
    pub fn write(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.log.host_sent(self.now, bytes);
        }
        self.modem.write(bytes, self.now);
        self.settle();
    }

    /// Gives the host bytes that have arrived; 0 if there are none.
    pub fn read(&mut self, buffer: &mut [u8]) -> usize {
        self.settle();
        let count = buffer.len().min(self.arrived.len());
        for (place, byte) in buffer.iter_mut().zip(self.arrived.drain(..count)) {
            *place = byte;
        }
        count
    }

    /// How many bytes the host could read now.
    pub fn available(&self) -> usize {
        self.arrived.len()
    }

    /// The time since the start.
    pub fn now(&self) -> Duration {
        self.now
    }

    /// When something happens next, unless the host does something before.
    pub fn next_due(&self) -> Option<Duration> {
        let cloud = self.cloud.as_ref().and_then(Cloud::next_due);
        let incident = self.incidents.front().map(|incident| incident.at);
        [self.modem.next_due(), cloud, self.path.next_due(), incident].into_iter().flatten().min()
    }

    /// Lets time pass.
    pub fn advance(&mut self, time: Duration) {
        let end = self.now + time;
        while self.next_due().is_some_and(|due| due <= end) {
            self.advance_to_next_due(end - self.now);
        }
        self.now = end;
        self.settle();
    }

    /// Lets time pass until something happens, at most `limit`; false if nothing did.
    pub fn advance_to_next_due(&mut self, limit: Duration) -> bool {
        let end = self.now + limit;
        let due = self.next_due().filter(|due| *due <= end);
        self.now = due.map_or(end, |due| due.max(self.now));
        self.settle();
        due.is_some()
    }

    /// The modem, for its quirks, delays and radio. Use [`restart_modem`](Self::restart_modem) and its like for what
    /// happens at a time.
    pub fn modem(&mut self) -> &mut Modem {
        &mut self.modem
    }

    /// The Aliyun double. Call [`settle`](Self::settle) after having changed something.
    pub fn cloud(&mut self) -> Option<&mut Cloud> {
        self.cloud.as_mut()
    }

    /// Restarts the modem now, whatever it is doing; powers it on after [`power_down_modem`](Self::power_down_modem).
    pub fn restart_modem(&mut self) {
        self.modem.restart(self.now);
        self.settle();
    }

    /// Powers the modem down now.
    pub fn power_down_modem(&mut self) {
        self.modem.power_down(self.now);
        self.settle();
    }

    /// Presses PWRKEY now, or releases it.
    pub fn set_power_key(&mut self, pressed: bool) {
        self.modem.set_power_key(pressed, self.now);
        self.settle();
    }

    /// Pulls RESET now, or releases it.
    pub fn set_reset(&mut self, pulled: bool) {
        self.modem.set_reset(pulled, self.now);
        self.settle();
    }

    /// Switches the modem's supply now.
    pub fn set_supply(&mut self, on: bool) {
        self.modem.set_supply(on, self.now);
        self.settle();
    }

    /// Sends bytes to the host now, as if the modem had.
    pub fn inject(&mut self, bytes: &[u8]) {
        self.modem.inject(bytes, self.now);
        self.settle();
    }

    /// Lets the modem be silent for a time; what it has to say comes afterwards.
    pub fn mute(&mut self, time: Duration) {
        self.modem.mute(self.now + time);
    }

    /// Cuts the modem's connection now, as a network does.
    pub fn cut_link(&mut self) {
        self.close_link();
        self.modem.network_event(NetworkEvent::ClosedByPeer, self.now);
        self.settle();
    }

    /// Lets a fault strike now.
    pub fn strike(&mut self, fault: Fault) {
        self.suffer(fault);
        self.settle();
    }

    /// Lets a fault strike at a place among the bytes that arrive from now on.
    pub fn strike_at(&mut self, place: Place, fault: Fault) {
        self.modem.strike_at(place, fault, self.now);
    }

    /// Lets everything in the schedule happen, with now as its start.
    pub fn follow(&mut self, schedule: &Schedule) {
        let now = self.now;
        let later = schedule.incidents.iter().map(|incident| Incident { at: now + incident.at, ..*incident });
        let mut incidents: Vec<Incident> = self.incidents.drain(..).chain(later).collect();
        incidents.sort_by_key(|incident| incident.at);
        self.incidents = incidents.into();
    }

    /// How many faults have struck so far.
    pub fn faults_struck(&self) -> u64 {
        self.struck + self.modem.struck().0
    }

    /// Whether a fault lasts, is still to come, or waits for its place among the bytes.
    pub fn is_troubled(&self) -> bool {
        let ends_at = self.trouble_ends_at.max(self.modem.struck().1);
        !self.incidents.is_empty() || self.modem.armed() > 0 || self.now < ends_at
    }

    /// Nothing goes wrong from now on, but for what lasts by its time: what is still in the schedule is dropped, and so are
    /// faults that wait for their place, harm to bytes that are yet to come, and answers that are yet to be lost.
    pub fn calm(&mut self) {
        self.incidents.clear();
        self.modem.calm(self.now);
        self.settle();
    }

    /// Lets the connections from now on lead elsewhere; one that stands is left alone.
    pub fn set_network(&mut self, network: Network) {
        self.network = network;
    }

    /// What went over the serial line so far, with the times when it began.
    pub fn log(&self) -> &[Entry] {
        self.log.entries()
    }

    /// Carries everything between modem, broker and host that is due now.
    pub fn settle(&mut self) {
        loop {
            let struck = self.suffer_what_is_due();
            self.modem.tick(self.now);
            if let Some(cloud) = &mut self.cloud {
                cloud.tick(self.now);
            }
            let requests = self.modem.network_requests();
            let asked = !requests.is_empty();
            for request in requests {
                self.perform(request);
            }
            let told = self.deliver();
            if !struck && !asked && !told {
                break;
            }
        }
        let bytes = self.modem.read(self.now);
        if !bytes.is_empty() {
            self.log.modem_sent(self.now, &bytes);
            self.arrived.extend_from_slice(&bytes);
        }
    }

    fn perform(&mut self, request: NetworkRequest) {
        match request {
            NetworkRequest::Open { tls, .. } => {
                self.close_link();
                let event = match (self.network, self.path.obstacle(self.now)) {
                    (Network::Silent, _) => return,
                    (Network::Fails(failure), _) | (Network::Broker, Some(failure)) => {
                        NetworkEvent::OpenFailed(failure)
                    }
                    (Network::Broker, None) if self.cloud.is_none() => NetworkEvent::OpenFailed(OpenFailure::Network),
                    (Network::Broker, None) => {
                        self.opening = Some(if tls { Channel::Tls } else { Channel::Plain });
                        NetworkEvent::Opened
                    }
                };
                self.path.receive(event, self.now);
            }
            NetworkRequest::Send(bytes) => self.path.send(bytes, self.now),
            NetworkRequest::Close => self.close_link(),
        }
    }

    /// Lets strike what is due, and what has come to its place; false if there is nothing.
    fn suffer_what_is_due(&mut self) -> bool {
        let mut faults = self.modem.tripped();
        while let Some(incident) = self.incidents.pop_front() {
            if incident.at > self.now {
                self.incidents.push_front(incident);
                break;
            }
            match incident.place {
                Some(place) => self.strike_at(place, incident.fault),
                None => faults.push(incident.fault),
            }
        }
        let struck = !faults.is_empty();
        for fault in faults {
            self.suffer(fault);
        }
        struck
    }

    fn suffer(&mut self, fault: Fault) {
        if !matches!(fault, Fault::Modem(_)) {
            self.struck += 1;
            self.trouble_ends_at = self.trouble_ends_at.max(self.now + fault.lasts());
        }
        match fault {
            Fault::Modem(fault) => self.modem.strike(fault, self.now),
            Fault::Network(fault) => {
                if self.path.strike(fault, self.now) {
                    self.close_link();
                    self.modem.network_event(NetworkEvent::ClosedByPeer, self.now);
                }
            }
            Fault::Cloud(fault) => {
                if let Some(cloud) = &mut self.cloud {
                    cloud.strike(fault, self.now);
                }
            }
        }
    }

    /// Brings to both sides what has reached them; false if there is nothing.
    fn deliver(&mut self) -> bool {
        let mut told = false;
        if let (Some(cloud), Some(link)) = (&mut self.cloud, self.link) {
            while let Some(bytes) = self.path.take_sent(self.now) {
                cloud.receive(link, &bytes, self.now);
            }
            let bytes = cloud.transmit(link);
            if !bytes.is_empty() {
                self.path.receive(NetworkEvent::Received(bytes), self.now);
            }
            if !cloud.is_open(link) {
                cloud.closed(link, self.now);
                self.link = None;
                self.path.receive(NetworkEvent::ClosedByPeer, self.now);
            }
        }
        // What arrives where nobody is any more is lost.
        while self.link.is_none() && self.path.take_sent(self.now).is_some() {}
        while let Some(event) = self.path.take_received(self.now) {
            told = true;
            if event == NetworkEvent::Opened
                && let (Some(channel), Some(cloud)) = (self.opening.take(), &mut self.cloud)
            {
                self.link = Some(cloud.accept(channel, self.now));
            }
            if event == NetworkEvent::ClosedByPeer {
                self.close_link();
            }
            self.modem.network_event(event, self.now);
        }
        told
    }

    fn close_link(&mut self) {
        self.opening = None;
        self.path.clear();
        if let (Some(cloud), Some(link)) = (&mut self.cloud, self.link.take()) {
            cloud.closed(link, self.now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_arrive_when_they_are_due_and_the_log_says_when() {
        let settings = ModemSettings { already_running: true, ..ModemSettings::default() };
        let mut world = World::without_broker(settings);
        world.write(b"ATE0\r");
        assert_eq!(world.available(), 5);
        world.advance(Duration::from_millis(6));
        assert_eq!(world.available(), 5);
        assert!(world.advance_to_next_due(Duration::from_secs(1)));
        assert_eq!(world.now(), Duration::from_millis(7));
        let mut buffer = [0; 64];
        let count = world.read(&mut buffer);
        assert_eq!(&buffer[..count], b"ATE0\r\r\nOK\r\n");
        let log: Vec<String> = world.log().iter().map(ToString::to_string).collect();
        assert_eq!(log, ["> 0ms ATE0\\r", "< 0ms ATE0\\r", "< 7ms \\r\\nOK\\r\\n"]);
    }

    #[test]
    fn with_nothing_to_happen_the_whole_limit_passes() {
        let mut world = World::without_broker(ModemSettings::instant());
        assert!(!world.advance_to_next_due(Duration::from_secs(3)));
        assert_eq!(world.now(), Duration::from_secs(3));
    }
}
