//! Files that are dragged from the system's file manager onto the window: the file manager is played, word by word of the
//! protocol for it (XDND 5).

use std::future::ready;
use std::path::Path;

use tokio::time::{Duration, Instant};
use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    AtomEnum, ClientMessageEvent, ConnectionExt, CreateWindowAux, EventMask, PropMode, SELECTION_NOTIFY_EVENT,
    SelectionNotifyEvent, SelectionRequestEvent, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;
use x11rb::{COPY_DEPTH_FROM_PARENT, COPY_FROM_PARENT, CURRENT_TIME, NONE};

use crate::driver::{Computer, Driver};
use crate::screen::Screen;
use crate::{NAME, PATIENCE, until, until_seen};

/// The version of the protocol that file managers speak.
const VERSION: u32 = 5;

x11rb::atom_manager! {
    Words: WordsCookie {
        XdndAware,
        XdndSelection,
        XdndEnter,
        XdndPosition,
        XdndStatus,
        XdndLeave,
        XdndDrop,
        XdndFinished,
        XdndActionCopy,
        URIS: b"text/uri-list",
        TEXT: b"text/plain",
    }
}

/// Files on their way from the file manager to a window.
struct Drag {
    connection: RustConnection,
    words: Words,
    /// The window of the file manager.
    source: Window,
    target: Window,
    /// Where the target is on the screen.
    corner: (i16, i16),
    uris: String,
    /// What the target said to the last place: whether it would take them there.
    answer: Option<bool>,
    finished: Option<bool>,
}

impl Screen {
    /// Takes the files and comes to the window of this name with them.
    fn drag(&self, name: &str, files: &[&Path]) -> Drag {
        let (connection, number) = x11rb::connect(Some(&self.display)).unwrap();
        let root = connection.setup().roots[number].root;
        let words = Words::new(&connection).unwrap().reply().unwrap();
        let (target, corner) = self.named(name).unwrap();
        let aware = connection.get_property(false, target, words.XdndAware, AtomEnum::ATOM, 0, 1).unwrap();
        let aware = aware.reply().unwrap().value32().and_then(|mut known| known.next());
        assert!(aware.is_some_and(|version| version >= VERSION), "the window takes what is dragged: {aware:?}");
        let source = connection.generate_id().unwrap();
        let class = WindowClass::INPUT_OUTPUT;
        let aux = CreateWindowAux::new();
        connection
            .create_window(COPY_DEPTH_FROM_PARENT, source, root, -9, -9, 1, 1, 0, class, COPY_FROM_PARENT, &aux)
            .unwrap();
        connection.set_selection_owner(source, words.XdndSelection, CURRENT_TIME).unwrap();
        let uris = files.iter().map(|file| format!("{}\r\n", reqwest::Url::from_file_path(file).unwrap())).collect();
        let drag = Drag { connection, words, source, target, corner, uris, answer: None, finished: None };
        drag.tell(words.XdndEnter, [source, VERSION << 24, words.URIS, words.TEXT, NONE]);
        drag
    }
}

impl Drag {
    fn tell(&self, word: u32, data: [u32; 5]) {
        let event = ClientMessageEvent::new(32, self.target, word, data);
        self.connection.send_event(false, self.target, EventMask::NO_EVENT, event).unwrap();
        self.connection.flush().unwrap();
    }

    /// Hears what the window has to say, and gives it what it asks for.
    fn hear(&mut self) {
        while let Some(event) = self.connection.poll_for_event().unwrap() {
            match event {
                Event::SelectionRequest(asked) => self.give(&asked),
                Event::ClientMessage(said) if said.type_ == self.words.XdndStatus => {
                    self.answer = Some(said.data.as_data32()[1] & 1 == 1);
                }
                Event::ClientMessage(said) if said.type_ == self.words.XdndFinished => {
                    self.finished = Some(said.data.as_data32()[1] & 1 == 1);
                }
                _ => {}
            }
        }
    }

    fn give(&self, asked: &SelectionRequestEvent) {
        let kind = asked.target;
        let mut property = NONE;
        // As text it is the same.
        if kind == self.words.URIS || kind == self.words.TEXT {
            property = asked.property;
            let (mode, uris) = (PropMode::REPLACE, self.uris.as_bytes());
            self.connection.change_property8(mode, asked.requestor, property, kind, uris).unwrap();
        }
        let event = SelectionNotifyEvent {
            response_type: SELECTION_NOTIFY_EVENT,
            sequence: 0,
            time: asked.time,
            requestor: asked.requestor,
            selection: asked.selection,
            target: kind,
            property,
        };
        self.connection.send_event(false, asked.requestor, EventMask::NO_EVENT, event).unwrap();
        self.connection.flush().unwrap();
    }

