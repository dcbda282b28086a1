//! `cargo xtask demo`: a day of a sample business's customers on WhatsApp, with the power failing in the middle of it.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a demonstration prints, and stops at what it did not expect"
)]

use std::collections::HashMap;
use std::time::Duration;

use base::Stopwatch;
use botflow_tests::{Owner, Program, connect_whatsapp, fake_graph, fixtures, json_file, until};
use channels::whatsapp::fake::{Customer, FakeGraph, Settings};
use serde_json::{Value, json};

/// What customers write in words.
const QUESTIONS: [&str; 16] = [
    "Hi there",
    "What time do you open on Saturday?",
    "how much is delivery to claremont",
    "do u fix burst gysers on sundays??",
    "What does a call-out cost?",
    "Is there a warranty on labour?",
    "¿Cuánto cuesta la entrega a Claremont?",
    "Where can I park when I come to the shop?",
    "hi so um my toilet is leaking again and my husband said ask what you charge for a call out so please how much is it",
    "Can I return something I bought last week?",
    "Do you accept credit cards?",
    "How long does a geyser installation take?",
    "Do you have a loyalty card?",
    "Do you sell swimming pool pumps?",
    "When will load shedding end?",
    "Who won the rugby?",
];

/// Every kind that WhatsApp delivers, from the fixtures; whether somebody waits for an answer to it.
const KINDS: [(&str, bool); 22] = [
    ("text_reply_context", true),
    ("text_forwarded", true),
    ("text_product_inquiry", true),
    ("text_username_only", true),
    ("image", true),
    ("video", true),
    ("audio_file", true),
    ("audio_voice_note", true),
    ("document", true),
    ("sticker", true),
    ("location", true),
    ("contacts", true),
    ("interactive_button_reply", true),
    ("interactive_list_reply", true),
    ("interactive_nfm_reply", true),
    ("button_template_quick_reply", true),
    ("order", true),
    ("referral_ctwa", true),
    ("unsupported", true),
    ("reaction", false),
    ("edit", false),
    ("revoke", false),
];

struct Waiting {
    said: String,
    customer: Customer,
    since: Stopwatch,
}

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let mut retries = vec![Duration::ZERO, Duration::from_millis(100), Duration::from_millis(300)];
    retries.extend([Duration::from_millis(500); 100]);
    let graph = fake_graph(Settings { retries, ..Settings::default() }).await;
    let url = graph.base_url();
    let mut program = Program::start(folder.path(), &[("graph_url", &url), ("doubt_ms", "3000")]);
    let owner = Owner::sign_in(&program.admin).await;
    println!("Reading the sample business's documents …");
    let bot = owner.load_sample().await;
    owner.patch(&format!("/bots/{bot}"), json!({ "debounce_ms": 0 })).await;
    let (_, hook) = connect_whatsapp(&owner, &graph, &bot, &program.public).await;
    owner.put("/public-address", json!({ "way": "typed", "url": program.public })).await;

    let mut waiting = Vec::new();
    for (i, question) in QUESTIONS.iter().enumerate() {
        let customer = Customer::new(&format!("2782555{i:04}"), &format!("Customer {}", i + 1));
        let content = base::message::Content::text(*question);
        graph.duplicate_webhooks(if i % 3 == 0 { 3 } else { 1 });
        graph.customer_message(&customer, &content).unwrap();
        waiting.push(Waiting { said: (*question).to_owned(), customer, since: Stopwatch::start() });
        if i == QUESTIONS.len() / 2 {
            tokio::time::sleep(Duration::from_millis(60)).await;
            println!("--- the power fails (kill -9) and comes back ---");
            program.kill();
            program.restart();
        }
    }
    graph.duplicate_webhooks(1);
    for (i, (kind, expects)) in KINDS.iter().enumerate() {
        let customer = Customer::new(&format!("2783555{i:04}"), &format!("Visitor {}", i + 1));
        send_fixture(&graph, &customer, kind);
        if *expects {
            waiting.push(Waiting { said: format!("[{kind}]"), customer, since: Stopwatch::start() });
        }
    }
    let batch: Vec<Customer> =
        (0..3).map(|i| Customer::new(&format!("2784555{i:04}"), &format!("Batch {}", i + 1))).collect();
    let content = base::message::Content::text("What time do you open on Saturday?");
    graph.customer_batch(&batch.iter().map(|c| (c, &content)).collect::<Vec<_>>()).unwrap();
    for customer in batch {
        waiting.push(Waiting {
            said: "[batch] What time do you open on Saturday?".into(),
            customer,
            since: Stopwatch::start(),
        });
    }
    let forged = reqwest::Client::new()
        .post(&hook)
        .header("x-hub-signature-256", format!("sha256={}", "0".repeat(64)))
        .body("{\"object\":\"whatsapp_business_account\"}")
        .send()
        .await
        .unwrap();
    println!("a delivery with a wrong signature was answered {}", forged.status());
    assert_eq!(forged.status(), 403);

    let mut transcript = Vec::new();
    let mut lost = 0;
    let sources = sources(&owner, waiting.len()).await;
    for one in &waiting {
        let wait = tokio::time::timeout(
            Duration::from_secs(60),
            until("a reply", Duration::from_secs(90), || async { graph.sent_to(&one.customer).first().cloned() }),
        );
        match wait.await {
            Ok(reply) => {
                let source = sources.get(&reply.text).cloned().unwrap_or_default();
                println!("\n{}: {}\n  -> {}", one.customer.name, one.said, reply.text.replace('\n', " "));
                println!(
                    "     {}",
                    if source.is_empty() { "(no source needed)".to_owned() } else { format!("source: {source}") }
                );
                transcript.push(json!({ "customer": one.customer.name, "said": one.said, "reply": reply.text,
                    "source": source, "latency_ms": one.since.elapsed_ms() }));
            }
            Err(_) => {
                lost += 1;
                println!("\n{}: {}\n  -> NOTHING", one.customer.name, one.said);
                transcript.push(json!({ "customer": one.customer.name, "said": one.said, "reply": null }));
            }
        }
    }
    tokio::time::sleep(Duration::from_secs(4)).await;
    let doubled = graph.sent_twice().len()
        + waiting
            .iter()
            .filter(|w| {
                let texts: Vec<String> = graph.sent_to(&w.customer).into_iter().map(|s| s.text).collect();
                texts.len() > texts.iter().collect::<std::collections::HashSet<_>>().len()
            })
            .count();
    let answered = waiting.len() - lost;
    latencies(&owner).await;
    println!("answered {answered}, lost {lost}, doubled {doubled}");
    json_file(&json!({ "answered": answered, "lost": lost, "doubled": doubled, "transcript": transcript }));
    graph.stop().await;
    assert!(lost == 0 && doubled == 0, "a customer was lost or got an answer twice");
}

