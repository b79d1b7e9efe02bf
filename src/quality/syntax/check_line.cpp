#include "quality/syntax/check_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "quality/model/timestamp.h"

namespace metl::quality {
namespace {

using Comparison = Condition::Comparison;

constexpr std::array<std::pair<std::string_view, Comparison>, 7> kOperators{{
    {"<", Comparison::kLess},
    {"<=", Comparison::kLessEqual},
    {"=", Comparison::kEqual},
    {">=", Comparison::kGreaterEqual},
    {">", Comparison::kGreater},
    {"!=", Comparison::kNotEqual},
    {"<>", Comparison::kNotEqual},
}};

constexpr int64_t kMostMeasurements = 1000;  // as a history keeps of one metric

class Parser {
 public:
  explicit Parser(std::string_view line) : line_(line), tokens_(tokenize(line)) {}

  CheckLine check() {
    if (const auto block = block_line()) return *block;
    if (words({"values", "in"})) return reference();
    if (words({"row_count", "same", "as"})) return same_row_count();
    if (words({"freshness", "using"})) return old_freshness();
    if (words({"anomaly", "score", "for"})) return anomaly(true);
    if (words({"anomaly", "detection", "for"})) return anomaly(false);
    MetricLine out;
    if (is_word("change") && is_kind(1, Token::Kind::kWord) && !is_word("between", 1) && !is_word("not", 1)) {
      ++at_;
      out.history = AgainstHistory::kChange;
      out.change = change();
    }
    out.metric = metric();
    if (!is_end()) out.pass = condition();
    finish();
    return out;
  }

  Condition when() {
    if (!words({"when"})) throw expected("'when' and a condition, as in 'when > 10'");
    Condition out = condition();
    finish();
    return out;
  }

  Header header() {
    using Kind = Header::Kind;
    Header out;
    if (words({"checks", "for"})) {
      out = named(Kind::kChecks);
    } else if (words({"checks"})) {
      out.kind = Kind::kDataSourceChecks;
    } else if (words({"filter"})) {
      out = named(Kind::kFilter);
      if (out.partition.empty()) throw expected("a filter name in brackets, as in 'filter ratings [daily]'");
    } else if (words({"configurations", "for"})) {
      out = named(Kind::kConfigurations);
    } else if (words({"for", "each", "dataset"}) || words({"for", "each", "table"})) {
      out = named(Kind::kForEachDataset);
    } else if (words({"for", "each", "column"})) {
      out = named(Kind::kForEachColumn);
    } else if (words({"automated", "monitoring"})) {
      at_ = tokens_.size() - 1;
      out.kind = Kind::kAutomatedMonitoring;
    } else {
      constexpr std::array<std::pair<std::pair<std::string_view, std::string_view>, Kind>, 5> kTwoWords{
          {{{"discover", "datasets"}, Kind::kDiscover},
           {{"discover", "tables"}, Kind::kDiscover},
           {{"profile", "columns"}, Kind::kProfile},
           {{"sample", "datasets"}, Kind::kSample},
           {{"sample", "tables"}, Kind::kSample}}};
      bool known = words({"variables"});
      out.kind = Kind::kVariables;
      for (const auto& [pair, kind] : kTwoWords) {
        if (known || !words({pair.first, pair.second})) continue;
        known = true;
        out.kind = kind;
      }
      if (!known) throw LineError{0, fmt::format("\"{}\" is not a section header", line_)};
    }
    finish();
    return out;
  }

 private:
  const Token& peek(size_t ahead = 0) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }
  bool is_kind(size_t ahead, Token::Kind kind) const { return peek(ahead).kind == kind; }
  bool is_end() const { return is_kind(0, Token::Kind::kEnd); }
  bool is_word(std::string_view text, size_t ahead = 0) const {
    return is_kind(ahead, Token::Kind::kWord) && peek(ahead).text == text;
  }
  bool take(Token::Kind kind) {
    if (!is_kind(0, kind)) return false;
    ++at_;
    return true;
  }
  // Takes all of these words or none.
  bool words(std::initializer_list<std::string_view> texts) {
    size_t ahead = 0;
    for (const auto text : texts) {
      if (!is_word(text, ahead++)) return false;
    }
    at_ += texts.size();
    return true;
  }
  LineError expected(std::string_view what) const {
    return {peek().begin, is_end() ? fmt::format("it ends where {} is expected", what)
                                   : fmt::format("'{}' stands where {} is expected", peek().text, what)};
  }
  void finish() const {
    if (!is_end()) throw LineError{peek().begin, fmt::format("'{}' is one too many", line_.substr(peek().begin))};
  }

