//! Runs a scenario once for each order in which its gates can be opened, depth first.
//!
//! A scenario calls [`Gates::pass`] wherever the real world may delay it: at a store, a network, a
//! handler. The explorer lets all tasks run until each waits at a gate or for the clock, then opens
//! one gate, and so on until the scenario has ended. Then it goes back to the last choice that has
//! another branch. Only the explorer moves the clock, which is one of the choices while the
//! scenario has ticks left. If no task waits at a gate, it is the only choice.

use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::yield_now;
use tokio::time::advance;

/// The number of times that every ready task runs before it counts as waiting: more than any chain
/// of wakes in these scenarios.
const TURNS: usize = 24;

/// Far more steps than any scenario here has.
const MAX_STEPS: usize = 500;

/// The check at the end of a scenario, or the reason why it failed.
pub fn ensure(holds: bool, what: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what()) }
}

/// A gate's name, and the sender that opens it.
type Gate = (String, oneshot::Sender<()>);

/// The tasks that wait at gates.
#[derive(Clone, Default)]
pub struct Gates(Arc<Mutex<Vec<Gate>>>);

impl Gates {
    /// Waits until the explorer opens this gate. Dropped before, it is gone.
    pub async fn pass(&self, name: impl Into<String>) {
        let (open, opened) = oneshot::channel();
        self.0.lock().unwrap().push((name.into(), open));
        opened.await.expect("the explorer opens it");
    }

    fn waiting(&self) -> usize {
        let mut gates = self.0.lock().unwrap();
        gates.retain(|(_, open)| !open.is_closed());
        gates.len()
    }

    fn open(&self, number: usize) -> String {
        let (name, open) = self.0.lock().unwrap().remove(number);
        open.send(()).expect("it was waiting");
        name
    }
}

/// The step of the clock, and the number of steps by choice.
#[derive(Clone, Copy)]
pub struct Ticks {
    pub each: Duration,
    pub number: usize,
}

/// A scenario that failed: the order, and the reason.
#[derive(Debug)]
pub struct Found {
    pub order: Vec<String>,
    pub what: String,
}

/// One choice: the branch taken, and the number of branches.
struct Choice {
    taken: usize,
    of: usize,
}

/// Runs the scenario in every order. Returns the number of orders, or the first one in which it
/// fails.
pub fn explore<F, Fut>(ticks: Ticks, scenario: F) -> Result<usize, Box<Found>>
where
    F: Fn(Gates) -> Fut,
    Fut: Future<Output = Result<(), String>> + Send + 'static,
{
    let mut path: Vec<Choice> = Vec::new();
    let mut runs = 0;
    loop {
        run(ticks, &scenario, &mut path)?;
        runs += 1;
        while path.last().is_some_and(|last| last.taken + 1 == last.of) {
            path.pop();
        }
        let Some(last) = path.last_mut() else { return Ok(runs) };
        last.taken += 1;
    }
}

/// One run along the path, which grows where it ends.
fn run<F, Fut>(ticks: Ticks, scenario: &F, path: &mut Vec<Choice>) -> Result<(), Box<Found>>
where
    F: Fn(Gates) -> Fut,
    Fut: Future<Output = Result<(), String>> + Send + 'static,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let gates = Gates::default();
        let mut running = tokio::spawn(scenario(gates.clone()));
        let (mut order, mut ticks_left, mut depth) = (Vec::new(), ticks.number, 0);
        loop {
            for _ in 0..TURNS {
                yield_now().await;
            }
            if running.is_finished() {
                let ended = (&mut running).await.unwrap_or_else(|panic| Err(panic.to_string()));
                return ended.map_err(|what| Box::new(Found { order, what }));
            }
            if order.len() >= MAX_STEPS {
                return Err(Box::new(Found { order, what: "it comes to no end".to_owned() }));
            }
            let waiting = gates.waiting();
            let branches = waiting + usize::from(waiting == 0 || ticks_left > 0);
            let taken = match path.get(depth) {
                Some(choice) if choice.of == branches => choice.taken,
                Some(_) => {
                    return Err(Box::new(Found { order, what: "it runs differently each time".to_owned() }));
                }
                None => {
                    path.push(Choice { taken: 0, of: branches });
                    0
                }
            };
            depth += 1;
            if taken < waiting {
                order.push(gates.open(taken));
            } else {
                ticks_left = ticks_left.saturating_sub(usize::from(waiting > 0));
                order.push("the clock".to_owned());
                advance(ticks.each).await;
            }
        }
    })
}

const STILL: Ticks = Ticks { each: Duration::from_secs(1), number: 0 };

#[test]
fn it_reaches_every_order_once() {
    // Tasks that each pass three gates: 6! / (3! 3!) and 9! / (3! 3! 3!) orders.
    for (tasks, orders) in [(1, 1), (2, 20), (3, 1680)] {
        let all = Arc::new(Mutex::new(std::collections::BTreeSet::new()));
        let runs = explore(STILL, |gates| {
            let all = Arc::clone(&all);
            async move {
                let seen = Arc::new(Mutex::new(Vec::new()));
                let tasks = (0..tasks).map(|task| {
                    let (gates, seen) = (gates.clone(), Arc::clone(&seen));
                    tokio::spawn(async move {
                        for _ in 0..3 {
                            gates.pass("gate").await;
                            seen.lock().unwrap().push(task);
                        }
                    })
                });
                for task in tasks.collect::<Vec<_>>() {
                    task.await.unwrap();
                }
                all.lock().unwrap().insert(seen.lock().unwrap().clone());
                Ok(())
            }
        });
        assert_eq!((runs.unwrap(), all.lock().unwrap().len()), (orders, orders));
    }
}

#[test]
fn it_moves_the_clock_between_any_two_steps() {
    // A tick before, between or after two gates; a sleep that is over by then, or not.
    let ticks = Ticks { each: Duration::from_secs(1), number: 1 };
    let orders = Arc::new(Mutex::new(std::collections::BTreeSet::new()));
    let runs = explore(ticks, |gates| {
        let orders = Arc::clone(&orders);
        async move {
            let began = tokio::time::Instant::now();
            let mut late = Vec::new();
            for gate in ["a", "b"] {
                gates.pass(gate).await;
                late.push(began.elapsed() > Duration::ZERO);
            }
            orders.lock().unwrap().insert(late);
            Ok(())
        }
    });
    assert_eq!((runs.unwrap(), orders.lock().unwrap().len()), (3, 3));
}

#[test]
fn it_finds_a_planted_fault_that_one_order_in_many_shows() {
    // Read, then write: two tasks that do both lose one of two additions where they overlap.
    let found = explore(STILL, |gates| async move {
        let sum = Arc::new(Mutex::new(0));
        let tasks = ["left", "right"].map(|name| {
            let (gates, sum) = (gates.clone(), Arc::clone(&sum));
            tokio::spawn(async move {
                gates.pass(format!("{name} reads")).await;
                let read = *sum.lock().unwrap();
                gates.pass(format!("{name} writes")).await;
                *sum.lock().unwrap() = read + 1;
            })
        });
        for task in tasks {
            task.await.unwrap();
        }
        let sum = *sum.lock().unwrap();
        if sum == 2 { Ok(()) } else { Err(format!("{sum} of 2")) }
    });
    let found = found.unwrap_err();
    assert_eq!(found.what, "1 of 2");
    assert_eq!(found.order, ["left reads", "right reads", "left writes", "right writes"].map(str::to_owned));
}
