//! The window: first a page of our own, then the server's, and never anything else.

use std::sync::{Arc, Mutex};

use anyhow::{Context, Result};
use tauri::webview::{NewWindowResponse, PageLoadEvent};
use tauri::{
    AppHandle, Manager, PhysicalPosition, PhysicalSize, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder,
    WindowEvent,
};

use crate::memory::{self, Frame};
use crate::shell::{self, Shell};
use crate::{brand, notify, tray};

const LABEL: &str = "main";

/// Where the window is, and so what it may show.
#[derive(Clone, Debug, Default)]
enum Home {
    /// On our own page, while there is no server.
    #[default]
    Ours,
    /// The interface, and where it finds the chat that customers see: it shows that one in a frame.
    Server { home: Url, chat: Url },
}

/// What our own page says.
#[derive(Clone, Debug, Default)]
enum Word {
    #[default]
    Starting,
    /// The sentence that says why there is no server.
    Failed(String),
    Finishing,
    /// The web view's process ended again and again.
    Broken,
}

/// What the window shows, shared with the rules for what it may show. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct View(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    home: Home,
    word: Word,
    /// The address of our own page, as the system spells it.
    ours: Option<Url>,
}

impl View {
    fn with<T: Default>(&self, look: impl FnOnce(&mut Seen) -> T) -> T {
        self.0.lock().map(|mut seen| look(&mut seen)).unwrap_or_default()
    }

    fn home(&self) -> Option<Url> {
        match self.with(|seen| seen.home.clone()) {
            Home::Server { home, .. } => Some(home),
            Home::Ours => None,
        }
    }

    /// Takes down the address of our own page, in whichever way the system says it first: where the server is quick, the
    /// page is left before it was ever there.
    fn learn(&self, page: &Url) {
        if stays_inside(&Home::Ours, page) {
            self.with(|seen| {
                seen.ours.get_or_insert_with(|| page.clone());
            });
        }
    }
}

/// Opens the window on our own page; unseen when it is to stay out of the way.
pub(crate) fn open(app: &AppHandle, hidden: bool) -> Result<()> {
    let shell = app.state::<Shell>();
    let (rules, loaded) = (shell.view.clone(), app.clone());
    let window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App("index.html".into()))
        .title(brand::product())
        .inner_size(1280.0, 820.0)
        .min_inner_size(720.0, 540.0)
        .visible(false)
        // The page takes dropped files itself, on Linux with the help of `drop`.
        .disable_drag_drop_handler()
        .zoom_hotkeys_enabled(cfg!(windows))
        .on_navigation(move |target| {
            rules.learn(target);
            let stays = stays_inside(&rules.with(|seen| seen.home.clone()), target);
            if !stays {
                open_outside(target);
            }
            stays
        })
        .on_new_window(|target, _| {
            open_outside(&target);
            NewWindowResponse::Deny
        })
        .on_page_load(move |window, load| {
            if load.event() == PageLoadEvent::Finished {
                greet(&loaded, &window, load.url());
            }
        });
    let window = window.build().context("The window could not be opened")?;
    if let Ok(page) = window.url() {
        shell.view.learn(&page);
    }
    place(app, &window);
    let followed = app.clone();
    window.on_window_event(move |event| follow(&followed, event));
    #[cfg(target_os = "linux")]
    crate::linux::furnish(app, &window)?;
    if !hidden {
        window.show()?;
    } else if !tray::is_seen(app) {
        // Out of the way, and yet to be found.
        window.show()?;
        window.minimize()?;
    }
    Ok(())
}

/// Puts the window where it was, as long as that is on a screen.
fn place(app: &AppHandle, window: &WebviewWindow) {
    let known = app.state::<Shell>().memory.get();
    let screens: Vec<Frame> = window.available_monitors().unwrap_or_default().iter().map(frame_of).collect();
    if let Some(frame) = known.frame.filter(|frame| memory::is_seen(*frame, &screens)) {
        let _ = window.set_size(PhysicalSize::new(frame.width, frame.height));
        let _ = window.set_position(PhysicalPosition::new(frame.x, frame.y));
    }
    if known.maximized {
        let _ = window.maximize();
    }
}

fn frame_of(screen: &tauri::Monitor) -> Frame {
    let (place, size) = (screen.position(), screen.size());
    Frame { x: place.x, y: place.y, width: size.width, height: size.height }
}

