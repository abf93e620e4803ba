//! The host on a pseudo-terminal, which programs open like a serial port.

use core::sync::atomic::{AtomicBool, Ordering};
use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;

use nix::fcntl::{FcntlArg, FdFlag, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::openpty;
use nix::sys::termios::{SetArg, cfmakeraw, tcgetattr, tcsetattr};
use nix::unistd::ttyname;

use super::runner::Message;

/// The pseudo-terminal; closes when it is dropped.
#[derive(Debug)]
pub(super) struct HostPty {
    path: PathBuf,
    /// Kept open, so that the line stays up between two programs; also wakes the thread.
    slave: File,
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl HostPty {
    pub(super) fn start(runner: Sender<Message>) -> io::Result<Self> {
        let pair = openpty(None, None)?;
        let path = ttyname(&pair.slave)?;
        let mut mode = tcgetattr(&pair.slave)?;
        cfmakeraw(&mut mode);
        tcsetattr(&pair.slave, SetArg::TCSANOW, &mode)?;
        fcntl(&pair.master, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        // A program that this one starts must not keep the line up.
        fcntl(&pair.master, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))?;
        fcntl(&pair.slave, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))?;
        let writer = LossyWriter(File::from(pair.master.try_clone()?));
        let stopped = Arc::new(AtomicBool::new(false));
        // The line is always there, whether a program has opened it or not.
        let _ = runner.send(Message::HostCame(Box::new(writer)));
        let thread = {
            let stopped = Arc::clone(&stopped);
            std::thread::spawn(move || serve(pair.master, &stopped, &runner))
        };
        Ok(Self { path, slave: File::from(pair.slave), stopped, thread: Some(thread) })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for HostPty {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        let woken = self.slave.write_all(b"\0").is_ok();
        if let Some(thread) = self.thread.take().filter(|_| woken) {
            let _ = thread.join();
        }
    }
}

fn serve(master: OwnedFd, stopped: &AtomicBool, runner: &Sender<Message>) {
    let mut master = File::from(master);
    let mut buffer = [0; 4096];
    loop {
        let ready = poll(&mut [PollFd::new(master.as_fd(), PollFlags::POLLIN)], PollTimeout::NONE);
        if stopped.load(Ordering::SeqCst) || ready.is_err_and(|error| error != nix::errno::Errno::EINTR) {
            return;
        }
        match master.read(&mut buffer) {
            Ok(count) if count > 0 => {
                if runner.send(Message::HostWrote(buffer[..count].to_vec())).is_err() {
                    return;
                }
            }
            Err(error) if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock) => {}
            Ok(_) | Err(_) => return,
        }
    }
}

/// Loses what nobody reads, as a serial port without flow control does.
#[derive(Debug)]
struct LossyWriter(File);

impl Write for LossyWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.write(bytes) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(bytes.len()),
            other => other,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
