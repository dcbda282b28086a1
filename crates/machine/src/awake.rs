//! Keeps this computer from going to sleep by itself while it is plugged in, when its owner wants that. Somebody who
//! closes the lid or chooses to sleep is obeyed.

use std::any::Any;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use starship_battery::State;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::inhibit;

/// Whether the computer is plugged in is looked at this often, and what failed is tried again.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// What is the case with keeping awake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", content = "why", rename_all = "snake_case")]
pub enum Awakeness {
    /// Not asked for.
    Off,
    /// The computer is kept awake.
    Kept,
    /// It runs on its battery, so it may sleep.
    OnBattery,
    /// The system cannot be asked for it; a sentence for the owner.
    Impossible(String),
}

/// Whatever keeps the computer awake until it is dropped.
pub(crate) type Hold = Box<dyn Any + Send>;
type Asked = Pin<Box<dyn Future<Output = Result<Hold, String>> + Send>>;

/// The choice. Costs nothing while it is off: no task, no timer, no connection.
#[derive(Clone)]
pub struct Awake {
    means: Arc<Means>,
    /// Stops the task of the last time it was on. Held while a state is told, so that none is told after the end.
    running: Arc<Mutex<Option<CancellationToken>>>,
    state: watch::Sender<Awakeness>,
}

impl Default for Awake {
    fn default() -> Awake {
        Awake::new()
    }
}

struct Means {
    plugged_in: Box<dyn Fn() -> bool + Send + Sync>,
    hold: Box<dyn Fn() -> Asked + Send + Sync>,
}

impl Awake {
    /// Off. The system shows the product's name to somebody who asks what keeps the computer awake.
    pub fn new() -> Awake {
        Awake::by(Means {
            plugged_in: Box::new(plugged_in),
            hold: Box::new(|| Box::pin(inhibit::hold(base::product::name().to_owned(), inhibit::Buses::default()))),
        })
    }

    fn by(means: Means) -> Awake {
        let (state, _) = watch::channel(Awakeness::Off);
        Awake { means: Arc::new(means), running: Arc::default(), state }
    }

    /// Turns it on or off; to be called on the run time. What came of it is told by [`Awake::changes`].
    pub fn set(&self, on: bool) {
        let mut running = self.running();
        if on == running.is_some() {
            return;
        }
        if let Some(token) = running.take() {
            token.cancel();
            self.state.send_replace(Awakeness::Off);
        } else {
            let token = CancellationToken::new();
            *running = Some(token.clone());
            let this = self.clone();
            base::task::spawn("awake", async move {
                tokio::select! {
                    () = token.cancelled() => {}
                    () = this.keep(&token) => {}
                }
            });
        }
    }

    /// What is the case now.
    pub fn state(&self) -> Awakeness {
        self.state.borrow().clone()
    }

    /// Tells every change.
    pub fn changes(&self) -> watch::Receiver<Awakeness> {
        self.state.subscribe()
    }

