//! A user's service: a desk that greets every payer who waits and says yes to small refunds.
//!
//! To approve moves no money: it tells the platform and the payer that the refund comes. The refund
//! itself is another interface's, the one for payments, which is no part of this project: the
//! desk's operator makes the refunds that [`Day::approved`] names.
//!
//! It stands for whatever you build. It knows [`ComplaintChannel`] and nothing else, so that the
//! same code works for WeChat Pay and for Allinpay, and its tests run both against the simulated
//! platforms.

use std::pin::pin;

use futures_util::{StreamExt as _, TryStreamExt as _};
use protocol_core::channel::{ChannelError, ComplaintChannel, ComplaintRef, RefundDecision, Reply};
use protocol_core::complaint::{Complaint, ComplaintState, OperateType, ProblemType};
use protocol_core::{Delivery, Misfit};

/// A desk at one channel.
#[derive(Debug)]
pub struct Desk<C> {
    channel: C,
    /// Refunds of at most so many fen are approved without a human being.
    limit_fen: i64,
    greeting: String,
}

/// The desk's acts. Errors in words, beside the complaint's number.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Day {
    /// Payers greeted.
    pub greeted: usize,
    /// Complaints whose refund was approved, now or before, and has not arrived: it is still to be
    /// made, today, as the payer was told. They are named again until it has, so their maker must
    /// be able to ask for each twice.
    pub approved: Vec<String>,
    /// Complaints about which something may or may not have been done: a human being has to look. A
    /// refund that was approved after all is among the next round's.
    pub unclear: Vec<(String, String)>,
    /// Complaints about which nothing was done; the next round tries again.
    pub left: Vec<(String, String)>,
}

/// How often what happened to a refund: a payer may go on, and ask for another.
#[derive(Default)]
struct Refund {
    approved: usize,
    refused: usize,
    arrived: usize,
    /// An entry that may be any of these.
    misfit: Option<Misfit>,
}

/// Whether what the desk decides by can be read: unreadable is not absent.
fn decided_by(complaint: &Complaint) -> Result<(), Misfit> {
    complaint.complaint_state()?;
    complaint.problem_type()?;
    complaint.apply_refund_amount()?;
    Ok(())
}

impl Refund {
    const fn is_decided(&self) -> bool {
        self.approved + self.refused > 0
    }
}

impl<C: ComplaintChannel> Desk<C> {
    /// A desk.
    pub const fn new(channel: C, limit_fen: i64, greeting: String) -> Self {
        Self { channel, limit_fen, greeting }
    }

    /// Attends to every complaint that was filed from one day to another, `YYYY-MM-DD` in China.
    /// One that fails keeps none of the others waiting.
    ///
    /// # Errors
    /// The channel's, where the list cannot be read.
    pub async fn attend(&self, first_day: &str, last_day: &str) -> Result<Day, ChannelError> {
        let mut day = Day::default();
        // Collected first: what is done below changes the list that is being read.
        let mut complaints: Vec<Complaint> = Vec::new();
        let mut listed = pin!(self.channel.list(first_day, last_day));
        while let Some(complaint) = listed.next().await {
            match complaint {
                Ok(complaint) => complaints.push(complaint),
                Err(error) if error.leaves_the_others() => {
                    let number = error.unreadable().and_then(|row| row.complaint_id().map(str::to_owned));
                    day.left.push((number.unwrap_or_default(), error.to_string()));
                }
                Err(error) => return Err(error),
            }
        }
        for complaint in complaints {
            let Err(error) = self.attend_to(&complaint, &mut day).await else { continue };
            let list = if error.failure().delivery == Delivery::Unknown { &mut day.unclear } else { &mut day.left };
            list.push((complaint.complaint_id, error.to_string()));
        }
        Ok(day)
    }

    async fn attend_to(&self, complaint: &Complaint, day: &mut Day) -> Result<(), ChannelError> {
        let this = ComplaintRef::from(complaint);
        if let Err(misfit) = decided_by(complaint) {
            day.left.push((complaint.complaint_id.clone(), misfit.to_string()));
            return Ok(());
        }
        if complaint.complaint_state == Some(ComplaintState::Pending) {
            let reply = Reply::new(self.greeting.clone());
            self.channel.reply(&this, &reply).await?;
            day.greeted += 1;
        }
        if !self.is_small_refund(complaint) {
            return Ok(());
        }
        let mut refund = self.refund(&this).await?;
        if let Some(misfit) = refund.misfit {
            day.left.push((complaint.complaint_id.clone(), misfit.to_string()));
            return Ok(());
        }
        let is_open = complaint.complaint_state != Some(ComplaintState::Processed);
        if is_open && !refund.is_decided() {
            self.channel.decide_refund(&this, &RefundDecision::approve(0)).await?;
            refund.approved += 1;
        }
        // An earlier round's approval may be lost: the process may have died over it.
        if refund.approved > refund.arrived {
            day.approved.push(complaint.complaint_id.clone());
        }
        Ok(())
    }

    fn is_small_refund(&self, complaint: &Complaint) -> bool {
        let asked = complaint.apply_refund_amount.filter(|_| complaint.problem_type == Some(ProblemType::Refund));
        asked.is_some_and(|fen| (1..=self.limit_fen).contains(&fen.0))
    }

    /// The complaint does not show what was decided; its history does.
    async fn refund(&self, complaint: &ComplaintRef) -> Result<Refund, ChannelError> {
        let mut refund = Refund::default();
        let mut history = pin!(self.channel.history(complaint));
        while let Some(record) = history.try_next().await? {
            refund.misfit = refund.misfit.or(record.operate_type().err());
            match record.operate_type {
                Some(OperateType::MerchantApproveRefund) => refund.approved += 1,
                Some(OperateType::MerchantRefuseRefund) => refund.refused += 1,
                Some(OperateType::ComplaintRefundReceivedSystemMessage) => refund.arrived += 1,
                _ => {}
            }
        }
        Ok(refund)
    }
}
