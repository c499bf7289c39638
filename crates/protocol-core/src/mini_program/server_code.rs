//! The codes of the server's refusals, and the remedy for each.

use crate::open_enum::open_code;

open_code! {
    /// The server's reason for a refusal: `errcode`, or `code` in responses without `errcode`. The
    /// set may grow. The codes of virtual payment are those of the table 错误码 in its guide,
    /// `developers.weixin.qq.com/miniprogram/dev/platform-capabilities/business-capabilities/virtual-payment.html`.
    ///
    /// As an error, 309 is unrelated to 309 as a [`CallbackStatus`](super::CallbackStatus).
    pub enum ServerCode {
        /// The system is busy. The request may have taken effect: send it again only if it is
        /// idempotent.
        Busy = -1,
        /// The complaint does not exist, or belongs to another Mini Program.
        NoSuchComplaint = 1,
        /// The content or a media id of an appeal is not accepted. Upload the picture again: ids
        /// last 3 days.
        BadMaterial = 2,
        /// The complaint has moved on and no longer allows this. Read its detail; do not send
        /// again.
        WrongStatus = 309,
        /// The complaint's state does not allow an appeal, or its deadline has passed. Read its
        /// detail; do not send again.
        StateForbids = 1002,
        /// A parameter is wrong; the message names it.
        BadParameter = 10001,
        /// The access token is not valid, or not the latest: get a new one and send again.
        InvalidToken = 40001,
        /// `grant_type` is wrong.
        BadGrantType = 40002,
        /// The application id does not exist.
        BadAppid = 40013,
        /// The access token is not valid: get a new one and send again.
        MalformedToken = 40014,
        /// The application's secret is wrong.
        BadSecret = 40125,
        /// This machine's address is not on the application's list: add it in the console.
        AddressNotListed = 40164,
        /// The application's secret is frozen: unfreeze it in the console.
        SecretFrozen = 40243,
        /// The application id is missing.
        NoAppid = 41002,
        /// The application's secret is missing.
        NoSecret = 41004,
        /// The access token has expired: get a new one and send again.
        ExpiredToken = 42001,
        /// The request must be sent by `POST`.
        PostWanted = 43002,
        /// The day's quota is used up: send again tomorrow.
        DailyQuota = 45009,
        /// The minute's quota is used up: send again in a minute.
        MinuteQuota = 45011,
        /// The interface is forbidden to this account.
        Forbidden = 50004,
        /// The account is frozen.
        AccountFrozen = 50007,
        /// The account's administrator must confirm this machine.
        ConfirmationWanted = 89503,
        /// The administrator refused twice: this machine may send again in an hour.
        ConfirmationRefusedTwice = 89506,
        /// The administrator refused: this machine may send again in an hour.
        ConfirmationRefused = 89507,
        /// Virtual payment: the openid is wrong.
        BadOpenid = 268490001,
        /// Virtual payment: a member of the request is wrong; the message names it.
        BadMember = 268490002,
        /// Virtual payment: `pay_sig` does not belong to the request: the `AppKey` is another one,
        /// or that of the other environment.
        BadPaySignature = 268490003,
        /// Virtual payment: a picture or a text is not allowed: write it differently.
        NotAllowed = 268490007,
        /// Virtual payment: too many requests: send again in a minute.
        TooFrequent = 268490015,
    }
}
