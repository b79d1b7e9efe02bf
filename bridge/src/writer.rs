//! Whether this program may write to a table, and the snapshot on which the kernel lets it.
//!
//! The kernel refuses every table whose protocol allows CHECK constraints, generated or identity columns, which the writer
//! versions 3 to 6 all do; that the table has none of them is what matters. For a transaction, and only for that, it gets a
//! protocol without what the table does not use: a commit does not repeat the protocol, and a checkpoint takes it from the
//! log.

use delta_kernel::actions::Protocol;
use delta_kernel::committer::FileSystemCommitter;
use delta_kernel::snapshot::{PublicationWatermark, SnapshotHint, SnapshotHintFreshness};
use delta_kernel::table_features::{ColumnMappingMode, TableFeature};
use delta_kernel::transaction::UpdateTableOperation;
use delta_kernel::{FileMeta, KernelResult, LogPath, Snapshot, SnapshotRef};

use crate::engine::ENGINE_INFO;
use crate::fault::Fault;
use crate::ffi::ColumnPath;
use crate::table::{Opened, Table};
use crate::urls::shown;

/// A feature, the legacy writer version that brings it, and what only tables that use it have in schema or properties.
const RULES: [(&str, i32, &str, &str); 3] = [
    ("checkConstraints", 3, "delta.constraints.", "CHECK constraints"),
    ("generatedColumns", 4, "\"delta.generationExpression\"", "generated columns"),
    ("identityColumns", 6, "\"delta.identity.", "identity columns"),
];

/// What a legacy writer version implies beside those.
const LEGACY: [(&str, i32); 4] = [("appendOnly", 2), ("invariants", 2), ("changeDataFeed", 4), ("columnMapping", 5)];

impl Table {
    pub fn require_writable(&self) -> Result<(), Fault> {
        let opened = self.opened()?;
        let snapshot = self.writable(&opened)?;
        snapshot
            .update_table(UpdateTableOperation::Write, ENGINE_INFO, true)
            .build(opened.engine.as_ref(), Box::new(FileSystemCommitter::new()))
            .map(|_| ())
            .map_err(|error| self.fault(error))
    }

    pub fn statistics_columns(&self) -> Result<Vec<ColumnPath>, Fault> {
        let opened = self.opened()?;
        let transaction = self
            .writable(&opened)?
            .update_table(UpdateTableOperation::Write, ENGINE_INFO, true)
            .build(opened.engine.as_ref(), Box::new(FileSystemCommitter::new()))
            .map_err(|error| self.fault(error))?;
        Ok(transaction.stats_columns().into_iter().map(|column| ColumnPath { names: column.into_inner() }).collect())
    }

    /// The snapshot to build a transaction on.
    pub fn writable(&self, opened: &Opened) -> Result<SnapshotRef, Fault> {
        let snapshot = &opened.snapshot;
        let refuse = |what: &str, hint: &str| {
            Err(format!("{} has {what}, which runs do not support\n{hint}", shown(&self.root)))
        };
        // The engines write columns by their names.
        if snapshot.table_configuration().column_mapping_mode() != ColumnMappingMode::None {
            return refuse(
                "column mapping (delta.columnMapping.mode)",
                "Write to a table without it; checks can read it.",
            );
        }
        let protocol = snapshot.table_configuration().protocol();
        let properties = snapshot.metadata_configuration();
        let schema = snapshot.table_configuration().metadata().schema_string();
        let legacy = protocol.min_writer_version() < 7;
        let listed = protocol.writer_features().unwrap_or_default();
        let mut unused = Vec::new();
        for (feature, version, mark, what) in RULES {
            let allowed = if legacy {
                protocol.min_writer_version() >= version
            } else {
                listed.iter().any(|one| one.as_ref() == feature)
            };
            let used = schema.contains(mark) || properties.keys().any(|key| key.starts_with(mark));
            if allowed && used {
                return refuse(what, "Nothing here would hold the rows to them. Drop them, or write to another table.");
            }
            if allowed {
                unused.push(feature);
            }
        }
        if unused.is_empty() {
            return Ok(snapshot.clone());
        }
        let kept: Vec<TableFeature> = if legacy {
            let implied = LEGACY.iter().filter(|(_, version)| protocol.min_writer_version() >= *version);
            // Column mapping is not in use, and its reader's version stays what it is.
            implied.filter(|(name, _)| *name != "columnMapping").map(|(name, _)| TableFeature::from(*name)).collect()
        } else {
            listed.iter().filter(|one| !unused.contains(&one.as_ref())).cloned().collect()
        };
        self.with_features(opened, kept).map_err(|error| self.fault(error))
    }

    fn with_features(&self, opened: &Opened, writer_features: Vec<TableFeature>) -> KernelResult<SnapshotRef> {
        let snapshot = &opened.snapshot;
        let configuration = snapshot.table_configuration();
        let reader = configuration.protocol();
        let (version, features) = match reader.reader_features() {
            Some(features) => (reader.min_reader_version(), Some(features.to_vec())),
            None => (1, None), // of column mapping, which is not in use, version 2 knows no more than 1
        };
        let protocol = Protocol::try_new(version, 7, features, Some(writer_features))?;
        let listed = &snapshot.log_segment().listed;
        let files =
            listed.ascending_commit_files.iter().chain(&listed.checkpoint_parts).chain(&listed.latest_commit_file);
        let mut paths = files.map(|path| path.location.clone()).collect::<Vec<FileMeta>>();
        paths.sort();
        paths.dedup();
        let hint = SnapshotHint::try_new(
            self.root.as_str(),
            snapshot.version(),
            PublicationWatermark::InferFromLogPaths,
            paths.into_iter().map(LogPath::try_new).collect::<KernelResult<_>>()?,
            protocol,
            configuration.metadata().clone(),
            None,
            None,
            SnapshotHintFreshness::Latest,
        )?;
        Snapshot::builder_for(self.root.as_str()).with_snapshot_hint(hint).build(opened.engine.as_ref())
    }
}

/// Whether readers of the change feed are told rows by the files that a commit adds and removes. The kernel writes no change
/// files and so refuses such commits, but a partition that is replaced is just that: each old row deleted, each new one
/// inserted.
pub fn feeds_changes(snapshot: &Snapshot) -> bool {
    snapshot.table_configuration().is_feature_enabled(&TableFeature::ChangeDataFeed)
}
