// A profile of the AWS tools' files, ~/.aws/credentials and ~/.aws/config.
#pragma once

#include <map>
#include <string>

namespace metl::storage {

// The entries of `profile` in both files, those of the credentials file first. `variables` may move the files
// (AWS_SHARED_CREDENTIALS_FILE, AWS_CONFIG_FILE). Empty when neither file has the profile.
std::map<std::string, std::string> read_aws_profile(const std::string& profile,
                                                    const std::map<std::string, std::string>& variables);

}  // namespace metl::storage
