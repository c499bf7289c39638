//! The members of the configuration file, and the error of a faulty one. Opens no file.

use std::fmt;
use std::hash::Hash;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::notice_words::{Mention, NoticeEvent, NoticeKind, NoticeLanguage};
use super::rates::RatesSection;
use super::words::problem;

/// The sections. Each is one table, or a list of tables.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct Document {
    #[serde(deserialize_with = "one_or_many")]
    pub(super) wechat_pay: Vec<WechatPaySection>,
    #[serde(deserialize_with = "one_or_many")]
    pub(super) mini_program: Vec<MiniProgramSection>,
    #[serde(deserialize_with = "one_or_many")]
    pub(super) virtual_payment: Vec<VirtualPaymentSection>,
    #[serde(deserialize_with = "one_or_many")]
    pub(super) allinpay: Vec<AllinpaySection>,
    pub(super) serve: ServeSection,
    pub(super) inbox: InboxSection,
    #[serde(deserialize_with = "one_or_many")]
    pub(super) onward: Vec<OnwardSection>,
    #[serde(deserialize_with = "one_or_many")]
    pub(super) notice: Vec<NoticeSection>,
}

impl Document {
    /// The files that hold a secret.
    pub(super) fn secret_files(&self) -> impl Iterator<Item = &Path> {
        let wechat_pay = self.wechat_pay.iter().flat_map(|section| {
            [&section.private_key, &section.apiv3_key_file].into_iter().flatten().chain(&section.decryption_keys)
        });
        let mini_program = self.mini_program.iter();
        let mini_program = mini_program
            .flat_map(|section| [&section.app_secret_file, &section.token_file, &section.encoding_aes_key_file]);
        let virtual_payment = self.virtual_payment.iter().map(|section| &section.app_key_file);
        let allinpay = self.allinpay.iter().map(|section| &section.private_key);
        let onward = self.onward.iter().flat_map(|section| [&section.secret_file, &section.previous_secret_file]);
        let serve = [&self.serve.tls_key, &self.serve.api_tokens_file, &self.serve.users_file];
        let others = mini_program.chain(virtual_payment).chain(allinpay).chain(onward).chain(serve);
        wechat_pay.chain(others.flatten()).map(PathBuf::as_path)
    }
}

/// A section of which there may be several: a merchant or an application of a channel, an endpoint.
pub(super) trait Section: Clone + Hash {
    /// The section's name in the file.
    const NAME: &'static str;
    /// The member that tells sections of one name apart.
    const ID: &'static str;

    /// The value of that member.
    fn id(&self) -> Option<&str>;

    /// The name that people gave it.
    fn name(&self) -> Option<&str>;
}

macro_rules! sections {
    ($($section:ident, $name:literal, $id:ident;)*) => {$(
        impl Section for $section {
            const NAME: &'static str = $name;
            const ID: &'static str = stringify!($id);

            fn id(&self) -> Option<&str> {
                self.$id.as_deref()
            }

            fn name(&self) -> Option<&str> {
                self.name.as_deref()
            }
        }
    )*};
}

sections! {
    WechatPaySection, "wechat-pay", mchid;
    MiniProgramSection, "mini-program", appid;
    VirtualPaymentSection, "virtual-payment", appid;
    AllinpaySection, "allinpay", cusid;
    OnwardSection, "onward", name;
    NoticeSection, "notice", name;
}

#[derive(Debug, Default, Clone, Hash, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WechatPaySection {
    pub(super) name: Option<String>,
    pub(super) mchid: Option<String>,
    pub(super) serial_no: Option<String>,
    pub(super) private_key: Option<PathBuf>,
    pub(super) certificate: Option<PathBuf>,
    pub(super) apiv3_key_file: Option<PathBuf>,
    #[serde(default)]
    pub(super) algorithm: Algorithm,
    pub(super) base_url: Option<String>,
    pub(super) root_certificate: Option<PathBuf>,
    pub(super) proxy: Option<SecretUrl>,
    #[serde(default)]
    pub(super) picture_hosts: Vec<String>,
    #[serde(default)]
    pub(super) decryption_keys: Vec<PathBuf>,
    #[serde(default)]
    pub(super) platform_keys: Vec<PlatformKeyEntry>,
    #[serde(default)]
    pub(super) rates: RatesSection,
}

#[derive(Debug, Default, Clone, Copy, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Algorithm {
    #[default]
    Rsa,
    Sm2,
}

#[derive(Debug, Clone, Hash, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PlatformKeyEntry {
    pub(super) id: String,
    pub(super) file: PathBuf,
}

#[derive(Debug, Default, Clone, Hash, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MiniProgramSection {
    pub(super) name: Option<String>,
    pub(super) appid: Option<String>,
    pub(super) token_file: Option<PathBuf>,
    pub(super) encoding_aes_key_file: Option<PathBuf>,
    pub(super) mode: Option<PushMode>,
    pub(super) app_secret_file: Option<PathBuf>,
    pub(super) base_url: Option<String>,
    pub(super) root_certificate: Option<PathBuf>,
    pub(super) proxy: Option<SecretUrl>,
    #[serde(default)]
    pub(super) rates: RatesSection,
    #[serde(default)]
    pub(super) picture_hosts: Vec<String>,
}

