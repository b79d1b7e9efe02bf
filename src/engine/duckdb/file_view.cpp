#include "engine/duckdb/file_view.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>

#include "base/error.h"
#include "base/text.h"
#include "engine/duckdb/parquet_io.h"
#include "engine/duckdb/stage.h"
#include "engine/duckdb/types.h"
#include "sql/names.h"

namespace metl::engine {
namespace {

std::string_view view_at(duckdb_vector vector, idx_t row) {
  auto* text = &static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector))[row];
  return {duckdb_string_t_data(text), duckdb_string_t_length(*text)};
}

// A file that is not known must not pass for one whose values are NULL.
void set_unknown(duckdb_function_info info, std::string_view file) {
  duckdb_scalar_function_set_error(info, fmt::format("{} is not a file of this dataset", file).c_str());
}

struct Hash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

template <typename Value>
using ByFile = std::unordered_map<std::string, Value, Hash, std::equal_to<>>;

// Looks up the file of row after row: mostly it is the one of the row before, and then even its text is the same one.
template <typename Value>
class Lookup {
 public:
  explicit Lookup(const ByFile<Value>& by_file) : by_file_(by_file) {}

  // Null for a file that is not there.
  const Value* of(std::string_view file) {
    if (file.data() == last_.data() && file.size() == last_.size()) return found_;
    const auto found = by_file_.find(file);
    last_ = file;
    return found_ = found == by_file_.end() ? nullptr : &found->second;
  }

 private:
  const ByFile<Value>& by_file_;
  std::string_view last_;
  const Value* found_ = nullptr;
};

// Whether both types have the same names all the way down, to the letter.
bool same_names(const Type& a, const Type& b) {
  return std::equal(a.children.begin(), a.children.end(), b.children.begin(), b.children.end(),
                    [&](const Field& x, const Field& y) {
                      return (a.kind != Type::Kind::kStruct || x.name == y.name) && same_names(x.type, y.type);
                    });
}

// `value` of the type `stored` with the nested names of `wanted`.
std::string renamed(const std::string& value, const Type& stored, const Type& wanted, int depth = 0) {
  if (same_names(stored, wanted)) return value;
  const std::string item = fmt::format("item{}", depth);
  if (wanted.kind == Type::Kind::kStruct) {
    std::vector<std::string> parts;
    for (size_t i = 0; i < wanted.children.size(); ++i) {
      const std::string part = fmt::format("struct_extract({}, {})", value, sql::literal(stored.children.at(i).name));
      parts.push_back(fmt::format("{} := {}", sql::identifier(wanted.children[i].name),
                                  renamed(part, stored.children[i].type, wanted.children[i].type, depth)));
    }
    return fmt::format("CASE WHEN {} IS NOT NULL THEN struct_pack({}) END", value, fmt::join(parts, ", "));
  }
  const auto child = [&](size_t i, const std::string& from) {
    return renamed(from, stored.children.at(i).type, wanted.children.at(i).type, depth + 1);
  };
  if (wanted.kind == Type::Kind::kArray) {
    return fmt::format("list_transform({}, lambda {}: {})", value, item, child(0, item));
  }
  return fmt::format(
      "map_from_entries(list_transform(map_entries({}), lambda {}: struct_pack(key := {}, value := {})))", value, item,
      child(0, item + ".key"), child(1, item + ".value"));
}

using Groups = std::vector<const FileGroup*>;

// One scan of files that have the same constant columns. The scan calls its columns c0, c1, ...: none of the files can
// then hide the two that DuckDB adds, `filename` and `file_row_number`.
std::string scan_select(Client& client, FileFacts& facts, const Schema& columns, const Groups& groups,
                        const StoredColumns& stored) {
  const Schema& names = stored.columns.empty() ? columns : stored.columns;
  std::vector<std::string> paths;
  bool deleted = false;
  for (const auto* group : groups) {
    paths.insert(paths.end(), group->paths.begin(), group->paths.end());
    deleted = deleted || !group->deleted_rows.empty();
  }
  std::vector<std::string> read, items;
  for (size_t i = 0; i < columns.size(); ++i) {
    const std::string name = sql::identifier(columns[i].name);
    if (groups.front()->constants.contains(columns[i].name)) {
      const std::string function = facts.add_constant(client, columns[i].name, groups);
      items.push_back(fmt::format("CAST({}(filename) AS {}) AS {}", function, to_duckdb(columns[i].type), name));
      continue;
    }
    const std::string key =
        stored.field_ids.empty() ? sql::literal(names.at(i).name) : fmt::format("{}", stored.field_ids.at(i));
    read.push_back(fmt::format("{}: {{name: 'c{}', type: {}, default_value: NULL}}", key, i,
                               sql::literal(to_duckdb(names.at(i).type))));
    items.push_back(fmt::format("{} AS {}", renamed(fmt::format("c{}", i), names.at(i).type, columns[i].type), name));
  }
  std::string options = ", filename = true";
  if (!read.empty()) options += fmt::format(", schema = MAP {{{}}}", fmt::join(read, ", "));
  // Each query binds the view anew: ten thousand names in its text would be parsed each time.
  const std::string files = facts.add_files(client, paths);
  std::string select = fmt::format("SELECT {} FROM read_parquet(getvariable('{}'), hive_partitioning = false{})",
                                   fmt::join(items, ", "), files, options);
  if (deleted) select += fmt::format(" WHERE NOT {}(filename, file_row_number)", facts.add_deleted(client, groups));
  return select;
}

}  // namespace

