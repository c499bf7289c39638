//! The URL, mode and format of pushes.

/// The mode of pushes. Exhaustive: the console has these three. A test gives each the receiver's
/// mode that belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PushMode {
    /// In clear.
    Plain,
    /// In clear and encrypted, in the same document.
    Compatible,
    /// Encrypted.
    Secure,
}

/// The format of pushes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PushFormat {
    /// XML, the complaint wrapped in `BussiCallBackInfo`, as documented since 2023.
    Xml,
    /// XML, the complaint beside the envelope's elements, as documented in 2021.
    FlatXml,
    /// JSON, without a wrapper. A list of one is the value itself.
    Json,
}

/// The URL of the pushes, and their mode and format.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PushConfig {
    /// The URL, `https://merchant.example:PORT/…`.
    pub url: String,
    /// The mode.
    pub mode: PushMode,
    /// The format.
    pub format: PushFormat,
}

impl PushConfig {
    /// Delivers to this URL, encrypted, as XML.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), mode: PushMode::Secure, format: PushFormat::Xml }
    }

    /// The mode.
    #[must_use]
    pub const fn with_mode(mut self, mode: PushMode) -> Self {
        self.mode = mode;
        self
    }

    /// The format.
    #[must_use]
    pub const fn with_format(mut self, format: PushFormat) -> Self {
        self.format = format;
        self
    }
}
