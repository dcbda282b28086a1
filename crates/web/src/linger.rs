//! A request that is refused before all of it has come: the rest is still taken off the line, and thrown away.
//!
//! Closing a connection with unread bytes in it makes the system reset it, and the sender, still busy sending, then sees
//! a broken line instead of the answer that says why.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, BodyDataStream, HttpBody};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use futures::StreamExt;
use http::header;
use http_body::{Frame, SizeHint};

/// How long the rest of a refused request may take to come.
const LINGER: Duration = Duration::from_secs(30);
/// A sender that has nothing to send for this long has stopped.
const SILENCE: Duration = Duration::from_secs(5);

/// Lets whoever is refused early read the answer.
pub(crate) async fn linger(request: Request, next: Next) -> Response {
    // Who asks first sends nothing before the answer, and must not be told to go on.
    if request.headers().contains_key(header::EXPECT) {
        return next.run(request).await;
    }
    next.run(request.map(|body| Body::new(Rest(Some(body))))).await
}

/// The body of a request, until its end has been seen.
struct Rest(Option<Body>);

impl HttpBody for Rest {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let Some(body) = &mut self.0 else { return Poll::Ready(None) };
        let frame = ready!(Pin::new(body).poll_frame(cx));
        if !matches!(frame, Some(Ok(_))) {
            self.0 = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.0.as_ref().map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint)
    }
}

impl Drop for Rest {
    fn drop(&mut self) {
        // A program that is ending has no time for it.
        if let Some(body) = self.0.take().filter(|body| !body.is_end_stream())
            && tokio::runtime::Handle::try_current().is_ok()
        {
            base::task::spawn("the rest of a request", throw_away(body.into_data_stream()));
        }
    }
}

async fn throw_away(mut rest: BodyDataStream) {
    let all = async { while let Ok(Some(Ok(_))) = tokio::time::timeout(SILENCE, rest.next()).await {} };
    // Sending longer than this is no longer an oversight.
    let _ = tokio::time::timeout(LINGER, all).await;
}
