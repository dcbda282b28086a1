//! Keeps one way going: starts, looks, starts anew with growing waits, and tells what it knows.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use base::Time;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use super::back_off::BackOff;
use super::cloudflared::{self, Cloudflared};
use super::local::{Local, reachable};
use super::ngrok::{self, Ngrok};
use super::tailscale::Tailscale;
use super::trouble::{Complaint, Trouble, diagnose};
use super::{TunnelKind, TunnelOptions, TunnelState, TunnelStatus, Way, find, install_advice};
use crate::child::{Child, Ended, Program};
use crate::lines::{Hear, Lines};

/// However badly ending goes, it goes on after this.
const END_WITHIN: Duration = Duration::from_secs(15);

/// What is to be supervised.
pub(super) struct Setup {
    way: Way,
    pointed: Option<PathBuf>,
    target: SocketAddr,
    options: TunnelOptions,
    lines: Lines,
}

impl Setup {
    pub(super) fn new(
        way: Way,
        pointed: Option<PathBuf>,
        public: SocketAddr,
        options: TunnelOptions,
        lines: Lines,
    ) -> Self {
        Self { way, pointed, target: reachable(public), options, lines }
    }
}

/// What the handle asks for.
pub(super) struct Calls {
    pub(super) stop: watch::Receiver<bool>,
    pub(super) kick: Arc<Notify>,
    pub(super) hurry: Arc<Notify>,
}

/// What a try stands on.
#[derive(Debug)]
pub(super) struct Ground {
    kind: TunnelKind,
    pub(super) program: PathBuf,
    pub(super) version: Option<String>,
    /// Where the public listener is reached from here.
    pub(super) target: SocketAddr,
    pub(super) options: TunnelOptions,
    pub(super) lines: Lines,
    pub(super) local: Local,
    complaint: Complaint,
}

impl Ground {
    /// Starts a program that stays, and listens to its complaints.
    pub(super) fn start(&self, program: &Program, also: Option<Hear>) -> base::Result<Child> {
        let (kind, complaint) = (self.kind, self.complaint.clone());
        let hear: Hear = Arc::new(move |line: &str| {
            if let Some(trouble) = diagnose(kind, line) {
                complaint.set(Some(trouble));
            }
            if let Some(also) = &also {
                also(line);
            }
        });
        program.start(&self.options.guard, &self.lines, Some(hear))
    }
}

/// What a look at a running way shows.
#[derive(Debug)]
pub(super) enum Look {
    /// It says that this address leads here.
    Up(String),
    /// It has none yet, or lost its connection.
    NotYet(&'static str),
    /// The same, and it is known why.
    Trouble(Trouble),
}

enum Run {
    Cloudflared(Cloudflared),
    Ngrok(Ngrok),
    Tailscale(Tailscale),
}

impl Run {
    async fn look(&mut self, ground: &Ground) -> Look {
        match self {
            Run::Cloudflared(run) => run.look(ground).await,
            Run::Ngrok(run) => run.look(ground).await,
            Run::Tailscale(run) => run.look(ground).await,
        }
    }
}

/// The sentence of a way that begins.
pub(super) fn starting(kind: TunnelKind) -> String {
    format!("The public address is being made ready by {}.", kind.vendor())
}

struct Supervisor {
    setup: Setup,
    tell: watch::Sender<TunnelStatus>,
    hurry: Arc<Notify>,
    back_off: BackOff,
    restarts: u32,
    ground: Option<Ground>,
    run: Option<Run>,
    child: Option<Child>,
}

enum Next {
    Stop,
    Kick,
    Wait(Trouble),
}

/// Supervises until it is told to stop, or nobody holds the handle any more.
pub(super) async fn supervise(setup: Setup, tell: watch::Sender<TunnelStatus>, calls: Calls) {
    let Calls { mut stop, kick, hurry } = calls;
    let times = setup.options.times;
    let back_off = BackOff::new(times.wait_first, times.wait_most);
    let mut own = Supervisor { setup, tell, hurry, back_off, restarts: 0, ground: None, run: None, child: None };
    loop {
        let next = tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => Next::Stop,
            () = kick.notified() => Next::Kick,
            trouble = own.attempt() => Next::Wait(trouble),
        };
        match next {
            Next::Stop => break,
            Next::Kick => {
                own.setup.lines.say("(the address did not work: started anew)");
                own.back_off.reset();
                own.tell(TunnelState::Starting, None, None, starting(own.setup.way.kind()), None);
                own.end(true).await;
            }
            Next::Wait(trouble) => {
                let wait = if trouble.is_missing { times.look_missing } else { own.back_off.next() };
                own.waits(trouble, wait);
                own.end(false).await;
                tokio::select! {
                    biased;
                    _ = stop.wait_for(|stop| *stop) => break,
                    () = kick.notified() => own.back_off.reset(),
                    () = own.hurry.notified() => own.back_off.reset(),
                    () = tokio::time::sleep(wait) => {}
                }
            }
        }
        own.restarts = own.restarts.saturating_add(1);
    }
    own.end(true).await;
    own.tell(TunnelState::Stopped, None, None, "The public address is switched off.".to_owned(), None);
}

