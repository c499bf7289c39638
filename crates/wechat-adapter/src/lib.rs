//! WeChat Pay complaints over the network.
