//! The plain page at `/api`, which names the addresses of the API.

use axum::response::Html;

/// `GET /api`
pub(crate) async fn page() -> Html<&'static str> {
    Html(PAGE)
}

const PAGE: &str = "<!DOCTYPE html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<title>Complaints</title>
<h1>Complaints</h1>
<p>Every address under /api, and /metrics, takes the header <code>Authorization: Bearer TOKEN</code>.</p>
<ul>
<li><a href=\"/api/complaints\">GET /api/complaints</a>: the earliest deadline first</li>
<li>GET /api/complaints/{channel}/{merchant}/{id}: one complaint with its history and acts</li>
<li>POST /api/complaints/{channel}/{merchant}/{id}/acts: ask for an act</li>
<li>POST /api/complaints/{channel}/{merchant}/{id}/phone: the payer's telephone number, decrypted</li>
<li>GET /api/pictures/{channel}/{merchant}/{id}/{number}: a picture of a complaint</li>
<li>GET /api/acts/{key}: an act, as it stands</li>
<li><a href=\"/api/events\">GET /api/events</a>: the feed</li>
<li><a href=\"/api/letters\">GET /api/letters</a>: messages that could not be read</li>
<li>POST /api/letters/{number}/content: a letter with its content</li>
<li>DELETE /api/letters/{number}: a letter was dealt with</li>
<li>POST /api/onward/{endpoint}/replay: hand events on once more</li>
<li>DELETE /api/onward/{endpoint}: forget an endpoint that is no more</li>
<li><a href=\"/healthz\">GET /healthz</a>, <a href=\"/readyz\">GET /readyz</a>, <a href=\"/metrics\">GET /metrics</a></li>
</ul>
</html>
";
