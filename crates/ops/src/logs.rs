//! Logs: JSON lines in files that rotate daily, plain lines on the terminal.

use std::io::IsTerminal;
use std::path::Path;

use base::{Error, Result};
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

const FILES_KEPT: usize = 14;
/// Lines that may wait for a slow disk; beyond that they are dropped rather than memory filled.
const LINES_WAITING: usize = 16_384;
/// Libraries that talk more than they say.
const QUIET: &str = "hyper=warn,hyper_util=warn,h2=warn,reqwest=warn,rustls=warn,tantivy=warn,refinery_core=warn,\
                     html5ever=error,selectors=error,pdf_extract=error,lopdf=error,tokenizers=warn";

/// Keep it until the program ends: dropping it writes out what still waits.
#[must_use]
pub struct LogGuard {
    _file: WorkerGuard,
}

/// Starts logging: `botflow.<date>.log` in `folder`, the latest 14 days, and the terminal. `level` is `error`, `warn`,
/// `info`, `debug` or `trace`, or directives such as `info,botflow_jobs=debug`.
pub fn init_logs(folder: &Path, level: &str) -> Result<LogGuard> {
    let (layer, guard) = file_layer(folder)?;
    let terminal = fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .compact()
        .with_filter(filter(level)?);
    tracing_subscriber::registry()
        .with(layer.with_filter(filter(level)?))
        .with(terminal)
        .try_init()
        .map_err(|e| Error::internal(e.to_string()))?;
    Ok(guard)
}

pub(crate) fn filter(level: &str) -> Result<EnvFilter> {
    // Later directives win, so what was asked for by name overrides what is quiet otherwise.
    EnvFilter::builder()
        .parse(format!("{QUIET},{level}"))
        .map_err(|_| Error::invalid(format!("“{level}” is not a log level. Use error, warn, info, debug or trace.")))
}

pub(crate) fn file_layer<S>(folder: &Path) -> Result<(impl Layer<S> + Send + Sync, LogGuard)>
where
    S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
{
    std::fs::create_dir_all(folder)?;
    let files = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("botflow")
        .filename_suffix("log")
        .max_log_files(FILES_KEPT)
        .build(folder)
        .map_err(Error::internal)?;
    let (writer, guard) = NonBlockingBuilder::default().lossy(true).buffered_lines_limit(LINES_WAITING).finish(files);
    let layer = fmt::layer().json().with_current_span(true).with_span_list(false).with_writer(writer);
    Ok((layer, LogGuard { _file: guard }))
}

/// Logs panics with their place instead of only printing them, so that they are in the file a person sends us.
pub fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let said = panic
            .payload()
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| panic.payload().downcast_ref::<String>().map(String::as_str))
            .unwrap_or("no message");
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let thread = std::thread::current().name().unwrap_or("unnamed").to_owned();
        tracing::error!(place, thread, "panicked: {said}");
        metrics::counter!("panics_total").increment(1);
    }));
}
