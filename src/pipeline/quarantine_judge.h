// Good rows from bad ones: what a run staged with the raw rows beside it (carry.h) becomes the files of the table, and
// those of the quarantine.
#pragma once

#include <string>
#include <vector>

#include "engine/engine.h"
#include "pipeline/audit.h"
#include "pipeline/definition.h"
#include "pipeline/quarantine_carry.h"
#include "quality/row_rules.h"

namespace metl::pipeline {

// A rule, and how many rows it calls bad.
struct Judged {
  quality::RowRule rule;
  int64_t bad = 0;
};

struct Judgement {
  int64_t rows = 0;  // that were judged
  int64_t bad = 0;   // by any rule
  std::vector<Judged> rules;

  // The rules that call more rows bad than may be set aside.
  std::vector<const Judged*> exceeded() const;
};

// "12 of 400 rows are bad (3%), and on_bad_rows sets aside 1% at most"
std::string reason_of(const Judged& judged, int64_t rows);

// Judges rows of one dataset, once: with the SQL of the checks, confined as checks are.
class Judge {
 public:
  // `gate` is about the staged rows, the carried columns not yet among its columns. Files are written below `folder`.
  // Throws Error{kConfiguration} for a rule about another dataset's rows.
  Judge(engine::Engine& engine, AuditRequest gate, const Carried& carried, const std::string& folder);

  const Judgement& judgement() const { return judgement_; }

  // The good rows, with these columns; files without rows are told too.
  std::vector<engine::DataFile> write_good(const Schema& columns, const engine::WriteOptions& options);
  // The bad rows as they came, with the source's columns, kChecksColumn and kFileColumn.
  std::vector<engine::DataFile> write_bad(const Schema& source_columns, const engine::WriteOptions& options);

 private:
  std::string is_bad() const;

  const Carried& carried_;
  std::unique_ptr<engine::Engine> confined_;
  Datasets datasets_;
  std::string view_;
  Judgement judgement_;
};

}  // namespace metl::pipeline