  Name name(std::string_view what) {
    const Token& token = peek();
    if (token.kind == Token::Kind::kWord || token.kind == Token::Kind::kQuoted) {
      ++at_;
      return {token.text, token.kind == Token::Kind::kQuoted};
    }
    if (token.kind == Token::Kind::kOpenSquare) return {bracketed(what), true};
    throw expected(what);
  }
  // The text between [ and ], whatever it holds.
  std::string bracketed(std::string_view what) {
    const size_t begin = peek().end;
    while (!is_end() && !is_kind(0, Token::Kind::kCloseSquare)) ++at_;
    if (is_end() || peek().begin == begin) throw expected(what);
    return std::string(line_.substr(begin, tokens_[at_++].begin - begin));
  }
  // [daily], or without brackets.
  std::string partition() {
    if (is_kind(0, Token::Kind::kOpenSquare)) return bracketed("a filter name in brackets");
    return is_kind(0, Token::Kind::kWord) || is_kind(0, Token::Kind::kQuoted) ? name("a filter").text : "";
  }
  Header named(Header::Kind kind) {
    Header out{kind, name("a name"), ""};
    if (kind == Header::Kind::kChecks || kind == Header::Kind::kFilter) out.partition = partition();
    return out;
  }
  std::vector<Name> columns() {
    if (!take(Token::Kind::kOpen)) return {name("a column")};
    return arguments("a column");
  }
  std::vector<Name> arguments(std::string_view what) {
    std::vector<Name> out{name(what)};
    while (take(Token::Kind::kComma)) out.push_back(name(what));
    if (!take(Token::Kind::kClose)) throw expected("',' or ')'");
    return out;
  }

  std::optional<CheckLine> block_line() {
    const size_t start = at_;
    std::optional<BlockLine> block;
    if (words({"schema"}))
      block = BlockLine::kSchema;
    else if (words({"failed", "rows"}))
      block = BlockLine::kFailedRows;
    else if (words({"group", "by"}))
      block = BlockLine::kGroupBy;
    else if (words({"group", "evolution"}))
      block = BlockLine::kGroupEvolution;
    if (block && is_end()) return *block;
    at_ = start;
    return std::nullopt;
  }

  ReferenceLine reference() {
    ReferenceLine out;
    out.columns = columns();
    if (words({"must", "not", "exist", "in"})) {
      out.must_exist = false;
    } else if (!words({"must", "exist", "in"})) {
      throw expected("'must exist in' or 'must not exist in'");
    }
    out.dataset = name("a dataset");
    out.target_columns = columns();
    if (out.columns.size() != out.target_columns.size()) {
      throw LineError{0, fmt::format("{} columns are compared with {}", out.columns.size(), out.target_columns.size())};
    }
    finish();
    return out;
  }

  SameRowCountLine same_row_count() {
    SameRowCountLine out;
    out.dataset = name("a dataset");
    if (!is_word("in")) out.partition = partition();
    if (words({"in"})) out.data_source = name("a data source").text;
    finish();
    return out;
  }

  ChangeOverTime change() {
    using Baseline = ChangeOverTime::Baseline;
    ChangeOverTime out;
    out.percent = words({"percent"});
    if (words({"same", "day", "last", "week"})) out.baseline = Baseline::kSameDayLastWeek;
    for (const auto& [word, baseline] :
         {std::pair{"avg", Baseline::kAverage}, {"min", Baseline::kMinimum}, {"max", Baseline::kMaximum}}) {
      if (!words({word})) continue;
      out.baseline = baseline;
      if (!words({"last"})) throw expected("'last' and a number of measurements, as in 'avg last 7'");
      const auto last = is_kind(0, Token::Kind::kWord) ? parse_number(peek().text) : std::nullopt;
      if (!last || *last < 1 || *last > kMostMeasurements || *last != std::floor(*last))
        throw expected(fmt::format("a number of measurements from 1 to {}", kMostMeasurements));
      out.last = static_cast<int64_t>(*last);
      ++at_;
    }
    if (!out.percent) out.percent = words({"percent"});
    if (!words({"for"})) throw expected("'for' and a metric, as in 'change for row_count'");
    return out;
  }

