//! `complete`: the complaint is dealt with.

use std::path::Path;

use protocol_core::wechat_pay::Complete;

use crate::act::{Target, print_effect};
use crate::error::Error;
use crate::network::{self, Network};
use crate::{args, output};

pub(crate) fn run(arguments: &args::CompleteArguments, config: &Path) -> Result<(), Error> {
    arguments.consent.check()?;
    let id = &arguments.complaint.id;
    network::run(config, async |network: &Network| {
        let target = Target::of(network, id, &arguments.accused, &arguments.consent).await?;
        let what = format!("{}\nIt will be completed: for you it is dealt with.", target.describe(id));
        let complete = Complete { complaint_id: id.clone(), complainted_mchid: target.complainted_mchid };
        if arguments.consent.dry_run {
            return output::print(&network.signed(&complete)?);
        }
        network.check(&complete)?;
        arguments.consent.ask(what).await?;
        print_effect(id, network.client().await?.complete_complaint(&complete).await.map_err(Error::of_act)?)
    })
}
