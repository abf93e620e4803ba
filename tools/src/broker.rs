//! A broker for the probe, which does on request what no good broker does: refuse, keep silent, cut the link.
//!
//! It serves one modem on a machine that the modem reaches, for as long as the probe takes: it asks nobody for a password and
//! keeps nothing. MQTT 3.1 and 3.1.1, exact topics, QoS 0 and 1. What it does is decided by the last level of a topic:
//!
//! | topic | what happens |
//! |---|---|
//! | `…/refused` | a subscription to it is refused |
//! | `…/login` | a subscription to it is answered with client id and user name of this session |
//! | `…/unacknowledged` | a message at QoS 1 is not acknowledged |
//! | `…/cut` | a message cuts the connection |
//! | `…/later` | a message comes back 400 ms later on `…/later/back` |
//!
//! The user name `refuse-me` is refused with code 4.

use core::time::Duration;
use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// Longest packet that is taken.
const LONGEST: usize = 64 * 1024;
const LATER: Duration = Duration::from_millis(400);

/// Serves everybody who connects, until the listener fails.
///
/// # Errors
/// If the listener fails.
pub fn serve(listener: &TcpListener) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept()?;
        thread::spawn(move || {
            // Whoever breaks off is gone, and that is all there is to say.
            let _ = Client::new(stream).and_then(Client::run);
        });
    }
}

struct Client {
    reading: TcpStream,
    writing: Arc<Mutex<TcpStream>>,
    /// Filters with the quality that was granted.
    filters: BTreeMap<String, u8>,
    login: String,
    last_packet_id: u16,
}

impl Client {
    fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        let writing = Arc::new(Mutex::new(stream.try_clone()?));
        Ok(Self { reading: stream, writing, filters: BTreeMap::new(), login: String::new(), last_packet_id: 0 })
    }

    fn run(mut self) -> io::Result<()> {
        loop {
            let (kind, body) = self.packet()?;
            let mut fields = Fields(&body);
            let goes_on = match kind >> 4 {
                1 => self.connect(&mut fields)?,
                3 => self.publish(kind, &mut fields)?,
                8 => self.subscribe(&mut fields)?,
                10 => {
                    let id = fields.number()?;
                    while let Ok(filter) = fields.text() {
                        self.filters.remove(&filter);
                    }
                    self.send(0xB0, &id.to_be_bytes())?
                }
                12 => self.send(0xD0, &[])?,
                4 => true,
                _ => false,
            };
            if !goes_on {
                return self.reading.shutdown(std::net::Shutdown::Both);
            }
        }
    }

    fn packet(&mut self) -> io::Result<(u8, Vec<u8>)> {
        let (mut byte, mut length) = ([0], 0);
        self.reading.read_exact(&mut byte)?;
        let kind = byte[0];
        for shift in [0, 7, 14, 21] {
            self.reading.read_exact(&mut byte)?;
            length |= usize::from(byte[0] & 0x7F) << shift;
            if byte[0] & 0x80 == 0 {
                break;
            }
        }
        if length > LONGEST {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut body = vec![0; length];
        self.reading.read_exact(&mut body)?;
        Ok((kind, body))
    }

    fn connect(&mut self, fields: &mut Fields<'_>) -> io::Result<bool> {
        fields.text()?;
        fields.byte()?;
        let flags = fields.byte()?;
        fields.number()?;
        let client_id = fields.text()?;
        if flags & 0x04 != 0 {
            fields.text()?;
            fields.text()?;
        }
        let username = if flags & 0x80 != 0 { fields.text()? } else { String::new() };
        self.login = format!("login={client_id};{username}");
        if username == "refuse-me" {
            self.send(0x20, &[0, 4])?;
            // Whoever is refused hears of it before the connection ends.
            thread::sleep(Duration::from_millis(200));
            return Ok(false);
        }
        self.send(0x20, &[0, 0])
    }

    fn subscribe(&mut self, fields: &mut Fields<'_>) -> io::Result<bool> {
        let mut answer = fields.number()?.to_be_bytes().to_vec();
        let mut asks_for_login = None;
        while let Ok(filter) = fields.text() {
            let quality = fields.byte()?.min(1);
            if filter.ends_with("/refused") {
                answer.push(128);
                continue;
            }
            answer.push(quality);
            if filter.ends_with("/login") {
                asks_for_login = Some(filter.clone());
            }
            self.filters.insert(filter, quality);
        }
        self.send(0x90, &answer)?;
        if let Some(topic) = asks_for_login {
            let login = self.login.clone();
            self.deliver(&topic, login.as_bytes())?;
        }
        Ok(true)
    }

    fn publish(&mut self, kind: u8, fields: &mut Fields<'_>) -> io::Result<bool> {
        let topic = fields.text()?;
        let quality = kind >> 1 & 3;
        let id = if quality > 0 { Some(fields.number()?) } else { None };
        let payload = fields.0.to_vec();
        match topic.rsplit('/').next() {
            Some("cut") => return Ok(false),
            Some("unacknowledged") => return Ok(true),
            Some("later") => {
                let message = message(&format!("{topic}/back"), None, &payload);
                let writing = Arc::clone(&self.writing);
                thread::spawn(move || {
                    thread::sleep(LATER);
                    write(&writing, 0x30, &message)
                });
            }
            _ => {}
        }
        if let Some(id) = id {
            self.send(0x40, &id.to_be_bytes())?;
        }
        if self.filters.contains_key(&topic) {
            self.deliver(&topic, &payload)?;
        }
        Ok(true)
    }

    fn deliver(&mut self, topic: &str, payload: &[u8]) -> io::Result<bool> {
        if self.filters.get(topic) != Some(&1) {
            return self.send(0x30, &message(topic, None, payload));
        }
        self.last_packet_id = self.last_packet_id % u16::MAX + 1;
        self.send(0x32, &message(topic, Some(self.last_packet_id), payload))
    }

    fn send(&self, kind: u8, body: &[u8]) -> io::Result<bool> {
        write(&self.writing, kind, body).map(|()| true)
    }
}

fn message(topic: &str, id: Option<u16>, payload: &[u8]) -> Vec<u8> {
    let length = (topic.len() as u16).to_be_bytes();
    let id = id.map(|id| id.to_be_bytes().to_vec()).unwrap_or_default();
    [&length, topic.as_bytes(), &id, payload].concat()
}

fn write(stream: &Mutex<TcpStream>, kind: u8, body: &[u8]) -> io::Result<()> {
    let mut packet = vec![kind];
    let mut length = body.len();
    loop {
        let rest = length >> 7;
        packet.push((length & 0x7F) as u8 | if rest > 0 { 0x80 } else { 0 });
        length = rest;
        if rest == 0 {
            break;
        }
    }
    packet.extend_from_slice(body);
    stream.lock().unwrap_or_else(PoisonError::into_inner).write_all(&packet)
}

/// What of a packet is still to be read.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take(&mut self, count: usize) -> io::Result<Vec<u8>> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(io::ErrorKind::InvalidData)?;
        self.0 = rest;
        Ok(taken.to_vec())
    }

    fn byte(&mut self) -> io::Result<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    fn number(&mut self) -> io::Result<u16> {
        self.take(2).map(|bytes| u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    fn text(&mut self) -> io::Result<String> {
        let length = self.number()?;
        let bytes = self.take(length.into())?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}
