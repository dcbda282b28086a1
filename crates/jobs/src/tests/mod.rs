//! What would be lost if the queue failed: work that never happens, happens twice, or comes too late.

mod crash;
mod live;
mod plans;
mod queue;
mod schedule;

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base::id::JobId;
use base::{Clock, Error, Time};
use db::{Db, Schema};

use crate::*;

const START: Time = Time(1_800_000_000_000);

fn open(folder: &Path) -> Db {
    Db::open(&folder.join("workspace.db"), Schema::Workspace, db::Options::default()).unwrap()
}

/// A runner that does nothing by itself, a clock moved by hand, and a record of what ran.
struct Bench {
    _folder: tempfile::TempDir,
    db: Db,
    clock: Clock,
    ran: Ran,
}

#[derive(Clone, Default)]
struct Ran(Arc<Mutex<Vec<String>>>);

impl Ran {
    fn note(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let db = open(folder.path());
        Self { _folder: folder, db, clock: Clock::manual(START), ran: Ran::default() }
    }

    /// A registry whose kind `note` writes its payload down.
    fn registry(&self) -> Registry {
        let ran = self.ran.clone();
        Registry::new().handler("note", move |ctx: Context| {
            let ran = ran.clone();
            async move {
                ran.note(ctx.payload::<String>().unwrap());
                Outcome::Done
            }
        })
    }

    fn runner(&self, registry: Registry) -> Runner {
        Runner::new(self.db.clone(), self.clock.clone(), registry)
    }

    async fn add(&self, job: NewJob) -> Option<JobId> {
        let now = self.clock.now();
        self.db.write(move |tx| enqueue(tx, now, job)).await.unwrap()
    }

    async fn add_note(&self, text: &str) -> JobId {
        self.add(note(text)).await.unwrap()
    }
}

fn note(text: &str) -> NewJob {
    NewJob::new("note", "notes", text).unwrap()
}

fn page(state: State) -> ListQuery {
    ListQuery { state, limit: 100, offset: 0 }
}
