//! A model that is loaded when first needed, shared by all who ask, and let go after a while without questions.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base::{Error, Result, Stopwatch, task};
use serde::Serialize;
use tokio::sync::{mpsc, oneshot};

use super::{Calibration, E5_ID, Embedder};

/// Requests that may wait; further ones wait outside, holding only their own text.
const QUEUE: usize = 64;
/// Questions answered together when several wait.
const TOGETHER: usize = 16;
/// Bytes of passages worked on at a stretch: about 0.1 s, so that a question never waits long behind a document.
const STRETCH_BYTES: usize = 3 << 10;
/// Questions whose vectors are remembered.
const REMEMBERED: u64 = 1024;
/// Longer questions are not worth remembering.
const REMEMBERED_BYTES: usize = 2 << 10;

/// What a model is doing right now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LoadState {
    /// Its files are not installed.
    Absent,
    /// Installed, and loaded with the next question.
    Unloaded,
    Loading,
    Ready,
}

/// What the status line shows of a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct EmbedderStatus {
    pub id: String,
    pub state: LoadState,
    /// Bytes held in memory; zero unless it is ready.
    pub memory_bytes: u64,
}

/// The shared way to an embedder from async code. Cheap to clone; the last clone to go ends its task.
#[derive(Clone)]
pub struct EmbedderHandle(Arc<Inner>);

type Open = dyn Fn() -> Result<Arc<dyn Embedder>> + Send + Sync;

struct Inner {
    id: String,
    installed: Box<dyn Fn() -> bool + Send + Sync>,
    open: Arc<Open>,
    idle: Duration,
    /// Set by the task; `None` while unloaded.
    loaded: Arc<Mutex<Slot>>,
    /// The task's two inboxes; made with the first request, for that is when a runtime is sure to be there.
    inboxes: Mutex<Option<Inboxes>>,
    recent: moka::sync::Cache<String, Arc<[f32]>>,
}

#[derive(Default)]
struct Slot {
    loading: bool,
    model: Option<Arc<dyn Embedder>>,
}

#[derive(Clone)]
struct Inboxes {
    questions: mpsc::Sender<Question>,
    work: mpsc::Sender<Work>,
}

struct Question {
    text: String,
    reply: oneshot::Sender<Result<Vec<f32>>>,
}

enum Work {
    Passages {
        texts: Vec<String>,
        reply: oneshot::Sender<Result<Vec<Vec<f32>>>>,
    },
    /// Only have it loaded.
    Load {
        reply: oneshot::Sender<Result<Arc<dyn Embedder>>>,
    },
}

impl EmbedderHandle {
    /// A handle on the model `id`, whose files lie in `folder` (`models/<id>`). Nothing is read yet.
    pub fn new(id: &str, folder: PathBuf, idle: Duration) -> Self {
        let (model, there) = (id.to_owned(), folder.clone());
        let file = if id == E5_ID { "e5-small-q4.bin" } else { "model.safetensors" };
        Self::with(id, idle, move || there.join(file).is_file(), move || super::open(&model, &folder))
    }

