//! The bounds of requests' heads among the bytes of a connection, and the check of their line ends.
//!
//! hyper takes a bare line feed for the end of a line. A proxy in front may not, and then the two
//! disagree on the end of a request. So hyper gets at most one head at a time from here. Once it
//! has read the head, it tells the length of the body, and so the place of the next head. After a
//! body in chunks that place is unknown, and the connection ends after the response.

use memchr::memchr2;

/// The bytes of a connection, in the order they come.
#[derive(Debug)]
pub(crate) struct Heads {
    part: Part,
}

#[derive(Debug)]
enum Part {
    Head(Line),
    /// A head is complete, and hyper is about to read it.
    Complete,
    /// So many bytes of a body are to come, then the next head.
    Body(u64),
    /// No later bytes are taken for a head: the connection ends after the response.
    Rest,
}

/// The line of a head that is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    /// Blank lines may stand before a request.
    First,
    FirstReturn,
    Empty,
    EmptyReturn,
    Text,
    TextReturn,
}

/// The fate of a request whose head hyper has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Another may follow on its connection.
    Served,
    /// It is the last one of its connection.
    Last,
    /// Its head is malformed; it is the last one, too.
    Refused,
}

impl Heads {
    pub(crate) const fn new() -> Self {
        Self { part: Part::Head(Line::First) }
    }

    /// How many of the next bytes hyper may read now: one at least, where there are any.
    pub(crate) fn allow(&mut self, bytes: &[u8]) -> usize {
        match &mut self.part {
            Part::Head(line) => {
                let mut rest = bytes.iter();
                while let Some(&byte) = rest.next() {
                    match line.then(byte) {
                        Some(Line::Text) => {
                            *line = Line::Text;
                            // Nearly all of a head are texts of lines.
                            let text = memchr2(b'\r', b'\n', rest.as_slice()).unwrap_or(rest.len());
                            rest = rest.as_slice().get(text..).unwrap_or_default().iter();
                        }
                        Some(next) => *line = next,
                        // The head's own end, or one that it cannot have.
                        None if (*line, byte) == (Line::EmptyReturn, b'\n') => {
                            self.part = Part::Complete;
                            return bytes.len() - rest.len();
                        }
                        None => {
                            self.part = Part::Rest;
                            break;
                        }
                    }
                }
                bytes.len()
            }
            Part::Complete => {
                // hyper does not see the head's end where we do.
                self.part = Part::Rest;
                bytes.len()
            }
            Part::Body(left) => {
                let allowed = bytes.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                *left -= allowed as u64;
                if *left == 0 {
                    self.part = Part::Head(Line::First);
                }
                allowed
            }
            Part::Rest => bytes.len(),
        }
    }

    /// hyper has read a head; a body of this length follows, or one in chunks.
    pub(crate) const fn read(&mut self, body: Option<u64>) -> Verdict {
        match (&self.part, body) {
            (Part::Complete, Some(0)) => self.part = Part::Head(Line::First),
            (Part::Complete, Some(length)) => self.part = Part::Body(length),
            (Part::Complete, None) => {
                self.part = Part::Rest;
                return Verdict::Last;
            }
            _ => {
                self.part = Part::Rest;
                return Verdict::Refused;
            }
        }
        Verdict::Served
    }

    /// Whether the peer is in the middle of something: a head, or a body.
    pub(crate) const fn is_unfinished(&self) -> bool {
        !matches!(self.part, Part::Head(Line::First))
    }
}

