//! Fetches a web page, or a small site breadth first, politely: robots.txt, pauses, limits, never the own network.

mod address;
mod robots;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use base::net::{self, Reach};
use base::{Error, ErrorCode, Result, Stopwatch, task};
use futures::future::BoxFuture;
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::document::Document;
use crate::parse::{self, File};
use robots::Robots;

/// How much of a site is fetched.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Most pages that are kept; 1 for a single page, whose links are not followed.
    pub pages: usize,
    /// Links between the first page and the farthest one.
    pub depth: u32,
    /// Of each page, in bytes.
    pub page_bytes: usize,
    /// For everything, after which what was fetched so far is returned.
    pub total: Duration,
    /// For each request.
    pub request: Duration,
    /// Pause between requests to the site; its robots.txt may ask for more, up to five seconds.
    pub pause: Duration,
}

impl Limits {
    pub fn page() -> Self {
        Self { pages: 1, depth: 0, ..Self::site() }
    }

    pub fn site() -> Self {
        Self {
            pages: 30,
            depth: 2,
            page_bytes: 10 << 20,
            total: Duration::from_secs(300),
            request: Duration::from_secs(30),
            pause: Duration::from_millis(300),
        }
    }
}

/// One page that was read.
#[derive(Clone, Debug)]
pub struct Page {
    /// Where it was found, after redirects.
    pub url: String,
    pub document: Document,
    /// SHA-256 in hex over its blocks: equal when nothing that a reader sees has changed.
    pub hash: String,
}

/// A page that was not read, with the reason as a sentence.
#[derive(Clone, Debug)]
pub struct Skipped {
    pub url: String,
    pub reason: String,
}

/// What came of a visit.
#[derive(Clone, Debug, Default)]
pub struct Site {
    /// The first one is the page that was asked for.
    pub pages: Vec<Page>,
    pub skipped: Vec<Skipped>,
    /// Whether more pages were there than the limits allow.
    pub cut: bool,
}

/// How far a visit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub read: usize,
    /// Pages known and still to be fetched, within the limits.
    pub waiting: usize,
}

/// How a visit is watched and steered.
#[derive(Clone)]
pub struct Watch {
    pub progress: Arc<dyn Fn(Progress) + Send + Sync>,
    pub cancel: CancellationToken,
    /// Waits; tests let time pass at once.
    pub sleep: Arc<dyn Fn(Duration) -> BoxFuture<'static, ()> + Send + Sync>,
}

impl Default for Watch {
    fn default() -> Self {
        Self {
            progress: Arc::new(|_| {}),
            cancel: CancellationToken::new(),
            sleep: Arc::new(|time| Box::pin(tokio::time::sleep(time))),
        }
    }
}

/// Fetches a page, or with [`Limits::site`] the pages of its host that it leads to.
///
/// Errors concern the first page: an address that is none, a site that cannot be reached or refuses, a page without
/// text. Later pages that fail are listed in [`Site::skipped`].
pub async fn fetch(url: &str, limits: Limits, reach: Reach) -> Result<Site> {
    fetch_watched(url, limits, reach, &Watch::default()).await
}

/// As [`fetch`], with progress and cancellation.
pub async fn fetch_watched(url: &str, limits: Limits, reach: Reach, watch: &Watch) -> Result<Site> {
    let start = address::parse(url)?;
    net::check_url(&start, reach)?;
    let client = net::guarded_client(reach, limits.request)?;
    let visit = Visit { client, limits, reach, watch, clock: Stopwatch::start(), robots: HashMap::new(), requests: 0 };
    visit.run(start).await
}

struct Visit<'a> {
    client: reqwest::Client,
    limits: Limits,
    reach: Reach,
    watch: &'a Watch,
    clock: Stopwatch,
    /// By origin.
    robots: HashMap<String, Robots>,
    requests: usize,
}

/// A page as it came.
struct Fetched {
    url: Url,
    mime: Option<String>,
    bytes: bytes::Bytes,
}

