//! Three peers and two slots: every order of connections, requests and responses, against a model.

use std::convert::Infallible;
use std::future::ready;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::*;
use crate::proof::{Proof, Registry};
use crate::slots::Group;

const PEERS: usize = 3;
const SLOTS: usize = 2;

/// The steps of each peer, in this order.
const STEPS: [Step; 3] = [Step::Connect, Step::Ask, Step::Response];

#[derive(Debug, Clone, Copy)]
enum Step {
    Connect,
    Ask,
    /// The service is let go on.
    Response,
}

/// Proves what it is asked, or does not, and responds when it is let.
#[derive(Clone)]
struct Gated {
    proves: bool,
    gate: Arc<Semaphore>,
}

impl Service<Request<Incoming>> for Gated {
    type Response = Response<String>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<String>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Incoming>) -> Self::Future {
        let Self { proves, gate } = self.clone();
        Box::pin(async move {
            if proves {
                Proof::mark(request.extensions());
            }
            gate.acquire().await.unwrap().forget();
            Ok(Response::new(String::new()))
        })
    }
}

struct Peer {
    stream: DuplexStream,
    /// The listener's side; `None` once it has ended.
    serving: Option<Pin<Box<dyn Future<Output = ()>>>>,
    service: Gated,
}

/// The expected state of a peer's connection.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Expected {
    Absent,
    Waiting(Instant),
    /// Asked without a proof: it waits all the same.
    Asking(Instant),
    InHand,
    Gone,
}

impl Expected {
    const fn waits_since(self) -> Option<Instant> {
        match self {
            Self::Waiting(since) | Self::Asking(since) => Some(since),
            _ => None,
        }
    }
}

struct World {
    registry: Registry,
    connection: Connection,
    peers: Vec<Peer>,
    expected: [Expected; PEERS],
}

impl World {
    async fn step(&mut self, at: usize, step: Step) {
        tokio::time::advance(Duration::from_millis(1)).await;
        let now = Instant::now();
        let was = self.expected[at];
        match (step, was) {
            (Step::Connect, _) => self.connect(at, now),
            (Step::Ask, Expected::Waiting(since)) => {
                let peer = &mut self.peers[at];
                peer.stream.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").await.unwrap();
                self.expected[at] = if peer.service.proves { Expected::InHand } else { Expected::Asking(since) };
            }
            (Step::Response, Expected::InHand) => self.expected[at] = Expected::Waiting(now),
            (Step::Response, Expected::Asking(since)) => self.expected[at] = Expected::Waiting(since),
            _ => {}
        }
        if matches!(step, Step::Response) {
            self.peers[at].service.gate.add_permits(1);
        }
        self.poll().await;
        for (peer, expected) in self.peers.iter().zip(self.expected) {
            let is_open = !matches!(expected, Expected::Absent | Expected::Gone);
            assert_eq!(peer.serving.is_some(), is_open, "{:?}", self.expected);
        }
        if matches!((step, was), (Step::Response, Expected::InHand | Expected::Asking(_))) {
            let mut status = [0; 12];
            self.peers[at].stream.read_exact(&mut status).await.unwrap();
            assert_eq!(&status, b"HTTP/1.1 200");
        }
    }

    fn connect(&mut self, at: usize, now: Instant) {
        let open = self.expected.iter().filter(|one| !matches!(one, Expected::Absent | Expected::Gone)).count();
        let longest = (0..PEERS).filter_map(|one| Some((self.expected[one].waits_since()?, one))).min();
        self.expected[at] = match longest {
            _ if open < SLOTS => Expected::Waiting(now),
            Some((_, evicted)) => {
                self.expected[evicted] = Expected::Gone;
                Expected::Waiting(now)
            }
            None => Expected::Gone,
        };
        let Some(place) = self.registry.admit(Group::Exempt) else { return };
        let (ours, theirs) = duplex(1024);
        let (connection, service) = (self.connection.clone(), self.peers[at].service.clone());
        self.peers[at].stream = theirs;
        self.peers[at].serving = Some(Box::pin(connection.serve(ours, place, service)));
    }

    /// Polls every connection until nothing more can happen.
    async fn poll(&mut self) {
        for peer in &mut self.peers {
            for _ in 0..4 {
                let Some(serving) = &mut peer.serving else { break };
                let is_over = tokio::select! {
                    biased;
                    () = serving => true,
                    () = ready(()) => false,
                };
                if is_over {
                    peer.serving = None;
                }
            }
        }
    }
}

/// All orders in which each of the peers takes its steps one after the other. Who comes first is
/// called the first: the peers are alike.
fn orders(taken: [usize; PEERS], order: &mut Vec<usize>, all: &mut Vec<Vec<usize>>) {
    if order.len() == PEERS * STEPS.len() {
        all.push(order.clone());
    }
    for peer in 0..PEERS {
        if taken[peer] < STEPS.len() && (peer == 0 || taken[peer - 1] > 0) {
            let mut then = taken;
            then[peer] += 1;
            order.push(peer);
            orders(then, order, all);
            order.pop();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn every_order_of_three_peers_at_two_slots_does_as_the_model_does() {
    let mut all = Vec::new();
    orders([0; PEERS], &mut Vec::new(), &mut all);
    assert_eq!(all.len(), 1680 / 6);
    let (_stop, stopping) = watch::channel(());
    let config = ListenerConfig::default().with_header_timeout(LONGEST).with_request_timeout(None);
    let connection = Connection::new(config, stopping);
    for order in &all {
        for proving in 0..1 << PEERS {
            let peers = (0..PEERS).map(|at| Peer {
                stream: duplex(1).0,
                serving: None,
                service: Gated { proves: proving >> at & 1 == 1, gate: Arc::new(Semaphore::new(0)) },
            });
            let mut world = World {
                registry: Registry::new(SLOTS, SLOTS, LONGEST),
                connection: connection.clone(),
                peers: peers.collect(),
                expected: [Expected::Absent; PEERS],
            };
            let mut taken = [0; PEERS];
            for &at in order {
                world.step(at, STEPS[taken[at]]).await;
                taken[at] += 1;
            }
        }
    }
}
