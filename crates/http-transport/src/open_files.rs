//! How many files the process may have open; each connection is one.

use std::io;

/// The highest limit that [`raise_open_files`] sets: some systems allow a thousand million, and
/// child processes may walk through all of them.
pub const MAX_OPEN_FILES: u64 = 65_536;

/// How many files the process may have open: its soft limit. `None`: no limit, or a system without
/// one.
#[must_use]
pub fn open_files() -> Option<u64> {
    system::limits().0
}

/// Raises the soft limit of open files as far as the hard limit and [`MAX_OPEN_FILES`] go, for the
/// whole process, and says what holds now. A limit that is higher stays. A service calls it at its
/// start: the usual soft limit is 1024, of which a listener takes half.
///
/// Without effect where the system does not let it, and on systems other than Unix.
#[must_use = "it may be less than wanted"]
pub fn raise_open_files() -> Option<u64> {
    let (soft, hard) = system::limits();
    let wanted = hard.map_or(MAX_OPEN_FILES, |hard| hard.min(MAX_OPEN_FILES));
    if soft.is_some_and(|soft| soft < wanted) {
        system::set_soft(wanted, hard);
    }
    open_files()
}

/// Whether an error is for want of files, the process's or the system's.
pub(crate) fn are_used_up(error: &io::Error) -> bool {
    system::is_out_of_files(error)
}

#[cfg(unix)]
mod system {
    use std::io;

    use rustix::io::Errno;
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    /// The soft limit and the hard limit.
    pub(super) fn limits() -> (Option<u64>, Option<u64>) {
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        (current, maximum)
    }

    pub(super) fn set_soft(soft: u64, hard: Option<u64>) {
        // What holds is read afterwards.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(soft), maximum: hard });
    }

    pub(super) fn is_out_of_files(error: &io::Error) -> bool {
        matches!(Errno::from_io_error(error), Some(Errno::MFILE | Errno::NFILE))
    }
}

#[cfg(not(unix))]
mod system {
    use std::io;

    pub(super) const fn limits() -> (Option<u64>, Option<u64>) {
        (None, None)
    }

    pub(super) const fn set_soft(_: u64, _: Option<u64>) {}

    pub(super) const fn is_out_of_files(_: &io::Error) -> bool {
        false
    }
}
