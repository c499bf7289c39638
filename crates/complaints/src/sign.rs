//! `sign`: a request's `Authorization`, made and printed, nothing sent.

use std::path::Path;

use protocol_core::limits::MAX_ANSWER_BODY;

use protocol_core::{RequestParts, Stamp, UnixTime};
use serde::Serialize;

use crate::args;
use crate::config::WechatPay;
use crate::error::Error;
use crate::{input, output};

/// Printed as it goes into the request.
#[derive(Serialize)]
struct Headers<'a> {
    #[serde(rename = "Authorization")]
    authorization: &'a str,
}

pub(crate) fn run(command: &args::Sign, config: &Path) -> Result<(), Error> {
    let args::Sign::WechatPay(arguments) = command;
    let config = WechatPay::load(config)?;
    let request = Request::read(arguments)?;
    let signed = config.merchant()?.sign(request.parts, request.stamp.as_stamp(), &*config.signer()?)?;
    let authorization = signed.headers().find(|(name, _)| *name == "Authorization").map_or("", |(_, value)| value);
    output::print(&Headers { authorization })
}

/// A request to sign, with its time and nonce.
pub(crate) struct Request {
    pub(crate) parts: RequestParts,
    pub(crate) stamp: OwnedStamp,
}

pub(crate) struct OwnedStamp {
    now: UnixTime,
    nonce: String,
}

impl OwnedStamp {
    pub(crate) fn as_stamp(&self) -> Stamp<'_> {
        Stamp { now: self.now, nonce: &self.nonce }
    }
}

impl Request {
    pub(crate) fn read(arguments: &args::Request) -> Result<Self, Error> {
        let parts = match &arguments.body {
            None => RequestParts::without_body(arguments.method, &arguments.target),
            Some(path) => RequestParts::json(arguments.method, &arguments.target, input::read(path, MAX_ANSWER_BODY)?),
        };
        let nonce = arguments.nonce.clone().map_or_else(input::nonce, Ok)?;
        Ok(Self { parts, stamp: OwnedStamp { now: input::now(arguments.now)?, nonce } })
    }
}
