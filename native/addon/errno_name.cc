// Names errno values, because strerrorname_np exists only since glibc 2.32 and not on macOS.
// Network filesystems and FUSE also return errnos of sockets and remote machines.
#include "addon/errno_name.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include "file/entry_maker.h"
#include "manifest/manifest.h"
#include "manifest/writer.h"
#include "restore/options.h"
#include "scan/sources.h"
#include "store/publish.h"
#include "store/scrub_record.h"
#include "store/store.h"
#include "tree/dir.h"
#include "tree/trusted_path.h"

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
    Named{kDamagedManifestCode, "DAMAGED_MANIFEST"},
    Named{kSourceInStoreCode, "SOURCE_IN_STORE"},
    Named{kSourceTypeCode, "SOURCE_TYPE"},
    Named{kVerifyLockedCode, "VERIFY_LOCKED"},
    Named{kStoreOwnerCode, "STORE_OWNER"},
    Named{kStoreWritableCode, "STORE_WRITABLE"},
    Named{kStoreLinkCode, "STORE_LINK"},
    Named{kNoHardlinksCode, "NO_HARDLINKS"},
    Named{kSymlinksFollowedCode, "SYMLINKS_FOLLOWED"},
    Named{kMountedCode, "MOUNTED"},
    Named{kShortCode, "SHORT"},
    Named{kForeignLinkCode, "FOREIGN_LINK"},
    Named{kExistsCode, "EXISTS"},
    Named{kInStoreCode, "IN_STORE"},
    Named{kDamagedCode, "DAMAGED"},
    Named{kUnreadCode, "UNREAD"},
    Named{ECANCELED, "ABORT_ERR"},
    Named{E2BIG, "E2BIG"},
    Named{EACCES, "EACCES"},
    Named{EADDRINUSE, "EADDRINUSE"},
    Named{EADDRNOTAVAIL, "EADDRNOTAVAIL"},
    Named{EAFNOSUPPORT, "EAFNOSUPPORT"},
    Named{EAGAIN, "EAGAIN"},
    Named{EALREADY, "EALREADY"},
    Named{EBADF, "EBADF"},
    Named{EBADMSG, "EBADMSG"},
    Named{EBUSY, "EBUSY"},
    Named{ECHILD, "ECHILD"},
    Named{ECONNABORTED, "ECONNABORTED"},
    Named{ECONNREFUSED, "ECONNREFUSED"},
    Named{ECONNRESET, "ECONNRESET"},
    Named{EDEADLK, "EDEADLK"},
    Named{EDESTADDRREQ, "EDESTADDRREQ"},
    Named{EDOM, "EDOM"},
    Named{EDQUOT, "EDQUOT"},
    Named{EEXIST, "EEXIST"},
    Named{EFAULT, "EFAULT"},
    Named{EFBIG, "EFBIG"},
    Named{EHOSTDOWN, "EHOSTDOWN"},
    Named{EHOSTUNREACH, "EHOSTUNREACH"},
    Named{EIDRM, "EIDRM"},
    Named{EILSEQ, "EILSEQ"},
    Named{EINPROGRESS, "EINPROGRESS"},
    Named{EINTR, "EINTR"},
    Named{EINVAL, "EINVAL"},
    Named{EIO, "EIO"},
    Named{EISCONN, "EISCONN"},
    Named{EISDIR, "EISDIR"},
    Named{ELOOP, "ELOOP"},
    Named{EMFILE, "EMFILE"},
    Named{EMLINK, "EMLINK"},
    Named{EMSGSIZE, "EMSGSIZE"},
    Named{EMULTIHOP, "EMULTIHOP"},
    Named{ENAMETOOLONG, "ENAMETOOLONG"},
    Named{ENETDOWN, "ENETDOWN"},
    Named{ENETRESET, "ENETRESET"},
    Named{ENETUNREACH, "ENETUNREACH"},
    Named{ENFILE, "ENFILE"},
    Named{ENOBUFS, "ENOBUFS"},
    Named{ENODATA, "ENODATA"},
    Named{ENODEV, "ENODEV"},
    Named{ENOENT, "ENOENT"},
    Named{ENOEXEC, "ENOEXEC"},
    Named{ENOLCK, "ENOLCK"},
    Named{ENOLINK, "ENOLINK"},
    Named{ENOMEM, "ENOMEM"},
    Named{ENOMSG, "ENOMSG"},
    Named{ENOPROTOOPT, "ENOPROTOOPT"},
    Named{ENOSPC, "ENOSPC"},
    Named{ENOSR, "ENOSR"},
    Named{ENOSTR, "ENOSTR"},
    Named{ENOSYS, "ENOSYS"},
    Named{ENOTBLK, "ENOTBLK"},
    Named{ENOTCONN, "ENOTCONN"},
    Named{ENOTDIR, "ENOTDIR"},
    Named{ENOTEMPTY, "ENOTEMPTY"},
    Named{ENOTRECOVERABLE, "ENOTRECOVERABLE"},
    Named{ENOTSOCK, "ENOTSOCK"},
    Named{ENOTSUP, "ENOTSUP"},
    Named{ENOTTY, "ENOTTY"},
    Named{ENXIO, "ENXIO"},
    Named{EOVERFLOW, "EOVERFLOW"},
    Named{EOWNERDEAD, "EOWNERDEAD"},
    Named{EPERM, "EPERM"},
    Named{EPIPE, "EPIPE"},
    Named{EPROTO, "EPROTO"},
    Named{EPROTONOSUPPORT, "EPROTONOSUPPORT"},
    Named{EPROTOTYPE, "EPROTOTYPE"},
    Named{ERANGE, "ERANGE"},
    Named{EREMOTE, "EREMOTE"},
    Named{EROFS, "EROFS"},
    Named{ESHUTDOWN, "ESHUTDOWN"},
    Named{ESPIPE, "ESPIPE"},
    Named{ESRCH, "ESRCH"},
    Named{ESTALE, "ESTALE"},
    Named{ETIME, "ETIME"},
    Named{ETIMEDOUT, "ETIMEDOUT"},
    Named{ETXTBSY, "ETXTBSY"},
    Named{EUSERS, "EUSERS"},
    Named{EXDEV, "EXDEV"},
