//! Windows and macOS: held by a thread of its own, because Windows keeps the wish with the thread that had it.

use std::sync::mpsc;

use super::{Buses, WHY};
use crate::awake::Hold;

/// Keeps the computer awake until what is returned is dropped; a sentence when that cannot be.
pub(crate) async fn hold(program: String, _buses: Buses) -> Result<Hold, String> {
    let (stop, stopped) = mpsc::channel::<()>();
    let (told, answer) = tokio::sync::oneshot::channel();
    let thread = std::thread::Builder::new().name("awake".to_owned()).spawn(move || {
        let asked = keepawake::Builder::default().idle(true).app_name(program).reason(WHY).create();
        let held = match asked {
            Ok(held) => held,
            Err(e) => {
                let _ = told.send(Err(e.to_string()));
                return;
            }
        };
        if told.send(Ok(())).is_ok() {
            // Ends when the other side is dropped.
            let _ = stopped.recv();
        }
        drop(held);
    });
    let answer = match thread {
        Ok(_) => answer.await.unwrap_or_else(|e| Err(e.to_string())),
        Err(e) => Err(e.to_string()),
    };
    match answer {
        Ok(()) => Ok(Box::new(stop)),
        Err(cause) => {
            tracing::warn!(%cause, "the system cannot be asked to stay awake");
            Err("This computer did not agree to stay awake. Set it to never sleep in its own power settings."
                .to_owned())
        }
    }
}