    /// A handle on any embedder: `installed` says whether `open` can work. Also for fakes.
    pub fn with(
        id: &str,
        idle: Duration,
        installed: impl Fn() -> bool + Send + Sync + 'static,
        open: impl Fn() -> Result<Arc<dyn Embedder>> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Inner {
            id: id.to_owned(),
            installed: Box::new(installed),
            open: Arc::new(open),
            idle,
            loaded: Arc::default(),
            inboxes: Mutex::default(),
            recent: moka::sync::Cache::new(REMEMBERED),
        }))
    }

    /// The catalogue's id of the model.
    pub fn id(&self) -> &str {
        &self.0.id
    }

    pub fn status(&self) -> EmbedderStatus {
        let slot = self.0.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        let (state, memory_bytes) = match &slot.model {
            Some(model) => (LoadState::Ready, model.memory_bytes() as u64),
            None if slot.loading => (LoadState::Loading, 0),
            None if (self.0.installed)() => (LoadState::Unloaded, 0),
            None => (LoadState::Absent, 0),
        };
        EmbedderStatus { id: self.0.id.clone(), state, memory_bytes }
    }

    /// The vector of a question; recent ones are remembered.
    ///
    /// # Errors
    /// `Unavailable` when the model is not installed; what loading it says when it is damaged.
    pub async fn embed_query(&self, text: String) -> Result<Arc<[f32]>> {
        if let Some(vector) = self.0.recent.get(&text) {
            metrics::counter!("embed_query_remembered").increment(1);
            return Ok(vector);
        }
        let took = Stopwatch::start();
        let key = (text.len() <= REMEMBERED_BYTES).then(|| text.clone());
        let (reply, answer) = oneshot::channel();
        let sent = self.inboxes().questions.send(Question { text, reply }).await;
        sent.map_err(|_| stopped())?;
        let vector: Arc<[f32]> = answer.await.map_err(|_| stopped())??.into();
        if let Some(key) = key {
            self.0.recent.insert(key, vector.clone());
        }
        metrics::histogram!("embed_query_ms").record(took.elapsed_ms());
        Ok(vector)
    }

    /// The vectors of passages, in their order. Questions asked meanwhile go first. Dropping the future stops the work
    /// after the stretch under way.
    pub async fn embed_passages(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>> {
        let took = Stopwatch::start();
        let mut out = Vec::with_capacity(texts.len());
        let mut rest = texts.into_iter().peekable();
        while rest.peek().is_some() {
            let mut bytes = 0;
            let mut stretch = Vec::new();
            while let Some(text) = rest.next_if(|t| stretch.is_empty() || bytes + t.len() <= STRETCH_BYTES) {
                bytes += text.len();
                stretch.push(text);
            }
            let (reply, answer) = oneshot::channel();
            let sent = self.inboxes().work.send(Work::Passages { texts: stretch, reply }).await;
            sent.map_err(|_| stopped())?;
            out.extend(answer.await.map_err(|_| stopped())??);
        }
        metrics::counter!("embed_passages").increment(out.len() as u64);
        metrics::histogram!("embed_passages_ms").record(took.elapsed_ms());
        Ok(out)
    }

    /// The loaded embedder itself, for blocking work such as counting tokens. It stays in memory as long as it is held.
    pub async fn load(&self) -> Result<Arc<dyn Embedder>> {
        let ready = self.0.loaded.lock().unwrap_or_else(PoisonError::into_inner).model.clone();
        if let Some(model) = ready {
            return Ok(model);
        }
        let (reply, answer) = oneshot::channel();
        self.inboxes().work.send(Work::Load { reply }).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }

    /// Lets the model go now, such as before its files are removed. Work under way ends first, on its own copy.
    pub fn unload(&self) {
        self.0.loaded.lock().unwrap_or_else(PoisonError::into_inner).model = None;
    }

    /// How to read this model's cosines. Loads the model when it is not.
    pub async fn calibration(&self) -> Result<Calibration> {
        Ok(self.load().await?.calibration())
    }

    fn inboxes(&self) -> Inboxes {
        let mut inboxes = self.0.inboxes.lock().unwrap_or_else(PoisonError::into_inner);
        match &*inboxes {
            // A task that ended with its runtime is replaced.
            Some(open) if !open.questions.is_closed() => open.clone(),
            _ => {
                let (questions, asked) = mpsc::channel(QUEUE);
                let (work, given) = mpsc::channel(QUEUE);
                let model = Model { open: self.0.open.clone(), slot: self.0.loaded.clone(), id: self.0.id.clone() };
                task::spawn("embedder", run(model, asked, given, self.0.idle));
                inboxes.insert(Inboxes { questions, work }).clone()
            }
        }
    }
}

fn stopped() -> Error {
    Error::unavailable("The search model has stopped. Please try again.")
}

/// The task's side of the model.
struct Model {
    open: Arc<Open>,
    slot: Arc<Mutex<Slot>>,
    id: String,
}

impl Model {
    fn slot(&self) -> std::sync::MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn get(&self) -> Result<Arc<dyn Embedder>> {
        {
            let mut slot = self.slot();
            if let Some(model) = &slot.model {
                return Ok(model.clone());
            }
            slot.loading = true;
        }
        let took = Stopwatch::start();
        let open = self.open.clone();
        let opened = task::blocking(move || open()).await.flatten();
        let mut slot = self.slot();
        slot.loading = false;
        let model =
            opened.inspect_err(|e| tracing::warn!(model = self.id, error = ?e, "a search model did not load"))?;
        tracing::info!(model = self.id, ms = took.elapsed_ms(), bytes = model.memory_bytes(), "search model loaded");
        slot.model = Some(model.clone());
        Ok(model)
    }

    /// Computes on a blocking thread.
    async fn with<T: Send + 'static>(&self, f: impl FnOnce(&dyn Embedder) -> Result<T> + Send + 'static) -> Result<T> {
        let model = self.get().await?;
        task::blocking(move || f(model.as_ref())).await.flatten()
    }
}

async fn run(model: Model, mut asked: mpsc::Receiver<Question>, mut given: mpsc::Receiver<Work>, idle: Duration) {
    loop {
        tokio::select! {
            biased;
            question = asked.recv() => match question {
                Some(question) => answer(&model, question, &mut asked).await,
                None => break,
            },
            work = given.recv() => match work {
                Some(work) => do_work(&model, work).await,
                None => break,
            },
            () = tokio::time::sleep(idle), if model.slot().model.is_some() => {
                tracing::info!(model = model.id, "search model unloaded after idling");
                model.slot().model = None;
            }
        }
    }
    model.slot().model = None;
}

async fn answer(model: &Model, first: Question, asked: &mut mpsc::Receiver<Question>) {
    let mut questions = vec![first];
    while questions.len() < TOGETHER
        && let Ok(next) = asked.try_recv()
    {
        questions.push(next);
    }
    // Whoever went away needs no answer.
    questions.retain(|q| !q.reply.is_closed());
    if questions.is_empty() {
        return;
    }
    let (texts, replies): (Vec<_>, Vec<_>) = questions.into_iter().map(|q| (q.text, q.reply)).unzip();
    let vectors = model.with(move |m| m.embed_queries(&texts.iter().map(String::as_str).collect::<Vec<_>>())).await;
    match vectors {
        Ok(vectors) => replies.into_iter().zip(vectors).for_each(|(reply, vector)| {
            let _ = reply.send(Ok(vector));
        }),
        Err(e) => replies.into_iter().for_each(|reply| {
            let _ = reply.send(Err(Error::new(e.code, e.message.clone())));
        }),
    }
}

