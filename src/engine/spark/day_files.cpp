#include "engine/spark/day_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/error.h"
#include "base/text.h"
#include "engine/spark/sql.h"

namespace metl::engine {
namespace {

using spark_sql::identifier;
using Kind = Type::Kind;

// What Spark calls the type of a column that it is to read. Times of nanoseconds are numbers to it.
Type read_type(const Type& type, const Stored& stored) {
  if (stored.int96) return {.kind = Kind::kTimestamp, .children = {}};
  if (stored.nanoseconds) return {.kind = Kind::kLong, .children = {}};
  return type;
}

// `left`: the leaves that are still to come.
bool next_is_null(NullLeaves& left) {
  const bool out = left.front();
  left.erase(left.begin());
  return out;
}

// An expression of `type` as one of `to`, part by part: Spark casts no number to a struct, even where all are NULL.
std::string with_nulls(const std::string& value, const Type& type, const Type& to, NullLeaves& left, int depth = 0) {
  if (!type.is_nested()) {
    return fmt::format("CAST({} AS {})", next_is_null(left) ? "NULL" : value, spark_sql::type_text(to));
  }
  const std::string inner = fmt::format("metl_{}", depth);
  const auto child = [&](size_t i, const std::string& of) {
    return with_nulls(of, type.children[i].type, to.children[i].type, left, depth + 1);
  };
  if (type.kind == Kind::kArray) return fmt::format("transform({}, {} -> {})", value, inner, child(0, inner));
  if (type.kind == Kind::kMap) {
    const std::string key = child(0, inner + ".key");
    return fmt::format("map_from_entries(transform(map_entries({}), {} -> struct({}, {})))", value, inner, key,
                       child(1, inner + ".value"));
  }
  std::vector<std::string> fields;
  for (size_t i = 0; i < type.children.size(); ++i) {
    fields.push_back(spark_sql::literal(to.children[i].name));
    fields.push_back(child(i, fmt::format("{}.{}", value, identifier(type.children[i].name))));
  }
  return fmt::format("IF({0} IS NULL, NULL, named_struct({1}))", value, fmt::join(fields, ", "));
}

std::string item(const Field& declared, const Type& type, const Stored& stored) {
  const std::string name = identifier(declared.name), wanted = spark_sql::type_text(declared.type);
  if (NullLeaves leaves = stored.nulls; !leaves.empty())
    return fmt::format("{} AS {}", with_nulls(name, type, declared.type, leaves), name);
  if (stored.nanoseconds) return fmt::format("CAST(timestamp_micros({0} DIV 1000) AS {1}) AS {0}", name, wanted);
  return type_name(type) == type_name(declared.type) && !stored.int96
             ? name
             : fmt::format("CAST({0} AS {1}) AS {0}", name, wanted);
}

void require_readable(const SourceFile& file, const Field& declared, const Type& type, const Stored& stored) {
  const auto named = std::count_if(file.schema.begin(), file.schema.end(), [&](const Field& column) {
    return text::to_lower(column.name) == text::to_lower(declared.name);
  });
  if (named > 1) {
    throw Error(Cause::kBadInput,
                fmt::format("{}: {} columns are named '{}' but for the case of letters, and Spark tells them not apart",
                            file.path, named, declared.name),
                "Rename one of them, or run with --engine duckdb.");
  }
  if (type.kind == Kind::kString && stored.type != "VARCHAR" && stored.nulls.empty()) {
    throw Error(Cause::kBadInput,
                fmt::format("{}: column '{}' has type {}, which Spark does not read as string", file.path,
                            declared.name, text::to_lower(stored.type)),
                "Store it as a string, or run with --engine duckdb.");
  }
  // Spark's reader knows no such times, and as numbers only whole columns are made times of.
  if (!stored.finer.empty() && !stored.nanoseconds) {
    throw Error(Cause::kBadInput,
                fmt::format("{}: column '{}' holds {}, which Spark does not read", file.path, declared.name,
                            stored.finer.front()),
                "Store it in microseconds, or run with --engine duckdb.");
  }
}

}  // namespace

std::vector<AlikeFiles> alike_files(const StageRequest& request) {
  std::vector<AlikeFiles> out;
  std::map<std::string, size_t> kinds;
  for (const auto& file : request.sources) {
    AlikeFiles alike;
    for (const auto& declared : request.source_columns) {
      const auto at = static_cast<size_t>(find_field(file.schema, declared.name) - file.schema.data());
      const Type& type = file.schema.at(at).type;
      const Stored& stored = file.stored.at(at);
      require_readable(file, declared, type, stored);
      if (type.is_nested() || stored.nulls.empty())
        alike.columns.push_back({declared.name, read_type(type, stored), true, {}});
      alike.items.push_back(item(declared, type, stored));
      alike.as_declared = alike.as_declared && alike.items.back() == identifier(declared.name);
    }
    const std::string kind = spark_sql::columns_text(alike.columns) + fmt::format("{}", fmt::join(alike.items, ","));
    const auto [known, is_new] = kinds.try_emplace(kind, out.size());
    if (is_new) out.push_back(std::move(alike));
    out[known->second].paths.push_back(file.path);
  }
  return out;
}

}  // namespace metl::engine
