//! Language models of cloud providers, and of programs that speak like them: OpenAI and compatible ones, Anthropic,
//! Gemini, Ollama.

#[cfg(test)]
mod tests;
mod trouble;

use std::time::Duration;

use base::{Error, Result, Secret, Stopwatch, net, random};
use futures::StreamExt;
use genai::adapter::AdapterKind;
use genai::chat::{ChatMessage, ChatOptions, ChatRequest, ChatStreamEvent, StopReason};
use genai::resolver::{AuthData, Endpoint};
use genai::{Client, ModelIden, ServiceTarget};
use serde::{Deserialize, Serialize};

use crate::request::{Completion, Finish, OnPart, Part, Request, Role};
use trouble::Trouble;

/// Longest wait before the second try, whatever the provider asks for.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(400);
/// Longest answer that is kept, in bytes; far beyond any `max_tokens` that is asked for.
const MAX_ANSWER_BYTES: usize = 1 << 20;

/// Which language a provider speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    #[serde(rename = "openai")]
    OpenAi,
    /// Anything with OpenAI's chat completions; needs a base address.
    #[serde(rename = "openai_compatible")]
    OpenAiCompatible,
    Anthropic,
    Gemini,
    Ollama,
}

impl Kind {
    fn adapter(self) -> AdapterKind {
        match self {
            Kind::OpenAi | Kind::OpenAiCompatible => AdapterKind::OpenAI,
            Kind::Anthropic => AdapterKind::Anthropic,
            Kind::Gemini => AdapterKind::Gemini,
            Kind::Ollama => AdapterKind::Ollama,
        }
    }

    /// The address that is used when the owner names none.
    pub fn default_base_url(self) -> Option<&'static str> {
        match self {
            Kind::OpenAi => Some("https://api.openai.com/v1/"),
            Kind::OpenAiCompatible => None,
            Kind::Anthropic => Some("https://api.anthropic.com/v1/"),
            Kind::Gemini => Some("https://generativelanguage.googleapis.com/v1beta/"),
            Kind::Ollama => Some("http://localhost:11434/"),
        }
    }

    /// Whether it cannot work without a key.
    pub fn needs_key(self) -> bool {
        matches!(self, Kind::OpenAi | Kind::Anthropic | Kind::Gemini)
    }
}

/// What a million tokens cost, in millionths of the currency's main unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Prices {
    pub input_micro: u64,
    pub output_micro: u64,
}

impl Prices {
    /// The cost of one call, in millionths of the currency's main unit.
    pub fn cost_micro(&self, tokens_in: u32, tokens_out: u32) -> u64 {
        let part = |tokens: u32, price: u64| u64::from(tokens).saturating_mul(price);
        part(tokens_in, self.input_micro).saturating_add(part(tokens_out, self.output_micro)).div_ceil(1_000_000)
    }
}

/// A provider as the owner set it up.
#[derive(Clone, Debug)]
pub struct Provider {
    /// Ours, for records and the order of providers.
    pub id: String,
    pub kind: Kind,
    /// Replaces the kind's own address.
    pub base_url: Option<String>,
    pub model: String,
    pub key: Secret,
    /// Until the first sign of an answer.
    pub first_token_timeout: Duration,
    /// Until the whole answer is there.
    pub timeout: Duration,
    pub prices: Option<Prices>,
}

impl Provider {
    /// A provider with the usual limits: 30 s to the first word, two minutes in all.
    pub fn new(id: &str, kind: Kind, model: &str, key: Secret) -> Self {
        Self {
            id: id.to_owned(),
            kind,
            base_url: None,
            model: model.to_owned(),
            key,
            first_token_timeout: Duration::from_secs(30),
            timeout: Duration::from_secs(120),
            prices: None,
        }
    }
}

/// A provider that can be asked.
pub struct Cloud {
    provider: Provider,
    target: ServiceTarget,
    client: Client,
}

