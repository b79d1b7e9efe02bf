//! The kernel's engine for local files, and how its errors become text.

use std::fmt::Display;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use delta_kernel::object_store::local::LocalFileSystem;
use delta_kernel::{Engine, KernelError};
use delta_kernel_default_engine::executor::tokio::TokioMultiThreadExecutor;
use delta_kernel_default_engine::DefaultEngineBuilder;
use url::Url;

use crate::storage::LocalEngine;

/// What commitInfo names as the writer.
pub const ENGINE_INFO: &str = concat!("movies-etl/", env!("CARGO_PKG_VERSION"));

/// The text of an error: the message, and after a line break what to do about it.
pub type Fault = String;

/// One engine for the process: its threads start once.
///
/// The multi-threaded executor, because the default one waits for itself in `checkpoint`. `with_fsync`, because exit 0
/// promises that the log entry and its folder are on disk; without it the store only renames.
pub fn engine() -> Result<Arc<dyn Engine>, Fault> {
    static ENGINE: OnceLock<Result<Arc<dyn Engine>, Fault>> = OnceLock::new();
    ENGINE
        .get_or_init(|| {
            let executor = TokioMultiThreadExecutor::new_owned_runtime(Some(2), None)
                .map_err(|error| fault("cannot start the Delta engine", error))?;
            let store = Arc::new(LocalFileSystem::new().with_fsync(true));
            let builder = DefaultEngineBuilder::new(store).with_task_executor(Arc::new(executor));
            Ok(Arc::new(LocalEngine { inner: builder.build() }) as Arc<dyn Engine>)
        })
        .clone()
}

/// The URL of an absolute local folder; it ends in a slash, so that joining appends.
pub fn root_url(root: impl AsRef<Path>) -> Result<Url, Fault> {
    let root = root.as_ref();
    Url::from_directory_path(root).map_err(|()| format!("not an absolute path: '{}'", root.display()))
}

/// The local path that a URL of ours stands for, as people write it.
pub fn shown(url: &Url) -> String {
    match url.to_file_path() {
        Ok(path) => path.display().to_string(),
        Err(()) => url.to_string(),
    }
}

/// "<context>: <error>" on one line: the line break is taken by the hint.
pub fn fault(context: impl Display, error: impl Display) -> Fault {
    format!("{context}: {error}").replace('\n', " ")
}

/// The same for the kernel's errors; one about a table feature says what to do.
pub fn kernel_fault(context: impl Display, error: KernelError) -> Fault {
    let needs_newer = matches!(error, KernelError::Unsupported(_) | KernelError::InvalidProtocol(_));
    let mut text = fault(context, error);
    if needs_newer {
        text +=
            "\nThe table uses a Delta feature that this program does not know: drop the feature with the engine that \
                 added it, or use a newer movies-etl.";
    }
    text
}
