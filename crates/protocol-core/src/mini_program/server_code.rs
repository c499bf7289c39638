//! The codes of the server's refusals, and what to do about each.

use crate::open_enum::open_code;

open_code! {
    /// Why the server refused: `errcode`, or `code` in the responses that have no `errcode`. The
    /// set is open.
    ///
    /// As an error, 309 has nothing to do with 309 as a [`CallbackStatus`](super::CallbackStatus).
    pub enum ServerCode {
        /// The system is busy. What was asked for may have happened: ask again only where that does
        /// nothing twice.
        Busy = -1,
        /// There is no such complaint, or it is not this Mini Program's.
        NoSuchComplaint = 1,
        /// The content or a media id of an appeal is not accepted: upload the picture again, ids
        /// last 3 days.
        BadMaterial = 2,
        /// The complaint has moved on, and this can no longer be done. Read its detail; do not send
        /// again.
        WrongStatus = 309,
        /// The complaint's state does not allow an appeal, or its time is over. Read its detail; do
        /// not send again.
        StateForbids = 1002,
        /// A parameter is wrong; the words say which.
        BadParameter = 10001,
        /// The access token is not valid, or not the latest: get a new one and send again.
        InvalidToken = 40001,
        /// `grant_type` is wrong.
        BadGrantType = 40002,
        /// There is no such application id.
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
        /// It has to be sent by `POST`.
        PostWanted = 43002,
        /// The day's quota is used up: tomorrow.
        DailyQuota = 45009,
        /// The minute's quota is used up: in a minute.
        MinuteQuota = 45011,
        /// The interface is forbidden to this account.
        Forbidden = 50004,
        /// The account is frozen.
        AccountFrozen = 50007,
        /// The account's administrator has to confirm that this machine asks.
        ConfirmationWanted = 89503,
        /// The administrator refused twice: this machine may ask again in an hour.
        ConfirmationRefusedTwice = 89506,
        /// The administrator refused: this machine may ask again in an hour.
        ConfirmationRefused = 89507,
    }
}
