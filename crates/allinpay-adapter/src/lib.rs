//! Allinpay's complaint interfaces over the network.
