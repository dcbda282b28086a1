//! Server-sent events: what changed is told as it happens; who falls behind is told to fetch anew.

use std::convert::Infallible;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::{Stream, StreamExt};
use http::{HeaderName, HeaderValue, header};
use tokio::sync::broadcast;
use tokio_stream::wrappers::BroadcastStream;

/// Name of the event after which a client must fetch all it shows.
pub const RESYNC: &str = "resync";
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Streams events to a client, with a sign of life every 15 seconds. Events are taken from the stream only as fast as
/// the client reads, so what waits for a slow client is bounded by the stream itself.
pub fn sse<S>(stream: S) -> Response
where
    S: Stream<Item = Event> + Send + 'static,
{
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE).text("");
    let mut response = Sse::new(stream.map(Ok::<_, Infallible>)).keep_alive(keep_alive).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Tunnels and proxies would otherwise collect events before passing them on.
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}

/// The events of a broadcast. The first is [`RESYNC`], because a client that comes back may have missed some; so is
/// what a client sees that fell further behind than the broadcast remembers.
pub fn told<T, F>(receiver: broadcast::Receiver<T>, event: F) -> impl Stream<Item = Event> + Send + 'static
where
    T: Clone + Send + 'static,
    F: Fn(T) -> Option<Event> + Send + Sync + 'static,
{
    // Browsers drop an event without data, so it has some.
    let resync = || Event::default().event(RESYNC).data("all");
    let events = BroadcastStream::new(receiver).filter_map(move |item| {
        std::future::ready(match item {
            Ok(item) => event(item),
            Err(_lagged) => Some(resync()),
        })
    });
    futures::stream::once(std::future::ready(resync())).chain(events)
}
