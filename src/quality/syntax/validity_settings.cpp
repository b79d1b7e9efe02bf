// The settings that say which values are missing, valid and invalid.
#include <fmt/format.h>

#include "base/text.h"
#include "quality/model/formats.h"
#include "quality/syntax/check_body.h"
#include "quality/syntax/check_line.h"

namespace metl::quality {
namespace {

Literal literal_of(const std::string& file, const yaml::Node& node, const std::string& key) {
  if (node.is_null()) {
    throw Problem{location_of(file, node),
                  fmt::format("NULL can be no value of '{}': it is missing in any case; quote the text 'null'", key)};
  }
  Literal out{Literal::Kind::kText, text_of(file, node, "a value of '" + key + "'")};
  if (const auto boolean = boolean_of(node)) {
    out.kind = Literal::Kind::kBoolean;
    out.value.text = *boolean ? "true" : "false";
  } else if (!node.is_quoted() && parse_number(out.value.text)) {
    out.kind = Literal::Kind::kNumber;
  }
  return out;
}

// None for an empty list in compat mode.
std::optional<std::vector<Literal>> literals(const std::string& file, const yaml::Node& node, const std::string& key,
                                             Findings& findings) {
  if (is_none_to_soda(node, file, key, findings)) return std::nullopt;
  if (!node.is_sequence() || node.size() == 0) {
    throw Problem{location_of(file, node), fmt::format("'{}' must be a list of values, as in '{}: [a, b]'", key, key)};
  }
  std::vector<Literal> out;
  for (const auto& item : node) {
    refuse_date_of_soda(item, file, key, findings);
    out.push_back(literal_of(file, item, key));
    // Compared with one column, one of two kinds never matches or stops the query. Truths are numbers to YAML and SQL.
    if ((out.back().kind == Literal::Kind::kText) != (out.front().kind == Literal::Kind::kText)) {
      throw Problem{location_of(file, item),
                    fmt::format("'{}' mixes texts with numbers ('{}' and '{}'); quote all of them or none", key,
                                out.front().value.text, out.back().value.text)};
    }
  }
  return out;
}

Text format_of(const std::string& file, const yaml::Node& node, const std::string& key) {
  Text out = text_of(file, node, key);
  if (!find_format(out.text)) {
    throw Problem{
        out.at, fmt::format("'{}' is not a format that '{}' knows.{} Or give a regular expression: '{} regex'.",
                            out.text, key, text::did_you_mean(out.text, format_names()), key.substr(0, key.find(' ')))};
  }
  return out;
}

Text number_of(const std::string& file, const yaml::Node& node, const std::string& key, bool whole) {
  Text out = text_of(file, node, key);
  const auto number = parse_number(out.text);
  const bool variable = out.text.find("${") != std::string::npos;
  if (!variable &&
      (!number || (whole && (*number < 0 || *number != static_cast<double>(static_cast<int64_t>(*number)))))) {
    throw Problem{out.at,
                  fmt::format("'{}' must be a {}, but is '{}'", key, whole ? "whole number" : "number", out.text)};
  }
  return out;
}

bool truth_of(const std::string& file, const yaml::Node& node, const std::string& key) {
  if (const auto boolean = boolean_of(node)) return *boolean;
  const std::string written =
      node.is_scalar() ? fmt::format(", but is {}'{}'", node.is_quoted() ? "the text " : "", node.text()) : "";
  throw Problem{location_of(file, node), fmt::format("'{}' must be true or false{}", key, written)};
}

}  // namespace

bool set_validity(Validity& validity, const std::string& key, const std::string& file, const yaml::Node& value,
                  Findings& findings) {
  if (key == "missing values")
    validity.missing_values = literals(file, value, key, findings);
  else if (key == "valid values")
    validity.valid_values = literals(file, value, key, findings);
  else if (key == "invalid values")
    validity.invalid_values = literals(file, value, key, findings);
  else if (key == "missing format")
    validity.missing_format = format_of(file, value, key);
  else if (key == "valid format")
    validity.valid_format = format_of(file, value, key);
  else if (key == "invalid format")
    validity.invalid_format = format_of(file, value, key);
  else if (key == "missing regex")
    validity.missing_regex = text_of(file, value, key);
  else if (key == "valid regex")
    validity.valid_regex = text_of(file, value, key);
  else if (key == "invalid regex")
    validity.invalid_regex = text_of(file, value, key);
  else if (key == "valid min")
    validity.valid_min = number_of(file, value, key, false);
  else if (key == "valid max")
    validity.valid_max = number_of(file, value, key, false);
  else if (key == "valid length")
    validity.valid_length = number_of(file, value, key, true);
  else if (key == "valid min length")
    validity.valid_min_length = number_of(file, value, key, true);
  else if (key == "valid max length")
    validity.valid_max_length = number_of(file, value, key, true);
  else if (key == "include null")
    validity.include_null = truth_of(file, value, key);
  else
    return false;
  return true;
}

}  // namespace metl::quality