/// Sends a fixture's message as if this customer had written it, under an id of its own.
fn send_fixture(graph: &FakeGraph, customer: &Customer, name: &str) {
    let raw = std::fs::read(fixtures("whatsapp").join(format!("{name}.json"))).unwrap();
    let body: Value = serde_json::from_slice(&raw).unwrap();
    let message = body["entry"][0]["changes"][0]["value"]["messages"][0].clone();
    let kind = message["type"].as_str().unwrap().to_owned();
    let payload = message[&kind].clone();
    graph.customer_raw(customer, &kind, payload);
}

/// Which source each of the bot's texts rests on, from the owner's own view of the conversations.
async fn sources(owner: &Owner, expected: usize) -> HashMap<String, String> {
    let mut found = HashMap::new();
    until("the conversations", Duration::from_secs(120), || {
        let owner = owner.clone();
        async move {
            let all = owner.get("/conversations?limit=200").await["items"].as_array().unwrap().len();
            (all >= expected).then_some(())
        }
    })
    .await;
    // The last of them may still be answered.
    tokio::time::sleep(Duration::from_secs(3)).await;
    for conversation in owner.get("/conversations?limit=200").await["items"].as_array().unwrap() {
        let id = conversation["id"].as_str().unwrap();
        for message in owner.get(&format!("/conversations/{id}/messages")).await["items"].as_array().unwrap() {
            let cited = &message["answer"]["citations"][0];
            if let (Some(text), Some(title)) = (message["content"]["text"].as_str(), cited["source_title"].as_str()) {
                let page = cited["page"].as_u64().map(|p| format!(", page {p}")).unwrap_or_default();
                found.insert(
                    text.to_owned(),
                    format!("{title}{page} ({})", message["answer"]["rung"].as_str().unwrap()),
                );
            }
        }
    }
    found
}

/// From a customer's message to the bot's reply, by the program's own clock.
async fn latencies(owner: &Owner) {
    let mut all = Vec::new();
    for conversation in owner.get("/conversations?limit=200").await["items"].as_array().unwrap() {
        let id = conversation["id"].as_str().unwrap();
        let messages = owner.get(&format!("/conversations/{id}/messages")).await;
        let at = |direction: &str| {
            let items = messages["items"].as_array().unwrap();
            items.iter().filter(|m| m["direction"] == direction).filter_map(|m| m["at"].as_i64()).min()
        };
        if let (Some(asked), Some(told)) = (at("in"), at("out")) {
            all.push(told - asked);
        }
    }
    all.sort_unstable();
    if let Some(median) = all.get(all.len() / 2) {
        println!("\nfrom message to reply: median {median} ms, slowest {} ms", all.last().unwrap());
    }
}
