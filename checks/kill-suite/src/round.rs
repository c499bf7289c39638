//! A round: one platform and one inbox, and a server that is killed so often.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use complaint_inbox::{AbortPoint, ComplaintKey, Message, NewLetter, Reading, Source, SqliteStore, Store as _};
use fastrand::Rng;
use futures_util::future::try_join_all;
use platform_sandbox::{Fault, FaultKind};
use protocol_core::wechat_pay::{GetComplaint, Respond};
use protocol_core::{Clock, UnixTime};
use tokio::time::{Instant, sleep, timeout};

use crate::plan::End;
use crate::serve::open;
use crate::traffic::Traffic;
use crate::verdict::{Verdict, is_at_rest, look};
use crate::world::{SOON, Server, World};
use crate::{Failure, say};

/// Kills a server in each of these ways, lets the last one come to rest, and looks at what it left.
pub(crate) async fn round(ends: &[End], rng: &mut Rng, is_early: bool, is_told: bool) -> Result<Verdict, Failure> {
    let world = Arc::new(World::new(false, is_early).await?);
    let mut traffic = Traffic::new(&world, rng.fork());
    let mut faults = Vec::new();
    for end in ends {
        let begun = Instant::now();
        prepare(&world, end).await?;
        let mut server = world.start(point_of(end).as_deref(), 0)?;
        let listens = server.listens();
        tokio::select! {
            failed = keep_busy(&world, &mut traffic, listens, end) => match failed? {},
            ended = timeout(PATIENCE, die(&world, &mut server, end)) => match ended.ok().transpose()? {
                Some(true) => {}
                Some(false) => faults.push(format!("a server ended otherwise than by {end}")),
                None => faults.push(format!("a server did not come to {end}")),
            },
        }
        drop(server);
        world.sandbox.clear_faults();
        if is_told {
            say(&format!("{:>6} ms: {end}", begun.elapsed().as_millis()));
        }
    }
    let patience = if is_early { PATIENCE_WITH_A_LOSS } else { PATIENCE };
    if !come_to_rest(&world, &mut traffic, patience).await? {
        faults.push("the last server did not come to rest".to_owned());
    }
    let store = open(&world.inbox(), AHEAD_SECONDS).await?;
    let mut verdict = look(&world, &traffic, &store).await?;
    verdict.faults.splice(0..0, faults);
    Ok(verdict)
}

/// The point, as the environment names it.
fn point_of(end: &End) -> Option<String> {
    match end {
        End::AtPoint(point, count) => Some(format!("{point}:{count}")),
        _ => None,
    }
}

/// Without some help, a few points would not be reached.
async fn prepare(world: &World, end: &End) -> Result<(), Failure> {
    let End::AtPoint(point, _) = end else { return Ok(()) };
    match of(*point).as_str() {
        "put_back" => world.sandbox.inject(Fault::once(FaultKind::ServerError).on::<GetComplaint>().times(99)),
        "put_back_act" => {
            let later = FaultKind::RateLimited { retry_after: Some(20), signed: true };
            world.sandbox.inject(Fault::once(later).on::<Respond>().times(99));
        }
        "forget" => keep_old(world).await?,
        _ => {}
    }
    Ok(())
}

/// The verb or the thing that a point is about.
fn of(point: AbortPoint) -> String {
    point.to_string().split('.').next().unwrap_or_default().to_owned()
}

/// Waits for the end of a server, or kills it. `false`: it ended otherwise.
async fn die(world: &World, server: &mut Server, end: &End) -> Result<bool, Failure> {
    match end {
        End::AtPoint(..) => return server.aborts().await,
        End::AfterStart(time) => sleep(*time).await,
        End::AfterReady(time) => {
            server.listens().await;
            sleep(*time).await;
        }
        End::WhileSending => {
            let before = world.replies();
            world.sandbox.inject(Fault::once(FaultKind::SlowResponse(SOON)).on::<Respond>());
            while world.replies() == before {
                sleep(LOOK_EVERY).await;
            }
        }
    }
    server.kill().await
}

