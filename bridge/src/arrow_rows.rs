//! Small results of a Spark server: an Arrow IPC stream as cells, typed and written as the embedded engine does it.

use delta_kernel::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, ListArray, MapArray, StructArray,
};
use delta_kernel::arrow::compute::cast;
use delta_kernel::arrow::datatypes::{DataType, Field, TimeUnit};
use delta_kernel::arrow::error::ArrowError;
use delta_kernel::arrow::ipc::reader::StreamReader;
use delta_kernel::arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::ffi::{ArrowRows, Cell, CellKind};

pub fn decode_arrow(stream: &[u8]) -> Result<ArrowRows, ArrowError> {
    let reader = StreamReader::try_new(stream, None)?;
    let schema = reader.schema();
    let mut out = ArrowRows {
        names: schema.fields().iter().map(|field| field.name().clone()).collect(),
        types: schema.fields().iter().map(|field| type_name(field.data_type())).collect(),
        cells: Vec::new(),
    };
    for batch in reader {
        let batch = batch?;
        let columns = batch.columns().iter().map(Column::new).collect::<Result<Vec<_>, _>>()?;
        for row in 0..batch.num_rows() {
            for column in &columns {
                out.cells.push(column.cell(row)?);
            }
        }
    }
    Ok(out)
}

/// Spark's name of the type; of one that it has not, Arrow's.
fn type_name(kind: &DataType) -> String {
    let field = |field: &Field| format!("{}:{}", field.name(), type_name(field.data_type()));
    match kind {
        DataType::Boolean => "boolean".into(),
        DataType::Int8 => "tinyint".into(),
        DataType::Int16 => "smallint".into(),
        DataType::Int32 => "int".into(),
        DataType::Int64 => "bigint".into(),
        DataType::Float32 => "float".into(),
        DataType::Float64 => "double".into(),
        DataType::Decimal128(precision, scale) => format!("decimal({precision},{scale})"),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => "string".into(),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => "binary".into(),
        DataType::Date32 => "date".into(),
        DataType::Timestamp(_, Some(_)) => "timestamp".into(),
        DataType::Timestamp(_, None) => "timestamp_ntz".into(),
        DataType::List(element) | DataType::LargeList(element) => format!("array<{}>", type_name(element.data_type())),
        DataType::Struct(fields) => {
            format!("struct<{}>", fields.iter().map(|f| field(f)).collect::<Vec<_>>().join(","))
        }
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(pair) if pair.len() == 2 => {
                format!("map<{},{}>", type_name(pair[0].data_type()), type_name(pair[1].data_type()))
            }
            other => other.to_string(),
        },
        other => other.to_string(),
    }
}

/// A column in the widest type of its kind, so that a cell is one look-up.
enum Column {
    Bool(BooleanArray),
    Whole(Int64Array),
    Real(Float64Array),
    Text(ArrayRef),
}

impl Column {
    fn new(array: &ArrayRef) -> Result<Column, ArrowError> {
        let kind = array.data_type();
        Ok(match kind {
            DataType::Boolean => Column::Bool(array.as_boolean().clone()),
            _ if kind.is_integer() => Column::Whole(cast(array, &DataType::Int64)?.as_primitive().clone()),
            _ if kind.is_numeric() => Column::Real(cast(array, &DataType::Float64)?.as_primitive().clone()),
            _ => Column::Text(array.clone()),
        })
    }

    fn cell(&self, row: usize) -> Result<Cell, ArrowError> {
        let mut cell = Cell { kind: CellKind::Null, whole: 0, real: 0.0, text: String::new() };
        match self {
            Column::Bool(array) if array.is_valid(row) => {
                cell.kind = CellKind::Bool;
                cell.whole = array.value(row).into();
            }
            Column::Whole(array) if array.is_valid(row) => {
                cell.kind = CellKind::Whole;
                cell.whole = array.value(row);
            }
            Column::Real(array) if array.is_valid(row) => {
                cell.kind = CellKind::Real;
                cell.real = array.value(row);
            }
            Column::Text(array) if array.is_valid(row) => {
                cell.kind = CellKind::Text;
                cell.text = text(array, row)?;
            }
            _ => {}
        }
        Ok(cell)
    }
}

/// A value as DuckDB's cast to text writes it: [{'id': 1, 'name': Drama}, NULL], 2021-01-01 10:00:00+00.
fn text(array: &ArrayRef, row: usize) -> Result<String, ArrowError> {
    if array.is_null(row) {
        return Ok("NULL".into());
    }
    if let Some(list) = array.as_any().downcast_ref::<ListArray>() {
        return Ok(format!("[{}]", texts(&list.value(row))?.join(", ")));
    }
    if let Some(map) = array.as_any().downcast_ref::<MapArray>() {
        let entries = map.value(row);
        let (keys, values) = (texts(entries.column(0))?, texts(entries.column(1))?);
        let pairs: Vec<_> = keys.iter().zip(values).map(|(key, value)| format!("{key}={value}")).collect();
        return Ok(format!("{{{}}}", pairs.join(", ")));
    }
    if let Some(fields) = array.as_any().downcast_ref::<StructArray>() {
        let mut parts = Vec::new();
        for (name, column) in fields.column_names().iter().zip(fields.columns()) {
            parts.push(format!("'{name}': {}", text(column, row)?));
        }
        return Ok(format!("{{{}}}", parts.join(", ")));
    }
    let zoned = matches!(array.data_type(), DataType::Timestamp(TimeUnit::Microsecond, Some(_)));
    let options = FormatOptions::new()
        .with_timestamp_format(Some("%Y-%m-%d %H:%M:%S%.f"))
        .with_timestamp_tz_format(Some("%Y-%m-%d %H:%M:%S%.f"));
    let plain = ArrayFormatter::try_new(array, &options)?.value(row).try_to_string()?;
    Ok(if zoned { plain + "+00" } else { plain })
}

fn texts(array: &ArrayRef) -> Result<Vec<String>, ArrowError> {
    (0..array.len()).map(|row| text(array, row)).collect()
}
