//! One HTTPS client and one webhook listener.
