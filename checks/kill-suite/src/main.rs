//! `kill-suite [--kills N] [--seed S]`: a server is killed again and again. A platform sends messages
//! meanwhile, another service asks for acts, and an endpoint receives events. The suite fails if
//! something that was acknowledged is missing or there twice. See `checks/kills`.
//!
//! `kill-suite syncs`: a sync of the database precedes each acknowledgement. See `checks/syncs`.
//!
//! `kill-suite serve …` is the server.

mod api;
mod endpoint;
mod plan;
mod round;
mod serve;
mod syncs;
mod traffic;
mod verdict;
mod world;

use std::error::Error;
use std::io::{self, Write as _};
use std::process::ExitCode;

use fastrand::Rng;

use crate::plan::ends;
use crate::round::round;
use crate::serve::{Settings, serve};

/// Why the suite fails.
type Failure = Box<dyn Error + Send + Sync>;

/// The kills of one inbox.
const KILLS_OF_A_ROUND: usize = 100;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(io::stderr(), "kill-suite: {error}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<bool, Failure> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match words.split_first() {
        Some((first, words)) if first == "serve" => runtime.block_on(serve(Settings::read(words)?)).map(|()| true),
        Some((first, words)) if first == "syncs" => {
            runtime.block_on(syncs::look(words.iter().any(|word| word == "--acknowledge-early")))
        }
        _ => runtime.block_on(kill(&Arguments::read(words.into_iter())?)),
    }
}

struct Arguments {
    kills: usize,
    seed: u64,
    is_early: bool,
    is_told: bool,
}

impl Arguments {
    fn read(mut words: impl Iterator<Item = String>) -> Result<Self, Failure> {
        let mut arguments = Self { kills: 30, seed: fastrand::u64(..1_000_000), is_early: false, is_told: false };
        while let Some(word) = words.next() {
            match word.as_str() {
                "--kills" => arguments.kills = words.next().ok_or("--kills: how many?")?.parse()?,
                "--seed" => arguments.seed = words.next().ok_or("--seed: which?")?.parse()?,
                "--acknowledge-early" => arguments.is_early = true,
                "--tell" => arguments.is_told = true,
                other => return Err(format!("{other}: unknown; see checks/kills").into()),
            }
        }
        Ok(arguments)
    }
}

/// Whether nothing was lost.
async fn kill(arguments: &Arguments) -> Result<bool, Failure> {
    let Arguments { kills, seed, is_early, is_told } = *arguments;
    let mut rng = Rng::with_seed(seed);
    let mut is_sound = true;
    let mut left = kills;
    while left > 0 {
        let kills = left.min(KILLS_OF_A_ROUND);
        left -= kills;
        let ends = ends(kills, &mut rng);
        let verdict = round(&ends, &mut rng, is_early, is_told).await?;
        say(&format!(
            "{kills} kills: {} messages acknowledged and there, {} attempts in vain; {} acts, {} of them found, {} \
             refused, {} unknown; {} events in {} deliveries",
            verdict.acknowledged,
            verdict.unanswered,
            verdict.acts,
            verdict.found,
            verdict.refused,
            verdict.unknown,
            verdict.events,
            verdict.arrivals
        ));
        for fault in &verdict.faults {
            is_sound = false;
            say(&format!("  FAILED: {fault}"));
        }
    }
    if !is_sound {
        say(&format!("again: checks/kills --kills {kills} --seed {seed}"));
    }
    Ok(is_sound)
}

fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}
