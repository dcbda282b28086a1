//! The language model on this computer: loaded when first asked, one answer at a time, word by word.

mod decoder;
mod sample;
#[cfg(test)]
mod tests;
mod text;

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base::{Error, Result, Stopwatch, random, task};
use candle_core::quantized::gguf_file::Content;
use tokio::sync::mpsc;

use crate::embed::LoadState;
use crate::request::{Completion, Finish, OnPart, Part, Request, StopFilter};

/// Prompt and answer together never take more than this; longer ones take minutes on a small machine.
const MAX_CONTEXT: usize = 4096;
/// Tokens of a prompt read between two looks at whether anybody still waits.
const STRETCH: usize = 128;
/// Answers that may wait for their turn.
const WAITING: usize = 4;
/// Words that may lie between the model and a slow listener.
const AHEAD: usize = 64;

/// The provider's name in completions and records.
pub const LOCAL: &str = "local";

/// A loaded instruct model. All calls block.
pub struct LocalChat {
    model: String,
    decoder: decoder::Decoder,
    language: text::Language,
    /// The tokens that the decoder's cache holds.
    read: Vec<u32>,
}

impl LocalChat {
    /// Opens a GGUF file of a Llama or Qwen2 kind with a GPT-2-like tokenizer. `model` is its name in completions.
    ///
    /// # Errors
    /// `Unavailable` when the file is missing, `Unsupported` when it is damaged or of another kind.
    pub fn open(model: &str, file: &Path) -> Result<Self> {
        let opened = File::open(file).map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => {
                Error::unavailable("The language model is not installed yet. Download it under Settings, Answers.")
                    .with_cause(e)
            }
            _ => e.into(),
        })?;
        let damaged = |e: candle_core::Error| {
            Error::unsupported("The language model's file is damaged or of a kind that is not supported.").with_cause(e)
        };
        let mut reader = BufReader::new(opened);
        let content = Content::read(&mut reader).map_err(damaged)?;
        let language = text::Language::read(&content.metadata)?;
        let decoder = decoder::Decoder::read(&content, &mut reader, MAX_CONTEXT).map_err(damaged)?;
        Ok(Self { model: model.to_owned(), decoder, language, read: Vec::new() })
    }

    /// Answers. `on_token` hears each part and says whether anybody still listens; `false` stops with `Cancelled`.
    ///
    /// # Errors
    /// `TooLarge` when the conversation does not fit the model, `Cancelled`.
    pub fn generate(&mut self, request: &Request, mut on_token: impl FnMut(&str) -> bool) -> Result<Completion> {
        let watch = Stopwatch::start();
        let prompt = self.language.prompt(&request.messages)?;
        let room = self.decoder.context().saturating_sub(prompt.len());
        if room < 16 {
            return Err(Error::too_large(
                "The question and its sources are too long for the language model on this computer.",
            ));
        }
        let mut logits = self.take_in(&prompt, &mut on_token)?;
        let language = &self.language;
        let mut spelling = text::Spelling::new(&language.tokenizer);
        let mut filter = StopFilter::new(&request.stop);
        let (mut said, mut out) = (Vec::new(), String::new());
        let mut finish = Finish::Length;
        let mut first_token_ms = None;
        let limit = room.min(request.max_tokens as usize);
        while said.len() < limit {
            let id = sample::pick(&mut logits, &said, request, random::fraction());
            if language.ends.contains(&id) {
                finish = Finish::Stop;
                break;
            }
            said.push(id);
            first_token_ms.get_or_insert_with(|| watch.elapsed().as_millis() as u64);
            let part = filter.push(&spelling.push(id)?);
            out.push_str(&part);
            if !on_token(&part) {
                return Err(Error::cancelled());
            }
            if filter.stopped {
                finish = Finish::Stop;
                break;
            }
            if said.len() < limit {
                logits = self.decoder.forward(&[id], self.read.len()).map_err(Error::internal)?;
                self.read.push(id);
            }
        }
        let rest = filter.finish();
        if !rest.is_empty() {
            out.push_str(&rest);
            on_token(&rest);
        }
        let latency_ms = watch.elapsed().as_millis() as u64;
        Ok(Completion {
            text: out,
            tokens_in: prompt.len() as u32,
            tokens_out: said.len() as u32,
            latency_ms,
            first_token_ms: first_token_ms.unwrap_or(latency_ms),
            finish,
            provider: LOCAL.to_owned(),
            model: self.model.clone(),
        })
    }

    /// Reads the prompt from where it differs from what was read last, and returns what follows.
    fn take_in(&mut self, prompt: &[u32], on_token: &mut impl FnMut(&str) -> bool) -> Result<Vec<f32>> {
        let same = self.read.iter().zip(prompt).take_while(|(a, b)| a == b).count();
        // The last token is always read, for its answer is not kept.
        self.read.truncate(same.min(prompt.len().saturating_sub(1)));
        metrics::counter!("chat_prompt_tokens_reused").increment(self.read.len() as u64);
        let mut logits = Vec::new();
        while self.read.len() < prompt.len() {
            if !on_token("") {
                return Err(Error::cancelled());
            }
            let from = self.read.len();
            let part = &prompt[from..prompt.len().min(from + STRETCH)];
            logits = self.decoder.forward(part, from).map_err(Error::internal)?;
            self.read.extend_from_slice(part);
        }
        Ok(logits)
    }

    /// Bytes held while loaded.
    pub fn memory_bytes(&self) -> usize {
        self.decoder.memory_bytes()
    }

    /// Forgets the last conversation and gives its memory back.
    pub fn forget(&mut self) {
        self.read.clear();
        self.decoder.clear();
    }
}

