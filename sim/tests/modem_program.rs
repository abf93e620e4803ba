//! The program `nt35e-sim`, started as a user starts it.

use core::time::Duration;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use nt35e_sim::transcript::{Provenance, Transcript};

/// The program while it runs.
struct Program {
    process: Child,
    orders: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Program {
    fn start(arguments: &[&str]) -> Self {
        let mut process = program(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let orders = process.stdin.take().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        Self { process, orders, output }
    }

    /// The next line of the output that begins like this.
    fn line(&mut self, beginning: &str) -> String {
        let mut line = String::new();
        while line.is_empty() || !line.starts_with(beginning) {
            line.clear();
            assert!(self.output.read_line(&mut line).unwrap() > 0, "no line begins with {beginning}");
        }
        line.trim_end().to_owned()
    }

    /// Reads the output up to a line with this text.
    fn until(&mut self, text: &str) {
        while !self.line("").contains(text) {}
    }

    fn order(&mut self, order: &str) {
        writeln!(self.orders, "{order}").unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nt35e-sim"));
    command.args(arguments);
    command
}

fn error_of(arguments: &[&str]) -> String {
    let output = program(arguments).output().unwrap();
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn it_serves_obeys_and_writes_a_transcript() {
    let transcript = format!("{}/program.at", env!("CARGO_TARGET_TMPDIR"));
    let arguments = ["--listen", "127.0.0.1:0", "--already-running", "--transcript", &transcript];
    let mut program = Program::start(&arguments);
    let address = program.line("modem    TCP ").split_off("modem    TCP ".len());
    let mut host = TcpStream::connect(address).unwrap();
    host.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut expect = |command: &str, answer: &str| {
        host.write_all(command.as_bytes()).unwrap();
        let mut bytes = vec![0; answer.len()];
        host.read_exact(&mut bytes).unwrap();
        assert_eq!(String::from_utf8_lossy(&bytes), answer);
    };
    expect("ATE0\r\n", "ATE0\r\r\nOK\r\n");
    program.order("inject RDY");
    expect("", "\r\nRDY\r\n");
    program.order("dance");
    assert_eq!(program.line("cannot"), "cannot \"dance\"; try help");
    program.order("quit");
    assert!(program.process.wait().unwrap().success());

    let transcript: Transcript = fs::read_to_string(transcript).unwrap().parse().unwrap();
    assert_eq!(transcript.provenance(), Some(Provenance::Simulated));
    let last = transcript.entries.last().unwrap().to_string();
    assert!(last.ends_with("\\r\\nRDY\\r\\n"), "{last}");
}

#[test]
fn faults_strike_as_listed_typed_or_by_chance() {
    let listen = ["--listen", "127.0.0.1:0", "--already-running"];
    let mut program = Program::start(&[&listen[..], &["--faults", "100ms <3 drop <1; 1h restart"]].concat());
    let address = program.line("modem    TCP ").split_off("modem    TCP ".len());
    assert_eq!(program.line("fault"), "fault    100ms <3 drop <1");
    assert_eq!(program.line("fault"), "fault    1h restart");
    assert!(program.line("    0.100 ! ").ends_with("<3 drop <1"));
    let mut host = TcpStream::connect(address).unwrap();
    host.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut expect = |command: &str, answer: &str| {
        host.write_all(command.as_bytes()).unwrap();
        let mut bytes = vec![0; answer.len()];
        host.read_exact(&mut bytes).unwrap();
        assert_eq!(String::from_utf8_lossy(&bytes), answer);
    };
    expect("ATE0\r\n", "ATE\r\r\nOK\r\n");
    program.order("<2 repeat <1");
    program.order("help");
    program.line("  repeat");
    expect("AT\r\n", "\r\nOOK\r\n");
    program.order("flood 1 9");
    program.order("kick");
    program.order("quit");
    assert!(program.process.wait().unwrap().success());

    let mut printed = Vec::new();
    for _ in 0..2 {
        let mut program = Program::start(&[&listen[..], &["--faults", "random 5", "--seed", "7"]].concat());
        assert_eq!(program.line("seed"), "seed     7");
        printed.push([(); 5].map(|()| program.line("fault")));
    }
    assert_eq!(printed[0], printed[1]);
    assert!(error_of(&["--faults", "5s lunch"]).contains("'--faults <SCHEDULE>': no fault is called `lunch`"));
}

#[test]
fn the_console_shows_what_the_device_does_and_calls_it() {
    let mut program = Program::start(&["--listen", "127.0.0.1:0", "--already-running"]);
    let address = program.line("modem    TCP ").split_off("modem    TCP ".len());
    let mut host = TcpStream::connect(address).unwrap();
    host.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut heard = String::new();
    let mut until = |host: &mut TcpStream, text: &str| {
        while !heard.contains(text) {
            let mut bytes = [0; 256];
            let count = host.read(&mut bytes).unwrap();
            assert!(count > 0, "no {text} in {heard}");
            heard.push_str(&String::from_utf8_lossy(&bytes[..count]));
        }
        heard.drain(..heard.find(text).unwrap() + text.len());
    };
    program.order(r#"set {"Light":1}"#);
    assert_eq!(program.line("a1JszCpjS61/"), "a1JszCpjS61/NT35E_06011: 9201: the device is offline");
    let thing = "/sys/a1JszCpjS61/NT35E_06011/thing";
    let post = r#"{"id":"1","params":{"Temperature":23.5}}"#;
    for (line, answer) in [
        ("AT+LMQTTCFG=\"cloud\",0,2,1".to_owned(), "OK\r\n"),
        (
            "AT+LMQTTCFG=\"aliauth\",0,\"a1JszCpjS61\",\"NT35E_06011\",\"0123456789abcdef0123456789abcdef\"".to_owned(),
            "OK\r\n",
        ),
        ("AT+LMQTTOPEN=0,\"a1JszCpjS61.iot-as-mqtt.cn-shanghai.aliyuncs.com\",1883".to_owned(), "+LMQTTOPEN: 0,0\r\n"),
        ("AT+LMQTTCONN=0,\"NT35E\"".to_owned(), "+LMQTTCONN: 0,0,0\r\n"),
        (format!("AT+LMQTTSUBUNSUB=0,0,1,\"{thing}/service/property/set\",1"), "+LMQTTSUBUNSUB: 0,1,0,1\r\n"),
        (format!("AT+LMQTTPUB=0,1,1,0,\"{thing}/event/property/post\",{}", post.len()), "> "),
    ] {
        write!(host, "{line}\r\n").unwrap();
        until(&mut host, answer);
    }
    write!(host, "{post}").unwrap();
    program.until("* a1JszCpjS61/NT35E_06011 is online");
    program.until("* property Temperature = 23.5");
    program.order(r#"set {"Light":1}"#);
    until(
        &mut host,
        r#"{"method":"thing.service.property.set","id":"160500006","params":{"Light":1},"version":"1.0.0"}"#,
    );
    let reply = r#"{"id":"160500006","code":200,"data":{}}"#;
    write!(host, "AT+LMQTTPUB=0,2,1,0,\"{thing}/service/property/set_reply\",{}\r\n", reply.len()).unwrap();
    until(&mut host, "> ");
    write!(host, "{reply}").unwrap();
    program.until("* answer to call 160500006: code 200");
    program.order("broadcast all");
    program.until("a1JszCpjS61: sent to 1 online");
}

#[test]
fn errors_name_the_option_that_is_to_blame() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    assert!(error_of(&["--listen", &address]).starts_with(&format!("error: --listen {address}: ")));
    assert!(error_of(&["--transcript", "/no/such/folder/file.at"]).starts_with("error: --transcript /no/such/folder"));
    assert!(error_of(&["--quirk", "a=b"]).contains("'--quirk <NAME=VALUE>': no quirk is called `a`"));
    assert!(error_of(&["--broker", "127.0.0.1"]).contains("'--broker <HOST:PORT>'"));
}

#[test]
fn the_quirks_are_listed() {
    let output = program(&["--list-quirks"]).output().unwrap();
    assert!(output.status.success());
    assert!(String::from_utf8(output.stdout).unwrap().contains("  unsubscribed_name  *correct | misspelt\n"));
}
