//! Version 0 of a table.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::{fs, io};

use delta_kernel::schema::StructType;
use delta_kernel::transaction::create_table as kernel;
use delta_kernel::transaction::data_layout::DataLayout;
use delta_kernel::transaction::CommitResult;
use delta_kernel::{KernelError, KernelResult};
use serde_json::{json, Map, Value};

use crate::committer::JsonCommitter;
use crate::engine::{engine, kernel_fault, ENGINE_INFO, MEMORY};
use crate::fault::{fault, Fault};
use crate::ffi::{Change, DataFile, Pair, PartitionChange};
use crate::table::open_table;
use crate::urls::root_url;
use crate::write::object;

/// Properties that say how engines lay out files and change nothing of the protocol. The kernel refuses to create a table
/// with a `delta.` property that is not on its own list, so these are put into its commit.
const LAYOUT_PROPERTIES: [&str; 5] = [
    "delta.autoOptimize.optimizeWrite",
    "delta.autoOptimize.autoCompact",
    "delta.targetFileSize",
    "delta.tuneFileSizesForRewrites",
    "delta.randomizeFilePrefixes",
];

pub fn create_table(
    root: &str,
    schema_json: &str,
    partition_columns: &[String],
    properties: &[Pair],
) -> Result<bool, Fault> {
    let url = root_url(root)?;
    if url.scheme() == "file" {
        make_folder(Path::new(root)).map_err(|error| fault(root, error))?;
    }
    let schema: StructType = serde_json::from_str(schema_json).map_err(|error| fault(root, error))?;
    let (layout, others): (Vec<_>, Vec<_>) =
        properties.iter().partition(|pair| LAYOUT_PROPERTIES.contains(&pair.key.as_str()));
    let build = || -> KernelResult<bool> {
        let engine = engine(&url).map_err(KernelError::generic)?;
        let mut builder = kernel::create_table(url.as_str(), Arc::new(schema), ENGINE_INFO, true)
            .with_table_properties(others.iter().map(|pair| (pair.key.as_str(), pair.value.as_str())))
            .with_operation_parameters([
                ("partitionBy", Some(json!(partition_columns).to_string())),
                ("properties", Some(Value::from(object(properties)).to_string())),
            ]);
        if !partition_columns.is_empty() {
            builder = builder.with_data_layout(DataLayout::partitioned(partition_columns));
        }
        let layout: Map<_, _> = layout.iter().map(|pair| (pair.key.clone(), pair.value.as_str().into())).collect();
        let rewrite = move |action: &mut Value| rewrite(action, &layout);
        let committer = JsonCommitter { rewrite, more: |_, _| Vec::new() };
        let transaction = match builder.build(engine.as_ref(), Box::new(committer)) {
            Err(KernelError::TableAlreadyExistsAtPath(_)) => return Ok(false),
            built => built?,
        };
        match transaction.commit(engine.as_ref())? {
            CommitResult::Committed(_) => Ok(true),
            CommitResult::Conflicted(_) => Ok(false),
            CommitResult::Retryable(failed) => Err(failed.error),
        }
    };
    build().map_err(|error| kernel_fault(root, error))
}

/// A value that the column may have, as the log writes it.
fn some_value(schema: &Value, column: &str) -> &'static str {
    let fields = schema["fields"].as_array().into_iter().flatten();
    match fields.filter(|field| field["name"] == column).find_map(|field| field["type"].as_str()) {
        Some("byte" | "short" | "integer" | "long") => "1",
        Some("boolean") => "true",
        _ => "2021-01-01",
    }
}

/// Everything that a first and a second run do to the log of a table that is made so: what the kernel refuses of it, or what
/// `open_table` does, comes to light before there is one.
pub fn rehearse(schema_json: &str, partition_columns: &[String], properties: &[Pair]) -> Result<(), Fault> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let root = format!("{MEMORY}://rehearsal/{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let schema: Value = serde_json::from_str(schema_json).map_err(|error| fault(&root, error))?;
    let partition =
        partition_columns.iter().map(|column| Pair { key: column.clone(), value: some_value(&schema, column).into() });
    let file = |path: &str| DataFile {
        path: path.into(),
        bytes: 1,
        rows: 1,
        modified_millis: 0,
        stats_json: "{\"numRecords\":1}".into(),
        deletion_vector: String::new(),
        partition_values: Vec::new(),
        tags: Vec::new(),
    };
    let mut change = Change {
        partitions: vec![PartitionChange {
            partition: partition.collect(),
            add: vec![file("first.parquet")],
            remove: Vec::new(),
            removes_all: true,
        }],
        app_id: "rehearsal".into(),
        operation: "WRITE".into(),
        parameters: Vec::new(),
        metrics: Vec::new(),
        user_metadata: String::new(),
        tags: Vec::new(),
        properties: Vec::new(),
        data_change: true,
        marks: Vec::new(),
        version_mark: String::new(),
    };
    let mut acted = || -> Result<(), Fault> {
        create_table(&root, schema_json, partition_columns, properties)?;
        let table = open_table(&root)?;
        if table.info()?.features.iter().any(|feature| feature == "materializePartitionColumns") {
            return Err(
                "materializePartitionColumns wants partition columns in the data files, where a run writes none".into(),
            );
        }
        table.replace(&change)?;
        change.partitions[0].add = vec![file("second.parquet")];
        table.newer()?.replace(&change)?;
        Ok(())
    };
    acted().map_err(|fault| fault.replace(&format!("{root}/: "), "").replace(&format!("{root}: "), ""))
}

/// The folder and those above it, on disk: the store makes only the log's own folder durable.
fn make_folder(folder: &Path) -> io::Result<()> {
    let first_new = folder.ancestors().take_while(|folder| !folder.exists()).last();
    fs::create_dir_all(folder)?;
    let above = first_new.and_then(Path::parent);
    for parent in folder.ancestors().skip(1).take_while(|parent| above.is_some_and(|above| parent.starts_with(above))) {
        fs::File::open(parent)?.sync_all()?;
    }
    Ok(())
}

/// The kernel's first log entry with two changes: the layout properties, and the oldest protocol that says the same.
fn rewrite(action: &mut Value, layout: &Map<String, Value>) {
    if let Some(Value::Object(configuration)) = action.pointer_mut("/metaData/configuration") {
        configuration.extend(layout.clone());
    }
    // Version 7 with no feature beyond what version 2 implies only shuts out older readers and writers.
    if let Some(protocol) = action.get_mut("protocol") {
        let within = |list: &str, allowed: &[&str]| match protocol.get(list) {
            Some(Value::Array(features)) => {
                features.iter().all(|feature| feature.as_str().is_some_and(|name| allowed.contains(&name)))
            }
            _ => true,
        };
        if within("readerFeatures", &[]) && within("writerFeatures", &["appendOnly", "invariants"]) {
            *protocol = json!({"minReaderVersion": 1, "minWriterVersion": 2});
        }
    }
}
