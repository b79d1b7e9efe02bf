// What the process is to be like before anything else happens in it.
#pragma once

namespace metl::cli {

// Opens what is closed of descriptors 0 to 2 on /dev/null: else the next file opened there, of data or of the log,
// would get what is printed. Makes writes to a closed pipe and beyond a file size limit fail instead of killing. Keeps
// Rust from adding its stack traces to errors. Before any thread.
void prepare_process() noexcept;

}  // namespace metl::cli
