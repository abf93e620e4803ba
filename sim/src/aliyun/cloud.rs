//! The core: what a double holds, and how bytes and time come in and bytes go out.

use core::fmt;
use core::mem;
use core::time::Duration;
use std::collections::{BTreeMap, VecDeque};

use bytes::BytesMut;
use mqttbytes::v4::Packet;

use super::calls::Call;
use super::device_data::{DeviceData, RemoteConfig};
use super::framing::{self, Incoming};
use super::ota::Updates;
use super::session::Session;
use super::trouble::Trouble;
use super::{Channel, CloseReason, CloudEvent, CloudSettings, Device, DeviceId, EventKind, RegistrationAnswer};

/// One connection, from its accepting to its end; never used again.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ConnectionId(u32);

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "connection {}", self.0)
    }
}

/// The double itself. It has no thread, no socket and no clock: bytes and the time since its start are arguments.
///
/// ```
/// use core::time::Duration;
/// use nt35e_sim::aliyun::{Channel, Cloud, CloudSettings};
///
/// let settings = CloudSettings::with_device("a1JszCpjS61", "NT35E_06011", "0123456789abcdef0123456789abcdef");
/// let mut cloud = Cloud::new(settings);
/// let connection = cloud.accept(Channel::Plain, Duration::ZERO);
/// cloud.receive(connection, b"GET / HTTP/1.1\r\n\r\n", Duration::from_millis(20));
/// assert!(cloud.transmit(connection).is_empty());
/// assert!(!cloud.is_open(connection));
/// ```
#[derive(Debug)]
pub struct Cloud {
    pub(super) settings: CloudSettings,
    pub(super) devices: BTreeMap<DeviceId, DeviceState>,
    pub(super) connections: BTreeMap<ConnectionId, Connection>,
    pub(super) log: Vec<CloudEvent>,
    pub(super) now: Duration,
    pub(super) next_id: u32,
    pub(super) next_rrpc_id: u64,
    pub(super) calls: BTreeMap<String, Call>,
    /// By ProductKey.
    pub(super) configs: BTreeMap<String, RemoteConfig>,
    pub(super) maintenance: bool,
    pub(super) stalled: bool,
    pub(super) drop_after: Option<usize>,
    pub(super) request_code: Option<u32>,
    pub(super) trouble: Trouble,
    pub(super) registration_answer: Option<RegistrationAnswer>,
    /// How many credentials were given by registrations.
    pub(super) given: u32,
    pub(super) updates: Updates,
    last_connection: u32,
}

/// What the platform knows of a device.
#[derive(Debug)]
pub(super) struct DeviceState {
    pub(super) device: Device,
    pub(super) standing: Standing,
    /// It has signed in once, which ends its registrations.
    pub(super) activated: bool,
    pub(super) connection: Option<ConnectionId>,
    pub(super) session: Session,
    pub(super) data: DeviceData,
    /// When it connected within the last minute.
    pub(super) connects: VecDeque<Duration>,
    /// When it published within the last second, at QoS 0 and above it.
    pub(super) uplinks: [VecDeque<Duration>; 2],
}

impl DeviceState {
    pub(super) fn new(device: Device) -> Self {
        Self {
            device,
            standing: Standing::Enabled,
            activated: false,
            connection: None,
            session: Session::default(),
            data: DeviceData::default(),
            connects: VecDeque::new(),
            uplinks: [VecDeque::new(), VecDeque::new()],
        }
    }
}

/// Whether a device may sign in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Standing {
    Enabled,
    Disabled,
    Deleted,
}

#[derive(Debug)]
pub(super) struct Connection {
    pub(super) channel: Channel,
    pub(super) input: BytesMut,
    pub(super) output: Vec<u8>,
    pub(super) closing: bool,
    pub(super) signed_in: Option<SignedIn>,
    /// A device has registered on it, and it ends then.
    pub(super) registering_until: Option<Duration>,
    /// When it was accepted, or when the last packet arrived.
    pub(super) last_heard: Duration,
}

/// Who is on a connection.
#[derive(Clone, Debug)]
pub(super) struct SignedIn {
    pub(super) device: DeviceId,
    /// The longest silence that the platform bears.
    pub(super) patience: Duration,
}

