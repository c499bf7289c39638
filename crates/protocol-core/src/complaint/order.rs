//! A Mini Program trade complaint in detail, as the Mini Program's server and Allinpay return it.
//!
//! Names are in camel case here, unlike those of the push. Source: the Mini Program documentation
//! of `complaintOrderDetail`, and responses that were seen.

use super::{AppealState, BlameResult, CallbackStatus, CallbackType, OrderItemType, ReturnStatus};
use crate::codec::json::{read_document, wire_object};
use crate::error::DecodeError;
use crate::secret::Personal;
use crate::time::UnixTime;
use crate::trust::Unverified;

wire_object! {
    /// A complaint, its events, and the return of the goods.
    pub struct OrderDetail {
        /// 0 for success.
        errcode: Option<i64> as decisive,
        /// `errcode` in words.
        errmsg: Option<Personal<String>>,
        /// The complaint.
        complaint_order = "complaintOrder": Option<OrderComplaint> as asked,
        /// The events.
        item: Vec<OrderItem> as asked,
        /// The return of the goods, if there is one.
        return_bill = "returnBill": Option<ReturnBill> as asked,
    }
}

wire_object! {
    /// The complaint.
    pub struct OrderComplaint {
        /// The complaint's number.
        complaint_order_id = "complaintOrderId": Option<String> as decisive,
        /// The payer's openid, in the samples' spelling.
        open_id = "openId": Option<Personal<String>>,
        /// The payer's openid, in the documentation's spelling.
        openid: Option<Personal<String>>,
        /// Time of filing.
        create_time = "createTime": Option<UnixTime> as asked,
        /// Time of the order's payment.
        pay_time = "payTime": Option<UnixTime>,
        /// End of the present state; 0 for never.
        expire_time = "expireTime": Option<UnixTime> as asked,
        /// The payer's phone number.
        phone_number = "phoneNumber": Option<Personal<String>>,
        /// The subject of the complaint.
        kind = "type": Option<CallbackType>,
        /// The complaint's state.
        status: Option<CallbackStatus> as asked,
        /// The payer's words and pictures.
        customer_material = "customerMaterial": Option<CustomerMaterial>,
        /// WeChat Pay's order number, perhaps with a prefix: see
        /// [`OrderComplaint::transaction_id`].
        order_id = "orderId": Option<String> as asked,
        /// The merchant's order number.
        out_trade_no = "outTradeNo": Option<String> as asked,
        /// The product bought.
        product_name = "productName": Option<String>,
        /// The amount for display, such as `￥0.01`, in the documentation's spelling.
        total_cost = "totalCost": Option<String> as asked,
        /// The same in the samples' spelling.
        total_cost_str = "totalCostStr": Option<String> as asked,
        /// The payer's portrait.
        head_img_url = "headImgUrl": Option<Personal<String>>,
        /// The payer's nickname.
        nick_name = "nickName": Option<Personal<String>>,
        /// The state of the merchant's appeal.
        appeal_state = "appealState": Option<AppealState> as asked,
    }
}

impl OrderDetail {
    /// Decodes one detail. A member that does not fit is lost alone, and [`misfits`](Self::misfits)
    /// lists it. The result is unverified: the caller knows where the bytes come from.
    ///
    /// ```
    /// use protocol_core::complaint::{CallbackStatus, OrderDetail};
    ///
    /// # fn main() -> Result<(), protocol_core::DecodeError> {
    /// let document = br#"{"complaintOrder":{"status":201,"payTime":"noon"}}"#;
    /// let detail = OrderDetail::decode(document)?.trust_anyway();
    /// assert_eq!(detail.misfits()[0].place(), "complaintOrder.payTime");
    /// let status = detail.complaint_order.and_then(|complaint| complaint.status);
    /// assert_eq!(status, Some(CallbackStatus::WaitingForMerchant));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`DecodeError`] for anything but a detail.
    pub fn decode(document: &[u8]) -> Result<Unverified<Self>, DecodeError> {
        read_document("a complaint order", document).map(Unverified::new)
    }
}

