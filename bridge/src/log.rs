//! The log as files: its entries' texts, and what is wrong with them when the kernel cannot read the table.
//!
//! The kernel's own errors for a torn log ("unexpected end of file") name no file, and an empty entry it takes for a
//! transaction that changed nothing. Both are found here.

use delta_kernel::object_store;
use delta_kernel::{Engine, FileMeta, KernelError, KernelResult};
use serde_json::Value;
use url::Url;

use crate::engine::{engine, kernel_fault};
use crate::fault::{fault, Fault};
use crate::urls::{root_url, shown};

pub fn log_url(root: &Url) -> Result<Url, Fault> {
    root.join("_delta_log/").map_err(|error| fault(root, error))
}

pub fn entry_url(log: &Url, version: u64) -> Result<Url, Fault> {
    log.join(&format!("{version:020}.json")).map_err(|error| fault(log, error))
}

pub fn versions_after(root: &str, version: u64) -> Result<Vec<u64>, Fault> {
    let log = log_url(&root_url(root)?)?;
    let files = list(&entry_url(&log, version)?).map_err(|error| kernel_fault(shown(&log), error))?;
    Ok(files.iter().filter_map(|file| entry_version(&log, file)).collect())
}

pub fn log_entry(root: &str, version: u64) -> Result<String, Fault> {
    let url = entry_url(&log_url(&root_url(root)?)?, version)?;
    read(&url).map_err(|error| kernel_fault(shown(&url), error))
}

/// What tells the entry of that version from another one, now; None when there is none.
pub fn entry_tag(root: &Url, version: u64) -> Result<Option<String>, Fault> {
    let entry = entry_url(&log_url(root)?, version)?;
    let from = entry.join(&format!("{version:020}")).map_err(|error| fault(root, error))?;
    list(&from).map_err(|error| kernel_fault(shown(root), error))?;
    Ok(engine(root)?.tag(&entry))
}

/// Of the files in the log folder itself.
pub fn names(root: &Url) -> Result<Vec<String>, Fault> {
    let log = log_url(root)?;
    let files = list(&log).map_err(|error| kernel_fault(shown(&log), error))?;
    Ok(files.iter().filter_map(|file| Some(name(&log, file)?.to_string())).collect())
}

fn list(from: &Url) -> Result<Vec<FileMeta>, KernelError> {
    let storage = engine(from).map_err(KernelError::generic)?.storage_handler();
    match storage.list_from(from).and_then(|files| files.collect::<KernelResult<Vec<_>>>()) {
        Err(KernelError::FileNotFound(_)) => Ok(Vec::new()),
        result => result,
    }
}

fn read(url: &Url) -> Result<String, KernelError> {
    let storage = engine(url).map_err(KernelError::generic)?.storage_handler();
    let mut text = String::new();
    for part in storage.read_files(vec![(url.clone(), None)])? {
        text.push_str(std::str::from_utf8(&part?)?);
    }
    Ok(text)
}

/// The file's name if it lies in the log folder itself, not in one below.
fn name<'a>(log: &Url, file: &'a FileMeta) -> Option<&'a str> {
    file.location.path().strip_prefix(log.path()).filter(|name| !name.contains('/'))
}

fn version_of(name: &str, suffix: impl Fn(&str) -> bool) -> Option<u64> {
    let (digits, rest) = name.split_at_checked(20)?;
    if suffix(rest) && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        digits.parse().ok()
    } else {
        None
    }
}

fn entry_version(log: &Url, file: &FileMeta) -> Option<u64> {
    version_of(name(log, file)?, |rest| rest == ".json")
}

pub fn checkpoint_version(name: &str) -> Option<u64> {
    version_of(name, |rest| rest.starts_with(".checkpoint"))
}

fn checkpoint_version_of(log: &Url, file: &FileMeta) -> Option<u64> {
    name(log, file).and_then(checkpoint_version)
}

fn is_checkpoint(log: &Url, file: &FileMeta) -> bool {
    checkpoint_version_of(log, file).is_some()
}

/// Whether there is a log, whole or not.
pub fn exists(root: &Url) -> Result<bool, Fault> {
    let log = log_url(root)?;
    let files = list(&log).map_err(|error| kernel_fault(shown(&log), error))?;
    Ok(files.iter().any(|file| entry_version(&log, file).is_some() || is_checkpoint(&log, file)))
}

