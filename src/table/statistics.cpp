#include "table/statistics.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "table/bounds.h"

namespace metl::table {
namespace {

using Kind = Type::Kind;

std::string quoted(const std::string& text) { return nlohmann::json(text).dump(); }

// A JSON object as text: numbers keep their digits, as no double of the JSON library would.
class Object {
 public:
  void add(const std::string& name, const std::string& json) {
    text_ += fmt::format("{}{}:{}", text_.empty() ? "" : ",", quoted(name), json);
  }
  std::string text() const { return "{" + text_ + "}"; }
  bool empty() const { return text_.empty(); }

 private:
  std::string text_;
};

struct Stats {
  Object min;
  Object max;
  Object nulls;
  bool bounded = false;      // whether there is a leaf that readers look for a bound of
  bool min_complete = true;  // whether each of them that has values has one
  bool max_complete = true;
};

bool has_bounds(Kind kind) { return kind != Kind::kBinary && kind != Kind::kArray && kind != Kind::kMap; }

class Builder {
 public:
  Builder(int64_t rows, const FileStats& stats, const std::vector<ColumnPath>& indexed)
      : rows_(rows), stats_(stats), indexed_(indexed.begin(), indexed.end()) {}

  Stats of(const Schema& fields, const ColumnPath& parent) const {
    Stats out;
    for (const auto& field : fields) {
      ColumnPath path = parent;
      path.push_back(field.name);
      if (field.type.kind == Kind::kStruct) {
        add_struct(field.name, of(field.type.children, path), out);
      } else if (indexed_.contains(path)) {
        add_leaf(field, path, out);
      }
    }
    return out;
  }

 private:
  // A struct of which no field has a value is there all the same, without fields: else it would pass for NULL.
  static void add_struct(const std::string& name, const Stats& inner, Stats& out) {
    if (!inner.nulls.empty()) out.nulls.add(name, inner.nulls.text());
    if (!inner.bounded) return;
    out.bounded = true;
    out.min.add(name, inner.min.text());
    out.max.add(name, inner.max.text());
  }

  void add_leaf(const Field& field, const ColumnPath& path, Stats& out) const {
    const auto found = stats_.find(path);
    const auto known = found == stats_.end() ? ColumnStats{} : found->second;
    if (known.null_count) out.nulls.add(field.name, fmt::format("{}", *known.null_count));
    if (!has_bounds(field.type.kind)) return;
    out.bounded = true;
    if (known.null_count == rows_) return;
    // Without a count of NULLs readers take a column with bounds for one without NULLs.
    const bool counted = known.null_count.has_value();
    const auto min = counted && known.min ? json_bound(*known.min, field.type, Bound::kLower) : std::nullopt;
    const auto max = counted && known.max ? json_bound(*known.max, field.type, Bound::kUpper) : std::nullopt;
    if (min) out.min.add(field.name, *min);
    if (max) out.max.add(field.name, *max);
    out.min_complete = out.min_complete && min;
    out.max_complete = out.max_complete && max;
  }

  int64_t rows_;
  const FileStats& stats_;
  std::set<ColumnPath> indexed_;
};

}  // namespace

std::string delta_stats(int64_t rows, const FileStats& stats, const Schema& columns,
                        const std::vector<ColumnPath>& indexed) {
  const Stats found = Builder(rows, stats, indexed).of(columns, {});
  Object all;
  all.add("numRecords", fmt::format("{}", rows));
  all.add("minValues", found.min_complete && found.bounded ? found.min.text() : "null");
  all.add("maxValues", found.max_complete && found.bounded ? found.max.text() : "null");
  all.add("nullCount", found.nulls.text());
  all.add("tightBounds", "true");
  return all.text();
}

}  // namespace metl::table
