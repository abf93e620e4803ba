//! Builds the firmware of a board, just as its README says, for a made-up device.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::board::Board;
use crate::failure::Failure;

pub(crate) const PRODUCT_KEY: &str = "a1JszCpjS61";
pub(crate) const DEVICE_NAME: &str = "NT35E_06011";
/// Made up, like the rest of the triple.
pub(crate) const DEVICE_SECRET: &str = "0123456789abcdef0123456789abcdef";

/// Where the device publishes.
pub(crate) const UPDATE: &str = "/a1JszCpjS61/NT35E_06011/user/update";
/// What it listens to.
pub(crate) const GET: &str = "/a1JszCpjS61/NT35E_06011/user/get";

/// What the firmware publishes after each sign-in.
pub(crate) fn greeting(board: &Board) -> Vec<u8> {
    format!(r#"{{"start":"{}"}}"#, board.name).into_bytes()
}

/// Gives the path of the image.
pub(crate) fn build(board: &Board) -> Result<PathBuf, Failure> {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let status = Command::new("cargo")
        .args(["build", "--release", "--target-dir"])
        .arg(target_folder()?)
        .current_dir(examples.join(board.name))
        .env("NT35E_PRODUCT_KEY", PRODUCT_KEY)
        .env("NT35E_DEVICE_NAME", DEVICE_NAME)
        .env("NT35E_DEVICE_SECRET", DEVICE_SECRET)
        .status()
        .map_err(Failure::while_trying("cargo cannot be started"))?;
    if !status.success() {
        return Err(Failure::new(format!("the firmware of {} does not build", board.name)));
    }
    Ok(target_folder()?.join(board.target).join("release").join(board.name))
}

/// Not that of the example: whoever builds the firmware with another triple has another image. The step `boards` builds all
/// of them here.
pub(crate) fn target_folder() -> Result<PathBuf, Failure> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target");
    let folder = env::var_os("CARGO_TARGET_DIR").map_or(workspace, PathBuf::from).join("boards");
    std::path::absolute(folder).map_err(Failure::while_trying("the target folder"))
}
