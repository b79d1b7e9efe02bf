//! Upper and lower case by Unicode's full mapping, which DuckDB does not have.

pub fn to_upper(text: &str) -> String {
    text.to_uppercase()
}

pub fn to_lower(text: &str) -> String {
    text.to_lowercase()
}