impl Cloud {
    /// # Errors
    /// `Invalid` when the address, model or key is missing or not understood.
    pub fn new(provider: Provider) -> Result<Self> {
        let address = provider.base_url.as_deref().map(str::trim).filter(|u| !u.is_empty());
        let address = address
            .or(provider.kind.default_base_url())
            .ok_or_else(|| Error::invalid("Please type in the provider's address."))?;
        let url = reqwest::Url::parse(address).ok().filter(|u| matches!(u.scheme(), "http" | "https") && u.has_host());
        if url.is_none() {
            return Err(Error::invalid("The provider's address must begin with http:// or https://."));
        }
        if provider.model.trim().is_empty() {
            return Err(Error::invalid("Please choose a model of this provider."));
        }
        if provider.kind.needs_key() && provider.key.expose().trim().is_empty() {
            return Err(Error::invalid("Please type in this provider's key."));
        }
        net::install_tls();
        let client = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(10))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(Error::internal)?;
        // Paths are joined to the address as it is.
        let address = format!("{}/", address.trim_end_matches('/'));
        let target = ServiceTarget {
            endpoint: Endpoint::from_owned(address),
            auth: AuthData::from_single(provider.key.expose().trim()),
            model: ModelIden::new(provider.kind.adapter(), provider.model.trim()),
        };
        let client = Client::builder().with_reqwest(client).build().map_err(|e| Error::internal(e.to_string()))?;
        Ok(Self { provider, target, client })
    }

    pub fn provider(&self) -> &Provider {
        &self.provider
    }

    /// Asks, and asks a second time after a pause when the provider is overloaded and has not begun to answer.
    ///
    /// # Errors
    /// `Upstream` for a wrong key, no credit, an unknown model and an unreachable provider: the message tells the owner
    /// what to do. Besides `Timeout`, `TooMany` and `TooLarge`. None holds the key, or what the provider echoed of it.
    pub async fn complete(&self, request: &Request, on_part: OnPart<'_>) -> Result<Completion> {
        let watch = Stopwatch::start();
        let total = tokio::time::timeout(self.provider.timeout, async {
            match self.ask(request, on_part, &watch).await {
                Err((trouble, false)) if trouble.is_passing() => {
                    tokio::time::sleep(
                        trouble.pause().unwrap_or(PAUSE + PAUSE.mul_f64(random::fraction())).min(LONGEST_PAUSE),
                    )
                    .await;
                    self.ask(request, on_part, &watch).await
                }
                other => other,
            }
        });
        match total.await {
            Ok(result) => result.map_err(|(trouble, _)| trouble.into_error(&self.provider)),
            Err(_) => Err(Trouble::Slow.into_error(&self.provider)),
        }
    }

    /// One try. The error says whether a part of the answer had been heard.
    async fn ask(
        &self,
        request: &Request,
        on_part: OnPart<'_>,
        watch: &Stopwatch,
    ) -> Result<Completion, (Trouble, bool)> {
        let (chat, options) = translate(request);
        let stream = self.client.exec_chat_stream(self.target.clone(), chat, Some(&options));
        let mut stream = stream.await.map_err(|e| (Trouble::of(&e), false))?.stream;
        let mut text = String::new();
        let mut first_token_ms = None;
        let mut begun = false;
        loop {
            let next = match begun {
                true => stream.next().await,
                false => tokio::time::timeout(self.provider.first_token_timeout, stream.next())
                    .await
                    .map_err(|_| (Trouble::Slow, false))?,
            };
            let event = match next {
                Some(Ok(event)) => event,
                Some(Err(e)) => return Err((Trouble::of(&e), !text.is_empty())),
                None => return Err((Trouble::Broken, !text.is_empty())),
            };
            match event {
                // Sent by the library itself before anything has come.
                ChatStreamEvent::Start => {}
                ChatStreamEvent::Chunk(chunk) => {
                    begun = true;
                    if chunk.content.is_empty() {
                        continue;
                    }
                    first_token_ms.get_or_insert_with(|| watch.elapsed().as_millis() as u64);
                    text.push_str(&chunk.content);
                    on_part(Part::Text(&chunk.content));
                    if text.len() > MAX_ANSWER_BYTES {
                        return Err((Trouble::Broken, true));
                    }
                }
                ChatStreamEvent::End(end) => {
                    let usage = end.captured_usage.unwrap_or_default();
                    let tokens = |n: Option<i32>| n.and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
                    let latency_ms = watch.elapsed().as_millis() as u64;
                    let finish = match end.captured_stop_reason {
                        Some(StopReason::MaxTokens(_)) => Finish::Length,
                        Some(StopReason::ContentFilter(_)) => Finish::Withheld,
                        // A stream that ends without words and without a reason was cut.
                        None if text.is_empty() => return Err((Trouble::Broken, false)),
                        _ => Finish::Stop,
                    };
                    return Ok(Completion {
                        text,
                        tokens_in: tokens(usage.prompt_tokens),
                        tokens_out: tokens(usage.completion_tokens),
                        latency_ms,
                        first_token_ms: first_token_ms.unwrap_or(latency_ms),
                        finish,
                        provider: self.provider.id.clone(),
                        model: self.provider.model.clone(),
                    });
                }
                // Signs of life: the model thinks before it speaks.
                _ => begun = true,
            }
        }
    }
}

fn translate(request: &Request) -> (ChatRequest, ChatOptions) {
    let mut chat = ChatRequest::default();
    let mut system: Vec<&str> = Vec::new();
    for message in &request.messages {
        match message.role {
            Role::System => system.push(&message.text),
            Role::User => chat.messages.push(ChatMessage::user(message.text.clone())),
            Role::Assistant => chat.messages.push(ChatMessage::assistant(message.text.clone())),
        }
    }
    if !system.is_empty() {
        chat.system = Some(system.join("\n\n"));
    }
    let mut options = ChatOptions::default()
        .with_capture_usage(true)
        .with_max_tokens(request.max_tokens)
        // No provider takes more than four.
        .with_stop_sequences(request.stop.iter().filter(|s| !s.is_empty()).take(4).cloned().collect());
    options.temperature = request.temperature.map(|t| (f64::from(t) * 1000.0).round() / 1000.0);
    options.top_p = request.top_p.map(|p| (f64::from(p) * 1000.0).round() / 1000.0);
    (chat, options)
}
