//! `mini-program`: the transaction complaints of a Mini Program, asked for and answered at its server.

use std::path::Path;

use protocol_core::channel::Effect;
use protocol_core::complaint::OrderDetail;
use protocol_core::mini_program::{
    Appeal, BussiHandle, GetOrderDetail, Operation, RespondComplaint, SubmitRefund, SupplyProof,
};
use serde::Serialize;
use wechat_adapter::mini_program::{Client as AnyClient, Error as CallError};

use crate::args;
use crate::channel::act::effect_word;
use crate::channel::mini_program::{self as server, Server};
use crate::error::Error;
use crate::input::material::{Material, Picture};
use crate::runtime::WatchedTransport;
use crate::view::order;
use crate::view::output::{self, visible};

type Client = AnyClient<WatchedTransport>;

pub(crate) fn run(command: &args::MiniProgram, config: &Path) -> Result<(), Error> {
    match command {
        args::MiniProgram::Show(arguments) => server::run(config, async |server: &Server| {
            let detail = get(server, &arguments.id).await?;
            output::note_misfits("", &detail.misfits());
            output::print_either(&detail, || order::sheet(&detail))
        }),
        args::MiniProgram::Reply(arguments) => respond(arguments, config),
        args::MiniProgram::SupplyProof(arguments) => {
            let what = "You will supply this evidence:";
            prove(arguments, config, what, supply, async |client, proof| client.supply_proof(proof).await)
        }
        args::MiniProgram::SupplyRefund(arguments) => refund_proof(arguments, config),
        args::MiniProgram::Appeal(arguments) => {
            let what = "You will appeal:";
            prove(arguments, config, what, appeal, async |client, appeal| client.appeal(appeal).await)
        }
        args::MiniProgram::Upload(arguments) => media(arguments, config),
    }
}

/// A complaint. Nobody signs it: TLS and the host vouch for it.
async fn get(server: &Server, complaint_order_id: &str) -> Result<OrderDetail, Error> {
    let question = GetOrderDetail::new(complaint_order_id);
    // Before a token is fetched for it.
    server.request(&question)?;
    Ok(server.client.send(&question).await?.trust_anyway())
}

fn respond(arguments: &args::ReplyToOrder, config: &Path) -> Result<(), Error> {
    let args::ReplyToOrder { complaint: args::OneOrder { id }, agree, material, consent, .. } = arguments;
    consent.check()?;
    let (bussi_handle, what) = if *agree {
        (BussiHandle::Agree, "You will agree to settle, and say:")
    } else {
        (BussiHandle::Refuse, "You will refuse, and say:")
    };
    let material = Material::read(material)?;
    let response = |media_id_list| {
        let mut response = RespondComplaint::new(id, bussi_handle).with_media_id_list(media_id_list);
        response.content.clone_from(&material.text);
        response
    };
    let act = Act { complaint_order_id: id, what, material: &material, consent };
    server::run(config, async |server: &Server| {
        act.carry_out(server, response, async |client, response| client.respond(response).await).await
    })
}

fn supply(complaint_order_id: &str, material: &Material<'_>, media_id_list: Vec<String>) -> SupplyProof {
    let mut proof = SupplyProof::new(complaint_order_id).with_media_id_list(media_id_list);
    proof.content.clone_from(&material.text);
    proof
}

fn appeal(complaint_order_id: &str, material: &Material<'_>, media_id_list: Vec<String>) -> Appeal {
    let mut appeal = Appeal::new(complaint_order_id).with_media_id_list(media_id_list);
    appeal.content.clone_from(&material.text);
    appeal
}

/// An act that has nothing but words and pictures.
fn prove<O: Operation>(
    arguments: &args::ProofOfOrder,
    config: &Path,
    what: &'static str,
    build: impl Fn(&str, &Material<'_>, Vec<String>) -> O,
    send: impl AsyncFn(&Client, &O) -> Result<Effect, CallError>,
) -> Result<(), Error> {
    let args::ProofOfOrder { complaint: args::OneOrder { id }, material, consent } = arguments;
    consent.check()?;
    let material = Material::read(material)?;
    let act = Act { complaint_order_id: id, what, material: &material, consent };
    server::run(config, async |server: &Server| {
        act.carry_out(server, |media_ids| build(id, &material, media_ids), send).await
    })
}

fn refund_proof(arguments: &args::ProofOfRefund, config: &Path) -> Result<(), Error> {
    let args::ProofOfRefund { complaint: args::OneOrder { id }, material, accept_return, return_id, consent } =
        arguments;
    consent.check()?;
    let material = Material::read(material)?;
    let proof = |media_id_list| {
        let mut proof = SubmitRefund::new(id).with_media_id_list(media_id_list);
        proof.content.clone_from(&material.text);
        proof.accept_return = *accept_return;
        proof.return_id.clone_from(return_id);
        proof
    };
    let what = "You will submit this proof of a refund or of another remedy:";
    let act = Act { complaint_order_id: id, what, material: &material, consent };
    server::run(config, async |server: &Server| {
        act.carry_out(server, proof, async |client, proof| client.submit_refund(proof).await).await
    })
}

/// What all acts have.
struct Act<'a> {
    complaint_order_id: &'a str,
    what: &'static str,
    material: &'a Material<'a>,
    consent: &'a args::Consent,
}

/// What is printed once it is done.
#[derive(Serialize)]
struct Done<'a> {
    complaint_order_id: &'a str,
    effect: &'static str,
}

impl Act<'_> {
    async fn carry_out<O: Operation>(
        &self,
        server: &Server,
        build: impl Fn(Vec<String>) -> O,
        send: impl AsyncFn(&Client, &O) -> Result<Effect, CallError>,
    ) -> Result<(), Error> {
        // Whatever can be refused here is refused before anything is asked, of anybody.
        let mut request = server.request(&build(self.material.future_ids()))?;
        if self.consent.dry_run {
            request.before = self.material.requests(server)?;
            return output::print(&request);
        }
        if !self.consent.yes {
            let question = GetOrderDetail::new(self.complaint_order_id);
            let unread = |error| Error::of_preparation(error, "go ahead without seeing it with --yes");
            let detail = server.client.send(&question).await.map_err(unread)?.trust_anyway();
            output::note_left_out(&detail.misfits());
            let complaint = order::describe(self.complaint_order_id, &detail);
            self.consent.ask(format!("{complaint}\n{}{}", self.what, self.material.describe())).await?;
        }
        let operation = build(self.material.upload(server).await?);
        let number = visible(self.complaint_order_id);
        server.watch.look_with(format!("`complaints mini-program show {number}`"));
        let effect = send(&server.client, &operation).await.map_err(Error::of_act)?;
        output::print(&Done { complaint_order_id: self.complaint_order_id, effect: effect_word(effect) })
    }
}

/// Nobody sees a picture before an act shows it: nothing is asked.
fn media(arguments: &args::PictureFile, config: &Path) -> Result<(), Error> {
    let picture = Picture::read(&arguments.file)?;
    server::run(config, async |server: &Server| {
        let upload = picture.upload()?;
        if arguments.dry_run {
            return output::print(&server.request(&upload)?);
        }
        let uploaded = server.client.send(&upload).await?.trust_anyway();
        output::print_either(&uploaded, || format!("media_id: {}", visible(&uploaded.media_id)))
    })
}
