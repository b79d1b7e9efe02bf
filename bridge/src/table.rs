//! One version of a table, opened.

use std::path::Path;
use std::sync::Arc;

use delta_kernel::committer::FileSystemCommitter;
use delta_kernel::table_features::ColumnMappingMode;
use delta_kernel::transaction::UpdateTableOperation;
use delta_kernel::{KernelResult, Snapshot, SnapshotRef};
use url::Url;

use crate::engine::{engine, fault, kernel_fault, root_url, shown, Fault, ENGINE_INFO};
use crate::ffi::{ColumnPath, Pair, TableInfo};
use crate::log;

pub struct Table {
    pub root: Url,
    snapshot: Option<SnapshotRef>,
}

pub fn open_table(root: &str) -> Result<Box<Table>, Fault> {
    let url = root_url(root)?;
    // The kernel calls a folder that does not exist an invalid location.
    if url.scheme() == "file" && !Path::new(root).try_exists().map_err(|error| fault(root, error))? {
        return Ok(Box::new(Table { root: url, snapshot: None }));
    }
    let engine = engine(&url)?;
    let build = || Snapshot::builder_for(url.as_str()).build(engine.as_ref());
    let mut built = build();
    if built.is_err() {
        if !log::exists(&url)? {
            return Ok(Box::new(Table { root: url, snapshot: None }));
        }
        // Another run may have made the table just after the kernel's look.
        built = build();
    }
    checked(url, built)
}

/// The table, once it is clear that it can be read to its last entry and be written.
fn checked(root: Url, built: KernelResult<SnapshotRef>) -> Result<Box<Table>, Fault> {
    let snapshot = match built {
        Ok(snapshot) => snapshot,
        Err(error) => return Err(log::explain(&root, error)),
    };
    // Sizes are known from the listing; of the texts only the newest is read again, the one that a crash can have torn.
    let entries = &snapshot.log_segment().listed.ascending_commit_files;
    let suspects = entries.iter().enumerate().filter(|(i, entry)| i + 1 == entries.len() || entry.location.size == 0);
    for (_, entry) in suspects {
        if let Some(fault) = log::check_entry(&entry.location) {
            return Err(fault);
        }
    }
    let table = Table { root, snapshot: Some(snapshot.clone()) };
    // Every use of a table here ends in a write, and the engines write columns by their names.
    snapshot
        .update_table(UpdateTableOperation::Write, ENGINE_INFO, true)
        .build(engine(&table.root)?.as_ref(), Box::new(FileSystemCommitter::new()))
        .map_err(|error| table.fault(error))?;
    if table.snapshot()?.table_configuration().column_mapping_mode() != ColumnMappingMode::None {
        return Err(format!("{}: the table feature columnMapping is not supported", shown(&table.root)));
    }
    Ok(Box::new(table))
}

impl Table {
    pub fn exists(&self) -> bool {
        self.snapshot.is_some()
    }

    pub fn newer(&self) -> Result<Box<Table>, Fault> {
        let built = Snapshot::builder_from(self.snapshot()?).build(engine(&self.root)?.as_ref());
        checked(self.root.clone(), built)
    }

    pub fn info(&self) -> Result<TableInfo, Fault> {
        let snapshot = self.snapshot()?;
        let mut properties: Vec<Pair> = snapshot
            .metadata_configuration()
            .iter()
            .map(|(key, value)| Pair { key: key.clone(), value: value.clone() })
            .collect();
        properties.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(TableInfo {
            version: snapshot.version(),
            schema_json: serde_json::to_string(snapshot.schema().as_ref())
                .map_err(|error| fault(shown(&self.root), error))?,
            partition_columns: snapshot.table_configuration().logical_partition_columns().to_vec(),
            properties,
        })
    }

    pub fn statistics_columns(&self) -> Result<Vec<ColumnPath>, Fault> {
        let transaction = self
            .snapshot()?
            .update_table(UpdateTableOperation::Write, ENGINE_INFO, true)
            .build(engine(&self.root)?.as_ref(), Box::new(FileSystemCommitter::new()))
            .map_err(|error| self.fault(error))?;
        Ok(transaction.stats_columns().into_iter().map(|column| ColumnPath { names: column.into_inner() }).collect())
    }

    pub fn committed_millis(&self) -> Result<i64, Fault> {
        self.snapshot()?.get_timestamp(engine(&self.root)?.as_ref()).map_err(|error| self.fault(error))
    }

    pub fn checkpoint(&self) -> Result<(), Fault> {
        self.snapshot()?.checkpoint(engine(&self.root)?.as_ref(), None).map(|_| ()).map_err(|error| self.fault(error))
    }

    pub fn snapshot(&self) -> Result<SnapshotRef, Fault> {
        self.snapshot.as_ref().map(Arc::clone).ok_or_else(|| format!("{}: no Delta table", shown(&self.root)))
    }

    pub fn fault(&self, error: delta_kernel::KernelError) -> Fault {
        kernel_fault(shown(&self.root), error)
    }
}
