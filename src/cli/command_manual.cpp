// movies-etl manual: the manual page (roff, man macros) or the same tables as Markdown, made from the tables of
// commands, flags, settings and exit codes.
#include <fmt/ranges.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/flag_values.h"
#include "cli/flags.h"
#include "cli/help.h"
#include "cli/output.h"
#include "config/keys.h"

namespace metl::cli {
namespace {

struct ManualFlags {
  std::string format;
};

// Text safe anywhere in a roff line.
std::string roff_text(std::string_view text) {
  std::string out = text::replace_all(std::string(text), "\\", "\\e");
  out = text::replace_all(std::move(out), "-", "\\-");
  if (out.starts_with('.') || out.starts_with('\'')) out.insert(0, "\\&");
  return out;
}

std::string roff_item(std::string_view heading, std::string_view body) {
  return fmt::format(".TP\n\\fB{}\\fR\n{}\n", roff_text(heading), roff_text(body));
}

std::string key_help(const config::Key& key) {
  const std::string fallback = !key.default_text           ? "Required."
                               : key.default_text->empty() ? ""
                                                           : fmt::format("Default: {}.", *key.default_text);
  return fmt::format("{} ({}.) {}", key.description, config::expectation(key), fallback);
}

std::string roff() {
  std::string out = fmt::format(
      ".TH MOVIES\\-ETL 1 \"\" \"movies\\-etl {}\" \"User Commands\"\n"
      ".SH NAME\nmovies\\-etl \\- curates days of movie ratings into a Delta table\n"
      ".SH SYNOPSIS\n\\fBmovies\\-etl\\fR \\fICOMMAND\\fR [flags]\n.SH COMMANDS\n",
      version());
  for (const Command* command : all_commands()) {
    out += fmt::format(".SS {}\n{}\n", roff_text(usage(*command)), roff_text(command->description));
    for (const Flag& flag : command->flags) out += roff_item(flag_heading(flag), flag_help(flag));
    out += ".PP\nExamples:\n.nf\n";
    for (const auto& example : command->examples) out += roff_text(example) + "\n";
    out += ".fi\n";
  }
  out += ".SH SETTINGS\nOf the config file, of variables such as DYNACONF_DATA__RAW__LOCATION, and of \\-\\-set.\n";
  for (const auto& key : config::known_keys()) out += roff_item(key.name, key_help(key));
  out += ".SH ENVIRONMENT\n";
  out += roff_item("ENV_FOR_DYNACONF", "The environment when --env does not name one.");
  out += roff_item("DYNACONF_*", "Overrides a setting; '__' separates the parts of its name.");
  out += roff_item("NO_COLOR", "When not empty, nothing is coloured.");
  out += ".SH FILES\n";
  out += roff_item("app_config.yaml", "The config file. Relative paths in settings start at its folder.");
  out += roff_item("app_config.local.yaml, .secrets.yaml", "Beside it: overrides, and secrets, which are never shown.");
  out += ".SH EXIT STATUS\n";
  for (const auto& [code, meaning] : exit_codes()) out += roff_item(std::to_string(static_cast<int>(code)), meaning);
  return out;
}

// Inside a cell of a Markdown table.
std::string cell(std::string_view text) { return text::replace_all(std::string(text), "|", "\\|"); }

std::string markdown() {
  std::string out = "# Commands\n\nMade by `movies-etl manual --format markdown`.\n";
  for (const Command* command : all_commands()) {
    out += fmt::format("\n## movies-etl {}\n\n{}\n\n    {}\n\n| Flag | |\n|---|---|\n", command->name,
                       command->description, fmt::join(command->examples, "\n    "));
    for (const Flag& flag : command->flags) {
      out += fmt::format("| `{}` | {} |\n", cell(flag_heading(flag)), cell(flag_help(flag)));
    }
  }
  out += "\n## Exit codes\n\n| Code | |\n|---|---|\n";
  for (const auto& [code, meaning] : exit_codes()) out += fmt::format("| {} | {} |\n", static_cast<int>(code), meaning);
  return out;
}

int manual_command(const Invocation& invocation) {
  write_out(invocation.own<ManualFlags>().format == "roff" ? roff() : markdown());
  return static_cast<int>(ExitCode::kDone);
}

Command this_command() {
  return {
      .name = "manual",
      .rank = 90,
      .summary = "Print the manual page",
      .description = "Prints this program's manual.",
      .examples = {"movies-etl manual | man -l -"},
      .flags = {Flag{
          .name = "--format",
          .value = "FORMAT",
          .help = "roff for man(1), or markdown.",
          .store = into(&ManualFlags::format),
          .default_text = "roff",
          .choices = {"roff", "markdown"},
      }},
      .run = manual_command,
      .only_prints = true,
  };
}

const Registered kRegistered{this_command};

}  // namespace
}  // namespace metl::cli