    /// Moves to a place in the window. Gives whether the files would be taken there.
    async fn over(&mut self, (x, y): (i16, i16)) -> bool {
        let [x, y] = [self.corner.0 + x, self.corner.1 + y].map(|way| u32::try_from(way).unwrap());
        self.answer = None;
        let data = [self.source, 0, x << 16 | y, CURRENT_TIME, self.words.XdndActionCopy];
        self.tell(self.words.XdndPosition, data);
        until("the window says whether it would take them", || {
            self.hear();
            ready(self.answer)
        })
        .await
    }

    /// Moves about a place until the files would be taken there.
    async fn until_taken(&mut self, (x, y): (i16, i16)) {
        let end = Instant::now() + PATIENCE;
        while !(self.over((x, y)).await && self.over((x + 1, y)).await) {
            assert!(Instant::now() < end, "the window never takes them");
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
    }

    /// Lets go where the files would be taken. Gives whether the window took them.
    async fn drop(mut self) -> bool {
        assert_eq!(self.answer, Some(true));
        self.tell(self.words.XdndDrop, [self.source, 0, CURRENT_TIME, 0, 0]);
        until("the window has answered to the drop", || {
            self.hear();
            ready(self.finished)
        })
        .await
    }

    /// Goes away with the files.
    fn leave(self) {
        self.tell(self.words.XdndLeave, [self.source, 0, 0, 0, 0]);
        // Who hangs up at once may not be heard.
        self.connection.sync().unwrap();
    }
}

/// Whether the page says these words in bold letters that are seen.
async fn says(owner: &Driver<'_>, words: &str) -> bool {
    let said = format!(
        "return Array.from(document.querySelectorAll('strong'))
           .some((one) => one.innerText === {words:?} && one.checkVisibility({{ opacityProperty: true }}))"
    );
    owner.run(&said).await == Some(true.into())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a screen and WebKit's driver: cargo xtask window"]
async fn files_from_the_file_manager_are_dropped_onto_the_window_and_read() {
    let folder = tempfile::tempdir().unwrap();
    let (faq, prices) = (folder.path().join("Häufige Fragen & 100% answers.txt"), folder.path().join("prices.csv"));
    std::fs::write(&faq, "What does delivery to Wynberg cost?\n\nDelivery to Wynberg costs R 88.\n").unwrap();
    std::fs::write(&prices, "Part,Price\nTap,R 120\nPipe,R 45\n").unwrap();
    let computer = Computer::new(true).await;
    let owner = computer.first_day().await;

    // Home has no place for files.
    let mut drag = computer.screen.drag(NAME, &[&faq]);
    assert!(!drag.over((640, 420)).await, "the file manager shows that it cannot be dropped");
    assert!(!drag.over((642, 421)).await);
    drag.leave();
    owner.run("location.assign('/knowledge')").await;
    owner.until_says("Nothing to answer from yet").await;
    // Nor is a folder a file.
    let mut drag = computer.screen.drag(NAME, &[folder.path()]);
    assert!(!drag.over((640, 420)).await);
    drag.leave();
    let mut drag = computer.screen.drag(NAME, &[&faq, &prices]);
    drag.until_taken((640, 420)).await;
    let words = "Let go to add these files";
    until("the page says so", || async { says(&owner, words).await.then_some(()) }).await;
    computer.screen.picture("14-dragged");
    drag.leave();
    until("the page is as before", || async { (!says(&owner, words).await).then_some(()) }).await;
    computer.desktop.click(&format!("Quit {NAME}")).await;
    until("the program ended", || async { computer.processes("botflow-desktop").is_empty().then_some(()) }).await;
    drop(owner);

    // A driver would answer the page's question for files itself, and with none.
    let _program = computer.start(&["botflow://knowledge"]);
    let opened = || computer.log().matches("the interface is in the window").count();
    until("the window is there again", || async { (opened() == 2).then_some(()) }).await;
    until_seen(&computer, true).await;
    let mut drag = computer.screen.drag(NAME, &[&faq, &prices]);
    drag.until_taken((640, 420)).await;
    assert!(drag.drop().await, "the window took them");
    let browser = computer.other_browser().await;
    let sources = until("the files are read", || async {
        let sources = browser.get("/sources").await["items"].as_array().unwrap().clone();
        (sources.len() == 2 && sources.iter().all(|source| source["state"] == "ready")).then_some(sources)
    })
    .await;
    let read = |name: &str| sources.iter().any(|one| one["origin"] == name && one["passages"].as_u64() > Some(0));
    assert!(read("Häufige Fragen & 100% answers.txt") && read("prices.csv"), "{sources:?}");
    computer.screen.picture("15-dropped");
}
