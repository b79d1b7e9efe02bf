#include "quality/syntax/anomaly_settings.h"

#include <fmt/format.h>

#include <cmath>

#include "base/text.h"
#include "quality/syntax/check_line.h"

namespace metl::quality {
namespace {

double number_in(const Text& text, const std::string& key, double least, double most) {
  const auto number = parse_number(text.text);
  if (!number || *number < least || *number > most)
    throw Problem{text.at,
                  fmt::format("'{}' must be a number from {} to {}, but is '{}'", key, least, most, text.text)};
  return *number;
}

bool boolean(const Text& text, const std::string& key) {
  const std::string word = text::to_lower(text.text);
  if (word != "true" && word != "false")
    throw Problem{text.at, fmt::format("'{}' must be true or false, but is '{}'", key, text.text)};
  return word == "true";
}

// The only value of a setting that has others in Soda.
void require(const Text& text, const std::string& key, std::string_view only) {
  if (text.text != only)
    throw Problem{text.at, fmt::format("not supported: '{}: {}'; only '{}' is", key, text.text, only)};
}

Problem unknown(const Text& key, const std::string& group, const std::vector<std::string>& known) {
  return {key.at, fmt::format("not supported: '{}' under '{}'.{} Supported are: {}", key.text, group,
                              text::did_you_mean(key.text, known), fmt::join(known, ", "))};
}

}  // namespace

bool set_anomaly(AnomalySettings& settings, const std::string& key, const std::string& file, const yaml::Node& value) {
  const bool severity = key == "severity_level_parameters";
  if (key == "warn_only") {
    settings.warn_only = boolean(text_of(file, value, key), key);
  } else if (key == "take_over_existing_anomaly_score_check") {
    boolean(text_of(file, value, key), key);  // always so: both kinds of check share a metric's measurements
  } else if (key == "model") {
    throw Problem{location_of(file, value),
                  "not supported: 'model', the settings of Prophet; anomalies are found here by weekday medians, see "
                  "'severity_level_parameters' and 'training_dataset_parameters'"};
  } else if (severity || key == "training_dataset_parameters") {
    if (!value.is_map()) throw Problem{location_of(file, value), fmt::format("'{}' must hold settings", key)};
    for (const auto& entry : value) {
      const Text name = text_of(file, entry.first, "a setting");
      const Text text = text_of(file, entry.second, name.text);
      if (severity && name.text == "warning_ratio")
        settings.warning_ratio = number_in(text, name.text, 0, 1);
      else if (severity && name.text == "min_confidence_interval_ratio")
        settings.min_confidence_interval_ratio = number_in(text, name.text, 0, 1);
      else if (severity)
        throw unknown(name, key, {"warning_ratio", "min_confidence_interval_ratio"});
      else if (name.text == "window_length")
        settings.window_length = std::llround(number_in(text, name.text, kLeastMeasurements, 1000));
      else if (name.text == "frequency")
        require(text, name.text, "auto");
      else if (name.text == "aggregation_function")
        require(text, name.text, "last");
      else
        throw unknown(name, key, {"window_length", "frequency", "aggregation_function"});
    }
  } else {
    return false;
  }
  return true;
}

}  // namespace metl::quality
