//! The paths at which webhooks of a configuration listen.

/// The path of WeChat Pay's notifications, complaints and violations.
pub const WECHAT_PAY_PATH: &str = "/wechat-pay";

/// The path of a Mini Program's pushes.
///
/// ```
/// let path = complaint_channels::mini_program_path("wxba5fad812f8e6fb9");
/// assert_eq!(path, "/mini-program/wxba5fad812f8e6fb9");
/// ```
#[cfg(feature = "mini-program")]
#[must_use]
pub fn mini_program_path(appid: &str) -> String {
    format!("/mini-program/{appid}")
}

/// The path of Allinpay's notices.
///
/// ```
/// assert_eq!(complaint_channels::allinpay_path("990581007426001"), "/allinpay/990581007426001");
/// ```
#[must_use]
pub fn allinpay_path(cusid: &str) -> String {
    format!("/allinpay/{cusid}")
}
