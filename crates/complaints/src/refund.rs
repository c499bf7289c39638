//! `refund`: yes or no to the refund that the payer asks for.

use std::path::Path;

use protocol_core::Personal;
use protocol_core::wechat_pay::{RefundAction, UpdateRefundProgress};

use crate::act::{describe, get, print_effect};
use crate::confirm::quoted;
use crate::error::Error;
use crate::network::{self, Network};
use crate::picture::Pictures;
use crate::words::yuan;
use crate::{args, output};

pub(crate) fn run(arguments: &args::Refund, config: &Path) -> Result<(), Error> {
    arguments.consent.check()?;
    let id = &arguments.complaint.id;
    let pictures = Pictures::read(&arguments.files, &arguments.ids)?;
    let mut decision = UpdateRefundProgress {
        complaint_id: id.clone(),
        action: if arguments.approve { RefundAction::Approve } else { RefundAction::Reject },
        launch_refund_day: arguments.days,
        reject_reason: arguments.reason.clone().map(Personal::new),
        reject_media_list: pictures.future_ids(),
        remark: arguments.remark.clone().map(Personal::new),
    };
    network::run(config, async |network: &Network| {
        if arguments.consent.dry_run {
            let mut request = network.signed(&decision)?;
            request.before = pictures.signed(network)?;
            return output::print(&request);
        }
        network.check(&decision)?;
        if !arguments.consent.yes {
            let complaint = get(network, id).await?;
            let asked = complaint.apply_refund_amount.map(|fen| format!(" of {} yuan", yuan(fen))).unwrap_or_default();
            let outcome = match &decision.reject_reason {
                None => format!("The refund{asked} will be approved. It moves no money: make the refund itself too."),
                Some(reason) => {
                    let reason = quoted(reason.expose());
                    format!("The refund{asked} will be refused, for a reason that the payer reads:{reason}")
                }
            };
            arguments.consent.ask(format!("{}\n{outcome}", describe(id, Some(&complaint)))).await?;
        }
        decision.reject_media_list = pictures.upload(network).await?;
        print_effect(id, network.client().await?.update_refund_progress(&decision).await.map_err(Error::of_act)?)
    })
}
