//! The kernel's engines, URLs of what they work on, and how their errors become text.

use std::borrow::Cow;
use std::fmt::Display;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use delta_kernel::object_store::memory::InMemory;
use delta_kernel::object_store::DynObjectStore;
use delta_kernel::KernelError;
use delta_kernel_default_engine::executor::tokio::TokioMultiThreadExecutor;
use delta_kernel_default_engine::DefaultEngineBuilder;
use percent_encoding::percent_decode_str;
use url::Url;

use crate::listing::{Listing, ListingEngine};
use crate::local::LocalStore;
use crate::store;

/// What commitInfo names as the writer.
pub const ENGINE_INFO: &str = concat!("movies-etl/", env!("CARGO_PKG_VERSION"));

/// For local files, whose reads and writes block: the runtime's own default are 512, each with a stack.
const BLOCKING_THREADS: usize = 8;

/// The text of an error: the message, and after a line break what to do about it.
pub type Fault = String;

/// One for the process: its threads start once. The multi-threaded one, because the default one waits for itself in
/// `checkpoint`.
pub fn executor() -> Result<Arc<TokioMultiThreadExecutor>, Fault> {
    static EXECUTOR: OnceLock<Result<Arc<TokioMultiThreadExecutor>, Fault>> = OnceLock::new();
    EXECUTOR
        .get_or_init(|| {
            TokioMultiThreadExecutor::new_owned_runtime(Some(2), Some(BLOCKING_THREADS))
                .map(Arc::new)
                .map_err(|error| fault("cannot start the Delta engine", error))
        })
        .clone()
}

/// The engine for what lies at `root`: one for local files, one for each bucket.
pub fn engine(root: &Url) -> Result<Arc<ListingEngine>, Fault> {
    if root.scheme() == "file" {
        local_engine()
    } else if root.scheme() == MEMORY {
        memory_engine()
    } else {
        Ok(store::bucket(root)?.engine.clone())
    }
}

/// Its store flushes what it writes: exit 0 promises that the log entry and its folder are on disk.
fn local_engine() -> Result<Arc<ListingEngine>, Fault> {
    static ENGINE: OnceLock<Result<Arc<ListingEngine>, Fault>> = OnceLock::new();
    ENGINE
        .get_or_init(|| {
            let store = Arc::new(LocalStore::new());
            let inner = DefaultEngineBuilder::new(store).with_task_executor(executor()?).build();
            Ok(Arc::new(ListingEngine::new(Arc::new(inner), Listing::Local)))
        })
        .clone()
}

/// The scheme of tables that are only rehearsed.
pub const MEMORY: &str = "memory";

fn memory_engine() -> Result<Arc<ListingEngine>, Fault> {
    static ENGINE: OnceLock<Result<Arc<ListingEngine>, Fault>> = OnceLock::new();
    ENGINE
        .get_or_init(|| {
            let store: Arc<DynObjectStore> = Arc::new(InMemory::new());
            let inner = DefaultEngineBuilder::new(store.clone()).with_task_executor(executor()?).build();
            Ok(Arc::new(ListingEngine::new(Arc::new(inner), Listing::Bucket(store))))
        })
        .clone()
}

/// The URL of a location, an absolute local folder or "scheme://bucket/key" with the key as it is, not encoded; it ends in
/// a slash, so that joining appends.
pub fn root_url(location: &str) -> Result<Url, Fault> {
    let Some((scheme, rest)) = location.split_once("://") else {
        return Url::from_directory_path(Path::new(location))
            .map_err(|()| format!("not an absolute path: '{location}'"));
    };
    let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
    let mut url = Url::parse(&format!("{scheme}://{bucket}/")).map_err(|error| fault(location, error))?;
    url.path_segments_mut()
        .map_err(|()| format!("not a location: '{location}'"))?
        .clear()
        .extend(key.split('/').filter(|segment| !segment.is_empty()))
        .push("");
    Ok(url)
}

/// The key of an object, without encoding.
pub fn key_of(url: &Url) -> Cow<'_, str> {
    percent_decode_str(url.path().trim_start_matches('/')).decode_utf8_lossy()
}

/// The path or location that a URL of ours stands for, as people write it.
pub fn shown(url: &Url) -> String {
    match url.to_file_path() {
        Ok(path) => path.display().to_string(),
        Err(()) => format!("{}://{}/{}", url.scheme(), url.authority(), key_of(url)),
    }
}

/// "<context>: <error>" on one line: the line break is taken by the hint.
pub fn fault(context: impl Display, error: impl Display) -> Fault {
    format!("{context}: {error}").replace('\n', " ")
}

/// The same for the kernel's errors; one about a table feature says what to do.
pub fn kernel_fault(context: impl Display, error: KernelError) -> Fault {
    let error = error.without_backtrace(); // which RUST_BACKTRACE would add, for nobody's use
    let needs_newer = matches!(error, KernelError::Unsupported(_) | KernelError::InvalidProtocol(_));
    if let KernelError::ObjectStore(error) = error {
        return store::explain(&context.to_string(), error);
    }
    let mut text = fault(context, error);
    if needs_newer {
        text +=
            "\nThe table uses a Delta feature that this program does not know: drop the feature with the engine that \
                 added it, or use a newer movies-etl.";
    }
    text
}
