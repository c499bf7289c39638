//! What payers write and show in stories.

/// A picture for payers: a green square, PNG.
pub const SAMPLE_PICTURE: &[u8] =
    b"\x89PNG\x0d\x0a\x1a\x0a\x00\x00\x00\x0dIHDR\x00\x00\x00\x10\x00\x00\x00\x10\x08\x02\x00\
    \x00\x00\x90\x91h6\x00\x00\x00\x16IDATx\xdac\x90Z+I\x12b\x18\xd50\xaaa\xf8j\x00\x00\x18)\
    \xe0\x01=W\x97\xc8\x00\x00\x00\x00IEND\xaeB`\x82";

/// Markup that a page has to show as text.
pub(super) const MARKUP: &str = "<script>alert('投诉')</script><img src=x onerror=alert(1)> <b>没有收到货</b> &lt;&amp;amp; \
     \"两次扣费\" '2990' </textarea></td>";

/// A text from right to left, with characters that turn the direction of what follows.
pub(super) const RIGHT_TO_LEFT: &str =
    "لم أستلم البضاعة التي دفعت ثمنها 2990 \u{202e}退款\u{202c} שלום \u{2067}订单 7\u{2069}";

/// The length of a long text, in characters: far more than the platform documents.
const LONG: usize = 10_000;

/// A long text with line ends.
pub(super) fn long() -> String {
    "商品与描述不符，联系商家一直没有回复，请尽快处理。\n".chars().cycle().take(LONG).collect()
}
