#include "engine/duckdb/stage.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "engine/duckdb/day_scan.h"
#include "engine/duckdb/duplicates.h"
#include "engine/duckdb/parquet_io.h"
#include "engine/duckdb/types.h"
#include "sql/names.h"

namespace metl::engine {
namespace {

struct Shape {
  bool row_wise = true;     // each result row comes from one source row, so that the day may be cut into parts
  bool at_most_one = true;  // and each source row gives one or none
  bool keeps_rows = true;   // and each gives one
};

// What `select` sees.
Schema view_columns(const StageRequest& request) {
  Schema out = request.source_columns;
  if (!request.origins.empty()) out.push_back({kOriginColumn, *parse_type("string"), true, ""});
  return out;
}

// Told by the unoptimised plan: one scan of `source`, then only projections, filters and unnests. Everything else
// (aggregates, windows, joins, limits, DISTINCT) sees the day whole.
Shape shape_of(Client& client, const StageRequest& request) {
  client.execute(fmt::format("CREATE OR REPLACE TEMP TABLE source AS {}; PRAGMA disable_optimizer",
                             empty_select(view_columns(request))));
  Result result = client.execute(fmt::format("EXPLAIN (FORMAT json) SELECT * FROM ({}\n)", request.select));
  client.execute("PRAGMA enable_optimizer; DROP TABLE source");
  const Chunk chunk(duckdb_fetch_chunk(*result.out()));
  const auto plan = nlohmann::json::parse(string_at(duckdb_data_chunk_get_vector(chunk.get(), 1), 0));
  int scans = 0;
  Shape shape;
  const auto visit = [&](const auto& self, const nlohmann::json& node) -> void {
    const std::string name(text::trim(node.at("name").get<std::string>()));
    if (name == "SEQ_SCAN" || name == "TABLE_SCAN") {
      ++scans;
    } else if (name == "FILTER") {
      shape.keeps_rows = false;
    } else if (name == "UNNEST") {
      shape.at_most_one = shape.keeps_rows = false;
    } else if (name != "PROJECTION") {
      shape = {false, false, false};
    }
    for (const auto& child : node.at("children")) self(self, child);
  };
  for (const auto& root : plan) visit(visit, root);
  return scans == 1 ? shape : Shape{false, false, false};
}

// Bytes that a sort holds for one row, roughly: strings are 16 inline and 16 outside, lists hold a few elements.
uint64_t row_width(const Type& type) {
  switch (type.kind) {
    case Type::Kind::kString:
    case Type::Kind::kBinary:
      return 32;
    case Type::Kind::kArray:
    case Type::Kind::kMap:
    case Type::Kind::kStruct: {
      uint64_t width = 0;
      for (const auto& child : type.children) width += row_width(child.type);
      return type.kind == Type::Kind::kStruct ? width : 16 + 4 * width;
    }
    default:
      return 8;
  }
}

// Rows [first_row, first_row + rows) of the files [first_file, last_file]; a row range only for a single file.
struct Part {
  size_t first_file = 0;
  size_t last_file = 0;
  int64_t first_row = 0;
  int64_t rows = 0;
};

// Cuts the day so that a part's rows can be sorted in memory and its input is at most the target size: a part becomes a
// file.
std::vector<Part> cut_into_parts(const StageRequest& request, uint64_t memory) {
  uint64_t width = 0;
  for (const auto& column : request.target_columns) width += row_width(column.type);
  const auto most_rows = static_cast<int64_t>(std::max<uint64_t>(memory / std::max<uint64_t>(width, 1), 100'000));
  std::vector<Part> parts;
  uint64_t part_bytes = 0;
  for (size_t i = 0; i < request.sources.size(); ++i) {
    const SourceFile& file = request.sources[i];
    const int64_t pieces = std::max<int64_t>(
        {1, (file.rows + most_rows - 1) / most_rows,
         static_cast<int64_t>((file.bytes + request.write.target_bytes - 1) / request.write.target_bytes)});
    if (pieces > 1) {
      for (int64_t piece = 0; piece < pieces; ++piece) {
        const int64_t first = file.rows * piece / pieces;
        parts.push_back({i, i, first, file.rows * (piece + 1) / pieces - first});
      }
      part_bytes = request.write.target_bytes;  // nothing is added to a piece
      continue;
    }
    const bool fits = !parts.empty() && part_bytes + file.bytes <= request.write.target_bytes &&
                      parts.back().rows + file.rows <= most_rows;
    if (fits) {
      parts.back().last_file = i;
      parts.back().rows += file.rows;
      part_bytes += file.bytes;
    } else {
      parts.push_back({i, i, 0, file.rows});
      part_bytes = file.bytes;
    }
  }
  return parts;
}

std::string source_sql(const StageRequest& request, const DayScan& day, const Part& part) {
  std::vector<std::string> columns;
  for (size_t i = 0; i < request.source_columns.size(); ++i) {
    columns.push_back(
        fmt::format("metl_s.{} AS {}", DayScan::column(i), sql::identifier(request.source_columns[i].name)));
  }
  if (!request.origins.empty()) {
    std::vector<std::string> origins;
    for (size_t i = part.first_file; i <= part.last_file; ++i) origins.push_back(sql::literal(request.origins.at(i)));
    columns.push_back(fmt::format("[{}][CAST(metl_s.metl_file AS BIGINT) + 1] AS {}", fmt::join(origins, ", "),
                                  sql::identifier(kOriginColumn)));
  }
  std::string sql =
      fmt::format("SELECT {} FROM {} AS metl_s", fmt::join(columns, ", "), day.sql(part.first_file, part.last_file));
  if (request.dedupe) {
    sql += fmt::format(
        " ANTI JOIN (SELECT metl_file - {0} AS metl_file, metl_row FROM metl_dropped WHERE metl_file BETWEEN {0} AND "
        "{1}) AS metl_d ON metl_d.metl_file = metl_s.metl_file AND metl_d.metl_row = metl_s.metl_row",
        part.first_file, part.last_file);
  }
  if (part.first_file == part.last_file && part.rows < request.sources[part.first_file].rows) {
    sql += fmt::format(" WHERE metl_s.metl_row BETWEEN {} AND {}", part.first_row, part.first_row + part.rows - 1);
  }
  return sql;
}

// "SELECT <columns> FROM (<select>)" with the view `source` defined as `source_sql`, and nothing of ours on the lines
// of `select`: DuckDB's "LINE n" in an error is the user's line.
std::string with_source(const std::string& source_sql, const std::string& columns, const std::string& select) {
  // NOT MATERIALIZED: DuckDB would else hold a source that the SELECT names twice in memory, whole.
  return fmt::format("WITH source AS NOT MATERIALIZED ({}) SELECT {} FROM ({}\n)", source_sql, columns, select);
}

// As Spark casts: a fraction is cut off, where DuckDB would round it.
std::string cast_sql(const Field& column, const Field* yielded) {
  const bool cuts =
      yielded != nullptr && yielded->type.is_number() && !yielded->type.is_whole() && column.type.is_whole();
  const std::string name = sql::identifier(column.name);
  return fmt::format("CAST({}({}) AS {}) AS {}", cuts ? "trunc" : "", name, to_duckdb(column.type), name);
}

std::string target_sql(const StageRequest& request, const DayScan& day, const Schema& yields, const Part& part) {
  std::vector<std::string> casts;
  for (const auto& column : request.target_columns) casts.push_back(cast_sql(column, find_field(yields, column.name)));
  return with_source(source_sql(request, day, part), fmt::format("{}", fmt::join(casts, ", ")), request.select) +
         sql::order_by(request.write.cluster_by);
}

// Reads no column, only where the rows stand.
int64_t count_of(Client& client, const std::string& select) {
  return std::get<int64_t>(client.rows(fmt::format("SELECT count(*) FROM ({})", select)).rows.at(0).at(0));
}

}  // namespace

std::string empty_select(const Schema& columns) {
  std::vector<std::string> parts;
  for (const auto& column : columns) {
    parts.push_back(fmt::format("CAST(NULL AS {}) AS {}", to_duckdb(column.type), sql::identifier(column.name)));
  }
  return fmt::format("SELECT {} WHERE false", fmt::join(parts, ", "));
}

Schema describe_select(Client& client, const Schema& source_columns, const std::string& select) {
  // By itself first: inside of our own text a bracket too many could end ours, and begin another statement.
  client.execute(fmt::format("CREATE OR REPLACE TEMP TABLE source AS {}", empty_select(source_columns)));
  client.require_select(select);
  client.execute("DROP TABLE source");
  return client.describe(with_source(empty_select(source_columns), "*", select));
}

StageResult stage_day(Client& client, SeenBits& seen, const StageRequest& request, uint64_t memory,
                      const Progress& progress) {
  constexpr double kDedupeShare = 12;  // percent of the whole; measured on the 20M-row day
  StageResult result;
  const DayScan day(request);
  int64_t all_rows = 0;
  for (const auto& source : request.sources) all_rows += source.rows;
  double done = 0;
  if (request.dedupe) {
    // The single statements of the search start again at 0 %: shown is the share as a whole once it is over.
    result.duplicates = find_dropped_rows(client, seen, request, day, memory / 4, {});
    done = kDedupeShare;
    if (progress) progress({done});
  }

  const Schema yields = describe_select(client, view_columns(request), request.select);
  const Part whole{0, request.sources.size() - 1, 0, all_rows};
  const Shape shape = shape_of(client, request);
  const std::vector<Part> parts = shape.row_wise ? cut_into_parts(request, memory) : std::vector{whole};
  uint64_t rows_done = 0;
  for (const auto& part : parts) {
    const double share = (100 - (request.dedupe ? kDedupeShare : 0)) * static_cast<double>(part.rows) /
                         static_cast<double>(std::max<int64_t>(all_rows, 1));
    const auto on_progress = [&](double percent, uint64_t) {
      if (progress)
        progress({done + share * percent / 100,
                  rows_done + static_cast<uint64_t>(static_cast<double>(part.rows) * percent / 100)});
    };
    const std::string sql = target_sql(request, day, yields, part);
    auto files =
        shape.row_wise
            ? copy_to_file(client, sql,
                           fmt::format("{}/{}", request.write.folder, file_name(request.write, result.files.size())),
                           request.write, on_progress)
            : copy_to_files(client, sql, request.write, on_progress);
    result.files.insert(result.files.end(), std::make_move_iterator(files.begin()),
                        std::make_move_iterator(files.end()));
    done += share;
    rows_done += static_cast<uint64_t>(part.rows);
  }
  for (const auto& file : result.files) result.rows += file.rows;
  result.at_most_one = shape.at_most_one;
  result.given = shape.keeps_rows ? result.rows : count_of(client, source_sql(request, day, whole));
  if (request.dedupe) client.execute("DROP TABLE metl_dropped");
  return result;
}

}  // namespace metl::engine
