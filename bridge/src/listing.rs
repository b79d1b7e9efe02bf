//! The kernel's engine with handlers of our own for the log: how its folder is listed, what of it is to be seen, and how
//! its entries are read.
//!
//! The kernel's own listing makes URLs of names without encoding them, so a table below a folder that is called "a%20b" or
//! "a\b" is written but never found again. And a log can hold files that say less than the entries, or something else:
//! checksums (`.crc`) and compacted entries, which are never needed, and checkpoints that are damaged.

use std::collections::BTreeSet;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use bytes::Bytes;
use delta_kernel::object_store::path::Path as Key;
use delta_kernel::object_store::{self, DynObjectStore};
use delta_kernel::{
    Engine, EvaluationHandler, FileMeta, FileSlice, JsonHandler, KernelError, KernelResult, KernelResultIteratorStatic,
    ParquetHandler, StorageHandler,
};
use delta_kernel_default_engine::executor::TaskExecutor;
use futures::TryStreamExt;
use url::Url;

use crate::commits::Commits;
use crate::entries::{is_entry, Entries, Listed};
use crate::executor::executor;
use crate::urls::{key_of, root_url};

#[derive(Clone)]
pub enum Listing {
    Local,
    Bucket(Arc<DynObjectStore>),
}

pub struct ListingEngine {
    inner: Arc<dyn Engine>,
    storage: Arc<Storage>,
    json: Arc<Commits>,
}

impl ListingEngine {
    pub fn new(inner: Arc<dyn Engine>, listing: Listing) -> Self {
        let storage = inner.storage_handler();
        Self::of(inner, Storage { inner: storage, listing, entries: Arc::default(), hidden: BTreeSet::new() })
    }

    fn of(inner: Arc<dyn Engine>, storage: Storage) -> Self {
        let storage = Arc::new(storage);
        let json = Arc::new(Commits { inner: inner.json_handler(), storage: storage.clone() });
        ListingEngine { inner, storage, json }
    }

    /// The same for a log in which these files are not to be seen either, by their names.
    pub fn without(&self, names: impl IntoIterator<Item = String>) -> Self {
        let mut storage = self.storage.as_ref().clone();
        storage.hidden.extend(names);
        Self::of(self.inner.clone(), storage)
    }

    pub fn hides(&self, name: &str) -> bool {
        self.storage.hidden.contains(name)
    }

    /// What tells a log entry from another one of its name, as the newest listing saw it; None where it saw none.
    pub fn tag(&self, entry: &Url) -> Option<String> {
        self.storage.entries.tag(entry)
    }
}

impl Engine for ListingEngine {
    fn evaluation_handler(&self) -> Arc<dyn EvaluationHandler> {
        self.inner.evaluation_handler()
    }
    fn storage_handler(&self) -> Arc<dyn StorageHandler> {
        self.storage.clone()
    }
    fn json_handler(&self) -> Arc<dyn JsonHandler> {
        self.json.clone()
    }
    fn parquet_handler(&self) -> Arc<dyn ParquetHandler> {
        self.inner.parquet_handler()
    }
}

#[derive(Clone)]
struct Storage {
    inner: Arc<dyn StorageHandler>,
    listing: Listing,
    entries: Arc<Entries>,
    hidden: BTreeSet<String>,
}

fn tag_of(metadata: &Metadata) -> KernelResult<String> {
    let modified = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(format!("{}:{}:{}", metadata.ino(), modified.as_nanos(), metadata.len()))
}

/// As a listing would see it; None where there is no such file.
pub fn local_tag(url: &Url) -> Option<String> {
    tag_of(&fs::metadata(url.to_file_path().ok()?).ok()?).ok()
}

fn listed_local(path: &Path, metadata: &Metadata) -> KernelResult<Listed> {
    let location = Url::from_file_path(path).map_err(|()| KernelError::generic(format!("not absolute: {path:?}")))?;
    // A time before 1970 is as good as 1970: only retention looks at it.
    let modified = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(Listed {
        file: FileMeta::new(location, i64::try_from(modified.as_millis()).unwrap_or(i64::MAX), metadata.len()),
        tag: tag_of(metadata)?,
    })
}

