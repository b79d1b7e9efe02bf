#include "observe/observers.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "base/secrets.h"
#include "base/text.h"
#include "observe/outcome.h"
#include "observe/send.h"

namespace metl::observe {
namespace {

using Json = nlohmann::ordered_json;

std::vector<std::string> words_of(const std::string& list) {
  std::vector<std::string> out;
  for (const auto& one : text::split(list, ',')) {
    if (const auto word = text::trim(one); !word.empty()) out.emplace_back(word);
  }
  return out;
}

Json body_for_webhook(const Message& message) {
  Json out = message.event;
  out["text"] = message.text;
  return out;
}

// Slack reads these three as the beginnings of its own signs.
Json body_for_slack(const Message& message) {
  std::string text = text::replace_all(message.subject + "\n" + message.text, "&", "&amp;");
  text = text::replace_all(std::move(text), "<", "&lt;");
  return {{"text", text::replace_all(std::move(text), ">", "&gt;")}};
}

// A card, as the workflows of Teams take it that replaced the connectors' own format. Its texts are Markdown, in which
// a single line break is none.
Json body_for_teams(const Message& message) {
  const bool good = is_good(message.event.at("outcome").get<std::string>());
  Json body = Json::array({{{"type", "TextBlock"},
                            {"text", message.subject},
                            {"weight", "Bolder"},
                            {"size", "Medium"},
                            {"color", good ? "Good" : "Attention"},
                            {"wrap", true}}});
  for (const auto& line : text::split(message.text, '\n'))
    body.push_back({{"type", "TextBlock"}, {"text", line}, {"wrap", true}});
  const Json card{{"$schema", "http://adaptivecards.io/schemas/adaptive-card.json"},
                  {"type", "AdaptiveCard"},
                  {"version", "1.4"},
                  {"body", body}};
  return {{"type", "message"},
          {"attachments", Json::array({{{"contentType", "application/vnd.microsoft.card.adaptive"},
                                        {"contentUrl", nullptr},
                                        {"content", card}}})}};
}

Observer poster(const std::string& name, const std::string& url, const Delivery& delivery,
                Json (*body)(const Message&)) {
  keep_secret(url);
  return {
      .name = name,
      .tell = [=](const Message& message) { send(Request{.url = url, .body = on_one_line(body(message))}, delivery); },
      .look =
          [=] {
            require_url(url);
            return std::string("the address can be sent to; it was not, since that would be a message");
          }};
}

Observer mailer(const config::Settings& settings, const Delivery& delivery) {
  const Letter letter{.server = settings.get_string("observe.email.server"),
                      .security = settings.get_string("observe.email.security"),
                      .user = settings.get_string("observe.email.user"),
                      .password = settings.get_string("observe.email.password"),
                      .from = settings.get_string("observe.email.from"),
                      .to = words_of(settings.get_string("observe.email.to")),
                      .subject = "",
                      .text = ""};
  secrets::know(letter.password);
  const auto require_whole = [=] {
    if (letter.to.empty() || letter.from.empty()) {
      throw Error(Cause::kConfiguration, "observe.email.server is set, but who writes to whom is not",
                  "Set observe.email.from and observe.email.to.");
    }
    if (letter.security == "none" && !letter.password.empty()) {
      throw Error(Cause::kConfiguration, "observe.email.password would travel readable",
                  "Set observe.email.security to starttls or tls, or leave user and password out.");
    }
  };
  return {.name = "email",
          .tell =
              [=](const Message& message) {
                require_whole();
                Letter own = letter;
                own.subject = message.subject;
                own.text = message.text + "\n";
                send(own, delivery);
              },
          .look =
              [=] {
                require_whole();
                require_addresses(letter);
                greet(letter, delivery);
                return fmt::format("{} takes the connection; nothing was sent to {}", letter.server,
                                   fmt::join(letter.to, ", "));
              }};
}

}  // namespace

std::vector<Observer> observers_of(const config::Settings& settings) {
  const Delivery delivery = delivery_of(settings);
  std::vector<Observer> out;
  const auto add = [&](const std::string& name, Json (*body)(const Message&)) {
    const std::string url = settings.get_string(fmt::format("observe.{}.url", name));
    if (!url.empty()) out.push_back(poster(name, url, delivery, body));
  };
  add("webhook", body_for_webhook);
  add("slack", body_for_slack);
  add("teams", body_for_teams);
  if (!settings.get_string("observe.email.server").empty()) out.push_back(mailer(settings, delivery));
  return out;
}

std::vector<std::string> told_outcomes(const config::Settings& settings) {
  std::vector<std::string> out = words_of(settings.get_string("observe.notify.on"));
  for (const auto& one : out) {
    if (std::find(kOutcomes.begin(), kOutcomes.end(), one) != kOutcomes.end()) continue;
    throw Error(Cause::kConfiguration, fmt::format("observe.notify.on has '{}', which is no outcome", one),
                fmt::format("Outcomes are {}.", fmt::join(kOutcomes, ", ")));
  }
  return out;
}

std::string template_of(const config::Settings& settings) {
  std::string text = settings.get_string("observe.notify.text");
  if (text.empty()) return "{summary}\n{hint}\nrun {run_id}, again: {command}";
  filled(text, event_of({}, "published", ""));
  return text;
}

}  // namespace metl::observe
