//! WeChat Pay's operations, one row each. A new operation is a row here and its handler.

use http::Method;
use protocol_core::OperationInfo as _;
use protocol_core::wechat_pay::{
    Complete, CreateNotificationUrl, CreateViolationUrl, DeleteNotificationUrl, DeleteViolationUrl, DownloadImage,
    Echo, GetComplaint, GetNegotiationHistory, ListCertificates, ListComplaints, QueryNotificationUrl,
    QueryViolationUrl, Respond, RespondImmediateService, UpdateNotificationUrl, UpdateRefundProgress,
    UpdateViolationUrl, UploadImage,
};

use super::refusal::Refusal;
use super::request::Request;
use super::state::WechatPay;
use crate::platform_response::PlatformResponse;
use crate::route::Route;

/// The handler of a verified request.
pub(crate) type Handler = fn(&mut WechatPay, &Request<'_>) -> Result<PlatformResponse, Refusal>;

/// All operations.
#[rustfmt::skip]
pub(super) const ROUTES: &[Route<Handler>] = &[
    Route::new(CreateNotificationUrl::NAME, Method::POST, "/v3/merchant-service/complaint-notifications", WechatPay::create_notification_url),
    Route::new(QueryNotificationUrl::NAME, Method::GET, "/v3/merchant-service/complaint-notifications", WechatPay::query_notification_url),
    Route::new(UpdateNotificationUrl::NAME, Method::PUT, "/v3/merchant-service/complaint-notifications", WechatPay::update_notification_url),
    Route::new(DeleteNotificationUrl::NAME, Method::DELETE, "/v3/merchant-service/complaint-notifications", WechatPay::delete_notification_url),
    Route::new(CreateViolationUrl::NAME, Method::POST, "/v3/merchant-risk-manage/violation-notifications", WechatPay::create_violation_url),
    Route::new(QueryViolationUrl::NAME, Method::GET, "/v3/merchant-risk-manage/violation-notifications", WechatPay::query_violation_url),
    Route::new(UpdateViolationUrl::NAME, Method::PUT, "/v3/merchant-risk-manage/violation-notifications", WechatPay::update_violation_url),
    Route::new(DeleteViolationUrl::NAME, Method::DELETE, "/v3/merchant-risk-manage/violation-notifications", WechatPay::delete_violation_url),
    Route::new(ListComplaints::NAME, Method::GET, "/v3/merchant-service/complaints-v2", WechatPay::list_complaints),
    Route::new(GetComplaint::NAME, Method::GET, "/v3/merchant-service/complaints-v2/{id}", WechatPay::get_complaint),
    Route::new(GetNegotiationHistory::NAME, Method::GET, "/v3/merchant-service/complaints-v2/{id}/negotiation-historys", WechatPay::get_negotiation_history),
    Route::new(Respond::NAME, Method::POST, "/v3/merchant-service/complaints-v2/{id}/response", WechatPay::respond),
    Route::new(Complete::NAME, Method::POST, "/v3/merchant-service/complaints-v2/{id}/complete", WechatPay::complete),
    Route::new(UpdateRefundProgress::NAME, Method::POST, "/v3/merchant-service/complaints-v2/{id}/update-refund-progress", WechatPay::update_refund_progress),
    Route::new(RespondImmediateService::NAME, Method::POST, "/v3/merchant-service/complaints-v2/{id}/response-immediate-service", WechatPay::respond_immediate_service),
    Route::new(UploadImage::NAME, Method::POST, "/v3/merchant-service/images/upload", WechatPay::upload_image),
    Route::new(DownloadImage::NAME, Method::GET, "/v3/merchant-service/images/{id}", WechatPay::download_image),
    Route::new(ListCertificates::NAME, Method::GET, "/v3/certificates", WechatPay::list_certificates),
    Route::new(Echo::NAME, Method::POST, "/v3/security/echo", WechatPay::echo),
];

/// The names of all operations.
pub(crate) fn operation_names() -> impl Iterator<Item = &'static str> {
    ROUTES.iter().map(|route| route.name)
}

/// The route of a request line and the `{id}` in it; `None` where the platform has no such path.
pub(crate) fn find<'t>(method: &Method, target: &'t str) -> Option<(&'static Route<Handler>, &'t str)> {
    let path = target.split_once('?').map_or(target, |(path, _)| path);
    ROUTES.iter().filter(|route| route.method == *method).find_map(|route| Some((route, route.id_in(path)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_match_exactly() {
        let name = |method: Method, target: &str| find(&method, target).map(|(route, _)| route.name);
        let service = |rest: &str| format!("/v3/merchant-service/{rest}");
        assert_eq!(name(Method::GET, &service("complaints-v2?limit=1")), Some("list_complaints"));
        assert_eq!(name(Method::GET, &service("complaints-v2/1")), Some("get_complaint"));
        assert_eq!(
            name(Method::GET, &service("complaints-v2/1/negotiation-historys")),
            Some("get_negotiation_history")
        );
        assert_eq!(name(Method::POST, &service("images/upload")), Some("upload_image"));
        assert_eq!(name(Method::GET, &service("images/a%2Fb")), Some("download_image"));
        assert_eq!(name(Method::GET, &service("images/a/b")), None);
        assert_eq!(name(Method::GET, &service("complaints-v2/")), None);
        assert_eq!(name(Method::GET, &service("complaints-v2/1/")), None);
        assert_eq!(name(Method::GET, &service("Complaints-v2/1")), None);
        assert_eq!(name(Method::POST, &service("complaints-v2/1/response/")), None);
        assert_eq!(name(Method::PUT, "/v3/security/echo"), None);
    }
}
