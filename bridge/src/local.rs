//! The store of local tables: the library's, but for how a file is written.
//!
//! The library writes "<name>#1" first, with nothing that tells whether its writer still lives, so what a kill leaves could
//! never be cleaned up. Here it is a draft as src/base/draft.h has it: ".<name>.<16 hex digits>.draft", locked by its writer.

use std::collections::hash_map::RandomState;
use std::fmt::{Display, Formatter};
use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, Hasher};
use std::io::{self, ErrorKind, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{chown, MetadataExt, OpenOptionsExt};
use std::path::{Path as FilePath, PathBuf};

use async_trait::async_trait;
use delta_kernel::object_store::local::LocalFileSystem;
use delta_kernel::object_store::path::Path;
use delta_kernel::object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMode,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use futures::stream::BoxStream;

use crate::fault::FlushFailed;

/// How often a draft is written anew that somebody swept before its time.
const ATTEMPTS: usize = 10;

#[derive(Debug)]
pub struct LocalStore {
    inner: LocalFileSystem,
}

impl LocalStore {
    pub fn new() -> Self {
        LocalStore { inner: LocalFileSystem::new().with_fsync(true) }
    }
}

/// A draft that goes when it is dropped: once it is linked or renamed there is nothing to remove.
struct Draft {
    path: PathBuf,
    file: File,
}

impl Drop for Draft {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

fn make_draft(target: &FilePath) -> io::Result<Draft> {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    loop {
        let random = RandomState::new().build_hasher().finish();
        let path = target.with_file_name(format!(".{name}.{random:016x}.draft"));
        match OpenOptions::new().write(true).create_new(true).custom_flags(libc::O_NOFOLLOW).open(&path) {
            Ok(file) => {
                // SAFETY: the descriptor is open as long as `file` is. A file system without locks refuses; so be it.
                unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB) };
                return Ok(Draft { path, file });
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

/// What fails here is told as such: the system tells it once, and the next flush says nothing of what never reached the disk.
fn sync_folder(folder: &FilePath) -> io::Result<()> {
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|error| io::Error::new(error.kind(), FlushFailed(error)))
}

/// The log's folder of a new table. What root makes in another user's table is that user's.
fn make_folder(folder: &FilePath) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let Some(parent) = folder.parent() else { return Ok(()) };
    let owner = parent.metadata()?;
    // SAFETY: has no conditions.
    if unsafe { libc::geteuid() } == 0 {
        chown(folder, Some(owner.uid()), Some(owner.gid()))?;
    }
    sync_folder(parent)
}

/// On disk, folder included, when it returns.
fn write(target: &FilePath, payload: &PutPayload, create: bool) -> io::Result<()> {
    let folder = target.parent().unwrap_or(target);
    if !folder.is_dir() {
        make_folder(folder)?;
    }
    for attempt in 1.. {
        let mut draft = make_draft(target)?;
        payload.iter().try_for_each(|part| draft.file.write_all(part))?;
        draft.file.sync_all()?;
        let placed = if create { fs::hard_link(&draft.path, target) } else { fs::rename(&draft.path, target) };
        match placed {
            Ok(()) => break,
            Err(error) if error.kind() == ErrorKind::NotFound && attempt < ATTEMPTS => {}
            Err(error) => return Err(error),
        }
    }
    sync_folder(folder)
}

/// What the system said of a file.
#[derive(Debug)]
struct At {
    path: PathBuf,
    error: io::Error,
}

impl Display for At {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.error)
    }
}

impl std::error::Error for At {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

impl Display for LocalStore {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        self.inner.fmt(f)
    }
}

#[async_trait]
impl ObjectStore for LocalStore {
    async fn put_opts(&self, location: &Path, payload: PutPayload, opts: PutOptions) -> Result<PutResult> {
        let create = match opts.mode {
            PutMode::Create => true,
            PutMode::Overwrite => false,
            PutMode::Update(_) => return self.inner.put_opts(location, payload, opts).await,
        };
        let target = self.inner.path_to_filesystem(location)?;
        match write(&target, &payload, create) {
            Ok(()) => Ok(PutResult { e_tag: None, version: None, extensions: Default::default() }),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                Err(Error::AlreadyExists { path: target.to_string_lossy().into_owned(), source: error.into() })
            }
            Err(error) => Err(Error::Generic { store: "LocalFileSystem", source: At { path: target, error }.into() }),
        }
    }

    async fn put_multipart_opts(&self, location: &Path, opts: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(location, opts).await
    }
    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.inner.get_opts(location, options).await
    }
    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(locations)
    }
    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }
    fn list_with_offset(&self, prefix: Option<&Path>, offset: &Path) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list_with_offset(prefix, offset)
    }
    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }
    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}
