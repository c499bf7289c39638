//! The bounds of this crate in one place. Bounds on single parameters are documented with those.
//! Exceeding one is a typed error, never a panic.

/// Largest WeChat Pay notification, in bytes. The ciphertext may take 1 048 576 characters
/// (specification section 4), the envelope around it the rest.
pub const MAX_NOTIFICATION_BODY: usize = 3 * 512 * 1024;

/// Largest JSON response of a platform, in bytes. A history of 300 records stays well below.
pub const MAX_RESPONSE_BODY: usize = 8 * 1024 * 1024;

/// Largest image response, in bytes. Uploads stop at 2 MB; the size of a payer's image is not
/// documented.
pub const MAX_IMAGE_BODY: usize = 10 * 1024 * 1024;

/// Largest image response in base64 with members around it, in bytes. An image of
/// [`MAX_IMAGE_BODY`] takes 14 MiB in base64; line ends and escapes come on top.
pub const MAX_BASE64_IMAGE_BODY: usize = MAX_IMAGE_BODY / 2 * 3;

/// Longest signature-related header value, in bytes. A 4096-bit RSA signature takes 684.
pub const MAX_HEADER_VALUE: usize = 1024;

/// Largest difference between the clock of a signed message and ours, in seconds, either way. A
/// message beyond it is refused.
pub const CLOCK_WINDOW_SECONDS: u64 = 300;

/// Smallest RSA modulus accepted, in bits: that of Allinpay's platform keys.
pub const MIN_RSA_BITS: usize = 1024;

/// Largest RSA modulus accepted, in bits.
pub const MAX_RSA_BITS: usize = 4096;

/// Largest key file read, in bytes.
pub const MAX_KEY_FILE: usize = 64 * 1024;

/// Maximum number of elements of one list in a JSON document (a page has 50, a history 300), and of
/// members of one object that no model knows. Each takes much more memory than its text.
pub const MAX_LIST: usize = 10_000;

/// Maximum number of values of one JSON document: elements of its lists and members of its objects,
/// all together. A page of 50 complaints has about 2 000, a history of 300 entries some 5 000 to 20
/// 000.
///
/// A value takes up to 1.4 KB of memory and as little as two bytes of text. Every function of this
/// crate that takes bytes enforces the bound. A model's own [`serde::Deserialize`] cannot: it does
/// not see the document.
pub const MAX_JSON_VALUES: usize = 65_536;

/// Maximum number of members of an Allinpay response; there are about ten.
pub const MAX_RESPONSE_MEMBERS: usize = 256;

/// Largest notice of Allinpay, in bytes. Its text is percent-encoded: nine bytes for a Chinese
/// character.
pub const MAX_NOTICE_BODY: usize = 1024 * 1024;

/// Maximum number of fields of a notice of Allinpay; there are about twenty.
pub const MAX_NOTICE_FIELDS: usize = 256;

/// Longest `Request-ID` that is kept, in bytes. The platform sends about 60.
pub const MAX_REQUEST_ID: usize = 128;

/// Longest name of a member, and of its place, that is shown from a refusal's `detail`, in
/// characters.
pub const MAX_REFUSAL_NAME: usize = 128;

/// Longest reason that is shown from a refusal's `detail`, in characters.
pub const MAX_REFUSAL_ISSUE: usize = 256;

/// Maximum number of members that are read from a refusal's `detail`.
pub const MAX_REFUSAL_CAUSES: usize = 8;

/// Longest `nonce_str` of a request, in characters.
pub const MAX_NONCE: usize = 32;

/// Longest `mchid`, certificate serial or public-key id that goes into a header, in bytes. Also the
/// longest complaint number (specification section 4: `string(64)`) and notification id (documented
/// with 36 characters) that is accepted, in characters.
pub const MAX_ID: usize = 64;

/// Largest message push, in bytes.
pub const MAX_PUSH_BODY: usize = 1024 * 1024;

/// Deepest nesting of elements in an XML document. A push has four levels.
pub const MAX_XML_DEPTH: usize = 32;

/// Maximum number of elements, texts and references in an XML document.
pub const MAX_XML_EVENTS: usize = 65_536;

/// Maximum number of unknown elements that are kept of one element. Further ones are dropped. It is
/// below [`MAX_LIST`], so that the JSON that is written of a push is read again.
pub const MAX_UNKNOWN_ELEMENTS: usize = 1_000;

/// Largest picture to upload, in bytes.
pub const MAX_UPLOAD: usize = 2 * 1024 * 1024;

/// Longest name of a picture to upload, in characters.
pub const MAX_FILENAME: usize = 128;
