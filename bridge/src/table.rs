//! One version of a table, opened.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use delta_kernel::table_features::TableFeature;
use delta_kernel::{KernelResult, Snapshot, SnapshotRef};
use url::Url;

use crate::damage::{self, anchored};
use crate::engine::{engine, kernel_fault};
use crate::fault::{caused, fault, Fault, CONFLICT};
use crate::ffi::{Pair, TableInfo};
use crate::listing::{local_tag, ListingEngine};
use crate::log;
use crate::urls::{root_url, shown};

pub struct Table {
    pub root: Url,
    opened: Mutex<Option<Opened>>, // None: there is no table
}

#[derive(Clone)]
pub struct Opened {
    pub snapshot: SnapshotRef,
    pub engine: Arc<ListingEngine>, // sees what of the log can be read
    tag: Option<String>,            // of the newest entry
}

pub fn open_table(root: &str) -> Result<Box<Table>, Fault> {
    let url = root_url(root)?;
    // The kernel calls a folder that does not exist an invalid location.
    if url.scheme() == "file" && !Path::new(root).try_exists().map_err(|error| fault(root, error))? {
        return Ok(Table::absent(url));
    }
    open(url)
}

/// That version, of a log that still has it.
pub fn open_table_at(root: &str, version: u64) -> Result<Box<Table>, Fault> {
    let root = root_url(root)?;
    let (snapshot, engine) = damage::read(&root, engine(&root)?, |engine| build(&root, engine, Some(version)))?;
    checked(root, snapshot, engine)
}

fn open(root: Url) -> Result<Box<Table>, Fault> {
    let build = |engine: &Arc<ListingEngine>| build(&root, engine, None);
    let seen = engine(&root)?;
    // Another run may make the table just after the kernel's look.
    let (snapshot, engine) = match build(&seen) {
        Ok(snapshot) => (snapshot, seen),
        Err(_) if !log::exists(&root)? => return Ok(Table::absent(root)),
        Err(_) => damage::read(&root, seen, build)?,
    };
    checked(root, snapshot, engine)
}

fn build(root: &Url, engine: &Arc<ListingEngine>, version: Option<u64>) -> KernelResult<SnapshotRef> {
    let builder = Snapshot::builder_for(root.as_str());
    match version {
        Some(version) => builder.at_version(version).build(engine.as_ref()),
        None => builder.build(engine.as_ref()),
    }
    .and_then(anchored)
}

/// The table, once it is clear that it can be read to its last entry.
fn checked(root: Url, snapshot: SnapshotRef, engine: Arc<ListingEngine>) -> Result<Box<Table>, Fault> {
    // Sizes are known from the listing; of the texts only the newest is read again, the one that a crash can have torn.
    let entries = &snapshot.log_segment().listed.ascending_commit_files;
    let suspects = entries.iter().enumerate().filter(|(i, entry)| i + 1 == entries.len() || entry.location.size == 0);
    for (_, entry) in suspects {
        if let Some(fault) = log::check_entry(&entry.location) {
            return Err(fault);
        }
    }
    let tag = engine.tag(&log::entry_url(&log::log_url(&root)?, snapshot.version())?);
    Ok(Box::new(Table { root, opened: Mutex::new(Some(Opened { snapshot, engine, tag })) }))
}

impl Table {
    fn absent(root: Url) -> Box<Self> {
        Box::new(Table { root, opened: Mutex::new(None) })
    }

    pub fn exists(&self) -> Result<bool, Fault> {
        Ok(self.opened().is_ok())
    }

    pub fn newer(&self) -> Result<Box<Table>, Fault> {
        let Opened { snapshot, engine, tag } = self.opened()?;
        // A newer checkpoint may be damaged where this version's was not.
        let newer = Snapshot::builder_from(snapshot.clone()).build(engine.as_ref());
        // Its listing begins after the checkpoint: mostly it has seen this version's entry too.
        let checkpoint = snapshot.log_segment().checkpoint_version.unwrap_or(0);
        let now = if snapshot.version() > checkpoint {
            engine.tag(&log::entry_url(&log::log_url(&self.root)?, snapshot.version())?)
        } else {
            log::entry_tag(&self.root, snapshot.version())?
        };
        match newer {
            Ok(newer) if now.is_some() && now == tag => checked(self.root.clone(), newer, engine),
            _ => open(self.root.clone()),
        }
    }

