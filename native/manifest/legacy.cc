// Parses head, blocks, offsets of all blocks and footer. Each block is one stream.
#include "manifest/legacy.h"

#include "manifest/checksum.h"
#include "manifest/writer.h"

namespace cura {

namespace {

constexpr size_t kOffsetSize = 8;
constexpr int kNewestVersion = 3;

// The footer has the number of directories, the number of entries, the offset of the index, and
// since version 3 the stamp's inode and volume (8 bytes each), then CRC (4 bytes) and tail mark.
constexpr size_t FooterSize(int version) {
  return (version >= 3 ? 5 : 3) * kOffsetSize + 4 + kManifestTail.size();
}

struct Frame {
  int version = 0;
  std::string_view blocks;  // from the start of the file to the index
  std::string_view index;
  std::uint64_t directories = 0;
  std::uint64_t entries = 0;
};

std::string ReadCounts(std::string_view bytes, Frame* frame) {
  const size_t footer = bytes.size() - FooterSize(frame->version);
  frame->directories = ReadFixed(bytes, footer, kOffsetSize);
  frame->entries = ReadFixed(bytes, footer + kOffsetSize, kOffsetSize);
  const std::uint64_t index = ReadFixed(bytes, footer + 2 * kOffsetSize, kOffsetSize);
  const bool fits = index >= kManifestHead.size() && index <= footer && frame->directories > 0 &&
                    frame->directories < kNoDir &&
                    (footer - index) / kOffsetSize == frame->directories &&
                    (footer - index) % kOffsetSize == 0;
  if (!fits) return "its index is wrong";
  frame->blocks = bytes.substr(0, index);
  frame->index = bytes.substr(index, footer - index);
  constexpr size_t kSmallestEntry = 8;
  const bool is_possible = frame->entries <= frame->blocks.size() / kSmallestEntry;
  return is_possible ? "" : "its count of entries is wrong";
}

std::string ReadFrame(std::string_view bytes, Frame* frame, Legacy* legacy) {
  frame->version = static_cast<unsigned char>(bytes[kManifestHead.size() - 1]);
  if (frame->version < 1 || frame->version > kNewestVersion) {
    return "its version " + std::to_string(frame->version) + " is not known here";
  }
  const size_t footer_size = FooterSize(frame->version);
  if (bytes.size() < kManifestHead.size() + footer_size) return "it is cut short";
  const std::string_view tail = bytes.substr(bytes.size() - kManifestTail.size());
  const bool has_tail = HasMark(tail, kManifestTail) && tail.back() == frame->version;
  if (!has_tail) return "it is cut short";
  const size_t crc_at = bytes.size() - kManifestTail.size() - 4;
  legacy->checksum = static_cast<std::uint32_t>(ReadFixed(bytes, crc_at, 4));
  if (legacy->checksum != Crc32c(bytes.substr(0, crc_at))) return "its checksum is wrong";
  legacy->is_stamped = frame->version >= 3;
  if (legacy->is_stamped) {
    const size_t stamp_at = bytes.size() - footer_size + 3 * kOffsetSize;
    legacy->stamp.ino = ReadFixed(bytes, stamp_at, kOffsetSize);
    legacy->stamp.volume = ReadFixed(bytes, stamp_at + kOffsetSize, kOffsetSize);
  }
  return ReadCounts(bytes, frame);
}

std::string Rewrite(const Frame& frame, std::string* out) {
  ManifestWriter writer;
  std::uint64_t entries = 0;
  for (DirId id = 0; id < frame.directories; ++id) {
    const std::uint64_t offset = ReadFixed(frame.index, size_t{id} * kOffsetSize, kOffsetSize);
    const bool is_inside = offset >= kManifestHead.size() && offset < frame.blocks.size();
    if (!is_inside) return "its index is wrong";
    BlockReader block(frame.blocks.substr(offset), frame.version);
    DirectoryWriter directory(block.head());
    for (Entry entry; block.Next(&entry);) {
      // Overlapping blocks could turn a small file into a quadratic number of entries.
      if (++entries > frame.entries) return "its count of entries is wrong";
      directory.Add(entry);
    }
    if (block.malformed()) return "an entry is malformed";
    (void)writer.Add(id, directory.Take());  // writing to memory cannot fail
  }
  if (entries != frame.entries) return "its count of entries is wrong";
  (void)writer.Finish(static_cast<DirId>(frame.directories));
  *out = writer.Take();
  return {};
}

}  // namespace

std::variant<Legacy, std::string> ConvertLegacy(std::string_view bytes) {
  Frame frame;
  Legacy legacy;
  std::string why = ReadFrame(bytes, &frame, &legacy);
  if (why.empty()) why = Rewrite(frame, &legacy.bytes);
  if (!why.empty()) return why;
  return legacy;
}

}  // namespace cura
