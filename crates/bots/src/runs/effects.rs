//! Performs what a run asks of the world, outside of any transaction, and hands the outcome back to the run.

use std::sync::Arc;
use std::time::Duration;

use base::net::{Reach, check_url, from_reqwest, guarded_client, read_limited};
use base::{Error, ErrorCode, Result, Stopwatch};
use flow::{EffectKind, Outcome};
use serde_json::{Value, json};

use super::{EffectJob, finish_effect, store};
use crate::answers;
use crate::conversations;
use crate::workspace::{Live, LiveKind, Workspace};

/// Answers of web services larger than this are refused.
const MAX_RESPONSE_BYTES: usize = 1 << 20;
const MAX_TIMEOUT: Duration = Duration::from_secs(30);

/// The handler of effect jobs. Runs at least once; its outcome counts once.
pub(crate) async fn perform(ws: Arc<Workspace>, ctx: jobs::Context) -> jobs::Outcome {
    match attempt(&ws, &ctx).await {
        Ok(()) => jobs::Outcome::Done,
        Err(e) if ctx.job.attempt >= ctx.job.max_attempts => {
            // The customer must not wait for ever: the flow takes its way for failures.
            tracing::error!(error = ?e, job = %ctx.job.id, "an effect was given up");
            let outcome = Outcome::Failed { message: e.message.clone() };
            match settle(&ws, &ctx, outcome, 0.0).await {
                Ok(()) => jobs::Outcome::Done,
                Err(e) => jobs::Outcome::Fail(e),
            }
        }
        Err(e) => jobs::Outcome::Retry { after: Some(Duration::from_millis(500)), why: e },
    }
}

async fn attempt(ws: &Arc<Workspace>, ctx: &jobs::Context) -> Result<()> {
    let job: EffectJob = ctx.payload()?;
    let (run, seq) = (job.run, job.seq);
    let found = ws
        .db
        .read(move |c| {
            let Some(effect) = store::effect(c, run, seq)? else { return Ok(None) };
            let Some(row) = store::get(c, run)? else { return Ok(None) };
            Ok(conversations::store::get(c, row.conversation_id)?.map(|conversation| (effect, conversation)))
        })
        .await?;
    let Some((effect, conversation)) = found.filter(|(effect, _)| !effect.done) else { return Ok(()) };
    let kind: EffectKind = serde_json::from_str(&effect.payload)?;
    let watch = Stopwatch::start();
    let typing = |on| {
        let _ = ws.live.send(Live { conversation: conversation.id, kind: LiveKind::Typing(on) });
    };
    typing(true);
    let outcome = match kind {
        EffectKind::Answer { question, language, options } => {
            let asked = answers::Question {
                text: question,
                language: language.or_else(|| conversation.contact_language.clone()),
                bot: Some(conversation.bot_id),
                sources: options.sources,
                conversation: Some(conversation.id),
            };
            answers::answer(ws, asked, &ctx.cancel).await.map(answers::into_outcome)
        }
        EffectKind::Generate { prompt, instructions, max_words } => {
            Ok(match answers::generate(ws, &instructions, &prompt, max_words, conversation.id, &ctx.cancel).await {
                Ok(text) => Outcome::Generated { text },
                Err(e) => Outcome::Failed { message: e.message },
            })
        }
        EffectKind::Http { method, url, headers, body, timeout_ms, retries } => {
            let request = Request { method, url, headers, body, timeout: Duration::from_millis(timeout_ms) };
            Ok(request.send_with_retries(ws.reach, retries).await)
        }
        other => Err(Error::internal(format!("{} is not an outside effect", other.name()))),
    };
    typing(false);
    settle(ws, ctx, outcome?, watch.elapsed_ms()).await
}

/// The outcome, the run's next steps and the end of the job, in one transaction.
async fn settle(ws: &Arc<Workspace>, ctx: &jobs::Context, outcome: Outcome, ms: f64) -> Result<()> {
    let job: EffectJob = ctx.payload()?;
    let inner = ws.clone();
    let ctx = ctx.clone();
    ws.db
        .write(move |tx| {
            ctx.complete(tx)?;
            finish_effect(tx, &inner, &job, outcome, ms)
        })
        .await
}

/// A flow's call of a web service.
struct Request {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body: Option<String>,
    timeout: Duration,
}

impl Request {
    async fn send_with_retries(&self, reach: Reach, retries: u32) -> Outcome {
        let mut tried = 0;
        loop {
            match self.send(reach).await {
                // Only what is safe to repeat is repeated.
                Ok((status, _)) if status >= 500 && tried < retries && self.is_repeatable() => {}
                Ok((status, body)) => return Outcome::Response { status, body },
                Err(e)
                    if tried < retries
                        && self.is_repeatable()
                        && matches!(e.code, ErrorCode::Timeout | ErrorCode::Upstream) => {}
                Err(e) => return Outcome::Failed { message: e.message },
            }
            tried += 1;
            tokio::time::sleep(Duration::from_millis(250u64 << tried.min(5))).await;
        }
    }

    fn is_repeatable(&self) -> bool {
        matches!(self.method.to_ascii_uppercase().as_str(), "GET" | "HEAD" | "PUT" | "DELETE")
    }

    async fn send(&self, reach: Reach) -> Result<(u16, Value)> {
        let url: url::Url =
            self.url.parse().map_err(|_| Error::invalid(format!("“{}” is not a web address.", self.url)))?;
        check_url(&url, reach)?;
        let method = http::Method::from_bytes(self.method.to_ascii_uppercase().as_bytes())
            .map_err(|_| Error::invalid("The method of this web request is not known."))?;
        let client = guarded_client(reach, self.timeout.clamp(Duration::from_millis(100), MAX_TIMEOUT))?;
        let mut request = client.request(method, url);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if let Some(body) = &self.body {
            request = request.body(body.clone());
        }
        let response = request.send().await.map_err(from_reqwest)?;
        let status = response.status().as_u16();
        let bytes = read_limited(response, MAX_RESPONSE_BYTES).await?;
        let body = serde_json::from_slice(&bytes).unwrap_or_else(|_| json!(String::from_utf8_lossy(&bytes)));
        Ok((status, body))
    }
}
