// weir inside an MPI application: the one header to include.

#pragma once

#include "runtime/base/error.hpp"
#include "runtime/exec/task_group.hpp"
#include "runtime/session/session.hpp"