/// What to tell when the kernel refuses a table that has a log.
pub fn explain(root: &Url, error: KernelError) -> Fault {
    cause(root, error).unwrap_or_else(|fault| fault)
}

fn cause(root: &Url, error: KernelError) -> Result<Fault, Fault> {
    let log = log_url(root)?;
    let files = list(&log).map_err(|error| kernel_fault(shown(&log), error))?;
    let checkpoint = files.iter().filter_map(|file| checkpoint_version_of(&log, file)).max();
    let mut entries: Vec<_> = files.iter().filter_map(|file| Some((entry_version(&log, file)?, file))).collect();
    // Entries up to the checkpoint are not read, and may have been cleaned up.
    entries.retain(|(version, _)| checkpoint.is_none_or(|checkpoint| *version > checkpoint));
    let first = checkpoint.map_or(0, |checkpoint| checkpoint + 1);
    for (expected, (version, file)) in (first..).zip(&entries) {
        if *version != expected
            && expected == 0
            && files.iter().any(|file| name(&log, file) == Some("_last_checkpoint"))
        {
            return Ok(format!(
                "the Delta log {} begins with version {version}, and the checkpoint that its _last_checkpoint names is not \
                 there\nRestore that checkpoint, or the entries from version 0 on, from a backup; without them the table's \
                 contents are not known.",
                shown(&log)
            ));
        }
        if *version != expected {
            let missing = entry_url(&log, expected)?;
            return Ok(format!(
                "the Delta log has a gap: {} is missing, though version {version} exists\nRestore the file from a backup; \
                 without it the table's contents are not known.",
                shown(&missing)
            ));
        }
        if let Some(fault) = check_entry(file) {
            return Ok(fault);
        }
    }
    // The kernel passes over an empty checkpoint; that it failed all the same means that older entries are gone.
    let empty = files.iter().find(|file| file.size == 0 && is_checkpoint(&log, file));
    if let Some(file) = empty {
        return Ok(format!("the Delta checkpoint {} is empty\nRestore it from a backup.", shown(&file.location)));
    }
    let newest = files.iter().find(|file| checkpoint.is_some() && checkpoint_version_of(&log, file) == checkpoint);
    match newest {
        Some(file) if is_damage(&error) => Ok(format!(
            "{}\nRestore it from a backup. Without it the log is read from an older checkpoint, or from version 0 on, if \
             all entries since then are there.",
            fault(format!("the Delta checkpoint {} cannot be read", shown(&file.location)), error.without_backtrace())
        )),
        _ => Ok(kernel_fault(shown(root), error)),
    }
}

/// What is wrong with one log entry, if anything.
pub fn check_entry(file: &FileMeta) -> Option<Fault> {
    const HINT: &str =
        "Restore the file from a backup. If it is the newest entry, its transaction never completed: remove it \
                        and run again.";
    let path = shown(&file.location);
    if file.size == 0 {
        return Some(format!("the Delta log entry {path} is empty\n{HINT}"));
    }
    let text = match read(&file.location) {
        Ok(text) => text,
        Err(error) => return Some(kernel_fault(format!("the Delta log entry {path} cannot be read"), error)),
    };
    let torn = text
        .lines()
        .position(|line| !line.trim().is_empty() && !matches!(serde_json::from_str(line), Ok(Value::Object(_))))?;
    Some(format!("the Delta log entry {path} is torn: line {} is not a whole JSON object\n{HINT}", torn + 1))
}

/// Whether another file could hold what this error kept from being read. No rights and no network keep from all.
pub fn is_damage(error: &KernelError) -> bool {
    match error.without_backtrace() {
        KernelError::Unsupported(_) | KernelError::InvalidProtocol(_) => false,
        KernelError::ObjectStore(error) => matches!(error, object_store::Error::NotFound { .. }),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use delta_kernel::object_store::Error;

    use super::{is_damage, KernelError};

    #[test]
    fn what_another_file_may_hold_is_damage() {
        let (path, source) = ("a".to_string(), "no".into());
        assert!(is_damage(&KernelError::ObjectStore(Error::NotFound { path, source })));
        assert!(is_damage(&KernelError::generic("unexpected end of file")));
    }

    #[test]
    fn what_keeps_from_every_file_is_no_damage() {
        let (path, source) = ("a".to_string(), "no".into());
        assert!(!is_damage(&KernelError::ObjectStore(Error::PermissionDenied { path, source })));
        assert!(!is_damage(&KernelError::unsupported("a table feature")));
    }
}
