//! The real program as a process of its own, which can be killed at any moment and started again on the same data.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::models_folder;

/// A running program.
pub struct Program {
    child: Child,
    /// `http://127.0.0.1:<port>` of the owner's interface.
    pub admin: String,
    /// The same of the public listener.
    pub public: String,
    data: PathBuf,
    settings: Vec<(String, String)>,
    /// What comes before the program's file.
    prefix: Vec<String>,
}

/// The program's file: named by `BOTFLOW_PROGRAM`, else the one beside the running test.
pub fn program_file() -> PathBuf {
    if let Some(file) = std::env::var_os("BOTFLOW_PROGRAM") {
        return file.into();
    }
    let name = format!("botflow{}", std::env::consts::EXE_SUFFIX);
    let this = std::env::current_exe().expect("a test has a file");
    this.ancestors()
        .skip(1)
        .map(|folder| folder.join(&name))
        .find(|file| file.is_file())
        .expect("the program is built: run the tests through `cargo xtask test`")
}

impl Program {
    /// Starts on `data` and waits until it is ready. `settings` are of the configuration, such as `graph_url`.
    pub fn start(data: &Path, settings: &[(&str, &str)]) -> Program {
        let settings: Vec<_> = settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Self::start_on(data, settings, 0, 0, Vec::new())
    }

    /// The same by another program, which becomes this one: `prefix` is how that one is called.
    pub fn start_by(prefix: Vec<String>, data: &Path, settings: &[(&str, &str)]) -> Program {
        let settings: Vec<_> = settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Self::start_on(data, settings, 0, 0, prefix)
    }

    fn start_on(
        data: &Path,
        settings: Vec<(String, String)>,
        port: u16,
        public_port: u16,
        prefix: Vec<String>,
    ) -> Program {
        let file = program_file();
        let mut words = prefix.iter().map(OsStr::new).chain([file.as_os_str()]);
        let mut command = Command::new(words.next().expect("a program"));
        command
            .args(words)
            .arg("serve")
            .arg("--data")
            .arg(data)
            .args(["--port", &port.to_string(), "--public-port", &public_port.to_string()])
            .env("BOTFLOW_MODELS", models_folder())
            .env("BOTFLOW_ALLOW_PRIVATE_ADDRESSES", "true")
            .env("BOTFLOW_LOG", "warn")
            .env("BOTFLOW_MIN_FREE_MB", "1")
            .stdout(Stdio::piped())
            .stdin(Stdio::null());
        for (name, value) in &settings {
            command.env(format!("BOTFLOW_{}", name.to_uppercase()), value);
        }
        let mut child = command.spawn().expect("the program starts");
        let mut lines = BufReader::new(child.stdout.take().expect("its output is ours")).lines();
        let mut next = |after: &str| {
            let line = lines.next().and_then(Result::ok).unwrap_or_default();
            let (_, found) = line.split_once(after).unwrap_or_else(|| panic!("the program said “{line}”"));
            found.trim_end_matches(['/', '.']).to_owned()
        };
        let admin = next("BotFlow is ready: ");
        let public = format!("http://{}", next("The public port is "));
        // What it says later must not fill its pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Program { child, admin, public, data: data.to_owned(), settings, prefix }
    }

    /// Ends it as a power failure would.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Starts it again on the same data and ports.
    pub fn restart(&mut self) {
        let port = |address: &str| address.rsplit(':').next().and_then(|p| p.parse().ok()).unwrap_or(0);
        let (settings, prefix) = (std::mem::take(&mut self.settings), std::mem::take(&mut self.prefix));
        let again = Self::start_on(&self.data, settings, port(&self.admin), port(&self.public), prefix);
        *self = again;
    }

    /// Whether it has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(Some(_)))
    }

    pub fn process_id(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to end, as Ctrl+C does, and waits; true when it ended well.
    #[cfg(unix)]
    pub fn end(mut self, patience: std::time::Duration) -> bool {
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let end = std::time::Instant::now() + patience;
        while std::time::Instant::now() < end {
            if let Ok(Some(status)) = self.child.try_wait() {
                return status.success();
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        false
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}
