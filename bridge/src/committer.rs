//! Log entries as we want them: the kernel's, with each action looked at once more as JSON.
//!
//! Its own committer writes statistics through Arrow arrays of the types that it skips by: no bounds of booleans, and
//! decimals and times only as far as those arrays and their text go.

use delta_kernel::committer::{CommitMetadata, CommitResponse, Committer, PublishMetadata};
use delta_kernel::engine::arrow_utils::to_json_bytes;
use delta_kernel::{Engine, FileMeta, FilteredEngineData, KernelError, KernelResult, KernelResultIterator};
use serde_json::Value;

/// Writes the entry durably, or reports a conflict where there is one of that version.
pub struct JsonCommitter<Rewrite: Fn(&mut Value) + Send + Sync, More: Fn(u64, i64) -> Vec<Value> + Send + Sync> {
    /// Changes an action in place: `{"add": {...}}`.
    pub rewrite: Rewrite,
    /// Actions of our own, behind the kernel's, of the version that is tried and its time in milliseconds.
    pub more: More,
}

impl<Rewrite, More> Committer for JsonCommitter<Rewrite, More>
where
    Rewrite: Fn(&mut Value) + Send + Sync,
    More: Fn(u64, i64) -> Vec<Value> + Send + Sync,
{
    fn commit(
        &self,
        engine: &dyn Engine,
        actions: KernelResultIterator<'_, FilteredEngineData>,
        metadata: CommitMetadata,
    ) -> KernelResult<CommitResponse> {
        let mut text = String::new();
        for line in std::str::from_utf8(&to_json_bytes(actions)?)?.lines() {
            let mut action: Value = serde_json::from_str(line).map_err(KernelError::generic_err)?;
            (self.rewrite)(&mut action);
            text += &action.to_string();
            text += "\n";
        }
        for action in (self.more)(metadata.version(), metadata.in_commit_timestamp()) {
            text += &action.to_string();
            text += "\n";
        }
        let path = metadata.published_commit_path()?;
        let file_meta = FileMeta::new(path.clone(), metadata.in_commit_timestamp(), text.len() as u64);
        match engine.storage_handler().put(&path, text.into(), false) {
            Ok(()) => Ok(CommitResponse::Committed { file_meta }),
            Err(KernelError::FileAlreadyExists(_)) => Ok(CommitResponse::Conflict { version: metadata.version() }),
            Err(error) => Err(error),
        }
    }

    fn is_catalog_committer(&self) -> bool {
        false
    }

    fn publish(&self, _: &dyn Engine, _: PublishMetadata) -> KernelResult<()> {
        Err(KernelError::unsupported("there is no catalog to publish to"))
    }
}
