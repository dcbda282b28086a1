//! Files of outgoing messages: handed to the provider before the message that carries them is marked as leaving, so
//! that a long upload neither puts a message in doubt nor holds up other customers.

use base::message::{Content, Media};
use base::{Error, Result, Time};
use channels::whatsapp::client::Failure;
use db::rusqlite::Connection;

use super::refusal::Refusal;
use super::sender::{Sender, back_off};
use super::store::{self, Upload, UploadKey};
use super::{OutboxRow, State, mark_failed, problem, refuse, requeue};
use crate::channels::WhatsApp;
use crate::media;

/// What a message's file still needs.
#[derive(Debug)]
pub(super) enum File {
    /// There is none, or the provider fetches it by itself.
    None,
    /// The provider holds it.
    Ready(UploadKey, Upload),
    /// It lies on our disk only.
    Wanted(UploadKey, Media),
}

pub(super) fn look(connection: &Connection, phone_number_id: &str, content: &Content, now: Time) -> Result<File> {
    let Some(media) = media::file_of(content) else { return Ok(File::None) };
    let Some(sha256) = media.stored.clone() else { return Ok(File::None) };
    let key = UploadKey { phone_number_id: phone_number_id.to_owned(), sha256, mime: media.mime.clone() };
    Ok(match store::upload(connection, &key, now)? {
        Some(upload) => File::Ready(key, upload),
        None => File::Wanted(key, media.clone()),
    })
}

impl Sender {
    /// Hands a file over. The row stays queued meanwhile; the next pass finds the file ready.
    pub(super) async fn hand_over(
        &self,
        channel: &WhatsApp,
        row: OutboxRow,
        key: UploadKey,
        media: Media,
    ) -> Result<()> {
        // Seen a moment ago; another task may have settled it since.
        let (id, wanted, now) = (row.id, key.clone(), self.ws.clock.now());
        let settled = self.ws.db.read(move |c| {
            let queued = store::get(c, id)?.is_some_and(|row| row.state == State::Queued && row.next_at <= now);
            Ok(!queued || store::upload(c, &wanted, now)?.is_some())
        });
        if settled.await? {
            return Ok(());
        }
        let file = self.ws.media().join(&key.sha256);
        let name = media.filename.as_deref().unwrap_or("file");
        let handed = channel.graph.upload_media(&channel.phone_number_id, &file, &media.mime, name).await;
        let ws = self.ws.clone();
        let now = ws.clock.now();
        let next = now.plus(back_off(row.attempts + 1));
        if matches!(handed, Err(Failure::Unreachable(_))) {
            self.unreached.note(row.id, next, now);
        }
        self.ws
            .db
            .write(move |tx| {
                let again = |sentence: &str| {
                    store::note_attempt(tx, row.id)?;
                    requeue(tx, &row, &[State::Queued], next, Some(&problem(sentence)))
                };
                match handed {
                    Ok(id) => {
                        store::put_upload(tx, &key, &id, now)?;
                        tx.publish(super::TAG);
                        Ok(())
                    }
                    Err(Failure::Refused { error, .. }) => {
                        refuse(tx, &ws, &row, &[State::Queued], &Refusal::of(&error).about_file())
                    }
                    Err(Failure::Invalid(e)) => mark_failed(tx, &row, &problem(&e.message)),
                    Err(failure @ (Failure::Unreachable(_) | Failure::Unreadable { .. } | Failure::Gone)) => {
                        tracing::info!(outbox = %row.id, error = ?Error::from(failure), "a file could not be handed over");
                        again("The file could not be handed to WhatsApp yet. It is tried again by itself.")
                    }
                }
            })
            .await
    }
}
