//! Programs that are started from this one, through the guard: their last lines kept, secrets masked, ended with all
//! that they have started themselves.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use base::{Error, Result, Secret};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{ChildStderr, ChildStdin, ChildStdout};
use tokio::time::Instant;

use crate::guard::{GRACE, Guard};
use crate::lines::{Hear, Lines, Reader};

/// What one call may say at most before the rest is thrown away.
const OUTPUT_BYTES: usize = 1 << 20;
/// So long its last words are waited for when it has ended.
const LAST_WORDS: Duration = Duration::from_millis(500);
/// The guard's own time to end after the program's.
const GUARD_ENDS: Duration = Duration::from_secs(2);

/// A program, and how it is to be started.
#[derive(Clone, Debug)]
pub struct Program {
    path: PathBuf,
    arguments: Vec<OsString>,
    secrets: Vec<(&'static str, Secret)>,
}

impl Program {
    /// `path` is the whole path of the program's file.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), arguments: Vec::new(), secrets: Vec::new() }
    }

    pub fn arg(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    pub fn args<A: Into<OsString>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// A secret for the program's environment: arguments are there for everybody to read.
    pub fn secret(mut self, name: &'static str, value: Secret) -> Self {
        self.secrets.push((name, value));
        self
    }

    /// Starts it. Each line that it says goes into `lines`, and is heard by `hear`.
    ///
    /// # Errors
    /// `Unavailable` when the system does not start it.
    pub fn start(&self, guard: &Guard, lines: &Lines, hear: Option<Hear>) -> Result<Child> {
        let (mut child, out, err) = self.spawn(guard)?;
        let lines = lines.masking(self.secrets.iter().map(|(_, secret)| secret.clone()));
        let reader = Reader::new(lines, hear);
        if let Some(out) = out {
            child.readers.push(base::task::spawn("child's lines", reader.clone().read(out)));
        }
        if let Some(err) = err {
            child.readers.push(base::task::spawn("child's complaints", reader.read(err)));
        }
        Ok(child)
    }

    /// Runs it to its end, for at most `patience`, and returns what it said.
    ///
    /// # Errors
    /// `Unavailable` when the system does not start it.
    pub async fn output(&self, guard: &Guard, patience: Duration) -> Result<Output> {
        let (mut child, mut out, mut err) = self.spawn(guard)?;
        let (mut said, mut complained) = (Vec::new(), Vec::new());
        let all = async {
            tokio::join!(keep(&mut out, &mut said), keep(&mut err, &mut complained));
            child.wait().await
        };
        let ended = tokio::time::timeout(patience, all).await.ok();
        if ended.is_none() {
            child.end().await;
        }
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Ok(Output { ended, out: text(said), err: text(complained) })
    }

    fn spawn(&self, guard: &Guard) -> Result<(Child, Option<ChildStdout>, Option<ChildStderr>)> {
        let mut command = guard.command()?;
        command.arg(&self.path).args(&self.arguments);
        command.envs(self.secrets.iter().map(|(name, value)| (name, value.expose())));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut guard = command.spawn().map_err(|e| {
            let name = self.path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            Error::unavailable(format!("The system did not start {name}. Try again in a moment.")).with_cause(e)
        })?;
        let (pipe, out, err) = (guard.stdin.take(), guard.stdout.take(), guard.stderr.take());
        Ok((Child { guard, pipe, readers: Vec::new(), words_until: None }, out, err))
    }
}

async fn keep(from: &mut Option<impl AsyncRead + Unpin>, kept: &mut Vec<u8>) {
    let Some(from) = from else { return };
    let mut some = vec![0; 4096];
    while let Ok(n @ 1..) = from.read(&mut some).await {
        let room = OUTPUT_BYTES.saturating_sub(kept.len());
        kept.extend_from_slice(&some[..n.min(room)]);
    }
}

/// What a program said that ran to its end, or that was ended because it took too long.
#[derive(Debug)]
pub struct Output {
    /// `None` when patience was over.
    pub ended: Option<Ended>,
    pub out: String,
    pub err: String,
}

impl Output {
    pub fn is_success(&self) -> bool {
        self.ended.is_some_and(|ended| ended.code == Some(0))
    }
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Its exit code; 127 when it was not there, 128 and more when a signal ended it; `None` when nobody knows.
    pub code: Option<i32>,
}

/// A program that runs under its guard. When it is dropped, the program is ended, with all that it has started.
#[derive(Debug)]
pub struct Child {
    guard: tokio::process::Child,
    /// The guard ends what it guards when this closes.
    pipe: Option<ChildStdin>,
    readers: Vec<tokio::task::JoinHandle<()>>,
    /// Something that keeps the pipe open is not waited for beyond this; known when the program has ended.
    words_until: Option<Instant>,
}

impl Child {
    /// Waits for it to end by itself. May be called off and asked again.
    pub async fn wait(&mut self) -> Ended {
        let ended = match self.guard.wait().await {
            Ok(status) => Ended { code: status.code() },
            Err(_) => Ended { code: None },
        };
        // Its last words are read before it counts as ended; they say why. A reader is let go of when it is done and not
        // before, so that who is called off here hears them when asked again.
        let until = *self.words_until.get_or_insert_with(|| Instant::now() + LAST_WORDS);
        while let Some(reader) = self.readers.last_mut() {
            if tokio::time::timeout_at(until, reader).await.is_err() {
                break;
            }
            self.readers.pop();
        }
        ended
    }

    /// Ends it: asks first, insists after three seconds.
    pub async fn end(&mut self) -> Ended {
        drop(self.pipe.take());
        match tokio::time::timeout(GRACE + GUARD_ENDS, self.wait()).await {
            Ok(ended) => ended,
            Err(_) => {
                let _ = self.guard.start_kill();
                self.wait().await
            }
        }
    }

    /// The process id of the guard, while it runs.
    pub fn guard_id(&self) -> Option<u32> {
        self.guard.id()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn last_words_are_heard_also_by_who_was_called_off_and_asks_again() {
        let (say, mut said) = tokio::sync::mpsc::unbounded_channel();
        let (go_on, waits) = tokio::sync::oneshot::channel::<()>();
        let slow = base::task::spawn("slow words", async move {
            let _ = waits.await;
            let _ = say.send("why");
        });
        let this = std::env::current_exe().unwrap();
        let mut guard = tokio::process::Command::new(this).arg("--list").stdout(Stdio::null()).spawn().unwrap();
        guard.wait().await.unwrap();
        let mut child = Child { guard, pipe: None, readers: vec![slow], words_until: None };
        assert!(tokio::time::timeout(Duration::from_millis(20), child.wait()).await.is_err(), "it is not said yet");
        go_on.send(()).unwrap();
        assert_eq!(child.wait().await.code, Some(0));
        assert_eq!(said.try_recv(), Ok("why"));
        assert_eq!(child.wait().await.code, Some(0), "asked once more, it answers the same");
    }
}
