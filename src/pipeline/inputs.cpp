#include "pipeline/inputs.h"

#include "base/error.h"
#include "pipeline/made_of.h"
#include "source/landing.h"
#include "table/history.h"
#include "table/table.h"

namespace metl::pipeline {
namespace {

// What fails of an input says which it is.
template <typename Function>
auto named(const InputDefinition& input, const Function& function) {
  try {
    return function();
  } catch (const Error& e) {
    if (e.cause() == Cause::kInterrupted) throw;
    throw e.within(input.place);
  }
}

// The version of the table that was the newest at the end of the day.
table::Table at_the_end_of(const Date& day, const InputDefinition& input, const std::string& root) {
  try {
    return table::open_version(root, table::version_as_of(root, unix_millis(day.next().start()) - 1));
  } catch (const Error& e) {
    if (e.cause() != Cause::kUsage) throw;
    throw Error(Cause::kConfiguration,
                fmt::format("{} has no version as of the end of {} (UTC)", *input.table, day.iso()),
                "The table was made later, or its log no longer goes back to that day. Leave out as_of to read the "
                "newest version.");
  }
}

}  // namespace

Inputs::Inputs(const std::vector<InputDefinition>& defined, table::Catalog& catalog, const Date& day) {
  for (const auto& input : defined) {
    all_.push_back({input});
    if (!input.table) continue;
    named(input, [&] {
      const std::string root = catalog.location_of(*input.table);
      auto table = table::Table::open(root);
      if (!table) {
        throw Error(Cause::kConfiguration, fmt::format("there is no table {}", *input.table),
                    "Run the pipeline that makes it first, or correct its name.");
      }
      if (input.as_of_run_date) table = at_the_end_of(day, input, root);
      all_.back().table = dataset_of(*input.table, *table);
      all_.back().version = table->version();
    });
  }
}

void Inputs::bind(engine::Engine& engine) const {
  for (const auto& input : all_) engine.create_view(input.defined.name, input.columns(), {});
}

void Inputs::read(engine::Engine& engine, const engine::WriteOptions& options) {
  for (auto& input : all_) {
    if (input.table) continue;
    named(input.defined, [&] {
      const auto look = [&defined = input.defined] { return source::look_at(defined.path, defined.contents); };
      input.files.emplace(input.defined.contents, look(), look, engine);
      engine::WriteOptions own = options;
      own.name_prefix += "-" + input.defined.name;
      own.cluster_by.clear();
      input.files->to_parquet(engine, own);
    });
  }
}

std::vector<std::string> Inputs::made() const {
  std::vector<std::string> out;
  for (const auto& input : all_) {
    if (!input.files) continue;
    for (auto& path : input.files->made()) out.push_back(std::move(path));
  }
  return out;
}

std::vector<engine::FileGroup> Inputs::Input::groups() const {
  if (table) return table->files;
  engine::FileGroup group;
  for (const auto& file : files->files()) group.paths.push_back(file.path);
  return {group};
}

void Inputs::allow(engine::Confinement& limits) const {
  for (const auto& input : all_) {
    const std::string folder = input.table ? input.table->folder : "";
    if (!folder.empty()) limits.folders.push_back(folder);
    for (const auto& group : input.groups()) {
      for (const auto& path : group.paths) {
        // A clone's files lie elsewhere.
        if (folder.empty() || !path.starts_with(folder + "/")) limits.files.push_back(path);
      }
    }
  }
}

void Inputs::create_views(engine::Engine& engine) const {
  for (const auto& input : all_) {
    named(input.defined, [&] {
      engine.create_view(input.defined.name, input.columns(), input.groups(),
                         input.table ? input.table->stored : engine::StoredColumns{});
    });
  }
}

void Inputs::require_unchanged() const {
  for (const auto& input : all_) {
    if (input.files) named(input.defined, [&] { input.files->require_unchanged(); });
  }
}

// What a table was at the end of a day stays as it is.
std::string Inputs::state() const {
  std::string out;
  for (const auto& input : all_) {
    const std::string what =
        input.defined.as_of_run_date ? fmt::format("{} as of its day", input.table->name)
        : input.table
            ? fmt::format("{} {}", input.table->name, input.version)
            : named(input.defined, [&input] {
                return fmt::format(
                    "{}", number_of(input.files ? input.files->landing()
                                                : source::look_at(input.defined.path, input.defined.contents)));
              });
    out += fmt::format("{} {}\n", input.defined.name, what);
  }
  return out;
}

nlohmann::ordered_json Inputs::described() const {
  auto out = nlohmann::ordered_json::object();
  for (const auto& input : all_) {
    auto& one = out[input.defined.name];
    if (input.table) {
      one = {{"table", input.table->name}, {"version", input.version}};
    } else {
      one = {{"path", input.defined.path}};
      if (input.files) one["files"] = input.files->landing().files.size();
      if (input.files) one["bytes"] = input.files->bytes();
    }
  }
  return out;
}

}  // namespace metl::pipeline
