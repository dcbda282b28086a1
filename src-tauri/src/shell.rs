//! The desktop program put together: the window first, the server behind it, and an end that loses nothing.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context, Result};
use app::{Config, Desk, Outlook};
use base::Clock;
use tauri::{AppHandle, Manager, RunEvent, WebviewWindow};
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::autostart::{Autostart, Switch};
use crate::instance::{self, Door};
use crate::memory::Memory;
use crate::server::Running;
use crate::window::View;
use crate::{brand, notify, ticket, tray, window};

/// What takes longer is said.
const AT_ONCE: Duration = Duration::from_secs(1);
/// Two starts at the same moment: the later one waits this long for the sign of the earlier one.
const SIGN_PATIENCE: Duration = Duration::from_secs(5);
const SIGN_LOOK: Duration = Duration::from_millis(100);
/// While time alone may bring news, it is looked for this often.
const COUNTING: Duration = Duration::from_secs(60);

/// How the program was asked to open.
pub(crate) struct Opening {
    pub(crate) hidden: bool,
    /// The place in the interface to begin with.
    pub(crate) link: Option<String>,
    pub(crate) autostart: Autostart,
}

/// What all parts of the desktop share.
pub(crate) struct Shell {
    pub(crate) memory: Memory,
    pub(crate) view: View,
    pub(crate) autostart: Arc<Autostart>,
    running: Mutex<Option<Running>>,
    /// Nothing once the program ends: whoever holds it holds the databases open.
    desk: Mutex<Option<(Desk, Handle)>>,
    door: Mutex<Option<Door>>,
    /// Where the window goes once there is a server.
    place: Mutex<Option<String>>,
    let_in: AtomicBool,
    failed: AtomicBool,
    ending: AtomicBool,
}

impl Shell {
    fn new(data: Option<&Path>, opening: Opening) -> Self {
        Self {
            memory: Memory::open(data.unwrap_or(Path::new("."))),
            view: View::default(),
            autostart: Arc::new(opening.autostart),
            running: Mutex::default(),
            desk: Mutex::default(),
            door: Mutex::default(),
            place: Mutex::new(opening.link),
            let_in: AtomicBool::new(false),
            failed: AtomicBool::new(false),
            ending: AtomicBool::new(false),
        }
    }

    pub(crate) fn set_place(&self, place: String) {
        if let Ok(mut wanted) = self.place.lock() {
            *wanted = Some(place);
        }
    }

    pub(crate) fn take_place(&self) -> Option<String> {
        self.place.lock().ok()?.take()
    }

    /// Whether there is no server, and will be none: then closing the window ends the program.
    pub(crate) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    fn desk(&self) -> Option<(Desk, Handle)> {
        self.desk.lock().ok()?.clone()
    }

    fn take_running(&self) -> Option<Running> {
        self.running.lock().ok()?.take()
    }
}

/// Opens the window, starts the server behind it, and returns when the program was asked to end. A server that did not
/// start is explained in the window instead. Errors: there is no way to show a window here.
pub(crate) fn run(config: Result<Config>, opening: Opening) -> Result<()> {
    let mut context = tauri::generate_context!();
    brand::apply(&mut context);
    let asked = opening.hidden;
    let shell = Shell::new(config.as_ref().ok().map(|config| config.data.as_path()), opening);
    // What started the program the first time says nothing about a start after an update.
    let hidden = shell.memory.get().in_sight.map_or(asked, |in_sight| !in_sight);
    let program = tauri::Builder::default()
        .setup(move |program| {
            program.manage(shell);
            let app = program.handle().clone();
            // The icon first: whether it is there decides what "hidden" means.
            if hidden {
                tray::open(&app);
            }
            window::open(&app, hidden)?;
            if !hidden {
                tray::open(&app);
            }
            std::thread::Builder::new().name("start".into()).spawn(move || begin(&app, config))?;
            Ok(())
        })
        .build(context)
        .context("The window could not be opened")?;
    program.run(|app, event| match event {
        // Only `quit` ends the program; that the last window is closed does not.
        RunEvent::ExitRequested { code: None, api, .. } => api.prevent_exit(),
        RunEvent::Exit => {
            if let Some(running) = app.state::<Shell>().take_running() {
                end(running, false);
            }
        }
        #[cfg(target_os = "macos")]
        RunEvent::Opened { urls } => {
            let place = urls.iter().find_map(|url| crate::links::place(url.as_str()));
            window::show(app, place);
        }
        #[cfg(target_os = "macos")]
        RunEvent::Reopen { .. } => window::show(app, None),
        _ => {}
    });
    Ok(())
}

