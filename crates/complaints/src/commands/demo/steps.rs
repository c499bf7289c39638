//! The steps of the demonstration, each with its command's name and its time.

use std::time::{Duration, Instant};

use serde::Serialize;

use crate::error::Error;
use crate::view::output::{self, visible};

/// The pause of `--slow` before a step.
const PAUSE: Duration = Duration::from_millis(1500);

#[derive(Serialize)]
pub(super) struct Step {
    command: &'static str,
    milliseconds: f64,
    what: String,
}

/// The steps taken so far.
pub(super) struct Steps {
    pub(super) slow: bool,
    pub(super) to_a_person: bool,
    pub(super) done: Vec<Step>,
}

impl Steps {
    /// Takes a step, then prints it.
    pub(super) async fn take<T>(
        &mut self,
        command: &'static str,
        step: impl Future<Output = Result<T, Error>>,
        what: impl FnOnce(&T) -> String,
    ) -> Result<T, Error> {
        if self.slow {
            tokio::time::sleep(PAUSE).await;
        }
        let began = Instant::now();
        let outcome = step.await.map_err(|error| error.during(command))?;
        let micros = u32::try_from(began.elapsed().as_micros()).unwrap_or(u32::MAX);
        let step = Step { command, milliseconds: f64::from(micros) / 1000.0, what: what(&outcome) };
        if self.to_a_person {
            output::print_text(&format!("{command:31} {:>8.1} ms  {}", step.milliseconds, visible(&step.what)))?;
        }
        self.done.push(step);
        Ok(outcome)
    }
}
