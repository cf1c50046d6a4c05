// What would make MPI_Init fail with errors about itself, hang, or come to as many jobs as there
// are processes: told before it is called.

#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace weir {

// The value of a variable; empty: not set.
using EnvironmentReader = std::function<std::string(const std::string& name)>;
// Of this process.
std::string environment_variable(const std::string& name);

// The folder for what processes of one host share while a job runs, as Open MPI looks for it.
std::filesystem::path session_folder(const EnvironmentReader& variable);

// For whoever starts ranks. Throws Error where that folder cannot be made or written to, or has no
// room.
void check_session_folder(const EnvironmentReader& variable = environment_variable);

// For a process that is about to call MPI_Init. Throws Error where it was started as one of several
// by something that this MPI knows nothing of, so that each would take itself for the only one; and
// as above, unless whoever started it has made that folder.
void check_mpi_start(const EnvironmentReader& variable = environment_variable);

}  // namespace weir