impl Visit<'_> {
    async fn run(mut self, start: Url) -> Result<Site> {
        let mut site = Site::default();
        let mut seen: HashSet<String> = HashSet::from([address::key(&start)]);
        let mut contents: HashSet<String> = HashSet::new();
        let mut queue: VecDeque<(Url, u32)> = VecDeque::from([(start, 0)]);
        // The host of the first page, after its redirects.
        let mut home: Option<Url> = None;
        while let Some((url, depth)) = queue.pop_front() {
            if site.pages.len() >= self.limits.pages || (home.is_some() && self.clock.elapsed() >= self.limits.total) {
                site.cut = true;
                break;
            }
            // A site of nothing but broken pages must come to an end too.
            if site.skipped.len() > 3 * self.limits.pages + 10 {
                site.cut = true;
                break;
            }
            let first = home.is_none();
            let outcome = self.page(&url, home.as_ref()).await;
            let fetched = match outcome {
                Ok(fetched) => fetched,
                Err(e) if first || e.code == ErrorCode::Cancelled => return Err(e),
                Err(e) => {
                    site.skipped.push(Skipped { url: url.to_string(), reason: e.message });
                    continue;
                }
            };
            let address = fetched.url.clone();
            let fresh = seen.insert(address::key(&address)) || address::key(&address) == address::key(&url);
            if !fresh {
                continue;
            }
            let read = match self.read(fetched).await {
                Ok(read) => read,
                Err(e) if first => return Err(e),
                Err(e) => {
                    site.skipped.push(Skipped { url: address.to_string(), reason: e.message });
                    continue;
                }
            };
            let home = home.get_or_insert_with(|| address.clone());
            let canonical = read
                .links
                .canonical
                .as_deref()
                .and_then(|c| address.join(c).ok())
                .filter(|c| address::same_site(c, home));
            let known_twin = canonical
                .as_ref()
                .is_some_and(|c| address::key(c) != address::key(&address) && !seen.insert(address::key(c)));
            if first || (!read.links.no_index && !known_twin && contents.insert(read.page.hash.clone())) {
                contents.insert(read.page.hash.clone());
                site.pages.push(read.page);
            }
            if depth < self.limits.depth && self.limits.pages > 1 && !read.links.no_follow {
                let base =
                    read.links.base.as_deref().and_then(|b| address.join(b).ok()).unwrap_or_else(|| address.clone());
                for target in read.links.targets.iter().take(2_000) {
                    if let Some(next) = address::follow(&base, target, home)
                        && queue.len() < 1_000
                        && seen.insert(address::key(&next))
                    {
                        queue.push_back((next, depth + 1));
                    }
                }
            }
            let room = self.limits.pages.saturating_sub(site.pages.len());
            (self.watch.progress)(Progress { read: site.pages.len(), waiting: queue.len().min(room) });
        }
        Ok(site)
    }

    fn check_cancelled(&self) -> Result<()> {
        if self.watch.cancel.is_cancelled() { Err(Error::cancelled()) } else { Ok(()) }
    }

    /// Runs a step unless the person stops it.
    async fn unless_cancelled<T>(&self, step: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::select! {
            () = self.watch.cancel.cancelled() => Err(Error::cancelled()),
            outcome = step => outcome,
        }
    }

    async fn pause(&self, robots: &Robots) -> Result<()> {
        let time = self.limits.pause.max(robots.delay.unwrap_or_default());
        let sleep = (self.watch.sleep)(time);
        self.unless_cancelled(async move {
            sleep.await;
            Ok(())
        })
        .await
    }

    /// The rules of the address's origin, fetched once.
    async fn robots(&mut self, url: &Url) -> Result<Robots> {
        let origin = url.origin().ascii_serialization();
        if let Some(known) = self.robots.get(&origin) {
            return Ok(known.clone());
        }
        let mut file = url.clone();
        file.set_path("/robots.txt");
        file.set_query(None);
        file.set_fragment(None);
        net::check_url(&file, self.reach)?;
        let request = self.client.get(file).send();
        let response = self.unless_cancelled(async { request.await.map_err(net::from_reqwest) }).await?;
        let status = response.status();
        let rules = if status.is_success() {
            match self.unless_cancelled(net::read_limited(response, robots::MAX_BYTES)).await {
                Ok(bytes) => Robots::parse(&String::from_utf8_lossy(&bytes)),
                Err(e) if e.code == ErrorCode::TooLarge => Robots::default(),
                Err(e) => return Err(e),
            }
        } else if status.is_server_error() || status.as_u16() == 429 {
            // RFC 9309: as long as the rules cannot be had, everything is forbidden.
            Robots::nothing()
        } else {
            Robots::default()
        };
        self.robots.insert(origin, rules.clone());
        Ok(rules)
    }

    async fn page(&mut self, url: &Url, home: Option<&Url>) -> Result<Fetched> {
        self.check_cancelled()?;
        net::check_url(url, self.reach)?;
        let rules = self.robots(url).await?;
        if !rules.allows(&address::path(url)) {
            return Err(Error::forbidden(
                "The website asks programs not to read this page. If it is your own, save the page as a file and upload that, or change the site's robots.txt.",
            ));
        }
        if self.requests > 0 {
            self.pause(&rules).await?;
        }
        self.requests += 1;
        let request = self
            .client
            .get(url.clone())
            .header("accept", "text/html,application/xhtml+xml,application/pdf,text/plain;q=0.9,*/*;q=0.5")
            .send();
        let response = self.unless_cancelled(async { request.await.map_err(net::from_reqwest) }).await?;
        check_status(response.status().as_u16())?;
        let landed = response.url().clone();
        if let Some(home) = home
            && !address::same_site(&landed, home)
        {
            return Err(Error::invalid("This page leads to another website."));
        }
        // A redirect may end where the rules forbid it, on this site or on another.
        if landed != *url && !self.robots(&landed).await?.allows(&address::path(&landed)) {
            return Err(Error::forbidden("The website asks programs not to read the page that this address leads to."));
        }
        let mime = response.headers().get("content-type").and_then(|v| v.to_str().ok()).map(str::to_string);
        if let Some(kind) = mime.as_deref().filter(|m| is_media(m)) {
            let kind = kind.split(';').next().unwrap_or_default().to_string();
            return Err(Error::unsupported(format!("This address leads to a file without text ({kind}).")));
        }
        let bytes = self.unless_cancelled(net::read_limited(response, self.limits.page_bytes)).await?;
        Ok(Fetched { url: landed, mime, bytes })
    }

    async fn read(&self, fetched: Fetched) -> Result<Read> {
        let Fetched { url, mime, bytes } = fetched;
        let name = url.path_segments().and_then(|mut s| s.next_back()).unwrap_or_default().to_string();
        let address = url.to_string();
        let work = task::blocking(move || {
            let document = parse::parse(File { name: &name, bytes: &bytes, mime: mime.as_deref() })?;
            let links = if is_page(mime.as_deref(), &bytes) {
                parse::links(&bytes, mime.as_deref())
            } else {
                parse::Links::default()
            };
            Ok((document, links))
        });
        let (document, links) = self.unless_cancelled(async { work.await? }).await?;
        let hash = hex::encode(Sha256::digest(serde_json::to_vec(&document.blocks)?));
        Ok(Read { page: Page { url: address, document, hash }, links })
    }
}

