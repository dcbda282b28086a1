//! A screen of its own for each test: which windows are on it, and a hand that closes them.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    AtomEnum, ClientMessageEvent, ConfigureWindowAux, ConnectionExt, EventMask, ImageFormat, InputFocus,
    KEY_PRESS_EVENT, KEY_RELEASE_EVENT, MapState, Window,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;

/// The control key, as keyboards number it.
const CONTROL: u8 = 37;

/// Whether there is nothing to be read: the window's ground, and the screen's beside it.
fn is_blank(dots: &[u8]) -> bool {
    let mut colours = std::collections::HashSet::new();
    dots.chunks_exact(4).all(|dot| {
        colours.insert(dot);
        colours.len() < 4
    })
}

/// A screen that nobody sees.
pub(crate) struct Screen {
    server: Child,
    pub(crate) display: String,
    connection: RustConnection,
    root: Window,
}

impl Screen {
    pub(crate) fn open() -> Screen {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1366x900x24", "-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb is installed: cargo xtask window does that");
        let mut line = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let display = format!(":{}", line.trim());
        let (connection, number) = x11rb::connect(Some(&display)).unwrap();
        let root = connection.setup().roots[number].root;
        Screen { server, display, connection, root }
    }

    fn atom(&self, name: &str) -> u32 {
        self.connection.intern_atom(false, name.as_bytes()).unwrap().reply().unwrap().atom
    }

    /// The program's windows that are large enough to be looked at: each with its name, and whether it is on the screen.
    fn windows(&self) -> Vec<(Window, String, bool)> {
        let tree = self.connection.query_tree(self.root).unwrap().reply().unwrap();
        tree.children
            .into_iter()
            .filter_map(|window| {
                let place = self.connection.get_geometry(window).ok()?.reply().ok()?;
                let attributes = self.connection.get_window_attributes(window).ok()?.reply().ok()?;
                let name = self
                    .connection
                    .get_property(false, window, AtomEnum::WM_NAME, AtomEnum::ANY, 0, 64)
                    .ok()?
                    .reply()
                    .ok()?;
                let seen = attributes.map_state == MapState::VIEWABLE;
                (place.width > 100).then(|| (window, String::from_utf8_lossy(&name.value).into_owned(), seen))
            })
            .collect()
    }

    /// Whether a window of this name is on the screen.
    pub(crate) fn shows(&self, name: &str) -> bool {
        self.windows().iter().any(|(_, known, seen)| *seen && known == name)
    }

    /// How many windows are on the screen.
    pub(crate) fn count(&self) -> usize {
        self.windows().iter().filter(|(_, _, seen)| *seen).count()
    }

    /// Closes the window as its button does: asks the program to.
    pub(crate) fn close(&self, name: &str) {
        let (window, ..) = self.windows().into_iter().find(|(_, known, seen)| *seen && known == name).unwrap();
        let (protocols, delete) = (self.atom("WM_PROTOCOLS"), self.atom("WM_DELETE_WINDOW"));
        let event = ClientMessageEvent::new(32, window, protocols, [delete, 0, 0, 0, 0]);
        self.connection.send_event(false, window, EventMask::NO_EVENT, event).unwrap();
        self.connection.flush().unwrap();
    }

    /// Presses a key in the window that is not the one of this name.
    pub(crate) fn press_beside(&self, name: &str, keycode: u8) {
        let (window, ..) = self.windows().into_iter().find(|(_, known, seen)| *seen && known != name).unwrap();
        self.connection.set_input_focus(InputFocus::PARENT, window, x11rb::CURRENT_TIME).unwrap();
        for kind in [KEY_PRESS_EVENT, KEY_RELEASE_EVENT] {
            self.connection.xtest_fake_input(kind, keycode, 0, self.root, 0, 0, 0).unwrap();
        }
        self.connection.flush().unwrap();
    }

    /// Everything on the screen, dot by dot.
    pub(crate) fn dots(&self) -> Vec<u8> {
        let place = self.connection.get_geometry(self.root).unwrap().reply().unwrap();
        self.part((0, 0), (place.width, place.height))
    }

    /// What is on a part of the screen: blue, green, red and nothing of each dot.
    fn part(&self, (x, y): (i16, i16), (width, height): (u16, u16)) -> Vec<u8> {
        let image = self.connection.get_image(ImageFormat::Z_PIXMAP, self.root, x, y, width, height, !0);
        image.unwrap().reply().unwrap().data
    }

