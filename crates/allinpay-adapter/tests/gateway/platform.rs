//! The gateway: it verifies requests, carries them out, signs its responses, and fails on request.

use std::collections::{BTreeMap, VecDeque};
use std::future::{Ready, ready};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};

use allinpay_adapter::{Client, ClientBuilder, Clock};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Request, Response};
use http_transport::{MaxBody, SendError, SendErrorKind};
use protocol_core::UnixTime;
use protocol_core::allinpay::{Merchant, PLATFORM_USER_ID, SignType, signer, verifier};
use protocol_core::crypto::{
    CryptoError, PrivateKey, RsaDigest, RsaSigner, RsaVerifier, Signature, SignatureAlgorithm, Signer,
    Sm2SignatureEncoding, Sm2Signer, Sm2Verifier, Verifier,
};
use serde_json::{Value, json};
use tower_service::Service;

use crate::complaints::{Case, moment};

pub const NOW: UnixTime = UnixTime(1_741_936_166);
pub const APPID: &str = "00000051";
pub const CUSID: &str = "990581007426001";
pub const ORGID: &str = "55058100780004S";
pub const BASE: &str = "https://allinpay.example/cusapi";

const PUBLISHED: &str = include_str!("../../../protocol-core/tests/vectors/allinpay/published_keys.json");
const RSA_MERCHANT: &[u8] =
    include_bytes!("../../../protocol-core/tests/vectors/wechatpay/official/apiclient_test_key.pem");

pub type Form = BTreeMap<String, String>;

/// A fault of a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    /// No connection.
    Unreached,
    /// The connection breaks before the platform did anything, or after it did.
    Lost {
        done: bool,
    },
    /// The time runs out.
    Slow {
        done: bool,
    },
    /// `FAIL`, though it may have been done.
    Refused {
        done: bool,
    },
    /// `handlestate` 3999, signed.
    Failed,
    /// A success without `records`, signed.
    Empty,
    /// A success with these `records`, signed.
    Records(&'static str),
    /// A success beside this `handlestate`, signed.
    State {
        state: &'static str,
        done: bool,
    },
    /// Done, but the response is signed by a stranger, not signed, or for another merchant.
    Forged,
    Unsigned,
    WrongAppid,
    /// The first response to this operation, instead of the present one.
    Replayed {
        done: bool,
    },
    /// A page in between, with status 200 or another.
    Html {
        done: bool,
    },
    Status(u16),
    /// The platform works.
    None,
}

/// A fault of a row.
#[derive(Clone, Copy, Debug)]
pub enum BadRow {
    Numbered,
    Nameless,
}

/// How it lists.
#[derive(Clone, Copy)]
pub struct Habits {
    pub newest_first: bool,
    pub counts: bool,
    /// The count is the page's own, not the list's.
    pub counts_the_page: bool,
    /// Most rows a page, whatever was asked for.
    pub page_cap: usize,
    /// The last page is returned again beyond the end.
    pub repeats_the_last_page: bool,
    /// The first page is returned, whatever page is requested.
    pub ignores_the_page: bool,
}

type Hook = Box<dyn FnMut(&mut World, &str) + Send>;

