// Where something stands in a checks file.
#pragma once

#include "base/error.h"

namespace metl::quality {

using Location = Place;
using metl::to_text;

}  // namespace metl::quality
