//! Pictures: the upload, which is a signed `meta` part and the file it describes, and the download.

use bytes::Bytes;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::super::authenticate::Caller;
use super::super::refusal::Refusal;
use super::super::request::Request;
use super::super::shape::{Member, Shape, needed, read_body, text};
use super::super::state::WechatPay;
use crate::multipart;
use crate::platform_response::PlatformResponse;

const MAX_IMAGE: usize = 2 * 1024 * 1024;
const META: &[Member] = &[needed("filename", &Shape::Text(128)), needed("sha256", &Shape::Text(256))];

impl WechatPay {
    pub(crate) fn upload_image(&mut self, request: &Request<'_>) -> Result<PlatformResponse, Refusal> {
        let boundary = multipart::boundary_or_first_line(request.content_type, request.body)
            .ok_or_else(|| Refusal::invalid("Content-Type不是multipart/form-data"))?;
        let parts = multipart::parts(request.body, boundary)
            .ok_or_else(|| Refusal::parameter("body", "", Value::Null, "请求体不是合法的multipart"))?;
        let (meta, file) = match parts.as_slice() {
            [meta, file] if meta.name == "meta" && file.name == "file" => (meta, file),
            _ => return Err(missing_file()),
        };
        // The Python package `wechatpayv3` sends no content type, and the platform accepts that.
        if meta.content_type.is_some_and(|kind| kind != "application/json") {
            return Err(Refusal::parameter("body", "/meta", Value::Null, "Content-Type不是application/json"));
        }
        let described = read_body(meta.content, META)?;
        let filename = text(&described, "filename").unwrap_or_default();
        let extension = filename.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
        if !matches!(extension.as_deref(), Some("jpg" | "bmp" | "png")) {
            return Err(Refusal::parameter("body", "/filename", Value::from(filename), "文件名后缀为jpg、bmp、png"));
        }
        if file.content.is_empty() {
            return Err(missing_file());
        }
        if file.content.len() > MAX_IMAGE {
            return Err(Refusal::parameter("body", "/file", Value::from(""), "图片大小不能超过2M"));
        }
        if !file.content_type.is_some_and(|kind| kind.starts_with("image/")) {
            return Err(Refusal::parameter("body", "/file", Value::from(""), "Content-Type不是图片类型"));
        }
        let digest: String = Sha256::digest(file.content).iter().map(|byte| format!("{byte:02x}")).collect();
        let claimed = text(&described, "sha256").unwrap_or_default();
        if !claimed.eq_ignore_ascii_case(&digest) {
            return Err(Refusal::parameter("body", "/sha256", Value::from(claimed), "图片摘要不一致"));
        }
        let media_id = self.images.upload(&request.caller.mchid, Bytes::copy_from_slice(file.content));
        Ok(PlatformResponse::json(&json!({"media_id": media_id})))
    }

    pub(crate) fn download_image(&mut self, request: &Request<'_>) -> Result<PlatformResponse, Refusal> {
        self.images.download(&request.caller.mchid, request.id)
    }

    /// Makes the merchant's uploads downloadable. Returns their URLs.
    pub(super) fn publish(&mut self, caller: &Caller, field: &str, ids: &[String]) -> Result<Vec<String>, Refusal> {
        let uploads: Vec<_> = ids.iter().map(|id| (id, self.images.uploaded(&caller.mchid, id))).collect();
        if let Some((id, _)) = uploads.iter().find(|(_, bytes)| bytes.is_none()) {
            return Err(Refusal::parameter("body", field, Value::from(id.as_str()), "media_id不存在"));
        }
        let bytes: Vec<_> = uploads.into_iter().filter_map(|(_, bytes)| bytes).collect();
        Ok(bytes.into_iter().map(|bytes| self.images.serve(&caller.mchid, bytes)).collect())
    }
}

fn missing_file() -> Refusal {
    let issue = "输入源“/body/file”映射到字段“图片文件”必填性规则校验失败,此字段为必填项";
    Refusal::parameter("body", "/body/file", Value::from(""), issue)
}