pub struct World {
    pub cases: Vec<Case>,
    pub alipay: Vec<u64>,
    pub habits: Habits,
    pub faults: VecDeque<Fault>,
    /// Faults of single operations, for as long as they stand here.
    pub broken: BTreeMap<&'static str, Fault>,
    /// Complaints whose history cannot be read.
    pub unreadable: Vec<String>,
    /// Complaints whose row cannot be read, with or without its number.
    pub bad_rows: BTreeMap<String, BadRow>,
    /// The replacement of a member of the merchant's entries.
    pub misfit: Option<(&'static str, Value)>,
    pub asked: Vec<(String, Form)>,
    pub bodies: Vec<Bytes>,
    /// The first success of each operation.
    pub successes: BTreeMap<String, Vec<u8>>,
    pub file: Option<Vec<u8>>,
    pub picture: Vec<u8>,
    /// Called before each request is looked at.
    pub hook: Option<Hook>,
    pub now: UnixTime,
}

impl World {
    pub fn case(&mut self, id: &str) -> &mut Case {
        self.cases.iter_mut().find(|case| case.id == id).expect("the complaint exists")
    }
}

#[derive(Clone)]
pub struct Gateway {
    pub sign_type: SignType,
    clock: Clock,
    world: Arc<Mutex<World>>,
    /// The client's half of each pair, and the gateway's.
    client_keys: (Arc<dyn Signer>, Arc<dyn Verifier>),
    merchant: Arc<dyn Verifier>,
    platform: Arc<dyn Signer>,
    stranger: Arc<dyn Signer>,
}

/// A checksum instead of a signature, for thousands of requests: the signed bytes matter, the
/// algorithm does not.
#[derive(Debug)]
struct Sum(u8);

impl Sum {
    fn of(&self, parts: &[&[u8]]) -> Vec<u8> {
        let mut hasher = DefaultHasher::new();
        hasher.write_u8(self.0);
        parts.concat().hash(&mut hasher);
        hasher.finish().to_be_bytes().to_vec()
    }
}

impl Signer for Sum {
    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::Sm2Sm3
    }

    fn sign(&self, parts: &[&[u8]]) -> Result<Signature, CryptoError> {
        Ok(Signature::new(self.of(parts)))
    }
}

impl Verifier for Sum {
    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::Sm2Sm3
    }

    fn verify(&self, parts: &[&[u8]], signature: &[u8]) -> Result<(), CryptoError> {
        if signature == self.of(parts) { Ok(()) } else { Err(CryptoError::BadSignature) }
    }
}

fn demo_key(merchant: &str, algorithm: &str) -> PrivateKey {
    let published: Value = serde_json::from_str(PUBLISHED).unwrap();
    let key = &published["demo_merchants"][merchant][format!("{algorithm}_private_pkcs8_b64")];
    PrivateKey::read(key.as_str().unwrap().as_bytes()).unwrap()
}

fn merchant_key(sign_type: SignType) -> PrivateKey {
    match sign_type {
        SignType::Sm2 => demo_key("test", "sm2"),
        _ => PrivateKey::read(RSA_MERCHANT).unwrap(),
    }
}

fn platform_key(sign_type: SignType) -> PrivateKey {
    match sign_type {
        SignType::Sm2 => demo_key("production_demo", "sm2"),
        _ => demo_key("test", "rsa"),
    }
}

fn platform_signer(key: &PrivateKey) -> Arc<dyn Signer> {
    match key {
        PrivateKey::Rsa(key) => Arc::new(RsaSigner::new(key, RsaDigest::Sha1)),
        PrivateKey::Sm2(key) => Arc::new(Sm2Signer::new(key, PLATFORM_USER_ID, Sm2SignatureEncoding::Raw).unwrap()),
        _ => unreachable!(),
    }
}

/// A clock that goes with the runtime's, which tests let jump.
pub fn clock() -> Clock {
    let start = tokio::time::Instant::now();
    Clock::new(move || UnixTime(NOW.0 + i64::try_from(start.elapsed().as_secs()).unwrap()))
}

impl Gateway {
    pub fn new(sign_type: SignType) -> Self {
        let merchant: Arc<dyn Verifier> = match merchant_key(sign_type).public_key() {
            protocol_core::crypto::PublicKey::Rsa(key) => Arc::new(RsaVerifier::new(&key, RsaDigest::Sha1)),
            protocol_core::crypto::PublicKey::Sm2(key) => {
                Arc::new(Sm2Verifier::new(&key, APPID, Sm2SignatureEncoding::Raw).unwrap())
            }
            _ => unreachable!(),
        };
        let habits = Habits {
            newest_first: true,
            counts: true,
            counts_the_page: false,
            page_cap: usize::MAX,
            repeats_the_last_page: false,
            ignores_the_page: false,
        };
        let world = World {
            cases: Vec::new(),
            alipay: Vec::new(),
            habits,
            faults: VecDeque::new(),
            broken: BTreeMap::new(),
            unreadable: Vec::new(),
            bad_rows: BTreeMap::new(),
            misfit: None,
            asked: Vec::new(),
            bodies: Vec::new(),
            successes: BTreeMap::new(),
            file: None,
            picture: b"\xff\xd8\xffpicture".to_vec(),
            hook: None,
            now: NOW,
        };
        Self {
            sign_type,
            clock: clock(),
            world: Arc::new(Mutex::new(world)),
            client_keys: (
                signer(&merchant_key(sign_type), APPID).unwrap(),
                verifier(&platform_key(sign_type).public_key()).unwrap(),
            ),
            merchant,
            platform: platform_signer(&platform_key(sign_type)),
            stranger: platform_signer(&merchant_key(sign_type)),
        }
    }

