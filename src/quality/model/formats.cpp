#include "quality/model/formats.h"

#include <fmt/format.h>

namespace metl::quality {
namespace {

std::string whole(const std::string& regex) { return "^ *(" + regex + ") *$"; }

// Every numeric family comes with any sign, without minus, and with minus (where zero may go without).
void add_signed(std::vector<Format>& out, const std::string& prefix, const std::string& number, const std::string& zero,
                const std::string& unit, bool is_number) {
  out.push_back({prefix, whole("[-+]? *" + number + unit), is_number});
  out.push_back({"positive " + prefix, whole("[+]? *" + number + unit), is_number});
  out.push_back({"negative " + prefix, whole("(- *" + number + "|" + zero + ")" + unit), is_number});
}

void add_numbers(std::vector<Format>& out) {
  add_signed(out, "integer", "[0-9]+", "0+", "", true);
  for (const auto& [suffix, point] : {std::pair{"", "[.,]"}, {" point", "[.]"}, {" comma", ","}}) {
    const auto fraction = [point = point](const char* digit) {
      return fmt::format("({0}+({1}{0}+)?|{1}{0}+)", digit, point);
    };
    add_signed(out, std::string("decimal") + suffix, fraction("[0-9]"), fraction("0"), "", true);
    add_signed(out, std::string("percentage") + suffix, fraction("[0-9]"), fraction("0"), " *%", true);
  }
  const std::string currency = " *([A-Z]{3}|[a-z]{3})";
  out.push_back({"money", whole("[-+]? *([0-9]+([.,][0-9]+)?|[.,][0-9]+)" + currency), true});
  out.push_back({"money point", whole("[-+]? *[0-9]{1,3}(,[0-9]{3})*([.][0-9]+)?" + currency), true});
  out.push_back({"money comma", whole("[-+]? *[0-9]{1,3}([.][0-9]{3})*(,[0-9]+)?" + currency), true});
}

void add_times(std::vector<Format>& out) {
  const std::string month = "(0?[1-9]|1[0-2])";
  const std::string day = "(0?[1-9]|[12][0-9]|3[01])";
  const std::string year = "([12][0-9])?[0-9]{2}";
  const std::string dash = "[-./]";
  out.push_back({"date us", whole(month + dash + day + dash + year)});
  out.push_back({"date eu", whole(day + dash + month + dash + year)});
  out.push_back({"date inverse", whole(year + dash + month + dash + day)});

  const std::string zone = "([-+]([01]?[0-9]|2[0-3]):?[0-5][0-9]|Z)";
  const std::string clock = "([01]?[0-9]|2[0-3])(:?[0-5][0-9](:?[0-5][0-9]([.,][0-9]+)?)?)?";
  const std::string calendar = "(0[1-9]|1[0-2])-?(0[1-9]|[12][0-9]|3[01])";
  const std::string week = "W[0-5][0-9](-?[1-7])?";
  const std::string day_of_year = "[0-3][0-9]{2}";
  out.push_back({"date iso 8601", whole(fmt::format("[12][0-9]{{3}}-?({}|{}|{})([ T]{}{}?)?", calendar, week,
                                                    day_of_year, clock, zone))});

  const std::string minute = "[0-5]?[0-9]";
  const std::string second = "[0-5]?[0-9]([.,][0-9]+)?";
  for (const auto& [name, hour] : {std::pair{"24h", "([01]?[0-9]|2[0-3])"}, {"12h", "(0?[0-9]|1[0-2])"}}) {
    out.push_back({fmt::format("time {}", name), whole(fmt::format("{}:{}(:{})?", hour, minute, second))});
    out.push_back({fmt::format("time {} nosec", name), whole(fmt::format("{}:{}", hour, minute))});
    out.push_back({fmt::format("timestamp {}", name), whole(fmt::format("{}:{}:{}", hour, minute, second))});
  }
}

std::string ipv6() {
  const std::string group = "[0-9a-fA-F]{1,4}";
  const std::string byte = "(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])";
  const std::string ipv4 = fmt::format("{0}[.]{0}[.]{0}[.]{0}", byte);
  std::string any = fmt::format("({0}:){{7}}{0}|({0}:){{1,7}}:|:((:{0}){{1,7}}|:)", group);
  // "::" stands for at least one group: up to n groups before it leave 7 - n after it.
  for (int before = 1; before <= 6; ++before)
    any += fmt::format("|({0}:){{1,{1}}}(:{0}){{1,{2}}}", group, before, 7 - before);
  any += fmt::format("|fe80:(:[0-9a-fA-F]{{0,4}}){{0,4}}%[0-9a-zA-Z]+");  // link-local, with its interface
  any += fmt::format("|::(ffff(:0{{1,4}})?:)?{}|({}:){{1,4}}:{}", ipv4, group, ipv4);
  return "^(" + any + ")$";
}

std::vector<Format> make_formats() {
  std::vector<Format> out;
  add_numbers(out);
  add_times(out);
  out.push_back({"uuid", "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"});
  out.push_back({"ip address", "^[0-9]{1,3}([.][0-9]{1,3}){3}$"});
  out.push_back({"ipv4 address", "^[0-9]{1,3}([.][0-9]{1,3}){3}$"});
  out.push_back({"ipv6 address", ipv6()});
  const std::string mailbox = "[a-zA-Z0-9\xC3\x80-\xC8\xB3._%+-]+";  // with the Latin letters U+00C0 to U+0233
  const std::string host = "[a-zA-Z0-9\xC3\x80-\xC8\xB3._%-]+";
  out.push_back({"email", "^" + mailbox + "@" + host + "[.][A-Za-z]{2,4}$"});
  out.push_back({"phone number", "^(([+][0-9]{1,2}\\s)?[(]?[0-9]{3}[)]?[\\s.-])?[0-9]{3}[\\s.-][0-9]{4}$"});
  out.push_back({"credit card number", "^([0-9]{14,19}|([0-9]{4}-){3}[0-9]{4}|([0-9]{4} ){3}[0-9]{4})$"});
  return out;
}

const std::vector<Format>& formats() {
  static const std::vector<Format> kFormats = make_formats();
  return kFormats;
}

}  // namespace

const Format* find_format(std::string_view name) {
  for (const auto& format : formats()) {
    if (format.name == name) return &format;
  }
  return nullptr;
}

std::vector<std::string> format_names() {
  std::vector<std::string> out;
  for (const auto& format : formats()) out.push_back(format.name);
  return out;
}

}  // namespace metl::quality
