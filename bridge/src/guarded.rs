//! No panic leaves the bridge: each entry of lib.rs goes through here, and what would end the process becomes an error.
//!
//! Nothing is printed: a panic's text may hold what must not be seen, and the error passes the C++ side's masker.

use std::any::Any;
use std::fmt::Display;
use std::panic::{catch_unwind, set_hook, AssertUnwindSafe};
use std::sync::Once;

use crate::engine::Fault;
use crate::ffi::{ArrowRows, Change, ColumnPath, DataFile, Object, Pair, TableInfo, Text};
use crate::progress::Bar;
use crate::table::Table;

/// What `work` gives; its panic is an error.
pub fn guarded<T, E: Display>(work: impl FnOnce() -> Result<T, E>) -> Result<T, Fault> {
    static SILENT: Once = Once::new();
    SILENT.call_once(|| set_hook(Box::new(|_| {})));
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result.map_err(|error| error.to_string()),
        Err(panic) => Err(format!(
            "internal error of the Delta engine: {}\nPlease report it: this is a fault of movies-etl or of a library in it.",
            text_of(panic.as_ref()).replace('\n', " ")
        )),
    }
}

fn text_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message")
}

macro_rules! functions {
    ($($module:ident::$name:ident($($arg:ident: $type:ty),*) -> $out:ty;)*) => {$(
        pub fn $name($($arg: $type),*) -> Result<$out, Fault> {
            guarded(|| crate::$module::$name($($arg),*))
        }
    )*};
}

functions! {
    table::open_table(root: &str) -> Box<Table>;
    create::create_table(root: &str, schema_json: &str, partition_columns: &[String], properties: &[Pair]) -> bool;
    create::rehearse(schema_json: &str, partition_columns: &[String], properties: &[Pair]) -> ();
    log::versions_after(root: &str, version: u64) -> Vec<u64>;
    log::log_entry(root: &str, version: u64) -> String;
    arrow_rows::decode_arrow(stream: &[u8]) -> ArrowRows;
    store::identity(location: &str) -> Vec<Pair>;
    objects::list_objects(folder: &str, deep: bool) -> Vec<Object>;
    objects::list_folders(folder: &str) -> Vec<String>;
    objects::get_object(location: &str) -> Text;
    objects::put_object(location: &str, content: &str) -> ();
    objects::put_object_if(location: &str, content: &str, tag: &str) -> bool;
    objects::delete_objects(locations: &[String]) -> ();
}

macro_rules! methods {
    ($($guarded:ident = $name:ident($($arg:ident: $type:ty),*) -> $out:ty;)*) => {
        impl Table {$(
            pub fn $guarded(&self, $($arg: $type),*) -> Result<$out, Fault> {
                guarded(|| self.$name($($arg),*))
            }
        )*}
    };
}

methods! {
    guarded_newer = newer() -> Box<Table>;
    guarded_info = info() -> TableInfo;
    guarded_committed_millis = committed_millis() -> i64;
    guarded_statistics_columns = statistics_columns() -> Vec<ColumnPath>;
    guarded_files = files(partition: &[Pair]) -> Vec<DataFile>;
    guarded_deleted_rows = deleted_rows(deletion_vector: &str) -> Vec<i64>;
    guarded_require_writable = require_writable() -> ();
    guarded_replace = replace(change: &Change) -> i64;
    guarded_add_columns = add_columns(fields_json: &str) -> bool;
    guarded_fence = fence() -> bool;
    guarded_checkpoint = checkpoint() -> ();
}

/// A bar that cannot be drawn is no reason to end a run.
macro_rules! drawing {
    ($($guarded:ident = $name:ident($($arg:ident: $type:ty),*);)*) => {
        impl Bar {$(
            pub fn $guarded(&self, $($arg: $type),*) {
                let _ = guarded(|| { self.$name($($arg),*); Ok::<(), Fault>(()) });
            }
        )*}
    };
}

drawing! {
    guarded_step = step(name: &str);
    guarded_update = update(percent: f64, detail: &str);
    guarded_print_above = print_above(line: &str);
    guarded_finish = finish();
}

#[cfg(test)]
mod tests {
    use super::guarded;
    use crate::engine::Fault;

    #[test]
    fn a_panic_is_an_error() {
        let broken: Result<(), Fault> = guarded(|| -> Result<(), Fault> { panic!("two\nlines {}", 1) });
        assert!(broken.unwrap_err().starts_with("internal error of the Delta engine: two lines 1\n"));
        assert_eq!(guarded(|| Err::<(), _>("plain")), Err("plain".to_string()));
    }
}
