//! The desktop around the window, played: a place for icons beside the clock, and the program that shows notifications.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use zbus::message::Header;
use zbus::{Connection, OwnedObjectPath, OwnedVariant, Variant, connection, interface};

/// What programs told the desktop.
#[derive(Default)]
pub(crate) struct Heard {
    /// The icon: the name of its program on the bus, and its path.
    pub(crate) icon: Option<(String, String)>,
    /// In order. The id of each is its place, from 1 on.
    notices: Vec<Notice>,
}

/// A notification that was shown.
#[derive(Clone, Debug)]
pub(crate) struct Notice {
    title: String,
    text: String,
    /// The name of its picture among the system's.
    pub(crate) icon: String,
    /// The program in the menu that it belongs to.
    pub(crate) entry: String,
}

type Shared = Arc<Mutex<Heard>>;

struct Watcher(Shared);

#[interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    fn register_status_notifier_item(&self, service: &str, #[zbus(header)] header: Header<'_>) {
        let sender = header.sender().map(ToString::to_string).unwrap_or_default();
        let path = if service.starts_with('/') { service } else { "/StatusNotifierItem" };
        self.0.lock().unwrap().icon = Some((sender, path.to_owned()));
    }

    fn register_status_notifier_host(&self, _service: &str) {}

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        Vec::new()
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }
}

struct Notifications(Shared);

#[interface(name = "org.freedesktop.Notifications")]
impl Notifications {
    #[expect(clippy::too_many_arguments, reason = "the interface has so many")]
    fn notify(
        &self,
        _program: &str,
        _replaces: u32,
        icon: &str,
        title: &str,
        text: &str,
        _actions: Vec<String>,
        hints: std::collections::HashMap<String, OwnedVariant>,
        _timeout: i32,
    ) -> u32 {
        let mut heard = self.0.lock().unwrap();
        let entry = hints.get("desktop-entry").and_then(|v| <&str>::try_from(v).ok()).unwrap_or_default();
        let (title, text, icon, entry) = (title.to_owned(), text.to_owned(), icon.to_owned(), entry.to_owned());
        heard.notices.push(Notice { title, text, icon, entry });
        heard.notices.len() as u32
    }

    fn close_notification(&self, _id: u32) {}

    fn get_capabilities(&self) -> Vec<String> {
        vec!["body".into(), "actions".into()]
    }

    fn get_server_information(&self) -> (String, String, String, String) {
        ("played".into(), "tests".into(), "1".into(), "1.2".into())
    }
}

/// A bus with the desktop on it.
pub(crate) struct Desktop {
    bus: Child,
    pub(crate) address: String,
    pub(crate) has_place_for_icons: bool,
    connection: Connection,
    heard: Shared,
}

/// A line of the icon's menu.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) id: i32,
    pub(crate) words: String,
    pub(crate) enabled: bool,
    pub(crate) checked: bool,
}

impl Desktop {
    /// With a place for icons, or without.
    pub(crate) async fn open(icons: bool) -> Desktop {
        let mut bus = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--print-address"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("dbus is installed: cargo xtask window does that");
        let mut address = String::new();
        BufReader::new(bus.stdout.take().unwrap()).read_line(&mut address).unwrap();
        let address = address.trim().to_owned();
        let heard = Shared::default();
        let mut builder = connection::Builder::address(address.as_str())
            .serve_at("/org/freedesktop/Notifications", Notifications(heard.clone()))
            .name("org.freedesktop.Notifications");
        if icons {
            builder = builder
                .serve_at("/StatusNotifierWatcher", Watcher(heard.clone()))
                .name("org.kde.StatusNotifierWatcher");
        }
        let connection = builder.build().await.unwrap();
        Desktop { bus, address, has_place_for_icons: icons, connection, heard }
    }

    /// The titles of the notifications so far.
    pub(crate) fn titles(&self) -> Vec<String> {
        self.heard.lock().unwrap().notices.iter().map(|notice| notice.title.clone()).collect()
    }

