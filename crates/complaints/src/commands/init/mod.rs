//! `init`: asks for what a configuration needs, checks it, and writes the file.

mod draft;
mod questions;
mod values;
mod writing;

use clap::{Args, ValueEnum};
use serde::Serialize;

use self::draft::Draft;
use self::questions::{CHANNELS, Channel};
use self::values::Values;
use crate::config::Config;
use crate::error::Error;
use crate::language::{language, say_with};
use crate::view::output::{self, visible};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A channel to configure. It may be given several times. Default: those of `--set`, or those
    /// that are asked for on a terminal.
    #[arg(long = "channel", value_name = "CHANNEL", value_enum)]
    pub(crate) channels: Vec<Section>,

    /// A member of the file, which is then not asked for, such as `wechat-pay.mchid=1900007291`.
    /// Keys and secrets are given by the names of their files.
    #[arg(long = "set", value_name = "SECTION.MEMBER=VALUE")]
    pub(crate) settings: Vec<String>,
}

/// A section of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Section {
    WechatPay,
    MiniProgram,
    VirtualPayment,
    Allinpay,
}

impl Section {
    /// Its name in the file.
    const fn as_str(self) -> &'static str {
        match self {
            Self::WechatPay => "wechat-pay",
            Self::MiniProgram => "mini-program",
            Self::VirtualPayment => "virtual-payment",
            Self::Allinpay => "allinpay",
        }
    }
}

pub(crate) fn run(arguments: &Arguments, config: &Config) -> Result<(), Error> {
    let path = config.path();
    writing::check_absent(path)?;
    let folder = writing::folder(path)?;
    let values = Values::of(&arguments.settings)?;
    let chosen = chosen(arguments, &values)?;
    if values.can_ask() {
        let folder = folder.display().to_string();
        let relative = if folder == "." { language().text("init-this-folder") } else { visible(&folder) };
        let note = language().text_with("init-relative", [("folder", relative.into())]);
        output::print_note(&format!("{note}\n"));
    }
    let mut draft = Draft::new(folder);
    for channel in &chosen {
        if !values.can_ask() {
            values.check_complete(channel)?;
        }
        draft.open(channel.section.as_str());
        values.add_others(&mut draft);
        for question in channel.questions {
            question.settle(&mut draft, &values)?;
        }
    }
    writing::write(path, &draft)?;
    let written = Written { configuration: path.display().to_string(), sections: draft.sections() };
    let path = visible(&written.configuration);
    output::print_either(&written, || say_with("init-written", [("path", path.into())]))
}

/// The printed result.
#[derive(Serialize)]
struct Written {
    configuration: String,
    sections: Vec<&'static str>,
}

/// The channels to configure: those that are named, or those that are chosen on the terminal.
fn chosen(arguments: &Arguments, values: &Values) -> Result<Vec<&'static Channel>, Error> {
    let is_named = |channel: &&Channel| {
        arguments.channels.contains(&channel.section) || values.are_about(channel.section.as_str())
    };
    let mut chosen: Vec<_> = CHANNELS.iter().filter(is_named).collect();
    if chosen.is_empty() && values.can_ask() {
        for channel in &CHANNELS {
            let has_what_it_needs = channel.needs.is_none_or(|needs| chosen.iter().any(|other| other.section == needs));
            if has_what_it_needs && values.confirm(&language().word("init-configure", channel.section.as_str()))? {
                chosen.push(channel);
            }
        }
    }
    let lacks =
        |channel: &&&Channel| channel.needs.is_some_and(|needs| chosen.iter().all(|other| other.section != needs));
    if let Some(Channel { section, needs: Some(needs), .. }) = chosen.iter().find(lacks) {
        let (section, needs) = (section.as_str(), needs.as_str());
        return Err(Error::usage(format_args!("{section} belongs to a {needs}; give --channel {needs}, too")));
    }
    if chosen.is_empty() {
        let names = CHANNELS.map(|channel| channel.section.as_str()).join(", ");
        return Err(Error::usage(format_args!(
            "no channel is chosen, and nothing is written; give --channel ({names})"
        )));
    }
    Ok(chosen)
}
