//! The arguments that commands share. A command's own stand in its file.

use clap::{Args, ValueEnum};

use crate::error::Error;
use crate::view::screen::{self, Color, Form};

/// The channel, and the merchant in it.
#[derive(Debug, Args)]
pub(crate) struct Via {
    /// The channel of the complaints. For a Mini Program's trade complaints, see `mini-program`.
    #[arg(long = "via", value_name = "CHANNEL", value_enum, default_value_t = ChannelName::WechatPay)]
    pub(crate) channel: ChannelName,

    /// The merchant that an agent acts for, `merchantNo` in its list. Allinpay only.
    #[arg(long, value_name = "CUSID")]
    pub(crate) merchant: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ChannelName {
    WechatPay,
    VirtualPayment,
    Allinpay,
}

impl ChannelName {
    /// The value of `--via`.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::WechatPay => "wechat-pay",
            Self::VirtualPayment => "virtual-payment",
            Self::Allinpay => "allinpay",
        }
    }
}

impl Via {
    /// `--decrypt`, and the reason that a channel other than WeChat Pay does not take it.
    pub(crate) const fn no_decrypt(&self) -> &'static str {
        match self.channel {
            ChannelName::VirtualPayment => "--decrypt, since it is not confirmed that phone numbers are encrypted",
            ChannelName::WechatPay | ChannelName::Allinpay => "--decrypt, since phone numbers come in clear",
        }
    }

    /// Refuses options that the chosen channel does not have.
    pub(crate) fn check(&self, only_wechat_pay: &[(&str, bool)]) -> Result<(), Error> {
        let option = only_wechat_pay.iter().find(|(_, is_given)| *is_given).map(|(option, _)| option);
        match (self.channel, option) {
            (ChannelName::WechatPay | ChannelName::VirtualPayment, _) if self.merchant.is_some() => {
                Err(Error::usage("--merchant needs --via allinpay; add it, or leave --merchant out"))
            }
            (ChannelName::WechatPay, _) | (_, None) => Ok(()),
            (channel, Some(option)) => {
                let channel = channel.as_str();
                Err(Error::usage(format_args!("--via {channel} does not take {option}; leave it out")))
            }
        }
    }
}

/// The output of any command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArguments {
    /// The form. Each command says which it has. Default: a table or a sheet on a terminal, JSON
    /// elsewhere.
    #[arg(long = "output", global = true, value_name = "FORM", value_enum)]
    form: Option<Form>,

    /// When to use colours. `auto` uses them on a terminal, except with `NO_COLOR`.
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t = Color::Auto)]
    color: Color,
}

impl OutputArguments {
    /// Makes them the choices of this run. `forms` are those of the command.
    pub(crate) fn set(&self, command: &str, forms: &[Form]) -> Result<(), Error> {
        if let Some(form) = self.form.filter(|form| !forms.contains(form)) {
            let names: Vec<_> = forms.iter().map(|form| form.as_str()).collect();
            let has =
                if names.is_empty() { "leave --output out".to_owned() } else { format!("it has {}", names.join(", ")) };
            let form = form.as_str();
            return Err(Error::usage(format_args!("`{command}` has no form {form}; {has}")));
        }
        screen::set(self.form, self.color);
        Ok(())
    }
}

/// The columns of a list.
#[derive(Debug, Args)]
pub(crate) struct ColumnArguments {
    /// The columns of a table or of CSV, in their order, separated by commas. An unknown name lists
    /// those that there are. Default: those that fit the terminal; all in CSV.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', help_heading = "Output")]
    columns: Option<Vec<String>>,
}

impl ColumnArguments {
    pub(crate) fn names(&self) -> Option<&[String]> {
        self.columns.as_deref()
    }

    /// Refuses a choice of columns for whole documents.
    pub(crate) fn refuse(&self) -> Result<(), Error> {
        match self.columns {
            Some(_) => Err(Error::usage("JSON has whole documents; give --columns with --output table, csv or excel")),
            None => Ok(()),
        }
    }
}

/// Consent to a command that changes something.
#[derive(Debug, Args)]
pub(crate) struct Consent {
    /// Go ahead without confirmation.
    #[arg(long)]
    pub(crate) yes: bool,

    /// Print the signed request without sending it. The uploads that it needs are in the member
    /// `before`; placeholders replace their ids.
    #[arg(long, conflicts_with = "yes")]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Args)]
pub(crate) struct OneComplaint {
    /// The complaint's number.
    #[arg(value_name = "ID")]
    pub(crate) id: String,
}

#[derive(Debug, Args)]
pub(crate) struct Accused {
    /// The accused merchant. Default: the one that the complaint names. WeChat Pay only.
    #[arg(long = "accused", value_name = "MCHID")]
    pub(crate) mchid: Option<String>,
}
