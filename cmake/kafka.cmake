# The client of Kafka: Debian's librdkafka and what it needs, as archives, so that the program runs where none of it is installed. Of Cyrus
# SASL, which is for Kerberos alone and not to be had as an archive, no_kerberos.cpp has what the archive asks for.
find_path(RDKAFKA_INCLUDE librdkafka/rdkafka.h REQUIRED)
set(METL_RDKAFKA_ARCHIVES)
foreach(library rdkafka lz4 ssl crypto z)
  find_library(KAFKA_ARCHIVE_${library} lib${library}.a REQUIRED)
  list(APPEND METL_RDKAFKA_ARCHIVES ${KAFKA_ARCHIVE_${library}})
endforeach()
add_library(metl_no_kerberos STATIC cmake/no_kerberos.cpp)
add_library(metl_rdkafka INTERFACE)
target_link_libraries(metl_rdkafka INTERFACE ${METL_RDKAFKA_ARCHIVES} ${ZSTD_LIBRARY} metl_no_kerberos Threads::Threads dl rt m)
