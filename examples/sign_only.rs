//! Signing alone: what any MQTT client needs to sign a device in at Alibaba Cloud IoT, without a modem and without memory.
//!
//! `cargo run --example sign_only --features sign-sha256` prints it; `cargo test --example sign_only --features sign-sha256`
//! holds it to a known answer.

use nt35e::aliyun::sign::{Credentials, SecureMode, SignMethod, Signing};
use nt35e::aliyun::{DeviceClientId, Region};
use nt35e::{InvalidField, Triple};

/// As the console shows it; this DeviceSecret is made up.
const TRIPLE: [&str; 3] = ["a1JszCpjS61", "NT35E_06011", "0123456789abcdef0123456789abcdef"];

fn sign() -> Result<(String, Credentials), InvalidField> {
    let [product_key, device_name, device_secret] = TRIPLE;
    let triple = Triple::new(product_key, device_name, device_secret)?;
    let host = Region::Shanghai.host(triple).to_string();
    let signing = Signing::new(SignMethod::HMAC_SHA256);
    Ok((host, signing.credentials(triple, DeviceClientId::new("NT35E")?, SecureMode::Tls)))
}

fn main() -> Result<(), InvalidField> {
    let (host, credentials) = sign()?;
    println!("host       {host}, port 1883 with TLS");
    println!("client id  {}", credentials.client_id());
    println!("user name  {}", credentials.user_name());
    // Only because it is made up: a password does not belong into a terminal.
    println!("password   {}", credentials.expose_password());
    Ok(())
}

#[test]
fn the_answer_is_known() {
    let (host, credentials) = sign().unwrap();
    assert_eq!(host, "a1JszCpjS61.iot-as-mqtt.cn-shanghai.aliyuncs.com");
    assert_eq!(credentials.client_id(), "NT35E|securemode=2,signmethod=hmacsha256|");
    assert_eq!(credentials.user_name(), "NT35E_06011&a1JszCpjS61");
    assert_eq!(credentials.expose_password(), "D3932157F7ADCF2036046D08926A6FC28333D47028B2638D44E7DD00690839E2");
}