    /// The notification that said these words, in its title or under it.
    pub(crate) fn told(&self, words: &str) -> Option<Notice> {
        let heard = self.heard.lock().unwrap();
        heard.notices.iter().find(|notice| notice.title.contains(words) || notice.text.contains(words)).cloned()
    }

    /// Clicks a notification.
    pub(crate) async fn click_notice(&self, title: &str) {
        let place = self.titles().iter().position(|known| known == title).unwrap();
        let id = u32::try_from(place + 1).unwrap();
        let path = "/org/freedesktop/Notifications";
        let name = "org.freedesktop.Notifications";
        self.connection.emit_signal(None::<&str>, path, name, "ActionInvoked", &(id, "default")).await.unwrap();
    }

    fn icon(&self) -> Option<(String, String)> {
        self.heard.lock().unwrap().icon.clone()
    }

    async fn of_icon(&self, property: &str) -> Option<OwnedVariant> {
        let (program, path) = self.icon()?;
        let interface = Some("org.freedesktop.DBus.Properties");
        let asked = ("org.kde.StatusNotifierItem", property);
        let answer = self.connection.call_method(Some(program.as_str()), path.as_str(), interface, "Get", &asked).await;
        answer.ok()?.body().deserialize::<OwnedVariant>().ok()
    }

    /// The file with the icon's picture: another one whenever it changes.
    pub(crate) async fn picture(&self) -> Option<String> {
        String::try_from(self.of_icon("IconName").await?).ok()
    }

    /// The lines of the icon's menu that say something; none before there is an icon.
    pub(crate) async fn menu(&self) -> Vec<Line> {
        self.read_menu().await.unwrap_or_default()
    }

    async fn read_menu(&self) -> Option<Vec<Line>> {
        let (program, menu) = self.menu_place().await?;
        let interface = Some("com.canonical.dbusmenu");
        let asked = (0_i32, -1_i32, Vec::<String>::new());
        let answer =
            self.connection.call_method(Some(program.as_str()), menu.as_str(), interface, "GetLayout", &asked).await;
        let answer = answer.ok()?;
        type Properties = std::collections::HashMap<String, OwnedVariant>;
        let body = answer.body();
        let (_, (_, _, children)): (u32, (i32, Properties, Vec<OwnedVariant>)) = body.deserialize().ok()?;
        let mut lines = Vec::new();
        for child in children {
            let (id, told, _): (i32, Properties, Vec<OwnedVariant>) = child.try_into().ok()?;
            let words = told.get("label").and_then(|v| <&str>::try_from(v).ok()).unwrap_or_default().to_owned();
            if words.is_empty() {
                continue;
            }
            let enabled = told.get("enabled").and_then(|v| bool::try_from(v).ok()).unwrap_or(true);
            let checked = told.get("toggle-state").and_then(|v| i32::try_from(v).ok()) == Some(1);
            lines.push(Line { id, words, enabled, checked });
        }
        Some(lines)
    }

    async fn menu_place(&self) -> Option<(String, OwnedObjectPath)> {
        let (program, _) = self.icon()?;
        Some((program, OwnedObjectPath::try_from(self.of_icon("Menu").await?).ok()?))
    }

    /// Clicks a line of the icon's menu.
    pub(crate) async fn click(&self, words: &str) {
        let lines = self.menu().await;
        let line = lines.iter().find(|line| line.words == words).unwrap_or_else(|| panic!("“{words}” in {lines:?}"));
        assert!(line.enabled, "{line:?}");
        let (program, menu) = self.menu_place().await.unwrap();
        let interface = Some("com.canonical.dbusmenu");
        let event = (line.id, "clicked", Variant::from(0_i32), 0_u32);
        self.connection.call_method(Some(program.as_str()), menu.as_str(), interface, "Event", &event).await.unwrap();
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        let _ = self.bus.kill();
        let _ = self.bus.wait();
    }
}
