//! Stories: what people want to see happen, each under a name.

mod allinpay;
mod mini_program;
mod scene;
mod texts;
mod trouble;
mod virtual_payment;
mod wechat_pay;

use self::scene::Scene;
use crate::error::SandboxError;
use crate::platform::Platform;
use crate::sandbox::Sandbox;

pub use self::texts::SAMPLE_PICTURE;

/// Longest trouble of a story, in seconds: an hour.
pub const MAX_STORY_SECONDS: u32 = 3600;

/// A story by its name, such as `payer-responds`.
#[derive(Debug, Clone, Copy)]
pub struct Story(&'static Row);

impl Story {
    /// Every story.
    pub fn all() -> impl Iterator<Item = Self> {
        ROWS.iter().copied().flatten().map(Self)
    }

    /// The story with this name.
    ///
    /// ```
    /// use platform_sandbox::Story;
    ///
    /// assert_eq!(Story::named("payer-responds")?.name(), "payer-responds");
    /// assert!(Story::named("payer-sings").is_err());
    /// # Ok::<(), platform_sandbox::SandboxError>(())
    /// ```
    ///
    /// # Errors
    /// [`SandboxError::UnknownStory`] with the names there are.
    pub fn named(name: &str) -> Result<Self, SandboxError> {
        let known = || Self::all().map(Self::name).collect();
        let found = Self::all().find(|story| story.name() == name);
        found.ok_or_else(|| SandboxError::UnknownStory { name: name.to_owned(), known: known() })
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.0.name
    }

    /// The details that it takes: `merchant`, `id`, `seconds`, `status`.
    #[must_use]
    pub const fn takes(self) -> &'static [&'static str] {
        self.0.takes
    }

    /// A sentence about it in English.
    #[must_use]
    pub const fn english(self) -> &'static str {
        self.0.english
    }

    /// The same in Chinese.
    #[must_use]
    pub const fn chinese(self) -> &'static str {
        self.0.chinese
    }
}

/// The details of a story. Default: the default merchant; its newest complaint that fits, or else a
/// new one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct StoryDetails {
    merchant: Option<String>,
    id: Option<String>,
    seconds: Option<u32>,
    status: Option<u32>,
}

impl StoryDetails {
    /// The merchant: a number of WeChat Pay, or Allinpay's `cusid`.
    pub fn with_merchant(mut self, merchant: impl Into<String>) -> Self {
        self.merchant = Some(merchant.into());
        self
    }

    /// The number of the complaint; for Alipay's, the task.
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// How long a trouble lasts: 1 to [`MAX_STORY_SECONDS`]. Default: 30.
    pub const fn with_seconds(mut self, seconds: u32) -> Self {
        self.seconds = Some(seconds);
        self
    }

    /// The state of the Mini Program's complaint. Default: 206.
    pub const fn with_status(mut self, status: u32) -> Self {
        self.status = Some(status);
        self
    }

    /// The names of the details that are given.
    fn given(&self) -> impl Iterator<Item = &'static str> {
        let given = [
            ("merchant", self.merchant.is_some()),
            ("id", self.id.is_some()),
            ("seconds", self.seconds.is_some()),
            ("status", self.status.is_some()),
        ];
        given.into_iter().filter(|(_, is_given)| *is_given).map(|(name, _)| name)
    }
}

/// The complaints that a story is about, as a receiver knows them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ToldStory {
    /// `wechat-pay`, `mini-program`, `virtual-payment`, `allinpay`, `allinpay-alipay`; empty for a
    /// trouble of all.
    pub channel: &'static str,
    /// The merchant or the application.
    pub merchant: String,
    /// The numbers of the complaints.
    pub complaints: Vec<String>,
}

impl Sandbox {
    /// Has something happen, and sends what the platform sends then.
    ///
    /// ```
    /// use platform_sandbox::{Sandbox, SandboxConfig, Story, StoryDetails};
    ///
    /// # fn main() -> Result<(), platform_sandbox::SandboxError> {
    /// let sandbox = Sandbox::offline(&SandboxConfig::default())?;
    /// let told = sandbox.tell(Story::named("refund-requested")?, &StoryDetails::default())?;
    /// let complaint = sandbox.complaint(&told.complaints[0]);
    /// assert!(complaint.is_some_and(|complaint| complaint["problem_type"] == "REFUND"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`SandboxError::Story`] for a detail that the story does not take, and for a message that no
    /// URL is registered for; those of the acts that it consists of.
    pub fn tell(&self, story: Story, details: &StoryDetails) -> Result<ToldStory, SandboxError> {
        self.platform().tell_story(story, details)
    }
}

impl Platform {
    pub(crate) fn tell_story(&self, story: Story, details: &StoryDetails) -> Result<ToldStory, SandboxError> {
        let refused = |reason| Err(SandboxError::Story { story: story.name(), reason });
        if let Some(other) = details.given().find(|name| !story.takes().contains(name)) {
            let takes = if story.takes().is_empty() { "nothing".to_owned() } else { story.takes().join(", ") };
            return refused(format!("it takes no {other}; it takes {takes}"));
        }
        if details.seconds.is_some_and(|seconds| !(1..=MAX_STORY_SECONDS).contains(&seconds)) {
            return refused(format!("seconds must be 1 to {MAX_STORY_SECONDS}"));
        }
        self.act(|state, now| {
            (story.0.tell)(&mut Scene { state, now, story, details, default_mchid: &self.merchant.mchid })
        })
    }
}

/// A story.
#[derive(Debug)]
struct Row {
    name: &'static str,
    takes: &'static [&'static str],
    english: &'static str,
    chinese: &'static str,
    tell: fn(&mut Scene<'_>) -> Result<ToldStory, SandboxError>,
}

/// The stories of each channel, and those of all.
const ROWS: &[&[Row]] =
    &[wechat_pay::STORIES, mini_program::STORIES, virtual_payment::STORIES, allinpay::STORIES, trouble::STORIES];

const NOTHING: &[&str] = &[];
const MERCHANT: &[&str] = &["merchant"];
const ID: &[&str] = &["id"];
const MERCHANT_OR_ID: &[&str] = &["merchant", "id"];
