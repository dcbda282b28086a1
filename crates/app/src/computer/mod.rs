//! This computer as the place where the program lives: whether it is kept awake, and whether the program starts with it.

mod choices;
pub(crate) mod routes;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base::{Error, Result};
use machine::{Awake, Awakeness};
use serde::Serialize;
use utoipa::ToSchema;

use choices::Choices;

/// The system is asked for so long before "being asked" is the answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Starting with the computer, as the program around the server can switch it. The system remembers it, so that whoever
/// else shows it asks here each time.
pub trait Autostart: Send + Sync {
    /// Whether this system can do it at all.
    fn is_possible(&self) -> bool;
    /// How it is now. May take as long as reading a small file.
    fn is_on(&self) -> bool;
    /// Turns it on or off.
    ///
    /// # Errors
    /// A sentence for the owner.
    fn set(&self, on: bool) -> Result<()>;
}

/// What is the case with keeping this computer awake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum AwakeState {
    Off,
    /// The system has not answered yet.
    Asking,
    Kept,
    /// It runs on its battery, so it may sleep.
    OnBattery,
    /// The system cannot be asked.
    Impossible,
}

/// Keeping this computer awake while it is plugged in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
struct KeepAwake {
    on: bool,
    state: AwakeState,
    /// Why it is not possible, and what to do; nothing in all other states.
    #[schema(required)]
    why: Option<String>,
}

/// What starts the program after the computer was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum StartedBy {
    /// The program itself, when its owner wants that: see `on`.
    Program,
    /// The system, as a service.
    Service,
    /// Whoever started it this time.
    Somebody,
}

/// Starting with this computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
struct StartsWithComputer {
    by: StartedBy,
    /// Counts for `program` only, and only there it can be switched.
    on: bool,
}

/// This computer, as far as it matters to the program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Computer)]
struct ComputerView {
    keep_awake: KeepAwake,
    starts: StartsWithComputer,
}

/// Both choices and what came of them. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Computer {
    data: PathBuf,
    awake: Awake,
    autostart: Option<Arc<dyn Autostart>>,
    chosen: Arc<Mutex<Choices>>,
}

impl Computer {
    /// Reads what was chosen and does it; to be called on the run time.
    pub(crate) fn start(data: &Path, autostart: Option<Arc<dyn Autostart>>) -> Self {
        let chosen = Choices::read(data);
        let awake = Awake::new();
        awake.set(chosen.keep_awake);
        Self { data: data.to_owned(), awake, autostart, chosen: Arc::new(Mutex::new(chosen)) }
    }

    /// Lets the computer sleep again, for the program ends.
    pub(crate) fn stop(&self) {
        self.awake.set(false);
    }

    async fn look(&self) -> Result<ComputerView> {
        let this = self.clone();
        base::task::blocking(move || {
            let on = this.chosen.lock().unwrap_or_else(PoisonError::into_inner).keep_awake;
            let (state, why) = told(on, this.awake.state());
            ComputerView { keep_awake: KeepAwake { on, state, why }, starts: this.starts() }
        })
        .await
    }

    fn starts(&self) -> StartsWithComputer {
        match self.autostart.as_ref().filter(|switch| switch.is_possible()) {
            Some(switch) => StartsWithComputer { by: StartedBy::Program, on: switch.is_on() },
            None if is_service() => StartsWithComputer { by: StartedBy::Service, on: false },
            None => StartsWithComputer { by: StartedBy::Somebody, on: false },
        }
    }

    /// Writes the choice down, does it, and waits a moment for what comes of it.
    async fn keep_awake(&self, on: bool) -> Result<()> {
        let (this, mut changes) = (self.clone(), self.awake.changes());
        base::task::blocking(move || {
            // Two at the same time end with the same choice on the disk and in force.
            let mut chosen = this.chosen.lock().unwrap_or_else(PoisonError::into_inner);
            let next = Choices { keep_awake: on };
            next.write(&this.data)?;
            *chosen = next;
            this.awake.set(on);
            Ok::<_, Error>(())
        })
        .await??;
        let answered = changes.wait_for(|state| on == (*state != Awakeness::Off));
        // Later is told as "being asked".
        let _ = tokio::time::timeout(PATIENCE, answered).await;
        Ok(())
    }

