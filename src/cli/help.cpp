#include "cli/help.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "base/text.h"
#include "cli/commands.h"

namespace metl::cli {
namespace {

constexpr size_t kWidth = 100;

// `body` behind `heading`, wrapped at words, continued under itself.
std::string item(std::string_view heading, std::string_view body, size_t indent) {
  std::string line = fmt::format("  {:<{}}", heading, indent - 2);
  std::string out;
  if (line.size() > indent) {  // too long a heading has its line to itself
    out = line + "\n";
    line.assign(indent, ' ');
  }
  for (const auto& word : text::split(body, ' ')) {
    const bool begins = line.size() <= indent;
    if (!begins && line.size() + 1 + word.size() > kWidth) {
      out += line + "\n";
      line.assign(indent, ' ');
    } else if (!begins) {
      line += ' ';
    }
    line += word;
  }
  return out + line + "\n";
}

std::string flag_list(const std::vector<Flag>& flags) {
  size_t indent = 0;
  for (const Flag& flag : flags) indent = std::max(indent, flag_heading(flag).size() + 4);
  std::string out;
  for (const Flag& flag : flags) out += item(flag_heading(flag), flag_help(flag), indent);
  return out;
}

std::string paragraph(std::string_view text) { return item("", text, 2); }

}  // namespace

std::string flag_heading(const Flag& flag) {
  if (flag.is_positional()) return std::string(flag.name);
  std::string out = flag.short_name.empty() ? "" : fmt::format("-{}, ", flag.short_name);
  out += flag.name;
  if (!flag.is_switch()) out += fmt::format(" {}", flag.value);
  return out;
}

std::string flag_help(const Flag& flag) {
  std::string out(flag.help);
  if (!flag.choices.empty()) out += fmt::format(" One of {}.", fmt::join(flag.choices, ", "));
  if (flag.required) out += " Required.";
  if (!flag.default_text.empty()) out += fmt::format(" Default: {}.", flag.default_text);
  return out;
}

std::string usage(const Command& command) {
  std::string out = fmt::format("movies-etl {}", command.name);
  for (const Flag& flag : command.flags) {
    if (flag.required) out += " " + flag_heading(flag);
  }
  return out + " [flags]";
}

std::string command_help(const Command& command) {
  std::string out = fmt::format("{}\n\nUsage: {}\n\n{}\nFlags:\n{}\nExamples:\n", command.summary, usage(command),
                                paragraph(command.description), flag_list(command.flags));
  for (const auto& example : command.examples) out += fmt::format("  {}\n", example);
  return out;
}

std::string program_help() {
  std::string out =
      "Curates days of movie ratings into a Delta table.\n\nUsage: movies-etl COMMAND [flags]\n\nCommands:\n";
  for (const Command* command : all_commands()) out += item(command->name, command->summary, 16);
  out += "\nFlags:\n" + flag_list(program_flags()) + "\nExit codes:\n";
  for (const auto& [code, meaning] : exit_codes()) out += item(std::to_string(static_cast<int>(code)), meaning, 8);
  return out + "\n'movies-etl COMMAND --help' shows the flags of a command.\n";
}

}  // namespace metl::cli
