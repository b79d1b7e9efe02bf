//! The errors of the bridge as text.

use std::fmt::Display;

/// The text of an error: the message, and after a line break what to do about it.
pub type Fault = String;

/// "<context>: <error>" on one line: the line break is taken by the hint.
pub fn fault(context: impl Display, error: impl Display) -> Fault {
    format!("{context}: {error}").replace('\n', " ")
}