/// The shared way to the local model from async code. Cheap to clone.
#[derive(Clone)]
pub struct ChatHandle(Arc<Inner>);

struct Inner {
    model: String,
    file: PathBuf,
    idle: Duration,
    slot: Arc<tokio::sync::Mutex<Option<LocalChat>>>,
    loading: AtomicBool,
    waiting: AtomicUsize,
    /// Counts answers, so that a timer knows whether it is still meant.
    answers: AtomicU64,
    memory: Mutex<usize>,
}

/// What the status line shows of the local model.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct ChatStatus {
    pub model: String,
    pub state: LoadState,
    pub memory_bytes: u64,
}

impl ChatHandle {
    /// A handle on the model in `file`; it leaves memory after `idle` without a question.
    pub fn new(model: &str, file: PathBuf, idle: Duration) -> Self {
        Self(Arc::new(Inner {
            model: model.to_owned(),
            file,
            idle,
            slot: Arc::default(),
            loading: AtomicBool::new(false),
            waiting: AtomicUsize::new(0),
            answers: AtomicU64::new(0),
            memory: Mutex::new(0),
        }))
    }

    pub fn model(&self) -> &str {
        &self.0.model
    }

    pub fn is_installed(&self) -> bool {
        self.0.file.is_file()
    }

    pub fn status(&self) -> ChatStatus {
        let memory = *self.0.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let state = match () {
            () if memory > 0 => LoadState::Ready,
            () if self.0.loading.load(Ordering::Relaxed) => LoadState::Loading,
            () if self.is_installed() => LoadState::Unloaded,
            () => LoadState::Absent,
        };
        ChatStatus { model: self.0.model.clone(), state, memory_bytes: memory as u64 }
    }

    /// Answers, loading the model when needed. Dropping the future stops the model at its next word.
    ///
    /// # Errors
    /// `TooMany` when others wait already; otherwise as `LocalChat::open` and `LocalChat::generate`.
    pub async fn complete(&self, request: &Request, on_part: OnPart<'_>) -> Result<Completion> {
        let inner = &self.0;
        let _turn = Turn::take(&inner.waiting)?;
        let watch = Stopwatch::start();
        let mut slot = inner.slot.clone().lock_owned().await;
        let waited_ms = watch.elapsed().as_millis() as u64;
        let (said, mut parts) = mpsc::channel::<String>(AHEAD);
        let request = request.clone();
        let handle = self.clone();
        let work = task::blocking(move || {
            let inner = &handle.0;
            if slot.is_none() {
                inner.loading.store(true, Ordering::Relaxed);
                let opened = LocalChat::open(&inner.model, &inner.file);
                inner.loading.store(false, Ordering::Relaxed);
                *slot = Some(opened.inspect_err(|e| tracing::warn!(error = ?e, "the language model did not load"))?);
            }
            let chat = slot.as_mut().ok_or_else(|| Error::internal("the model was just loaded"))?;
            let listens = |part: &str| match part {
                "" => !said.is_closed(),
                part => said.blocking_send(part.to_owned()).is_ok(),
            };
            let result = chat.generate(&request, listens);
            *inner.memory.lock().unwrap_or_else(PoisonError::into_inner) = chat.memory_bytes();
            // The lock opens only now, also when nobody waits for the result any more.
            drop(slot);
            handle.unload_when_idle();
            result
        });
        let listen = async {
            while let Some(part) = parts.recv().await {
                on_part(Part::Text(&part));
            }
        };
        let (result, ()) = futures::join!(work, listen);
        let mut completion = result.flatten()?;
        completion.latency_ms += waited_ms;
        completion.first_token_ms += waited_ms;
        Ok(completion)
    }

    /// Lets the model go now, unless it is answering.
    pub fn unload(&self) {
        if let Ok(mut slot) = self.0.slot.try_lock()
            && slot.take().is_some()
        {
            *self.0.memory.lock().unwrap_or_else(PoisonError::into_inner) = 0;
            tracing::info!(model = self.0.model, "language model unloaded");
        }
    }

    fn unload_when_idle(&self) {
        let answer = self.0.answers.fetch_add(1, Ordering::SeqCst) + 1;
        let inner = Arc::downgrade(&self.0);
        let idle = self.0.idle;
        task::spawn("chat idle", async move {
            tokio::time::sleep(idle).await;
            if let Some(inner) = inner.upgrade()
                && inner.answers.load(Ordering::SeqCst) == answer
            {
                ChatHandle(inner).unload();
            }
        });
    }
}

/// A place in the queue, given back however the wait ends.
struct Turn<'a>(&'a AtomicUsize);

impl<'a> Turn<'a> {
    fn take(waiting: &'a AtomicUsize) -> Result<Self> {
        let turn = Turn(waiting);
        if waiting.fetch_add(1, Ordering::SeqCst) >= WAITING {
            return Err(Error::too_many("The language model on this computer is busy with other answers."));
        }
        Ok(turn)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
