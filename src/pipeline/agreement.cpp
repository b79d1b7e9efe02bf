#include "pipeline/agreement.h"

#include <algorithm>
#include <functional>

#include "base/error.h"
#include "base/location.h"
#include "base/text.h"
#include "pipeline/ownership.h"
#include "sql/names.h"
#include "storage/store.h"

namespace metl::pipeline {
namespace {

constexpr const char* kStaging = "_staging";  // below the table's root: the leases of runs

bool holds_timestamp_ntz(const Type& type) {
  return type.kind == Type::Kind::kTimestampNtz ||
         std::any_of(type.children.begin(), type.children.end(),
                     [](const Field& child) { return holds_timestamp_ntz(child.type); });
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void add_rules(const Field& field, const std::string& path, std::vector<std::string>& out) {
  if (!field.nullable) out.push_back(path + " NOT NULL");
  for (const auto& child : field.type.children) {
    // A map's key is never NULL in any table.
    const bool key = field.type.kind == Type::Kind::kMap && child.name == "key";
    add_rules(key ? Field{child.name, child.type, true, {}} : child, path + "." + child.name, out);
  }
}

// The features that say how rows are to be written, of those that a run does not serve.
void add_features(const table::Table& table, const Schema& added, std::vector<std::string>& differences) {
  if (contains(table.features(), "materializePartitionColumns"))
    differences.push_back("  the table wants partition columns in its data files (materializePartitionColumns)");
  for (const auto& column : added) {
    if (holds_timestamp_ntz(column.type) && !contains(table.features(), "timestampNtz")) {
      differences.push_back(fmt::format("  + {}: {}  (the table's protocol is older than timestampNtz)", column.name,
                                        type_name(column.type)));
    }
  }
  for (const auto& [column, length] : table.lengths()) {
    if (length.starts_with("varchar(") || length.starts_with("char(")) continue;
    differences.push_back(
        fmt::format("  {} is {}: lengths inside of other types are not checked here", column, length));
  }
}

// A data file at `root` that no run that has a lease staged; "" for none.
std::string stray_file(const std::string& root) {
  const auto files = storage::list_files(root, /*deep=*/true);
  std::vector<std::string> runs;
  for (const auto& lease : storage::list_files(fmt::format("{}/{}", root, kStaging))) {
    const std::string name = lease.path.substr(lease.path.rfind('/') + 1);
    if (name.ends_with(".json")) runs.push_back(name.substr(0, name.size() - 5));
  }
  for (const auto& file : files) {
    const std::string path = file.path.substr(std::min(root.size() + 1, file.path.size()));
    const bool hidden = path.starts_with('_') || path.starts_with('.') || path.find("/_") != std::string::npos ||
                        path.find("/.") != std::string::npos;
    if (hidden || !text::to_lower(path).ends_with(".parquet")) continue;
    if (std::none_of(runs.begin(), runs.end(),
                     [&](const std::string& run) { return path.find("part-" + run) != std::string::npos; })) {
      return path;
    }
  }
  return {};
}

// A run of another day may stage, publish or end while this looks: what it sees twice is no such run's.
void require_no_orphans(const std::string& root) {
  const std::string seen = stray_file(root);
  if (seen.empty() || table::Table::open(root) || stray_file(root) != seen || table::Table::open(root)) return;
  throw Error(Cause::kDamagedTable, fmt::format("{} holds data files, {} for one, but no Delta log", root, seen),
              fmt::format("Restore {}/_delta_log from a backup: without it no reader finds the days in these files. To "
                          "begin a new table here, move them out of the folder first.",
                          root));
}

// One rule of the table, and the SQL that is true for a row that breaks it.
struct Rule {
  std::string says;  // "a.b NOT NULL"
  std::string broken;
};

class Rules {
 public:
  explicit Rules(const sql::Dialect& dialect) : dialect_(dialect) {}

  std::vector<Rule> of(const Agreement& agreement, const Schema& staged) {
    for (const auto& column : staged) {
      const std::string name = sql::identifier(column.name);
      if (!column.nullable) rules_.push_back({column.name + " NOT NULL", name + " IS NULL"});
      if (const auto length = agreement.lengths.find(column.name); length != agreement.lengths.end())
        add_length(column.name, length->second);
      add_nested(column.type, name, column.name, [](const std::string& broken) { return broken; });
    }
    return rules_;
  }

 private:
  using Around = std::function<std::string(const std::string& broken)>;  // of the row, from that of the element

  void add_length(const std::string& column, const std::string& rule) {
    const std::string digits = rule.substr(rule.find('(') + 1, rule.find(')') - rule.find('(') - 1);
    rules_.push_back({fmt::format("{} {}", column, rule), fmt::format("length({}) {} {}", sql::identifier(column),
                                                                      rule.starts_with("char") ? "<>" : ">", digits)});
  }

  void add_nested(const Type& type, const std::string& value, const std::string& path, const Around& around) {
    if (type.kind == Type::Kind::kStruct) {
      for (const auto& field : type.children) {
        const std::string inner = fmt::format("{}.{}", value, sql::identifier(field.name));
        const std::string inner_path = path + "." + field.name;
        if (!field.nullable)
          rules_.push_back(
              {inner_path + " NOT NULL", around(fmt::format("{} IS NOT NULL AND {} IS NULL", value, inner))});
        add_nested(field.type, inner, inner_path, around);
      }
    } else if (type.kind == Type::Kind::kArray) {
      add_elements(type.children[0], value, path + ".element", around);
    } else if (type.kind == Type::Kind::kMap) {
      add_elements(type.children[1], fmt::format("map_values({})", value), path + ".value", around);
    }
  }

  void add_elements(const Field& element, const std::string& list, const std::string& path, const Around& around) {
    const std::string name = fmt::format("metl_e{}", next_++);
    const Around any = [this, around, list, name](const std::string& broken) {
      return around(dialect_.any_element(list, name, broken));
    };
    if (!element.nullable) rules_.push_back({path + " NOT NULL", any(name + " IS NULL")});
    add_nested(element.type, name, path, any);
  }

  const sql::Dialect& dialect_;
  int next_ = 0;
  std::vector<Rule> rules_;
};

}  // namespace

std::string Agreement::text() const {
  std::vector<std::string> parts;
  for (const auto& column : columns) {
    parts.push_back(fmt::format("{} {}", column.name, type_name(column.type)));
    add_rules(column, column.name, parts);
  }
  for (const auto& [column, length] : lengths) parts.push_back(fmt::format("{}: {}", column, length));
  return fmt::format("{}\npartitioned by {}", fmt::join(parts, "\n"), fmt::join(partition_columns, ", "));
}

table::TableSpec table_spec(const Definition& pipeline) {
  auto properties = pipeline.properties;
  properties[kOwnerProperty] = pipeline.name;
  return {pipeline.target_columns, pipeline.partition_columns, properties};
}

Agreement require_agreement(const table::Table& table, const Definition& pipeline, bool evolve) {
  table.require_writable();
  std::vector<std::string> differences;
  Agreement agreed{{}, table.partition_columns(), {}, table.lengths()};
  for (const auto& wanted : pipeline.target_columns) {
    const Field* found = find_field(table.columns(), wanted.name);
    agreed.columns.push_back(wanted);
    if (found == nullptr) {
      agreed.added.push_back(wanted);
      if (!evolve)
        differences.push_back(fmt::format("  + {}: {}  (not in the table)", wanted.name, type_name(wanted.type)));
    } else if (found->type != wanted.type) {
      differences.push_back(fmt::format("  ~ {}: {} in the table, {} in the pipeline", wanted.name,
                                        type_name(found->type), type_name(wanted.type)));
    } else {
      agreed.columns.back() = *found;
    }
  }
  for (const auto& existing : table.columns()) {
    if (find_field(pipeline.target_columns, existing.name) == nullptr) {
      differences.push_back(fmt::format("  - {}: {}  (not in the pipeline)", existing.name, type_name(existing.type)));
    }
  }
  const auto same = [](const std::string& a, const std::string& b) { return text::to_lower(a) == text::to_lower(b); };
  const auto& partition = pipeline.partition_columns;
  if (!std::equal(agreed.partition_columns.begin(), agreed.partition_columns.end(), partition.begin(), partition.end(),
                  same)) {
    differences.push_back(fmt::format("  partitioned by [{}] in the table, by [{}] in the pipeline",
                                      fmt::join(agreed.partition_columns, ", "), fmt::join(partition, ", ")));
  }
  add_features(table, agreed.added, differences);
  const auto tracking = table.properties().find("delta.enableRowTracking");
  if (pipeline.mode != WriteMode::kOverwrite && tracking != table.properties().end() && tracking->second == "true")
    differences.push_back(
        "  the table tracks its rows (delta.enableRowTracking): rows that are copied would be new ones");
  if (differences.empty()) return agreed;
  throw Error(Cause::kDisagreement,
              fmt::format("the table at {} and {} do not agree:\n{}", table.root(), pipeline.file,
                          fmt::join(differences, "\n")),
              "Columns that are only new can be added with --evolve; for other changes write to a new table.");
}

Agreement require_creatable(const std::string& root, const Definition& pipeline) {
  require_no_orphans(root);
  try {
    table::Table::rehearse(table_spec(pipeline));
  } catch (const Error& e) {
    throw Error(Cause::kConfiguration,
                fmt::format("{}: target.columns and target.properties make a table that runs cannot write to: {}",
                            pipeline.file, e.message()),
                "Change the column or leave out the property that it names; nothing was made.");
  }
  return {pipeline.target_columns, pipeline.partition_columns, {}, {}};
}

Definition spelled(Definition pipeline, const Agreement& agreement) {
  pipeline.target_columns = agreement.columns;
  const auto as_there = [&](std::string& name) { name = find_field(agreement.columns, name)->name; };
  pipeline.partition_columns = agreement.partition_columns;
  if (pipeline.run_date_column) as_there(*pipeline.run_date_column);
  if (pipeline.run_hour_column) as_there(*pipeline.run_hour_column);
  for (auto* names : {&pipeline.merge_key, &pipeline.merge_order}) {
    std::for_each(names->begin(), names->end(), as_there);
  }
  return pipeline;
}

void require_replaceable(const table::Table& table, const std::string& what, size_t files) {
  const auto found = table.properties().find("delta.appendOnly");
  if (files == 0 || found == table.properties().end() || text::to_lower(found->second) != "true") return;
  throw Error(
      Cause::kDisagreement,
      fmt::format("the table at {} is append-only (delta.appendOnly), and {} holds {} files already: they cannot "
                  "be replaced",
                  table.root(), what, files),
      "Unset the property with the engine that set it, or leave the day as it is.");
}

void require_rules(engine::Engine& engine, const Agreement& agreement, const Schema& columns,
                   const std::string& table_root, const std::vector<engine::DataFile>& staged) {
  const std::vector<Rule> rules = Rules(engine.dialect()).of(agreement, columns);
  if (rules.empty() || staged.empty()) return;
  engine::FileGroup group;
  for (const auto& file : staged) group.paths.push_back(file.path);
  const std::string view = engine.create_view("metl_ruled", columns, {group});
  std::vector<std::string> counts;
  for (const auto& rule : rules) counts.push_back(fmt::format("count(CASE WHEN {} THEN 1 END)", rule.broken));
  const auto row = engine.query(fmt::format("SELECT {} FROM {}", fmt::join(counts, ", "), view)).rows.at(0);
  std::vector<std::string> broken;
  for (size_t i = 0; i < rules.size(); ++i) {
    const auto rows = std::get<int64_t>(row[i]);
    if (rows > 0) broken.push_back(fmt::format("  {}: broken by {} rows", rules[i].says, rows));
  }
  if (broken.empty()) return;
  throw Error(Cause::kDisagreement,
              fmt::format("the day breaks rules of the table at {}:\n{}", table_root, fmt::join(broken, "\n")),
              "Leave such rows out or fill them in the transform, or loosen the column with the engine that made it.");
}

}  // namespace metl::pipeline
