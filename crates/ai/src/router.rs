//! Which model answers: the owner's providers in their order, the local one last, each skipped for a while after it has
//! failed repeatedly. Every call is recorded.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use base::{Clock, Error, ErrorCode, Result, Stopwatch, Time};
use serde::Serialize;

use crate::chat::{ChatHandle, LOCAL};
use crate::cloud::Cloud;
use crate::request::{Completion, OnPart, Part, Request};

/// Failures in a row after which a provider is left alone.
const FAILURES: u32 = 3;
/// How long it is left alone.
const REST: Duration = Duration::from_secs(60);

/// Something that can answer.
#[derive(Clone)]
pub enum Backend {
    Cloud(Arc<Cloud>),
    Local(ChatHandle),
}

impl Backend {
    fn id(&self) -> &str {
        match self {
            Backend::Cloud(cloud) => &cloud.provider().id,
            Backend::Local(_) => LOCAL,
        }
    }

    fn model(&self) -> &str {
        match self {
            Backend::Cloud(cloud) => &cloud.provider().model,
            Backend::Local(chat) => chat.model(),
        }
    }

    async fn complete(&self, request: &Request, on_part: OnPart<'_>) -> Result<Completion> {
        match self {
            Backend::Cloud(cloud) => cloud.complete(request, on_part).await,
            Backend::Local(chat) => chat.complete(request, on_part).await,
        }
    }

    fn cost_micro(&self, completion: &Completion) -> Option<u64> {
        match self {
            Backend::Cloud(cloud) => {
                cloud.provider().prices.map(|p| p.cost_micro(completion.tokens_in, completion.tokens_out))
            }
            Backend::Local(_) => Some(0),
        }
    }
}

/// One call of one provider, for the records.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CallRecord {
    pub provider: String,
    pub model: String,
    pub purpose: &'static str,
    pub at: Time,
    pub ms: u64,
    /// Until the first word; nothing when none came.
    pub first_token_ms: Option<u64>,
    pub tokens_in: u32,
    pub tokens_out: u32,
    pub ok: bool,
    /// What went wrong, in the owner's words.
    pub error: Option<String>,
    /// Millionths of the currency's main unit, when the prices are known.
    pub cost_micro: Option<u64>,
}

#[derive(Default)]
struct Health {
    failures: u32,
    rests_until: Time,
}

type OnCall = dyn Fn(&CallRecord) + Send + Sync;

/// The one way to a language model. Cheap to clone.
#[derive(Clone)]
pub struct Router(Arc<Inner>);

struct Inner {
    clock: Clock,
    backends: RwLock<Vec<Backend>>,
    health: Mutex<HashMap<String, Health>>,
    on_call: Box<OnCall>,
}

impl Router {
    /// A router without providers; `on_call` hears of every call and must be quick.
    pub fn new(clock: Clock, on_call: impl Fn(&CallRecord) + Send + Sync + 'static) -> Self {
        Self(Arc::new(Inner {
            clock,
            backends: RwLock::default(),
            health: Mutex::default(),
            on_call: Box::new(on_call),
        }))
    }

    /// Sets who is asked, in this order. What was known of failures is forgotten: the owner may just have repaired it.
    pub fn set_backends(&self, backends: Vec<Backend>) {
        *self.0.backends.write().unwrap_or_else(PoisonError::into_inner) = backends;
        self.health().clear();
    }

    /// Whether anybody can be asked at all: a cloud provider, or a local model that is installed.
    pub fn is_ready(&self) -> bool {
        self.backends().iter().any(|b| match b {
            Backend::Cloud(_) => true,
            Backend::Local(chat) => chat.is_installed(),
        })
    }

