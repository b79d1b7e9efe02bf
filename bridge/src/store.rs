//! Object stores: one client a bucket, as the process's storage options want it, and what their errors mean.

use std::collections::HashMap;
use std::fs;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use delta_kernel::object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey, AwsCredentialProvider, S3ConditionalPut};
use delta_kernel::object_store::azure::MicrosoftAzureBuilder;
use delta_kernel::object_store::gcp::{GcpCredentialProvider, GoogleCloudStorageBuilder};
use delta_kernel::object_store::{self, BackoffConfig, Certificate, ClientOptions, DynObjectStore, RetryConfig};
use delta_kernel_default_engine::executor::TaskExecutor;
use delta_kernel_default_engine::DefaultEngineBuilder;
use url::Url;

use crate::executor::executor;
use crate::fault::{cause_of, caused, fault, Fault, NOT_FOUND, NO_RIGHTS, UNREACHABLE};
use crate::ffi::Pair;
use crate::listing::{Listing, ListingEngine};
use crate::notes;

/// Whose identity the other side, DuckDB, is to take too.
#[derive(Clone)]
enum Identity {
    Aws(AwsCredentialProvider),
    Google(GcpCredentialProvider),
    None,
}

#[derive(Clone)]
pub struct Bucket {
    pub store: Arc<DynObjectStore>,
    pub engine: Arc<ListingEngine>,
    identity: Identity,
}

static OPTIONS: RwLock<Vec<(String, String)>> = RwLock::new(Vec::new());
static BUCKETS: LazyLock<Mutex<HashMap<String, Bucket>>> = LazyLock::new(Mutex::default);

fn buckets() -> MutexGuard<'static, HashMap<String, Bucket>> {
    BUCKETS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The options of every bucket opened from now on. Names are those of `Options`' readers below.
pub fn use_storage(options: &[Pair]) {
    notes::collect();
    *OPTIONS.write().unwrap_or_else(PoisonError::into_inner) =
        options.iter().map(|pair| (pair.key.clone(), pair.value.clone())).collect();
    buckets().clear();
}

fn option(name: &str) -> Option<String> {
    let options = OPTIONS.read().unwrap_or_else(PoisonError::into_inner);
    options.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.clone())
}

fn flag(name: &str) -> bool {
    option(name).is_some_and(|value| value == "true")
}

/// The client of a URL's bucket; made once.
pub fn bucket(url: &Url) -> Result<Bucket, Fault> {
    let name = format!("{}://{}", url.scheme(), url.authority());
    if let Some(known) = buckets().get(&name) {
        return Ok(known.clone());
    }
    let (store, identity) = connect(url).map_err(|error| explain(&name, &error))?;
    let inner = DefaultEngineBuilder::new(store.clone()).with_task_executor(executor()?).build();
    let engine = Arc::new(ListingEngine::new(Arc::new(inner), Listing::Bucket(store.clone())));
    let opened = Bucket { store, engine, identity };
    buckets().insert(name, opened.clone());
    Ok(opened)
}

/// 5xx, 429, resets and timeouts are tried again, so often within so many seconds.
fn retries(most: usize, seconds: u64) -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(10),
            base: 2.0,
        },
        max_retries: most,
        retry_timeout: Duration::from_secs(seconds),
    }
}

