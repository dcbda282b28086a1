//! What Linux leaves to the program: the keys for zoom and print, the spelling's language, dropped files, a web view whose
//! process ended, and whether anybody shows icons beside the clock.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::time::Duration;

use base::{Clock, Time};
use gtk::glib::Propagation;
use gtk::prelude::*;
use gtk::{gdk, gio};
use tauri::{AppHandle, Manager, WebviewWindow};
use webkit2gtk::{WebContextExt, WebViewExt};

use crate::shell::Shell;
use crate::{drop, window};

const ZOOM_STEP: f64 = 0.1;
const ZOOMS: std::ops::RangeInclusive<f64> = 0.5..=3.0;
/// A page that ends its process this often in a row is not loaded again by itself.
const CRASHES: usize = 3;
const CRASHES_WITHIN: Duration = Duration::from_secs(60);
const BUS_PATIENCE_MS: i32 = 500;
/// So long a blink that nobody sees its end: a million seconds.
const STEADY_BLINK_MS: i32 = 1_000_000_000;

/// Furnishes the window with all of it.
pub(crate) fn furnish(app: &AppHandle, window: &WebviewWindow) -> tauri::Result<()> {
    let shell = app.clone();
    window.with_webview(move |view| {
        let view = view.inner();
        if let Some(zoom) = shell.state::<Shell>().memory.get().zoom {
            view.set_zoom_level(zoom.clamp(*ZOOMS.start(), *ZOOMS.end()));
        }
        if let (Some(context), Some(language)) = (view.context(), spelling(sys_locale::get_locale().as_deref())) {
            context.set_spell_checking_enabled(true);
            context.set_spell_checking_languages(&[language.as_str()]);
        }
        drop::takes_files(&view);
        let crashes = RefCell::new(VecDeque::new());
        let app = shell.clone();
        view.connect_web_process_terminated(move |_, reason| {
            tracing::warn!(?reason, "the web view's process ended");
            let again = is_worth_a_try(&mut crashes.borrow_mut(), Clock::System.now());
            window::after_crash(&app, again);
        });
    })?;
    keep_the_caret_in_sight();
    let (keys, app) = (window.clone(), app.clone());
    window.gtk_window()?.connect_key_press_event(move |_, event| match wish(event.state(), event.keyval()) {
        Some(wish) => {
            if let Err(error) = fulfil(&app, &keys, wish) {
                tracing::warn!(%error, "a key could not be followed");
            }
            Propagation::Stop
        }
        None => Propagation::Proceed,
    });
    Ok(())
}

/// The caret is there and does not blink. Where the processor draws the screen, a caret that blinks in the web view costs
/// more than all the rest of the idle program, and WebKit never lets it rest as the toolkit's own fields do.
///
/// "Do not blink" is not what the web view is told: as long as that holds, it asks for pictures without an end, and a caret
/// that was in the dark half of its blink stays dark until the next key (seen with WebKitGTK 2.50). A blink without an end
/// starts in sight with each focus and each key, and stays so.
fn keep_the_caret_in_sight() {
    let Some(settings) = gtk::Settings::default() else { return };
    settings.set_gtk_cursor_blink_time(STEADY_BLINK_MS);
    settings.set_gtk_cursor_blink(true);
}

/// What a key is pressed for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Wish {
    Larger,
    Smaller,
    AsItWas,
    Print,
}

fn wish(held: gdk::ModifierType, key: gdk::keys::Key) -> Option<Wish> {
    use gdk::keys::constants as keys;
    let meant = gdk::ModifierType::CONTROL_MASK | gdk::ModifierType::MOD1_MASK | gdk::ModifierType::SUPER_MASK;
    if held & meant != gdk::ModifierType::CONTROL_MASK {
        return None;
    }
    match key {
        keys::plus | keys::equal | keys::KP_Add => Some(Wish::Larger),
        keys::minus | keys::KP_Subtract => Some(Wish::Smaller),
        keys::_0 | keys::KP_0 => Some(Wish::AsItWas),
        keys::p | keys::P => Some(Wish::Print),
        _ => None,
    }
}

fn fulfil(app: &AppHandle, window: &WebviewWindow, wish: Wish) -> tauri::Result<()> {
    if wish == Wish::Print {
        return window.print();
    }
    let memory = app.state::<Shell>().memory.clone();
    let now = memory.get().zoom.unwrap_or(1.0);
    let next = zoomed(now, wish);
    memory.change(|m| m.zoom = (next != 1.0).then_some(next));
    window.set_zoom(next)
}

fn zoomed(now: f64, wish: Wish) -> f64 {
    let next = match wish {
        Wish::Larger => now + ZOOM_STEP,
        Wish::Smaller => now - ZOOM_STEP,
        Wish::AsItWas | Wish::Print => 1.0,
    };
    // Steps of a tenth add up to odd numbers, and then 100% is never met again.
    ((next * 10.0).round() / 10.0).clamp(*ZOOMS.start(), *ZOOMS.end())
}