  MetricLine anomaly(bool score) {
    MetricLine out;
    out.history = AgainstHistory::kAnomaly;
    out.deprecated_syntax = score;
    out.metric = metric();
    if (score) {
      const size_t begin = peek().begin;
      const Condition threshold = condition();
      if (threshold.comparison != Comparison::kLess || threshold.low.text != "default")
        throw LineError{begin, "an anomaly score has no threshold but '< default'"};
    } else if (!is_end()) {
      throw LineError{peek().begin, fmt::format("'{}' is one too many: what is anomalous is not given but learned",
                                                line_.substr(peek().begin))};
    }
    finish();
    return out;
  }

  MetricLine old_freshness() {
    MetricLine out;
    out.deprecated_syntax = true;
    out.metric = {"freshness", {name("a column")}};
    if (words({"with"})) out.metric.arguments.push_back(name("a variable"));
    if (!is_end()) out.pass = condition();
    finish();
    return out;
  }

  Metric metric() {
    if (!is_kind(0, Token::Kind::kWord)) throw expected("a metric");
    Metric out{name("a metric").text, {}};
    if (take(Token::Kind::kOpen)) out.arguments = arguments("an argument");
    return out;
  }

  Condition condition() {
    Condition out;
    if (is_kind(0, Token::Kind::kOperator)) {
      for (const auto& [text, comparison] : kOperators) {
        if (text == peek().text) out.comparison = comparison;
      }
      ++at_;
      out.low = operand();
      return out;
    }
    const bool negated = words({"not"});
    if (!words({"between"})) throw expected(negated ? "'between'" : "a comparison such as '> 0' or 'between 1 and 5'");
    out.comparison = negated ? Comparison::kNotBetween : Comparison::kBetween;
    if (take(Token::Kind::kOpen))
      out.low_open = true;
    else
      take(Token::Kind::kOpenSquare);
    out.low = operand();
    if (!words({"and"})) throw expected("'and'");
    out.high = operand();
    // One bracket alone is good SodaCL.
    if (take(Token::Kind::kClose))
      out.high_open = true;
    else
      take(Token::Kind::kCloseSquare);
    return out;
  }

  Operand operand() {
    if (!is_kind(0, Token::Kind::kWord)) throw expected("a number");
    std::string text = peek().text;
    ++at_;
    if (!is_kind(0, Token::Kind::kEnd) && is_word("%")) ++at_;  // metrics in percent are 0..100 already
    if (text.size() > 1 && text.back() == '%') text.pop_back();
    if (const auto number = parse_number(text)) return {Operand::Kind::kNumber, *number, text};
    if (const auto seconds = parse_duration(text)) return {Operand::Kind::kDuration, *seconds, text};
    return {Operand::Kind::kText, 0, text};
  }

  std::string_view line_;
  std::vector<Token> tokens_;
  size_t at_ = 0;
};

}  // namespace

std::optional<double> parse_number(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  if (text.find_first_not_of("0123456789.eE+-") != std::string_view::npos) return std::nullopt;
  double number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc() || end != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
  return number;
}

CheckLine parse_check_line(std::string_view line) { return Parser(line).check(); }
Condition parse_when(std::string_view text) { return Parser(text).when(); }
Header parse_header(std::string_view text) { return Parser(text).header(); }

std::string to_text(const Condition& condition) {
  const bool between = condition.comparison == Comparison::kBetween;
  if (between || condition.comparison == Comparison::kNotBetween) {
    const bool brackets = condition.low_open || condition.high_open;
    return fmt::format("{}between {}{} and {}{}", between ? "" : "not ",
                       !brackets            ? ""
                       : condition.low_open ? "("
                                            : "[",
                       condition.low.text, condition.high.text,
                       !brackets             ? ""
                       : condition.high_open ? ")"
                                             : "]");
  }
  for (const auto& [text, comparison] : kOperators) {
    if (comparison == condition.comparison) return fmt::format("{} {}", text, condition.low.text);
  }
  return "";
}

}  // namespace metl::quality
