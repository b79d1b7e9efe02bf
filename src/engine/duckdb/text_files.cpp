#include "engine/duckdb/text_files.h"

#include <algorithm>
#include <array>
#include <regex>

#include "base/column_names.h"
#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "engine/duckdb/exact_values.h"
#include "engine/duckdb/parquet_io.h"
#include "engine/duckdb/types.h"
#include "sql/names.h"

namespace metl::engine {
namespace {

using Kind = Type::Kind;

// How a declared column comes out of a reader's column.
struct Reading {
  std::string read_as;  // the type that the reader is asked for, in DuckDB's words
  std::string value;    // SQL: the declared type
  std::string wrong;    // SQL: the declared type cannot hold the value as it is; "" where it always can
};

Reading reading_of(const Type& type, const std::string& column) {
  const std::string wanted = to_duckdb(type);
  if (type.kind == Kind::kString) return {"VARCHAR", column, ""};
  if (type.is_nested()) {
    const std::string exact = to_duckdb(with_all_digits(type));
    return {exact, fmt::format("CAST({} AS {})", column, wanted),
            fmt::format("CAST(CAST({0} AS {1}) AS {2}) IS DISTINCT FROM {0}", column, wanted, exact)};
  }
  const std::string pattern = pattern_of(type);
  const std::string unlike =
      pattern.empty() ? "" : fmt::format(" OR NOT regexp_full_match({}, {})", column, sql::literal(pattern));
  return {"VARCHAR", fmt::format("CAST({} AS {})", column, wanted),
          fmt::format("{0} IS NOT NULL AND (TRY_CAST({0} AS {1}) IS NULL{2})", column, wanted, unlike)};
}

// What stands behind FROM for one file, and how each declared column comes out of it.
struct Reader {
  std::string scan;
  std::vector<Reading> columns;
};

// In no text that anybody writes; DuckDB wants them to differ.
constexpr const char* kNoDelimiter = "\x01";
constexpr const char* kNoNull = "\x02";

std::string csv_options(const TextFormat& format, const std::string& null) {
  return fmt::format("auto_detect = false, delim = {}, quote = {}, escape = {}, nullstr = {}",
                     sql::literal(format.delimiter), sql::literal(format.quote), sql::literal(format.quote),
                     sql::literal(null));
}

// Columns of text under names of ours, by their place in the file.
std::string places(size_t count) {
  std::vector<std::string> columns;
  for (size_t i = 0; i < count; ++i) columns.push_back(fmt::format("'metl_{}': 'VARCHAR'", i));
  return fmt::format("{{{}}}", fmt::join(columns, ", "));
}

// The names in a CSV file's first line; none for a file without lines.
std::vector<std::string> header_of(Client& client, const std::string& file, const TextFormat& format) {
  const auto first = [&](const TextFormat& as, size_t columns) {
    return client.rows(fmt::format(
        "SELECT * FROM read_csv({}, header = false, strict_mode = false, null_padding = true, parallel = false, {}, columns = "
        "{}) LIMIT 1",
        file, csv_options(as, kNoNull), places(columns)));
  };
  const Rows line = first({.delimiter = kNoDelimiter, .quote = "", .null = ""}, 1);
  if (line.rows.empty()) return {};
  // At least as many as there are names; of those beyond, there is nothing.
  const auto* text = std::get_if<std::string>(&line.rows.front().front());
  const size_t most = text == nullptr ? 1 : text::split(*text, format.delimiter.front()).size();
  const Rows names = first(format, most);
  std::vector<std::string> out;
  for (const auto& name : names.rows.front()) {
    if (const auto* written = std::get_if<std::string>(&name)) out.emplace_back(text::trim(*written));
  }
  return out;
}

// The place of a declared column in a header. Throws Error{kBadInput}.
size_t place_in(const std::vector<std::string>& header, const Field& declared, const std::string& path) {
  const NameMatch found = match_name(header, declared.name);
  if (found.rivals == 1) return found.index;
  throw Error(
      Cause::kBadInput, Place{path, 1, 0},
      found.rivals > 1 ? fmt::format("{} columns are named '{}'", found.rivals, declared.name)
                       : fmt::format("column '{}' ({}) is missing.{}", declared.name, type_name(declared.type),
                                     text::did_you_mean(declared.name, header)),
      fmt::format("The header has: {}. Correct the file, or the columns in pipeline.yaml.", fmt::join(header, ", ")));
}

Reader csv_reader(Client& client, const std::string& path, const TextFormat& format, const Schema& columns) {
  const std::string file = sql::literal(file_pattern(path));
  const std::vector<std::string> header = header_of(client, file, format);
  if (header.empty()) {
    throw Error(Cause::kBadInput, Place{path, 1, 0}, "there is no header line",
                "A CSV file begins with the names of its columns.");
  }
  Reader out;
  out.scan =
      fmt::format("read_csv({}, header = true, strict_mode = true, allow_quoted_nulls = false, {}, columns = {})", file,
                  csv_options(format, format.null), places(header.size()));
  for (const auto& column : columns)
    out.columns.push_back(reading_of(column.type, fmt::format("metl_{}", place_in(header, column, path))));
  return out;
}

Reader json_reader(const std::string& path, const Schema& columns) {
  Reader out;
  std::vector<std::string> read;
  for (const auto& column : columns) {
    out.columns.push_back(reading_of(column.type, sql::identifier(column.name)));
    read.push_back(fmt::format("{}: {}", sql::literal(column.name), sql::literal(out.columns.back().read_as)));
  }
  out.scan = fmt::format(
      "read_json({}, format = 'newline_delimited', records = 'true', auto_detect = false, columns = {{{}}})",
      sql::literal(file_pattern(path)), fmt::join(read, ", "));
  return out;
}

std::string select_of(const Reader& reader, const Schema& columns) {
  std::vector<std::string> items;
  for (size_t i = 0; i < columns.size(); ++i) {
    const auto& [read_as, value, wrong] = reader.columns[i];
    // DuckDB's error() ends the statement; which value it was is found out then.
    items.push_back(fmt::format(
        "{} AS {}", wrong.empty() ? value : fmt::format("CASE WHEN {} THEN error('') ELSE {} END", wrong, value),
        sql::identifier(columns[i].name)));
  }
  return fmt::format("SELECT {} FROM {}", fmt::join(items, ", "), reader.scan);
}

// The first value that its column cannot hold, if that is why a file could not be read. Values are not shown: a column
// may be a person's.
void require_values(Client& client, const Reader& reader, const Schema& columns, const std::string& path) {
  std::string cases;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (!reader.columns[i].wrong.empty()) cases += fmt::format(" WHEN {} THEN {}", reader.columns[i].wrong, i);
  }
  if (cases.empty()) return;
  const Rows found = client.rows(fmt::format(
      "SELECT metl_record, metl_column FROM (SELECT row_number() OVER () AS metl_record, CASE{} ELSE -1 END "
      "AS metl_column FROM {}) WHERE metl_column >= 0 ORDER BY metl_record LIMIT 1",
      cases, reader.scan));
  if (found.rows.empty()) return;
  const Field& column = columns.at(static_cast<size_t>(std::get<int64_t>(found.rows[0][1])));
  throw Error(
      Cause::kBadInput,
      fmt::format("{}: record {}: the value of column '{}' is not of type {}, or has more digits than that holds", path,
                  std::get<int64_t>(found.rows[0][0]), column.name, type_name(column.type)),
      "Records are counted from 1, the header not. Correct the file, or the column's type in pipeline.yaml.");
}

// Where the reader stopped and why, in words that hold no data: its own show the line or the value, which may be a
// person's. Only what is known to hold none is passed on.
Error unreadable(const std::string& path, const TextFormat& format, const Error& why) {
  constexpr std::array kHarmless{"Expected Number of Columns", "Value with unterminated quote", "Invalid unicode",
                                 "Maximum line size"};
  const auto lines = text::split(why.message(), '\n');
  std::string reason;
  for (const auto& line : lines) {
    const bool is_harmless =
        std::any_of(kHarmless.begin(), kHarmless.end(), [&](const char* begin) { return line.starts_with(begin); });
    if (is_harmless && reason.empty()) reason = line;
  }
  if (reason.empty()) {
    reason =
        format.kind == TextFormat::Kind::kCsv
            ? "it cannot be read as CSV"
            : "it is not JSON there, a value does not fit the type of its column, or a key stands twice in an object";
  }
  std::smatch number;
  const bool has_line = std::regex_search(lines.front(), number, std::regex("[Ll]ine:? ([0-9]+)"));
  return {Cause::kBadInput, fmt::format("{}: {}{}", path, has_line ? "near line " + number.str(1) + ": " : "", reason),
          "Correct the file, or its format in pipeline.yaml."};
}

// A key of JSON in another case than the declared one is another key: the column would be NULL in every row.
void require_keys(Client& client, const std::vector<std::string>& paths, const std::string& column) {
  constexpr int kLooked = 1'000;
  const Rows keys = client.rows(
      fmt::format("SELECT DISTINCT unnest(json_keys(json)) FROM (SELECT json FROM read_json_objects({}, format = "
                  "'newline_delimited') LIMIT {})",
                  file_list(paths), kLooked));
  for (const auto& row : keys.rows) {
    const auto& key = std::get<std::string>(row.front());
    if (key == column || text::to_lower(key) != text::to_lower(column)) continue;
    throw Error(Cause::kBadInput,
                fmt::format("{}: no object has a key '{}', but there is '{}'", paths.front(), column, key),
                "Declare the column in pipeline.yaml as the files write it.");
  }
  log::warning("column '{}' has no value in any of {} JSON files", column, paths.size());
}

}  // namespace

