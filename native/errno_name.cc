// glibc names errnos only since 2.32, and macOS does not, so the usual ones stand here.
#include "errno_name.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include "dir.h"
#include "manifest.h"
#include "publish.h"
#include "sources.h"
#include "store.h"

namespace cura {

namespace {

struct Named {
  int code;
  const char* name;
};

constexpr std::array kNames = {
    Named{kChangedCode, "CHANGED"},
    Named{kNotStoredCode, "NOT_STORED"},
    Named{kTwiceCode, "LISTED_TWICE"},
    Named{kUnfinishedCode, "UNFINISHED"},
    Named{kSourceInStoreCode, "SOURCE_IN_STORE"},
    Named{kSourceTypeCode, "SOURCE_TYPE"},
    Named{kStoreOwnerCode, "STORE_OWNER"},
    Named{kStoreWritableCode, "STORE_WRITABLE"},
    Named{kStoreLinkCode, "STORE_LINK"},
    Named{kNoHardlinksCode, "NO_HARDLINKS"},
    Named{kMountedCode, "MOUNTED"},
    Named{ECANCELED, "ABORT_ERR"},
    Named{E2BIG, "E2BIG"},
    Named{EACCES, "EACCES"},
    Named{EAGAIN, "EAGAIN"},
    Named{EBADF, "EBADF"},
    Named{EBUSY, "EBUSY"},
    Named{EDQUOT, "EDQUOT"},
    Named{EEXIST, "EEXIST"},
    Named{EFBIG, "EFBIG"},
    Named{EILSEQ, "EILSEQ"},
    Named{EINTR, "EINTR"},
    Named{EINVAL, "EINVAL"},
    Named{EIO, "EIO"},
    Named{EISDIR, "EISDIR"},
    Named{ELOOP, "ELOOP"},
    Named{EMFILE, "EMFILE"},
    Named{EMLINK, "EMLINK"},
    Named{ENAMETOOLONG, "ENAMETOOLONG"},
    Named{ENFILE, "ENFILE"},
    Named{ENODEV, "ENODEV"},
    Named{ENOENT, "ENOENT"},
    Named{ENOLCK, "ENOLCK"},
    Named{ENOMEM, "ENOMEM"},
    Named{ENOSPC, "ENOSPC"},
    Named{ENOSYS, "ENOSYS"},
    Named{ENOTDIR, "ENOTDIR"},
    Named{ENOTEMPTY, "ENOTEMPTY"},
    Named{ENOTSUP, "ENOTSUP"},
    Named{ENXIO, "ENXIO"},
    Named{EOVERFLOW, "EOVERFLOW"},
    Named{EPERM, "EPERM"},
    Named{EROFS, "EROFS"},
    Named{ESTALE, "ESTALE"},
    Named{ETIMEDOUT, "ETIMEDOUT"},
    Named{ETXTBSY, "ETXTBSY"},
    Named{EXDEV, "EXDEV"},
};

// Each room gives out its own codes by itself.
constexpr bool AreDistinct() {
  for (size_t a = 0; a < kNames.size(); ++a) {
    for (size_t b = 0; b < a; ++b) {
      if (kNames[a].code == kNames[b].code) return false;
    }
  }
  return true;
}
static_assert(AreDistinct());

}  // namespace

const char* ErrnoName(int code) {
  const auto* found = std::find_if(kNames.begin(), kNames.end(),
                                   [&](const Named& named) { return named.code == code; });
  return found != kNames.end() ? found->name : "ERRNO";
}

}  // namespace cura
