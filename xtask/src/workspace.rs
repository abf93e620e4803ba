//! Where things are: the root of the repository and the folder that cargo builds into.

use std::env;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

#[derive(Debug)]
pub(crate) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    pub(crate) fn find() -> Result<Self, Failure> {
        // Asked for when it runs, so that a binary in a shared target folder never works on another checkout.
        let manifest_folder = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        match manifest_folder.as_deref().and_then(Path::parent) {
            Some(root) => Ok(Self { root: root.to_owned() }),
            None => Err(Failure::new("cannot tell where the repository is: run it as `cargo xtask`")),
        }
    }

    /// Every command runs here, so every relative path is meant from here.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Cargo's target folder, relative to the root unless the environment moves it elsewhere.
    pub(crate) fn target_folder(&self) -> PathBuf {
        env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from)
    }
}
