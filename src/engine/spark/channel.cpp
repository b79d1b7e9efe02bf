#include "engine/spark/channel.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/error.h"
#include "base/text.h"

namespace metl::engine {
namespace {

constexpr int kMaxMessage = 128 << 20;  // bytes: Spark's own default

std::shared_ptr<grpc::ChannelCredentials> credentials_of(const Remote& remote) {
  if (!remote.use_ssl) return grpc::InsecureChannelCredentials();
  std::string file = remote.ca_file;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing in this program writes to the environment
  if (file.empty() && std::getenv("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH") == nullptr) {
    // Where Debian's gRPC would look is compiled into it and need not exist where this program runs.
    file = "/etc/ssl/certs/ca-certificates.crt";
  }
  std::ifstream in(file, std::ios::binary);
  std::ostringstream pem;
  if (in) pem << in.rdbuf();
  if (!remote.ca_file.empty() && pem.str().empty()) {
    throw Error(Cause::kConfiguration, fmt::format("engine.spark.ca_file: {} cannot be read", remote.ca_file));
  }
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = pem.str();
  return grpc::SslCredentials(options);
}

}  // namespace

std::shared_ptr<grpc::Channel> open_channel(const Remote& remote) {
  const int most = remote.max_message_bytes > 0 ? remote.max_message_bytes : kMaxMessage;
  grpc::ChannelArguments arguments;
  arguments.SetUserAgentPrefix(remote.user_agent);
  arguments.SetMaxReceiveMessageSize(most);
  arguments.SetMaxSendMessageSize(most);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2000);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 1000);
  return grpc::CreateCustomChannel(remote.address(), credentials_of(remote), arguments);
}

}  // namespace metl::engine