    /// Asks one after the other until one answers. When a provider fails half-way, `on_part` hears `Restart` before the
    /// next one begins.
    ///
    /// # Errors
    /// The last provider's error; `Unavailable` when nobody is set up, or all of them rest after failing.
    pub async fn complete(&self, request: &Request, on_part: OnPart<'_>) -> Result<Completion> {
        let mut last = None;
        let mut resting = false;
        for backend in self.backends() {
            if matches!(&backend, Backend::Local(chat) if !chat.is_installed()) {
                continue;
            }
            if self.rests(backend.id()) {
                resting = true;
                continue;
            }
            let heard = std::sync::atomic::AtomicBool::new(false);
            let listen = |part: Part<'_>| {
                heard.store(true, std::sync::atomic::Ordering::Relaxed);
                on_part(part);
            };
            match self.call(&backend, request, &listen).await {
                Ok(completion) => return Ok(completion),
                Err(e) if e.code == ErrorCode::Cancelled => return Err(e),
                Err(e) => {
                    if heard.into_inner() {
                        on_part(Part::Restart);
                    }
                    last = Some(e);
                }
            }
        }
        Err(last.unwrap_or_else(|| match resting {
            true => Error::unavailable("All language models have failed just now and are tried again in a minute."),
            false => Error::unavailable(
                "No language model is set up. Add a provider's key or download a model under Settings, Answers.",
            ),
        }))
    }

    async fn call(&self, backend: &Backend, request: &Request, on_part: OnPart<'_>) -> Result<Completion> {
        let at = self.0.clock.now();
        let watch = Stopwatch::start();
        let result = backend.complete(request, on_part).await;
        let done = result.as_ref().ok();
        let record = CallRecord {
            provider: backend.id().to_owned(),
            model: backend.model().to_owned(),
            purpose: request.purpose,
            at,
            ms: watch.elapsed().as_millis() as u64,
            first_token_ms: done.map(|c| c.first_token_ms),
            tokens_in: done.map_or(0, |c| c.tokens_in),
            tokens_out: done.map_or(0, |c| c.tokens_out),
            ok: done.is_some(),
            error: result.as_ref().err().map(|e| e.message.clone()),
            cost_micro: done.and_then(|c| backend.cost_micro(c)),
        };
        let ok = if record.ok { "true" } else { "false" };
        metrics::counter!("ai_calls", "provider" => record.provider.clone(), "ok" => ok).increment(1);
        metrics::histogram!("ai_call_ms", "provider" => record.provider.clone()).record(record.ms as f64);
        metrics::counter!("ai_tokens_out", "provider" => record.provider.clone())
            .increment(u64::from(record.tokens_out));
        if let Err(e) = &result {
            tracing::warn!(provider = record.provider, model = record.model, ms = record.ms, error = ?e, "a model call failed");
        }
        (self.0.on_call)(&record);
        // A question that is too long, or a full queue, says nothing about the provider's health.
        let to_blame = |e: &Error| {
            let busy = matches!(backend, Backend::Local(_)) && e.code == ErrorCode::TooMany;
            !busy && !matches!(e.code, ErrorCode::TooLarge | ErrorCode::Cancelled)
        };
        match &result {
            Ok(_) => {
                self.health().remove(backend.id());
            }
            Err(e) if to_blame(e) => {
                let now = self.0.clock.now();
                let mut health = self.health();
                let health = health.entry(backend.id().to_owned()).or_default();
                health.failures += 1;
                if health.failures >= FAILURES {
                    health.rests_until = now.plus(REST);
                }
            }
            Err(_) => {}
        }
        result
    }

    fn rests(&self, id: &str) -> bool {
        let now = self.0.clock.now();
        self.health().get(id).is_some_and(|h| now < h.rests_until)
    }

    fn health(&self) -> std::sync::MutexGuard<'_, HashMap<String, Health>> {
        self.0.health.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn backends(&self) -> Vec<Backend> {
        self.0.backends.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use base::Secret;
    use serde_json::json;
    use wiremock::matchers::path;
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;
    use crate::cloud::{Kind, Prices, Provider};
    use crate::request::Message;

    fn said(text: &str, end: &str) -> ResponseTemplate {
        let part = json!({"choices": [{"index": 0, "delta": {"content": text}}]});
        ResponseTemplate::new(200).set_body_raw(format!("data: {part}\n\n{end}"), "text/event-stream")
    }

    fn whole(text: &str) -> ResponseTemplate {
        let usage = json!({"choices": [], "usage": {"prompt_tokens": 1000, "completion_tokens": 100}});
        let stop = json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]});
        said(text, &format!("data: {stop}\n\ndata: {usage}\n\ndata: [DONE]\n\n"))
    }

    fn cloud(server: &MockServer, id: &str) -> Backend {
        let provider = Provider {
            base_url: Some(format!("{}/{id}", server.uri())),
            prices: Some(Prices { input_micro: 1_000_000, output_micro: 10_000_000 }),
            ..Provider::new(id, Kind::OpenAiCompatible, "m", Secret::new("k"))
        };
        Backend::Cloud(Arc::new(Cloud::new(provider).unwrap()))
    }

    struct Bench {
        server: MockServer,
        router: Router,
        clock: Clock,
        records: Arc<Mutex<Vec<CallRecord>>>,
        heard: Mutex<String>,
    }

    impl Bench {
        async fn new(ids: &[&str]) -> Self {
            let clock = Clock::manual(Time(1_000_000));
            let records = Arc::new(Mutex::new(Vec::new()));
            let sink = records.clone();
            let router = Router::new(clock.clone(), move |r| sink.lock().unwrap().push(r.clone()));
            let server = MockServer::start().await;
            router.set_backends(ids.iter().map(|id| cloud(&server, id)).collect());
            Self { server, router, clock, records, heard: Mutex::default() }
        }

        async fn answers(&self, id: &str, answer: ResponseTemplate) {
            Mock::given(path(format!("/{id}/chat/completions"))).respond_with(answer).mount(&self.server).await;
        }

        async fn ask(&self) -> Result<Completion> {
            self.heard.lock().unwrap().clear();
            let on_part = |part: Part<'_>| match part {
                Part::Text(text) => self.heard.lock().unwrap().push_str(text),
                Part::Restart => self.heard.lock().unwrap().clear(),
            };
            self.router.complete(&Request::new("answer", vec![Message::user("hi")]), &on_part).await
        }

        fn asked(&self) -> Vec<String> {
            self.records.lock().unwrap().drain(..).map(|r| format!("{} {}", r.provider, r.ok)).collect()
        }
    }

    #[tokio::test]
    async fn the_next_provider_answers_when_one_fails_and_a_failing_one_is_left_alone_for_a_minute() {
        let bench = Bench::new(&["first", "second"]).await;
        bench.answers("first", ResponseTemplate::new(401)).await;
        bench.answers("second", whole("hello")).await;
        for _ in 0..3 {
            assert_eq!(bench.ask().await.unwrap().provider, "second");
        }
        assert_eq!(bench.asked(), ["first false", "second true"].repeat(3));
        bench.ask().await.unwrap();
        assert_eq!(bench.asked(), ["second true"]);
        bench.clock.advance(Duration::from_secs(61));
        bench.ask().await.unwrap();
        assert_eq!(bench.asked(), ["first false", "second true"]);
        bench.ask().await.unwrap();
        assert_eq!(bench.asked(), ["second true"], "one more failure did not send it back to rest");
        bench.router.set_backends(vec![cloud(&bench.server, "first"), cloud(&bench.server, "second")]);
        bench.ask().await.unwrap();
        assert_eq!(bench.asked(), ["first false", "second true"]);
    }

    #[tokio::test]
    async fn half_an_answer_is_taken_back_and_calls_carry_their_cost() {
        let bench = Bench::new(&["first", "second"]).await;
        bench.answers("first", said("half an ans", "")).await;
        bench.answers("second", whole("the answer")).await;
        assert_eq!(bench.ask().await.unwrap().text, "the answer");
        assert_eq!(*bench.heard.lock().unwrap(), "the answer");
        let records = bench.records.lock().unwrap();
        assert!(records[0].error.as_deref().unwrap().contains("middle"));
        let (first, second) = (&records[0], &records[1]);
        assert_eq!((first.cost_micro, second.cost_micro), (None, Some(2000)));
        assert_eq!(
            (second.purpose, second.at, second.tokens_in, second.tokens_out),
            ("answer", Time(1_000_000), 1000, 100)
        );
    }

    #[tokio::test]
    async fn without_a_model_or_with_all_failing_the_owner_reads_what_to_do() {
        let bench = Bench::new(&[]).await;
        assert!(!bench.router.is_ready());
        assert!(bench.ask().await.unwrap_err().message.contains("Settings"));
        let bench = Bench::new(&["only"]).await;
        bench.answers("only", ResponseTemplate::new(401)).await;
        for _ in 0..3 {
            assert!(bench.ask().await.unwrap_err().message.contains("key"));
        }
        assert!(bench.ask().await.unwrap_err().message.contains("in a minute"));
    }

    #[tokio::test]
    async fn the_local_model_steps_in_when_the_cloud_fails() {
        let model = crate::models::find("smollm2-135m-instruct").unwrap();
        let file = crate::models::development_folder().join(model.id).join(model.files[0].name);
        let local = ChatHandle::new(model.id, file, Duration::from_secs(60));
        let bench = Bench::new(&[]).await;
        let missing = ChatHandle::new("missing", "no such file".into(), Duration::from_secs(60));
        bench.router.set_backends(vec![cloud(&bench.server, "gone"), Backend::Local(missing), Backend::Local(local)]);
        assert_eq!(bench.ask().await.unwrap().provider, LOCAL);
        assert_eq!(bench.asked(), ["gone false", "local true"]);
    }
}
