#include "engine/spark/faults.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "engine/spark/sql.h"

namespace metl::engine {
namespace {

namespace sc = spark::connect;

constexpr int kDeadlineExceeded = 4;
constexpr int kPermissionDenied = 7;
constexpr int kUnavailable = 14;
constexpr int kUnauthenticated = 16;

// What the server says about its error beside the message; "" for none of that name.
std::string metadata(const std::string& details, const char* name) {
  sc::StatusDetails status;
  if (details.empty() || !status.ParseFromString(details)) return "";
  for (const auto& any : status.details()) {
    sc::ErrorInfo info;
    if (!any.type_url().ends_with("google.rpc.ErrorInfo") || !info.ParseFromString(any.value())) continue;
    const auto found = info.metadata().find(name);
    if (found != info.metadata().end()) return found->second;
  }
  return "";
}

// The first paragraph's first line: what follows are plans, SQL and stack traces.
std::string first_line(const std::string& message) {
  const std::string_view text = text::trim(message);
  return std::string(text::trim(text.substr(0, text.find('\n'))));
}

// The line of the user's SQL, or what of ours around it failed: a column that does not get its type.
std::string with_line(const std::string& message, const sc::FetchErrorDetailsResponse::Error& error,
                      const std::string& sql) {
  if (message.find("line ") != std::string::npos || error.spark_throwable().query_contexts().empty()) return message;
  const auto& context = error.spark_throwable().query_contexts(0);
  const auto start = static_cast<size_t>(std::max(context.start_index(), 0));
  if (start >= sql.size()) return message;
  const auto [begin, end] = spark_sql::users_part(sql);
  if (start < begin || start >= end)
    return context.fragment().empty() ? message : fmt::format("{} (in {})", message, context.fragment());
  return fmt::format("{} (line {})", message, text::position_of(sql, start).line);
}

// The error that says most: the first of the chain with an error class of its own, else the last.
std::string spark_message(const sc::FetchErrorDetailsResponse& details, const std::string& sql) {
  int index = details.has_root_error_idx() ? details.root_error_idx() : 0;
  std::string found;
  for (int depth = 0; index >= 0 && index < details.errors_size() && depth < details.errors_size(); ++depth) {
    const auto& error = details.errors(index);
    const std::string message = with_line(first_line(error.message()), error, sql);
    if (!message.empty()) found = message;
    const auto& name = error.spark_throwable().error_class();
    if (!name.empty() && !name.starts_with("TASK_WRITE_FAILED") && !name.starts_with("FAILED_READ_FILE")) break;
    if (!error.has_cause_idx()) break;
    index = error.cause_idx();
  }
  return found;
}

// In gRPC's words, for it has no other sign of it. Not every handshake is of TLS: "tcp handshaker shutdown" is a server
// that dies.
bool is_tls(const std::string& message) {
  constexpr std::array kWords{"Ssl handshake", "SSL_", "certificate"};
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](const char* word) { return message.find(word) != std::string::npos; });
}

}  // namespace

std::string condition_of(const std::string& message, const std::string& details) {
  if (std::string known = metadata(details, "errorClass"); !known.empty()) return known;
  const size_t close = message.find(']');
  return message.starts_with('[') && close != std::string::npos ? message.substr(1, close - 1) : std::string();
}

Error to_error(int code, const std::string& message, const std::string& details, const std::string& address,
               const std::string& sql, const FetchDetails& fetch) {
  if (code == kUnauthenticated || code == kPermissionDenied) {
    return {Cause::kConfiguration,
            fmt::format("the Spark server at {} refuses the token: {}", address, first_line(message)),
            "Set engine.spark.token (in .secrets.yaml) or SPARK_CONNECT_AUTHENTICATE_TOKEN to the server's token."};
  }
  if (code == kUnavailable && is_tls(message)) {
    return {Cause::kConfiguration,
            fmt::format("no TLS connection to the Spark server at {}: {}", address, first_line(message)),
            "Its certificate must be for this host and signed by an authority that engine.spark.ca_file or the system "
            "knows; a server without TLS needs use_ssl=false."};
  }
  if (code == kUnavailable || code == kDeadlineExceeded) {
    return {Cause::kUnreachable, fmt::format("no Spark Connect server answers at {}: {}", address, first_line(message)),
            "Start it (make spark-up for a local one), or correct engine.spark.remote."};
  }
  if (condition_of(message, details).starts_with("INVALID_HANDLE.SESSION")) {
    return {Cause::kUnreachable,
            fmt::format("the Spark server at {} has lost the session: {}", address, first_line(message)),
            "It restarted, or closed the session. Run again."};
  }
  std::string text;
  if (const std::string id = metadata(details, "errorId"); !id.empty()) text = spark_message(fetch(id), sql);
  if (text.empty()) text = first_line(message);
  // Spark's own errors begin with a [NAME] and speak of the SQL; others do not even say whose they are.
  if (!text.starts_with('[')) text = fmt::format("the Spark server at {}: {}", address, text);
  return {Cause::kStatement, text};
}

}  // namespace metl::engine
