//! Where pushes go: URL, mode and format.

/// How pushes travel. Closed: the console has these three, and a test gives each the receiver's mode that belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PushMode {
    /// In clear.
    Plain,
    /// In clear and encrypted, in the same document.
    Compatible,
    /// Encrypted.
    Secure,
}

/// How pushes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PushFormat {
    /// XML, the complaint wrapped in `BussiCallBackInfo`, as it is documented since 2023.
    Xml,
    /// XML, the complaint beside the envelope's elements, as it was documented in 2021.
    FlatXml,
    /// JSON, without a wrapper; a list of one is the thing itself.
    Json,
}

/// Where and how pushes are delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PushConfig {
    /// The address, `https://merchant.example:PORT/…`.
    pub url: String,
    /// The mode.
    pub mode: PushMode,
    /// The format.
    pub format: PushFormat,
}

impl PushConfig {
    /// Delivers to this address, encrypted, as XML.
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