impl Cloud {
    /// A double that nobody is connected to.
    pub fn new(settings: CloudSettings) -> Self {
        let devices = settings.devices.iter().cloned();
        Self {
            devices: devices.map(|device| (device.id.clone(), DeviceState::new(device))).collect(),
            next_id: settings.first_id,
            next_rrpc_id: settings.first_rrpc_id,
            calls: BTreeMap::new(),
            configs: BTreeMap::new(),
            settings,
            connections: BTreeMap::new(),
            log: Vec::new(),
            now: Duration::ZERO,
            maintenance: false,
            stalled: false,
            drop_after: None,
            request_code: None,
            trouble: Trouble::default(),
            registration_answer: None,
            given: 0,
            updates: Updates::default(),
            last_connection: 0,
        }
    }

    /// Takes a connection.
    pub fn accept(&mut self, channel: Channel, now: Duration) -> ConnectionId {
        self.tick(now);
        self.last_connection += 1;
        let id = ConnectionId(self.last_connection);
        let connection = Connection {
            channel,
            input: BytesMut::new(),
            output: Vec::new(),
            closing: false,
            signed_in: None,
            registering_until: None,
            last_heard: self.now,
        };
        self.connections.insert(id, connection);
        self.note(Some(id), EventKind::Opened(channel));
        id
    }

    /// Takes bytes from a client. Nothing happens if the connection has ended.
    pub fn receive(&mut self, connection: ConnectionId, bytes: &[u8], now: Duration) {
        self.tick(now);
        let Some(state) = self.connections.get_mut(&connection) else {
            return;
        };
        if state.closing {
            return;
        }
        state.input.extend_from_slice(bytes);
        if !self.stalled {
            self.read(connection);
        }
    }

    /// Gives the bytes to send to a client now; they are given once.
    pub fn transmit(&mut self, connection: ConnectionId) -> Vec<u8> {
        let Some(state) = self.connections.get_mut(&connection) else {
            return Vec::new();
        };
        if self.stalled || state.output.is_empty() {
            return Vec::new();
        }
        let mut bytes = mem::take(&mut state.output);
        match self.drop_after {
            Some(left) if left <= bytes.len() => {
                bytes.truncate(left);
                self.drop_after = None;
                self.close(connection, CloseReason::Dropped);
            }
            Some(left) => self.drop_after = Some(left - bytes.len()),
            None => {}
        }
        bytes
    }

    /// Whether the connection lives: false once the double closed it and its last bytes were taken by
    /// [`Cloud::transmit`], or the client's side was [`Cloud::closed`].
    pub fn is_open(&self, connection: ConnectionId) -> bool {
        self.connections.get(&connection).is_some_and(|state| !state.closing || !state.output.is_empty())
    }

    /// Tells that the client's side of the connection went away. To be called once for every connection, also after
    /// [`Cloud::is_open`] became false.
    pub fn closed(&mut self, connection: ConnectionId, now: Duration) {
        self.tick(now);
        self.close(connection, CloseReason::PeerGone);
        self.connections.remove(&connection);
    }

    /// Does what is due: keep-alive, missing CONNECTs, retries. Calling it too often is harmless.
    pub fn tick(&mut self, now: Duration) {
        self.now = self.now.max(now);
        if self.stalled {
            return;
        }
        let open = self.connections.iter().filter(|(_, state)| !state.closing);
        let late = open.filter(|(_, state)| self.patience_ends(state).is_some_and(|end| end <= self.now));
        let reason = |state: &Connection| match (state.registering_until, &state.signed_in) {
            (Some(_), _) => CloseReason::RegistrationOver,
            (None, Some(_)) => CloseReason::KeepAlive,
            (None, None) => CloseReason::NoConnect,
        };
        let late: Vec<_> = late.map(|(id, state)| (*id, reason(state))).collect();
        for (id, reason) in late {
            self.close(id, reason);
        }
        self.tend_calls();
        self.tend_sessions();
        self.tend_rivals();
    }

    /// When [`Cloud::tick`] next has something to do. May change after any other call.
    pub fn next_due(&self) -> Option<Duration> {
        if self.stalled {
            return None;
        }
        let open = self.connections.values().filter(|state| !state.closing);
        let ends = open.filter_map(|state| self.patience_ends(state));
        ends.chain(self.sessions_due()).chain(self.calls_due()).min()
    }

