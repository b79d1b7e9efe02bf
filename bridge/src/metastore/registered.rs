//! A registered table as the metastore's protocol has it, and as this program does.

use std::collections::BTreeMap;

use super::ffi::{HiveColumn, HivePair, HiveTable};
use super::protocol::{self, FieldSchema, SerDeInfo, StorageDescriptor};

/// What Spark registers for a table that Hive itself cannot read.
const INPUT_FORMAT: &str = "org.apache.hadoop.mapred.SequenceFileInputFormat";
const OUTPUT_FORMAT: &str = "org.apache.hadoop.hive.ql.io.HiveSequenceFileOutputFormat";
const SERDE: &str = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe";

pub fn from_protocol(table: protocol::Table) -> HiveTable {
    let sd = table.sd.unwrap_or_default();
    let serde = sd.serde_info.and_then(|serde| serde.parameters).unwrap_or_default();
    HiveTable {
        database: table.db_name.unwrap_or_default(),
        name: table.table_name.unwrap_or_default(),
        kind: table.table_type.unwrap_or_default(),
        location: sd.location.unwrap_or_default(),
        path: serde.get("path").cloned().unwrap_or_default(),
        columns: sd
            .cols
            .unwrap_or_default()
            .into_iter()
            .map(|column| HiveColumn {
                name: column.name.unwrap_or_default(),
                hive_type: column.type_.unwrap_or_default(),
                comment: column.comment.unwrap_or_default(),
            })
            .collect(),
        properties: table
            .parameters
            .unwrap_or_default()
            .into_iter()
            .map(|(key, value)| HivePair { key, value })
            .collect(),
    }
}

pub fn columns_of(table: &HiveTable) -> Vec<FieldSchema> {
    let field = |column: &HiveColumn| FieldSchema {
        name: Some(column.name.clone()),
        type_: Some(column.hive_type.clone()),
        comment: Some(column.comment.clone()).filter(|comment| !comment.is_empty()),
    };
    table.columns.iter().map(field).collect()
}

pub fn properties_of(table: &HiveTable) -> BTreeMap<String, String> {
    table.properties.iter().map(|pair| (pair.key.clone(), pair.value.clone())).collect()
}

pub fn to_protocol(table: &HiveTable, user: &str) -> protocol::Table {
    let serde = SerDeInfo {
        name: None,
        serialization_lib: Some(SERDE.to_string()),
        parameters: Some(
            [("path", table.path.as_str()), ("serialization.format", "1")]
                .map(|(key, value)| (key.to_string(), value.to_string()))
                .into(),
        ),
    };
    protocol::Table {
        table_name: Some(table.name.clone()),
        db_name: Some(table.database.clone()),
        owner: Some(user.to_string()),
        sd: Some(StorageDescriptor {
            cols: Some(columns_of(table)),
            location: Some(table.location.clone()),
            input_format: Some(INPUT_FORMAT.to_string()),
            output_format: Some(OUTPUT_FORMAT.to_string()),
            compressed: Some(false),
            num_buckets: Some(-1),
            serde_info: Some(serde),
            bucket_cols: Some(Vec::new()),
            sort_cols: Some(Vec::new()),
            parameters: Some(Default::default()),
        }),
        partition_keys: Some(Vec::new()),
        parameters: Some(properties_of(table)),
        table_type: Some(table.kind.clone()),
        ..Default::default()
    }
}
