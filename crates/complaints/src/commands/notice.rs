//! `notice`: the recipients of notices.

use std::time::SystemTime;

use clap::{Args, Subcommand};
use complaint_channels::{NoticeEvent, NoticeSettings};
use complaint_server::Recipient;
use http_transport::{ClientConfig, HttpsClient};
use serde::Serialize;

use crate::config::Config;
use crate::error::{Code, Error};
use crate::runtime;
use crate::view::output::{self, visible};

#[derive(Debug, Subcommand)]
pub(crate) enum Arguments {
    /// List the recipients of the configuration.
    List,
    /// Send a test message. The server need not run.
    Test(Test),
}

#[derive(Debug, Args)]
pub(crate) struct Test {
    /// The name of the recipient. Default: all.
    pub(crate) name: Option<String>,
}

/// A recipient, without its URL.
#[derive(Serialize)]
struct Listed<'a> {
    name: &'a str,
    kind: &'static str,
    language: &'static str,
    events: Vec<&'static str>,
    near_hours: Vec<u32>,
    with_text: bool,
}

/// A recipient that took the test message.
#[derive(Serialize)]
struct Tested<'a> {
    name: &'a str,
    kind: &'static str,
    told: bool,
    response: String,
}

pub(crate) fn run(arguments: &Arguments, config: &Config) -> Result<(), Error> {
    let notices = config.read()?.notices()?;
    match arguments {
        Arguments::List => {
            let listed = notices.iter().map(listed).collect::<Result<Vec<_>, Error>>()?;
            output::print(&listed)
        }
        Arguments::Test(Test { name }) => test(&meant(&notices, name.as_deref())?),
    }
}

/// The sections that are meant: the one of a name, or all.
fn meant<'s>(notices: &'s [NoticeSettings], name: Option<&str>) -> Result<Vec<&'s NoticeSettings>, Error> {
    let meant: Vec<_> = notices.iter().filter(|notice| name.is_none_or(|name| notice.name() == name)).collect();
    match name {
        _ if !meant.is_empty() => Ok(meant),
        Some(name) if !notices.is_empty() => {
            let names: Vec<&str> = notices.iter().map(NoticeSettings::name).collect();
            let (name, names) = (visible(name), names.join(", "));
            Err(Error::usage(format_args!("the configuration has no [[notice]] {name}, but: {names}")))
        }
        _ => Err(Error::config("the configuration has no [[notice]]; add one with its kind and url_file")),
    }
}

fn listed(notice: &NoticeSettings) -> Result<Listed<'_>, Error> {
    Ok(Listed {
        name: notice.name(),
        kind: notice.kind().as_str(),
        language: notice.language(),
        events: notice.events().iter().copied().map(NoticeEvent::as_str).collect(),
        near_hours: notice.near_seconds()?.into_iter().map(|seconds| seconds / 3600).collect(),
        with_text: notice.with_text(),
    })
}

/// Sends each its message, and prints the responses. The first refusal is the error, after all were
/// told.
fn test(notices: &[&NoticeSettings]) -> Result<(), Error> {
    let recipients: Vec<Recipient> =
        notices.iter().map(|notice| Recipient::from_settings(notice)).collect::<Result<_, _>>()?;
    let responses = runtime::block_on(async {
        let client = HttpsClient::new(ClientConfig::default().with_allow_http(true)).map_err(Error::usage)?;
        let mut responses = Vec::new();
        for recipient in &recipients {
            responses.push(recipient.test(&client, SystemTime::now().into()).await);
        }
        Ok(responses)
    })?;
    let tested: Vec<Tested<'_>> = notices
        .iter()
        .zip(&responses)
        .map(|(notice, response)| Tested {
            name: notice.name(),
            kind: notice.kind().as_str(),
            told: response.is_ok(),
            response: match response {
                Ok(words) | Err(words) => visible(words).to_string(),
            },
        })
        .collect();
    output::print(&tested)?;
    match tested.iter().find(|tested| !tested.told) {
        None => Ok(()),
        Some(Tested { name, response, .. }) => {
            let problem = format_args!(
                "[[notice]] {name} was not told: {response}; compare URL and secret with the robot's page"
            );
            Err(Error::new(Code::Rejected, problem))
        }
    }
}