    /// When the platform closes a connection on which it hears nothing more, or which was for a registration.
    fn patience_ends(&self, state: &Connection) -> Option<Duration> {
        if state.registering_until.is_some() {
            return state.registering_until;
        }
        let patience = match &state.signed_in {
            Some(signed_in) => Some(signed_in.patience),
            None => self.settings.limits.connect_wait,
        };
        patience.map(|patience| state.last_heard + patience)
    }

    /// Reads all packets that have arrived on a connection.
    pub(super) fn read(&mut self, connection: ConnectionId) {
        // Long enough for the largest message with the longest topic: what is too large is judged by the payload.
        let longest = self.settings.limits.payload.map_or(usize::MAX, |payload| payload + 2 + 0xffff + 2);
        while let Some(state) = self.connections.get_mut(&connection)
            && !state.closing
        {
            match framing::next_packet(&mut state.input, longest) {
                Ok(Some(incoming)) => {
                    state.last_heard = self.now;
                    self.take(connection, incoming);
                }
                Ok(None) => return,
                Err(fault) => self.close(connection, CloseReason::Malformed(fault)),
            }
        }
    }

    fn take(&mut self, connection: ConnectionId, incoming: Incoming) {
        match &incoming {
            Incoming::Connect { connect, .. } => {
                self.note(Some(connection), EventKind::Received(Packet::Connect(connect.clone())));
            }
            Incoming::Other(packet) => self.note(Some(connection), EventKind::Received(packet.clone())),
            Incoming::OtherLevel(_) => {}
        }
        let device = self.connections[&connection].signed_in.as_ref().map(|signed_in| signed_in.device.clone());
        let is_registrant = self.connections[&connection].registering_until.is_some();
        match (device, incoming) {
            (None, Incoming::Other(packet)) if is_registrant => self.take_from_registrant(connection, &packet),
            (None, _) if is_registrant => self.malformed(connection, "a second CONNECT"),
            (None, Incoming::Connect { level, connect }) => self.connect(connection, level, &connect),
            (None, Incoming::OtherLevel(level)) => self.refuse_level(connection, level),
            (Some(device), Incoming::Other(packet)) => self.take_from(connection, &device, packet),
            (None, Incoming::Other(_)) => self.malformed(connection, "the first packet is not a CONNECT"),
            (Some(_), _) => self.malformed(connection, "a second CONNECT"),
        }
    }

    fn take_from(&mut self, connection: ConnectionId, device: &DeviceId, packet: Packet) {
        match packet {
            Packet::Publish(publish) => self.take_publish(connection, device, &publish),
            Packet::PubAck(ack) => self.take_acknowledgement(connection, device, ack.pkid),
            Packet::Subscribe(subscribe) => self.subscribe(connection, device, &subscribe),
            Packet::Unsubscribe(unsubscribe) => self.unsubscribe(connection, device, &unsubscribe),
            Packet::PingReq => self.send(connection, Packet::PingResp),
            Packet::Disconnect => self.close(connection, CloseReason::Disconnect),
            // PUBREC, PUBREL and PUBCOMP are unknown to the platform [D]; the others no client sends.
            _ => self.malformed(connection, "a packet that no client sends"),
        }
    }

    pub(super) fn malformed(&mut self, connection: ConnectionId, fault: &str) {
        self.close(connection, CloseReason::Malformed(fault.into()));
    }

    /// Puts a packet on its way.
    pub(super) fn send(&mut self, connection: ConnectionId, packet: Packet) {
        let Some(state) = self.connections.get_mut(&connection) else {
            return;
        };
        state.output.extend_from_slice(&framing::encode(&packet));
        self.note(Some(connection), EventKind::Sent(packet));
    }

    /// Ends a connection: what is on its way still goes out, and nothing is read any more.
    pub(super) fn close(&mut self, connection: ConnectionId, reason: CloseReason) {
        let Some(state) = self.connections.get_mut(&connection) else {
            return;
        };
        if mem::replace(&mut state.closing, true) {
            return;
        }
        let signed_in = state.signed_in.take();
        self.note(Some(connection), EventKind::Closed(reason));
        if let Some(SignedIn { device, .. }) = signed_in {
            self.sign_out(&device);
        }
    }
}
