#include "engine/spark/arrow.h"

#include "base/error.h"
#include "movies_etl_bridge/src/lib.rs.h"
#include "rust/cxx.h"

namespace metl::engine {
namespace {

Value value_of(const bridge::Cell& cell) {
  switch (cell.kind) {
    case bridge::CellKind::Bool:
      return cell.whole != 0;
    case bridge::CellKind::Whole:
      return static_cast<int64_t>(cell.whole);
    case bridge::CellKind::Real:
      return cell.real;
    case bridge::CellKind::Text:
      return std::string(cell.text);
    default:
      return {};
  }
}

bridge::ArrowRows decode(const std::string& stream) {
  try {
    return bridge::decode_arrow({reinterpret_cast<const uint8_t*>(stream.data()), stream.size()});
  } catch (const ::rust::Error& e) {
    throw Error(Cause::kUnreachable, fmt::format("the Spark server's answer is not understood: {}", e.what()));
  }
}

}  // namespace

void add_rows(const std::string& stream, Rows& rows) {
  const bridge::ArrowRows decoded = decode(stream);
  if (rows.columns.empty()) {
    for (size_t i = 0; i < decoded.names.size(); ++i) {
      const std::string name(decoded.types[i]);
      const auto type = parse_type(name);
      if (!type) {
        throw Error(Cause::kNotSupported, fmt::format("column '{}' has the type {}, which is unknown here",
                                                      std::string(decoded.names[i]), name));
      }
      rows.columns.push_back({std::string(decoded.names[i]), *type, true, {}});
    }
  }
  for (size_t i = 0; i < decoded.cells.size(); ++i) {
    if (i % decoded.names.size() == 0) rows.rows.emplace_back();
    rows.rows.back().push_back(value_of(decoded.cells[i]));
  }
}

}  // namespace metl::engine
