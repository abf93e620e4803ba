//! The host on a TCP port: one at a time, the next one waits until the line is free.

use core::net::SocketAddr;
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::io::{self, ErrorKind, Read};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use super::runner::Message;

/// A host that does not read for so long is taken for gone.
const WRITE_LIMIT: Duration = Duration::from_secs(5);

/// The listening side; stops when it is dropped.
#[derive(Debug)]
pub(super) struct HostTcp {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    stopped: AtomicBool,
    current: Mutex<Option<TcpStream>>,
}

impl HostTcp {
    pub(super) fn start(address: SocketAddr, runner: Sender<Message>) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let thread = {
            let shared = Arc::clone(&shared);
            std::thread::spawn(move || serve(&listener, &shared, &runner))
        };
        Ok(Self { address, shared, thread: Some(thread) })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for HostTcp {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        if let Some(stream) = self.shared.current().take() {
            let _ = stream.shutdown(Shutdown::Both);
        }
        // Wakes the thread if it waits for a host.
        let woken = TcpStream::connect_timeout(&self.address, Duration::from_secs(1)).is_ok();
        if let Some(thread) = self.thread.take().filter(|thread| woken || thread.is_finished()) {
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn current(&self) -> MutexGuard<'_, Option<TcpStream>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn serve(listener: &TcpListener, shared: &Shared, runner: &Sender<Message>) {
    for stream in listener.incoming() {
        if shared.stopped.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        let left = serve_one(stream, shared, runner).is_err();
        shared.current().take();
        if left || runner.send(Message::HostLeft).is_err() {
            return;
        }
    }
}

/// An error if nobody needs this thread any more.
fn serve_one(mut stream: TcpStream, shared: &Shared, runner: &Sender<Message>) -> Result<(), Stopped> {
    let prepare = || {
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(WRITE_LIMIT))?;
        Ok::<_, io::Error>((stream.try_clone()?, stream.try_clone()?))
    };
    let Ok((writer, control)) = prepare() else {
        return Ok(());
    };
    *shared.current() = Some(control);
    if shared.stopped.load(Ordering::SeqCst) {
        return Err(Stopped);
    }
    runner.send(Message::HostCame(Box::new(writer))).map_err(|_| Stopped)?;
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer) {
            Ok(count) if count > 0 => {
                runner.send(Message::HostWrote(buffer[..count].to_vec())).map_err(|_| Stopped)?;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Ok(_) | Err(_) => return Ok(()),
        }
    }
}

/// The server is being dropped.
struct Stopped;
