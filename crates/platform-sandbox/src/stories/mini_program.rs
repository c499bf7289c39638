//! Stories of the Mini Program's complaints.

use super::scene::Scene;
use super::{ID, NOTHING, Row, ToldStory};
use crate::error::SandboxError;
use crate::fault::PushFault;
use crate::mini_program::NewOrderComplaint;

#[rustfmt::skip]
pub(super) const STORIES: &[Row] = &[
    Row { name: "mini-program", takes: NOTHING, tell: file,
        english: "A payer complains about an order of the Mini Program.",
        chinese: "用户投诉小程序的订单。" },
    Row { name: "mini-program-responds", takes: ID, tell: responds,
        english: "The payer writes once more about the order.",
        chinese: "用户就小程序订单再次留言。" },
    Row { name: "mini-program-status", takes: &["id", "status"], tell: moves,
        english: "The platform moves the complaint to a state: 206 asks for proof within 48 hours.",
        chinese: "平台变更投诉单状态：206 表示须在 48 小时内上传凭证。" },
    Row { name: "mini-program-appeal", takes: ID, tell: may_appeal,
        english: "The merchant may appeal within 72 hours.",
        chinese: "商家可在 72 小时内申诉。" },
    Row { name: "mini-program-forged", takes: NOTHING, tell: forged,
        english: "A push has a forged signature; the genuine one follows seconds later.",
        chinese: "推送的签名是伪造的，数秒后重发真实推送。" },
];

fn told(scene: &Scene<'_>, id: String) -> ToldStory {
    let merchant = scene.state.mini_program.account.appid.clone();
    ToldStory { channel: "mini-program", merchant, complaints: vec![id] }
}

fn filed(scene: &mut Scene<'_>) -> String {
    scene.state.mini_program.file(NewOrderComplaint::default().with_content("收到的商品与描述不符"), scene.now)
}

/// The number of the complaint that is named, of the newest one, or of a new one.
fn order(scene: &mut Scene<'_>) -> String {
    match &scene.details.id {
        Some(id) => id.clone(),
        None => scene.state.mini_program.newest().unwrap_or_else(|| filed(scene)),
    }
}

fn file(scene: &mut Scene<'_>) -> Result<ToldStory, SandboxError> {
    let id = filed(scene);
    Ok(told(scene, id))
}

fn responds(scene: &mut Scene<'_>) -> Result<ToldStory, SandboxError> {
    let id = order(scene);
    scene.state.mini_program.message(&id, "请问什么时候处理？", scene.now)?;
    Ok(told(scene, id))
}

fn moves(scene: &mut Scene<'_>) -> Result<ToldStory, SandboxError> {
    let id = order(scene);
    scene.state.mini_program.set_status(&id, scene.details.status.unwrap_or(206), scene.now)?;
    Ok(told(scene, id))
}

fn may_appeal(scene: &mut Scene<'_>) -> Result<ToldStory, SandboxError> {
    let id = order(scene);
    scene.state.mini_program.set_appeal_state(&id, 401, scene.now)?;
    Ok(told(scene, id))
}

fn forged(scene: &mut Scene<'_>) -> Result<ToldStory, SandboxError> {
    let id = filed(scene);
    let Some(push) = scene.state.mini_program.outbox.last_mut() else { return scene.unsent() };
    push.fault = Some(PushFault::Forged);
    Ok(told(scene, id))
}
