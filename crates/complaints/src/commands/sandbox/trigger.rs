//! `sandbox trigger`: has something happen at the simulated platforms that run.

use std::path::PathBuf;

use bytes::Bytes;
use clap::Args;
use complaint_texts::Language;
use http::{HeaderValue, Request, StatusCode, header};
use http_transport::{ClientConfig, HttpsClient, Roots};
use platform_sandbox::{MAX_STORY_SECONDS, Story};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::folder::Door;
use crate::error::{Code, Error};
use crate::language::of_results;
use crate::runtime;
use crate::view::output::{self, visible};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// What is to happen: a name of `--list`.
    #[arg(required_unless_present = "list")]
    story: Option<String>,

    /// List the stories, with the options that each takes.
    #[arg(long, conflicts_with_all = ["story", "merchant", "id", "seconds", "status", "folder"])]
    list: bool,

    /// The merchant that it happens to. Default: that of the configuration.
    #[arg(long, value_name = "ID")]
    merchant: Option<String>,

    /// The complaint that it is about. Default: the newest one that fits, or else a new one.
    #[arg(long, value_name = "NUMBER")]
    id: Option<String>,

    /// How long a trouble lasts. Default: 30.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_STORY_SECONDS)))]
    seconds: Option<u32>,

    /// The state that the Mini Program's complaint moves to. Default: 206.
    #[arg(long, value_name = "N")]
    status: Option<u32>,

    /// The folder of the sandbox that runs.
    #[arg(long, value_name = "DIR", default_value = "sandbox")]
    folder: PathBuf,
}

/// What happened.
#[derive(Serialize, Deserialize)]
struct Told {
    story: String,
    channel: String,
    merchant: String,
    complaints: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Error> {
    let Some(name) = arguments.story.as_deref().filter(|_| !arguments.list) else { return list() };
    let story = Story::named(name)
        .map_err(|_| Error::usage(format_args!("there is no story {}; --list has their names", visible(name))))?;
    let given = [
        ("merchant", json!(arguments.merchant)),
        ("id", json!(arguments.id)),
        ("seconds", json!(arguments.seconds)),
        ("status", json!(arguments.status)),
    ];
    let given = given.into_iter().filter(|(_, value)| !value.is_null());
    let members: serde_json::Map<_, _> = given.map(|(name, value)| (name.to_owned(), value)).collect();
    if let Some(other) = members.keys().find(|name| !story.takes().contains(&name.as_str())) {
        return Err(Error::usage(format_args!("{name} takes no --{other}; --list has what it takes")));
    }
    let (door, root) = Door::read(&arguments.folder)?;
    let told: Told = runtime::block_on(ask(&door, root, story, json!(members).to_string()))?;
    output::print_either(&told, || {
        let Told { story, channel, merchant, complaints } = &told;
        visible([story, channel, merchant, &complaints.join(" ")].map(String::as_str).join(" ").trim_end())
    })
}

/// Asks the platforms of a folder for a story.
async fn ask(door: &Door, root: Vec<u8>, story: Story, body: String) -> Result<Told, Error> {
    let config = ClientConfig::default().with_roots(Roots::Pem(root)).with_max_response_body(MAX_RESPONSE);
    let client = HttpsClient::new(config).map_err(Error::usage)?;
    let mut bearer = HeaderValue::try_from(format!("Bearer {}", door.token)).map_err(Error::usage)?;
    bearer.set_sensitive(true);
    let request = Request::post(format!("{}/sandbox/stories/{}", door.base_url, story.name()))
        .header(header::AUTHORIZATION, bearer)
        .body(Bytes::from(body))
        .map_err(Error::usage)?;
    let response = client.send(request).await.map_err(|error| {
        Error::new(
            Code::Network,
            format_args!("{error}; start the sandbox of this folder, or name another one with --folder"),
        )
    })?;
    let (status, body) = (response.status(), response.body());
    if status == StatusCode::OK {
        return serde_json::from_slice(body)
            .map_err(|_| Error::new(Code::Malformed, "the response is not a sandbox's of this version"));
    }
    let refusal: Refusal = serde_json::from_slice(body).unwrap_or_default();
    let message = visible(&refusal.message);
    Err(Error::new(Code::Rejected, format_args!("the sandbox responded with {}: {message}", status.as_u16())))
}

#[derive(Default, Deserialize)]
struct Refusal {
    message: String,
}

/// Prints every story.
fn list() -> Result<(), Error> {
    let stories: Vec<_> = Story::all()
        .map(
            |story| json!({"name": story.name(), "takes": story.takes(), "en": story.english(), "zh": story.chinese()}),
        )
        .collect();
    output::print_either(&stories, || {
        let lines = Story::all().map(|story| {
            let options: String = story.takes().iter().map(|option| format!(" [--{option}]")).collect();
            let words = match of_results() {
                Language::Chinese => story.chinese(),
                Language::English => story.english(),
            };
            format!("{}{options}\n  {words}", story.name())
        });
        lines.collect::<Vec<_>>().join("\n")
    })
}

/// Largest response, in bytes.
const MAX_RESPONSE: usize = 64 * 1024;