struct Read {
    page: Page,
    links: parse::Links,
}

fn check_status(status: u16) -> Result<()> {
    match status {
        200..=299 => Ok(()),
        404 | 410 => Err(Error::new(ErrorCode::NotFound, "There is no page at this address. Check the spelling.")),
        401 | 403 | 407 => Err(Error::forbidden(
            "The website does not let programs read this page, or asks for a password. Save it as a file and upload that.",
        )),
        429 | 503 => Err(Error::upstream("The website is too busy right now. Please try again later.")),
        500..=599 => Err(Error::upstream(format!(
            "The website has a problem of its own (error {status}). Please try again later."
        ))),
        _ => Err(Error::upstream(format!("The website gave an answer that is not a page ({status})."))),
    }
}

fn is_media(mime: &str) -> bool {
    let mime = mime.trim().to_ascii_lowercase();
    ["image/", "video/", "audio/", "font/", "text/css", "application/javascript", "text/javascript", "application/zip"]
        .iter()
        .any(|m| mime.starts_with(m))
}

fn is_page(mime: Option<&str>, bytes: &[u8]) -> bool {
    match mime.map(str::to_ascii_lowercase) {
        Some(m) if m.contains("html") => true,
        Some(m) if !m.is_empty() => false,
        _ => bytes.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'<'),
    }
}
