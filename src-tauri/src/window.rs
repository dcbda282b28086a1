//! The window on the server's address, and what it may show.

use anyhow::{Context, Result};
use tauri::webview::NewWindowResponse;
use tauri::{App, RunEvent, Url, WebviewUrl, WebviewWindowBuilder};

use crate::server::Running;

/// Opens the window and returns when it is closed, with the server stopped. A server that did not start is explained
/// in the window instead. Errors: there is no way to show a window here.
pub(crate) fn show(server: Result<Running>) -> Result<()> {
    let (running, page) = match server {
        Ok(running) => {
            let address = running.address();
            (Some(running), Page::Server(address))
        }
        Err(error) => (None, Page::Error(format!("{error:#}"))),
    };
    let shell = tauri::Builder::default()
        .setup(move |shell| open_main(shell, &page).map_err(Into::into))
        .build(tauri::generate_context!())
        .context("The window could not be opened")?;
    let mut running = running;
    shell.run(move |_, event| {
        if matches!(event, RunEvent::Exit)
            && let Some(running) = running.take()
        {
            running.stop();
        }
    });
    Ok(())
}

/// What the window shows.
enum Page {
    /// The server's own pages at this address.
    Server(String),
    /// The sentence that says why there is no server.
    Error(String),
}

fn open_main(shell: &App, page: &Page) -> Result<()> {
    let (url, script) = match page {
        Page::Server(address) => (WebviewUrl::External(address.parse()?), String::new()),
        Page::Error(why) => {
            // As JSON, so that no sentence can end the string and become code.
            let script = format!("window.BOTFLOW_ERROR = {};", serde_json::to_string(why)?);
            (WebviewUrl::App("index.html".into()), script)
        }
    };
    let home = match &url {
        WebviewUrl::External(home) => Some(home.clone()),
        _ => None,
    };
    let window = WebviewWindowBuilder::new(shell, "main", url)
        .title("BotFlow")
        .inner_size(1280.0, 820.0)
        .min_inner_size(720.0, 540.0)
        .initialization_script(script)
        .on_navigation(move |target| {
            let stays = stays_inside(home.as_ref(), target);
            if !stays {
                open_outside(target);
            }
            stays
        })
        .on_new_window(|target, _| {
            open_outside(&target);
            NewWindowResponse::Deny
        });
    window.build().context("The window could not be opened")?;
    Ok(())
}

/// The server's own pages stay in the window; without a server there is only the shell's own page.
fn stays_inside(home: Option<&Url>, target: &Url) -> bool {
    match home {
        Some(home) => target.origin() == home.origin() || target.as_str() == "about:blank",
        None => target.scheme() == "tauri" || target.host_str() == Some("tauri.localhost"),
    }
}

/// Every other link is for the person's own browser, mail or phone program.
fn open_outside(target: &Url) {
    if may_open_outside(target) {
        // Without a browser on the machine nothing opens, and the page says the address anyway.
        let _ = open::that_detached(target.as_str());
    }
}

/// Never a file or a program: a customer's message can hold a link to anything.
fn may_open_outside(target: &Url) -> bool {
    matches!(target.scheme(), "https" | "http" | "mailto" | "tel")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_in_a_customers_message_never_replaces_the_interface_or_opens_a_file() {
        let home: Url = "http://127.0.0.1:4870/".parse().unwrap();
        for (target, inside, outside) in [
            ("http://127.0.0.1:4870/bots", true, true),
            ("about:blank", true, false),
            ("http://127.0.0.1:4871/", false, true),
            ("https://example.com/", false, true),
            ("mailto:someone@example.com", false, true),
            ("file:///etc/passwd", false, false),
            ("javascript:alert(1)", false, false),
            ("tauri://localhost/", false, false),
        ] {
            let target: Url = target.parse().unwrap();
            assert_eq!(stays_inside(Some(&home), &target), inside, "{target}");
            assert_eq!(may_open_outside(&target), outside, "{target}");
        }
    }

    #[test]
    fn the_page_that_explains_a_failed_start_may_be_shown() {
        for (target, inside) in
            [("tauri://localhost/index.html", true), ("http://tauri.localhost/", true), ("https://example.com/", false)]
        {
            assert_eq!(stays_inside(None, &target.parse().unwrap()), inside, "{target}");
        }
    }
}
