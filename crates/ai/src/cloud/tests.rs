//! Each provider's dialect against recorded shapes of its streaming answers, and what goes wrong.

use std::sync::Mutex;

use base::ErrorCode;
use serde_json::json;
use wiremock::matchers::{body_partial_json, header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::request::Message;

const KEY: &str = "sk-very-secret-1234";

fn provider(kind: Kind, server: &MockServer, base: &str) -> Provider {
    Provider {
        base_url: Some(format!("{}{base}", server.uri())),
        prices: Some(Prices { input_micro: 2_000_000, output_micro: 8_000_000 }),
        ..Provider::new("main", kind, "small-1", Secret::new(KEY))
    }
}

fn request() -> Request {
    Request::new("answer", vec![Message::system("Be brief."), Message::user("Are you open?")])
}

async fn ask(cloud: &Cloud) -> (Result<Completion>, String) {
    let heard = Mutex::new(String::new());
    let on_part = |part: Part<'_>| match part {
        Part::Text(text) => heard.lock().unwrap().push_str(text),
        Part::Restart => heard.lock().unwrap().clear(),
    };
    let result = cloud.complete(&request(), &on_part).await;
    (result, heard.into_inner().unwrap())
}

fn events(parts: &[serde_json::Value], done: &str) -> ResponseTemplate {
    let body: String = parts.iter().map(|p| format!("data: {p}\n\n")).collect();
    ResponseTemplate::new(200).set_body_raw(body + done, "text/event-stream")
}

fn openai() -> ResponseTemplate {
    let delta = |text: &str| json!({"choices": [{"index": 0, "delta": {"content": text}}]});
    events(
        &[
            delta("Yes, "),
            delta("until 20:30."),
            json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}),
            json!({"choices": [], "usage": {"prompt_tokens": 21, "completion_tokens": 6, "total_tokens": 27}}),
        ],
        "data: [DONE]\n\n",
    )
}

fn anthropic() -> ResponseTemplate {
    let parts = [
        (
            "message_start",
            json!({"type": "message_start", "message": {"id": "m", "type": "message", "role": "assistant", "model": "small-1", "content": [], "usage": {"input_tokens": 21, "output_tokens": 1}}}),
        ),
        (
            "content_block_start",
            json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
        ),
        (
            "content_block_delta",
            json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Yes, "}}),
        ),
        (
            "content_block_delta",
            json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "until 20:30."}}),
        ),
        ("content_block_stop", json!({"type": "content_block_stop", "index": 0})),
        (
            "message_delta",
            json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 6}}),
        ),
        ("message_stop", json!({"type": "message_stop"})),
    ];
    let body: String = parts.iter().map(|(name, data)| format!("event: {name}\ndata: {data}\n\n")).collect();
    ResponseTemplate::new(200).set_body_raw(body, "text/event-stream")
}

fn gemini() -> ResponseTemplate {
    let part = |text: &str| json!({"candidates": [{"content": {"role": "model", "parts": [{"text": text}]}, "index": 0}], "usageMetadata": {"promptTokenCount": 21, "totalTokenCount": 21}});
    events(
        &[
            part("Yes, "),
            json!({"candidates": [{"content": {"role": "model", "parts": [{"text": "until 20:30."}]}, "finishReason": "STOP", "index": 0}], "usageMetadata": {"promptTokenCount": 21, "candidatesTokenCount": 6, "totalTokenCount": 27}}),
        ],
        "",
    )
}

fn ollama() -> ResponseTemplate {
    let part =
        |text: &str| json!({"model": "small-1", "message": {"role": "assistant", "content": text}, "done": false});
    let end = json!({"model": "small-1", "message": {"role": "assistant", "content": ""}, "done": true, "done_reason": "stop", "prompt_eval_count": 21, "eval_count": 6});
    let body: String = [part("Yes, "), part("until 20:30."), end].iter().map(|p| format!("{p}\n")).collect();
    ResponseTemplate::new(200).set_body_raw(body, "application/x-ndjson")
}

#[tokio::test]
async fn every_provider_is_asked_in_its_own_dialect_and_heard_word_by_word() {
    let bearer = format!("Bearer {KEY}");
    let openai_body = json!({"model": "small-1", "stream": true});
    let cases = [
        (
            Kind::OpenAi,
            "/v1",
            "/v1/chat/completions",
            Some(("authorization", bearer.as_str())),
            openai_body.clone(),
            openai(),
        ),
        (
            Kind::OpenAiCompatible,
            "/api/v1/",
            "/api/v1/chat/completions",
            Some(("authorization", bearer.as_str())),
            openai_body,
            openai(),
        ),
        (
            Kind::Anthropic,
            "/v1",
            "/v1/messages",
            Some(("x-api-key", KEY)),
            json!({"model": "small-1", "stream": true}),
            anthropic(),
        ),
        (
            Kind::Gemini,
            "/v1beta",
            "/v1beta/models/small-1:streamGenerateContent",
            Some(("x-goog-api-key", KEY)),
            json!({}),
            gemini(),
        ),
        (Kind::Ollama, "", "/api/chat", None, json!({"model": "small-1", "stream": true}), ollama()),
    ];
    for (kind, base, at, auth, body, answer) in cases {
        let server = MockServer::start().await;
        let mut mock = Mock::given(method("POST")).and(path(at)).and(body_partial_json(body));
        if let Some((name, value)) = auth {
            mock = mock.and(header(name, value));
        }
        mock.respond_with(answer).expect(1).mount(&server).await;
        let cloud = Cloud::new(provider(kind, &server, base)).unwrap();
        let (result, heard) = ask(&cloud).await;
        let answer = result.unwrap_or_else(|e| panic!("{kind:?}: {e:?}"));
        assert_eq!((answer.text.as_str(), heard.as_str()), ("Yes, until 20:30.", "Yes, until 20:30."), "{kind:?}");
        assert_eq!((answer.tokens_in, answer.tokens_out, answer.finish), (21, 6, Finish::Stop), "{kind:?}");
        assert_eq!((answer.provider.as_str(), answer.model.as_str()), ("main", "small-1"));
        let sent = String::from_utf8(server.received_requests().await.unwrap()[0].body.clone()).unwrap();
        assert!(sent.contains("Be brief.") && sent.contains("Are you open?"), "{kind:?}: {sent}");
    }
}

