//! Cargo for the Windows target. All settings are in the environment of the one command, so that no other build is touched.

use std::process::Command;

use super::library::Library;
use super::{LINKER, TARGET};
use crate::process;

/// `cargo <command> --target … <arguments>`; the caller adds what else there is.
pub(super) fn cargo(arguments: &[&str], library: &Library) -> Command {
    // `nextest run` is one command; what follows `--` is not cargo's own.
    let own = arguments.iter().take_while(|word| !word.starts_with('-')).count();
    let mut command = process::cargo(&arguments[..own]);
    command.args(["--target", TARGET]).args(&arguments[own..]).env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER", LINKER);
    // Nobody looks for a mistake in what this builds: some seconds for each change against gigabytes on the disk.
    command.env("CARGO_INCREMENTAL", "0").env("CARGO_PROFILE_DEV_DEBUG", "0");
    if let Library::Built(sysroot) = library {
        // Host programs (build scripts, macros) do not get these flags when a target is named.
        command.env("CARGO_ENCODED_RUSTFLAGS", format!("--sysroot\u{1f}{}", sysroot.display()));
    }
    command
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn flags(library: &Library) -> Option<String> {
        let command = cargo(&["check"], library);
        let mut settings = command.get_envs();
        settings
            .find(|(name, _)| *name == "CARGO_ENCODED_RUSTFLAGS")?
            .1
            .map(|value| value.to_string_lossy().into_owned())
    }

    #[test]
    fn a_library_built_here_is_named_to_the_compiler_even_in_a_folder_with_spaces() {
        let built = Library::Built(PathBuf::from("/my work/sysroot"));
        assert_eq!(flags(&built).as_deref(), Some("--sysroot\u{1f}/my work/sysroot"));
        assert_eq!(flags(&Library::BesideCompiler), None);
    }
}