fn generic(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> object_store::Error {
    object_store::Error::Generic { store: "storage", source: error.into() }
}

fn client(allow_http: bool) -> object_store::Result<ClientOptions> {
    let mut client = ClientOptions::new().with_allow_http(allow_http);
    if let Some(file) = option("ca_file") {
        let pem = fs::read(&file).map_err(|error| generic(format!("storage.ca_file {file}: {error}")))?;
        for certificate in Certificate::from_pem_bundle(&pem)? {
            client = client.with_root_certificate(certificate);
        }
    }
    Ok(client)
}

fn connect(url: &Url) -> object_store::Result<(Arc<DynObjectStore>, Identity)> {
    match url.scheme() {
        "s3" => {
            let bucket = url.host_str().unwrap_or_default();
            // Who has no role finds out soon: the services that give roles away are near or not there.
            let credentials = s3(bucket)?.with_retry(retries(2, 10)).build()?.credentials().clone();
            let store = s3(bucket)?.with_credentials(credentials.clone()).build()?;
            Ok((Arc::new(store), Identity::Aws(credentials)))
        }
        "gs" => {
            let mut builder = GoogleCloudStorageBuilder::new()
                .with_bucket_name(url.host_str().unwrap_or_default())
                .with_retry(retries(8, 120))
                .with_client_options(client(false)?);
            if let Some(file) = option("gcs.service_account_file") {
                builder = builder.with_service_account_path(file);
            }
            let store = builder.build()?;
            let identity = Identity::Google(store.credentials().clone());
            Ok((Arc::new(store), identity))
        }
        "az" | "abfss" => {
            let mut builder = MicrosoftAzureBuilder::new()
                .with_url(format!("{}://{}", url.scheme(), url.authority()))
                .with_retry(retries(8, 120))
                .with_client_options(client(flag("azure.allow_http"))?);
            if let Some(account) = option("azure.account_name") {
                builder = builder.with_account(account);
            }
            if let Some(key) = option("azure.account_key") {
                builder = builder.with_access_key(key);
            }
            if let Some(token) = option("azure.sas_token") {
                let pairs: Vec<_> =
                    url::form_urlencoded::parse(token.trim_start_matches('?').as_bytes()).into_owned().collect();
                builder = builder.with_sas_authorization(pairs);
            }
            if let Some(endpoint) = option("azure.endpoint") {
                builder = builder.with_endpoint(endpoint);
            }
            Ok((Arc::new(builder.build()?), Identity::None))
        }
        other => Err(generic(format!("no store is known for {other}://"))),
    }
}

fn s3(bucket: &str) -> object_store::Result<AmazonS3Builder> {
    use AmazonS3ConfigKey::{
        AccessKeyId, ContainerAuthorizationTokenFile, ContainerCredentialsFullUri, ContainerCredentialsRelativeUri,
        MetadataEndpoint, Region, RoleArn, RoleSessionName, SecretAccessKey, StsEndpoint, Token, WebIdentityTokenFile,
    };
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(bucket)
        .with_conditional_put(S3ConditionalPut::ETagMatch)
        .with_retry(retries(8, 120))
        .with_client_options(client(flag("s3.allow_http"))?);
    for (name, key) in [
        ("s3.region", Region),
        ("s3.access_key_id", AccessKeyId),
        ("s3.secret_access_key", SecretAccessKey),
        ("s3.session_token", Token),
        ("s3.web_identity_token_file", WebIdentityTokenFile),
        ("s3.role_arn", RoleArn),
        ("s3.role_session_name", RoleSessionName),
        ("s3.sts_endpoint", StsEndpoint),
        ("s3.container_credentials_relative_uri", ContainerCredentialsRelativeUri),
        ("s3.container_credentials_full_uri", ContainerCredentialsFullUri),
        ("s3.container_authorization_token_file", ContainerAuthorizationTokenFile),
        ("s3.metadata_endpoint", MetadataEndpoint),
    ] {
        if let Some(value) = option(name) {
            builder = builder.with_config(key, value);
        }
    }
    let path_style = flag("s3.path_style");
    if let Some(endpoint) = option("s3.endpoint") {
        // With the bucket in the host's name, the builder wants it there already.
        let endpoint = match endpoint.split_once("://") {
            Some((scheme, host)) if !path_style => format!("{scheme}://{bucket}.{host}"),
            _ => endpoint,
        };
        builder = builder.with_endpoint(endpoint);
    }
    Ok(builder.with_virtual_hosted_style_request(!path_style))
}

/// What DuckDB needs to act as the same identity: "key_id", "secret", "session_token", or "bearer_token". Nothing where
/// the options themselves say it all.
pub fn identity(location: &str) -> Result<Vec<Pair>, Fault> {
    let url = crate::urls::root_url(location)?;
    let pair = |key: &str, value: &str| Pair { key: key.into(), value: value.into() };
    let executor = executor()?;
    let not_found = |error: object_store::Error, what_to_do: &str| {
        let text = explain(&format!("no credentials found for {location}"), &error);
        format!("{}\n{what_to_do}", text.lines().next().unwrap_or_default())
    };
    const AWS: &str = "Set storage.s3.access_key_id and storage.s3.secret_access_key, or the AWS_... variables, a profile, or a role.";
    const GOOGLE: &str = "Set storage.gcs.service_account_file, or the variable GOOGLE_APPLICATION_CREDENTIALS.";
    match bucket(&url)?.identity {
        Identity::Aws(provider) => {
            let found = executor
                .block_on(async move { provider.get_credential().await })
                .map_err(|error| not_found(error, AWS))?;
            let mut pairs = vec![pair("key_id", &found.key_id), pair("secret", &found.secret_key)];
            pairs.extend(found.token.iter().map(|token| pair("session_token", token)));
            Ok(pairs)
        }
        Identity::Google(provider) => {
            let found = executor
                .block_on(async move { provider.get_credential().await })
                .map_err(|error| not_found(error, GOOGLE))?;
            Ok(vec![pair("bearer_token", &found.bearer)])
        }
        Identity::None => Ok(Vec::new()),
    }
}

/// The part of an error's text between "<name>" and "</name>".
fn element<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(value, _)| value)
}

