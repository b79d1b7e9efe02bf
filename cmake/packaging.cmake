# What ships, and as what: a relocatable tar.gz and a Debian package. `make package` builds both.
include(GNUInstallDirs)
set(METL_DOCS ${CMAKE_BINARY_DIR}/generated)
add_custom_command(
  OUTPUT ${METL_DOCS}/movies-etl.1
  COMMAND ${CMAKE_COMMAND} -E make_directory ${METL_DOCS}
  COMMAND movies-etl completions bash > ${METL_DOCS}/movies-etl.bash
  COMMAND movies-etl completions zsh > ${METL_DOCS}/_movies-etl
  COMMAND movies-etl completions fish > ${METL_DOCS}/movies-etl.fish
  COMMAND movies-etl manual > ${METL_DOCS}/movies-etl.1
  DEPENDS movies-etl VERBATIM)
add_custom_target(metl_docs DEPENDS ${METL_DOCS}/movies-etl.1)

# The same program, which finds its library beside itself wherever it is unpacked.
add_executable(metl_packaged EXCLUDE_FROM_ALL src/main.cpp)
target_link_libraries(metl_packaged PRIVATE metl_cli)
set_target_properties(metl_packaged PROPERTIES OUTPUT_NAME movies-etl RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/packaged
                      BUILD_WITH_INSTALL_RPATH ON INSTALL_RPATH "$ORIGIN/../lib/movies-etl")
install(TARGETS metl_packaged RUNTIME DESTINATION bin)
# DuckDB's extensions for object storage are looked for beside its library.
install(FILES ${DUCKDB_LIBRARY} ${METL_DUCKDB_FOLDER}/httpfs.duckdb_extension ${METL_DUCKDB_FOLDER}/azure.duckdb_extension
        DESTINATION lib/movies-etl)
install(DIRECTORY pipelines data-lake-raw-dev DESTINATION share/movies-etl)
install(FILES app_config.yaml DESTINATION share/movies-etl)
# The licences of all that the program contains, and its bill of materials: scripts/package.sh lays them there.
install(FILES README.md LICENSE ${METL_DOCS}/THIRD-PARTY-LICENCES ${METL_DOCS}/movies-etl.cdx.json DESTINATION share/doc/movies-etl)
install(FILES ${METL_DOCS}/movies-etl.1 DESTINATION share/man/man1)
install(FILES ${METL_DOCS}/movies-etl.bash DESTINATION share/bash-completion/completions RENAME movies-etl)
install(FILES ${METL_DOCS}/_movies-etl DESTINATION share/zsh/vendor-completions)
install(FILES ${METL_DOCS}/movies-etl.fish DESTINATION share/fish/vendor_completions.d)

set(CPACK_GENERATOR TGZ DEB)
set(CPACK_PACKAGE_NAME movies-etl)
set(CPACK_PACKAGE_CONTACT "the movies-etl maintainers")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Lakehouse ETL for movie ratings: checked, atomic Delta partitions")
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_SOURCE_DIR}/dist)
set(CPACK_PACKAGE_FILE_NAME movies-etl-${PROJECT_VERSION}-linux-x86_64)
set(CPACK_STRIP_FILES TRUE)
# Without public authorities no object store can be trusted.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libc6 (>= 2.36), ca-certificates")
set(CPACK_DEBIAN_PACKAGE_SECTION database)
include(CPack)