std::vector<std::string> text_to_parquet(Client& client, const std::vector<std::string>& paths,
                                         const TextFormat& format, const Schema& columns, const WriteOptions& options) {
  const bool is_json = format.kind == TextFormat::Kind::kJson;
  std::vector<std::string> out;
  std::vector<bool> has_values(columns.size(), false);
  int64_t rows = 0;
  for (const auto& path : paths) {
    try {
      const Reader reader = is_json ? json_reader(path, columns) : csv_reader(client, path, format, columns);
      try {
        const auto written =
            copy_to_file(client, select_of(reader, columns),
                         fmt::format("{}/{}", options.folder, file_name(options, out.size())), options, {});
        for (const auto& file : written) {
          rows += file.rows;
          out.push_back(file.path);
          for (size_t i = 0; i < columns.size(); ++i) {
            const auto stats = file.stats.find({columns[i].name});
            has_values[i] = has_values[i] || stats == file.stats.end() || stats->second.null_count != file.rows;
          }
        }
      } catch (const Error& e) {
        if (e.cause() == Cause::kStatement) require_values(client, reader, columns, path);
        throw;
      }
    } catch (const Error& e) {
      if (e.cause() != Cause::kStatement) throw;
      throw unreadable(path, format, e);
    }
  }
  for (size_t i = 0; i < columns.size() && is_json && rows > 0; ++i) {
    if (!has_values[i]) require_keys(client, paths, columns[i].name);
  }
  return out;
}

}  // namespace metl::engine