impl Supervisor {
    /// One try: from looking for the program until it fails.
    async fn attempt(&mut self) -> Trouble {
        match self.begin().await {
            Ok(()) => self.watch().await,
            Err(trouble) => trouble,
        }
    }

    async fn begin(&mut self) -> Result<(), Trouble> {
        let kind = self.setup.way.kind();
        self.setup.way.check()?;
        let found = find(kind, self.setup.pointed.as_deref()).await;
        let found = found.ok_or_else(|| missing(kind, self.setup.pointed.as_deref()))?;
        self.tell(TunnelState::Starting, None, None, starting(kind), None);
        let ground = self.ground.insert(Ground {
            kind,
            program: found.path,
            version: found.version,
            target: self.setup.target,
            options: self.setup.options.clone(),
            lines: self.setup.lines.clone(),
            local: Local::new(self.setup.options.times.request)?,
            complaint: Complaint::default(),
        });
        let child = match &self.setup.way {
            Way::CloudflaredQuick => {
                let (run, child) = cloudflared::begin(ground, None)?;
                self.run = Some(Run::Cloudflared(run));
                child
            }
            Way::CloudflaredNamed { hostname, token } => {
                let (run, child) = cloudflared::begin(ground, Some((hostname, token)))?;
                self.run = Some(Run::Cloudflared(run));
                child
            }
            Way::Ngrok { token } => {
                let (run, child) = ngrok::begin(ground, token.as_ref())?;
                self.run = Some(Run::Ngrok(run));
                child
            }
            Way::Tailscale => {
                // Kept from the first moment: what it switches on is switched off also when this is called off.
                self.run = Some(Run::Tailscale(Tailscale::default()));
                if let Some(Run::Tailscale(run)) = &mut self.run {
                    run.begin(ground).await?;
                }
                return Ok(());
            }
        };
        self.child = Some(child);
        Ok(())
    }