    /// How many dots are dark in a part of the window of this name: `[x, y, width, height]` from its corner.
    pub(crate) fn dark_dots(&self, name: &str, [x, y, width, height]: [i16; 4]) -> usize {
        let (left, top, ..) = self.frame(name).unwrap();
        let part = self.part((left + x, top + y), (width.unsigned_abs(), height.unsigned_abs()));
        part.chunks_exact(4).filter(|dot| dot[..3].iter().all(|colour| *colour < 100)).count()
    }

    /// Waits until what is to be seen has been painted and stays as it is. A page is there some time before it is seen,
    /// and one that never rests is taken as it is.
    pub(crate) fn until_painted(&self) {
        let (mut before, mut same) = (self.dots(), 0);
        for _ in 0..30 {
            std::thread::sleep(Duration::from_millis(200));
            let now = self.dots();
            same = if now == before && !is_blank(&now) { same + 1 } else { 0 };
            if same == 3 {
                return;
            }
            before = now;
        }
    }

    /// Waits until nothing has moved for longer than a caret takes to blink.
    pub(crate) fn until_at_rest(&self) {
        let (mut now, mut same) = (self.dots(), 0);
        for _ in 0..200 {
            std::thread::sleep(Duration::from_millis(200));
            let next = self.dots();
            same = if next == now { same + 1 } else { 0 };
            if same == 12 {
                return;
            }
            now = next;
        }
        panic!("the screen does not come to rest");
    }

    /// Where the window is and how large, once it is on the screen: `(x, y, width, height)`.
    pub(crate) fn frame(&self, name: &str) -> Option<(i16, i16, u16, u16)> {
        let (window, ..) = self.windows().into_iter().find(|(_, known, seen)| *seen && known == name)?;
        let place = self.connection.get_geometry(window).ok()?.reply().ok()?;
        Some((place.x, place.y, place.width, place.height))
    }

    /// The window of this name that is on the screen, and where its corner is.
    pub(crate) fn named(&self, name: &str) -> Option<(Window, (i16, i16))> {
        let (window, ..) = self.windows().into_iter().find(|(_, known, seen)| *seen && known == name)?;
        let place = self.connection.get_geometry(window).ok()?.reply().ok()?;
        Some((window, (place.x, place.y)))
    }

    /// Moves the window and makes it this large, as a hand at its edges would.
    pub(crate) fn put(&self, name: &str, (x, y, width, height): (i16, i16, u16, u16)) {
        let (window, ..) = self.windows().into_iter().find(|(_, known, seen)| *seen && known == name).unwrap();
        let wish = ConfigureWindowAux::new().x(i32::from(x)).y(i32::from(y)).width(u32::from(width));
        self.connection.configure_window(window, &wish.height(u32::from(height))).unwrap();
        self.connection.flush().unwrap();
    }

    /// Presses a key in the window of this name while the control key is held.
    pub(crate) fn press_with_control(&self, name: &str, keycode: u8) {
        let (window, ..) = self.windows().into_iter().find(|(_, known, seen)| *seen && known == name).unwrap();
        self.connection.set_input_focus(InputFocus::PARENT, window, x11rb::CURRENT_TIME).unwrap();
        for (kind, key) in [
            (KEY_PRESS_EVENT, CONTROL),
            (KEY_PRESS_EVENT, keycode),
            (KEY_RELEASE_EVENT, keycode),
            (KEY_RELEASE_EVENT, CONTROL),
        ] {
            self.connection.xtest_fake_input(kind, key, 0, self.root, 0, 0, 0).unwrap();
        }
        self.connection.flush().unwrap();
    }

    /// A picture of the whole screen, kept for people to look at.
    pub(crate) fn picture(&self, name: &str) {
        self.until_painted();
        self.keep(name);
    }

    /// The same of a page that never rests: taken once it is seen to move.
    pub(crate) fn picture_in_motion(&self, name: &str) {
        let (mut before, mut moved) = (self.dots(), 0);
        for _ in 0..15 {
            std::thread::sleep(Duration::from_millis(40));
            let now = self.dots();
            moved = if now == before { 0 } else { moved + 1 };
            if moved == 3 {
                break;
            }
            before = now;
        }
        self.keep(name);
    }

    fn keep(&self, name: &str) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/journeys/shots");
        let _ = std::fs::create_dir_all(&folder);
        let file = folder.join(format!("window-{name}.png"));
        // A test says what it has to say without it.
        let _ = Command::new("import").args(["-display", &self.display, "-window", "root"]).arg(file).status();
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
