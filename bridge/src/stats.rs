//! Rows in the shape the kernel takes files to add and commit information: Arrow, decoded from JSON by its own schema.

use std::sync::Arc;

use delta_kernel::arrow::array::{
    ArrayRef, Int64Array, MapBuilder, RecordBatch, StringArray, StringBuilder, StructArray,
};
use delta_kernel::arrow::buffer::NullBuffer;
use delta_kernel::arrow::datatypes::{Field, Schema};
use delta_kernel::arrow::json::ReaderBuilder;
use delta_kernel::engine::arrow_conversion::TryIntoArrow;
use delta_kernel::engine::arrow_data::ArrowEngineData;
use delta_kernel::schema::{DataType as KernelType, SchemaRef, StructField, StructType};
use delta_kernel::{EngineData, KernelError, KernelResult};

use crate::ffi::{DataFile, Pair};

/// The rows of `Transaction::add_files`. Of the statistics the kernel gets to see how many rows there are; the committer
/// puts the whole text in their place.
pub fn add_rows(files: &[DataFile], partition: &[Pair]) -> KernelResult<Box<dyn EngineData>> {
    let mut partitions = MapBuilder::new(None, StringBuilder::new(), StringBuilder::new());
    let mut lines = String::new();
    for file in files {
        for pair in partition {
            partitions.keys().append_value(&pair.key);
            partitions.values().append_option(Some(&pair.value).filter(|value| !value.is_empty()));
        }
        partitions.append(true)?;
        lines += if file.stats_json.is_empty() { "{}" } else { &file.stats_json };
        lines += "\n";
    }
    let stats_schema = StructType::try_new([StructField::nullable("numRecords", KernelType::LONG)])?;
    let stats = decode(&lines, &stats_schema, files.len())?;
    let known: NullBuffer = files.iter().map(|file| !file.stats_json.is_empty()).collect::<Vec<_>>().into();
    let stats = StructArray::try_new(stats.schema().fields().clone(), stats.columns().to_vec(), Some(known))?;
    let size = |bytes: u64| i64::try_from(bytes).map_err(|_| KernelError::generic("a file of more than 2^63 bytes"));
    let columns: Vec<(&str, ArrayRef, bool)> = vec![
        ("path", Arc::new(files.iter().map(|file| Some(&file.path)).collect::<StringArray>()), false),
        ("partitionValues", Arc::new(partitions.finish()), false),
        (
            "size",
            Arc::new(
                files.iter().map(|file| size(file.bytes)).collect::<KernelResult<Vec<_>>>().map(Int64Array::from)?,
            ),
            false,
        ),
        ("modificationTime", Arc::new(files.iter().map(|file| file.modified_millis).collect::<Int64Array>()), false),
        ("stats", Arc::new(stats), true),
    ];
    let fields: Vec<_> =
        columns.iter().map(|(name, array, null)| Field::new(*name, array.data_type().clone(), *null)).collect();
    let arrays = columns.into_iter().map(|(_, array, _)| array).collect();
    Ok(Box::new(ArrowEngineData::new(RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?)))
}

/// One row of `schema` from a JSON object.
pub fn one_row(json: &str, schema: &SchemaRef) -> KernelResult<Box<dyn EngineData>> {
    Ok(Box::new(ArrowEngineData::new(decode(json, schema, 1)?)))
}

fn decode(lines: &str, schema: &StructType, rows: usize) -> KernelResult<RecordBatch> {
    let arrow: Schema = schema.try_into_arrow()?;
    let mut decoder = ReaderBuilder::new(Arc::new(arrow)).with_batch_size(rows.max(1)).build_decoder()?;
    let used = decoder.decode(lines.as_bytes())?;
    let batch = decoder.flush()?.filter(|batch| batch.num_rows() == rows && lines[used..].trim().is_empty());
    batch.ok_or_else(|| KernelError::generic(format!("statistics are not one JSON object a file: {lines}")))
}
