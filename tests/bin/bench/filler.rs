//! Documents in bulk, with vectors that are spread like real ones without the hours of computing them.

use std::hash::{Hash, Hasher};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use base::{Clock, Result};
use botflow_tests::models_folder;
use futures::FutureExt;
use futures::future::BoxFuture;
use knowledge::{Cancel, Embed, Knowledge};

/// Passages in one document.
const DOCUMENT: usize = 1_000;

/// The real model for questions; for passages a mixture of two of its vectors, chosen by the text.
pub(crate) struct Mixed {
    model: ai::embed::EmbedderHandle,
    seeds: Vec<Vec<f32>>,
}

impl Mixed {
    pub(crate) async fn new() -> Self {
        let id = ai::models::DEFAULT_EMBEDDER;
        let model = ai::embed::EmbedderHandle::new(id, models_folder().join(id), Duration::from_secs(600));
        let seeds = model.embed_passages((0..64).map(sentence).collect()).await.unwrap();
        Mixed { model, seeds }
    }
}

impl Embed for Mixed {
    fn id(&self) -> &str {
        self.model.id()
    }

    fn embed_queries(&self, texts: Vec<String>) -> BoxFuture<'_, Result<Vec<Vec<f32>>>> {
        async move {
            let vectors = futures::future::try_join_all(texts.into_iter().map(|t| self.model.embed_query(t))).await?;
            Ok(vectors.into_iter().map(|v| v.to_vec()).collect())
        }
        .boxed()
    }

    fn embed_passages(&self, texts: Vec<String>) -> BoxFuture<'_, Result<Vec<Vec<f32>>>> {
        let mixed = texts.iter().map(|text| {
            let mut hasher = std::hash::DefaultHasher::new();
            text.hash(&mut hasher);
            let seed = hasher.finish() as usize;
            let (a, b) = (&self.seeds[seed % 64], &self.seeds[(seed / 64) % 64]);
            let share = ((seed / 4_096) % 100) as f32 / 100.0;
            a.iter().zip(b).map(|(a, b)| a * share + b * (1.0 - share)).collect()
        });
        let vectors = Ok(mixed.collect());
        async move { vectors }.boxed()
    }
}

/// A sentence that no other number gives.
pub(crate) fn sentence(i: usize) -> String {
    const THINGS: [&str; 16] = [
        "brass elbow",
        "copper pipe",
        "garden hose",
        "wall plug",
        "paint roller",
        "door handle",
        "ceiling lamp",
        "shower rail",
        "kitchen tap",
        "water meter",
        "gate motor",
        "roof tile",
        "floor drain",
        "wood screw",
        "mirror clip",
        "fence post",
    ];
    const PLACES: [&str; 8] = ["aisle", "yard", "cellar", "window", "counter", "annex", "gallery", "warehouse"];
    format!(
        "The {} number {i} stands in the {} on shelf {} and weighs {} grams.",
        THINGS[i % 16],
        PLACES[(i / 16) % 8],
        i % 97,
        100 + (i * 37) % 900
    )
}

/// Adds so many passages, of three sentences each, to the business in these folders.
pub(crate) async fn fill(db: db::Db, search: &Path, media: &Path, passages: usize) -> Knowledge {
    let knowledge = Knowledge::open(db, search, media, Some(Arc::new(Mixed::new().await))).await.unwrap();
    let now = Clock::System.now();
    for document in 0..passages.div_ceil(DOCUMENT) {
        let mut text = String::new();
        for passage in 0..DOCUMENT.min(passages - document * DOCUMENT) {
            let first = (document * DOCUMENT + passage) * 3;
            let [a, b, c] = [sentence(first), sentence(first + 1), sentence(first + 2)];
            // A heading each, so that none is joined to the next.
            text.push_str(&format!("## Corner {first}\n\n{a} {b} {c}\n\n"));
        }
        let name = format!("store-room-{document}.md");
        let source = knowledge.add_file(&name, None, text.into_bytes(), Vec::new(), now).await.unwrap();
        knowledge.index_source(source, &|_| {}, &Cancel::default()).await.unwrap();
    }
    knowledge
}