impl OrderComplaint {
    /// Whether the case is closed for good: the complaint is cancelled (102), finished (112, 115,
    /// 116, 205) or closed (209), and no appeal waits for the merchant (401) or is in progress
    /// (403). `false` for a code that is unknown or cannot be read.
    ///
    /// ```
    /// use protocol_core::codec::decode_json;
    /// use protocol_core::complaint::OrderDetail;
    ///
    /// # fn main() -> Result<(), protocol_core::DecodeError> {
    /// let is_closed = |json: &str| {
    ///     let detail = decode_json::<OrderDetail>("a detail", json.as_bytes())?.trust_anyway();
    ///     Ok::<_, protocol_core::DecodeError>(
    ///         detail.complaint_order.is_some_and(|complaint| complaint.is_closed()),
    ///     )
    /// };
    /// assert!(is_closed(r#"{"complaintOrder":{"status":209,"appealState":118}}"#)?);
    /// assert!(!is_closed(r#"{"complaintOrder":{"status":209,"appealState":401}}"#)?);
    /// assert!(!is_closed(r#"{"complaintOrder":{"status":201}}"#)?);
    /// assert!(!is_closed(r#"{"complaintOrder":{"status":999}}"#)?);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn is_closed(&self) -> bool {
        use AppealState as Appeal;

        self.status.is_some_and(CallbackStatus::is_closed)
            && matches!(
                self.appeal_state(),
                Ok(None | Some(Appeal::None | Appeal::TimeOver | Appeal::Won | Appeal::Lost))
            )
    }

    /// [`order_id`](Self::order_id) as WeChat Pay's transaction id: without the prefix `payorder@_`.
    /// `None` for `payorder@…` without the `_`, which was seen and is no transaction id.
    #[must_use]
    pub fn transaction_id(&self) -> Option<&str> {
        transaction_id_of(self.order_id.as_deref()?)
    }
}

/// The transaction id in an order number of the push or of the detail.
pub(crate) fn transaction_id_of(order_id: &str) -> Option<&str> {
    match order_id.strip_prefix("payorder@") {
        Some(rest) => rest.strip_prefix('_'),
        None => Some(order_id),
    }
    .filter(|id| !id.is_empty())
}

wire_object! {
    /// The payer's words and pictures.
    pub struct CustomerMaterial {
        /// The words.
        content: Option<Personal<String>>,
        /// Links to the pictures, which expire.
        media_id_list = "mediaIdList": Vec<Personal<String>>,
    }
}

wire_object! {
    /// An event.
    pub struct OrderItem {
        /// The kind of event.
        item_type = "itemType": Option<OrderItemType> as asked,
        /// Time of the event.
        time: Option<UnixTime> as asked,
        /// The event in words.
        content: Option<Personal<String>>,
        /// Links to pictures, which expire.
        media_id_list = "mediaIdList": Vec<Personal<String>>,
        /// A phone number.
        phone_number = "phoneNumber": Option<Personal<String>>,
        /// The next step; only for types 31 and 32.
        blame_result = "blameResult": Option<BlameResult> as asked,
        /// A nickname.
        nick_name = "nickName": Option<Personal<String>>,
        /// The state of the appeal, if the event belongs to one.
        appeal_item_type = "appealItemType": Option<AppealState> as asked,
    }
}

wire_object! {
    /// The return of the goods.
    pub struct ReturnBill {
        /// The number of the return.
        return_id = "returnId": Option<String> as asked,
        /// The waybill.
        waybill_id = "waybillId": Option<String>,
        /// The courier.
        delivery_name = "deliveryName": Option<String>,
        /// State of the delivery.
        order_status = "orderStatus": Option<ReturnStatus> as asked,
    }
}