/// Starts the server and lets the window in, or says why not.
fn begin(app: &AppHandle, config: Result<Config>) {
    if let Err(error) = config.and_then(|config| start(app, config)) {
        let said = base::product::said(&format!("{error:#}")).into_owned();
        tracing::error!(error = said, "the server did not start");
        if app::updating::is_tried() {
            // The version before goes on, and says why.
            return app.exit(1);
        }
        app.state::<Shell>().failed.store(true, Ordering::Relaxed);
        tray::say(app, "Could not start");
        window::explain(app, said);
    }
}

fn start(app: &AppHandle, config: Config) -> Result<()> {
    let data = config.data.clone();
    let switch = Switch { autostart: app.state::<Shell>().autostart.clone(), app: app.clone() };
    let (running, mut asked_to_end) = match Running::start(config, Some(Arc::new(switch))) {
        Ok(started) => started,
        Err(error) if is_taken(&error) && raise_the_other(app, &data) => {
            app.exit(0);
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let shell = app.state::<Shell>();
    let (home, chat) = (running.address().parse()?, running.chat().parse()?);
    let (desk, handle) = (running.desk(), running.handle());
    let recovered = running.recovered();
    if let Ok(mut slot) = shell.running.lock() {
        *slot = Some(running);
    }
    if let Ok(mut slot) = shell.desk.lock() {
        *slot = Some((desk.clone(), handle.clone()));
    }
    if let Some(text) = recovered {
        notify::show(app, notify::after_cut_off(text), || {});
    }
    let asked = app.clone();
    match Door::open(&data, move |place| window::show(&asked, place)) {
        Ok(door) => {
            if let Ok(mut slot) = shell.door.lock() {
                *slot = Some(door);
            }
        }
        Err(error) => tracing::warn!(%error, "a second start will not find this one"),
    }
    window::enter(app, home, chat);
    // From here on it is as its owner wants it.
    shell.memory.change(|known| known.in_sight = None);
    let _inside = handle.enter();
    let (followed, moved, updated, asked) = (app.clone(), app.clone(), app.clone(), app.clone());
    let updates = desk.clone();
    let outlook = desk.outlook();
    base::task::spawn("outlook", async move { keep_told(&followed, outlook).await });
    let told = app.clone();
    base::task::spawn("news", async move {
        app::updating::accepted().await;
        if let Some(text) = app::updating::news(&data) {
            let title = brand::product().to_owned();
            notify::show(
                &told,
                notify::Notice { title, text: text.into(), place: Some("/settings/about".into()) },
                || {},
            );
        }
    });
    base::task::spawn("moved", async move {
        desk.taken_over().await;
        leave(&moved, After::Moved);
    });
    base::task::spawn("updated", async move {
        updates.update_ready().await;
        leave(&updated, After::Updated);
    });
    base::task::spawn("end", async move {
        asked_to_end.wished().await;
        quit(&asked);
    });
    Ok(())
}

fn is_taken(error: &anyhow::Error) -> bool {
    error.downcast_ref::<base::Error>().is_some_and(|error| error.code == base::ErrorCode::Conflict)
}

/// Another start was quicker: it is asked to show itself as soon as it can be.
fn raise_the_other(app: &AppHandle, data: &Path) -> bool {
    let place = app.state::<Shell>().take_place();
    let watch = base::Stopwatch::start();
    // A server alone has no window to raise.
    let is_window = || machine::other(data).is_some_and(|owner| owner.kind == machine::Kind::Window);
    while watch.elapsed() < SIGN_PATIENCE && is_window() {
        if instance::knock(data, place.as_deref()) {
            return true;
        }
        std::thread::sleep(SIGN_LOOK);
    }
    false
}

/// Keeps the icon and the notifications at how things stand.
async fn keep_told(app: &AppHandle, mut outlook: watch::Receiver<Outlook>) {
    let mut watch = notify::Watch::default();
    loop {
        let changed = if watch.is_counting() {
            tokio::time::timeout(COUNTING, outlook.changed()).await.unwrap_or(Ok(()))
        } else {
            outlook.changed().await
        };
        if changed.is_err() {
            return;
        }
        let seen = outlook.borrow_and_update().clone();
        for notice in watch.news(&seen, window::is_in_sight(app), Clock::System.now()) {
            notify::show(app, notice, || {});
        }
        tray::tell(app, &seen);
    }
}

/// The first page of the server is there: it is signed in as the owner, once. Somebody who signs out stays signed out
/// until the next start.
pub(crate) fn let_in(app: &AppHandle, window: &WebviewWindow) {
    let shell = app.state::<Shell>();
    let Some((desk, handle)) = shell.desk() else { return };
    if shell.let_in.swap(true, Ordering::Relaxed) {
        return;
    }
    tracing::info!("the interface is in the window");
    let window = window.clone();
    let _inside = handle.enter();
    base::task::spawn("ticket", async move {
        let script = match desk.ticket().await {
            Ok(Some(ticket)) => ticket::script(&ticket),
            Ok(None) => return,
            Err(error) => Err(error.into()),
        };
        let given = script.and_then(|script| Ok(window.eval(script)?));
        if let Err(error) = given {
            tracing::warn!(%error, "the window was not signed in by itself");
        }
    });
}

/// Lets all bots answer, or none: the other of what is now.
pub(crate) fn switch_answering(app: &AppHandle) {
    let Some((desk, handle)) = app.state::<Shell>().desk() else { return };
    let app = app.clone();
    let _inside = handle.enter();
    base::task::spawn("answering", async move {
        let outlook = desk.look().await;
        if let Err(error) = desk.set_answering(!outlook.answering).await {
            tracing::error!(?error, "the bots could not be switched");
        }
        // Also when nothing changed: the system has set the mark beside the words already.
        tray::tell(&app, &desk.look().await);
    });
}

/// Ends the program in order: what is under way is finished first, and said when that takes a while.
pub(crate) fn quit(app: &AppHandle) {
    leave(app, After::Nothing);
}

/// What follows the end of the program.
#[derive(Clone, Copy, PartialEq, Eq)]
enum After {
    Nothing,
    /// It begins anew on the data of another computer.
    Moved,
    /// It begins anew, as a newer version when that works.
    Updated,
}

/// The same, and goes on as `after` says.
fn leave(app: &AppHandle, after: After) {
    let shell = app.state::<Shell>();
    if shell.ending.swap(true, Ordering::Relaxed) {
        return;
    }
    let app = app.clone();
    std::thread::spawn(move || {
        let shell = app.state::<Shell>();
        if after != After::Nothing {
            let in_sight = Some(window::is_shown(&app));
            shell.memory.change(|known| known.in_sight = in_sight);
        }
        shell.memory.write();
        drop(shell.door.lock().ok().and_then(|mut door| door.take()));
        drop(shell.desk.lock().ok().and_then(|mut desk| desk.take()));
        let running = shell.take_running();
        let (done, waited) = mpsc::channel::<()>();
        std::thread::spawn(move || {
            if let Some(running) = running {
                end(running, after != After::Nothing);
            }
            drop(done);
        });
        if waited.recv_timeout(AT_ONCE) == Err(mpsc::RecvTimeoutError::Timeout) {
            tray::say(&app, "Finishing what is under way …");
            window::finishing(&app);
            let _ = waited.recv();
        }
        match (after, app::updating::begins_anew()) {
            (After::Nothing, _) => app.exit(app::updating::ends_as_wished().into()),
            // Who waits for this process starts it again.
            (_, Some(code)) => app.exit(code.into()),
            (After::Moved, None) => app.restart(),
            (After::Updated, None) => {
                if let Err(error) = app::updating::start_again() {
                    tracing::error!(?error, "the program could not be started again");
                }
                app.exit(0);
            }
        }
    });
}

fn end(running: Running, anew: bool) {
    if let Err(error) = running.stop(anew) {
        tracing::error!(%error, "the end was not in order");
    }
}
