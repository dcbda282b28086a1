//! Made-up businesses: their documents, read into a knowledge of their own, and the questions customers put to them.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use base::{Clock, Result};
use futures::FutureExt;
use futures::future::BoxFuture;
use knowledge::evaluate::{Case, cases};
use knowledge::{Cancel, Embed, Knowledge};

use crate::{fixtures, models_folder};

struct Local(ai::embed::EmbedderHandle);

impl Embed for Local {
    fn id(&self) -> &str {
        self.0.id()
    }

    fn embed_queries(&self, texts: Vec<String>) -> BoxFuture<'_, Result<Vec<Vec<f32>>>> {
        async move {
            let vectors = futures::future::try_join_all(texts.into_iter().map(|t| self.0.embed_query(t))).await?;
            Ok(vectors.into_iter().map(|v| v.to_vec()).collect())
        }
        .boxed()
    }

    fn embed_passages(&self, texts: Vec<String>) -> BoxFuture<'_, Result<Vec<Vec<f32>>>> {
        self.0.embed_passages(texts).boxed()
    }
}

/// Where one business's documents and questions lie.
#[derive(Clone, Debug)]
pub struct Place {
    pub name: String,
    pub documents: PathBuf,
    pub questions: PathBuf,
}

impl Place {
    /// The business that ships with the program.
    pub fn sample() -> Self {
        let documents = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join("crates").join("app").join("sample");
        Place { name: "sample".into(), documents, questions: fixtures("sample").join("questions.json") }
    }

    /// The business that no weight was fitted on.
    pub fn hold_out() -> Self {
        let folder = fixtures("holdout");
        Place { name: "hold-out".into(), questions: folder.join("questions.json"), documents: folder }
    }

    /// The businesses that the weights are fitted on, by name.
    pub fn for_fitting() -> Vec<Self> {
        let mut folders: Vec<PathBuf> =
            std::fs::read_dir(fixtures("businesses")).unwrap().map(|f| f.unwrap().path()).collect();
        folders.sort();
        folders
            .into_iter()
            .map(|folder| Place {
                name: folder.file_name().unwrap().to_string_lossy().into_owned(),
                documents: folder.join("documents"),
                questions: folder.join("questions.json"),
            })
            .collect()
    }

    /// The questions that customers ask.
    pub fn cases(&self) -> Vec<Case> {
        cases(&std::fs::read_to_string(&self.questions).unwrap()).unwrap()
    }

    /// Reads the documents into a fresh knowledge, with the default search model or by words alone.
    pub async fn read(&self, meaning: bool) -> Business {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("workspace.db");
        let db = db::Db::open(&path, db::Schema::Workspace, db::Options::default()).unwrap();
        let id = ai::models::DEFAULT_EMBEDDER;
        let model = || ai::embed::EmbedderHandle::new(id, models_folder().join(id), Duration::from_secs(600));
        let embedder = meaning.then(|| Arc::new(Local(model())) as Arc<dyn Embed>);
        let (search, media) = (folder.path().join("search"), folder.path().join("media"));
        let knowledge = Knowledge::open(db, &search, &media, embedder).await.unwrap();
        let now = Clock::System.now();
        let mut files: Vec<PathBuf> = std::fs::read_dir(&self.documents).unwrap().map(|f| f.unwrap().path()).collect();
        files.sort();
        for file in files.iter().filter(|f| f.extension().is_some_and(|e| e != "json")) {
            let name = file.file_name().unwrap().to_string_lossy();
            let source = knowledge.add_file(&name, None, std::fs::read(file).unwrap(), Vec::new(), now).await.unwrap();
            knowledge.index_source(source, &|_| {}, &Cancel::default()).await.unwrap();
        }
        Business { knowledge, _folder: folder }
    }
}

/// A business whose documents were read.
pub struct Business {
    pub knowledge: Knowledge,
    _folder: tempfile::TempDir,
}
