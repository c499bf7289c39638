//! The server's operations, one row each. A new operation is a row here and its handler.

use http::Method;
use protocol_core::OperationInfo as _;
use protocol_core::mini_program::{
    Appeal, GetOrderDetail, GetPenaltyList, GetStableToken, RespondComplaint, SubmitRefund, SupplyProof,
    UploadTempMedia,
};
use serde_json::Value;

use super::authenticate::Credential::{self, AccessToken, SecretInBody, SecretInQuery};
use super::request::Request;
use super::response::Refusal;
use super::state::MiniProgram;
use crate::route::Route;

/// The credential that an operation asks for, and what carries an authenticated request out.
pub(super) type Handler = (Credential, fn(&mut MiniProgram, &Request<'_>) -> Result<Value, Refusal>);

/// The library asks for stable tokens only, so it has no operation for this one.
const GET_TOKEN: &str = "get_token";

/// All operations.
#[rustfmt::skip]
pub(super) const ROUTES: &[Route<Handler>] = &[
    Route::new(GET_TOKEN, Method::GET, "/cgi-bin/token", (SecretInQuery, MiniProgram::classic_token)),
    Route::new(GetStableToken::NAME, Method::POST, "/cgi-bin/stable_token", (SecretInBody, MiniProgram::stable_token)),
    Route::new(RespondComplaint::NAME, Method::POST, "/wxaapi/minishop/bussiRespondComplaint", (AccessToken, MiniProgram::respond)),
    Route::new(SupplyProof::NAME, Method::POST, "/wxaapi/minishop/bussiSupplyProof", (AccessToken, MiniProgram::supply_proof)),
    Route::new(SubmitRefund::NAME, Method::POST, "/wxaapi/minishop/bussiSupplyRefund", (AccessToken, MiniProgram::submit_refund)),
    Route::new(GetOrderDetail::NAME, Method::GET, "/wxaapi/minishop/complaintOrderDetail", (AccessToken, MiniProgram::order_detail)),
    Route::new(GetPenaltyList::NAME, Method::GET, "/wxaapi/wxamptrade/get_penalty_list", (AccessToken, MiniProgram::penalty_list)),
    Route::new(Appeal::NAME, Method::POST, "/wxaapi/minishop/busiAppeal", (AccessToken, MiniProgram::appeal)),
    Route::new(UploadTempMedia::NAME, Method::POST, "/cgi-bin/media/upload", (AccessToken, MiniProgram::upload_temp_media)),
];

/// The names of all operations.
pub(crate) fn operation_names() -> impl Iterator<Item = &'static str> {
    ROUTES.iter().map(|route| route.name)
}

/// The route of a path, whatever the method: the server refuses another method in words.
pub(super) fn find(path: &str) -> Option<&'static Route<Handler>> {
    ROUTES.iter().find(|route| route.id_in(path).is_some())
}
