// movies-etl completions bash|zsh|fish: scripts made from what the commands registered.
#include <fmt/ranges.h>

#include <algorithm>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/flag_values.h"
#include "cli/flags.h"
#include "cli/output.h"

namespace metl::cli {
namespace {

struct CompletionsFlags {
  std::string shell;
};

// A word that commands begin with, and what may follow it: "config" -> {"show"}.
struct First {
  std::string word;
  std::string summary;
  std::vector<std::string> next = {};
  std::vector<const Flag*> flags = {};  // of all commands that begin with the word
};

std::vector<First> first_words() {
  std::vector<First> out;
  for (const Command* command : all_commands()) {
    const auto words = text::split(command->name, ' ');
    auto first = std::find_if(out.begin(), out.end(), [&](const First& one) { return one.word == words.front(); });
    if (first == out.end())
      first = out.insert(out.end(), {.word = words.front(), .summary = std::string(command->summary)});
    if (words.size() > 1) first->next.push_back(words[1]);
    for (const Flag& flag : command->flags) {
      const auto known = std::find_if(first->flags.begin(), first->flags.end(),
                                      [&](const Flag* other) { return other->name == flag.name; });
      if (known == first->flags.end()) first->flags.push_back(&flag);
    }
  }
  return out;
}

std::vector<std::string> flag_names(const Flag& flag) {
  std::vector<std::string> names{std::string(flag.name)};
  if (!flag.short_name.empty()) names.push_back(fmt::format("-{}", flag.short_name));
  return names;
}

// Inside single quotes of a shell.
std::string shell_quoted(std::string_view text, std::string_view quote = "'\\''") {
  return fmt::format("'{}'", text::replace_all(std::string(text), "'", quote));
}

std::string bash() {
  std::string words;
  std::string values;
  std::vector<std::string> top;
  for (const auto& first : first_words()) {
    top.push_back(first.word);
    std::vector<std::string> offered = first.next;
    for (const Flag* flag : first.flags) {
      if (flag->is_positional()) {
        offered.insert(offered.end(), flag->choices.begin(), flag->choices.end());
        continue;
      }
      offered.emplace_back(flag->name);
      if (flag->is_switch()) continue;
      const std::string reply = !flag->choices.empty() ? fmt::format("compgen -W '{}'", fmt::join(flag->choices, " "))
                                : flag->completes == Completes::kFile   ? "compgen -f"
                                : flag->completes == Completes::kFolder ? "compgen -d"
                                                                        : "";
      std::vector<std::string> patterns;
      for (const auto& name : flag_names(*flag)) patterns.push_back(fmt::format("'{} {}'", first.word, name));
      values += fmt::format("    {}) {}return ;;\n", fmt::join(patterns, "|"),
                            reply.empty() ? "" : fmt::format("mapfile -t COMPREPLY < <({} -- \"$current\"); ", reply));
    }
    words += fmt::format("    {}) words='{}' ;;\n", first.word, fmt::join(offered, " "));
  }
  for (const Flag& flag : program_flags()) top.emplace_back(flag.name);
  return fmt::format(R"(# bash completion for movies-etl
_movies_etl() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}} command='' words=''
  if ((COMP_CWORD > 1)); then command=${{COMP_WORDS[1]}}; fi
  COMPREPLY=()
  case "$command $previous" in
{}  esac
  case "$command" in
    '') words='{}' ;;
{}  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}}
complete -F _movies_etl movies-etl
)",
                     values, fmt::join(top, " "), words);
}

// A text in a zsh argument specification, where ':' and brackets have a meaning.
std::string zsh_text(std::string text) {
  for (const char* special : {"\\", ":", "[", "]"})
    text = text::replace_all(std::move(text), special, std::string("\\") + special);
  return text;
}

std::string zsh_action(const Flag& flag) {
  if (!flag.choices.empty()) return fmt::format("({})", fmt::join(flag.choices, " "));
  if (flag.completes == Completes::kFile) return "_files";
  return flag.completes == Completes::kFolder ? "_files -/" : " ";
}