fn follow(app: &AppHandle, event: &WindowEvent) {
    let Some(window) = app.get_webview_window(LABEL) else { return };
    match event {
        WindowEvent::CloseRequested { api, .. } => {
            api.prevent_close();
            close(app, &window);
        }
        WindowEvent::Resized(_) | WindowEvent::Moved(_) => remember(app, &window),
        _ => {}
    }
}

fn remember(app: &AppHandle, window: &WebviewWindow) {
    let unseen = !window.is_visible().unwrap_or(false) || window.is_minimized().unwrap_or(true);
    let maximized = window.is_maximized().unwrap_or(false);
    let (Ok(place), Ok(size)) = (window.outer_position(), window.inner_size()) else { return };
    if unseen || size.width == 0 || size.height == 0 {
        return;
    }
    app.state::<Shell>().memory.change(|memory| {
        memory.maximized = maximized;
        if !maximized {
            memory.frame = Some(Frame { x: place.x, y: place.y, width: size.width, height: size.height });
        }
    });
}

/// Closing the window ends nothing: the bots go on answering. Where nobody could bring it back, the owner is asked.
fn close(app: &AppHandle, window: &WebviewWindow) {
    let shell = app.state::<Shell>();
    shell.memory.write();
    if shell.has_failed() {
        return shell::quit(app);
    }
    if !tray::is_seen(app) {
        return close_without_tray(app, window);
    }
    let _ = window.hide();
    if !shell.memory.get().told_of_tray {
        let memory = shell.memory.clone();
        notify::show(app, notify::after_closing(), move || memory.change(|m| m.told_of_tray = true));
    }
}

#[cfg(target_os = "linux")]
fn close_without_tray(app: &AppHandle, window: &WebviewWindow) {
    let (app, asked) = (app.clone(), window.clone());
    crate::linux::ask_at_close(window, brand::product(), move |go_on| {
        if go_on {
            let _ = asked.minimize();
        } else {
            shell::quit(&app);
        }
    });
}

#[cfg(not(target_os = "linux"))]
fn close_without_tray(_app: &AppHandle, window: &WebviewWindow) {
    let _ = window.minimize();
}

/// Brings the window up, at `place` when one is named.
pub(crate) fn show(app: &AppHandle, place: Option<String>) {
    let Some(window) = app.get_webview_window(LABEL) else { return };
    let _ = window.unminimize();
    let _ = window.show();
    let _ = window.set_focus();
    if let Some(place) = place {
        go_to(app, &window, place);
    }
}

fn go_to(app: &AppHandle, window: &WebviewWindow, place: String) {
    let shell = app.state::<Shell>();
    let Some(target) = shell.view.home().and_then(|home| home.join(&place).ok()) else {
        // The server is on its way; the window goes there as soon as it is ready.
        shell.set_place(place);
        return;
    };
    if window.url().ok().as_ref() != Some(&target) {
        let _ = window.navigate(target);
    }
}

/// Whether somebody has the window before them.
pub(crate) fn is_in_sight(app: &AppHandle) -> bool {
    app.get_webview_window(LABEL)
        .is_some_and(|window| window.is_visible().unwrap_or(false) && window.is_focused().unwrap_or(false))
}

/// Whether the window is there, behind others perhaps.
pub(crate) fn is_shown(app: &AppHandle) -> bool {
    app.get_webview_window(LABEL)
        .is_some_and(|window| window.is_visible().unwrap_or(false) && !window.is_minimized().unwrap_or(false))
}

/// The server is ready: the window goes to its pages. `chat`: where it lets customers chat.
pub(crate) fn enter(app: &AppHandle, home: Url, chat: Url) {
    let shell = app.state::<Shell>();
    shell.view.with(|seen| seen.home = Home::Server { home: home.clone(), chat });
    let target = shell.take_place().and_then(|place| home.join(&place).ok()).unwrap_or(home);
    if let Some(window) = app.get_webview_window(LABEL) {
        let _ = window.navigate(target);
    }
}

/// Says on our own page why there is no server.
pub(crate) fn explain(app: &AppHandle, why: String) {
    say(app, Word::Failed(why));
    show(app, None);
}

/// Says that what is under way is being finished.
pub(crate) fn finishing(app: &AppHandle) {
    say(app, Word::Finishing);
}

