//! Numbers that publications leave in the log beside their files, each under a name: as `txn` actions, which every
//! checkpoint holds, no clean-up of entries removes and no table feature has to be asked for.

use std::collections::HashSet;
use std::sync::LazyLock;

use delta_kernel::actions::LOG_TXN_SCHEMA;
use delta_kernel::engine_data::{GetData, TypedGetData};
use delta_kernel::expressions::ColumnName;
use delta_kernel::schema::DataType;
use delta_kernel::{KernelResult, RowVisitor};
use serde_json::{json, Value};

use crate::fault::Fault;
use crate::ffi::{Change, Mark};
use crate::table::Table;

impl Table {
    /// All that begin with `prefix`, the newest of each name; in one pass over the log.
    pub fn marks(&self, prefix: &str) -> Result<Vec<Mark>, Fault> {
        self.read(|opened| {
            let mut visitor = Visitor { prefix, seen: HashSet::new(), found: Vec::new() };
            let log = opened.snapshot.log_segment();
            for batch in log.read_actions(opened.engine.as_ref(), LOG_TXN_SCHEMA.clone())? {
                visitor.visit_rows_of(batch?.actions.as_ref())?;
            }
            Ok(visitor.found)
        })
    }
}

/// Those that a change leaves.
pub struct Marks {
    values: Vec<(String, i64)>,
    version_mark: String,
}

impl Marks {
    pub fn of(change: &Change) -> Self {
        let values = change.marks.iter().map(|mark| (mark.name.clone(), mark.value)).collect();
        Marks { values, version_mark: change.version_mark.clone() }
    }

    /// For the version that the change becomes.
    pub fn actions(&self, version: u64, now_millis: i64) -> Vec<Value> {
        let version = (self.version_mark.clone(), i64::try_from(version).unwrap_or(i64::MAX));
        let all = self.values.iter().chain(Some(&version).filter(|(name, _)| !name.is_empty()));
        all.map(|(name, value)| json!({"txn": {"appId": name, "version": value, "lastUpdated": now_millis}})).collect()
    }
}

/// The log is replayed newest first.
struct Visitor<'a> {
    prefix: &'a str,
    seen: HashSet<String>,
    found: Vec<Mark>,
}

impl RowVisitor for Visitor<'_> {
    fn selected_column_names_and_types(&self) -> (&'static [ColumnName], &'static [DataType]) {
        static NAMES: LazyLock<Vec<ColumnName>> =
            LazyLock::new(|| ["appId", "version", "lastUpdated"].map(|name| ColumnName::new(["txn", name])).to_vec());
        static TYPES: LazyLock<Vec<DataType>> =
            LazyLock::new(|| vec![DataType::STRING, DataType::LONG, DataType::LONG]);
        (&NAMES, &TYPES)
    }

    fn visit<'a>(&mut self, row_count: usize, getters: &[&'a dyn GetData<'a>]) -> KernelResult<()> {
        for row in 0..row_count {
            let name: Option<&str> = getters[0].get_opt(row, "txn.appId")?;
            let Some(name) = name.filter(|name| name.starts_with(self.prefix)) else { continue };
            if self.seen.contains(name) {
                continue;
            }
            let updated_millis: Option<i64> = getters[2].get_opt(row, "txn.lastUpdated")?;
            let value = getters[1].get(row, "txn.version")?;
            self.seen.insert(name.to_string());
            self.found.push(Mark { name: name.to_string(), value, updated_millis: updated_millis.unwrap_or(-1) });
        }
        Ok(())
    }
}
