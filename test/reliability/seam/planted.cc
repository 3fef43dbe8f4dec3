// Faults planted for the sanitizers, one each, to prove that a run without findings has looked.
// Part of the sanitizer twins only. The file CURA_PLANTED_FILE names the fault; a file also reaches
// processes without an environment.
#include <climits>
#include <fstream>
#include <string>
#include <thread>

namespace {

// Stored where the compiler cannot tell who reads it.
int* volatile kept = nullptr;
volatile int number = 0;
int shared = 0;

[[gnu::noinline]] void UseAfterFree() {
  kept = new int(1);
  delete kept;
  number = *kept;
}

[[gnu::noinline]] void Leak() {
  kept = new int[1000];
  kept[0] = 1;
  kept = nullptr;
}

[[gnu::noinline]] void Overflow() {
  number = INT_MAX;
  number = number + 1;
}

void Count() {
  for (int i = 0; i < 10000; ++i) ++shared;
}

// Uses its own threads, because TSan attributes everything inside Node's dlopen to Node.
[[gnu::noinline]] void Race() {
  std::thread one(Count);
  std::thread other(Count);
  one.join();
  other.join();
}

// Runs when the addon is loaded.
[[gnu::constructor]] void Plant() {
  std::string fault;
  std::ifstream(CURA_PLANTED_FILE) >> fault;
  if (fault == "use-after-free") UseAfterFree();
  if (fault == "leak") Leak();
  if (fault == "overflow") Overflow();
  if (fault == "race") Race();
}

}  // namespace