struct FileFacts::Constants {
  std::string name;
  ByFile<std::optional<std::string>> by_file;

  static void call(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
    const auto* self = static_cast<Constants*>(duckdb_scalar_function_get_extra_info(info));
    const duckdb_vector files = duckdb_data_chunk_get_vector(input, 0);
    duckdb_vector_ensure_validity_writable(output);
    uint64_t* validity = duckdb_vector_get_validity(output);
    Lookup lookup(self->by_file);
    for (idx_t row = 0; row < duckdb_data_chunk_get_size(input); ++row) {
      const std::string_view file = view_at(files, row);
      const auto* value = lookup.of(file);
      if (value == nullptr) return set_unknown(info, file);
      if (*value) {
        duckdb_vector_assign_string_element_len(output, row, (*value)->data(), (*value)->size());
      } else {
        duckdb_validity_set_row_invalid(validity, row);
      }
    }
  }
};

struct FileFacts::Deleted {
  std::string name;
  ByFile<std::vector<int64_t>> by_file;  // only files that have some

  static void call(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
    const auto* self = static_cast<Deleted*>(duckdb_scalar_function_get_extra_info(info));
    const duckdb_vector files = duckdb_data_chunk_get_vector(input, 0);
    const auto* numbers = static_cast<int64_t*>(duckdb_vector_get_data(duckdb_data_chunk_get_vector(input, 1)));
    auto* out = static_cast<bool*>(duckdb_vector_get_data(output));
    Lookup lookup(self->by_file);
    for (idx_t row = 0; row < duckdb_data_chunk_get_size(input); ++row) {
      const auto* deleted = lookup.of(view_at(files, row));
      out[row] = deleted != nullptr && std::binary_search(deleted->begin(), deleted->end(), numbers[row]);
    }
  }
};

FileFacts::FileFacts() = default;
FileFacts::~FileFacts() = default;

std::string FileFacts::add_files(Client& client, const std::vector<std::string>& paths) {
  const std::string name = fmt::format("metl_files_{}", lists_++);
  std::vector<std::optional<std::string>> patterns;
  for (const auto& path : paths) patterns.emplace_back(file_pattern(path));
  client.set_variable(name, patterns);
  return name;
}

std::string FileFacts::add_constant(Client& client, const std::string& column,
                                    const std::vector<const FileGroup*>& groups) {
  auto constants = std::make_unique<Constants>();
  constants->name = fmt::format("metl_constant_{}", constants_.size());
  for (const auto* group : groups) {
    for (const auto& path : group->paths) constants->by_file.emplace(path, group->constants.at(column));
  }
  client.add_function(
      {constants->name.c_str(), DUCKDB_TYPE_VARCHAR, DUCKDB_TYPE_VARCHAR, &Constants::call, constants.get(), true});
  constants_.push_back(std::move(constants));
  return constants_.back()->name;
}

std::string FileFacts::add_deleted(Client& client, const std::vector<const FileGroup*>& groups) {
  auto deleted = std::make_unique<Deleted>();
  deleted->name = fmt::format("metl_deleted_{}", deleted_.size());
  for (const auto* group : groups) deleted->by_file.insert(group->deleted_rows.begin(), group->deleted_rows.end());
  client.add_function({deleted->name.c_str(), DUCKDB_TYPE_VARCHAR, DUCKDB_TYPE_BOOLEAN, &Deleted::call, deleted.get(),
                       true, DUCKDB_TYPE_BIGINT});
  deleted_.push_back(std::move(deleted));
  return deleted_.back()->name;
}

std::string files_select(Client& client, FileFacts& facts, const Schema& columns, const std::vector<FileGroup>& groups,
                         const StoredColumns& stored) {
  std::map<std::set<std::string>, Groups> alike;  // by the names of their constants
  for (const auto& group : groups) {
    if (group.paths.empty()) continue;
    std::set<std::string> names;
    for (const auto& constant : group.constants) names.insert(constant.first);
    alike[names].push_back(&group);
  }
  std::vector<std::string> selects;
  for (const auto& [names, same] : alike) selects.push_back(scan_select(client, facts, columns, same, stored));
  if (selects.empty()) selects.push_back(empty_select(columns));
  return fmt::format("{}", fmt::join(selects, "\nUNION ALL\n"));
}

}  // namespace metl::engine
