//! How complaints are read: a sweep sees them, a claim is given out, a reading is kept under it.

use protocol_core::complaint::Deadlines;
use protocol_core::{Personal, UnixTime};

use crate::complaint::ComplaintKey;
use crate::event::NewEvent;
use crate::numbers::Progress;
use crate::rules::cut;
use crate::search::{searchable, whole_numbers};

/// A complaint in a platform's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// The complaint.
    pub key: ComplaintKey,
    /// How it stands, in a text that is compared with [`Reading::standing`]: state and times, as far
    /// as the list has them. `None`: the list does not tell, and a complaint that was read stays as it
    /// is.
    pub standing: Option<String>,
    /// The merchant that it is against, if the list is an agent's and names one.
    pub accused: Option<String>,
}

impl Sighting {
    /// A complaint that stands so, against the merchant of its source.
    #[must_use]
    pub fn new(key: ComplaintKey, standing: impl Into<String>) -> Self {
        Self { key, standing: Some(standing.into()), accused: None }
    }

    /// A complaint of which a list tells nothing but that it exists.
    #[must_use]
    pub const fn existing(key: ComplaintKey) -> Self {
        Self { key, standing: None, accused: None }
    }
}

/// The right to read one complaint and to keep the reading, until the lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The complaint.
    pub key: ComplaintKey,
    /// How often there had been reason to read it. The reading reflects these reasons.
    pub heard: i64,
    /// The number of this claim: a later claim has a larger one.
    pub fence: i64,
    /// How often the platform refused it since it was heard of or read last.
    pub refused: u32,
    /// The number of its last event; 0 if it has none.
    pub version: i64,
    /// The merchant that it is against, as a list or a message named it.
    pub accused: Option<String>,
    /// The document as it was read last, to tell what changed.
    pub document: Option<Personal<String>>,
}

/// A complaint as it was just read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reading {
    /// The document, JSON, unchanged.
    pub document: Personal<String>,
    /// How it stands, to be compared with [`Sighting::standing`].
    pub standing: String,
    /// The platform's word for its state.
    pub state: Option<String>,
    /// The time of the filing.
    pub filed: Option<UnixTime>,
    /// The merchant's deadlines. `None`: the document tells of none, and the complaint is listed with
    /// those of unknown deadlines.
    pub deadlines: Option<Deadlines>,
    /// The amount in fen.
    pub amount: Option<i64>,
    /// The product that was bought, if the platform names one. The rest of a name that is longer than
    /// [`MAX_PRODUCT`] is cut.
    pub product: Option<String>,
    /// The numbers of its orders, by which it is found whole ([`Filter::text`](crate::Filter::text)), as by
    /// its own. The first [`MAX_NUMBERS`](crate::MAX_NUMBERS) of at most
    /// [`MAX_NUMBER`](crate::MAX_NUMBER) bytes count.
    pub numbers: Vec<String>,
    /// The text by which it is found ([`Filter::text`](crate::Filter::text)), besides its number: the
    /// numbers of its orders, and words. The first
    /// [`MAX_SEARCHED_TEXT`](crate::MAX_SEARCHED_TEXT) bytes count.
    pub searched: Personal<String>,
    /// How far the merchant is.
    pub progress: Progress,
    /// Whether it is closed, so that it is not read without a message.
    pub is_closed: bool,
    /// The whole history, in the platform's order. `None`: it was not read, and the stored one stays.
    pub entries: Option<Vec<Entry>>,
    /// The places of the pictures in document and history: one stands for the same picture at each
    /// reading. Places that the inbox does not know yet become wanted pictures, up to
    /// [`MAX_PICTURES`](crate::MAX_PICTURES); those that are not named any more stay.
    pub pictures: Vec<String>,
    /// The events that the change makes.
    pub events: Vec<NewEvent>,
}

impl Reading {
    /// A document of which nothing else is known.
    #[must_use]
    pub fn new(document: impl Into<String>) -> Self {
        Self {
            document: Personal::new(document.into()),
            standing: String::new(),
            state: None,
            filed: None,
            deadlines: None,
            amount: None,
            product: None,
            numbers: Vec::new(),
            searched: Personal::new(String::new()),
            progress: Progress::default(),
            is_closed: false,
            entries: None,
            pictures: Vec::new(),
            events: Vec::new(),
        }
    }

    /// The same of this complaint, with texts that are as long as they may be.
    pub(crate) fn bounded(mut self, id: &str) -> Self {
        if let Some(product) = &mut self.product {
            cut(product, MAX_PRODUCT);
        }
        self.numbers = whole_numbers(id, &self.numbers);
        self.searched = Personal::new(searchable(self.searched.expose()));
        self
    }
}

/// Longest name of a product, in bytes. A longer name is cut, at the end of a character.
pub const MAX_PRODUCT: usize = 256;

/// An entry of a complaint's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its id; unique in the history.
    pub id: String,
    /// The platform's word for its kind.
    pub kind: Option<String>,
    /// Its time.
    pub at: Option<UnixTime>,
    /// The entry, JSON, unchanged.
    pub document: Personal<String>,
}
