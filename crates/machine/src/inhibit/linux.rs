//! Linux: logind is asked, which every login and every service may do, and the desktop, which puts the computer to sleep
//! by rules of its own. Either may be missing.

use std::time::Duration;

use zbus::zvariant::{DynamicType, OwnedFd};
use zbus::{Connection, Message, connection};

use super::{Buses, WHY};
use crate::awake::Hold;

/// A bus that does not answer within this is taken for missing.
const PATIENCE: Duration = Duration::from_secs(5);
/// Of GNOME's session manager: the computer stays awake, the screen may go dark.
const SUSPEND: u32 = 4;

/// Keeps the computer awake until what is returned is dropped; a sentence when that cannot be.
pub(crate) async fn hold(program: String, buses: Buses) -> Result<Hold, String> {
    let logind = in_time(ask_logind(&program, buses.system)).await;
    let desktop = in_time(ask_desktop(&program, buses.session)).await;
    match (logind, desktop) {
        (Err(logind), Err(desktop)) => {
            tracing::warn!(%logind, %desktop, "the system cannot be asked to stay awake");
            Err("This computer cannot be asked to stay awake: neither its login service nor a desktop answers. \
                 Set it to never sleep in its own power settings."
                .to_owned())
        }
        held => Ok(Box::new(held)),
    }
}

async fn in_time<T>(asked: impl Future<Output = zbus::Result<T>>) -> zbus::Result<T> {
    let answer = tokio::time::timeout(PATIENCE, asked).await;
    answer.unwrap_or_else(|_| Err(zbus::Error::Failure("no answer in time".to_owned())))
}

/// The lock is the open file alone; the connection is not needed any more.
async fn ask_logind(program: &str, at: Option<String>) -> zbus::Result<OwnedFd> {
    let bus = match at {
        Some(at) => connection::Builder::address(at.as_str())?.build().await?,
        None => Connection::system().await?,
    };
    let manager = ("org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager");
    inhibit(&bus, manager, &("idle", program, WHY, "block")).await?.body().deserialize()
}

/// The desktop gives the wish up with the connection. GNOME has its own way, the others share one.
async fn ask_desktop(program: &str, at: Option<String>) -> zbus::Result<Connection> {
    let bus = match at {
        Some(at) => connection::Builder::address(at.as_str())?.build().await?,
        None => Connection::session().await?,
    };
    let gnome = ("org.gnome.SessionManager", "/org/gnome/SessionManager", "org.gnome.SessionManager");
    if inhibit(&bus, gnome, &(program, 0_u32, WHY, SUSPEND)).await.is_err() {
        let others = (
            "org.freedesktop.PowerManagement",
            "/org/freedesktop/PowerManagement/Inhibit",
            "org.freedesktop.PowerManagement.Inhibit",
        );
        inhibit(&bus, others, &(program, WHY)).await?;
    }
    Ok(bus)
}

