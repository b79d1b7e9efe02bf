//! Regular expressions of the kind that Python's `re` takes, with look-around and back references, which only a library of Rust's has
//! without recursion that a text could make endless: a search is cut off after a million steps back.

pub struct Pattern(fancy_regex::Regex);

/// Matches at the beginning of a text, as Python's `re.match` does.
pub fn new_pattern(pattern: &str, any_case: bool) -> Result<Box<Pattern>, String> {
    let flags = if any_case { "(?i)" } else { "" };
    let anchored = format!("{flags}\\A(?:{pattern})");
    fancy_regex::Regex::new(&anchored).map(|regex| Box::new(Pattern(regex))).map_err(|error| error.to_string())
}

impl Pattern {
    pub fn matches(&self, text: &str) -> Result<bool, String> {
        self.0.is_match(text).map_err(|error| error.to_string())
    }
}
