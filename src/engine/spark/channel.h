// The connection to a server: TLS, sizes, how soon it is opened again.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>

#include "engine/spark/remote.h"

namespace metl::engine {

// Connects when first used. Throws Error{kConfiguration} for a file of certificates that cannot be read.
std::shared_ptr<grpc::Channel> open_channel(const Remote& remote);

}  // namespace metl::engine