    pub fn sm2() -> Self {
        Self::new(SignType::Sm2)
    }

    /// One whose signatures cost nothing.
    pub fn quick() -> Self {
        Self {
            client_keys: (Arc::new(Sum(1)), Arc::new(Sum(2))),
            merchant: Arc::new(Sum(1)),
            platform: Arc::new(Sum(2)),
            stranger: Arc::new(Sum(1)),
            ..Self::sm2()
        }
    }

    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    pub fn now(&self) -> UnixTime {
        self.clock.now()
    }

    /// Names of the operations requested so far.
    pub fn asked(&self) -> Vec<String> {
        self.world().asked.iter().map(|(name, _)| name.clone()).collect()
    }

    /// The number of requests of an operation.
    pub fn count(&self, name: &str) -> usize {
        self.world().asked.iter().filter(|(asked, _)| asked == name).count()
    }

    pub fn faults(&self, faults: impl IntoIterator<Item = Fault>) {
        self.world().faults = faults.into_iter().collect();
    }

    pub fn builder_for(&self, merchant: Merchant) -> ClientBuilder {
        let (signer, verifier) = self.client_keys.clone();
        Client::builder(merchant, signer, verifier).base_url(BASE).clock(self.clock.clone())
    }

    pub fn builder(&self) -> ClientBuilder {
        self.builder_for(Merchant::new(APPID, CUSID, self.sign_type).unwrap())
    }

    pub fn client(&self) -> Client<Self> {
        self.builder().build_over(self.clone())
    }

    /// A client for an agent, about all merchants below it.
    pub fn agent(&self) -> Client<Self> {
        let merchant = Merchant::new(APPID, ORGID, self.sign_type).unwrap().with_orgid(ORGID).unwrap();
        self.builder_for(merchant).build_over(self.clone())
    }

