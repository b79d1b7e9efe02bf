//! The errors of the bridge as text, and with it their cause, on which the other side acts.

use std::error::Error;
use std::fmt::{self, Display, Formatter};
use std::io;

/// The text of an error: the message, after a line break what to do about it, and behind `MARK` its cause, if one is known,
/// under its name in src/base/error.cpp.
pub type Fault = String;

const MARK: char = '\u{1f}';

pub const NO_RIGHTS: &str = "no_rights";
pub const NOT_FOUND: &str = "not_found";
pub const NOT_SUPPORTED: &str = "not_supported";
pub const DISK_FAULT: &str = "disk_fault";
pub const UNREACHABLE: &str = "unreachable";
pub const CONFLICT: &str = "conflict";

/// "<context>: <error>" on one line: the line break is taken by the hint.
pub fn fault(context: impl Display, error: impl Display) -> Fault {
    format!("{context}: {error}").replace('\n', " ")
}

/// The same fault with its cause.
pub fn caused(fault: Fault, cause: &str) -> Fault {
    format!("{fault}{MARK}{cause}")
}

/// A flush that failed: the system says so once, and has forgotten by the next flush what never reached the disk.
#[derive(Debug)]
pub struct FlushFailed(pub io::Error);

impl Display for FlushFailed {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "Unable to sync data: {}", self.0)
    }
}

impl Error for FlushFailed {}

/// What the system said, wherever it stands in an error's chain.
pub fn cause_of(error: &(dyn Error + 'static)) -> Option<&'static str> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(cause) = error.downcast_ref::<io::Error>().and_then(cause_of_io) {
            return Some(cause);
        }
        next = error.source();
    }
    None
}

fn cause_of_io(error: &io::Error) -> Option<&'static str> {
    if error.get_ref().is_some_and(|inner| inner.is::<FlushFailed>()) {
        return Some(DISK_FAULT);
    }
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<io::Error>()).and_then(cause_of_io);
    inner.or(match error.raw_os_error()? {
        libc::ENOSPC | libc::EDQUOT | libc::EFBIG => Some("no_space"),
        libc::EACCES | libc::EPERM | libc::EROFS => Some(NO_RIGHTS),
        libc::ENOENT | libc::ENOTDIR => Some(NOT_FOUND),
        libc::ENOMEM => Some("no_memory"),
        libc::EAGAIN => Some("no_threads"),
        libc::EMFILE | libc::ENFILE => Some("too_many_files"),
        libc::EIO | libc::ESTALE | libc::ENOTCONN => Some(DISK_FAULT),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::{cause_of, caused, fault, FlushFailed, DISK_FAULT, NO_RIGHTS};
    use std::io;

    #[test]
    fn the_system_tells_the_cause_wherever_it_stands() {
        let of = |number| cause_of(&io::Error::from_raw_os_error(number));
        assert_eq!(of(libc::EFBIG), Some("no_space"));
        assert_eq!(of(libc::EACCES), Some(NO_RIGHTS));
        assert_eq!(of(libc::EDOM), None);
        let wrapped = delta_kernel::object_store::Error::Generic {
            store: "s",
            source: io::Error::from_raw_os_error(libc::EIO).into(),
        };
        assert_eq!(cause_of(&wrapped), Some(DISK_FAULT));
        assert_eq!(cause_of(&io::Error::other("words: no space left on device")), None);
    }

    #[test]
    fn a_flush_that_failed_is_a_fault_of_the_disk_whatever_it_says() {
        let failed = io::Error::other(FlushFailed(io::Error::from_raw_os_error(libc::EIO)));
        assert_eq!(failed.to_string(), "Unable to sync data: Input/output error (os error 5)");
        assert_eq!(cause_of(&failed), Some(DISK_FAULT));
    }

    #[test]
    fn a_cause_stays_behind_what_is_said() {
        assert_eq!(fault("f", caused("gone".into(), "not_found")), "f: gone\u{1f}not_found");
    }
}
