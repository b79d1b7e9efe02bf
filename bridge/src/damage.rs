//! Logs that hold something damaged, and how they are read all the same, as Spark does: without the file that cannot be
//! read, where the log's other files hold what it held.

use std::sync::Arc;

use delta_kernel::{KernelError, KernelResult, SnapshotRef};
use url::Url;

use crate::fault::Fault;
use crate::listing::ListingEngine;
use crate::urls::shown;
use crate::{log, notes};

const HINT_FILE: &str = "_last_checkpoint";

/// What `call` yields with the engine, or with one that does not see damaged files, and that engine. A line among the
/// notes says what was left out.
pub fn read<T>(
    root: &Url,
    engine: Arc<ListingEngine>,
    call: impl Fn(&Arc<ListingEngine>) -> KernelResult<T>,
) -> Result<(T, Arc<ListingEngine>), Fault> {
    let mut engine = engine;
    let mut first = None;
    let mut left_out = Vec::new();
    loop {
        let error = match call(&engine) {
            Ok(value) => {
                if let Some(error) = first {
                    notes::add(left_out_note(root, &left_out, &error));
                }
                return Ok((value, engine));
            }
            Err(error) => error,
        };
        match narrower(root, &engine, &error)? {
            Some((names, next)) => {
                left_out = names;
                engine = Arc::new(next);
                first.get_or_insert(error);
            }
            None => return Err(log::explain(root, first.unwrap_or(error))),
        }
    }
}

fn left_out_note(root: &Url, names: &[String], error: &KernelError) -> String {
    let text = error.without_backtrace().to_string().replace('\n', " ");
    let log = log::log_url(root).map_or_else(|_| shown(root), |log| shown(&log));
    format!("{log}{} cannot be used ({text}): the log is read without it, which holds the same", names.join(", "))
}

/// The engine that sees one thing less: the hint first, then one checkpoint after the other.
fn narrower(
    root: &Url,
    engine: &ListingEngine,
    error: &KernelError,
) -> Result<Option<(Vec<String>, ListingEngine)>, Fault> {
    if !log::is_damage(error) {
        return Ok(None);
    }
    let names = log::names(root)?;
    let hint = names.iter().any(|name| name == HINT_FILE) && !engine.hides(HINT_FILE);
    let hidden = if hint {
        vec![HINT_FILE.to_string()]
    } else {
        let seen = names.iter().filter(|name| !engine.hides(name));
        let checkpoints: Vec<_> =
            seen.filter_map(|name| Some((log::checkpoint_version(name)?, name.clone()))).collect();
        let newest = checkpoints.iter().map(|(version, _)| *version).max();
        checkpoints.into_iter().filter(|(version, _)| Some(*version) == newest).map(|(_, name)| name).collect()
    };
    Ok((!hidden.is_empty()).then(|| (hidden.clone(), engine.without(hidden))))
}

/// Without a checkpoint a log begins at its first entry: the kernel takes any for the first.
pub fn anchored(snapshot: SnapshotRef) -> KernelResult<SnapshotRef> {
    let segment = snapshot.log_segment();
    let first = segment.listed.ascending_commit_files.first().map(|entry| entry.version);
    if segment.checkpoint_version.is_none() && first != Some(0) {
        return Err(KernelError::generic("the log has neither a checkpoint nor its first entry"));
    }
    Ok(snapshot)
}