/// Whether a store's answer says that there is no such bucket, which Azure calls a container.
pub fn names_no_bucket(answer: &str) -> bool {
    ["NoSuchBucket", "ContainerNotFound", "The specified bucket does not exist"]
        .iter()
        .any(|said| answer.contains(said))
}

/// What a store's failure means to people: "<context>: <what>", and after a line break what to do.
pub fn explain(context: &str, error: &object_store::Error) -> Fault {
    let text = error.to_string();
    let code = element(&text, "Code").unwrap_or_default();
    if names_no_bucket(&text) {
        let settings = match code {
            "ContainerNotFound" => "storage.azure.account_name and storage.azure.endpoint",
            _ => "storage.s3.endpoint and storage.s3.region",
        };
        let said = format!("{context}: the bucket does not exist\nCreate it, or check the location, {settings}.");
        return caused(said, NOT_FOUND);
    }
    let kind_refuses =
        matches!(error, object_store::Error::PermissionDenied { .. } | object_store::Error::Unauthenticated { .. });
    if kind_refuses || text.contains("403 Forbidden") || text.contains("401 Unauthorized") {
        let code = if code.is_empty() { String::new() } else { format!(" ({code})") };
        let said = format!(
            "{context}: the store refuses it{code}\nThe identity in use has no right to do that, or its keys are wrong or \
             have expired."
        );
        return caused(said, NO_RIGHTS);
    }
    // The answer's body says it shorter than the error, which repeats all of it.
    if let Some(message) = element(&text, "Message") {
        let retried =
            text.split_once(", after ").and_then(|(_, rest)| rest.split_once(',')).map_or("", |(times, _)| times);
        let retried = if retried.is_empty() { String::new() } else { format!(", after {retried}") };
        return caused(fault(context, format!("{message} ({code}){retried}")), UNREACHABLE);
    }
    // The cause of a transport error is only in its chain.
    let mut text = text;
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        cause = inner.source();
    }
    let mut text = fault(context, text);
    if text.contains("invalid peer certificate") {
        text += "\nName the file (PEM) of the authority that signed the store's certificate in storage.ca_file or AWS_CA_BUNDLE.";
    }
    caused(text, cause_of(error).unwrap_or(UNREACHABLE))
}
