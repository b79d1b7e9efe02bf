//! No panic leaves the bridge: each entry of its two interfaces (lib.rs, metastore.rs, tell.rs) goes through here, and what would
//! end the process becomes an error. An entry has the name `guarded_...`, which only the macros below give: a test of this
//! file reads the interfaces and fails for any other.
//!
//! Nothing is printed: a panic's text may hold what must not be seen, and the error passes the C++ side's masker.

use std::any::Any;
use std::fmt::Display;
use std::panic::{catch_unwind, set_hook, AssertUnwindSafe};
use std::sync::Once;

use crate::fault::Fault;
use crate::ffi::{ArrowRows, Change, ColumnPath, DataFile, Mark, Object, Pair, TableInfo, Text};
use crate::metastore::{HiveTable, Metastore};
use crate::pattern::Pattern;
use crate::progress::Bar;
use crate::table::Table;
use crate::tell::{Delivery, Letter, Request};

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

/// Of functions that return a `Result`.
macro_rules! functions {
    ($($guarded:ident = $module:ident::$name:ident($($arg:ident: $type:ty),*) -> $out:ty;)*) => {$(
        pub fn $guarded($($arg: $type),*) -> Result<$out, Fault> {
            guarded(|| crate::$module::$name($($arg),*))
        }
    )*};
}

functions! {
    guarded_open_table = table::open_table(root: &str) -> Box<Table>;
    guarded_open_table_at = table::open_table_at(root: &str, version: u64) -> Box<Table>;
    guarded_create_table = create::create_table(
        root: &str, schema_json: &str, partition_columns: &[String], properties: &[Pair]) -> bool;
    guarded_rehearse = create::rehearse(
        schema_json: &str, partition_columns: &[String], properties: &[Pair]) -> ();
    guarded_versions_after = log::versions_after(root: &str, version: u64) -> Vec<u64>;
    guarded_log_entry = log::log_entry(root: &str, version: u64) -> String;
    guarded_decode_arrow = arrow_rows::decode_arrow(stream: &[u8]) -> ArrowRows;
    guarded_new_pattern = pattern::new_pattern(pattern: &str, any_case: bool) -> Box<Pattern>;
    guarded_identity = store::identity(location: &str) -> Vec<Pair>;
    guarded_list_objects = objects::list_objects(folder: &str, deep: bool) -> Vec<Object>;
    guarded_list_folders = objects::list_folders(folder: &str) -> Vec<String>;
    guarded_get_object = objects::get_object(location: &str) -> Text;
    guarded_put_object = objects::put_object(location: &str, content: &str) -> ();
    guarded_put_object_if = objects::put_object_if(location: &str, content: &str, tag: &str) -> bool;
    guarded_delete_objects = objects::delete_objects(locations: &[String]) -> ();
    guarded_send_request = tell::send_request(request: &Request, delivery: &Delivery) -> ();
    guarded_check_url = tell::check_url(url: &str) -> ();
    guarded_send_letter = tell::send_letter(letter: &Letter, delivery: &Delivery) -> ();
    guarded_check_letter = tell::check_letter(letter: &Letter) -> ();
    guarded_greet = tell::greet(letter: &Letter, delivery: &Delivery) -> ();
}

/// Of functions that know no failure but a panic.
macro_rules! plain_functions {
    ($($guarded:ident = $module:ident::$name:ident($($arg:ident: $type:ty),*) -> $out:ty;)*) => {$(
        pub fn $guarded($($arg: $type),*) -> Result<$out, Fault> {
            guarded(|| Ok::<$out, Fault>(crate::$module::$name($($arg),*)))
        }
    )*};
}

plain_functions! {
    guarded_to_upper = letters::to_upper(text: &str) -> String;
    guarded_to_lower = letters::to_lower(text: &str) -> String;
    guarded_use_storage = store::use_storage(options: &[Pair]) -> ();
    guarded_new_bar = progress::new_bar(colour: bool) -> Box<Bar>;
    guarded_new_metastore = metastore::new_metastore(addresses: Vec<String>, user: &str) -> Box<Metastore>;
}

/// Notes go beside a result, also one that is an error: they are lost rather than make another one.
pub fn guarded_take_notes() -> Vec<String> {
    guarded(|| Ok::<_, Fault>(crate::notes::take_notes())).unwrap_or_default()
}

