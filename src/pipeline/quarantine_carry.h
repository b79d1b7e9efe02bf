// The raw row, carried through the transform beside what the transform makes of it: a row that is set aside is kept as
// it came, so that it can be read again later.
//
// It is added to the SELECT's own list. So the transform has to be one SELECT over `source` that gives each row once or
// not at all; of anything else nobody could say which raw row a bad row is.
#pragma once

#include <optional>
#include <string>

#include "base/type.h"
#include "engine/engine.h"
#include "pipeline/definition.h"
#include "pipeline/run.h"

namespace metl::pipeline {

// Columns of the quarantine beside the raw ones and those of the partition.
inline constexpr const char* kChecksColumn = "_checks";     // which checks call the row bad: "a; b"
inline constexpr const char* kFileColumn = "_source_file";  // the raw file that it came in
inline constexpr const char* kSetAsideBy = "_run_id";       // the run that set it aside

struct Carried {
  std::string select;  // the transform, with the raw columns behind its own
  Schema columns;      // those, under names of ours: in the order of the source's, the raw file's path at last
};

// What the run has to carry; nothing where no check of the pipeline has `on_bad_rows`. `select` is the bound transform.
// Throws Error{kConfiguration} that says what of the pipeline or the engine stands against setting rows aside.
std::optional<Carried> carried(engine::Engine& engine, const Definition& pipeline, const std::string& select);

// The same of rows that come out of the quarantine: `origin` is the column that has the raw file's path.
Carried carried_again(const Definition& pipeline, const std::string& select, const std::string& origin);

}  // namespace metl::pipeline
