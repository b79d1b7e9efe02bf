#include "pipeline/look.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "quality/model/sensitive.h"
#include "sql/names.h"

namespace metl::pipeline {
namespace {

constexpr const char* kBefore = "metl_before";
constexpr const char* kAfter = "metl_after";

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& one) { return text::to_lower(one) == text::to_lower(name); });
}

// The dataset without its sensitive columns, whose names go into `hidden`: what the engine does not know it cannot
// tell.
Dataset without_sensitive(Dataset dataset, const quality::SensitiveColumns& sensitive,
                          std::vector<std::string>& hidden) {
  const Dataset all = dataset;
  dataset.columns.clear();
  dataset.stored = {};
  for (size_t i = 0; i < all.columns.size(); ++i) {
    if (sensitive.hold(all.columns[i])) {
      hidden.push_back(all.columns[i].name);
      continue;
    }
    dataset.columns.push_back(all.columns[i]);
    if (!all.stored.columns.empty()) dataset.stored.columns.push_back(all.stored.columns[i]);
    if (!all.stored.field_ids.empty()) dataset.stored.field_ids.push_back(all.stored.field_ids[i]);
  }
  return dataset;
}

std::string without_end(std::string sql) {
  while (!sql.empty() && (sql.back() == ';' || std::isspace(static_cast<unsigned char>(sql.back())) != 0))
    sql.pop_back();
  return sql;
}

// The comparison of two views in one confined engine.
class Comparing {
 public:
  Comparing(engine::Engine& engine, const DiffRequest& request)
      : request_(request), sensitive_(request.sensitive_columns) {
    engine::Confinement limits;
    allow(request.before, limits);
    allow(request.after, limits);
    engine_ = engine.confined(limits);
    before_ = view(kBefore, request.before);
    after_ = view(kAfter, request.after);
  }

  Difference run() {
    compare_schemas();
    if (request_.key.empty()) {
      whole_rows(ChangedRow::Kind::kAdded, after_, before_, out_.added);
      whole_rows(ChangedRow::Kind::kRemoved, before_, after_, out_.removed);
      return out_;
    }
    for (const auto& name : request_.key) require_key(name);
    require_unique(before_, request_.before.name);
    require_unique(after_, request_.after.name);
    count();
    examples(ChangedRow::Kind::kAdded, out_.added, "metl_b.metl_there IS NULL");
    examples(ChangedRow::Kind::kRemoved, out_.removed, "metl_a.metl_there IS NULL");
    examples(ChangedRow::Kind::kChanged, out_.changed, changed());
    return out_;
  }

 private:
  std::string view(const char* name, const Dataset& dataset) {
    return engine_->create_view(name, dataset.columns, dataset.files, dataset.stored);
  }

  void compare_schemas() {
    for (const auto& column : request_.before.columns) {
      const Field* other = find_field(request_.after.columns, column.name);
      if (other != nullptr && other->type == column.type) {
        if (contains(request_.ignore, column.name)) continue;
        all_.push_back(column.name);
        if (!contains(request_.key, column.name)) compared_.push_back(column.name);
      } else {
        out_.schema.push_back({column.name, type_name(column.type), other == nullptr ? "" : type_name(other->type)});
      }
      if (other != nullptr && sensitive_.hold(column)) hidden_.push_back(column.name);
    }
    for (const auto& column : request_.after.columns) {
      if (find_field(request_.before.columns, column.name) == nullptr)
        out_.schema.push_back({column.name, "", type_name(column.type)});
    }
  }

  void require_key(const std::string& name) const {
    if (contains(all_, name)) return;
    throw Error(Cause::kUsage, fmt::format("the key's column '{}' is not in both sides", name),
                fmt::format("Columns: {}.", fmt::join(all_, ", ")));
  }

  void require_unique(const std::string& view, const std::string& side) {
    const auto twice =
        number(fmt::format("SELECT count(*) AS n FROM (SELECT 1 AS one FROM {} GROUP BY {} HAVING "
                           "count(*) > 1) AS twice",
                           view, list(request_.key)));
    if (twice == 0) return;
    throw Error(Cause::kUsage,
                fmt::format("{} values of the key ({}) stand in several rows of {}", twice,
                            fmt::join(request_.key, ", "), side),
                "Name columns that tell every row with --key, or compare whole rows with --key none.");
  }

  // Columns of which only the key's and its likes have to be told apart by name.
  static std::string list(const std::vector<std::string>& names, const std::string& prefix = "") {
    std::vector<std::string> out;
    for (const auto& name : names) out.push_back(prefix + sql::identifier(name));
    return fmt::format("{}", fmt::join(out, ", "));
  }

  std::string joined() const {
    std::vector<std::string> same;
    for (const auto& name : request_.key)
      same.push_back(fmt::format("metl_b.{0} IS NOT DISTINCT FROM metl_a.{0}", sql::identifier(name)));
    const std::string columns = list(all_);
    return fmt::format(
        "(SELECT {0}, 1 AS metl_there FROM {1}) AS metl_b FULL OUTER JOIN (SELECT {0}, 1 AS metl_there FROM {2}) AS "
        "metl_a ON {3}",
        columns, before_, after_, fmt::join(same, " AND "));
  }

