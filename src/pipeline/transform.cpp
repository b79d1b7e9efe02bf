#include "pipeline/transform.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <sstream>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "base/unicode.h"
#include "sql/tokens.h"

namespace metl::pipeline {
namespace {

Error error_at(const std::string& path, std::string_view sql, size_t at, const std::string& what,
               const std::string& hint) {
  const auto [line, column] = text::position_of(sql, at);
  return {Cause::kConfiguration, {path, line, column}, what, hint};
}

struct Extent {
  size_t end = 0;                          // of the first statement
  size_t second = std::string_view::npos;  // where another one begins
};

Extent extent_of(std::string_view sql) {
  Extent out;
  bool ended = false;
  size_t at = 0;
  for (const auto& token : sql::tokens_of(sql)) {
    const size_t begin = at;
    at += token.text.size();
    if (token.is_blank()) continue;
    if (token.text == ";") {
      ended = ended || out.end > 0;
    } else if (ended) {
      out.second = begin;
      return out;
    } else {
      out.end = at;
    }
  }
  return out;
}

// Calls `use(begin, end, name)` for every ${name}.
template <typename Use>
void for_each_variable(const std::string& path, const std::string& sql, const Use& use) {
  for (size_t at = sql.find("${"); at != std::string::npos; at = sql.find("${", at + 2)) {
    const size_t close = sql.find_first_of("}\n", at);
    if (close == std::string::npos || sql[close] == '\n')
      throw error_at(path, sql, at, "'${' without a closing '}'", "Variables are written ${run_date}.");
    use(at, close + 1, std::string(text::trim(std::string_view(sql).substr(at + 2, close - at - 2))));
  }
}

}  // namespace

const std::vector<std::string>& run_variables() {
  static const std::vector<std::string> kNames{"run_date", "run_id", "env"};
  return kNames;
}

std::string read_transform(const std::string& path, const std::map<std::string, std::string>& own) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  if (!file || !(content << file.rdbuf())) {
    throw Error(Cause::kConfiguration, fmt::format("{}: the transform cannot be read, or is empty", path),
                "pipeline.yaml names it under `transform`; it holds one SELECT over `source`.");
  }
  std::string sql = content.str();
  const size_t bad = std::min(text::find_invalid_utf8(sql), sql.find('\0'));
  if (bad != std::string::npos) throw error_at(path, sql, bad, "a byte that is no text", "Save the file as UTF-8.");
  const Extent extent = extent_of(sql);
  if (extent.end == 0)
    throw Error(Cause::kConfiguration, fmt::format("{}: holds no statement", path), "Write one SELECT over `source`.");
  if (extent.second != std::string::npos)
    throw error_at(path, sql, extent.second, "a second statement begins here", "A transform is one SELECT.");
  sql.resize(extent.end);
  std::vector<std::string> known = run_variables();
  for (const auto& variable : own) known.push_back(variable.first);
  for_each_variable(path, sql, [&](size_t at, size_t, const std::string& name) {
    if (std::find(known.begin(), known.end(), name) != known.end()) return;
    throw error_at(path, sql, at, fmt::format("unknown variable '{}'.{}", name, text::did_you_mean(name, known)),
                   fmt::format("Known here: {}.", fmt::join(known, ", ")));
  });
  return sql;
}

std::string fill_transform(const Definition& pipeline, const std::map<std::string, std::string>& values) {
  const auto is_plain = [](unsigned char c) { return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-'; };
  std::string out;
  size_t done = 0;
  for_each_variable(pipeline.transform_file, pipeline.transform, [&](size_t at, size_t end, const std::string& name) {
    const auto own = pipeline.variables.find(name);
    const std::string& value = own == pipeline.variables.end() ? values.at(name) : own->second;
    if (!std::all_of(value.begin(), value.end(), is_plain)) {
      throw error_at(pipeline.transform_file, pipeline.transform, at,
                     fmt::format("the value of '{}' cannot stand in SQL: {}", name, text::printable(value)),
                     "Letters, digits, '.', '_' and '-' can.");
    }
    out += pipeline.transform.substr(done, at - done) + value;
    done = end;
  });
  return out + pipeline.transform.substr(done);
}

void require_target_columns(engine::Engine& engine, const Definition& pipeline, const std::string& select) {
  Schema yielded;
  try {
    yielded = engine.describe(pipeline.source.contents.columns, select);
  } catch (const Error& e) {
    throw e.within(pipeline.transform_file);
  }
  std::vector<std::string> names;
  for (const auto& column : yielded) names.push_back(column.name);
  for (const auto& wanted : pipeline.staged_columns()) {
    if (find_field(yielded, wanted.name) != nullptr) continue;
    throw Error(Cause::kConfiguration,
                fmt::format("{}: yields no column '{}', which target.columns declares.{}", pipeline.transform_file,
                            wanted.name, text::did_you_mean(wanted.name, names)),
                fmt::format("It yields: {}.", fmt::join(names, ", ")));
  }
  for (const auto& column : yielded) {
    if (find_field(pipeline.staged_columns(), column.name) != nullptr) continue;
    throw Error(Cause::kConfiguration,
                fmt::format("{}: yields column '{}', which target.columns does not declare", pipeline.transform_file,
                            column.name),
                fmt::format("Declare it in {} or leave it out; the execution date is filled in by the run itself.",
                            pipeline.file));
  }
}

}  // namespace metl::pipeline