    pub fn info(&self) -> Result<TableInfo, Fault> {
        let snapshot = self.opened()?.snapshot;
        let mut properties: Vec<Pair> = snapshot
            .metadata_configuration()
            .iter()
            .map(|(key, value)| Pair { key: key.clone(), value: value.clone() })
            .collect();
        properties.sort_by(|a, b| a.key.cmp(&b.key));
        let checkpoint = snapshot.log_segment().checkpoint_version;
        Ok(TableInfo {
            version: snapshot.version(),
            checkpoint: checkpoint.and_then(|version| i64::try_from(version).ok()).unwrap_or(-1),
            id: snapshot.table_configuration().metadata().id().to_string(),
            schema_json: serde_json::to_string(snapshot.schema().as_ref())
                .map_err(|error| fault(shown(&self.root), error))?,
            partition_columns: snapshot.table_configuration().logical_partition_columns().to_vec(),
            properties,
            features: [TableFeature::MaterializePartitionColumns, TableFeature::TimestampWithoutTimezone]
                .iter()
                .filter(|feature| snapshot.table_configuration().is_feature_supported(feature))
                .map(ToString::to_string)
                .collect(),
        })
    }

    pub fn committed_millis(&self) -> Result<i64, Fault> {
        self.read(|opened| opened.snapshot.get_timestamp(opened.engine.as_ref()))
    }

    pub fn checkpoint(&self) -> Result<(), Fault> {
        // What it holds, the protocol too, is what the log says, not what this snapshot is told of it.
        let opened = self.opened()?;
        let snapshot = self.writable(&opened)?;
        snapshot.checkpoint(opened.engine.as_ref(), None).map(|_| ()).map_err(|error| self.fault(error))
    }

    pub fn opened(&self) -> Result<Opened, Fault> {
        let opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        opened.clone().ok_or_else(|| format!("{}: no Delta table", shown(&self.root)))
    }

    /// What `call` reads of this version. Where a checkpoint turns out to be damaged only now, it is left out from here on.
    pub fn read<T>(&self, call: impl Fn(&Opened) -> KernelResult<T>) -> Result<T, Fault> {
        let opened = self.opened()?;
        let first = opened.engine.clone();
        let (value, engine) = damage::read(&self.root, first.clone(), |engine| call(&self.through(&opened, engine)?))?;
        if !Arc::ptr_eq(&engine, &first) {
            let narrowed = self.through(&opened, &engine).map_err(|error| self.fault(error))?;
            *self.opened.lock().unwrap_or_else(PoisonError::into_inner) = Some(narrowed);
        }
        Ok(value)
    }

    fn through(&self, opened: &Opened, engine: &Arc<ListingEngine>) -> KernelResult<Opened> {
        if Arc::ptr_eq(engine, &opened.engine) {
            return Ok(opened.clone());
        }
        let snapshot = build(&self.root, engine, Some(opened.snapshot.version()))?;
        Ok(Opened { snapshot, engine: engine.clone(), tag: opened.tag.clone() })
    }

    /// On a disk the last look before a commit, which would else begin a log of its own where this one was removed. In a
    /// store it is `newer`, a request before.
    pub fn require_log(&self, opened: &Opened) -> Result<(), Fault> {
        let entry = log::entry_url(&log::log_url(&self.root)?, opened.snapshot.version())?;
        if self.root.scheme() != "file" || opened.tag.is_none() || local_tag(&entry) == opened.tag {
            return Ok(());
        }
        let refused = format!(
            "{} is no longer what it was: the log was cleaned up beyond it, removed or made anew, and nothing is \
             committed\nRun again.",
            shown(&entry)
        );
        Err(caused(refused, CONFLICT))
    }

    pub fn fault(&self, error: delta_kernel::KernelError) -> Fault {
        kernel_fault(shown(&self.root), error)
    }
}