  std::string changed() const {
    std::vector<std::string> different{"1 = 0"};
    for (const auto& name : compared_)
      different.push_back(fmt::format("metl_b.{0} IS DISTINCT FROM metl_a.{0}", sql::identifier(name)));
    return fmt::format("metl_b.metl_there = 1 AND metl_a.metl_there = 1 AND ({})", fmt::join(different, " OR "));
  }

  int64_t number(const std::string& sql) {
    const Rows rows = engine_->query(sql);
    return rows.rows.empty() ? 0 : static_cast<int64_t>(as_number(rows.rows.front().front()).value_or(0));
  }

  void count() {
    const auto one = [](const std::string& condition) {
      return fmt::format("coalesce(sum(CASE WHEN {} THEN 1 ELSE 0 END), 0)", condition);
    };
    const Rows rows =
        engine_->query(fmt::format("SELECT {} AS a, {} AS r, {} AS c FROM {}", one("metl_b.metl_there IS NULL"),
                                   one("metl_a.metl_there IS NULL"), one(changed()), joined()));
    const auto at = [&](size_t i) { return static_cast<int64_t>(as_number(rows.rows.front()[i]).value_or(0)); };
    out_.added = at(0);
    out_.removed = at(1);
    out_.changed = at(2);
  }

  std::string shown(const std::string& column, const Value& value) const {
    return contains(hidden_, column) ? quality::kHidden : to_text(value);
  }

  void examples(ChangedRow::Kind kind, int64_t there_are, const std::string& condition) {
    if (there_are == 0 || request_.examples == 0) return;
    const bool both = kind == ChangedRow::Kind::kChanged;
    const std::string side = kind == ChangedRow::Kind::kAdded ? "metl_a." : "metl_b.";
    std::vector<std::string> items;
    for (const auto& name : request_.key)
      items.push_back(fmt::format("{}{} AS metl_{}", side, sql::identifier(name), items.size()));
    for (const auto& name : both ? compared_ : std::vector<std::string>()) {
      for (const char* from : {"metl_b.", "metl_a."})
        items.push_back(fmt::format("{}{} AS metl_{}", from, sql::identifier(name), items.size()));
    }
    const Rows rows =
        engine_->query(fmt::format("SELECT {} FROM {} WHERE {} ORDER BY {} LIMIT {}", fmt::join(items, ", "), joined(),
                                   condition, list(request_.key, side), request_.examples));
    for (const auto& row : rows.rows) {
      ChangedRow example{kind, {}, {}};
      size_t at = 0;
      for (const auto& name : request_.key) example.key.emplace_back(name, shown(name, row[at++]));
      for (const auto& name : both ? compared_ : std::vector<std::string>()) {
        const Value& before = row[at++];
        const Value& after = row[at++];
        if (before != after) example.cells.push_back({name, shown(name, before), shown(name, after)});
      }
      out_.examples.push_back(std::move(example));
    }
  }

  void whole_rows(ChangedRow::Kind kind, const std::string& of, const std::string& without, int64_t& counted) {
    const std::string columns = list(all_);
    const std::string only =
        fmt::format("(SELECT {0} FROM {1} EXCEPT ALL SELECT {0} FROM {2}) AS metl_only", columns, of, without);
    counted = number(fmt::format("SELECT count(*) AS n FROM {}", only));
    if (counted == 0 || request_.examples == 0) return;
    const Rows rows =
        engine_->query(fmt::format("SELECT * FROM {} ORDER BY {} LIMIT {}", only, columns, request_.examples));
    for (const auto& row : rows.rows) {
      ChangedRow example{kind, {}, {}};
      for (size_t i = 0; i < all_.size(); ++i) example.key.emplace_back(all_[i], shown(all_[i], row[i]));
      out_.examples.push_back(std::move(example));
    }
  }

  const DiffRequest& request_;
  quality::SensitiveColumns sensitive_;
  std::unique_ptr<engine::Engine> engine_;
  std::string before_;
  std::string after_;
  std::vector<std::string> all_;       // columns of both sides
  std::vector<std::string> compared_;  // those beside the key
  std::vector<std::string> hidden_;
  Difference out_;
};

}  // namespace

Shown look(engine::Engine& engine, const Dataset& dataset, const std::vector<std::string>& sensitive_columns,
           const std::string& sql, uint64_t most) {
  Shown out;
  const Dataset shown = without_sensitive(dataset, quality::SensitiveColumns(sensitive_columns), out.hidden);
  if (!sql.empty() && !out.hidden.empty()) {
    throw Error(Cause::kUsage,
                fmt::format("a SELECT can show a column of checks.sensitive_columns under any name: {}",
                            fmt::join(out.hidden, ", ")),
                "Leave out --sql to see the other columns, or allow it with --show-sensitive.");
  }
  engine::Confinement limits;
  allow(dataset, limits);
  const auto confined = engine.confined(limits);
  Datasets datasets(*confined, nullptr);
  datasets.add(shown);
  const std::string view = datasets.access().view_of(shown.name).value_or(shown.name);
  const std::string select = sql.empty() ? fmt::format("SELECT * FROM {}", view) : without_end(sql);
  out.rows = confined->query(fmt::format("SELECT * FROM ({}\n) AS metl_shown LIMIT {}", select, most + 1));
  out.more = out.rows.rows.size() > most;
  if (out.more) out.rows.rows.resize(most);
  return out;
}

Difference difference_of(engine::Engine& engine, const DiffRequest& request) {
  return Comparing(engine, request).run();
}

}  // namespace metl::pipeline
