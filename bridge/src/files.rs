//! The live files of partitions, as facts and as rows to remove.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use delta_kernel::actions::deletion_vector::DeletionVectorDescriptor;
use delta_kernel::engine_data::{GetData, MapItem, TypedGetData};
use delta_kernel::expressions::ColumnName;
use delta_kernel::scan::StatsOptions;
use delta_kernel::schema::{DataType, MapType};
use delta_kernel::{Engine, EngineData, FilteredEngineData, KernelError, KernelResult, RowVisitor};
use percent_encoding::percent_decode_str;
use serde_json::{json, Value};

use crate::engine::{engine, kernel_fault};
use crate::fault::{caused, Fault, CONFLICT};
use crate::ffi::{DataFile, Pair, PartitionChange};
use crate::table::{Opened, Table};
use crate::urls::shown;

impl Table {
    pub fn files(&self, partition: &[Pair], statistics: bool) -> Result<Vec<DataFile>, Fault> {
        let wanted = [Wanted { values: values_of(partition), only: None }];
        // Of a long log most are the statistics.
        let asked = || if statistics { StatsOptions::json_only() } else { StatsOptions::none() };
        self.read(|opened| {
            let mut files = Vec::new();
            scan(opened, &wanted, asked(), &mut files, |_, _| Ok(()))?;
            Ok(files)
        })
    }

    pub fn deleted_rows(&self, deletion_vector: &str) -> Result<Vec<i64>, Fault> {
        let read = || -> KernelResult<Vec<u64>> {
            let descriptor: DeletionVectorDescriptor =
                serde_json::from_str(deletion_vector).map_err(KernelError::generic_err)?;
            let storage = engine(&self.root).map_err(KernelError::generic)?.storage_handler();
            descriptor.row_indexes(storage, &self.root)
        };
        let rows = read().map_err(|error| kernel_fault(format!("{}: a deletion vector", shown(&self.root)), error))?;
        // A Parquet file counts its rows in 63 bits.
        Ok(rows.into_iter().filter_map(|row| i64::try_from(row).ok()).collect())
    }

    /// The files, and the same as the scan's rows with everything else unselected: what a removal must carry.
    pub fn live(&self, changes: &[PartitionChange]) -> Result<(Vec<DataFile>, Vec<FilteredEngineData>), Fault> {
        let wanted: Vec<Wanted> = changes.iter().map(Wanted::of).collect();
        let (files, rows) = self.read(|opened| {
            let (mut files, mut rows) = (Vec::new(), Vec::new());
            scan(opened, &wanted, StatsOptions::json_only(), &mut files, |data, selected| {
                if selected.contains(&true) {
                    rows.push(FilteredEngineData::try_new(data, selected)?);
                }
                Ok(())
            })?;
            Ok((files, rows))
        })?;
        let found: HashSet<String> = files.iter().map(|file| decoded(&file.path)).collect();
        match wanted.iter().flat_map(|one| one.only.iter().flatten()).find(|path| !found.contains(*path)) {
            None => Ok((files, rows)),
            Some(path) => {
                let gone = format!("{}: {path} is not a live file any more\nRun again.", shown(&self.root));
                Err(caused(gone, CONFLICT))
            }
        }
    }
}

/// Files of the partitions with these values: all, or some.
struct Wanted {
    values: HashMap<String, String>,
    only: Option<HashSet<String>>, // decoded paths
}

impl Wanted {
    fn of(change: &PartitionChange) -> Self {
        let only = (!change.removes_all).then(|| change.remove.iter().cloned().collect());
        Wanted { values: values_of(&change.partition), only }
    }

    /// Delta writes the empty string and NULL alike, as null.
    fn has(&self, path: &str, values: Option<&MapItem<'_>>) -> bool {
        let value_of = |column: &String| values.and_then(|values| values.get(column)).unwrap_or_default();
        self.values.iter().all(|(column, value)| value_of(column) == *value)
            && self.only.as_ref().is_none_or(|paths| paths.contains(&decoded(path)))
    }
}

fn decoded(path: &str) -> String {
    percent_decode_str(path).decode_utf8_lossy().into_owned()
}

fn values_of(partition: &[Pair]) -> HashMap<String, String> {
    partition.iter().map(|pair| (pair.key.clone(), pair.value.clone())).collect()
}