    async fn start_with_computer(&self, on: bool) -> Result<()> {
        let Some(switch) = self.autostart.clone().filter(|switch| switch.is_possible()) else {
            return Err(Error::conflict(
                "Here the program cannot switch this itself. Whoever set it up decides when it starts.",
            ));
        };
        base::task::blocking(move || switch.set(on)).await?
    }
}

fn told(on: bool, state: Awakeness) -> (AwakeState, Option<String>) {
    match state {
        Awakeness::Off if on => (AwakeState::Asking, None),
        Awakeness::Off => (AwakeState::Off, None),
        Awakeness::Kept => (AwakeState::Kept, None),
        Awakeness::OnBattery => (AwakeState::OnBattery, None),
        Awakeness::Impossible(why) => (AwakeState::Impossible, Some(why)),
    }
}

/// Whether systemd started this very process; what a shell of a session started inherits the name, not the number.
fn is_service() -> bool {
    std::env::var("SYSTEMD_EXEC_PID").is_ok_and(|id| id == std::process::id().to_string())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use base::ErrorCode;

    use super::*;

    struct Switch {
        possible: bool,
        on: AtomicBool,
    }

    impl Autostart for Switch {
        fn is_possible(&self) -> bool {
            self.possible
        }

        fn is_on(&self) -> bool {
            self.on.load(Ordering::Relaxed)
        }

        fn set(&self, on: bool) -> Result<()> {
            self.on.store(on, Ordering::Relaxed);
            Ok(())
        }
    }

    #[tokio::test]
    async fn what_is_chosen_counts_at_once_and_after_the_next_start() {
        let folder = tempfile::tempdir().unwrap();
        let computer = Computer::start(folder.path(), None);
        assert!(!computer.look().await.unwrap().keep_awake.on);
        computer.keep_awake(true).await.unwrap();
        let kept = computer.look().await.unwrap().keep_awake;
        // Which it is depends on the computer that runs this.
        assert!(kept.on && kept.state != AwakeState::Off, "{kept:?}");
        assert_eq!(kept.why.is_some(), kept.state == AwakeState::Impossible, "{kept:?}");
        computer.stop();

        let again = Computer::start(folder.path(), None);
        assert!(again.look().await.unwrap().keep_awake.on);
        again.keep_awake(false).await.unwrap();
        let off = again.look().await.unwrap().keep_awake;
        assert_eq!(off, KeepAwake { on: false, state: AwakeState::Off, why: None });
    }

    #[tokio::test]
    async fn starting_with_the_computer_is_the_systems_truth_and_only_a_program_with_a_switch_has_it() {
        let folder = tempfile::tempdir().unwrap();
        let switch = Arc::new(Switch { possible: true, on: AtomicBool::new(false) });
        let computer = Computer::start(folder.path(), Some(switch.clone()));
        computer.start_with_computer(true).await.unwrap();
        assert!(switch.is_on());
        // Switched from elsewhere, such as the icon beside the clock.
        switch.set(false).unwrap();
        let starts = computer.look().await.unwrap().starts;
        assert_eq!(starts, StartsWithComputer { by: StartedBy::Program, on: false });

        let unable = Arc::new(Switch { possible: false, on: AtomicBool::new(false) });
        for without in [None, Some(unable as Arc<dyn Autostart>)] {
            let computer = Computer::start(folder.path(), without);
            assert_eq!(computer.look().await.unwrap().starts.by, StartedBy::Somebody);
            assert_eq!(computer.start_with_computer(true).await.unwrap_err().code, ErrorCode::Conflict);
        }
    }

    #[test]
    fn a_wish_that_nobody_has_answered_yet_is_not_told_as_off() {
        assert_eq!(told(true, Awakeness::Off), (AwakeState::Asking, None));
        assert_eq!(told(false, Awakeness::Off), (AwakeState::Off, None));
        let why = Awakeness::Impossible("Because.".into());
        assert_eq!(told(true, why), (AwakeState::Impossible, Some("Because.".into())));
    }
}
