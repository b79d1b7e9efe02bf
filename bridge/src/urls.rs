//! The URLs of what the bridge works on, and how people write them.

use std::borrow::Cow;
use std::path::Path;

use percent_encoding::percent_decode_str;
use url::Url;

use crate::fault::{fault, Fault};

/// The URL of a location, an absolute local folder or "scheme://bucket/key" with the key as it is, not encoded; it ends in
/// a slash, so that joining appends.
pub fn root_url(location: &str) -> Result<Url, Fault> {
    let Some((scheme, rest)) = location.split_once("://") else {
        return Url::from_directory_path(Path::new(location))
            .map_err(|()| format!("not an absolute path: '{location}'"));
    };
    let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
    let mut url = Url::parse(&format!("{scheme}://{bucket}/")).map_err(|error| fault(location, error))?;
    url.path_segments_mut()
        .map_err(|()| format!("not a location: '{location}'"))?
        .clear()
        .extend(key.split('/').filter(|segment| !segment.is_empty()))
        .push("");
    Ok(url)
}

/// The key of an object, without encoding.
pub fn key_of(url: &Url) -> Cow<'_, str> {
    percent_decode_str(url.path().trim_start_matches('/')).decode_utf8_lossy()
}

/// The path or location that a URL of ours stands for, as people write it.
pub fn shown(url: &Url) -> String {
    match url.to_file_path() {
        Ok(path) => path.display().to_string(),
        Err(()) => format!("{}://{}/{}", url.scheme(), url.authority(), key_of(url)),
    }
}

#[cfg(test)]
mod tests {
    use super::{key_of, root_url, shown};

    #[test]
    fn a_location_is_shown_as_it_was_given() {
        for location in ["/lake/a%20b/", "/lake/a b#c?d/", "s3://bucket/a%20b/run_date=1+1/", "s3://bucket/"] {
            assert_eq!(shown(&root_url(location).unwrap()), location);
        }
    }

    #[test]
    fn a_key_is_not_encoded() {
        let url = root_url("s3://bucket/a%2Fb/c d").unwrap();
        assert_eq!(url.as_str(), "s3://bucket/a%252Fb/c%20d/");
        assert_eq!(key_of(&url), "a%2Fb/c d/");
    }

    #[test]
    fn a_relative_path_is_no_location() {
        assert_eq!(root_url("lake").unwrap_err(), "not an absolute path: 'lake'");
    }
}
