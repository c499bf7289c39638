//! Stories of WeChat Pay's complaints. Those of Allinpay's and of virtual payment take part by their
//! numbers.

use protocol_core::UnixTime;

use super::scene::Scene;
use super::texts::{MARKUP, RIGHT_TO_LEFT, SAMPLE_PICTURE, long};
use super::{MERCHANT, MERCHANT_OR_ID, Row, ToldStory};
use crate::error::SandboxError;
use crate::fault::NotificationFault;
use crate::wechat_pay::{Complaint, NewComplaint, PROCESSED, PlatformService, Refund, Signing, WechatPay};

#[rustfmt::skip]
pub(super) const STORIES: &[Row] = &[
    Row { name: "complaint", takes: MERCHANT, tell: |scene| file(scene, new()),
        english: "A payer complains, and leaves a phone number.",
        chinese: "用户提交投诉，并留下手机号。" },
    Row { name: "complaint-pictures", takes: MERCHANT, tell: |scene| file(scene, with_pictures()),
        english: "A payer complains with three pictures.",
        chinese: "用户提交投诉，附三张图片。" },
    Row { name: "complaint-long", takes: MERCHANT, tell: |scene| file(scene, new().with_complaint_detail(long())),
        english: "A payer complains in ten thousand characters.",
        chinese: "用户的投诉内容长达一万字。" },
    Row { name: "complaint-html", takes: MERCHANT, tell: |scene| file(scene, new().with_complaint_detail(MARKUP)),
        english: "A payer's text is HTML with a script.",
        chinese: "用户的投诉内容是带脚本的 HTML。" },
    Row { name: "complaint-rtl", takes: MERCHANT, tell: |scene| file(scene, new().with_complaint_detail(RIGHT_TO_LEFT)),
        english: "A payer's text runs from right to left.",
        chinese: "用户的投诉内容从右向左书写。" },
    Row { name: "urgent", takes: MERCHANT_OR_ID, tell: urgent,
        english: "A payer waits for immediate service, and urges.",
        chinese: "用户要求即时服务，并催促处理。" },
    Row { name: "deadline-near", takes: MERCHANT, tell: |scene| filed_before(scene, 23),
        english: "A complaint was filed 23 hours ago: an hour is left to reply.",
        chinese: "投诉提交于 23 小时前，距回复期限还有一小时。" },
    Row { name: "deadline-over", takes: MERCHANT, tell: |scene| filed_before(scene, 25),
        english: "A complaint was filed 25 hours ago: the reply is late.",
        chinese: "投诉提交于 25 小时前，已超过回复期限。" },
    Row { name: "payer-responds", takes: MERCHANT_OR_ID, tell: responds,
        english: "The payer writes once more.",
        chinese: "用户再次留言。" },
    Row { name: "payer-continues", takes: MERCHANT_OR_ID, tell: continues,
        english: "The payer continues a complaint that was completed.",
        chinese: "投诉完结后，用户继续投诉。" },
    Row { name: "complaint-revoked", takes: MERCHANT_OR_ID, tell: |scene| open(scene, WechatPay::user_revokes),
        english: "The payer withdraws the complaint; no notification tells of it.",
        chinese: "用户撤销投诉，平台不发送通知。" },
    Row { name: "refund-requested", takes: MERCHANT, tell: |scene| file(scene, with_refund()),
        english: "A payer asks for a refund.",
        chinese: "用户申请退款。" },
    Row { name: "refund-arrives", takes: MERCHANT_OR_ID, tell: |scene| approved(scene, WechatPay::refund_received),
        english: "An approved refund arrives, which completes the complaint.",
        chinese: "已同意的退款到账，投诉完结。" },
    Row { name: "refund-fails", takes: MERCHANT_OR_ID, tell: |scene| approved(scene, WechatPay::refund_fails),
        english: "An approved refund does not arrive: the merchant has to decide once more.",
        chinese: "已同意的退款失败，商家需要重新处理。" },
    Row { name: "platform-steps-in", takes: MERCHANT_OR_ID, tell: |scene| open(scene, steps_in),
        english: "The payer asks for the platform's assistance.",
        chinese: "用户申请平台协助。" },
    Row { name: "platform-completes", takes: MERCHANT_OR_ID, tell: |scene| open(scene, WechatPay::platform_completes),
        english: "The platform completes the complaint.",
        chinese: "平台完结投诉。" },
    Row { name: "lost-push", takes: MERCHANT, tell: lost,
        english: "A payer complains, and the notification is lost.",
        chinese: "用户提交投诉，但通知丢失。" },
    Row { name: "duplicate-push", takes: MERCHANT, tell: |scene| faulty(scene, NotificationFault::Duplicate),
        english: "A notification is sent once more after it was acknowledged.",
        chinese: "通知在确认之后重复发送。" },
    Row { name: "reordered-push", takes: MERCHANT, tell: reordered,
        english: "Two payers complain; the second notification is sent first.",
        chinese: "两位用户提交投诉，后一条通知先送达。" },
    Row { name: "forged-signature", takes: MERCHANT, tell: |scene| faulty(scene, NotificationFault::ForgedSignature),
        english: "A notification has a forged signature; the genuine one follows a minute later.",
        chinese: "通知的签名是伪造的，一分钟后重发真实通知。" },
    Row { name: "signature-probe", takes: MERCHANT, tell: |scene| faulty(scene, NotificationFault::Probe),
        english: "The platform probes whether signatures are verified (WECHATPAY/SIGNTEST/).",
        chinese: "平台发送签名探测流量（WECHATPAY/SIGNTEST/）。" },
    Row { name: "rotated-certificate", takes: MERCHANT, tell: rotated,
        english: "The platform signs with a new certificate until the sandbox is restarted.",
        chinese: "平台改用新的平台证书签名，直到沙箱重启。" },
];

