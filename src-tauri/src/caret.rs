//! The caret stops blinking when nobody writes, as it does in the toolkit's own fields. Where the processor draws the
//! screen, a caret that blinks in the web view costs more than all the rest of the idle program.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use gtk::glib::{Propagation, SourceId, timeout_add_local_once};
use gtk::prelude::*;
use gtk::{ApplicationWindow, Settings};

/// So long a blink that nobody sees its end.
const STEADY_MS: i32 = 1_000_000_000;
/// Within which the web view has drawn a caret that was just told not to blink.
const DRAWN: Duration = Duration::from_secs(1);

/// Lets the caret in `window` rest as long after the last key as the system says.
pub(crate) fn rests(window: &ApplicationWindow) {
    let Some(settings) = Settings::default().filter(Settings::is_gtk_cursor_blink) else { return };
    let Ok(patience) = u64::try_from(settings.gtk_cursor_blink_timeout()) else { return };
    let caret = Rc::new(Caret {
        blink_ms: settings.gtk_cursor_blink_time(),
        patience: Duration::from_secs(patience.max(1)),
        settings,
        next: Cell::default(),
    });
    caret.clone().blink();
    let focused = caret.clone();
    window.connect_focus_in_event(move |_, _| {
        focused.clone().blink();
        Propagation::Proceed
    });
    window.connect_key_press_event(move |_, _| {
        caret.clone().blink();
        Propagation::Proceed
    });
}

struct Caret {
    settings: Settings,
    /// What the system says of a blink.
    blink_ms: i32,
    patience: Duration,
    /// The step that is due next.
    next: Cell<Option<SourceId>>,
}

impl Caret {
    fn blink(self: Rc<Self>) {
        self.settings.set_gtk_cursor_blink_time(self.blink_ms);
        self.settings.set_gtk_cursor_blink(true);
        let patience = self.patience;
        self.after(patience, Self::show);
    }

    /// A caret that does not blink is to be drawn at once, whichever half of its blink it was in. On a busy computer the
    /// web view was seen to leave it dark until the next key; why is not known yet. The web view asks for pictures without
    /// an end as long as that lasts, so it lasts a moment.
    fn show(self: Rc<Self>) {
        self.settings.set_gtk_cursor_blink(false);
        self.after(DRAWN, Self::rest);
    }

    fn rest(self: Rc<Self>) {
        self.settings.set_gtk_cursor_blink_time(STEADY_MS);
        self.settings.set_gtk_cursor_blink(true);
    }

    fn after(self: Rc<Self>, wait: Duration, step: fn(Rc<Self>)) {
        let caret = self.clone();
        let source = timeout_add_local_once(wait, move || {
            caret.next.set(None);
            step(caret);
        });
        if let Some(previous) = self.next.replace(Some(source)) {
            previous.remove();
        }
    }
}