#ifdef __linux__
    Named{EBADE, "EBADE"},
    Named{EBADFD, "EBADFD"},
    Named{EBADR, "EBADR"},
    Named{ECOMM, "ECOMM"},
    Named{EISNAM, "EISNAM"},
    Named{EKEYEXPIRED, "EKEYEXPIRED"},
    Named{EKEYREJECTED, "EKEYREJECTED"},
    Named{EKEYREVOKED, "EKEYREVOKED"},
    Named{EMEDIUMTYPE, "EMEDIUMTYPE"},
    Named{ENOKEY, "ENOKEY"},
    Named{ENOMEDIUM, "ENOMEDIUM"},
    Named{ENONET, "ENONET"},
    Named{ENOPKG, "ENOPKG"},
    Named{ENOTUNIQ, "ENOTUNIQ"},
    Named{EREMCHG, "EREMCHG"},
    Named{EREMOTEIO, "EREMOTEIO"},
    Named{ERESTART, "ERESTART"},
    Named{EUCLEAN, "EUCLEAN"},
    Named{EUNATCH, "EUNATCH"},
#endif
#ifdef __APPLE__
    Named{EAUTH, "EAUTH"},
    Named{EDEVERR, "EDEVERR"},
    Named{EFTYPE, "EFTYPE"},
    Named{ENEEDAUTH, "ENEEDAUTH"},
    Named{ENOATTR, "ENOATTR"},
#endif
};

// Each folder defines its own codes, so this checks that no two of them are equal.
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

std::string ErrnoName(int code) {
  const auto* found = std::find_if(kNames.begin(), kNames.end(),
                                   [&](const Named& named) { return named.code == code; });
  return found != kNames.end() ? found->name : "errno " + std::to_string(code);
}

}  // namespace cura
