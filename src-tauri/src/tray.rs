//! The icon beside the clock: how things stand, the switch for all bots, and the way out.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

use app::{Outlook, Reached};
use tauri::menu::{CheckMenuItem, Menu, MenuItem, PredefinedMenuItem};
use tauri::tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Manager};

use crate::icons::{self, Mark};
use crate::shell::{self, Shell};
use crate::{brand, window};

/// The icon and what of its menu changes.
pub(crate) struct Tray {
    icon: TrayIcon,
    state: MenuItem<tauri::Wry>,
    waiting: MenuItem<tauri::Wry>,
    answering: CheckMenuItem<tauri::Wry>,
    autostart: CheckMenuItem<tauri::Wry>,
    shown: Mutex<Mark>,
}

/// Puts the icon there. Where the system has no place for one, the window has to do without.
pub(crate) fn open(app: &AppHandle) {
    // The library that draws it on Linux is looked for when it is first used, and panics when it is not there.
    match catch_unwind(AssertUnwindSafe(|| build(app))) {
        Ok(Ok(tray)) => {
            app.manage(tray);
        }
        Ok(Err(error)) => tracing::warn!(%error, "there is no place for an icon beside the clock"),
        Err(_) => tracing::warn!("the library for icons beside the clock is not there"),
    }
}

fn build(app: &AppHandle) -> tauri::Result<Tray> {
    let shell = app.state::<Shell>();
    let [open, quit] = own_words();
    let open = MenuItem::with_id(app, "open", open, true, None::<&str>)?;
    let state = MenuItem::with_id(app, "state", "Starting …", false, None::<&str>)?;
    let waiting = MenuItem::with_id(app, "waiting", waiting_words(0), false, None::<&str>)?;
    let answering = CheckMenuItem::with_id(app, "answering", "Answer for me", false, false, None::<&str>)?;
    let (possible, on) = (shell.autostart.is_possible(), shell.autostart.is_on());
    let autostart = CheckMenuItem::with_id(app, "autostart", "Start with this computer", possible, on, None::<&str>)?;
    let quit = MenuItem::with_id(app, "quit", quit, true, None::<&str>)?;
    let line = || PredefinedMenuItem::separator(app);
    let menu = Menu::with_items(app, &[&open, &waiting, &line()?, &state, &answering, &line()?, &autostart, &quit])?;
    let icon = TrayIconBuilder::with_id("main")
        .icon(icons::marked(Mark::Well)?)
        .tooltip(brand::product())
        .menu(&menu)
        .show_menu_on_left_click(false)
        .on_menu_event(move |app, event| match event.id().as_ref() {
            "open" => window::show(app, None),
            "waiting" => window::show(app, Some("/inbox".into())),
            "answering" => shell::switch_answering(app),
            "autostart" => switch_autostart(app),
            "quit" => shell::quit(app),
            _ => {}
        })
        .on_tray_icon_event(|tray, event| {
            if let TrayIconEvent::Click { button: MouseButton::Left, button_state: MouseButtonState::Up, .. } = event {
                window::show(tray.app_handle(), None);
            }
        })
        .build(app)?;
    Ok(Tray { icon, state, waiting, answering, autostart, shown: Mutex::default() })
}

/// Whether a person can see the icon: else closing the window must not hide it.
pub(crate) fn is_seen(app: &AppHandle) -> bool {
    app.try_state::<Tray>().is_some() && has_place()
}

#[cfg(target_os = "linux")]
fn has_place() -> bool {
    crate::linux::has_tray()
}

#[cfg(not(target_os = "linux"))]
fn has_place() -> bool {
    true
}

/// Shows how things stand.
pub(crate) fn tell(app: &AppHandle, outlook: &Outlook) {
    let Some(tray) = app.try_state::<Tray>() else { return };
    let shown = tray.show(outlook);
    if let Err(error) = shown {
        tracing::warn!(%error, "the icon beside the clock could not be changed");
    }
    // The system's own settings switch it, too, and tell nobody.
    tell_autostart(app);
}

/// Shows whether the program starts with the computer: what the system says, whoever switched it.
pub(crate) fn tell_autostart(app: &AppHandle) {
    if let Some(tray) = app.try_state::<Tray>() {
        let _ = tray.autostart.set_checked(app.state::<Shell>().autostart.is_on());
    }
}

/// Says that what is under way is being finished, or why there is no server.
pub(crate) fn say(app: &AppHandle, words: &str) {
    if let Some(tray) = app.try_state::<Tray>() {
        let _ = tray.state.set_text(words);
        let _ = tray.answering.set_enabled(false);
    }
}