    fn react(&self, request: &Request<Bytes>) -> Result<Response<Bytes>, SendError> {
        let world = &mut *self.world();
        world.now = self.now();
        let (name, form) = self.admit(world, request);
        if let Some(mut hook) = world.hook.take() {
            hook(world, &name);
            world.hook = Some(hook);
        }
        let fault = world.faults.pop_front().unwrap_or(Fault::None);
        let fault = world.broken.get(&*name).copied().unwrap_or(fault);
        world.asked.push((name.clone(), form.clone()));
        world.bodies.push(request.body().clone());
        let reply = |status: u16, body: Vec<u8>| {
            Ok(Response::builder().status(status).header("Retry-After", "3").body(Bytes::from(body)).unwrap())
        };
        let is_done = match fault {
            Fault::Lost { done }
            | Fault::Slow { done }
            | Fault::Refused { done }
            | Fault::Replayed { done }
            | Fault::Html { done }
            | Fault::State { done, .. } => done,
            Fault::Unreached | Fault::Failed | Fault::Empty | Fault::Records(_) | Fault::Status(_) => false,
            Fault::Forged | Fault::Unsigned | Fault::WrongAppid | Fault::None => true,
        };
        let response = if is_done { perform(world, &name, &form) } else { Some(Vec::new()) };
        match fault {
            Fault::Unreached => return Err(SendError::not_sent(SendErrorKind::Connect, "refused")),
            Fault::Lost { .. } => return Err(SendError::unknown(SendErrorKind::Io, "broken")),
            Fault::Slow { .. } => return Err(SendError::unknown(SendErrorKind::Timeout, "out of time")),
            Fault::Html { .. } => return reply(200, b"<html>maintenance</html>".to_vec()),
            Fault::Status(status) => return reply(status, b"<html>".to_vec()),
            _ => {}
        }
        let (Some(mut members), false) = (response, matches!(fault, Fault::Refused { .. })) else {
            return reply(200, json!({"retcode": "FAIL", "retmsg": "处理失败 CANARY"}).to_string().into_bytes());
        };
        if fault == Fault::Failed {
            members = vec![("handlestate", json!("3999")), ("handlemsg", json!("CANARY"))];
        }
        if let Fault::Records(document) = fault {
            members = vec![("records", json!(STANDARD.encode(document)))];
        }
        if let Fault::State { state, .. } = fault {
            members.retain(|(name, _)| *name != "handlestate");
            members.extend([("handlestate", json!(state)), ("handlemsg", json!("CANARY"))]);
        }
        let appid = if fault == Fault::WrongAppid { "00000052" } else { APPID };
        members.extend([
            ("retcode", json!("SUCCESS")),
            ("retmsg", json!("处理成功")),
            ("randomstr", json!(world.asked.len().to_string())),
            ("appid", json!(appid)),
            ("empty", json!("")),
        ]);
        let signer = if fault == Fault::Forged { &self.stranger } else { &self.platform };
        let sign = signer.sign(&[to_sign(&members).as_bytes()]).unwrap().to_base64();
        if fault != Fault::Unsigned {
            members.push(("sign", json!(sign)));
        }
        let body: serde_json::Map<String, Value> =
            members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let body = serde_json::to_vec(&body).unwrap();
        if matches!(fault, Fault::Replayed { .. }) {
            return reply(200, world.successes[&name].clone());
        }
        if fault == Fault::None {
            world.successes.entry(name).or_insert_with(|| body.clone());
        }
        // As the expected client does.
        let MaxBody(limit) = *request.extensions().get::<MaxBody>().expect("every request has its bound");
        if body.len() > limit {
            return Err(SendError::unknown(SendErrorKind::ResponseTooLarge { limit }, "too large"));
        }
        reply(200, body)
    }

    /// Panics at a request that the platform would refuse: address, method, form, signature.
    fn admit(&self, world: &mut World, request: &Request<Bytes>) -> (String, Form) {
        assert_eq!(request.method(), "POST");
        assert_eq!(request.headers()["accept"], "application/json");
        let address = request.uri().to_string();
        let name = address.strip_prefix(&format!("{BASE}/riskfeeback/")).expect("the family's address").to_owned();
        let content_type = request.headers()["content-type"].to_str().unwrap().to_owned();
        let form = match content_type.strip_prefix("multipart/form-data; boundary=") {
            Some(boundary) => {
                let (form, file) = multipart(request.body(), boundary.trim_matches('"'));
                world.file = Some(file);
                form
            }
            None => {
                assert_eq!(content_type, "application/x-www-form-urlencoded");
                form_urlencoded::parse(request.body()).into_owned().collect::<Form>()
            }
        };
        // Not the library's code: names sorted (they are, here), empty values dropped.
        let string: Vec<String> = form
            .iter()
            .filter(|(name, value)| *name != "sign" && !value.is_empty())
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let sign = STANDARD.decode(&form["sign"]).unwrap();
        self.merchant.verify(&[string.join("&").as_bytes()], &sign).expect("the request is signed");
        assert_eq!((form["appid"].as_str(), form["signtype"].as_str()), (APPID, self.sign_type.as_str()));
        assert_eq!(form["randomstr"].len(), 32);
        (name, form)
    }
}

