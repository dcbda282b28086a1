//! The promise of the whole program: every message is answered, once, however often the power fails.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use base::message::Content;
use channels::whatsapp::fake::{Customer, Settings};
use serde_json::json;
use tests_support::{Owner, Program, connect_whatsapp, fake_graph, until};

/// A generator of its own, so that a failing run can be repeated: its seed is printed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default)
}

/// 2,000 customers ask one question each, with duplicates and batches, while the program is killed 200 times.
#[tokio::test(flavor = "multi_thread")]
async fn no_customer_is_forgotten_or_answered_twice_however_often_the_power_fails() {
    let (messages, kills) = (setting("BOTFLOW_CRASH_MESSAGES", 2000), setting("BOTFLOW_CRASH_KILLS", 200));
    let seed = setting("BOTFLOW_CRASH_SEED", 0x5eed_0fb0_7f10);
    println!("seed {seed}");
    let mut dice = Dice(seed | 1);
    let folder = tempfile::tempdir().unwrap();
    // Meta repeats what is not answered with 200 for days; here a day takes a quarter of a minute.
    let mut retries = vec![Duration::ZERO, Duration::from_millis(50), Duration::from_millis(150)];
    retries.extend([Duration::from_millis(400); 600]);
    let graph = fake_graph(Settings { retries, ..Settings::default() }).await;
    let url = graph.base_url();
    let mut program = Program::start(folder.path(), &[("graph_url", &url), ("doubt_ms", "2500")]);
    let owner = Owner::sign_in(&program.admin).await;
    let bot = owner.post("/bots", json!({ "name": "Crash" })).await["id"].as_str().unwrap().to_owned();
    owner.patch(&format!("/bots/{bot}"), json!({ "debounce_ms": 0 })).await;
    let pairs =
        json!({ "title": "Hours", "pairs": [{ "question": "When do you open?", "answer": "We open at 8:15." }] });
    owner.post("/sources/pairs", pairs).await;
    owner.until_read().await;
    connect_whatsapp(&owner, &graph, &bot, &program.public).await;
    let proven = owner.put("/public-address", json!({ "way": "typed", "url": program.public })).await;
    assert_eq!(proven["state"], "proven", "{proven}");

    let question = Content::text("When do you open?");
    let customers: Vec<Customer> =
        (0..messages).map(|i| Customer::new(&format!("2782{i:07}"), &format!("Customer {i}"))).collect();
    let mut sent = 0;
    let mut killed = 0;
    while sent < customers.len() || killed < kills {
        // Between two kills about as many messages come in as it takes for both to end together.
        let share = (customers.len() - sent) as u64 / (kills - killed).max(1);
        let burst = (share + dice.below(share.max(1) + 1) / 2).min((customers.len() - sent) as u64) as usize;
        for batch in customers[sent..sent + burst].chunks(1 + dice.below(4) as usize) {
            graph.duplicate_webhooks(1 + (dice.below(5) == 0) as u32);
            graph.customer_batch(&batch.iter().map(|c| (c, &question)).collect::<Vec<_>>()).unwrap();
        }
        sent += burst;
        if killed < kills {
            tokio::time::sleep(Duration::from_millis(dice.below(140))).await;
            program.kill();
            program.restart();
            killed += 1;
        }
    }
    let start = Instant::now();
    let mut answered: HashMap<String, usize> = HashMap::new();
    until("every customer is answered", Duration::from_secs(240), || {
        answered.clear();
        for reply in graph.sent().iter().filter(|r| r.text.contains("8:15")) {
            *answered.entry(reply.to.clone()).or_default() += 1;
        }
        let done = answered.len() == customers.len();
        async move { done.then_some(()) }
    })
    .await;
    // Whatever might still come twice gets its chance.
    tokio::time::sleep(Duration::from_millis(4000)).await;
    let replies = graph.sent().iter().filter(|r| r.text.contains("8:15")).count();
    let doubled = graph.sent_twice();
    println!(
        "answered {}, lost {}, doubled {} after {killed} kills; the last answers took {:?}",
        answered.len(),
        customers.len() - answered.len(),
        replies - answered.len(),
        start.elapsed()
    );
    assert_eq!(doubled, Vec::<String>::new(), "messages that went out twice");
    assert_eq!(replies, customers.len(), "one reply for each customer");
    graph.stop().await;
}