#[tokio::test]
async fn every_failure_is_a_sentence_without_the_key() {
    let echo = json!({"error": {"message": format!("Incorrect API key provided: {KEY}"), "code": "invalid_api_key"}});
    let cases = [
        (401, echo, ErrorCode::Upstream, "does not accept the key"),
        (429, json!({"error": {"code": "insufficient_quota"}}), ErrorCode::Upstream, "no credit"),
        (404, json!({"error": {"code": "model_not_found"}}), ErrorCode::Upstream, "no model called small-1"),
        (400, json!({"error": {"code": "context_length_exceeded"}}), ErrorCode::TooLarge, "too long"),
    ];
    for (status, body, code, sentence) in cases {
        let server = MockServer::start().await;
        let answer = ResponseTemplate::new(status).set_body_json(body);
        Mock::given(method("POST")).respond_with(answer).expect(1).mount(&server).await;
        let cloud = Cloud::new(provider(Kind::OpenAi, &server, "/v1")).unwrap();
        let error = ask(&cloud).await.0.unwrap_err();
        assert_eq!(error.code, code, "{error:?}");
        assert!(error.message.contains(sentence), "{error:?}");
        assert!(!format!("{error:?} {cloud:?}", cloud = cloud.provider()).contains("secret"), "{error:?}");
    }
}

#[tokio::test]
async fn an_overloaded_provider_is_asked_once_more_and_not_again() {
    for status in [429, 503] {
        let server = MockServer::start().await;
        let busy = ResponseTemplate::new(status).insert_header("retry-after", "0");
        Mock::given(method("POST")).respond_with(busy.clone()).up_to_n_times(1).mount(&server).await;
        Mock::given(method("POST")).respond_with(openai()).up_to_n_times(1).mount(&server).await;
        Mock::given(method("POST")).respond_with(busy).mount(&server).await;
        let cloud = Cloud::new(provider(Kind::OpenAi, &server, "/v1")).unwrap();
        assert_eq!(ask(&cloud).await.0.unwrap().text, "Yes, until 20:30.");
        let error = ask(&cloud).await.0.unwrap_err();
        let want = if status == 429 { ErrorCode::TooMany } else { ErrorCode::Upstream };
        assert_eq!(error.code, want, "{error:?}");
        assert_eq!(server.received_requests().await.unwrap().len(), 4);
    }
}

#[tokio::test]
async fn a_provider_that_is_gone_silent_or_breaks_off_does_not_hold_a_customer_up() {
    let server = MockServer::start().await;
    let slow = openai().set_delay(Duration::from_secs(20));
    Mock::given(path("/slow/chat/completions")).respond_with(slow).mount(&server).await;
    let cut = events(&[json!({"choices": [{"index": 0, "delta": {"content": "Yes, "}}]})], "");
    Mock::given(path("/cut/chat/completions")).respond_with(cut).mount(&server).await;
    let failing = events(
        &[
            json!({"choices": [{"index": 0, "delta": {"content": "Yes, "}}]}),
            json!({"error": {"message": "The server had an error", "type": "server_error"}}),
        ],
        "",
    );
    Mock::given(path("/failing/chat/completions")).respond_with(failing).mount(&server).await;
    let at = |base: &str| provider(Kind::OpenAiCompatible, &server, base);
    let hurried = Provider { first_token_timeout: Duration::from_millis(100), ..at("/slow") };
    let failure = async |provider| ask(&Cloud::new(provider).unwrap()).await.0.unwrap_err();
    assert_eq!(failure(hurried).await.code, ErrorCode::Timeout);
    let cut = failure(at("/cut")).await;
    assert!(cut.message.contains("middle of its answer"), "{cut:?}");
    assert_eq!(failure(at("/failing")).await.code, ErrorCode::Upstream);
    let gone = Provider { base_url: Some(crate::models::nobody()), ..provider(Kind::Ollama, &server, "") };
    let error = ask(&Cloud::new(gone).unwrap()).await.0.unwrap_err();
    assert!(error.message.contains("Is it running"), "{error:?}");
}

#[test]
fn a_provider_that_cannot_work_is_refused_when_it_is_set_up() {
    let with = |kind, base: Option<&str>, model: &str, key: &str| {
        let base_url = base.map(str::to_owned);
        Cloud::new(Provider { base_url, ..Provider::new("p", kind, model, Secret::new(key)) }).err().map(|e| e.message)
    };
    assert!(with(Kind::OpenAiCompatible, None, "m", "").unwrap().contains("address"));
    assert!(with(Kind::OpenAi, Some("ftp://x"), "m", "k").unwrap().contains("http"));
    assert!(with(Kind::OpenAi, None, " ", "k").unwrap().contains("model"));
    assert!(with(Kind::Anthropic, None, "m", "").unwrap().contains("key"));
    assert_eq!(with(Kind::Ollama, None, "m", ""), None);
    assert_eq!(Prices { input_micro: 2_000_000, output_micro: 8_000_000 }.cost_micro(1000, 500), 6000);
}
