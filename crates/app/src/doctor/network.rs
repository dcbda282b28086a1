//! Whether other computers can be reached, and what time it is there. Asked once for all checks.

use std::time::Duration;

use base::{Stopwatch, Time};
use futures::FutureExt;
use futures::future::{BoxFuture, Shared};

const PATIENCE: Duration = Duration::from_secs(4);

/// What the other side answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Answered {
    /// Its clock, when it tells.
    pub(super) date: Option<Time>,
    pub(super) took: Duration,
}

/// The answer, once it is there.
#[derive(Clone)]
pub(crate) struct Network(Shared<BoxFuture<'static, Option<Answered>>>);

impl Network {
    /// Asks the server of `url` for nothing but its headers, without anything that tells who asks.
    pub(super) fn probe(url: &str) -> Self {
        Self(ask(url.to_owned()).boxed().shared())
    }

    /// Nothing when nobody answers in time.
    pub(super) async fn answered(&self) -> Option<Answered> {
        self.0.clone().await
    }
}

async fn ask(url: String) -> Option<Answered> {
    base::net::install_tls();
    let url: url::Url = url.parse().ok()?;
    let home = url.join("/").ok()?;
    let mut builder = reqwest::Client::builder()
        .timeout(PATIENCE)
        .connect_timeout(PATIENCE)
        .redirect(reqwest::redirect::Policy::none());
    if base::net::check_url(&home, base::net::Reach::Public).is_err() {
        // On this computer or in its own network no proxy stands between.
        builder = builder.no_proxy();
    }
    let client = builder.build().ok()?;
    let watch = Stopwatch::start();
    let response = client.head(home).send().await.ok()?;
    let date = response.headers().get(http::header::DATE).and_then(|date| date.to_str().ok()).and_then(read_date);
    Some(Answered { date, took: watch.elapsed() })
}

/// Such as `Sun, 06 Nov 1994 08:49:37 GMT`.
fn read_date(text: &str) -> Option<Time> {
    jiff::fmt::rfc2822::parse(text).ok().map(|date| Time::from_jiff(date.timestamp()))
}

#[cfg(test)]
mod tests {
    use base::Time;
    use proptest::prelude::*;

    use super::read_date;

    #[test]
    fn a_servers_date_is_read() {
        assert_eq!(read_date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Time(784_111_777_000)));
        assert_eq!(read_date("yesterday"), None);
    }

    proptest! {
        #[test]
        fn whatever_a_server_calls_its_date_breaks_nothing(text in ".{0,60}") {
            let _ = read_date(&text);
        }
    }
}
