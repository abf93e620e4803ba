//! The check on small firmwares, compiled here, in which somebody can panic or nobody can.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Call, Origin, calls, check, panics};

/// A firmware of three crates, as far as their paths tell: the driver, a HAL, and the application that calls both.
struct Firmware {
    folder: PathBuf,
}

const APPLICATION: &str = "
    #![no_std]
    #![no_main]
    #[path = \"../../../src/driver.rs\"]
    mod driver;
    #[path = \"../../../../registry/src/index-1/hal-1.0.0/lib.rs\"]
    mod hal;

    #[panic_handler]
    fn panic(_: &core::panic::PanicInfo) -> ! {
        loop {}
    }

    #[unsafe(no_mangle)]
    extern \"C\" fn _start(bytes: &'static mut [u8; 64], length: usize, index: usize) -> usize {
        let bytes = &mut bytes[..length & 63];
        driver::run(bytes, index)
    }
";

impl Firmware {
    fn new(driver: &str, hal: &str) -> Self {
        use core::sync::atomic::{AtomicU32, Ordering};
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("nt35e-panics-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let firmware = Self { folder: std::env::temp_dir().join(name) };
        firmware.write("driver/src/driver.rs", driver);
        firmware.write("registry/src/index-1/hal-1.0.0/lib.rs", hal);
        firmware.write("driver/examples/application/src/main.rs", APPLICATION);
        firmware
    }

    fn write(&self, file: &str, text: &str) {
        let file = self.folder.join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    fn root(&self) -> PathBuf {
        self.folder.join("driver")
    }

    fn compile(&self, target: &str, options: &[&str]) -> PathBuf {
        let image = self.folder.join(format!("{target}.elf"));
        let status = Command::new("rustc")
            .args(["--edition=2024", "-Cpanic=abort", "--target", target, "-o"])
            .arg(&image)
            .args(options)
            .arg(self.root().join("examples/application/src/main.rs"))
            .status()
            .unwrap();
        assert!(status.success(), "the firmware must compile for {target}");
        image
    }
}

impl Drop for Firmware {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// What is called, for two kinds of Thumb code and two ways to optimise it.
fn each_build(driver: &str, hal: &str, judge: impl Fn(&[Call], &Path, &Path)) {
    let firmware = Firmware::new(driver, hal);
    for target in ["thumbv6m-none-eabi", "thumbv7em-none-eabihf"] {
        for level in ["-Copt-level=z", "-Copt-level=3"] {
            let image = firmware.compile(target, &["-g", level]);
            judge(&calls(&image, &firmware.root()).unwrap(), &image, &firmware.root());
        }
    }
}

fn assert_guilty(driver: &str, hal: &str, function: &str) {
    each_build(driver, hal, |_, image, root| {
        let failure = check(&[image.to_owned()], root).expect_err("the driver can panic").to_string();
        assert!(failure.contains(function), "{failure}");
    });
}

fn assert_not_guilty(driver: &str, hal: &str, origins: &[&str]) {
    each_build(driver, hal, |calls, image, root| {
        check(&[image.to_owned()], root).unwrap();
        let found: Vec<String> = calls.iter().map(|call| call.site.origin.to_string()).collect();
        assert_eq!(found, origins, "{calls:?}");
    });
}

const NO_HAL: &str = "";

#[test]
fn an_index_of_the_drivers_is_found() {
    assert_guilty("pub fn run(bytes: &mut [u8], index: usize) -> usize { bytes[index].into() }", NO_HAL, "driver::run");
}

#[test]
fn a_panic_by_way_of_core_is_found() {
    let copy = "pub fn run(bytes: &mut [u8], index: usize) -> usize {
        let (left, right) = bytes.split_at_mut(index & 7);
        left.copy_from_slice(right);
        index
    }";
    assert_guilty(copy, NO_HAL, "driver::run");
    let unwrap =
        "pub fn run(bytes: &mut [u8], index: usize) -> usize { bytes.iter().nth(index).copied().unwrap().into() }";
    assert_guilty(unwrap, NO_HAL, "driver::run");
}

#[test]
fn a_panic_of_the_drivers_that_was_inlined_elsewhere_is_found() {
    let driver = "pub fn run(bytes: &mut [u8], index: usize) -> usize { crate::hal::read(bytes, index) }
        #[inline(always)]
        pub fn pick(bytes: &[u8], index: usize) -> usize { bytes[index].into() }";
    let hal = "#[inline(never)]
        pub fn read(bytes: &[u8], index: usize) -> usize { crate::driver::pick(bytes, index) }";
    assert_guilty(driver, hal, "driver::pick");
}

#[test]
fn what_the_driver_calls_is_not_the_drivers() {
    let driver = "#[inline(never)]
        pub fn run(bytes: &mut [u8], index: usize) -> usize { crate::hal::read(bytes, index) }";
    let hal = "#[inline(always)]
        pub fn read(bytes: &[u8], index: usize) -> usize { bytes[index].into() }";
    assert_not_guilty(driver, hal, &["hal"]);
}

#[test]
fn a_driver_without_panics_is_not_guilty() {
    let driver = "#[inline(never)]
        pub fn run(bytes: &mut [u8], index: usize) -> usize { bytes.get(index).copied().unwrap_or(0).into() }";
    assert_not_guilty(driver, NO_HAL, &[]);
}

#[test]
fn a_future_that_may_be_polled_again_is_listed_and_no_failure() {
    let driver = "use core::task::{Context, Poll, Waker};
        #[inline(never)]
        async fn wait(index: usize) -> usize { index }
        #[inline(never)]
        pub fn run(_bytes: &mut [u8], index: usize) -> usize {
            let mut future = core::pin::pin!(wait(index));
            let mut polled = 0;
            for _ in 0..index {
                if let Poll::Ready(index) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                    polled += index;
                }
            }
            polled
        }";
    each_build(driver, NO_HAL, |calls, image, root| {
        check(&[image.to_owned()], root).unwrap();
        assert!(calls.iter().any(|call| call.site.origin == Origin::Driver && call.is_resumption()), "{calls:?}");
    });
}

#[test]
fn without_debug_information_nothing_is_claimed() {
    let firmware = Firmware::new("pub fn run(bytes: &mut [u8], index: usize) -> usize { bytes[index].into() }", NO_HAL);
    let image = firmware.compile("thumbv7em-none-eabihf", &["-Copt-level=z"]);
    let failure = check(&[image], &firmware.root()).expect_err("nothing can be told").to_string();
    assert!(failure.contains("debug information"), "{failure}");
}

#[test]
fn functions_that_panic_by_themselves_are_known_by_their_names() {
    for name in ["core::panicking::panic_bounds_check", "_defmt_panic", "__rustc::rust_begin_unwind"] {
        assert!(panics(name), "{name}");
    }
    assert!(!panics("core::option::unwrap_failed"), "it is found by what it calls");
    assert!(!panics("application::not_core::panicking::panic"));
}
