//! Objects of a store as the C++ side needs them: list, get, put, delete. Locations are "scheme://bucket/key", the key as
//! it is.

use std::future::Future;
use std::sync::Arc;

use delta_kernel::object_store::path::Path as Key;
use delta_kernel::object_store::{
    self, DynObjectStore, Error, ObjectMeta, ObjectStoreExt, PutMode, PutOptions, UpdateVersion,
};
use delta_kernel_default_engine::executor::TaskExecutor;
use futures::{stream, StreamExt, TryStreamExt};
use url::Url;

use crate::executor::executor;
use crate::fault::Fault;
use crate::ffi::{Object, Text};
use crate::store::{bucket, explain, names_no_bucket};
use crate::urls::{key_of, root_url};

/// A location, its store and its key there.
struct Place {
    name: String, // "s3://bucket"
    store: Arc<DynObjectStore>,
    key: Key,
}

fn place(location: &str) -> Result<Place, Fault> {
    let url: Url = root_url(location)?;
    let key = Key::parse(key_of(&url)).map_err(|error| crate::fault::fault(location, error))?;
    Ok(Place { name: format!("{}://{}", url.scheme(), url.authority()), store: bucket(&url)?.store, key })
}

/// Runs a request; a failure is told as "cannot <action> <location>", on S3 with the right that the action needs.
fn request<T: Send + 'static>(
    action: &str,
    right: &str,
    location: &str,
    future: impl Future<Output = object_store::Result<T>> + Send + 'static,
) -> Result<T, Fault> {
    let right = if location.starts_with("s3://") { format!(" (s3:{right})") } else { String::new() };
    executor()?.block_on(future).map_err(|error| explain(&format!("cannot {action}{right} {location}"), &error))
}

fn object_of(name: &str, meta: &ObjectMeta) -> Object {
    Object {
        path: format!("{name}/{}", meta.location),
        bytes: meta.size,
        modified_millis: meta.last_modified.timestamp_millis(),
        tag: tag_of(meta.e_tag.as_ref(), meta.version.as_ref()),
    }
}

/// What an object's content is known by: its ETag, and the version where the store has one, one a line.
fn tag_of(e_tag: Option<&String>, version: Option<&String>) -> String {
    format!("{}\n{}", e_tag.map_or("", String::as_str), version.map_or("", String::as_str))
}

pub fn list_objects(folder: &str, deep: bool) -> Result<Vec<Object>, Fault> {
    let Place { name, store, key } = place(folder)?;
    let found = request("list", "ListBucket", folder, async move {
        if deep {
            store.list(Some(&key)).try_collect().await
        } else {
            store.list_with_delimiter(Some(&key)).await.map(|listed| listed.objects)
        }
    })?;
    Ok(found.iter().map(|meta: &ObjectMeta| object_of(&name, meta)).collect())
}

pub fn list_folders(folder: &str) -> Result<Vec<String>, Fault> {
    let Place { name, store, key } = place(folder)?;
    let found = request("list", "ListBucket", folder, async move { store.list_with_delimiter(Some(&key)).await })?;
    Ok(found.common_prefixes.iter().map(|prefix| format!("{name}/{prefix}")).collect())
}

pub fn get_object(location: &str) -> Result<Text, Fault> {
    let Place { store, key, .. } = place(location)?;
    let got = request("read", "GetObject", location, async move {
        match store.get(&key).await {
            Ok(found) => {
                let tag = tag_of(found.meta.e_tag.as_ref(), found.meta.version.as_ref());
                Ok(Some((found.bytes().await?, tag)))
            }
            Err(Error::NotFound { source, .. }) if !names_no_bucket(&source.to_string()) => Ok(None),
            Err(error) => Err(error),
        }
    })?;
    Ok(got.map_or_else(Text::default, |(bytes, tag)| Text {
        found: true,
        content: String::from_utf8_lossy(&bytes).into_owned(),
        tag,
    }))
}

pub fn put_object(location: &str, content: &str) -> Result<(), Fault> {
    put(location, content, PutMode::Overwrite).map(|_| ())
}

pub fn put_object_if(location: &str, content: &str, tag: &str) -> Result<bool, Fault> {
    let mode = match tag.split_once('\n') {
        None => PutMode::Create,
        Some((e_tag, version)) => {
            let given = |text: &str| Some(text.to_string()).filter(|text| !text.is_empty());
            PutMode::Update(UpdateVersion { e_tag: given(e_tag), version: given(version) })
        }
    };
    put(location, content, mode)
}

/// False when the mode's condition did not hold.
fn put(location: &str, content: &str, mode: PutMode) -> Result<bool, Fault> {
    let Place { store, key, .. } = place(location)?;
    let content = content.as_bytes().to_vec();
    request("write", "PutObject", location, async move {
        match store.put_opts(&key, content.into(), PutOptions::from(mode)).await {
            Ok(_) => Ok(true),
            Err(Error::AlreadyExists { .. } | Error::Precondition { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    })
}

/// All of one bucket. What is gone already is as good as deleted.
pub fn delete_objects(locations: &[String]) -> Result<(), Fault> {
    let Some(first) = locations.first() else { return Ok(()) };
    let store = place(first)?.store;
    let keys =
        locations.iter().map(|location| place(location).map(|place| place.key)).collect::<Result<Vec<_>, _>>()?;
    request("delete", "DeleteObject", first, async move {
        let mut deleted = store.delete_stream(stream::iter(keys.into_iter().map(Ok)).boxed());
        while let Some(one) = deleted.next().await {
            match one {
                Ok(_) | Err(Error::NotFound { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    })
}
