//! Stories by their names.

use http::{HeaderMap, header};
use serde_json::{Value, json};

use super::error::AdminError;
use super::members::Members;
use crate::platform::Platform;
use crate::stories::{MAX_STORY_SECONDS, Story, StoryDetails};

/// Every story, with what it takes.
pub(super) fn list() -> Value {
    let stories: Vec<Value> = Story::all()
        .map(
            |story| json!({"name": story.name(), "takes": story.takes(), "en": story.english(), "zh": story.chinese()}),
        )
        .collect();
    json!({"data": stories})
}

/// Tells a story to one who has the token.
pub(super) fn tell(
    platform: &Platform,
    name: &str,
    headers: &HeaderMap,
    mut members: Members,
) -> Result<Value, AdminError> {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    if platform.story_token.as_ref().is_some_and(|token| Some(token.expose()) != given) {
        return Err(AdminError::WrongToken);
    }
    let story = Story::named(name)?;
    let mut details = StoryDetails::default();
    if let Some(merchant) = members.text("merchant")? {
        details = details.with_merchant(merchant);
    }
    if let Some(id) = members.text("id")? {
        details = details.with_id(id);
    }
    if let Some(seconds) = members.number("seconds", 1..=u64::from(MAX_STORY_SECONDS))? {
        details = details.with_seconds(seconds);
    }
    if let Some(status) = members.number("status", 0..=u64::from(u32::MAX))? {
        details = details.with_status(status);
    }
    members.finish()?;
    let told = platform.tell_story(story, &details)?;
    Ok(json!({
        "story": story.name(),
        "channel": told.channel,
        "merchant": told.merchant,
        "complaints": told.complaints,
    }))
}
