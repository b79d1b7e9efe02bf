//! The Rust side of movies-etl: the Delta kernel, Arrow and the progress bar, behind a face as narrow as the C++ layers need.
//!
//! Verbs and structs here are ours; none of the kernel's types cross. An error crosses as text with its hint and cause
//! (`fault`), a panic too (`guarded`). What is expected (no table, a lost race) is a value, never an error. The rules of
//! when to retry and what conflicts live in C++ (src/table); here is only what needs the kernel.

mod arrow_rows;
mod commits;
mod committer;
mod create;
mod damage;
mod engine;
mod entries;
mod executor;
mod fault;
mod files;
mod guarded;
mod letters;
mod listing;
mod local;
mod log;
mod marks;
mod metastore;
mod notes;
mod objects;
mod pattern;
mod progress;
mod stats;
mod store;
mod table;
mod tell;
mod urls;
mod write;
mod writer;

use pattern::Pattern;
use progress::Bar;
use table::Table;

#[cxx::bridge(namespace = "metl::bridge")]
mod ffi {
    /// An entry of a map of strings.
    struct Pair {
        key: String,
        value: String,
    }

    /// A leaf column: the names from the top-level column down.
    struct ColumnPath {
        names: Vec<String>,
    }

    /// A data file of the log. `path` is as the log has it: relative to the root and URL-encoded, or an absolute URL.
    struct DataFile {
        path: String,
        bytes: u64,
        rows: i64, // -1: no statistics
        modified_millis: i64,
        stats_json: String,          // "": none
        deletion_vector: String,     // its descriptor as JSON, "": none
        partition_values: Vec<Pair>, // only read; under the physical names of the columns; a NULL is not among them
        tags: Vec<Pair>,             // without those that are null
    }

    struct TableInfo {
        version: u64,
        checkpoint: i64,     // version of the checkpoint that it was read from; -1: none
        id: String,          // of the table, whatever its version; another one for a table made anew in its place
        schema_json: String, // Delta's schema string
        partition_columns: Vec<String>,
        properties: Vec<Pair>,
        features: Vec<String>, // of the table's, those that C++ has to know of
    }

    /// Partitions with these values: of their live files all go, or those whose decoded paths are in `remove`.
    struct PartitionChange {
        partition: Vec<Pair>,
        add: Vec<DataFile>,
        remove: Vec<String>,
        removes_all: bool,
    }
    /// A number under a name, and when it was last set (since the epoch; -1: not known).
    struct Mark {
        name: String,
        value: i64,
        updated_millis: i64,
    }

    /// One transaction.
    struct Change {
        partitions: Vec<PartitionChange>,
        app_id: String, // "": none
        operation: String,
        parameters: Vec<Pair>,
        metrics: Vec<Pair>,
        user_metadata: String,
        tags: Vec<Pair>,       // into commitInfo.tags
        properties: Vec<Pair>, // of the table, set by the same commit
        data_change: bool,
        marks: Vec<Mark>,     // that the same commit sets; their time is the commit's
        version_mark: String, // the name of a mark whose value is the version that the commit becomes; "": none
    }

    /// An object of a store. `path` is "scheme://bucket/key"; `tag` changes with its content.
    struct Object {
        path: String,
        bytes: u64,
        modified_millis: i64,
        tag: String,
    }

    #[derive(Default)]
    struct Text {
        found: bool,
        content: String,
        tag: String,
    }

    extern "Rust" {
        type Table;

        /// The newest version at an absolute local path or a location; `exists` is false on the result when there is no table.
        #[cxx_name = "open_table"]
        fn guarded_open_table(root: &str) -> Result<Box<Table>>;
        /// A version that the log still has.
        #[cxx_name = "open_table_at"]
        fn guarded_open_table_at(root: &str, version: u64) -> Result<Box<Table>>;
        #[cxx_name = "exists"]
        fn guarded_exists(self: &Table) -> Result<bool>;
        /// The newest version, read from this one on where the log goes on from it. Else what is there now, if anything:
        /// the log of this one was cleaned up, or the table is another one.
        #[cxx_name = "newer"]
        fn guarded_newer(self: &Table) -> Result<Box<Table>>;
        #[cxx_name = "info"]
        fn guarded_info(self: &Table) -> Result<TableInfo>;
        /// When this version was committed, since the epoch: what the commit says, or else the time of its file.
        #[cxx_name = "committed_millis"]
        fn guarded_committed_millis(self: &Table) -> Result<i64>;
        /// The leaf columns that files should have statistics of, as the table's properties say.
        #[cxx_name = "statistics_columns"]
        fn guarded_statistics_columns(self: &Table) -> Result<Vec<ColumnPath>>;
        /// Live files whose partition values are exactly these.
        #[cxx_name = "files"]
        fn guarded_files(self: &Table, partition: &[Pair], statistics: bool) -> Result<Vec<DataFile>>;
        /// The numbers of the rows that a deletion vector (`DataFile::deletion_vector`) takes out of its file, ascending.
        #[cxx_name = "deleted_rows"]
        fn guarded_deleted_rows(self: &Table, deletion_vector: &str) -> Result<Vec<i64>>;
        /// The marks whose names begin so.
        #[cxx_name = "marks"]
        fn guarded_marks(self: &Table, prefix: &str) -> Result<Vec<Mark>>;
        /// Fails unless this program may write to the table, naming the feature that forbids it.
        #[cxx_name = "require_writable"]
        fn guarded_require_writable(self: &Table) -> Result<()>;

        /// Version 0. False when somebody else was first.
        #[cxx_name = "create_table"]
        fn guarded_create_table(
            root: &str,
            schema_json: &str,
            partition_columns: &[String],
            properties: &[Pair],
        ) -> Result<bool>;
        /// Makes such a table in memory and replaces a partition of it twice.
        #[cxx_name = "rehearse"]
        fn guarded_rehearse(schema_json: &str, partition_columns: &[String], properties: &[Pair]) -> Result<()>;
        /// Commits as the version after this one, durably. The number of files that it replaced; -1 when that version
        /// exists already.
        #[cxx_name = "replace"]
        fn guarded_replace(self: &Table, change: &Change) -> Result<i64>;
        /// Commits nullable columns at the end as the version after this one. False when that version exists already.
        /// `fields_json` is a Delta schema string of just these.
        #[cxx_name = "add_columns"]
        fn guarded_add_columns(self: &Table, fields_json: &str) -> Result<bool>;
        /// The same for nothing at all.
        #[cxx_name = "fence"]
        fn guarded_fence(self: &Table) -> Result<bool>;
        #[cxx_name = "checkpoint"]
        fn guarded_checkpoint(self: &Table) -> Result<()>;

        /// Versions of the log entries after `version`, ascending.
        #[cxx_name = "versions_after"]
        fn guarded_versions_after(root: &str, version: u64) -> Result<Vec<u64>>;
        /// The text of one log entry, one JSON object a line.
        #[cxx_name = "log_entry"]
        fn guarded_log_entry(root: &str, version: u64) -> Result<String>;
    }

