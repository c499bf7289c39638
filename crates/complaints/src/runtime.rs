//! The runtime, and the signals that end a command.

use futures_util::future::select;
use tokio::runtime::Builder;

use crate::error::Error;

/// Runs a future to its end on a new runtime.
pub(crate) fn block_on<T>(future: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    run(&mut Builder::new_current_thread(), future)
}

/// The same on as many threads as the machine has processors.
#[cfg(feature = "serve")]
pub(crate) fn block_on_all_processors<T>(future: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    run(&mut Builder::new_multi_thread(), future)
}

fn run<T>(builder: &mut Builder, future: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let runtime = builder
        .enable_all()
        .build()
        .map_err(|error| Error::usage(format_args!("the system cannot start the runtime: {error}")))?;
    let outcome = runtime.block_on(future);
    // A name lookup that is still running is abandoned.
    runtime.shutdown_background();
    outcome
}

/// Ctrl-C and, on Unix, the signal that ends a service.
pub(crate) struct Stop {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Stop {
    /// Catches the signals from here on.
    pub(crate) fn listen() -> Result<Self, Error> {
        Ok(Self {
            #[cfg(unix)]
            terminate: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
                .map_err(|error| Error::usage(format_args!("the system cannot wait for signals: {error}")))?,
        })
    }

    pub(crate) async fn wait(self) {
        #[cfg(unix)]
        {
            let mut terminate = self.terminate;
            let interrupt = std::pin::pin!(tokio::signal::ctrl_c());
            let terminate = std::pin::pin!(terminate.recv());
            let _ = select(interrupt, terminate).await;
        }
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
    }
}
