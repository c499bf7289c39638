//! The codes of a Mini Program complaint, in its push and in its detail. All sets may grow.

use crate::open_enum::open_code;

open_code! {
    /// A complaint's state, in the push and in the detail.
    ///
    /// 309 here and 309 as an error of the server interfaces are unrelated.
    pub enum CallbackStatus {
        /// The platform's agent is handling it.
        AgentHandling101 = 101,
        /// The user cancelled it.
        UserCancelled = 102,
        /// The platform's agent is handling it.
        AgentHandling103 = 103,
        /// The platform's agent is handling it.
        AgentHandling104 = 104,
        /// The platform's agent is handling it.
        AgentHandling105 = 105,
        /// The merchant must supply evidence.
        MerchantEvidenceWanted = 106,
        /// The platform's agent is handling it.
        AgentHandling107 = 107,
        /// Both sides must supply evidence.
        EvidenceWantedFromBoth = 108,
        /// The platform's agent is handling it.
        AgentHandling109 = 109,
        /// Finished.
        Finished112 = 112,
        /// Finished.
        Finished115 = 115,
        /// Finished.
        Finished116 = 116,
        /// Waits for the merchant: 48 hours since 2024-03-25, 72 before.
        WaitingForMerchant = 201,
        /// The merchant missed the deadline; waits for the user.
        MerchantTimedOut = 202,
        /// The merchant responded; waits for the user.
        MerchantResponded203 = 203,
        /// The merchant responded; waits for the user.
        MerchantResponded204 = 204,
        /// Closed, finished.
        Closed205 = 205,
        /// The merchant is liable and must upload proof of handling: 48 hours since 2024-03-25, 72
        /// before.
        HandlingProofWanted = 206,
        /// The platform verifies the proof.
        VerifyingProof = 207,
        /// The proof was late.
        ProofTimedOut = 208,
        /// Closed.
        Closed209 = 209,
        /// The platform's agent is handling it.
        AgentHandling305 = 305,
        /// The platform's agent is handling it.
        AgentHandling307 = 307,
        /// The merchant is liable; waits for the user to return the goods.
        AwaitingReturn308 = 308,
        /// The merchant is liable; waits for the user to return the goods.
        AwaitingReturn309 = 309,
        /// The platform's agent is handling it.
        AgentHandling310 = 310,
        /// The signature of the delivery is anomalous.
        DeliverySignatureAnomaly = 311,
        /// The merchant is liable; the platform refunds (since 2024-03-25).
        PlatformRefunding = 312,
    }
}

impl CallbackStatus {
    /// Whether the complaint is cancelled (102), finished (112, 115, 116, 205) or closed (209). An
    /// appeal may still be open.
    #[must_use]
    pub const fn is_closed(self) -> bool {
        matches!(
            self,
            Self::UserCancelled
                | Self::Finished112
                | Self::Finished115
                | Self::Finished116
                | Self::Closed205
                | Self::Closed209
        )
    }
}

open_code! {
    /// The subject of a complaint. Codes have three digits or six; those of older clients one.
    pub enum CallbackType {
        /// Older clients: shipping.
        Shipping = 1,
        /// Older clients: goods.
        Goods = 2,
        /// Older clients: service.
        Service = 3,
        /// Older clients: something else.
        Other = 4,
        /// Not shipped on time.
        NotShippedOnTime = 611,
        /// The merchant refuses to ship.
        RefusesToShip = 612,
        /// Too few or wrong items.
        ShortOrWrongItems = 613,
        /// The logistics show no progress.
        LogisticsStale = 614,
        /// Customer service does not reply.
        ServiceNoReply621 = 621,
        /// Customer service is abusive.
        ServiceAbuse = 622,
        /// A promised gift was not given.
        GiftPromise = 631,
        /// A promise about logistics was not kept.
        LogisticsPromise = 632,
        /// Another promise was not kept.
        PromiseOther = 633,
        /// Not as described.
        NotAsDescribed = 641,
        /// Damaged.
        Damaged = 642,
        /// Goods: another problem.
        GoodsOther = 643,
        /// Vehicle: dead or faulty.
        VehicleFaulty = 650,
        /// Vehicle: locked, but still billed.
        LockedStillBilled = 651,
        /// Vehicle: wrong fee.
        WrongFee = 652,
        /// Vehicle: a parking fee although it was parked correctly.
        ParkingFee = 653,
        /// Vehicle: another fee.
        FeeOther654 = 654,
        /// Vehicle: billed despite a ride card.
        RideCardStillBilled = 655,
        /// Vehicle: refund of a ride card.
        RideCardRefund = 656,
        /// Vehicle: refund of the deposit.
        DepositRefund = 657,
        /// Vehicle: refund of the balance.
        BalanceRefund = 658,
        /// Vehicle: customer service does not reply.
        ServiceNoReply659 = 659,
        /// Power bank: not ejected, but charged.
        NotEjectedButCharged = 660,
        /// Power bank: unusable.
        PowerBankUnusable = 661,
        /// Power bank: returned, but billed.
        ReturnedButBilled = 662,
        /// Power bank: the duration is disputed.
        DurationDisputed = 663,
        /// Power bank: another fee.
        FeeOther664 = 664,
        /// Power bank: return of the deposit.
        DepositReturn = 665,
        /// Power bank: customer service does not reply.
        ServiceNoReply666 = 666,
        /// Power bank: too few places to return it.
        TooFewReturnPoints = 667,
        /// Power bank: bought by mistake.
        BoughtByMistake = 668,
        /// False advertisement.
        FalseAdvertisement = 670,
        /// Number of episodes.
        EpisodeCount = 671,
        /// The payment differs from the page.
        PaidNotAsShown = 672,
        /// The content differs from the advertisement.
        ContentNotAsAdvertised673 = 673,
        /// A promotion.
        Promotion = 674,
        /// Charged twice.
        ChargedTwice = 675,
        /// Charged without reason.
        UnjustifiedCharge = 676,
        /// Charged inconsistently.
        InconsistentCharge = 677,
        /// A minor paid by mistake.
        MinorPaid678 = 678,
        /// Something else.
        Other679 = 679,
        /// Fewer episodes or less time than promised.
        LessThanPromised = 610_001,
        /// The content differs from the advertisement.
        ContentNotAsAdvertised = 610_002,
        /// It does not play.
        CannotPlay = 610_003,
        /// A minor paid by mistake.
        MinorPaid = 610_004,
        /// Something else.
        Other610005 = 610_005,
    }
}

