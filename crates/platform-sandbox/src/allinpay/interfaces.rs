//! The gateway's interfaces as data: what each takes, and what carries it out.

use super::alipay;
use super::call::Call;
use super::response::{Members, Refused, fail};
use super::wechat;
use crate::wechat_pay::State;

/// One interface.
pub(super) struct Interface {
    /// The last segment of its path: also its name in faults and logs.
    pub(super) name: &'static str,
    /// Its own parameters.
    parameters: &'static [&'static str],
    /// Whether it wants `timestamp`.
    dated: bool,
    /// Whether it wants a file.
    file: bool,
    carry_out: fn(&mut State, &Call<'_>) -> Result<Members, Refused>,
}

/// Parameters of every interface.
const COMMON: [&str; 7] = ["appid", "cusid", "orgid", "version", "randomstr", "signtype", "sign"];

/// Largest file, in bytes.
const MAX_FILE: usize = 2 * 1024 * 1024;

const PLAIN: Interface =
    Interface { name: "", parameters: &[], dated: false, file: false, carry_out: |_, _| fail("接口不存在") };

/// All interfaces.
pub(super) const INTERFACES: &[Interface] = &[
    Interface {
        name: "wxcomplaintlistquery",
        parameters: &["current_page_num", "page_size", "begindate", "enddate", "groupall"],
        carry_out: wechat::list,
        ..PLAIN
    },
    Interface {
        name: "complaintqry",
        parameters: &["begin_date", "end_date", "offset", "limit"],
        carry_out: wechat::older_list,
        ..PLAIN
    },
    Interface { name: "wxcomplaintdetail", parameters: &["complaint_id"], carry_out: wechat::detail, ..PLAIN },
    Interface {
        name: "wxcomplainthistory",
        parameters: &["complaint_id", "limit", "offset"],
        carry_out: wechat::history,
        ..PLAIN
    },
    Interface {
        name: "complaintsResp",
        parameters: &["complaint_id", "response_content", "response_images"],
        carry_out: wechat::respond,
        ..PLAIN
    },
    Interface { name: "complaintsComplete", parameters: &["complaint_id"], carry_out: wechat::complete, ..PLAIN },
    Interface {
        name: "wxcomplaintsrefundprogress",
        parameters: &["complaint_id", "action", "launch_refund_day", "reject_reason", "reject_media_list", "remark"],
        carry_out: wechat::refund_progress,
        ..PLAIN
    },
    Interface { name: "wxmerchantimageupload", file: true, carry_out: wechat::upload, ..PLAIN },
    Interface { name: "wxgetmerchantimage", parameters: &["imgurl"], carry_out: wechat::download, ..PLAIN },
    Interface {
        name: "wxcomplaintorderdetail",
        parameters: &["complaintorderid"],
        dated: true,
        carry_out: wechat::order_detail,
        ..PLAIN
    },
    Interface {
        name: "alicomplaintqueryv2",
        parameters: &[
            "current_page_num",
            "page_size",
            "gmt_complaint_start",
            "gmt_complaint_end",
            "trade_no",
            "task_id",
        ],
        dated: true,
        carry_out: alipay::list,
        ..PLAIN
    },
    Interface {
        name: "alicomplaintquery",
        parameters: &["complain_id"],
        dated: true,
        carry_out: alipay::detail,
        ..PLAIN
    },
    Interface {
        name: "alicomplaintprocessfinish",
        parameters: &["id_list", "process_code", "remark", "img_file_list"],
        dated: true,
        carry_out: alipay::process_finish,
        ..PLAIN
    },
    Interface { name: "alicomplaintfileupload", dated: true, file: true, carry_out: alipay::upload, ..PLAIN },
];

impl Interface {
    /// The interface of a path's last segment, spelled exactly so.
    pub(super) fn of(name: &str) -> Option<&'static Self> {
        INTERFACES.iter().find(|interface| interface.name == name)
    }

    /// Carries a verified request out.
    pub(super) fn carry_out(&self, state: &mut State, call: &Call<'_>) -> Result<Members, Refused> {
        let known = |name: &str| {
            COMMON.contains(&name) || self.parameters.contains(&name) || (self.dated && name == "timestamp")
        };
        if let Some(name) = call.form.parameters.keys().find(|name| !known(name)) {
            return fail(format!("参数[{name}]不支持"));
        }
        if self.dated {
            let timestamp = call.text("timestamp", 14)?;
            if timestamp.len() != 14 || !timestamp.bytes().all(|byte| byte.is_ascii_digit()) {
                return fail("参数[timestamp]格式错误");
            }
        }
        match &call.form.file {
            Some(_) if !self.file => return fail("参数[file]不支持"),
            Some(file) if file.bytes.is_empty() => return fail("参数[file]不能为空"),
            Some(file) if file.bytes.len() > MAX_FILE => return fail("图片大小不能超过2M"),
            Some(file) if !is_picture(&file.name) => return fail("图片格式不支持"),
            None if self.file => return fail("参数[file]不能为空"),
            _ => {}
        }
        (self.carry_out)(state, call)
    }
}

fn is_picture(name: &str) -> bool {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    matches!(extension.as_deref(), Some("jpg" | "jpeg" | "png" | "bmp" | "gif"))
}