async fn inhibit<W>(bus: &Connection, whom: (&str, &str, &str), wish: &W) -> zbus::Result<Message>
where
    W: serde::Serialize + DynamicType,
{
    let (name, path, interface) = whom;
    bus.call_method(Some(name), path, Some(interface), "Inhibit", wish).await
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Read};
    use std::process::{Child, Command, Stdio};

    use futures::StreamExt;
    use zbus::MessageStream;
    use zbus::zvariant::Fd;

    use super::*;

    /// A message bus of its own.
    struct Bus {
        child: Child,
        address: String,
    }

    impl Bus {
        /// Nothing where no bus is installed; on CI a test that did not run must not look like one that did.
        fn start() -> Option<Bus> {
            let mut command = Command::new("dbus-daemon");
            command.args(["--session", "--nofork", "--print-address"]).stdout(Stdio::piped()).stderr(Stdio::null());
            let Ok(mut child) = command.spawn() else {
                assert!(std::env::var_os("CI").is_none(), "there is no dbus-daemon on this computer");
                println!("left out: there is no dbus-daemon on this computer");
                return None;
            };
            let mut address = String::new();
            BufReader::new(child.stdout.take().unwrap()).read_line(&mut address).unwrap();
            Some(Bus { child, address: address.trim().to_owned() })
        }

        fn both(&self) -> Buses {
            Buses { system: Some(self.address.clone()), session: Some(self.address.clone()) }
        }

        async fn connect(&self) -> Connection {
            connection::Builder::address(self.address.as_str()).unwrap().build().await.unwrap()
        }
    }

    impl Drop for Bus {
        fn drop(&mut self) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }

    fn nowhere() -> Buses {
        let at = Some("unix:path=/nowhere/bus".to_owned());
        Buses { system: at.clone(), session: at }
    }

    #[tokio::test]
    async fn without_any_bus_the_owner_is_told_what_to_do() {
        let why = hold("BotFlow".to_owned(), nowhere()).await.unwrap_err();
        assert!(why.contains("power settings"), "{why}");
    }

    #[tokio::test]
    async fn a_bus_on_which_nobody_listens_is_told_likewise() {
        let Some(bus) = Bus::start() else { return };
        assert!(hold("BotFlow".to_owned(), bus.both()).await.is_err());
    }

    #[tokio::test]
    async fn logind_holds_the_computer_awake_until_we_let_go() {
        let Some(bus) = Bus::start() else { return };
        let service = bus.connect().await;
        service.request_name("org.freedesktop.login1").await.unwrap();
        let (mut ours, theirs) = std::io::pipe().unwrap();
        let mut calls = MessageStream::from(&service);
        let answering = service.clone();
        base::task::spawn("logind", async move {
            let mut theirs = Some(theirs);
            while let Some(Ok(call)) = calls.next().await {
                let header = call.header();
                if header.member().is_some_and(|m| m == "Inhibit") {
                    let asked: (String, String, String, String) = call.body().deserialize().unwrap();
                    assert_eq!((asked.0.as_str(), asked.1.as_str(), asked.3.as_str()), ("idle", "BotFlow", "block"));
                    let lock = theirs.take().unwrap();
                    answering.reply(&header, &Fd::from(&lock)).await.unwrap();
                }
            }
        });
        let held = hold("BotFlow".to_owned(), Buses { session: nowhere().session, ..bus.both() }).await.unwrap();
        drop(held);
        // The pipe ends when nobody holds its other side.
        let read = base::task::blocking(move || ours.read(&mut [0; 1]));
        assert_eq!(tokio::time::timeout(PATIENCE, read).await.unwrap().unwrap().unwrap(), 0);
    }

    #[tokio::test]
    async fn each_desktop_is_asked_in_its_own_words() {
        for (name, wish) in [
            ("org.gnome.SessionManager", "(\"BotFlow\", 0, \"Customers are being answered\", 4)"),
            ("org.freedesktop.PowerManagement", "(\"BotFlow\", \"Customers are being answered\")"),
        ] {
            let Some(bus) = Bus::start() else { return };
            let service = bus.connect().await;
            service.request_name(name).await.unwrap();
            let mut calls = MessageStream::from(&service);
            let answering = service.clone();
            let (told, heard) = tokio::sync::oneshot::channel();
            let gnome = name.contains("gnome");
            base::task::spawn("desktop", async move {
                let mut told = Some(told);
                while let Some(Ok(call)) = calls.next().await {
                    let header = call.header();
                    if header.member().is_none_or(|m| m != "Inhibit") {
                        continue;
                    }
                    let body = call.body();
                    let asked = if gnome {
                        format!("{:?}", body.deserialize::<(String, u32, String, u32)>().unwrap())
                    } else {
                        format!("{:?}", body.deserialize::<(String, String)>().unwrap())
                    };
                    if let Some(told) = told.take() {
                        told.send(asked).unwrap();
                    }
                    answering.reply(&header, &7_u32).await.unwrap();
                }
            });
            let held = hold("BotFlow".to_owned(), Buses { system: nowhere().system, ..bus.both() }).await.unwrap();
            assert_eq!(heard.await.unwrap(), wish, "{name}");
            drop(held);
        }
    }
}
