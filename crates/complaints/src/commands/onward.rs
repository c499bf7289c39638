//! `onward`: the endpoints of a running server.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use bytes::Bytes;
use clap::{Args, Subcommand};
use http::request::Builder;
use http::{HeaderValue, Method, Request, StatusCode, header};
use http_transport::{ClientConfig, HttpsClient, carry, is_private};
use protocol_core::Secret;
use serde::Deserialize;
use serde_json::json;

use crate::config::Config;
use crate::error::{Code, Error};
use crate::input;
use crate::runtime;
use crate::view::output::{self, visible};

#[derive(Debug, Subcommand)]
pub(crate) enum Arguments {
    /// Hand events to an endpoint once more, under the same ids. The server that runs does it.
    Replay(Replay),
    /// Forget an endpoint that is no longer configured, with the events that were for it.
    Forget(Forget),
}

#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// The name of the endpoint.
    pub(crate) endpoint: String,

    #[command(flatten)]
    pub(crate) events: Events,

    #[command(flatten)]
    pub(crate) desk: Desk,
}

#[derive(Debug, Args)]
pub(crate) struct Forget {
    /// The name that the endpoint had.
    pub(crate) endpoint: String,

    #[command(flatten)]
    pub(crate) desk: Desk,
}

/// The desk that is asked.
#[derive(Debug, Args)]
pub(crate) struct Desk {
    /// The file of a token that may act.
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: PathBuf,

    /// The address of the desk: `https`, or `http` on this machine. Default: that of the
    /// configuration.
    #[arg(long, value_name = "URL")]
    pub(crate) desk: Option<String>,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Events {
    /// The events that were given up on.
    #[arg(long)]
    pub(crate) dead: bool,

    /// All events with a number larger than this.
    #[arg(long, value_name = "N")]
    pub(crate) after: Option<i64>,
}

pub(crate) fn run(arguments: &Arguments, config: &Config) -> Result<(), Error> {
    match arguments {
        Arguments::Replay(Replay { endpoint, events, desk }) => {
            let body = events.after.map_or_else(|| json!({"dead": {}}), |number| json!({"after": number}));
            let request = Request::builder().method(Method::POST);
            let response = desk.send(config, request, &format!("{endpoint}/replay"), body.to_string())?;
            let replayed: serde_json::Value = serde_json::from_slice(&response)
                .map_err(|_| Error::new(Code::Malformed, "the response is not a desk's; check the address (--desk)"))?;
            output::print(&replayed)
        }
        Arguments::Forget(Forget { endpoint, desk }) => {
            desk.send(config, Request::builder().method(Method::DELETE), endpoint, String::new())?;
            output::print(&json!({"forgotten": endpoint}))
        }
    }
}

impl Desk {
    /// Sends a request about an endpoint; the body of the response, if it is a success.
    fn send(&self, config: &Config, request: Builder, path: &str, body: String) -> Result<Bytes, Error> {
        let desk = match &self.desk {
            Some(desk) => private(desk.trim_end_matches('/'))?.to_owned(),
            None => reachable(config.read()?.serve().desk()?)?,
        };
        let token = Secret::read(&input::read(&self.token_file, MAX_TOKEN_FILE)?);
        let mut bearer = [b"Bearer ", token.expose()].concat();
        let value = HeaderValue::from_bytes(&bearer);
        bearer.fill(0);
        let mut value = value.map_err(|_| Error::usage("the token's file holds no token; name the file of one"))?;
        value.set_sensitive(true);
        let request = request
            .uri(format!("{desk}/api/onward/{path}"))
            .header(header::AUTHORIZATION, value)
            .body(body.into_bytes());
        let response = runtime::block_on(async {
            let client = ClientConfig::default().with_allow_http(true);
            let client = HttpsClient::new(client).map_err(Error::usage)?;
            carry(&client, USER_AGENT, request, MAX_RESPONSE).await.map_err(|error| {
                Error::new(Code::Network, format_args!("{error}; check that the server runs, and its address (--desk)"))
            })
        })?;
        if matches!(response.status(), StatusCode::OK | StatusCode::NO_CONTENT) {
            Ok(response.into_body())
        } else {
            Err(refused(response.status(), response.body()))
        }
    }
}

/// The URL, unless the token would travel to another machine in the clear.
fn private(desk: &str) -> Result<&str, Error> {
    if desk.parse().is_ok_and(|url| is_private(&url)) {
        return Ok(desk);
    }
    Err(Error::usage("--desk must be https://HOST, or http://127.0.0.1:PORT on this machine: the token is a secret"))
}

/// The URL of an address that a server listens on.
fn reachable(desk: SocketAddr) -> Result<String, Error> {
    if desk.port() == 0 {
        return Err(Error::usage("`desk` names any free port; give the address that the server printed with --desk"));
    }
    let loopback =
        |ip: IpAddr| if ip.is_ipv4() { IpAddr::from(Ipv4Addr::LOCALHOST) } else { Ipv6Addr::LOCALHOST.into() };
    let ip = if desk.ip().is_unspecified() { loopback(desk.ip()) } else { desk.ip() };
    Ok(format!("http://{}", SocketAddr::new(ip, desk.port())))
}

/// A refusal in the desk's words.
fn refused(status: StatusCode, body: &[u8]) -> Error {
    #[derive(Deserialize)]
    struct Refusal {
        error: Words,
    }
    #[derive(Deserialize)]
    struct Words {
        code: String,
        message: String,
    }
    let status = status.as_u16();
    match serde_json::from_slice(body) {
        Ok(Refusal { error: Words { code, message } }) => {
            let (code, message) = (visible(&code), visible(&message));
            Error::new(Code::Rejected, format_args!("the desk responded with {status} ({code}): {message}"))
        }
        Err(_) => {
            Error::new(Code::Rejected, format_args!("{status}, and no words of a desk's; check the address (--desk)"))
        }
    }
}

/// Largest file of a token, in bytes.
const MAX_TOKEN_FILE: usize = 1024;

/// Largest response, in bytes.
const MAX_RESPONSE: usize = 64 * 1024;

const USER_AGENT: HeaderValue = HeaderValue::from_static(concat!("complaints/", env!("CARGO_PKG_VERSION")));
