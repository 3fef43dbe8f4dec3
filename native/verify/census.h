// Collects the inodes of all verified snapshots, each once, with a place where it can be read.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace cura {

struct CensusInode {
  std::uint64_t facts = 0;  // a hash of what the record says
  std::uint64_t key = 0;    // see ScrubKey
  std::uint64_t size = 0;
  std::uint32_t place = 0;  // the number of a directory that has a name of it
  bool is_file = false;
  bool has_digest = false;
  bool has_own_number = false;  // a record in place has its actual inode number
  bool is_in_doubt = false;     // read it in any case
};

// A directory that has names of inodes.
struct CensusPlace {
  std::uint32_t snapshot = 0;
  std::string path;
};

// Threads share it.
class Census {
 public:
  // Whether the inode was met with the same facts.
  [[nodiscard]] bool Has(std::uint64_t ino, std::uint64_t facts);
  // Adds an inode that is as recorded. Keeps the first place.
  void Add(std::uint64_t ino, const CensusInode& inode);
  std::uint32_t AddPlace(CensusPlace place);

  [[nodiscard]] const CensusInode* Find(std::uint64_t ino) const;
  [[nodiscard]] const std::vector<CensusPlace>& places() const { return places_; }
  // Calls `visit(ino, inode)` for each. Not while inodes are added.
  template <typename Visit>
  void ForEach(const Visit& visit) const {
    for (const Shard& shard : shards_) {
      for (const auto& [ino, inode] : shard.inodes) visit(ino, inode);
    }
  }

 private:
  static constexpr size_t kShards = 64;
  struct Shard {
    std::mutex mutex;
    std::unordered_map<std::uint64_t, CensusInode> inodes;
  };
  [[nodiscard]] const Shard& ShardOf(std::uint64_t ino) const {
    return shards_[(ino * 0x9E3779B97F4A7C15U >> 32U) % kShards];
  }
  Shard& ShardOf(std::uint64_t ino) {
    return shards_[(ino * 0x9E3779B97F4A7C15U >> 32U) % kShards];
  }

  std::array<Shard, kShards> shards_;
  std::mutex mutex_;  // guards the places
  std::vector<CensusPlace> places_;
};

inline bool Census::Has(std::uint64_t ino, std::uint64_t facts) {
  Shard& shard = ShardOf(ino);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.inodes.find(ino);
  return found != shard.inodes.end() && found->second.facts == facts;
}

inline void Census::Add(std::uint64_t ino, const CensusInode& inode) {
  Shard& shard = ShardOf(ino);
  const std::lock_guard lock(shard.mutex);
  const auto [found, is_first] = shard.inodes.emplace(ino, inode);
  if (is_first) return;
  CensusInode& known = found->second;
  known.has_own_number = known.has_own_number || inode.has_own_number;
  if (known.has_digest || !inode.has_digest) return;
  // A record with a digest knows more than one without.
  known.facts = inode.facts;
  known.key = inode.key;
  known.has_digest = true;
}

inline std::uint32_t Census::AddPlace(CensusPlace place) {
  const std::lock_guard lock(mutex_);
  places_.push_back(std::move(place));
  return static_cast<std::uint32_t>(places_.size() - 1);
}

inline const CensusInode* Census::Find(std::uint64_t ino) const {
  const Shard& shard = ShardOf(ino);
  const auto found = shard.inodes.find(ino);
  return found == shard.inodes.end() ? nullptr : &found->second;
}

}  // namespace cura
