//! The set-up stands still while the data of another computer may take the place of what is here.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use base::{Error, Result};

use super::store;
use crate::Accounts;

/// Whether the set-up stands still. Cheap to clone; clones are the same.
#[derive(Clone, Default)]
pub(crate) struct Gate(Arc<AtomicBool>);

impl Gate {
    pub(super) fn pass(&self) -> Result<()> {
        if self.0.load(Ordering::SeqCst) {
            return Err(Error::conflict(
                "The data of another computer is being taken over just now. Wait until that is done, or stop it; then \
                 try again.",
            ));
        }
        Ok(())
    }
}

/// As long as this is there nobody becomes the owner.
#[must_use]
pub struct SetUpHeld(Gate);

impl SetUpHeld {
    /// Nobody does any more in this run of the program: what is here is about to go.
    pub fn for_good(self) {
        std::mem::forget(self);
    }
}

impl Drop for SetUpHeld {
    fn drop(&mut self) {
        self.0.0.store(false, Ordering::SeqCst);
    }
}

impl Accounts {
    /// Lets the set-up stand still. In the same order as set-ups are written: there is an owner, or there will be none.
    ///
    /// # Errors
    /// `Conflict` when there is an owner, or it stands still already.
    pub async fn hold_set_up(&self) -> Result<SetUpHeld> {
        let gate = self.gate.clone();
        self.db
            .write(move |tx| {
                if store::any_user(tx)? {
                    return Err(Error::conflict("This program has an owner already. Please sign in."));
                }
                if gate.0.swap(true, Ordering::SeqCst) {
                    return Err(Error::conflict("The data of another computer is being taken over already."));
                }
                Ok(SetUpHeld(gate))
            })
            .await
    }
}
