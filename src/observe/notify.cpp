#include "observe/notify.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/location.h"
#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
#include "observe/incidents.h"
#include "observe/observers.h"
#include "observe/outcome.h"

namespace metl::observe {
namespace {

using Json = nlohmann::ordered_json;
using pipeline::RunReport;

// What is told of in one message: the events of days that ended alike.
struct Group {
  std::string outcome;
  std::vector<Json> events;
};

// A run that ended before it knew its day is the day's on which it was tried.
std::string day_of(const RunReport& report, const Json& event) {
  return report.execution_date.empty() ? Date::of(report.started).iso() : event["execution_date"].get<std::string>();
}

class Round {
 public:
  Round(const config::Settings& settings, const pipeline::RecordPlace& where, mode_t mode,
        const std::vector<RunReport>& reports)
      : where_(where),
        incidents_(where, mode, !is_down(where, reports)),
        on_(told_outcomes(settings)),
        text_(template_of(settings)),
        reports_(reports) {}

  void tell(const Observer& observer) const {
    bool works = true;
    for (const Group& group : news_for(observer)) {
      works = works && told(observer, group);
      if (works) continue;
      for (const auto& event : group.events) incidents_.forget(subject(observer, event), group.outcome);
    }
  }

 private:
  // Where a store has just not answered, another minute of asking it helps nobody.
  static bool is_down(const pipeline::RecordPlace& where, const std::vector<RunReport>& reports) {
    return is_remote(where.curated_location) && std::any_of(reports.begin(), reports.end(), [](const RunReport& one) {
             return one.error &&
                    (one.error->cause() == Cause::kUnreachable || one.error->cause() == Cause::kNoCredentials);
           });
  }

  static Subject subject(const Observer& observer, const Json& event) {
    return {observer.name, event["pipeline"], event["day"]};
  }

  bool is_asked_for(std::string_view outcome) const { return std::find(on_.begin(), on_.end(), outcome) != on_.end(); }

  // Claims what it gives.
  std::vector<Group> news_for(const Observer& observer) const {
    std::vector<Group> out;
    for (const auto& report : reports_) {
      std::string outcome(outcome_of(report));
      Json event = event_of(report, outcome, where_.environment);
      event["day"] = day_of(report, event);
      const Subject about = subject(observer, event);
      if (is_good(outcome) && is_over(about)) {
        outcome = "recovered";
        event["outcome"] = outcome;
      }
      if (!is_asked_for(outcome) || !incidents_.claim(about, outcome)) continue;
      if (!is_good(outcome)) incidents_.forget(about, "recovered");
      const auto same = std::find_if(out.begin(), out.end(), [&](const Group& one) {
        return one.outcome == outcome && one.events.front()["pipeline"] == event["pipeline"];
      });
      if (same == out.end())
        out.push_back({outcome, {event}});
      else
        same->events.push_back(event);
    }
    return out;
  }

  // Whether something was told of the day that is no longer so. From now on it was not told.
  bool is_over(const Subject& about) const {
    bool out = false;
    for (const auto& one : incidents_.told(about)) {
      if (is_good(one)) continue;
      incidents_.forget(about, one);
      out = true;
    }
    return out;
  }

  bool told(const Observer& observer, const Group& group) const {
    Json event = group.events.front();
    try {
      std::vector<std::string> days;
      for (const auto& one : group.events) days.push_back(one["day"]);
      event.erase("day");
      const std::string of = event["pipeline"];
      std::string text = filled(text_, event);
      std::string when = days.front();
      if (days.size() > 1) {
        event["execution_dates"] = days;
        when = fmt::format("{} and {} more days", when, days.size() - 1);
        text += fmt::format("\nthe same: {}", fmt::join(days.begin() + 1, days.end(), ", "));
      }
      std::string subject = fmt::format("{} {}: {}", of, when, text::replace_all(group.outcome, "_", " "));
      observer.tell({.subject = std::move(subject), .text = std::move(text), .event = event});
      return true;
    } catch (const Error& e) {
      log::warning("{} is not told that runs ended as '{}': {}", observer.name, group.outcome, e.in_full());
      return false;
    }
  }

  const pipeline::RecordPlace& where_;
  Incidents incidents_;
  std::vector<std::string> on_;
  std::string text_;
  const std::vector<RunReport>& reports_;
};

}  // namespace

void notify(const config::Settings& settings, const pipeline::RecordPlace& where, mode_t mode,
            const std::vector<RunReport>& reports) noexcept {
  try {
    const auto observers = observers_of(settings);
    if (observers.empty()) return;
    const Round round(settings, where, mode, reports);
    for (const auto& observer : observers) {
      try {
        round.tell(observer);
      } catch (const std::exception& e) {
        log::warning("{} is not told of the runs: {}", observer.name, e.what());
      }
    }
  } catch (const std::exception& e) {
    log::warning("nobody is told of the runs: {}", e.what());
  }
}

}  // namespace metl::observe
