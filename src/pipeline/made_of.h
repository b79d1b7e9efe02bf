// What a publication was made of, as numbers that tell later whether the same run would find something else: its raw
// files, the pipeline's own files, the versions of its inputs. They are left in the table's log as marks
// (table::Table::marks, docs/decisions/0018): beside the rows that they speak of, set by the same commit.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "source/landing.h"
#include "table/table.h"

namespace metl::pipeline {

struct MadeOf {
  int64_t raw = 0;
  int64_t pipeline = 0;
  int64_t inputs = 0;
};

// 63 bits of a hash that stays the same in every version of this program: never negative.
int64_t number_of(std::string_view text);

// Of the files' names, sizes, and times (on a disk) or tags (in a store). Where the folder lies does not count.
int64_t number_of(const source::Landing& landing);

// Of the texts of these files, in this order. One that cannot be read is as an empty one: who needs it tells of it.
int64_t number_of_files(const std::vector<std::string>& paths);

// The marks that the commit of a day leaves.
std::map<std::string, int64_t> marks_of(const Date& day, const MadeOf& made_of, int64_t rows);
// The name of the one that holds the commit's version.
std::string version_mark_of(const Date& day);

// A day's newest publication, as its marks tell it.
struct PublishedDay {
  std::optional<MadeOf> made_of;  // unknown where a mark is missing
  int64_t rows = -1;              // that the commit wrote; -1: unknown
  int64_t version = -1;           // of the commit; -1: unknown
  int64_t millis = -1;            // of the commit, since the epoch; -1: unknown
};

// By day ("2021-01-01"), all that the table's log tells, in one pass over it.
std::map<std::string, PublishedDay> published_days(const table::Table& table);

}  // namespace metl::pipeline
