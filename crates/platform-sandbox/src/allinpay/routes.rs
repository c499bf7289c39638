//! The gateway's operations, one row each. A new operation is a row here and its handler.

use protocol_core::OperationInfo as _;
use protocol_core::allinpay::{
    AlipayComplaintQuery, AlipayComplaintQueryV2, AlipayFileUpload, AlipayProcessFinish, ComplaintsComplete,
    ComplaintsResp, WxComplaintDetail, WxComplaintHistory, WxComplaintList, WxComplaintListOlder,
    WxComplaintOrderDetail, WxComplaintsRefundProgress, WxGetMerchantImage, WxMerchantImageUpload,
};

use super::alipay;
use super::call::Call;
use super::response::{Members, Refusal, fail};
use super::wechat;
use crate::state::State;

/// The handler of a verified request.
type Handler = fn(&mut State, &Call<'_>) -> Result<Members, Refusal>;

/// An operation of the gateway. All of them are POST; the path ends in the name.
pub(super) struct GatewayRoute {
    pub(super) name: &'static str,
    /// The parameters beside those of every operation.
    parameters: &'static [&'static str],
    needs_timestamp: bool,
    needs_file: bool,
    handler: Handler,
}

/// All operations.
#[rustfmt::skip]
const ROUTES: &[GatewayRoute] = &[
    GatewayRoute::new(WxComplaintList::NAME, &["current_page_num", "page_size", "begindate", "enddate", "groupall"], wechat::list),
    GatewayRoute::new(WxComplaintListOlder::NAME, &["begin_date", "end_date", "offset", "limit"], wechat::older_list),
    GatewayRoute::new(WxComplaintDetail::NAME, &["complaint_id"], wechat::detail),
    GatewayRoute::new(WxComplaintHistory::NAME, &["complaint_id", "limit", "offset"], wechat::history),
    GatewayRoute::new(ComplaintsResp::NAME, &["complaint_id", "response_content", "response_images"], wechat::respond),
    GatewayRoute::new(ComplaintsComplete::NAME, &["complaint_id"], wechat::complete),
    GatewayRoute::new(WxComplaintsRefundProgress::NAME, &["complaint_id", "action", "launch_refund_day", "reject_reason", "reject_media_list", "remark"], wechat::refund_progress),
    GatewayRoute::new(WxMerchantImageUpload::NAME, &[], wechat::upload).with_file(),
    GatewayRoute::new(WxGetMerchantImage::NAME, &["imgurl"], wechat::download),
    GatewayRoute::new(WxComplaintOrderDetail::NAME, &["complaintorderid"], wechat::order_detail).with_timestamp(),
    GatewayRoute::new(AlipayComplaintQueryV2::NAME, &["current_page_num", "page_size", "gmt_complaint_start", "gmt_complaint_end", "trade_no", "task_id", "status_list", "gmt_process_start", "gmt_process_end", "task_id_list"], alipay::list).with_timestamp(),
    GatewayRoute::new(AlipayComplaintQuery::NAME, &["complain_id"], alipay::detail).with_timestamp(),
    GatewayRoute::new(AlipayProcessFinish::NAME, &["id_list", "process_code", "remark", "img_file_list"], alipay::process_finish).with_timestamp(),
    GatewayRoute::new(AlipayFileUpload::NAME, &[], alipay::upload).with_timestamp().with_file(),
];

/// Parameters of every operation.
const COMMON: [&str; 7] = ["appid", "cusid", "orgid", "version", "randomstr", "signtype", "sign"];

/// Largest file, in bytes.
const MAX_FILE: usize = 2 * 1024 * 1024;

/// The names of all operations.
pub(crate) fn operation_names() -> impl Iterator<Item = &'static str> {
    ROUTES.iter().map(|route| route.name)
}

/// The route of a path's last segment, spelled exactly so.
pub(super) fn find(name: &str) -> Option<&'static GatewayRoute> {
    ROUTES.iter().find(|route| route.name == name)
}

impl GatewayRoute {
    const fn new(name: &'static str, parameters: &'static [&'static str], handler: Handler) -> Self {
        Self { name, parameters, needs_timestamp: false, needs_file: false, handler }
    }

    const fn with_timestamp(mut self) -> Self {
        self.needs_timestamp = true;
        self
    }

    const fn with_file(mut self) -> Self {
        self.needs_file = true;
        self
    }

    /// Checks the parameters of a verified request, and runs its handler.
    pub(super) fn handle(&self, state: &mut State, call: &Call<'_>) -> Result<Members, Refusal> {
        let known = |name: &str| {
            COMMON.contains(&name) || self.parameters.contains(&name) || (self.needs_timestamp && name == "timestamp")
        };
        if let Some(name) = call.form.parameters.keys().find(|name| !known(name)) {
            return fail(format!("参数[{name}]不支持"));
        }
        if self.needs_timestamp {
            let timestamp = call.text("timestamp", 14)?;
            if timestamp.len() != 14 || !timestamp.bytes().all(|byte| byte.is_ascii_digit()) {
                return fail("参数[timestamp]格式错误");
            }
        }
        match &call.form.file {
            Some(_) if !self.needs_file => return fail("参数[file]不支持"),
            Some(file) if file.bytes.is_empty() => return fail("参数[file]不能为空"),
            Some(file) if file.bytes.len() > MAX_FILE => return fail("图片大小不能超过2M"),
            Some(file) if !is_picture(&file.name) => return fail("图片格式不支持"),
            None if self.needs_file => return fail("参数[file]不能为空"),
            _ => {}
        }
        (self.handler)(state, call)
    }
}

fn is_picture(name: &str) -> bool {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    matches!(extension.as_deref(), Some("jpg" | "jpeg" | "png" | "bmp" | "gif"))
}
