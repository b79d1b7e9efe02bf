//! The Rust side of movies-etl: the Delta kernel and the progress bar, behind a face as narrow as the C++ layers need.
//!
//! Verbs and structs here are ours; none of the kernel's types cross. An error crosses as text, "message" or
//! "message\nhint" (`engine::fault`). What is expected (no table, a lost race) is a value, never an error. The rules of when
//! to retry and what conflicts live in C++ (src/lake); here is only what needs the kernel.

mod create;
mod engine;
mod files;
mod log;
mod progress;
mod stats;
mod storage;
mod table;
mod write;

use progress::Bar;
use table::Table;

#[cxx::bridge(namespace = "metl::bridge")]
mod ffi {
    /// An entry of a map of strings.
    struct Pair {
        key: String,
        value: String,
    }

    /// A data file of the log. `path` is as the log has it: relative to the root and URL-encoded, or an absolute URL.
    struct DataFile {
        path: String,
        bytes: u64,
        rows: i64, // -1: no statistics
        modified_millis: i64,
        stats_json: String,    // "": none
        deletion_vector: bool, // only read
    }

    struct TableInfo {
        version: u64,
        schema_json: String, // Delta's schema string
        partition_columns: Vec<String>,
        properties: Vec<Pair>,
    }

    /// One transaction: the live files of `partition` are replaced by `add`.
    struct Change {
        partition: Vec<Pair>,
        add: Vec<DataFile>,
        app_id: String,
        operation: String,
        parameters: Vec<Pair>,
        metrics: Vec<Pair>,
        user_metadata: String,
        tags: Vec<Pair>, // into commitInfo.tags
        data_change: bool,
    }

    extern "Rust" {
        type Table;

        /// The newest version at an absolute local path; `exists` is false on the result when there is no table.
        fn open_table(root: &str) -> Result<Box<Table>>;
        fn exists(self: &Table) -> bool;
        /// The newest version, read from this one on.
        fn newer(self: &Table) -> Result<Box<Table>>;
        fn info(self: &Table) -> Result<TableInfo>;
        /// Live files whose partition values are exactly these.
        fn files(self: &Table, partition: &[Pair]) -> Result<Vec<DataFile>>;

        /// Version 0. False when somebody else was first.
        fn create_table(
            root: &str,
            schema_json: &str,
            partition_columns: &[String],
            properties: &[Pair],
        ) -> Result<bool>;
        /// Commits as the version after this one, durably. False when that version exists already.
        fn replace(self: &Table, change: &Change) -> Result<bool>;
        /// The same for nullable columns at the end; `fields_json` is a Delta schema string of just these.
        fn add_columns(self: &Table, fields_json: &str) -> Result<bool>;
        fn checkpoint(self: &Table) -> Result<()>;

        /// Versions of the log entries after `version`, ascending.
        fn versions_after(root: &str, version: u64) -> Result<Vec<u64>>;
        /// The text of one log entry, one JSON object a line.
        fn log_entry(root: &str, version: u64) -> Result<String>;
    }

    extern "Rust" {
        type Bar;

        fn new_bar(colour: bool) -> Box<Bar>;
        fn step(self: &Bar, name: &str);
        fn update(self: &Bar, percent: f64, rows: u64);
        fn finish(self: &Bar);
    }
}

use create::create_table;
use log::{log_entry, versions_after};
use progress::new_bar;
use table::open_table;