open_code! {
    /// The state of an appeal against a decision, of a complaint or of one of its events.
    pub enum AppealState {
        /// There is none.
        None = 0,
        /// The appeal was won.
        Won = 117,
        /// The appeal was lost.
        Lost = 118,
        /// The merchant may appeal. The time for that was seen to be 72 hours.
        MerchantMayAppeal = 401,
        /// The time to appeal is over.
        TimeOver = 402,
        /// The appeal is in progress.
        InProgress = 403,
    }
}

open_code! {
    /// The kind of an event of a complaint's detail, its `itemType`. 101 to 118 here and the states
    /// of the same numbers are unrelated.
    pub enum OrderItemType {
        /// The user filed the complaint.
        UserFiled = 1,
        /// Message of the user.
        UserMessage = 2,
        /// Message of the merchant.
        MerchantMessage = 3,
        /// The user's evidence.
        UserEvidence = 7,
        /// The merchant's evidence.
        MerchantEvidence = 8,
        /// The user asked the platform for help.
        UserAskedPlatform = 11,
        /// The user withdrew the complaint.
        UserWithdrew = 12,
        /// The platform is handling it.
        PlatformHandling = 13,
        /// The user must supply evidence.
        UserEvidenceWanted = 14,
        /// The merchant must supply evidence.
        MerchantEvidenceWanted = 16,
        /// Both sides must supply evidence.
        EvidenceWantedFromBoth = 18,
        /// The proof is abnormal; closed.
        ProofAbnormal26 = 26,
        /// The merchant is not liable; finished.
        MerchantNotLiableFinished = 30,
        /// The merchant is liable: see [`BlameResult`].
        MerchantLiable31 = 31,
        /// The merchant is liable: see [`BlameResult`].
        MerchantLiable32 = 32,
        /// The merchant is not liable.
        MerchantNotLiable = 33,
        /// The proof is in order; finished.
        ProofAccepted = 36,
        /// The proof is abnormal; closed.
        ProofAbnormal37 = 37,
        /// The merchant did not respond in time.
        MerchantTimedOut = 101,
        /// The user accepted.
        UserAccepted = 104,
        /// The proof was late.
        ProofTimedOut = 107,
        /// The user did not confirm in time; finished.
        UserConfirmTimedOut = 108,
        /// The merchant responded.
        MerchantResponded = 109,
        /// The merchant submitted the proof of handling.
        MerchantSubmittedProof = 110,
        /// The user's evidence was late.
        UserEvidenceTimedOut = 111,
        /// The merchant's evidence was late.
        MerchantEvidenceTimedOut = 112,
        /// The evidence of both sides was late.
        EvidenceOfBothTimedOut = 113,
        /// The user was compensated automatically.
        CompensatedAutomatically = 118,
    }
}

open_code! {
    /// The next step after the merchant was found liable ([`OrderItemType::MerchantLiable31`],
    /// [`OrderItemType::MerchantLiable32`]).
    pub enum BlameResult {
        /// The merchant's proof of handling is awaited.
        AwaitingProof = 0,
        /// The user's return of the goods is awaited.
        AwaitingReturn = 1,
    }
}

open_code! {
    /// The delivery of returned goods, the `orderStatus` of their return.
    pub enum ReturnStatus {
        /// Ordered.
        Ordered = 0,
        /// Picked up.
        PickedUp = 1,
        /// In transit.
        InTransit = 2,
        /// Being delivered.
        Delivering = 3,
        /// Signed for.
        Signed = 4,
        /// Abnormal.
        Abnormal = 5,
        /// Signed for by another person.
        SignedByProxy = 6,
        /// The pickup failed.
        PickupFailed = 7,
        /// The delivery was refused or failed.
        SignFailed = 8,
        /// Not ordered.
        NotOrdered = 10,
        /// Cancelled.
        Cancelled = 11,
        /// Deleted.
        Deleted = 12,
        /// On its way back to the sender.
        Returning = 13,
        /// Back at the sender.
        Returned = 14,
        /// Cancelled by the carrier.
        CancelledByCarrier = 15,
        /// Unknown to the platform.
        UnknownToPlatform = 99,
    }
}
