//! Each request and each delivery of the simulated platforms, while it happens, on standard error:
//! JSON to a pipe, lines for a person.

use std::io::{self, IsTerminal as _, Write as _};

use jiff::Timestamp;
use jiff::tz::Offset;
use platform_sandbox::{Delivery, Exchange};
use serde_json::{Value, json};

use crate::language::language;
use crate::view::output::visible;
use crate::view::words::{padded, word_in};

/// A function that writes each exchange.
pub(in crate::commands) fn writer() -> impl Fn(&Exchange) + Send + Sync + 'static {
    let to_a_person = io::stderr().is_terminal();
    move |exchange| {
        let line = if to_a_person { line(exchange) } else { document(exchange).to_string() };
        // Without a reader, the platforms go on.
        let _ = writeln!(io::stderr().lock(), "{line}");
    }
}

/// The members of an exchange. One that was received has no member of a delivery.
fn document(exchange: &Exchange) -> Value {
    let mut document = json!({
        "at": time(exchange).to_string(),
        "direction": if exchange.delivery.is_some() { "sent" } else { "received" },
        "channel": exchange.channel,
        "method": exchange.method,
        "path": exchange.path,
        "status": exchange.status,
        "milliseconds": milliseconds(exchange),
    });
    if let (Some(members), Some(delivery)) = (document.as_object_mut(), &exchange.delivery) {
        let Delivery { message, complaint, attempt, acknowledged, error, .. } = delivery;
        members.insert("message".to_owned(), json!(message));
        members.insert("complaint".to_owned(), json!(complaint));
        members.insert("attempt".to_owned(), json!(attempt));
        members.insert("acknowledged".to_owned(), json!(acknowledged));
        members.insert("error".to_owned(), json!(error));
    }
    document
}

/// `17:05:09 <- wechat-pay      GET /v3/… 200, 3 ms`. The time is China's.
fn line(exchange: &Exchange) -> String {
    let clock = Offset::constant(8).to_datetime(time(exchange)).strftime("%H:%M:%S").to_string();
    let arrow = if exchange.delivery.is_some() { "->" } else { "<-" };
    let status = exchange.status.map_or_else(|| language().text("exchange-no-response"), |status| status.to_string());
    let what = match &exchange.delivery {
        None => format!("{} {} {status}", exchange.method, exchange.path),
        Some(Delivery { message, complaint, attempt, acknowledged, error, .. }) => {
            let outcome = match (error, acknowledged) {
                (Some(error), _) => visible(error),
                (None, true) => language().text("exchange-acknowledged"),
                (None, false) => language().text("exchange-not-acknowledged"),
            };
            let about = [&**message, complaint].join(" ");
            let values = [
                ("about", about.trim_end().into()),
                ("path", exchange.path.as_str().into()),
                ("attempt", (*attempt).into()),
                ("status", status.into()),
                ("outcome", outcome.into()),
            ];
            language().text_with("exchange-delivery", values)
        }
    };
    let channel = padded(&word_in(language(), "channel", exchange.channel), CHANNEL_COLUMNS);
    visible(&format!("{clock} {arrow} {channel} {what}, {} ms", milliseconds(exchange)))
}

/// Columns of the longest name of a channel.
const CHANNEL_COLUMNS: usize = 15;

fn time(exchange: &Exchange) -> Timestamp {
    Timestamp::from_second(exchange.at.0).unwrap_or_default()
}

fn milliseconds(exchange: &Exchange) -> u64 {
    exchange.took.as_millis().try_into().unwrap_or(u64::MAX)
}
