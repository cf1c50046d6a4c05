// weir inside an MPI application: the one header to include.

#pragma once

#include "runtime/session/session.hpp"
