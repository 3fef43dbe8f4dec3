// Finds an entry of one record in another one, wherever it is there.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "query/entry_list.h"
#include "tree/job_context.h"

namespace cura {

// The entries of `record` below the directory `top` that are the same file or directory as
// `wanted`: a file by its stored inode, or by digest and mtime if a stored inode is unknown; a
// directory by its inode in the source. At most `limit`.
Result<std::vector<ListedEntry>> FindSame(std::shared_ptr<const Manifest> record,
                                          const std::string& top, const Entry& wanted,
                                          const JobContext& job);

}  // namespace cura
