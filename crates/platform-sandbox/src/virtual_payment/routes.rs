//! Virtual payment's operations, one row each. A new operation is a row here and its handler.

use http::Method;
use protocol_core::OperationInfo as _;
use protocol_core::virtual_payment::{
    CompleteComplaint, GetComplaintDetail, GetComplaintList, GetNegotiationHistory, GetUploadFileSign,
    ResponseComplaint, UploadVpFile,
};
use serde_json::Value;

use super::{files, operations};
use crate::mini_program::{Refusal, Request};
use crate::route::Route;
use crate::state::State;

/// Carries out a request whose token and signature were verified.
pub(crate) type Handler = fn(&mut State, &Request<'_>) -> Result<Value, Refusal>;

/// All operations.
#[rustfmt::skip]
const ROUTES: &[Route<Handler>] = &[
    Route::new(GetComplaintList::NAME, Method::POST, "/xpay/get_complaint_list", operations::list),
    Route::new(GetComplaintDetail::NAME, Method::POST, "/xpay/get_complaint_detail", operations::detail),
    Route::new(GetNegotiationHistory::NAME, Method::POST, "/xpay/get_negotiation_history", operations::history),
    Route::new(ResponseComplaint::NAME, Method::POST, "/xpay/response_complaint", operations::respond),
    Route::new(CompleteComplaint::NAME, Method::POST, "/xpay/complete_complaint", operations::complete),
    Route::new(UploadVpFile::NAME, Method::POST, "/xpay/upload_vp_file", files::upload),
    Route::new(GetUploadFileSign::NAME, Method::POST, "/xpay/get_upload_file_sign", files::sign),
];

/// The names of all operations.
pub(crate) fn operation_names() -> impl Iterator<Item = &'static str> {
    ROUTES.iter().map(|route| route.name)
}

/// Whether a path is virtual payment's.
pub(crate) fn is_path(path: &str) -> bool {
    path.starts_with("/xpay/")
}

/// The route of a path, whatever the method.
pub(crate) fn find(path: &str) -> Option<&'static Route<Handler>> {
    ROUTES.iter().find(|route| route.id_in(path).is_some())
}
