// A fence of which one side costs nothing. Two threads that each write one place and then read the
// other's (Dekker) need a full fence between the two steps on both sides, so that one of them sees
// the other. Where one side takes its steps a million times as often, the rare side can pay for
// both: the system runs a full fence on every core that runs a thread of this process, whatever
// that thread was doing (membarrier, Linux 4.14).

#pragma once

namespace weir {

// Whether heavy_fence() works here. The first call asks the system; any thread.
bool has_heavy_fence();

// A full fence on every running thread of the process: about 1 us. Only after has_heavy_fence()
// said yes.
void heavy_fence();

}  // namespace weir
