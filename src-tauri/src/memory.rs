//! What the window remembers between two starts: where it was, how large, and what was said already.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base::disk::{self, Lasts};
use serde::{Deserialize, Serialize};

const FILE: &str = "window.json";
/// While a window is dragged it moves many times a second; it is written down once it rests.
const REST: Duration = Duration::from_millis(700);
/// So much of the window's upper edge must be on a screen, or it could not be taken hold of.
const GRIP: i64 = 80;

/// Size and place in the pixels of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Frame {
    pub(crate) x: i32,
    pub(crate) y: i32,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// What is remembered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Remembered {
    pub(crate) frame: Option<Frame>,
    pub(crate) maximized: bool,
    pub(crate) zoom: Option<f64>,
    /// That closing the window ends nothing was said.
    pub(crate) told_of_tray: bool,
    /// Whether the window was there when the program made way for its next start; nothing once that one is ready.
    pub(crate) in_sight: Option<bool>,
}

/// The memory, kept in a small file of the data folder. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Memory {
    file: PathBuf,
    now: Arc<Mutex<Remembered>>,
    written: Arc<Mutex<bool>>,
}

impl Memory {
    /// What was remembered last; nothing when that cannot be read.
    pub(crate) fn open(data: &Path) -> Self {
        let file = data.join(FILE);
        let known = std::fs::read(&file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Self { file, now: Arc::new(Mutex::new(known.unwrap_or_default())), written: Arc::new(Mutex::new(true)) }
    }

    pub(crate) fn get(&self) -> Remembered {
        self.now.lock().map(|now| now.clone()).unwrap_or_default()
    }

    /// Changes what is remembered; it is on the disk a moment later.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Remembered)) {
        let Ok(mut now) = self.now.lock() else { return };
        let before = now.clone();
        change(&mut now);
        if *now == before {
            return;
        }
        drop(now);
        let Ok(mut written) = self.written.lock() else { return };
        if !std::mem::replace(&mut *written, false) {
            return;
        }
        let memory = self.clone();
        std::thread::spawn(move || {
            std::thread::sleep(REST);
            memory.write();
        });
    }

    /// Writes it down now. What cannot be written is forgotten: no more than the window's place is lost.
    pub(crate) fn write(&self) {
        if let Ok(mut written) = self.written.lock() {
            *written = true;
        }
        if let Ok(text) = serde_json::to_string(&self.get())
            && let Err(error) = disk::replace(&self.file, text.as_bytes(), Lasts::InTime)
        {
            tracing::warn!(%error, "the window's place was not written down");
        }
    }
}

/// Whether a window at `frame` could be taken hold of on one of these screens.
pub(crate) fn is_seen(frame: Frame, screens: &[Frame]) -> bool {
    let (left, right) = (i64::from(frame.x), i64::from(frame.x) + i64::from(frame.width));
    let top = i64::from(frame.y);
    screens.iter().any(|screen| {
        let (x, y) = (i64::from(screen.x), i64::from(screen.y));
        let shared = right.min(x + i64::from(screen.width)) - left.max(x);
        shared >= GRIP && top >= y && top + GRIP / 2 <= y + i64::from(screen.height)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCREEN: Frame = Frame { x: 0, y: 0, width: 1920, height: 1080 };

    fn at(x: i32, y: i32) -> Frame {
        Frame { x, y, width: 1280, height: 820 }
    }

    #[test]
    fn a_window_that_was_left_on_a_screen_that_is_gone_comes_back_into_sight() {
        let right = Frame { x: 1920, ..SCREEN };
        for (frame, screens, seen) in [
            (at(100, 100), &[SCREEN][..], true),
            (at(2000, 100), &[SCREEN, right], true),
            (at(2000, 100), &[SCREEN], false),
            (at(-1240, 100), &[SCREEN], false),
            (at(-1000, 0), &[SCREEN], true),
            (at(100, -20), &[SCREEN], false),
            (at(100, 1070), &[SCREEN], false),
            (at(i32::MAX, i32::MAX), &[SCREEN], false),
            (at(0, 0), &[], false),
        ] {
            assert_eq!(is_seen(frame, screens), seen, "{frame:?} on {screens:?}");
        }
    }

    #[test]
    fn what_was_remembered_is_there_at_the_next_start_and_a_broken_file_is_no_obstacle() {
        let folder = tempfile::tempdir().unwrap();
        let memory = Memory::open(folder.path());
        assert_eq!(memory.get(), Remembered::default());
        memory.change(|m| m.frame = Some(at(7, 9)));
        memory.write();
        assert_eq!(Memory::open(folder.path()).get().frame, Some(at(7, 9)));
        std::fs::write(folder.path().join(FILE), "{\"frame\": 3").unwrap();
        assert_eq!(Memory::open(folder.path()).get(), Remembered::default());
    }
}