/// Lets payers and another service do their things while a server lives.
async fn keep_busy(
    world: &World,
    traffic: &mut Traffic,
    listens: impl Future<Output = ()>,
    end: &End,
) -> Result<Infallible, Failure> {
    listens.await;
    let mut wait = STIR_AFTER;
    loop {
        // The server may die during any request: the next one is asked again.
        if world.register().await.is_ok() {
            traffic.stir()?;
            if let End::AtPoint(point, _) = end {
                let _ = match of(*point).as_str() {
                    "remove_letter" => traffic.remove_a_letter().await,
                    "reserve" => world.push_twice().await,
                    "replay" => traffic.replay().await,
                    _ => Ok(()),
                };
            }
        }
        // A slow machine stirs no more than a fast one.
        sleep(wait).await;
        wait = (wait * 2).min(STIR_AT_LEAST_EVERY);
    }
}

/// Lets a server finish everything, hours later, and kills it, too.
async fn come_to_rest(world: &World, traffic: &mut Traffic, patience: Duration) -> Result<bool, Failure> {
    let mut server = world.start(None, AHEAD_SECONDS)?;
    let rest = async {
        server.listens().await;
        while world.register().await.is_err() {
            sleep(STIR_AFTER).await;
        }
        traffic.is_asked().await;
        let store = SqliteStore::open_to_read(world.inbox())?;
        while !(world.sandbox.settled(LOOK_EVERY).await && is_at_rest(world, traffic, &store).await?) {
            sleep(LOOK_EVERY).await;
        }
        Ok::<_, Failure>(())
    };
    let is_at_rest = timeout(patience, rest).await.map(|rested| rested.map(|()| true)).unwrap_or(Ok(false))?;
    Ok(server.kill().await? && is_at_rest)
}

/// The merchant whose complaints are old.
pub(crate) const OLD: &str = "old";

/// Keeps what is to be forgotten when the next server starts.
async fn keep_old(world: &World) -> Result<(), Failure> {
    let then = Clock::new(|| UnixTime(UnixTime::from(SystemTime::now()).0 - 2 * YEAR_SECONDS));
    let store = SqliteStore::open_with_clock(world.inbox(), then)?;
    let keys: Vec<ComplaintKey> =
        (0..OLD_COMPLAINTS).map(|number| ComplaintKey::new("wechat-pay", OLD, number.to_string())).collect();
    let hear = |key: &ComplaintKey| store.hear(Message::new(format!("{OLD}-{}", key.id), key.clone()));
    try_join_all(keys.iter().map(hear)).await?;
    let claims = store.claim(&Source::new("wechat-pay", OLD), OLD_COMPLAINTS, 60).await?;
    try_join_all(claims.iter().map(|claim| store.keep_reading(claim, Reading::new("{}")))).await?;
    let letter = |key: &ComplaintKey| NewLetter::new(key.source(), "no JSON", key.id.clone().into_bytes());
    try_join_all(keys.iter().map(|key| store.keep_letter(letter(key)))).await?;
    Ok(())
}

/// More than one transaction forgets.
const OLD_COMPLAINTS: u32 = 250;

const YEAR_SECONDS: i64 = 365 * 86_400;

/// How far the last server's clock is ahead: every wait of the inbox is over by then.
const AHEAD_SECONDS: u32 = 2 * 3600;

/// The longest time for a point and for the rest: the client keeps to the platform's rates, and an act
/// whose attempts were all cut off is looked for during a quarter of an hour.
const PATIENCE: Duration = Duration::from_secs(1800);

/// With the planted fault, a message is lost, and there is no rest.
const PATIENCE_WITH_A_LOSS: Duration = Duration::from_secs(60);

const STIR_AFTER: Duration = Duration::from_millis(150);

const STIR_AT_LEAST_EVERY: Duration = Duration::from_secs(3);

const LOOK_EVERY: Duration = Duration::from_millis(20);
