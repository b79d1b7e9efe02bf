//! Log entries as the kernel reads them: many to a batch, and of each only the lines that are asked for.
//!
//! The kernel asks several times for all entries since the checkpoint, each time for other actions. Read as it does
//! itself, an entry costs half a millisecond each time, however little is in it. Its contract keeps the rows of two files
//! out of one batch; what replays a log needs only their order, newest first, which is kept, and nothing here asks for
//! more.

use std::sync::Arc;

use delta_kernel::arrow::datatypes::Schema;
use delta_kernel::arrow::json::reader::{Decoder, ReaderBuilder};
use delta_kernel::engine::arrow_conversion::TryIntoArrow;
use delta_kernel::engine::arrow_data::ArrowEngineData;
use delta_kernel::schema::{SchemaRef, StructType};
use delta_kernel::{
    EngineData, FileDataReadResultIterator, FileMeta, FileSize, FilteredEngineData, JsonHandler, KernelResult,
    KernelResultIterator, PredicateRef, StorageHandler,
};
use url::Url;

use crate::entries::is_entry;

const BATCH_ROWS: usize = 4096;
const FILES_AT_ONCE: usize = 64;

pub struct Commits {
    pub inner: Arc<dyn JsonHandler>,
    pub storage: Arc<dyn StorageHandler>,
}

impl JsonHandler for Commits {
    fn parse_json(&self, texts: Box<dyn EngineData>, schema: SchemaRef) -> KernelResult<Box<dyn EngineData>> {
        self.inner.parse_json(texts, schema)
    }

    fn read_json_files(
        &self,
        files: &[FileMeta],
        schema: SchemaRef,
        predicate: Option<PredicateRef>,
    ) -> KernelResult<FileDataReadResultIterator> {
        let plain = schema.fields().all(|field| !field.is_metadata_column());
        if !plain || !files.iter().all(|file| is_entry(&file.location)) {
            return self.inner.read_json_files(files, schema, predicate);
        }
        let arrow: Schema = (schema.as_ref() as &StructType).try_into_arrow()?;
        let decoder = ReaderBuilder::new(Arc::new(arrow))
            .with_batch_size(BATCH_ROWS)
            .with_coerce_primitive(true)
            .build_decoder()?;
        Ok(Box::new(Batches {
            storage: self.storage.clone(),
            files: files.iter().map(|file| file.location.clone()).collect(),
            next_file: 0,
            kinds: schema.fields().map(|field| field.name().clone()).collect(),
            decoder,
            pending: Vec::new(),
            decoded: 0,
            ended: false,
        }))
    }

    fn write_json_file(
        &self,
        path: &Url,
        data: KernelResultIterator<'_, FilteredEngineData>,
        overwrite: bool,
    ) -> KernelResult<FileSize> {
        self.inner.write_json_file(path, data, overwrite)
    }
}

struct Batches {
    storage: Arc<dyn StorageHandler>,
    files: Vec<Url>,
    next_file: usize,
    kinds: Vec<String>,
    decoder: Decoder,
    pending: Vec<u8>, // lines, of which so many bytes are decoded
    decoded: usize,
    ended: bool,
}

impl Batches {
    fn batch(&mut self) -> KernelResult<Option<Box<dyn EngineData>>> {
        loop {
            self.decoded += self.decoder.decode(&self.pending[self.decoded..])?;
            if self.decoded < self.pending.len() || !self.read_on()? {
                let batch = self.decoder.flush()?;
                return Ok(batch.map(|batch| Box::new(ArrowEngineData::new(batch)) as Box<dyn EngineData>));
            }
        }
    }

    /// The lines of some more files. False when there are none.
    fn read_on(&mut self) -> KernelResult<bool> {
        self.pending.clear();
        self.decoded = 0;
        while self.pending.is_empty() && self.next_file < self.files.len() {
            let end = self.files.len().min(self.next_file + FILES_AT_ONCE);
            let files = self.files[self.next_file..end].iter().map(|url| (url.clone(), None)).collect();
            self.next_file = end;
            for text in self.storage.read_files(files)? {
                for line in text?.split(|byte| *byte == b'\n').filter(|line| is_wanted(&self.kinds, line)) {
                    self.pending.extend_from_slice(line);
                    self.pending.push(b'\n');
                }
            }
        }
        Ok(!self.pending.is_empty())
    }
}

/// By the name of a line's only field; a line that is not of that form is left to the decoder.
fn is_wanted(kinds: &[String], line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let kind = line.strip_prefix(b"{").map(|rest| rest.trim_ascii_start()).and_then(|rest| rest.strip_prefix(b"\""));
    match kind.and_then(|rest| rest.split(|byte| *byte == b'"').next()) {
        Some(kind) => kinds.iter().any(|wanted| wanted.as_bytes() == kind),
        None => !line.is_empty(),
    }
}

impl Iterator for Batches {
    type Item = KernelResult<Box<dyn EngineData>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let batch = self.batch().transpose();
        self.ended = !matches!(batch, Some(Ok(_)));
        batch
    }
}