/// Collects the wanted partitions' files, and hands over each batch of the log with what of it they are.
fn scan(
    opened: &Opened,
    wanted: &[Wanted],
    statistics: StatsOptions,
    files: &mut Vec<DataFile>,
    mut each: impl FnMut(Box<dyn EngineData>, Vec<bool>) -> KernelResult<()>,
) -> KernelResult<()> {
    let scan = opened.snapshot.clone().scan_builder().with_stats(statistics).build()?;
    for batch in scan.scan_metadata(opened.engine.as_ref())? {
        let (data, selected) = batch?.scan_files.into_parts();
        let mut visitor = Visitor { wanted, selected, files };
        visitor.visit_rows_of(data.as_ref())?;
        let selected = visitor.selected;
        each(data, selected)?;
    }
    Ok(())
}

/// Narrows `selected` to the rows of the wanted partitions and collects them.
struct Visitor<'a> {
    wanted: &'a [Wanted],
    selected: Vec<bool>,
    files: &'a mut Vec<DataFile>,
}

impl RowVisitor for Visitor<'_> {
    fn selected_column_names_and_types(&self) -> (&'static [ColumnName], &'static [DataType]) {
        static NAMES: LazyLock<Vec<ColumnName>> = LazyLock::new(|| {
            vec![
                ColumnName::new(["path"]),
                ColumnName::new(["size"]),
                ColumnName::new(["modificationTime"]),
                ColumnName::new(["stats"]),
                ColumnName::new(["deletionVector", "storageType"]),
                ColumnName::new(["fileConstantValues", "partitionValues"]),
                ColumnName::new(["deletionVector", "pathOrInlineDv"]),
                ColumnName::new(["deletionVector", "offset"]),
                ColumnName::new(["deletionVector", "sizeInBytes"]),
                ColumnName::new(["deletionVector", "cardinality"]),
                ColumnName::new(["fileConstantValues", "tags"]),
            ]
        });
        static TYPES: LazyLock<Vec<DataType>> = LazyLock::new(|| {
            let map = MapType::new(DataType::STRING, DataType::STRING, true);
            let (text, long, int) = (DataType::STRING, DataType::LONG, DataType::INTEGER);
            let vector = [text.clone(), int.clone(), int, long.clone()];
            let facts = vec![text.clone(), long.clone(), long, text.clone(), text, map.clone().into()];
            [facts, vector.to_vec(), vec![map.into()]].concat()
        });
        (&NAMES, &TYPES)
    }

    fn visit<'a>(&mut self, row_count: usize, getters: &[&'a dyn GetData<'a>]) -> KernelResult<()> {
        // Rows beyond the end of a selection vector count as selected.
        self.selected.resize(row_count, true);
        for row in 0..row_count {
            if !self.selected[row] {
                continue;
            }
            let values: Option<MapItem<'_>> = getters[5].get_opt(row, "partitionValues")?;
            let path: &str = getters[0].get(row, "path")?;
            self.selected[row] = self.wanted.iter().any(|one| one.has(path, values.as_ref()));
            if !self.selected[row] {
                continue;
            }
            let stats: Option<&str> = getters[3].get_opt(row, "stats")?;
            let tags: Option<MapItem<'_>> = getters[10].get_opt(row, "tags")?;
            let bytes: i64 = getters[1].get(row, "size")?;
            self.files.push(DataFile {
                path: path.to_string(),
                bytes: bytes.try_into().unwrap_or_default(),
                rows: stats.map_or(-1, rows_of),
                modified_millis: getters[2].get(row, "modificationTime")?,
                stats_json: stats.unwrap_or_default().to_string(),
                deletion_vector: deletion_vector(row, getters)?,
                partition_values: values.map_or_else(Vec::new, pairs_of),
                tags: tags.map_or_else(Vec::new, pairs_of),
            });
        }
        Ok(())
    }
}

fn deletion_vector<'a>(row: usize, getters: &[&'a dyn GetData<'a>]) -> KernelResult<String> {
    let Some(storage_type): Option<&str> = getters[4].get_opt(row, "deletionVector.storageType")? else {
        return Ok(String::new());
    };
    let path: &str = getters[6].get(row, "deletionVector.pathOrInlineDv")?;
    let offset: Option<i32> = getters[7].get_opt(row, "deletionVector.offset")?;
    let bytes: i32 = getters[8].get(row, "deletionVector.sizeInBytes")?;
    let cardinality: i64 = getters[9].get(row, "deletionVector.cardinality")?;
    Ok(json!({"storageType": storage_type, "pathOrInlineDv": path, "offset": offset, "sizeInBytes": bytes,
              "cardinality": cardinality})
    .to_string())
}

fn pairs_of(values: MapItem<'_>) -> Vec<Pair> {
    values.materialize().into_iter().map(|(key, value)| Pair { key, value }).collect()
}

fn rows_of(stats: &str) -> i64 {
    let parsed: Option<Value> = serde_json::from_str(stats).ok();
    parsed.and_then(|stats| stats.get("numRecords")?.as_i64()).unwrap_or(-1)
}
