//! What is to be told beside a call's result: each request that an object store retried, each damaged file of a log that
//! was read without it. The C++ side takes the lines after a call and logs them as warnings.

use std::fmt::Debug;
use std::sync::{Mutex, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

const MOST: usize = 1000; // lines kept until they are taken

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Notes;

struct Message<'a>(&'a mut String);

impl Visit for Message<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            *self.0 = format!("{value:?}");
        }
    }
}

impl Subscriber for Notes {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && metadata.target() == "object_store::client::retry"
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut text = String::from("object store: ");
        let mut message = String::new();
        event.record(&mut Message(&mut message));
        text += &message;
        add(text);
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// From now on. A second call changes nothing.
pub fn collect() {
    let _ = tracing::subscriber::set_global_default(Notes);
}

pub fn add(line: String) {
    let mut lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    if lines.len() < MOST {
        lines.push(line);
    }
}

#[cfg(test)]
pub fn panic_with_lines_locked() -> Result<(), String> {
    let _lines = LINES.lock();
    panic!("with the lines locked");
}

pub fn take_notes() -> Vec<String> {
    std::mem::take(&mut LINES.lock().unwrap_or_else(PoisonError::into_inner))
}
