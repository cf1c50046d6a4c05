#include "tools/learning/training_door.hpp"

#include <dlfcn.h>

#include <stdexcept>
#include <system_error>

namespace weir {
namespace {

TrainingEntry entry_of(const std::filesystem::path& module) {
  std::error_code ignored;
  if (!std::filesystem::exists(module, ignored)) {
    throw Error("this weir cannot train", "no " + module.string(),
                "the module that holds LibTorch, which a build without it lacks",
                "cmake -DWEIR_WITH_TORCH=ON and a build of all targets");
  }
  // Never closed: LibTorch registers what it holds for the end of the process.
  void* const opened = dlopen(module.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  void* const symbol = opened == nullptr ? nullptr : dlsym(opened, kTrainingEntry);
  if (symbol == nullptr) {
    const char* const reason = dlerror();
    throw Error("this weir cannot train", reason == nullptr ? module.string() : reason,
                "a training module of the same build, and LibTorch where it was built",
                "a build of all targets on this machine");
  }
  return reinterpret_cast<TrainingEntry>(symbol);
}

}  // namespace

std::filesystem::path training_module_path() {
  std::error_code ignored;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored);
  return training_module_path(program);
}

std::filesystem::path training_module_path(const std::filesystem::path& program) {
  if (program.empty()) {
    throw Error("this weir cannot train", "no path of the running program",
                "/proc/self/exe, which leads to the module beside it", "a machine with /proc");
  }
  return program.parent_path() / kTrainingModuleName;
}

TrainingReply train_in_module(const std::filesystem::path& module, const TrainingRequest& request,
                              const TrainingWatch& watch) {
  TrainingReply reply;
  entry_of(module)(request, watch, reply);
  if (reply.refusal) throw Error(*reply.refusal);
  if (reply.failure) throw std::runtime_error(*reply.failure);
  return reply;
}

}  // namespace weir