#[derive(Debug, Clone, Copy, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum PushMode {
    Plain,
    Compatible,
    Secure,
}

#[derive(Debug, Default, Clone, Hash, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VirtualPaymentSection {
    pub(super) name: Option<String>,
    /// The Mini Program's, if the file has several.
    pub(super) appid: Option<String>,
    pub(super) app_key_file: Option<PathBuf>,
    #[serde(default)]
    pub(super) environment: Environment,
    pub(super) image_base_url: Option<String>,
    #[serde(default)]
    pub(super) rates: RatesSection,
}

#[derive(Debug, Default, Clone, Copy, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Environment {
    #[default]
    Production,
    Sandbox,
}

#[derive(Debug, Default, Clone, Hash, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AllinpaySection {
    pub(super) name: Option<String>,
    pub(super) appid: Option<String>,
    pub(super) cusid: Option<String>,
    pub(super) orgid: Option<String>,
    pub(super) sign_type: Option<SignType>,
    pub(super) private_key: Option<PathBuf>,
    pub(super) platform_key: Option<PathBuf>,
    pub(super) base_url: Option<String>,
    pub(super) root_certificate: Option<PathBuf>,
    pub(super) proxy: Option<SecretUrl>,
    #[serde(default)]
    pub(super) rates: RatesSection,
    #[serde(default)]
    pub(super) picture_hosts: Vec<String>,
}

#[derive(Debug, Clone, Copy, Hash, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum SignType {
    Rsa,
    Sm2,
}

/// The server's addresses and files.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ServeSection {
    pub(super) webhooks: Option<String>,
    pub(super) public_url: Option<String>,
    pub(super) page_url: Option<String>,
    pub(super) desk: Option<String>,
    pub(super) tls_certificate: Option<PathBuf>,
    pub(super) tls_key: Option<PathBuf>,
    pub(super) api_tokens_file: Option<PathBuf>,
    pub(super) replies_file: Option<PathBuf>,
    pub(super) users_file: Option<PathBuf>,
    #[serde(default)]
    pub(super) hosts: Vec<String>,
    #[serde(default)]
    #[allow(dead_code, reason = "the listener, of the feature `clients`, reads it")]
    pub(super) proxies: Vec<String>,
}

/// The store of complaints.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InboxSection {
    pub(super) database: Option<String>,
    pub(super) keep_days: Option<u32>,
}

/// An endpoint that events are handed on to.
#[derive(Debug, Default, Clone, Hash, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OnwardSection {
    pub(super) name: Option<String>,
    pub(super) url: Option<SecretUrl>,
    pub(super) secret_file: Option<PathBuf>,
    pub(super) previous_secret_file: Option<PathBuf>,
}

/// A robot, a command or a URL that tells people.
#[derive(Debug, Default, Clone, Hash, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NoticeSection {
    pub(super) name: Option<String>,
    pub(super) kind: Option<NoticeKind>,
    pub(super) url_file: Option<PathBuf>,
    pub(super) secret_file: Option<PathBuf>,
    pub(super) command: Option<Vec<String>>,
    pub(super) events: Option<Vec<NoticeEvent>>,
    pub(super) near_hours: Option<Vec<u32>>,
    pub(super) quiet: Option<String>,
    #[serde(default)]
    pub(super) wake: Vec<NoticeEvent>,
    #[serde(default)]
    pub(super) language: NoticeLanguage,
    #[serde(default)]
    pub(super) with_text: bool,
    #[serde(default)]
    pub(super) mention: Mention,
}

/// A URL that may hold a password: a proxy's, an endpoint's.
#[derive(Clone, Hash, Deserialize)]
pub(super) struct SecretUrl(pub(super) String);

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretUrl(***)")
    }
}

impl Document {
    /// One section of each channel, empty.
    pub(super) fn empty() -> Self {
        Self {
            wechat_pay: vec![WechatPaySection::default()],
            mini_program: vec![MiniProgramSection::default()],
            virtual_payment: vec![VirtualPaymentSection::default()],
            allinpay: vec![AllinpaySection::default()],
            ..Self::default()
        }
    }

    /// Reads the file's text, with or without a byte order mark. The error names the place.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim_start_matches('\u{feff}');
        toml::from_str(text).map_err(|error| problem(text, &error))
    }
}

/// One table, or a list of them. A visitor keeps the places that errors name.
fn one_or_many<'de, D: Deserializer<'de>, S: Deserialize<'de>>(deserializer: D) -> Result<Vec<S>, D::Error> {
    struct OneOrMany<S>(PhantomData<S>);

    impl<'de, S: Deserialize<'de>> Visitor<'de> for OneOrMany<S> {
        type Value = Vec<S>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a table, or a list of tables")
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Vec<S>, A::Error> {
            S::deserialize(MapAccessDeserializer::new(map)).map(|section| vec![section])
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut tables: A) -> Result<Vec<S>, A::Error> {
            let mut sections = Vec::new();
            while let Some(section) = tables.next_element()? {
                sections.push(section);
            }
            Ok(sections)
        }
    }

    deserializer.deserialize_any(OneOrMany(PhantomData))
}
