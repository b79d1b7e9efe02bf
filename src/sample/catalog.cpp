#include "sample/catalog.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "base/text.h"
#include "sql/names.h"

namespace metl::sample {
namespace {

using Words = std::vector<std::string>;

// A title is a word of `first`, the separator and a word of `second`.
struct Language {
  std::string code;
  int share;  // of 1000 movies
  std::string separator;
  Words first;
  Words second;
};

const std::vector<Language>& languages() {
  static const std::vector<Language> kAll = {
      {"en",
       740,
       " ",
       {"The Last",
        "The Silent",
        "The Long",
        "The Hidden",
        "The Broken",
        "The Golden",
        "The Lost",
        "The Big",
        "The Quiet",
        "The First",
        "The Second",
        "The Burning",
        "The Crooked",
        "The Perfect",
        "The Invisible",
        "The Wild",
        "A Brief",
        "A Distant",
        "A Cold",
        "A Perfect",
        "A Foreign",
        "A Simple",
        "One More",
        "My Own",
        "Our",
        "Another",
        "No",
        "Dark",
        "Bright",
        "Midnight",
        "Crimson",
        "Electric",
        "Paper",
        "Iron",
        "Glass",
        "Wooden",
        "Hollow",
        "Dead",
        "Eternal",
        "Sudden",
        "Return of the",
        "Night of the",
        "Children of the",
        "Beyond the",
        "Under the",
        "Escape from the",
        "Behind the",
        "Letters from the"},
       {"River",     "Mountain", "Station", "Garden",     "Harbour", "Winter",    "Summer",   "Highway", "Stranger",
        "Detective", "Soldier",  "Dancer",  "Captain",    "Widow",   "Brother",   "Daughter", "Witness", "Teacher",
        "Gambler",   "Thief",    "Kingdom", "Empire",     "City",    "Village",   "Island",   "Desert",  "Forest",
        "Ocean",     "Moon",     "Sun",     "Storm",      "Shadow",  "Mirror",    "Letter",   "Promise", "Secret",
        "Memory",    "Dream",    "Affair",  "Wedding",    "Funeral", "Holiday",   "Trial",    "Verdict", "Robbery",
        "Chase",     "Game",     "Match",   "Song",       "Waltz",   "Machine",   "Robot",    "Planet",  "Comet",
        "Signal",    "Code",     "Engine",  "Lighthouse", "Orchard", "Neighbour", "Heart",    "Day",     "Hour",
        "Mile",      "Train",    "Bridge",  "Tower",      "Hotel",   "Café",      "Circus"}},
      {"fr",
       80,
       " ",
       {"L'été", "La rivière", "Le garçon", "Les enfants", "Un amour", "La nuit", "Le château", "Une femme", "Le dîner",
        "La forêt", "Le voleur", "Les années", "La fête", "Le père", "Une journée", "L'hôtel"},
       {"perdu", "à Marseille", "sans fin", "de l'hiver", "du silence", "d'Amélie", "sous la pluie", "des étrangers",
        "rêvé", "au bord de la mer", "de Noël", "en liberté", "interdit", "de papier", "oublié", "à deux"}},
      {"de",
       60,
       " ",
       {"Der Himmel", "Das Mädchen", "Die Brücke", "Der König", "Das Glück", "Die Straße", "Ein Sommer",
        "Der Schlüssel", "Die Bücher", "Das Haus", "Der Jäger", "Eine Nacht", "Die Wölfe", "Der Fluß", "Das Gedächtnis",
        "Die Stille"},
       {"über Köln", "der Wünsche", "im Nebel", "am Ende", "der anderen", "ohne Türen", "für immer", "in München",
        "der Brüder", "des Südens", "von gestern", "zu zweit", "der Träume", "aus Papier", "und die Zeit",
        "hinter Glas"}},
      {"ja",
       25,
       "",
       {"夜の", "東京の", "最後の", "青い", "静かな", "雪の", "夏の", "遠い", "黒い", "海辺の"},
       {"物語", "約束", "駅", "少年", "花", "記憶", "侍", "天使", "迷宮", "手紙"}},
      {"es",
       25,
       " ",
       {"El corazón", "La canción", "El niño", "La montaña", "Los años", "El último tren", "La mañana", "El jardín",
        "Mi país", "La habitación"},
       {"del otoño", "sin nombre", "de mamá", "en España", "perdido", "de los pájaros", "del río", "y la lluvia",
        "de cartón", "imposible"}},
      {"it",
       20,
       " ",
       {"La città", "Il cielo", "La felicità", "Il ladro", "La notte", "Il giardino", "L'amico", "La strada"},
       {"di ieri", "e il mare", "perché no", "senza età", "di Roma", "della libertà", "più lontano", "di carta"}},
      {"ru",
       15,
       " ",
       {"Белый", "Последний", "Зимний", "Тихий", "Дальний", "Старый"},
       {"поезд", "город", "вечер", "берег", "солдат", "вокзал"}},
      {"hi", 10, " ", {"मेरा", "पुराना", "आख़िरी", "नया"}, {"शहर", "सपना", "घर", "रास्ता"}},
      {"zh", 10, "", {"春天的", "大", "小", "最后的", "红色"}, {"故事", "城市", "月亮", "英雄", "火车"}},
      {"ko", 8, " ", {"마지막", "하얀", "조용한", "겨울"}, {"기차", "바다", "편지", "도시"}},
      {"da", 7, " ", {"Den lille", "Kærlighed på", "Brødre i", "Efterår i"}, {"ø", "København", "Århus", "mørket"}},
  };
  return kAll;
}

struct Genre {
  const char* name;
  int id;
  int share;  // of 100 movies, as first genre
};

// Identifiers, names and shares of The Movie Database.
constexpr Genre kGenres[] = {
    {"Drama", 18, 25},     {"Comedy", 35, 16},  {"Thriller", 53, 8},    {"Action", 28, 10},
    {"Romance", 10749, 5}, {"Crime", 80, 6},    {"Adventure", 12, 6},   {"Science Fiction", 878, 3},
    {"Mystery", 9648, 2},  {"Horror", 27, 5},   {"Fantasy", 14, 2},     {"Family", 10751, 2},
    {"History", 36, 1},    {"Music", 10402, 1}, {"Documentary", 99, 3}, {"Western", 37, 1},
    {"Animation", 16, 2},  {"War", 10752, 1},   {"Foreign", 10769, 1},
};
constexpr int kGenreCount = static_cast<int>(std::size(kGenres));
// Steps from one genre of a movie to its next. Every step below a prime count reaches all genres before one repeats.
static_assert(kGenreCount == 19);

// popularity(), here and in SQL: max(1, kHead / (rank + kShift) - kTail).
constexpr int64_t kHead = 40'000;
constexpr int64_t kShift = 60;
constexpr int64_t kTail = 4;

std::string list(const Words& words) {
  Words quoted;
  std::transform(words.begin(), words.end(), std::back_inserter(quoted), sql::literal);
  return fmt::format("[{}]", fmt::join(quoted, ", "));
}

std::string languages_list() {
  std::vector<std::string> entries;
  for (const Language& language : languages()) {
    entries.push_back(fmt::format("{{'code': {}, 'separator': {}, 'first': {}, 'second': {}}}",
                                  sql::literal(language.code), sql::literal(language.separator), list(language.first),
                                  list(language.second)));
  }
  return fmt::format("[{}]", fmt::join(entries, ",\n"));
}

// A CASE over `number` that yields 0, 1, 2... with the given shares; the last takes the rest.
std::string index_by_share(const std::string& number, const std::vector<int>& shares) {
  std::string sql = "CASE";
  int below = 0;
  for (size_t i = 0; i + 1 < shares.size(); ++i) {
    below += shares[i];
    sql += fmt::format(" WHEN {} < {} THEN {}", number, below, i);
  }
  return sql + fmt::format(" ELSE {} END", shares.size() - 1);
}

std::string language_index() {
  std::vector<int> shares;
  for (const Language& language : languages()) shares.push_back(language.share);
  return index_by_share(hash_sql("rank", 1009, 1000), shares);
}

std::string first_genre() {
  std::vector<int> shares;
  for (const Genre& genre : kGenres) shares.push_back(genre.share);
  return index_by_share(hash_sql("rank", 2003, 100), shares);
}

std::string genres_list() {
  std::vector<std::string> entries;
  for (const Genre& genre : kGenres) {
    entries.push_back(fmt::format("{{'id': {}::BIGINT, 'name': {}}}", genre.id, sql::literal(genre.name)));
  }
  return fmt::format("[{}]", fmt::join(entries, ", "));
}

}  // namespace

int64_t popularity(int64_t rank) { return std::max<int64_t>(1, kHead / (rank + kShift) - kTail); }

std::string hash_sql(const std::string& argument, int64_t key, int64_t range) {
  return fmt::format("((({}) * 1664525 + {}) % 2147483647 // 64 * 1103515245 % 2147483629 // 16 % {})", argument, key,
                     range);
}

std::string movies_select() {
  // 19 in 20 movies have one to five genres; a few have an empty list, a few none at all.
  const std::string genre_count = index_by_share(hash_sql("rank", 3001, 100), {1, 20, 32, 31, 11, 5});
  return fmt::format(
      R"(SELECT rank, slots, quality,
  2 + (rank * 5987 + 41) % {movies} * 17 + {spread} AS movie_id,
  language.first[1 + {word} % len(language.first)] || language.separator
    || language.second[1 + {second_word} % len(language.second)] || coalesce([' II', ' 3', ': Part 2'][1 + {sequel}], '') AS original_title,
  language.code AS original_language,
  CASE WHEN {has_budget} < 9 THEN 0 WHEN {has_budget} < 14 THEN (1 + {budget}) * 250000
       ELSE (1 + {budget}) * 1000000 END AS budget,
  {adult} = 0 AS adult,
  CASE WHEN {no_genres} = 0 THEN NULL
       ELSE list_transform(range(genre_count), lambda i: ({genres})[1 + (first_genre + i * genre_step) % {genre_kinds}])
  END AS genres
FROM (SELECT range AS rank, greatest(1, {head} // (range + {shift}) - {tail}) AS slots, {quality} - 10 AS quality,
        ({languages})[1 + {language_index}] AS language,
        {genre_count} AS genre_count, {first_genre} AS first_genre, 1 + {genre_step} AS genre_step
      FROM (SELECT range, range AS rank FROM range({movies}))))",
      fmt::arg("movies", kMovies), fmt::arg("head", kHead), fmt::arg("shift", kShift), fmt::arg("tail", kTail),
      fmt::arg("spread", hash_sql("rank", 4001, 17)), fmt::arg("word", hash_sql("rank", 5003, 1 << 20)),
      fmt::arg("second_word", hash_sql("rank", 6007, 1 << 20)), fmt::arg("sequel", hash_sql("rank", 7001, 40)),
      fmt::arg("has_budget", hash_sql("rank", 8009, 20)), fmt::arg("budget", hash_sql("rank", 9001, 150)),
      fmt::arg("adult", hash_sql("rank", 10007, 300)), fmt::arg("no_genres", hash_sql("rank", 11003, 80)),
      fmt::arg("genres", genres_list()), fmt::arg("genre_kinds", kGenreCount),
      fmt::arg("quality", hash_sql("range", 12007, 21)), fmt::arg("languages", languages_list()),
      fmt::arg("language_index", language_index()), fmt::arg("genre_count", genre_count),
      fmt::arg("first_genre", first_genre()), fmt::arg("genre_step", hash_sql("rank", 13001, kGenreCount - 1)));
}

}  // namespace metl::sample
