# Spark Connect: the C++ of the protocol, generated from src/engine/spark/connect.proto, and gRPC as archives, so that the program
# runs where no gRPC is installed.
find_package(PkgConfig REQUIRED)
pkg_check_modules(GRPC REQUIRED grpc++ protobuf)
find_program(PROTOC protoc REQUIRED)
find_program(GRPC_CPP_PLUGIN grpc_cpp_plugin REQUIRED)

set(METL_GRPC_ARCHIVES)
foreach(library ${GRPC_STATIC_LIBRARIES})
  if(library MATCHES "^(dl|pthread|rt|m|atomic)$")
    continue()
  endif()
  find_library(ARCHIVE_${library} lib${library}.a REQUIRED)
  list(APPEND METL_GRPC_ARCHIVES ${ARCHIVE_${library}})
endforeach()
list(REMOVE_DUPLICATES METL_GRPC_ARCHIVES)

set(METL_PROTOCOL_DIR ${CMAKE_BINARY_DIR}/spark)
set(METL_PROTOCOL_SOURCES ${METL_PROTOCOL_DIR}/connect.pb.cc ${METL_PROTOCOL_DIR}/connect.grpc.pb.cc)
add_custom_command(
  OUTPUT ${METL_PROTOCOL_SOURCES} ${METL_PROTOCOL_DIR}/connect.pb.h ${METL_PROTOCOL_DIR}/connect.grpc.pb.h
  COMMAND ${CMAKE_COMMAND} -E make_directory ${METL_PROTOCOL_DIR}
  COMMAND ${PROTOC} -I ${CMAKE_SOURCE_DIR}/src/engine/spark --cpp_out ${METL_PROTOCOL_DIR} --grpc_out ${METL_PROTOCOL_DIR}
          --plugin=protoc-gen-grpc=${GRPC_CPP_PLUGIN} connect.proto
  DEPENDS src/engine/spark/connect.proto VERBATIM)
add_library(metl_spark_protocol STATIC ${METL_PROTOCOL_SOURCES})
target_compile_options(metl_spark_protocol PRIVATE -w)  # not our code
target_include_directories(metl_spark_protocol SYSTEM PUBLIC ${METL_PROTOCOL_DIR})
target_link_libraries(metl_spark_protocol PUBLIC -Wl,--start-group ${METL_GRPC_ARCHIVES} -Wl,--end-group Threads::Threads dl rt m)
