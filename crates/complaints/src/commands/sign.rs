//! `sign`: signs a request and prints the signature. It sends nothing.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use complaint_channels::AllinpaySettings;
use protocol_core::Method;
use protocol_core::allinpay::Parameters;
use protocol_core::crypto::Signature;
use protocol_core::limits::MAX_RESPONSE_BODY;
use protocol_core::virtual_payment::{Env, pay_sig};
use protocol_core::{RequestParts, Stamp, UnixTime};
use serde::{Deserialize, Serialize, Serializer};

use crate::config::Config;
use crate::error::{Code, Error};
use crate::input;
use crate::view::output;

#[derive(Debug, Subcommand)]
pub(crate) enum Arguments {
    /// A request to WeChat Pay: prints its Authorization header.
    WechatPay(WechatPayRequest),
    /// A request to virtual payment: prints its `pay_sig`.
    VirtualPayment(VirtualPaymentRequest),
    /// A request to Allinpay: prints every parameter, `sign` included.
    Allinpay(AllinpayRequest),
}

#[derive(Debug, Args)]
pub(crate) struct WechatPayRequest {
    /// The HTTP method.
    #[arg(long, value_name = "M", value_parser = method)]
    pub(crate) method: Method,

    /// Path and query, exactly as sent.
    #[arg(long, value_name = "PATH")]
    pub(crate) target: String,

    /// The body, byte for byte as sent; `-` for standard input. Of an upload: its `meta` part.
    #[arg(long, value_name = "FILE")]
    pub(crate) body: Option<PathBuf>,

    /// The time to sign, in seconds since 1970. Default: the machine's clock.
    #[arg(long, value_name = "UNIX", value_parser = clap::value_parser!(i64).range(0..))]
    pub(crate) now: Option<i64>,

    /// The nonce to sign, 1 to 32 letters and digits. Default: a random one.
    #[arg(long, value_name = "N")]
    pub(crate) nonce: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct VirtualPaymentRequest {
    /// The path, such as `/xpay/get_complaint_list`. The query is not signed: leave it out.
    #[arg(long, value_name = "PATH", value_parser = path)]
    pub(crate) target: String,

    /// The body, byte for byte as sent; `-` for standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) body: PathBuf,

    /// Another program's `pay_sig`, to compare. `explain` says why it differs.
    #[arg(long, value_name = "HEX")]
    pub(crate) pay_sig: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct AllinpayRequest {
    /// A parameter of the form, not encoded. Defaults exist for `appid`, `cusid`, `orgid`,
    /// `version`, `randomstr` and `signtype`.
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = parameter)]
    pub(crate) parameters: Vec<(String, String)>,
}

/// The printed header.
#[derive(Serialize)]
struct Headers<'a> {
    #[serde(rename = "Authorization")]
    authorization: &'a str,
}

pub(crate) fn run(command: &Arguments, config: &Config) -> Result<(), Error> {
    match command {
        Arguments::WechatPay(arguments) => wechat_pay(arguments, config),
        Arguments::VirtualPayment(arguments) => {
            let config = config.virtual_payment()?;
            let body = input::read(&arguments.body, MAX_RESPONSE_BODY)?;
            check_env(&body, config.env())?;
            let pay_sig = pay_sig(config.app_key()?.expose(), &arguments.target, &body);
            compare(arguments.pay_sig.as_deref(), &pay_sig)?;
            output::print(&PaySig { pay_sig: &pay_sig })
        }
        Arguments::Allinpay(arguments) => {
            let config = config.allinpay()?;
            let (mut parameters, signature) = allinpay_signature(arguments, &config)?;
            parameters.set("sign", signature.to_base64());
            output::print(&Form(&parameters))
        }
    }
}

fn wechat_pay(arguments: &WechatPayRequest, config: &Config) -> Result<(), Error> {
    let config = config.wechat_pay()?;
    let request = Request::read(arguments)?;
    let signed =
        config.merchant()?.prepare_parts(request.parts, &request.stamp.as_stamp())?.sign(&*config.signer()?)?;
    let authorization = signed.headers().find(|(name, _)| *name == "Authorization").map_or("", |(_, value)| value);
    output::print(&Headers { authorization })
}

/// The printed signature of virtual payment.
#[derive(Serialize)]
struct PaySig<'a> {
    pay_sig: &'a str,
}

/// Refuses a body that names the other environment: its `AppKey` is another one.
pub(crate) fn check_env(body: &[u8], env: Env) -> Result<(), Error> {
    #[derive(Deserialize)]
    struct Body {
        env: u8,
    }

    let name = match env {
        Env::Production => "production",
        Env::Sandbox => "sandbox",
    };
    match serde_json::from_slice(body) {
        Ok(Body { env: named }) if named != env.code() => Err(Error::usage(format_args!(
            "the body has `env` {named}, but `environment` is {name}, whose `env` is {}: each environment has its \
             own AppKey; change `env` in the body, or `environment` and `app_key_file`",
            env.code()
        ))),
        _ => Ok(()),
    }
}

/// Compares another program's `pay_sig`, if one is given.
pub(crate) fn compare(given: Option<&str>, pay_sig: &str) -> Result<(), Error> {
    match given {
        Some(given) if given != pay_sig => {
            let differs = "the given pay_sig is not that of this path and body under the configured AppKey";
            Err(Error::new(Code::BadSignature, differs).suggesting("tries the usual causes"))
        }
        _ => Ok(()),
    }
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
    arguments: &AllinpayRequest,
    config: &AllinpaySettings,
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
    pub(crate) fn read(arguments: &WechatPayRequest) -> Result<Self, Error> {
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

fn parameter(text: &str) -> Result<(String, String), &'static str> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("a parameter is written NAME=VALUE"),
    }
}

fn path(text: &str) -> Result<String, &'static str> {
    if !text.starts_with('/') {
        return Err("expected a path that begins with /, without https:// and the host");
    }
    if text.contains(['?', '#']) {
        return Err("the query is not signed; leave it out, with the `?`");
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("a path has visible ASCII characters only");
    }
    Ok(text.to_owned())
}

fn method(name: &str) -> Result<Method, &'static str> {
    Method::from_name(&name.to_ascii_uppercase()).ok_or("expected GET, POST, PUT, PATCH or DELETE")
}