async fn do_work(model: &Model, work: Work) {
    match work {
        Work::Passages { texts, reply } => {
            if !reply.is_closed() {
                let embed =
                    move |m: &dyn Embedder| m.embed_passages(&texts.iter().map(String::as_str).collect::<Vec<_>>());
                let _ = reply.send(model.with(embed).await);
            }
        }
        Work::Load { reply } => {
            let _ = reply.send(model.get().await);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Counts what it is asked, and can fail.
    struct Counting(Arc<AtomicUsize>);

    impl Embedder for Counting {
        fn id(&self) -> &str {
            "counting"
        }
        fn dimensions(&self) -> usize {
            1
        }
        fn calibration(&self) -> Calibration {
            Calibration { unrelated: 0.0, related: 0.5, sure: 1.0 }
        }
        fn embed_query(&self, text: &str) -> Result<Vec<f32>> {
            self.0.fetch_add(1, Ordering::SeqCst);
            if text == "bad" { Err(Error::invalid("bad")) } else { Ok(vec![text.len() as f32]) }
        }
        fn embed_passages(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>> {
            self.0.fetch_add(texts.len(), Ordering::SeqCst);
            Ok(texts.iter().map(|t| vec![t.len() as f32]).collect())
        }
        fn count_tokens(&self, text: &str) -> usize {
            text.len()
        }
        fn memory_bytes(&self) -> usize {
            7
        }
    }

    fn handle(idle: Duration) -> (EmbedderHandle, Arc<AtomicUsize>, Arc<AtomicUsize>) {
        let (asked, opened) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (a, o) = (asked.clone(), opened.clone());
        let open = move || {
            o.fetch_add(1, Ordering::SeqCst);
            Ok(Arc::new(Counting(a.clone())) as Arc<dyn Embedder>)
        };
        (EmbedderHandle::with("counting", idle, || true, open), asked, opened)
    }

    #[tokio::test(start_paused = true)]
    async fn a_model_loads_once_for_all_and_leaves_memory_when_nobody_asks() {
        let (handle, asked, opened) = handle(Duration::from_secs(600));
        assert_eq!(handle.status().state, LoadState::Unloaded);
        let all = futures::future::join_all((0..40).map(|n| handle.embed_query("x".repeat(n + 1)))).await;
        for (n, vector) in all.into_iter().enumerate() {
            assert_eq!(*vector.unwrap(), [(n + 1) as f32]);
        }
        assert_eq!(opened.load(Ordering::SeqCst), 1);
        assert_eq!(handle.status(), EmbedderStatus { id: "counting".into(), state: LoadState::Ready, memory_bytes: 7 });
        handle.embed_query("xx".into()).await.unwrap();
        assert_eq!(asked.load(Ordering::SeqCst), 40, "a recent question was computed again");
        tokio::time::sleep(Duration::from_secs(601)).await;
        assert_eq!(handle.status().state, LoadState::Unloaded);
        handle.embed_passages(vec!["again".into()]).await.unwrap();
        assert_eq!(opened.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn passages_keep_their_order_and_a_dropped_request_stops() {
        let (handle, asked, _) = handle(Duration::from_secs(600));
        let texts: Vec<String> = (0..100).map(|n| "y".repeat(n * 20)).collect();
        let vectors = handle.embed_passages(texts.clone()).await.unwrap();
        assert!(vectors.iter().enumerate().all(|(n, v)| v[0] == (n * 20) as f32));
        let before = asked.load(Ordering::SeqCst);
        {
            let mut work = Box::pin(handle.embed_passages(texts));
            let polled = futures::poll!(&mut work);
            assert!(polled.is_pending());
        }
        handle.embed_query("after".into()).await.unwrap();
        assert!(asked.load(Ordering::SeqCst) < before + 100, "a dropped request was worked on to its end");
    }

    #[tokio::test]
    async fn a_missing_model_and_a_failing_text_say_so_and_the_next_request_works() {
        let absent = EmbedderHandle::new(E5_ID, "no such folder".into(), Duration::from_secs(1));
        assert_eq!(absent.status().state, LoadState::Absent);
        let error = absent.embed_query("hi".into()).await.unwrap_err();
        assert_eq!(error.code, base::ErrorCode::Unavailable);
        assert!(error.message.contains("not installed"), "{error}");
        assert_eq!(absent.status().state, LoadState::Absent);
        let (handle, _, _) = handle(Duration::from_secs(600));
        assert!(handle.embed_query("bad".into()).await.is_err());
        assert!(handle.embed_query("good".into()).await.is_ok());
        assert_eq!(handle.load().await.unwrap().count_tokens("abc"), 3);
        handle.unload();
        assert_eq!(handle.status().state, LoadState::Unloaded);
    }
}
