// Encodes the blocks of a plan as the manifests of its bases would have them.
#include "plan/proven.h"

#include <utility>

#include "manifest/merge.h"
#include "manifest/writer.h"

namespace cura {

namespace {

// The entries at the top whose sources have this base.
class SourceList {
 public:
  SourceList() = default;
  SourceList(BlockReader top, const Previous* previous, const Base* base)
      : all_(std::move(top)), previous_(previous), base_(base) {}

  bool Next() {
    while (all_.Next()) {
      if (previous_->BaseOf(all_.entry().name) == base_) return true;
    }
    return false;
  }
  [[nodiscard]] Entry& entry() { return all_.entry(); }

 private:
  BlockList all_;
  const Previous* previous_ = nullptr;
  const Base* base_ = nullptr;
};

class Prover {
 public:
  Prover(const Plan& plan, const Previous& previous, const Base& base)
      : plan_(plan), previous_(previous), base_(base) {}

  Proof Run() {
    Proof proof;
    proof.snapshot = base_.snapshot;
    proof.place = base_.place;
    const bool is_whole = base_.has_no_record;
    if (is_whole) proof.ctime = base_.ctime;
    const DirId directories = base_.stored.manifest->directories();
    ManifestWriter writer;
    for (DirId id = 0; id < directories; ++id) {
      if (!is_whole && id > 0 && !IsKnownBetter(id)) continue;
      if (is_whole) {
        (void)writer.Add(id, Write<DirectoryWriter>(id));  // memory cannot fail to be written to
      } else {
        proof.blocks.emplace(id, Write<BlockWriter>(id));
      }
    }
    if (!is_whole) {
      proof.checksum = base_.stored.manifest->checksum();
    } else if (!writer.Finish(directories)) {
      proof.manifest = writer.Take();
    }
    return proof;
  }

 private:
  [[nodiscard]] const PlannedDir* PlannedFor(DirId id) const {
    return plan_.Find(id + base_.offset);
  }
  [[nodiscard]] bool IsKnownBetter(DirId id) const {
    return PlannedFor(id) != nullptr || base_.newer.contains(id);
  }

  // With the numbers that directories have in their own manifest.
  template <typename Writer>
  [[nodiscard]] decltype(std::declval<Writer>().Take()) Write(DirId id) const {
    const PlannedDir* const planned = id == 0 ? nullptr : PlannedFor(id);
    BlockReader from =
        planned != nullptr ? BlockReader(planned->block) : previous_.Directory(id + base_.offset);
    const BlockReader stored = base_.stored.manifest->Directory(id);
    Writer to(
        BlockHead{stored.head().parent, stored.head().name, from.head().dev, from.head().volume});
    MergeJoin join(BlockList(from), Tops(id));
    while (join.Next()) {
      if (join.left() == nullptr) continue;
      Entry entry = join.right() != nullptr ? *join.right() : *join.left();
      if (entry.type == Type::kDirectory) {
        entry.directory = entry.unread ? 0 : entry.directory - base_.offset;
      }
      to.Add(entry);
    }
    return to.Take();
  }

  // The entries of this run's sources that the base has, as they are known now: those of its top.
  [[nodiscard]] SourceList Tops(DirId id) const {
    const PlannedDir* const planned = plan_.Find(plan_.Root());
    if (id != 0) return SourceList();
    return SourceList(planned != nullptr ? BlockReader(planned->block) : previous_.Directory(0),
                      &previous_, &base_);
  }

  const Plan& plan_;
  const Previous& previous_;
  const Base& base_;
};

}  // namespace

std::vector<Proof> Prove(const Plan& plan, const Previous& previous) {
  std::vector<Proof> proofs;
  for (const Base& base : previous.bases()) {
    if (base.is_foreign || base.place.volume == 0) continue;
    Proof proof = Prover(plan, previous, base).Run();
    const bool says_more = proof.blocks.size() > 1 || plan.Find(plan.Root()) != nullptr ||
                           base.newer.contains(0) || !proof.manifest.empty();
    if (says_more) proofs.push_back(std::move(proof));
  }
  return proofs;
}

}  // namespace cura
