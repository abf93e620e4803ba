//! The simulated modem in real time: a host on TCP, real connections to the Aliyun double and to mosquitto.

use core::net::SocketAddr;
use core::time::Duration;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Instant;

use nt35e_sim::aliyun::{CloudServer, CloudSettings};
use nt35e_sim::modem::ModemSettings;
use nt35e_sim::wire::{ModemServer, Resolve, ServerSettings};

const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// A modem on TCP, and the host at the other end.
struct Bench {
    _server: ModemServer,
    stream: TcpStream,
    heard: String,
}

impl Bench {
    fn new(broker: SocketAddr) -> Self {
        let settings = ServerSettings::new(ModemSettings::instant(), Resolve::All(broker));
        let server = ModemServer::start_tcp("127.0.0.1:0".parse().unwrap(), settings).unwrap();
        let stream = TcpStream::connect(server.address().unwrap()).unwrap();
        stream.set_read_timeout(Some(LONGEST_WAIT)).unwrap();
        Self { _server: server, stream, heard: String::new() }
    }

    /// Sends a line and reads up to and including `answer`.
    fn say(&mut self, line: &str, answer: &str) {
        self.stream.write_all(format!("{line}\r\n").as_bytes()).unwrap();
        self.expect(answer);
    }

    fn expect(&mut self, answer: &str) {
        let mut buffer = [0; 1024];
        while !self.heard.contains(answer) {
            let count = self.stream.read(&mut buffer).unwrap_or_default();
            assert!(count > 0, "waiting for {answer}, heard {}", self.heard);
            self.heard.push_str(&String::from_utf8_lossy(&buffer[..count]));
        }
        let end = self.heard.find(answer).unwrap() + answer.len();
        self.heard.drain(..end);
    }
}

#[test]
fn the_aliyun_double_is_reached_over_tcp() {
    let settings = CloudSettings::with_device("a1JszCpjS61", "NT35E_06011", "0123456789abcdef0123456789abcdef");
    let cloud = CloudServer::start(settings).unwrap();
    let mut host = Bench::new(cloud.address());
    host.say("ATE0", "OK\r\n");
    host.say("AT+LMQTTCFG=\"cloud\",0,2,1", "OK\r\n");
    let triple = "\"a1JszCpjS61\",\"NT35E_06011\",\"0123456789abcdef0123456789abcdef\"";
    host.say(&format!("AT+LMQTTCFG=\"aliauth\",0,{triple}"), "OK\r\n");
    host.say("AT+LMQTTOPEN=0,\"a1JszCpjS61.iot-as-mqtt.cn-shanghai.aliyuncs.com\",1883", "+LMQTTOPEN: 0,0\r\n");
    host.say("AT+LMQTTCONN=0,\"NT35E\"", "+LMQTTCONN: 0,0,0\r\n");
    let topic = "/a1JszCpjS61/NT35E_06011/user/COMMUTEST";
    host.say(&format!("AT+LMQTTPUB=0,1,1,0,\"{topic}\",4,\"abcd\""), "+LMQTTPUB: 0,1,0\r\n");
    assert_eq!(cloud.cloud().publishes_from("a1JszCpjS61", "NT35E_06011").len(), 1);
    assert!(cloud.cloud().kick("a1JszCpjS61", "NT35E_06011"));
    host.expect("+LMQTTURC: STATS,0,1\r\n");
}

#[test]
fn nobody_at_the_other_end() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut host = Bench::new(free);
    host.say("AT+LMQTTOPEN=0,\"h\",1883", "+LMQTTOPEN: 0,-1,5\r\n");
}

#[test]
fn mosquitto_understands_every_packet() {
    let broker = Mosquitto::start();
    for version in [3, 4] {
        let mut host = Bench::new(broker.address);
        host.say("ATE0", "OK\r\n");
        host.say(&format!("AT+LMQTTCFG=\"version\",0,{version}"), "OK\r\n");
        host.say("AT+LMQTTCFG=\"will\",0,1,1,0,\"will\",\"gone\"", "OK\r\n");
        host.say("AT+LMQTTOPEN=0,\"broker\",1883", "+LMQTTOPEN: 0,0\r\n");
        host.say(&format!("AT+LMQTTCONN=0,\"modem{version}\""), "+LMQTTCONN: 0,0,0\r\n");
        host.say("AT+LMQTTSUBUNSUB=0,0,1,\"t/#\",2,\"will\",1", "+LMQTTSUBUNSUB: 0,1,0,2,1\r\n");
        for qos in 0..3 {
            let id = if qos == 0 { 0 } else { 10 + qos };
            let command = format!("AT+LMQTTPUB=0,{id},{qos},0,\"t/{version}\",5,\"qos {qos}\"");
            host.say(&command, &format!("\"t/{version}\",qos {qos}\r\n"));
        }
        host.say("AT+LMQTTSUBUNSUB=0,1,2,\"t/#\"", "+LMQTTSUBUNSUB: 0,2,0\r\n");
        host.say("AT+LMQTTDISC=0", "+LMQTTDISC: 0,0\r\n");
    }
}

#[test]
fn a_session_without_goodbye_leaves_its_will() {
    let broker = Mosquitto::start();
    let mut watcher = Bench::new(broker.address);
    watcher.say("AT+LMQTTOPEN=0,\"broker\",1883", "+LMQTTOPEN: 0,0\r\n");
    watcher.say("AT+LMQTTCONN=0,\"watcher\"", "+LMQTTCONN: 0,0,0\r\n");
    watcher.say("AT+LMQTTSUBUNSUB=0,0,1,\"will\",1", "+LMQTTSUBUNSUB: 0,1,0,1\r\n");
    let mut host = Bench::new(broker.address);
    host.say("AT+LMQTTCFG=\"will\",0,1,1,0,\"will\",\"gone\"", "OK\r\n");
    host.say("AT+LMQTTOPEN=0,\"broker\",1883", "+LMQTTOPEN: 0,0\r\n");
    host.say("AT+LMQTTCONN=0,\"dying\"", "+LMQTTCONN: 0,0,0\r\n");
    host.say("AT+LMQTTCLOSE=0", "+LMQTTCLOSE: 0,0\r\n");
    watcher.expect(",\"will\",gone\r\n");
}

/// A broker of its own for each test.
struct Mosquitto {
    process: Child,
    address: SocketAddr,
}

impl Mosquitto {
    fn start() -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let port = address.port();
        let configuration = format!("{}/mosquitto-{port}.conf", env!("CARGO_TARGET_TMPDIR"));
        fs::write(&configuration, format!("listener {port} 127.0.0.1\nallow_anonymous true\n")).unwrap();
        let process = ["mosquitto", "/usr/sbin/mosquitto"]
            .into_iter()
            .find_map(|program| {
                let mut command = Command::new(program);
                command.args(["-c", &configuration]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()
            })
            .expect("mosquitto is installed; `cargo xtask test` does it");
        let broker = Self { process, address };
        let start = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(start.elapsed() < LONGEST_WAIT, "mosquitto does not listen on {address}");
            sleep(Duration::from_millis(10));
        }
        broker
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
