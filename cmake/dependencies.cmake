# Every library the program is made of, as one INTERFACE target each, so that a layer's link line names what it may include.
find_package(yaml-cpp REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(CLI11 REQUIRED)
find_path(TOMLPLUSPLUS_INCLUDE toml++/toml.h REQUIRED)
find_path(FMT_INCLUDE fmt/format.h REQUIRED)
find_path(SPDLOG_INCLUDE spdlog/spdlog.h REQUIRED)
find_package(Threads REQUIRED)

# fmt compiled here, spdlog header-only, the YAML libraries as archives: nothing of them to ship beside the binary.
add_library(metl_fmt STATIC cmake/fmt.cpp)
add_library(metl_spdlog INTERFACE)
target_compile_definitions(metl_spdlog INTERFACE SPDLOG_FMT_EXTERNAL)
target_link_libraries(metl_spdlog INTERFACE metl_fmt Threads::Threads)
add_library(metl_json INTERFACE)
target_link_libraries(metl_json INTERFACE nlohmann_json::nlohmann_json)
# libyaml reads, yaml-cpp only writes (base/yaml.h says why).
find_path(LIBYAML_INCLUDE yaml.h REQUIRED)
find_library(LIBYAML_ARCHIVE libyaml.a REQUIRED)
find_library(YAML_CPP_ARCHIVE libyaml-cpp.a REQUIRED)
add_library(metl_yaml INTERFACE)
target_link_libraries(metl_yaml INTERFACE ${LIBYAML_ARCHIVE})
add_library(metl_yaml_writer INTERFACE)
target_link_libraries(metl_yaml_writer INTERFACE ${YAML_CPP_ARCHIVE})
add_library(metl_toml INTERFACE)
add_library(metl_cli11 INTERFACE)
target_link_libraries(metl_cli11 INTERFACE CLI11::CLI11)

# DuckDB: the shared library and header that scripts/setup.sh put into the cache, or a user's own through DUCKDB_ROOT.
if(DEFINED ENV{MOVIES_ETL_CACHE})
  set(METL_CACHE $ENV{MOVIES_ETL_CACHE})
elseif(DEFINED ENV{XDG_CACHE_HOME})
  set(METL_CACHE $ENV{XDG_CACHE_HOME}/movies-etl)
else()
  set(METL_CACHE $ENV{HOME}/.cache/movies-etl)
endif()
find_path(DUCKDB_INCLUDE duckdb.h HINTS ENV DUCKDB_ROOT ${METL_CACHE}/duckdb-1.5.5 PATH_SUFFIXES include REQUIRED)
find_library(DUCKDB_LIBRARY libduckdb.so HINTS ENV DUCKDB_ROOT ${METL_CACHE}/duckdb-1.5.5 PATH_SUFFIXES lib REQUIRED)
get_filename_component(METL_DUCKDB_FOLDER ${DUCKDB_LIBRARY} DIRECTORY)
add_library(metl_duckdb SHARED IMPORTED)
set_target_properties(metl_duckdb PROPERTIES IMPORTED_LOCATION ${DUCKDB_LIBRARY} IMPORTED_NO_SONAME ON
                      INTERFACE_INCLUDE_DIRECTORIES ${DUCKDB_INCLUDE})

# The Rust bridge. cargo decides itself whether anything is to be done; its output is copied only when it changed, so that an
# unchanged bridge relinks nothing. The target folder lies in the user's cache: a fresh clone does not compile 320 crates again.
set(METL_CARGO_PROFILE dev CACHE STRING "cargo profile of the bridge: dev or release")
set(METL_CARGO_TARGET ${METL_CACHE}/cargo)
set(METL_BRIDGE_DIR ${CMAKE_BINARY_DIR}/bridge)
file(GLOB METL_BRIDGE_SOURCES CONFIGURE_DEPENDS bridge/src/*.rs bridge/src/*/*.rs bridge/idl/*.thrift)
add_custom_command(
  OUTPUT ${METL_BRIDGE_DIR}/libmovies_etl_bridge.a
  BYPRODUCTS ${METL_BRIDGE_DIR}/include/rust/cxx.h
  COMMAND ${CMAKE_SOURCE_DIR}/scripts/build-bridge.sh ${METL_CARGO_TARGET} ${METL_CARGO_PROFILE} ${METL_BRIDGE_DIR}
  DEPENDS ${METL_BRIDGE_SOURCES} bridge/Cargo.toml bridge/Cargo.lock bridge/build.rs scripts/build-bridge.sh
  COMMENT "Building the Rust bridge (the first time about 4 minutes, then seconds)" USES_TERMINAL VERBATIM)
add_custom_target(metl_bridge_build DEPENDS ${METL_BRIDGE_DIR}/libmovies_etl_bridge.a)
add_library(metl_bridge INTERFACE)
add_dependencies(metl_bridge metl_bridge_build)
target_include_directories(metl_bridge SYSTEM INTERFACE ${METL_BRIDGE_DIR}/include)
find_library(ZSTD_LIBRARY libzstd.a REQUIRED)
target_link_libraries(metl_bridge INTERFACE ${METL_BRIDGE_DIR}/libmovies_etl_bridge.a ${ZSTD_LIBRARY} Threads::Threads dl m)
