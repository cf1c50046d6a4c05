// Gives every file of a folder to a harness, whole and damaged in some ways, the same ways
// each time: a short search in every build, also of a compiler without libFuzzer. When one input
// ends it, the last line says which it was.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr int kVariants = 60;
constexpr unsigned kMostChanges = 4;

void give(const std::string& bytes) {
  // Memory of exactly that size: reading past the end shows.
  const std::vector<std::uint8_t> input(bytes.begin(), bytes.end());
  LLVMFuzzerTestOneInput(input.data(), input.size());
}

// Some bytes changed, left out or doubled, or the end cut off.
std::string damaged(std::string bytes, std::minstd_rand& random) {
  const unsigned changes = 1 + random() % kMostChanges;
  for (unsigned i = 0; i < changes && !bytes.empty(); ++i) {
    const std::size_t at = random() % bytes.size();
    const std::size_t length = std::min<std::size_t>(1 + random() % 8, bytes.size() - at);
    switch (random() % 5) {
      case 0:
        bytes[at] = static_cast<char>(random());
        break;
      case 1:
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8));
        break;
      case 2:
        bytes.erase(at, length);
        break;
      case 3:
        bytes.insert(at, bytes.substr(at, length));
        break;
      default:
        bytes.resize(at);
        break;
    }
  }
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::filesystem::path> files;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      files.push_back(entry.path());
    }
  }
  std::ranges::sort(files);
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    std::cout << file.string() << std::endl;
    give(bytes);
    std::minstd_rand random(1);
    for (int variant = 1; variant <= kVariants; ++variant) {
      const std::string input = damaged(bytes, random);
      std::cout << "  variant " << variant << std::endl;
      give(input);
    }
  }
  return files.empty() ? 1 : 0;
}
