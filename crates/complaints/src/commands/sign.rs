//! `sign`: signs a request and prints the signature. It sends nothing.

use std::path::Path;

use protocol_core::allinpay::Parameters;
use protocol_core::crypto::Signature;
use protocol_core::limits::MAX_RESPONSE_BODY;

use protocol_core::{RequestParts, Stamp, UnixTime};
use serde::{Serialize, Serializer};

use crate::args;
use crate::config::{Allinpay, WechatPay};
use crate::error::Error;
use crate::input;
use crate::view::output;

/// The printed header.
#[derive(Serialize)]
struct Headers<'a> {
    #[serde(rename = "Authorization")]
    authorization: &'a str,
}

pub(crate) fn run(command: &args::Sign, config: &Path) -> Result<(), Error> {
    match command {
        args::Sign::WechatPay(arguments) => wechat_pay(arguments, config),
        args::Sign::Allinpay(arguments) => {
            let config = Allinpay::load(config)?;
            let (mut parameters, signature) = allinpay_signature(arguments, &config)?;
            parameters.set("sign", signature.to_base64());
            output::print(&Form(&parameters))
        }
    }
}

fn wechat_pay(arguments: &args::Request, config: &Path) -> Result<(), Error> {
    let config = WechatPay::load(config)?;
    let request = Request::read(arguments)?;
    let signed =
        config.merchant()?.prepare_parts(request.parts, &request.stamp.as_stamp())?.sign(&*config.signer()?)?;
    let authorization = signed.headers().find(|(name, _)| *name == "Authorization").map_or("", |(_, value)| value);
    output::print(&Headers { authorization })
}

/// Every parameter, by name.
struct Form<'p>(&'p Parameters);

impl Serialize for Form<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter())
    }
}

/// The given parameters with defaults of the configuration, and their signature.
pub(crate) fn allinpay_signature(
    arguments: &args::AllinpayRequest,
    config: &Allinpay,
) -> Result<(Parameters, Signature), Error> {
    const VERSION: &str = "11";

    let merchant = config.merchant()?;
    let mut parameters = Parameters::default();
    for (name, value) in &arguments.parameters {
        if name == "sign" {
            return Err(Error::usage("this command computes `sign`; leave it out"));
        }
        if parameters.set(name.clone(), value).is_some() {
            return Err(Error::usage(format_args!("the parameter {name} is given twice; give it once")));
        }
    }
    let nonce = input::nonce()?;
    merchant.complete(&mut parameters, VERSION, &Stamp { now: input::now(None)?, nonce: &nonce })?;
    if parameters.get("signtype") != Some(merchant.sign_type().as_str()) {
        return Err(Error::usage("`signtype` differs from `sign_type` in the configuration; leave it out"));
    }
    let appid = parameters.get("appid").unwrap_or_default();
    let signature = config.signer(appid)?.sign(&parameters.parts_to_sign()).map_err(Error::config)?;
    Ok((parameters, signature))
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
            Some(path) => {
                RequestParts::json(arguments.method, &arguments.target, input::read(path, MAX_RESPONSE_BODY)?)
            }
        };
        let nonce = arguments.nonce.clone().map_or_else(input::nonce, Ok)?;
        Ok(Self { parts, stamp: OwnedStamp { now: input::now(arguments.now)?, nonce } })
    }
}
