//! A host that types lines at the modem in memory.

#![allow(dead_code, reason = "each test file uses a part of it")]

use core::time::Duration;

use nt35e_sim::aliyun::CloudSettings;
use nt35e_sim::modem::{ModemSettings, Quirks};
use nt35e_sim::world::World;

pub(crate) const PRODUCT_KEY: &str = "a1JszCpjS61";
pub(crate) const DEVICE_NAME: &str = "NT35E_06011";
pub(crate) const DEVICE_SECRET: &str = "0123456789abcdef0123456789abcdef";
pub(crate) const TOPIC: &str = "/a1JszCpjS61/NT35E_06011/user/COMMUTEST";

pub(crate) fn cloud() -> CloudSettings {
    CloudSettings::with_device(PRODUCT_KEY, DEVICE_NAME, DEVICE_SECRET)
}

/// A host that types lines and waits.
pub(crate) struct Host {
    pub(crate) world: World,
    pub(crate) heard: String,
}

impl Host {
    pub(crate) fn new(modem: ModemSettings) -> Self {
        Self { world: World::new(modem, cloud()), heard: String::new() }
    }

    pub(crate) fn running(quirks: Quirks) -> Self {
        Self::new(ModemSettings { quirks, already_running: true, ..ModemSettings::default() })
    }

    /// Sends a line, lets a second pass, and gives what has come since the last call.
    pub(crate) fn say(&mut self, line: &str) -> String {
        self.world.write(format!("{line}\r\n").as_bytes());
        self.wait(Duration::from_secs(1))
    }

    pub(crate) fn wait(&mut self, time: Duration) -> String {
        self.world.advance(time);
        let mut buffer = [0; 4096];
        let count = self.world.read(&mut buffer);
        let text = String::from_utf8_lossy(&buffer[..count]).into_owned();
        self.heard.push_str(&text);
        text.split("\r\n").filter(|line| !line.is_empty()).collect::<Vec<_>>().join("|")
    }

    /// The article's way to the cloud, up to the sign-in.
    pub(crate) fn sign_in(&mut self, secret: &str) -> String {
        self.say("ATE0");
        self.say("AT+LMQTTCFG=\"urc\",0,1");
        self.say("AT+LMQTTCFG=\"cloud\",0,2,1");
        self.say(&format!("AT+LMQTTCFG=\"aliauth\",0,\"{PRODUCT_KEY}\",\"{DEVICE_NAME}\",\"{secret}\""));
        self.say(&format!("AT+LMQTTOPEN=0,\"{PRODUCT_KEY}.iot-as-mqtt.cn-shanghai.aliyuncs.com\",1883"));
        self.say("AT+LMQTTCONN=0,\"NT35E\"")
    }
}
