//! Transactions on an existing table: replace partitions, add columns.

use std::collections::HashMap;
use std::sync::Arc;

use delta_kernel::committer::FileSystemCommitter;
use delta_kernel::schema::{DataType, MapType, StructField, StructType};
use delta_kernel::transaction::{CommitResult, Transaction, UpdateTableOperation};
use delta_kernel::{KernelError, KernelResult, Snapshot};
use serde_json::{json, Map, Value};

use crate::committer::JsonCommitter;
use crate::engine::ENGINE_INFO;
use crate::fault::{fault, Fault};
use crate::ffi::{Change, Pair, PartitionChange};
use crate::marks::Marks;
use crate::stats::{add_rows, one_row};
use crate::table::{Opened, Table};
use crate::urls::shown;
use crate::writer::feeds_changes;

impl Table {
    pub fn replace(&self, change: &Change) -> Result<i64, Fault> {
        let (replaced, removals) = self.live(&change.partitions)?;
        let opened = self.opened()?;
        let snapshot = self.writable(&opened)?;
        let feeds = change.data_change && feeds_changes(&snapshot);
        let build = || -> KernelResult<Transaction> {
            let engine = &opened.engine;
            let info_schema = Arc::new(StructType::try_new([
                StructField::nullable("userMetadata", DataType::STRING),
                StructField::nullable("tags", MapType::new(DataType::STRING, DataType::STRING, true)),
            ])?);
            let info = json!({"userMetadata": change.user_metadata, "tags": object(&change.tags)}).to_string();
            let committer = JsonCommitter {
                rewrite: rewriting(&change.partitions, feeds),
                more: own_actions(with_properties(&snapshot, &change.properties)?, change),
            };
            let mut builder = snapshot
                .clone()
                .update_table(operation(&change.operation), ENGINE_INFO, change.data_change && !feeds)
                .with_operation_parameters(entries(&change.parameters))
                .with_operation_metrics(entries(&change.metrics))
                .with_commit_info(one_row(&info, &info_schema)?, info_schema);
            if !change.app_id.is_empty() {
                let previous = snapshot.get_app_id_version(&change.app_id, engine.as_ref())?;
                builder = builder.with_transaction_id(&change.app_id, previous.map_or(0, |version| version + 1));
            }
            let mut transaction = builder.build(engine.as_ref(), Box::new(committer))?;
            // The rows of a replaced partition are new ones: there are no identities to keep.
            transaction.ack_row_tracking_preservation();
            for rows in removals {
                transaction.remove_files(rows);
            }
            for one in change.partitions.iter().filter(|one| !one.add.is_empty()) {
                transaction.add_files(add_rows(&one.add, &one.partition)?);
            }
            Ok(transaction)
        };
        let committed = self.commit(&opened, build().map_err(|error| self.fault(error))?)?;
        Ok(if committed { i64::try_from(replaced.len()).unwrap_or(i64::MAX) } else { -1 })
    }

    pub fn add_columns(&self, fields_json: &str) -> Result<bool, Fault> {
        let fields: StructType = serde_json::from_str(fields_json).map_err(|error| fault(shown(&self.root), error))?;
        let opened = self.opened()?;
        let mut builder = self.writable(&opened)?.update_table(UpdateTableOperation::AlterTable, ENGINE_INFO, false);
        for field in fields.fields() {
            builder = builder.add_column(field.clone());
        }
        let transaction = builder
            .build(opened.engine.as_ref(), Box::new(FileSystemCommitter::new()))
            .map_err(|error| self.fault(error))?;
        self.commit(&opened, transaction)
    }

    pub fn fence(&self) -> Result<bool, Fault> {
        let opened = self.opened()?;
        let transaction = self
            .writable(&opened)?
            .update_table(operation("FENCE"), ENGINE_INFO, false)
            .build(opened.engine.as_ref(), Box::new(FileSystemCommitter::new()))
            .map_err(|error| self.fault(error))?;
        self.commit(&opened, transaction)
    }

    fn commit(&self, opened: &Opened, transaction: Transaction) -> Result<bool, Fault> {
        self.require_log(opened)?;
        match transaction.commit(opened.engine.as_ref()).map_err(|error| self.fault(error))? {
            CommitResult::Committed(_) => Ok(true),
            CommitResult::Conflicted(_) => Ok(false),
            CommitResult::Retryable(failed) => Err(self.fault(failed.error)),
        }
    }
}

/// Gives each file that is added its statistics, deletion vector and tags, as they are; and with `feeds` makes what the kernel was told to be no
/// change of data the change that it is.
fn rewriting(changes: &[PartitionChange], feeds: bool) -> impl Fn(&mut Value) + Send + Sync + use<> {
    let files = changes.iter().flat_map(|one| &one.add);
    let facts: HashMap<String, (String, String, Map<String, Value>)> = files
        .map(|file| (file.path.clone(), (file.stats_json.clone(), file.deletion_vector.clone(), object(&file.tags))))
        .collect();
    move |action| {
        if feeds {
            for kind in ["add", "remove"] {
                if let Some(file) = action.get_mut(kind) {
                    file["dataChange"] = Value::from(true);
                }
            }
        }
        let Some(add) = action.get_mut("add").and_then(Value::as_object_mut) else { return };
        if let Some((stats, vector, tags)) = add.get("path").and_then(Value::as_str).and_then(|path| facts.get(path)) {
            if stats.is_empty() {
                add.remove("stats");
            } else {
                add.insert("stats".into(), stats.as_str().into());
            }
            if let Ok(descriptor @ Value::Object(_)) = serde_json::from_str(vector) {
                add.insert("deletionVector".into(), descriptor);
            }
            if !tags.is_empty() {
                add.insert("tags".into(), tags.clone().into());
            }
        }
    }
}

/// Sets these properties of the table in the same commit, if any: the kernel sets none of a table that is there.
fn with_properties(snapshot: &Snapshot, properties: &[Pair]) -> KernelResult<Vec<Value>> {
    if properties.is_empty() {
        return Ok(Vec::new());
    }
    let mut metadata =
        serde_json::to_value(snapshot.table_configuration().metadata()).map_err(KernelError::generic_err)?;
    if let Some(Value::Object(configuration)) = metadata.pointer_mut("/configuration") {
        configuration.extend(object(properties));
    }
    Ok(vec![json!({"metaData": metadata})])
}

/// What stands behind the kernel's actions: these, and the marks.
fn own_actions(first: Vec<Value>, change: &Change) -> impl Fn(u64, i64) -> Vec<Value> + Send + Sync + use<> {
    let marks = Marks::of(change);
    move |version, now_millis| first.iter().cloned().chain(marks.actions(version, now_millis)).collect()
}

/// The kernel refuses a custom operation that has the name of one it knows.
fn operation(name: &str) -> UpdateTableOperation {
    use UpdateTableOperation::{Custom, Delete, Merge, Optimize, Update, Write};
    [Write, Optimize, Delete, Update, Merge]
        .into_iter()
        .find(|known| known.as_str() == name)
        .unwrap_or_else(|| Custom(name.into()))
}

fn entries(pairs: &[Pair]) -> impl Iterator<Item = (&str, Option<&str>)> {
    pairs.iter().map(|pair| (pair.key.as_str(), Some(pair.value.as_str())))
}

pub fn object(pairs: &[Pair]) -> Map<String, Value> {
    pairs.iter().map(|pair| (pair.key.clone(), Value::from(pair.value.as_str()))).collect()
}
