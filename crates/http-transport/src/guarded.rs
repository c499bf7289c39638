//! The connection's stream as hyper has it: it reads one head at a time, the clock hears of its
//! flushes, and it lingers.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use crate::clock::Clock;
use crate::heads::Heads;

/// How long a connection lingers while its peer learns of its end and may still send bytes that
/// stay unread. A connection that is closed while bytes arrive is reset, and the peer may not see
/// the response.
const LINGER: Duration = Duration::from_secs(1);

/// How much a peer may go on sending, in bytes.
const LINGER_BYTES: usize = 2 * 1024 * 1024;

pub(crate) fn lock(heads: &Mutex<Heads>) -> MutexGuard<'_, Heads> {
    heads.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) struct Guarded<I> {
    stream: I,
    clock: Arc<Clock>,
    heads: Arc<Mutex<Heads>>,
    /// Bytes behind those that hyper has; they are not for it yet.
    ahead: Bytes,
    lingering: Option<Lingering>,
}

struct Lingering {
    until: Pin<Box<Sleep>>,
    left: usize,
    is_shut: bool,
}

impl<I> Guarded<I> {
    pub(crate) const fn new(stream: I, clock: Arc<Clock>, heads: Arc<Mutex<Heads>>) -> Self {
        Self { stream, clock, heads, ahead: Bytes::new(), lingering: None }
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for Guarded<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.ahead.is_empty() {
            let next = self.ahead.get(..buffer.remaining()).unwrap_or(&self.ahead);
            let allowed = lock(&self.heads).allow(next);
            buffer.put_slice(&self.ahead.split_to(allowed));
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        let came = buffer.filled().get(before..).unwrap_or_default();
        let allowed = lock(&self.heads).allow(came);
        if let Some(early @ [_, ..]) = came.get(allowed..) {
            self.ahead = Bytes::copy_from_slice(early);
            buffer.set_filled(before + allowed);
        }
        Poll::Ready(Ok(()))
    }
}

impl<I: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Guarded<I> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        if let Poll::Ready(Ok(())) = flushed {
            self.clock.flushed();
        }
        flushed
    }

    /// Says that nothing more comes, and reads for a while what the peer is still sending.
    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Self { stream, clock, heads, ahead, lingering } = &mut *self;
        let lingering = lingering.get_or_insert_with(|| {
            clock.lingers();
            Lingering { until: Box::pin(sleep(LINGER)), left: LINGER_BYTES, is_shut: false }
        });
        if !lingering.is_shut {
            // Over TLS, a peer that reads nothing does not take it.
            match Pin::new(&mut *stream).poll_shutdown(context) {
                Poll::Ready(shut) => shut?,
                Poll::Pending => return lingering.until.as_mut().poll(context).map(Ok),
            }
            if ahead.is_empty() && !lock(heads).is_unfinished() {
                return Poll::Ready(Ok(()));
            }
            lingering.is_shut = true;
        }
        let mut bytes = [0; 4096];
        loop {
            let mut buffer = ReadBuf::new(&mut bytes);
            match Pin::new(&mut *stream).poll_read(context, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() && lingering.left > 0 => {
                    lingering.left = lingering.left.saturating_sub(buffer.filled().len());
                }
                Poll::Ready(_) => return Poll::Ready(Ok(())),
                Poll::Pending => return lingering.until.as_mut().poll(context).map(Ok),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
    use tokio::time::Instant;

    use super::*;

    /// A stream of which these bytes have been read, and its peer.
    async fn having_read(bytes: &[u8]) -> (Guarded<DuplexStream>, DuplexStream) {
        let (ours, mut peer) = duplex(64 * 1024);
        let mut guarded = Guarded::new(ours, Arc::new(Clock::new(LINGER, None)), Arc::new(Mutex::new(Heads::new())));
        peer.write_all(bytes).await.unwrap();
        guarded.read_exact(&mut vec![0; bytes.len()]).await.unwrap();
        (guarded, peer)
    }

    #[tokio::test(start_paused = true)]
    async fn it_lingers_where_more_may_come_and_no_longer() {
        let began = Instant::now();
        let (mut idle, _peer) = having_read(b"\r\n").await;
        idle.shutdown().await.unwrap();
        let (mut left, peer) = having_read(b"GET").await;
        drop(peer);
        left.shutdown().await.unwrap();
        assert_eq!(began.elapsed(), Duration::ZERO);
        let (mut silent, _peer) = having_read(b"GET").await;
        silent.shutdown().await.unwrap();
        assert_eq!(began.elapsed(), LINGER);
    }

    /// A stream whose end cannot be written, as over TLS to a peer that reads nothing.
    struct Unread;

    impl AsyncRead for Unread {
        fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
            Poll::Pending
        }
    }

    impl AsyncWrite for Unread {
        fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
            Poll::Pending
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Pending
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Pending
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_end_that_the_peer_never_takes_has_a_timeout() {
        let began = Instant::now();
        let mut guarded = Guarded::new(Unread, Arc::new(Clock::new(LINGER, None)), Arc::new(Mutex::new(Heads::new())));
        let far_longer = Duration::from_secs(60);
        tokio::time::timeout(far_longer, guarded.shutdown()).await.expect("it ends").unwrap();
        assert_eq!(began.elapsed(), LINGER);
    }

    #[tokio::test(start_paused = true)]
    async fn it_reads_so_much_and_no_more() {
        for (more, reads_all) in [(0, true), (4096, true), (200_000, false)] {
            let (mut guarded, mut peer) = having_read(b"GET").await;
            let sending = async {
                let sent = peer.write_all(&vec![b'x'; LINGER_BYTES + more]).await.is_ok();
                drop(peer);
                sent
            };
            let shutting = async {
                guarded.shutdown().await.unwrap();
                drop(guarded);
            };
            assert_eq!(tokio::join!(sending, shutting).0, reads_all, "{more}");
        }
    }

    #[tokio::test]
    async fn what_came_early_is_read_in_pieces_of_any_size() {
        let bytes = b"GET / HTTP/1.1\r\n\r\nearly";
        for size in 1..=bytes.len() {
            let (ours, mut peer) = duplex(1024);
            let heads = Arc::new(Mutex::new(Heads::new()));
            let mut guarded = Guarded::new(ours, Arc::new(Clock::new(LINGER, None)), Arc::clone(&heads));
            peer.write_all(bytes).await.unwrap();
            let (mut read, mut piece) = (Vec::new(), vec![0; size]);
            while read.len() < bytes.len() {
                let length = guarded.read(&mut piece).await.unwrap();
                read.extend_from_slice(&piece[..length]);
                if read.len() == 18 {
                    lock(&heads).read(Some(5));
                }
            }
            assert_eq!(read, bytes);
        }
    }
}
