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
