//! Rounds of the poller, each stored as it goes.

use std::mem::take;
use std::time::Duration;

use allinpay_adapter::{Client, Cursor, Polling};
use complaint_channels::{SettingError, Settings};
use futures_util::StreamExt as _;

use crate::store::{Store, StoreError};

/// How much is stored at once, at most: the cursor is written with each batch.
const BATCH: usize = 200;

/// A client of the gateway.
///
/// # Errors
/// Settings that are missing or no keys.
pub fn client(settings: &Settings) -> Result<Client, SettingError> {
    let section = settings.allinpay(None)?;
    Ok(section.client(section.merchant()?)?.build_over(section.transport()?))
}

/// The poller and the store.
#[derive(Debug)]
pub struct Rounds {
    client: Client,
    store: Store,
    cursor: Cursor,
    polling: Polling,
}

impl Rounds {
    /// Goes on from where the last process stopped, or begins at `first`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn resume(client: Client, store: Store, first: Cursor) -> Result<Self, StoreError> {
        let cursor = store.cursor().await?.unwrap_or(first);
        Ok(Self { client, store, cursor, polling: Polling::default().once() })
    }

    /// One round after the other, with a pause in between. It runs until it is dropped, which may
    /// be at any await: what was not stored is found again.
    pub async fn run(mut self, pause: Duration) {
        loop {
            match self.round().await {
                Ok(found) => tracing::info!(found, "the round is over"),
                // The next round begins with the cursor that was stored last: no find is lost, none
                // is stored twice.
                Err(error) => tracing::error!(%error, "what was found could not be stored"),
            }
            tokio::time::sleep(pause).await;
        }
    }

    /// One round: how much was found and stored.
    ///
    /// # Errors
    /// [`StoreError`]; what was stored before stays stored.
    pub async fn round(&mut self) -> Result<usize, StoreError> {
        let mut poller = self.client.poller(self.cursor.clone(), self.polling);
        let (mut batch, mut count) = (Vec::new(), 0);
        while let Some(found) = poller.next().await {
            match found {
                Ok(found) => batch.push(found),
                Err(error) => tracing::warn!(%error, "the poller goes on"),
            }
            if batch.len() >= BATCH {
                count += batch.len();
                self.save(take(&mut batch), poller.cursor().clone()).await?;
            }
        }
        count += batch.len();
        self.save(batch, poller.cursor().clone()).await?;
        Ok(count)
    }

    async fn save(&mut self, found: Vec<allinpay_adapter::Found>, cursor: Cursor) -> Result<(), StoreError> {
        self.store.store(found, cursor.clone()).await?;
        self.cursor = cursor;
        Ok(())
    }
}
