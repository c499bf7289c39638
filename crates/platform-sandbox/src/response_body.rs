//! The body of a response: whole, slow, or cut off.

use std::collections::VecDeque;
use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::Sleep;

use crate::transfer::BodyFault;

/// The next step of a body.
enum Step {
    Send(Bytes),
    Wait(Duration),
    Break,
}

/// A body with its fault. It always announces its full length.
pub(crate) struct ResponseBody {
    steps: VecDeque<Step>,
    waiting: Option<Pin<Box<Sleep>>>,
    left: u64,
}

impl ResponseBody {
    pub(crate) fn new(mut bytes: Bytes, fault: BodyFault) -> Self {
        let left = bytes.len() as u64;
        let steps = match fault {
            BodyFault::None if bytes.is_empty() => VecDeque::new(),
            BodyFault::None => [Step::Send(bytes)].into(),
            BodyFault::Slow(time) => {
                let rest = bytes.split_off(bytes.len() / 2);
                [Step::Send(bytes), Step::Wait(time), Step::Send(rest)].into()
            }
            BodyFault::Truncated => {
                bytes.truncate(bytes.len() / 2);
                // Without the wait, the break overtakes the bytes written before it.
                [Step::Send(bytes), Step::Wait(Duration::from_millis(20)), Step::Break].into()
            }
        };
        Self { steps, waiting: None, left }
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        loop {
            if let Some(waiting) = &mut self.waiting {
                if waiting.as_mut().poll(context).is_pending() {
                    return Poll::Pending;
                }
                self.waiting = None;
            }
            return Poll::Ready(match self.steps.pop_front() {
                None => None,
                Some(Step::Send(bytes)) => {
                    self.left = self.left.saturating_sub(bytes.len() as u64);
                    Some(Ok(Frame::data(bytes)))
                }
                Some(Step::Break) => Some(Err(io::ErrorKind::ConnectionAborted.into())),
                Some(Step::Wait(time)) => {
                    self.waiting = Some(Box::pin(tokio::time::sleep(time)));
                    continue;
                }
            });
        }
    }

    fn is_end_stream(&self) -> bool {
        self.steps.is_empty() && self.waiting.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
