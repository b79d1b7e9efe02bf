//! The threads on which the kernel and the stores do their work.

use std::sync::{Arc, OnceLock};

use delta_kernel_default_engine::executor::tokio::TokioMultiThreadExecutor;

use crate::fault::{fault, Fault};

/// For local files, whose reads and writes block: the runtime's own default are 512, each with a stack.
const BLOCKING_THREADS: usize = 8;

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
