//! The router: the webhooks of all channels, and a sign of life.

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use complaint_channels::SettingError;
use complaint_inbox::Store;
use complaint_server::Engine;

/// The service. The webhooks bound their input and respond by themselves; routes of the service's own
/// stand beside them.
///
/// # Errors
/// [`SettingError`]: channels that cannot be told apart, or a Mini Program in plain mode.
pub fn router<S: Store>(engine: &Engine<S>) -> Result<Router, SettingError> {
    Ok(engine.webhooks()?.route("/health", get(async || StatusCode::NO_CONTENT)))
}
