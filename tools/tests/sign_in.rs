//! Each option of `sign-in` reaches the wire, and each failure comes with its likely cause.

mod bench;

use std::fs;

use bench::{Bench, DEVICE_SECRET, Run, temporary};
use nt35e_sim::modem::{ModemSettings, Registration};

#[test]
fn each_option_is_what_the_modem_is_told() {
    for (options, line) in [
        (&[][..], "AT+LMQTTOPEN=0,\"a1JszCpjS61.iot-as-mqtt.cn-shanghai.aliyuncs.com\",1883\r\n"),
        (
            &["--region", "ap-southeast-1"],
            "AT+LMQTTOPEN=0,\"a1JszCpjS61.iot-as-mqtt.ap-southeast-1.aliyuncs.com\",1883\r\n",
        ),
        (&["--instance", "iot-060a06ph"], "AT+LMQTTOPEN=0,\"iot-060a06ph.mqtt.iothub.aliyuncs.com\",1883\r\n"),
        (&["--host", "mqtt.example.com:8883"], "AT+LMQTTOPEN=0,\"mqtt.example.com\",8883\r\n"),
        (&["--mqtt-port", "443"], ".aliyuncs.com\",443\r\n"),
        (&["--keep-alive", "600"], "AT+LMQTTCFG=\"keepalive\",0,600\r\n"),
        (&["--client-id", "lamp-7"], "AT+LMQTTCONN=0,\"lamp-7\"\r\n"),
        (
            &["--sign-by", "host"],
            "AT+LMQTTCONN=0,\"bench_1|securemode=3,signmethod=hmacsha256|\",\"bench_1&a1JszCpjS61\",\"",
        ),
        (&["--tls-context", "2"], "AT+LMQTTCFG=\"sslenable\",0,1,2\r\n"),
        (&["--apn", "cmiot"], "\"cmiot\""),
        (
            &["--subscribe", "/a1JszCpjS61/bench_1/user/get"],
            "AT+LMQTTSUBUNSUB=0,0,1,\"/a1JszCpjS61/bench_1/user/get\",1\r\n",
        ),
    ] {
        let bench = Bench::tcp(ModemSettings::instant());
        let run = bench.sign_in(options, DEVICE_SECRET);
        let [from_host, _] = bench.traffic().map(|bytes| String::from_utf8(bytes).unwrap());
        assert!(from_host.contains(line), "{options:?}: {line} in {from_host}");
        // The double of the cloud has no TLS.
        if options != ["--tls-context", "2"] {
            assert_eq!(run.status, Some(0), "{options:?}: {}{}", run.stdout, run.stderr);
        }
        let secret_went = from_host.contains(DEVICE_SECRET);
        assert_eq!(secret_went, options != ["--sign-by", "host"], "{options:?}");
    }
}

#[test]
fn options_that_break_a_rule_are_named_before_anything_is_sent() {
    let pin = temporary("pin");
    fs::write(&pin, "47\n").unwrap();
    for (options, complaint) in [
        (&["--keep-alive", "20"][..], "--keep-alive: "),
        (&["--instance", "iot 1"], "--instance: "),
        (&["--client-id", "a|b"], "--client-id: "),
        (&["--apn", "a\"b"], "--apn: "),
        (&["--pin-file", &pin], "--pin-file: "),
        (&["--pin-file", "/dev/no-such-file"], "--pin-file /dev/no-such-file: No such file"),
    ] {
        let bench = Bench::tcp(ModemSettings::instant());
        bench.sign_in(options, DEVICE_SECRET).failed_with(complaint);
        assert!(bench.traffic()[0].is_empty(), "{options:?}");
    }
    let run = Run::of(&["sign-in", "--instance", "x", "--region", "cn-shanghai"]);
    assert_eq!(run.status, Some(2), "{}", run.stderr);
}

#[test]
fn each_code_of_a_refusal_has_its_likely_cause() {
    let connect = "AT+LMQTTCONN=0,\"bench_1\"\r\n";
    let open = "AT+LMQTTOPEN=0,\"a1JszCpjS61.iot-as-mqtt.cn-shanghai.aliyuncs.com\",1883\r\n";
    for (command, result, complaint, cause) in [
        (connect, "+LMQTTCONN: 0,0,1", "Refused(ProtocolVersion)", "the connection broke during the sign-in"),
        (
            connect,
            "+LMQTTCONN: 0,0,2",
            "Refused(ClientId)",
            "the platform does not take this kind of sign-in: accounts",
        ),
        (
            connect,
            "+LMQTTCONN: 0,0,3",
            "Refused(ServerUnavailable)",
            "the platform is busy, or more than five sign-ins",
        ),
        (connect, "+LMQTTCONN: 0,0,4", "Refused(BadCredentials)", "a part of the triple is wrong"),
        (connect, "+LMQTTCONN: 0,0,5", "Refused(NotAuthorized)", "the device is disabled or deleted"),
        (connect, "+LMQTTCONN: 0,2", "SendFailed", "the connection broke during the sign-in"),
        (open, "+LMQTTOPEN: 0,-1,1", "Parameter", "nobody listens there"),
        (open, "+LMQTTOPEN: 0,-1,3", "PdpActivation", "the network carries no data"),
        (open, "+LMQTTOPEN: 0,-1,4", "Dns", "the host's name is wrong"),
        (open, "+LMQTTOPEN: 0,-1,5", "NetworkDown", "the network carries no data"),
    ] {
        let answer: &'static str = format!("\r\nOK\r\n\r\n{result}\r\n").leak();
        let run = Bench::tcp(ModemSettings::instant()).with_answer(command, answer).sign_in(&[], DEVICE_SECRET);
        run.failed_with(complaint);
        run.failed_with(&format!("likely: {cause}"));
    }
    let run = Bench::tcp(ModemSettings::instant())
        .with_answer("AT+LMQTTCFG=\"cloud\",0,2,1\r\n", "\r\nERROR\r\n")
        .sign_in(&[], DEVICE_SECRET);
    run.failed_with("likely: the firmware does not know a command of the sign-in");
}

#[test]
fn what_keeps_the_modem_from_the_network_has_its_likely_cause() {
    let pin = temporary("pin");
    fs::write(&pin, "4711\n").unwrap();
    let with_pin = |pin: &str| {
        let mut settings = ModemSettings::instant();
        settings.radio.pin = Some(pin.to_owned());
        settings
    };
    let mut roaming = ModemSettings::instant();
    roaming.radio.registration = Registration::Roaming;
    for (settings, options, complaint) in [
        (with_pin("4711"), &["--wait", "1"][..], "likely: the SIM wants a PIN: give it by --pin-file"),
        (with_pin("1234"), &["--wait", "1", "--pin-file", &pin], "likely: this is not the PIN of this SIM"),
        (roaming.clone(), &["--wait", "1", "--home-only"], "not registered in the network: Roaming"),
    ] {
        Bench::tcp(settings).sign_in(options, DEVICE_SECRET).failed_with(complaint);
    }
    assert_eq!(Bench::tcp(roaming).sign_in(&[], DEVICE_SECRET).status, Some(0));
    let bench = Bench::tcp(with_pin("4711"));
    assert_eq!(bench.sign_in(&["--pin-file", &pin], DEVICE_SECRET).status, Some(0));
}