/// Only the folder itself: what the kernel reads of a log below that, sidecars, it finds by name.
fn list_local(path: &Url) -> KernelResult<Vec<Listed>> {
    let invalid = || KernelError::generic(format!("not a local path: {path}"));
    let folder = path.join(".")?.to_file_path().map_err(|()| invalid())?;
    let mut files = Vec::new();
    match folder.read_dir() {
        Ok(entries) => {
            for entry in entries {
                let entry = entry?;
                // "<name>#<n>" and ".<name>.<digits>.draft" are files that a store is still writing.
                let name = entry.file_name();
                let name = name.to_string_lossy();
                let staged = name.contains('#') || name.starts_with('.');
                match entry.metadata() {
                    Ok(metadata) if metadata.is_file() && !staged => {
                        files.push(listed_local(&entry.path(), &metadata)?);
                    }
                    Ok(_) => {}
                    // Replaced or cleaned up by somebody else meanwhile.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error.into()),
    }
    Ok(files)
}

fn list_bucket(store: Arc<DynObjectStore>, path: &Url) -> KernelResult<Vec<Listed>> {
    let folder = path.join(".")?;
    let prefix = Key::parse(key_of(&folder))?;
    let offset = Key::parse(key_of(path))?;
    let listed: Result<Vec<_>, object_store::Error> = executor()
        .map_err(KernelError::generic)?
        .block_on(async move { store.list_with_offset(Some(&prefix), &offset).try_collect().await });
    let bucket = format!("{}://{}", path.scheme(), path.authority());
    listed?
        .into_iter()
        .map(|object| {
            let mut location = root_url(&format!("{bucket}/{}", object.location)).map_err(KernelError::generic)?;
            if let Ok(mut segments) = location.path_segments_mut() {
                segments.pop_if_empty();
            }
            let modified = object.last_modified.timestamp_millis();
            Ok(Listed {
                file: FileMeta::new(location, modified, object.size),
                tag: format!("{}:{modified}:{}", object.e_tag.unwrap_or_default(), object.size),
            })
        })
        .collect()
}

fn name_of(url: &Url) -> &str {
    url.path().rsplit('/').next().unwrap_or_default()
}

impl Storage {
    fn is_hidden(&self, url: &Url) -> bool {
        let name = name_of(url);
        name.ends_with(".crc") || name.ends_with(".compacted.json") || self.hidden.contains(name)
    }

    fn read_now(&self, files: Vec<FileSlice>) -> KernelResult<KernelResultIteratorStatic<Bytes>> {
        match self.listing {
            Listing::Bucket(_) => self.inner.read_files(files),
            // The store would hand each small file from thread to thread.
            Listing::Local => Ok(Box::new(files.into_iter().map(|(url, _)| read_local(&url)))),
        }
    }
}

fn read_local(url: &Url) -> KernelResult<Bytes> {
    let path = url.to_file_path().map_err(|()| KernelError::generic(format!("not a local path: {url}")))?;
    match fs::read(&path) {
        Ok(text) => Ok(text.into()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(KernelError::FileNotFound(url.to_string())),
        Err(error) => Err(KernelError::generic(format!("{}: {error}", path.display()))),
    }
}

impl StorageHandler for Storage {
    fn list_from(&self, path: &Url) -> KernelResult<KernelResultIteratorStatic<FileMeta>> {
        let mut files = match &self.listing {
            Listing::Local => list_local(path)?,
            Listing::Bucket(store) => list_bucket(store.clone(), path)?,
        };
        files.retain(|one| one.file.location.path() > path.path());
        self.entries.listed(path, &files);
        let mut files: Vec<_> = files.into_iter().map(|one| one.file).collect();
        files.retain(|file| !self.is_hidden(&file.location));
        files.sort();
        Ok(Box::new(files.into_iter().map(Ok)))
    }

    fn read_files(&self, files: Vec<FileSlice>) -> KernelResult<KernelResultIteratorStatic<Bytes>> {
        if let Some((url, _)) = files.iter().find(|(url, _)| self.is_hidden(url)) {
            let absent = Err(KernelError::FileNotFound(url.to_string()));
            return Ok(Box::new(std::iter::once(absent))); // where the kernel looks for it
        }
        if !files.iter().all(|(url, range)| range.is_none() && is_entry(url)) {
            return self.inner.read_files(files);
        }
        let mut texts: Vec<Option<Bytes>> = files.iter().map(|(url, _)| self.entries.find(url)).collect();
        let missing: Vec<usize> = (0..files.len()).filter(|i| texts[*i].is_none()).collect();
        let tags: Vec<_> = missing.iter().map(|i| self.entries.tag(&files[*i].0)).collect();
        let mut read = self.read_now(missing.iter().map(|i| files[*i].clone()).collect())?;
        for (i, tag) in missing.into_iter().zip(tags) {
            let text = read.next().ok_or_else(|| KernelError::FileNotFound(files[i].0.to_string()))??;
            self.entries.keep(&files[i].0, tag, &text);
            texts[i] = Some(text);
        }
        Ok(Box::new(texts.into_iter().flatten().map(Ok)))
    }

    fn copy_atomic(&self, from: &Url, to: &Url) -> KernelResult<()> {
        self.inner.copy_atomic(from, to)
    }
    fn put(&self, path: &Url, data: Bytes, overwrite: bool) -> KernelResult<()> {
        self.inner.put(path, data, overwrite)
    }
    fn head(&self, path: &Url) -> KernelResult<FileMeta> {
        self.inner.head(path)
    }
    fn delete(&self, path: &Url) -> KernelResult<()> {
        self.inner.delete(path)
    }
}
