#include "pipeline/tests/difference.h"

#include <algorithm>
#include <map>
#include <optional>

namespace metl::pipeline::tests {
namespace {

constexpr size_t kNone = static_cast<size_t>(-1);

bool agree(const Cells& expected, const Cells& found, const std::vector<size_t>& named) {
  return std::all_of(named.begin(), named.end(), [&](size_t i) { return expected[i] == found[i]; });
}

// Of each row found: the expected row that takes it. Where all rows name the same columns, whichever is taken will do.
std::vector<size_t> matched_alike(const ExpectedRows& expected, const std::vector<Cells>& found) {
  const auto key_of = [&](const Cells& row) {
    Cells key;
    for (const size_t i : expected.named[0]) key.push_back(row[i]);
    return key;
  };
  std::multimap<Cells, size_t> free;
  for (size_t i = 0; i < found.size(); ++i) free.emplace(key_of(found[i]), i);
  std::vector<size_t> taken(found.size(), kNone);
  for (size_t row = 0; row < expected.rows.size(); ++row) {
    const auto first = free.find(key_of(expected.rows[row]));
    if (first == free.end()) continue;
    taken[first->second] = row;
    free.erase(first);
  }
  return taken;
}

// The same for rows that name different columns: one that could take several must leave those that others need
// (augmenting paths).
class Matching {
 public:
  Matching(const ExpectedRows& expected, const std::vector<Cells>& found)
      : expected_(expected), found_(found), taken_(found.size(), kNone) {}

  std::vector<size_t> run() {
    for (size_t row = 0; row < expected_.rows.size(); ++row) {
      std::vector<bool> asked(found_.size(), false);
      place(row, asked);
    }
    return taken_;
  }

 private:
  bool place(size_t row, std::vector<bool>& asked) {
    for (size_t i = 0; i < found_.size(); ++i) {
      if (asked[i] || !agree(expected_.rows[row], found_[i], expected_.named[row])) continue;
      asked[i] = true;
      if (taken_[i] != kNone && !place(taken_[i], asked)) continue;
      taken_[i] = row;
      return true;
    }
    return false;
  }

  const ExpectedRows& expected_;
  const std::vector<Cells>& found_;
  std::vector<size_t> taken_;
};

std::vector<size_t> matched(const ExpectedRows& expected, const std::vector<Cells>& found) {
  const bool alike = std::all_of(expected.named.begin(), expected.named.end(),
                                 [&](const auto& named) { return named == expected.named[0]; });
  if (expected.rows.empty()) return std::vector<size_t>(found.size(), kNone);
  return alike ? matched_alike(expected, found) : Matching(expected, found).run();
}

class Comparison {
 public:
  Comparison(const ExpectedRows& expected, const std::vector<Cells>& found, const Schema& columns,
             const std::vector<std::string>& key)
      : expected_(expected), found_(found), columns_(columns) {
    for (const auto& name : key) {
      const Field* column = find_field(columns, name);
      if (column != nullptr) key_.push_back(static_cast<size_t>(column - columns.data()));
    }
    for (size_t i = 0; i < columns.size(); ++i) all_.push_back(i);
  }

  Difference run() {
    const std::vector<size_t> taken = matched(expected_, found_);
    std::vector<size_t> left;  // of found_
    std::vector<bool> has_one(expected_.rows.size(), false);
    for (size_t i = 0; i < found_.size(); ++i) {
      if (taken[i] == kNone) {
        left.push_back(i);
      } else {
        has_one[taken[i]] = true;
      }
    }
    Difference out;
    for (size_t row = 0; row < expected_.rows.size(); ++row) {
      if (has_one[row]) continue;
      const auto nearest = nearest_of(row, left);
      if (!nearest) {
        out.missing.push_back(shown(expected_.rows[row], expected_.named[row]));
        continue;
      }
      out.changed.push_back(change(row, found_[*nearest]));
      std::erase(left, *nearest);
    }
    for (const size_t i : left) out.unexpected.push_back(shown(found_[i], all_));
    if (out.empty() && expected_.ordered) out.misplaced = first_misplaced();
    return out;
  }

 private:
  std::optional<Misplaced> first_misplaced() const {
    for (size_t row = 0; row < expected_.rows.size(); ++row) {
      const auto& named = expected_.named[row];
      if (agree(expected_.rows[row], found_[row], named)) continue;
      return Misplaced{row + 1, shown(expected_.rows[row], named), shown(found_[row], named)};
    }
    return std::nullopt;
  }

  // The columns of the key, if the row names all of them.
  std::vector<size_t> key_of(size_t row) const {
    const auto& named = expected_.named[row];
    const bool whole = std::all_of(key_.begin(), key_.end(),
                                   [&](size_t i) { return std::find(named.begin(), named.end(), i) != named.end(); });
    return whole ? key_ : std::vector<size_t>{};
  }

  std::optional<size_t> nearest_of(size_t row, const std::vector<size_t>& left) const {
    const auto& named = expected_.named[row];
    const std::vector<size_t> key = key_of(row);
    std::optional<size_t> best;
    size_t most = 0;
    for (const size_t i : left) {
      if (!key.empty() && !agree(expected_.rows[row], found_[i], key)) continue;
      const auto same = static_cast<size_t>(std::count_if(
          named.begin(), named.end(), [&](size_t column) { return expected_.rows[row][column] == found_[i][column]; }));
      if (same == 0 || same <= most || (key.empty() && 2 * same < named.size())) continue;
      most = same;
      best = i;
    }
    return best;
  }

  ChangedRow change(size_t row, const Cells& found) const {
    const auto& named = expected_.named[row];
    std::vector<size_t> same;
    ChangedRow out;
    for (const size_t i : named) {
      const std::string& wanted = expected_.rows[row][i];
      if (wanted == found[i]) {
        same.push_back(i);
      } else {
        out.cells.push_back({columns_[i].name, wanted, found[i]});
      }
    }
    const std::vector<size_t> key = key_of(row);
    out.row = shown(found, key.empty() ? same : key);
    return out;
  }

  ShownRow shown(const Cells& row, const std::vector<size_t>& which) const {
    ShownRow out;
    for (const size_t i : which) out.emplace_back(columns_[i].name, row[i]);
    return out;
  }

  const ExpectedRows& expected_;
  const std::vector<Cells>& found_;
  const Schema& columns_;
  std::vector<size_t> key_;
  std::vector<size_t> all_;
};

}  // namespace

Difference difference(const ExpectedRows& expected, const std::vector<Cells>& found, const Schema& columns,
                      const std::vector<std::string>& key) {
  return Comparison(expected, found, columns, key).run();
}

}  // namespace metl::pipeline::tests