    /// Looks again and again, until it has failed for good.
    async fn watch(&mut self) -> Trouble {
        let times = self.setup.options.times;
        let kind = self.setup.way.kind();
        let by_command = kind == TunnelKind::Tailscale;
        let (look_up, look_unwell) = match by_command {
            true => (times.look_up_by_command, times.look_starting * 4),
            false => (times.look_up, times.look_starting),
        };
        let begun = Instant::now();
        let mut up_since: Option<Instant> = None;
        let mut good = begun;
        loop {
            let (Some(ground), Some(run)) = (&self.ground, &mut self.run) else {
                return Trouble::new("It was not begun.");
            };
            let complaint = ground.complaint.clone();
            let look = tokio::select! {
                ended = gone(&mut self.child) => return complaint.or(ended_by_itself(kind, ended)),
                look = run.look(ground) => look,
            };
            let now = Instant::now();
            match look {
                Look::Up(url) => {
                    good = now;
                    complaint.set(None);
                    if now - *up_since.get_or_insert(now) >= times.settled_after {
                        self.back_off.reset();
                    }
                    self.tell(TunnelState::Up, None, Some(url), up(kind), None);
                }
                Look::NotYet(_) | Look::Trouble(_) => {
                    let trouble = match look {
                        Look::Trouble(trouble) => trouble,
                        Look::NotYet(sentence) => complaint.or(Trouble::new(sentence)),
                        Look::Up(_) => continue,
                    };
                    let patience = if up_since.is_some() { times.unwell_for } else { times.start_within };
                    if now - good >= patience {
                        self.setup.lines.say(&format!("({} Started anew.)", trouble.sentence));
                        return trouble;
                    }
                    let (state, url) = match up_since {
                        Some(_) => (TunnelState::Up, self.tell.borrow().url.clone()),
                        None => (TunnelState::Starting, None),
                    };
                    self.tell(state, None, url, trouble.sentence, trouble.fix);
                }
            }
            let well = up_since.is_some() && good == now;
            tokio::select! {
                ended = gone(&mut self.child) => return complaint.or(ended_by_itself(kind, ended)),
                () = self.hurry.notified() => {}
                () = tokio::time::sleep(if well { look_up } else { look_unwell }) => {}
            }
        }
    }

    /// Ends what runs. What is switched on at a vendor's stays on where it will be needed again at once.
    async fn end(&mut self, altogether: bool) {
        let (child, run) = (self.child.take(), self.run.take());
        let ending = async {
            if let Some(mut child) = child {
                child.end().await;
            }
            if let (Some(Run::Tailscale(run)), Some(ground), true) = (run, &self.ground, altogether) {
                run.end(ground).await;
            }
        };
        if tokio::time::timeout(END_WITHIN, ending).await.is_err() {
            tracing::warn!(tunnel = self.setup.way.kind().program(), "it did not end in time and was left alone");
        }
    }

    fn waits(&self, trouble: Trouble, wait: Duration) {
        let state = if trouble.is_missing { TunnelState::Missing } else { TunnelState::Waiting };
        let until = (!trouble.is_missing).then(|| self.setup.options.clock.now().plus(wait));
        tracing::info!(tunnel = self.setup.way.kind().program(), why = %trouble.sentence, "no public address");
        self.tell(state, until, None, trouble.sentence, trouble.fix);
    }

    fn tell(
        &self,
        state: TunnelState,
        until: Option<Time>,
        url: Option<String>,
        sentence: String,
        fix: Option<String>,
    ) {
        let now = self.setup.options.clock.now();
        self.tell.send_if_modified(|status| {
            let since = if status.state == state { status.since } else { now };
            let next = TunnelStatus { state, until, url, sentence, fix, since, restarts: self.restarts };
            let changed = *status != next;
            if changed
                && next.url != status.url
                && let Some(url) = &next.url
            {
                tracing::info!(tunnel = self.setup.way.kind().program(), url, "a public address");
            }
            *status = next;
            changed
        });
    }
}

async fn gone(child: &mut Option<Child>) -> Ended {
    match child {
        Some(child) => child.wait().await,
        None => std::future::pending().await,
    }
}

fn up(kind: TunnelKind) -> String {
    format!("{} leads the public address to this computer.", kind.vendor())
}

fn missing(kind: TunnelKind, pointed: Option<&std::path::Path>) -> Trouble {
    match pointed {
        Some(path) => Trouble::new(format!("There is no program {} at {}.", kind.program(), path.display()))
            .fix("Point to the program's file once more."),
        None => {
            Trouble::new(format!("The program {} is not on this computer.", kind.program())).fix(install_advice(kind))
        }
    }
    .missing()
}

fn ended_by_itself(kind: TunnelKind, ended: Ended) -> Trouble {
    let code = ended.code.map(|code| format!(" (code {code})")).unwrap_or_default();
    Trouble::new(format!("The program {} ended by itself{code}.", kind.program()))
        .fix("Its last lines say more; it is started again by itself.")
}
