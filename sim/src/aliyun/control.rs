//! What the platform's console and API do, and the faults a test wants.

use mqttbytes::QoS;
use mqttbytes::v4::Publish;

use super::cloud::{DeviceState, Standing};
use super::{CloseReason, Cloud, ConnectionId, Device, DeviceId, EventKind};

impl Cloud {
    /// Publishes to whoever subscribed to the topic, as the console does; gives for how many devices the message was
    /// sent or kept. QoS 2 counts as QoS 1.
    pub fn publish_to(&mut self, topic: &str, payload: &[u8], qos: QoS) -> usize {
        let listeners = self.devices.keys().filter(|device| self.listens(device, topic));
        let listeners: Vec<DeviceId> = listeners.cloned().collect();
        let sent = |device: &&DeviceId| self.deliver(device, Publish::new(topic, qos, payload));
        listeners.iter().filter(sent).count()
    }

    /// Ends a device's connection without a packet; false if it has none.
    pub fn kick(&mut self, product_key: &str, device_name: &str) -> bool {
        let connection = self.connection_of(product_key, device_name);
        if let Some(connection) = connection {
            self.close(connection, CloseReason::Kicked);
        }
        connection.is_some()
    }

    /// Registers a device, or gives a registered one a new secret and enables it.
    pub fn add_device(&mut self, device: Device) {
        let state = self.devices.entry(device.id.clone()).or_insert_with(|| DeviceState::new(device.clone()));
        state.device = device;
        state.standing = Standing::Enabled;
    }

    /// Disables a device and ends its connection; false if there is no such device.
    pub fn disable_device(&mut self, product_key: &str, device_name: &str) -> bool {
        self.set_standing(product_key, device_name, Standing::Disabled)
    }

    /// Enables a device again; false if there is no such device.
    pub fn enable_device(&mut self, product_key: &str, device_name: &str) -> bool {
        self.set_standing(product_key, device_name, Standing::Enabled)
    }

    /// Deletes a device and ends its connection; false if there is no such device.
    pub fn delete_device(&mut self, product_key: &str, device_name: &str) -> bool {
        let known = self.set_standing(product_key, device_name, Standing::Deleted);
        if let Some(state) = self.devices.get_mut(&DeviceId::new(product_key, device_name)) {
            state.session.clear(false);
        }
        known
    }

    /// Refuses every CONNECT with code 3 while on.
    pub fn set_maintenance(&mut self, on: bool) {
        self.maintenance = on;
    }

    /// Answers posts and the other requests of the thing model with this code and does nothing of what they ask for;
    /// `None` ends it.
    pub fn answer_posts_with(&mut self, code: Option<u32>) {
        self.request_code = code;
    }

    /// Ends a connection, mid-packet if it falls so, once this many more bytes were given by [`Cloud::transmit`], all
    /// connections counted together. With 0 the next bytes to any client are lost and its connection ends.
    pub fn drop_after(&mut self, bytes: usize) {
        self.drop_after = Some(bytes);
    }

    /// While on, the double is deaf and dumb on connections that stay open; what arrives is read when it ends.
    pub fn stall(&mut self, on: bool) {
        if !core::mem::replace(&mut self.stalled, on) || on {
            return;
        }
        let connections: Vec<ConnectionId> = self.connections.keys().copied().collect();
        for connection in &connections {
            // The double was deaf: the silence was not the client's.
            self.connections.get_mut(connection).expect("it is one of them").last_heard = self.now;
        }
        for connection in connections {
            self.read(connection);
        }
    }

    /// Sends raw bytes to a device; false if it has no connection.
    pub fn inject(&mut self, product_key: &str, device_name: &str, bytes: &[u8]) -> bool {
        let Some(id) = self.connection_of(product_key, device_name) else {
            return false;
        };
        let connection = self.connections.get_mut(&id).expect("the device is signed in on it");
        connection.output.extend_from_slice(bytes);
        self.note(Some(id), EventKind::Injected(bytes.to_vec()));
        true
    }

    /// The connection that a device is signed in on.
    pub fn connection_of(&self, product_key: &str, device_name: &str) -> Option<ConnectionId> {
        self.devices.get(&DeviceId::new(product_key, device_name))?.connection
    }

    /// The filters that a device has subscribed to, in the order in which it did.
    pub fn subscriptions(&self, product_key: &str, device_name: &str) -> Vec<&str> {
        let state = self.devices.get(&DeviceId::new(product_key, device_name));
        state.map(|state| state.session.filters().collect()).unwrap_or_default()
    }

    fn set_standing(&mut self, product_key: &str, device_name: &str, standing: Standing) -> bool {
        let Some(state) = self.devices.get_mut(&DeviceId::new(product_key, device_name)) else {
            return false;
        };
        state.standing = standing;
        if standing != Standing::Enabled {
            self.kick(product_key, device_name);
        }
        true
    }
}
