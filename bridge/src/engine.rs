//! The kernel's engines, one for each kind of place, and how the kernel's errors become text.

use std::fmt::Display;
use std::sync::{Arc, OnceLock};

use delta_kernel::object_store::memory::InMemory;
use delta_kernel::object_store::DynObjectStore;
use delta_kernel::KernelError;
use delta_kernel_default_engine::DefaultEngineBuilder;
use url::Url;

use crate::executor::executor;
use crate::fault::{cause_of, caused, fault, Fault, NOT_SUPPORTED};
use crate::listing::{Listing, ListingEngine};
use crate::local::LocalStore;
use crate::store;

/// What commitInfo names as the writer.
pub const ENGINE_INFO: &str = concat!("movies-etl/", env!("CARGO_PKG_VERSION"));

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

/// `fault` for the kernel's errors; one about a table feature says what to do.
pub fn kernel_fault(context: impl Display, error: KernelError) -> Fault {
    let error = error.without_backtrace(); // which RUST_BACKTRACE would add, for nobody's use
    let needs_newer = matches!(error, KernelError::Unsupported(_) | KernelError::InvalidProtocol(_));
    if let KernelError::ObjectStore(error) = error {
        return store::explain(&context.to_string(), error);
    }
    let cause = cause_of(error).or(needs_newer.then_some(NOT_SUPPORTED));
    let mut text = fault(context, error);
    if needs_newer {
        text +=
            "\nThe table uses a Delta feature that this program does not know: drop the feature with the engine that \
                 added it, or use a newer movies-etl.";
    }
    match cause {
        Some(cause) => caused(text, cause),
        None => text,
    }
}
