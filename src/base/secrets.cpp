#include "base/secrets.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/json.h"
#include "base/text.h"

namespace metl::secrets {
namespace {

constexpr size_t kLeast = 4;
constexpr std::string_view kMask = "***";
constexpr std::string_view kSeparator = "://";
// Anywhere in a name, and as one of its words.
constexpr std::array<std::string_view, 12> kParts{"password", "passwd",     "passphrase",    "secret",
                                                  "token",    "credential", "signature",     "apikey",
                                                  "api_key",  "accesskey",  "authorization", "connection_string"};
constexpr std::array<std::string_view, 13> kWords{"pass",  "pwd", "pw",  "sas",    "pat",    "auth", "cred",
                                                  "creds", "sig", "jwt", "bearer", "cookie", "dsn"};

struct Known {
  std::mutex mutex;
  std::vector<std::string> values;  // the longest first
};

Known& known() {
  static auto* known = new Known;  // as the log, which it guards: one for the process, and never destroyed
  return *known;
}

bool is_word_letter(unsigned char c) { return std::isalnum(c) != 0; }

// Where what begins at `from` ends: at the first of `ends`, or at white space or a quote.
size_t end_of(std::string_view text, size_t from, std::string_view ends, bool spaces_end) {
  for (size_t at = from; at < text.size(); ++at) {
    const char c = text[at];
    const bool space = c == '\n' || c == '\r' || (spaces_end && (c == ' ' || c == '\t'));
    if (space || c == '\'' || c == '"' || ends.find(c) != std::string_view::npos) return at;
  }
  return text.size();
}

// Azure's schemes name a container before the '@'.
bool names_a_container(std::string_view scheme) {
  constexpr std::array<std::string_view, 6> kContainers{"abfss", "abfs", "wasbs", "wasb", "az", "azure"};
  return std::find(kContainers.begin(), kContainers.end(), scheme) != kContainers.end();
}

// The end, '@' excluded, of the user and password that begin at `from`; npos when there are none.
size_t end_of_user(std::string_view text, size_t from, std::string_view scheme) {
  const size_t end = end_of(text, from, "", true);
  const std::string_view url = text.substr(from, end - from);
  const std::string_view authority = url.substr(0, url.find_first_of("/?#;"));
  const size_t colon = authority.find(':');
  const size_t at = authority.rfind('@');
  const std::string_view behind = colon == std::string_view::npos ? "" : authority.substr(colon + 1);
  const bool is_port = !behind.empty() && behind.find_first_not_of("0123456789") == std::string_view::npos;
  const bool has_ports = scheme == "http" || scheme == "https" || scheme == "sc" || scheme == "thrift";
  // "user:pass/word@host": what stands behind the colon is no port, so the password goes on behind the slash.
  const bool has_password = colon != std::string_view::npos && !authority.starts_with('[') && (!is_port || !has_ports);
  if (has_password && url.rfind('@') != std::string_view::npos) {
    const std::string_view first = url.substr(0, url.find(',', url.find('@')));  // the next of several addresses
    return from + first.rfind('@');
  }
  if (at == std::string_view::npos || names_a_container(scheme)) return std::string_view::npos;
  return from + at;
}

std::string without_users(std::string_view text) {
  std::string out;
  size_t done = 0;
  for (size_t at = text.find(kSeparator); at != std::string_view::npos; at = text.find(kSeparator, at + 1)) {
    if (at < done) continue;
    size_t start = at;
    while (start > done && (is_word_letter(static_cast<unsigned char>(text[start - 1])) || text[start - 1] == '+'))
      --start;
    size_t from = at + kSeparator.size();
    const std::string scheme = text::to_lower(text.substr(start, at - start));
    size_t end = end_of_user(text, from, scheme);
    while (end != std::string_view::npos) {
      out.append(text.substr(done, from - done)).append(kMask);
      done = end;
      // thrift://user:pass@one,user:pass@two
      const size_t comma = text.find(',', end);
      if (comma == std::string_view::npos || comma >= end_of(text, end, "", true)) break;
      from = comma + 1;
      end = text.substr(from).find(kSeparator) < end_of(text, from, ",", true) - from ? std::string_view::npos
                                                                                      : end_of_user(text, from, scheme);
    }
  }
  return out.append(text.substr(done));
}

// "user:password@host" of a URL whose scheme was forgotten.
std::string without_bare_users(std::string_view text) {
  std::string out;
  size_t done = 0;
  while (done < text.size()) {
    const size_t end = end_of(text, done, "", true);
    const std::string_view word = text.substr(done, end - done);
    const size_t colon = word.find(':');
    const size_t at = word.rfind('@');
    const bool user =
        colon != std::string_view::npos && colon > 0 && at != std::string_view::npos && at > colon + 1 &&
        word.find(kSeparator) == std::string_view::npos && word.find('/') > colon &&
        std::all_of(word.begin(), word.begin() + static_cast<std::ptrdiff_t>(colon), [](char c) {
          return is_word_letter(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '.' || c == '%';
        });
    if (user) {
      out.append(kMask).append(word.substr(at));
    } else {
      out.append(word);
    }
    if (end < text.size()) out += text[end];
    done = end + 1;
  }
  return out;
}

// ?sig=...&..., ;token=...;x-key=...
std::string without_parameters(std::string_view text) {
  std::string out;
  size_t done = 0;
  for (size_t at = text.find_first_of("?&;"); at != std::string_view::npos; at = text.find_first_of("?&;", at + 1)) {
    if (at < done) continue;
    const size_t equals = text.find('=', at + 1);
    if (equals == std::string_view::npos) break;
    const std::string name = text::to_lower(text.substr(at + 1, equals - at - 1));
    const bool is_name = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
      return is_word_letter(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.';
    });
    const bool header = text[at] == ';' && name.starts_with("x-");
    if (!is_name || (!header && !named(name))) continue;
    const size_t end = end_of(text, equals + 1, text[at] == ';' ? ";" : "&#;", text[at] != ';');
    if (end == equals + 1) continue;
    out.append(text.substr(done, equals + 1 - done)).append(kMask);
    done = end;
  }
  return out.append(text.substr(done));
}

}  // namespace

void know(std::string_view value) {
  const std::lock_guard lock(known().mutex);
  auto& values = known().values;
  const auto add = [&](std::string_view one) {
    if (one.size() >= kLeast && one != kMask && std::find(values.begin(), values.end(), one) == values.end())
      values.emplace_back(one);
  };
  const std::string text(text::trim(value));
  add(text);
  const std::string quoted = on_one_line(nlohmann::json(text));
  add(std::string_view(quoted).substr(1, quoted.size() - 2));
  std::stable_sort(values.begin(), values.end(), [](const auto& a, const auto& b) { return a.size() > b.size(); });
}

std::string masked(std::string_view text) {
  std::string out(text);
  {
    const std::lock_guard lock(known().mutex);
    for (const auto& value : known().values) out = text::replace_all(std::move(out), value, kMask);
  }
  if (out.find(kSeparator) != std::string::npos) out = without_users(out);
  if (out.find('@') != std::string::npos) out = without_bare_users(out);
  return out.find('=') == std::string::npos ? out : without_parameters(out);
}

bool named(std::string_view name) {
  const std::string lower = text::to_lower(name);
  if (lower == "pwd" || lower == "oldpwd") return false;  // a shell's working folder
  const auto holds = [&](std::string_view part) { return lower.find(part) != std::string::npos; };
  if (std::any_of(kParts.begin(), kParts.end(), holds)) return true;
  std::vector<std::string> words(1);
  for (const char c : lower) {
    if (is_word_letter(static_cast<unsigned char>(c))) {
      words.back() += c;
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  if (words.back().empty()) words.pop_back();
  if (words.size() > 1 && (words.back() == "key" || words.back() == "keys")) return true;
  if (std::any_of(words.begin(), words.end(), [](const std::string& word) {
        return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
      }))
    return true;
  return words.size() > 2 && holds("access_key");
}

}  // namespace metl::secrets
