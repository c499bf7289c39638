//! Stories of Allinpay's complaints: WeChat's, which its list alone shows, and Alipay's, which it
//! sends notices of.

use protocol_core::allinpay::SignType;

use super::scene::Scene;
use super::{ID, MERCHANT, Row, ToldStory};
use crate::allinpay::NewAlipayComplaint;
use crate::error::SandboxError;
use crate::fault::NoticeFault;
use crate::wechat_pay::NewComplaint;

#[rustfmt::skip]
pub(super) const STORIES: &[Row] = &[
    Row { name: "allinpay", takes: MERCHANT, tell: file_wechat,
        english: "A payer complains to a merchant of Allinpay; its list alone tells of it.",
        chinese: "用户投诉通联商户，仅能通过列表查询得知。" },
    Row { name: "alipay", takes: MERCHANT, tell: file,
        english: "A payer complains at Alipay, and Allinpay sends a notice.",
        chinese: "用户在支付宝投诉，通联发送通知。" },
    Row { name: "alipay-overdue", takes: ID, tell: |scene| moves(scene, "OVERDUE"),
        english: "The deadline of an Alipay complaint is over, and Allinpay sends a notice.",
        chinese: "支付宝投诉已超时，通联发送通知。" },
    Row { name: "alipay-dropped", takes: ID, tell: |scene| moves(scene, "DROP_COMPLAIN"),
        english: "The payer withdraws an Alipay complaint, and Allinpay sends a notice.",
        chinese: "用户撤销支付宝投诉，通联发送通知。" },
    Row { name: "alipay-forged", takes: MERCHANT, tell: forged,
        english: "A notice has a forged signature; the genuine one follows seconds later.",
        chinese: "通知的签名是伪造的，数秒后重发真实通知。" },
];

/// The merchant that is named, or the one that signs with RSA.
fn cusid(scene: &Scene<'_>) -> String {
    let named = scene.details.merchant.clone();
    named.unwrap_or_else(|| scene.state.allinpay.default_account(SignType::Rsa).cusid)
}

fn file_wechat(scene: &mut Scene<'_>) -> Result<ToldStory, SandboxError> {
    let cusid = cusid(scene);
    let new = NewComplaint::default().with_complaint_detail("会员没有开通").with_amount(1500).with_refund(1500);
    let state = &mut *scene.state;
    let id = state.allinpay.file_wechat(&mut state.wechat_pay, new, &cusid, scene.now)?;
    Ok(scene.told(vec![id]))
}

fn filed(scene: &mut Scene<'_>) -> Result<String, SandboxError> {
    let cusid = cusid(scene);
    scene.state.allinpay.file_alipay(NewAlipayComplaint::default().with_amount("29.90"), &cusid, scene.now)
}

/// Tells of an Alipay complaint by its task, which receivers know it by.
fn told(scene: &Scene<'_>, id: &str) -> ToldStory {
    let (merchant, task) = scene.state.allinpay.task_of(id).unwrap_or_default();
    ToldStory { channel: "allinpay-alipay", merchant, complaints: vec![task] }
}

fn file(scene: &mut Scene<'_>) -> Result<ToldStory, SandboxError> {
    let id = filed(scene)?;
    Ok(told(scene, &id))
}

fn moves(scene: &mut Scene<'_>, status: &str) -> Result<ToldStory, SandboxError> {
    let id = match &scene.details.id {
        Some(task) => {
            let found = scene.state.allinpay.id_of(task);
            found.ok_or_else(|| SandboxError::UnknownComplaint(task.clone()))?
        }
        None => match scene.state.allinpay.newest() {
            Some(id) => id,
            None => filed(scene)?,
        },
    };
    scene.state.allinpay.set_alipay_status(&id, status, scene.now)?;
    Ok(told(scene, &id))
}

fn forged(scene: &mut Scene<'_>) -> Result<ToldStory, SandboxError> {
    let waiting = scene.state.allinpay.outbox.len();
    // A notice is signed when it is queued.
    scene.state.allinpay.notice_faults.push_front(NoticeFault::Forged);
    let id = filed(scene);
    if scene.state.allinpay.outbox.len() == waiting {
        scene.state.allinpay.notice_faults.pop_front();
        id?;
        return scene.unsent();
    }
    Ok(told(scene, &id?))
}
