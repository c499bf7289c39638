//! `show`: one complaint.

use clap::Args;
use protocol_core::UnixTime;
use protocol_core::channel::ComplaintRef;
use protocol_core::complaint::{Complaint, Deadlines, Due, UnknownDue};
use serde::Serialize;

use crate::args::{OneComplaint, Via};
use crate::commands::decode::open_phones;
use crate::commands::history;
use crate::config::Config;
use crate::error::Error;
use crate::language::{say, say_with};
use crate::view::due;
use crate::view::output::{self, visible};
use crate::view::phone::Phones;
use crate::view::sheet::Sheet;
use crate::view::words::{amount, in_yuan, joined, moment, word, yuan};
use crate::{channel, input};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) complaint: OneComplaint,

    /// Print `payer_phone` in clear, decrypted with the merchant's key or an older one.
    /// WeChat Pay only.
    #[arg(long)]
    pub(crate) decrypt: bool,

    #[command(flatten)]
    pub(crate) via: Via,
}

pub(crate) fn run(arguments: &Arguments, config: &Config) -> Result<(), Error> {
    arguments.via.check(&[(arguments.via.no_decrypt(), arguments.decrypt)])?;
    channel::run(&arguments.via, config, async |channel| {
        let keys = arguments.decrypt.then(|| channel.phone_keys()).transpose()?;
        let now = input::now(None)?;
        let client = channel.client().await?;
        let mut complaint = client.show(&ComplaintRef::new(&arguments.complaint.id)).await?;
        output::note_misfits(None, &complaint.misfits());
        let opened = open_phones(&keys, [&mut complaint]);
        let phone_is_clear = channel.phone_is_clear() || (arguments.decrypt && opened.is_ok());
        let phones = if phone_is_clear { Phones::Clear } else { Phones::Encrypted };
        let mut deadlines = complaint.deadlines();
        // Only the history tells when the payer continued the complaint.
        if deadlines.next().due == Due::Unknown(UnknownDue::Continued) {
            match history::read(client, &arguments.complaint.id).await {
                Ok(history) => deadlines = complaint.deadlines_with(&history),
                Err(error) => due::note_unknown("warn-due-history", &error),
            }
        }
        let deadlines = channel.deadlines(deadlines);
        output::print_either(&Shown::new(&complaint, &deadlines, now), || sheet(&complaint, &deadlines, now, phones))
            .and(opened)
    })
}

/// The complaint for programs: its own members, and its deadlines beside them.
#[derive(Serialize)]
pub(crate) struct Shown<'a> {
    #[serde(flatten)]
    complaint: &'a Complaint,
    deadlines: due::Told<'a>,
}

impl<'a> Shown<'a> {
    pub(crate) fn new(complaint: &'a Complaint, deadlines: &Deadlines, now: UnixTime) -> Self {
        Self { complaint, deadlines: due::Told::new(&complaint.complaint_id, deadlines, now) }
    }
}

/// A line for each member that is present; long texts and lists below their names.
pub(crate) fn sheet(complaint: &Complaint, deadlines: &Deadlines, now: UnixTime, phones: Phones) -> String {
    let mut sheet = Sheet::default();
    sheet.line("complaint", Some(visible(&complaint.complaint_id)));
    sheet.line("filed", complaint.complaint_time.as_ref().map(moment));
    sheet.line("state", complaint.complaint_state.as_ref().map(|state| word("state", state.as_str())));
    due::lines(&mut sheet, deadlines, now);
    sheet.line("merchant", complaint.merchant_no.as_deref().map(visible));
    sheet.line("against", complaint.complainted_mchid.as_deref().map(visible));
    sheet.line("wants", complaint.problem_type.as_ref().map(|kind| word("problem", kind.as_str())));
    sheet.line(
        "refund",
        complaint.apply_refund_amount.map(|fen| say_with("amount-asked", [("yuan", yuan(fen).into())])),
    );
    sheet.line("amount", amount(complaint).map(in_yuan));
    for order in &complaint.complaint_order_info {
        // Whose `out_trade_no` is differs by channel.
        let numbers = [
            ("", &order.transaction_id),
            ("out_trade_no ", &order.out_trade_no),
            ("wxa_out_trade_no ", &order.wxa_out_trade_no),
            ("wx_order_id ", &order.wx_order_id),
        ];
        let numbers = numbers.into_iter().filter_map(|(name, id)| Some(format!("{name}{}", visible(id.as_deref()?))));
        sheet.line("order", Some(joined(numbers)));
    }
    for order in &complaint.service_order_info {
        let state = order.state.as_ref().map(|state| word("service-order", state.as_str()));
        let parts = order.order_id.as_deref().map(visible).into_iter().chain(state);
        sheet.line("service-order", Some(joined(parts)));
    }
    let phone = complaint.payer_phone.as_ref().filter(|phone| !phone.as_wire().is_empty());
    sheet.line("phone", phone.map(|phone| phones.show(phone.as_wire())));
    sheet.line("times", complaint.user_complaint_times.map(|times| times.to_string()));
    sheet.line("tags", Some(joined(complaint.user_tag_list.iter().map(|tag| word("user-tag", tag.as_str())))));
    for (marked, words) in [
        (complaint.need_immediate_service, "note-immediate-command"),
        (complaint.incoming_user_response, "note-response-waits"),
        (complaint.in_platform_service, "note-assisted"),
        (complaint.complaint_full_refunded, "note-refunded"),
        (complaint.is_agent_mode, "note-agent"),
    ] {
        sheet.line("note", (marked == Some(true)).then(|| say(words)));
    }
    sheet.line("about", complaint.problem_description.as_deref().map(visible));
    if let Some(detail) = &complaint.complaint_detail {
        sheet.below("payers-words", detail.expose().lines());
    }
    let pictures = complaint.complaint_media_list.iter().flat_map(|media| &media.media_url);
    sheet.below("pictures-download", pictures.map(|url| url.expose().as_str()));
    sheet.text()
}
