//! Newer versions in a running program: looked for once a day, told of in Settings, About, installed when the owner says
//! so or at night, and only while no message is in work. What a version is and how it is tried: the `update` crate.

pub(crate) mod routes;
mod task;

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use base::{Clock, Result};

pub(crate) use task::Updater;
pub use update::{begin_anew, begins_anew, ends_as_wished, installed_program, start_again};

use crate::Config;

/// Runs the version that is to run, to be called before anything is opened. Gives the exit code to end with when that was
/// another program than this one.
///
/// # Errors
/// The data could not be put back after a version that did not work.
pub fn launch(config: &Config) -> Result<Option<ExitCode>> {
    Ok(match launcher(config, config.update_key.as_deref()).launch()? {
        update::Launched::Here => None,
        update::Launched::Ended(code) => Some(code),
    })
}

/// Lets the version that is in use do a command that is over soon. Gives its exit code when that was another program.
/// Somebody may look at a folder that is not their own, or as another user: which program may be run out of it is not for
/// that folder to say.
pub fn hand_over(config: &Config) -> Option<ExitCode> {
    match launcher(config, config.own_update_key.as_deref()).hand_over() {
        Ok(update::Launched::Ended(code)) => Some(code),
        _ => None,
    }
}

fn launcher<'a>(config: &'a Config, key: Option<&'a str>) -> update::Launcher<'a> {
    update::Launcher {
        data: &config.data,
        kind: config.program,
        key,
        patience: Duration::from_millis(config.update_patience_ms),
        clock: Clock::System,
    }
}

/// Whether this is a version that is only tried yet: what goes wrong with it is for the version before to tell.
pub fn is_tried() -> bool {
    !update::held().is_cancelled()
}

/// Resolves once this version may work: at once, unless it is only tried.
pub async fn accepted() {
    update::held().cancelled().await;
}

/// How the update of this start ended, in a sentence; nothing when there was none.
pub fn news(data: &Path) -> Option<String> {
    task::news(data, &Clock::System)
}

/// A version that is only tried lets requests wait until it is accepted: until then its data may be put back.
pub(crate) fn hold(router: Router) -> Router {
    let held = update::held();
    if held.is_cancelled() {
        return router;
    }
    router.layer(from_fn(move |request: Request, next: Next| {
        let held = held.clone();
        async move {
            held.cancelled().await;
            next.run(request).await
        }
    }))
}
