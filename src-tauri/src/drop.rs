//! Files that are dragged onto the window. WebKit for this toolkit shows no page the files of a drag since 2.50.3, the
//! answer to CVE-2025-13947. So the window takes them itself and hands them to the page: as if they had been chosen in
//! a question for files, and dropped by the page's own rules.

use std::cell::RefCell;
use std::rc::Rc;

use gtk::prelude::*;
use gtk::{gdk, gio, glib};
use webkit2gtk::{FileChooserRequestExt, WebView, WebViewExt};

const FILES: &str = "text/uri-list";
/// What is dragged out of a page or a browser offers one of these besides, and is left to WebKit.
const OF_PAGES: [&str; 3] = ["text/html", "text/x-moz-url", "_NETSCAPE_URL"];
const SCRIPT: &str = include_str!("drop.js");

/// The drag over the window, if it brings files.
#[derive(Default)]
struct Drag {
    context: Option<gdk::DragContext>,
    /// Where in the window it is.
    at: (i32, i32),
    /// The paths, once the other program has told them.
    files: Option<Vec<String>>,
    /// What was let go of, until the page asks for it.
    dropped: Vec<String>,
}

type Shared = Rc<RefCell<Drag>>;

/// Lets `view` take files from other programs. WebKit's own hands come after these, and see no drag that is taken here.
pub(crate) fn takes_files(view: &WebView) {
    let drag = Shared::default();
    let known = drag.clone();
    view.connect_drag_motion(move |view, context, x, y, time| {
        if !brings_files(context) {
            return false;
        }
        if is_followed(&known, context) {
            known.borrow_mut().at = (x, y);
            follow(&known, view, time);
        } else {
            *known.borrow_mut() = Drag { context: Some(context.clone()), at: (x, y), ..Drag::default() };
            view.drag_get_data(context, &gdk::Atom::intern(FILES), time);
        }
        true
    });
    let known = drag.clone();
    view.connect_drag_data_received(move |view, context, _, _, data, _, time| {
        if is_followed(&known, context) {
            let files = data.uris().iter().filter_map(|uri| file(uri)).collect();
            known.borrow_mut().files = Some(files);
            follow(&known, view, time);
        }
    });
    let known = drag.clone();
    view.connect_drag_leave(move |view, context, _| {
        // Before a drop it is said as well.
        let (known, view, context) = (known.clone(), view.clone(), context.clone());
        glib::idle_add_local_once(move || {
            if is_followed(&known, &context) {
                known.take();
                play(&view, "leave", (0, 0), 0, |_| {});
            }
        });
    });
    let known = drag.clone();
    view.connect_drag_drop(move |view, context, x, y, time| {
        if !is_followed(&known, context) {
            return false;
        }
        let dropped = known.take().files.unwrap_or_default();
        context.drag_finish(!dropped.is_empty(), false, time);
        let count = dropped.len();
        known.borrow_mut().dropped = dropped;
        let known = known.clone();
        // A page that has not asked by then gets nothing, whatever it asks for later.
        play(view, "drop", (x, y), count, move |_| known.borrow_mut().dropped.clear());
        true
    });
    view.connect_run_file_chooser(move |_, question| {
        let dropped = std::mem::take(&mut drag.borrow_mut().dropped);
        let is_ours = !dropped.is_empty() && question.selects_multiple();
        if is_ours {
            question.select_files(&dropped.iter().map(String::as_str).collect::<Vec<_>>());
        }
        is_ours
    });
}

fn is_followed(drag: &Shared, context: &gdk::DragContext) -> bool {
    drag.borrow().context.as_ref() == Some(context)
}

/// Whether another program offers files.
fn brings_files(context: &gdk::DragContext) -> bool {
    let offered: Vec<_> = context.list_targets().iter().map(|kind| kind.name()).collect();
    let has = |kind: &str| offered.iter().any(|known| known == kind);
    has(FILES) && !OF_PAGES.into_iter().any(has) && context.drag_get_source_widget().is_none()
}

/// The path of a file on this computer. A folder is none.
fn file(uri: &str) -> Option<String> {
    let (path, _) = glib::filename_from_uri(uri).ok()?;
    path.is_file().then(|| path.into_os_string().into_string().ok()).flatten()
}

/// Shows the page what is over it, once that is known, and the other program whether the page would take it.
fn follow(drag: &Shared, view: &WebView, time: u32) {
    let (context, count, at) = {
        let drag = drag.borrow();
        let (Some(context), Some(files)) = (&drag.context, &drag.files) else { return };
        (context.clone(), files.len(), drag.at)
    };
    if count == 0 {
        return context.drag_status(gdk::DragAction::empty(), time);
    }
    let known = drag.clone();
    play(view, "over", at, count, move |taken| {
        if is_followed(&known, &context) {
            let action = if taken { gdk::DragAction::COPY } else { gdk::DragAction::empty() };
            context.drag_status(action, time);
        }
    });
}

/// Plays `what` to the page. `then` is told whether the page would take the files.
fn play(view: &WebView, what: &str, (x, y): (i32, i32), count: usize, then: impl FnOnce(bool) + 'static) {
    let page = |way: i32| f64::from(way) / view.zoom_level();
    let script = format!("({SCRIPT})({what:?}, {}, {}, {count})", page(x), page(y));
    view.evaluate_javascript(&script, None, None, gio::Cancellable::NONE, move |answer| then(answer.is_ok()));
}
