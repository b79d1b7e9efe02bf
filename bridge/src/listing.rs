//! The kernel's engine with one handler of our own: the listing of a folder.
//!
//! The default one makes URLs of names without encoding them, so a table below a folder that is called "a%20b" or "a\b" is
//! written but never found again.

use std::fs::Metadata;
use std::io;
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

use crate::engine::{executor, key_of, root_url};

#[derive(Clone)]
pub enum Listing {
    Local,
    Bucket(Arc<DynObjectStore>),
}

pub struct ListingEngine<E: Engine> {
    pub inner: E,
    pub listing: Listing,
}

impl<E: Engine> Engine for ListingEngine<E> {
    fn evaluation_handler(&self) -> Arc<dyn EvaluationHandler> {
        self.inner.evaluation_handler()
    }
    fn storage_handler(&self) -> Arc<dyn StorageHandler> {
        Arc::new(Storage { inner: self.inner.storage_handler(), listing: self.listing.clone() })
    }
    fn json_handler(&self) -> Arc<dyn JsonHandler> {
        self.inner.json_handler()
    }
    fn parquet_handler(&self) -> Arc<dyn ParquetHandler> {
        self.inner.parquet_handler()
    }
}

struct Storage {
    inner: Arc<dyn StorageHandler>,
    listing: Listing,
}

fn file_meta(path: &Path, metadata: &Metadata) -> KernelResult<FileMeta> {
    let location = Url::from_file_path(path).map_err(|()| KernelError::generic(format!("not absolute: {path:?}")))?;
    // A time before 1970 is as good as 1970: only retention looks at it.
    let modified = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(FileMeta::new(location, i64::try_from(modified.as_millis()).unwrap_or(i64::MAX), metadata.len()))
}

/// Only the folder itself: what the kernel reads of a log below that, sidecars, it finds by name.
fn list_local(path: &Url) -> KernelResult<Vec<FileMeta>> {
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
                    Ok(metadata) if metadata.is_file() && !staged => files.push(file_meta(&entry.path(), &metadata)?),
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

fn list_bucket(store: Arc<DynObjectStore>, path: &Url) -> KernelResult<Vec<FileMeta>> {
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
            Ok(FileMeta::new(location, object.last_modified.timestamp_millis(), object.size))
        })
        .collect()
}

impl StorageHandler for Storage {
    fn list_from(&self, path: &Url) -> KernelResult<KernelResultIteratorStatic<FileMeta>> {
        let mut files = match &self.listing {
            Listing::Local => list_local(path)?,
            Listing::Bucket(store) => list_bucket(store.clone(), path)?,
        };
        files.retain(|file| file.location.path() > path.path());
        files.sort();
        Ok(Box::new(files.into_iter().map(Ok)))
    }

    fn read_files(&self, files: Vec<FileSlice>) -> KernelResult<KernelResultIteratorStatic<Bytes>> {
        self.inner.read_files(files)
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
