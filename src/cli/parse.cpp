#include "cli/parse.h"

#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <optional>

#include "base/error.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/soda_habits.h"

namespace metl::cli {
namespace {

struct Bound {
  const Flag* flag;
  CLI::Option* option;
};

// A command of the table, or a word that only leads to commands ("config"), with its flags in CLI11's form.
struct Node {
  CLI::App* app;
  std::string name;
  const Command* command;
  std::vector<Bound> flags;
};

std::vector<Bound> declare_flags(CLI::App& app, const std::vector<Flag>& flags) {
  std::vector<Bound> bound;
  for (const Flag& flag : flags) {
    std::string names = flag.short_name.size() == 1 ? fmt::format("-{},", flag.short_name) : "";
    names += flag.name;
    if (flag.is_switch()) {
      bound.push_back({&flag, app.add_flag(names)->disable_flag_override()});
    } else {
      // A value that is missing or given twice is let through, to be refused below in our own words.
      const int least = flag.is_positional() ? 1 : 0;
      const bool many = flag.is_positional() && flag.repeatable;
      auto* option = app.add_option(names)
                         ->expected(least, many ? CLI::detail::expected_max_vector_size : 1)
                         ->allow_extra_args(many)
                         ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
      bound.push_back({&flag, option});
    }
  }
  return bound;
}

std::vector<Node> build(CLI::App& program) {
  program.set_help_flag("");
  program.allow_extras()->require_subcommand(0, 1);
  std::vector<Node> nodes{
      {.app = &program, .name = "", .command = nullptr, .flags = declare_flags(program, program_flags())}};
  for (const Command* command : all_commands()) {
    CLI::App* parent = &program;
    std::string name;
    for (const auto& word : text::split(command->name, ' ')) {
      name += (name.empty() ? "" : " ") + word;
      const auto known = std::find_if(nodes.begin(), nodes.end(), [&](const Node& node) { return node.name == name; });
      if (known == nodes.end()) {
        CLI::App* app = parent->add_subcommand(word)->allow_extras()->require_subcommand(0, 1);
        app->set_help_flag("");
        const bool whole = name == command->name;
        nodes.push_back({.app = app,
                         .name = name,
                         .command = whole ? command : nullptr,
                         .flags = whole ? declare_flags(*app, command->flags) : std::vector<Bound>()});
      }
      parent = std::find_if(nodes.begin(), nodes.end(), [&](const Node& node) { return node.name == name; })->app;
    }
  }
  return nodes;
}

void store(const Flag& flag, const std::vector<std::string>& values, Invocation& out) {
  if (values.size() > 1 && !flag.repeatable && !flag.is_switch()) {
    throw Error(Cause::kUsage, fmt::format("'{}' is given more than once", flag.name));
  }
  for (const auto& value : values) {
    if (value.empty()) {
      throw Error(Cause::kUsage, fmt::format("'{}' needs a value, {}", flag.name, flag.value));
    }
    if (!flag.choices.empty() && std::find(flag.choices.begin(), flag.choices.end(), value) == flag.choices.end()) {
      const std::vector<std::string> choices(flag.choices.begin(), flag.choices.end());
      throw Error(Cause::kUsage, fmt::format("{}: '{}' is not one of {}.{}", flag.name, value, fmt::join(choices, ", "),
                                             text::did_you_mean(value, choices)));
    }
    try {
      flag.store(out, value);
    } catch (const Error& e) {
      throw e.within(flag.name);
    }
  }
}

std::string help_hint(const std::string& command) {
  return fmt::format("'movies-etl {}{}--help' shows what there is.", command, command.empty() ? "" : " ");
}

// The first command that takes the flag, or the program; "" for a flag that there is not.
std::string owner_of(std::string_view flag) {
  const auto has = [flag](const std::vector<Flag>& flags) {
    return std::any_of(flags.begin(), flags.end(), [flag](const Flag& one) { return one.name == flag; });
  };
  for (const Command* command : all_commands()) {
    if (has(command->flags)) return std::string(command->name);
  }
  return has(program_flags()) ? "movies-etl" : "";
}

// The whole names of the commands that begin with a node's.
std::vector<std::string_view> commands_in(const Node& node) {
  std::vector<std::string_view> names;
  for (const Command* command : all_commands()) {
    if (command->name.starts_with(node.name)) names.push_back(command->name);
  }
  return names;
}

// A word that no flag and no command took.
Error unknown_word(const Node& node, const std::string& word) {
  const std::string habit = soda_habit(node.name, word.substr(0, word.find('=')));
  if (!habit.empty()) {
    const bool flag = word.starts_with('-');
    return {Cause::kUsage, fmt::format("unknown {} '{}'", flag ? "flag" : "command", word), habit};
  }
  if (word.starts_with('-') && word.size() > 1) {
    const std::string flag = word.substr(0, word.find('='));
    if (const std::string owner = owner_of(flag); !owner.empty() && !node.name.empty()) {
      return {Cause::kUsage, fmt::format("flag '{}' belongs to '{}', not to '{}'", flag, owner, node.name),
              help_hint(node.name)};
    }
    std::vector<std::string> names;
    for (const auto& bound : node.flags) names.emplace_back(bound.flag->name);
    return {Cause::kUsage, fmt::format("unknown flag '{}'.{}", flag, text::did_you_mean(flag, names)),
            help_hint(node.name)};
  }
  if (node.command != nullptr) {
    return {Cause::kUsage, fmt::format("'{}' takes no argument '{}'", node.name, word), help_hint(node.name)};
  }
  std::vector<std::string> names;
  for (const auto& name : commands_in(node)) {
    const std::string next = text::split(name.substr(node.name.empty() ? 0 : node.name.size() + 1), ' ').front();
    // "config" of two commands
    if (std::find(names.begin(), names.end(), next) == names.end()) names.push_back(next);
  }
  const std::string full = node.name.empty() ? word : fmt::format("{} {}", node.name, word);
  return {Cause::kUsage, fmt::format("unknown command '{}'.{}", full, text::did_you_mean(word, names)),
          fmt::format("Commands: {}.", fmt::join(names, ", "))};
}

void check(const Node& node, const Invocation& out) {
  if (const auto rest = node.app->remaining(); !rest.empty()) {
    const auto flag =
        std::find_if(rest.begin(), rest.end(), [](const std::string& word) { return word.starts_with('-'); });
    // Flags behind a command that there is not are that command's.
    const bool is_command = node.command == nullptr && flag != rest.begin();
    throw unknown_word(node, is_command || flag == rest.end() ? rest.front() : *flag);
  }
  if (node.command == nullptr && !out.version) {
    const std::string what =
        node.name.empty() ? "no command is given" : fmt::format("'{}' is not a whole command", node.name);
    throw Error(Cause::kUsage, what,
                fmt::format("Commands: {}. {}", fmt::join(commands_in(node), ", "), help_hint("")));
  }
  for (const auto& [flag, option] : node.flags) {
    if (flag->required && option->count() == 0) {
      throw Error(Cause::kUsage, fmt::format("'{}' needs {}", node.name, flag->name),
                  fmt::format("For example: {}", node.command->examples.front()));
    }
  }
}

}  // namespace

void parse(const std::vector<std::string>& given, Invocation& out) {
  std::vector<std::string> arguments = given;
  out.words = given;
  // CLI11 knows short names of one letter only; Soda Core's -srf has three.
  for (auto& word : arguments) {
    for (const Command* command : all_commands()) {
      for (const Flag& flag : command->flags) {
        if (flag.short_name.size() > 1 && word == fmt::format("-{}", flag.short_name)) word = flag.name;
      }
    }
  }
  CLI::App program;
  const std::vector<Node> nodes = build(program);
  std::string refused;
  try {
    program.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));  // CLI11 takes them last first
  } catch (const CLI::ParseError& e) {
    refused = e.what();
  }

  // Every value is stored before the first error is thrown.
  std::optional<Error> first;
  const Node* last = &nodes.front();
  for (const auto& node : nodes) {
    if (node.app->parsed() == 0) continue;
    last = &node;
    for (const auto& [flag, option] : node.flags) {
      if (!flag->default_text.empty()) flag->store(out, std::string(flag->default_text));
      try {
        store(*flag, option->results(), out);
      } catch (const Error& e) {
        if (!first) first = e;
      }
    }
  }
  out.command = last->command;
  if (out.help) return;
  if (!refused.empty()) throw Error(Cause::kUsage, refused, help_hint(last->name));
  for (const auto& node : nodes) {
    if (&node != last && node.app->parsed() != 0 && !node.app->remaining().empty())
      throw unknown_word(node, node.app->remaining().front());
  }
  if (first) throw Error(*first);
  check(*last, out);
}

}  // namespace metl::cli
