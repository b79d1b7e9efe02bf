//! The texts of log entries, remembered: once written they never change, and a run reads each several times.
//!
//! An entry that the newest listing shows as another file than the one that was read (the table was dropped and made
//! again), or not at all, is not remembered any more.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use delta_kernel::FileMeta;
use url::Url;

const MOST_BYTES: usize = 64 << 20;

#[derive(Default)]
struct Known {
    tags: BTreeMap<String, String>,          // of the newest listing, by URL
    texts: HashMap<String, (String, Bytes)>, // with the tag of the file that was read
    bytes: usize,
}

#[derive(Default)]
pub struct Entries {
    known: Mutex<Known>,
}

/// A file of a listing, and what tells it from another one of the same name.
pub struct Listed {
    pub file: FileMeta,
    pub tag: String,
}

impl Entries {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the folder of `from` holds from there on.
    pub fn listed(&self, from: &Url, files: &[Listed]) {
        let Ok(folder) = from.join(".") else { return };
        let end = format!("{}\u{10ffff}", folder.as_str());
        let mut known = self.known();
        let old: Vec<String> = known
            .tags
            .range::<str, _>((Bound::Excluded(from.as_str()), Bound::Excluded(end.as_str())))
            .map(|(url, _)| url.clone())
            .collect();
        for url in old {
            known.tags.remove(&url);
        }
        for one in files.iter().filter(|one| is_entry(&one.file.location)) {
            known.tags.insert(one.file.location.to_string(), one.tag.clone());
        }
    }

    pub fn tag(&self, url: &Url) -> Option<String> {
        self.known().tags.get(url.as_str()).cloned()
    }

    pub fn find(&self, url: &Url) -> Option<Bytes> {
        let known = self.known();
        let tag = known.tags.get(url.as_str())?;
        known.texts.get(url.as_str()).filter(|(read, _)| read == tag).map(|(_, text)| text.clone())
    }

    /// `tag` as it was before the text was read.
    pub fn keep(&self, url: &Url, tag: Option<String>, text: &Bytes) {
        let Some(tag) = tag else { return };
        let mut known = self.known();
        if known.bytes + text.len() > MOST_BYTES {
            return;
        }
        known.bytes += text.len();
        if let Some((_, before)) = known.texts.insert(url.to_string(), (tag, text.clone())) {
            known.bytes -= before.len();
        }
    }
}

/// ".../_delta_log/<20 digits>.json"
pub fn is_entry(url: &Url) -> bool {
    url.path().rsplit_once('/').is_some_and(|(folder, name)| {
        folder.ends_with("_delta_log")
            && name
                .strip_suffix(".json")
                .is_some_and(|stem| stem.len() == 20 && stem.bytes().all(|c| c.is_ascii_digit()))
    })
}
