// Dynaconf's typing of texts; the expectations were taken from dynaconf 3.3.5 itself.
#include "config/typed_value.h"
#include "fixture.h"

namespace metl::config {
namespace {

using nlohmann::json;

TEST(Typing, FollowsDynaconf) {
  const std::vector<std::pair<std::string, json>> cases{
      {"42", 42},
      {" 42 ", 42},
      {"1_000", 1000},
      {"0x1F", 31},
      {"+5", 5},
      {"1.5", 1.5},
      {"1e3", 1000.0},
      {"true", true},
      {"True", true},
      {"False", false},
      {"\"42\"", "42"},
      {"'42'", "42"},
      {"[1,2]", {1, 2}},
      {"{a=1}", {{"a", 1}}},
      {"", ""},
      {"a b", "a b"},
      {"[1,2", "[1,2"},
      {"s3://x", "s3://x"},
      {"null", "null"},
      {"512MB", "512MB"},
      {"a = 1", "a = 1"},
      {"x\nb=1", "x\nb=1"},
      {"1\nb=1", 1},
      {"@foo bar", "@foo bar"},
      {"42 # c", 42},
      {"@int 42", 42},
      {"@float 3", 3.0},
      {"@bool yes", true},
      {"@bool off", false},
      {"@str 42", "42"},
      {"@json {\"a\":1}", {{"a", 1}}},
      {"2021-01-01", "2021-01-01"},
  };
  for (const auto& [text, expected] : cases) {
    const TypedValue typed = parse_toml_text(text);
    EXPECT_EQ(typed.value, expected) << text;
    EXPECT_EQ(typed.value.type_name(), expected.type_name()) << text;
    EXPECT_FALSE(typed.is_format) << text;
  }
}

TEST(Typing, TextsOfYamlKeepTheirTypeButKnowConverters) {
  EXPECT_EQ(parse_plain_text("42").value, "42");
  EXPECT_EQ(parse_plain_text("@int 42").value, 42);
  EXPECT_TRUE(parse_plain_text("@format {env[HOME]}").is_format);
  EXPECT_EQ(parse_plain_text("@int @format {env[N]}").cast, "@int");
}

std::string refusal(const std::string& text) {
  try {
    parse_toml_text(text);
    return "";
  } catch (const Error& e) {
    return e.message();
  }
}

TEST(Typing, RefusesWhatItCannotConvertWithoutShowingIt) {
  EXPECT_EQ(refusal("@int hunter2"), "what follows @int is not a whole number");
  EXPECT_EQ(refusal("@int 4.5"), "what follows @int is not a whole number");
  EXPECT_EQ(refusal("@float x"), "what follows @float is not a number");
  EXPECT_EQ(refusal("@bool maybe"), "what follows @bool is neither true nor false");
  EXPECT_EQ(refusal("@json {"), "what follows @json is not JSON");
  EXPECT_EQ(refusal("@merge 5"), "what follows @merge is not a group such as {a = 1}");
  EXPECT_EQ(refusal("@jinja {{ this.x }}"), "Dynaconf's @jinja is not supported");
}

using Format = ConfigFolder;

TEST_F(Format, FillsInVariablesAndSettings) {
  request_.variables["HOME"] = "/home/ada";
  request_.variables["DYNACONF_DATA__RAW__LOCATION"] = "@format {env[HOME]}/raw{{x}}";
  request_.variables["DYNACONF_DATA__CURATED__LOCATION"] = "@format {this.data.raw.location}/../{this.engine.threads}";
  request_.variables["DYNACONF_ENGINE__THREADS"] = "@int @format {env[N]}";
  request_.variables["N"] = "2";
  EXPECT_EQ(loaded().get_string("data.raw.location"), "/home/ada/raw{x}");
  EXPECT_EQ(loaded().path("data.curated.location"), "/home/ada/2");
  EXPECT_EQ(loaded().integer("engine.threads"), 2);
}

TEST_F(Format, SeesTheStrongestLayer) {
  write("app_config.yaml",
        "default:\n  data:\n    raw: {location: '@format {this.data.curated.location}/raw'}\n"
        "    curated: {table: a.b, location: weak}\ndevelopment: {}\n");
  request_.overrides = {{"data.curated.location", "strong", "--set"}};
  EXPECT_EQ(loaded().get_string("data.raw.location"), "strong/raw");
}

TEST_F(Format, NamesTheOriginOfABadTemplate) {
  const auto with = [&](const std::string& text) {
    request_.variables["DYNACONF_DATA__RAW__LOCATION"] = "@format " + text;
    return failure();
  };
  const std::string at = "variable DYNACONF_DATA__RAW__LOCATION: ";
  EXPECT_EQ(with("{env[NOPE]}"),
            at + "the environment has no variable NOPE | Set NOPE, or take it out of the template.");
  EXPECT_EQ(with("{this.data.rwa}"), at + "Key 'data.rwa' not found");
  EXPECT_EQ(with("{this.data.raw.location}"), at + "'data.raw.location' refers to itself");
  EXPECT_EQ(with("{env[HOME"), at + "a '{' of the template is not closed");
  EXPECT_EQ(with("{HOME}"), at + "'{HOME}' means nothing in a template | Use {env[NAME]} or {this.data.raw.location}.");
}

}  // namespace
}  // namespace metl::config
