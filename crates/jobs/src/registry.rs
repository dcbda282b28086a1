//! Which handler runs which kind of job, and how much of a queue may run at once.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::job::{Context, Outcome};

/// How much of a queue may run at once, and how many jobs of it may start in a second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QueueLimits {
    pub concurrency: usize,
    /// Unlimited when absent. A burst of up to one second's worth is let through.
    pub per_second: Option<f64>,
}

impl Default for QueueLimits {
    fn default() -> Self {
        Self { concurrency: 4, per_second: None }
    }
}

pub(crate) type Handler = Arc<dyn Fn(Context) -> Pin<Box<dyn Future<Output = Outcome> + Send>> + Send + Sync>;

/// A handler that runs longer than this is stopped, and the job counts as failed once.
const DEFAULT_TIME_LIMIT: Duration = Duration::from_secs(3600);

/// The handlers and limits of a [`Runner`](crate::Runner).
#[derive(Clone, Default)]
pub struct Registry {
    queues: HashMap<String, QueueLimits>,
    handlers: HashMap<&'static str, Handler>,
    time_limits: HashMap<&'static str, Duration>,
}

impl Registry {
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the limits of a queue. Queues that are not named here run 4 jobs at once.
    pub fn queue(mut self, name: &str, limits: QueueLimits) -> Self {
        self.queues.insert(name.to_owned(), limits);
        self
    }

    /// Names the handler of a kind of job; it may return an [`Outcome`] or a `Result<()>`.
    pub fn handler<F, Fut>(mut self, kind: &'static str, handler: F) -> Self
    where
        F: Fn(Context) -> Fut + Send + Sync + 'static,
        Fut: Future + Send + 'static,
        Fut::Output: Into<Outcome>,
    {
        let handler = Arc::new(handler);
        let boxed: Handler = Arc::new(move |ctx| {
            let handler = handler.clone();
            // The call itself is inside the future, so that a panic in it is caught like any other.
            Box::pin(async move { handler(ctx).await.into() })
        });
        self.handlers.insert(kind, boxed);
        self
    }

    /// How long one start of this kind may take; one hour when not set.
    pub fn time_limit(mut self, kind: &'static str, limit: Duration) -> Self {
        self.time_limits.insert(kind, limit);
        self
    }

    pub(crate) fn limits(&self, queue: &str) -> QueueLimits {
        self.queues.get(queue).copied().unwrap_or_default()
    }

    pub(crate) fn queue_names(&self) -> impl Iterator<Item = &String> {
        self.queues.keys()
    }

    pub(crate) fn find(&self, kind: &str) -> Option<(Handler, Duration)> {
        let handler = self.handlers.get(kind)?.clone();
        Some((handler, self.time_limits.get(kind).copied().unwrap_or(DEFAULT_TIME_LIMIT)))
    }
}
