// Where files lie: a local path, or a place in an object store, "s3://bucket/key". A location's key stands as it is,
// never URL-encoded, and no location ends in a slash, so "<location>/<name>" is what lies in it.
#pragma once

#include <string>
#include <string_view>

namespace metl {

// Whether a location names a place in an object store.
bool is_remote(std::string_view location);

// "s3" of "s3://bucket/key"; empty for a local path.
std::string scheme_of(std::string_view location);

// Throws Error{kConfiguration} for a location that was never filled in ("${LAKE}/raw", "{{ lake }}", "%LAKE%",
// "<bucket>", "~/lake"), that another program would read otherwise (file:/lake, hdfs:/lake, C:\lake), that no store of
// ours has, in which a second URL stands, and for a URL without a bucket. As it was given, before it is made absolute:
// a relative path takes all of these in. `what` names the setting or flag.
void require_known_location(std::string_view what, std::string_view location);

}  // namespace metl
