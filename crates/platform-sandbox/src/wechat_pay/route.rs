//! From method and path to the operation.

/// What a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Operation {
    CreateNotificationUrl,
    QueryNotificationUrl,
    UpdateNotificationUrl,
    DeleteNotificationUrl,
    ListComplaints,
    GetComplaint(String),
    GetNegotiationHistory(String),
    Respond(String),
    Complete(String),
    UpdateRefundProgress(String),
    RespondImmediateService(String),
    UploadImage,
    /// The image's id as it stands in the target.
    DownloadImage(String),
    ListCertificates,
    Echo,
}

impl Operation {
    /// The operation of a request line; `None` where the platform has no such path.
    pub(crate) fn of(method: &str, target: &str) -> Option<Self> {
        let path = target.split_once('?').map_or(target, |(path, _)| path);
        match (method, path) {
            ("GET", "/v3/certificates") => return Some(Self::ListCertificates),
            ("POST", "/v3/security/echo") => return Some(Self::Echo),
            _ => {}
        }
        let rest = path.strip_prefix("/v3/merchant-service/")?;
        if let Some(image) = rest.strip_prefix("images/") {
            return match (method, image) {
                ("POST", "upload") => Some(Self::UploadImage),
                ("GET", id) if !id.is_empty() && !id.contains('/') => Some(Self::DownloadImage(id.to_owned())),
                _ => None,
            };
        }
        let mut segments = rest.split('/');
        let (first, second, third, more) =
            (segments.next()?, segments.next(), segments.next(), segments.next().is_some());
        let id = second.unwrap_or_default().to_owned();
        let found = match (method, first, second.filter(|id| !id.is_empty()), third) {
            ("POST", "complaint-notifications", None, None) => Self::CreateNotificationUrl,
            ("GET", "complaint-notifications", None, None) => Self::QueryNotificationUrl,
            ("PUT", "complaint-notifications", None, None) => Self::UpdateNotificationUrl,
            ("DELETE", "complaint-notifications", None, None) => Self::DeleteNotificationUrl,
            ("GET", "complaints-v2", None, None) => Self::ListComplaints,
            ("GET", "complaints-v2", Some(_), None) => Self::GetComplaint(id),
            ("GET", "complaints-v2", Some(_), Some("negotiation-historys")) => Self::GetNegotiationHistory(id),
            ("POST", "complaints-v2", Some(_), Some("response")) => Self::Respond(id),
            ("POST", "complaints-v2", Some(_), Some("complete")) => Self::Complete(id),
            ("POST", "complaints-v2", Some(_), Some("update-refund-progress")) => Self::UpdateRefundProgress(id),
            ("POST", "complaints-v2", Some(_), Some("response-immediate-service")) => Self::RespondImmediateService(id),
            _ => return None,
        };
        // No trailing slash, nothing behind.
        (!more && !path.ends_with('/')).then_some(found)
    }

    /// The operation's name, in faults and logs.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::CreateNotificationUrl => "create_notification_url",
            Self::QueryNotificationUrl => "query_notification_url",
            Self::UpdateNotificationUrl => "update_notification_url",
            Self::DeleteNotificationUrl => "delete_notification_url",
            Self::ListComplaints => "list_complaints",
            Self::GetComplaint(_) => "get_complaint",
            Self::GetNegotiationHistory(_) => "get_negotiation_history",
            Self::Respond(_) => "respond",
            Self::Complete(_) => "complete",
            Self::UpdateRefundProgress(_) => "update_refund_progress",
            Self::RespondImmediateService(_) => "respond_immediate_service",
            Self::UploadImage => "upload_image",
            Self::DownloadImage(_) => "download_image",
            Self::ListCertificates => "list_certificates",
            Self::Echo => "echo",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_taken_exactly() {
        let name = |method: &str, target: &str| Operation::of(method, target).map(|operation| operation.name());
        let service = |rest: &str| format!("/v3/merchant-service/{rest}");
        assert_eq!(name("GET", &service("complaints-v2?limit=1")), Some("list_complaints"));
        assert_eq!(name("GET", &service("complaints-v2/1")), Some("get_complaint"));
        assert_eq!(name("GET", &service("complaints-v2/1/negotiation-historys")), Some("get_negotiation_history"));
        assert_eq!(name("POST", &service("images/upload")), Some("upload_image"));
        assert_eq!(name("GET", &service("images/a%2Fb")), Some("download_image"));
        assert_eq!(name("GET", &service("images/a/b")), None);
        assert_eq!(name("GET", &service("complaints-v2/")), None);
        assert_eq!(name("GET", &service("complaints-v2/1/")), None);
        assert_eq!(name("GET", &service("Complaints-v2/1")), None);
        assert_eq!(name("POST", &service("complaints-v2/1/response/")), None);
        assert_eq!(name("PUT", "/v3/security/echo"), None);
    }
}