fn to_sign(members: &[(&'static str, Value)]) -> String {
    let sorted: BTreeMap<&str, String> = members
        .iter()
        .map(|(name, value)| (*name, value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
        .filter(|(_, value)| !value.is_empty())
        .collect();
    sorted.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

fn multipart(body: &[u8], boundary: &str) -> (Form, Vec<u8>) {
    let separator = format!("--{boundary}").into_bytes();
    let starts: Vec<usize> =
        (0..=body.len() - separator.len()).filter(|&at| body[at..].starts_with(&separator)).collect();
    let (mut form, mut file) = (Form::new(), Vec::new());
    for pair in starts.windows(2) {
        let part = &body[pair[0] + separator.len() + 2..pair[1] - 2];
        let head = part.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        let (head, content) = (std::str::from_utf8(&part[..head]).unwrap(), &part[head + 4..]);
        let name = head.split("name=\"").nth(1).unwrap().split('"').next().unwrap();
        if name == "file" {
            assert!(head.contains("filename=\""));
            file = content.to_vec();
        } else {
            form.insert(name.to_owned(), String::from_utf8(content.to_vec()).unwrap());
        }
    }
    assert!(!file.is_empty(), "an upload has a file");
    (form, file)
}

fn records(document: &Value) -> (&'static str, Value) {
    ("records", json!(STANDARD.encode(document.to_string())))
}

/// A page out of rows, and the count.
fn page<T: Clone>(rows: &[T], habits: Habits, from: usize, size: usize) -> Vec<T> {
    let size = size.min(habits.page_cap);
    let from = if habits.ignores_the_page { 0 } else { from };
    let from = if habits.repeats_the_last_page { from.min(rows.len().saturating_sub(size)) } else { from };
    rows.iter().skip(from).take(size).cloned().collect()
}

fn row(case: &Case, bad: &BTreeMap<String, BadRow>) -> Value {
    let mut row = case.json();
    match bad.get(&case.id) {
        Some(BadRow::Numbered) => row["complainted_mchid"] = json!({"CANARY": 1}),
        Some(BadRow::Nameless) => row["complaint_id"] = json!({"CANARY": case.id}),
        None => {}
    }
    row
}

/// Carries out a request; `None` is a refusal.
fn perform(world: &mut World, name: &str, form: &Form) -> Option<Vec<(&'static str, Value)>> {
    let number = |name: &str| form[name].parse::<usize>().unwrap();
    let habits = world.habits;
    let now = world.now;
    match name {
        "wxcomplaintlistquery" | "complaintqry" => {
            let (from, to) = match name {
                "complaintqry" => {
                    (format!("{} 00:00:00", form["begin_date"]), format!("{} 23:59:59", form["end_date"]))
                }
                _ => (form["begindate"].clone(), form["enddate"].clone()),
            };
            assert!(from <= to && days(&to) - days(&from) <= 30, "{from} to {to} is at most 30 days");
            let is_all = form.get("orgid") == Some(&form["cusid"]) || form.contains_key("groupall");
            let mut rows: Vec<&Case> = world
                .cases
                .iter()
                .filter(|case| (from.as_str()..=to.as_str()).contains(&moment(case.filed).as_str()))
                .filter(|case| is_all || case.belongs_to(&form["cusid"]))
                .collect();
            rows.sort_by_key(|case| if habits.newest_first { -case.filed } else { case.filed });
            let total = rows.len();
            let (from, size) = match name {
                "complaintqry" => (number("offset"), number("limit")),
                _ => ((number("current_page_num") - 1) * number("page_size").min(habits.page_cap), number("page_size")),
            };
            let rows: Vec<Value> =
                page(&rows, habits, from, size).into_iter().map(|case| row(case, &world.bad_rows)).collect();
            let total = if habits.counts_the_page { rows.len() } else { total };
            let mut members = vec![records(&json!(rows))];
            members.extend(habits.counts.then(|| ("total_count", json!(total))));
            Some(members)
        }
        "wxcomplaintdetail" => Some(vec![records(&owned(world, form)?.json())]),
        "wxcomplainthistory" => {
            if world.unreadable.contains(&form["complaint_id"]) {
                return None;
            }
            let misfit = world.misfit.clone();
            let case = owned(world, form)?;
            let mut rows = case.history.clone();
            if habits.newest_first {
                rows.reverse();
            }
            let (offset, limit) = (number("offset"), number("limit"));
            let mut data: Vec<Value> = page(&rows, habits, offset, limit).iter().map(|entry| entry.json()).collect();
            for entry in data.iter_mut().filter(|entry| entry["operate_type"] == "MERCHANT_RESPONSE") {
                misfit.iter().for_each(|(name, value)| entry[*name] = value.clone());
            }
            let mut document = json!({"data": data, "offset": offset, "limit": limit});
            if offset == 0 && habits.counts {
                document["total_count"] = if habits.counts_the_page { data.len() } else { rows.len() }.into();
            }
            Some(vec![records(&document)])
        }
        "complaintsResp" => {
            let case = owned(world, form)?;
            case.write("MERCHANT_RESPONSE", &form["response_content"], now);
            case.waits = false;
            if case.state == "PENDING" {
                case.state = "PROCESSING";
            }
            Some(Vec::new())
        }
        "complaintsComplete" => {
            let case = owned(world, form)?;
            // A second time is refused, as WeChat does.
            if case.state == "PROCESSED" {
                return Some(vec![("handlestate", json!("3999")), ("handlemsg", json!("已完成"))]);
            }
            case.state = "PROCESSED";
            case.write("MERCHANT_CONFIRM_COMPLETE", "", now);
            Some(vec![("handlestate", json!("0000"))])
        }
        "wxcomplaintsrefundprogress" => {
            let case = owned(world, form)?;
            let kind = if form["action"] == "APPROVE" { "MERCHANT_APPROVE_REFUND" } else { "MERCHANT_REFUSE_RERUND" };
            if case.history.iter().any(|entry| entry.kind == kind) {
                return None;
            }
            case.write(kind, form.get("reject_reason").map_or("", String::as_str), now);
            Some(Vec::new())
        }
        "wxmerchantimageupload" => Some(vec![("mediaid", json!("media-1"))]),
        "wxgetmerchantimage" => {
            assert_eq!(form["imgurl"], IMAGE);
            Some(vec![("imagebase64", json!(STANDARD.encode(&world.picture)))])
        }
        "alicomplaintqueryv2" => {
            let (at, size) = (number("current_page_num") - 1, number("page_size"));
            let mut rows = world.alipay.clone();
            rows.sort_unstable_by_key(|id| std::cmp::Reverse(*id));
            let total = rows.len();
            let rows = page(&rows, habits, at * size.min(habits.page_cap), size);
            let rows: Vec<Value> = rows.iter().map(|id| json!({"id": id, "status": "WAIT_PROCESS"})).collect();
            Some(vec![records(&json!({"code": "10000", "total_size": total, "complaint_list": rows}))])
        }
        "alicomplaintquery" => Some(vec![records(&json!({"id": form["complain_id"], "status": "PROCESSED"}))]),
        "alicomplaintprocessfinish" => {
            assert_eq!(form["id_list"], r#"["7"]"#);
            Some(vec![("complaint_process_success", json!(true))])
        }
        "alicomplaintfileupload" => Some(vec![records(&json!({"file_key": "k", "file_url": "https://a.example/k"}))]),
        "wxcomplaintorderdetail" => {
            assert_eq!(form["version"], "12");
            Some(vec![records(
                &json!({"errcode": 0, "complaintOrder": {"complaintOrderId": form["complaintorderid"]}}),
            )])
        }
        other => panic!("{other} is no operation"),
    }
}

pub const IMAGE: &str = "https://api.mch.weixin.qq.com/v3/merchant-service/images/a%2Fb%3D";

fn days(moment: &str) -> i32 {
    let date: jiff::civil::Date = moment[..10].parse().unwrap();
    (date - jiff::civil::date(2000, 1, 1)).get_days()
}

/// The complaint, if it is the requesting merchant's: an agent must name the merchant itself.
fn owned<'w>(world: &'w mut World, form: &Form) -> Option<&'w mut Case> {
    let case = world.cases.iter_mut().find(|case| case.id == form["complaint_id"])?;
    case.belongs_to(&form["cusid"]).then_some(case)
}

impl Service<Request<Bytes>> for Gateway {
    type Response = Response<Bytes>;
    type Error = SendError;
    type Future = Ready<Result<Response<Bytes>, SendError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        ready(self.react(&request))
    }
}