/// The system's language as dictionaries are named: `en_GB`.
fn spelling(locale: Option<&str>) -> Option<String> {
    let locale = locale?.split(['.', '@']).next()?.replace('-', "_");
    (locale.len() >= 2 && locale != "C" && locale != "POSIX").then_some(locale)
}

fn is_worth_a_try(crashes: &mut VecDeque<Time>, now: Time) -> bool {
    crashes.retain(|at: &Time| at.plus(CRASHES_WITHIN) > now);
    crashes.push_back(now);
    crashes.len() <= CRASHES
}

/// Whether a program is there that shows icons beside the clock.
pub(crate) fn has_tray() -> bool {
    let Ok(bus) = gio::bus_get_sync(gio::BusType::Session, gio::Cancellable::NONE) else { return false };
    let asked = ("org.kde.StatusNotifierWatcher", "IsStatusNotifierHostRegistered").to_variant();
    let answer = bus.call_sync(
        Some("org.kde.StatusNotifierWatcher"),
        "/StatusNotifierWatcher",
        "org.freedesktop.DBus.Properties",
        "Get",
        Some(&asked),
        None,
        gio::DBusCallFlags::NO_AUTO_START,
        BUS_PATIENCE_MS,
        gio::Cancellable::NONE,
    );
    answer.is_ok_and(|answer| {
        let value = answer.try_child_value(0).and_then(|value| value.as_variant());
        value.and_then(|value| value.get::<bool>()).unwrap_or(false)
    })
}

/// Asks in a small window what closing shall mean where there is no icon to come back by. Gives whether to go on
/// answering, or nothing when the question was put away.
pub(crate) fn ask_at_close(window: &WebviewWindow, product: &str, then: impl Fn(bool) + 'static) {
    let Ok(parent) = window.gtk_window() else { return then(true) };
    let question = gtk::MessageDialog::builder()
        .transient_for(&parent)
        .modal(true)
        .message_type(gtk::MessageType::Question)
        .text(format!("Shall {product} go on answering?"))
        .secondary_text("This desktop shows no icons beside the clock, so the window stays in the list of windows.")
        .build();
    question.add_button("Quit", gtk::ResponseType::Close);
    question.add_button("Go on answering", gtk::ResponseType::Accept);
    question.set_default_response(gtk::ResponseType::Accept);
    question.connect_response(move |question, said| {
        let go_on = match said {
            gtk::ResponseType::Close => false,
            gtk::ResponseType::Accept => true,
            // Put away, or closed by the line below: nothing happens, and the window stays as it is.
            _ => return,
        };
        question.close();
        then(go_on);
    });
    question.show_all();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spelling_is_that_of_the_system() {
        for (locale, language) in [
            (Some("en-GB"), Some("en_GB")),
            (Some("pt_BR.UTF-8"), Some("pt_BR")),
            (Some("sw"), Some("sw")),
            (Some("C"), None),
            (Some("C.UTF-8"), None),
            (Some("POSIX"), None),
            (None, None),
        ] {
            assert_eq!(spelling(locale).as_deref(), language, "{locale:?}");
        }
    }

    #[test]
    fn zooming_in_and_out_again_comes_back_to_where_it_was() {
        let mut zoom = 1.0;
        for wish in [Wish::Larger, Wish::Larger, Wish::Larger, Wish::Smaller, Wish::Smaller, Wish::Smaller] {
            zoom = zoomed(zoom, wish);
        }
        assert_eq!(zoom, 1.0);
        assert_eq!(
            (zoomed(3.0, Wish::Larger), zoomed(0.5, Wish::Smaller), zoomed(2.4, Wish::AsItWas)),
            (3.0, 0.5, 1.0)
        );
    }

    #[test]
    fn a_page_that_fails_again_and_again_is_not_loaded_for_ever() {
        let mut crashes = VecDeque::new();
        let start = Time(1_800_000_000_000);
        for (second, again) in [(0, true), (1, true), (2, true), (3, false), (70, true)] {
            let now = start.plus(Duration::from_secs(second));
            assert_eq!(is_worth_a_try(&mut crashes, now), again, "{second}");
        }
    }

    #[test]
    fn only_keys_with_ctrl_alone_are_taken_from_the_page() {
        use gdk::ModifierType as Held;
        use gdk::keys::constants as keys;
        for (held, key, wished) in [
            (Held::CONTROL_MASK, keys::plus, Some(Wish::Larger)),
            (Held::CONTROL_MASK | Held::SHIFT_MASK, keys::plus, Some(Wish::Larger)),
            (Held::CONTROL_MASK, keys::_0, Some(Wish::AsItWas)),
            (Held::CONTROL_MASK, keys::p, Some(Wish::Print)),
            (Held::CONTROL_MASK | Held::MOD1_MASK, keys::p, None),
            (Held::CONTROL_MASK, keys::k, None),
            (Held::empty(), keys::minus, None),
        ] {
            assert_eq!(wish(held, key), wished, "{key:?}");
        }
    }
}
