// What a child is told of the world: its parent's variables, without those by which MPI and Slurm
// tell a rank which one it is. With them an MPI program that is a child would take itself for that
// rank.

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weir {

// Whether it is set for one rank by the launcher of a parallel job:
// - Open MPI, PMIx and PRRTE: OMPI_*, OPAL_*, ORTE_*, PMIX_*, PRTE_*, but not the leave to run as
//   root (OMPI_ALLOW_RUN_AS_ROOT*), which a person gives. Parameters that a person sets
//   (OMPI_MCA_*) look like mpirun's own, so they go as well;
// - MPICH, Intel MPI, MVAPICH: PMI_*, PMI2_*, HYDRA_*, HYDI_*, MPI_LOCALRANKID, MPI_LOCALNRANKS,
//   MPIR_CVAR_CH3_*, MV2_COMM_WORLD_*;
// - a step of Slurm: SLURM_STEP*, SLURM_SRUN_*, SLURM_PMIX*, SLURM_PMI_*, SLURM_CPU_BIND*,
//   SLURM_MEM_BIND*, SLURM_PROCID, SLURM_LOCALID, SLURM_NODEID, SLURM_GTIDS, SLURM_TASK_PID,
//   SLURM_TOPOLOGY_*, SLURM_LAUNCH_NODE_IPADDR, SLURM_DISTRIBUTION, SLURM_MPI_TYPE; those of the
//   job stay;
// - `weir launch`: WEIR_LAUNCHED, WEIR_TERMINAL, WEIR_TERMINAL_COLUMNS.
bool is_launch_variable(std::string_view name);

// Each "NAME=VALUE"; the others in their order.
std::vector<std::string> without_launch_variables(const std::vector<std::string>& environment);

// Of this process.
std::vector<std::string> own_environment();

// The value of a variable, or an empty text.
std::string_view value_in(const std::vector<std::string>& environment, std::string_view name);

}  // namespace weir