impl Line {
    /// The state after one more byte; `None` at the head's end, or at a line end that is no CR and
    /// LF.
    const fn then(self, byte: u8) -> Option<Self> {
        match (self, byte) {
            (Self::First, b'\r') => Some(Self::FirstReturn),
            (Self::FirstReturn, b'\n') => Some(Self::First),
            (Self::Empty, b'\r') => Some(Self::EmptyReturn),
            (Self::Text, b'\r') => Some(Self::TextReturn),
            (Self::TextReturn, b'\n') => Some(Self::Empty),
            (Self::FirstReturn | Self::EmptyReturn | Self::TextReturn, _) | (_, b'\n') => None,
            (Self::First | Self::Empty | Self::Text, _) => Some(Self::Text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds bytes in pieces of this size, and says after each whole head that a body of this
    /// length follows; the heads and bodies as hyper gets them.
    fn parts(bytes: &[u8], piece: usize, bodies: &[Option<u64>]) -> (Vec<String>, Vec<Verdict>) {
        let (mut heads, mut parts, mut verdicts) = (Heads::new(), vec![String::new()], Vec::new());
        let mut bodies = bodies.iter();
        for mut piece in bytes.chunks(piece) {
            while !piece.is_empty() {
                let (now, later) = piece.split_at(heads.allow(piece));
                assert!(!now.is_empty());
                parts.last_mut().unwrap().push_str(std::str::from_utf8(now).unwrap());
                piece = later;
                if matches!(heads.part, Part::Complete) {
                    verdicts.push(heads.read(*bodies.next().unwrap()));
                    parts.push(String::new());
                }
            }
        }
        (parts, verdicts)
    }

    #[test]
    fn heads_and_bodies_in_every_cut() {
        let one = "\r\n\r\nPOST / HTTP/1.1\r\nHost: h\r\n\r\n";
        let (body, other) = ("a\nb\r\n\r\n\n", "GET / HTTP/1.1\r\n\r\n");
        let bytes = [one, body, other, one, "5\r\nhello\r\n0\r\n\r\n"].concat();
        for piece in 1..=bytes.len() {
            let (parts, verdicts) = parts(bytes.as_bytes(), piece, &[Some(body.len() as u64), Some(0), None]);
            assert_eq!(verdicts, [Verdict::Served, Verdict::Served, Verdict::Last]);
            assert_eq!(parts, [one, &[body, other].concat(), one, "5\r\nhello\r\n0\r\n\r\n"]);
        }
    }

    #[test]
    fn other_line_ends_are_malformed() {
        for head in [
            "\nGET / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\n\n",
            "GET / HTTP/1.1\nHost: h\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: h\n\r\n",
            "GET / HTTP/1.1\r\nHost: h\r\n\n",
            "GET / HTTP/1.1\r\nX: a\rb\r\n\r\n",
            "GET / HTTP/1.1\r\nX: a\r\r\n\r\n",
            "GET / HTTP/1.1\r\nX: a\r\n\r\r\n",
            "\rGET / HTTP/1.1\r\n\r\n",
        ] {
            for piece in 1..=head.len() {
                let mut heads = Heads::new();
                for piece in head.as_bytes().chunks(piece) {
                    assert_eq!(heads.allow(piece), piece.len());
                }
                assert_eq!(heads.read(Some(0)), Verdict::Refused, "{head:?}");
                // Nor is what follows.
                assert_eq!(heads.allow(b"GET / HTTP/1.1\r\n\r\n"), 18);
                assert_eq!(heads.read(Some(0)), Verdict::Refused, "{head:?}");
            }
        }
    }

    #[test]
    fn a_head_that_hyper_does_not_see_the_end_of_is_malformed() {
        let mut heads = Heads::new();
        assert_eq!(heads.allow(b"GET / HTTP/1.1\r\n\r\nmore"), 18);
        assert_eq!(heads.allow(b"more"), 4);
        assert_eq!(heads.read(Some(0)), Verdict::Refused);
    }

    #[test]
    fn whether_a_peer_is_in_the_middle_of_something() {
        let mut heads = Heads::new();
        for (bytes, unfinished) in [("", false), ("\r\n", false), ("G", true), ("ET / HTTP/1.1\r\n\r\n", true)] {
            heads.allow(bytes.as_bytes());
            assert_eq!(heads.is_unfinished(), unfinished, "{bytes:?}");
        }
        heads.read(Some(2));
        assert!(heads.is_unfinished());
        heads.allow(b"12");
        assert!(!heads.is_unfinished());
    }
}
