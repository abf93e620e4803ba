//! QEMU: the firmware runs for as long as this lives.

use core::net::SocketAddr;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::board::Board;
use crate::failure::Failure;

#[derive(Debug)]
pub(crate) struct Emulator(Child);

impl Emulator {
    /// Starts the firmware, with its serial line at a TCP port.
    pub(crate) fn start(board: &Board, image: &Path, modem: SocketAddr) -> Result<Self, Failure> {
        let mut command = Command::new("qemu-system-arm");
        // A firmware that restarts itself has panicked: then the emulator ends.
        command.args(["-M", board.machine, "-display", "none", "-monitor", "none", "-no-reboot"]);
        command.args(["-serial", &format!("tcp:{modem},nodelay=on"), "-kernel"]).arg(image);
        // A group of its own: Ctrl-C is for this program alone, which ends the emulator.
        command.stdin(Stdio::null()).process_group(0);
        end_with_this_thread(&mut command);
        command.spawn().map(Self).map_err(Failure::while_trying("qemu-system-arm cannot be started"))
    }

    /// Fails if the emulator has ended, which it does only if the firmware restarts itself.
    pub(crate) fn check(&mut self) -> Result<(), Failure> {
        match self.0.try_wait() {
            Ok(None) => Ok(()),
            Ok(Some(status)) => Err(Failure::new(format!(
                "qemu-system-arm ended with {status}: the firmware may have restarted itself"
            ))),
            Err(error) => Err(Failure::new(format!("qemu-system-arm cannot be watched: {error}"))),
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // Both fail only if it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Lets the emulator end even if this program is killed, and has no time to drop anything.
#[cfg(target_os = "linux")]
fn end_with_this_thread(command: &mut Command) {
    let request = || Ok(nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGKILL)?);
    // SAFETY: between fork and exec it makes one system call, and allocates nothing.
    unsafe { command.pre_exec(request) };
}

#[cfg(not(target_os = "linux"))]
fn end_with_this_thread(_: &mut Command) {}
