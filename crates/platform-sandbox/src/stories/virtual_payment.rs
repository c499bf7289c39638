//! Stories of virtual payment's complaints.

use super::scene::Scene;
use super::{ID, NOTHING, Row, ToldStory, wechat_pay};
use crate::error::SandboxError;
use crate::wechat_pay::NewComplaint;

#[rustfmt::skip]
pub(super) const STORIES: &[Row] = &[
    Row { name: "virtual-payment", takes: NOTHING, tell: file,
        english: "A payer complains about an order of virtual payment.",
        chinese: "用户投诉虚拟支付的订单。" },
    Row { name: "virtual-payment-responds", takes: ID, tell: responds,
        english: "The payer writes once more; no push tells of it.",
        chinese: "用户就虚拟支付订单再次留言，平台不推送。" },
    Row { name: "virtual-payment-restricted", takes: NOTHING, tell: restricted,
        english: "The platform restricts the merchant of virtual payment.",
        chinese: "平台限制虚拟支付商户。" },
];

fn filed(scene: &mut Scene<'_>) -> Result<String, SandboxError> {
    let new = NewComplaint::default().with_complaint_detail("课程打不开").with_amount(9900);
    scene.state.file_virtual_payment(new, scene.now)
}

fn file(scene: &mut Scene<'_>) -> Result<ToldStory, SandboxError> {
    let id = filed(scene)?;
    Ok(scene.told(vec![id]))
}

fn responds(scene: &mut Scene<'_>) -> Result<ToldStory, SandboxError> {
    if scene.details.id.is_some() {
        return wechat_pay::responds(scene);
    }
    let owner = scene.state.owner(scene.now)?.mchid.clone();
    let complaints = scene.state.wechat_pay.complaints.values().filter(|complaint| complaint.mchid == owner);
    let newest =
        complaints.max_by_key(|complaint| (complaint.time, &complaint.id)).map(|complaint| complaint.id.clone());
    let id = match newest {
        Some(id) => id,
        None => filed(scene)?,
    };
    scene.state.wechat_pay.user_message(&id, "还是打不开", scene.now)?;
    Ok(scene.told(vec![id]))
}

fn restricted(scene: &mut Scene<'_>) -> Result<ToldStory, SandboxError> {
    scene.state.restrict_virtual_payment(["LIMITED", "RISK", "交易异常"].map(str::to_owned), scene.now)?;
    let merchant = scene.state.mini_program.account.appid.clone();
    Ok(ToldStory { channel: "virtual-payment", merchant, complaints: Vec::new() })
}