/// Of a type's methods that return a `Result`.
macro_rules! methods {
    ($owner:ty: $($guarded:ident = $name:ident($($arg:ident: $type:ty),*) -> $out:ty;)*) => {
        impl $owner {$(
            pub fn $guarded(&self, $($arg: $type),*) -> Result<$out, Fault> {
                guarded(|| self.$name($($arg),*))
            }
        )*}
    };
    (mut $owner:ty: $($guarded:ident = $name:ident($($arg:ident: $type:ty),*) -> $out:ty;)*) => {
        impl $owner {$(
            pub fn $guarded(&mut self, $($arg: $type),*) -> Result<$out, Fault> {
                guarded(|| self.$name($($arg),*))
            }
        )*}
    };
}

methods! { Table:
    guarded_exists = exists() -> bool;
    guarded_newer = newer() -> Box<Table>;
    guarded_info = info() -> TableInfo;
    guarded_committed_millis = committed_millis() -> i64;
    guarded_statistics_columns = statistics_columns() -> Vec<ColumnPath>;
    guarded_files = files(partition: &[Pair], statistics: bool) -> Vec<DataFile>;
    guarded_deleted_rows = deleted_rows(deletion_vector: &str) -> Vec<i64>;
    guarded_marks = marks(prefix: &str) -> Vec<Mark>;
    guarded_require_writable = require_writable() -> ();
    guarded_replace = replace(change: &Change) -> i64;
    guarded_add_columns = add_columns(fields_json: &str) -> bool;
    guarded_fence = fence() -> bool;
    guarded_checkpoint = checkpoint() -> ();
}

methods! { Pattern:
    guarded_matches = matches(text: &str) -> bool;
}

methods! { mut Metastore:
    guarded_databases = databases() -> Vec<String>;
    guarded_ensure_database = ensure_database(name: &str, location: &str) -> ();
    guarded_tables = tables(database: &str) -> Vec<HiveTable>;
    guarded_table = table(database: &str, name: &str) -> Vec<HiveTable>;
    guarded_create_table = create_table(table: &HiveTable) -> bool;
    guarded_alter_table = alter_table(table: &HiveTable) -> ();
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
    guarded_update = update(percent: f64, message: &str);
    guarded_print_above = print_above(line: &str);
    guarded_finish = finish();
}

#[cfg(test)]
mod tests {
    use super::{guarded, guarded_take_notes};
    use crate::fault::Fault;

    #[test]
    fn a_panic_is_an_error() {
        let broken: Result<(), Fault> = guarded(|| -> Result<(), Fault> { panic!("two\nlines {}", 1) });
        assert!(broken.unwrap_err().starts_with("internal error of the Delta engine: two lines 1\n"));
        assert_eq!(guarded(|| Err::<(), _>("plain")), Err("plain".to_string()));
    }

    #[test]
    fn a_panic_of_any_kind_is_an_error() {
        let fixed: Result<(), Fault> = guarded(|| -> Result<(), Fault> { panic!("fixed") });
        assert!(fixed.unwrap_err().contains("fixed"));
        let other: Result<(), Fault> = guarded(|| -> Result<(), Fault> { std::panic::panic_any(5) });
        assert!(other.unwrap_err().contains("no message"));
        let index = std::hint::black_box(3);
        assert!(guarded(|| Ok::<_, Fault>([1, 2][index])).unwrap_err().contains("out of bounds"));
    }

    #[test]
    fn what_a_panic_left_locked_is_used_again() {
        crate::notes::add("one".to_string());
        let _ = guarded(crate::notes::panic_with_lines_locked);
        assert_eq!(guarded_take_notes(), ["one"]);
    }

    /// The functions that an interface declares to C++.
    fn entries(interface: &str) -> Vec<&str> {
        let mut names = Vec::new();
        let mut inside = false;
        for line in interface.lines() {
            match line {
                "    extern \"Rust\" {" => inside = true,
                "    }" => inside = false,
                _ if inside => names.extend(line.trim().strip_prefix("fn ").and_then(|rest| rest.split('(').next())),
                _ => {}
            }
        }
        names
    }

    #[test]
    fn every_entry_is_guarded() {
        let interfaces = [include_str!("lib.rs"), include_str!("metastore.rs"), include_str!("tell.rs")];
        let names: Vec<&str> = interfaces.iter().flat_map(|text| entries(text)).collect();
        assert!(names.len() > 40, "the interfaces could not be read: {names:?}");
        for name in names {
            assert!(name.starts_with("guarded_"), "{name} is an entry that does not go through guarded.rs");
            let made_here = include_str!("guarded.rs").contains(&format!("{name} = "));
            assert!(made_here || name == "guarded_take_notes", "{name} is not made by the macros of guarded.rs");
        }
        for text in interfaces {
            assert!(!text.contains("pub fn guarded_"), "an interface defines a guarded_ function itself");
        }
    }
}