impl Tray {
    fn show(&self, outlook: &Outlook) -> tauri::Result<()> {
        let words = state_words(outlook);
        self.icon.set_tooltip(Some(tooltip(&words)))?;
        self.state.set_text(words)?;
        self.waiting.set_text(waiting_words(outlook.waiting))?;
        self.waiting.set_enabled(outlook.waiting > 0)?;
        self.answering.set_enabled(outlook.bots)?;
        self.answering.set_checked(outlook.answering)?;
        let mark = Mark::of(outlook);
        let known = self.shown.lock().map(|mut shown| std::mem::replace(&mut *shown, mark));
        if known.is_ok_and(|known| known != mark) {
            self.icon.set_icon(Some(icons::marked(mark)?))?;
        }
        Ok(())
    }
}

fn switch_autostart(app: &AppHandle) {
    let shell = app.state::<Shell>();
    if let Err(error) = shell.autostart.set(!shell.autostart.is_on()) {
        tracing::warn!(%error, "starting with the computer could not be switched");
    }
    tell_autostart(app);
}

/// What opens the window, and what ends the program.
fn own_words() -> [String; 2] {
    ["Open", "Quit"].map(|what| format!("{what} {}", brand::product()))
}

fn tooltip(words: &str) -> String {
    format!("{}: {words}", brand::product())
}

fn waiting_words(waiting: u32) -> String {
    match waiting {
        0 => "Nobody waits for you".to_owned(),
        1 => "1 person waits for you".to_owned(),
        _ => format!("{waiting} people wait for you"),
    }
}

/// How things stand, in words: whether bots answer, whether customers get here, what is on its way.
fn state_words(outlook: &Outlook) -> String {
    let mut words = vec![
        match (outlook.bots, outlook.answering) {
            (false, _) => "Ready, no bot yet",
            (true, true) => "Online",
            (true, false) => "Bots are silent",
        }
        .to_owned(),
    ];
    words.extend(match outlook.address {
        Reached::Unset => None,
        Reached::Proven => Some("customers reach you".to_owned()),
        Reached::Unproven => Some("address not tried yet".to_owned()),
        Reached::Failed => Some("customers cannot reach you".to_owned()),
    });
    words.extend(match outlook.outgoing {
        0 => None,
        1 => Some("1 message on its way".to_owned()),
        count => Some(format!("{count} messages on their way")),
    });
    words.extend(match outlook.stuck {
        0 => None,
        1 => Some("1 message to look at".to_owned()),
        count => Some(format!("{count} messages to look at")),
    });
    words.extend(outlook.channels_down.iter().take(2).map(|down| format!("{} is down", down.name)));
    words.extend(outlook.disk_low.then(|| "the disk is nearly full".to_owned()));
    words.join(" · ")
}

#[cfg(test)]
mod tests {
    use app::Down;

    use super::*;

    #[test]
    fn a_brands_menu_names_the_brand_and_nobody_else() {
        base::product::set("Help Desk", "helpdesk", None);
        let [open, quit] = own_words();
        assert_eq!((open.as_str(), quit.as_str()), ("Open Help Desk", "Quit Help Desk"));
        let down = Down { channel: base::id::ChannelId::fresh(), name: "WhatsApp".into() };
        for (bots, answering) in [(false, false), (true, false), (true, true)] {
            for address in [Reached::Unset, Reached::Proven, Reached::Unproven, Reached::Failed] {
                let outlook = Outlook {
                    bots,
                    answering,
                    address,
                    outgoing: 2,
                    stuck: 1,
                    channels_down: vec![down.clone()],
                    disk_low: true,
                    ..Outlook::default()
                };
                let words = tooltip(&state_words(&outlook));
                assert!(words.starts_with("Help Desk: "), "{words}");
                assert!(!words.to_lowercase().contains("botflow"), "{words}");
            }
        }
    }

    #[test]
    fn the_menu_says_in_words_how_things_stand() {
        let well = Outlook { bots: true, answering: true, address: Reached::Proven, ..Outlook::default() };
        let down = Down { channel: base::id::ChannelId::fresh(), name: "WhatsApp".into() };
        for (outlook, words) in [
            (Outlook::default(), "Ready, no bot yet"),
            (well.clone(), "Online · customers reach you"),
            (Outlook { answering: false, ..well.clone() }, "Bots are silent · customers reach you"),
            (
                Outlook { outgoing: 1, stuck: 2, ..well.clone() },
                "Online · customers reach you · 1 message on its way · 2 messages to look at",
            ),
            (
                Outlook { address: Reached::Failed, channels_down: vec![down], disk_low: true, ..well },
                "Online · customers cannot reach you · WhatsApp is down · the disk is nearly full",
            ),
        ] {
            assert_eq!(state_words(&outlook), words);
        }
        assert_eq!(
            [0, 1, 7].map(waiting_words),
            ["Nobody waits for you", "1 person waits for you", "7 people wait for you"]
        );
    }
}