fn new() -> NewComplaint {
    NewComplaint::default()
        .with_complaint_detail("下单后一直没有发货，联系不上商家")
        .with_amount(2990)
        .with_payer_phone("13900001234")
}

fn with_pictures() -> NewComplaint {
    (0..3).fold(new(), |new, _| new.with_image(SAMPLE_PICTURE))
}

fn with_refund() -> NewComplaint {
    new().with_refund(2990)
}

fn is_open(complaint: &Complaint) -> bool {
    complaint.state != PROCESSED
}

fn file(scene: &mut Scene<'_>, new: NewComplaint) -> Result<ToldStory, SandboxError> {
    let id = scene.file(new)?;
    Ok(scene.told(vec![id]))
}

fn filed_before(scene: &mut Scene<'_>, hours: i64) -> Result<ToldStory, SandboxError> {
    let then = UnixTime(scene.now.0.saturating_sub(hours * 3600));
    file(scene, new().with_complaint_time(then))
}

/// An act on an open complaint.
fn open(
    scene: &mut Scene<'_>,
    act: fn(&mut WechatPay, &str, UnixTime) -> Result<(), SandboxError>,
) -> Result<ToldStory, SandboxError> {
    let id = scene.complaint(is_open, new())?;
    act(&mut scene.state.wechat_pay, &id, scene.now)?;
    Ok(scene.told(vec![id]))
}

/// An act on a complaint whose refund is approved, by the merchant or for it.
fn approved(
    scene: &mut Scene<'_>,
    act: fn(&mut WechatPay, &str, UnixTime) -> Result<(), SandboxError>,
) -> Result<ToldStory, SandboxError> {
    let waits =
        |complaint: &Complaint| is_open(complaint) && matches!(complaint.refund, Refund::Asked | Refund::Approved);
    let id = scene.complaint(waits, with_refund())?;
    let log_id = scene.state.wechat_pay.next_log_id(scene.now);
    let complaint = scene.state.wechat_pay.complaints.get_mut(&id);
    if let Some(complaint) = complaint.filter(|complaint| complaint.refund == Refund::Asked) {
        complaint.approve_refund(&log_id, scene.now);
    }
    act(&mut scene.state.wechat_pay, &id, scene.now)?;
    Ok(scene.told(vec![id]))
}

pub(super) fn responds(scene: &mut Scene<'_>) -> Result<ToldStory, SandboxError> {
    open(scene, |wechat_pay, id, now| wechat_pay.user_message(id, "请问处理得怎么样了？", now))
}

fn urgent(scene: &mut Scene<'_>) -> Result<ToldStory, SandboxError> {
    let is_named = scene.details.id.is_some();
    let id = scene.complaint(|_| false, new().with_immediate_service().with_user_tag("HIGH_RISK"))?;
    if let Some(complaint) = scene.state.wechat_pay.complaints.get_mut(&id).filter(|_| is_named) {
        complaint.need_immediate_service = true;
    }
    scene.state.wechat_pay.user_message(&id, "怎么还没有人处理？请马上回复！", scene.now)?;
    Ok(scene.told(vec![id]))
}

fn continues(scene: &mut Scene<'_>) -> Result<ToldStory, SandboxError> {
    let id = scene.complaint(|complaint| !is_open(complaint), new())?;
    let log_id = scene.state.wechat_pay.next_log_id(scene.now);
    if let Some(complaint) = scene.state.wechat_pay.complaints.get_mut(&id).filter(|complaint| is_open(complaint)) {
        complaint.complete(&log_id, scene.now);
    }
    scene.state.wechat_pay.user_continues(&id, "问题还是没有解决", scene.now)?;
    Ok(scene.told(vec![id]))
}

fn steps_in(wechat_pay: &mut WechatPay, id: &str, now: UnixTime) -> Result<(), SandboxError> {
    let (reason, description) = ("商家未处理".to_owned(), "商家一直没有解决问题".to_owned());
    wechat_pay.platform_service(id, PlatformService::Applied { reason, description }, now)
}

fn lost(scene: &mut Scene<'_>) -> Result<ToldStory, SandboxError> {
    let id = scene.file(new())?;
    scene.state.wechat_pay.outbox.retain(|notification| notification.complaint_id != id);
    Ok(scene.told(vec![id]))
}

fn faulty(scene: &mut Scene<'_>, fault: NotificationFault) -> Result<ToldStory, SandboxError> {
    let id = scene.file(new())?;
    let queued = scene.state.wechat_pay.outbox.iter_mut().find(|notification| notification.complaint_id == id);
    let Some(notification) = queued else { return scene.unsent() };
    notification.fault = Some(fault);
    Ok(scene.told(vec![id]))
}

fn reordered(scene: &mut Scene<'_>) -> Result<ToldStory, SandboxError> {
    let mut told = faulty(scene, NotificationFault::OutOfOrder)?;
    told.complaints.push(scene.file(new())?);
    Ok(told)
}

fn rotated(scene: &mut Scene<'_>) -> Result<ToldStory, SandboxError> {
    let keys = &mut scene.state.wechat_pay.keys;
    keys.rotate(scene.now)?;
    keys.set_signing(Signing::Certificate);
    keys.set_signing(Signing::Sm2Certificate);
    file(scene, new())
}
