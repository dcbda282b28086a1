//! From question to passages, and from a customer's message to the reply on the wire.

use std::time::Duration;

use base::Stopwatch;
use base::message::Content;
use botflow_tests::{Owner, Program, connect_whatsapp, fake_graph, models_folder, until};
use channels::whatsapp::fake::{Customer, Settings};
use knowledge::retrieve::Filters;
use serde_json::json;

use crate::Figures;
use crate::filler::{fill, sentence};

/// Median and 95th percentile.
fn percentiles(mut times: Vec<f64>) -> (f64, f64) {
    times.sort_by(f64::total_cmp);
    (times[times.len() / 2], times[times.len() * 95 / 100])
}

pub(crate) async fn embedding(out: &mut Figures) {
    let id = ai::models::DEFAULT_EMBEDDER;
    let model = ai::embed::EmbedderHandle::new(id, models_folder().join(id), Duration::from_secs(600));
    model.embed_query("warm".into()).await.unwrap();
    let mut times = Vec::new();
    for i in 0..100 {
        let question = format!("Do you have a garden hose of {i} metres?");
        let watch = Stopwatch::start();
        model.embed_query(question).await.unwrap();
        times.push(watch.elapsed_ms());
    }
    out.note("embedding a question, median", percentiles(times).0, "ms", "");
    let passage = |i: usize| (0..10).map(|n| sentence(i * 10 + n)).collect::<Vec<_>>().join(" ");
    let texts: Vec<String> = (0..60).map(passage).collect();
    let watch = Stopwatch::start();
    model.embed_passages(texts).await.unwrap();
    out.note("embedding passages of about 200 tokens", 60.0 / watch.elapsed().as_secs_f64(), "a second", "");
}

pub(crate) async fn retrieval(out: &mut Figures, passages: usize) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("workspace.db");
    let db = db::Db::open(&path, db::Schema::Workspace, db::Options::default()).unwrap();
    let knowledge = fill(db, &folder.path().join("search"), &folder.path().join("media"), passages).await;
    let (mut all, mut model_only) = (Vec::new(), Vec::new());
    let embedder = knowledge.embedder().unwrap();
    for i in 0..60 {
        let question = format!("Where do I find the kitchen tap number {}?", i * 331 % (passages * 3));
        let watch = Stopwatch::start();
        let hits = knowledge.retrieve(&question, &Filters::default(), 8).await.unwrap();
        all.push(watch.elapsed_ms());
        assert!(!hits.items.is_empty());
        let watch = Stopwatch::start();
        embedder.embed_queries(vec![question]).await.unwrap();
        model_only.push(watch.elapsed_ms());
    }
    let (p50, p95) = percentiles(all.split_off(10));
    let floor = percentiles(model_only.split_off(10)).0;
    let against = format!("95th percentile {p95:.1}; the question's vector alone {floor:.1}");
    out.note(&format!("retrieval among {passages} passages, median"), p50, "ms", &against);
}

/// The sample business with so many further passages: a customer's message to the reply on the wire.
pub(crate) async fn replies(out: &mut Figures, passages: usize) {
    let graph = fake_graph(Settings { statuses: false, ..Settings::default() }).await;
    let url = graph.base_url();
    let folder = tempfile::tempdir().unwrap();
    let bot = {
        let program = Program::start(folder.path(), &[("graph_url", &url)]);
        let owner = Owner::sign_in(&program.admin).await;
        owner.load_sample().await
    };
    let workspace = crate::workspace(folder.path());
    let db = db::Db::open(&workspace.join("workspace.db"), db::Schema::Workspace, db::Options::default()).unwrap();
    drop(fill(db, &workspace.join("search"), &workspace.join("media"), passages).await);

    let program = Program::start(folder.path(), &[("graph_url", &url)]);
    let owner = Owner::sign_in(&program.admin).await;
    owner.patch(&format!("/bots/{bot}"), json!({ "debounce_ms": 0 })).await;
    connect_whatsapp(&owner, &graph, &bot, &program.public).await;
    let mut times = Vec::new();
    for i in 0..70 {
        let customer = Customer::new(&format!("2786{i:07}"), "Clock");
        // Each asks in other words, so that no remembered vector helps.
        let question = Content::text(format!("Question {i}: how much is delivery to Claremont?"));
        let watch = Stopwatch::start();
        graph.customer_message(&customer, &question).unwrap();
        until("a reply", Duration::from_secs(20), || async { (!graph.sent_to(&customer).is_empty()).then_some(()) })
            .await;
        times.push(watch.elapsed_ms());
    }
    let (p50, p95) = percentiles(times.split_off(10));
    let against = format!("95th percentile {p95:.1}; looked at every 5 ms; median at most 60");
    out.note(&format!("message to reply on the wire, {passages} passages and the sample, median"), p50, "ms", &against);
    graph.stop().await;
}
