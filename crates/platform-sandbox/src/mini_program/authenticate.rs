//! The proof of a request: the secret or an access token.

use serde_json::Value;

use super::request::Request;
use super::response::Refusal;
use super::state::MiniProgram;
use super::token::BadToken;
use crate::form::single;

/// The credential that an operation asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Credential {
    SecretInQuery,
    SecretInBody,
    AccessToken,
}

impl MiniProgram {
    /// Whether the request has an access token that is accepted now.
    pub(crate) fn check_access_token(&self, request: &Request<'_>) -> Result<(), Refusal> {
        self.check_token(request)
    }

    /// Whether the request has this credential, and it is accepted now.
    pub(super) fn authenticate(&self, credential: Credential, request: &Request<'_>) -> Result<(), Refusal> {
        match credential {
            Credential::SecretInQuery => self.check_secret(&|name| single(request.query, name).map(str::to_owned)),
            Credential::SecretInBody => {
                let body: Value = serde_json::from_slice(request.body).unwrap_or_default();
                self.check_secret(&|name| body.get(name).and_then(Value::as_str).map(str::to_owned))
            }
            Credential::AccessToken => self.check_token(request),
        }
    }

    fn check_secret(&self, given: &dyn Fn(&str) -> Option<String>) -> Result<(), Refusal> {
        let given = |name: &str| given(name).filter(|value| !value.is_empty());
        if given("grant_type").as_deref() != Some("client_credential") {
            return Err(Refusal::Code(40_002, "invalid grant_type"));
        }
        let appid = given("appid").ok_or(Refusal::Code(41_002, "appid missing"))?;
        let secret = given("secret").ok_or(Refusal::Code(41_004, "appsecret missing"))?;
        if appid != self.account.appid {
            return Err(Refusal::Code(40_013, "invalid appid"));
        }
        if secret != self.account.app_secret {
            return Err(Refusal::Code(40_125, "invalid appsecret"));
        }
        Ok(())
    }

    fn check_token(&self, request: &Request<'_>) -> Result<(), Refusal> {
        let token = single(request.query, "access_token").filter(|token| !token.is_empty());
        let token = token.ok_or(Refusal::Code(41_001, "access_token missing"))?;
        match self.tokens.check(token, request.now) {
            Ok(_) => Ok(()),
            Err(BadToken::Malformed) => Err(Refusal::Code(40_014, "invalid access_token")),
            Err(BadToken::NotLatest) => {
                Err(Refusal::Code(40_001, "invalid credential, access_token is invalid or not latest"))
            }
            Err(BadToken::Expired) => Err(Refusal::Code(42_001, "access_token expired")),
        }
    }
}
