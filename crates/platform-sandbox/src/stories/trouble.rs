//! Troubles of every channel.

use super::scene::Scene;
use super::{Row, ToldStory};
use crate::error::SandboxError;
use crate::fault::Spell;

#[rustfmt::skip]
pub(super) const STORIES: &[Row] = &[
    Row { name: "outage", takes: SECONDS, tell: |scene| begin(scene, Spell::Outage),
        english: "For some seconds the platforms respond to every request with 503.",
        chinese: "数秒内，平台对所有请求返回 503。" },
    Row { name: "rate-limit", takes: SECONDS, tell: |scene| begin(scene, Spell::RateLimit),
        english: "For some seconds WeChat's platforms refuse every request as too frequent.",
        chinese: "数秒内，微信各平台以频率超限拒绝所有请求。" },
];

const SECONDS: &[&str] = &["seconds"];

/// Default for `seconds`.
const DEFAULT_SECONDS: u32 = 30;

fn begin(scene: &mut Scene<'_>, spell: Spell) -> Result<ToldStory, SandboxError> {
    let seconds = scene.details.seconds.unwrap_or(DEFAULT_SECONDS);
    scene.state.faults.begin(spell, scene.now.plus(seconds));
    Ok(ToldStory::default())
}