/// After the web view's process ended: the page is loaded `again`, or our own says what is the matter.
#[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "other systems start it again by themselves"))]
pub(crate) fn after_crash(app: &AppHandle, again: bool) {
    let Some(window) = app.get_webview_window(LABEL) else { return };
    if !again {
        return say(app, Word::Broken);
    }
    if let Ok(here) = window.url() {
        let _ = window.navigate(here);
    }
}

fn say(app: &AppHandle, word: Word) {
    let Some(window) = app.get_webview_window(LABEL) else { return };
    let view = app.state::<Shell>().view.clone();
    let ours = view.with(|seen| {
        seen.word = word;
        // Only now may our own page be shown again.
        let away = matches!(std::mem::take(&mut seen.home), Home::Server { .. });
        seen.ours.clone().filter(|_| away)
    });
    match ours {
        Some(ours) => {
            let _ = window.navigate(ours);
        }
        None => speak(&view, &window),
    }
}

/// A page is there: our own is told what to say, the server's first one lets the owner in.
fn greet(app: &AppHandle, window: &WebviewWindow, page: &Url) {
    let shell = app.state::<Shell>();
    match shell.view.home() {
        Some(home) if home.origin() == page.origin() => shell::let_in(app, window),
        Some(_) => {}
        None => {
            shell.view.learn(page);
            speak(&shell.view, window);
        }
    }
}

/// Lets our own page say what there is to say. It ignores what comes before it is there, and is told again then.
fn speak(view: &View, window: &WebviewWindow) {
    let word = view.with(|seen| seen.word.clone());
    let (state, why) = match &word {
        Word::Starting => ("starting", ""),
        Word::Failed(why) => ("failed", why.as_str()),
        Word::Finishing => ("finishing", ""),
        Word::Broken => ("broken", ""),
    };
    // As JSON, so that no sentence can end the string and become code.
    let told = serde_json::json!({ "state": state, "product": brand::product(), "why": why });
    let _ = window.eval(format!("window.tell?.({told})"));
}

/// The server's own pages stay in the window, and so does the chat, which the interface shows in a frame: not every system
/// tells a frame from the window. Without a server there is only the shell's own page.
fn stays_inside(home: &Home, target: &Url) -> bool {
    match home {
        Home::Server { home, chat } => {
            let is_chat = target.origin() == chat.origin() && target.path().starts_with(chat.path());
            target.origin() == home.origin() || is_chat || target.as_str() == "about:blank"
        }
        Home::Ours => target.scheme() == "tauri" || target.host_str() == Some("tauri.localhost"),
    }
}

/// Every other link is for the person's own browser, mail or phone program.
fn open_outside(target: &Url) {
    if !may_open_outside(target) {
        return;
    }
    let target = target.to_string();
    // The system's opener is watched for a moment, and the window is not to stand still meanwhile. Without a browser on the
    // machine nothing opens, and the page says the address anyway.
    std::thread::spawn(move || open::that_detached(target));
}

/// Never a file or a program: a customer's message can hold a link to anything.
fn may_open_outside(target: &Url) -> bool {
    matches!(target.scheme(), "https" | "http" | "mailto" | "tel")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_in_a_customers_message_never_replaces_the_interface_or_opens_a_file() {
        let home = Home::Server {
            home: "http://127.0.0.1:4870/".parse().unwrap(),
            chat: "http://127.0.0.1:4871/chat/".parse().unwrap(),
        };
        for (target, inside, outside) in [
            ("http://127.0.0.1:4870/bots", true, true),
            ("about:blank", true, false),
            ("http://127.0.0.1:4871/", false, true),
            ("http://127.0.0.1:4871/chat/019a", true, true),
            ("http://127.0.0.1:4871/widget.js", false, true),
            ("http://127.0.0.1:9999/chat/019a", false, true),
            ("https://example.com/", false, true),
            ("mailto:someone@example.com", false, true),
            ("file:///etc/passwd", false, false),
            ("javascript:alert(1)", false, false),
            ("tauri://localhost/", false, false),
        ] {
            let target: Url = target.parse().unwrap();
            assert_eq!(stays_inside(&home, &target), inside, "{target}");
            assert_eq!(may_open_outside(&target), outside, "{target}");
        }
    }

    #[test]
    fn the_page_that_explains_a_failed_start_may_be_shown() {
        for (target, inside) in
            [("tauri://localhost/index.html", true), ("http://tauri.localhost/", true), ("https://example.com/", false)]
        {
            assert_eq!(stays_inside(&Home::Ours, &target.parse().unwrap()), inside, "{target}");
        }
    }
}
