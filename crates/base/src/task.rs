//! Background tasks with a name, whose panics are logged instead of vanishing.

use std::future::Future;

use tokio::task::JoinHandle;
use tracing::Instrument;

/// Runs `future` in the background under `name`.
#[expect(clippy::disallowed_methods, reason = "this is the one place that spawns")]
pub fn spawn<F>(name: &'static str, future: F) -> JoinHandle<()>
where
    F: Future<Output = ()> + Send + 'static,
{
    tokio::spawn(
        async move {
            let inner = tokio::spawn(future.in_current_span());
            if let Err(e) = inner.await
                && e.is_panic()
            {
                tracing::error!(task = name, "a background task panicked");
            }
        }
        .instrument(tracing::info_span!("task", name)),
    )
}

/// Runs blocking work on its own pool. A panic in it becomes an error.
pub async fn blocking<T: Send + 'static>(f: impl FnOnce() -> T + Send + 'static) -> crate::Result<T> {
    tokio::task::spawn_blocking(f).await.map_err(crate::Error::internal)
}
