//! Documents that WeChat Pay, virtual payment and Allinpay share: complaints, their negotiation history, and their
//! parts.
//!
//! Every member except the ids may be missing: platforms add, rename and drop members, and a
//! complaint that cannot be read is a complaint missed. `None` means absent or `null`, and lists
//! are empty then. Source: WeChat Pay, "consumer complaint 2.0", list, detail and negotiation
//! history.

mod deadline_rules;
mod deadlines;
mod detail;
mod encrypted;
mod history;
mod message;
mod order;
mod order_codes;
#[cfg(feature = "mini-program")]
mod outcome;
mod page;
mod rows;
mod values;

#[cfg(feature = "mini-program")]
pub(crate) use deadline_rules::order_deadlines;
pub use deadlines::{
    CountedFrom, Deadline, DeadlineSource, DeadlineStatus, Deadlines, Due, FINISH_WITHIN_SECONDS, NEAR_SECONDS,
    REPLY_WITHIN_SECONDS, ToldDeadline, ToldDeadlines, UnknownDue,
};
pub use detail::{
    AdditionalInfo, AdditionalInfoType, Complaint, ComplaintMedia, ComplaintOrder, ComplaintState, MediaType,
    ProblemType, ReturnAddressInfo, ServiceOrder, ServiceOrderState, SharePowerInfo, UserTag,
};
pub use encrypted::Encrypted;
pub use history::{ClickMessage, NegotiationRecord, OperateType};
pub use message::{
    Action, ActionType, BlockType, Button, ButtonGroup, ButtonLayout, Faq, FaqList, ImageBlock, ImageStyle,
    InvalidInfo, Link, MessageBlock, MessageInfo, MiniProgramJumpInfo, NormalMessage, SenderIdentity, TextBlock,
    TextColor,
};
#[cfg(feature = "mini-program")]
pub(crate) use order::transaction_id_of;
pub use order::{CustomerMaterial, OrderComplaint, OrderDetail, OrderItem, ReturnBill};
pub use order_codes::{AppealState, BlameResult, CallbackStatus, CallbackType, OrderItemType, ReturnStatus};
#[cfg(feature = "mini-program")]
pub(crate) use outcome::Outcome;
#[cfg(any(
    feature = "virtual-payment",
    feature = "allinpay",
    all(feature = "wechat-pay", any(feature = "rsa", feature = "sm2"))
))]
pub(crate) use page::check_frame;
pub use page::{ComplaintPage, NegotiationHistory};
#[cfg(any(feature = "mini-program", feature = "allinpay"))]
pub(crate) use rows::RowKind;
pub use rows::UnreadableRow;
#[cfg(any(feature = "mini-program", feature = "allinpay"))]
pub(crate) use rows::{Row, Rows, by_rows};
pub use values::{Fen, Timestamp};
