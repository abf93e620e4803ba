//! The firmware of every board: it builds as its README says, says which variable is missing, the driver in it cannot panic,
//! and no interrupt in it waits for a lock.

use std::fs;
use std::path::Path;

use crate::failure::Failure;
use crate::invocation::Invocation;
use crate::workspace::Workspace;

const FOLDER: &str = "examples";
/// What makes an example one of a board.
const MARK: &str = "memory.x";
/// The name of how the lock is taken that portable-atomic puts around 64 bits, where it was not told that the chip has one core. An
/// interrupt that finds it taken by what it has interrupted waits without end.
const LOCK: &[u8] = b"7SeqLock5write";
/// What every board is built for, and needs: a device that does not exist.
const VARIABLES: [(&str, &str); 3] = [
    ("NT35E_PRODUCT_KEY", "a1JszCpjS61"),
    ("NT35E_DEVICE_NAME", "NT35E_06011"),
    ("NT35E_DEVICE_SECRET", "0123456789abcdef0123456789abcdef"),
];

pub(crate) fn check(workspace: &Workspace) -> Result<(), Failure> {
    let root = workspace.root();
    let mut panics = Invocation::cargo("run --quiet -p nt35e-bench -- --panics");
    for name in boards(root)? {
        let board = Board { workspace, name };
        board.cargo("fmt").words("--check").run(root)?;
        for (variable, _) in VARIABLES {
            board.fails_without(variable)?;
        }
        board.fails_on_a_broken_rule()?;
        board.command("clippy").words("-- -D warnings").run(root)?;
        let image = board.build()?;
        has_no_lock(&image)?;
        panics = panics.argument(image);
    }
    panics.run(root)
}

/// One example.
struct Board<'w> {
    workspace: &'w Workspace,
    name: String,
}

impl Board<'_> {
    /// What `cargo build --release` in its folder makes, which must have the name of the folder.
    fn build(&self) -> Result<String, Failure> {
        let build = self.command("build").words("--message-format json-render-diagnostics");
        let messages = build.run_for_output(self.workspace.root())?;
        let executables = messages.split("\"executable\":\"").skip(1).filter_map(|rest| rest.split('"').next());
        let named = |path: &&str| Path::new(path).file_name().is_some_and(|name| *name == *self.name);
        let executable = executables.filter(named).last();
        executable.map(str::to_owned).ok_or_else(|| build.failure(format!("it does not make `{}`", self.name)))
    }

    /// Builds it without one of the variables: the error has to name that one, and no other.
    fn fails_without(&self, variable: &'static str) -> Result<(), Failure> {
        let build = self.command("build").without_variable(variable);
        let said = build.run_to_fail(self.workspace.root())?;
        let names = |name: &str| said.lines().any(|line| line.starts_with("error: ") && line.contains(name));
        let mut wrong = VARIABLES.iter().filter(|(name, _)| names(name) != (*name == variable));
        if wrong.next().is_some() {
            return Err(build.failure(format!("the error has to name {variable} alone, and reads: {said}")));
        }
        Ok(())
    }

    /// Builds it for a device that cannot be: the error has to say so.
    fn fails_on_a_broken_rule(&self) -> Result<(), Failure> {
        let build = self.command("build").variable("NT35E_DEVICE_NAME", "a b");
        let said = build.run_to_fail(self.workspace.root())?;
        if said.contains("is not what the console shows") {
            Ok(())
        } else {
            Err(build.failure(format!("the error has to tell of the broken rule, and reads: {said}")))
        }
    }

    /// A command as if given in its folder with everything set. All boards share a target folder, so that what they have
    /// in common is built once.
    fn command(&self, command: &str) -> Invocation {
        let folder = self.workspace.target_folder().join("boards");
        let command = self
            .cargo(command)
            .argument(format!("--config={FOLDER}/{}/.cargo/config.toml", self.name))
            .words("--release --target-dir")
            .argument(folder.to_string_lossy());
        VARIABLES.iter().fold(command, |command, (name, value)| command.variable(name, value))
    }

    fn cargo(&self, command: &str) -> Invocation {
        Invocation::cargo(command).argument(format!("--manifest-path={FOLDER}/{}/Cargo.toml", self.name))
    }
}

/// Whether no interrupt can wait for what it has interrupted. The image still holds all names.
fn has_no_lock(image: &str) -> Result<(), Failure> {
    let bytes = fs::read(image).map_err(|error| Failure::new(format!("{image} cannot be read: {error}")))?;
    if bytes.windows(LOCK.len()).any(|window| window == LOCK) {
        return Err(Failure::new(format!("{image} has a lock in it that an interrupt may wait for without end")));
    }
    Ok(())
}

/// The names of the boards, in their order.
fn boards(root: &Path) -> Result<Vec<String>, Failure> {
    let unreadable = |error: std::io::Error| Failure::new(format!("{FOLDER} cannot be read: {error}"));
    let mut names = Vec::new();
    for entry in fs::read_dir(root.join(FOLDER)).map_err(unreadable)? {
        let folder = entry.map_err(unreadable)?;
        if folder.path().join(MARK).is_file() {
            names.push(folder.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    if names.is_empty() { Err(Failure::new(format!("no example in {FOLDER} has a `{MARK}`"))) } else { Ok(names) }
}