    async fn keep(&self, token: &CancellationToken) {
        let mut held: Option<Hold> = None;
        loop {
            let means = self.means.clone();
            let plugged_in = base::task::blocking(move || (means.plugged_in)()).await.unwrap_or(true);
            let now = if !plugged_in {
                held = None;
                Awakeness::OnBattery
            } else if held.is_some() {
                Awakeness::Kept
            } else {
                match (self.means.hold)().await {
                    Ok(hold) => {
                        held = Some(hold);
                        Awakeness::Kept
                    }
                    Err(why) => Awakeness::Impossible(why),
                }
            };
            self.say(token, now);
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Tells what is new, unless it has been turned off meanwhile.
    fn say(&self, token: &CancellationToken, now: Awakeness) {
        let _running = self.running();
        if token.is_cancelled() {
            return;
        }
        self.state.send_if_modified(|before| {
            let new = *before != now;
            if new {
                tracing::info!(state = ?now, "keeping this computer awake");
                *before = now;
            }
            new
        });
    }

    fn running(&self) -> MutexGuard<'_, Option<CancellationToken>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether this computer is plugged in. One without a battery is, and one that does not tell counts as such.
pub fn plugged_in() -> bool {
    let batteries = starship_battery::Manager::new().and_then(|manager| manager.batteries());
    match batteries {
        Ok(all) => draws_from_the_wall(all.flatten().map(|battery| battery.state())),
        Err(e) => {
            tracing::debug!(error = %e, "the batteries cannot be read");
            true
        }
    }
}

/// A battery that is being emptied says that there is no other power.
fn draws_from_the_wall(mut batteries: impl Iterator<Item = State>) -> bool {
    !batteries.any(|state| state == State::Discharging)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

    use super::*;

    /// A computer whose plug and whose willingness are set by hand.
    #[derive(Clone, Default)]
    struct Computer {
        unplugged: Arc<AtomicBool>,
        refuses: Arc<AtomicBool>,
        holds: Arc<AtomicI32>,
        looks: Arc<AtomicI32>,
    }

    struct Held(Arc<AtomicI32>);

    impl Drop for Held {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::SeqCst);
        }
    }

    impl Computer {
        fn awake(&self) -> Awake {
            let (look, ask) = (self.clone(), self.clone());
            Awake::by(Means {
                plugged_in: Box::new(move || {
                    look.looks.fetch_add(1, Ordering::SeqCst);
                    !look.unplugged.load(Ordering::SeqCst)
                }),
                hold: Box::new(move || {
                    let ask = ask.clone();
                    Box::pin(async move {
                        if ask.refuses.load(Ordering::SeqCst) {
                            return Err("It cannot be asked.".to_owned());
                        }
                        ask.holds.fetch_add(1, Ordering::SeqCst);
                        Ok(Box::new(Held(ask.holds.clone())) as Hold)
                    })
                }),
            })
        }

        fn holds(&self) -> i32 {
            self.holds.load(Ordering::SeqCst)
        }
    }

    async fn until(changes: &mut watch::Receiver<Awakeness>, wanted: Awakeness) {
        let patience = Duration::from_secs(90);
        tokio::time::timeout(patience, changes.wait_for(|now| *now == wanted)).await.unwrap().unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_kept_awake_only_while_wanted_and_plugged_in() {
        let computer = Computer::default();
        let awake = computer.awake();
        let mut changes = awake.changes();
        assert_eq!((awake.state(), computer.holds()), (Awakeness::Off, 0));

        awake.set(true);
        awake.set(true);
        until(&mut changes, Awakeness::Kept).await;
        assert_eq!(computer.holds(), 1);

        computer.unplugged.store(true, Ordering::SeqCst);
        until(&mut changes, Awakeness::OnBattery).await;
        assert_eq!(computer.holds(), 0);
        computer.unplugged.store(false, Ordering::SeqCst);
        until(&mut changes, Awakeness::Kept).await;
        assert_eq!(computer.holds(), 1);

        awake.set(false);
        assert_eq!(awake.state(), Awakeness::Off);
        tokio::time::sleep(LOOK_EVERY * 3).await;
        assert_eq!((awake.state(), computer.holds()), (Awakeness::Off, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_system_that_cannot_be_asked_is_told_in_words_and_asked_again() {
        let computer = Computer::default();
        computer.refuses.store(true, Ordering::SeqCst);
        let awake = computer.awake();
        let mut changes = awake.changes();
        awake.set(true);
        until(&mut changes, Awakeness::Impossible("It cannot be asked.".to_owned())).await;
        computer.refuses.store(false, Ordering::SeqCst);
        until(&mut changes, Awakeness::Kept).await;
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_looked_at_while_it_is_off() {
        let computer = Computer::default();
        let awake = computer.awake();
        tokio::time::sleep(LOOK_EVERY * 10).await;
        assert_eq!(computer.looks.load(Ordering::SeqCst), 0);
        let mut changes = awake.changes();
        awake.set(true);
        until(&mut changes, Awakeness::Kept).await;
        awake.set(false);
        // What was under way when it was turned off ends first.
        tokio::time::sleep(LOOK_EVERY).await;
        let looks = computer.looks.load(Ordering::SeqCst);
        tokio::time::sleep(LOOK_EVERY * 10).await;
        assert_eq!(computer.looks.load(Ordering::SeqCst), looks);
    }

    #[test]
    fn only_a_battery_that_is_being_emptied_says_unplugged() {
        for (batteries, plugged) in [
            (&[][..], true),
            (&[State::Charging], true),
            (&[State::Full], true),
            (&[State::Unknown], true),
            (&[State::Paused], true),
            (&[State::Discharging], false),
            (&[State::Full, State::Discharging], false),
        ] {
            assert_eq!(draws_from_the_wall(batteries.iter().copied()), plugged, "{batteries:?}");
        }
        // Whatever this computer is, asking does no harm.
        plugged_in();
    }
}