    enum CellKind {
        Null,
        Bool, // in `whole`: 0 or 1
        Whole,
        Real,
        Text,
    }

    struct Cell {
        kind: CellKind,
        whole: i64,
        real: f64,
        text: String,
    }

    /// A small query result, row by row: as many cells a row as there are names.
    struct ArrowRows {
        names: Vec<String>,
        types: Vec<String>, // Spark's names
        cells: Vec<Cell>,
    }

    extern "Rust" {
        /// Decodes an Arrow IPC stream.
        #[cxx_name = "decode_arrow"]
        fn guarded_decode_arrow(stream: &[u8]) -> Result<ArrowRows>;
    }

    extern "Rust" {
        /// By Unicode's full mapping.
        #[cxx_name = "to_upper"]
        fn guarded_to_upper(text: &str) -> Result<String>;
        #[cxx_name = "to_lower"]
        fn guarded_to_lower(text: &str) -> Result<String>;
    }

    extern "Rust" {
        type Pattern;

        /// Throws what is wrong with it.
        #[cxx_name = "new_pattern"]
        fn guarded_new_pattern(pattern: &str, any_case: bool) -> Result<Box<Pattern>>;
        /// Does the text begin with a match? Throws when that takes too long to find out.
        #[cxx_name = "matches"]
        fn guarded_matches(self: &Pattern, text: &str) -> Result<bool>;
    }

    extern "Rust" {
        /// How stores are reached from now on: endpoint, identity and so on, named as in src/storage/store.cpp.
        #[cxx_name = "use_storage"]
        fn guarded_use_storage(options: &[Pair]) -> Result<()>;
        /// The identity behind a location, for the engine.
        #[cxx_name = "identity"]
        fn guarded_identity(location: &str) -> Result<Vec<Pair>>;

        /// Objects below a folder, at any depth or only its own. None where there is no such folder.
        #[cxx_name = "list_objects"]
        fn guarded_list_objects(folder: &str, deep: bool) -> Result<Vec<Object>>;
        #[cxx_name = "list_folders"]
        fn guarded_list_folders(folder: &str) -> Result<Vec<String>>;
        #[cxx_name = "get_object"]
        fn guarded_get_object(location: &str) -> Result<Text>;
        #[cxx_name = "put_object"]
        fn guarded_put_object(location: &str, content: &str) -> Result<()>;
        /// Only where the object has this tag, or with "" where there is none. False when that did not hold.
        #[cxx_name = "put_object_if"]
        fn guarded_put_object_if(location: &str, content: &str, tag: &str) -> Result<bool>;
        #[cxx_name = "delete_objects"]
        fn guarded_delete_objects(locations: &[String]) -> Result<()>;

        /// Lines about requests that were tried again, since the last call.
        #[cxx_name = "take_notes"]
        fn guarded_take_notes() -> Vec<String>;
    }

    extern "Rust" {
        type Bar;

        #[cxx_name = "new_bar"]
        fn guarded_new_bar(colour: bool) -> Result<Box<Bar>>;
        /// Shows it, also after `finish`.
        #[cxx_name = "update"]
        fn guarded_update(self: &Bar, percent: f64, message: &str);
        #[cxx_name = "print_above"]
        fn guarded_print_above(self: &Bar, line: &str);
        #[cxx_name = "finish"]
        fn guarded_finish(self: &Bar);
    }
}

use guarded::{
    guarded_create_table, guarded_decode_arrow, guarded_delete_objects, guarded_get_object, guarded_identity,
    guarded_list_folders, guarded_list_objects, guarded_log_entry, guarded_new_bar, guarded_new_pattern,
    guarded_open_table, guarded_open_table_at, guarded_put_object, guarded_put_object_if, guarded_rehearse,
    guarded_take_notes, guarded_to_lower, guarded_to_upper, guarded_use_storage, guarded_versions_after,
};
