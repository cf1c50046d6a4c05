#include "tools/run/mpi_start.hpp"

#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "runtime/base/error.hpp"

namespace weir {
namespace {

// A session takes a little more than 4 MB; with less, Open MPI 4.1.4 was seen to hang.
constexpr std::uintmax_t kNeededBytes = 16 << 20;

[[noreturn]] void refuse_folder(const std::filesystem::path& folder, const std::string& found) {
  throw Error("MPI cannot be started here", folder.string() + ": " + found,
              "a folder that can be written to, with " + std::to_string(kNeededBytes >> 20) +
                  " MB of room, for the session of Open MPI",
              "TMPDIR=FOLDER in front of the command, with another folder");
}

bool is_open_mpi_rank(const EnvironmentReader& variable) {
  return !variable("OMPI_COMM_WORLD_SIZE").empty() || !variable("PMIX_NAMESPACE").empty();
}

}  // namespace

std::string environment_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? "" : value;
}

std::filesystem::path session_folder(const EnvironmentReader& variable) {
  for (const char* name : {"OMPI_MCA_orte_tmpdir_base", "TMPDIR", "TEMP", "TMP"}) {
    if (std::string folder = variable(name); !folder.empty()) return folder;
  }
  return "/tmp";
}

void check_session_folder(const EnvironmentReader& variable) {
  // Open MPI makes it where it is missing.
  std::error_code error;
  std::filesystem::path folder = std::filesystem::absolute(session_folder(variable), error);
  while (!std::filesystem::exists(folder, error) && folder.has_relative_path()) {
    folder = folder.parent_path();
  }
  if (!std::filesystem::is_directory(folder, error)) refuse_folder(folder, "not a folder");
  if (::access(folder.c_str(), W_OK | X_OK) != 0) refuse_folder(folder, std::strerror(errno));
  struct statvfs disk {};
  if (::statvfs(folder.c_str(), &disk) != 0) return;  // Then Open MPI may say why.
  const std::uintmax_t room = std::uintmax_t{disk.f_bavail} * disk.f_frsize;
  if (room < kNeededBytes) refuse_folder(folder, std::to_string(room >> 10) + " KB of room");
}

void check_mpi_start(const EnvironmentReader& variable) {
  if (is_open_mpi_rank(variable)) return;
  // MPICH's mpirun and its kin, srun with another --mpi; srun without one.
  for (const char* name : {"PMI_SIZE", "SLURM_STEP_NUM_TASKS"}) {
    const std::string count = variable(name);
    if (count.empty() || count == "1") continue;
    throw Error("this MPI was not told of the other processes of its job",
                std::string(name) + "=" + count + ", and no rank of Open MPI",
                "the mpirun of the Open MPI that weir was built with, or srun --mpi=pmix",
                "weir launch -n " + count + " -- ..., or `which -a mpirun` and the other one");
  }
  check_session_folder(variable);
}

}  // namespace weir