std::string zsh() {
  std::string commands;
  std::string cases;
  for (const auto& first : first_words()) {
    commands += fmt::format("    {}\n", shell_quoted(fmt::format("{}:{}", first.word, zsh_text(first.summary))));
    cases += fmt::format("    {})\n      _arguments", first.word);
    if (!first.next.empty()) cases += fmt::format(" \\\n        '1:command:({})'", fmt::join(first.next, " "));
    for (const Flag* flag : first.flags) {
      if (flag->is_positional()) {
        cases += fmt::format(" \\\n        '1:{}:{}'", zsh_text(std::string(flag->value)), zsh_action(*flag));
        continue;
      }
      for (const auto& name : flag_names(*flag)) {
        const std::string value =
            flag->is_switch() ? "" : fmt::format(":{}:{}", zsh_text(std::string(flag->value)), zsh_action(*flag));
        cases +=
            fmt::format(" \\\n        {}", shell_quoted(fmt::format("{}{}[{}]{}", flag->repeatable ? "*" : "", name,
                                                                    zsh_text(std::string(flag->help)), value)));
      }
    }
    cases += "\n      ;;\n";
  }
  std::string top;
  for (const Flag& flag : program_flags()) {
    for (const auto& name : flag_names(flag)) {
      top += fmt::format(" {}", shell_quoted(fmt::format("{}[{}]", name, zsh_text(std::string(flag.help)))));
    }
  }
  return fmt::format(R"(#compdef movies-etl
_movies-etl() {{
  local -a commands=(
{}  )
  local curcontext=$curcontext state line
  _arguments -C{} '1:command:->command' '*::argument:->argument'
  if [[ $state == command ]]; then
    _describe command commands
    return
  fi
  case $line[1] in
{}  esac
}}
if [[ $funcstack[1] == _movies-etl ]]; then
  _movies-etl "$@"
else
  compdef _movies-etl movies-etl
fi
)",
                     commands, top, cases);
}

std::string fish_flag(const Flag& flag, std::string_view condition) {
  std::string line = fmt::format("complete -c movies-etl -n {}", shell_quoted(condition, "\\'"));
  if (flag.is_positional()) return line + fmt::format(" -a '{}'\n", fmt::join(flag.choices, " "));
  line += fmt::format(" -l {}", flag.name.substr(2));
  if (!flag.short_name.empty())
    line += fmt::format(" -{} {}", flag.short_name.size() == 1 ? "s" : "o", flag.short_name);
  if (!flag.choices.empty()) {
    line += fmt::format(" -x -a '{}'", fmt::join(flag.choices, " "));
  } else if (!flag.is_switch()) {
    line += flag.completes == Completes::kFile     ? " -r -F"
            : flag.completes == Completes::kFolder ? " -x -a '(__fish_complete_directories)'"
                                                   : " -x";
  }
  return line + fmt::format(" -d {}\n", shell_quoted(flag.help, "\\'"));
}

std::string fish() {
  std::string out = "# fish completion for movies-etl\ncomplete -c movies-etl -f\n";
  for (const Flag& flag : program_flags()) out += fish_flag(flag, "__fish_use_subcommand");
  for (const auto& first : first_words()) {
    out += fmt::format("complete -c movies-etl -n __fish_use_subcommand -a {} -d {}\n", first.word,
                       shell_quoted(first.summary, "\\'"));
    const std::string seen = fmt::format("__fish_seen_subcommand_from {}", first.word);
    for (const auto& next : first.next) {
      out += fmt::format("complete -c movies-etl -n '{}; and not __fish_seen_subcommand_from {}' -a {}\n", seen, next,
                         next);
    }
    for (const Flag* flag : first.flags) out += fish_flag(*flag, seen);
  }
  return out;
}

int completions_command(const Invocation& invocation) {
  const std::string& shell = invocation.own<CompletionsFlags>().shell;
  write_out(shell == "bash" ? bash() : shell == "zsh" ? zsh() : fish());
  return static_cast<int>(ExitCode::kDone);
}

Command this_command() {
  return {
      .name = "completions",
      .rank = 80,
      .summary = "Print a shell's completion script",
      .description = "Prints a script that makes the shell complete commands, flags and their values.",
      .examples = {"movies-etl completions bash > ~/.local/share/bash-completion/completions/movies-etl"},
      .flags = {Flag{
          .name = "SHELL",
          .value = "SHELL",
          .help = "The shell to make the script for.",
          .store = into(&CompletionsFlags::shell),
          .choices = {"bash", "zsh", "fish"},
          .required = true,
      }},
      .run = completions_command,
      .only_prints = true,
  };
}

const Registered kRegistered{this_command};

}  // namespace
}  // namespace metl::cli
